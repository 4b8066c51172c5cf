-- vni: as bridge vni prints it: a line for each network or range, an empty one behind each vxlan's.

local M = {}

local function line(network, name)
  local first, last = tostring(network.vni):match "^(%d+)%-?(%d*)$"
  local numbers = last == "" and ("%-14s"):format(first) or ("%s-%-15s"):format(first, last)
  local where = network.group or network.remote
  return ("%-17s  %s%s"):format(name, numbers, where and " " .. where or "")
end

function M.one(network)
  return line(network, network.dev)
end

-- In one line all stands in one below the title.
function M.list(networks, _, _, view)
  local title, lines, before = "dev               vni              group/remote   ", {}, nil
  for _, network in ipairs(networks) do
    local dev = network.dev
    if before and dev ~= before then lines[#lines + 1] = "" end
    lines[#lines + 1] = line(network, dev == before and "" or dev)
    before = dev
  end
  if not before then return title end
  local stop = view.oneline and "\\" or "\n"
  return title .. "\n" .. table.concat(lines, stop) .. stop .. (view.oneline and stop or "")
end

return M
