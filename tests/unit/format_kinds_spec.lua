-- format_kinds: what ip -d says behind the name of a kind, as ip printed it (iproute2 6.1 on Linux 6.1) of links with
-- these options; tests/oracle/show_kinds_spec.lua looks at the kinds that the kernel has.

local kinds = require "nslab.format.kinds"
local pieces = require "nslab.format.pieces"

local function bond(changes)
  local all = {
    mode = "balance-rr", miimon = 0, updelay = 0, downdelay = 0, peer_notif_delay = 0, use_carrier = true,
    arp_interval = 0, missed_max = 2, arp_validate = "none", arp_all_targets = "any", primary_reselect = "always",
    fail_over_mac = "none", xmit_hash_policy = "layer2", resend_igmp = 1, num_peer_notif = 1, all_slaves_active = false,
    min_links = 0, lp_interval = 1, packets_per_slave = 1, lacp_active = "on", lacp_rate = "slow", ad_select = "stable",
    tlb_dynamic_lb = true,
  }
  for key, v in pairs(changes) do all[key] = v end
  return all
end

local function gre6(changes)
  local all = { hoplimit = 64, encaplimit = 4, tclass = 0, flowlabel = 0, pmtudisc = true, fwmark = 0, encap = "none" }
  for key, v in pairs(changes) do all[key] = v end
  return all
end

-- { kind, options, text }
local KINDS = {
  { "vlan", { protocol = "802.1Q", id = 5, reorder_hdr = true }, "protocol 802.1Q id 5 <REORDER_HDR>" },
  { "vlan", { protocol = "802.1ad", id = 6, reorder_hdr = false, gvrp = true, loose_binding = true,
              ingress_qos_map = { [1] = 2, [3] = 4 }, egress_qos_map = { [2] = 3, [5] = 6 } },
    "protocol 802.1ad id 6 <GVRP,LOOSE_BINDING>\n      ingress-qos-map { 1:2 3:4 }\n      egress-qos-map { 2:3 5:6 }" },
  { "vlan", { protocol = "802.1Q", id = 7, reorder_hdr = true, mvrp = true, bridge_binding = true },
    "protocol 802.1Q id 7 <REORDER_HDR,MVRP,BRIDGE_BINDING>" },
  { "vrf", { table = 77 }, "table 77" },
  { "bond", bond {},
    "mode balance-rr miimon 0 updelay 0 downdelay 0 peer_notify_delay 0 use_carrier 1 arp_interval 0 arp_missed_max 2 " ..
    "arp_validate none arp_all_targets any primary_reselect always fail_over_mac none xmit_hash_policy layer2 " ..
    "resend_igmp 1 num_grat_arp 1 all_slaves_active 0 min_links 0 lp_interval 1 packets_per_slave 1 lacp_active on " ..
    "lacp_rate slow ad_select stable tlb_dynamic_lb 1" },
  { "bond", bond { mode = "802.3ad", miimon = 100, updelay = 200, downdelay = 200, xmit_hash_policy = "layer2+3",
                   lacp_rate = "fast", ad_select = "bandwidth", ad_actor_sys_prio = 7, ad_user_port_key = 5,
                   ad_actor_system = "02:00:00:00:00:09",
                   ad_info = { aggregator = 1, num_ports = 1, actor_key = 320, partner_key = 1,
                               partner_mac = "00:00:00:00:00:00" } },
    "mode 802.3ad miimon 100 updelay 200 downdelay 200 peer_notify_delay 0 use_carrier 1 arp_interval 0 arp_missed_max 2 " ..
    "arp_validate none arp_all_targets any primary_reselect always fail_over_mac none xmit_hash_policy layer2+3 " ..
    "resend_igmp 1 num_grat_arp 1 all_slaves_active 0 min_links 0 lp_interval 1 packets_per_slave 1 lacp_active on " ..
    "lacp_rate fast ad_select bandwidth ad_aggregator 1 ad_num_ports 1 ad_actor_key 320 ad_partner_key 1 " ..
    "ad_partner_mac 00:00:00:00:00:00 ad_actor_sys_prio 7 ad_user_port_key 5 ad_actor_system 02:00:00:00:00:09 " ..
    "tlb_dynamic_lb 1" },
  { "bond", bond { mode = "active-backup", arp_interval = 100, arp_ip_target = { "10.0.0.7", "10.0.0.8" },
                   arp_validate = "all", arp_all_targets = "all", primary = "e0", primary_reselect = "better",
                   fail_over_mac = "active", num_peer_notif = 3 },
    "mode active-backup miimon 0 updelay 0 downdelay 0 peer_notify_delay 0 use_carrier 1 arp_interval 100 " ..
    "arp_missed_max 2 arp_ip_target 10.0.0.7,10.0.0.8 arp_validate all arp_all_targets all primary e0 " ..
    "primary_reselect better fail_over_mac active xmit_hash_policy layer2 resend_igmp 1 num_grat_arp 3 " ..
    "all_slaves_active 0 min_links 0 lp_interval 1 packets_per_slave 1 lacp_active on lacp_rate slow ad_select stable " ..
    "tlb_dynamic_lb 1" },
  { "gre", { remote = "10.0.0.3", local_address = "10.0.0.1", dev = "d0", ttl = 7, tos = "inherit", ikey = 5, okey = 6,
             iseq = true, oseq = false, icsum = false, ocsum = true, fwmark = 7, pmtudisc = true },
    "remote 10.0.0.3 local 10.0.0.1 dev d0 ttl 7 tos inherit ikey 0.0.0.5 okey 0.0.0.6 iseq ocsum fwmark 0x7" },
  { "gre", { remote = "10.0.0.4", ttl = "inherit", tos = 0x10, pmtudisc = false, ignore_df = true, fwmark = 0 },
    "remote 10.0.0.4 local any ttl inherit tos 0x10 nopmtudisc ignore-df" },
  { "gre", { external = true, ttl = "inherit", tos = 0, pmtudisc = true },
    "external remote any local any ttl inherit" },
  { "gretap", { remote = "10.0.0.5", local_address = "10.0.0.1", ttl = "inherit", tos = 0, ikey = "1.2.3.4",
                okey = "1.2.3.4", iseq = true, oseq = true, icsum = true, ocsum = true, encap = "fou", encap_sport = 5,
                encap_dport = 6, encap_csum = true, encap_csum6 = false, encap_remcsum = true },
    "remote 10.0.0.5 local 10.0.0.1 ttl inherit ikey 1.2.3.4 okey 1.2.3.4 iseq oseq icsum ocsum encap fou " ..
    "encap-sport 5 encap-dport 6 encap-csum noencap-csum6 encap-remcsum" },
  { "erspan", { remote = "10.0.0.6", local_address = "10.0.0.1", ttl = "inherit", ikey = 10, okey = 10, iseq = true,
                oseq = true, erspan_ver = 2, erspan_dir = "egress", erspan_hwid = 17 },
    "remote 10.0.0.6 local 10.0.0.1 ttl inherit ikey 0.0.0.10 okey 0.0.0.10 iseq oseq erspan_ver 2 " ..
    "erspan_dir egress erspan_hwid 0x11" },
  { "ip6gre", gre6 { remote = "fd00::3", local_address = "fd00::1", dev = "d0", hoplimit = 9, encaplimit = "none",
                     tclass = "inherit", flowlabel = "inherit", dscp_inherit = true, ikey = 5, oseq = true, icsum = true,
                     ocsum = true, fwmark_inherit = true },
    "remote fd00::3 local fd00::1 dev d0 hoplimit 9 encaplimit none tclass inherit flowlabel inherit dscp inherit " ..
    "ikey 0.0.0.5 oseq icsum ocsum fwmark inherit" },
  { "ip6gretap", gre6 { remote = "fd00::4", hoplimit = 0, encaplimit = 7, tclass = 0x12, flowlabel = 0x345,
                        fwmark = 9, encap = "gue", encap_sport = "auto", encap_dport = 7, encap_csum6 = true },
    "remote fd00::4 local any hoplimit inherit encaplimit 7 tclass 0x12 flowlabel 0x00345 fwmark 0x9 encap gue " ..
    "encap-sport auto encap-dport 7 noencap-csum encap-csum6 noencap-remcsum" },
  { "ip6erspan", gre6 { remote = "fd00::5", local_address = "fd00::1", ikey = 4, okey = 4, iseq = true, oseq = true,
                        erspan = 3, erspan_ver = 1 },
    "remote fd00::5 local fd00::1 hoplimit 64 encaplimit 4 tclass 0x00 flowlabel 0x00000 ikey 0.0.0.4 okey 0.0.0.4 " ..
    "iseq oseq erspan_index 3 erspan_ver 1" },
  { "ipip", { mode = "any", remote = "10.0.0.3", local_address = "10.0.0.1", dev = "d0", ttl = 9, tos = "inherit",
              pmtudisc = true, fwmark = 5 },
    "any remote 10.0.0.3 local 10.0.0.1 dev d0 ttl 9 tos inherit pmtudisc fwmark 0x5" },
  { "sit", { mode = "ip6ip", local_address = "10.0.0.1", ttl = "inherit", pmtudisc = true, isatap = true,
             prefix_6rd = "2002::", prefixlen_6rd = 16 },
    "ip6ip remote any local 10.0.0.1 ttl inherit pmtudisc isatap 6rd-prefix 2002::/16" },
  { "ip6tnl", gre6 { mode = "ipip6", remote = "fd00::4", local_address = "fd00::1", encaplimit = 3, tclass = 7,
                     flowlabel = 9, fwmark = 7, encap = "fou", encap_sport = 5, encap_dport = 6, encap_csum6 = true },
    "ipip6 remote fd00::4 local fd00::1 hoplimit 64 encaplimit 3 tclass 0x07 flowlabel 0x00009 fwmark 0x7 encap fou " ..
    "encap-sport 5 encap-dport 6 noencap-csum encap-csum6 noencap-remcsum" },
  { "ip6tnl", gre6 { mode = "any", external = true, hoplimit = 0, encaplimit = 0 },
    "external any remote any local any hoplimit inherit encaplimit 0 tclass 0x00 flowlabel 0x00000" },
  { "vti", { remote = "10.0.0.3", local_address = "10.0.0.1", dev = "d0", ikey = 5, okey = 6, fwmark = 9 },
    "remote 10.0.0.3 local 10.0.0.1 dev d0 ikey 0.0.0.5 okey 0.0.0.6 fwmark 0x9" },
  { "vti6", { remote = "fd00::3", local_address = "fd00::1", ikey = 7, okey = 0, fwmark = 0 },
    "remote fd00::3 local fd00::1 ikey 0.0.0.7" },
  { "xfrm", { if_id = 7 }, "if_id 0x7" },
  { "xfrm", { if_id = 0, external = true }, "external" },
  { "geneve", { id = 6, remote = "fd00::2", ttl = 5, tos = "inherit", df = "unset", flowlabel = 18, dstport = 7000,
                udp6zerocsumtx = false, udp6zerocsumrx = false },
    "id 6 remote fd00::2 ttl 5 tos inherit flowlabel 0x12 dstport 7000 noudp6zerocsumtx noudp6zerocsumrx" },
  { "geneve", { id = 7, remote = "10.0.0.3", ttl = "inherit", tos = 0, df = "set", flowlabel = 0, dstport = 6081,
                udpcsum = false, udp6zerocsumrx = true, innerprotoinherit = true },
    "id 7 remote 10.0.0.3 ttl inherit df set dstport 6081 noudpcsum udp6zerocsumrx innerprotoinherit" },
  { "macsec", { sci = "e2c30a1f77ce0001", protect = true, cipher = "gcm-aes-128", icvlen = 16, encodingsa = 0,
                validate = "strict", encrypt = false, send_sci = true, end_station = false, scb = false,
                replay = false },
    "sci e2c30a1f77ce0001 protect on cipher GCM-AES-128 icvlen 16 encodingsa 0 validate strict encrypt off " ..
    "send_sci on end_station off scb off replay off" },
  { "gtp", { role = "sgsn", hsize = 1024, restart_count = 0 }, "role sgsn hsize 1024 restart_count 0" },
  { "ipvlan", { mode = "l3s", flag = "private" }, " mode l3s private" },
}

local SLAVES = {
  { "bond", { state = "backup", mii_status = "down", link_failure_count = 0, perm_hwaddr = "e6:d3:6e:60:e0:f1",
              queue_id = 0, prio = 0, ad_aggregator_id = 1, ad_actor_oper_port_state = 71,
              ad_partner_oper_port_state = 0 },
    "state BACKUP mii_status DOWN link_failure_count 0 perm_hwaddr e6:d3:6e:60:e0:f1 queue_id 0 prio 0 " ..
    "ad_aggregator_id 1 ad_actor_oper_port_state 71 ad_actor_oper_port_state_str " ..
    "<active,short_timeout,aggregating,defaulted> ad_partner_oper_port_state 0 ad_partner_oper_port_state_str <>" },
}

local function check(rows, known, what)
  for i, row in ipairs(rows) do
    it(("%s (%d) says of %s what ip does"):format(row[1], i, what), function()
      local text = pieces.text(known[row[1]], row[2])
      assert.equal(row[3], (text:gsub(" +\n", "\n"):gsub(" +$", "")))
    end)
  end
end

describe("a link of the kind", function() check(KINDS, kinds.KINDS, "itself") end)
describe("a port of a", function() check(SLAVES, kinds.SLAVES, "it") end)
