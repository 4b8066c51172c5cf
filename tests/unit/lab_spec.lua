-- What an author may write, and which events a run makes of it. The kernel is a fake here: an
-- operation is a call of `operate`, which tells the observer as the core does.

local capture = require "nslab.capture"
-- luacheck: no max line length
local event = require "nslab.event"
local host = require "nslab.host"
local labs = require "nslab.labs"
local lab = require "nslab.lab"
local lan = require "nslab.lan"
local render = require "nslab.render"
local runner = require "nslab.runner"

-- ---- fakes ------------------------------------------------------------------------------------------

local observer, clock, signal

local function observe(fn)
  local before = observer
  observer = fn
  return before
end

-- An operation as the core makes one: tells the observer, then raises or returns.
local function operate(op)
  if observer then observer(op) end
  if op.error and op.verb ~= "get" then error(op.error, 0) end
  return op.result
end

local function failure(fields)
  return setmetatable(fields, { __tostring = function(e) return e.shown end })
end

-- Words of a fake operation: those without any are like a get that shows nothing.
local function command(op) return op.words end

local function parts()
  return {
    observe = observe, command = command, interrupted = function() return signal end,
    clock = function() clock = clock + 1; return clock end,
    lacking = function(names)
      local out = {}
      for _, name in ipairs(names) do
        if name ~= "veth" then
          out[#out + 1] = { name = name, text = "no " .. name, costs = "much", remedy = "a " .. name }
        end
      end
      return out
    end,
    connect = function(asked) return operate { verb = "add", words = "ip link", key = asked.eth0 } end,
  }
end

-- Loads a lab from text. `names` has what the text may use besides the usual globals.
local function load_lab(text, names)
  names = names or {}
  names.operate = operate
  return lab.load("small", text, "@small.lua", nil, names)
end

-- Plays a definition; returns the events and the exit status.
local function play(definition)
  local events = {}
  local status = runner.new(definition, function(e) events[#events + 1] = e end, parts()):run()
  return events, status
end

-- "event step text" of each event, for comparing whole runs at a glance.
local function brief(events)
  local out = {}
  for i, e in ipairs(events) do
    local mark = e.ok == true and "+" or e.ok == false and "-" or ""
    local words = { e.event .. mark, e.step, e.text or e.title, e.reason }
    local line = {}
    for n = 1, 4 do if words[n] ~= nil then line[#line + 1] = tostring(words[n]) end end
    out[i] = table.concat(line, " ")
  end
  return out
end

before_each(function()
  observer, clock, signal = nil, 0, 0
  capture.install()
end)
after_each(capture.remove)

-- ---- what an author may write ------------------------------------------------------------------------

describe("a lab's file", function()
  local HEAD = 'lab{ title = "T" }\n'
  local REFUSED = {
    { 'lab{}', "small.lua:1: lab: title is missing." },
    { 'lab(3)', "small.lua:1: lab: a table is expected, not number." },
    { 'lab{ titel = "T" }', "small.lua:1: lab: unknown key titel; did you mean title?" },
    { 'lab{ title = "T", zzzzzzzz = 1 }',
      "small.lua:1: lab: unknown key zzzzzzzz; the keys are title, summary, minutes, host, needs." },
    { 'lab{ title = "T", "x" }',
      "small.lua:1: lab: unknown key 1; the keys are title, summary, minutes, host, needs." },
    { 'lab{ title = "T", minutes = "3" }', "small.lua:1: lab: minutes must be a number, not a string." },
    { 'lab{ title = "T", minutes = 0 }', "small.lua:1: lab: minutes must be more than 0." },
    { 'lab{ title = "" }', "small.lua:1: lab: title is empty." },
    { 'lab{ title = "T", host = { eth1 = "x" } }',
      "small.lua:1: lab: host: unknown key eth1; did you mean eth0?" },
    { 'lab{ title = "T", host = { eth0 = "192.168.1.2" } }',
      "small.lua:1: lab: host: eth0: 192.168.1.2 is no address with a prefix, like 192.168.1.2/24." },
    { 'lab{ title = "T", host = { eth0 = "10.0.0.2/8", lan = { "10.0.0.3/8" } } }',
      "small.lua:1: lab: host: lan: name is missing." },
    { 'lab{ title = "T", host = { eth0 = "10.0.0.2/8", lan = { name = "out", "10.0.0.3" } } }',
      "small.lua:1: lab: host: lan[1]: 10.0.0.3 is no address with a prefix, like 192.168.1.2/24." },
    { HEAD .. HEAD, "small.lua:2: lab: this file has a lab{...} already." },
    { 'step{ title = "S" }', 'small.lua:1: step "S": the file starts with lab{ title = ... }.' },
    { HEAD .. '\nstep{ titel = "S" }', "small.lua:3: step: unknown key titel; did you mean title?" },
    { HEAD .. 'step{ title = "S", chek = {} }',
      'small.lua:2: step "S": unknown key chek; did you mean check?' },
    { HEAD .. 'step{ title = "S", text = print }',
      'small.lua:2: step "S": text must be a string, not a function.' },
    { HEAD .. 'step{ title = "S", check = {} }',
      'small.lua:2: step "S": a step has either run and check, or look and claim.' },
    { HEAD .. 'step{ title = "S", run = print, look = print }',
      'small.lua:2: step "S": a step has either run and check, or look and claim.' },
    { 'lab{ title = "T", needs = "vrf" }', "small.lua:1: lab: needs must be a table, not a string." },
    { 'lab{ title = "T", needs = { "vrff" } }', "small.lua:1: lab: needs: nobody knows vrff; did you mean vrf?" },
    { 'lab{ title = "T", needs = { vrf = true } }', "small.lua:1: lab: needs: unknown key vrf." },
    { HEAD .. 'step{ title = "S", needs = { 7 } }',
      'small.lua:2: step "S": needs: nobody knows 7; `nslab doctor` lists the names.' },
    { HEAD .. 'step{ title = "S", needs = "vrf" }',
      'small.lua:2: step "S": needs must be a table or a function, not a string.' },
    { HEAD .. 'step{ title = "S", run = print }', 'small.lua:2: step "S": run needs check.' },
    { HEAD .. 'step{ title = "S", look = print }', 'small.lua:2: step "S": look needs claim.' },
    { HEAD .. 'step{ title = "S", look = print, check = {} }',
      'small.lua:2: step "S": check goes with run, not with look.' },
    { HEAD .. 'step{ title = "S", run = print, check = {} }',
      'small.lua:2: step "S": check is empty; it lists what must hold.' },
    { HEAD .. 'step{ title = "S", run = print, check = { { "a" } } }',
      'small.lua:2: step "S": check[1]: a check is { "sentence", function() return ok, reason end }.' },
    { HEAD .. 'step{ title = "S", run = print, check = { { "a", print }, { "", print } } }',
      'small.lua:2: step "S": check[2]: a check is { "sentence", function() return ok, reason end }.' },
    { HEAD .. 'step{ title = "S", run = print, check = { { "a", print, 3 } } }',
      'small.lua:2: step "S": check[1]: unknown key 3.' },
    { HEAD .. 'step{ title = "S", run = print, check = { { "a", print, active = 1 } } }',
      'small.lua:2: step "S": check[1]: active must be a boolean.' },
    { HEAD .. 'step{ title = "S", run = print, check = { { "a", print }, x = 1 } }',
      'small.lua:2: step "S": check: unknown key x.' },
    { HEAD, "small: the lab has no step{...}." },
    { 'local x', "small: this is no lab: it calls no lab{...}." },
    { 'local x = = 3', "small.lua:1: unexpected symbol near '='" },
  }
  for _, case in ipairs(REFUSED) do
    it("is refused: " .. case[2], function()
      local ok, raised = pcall(load_lab, case[1])
      assert.is_false(ok)
      assert.equal(case[2], tostring(raised))
    end)
  end

  it("is refused in one line, without what goes on in nslab", function()
    local got = require("harness").run { "-e", HEAD .. " step { title = 'x', rnu = print }" }
    assert.equal(1, got.status)
    assert.match('^nslab: %-e:%d+: step "x": unknown key rnu; did you mean run%?\n$', got.stderr)
  end)

  it("says what was raised although it has no text", function()
    local got = require("harness").run { "-e", HEAD .. [=[
      step { title = "x", run = function() end, check = {
        { "a", function() error {} end }, { "b", function() return nil, print end }, { "c", function() error() end },
      } }]=] }
    assert.match("✗ a\n    no text, but a table\n", got.stdout)
    assert.match("✗ b\n    no text, but a function\n", got.stdout)
    assert.match("✗ c\n    an error without a text\n", got.stdout)
  end)

  it("becomes a definition", function()
    local d = load_lab [=[
lab{ title = "T", summary = [[
  One
  two.]], minutes = 2.5, host = { eth0 = "192.168.1.2/24" } }
step{ title = "S", text = [[
      a
        b]], hint = "h", learned = " l", run = print, check = { { "c", print, active = true } } }
step{ title = "L", look = print, claim = { { "d", print }, { "e", print } } }
]=]
    assert.same({ "small", "T", "One\ntwo.", 2.5, "192.168.1.2/24", 2 },
                { d.name, d.title, d.summary, d.minutes, d.host.eth0, #d.steps })
    local s, l = d.steps[1], d.steps[2]
    assert.same({ "S", "a\n  b", "h", "run", 1, "c" },
                { s.title, s.text, s.hint, s.kind, #s.checks, s.checks[1].text })
    assert.same({ "l", true, nil }, { s.learned, s.checks[1].active, l.checks[1].active })
    assert.same({ "L", "look", 2, "e" }, { l.title, l.kind, #l.checks, l.checks[2].text })
  end)

  it("is warned of globals that it makes, and keeps them to itself", function()
    local said, stderr = {}, io.stderr
    io.stderr = { write = function(_, text) said[#said + 1] = text end } -- luacheck: ignore 122
    load_lab [[
      lab{ title = "T" }
      oops = 1
      step{ title = "S", run = function() return oops end, check = { { "c", print } } }]]
    io.stderr = stderr -- luacheck: ignore 122
    assert.same({ "small.lua:2: warning: this makes a global variable of oops; " ..
                  "`local` was forgotten?\n" }, said)
    assert.is_nil(rawget(_G, "oops"))
  end)

  it("gets the words behind its name as its arguments", function()
    local d = lab.load("small", [[
      local a, b = ...
      lab{ title = a .. b }
      step{ title = "S", run = print, check = { { "c", print } } }]], "@small.lua", { "x", "y" })
    assert.equal("xy", d.title)
  end)
end)

-- ---- how it runs --------------------------------------------------------------------------------------

local TWO_STEPS = [[
lab{ title = "T", summary = "Sum.", minutes = 3 }
step{
  title = "One", text = "Do it.",
  run = function()
    operate { module = "netns", verb = "add", key = "red", netns = "host",
              words = "ip netns add red", result = "red" }
    print("made", 1)
    operate { module = "netns", verb = "list", words = "ip netns list", result = { "blue", "red" } }
  end,
  check = {
    { "red is there", function() return true end },
    { "blue is up", function()
        operate { module = "link", verb = "list", words = "ip link" }
        return false, "it is down"
      end },
  },
}
step{
  title = "Two",
  look = function() operate { module = "link", verb = "get", key = "x" } end,
  claim = { { "there is an x", function() return nil end }, { "raises", function() error "oops" end } },
}
]]

describe("a run", function()
  it("makes one line of JSON of every event", function()
    local lines = {}
    local sink = event.json(function(line) lines[#lines + 1] = line end,
                            function(e) return host.json(e, event.KEYS) end)
    local status = runner.new(load_lab(TWO_STEPS), sink, parts()):run()
    assert.equal(1, status)
    assert.equal([[
{"event":"start","v":1,"lab":"small","time_ms":0,"title":"T","summary":"Sum.","minutes":3,"steps":2}
{"event":"step","v":1,"lab":"small","time_ms":1,"step":1,"title":"One"}
{"event":"text","v":1,"lab":"small","time_ms":2,"step":1,"text":"Do it."}
{"event":"command","v":1,"lab":"small","time_ms":3,"step":1,"text":"ip netns add red","module":"netns","verb":"add","netns":"host","key":"red"}
{"event":"output","v":1,"lab":"small","time_ms":4,"step":1,"text":"made\t1\n","source":"script"}
{"event":"command","v":1,"lab":"small","time_ms":5,"step":1,"text":"ip netns list","module":"netns","verb":"list"}
{"event":"output","v":1,"lab":"small","time_ms":6,"step":1,"text":"blue\nred","source":"command"}
{"event":"check","v":1,"lab":"small","time_ms":7,"step":1,"text":"red is there","ok":true}
{"event":"check","v":1,"lab":"small","time_ms":8,"step":1,"text":"blue is up","ok":false,"reason":"it is down"}
{"event":"step","v":1,"lab":"small","time_ms":9,"step":2,"title":"Two"}
{"event":"check","v":1,"lab":"small","time_ms":10,"step":2,"text":"there is an x","ok":false}
{"event":"check","v":1,"lab":"small","time_ms":11,"step":2,"text":"raises","ok":false,"reason":"small.lua:21: oops"}
{"event":"end","v":1,"lab":"small","time_ms":12,"steps":2,"checks":4,"failed":3}
]], table.concat(lines))
  end)

  it("shows the same events as text", function()
    local out = {}
    local sink = render.text(function(text) out[#out + 1] = text end, { columns = 80, utf8 = true })
    runner.new(load_lab(TWO_STEPS), sink, parts()):run()
    assert.equal([[
T
2 steps, about 3 minutes

Sum.

Step 1 of 2: One

  Do it.

  $ ip netns add red
    made	1
  $ ip netns list
    blue
    red

  ✓ red is there
  ✗ blue is up
    it is down

Step 2 of 2: Two

  ✗ there is an x
  ✗ raises
    small.lua:21: oops

2 steps, 4 checks, 3 failed.
]], table.concat(out))
  end)

  it("ends with 0 when all checks held", function()
    local _, status = play(load_lab [[
      lab{ title = "T" }
      step{ title = "S", run = function() end, check = { { "c", function() return 1 end } } }]])
    assert.equal(0, status)
  end)

  it("shows an error once, runs the checks of its step, and stops there", function()
    local raised = failure { op = "link.add", netns = "host", key = "v", errno = 17,
                             code = "EEXIST", kernel = "exists", hint = "delete it",
                             shown = "x.lua:1: link.add v in host: exists (EEXIST).\n  delete it" }
    local events, status = play(load_lab([[
      lab{ title = "T" }
      step{ title = "A", check = { { "c", function() return true end } }, run = function()
        operate { module = "link", verb = "add", key = "v", words = "ip link add v", error = raised }
        operate { words = "never" }
      end }
      step{ title = "B", run = print, check = { { "d", print } } }
      step{ title = "C", run = print, check = { { "e", print } } }]], { raised = raised }))
    assert.equal(1, status)
    assert.same({ "start T", "step 1 A", "command 1 ip link add v", "error 1 " .. raised.shown,
                  "check+ 1 c", "skip 2 B not run", "skip 3 C not run", "end" }, brief(events))
    local e = events[4]
    assert.same({ "link.add", "host", "v", 17, "EEXIST", "exists", "delete it" },
                { e.op, e.netns, e.key, e.errno, e.code, e.kernel, e.hint })
    local last = events[#events]
    assert.same({ 1, 1, 0, 2, 1 },
                { last.steps, last.checks, last.failed, last.skipped, last.stopped })
  end)

  it("shows an error that the script catches, and goes on", function()
    local events, status = play(load_lab([[
      lab{ title = "T" }
      step{ title = "A", check = { { "c", function() return true end } }, run = function()
        pcall(operate, { verb = "ping", words = "ping x", error = setmetatable({ code = "ENETUNREACH" },
              { __tostring = function() return "unreachable" end }) })
        operate { words = "ip route add" }
      end }]]))
    assert.equal(0, status)
    assert.same({ "start T", "step 1 A", "command 1 ping x", "error 1 unreachable",
                  "command 1 ip route add", "check+ 1 c", "end" }, brief(events))
  end)

  it("shows what raises outside an operation", function()
    local events, status = play(load_lab [[
      lab{ title = "T" }
      step{ title = "A", check = { { "c", function() return true end } },
            run = function() local x; return x.y end }]])
    assert.equal(1, status)
    assert.equal("error", events[3].event)
    assert.truthy(events[3].text:find("small.lua:3: attempt to index a nil value", 1, true))
  end)

  it("makes output of print, io.write and io.stdout:write, line by line", function()
    local events = play(load_lab [[
      local early = print
      lab{ title = "T" }
      step{ title = "A", check = { { "c", function() print "in a check"; return true end } },
            run = function()
        early("early", nil, 3)
        io.write("a", 1)
        io.stdout:write("b\nc"):write("d")
        operate { words = "ip link" }
        io.write("e\n\n")
      end }]])
    assert.same({ "start T", "step 1 A", "output 1 early\tnil\t3\n", "output 1 a1b\n", "output 1 cd",
                  "command 1 ip link", "output 1 e\n\n", "output 1 in a check\n", "check+ 1 c", "end" },
                brief(events))
  end)

  it("prints nothing itself on the way to other files", function()
    local path = os.tmpname()
    play(load_lab([[
      lab{ title = "T" }
      step{ title = "A", check = { { "c", function() return true end } }, run = function()
        local file <close> = io.open(path, "w")
        file:write("in the file")
      end }]], { path = path }))
    local file = assert(io.open(path))
    assert.equal("in the file", file:read("a"))
    file:close()
    os.remove(path)
  end)

  it("says what a program printed and how it ended", function()
    local events = play(load_lab [[
      lab{ title = "T" }
      step{ title = "A", check = { { "c", function() return true end } }, run = function()
        operate { verb = "exec", words = "a", result = { code = 0, stdout = "out\n", stderr = "err\n" } }
        operate { verb = "exec", words = "b", result = { code = 3, stdout = "", stderr = "" } }
        operate { verb = "exec", words = "c", result = { code = 137, signal = "KILL", stdout = "", stderr = "" } }
        operate { verb = "exec", words = "d", result = { code = 0, stdout = "", stderr = "" } }
      end }]])
    assert.same({ "start T", "step 1 A", "command 1 a", "output 1 out\nerr\n", "command 1 b",
                  "output 1 exit status 3\n", "command 1 c", "output 1 ended by SIGKILL\n",
                  "command 1 d", "check+ 1 c", "end" }, brief(events))
  end)

  it("prints a result in its own words, and no result of what only changes something", function()
    local events = play(load_lab([[
      lab{ title = "T" }
      step{ title = "A", check = { { "c", function() return true end } }, run = function()
        operate { verb = "ping", words = "ping", result = speaking }
        operate { verb = "add", words = "add", result = speaking }
      end }]], { speaking = setmetatable({}, { __tostring = function() return "1 sent" end }) }))
    assert.same({ "start T", "step 1 A", "command 1 ping", "output 1 1 sent", "command 1 add",
                  "check+ 1 c", "end" }, brief(events))
  end)

  it("skips a step whose needs the machine has not, and says why", function()
    local events, status = play(load_lab [[
      lab{ title = "T" }
      step{ title = "A", needs = function() return false, "dnsmasq is not installed" end,
            run = function() error "never" end, check = { { "c", function() return true end } } }
      step{ title = "B", needs = function() return true end, run = function() end,
            check = { { "d", function() return true end } } }]])
    assert.equal(0, status)
    assert.same({ "start T", "skip 1 A dnsmasq is not installed", "step 2 B", "check+ 2 d", "end" },
                brief(events))
    assert.same({ 1, 1, 1 }, { events[5].steps, events[5].checks, events[5].skipped })
  end)

  it("skips a step whose kernel lacks something, with what that costs and what helps", function()
    local events, status = play(load_lab [[
      lab{ title = "T" }
      step{ title = "A", needs = { "veth", "netem" }, run = function() error "never" end,
            check = { { "c", function() return true end } } }
      step{ title = "B", needs = { "veth" }, run = function() end, check = { { "d", function() return true end } } }]])
    assert.equal(0, status)
    assert.same({ "start T", "skip 1 A no netem", "step 2 B", "check+ 2 d", "end" }, brief(events))
    assert.same({ "much", "a netem" }, { events[2].costs, events[2].remedy })
  end)

  it("ends with 3 when no step of it can be done", function()
    local events, status = play(load_lab [[
      lab{ title = "T" }
      step{ title = "A", needs = { "netem" }, run = function() end, check = { { "c", function() return true end } } }]])
    assert.equal(3, status)
    assert.is_true(events[#events].impossible)
  end)

  it("says at once what the whole lab lacks, and nothing of it is done", function()
    local events = {}
    local definition = load_lab [[
      lab{ title = "T", needs = { "vrf", "veth", "netem" } }
      step{ title = "A", run = function() error "never" end, check = { { "c", function() return true end } } }]]
    local r = runner.new(definition, function(e) events[#events + 1] = e end, parts())
    assert.equal(3, r:impossible())
    assert.same({ "start T", "lack no vrf", "lack no netem", "end" }, brief(events))
    assert.same({ "vrf", "much", "a vrf" }, { events[2].name, events[2].costs, events[2].remedy })
    assert.same({ 0, 0, 0, true }, { events[4].steps, events[4].checks, events[4].failed, events[4].impossible })
    definition.needs = { "veth" }
    assert.is_nil(r:impossible())
    assert.equal(4, #events)
  end)

  it("starts what runs in the background before the step, and ends it after the last", function()
    local log = {}
    local function server(name)
      log[#log + 1] = "start " .. name
      return setmetatable({}, { __close = function() log[#log + 1] = "close " .. name end })
    end
    local _, status = play(load_lab([[
      lab{ title = "T" }
      local c = { { "c", function() return true end } }
      step{ title = "A", background = function() return server "one" end, check = c,
            run = function() log[#log + 1] = "run A" end }
      step{ title = "B", background = function() return server "two" end, check = c,
            run = function() log[#log + 1] = "run B" end }]], { server = server, log = log }))
    assert.equal(0, status)
    assert.same({ "start one", "run A", "start two", "run B", "close two", "close one" }, log)
  end)

  it("makes the host's eth0 without showing it", function()
    local events = play(load_lab [[
      lab{ title = "T", host = { eth0 = "10.0.0.7/8" } }
      step{ title = "A", run = function() end, check = { { "c", function() return true end } } }]])
    assert.same({ "start T", "step 1 A", "check+ 1 c", "end" }, brief(events))
  end)

  it("says so when the host cannot be made", function()
    local p = parts()
    p.connect = function() error(failure { code = "EPERM", shown = "not permitted" }, 0) end
    local events = {}
    local d = load_lab [[
      lab{ title = "T", host = { eth0 = "10.0.0.7/8" } }
      step{ title = "A", run = function() end, check = { { "c", function() return true end } } }]]
    assert.equal(1, runner.new(d, function(e) events[#events + 1] = e end, p):run())
    assert.same({ "start T", "error not permitted", "skip 1 A not run", "end" }, brief(events))
    assert.equal(0, events[4].stopped)
  end)

  it("ends where a signal came, also when the script caught the error", function()
    local ways = { "error(setmetatable({ code = 'EINTR' }, {}))", "local x = 1" }
    for _, way in ipairs(ways) do
      signal = 0
      local events, status = play(load_lab([[
        lab{ title = "T" }
        local c = { { "c", function() return true end } }
        step{ title = "A", run = function() end, check = c }
        step{ title = "B", run = function() strike() ]] .. way .. [[ end, check = c }
        step{ title = "C", run = function() end, check = c }]],
        { strike = function() signal = 2 end }))
      assert.equal(1, status)
      assert.same({ "start T", "step 1 A", "check+ 1 c", "step 2 B", "skip 3 C not run", "end" },
                  brief(events))
      local last = events[#events]
      assert.same({ 2, true, 2, 1 }, { last.stopped, last.interrupted, last.steps, last.checks })
    end
  end)

  it("ends also when the signal strikes the runner itself", function()
    local d = load_lab [[
      lab{ title = "T" }
      step{ title = "A", run = function() end, check = { { "c", function() return true end } } }
      step{ title = "B", run = function() end, check = { { "c", function() return true end } } }]]
    local events = {}
    local status = runner.new(d, function(e)
      events[#events + 1] = e
      if e.event == "step" and e.step == 2 then
        signal = 15
        error "interrupted"
      end
    end, parts()):run()
    assert.equal(1, status)
    assert.same({ "start T", "step 1 A", "check+ 1 c", "step 2 B", "end" }, brief(events))
    assert.same({ 2, true }, { events[5].stopped, events[5].interrupted })
  end)

  it("leaves observer and output as they were", function()
    local mine = function() end
    observe(mine)
    play(load_lab(TWO_STEPS))
    assert.equal(mine, observer)
    assert.is_nil(capture.to(nil))
  end)
end)

describe("a runner", function()
  local TEXT = [[
    lab{ title = "T" }
    for i = 1, 3 do
      step{ title = "S" .. i, run = function() log[#log + 1] = i; print(i); operate { words = "x" } end,
            check = { { "c" .. i, function() return log[i] == i end } } }
    end]]

  it("can check a step again without doing it", function()
    local log, events = {}, {}
    local r = runner.new(load_lab(TEXT, { log = log }), function(e) events[#events + 1] = e end, parts())
    assert.is_false(r:check(1))
    log[1] = 1
    assert.is_true(r:check(1))
    assert.same({ "check- 1 c1", "check+ 1 c1" }, brief(events))
  end)

  it("replays steps in silence", function()
    local log, events = {}, {}
    local r = runner.new(load_lab(TEXT, { log = log }), function(e) events[#events + 1] = e end, parts())
    r:replay(2)
    assert.same({ 1, 2 }, log)
    assert.same({}, events)
    assert.is_true(r:step(3))
    assert.same({ "step 3 S3", "output 3 3\n", "command 3 x", "check+ 3 c3" }, brief(events))
  end)

  it("raises when a step cannot be replayed", function()
    local d = load_lab [[
      lab{ title = "T" }
      step{ title = "A", run = function() error("no", 0) end, check = { { "c", print } } }]]
    local r = runner.new(d, function() end, parts())
    local ok, raised = pcall(r.replay, r, 1)
    assert.is_false(ok)
    assert.equal("step 1: no", raised)
  end)
end)

describe("a lab's name", function()
  local NAMES = { ["red-blue"] = "red-blue", ["a/b/my.lua"] = "my", ["./x"] = "x", ["-"] = "lab",
                  ["print(1)"] = "lab", ["v1.2.lua"] = "v1.2" }
  for called, name in pairs(NAMES) do
    it(("of %q is %s"):format(called, name), function() assert.equal(name, lab.name_of(called)) end)
  end
end)

-- ---- the rest ----------------------------------------------------------------------------------------

describe("bytes that are no UTF-8", function()
  for given, wanted in pairs { ["a\xffb"] = "a\u{FFFD}b", ["\xc3"] = "\u{FFFD}", ["é\x80é"] = "é\u{FFFD}é",
                               ["\xff\xfe"] = "\u{FFFD}\u{FFFD}", ["plain"] = "plain" } do
    it(("%q reaches JSON as UTF-8"):format(given), function()
      local seen
      event.json(function() end, function(e) seen = e.text; return "" end)({ text = given })
      assert.equal(wanted, seen)
    end)
  end
end)

describe("the LAN behind eth0", function()
  local ROUTERS = {
    { "192.168.1.2/24", "192.168.1.1", 24 }, { "192.168.1.1/24", "192.168.1.2", 24 },
    { "10.200.3.4/8", "10.0.0.1", 8 }, { "172.16.5.130/25", "172.16.5.129", 25 },
    { "10.0.0.2/30", "10.0.0.1", 30 },
  }
  for _, case in ipairs(ROUTERS) do
    it("has its router at " .. case[2] .. " for " .. case[1], function()
      local router, prefix = lan.router(case[1])
      assert.same({ case[2], case[3] }, { router, prefix })
    end)
  end
  for _, address in ipairs { "192.168.1.2", "192.168.1.2/33", "10.0.0.1/31", "fd00::1/64", "1.2.3.256/24" } do
    it("does not take " .. address, function() assert.is_nil((lan.router(address))) end)
  end
end)

describe("the list of labs", function()
  local HEADS = {
    bridge = 'lab{ title = "A switch", minutes = 20, summary = "Four rooms\\n  and a switch." } error "no further"',
    one = 'lab{ title = "One" }',
    broken = 'lab{ titel = "x" }',
  }
  local kept
  local fake = {
    labs = function() return { "bridge", "broken", "one" } end,
    lab = function(name) return HEADS[name], "@labs/" .. name .. ".lua" end,
    state = function() return kept end, json_decode = host.json_decode,
  }
  it("says how far each was learnt", function()
    kept = [[{"v":1,"labs":{"one":{"step":2,"titles":["A","B","C"]},"bridge":{"step":4,"finished":true,"titles":["A"]}}}]]
    local lines = labs.table(labs.all(fake))
    kept = nil
    assert.same({ "NAME    TIME    LEARNT       TITLE     SUMMARY",
                  "bridge  20 min  done         A switch  Four rooms and a switch.",
                  "one             step 2 of 3  One" }, { lines[1], lines[2], lines[4] })
  end)

  it("reads the head of each file and nothing behind it", function()
    assert.same({
      { name = "bridge", title = "A switch", minutes = 20, summary = "Four rooms and a switch." },
      { name = "broken", trouble = "labs/broken.lua:1: lab: unknown key titel; did you mean title?" },
      { name = "one", title = "One" },
    }, labs.all(fake))
  end)

  it("is an aligned table", function()
    assert.same({
      "NAME    TIME    TITLE     SUMMARY",
      "bridge  20 min  A switch  Four rooms and a switch.",
      "broken                    labs/broken.lua:1: lab: unknown key titel; did you mean title?",
      "one             One",
    }, labs.table(labs.all(fake)))
  end)

  it("wraps its last column to the terminal", function()
    assert.same({
      "NAME    TIME    TITLE     SUMMARY",
      "bridge  20 min  A switch  Four rooms and a switch.",
      "broken                    labs/broken.lua:1: lab: unknown",
      "                          key titel; did you mean title?",
      "one             One",
    }, labs.table(labs.all(fake), 58))
  end)
end)
