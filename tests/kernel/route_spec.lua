-- route: routing tables, read by ip.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function wire()
  link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
end

local function shown(words)
  return json("ip -d -j " .. words)[1]
end

describe("route", function()
  it("adds routes of both families with all that goes with them", fresh(function()
    wire()
    route.add("10.9.0.0/16", { via = "10.0.0.254", dev = "v0", metric = 5, src = "10.0.0.1",
                               protocol = "static", table = 100, mtu = 1200, advmss = 1000, hoplimit = 9,
                               initcwnd = 20, initrwnd = 30, window = 4000, tos = 16 })
    local r = shown "route show table 100"
    assert.same({ "10.9.0.0/16", "10.0.0.254", "v0", 5, "10.0.0.1", "static" },
                { r.dst, r.gateway, r.dev, r.metric, r.prefsrc, r.protocol })
    local m = r.metrics[1]
    assert.same({ 1200, 1000, 9, 20, 30, 4000 },
                { m.mtu, m.advmss, m.hoplimit, m.initcwnd, m.initrwnd, m.window })
    route.add("fd09::/64", { via = "fd00::fe", pref = "high" })
    r = shown "-6 route show fd09::/64"
    assert.same({ "fd00::fe", "high" }, { r.gateway, r.pref })
  end))

  it("fills in what ip fills in", fresh(function()
    wire()
    route.add("default", { via = "10.0.0.254" })
    route.add("10.1.0.0/16", { dev = "v0" })
    route.add("10.2.0.0/16", { type = "blackhole" })
    route.add("10.3.0.1", { type = "local", dev = "v0" })
    route.add("10.4.0.255", { type = "broadcast", dev = "v0" })
    must "ip route add 10.11.0.0/16 dev v0; ip route add blackhole 10.12.0.0/16"
    must "ip route add local 10.13.0.1 dev v0; ip route add broadcast 10.14.0.255 dev v0"
    local function words(dst)
      return (must("ip -d route show table all " .. dst):gsub("^(%S+) %S+", "%1"))
    end
    assert.equal("unicast via 10.0.0.254 dev v0 table main proto boot scope global \n", words "default")
    assert.equal(words "10.11.0.0/16", words "10.1.0.0/16")
    assert.equal(words "10.12.0.0/16", words "10.2.0.0/16")
    assert.equal(words "10.13.0.1", words "10.3.0.1")
    assert.equal(words "10.14.0.255", words "10.4.0.255")
  end))

  it("deletes the first that agrees, whatever its scope, type and protocol", fresh(function()
    wire()
    must "ip route add blackhole 10.2.0.0/16 proto static; ip route add 10.3.0.0/16 dev v0 scope link"
    must "ip route add local 10.4.0.1 dev v0"
    route.delete "10.2.0.0/16"
    route.delete "10.3.0.0/16"
    route.delete("10.4.0.1", { type = "local" })
    route.delete "fd00::/64"
    assert.equal("", must "ip route show table all 10.2.0.0/14")
    assert.equal("", must "ip -6 route show fd00::/64")
    assert.is_false((pcall(route.delete, "10.2.0.0/16")))
  end))

  it("appends and replaces", fresh(function()
    wire()
    route.add("10.9.0.0/16", { via = "10.0.0.2" })
    assert.is_false((pcall(route.add, "10.9.0.0/16", { via = "10.0.0.3" })))
    route.append("10.9.0.0/16", { via = "10.0.0.3" })
    assert.equal(2, #json "ip -j route show 10.9.0.0/16")
    route.delete("10.9.0.0/16", { via = "10.0.0.3" })
    route.replace("10.9.0.0/16", { via = "10.0.0.4" })
    assert.equal("10.0.0.4", shown "route show 10.9.0.0/16".gateway)
  end))

  it("asks the kernel which way", fresh(function()
    wire()
    route.add("default", { via = "10.0.0.254" })
    route.add("10.2.0.0/16", { type = "blackhole" })
    route.add("10.3.0.0/16", { type = "unreachable" })
    route.add("10.4.0.0/16", { type = "prohibit" })
    route.add("10.5.0.0/16", { type = "throw" })
    local r = route.get "192.0.2.1"
    assert.same({ "10.0.0.254", "v0", "10.0.0.1" }, { r.via, r.dev, r.src })
    assert.equal("v0", route.get("fd00::9").dev)
    assert.equal("v0", route.get("10.0.0.9", { from = "10.0.0.1" }).dev)
    for dst, code in pairs { ["10.2.0.1"] = "EINVAL", ["10.3.0.1"] = "EHOSTUNREACH",
                             ["10.4.0.1"] = "EACCES", ["fd77::1"] = "ENETUNREACH" } do
      local none, e = route.get(dst)
      assert.same({ nil, code }, { none, e.code })
    end
    for _, bad in ipairs { "default", "10.0.0.1/24", "here", {}, "" } do
      assert.is_false((pcall(route.get, bad)))
    end
  end))

  it("lists main unless asked, and says the family by the address", fresh(function()
    wire()
    route.add("default", { via = "fd00::fe" })
    local function found(filter)
      local out = {}
      for _, r in ipairs(route.list(filter)) do out[#out + 1] = r.dst end
      table.sort(out)
      return table.concat(out, " ")
    end
    assert.equal("10.0.0.0/24", found())
    assert.equal("10.0.0.0/24", found { exact = "10.0.0.0/24" })
    assert.equal("10.0.0.0/24", found { table = 254, dev = "v0" })
    assert.equal("fd00::/64", found { exact = "FD00:0::/64" })
    assert.equal("default", found { via = "fd00:0::fe" })
    assert.equal("default", found { exact = "::/0" })
    assert.equal("10.0.0.1", found { exact = "10.0.0.1/32", table = "all" })
    assert.equal("10.0.0.1 10.0.0.255", found { table = "local", dev = "v0" })
    assert.equal("", found { exact = "10.0.0.0/25" })
    local n = {}
    for r in route.each { table = "all", dev = "v0" } do
      n[r.family] = (n[r.family] or 0) + 1
      assert.equal("v0", r.dev)
    end
    assert.equal(3, n.inet)
    assert.truthy(n.inet6 >= 2) -- all tables are those of all families
    n = 0
    for _ in route.each { table = "all", dev = "v0", family = "inet" } do n = n + 1 end
    assert.equal(3, n)
  end))

  it("wraps packets as the route says, and gives that back", fresh(function()
    wire()
    local CASES = {
      { "10.8.0.0/24", { ip = { id = 5, src = "10.0.0.1", dst = "10.0.0.9", ttl = 3, tos = 4, key = true, csum = false,
                                seq = true } } },
      { "fd08::/64", { ip6 = { id = 5, src = "fd00::1", dst = "fd00::9", hoplimit = 3, tc = 4, key = false,
                               csum = true, seq = false } } },
      { "fd08:1::/64", { seg6 = { mode = "inline", segs = { "fd00::2", "fd00::3" } } } },
      { "fd08:2::/64", { seg6 = { mode = "encap", segs = { "fd00::2" }, hmac = 7 } } },
      { "fd08:3::/64", { seg6local = { action = "End.DX2", oif = "v1" } } },
      { "fd08:4::/64", { seg6local = { action = "End.B6.Encaps", segs = { "fd00::2", "fd00::3" } } } },
      { "fd08:5::/64", { seg6local = { action = "End.X", nh6 = "fd00::5", count = true } } },
    }
    for _, case in ipairs(CASES) do
      local dst, encap = table.unpack(case)
      local ok, e = pcall(route.add, dst, { dev = "v0", encap = encap })
      if not ok and e.code == "EOPNOTSUPP" then return pending("this kernel lacks " .. next(encap)) end
      assert(ok, e)
      local record = route.list { exact = dst }[1]
      assert.same(encap, record.encap)
      route.delete(dst)
      route.add(dst, record) -- what is read can be given
      assert.same(encap, route.list { exact = dst }[1].encap)
      local kind = next(encap)
      assert.truthy(must(("ip %s route show %s"):format(dst:find ":" and "-6" or "-4", dst)):find("encap " .. kind, 1, true))
    end
    nexthop.add(7, { dev = "v0", encap = { ip = { id = 5, dst = "10.0.0.9" } } })
    route.add("10.8.1.0/24", { nhid = 7 })
    route.replace("10.8.1.0/24", route.list { exact = "10.8.1.0/24" }[1])
    assert.truthy(must "ip route show 10.8.1.0/24":find "nhid 7")
  end))

  it("prints MPLS labels as ip does", function()
    assert.equal(" encap mpls  100/200 ttl 9", require("nslab.format.route").encap { mpls = { labels = "100/200", ttl = 9 } })
  end)

  it("puts MPLS labels in front of packets", fresh(function()
    wire()
    local encap = { mpls = { labels = "100/200", ttl = 9 } }
    local ok, e = pcall(route.add, "10.8.0.0/24", { via = "10.0.0.9", encap = encap })
    if not ok and e.code == "EOPNOTSUPP" then return pending "this kernel has no MPLS" end
    assert(ok, e)
    local record = route.list { exact = "10.8.0.0/24" }[1]
    assert.same(encap, record.encap)
    assert.truthy(must "ip route show 10.8.0.0/24":find("encap mpls  100/200 ttl 9 via 10.0.0.9", 1, true))
    assert.equal(must "ip route show 10.8.0.0/24":gsub("%s+$", ""), (tostring(record):gsub("%s+$", "")))
    route.replace("10.8.0.0/24", record)
    assert.same(encap, route.list { exact = "10.8.0.0/24" }[1].encap)
  end))

  it("says what is wrong with an encapsulation", fresh(function()
    wire()
    for _, case in ipairs {
      { { mpls = { labels = "16/x" } }, "encap.mpls.labels", '"16/x" are no labels' },
      { { mpls = { labels = 1 << 20 } }, "encap.mpls.labels", '"1048576" are no labels' },
      { { mpls = {} }, "encap.mpls.labels", "this option is needed" },
      { { gre = {} }, "encap", '"gre" is no encapsulation that can be made' },
      { {}, "encap", "which encapsulation is not said" },
      { { ip = { id = 1 }, ip6 = { id = 1 } }, "encap", "a packet is wrapped once" },
      { { ip = { id = 1, dst = "fd00::1" } }, "encap.ip.dst", "an IPv4 address is needed" },
      { { ip = { di = 1 } }, "encap.ip.di", "route.encap.ip has no such option" },
      { { seg6 = { mode = "encp", segs = { "fd00::1" } } }, "encap.seg6.mode", '"encp" is none of its words' },
      { { seg6 = { mode = "encap", segs = {} } }, "encap.seg6.segs", "the list is empty" },
      { { seg6 = { mode = "encap", segs = { "10.0.0.1" } } }, "encap.seg6.segs", "a segment is an IPv6 address" },
      { "ip", "encap", "a table, { mpls = { labels = 100 } }, is needed, not a string" },
    } do
      local ok, e = pcall(route.add, "10.8.0.0/24", { dev = "v0", encap = case[1] })
      assert.is_false(ok)
      assert.equal(case[2], e.field)
      assert.truthy(tostring(e):find(case[3], 1, true), tostring(e))
    end
    local ok, e = pcall(route.add, "fd08::/64", { dev = "v0", encap = { seg6local = { action = "End.X" } } })
    assert.same({ false, "encap" }, { ok, e.field })
  end))

  it("lists what lies in a network, and what leads to one, as ip does", fresh(function()
    wire()
    for _, dst in ipairs { "default", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/23", "10.1.2.3", "11.0.0.0/8" } do
      route.add(dst, { dev = "v0" })
    end
    for _, dst in ipairs { "::/0", "fd01::/32", "fd01:0:8000::/33", "fd01:0:8000::1" } do
      route.add(dst, { dev = "v0", family = "inet6" })
    end
    local function same(command, filter)
      local wanted, got = {}, {}
      for _, r in ipairs(json("ip -j " .. command)) do wanted[#wanted + 1] = r.dst end
      for _, r in ipairs(route.list(filter)) do got[#got + 1] = r.dst end
      assert.same(wanted, got, command)
      assert(#got > 0, command)
    end
    for _, network in ipairs { "10.1.0.0/16", "10.1.2.0/23", "10.1.3.0/24", "10.1.2.3", "0.0.0.0/0", "8.0.0.0/6" } do
      if network ~= "10.1.3.0/24" then same("route show root " .. network, { root = network }) end
      same("route show match " .. network, { match = network })
    end
    for _, network in ipairs { "fd01::/32", "fd01:0:8000::/33", "fd01:0:8000::1", "::/0" } do
      same("-6 route show root " .. network, { root = network, family = "inet6" })
      same("-6 route show match " .. network, { match = network, family = "inet6" })
    end
    assert.equal(3, #route.list { root = "10.1.0.0/16", match = "10.1.2.3" })
    assert.equal(3, route.flush { root = "10.1.0.0/16" })
    assert.same({ 0, 2 }, { #json "ip -j route show root 10.1.0.0/16", #json "ip -j route show root 10.0.0.0/7 proto boot" })
    local r = route.list { exact = "10.0.0.0/8" }[1]
    assert.is_nil(r.root)
    assert.is_nil(r().match)
    local ok, e = pcall(route.add, "10.5.0.0/16", { dev = "v0", root = "10.0.0.0/8" })
    assert.same({ false, "root", "only list, each and flush take this, to choose" }, { ok, e.field, e.text or e.kernel })
  end))

  it("flushes what the filter says", fresh(function()
    wire()
    route.add("10.1.0.0/16", { dev = "v0", table = 100 })
    route.add("10.2.0.0/16", { type = "blackhole", table = 100 })
    route.add("10.3.0.0/16", { dev = "v0" })
    assert.equal(2, route.flush { table = 100 })
    assert.equal("", must "ip route show table 100")
    assert.equal(2, #json "ip -j route")
    route.flush { family = "inet6", dev = "v0", exact = "fd00::/64" }
    assert.equal("", must "ip -6 route show fd00::/64")
  end))

  it("takes options from a table that inherits them, and names the key that is given twice", fresh(function()
    wire()
    local usual = { dev = "v0", metric = 7, protocol = "static" }
    route.add("10.9.0.0/16", setmetatable({ mtu = 1200 }, { __index = usual }))
    local r = shown "route show 10.9.0.0/16"
    assert.same({ "v0", 7, "static", 1200 }, { r.dev, r.metric, r.protocol, r.metrics[1].mtu })
    local ok, e = pcall(route.add, "10.8.0.0/16", { dev = "v0", dst = "10.8.0.0/16" })
    assert.same({ false, "dst", "this is the first argument, not an option" }, { ok, e.field, e.text })
  end))

  it("gives back what a record has", fresh(function()
    wire()
    route.add("10.9.0.0/16", { via = "10.0.0.254", metric = 5, protocol = "static", mtu = 1200 })
    local before = must "ip -d route show 10.9.0.0/16"
    local record = route.list { exact = "10.9.0.0/16" }[1]
    route.delete(record)
    assert.equal("", must "ip route show 10.9.0.0/16")
    route.add(record)
    assert.equal(before, must "ip -d route show 10.9.0.0/16")
  end))
end)

describe("a long list", function()
  it("pauses the collector while it is made, and not longer, whatever happens", fresh(function()
    wire()
    local function running() return collectgarbage "isrunning" end
    route.list()
    assert.is_true(running())
    route.list { dev = "v0" }
    assert.is_false((pcall(route.list, { via = "nowhere" })))
    assert.is_false((pcall(netns "gone".route.list)))
    assert.is_true(running())
    collectgarbage "stop"
    route.list()
    assert.is_false(running())
    collectgarbage "restart"
    netlink.batch(function(b)
      assert.is_true(#b.route.list() >= 1)
      assert.is_true(running())
    end)
    assert.equal(1, route.flush { dev = "v0" })
    assert.is_true(running())
  end))
end)
