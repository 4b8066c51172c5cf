-- netconf: as ip netconf prints it.

local M = {}

local SETTINGS = { "forwarding", "rp_filter", "mc_forwarding", "proxy_neigh", "ignore_routes_with_linkdown",
                   "input" }

function M.one(netconf)
  local out = { tostring(netconf.family), netconf.dev }
  for _, key in ipairs(SETTINGS) do
    local v = netconf[key]
    if type(v) == "boolean" then v = v and "on" or "off" end
    if v ~= nil then out[#out + 1] = ("%s %s"):format(key, v) end
  end
  return table.concat(out, " ")
end

return M
