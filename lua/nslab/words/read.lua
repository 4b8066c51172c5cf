-- read: a command line as an operation: { module, verb, netns, key, options }. ip's commands are read
-- in nslab.words.ip; here is what stands around them, and the few others that tutorials use.

local ip = require "nslab.words.ip"
local Reader = require "nslab.words.reader"
local shell = require "nslab.words.shell"
local trouble = require "nslab.words.trouble"
local value = require "nslab.words.value"

local M = {}

-- What ping's letters are: our option and how many of its units one of ping's is; {}: no matter here.
local PING = {
  c = { "count", 1 }, i = { "interval_ms", 1000 }, W = { "timeout_ms", 1000 }, s = { "size_bytes", 1 },
  I = { "dev" }, n = {}, q = {}, ["4"] = {}, ["6"] = {},
}

local function ping_option(reader, options, word)
  local letter, text = word:match "^%-(.)(.*)$"
  local key, units = table.unpack(PING[letter] or reader:fail(word, "nslab's ping has no such option"))
  if not key then return end
  if text == "" then text = reader:next(word) end
  if not units then
    options[key] = text
    return
  end
  local number = text:match "^%d*%.?%d*$" and tonumber(text)
  local v = number and math.tointeger(number * units)
  options[key] = v or reader:fail(text, "a number is expected here")
end

local function ping(reader, netns)
  local op = { module = "netns", verb = "ping", netns = netns, options = {} }
  reader.op = "netns.ping"
  while reader.at <= #reader.words do
    local word = reader:next()
    if word:match "^%-." then
      ping_option(reader, op.options, word)
    else
      if op.key then reader:fail(word, "this word has no meaning here") end
      op.key = word
    end
  end
  if not op.key then reader:fail("ping", "nothing says whom to ping") end
  if next(op.options) == nil then op.options = nil end
  return op
end

local SYSCTL = { ["-w"] = true, ["--write"] = true, ["-q"] = true, ["-n"] = true, ["-e"] = true }

local function sysctl(reader, netns)
  local op = { module = "sysctl", verb = "get", netns = netns }
  reader.op = "sysctl"
  while reader.at <= #reader.words do
    local word = reader:next()
    if word == "-a" or word == "--all" then
      op.verb = "list"
    elseif word:match "^%-" then
      if not SYSCTL[word] then reader:fail(word, "nslab's sysctl has no such option") end
    else
      if op.key then reader:fail(word, "one key at a time") end
      local key, v = word:match "^([^=]+)=(.*)$"
      op.key = (key or word):gsub("/", ".")
      if v then op.verb, op.options = "set", { value = value.number(v) or v } end
    end
  end
  if op.verb == "list" and op.key then reader:fail(op.key, "-a means all keys") end
  if op.verb ~= "list" and not op.key then reader:fail("sysctl", "the key is missing") end
  return op
end

-- The module reads the rest itself.
local function handed_on(module)
  return function(reader, netns)
    return { module = module, verb = "command", netns = netns, key = shell.join(reader:rest()) }
  end
end

local function save(module)
  return function(reader, netns)
    local op = { module = module, verb = "save", netns = netns, options = {} }
    reader.op = module .. ".save"
    while reader.at <= #reader.words do
      local word = reader:next()
      if word == "-t" or word == "--table" then
        op.options.table = reader:next(word)
      elseif word == "-c" or word == "--counters" then
        op.options.counters = true
      else
        reader:fail(word, "this word has no meaning here", "Words that have one: -t TABLE -c.")
      end
    end
    if next(op.options) == nil then op.options = nil end
    return op
  end
end

local COMMANDS = {
  ip = function(reader, netns) return ip.read(reader, netns, M.words) end,
  tc = function(reader, netns) return require("nslab.words.tc").read(reader, netns) end,
  ss = function(reader, netns) return require("nslab.words.ss").read(reader, netns) end,
  bridge = ip.read_bridge,
  wg = function(reader, netns) return require("nslab.words.wg").read(reader, netns) end,
  ping = ping, ping6 = ping, sysctl = sysctl,
  iptables = handed_on "iptables", ip6tables = handed_on "ip6tables",
  ["iptables-save"] = save "iptables", ["ip6tables-save"] = save "ip6tables",
}

-- Lua: knows("ip") -> whether commands of that name can be read.
function M.knows(name)
  return COMMANDS[name] ~= nil
end

-- The operation that an array of words is, said in that namespace (nil: where the script runs). `live`: at a
-- prompt, where a command may go on until Ctrl-C.
function M.words(words, netns, live)
  local at = 1
  if words[1] == "sudo" then
    repeat at = at + 1 until not (words[at] or ""):match "^%-[EHn]$"
  end
  local name = words[at] or "sudo"
  local reader = Reader.new(words, at + 1)
  reader.live = live
  local command = COMMANDS[name:match "[^/]*$"]
  local op = command and command(reader, netns)
  if op then return op end
  if netns then
    return { module = "netns", verb = "exec", netns = netns,
             options = table.move(words, at, #words, 1, {}) }
  end
  local hint = "It knows ip, bridge, tc, ss, wg, ping, sysctl and iptables."
  if require("nslab.doctor").find_program(name) then
    hint = hint:gsub("%.$", "; netns.host:exec %%q runs the program."):format(shell.join(words))
  end
  reader:fail(name, "nslab does not know this command", hint)
end

-- The operation that one command line is.
function M.line(line)
  local commands = shell.commands(line)
  if #commands == 1 then return M.words(commands[1]) end
  trouble.raise(line, #commands == 0 and "there is no command here" or "these are several commands")
end

return M
