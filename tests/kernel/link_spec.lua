-- link: what is made, changed and found, read by ip.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function shown(name, ns)
  return json(("ip -d -j %s link show dev %s"):format(ns and "-n " .. ns or "", name))[1]
end

local function names(ns)
  local out = {}
  for _, l in ipairs(json(("ip -j %s link"):format(ns and "-n " .. ns or ""))) do
    out[#out + 1] = l.ifname
  end
  table.sort(out)
  return out
end

describe("link.add", function()
  it("makes a bridge with its options", fresh(function()
    link.add("br0", { mtu = 1400, address = "02:00:00:00:00:01", txqueuelen = 77, group = 5,
                      bridge = { forward_delay = 400, priority = 4096, stp_state = true } })
    local l = shown "br0"
    assert.same({ 1400, "02:00:00:00:00:01", 77, "5", "bridge" },
                { l.mtu, l.address, l.txqlen, l.group, l.linkinfo.info_kind })
    local data = l.linkinfo.info_data
    assert.same({ 400, 4096, 1 }, { data.forward_delay, data.priority, data.stp_state })
  end))

  it("gives what a new link does not take in a second message", fresh(function()
    link.add("br0", { type = "bridge", alias = "the switch", addrgenmode = "none", up = true })
    local l = shown "br0"
    assert.same({ "the switch", "none" }, { l.ifalias, l.inet6_addr_gen_mode })
    assert.truthy(must "ip link show br0":find "<[^>]*UP")
    assert.equal("", must "ip -6 addr show dev br0")
  end))

  it("checks what goes into the second message before it sends the first", fresh(function()
    local ok, e = pcall(link.add, "br0", { type = "bridge", alias = ("x"):rep(300) })
    assert.same({ false, "alias", "link.add" }, { ok, e.field, e.op })
    assert.same({ "lo" }, names())
  end))

  it("gives the second message where the link is born", fresh(function()
    netns.add "red"
    link.add("v0", { netns = "red", alias = "far", up = true, veth = { peer = "v1" } })
    local l = shown("v0", "red")
    assert.equal("far", l.ifalias)
    assert.truthy(must "ip -n red link show v0":find "<[^>]*UP")
  end))

  it("leaves the options of a bridge alone that is born elsewhere", fresh(function()
    netns.add "red"
    link.add("br0", { netns = "red", bridge = { forward_delay = 400, hello_time = 300, max_age = 900 } })
    local data = shown("br0", "red").linkinfo.info_data
    assert.same({ 400, 300, 900 }, { data.forward_delay, data.hello_time, data.max_age })
  end))

  it("takes the master from where the link is born", fresh(function()
    local red = netns.add "red"
    link.add("padding", { type = "bridge" }) -- so that numbers differ
    red.link.add("br0", { type = "bridge" })
    link.add("v0", { netns = red, master = "br0", veth = { peer = "v1" } })
    assert.equal("br0", shown("v0", "red").master)
    local ok, e = pcall(link.add, "v2", { netns = red, master = "padding", veth = { peer = "v3" } })
    assert.same({ false, "master", "ENODEV" }, { ok, e.field, e.code })
  end))

  it("leaves the other end where the call acts, and brings it up there", fresh(function()
    local red = netns.add "red"
    link.add("v0", { netns = red, veth = { peer = { name = "v1", up = true } } })
    assert.same({ "lo", "v1" }, names())
    assert.same({ "lo", "v0" }, names "red")
    assert.truthy(must "ip link show v1":find "<[^>]*UP")
  end))

  it("brings both ends up, wherever they are born", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    link.add("v0", { netns = red, up = true, veth = { peer = { name = "v1", netns = blue, up = true } } })
    assert.truthy(must "ip -n red link show v0":find "<[^>]*LOWER_UP")
    assert.truthy(must "ip -n blue link show v1":find "<[^>]*LOWER_UP")
    assert.same({ "lo" }, names())
  end))

  it("finds other numbers when its own are taken where the ends are born", fresh(function()
    local red = netns.add "red"
    for i = 1, 40 do red.link.add("br" .. i, { type = "bridge" }) end
    for i = 1, 3 do link.add("v" .. i, { netns = red, veth = { peer = "w" .. i } }) end
    assert.equal(44, #names "red")
  end))

  it("gives the other end the number that is asked for it", fresh(function()
    link.add("v0", { veth = { peer = { name = "v1", ifindex = 99 } } })
    assert.equal(99, shown "v1".ifindex)
    link.add("v2", { ifindex = 55, veth = { peer = { name = "v3", ifindex = 56 } } })
    assert.same({ 55, 56 }, { shown "v2".ifindex, shown "v3".ifindex })
  end))

  it("takes a namespace as handle, name, pid, file and descriptor", fresh(function()
    local red = netns.add "red"
    local file <close> = assert(io.open "/run/netns/red")
    link.add("a0", { netns = red, veth = { peer = "b0" } })
    link.add("a1", { netns = "red", veth = { peer = "b1" } })
    link.add("a2", { netns = file, veth = { peer = { name = "b2", netns = file, up = true } } })
    link.add("a3", { netns = tonumber(must("echo $PPID")), veth = { peer = "b3" } })
    collectgarbage()
    assert.equal("file", io.type(file)) -- and still the caller's
    assert.equal("", file:read "a" or "")
    assert.same({ "a0", "a1", "a2", "b2", "lo" }, names "red")
    assert.same({ "a3", "b0", "b1", "b3", "lo" }, names())
  end))

  it("copies a link from a record", fresh(function()
    link.add("br0", { mtu = 1400, alias = "first", bridge = { forward_delay = 400 } })
    local record = link.get "br0"
    record.bridge.vlan_filtering = nil -- a kernel without it refuses even `false`
    record.address = nil
    record.mtu = 1300
    link.add("br1", record)
    local l = shown "br1"
    assert.same({ 1300, "first", 400 }, { l.mtu, l.ifalias, l.linkinfo.info_data.forward_delay })
    assert.not_equal(shown "br0".address, l.address)
  end))
end)

describe("link.set", function()
  it("changes every flag and field of a link", fresh(function()
    link.add("v0", { veth = { peer = "v1" } })
    link.set("v0", { arp = false, multicast = false, allmulticast = true, promisc = true, dynamic = true,
                     mtu = 1300, txqueuelen = 5, alias = "cable", group = 7, mode = "dormant",
                     address = "02:00:00:00:00:09", broadcast = "ff:ff:ff:ff:ff:fe" })
    local l = shown "v0"
    assert.same({ 1300, 5, "cable", "7", "DORMANT", "02:00:00:00:00:09", "ff:ff:ff:ff:ff:fe" },
                { l.mtu, l.txqlen, l.ifalias, l.group, l.linkmode, l.address, l.broadcast })
    local flags = {}
    for _, f in ipairs(l.flags) do flags[f] = true end
    assert.same({ true, nil, true, true, true },
                { flags.NOARP, flags.MULTICAST, flags.ALLMULTI, flags.PROMISC, flags.DYNAMIC })
  end))

  it("renames, by name and by number", fresh(function()
    link.add("v0", { veth = { peer = "v1" } })
    link.set("v0", { name = "w0" })
    link.set(link.get("v1").ifindex, { name = "w1" })
    assert.same({ "lo", "w0", "w1" }, names())
  end))

  it("never takes a number for a name", fresh(function()
    -- with a number in its header, a request renames the link that has it
    link.add("v0", { veth = { peer = "v1" } })
    link.add("br0", { type = "bridge" })
    local ok, e = pcall(link.set, "v0", { ifindex = link.get("br0").ifindex })
    assert.same({ false, "ifindex" }, { ok, e.field })
    assert.same({ "br0", "lo", "v0", "v1" }, names())
  end))

  it("sets the way of the address before the link comes up", fresh(function()
    link.add("v0", { veth = { peer = { name = "v1", up = true } } })
    link.set("v0", { up = true, addrgenmode = "none" })
    must "sleep 0.05"
    assert.equal("", must "ip -6 addr show dev v0")
    assert.truthy(must "ip link show v0":find "<[^>]*UP")
  end))

  it("takes a link out of its bridge", fresh(function()
    link.add("br0", { type = "bridge" })
    link.add("v0", { master = "br0", veth = { peer = "v1" } })
    assert.equal("br0", shown "v0".master)
    link.set("v0", { master = false })
    assert.is_nil(shown "v0".master)
  end))

  it("moves a link with all that is asked of it", fresh(function()
    local red = netns.add "red"
    red.link.add("br0", { type = "bridge" })
    link.add("v0", { veth = { peer = "v1" } })
    link.set("v0", { netns = red, name = "w0", master = "br0", up = true })
    local l = shown("w0", "red")
    assert.equal("br0", l.master)
    assert.truthy(must "ip -n red link show w0":find "<[^>]*UP")
  end))
end)

describe("link.get", function()
  it("finds a link by name, other name, number and record", fresh(function()
    link.add("v0", { veth = { peer = "v1" } })
    must "ip link property add dev v0 altname a-second-name-that-is-long"
    local l = link.get "v0"
    assert.equal("v0", link.get("a-second-name-that-is-long").name)
    assert.equal("v0", link.get(l.ifindex).name)
    assert.equal("v0", link.get(l).name)
    assert.same({ "a-second-name-that-is-long" }, l.altnames)
    link.set("a-second-name-that-is-long", { up = true })
    assert.truthy(must "ip link show v0":find "<[^>]*UP")
  end))

  it("gives nil and why for a link that is not there", fresh(function()
    local l, e = link.get "nope"
    assert.is_nil(l)
    assert.same({ "ENODEV", "link.get", "nope" }, { e.code, e.op, e.key })
  end))

  it("raises for what can name no link", fresh(function()
    for _, name in ipairs { "", "a\0b", ("x"):rep(128), {}, true } do
      assert.is_false((pcall(link.get, name)))
    end
    assert.is_false((pcall(link.get)))
    assert.is_false((pcall(link.get, "lo", { mtu = 1 })))
  end))

  it("shows the other end of a veth, whichever namespace it is in", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    link.add("v0", { netns = red, veth = { peer = { name = "v1", netns = blue } } })
    local peer = red.link.get("v0").veth.peer
    assert.same({ "v1", blue, blue.link.get("v1").ifindex }, { peer.name, peer.netns, peer.ifindex })
    link.add("v2", { veth = { peer = "v3" } })
    assert.same({ "v3", netns.host },
                { link.get("v2").veth.peer.name, link.get("v2").veth.peer.netns })
  end))
end)

describe("link.delete", function()
  it("takes a record", fresh(function()
    link.add("v0", { veth = { peer = "v1" } })
    link.delete(link.get "v0")
    assert.same({ "lo" }, names())
  end))

  it("takes no options", fresh(function()
    link.add("br0", { type = "bridge" })
    assert.is_false((pcall(link.delete, "br0", { up = true })))
    assert.same({ "br0", "lo" }, names())
  end))
end)

describe("link.list", function()
  it("finds by kind, master, flag and the options of a kind", fresh(function()
    link.add("br0", { up = true, bridge = { forward_delay = 400 } })
    link.add("br1", { type = "bridge" })
    link.add("v0", { master = "br0", veth = { peer = "v1" } })
    local function found(filter)
      local out = {}
      for _, l in ipairs(link.list(filter)) do out[#out + 1] = l.name end
      return table.concat(out, " ")
    end
    assert.equal("br0 br1", found { type = "bridge" })
    assert.equal("v0", found { master = "br0" })
    assert.equal("v1", found { type = "veth", master = false })
    assert.equal("br0", found { bridge = { forward_delay = 400 } })
    assert.equal("br0", found { up = true, type = "bridge" })
    assert.equal("br1", found { up = false, type = "bridge" })
    assert.equal("lo br0 br1 v1 v0", found {})
    assert.equal("", found { mtu = 1 })
  end))
end)

describe("link.each", function()
  it("closes its socket whichever way the loop ends", fresh(function()
    local lfs = require "lfs"
    local function open()
      local n = 0
      for _ in lfs.dir "/proc/self/fd" do n = n + 1 end
      return n
    end
    local before = open()
    collectgarbage "stop"
    for l in link.each() do if l.name == "lo" then break end end
    assert.equal(before, open())
    pcall(function() for _ in link.each() do error "stop" end end)
    assert.equal(before, open())
    for _ in link.each() do end
    assert.equal(before, open())
    local co = coroutine.wrap(function() for l in link.each() do coroutine.yield(l.name) end end)
    assert.equal("lo", co())
    assert.is_nil(co())
    assert.equal(before, open())
  end))

  it("ends when its loop has ended", fresh(function()
    local next_link, _, _, box = link.each()
    assert.equal("lo", next_link().name)
    getmetatable(box).__close(box)
    assert.is_nil(next_link())
  end))
end)
