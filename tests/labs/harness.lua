-- harness: what every packaged lab is put through. A lab is run by the program itself, as a user
-- runs it; a variant of it is its text with something left out, broken or done differently, and is
-- run the same way. The checks are judged by what they answer for each variant.
--
-- A spec loads it into its own environment, where describe and it are:
-- assert(loadfile(here .. "harness.lua", "t", _ENV))().lab("red-blue", { spoil = ..., otherwise = ... })

local harness = require "harness"
local host = require "nslab.host"
local lab = require "nslab.lab"

local M = {}

-- ---- running ------------------------------------------------------------------------------------------

-- A directory for the variants of the labs; gone after the spec.
local scratch = harness.must("d=$(mktemp -d) && chmod 755 $d && echo $d"):gsub("\n$", "")

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  file:close()
end

-- The events of a run with --json.
function M.events(stdout)
  local events = {}
  for line in stdout:gmatch("([^\n]*)\n") do
    local e, trouble = host.json_decode(line)
    assert(e, ("%s: %s"):format(trouble, line))
    events[#events + 1] = e
  end
  return events
end

-- Runs a lab's text as a file of that name; the events, the exit status and what went to stderr.
function M.play(name, text)
  local path = ("%s/%s.lua"):format(scratch, name)
  write(path, text)
  local got = harness.run { "run", "--json", path }
  return M.events(got.stdout), got.status, got.stderr
end

-- ---- the machine ---------------------------------------------------------------------------------------

-- What a lab could change of this machine, as it is now. Fields that count by themselves are out.
function M.machine()
  local commands = {
    "ip -j link", "ip -j addr", "ip -j route show table all", "ip -j rule", "ip netns list",
    "cat /proc/self/mountinfo", "cat /proc/sys/net/ipv4/ip_forward", "hostname",
    "cat /etc/hosts /etc/resolv.conf", "ls /run /run/netns 2>&1", "nft list ruleset 2>&1",
  }
  local out = {}
  for i, command in ipairs(commands) do
    out[i] = command .. "\n" .. harness.sh(command):gsub('("%w+_life_time":)%d+', "%1")
  end
  return table.concat(out, "\n")
end

-- Processes of the program that have this word on their command line.
function M.running(word)
  local files = " /proc/[0-9]*/cmdline 2>/dev/null"
  local pids = harness.sh("grep -lF " .. harness.quote(word) .. files)
  local out = {}
  for pid in pids:gmatch("/proc/(%d+)/") do
    local file = io.open("/proc/" .. pid .. "/cmdline")
    local line = file and file:read("a"):gsub("%z", " ") or ""
    if file then file:close() end
    if line:find(harness.nslab, 1, true) == 1 then out[#out + 1] = pid .. " " .. line end
  end
  return table.concat(out, "\n")
end

-- ---- variants ------------------------------------------------------------------------------------------

local Lab = {}
Lab.__index = Lab

-- A packaged lab: its lines, for each step where its operations begin and end, and which steps this
-- machine lacks something for, and what.
local function open(name)
  local source, chunkname = assert(host.lab(name))
  local self = setmetatable({ name = name, lines = {}, steps = {} }, Lab)
  for line in (source .. "\n"):gmatch("(.-)\n") do self.lines[#self.lines + 1] = line end
  self.definition = lab.load(name, source, chunkname)
  for i, step in ipairs(self.definition.steps) do
    local info = debug.getinfo(step.act, "S")
    self.steps[i] = { title = step.title, kind = step.kind, first = info.linedefined,
                      last = info.lastlinedefined }
  end
  self.missing, self.possible = {}, #self.steps
  for _, e in ipairs(M.events(harness.run({ "run", name, "--json" }).stdout)) do
    if e.event == "skip" and e.reason ~= "not run" then
      self.missing[e.step], self.possible = e.reason, self.possible - 1
    end
  end
  return self
end

-- The text with lines from..to put in place of themselves by `with`; lines keep their numbers. The
-- lab ends behind the step: what comes after one that went wrong only takes time.
function Lab:text(from, to, with, step)
  local lines = table.move(self.lines, 1, #self.lines, 1, {})
  for i = from, to do lines[i] = "" end
  lines[from] = with
  local at = self.steps[step + 1] and self.steps[step + 1].first
  if at then lines[at] = lines[at]:gsub("function%(%)", '%0 do error("far enough", 0) end', 1) end
  return table.concat(lines, "\n")
end

local function execute(script)
  return ('assert(netns.host:exec{ "sh", "-e", "-c", [==[%s]==], check = true }) '):format(script)
end

-- The lab with the shell script run at the end of the step's operations.
function Lab:spoilt(step, script)
  local last = self.steps[step].last
  local line = self.lines[last]:gsub("end", function() return execute(script) .. "end" end, 1)
  return self:text(last, last, line, step)
end

-- The text with a shell script in place of the operations of these steps: { [step] = script }.
function Lab:otherwise(scripts)
  local lines = table.move(self.lines, 1, #self.lines, 1, {})
  for step, script in pairs(scripts) do
    local at = self.steps[step]
    for i = at.first + 1, at.last - 1 do lines[i] = "" end
    lines[at.first + 1] = execute(script)
  end
  return table.concat(lines, "\n")
end

-- What only looks leaves nothing behind, so leaving it out is no mistake.
local function only_looks(text, looks)
  for _, word in ipairs(looks) do
    if text:find(word, 1, true) then return true end
  end
  return text:find("^%s*[%w_.]+[.:]list%f[^%w_]") or text:find("^%s*print")
end

-- Every statement of the step's operations that changes something: { from, to, text }. A statement
-- is the fewest lines without which the text is still Lua.
function Lab:statements(step, looks)
  local at, found = self.steps[step], {}
  local i = at.first + 1
  while i < at.last do
    local to = i
    while to < at.last and not (self.lines[i]:find("%S") and load(self:text(i, to, "", step))) do
      to = to + 1
    end
    if to == at.last then
      i = i + 1
    else
      local text = table.concat(self.lines, "\n", i, to)
      if not only_looks(text, looks) then found[#found + 1] = { from = i, to = to, text = text } end
      i = to + 1
    end
  end
  return found
end

-- ---- judging -------------------------------------------------------------------------------------------

-- The checks of a step that failed, as { [sentence] = reason or true }, and how many there were.
local function red_checks(events, step)
  local red, n = {}, 0
  for _, e in ipairs(events) do
    if e.event == "check" and e.step == step then
      n = n + 1
      if not e.ok then red[e.text] = e.reason or true end
    end
  end
  return red, n
end

-- Whatever went wrong in a run, as text, for the message of an assertion.
local function complaints(events, stderr, fine)
  local out = { stderr }
  for _, e in ipairs(events) do
    if not (fine and fine(e)) and (e.event == "error" or e.event == "skip" or e.ok == false) then
      local what = e.text or e.title
      out[#out + 1] = ("%s in step %s: %s %s"):format(e.event, e.step, what, e.reason or "")
    end
  end
  return table.concat(out, "\n")
end

-- A lab may show an error and go on, and leave out what the machine lacks something for.
function Lab:all_green(events, status, stderr)
  local function fine(e)
    return status == 0 and e.event == "error" or e.event == "skip" and self.missing[e.step]
  end
  assert.equal("", complaints(events, stderr, fine))
  assert.equal(0, status)
end

-- ---- what a spec says ------------------------------------------------------------------------------------

local function describe_whole(self)
  it("holds in every check, and leaves the machine as it was", function()
    local before = M.machine()
    local events, status, stderr = M.play(self.name, table.concat(self.lines, "\n"))
    self:all_green(events, status, stderr)
    assert.equal(before, M.machine())
    assert.equal("", M.running(scratch))
  end)

  it("tells a program all of it, one object a line", function()
    local events = M.events(harness.run({ "run", self.name, "--json" }).stdout)
    local steps, checks, titles = {}, 0, {}
    for i, e in ipairs(events) do
      assert.same({ 1, self.name, "number" }, { e.v, e.lab, type(e.time_ms) })
      assert.is_true(i == 1 or e.time_ms >= events[i - 1].time_ms)
      if e.event == "step" then
        steps[#steps + 1], titles[#titles + 1] = e.step, e.title
      elseif e.event == "check" then
        checks = checks + 1
        assert.equal(steps[#steps], e.step)
      end
    end
    local wanted = {}
    for i, step in ipairs(self.steps) do
      if not self.missing[i] then wanted[#wanted + 1] = step.title end
    end
    assert.same(wanted, titles)
    assert.equal("start", events[1].event)
    assert.equal(#self.steps, events[1].steps)
    local last = events[#events]
    assert.same({ "end", self.possible, checks, 0 }, { last.event, last.steps, last.checks, last.failed })
  end)

  it("says the same to a person", function()
    local got = harness.run { "run", self.name, env = "LC_ALL=C.UTF-8 COLUMNS=80" }
    assert.same({ 0, "" }, { got.status, got.stderr })
    local n, ticks = 0, 0
    for i, step in ipairs(self.definition.steps) do
      assert.truthy(got.stdout:find(step.title, 1, true), step.title)
      if not self.missing[i] then n = n + #step.checks end
    end
    for _ in got.stdout:gmatch("\n  ✓ ") do ticks = ticks + 1 end
    assert.equal(n, ticks)
    if self.possible == #self.steps then
      assert.truthy(got.stdout:find(("\n%d steps, %d checks, all held.\n$"):format(#self.steps, n)))
    end
    assert.is_nil(got.stdout:find("\27", 1, true))
  end)
end

local function describe_left_out(self, looks, seen)
  for i, step in ipairs(self.steps) do
    for _, statement in ipairs(step.kind == "run" and self:statements(i, looks) or {}) do
      it(("%d. %s: goes red without %s"):format(i, step.title, statement.text:gsub("%s+", " ")), function()
        if self.missing[i] then pending(self.missing[i]) end
        local events, status, stderr = M.play(self.name, self:text(statement.from, statement.to, "", i))
        local red = red_checks(events, i)
        assert.truthy(next(red), complaints(events, stderr))
        assert.equal(1, status)
        for text in pairs(red) do seen[i][text] = true end
      end)
    end
  end
end

local function describe_spoilt(self, plan, seen)
  for i, cases in pairs(plan) do
    for _, case in ipairs(cases) do
      it(("%d. %s: goes red when %s"):format(i, self.steps[i].title, case[1]), function()
        if self.missing[i] then pending(self.missing[i]) end
        local events, status, stderr = M.play(self.name, self:spoilt(i, case.sh))
        local red = red_checks(events, i)
        assert.truthy(red[case.red], complaints(events, stderr))
        if case.because then assert.equal(case.because, red[case.red]) end
        assert.equal(1, status)
        for text in pairs(red) do seen[i][text] = true end
      end)
    end
  end
end

local function describe_otherwise(self, ways)
  for _, way in ipairs(ways) do
    it("stays green " .. way[1], function()
      self:all_green(M.play(self.name, self:otherwise(way.steps)))
    end)
  end
end

-- A check that none of the variants turned red may be one that cannot fail.
local function describe_seen(self, seen)
  it("has no check that was never seen to fail", function()
    local never = {}
    for i, step in ipairs(self.definition.steps) do
      for _, check in ipairs(step.checks) do
        if not seen[i][check.text] and not self.missing[i] then
          never[#never + 1] = i .. ". " .. check.text
        end
      end
    end
    assert.same({}, never)
  end)
end

-- Puts the packaged lab of that name through all of it.
--   plan.looks      { TEXT } in the statements that only look, besides list and print
--   plan.spoil      { [step] = { { "what is wrong then", sh = SCRIPT, red = CHECK, because = REASON } } }
--   plan.otherwise  { { "how it is done", steps = { [step] = SCRIPT } } }
--   plan.also       function with more tests of the same lab
-- SCRIPT is for sh, run in the lab's host after (or instead of) the step's operations.
function M.lab(name, plan)
  local lacking = harness.lacking(name)
  if lacking then
    describe("the lab " .. name, function()
      it("needs another kernel", function() pending(lacking) end)
    end)
    return
  end
  local self = open(name)
  local seen = {}
  for i in ipairs(self.steps) do seen[i] = {} end
  describe("the lab " .. name, function()
    teardown(function() harness.must("rm -r " .. scratch) end)
    describe_whole(self)
    describe_otherwise(self, plan.otherwise or {})
    if not harness.again then
      describe_left_out(self, plan.looks or {}, seen)
      describe_spoilt(self, plan.spoil or {}, seen)
      describe_seen(self, seen)
    end
    if plan.also then plan.also() end
  end)
end

return M
