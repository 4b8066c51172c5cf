-- fdb: as bridge fdb prints it.

local M = {}

-- `asked` is what was listed: the link that was asked for is not told again.
function M.one(entry, asked)
  local out = { entry.lladdr }
  local function add(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. tostring(v) end
  end
  if not asked.dev then add("dev", entry.dev) end
  for _, key in ipairs { "dst", "vlan", "port", "vni", "src_vni", "via", "nhid" } do add(key, entry[key]) end
  for _, flag in ipairs { "self", "router", "extern_learn", "offload", "master", "sticky" } do
    local told = entry.bridge and (flag == "self" or flag == "master") -- as "master BRIDGE"
    if entry[flag] and not told then out[#out + 1] = flag end
  end
  add("master", entry.bridge)
  if entry.state ~= "dynamic" then out[#out + 1] = tostring(entry.state) end
  return table.concat(out, " ")
end

return M
