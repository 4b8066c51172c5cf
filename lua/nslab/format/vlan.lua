-- vlan: as bridge vlan prints it: a line for each VLAN, also of a range.

local M = {}

local function numbers(vid)
  local first, last = tostring(vid):match "^(%d+)%-?(%d*)$"
  return math.tointeger(first), math.tointeger(last) or math.tointeger(first)
end

-- Adds the lines of a record; `name` stands before the first one.
local function add(lines, vlan, name, asked)
  local first, last = numbers(vlan.vid)
  local from, to = first, last
  if asked.vid then
    from, to = numbers(asked.vid)
    from, to = math.max(from, first), math.min(to, last)
  end
  local flags = (vlan.pvid and " PVID" or "") .. (vlan.untagged and " Egress Untagged" or "")
  for vid = from, to do
    lines[#lines + 1] = ("%-16s  %d%s"):format(name, vid, flags)
    name = ""
  end
end

function M.one(vlan, asked)
  local lines = {}
  add(lines, vlan, vlan.dev, asked)
  return table.concat(lines, "\n")
end

function M.list(vlans, asked)
  local lines, before = { "port              vlan-id" }, nil
  for _, vlan in ipairs(vlans) do
    local dev = vlan.dev
    add(lines, vlan, dev == before and "" or dev, asked)
    before = dev
  end
  return table.concat(lines, "\n")
end

return M
