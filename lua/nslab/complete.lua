-- complete: what a line of Lua could go on with.

local M = {}

-- Lua: complete(text, cursor) -> where the word begins (from 1), and what it may be. `cursor` is the
-- number of bytes before it.
function M.complete(text, cursor)
  local word = text:sub(1, cursor):match "[%a_][%w_]*$" or ""
  local found = {}
  for name in pairs(_G) do
    if name:sub(1, #word) == word then found[#found + 1] = name end
  end
  table.sort(found)
  return cursor - #word + 1, found
end

return M
