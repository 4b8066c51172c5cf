-- fou: as ip fou show prints it.

local M = {}

function M.one(fou)
  local out = { "port " .. fou.port }
  local function add(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. v end
  end
  if fou.gue then
    out[#out + 1] = "gue"
  else
    add("ipproto", fou.ipproto)
  end
  if fou.family == "inet6" then out[#out + 1] = "-6" end
  add("local", fou.local_address)
  add("peer", fou.peer)
  if fou.peer_port and fou.peer_port > 0 then add("peer_port", fou.peer_port) end
  add("dev", fou.dev)
  return table.concat(out, " ")
end

return M
