-- format: records as iproute2 6.1 prints them, byte for byte but for blanks at the end of a line. What
-- a list shows also depends on what was asked for: `ip route show dev eth0` leaves "dev eth0" out.

local M = {}

-- One record of each object; what stands around several of them is the business of M.list.
local printers = {
  link = "nslab.format.link", addr = "nslab.format.addr", route = "nslab.format.route",
  neigh = "nslab.format.neigh", rule = "nslab.format.rule",
  mroute = "nslab.format.mroute", mpls = "nslab.format.mpls", netconf = "nslab.format.netconf", nsid = "nslab.format.nsid",
  nexthop = "nslab.format.nexthop", fdb = "nslab.format.fdb", vlan = "nslab.format.vlan",
  mdb = "nslab.format.mdb", vni = "nslab.format.vni", netns = "nslab.format.netns",
  qdisc = "nslab.format.qdisc", class = "nslab.format.class", filter = "nslab.format.filter",
  socket = "nslab.format.socket",
}

for object, module in pairs(printers) do
  M[object] = function(record) return require(module).one(record, {}) end
end

-- Lua: list(records) -> text. The metatable says which object, where it was read, what was asked for.
function M.list(records)
  local about = getmetatable(records)
  local printer = require(printers[about.object])
  local asked = about.filter or {}
  if printer.list then return printer.list(records, asked, about.netns) end
  local lines = {}
  for i, record in ipairs(records) do lines[i] = printer.one(record, asked) end
  return table.concat(lines, "\n")
end

-- Lua: brief(object, records) -> text as ip -br prints a list or a record; nil for objects that have none.
function M.brief(object, records)
  local printer = require(printers[object])
  if not printer.brief then return nil end
  local about = getmetatable(records)
  if type(records) == "table" then return printer.brief(records, about.filter or {}, about.netns) end
  return printer.brief({ records }, {}, require("nslab.core").netns_of(records))
end

local COUNTS = { link = true, addr = true, qdisc = true, class = true }

-- Lua: counters(object, records, level) -> text as ip or tc -s (level 1) or -s -s prints a list or a record;
-- nil for objects that have no counters.
function M.counters(object, records, level)
  if not COUNTS[object] then return nil end
  local printer = require(printers[object])
  local about = type(records) == "table" and getmetatable(records) or {}
  local list = type(records) == "table" and records or { records }
  local netns = about.netns or require("nslab.core").netns_of(records)
  return printer.list(list, about.filter or {}, netns, level)
end

return M
