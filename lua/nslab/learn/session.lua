-- session: one lesson, the learner at the prompt. Puts the engine, the watcher and the runner together:
-- shows the step, hears what changes, says what holds and what is off, knows the words (hint, solution
-- and the rest). The loop over lines and keys is host.repl's.

local core = require "nslab.core"
local engine = require "nslab.learn.engine"
local hints = require "nslab.learn.hints"
local lab = require "nslab.lab"
local netns = require "netns"
local progress = require "nslab.progress"
local witness = require "nslab.learn.witness"

local Session = {}
Session.__index = Session

local M = {}

-- When the last event is so long ago, a change counts as done; what has no events is looked at again
-- and again after so long, what acts after so long.
local SETTLE_MS, TICK_MS, RETRY_MS = 250, 400, 2000

-- What takes longer to ask is not asked after every line.
local SLOW_MS = 500

-- A session for a runner. `options` are those of the command.
function M.new(r, options)
  local host = require "nslab.host"
  require("nslab.expect").patient = false -- the watcher waits
  local self = setmetatable({
    r = r, lab = r.lab, host = host, json = options.json, step = 0, finished = 0,
    watcher = netns.watch { objects = { "netns", "link", "addr", "route", "neigh", "rule", "nftables" } },
    timer = host.timer(),
  }, Session)
  self.wake = {
    fds = function() return self:descriptors() end,
    ready = function() return self:listen() end,
    call = function() self:answer_wake() end,
    prompt = function() return self:prompt_text() end,
  }
  return self
end

-- ---- saying --------------------------------------------------------------------------------------

function Session:say(text, source)
  self.said = true
  self.r.emit("text", { step = self.step > 0 and self.step or nil, text = text, source = source })
end

local SUMMARY = "Words: hint, solution, status, reset, skip, look, shell, quit; help explains them."

-- Sets what was said apart from what is typed next, and tells a program that a line is awaited.
function Session:pause()
  if self.said or self.json then
    self.r.emit("prompt", { step = self.step, at = "learn",
                            text = self.question and self.question.text or SUMMARY })
  end
  self.said = false
  io.stdout:flush()
end

local function emit_state(self, state, kind, still)
  self.said = true
  self.r.emit(kind, { step = self.step, text = state.text, ok = state.ok or false,
                      reason = state.reason, still = still })
end

-- ---- asking the checks ---------------------------------------------------------------------------

-- What a check that raised says: the first line, without the place in the lab's file.
local function raised_text(raised)
  local first = lab.said(raised):match "^[^\n]*"
  return (first:gsub("^[^%s:]+:%d+: ", ""))
end

-- For the engine: ok, reason, what the check touches.
function Session:ask(check)
  local t
  self.r:call(self.step, true, function()
    t = table.pack(witness.call(core.observe, check.test))
  end)
  self.r.interrupted = nil -- Ctrl-C is for what the learner started
  if not t then return false, nil, {} end
  local touched, fine, held, reason = table.unpack(t, 1, 4)
  if not fine then return false, raised_text(held), touched end
  if held then return true, nil, touched end
  return false, reason ~= nil and lab.said(reason) or nil, touched
end

-- Says what changed. A reason that is another one now is kept until things have settled: halfway
-- through a command it would mislead.
function Session:tell(changes)
  for _, change in ipairs(changes) do
    if change.what == "reason" then
      self.unsaid[change.state] = true
    else
      self.unsaid[change.state] = nil
      emit_state(self, change.state, "check")
    end
  end
end

function Session:tell_reasons()
  for _, state in ipairs(self.engine.states) do
    if self.unsaid[state] and not state.ok then emit_state(self, state, "check", true) end
  end
  self.unsaid = {}
end

-- Asks those that act, once the others hold. How long that took decides how often it is tried.
function Session:act()
  local before = self.host.time_ms()
  self:tell(self.engine:act())
  local took = self.host.time_ms() - before
  self.changed, self.slow = false, took > SLOW_MS
  self.retry_at = before + took + (self.slow and 20 * took or RETRY_MS)
end

-- Whether those that act are to be asked now; those that take long not between two lines.
function Session:may_act(quiet)
  local due = self.changed or self.host.time_ms() >= (self.retry_at or 0)
  return self.engine:ready() and due and (quiet or not self.slow)
end

-- Looks at the state of the step and says what is new. `settled`: nothing is under way; `quiet`: and
-- nobody types.
function Session:glance(settled, quiet)
  if not self.engine then return end
  self:tell(self.engine:look())
  if settled then
    if self:may_act(quiet) then self:act() end
    self:tell_reasons()
  end
  local more = self.engine:done() and not self.hold and self:drain()
  if self.engine:done() and not self.hold and not more then return self:complete() end
  -- What came while the checks were asked may have undone what the first of them saw.
  self:schedule(more or not settled or self.changed and self.slow)
end

-- When the timer is to wake us: after the last event, then only for what has no events.
function Session:schedule(settling)
  if settling then return self.timer:set(SETTLE_MS) end
  if self.engine:ready() and not self.engine:done() then return self.timer:set(RETRY_MS) end
  self.timer:set(self.engine:blind() and TICK_MS or 0)
end

-- Takes all events that wait. Whether there was one.
function Session:drain()
  local any = false
  while true do
    local event = self.watcher:next(0)
    if not event then return any end
    any = true
    if event.object ~= "neigh" then self.changed = true end -- those come from asking, too
  end
end

-- ---- being woken ---------------------------------------------------------------------------------

function Session:descriptors()
  local fds = { self.watcher:fd(), self.timer:fd() }
  if self.mailbox then fds[3] = self.mailbox:fd() end
  return fds
end

function Session:woken()
  local any, ticked = self:drain(), self.timer:take()
  local words = self.mailbox and self.mailbox:take()
  if any then
    self:glance(false)
  elseif ticked then
    self:glance(true, true)
  end
  for line in (words or ""):gmatch "[^\n]+" do self:mail(line) end
end

-- Looks what has happened while the prompt still stands there; what is to be said is kept for
-- answer_wake(). Whether there is something.
function Session:listen()
  local emit, kept = self.r.emit, self.kept or {}
  self.kept = kept
  self.r.emit = function(...) kept[#kept + 1] = table.pack(...) end
  local ok, raised = pcall(self.woken, self)
  self.r.emit = emit
  if not ok then kept[#kept + 1] = { "error", { step = self.step, text = tostring(raised) } } end
  return #kept > 0 or self.mailed
end

function Session:answer_wake()
  if not self.kept then self:listen() end
  local kept = self.kept
  self.kept = nil
  if not self.json then io.stdout:setvbuf "full" end -- in one piece: a shell may write there, too
  for _, e in ipairs(kept) do self.r.emit(table.unpack(e, 1, 2)) end
  if self.said then self:pause() end
  io.stdout:setvbuf "line"
  if self.mailed then require("nslab.learn.inside").answered() end
  self.mailed = nil
end

-- A word from a shell of the lab, where it was asked already whether it is meant.
function Session:mail(line)
  self.mailed = true
  if line == "reset" then return self:restart(math.min(self.step, #self.lab.steps)) end
  self:word(line)
end

-- A line has been carried out: whatever it did is done.
function Session:line_done()
  self:drain()
  self:glance(true)
end

-- ---- steps ---------------------------------------------------------------------------------------

function Session:keep()
  local finished = self.step > #self.lab.steps
  local ok, why = progress.keep(self.lab, self.step, finished)
  if not ok and not self.warned then
    self.warned = true
    self:say(("Your progress cannot be kept: %s."):format(why))
  end
end

-- The end of the lesson; the lab stays for as long as the learner does.
function Session:over()
  self.step, self.engine = #self.lab.steps + 1, nil
  self.timer:set(0)
  self:keep()
  self:say("That was the last step. The lab is yours now: `quit`, or Ctrl-D, ends it.", "done")
end

-- What is to be reached, and what of it holds already; what a step that only looks claims.
function Session:goals(step)
  local kind = step.kind == "look" and "check" or "goal"
  for _, state in ipairs(self.engine.states) do emit_state(self, state, kind) end
end

-- Begins a step, or the first after it that this machine has what it needs for.
function Session:enter(i)
  local steps = self.lab.steps
  self.step = i
  if i > #steps then return self:over() end
  local possible, reason, lack = self.r:possible(i)
  if not possible then
    self.said = true
    self.r:skip(i, reason, lack)
    return self:enter(i + 1)
  end
  local step = steps[i]
  self:keep()
  self.said, self.grade, self.unsaid = true, 0, {}
  self.changed, self.slow, self.retry_at = false, false, self.host.time_ms() + RETRY_MS
  self.r.emit("step", { step = i, title = step.title, steps = #steps })
  if step.text then self:say(step.text) end
  self.r:begin(i, true)
  self.engine = engine.new(step.checks, function(check) return self:ask(check) end)
  if step.kind == "look" then self.r:operate(i) end
  self.engine:look()
  -- What acts may take long: it is asked before the learner has done anything only where the rest holds.
  if self.engine:ready() and (step.kind == "look" or self.engine:looks()) then self.engine:act() end
  self:goals(step)
  self.hold = step.kind == "look" or self.engine:done()
  self:invite(step)
  self:schedule(false)
end

-- What to do where there is nothing to do: the step goes on by itself only when it was not done from
-- the start.
function Session:invite(step)
  if not self.hold then return end
  if not self.engine:done() then
    self:say("Something is off here. `reset` gives you this step afresh.")
  elseif step.kind == "look" then
    self:say("Look around as long as you like. Enter goes on.")
  else
    self:say("All of this holds already. Enter goes on.")
  end
end

-- The step is done: what is worth keeping, and on.
function Session:complete()
  local i = self.step
  local learned = self.lab.steps[i].learned
  self.finished = self.finished + 1
  self.r.checked = self.r.checked + #self.engine.states
  self.engine = nil
  self:say(("Step %d is done."):format(i), "done")
  if learned then self:say(learned, "learned") end
  self:enter(i + 1)
end

-- ---- words ---------------------------------------------------------------------------------------

local WORDS = {}

local HELP = [[
Do what the step asks for: in Lua, by pasting ip and iptables commands, or in a shell of the lab.

  hint        a nudge; again: the shape of the commands; again: the commands
  solution    does the step, and shows how
  status      what holds, and what is off
  check       looks again at once, also at what is looked at only now and then
  reset       this step afresh, in a new sandbox
  skip        does the step without a word, and goes on
  look [NS] [links|addresses|routes|neighbours|rules]
  shell [NS]  a shell in the lab, with the real tools
  text        the step's text again
  quit        ends the lesson; it goes on here the next time]]

function WORDS.help(self)
  self:say(HELP)
end

function WORDS.text(self)
  local step = self.lab.steps[self.step]
  if not step then return end
  self.r.emit("step", { step = self.step, title = step.title, steps = #self.lab.steps })
  if step.text then self:say(step.text) end
  if self.engine then self:goals(step) end
end
WORDS.again = WORDS.text

function WORDS.status(self)
  if not self.engine then return self:say("There is no step under way.") end
  for _, state in ipairs(self.engine.states) do
    emit_state(self, state, "check", not state.ok or nil)
  end
end

function WORDS.check(self)
  if not self.engine then return end
  self.changed = true
  self:tell(self.engine:look())
  if self.engine:ready() then self:act() end
  if self:drain() then self:tell(self.engine:look()) end -- while they were asked
  self.unsaid = {}
  if self.engine:done() and not self.hold then return self:complete() end
  WORDS.status(self)
end

-- What the rehearsal did in this step; it may be a moment behind.
function Session:operations()
  for _ = 1, 60 do
    local found = hints.operations(self.host.rehearsal(), self.step, self.host.json_decode)
    if found then return found end
    self.host.poll({}, 50)
  end
end

function WORDS.hint(self)
  local step = self.lab.steps[self.step]
  if not step then return end
  local grade = math.min(self.grade + 1, 3)
  local operations = (grade > 1 or not step.hint) and self:operations() or nil
  local text, reached = hints.text(step, grade, operations)
  self.grade = math.max(grade, reached)
  self:say(text or "There is no hint for this step; `solution` does it.", "hint")
end

function WORDS.solution(self)
  local step = self.lab.steps[self.step]
  if not step then return end
  self.said = true
  local ok = self.r:operate(self.step)
  self.r.interrupted = nil
  if not ok then
    self:say("What you have here stands in the way of the solution. `reset` gives you this step " ..
             "afresh; then `solution` works.")
  end
end

-- Goes on to a step in a new sandbox, after asking.
function Session:offer(step, why)
  self.question = {
    text = why .. " A fresh sandbox is made, with the steps before done for you: what you made your " ..
           "own way is lost. Go on? [y/N]",
    yes = function() self:restart(step) end,
  }
end

-- Does not return: the command starts anew in a fresh sandbox, and resume() reads this.
function Session:restart(step)
  local shell = self.inside and { netns = self.inside.netns } or nil
  self.host.restart(self.host.json { step = step, shell = shell, finished = self.finished,
                                     skipped = self.r.skipped, checked = self.r.checked })
end

function WORDS.reset(self)
  self:offer(math.min(self.step, #self.lab.steps), "Back to the beginning of this step.")
end

function WORDS.skip(self)
  local i = self.step
  if i > #self.lab.steps then return end
  local step = self.lab.steps[i]
  local emit, fine = self.r.emit, true
  if step.kind == "run" then
    self.r.emit = function() end
    fine = self.r:operate(i, true)
    self.r.emit, self.r.interrupted = emit, nil
  end
  if not fine then return self:offer(i + 1, "What you have here stands in the way of doing this step.") end
  self.engine = nil
  self:drain()
  self:say(("Step %d is skipped: it was done for you."):format(i), "done")
  self:enter(i + 1)
end

function WORDS.next(self)
  if not self.engine then return end
  if self.hold and self.engine:ready() and not self.engine:done() then self:act() end
  if self.engine:done() then
    self:complete()
  else
    self:say("Not everything holds yet. `status` says what is off, `skip` does the step for you.")
  end
end

-- look [NS] [WHAT], in any order
function WORDS.look(self, rest)
  local look = require "nslab.look"
  local asked = {}
  for word in rest:gmatch "%S+" do
    local what = look.word(word)
    if what and not asked.what then asked.what = what else asked.netns = word end
  end
  local ok, text = pcall(look.text, asked)
  self.said = true
  self.r.emit("output", { step = self.step, text = tostring(text), source = ok and "command" or "script" })
end

function WORDS.shell(self, rest)
  local ns = rest:match "%S+"
  local words = self.step <= #self.lab.steps and " `lesson hint`, `lesson status` and so on work there." or ""
  self:say(("A shell in %s; `exit` comes back here.%s"):format(ns or "the host", words))
  self:pause()
  local ok, raised = pcall(require("nslab.learn.inside").open, self, ns)
  if not ok then self:say(tostring(raised)) end
end

function WORDS.quit()
  return true
end
WORDS.exit = WORDS.quit

local TAKES = { look = true, shell = true }

function Session:answer(line)
  local question = self.question
  self.question = nil
  if line:lower():find "^%s*y" then return question.yes() end
  self:say "Nothing was changed."
end

-- A line that is a word of ours: true, and whether it ends the lesson. nil for all others.
function Session:word(line)
  if self.question then return true, self:answer(line) end
  local name, rest = line:match "^%s*(%a+)%s*(.-)%s*$"
  local fn = name and WORDS[name]
  if line:match "^%s*$" then
    if self.hold then WORDS.next(self) end
    return true
  end
  if not fn or (rest ~= "" and not TAKES[name]) then return nil end
  return true, fn(self, rest)
end

-- ---- beginning -----------------------------------------------------------------------------------

-- Does the steps before the n-th in silence. False when that failed; it was said.
function Session:replay(n)
  local ok, raised = pcall(self.r.replay, self.r, n - 1)
  if not ok then
    self.r.emit("error", { text = ("The steps before step %d cannot be done here: %s")
                                  :format(n, tostring(raised)) })
  end
  return ok
end

-- The beginning, or where `from` says. False when that is impossible; it was said.
function Session:begin(from)
  self.r:start()
  if not self.r:prepare() then return false end
  if from > 1 then
    self:say(("Going on at step %d. The steps before it are done for you; `nslab learn %s --again` " ..
              "starts over."):format(from, self.lab.name))
    if not self:replay(from) then return false end
    self.finished = from - 1
  end
  self:drain()
  self:enter(from)
  return true
end

-- In the fresh sandbox that restart() asked for; `text` is what it left.
function Session:resume(text)
  local left = self.host.json_decode(text)
  if not self.r:prepare() or not self:replay(left.step) then return false end
  self.finished, self.r.skipped, self.r.checked = left.finished, left.skipped, left.checked
  self.r.emit("again", { step = left.step, steps = #self.lab.steps })
  self:drain()
  self:enter(left.step)
  if left.shell then WORDS.shell(self, left.shell.netns or "") end
  return true
end

-- ---- the loop ------------------------------------------------------------------------------------

function Session:prompt_text()
  if self.question then return self.question.text .. " " end
  local steps, place = #self.lab.steps, self.typing.netns and " " .. self.typing.netns or ""
  if self.step > steps then return ("%s%s> "):format(self.lab.name, place) end
  return ("%s %d/%d%s> "):format(self.lab.name, self.step, steps, place)
end

function Session:prompt()
  if not self.question then self:line_done() end
  self:pause()
  return self:prompt_text()
end

-- A word of the lesson, or what the REPL takes: Lua, pasted commands, words with a colon.
function Session:line(text)
  local taken, leave = self:word(text)
  if leave then return true, "quit" end
  if taken then return true end
  if not self.slow then self.changed = true end
  return self.typing:line(text)
end

-- What host.repl asks for.
function Session:callbacks()
  self.typing = require("nslab.repl.session").new { explain = self.explained }
  return self.typing:options {
    prompt = function() return self:prompt() end,
    line = function(text) return self:line(text) end,
    wake = self.wake,
  }
end

function Session:close()
  if self.typing then self.typing:close() end
  self.watcher:close()
  self.timer:close()
  if self.mailbox then self.mailbox:close() end
  self.r:close()
end

-- The end event; the exit status.
function Session:finish()
  local whole = self.step > #self.lab.steps
  self:close()
  self.r.emit("end", {
    steps = self.finished, checks = self.r.checked, failed = 0,
    skipped = self.r.skipped > 0 and self.r.skipped or nil,
    stopped = not whole and self.step or nil,
  })
  return whole and 0 or 1
end

M.WORDS = WORDS

return M
