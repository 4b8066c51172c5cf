-- neigh: as ip neigh prints it.

local M = {}

function M.one(entry, asked)
  local out = { entry.dst }
  local function add(...)
    for _, word in ipairs { ... } do out[#out + 1] = tostring(word) end
  end
  if not asked.dev then add("dev", entry.dev) end
  if entry.lladdr then add("lladdr", entry.lladdr) end
  for _, flag in ipairs { "router", "proxy", "extern_learn", "offload", "managed" } do
    if entry[flag] then add(flag) end
  end
  if entry.nud ~= "none" then add(tostring(entry.nud):upper()) end
  if entry.protocol then add("proto", entry.protocol) end
  return table.concat(out, " ")
end

return M
