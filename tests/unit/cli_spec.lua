-- The command line: what nslab does with each way of calling it, and the status it ends with.

local harness = require "harness"
local run, quote = harness.run, harness.quote

local function ends(got, status, stdout)
  assert.same({ "", status, stdout }, { got.stderr, got.status, got.stdout })
end

-- A usage mistake: status 2, one sentence on stderr with this in it, nothing on stdout.
local function usage(words, sentence)
  local got = run(words)
  assert.equal(2, got.status)
  assert.equal("", got.stdout)
  assert.truthy(got.stderr:find(sentence, 1, true), got.stderr)
  assert.match("nslab %-%-help shows what there is%.\n$", got.stderr)
end

describe("nslab -e", function()
  it("runs the code", function() ends(run { "-e", "print(1)" }, 0, "1\n") end)

  it("gives the code the words behind it, whatever they look like", function()
    ends(run { "-e", "print(arg[1], arg[2], ...)", "a", "--json" }, 0, "a\t--json\ta\t--json\n")
  end)

  it("has the modules of the core and an empty network", function()
    ends(run { "-e", "print(#netns.list(), link.get('lo').name)" }, 0, "0\tlo\n")
  end)

  it("passes os.exit through", function()
    for _, status in ipairs { 0, 1, 3, 42, 255 } do
      assert.equal(status, run { "-e", ("os.exit(%d)"):format(status) }.status)
    end
    assert.equal(0, run { "-e", "os.exit(true, true)" }.status)
    assert.equal(1, run { "-e", "os.exit(false)" }.status)
  end)

  it("says so when what is raised has no text", function()
    for code, what in pairs { ["error()"] = "nothing", ["error {}"] = "a table", ["error(print)"] = "a function" } do
      local got = harness.run { "-e", code }
      assert.same({ 1, "nslab: the script raised an error without a text: " .. what .. "\n" }, { got.status, got.stderr })
    end
  end)

  it("shows text that is raised with a traceback, and ends with 1", function()
    local got = run { "-e", "local function f() error 'boom' end f()" }
    assert.equal(1, got.status)
    assert.match("^nslab: %-e:1: boom\nstack traceback:\n.*in local 'f'", got.stderr)
  end)

  it("shows a value that is raised by its own text alone", function()
    local got = run { "-e", "error(setmetatable({}, { __tostring = function() return 'own' end }))" }
    assert.same({ "nslab: own\n", 1 }, { got.stderr, got.status })
  end)

  it("names the mistake of code that is no Lua", function()
    local got = run { "-e", "x = = 1" }
    assert.same({ "nslab: -e:1: unexpected symbol near '='\n", 1 }, { got.stderr, got.status })
  end)

  it("needs the code", function() usage({ "-e" }, "-e needs a value.") end)
end)

describe("nslab FILE", function()
  local function script(text) return harness.temporary(text, "755") end

  it("runs the file with its words", function()
    local f <close> = script "print(..., arg[2], arg[0] == '%s', select('#', ...))"
    ends(run { f.path, "a", "--no-sandbox" }, 0, "a\t--no-sandbox\tfalse\t2\n")
  end)

  it("sets arg as lua does", function()
    local f <close> = script "print(arg[0], arg[1], arg[-1] ~= nil, #arg)"
    ends(run { f.path, "x" }, 0, f.path .. "\tx\ttrue\t1\n")
  end)

  it("is what a #! line names", function()
    local f <close> = script(("#!%s\nprint(...)\nerror 'here'"):format(
      harness.must("realpath " .. quote(harness.nslab)):gsub("\n", "")))
    local text, status = harness.sh(f.path .. " a b 2>&1")
    assert.equal(1, status)
    assert.match("^a\tb\nnslab: " .. f.path:gsub("%p", "%%%0") .. ":3: here\n", text)
  end)

  it("names file and line of a mistake", function()
    local f <close> = script "local x = 1\nx.y.z = 2\n"
    assert.match("^nslab: " .. f.path:gsub("%p", "%%%0") .. ":2: attempt to index",
                 run { f.path }.stderr)
  end)

  it("finds a file that the sandbox hides", function()
    local dir = harness.must "mktemp -d -p /run 2>/dev/null || mktemp -d":gsub("\n", "")
    harness.must(("echo 'print(1)' >%s/x.lua"):format(dir))
    local got = run { dir .. "/x.lua" }
    harness.must("rm -r " .. dir)
    ends(got, 0, "1\n")
  end)

  it("is read from standard input as -", function()
    ends(run { "-", "a", stdin = "print(..., arg[0])" }, 0, "a\t-\n")
    ends(run { "run", "-", stdin = "print(1)" }, 0, "1\n")
  end)

  it("runs by `run` too", function()
    local f <close> = script "print(..., arg[0])"
    ends(run { "run", f.path, "--json" }, 0, "--json\t" .. f.path .. "\n")
  end)

  it("may be empty", function()
    local f <close> = script ""
    ends(run { f.path }, 0, "")
    ends(run { "-" }, 0, "")
  end)

  it("must be there, and a file", function()
    usage({ "nowhere.lua" }, "nowhere.lua: No such file or directory.")
    usage({ "./nowhere" }, "./nowhere: No such file or directory.")
    usage({ "run", "nowhere.lua" }, "nowhere.lua: No such file or directory.")
    usage({ "/" }, "/: Is a directory.")
  end)

  it("finds nslab's modules by require, and only once", function()
    local names = "netns link addr route neigh rule nexthop nexthop_bucket fdb vlan vlan_global mdb vni qdisc class filter chain "
      .. "socket mroute mpls netconf nsid sysctl netlink iptables ip6tables lab step"
    for name in names:gmatch "%S+" do
      local code = ("local n = require 'nslab' print(n.%s ~= nil and n.%s == %s)"):format(name, name, name)
      ends(run { "-e", code }, 0, "true\n")
    end
    ends(run { "-e", "print(require 'nslab'.nothing, nothing)" }, 0, "nil\tnil\n")
    ends(run { "-e", "print(require 'nslab.lab' == require 'nslab.lab')" }, 0, "true\n")
    local got = run { "-e", "require 'nslab.nothing'" }
    assert.match("no file 'lua/nslab/nothing.lua' in nslab or NSLAB_PATH", got.stderr)
  end)
end)

describe("the sandbox", function()
  local NETWORK = "print(io.popen('readlink /proc/self/ns/net'):read())"

  it("is a network of its own", function()
    local ours = harness.must "readlink /proc/self/ns/net"
    local theirs = run { "-e", NETWORK }.stdout
    assert.match("^net:%[%d+%]\n$", theirs)
    assert.not_equal(ours, theirs)
  end)

  it("is left out by --no-sandbox", function()
    local ours = harness.must "readlink /proc/self/ns/net"
    ends(run { "--no-sandbox", "-e", NETWORK }, 0, ours)
    ends(run { "run", "--no-sandbox", "-", stdin = NETWORK }, 0, ours)
    ends(run { "repl", "--no-sandbox", stdin = NETWORK }, 0, ours)
  end)

  it("that cannot be made is status 3, with the reason and a way out", function()
    local forbid = "unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_net_namespaces && exec \"$@\"' -"
    for _, words in ipairs { { "-e", "" }, { "run", "red-blue" }, { "repl" } } do
      words.prefix = forbid
      local got = run(words)
      assert.equal(3, got.status)
      assert.equal("", got.stdout)
      assert.match("^nslab: ", got.stderr)
      assert.match("max_net_namespaces", got.stderr)
    end
    ends(run { "--version", prefix = forbid }, 0, "nslab 0.1.0\n")
  end)
end)

describe("signals", function()
  for name, status in pairs { HUP = 129, INT = 130, TERM = 143 } do
    local LOOPS = {
      ["a loop"] = "while true do end",
      ["a loop in a coroutine"] = "coroutine.wrap(function() while true do end end)()",
      ["a loop that catches errors"] = "while true do pcall(error) end",
      ["a program that was started"] = "netns.host:exec{ 'sleep', '60' }",
      ["a ping"] = "link.set('lo', { up = true }) netns.host:ping('127.0.0.1', { count = 1000 })",
    }
    for what, code in pairs(LOOPS) do
      it(name .. " ends " .. what .. " with " .. status, function()
        local text = "io.stderr:write 'go\\n' " .. code
        local got = run { "-e", text, signal = name }
        assert.same({ "go\nnslab: interrupted\n", status }, { got.stderr, got.status })
      end)
    end
  end

  it("that nohup ignores stay ignored", function()
    local got = run { "-e", "io.stderr:write 'go\\n' os.execute 'sleep 0.3' print 'on'", prefix = "nohup", signal = "HUP" }
    assert.same({ 0, "on\n", "go\n" }, { got.status, got.stdout, got.stderr })
  end)

  it("runs what is to be closed", function()
    local code = "local x <close> = setmetatable({}, { __close = function() print 'closed' end }) " ..
                 "io.stderr:write 'go\\n' while true do end"
    local got = run { "-e", code, signal = "INT" }
    assert.same({ "closed\n", 130 }, { got.stdout, got.status })
  end)
end)

describe("nslab", function()
  it("shows its version", function()
    ends(run { "--version" }, 0, "nslab 0.1.0\n")
    ends(run { "-V" }, 0, "nslab 0.1.0\n")
  end)

  it("explains itself and each command", function()
    local help = run { "--help" }
    ends(help, 0, help.stdout)
    ends(run { "help" }, 0, help.stdout)
    for command in ("run ps enter stop completion labs repl doctor meta help"):gmatch "%a+" do
      assert.truthy(help.stdout:find("  nslab " .. command .. " ", 1, true), command)
      local one = run { "help", command }
      ends(one, 0, one.stdout)
      assert.match("^usage: nslab " .. command, one.stdout)
      ends(run { command, "--help" }, 0, one.stdout)
    end
  end)

  it("prints lines that fit a terminal", function()
    for line in run { "--help" }.stdout:gmatch "[^\n]*" do assert.is_true(#line <= 90, line) end
  end)

  it("without words shows how it is used, with status 2", function()
    local got = run {}
    assert.same({ "", 2 }, { got.stdout, got.status })
    assert.equal(run { "--help" }.stdout, got.stderr)
  end)

  it("names the nearest word", function()
    usage({ "rnu" }, 'there is no command or file "rnu". Did you mean "run"?')
    usage({ "red-bleu" }, 'there is no command or file "red-bleu". Did you mean "run red-blue"?')
    usage({ "xyzzy" }, 'there is no command or file "xyzzy".\n')
    usage({ "help", "docter" }, 'Did you mean "doctor"?')
    usage({ "run", "red-bluw" }, 'there is no lab "red-bluw". Did you mean "red-blue"?')
    usage({ "run", "xyzzy" }, 'there is no lab "xyzzy"; "nslab labs" lists them.')
    usage({ "run", "red-blue", "--jsno" }, "--jsno is no option of nslab run. Did you mean --json?")
    usage({ "--explian=ip", "-e", "" }, "--explian=ip is no option. Did you mean --explain?")
    usage({ "--no-sandbxo", "-e", "" }, "--no-sandbxo is no option. Did you mean --no-sandbox?")
    usage({ "-x" }, "-x is no option.")
    usage({ "run", "-xj", "red-blue" }, "-x is no option of nslab run.")
    usage({ "meta", "--json" }, "--json is no option of nslab meta.")
  end)

  it("refuses words that a command does not take", function()
    usage({ "run" }, 'run needs a lab or a file; "nslab labs" lists the labs.')
    usage({ "labs", "red-blue" }, 'nslab labs takes no "red-blue".')
    usage({ "run", "../labs/red-blue" }, "../labs/red-blue: No such file or directory.")
  end)
end)

describe("cmake --install", function()
  it("installs a program that needs nothing beside it", function()
    local build = harness.nslab:gsub("[^/]*$", "")
    local dir = harness.must "mktemp -d":gsub("\n", "")
    harness.must(("cmake --install %s --prefix %s >/dev/null"):format(quote(build), dir))
    local text, status = harness.sh(("cd / && env -i %s/bin/nslab -e 'print(type(step))' 2>&1"):format(dir))
    harness.must("rm -r " .. dir)
    assert.same({ "function\n", 0 }, { text, status })
  end)
end)

describe("NSLAB_PATH", function()
  local dir = harness.must "d=$(mktemp -d) && mkdir -p $d/lua/nslab $d/labs && echo $d":gsub("\n", "")
  local env = "NSLAB_PATH=" .. dir
  harness.must(("echo 'return { own = true }' >%s/lua/nslab/own.lua"):format(dir))
  harness.must(("echo 'print \"own lab\"' >%s/labs/own.lua"):format(dir))
  harness.must(("echo 'error \"own mistake\"' >%s/labs/broken.lua"):format(dir))
  teardown(function() harness.must("rm -r " .. dir) end)

  it("adds modules, which are read inside a sandbox too", function()
    ends(run { "-e", "print(require 'nslab.own'.own)", env = env }, 0, "true\n")
  end)

  it("wins over what is built in, and only for what it has", function()
    harness.must(("echo 'return { main = function() print \"own\" return 5 end }' >%s/lua/nslab/labs.lua")
                 :format(dir))
    ends(run { "labs", env = env }, 5, "own\n")
    ends(run { "-e", "print(type(require 'nslab.lab'.step))", env = env }, 0, "function\n")
  end)

  it("adds labs", function()
    local code = "print(table.concat(require 'nslab.host'.labs(), ' '))"
    assert.match("broken.* own .*red%-blue", run { "-e", code, env = env }.stdout)
    local got = run { "run", "broken", env = env }
    assert.truthy(got.stderr:find(dir .. "/labs/broken.lua:1: own mistake", 1, true), got.stderr)
    assert.equal(1, got.status)
  end)

  it("must be a directory", function()
    local got = run { "labs", env = "NSLAB_PATH=/nowhere" }
    assert.equal(2, got.status)
    assert.match("^nslab: NSLAB_PATH: /nowhere: No such file or directory%.\n", got.stderr)
  end)
end)
