-- script: a file of the shell that holds commands of ip and its like, carried out by the modules. All of
-- it is read before anything is done, so that a word which cannot be read has changed nothing.

local read = require "nslab.words.read"
local run = require "nslab.words.run"
local shell = require "nslab.words.shell"
local trouble = require "nslab.words.trouble"

local M = {}

-- ---- the shell's own commands ------------------------------------------------------------------------

-- Each gets the words behind its name and the state of the script, and returns its exit status.
local OWN = {
  [":"] = function() return 0 end,
  ["true"] = function() return 0 end,
  ["false"] = function() return 1 end,
  echo = function(words)
    io.stdout:write(table.concat(words, " "), "\n")
    return 0
  end,
  sleep = function(words)
    require("nslab.host").poll({}, math.floor(tonumber(words[1]) * 1000))
    return 0
  end,
  set = function(words, state)
    for _, word in ipairs(words) do
      if word:match "^[-+]%a*e" then state.stops = word:sub(1, 1) == "-" end
    end
    return 0
  end,
  exit = function(words, state)
    state.ended = true
    return tonumber(words[1]) or state.status
  end,
}

-- What is wrong with the words of such a command; nil.
local CHECKS = {
  sleep = function(words)
    if #words == 1 and tonumber(words[1]) then return nil end
    return words[1] or "sleep", "a number of seconds is expected"
  end,
  set = function(words)
    for _, word in ipairs(words) do
      if not word:match "^[-+][eu]+$" then return word, "of set only -e and -u are known" end
    end
  end,
  exit = function(words)
    if not words[2] and (words[1] or "0"):match "^%d+$" then return nil end
    return words[2] or words[1], "a number is expected"
  end,
  echo = function(words)
    if (words[1] or ""):match "^%-" then return words[1], "echo has no options here" end
  end,
}

-- ---- reading -----------------------------------------------------------------------------------------

local function own_command(words)
  local rest = table.move(words, 2, #words, 1, {})
  local word, text = (CHECKS[words[1]] or function() end)(rest)
  if word then trouble.raise(word, text) end
  return { own = words[1], words = rest }
end

local function command_of(words)
  if OWN[words[1]] then return own_command(words) end
  local op = read.words(words)
  if words.background and op.verb ~= "exec" then
    trouble.raise("&", "only a program that `ip netns exec` starts can run in the background")
  end
  return { op = op }
end

-- An error at a line of the script.
local function at_line(raised, name, line)
  if type(raised) == "table" and line then raised.where = ("%s:%d"):format(name, line) end
  return raised
end

-- Lua: read(text, name, arguments) -> an array of { op or own, words, line, joined, silent_out,
-- silent_err, background }. Raises about the first word that cannot be read, with its line.
function M.read(text, name, arguments)
  local variables = {}
  for i, word in ipairs(arguments or {}) do variables[tostring(i)] = word end
  variables["0"] = name
  local ok, commands = pcall(shell.commands, text, variables)
  if not ok then error(at_line(commands, name, type(commands) == "table" and commands.line), 0) end
  local out = {}
  for i, words in ipairs(commands) do
    local fine, command = pcall(command_of, words)
    if not fine then error(at_line(command, name, words.line), 0) end
    for _, key in ipairs { "line", "joined", "silent_out", "silent_err", "background" } do
      command[key] = words[key]
    end
    out[i] = command
  end
  return out
end

-- ---- carrying out ------------------------------------------------------------------------------------

-- The exit status that the command's program would have had.
local function status_of(op, result)
  if type(result) ~= "table" then return 0 end
  if op.verb == "exec" then return result.signal and 128 or result.code or 0 end
  if op.verb == "ping" then return result.received > 0 and 0 or 1 end
  return 0
end

local function in_background(op, started)
  local netns = require "netns"
  local handle = op.netns and netns(op.netns) or netns.current()
  started[#started + 1] = handle:spawn(op.options)
  return 0
end

local function program(command, result)
  if not command.silent_out then io.stdout:write(result.stdout or "") end
  io.stdout:flush()
  if not command.silent_err then io.stderr:write(result.stderr or "") end
end

local function carry_out(command, state)
  if command.own then
    return OWN[command.own](command.words, state)
  end
  local op = command.op
  if command.background then return in_background(op, state.started) end
  local result = run.run(op)
  if op.verb == "exec" and type(result) == "table" then
    program(command, result)
  elseif not command.silent_out then
    io.stdout:write(run.shown(op, result))
  end
  return status_of(op, result)
end

local function skipped(command, status)
  return command.joined == "&&" and status ~= 0 or command.joined == "||" and status == 0
end

-- Whether a failure is looked at by what follows, so that it does not stop the script.
local function looked_at(commands, i)
  return commands[i + 1] ~= nil and commands[i + 1].joined ~= nil
end

-- Lua: run(commands, name) -> exit status. What fails is said on standard error; it stops the script
-- only after `set -e`, as in a shell.
function M.run(commands, name)
  local state = { status = 0, started = {} }
  for i, command in ipairs(commands) do
    if not skipped(command, state.status) then
      local ok, status = pcall(carry_out, command, state)
      if not ok then
        if require("nslab.host").interrupted() then error(status, 0) end
        io.stdout:flush()
        if not command.silent_err then
          io.stderr:write("nslab: ", tostring(at_line(status, name, command.line)), "\n")
        end
        status = 1
      end
      state.status = status
      if state.ended or state.stops and status ~= 0 and not looked_at(commands, i) then break end
    end
  end
  for i = #state.started, 1, -1 do
    local meta = getmetatable(state.started[i])
    if meta and meta.__close then meta.__close(state.started[i]) end
  end
  return state.status
end

-- Lua: main(text, name, arguments) -> exit status of `nslab run FILE.sh`.
function M.main(text, name, arguments)
  local ok, commands = pcall(M.read, text, name, arguments)
  if not ok then
    io.stderr:write("nslab: ", tostring(commands), "\n")
    return 1
  end
  local status = M.run(commands, name)
  io.stdout:flush()
  return status
end

-- Lua: is_script(name, text) -> whether a file of that name is one of the shell.
function M.is_script(name, text)
  if name:match "%.sh$" then return true end
  local first = text:match "^#!([^\n]*)" or ""
  return first:match "[/ ]%a*sh%f[%A]" ~= nil
end

return M
