-- What a person sees of a lab: wrapping, widths, signs and colours. No kernel and no lab is needed.

local render = require "nslab.render"
local wrap = require "nslab.wrap"

describe("width", function()
  local WIDTHS = {
    { "", 0 }, { "veth-red", 8 }, { "é", 1 }, { "e\u{301}", 1 }, { "—", 1 }, { "✓", 1 },
    { "名前空間", 8 }, { "a\u{200B}b", 2 }, { "😀", 2 }, { "\u{FF21}", 2 }, { "\xff\xfe", 2 },
    { "ab\xc3", 3 },
  }
  for _, case in ipairs(WIDTHS) do
    it(("of %q is %d"):format(case[1], case[2]), function()
      assert.equal(case[2], wrap.width(case[1]))
    end)
  end
end)

describe("words", function()
  it("breaks lines where the next word would pass the last column", function()
    assert.same({ "aaa bbb", "ccc" }, wrap.words("aaa bbb ccc", 7))
    assert.same({ "aaa", "bbb", "ccc" }, wrap.words("aaa bbb ccc", 6))
  end)

  it("indents the first line and the others as told", function()
    assert.same({ "- aaa", "  bbb" }, wrap.words("aaa bbb", 6, "- ", "  "))
  end)

  it("counts columns, not bytes", function()
    assert.same({ "éé éé", "éé" }, wrap.words("éé éé éé", 5))
    assert.same({ "名前", "空間" }, wrap.words("名前 空間", 8))
    assert.same({ "名前 空間" }, wrap.words("名前 空間", 9))
  end)

  it("leaves a word whole that is wider than the line", function()
    assert.same({ "a", "https://example.org/x", "b" }, wrap.words("a https://example.org/x b", 8))
  end)

  it("makes no line of nothing", function()
    assert.same({}, wrap.words("  \n ", 8))
  end)
end)

describe("dedent", function()
  it("takes away the indentation that all lines share", function()
    assert.equal("a\n  b\nc", wrap.dedent("    a\n      b\n    c\n  "))
  end)

  it("does not count a first line that follows the bracket", function()
    assert.equal("a\nb\n  c", wrap.dedent("a\n    b\n      c"))
  end)

  it("drops blank lines around the text and keeps those within", function()
    assert.equal("a\n\nb", wrap.dedent("\n\n  a\n\n  b\n\n"))
  end)
end)

describe("prose", function()
  it("joins and wraps the lines of a paragraph", function()
    assert.same({ "one two three", "four" }, wrap.prose("one two\nthree four", 13))
  end)

  it("keeps paragraphs apart by one blank line", function()
    assert.same({ "a", "", "b" }, wrap.prose("a\n\n\nb", 20))
  end)

  it("keeps indented lines as they are", function()
    assert.same({ "see:", "    a    b", "    c d e f g h i", "and on" },
                wrap.prose("see:\n    a    b\n    c d e f g h i\nand on", 8))
  end)

  it("hangs the lines of a list item below its text", function()
    assert.same({ "- one two", "  three", "- four", "1. five", "   six" },
                wrap.prose("- one two\n  three\n- four\n1. five six", 9))
  end)

  it("puts the margin in front of every line but blank ones", function()
    assert.same({ "  a", "", "    b" }, wrap.prose("a\n\n  b", 20, "  "))
  end)
end)

describe("terminal", function()
  local function terminal(env, is_terminal)
    local host = {
      isatty = function() return is_terminal end, columns = function() return 132 end,
      utf8 = function() return true end,
    }
    return render.terminal(host, function(name) return env[name] end)
  end

  it("has colour and its own width when it is one", function()
    local t = terminal({}, true)
    assert.same({ 132, 132, true, true }, { t.columns, t.width(), t.colour, t.utf8 })
  end)

  it("has neither when it is a file or a pipe", function()
    assert.same({ columns = 80, colour = false, utf8 = true }, terminal({}, false))
  end)

  it("has no colour when NO_COLOR says so or it is dumb", function()
    assert.is_false(terminal({ NO_COLOR = "1" }, true).colour)
    assert.is_true(terminal({ NO_COLOR = "" }, true).colour)
    assert.is_false(terminal({ TERM = "dumb" }, true).colour)
    assert.is_true(terminal({ TERM = "xterm" }, true).colour)
  end)
end)

-- The events of a short run that shows every kind.
local EVENTS = {
  { event = "start", title = "Two rooms", summary = "A host\nand its rooms.", minutes = 5, steps = 3 },
  { event = "step", step = 1, title = "Make a room" },
  { event = "text", step = 1, text = "A room has walls.\n\n    ip netns add NAME" },
  { event = "command", step = 1, text = "ip netns add red" },
  { event = "command", step = 1, text = "ip netns list" },
  { event = "output", step = 1, text = "red\n", source = "command" },
  { event = "check", step = 1, text = "there is a room called red", ok = true },
  { event = "step", step = 2, title = "Make it again" },
  { event = "command", step = 2, text = "ip netns add red" },
  { event = "error", step = 2, text = "x.lua:3: netns.add red: File exists (EEXIST).\n  It is there." },
  { event = "check", step = 2, text = "there are two rooms", ok = false, reason = "there is one" },
  { event = "skip", step = 3, title = "Go in", reason = "not run" },
  { event = "end", steps = 2, checks = 2, failed = 1, skipped = 1, stopped = 2 },
}

local function shown(events, terminal)
  local out = {}
  local sink = render.text(function(text) out[#out + 1] = text end, terminal)
  for _, e in ipairs(events) do sink(e) end
  return table.concat(out)
end

describe("the text of a run", function()
  it("shows every event", function()
    assert.equal([[
Two rooms
3 steps, about 5 minutes

A host and its rooms.

Step 1 of 3: Make a room

  A room has walls.

      ip netns add NAME

  $ ip netns add red
  $ ip netns list
    red

  ✓ there is a room called red

Step 2 of 3: Make it again

  $ ip netns add red
    x.lua:3: netns.add red: File exists (EEXIST).
      It is there.

  ✗ there are two rooms
    there is one

Step 3: Go in: not run

2 of 3 steps, 2 checks, 1 failed. Stopped in step 2.
]], shown(EVENTS, { columns = 80, utf8 = true }))
  end)

  it("says it in words where there is no UTF-8, and prints nothing but ASCII then", function()
    local text = shown(EVENTS, { columns = 80, utf8 = false })
    assert.truthy(text:find("\n  ok: there is a room called red\n", 1, true))
    assert.truthy(text:find("\n  FAILED: there are two rooms\n          there is one\n", 1, true))
    assert.is_nil(text:find("[\x80-\xff]"))
  end)

  it("has no escape sequence without colour", function()
    assert.is_nil(shown(EVENTS, { columns = 80, utf8 = true }):find("\27", 1, true))
  end)

  it("is the same text with colours, once they are taken away", function()
    local coloured = shown(EVENTS, { columns = 80, utf8 = true, colour = true })
    assert.truthy(coloured:find("\27[32m✓\27[0m", 1, true))
    assert.truthy(coloured:find("\27[1;31m✗\27[0m", 1, true))
    assert.equal(shown(EVENTS, { columns = 80, utf8 = true }), (coloured:gsub("\27%[[%d;]*m", "")))
  end)

  for _, columns in ipairs { 20, 33, 57, 80, 300 } do
    it("never passes column " .. columns .. " where it can break a line", function()
      local long = ("veth-red is in red, and "):rep(20)
      local text = shown({
        { event = "start", title = long, summary = long, steps = 1 },
        { event = "step", step = 1, title = long }, { event = "text", step = 1, text = long },
        { event = "check", step = 1, text = long, ok = false, reason = long },
        { event = "skip", step = 1, title = long, reason = long },
        { event = "end", steps = 1, checks = 1, failed = 1 },
      }, { columns = columns, utf8 = true })
      local widest = 0
      for line in text:gmatch("[^\n]*") do widest = math.max(widest, wrap.width(line)) end
      assert.truthy(widest <= columns, widest)
      assert.truthy(widest > math.min(columns, 100) - #"veth-red", widest)
    end)
  end

  it("does not break commands and what they printed", function()
    local long = ("10: v: <UP>,"):rep(20)
    local text = shown({ { event = "command", step = 1, text = long },
                         { event = "output", step = 1, text = long .. "\n\n  x\n" } },
                       { columns = 40, utf8 = true })
    assert.equal("  $ " .. long .. "\n    " .. long .. "\n\n      x\n", text)
  end)
end)

describe("what this machine lacks", function()
  local LACK = { costs = "labs with a VRF", remedy = "sudo modprobe vrf\nanother kernel" }
  local function with(fields)
    for key, value in pairs(LACK) do fields[key] = value end
    return fields
  end

  it("is said of the whole lab with what it costs and what helps", function()
    assert.equal("This lab cannot run here: this kernel has no vrf.\n  without it: labs with a VRF\n" ..
                 "  remedy: sudo modprobe vrf\n  remedy: another kernel\n",
                 shown({ with { event = "lack", name = "vrf", text = "this kernel has no vrf" } }, { columns = 80 }))
  end)

  it("is said once where several steps lack the same", function()
    local function skip(step, reason)
      return with { event = "skip", step = step, title = "T", reason = reason }
    end
    local text = shown({ skip(1, "no netem"), skip(2, "no netem"), skip(3, "no tbf") }, { columns = 80 })
    local remedies = "  without it: labs with a VRF\n  remedy: sudo modprobe vrf\n  remedy: another kernel\n"
    assert.equal("Step 1: T: no netem\n" .. remedies .. "Step 2: T: no netem\nStep 3: T: no tbf\n" .. remedies, text)
  end)
end)

describe("the last line", function()
  local function last(fields)
    fields.event = "end"
    return shown({ { event = "start", title = "x", steps = 12 }, fields },
                 { columns = 100, utf8 = true }):match("([^\n]*)\n$")
  end
  local LINES = {
    { "12 steps, 31 checks, all held.", { steps = 12, checks = 31, failed = 0 } },
    { "12 steps, 31 checks, 2 failed.", { steps = 12, checks = 31, failed = 2 } },
    { "11 of 12 steps, 1 check, 1 skipped, all held.",
      { steps = 11, checks = 1, failed = 0, skipped = 1 } },
    { "5 of 12 steps, 9 checks. Stopped in step 5.",
      { steps = 5, checks = 9, failed = 0, skipped = 7, stopped = 5 } },
    { "5 of 12 steps, 9 checks. Interrupted in step 5.",
      { steps = 5, checks = 9, failed = 0, skipped = 7, stopped = 5, interrupted = true } },
    { "0 of 12 steps, 0 checks. Stopped before the first step.",
      { steps = 0, checks = 0, failed = 0, skipped = 12, stopped = 0 } },
  }
  LINES[#LINES + 1] = { "Nothing of it can run here; `nslab doctor` lists all that this machine lacks.",
                        { steps = 0, checks = 0, failed = 0, impossible = true } }
  for _, case in ipairs(LINES) do
    it("can be: " .. case[1], function() assert.equal(case[1], last(case[2])) end)
  end
end)
