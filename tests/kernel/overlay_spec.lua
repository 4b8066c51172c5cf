-- Packets through what carries frames from one namespace to another: vxlan between two hosts, macvlan. What
-- became of them is read from the kernel by bridge, ip and sysfs. VLANs of bridges: bridge_vlan_spec.lua.

local harness = require "harness"

local fresh, json, must = harness.fresh, harness.json, harness.must

local YES_MS, NO_MS = 5000, 400 -- how long an answer may take; how long none is waited for

local function reaches(ns, address)
  return ns:ping(address, { count = 1, timeout_ms = YES_MS }).received == 1
end

local function silent(ns, address)
  return ns:ping(address, { count = 1, timeout_ms = NO_MS }).received == 0
end

local function counter(ns, dev, which)
  return tonumber(ns:exec({ "cat", ("/sys/class/net/%s/statistics/%s"):format(dev, which) }).stdout)
end

-- ---- vxlan -------------------------------------------------------------------------------------------

-- Two hosts with a cable between them: the underlay, 10.0.0.1 and 10.0.0.2.
local function hosts()
  local one, two = netns.add "one", netns.add "two"
  link.add("u1", { netns = one, up = true, addrgenmode = "none",
                   veth = { peer = { name = "u2", netns = two, up = true } } })
  one.addr.add("10.0.0.1/24", { dev = "u1" })
  two.addr.add("10.0.0.2/24", { dev = "u2" })
  return one, two
end

-- A vxlan at each of them, with the addresses 192.168.0.1 and .2; more(n) are options of the nth one.
local MACS = { "02:00:00:00:01:01", "02:00:00:00:01:02" }
local function overlay(one, two, more)
  for n, ns in ipairs { one, two } do
    local options = { id = 7, dstport = 4789 }
    for key, value in pairs(more(n)) do options[key] = value end
    ns.link.add("vx0", { up = true, address = MACS[n], addrgenmode = "none", vxlan = options })
    ns.addr.add(("192.168.0.%d/24"):format(n), { dev = "vx0" })
  end
end

-- Where bridge says that the host's frames for that address go.
local function behind(ns, mac)
  for _, entry in ipairs(json(("ip netns exec %s bridge -j fdb show dev vx0"):format(ns.name))) do
    if entry.mac == mac and entry.dst then return entry.dst end
  end
end

describe("a vxlan", function()
  it("carries frames where its table says, and nowhere else", fresh(function()
    local one, two = hosts()
    overlay(one, two, function(n) return { learning = false, local_address = "10.0.0." .. n } end)
    assert.is_true(silent(one, "192.168.0.2")) -- nobody is entered
    one.fdb.append("00:00:00:00:00:00", { dev = "vx0", dst = "10.0.0.2" })
    two.fdb.append("00:00:00:00:00:00", { dev = "vx0", dst = "10.0.0.1" })
    local bytes = counter(two, "u2", "rx_bytes")
    assert.is_true(reaches(one, "192.168.0.2"))
    assert.is_true(counter(two, "vx0", "rx_packets") > 0)
    assert.is_true(counter(two, "u2", "rx_bytes") - bytes >= 84 + 14 + 50) -- the ping in a frame in a datagram
    assert.is_nil(behind(two, MACS[1])) -- nothing was learned
    -- each frame for that address to one machine, and then to one where nobody is
    one.fdb.add(MACS[2], { dev = "vx0", dst = "10.0.0.2" })
    assert.equal("10.0.0.2", behind(one, MACS[2]))
    assert.is_true(reaches(one, "192.168.0.2"))
    one.fdb.replace(MACS[2], { dev = "vx0", dst = "10.0.0.9" })
    assert.is_true(silent(one, "192.168.0.2"))
  end))

  it("learns where a frame came from, and answers there", fresh(function()
    local one, two = hosts()
    overlay(one, two, function() return {} end)
    one.fdb.append("00:00:00:00:00:00", { dev = "vx0", dst = "10.0.0.2" })
    assert.is_nil(behind(two, MACS[1]))
    assert.is_true(reaches(one, "192.168.0.2")) -- `two` was told of nobody
    assert.equal("10.0.0.1", behind(two, MACS[1]))
    assert.equal("10.0.0.2", behind(one, MACS[2]))
    assert.is_true(reaches(two, "192.168.0.1"))
  end))

  it("finds the others by a multicast group of the underlay", fresh(function()
    local one, two = hosts()
    overlay(one, two, function(n) return { group = "239.1.1.1", dev = "u" .. n } end)
    assert.truthy(must "ip -n two maddr show dev u2":find("239.1.1.1", 1, true))
    assert.is_true(reaches(one, "192.168.0.2"))
    assert.equal("10.0.0.1", behind(two, MACS[1]))
  end))

  it("is not that of another number", fresh(function()
    local one, two = hosts()
    overlay(one, two, function(n) return { id = 6 + n, learning = false } end)
    for n, ns in ipairs { one, two } do
      ns.fdb.append("00:00:00:00:00:00", { dev = "vx0", dst = "10.0.0." .. 3 - n })
    end
    assert.is_true(silent(one, "192.168.0.2"))
    assert.equal(0, counter(two, "vx0", "rx_packets"))
  end))

  it("joins two bridges to one network", fresh(function()
    local one, two = hosts()
    for n, ns in ipairs { one, two } do
      local inner = netns.add("inner" .. n)
      ns.link.add("br0", { type = "bridge", up = true, addrgenmode = "none" })
      ns.link.add("vx0", { master = "br0", up = true, addrgenmode = "none", vxlan = { id = 9, dstport = 4789 } })
      ns.fdb.append("00:00:00:00:00:00", { dev = "vx0", dst = "10.0.0." .. 3 - n })
      ns.link.add("p0", { master = "br0", up = true, addrgenmode = "none",
                          veth = { peer = { name = "eth0", netns = inner, address = MACS[n], up = true } } })
      inner.addr.add(("192.168.9.%d/24"):format(n), { dev = "eth0" })
    end
    assert.is_true(reaches(netns "inner1", "192.168.9.2"))
    local learned
    for _, entry in ipairs(json "ip netns exec one bridge -j fdb show br br0") do
      if entry.mac == MACS[2] and entry.ifname == "vx0" and entry.master == "br0" then learned = true end
    end
    assert.is_true(learned)
  end))
end)

-- ---- macvlan -----------------------------------------------------------------------------------------

-- Two macvlans of that mode over one end of a cable, in namespaces of their own; `out` is at the other end.
local function macvlans(mode)
  local out, a, b = netns.add "out", netns.add "a", netns.add "b"
  link.add("p0", { up = true, addrgenmode = "none",
                   veth = { peer = { name = "eth0", netns = out, up = true } } })
  out.addr.add("10.0.0.9/24", { dev = "eth0" })
  for n, ns in ipairs { a, b } do
    link.add("m" .. n, { netns = ns, link = "p0", up = true, addrgenmode = "none", macvlan = { mode = mode } })
    ns.addr.add(("10.0.0.%d/24"):format(n), { dev = "m" .. n })
    assert.equal(mode, json(("ip -n %s -d -j link show m%d"):format(ns.name, n))[1].linkinfo.info_data.mode)
  end
  return a, b
end

describe("macvlans", function()
  it("of the mode bridge reach each other and what is outside", fresh(function()
    local a, b = macvlans "bridge"
    assert.is_true(reaches(a, "10.0.0.9"))
    assert.is_true(reaches(b, "10.0.0.9"))
    local before = counter(netns.host, "p0", "tx_packets")
    assert.is_true(reaches(a, "10.0.0.2"))
    assert.truthy(must "ip -n a neigh show 10.0.0.2":find(json("ip -n b -j link show m2")[1].address, 1, true))
    -- the echo went no further than from one to the other: outside was heard at most the question for b
    assert.is_true(counter(netns.host, "p0", "tx_packets") - before <= 2)
  end))

  it("of the mode private reach what is outside, and not each other", fresh(function()
    local a, b = macvlans "private"
    assert.is_true(reaches(a, "10.0.0.9"))
    assert.is_true(reaches(b, "10.0.0.9"))
    local before = counter(b, "m2", "rx_packets")
    assert.is_true(silent(a, "10.0.0.2"))
    assert.equal(before, counter(b, "m2", "rx_packets"))
    a.link.set("m1", { macvlan = { mode = "bridge" } })
    b.link.set("m2", { macvlan = { mode = "bridge" } })
    a.neigh.flush { dev = "m1", nud = "failed" }
    assert.is_true(reaches(a, "10.0.0.2"))
  end))
end)
