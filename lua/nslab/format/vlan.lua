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

-- What bridge -d says below a VLAN or a range of them.
local function add_details(lines, vlan, name)
  local flags = (vlan.pvid and " PVID" or "") .. (vlan.untagged and " Egress Untagged" or "")
  lines[#lines + 1] = ("%-16s  %s%s"):format(name, vlan.vid, flags)
  lines[#lines + 1] = (" "):rep(20) .. require("nslab.format.pieces").text("state mcast_router", vlan)
end

function M.one(vlan, asked)
  local lines = {}
  add(lines, vlan, vlan.dev, asked)
  return table.concat(lines, "\n")
end

-- In one line all stands in one below the title, each with the end of a line behind it that is none.
function M.list(vlans, asked, _, view)
  local title, lines, before = "port              vlan-id", {}, nil
  for _, vlan in ipairs(vlans) do
    local dev = vlan.dev
    local name = dev == before and "" or dev
    if view.details then add_details(lines, vlan, name) else add(lines, vlan, name, asked) end
    before = dev
  end
  if #lines == 0 then return title end
  return title .. "\n" .. table.concat(lines, view.oneline and "\\" or "\n") .. (view.oneline and "\\" or "")
end

return M
