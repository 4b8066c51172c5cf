-- Programs in a namespace: red:exec and red:spawn. What a program sees is told by the program; what is
-- left of it by /proc.

local harness = require "harness"
local fresh = harness.fresh

local function message(fn, ...)
  local ok, err = pcall(fn, ...)
  assert.falsy(ok)
  return tostring(err), err
end

-- "S", "Z" ...; nil when there is no such process.
local function state(pid)
  local file = io.open("/proc/" .. pid .. "/stat")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text and text:match "%) (%a)"
end

local function lives(pid)
  local s = state(pid)
  return s ~= nil and s ~= "Z"
end

-- Gone, but for the zombie that somebody else has yet to reap.
local function ended(pid)
  for _ = 1, 100 do
    local s = state(pid)
    if s == nil or s == "Z" then return true end
    harness.must "sleep 0.01"
  end
  return false
end

local function own_pid()
  local file <close> = assert(io.open "/proc/self/stat")
  return file:read "n"
end

describe("exec", function()
  it("runs a program in the namespace", fresh(function()
    local red = netns.add "red"
    harness.must "ip -n red link add v0 type veth peer name v1"
    local r = red:exec { "sh", "-c", "cd /sys/class/net; ls -d lo v*" } -- stock kernels put more there
    assert.equal("lo\nv0\nv1\n", r.stdout)
    assert.equal("", r.stderr)
    assert.equal(0, r.code)
    assert.is_nil(r.signal)
    assert.falsy(netns.host:exec({ "ls", "/sys/class/net" }).stdout:find "v0")
  end))

  it("does so from within another one", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    harness.must "ip -n red link add v0 type veth peer name v1"
    local function has_it(ns) return ns:exec({ "ls", "/sys/class/net" }).stdout:find "v0" ~= nil end
    red:run(function()
      assert.same({ false, true, false }, { has_it(blue), has_it(red), has_it(netns.host) })
    end)
  end))

  it("prints as what the program said", fresh(function()
    assert.equal("one\ntwo", tostring(netns.host:exec { "printf", "one\\ntwo\\n" }))
    assert.equal("three", tostring(netns.host:exec { "printf", "three" }))
    assert.equal("", tostring(netns.host:exec { "true" }))
  end))

  it("gives a string to the shell", fresh(function()
    assert.equal("2\n", netns.host:exec("echo $((1 + 1))").stdout)
  end))

  it("tells exit status, signal and standard error apart", fresh(function()
    local r = netns.host:exec "echo out; echo err >&2; exit 7"
    assert.same({ 7, "out\n", "err\n" }, { r.code, r.stdout, r.stderr })
    r = netns.host:exec "kill -KILL $$"
    assert.same({ 137, "KILL" }, { r.code, r.signal })
  end))

  it("serves all pipes at once", fresh(function()
    -- Each of the three is far more than a pipe holds.
    local text = ("0123456789abcdef"):rep(1 << 16)
    local r = netns.host:exec { "sh", "-c", "tee /dev/stderr", stdin = text }
    assert.equal(#text, #r.stdout)
    assert.equal(#text, #r.stderr)
    assert.truthy(r.stdout == text)
  end))

  it("lets the program end without reading its input", fresh(function()
    local r = netns.host:exec { "true", stdin = ("x"):rep(1 << 20) }
    assert.equal(0, r.code)
  end))

  it("reads nothing of our own input", fresh(function()
    assert.equal("", netns.host:exec { "cat" }.stdout)
  end))

  it("does not wait for what the program leaves in the background", fresh(function()
    local r = netns.host:exec "sleep 60 & echo $!"
    local pid = math.tointeger(r.stdout)
    assert.truthy(lives(pid))
    harness.must("kill " .. pid)
  end))

  it("takes a directory and variables", fresh(function()
    local r = netns.host:exec { "sh", "-c", "pwd; echo $A-$B-${HOME-none}", cwd = "/usr/bin",
                                env = { A = "a", B = 2, HOME = false } }
    assert.equal("/usr/bin\na-2-none\n", r.stdout)
  end))

  it("ends a program that takes too long, with all it started", fresh(function()
    local r = netns.host:exec { "sh", "-c", "sleep 60 & echo $!; wait", timeout_ms = 1500 }
    assert.same({ 143, "TERM", true }, { r.code, r.signal, r.timed_out })
    assert.truthy(ended(math.tointeger(r.stdout)))
  end))

  it("ends one that ignores SIGTERM too", fresh(function()
    local r = netns.host:exec { "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done",
                                timeout_ms = 1500 }
    assert.same({ "KILL", true }, { r.signal, r.timed_out })
  end))

  it("raises for a failure only when asked to", fresh(function()
    local red = netns.add "red"
    assert.equal(1, red:exec({ "ip", "link", "show", "nosuch" }).code)
    local text, err = message(red.exec, red, { "ip", "link", "show", "nosuch", check = true })
    assert.matches('netns.exec ip link show nosuch in red: ip ended with 1: Device "nosuch" does '
                   .. 'not exist', text, 1, true)
    assert.equal("ECHILD", err.code)
    assert.matches("sh was ended by SIGKILL",
                   message(red.exec, red, { "sh", "-c", "kill -KILL $$", check = true }), 1, true)
    text, err = message(red.exec, red, { "sleep", 60, timeout_ms = 50, check = true })
    assert.matches("timeout_ms: sleep did not end in time", text, 1, true)
    assert.equal("ETIMEDOUT", err.code)
  end))

  it("raises when it cannot start, and leaves nothing behind", fresh(function()
    local red = netns.add "red"
    local before = harness.descriptors()
    local text, err = message(red.exec, red, { "no-such-program", "-x" })
    assert.matches('netns.exec no-such-program -x in red: there is no program "no-such-program" '
                   .. '(ENOENT).\n  Is it installed?', text, 1, true)
    assert.equal("ENOENT", err.code)
    assert.equal("red", err.netns)
    assert.matches('"/etc" cannot be started: Permission denied',
                   message(red.exec, red, { "/etc" }), 1, true)
    assert.matches("cwd: cannot go to /nowhere",
                   message(red.exec, red, { "ls", cwd = "/nowhere" }), 1, true)
    assert.matches('there is no namespace "blue"',
                   message(red.exec, netns "blue", { "ls" }), 1, true)
    assert.equal(before, harness.descriptors())
  end))

  it("says what is wrong with its words", fresh(function()
    local host = netns.host
    local rows = {
      { {}, "words are needed: a program and its arguments" },
      { { "" }, "[1]: the name of a program is needed" },
      { { "ls", {} }, "[2]: a string or a number is needed, not a table" },
      { { "ls", "a\0b" }, "[2]: a word cannot hold a zero byte" },
      { { "ls", tmeout_ms = 1 }, 'tmeout_ms: no such option (EINVAL).\n  Did you mean "timeout_ms"?' },
      { { "ls", timeout_ms = -1 }, "timeout_ms: -1 is not in" },
      { { "ls", cwd = 5 }, "cwd: a string is needed" },
      { { "ls", env = "A=1" }, "env: a table is needed, not a string" },
      { { "ls", env = { ["A=B"] = 1 } }, 'env: "A=B" cannot name a variable' },
      { { "ls", env = { A = {} } }, "env: a string or a number is needed, not a table" },
      { 7, "one table of words, or one string for the shell, is needed" },
    }
    for _, row in ipairs(rows) do
      assert.matches(row[2], message(host.exec, host, row[1]), 1, true)
    end
    assert.matches("one table of words", message(host.exec, host, "ip", "addr"), 1, true)
  end))

  it("leaves no descriptor and no process", fresh(function()
    local red = netns.add "red"
    local before = harness.descriptors()
    for _ = 1, 50 do
      red:exec { "true", stdin = "x" }
      pcall(red.exec, red, { "false", check = true })
      pcall(red.exec, red, { "no-such-program" })
    end
    assert.equal(before, harness.descriptors())
    assert.equal("", harness.sh("ps --no-headers -o pid,stat --ppid " .. own_pid()
                                .. " | grep Z"))
  end))

  it("is an operation like others for whoever observes", fresh(function()
    local core = require "nslab.core"
    local red, seen = netns.add "red", {}
    core.observe(function(op) seen[#seen + 1] = op end)
    red:exec { "echo", "two words", "it's" }
    pcall(red.exec, red, { "no-such-program" })
    core.observe(nil)
    assert.equal(2, #seen)
    assert.same({ "netns", "exec", "red", [[echo 'two words' 'it'\''s']] },
                { seen[1].module, seen[1].verb, seen[1].netns, seen[1].key })
    assert.equal("two words it's\n", seen[1].result.stdout)
    assert.equal("ENOENT", seen[2].error.code)
  end))
end)

describe("spawn", function()
  it("starts a program that lives until it is closed", fresh(function()
    local red = netns.add "red"
    local p = red:spawn { "sleep", 60 }
    assert.truthy(lives(p.pid))
    assert.truthy(p.running)
    assert.is_nil(p.code)
    assert.equal(harness.must("readlink /proc/" .. p.pid .. "/ns/net"),
                 harness.must "ip netns exec red readlink /proc/self/ns/net")
    p:close()
    assert.is_nil(state(p.pid))
    assert.falsy(p.running)
    assert.equal("TERM", p.signal)
    p:close()
  end))

  it("ends with its scope, also when that raises", fresh(function()
    local pid
    pcall(function()
      local p <close> = netns.host:spawn { "sleep", 60 }
      pid = p.pid
      error "out"
    end)
    assert.is_nil(state(pid))
  end))

  it("ends when nobody holds it any more", fresh(function()
    local pid = netns.host:spawn({ "sleep", 60 }).pid
    collectgarbage()
    collectgarbage()
    assert.is_nil(state(pid))
  end))

  it("ends with all of its group, also what it left there", fresh(function()
    local p = netns.host:spawn { "sh", "-c", "sleep 60 & echo $!; exit 3", stdout = "pipe" }
    local left = math.tointeger(p:read("l", 5000))
    assert.equal(3, p:wait(5000).code)
    assert.truthy(lives(left))
    p:close()
    assert.truthy(ended(left))
  end))

  it("ends one that ignores SIGTERM, or is stopped", fresh(function()
    local p = netns.host:spawn { "sh", "-c", "trap '' TERM; echo; while :; do sleep 0.1; done",
                                 stdout = "pipe" }
    p:read("l", 5000)
    p:close()
    assert.equal("KILL", p.signal)
    p = netns.host:spawn { "sleep", 60 }
    p:kill "STOP"
    p:close()
    assert.is_nil(state(p.pid))
    assert.equal("TERM", p.signal)
  end))

  it("tells how it ended", fresh(function()
    local p <close> = netns.host:spawn { "sh", "-c", "exit 5" }
    local status = p:wait()
    assert.same({ 5, nil }, { status.code, status.signal })
    assert.equal("ended with 5", tostring(status))
    assert.equal(5, p.code)
    local q <close> = netns.host:spawn { "sleep", 60 }
    assert.same({ nil, "timeout" }, { q:wait(10) })
    assert.truthy(q:kill())
    assert.equal("ended by SIGTERM", tostring(q:wait()))
    assert.falsy(q:kill())
    assert.matches("^sleep 60 %(pid %d+, ended by SIGTERM%)$", tostring(q))
  end))

  it("sends the signals it is asked for", fresh(function()
    for _, row in ipairs { { "HUP", "HUP" }, { "SIGINT", "INT" }, { 10, "USR1" } } do
      local p <close> = netns.host:spawn { "sleep", 60 }
      p:kill(row[1])
      assert.equal(row[2], p:wait(5000).signal)
    end
    local p <close> = netns.host:spawn { "sleep", 60 }
    for _, bad in ipairs { "NOSUCH", 0, 100, true } do
      assert.matches("is no signal", message(p.kill, p, bad), 1, true)
    end
  end))

  it("talks through pipes", fresh(function()
    local p <close> = netns.host:spawn { "cat", stdin = "pipe", stdout = "pipe" }
    assert.same({ nil, "timeout" }, { p:read("l", 10) })
    p:write "one\ntwo\nthree"
    assert.equal("one", p:read())
    assert.equal("two\nt", p:read(5, 5000))
    assert.same({ nil, "timeout" }, { p:read("l", 10) })
    p:close_stdin()
    assert.equal("hree", p:read())
    assert.is_nil(p:read())
    assert.equal("", p:read "a")
    assert.equal(0, p:wait().code)
  end))

  it("reads lines and long texts", fresh(function()
    local p <close> = netns.host:spawn { "seq", 100000, stdout = "pipe" }
    local n = 0
    for line in p:lines() do
      n = n + 1
      assert(line == tostring(n))
    end
    assert.equal(100000, n)
    local q <close> = netns.host:spawn { "seq", 100000, stdout = "pipe" }
    assert.equal(harness.must "seq 100000", q:read "a")
  end))

  it("writes more than a pipe holds", fresh(function()
    local text = ("x"):rep(1 << 20)
    local p <close> = netns.host:spawn { "wc", "-c", stdin = "pipe", stdout = "pipe" }
    p:write(text):close_stdin()
    assert.equal(tostring(#text), p:read())
  end))

  it("survives a program that reads no more", fresh(function()
    local p <close> = netns.host:spawn { "true", stdin = "pipe" }
    p:wait()
    local text, err = message(p.write, p, "x")
    assert.matches("Broken pipe", text, 1, true)
    assert.equal("EPIPE", err.code)
  end))

  it("says when there is no pipe", fresh(function()
    local p <close> = netns.host:spawn { "sleep", 60 }
    assert.matches('stdout: it is no pipe', message(p.read, p), 1, true)
    assert.matches('stdout: it is no pipe', message(p.lines, p), 1, true)
    assert.matches('stdin: it is no pipe', message(p.write, p, "x"), 1, true)
  end))

  it("reads and writes files", fresh(function()
    local path <close> = harness.temporary "words\n"
    local out <close> = harness.temporary "old old old old"
    local p <close> = netns.host:spawn { "sh", "-c", "cat; echo err >&2", stdin = path.path,
                                         stdout = out.path, stderr = "stdout" }
    assert.equal(0, p:wait().code)
    assert.equal("words\nerr\n", harness.must("cat " .. out.path))
    local file <close> = assert(io.open(out.path, "w"))
    file:write "first "
    local q <close> = netns.host:spawn { "echo", "second", stdout = file }
    q:wait()
    assert.equal("first second\n", harness.must("cat " .. out.path))
    assert.matches("stdout: /no/such/file: No such file",
                   message(netns.host.spawn, netns.host, { "true", stdout = "/no/such/file" }), 1, true)
    assert.matches('stdout: "nul" is not known here (EINVAL).\n  "null", "inherit"',
                   message(netns.host.spawn, netns.host, { "true", stdout = "nul" }), 1, true)
  end))

  it("can be PID 1 of its own", fresh(function()
    local red = netns.add "red"
    local p <close> = red:spawn { "sh", "-c", "echo $$ /proc/[0-9]*; ls -d /sys/class/net/lo; read x",
                                  pid = true, stdin = "pipe", stdout = "pipe" }
    assert.equal(1, p.pid_inside)
    assert.equal("1 /proc/1", p:read())
    assert.equal("/sys/class/net/lo", p:read())
    -- The same process, seen from the host with both of its numbers.
    assert.matches("NSpid:%s.*" .. p.pid .. "\t1\n", harness.must("grep NSpid /proc/" .. p.pid
                                                                  .. "/status"))
    assert.matches("sh", harness.must("cat /proc/" .. p.pid .. "/comm"))
    for _, kind in ipairs { "pid", "mnt", "net" } do
      local link = "readlink /proc/%s/ns/" .. kind
      assert.are_not.equal(harness.must(link:format "self"), harness.must(link:format(p.pid)))
    end
    assert.matches("%(pid %d+, 1 inside%)$", tostring(p))
    assert.is_nil(netns.host:spawn({ "true" }).pid_inside)
  end))

  it("ends PID 1 without waiting for a signal that it does not get", fresh(function()
    local host = require "nslab.host"
    local least = math.huge
    for _ = 1, 5 do -- one that waited took 0.7 s each time
      local p = netns.host:spawn { "sh", "-c", "setsid sleep 61 & echo; exec sleep 60", pid = true,
                                   stdout = "pipe" }
      p:read("l", 30000)
      local t = host.time_ms()
      p:close()
      least = math.min(least, host.time_ms() - t)
      assert.equal("KILL", p.signal)
    end
    assert.truthy(least < 400, least)
    assert.equal("", harness.sh "ps --no-headers -o args -C sleep | grep 'sleep 6[01]'")
  end))

  it("lets PID 1 end by itself if it listens", fresh(function()
    local p = netns.host:spawn { "sh", "-c", "trap 'exit 9' TERM; echo; while :; do sleep 0.05; done",
                                 pid = true, stdout = "pipe" }
    p:read("l", 5000)
    p:close()
    assert.equal(9, p.code)
  end))

  it("can have mounts of its own", fresh(function()
    local p <close> = netns.host:spawn {
      "sh", "-c", "mount -t tmpfs none /mnt && echo x >/mnt/x && cat /mnt/x; read y", mount = true,
      stdin = "pipe", stdout = "pipe" }
    assert.equal("x", p:read())
    assert.is_nil(io.open "/mnt/x")
  end))

  it("sees namespaces that others add, and they see its", fresh(function()
    local red = netns.add "red"
    local p <close> = red:spawn { "sh", stdin = "pipe", stdout = "pipe" }
    netns.add "blue"
    p:write "ip netns list | sort | cut -d' ' -f1 | xargs\n"
    assert.equal("blue red", p:read())
    p:write "ip netns add green && ip -n green link set lo up && echo done\n"
    assert.equal("done", p:read())
    assert.truthy(netns.get "green")
    assert.matches("LOOPBACK,UP", harness.must "ip -n green link")
  end))

  it("does not pin a namespace once it has ended", fresh(function()
    local red = netns.add "red"
    harness.must "ip link add here type veth peer name there netns red"
    local p = red:spawn { "sleep", 60 }
    red:delete()
    harness.must "sleep 0.3"
    assert.matches("here", harness.must "ls /sys/class/net; ip -br link show here")
    p:close()
    local gone = false
    for _ = 1, 100 do
      gone = not harness.sh("ip -br link"):find "here"
      if gone then break end
      harness.must "sleep 0.02"
    end
    assert.truthy(gone)
  end))

  it("leaves no descriptor and no process", fresh(function()
    local before = harness.descriptors()
    for _ = 1, 30 do
      local p <close> = netns.host:spawn { "cat", stdin = "pipe", stdout = "pipe", stderr = "null" }
      assert(p)
      pcall(netns.host.spawn, netns.host, { "no-such-program", stdout = "pipe" })
    end
    collectgarbage()
    assert.equal(before, harness.descriptors())
    assert.equal("", harness.sh("ps --no-headers -o args --ppid " .. own_pid() .. " | grep '^cat'"))
  end))

  it("lends the terminal to a shell, and has it back", function()
    local t <close> = harness.terminal { "-e", [[
      local p <close> = netns.host:spawn { "sh", "-c", "echo inside; read x; echo got [$x]",
                                           terminal = true }
      p:wait()
      io.write "back> "
      print("read [" .. io.read() .. "]")
      netns.host:spawn({ "sh", "-c", "exit 4", terminal = true }):wait()
      print("again [" .. io.read() .. "]")
    ]] }
    t:expect "inside"
    t:type "one\n"
    t:expect "got [one]"
    t:expect "back> "
    t:type "two\n"
    t:expect "read [two]"
    t:type "three\n"
    t:expect "again [three]"
    assert.equal(0, t:wait())
  end)

  it("raises when it cannot start", fresh(function()
    assert.matches('netns.spawn no-such-program in host: there is no program "no-such-program"',
                   message(netns.host.spawn, netns.host, { "no-such-program" }), 1, true)
  end))
end)
