-- filter: as tc filter show prints it.

local qdisc = require "nslab.format.qdisc"
local units = require "nslab.format.units"

local M = {}

-- ---- actions ---------------------------------------------------------------------------------------

local function capital(word)
  return word:sub(1, 1):upper() .. word:sub(2)
end

local statistics -- whether they are shown, while one filter is made into text

local TIMES = { { "installed", "installed_s" }, { "used", "used_s" }, { "firstused", "first_used_s" } }

-- When it was made and used.
local function times(o)
  if not statistics then return "" end
  local out = {}
  for _, pair in ipairs(TIMES) do
    if o[pair[2]] then out[#out + 1] = (" %s %d sec"):format(pair[1], o[pair[2]]) end
  end
  return table.concat(out)
end

local function counted(o)
  return ("index %d ref %d bind %d%s"):format(o.index, o.refs, o.binds, times(o))
end

local function mirred(o)
  local where, how = tostring(o.mode):match "^(%S+) (%S+)$"
  return ("mirred (%s %s to device %s) %s\n\t%s"):format(capital(where), capital(how), o.dev, o.control,
                                                        counted(o))
end

local function gact(o)
  return ("gact action %s\n\t random type %s %s val %d\n\t %s"):format(
    o.control, o.random or "none", o.random_control or "pass", o.random_value or 0, counted(o))
end

local function police(o)
  local out = { (" police 0x%x"):format(o.index) }
  local add = qdisc.adder(out)
  add("rate", o.rate_mbit, units.rate)
  add("burst", qdisc.sent_in(o.rate_mbit, o.burst_us), units.size)
  add("mtu", o.mtu_bytes, units.size)
  add("action", o.conform and ("%s/%s"):format(o.exceed, o.conform) or o.exceed)
  return ("%s overhead 0b \n\tref %d bind %d %s"):format(table.concat(out, " "), o.refs, o.binds, times(o))
end

local function adder(out)
  return function(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. tostring(v) end
  end
end

-- What of them there is, each behind its word.
local function listed(out, o, keys)
  local add = adder(out)
  for _, key in ipairs(keys) do add(key, o[key]) end
end

local function skbedit(o)
  local out = { o.queue_mapping and "skbedit" or "skbedit " }
  listed(out, o, { "queue_mapping", "priority", "mark", "ptype" })
  if o.inheritdsfield then out[#out + 1] = "inheritdsfield" end
  out[#out + 1] = o.control
  return ("%s\n\t %s"):format(table.concat(out, " "), counted(o))
end

-- "WORD  MODE", some fields and the control.
local function moded(word, keys)
  return function(o)
    local out = { word .. "  " .. o.mode }
    listed(out, o, keys)
    out[#out + 1] = o.control
    return ("%s\n\t %s"):format(table.concat(out, " "), counted(o))
  end
end

local vlan = moded("vlan", { "id", "protocol", "priority", "dst_mac", "src_mac" })
local mpls = moded("mpls", { "protocol", "label", "tc", "bos", "ttl" })


-- tc 6.1 looks for the end of the mask in the order of this machine's bytes.
local function shown_length(bits)
  if bits == 0 or bits >= 8 then return bits == 0 and 0 or 32 end
  return 24 + bits
end

local function nat(o)
  local old, bits = o.old:match "^([^/]+)/?(%d*)$"
  return (" nat %s %s/%d %s %s\n\t %s"):format(o.direction, old, shown_length(tonumber(bits) or 32), o.new,
                                              o.control, counted(o))
end

local SUMS = { "iph", "icmp", "igmp", "tcp", "udp", "udplite", "sctp" }

local function csum(o)
  local out = {}
  for _, key in ipairs(SUMS) do
    if o[key] then out[#out + 1] = key end
  end
  return ("csum (%s) action %s\n\t%s"):format(table.concat(out, ", "), o.control, counted(o))
end

local function tunnel_key(o)
  local out = { "tunnel_key  " .. o.mode }
  local function add(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. tostring(v) end
  end
  add("src_ip", o.src_ip)
  add("dst_ip", o.dst_ip)
  add("key_id", o.id)
  add("dst_port", o.dst_port)
  if o.csum ~= nil then out[#out + 1] = o.csum and "csum" or "nocsum" end
  add("tos", o.tos and ("0x%x"):format(o.tos))
  add("ttl", o.ttl)
  return ("%s %s\n\t %s"):format(table.concat(out, "\n\t"), o.control, counted(o))
end

local function skbmod(o)
  local out = { "skbmod", o.control }
  local add = adder(out)
  add("set etype", o.etype and ("0x%X"):format(o.etype))
  if o.etype and (o.dmac or o.smac) then out[#out] = out[#out] .. " \n\t" end
  add("set dmac", o.dmac)
  add("set smac", o.smac)
  if o.swap_mac then out[#out + 1] = "swap mac" end
  if o.ecn then out[#out + 1] = "ecn" end
  return ("%s \n\t %s"):format(table.concat(out, " "), counted(o))
end

local function pedit(o)
  local out = { (" pedit action %s keys %d\n \t %s"):format(o.control, #o.keys, counted(o)) }
  for i, key in ipairs(o.keys) do out[#out + 1] = ("\n\t key #%d  at %s"):format(i - 1, key) end
  return table.concat(out)
end

local function ct(o)
  local out = { "ct" }
  local add = adder(out)
  if o.commit then out[#out + 1] = o.force and "commit force" or "commit" end
  if o.clear and not o.commit then out[#out + 1] = "clear" end
  listed(out, o, { "mark", "zone", "label" })
  if o.nat then out[#out + 1] = o.nat == "known" and "nat" or "nat " .. o.nat end
  if o.nat ~= "known" then
    add("addr", o.nat_addr)
    add("port", o.nat_port)
  end
  out[#out + 1] = o.control
  return ("%s\n\t %s"):format(table.concat(out, " "), counted(o))
end

local function connmark(o)
  return ("connmark zone %d %s\n\t %s"):format(o.zone, o.control, counted(o))
end

local function sample(o)
  local trunc = o.trunc and " trunc_size " .. o.trunc or ""
  return ("sample rate 1/%d group %d%s %s\n\t %s"):format(o.rate, o.group, trunc, o.control, counted(o))
end

local function simple(o)
  return ("Simple <%s>\n\t %s"):format(o.sdata, counted(o))
end

local ACTIONS = {
  mirred = mirred, gact = gact, police = police, skbedit = skbedit, vlan = vlan, mpls = mpls, nat = nat,
  csum = csum, tunnel_key = tunnel_key, skbmod = skbmod, pedit = pedit, ct = ct,
  connmark = connmark, sample = sample, simple = simple,
}

-- What an action was done with, below it.
local function statistics_of(action)
  if not (statistics and action.stats) then return "" end
  return "\tAction statistics:" .. require("nslab.format.tc_stats").text(action):gsub("\n ", "\n\t") .. "\n"
end

local function add_actions(out, actions)
  for i, action in ipairs(actions or {}) do
    local text = ACTIONS[action.type]
    out[#out + 1] = ("\n\taction order %d: %s\n%s"):format(
      i, text and text(action[action.type]) or action.type, statistics_of(action))
  end
end

-- ---- kinds -----------------------------------------------------------------------------------------

local function hardware(o)
  return table.concat(o.flags or {}, " ")
end

local function number(handle)
  local id, bucket, node = handle:match "^(%x*):(%x*):?(%x*)$"
  return id, bucket == "" and "0" or bucket, tonumber(node, 16)
end

-- Where the next header begins.
local function offset(o)
  local out = "\n    offset "
  if o.mask then out = out .. ("%04x>>%d at %d "):format(o.mask, o.shift, o.at) end
  if o.plus and o.plus > 0 then out = out .. ("plus %d "):format(o.plus) end
  return out .. (o.eat and " eat " or "")
end

-- The bits of packets that it looks at.
local function keys(o, out)
  local v, mask = tostring(o.mark):match "^(%d+)/?(.*)$"
  if v then
    out[#out + 1] = ("\n  mark 0x%04x 0x%04x (success %d)"):format(v, tonumber(mask) or 0xFFFFFFFF,
                                                                  o.mark_matched)
  end
  for i, key in ipairs(o.keys or {}) do
    local took = statistics and o.key_matched and o.key_matched[i]
    out[#out + 1] = "\n  match " .. key .. (took and (" (success %d ) "):format(took) or "")
  end
  if o.offset then out[#out + 1] = offset(o.offset) end
  if o.hashkey then out[#out + 1] = ("\n    hash mask %08x at %d "):format(o.hashkey.mask, o.hashkey.at) end
  if o.indev then out[#out + 1] = ("\n  input dev %s\n"):format(o.indev) end
end

local function u32(filter, o, out)
  out[#out + 1] = " fh " .. filter.handle
  if o.divisor then
    out[#out + 1] = (" ht divisor %d"):format(o.divisor)
    return
  end
  local id, bucket, order = number(filter.handle)
  out[#out + 1] = (" order %d key ht %s bkt %s"):format(order, id, bucket)
  if o.classid then
    out[#out + 1] = " *flowid " .. o.classid
  elseif o.terminal then
    out[#out + 1] = " terminal flowid"
  end
  if o.link then out[#out + 1] = " link " .. o.link end
  if o.flags then out[#out + 1] = " " .. hardware(o) end
  if statistics and o.asked then out[#out + 1] = (" (rule hit %d success %d)"):format(o.asked, o.matched) end
  keys(o, out)
  if o.police then out[#out + 1] = "\n" .. police(o.police) end
  add_actions(out, o.action)
end

local ETHERTYPES = { [0x0800] = "ipv4", [0x86dd] = "ipv6", [0x0806] = "arp", [0x8035] = "rarp" }

-- What flower asks, in tc's order.
local FLOWER = {
  "indev", "num_of_vlans", "vlan_id", "vlan_prio", "vlan_ethtype", "cvlan_id", "cvlan_prio", "cvlan_ethtype",
  "dst_mac", "src_mac", "eth_type", "ip_proto", "ip_tos", "ip_ttl", "mpls_label", "mpls_tc", "mpls_bos",
  "mpls_ttl", "dst_ip", "src_ip", "dst_port", "src_port", "tcp_flags", "icmp_type", "icmp_code", "arp_sip",
  "arp_tip", "arp_op", "arp_sha", "arp_tha", "enc_dst_ip", "enc_src_ip", "enc_key_id", "enc_dst_port",
  "enc_tos", "enc_ttl", "ip_flags", "ct_state", "ct_zone", "ct_mark",
}

-- A mask in decimal.
local function decimal(v)
  local number_text, mask = tostring(v):match "^(%d+)/(0x%x+)$"
  return mask and ("%s/%d"):format(number_text, tonumber(mask)) or v
end

local SHOWN = {
  eth_type = function(v) return ETHERTYPES[v] or ("%04x"):format(v) end,
  ip_proto = function(v) return math.type(v) and ("%02x"):format(v) or v end,
  tcp_flags = function(v)
    local flags, mask = tostring(v):match "^(%d+)/0x(%x+)$"
    return ("0x%x/%s"):format(tonumber(flags or v), mask or "fff")
  end,
  icmp_type = decimal, icmp_code = decimal, arp_op = decimal,
}

local function flower(filter, o, out)
  if filter.handle then out[#out + 1] = (" handle 0x%x"):format(filter.handle) end
  if o.classid then out[#out + 1] = " classid " .. o.classid end
  for _, key in ipairs(FLOWER) do
    local v = o[key]
    if v ~= nil and SHOWN[key] then v = SHOWN[key](v) end
    if v ~= nil then out[#out + 1] = ("\n  %s %s"):format(key, v) end
  end
  for _, flag in ipairs(o.flags or {}) do out[#out + 1] = "\n  " .. flag end
  add_actions(out, o.action)
end

local function matchall(filter, o, out)
  if filter.handle then out[#out + 1] = (" handle 0x%x"):format(filter.handle) end
  if o.classid then out[#out + 1] = " flowid " .. o.classid end
  for _, flag in ipairs(o.flags or {}) do out[#out + 1] = "\n  " .. flag end
  if statistics and o.matched then out[#out + 1] = (" (rule hit %d)"):format(o.matched) end
  add_actions(out, o.action)
end

local function plain(filter, o, out)
  if filter.handle then out[#out + 1] = (" handle 0x%x"):format(filter.handle) end
  if o.mask and o.mask ~= 0xFFFFFFFF then out[#out + 1] = ("/0x%x"):format(o.mask) end
  if o.classid then out[#out + 1] = (filter.type == "fw" and " classid " or " flowid ") .. o.classid end
  if o.indev then out[#out + 1] = (" input dev %s \n"):format(o.indev) end
  add_actions(out, o.action)
end

local function route(filter, o, out)
  if filter.handle then out[#out + 1] = (" fh 0x%08x"):format(filter.handle) end
  if o.classid then out[#out + 1] = " flowid " .. o.classid end
  for _, key in ipairs { "to", "from", "fromif" } do
    if o[key] then out[#out + 1] = (" %s %s"):format(key, o[key]) end
  end
  add_actions(out, o.action)
end

local KINDS = {
  route = route, cgroup = plain, u32 = u32, flower = flower, matchall = matchall, basic = plain, fw = plain }

-- ---- the line --------------------------------------------------------------------------------------

-- What was asked for is not said again.
local function head(filter, asked)
  local out = { "filter" }
  local add = qdisc.adder(out)
  if not asked.dev then add("dev", filter.dev) end
  if not asked.parent then add("parent", filter.parent) end
  if not asked.protocol then add("protocol", filter.protocol) end
  if not asked.pref then add("pref", filter.pref) end
  out[#out + 1] = filter.type
  if not asked.chain then add("chain", filter.chain or 0) end
  return table.concat(out, " ")
end

-- Lua: flower(record, options) -> what a flower asks, as lines.
function M.flower(record, options)
  local rest = {}
  flower(record, options, rest)
  return table.concat(rest)
end

-- Lua: one(filter, asked, view) -> as tc filter show, or with statistics tc -s filter show, prints it.
function M.one(filter, asked, view)
  local options = filter[filter.type]
  local rest = {}
  statistics = view and view.stats
  if options and next(options) and KINDS[filter.type] then KINDS[filter.type](filter, options, rest) end
  statistics = nil
  return head(filter, asked) .. table.concat(rest)
end

return M
