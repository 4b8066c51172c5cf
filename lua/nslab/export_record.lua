-- export_record: a lab played in silence, and the operations it was made of. Each of them is kept as the
-- command that it equals, with marks in the place of what only a run knows: @@lan@@ the namespace behind
-- eth0, @@host@@ the one the lab runs in, @@pid_1@@ the first program that was started, @@scratch@@ the
-- scratch directory.

local print = require "nslab.words.print"
local shell = require "nslab.words.shell"

local M = {}

local Record = {}
Record.__index = Record

-- ---- marks -----------------------------------------------------------------------------------------------

local MARK = "@@[%w_]+@@"
local scratch = require("nslab.lab").scratch()
local SCRATCH = scratch:gsub("%p", "%%%0")

-- The word as typed, each mark of it outside the quotes.
local function quote(word)
  local out, from = {}, 1
  word = word:gsub(SCRATCH, "@@scratch@@")
  for start, mark, stop in word:gmatch("()(" .. MARK .. ")()") do
    if start > from then out[#out + 1] = shell.quote(word:sub(from, start - 1)) end
    out[#out + 1], from = mark, stop
  end
  if from <= #word or #word == 0 then out[#out + 1] = shell.quote(word:sub(from)) end
  return table.concat(out)
end

M.quote = quote

-- What takes the number of a process as a word of its own.
local TAKES_PID = { kill = true, nsenter = true, ps = true, pmap = true }

-- The words of a program with marks for the numbers of processes that the lab started.
function Record:marked(words)
  local out = {}
  for i, word in ipairs(words) do
    word = tostring(word):gsub("(/proc/)(%d+)", function(proc, pid)
      return proc .. (self.pids[tonumber(pid)] or pid)
    end)
    local known = TAKES_PID[words[1]] and self.pids[tonumber(word)]
    out[i] = quote(known or word)
  end
  return table.concat(out, " ")
end

-- Options with marks for namespaces that have no name.
function Record:options(options)
  if type(options) ~= "table" then return options end
  local out = {}
  for key, value in pairs(options) do
    if type(value) == "table" and getmetatable(value) == nil then
      value = self:options(value)
    elseif key == "netns" and type(value) == "userdata" then
      if value == require("netns").host then value = "@@host@@" end
      if self.hidden and type(value) == "userdata" and value.name == self.hidden then value = "@@lan@@" end
    elseif key == "netns" and self.pids[value] then
      value = self.pids[value]
    end
    out[key] = value
  end
  return out
end

-- ---- operations ------------------------------------------------------------------------------------------

local LOOKS = { list = true, get = true, each = true, run = true, wait = true }

-- What runs in a directory or an environment of its own, reads something, or was cut off.
local function dressed(line, op)
  local o, result = op.options, op.result
  local words = {}
  for name, value in pairs(o.env or {}) do
    table.insert(words, value and quote(name .. "=" .. value) or "-u " .. shell.quote(name))
  end
  table.sort(words)
  if #words > 0 then line = ("env %s %s"):format(table.concat(words, " "), line) end
  if type(result) == "table" and result.timed_out then
    line = ("timeout %.15g %s"):format(o.timeout_ms / 1000, line)
  end
  if type(o.stdin) == "string" and op.verb == "exec" then
    line = ("printf %%s %s | %s"):format(quote(o.stdin), line)
  end
  if o.cwd then line = ("(cd %s && %s)"):format(quote(o.cwd), line) end
  return line
end

-- The command, said where the operation was done. nil when there is none.
function Record:line(op)
  local said = setmetatable({ options = self:options(op.options) }, { __index = op })
  local program = op.verb == "exec" or op.verb == "spawn"
  local hidden = self.hidden and op.netns == self.hidden
  if program then said.key = self:marked(op.options) end
  if hidden then said.netns = "host" end
  local line = print.command(said)
  if not line then return nil end
  if program then line = dressed(line:gsub(" &$", ""), op) end
  if hidden then
    said.netns = nil -- it was not done in the host
    line = "nsenter -t @@lan@@ -n " .. line
  end
  return line, said
end

-- Whether the program may end as it likes: it did so here.
local function failed(op)
  if op.error then return op.error.code or "error" end
  local result = op.result
  if op.verb == "ping" and result.received == 0 then return "no answer" end
  if op.verb == "exec" and result.code ~= 0 then return ("exit status %d"):format(result.code) end
end

-- The first words of a command, behind the namespace it is run in: what has to be installed.
function Record:needs(op, line)
  line = line:gsub("^nsenter %-t %S+ %-n ", "")
  local inside = line:gsub("^ip netns exec %S+ ", "")
  for _, part in ipairs { line, inside } do self.tools[part:match "^[%w_.+-]+" or "sh"] = true end
  if op.verb == "exec" or op.verb == "spawn" then self.tools[tostring(op.options[1])] = true end
end

-- A line that was read from a program: whoever comes next relied on it.
function Record:heard(op)
  local process = op.options
  local entry = self.processes[process]
  if entry and type(op.result) == "string" then entry.heard = op.result:gsub("\n.*", "") end
end

-- The command has the process group's number.
function Record:killed(op)
  local entry = self.processes[op.options]
  if not entry then return end
  local line = op.command:gsub("%-(%d+)$", "-" .. entry.mark)
  table.insert(self.at.commands, { op = op, line = line, fails = not op.result and "it has ended" })
end

local OF_PROCESS = { read = Record.heard, lines = Record.heard, kill = Record.killed }

-- Called with each operation.
function Record:take(op)
  if op.module == "process" then
    if OF_PROCESS[op.verb] then OF_PROCESS[op.verb](self, op) end
    return
  end
  local sent = op.module == "netns" or op.module == "sysctl" or op.messages and #op.messages > 0
  if op.error and not sent then return end -- a mistake of the script, caught before the kernel saw it
  local line, said = self:line(op)
  if not line then
    if not (LOOKS[op.verb] or op.error) then
      table.insert(self.at.commands, { op = op, unsayable = true })
    end
    return
  end
  local entry = { op = said, line = line, fails = failed(op) }
  if op.verb == "spawn" and not op.error then
    self.started = self.started + 1
    entry.mark = ("@@pid_%d@@"):format(self.started)
    entry.number = self.started
    self.pids[op.result.pid] = entry.mark
    self.processes[op.result] = entry
  end
  table.insert(self.at.commands, entry)
  self:needs(op, line)
end

-- ---- playing ---------------------------------------------------------------------------------------------

-- What a run of the lab leaves in /run, the sandbox's own files and the names of namespaces aside.
local function files()
  local out = {}
  local found = require("netns").host:exec {
    "find", "/run", "-xdev", "-mindepth", "1", "(", "-path", "/run/netns", "-o", "-path", "/run/.nslab",
    "-o", "-path", scratch, ")",
    "-prune", "-o", "-printf", "%y %p\\n",
  }
  for kind, path in found.stdout:gmatch "(%S) ([^\n]*)\n" do out[path] = kind end
  return out
end

local function new_files(before)
  local new = {}
  for path, kind in pairs(files()) do
    if not before[path] then new[#new + 1] = { path = path, directory = kind == "d" } end
  end
  table.sort(new, function(a, b) return a.path < b.path end)
  return new
end

-- Plays the definition; returns { before, steps = { { title, skipped, commands } ... }, tools, files }.
-- Raises what a step raises.
function M.record(definition)
  local core, host, runners = require "nslab.core", require "nslab.host", require "nslab.runner"
  local self = setmetatable({ pids = {}, processes = {}, started = 0, tools = { ip = true } }, Record)
  local trouble
  local runner = runners.new(definition, function(e)
    if e.event == "error" then trouble = trouble or e.text end
  end, {
    -- The runner observes to show what is done; here it is kept, with what the runner does in silence.
    observe = function() end, command = function() end, clock = host.time_ms,
    interrupted = host.interrupted, connect = require("nslab.lan").connect, lacking = runners.lacking,
  })
  local function recorded(fn, ...)
    core.observe(function(op) self:take(op) end)
    local ok = fn(runner, ...)
    core.observe(nil)
    if not ok then error(trouble or "interrupted", 0) end
  end
  local before = files()
  local asked = definition.host
  self.before, self.steps = { commands = {} }, {}
  self.at = self.before
  self.hidden = asked and asked.eth0 and not (asked.lan and asked.lan.name) and "lan" or nil
  recorded(runner.prepare)
  self.has_lan, self.hidden = self.hidden ~= nil, nil
  for i, step in ipairs(definition.steps) do
    self.at = { title = step.title, commands = {} }
    self.steps[i] = self.at
    local possible, reason = runner:possible(i)
    if possible then recorded(runner.act, i, true) else self.at.skipped = reason end
  end
  self.files = new_files(before)
  runner:close()
  return self
end

return M
