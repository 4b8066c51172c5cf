-- hints: what is said to somebody who asks for help, a little more each time: the author's nudge, the
-- shape of the commands, the commands themselves. Shape and commands come from what the rehearsal
-- did; nobody writes them by hand.

local shell = require "nslab.words.shell"

local M = {}

-- ---- the shape of a command ----------------------------------------------------------------------

-- What a word stands for, by the word before it.
local BEHIND = {
  ["-n"] = "NAMESPACE", netns = "NAMESPACE", exec = "NAMESPACE", dev = "INTERFACE", via = "GATEWAY",
  name = "NAME", master = "BRIDGE", from = "ADDRESS", to = "ADDRESS", table = "TABLE",
  lookup = "TABLE", priority = "NUMBER", pref = "NUMBER", mtu = "NUMBER", id = "NUMBER",
  address = "ADDRESS", lladdr = "ADDRESS", metric = "NUMBER", local_ = "ADDRESS", remote = "ADDRESS",
  ["-s"] = "ADDRESS", ["-d"] = "ADDRESS", ["-i"] = "INTERFACE", ["-o"] = "INTERFACE",
  ["-j"] = "TARGET", ["-p"] = "PROTOCOL", ["--dport"] = "PORT", ["--sport"] = "PORT",
  ["-A"] = "CHAIN", ["-I"] = "CHAIN", ["-P"] = "CHAIN", ["-t"] = "TABLE", ["-m"] = "MATCH",
  ["--to-destination"] = "ADDRESS", ["--to-source"] = "ADDRESS",
  rate = "RATE", burst = "BYTES", latency = "TIME", delay = "TIME", loss = "PERCENT", parent = "CLASS",
  handle = "HANDLE", endpoint = "ADDRESS:PORT", ["allowed-ips"] = "NETWORKS",
  ["listen-port"] = "PORT", ["private-key"] = "FILE", ["preshared-key"] = "FILE",
}

-- Words of `ip netns` and of `ip link` that say what is done to the name behind them.
local VERBS = { add = true, set = true, del = true, delete = true, replace = true, change = true }
local NAMED = { netns = "NAME", link = "INTERFACE" }
local NO_NAME = { dev = true, name = true, type = true }

local function general(word)
  if word:find "^%d+%.%d+%.%d+%.%d+/%d+$" then return "ADDRESS/LENGTH" end
  if word:find "^%d+%.%d+%.%d+%.%d+$" then return "ADDRESS" end
  if word:find "^%x*:[%x:]*:%x*/%d+$" then return "ADDRESS/LENGTH" end
  if word:find "^%x*:[%x:]*:%x*$" then return "ADDRESS" end
  if word:find "^%d+$" then return "NUMBER" end
  if #word == 44 and word:find "^[%w+/]+=$" then return "KEY" end
  return word
end

local function word_shape(words, i)
  local word, before, object = words[i], words[i - 1], words[i - 2]
  if VERBS[before] and NAMED[object] and not NO_NAME[word] then return NAMED[object] end
  if before == "netns" and (VERBS[word] or word == "exec" or word == "list") then return word end
  local behind = BEHIND[before]
  if behind then return word:find "/%d+$" and behind == "ADDRESS" and "ADDRESS/LENGTH" or behind end
  return general(word)
end

local function ip_shape(words)
  local out = { words[1] }
  for i = 2, #words do out[i] = word_shape(words, i) end
  return table.concat(out, " ")
end

local KNOWN = { ip = true, bridge = true, tc = true, iptables = true, ip6tables = true, ping = true,
                wg = true }

-- Of `ip netns exec NAME program ...`, the program is what matters.
local function split(words)
  if words[1] == "ip" and words[2] == "netns" and words[3] == "exec" and words[5] then
    return "ip netns exec NAMESPACE ", table.move(words, 5, #words, 1, {})
  end
  return "", words
end

-- "ip -n red addr add 10.0.0.1/24 dev eth0" -> "ip -n NAMESPACE addr add ADDRESS/LENGTH dev INTERFACE"
function M.shape(command)
  -- a key that is handed over, and one that is read where it is
  command = command:gsub("^echo %S+ | ", ""):gsub("%$%b()", "KEY")
  local ok, commands = pcall(shell.commands, command)
  local prefix, words = split(ok and commands[1] or { command:match "%S+", "..." })
  if words[1] == "sysctl" then return prefix .. "sysctl -w KEY=VALUE" end
  if KNOWN[words[1]] then return prefix .. ip_shape(words) end
  return prefix .. words[1] .. (#words > 1 and " ..." or "")
end

-- ---- what the rehearsal did ------------------------------------------------------------------------

-- The operations of that step: { { ip, lua, looks } ... }; nil when it has not come that far. Of a
-- step that brings something about, those that only look are left out.
function M.operations(text, step, decode)
  for line in text:gmatch "([^\n]*)\n" do
    local row = decode(line)
    if type(row) == "table" and row.step == step then
      local acting = {}
      for _, op in ipairs(row.operations) do
        if not op.looks then acting[#acting + 1] = op end
      end
      return #acting > 0 and acting or row.operations
    end
  end
end

-- ---- the three grades ------------------------------------------------------------------------------

local function counted(lines)
  local out, times = {}, {}
  for _, line in ipairs(lines) do
    if not times[line] then out[#out + 1] = line end
    times[line] = (times[line] or 0) + 1
  end
  for i, line in ipairs(out) do
    if times[line] > 1 then out[i] = ("%s    (%d times)"):format(line, times[line]) end
  end
  return out
end

local function indented(lines)
  return "  " .. table.concat(lines, "\n  ")
end

local function shapes(operations)
  local lines = {}
  for i, op in ipairs(operations) do lines[i] = M.shape(op.ip) end
  return "The shape of the commands:\n\n" .. indented(counted(lines))
end

local function commands(operations)
  local ip, lua = {}, {}
  for _, op in ipairs(operations) do
    ip[#ip + 1] = op.ip
    if op.lua then lua[#lua + 1] = op.lua end
  end
  local text = "The commands:\n\n" .. indented(ip)
  if #lua > 0 then text = text .. "\n\nOr in Lua:\n\n" .. indented(lua) end
  return text
end

-- The text of grade 1, 2 or 3 for a step; `operations` as above or nil. Returns it and its grade: a
-- step without a nudge begins with the second. nil when there is no help.
function M.text(step, grade, operations)
  if grade <= 1 and step.hint then return step.hint, 1 end
  if not operations or #operations == 0 then return step.hint, 1 end
  if grade <= 2 then return shapes(operations), 2 end
  return commands(operations), 3
end

return M
