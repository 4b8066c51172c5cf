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

  it("raises what the kernel says, and what is wrong before that", fresh(function()
    fails("EEXIST", netlink.request, { type = "RTM_NEWLINK", flags = { "create", "excl" }, fields = { name = "lo" } })
    fails("ENODEV", netlink.request, { type = "RTM_GETLINK", fields = { name = "gone" } })
    fails('Did you mean "RTM_GETLINK"?', netlink.request, { type = "RTM_GETLNK" })
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

  it("says where no message begins", fresh(function()
    fails("at byte 0 no message begins", netlink.decode, "short")
    fails("at byte 16 no message begins", netlink.decode, ("I4I2I2I4I4"):pack(16, 3, 0, 0, 0) .. "x")
    fails("bytes are needed, not a number", netlink.decode, 5)
  end))
end)
