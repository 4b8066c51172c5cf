-- nexthop: as ip nexthop prints it.

local M = {}

local function group(members)
  local out = {}
  for i, member in ipairs(members) do
    out[i] = member.weight == 1 and member.id or ("%d,%d"):format(member.id, member.weight)
  end
  return table.concat(out, "/")
end

function M.one(nexthop, _, view)
  local out = {}
  local function add(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. tostring(v) end
  end
  add("id", nexthop.id)
  add("group", nexthop.group and group(nexthop.group))
  if nexthop.type == "resilient" then add("type", nexthop.type) end
  for _, key in ipairs { "buckets", "idle_timer", "unbalanced_timer", "unbalanced_time" } do
    add(key, nexthop[key])
  end
  out[#out + 1] = require("nslab.format.route").encap(nexthop.encap)
  add("via", nexthop.via)
  add("dev", nexthop.dev)
  if view.details or nexthop.scope ~= "global" then add("scope", nexthop.scope) end
  if nexthop.blackhole then out[#out + 1] = "blackhole" end
  if view.details or nexthop.protocol ~= "unspec" then add("proto", nexthop.protocol) end
  for _, flag in ipairs(nexthop.flags) do out[#out + 1] = flag end
  if nexthop.fdb then out[#out + 1] = "fdb" end
  return table.concat(out, " ")
end

return M
