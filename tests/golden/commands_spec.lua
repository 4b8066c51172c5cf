-- The commands: for each one that stands in a data file of commands/, what the real ip, bridge or tc sent
-- for it, kept in the .hex file beside it, against what we send, attribute by attribute.
--
-- A data file (commands/*.txt, one for each object: ip-link.txt, ip-route.txt, bridge.txt, tc.txt; every
-- one that is there counts) is made of lines:
--
--   # a remark
--   setup LUA                        before the first command: more of the network, for the whole file
--   differs PATH...: REASON          before the first command: for every command of the file
--   ip link add x0 type bridge       a command begins at the margin
--     link.add("x0", { ... })        below it, indented: the Lua that it equals; several lines are one chunk
--     differs PATH...: REASON        a difference that is a choice, and why; one that is none any more fails
--     extra PATH=VALUE, ...: REASON  what ip says besides; it too may stand before the first command
--     unread: REASON                 our own reader of commands has no words for it, and why
--
-- A PATH is what a failure prints: "ifi_index", "IFLA_LINKINFO.IFLA_INFO_DATA.IFLA_VXLAN_TTL"; `*` in
-- it stands for any letters. VALUE is what a failure prints as its value. Nobody has any rights while the commands run: the kernel refuses every
-- request (EPERM), so that nothing changes between them, and a kind of link that this kernel lacks is as
-- good as one that it has. Of several messages the last one counts whose type is that of ip's last one.
-- The commands that nslab reads itself (those of ip) must send the same when it reads them, and when it
-- reads the command that it prints for the Lua; and so must the Lua that it prints.
--
-- The network: v0 (index 10, 10.0.0.1/24, fd00::1/64, 02:00:00:00:00:10) and v1 (11) are a veth pair,
-- up; br0 (12) is a bridge with the port p0 (13), whose other end is p1 (14); namespaces red and blue.
--
-- tests/golden/rewrite captures what is not in the .hex file yet, and drops what is in no data file; to
-- capture a file anew, delete its .hex file first. That needs strace and iproute2 6.1.

local capture = require "capture"
local core = require "nslab.core"
local harness = require "harness"
local words = require "nslab.words"
local fresh = harness.fresh

local HERE = (debug.getinfo(1, "S").source:match "^@(.*/)" or "./") .. "commands/"
local rewrite = os.getenv "NSLAB_GOLDEN_REWRITE"

-- The programs whose commands nslab reads itself.
local READ = { ip = true, bridge = true, tc = true }

-- What is so in every message.
local EVERYWHERE = {
  { "*IFLA_NET_NS_FD", "the number of a descriptor" },
}

-- ---- the data ------------------------------------------------------------------------------------

local function pattern(path)
  return "^" .. path:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

-- "differs A B: why" adds A and B to the rules; "extra A=1: why" what only the other has, and its value.
local function read_rules(rules, word, text)
  local paths, reason = text:match "^(.-):%s+(.+)$"
  assert(paths, "a reason is missing: " .. text)
  for path in paths:gmatch(word == "extra" and "[^,%s][^,]*" or "%S+") do
    local extra, value = path:match "^(.-)=(.*)$"
    assert((word == "extra") == (extra ~= nil), text)
    rules[#rules + 1] = { extra or path, reason, value = value }
  end
end

local function read_line(file, line)
  local entry = file[#file]
  local word, rules = line:match "^%s*(%a+)%s+(.+)$"
  if line:match "^%s*#" or line:match "^%s*$" then return end
  if word == "differs" or word == "extra" then
    read_rules(entry and entry.differs or file.differs, word, rules)
  elseif line:match "^setup%s" then
    file.setup[#file.setup + 1] = line:match "^setup%s+(.+)$"
  elseif line:match "^%S" then
    file[#file + 1] = { command = line, lua = {}, differs = {} }
  elseif line:match "^%s+unread:" then
    entry.unread = true
  else
    table.insert(entry.lua, line)
  end
end

local function read_data(name)
  local file = { name = name, setup = {}, differs = {} }
  for line in io.lines(HERE .. name .. ".txt") do read_line(file, line) end
  return file
end

-- { [command] = bytes } of the .hex file: lines of a command and, behind it, indented, its bytes.
local function read_kept(name)
  local kept, command = {}, nil
  local file = io.open(HERE .. name .. ".hex")
  for line in file and file:lines() or function() end do
    if line:match "^%S" then
      command = line
      kept[command] = ""
    else
      kept[command] = kept[command] .. line:gsub("%s", ""):gsub("%x%x", function(x)
        return string.char(tonumber(x, 16))
      end)
    end
  end
  if file then file:close() end
  return kept
end

local function write_kept(file, kept)
  local out = assert(io.open(HERE .. file.name .. ".hex", "w"))
  for _, entry in ipairs(file) do
    local hex = kept[entry.command]:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
    out:write(entry.command, "\n", (hex:gsub(("."):rep(100), "%0\n"):gsub("[^\n]+", "  %0")), "\n")
  end
  out:close()
end

-- ---- the network ---------------------------------------------------------------------------------

local function network(file)
  netns.add "red"
  netns.add "blue"
  link.add("v0", { ifindex = 10, address = "02:00:00:00:00:10", up = true,
                   veth = { peer = { name = "v1", ifindex = 11, up = true } } })
  link.add("br0", { ifindex = 12, type = "bridge", up = true })
  link.add("p0", { ifindex = 13, master = "br0", up = true,
                   veth = { peer = { name = "p1", ifindex = 14, up = true } } })
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
  for _, line in ipairs(file.setup) do assert(load(line))() end
end

-- ---- what is sent --------------------------------------------------------------------------------

-- The request of ip's last message, whatever it looked up before.
local function captured(command)
  local log <close> = harness.temporary()
  harness.sh(("%s %s >/dev/null 2>&1"):format(capture.prefix(log.path), command))
  local all = capture.messages(log.path)
  assert(#all > 0, command .. ": it sent nothing")
  return capture.without_chance(all[#all])
end

local function type_of(bytes)
  return (string.unpack("<I2", bytes, 5))
end

-- Our last message of that type while fn runs, whatever comes of it; nil and what came of it. And the
-- operations.
local function sent(kind, fn)
  local found, operations = nil, {}
  local before = core.observe(function(op)
    operations[#operations + 1] = op
    for _, message in ipairs(op.messages or {}) do
      if message.sent and type_of(message.bytes) == kind then
        found = capture.without_chance(message.bytes)
      end
    end
  end)
  local _, why = pcall(fn)
  core.observe(before)
  return found, tostring(why), operations
end

-- ---- comparing -----------------------------------------------------------------------------------

local function listed(rules, path, extra, used)
  for _, rule in ipairs(rules) do
    if path:match(pattern(rule[1])) and (not rule.value or rule.value == extra) then
      used[rule] = true
      return true
    end
  end
end

local function compare(file, entry, theirs, ours, report, used)
  ours, theirs = capture.fields(ours), capture.fields(theirs)
  for path, text in pairs(capture.differences(ours, theirs)) do
    local extra = not ours[path] and theirs[path][2] or nil
    if not (listed(entry.differs, path, extra, used) or listed(file.differs, path, extra, used) or
            listed(EVERYWHERE, path, extra, used)) then
      report("%s\n    %s: %s", entry.command, path, text)
    end
  end
end

-- What we read must do the same: the command itself, and what we print for the Lua.
local function compare_words(entry, kind, ours, operations, report)
  if entry.unread or not READ[entry.command:match "^%S+"] then return end
  local printed
  for _, op in ipairs(operations) do printed = words.command(op) or printed end
  for _, command in ipairs { entry.command, printed or "nothing" } do
    local again, why = sent(kind, function() words.sh(command) end)
    if not again then
      report("%s\n    read by us as %q: %s", entry.command, command, why)
    else
      for path, text in pairs(capture.differences(capture.fields(again), capture.fields(ours))) do
        report("%s\n    read by us as %q, %s: %s", entry.command, command, path, text)
      end
    end
  end
end

-- The Lua that is printed for what was done does the same.
local function compare_lua(entry, kind, ours, operations, report)
  local text
  for _, op in ipairs(operations) do text = words.lua(op) or text end
  local chunk = load(text or "")
  local again, why = sent(kind, chunk or function() end)
  if not again then
    report("%s\n    printed as Lua, %s: %s", entry.command, text, why)
    return
  end
  local in_place = text:find("netns", 1, true) -- the numbers of both ends are chosen anew then
  for path, difference in pairs(capture.differences(capture.fields(again), capture.fields(ours))) do
    if not listed(EVERYWHERE, path, nil, {}) and not (in_place and path:find "ifi_index$") then
      report("%s\n    printed as Lua, %s, %s: %s", entry.command, text, path, difference)
    end
  end
end

-- Everything that is wrong with a file.
local function check(file)
  local kept, wrong, used = read_kept(file.name), {}, {}
  local function report(...) wrong[#wrong + 1] = string.format(...) end
  network(file)
  harness.powerless()
  for _, entry in ipairs(file) do
    local theirs = kept[entry.command]
    local chunk, broken = load(table.concat(entry.lua, "\n"))
    if not theirs then
      report("%s\n    was never captured: tests/golden/rewrite", entry.command)
    elseif not chunk then
      report("%s\n    %s", entry.command, broken)
    else
      local ours, why, operations = sent(type_of(theirs), chunk)
      if not ours then
        report("%s\n    we sent nothing: %s", entry.command, why)
      else
        compare(file, entry, theirs, ours, report, used)
        compare_words(entry, type_of(theirs), ours, operations, report)
        compare_lua(entry, type_of(theirs), ours, operations, report)
      end
    end
    for _, rule in ipairs(entry.differs) do
      if not used[rule] then report("%s\n    listed, but no difference: %s", entry.command, rule[1]) end
    end
  end
  for _, rule in ipairs(file.differs) do
    if not used[rule] then report("listed for the file, but no difference: %s", rule[1]) end
  end
  return wrong
end

-- Captures those that are not kept yet.
local function capture_anew(file)
  local kept = read_kept(file.name)
  network(file)
  harness.powerless()
  for _, entry in ipairs(file) do
    kept[entry.command] = kept[entry.command] or captured(entry.command)
  end
  write_kept(file, kept)
end

local SAMPLE = 25 -- one of so many is captured again

local total = 0

describe("what is sent for the commands of", function()
  for name in harness.sh(("cd %s && ls *.txt"):format(HERE)):gmatch "(%S+)%.txt" do
    local file = read_data(name)
    total = total + #file
    if rewrite then it(name .. " is written", fresh(function() capture_anew(file) end)) end

    it(("%s (%d of them) is what the program sends"):format(name, #file), fresh(function()
      local wrong = check(file)
      assert(#wrong == 0, "\n" .. table.concat(wrong, "\n"))
    end))

    it(name .. " is still what the program sends here", fresh(function()
      if not capture.possible() then return pending "strace, or ip of iproute2 6.1, is missing" end
      local kept = read_kept(name)
      network(file)
      harness.powerless()
      for i = 1, #file, SAMPLE do
        local command = file[i].command
        local all = capture.differences(capture.fields(captured(command)), capture.fields(kept[command]))
        all["IFLA_NET_NS_FD"] = nil
        assert.same({}, all, command)
      end
    end))

    it(name .. " is kept for these and no others", function()
      local wanted = {}
      for _, entry in ipairs(file) do
        assert.is_nil(wanted[entry.command], "twice: " .. entry.command)
        wanted[entry.command] = true
      end
      for command in pairs(read_kept(name)) do assert.truthy(wanted[command], command) end
    end)
  end
end)

describe("the commands", function()
  it("are at least 400", function() assert(total >= 400, total) end)
end)

describe("two messages", function()
  -- A request about a link with that MTU, in that many bytes; without one.
  local function message(mtu, width)
    local attribute = mtu and string.pack("<I2I2I" .. width, 4 + width, 4, mtu) or ""
    local body = ("\0"):rep(16) .. attribute .. ("\0"):rep(-#attribute % 4)
    return string.pack("<I4I2I2I4I4", 16 + #body, 16, 5, 0, 0) .. body
  end

  local function differing(a, b)
    local out = {}
    for path in pairs(capture.differences(capture.fields(a), capture.fields(b))) do out[#out + 1] = path end
    return out
  end

  it("differ by a value, by its width and by what only one of them has", function()
    assert.same({}, differing(message(1400, 4), message(1400, 4)))
    assert.same({ "IFLA_MTU" }, differing(message(1400, 4), message(1500, 4)))
    assert.same({ "IFLA_MTU" }, differing(message(1400, 4), message(1400, 2)))
    assert.same({ "IFLA_MTU" }, differing(message(1400, 4), message()))
  end)
end)
