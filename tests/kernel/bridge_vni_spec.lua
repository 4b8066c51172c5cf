-- vni: the list of networks that a vxlan takes frames of. What we enter is read by bridge, what bridge enters
-- is read by us; and frames of networks that are not in the list are dropped.

local harness = require "harness"
local words = require "nslab.words"

local json, must = harness.json, harness.must

local function vxlan(name, options)
  local all = { external = true, vnifilter = true, dstport = 4789 }
  for k, v in pairs(options or {}) do all[k] = v end
  link.add(name, { vxlan = all })
end

-- vx0 has a list; vx2 too, and sends over v0; vx1 has none. false: this kernel has no such lists.
local function wire()
  link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
  if not (pcall(vxlan, "vx0") and pcall(vni.list)) then return false end
  vxlan("vx1", { vnifilter = false, dstport = 4790 })
  vxlan("vx2", { dev = "v0", dstport = 4791 })
  return true
end

local function wired(fn)
  return harness.fresh(function()
    if not wire() then return pending "this kernel has no vxlan with a list of networks (Linux 5.18)" end
    return fn()
  end)
end

-- What bridge tells of the vxlan: one of several messages comes several times.
local function told(dev)
  local all = {}
  for _, port in ipairs(json "bridge -j vni show") do
    if port.ifname == dev then table.move(port.vnis, 1, #port.vnis, #all + 1, all) end
  end
  return all
end

local function refused(text, fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.matches(text, tostring(err), 1, true)
  return err
end

describe("the list of a vxlan", function()
  it("has what was entered, as bridge tells", wired(function()
    vni.add(7, { dev = "vx0" })
    vni.add("100-110", { dev = "vx0", remote = "10.0.0.2" })
    vni.add(200, { dev = "vx0", remote = "fd00::2" })
    assert.same({ { vni = 7 }, { vni = 100, vniEnd = 110, remote = "10.0.0.2" }, { vni = 200, remote = "fd00::2" } },
                told "vx0")
    vni.add("16777214-16777215", { dev = "vx2", group = "239.1.1.1" })
    vni.add(5, { dev = "vx2", group = "ff05::1" })
    assert.same({ { vni = 5, group = "ff05::1" }, { vni = 16777214, vniEnd = 16777215, group = "239.1.1.1" } }, told "vx2")
  end))

  it("has another address when a network is entered again", wired(function()
    vni.add("7-9", { dev = "vx0", remote = "10.0.0.2" })
    vni.add(8, { dev = "vx0", remote = "10.0.0.3" })
    assert.same({ { vni = 7, remote = "10.0.0.2" }, { vni = 8, remote = "10.0.0.3" }, { vni = 9, remote = "10.0.0.2" } },
                told "vx0")
  end))

  it("lacks what was deleted: one, some of a range, a record", wired(function()
    vni.add("100-110", { dev = "vx0", remote = "10.0.0.2" })
    vni.add(7, { dev = "vx0" })
    vni.delete("103-104", { dev = "vx0" })
    vni.delete(7, { dev = "vx0" })
    assert.same({ { vni = 100, vniEnd = 102, remote = "10.0.0.2" }, { vni = 105, vniEnd = 110, remote = "10.0.0.2" } },
                told "vx0")
    local record = vni.get(107, { dev = "vx0" })
    vni.delete(record)
    assert.same({ { vni = 100, vniEnd = 102, remote = "10.0.0.2" } }, told "vx0")
    vni.add(record)
    assert.same({ vni = 105, vniEnd = 110, remote = "10.0.0.2" }, told "vx0"[2])
  end))

  it("is read as bridge made it, and chosen from", wired(function()
    must "bridge vni add vni 100-110 dev vx0 remote 10.0.0.2 && bridge vni add vni 7 dev vx0"
    must "bridge vni add vni 105-120 dev vx2 group 239.1.1.1"
    local said = {}
    for n in vni.each() do said[#said + 1] = ("%s %s %s %s"):format(n.dev, n.vni, n.remote, n.group) end
    assert.same({ "vx0 7 nil nil", "vx0 100-110 10.0.0.2 nil", "vx2 105-120 nil 239.1.1.1" }, said)
    assert.same({ "integer", "string" }, { math.type(vni.get(7).vni), type(vni.get(105).vni) })
    assert.equal("239.1.1.1", vni.get(105, { dev = "vx2" }).group)
    assert.equal(2, #vni.list { vni = "108-130" })
    assert.equal(1, #vni.list { vni = 120 })
    assert.equal(0, #vni.list { vni = "8-99" })
    assert.equal(1, #vni.list { vni = "0-7" })
    assert.equal(1, #vni.list { remote = "10.0.0.2" })
    assert.equal(0, #vni.list { dev = "vx1" })
    local none, err = vni.get(8)
    assert.is_nil(none)
    assert.equal("ENOENT", err.code)
  end))

  it("is printed as bridge prints it, and filled by bridge's commands", wired(function()
    words.sh "bridge vni add vni 100-110 dev vx0 remote 10.0.0.2"
    words.sh "bridge vni add vni 16777214-16777215 dev vx0"
    words.sh "bridge vni add vni 7 dev vx0"
    words.sh "bridge vni add vni 9 dev vx2 group ff05::1"
    words.sh "bridge vni add vni 10-11 dev vx2"
    assert.equal(must "bridge vni show", tostring(vni.list()) .. "\n")
    assert.equal(must "bridge vni show dev vx2", tostring(vni.list { dev = "vx2" }) .. "\n")
    words.sh "bridge vni delete vni 100-110 dev vx0"
    words.sh "bridge vni del dev vx0 vni 7"
    assert.same({ { vni = 16777214, vniEnd = 16777215 } }, told "vx0")
  end))

  it("is whole when it needs several messages of the kernel", wired(function()
    netlink.batch(function(b)
      for i = 1, 2000 do b.vni.add(2 * i, { dev = "vx0", remote = "fd00::2" }) end
    end)
    assert.equal(2000, #told "vx0")
    local seen = {}
    for n in vni.each { dev = "vx0" } do seen[n.vni] = true end
    for i = 1, 2000 do assert.is_true(seen[2 * i]) end
    assert.equal(2000, #vni.list())
  end))

  it("tells what is wrong, and how to go on", wired(function()
    vni.add("7-9", { dev = "vx0" })
    local err = refused("vx1 has no list of networks", vni.add, 7, { dev = "vx1" })
    assert.equal("EOPNOTSUPP", err.code)
    assert.matches("vnifilter = true", err.hint, 1, true)
    err = refused("v0 is no vxlan", vni.add, 7, { dev = "v0" })
    assert.equal("EINVAL", err.code)
    err = refused("vx0 does not say by which link it sends to a group", vni.add, 7, { dev = "vx0", group = "239.1.1.1" })
    assert.matches("dev = ", err.hint, 1, true)
    refused("group: this is no multicast address", vni.add, 7, { dev = "vx0", group = "10.0.0.2" })
    refused("remote: this is a multicast address", vni.add, 7, { dev = "vx0", remote = "239.1.1.1" })
    refused("vni: 16777216 is not in 0..16777215", vni.add, 16777216, { dev = "vx0" })
    refused("vni: the kernel does not take 0 alone", vni.add, 0, { dev = "vx0" })
    refused("vni: 9-7 ends before it begins", vni.add, "9-7", { dev = "vx0" })
    refused("no range such as", vni.list, { vni = "seven" })
    refused("dev: this option is needed", vni.add, 7)
    refused("vx0 has no such network in its list", vni.delete, 99, { dev = "vx0" })
    refused("dev is missing", words.sh, "bridge vni add vni 7")
    assert.same({ { vni = 7, vniEnd = 9 } }, told "vx0")
    refused("vx0 has no such network in its list", vni.delete, "8-10", { dev = "vx0" })
    assert.same({ { vni = 7 } }, told "vx0")
  end))

  it("is heard by a watcher: an event for each network", wired(function()
    local w <close> = netns.watch { objects = { "vni" } }
    must "bridge vni add vni 100-101 dev vx0 remote 10.0.0.2"
    must "bridge vni delete vni 101 dev vx0"
    for _, want in ipairs { { "new", 100 }, { "new", 101 }, { "delete", 101 } } do
      local event = assert(w:next(2000))
      assert.same({ want[1], "vni", "vx0", want[2], "10.0.0.2" },
                  { event.event, event.object, event.record.dev, event.record.vni, event.record.remote })
    end
  end))
end)

-- Two machines with a cable between them: one speaks of network 7 alone, the other one has a list.
local function machines()
  local one, two = netns.add "one", netns.add "two"
  link.add("u1", { netns = one, up = true, addrgenmode = "none", veth = { peer = { name = "u2", netns = two, up = true } } })
  one.addr.add("10.0.0.1/24", { dev = "u1" })
  two.addr.add("10.0.0.2/24", { dev = "u2" })
  one.link.add("x", { up = true, addrgenmode = "none", vxlan = { id = 7, remote = "10.0.0.2", dstport = 4789 } })
  one.addr.add("10.7.0.1/24", { dev = "x" })
  one.neigh.add("10.7.0.2", { dev = "x", lladdr = "02:00:00:00:00:02", nud = "permanent" })
  local ok = pcall(two.link.add, "x", { up = true, addrgenmode = "none", address = "02:00:00:00:00:02",
                                        vxlan = { external = true, vnifilter = true, dstport = 4789 } })
  return ok, one, two
end

describe("a network that is not in the list", function()
  it("is dropped, and taken when it is", harness.fresh(function()
    local ok, one, two = machines()
    if not ok then return pending "this kernel has no vxlan with a list of networks (Linux 5.18)" end
    local function counted(dev)
      return tonumber(two:exec({ "cat", ("/sys/class/net/%s/statistics/rx_packets"):format(dev) }).stdout)
    end
    -- How many of ten frames come through that arrive at the other machine.
    local function through()
      local cable, inside = counted "u2", counted "x"
      one:exec { "bash", "-c", "for i in {1..10}; do printf x >/dev/udp/10.7.0.2/9; done" }
      for _ = 1, 100 do
        if counted "u2" >= cable + 10 then break end
        must "sleep 0.02"
      end
      assert.is_true(counted "u2" >= cable + 10)
      return counted "x" - inside
    end
    one:ping("10.0.0.2", { count = 1 }) -- they know each other's hardware addresses
    two.vni.add("8-9", { dev = "x" })
    assert.equal(0, through())
    two.vni.add(7, { dev = "x" })
    assert.equal(10, through())
    two.vni.delete("7-8", { dev = "x" })
    assert.equal(0, through())
  end))
end)
