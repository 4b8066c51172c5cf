-- netns: as ip netns prints it: the name, and the number that the namespace has here if it has one.

local M = {}

function M.one(handle)
  local id = require("nslab.core").nsid(handle)
  return id and ("%s (id: %d)"):format(handle.name, id) or handle.name
end

return M
