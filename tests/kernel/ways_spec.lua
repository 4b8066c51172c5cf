-- Packets take the way that they were told to: flows are spread over several next hops, and rules choose
-- the table by the sender. Counted by the links at the far ends, read by ip.

local harness = require "harness"
local fresh, must, json = harness.fresh, harness.must, harness.json

-- red, with a cable to each of two routers, left and right.
local function two_routers()
  local red, left, right = netns.add "red", netns.add "left", netns.add "right"
  red.link.set("lo", { up = true })
  for i, router in ipairs { left, right } do
    router.sysctl.set("net.ipv6.conf.default.disable_ipv6", 1) -- nothing but what is counted
    link.add("to-" .. router.name, { netns = red, addrgenmode = "none", up = true,
                                     veth = { peer = { name = "eth0", netns = router, up = true } } })
    red.addr.add(("10.%d.0.2/24"):format(i), { dev = "to-" .. router.name })
    router.addr.add(("10.%d.0.1/24"):format(i), { dev = "eth0" })
    -- Nobody has to be looked for while packets are counted.
    red.neigh.add(("10.%d.0.1"):format(i), { dev = "to-" .. router.name,
                                             lladdr = router.link.get "eth0".address })
  end
  return red
end

local function arrived(router)
  return json(("ip -n %s -j -s link show eth0"):format(router))[1].stats64.rx.packets
end

-- How many packets arrive left and right while the command runs in red.
local function shares(command)
  local l, r = arrived "left", arrived "right"
  must("ip netns exec red " .. command)
  return arrived "left" - l, arrived "right" - r
end

-- So many flows to one address and port, one packet each, from ports that the kernel chooses.
local function flows(n)
  return shares(("bash -c 'for ((i = 0; i < %d; i++)); do echo >/dev/udp/10.9.0.9/9; done'"):format(n))
end

-- 400 flows; a share of them that is off by so much is seen less than once in a million runs: five times
-- sqrt(n p (1 - p)).
local FLOWS = 400

local function assert_share(p, l, r)
  local sigma = math.sqrt(FLOWS * p * (1 - p))
  assert.equal(FLOWS, l + r)
  assert.near(FLOWS * p, l, 5 * sigma, ("%d left, %d right"):format(l, r))
end

describe("flows over several next hops", function()
  it("are spread by their ports when the hash policy is 1, and stay together without", fresh(function()
    local red = two_routers()
    red.addr.add("10.8.0.1/32", { dev = "lo" }) -- a cable's own address would draw its flows to that cable
    red.route.add("10.9.0.0/24", { nexthops = { { via = "10.1.0.1" }, { via = "10.2.0.1" } }, src = "10.8.0.1" })
    local l, r = flows(FLOWS)
    assert.same({ FLOWS, 0 }, { math.max(l, r), math.min(l, r) })
    red.sysctl.set("net.ipv4.fib_multipath_hash_policy", 1)
    assert_share(1 / 2, flows(FLOWS))
  end))

  it("are spread by weight, whether the route names the ways or a group of nexthops", fresh(function()
    local red = two_routers()
    red.sysctl.set("net.ipv4.fib_multipath_hash_policy", 1)
    red.route.add("10.9.0.0/24", { nexthops = { { via = "10.1.0.1", weight = 4 }, { via = "10.2.0.1" } } })
    assert_share(4 / 5, flows(FLOWS))
    red.nexthop.add(1, { via = "10.1.0.1", dev = "to-left" })
    red.nexthop.add(2, { via = "10.2.0.1", dev = "to-right" })
    red.nexthop.add(10, { group = { 1, { id = 2, weight = 4 } } })
    red.route.replace("10.9.0.0/24", { nhid = 10 })
    assert_share(1 / 5, flows(FLOWS))
  end))

  it("all move when a nexthop leaves the group that their route names", fresh(function()
    local red = two_routers()
    red.sysctl.set("net.ipv4.fib_multipath_hash_policy", 1)
    red.nexthop.add(1, { via = "10.1.0.1", dev = "to-left" })
    red.nexthop.add(2, { via = "10.2.0.1", dev = "to-right" })
    red.nexthop.add(10, { group = { 1, 2 } })
    red.route.add("10.9.0.0/24", { nhid = 10 })
    red.nexthop.replace(10, { group = { 2 } })
    assert.same({ 0, 100 }, { flows(100) })
    red.nexthop.replace(10, { group = { 1, 2 } })
    red.nexthop.delete(2)
    assert.same({ 100, 0 }, { flows(100) })
  end))
end)

describe("a rule", function()
  -- Twenty questions from that address, to a place that does not answer.
  local function asked(from)
    return shares(("ping -q -c 20 -i 0.002 -W 0.1 -I %s 10.9.0.9 >/dev/null || :"):format(from))
  end

  it("sends what comes from one address through another table, and all else as before", fresh(function()
    local red = two_routers()
    red.addr.add("10.8.0.1/32", { dev = "lo" })
    red.addr.add("10.8.0.2/32", { dev = "lo" })
    red.route.add("default", { via = "10.1.0.1" })
    red.route.add("default", { via = "10.2.0.1", table = 100 })
    assert.same({ 20, 0 }, { asked "10.8.0.2" })
    red.rule.add { from = "10.8.0.2", table = 100 }
    assert.same({ 0, 20 }, { asked "10.8.0.2" })
    assert.same({ 20, 0 }, { asked "10.8.0.1" })
    red.rule.delete { from = "10.8.0.2", table = 100 }
    assert.same({ 20, 0 }, { asked "10.8.0.2" })
  end))

  it("chooses for what is passed on as well, by the sender and the link it came in by", fresh(function()
    local red, home = two_routers(), netns.add "home"
    link.add("to-home", { netns = red, up = true, veth = { peer = { name = "eth0", netns = home, up = true } } })
    red.addr.add("10.5.0.1/24", { dev = "to-home" })
    for _, address in ipairs { "10.5.0.2/24", "10.5.0.3/24" } do home.addr.add(address, { dev = "eth0" }) end
    home.route.add("default", { via = "10.5.0.1" })
    red.sysctl.set("net.ipv4.ip_forward", 1)
    red.route.add("default", { via = "10.1.0.1" })
    red.route.add("default", { via = "10.2.0.1", table = 100 })
    red.rule.add { from = "10.5.0.3", iif = "to-home", table = 100 }
    local function from_home(address)
      local l, r = arrived "left", arrived "right"
      must(("ip netns exec home ping -q -c 20 -i 0.002 -W 0.1 -I %s 10.9.0.9 >/dev/null || :"):format(address))
      return { arrived "left" - l, arrived "right" - r }
    end
    assert.same({ 20, 0 }, from_home "10.5.0.2")
    assert.same({ 0, 20 }, from_home "10.5.0.3")
  end))
end)
