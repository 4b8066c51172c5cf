-- mdb: what bridge of iproute2 6.1 can show of a multicast group and not enter - whose frames are wanted, which a
-- kernel knows since 6.3 - and groups in VLANs; and that frames to a group go where it says. The rest is in
-- tests/oracle/mdb_spec.lua.

local harness = require "harness"

local fresh, json, must = harness.fresh, harness.json, harness.must

local GRP = "239.1.1.1"

local function wire(options)
  link.add("br0", { up = true, addrgenmode = "none", type = "bridge", bridge = options })
  for _, name in ipairs { "v", "w" } do
    link.add(name .. 0, { up = true, master = "br0", addrgenmode = "none",
                          veth = { peer = { name = name .. 1, up = true } } })
    link.set(name .. 1, { addrgenmode = "none" })
  end
end

local function told(grp, src)
  for _, entry in ipairs(json "bridge -s -d -j mdb show"[1].mdb) do
    if entry.grp == grp and entry.src == src then return entry end
  end
end

local function send_twenty()
  must(("bash -c 'for i in {1..20}; do printf x >/dev/udp/%s/9; done'"):format(GRP))
end

describe("a multicast group", function()
  it("has a list of sources, and says what they are", fresh(function()
    wire { mcast_igmp_version = 3, mcast_mld_version = 2 }
    for _, mode in ipairs { "include", "exclude" } do
      local ok, err = pcall(mdb.add, GRP, { dev = "br0", port = "v0", state = "permanent", filter_mode = mode, protocol = "bgp",
                                             source_list = { "10.0.0.1", "10.0.0.2" } })
      if not ok and err.field == "source_list" then
        return pending "this kernel takes no sources: it is older than Linux 6.3"
      end
      assert(ok, tostring(err))
      local entry = told(GRP)
      local addresses = { entry.source_list[1].address, entry.source_list[2].address }
      table.sort(addresses)
      assert.same({ "10.0.0.1", "10.0.0.2" }, addresses)
      assert.same({ mode, "bgp" }, { entry.filter_mode, entry.protocol })
      local record = mdb.get(GRP, { src = false })
      addresses = record.source_list
      table.sort(addresses)
      assert.same({ "10.0.0.1", "10.0.0.2" }, addresses)
      assert.same({ mode, "bgp" }, { record.filter_mode, record.protocol })
      mdb.delete(record)
      assert.is_nil(told(GRP))
    end
    mdb.add("ff1e::5", { dev = "br0", port = "v0", state = "permanent", filter_mode = "include",
                         source_list = { "fd00::1" } })
    assert.same({ "fd00::1" }, mdb.get("ff1e::5", { src = false }).source_list)
    assert.is_false((pcall(mdb.add, "ff1e::6", { dev = "br0", port = "v0", source_list = "fd00::1" })))
  end))

  it("is deleted by record, although an old kernel tells more of it than it takes", fresh(function()
    wire { mcast_igmp_version = 3 }
    mdb.add(GRP, { dev = "br0", port = "v0", state = "permanent" })
    local record = mdb.get(GRP)
    assert.truthy(record.filter_mode)
    mdb.delete(record)
    assert.is_nil(told(GRP))
    mdb.add(GRP, { dev = "br0", port = "v0", state = "permanent" })
    assert.equal(1, mdb.flush { state = "permanent" })
    assert.is_nil(told(GRP))
  end))

  it("is changed by replace", fresh(function()
    wire()
    mdb.add(GRP, { dev = "br0", port = "v0" })
    assert.equal("temp", told(GRP).state)
    assert(mdb.get(GRP).timer > 20000)
    local ok = pcall(mdb.replace, GRP, { dev = "br0", port = "v0", state = "permanent" })
    if not ok then return pending "this kernel changes no entry: it is older than Linux 6.3" end
    assert.equal("permanent", told(GRP).state)
  end))

  it("is that of one VLAN", fresh(function()
    wire()
    if not pcall(vlan.list) then return pending "this kernel's bridges have no VLANs" end
    link.set("br0", { bridge = { vlan_filtering = true } })
    vlan.add("10-11", { dev = "v0" })
    mdb.add(GRP, { dev = "br0", port = "v0", state = "permanent", vid = 10 })
    assert.equal(10, told(GRP).vid)
    assert.equal(10, mdb.get(GRP).vid)
    assert.equal(1, #mdb.list { dev = "br0", vid = 10 })
    assert.equal(0, #mdb.list { dev = "br0", vid = 11, state = "permanent" })
    mdb.delete(mdb.get(GRP))
    assert.is_nil(told(GRP))
  end))

  it("gets its frames, and no other port does", fresh(function()
    wire { mcast_query_response_interval = 10 } -- so long a bridge floods when it begins to ask
    link.set("br0", { bridge = { mcast_querier = true } })
    for _, port in ipairs { "v0", "w0" } do link.set(port, { bridge_slave = { mcast_flood = false } }) end
    local function received(dev)
      return tonumber(must(("cat /sys/class/net/%s/statistics/rx_packets"):format(dev)))
    end
    addr.add("10.0.0.1/24", { dev = "br0" })
    route.add("239.0.0.0/8", { dev = "br0" })
    mdb.add(GRP, { dev = "br0", port = "v0", state = "permanent" })
    must "sleep 0.3" -- what the bridge says by itself when a port comes up
    local v, w = received "v1", received "w1"
    send_twenty()
    assert.is_true(received "v1" - v >= 20)
    assert.is_true(received "w1" - w < 20)
    mdb.delete(mdb.get(GRP))
    v = received "v1"
    send_twenty()
    assert.is_true(received "v1" - v < 20)
  end))
end)
