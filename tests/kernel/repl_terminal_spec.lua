-- The REPL on a terminal, with a lab behind it: what is interrupted, closed, pasted while something is
-- going on; in which state the kernel is then, and which processes are left.

local harness = require "harness"

local CTRL_C, CTRL_D = "\3", "\4"
local state = harness.must "mktemp -d":gsub("\n", "")

-- A REPL in the network of the test.
local function repl(t)
  t = t or {}
  local terminal = harness.terminal {
    "--no-sandbox", "repl", columns = t.columns,
    before = { "env", "TERM=" .. (t.term or "xterm"), "LANG=C.UTF-8", "XDG_STATE_HOME=" .. state },
  }
  terminal:expect "nslab> "
  return terminal
end

local function run(t, line)
  t:type(line .. "\n")
  t:expect "\r\n"
  return t:expect "nslab"
end

-- The numbers of the processes of that command; a pattern with [ ] does not find the one that looks.
local function processes(pattern)
  return (harness.sh(("pgrep -f -- %s"):format(harness.quote(pattern))))
end

-- Whether the condition holds within twenty seconds.
local function soon(condition)
  for _ = 1, 400 do
    if condition() then return true end
    harness.must "sleep 0.05"
  end
  return false
end

describe("Ctrl-C at the REPL", function()
  teardown(function() harness.must("rm -rf " .. state) end)

  -- { what runs, code that says "go" first }
  for _, case in ipairs {
    { "a ping that nobody answers",
      'link.add("d0", { type = "bridge", up = true }) addr.add("10.9.0.1/24", { dev = "d0" }) print "go" ' ..
      'netns.host:ping("10.9.0.9", { count = 100, timeout_ms = 60000 })' },
    { "a program", 'print "go" netns.host:exec { "sleep", "61.5" }' },
    { "a wait for the kernel's events", 'print "go" for _ in netns.watch() do end' },
    { "a loop of calls to the kernel", 'print "go" while true do link.list() end' },
    { "a loop that catches errors", 'print "go" while true do pcall(link.get, "lo") end' },
    { "a read of the keyboard", 'print "go" io.read()' },
    { "a program of the shell", 'print "go" os.execute "sleep 61.5"' },
  } do
    it("stops " .. case[1] .. " and comes back", harness.fresh(function()
      local t <close> = repl()
      t:type(case[2] .. "\n")
      t:expect "\r\n"
      t:expect "go\r\n"
      harness.must "sleep 0.1"
      t:type(CTRL_C)
      t:expect "nslab> "
      run(t, 'netns.add "after"')
      assert.equal("after\n", harness.must "ip netns")
      assert.is_true(soon(function() return processes "sleep 6[1].5" == "" end))
    end))
  end

  it("ends ip monitor, which shows what changes as it changes", harness.fresh(function()
    local t <close> = repl()
    t:type "ip monitor rule\n"
    t:expect "netns.watch"
    harness.must "sleep 0.2; ip rule add from 10.7.0.0/16 table 7 priority 99"
    t:expect "from 10.7.0.0/16 lookup 7"
    harness.must "ip rule del from 10.7.0.0/16 table 7 priority 99"
    t:expect "Deleted 99:"
    t:type(CTRL_C)
    t:expect "nslab> "
    run(t, 'netns.add "after"')
    assert.equal("after\n", harness.must "ip netns")
  end))

  it("stops a command that was typed, and drops what was pasted behind it", harness.fresh(function()
    local t <close> = repl()
    run(t, 'link.add("d0", { type = "bridge", up = true }) addr.add("10.9.0.1/24", { dev = "d0" })')
    t:expect "> "
    t:type "\27[200~ping -c 100 10.9.0.9\nip netns add no\n\27[201~"
    t:expect "ping("
    t:expect "\r\n"
    harness.must "sleep 0.1"
    t:type(CTRL_C)
    t:expect "nslab> "
    run(t, "ip netns add yes")
    assert.equal("yes\n", harness.must "ip netns")
  end))
end)

describe("the terminal of a REPL", function()
  it("may be closed while something runs: no process stays", harness.fresh(function()
    local t <close> = repl()
    t:type 'p = netns.host:spawn { "sleep", "62.5" } print "go" netns.host:exec { "sleep", "63.5" }\n'
    t:expect "\r\n"
    t:expect "go\r\n"
    assert.is_true(soon(function() return processes "sleep 6[3].5" ~= "" end))
    t:hang_up()
    assert.equal(129, t:wait())
    assert.is_true(soon(function() return processes "sleep 6[23].5" == "" end))
  end))

  it("may be closed at the prompt of a lab: no process stays", function()
    local t <close> = harness.terminal { "repl", "namespaces", before = { "env", "TERM=xterm" } }
    t:expect "nslab> "
    t:type 'p = netns.host:spawn { "sleep", "64.5" }\n'
    t:expect "nslab> "
    assert.is_true(soon(function() return processes "sleep 6[4].5" ~= "" end))
    t:hang_up()
    assert.equal(129, t:wait())
    assert.is_true(soon(function() return processes "sleep 6[4].5" == "" end))
  end)

  it("may change its width while a line is edited", harness.fresh(function()
    local t <close> = repl { columns = 60 }
    t:type 'netns.add("a'
    t:expect 'netns.add("a'
    t:resize(30)
    harness.must "sleep 0.1"
    t:type 'bc") netns.add("a-name-that-is-longer-than-that")\n'
    t:expect "\r\n"
    t:expect "nslab> "
    assert.is_true(soon(function()
      return harness.must "ip netns | sort" == "a-name-that-is-longer-than-that\nabc\n"
    end))
  end))

  it("may be one that knows nothing", harness.fresh(function()
    local t <close> = repl { term = "dumb" }
    t:type 'link.set("l\t'
    t:type '", { up = true })\n'
    t:expect "\r\n"
    t:expect "nslab> "
    assert.truthy(harness.must "ip link show lo":find("<LOOPBACK,UP", 1, true))
  end))

  it("may send many lines at once", harness.fresh(function()
    local t <close> = repl()
    t:type("ip netns add red\nip netns add blue\nip link add a0 type veth peer name b0\n" ..
           "ip link set dev a0 netns red\nip link set dev b0 netns blue\nip -n red link set dev a0 up\n" ..
           "for i = 1, 2 do\n  netns.add('n' .. i)\nend\n")
    assert.is_true(soon(function()
      return harness.must "ip netns | sed 's/ .*//' | sort" == "blue\nn1\nn2\nred\n"
    end))
    t:expect "... end"
    t:expect "nslab> "
    t:type(CTRL_D)
    assert.equal(0, select(2, t:rest()))
    assert.truthy(harness.must "ip -n red link show a0":find("UP", 1, true))
  end))

  it("is the shell's while one is in a namespace with it", harness.fresh(function()
    local t <close> = repl()
    run(t, 'netns.add "red"')
    t:expect "> "
    t:type "sudo ip netns exec red bash\n"
    t:expect "red"
    harness.must "sleep 0.3"
    t:type "ip link set lo up; echo d''one\n"
    t:expect "done"
    t:type "exit\n"
    t:expect "nslab> "
    assert.truthy(harness.must "ip -n red link show lo":find("<LOOPBACK,UP", 1, true))
    assert.falsy(harness.must "ip link show lo":find("<LOOPBACK,UP", 1, true))
    run(t, "1 + 1")
  end))

  it("shows in its prompt where one is", harness.fresh(function()
    local t <close> = repl()
    run(t, 'netns.add "red"')
    t:expect "> "
    t:type ":ns red\n"
    t:expect "nslab red> "
    t:type "for i = 1, 2 do\n"
    t:expect "       ... "
    t:type(CTRL_C)
    t:expect "nslab red> "
    t:type ":ns\n"
    t:expect "\nnslab> "
    t:type ":quit\n"
    assert.equal(0, select(2, t:rest()))
  end))
end)

describe("nslab repl", function()
  it("begins behind the last step of a lab", function()
    local got = harness.run { "repl", "red-blue", stdin = 'netns "red":ping("192.168.15.2").received\nip netns\n' }
    assert.same({ 0, "" }, { got.status, got.stderr })
    assert.equal("1\n  netns.list()\nblue\nred\n", (got.stdout:gsub(" %(id: %d+%)", "")))
  end)

  it("begins behind the end of a script, and has its globals", function()
    local file <close> = harness.temporary 'red = netns.add(arg[1]) print "ran"'
    local path = file.path .. ".lua"
    assert(os.rename(file.path, path))
    local got = harness.run { "repl", path, "green", stdin = "red\n" }
    os.remove(path)
    assert.same({ 0, "ran\ngreen\n", "" }, { got.status, got.stdout, got.stderr })
  end)

  it("says what is wrong with what it is to begin behind", function()
    local got = harness.run { "repl", "red-bleu", stdin = "" }
    assert.equal(2, got.status)
    assert.truthy(got.stderr:find('Did you mean "red-blue"?', 1, true), got.stderr)
  end)
end)
