-- The golden messages: what stands in tests/golden/NAME.txt is what is sent, byte by byte, and it is
-- what ip(8) sends for the command in its first line, but for the differences that are listed.
-- tests/golden/rewrite writes the files anew; the change is reviewed like any other.

local capture = require "capture"
local harness = require "harness"
local core = require "nslab.core"
local fresh, must, sh = harness.fresh, harness.must, harness.sh

local HERE = debug.getinfo(1, "S").source:match "^@(.*/)" or "./"
local messages = dofile(HERE .. "messages.lua")
local rewrite = os.getenv "NSLAB_GOLDEN_REWRITE"

local function each_command(text, fn)
  for command in (text or ""):gmatch "[^;]+" do fn(command:match "^%s*(.-)%s*$") end
end

-- ---- ours --------------------------------------------------------------------------------------

-- Port numbers are the kernel's choice: zeroed, in answers also that of the request they quote.
local function without_port(bytes)
  local out, at = {}, 1
  while at + 16 <= #bytes + 1 do
    local len, kind = string.unpack("<I4I2", bytes, at)
    local message = bytes:sub(at, at + len - 1)
    local function zero(offset)
      message = message:sub(1, offset) .. "\0\0\0\0" .. message:sub(offset + 5)
    end
    zero(12)
    if kind == 2 then zero(32) end
    out[#out + 1] = message .. bytes:sub(at + len, at + (len + 3) // 4 * 4 - 1)
    at = at + (len + 3) // 4 * 4
  end
  return table.concat(out)
end

-- What a message says of descriptors, times and hardware is another thing each time.
local function without_chance(text)
  return (text:gsub("(08 00 1c 00) %x%x %x%x %x%x %x%x( +IFLA_NET_NS_FD) %d+", "%1 .. .. .. ..%2"))
end

-- The messages of the last operation that the code makes.
local function sent(entry)
  local last
  each_command(entry.before, function(command) must("ip " .. command) end)
  local before = core.observe(function(op) last = op end)
  assert(load(entry.lua))()
  core.observe(before)
  return last.messages
end

local function text_of(entry, all)
  local lines = { "# ip " .. entry.ip, "# " .. entry.lua:gsub("\n%s*", "\n#   "), "" }
  for _, message in ipairs(all) do
    if message.sent or entry.answer then
      if entry.answer then lines[#lines + 1] = message.sent and "request" or "answer" end
      lines[#lines + 1] = without_chance(core.annotate(without_port(message.bytes)))
    end
  end
  return table.concat(lines, "\n")
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read "a"
  if file then file:close() end
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  file:close()
end

-- ---- that of ip --------------------------------------------------------------------------------

-- In a network of its own: the commands before, then what the command sends, as strace dumps it.
local SCRIPT = [[
mount -t tmpfs tmpfs /run && mkdir /run/netns || exit
%s
%s ip %s >/dev/null 2>&1
true
]]

local function traced(entry)
  local before = {}
  each_command(entry.before, function(command) before[#before + 1] = ("ip %s || exit"):format(command) end)
  local log <close> = harness.temporary()
  local script <close> = harness.temporary(SCRIPT:format(table.concat(before, "\n"),
                                                         capture.prefix(log.path), entry.ip))
  must("unshare -n -m sh " .. script.path)
  return capture.messages(log.path)
end

-- What ip does otherwise in every message, and why we do not.
local EVERYWHERE = {
  { "IFLA_NET_NS_FD$", "the number of a descriptor" },
}

local function is_listed(entry, name)
  if entry.differs and entry.differs[name] then return true end
  for _, rule in ipairs(EVERYWHERE) do
    if name:find(rule[1]) then return true end
  end
end

local function differences(entry, ours, theirs)
  local all, unlisted, stale = capture.differences(ours, theirs), {}, {}
  for name, text in pairs(all) do
    if not is_listed(entry, name) then unlisted[#unlisted + 1] = name .. ": " .. text end
  end
  for name in pairs(entry.differs or {}) do
    if not all[name] then stale[#stale + 1] = name end
  end
  table.sort(unlisted)
  table.sort(stale)
  return unlisted, stale
end

describe("the golden message", function()
  for _, entry in ipairs(messages) do
    local path = HERE .. entry.name .. ".txt"
    it(entry.name .. (rewrite and " is written" or " is what we send"), fresh(function()
      local text = text_of(entry, sent(entry))
      if rewrite then write(path, text) end
      assert.equal(read(path), text)
    end))

    it(entry.name .. " is what ip sends", fresh(function()
      if not capture.possible() then return pending "strace, or ip of iproute2 6.1, is missing" end
      local ours = capture.fields(sent(entry)[1].bytes)
      local theirs
      for _, call in ipairs(traced(entry)) do
        local f = capture.fields(call)
        if f.nlmsg_type[1] == ours.nlmsg_type[1] then theirs = f end
      end
      assert.truthy(theirs, "ip sent no message of the type " .. ours.nlmsg_type[2])
      local unlisted, stale = differences(entry, ours, theirs)
      assert.same({}, unlisted)
      assert.same({}, stale, "listed differences that there are none of")
    end))
  end

  it("is there for each file, and the other way round", function()
    local known, found = {}, {}
    for _, entry in ipairs(messages) do known[#known + 1] = entry.name .. ".txt" end
    for file in (sh(("cd %s && ls *.txt"):format(HERE))):gmatch "%S+" do found[#found + 1] = file end
    table.sort(known)
    table.sort(found)
    assert.same(known, found)
  end)
end)
