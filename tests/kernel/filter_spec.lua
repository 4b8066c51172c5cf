-- filter: what add was given is what get returns, for every key of every kind and action that this kernel
-- has; what it prints is what tc prints; and that packets go where a filter says.

local core = require "nslab.core"
local harness = require "harness"
local words = require "nslab.words"
local fresh, json, must = harness.fresh, harness.json, harness.must

-- Two cables without IPv6: the cards are to be still. In one shell, since a new kernel is slow to start one.
local function cable()
  must [[printf 'link add v0 type veth peer name v1\nlink add w0 type veth peer name w1\n' | ip -batch -
    for l in v0 v1 w0 w1; do echo 1 >/proc/sys/net/ipv6/conf/$l/disable_ipv6; done
    printf 'link set %s up\n' v0 v1 w0 w1 | ip -batch -]]
end

-- What the kernel says to one who tries it, at the end of the other cable.
local function lacks(what)
  local text = harness.sh(([[(tc qdisc add dev w1 clsact && tc filter add dev w1 ingress pref 1 protocol ip %s
    tc qdisc del dev w1 clsact) 2>&1]]):format(what))
  return text:find "classifier not found" or text:find "load TC action"
end

local TRY = {
  u32 = "u32 match u32 0 0", flower = "flower", matchall = "matchall", basic = "basic", fw = "handle 5 fw",
  route = "route to 5", cgroup = "handle 1 cgroup",
  gact = "u32 match u32 0 0 action drop", mirred = "u32 match u32 0 0 action mirred egress redirect dev lo",
  police = "u32 match u32 0 0 action police rate 1mbit burst 10k drop",
  skbedit = "u32 match u32 0 0 action skbedit mark 5", vlan = "u32 match u32 0 0 action vlan pop",
  nat = "u32 match u32 0 0 action nat egress 10.0.0.1 10.0.0.2", csum = "u32 match u32 0 0 action csum iph",
  tunnel_key = "u32 match u32 0 0 action tunnel_key unset", mpls = "u32 match u32 0 0 action mpls dec_ttl",
  skbmod = "u32 match u32 0 0 action skbmod swap mac", ct = "u32 match u32 0 0 action ct",
  connmark = "u32 match u32 0 0 action connmark", sample = "u32 match u32 0 0 action sample rate 5 group 1",
  simple = "u32 match u32 0 0 action simple sdata x", pedit = "u32 match u32 0 0 action pedit munge ip ttl set 5",
}

local CASES = {
  u32 = {
    { classid = "1:10", ip_src = "10.0.0.0/8", ip_dst = "10.1.2.3", ip_tos = 16, ip_protocol = 6,
      ip_sport = 5000, ip_dport = 80 },
    { classid = "1:10", raw = { { value = 0x45000000, mask = 0xff000000, at = 0 },
                                { value = 0, mask = 0x1fff, at = 4 } } },
    { classid = "1:10", ip_dport = 53 },
    { classid = "1:10", ip_protocol = 1, ip_icmp_type = 3, ip_icmp_code = 1 },
    { classid = "1:10", ip6_src = "fd00:1:2:3::/64", ip6_dst = "2001:db8::1", ip6_protocol = 6, ip6_sport = 5000,
      ip6_dport = 80, ip6_priority = 16, ip6_flowlabel = 0x12345 },
    { classid = "1:10", ip6_dst = "2001:db8::/33", ip6_protocol = 58, ip6_icmp_type = 128, ip6_icmp_code = 0 },
    { classid = "1:10", raw = { { value = 0, mask = 0, at = 0 } }, needs = "police",
      police = { rate_mbit = 1, burst_bytes = 10240, exceed = "drop" } },
    { classid = "1:10", raw = { { value = 0x4000, mask = 0x4000, at = 4 },
                                { value = 80, mask = 0xffff, at = 0, nexthdr = true } } },
    { classid = "1:10", indev = "v1", skip_hw = true, raw = { { value = 0, mask = 0, at = 0 } } },
    { classid = "1:10", ip_src = "10.0.0.1", offset = { at = 0, mask = 0x0f00, shift = 6, plus = 4, eat = true } },
    { classid = "1:10", ip_src = "10.0.0.1", offset = { plus = 8 } },
  },
  flower = {
    { classid = "1:10", ip_proto = "tcp", src_ip = "10.0.0.0/8", dst_ip = "10.1.2.3", src_port = 5000,
      dst_port = 80, ip_tos = 16, ip_ttl = 64, dst_mac = "02:00:00:00:00:01", src_mac = "02:00:00:00:00:02" },
    { classid = "1:10", ip_proto = "udp", dst_ip = "fd00::/64", src_ip = "fd00::1", dst_port = 53 },
    { classid = "1:10", ip_proto = "icmp", icmp_type = 8, icmp_code = 0 },
    { classid = "1:10", ip_proto = "icmpv6", icmp_type = 128, icmp_code = 0 },
    { vlan_id = 5, vlan_prio = 3 }, { vlan_id = 5, vlan_ethtype = "ip", dst_ip = "10.0.0.1" },
    { vlan_id = 5, vlan_ethtype = "802.1Q", cvlan_id = 7, cvlan_prio = 2, cvlan_ethtype = "ipv6",
      protocol = "802.1ad" },
    { num_of_vlans = 1, protocol = "all" }, { indev = "v1", skip_hw = true },
    { dst_mac = "02:00:00:00:00:01/24", src_mac = "02:00:00:00:00:01/ff:ff:00:00:00:ff" },
    { ip_proto = "tcp", src_port = "1000-2000", dst_port = "80-90", tcp_flags = "2/0x12" },
    { ip_proto = "udp", dst_port = "80/0xfff0" }, { ip_proto = 0x32, ip_tos = "16/0xfc", ip_ttl = "64/0xf0" },
    { ip_flags = "frag/nofirstfrag" }, { ip_proto = "icmp", icmp_type = "8/0xf" },
    { arp_sip = "10.0.0.1", arp_tip = "10.0.0.0/24", arp_op = "request" },
    { arp_op = "reply", arp_sha = "02:00:00:00:00:01", arp_tha = "02:00:00:00:00:00/40" },
    { mpls_label = 100, mpls_tc = 3, mpls_bos = 1, mpls_ttl = 64 },
    { enc_src_ip = "10.0.0.1", enc_dst_ip = "10.0.0.2", enc_key_id = 42, enc_dst_port = 4789, protocol = "ip" },
    { enc_src_ip = "fd00::1", enc_dst_ip = "fd00::2", enc_tos = 16, enc_ttl = 64, protocol = "ip" },
    { ct_state = "+trk-new", ct_zone = 5, ct_mark = "16/0xff", protocol = "ip" },
  },
  matchall = { { classid = "1:10", skip_hw = true } }, basic = { { classid = "1:10" } },
  route = { { to = 7, from = 5, classid = "1:10", protocol = "ip" },
            { fromif = "v1", to = 7, classid = "1:10", protocol = "ip" } },
  cgroup = { {} },
  fw = { { classid = "1:10" }, { classid = "1:10", mask = 255 }, { classid = "1:10", indev = "v1" } },
}
local ACTIONS = {
  gact = { { control = "drop" }, { control = "pass" }, { control = "pipe", index = 7 }, { control = "goto chain 5" },
           { control = "drop", random = "determ", random_control = "pipe", random_value = 5 } },
  mirred = {
    { dev = "w0", mode = "egress redirect", control = "stolen" },
    { dev = "w0", mode = "egress mirror", control = "pipe" },
    { dev = "w0", mode = "ingress redirect" }, { dev = "w0", mode = "ingress mirror" },
    { dev = "w0", index = 9 },
  },
  police = {
    { rate_mbit = 1, burst_bytes = 10240, exceed = "drop" },
    { rate_mbit = 8, burst_bytes = 20000, exceed = "drop", conform = "pipe", mtu_bytes = 1500, index = 3 },
  },
  skbedit = {
    { mark = 5 }, { mark = "16/0xff", control = "pass" },
    { priority = "1:10", queue_mapping = 2, ptype = "host", index = 9 }, { inheritdsfield = true },
  },
  vlan = { { mode = "pop" }, { mode = "push", id = 5 }, { mode = "modify", id = 7, index = 4 },
           { mode = "push", id = 5, protocol = "802.1ad", priority = 3, control = "pass" },
           { mode = "pop_eth" },
           { mode = "push_eth", dst_mac = "02:00:00:00:00:01", src_mac = "02:00:00:00:00:02" } },
  nat = { { direction = "ingress", old = "10.0.0.0/24", new = "10.1.0.0", control = "pass" },
          { direction = "egress", old = "0.0.0.0/0", new = "10.0.0.2", control = "pipe", index = 5 },
          { direction = "egress", old = "128.0.0.0/3", new = "10.0.0.2" } },
  csum = { { iph = true, control = "pass" }, { tcp = true, udp = true, control = "continue", index = 3 },
           { iph = true, icmp = true, igmp = true, tcp = true, udp = true, udplite = true, sctp = true } },
  tunnel_key = {
    { mode = "unset" }, { mode = "set", src_ip = "fd00::1", dst_ip = "fd00::2", id = 42, csum = false, index = 3 },
    { mode = "set", src_ip = "10.0.0.1", dst_ip = "10.0.0.2", id = 1, dst_port = 4789, tos = 16, ttl = 64,
      csum = true, control = "pass" },
  },
  mpls = { { mode = "pop", protocol = "ip" }, { mode = "push", label = 123, tc = 3, ttl = 64, bos = 1, index = 52 },
           { mode = "modify", label = 20, tc = 1, ttl = 5, control = "pass" }, { mode = "dec_ttl" },
           { mode = "mac_push", protocol = "mpls_uc", label = 42 } },
  skbmod = { { dmac = "02:00:00:00:00:01" }, { smac = "02:00:00:00:00:01", etype = 0xabcd, control = "pass", index = 52 },
             { dmac = "02:00:00:00:00:01", smac = "02:00:00:00:00:02" }, { swap_mac = true }, { ecn = true } },
  ct = {
    { zone = 5 }, { commit = true, mark = "16/0xff", label = "01" .. ("00"):rep(15), control = "pass", index = 3 },
    { commit = true, label = "01" .. ("00"):rep(15) .. "/03" .. ("00"):rep(15) }, { clear = true }, { nat = "known" },
    { commit = true, force = true, zone = 3, nat = "src", nat_addr = "10.0.0.1-10.0.0.9", nat_port = "1000-2000" },
    { commit = true, nat = "dst", nat_addr = "fd00::1", nat_port = 80 },
  },
  connmark = { { zone = 0 }, { zone = 5, control = "continue", index = 6 } },
  sample = { { rate = 100, group = 12 }, { rate = 5, group = 3, trunc = 64, control = "pass", index = 8 } },
  simple = { { sdata = "hello" }, { sdata = "there", control = "pass", index = 8 } },
  pedit = {
    { munge = { { "ip ttl", set = 5 } }, control = "pass" },
    { munge = { { "ip src", set = "10.0.0.9" }, { "ip dst", set = "10.0.0.8" } }, control = "pipe", index = 4 },
    { munge = { { "ip tos", set = 16, retain = 0xfc }, { "ip protocol", set = 6 }, { "ip ihl", set = 5 },
                { "ip nofrag", set = 1 }, { "ip df", set = 0x40 }, { "ip dport", set = 80 }, { "ip sport", set = 81 },
                { "offset 0 u32", set = 0x45000000 }, { "offset 28 u32", invert = true },
                { "offset 32 u32", preserve = true }, { "offset 28 u32", set = 1, retain = 3 },
                { "offset 4 u32", at = 0, offmask = 15, shift = 2, set = 1 } } },
    { ex = true, munge = { { "ip ttl", add = 255 }, { "eth dst", set = "02:00:00:00:00:01" },
                           { "eth src", set = "02:00:00:00:00:02" }, { "eth type", set = 0x800 },
                           { "tcp dport", set = 80 }, { "tcp flags", set = 0x12, retain = 0x3f },
                           { "udp sport", add = 5 }, { "offset 12 u32", set = 1 } } },
    { ex = true, munge = { { "ip6 src", set = "fd00::1" }, { "ip6 dst", set = "fd00::2" }, { "ip6 hoplimit", set = 5 },
                           { "ip6 traffic_class", set = 16 }, { "ip6 flow_lbl", set = 0x12345 },
                           { "ip6 nexthdr", set = 6 }, { "ip6 payload_len", set = 100 } } },
  },
}
-- A card does it, or nobody: none of these cards can. And what nslab says by itself.
local UNTRIED = { skip_sw = true, eth_type = true }
-- What has a test of its own: tables, and marks, which a kernel may be built without.
for _, key in ipairs { "mark", "divisor", "ht", "order", "link", "hashkey" } do UNTRIED[key] = true end

local function same(given, got, path)
  if type(given) ~= "table" then
    assert.equal(given, got, path)
    return
  end
  assert.truthy(got, path)
  for key, v in pairs(given) do same(v, got[key], path .. "." .. key) end
end

local function plain(text)
  return (text:gsub("[ \t]+\n", "\n"):gsub("%s+$", ""))
end

local function prints_as_tc(options, place)
  assert.equal(plain(must("tc filter show " .. place)), plain(tostring(filter.list(options))))
end

local function each_sorted(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  local i = 0
  return function()
    i = i + 1
    return keys[i], t[keys[i]]
  end
end

local function has_every_key(schema, cases)
  for _, row in ipairs(core.schemas()[schema].rows) do
    local found = row.readonly or UNTRIED[row.key] or row.codec == "actions"
    for _, options in ipairs(cases) do found = found or options[row.key] ~= nil end
    assert.truthy(found, schema .. "." .. row.key)
  end
end

-- The filter itself: u32 tells its tables before.
local function last(list)
  return list[#list]
end

-- The handle of fw is the mark; cgroup has one for all.
local HANDLES = { fw = 5, cgroup = 1 }

-- What filter.add takes for a case: what is said of the filter itself stands beside the kind's options.
local function filter_of(kind, case, place)
  local options = { dev = "v0", pref = 3, handle = HANDLES[kind], [kind] = {} }
  for key, v in pairs(place) do options[key] = v end
  for key, v in pairs(case) do
    if key ~= "needs" then (key == "protocol" and options or options[kind])[key] = v end
  end
  return options
end

-- Adds it, compares what is read and printed; takes it away and adds what was read.
local function round_trip(kind, case, said, place)
  local options = filter_of(kind, case, place)
  filter.add(options)
  local got = last(filter.list(place))
  assert.equal(kind, got.type)
  same(options[kind], got[kind], kind)
  prints_as_tc(place, said)
  filter.delete(got)
  got.handle = HANDLES[kind] -- which is no number of its own
  filter.add(got)
  same(options[kind], last(filter.list(place))[kind], kind .. ", made of the record")
  filter.delete { dev = "v0", pref = 3, parent = place.parent, egress = place.egress }
end

-- Several cases in one network: making one takes longer than all of them.
local function all_of(cases, fn)
  for i, case in ipairs(cases) do
    local ok, err = pcall(fn, case)
    if not ok then error(("case %d: %s"):format(i, type(err) == "table" and err.message or err), 0) end
  end
end

describe("a filter", function()
  for kind, cases in each_sorted(CASES) do
    it(kind .. " comes back as it was given", fresh(function()
      cable()
      if lacks(TRY[kind]) then return pending("this kernel has no filter " .. kind) end
      qdisc.add { dev = "v0", root = true, handle = "1:", type = "htb" }
      class.add { dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
      all_of(cases, function(case)
        if case.needs and lacks(TRY[case.needs]) then return end
        round_trip(kind, case, "dev v0 parent 1:", { dev = "v0", parent = "1:" })
      end)
      assert.equal("", must "tc filter show dev v0")
    end))

    it(kind .. " has a case for every key", function() has_every_key("filter." .. kind, cases) end)
  end

  for kind, cases in each_sorted(ACTIONS) do
    it("with the action " .. kind .. " comes back as it was given", fresh(function()
      cable()
      if lacks(TRY[kind]) then return pending("this kernel has no action " .. kind) end
      qdisc.add { dev = "v0", type = "clsact" }
      all_of(cases, function(options)
        filter.add { dev = "v0", egress = true, pref = 1, u32 = { action = { [kind] = options } } }
        local got = last(filter.list { dev = "v0", egress = true })
        assert.is_true(got.egress)
        same(options, got.u32.action[1][kind], kind)
        prints_as_tc({ dev = "v0", egress = true }, "dev v0 egress")
        filter.delete { dev = "v0", egress = true, pref = 1 }
        got.u32.action[1][kind].index = nil
        filter.add(got)
        options.index = nil
        same(options, last(filter.list { dev = "v0", egress = true }).u32.action[1][kind], kind)
        filter.delete { dev = "v0", egress = true, pref = 1 }
      end)
    end))

    it("has a case for every key of the action " .. kind, function() has_every_key("filter." .. kind, cases) end)
  end

  it("u32 is in a table, and another one says in which bucket packets look", fresh(function()
    cable()
    qdisc.add { dev = "v0", root = true, handle = "1:", type = "htb" }
    class.add { dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
    class.add { dev = "v0", parent = "1:", classid = "1:20", htb = { rate_mbit = 5 } }
    local function add(handle, u32)
      filter.add { dev = "v0", parent = "1:", pref = 5, protocol = "ip", handle = handle, u32 = u32 }
    end
    add("2:", { divisor = 256 })
    add(nil, { ht = "2:2:", ip_dst = "10.0.0.2", classid = "1:10" })
    add("2:3:5", { ht = "2:3:", ip_dst = "10.0.0.3", classid = "1:20" })
    add(nil, { ht = "2:4:", order = 9, ip_dst = "10.0.0.4", classid = "1:20" })
    add(nil, { ip_dst = "10.0.0.0/24", link = "2:", hashkey = { mask = 0xff, at = 16 } })
    prints_as_tc({ dev = "v0", parent = "1:" }, "dev v0 parent 1:")
    local got = {}
    for _, f in ipairs(filter.list { dev = "v0", parent = "1:" }) do got[f.handle or ""] = f.u32 end
    assert.equal(256, got["2:"].divisor)
    same({ ht = "2:2:", ip_dst = "10.0.0.2" }, got["2:2:800"], "a bucket")
    same({ ht = "2:3:", ip_dst = "10.0.0.3" }, got["2:3:5"], "with a number")
    same({ ht = "2:4:", ip_dst = "10.0.0.4" }, got["2:4:9"], "with an order")
    same({ link = "2:", hashkey = { mask = 0xff, at = 16 } }, got["800::800"], "who leads there")
    must "ip addr add 10.0.0.1/24 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0"
    must "ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev v0"
    harness.sh "ping -c 2 -i 0.01 -W 0.1 10.0.0.2; ping -c 1 -W 0.1 10.0.0.3"
    assert.equal(2, class.get({ dev = "v0", classid = "1:10" }).stats.packets)
    assert.equal(1, class.get({ dev = "v0", classid = "1:20" }).stats.packets)
    local ok, err = pcall(add, nil, { ht = "2:3:5", ip_dst = "10.0.0.3" })
    assert.is_false(ok)
    assert.truthy(tostring(err):find("this is one filter, not a table", 1, true))
  end))

  it("u32 asks for a mark", fresh(function()
    cable()
    must "tc qdisc add dev v0 clsact; tc filter add dev v0 egress pref 1 u32 match mark 1 1 match u32 0 0"
    if not must "tc filter show dev v0 egress":find "mark" then return pending "this kernel's u32 knows no marks" end
    for pref, mark in ipairs { 5, "5/0xff" } do
      filter.add { dev = "v0", egress = true, pref = pref + 1, u32 = { mark = mark } }
      assert.equal(mark, last(filter.list { dev = "v0", egress = true, pref = pref + 1 }).u32.mark)
    end
    prints_as_tc({ dev = "v0", egress = true }, "dev v0 egress")
  end))

  it("shows what it counted as tc -s does", fresh(function()
    cable()
    must "ip addr add 10.0.0.1/24 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0"
    qdisc.add { dev = "v0", type = "clsact" }
    filter.add { dev = "v0", egress = true, pref = 1, u32 = { ip_dst = "10.0.0.2", action = {
      { mirred = { dev = "w0", mode = "egress mirror" } } } } }
    harness.sh "ping -c 3 -i 0.01 -W 0.1 10.0.0.2"
    local theirs, ours = must "tc -s filter show dev v0 egress", words.sh "tc -s filter show dev v0 egress"
    local function timeless(text) return plain(text:gsub(" %l+ %d+ sec", "")) end
    assert.equal(timeless(theirs), timeless(ours))
    local counts = theirs:find("(rule hit 3 success 3)", 1, true) -- a kernel may be built without that
    assert.truthy(ours:find "Sent %d+ bytes 3 pkt", ours)
    local got = last(filter.list { dev = "v0", egress = true }).u32
    assert.equal(3, got.action[1].stats.packets)
    if counts then assert.same({ 3, 3, 3 }, { got.asked, got.matched, got.key_matched[1] }) end
  end))

  it("has several actions, one after the other", fresh(function()
    cable()
    qdisc.add { dev = "v0", type = "clsact" }
    filter.add { dev = "v0", ingress = true, pref = 1, u32 = { ip_dst = "10.0.0.1", action = {
      { mirred = { dev = "w0", mode = "egress mirror" } }, { mirred = { dev = "v1" } } } } }
    local got = last(filter.list { dev = "v0", ingress = true })
    assert.equal("w0", got.u32.action[1].mirred.dev)
    assert.equal("v1", got.u32.action[2].mirred.dev)
    assert.equal("ip", got.protocol) -- an IPv4 address was asked for
    prints_as_tc({ dev = "v0", ingress = true }, "dev v0 ingress")
  end))

  it("drops in one word", fresh(function()
    cable()
    if lacks(TRY.gact) then return pending "this kernel has no action gact" end
    qdisc.add { dev = "v0", type = "clsact" }
    filter.add { dev = "v0", ingress = true, pref = 1, matchall = { action = "drop" } }
    assert.truthy(must "tc filter show dev v0 ingress":find "gact action drop")
  end))

  it("made by tc is read", fresh(function()
    cable()
    must "tc qdisc add dev v0 root handle 1: htb"
    must [[tc filter add dev v0 parent 1: protocol ip prio 7 u32 match ip dst 10.0.0.0/24 \
           match ip dport 80 0xffff flowid 1:10 action mirred egress mirror dev w0]]
    local got = last(filter.list { dev = "v0" })
    same({ ip_dst = "10.0.0.0/24", ip_dport = 80, classid = "1:10",
           action = { { mirred = { dev = "w0", mode = "egress mirror" } } } }, got.u32, "u32")
    assert.equal("ip", got.protocol)
    must "tc filter add dev v0 parent 1: protocol ipv6 prio 8 u32 match ip6 src fd00::1/128 flowid 1:10"
    got = last(filter.list { dev = "v0" })
    assert.is_nil(got.u32.ip_src) -- the same place in the packet, and no IPv4 address
    assert.equal("fd00::1", got.u32.ip6_src)
    assert.is_nil(got.u32.raw)
  end))

  it("sends packets to its class", fresh(function()
    cable()
    must "ip addr add 10.0.0.1/24 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0"
    must "ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev v0"
    qdisc.add { dev = "v0", root = true, handle = "1:", htb = { default = "20" } }
    class.add { dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
    class.add { dev = "v0", parent = "1:", classid = "1:20", htb = { rate_mbit = 5 } }
    filter.add { dev = "v0", parent = "1:", pref = 1, u32 = { ip_dst = "10.0.0.2", classid = "1:10" } }
    harness.sh "ping -c 3 -i 0.01 -W 0.1 10.0.0.2; ping -c 1 -W 0.1 10.0.0.3"
    assert.equal(3, class.get({ dev = "v0", classid = "1:10" }).stats.packets)
    assert.equal(1, class.get({ dev = "v0", classid = "1:20" }).stats.packets)
  end))

  it("sends packets to another link", fresh(function()
    cable()
    must "ip addr add 10.0.0.1/24 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0"
    qdisc.add { dev = "v1", type = "ingress" }
    filter.add { dev = "v1", parent = "ffff:", pref = 1, u32 = { ip_dst = "10.0.0.2", action = { mirred = { dev = "w0" } } } }
    local function received() return tonumber((must "cat /sys/class/net/w1/statistics/rx_packets")) end
    local before = received()
    harness.sh "ping -c 4 -i 0.01 -W 0.1 10.0.0.2"
    assert.equal(before + 4, received())
  end))

  it("writes into packets, and says where they go", fresh(function()
    cable()
    for _, action in ipairs { "pedit", "nat", "skbedit", "vlan", "gact" } do
      if lacks(TRY[action]) then return pending("this kernel has no action " .. action) end
    end
    if lacks(TRY.flower) or lacks(TRY.fw) then return pending "this kernel has not both flower and fw" end
    must "ip addr add 10.0.0.1/24 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0"
    qdisc.add { dev = "v0", root = true, handle = "1:", htb = { default = "20" } }
    class.add { dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
    for _, dev in ipairs { "v0", "v1" } do qdisc.add { dev = dev, type = "clsact" } end
    filter.add { dev = "v0", egress = true, pref = 1, u32 = { ip_dst = "10.0.0.2", action = {
      { pedit = { ex = true, munge = { { "ip ttl", set = 5 }, { "eth dst", set = "02:00:00:00:00:09" } },
                  control = "pipe" } },
      { nat = { direction = "ingress", old = "10.0.0.2", new = "10.0.0.99", control = "pipe" } },
      { skbedit = { mark = 7, priority = "1:10", control = "continue" } } } } }
    filter.add { dev = "v0", egress = true, pref = 2, handle = 7, protocol = "all", fw = { action = {
      { vlan = { mode = "push", id = 5 } } } } }
    filter.add { dev = "v1", ingress = true, pref = 1, flower = {
      vlan_id = 5, dst_mac = "02:00:00:00:00:09", action = { { vlan = { mode = "pop" } }, "goto chain 3" } } }
    filter.add { dev = "v1", ingress = true, pref = 1, chain = 3, protocol = "ip", flower = {
      dst_ip = "10.0.0.99", ip_ttl = 5, action = "drop" } }
    harness.sh "ping -c 3 -i 0.01 -W 0.1 10.0.0.2"
    local shown = json "tc -j -s filter show dev v1 ingress chain 3"
    assert.equal(3, shown[#shown].options.actions[1].stats.packets)
    assert.equal(3, class.get({ dev = "v0", classid = "1:10" }).stats.packets)
  end))

  it("is in a chain, which has a template or none", fresh(function()
    cable()
    qdisc.add { dev = "v0", type = "clsact" }
    chain.add { dev = "v0", egress = true, chain = 5 }
    filter.add { dev = "v0", egress = true, chain = 6, pref = 1, u32 = { ip_dst = "10.0.0.2" } }
    local function shown(words_) return plain(must("tc chain show dev v0 " .. words_)) end
    local function numbers()
      local out = {}
      for i, c in ipairs(json "tc -j chain show dev v0 egress") do out[i] = c.chain end
      return out
    end
    assert.same({ 5, 6 }, numbers())
    assert.equal(shown "egress", plain(tostring(chain.list { dev = "v0", egress = true })))
    assert.equal(shown "egress", plain(words.sh "tc chain show dev v0 egress"))
    assert.equal(6, chain.get({ dev = "v0", egress = true, chain = 6 }).chain)
    assert.equal(plain(must "tc filter show dev v0 egress chain 6"),
                 plain(tostring(filter.list { dev = "v0", egress = true, chain = 6 })))
    assert.same({}, chain.list { dev = "v0", ingress = true })
    chain.delete { dev = "v0", egress = true, chain = 5 }
    assert.same({ 6 }, numbers())
    local ok, err = pcall(chain.add, { dev = "v0", egress = true })
    assert.is_false(ok)
    assert.truthy(tostring(err):find("chain: this option is needed", 1, true), tostring(err))
    if lacks(TRY.flower) then return end
    chain.add { dev = "v0", egress = true, chain = 7, flower = { ip_proto = "tcp", dst_ip = "0.0.0.0/24" } }
    assert.equal(shown "egress", plain(tostring(chain.list { dev = "v0", egress = true })))
    same({ flower = { ip_proto = "tcp", dst_ip = "0.0.0.0/24" } },
         chain.get { dev = "v0", egress = true, chain = 7 }, "template")
  end))

  it("says what is wrong with what it is given", fresh(function()
    cable()
    local function fails(options, text)
      local ok, err = pcall(filter.add, options)
      assert.is_false(ok)
      assert.truthy(tostring(err):find(text, 1, true), tostring(err))
    end
    fails({ dev = "v0", ingress = true, u32 = {} }, 'type = "clsact"')
    fails({ dev = "v0", ingress = true, egress = true, u32 = {} }, "there is one place")
    fails({ dev = "v0", u32 = { ip_dst = "10.0.0.300" } }, "u32.ip_dst: \"10.0.0.300\" is no address or network")
    fails({ dev = "v0", u32 = { ip_dst = "fd00::1" } }, "u32.ip_dst: an IPv4 network is needed")
    fails({ dev = "v0", u32 = { ip6_dst = "10.0.0.1" } }, "u32.ip6_dst: an IPv6 network is needed")
    fails({ dev = "v0", flower = { arp_sip = "fd00::1" } }, "flower.arp_sip: an IPv4 network is needed")
    fails({ dev = "v0", flower = { src_mac = "02:00:00:00:00:01/99" } }, '"99" is no mask of a hardware address')
    fails({ dev = "v0", flower = { ip_tos = "16/x" } }, '"16/x" is no number with a mask')
    fails({ dev = "v0", flower = { ip_tos = 256 } }, "256 is not in 0..255")
    fails({ dev = "v0", flower = { ip_proto = "tcp", dst_port = "80-70000" } }, "is no number with a mask")
    fails({ dev = "v0", flower = { ct_state = "+trk+frob" } }, '"+trk+frob" are no such flags')
    fails({ dev = "v0", flower = { arp_op = "shout" } }, "shout")
    fails({ dev = "v0", u32 = { ip_dport = 65536 } }, "u32.ip_dport: 65536.0 is not in 0.0..65535.0")
    fails({ dev = "v0", u32 = { action = { mirred = {} } } }, "u32.action.[1].mirred.dev: this option is needed")
    fails({ dev = "v0", u32 = { action = { mired = {} } } }, 'Did you mean "mirred"?')
    fails({ dev = "v0", u32 = { action = "dorp" } }, "is none of its words")
    fails({ dev = "v0", protocol = "ipx", u32 = {} }, 'protocol: "ipx" is none of its words')
    fails({ dev = "v0", handle = "8:0:0:0", u32 = {} }, "is no handle of a filter")
    fails({ dev = "v0", flower = { dst_port = 80 } }, "only packets of some protocols have it: say ip_proto")
    fails({ dev = "v0", flower = { ip_proto = "tcp", icmp_type = 8 } }, 'ip_proto = "icmp" or "icmpv6"')
  end))

  it("is heard by netns.watch", fresh(function()
    must "ip netns add red; ip -n red link add v0 type veth peer name v1; ip -n red link set v0 up"
    local w <close> = netns.watch { objects = { "filter" }, timeout_ms = 2000 }
    must "tc -n red qdisc add dev v0 clsact"
    must "tc -n red filter add dev v0 egress protocol ip pref 9 u32 match ip dst 10.0.0.1 action mirred egress mirror dev v0"
    local e = w()
    assert.equal("new", e.event)
    assert.equal(9, e.record.pref)
    assert.equal("10.0.0.1", e.record.u32.ip_dst)
    assert.is_true(e.record.egress)
  end))
end)
