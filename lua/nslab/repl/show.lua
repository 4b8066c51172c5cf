-- show: how a REPL shows the values of what was typed.

local M = {}

-- Lua: show(...) prints the values.
function M.show(...)
  print(...)
end

return M
