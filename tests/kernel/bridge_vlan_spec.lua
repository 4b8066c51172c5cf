-- vlan: VLANs of bridges and their ports, read by bridge, and the frames that they let through. A kernel whose
-- bridges have no VLANs skips all of it aloud; tests/vm has one that has them.

local harness = require "harness"
local oracle = require "oracle"
local words = require "nslab.words"

local fresh, json, must = harness.fresh, harness.json, harness.must

-- br0 with the ports v0 and w0; without VLANs the test is skipped.
local function wire()
  link.add("br0", { up = true, addrgenmode = "none", type = "bridge" })
  local ok, err = pcall(vlan.list)
  if not ok and err.code == "EOPNOTSUPP" then pending "this kernel's bridges have no VLANs" end
  assert(ok, tostring(err))
  link.set("br0", { bridge = { vlan_filtering = true } })
  for _, name in ipairs { "v", "w" } do
    link.add(name .. 0, { up = true, master = "br0", addrgenmode = "none",
                          veth = { peer = { name = name .. 1, up = true } } })
  end
end

-- "10 PVID,11-20" of one link, as bridge tells it.
local function told(dev)
  local parts = {}
  for _, entry in ipairs(json "bridge -j -compressvlans vlan show") do
    for _, one in ipairs(entry.ifname == dev and entry.vlans or {}) do
      local text = one.vlanEnd and ("%d-%d"):format(one.vlan, one.vlanEnd) or tostring(one.vlan)
      parts[#parts + 1] = table.concat({ text, table.unpack(one.flags or {}) }, " ")
    end
  end
  return table.concat(parts, ",")
end

-- What bridge tells in detail of the first VLAN of a range: state, mcast_router.
local function detail(dev, vid)
  for _, entry in ipairs(json "bridge -j -d vlan show") do
    for _, one in ipairs(entry.ifname == dev and entry.vlans or {}) do
      if one.vlan == vid then return one end
    end
  end
end

describe("vlan", function()
  it("adds one, a range, the one of frames without a tag, and the bridge's own", fresh(function()
    wire()
    vlan.add(10, { dev = "v0" })
    vlan.add("100-200", { dev = "v0" })
    vlan.add(20, { dev = "v0", pvid = true, untagged = true })
    vlan.add("30-31", { dev = "w0", untagged = true })
    vlan.add(40, { dev = "br0", self = true })
    assert.equal("1 Egress Untagged,10,20 PVID Egress Untagged,100-200", told "v0")
    assert.equal("1 PVID Egress Untagged,30-31 Egress Untagged", told "w0")
    assert.equal("1 PVID Egress Untagged,40", told "br0")
  end))

  it("gives back what was added, for every key", fresh(function()
    wire()
    for _, case in ipairs {
      { 10, { pvid = true, untagged = false } }, { 11, { pvid = false, untagged = true } },
      { 12, { pvid = true, untagged = true } }, { "100-200", { pvid = false, untagged = true } },
      { 4094, { pvid = false, untagged = false } },
    } do
      case[2].dev = "v0"
      vlan.add(case[1], case[2])
      local record = assert(vlan.get(case[1], { dev = "v0" }))
      assert.equal(case[1], record.vid)
      for key, value in pairs(case[2]) do assert.equal(value, record[key], key) end
      assert.is_false(record.self)
    end
    assert.is_true(vlan.get(1, { dev = "br0" }).self)
  end))

  it("deletes one, part of a range, and by record", fresh(function()
    wire()
    vlan.add("100-200", { dev = "v0" })
    vlan.add(50, { dev = "br0", self = true })
    vlan.delete(1, { dev = "v0" })
    vlan.delete("150-200", { dev = "v0" })
    assert.equal("100-149", told "v0")
    vlan.delete(vlan.get(120, { dev = "v0" }))
    vlan.delete(vlan.get(50, { dev = "br0" }))
    assert.equal("", told "v0")
    assert.equal("1 PVID Egress Untagged", told "br0")
    vlan.add(vlan.get(1, { dev = "w0" }), { dev = "v0", pvid = true, untagged = true })
    assert.equal("1 PVID Egress Untagged", told "v0")
  end))

  it("changes the options of one, and of a range", fresh(function()
    wire()
    vlan.add("100-200", { dev = "v0" })
    vlan.set("100-120", { dev = "v0", state = "blocking" })
    vlan.set(150, { dev = "v0", state = "learning", mcast_router = 2 })
    assert.equal("blocking", detail("v0", 100).state)
    assert.same({ "learning", 2 }, { detail("v0", 150).state, detail("v0", 150).mcast_router })
    assert.equal("forwarding", detail("v0", 151).state)
    local record = vlan.get(150, { dev = "v0" })
    assert.same({ 150, "learning", 2 }, { record.vid, record.state, record.mcast_router })
    assert.same({ "100-120", "121-149", 150, "151-200" }, (function()
      local out = {}
      for _, v in ipairs(vlan.list { dev = "v0", vid = "100-300" }) do out[#out + 1] = v.vid end
      return out
    end)())
  end))

  it("is as many as there are, though a message has many of them", fresh(function()
    wire()
    netlink.batch(function(b)
      for vid = 2, 4000, 2 do b.vlan.add(vid, { dev = "v0" }) end
    end)
    local n = 0
    for _, entry in ipairs(json "bridge -j vlan show") do n = n + #entry.vlans end
    assert.equal(n, #vlan.list())
    assert.equal(2001, #vlan.list { dev = "v0" })
    local each = 0
    for _ in vlan.each { dev = "v0" } do each = each + 1 end
    assert.equal(2001, each)
  end))

  it("gives the VLANs of a vxlan their numbers in it", fresh(function()
    wire()
    must "ip link add vx0 master br0 type vxlan external dstport 4789"
    must "ip link set vx0 type bridge_slave vlan_tunnel on"
    vlan.add("10-12", { dev = "vx0" })
    vlan.add("10-12", { dev = "vx0", tunnel_id = 1010 })
    vlan.add(20, { dev = "vx0" })
    vlan.add(20, { dev = "vx0", tunnel_id = 5000 })
    local function tunnels()
      local out = {}
      for _, entry in ipairs(json "bridge -j vlan tunnelshow") do
        for _, one in ipairs(entry.tunnels) do
          out[#out + 1] = ("%s-%s %s-%s"):format(one.vlan, one.vlanEnd or one.vlan, one.tunid, one.tunidEnd or one.tunid)
        end
      end
      return table.concat(out, ",")
    end
    local all = tunnels()
    assert.truthy(all:find("5000", 1, true), all)
    assert.truthy(all:find("1010", 1, true) and all:find("1012", 1, true), all)
    assert.equal(5000, vlan.get(20, { dev = "vx0" }).tunnel_id)
    assert.equal("1010-1012", vlan.get(11, { dev = "vx0" }).tunnel_id)
    vlan.delete(20, { dev = "vx0", tunnel_id = 5000 })
    assert.is_nil(vlan.get(20, { dev = "vx0" }).tunnel_id)
    assert.is_nil(tunnels():find("5000", 1, true))
    local ok, err = pcall(vlan.add, "10-12", { dev = "vx0", tunnel_id = "1-2" })
    assert.is_false(ok)
    assert.matches("as many tunnels as VLANs", tostring(err), 1, true)
  end))

  it("prints as bridge does, and reads its commands", fresh(function()
    wire()
    words.sh [[
      bridge vlan add dev v0 vid 10 pvid untagged
      bridge vlan add vid 100-110 dev w0
      bridge v a dev br0 vid 7 self
      bridge vlan set dev w0 vid 100-105 state 4
      bridge vlan del dev w0 vid 1
    ]]
    assert.equal("1 Egress Untagged,10 PVID Egress Untagged", told "v0")
    assert.equal("100-110", told "w0")
    assert.equal("blocking", detail("w0", 100).state)
    for _, command in ipairs { "bridge vlan show", "bridge vlan show dev w0", "bridge vlan show dev w0 vid 103",
                               "bridge vlan show vid 1" } do
      assert.equal(oracle.trimmed(must(command)), oracle.trimmed(words.sh(command)), command)
    end
    assert.equal(oracle.trimmed(must "bridge vlan"), oracle.trimmed(vlan.list()))
  end))

  it("is heard by a watcher, one event for each", fresh(function()
    wire()
    local w <close> = netns.watch { objects = { "vlan" } }
    must "bridge vlan add dev v0 vid 10-20 untagged"
    local event = assert(w:next(5000))
    assert.same({ "new", "vlan", "v0", "10-20", true },
                { event.event, event.object, event.record.dev, event.record.vid, event.record.untagged })
    must "bridge vlan del dev v0 vid 15"
    repeat event = assert(w:next(5000)) until event.event == "delete"
    assert.same({ "v0", 15 }, { event.record.dev, event.record.vid })
  end))

  it("says what is wrong", fresh(function()
    wire()
    for text, call in pairs {
      ["v1 is no port of a bridge"] = function() vlan.add(10, { dev = "v1" }) end,
      ["v0 has no such VLAN"] = function() vlan.set(99, { dev = "v0", state = "blocking" }) end,
      ["not to a range"] = function() vlan.add("10-20", { dev = "v0", pvid = true }) end,
      ["10-5000 is not in 1..4094"] = function() vlan.add("10-5000", { dev = "v0" }) end,
      ["state: add and delete do not take this"] = function() vlan.add(10, { dev = "v0", state = "blocking" }) end,
      ["pvid: only add and delete take this"] = function() vlan.set(1, { dev = "v0", pvid = true }) end,
    } do
      local ok, err = pcall(call)
      assert.is_false(ok, text)
      assert.matches(text, tostring(err), 1, true)
    end
    assert.equal("1 PVID Egress Untagged", told "v0")
  end))
end)

-- ---- frames ------------------------------------------------------------------------------------------

-- A host in a namespace of its own behind the port PORT of br0, with that address; `tagged` are the VLANs
-- for which it has a link of its own, { [vid] = address }.
local function host(name, port, address, tagged)
  local ns = netns.add(name)
  link.add(port, { up = true, master = "br0", addrgenmode = "none",
                   veth = { peer = { name = "eth0", netns = ns, up = true } } })
  if address then ns.addr.add(address, { dev = "eth0" }) end
  for vid, own in pairs(tagged or {}) do
    ns.link.add("eth0." .. vid, { link = "eth0", up = true, addrgenmode = "none", vlan = { id = vid } })
    ns.addr.add(own, { dev = "eth0." .. vid })
  end
  return ns
end

local function reaches(ns, address)
  return ns:ping(address, { count = 1, timeout_ms = 2000 }).received == 1
end

-- Whether the host has heard from that address on that link.
local function knows(ns, dev, address)
  return must(("ip -n %s neigh show %s dev %s"):format(ns.name, address, dev)):find "lladdr" ~= nil
end

describe("frames in a bridge with VLANs", function()
  it("stay in their VLAN; a trunk has both, with tags", fresh(function()
    wire()
    local a, c = host("a", "pa", "10.0.0.1/24"), host("c", "pc", "10.0.0.3/24")
    host("b", "pb", "10.0.0.2/24")
    c.addr.add("10.0.20.3/24", { dev = "eth0" })
    local trunk = host("t", "pt", nil, { [10] = "10.0.0.4/24", [20] = "10.0.20.5/24" })
    for port, vid in pairs { pa = 10, pb = 10, pc = 20 } do
      vlan.delete(1, { dev = port })
      vlan.add(vid, { dev = port, pvid = true, untagged = true })
    end
    vlan.delete(1, { dev = "pt" })
    vlan.add(10, { dev = "pt" })
    vlan.add(20, { dev = "pt" })
    assert.is_true(reaches(a, "10.0.0.2"))
    assert.is_true(reaches(a, "10.0.0.4"))
    assert.is_true(reaches(c, "10.0.20.5"))
    assert.same({ true, false }, { knows(trunk, "eth0.10", "10.0.0.1"), knows(trunk, "eth0.20", "10.0.0.1") })
    assert.same({ false, true }, { knows(trunk, "eth0.10", "10.0.20.3"), knows(trunk, "eth0.20", "10.0.20.3") })
    assert.truthy(must "bridge fdb show brport pt":find("vlan 10 ", 1, true)) -- learned from the trunk, by VLAN
    assert.truthy(must "bridge fdb show brport pt":find("vlan 20 ", 1, true))
    assert.is_false(reaches(a, "10.0.0.3")) -- the same network, another VLAN
    assert.is_false(knows(c, "eth0", "10.0.0.1")) -- not even the question came
  end))

  it("go no further when their VLAN is blocked at the port", fresh(function()
    wire()
    local a = host("a", "pa", "10.0.0.1/24")
    host("b", "pb", "10.0.0.2/24")
    assert.is_true(reaches(a, "10.0.0.2"))
    vlan.set(1, { dev = "pb", state = "blocking" })
    assert.is_false(reaches(a, "10.0.0.2"))
    vlan.set(1, { dev = "pb", state = "forwarding" })
    assert.is_true(reaches(a, "10.0.0.2"))
  end))
end)

describe("what VLANs have for all ports of a bridge", function()
  -- What bridge shows, without the blanks at the ends of lines.
  local function shown(command)
    return (must(command):gsub(" +\n", "\n"):gsub("\n$", ""))
  end

  local function snooping()
    wire()
    link.set("br0", { bridge = { mcast_vlan_snooping = true } })
    vlan.add("10-20", { dev = "br0", self = true })
  end

  it("is told by bridge as it was set, and shown as bridge shows it", fresh(function()
    snooping()
    vlan_global.set("12-13", { dev = "br0", mcast_querier = true, mcast_query_interval = 3000 })
    vlan_global.set(15, { dev = "br0", mcast_snooping = false })
    assert.truthy(shown "bridge vlan global show vid 13":find("mcast_query_interval 3000", 1, true))
    assert.equal(shown "bridge vlan global show", tostring(vlan_global.list()))
    assert.equal(shown "bridge vlan global show vid 13", words.sh "bridge vlan global show vid 13":gsub("\n$", ""))
    assert.equal(shown "bridge vlan tunnelshow", words.sh "bridge vlan tunnelshow":gsub("\n$", ""))
  end))

  it("gives back what was given, for every key", fresh(function()
    snooping()
    for key, v in pairs {
      mcast_snooping = false, mcast_querier = true, mcast_igmp_version = 3, mcast_mld_version = 2,
      mcast_last_member_count = 5, mcast_last_member_interval = 300, mcast_startup_query_count = 7,
      mcast_startup_query_interval = 4000, mcast_membership_interval = 30000, mcast_querier_interval = 20000,
      mcast_query_interval = 15000, mcast_query_response_interval = 900,
    } do
      vlan_global.set(14, { dev = "br0", [key] = v })
      assert.equal(v, vlan_global.get(14, { dev = "br0" })[key], key)
      assert.truthy(shown "bridge vlan global show vid 14":find(key .. " " .. tonumber(v == true and 1 or v or 0)), key)
    end
    words.sh "bridge vlan global set dev br0 vid 16-17 mcast_querier 1 mcast_igmp_version 3"
    assert.equal("16-17", vlan_global.get(16, { dev = "br0" }).vid)
  end))

  it("tells the VLANs that have a number in a vxlan", fresh(function()
    wire()
    if not pcall(link.add, "x0", { master = "br0", vxlan = { external = true, dstport = 4789 } }) then
      pending "this kernel lacks vxlan"
    end
    link.set("x0", { bridge_slave = { vlan_tunnel = true } })
    vlan.add("10-20", { dev = "x0" })
    vlan.add("10-11", { dev = "x0", tunnel_id = "1000-1001" })
    vlan.add(15, { dev = "x0", tunnel_id = 77 })
    assert.equal(shown "bridge vlan tunnelshow", words.sh "bridge vlan tunnelshow":gsub("\n$", ""))
    assert.equal(shown "bridge vlan tunnelshow dev x0 vid 15",
                 words.sh "bridge vlan tunnelshow dev x0 vid 15":gsub("\n$", ""))
  end))

  it("is refused with what is missing", fresh(function()
    wire()
    local ok, err = pcall(vlan_global.set, 77, { dev = "br0", mcast_snooping = true })
    assert.is_false(ok)
    assert.equal("ENOENT", err.code)
    assert.truthy(err.hint:find("self = true", 1, true))
  end))
end)
