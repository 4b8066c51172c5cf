-- show_kinds: what ip -d says of a link of each kind, and what we say, to the byte but for blanks at the ends of
-- lines. A kind that the kernel lacks is pending: unit/format_kinds_spec.lua has what ip printed where there was one.

local harness = require "harness"
local oracle = require "oracle"
local words = require "nslab.words"

local must = harness.must

local LACKS = { "not supported", "Unknown device type", "No such file or directory", "No such device" }

local function lacks(text)
  for _, one in ipairs(LACKS) do
    if text:find(one, 1, true) then return true end
  end
end

-- What ticks while the two look.
local function still(text)
  return (oracle.trimmed(text):gsub("_timer +[%d.]+", "_timer"))
end

-- { kind, what stands between "ip link add NAME" and the end }. The links d0 and e0 are veths; d0 is up and has
-- addresses. Several links of a kind have different ends.
local LINKS = {
  { "vlan", "link d0 type vlan id 5",
    "link d0 type vlan proto 802.1ad id 6 reorder_hdr off gvrp on loose_binding on ingress 1:2 3:4 egress 2:3 5:6" },
  { "macvlan", "link d0 type macvlan mode source macaddr set 02:00:00:00:00:01 02:00:00:00:00:02",
    "link e0 type macvlan mode passthru nopromisc" },
  { "macvtap", "link d0 type macvtap mode vepa bcqueuelen 77" },
  { "vrf", "type vrf table 77" },
  { "bond", "type bond", "type bond mode 802.3ad miimon 100 updelay 200 lacp_rate fast ad_actor_sys_prio 7",
    "type bond mode active-backup arp_interval 100 arp_ip_target 10.0.0.7,10.0.0.8 arp_validate all" },
  { "gre", "type gre remote 10.0.0.3 local 10.0.0.1 dev d0 ttl 7 tos inherit ikey 5 okey 6 iseq ocsum fwmark 7",
    "type gre remote 10.0.0.4 nopmtudisc ignore-df tos 0x10", "type gre external" },
  { "gretap", "type gretap remote 10.0.0.5 key 1.2.3.4 seq csum encap gue encap-sport 5 encap-dport 6 encap-csum" },
  { "erspan", "type erspan seq key 9 remote 10.0.0.6 local 10.0.0.1 erspan_ver 1 erspan 12",
    "type erspan seq key 10 remote 10.0.0.6 local 10.0.0.1 erspan_ver 2 erspan_dir egress erspan_hwid 17" },
  { "ip6gre", "type ip6gre remote fd00::2 local fd00::1", "type ip6gre remote fd00::3 local fd00::1 dev d0 hoplimit 9 " ..
    "encaplimit none tclass inherit flowlabel inherit dscp inherit ikey 5 oseq csum fwmark inherit",
    "type ip6gre remote fd00::4 hoplimit inherit encaplimit 7 tclass 0x12 flowlabel 0x345 fwmark 9" },
  { "ip6gretap", "type ip6gretap remote fd00::4 encap gue encap-sport auto encap-dport 7" },
  { "ip6erspan", "type ip6erspan remote fd00::5 local fd00::1 seq key 5 erspan_ver 2 erspan_dir ingress erspan_hwid 3" },
  { "ipip", "type ipip remote 10.0.0.3 local 10.0.0.1 dev d0 ttl 9 tos inherit fwmark 5",
    "type ipip remote 10.0.0.4 nopmtudisc tos 8 mode ipip encap fou encap-sport 5 encap-dport 6" },
  { "sit", "type sit remote 10.0.0.2 local 10.0.0.1", "type sit local 10.0.0.1 isatap mode ip6ip" },
  { "ip6tnl", "type ip6tnl mode ipip6 remote fd00::4 local fd00::1 encaplimit 3 tclass 0x7 flowlabel 0x9 fwmark 7",
    "type ip6tnl mode any remote fd00::3 local fd00::1 dev d0 hoplimit 3 encaplimit none tclass inherit " ..
    "flowlabel inherit dscp inherit fwmark inherit allow-localremote", "type ip6tnl external" },
  { "vti", "type vti remote 10.0.0.3 local 10.0.0.1 ikey 5 okey 6 dev d0 fwmark 9" },
  { "vti6", "type vti6 remote fd00::3 local fd00::1 ikey 7 dev d0 fwmark 9" },
  { "xfrm", "type xfrm dev d0 if_id 7" },
  { "geneve", "type geneve id 5 remote 10.0.0.2",
    "type geneve id 6 remote fd00::2 ttl 5 tos inherit flowlabel 0x12 dstport 7000 udpcsum noudp6zerocsumtx",
    "type geneve id 7 remote 10.0.0.3 ttl inherit df set" },
  { "vxlan", "type vxlan id 1 dstport 4789", "type vxlan id 2 group 239.1.1.1 local 10.0.0.1 dev d0 srcport 10 20 " ..
    "dstport 4790 nolearning proxy rsc l2miss l3miss tos inherit ttl inherit maxaddress 9 noudpcsum gbp",
    "type vxlan id 3 remote fd00::2 local fd00::1 dstport 4791 tos 8 ttl 5 flowlabel 0x45 udp6zerocsumtx remcsumtx df set",
    "type vxlan external dstport 4792", "type vxlan external vnifilter dstport 4793" },
  { "ipvlan", "link e0 type ipvlan mode l3s private" },
  { "wireguard", "type wireguard" },
  { "macsec", "link d0 type macsec", "link e0 type macsec port 7 cipher gcm-aes-256 encrypt on send_sci off " ..
    "end_station on replay on window 5 validate check" },
  { "gtp", "type gtp role sgsn" },
  { "bareudp", "type bareudp dstport 6635 ethertype mpls_uc srcportmin 5" },
  { "amt", "type amt mode relay local 10.0.0.1 dev d0 relay_port 2270 max_tunnels 5" },
  { "hsr", "type hsr slave1 d1 slave2 e1 supervision 45 version 1" },
  { "dummy", "type dummy" },
  { "bridge", "type bridge stp_state 1 mcast_snooping 0 group_fwd_mask 8 ageing_time 100 priority 3" },
}

-- Two cables; one of their ends has addresses.
local function network()
  must [[
    ip link add d0 type veth peer name d1; ip link add e0 type veth peer name e1
    echo 0 >/proc/sys/net/ipv6/conf/d0/accept_dad; ip link set d0 up; ip link set d1 up
    ip addr add 10.0.0.1/24 dev d0; ip addr add fd00::1/64 dev d0 nodad]]
end

local function same(line)
  assert.equal(still(must(line)), still(words.sh(line)), line)
end

-- What the kernel said when it has no such kind.
local function compare(kind, ...)
  for i, options in ipairs { ... } do
    local name = ("%s-%d"):format(kind:sub(1, 11), i)
    local said, code = harness.sh(("ip link add %s %s 2>&1"):format(name, options))
    if code ~= 0 then
      assert(lacks(said), options .. ": " .. said)
      return said
    end
    same("ip -d link show " .. name)
    same("ip -o -d link show " .. name)
  end
end

describe("ip -d says the same of a", function()
  for _, row in ipairs(LINKS) do
    it(row[1], function()
      local said = oracle.apart(function()
        network()
        return compare(table.unpack(row)) or ""
      end)
      if said ~= "" then pending(("%s, on this kernel: %s"):format(row[1], said:match "[^\n]*")) end
    end)
  end

  -- { kind of the master, options of it }
  for _, row in ipairs { { "bond", "mode active-backup miimon 100" }, { "bond", "mode 802.3ad miimon 100" },
                         { "vrf", "table 77" }, { "bridge", "" } } do
    it(("port of a %s %s"):format(row[1], row[2]), function()
      local said = oracle.apart(function()
        network()
        local text, code = harness.sh(("ip link add m0 type %s %s 2>&1"):format(row[1], row[2]))
        if code ~= 0 then
          assert(lacks(text), text)
          return text
        end
        must "ip link set e0 master m0; ip link set m0 up; sleep 0.1"
        same "ip -d link show e0"
        same "ip -o -d link show m0"
        return ""
      end)
      if said ~= "" then pending(("%s, on this kernel: %s"):format(row[1], said:match "[^\n]*")) end
    end)
  end
end)
