-- learn_each: nslab learn with the packaged labs: each step done in Lua as the hints say, done wrong and
-- then right with the real tools in a shell of the lab. What is done right and wrong stands in the labs'
-- specs. The labs are dealt out to several spec files, which run at the same time; each loads this into
-- its own environment: assert(loadfile(here .. "learn_each.lua", "t", _ENV))(1, 3)

local part, parts = ...

local harness = require "harness"
local host = require "nslab.host"
local lab = require "nslab.lab"

local here = debug.getinfo(1, "S").source:match "^@(.*/)" or "./"
local learning = assert(loadfile(here .. "learning.lua", "t", _ENV))()

-- The plan that the lab's own spec gives to its harness: spoil, otherwise.
local function plan_of(name)
  local plan
  local function fake() return function() return { lab = function(_, given) plan = given end } end end
  assert(loadfile(here .. name .. "_spec.lua", "t", setmetatable({ loadfile = fake }, { __index = _ENV })))()
  return plan
end

-- The process in the room has another number than in the rehearsal.
local TENANT = [[pid = netns.host:exec{ "sh", "-c", ]] ..
               [["grep -lE '^NSpid:.[0-9]+.1$' /proc/[0-9]*/status | head -n 1 | cut -d / -f 3" }.stdout:match "%d+"]]
local LUA = { namespaces = {
  [5] = { TENANT, [[netns.host:exec{ "mkdir", scratch "desk" }]],
          [[netns.host:exec{ "nsenter", "-t", pid, "-m", "mount", "-t", "tmpfs", "x", scratch "desk" }]],
          [[netns.host:exec{ "nsenter", "-t", pid, "-m", "touch", scratch "desk/note" }]] },
  [6] = { TENANT, [[netns.host:exec{ "kill", "-KILL", pid }]] },
} }

local Lesson = {}
Lesson.__index = Lesson

local function open(name, ...)
  local source, chunkname = host.lab(name)
  local steps = lab.load(name, source, chunkname).steps
  return setmetatable({ name = name, steps = steps, t = learning.lesson(name, { columns = 250, shell = "/bin/sh", words = { ... } }) },
                      Lesson)
end

function Lesson:prompt(i)
  return ("%s %d/%d> "):format(self.name, i, #self.steps)
end

-- Waits for the beginning of a step; returns it, or the next one when this machine has to leave it out.
function Lesson:at(i)
  while self.steps[i] do
    local before = self.t:expect(self.steps[i].title)
    if not before:find(("Step %d: "):format(i), 1, true) then break end
    i = i + 1 -- "Step 9: TITLE: dnsmasq is not installed"
  end
  return i
end

-- The lines of Lua that the third hint shows.
function Lesson:hinted(i)
  self.t:type "hint\nhint\nhint\n"
  self.t:expect "Or in Lua:"
  local lines = {}
  for line in self.t:expect(self:prompt(i)):gmatch "    ([^\r\n]+)\r?\n" do lines[#lines + 1] = line end
  return lines
end

local function in_lua(name)
  local lesson = open(name)
  local t <close> = lesson.t
  local i = lesson:at(1)
  while lesson.steps[i] do
    t:expect(lesson:prompt(i))
    if lesson.steps[i].kind == "look" then
      t:type "\n"
    else
      local lines = LUA[name] and LUA[name][i] or lesson:hinted(i)
      t:type(table.concat(lines, "\n") .. "\n")
    end
    t:expect(("Step %d is done."):format(i))
    i = lesson:at(i + 1)
  end
  t:expect "That was the last step."
  t:type "quit\n"
  assert.equal(0, select(2, t:rest()))
end

-- Nobody looks while it happens: the step would be done halfway.
local UNSEEN = "kill -STOP $1\n{ %s\n} >/dev/null 2>&1\n(set -e\n%s\n) >/dev/null 2>&1\n" ..
               "wrong=$?\nkill -CONT $1\necho wrong: $wrong\n"

-- Does the step and then goes wrong in that way, and back to where the step began. False when it could
-- not go wrong, and the step is done: what is wrong is written for the lab's own way of doing it, which
-- may have other names.
function Lesson:mistake(i, case, right)
  self.t:type(("sh %s $PPID\n"):format(learning.file(UNSEEN:format(right, case.sh))))
  self.t:expect "wrong: "
  if self.t:expect "\n":match "%d+" ~= "0" then return false end
  self.t:type "lesson check\n"
  self.t:expect(case.because)
  self.t:expect "(host) "
  self.t:type "lesson reset\ny\n"
  self.t:expect "Back to where"
  self:at(i)
  self.t:expect "(host) "
  return true
end

-- The first way of going wrong in that step that has a reason. Whether the step is still to be done.
function Lesson:wrong(i, plan)
  local right = self.steps[i].kind == "run" and plan.otherwise[1].steps[i] or "true"
  for _, case in ipairs(plan.spoil[i] or {}) do
    if case.because then return self:mistake(i, case, right) end
  end
  return true
end

local function with_tools(name)
  local plan, lesson = plan_of(name), open(name)
  local t <close> = lesson.t
  t:expect(lesson:prompt(1))
  t:type "shell\n"
  t:expect "(host) "
  local i = 1
  while lesson.steps[i] do
    local open_still = lesson:wrong(i, plan)
    if lesson.steps[i].kind == "look" then
      t:type "lesson next\n"
    elseif open_still then
      t:type(("sh %s >/dev/null 2>&1\n"):format(learning.file(plan.otherwise[1].steps[i])))
    end
    t:expect(("Step %d is done."):format(i))
    i = lesson:at(i + 1)
  end
  t:expect "That was the last step."
  t:type "exit\n"
  t:expect(name .. "> ")
  t:type "quit\n"
  assert.equal(0, select(2, t:rest()))
end

describe("a lesson of the lab", function()
  teardown(learning.remove)
  for i, name in ipairs(host.labs()) do
    if i % parts == part % parts then
      local function with(fn)
        return function()
          if harness.lacking(name) then return pending(harness.lacking(name)) end
          fn(name)
        end
      end
      it(name .. " is done in Lua, as the hints say", with(in_lua))
      if not harness.again then
        it(name .. " is done with the real tools, after a mistake in each step", with(with_tools))
      end
    end
  end
end)
