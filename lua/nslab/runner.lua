-- runner: plays a lab. A runner does one step at a time (its text, what it starts in the background,
-- its operations, its checks), can check a step again without doing it, and can replay steps in
-- silence; everything it has to say goes as events to a sink. Running through, stepping, learning
-- and testing are different orders of the same calls.

local capture = require "nslab.capture"
local event = require "nslab.event"
local expect = require "nslab.expect"
local lab = require "nslab.lab"
local lan = require "nslab.lan"

local M = {}

-- The exit status where this machine cannot run the lab.
M.IMPOSSIBLE = 3

-- What a runner needs of the core; a test puts its own in their place.
function M.world()
  local core, host, explain = require "nslab.core", require "nslab.host", require "nslab.explain"
  return { observe = core.observe, command = explain.ip, lua = explain.lua, netlink = explain.netlink,
           clock = host.time_ms, now = host.time_ms, deadline = host.deadline, timed_out = host.timed_out,
           waited = host.waited, interrupted = host.interrupted, connect = lan.connect,
           at_step = host.at_step, lacking = M.lacking }
end

-- Of what a lab or a step names as needed, that which this machine lacks: rows of nslab.features.
function M.lacking(names)
  return #names > 0 and require("nslab.features").lacking(names) or {}
end

-- The words that operations are shown in unless somebody asks for others.
local USUAL = { ip = true }

-- A check that has waited so long says so, and again every so often.
local PATIENT_MS, AGAIN_MS = 300, 500

-- ---- what an operation and an error look like as events -----------------------------------------

-- An array that does not know how to print itself prints one item a line.
local function listing(items)
  local lines = {}
  for i, item in ipairs(items) do lines[i] = tostring(item) end
  return table.concat(lines, "\n")
end

local function program_output(result)
  local text = (result.stdout or "") .. (result.stderr or "")
  if result.signal then
    text = text .. ("ended by SIG%s\n"):format(result.signal)
  elseif result.code and result.code ~= 0 then
    text = text .. ("exit status %d\n"):format(result.code)
  end
  return text
end

local PRINTS = { list = true, get = true, ping = true, exec = true, check = true, save = true }

-- What the operation printed, as its command would have; nil for those that print nothing.
local function outcome(op)
  local result = op.result
  if not PRINTS[op.verb] or result == nil then return nil end
  if op.verb == "exec" then return program_output(result) end
  local meta = getmetatable(result)
  if type(result) == "table" and not (meta and meta.__tostring) then return listing(result) end
  return tostring(result)
end

local ERROR_FIELDS = { "op", "netns", "key", "errno", "code", "kernel", "field", "hint" }

local function error_fields(step, raised)
  local fields = { step = step, text = lab.said(raised) }
  if type(raised) == "table" then
    for _, key in ipairs(ERROR_FIELDS) do fields[key] = raised[key] end
  end
  return fields
end

-- ---- the runner -----------------------------------------------------------------------------------

local Runner = {}
Runner.__index = Runner

-- The sink; and at_step(i, n) hears where the lab is, for `nslab ps`.
local function followed(sink, steps, at_step)
  if not at_step then return sink end
  return function(e)
    if e.event == "step" then at_step(e.step, steps) end
    sink(e)
  end
end

-- A runner for the definition that nslab.lab made. The sink gets its events. `explain` is the set of
-- words that operations are shown in, as nslab.explain has it.
function M.new(definition, sink, parts, explain)
  parts = parts or M.world()
  return setmetatable({
    lab = definition, parts = parts, explain = explain or USUAL,
    emit = event.stream(definition.name, followed(sink, #definition.steps, parts.at_step), parts.clock),
    done = 0, checked = 0, failed = 0, skipped = 0, background = {},
  }, Runner)
end

-- Whether a signal asked for the end. Remembered, since the script may have caught the error.
function Runner:stopping()
  local signal = self.parts.interrupted()
  if signal and signal ~= 0 then self.interrupted = true end
  if self.interrupted and self.parts.timed_out and self.parts.timed_out() then self.timed_out = true end
  return self.interrupted
end

-- ---- time -----------------------------------------------------------------------------------------

function Runner:now()
  return self.parts.now and self.parts.now() or 0
end

-- Remembers what is being waited for: text says it, in a sentence with "waited 2 s for ...".
function Runner:waits(text)
  self.awaited = { text = text, since = self:now() }
end

-- From here on the step may take its time; `over` ends that.
function Runner:limit(over)
  local s = self.limits and self.limits.step_timeout_s or 0
  if self.parts.deadline then self.parts.deadline(not over and s > 0 and s * 1000 or nil) end
  self.step_since = not over and self:now() or nil
end

-- What was waited for when the time was over, and which time it was.
function Runner:overdue()
  local now, limits, what = self:now(), self.limits or {}, self.awaited or {}
  local in_step = self.step_since and limits.step_timeout_s and limits.step_timeout_s > 0 and
                  now - self.step_since >= limits.step_timeout_s * 1000 - 5
  local option = in_step and ("--step-timeout=%g"):format(limits.step_timeout_s) or
                 ("--timeout=%g"):format(limits.timeout_s or 0)
  local reason = what.reason and (" (%s)"):format(what.reason) or ""
  return ("%s, %s: waited %.1f s%s; %s is over."):format(
    self.at and self.at > 0 and "step " .. self.at or "before the first step", what.text or "its commands",
    (now - (what.since or now)) / 1000, reason, option)
end

-- A check waits: tells it, but not too often.
function Runner:waiting(i, check, reason)
  local what, now = self.awaited, self:now()
  what.reason = reason ~= nil and lab.said(reason) or nil
  if now - what.since < PATIENT_MS or now - (what.told or 0) < AGAIN_MS then return end
  what.told = now
  self.emit("wait", { step = i, text = check.text, reason = what.reason,
                      waited_ms = math.floor(now - what.since) })
end

-- ---- operations -----------------------------------------------------------------------------------

-- The fields of the command event; nil for what cannot be said in any of the words.
function Runner:said(step, op)
  local set, parts = self.explain, self.parts
  local fields = { step = step, text = set.ip and parts.command(op) or nil,
                   lua = set.lua and parts.lua(op) or nil,
                   netlink = set.netlink and parts.netlink(op) or nil }
  if not (fields.text or fields.lua or fields.netlink) then return nil end
  fields.module, fields.verb, fields.netns, fields.key = op.module, op.verb, op.netns, op.key
  return fields
end

-- What is no command has no output either, whatever the operations are shown in.
function Runner:operation(step, op)
  local fields = self:said(step, op)
  if fields then self.emit("command", fields) end
  if not (fields or self.parts.command(op)) then return end
  if op.error and self:stopping() then -- it is what was waited for
    self.awaited = self.awaited and { text = self.parts.command(op), since = self.awaited.since }
    return
  end
  self:waits("its commands")
  if op.error then
    self.shown = op.error
    return self.emit("error", error_fields(step, op.error))
  end
  local text = outcome(op)
  if text and text ~= "" then
    self.emit("output", { step = step, text = text, source = "command" })
  end
end

-- Calls fn with what it prints captured and, unless `quiet`, its operations shown. Returns what
-- pcall returns.
function Runner:call(step, quiet, fn, ...)
  local take, finish = capture.by_line(function(text)
    self.emit("output", { step = step, text = text, source = "script" })
  end)
  local function observe(op)
    finish()
    self:operation(step, op)
  end
  local observer = self.parts.observe(not quiet and observe or nil)
  local taker = capture.to(take)
  local results = table.pack(pcall(fn, ...))
  capture.to(taker)
  self.parts.observe(observer)
  finish()
  self:stopping()
  return table.unpack(results, 1, results.n)
end

-- Says what a function raised, unless its operation has said it already, or it was the end.
function Runner:complain(step, raised)
  if raised ~= self.shown and not self.interrupted then
    self.emit("error", error_fields(step, raised))
  end
  self.shown = nil
end

-- Makes what lab{ host = ... } asks for. False when that failed.
function Runner:prepare()
  local asked = self.lab.host
  if not (asked and asked.eth0) then return true end
  local ok, made = self:call(nil, true, self.parts.connect, asked)
  if ok then
    self.lan = made
  else
    self:complain(nil, made)
    self.raised = true
  end
  return ok
end

-- Starts what the step declares to run in the background. False when that raised.
function Runner:begin(i, quiet)
  local step = self.lab.steps[i]
  if not step.background then return true end
  self:waits("its commands")
  local ok, value = self:call(i, quiet, step.background)
  if not ok then self:complain(i, value) end
  if ok and value ~= nil then table.insert(self.background, value) end
  return ok
end

-- Does the operations of a step. False when one of them raised.
function Runner:operate(i, quiet)
  self:waits("its commands")
  local ok, raised = self:call(i, quiet, self.lab.steps[i].act)
  if not ok then self:complain(i, raised) end
  return ok
end

-- Both, one after the other.
function Runner:act(i, quiet)
  return self:begin(i, quiet) and self:operate(i, quiet)
end

-- One check: whether it holds, and why not.
function Runner:test(i, check)
  self:waits(("check \"%s\""):format(check.text))
  expect.waiting = function(why) self:waiting(i, check, why) end
  local ok, held, reason = self:call(i, true, check.test)
  expect.waiting = nil
  if not ok then return false, lab.said(held) end
  if held then return true end
  return false, reason ~= nil and lab.said(reason) or nil
end

-- Runs the checks of a step; returns whether all held.
function Runner:check(i)
  local all = true
  for _, check in ipairs(self.lab.steps[i].checks) do
    local ok, reason = self:test(i, check)
    if self.interrupted then return false end
    all = all and ok
    self.checked = self.checked + 1
    self.failed = self.failed + (ok and 0 or 1)
    self.emit("check", { step = i, text = check.text, ok = ok, reason = reason })
  end
  return all
end

-- Whether the machine has what the step needs; when it has not, a reason, and what is missing of the
-- kernel, if it is that.
function Runner:possible(i)
  local needs = self.lab.steps[i].needs
  if not needs then return true end
  if type(needs) == "table" then
    local lack = self.parts.lacking(needs)[1]
    return not lack, lack and lack.text, lack
  end
  local ok, answer, reason = self:call(i, true, needs)
  if not ok then return false, lab.said(answer) end
  return answer, reason and lab.said(reason) or "this machine lacks what it needs"
end

function Runner:skip(i, reason, lack)
  self.skipped = self.skipped + 1
  lack = lack or {}
  self.emit("skip", { step = i, title = self.lab.steps[i].title, reason = reason, costs = lack.costs,
                      remedy = lack.remedy })
end

function Runner:start()
  local mine = self.lab
  self.emit("start", { title = mine.title, summary = mine.summary, minutes = mine.minutes,
                       steps = #mine.steps })
  if self.printed and self.printed ~= "" then
    self.emit("output", { text = self.printed, source = "script" })
  end
end

-- Whether the machine lacks what the whole lab needs: says so, and returns the exit status. nil when the
-- lab can be played.
function Runner:impossible()
  local lacking = self.lab.needs and self.parts.lacking(self.lab.needs) or {}
  if #lacking == 0 then return nil end
  self:start()
  for _, lack in ipairs(lacking) do self.emit("lack", lack) end
  self.emit("end", { steps = 0, checks = 0, failed = 0, impossible = true })
  return M.IMPOSSIBLE
end

-- Says what the step is about: true, or false when this machine cannot do it, nil when it is the end.
function Runner:announce(i)
  self.at = i
  local step = self.lab.steps[i]
  local possible, reason, lack = self:possible(i)
  if self:stopping() then return nil end
  if not possible then
    self:skip(i, reason, lack)
    return false
  end
  self.emit("step", { step = i, title = step.title })
  if step.text then self.emit("text", { step = i, text = step.text }) end
  return true
end

-- Does the step and checks it. Returns whether the lab can go on behind it: a check that failed
-- does not stop it, an error does.
function Runner:perform(i)
  self.done = self.done + 1
  self:limit()
  local acted = self:act(i)
  if not acted then self.raised = true end
  if not self.interrupted then self:check(i) end
  if not self.interrupted then self:limit "over" end
  return acted and not self.interrupted
end

-- Both; a step that is skipped does not stop the lab.
function Runner:step(i)
  local going = self:announce(i)
  if not going then return going == false end
  return self:perform(i)
end

-- Does the steps from the first to the n-th without a word and without checks. Raises what a step
-- raises, since nothing that follows would mean anything.
function Runner:replay(n)
  local emit, trouble = self.emit, nil
  self.emit = function(kind, fields)
    if kind == "error" then trouble = fields.text end
  end
  for i = 1, n do
    if self:possible(i) and not self:act(i, true) then
      self.emit = emit
      error(("step %d: %s"):format(i, trouble or "interrupted"), 0)
    end
  end
  self.emit = emit
end

-- Ends what runs in the background, the last one first. What has ended by itself is no trouble.
function Runner:close()
  while #self.background > 0 do
    local started = table.remove(self.background)
    local meta = getmetatable(started)
    if type(meta) == "table" and meta.__close then pcall(meta.__close, started) end
  end
end

-- Says how it ended; `stopped` is the step that it did not come past, nil when it went through, and
-- self.left says that somebody wanted it so.
-- Returns the exit status.
function Runner:finish(stopped)
  local last = #self.lab.steps
  if self.timed_out then
    self.emit("error", { step = stopped, text = self:overdue(), code = "ETIMEDOUT" })
    self.parts.waited()
  end
  for i = (stopped and not self.left and stopped or last) + 1, last do self:skip(i, "not run") end
  if not self.keep or self.interrupted then self:close() end
  local none = not stopped and not self.raised and self.skipped == last -- it has no step for this machine
  self.emit("end", {
    steps = self.done, checks = self.checked, failed = self.failed,
    skipped = self.skipped > 0 and self.skipped or nil, stopped = stopped,
    left = self.left, interrupted = self.interrupted, timed_out = self.timed_out,
    impossible = none or nil,
  })
  if none then return M.IMPOSSIBLE end
  return (self.failed > 0 or self.raised or stopped) and 1 or 0
end

-- Plays all steps; returns the one that it did not come past, nil when it went through.
function Runner:play()
  self.at = 0
  self:start()
  if not self:prepare() then return 0 end
  for i = 1, #self.lab.steps do
    self.at = i
    if not self:step(i) then return i end
  end
end

-- The whole lab from the first step to the last. Returns the exit status. A signal may strike
-- between two steps as well as within one.
function Runner:run()
  local ok, stopped = pcall(self.play, self)
  if ok then return self:finish(stopped) end
  if not self:stopping() then error(stopped, 0) end
  return self:finish(self.at)
end

return M
