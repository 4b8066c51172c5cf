-- kinds: what ip -d prints behind the name of each kind of link, as pieces (see nslab.format.pieces); for a
-- port behind "KIND_slave". A kind that is not here has nothing but its name, as with ip.

local M = {}

-- The last pieces of every tunnel that can lie in UDP.
local function encap(options)
  local kind = options.encap
  if not kind or kind == "none" then return "" end
  local out = { "encap " .. kind .. " " }
  local function add(word, v) out[#out + 1] = word .. " " .. tostring(v) .. " " end
  add("encap-sport", options.encap_sport or "auto")
  add("encap-dport", options.encap_dport)
  for _, flag in ipairs { "csum", "csum6", "remcsum" } do
    local word = flag == "csum6" and "encap-csum6" or "encap-" .. flag
    out[#out + 1] = (options["encap_" .. flag] and "" or "no") .. word .. " "
  end
  return table.concat(out)
end

local function either_end(options)
  return ("remote %s local %s "):format(options.remote or "any", options.local_address or "any")
end

local KEYS = "ikey:quad okey:quad iseq:flag oseq:flag icsum:flag ocsum:flag"
local ERSPAN = "erspan_index=erspan erspan_ver erspan_dir erspan_hwid:hex"
local FLOW = "hoplimit:or_inherit encaplimit tclass:hex2 flowlabel:hex5"

local function dscp(options)
  return options.dscp_inherit and "dscp inherit " or ""
end

local function mark6(options)
  if options.fwmark_inherit then return "fwmark inherit " end
  return options.fwmark and options.fwmark ~= 0 and ("fwmark 0x%x "):format(options.fwmark) or ""
end

local GRE = { "external:flag", either_end,
              "dev:link ttl tos:some_hex nopmtudisc=pmtudisc:unless ignore-df=ignore_df:flag",
              KEYS, "fwmark:some_hex", ERSPAN, encap }
local GRE6 = { "external:flag", either_end, "dev:link", FLOW, dscp, KEYS, mark6, ERSPAN, encap }
local VTI = { either_end, "dev:link ikey:some_quad okey:some_quad fwmark:some_hex" }

local function prefix_6rd(options)
  local length = options.prefixlen_6rd
  if not length or length == 0 then return "" end
  local text = ("6rd-prefix %s/%d "):format(options.prefix_6rd, length)
  local relay = options.relay_prefix_6rd
  if not relay or relay == "0.0.0.0" then return text end
  return ("%s6rd-relay_prefix %s/%d "):format(text, relay, options.relay_prefixlen_6rd or 0)
end

local IPTUNNEL = { "external:flag mode:value", either_end, "dev:link ttl tos:some_hex",
                   function(o) return o.pmtudisc and "pmtudisc " or "nopmtudisc " end,
                   "isatap:flag", prefix_6rd, "fwmark:some_hex", encap }

local VLAN_FLAGS = { "reorder_hdr", "gvrp", "loose_binding", "mvrp", "bridge_binding" }

local function vlan_flags(options)
  local out = {}
  for _, flag in ipairs(VLAN_FLAGS) do
    if options[flag] then out[#out + 1] = flag:upper() end
  end
  return #out > 0 and "<" .. table.concat(out, ",") .. "> " or ""
end

-- Priorities stand in a line of their own.
local function qos_map(word, key)
  return function(options)
    local from = {}
    for priority in pairs(options[key] or {}) do from[#from + 1] = priority end
    if #from == 0 then return "" end
    table.sort(from)
    local out = {}
    for i, priority in ipairs(from) do out[i] = ("%d:%d "):format(priority, options[key][priority]) end
    return ("\n      %s { %s} "):format(word, table.concat(out))
  end
end

local function sources(options)
  local list = options.macaddr
  if not list then return "" end
  return ("remotes (%d) %s"):format(#list, #list > 0 and table.concat(list, " ") .. " " or "")
end

local MACVLAN = { "mode flag:other_value bcqueuelen usedbcqueuelen=bcqueuelen_used", sources }

local function tun_flags(options)
  local out = {}
  for _, key in ipairs { "pi", "vnet_hdr" } do
    if options[key] ~= nil then out[#out + 1] = ("%s %s "):format(key, options[key] and "on" or "off") end
  end
  if options.multi_queue then
    out[#out + 1] = ("multi_queue numqueues %d numdisabled %d "):format(
      options.num_queues or 0, options.num_disabled_queues or 0)
  end
  return table.concat(out)
end

local IPVLAN = { function(o) return (" mode %s "):format(o.mode) end, "flag:value" }

local function source_ports(options)
  local ports = options.srcport
  return ("srcport %d %d "):format(ports and ports[1] or 0, ports and ports[2] or 0)
end

-- The name that a number has in a file like /etc/passwd, else the number.
local function name_in(path, number)
  local file <close> = io.open(path)
  for line in file and file:lines() or function() end do
    local name, its = line:match "^([^:]*):[^:]*:(%d+)"
    if tonumber(its) == number then return name end
  end
  return number
end

local function owners(options)
  local user, group = options.user, options.group
  return (user and ("user %s "):format(name_in("/etc/passwd", user)) or "") ..
         (group and ("group %s "):format(name_in("/etc/group", group)) or "")
end

M.KINDS = {
  bridge = [[forward_delay hello_time max_age ageing_time stp_state priority vlan_filtering vlan_protocol
    bridge_id designated_root=root_id root_port root_path_cost topology_change topology_change_detected
    hello_timer:timer tcn_timer:timer topology_change_timer:timer gc_timer:timer vlan_default_pvid
    vlan_stats_enabled vlan_stats_per_port group_fwd_mask:hex_0 group_address mcast_snooping
    no_linklocal_learn mcast_vlan_snooping mcast_router mcast_query_use_ifaddr mcast_querier
    mcast_hash_elasticity mcast_hash_max mcast_last_member_count mcast_startup_query_count
    mcast_last_member_interval mcast_membership_interval mcast_querier_interval mcast_query_interval
    mcast_query_response_interval mcast_startup_query_interval mcast_stats_enabled mcast_igmp_version
    mcast_mld_version nf_call_iptables nf_call_ip6tables nf_call_arptables]],
  vlan = { "protocol id", vlan_flags, qos_map("ingress-qos-map", "ingress_qos_map"),
           qos_map("egress-qos-map", "egress_qos_map") },
  vxlan = { "external:flag", function(o) return o.vnifilter and "vnifilter" or "" end, -- without a blank
    "id group remote local=local_address dev:link", source_ports,
    [[dstport nolearning=learning:unless proxy:flag rsc:flag l2miss:flag l3miss:flag tos:some_hex ttl df:other
    flowlabel:some_hex ageing:or_none maxaddr=maxaddress:some udpcsum:either udp6zerocsumtx:either
    udp6zerocsumrx:either remcsumtx:flag remcsumrx:flag gbp:flag gpe:flag]] },
  macvlan = MACVLAN, macvtap = MACVLAN,
  vrf = "table",
  bond = [[mode active_slave:link miimon updelay downdelay peer_notify_delay=peer_notif_delay use_carrier
    arp_interval arp_missed_max=missed_max arp_ip_target:list ns_ip6_target:list arp_validate arp_all_targets
    primary:link primary_reselect fail_over_mac xmit_hash_policy resend_igmp num_grat_arp=num_peer_notif
    all_slaves_active min_links lp_interval packets_per_slave lacp_active lacp_rate ad_select
    ad_aggregator=ad_info.aggregator ad_num_ports=ad_info.num_ports ad_actor_key=ad_info.actor_key
    ad_partner_key=ad_info.partner_key ad_partner_mac=ad_info.partner_mac ad_actor_sys_prio
    ad_user_port_key ad_actor_system tlb_dynamic_lb]],
  gre = GRE, gretap = GRE, erspan = GRE, ip6gre = GRE6, ip6gretap = GRE6, ip6erspan = GRE6,
  ipip = IPTUNNEL, sit = IPTUNNEL,
  ip6tnl = { "external:flag mode:value", either_end, "dev:link", FLOW, dscp,
             "allow-localremote=allow_localremote:flag", mark6, encap },
  vti = VTI, vti6 = VTI,
  xfrm = function(o) return o.external and "external " or ("if_id 0x%x "):format(o.if_id) end,
  geneve = [[external:flag id remote ttl tos:some_hex df:other flowlabel:some_hex dstport udpcsum:either
    udp6zerocsumtx:either udp6zerocsumrx:either innerprotoinherit:flag]],
  ipvlan = IPVLAN, ipvtap = IPVLAN,
  macsec = [[sci protect:on cipher:upper icvlen encodingsa validate encrypt:on send_sci:on
    end_station:on scb:on replay:on window offload]],
  hsr = "slave1:link slave2:link interlink:link sequence=seq_nr supervision=supervision_addr proto",
  bareudp = { "dstport ethertype srcportmin",
              function(o) return o.multiproto and "multiproto " or "nomultiproto " end },
  amt = "mode:value gateway_port relay_port local=local_address remote discovery dev:link max_tunnels",
  gtp = "role hsize restart_count",
  rmnet = "mux_id",
  tun = { "type=mode", tun_flags, "persist:on", owners },
}

M.SLAVES = {
  bridge = [[state priority cost hairpin:on guard:on root_block:on fastleave=mcast_fast_leave:on learning:on
    flood:on port_id=id:hex port_no=no:hex designated_port designated_cost designated_bridge=bridge_id
    designated_root=root_id hold_timer:timer message_age_timer:timer forward_delay_timer:timer
    topology_change_ack config_pending proxy_arp:on proxy_arp_wifi:on mcast_router mcast_fast_leave:on
    mcast_flood:on bcast_flood:on mcast_to_unicast:on neigh_suppress:on group_fwd_mask:hex_0
    group_fwd_mask_str=group_fwd_mask:group_bits vlan_tunnel:on isolated:on locked:on backup_port:link]],
  bond = [[state:upper mii_status:upper link_failure_count perm_hwaddr queue_id prio ad_aggregator_id
    ad_actor_oper_port_state ad_actor_oper_port_state_str=ad_actor_oper_port_state:lacp
    ad_partner_oper_port_state ad_partner_oper_port_state_str=ad_partner_oper_port_state:lacp]],
  vrf = "table",
}

return M
