-- mpls: as ip -f mpls route prints it.

local M = {}

local function family(via)
  return via:find(":", 1, true) and "inet6" or "inet"
end

local function where(out, way)
  if way.as then out[#out + 1] = "as to " .. way.as end
  if way.via then out[#out + 1] = ("via %s %s"):format(family(way.via), way.via) end
  return way.dev and "dev " .. way.dev
end

local function ways(route)
  local lines = {}
  for i, way in ipairs(route.nexthops or {}) do
    local out = {}
    local dev = where(out, way)
    out[#out + 1] = dev
    table.move(way.flags, 1, #way.flags, #out + 1, out)
    lines[i] = "\n\tnexthop " .. table.concat(out, " ") .. " "
  end
  return table.concat(lines)
end

function M.one(route, asked, view)
  local all = view.details
  local out = { all and "unicast " .. route.label or route.label }
  local dev = where(out, route)
  if dev and not asked.dev then out[#out + 1] = dev end
  local usual = route.protocol == "boot" and not all
  if not usual and not asked.protocol then out[#out + 1] = "proto " .. route.protocol end
  if all then out[#out + 1] = "scope global" end
  for _, flag in ipairs(route.flags) do out[#out + 1] = flag end
  if route.ttl_propagate ~= nil then -- ip does not write the word as it reads it
    out[#out + 1] = "ttl-propogate " .. (route.ttl_propagate and "enabled" or "disabled")
  end
  return table.concat(out, " ") .. " " .. ways(route)
end

return M
