-- mdb: as bridge mdb prints it.

local M = {}

-- Which flags bridge shows, and how it calls them.
local FLAGS = { { "offload", "offload" }, { "fast_leave", "fast_leave" },
                { "added_by_star_ex", "added_by_star_ex" }, { "blocked", "blocked" } }

function M.one(entry)
  local out = { ("dev %s port %s grp %s"):format(entry.dev, entry.port, entry.grp) }
  if entry.src then out[#out + 1] = "src " .. entry.src end
  out[#out + 1] = tostring(entry.state)
  for _, flag in ipairs(FLAGS) do
    if entry[flag[1]] then out[#out + 1] = flag[2] end
  end
  if entry.vid then out[#out + 1] = "vid " .. entry.vid end
  return table.concat(out, " ")
end

return M
