-- format: records as iproute2 6.1 prints them, byte for byte but for blanks at the end of a line. What
-- a list shows also depends on what was asked for: `ip route show dev eth0` leaves "dev eth0" out; and on
-- how: a view has brief (-br), stats (how many -s), details (-d), oneline (-o).
--
-- The module of an object has one(record, asked, view), which gives a record's text with its blanks, and if
-- that is not all, texts(records, asked, netns, view), which gives those of a list; list(...) of the same
-- parameters makes all of a list in its own way, brief(records, asked, netns) the short form.

local M = {}

local printers = {
  link = "nslab.format.link", addr = "nslab.format.addr", route = "nslab.format.route",
  neigh = "nslab.format.neigh", rule = "nslab.format.rule",
  mroute = "nslab.format.mroute", mpls = "nslab.format.mpls", netconf = "nslab.format.netconf",
  nsid = "nslab.format.nsid",
  nexthop = "nslab.format.nexthop", nexthop_bucket = "nslab.format.nexthop_bucket",
  fdb = "nslab.format.fdb", vlan = "nslab.format.vlan",
  vlan_global = "nslab.format.vlan_global", mdb = "nslab.format.mdb",
  vni = "nslab.format.vni", netns = "nslab.format.netns",
  qdisc = "nslab.format.qdisc", class = "nslab.format.class", filter = "nslab.format.filter",
  chain = "nslab.format.chain",
  socket = "nslab.format.socket", fou = "nslab.format.fou",
  addrlabel = "nslab.format.addrlabel", ["macsec.device"] = "nslab.format.macsec",
}

local PLAIN = {}

local function trimmed(text)
  return (text:gsub(" +\n", "\n"):gsub(" +$", ""))
end

-- Lua: joined(texts, view) -> the texts below each other, each in one line if the view says so. "\v" is the
-- end of a line that stays one.
function M.joined(texts, view)
  local text = table.concat(texts, view.oneline and "\v" or "\n")
  if view.oneline then text = text:gsub("\n", "\\") end
  return trimmed((text:gsub("\v", "\n")))
end

for object, module in pairs(printers) do
  M[object] = function(record) return M.joined({ require(module).one(record, PLAIN, PLAIN) }, PLAIN) end
end

-- Lua: shown(object, records[, view]) -> text of a list or a record. The metatable of a list says where it
-- was read and what was asked for.
function M.shown(object, records, view)
  view = view or PLAIN
  local printer = require(printers[object])
  local is_list = type(records) == "table"
  local about = is_list and getmetatable(records) or PLAIN
  local asked = about.filter or PLAIN
  local list = is_list and records or { records }
  local netns = about.netns or not is_list and require("nslab.core").netns_of(records) or nil
  if view.brief and printer.brief then return printer.brief(list, asked, netns) end
  if is_list and printer.list then return printer.list(list, asked, netns, view) end
  if is_list and printer.texts then return M.joined(printer.texts(list, asked, netns, view), view) end
  local texts = {}
  for i, record in ipairs(list) do texts[i] = printer.one(record, asked, view) end
  return M.joined(texts, view)
end

-- Lua: list(records) -> text; what tostring makes of a list.
function M.list(records)
  return M.shown(getmetatable(records).object, records)
end

return M
