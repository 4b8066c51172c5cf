-- shell: lines as a shell takes them apart, and words as one would type them. What only a shell can do
-- (pipes, variables, other programs' output) is refused by name instead of being taken for a word.

local trouble = require "nslab.words.trouble"

local M = {}

-- The word as typed: quoted where a shell would change it.
function M.quote(word)
  word = tostring(word)
  if word:match "^[%w@%%+=:,./_-]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

function M.join(words)
  local typed = {}
  for i, word in ipairs(words) do typed[i] = M.quote(word) end
  return table.concat(typed, " ")
end

-- Characters that mean something to a shell that we are not, outside quotes.
local FOREIGN = "[|&<>()`$]"
local SHELL = "this is for a shell, and there is none here"

local SHELL_HINT = "netns.host:exec [[ LINE ]] hands a line to sh, with the real tools of this machine."
local LOOP_HINT = "A script of Lua has them; nslab repl shows the Lua of every command."

local function refuse(text, at, script)
  local placeholder = text:match("^<[%w_ -]+>", at)
  if placeholder then trouble.raise(placeholder, "put what you mean in the place of this") end
  trouble.raise(text:match("^%S+", at), SHELL, not script and SHELL_HINT or nil)
end

-- ---- one word ----------------------------------------------------------------------------------------

-- The text being read: at (the next character), line, variables (nil: there are none), script (what only
-- a script may have is read).
local Text = {}
Text.__index = Text

-- The value of the variable whose "$" is next.
function Text:variable()
  local name, stop = self.text:match("^%$([%a_][%w_]*)()", self.at)
  if not name then name, stop = self.text:match("^%${([%a_][%w_]*)}()", self.at) end
  if not name then name, stop = self.text:match("^%$(%d)()", self.at) end
  if not name or not self.variables then refuse(self.text, self.at, self.script) end
  local value = self.variables[name]
  if not value then trouble.raise("$" .. name, "this variable has no value here") end
  self.at = stop
  return value
end

-- What stands between double quotes, the first of which is next.
function Text:double_quoted()
  local from, out = self.at, {}
  self.at = from + 1
  while true do
    local stop = self.text:find('["\\$`]', self.at)
    if not stop then trouble.raise(self.text:sub(from), "the quote does not end") end
    out[#out + 1] = self.text:sub(self.at, stop - 1)
    self.at = stop
    local c = self.text:sub(stop, stop)
    if c == '"' then
      self.at = stop + 1
      return table.concat(out)
    elseif c == "$" then
      out[#out + 1] = self:variable()
    elseif c == "\\" then
      local escaped = self.text:sub(stop + 1, stop + 1)
      if escaped ~= "\n" then
        out[#out + 1] = escaped:match '["\\$`]' and escaped or "\\" .. escaped
      end
      self.at = stop + 2
    else
      refuse(self.text, stop, self.script)
    end
  end
end

local BREAK = "\0" -- where the value of a variable outside quotes falls into several words

-- The parts of one word that are written in different ways, by the character that they begin with.
local PARTS = {
  ["'"] = function(t)
    local stop = t.text:find("'", t.at + 1, true)
    if not stop then trouble.raise(t.text:sub(t.at), "the quote does not end") end
    local part = t.text:sub(t.at + 1, stop - 1)
    t.at = stop + 1
    return part
  end,
  ['"'] = Text.double_quoted,
  ["\\"] = function(t)
    t.at = t.at + 2
    return t.text:sub(t.at - 1, t.at - 1)
  end,
  ["$"] = function(t) return (t:variable():gsub("[ \t\n]+", BREAK)) end,
}

-- The word that is next, as an array of words: a variable may have none or several.
function Text:word()
  local out, quoted = {}, false
  while self.at <= #self.text do
    local c = self.text:sub(self.at, self.at)
    if c:match "[%s;]" or self.text:find("^&&", self.at) then break end
    if self.script and (c == "|" or c == "&" or c == ">") then break end
    if c ~= "$" and c:match(FOREIGN) then refuse(self.text, self.at, self.script) end
    quoted = quoted or c == "'" or c == '"'
    if PARTS[c] then
      out[#out + 1] = PARTS[c](self)
    else
      local plain = self.text:match("^[^%s;'\"\\|&<>()`$]+", self.at)
      out[#out + 1], self.at = plain, self.at + #plain
    end
  end
  local words = {}
  for word in (table.concat(out) .. BREAK):gmatch("([^" .. BREAK .. "]*)" .. BREAK) do
    if word ~= "" or quoted then words[#words + 1] = word end
  end
  return words
end

-- What a shell has for more than one command after the other.
local STRUCTURES = {}
for word in ("for while until if then else elif fi do done case esac function select { } [ [[ test"):gmatch
  "%S+" do STRUCTURES[word] = true end

function Text:refuse_structures()
  local word = self.text:match("^[^%s;&|]+", self.at)
  if STRUCTURES[word] then
    trouble.raise(word, "nslab reads commands one after the other; it has no loops and no conditions",
                  LOOP_HINT)
  end
end

-- ---- commands ----------------------------------------------------------------------------------------

-- What a script may have behind a command: pattern, and what it means for it.
local BEHIND = {
  { "^&>>?%s*/dev/null()", function(c) c.silent_out, c.silent_err = true, true end },
  { "^[1]?>>?%s*/dev/null()", function(c) c.silent_out = true end },
  { "^2>>?%s*/dev/null()", function(c) c.silent_err = true end },
  { "^2>&1()", function(c) c.silent_err = c.silent_out end },
}

function Text:behind(command)
  for _, row in ipairs(self.script and #command > 0 and BEHIND or {}) do
    local stop = self.text:match(row[1], self.at)
    if stop then
      row[2](command)
      self.at = stop
      return true
    end
  end
end

-- NAME=value words in front of a command, as they are in a script.
function Text:assigns(command)
  if not (self.script and #command == 0) then return false end
  local name, stop = self.text:match("^([%a_][%w_]*)=()", self.at)
  if not name then return false end
  self.at = stop
  self.variables[name] = table.concat(self:word(), " ")
  return true
end

-- How commands are separated: pattern, whether in scripts alone, how the next one is joined to this.
local SEPARATORS = {
  { "^&&()", false, "&&" }, { "^||()", true, "||" }, { "^;()", false }, { "^\n()", false },
  { "^&()", true, "&" },
}

function Text:separator()
  for _, row in ipairs(SEPARATORS) do
    local stop = (self.script or not row[2]) and self.text:match(row[1], self.at)
    if stop then return stop, row[3] end
  end
end

-- Lua: commands(text[, variables]) -> an array of { words..., line = number }. A comment ends with its
-- line, a backslash before the end of a line continues it, ; and && separate commands. With a table
-- of variables the text is a script: these are read and set, and commands may also have joined ("&&",
-- "||": with what was before), silent_out, silent_err (> /dev/null) and background (&).
function M.commands(text, variables)
  local t = setmetatable({ text = text, at = 1, line = 1, variables = variables,
                           script = variables ~= nil }, Text)
  local commands, command, joined = {}, {}, nil
  local function finish(how)
    command.joined = joined
    if #command > 0 then commands[#commands + 1] = command end
    if how == "&" then
      command.background, how = true, nil
    end
    if #command > 0 or how == nil then joined = how end
    command = {}
  end
  local function read()
    local stop, how = t:separator()
    if stop then
      if t.text:sub(t.at, t.at) == "\n" then
        t.line = t.line + 1
        if #command == 0 and joined then how = joined end -- "a &&" goes on in the next line
      end
      finish(how)
      t.at = stop
    elseif t.text:find("^\\\n", t.at) then
      t.at, t.line = t.at + 2, t.line + 1
    elseif t.text:find("^%s", t.at) then
      t.at = t.at + 1
    elseif t.text:find("^#", t.at) then
      t.at = t.text:find("\n", t.at, true) or #t.text + 1
    elseif not t:behind(command) and not t:assigns(command) then
      command.line = command.line or t.line
      if #command == 0 then t:refuse_structures() end
      table.move(t:word(), 1, 99, #command + 1, command)
      local c = t.text:sub(t.at, t.at)
      if c == ">" and not t:behind(command) then refuse(t.text, t.at, t.script) end
      if c == "|" and not t:separator() then refuse(t.text, t.at, t.script) end
    end
  end
  while t.at <= #text do
    local ok, raised = pcall(read)
    if not ok then
      if type(raised) == "table" then raised.line = t.line end
      error(raised, 0)
    end
  end
  finish()
  return commands
end

return M
