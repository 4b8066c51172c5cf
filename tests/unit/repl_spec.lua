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

  it("is not needed", function()
    local t <close> = repl { state = "/proc/nowhere" }
    assert.equal("2\n", answer(t, "1 + 1"))
  end)
end)

describe("the REPL without a terminal", function()
  local function piped(text) return harness.run { "repl", stdin = text } end

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
