-- class: as tc class show prints it.

local qdisc = require "nslab.format.qdisc"
local units = require "nslab.format.units"

local M = {}

local function htb(o, out, add)
  if o.level == 0 then add("prio", o.prio) end
  add("rate", o.rate_mbit, units.rate)
  if o.overhead_bytes > 0 then out[#out + 1] = ("overhead %d"):format(o.overhead_bytes) end
  add("ceil", o.ceil_mbit, units.rate)
  add("burst", qdisc.sent_in(o.rate_mbit, o.burst_us), units.size)
  add("cburst", qdisc.sent_in(o.ceil_mbit, o.cburst_us), units.size)
end

local KINDS = { htb = htb }

function M.one(class, asked, view)
  local out = { ("class %s %s"):format(class.type, class.classid or "0:") }
  local add = qdisc.adder(out)
  if not asked.dev then add("dev", class.dev) end
  if class.root then out[#out + 1] = "root" else add("parent", class.parent) end
  add("leaf", class.leaf)
  qdisc.options("class", class, KINDS, out, add)
  return table.concat(out, " ") .. (view.stats and require("nslab.format.tc_stats").text(class) or "")
end

return M
