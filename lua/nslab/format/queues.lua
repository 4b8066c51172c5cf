-- queues: the options of the younger queueing disciplines, and of their classes, as tc prints them. One
-- function for each kind: (options, out, add), as in nslab.format.qdisc.

local units = require "nslab.format.units"

local M = { qdisc = {}, class = {} }

-- Whole microseconds.
local function us(ms)
  return units.time(math.floor(ms * 1000 + 0.5))
end

local function packets(v)
  return v .. "p"
end

local function switch(out, on, yes, no)
  if on and yes then out[#out + 1] = yes end
  if not on and no then out[#out + 1] = no end
end

-- ---- queues that keep themselves short --------------------------------------------------------------

function M.qdisc.cake(o, out, add)
  add("bandwidth", o.bandwidth_mbit, function(v) return v == 0 and "unlimited" or units.rate(v) end)
  switch(out, o.autorate_ingress, "autorate-ingress")
  out[#out + 1] = o.diffserv
  out[#out + 1] = o.flowmode
  switch(out, o.nat, "nat", "nonat")
  switch(out, o.wash, "wash", "nowash")
  switch(out, o.ingress, "ingress")
  out[#out + 1] = o.ack_filter or "no-ack-filter"
  switch(out, o.split_gso, "split-gso", "no-split-gso")
  if o.rtt_ms and o.rtt_ms > 0 then add("rtt", o.rtt_ms, us) end
  switch(out, o.raw, "raw")
  if o.atm and o.atm ~= "noatm" then out[#out + 1] = o.atm else switch(out, o.raw, nil, "noatm") end
  add("overhead", o.overhead_bytes or 0)
  if o.mpu_bytes and o.mpu_bytes > 0 then add("mpu", o.mpu_bytes) end
  if o.memlimit_bytes and o.memlimit_bytes > 0 then add("memlimit", o.memlimit_bytes, units.size) end
  if o.fwmark and o.fwmark > 0 then add("fwmark", ("0x%x"):format(o.fwmark)) end
end

-- What red reckons with; a probability, or before Linux 3.3 its logarithm.
local function constants(o, add)
  add("ewma", o.ewma)
  if o.probability then add("probability", ("%g"):format(o.probability)) else add("Plog", o.plog) end
  add("Scell_log", o.scell_log)
end

function M.qdisc.red(o, out, add, view)
  add("limit", o.limit_bytes, units.size)
  add("min", o.min_bytes, units.size)
  add("max", o.max_bytes, units.size)
  switch(out, o.ecn, "ecn")
  switch(out, o.harddrop, "harddrop")
  switch(out, o.adaptive, "adaptive")
  switch(out, o.nodrop, "nodrop")
  if view.details then constants(o, add) end
  local last = view.details and #out -- behind which tc leaves the blank out
  add("qevent early_drop block", o.early_drop_block)
  add("qevent mark block", o.mark_block)
  if last and out[last + 1] then out[last] = out[last] .. table.remove(out, last + 1) end
end

function M.qdisc.choke(o, out, add, view)
  add("limit", o.limit_packets, packets)
  add("min", o.min_packets, packets)
  add("max", o.max_packets, packets)
  switch(out, o.ecn, "ecn")
  if view.details then constants(o, add) end
end

local function share(v)
  return ("%g"):format(v)
end

function M.qdisc.sfb(o, _, add)
  add("rehash", o.rehash_ms, us)
  add("db", o.db_ms, us)
  add("limit", o.limit_packets, packets)
  add("max", o.max_packets, packets)
  add("target", o.target_packets, packets)
  add("increment", o.increment, share)
  add("decrement", o.decrement, share)
  add("penalty_rate", o.penalty_rate, function(v) return v .. "pps" end)
  add("penalty_burst", o.penalty_burst, packets)
end

local function estimator(o, out)
  switch(out, o.ecn, "ecn")
  switch(out, o.bytemode, "bytemode")
  switch(out, o.dq_rate_estimator, "dq_rate_estimator")
end

function M.qdisc.pie(o, out, add)
  add("limit", o.limit_packets, packets)
  add("target", o.target_ms, us)
  add("tupdate", o.tupdate_ms, us)
  add("alpha", o.alpha)
  add("beta", o.beta)
  estimator(o, out)
end

function M.qdisc.fq_pie(o, out, add)
  add("limit", o.limit_packets, packets)
  add("flows", o.flows)
  add("target", o.target_ms, us)
  add("tupdate", o.tupdate_ms, us)
  add("alpha", o.alpha)
  add("beta", o.beta)
  add("quantum", o.quantum_bytes, units.size)
  add("memory_limit", o.memory_limit_bytes, units.size)
  add("ecn_prob", o.ecn_prob_percent)
  estimator(o, out)
end

function M.qdisc.hhf(o, _, add)
  add("limit", o.limit_packets, packets)
  add("quantum", o.quantum_bytes, units.size)
  add("hh_limit", o.hh_limit)
  add("reset_timeout", o.reset_timeout_ms, us)
  add("admit_bytes", o.admit_bytes, units.size)
  add("evict_timeout", o.evict_timeout_ms, us)
  add("non_hh_weight", o.non_hh_weight)
end

-- ---- who sends when ---------------------------------------------------------------------------------

function M.qdisc.hfsc(o, _, add)
  if o.default and o.default ~= "0" then add("default", o.default) end
end

function M.qdisc.ets(o, _, add)
  add("bands", o.bands)
  add("strict", o.strict)
  if o.quanta then add("quanta", table.concat(o.quanta, " ")) end
  if o.priomap then add("priomap", table.concat(o.priomap, " ")) end
end

function M.qdisc.multiq(o, _, add)
  add("bands", ("%d/%d"):format(o.bands, o.max_bands))
end

local INDENT = "\n             "
local mqprio_usual = "dcb" -- of which tc says nothing when the kernel does

function M.qdisc.mqprio(o, out, add)
  add("tc", o.num_tc)
  add("map", table.concat(o.map, " "))
  local queues = {}
  for i = 1, o.num_tc do
    local count, offset = (o.queues[i] or "0@0"):match "(%d+)@(%d+)"
    queues[i] = ("(%d:%d)"):format(offset, (offset + count - 1) & 0xFFFFFFFF)
  end
  out[#out + 1] = INDENT .. "queues:" .. table.concat(queues, " ")
  if not (o.mode or o.shaper or o.min_rate_mbit or o.max_rate_mbit) then return end
  if o.mode ~= mqprio_usual then out[#out + 1] = INDENT .. "mode:" .. (o.mode or "dcb") end
  if o.shaper ~= mqprio_usual then out[#out + 1] = INDENT .. "shaper:" .. (o.shaper or "dcb") end
  for _, limit in ipairs { "min", "max" } do
    local rates, texts = o[limit .. "_rate_mbit"], {}
    for i = 1, rates and o.num_tc or 0 do texts[i] = units.rate(rates[i] or 0) .. " " end
    if rates then out[#out] = ("%s\t%s_rate:%s"):format(out[#out], limit, table.concat(texts)) end
  end
end

function M.qdisc.skbprio(o, _, add)
  add("limit", o.limit_packets)
end

function M.qdisc.cbs(o, _, add)
  add("hicredit", o.hicredit_bytes)
  add("locredit", o.locredit_bytes)
  add("sendslope", o.sendslope_kbit)
  add("idleslope", o.idleslope_kbit)
  add("offload", o.offload)
end

local function on_off(v)
  return v and "on" or "off"
end

function M.qdisc.etf(o, _, add)
  add("clockid", math.type(o.clockid) and "invalid" or o.clockid)
  add("delta", o.delta_ns)
  add("offload", o.offload or false, on_off)
  add("deadline_mode", o.deadline_mode or false, on_off)
  add("skip_sock_check", o.skip_sock_check or false, on_off)
end

-- ---- classes ----------------------------------------------------------------------------------------

local function curve(out, word, c)
  out[#out + 1] = ("%s m1 %s d %s m2 %s"):format(word, units.rate(c.m1_mbit), us(c.d_ms),
                                                 units.rate(c.m2_mbit))
end

local function same(a, b)
  return a and b and a.m1_mbit == b.m1_mbit and a.d_ms == b.d_ms and a.m2_mbit == b.m2_mbit
end

function M.class.hfsc(o, out)
  if same(o.rt, o.ls) then
    curve(out, "sc", o.rt)
  else
    if o.rt then curve(out, "rt", o.rt) end
    if o.ls then curve(out, "ls", o.ls) end
  end
  if o.ul then curve(out, "ul", o.ul) end
end

function M.class.drr(o, _, add)
  add("quantum", o.quantum_bytes, units.size)
end

function M.class.qfq(o, _, add)
  add("weight", o.weight)
  add("maxpkt", o.maxpkt_bytes)
end

function M.class.ets(o, _, add)
  add("quantum", o.quantum_bytes)
end

return M
