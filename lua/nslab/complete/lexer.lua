-- lexer: the beginning of a chunk of Lua as tokens, and the brackets that are open at its end.

local M = {}

local OPENS = { ["("] = true, ["{"] = true, ["["] = true }
local CLOSES = { [")"] = true, ["}"] = true, ["]"] = true }

-- The place behind a long bracket that begins at `at` ("[[", "[==["); nil when none begins there, false
-- when it does not end.
local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local _, stop = text:find("]" .. level .. "]", at, true)
  return stop and stop + 1 or false
end

-- The place behind a string in quotes; nil when it does not end.
local function quoted(text, at)
  local quote, i = text:sub(at, at), at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == quote then return i + 1 end
    i = i + (c == "\\" and 2 or 1)
  end
end

-- One token from `at` on: { kind, text, at } (later also `stop`, behind it), and the place behind it;
-- nil when the text ends within something that cannot be completed.
local function token(text, at)
  local word = text:match("^[%a_][%w_]*", at)
  if word then return { kind = "name", text = word, at = at }, at + #word end
  local number = text:match("^%d[%w.]*", at)
  if number then return { kind = "number", text = number, at = at }, at + #number end
  local c = text:sub(at, at)
  if c == '"' or c == "'" then
    local stop = quoted(text, at)
    if stop then return { kind = "string", text = text:sub(at + 1, stop - 2), at = at }, stop end
    return { kind = "open", text = text:sub(at + 1), at = at + 1 }, #text + 1
  end
  local stop = long_bracket(text, at)
  if stop == false then return nil end
  if stop then return { kind = "string", text = "", at = at }, stop end
  local two = text:match("^%.%.%.?", at) or text:match("^[=~<>]=", at) or
              text:match("^::", at) or c
  return { kind = "symbol", text = two, at = at }, at + #two
end

local function skip(text, at)
  at = text:match("^%s*()", at)
  while text:find("^%-%-", at) do
    local stop = long_bracket(text, at + 2)
    if stop == nil then stop = text:find("\n", at, true) end
    if not stop then return nil end
    at = text:match("^%s*()", stop)
  end
  return at
end

-- What a token does to the innermost bracket: the key that it names, the argument it is in.
local function note(frame, tokens)
  local n = #tokens
  local t = tokens[n]
  if t.kind ~= "symbol" then return end
  if t.text == "," or t.text == ";" then
    frame.arg, frame.key = frame.arg + 1, nil
  elseif t.text == "=" and frame.open == "{" and n > 1 and tokens[n - 1].kind == "name" then
    frame.key = tokens[n - 1].text
    frame.used[frame.key] = true
  end
end

-- Lua: read(text) -> tokens, stack of open brackets { open, at (index of its token), arg, key, used };
-- nil within a comment or a long string. A string that does not end is the last token, of kind "open".
function M.read(text)
  local tokens, stack, at = {}, {}, 1
  while true do
    at = skip(text, at)
    if not at then return nil end
    if at > #text then return tokens, stack end
    local t
    t, at = token(text, at)
    if not t then return nil end
    tokens[#tokens + 1], t.stop = t, at
    if t.kind == "symbol" and OPENS[t.text] then
      stack[#stack + 1] = { open = t.text, at = #tokens, arg = 1, used = {} }
    elseif t.kind == "symbol" and CLOSES[t.text] then
      stack[#stack] = nil
    elseif #stack > 0 then
      note(stack[#stack], tokens)
    end
  end
end

return M
