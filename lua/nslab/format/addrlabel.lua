-- addrlabel: as ip addrlabel prints it.

local M = {}

function M.one(label)
  local prefix = label.prefix:find("/", 1, true) and label.prefix or label.prefix .. "/128"
  return ("prefix %s%s label %d"):format(prefix, label.dev and " dev " .. label.dev or "", label.label)
end

return M
