-- oracle: what specs share that compare us with iproute2: the state of a network as ip tells it, twins
-- of one network, and the check of one field of an object in every direction.

local assert = require "luassert"
local core = require "nslab.core"
local grammar = require "nslab.words.grammar"
local harness = require "harness"
local host = require "nslab.host"
local ip = require "nslab.words.ip"
local objects = require "nslab.words.objects"
local words = require "nslab.words"

local M = {}

local must = harness.must

-- ---- the state ---------------------------------------------------------------------------------------

-- What changes by itself, or is chosen anew each time.
local VOLATILE = {
  ifindex = true, link_index = true, link_netnsid = true, operstate = true, hello_timer = true,
  tcn_timer = true, topology_change_timer = true, gc_timer = true, tentative = true, permaddr = true,
  gso_max_size = true, gso_max_segs = true, gro_max_size = true, tso_max_size = true,
  tso_max_segs = true, forward_delay_timer = true, hold_timer = true, message_age_timer = true,
}
local VOLATILE_WORDS = { ["NO-CARRIER"] = true, LOWER_UP = true, linkdown = true, ["M-DOWN"] = true }

-- Lifetimes tick; what is not forever counts in tens of seconds.
local LIFETIMES = { valid_life_time = true, preferred_life_time = true, expires = true }

local plain

local function plain_table(t, known)
  local out = {}
  for key, v in pairs(t) do
    if math.type(key) == "integer" then
      if not VOLATILE_WORDS[v] then out[#out + 1] = plain(v, known) end
    elseif LIFETIMES[key] and v < 0xFFFFFFFF then
      out[key] = (v + 5) // 10
    elseif not VOLATILE[key] then
      out[key] = plain(v, known)
    end
  end
  return out
end

-- A hardware address that nobody chose is any; so is the IPv6 address made from it.
local function plain_text(text, known)
  local priority = text:match "^(%x%x%x%x)%.%x+:%x+:%x+:%x+:%x+:%x+$"
  if priority then return priority .. ".a MAC" end
  local mac = text:match "%x%x:%x%x:%x%x:%x%x:%x%x:%x%x$"
  if mac and not known:find(mac, 1, true) and not mac:match "^[0f:]+$" then return "a MAC" end
  if text:match "^fe80::" and not known:find(text, 1, true) then return "link-local" end
  return text
end

function plain(v, known)
  if type(v) == "table" then return plain_table(v, known) end
  return type(v) == "string" and plain_text(v, known) or v
end

-- The kernel makes the local routes of an IPv6 address when it comes to it.
local function comes_later(entry)
  return entry.table == "local" and entry.protocol == "kernel" and (entry.dst or ""):find(":", 1, true)
end

-- The entries as sorted lines: their order says nothing.
local function lines_of(title, entries, known)
  local out = {}
  for _, entry in ipairs(entries) do
    local addresses = {}
    for _, address in ipairs(entry.addr_info or {}) do
      addresses[#addresses + 1] = host.json(plain(address, known))
    end
    table.sort(addresses)
    entry.addr_info = nil
    if not comes_later(entry) then
      local line = { title, host.json(plain(entry, known)), table.unpack(addresses) }
      out[#out + 1] = table.concat(line, " ")
    end
  end
  table.sort(out)
  return table.concat(out, "\n")
end

-- link comes last: in a batch it makes the others show nothing but links.
local SHOWN = { "nexthop show", "addr show", "route show table all", "neigh show", "neigh show proxy", "rule list",
                "link show" }

-- A qdisc whose number nobody chose has the next one of the whole machine, from 8000 to fffe. (ffff is
-- what receives.) Where the text names such a qdisc it is `auto`, there and wherever it is referred to.
function M.without_numbers(text)
  local chosen = { ["ffff:"] = "ffff:" }
  for handle in text:gmatch "qdisc %S+ ([89a-f]%x%x%x:)" do
    chosen[handle] = chosen[handle] or "auto:"
  end
  return (text:gsub("%f[%w]%x%x%x%x:", chosen))
end

-- What tc says of links: their qdiscs, classes, and the filters of each place. One tc for all of it.
local function traffic(netns)
  local lines = {}
  for name in (netns and "lo" or must "ls /sys/class/net"):gmatch "%S+" do
    for _, what in ipairs { "qdisc show dev", "class show dev", "filter show dev", "filter show ingress dev",
                            "filter show egress dev" } do
      lines[#lines + 1] = ("'%s %s'"):format(what, name)
    end
  end
  return M.without_numbers(must(("printf '%%s\\n' %s | tc %s -force -batch - 2>/dev/null; true"):format(
    table.concat(lines, " "), netns and "-n " .. netns or "")))
end

local function state_of(netns, known, about)
  local into = netns and "ip -n " .. netns or "ip"
  local command = ("printf '%%s\\n' '%s' | %s -j -d -batch -"):format(table.concat(SHOWN, "' '"), into)
  if about:find("rule", 1, true) then command = command .. (" && %s -j -d -6 rule"):format(into) end
  local out = { "in " .. (netns or "the host") }
  for line in must(command):gmatch "[^\n]+" do
    out[#out + 1] = lines_of(SHOWN[#out] or "IPv6 rule", harness.decode(line), known)
  end
  if about:find("%f[%w]tc ") then out[#out + 1] = traffic(netns) end
  return table.concat(out, "\n")
end

-- The kernel does some things a moment later: it gives a link its own address when the other end has
-- come up, for example. Who compares states waits longer before it says that they differ.
local PAUSES_S = { 0, 0.3, 1.5 }
local pause_s = 0

-- Everything that ip says of this network and of those whose name is in `about`, the commands that
-- changed it. Hardware addresses that are in `known` were chosen.
function M.state(known, about)
  if pause_s > 0 then must("sleep " .. pause_s) end
  local out = { state_of(nil, known, about) }
  for _, handle in ipairs(netns.list()) do
    if about:find(handle.name, 1, true) then out[#out + 1] = state_of(handle.name, known, about) end
  end
  return (table.concat(out, "\n"):gsub("\n\n+", "\n"))
end

-- ---- twins -------------------------------------------------------------------------------------------

-- Runs fn in a network of its own; returns its text.
function M.apart(fn)
  local file <close> = harness.temporary()
  harness.fresh(function()
    local text = fn()
    local out = assert(io.open(file.path, "w"))
    out:write(text)
    out:close()
  end)()
  local result = assert(io.open(file.path))
  local text = result:read "a"
  result:close()
  return text
end

-- Runs commands of the shell; whether they went well, and what they printed or, if not, complained of.
-- Warnings are nothing that was shown.
local function by_ip(lines)
  local errors <close> = harness.temporary()
  local text, code = harness.sh(("( set -e\n%s\n) 2>%s"):format(lines, errors.path))
  if code == 0 then return true, text end
  local file = assert(io.open(errors.path))
  text = file:read "a"
  file:close()
  return false, text
end

local function by_us(lines)
  return pcall(words.sh, lines)
end

-- Without the blanks at the ends of lines.
function M.trimmed(text)
  return (tostring(text):gsub("[ \t]+\n", "\n"):gsub("%s+$", ""))
end

-- What a command showed, without what is chosen anew each time.
local function shown_text(text, known)
  local function chosen(mac) return plain_text(mac, known) end
  text = M.trimmed(text):gsub("%x%x:%x%x:%x%x:%x%x:%x%x:%x%x", chosen)
  text = M.without_numbers(text):gsub("lft %d+(%d)sec", "lft %1sec"):gsub("<NO%-CARRIER,", "<"):gsub(",LOWER_UP", "")
  return (text:gsub(",M%-DOWN", ""):gsub(" state %u+", " state"):gsub(" linkdown", ""))
end

-- Carries out the lines in a network of their own, after setup(). Returns what became of them, what
-- they showed, and the state.
local function twin(setup, lines, by)
  return M.apart(function()
    local known = (setup() or "") .. lines
    local ok, shown = by(lines)
    local outcome = ok and "went well: " .. shown_text(shown, known) or "failed"
    return outcome .. "\n" .. M.state(known, lines)
  end)
end

-- The lines that only one of two texts has.
local function difference(a, b)
  local function missing(from, other, sign, out)
    local has = {}
    for line in other:gmatch "[^\n]+" do has[line] = true end
    for line in from:gmatch "[^\n]+" do
      if not has[line] then out[#out + 1] = sign .. " " .. line end
    end
  end
  local out = {}
  missing(a, b, "-", out)
  missing(b, a, "+", out)
  return table.concat(out, "\n")
end

-- Asserts that two ways of making something end in the same state.
local function same_states(by_them, by_others, what)
  local a, b
  for _, pause in ipairs(PAUSES_S) do
    pause_s = pause
    a, b = by_them(), by_others()
    pause_s = 0
    if a == b then return end
  end
  error(("%s (- made by ip, + ours)\n%s"):format(what, difference(a, b)), 0)
end

-- Asserts that the lines do the same to twin networks when ip carries them out and when we do: they
-- show the same and leave the same state, or fail in both. setup() makes the network, and returns the
-- text in which the hardware addresses are that it chose. `by` carries the lines out in our way: true
-- or false and what was shown; without it that is sh().
function M.same_outcome(setup, lines, by)
  by = by or by_us
  local function theirs() return twin(setup, lines, by_ip) end
  local function ours() return twin(setup, lines, by) end
  local ok, err = pcall(same_states, theirs, ours, lines)
  if ok then return end
  local _, said = pcall(M.apart, function()
    setup()
    local _, shown = by(lines)
    return tostring(shown)
  end)
  error(("%s\nwe said: %s"):format(err, said), 0)
end

-- Asserts the same of what that state does not have: view() says what is there after the lines.
function M.same_view(setup, lines, view)
  local function outcome(by, pause)
    return M.apart(function()
      setup()
      local ok = by(lines)
      if pause > 0 then must("sleep " .. pause) end
      return ("%s\n%s"):format(ok, view())
    end)
  end
  local theirs, ours
  for _, pause in ipairs(PAUSES_S) do
    theirs, ours = outcome(by_ip, pause), outcome(by_us, pause)
    if theirs == ours then return end
  end
  assert.equal(theirs, ours, lines)
end

-- Whether an entry of bridge has that word among its flags.
function M.flag(word)
  return function(entry)
    for _, one in ipairs(entry.flags) do
      if one == word then return true end
    end
    return false
  end
end

-- ---- texts -------------------------------------------------------------------------------------------

-- Asserts that we print what the command does.
function M.same_text(command, value)
  assert.equal(M.trimmed(must(command)), M.trimmed(value), command)
end

-- ---- one field ---------------------------------------------------------------------------------------

-- What was observed while fn ran, as commands.
local function commands_of(fn)
  local out = {}
  core.observe(function(op)
    out[#out + 1] = words.command(op) or error(("no command equals %s.%s"):format(op.module, op.verb))
  end)
  local ok, err = pcall(fn)
  core.observe(nil)
  if not ok then error(err, 0) end
  return table.concat(out, "\n")
end

local function check_texts(field)
  for _, pair in ipairs(field.show or {}) do M.same_text(pair[1], pair[2]()) end
end

local function check_values(field, how)
  assert.same(field.wanted_told, field.told(), how .. ", told by ip")
  assert.same(field.wanted_read, field.read(), how .. ", read by us")
  check_texts(field)
end

local LACKS = { "not supported", "Unknown device type", "No such file or directory" }

-- Asserts that a field means to us what it means to ip. A field:
--   setup() makes what comes before it
--   make()  makes it with our modules; nil for what only the kernel makes
--   ip      makes the same with ip
--   told()  what somebody else than us says of it
--   read()  what we say of it
--   wanted_told, wanted_read   what they say
--   show    { command of ip, function that gives our record or list }, which print the same
-- Returns what ip said when the kernel has no such thing.
function M.field(field)
  local known = field.ip
  local made = {} -- by the pause: the state is compared twice
  local function by_them()
    made[pause_s] = made[pause_s] or M.apart(function()
      field.setup()
      local ok, said = by_ip(field.ip)
      for _, text in ipairs(LACKS) do
        if not ok and said:find(text, 1, true) then return "\0" .. said end
      end
      assert(ok, said)
      if field.told() == nil then return "\0ip does not tell it" end
      check_values(field, "made by ip")
      return M.state(known, known)
    end)
    return made[pause_s]
  end
  local lacks = by_them():match "^\0(.*)"
  if lacks or not field.make then return lacks end
  local commands
  same_states(by_them, function()
    local text = M.apart(function()
      field.setup()
      commands = commands_of(field.make)
      check_values(field, "made by us")
      return commands .. "\0" .. M.state(known, known)
    end)
    commands, text = text:match "^(.-)%z(.*)$"
    return text
  end, "made by us")
  same_states(by_them, function()
    return M.apart(function()
      field.setup()
      must(("set -e\n%s"):format(commands))
      return M.state(known, known)
    end)
  end, "made by our command: " .. commands)
end

-- The entries of the words of a module's verb, or those of a schema.
function M.entries(name, verb)
  if verb then return ip.grammar(objects.of_module[name], verb).entries end
  return grammar.make(name, function(row) return row.words end).entries
end

-- Asserts that ip knows the shortest abbreviation of every word in the entries for that word, and does
-- not know it when it is one letter shorter. It says so in what it complains of when the value is none.
-- A word that may be left out is not asked for: ip does not have it everywhere.
function M.same_abbreviations(command, entries)
  local function complaint(word)
    local text, code = harness.sh(("%s %s :: 2>&1"):format(command, word))
    return ("%d %s"):format(code, text:match "[^\n]*")
  end
  -- A row's other spelling may be known by less: "pref" of "preference", which is for "priority".
  local function of_another(text, entry)
    for _, other in ipairs(entries) do
      local same = other ~= entry and other.row == entry.row and other.value == entry.value
      if same and grammar.matches(other, text) then return true end
    end
  end
  for _, entry in ipairs(entries) do
    local word, least = entry.word, entry.least
    if least < #word and not entry.optional then
      local full, less = complaint(word), word:sub(1, least - 1)
      assert.equal(full, complaint(word:sub(1, least)), word)
      if less ~= "" and not of_another(less, entry) then assert.not_equal(full, complaint(less), word) end
    end
  end
end

-- The second where there is one; false is one.
function M.either(a, b)
  if b ~= nil then return b end
  return a
end

-- What j.a.b is for "a.b"; a function gets all of it.
function M.at(path, j)
  if type(path) == "function" then return path(j) end
  for key in path:gmatch "[^.]+" do j = j and j[key] end
  return j
end

-- The titles and functions of tests: one for each case, of(case) being its field, and one that finds the
-- rows without a case. skip(why) is called by a test for what the kernel has not: `pending` means that
-- only while a test runs, so it must be a function of the spec that calls it.
function M.checks(cases, schema, of, skip)
  local titles, fns = {}, {}
  for i, case in ipairs(cases) do
    titles[i] = case.title or case[1]
    fns[i] = function()
      local lacks = M.field(of(case))
      if lacks then skip(("%s, on this kernel: %s"):format(titles[i], lacks:match "[^\n]*")) end
    end
  end
  titles[#titles + 1] = "has a case for every row"
  fns[#fns + 1] = function() assert.same({}, M.rows_without(schema, cases)) end
  local i = 0
  return function()
    i = i + 1
    return titles[i], fns[i]
  end
end

-- The rows of a schema for which there is no case, so that a new row without one is seen. The kinds of
-- links have a spec of their own (kernel/link_kinds_spec.lua).
function M.rows_without(schema, cases)
  local has, out = {}, {}
  for _, case in ipairs(cases) do has[case[1]] = true end
  for _, row in ipairs(core.schemas()[schema].rows) do
    local is_kind = row.codec == "kind" and row.schema ~= nil
    if not has[row.key] and not is_kind and not row.filter then out[#out + 1] = row.key end
  end
  return out
end

return M
