-- qdisc: as tc qdisc show prints it.

local units = require "nslab.format.units"

local M = {}

-- "word value" where there is a value, under that function.
local function adder(out)
  return function(word, v, text)
    if v ~= nil then out[#out + 1] = word .. " " .. tostring(text and text(v) or v) end
  end
end

-- ---- the options of each kind ----------------------------------------------------------------------

-- Behind a share or a time stands how much it is like the one before, when it is.
local function correlated(out, word, text, correlation)
  out[#out + 1] = ("%s %s%s"):format(word, text, correlation and correlation > 0 and
                                     " " .. units.percent(correlation) or "")
end

local function share(out, word, v, correlation)
  if v and v > 0 then correlated(out, word, units.percent(v), correlation) end
end

local function losses(o, out)
  local s, g = o.loss_state, o.loss_gemodel
  share(out, "loss", o.loss_percent, o.loss_correlation_percent)
  if s then
    out[#out + 1] = ("loss state p13 %s p31 %s p32 %s p23 %s p14 %s"):format(
      units.percent(s.p13_percent), units.percent(s.p31_percent), units.percent(s.p32_percent),
      units.percent(s.p23_percent), units.percent(s.p14_percent))
  end
  if g then
    out[#out + 1] = ("loss gemodel p %s r %s 1-h %s 1-k %s"):format(
      units.percent(g.p_percent), units.percent(g.r_percent), units.percent(g.loss_bad_percent),
      units.percent(g.loss_good_percent))
  end
end

-- In microseconds, what is less being cut off.
local function cut(ms)
  return units.time(ms * 1000 // 1)
end

local function delays(o, out)
  if o.delay_ms == 0 and o.jitter_ms == 0 then return end
  local text = "delay " .. cut(o.delay_ms)
  if o.jitter_ms > 0 then
    text = text .. "  " .. cut(o.jitter_ms)
    local correlation = o.delay_correlation_percent or 0
    if correlation > 0 then text = text .. " " .. units.percent(correlation) end
  end
  out[#out + 1] = text
end

local function rates(o, add)
  if not o.rate_mbit or o.rate_mbit == 0 then return end
  add("rate", o.rate_mbit, units.rate)
  local function unless_0(word, v)
    if v ~= 0 then add(word, v) end
  end
  unless_0("packetoverhead", o.packet_overhead_bytes)
  unless_0("cellsize", o.cell_size_bytes)
  unless_0("celloverhead", o.cell_overhead_bytes)
end

local function slots(o, out)
  if not o.slot_min_ms then return end
  if o.slot_jitter_ms > 0 then
    out[#out + 1] = ("slot distribution %s %s"):format(units.time_ms(o.slot_delay_ms),
                                                       units.time_ms(o.slot_jitter_ms))
  else
    out[#out + 1] = ("slot %s %s"):format(units.time_ms(o.slot_min_ms), units.time_ms(o.slot_max_ms))
  end
  if o.slot_packets > 0 then out[#out + 1] = "packets " .. o.slot_packets end
  if o.slot_bytes > 0 then out[#out + 1] = "bytes " .. o.slot_bytes end
end

local function netem(o, out, add)
  add("limit", o.limit_packets)
  delays(o, out)
  losses(o, out)
  share(out, "duplicate", o.duplicate_percent, o.duplicate_correlation_percent)
  share(out, "reorder", o.reorder_percent, o.reorder_correlation_percent)
  share(out, "corrupt", o.corrupt_percent, o.corrupt_correlation_percent)
  rates(o, add)
  slots(o, out)
  if o.seed then add("seed", o.seed) end
  if o.ecn then out[#out + 1] = "ecn " end
  if o.gap > 0 then add("gap", o.gap) end
end

-- tc reckons with whole microseconds.
local function sent_in(mbit, us)
  return math.floor(mbit * 1e6 / 8 * us / 1e6)
end

local function latency_us(limit, mbit, us)
  return limit * 8 / mbit - us
end

-- With details there is the size of the cells of a table that kernels no longer have, and mpu.
local function burst(add, word, bytes, mpu, view)
  add(word, units.size(bytes) .. (view.details and "/1 mpu " .. units.size(mpu) or ""))
end

local function linklayer(o, add, view)
  if view.details or o.linklayer == "atm" then add("linklayer", o.linklayer) end
end

local function tbf(o, out, add, view)
  add("rate", o.rate_mbit, units.rate)
  burst(add, "burst", sent_in(o.rate_mbit, o.burst_us), o.mpu_bytes, view)
  local latency = latency_us(o.limit_bytes, o.rate_mbit, o.burst_us)
  if o.peakrate_mbit > 0 then
    add("peakrate", o.peakrate_mbit, units.rate)
    if view.details then
      burst(add, "mtu", sent_in(o.peakrate_mbit, o.mtu_us), o.mpu_bytes, view)
    else
      add("minburst", sent_in(o.peakrate_mbit, o.mtu_us), units.size)
    end
    latency = math.max(latency, latency_us(o.limit_bytes, o.peakrate_mbit, o.mtu_us))
  end
  if latency >= 0 then
    add("lat", latency // 1, units.time)
  else
    add("limit", o.limit_bytes, units.size)
  end
  if o.overhead_bytes > 0 then out[#out + 1] = ("overhead %d"):format(o.overhead_bytes) end
  linklayer(o, add, view)
end

local function packets(v)
  return v .. "p"
end

local function pfifo(o, _, add)
  add("limit", o.limit_packets, packets)
end

local function bfifo(o, _, add)
  add("limit", o.limit_bytes, units.size)
end

local function prio(o, _, add)
  add("bands", o.bands)
  add("priomap", table.concat(o.priomap, " "))
end

local function htb(o, _, add, view)
  add("r2q", o.r2q)
  add("default", o.default == "0" and "0" or "0x" .. o.default)
  add("direct_packets_stat", o.direct_packets)
  if view.details then add("ver", ("%d.%d"):format(o.version >> 16, o.version & 0xFFFF)) end
  add("direct_qlen", o.direct_qlen)
end

-- Times of fq_codel and its like are whole microseconds.
local function us(ms)
  return units.time(math.floor(ms * 1000 + 0.5))
end

local function fq_codel(o, out, add)
  add("limit", o.limit_packets, packets)
  add("flows", o.flows)
  add("quantum", o.quantum_bytes)
  add("target", o.target_ms, us)
  add("ce_threshold", o.ce_threshold_ms, us)
  add("interval", o.interval_ms, us)
  add("memory_limit", o.memory_limit_bytes, units.size)
  if o.ecn then out[#out + 1] = "ecn" end
  add("drop_batch", o.drop_batch)
end

local function codel(o, out, add)
  add("limit", o.limit_packets, packets)
  add("target", o.target_ms, us)
  add("ce_threshold", o.ce_threshold_ms, us)
  add("interval", o.interval_ms, us)
  if o.ecn then out[#out + 1] = "ecn" end
end

local FORCED = { "prob_mark", "prob_mark_head", "prob_drop", "forced_mark", "forced_mark_head",
                 "forced_drop" }

local function sfq(o, out, add, view)
  add("limit", o.limit_packets, packets)
  add("quantum", o.quantum_bytes, units.size)
  if o.depth and o.depth > 0 then add("depth", o.depth) end
  if o.headdrop then out[#out + 1] = "headdrop" end
  if view.details then add("flows", o.flows) end
  add("divisor", o.divisor)
  if o.perturb_s ~= 0 then add("perturb", o.perturb_s, function(v) return v .. "sec" end) end
  if not o.min_bytes then return end
  add("ewma", o.ewma)
  add("min", o.min_bytes, units.size)
  add("max", o.max_bytes, units.size)
  add("probability", ("%g"):format(o.probability or 0))
  if o.ecn then out[#out + 1] = "ecn" end
  if o.harddrop then out[#out + 1] = "harddrop" end
  for i, key in ipairs(view.stats and FORCED or {}) do
    add((i % 3 == 1 and "\n  " or "") .. key, o[key])
  end
end

-- 2^32 - 1 bytes per second: no limit.
local UNLIMITED = 34359

local function fq(o, out, add)
  add("limit", o.limit_packets, packets)
  add("flow_limit", o.flow_limit_packets, packets)
  add("buckets", o.buckets_log and 1 << o.buckets_log)
  add("orphan_mask", o.orphan_mask)
  if o.pacing == false then out[#out + 1] = "nopacing" end
  add("quantum", o.quantum_bytes, units.size)
  add("initial_quantum", o.initial_quantum_bytes, units.size)
  if o.maxrate_mbit and o.maxrate_mbit < UNLIMITED then add("maxrate", o.maxrate_mbit, units.rate) end
  add("low_rate_threshold", o.low_rate_threshold_mbit, units.rate)
  add("refill_delay", o.refill_delay_ms, us)
  add("timer_slack", o.timer_slack_ns and o.timer_slack_ns / 1e6, units.time_ms)
  add("horizon", o.horizon_ms, us)
  if o.horizon_drop ~= nil then out[#out + 1] = o.horizon_drop and "horizon_drop" or "horizon_cap" end
end

local KINDS = {
  netem = netem, tbf = tbf, pfifo = pfifo, bfifo = bfifo, pfifo_head_drop = pfifo, prio = prio,
  pfifo_fast = prio, htb = htb, fq_codel = fq_codel, codel = codel, sfq = sfq, fq = fq,
}

-- ---- the line -------------------------------------------------------------------------------------

-- The options of the record's kind, by the functions of those kinds or of the younger ones.
function M.options(object, record, kinds, out, add, view)
  local options = record[record.type]
  if type(options) ~= "table" or not next(options) then return end
  local print_kind = kinds[record.type] or require("nslab.format.queues")[object][record.type]
  if print_kind then print_kind(options, out, add, view) end
end

function M.one(qdisc, asked, view)
  local out = { ("qdisc %s %s"):format(qdisc.type, qdisc.handle or "0:") }
  local add = adder(out)
  if not asked.dev then add("dev", qdisc.dev) end
  if qdisc.root then out[#out + 1] = "root" else add("parent", qdisc.parent) end
  if qdisc.refcnt ~= 1 then add("refcnt", qdisc.refcnt) end
  if qdisc.type == "ingress" then out[#out + 1] = ("-"):rep(16) end -- its options, says tc
  M.options("qdisc", qdisc, KINDS, out, add, view)
  return table.concat(out, " ") .. (view.stats and require("nslab.format.tc_stats").text(qdisc) or "")
end

M.adder, M.sent_in, M.burst, M.linklayer = adder, sent_in, burst, linklayer

return M
