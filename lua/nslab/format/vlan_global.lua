-- vlan_global: as bridge vlan global prints it: two lines for each VLAN or range.

local M = {}

local KEYS = { "mcast_snooping", "mcast_querier", "mcast_igmp_version", "mcast_mld_version",
               "mcast_last_member_count", "mcast_last_member_interval", "mcast_startup_query_count",
               "mcast_startup_query_interval", "mcast_membership_interval", "mcast_querier_interval",
               "mcast_query_interval", "mcast_query_response_interval" }

local function add(lines, vlan, name)
  local out = {}
  for _, key in ipairs(KEYS) do
    local v = vlan[key]
    if type(v) == "boolean" then v = v and 1 or 0 end
    if v then out[#out + 1] = ("%s %d"):format(key, v) end
  end
  lines[#lines + 1] = ("%-16s  %s"):format(name, vlan.vid)
  lines[#lines + 1] = ("%-16s    %s"):format("", table.concat(out, " "))
end

function M.one(vlan)
  local lines = {}
  add(lines, vlan, vlan.dev)
  return table.concat(lines, "\n")
end

function M.list(vlans)
  local lines, before = { "port              vlan-id" }, nil
  for _, vlan in ipairs(vlans) do
    local dev = vlan.dev
    add(lines, vlan, dev == before and "" or dev)
    before = dev
  end
  return table.concat(lines, "\n")
end

return M
