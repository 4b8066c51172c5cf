-- filter: what add was given is what get returns, for every key of every kind and action that this kernel
-- has; what it prints is what tc prints; and that packets go where a filter says.

local core = require "nslab.core"
local harness = require "harness"
local fresh, must = harness.fresh, harness.must

local function cable()
  must "ip link add v0 type veth peer name v1; ip link add w0 type veth peer name w1"
  must "echo 1 | tee /proc/sys/net/ipv6/conf/[vw][01]/disable_ipv6"
  must "for l in v0 v1 w0 w1; do ip link set $l up; done"
end

-- What the kernel says to one who tries it without options.
local function lacks(what)
  local text = harness.sh(([[unshare -n sh -c 'ip link set lo up; tc qdisc add dev lo clsact;
    tc filter add dev lo ingress pref 1 protocol ip %s' 2>&1]]):format(what))
  return text:find "classifier not found" or text:find "load TC action"
end

local TRY = {
  u32 = "u32 match u32 0 0", flower = "flower", matchall = "matchall", basic = "basic", fw = "handle 5 fw",
  gact = "u32 match u32 0 0 action drop", mirred = "u32 match u32 0 0 action mirred egress redirect dev lo",
  police = "u32 match u32 0 0 action police rate 1mbit burst 10k drop",
}

local CASES = {
  u32 = {
    { classid = "1:10", ip_src = "10.0.0.0/8", ip_dst = "10.1.2.3", ip_tos = 16, ip_protocol = 6,
      ip_sport = 5000, ip_dport = 80 },
    { classid = "1:10", raw = { { value = 0x45000000, mask = 0xff000000, at = 0 },
                                { value = 0, mask = 0x1fff, at = 4 } } },
    { classid = "1:10", ip_dport = 53 },
  },
  flower = {
    { classid = "1:10", ip_proto = "tcp", src_ip = "10.0.0.0/8", dst_ip = "10.1.2.3", src_port = 5000,
      dst_port = 80, ip_tos = 16, ip_ttl = 64, dst_mac = "02:00:00:00:00:01", src_mac = "02:00:00:00:00:02" },
    { classid = "1:10", ip_proto = "udp", dst_ip = "fd00::/64", src_ip = "fd00::1", dst_port = 53 },
    { classid = "1:10", ip_proto = "icmp", icmp_type = 8, icmp_code = 0 },
  },
  matchall = { { classid = "1:10" } }, basic = { { classid = "1:10" } }, fw = { { classid = "1:10" } },
}
local ACTIONS = {
  gact = { { control = "drop" }, { control = "pass" }, { control = "pipe" } },
  mirred = {
    { dev = "w0", mode = "egress redirect", control = "stolen" },
    { dev = "w0", mode = "egress mirror", control = "pipe" },
    { dev = "w0", mode = "ingress redirect" }, { dev = "w0", mode = "ingress mirror" }, { dev = "w0" },
  },
  police = {
    { rate_mbit = 1, burst_bytes = 10240, exceed = "drop" },
    { rate_mbit = 8, burst_bytes = 20000, exceed = "drop", conform = "pipe", mtu_bytes = 1500 },
  },
}
local UNTRIED = { vlan_id = true, vlan_prio = true, eth_type = true, index = true }

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

local function prints_as_tc(options, words)
  assert.equal(plain(must("tc filter show " .. words)), plain(tostring(filter.list(options))))
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

describe("a filter", function()
  for kind, cases in each_sorted(CASES) do
    for i, options in ipairs(cases) do
      it(("%s comes back as it was given (%d)"):format(kind, i), fresh(function()
        if lacks(TRY[kind]) then return pending("this kernel has no filter " .. kind) end
        cable()
        qdisc.add { dev = "v0", root = true, handle = "1:", type = "htb" }
        class.add { dev = "v0", parent = "1:", classid = "1:10", htb = { rate_mbit = 5 } }
        filter.add { dev = "v0", parent = "1:", pref = 3, handle = kind == "fw" and 5 or nil, [kind] = options }
        local got = last(filter.list { dev = "v0" })
        assert.equal(kind, got.type)
        assert.equal(3, got.pref)
        assert.equal("1:", got.parent)
        same(options, got[kind], kind)
        prints_as_tc({ dev = "v0" }, "dev v0")
        prints_as_tc({ dev = "v0", parent = "1:" }, "dev v0 parent 1:")
        filter.delete(got)
        if kind == "fw" then got.handle = 5 end -- which is the mark, and no number of its own
        filter.add(got) -- the record is what another call takes
        same(options, last(filter.list { dev = "v0" })[kind], kind)
        filter.delete { dev = "v0", parent = "1:", pref = 3 }
        assert.equal("", must "tc filter show dev v0")
      end))
    end

    it(kind .. " has a case for every key", function() has_every_key("filter." .. kind, cases) end)
  end

  for kind, cases in each_sorted(ACTIONS) do
    for i, options in ipairs(cases) do
      it(("with the action %s comes back as it was given (%d)"):format(kind, i), fresh(function()
        if lacks(TRY[kind]) then return pending("this kernel has no action " .. kind) end
        cable()
        qdisc.add { dev = "v0", type = "clsact" }
        filter.add { dev = "v0", egress = true, pref = 1, u32 = { action = { [kind] = options } } }
        local got = last(filter.list { dev = "v0", egress = true })
        assert.is_true(got.egress)
        same(options, got.u32.action[1][kind], kind)
        prints_as_tc({ dev = "v0", egress = true }, "dev v0 egress")
        filter.delete { dev = "v0", egress = true, pref = 1 }
        filter.add(got)
        same(options, last(filter.list { dev = "v0", egress = true }).u32.action[1][kind], kind)
      end))
    end

    it("has a case for every key of the action " .. kind, function() has_every_key("filter." .. kind, cases) end)
  end

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
    if lacks(TRY.gact) then return pending "this kernel has no action gact" end
    cable()
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
    assert.equal(4, #got.u32.raw)
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
    fails({ dev = "v0", u32 = { ip_dport = 65536 } }, "u32.ip_dport: 65536.0 is not in 0.0..65535.0")
    fails({ dev = "v0", u32 = { action = { mirred = {} } } }, "u32.action.[1].mirred.dev: this option is needed")
    fails({ dev = "v0", u32 = { action = { mired = {} } } }, 'Did you mean "mirred"?')
    fails({ dev = "v0", u32 = { action = "dorp" } }, "is none of its words")
    fails({ dev = "v0", protocol = "ipx", u32 = {} }, 'protocol: "ipx" is none of its words')
    fails({ dev = "v0", handle = "8:0:0:0", u32 = {} }, "is no handle of a filter")
    fails({ dev = "v0", flower = { dst_port = 80 } }, "only tcp, udp and sctp have ports")
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
