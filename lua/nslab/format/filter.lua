-- filter: as tc filter show prints it.

local qdisc = require "nslab.format.qdisc"
local units = require "nslab.format.units"

local M = {}

-- ---- actions ---------------------------------------------------------------------------------------

local function capital(word)
  return word:sub(1, 1):upper() .. word:sub(2)
end

local function counted(o)
  return ("index %d ref %d bind %d"):format(o.index, o.refs, o.binds)
end

local function mirred(o)
  local where, how = tostring(o.mode):match "^(%S+) (%S+)$"
  return ("mirred (%s %s to device %s) %s\n\t%s"):format(capital(where), capital(how), o.dev, o.control,
                                                        counted(o))
end

local function gact(o)
  return ("gact action %s\n\t random type none pass val 0\n\t %s"):format(o.control, counted(o))
end

local function police(o)
  local out = { (" police 0x%x"):format(o.index) }
  local add = qdisc.adder(out)
  add("rate", o.rate_mbit, units.rate)
  add("burst", qdisc.sent_in(o.rate_mbit, o.burst_us), units.size)
  add("mtu", o.mtu_bytes, units.size)
  add("action", o.conform and ("%s/%s"):format(o.exceed, o.conform) or o.exceed)
  return ("%s overhead 0b\n\tref %d bind %d"):format(table.concat(out, " "), o.refs, o.binds)
end

local function adder(out)
  return function(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. tostring(v) end
  end
end

local function skbedit(o)
  local out = { o.queue_mapping and "skbedit" or "skbedit " }
  local add = adder(out)
  add("queue_mapping", o.queue_mapping)
  add("priority", o.priority)
  add("mark", o.mark)
  add("ptype", o.ptype)
  out[#out + 1] = o.control
  return ("%s\n\t %s"):format(table.concat(out, " "), counted(o))
end

local function vlan(o)
  local out = { "vlan  " .. o.mode }
  local add = adder(out)
  add("id", o.id)
  add("protocol", o.protocol)
  add("priority", o.priority)
  out[#out + 1] = o.control
  return ("%s\n\t %s"):format(table.concat(out, " "), counted(o))
end

local ACTIONS = { mirred = mirred, gact = gact, police = police, skbedit = skbedit, vlan = vlan }

local function add_actions(out, actions)
  for i, action in ipairs(actions or {}) do
    local text = ACTIONS[action.type]
    out[#out + 1] = ("\n\taction order %d: %s\n"):format(i, text and text(action[action.type]) or action.type)
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

local function u32(filter, o, out)
  out[#out + 1] = " fh " .. filter.handle
  if o.divisor then
    out[#out + 1] = (" ht divisor %d"):format(o.divisor)
    return
  end
  local id, bucket, order = number(filter.handle)
  out[#out + 1] = (" order %d key ht %s bkt %s"):format(order, id, bucket)
  out[#out + 1] = o.classid and " *flowid " .. o.classid or " terminal flowid"
  if o.flags then out[#out + 1] = " " .. hardware(o) end
  for _, key in ipairs(o.keys or {}) do out[#out + 1] = "\n  match " .. key end
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
  if o.flags then out[#out + 1] = "\n  " .. hardware(o) end
  add_actions(out, o.action)
end

local function plain(filter, o, out)
  if filter.handle then out[#out + 1] = (" handle 0x%x"):format(filter.handle) end
  if o.classid then out[#out + 1] = (filter.type == "fw" and " classid " or " flowid ") .. o.classid end
  add_actions(out, o.action)
end

local KINDS = { u32 = u32, flower = flower, matchall = matchall, basic = plain, fw = plain }

-- ---- the line --------------------------------------------------------------------------------------

function M.one(filter, asked)
  local out = { "filter" }
  local add = qdisc.adder(out)
  if not asked.dev then add("dev", filter.dev) end
  if not asked.parent then add("parent", filter.parent) end
  add("protocol", filter.protocol)
  add("pref", filter.pref)
  add(filter.type, "chain " .. (filter.chain or 0))
  local options = filter[filter.type]
  local rest = {}
  if options and next(options) and KINDS[filter.type] then KINDS[filter.type](filter, options, rest) end
  return table.concat(out, " ") .. table.concat(rest)
end

return M
