-- tc_stats: what tc -s shows below a qdisc or a class: the counters that all have, and those of its kind.

local units = require "nslab.format.units"

local M = {}

-- A word for a key, where there is a value; "%d" of it, unless another form is said.
local function words(list)
  return function(o)
    local out = {}
    for _, entry in ipairs(list) do
      local v = o[entry[1]]
      if v ~= nil and not (entry.unless_0 and v == 0) then
        out[#out + 1] = (entry[2]):format(entry[3] and entry[3](v) or v)
      end
    end
    return table.concat(out)
  end
end

-- Of a time that may be over.
local function signed(us)
  return us < 0 and "-" .. units.time(-us) or units.time(us)
end

local function drop_next(us)
  return " drop_next " .. signed(us)
end

local function codel(o)
  return ("  count %d lastcount %d ldelay %s%s%s\n  maxpacket %d ecn_mark %d drop_overlimit %d%s"):format(
    o.count, o.lastcount, units.time(o.ldelay_us), o.dropping and " dropping" or "",
    drop_next(o.drop_next_us), o.maxpacket_bytes,
    o.ecn_mark, o.drop_overlimit, o.ce_mark > 0 and " ce_mark " .. o.ce_mark or "")
end

local fq_codel_queues = words {
  { "maxpacket_bytes", "  maxpacket %d" }, { "drop_overlimit", " drop_overlimit %d" },
  { "new_flow_count", " new_flow_count %d" }, { "ecn_mark", " ecn_mark %d" },
  { "ce_mark", " ce_mark %d", unless_0 = true }, { "memory_used_bytes", " memory_used %d", unless_0 = true },
  { "drop_overmemory", " drop_overmemory %d", unless_0 = true }, { "new_flows_len", "\n  new_flows_len %d" },
  { "old_flows_len", " old_flows_len %d" },
}

local function fq_codel(o)
  if o.new_flow_count then return fq_codel_queues(o) end
  return ("  deficit %d count %d lastcount %d ldelay %s%s"):format(
    o.deficit_bytes, o.count, o.lastcount, units.time(o.ldelay_us),
    o.dropping and " dropping" .. drop_next(o.drop_next_us) or "")
end

local function ns(v)
  return units.time_ms(v / 1e6)
end

local function fq(o)
  local out = ("  flows %d (inactive %d throttled %d)"):format(o.flows, o.inactive_flows, o.throttled_flows)
  if o.next_packet_delay_ns > 0 then out = out .. " next_packet_delay " .. ns(o.next_packet_delay_ns) end
  out = out .. words {
    { "gc_flows", "\n  gc %d" }, { "highprio_packets", " highprio %d" },
    { "tcp_retrans", " retrans %d", unless_0 = true }, { "throttled", " throttled %d" },
    { "latency_ns", " latency %s", ns, unless_0 = true }, { "ce_mark", " ce_mark %d", unless_0 = true },
    { "flows_plimit", " flows_plimit %d", unless_0 = true },
  } (o)
  local rare = words {
    { "pkts_too_long", " pkts_too_long %d", unless_0 = true },
    { "allocation_errors", " alloc_errors %d", unless_0 = true },
    { "horizon_drops", " horizon_drops %d ", unless_0 = true },
    { "horizon_caps", " horizon_caps %d", unless_0 = true },
  } (o)
  return rare ~= "" and out .. "\n" .. rare or out
end

local red = words {
  { "marked", "  marked %d" }, { "early", " early %d" }, { "pdrop", " pdrop %d" }, { "other", " other %d " },
}
local choke = words {
  { "marked", "  marked %d" }, { "early", " early %d" }, { "pdrop", " pdrop %d" }, { "other", " other %d" },
  { "matched", " matched %d" },
}

local function pie(o)
  return ("  prob %g delay %s%s\n  pkts_in %d overlimit %d dropped %d maxq %d ecn_mark %d"):format(
    o.prob, units.time(o.delay_us), o.dq_rate_estimating and (" avg_dq_rate %d"):format(o.avg_dq_rate) or "",
    o.packets_in, o.overlimit, o.dropped, o.maxq, o.ecn_mark)
end

local fq_pie = words {
  { "packets_in", "  pkts_in %d" }, { "overlimit", " overlimit %d" }, { "overmemory", " overmemory %d" },
  { "dropped", " dropped %d" }, { "ecn_mark", " ecn_mark %d" }, { "new_flow_count", "\n  new_flow_count %d" },
  { "new_flows_len", " new_flows_len %d" }, { "old_flows_len", " old_flows_len %d" },
  { "memory_used_bytes", " memory_used %d" },
}
local hhf = words {
  { "drop_overlimit", "  drop_overlimit %d" }, { "hh_overlimit", " hh_overlimit %d" },
  { "hh_tot_count", " tot_hh %d" }, { "hh_cur_count", " cur_hh %d" },
}
local sfb = words {
  { "earlydrop", "  earlydrop %d" }, { "penaltydrop", " penaltydrop %d" }, { "bucketdrop", " bucketdrop %d" },
  { "queuedrop", " queuedrop %d" }, { "childdrop", " childdrop %d" }, { "marked", " marked %d" },
  { "maxqlen", "\n  maxqlen %d" }, { "maxprob", " maxprob %g" }, { "avgprob", " avgprob %g " },
}
local htb = words {
  { "lended", " lended: %d" }, { "borrowed", " borrowed: %d" }, { "giants", " giants: %d" },
  { "tokens", "\n tokens: %d" }, { "ctokens", " ctokens: %d\n" },
}
local hfsc = words {
  { "period", " period %d" }, { "work_bytes", " work %d bytes", unless_0 = true },
  { "rtwork_bytes", " rtwork %d bytes", unless_0 = true }, { "level", " level %d \n" },
}

-- ---- cake -----------------------------------------------------------------------------------------------

local TINS = {
  { "thresh", "threshold_mbit", units.rate }, { "target", "target_us", units.time },
  { "interval", "interval_us", units.time }, { "pk_delay", "peak_delay_us", units.time },
  { "av_delay", "avg_delay_us", units.time }, { "sp_delay", "base_delay_us", units.time },
  { "backlog", "backlog_bytes", units.size }, { "pkts", "sent_packets" }, { "bytes", "sent_bytes" },
  { "way_inds", "way_indirect_hits" }, { "way_miss", "way_misses" }, { "way_cols", "way_collisions" },
  { "drops", "drops" }, { "marks", "ecn_mark" }, { "ack_drop", "ack_drops" }, { "sp_flows", "sparse_flows" },
  { "bk_flows", "bulk_flows" }, { "un_flows", "unresponsive_flows" }, { "max_len", "max_len_bytes" },
  { "quantum", "quantum_bytes" },
}
local TITLES = { [3] = { "Bulk", "Best Effort", "Voice" }, [4] = { "Bulk", "Best Effort", "Video", "Voice" } }

local function tins_text(tins)
  local out, titles = {}, TITLES[#tins]
  local line = { "          " }
  for i = 1, #tins do line[#line + 1] = ("%13s"):format(titles and titles[i] or "Tin " .. i - 1) end
  out[1] = table.concat(line)
  for _, row in ipairs(TINS) do
    if tins[1][row[2]] then
      line = { ("  %-8s"):format(row[1]) }
      for _, tin in ipairs(tins) do
        local v = tin[row[2]]
        line[#line + 1] = (" %12s"):format(row[3] and row[3](v) or tostring(v))
      end
      out[#out + 1] = table.concat(line)
    end
  end
  return table.concat(out, "\n") .. "\n"
end

local function cake_flow(o)
  local out = ("  deficit %d count %d"):format(o.deficit_bytes, o.count)
  if o.dropping then out = out .. " dropping" .. (o.drop_next_us and drop_next(o.drop_next_us) or "") end
  if o.blue_prob then out = out .. " blue_prob " .. o.blue_prob end
  local timer = o.blue_timer_us -- tc takes a negative one for a large one
  if timer then
    out = out .. (timer < 0 and " blue_timer -" or " blue_timer ") .. units.time(timer & 0xFFFFFFFF)
  end
  return out
end

local function cake(o)
  if o.deficit_bytes then return cake_flow(o) end
  local out = {}
  local function add(...) out[#out + 1] = string.format(...) end
  if o.memory_used_bytes then
    add(" memory used: %s of %s\n", units.size(o.memory_used_bytes), units.size(o.memory_limit_bytes))
  end
  if o.capacity_estimate_mbit then
    add(" capacity estimate: %s\n", units.rate(o.capacity_estimate_mbit))
  end
  if o.min_netlen_bytes then
    add(" min/max network layer size: %12d /%8d\n", o.min_netlen_bytes, o.max_netlen_bytes)
  end
  if o.min_adjlen_bytes then
    add(" min/max overhead-adjusted size: %8d /%8d\n", o.min_adjlen_bytes, o.max_adjlen_bytes)
  end
  if o.avg_hdr_offset_bytes then add(" average network hdr offset: %12d\n\n", o.avg_hdr_offset_bytes) end
  return table.concat(out) .. (o.tins and #o.tins > 0 and tins_text(o.tins) or "")
end

local KINDS = {
  codel = codel, fq_codel = fq_codel, fq = fq, red = red, choke = choke, pie = pie, fq_pie = fq_pie,
  hhf = hhf, sfb = sfb, htb = htb, hfsc = hfsc, cake = cake,
  drr = function(o) return " deficit " .. units.size(o.deficit_bytes) .. " " end,
  sfq = function(o) return ("  allot %d"):format(o.allot_bytes) end,
}

-- ---- all ------------------------------------------------------------------------------------------------

-- Lua: text(record) -> the lines, the first one begins with a line break; "" for what has no counters.
function M.text(record)
  local s = record.stats
  if not s then return "" end
  local out = {}
  if s.bytes then out[#out + 1] = ("\n Sent %d bytes %d pkt"):format(s.bytes, s.packets) end
  if s.drops then
    out[#out + 1] = (" (dropped %d, overlimits %d requeues %d) \n backlog %s %dp requeues %d"):format(
      s.drops, s.overlimits, s.requeues, units.size(s.backlog_bytes), s.qlen, s.requeues)
  end
  local own = s[record.type]
  if own and KINDS[record.type] then out[#out + 1] = "\n" .. KINDS[record.type](own) end
  return #out > 0 and table.concat(out) or "\n"
end

return M
