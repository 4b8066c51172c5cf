-- vlan_tunnel: what `bridge vlan tunnelshow` prints: which VLANs of a port have which number in a vxlan.

local M = {}

-- Lua: shown(vlans) -> the text of a list of VLANs.
function M.shown(vlans)
  local lines, before = { "port              vlan-id    tunnel-id" }, nil
  for _, vlan in ipairs(vlans) do
    if vlan.tunnel_id then
      local dev = vlan.dev
      lines[#lines + 1] = ("%-16s  %-9s  %s"):format(dev == before and "" or dev, vlan.vid, vlan.tunnel_id)
      before = dev
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
