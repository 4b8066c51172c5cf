-- nexthop: nexthop objects, groups, and routes with several ways, read by ip.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function wire()
  link.set("lo", { up = true })
  link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
end

local function lines(command)
  local out = {}
  for line in must(command):gmatch "[^\n]+" do out[#out + 1] = line:match "^%s*(.-)%s*$" end
  return out
end

describe("nexthop", function()
  it("changes every route that names it when it is replaced", fresh(function()
    wire()
    nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
    nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
    nexthop.add(10, { group = { { id = 1, weight = 3 }, 2 } })
    for i = 1, 3 do route.add(("10.%d.0.0/16"):format(i), { nhid = i == 3 and 10 or 1 }) end
    nexthop.replace(1, { via = "10.0.0.9", dev = "v0" })
    assert.equal("10.0.0.9", json "ip -j route show 10.1.0.0/16"[1].gateway)
    assert.equal("10.0.0.9", json "ip -j route show 10.2.0.0/16"[1].gateway)
    assert.same({ "10.3.0.0/16 nhid 10", "nexthop via 10.0.0.9 dev v0 weight 3",
                  "nexthop via 10.0.0.3 dev v0 weight 1" }, lines "ip route show 10.3.0.0/16")
    nexthop.delete(1)
    assert.same({}, lines "ip route show 10.1.0.0/16")
    assert.same({ "10.3.0.0/16 nhid 10 via 10.0.0.3 dev v0" }, lines "ip route show 10.3.0.0/16")
  end))

  it("is deleted by number and by record, and not found afterwards", fresh(function()
    wire()
    nexthop.add(1, { via = "fd00::2", dev = "v0", protocol = "static" })
    nexthop.add(2, { blackhole = true })
    nexthop.delete(nexthop.get(1))
    nexthop.delete(2)
    assert.same({}, lines "ip nexthop")
    local none, why = nexthop.get(1)
    assert.same({ nil, "ENOENT" }, { none, why.code })
    assert.is_false((pcall(nexthop.delete, 1)))
  end))

  it("flushes what the filter says, groups too", fresh(function()
    wire()
    nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
    nexthop.add(2, { via = "fd00::2", dev = "v0" })
    nexthop.add(3, { blackhole = true })
    nexthop.add(4, { group = { 1 } })
    assert.equal(2, nexthop.flush { dev = "v0" })
    assert.same({ "id 3 blackhole" }, lines "ip nexthop")
    nexthop.add(4, { group = { 3 } })
    nexthop.flush()
    assert.same({}, lines "ip nexthop")
  end))

  it("gives back what a record has", fresh(function()
    wire()
    nexthop.add(1, { via = "10.77.0.2", dev = "v0", onlink = true, protocol = "bgp" })
    nexthop.add(2, { via = "10.0.0.3", dev = "v0" })
    nexthop.add(10, { group = { { id = 1, weight = 3 }, 2 } })
    nexthop.add(11, { group = { 1, 2 }, type = "resilient", buckets = 8, idle_timer = 60 })
    route.add("10.9.0.0/16", { nhid = 10, mtu = 1300 })
    local before, all, way = must "ip -d nexthop", nexthop.list(), route.list { exact = "10.9.0.0/16" }[1]
    nexthop.flush()
    for _, record in ipairs(all) do nexthop.add(record) end
    route.add(way)
    assert.equal(before, must "ip -d nexthop")
    assert.equal("10.9.0.0/16 nhid 10 mtu 1300", lines "ip route show 10.9.0.0/16"[1])
  end))

  it("refuses what has no sense, and says where", fresh(function()
    wire()
    local function said(fn, ...)
      local ok, err = pcall(fn, ...)
      assert.is_false(ok)
      return tostring(err)
    end
    assert.matches("group: a list of nexthops", said(nexthop.add, 1, { group = 7 }), 1, true)
    assert.matches("group: the group is empty", said(nexthop.add, 1, { group = {} }), 1, true)
    assert.matches("group: 257 is not in 1..256", said(nexthop.add, 1, { group = { { id = 1, weight = 257 } } }), 1, true)
    assert.matches("nexthops: the list of ways is empty", said(route.add, "10.9.0.0/16", { nexthops = {} }), 1, true)
    assert.matches("nexthops[2].vai: route.nexthop has no such option",
                   said(route.add, "10.9.0.0/16", { nexthops = { { via = "10.0.0.2" }, { vai = 1 } } }), 1, true)
    assert.matches("nexthops[1].weight: 0 is not in 1..256",
                   said(route.add, "10.9.0.0/16", { nexthops = { { via = "10.0.0.2", weight = 0 } } }), 1, true)
    assert.matches("nexthops: one of the gateways cannot be reached",
                   said(route.add, "10.9.0.0/16", { nexthops = { { via = "10.0.0.2" }, { via = "10.99.0.1" } } }), 1, true)
    link.set("lo", { up = false })
    assert.matches("What is dropped goes to lo", said(nexthop.add, 1, { blackhole = true }), 1, true)
    assert.matches("lock: \"mut\" is none of its words", said(route.add, "10.9.0.0/16", { dev = "v0", lock = "mut" }), 1, true)
    assert.matches("realms: a realm is a number", said(route.add, "10.9.0.0/16", { dev = "v0", realms = "5/x" }), 1, true)
    assert.same({ "10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1" }, lines "ip route")
  end))
end)

describe("a route with several ways", function()
  it("spreads flows by weight", fresh(function()
    wire()
    route.add("10.9.0.0/16", { nexthops = { { via = "10.0.0.2", weight = 3 }, { via = "10.0.0.3" } } })
    sysctl.set("net.ipv4.fib_multipath_hash_policy", 1)
    local n = { ["10.0.0.2"] = 0, ["10.0.0.3"] = 0 }
    for port = 1000, 1399 do
      local via = route.get("10.9.0.1", { ipproto = "tcp", sport = port, dport = 80 }).via
      n[via] = n[via] + 1
    end
    assert(n["10.0.0.2"] > 240 and n["10.0.0.2"] < 360, n["10.0.0.2"] .. " of 400 through the one of weight 3")
  end))

  it("is deleted and made again from its record", fresh(function()
    wire()
    route.add("10.9.0.0/16", { nexthops = { { via = "10.0.0.2", weight = 3 }, { via = "fd00::7", dev = "v0" },
                                            { via = "10.77.0.1", dev = "v0", onlink = true } }, mtu = 1400, lock = "mtu" })
    route.add("fd09::/64", { nexthops = { { via = "fd00::2" }, { via = "fd00::3" } } })
    local before = must "ip route; ip -6 route show fd09::/64"
    for _, net in ipairs { "10.9.0.0/16", "fd09::/64" } do
      local record = route.list { exact = net }[1]
      assert.equal(record, route.list { exact = net }[1])
      route.delete(record)
      assert.same({}, lines("ip route show " .. net))
      route.add(record)
    end
    assert.equal(before, must "ip route; ip -6 route show fd09::/64")
  end))

  it("goes through a batch, and shows its ways in the annotated message", fresh(function()
    wire()
    local core = require "nslab.core"
    local sent
    local before = core.observe(function(op)
      if op.module == "route" then sent = op.messages[1].bytes end
    end)
    netlink.batch(function(b)
      b.nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
      b.route.add("10.8.0.0/16", { nhid = 1 })
      b.route.add("10.9.0.0/16", { nexthops = { { via = "10.0.0.2", weight = 2 }, { via = "fd00::7", dev = "v0" } } })
    end)
    core.observe(before)
    assert.equal(3, #json "ip -j route show table main proto boot" + 1)
    local text = core.annotate(sent)
    assert.matches("RTA_MULTIPATH\n.-rtnh_len 16\n.-rtnh_hops 1\n.-RTA_GATEWAY 10.0.0.2\n.-rtnh_len 32\n.-RTA_VIA fd00::7\n", text)
  end))
end)

describe("buckets of a resilient group", function()
  -- What ip tells: "index nhid" of each, without the time, which goes on.
  local function told(command)
    local out = {}
    for index, nhid in harness.must(command):gmatch "index (%d+) idle_time %S+ nhid (%d+)" do
      out[#out + 1] = index .. " " .. nhid
    end
    return table.concat(out, ",")
  end

  local function ours(list)
    local out = {}
    for i, bucket in ipairs(list) do out[i] = bucket.index .. " " .. bucket.nhid end
    return table.concat(out, ",")
  end

  it("are those that ip tells, also by nexthop, by group and by link", harness.fresh(function()
    for i = 0, 1 do
      link.add("b" .. i, { up = true, veth = { peer = { name = "c" .. i, up = true } } })
      addr.add(("10.%d.0.1/24"):format(i), { dev = "b" .. i })
      nexthop.add(i + 1, { via = ("10.%d.0.2"):format(i), dev = "b" .. i })
    end
    nexthop.add(3, { group = { { id = 1, weight = 3 }, 2 }, type = "resilient", buckets = 8 })
    nexthop.add(4, { group = { 2 }, type = "resilient", buckets = 2 })
    assert.equal("0 2,1 2", told "ip nexthop bucket list id 4")
    for command, filter in pairs {
      ["ip nexthop bucket"] = {}, ["ip nexthop bucket list id 4"] = { id = 4 },
      ["ip nexthop bucket list nhid 1"] = { nhid = 1 }, ["ip nexthop bucket list dev b1"] = { dev = "b1" },
    } do
      assert.equal(told(command), ours(nexthop_bucket.list(filter)), command)
      local shown = {}
      for index, nhid in require("nslab.words").sh(command):gmatch "index (%d+) idle_time [%d.]+ nhid (%d+)" do
        shown[#shown + 1] = index .. " " .. nhid
      end
      assert.equal(told(command), table.concat(shown, ","), command)
    end
    assert.equal(1, nexthop_bucket.get(3, { index = 7 }).nhid)
    assert.is_nil((nexthop_bucket.get(3, { index = 8 })))
    local ok, err = pcall(nexthop_bucket.list, { id = 2 })
    assert.is_false(ok)
    assert.truthy(err.hint:find("resilient", 1, true))
  end))
end)
