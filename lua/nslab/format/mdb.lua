-- mdb: as bridge mdb prints it.

local M = {}

-- Which flags bridge shows, and how it calls them.
local FLAGS = { { "offload", "offload" }, { "fast_leave", "fast_leave" },
                { "added_by_star_ex", "added_by_star_ex" }, { "blocked", "blocked" } }

-- What bridge -d says of an entry. Who made it has a blank behind it, whatever comes then.
local function details(entry, out)
  local sources = {}
  for i, source in ipairs(entry.source_list or {}) do sources[i] = source .. "/0.00" end
  if entry.filter_mode then out[#out + 1] = "filter_mode " .. entry.filter_mode end
  if #sources > 0 then out[#out + 1] = "source_list " .. table.concat(sources, ",") end
  if entry.protocol then out[#out + 1] = ("proto %s "):format(entry.protocol) end
end

function M.one(entry, _, view)
  local out = { ("dev %s port %s grp %s"):format(entry.dev, entry.port, entry.grp) }
  if entry.src then out[#out + 1] = "src " .. entry.src end
  out[#out + 1] = tostring(entry.state)
  if view.details then details(entry, out) end
  for _, flag in ipairs(FLAGS) do
    if entry[flag[1]] then out[#out + 1] = flag[2] end
  end
  if entry.vid then out[#out + 1] = "vid " .. entry.vid end
  return table.concat(out, " ")
end

-- Lua: list(entries, asked, netns, view) -> text. In one line there is nothing but one line.
function M.list(entries, asked, _, view)
  local texts = {}
  for i, entry in ipairs(entries) do texts[i] = M.one(entry, asked, view) end
  if view.oneline and #texts > 0 then return table.concat(texts, "\\") .. "\\" end
  return require("nslab.format").joined(texts, view)
end

return M
