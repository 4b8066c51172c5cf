-- step: `nslab run LAB --step`: plays a lab one step at a time. After each step it says what changed and
-- waits for a word: go on, go back to where the step began, look around, type Lua, open a shell,
-- leave. The words come from a terminal, or a line each from standard input.

local capture = require "nslab.capture"
local changes = require "nslab.changes"
local lab = require "nslab.lab"
local look = require "nslab.look"

local M = {}

local HINT = "next (or Enter), again, look, lua, shell, help, quit"

local HELP = [[
next            go on; Enter alone does it too
again           back to where this step began: a fresh sandbox, in which the steps before it are
                done again
look            links, addresses, routes, neighbours and rules of the host and of every namespace
look links red  one of these (links, addresses, routes, neighbours, rules), one namespace, or both
lua             type Lua here; Ctrl-D comes back
lua CODE        run one line of it
shell red       your shell inside the namespace red; without a name on the host. exit comes back
quit            leave the lab; Ctrl-D and Ctrl-C do it too
Words may be shortened: n, a, l, lu, s, h, q.]]

local Stepper = {}
Stepper.__index = Stepper

function Stepper:emit(kind, fields)
  fields.step = self.at
  self.runner.emit(kind, fields)
end

-- What the person is told; a text of several lines keeps them.
function Stepper:output(text, source)
  if text ~= "" then self:emit("output", { text = text, source = source }) end
end

-- ---- the words -----------------------------------------------------------------------------------

-- Each returns what ends the waiting, or nil to wait on.
local DO = {}

function DO.next() return "next" end
function DO.quit() return "leave" end
function DO.help(self) self:output(HELP, "help") end

function DO.again(self)
  if require("nslab.host").sandboxed() and not self.no_sandbox then return "again" end
  self:emit("error", { text = "again needs a sandbox of nslab's own; this lab runs without one." })
end

-- The section and the namespace that the words name, in any order.
local function look_words(text)
  local o = {}
  for word in text:gmatch "%S+" do
    if not o.what and look.word(word) then
      o.what = word
    elseif not o.netns then
      o.netns = word
    else
      error(("look: one namespace at a time, not %s and %s"):format(o.netns, word), 0)
    end
  end
  return o
end

function DO.look(self, text)
  local ok, said = pcall(function()
    local o = look_words(text)
    o.columns = self.columns() - 4
    return look.text(o)
  end)
  if ok then self:output(said, "look") else self:emit("error", { text = tostring(said) }) end
end

local function compile(text)
  local chunk = load("return " .. text, "=lua")
  if chunk then return chunk end
  return load(text, "=lua")
end

-- Prints what the chunk returns.
local function shown(chunk)
  local results = table.pack(chunk())
  if results.n > 0 then print(table.unpack(results, 1, results.n)) end
end

function DO.lua(self, text)
  if text == "" then return self:lua() end
  local chunk, trouble = compile(text)
  if not chunk then return self:emit("error", { text = trouble }) end
  local ok, raised = self.runner:call(self.at, false, shown, chunk)
  if not ok then self.runner:complain(self.at, raised) end
end

function DO.shell(self, name)
  local ok, trouble = pcall(self.shell, self, name ~= "" and name or nil)
  if not ok then self:emit("error", { text = tostring(trouble) }) end
end

local WORDS = { "next", "again", "look", "lua", "shell", "help", "quit" } -- l is look
local OTHERS = { ["?"] = "help", exit = "quit", back = "again", [""] = "next" }

local function word_of(text)
  if OTHERS[text] then return OTHERS[text] end
  for _, word in ipairs(WORDS) do
    if word:sub(1, #text) == text then return word end
  end
end

function Stepper:unknown(text)
  local word = text:match "%S+"
  local near = lab.nearest(word, WORDS)
  self:emit("error", { text = ("there is no word %s here; %s"):format(word, near and
            ("did you mean %s?"):format(near) or ("there are %s."):format(table.concat(WORDS, ", "))) })
end

-- Does one line: whether it was understood, and what ends the waiting.
function Stepper:line(text)
  local first, rest = text:match "^%s*(%S*)%s*(.-)%s*$"
  local word = word_of(first)
  if not word then
    self:unknown(text)
    return true
  end
  return true, DO[word](self, rest)
end

-- ---- a terminal, or lines ------------------------------------------------------------------------

-- What words the line could go on with: the words, then sections and namespaces.
local function complete(text, cursor)
  local typed = text:sub(1, cursor)
  local word, found = typed:match "%S*$", {}
  local list = WORDS
  if typed:match "^%s*%S+%s" then
    list = typed:match "^%s*l[o]*k?%s" and table.move(look.WORDS, 1, #look.WORDS, 1, {}) or {}
    for _, ns in ipairs(look.places()) do list[#list + 1] = tostring(ns) end
  end
  for _, candidate in ipairs(list) do
    if candidate:sub(1, #word) == word then found[#found + 1] = candidate end
  end
  return cursor - #word + 1, found
end

local Terminal = setmetatable({}, { __index = Stepper })
Terminal.__index = Terminal

function Terminal:wait(prompt)
  return require("nslab.host").repl {
    prompt = function() return prompt .. "> " end,
    line = function(text) return self:line(text) end,
    complete = complete, lua = false, history = false, interrupt = "leave",
  }
end

function Terminal:lua()
  self:output("Lua. Ctrl-D comes back to the lab.", "help")
  local session <close> = require("nslab.repl.session").new { name = "lua" }
  require("nslab.host").repl(session:options())
end

function Terminal.shell(_, name)
  io.stdout:flush()
  require("nslab.shell").open { netns = name and look.place(name) or require("netns").host }
end

-- Lines for a program: a word each, until there are no more.
local Lines = setmetatable({}, { __index = Stepper })
Lines.__index = Lines

function Lines:wait()
  for text in function() return io.stdin:read "l" end do
    local _, result = self:line(text)
    if result then return result end
    self:prompt()
  end
end

function Lines:lua()
  self:emit("error", { text = "lua needs a terminal, or its code in the same line." })
end

function Lines.shell()
  error("shell needs a terminal.", 0)
end

-- ---- the steps -----------------------------------------------------------------------------------

function Stepper:prompt()
  self:emit("prompt", { text = HINT, at = self.place })
end

-- Waits for a word; "next", "again" or "leave".
function Stepper:ask(place)
  self.place = place
  self.runner:waits "a word"
  self:prompt()
  local of = ("step %d of %d"):format(self.at, #self.runner.lab.steps)
  return self:wait(place == "before" and "before " .. of or of) or "leave"
end

-- Numbers of the runner that outlive a sandbox, as they were before the step.
local COUNTERS = { "done", "checked", "failed", "skipped" }

function Stepper:remember()
  local parts = { self.at }
  for _, name in ipairs(COUNTERS) do parts[#parts + 1] = self.runner[name] end
  self.memory = table.concat(parts, " ")
end

-- Goes on where the sandbox before this one was left.
function Stepper:recall(text)
  local numbers = {}
  for n in text:gmatch "%d+" do numbers[#numbers + 1] = math.tointeger(n) end
  self.at = numbers[1]
  self:emit("again", { steps = #self.runner.lab.steps })
  self.runner:replay(self.at - 1)
  for i, name in ipairs(COUNTERS) do self.runner[name] = numbers[i + 1] end
end

-- Does the step and says what came of it; whether the lab can go on behind it.
function Stepper:perform()
  local before = changes.moment()
  local fine = self.runner:perform(self.at)
  if self.runner:stopping() then return false end
  for _, change in ipairs(changes.changes(before, changes.moment())) do self:emit("change", change) end
  return fine
end

-- One step with the waiting before (`pause`) and after it; "next", "leave", "failed" or "skipped".
function Stepper:step(pause)
  self:remember()
  local going = self.runner:announce(self.at)
  if going == nil then return "failed" end
  if not going then return "next" end
  local word = pause and self:ask "before" or "next"
  local fine = true
  if self.runner:stopping() then return "failed" end
  if word == "next" then
    fine = self:perform()
    if self.runner:stopping() then return "failed" end
    word = self:ask "after"
    if self.runner:stopping() then return "failed" end
  end
  if word == "again" then require("nslab.host").restart(self.memory) end
  return word == "next" and not fine and "failed" or word
end

-- The step that it did not come past, nil when it went through.
function Stepper:play()
  local r, restarted = self.runner, require("nslab.host").restarted()
  self.at = 0
  if not restarted then r:start() end
  if not r:prepare() then return 0 end
  self.at = 1
  if restarted then self:recall(restarted) end
  local first = self.at
  for i = first, #r.lab.steps do
    self.at = i
    local word = self:step(restarted and i == first)
    r.left = word == "leave" or nil
    if word ~= "next" then return i end
  end
end

-- Lua: play(runner, options) -> exit status. `columns` tells how wide the terminal is.
function M.play(runner, options, columns)
  local kind = options.json and Lines or Terminal
  local stepper = setmetatable({ runner = runner, columns = columns, no_sandbox = options.no_sandbox }, kind)
  capture.install()
  local ok, stopped = pcall(stepper.play, stepper)
  if ok then return runner:finish(stopped) end
  if not runner:stopping() then error(stopped, 0) end
  return runner:finish(stepper.at)
end

return M
