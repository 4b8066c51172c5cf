-- nsid: as ip netns list-id prints it: the number, and the name if the namespace has one.

local M = {}

function M.one(nsid)
  local netns = nsid.netns
  local named = netns and netns ~= require("netns").host and netns.name
  return ("nsid %d %s"):format(nsid.nsid, named and ("(iproute2 netns name: %s)"):format(named) or "")
end

return M
