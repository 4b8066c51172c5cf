-- link: other names, statistics, waiting; read by ip and by sysfs.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function altnames(name)
  return json("ip -j link show " .. name)[1].altnames
end

local function pair()
  link.add("v0", { veth = { peer = "v1" } })
end

describe("link.property_add", function()
  local LONG = "the-cable-to-the-switch-of-the-second-floor"

  it("gives names by which the link is found, and takes them away", fresh(function()
    pair()
    link.property_add("v0", { altname = { LONG, "second" } })
    assert.same({ LONG, "second" }, altnames "v0")
    assert.same({ LONG, "second" }, link.get("v0").altnames)
    assert.equal("v0", link.get(LONG).name)
    link.set(LONG, { mtu = 1300 })
    assert.equal(1300, json "ip -j link show v0"[1].mtu)
    link.property_delete(LONG, { altname = LONG })
    assert.same({ "second" }, altnames "v0")
    assert.is_nil((link.get(LONG)))
  end))

  it("says what is wrong", fresh(function()
    pair()
    link.property_add("v0", { altname = "other" })
    local function code(fn, ...)
      local ok, err = pcall(fn, ...)
      return ok or err.code
    end
    assert.equal("EEXIST", code(link.property_add, "v1", { altname = "other" }))
    assert.equal("ENAMETOOLONG", code(link.property_add, "v0", { altname = ("x"):rep(128) }))
    assert.equal("EINVAL", code(link.property_add, "v0", { altname = "" }))
    assert.equal("EINVAL", code(link.property_add, "v0", { altname = { "a", 7 } }))
    assert.equal("EINVAL", code(link.property_add, "v0", { name = "a" }))
    assert.equal("EINVAL", code(link.property_add, "v0"))
    assert.equal("ENODEV", code(link.property_add, "nothing", { altname = "a" }))
    assert.same({ "other" }, altnames "v0")
  end))
end)

describe("the statistics of a link", function()
  it("are those of sysfs", fresh(function()
    link.add("v0", { veth = { peer = "v1" } })
    for _, name in ipairs { "v0", "v1" } do link.set(name, { addrgenmode = "none", up = true }) end
    addr.add("10.0.0.1/24", { dev = "v0" }) -- and IPv6, which speaks when it likes to, has none
    addr.add("10.0.1.1/24", { dev = "v1" })
    pcall(function() netns.host:ping("10.0.0.2", { timeout_ms = 50 }) end)
    local stats = link.get("v0").stats
    for _, name in ipairs { "rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "tx_dropped", "multicast" } do
      assert.equal(tonumber(must("cat /sys/class/net/v0/statistics/" .. name)), stats[name], name)
    end
    assert.truthy(stats.tx_packets > 0)
  end))
end)

describe("link.wait", function()
  it("returns when the link is up, has a carrier, has addresses", fresh(function()
    link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
    link.wait("v0", { up = true, carrier = true })
    assert.equal("1\n", must "cat /sys/class/net/v0/carrier")
    assert.equal("UP", json "ip -j link show v0"[1].operstate)
    addr.add("fd00::1/64", { dev = "v0", nodad = false })
    link.wait("v0", { addresses = true })
    assert.equal("", must "ip -6 addr show dev v0 tentative")
  end))

  it("wakes when it comes to be, and not before", fresh(function()
    pair()
    link.set("v1", { up = true })
    local later <close> = netns.host:spawn { "sh", "-c", "sleep 0.2; ip link set v0 up" }
    link.wait("v0", { carrier = true, timeout_ms = 5000 })
    assert.equal("UP", json "ip -j link show v0"[1].operstate)
    assert(later)
  end))

  it("waits for a link that is not there yet", fresh(function()
    local later <close> = netns.host:spawn { "sh", "-c", "sleep 0.2; ip link add late up type bridge" }
    link.wait("late", { up = true })
    assert.equal("late", json "ip -j link show late"[1].ifname)
    assert(later)
  end))

  it("says what is missing when the time is over", fresh(function()
    pair()
    local function missing(name, options)
      options.timeout_ms = 20
      local ok, err = pcall(link.wait, name, options)
      assert.same({ false, "ETIMEDOUT" }, { ok, err.code })
      return err.text
    end
    assert.matches("not up", missing("v0", { up = true }))
    assert.matches("no carrier", missing("v0", { carrier = true }))
    assert.matches("no address", missing("v0", { addresses = true }))
    assert.matches("no such link", missing("nothing", { up = true }))
    local ok, err = pcall(link.wait, "v0", {})
    assert.same({ false, "EINVAL" }, { ok, err.code })
  end))

  it("waits in the namespace of the handle", fresh(function()
    local red = netns.add "red"
    link.add("v0", { netns = red, up = true, veth = { peer = { name = "v1", up = true } } })
    red.link.wait("v0", { carrier = true })
    assert.equal("UP", json "ip -n red -j link show v0"[1].operstate)
  end))
end)

describe("link.set", function()
  it("says which option a link of that kind does not have", fresh(function()
    pair()
    for key, value in pairs { carrier = false, protodown = true } do
      local ok, err = pcall(link.set, "v0", { [key] = value })
      assert.is_false(ok)
      assert.same({ "EOPNOTSUPP", key }, { err.code, err.field })
    end
    link.add("m0", { link = "v0", type = "macvlan" })
    link.set("m0", { protodown = true })
    assert.is_true(json("ip -j -d link show m0")[1].proto_down)
  end))

  it("moves it to a namespace by name, process or open file", fresh(function()
    local red = netns.add "red"
    local process <close> = red:spawn { "sleep", "60" }
    local function is_there(name)
      return json("ip -n red -j link show " .. name)[1].ifname
    end
    for name, to in pairs { v0 = "red", v1 = process.pid, v2 = red, v3 = { fd = true } } do
      link.add(name, { veth = { peer = "w" .. name } })
      if type(to) == "table" then
        local file <close> = assert(io.open "/run/netns/red")
        link.set(name, { netns = file })
      else
        link.set(name, { netns = to })
      end
      assert.equal(name, is_there(name))
    end
  end))

  it("gives it a half of IPv6 addresses, which ip token tells", fresh(function()
    pair()
    link.set("v0", { token = "::5" })
    assert.equal("::5", json("ip -j token get dev v0")[1].token)
    assert.is_nil(link.get("v1").token)
    link.add("v2", { veth = { peer = "v3" }, token = "::7" })
    assert.equal("::7", json("ip -j token get dev v2")[1].token)
    link.set("v0", { token = "::" })
    assert.equal("::", json("ip -j token get dev v0")[1].token)
    assert.is_nil(link.get("v0").token)
    assert.equal("token", select(2, pcall(link.set, "v0", { token = "10.0.0.1" })).field)
  end))

  it("takes a vrf for the master that it is", function()
    local words = require "nslab.words"
    assert.same({ master = "blue" }, words.read("ip link set v0 vrf blue").options)
    assert.same({ master = "blue" }, words.read("ip link show vrf blue").options)
    assert.equal("ip link set v0 master blue",
      words.command { module = "link", verb = "set", key = "v0", options = { master = "blue" } })
  end)
end)

describe("a link without options of its kind", function()
  for _, kind in ipairs { "dummy", "ifb", "nlmon", "team", "wireguard", "vcan" } do
    it(("is made, read and found: %s"):format(kind), fresh(function()
      local ok, err = pcall(link.add, "x0", { type = kind, mtu = 1280 })
      if not ok and err.code == "EOPNOTSUPP" then return pending("this kernel has no " .. kind) end
      assert(ok, err)
      assert.equal(kind, json("ip -d -j link show x0")[1].linkinfo.info_kind)
      local got = link.get "x0"
      assert.same({ kind, 1280, "x0" }, { got.type, got.mtu, link.list({ type = kind })[1].name })
    end))
  end

  it("takes others in: team", fresh(function()
    local ok, err = pcall(link.add, "t0", { type = "team" })
    if not ok and err.code == "EOPNOTSUPP" then return pending "this kernel has no team" end
    assert(ok, err)
    pair()
    link.set("v0", { master = "t0" })
    assert.same({ "t0", "team" }, { link.get("v0").master, link.get("v0").slave_type })
    local is = json("ip -d -j link show v0")[1]
    assert.same({ "t0", "team" }, { is.master, is.linkinfo.info_slave_kind })
    assert.equal("v0", link.list({ master = "t0" })[1].name)
    link.set("v0", { master = false })
    assert.is_nil(json("ip -d -j link show v0")[1].master)
  end))
end)

describe("link.flush", function()
  it("removes the links of a group, and no other", fresh(function()
    for i = 1, 4 do link.add("v" .. i, { group = 7, veth = { peer = "w" .. i } }) end
    link.add("br0", { type = "bridge", group = 8 })
    link.add("br1", { type = "bridge" })
    local red = netns.add "red"
    red.link.add("br2", { type = "bridge", group = 7 })
    link.flush { group = 7 }
    local left = {}
    for i, l in ipairs(json "ip -j link") do left[i] = l.ifname end
    table.sort(left)
    assert.same({ "br0", "br1", "lo" }, left)
    assert.equal("br2", json("ip -n red -j link show br2")[1].ifname)
    sh "ip -n red link del group 7; ip link delete group 8"
    assert.equal("lo", json("ip -n red -j link")[1].ifname)
    assert.same({ 1, 2 }, { #json "ip -n red -j link", #json "ip -j link" })
  end))

  it("says what is wrong", fresh(function()
    local function code(options)
      local ok, err = pcall(link.flush, options)
      return ok or err.code
    end
    assert.equal("ENODEV", code { group = 77 })
    assert.equal("EPERM", code { group = "default" })
    assert.equal("EINVAL", code {})
    assert.equal("EINVAL", code { type = "bridge" })
    assert.equal("EINVAL", code { group = 5, type = "bridge" })
    assert.equal("lo", json("ip -j link")[1].ifname)
  end))

  it("is the command of ip", function()
    local words = require "nslab.words"
    local op = words.read "ip -n red link del group 7"
    assert.same({ module = "link", verb = "flush", netns = "red", options = { group = 7 } }, op)
    assert.equal("ip -n red link del group 7", words.command(op))
    assert.is_false((pcall(words.read, "ip link del mtu 7")))
  end)
end)

it("a link can lie on one of another namespace, by the numbers of both", fresh(function()
  local red = netns.add "red"
  pair()
  link.set("v0", { netns = red })
  local there, nsid = json("ip -n red -j link show v0")[1].ifindex, nil
  for id, name in must("ip netns list-id"):gmatch "nsid (%d+) %(iproute2 netns name: (%w+)%)" do
    if name == "red" then nsid = math.tointeger(tonumber(id)) end
  end
  link.add("m0", { link = there, link_netnsid = nsid, type = "macvlan" })
  local is = json("ip -d -j link show m0")[1]
  assert.same({ there, nsid, "macvlan" }, { is.link_index, is.link_netnsid, is.linkinfo.info_kind })
  assert.same({ there, nsid }, { link.get("m0").link, link.get("m0").link_netnsid })
  sh(("ip link add m1 link if%d link-netnsid %d type macvlan mode bridge"):format(there, nsid))
  assert.equal(nsid, json("ip -d -j link show m1")[1].link_netnsid)
end))
