-- The REPL, on a terminal and without one.

local harness = require "harness"

local UP, CTRL_C, CTRL_D, CTRL_R = "\27[A", "\3", "\4", "\18"
local PROMPT, MORE = "nslab> ", "   ... "

local state = harness.must "mktemp -d":gsub("\n", "")

local function repl(t)
  t = t or {}
  local before = { "env", "TERM=" .. (t.term or "xterm"), "LANG=C.UTF-8",
                   "XDG_STATE_HOME=" .. (t.state or state) }
  local terminal = harness.terminal { "repl", before = before, columns = t.columns }
  terminal:expect(PROMPT)
  return terminal
end

-- Types a line and returns what stands between it and the next prompt.
local function answer(t, line)
  t:type(line .. "\n")
  t:expect "\r\n"
  return (t:expect(PROMPT):gsub("\27%[[%d;?]*%a", ""):gsub("\r", ""))
end

describe("the REPL on a terminal", function()
  teardown(function() harness.must("rm -rf " .. state) end)

  it("prints the values of an expression", function()
    local t <close> = repl()
    assert.equal("2\n", answer(t, "1 + 1"))
    assert.equal("a\tnil\n", answer(t, "'a', nil"))
    assert.equal("3\n", answer(t, "= 3"))
    assert.equal("", answer(t, "x = 5"))
    assert.equal("5\n", answer(t, "x"))
  end)

  it("reads on while the chunk is not complete", function()
    local t <close> = repl()
    t:type "for i = 1, 2 do\n"
    t:expect(MORE)
    t:type "print(i * 10)\n"
    t:expect(MORE)
    assert.equal("10\n20\n", answer(t, "end"))
  end)

  it("says what is wrong and goes on", function()
    local t <close> = repl()
    assert.match("boom", answer(t, "error 'boom'"))
    assert.match("unexpected symbol", answer(t, "]"))
    answer(t, "e = setmetatable({}, { __tostring = function() return 'a value' end })")
    assert.match("a value\n$", answer(t, "error(e)"))
    assert.equal("1\n", answer(t, "1"))
  end)

  it("drops a line at Ctrl-C", function()
    local t <close> = repl()
    t:type("print 'no'" .. CTRL_C)
    t:expect(PROMPT)
    t:type "print(1,\n"
    t:expect(MORE)
    t:type(CTRL_C)
    t:expect(PROMPT)
    assert.equal("yes\n", answer(t, "print 'yes'"))
  end)

  it("stops what runs at Ctrl-C", function()
    local t <close> = repl()
    t:type "print 'go' while true do end\n"
    t:expect "go\r\n"
    t:type(CTRL_C)
    t:expect "interrupted"
    t:expect(PROMPT)
    assert.equal("1\n", answer(t, "1"))
  end)

  it("stops a program that was started at Ctrl-C", function()
    local t <close> = repl()
    t:type "print 'go' netns.host:exec{ 'sleep', '60' }\n"
    t:expect "\r\ngo\r\n"
    t:type(CTRL_C)
    t:expect(PROMPT)
    assert.equal("1\n", answer(t, "1"))
  end)

  it("leaves at Ctrl-D with status 0", function()
    local t <close> = repl()
    t:type(CTRL_D)
    assert.equal(0, select(2, t:rest()))
  end)

  it("leaves at os.exit with its status", function()
    local t <close> = repl()
    t:type "os.exit(7)\n"
    assert.equal(7, select(2, t:rest()))
  end)

  for name, signal in pairs { HUP = 1, TERM = 15 } do
    it("ends at " .. name .. " with that status", function()
      local t <close> = repl()
      t:kill(signal)
      local screen, status = t:rest()
      assert.equal(128 + signal, status)
      assert.match("nslab: interrupted", screen)
    end)
  end

  it("ends when its terminal is closed", function()
    local t <close> = repl()
    t:hang_up()
    assert.equal(129, t:wait())
  end)

  it("edits lines, in UTF-8", function()
    local t <close> = repl()
    assert.equal("ab\n", answer(t, "'b'\1\27[Ca"))
    assert.equal("2\n", answer(t, "utf8.len 'éxü\127\127y'"))
  end)

  it("follows the width of the terminal", function()
    local t <close> = repl { columns = 50 }
    answer(t, "c = require'nslab.host'.columns")
    assert.equal("50\n", answer(t, "c(0)"))
    t:resize(100)
    t:type "c(0)\n"
    t:expect "\r\n100\r\n"
  end)
end)

describe("the REPL's history", function()
  it("is kept, is the user's alone, and can be searched", function()
    do
      local t <close> = repl()
      assert.equal("41\n", answer(t, "first_line = 41 print(first_line)"))
      assert.equal("2\n", answer(t, "1 + 1"))
      t:type(CTRL_D)
      assert.equal(0, select(2, t:rest()))
    end
    assert.equal("600\n", harness.must("stat -c %a " .. state .. "/nslab/history"))
    local t <close> = repl()
    assert.equal("2\n", answer(t, UP))
    t:type(CTRL_R .. "first_line\n")
    t:expect "41\r\n"
  end)

  it("holds what was typed in two at once", function()
    local first <close> = repl()
    local second <close> = repl()
    assert.equal("1\n", answer(first, "typed_in_first = 1 print(1)"))
    assert.equal("2\n", answer(second, "typed_in_second = 2 print(2)"))
    assert.equal("3\n", answer(first, "print(3)"))
    local kept = harness.must("cat " .. state .. "/nslab/history")
    assert.match("typed_in_first.*typed_in_second.*print", kept)
    assert.equal("history\n", harness.must("ls " .. state .. "/nslab | grep history"))
  end)

  it("is not needed", function()
    local t <close> = repl { state = "/proc/nowhere" }
    assert.equal("2\n", answer(t, "1 + 1"))
  end)
end)

describe("the REPL without a terminal", function()
  local function piped(text) return harness.run { "repl", stdin = text } end

  it("keeps a program that a line started", function()
    local got = piped("netns.host:spawn { 'sleep', '60.25' }\ncollectgarbage() collectgarbage()\n" ..
                      "netns.host:exec { 'pgrep', '-fc', 'sleep 60[.]25' }.stdout\n")
    assert.equal("1\n", got.stdout:match "\n(%d+\n)%s*$")
  end)

  it("prints values and no prompt", function()
    local got = piped "1 + 1\nfor i = 1, 2 do\nprint(i)\nend\nx = 1\nx\n"
    assert.same({ "2\n1\n2\n1\n", "", 0 }, { got.stdout, got.stderr, got.status })
  end)

  it("says that a chunk never ended", function()
    local got = piped "for i = 1, 2 do\n"
    assert.match("near <eof>", got.stderr)
    assert.equal("", got.stdout)
  end)

  it("goes on after an error", function()
    local got = piped "error 'boom'\nprint 'on'"
    assert.equal("on\n", got.stdout)
    assert.match("boom", got.stderr)
  end)
end)

-- host.repl, as the commands of nslab use it. The program has a pipe of ours as descriptor 7.
describe("host.repl", function()
  local PIPE = state .. "-pipe"

  setup(function() harness.must("mkfifo " .. PIPE) end)
  teardown(function() harness.must("rm -f " .. PIPE) end)

  local function start(code)
    local t = harness.terminal {
      "--no-sandbox", "-e", code,
      before = { "sh", "-c", 'exec "$@" 7<>' .. PIPE, "sh", "env", "TERM=xterm", "LANG=C.UTF-8",
                 "XDG_STATE_HOME=" .. state },
    }
    t:expect "> "
    return t
  end

  it("hands every line to who asked for it, and returns what ends it", function()
    local t <close> = start [[
      local n = 0
      local left = require "nslab.host".repl {
        prompt = function() n = n + 1 return n .. "> " end,
        line = function(text)
          if text == "next" then return true, "went on" end
          if text == "fail" then error "no luck" end
          if text:match "\\$" then return "more" end
          if text:match "^say" then print((text:gsub("\\\n", "+"))) return true end
        end,
        lua = false, unknown = function(text) print("no " .. text) end,
      }
      print("left: " .. left)]]
    t:type "1 + 1\n"
    t:expect "\r\nno 1 + 1\r\n2> "
    t:type "\n"
    t:expect "\r\n3> "
    t:type "say a\\\n"
    t:expect "\r\n... "
    t:type "b\n"
    t:expect "\r\nsay a+b\r\n4> "
    t:type "fail\n"
    t:expect "no luck"
    t:expect "5> "
    t:type "next\n"
    t:expect "\r\nleft: went on\r\n"
    assert.equal(0, select(2, t:rest()))
  end)

  it("shows values as it is told", function()
    local t <close> = start [[
      require "nslab.host".repl { show = function(...) print("got", ...) end, history = false }]]
    t:type "1, 2\n"
    t:expect "\r\ngot\t1\t2\r\n"
  end)

  it("wakes for a descriptor and draws the edited line again", function()
    local t <close> = start(([[
      local fifo = io.open(%q, "r+")
      require "nslab.host".repl {
        wake = { fds = function() return { 7 } end, call = function() print("came: " .. fifo:read()) end },
      }]]):format(PIPE))
    t:type "print('x'"
    t:expect "print('x'"
    harness.must(("echo news >%s"):format(PIPE))
    t:expect "came: news\r\n"
    t:expect "nslab> print('x'"
    t:type ")\n"
    t:expect "\r\nx\r\n"
  end)

  it("wakes without a terminal, too", function()
    local t = harness.sh(([[
      exec 7<>%s
      (sleep 0.2; echo news >&7; sleep 0.2; echo 'print "end"') | %s --no-sandbox -e '
        local fifo = io.open("%s", "r+")
        require "nslab.host".repl {
          wake = { fds = function() return { 7 } end, call = function() print(fifo:read()) end } }']])
      :format(PIPE, harness.nslab, PIPE))
    assert.equal("news\nend\n", t)
  end)

  it("can be started inside another", function()
    local t <close> = start [[require "nslab.host".repl { prompt = function() return "out> " end }]]
    t:type 'require "nslab.host".repl { prompt = function() return "in> " end }\n'
    t:expect "\r\nin> "
    t:type "1 + 1\n"
    t:expect "\r\n2\r\nin> "
    t:type(CTRL_D)
    t:expect "out> "
    t:type "2 + 2\n"
    t:expect "\r\n4\r\nout> "
  end)

  it("stops at the second Ctrl-C what catches the interruption", function()
    local t <close> = repl()
    t:type("local n = 0 while true do pcall(function() if n == 0 then print 'go' end while true do end end) " ..
           "n = n + 1 if n == 1 then print 'caught' end end\n")
    t:expect "go\r\n"
    t:type(CTRL_C)
    t:expect "caught\r\n" -- two at once may be one
    t:type(CTRL_C)
    t:expect "interrupted"
    t:expect(PROMPT)
    assert.equal("1\n", answer(t, "1"))
  end)

  it("stops at Ctrl-C what runs in a coroutine", function()
    local t <close> = repl()
    t:type "c = coroutine.wrap(function() print 'go' while true do end end)\n"
    t:expect(PROMPT)
    t:type "c()\n"
    t:expect "go\r\n"
    t:type(CTRL_C)
    t:expect "interrupted"
    t:expect(PROMPT)
    assert.equal("1\n", answer(t, "1"))
  end)

  it("takes pasted lines one by one", function()
    local t <close> = repl()
    t:type "\27[200~x = 1\r\tx = x + 1\rprint(x,\r'y')\rprint 'end'\27[201~"
    t:expect "2\ty\r\n"
    t:expect "print 'end'"
    t:type "\n"
    t:expect "\r\nend\r\n"
  end)
end)
