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

-- What stands between double quotes from `at` on; the text and the place behind the quote.
local function double_quoted(text, at)
  local out, from = {}, at
  while true do
    local stop = text:find('["\\$`]', at)
    if not stop then trouble.raise(text:sub(from - 1), "the quote does not end") end
    out[#out + 1] = text:sub(at, stop - 1)
    local c = text:sub(stop, stop)
    if c == '"' then return table.concat(out), stop + 1 end
    if c ~= "\\" then trouble.raise(text:sub(stop), SHELL) end
    local escaped = text:sub(stop + 1, stop + 1)
    out[#out + 1] = (escaped:match '["\\$`]' or escaped == "\n") and escaped or "\\" .. escaped
    at = stop + 2
  end
end

-- One word from `at` on, which is no blank; the word and the place behind it.
local function word_at(text, at)
  local out = {}
  while at <= #text do
    local c = text:sub(at, at)
    if c:match "[%s;]" or text:find("^&&", at) then break end
    if c:match(FOREIGN) then trouble.raise(text:match("^%S+", at), SHELL) end
    if c == "'" then
      local stop = text:find("'", at + 1, true)
      if not stop then trouble.raise(text:sub(at), "the quote does not end") end
      out[#out + 1], at = text:sub(at + 1, stop - 1), stop + 1
    elseif c == '"' then
      out[#out + 1], at = double_quoted(text, at + 1)
    elseif c == "\\" then
      out[#out + 1], at = text:sub(at + 1, at + 1), at + 2
    else
      local plain = text:match("^[^%s;'\"\\|&<>()`$]+", at)
      out[#out + 1], at = plain, at + #plain
    end
  end
  return table.concat(out), at
end

-- The commands of a text: an array of { words..., line = number }. A comment ends with its line, a
-- backslash before the end of a line continues it, ; and && separate commands.
function M.commands(text)
  local commands, words, at, line = {}, {}, 1, 1
  local function finish()
    if #words > 0 then commands[#commands + 1] = words end
    words = {}
  end
  while at <= #text do
    local c = text:sub(at, at)
    if text:find("^\\\n", at) then
      at, line = at + 2, line + 1
    elseif c == "\n" or c == ";" then
      finish()
      at, line = at + 1, line + (c == "\n" and 1 or 0)
    elseif text:find("^&&", at) then
      finish()
      at = at + 2
    elseif c:match "%s" then
      at = at + 1
    elseif c == "#" then
      at = text:find("\n", at, true) or #text + 1
    else
      words.line = words.line or line
      words[#words + 1], at = word_at(text, at)
    end
  end
  finish()
  return commands
end

return M
