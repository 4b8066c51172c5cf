-- report.lua FILE: reads what tests/bench/run measured and prints it: medians with their spread, then
-- every figure with its goal. Exit status 1 when one is missed.
--
-- Lines of the file: `sample GROUP NAME MICROSECONDS KIB`, one a run, in the order of the rounds;
-- `busy GROUP COUNT`; `value NAME NUMBER`.

local groups, order, values, busy = {}, {}, {}, {}

local function read(path)
  for line in io.lines(path) do
    local kind, a, rest = line:match "^(%S+) (%S+) (.*)$"
    if kind == "sample" then
      local name, us = rest:match "^(%S+) (%S+)"
      if not groups[a] then groups[a] = {}; order[#order + 1] = a end
      local group = groups[a]
      if not group[name] then group[name] = {}; group[#group + 1] = name end
      table.insert(group[name], tonumber(us))
    elseif kind == "busy" then
      busy[a] = tonumber(rest)
    elseif kind == "value" then
      values[a] = tonumber(rest)
    end
  end
end

-- ---- numbers --------------------------------------------------------------------------------------

-- The value below which that part of the samples lies.
local function quantile(samples, part)
  local sorted = table.move(samples, 1, #samples, 1, {})
  table.sort(sorted)
  local at = 1 + (#sorted - 1) * part
  local low, high = sorted[math.floor(at)], sorted[math.ceil(at)]
  return low + (high - low) * (at - math.floor(at))
end

local function median(samples) return quantile(samples, 0.5) end

-- A contender's samples; of several (an array of names) the sums, round by round.
local function samples_of(group, names)
  if type(names) == "string" then names = { names } end
  local sums = {}
  for _, name in ipairs(names) do
    for i, us in ipairs(assert(groups[group][name], name)) do sums[i] = (sums[i] or 0) + us end
  end
  return sums
end

local function sum_of_medians(group, names)
  if type(names) == "string" then names = { names } end
  local sum = 0
  for _, name in ipairs(names) do sum = sum + median(groups[group][name]) end
  return sum
end

local function paired(a, b)
  local ratios = {}
  for i = 1, math.min(#a, #b) do ratios[i] = a[i] / b[i] end
  return ratios
end

-- ---- figures --------------------------------------------------------------------------------------

-- `of` against `to`: the ratio of their medians, or the median of the ratios of each round (paired).
-- most, least: the goal.
local figures = {
  { "nslab --version : lua5.4 -e ''", group = "start", of = "version", to = "lua", most = 2 },
  { "nslab -e '' : lua5.4 -e '' + sandbox floor", group = "start", of = "empty",
    to = { "lua", "sandbox_floor" }, most = 1.5 },
  { "red-blue in place, no sandbox : floor", group = "red_blue", of = "nslab_bare", to = "floor",
    most = 1.5 },
  { "tutorial's commands : red-blue in place, sandbox", group = "red_blue", of = "tutorial",
    to = "nslab", least = 8 },
  { "red-blue moved, sandbox : floor, same moves and sandbox", group = "red_blue", of = "nslab_moved",
    to = "floor_moved", most = 1.3, paired = true },
  { "ip -batch : red-blue in place, no sandbox", group = "red_blue", of = "ip_batch", to = "nslab_bare",
    least = 1 },
  { "red-blue in place, sandbox : floor and its sandbox", group = "red_blue", of = "nslab",
    to = "floor_sandbox" },
  { "10,000 rules, one transaction : libnftnl floor", group = "rules", of = "nslab", to = "floor", most = 1.5 },
  { "iptables-nft-restore : 10,000 rules, one transaction", group = "rules", of = "iptables_restore",
    to = "nslab", least = 1 },
  { "nft -f : 10,000 rules, one transaction", group = "rules", of = "nft", to = "nslab", least = 1 },
  { "iptables-nft-restore : iptables.restore", group = "rules", of = "iptables_restore",
    to = "nslab_restore", least = 1 },
  { "list() of 10,000, every dport : iptables-nft-save", group = "listing", of = "nslab_list",
    to = "iptables_save", most = 1.5 },
  { "save() of 10,000 : iptables-nft-save", group = "listing", of = "nslab_save", to = "iptables_save",
    most = 1 },
  { "restore of 50,000, user namespace : root", group = "many", of = "nslab_user", to = "nslab_root" },
  { "100,000 routes in one batch : libmnl floor", group = "routes", of = "nslab", to = "floor", most = 1.3 },
  { "ip -batch : 100,000 routes in one batch", group = "routes", of = "ip_batch", to = "nslab", least = 1 },
  { "each() of 100,000 routes : libmnl floor", group = "routes_read", of = "each", to = "floor", most = 1.3 },
  { "ip route show : list() of 100,000 routes", group = "routes_read", of = "ip_show", to = "list", least = 1 },
  { "pyroute2, one by one : 10,000 routes in one batch", group = "routes_pyroute2", of = "pyroute2",
    to = "nslab" },
  { "pyroute2's get_routes : each() of 100,000", group = "routes_read_pyroute2", of = "pyroute2", to = "each" },
  { "create, ping, delete in one script : floor", group = "cycles", of = "nslab", to = "floor", most = 1.5 },
}

local function measure(figure)
  local of, to = samples_of(figure.group, figure.of), samples_of(figure.group, figure.to)
  local ratios = paired(of, to)
  local ratio = figure.paired and median(ratios)
    or sum_of_medians(figure.group, figure.of) / sum_of_medians(figure.group, figure.to)
  local spread = ("min %.2f, quartiles %.2f %.2f"):format(quantile(ratios, 0), quantile(ratios, 0.25),
    quantile(ratios, 0.75))
  return ratio, ("%.2f"):format(ratio), spread
end

-- The median in milliseconds.
local times = {
  { "lesson: ip changes something, and it is on the screen, ms", group = "lesson", of = "change", most = 50 },
  { "lesson: reset, red-blue before its last step, ms", group = "lesson", of = "reset", most = 300 },
}

local counts = {
  { "first packets lost", value = "lost", most = 0 },
  { "growth of memory, KiB", value = "growth_kib", most = 256 },
  { "memory of list() of 100,000 routes, KiB", value = "list_kib", most = 40960 },
  { "growth of each() from 1,000 to 100,000 routes, KiB", value = "each_growth_kib", most = 512 },
  { "growth of open descriptors", value = "growth_fds", most = 0 },
}

-- ---- printing -------------------------------------------------------------------------------------

local missed = 0

local function printf(format, ...) print((format:format(...))) end

local function outcome(figure, number)
  if not (figure.most or figure.least) then return "" end
  local ok = number <= (figure.most or math.huge) and number >= (figure.least or -math.huge)
  if not ok then missed = missed + 1 end
  return ok and "ok" or "MISSED"
end

local function goal(figure)
  if figure.most then return ("at most %g"):format(figure.most) end
  return figure.least and ("at least %g"):format(figure.least) or ""
end

local function print_samples()
  printf("%-28s %5s %9s %9s %19s", "milliseconds", "runs", "median", "min", "quartiles")
  for _, name in ipairs(order) do
    for _, contender in ipairs(groups[name]) do
      local samples = groups[name][contender]
      local ms = {}
      for i, part in ipairs { 0.5, 0, 0.25, 0.75 } do ms[i] = quantile(samples, part) / 1e3 end
      local label = name .. " " .. contender
      printf("%-28s %5d %9.3f %9.3f %9.3f %9.3f", label, #samples, table.unpack(ms))
    end
    if (busy[name] or 0) > 0 then
      printf("  %d of these runs began before the machine was quiet", busy[name])
    end
  end
end

-- Those of the list that this run was asked for, and this machine has the programs for.
local function measured(list)
  local some = {}
  for _, figure in ipairs(list) do
    if groups[figure.group] or values[figure.value] then some[#some + 1] = figure end
  end
  return some
end

local function print_figures()
  local line = "%-56s %-12s %8s  %-6s  %s"
  print ""
  printf(line, "figure", "goal", "measured", "", "spread of the paired ratios")
  for _, figure in ipairs(measured(figures)) do
    local ratio, text, spread = measure(figure)
    printf(line, figure[1], goal(figure), text, outcome(figure, ratio), spread)
  end
  for _, figure in ipairs(measured(times)) do
    local ms = median(groups[figure.group][figure.of]) / 1e3
    printf(line, figure[1], goal(figure), ("%.2f"):format(ms), outcome(figure, ms), "")
  end
  for _, figure in ipairs(measured(counts)) do
    local number, cycles = values[figure.value], values[figure.value .. "_cycles"]
    local label = cycles and ("%s (%d cycles)"):format(figure[1], cycles) or figure[1]
    printf(line, label, goal(figure), ("%d"):format(number), outcome(figure, number), "")
  end
end

read(arg[1])
print_samples()
print_figures()
print(missed == 0 and "\nall goals reached" or ("\n%d MISSED"):format(missed))
os.exit(missed == 0 and 0 or 1)
