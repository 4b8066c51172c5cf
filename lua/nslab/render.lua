-- render: the sink that shows a lab's events to a person: wrapped to the terminal, with colours and
-- ticks only where they can be seen. Knows nothing of kernels or of how a lab is run.

local wrap = require "nslab.wrap"

local render = {}

local COLOURS = {
  title = "\27[1m", command = "\27[36m", good = "\27[32m", bad = "\27[1;31m", quiet = "\27[2m",
  open = "\27[33m",
}

-- Signs, with the words that stand for them where the terminal has no UTF-8.
local SIGNS = {
  [true] = { good = "✓", bad = "✗", open = "○" },
  [false] = { good = "ok:", bad = "FAILED:", open = "to do:" },
}

-- Longer lines are hard to read, however wide the terminal is.
local WIDEST, NARROWEST = 100, 20

local MARGIN, COMMAND = "  ", "    "

-- What the terminal on standard output can do. `host` answers isatty, columns and utf8; `getenv` is
-- os.getenv but for tests.
function render.terminal(host, getenv)
  getenv = getenv or os.getenv
  local terminal = host.isatty(1)
  local none = getenv("NO_COLOR")
  local able = terminal and getenv("TERM") ~= "dumb"
  local colour = able and (none == nil or none == "")
  local function width() return host.columns(1) end
  return { columns = terminal and width() or 80, width = terminal and width or nil, colour = colour,
           rewrites = able or nil, utf8 = host.utf8() }
end

local function count(n, thing)
  return ("%d %s%s"):format(n, thing, n == 1 and "" or "s")
end

-- The lines that say what it costs that something is missing, and what helps; as `nslab doctor` has them.
function render.lack(e, columns)
  local lines = {}
  local function put(text, first)
    table.move(wrap.words(text, columns, MARGIN .. first, MARGIN .. MARGIN), 1, columns, #lines + 1, lines)
  end
  if e.costs then put(e.costs, "without it: ") end
  for line in (e.remedy or ""):gmatch "[^\n]+" do put(line, "remedy: ") end
  return lines
end

local IMPOSSIBLE = "Nothing of it can run here; `nslab doctor` lists all that this machine lacks."

-- One sentence for the whole run, made from the end event.
local function summary(e, steps)
  if e.impossible then return IMPOSSIBLE end
  local parts = { steps == e.steps and count(e.steps, "step") or
                  ("%d of %s"):format(e.steps, count(steps, "step")), count(e.checks, "check") }
  if e.skipped and not e.stopped then parts[#parts + 1] = e.skipped .. " skipped" end
  if e.failed > 0 then
    parts[#parts + 1] = e.failed .. " failed"
  elseif e.checks > 0 and not e.stopped then
    parts[#parts + 1] = "all held"
  end
  local text = table.concat(parts, ", ") .. "."
  if e.stopped then
    local how = e.timed_out and " Timed out" or e.interrupted and " Interrupted" or e.left and " Left"
    text = text .. (how or " Stopped") ..
           (e.stopped > 0 and (" in step %d."):format(e.stopped) or " before the first step.")
  end
  return text
end

local Screen = {}
Screen.__index = Screen

-- How wide lines may be; a terminal's width may have changed since the last step.
function Screen:measure()
  local columns = self.terminal.width and self.terminal.width() or self.terminal.columns or 80
  self.columns = math.max(NARROWEST, math.min(WIDEST, columns))
end

function Screen:paint(style, text)
  return self.colour and COLOURS[style] .. text .. "\27[0m" or text
end

-- Starts a group of lines; groups are set apart by one blank line.
function Screen:group(name)
  if self.last and self.last ~= name then self.write("\n") end
  self.last = name
end

function Screen:lines(lines, style)
  for _, line in ipairs(lines) do
    self.write((style and line ~= "" and self:paint(style, line) or line) .. "\n")
  end
end

-- Lines as they are, behind the margin of commands.
function Screen:verbatim(text, style)
  local lines = wrap.lines(text)
  for i, line in ipairs(lines) do lines[i] = line == "" and "" or COMMAND .. line end
  self:lines(lines, style)
end

local show = {}

function show.start(s, e)
  s.steps = e.steps
  s:group("start")
  s:lines(wrap.words(e.title, s.columns), "title")
  local facts = count(e.steps, "step")
  if e.minutes then facts = facts .. ", about " .. count(e.minutes, "minute") end
  s:lines({ facts }, "quiet")
  if e.summary then
    s:group("summary")
    s:lines(wrap.prose(e.summary, s.columns))
  end
end

function show.step(s, e)
  s.steps = s.steps or e.steps
  s:group("step " .. e.step)
  s:measure()
  local of = s.steps and (" of " .. s.steps) or ""
  s:lines(wrap.words(("Step %d%s: %s"):format(e.step, of, e.title), s.columns), "title")
end

local TEXTS = { done = "good", learned = "title" }

function show.text(s, e)
  s:group(e.source or "text")
  s:lines(wrap.prose(e.text, s.columns, MARGIN), TEXTS[e.source])
end

-- One thing that could be typed, behind its sign.
function Screen:typed(sign, text)
  local lines = wrap.lines(text)
  for i, line in ipairs(lines) do
    lines[i] = MARGIN .. (i == 1 and sign or "  ") .. self:paint("command", line)
  end
  self:lines(lines)
end

function show.command(s, e)
  s:group("commands")
  if e.text then s:typed("$ ", e.text) end
  if e.lua then s:typed("> ", e.lua) end
  if e.netlink then s:verbatim(e.netlink, "quiet") end
end

function show.output(s, e)
  s:group("commands")
  s:verbatim(e.text)
end

function show.error(s, e)
  s:group("commands")
  s:verbatim(e.text, "bad")
end

-- A sentence with a sign before it.
local function signed(s, e, style)
  local sign = s.signs[style]
  local hanging = MARGIN .. (" "):rep(wrap.width(sign) + 1)
  local lines = wrap.words(e.text, s.columns, MARGIN .. sign .. " ", hanging)
  lines[1] = lines[1]:gsub(sign, function() return s:paint(style, sign) end, 1)
  s:lines(lines)
  return hanging
end

function show.check(s, e)
  s:group("checks")
  local style = e.ok and "good" or e.still and "open" or "bad"
  local hanging = signed(s, e, style)
  if e.ok or not e.reason then return end
  for _, reason in ipairs(wrap.lines(e.reason)) do
    s:lines(wrap.words(reason, s.columns, hanging), style)
  end
end

function show.goal(s, e)
  s:group("goals")
  signed(s, e, e.ok and "good" or "open")
end

-- One line that is written over again and again; where there is no cursor to move, one for a check.
function show.wait(s, e)
  local text = ("%swaiting %d s: %s%s"):format(MARGIN, e.waited_ms // 1000, e.text,
                                               e.reason and ": " .. e.reason or "")
  if s.terminal.rewrites then
    s.write("\r" .. wrap.cut(text, s.columns - 1) .. "\27[K")
    s.waiting = true
  elseif s.terminal.width and s.waited ~= e.text then
    s:group("checks")
    s:lines(wrap.words(text, s.columns, MARGIN, MARGIN .. MARGIN))
    s.waited = e.text
  end
end

function show.change(s, e)
  s:group("changes")
  s:lines(wrap.words(e.text, s.columns, MARGIN, MARGIN .. MARGIN))
end

-- The words that may be typed; once is enough. The prompt itself is drawn by who reads the line.
function show.prompt(s, e)
  s:group("prompt " .. e.step)
  if not s.prompted then s:lines(wrap.words(e.text, s.columns), "quiet") end
  s.prompted, s.last = true, "commands" -- what is answered stands under what was typed
end

function show.again(s, e)
  s.steps, s.prompted = e.steps, true
  s:group("again")
  s:lines(wrap.words(("Back to where step %d began."):format(e.step), s.columns), "quiet")
end

function show.skip(s, e)
  s:group("skipped")
  local text = ("Step %d: %s: %s"):format(e.step, e.title, e.reason)
  s:lines(wrap.words(text, s.columns, "", MARGIN), "quiet")
  if s.lacked ~= e.reason then s:lines(render.lack(e, s.columns), "quiet") end -- once is enough
  s.lacked = e.reason
end

function show.lack(s, e)
  s:group "lacking"
  s:lines(wrap.words(("This lab cannot run here: %s."):format(e.text), s.columns), "bad")
  s:lines(render.lack(e, s.columns))
end

show["end"] = function(s, e)
  s:group("end")
  s:lines(wrap.words(summary(e, s.steps or e.steps), s.columns),
          (e.failed > 0 or e.stopped or e.impossible) and "bad" or "good")
end

-- A sink that writes text. `terminal` is what render.terminal returns.
function render.text(write, terminal)
  local screen = setmetatable({ write = write, terminal = terminal, colour = terminal.colour,
                                signs = SIGNS[terminal.utf8 and true or false] }, Screen)
  screen:measure()
  return function(e)
    local handler = show[e.event]
    if screen.waiting and e.event ~= "wait" then
      screen.write("\r\27[K")
      screen.waiting = nil
    end
    if handler then handler(screen, e) end
  end
end

return render
