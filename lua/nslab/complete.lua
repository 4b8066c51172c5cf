-- complete: what a line at the prompt could go on with. Which words there are is asked of the rows, of
-- the modules and of the lab as it is at this moment.

local live = require "nslab.complete.live"

local M = {}

local function words_of(text)
  if text:match "^%s*:" then return require("nslab.complete.words").colon(text) end
  if require("nslab.repl.session").is_command(text) then
    return require("nslab.complete.words").command(text)
  end
  return require("nslab.complete.lua").complete(text)
end

-- Lua: complete(text, cursor) -> where the word begins (from 1), and what it may be. `cursor` is the
-- number of bytes before it. Nobody is told of what is asked for it.
function M.complete(text, cursor)
  local start, found = live.quietly(words_of, text:sub(1, cursor))
  return start or cursor + 1, found or {}
end

return M
