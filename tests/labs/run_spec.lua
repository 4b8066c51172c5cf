-- nslab run and nslab labs as commands: what reaches standard output, how wide and how coloured,
-- and with which exit status they end. The labs here are small ones of the test.

local harness = require "harness"
local host = require "nslab.host"

local LAB = [[
lab { title = "Small", summary = "A small lab.", minutes = 1 }
local red = netns "red"
step {
  title = "A room",
  text = "There is a namespace to be made, and this sentence is here to be long enough for a line to break.",
  run = function() netns.add "red" end,
  check = { { "red is there", function() return red.link.get "lo" end } },
}
step {
  title = "Look into it",
  look = function() print "looking"; red.link.list() end,
  claim = { { "lo is down", function() return not red.link.get("lo").up, "it is up" end } },
}
]]

local function events_of(stdout)
  local events = {}
  for line in stdout:gmatch "([^\n]*)\n" do
    events[#events + 1] = assert(host.json_decode(line), line)
  end
  return events
end

-- Runs a lab's text: run_text(text, { "--json" }, { env = ... }).
local function run_text(text, options, how)
  local dir = harness.must("d=$(mktemp -d) && chmod 755 $d && echo $d"):gsub("\n$", "")
  local path = dir .. "/small.lua"
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  local words = { "run" }
  for key, value in pairs(how or {}) do words[key] = value end
  for _, option in ipairs(options or {}) do words[#words + 1] = option end
  words[#words + 1] = path
  local got = harness.run(words)
  harness.must("rm -r " .. dir)
  return got
end

local UTF8 = "LC_ALL=C.UTF-8"

describe("nslab run", function()
  it("shows the whole lab and ends with 0", function()
    local got = run_text(LAB, nil, { env = UTF8 })
    local inside = got.stdout:match "\n    looking\n.-\n(    1: lo: .-)\n\n"
    assert.truthy(inside, got.stdout)
    assert.equal([[
Small
2 steps, about 1 minute

A small lab.

Step 1 of 2: A room

  There is a namespace to be made, and this sentence is here to be long enough
  for a line to break.

  $ ip netns add red

  ✓ red is there

Step 2 of 2: Look into it

    looking
  $ ip -n red link
]] .. inside .. [[


  ✓ lo is down

2 steps, 2 checks, all held.
]], got.stdout)
    assert.same({ "", 0 }, { got.stderr, got.status })
  end)

  it("prints ASCII where the locale is not UTF-8", function()
    local got = run_text(LAB, nil, { env = "-u LANG -u LC_CTYPE LC_ALL=C" })
    assert.truthy(got.stdout:find("\n  ok: red is there\n", 1, true))
    assert.is_nil(got.stdout:find "[\x80-\xff]")
  end)

  it("ends with 1 when a check does not hold, and says why", function()
    local wrong = LAB:gsub("look = function%(%)", '%0 red.link.set("lo", { up = true })')
    local got = run_text(wrong, nil, { env = UTF8 })
    local ending = "\n  ✗ lo is down\n    it is up\n\n2 steps, 2 checks, 1 failed.\n"
    assert.equal(ending, got.stdout:sub(-#ending))
    assert.equal(1, got.status)
  end)

  it("stops at an error, shows it in its two lines, and ends with 1", function()
    local got = run_text(LAB:gsub('netns.add "red"', 'netns.add "red"; netns.add "red"'), nil, { env = UTF8 })
    assert.equal(1, got.status)
    assert.truthy(got.stdout:find("  $ ip netns add red\n  $ ip netns add red\n    ", 1, true), got.stdout)
    assert.truthy(got.stdout:find("small.lua:6: netns.add red in host: .- %(EEXIST%)%.\n"), got.stdout)
    assert.truthy(got.stdout:find("  ✓ red is there\n\nStep 2: Look into it: not run\n", 1, true))
    assert.truthy(got.stdout:find("\n1 of 2 steps, 1 check. Stopped in step 1.\n$"))
    local _, times = got.stdout:gsub("EEXIST", "")
    assert.equal(1, times)
  end)

  it("ends with 1 for a file that is no lab, and says what is wrong with it", function()
    local CASES = {
      ['lab{ titel = "x" }'] = ":1: lab: unknown key titel; did you mean title?\n",
      ["x ="] = ":1: unexpected symbol near <eof>\n",
      ["netns.add '..'"] = "(EINVAL)",
    }
    for text, sentence in pairs(CASES) do
      local got = run_text(text)
      assert.same({ "", 1 }, { got.stdout, got.status })
      assert.truthy(got.stderr:find(sentence, 1, true), got.stderr)
    end
  end)

  it("ends with 2 for a lab that is not there", function()
    local got = harness.run { "run", "red-bleu" }
    assert.same({ "", 2 }, { got.stdout, got.status })
    assert.truthy(got.stderr:find("red-blue", 1, true), got.stderr)
  end)

  it("takes --json before and after a packaged lab's name", function()
    for _, words in ipairs { { "run", "--json", "red-blue" }, { "run", "red-blue", "--json" } } do
      local got = harness.run(words)
      local events = events_of(got.stdout)
      assert.same({ "start", "end", 0 }, { events[1].event, events[#events].event, got.status })
    end
  end)

  it("gives the words behind a file to the file", function()
    local got = run_text('io.stderr:write(table.concat({ ... }, " "))' .. LAB, nil)
    assert.equal("", got.stderr)
    local file <close> = harness.temporary('io.stderr:write(table.concat({ ... }, " "))' .. LAB, "644")
    got = harness.run { "run", "--json", file.path, "a", "--b", "c" }
    assert.same({ "a --b c", 0 }, { got.stderr, got.status })
  end)
end)

describe("nslab FILE", function()
  it("plays the lab that the file declares", function()
    local file <close> = harness.temporary("#!/usr/bin/env nslab\n" .. LAB, "644")
    local path = file.path .. ".lua"
    harness.must(("cp %s %s"):format(file.path, path))
    local got = harness.run { path }
    os.remove(path)
    assert.truthy(got.stdout:find("\n2 steps, 2 checks, all held.\n$"), got.stdout .. got.stderr)
    assert.equal(0, got.status)
  end)

  it("is only a script when it declares none", function()
    local got = harness.run { "-e", "print(lab ~= nil)" }
    assert.same({ "true\n", "", 0 }, { got.stdout, got.stderr, got.status })
  end)

  it("is warned of a global variable that a lab makes", function()
    local got = harness.run { "-", stdin = LAB .. "oops = 1" }
    assert.equal(0, got.status)
    assert.truthy(got.stderr:find("warning: this makes a global variable of oops", 1, true), got.stderr)
  end)
end)

describe("nslab run --json", function()
  local NOISE = LAB:gsub('netns.add "red"', [[
    netns.add "red"
    print("printed", 1)
    io.write("in ", "pieces")
    io.stdout:write "\n"
    netns.host:exec{ "sh", "-c", "echo to stdout; echo to stderr >&2; printf '\\377'" }]])

  it("prints nothing but one object a line, whatever the script prints", function()
    local got = run_text("print 'at the top'\n" .. NOISE, { "--json" })
    assert.same({ "", 0 }, { got.stderr, got.status })
    local said = {}
    for _, e in ipairs(events_of(got.stdout)) do
      if e.event == "output" then said[#said + 1] = e.text end
    end
    assert.same({ "at the top\n", "printed\t1\n", "in pieces\n",
                  "to stdout\n\u{FFFD}to stderr\n", "looking\n" }, { table.unpack(said, 1, 5) })
  end)

  it("gives an error with all its fields", function()
    local got = run_text(LAB:gsub('netns.add "red"', 'netns.add "red"; netns.add "red"'), { "--json" })
    local errors = {}
    for _, e in ipairs(events_of(got.stdout)) do
      if e.event == "error" then errors[#errors + 1] = e end
    end
    assert.equal(1, #errors)
    local e = errors[1]
    assert.same({ 1, "netns.add", "red", "EEXIST", 17, "small" },
                { e.step, e.op, e.key, e.code, e.errno, e.lab })
  end)

  for signal, status in pairs { INT = 130, TERM = 143, HUP = 129 } do
    it(("says where %s struck, and ends with %d"):format(signal, status), function()
      local HANG = LAB:gsub("look = function%(%)", [[look = function()
        local file = io.open("/proc/self/fd/2", "a") -- what is written to io.stderr becomes an event
        file:write "go\n"
        file:close()
        red:exec{ "sleep", "200" }
      ]])
      local got = run_text(HANG, { "--json" }, { signal = signal })
      local events = events_of(got.stdout)
      local last = events[#events]
      assert.same({ "end", 2, true, 2, 1 },
                  { last.event, last.stopped, last.interrupted, last.steps, last.checks })
      assert.equal(status, got.status)
    end)
  end
end)

describe("--explain", function()
  -- The commands part of the first step.
  local function shown(words)
    local got = run_text(LAB, words, { env = UTF8 })
    assert.same({ "", 0 }, { got.stderr, got.status })
    return got.stdout:match "line to break%.\n\n(.-)\n  ✓ red is there" or
           got.stdout:match "line to break%.(.-)\n  ✓ red is there"
  end

  it("shows a lab's operations as ip unless it is asked for others", function()
    assert.equal("  $ ip netns add red\n", shown())
    assert.equal("  $ ip netns add red\n", shown { "--explain=ip" })
    assert.equal("\n", shown { "--explain", "none" })
  end)

  it("shows messages, and with --json each as a field", function()
    local UP = LAB:gsub('netns.add "red"', 'netns.add("red").link.set("lo", { mtu = 1400 })')
    local got = run_text(UP, { "--explain=ip,netlink" }, { env = UTF8 })
    assert.truthy(got.stdout:find("\n  $ ip -n red link set lo mtu 1400\n    request\n    0000  30 00 00 00", 1, true),
                  got.stdout)
    assert.truthy(got.stdout:find("\n    0028  08 00 04 00 78 05 00 00  IFLA_MTU 1400\n    answer\n", 1, true))
    local commands = {}
    for _, e in ipairs(events_of(run_text(UP, { "--explain=netlink", "--json" }).stdout)) do
      if e.event == "command" and e.step == 1 then commands[#commands + 1] = e end
    end
    assert.equal(1, #commands)
    assert.same({ "link", "set", "red", "lo" },
                { commands[1].module, commands[1].verb, commands[1].netns, commands[1].key })
    assert.is_nil(commands[1].text)
    assert.truthy(commands[1].netlink:find("\n0028  08 00 04 00 78 05 00 00  IFLA_MTU 1400\n", 1, true))
  end)

  it("shows what a script does, on standard error, when it is asked to", function()
    local CODE = "netns.add 'red' print(1)"
    for _, words in ipairs { { "--explain=ip", "-e", CODE }, { "--explain=ip", "-", stdin = CODE },
                             { "repl", "--explain=ip", stdin = "netns.add 'red'; print(1)" } } do
      local got = harness.run(words)
      assert.same({ "1\n", "$ ip netns add red\n", 0 }, { got.stdout, got.stderr, got.status })
    end
    local got = harness.run { "-e", CODE }
    assert.same({ "1\n", "", 0 }, { got.stdout, got.stderr, got.status })
  end)

  it("shows what a learner does, in Lua", function()
    local got = harness.run { "learn", "--explain=ip", "red-blue", env = "XDG_STATE_HOME=/proc/nowhere",
                              stdin = "netns.add 'red'\nquit\n" }
    assert.truthy(got.stderr:find("$ ip netns add red\n", 1, true), got.stderr)
  end)

  it("shows the Lua that is the same", function()
    assert.equal("  $ ip netns add red\n  > netns.add \"red\"\n", shown { "--explain=lua,ip" })
    local got = harness.run { "--explain=lua", "-e", "sh 'ip link add v0 type veth peer name v1'" }
    assert.equal('> link.add("v0", { veth = { peer = "v1" } })\n', got.stderr)
  end)

  it("names the nearest to a word that it does not know", function()
    for _, words in ipairs { { "run", "--explain=netlnk", "red-blue" }, { "run", "red-blue", "--explain=ip,netlnk" },
                             { "--explain=netlnk", "-e", "" }, { "repl", "--explain=netlnk" } } do
      local got = harness.run(words)
      assert.same({ "", 2 }, { got.stdout, got.status })
      assert.truthy(got.stderr:find('--explain: there is no "netlnk". Did you mean netlink?', 1, true), got.stderr)
    end
    local got = harness.run { "run", "--explain=qqqqqq", "red-blue" }
    assert.truthy(got.stderr:find("the words are ip, lua, netlink, none.", 1, true), got.stderr)
  end)
end)

describe("--timeout", function()
  local SLOW = LAB:gsub("look = function%(%)", 'look = function() netns.host:exec { "sleep", "6161" }')
  local WAITS = LAB:gsub("look = function%(%)", 'look = function() ')
                   :gsub("function%(%) return not red.link.get%(\"lo\"%).up, \"it is up\" end", [[function()
                     return require "nslab.expect".soon(function() return nil, "lo is still down" end, 20000)
                   end]])

  for _, option in ipairs { "--timeout=3", "--step-timeout=1.5" } do
    it("says which command it waited for, and leaves nothing: " .. option, function()
      local from = host.time_ms()
      local got = run_text(SLOW, { option }, { env = UTF8 })
      assert.truthy(host.time_ms() - from < 60000)
      assert.same({ "", 1 }, { got.stderr, got.status })
      assert.truthy(got.stdout:find "\n  $ sleep 6161\n    step 2, sleep 6161: waited [0-3]%.%d s; %-%-[step-]*timeout=[%d.]+ is over%.\n",
                    got.stdout)
      assert.truthy(got.stdout:find(option, 1, true))
      assert.truthy(got.stdout:find "\n2 steps, 1 check%. Timed out in step 2%.\n$", got.stdout)
      harness.must "! pgrep -x -f 'sleep 6161'"
    end)
  end

  it("says which check waited, and for what", function()
    local got = run_text(WAITS, { "--step-timeout=2", "--json" })
    local events = events_of(got.stdout)
    local last, trouble, wait = events[#events]
    for _, e in ipairs(events) do
      if e.event == "error" then trouble = e end
      if e.event == "wait" then wait = e end
    end
    assert.same({ 1, "end", true, 2 }, { got.status, last.event, last.timed_out, last.stopped })
    assert.truthy(trouble.text:find '^step 2, check "lo is down": waited [0-2]%.%d s %(lo is still down%); ', trouble.text)
    assert.same({ "ETIMEDOUT", 2 }, { trouble.code, trouble.step })
    assert.same({ 2, "lo is down", "lo is still down" }, { wait.step, wait.text, wait.reason })
    assert.truthy(wait.waited_ms >= 300)
  end)

  it("is no matter for what is done in time", function()
    for _, option in ipairs { "--timeout=20", "--step-timeout=10" } do
      assert.equal(0, run_text(LAB, { option }).status)
    end
  end)

  it("ends a script, also one that does not listen", function()
    for _, code in ipairs { "netns.host:exec { 'sleep', '6161' }", "while true do end",
                            "while true do pcall(function() while true do end end) end" } do
      local got = harness.run { "--timeout=0.3", "-e", code }
      assert.same({ 1, "", "nslab: -e took longer than 0.3 s (--timeout).\n" }, { got.status, got.stdout, got.stderr })
    end
    harness.must "! pgrep -x -f 'sleep 6161'"
  end)

  it("takes seconds", function()
    for _, text in ipairs { "", "x", "0", "-1", "1e99", "nan", "5s" } do
      local got = harness.run { "--timeout=" .. text, "-e", "" }
      assert.same({ 2, ("nslab: --timeout: \"%s\" is no number of seconds.\n"):format(text) },
                  { got.status, got.stderr:match "^[^\n]*\n" })
    end
  end)

  it("shows a check that waits, in a line that is gone afterwards", function()
    local file <close> = harness.temporary((WAITS:gsub("20000", "700")), "644")
    for term, shown in pairs { xterm = "\r  waiting 0 s: lo is down: lo is still down\27[K",
                               dumb = "\r\n  waiting 0 s: lo is down: lo is still down\r\n" } do
      local t <close> = harness.terminal { "run", file.path, before = { "env", "NO_COLOR=1", "TERM=" .. term, UTF8 } }
      t:expect(shown)
      t:expect(term == "xterm" and "\r\27[K\r\n  ✗ lo is down" or "  ✗ lo is down")
      assert.equal(1, select(2, t:rest()))
    end
  end)
end)

describe("on a terminal, nslab run", function()
  -- util-linux's script gives the command a terminal.
  local function on_terminal(env, columns)
    local file <close> = harness.temporary(LAB, "644")
    local command = ("stty cols %d; env %s %s run %s/small.lua"):format(columns, env,
                    harness.quote(harness.nslab), file.path .. ".d")
    harness.must(("mkdir %s.d && cp %s %s.d/small.lua && chmod -R a+rX %s.d")
                 :format(file.path, file.path, file.path, file.path))
    local text = harness.must("script -qec " .. harness.quote(command) .. " /dev/null </dev/null")
    harness.must(("rm -r %s.d"):format(file.path))
    return (text:gsub("\r\n", "\n"))
  end

  it("has colour, and is as wide as the terminal", function()
    local text = on_terminal("-u NO_COLOR TERM=xterm " .. UTF8, 50)
    assert.truthy(text:find("\27[1mSmall\27[0m\n", 1, true), text)
    assert.truthy(text:find("  \27[32m✓\27[0m red is there\n", 1, true))
    assert.truthy(text:find("\n  There is a namespace to be made, and this\n  sentence is here", 1, true))
  end)

  it("has none with NO_COLOR, and none on a dumb one", function()
    for _, env in ipairs { "TERM=xterm NO_COLOR=1", "TERM=dumb" } do
      local text = on_terminal(UTF8 .. " " .. env, 80)
      assert.is_nil(text:find("\27", 1, true))
      assert.truthy(text:find("\n  ✓ red is there\n", 1, true))
    end
  end)
end)

describe("nslab labs", function()
  it("lists every packaged lab with its title and time", function()
    local got = harness.run { "labs" }
    assert.same({ "", 0 }, { got.stderr, got.status })
    local lines = {}
    for line in got.stdout:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.equal(#host.labs() + 1, #lines)
    for i, name in ipairs(host.labs()) do
      assert.equal(name, lines[i + 1]:match "^%S+")
      assert.equal(lines[1]:find "TITLE", lines[i + 1]:find("%u", #name))
    end
  end)

  it("lists them for programs, too", function()
    local got = harness.run { "labs", "--json" }
    assert.same({ "", 0 }, { got.stderr, got.status })
    local names = {}
    for _, l in ipairs(events_of(got.stdout)) do
      names[#names + 1] = l.name
      assert.same({ "string", "number", "string", 1 },
                  { type(l.title), type(l.minutes), type(l.summary), l.v })
    end
    assert.same(host.labs(), names)
  end)

  it("acts on nothing: a lab's own code is not run", function()
    local dir = harness.must("d=$(mktemp -d) && chmod 755 $d && mkdir $d/labs && echo $d"):gsub("\n$", "")
    local file = assert(io.open(dir .. "/labs/rude.lua", "w"))
    file:write('lab{ title = "Rude" }\nnetns.add "rude"\nio.stderr:write "rude"\n')
    file:close()
    local got = harness.run { "labs", env = "NSLAB_PATH=" .. dir }
    harness.must("rm -r " .. dir)
    assert.same({ "", 0 }, { got.stderr, got.status })
    assert.truthy(got.stdout:find("\nrude +Rude\n", 1) or got.stdout:find("\nrude%s+Rude"), got.stdout)
  end)
end)
