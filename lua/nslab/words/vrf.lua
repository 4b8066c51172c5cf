-- vrf: `ip vrf show`, which lists routing domains and their tables.

local grammar = require "nslab.words.grammar"

local M = {}

function M.grammar()
  return grammar.make("link.vrf", function() return false end)
end

M.ALONE = { key = "name", row = "name", keyword = {} }

-- The operation of the command, behind "ip vrf" and the verb.
function M.read(reader, netns, verb)
  local op = { module = "link", netns = netns, verb = "list", shown_as = "vrf" }
  reader.op = "vrf." .. verb
  if reader.words[reader.at] == "name" then reader:next() end
  op.key = reader.words[reader.at] and reader:next()
  reader:no_more()
  if op.key then op.verb = "get" else op.options = { type = "vrf" } end
  return op
end

-- What `ip vrf show` prints of those links.
function M.shown(links)
  if type(links) == "userdata" then
    return links.vrf and ("%s %d\n"):format(links.name, links.vrf.table) or "Invalid VRF\n"
  end
  local lines = { ("%-16s  %5s\n"):format("Name", "Table"), ("-"):rep(23) .. "\n" }
  for _, link in ipairs(links) do lines[#lines + 1] = ("%-16s %5d\n"):format(link.name, link.vrf.table) end
  if #links == 0 then lines[#lines + 1] = "No VRF has been configured\n" end
  return table.concat(lines)
end

return M
