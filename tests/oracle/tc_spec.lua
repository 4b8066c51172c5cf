-- tc: command lines of tc carried out by tc and by us in twin networks, which end in the same state and show the
-- same; and what we print for each of them does the same again when tc carries it out. Which kinds a kernel
-- has is a matter of its own; a group of lines says what it needs.

local harness = require "harness"
local oracle = require "oracle"
local words = require "nslab.words"

-- v0 and v1, w0 and w1 are cables whose ends are up; the namespace red is empty.
local function setup()
  sysctl.set("net.ipv6.conf.default.disable_ipv6", 1) -- the cards are to be still
  for i, name in ipairs { "v", "w" } do
    link.add(name .. "0", {
      up = true, address = ("02:00:00:00:00:%d0"):format(i),
      veth = { peer = { name = name .. "1", address = ("02:00:00:00:00:%d1"):format(i), up = true } },
    })
  end
  netns.add "red"
  return "02:00:00:00:00:10 02:00:00:00:00:11 02:00:00:00:00:20 02:00:00:00:00:21"
end

local SHOW = [[

  tc qdisc show dev v0
  tc class show dev v0
  tc filter show dev v0
  tc filter show dev v0 ingress
]]

local GROUPS = {
  { "fifos", [[
    tc qdisc add dev v0 root pfifo limit 12
    tc qdisc add dev v1 root handle 7: bfifo limit 30k
    tc qdisc replace dev w0 root pfifo_head_drop limit 9
    tc qdisc change dev v0 root pfifo limit 6
    tc qdisc replace dev v1 root handle 8: pfifo limit 20
    tc qdisc del dev w0 root
    tc qdisc show
    tc -n red qdisc show dev lo
    tc -n red qdisc add dev lo root pfifo limit 5
    tc -n red qdisc show dev lo]] },
  { "tbf", [[
    tc qdisc add dev v0 root tbf rate 1mbit burst 10k latency 50ms
    tc qdisc add dev v1 root handle 1: tbf rate 256kbit burst 1600 limit 3000
    tc qdisc add dev w0 root handle 2: tbf rate 8mbit buffer 5000 limit 20000 peakrate 16mbit mtu 1600
    tc qdisc change dev v0 root tbf rate 2mbit burst 20k limit 1mb
    tc qdisc show dev v1
    tc qdisc show dev w0]] },
  { "htb", [[
    tc qdisc add dev v0 root handle 1: htb default 30 r2q 5
    tc class add dev v0 parent 1: classid 1:1 htb rate 6mbit burst 15k
    tc class add dev v0 parent 1:1 classid 1:10 htb rate 5mbit burst 15k prio 1 quantum 3000
    tc class add dev v0 parent 1:1 classid 1:20 htb rate 3mbit ceil 6mbit burst 15k cburst 20k
    tc class add dev v0 parent 1:1 classid 1:30 htb rate 300kbit ceil 6mbit burst 15k overhead 4
    tc class change dev v0 parent 1:1 classid 1:20 htb rate 2mbit
    tc class replace dev v0 parent 1:1 classid 1:30 htb rate 200kbit ceil 6mbit
    tc qdisc add dev v0 parent 1:10 handle 100: pfifo limit 5
    tc filter add dev v0 protocol ip parent 1:0 prio 1 u32 match ip dport 80 0xffff flowid 1:10
    tc filter add dev v0 protocol ip parent 1: prio 1 u32 match ip sport 25 0xffff flowid 1:20
    tc class add dev v0 parent 1:1 classid 1:40 htb rate 1mbit
    tc class del dev v0 classid 1:40]] .. SHOW },
  { "counters", [[
    tc qdisc add dev v0 root handle 1: htb default 10
    tc class add dev v0 parent 1: classid 1:1 htb rate 8mbit
    tc class add dev v0 parent 1:1 classid 1:10 htb rate 800kbit ceil 16mbit
    tc qdisc add dev v0 parent 1:10 handle 10: tbf rate 8mbit burst 10k limit 10k
    tc qdisc add dev v1 root pfifo_fast
    tc qdisc add dev w0 handle ffff: ingress
    tc -s qdisc show dev v0
    tc -s class show dev v0
    tc -stat qdisc show
    tc -d qdisc show
    tc -details class show dev v0
    tc -s -s qdisc show dev v1]] },
  { "u32", [[
    tc qdisc add dev v0 root handle 1: htb
    tc filter add dev v0 parent 1: protocol ip pref 3 u32 match ip dst 10.0.0.0/24 match ip protocol 6 0xff match ip dport 80 0xffff flowid 1:10
    tc filter add dev v0 parent 1: protocol ip pref 3 u32 match ip src 10.0.0.7 match ip tos 0x10 0xff flowid 1:11
    tc filter add dev v0 parent 1: protocol ip pref 4 u32 match ip protocol 1 0xff match ip icmp_type 8 0xff flowid 1:12
    tc filter add dev v0 parent 1: protocol ipv6 pref 5 u32 match ip6 src fd00::/64 match ip6 dst 2001:db8::1 flowid 1:13
    tc filter add dev v0 parent 1: protocol ipv6 pref 5 u32 match ip6 protocol 17 0xff match ip6 dport 53 0xffff flowid 1:14
    tc filter add dev v0 parent 1: protocol ipv6 pref 6 u32 match ip6 priority 0x10 0xff match ip6 flowlabel 0x12345 0xfffff flowid 1:15
    tc filter add dev v0 parent 1: protocol all pref 7 u32 match u32 0x00000800 0x0000ffff at 12 match u32 0 0 flowid 1:16
    tc filter replace dev v0 parent 1: protocol ip pref 9 u32 match ip dst 10.9.0.0/16 flowid 1:17
    tc filter del dev v0 parent 1: pref 6
    tc filter del dev v0 parent 1: protocol ip pref 3 handle 800::801 u32]] .. SHOW },
  { "tables of u32, and chains", [[
    tc qdisc add dev v0 root handle 1: htb
    tc filter add dev v0 parent 1: prio 5 handle 2: protocol ip u32 divisor 256
    tc filter add dev v0 parent 1: prio 5 protocol ip u32 ht 2:7b: match ip src 1.2.0.123 flowid 1:10
    tc filter add dev v0 parent 1: prio 5 protocol ip handle 2:7c:5 u32 ht 2:7c: match ip src 1.2.0.124 flowid 1:10
    tc filter add dev v0 parent 1: prio 5 protocol ip u32 order 9 ht 2:10: match ip src 1.2.0.125 flowid 1:11
    tc filter add dev v0 parent 1: prio 5 protocol ip u32 ht 800:: match ip src 1.2.0.0/16 hashkey mask 0x000000ff at 12 link 2:
    tc filter add dev v0 parent 1: prio 5 protocol ip u32 match ip protocol 6 0xff link 2: offset at 0 mask 0x0f00 shift 6 eat
    tc filter add dev v0 parent 1: prio 6 protocol ip u32 match tcp dst 80 0xffff match ip df flowid 1:12
    tc filter add dev v0 parent 1: prio 7 protocol all u32 match ether dst 02:00:00:00:00:01 match ether src 02:00:00:00:00:02 flowid 1:12
    tc filter del dev v0 parent 1: prio 5 protocol ip handle 2:7b:800 u32
    tc qdisc add dev w0 clsact
    tc chain add dev w0 egress chain 5
    tc filter add dev w0 egress chain 6 protocol ip pref 1 u32 match ip dst 10.0.0.1 action mirred egress mirror dev w1
    tc chain show dev w0 egress
    tc filter show dev w0 egress chain 6
    tc chain del dev w0 egress chain 5
    tc chain show dev w0 egress]] .. SHOW },
  { "what comes in, and mirred", [[
    tc qdisc add dev v0 ingress
    tc qdisc add dev w0 clsact
    tc filter add dev v0 parent ffff: protocol ip pref 1 u32 match ip dst 10.0.0.1 action mirred egress redirect dev w0
    tc filter add dev v0 ingress protocol all pref 2 u32 match u32 0 0 action mirred egress mirror dev w1
    tc filter add dev w0 egress protocol ip pref 1 u32 match ip src 10.0.0.2 action mirred egress mirror dev v1 pipe action mirred ingress redirect dev w1
    tc filter add dev w0 ingress protocol all pref 5 u32 match u32 0 0 flowid :7
    tc filter show dev w0 egress
    tc filter del dev v0 ingress pref 2
    tc qdisc del dev w0 clsact
    tc qdisc show dev w0]] .. SHOW },
  { "netem", [[
    tc qdisc add dev v0 root netem delay 20ms 5ms 25% loss 1% duplicate 0.5% corrupt 0.1% reorder 10% 50%
    tc qdisc add dev v1 root handle 2: netem limit 50 rate 10mbit 20 53 5
    tc qdisc add dev w0 root netem loss gemodel 1% 10% 70% 0.1% ecn
    tc qdisc add dev w1 root netem loss state 1% 90% 20% 80% 0.5% slot 800us 1ms packets 32 bytes 2000
    tc qdisc show dev v0
    tc qdisc change dev v0 root netem delay 10ms 2ms distribution normal
    tc qdisc show]], needs = "qdisc add dev lo root netem" },
  { "fair queues and bands", [[
    tc qdisc add dev v0 root fq_codel limit 100 flows 512 target 3ms interval 40ms noecn
    tc qdisc add dev v1 root sfq perturb 10 quantum 2000
    tc qdisc add dev w0 root handle 1: prio bands 4
    tc qdisc add dev w0 parent 1:1 handle 10: codel limit 50 ecn
    tc qdisc add dev w1 root fq maxrate 7mbit flow_limit 50
    tc qdisc show]], needs = "qdisc add dev lo root fq_codel" },
  { "queues that keep themselves short", [[
    tc qdisc add dev v0 root cake bandwidth 20mbit diffserv4 dual-srchost nat wash ack-filter lan ethernet
    tc qdisc add dev v1 root red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn bandwidth 10mbit
    tc qdisc add dev w0 root pie limit 100 target 20ms tupdate 32ms alpha 3 beta 21 ecn
    tc qdisc add dev w1 root fq_pie flows 512 quantum 300 ecn_prob 12
    tc -s qdisc show
    tc -d qdisc show
    tc qdisc change dev v0 root cake unlimited besteffort flowblind nonat
    tc qdisc replace dev v1 root choke limit 1000 bandwidth 10mbit min 83 max 250 ecn
    tc qdisc replace dev w0 root sfb limit 500 max 40 increment 0.001
    tc qdisc replace dev w1 root hhf limit 100 hh_limit 20
    tc -s qdisc show]], needs = "qdisc add dev lo root cake" },
  { "who sends when", [[
    tc qdisc add dev v0 root handle 1: hfsc default 10
    tc class add dev v0 parent 1: classid 1:10 hfsc sc m1 5mbit d 10ms m2 1mbit ul m2 8mbit
    tc class add dev v0 parent 1: classid 1:20 hfsc rt umax 1500 dmax 30ms rate 100kbit ls rate 50kbit
    tc qdisc add dev v1 root handle 1: drr
    tc class add dev v1 parent 1: classid 1:10 drr quantum 3k
    tc qdisc add dev w0 root handle 1: qfq
    tc class add dev w0 parent 1: classid 1:10 qfq weight 10 maxpkt 1600
    tc qdisc add dev w1 root handle 1: ets strict 2 quanta 4000 3000 priomap 3 2 1 0
    tc class change dev w1 classid 1:3 ets quantum 5000
    tc -s qdisc show
    tc -s class show dev v0
    tc -s class show dev v1
    tc -s class show dev w0
    tc -s class show dev w1
    tc qdisc replace dev w1 root skbprio limit 50
    tc qdisc replace dev w0 root plug limit 10k
    tc qdisc replace dev v1 root cbs hicredit 153 locredit -1389 sendslope -980000 idleslope 20000
    tc qdisc replace dev v0 root handle 2: etf clockid CLOCK_TAI delta 200000
    tc qdisc show]], needs = "qdisc add dev lo root hfsc" },
  { "flower, matchall and their actions", [[
    tc qdisc add dev v0 clsact
    tc filter add dev v0 ingress protocol ip pref 1 flower ip_proto tcp dst_port 80-90 tcp_flags 0x2/0x12 action drop
    tc filter add dev v0 ingress protocol ipv6 pref 2 flower src_ip fd00::/64 ip_proto icmpv6 type 128 action pass
    tc filter add dev v0 ingress protocol 802.1Q pref 3 flower vlan_id 5 vlan_ethtype ip dst_ip 10.0.0.1 action vlan pop
    tc filter add dev v0 ingress protocol arp pref 4 flower arp_op request arp_tip 10.0.0.1 action mirred egress redirect dev w0
    tc filter add dev v0 ingress protocol ip pref 5 flower dst_mac 02:00:00:00:00:01/24 ip_tos 0x10/0xfc ip_ttl 64 skip_hw action skbedit mark 5
    tc filter add dev v0 egress protocol all pref 1 matchall action police rate 1mbit burst 10k conform-exceed drop/pipe action vlan push id 7
    tc filter add dev v0 egress protocol ip pref 2 handle 5 fw classid 1:10
    tc filter show dev v0 egress]] .. SHOW, needs = "qdisc add dev lo root fq_codel" },
  { "actions that write into packets, and know connections", [[
    tc qdisc add dev v0 clsact
    tc filter add dev v0 egress protocol ip pref 1 matchall action pedit ex munge ip ttl set 5 munge tcp dport set 80 pipe action csum iph and tcp
    tc filter add dev v0 egress protocol ip pref 9 matchall action nat egress 10.0.0.1 10.0.0.2
    tc filter add dev v0 egress protocol ip pref 2 matchall action pedit munge ip src set 10.0.0.9 munge ip tos set 16 retain 0xfc index 51
    tc filter add dev v0 egress protocol ip pref 3 matchall action ct commit zone 3 nat src addr 10.0.0.1-10.0.0.9 port 1000-2000 pipe action connmark zone 3
    tc filter add dev v0 egress protocol ip pref 4 matchall action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 42 dst_port 4789
    tc filter add dev v0 egress protocol ip pref 8 matchall action mpls push label 42 ttl 64
    tc filter add dev v0 egress protocol ip pref 5 matchall action skbmod set dmac 02:00:00:00:00:01 action simple sdata seen action goto chain 3
    tc filter add dev v0 egress protocol ip pref 6 matchall action gact drop random determ pass 5
    tc filter add dev v0 egress protocol ip pref 7 route from 5 to 7 action gact index 1
    tc chain add dev v0 egress chain 7 protocol ip flower ip_proto tcp dst_ip 0.0.0.0/24
    tc chain show dev v0 egress
    tc filter show dev v0 egress]], needs = "qdisc add dev lo root fq_codel" },
}

-- Refused by both: by the words, or by the kernel.
local REFUSED = {
  "tc qdisc add dev v0 root pfifo limit", "tc qdisc add dev v0 root pfifo limit many",
  "tc qdisc add dev v0 root frob", "tc qdisc add dev nothing root pfifo limit 5",
  "tc qdisc add dev v0 root tbf rate 1mbit", "tc qdisc add dev v0 root tbf rate 1furlong burst 10k limit 1k",
  "tc qdisc add dev v0 parent 9:1 pfifo limit 5", "tc qdisc del dev v0 root", "tc qdisc frob dev v0",
  "tc qdisc change dev v0 root pfifo limit 5",
  "tc class add dev v0 parent 1: classid 1:10 htb rate 1mbit", "tc class add dev v0 classid 1:10",
  "tc class del dev v0 classid 1:10", "tc filter add dev v0 parent 1: protocol ip pref 1 u32 match ip dst 10.0.0.300",
  "tc filter add dev v0 ingress protocol ip pref 1 u32 match ip dst 10.0.0.1 action drop",
  "tc filter add dev v0 parent 1: protocol ip pref 1 u32 match ip colour 5 0xff",
  "tc filter add dev v0 parent 1: protocol nothing pref 1 u32 match u32 0 0",
  "tc filter del dev v0 parent 1: pref 1", "tc frob",
}

local function lacks(needs)
  return harness.sh("unshare -n tc " .. needs .. " 2>&1"):find "kind is unknown"
end

-- The lines with each command as we print it, which tc then carries out.
local function by_printed(lines)
  local out = {}
  for line in lines:gmatch "[^\n]+" do
    if line:find "%S" then
      local printed = words.command(words.read(line))
      if not printed then return false, "nothing is printed for" .. line end
      out[#out + 1] = printed
    end
  end
  local text, code = harness.sh("set -e\n" .. table.concat(out, "\n"))
  return code == 0, text
end

describe("command lines of tc:", function()
  for _, group in ipairs(GROUPS) do
    local title, lines = group[1], group[2]
    it(title .. ", read by us", function()
      if group.needs and lacks(group.needs) then return pending("this kernel has not all of: " .. title) end
      oracle.same_outcome(setup, lines)
    end)
    it(title .. ", printed by us", function()
      if group.needs and lacks(group.needs) then return pending("this kernel has not all of: " .. title) end
      oracle.same_outcome(setup, lines, by_printed)
    end)
  end

  -- Some kinds have a blank before the end of their line, which is a backslash then.
  it("are shown in one line as tc -o shows them", harness.fresh(function()
    setup()
    harness.must [[
      tc qdisc replace dev v0 root handle 1: htb default 10; tc class add dev v0 parent 1: classid 1:10 htb rate 1mbit
      tc filter add dev v0 parent 1: protocol ip u32 match ip dst 1.2.3.4 flowid 1:10]]
    local function plain(text) return (oracle.trimmed(text):gsub(" +\\", "\\"):gsub("tokens: %d+", "tokens")) end
    for _, line in ipairs { "tc -o qdisc show dev v0", "tc -o class show dev v0", "tc -o filter show dev v0",
                            "tc -s -o qdisc show dev v0", "tc -s -oneline class show dev v0" } do
      local theirs = plain(harness.must(line))
      assert.truthy(#theirs > 40, line)
      assert.equal(theirs, plain(words.sh(line)), line)
    end
  end))

  it("differ in no number that the kernel chose, however many it has chosen", function()
    local shown = "qdisc prio 9148: dev v0 root\nqdisc ingress ffff: dev v0 parent ffff:fff1\nqdisc sfq 8: parent 9148:2\n" ..
                  "filter parent 9148: protocol ip u32 match dst 2001:914a::1"
    assert.equal((shown:gsub("9148", "auto")), oracle.without_numbers(shown))
  end)

  it("what one refuses the other refuses", harness.fresh(function()
    setup()
    for _, line in ipairs(REFUSED) do
      local _, code = harness.sh(line .. " >/dev/null 2>&1")
      assert.not_equal(0, code, line)
      assert.is_false((pcall(words.sh, line)), line)
    end
    assert.equal("noqueue", harness.json("tc -j qdisc show dev v0")[1].kind)
  end))
end)
