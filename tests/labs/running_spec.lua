-- Labs that run: found, entered and stopped from other terminals, and gone when their runner is. Every
-- test has a registry of its own.

local harness = require "harness"
local host = require "nslab.host"
local lfs = require "lfs"
local quote = harness.quote

local WAIT_MS = 30000

-- A directory to register labs in, and no other, gone with it. With `open` it stands for the user's
-- /run/user/UID, and what runs elsewhere is seen too.
local function registry(open)
  local dir = harness.must "mktemp -d":gsub("\n", "")
  local env = (open and "-u NSLAB_RUN XDG_RUNTIME_DIR=" or "NSLAB_RUN=") .. dir
  return setmetatable({ path = dir, env = env }, {
    __close = function()
      harness.sh(("NSLAB_RUN=%s %s stop --all >/dev/null 2>&1"):format(dir, quote(harness.nslab)))
      harness.must("rm -rf " .. dir)
    end,
  })
end

local function nslab(at, ...)
  return harness.run { env = at.env, ... }
end

local function ps(at)
  local labs = {}
  for line in nslab(at, "ps", "--json").stdout:gmatch "[^\n]+" do
    labs[#labs + 1] = assert(host.json_decode(line))
  end
  return labs
end

local function entries(at)
  local names = {}
  for name in lfs.dir(at.path .. "/nslab") do
    if name:sub(1, 1) ~= "." then names[#names + 1] = name end
  end
  return names
end

local function eventually(what, is)
  local until_ms = host.time_ms() + WAIT_MS
  repeat
    local got = is()
    if got then return got end
    harness.must "sleep 0.01"
  until host.time_ms() > until_ms
  error("this did not happen: " .. what)
end

-- A lab that waits until it is ended: local p <close> = start(at, "name"); then it runs.
local SLEEPER = [[
local red = netns.add "red"
link.add("v0", { veth = { peer = { name = "v1", netns = red } } })
red:spawn { "sleep", "1000" }:wait()
]]

local function start(at, name)
  local file = at.path .. "/" .. name .. ".lua"
  local out = assert(io.open(file, "w"))
  out:write(SLEEPER)
  out:close()
  local before = #ps(at)
  local p = netns.host:spawn { harness.nslab, file, env = { NSLAB_RUN = at.path }, stderr = "null" }
  eventually("a lab starts", function()
    local labs = ps(at)
    return #labs == before + 1 and #labs[#labs].netns == 1
  end)
  return p
end

describe("nslab ps", function()
  it("says that nothing runs", function()
    local at <close> = registry()
    local got = nslab(at, "ps")
    assert.same({ "No lab of yours runs.\n", "", 0 }, { got.stdout, got.stderr, got.status })
    assert.same({ "", 0 }, { nslab(at, "ps", "--json").stdout, got.status })
  end)

  it("lists several, the second of a name with a number", function()
    local at <close> = registry()
    local _ <close> = start(at, "one")
    local _ <close> = start(at, "one")
    local labs = ps(at)
    assert.same({ "one", "one-2" }, { labs[1].name, labs[2].name })
    assert.same({ "one", { "red" }, false, 0 }, { labs[2].lab, labs[2].netns, labs[2].kept, labs[2].step })
    assert.truthy(math.abs(labs[1].started - os.time()) < 60)
    local lines = {}
    for line in nslab(at, "ps").stdout:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.match("^NAME   LAB  STEP  NAMESPACES  STARTED   PID$", lines[1])
    assert.match("^one    one  %-     red         %d%d:%d%d:%d%d  " .. labs[1].pid .. "$", lines[2])
    assert.match("^one%-2  one  %-     red         %d%d:%d%d:%d%d  " .. labs[2].pid .. "$", lines[3])
  end)

  it("gives a number that has become free to the next", function()
    local at <close> = registry()
    local first = start(at, "one")
    local _ <close> = start(at, "one")
    first:close()
    eventually("the first is gone", function() return #ps(at) == 1 end)
    local _ <close> = start(at, "one")
    assert.same({ "one", "one-2" }, { ps(at)[1].name, ps(at)[2].name })
  end)

  it("knows the step", function()
    local at <close> = registry()
    nslab(at, "run", "--keep", "red-blue")
    local lab = ps(at)[1]
    assert.same({ "red-blue", true, { "blue", "red" } }, { lab.name, lab.kept, lab.netns })
    assert.truthy(lab.steps > 0 and lab.step == lab.steps)
  end)

  it("gives each of many that start and end at once a name of its own, and keeps none", function()
    local at <close> = registry()
    local short <close> = harness.temporary("os.execute 'sleep 0.1'", "0644")
    local name = short.path:match "[^/]*$"
    harness.must(("for i in $(seq 12); do env %s %s %s & [ $((i %% 3)) != 0 ] || { kill -KILL $! 2>/dev/null; }; done; "
                  .. "for i in $(seq 10); do env %s %s ps --json; done >%s/seen; wait; true"):format(
      at.env, quote(harness.nslab), short.path, at.env, quote(harness.nslab), at.path))
    local most = 0
    for line in io.lines(at.path .. "/seen") do
      local number = assert(host.json_decode(line)).name:match("^" .. name .. "%-?(%d*)$")
      most = math.max(most, tonumber(number) or 1)
    end
    assert.truthy(most >= 2 and most <= 12, most)
    eventually("all are gone", function() return #ps(at) == 0 and #entries(at) == 0 end)
  end)

  it("lists a REPL, and input to a shell that is entered is read", function()
    local at <close> = registry()
    local t <close> = harness.terminal { "repl", before = { "env", at.env, "HOME=/proc/nowhere", "TERM=dumb" } }
    eventually("it runs", function() return #ps(at) == 1 end)
    assert.equal("repl", ps(at)[1].name)
    local got = harness.run { env = at.env .. " SHELL=/bin/sh", stdin = "echo $NSLAB_NETNS; exit 3\n", "enter", "repl" }
    assert.same({ "host\n", 3 }, { got.stdout, got.status })
    t:kill(9)
  end)

  it("does not list a lab whose runner was killed, and forgets it", function()
    local at <close> = registry()
    local p = start(at, "one")
    local red = "/proc/" .. ps(at)[1].pid
    harness.must("kill -KILL " .. p.pid)
    p:wait(WAIT_MS)
    assert.same({}, ps(at))
    eventually("its processes are gone", function() return not lfs.attributes(red) end)
    eventually("its entry is gone", function() return #ps(at) == 0 and #entries(at) == 0 end)
  end)

  it("shows a user nobody else's, and root everybody's when asked", function()
    if harness.must "id -u" ~= "0\n" then return pending "two users: only root can be both" end
    local at <close> = registry(true)
    local theirs <close> = harness.temporary("netns.add 'theirs' netns.host:exec { 'sleep', '1000' }", "0644")
    local user = { "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-u",
                   "XDG_RUNTIME_DIR", "-u", "NSLAB_RUN" }
    local words = table.move(user, 1, #user, 1, {})
    -- An ordinary user may not be let into where the program is.
    local program <close> = harness.temporary("", "0755")
    harness.must(("cat %s >%s"):format(quote(harness.nslab), program.path))
    words[#words + 1], words[#words + 2] = program.path, theirs.path
    local _ <close> = netns.host:spawn(words)
    local _ <close> = start(at, "ours")
    local own = theirs.path:match "[^/]*$"
    local function listed(...)
      return nslab(at, "ps", ...).stdout
    end
    eventually("the other's lab runs", function() return listed "--all":find(own, 1, true) end)
    assert.match("\nnobody%s+" .. own .. "%s+" .. own .. "%s+%-%s+theirs%s", listed "--all")
    assert.match("\nroot%s+ours%s+ours%s+%-%s+red%s", listed "--all")
    assert.falsy(listed():find(own, 1, true))
    local line = {}
    for i, word in ipairs(user) do line[i] = word end
    local seen = harness.must(table.concat(line, " ") .. " " .. program.path .. " ps")
    assert.truthy(seen:find(own, 1, true))
    assert.falsy(seen:find("ours", 1, true))
    local _, status = harness.sh(table.concat(line, " ") .. " " .. program.path .. " ps --all 2>/dev/null")
    assert.equal(1, status)
    assert.match("^700 65534", harness.must "stat -c '%a %u' /tmp/nslab-65534")
  end)

  it("leaves a directory alone that others may write to", function()
    local at <close> = registry()
    harness.must(("mkdir %s/nslab && chmod 777 %s/nslab && touch %s/nslab/bait"):format(at.path, at.path, at.path))
    local got = nslab({ env = at.env .. " TMPDIR=/nowhere" }, "ps")
    assert.same({ "", 0 }, { got.stderr, got.status })
    assert.same({ "bait" }, entries(at))
  end)

  it("follows no link out of its directory", function()
    local at <close> = registry()
    harness.must(("mkdir -m 700 %s/real %s/nslab; touch %s/real/x; ln -s %s/real/x %s/nslab/link"):format(
      at.path, at.path, at.path, at.path, at.path))
    assert.same({}, ps(at))
    assert.same({ "link" }, entries(at))
    assert.truthy(lfs.attributes(at.path .. "/real/x"))
  end)
end)

describe("nslab enter", function()
  local at = registry()
  local lab = start(at, "cable")
  teardown(function()
    lab:close()
    getmetatable(at).__close()
  end)

  it("runs a program on the lab's host and in a namespace", function()
    assert.match("^v0@", nslab(at, "enter", "cable", "host", "ip", "-br", "link", "show", "v0").stdout)
    assert.match("^v1@", nslab(at, "enter", "cable", "red", "ip", "-br", "link", "show", "v1").stdout)
    assert.equal("red\n", nslab(at, "enter", "cable", "red", "ip", "netns", "identify").stdout)
  end)

  it("is in the lab's namespaces, all of them", function()
    local pid = ps(at)[1].pid
    for _, kind in ipairs { "mnt", "pid", "uts", "ipc", "net", "user" } do
      local theirs = harness.must(("readlink /proc/%d/ns/%s"):format(pid, kind))
      assert.equal(theirs, nslab(at, "enter", "cable", "host", "readlink", "/proc/self/ns/" .. kind).stdout)
    end
    assert.equal("0\n", nslab(at, "enter", "cable", "host", "id", "-u").stdout)
    assert.equal("host\n", nslab(at, "enter", "cable", "host", "uname", "-n").stdout)
  end)

  it("sees what others add in there, and they see what it adds", function()
    nslab(at, "enter", "cable", "host", "ip", "netns", "add", "green")
    assert.same({ "green", "red" }, ps(at)[1].netns)
    assert.equal(0, nslab(at, "enter", "cable", "green", "true").status)
    nslab(at, "enter", "cable", "host", "ip", "netns", "del", "green")
    assert.same({ "red" }, ps(at)[1].netns)
  end)

  it("passes input, output and the exit status on", function()
    local got = harness.run { env = at.env, stdin = "in\n", "enter", "cable", "red", "sh", "-c",
                              "cat; echo err >&2; exit 7" }
    assert.same({ "in\n", "err\n", 7 }, { got.stdout, got.stderr, got.status })
    assert.equal(143, nslab(at, "enter", "cable", "red", "sh", "-c", "kill -TERM $$").status)
    got = nslab(at, "enter", "cable", "red", "no-such-program")
    assert.same({ "nslab: no-such-program: No such file or directory.\n", 127 }, { got.stderr, got.status })
  end)

  it("names the nearest, and what there is", function()
    assert.equal('nslab: no lab "cabel" of yours runs. Did you mean "cable"?\n',
                 nslab(at, "enter", "cabel").stderr)
    assert.equal('nslab: no lab "xyz" of yours runs; there is cable.\n', nslab(at, "enter", "xyz").stderr)
    local got = nslab(at, "enter", "cable", "rde", "true")
    assert.same({ 'nslab: cable has no namespace "rde". Did you mean "red"? It has host (the lab\'s own ' ..
                  "network), red.\n", 2 }, { got.stderr, got.status })
    assert.equal('nslab: cable has no namespace "true"; it has host (the lab\'s own network), red.\n',
                 nslab(at, "enter", "cable", "true").stderr)
    assert.equal(2, nslab(at, "enter").status)
  end)

  it("opens a shell whose prompt says where one is, and the terminal is its own", function()
    local before = { "env", at.env, "SHELL=/bin/bash", "HOME=/proc/nowhere", "TERM=dumb" }
    local t <close> = harness.terminal { "enter", "cable", "red", before = before }
    t:expect "(cable:red) "
    t:type "ip netns identify; echo $((20 + 1))\n"
    t:expect "red\r\n21\r\n"
    t:type "sleep 1000\n"
    harness.must "sleep 0.2"
    t:type "\3"
    t:expect "(cable:red) "
    t:type "exit 5\n"
    local _, status = t:rest()
    assert.equal(5, status)
  end)

  it("takes the terminal back from a program that took it", function()
    local before = { "env", at.env, "sh", "-c", '"$@"; read line; echo "got $line"', "-" }
    local t <close> = harness.terminal { "enter", "cable", "red", "bash", "-i", "-c", "echo here", before = before }
    t:expect "here"
    t:type "mine\n"
    t:expect "got mine"
  end)

  it("is ended by Ctrl-C as by its own terminal", function()
    local t <close> = harness.terminal { "enter", "cable", "red", "sleep", "1000", before = { "env", at.env } }
    harness.must "sleep 0.3"
    t:type "\3"
    local _, status = t:rest()
    assert.equal(130, status)
  end)

  it("goes with the terminal", function()
    local t <close> = harness.terminal { "enter", "cable", "red", before = { "env", at.env, "SHELL=/bin/sh" } }
    t:expect "(cable:red) "
    t:hang_up()
    eventually("the shell is gone", function()
      return not nslab(at, "enter", "cable", "host", "ps", "-e").stdout:find("sh\n", 1, true)
    end)
  end)

  it("passes a signal on", function()
    local got = harness.run { env = at.env, signal = "TERM", "enter", "cable", "red", "sh", "-c",
                              "trap 'echo term; exit 3' TERM; echo go >&2; while :; do sleep 0.02; done" }
    assert.same({ "term\n", 3 }, { got.stdout, got.status })
  end)

  it("follows a lesson that is begun afresh", function()
    local own <close> = registry()
    local learner = { "env", own.env, "TERM=dumb", "HOME=" .. own.path }
    local lesson <close> = harness.terminal { "learn", "red-blue", before = learner }
    eventually("the lesson runs", function() return #ps(own) == 1 end)
    local init = ps(own)[1].pid
    local t <close> = harness.terminal { "enter", "red-blue", before = { "env", own.env, "SHELL=/bin/sh" } }
    t:expect "(red-blue:host) "
    eventually("the lesson is reset", function()
      lesson:type "reset\nyes\n"
      harness.must "sleep 0.2"
      return ps(own)[1] and ps(own)[1].pid ~= init
    end)
    t:expect "nslab: red-blue was reset; this is the fresh one."
    t:expect "(red-blue:host) "
    t:type "exit 4\n"
    local _, status = t:rest()
    assert.equal(4, status)
  end)

  it("ends with the lab, and says so", function()
    local own <close> = registry()
    local other = start(own, "short")
    local t <close> = harness.terminal { "enter", "short", "red", before = { "env", own.env, "SHELL=/bin/sh" } }
    t:expect "(short:red) "
    other:close()
    local screen, status = t:rest()
    assert.truthy(screen:find("nslab: short has ended.", 1, true), screen)
    assert.equal(137, status)
  end)
end)

describe("nslab stop", function()
  it("ends a lab, and nothing of it is left when it returns", function()
    local at <close> = registry()
    local p <close> = start(at, "one")
    local _ <close> = start(at, "two")
    local pid = ps(at)[1].pid
    local got = nslab(at, "stop", "one")
    assert.same({ "one stopped.\n", "", 0 }, { got.stdout, got.stderr, got.status })
    assert.falsy(lfs.attributes("/proc/" .. pid))
    assert.equal(143, p:wait(WAIT_MS).code)
    assert.same({ "two" }, entries(at))
  end)

  it("ends one that does not listen, by force", function()
    local at <close> = registry()
    local _ <close> = start(at, "deaf")
    harness.must("kill -STOP " .. ps(at)[1].pid)
    local code = "print(require 'nslab.host'.running_stop(require 'nslab.running'.find 'deaf', 200))"
    local got = nslab(at, "--no-sandbox", "-e", code)
    assert.same({ "killed\n", "", 0 }, { got.stdout, got.stderr, got.status })
    assert.same({}, ps(at))
  end)

  it("ends all", function()
    local at <close> = registry()
    local _ <close> = start(at, "one")
    local _ <close> = start(at, "two")
    assert.equal("one stopped.\ntwo stopped.\n", nslab(at, "stop", "--all").stdout)
    assert.same({}, ps(at))
    assert.equal("No lab of yours runs.\n", nslab(at, "stop", "--all").stdout)
  end)

  it("says what it needs, and what does not run", function()
    local at <close> = registry()
    assert.equal(2, nslab(at, "stop").status)
    local got = nslab(at, "stop", "xyz")
    assert.same({ 'nslab: no lab of yours runs; "nslab run --keep xyz" leaves one up.\n', 1 },
                { got.stderr, got.status })
  end)
end)

describe("nslab run --keep", function()
  local LAB = [[
    lab { title = "Kept", summary = "x" }
    step { title = "One", run = function() netns.add "red" end,
           background = function() return netns "host":spawn { "sleep", "1000" } end,
           check = { { "red is there", function() return netns.get "red" end },
                     { "blue is there", function() return netns.get "blue" end } } }
  ]]
  LAB = LAB:gsub('netns "host"', "netns.host")

  local function keep(at, ...)
    local file = at.path .. "/kept.lua"
    local out = assert(io.open(file, "w"))
    out:write(LAB)
    out:close()
    return nslab(at, "run", "--keep", ..., file)
  end

  it("leaves the lab up, with its status, its programs, and how to go on", function()
    local at <close> = registry()
    local got = keep(at, "--json")
    assert.equal(1, got.status) -- there is no blue
    assert.equal("\nkept stays up. nslab enter kept goes into it, nslab stop kept ends it.\n", got.stderr)
    assert.match('"event":"end"[^\n]*"failed":1[^\n]*\n$', got.stdout)
    assert.same({ "kept", { "red" } }, { ps(at)[1].name, ps(at)[1].netns })
    assert.match("sleep", nslab(at, "enter", "kept", "host", "ps", "-e").stdout)
    assert.equal("kept stopped.\n", nslab(at, "stop", "kept").stdout)
  end)

  it("holds it by processes that have left terminal, directory and files", function()
    local at <close> = registry()
    harness.run { env = at.env, prefix = "sh -c 'exec 9</etc/passwd; exec \"$@\"' -", "run", "--keep", "red-blue" }
    local init = ps(at)[1].pid
    local runner = harness.must(("ps -o ppid= -p %d"):format(init)):match "%d+"
    local body = harness.must(("ps -o pid= --ppid %d | head -n 1"):format(init)):match "%d+"
    for _, pid in ipairs { runner, init, body } do
      assert.match("^%s*" .. pid .. "%s+%?%s*$", harness.must("ps -o sid=,tty= -p " .. pid))
      assert.equal("/\n", harness.must("readlink /proc/" .. pid .. "/cwd"))
      for fd = 0, 2 do assert.equal("/dev/null\n", harness.must(("readlink /proc/%s/fd/%d"):format(pid, fd))) end
      assert.falsy(harness.must(("readlink /proc/%s/fd/*"):format(pid)):find("/etc/passwd", 1, true))
    end
  end)

  it("goes when its holder dies", function()
    local at <close> = registry()
    nslab(at, "run", "--keep", "red-blue")
    local init = ps(at)[1].pid
    harness.must("kill -KILL " .. harness.must(("ps -o ppid= -p %d"):format(init)))
    eventually("init is gone", function() return not lfs.attributes("/proc/" .. init) end)
    assert.same({}, ps(at))
  end)

  it("keeps nothing of what could not be read, or was interrupted", function()
    local at <close> = registry()
    local bad <close> = harness.temporary("lab { title = 1 }", "0644")
    assert.equal(1, nslab(at, "run", "--keep", bad.path).status)
    assert.same({}, ps(at))
    local long <close> = harness.temporary("io.stderr:write 'go\\n' netns.host:exec { 'sleep', '60' }", "0644")
    local got = harness.run { env = at.env, signal = "INT", "run", "--keep", long.path }
    assert.same({ 130, {} }, { got.status, ps(at) })
  end)

  -- While the command forks, the sandbox is made, Lua opens, the lab runs, leaves the terminal, and is kept.
  it("keeps nothing when it is interrupted, at whatever moment", function()
    local at <close> = registry()
    local brief <close> = harness.temporary("netns.add 'red'", "0644")
    -- A sanitizer that looks for leaks when the command ends waits forever for itself if a signal comes meanwhile.
    local env = at.env .. (harness.sanitizers and " ASAN_OPTIONS=detect_leaks=0" or "")
    for moment = 1, 60 do -- it leaves the terminal after some 20 ms
      local ms = moment <= 20 and moment * 0.5 or moment - 10
      local prefix = ("timeout -s INT -k 30 --preserve-status %.4f"):format(ms / 1000)
      local got = harness.run { env = env, prefix = prefix, "run", "--keep", brief.path }
      local stays = got.stdout:find("stays up", 1, true) ~= nil -- it was through before the signal came
      assert.same({ stays and 0 or 130, stays and 1 or 0 }, { got.status, #ps(at) })
      if stays then assert.equal(0, nslab(at, "stop", "--all").status) end
    end
  end)

  it("survives the end of its terminal", function()
    local at <close> = registry()
    local t <close> = harness.terminal { "run", "--keep", "red-blue", before = { "env", at.env } }
    t:expect "red-blue stays up."
    local _, status = t:rest()
    assert.equal(0, status)
    t:hang_up()
    assert.equal(0, nslab(at, "enter", "red-blue", "red", "true").status)
  end)

  it("does not go without a sandbox", function()
    local got = harness.run { "run", "--keep", "--no-sandbox", "red-blue" }
    assert.same({ 2, "" }, { got.status, got.stdout })
  end)
end)
