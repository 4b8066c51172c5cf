-- netlink.request and netlink.decode: messages by hand do what the modules do, and bytes are taken apart.

local core = require "nslab.core"
local harness = require "harness"
local fresh, must, json = harness.fresh, harness.must, harness.json

local IFLA_IFNAME, IFLA_MTU, IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_IFALIAS = 3, 4, 18, 1, 20

local function fails(text, fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.truthy(tostring(err):find(text, 1, true), tostring(err))
end

describe("netlink.request", function()
  it("asks for one thing by its fields", fresh(function()
    local lo = netlink.request { type = "RTM_GETLINK", fields = { name = "lo" } }[1]
    assert.equal(json("ip -j link show lo")[1].mtu, lo.mtu)
    assert.equal(lo, link.get "lo")
  end))

  it("asks for all of a kind", fresh(function()
    must "ip link set lo up; ip link add br0 type bridge"
    local all = netlink.request { type = "RTM_GETLINK", flags = { "dump" } }
    assert.equal(#json "ip -j link", #all)
    assert.equal(#json "ip -j addr show lo"[1].addr_info, #netlink.request { type = "RTM_GETADDR", flags = { "dump" } })
  end))

  it("makes things of bytes alone, nests included", fresh(function()
    local made = netlink.request {
      type = 16, flags = { "create", "excl" }, header = ("\0"):rep(16),
      attributes = { [IFLA_IFNAME] = "br7\0", [IFLA_LINKINFO] = { [IFLA_INFO_KIND] = "bridge" } },
    }
    assert.same({}, made)
    assert.equal("bridge", json("ip -j -d link show br7")[1].linkinfo.info_kind)
    netlink.request { type = "RTM_NEWLINK", attributes = { [IFLA_IFNAME] = "br7\0", [IFLA_MTU] = ("I4"):pack(1400) } }
    netlink.request { type = "RTM_NEWLINK", fields = { name = "br7" }, attributes = { [IFLA_IFALIAS] = "by hand" } }
    local told = json("ip -j link show br7")[1]
    assert.equal(1400, told.mtu)
    assert.equal("by hand", told.ifalias)
  end))

  it("returns bytes where nslab has no rows", fresh(function()
    local RTM_GETNEIGHTBL, RTM_NEWNEIGHTBL = 66, 64
    local all = netlink.request { type = RTM_GETNEIGHTBL, flags = { "dump" }, header = ("\0"):rep(4) }
    assert.truthy(#all >= 2)
    assert.equal(RTM_NEWNEIGHTBL, all[1].type)
    assert.truthy(all[1].bytes:find("arp_cache", 1, true))
  end))

  it("acts in its namespace", fresh(function()
    local red = netns.add "red"
    red.netlink.request { type = "RTM_NEWLINK", fields = { name = "lo", mtu = 1300 } }
    assert.equal(1300, json("ip -n red -j link show lo")[1].mtu)
    assert.not_equal(1300, json("ip -j link show lo")[1].mtu)
  end))

  it("asks about every object that there is, and gets what its module lists", fresh(function()
    must [[ip link add v0 type veth peer name v1; ip link set lo up; ip link set v0 up; ip link set v1 up
      ip link add br0 type bridge; ip link set br0 up; ip link set v1 master br0
      ip addr add 10.0.0.1/24 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
      ip route add 10.9.0.0/16 via 10.0.0.2; ip nexthop add id 7 via 10.0.0.2 dev v0
      ip rule add from 10.0.0.7 table 100; bridge fdb add 02:00:00:00:00:07 dev v1 master static
      tc qdisc add dev v0 root handle 1: htb; tc class add dev v0 parent 1: classid 1:10 htb rate 1mbit
      tc filter add dev v0 parent 1: protocol ip pref 1 u32 match ip dst 10.0.0.7 flowid 1:10]]
    local v0 = { dev = "v0" }
    local lists = {
      link = link.list, addr = addr.list, route = function() return route.list { table = "all" } end,
      neigh = neigh.list, rule = rule.list, nexthop = nexthop.list,
      qdisc = qdisc.list, class = function() return class.list(v0) end, fdb = fdb.list,
      filter = function() return filter.list { dev = "v0" } end,
    }
    local types = { class = "RTM_GETTCLASS", filter = "RTM_GETTFILTER", fdb = "RTM_GETNEIGH" }
    for object, list in pairs(lists) do
      local request = { type = types[object] or "RTM_GET" .. object:upper(), object = object, flags = { "dump" } }
      if object == "class" or object == "filter" then request.fields = v0 end
      local keys = {}
      local function text_of(record) -- without what changes by itself
        return (tostring(record):gsub("<.->", ""):gsub("state %u+", ""):gsub(" %u+$", ""))
      end
      for _, record in ipairs(netlink.request(request)) do keys[text_of(record)] = true end
      for _, record in ipairs(list()) do assert.truthy(keys[text_of(record)], object .. ": " .. text_of(record)) end
      assert.truthy(next(keys), object)
    end
    -- And makes and takes away.
    netlink.request { type = "RTM_NEWQDISC", flags = { "create", "replace" }, fields = { dev = "br0", root = true, pfifo = { limit_packets = 4 } } }
    assert.equal(4, json("tc -j qdisc show dev br0")[1].options.limit)
    netlink.request { type = "RTM_DELNEIGH", object = "fdb", fields = { lladdr = "02:00:00:00:00:07", dev = "v1", master = true } }
    assert.is_nil(must("bridge fdb show dev v1"):find "00:07")
    netlink.request { type = "RTM_DELTFILTER", fields = { dev = "v0", parent = "1:", pref = 1, protocol = "ip" } }
    assert.equal("", must "tc filter show dev v0")
  end))

  it("raises what the kernel says, and what is wrong before that", fresh(function()
    fails("EEXIST", netlink.request, { type = "RTM_NEWLINK", flags = { "create", "excl" }, fields = { name = "lo" } })
    fails("ENODEV", netlink.request, { type = "RTM_GETLINK", fields = { name = "gone" } })
    fails('Did you mean "RTM_GETLINK"?', netlink.request, { type = "RTM_GETLNK" })
    fails("this type of message is about no fdb", netlink.request, { type = "RTM_GETLINK", object = "fdb" })
    fails("ENODEV", netlink.request, { type = "RTM_NEWQDISC", fields = { dev = "gone", root = true } })
    fails("pfifo.limit_packets: an integer is needed", netlink.request,
          { type = "RTM_NEWQDISC", fields = { dev = "lo", root = true, pfifo = { limit_packets = "many" } } })
    fails("type: a type of message is needed", netlink.request, { type = {} })
    fails("flags: a list of words is needed", netlink.request, { type = "RTM_GETLINK", flags = "dump" })
    fails("fields: a table is needed, not a number", netlink.request, { type = "RTM_GETLINK", fields = 5 })
    fails('Did you mean "fields"?', netlink.request, { type = "RTM_GETLINK", felds = {} })
    fails('"dumb" is no flag', netlink.request, { type = "RTM_GETLINK", flags = { "dumb" } })
    fails("mtu: an integer is needed", netlink.request, { type = "RTM_NEWLINK", fields = { mtu = "big" } })
    fails("is in 1..16383", netlink.request, { type = "RTM_NEWLINK", attributes = { mtu = "x" } })
    fails("attribute 4: bytes or a table are needed, not a number", netlink.request,
          { type = "RTM_NEWLINK", attributes = { [IFLA_MTU] = 1500 } })
    fails("the message is full", netlink.request, { type = "RTM_NEWLINK", attributes = { [3] = ("x"):rep(9000) } })
    fails("it has 17 bytes", netlink.request, { type = "RTM_NEWLINK", header = ("x"):rep(17) })
    fails("a table is needed", netlink.request)
  end))
end)

describe("netlink.decode", function()
  local function sent(fn)
    local bytes = {}
    local before = core.observe(function(op)
      for _, m in ipairs(op.messages or {}) do bytes[#bytes + 1] = m.bytes end
    end)
    fn()
    core.observe(before)
    return table.concat(bytes)
  end

  it("takes apart what was sent and answered", fresh(function()
    local all = netlink.decode(sent(function() link.add("v0", { mtu = 1400, veth = { peer = "v1" } }) end))
    assert.equal("RTM_NEWLINK", all[1].type)
    assert.equal("link", all[1].object)
    assert.equal("v0", all[1].record.name)
    assert.equal(1400, all[1].record.mtu)
    assert.equal(2, all[2].type)
    assert.equal(0, all[2].errno)
  end))

  it("keeps what has no row", fresh(function()
    local header = ("I1I1I2i4I4I4"):pack(0, 0, 0, 1, 0, 0)
    local attribute = ("I2I2I4"):pack(8, 1000, 0xdeadbeef)
    local bytes = ("I4I2I2I4I4"):pack(16 + #header + #attribute, 16, 0, 7, 0) .. header .. attribute
    local message = netlink.decode(bytes)[1]
    assert.equal(7, message.seq)
    assert.equal(("I4"):pack(0xdeadbeef), message.record.unknown[1000])
    local odd = netlink.decode(("I4I2I2I4I4"):pack(20, 999, 0, 0, 0) .. "abcd")[1]
    assert.equal(999, odd.type)
    assert.equal("abcd", odd.bytes)
    assert.same({}, netlink.decode "")
  end))

  -- What programs sent, by the commands of the golden messages.
  local function golden()
    local out = {}
    for name in must "ls tests/golden/commands/*.hex":gmatch "%S+" do
      for line in io.lines(name) do
        if line:match "^%S" then out[#out + 1] = "" end
        if line:match "^%s" then out[#out] = out[#out] .. line:gsub("%s", "") end
      end
    end
    for i, hex in ipairs(out) do
      out[i] = hex:gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)
    end
    return out
  end

  it("tells which object a bridge's neighbour is", fresh(function()
    must "ip link add br0 type bridge"
    local all = netlink.decode(sent(function() fdb.add("02:00:00:00:00:07", { dev = "br0", self = true }) end))
    assert.equal("fdb", all[1].object)
    assert.equal("02:00:00:00:00:07", all[1].record.lladdr)
  end))

  -- Reading a record reads every field of it; what is wrong with the bytes is no reason to fail, or worse.
  it("survives what is cut off or spoilt", fresh(function()
    local seed = 4711
    local function chance(n)
      seed = (seed * 1103515245 + 12345) % (1 << 31)
      return 1 + (seed >> 8) % n
    end
    local function read(bytes)
      local ok, all = pcall(netlink.decode, bytes)
      if not ok then
        assert.truthy(tostring(all):find("no message begins", 1, true), tostring(all))
        return
      end
      for _, message in ipairs(all) do
        if message.record then message.record() end
      end
      core.annotate(bytes)
    end
    for _, bytes in ipairs(golden()) do
      read(bytes)
      read(bytes:sub(1, chance(#bytes)))
      -- As if it were whole: the length in its header says so.
      local cut = bytes:sub(1, 16 + chance(#bytes - 16))
      read(("I4"):pack(#cut) .. cut:sub(5))
      for _ = 1, 2 do
        local at = 16 + chance(#bytes - 16)
        read(bytes:sub(1, at - 1) .. string.char(chance(256) - 1) .. bytes:sub(at + 1))
      end
    end
  end))

  it("takes a message apart that tells of several VLANs, or of several groups", fresh(function()
    local function attribute(kind, payload)
      local bytes = ("I2I2"):pack(4 + #payload, kind) .. payload
      return bytes .. ("\0"):rep(-#bytes % 4)
    end
    local function message(kind, payload)
      return ("I4I2I2I4I4"):pack(24 + #payload, kind, 0, 0, 0) .. ("I1I1I2I4"):pack(7, 0, 0, 4) .. payload
    end
    local function entry(vid, flags, last)
      local range = last and attribute(2, ("I2"):pack(last)) or ""
      return attribute(1, attribute(1, ("I2I2"):pack(flags, vid)) .. range .. attribute(3, "\3"))
    end
    local RTM_NEWVLAN, RTM_NEWMDB, PVID, UNTAGGED = 112, 84, 2, 4
    local options = attribute(9, "") -- another attribute than that of VLANs
    local vlans = netlink.decode(message(RTM_NEWVLAN, options .. entry(1, PVID | UNTAGGED) .. entry(100, UNTAGGED, 200) ..
                                         options .. entry(300, 0)))[1]
    assert.same({ "RTM_NEWVLAN", "vlan", 3 }, { vlans.type, vlans.object, #vlans.records })
    local said = {}
    for i, v in ipairs(vlans.records) do said[i] = { v.vid, v.pvid, v.untagged, v.state } end
    assert.same({ { 1, true, true, "forwarding" }, { "100-200", false, true, "forwarding" },
                  { 300, false, false, "forwarding" } }, said)
    local global = attribute(2, attribute(1, ("I2"):pack(10)) .. attribute(2, ("I2"):pack(20)) .. attribute(3, "\1"))
    local told = netlink.decode(message(RTM_NEWVLAN, global .. attribute(2, attribute(1, ("I2"):pack(30)))))[1]
    assert.same({ "vlan_global", 2 }, { told.object, #told.records })
    assert.same({ "10-20", true, 30 }, { told.records[1].vid, told.records[1].mcast_snooping, told.records[2].vid })
    local _, lines = tostring(vlans.records[2]):gsub("Egress Untagged", "")
    assert.equal(101, lines)

    local function port(group, more)
      return attribute(1, ("I4I1I1I2"):pack(5, 1, 0, 0) .. group .. ("\0"):rep(12) .. "\8\0\0\0" .. (more or ""))
    end
    local groups = attribute(1, attribute(1, port("\239\1\1\1", attribute(1, ("I4"):pack(26000))) ..
                                             port("\239\1\1\1", attribute(4, "\10\0\0\9"))) ..
                                attribute(1, port "\239\1\1\2"))
    local mdbs = netlink.decode(message(RTM_NEWMDB, groups .. attribute(2, "")))[1]
    said = {}
    for i, e in ipairs(mdbs.records) do said[i] = { e.grp, e.src or false, e.state, e.timer or false } end
    assert.same({ { "239.1.1.1", false, "permanent", 26000 }, { "239.1.1.1", "10.0.0.9", "permanent", false },
                  { "239.1.1.2", false, "permanent", false } }, said)
    assert.same({}, netlink.decode(message(RTM_NEWMDB, ""))[1].records)
  end))

  it("says where no message begins", fresh(function()
    fails("at byte 0 no message begins", netlink.decode, "short")
    fails("at byte 16 no message begins", netlink.decode, ("I4I2I2I4I4"):pack(16, 3, 0, 0, 0) .. "x")
    fails("bytes are needed, not a number", netlink.decode, 5)
  end))
end)
