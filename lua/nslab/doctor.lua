-- doctor: the command `nslab doctor`: what this machine can and cannot do for labs, what it costs to
-- lack a thing, and what helps. Everything is tried, in a throw-away sandbox, and not guessed from
-- names and versions.

local core = require "nslab.core"
local features = require "nslab.features"
local wrap = require "nslab.wrap"

local M = {}

local KEYS = { "v", "area", "name", "ok", "needed", "value", "costs", "remedy" }

-- ---- reading the machine ------------------------------------------------------------------------

local function read(path)
  local file = io.open(path)
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text and (text:gsub("%s+$", ""))
end

local function number(path)
  return tonumber(read(path) or "")
end

-- ---- the kernel, from inside a sandbox ----------------------------------------------------------

-- What is looked for, by area.
M.probed = features.rows

-- What the kernel knows, as features.look() says it, and the namespace's own.
local function look_at_kernel()
  local function line(name, unknown) return ("namespace\t%s\t%s"):format(name, unknown or "") end
  local sys = io.open "/sys/class/net/lo/ifindex"
  local forward = io.open("/proc/sys/net/ipv4/ip_forward", "w")
  return table.concat({
    features.look(), line("/sys", not sys and "ENOENT"),
    line("sysctls of net", not forward and "EACCES"),
  }, "\n")
end

-- ---- the report ---------------------------------------------------------------------------------

-- Rows of { area, name, ok, needed, value, costs, remedy }.
local Report = {}
Report.__index = Report

function Report:add(area, name, ok, row)
  row.area, row.name, row.ok = area, name, ok and true or false
  if row.ok then row.costs, row.remedy = nil, nil end
  self[#self + 1] = row
end

local DISTRIBUTIONS = { ["/usr/bin/apt-get"] = "sudo apt install ", ["/usr/bin/dnf"] = "sudo dnf install ",
                        ["/usr/bin/pacman"] = "sudo pacman -S ", ["/sbin/apk"] = "sudo apk add ",
                        ["/usr/bin/zypper"] = "sudo zypper install " }

-- How a package is installed here; the names of packages are Debian's.
local function install(package)
  for tool, command in pairs(DISTRIBUTIONS) do
    local file = io.open(tool)
    if file then
      file:close()
      return command .. package
    end
  end
  return "install the package " .. package
end

local ENOENT, EACCES = 2, 13

local function trouble_with(path)
  local file, _, code = io.open(path)
  if file then file:close() end
  return code
end

-- What cannot be read may be there for root; but a directory that cannot be searched says so of every name.
local function exists(dir, name)
  local code = trouble_with(dir .. "/" .. name)
  return not code or code == EACCES and trouble_with(dir .. "/" .. name .. ".none") == ENOENT
end

-- The first of the programs that is in PATH or where root's tools are.
function M.find_program(names)
  local path = (os.getenv "PATH" or "") .. ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
  for name in names:gmatch "%S+" do
    for dir in path:gmatch "[^:]+" do
      if exists(dir, name) then return dir .. "/" .. name end
    end
  end
end

local function add_sandbox(report)
  local found, trouble = core.in_sandbox(look_at_kernel)
  local root = read("/proc/self/status"):match "Uid:%s+%d+%s+(%d+)" == "0"
  report:add("sandbox", "a sandbox can be made", found, {
    needed = true,
    value = found and (root and "as root" or "without root") or trouble.what,
    costs = "no lab runs here",
    remedy = trouble and trouble.remedy,
  })
  if root or not found then return found end
  local ids, why = core.in_sandbox(function() return "" end, true)
  report:add("sandbox", "all ids (--full-map)", ids, {
    value = ids and "through newuidmap" or why.what,
    costs = "daemons that change their user do not start: nginx, dnsmasq, FRR with their own users",
    remedy = why and why.remedy,
  })
  return found
end

local function add_security(report)
  local effective = tonumber(read("/proc/self/status"):match "CapEff:%s+(%x+)", 16)
  local held = effective & (1 << 21 | 1 << 12) == 1 << 21 | 1 << 12
  report:add("security", "capabilities", true, {
    value = held and "CAP_SYS_ADMIN and CAP_NET_ADMIN: labs need no user namespace" or
            "none that labs could use: they take a user namespace" })
  local debian = number "/proc/sys/kernel/unprivileged_userns_clone"
  if debian then
    report:add("security", "kernel.unprivileged_userns_clone", debian == 1, {
      value = tostring(debian), costs = "labs need root",
      remedy = "sudo sysctl -w kernel.unprivileged_userns_clone=1" })
  end
  local apparmor = number "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
  if apparmor then
    local profile = (read "/proc/self/attr/current" or ""):find "nslab" ~= nil
    report:add("security", "AppArmor", apparmor == 0 or profile, {
      value = profile and "nslab has a profile" or
              "kernel.apparmor_restrict_unprivileged_userns is " .. apparmor,
      costs = "labs need root",
      remedy = "a profile that says `userns,` (labs/run offers to install one), or\n"
               .. "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" })
  end
  local filtered = read("/proc/self/status"):match "Seccomp:%s+(%d)" == "2"
  report:add("security", "system call filter", not filtered, {
    value = filtered and "seccomp is on: this looks like a container" or "none",
    costs = "some system calls may be refused; that a sandbox can be made says enough",
    remedy = "docker run --security-opt seccomp=unconfined ..." })
end

-- ---- kernel -------------------------------------------------------------------------------------

local function add_kernel(report, found)
  local unknown = features.unknown(found)
  for _, f in ipairs(features.all()) do
    local ok = not unknown[f.area .. " " .. f.name]
    local remedy = not ok and features.remedy(f) or nil
    report:add(f.title, f.name, ok, { needed = f.needed, costs = f.costs, remedy = remedy })
  end
  report:add("namespaces", "/sys of a namespace", not unknown["namespace /sys"], {
    costs = "`ip netns exec` and `ip -n` typed in a lab fail; nslab itself does without",
    remedy = "docker run --security-opt systempaths=unconfined ..." })
  report:add("namespaces", "sysctls of a namespace", not unknown["namespace sysctls of net"], {
    costs = "ip_forward cannot be set: labs with routers do not work",
    remedy = "docker run --security-opt systempaths=unconfined ..." })
end

-- ---- limits -------------------------------------------------------------------------------------

-- { file, what is enough, what is lost with less }
local LIMITS = {
  { "/proc/sys/user/max_user_namespaces", 16, "labs without root" },
  { "/proc/sys/user/max_net_namespaces", 256, "labs with many namespaces" },
  { "/proc/sys/user/max_mnt_namespaces", 256, "many programs at once in namespaces" },
  { "/proc/sys/user/max_pid_namespaces", 16, "several labs at once" },
  { "/proc/sys/fs/inotify/max_user_instances", 16, "programs that watch files, in labs" },
  { "/proc/sys/net/ipv4/neigh/default/gc_thresh3", 1024,
    "labs with a thousand neighbours: the table is one for all namespaces" },
}

local function add_limits(report)
  for _, row in ipairs(LIMITS) do
    local value = number(row[1])
    local name = row[1]:gsub("^/proc/sys/", ""):gsub("/", ".")
    if value then
      report:add("limits", name, value >= row[2], {
        value = tostring(value), costs = row[3],
        remedy = ("sudo sysctl -w %s=%d"):format(name, row[2] * 4) })
    end
  end
  for _, row in ipairs { { "Max open files", 256, "n", "topologies with many namespaces" },
                         { "Max processes", 128, "u", "labs with many programs" } } do
    local soft = (read "/proc/self/limits" or ""):match(row[1] .. "%s+(%S+)")
    report:add("limits", row[1]:lower(), soft == "unlimited" or (tonumber(soft) or 0) >= row[2], {
      value = soft, costs = row[4], remedy = ("ulimit -%s %d"):format(row[3], row[2] * 4) })
  end
end

-- ---- tools --------------------------------------------------------------------------------------

-- { names, what is lost, package }: nslab needs none of them.
local TOOLS = {
  { "ip", "looking around with the real tool, exported scripts", "iproute2" },
  { "bridge", "looking at switches with the real tool", "iproute2" },
  { "ss", "seeing who listens where", "iproute2" },
  { "tc", "looking at queues with the real tool", "iproute2" },
  { "iptables", "looking at rules with the real tool, exported scripts", "iptables" },
  { "nft", "seeing what iptables rules become", "nftables" },
  { "ping", "typing ping in a shell of the lab", "iputils-ping" },
  { "traceroute tracepath", "seeing the way a packet takes", "traceroute" },
  { "tcpdump tshark", "seeing packets", "tcpdump" },
  { "dnsmasq", "labs with DHCP or DNS", "dnsmasq-base" },
  { "dhclient udhcpc dhcpcd", "labs with an address from DHCP", "isc-dhcp-client" },
  { "radvd", "labs with IPv6 routers that announce themselves", "radvd" },
  { "python3", "labs with a web server", "python3" },
  { "nc ncat socat", "typing into TCP connections", "netcat-openbsd" },
  { "curl wget", "asking web servers", "curl" },
  { "conntrack", "seeing the connections a firewall knows", "conntrack" },
  { "newuidmap", "daemons that change their user, without root", "uidmap" },
}

local function add_tools(report)
  for _, row in ipairs(TOOLS) do
    local path = M.find_program(row[1])
    report:add("tools", path and path:match "[^/]+$" or row[1]:match "%S+", path, {
      value = path, costs = row[2], remedy = not path and install(row[3]) or nil })
  end
  local file, _, code = io.open("/dev/net/tun", "r+")
  if file then file:close() end
  -- EBADFD and the like say that it could be opened
  report:add("tools", "/dev/net/tun", file or (code ~= 2 and code ~= 13), {
    costs = "labs with tun and tap interfaces, an uplink to the real network",
    remedy = code == 13 and "sudo chmod 0666 /dev/net/tun" or "sudo modprobe tun" })
end

-- Everything, as an array of rows.
function M.examine()
  local report = setmetatable({}, Report)
  local found = add_sandbox(report)
  add_security(report)
  if found then add_kernel(report, found) end
  add_limits(report)
  add_tools(report)
  return report
end

-- ---- printing -----------------------------------------------------------------------------------

local function by_area(report)
  local areas, rows = {}, {}
  for _, row in ipairs(report) do
    if not rows[row.area] then
      rows[row.area] = {}
      areas[#areas + 1] = row.area
    end
    table.insert(rows[row.area], row)
  end
  return areas, rows
end

-- What is there needs no sentence: names without a value stand together.
local function add_lines(lines, area, rows, columns)
  local plain = {}
  lines[#lines + 1] = area:sub(1, 1):upper() .. area:sub(2)
  local function put(text, first, rest)
    for _, line in ipairs(wrap.words(text, columns, first, rest)) do lines[#lines + 1] = line end
  end
  for _, row in ipairs(rows) do
    if row.ok and not row.value then plain[#plain + 1] = row.name end
  end
  if #plain > 0 then put(table.concat(plain, ", "), "  ok  ", "      ") end
  for _, row in ipairs(rows) do
    if row.ok and row.value then
      put(row.name .. ": " .. row.value, "  ok  ", "      ")
    elseif not row.ok then
      put(row.name .. (row.value and ": " .. row.value or ""), "  no  ", "      ")
      put(row.costs, "      without it: ", "        ")
      for line in (row.remedy or ""):gmatch "[^\n]+" do put(line, "      remedy: ", "        ") end
    end
  end
end

-- The report as text.
function M.text(report, columns)
  local lines = {}
  local areas, rows = by_area(report)
  for _, area in ipairs(areas) do
    if #lines > 0 then lines[#lines + 1] = "" end
    add_lines(lines, area, rows[area], columns)
  end
  return table.concat(lines, "\n")
end

-- nslab doctor: 3 when something is lacking without which no lab runs.
function M.main(options)
  local host = require "nslab.host"
  local report = M.examine()
  local status = 0
  for _, row in ipairs(report) do
    if row.needed and not row.ok then status = 3 end
    if options.json then
      row.v = 1
      print(host.json(row, KEYS))
    end
  end
  if not options.json then
    print(M.text(report, host.isatty(1) and host.columns(1) or 100))
    print(status == 0 and "\nLabs run here." or "\nLabs cannot run here.")
  end
  return status
end

return M
