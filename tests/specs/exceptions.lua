-- exceptions: where our rows and the kernel's description of its messages (the files beside this one) differ,
-- and why. tests/unit/netlink_specs_spec.lua fails when a difference is missing here, and when one is
-- here that is none. Each entry: { WHY, the paths, with blanks between them }.

local M = {}

-- Attributes for which we have no row. A path is SCHEMA/ATTRIBUTE of the description.
M.lacks = {
  -- said by another row
  { "a row beside it reads and writes it: the mask of what it matches", [[
    filter.flower/key-arp-op-mask filter.flower/key-arp-sha-mask filter.flower/key-arp-sip-mask
    filter.flower/key-arp-tha-mask filter.flower/key-arp-tip-mask filter.flower/key-ct-mark-mask
    filter.flower/key-ct-state-mask filter.flower/key-ct-zone-mask filter.flower/key-enc-ip-tos-mask
    filter.flower/key-enc-ip-ttl-mask filter.flower/key-enc-ipv4-dst-mask
    filter.flower/key-enc-ipv4-src-mask filter.flower/key-enc-ipv6-dst-mask
    filter.flower/key-enc-ipv6-src-mask filter.flower/key-enc-udp-dst-port-mask
    filter.flower/key-flags-mask filter.flower/key-tcp-flags-mask filter.flower/key-tcp-dst-mask
    filter.flower/key-tcp-src-mask filter.flower/key-udp-dst-mask filter.flower/key-udp-src-mask
    filter.flower/key-sctp-dst-mask filter.flower/key-sctp-src-mask
    filter.flower/key-icmpv4-code-mask filter.flower/key-icmpv4-type-mask
    filter.flower/key-icmpv6-code-mask filter.flower/key-icmpv6-type-mask
    filter.flower/key-ip-tos-mask filter.flower/key-ip-ttl-mask filter.flower/key-eth-dst-mask
    filter.flower/key-eth-src-mask filter.flower/key-ipv4-dst-mask filter.flower/key-ipv4-src-mask
    filter.flower/key-ipv6-dst-mask filter.flower/key-ipv6-src-mask filter.skbedit/mask ]] },
  { "src_ip and dst_ip are of either family, and those of a tunnel", [[
    filter.flower/key-ipv6-dst filter.flower/key-ipv6-src filter.flower/key-enc-ipv6-dst
    filter.flower/key-enc-ipv6-src ]] },
  { "src_port, dst_port, icmp_type and icmp_code are those of the protocol that ip_proto says", [[
    filter.flower/key-udp-dst filter.flower/key-udp-src filter.flower/key-sctp-dst filter.flower/key-sctp-src
    filter.flower/key-icmpv6-code filter.flower/key-icmpv6-type ]] },
  { "a range of ports is a value of src_port or dst_port", [[
    filter.flower/key-port-dst-max filter.flower/key-port-dst-min filter.flower/key-port-src-max
    filter.flower/key-port-src-min ]] },
  { "a rate that does not fit 32 bits, of the row with the rate",
    "class.htb/rate64 class.htb/ceil64 qdisc.netem/rate64 qdisc.tbf/rate64 qdisc.tbf/prate64 filter.police/rate64" },
  { "the burst in bytes, which burst_bytes and mtu_bytes write besides the time that it lasts",
    "qdisc.tbf/burst qdisc.tbf/pburst" },
  { "the family of tunnels shares one description: these belong to IPv6", [[
    link.gre/encap-limit link.gre/flags link.gre/flowinfo link.gretap/encap-limit link.gretap/flags
    link.gretap/flowinfo link.erspan/encap-limit link.erspan/flags link.erspan/flowinfo link.ipip/encap-limit
    link.ipip/flowinfo link.sit/encap-limit link.sit/flowinfo ]] },
  { "the same: these belong to erspan", [[
    link.gre/erspan-dir link.gre/erspan-hwid link.gre/erspan-index link.gre/erspan-ver link.gretap/erspan-dir
    link.gretap/erspan-hwid link.gretap/erspan-index link.gretap/erspan-ver ]] },
  { "the same: these belong to sit", [[
    link.ipip/6rd-prefix link.ipip/6rd-prefixlen link.ipip/6rd-relay-prefix link.ipip/6rd-relay-prefixlen
    link.ipip/flags ]] },
  { "one description for the qdisc and its classes: these are the classes'",
    "qdisc.htb/parms qdisc.htb/rate64 qdisc.htb/ceil64 qdisc.htb/ctab qdisc.htb/rtab" },
  { "the same: these are the qdisc's", "class.htb/init class.htb/direct-qlen class.htb/offload" },
  { "netns takes a pid too, and sends a descriptor of its namespace", "link/net-ns-pid" },
  { "the row altnames reads the list; link.property_add and property_delete write it", "link/alt-ifname" },
  { "asks for statistics or VLANs in an answer: of the request, not of a link", "link/ext-mask" },
  { "the same numbers as stats64, in 32 bits", "link/stats" },
  { "the same numbers as stats2, in an older form", "qdisc/stats class/stats" },

  -- said by the kernel, and of no use to a lab
  { "names the namespace that an answer is about: of the request", "link/target-netnsid addr/ifa-target-netnsid" },
  { "the state that sysctl reads by name, as numbers without names", [[
    link/af-spec/inet link/af-spec/inet6/conf link/af-spec/inet6/flags link/af-spec/inet6/cacheinfo
    link/af-spec/inet6/ra-mtu link/af-spec/inet6/stats link/af-spec/inet6/icmp6-stats link/af-spec/inet6/mcast ]] },
  { "who asks for groups: bridge mdb tells it of each", "link.bridge/mcast-querier-state" },
  { "what a kind counts, in an older form: stats has it by the kind's name", [[
    link/linkinfo/xstats qdisc/xstats/cake qdisc/xstats/choke qdisc/xstats/codel qdisc/xstats/fq qdisc/xstats/fq_codel
    qdisc/xstats/fq_pie qdisc/xstats/hhf qdisc/xstats/pie qdisc/xstats/red qdisc/xstats/sfb qdisc/xstats/sfq ]] },
  { "the flows' of cake and sfq are in class.stats, those of an action nowhere", [[
    qdisc.stats.cake/deficit qdisc.stats.cake/cobalt-count qdisc.stats.cake/dropping qdisc.stats.cake/drop-next-us
    qdisc.stats.cake/p-drop qdisc.stats.cake/blue-timer-us qdisc.stats/app/sfq filter.action.stats/app ]] },
  { "counters of hardware, estimates that nobody asked for, counts of more than 32 bits",
    [[ qdisc.stats/basic-hw qdisc.stats/pkt64 qdisc.stats/rate-est qdisc.stats/rate-est64 class.stats/basic-hw
    class.stats/pkt64 class.stats/rate-est class.stats/rate-est64 filter.action.stats/basic-hw
    filter.action.stats/pkt64 filter.action.stats/rate-est filter.action.stats/rate-est64 ]] },
  { "counters of a filter, kept by its actions too", "filter/stats filter/stats2 filter.basic/pcnt" },
  { "a word of the kernel's about a request, which errors have as `kernel`",
    "qdisc/ext-warn-msg class/ext-warn-msg filter/ext-warn-msg" },
  { "how a listing is asked for", [[
    qdisc/dump-flags qdisc/dump-invisible class/dump-flags class/dump-invisible filter/dump-flags
    filter/dump-invisible ]] },

  -- hardware
  { "virtual functions and ports of a physical card; a lab has none", [[
    link/num-vf link/vfinfo-list link/vf-ports link/port-self link/phys-port-id link/phys-port-name
    link/phys-switch-id link/devlink-port link/dpll-pin link/map link.bridge_slave/learning-sync ]] },
  { "what hardware takes over", [[
    qdisc/hw-offload class/hw-offload filter/hw-offload filter.action/hw-stats filter.action/in-hw-count
    filter.action/used-hw-stats filter.flower/in-hw-count qdisc.htb/offload
    qdisc/options/taprio filter.action/options/gate ]] },

  -- not used by any kernel
  { "nothing reads or writes it any more", [[
    link/cost link/priority link/protinfo link/weight link/wireless addr/ifa-anycast addr/ifa-multicast
    route/rta-protoinfo route/rta-mp-algo route/rta-session route/rta-pad qdisc/fcnt class/fcnt filter/fcnt
    qdisc.netem/pad qdisc.fq/flow-default-rate filter.fw/police filter.basic/police
    filter.action/flags filter.police/avrate ]] },
  { "a table of times for each size: the kernel reckons by itself since 3.8, and only checks that it is there",
    "class.htb/ctab class.htb/rtab qdisc.tbf/rtab qdisc.tbf/ptab filter.police/rate" },
  { "belongs to the other objects of traffic control",
    "qdisc/chain class/chain class/ingress-block class/egress-block filter/ingress-block filter/egress-block class/stab filter/stab" },

  -- programs and protocols beside what a lab is about
  { "programs in the kernel (BPF): made and loaded by other tools", "link/xdp filter/options/bpf filter.action/options/bpf" },
  { "MCTP, a protocol of management controllers", "link/af-spec/mctp" },
  { "counters of multicast routing, which takes a daemon's socket to set up", "route/rta-mfc-stats" },
  { "cookies and numbers of actions that others share: the number is told in the action itself", [[
    filter.action/cookie filter.action/index ]] },
  { "actions that work with hardware or daemons of their own",
    "filter.action/options/ctinfo filter.action/options/ife" },
  { "helpers of connection tracking, options of tunnels: iproute2 6.1 has no word, or a language of its own", [[
    filter.ct/helper-family filter.ct/helper-name filter.ct/helper-proto filter.tunnel_key/enc-opts
    filter.tunnel_key/no-frag ]] },
  { "an attribute of what another row says: a mask, the other end of a range, IPv6, the plain kind of pedit", [[
    filter.ct/mark-mask filter.ct/nat-ipv4-max filter.ct/nat-ipv6-max filter.ct/nat-ipv6-min
    filter.ct/nat-port-max filter.pedit/key-ex filter.pedit/parms ]] },
  { "what flower can match of options of tunnels, PPP, IPsec, labels of connections", [[
    filter.flower/key-cfm filter.flower/key-ct-labels filter.flower/key-ct-labels-mask
    filter.flower/key-enc-flags filter.flower/key-enc-flags-mask filter.flower/key-enc-opts
    filter.flower/key-enc-opts-mask filter.flower/key-enc-udp-src-port
    filter.flower/key-enc-udp-src-port-mask filter.flower/key-hash filter.flower/key-hash-mask
    filter.flower/key-l2tpv3-sid filter.flower/key-mpls-opts filter.flower/key-ppp-proto
    filter.flower/key-pppoe-sid filter.flower/key-spi filter.flower/key-spi-mask
    filter.flower/l2-miss ]] },
  { "for cards with queues", "filter.skbedit/queue-mapping-max" },
  { "trees of conditions, classifiers by control group, by route, by hash: basic takes every packet, as matchall",
    "filter.basic/ematches filter.cgroup/ematches filter.cgroup/police filter.route/police filter/options/flow" },
  { "police counts bytes at one rate; a second rate, and packets, it can be told by tc(8)", [[
    filter.police/peakrate filter.police/peakrate64 filter.police/pktburst64 filter.police/pktrate64 ]] },
  { "one description for the qdisc and its classes: those of drr and qfq have the options",
    "qdisc/options/drr qdisc/options/qfq" },
  { "what stands in a list, which quanta and priomap are", "qdisc.ets/priomap-band qdisc.ets/quanta-band" },
  { "a queue of queues by drop priorities: tc(8) alone; a listing names it", "qdisc/options/gred" },
  { "marks (ECN, L4S) and bands of fq, of which iproute2 6.1 knows none", [[
    qdisc.fq/ce-threshold qdisc.fq/priomap qdisc.fq/weights qdisc.fq_codel/ce-threshold-mask
    qdisc.fq_codel/ce-threshold-selector ]] },
  { "routes of MPLS labels, a family of its own", "route/rta-newdst route/rta-ttl-propagate" },
  { "who made an address: iproute2 6.1 has no word", "addr/ifa-proto" },
  { "blocks shared between links", "qdisc/ingress-block qdisc/egress-block filter.mirred/blockid" },
  { "a table of sizes that packets count as (stab), an estimator of rates: tc(8) alone",
    "qdisc/stab qdisc/rate class/rate filter/rate" },
}

-- Rows that read an attribute in another way than the description says. SCHEMA/ATTRIBUTE KEY; in place of
-- the blank there is a colon here.
M.differs = {
  { "a word of filters alone: no record has it", "route/rta-oif:vrf" },
  { "the description leaves out that it is in the order of the wire", [[
    link.gre/encap-dport:encap_dport link.gre/encap-sport:encap_sport link.gre/ikey:ikey link.gre/okey:okey
    link.gretap/encap-dport:encap_dport link.gretap/encap-sport:encap_sport link.gretap/ikey:ikey
    link.gretap/okey:okey link.erspan/encap-dport:encap_dport link.erspan/encap-sport:encap_sport
    link.erspan/ikey:ikey link.erspan/okey:okey link.ipip/encap-dport:encap_dport
    link.ipip/encap-sport:encap_sport link.sit/encap-dport:encap_dport link.sit/encap-sport:encap_sport
    link.geneve/label:flowlabel link.geneve/port:dstport route/rta-dport:dport route/rta-sport:sport
    filter.vlan/push-vlan-protocol:protocol ]] },
  { "the kernel reads it in its own order, whatever the description says (fl_set_key_vlan, fl_set_key_mpls)",
    "filter.flower/key-vlan-id:vlan_id filter.flower/key-cvlan-id:cvlan_id filter.flower/key-mpls-label:mpls_label" },
  { "802.1Q and 802.1ad are two words, whose numbers stand in our table in the order of the wire",
    "link.vlan/protocol:protocol" },
  { "the kernel takes -64 to 256 (NLA_S32)", "qdisc.cake/overhead:overhead_bytes" },
  { "a list of numbers", "qdisc.ets/priomap:priomap qdisc.ets/quanta:quanta" },
  { "IFLA_BOND_SLAVE_PRIO has a sign in the kernel (NLA_S32)", "link.bond_slave/prio:prio" },
  { "the header calls it so", [[
    link.bridge/nf-call-ip6-tables:nf_call_ip6tables link.vlan/flag:bridge_binding link.vlan/flag:gvrp
    link.vlan/flag:loose_binding link.vlan/flag:mvrp link.vlan/flag:reorder_hdr ]] },
  { "written as two others (ikey and okey, iseq and oseq ...), and read as those", [[
    link.gre/ikey:key link.gre/iflags:csum link.gre/iflags:seq link.gretap/ikey:key link.gretap/iflags:csum
    link.gretap/iflags:seq link.erspan/ikey:key link.erspan/iflags:csum link.erspan/iflags:seq ]] },
  { "that it is there says yes too, as with vxlan", "link.geneve/ttl-inherit:ttl" },
  { "the namespace of that number, of which there is none without a kernel", "link/link-netnsid:link_netns" },
  { "a list of words for bits: reads as many bytes as there are", [[
    filter.flower/flags:flags filter.matchall/flags:flags filter.u32/flags:flags
    route/rta-metrics/rtax-features:features route/rta-metrics/rtax-lock:lock ]] },
  { "a list that one codec makes and reads whole", [[
    link.bond/arp-ip-target:arp_ip_target link.bond/ns-ip6-target:ns_ip6_target
    link/proto-down-reason:protodown_reason
    link.vlan/egress-qos:egress_qos_map link.vlan/ingress-qos:ingress_qos_map link/prop-list:altnames ]] },
  { "bytes in the description, which has no way to say: a link in a link, routes in a route",
    "link.netkit/peer-info:peer route/rta-multipath:nexthops" },
  { "one table says both: what it is, and its options, which the description has as bytes",
    "route/rta-encap:encap route/rta-encap-type:encap" },
  { "read together with the type of the frame, and its own mask", [[
    filter.flower/key-ipv4-dst:dst_ip filter.flower/key-ipv4-src:src_ip filter.flower/key-arp-sip:arp_sip
    filter.flower/key-arp-tip:arp_tip filter.flower/key-enc-ipv4-dst:enc_dst_ip
    filter.flower/key-enc-ipv4-src:enc_src_ip filter.flower/key-ct-state:ct_state filter.flower/key-flags:ip_flags ]] },
  { "keys follow the struct, and what they match is read out of them", [[
    filter.u32/sel:ip_dport filter.u32/sel:ip_sport filter.u32/sel:ip_dst filter.u32/sel:ip_src
    filter.u32/sel:ip_protocol filter.u32/sel:ip_tos filter.u32/sel:raw filter.u32/sel:keys
    filter.u32/sel:hashkey filter.u32/sel:ip_icmp_code filter.u32/sel:ip_icmp_type filter.u32/sel:ip6_dport
    filter.u32/sel:ip6_sport filter.u32/sel:ip6_dst filter.u32/sel:ip6_src
    filter.u32/sel:ip6_flowlabel filter.u32/sel:ip6_priority filter.u32/sel:ip6_protocol
    filter.u32/sel:ip6_icmp_code filter.u32/sel:ip6_icmp_type ]] },
  { "the kernel has 32 bits of it (act_tunnel_key.c, NLA_U32)", "filter.tunnel_key/enc-key-id:id" },
  { "reckoned from limit, buffer and rate, of which none may be 0", "qdisc.tbf/parms:latency_ms" },
}

-- Rows of an attribute that the description does not have.
M.extra = {
  { "one struct, which the description takes for the header of the options, although an attribute has it", [[
    qdisc.sfb/db_ms qdisc.sfb/decrement qdisc.sfb/increment qdisc.sfb/limit_packets qdisc.sfb/max_packets
    qdisc.sfb/penalty_burst qdisc.sfb/penalty_rate qdisc.sfb/rehash_ms qdisc.sfb/target_packets ]] },
  { "attributes behind the struct, of which the description knows nothing",
    "qdisc.mqprio/max_rate_mbit qdisc.mqprio/min_rate_mbit qdisc.mqprio/mode qdisc.mqprio/shaper" },
  { "the curves of a class, which the description has only as a header of the qdisc",
    "class.hfsc/ls class.hfsc/rt class.hfsc/sc class.hfsc/ul" },
  { "younger than Linux 6.12", "link.netkit/headroom link.netkit/tailroom link.netkit/scrub link.netkit/peer_scrub" },
}

-- Schemas that it has no set of attributes for.
M.undescribed = {
  { "links that it does not know yet", [[
    link.veth link.veth.peer link.vxlan link.macvlan link.macvtap link.ipvlan link.ipvtap link.vti link.vti6
    link.xfrm link.ip6gre link.ip6gretap link.ip6erspan link.ip6tnl link.macsec link.hsr link.bareudp link.amt
    link.gtp link.rmnet link.vxcan link.vrf_slave ]] },
  { "one way of several: rtnexthop and attributes of a route", "route.nexthop" },
  { "a chain is a filter without any: the description has the messages of filters", "chain" },
  { "queues that it does not know yet, and parts of those that it does",
    "class.ets class.hfsc.curve qdisc.skbprio" },
  { "what classes count: the description has it of qdiscs", [[
    class.stats.cake class.stats.drr class.stats.fq_codel class.stats.hfsc class.stats.htb class.stats.sfq ]] },
  { "an encapsulation: bytes for the description", [[
    route.encap route.encap.ip route.encap.ip6 route.encap.mpls route.encap.other route.encap.seg6
    route.encap.seg6local route.encap.xfrm ]] },
  { "objects that it does not know yet, or in files of their own", [[
    neigh fdb rule nexthop nexthop_bucket wireguard wireguard.peer vlan vlan_global mdb vni netconf nsid mroute mroute.oif mpls mpls.nexthop
    addrlabel fou macsec macsec.channel macsec.device macsec.device.sa macsec.device.channel ]] },
}

return M
