-- class: as tc class show prints it.

local qdisc = require "nslab.format.qdisc"
local units = require "nslab.format.units"

local M = {}

local function htb(o, out, add, view)
  if o.level == 0 then add("prio", o.prio) end
  if o.level == 0 and view.details then add("quantum", o.quantum_bytes) end
  add("rate", o.rate_mbit, units.rate)
  if o.overhead_bytes > 0 then out[#out + 1] = ("overhead %d"):format(o.overhead_bytes) end
  add("ceil", o.ceil_mbit, units.rate)
  qdisc.linklayer(o, add, view)
  qdisc.burst(add, "burst", qdisc.sent_in(o.rate_mbit, o.burst_us), o.mpu_bytes, view)
  qdisc.burst(add, "cburst", qdisc.sent_in(o.ceil_mbit, o.cburst_us), o.mpu_bytes, view)
  if view.details then add("level", o.level) end
end

local KINDS = { htb = htb }

function M.one(class, asked, view)
  local out = { ("class %s %s"):format(class.type, class.classid or "0:") }
  local add = qdisc.adder(out)
  if not asked.dev then add("dev", class.dev) end
  if class.root then out[#out + 1] = "root" else add("parent", class.parent) end
  add("leaf", class.leaf)
  qdisc.options("class", class, KINDS, out, add, view)
  return table.concat(out, " ") .. (view.stats and require("nslab.format.tc_stats").text(class) or "")
end

return M
