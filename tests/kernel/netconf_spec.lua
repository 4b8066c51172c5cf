-- netconf and nsid: how links are set, and the numbers of other namespaces, beside what ip tells of both.

local harness = require "harness"
local words = require "nslab.words"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function trimmed(text)
  return (tostring(text):gsub("%s+\n", "\n"):gsub("%s+$", ""))
end

describe("netconf", function()
  it("tells of each link what sysctl says", fresh(function()
    link.add("v0", { veth = { peer = "v1" } })
    must [[sysctl -qw net.ipv4.conf.v0.forwarding=1 net.ipv4.conf.v0.rp_filter=2 net.ipv4.conf.v1.proxy_arp=1
      sysctl -qw net.ipv4.conf.v1.ignore_routes_with_linkdown=1 net.ipv4.conf.v0.bc_forwarding=1
      sysctl -qw net.ipv6.conf.v1.forwarding=1 net.ipv4.conf.default.rp_filter=1]]
    local v0, v1 = netconf.get "v0", netconf.get "v1"
    assert.same({ "v0", "inet", true, "loose", true, false },
                { v0.dev, v0.family, v0.forwarding, v0.rp_filter, v0.bc_forwarding, v0.proxy_neigh })
    -- Those that nobody has set follow the default.
    assert.same({ false, "strict", true, true }, { v1.forwarding, v1.rp_filter, v1.proxy_neigh, v1.ignore_routes_with_linkdown })
    assert.same({ "inet6", true }, { netconf.get("v1", { family = "inet6" }).family,
                                     netconf.get("v1", { family = "inet6" }).forwarding })
    assert.equal("strict", netconf.get "default".rp_filter)
    assert.equal(false, netconf.get "all".forwarding)
    assert.equal("v0", netconf.list { forwarding = true }[1].dev)
    local n = 0
    for _ in netconf.each { family = "inet6" } do n = n + 1 end
    assert.equal(#json "ip -j -6 netconf show", n)
    assert.equal(#json "ip -j netconf show", #netconf.list())
  end))

  it("prints what ip prints", fresh(function()
    link.add("v0", { veth = { peer = "v1" } })
    sysctl.set("net.ipv4.conf.v0.rp_filter", 1)
    for _, line in ipairs { "ip netconf", "ip netconf show", "ip -4 netconf show dev v0", "ip -6 netconf show",
                            "ip netconf show dev v1" } do
      assert.equal(trimmed(must(line)), trimmed(words.sh(line)), line)
    end
  end))

  it("knows the settings of MPLS, where the kernel has any", fresh(function()
    local told = string.pack("<I4I2I2I4I4 Bxxx I2I2i4 I2I2i4", 36, 80, 0, 0, 0, 28, 8, 1, 7, 8, 7, 1)
    local record = netlink.decode(told)[1].record
    assert.same({ "mpls", "if7", true }, { record.family, record.dev, record.input })
    assert.equal("mpls if7 input on", tostring(record))
  end))

  it("says which link is not there, and that it is no place to change something", fresh(function()
    local ok, e = pcall(netconf.get, "nope")
    assert.same({ false, "ENODEV" }, { ok, e.code })
    ok, e = pcall(netconf.get, "lo", { forwarding = true })
    assert.same({ false, "forwarding" }, { ok, e.field })
  end))
end)

describe("nsid", function()
  it("gives namespaces numbers, and finds them by these", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    nsid.set { netns = red, nsid = 5 }
    nsid.set { netns = "blue" }
    local told = {}
    for _, entry in ipairs(json "ip -j netns list-id") do told[entry.name] = entry.nsid end
    assert.equal(5, told.red)
    assert.truthy(told.blue)
    assert.equal(blue, nsid.get { nsid = told.blue }.netns)
    assert.same({ 5, red }, { nsid.get { netns = "red" }.nsid, nsid.list { nsid = 5 }[1].netns })
    assert.same({ told.blue, 1 }, { nsid.list { netns = blue }[1].nsid, #nsid.list { netns = "red" } })
    red.nsid.set { netns = netns.host, nsid = 3 }
    assert.same({ 3 }, { json "ip -n red -j netns list-id"[1].nsid })
    assert.equal(netns.host, red.nsid.get { nsid = 3 }.netns)
    netns.add "green"
    local none, e = nsid.get { netns = "green" }
    assert.same({ "ENOENT" }, { e.code, none })
    none, e = nsid.get { nsid = 77 }
    assert.same({ "nsid", "ENOENT" }, { e.field, e.code, none })
  end))

  it("prints and reads ip's words", fresh(function()
    local ops = {}
    netns.add "red"
    netns.add "blue"
    require("nslab.core").observe(function(op) ops[#ops + 1] = words.command(op) end)
    words.sh "ip netns set red 5 && ip -n red netns set blue auto && ip netns list-id nsid 5"
    nsid.set { netns = netns "blue", nsid = 6 }
    nsid.list()
    require("nslab.core").observe(nil)
    assert.same({ "ip netns set red 5", "ip -n red netns set blue auto", "ip netns list-id nsid 5",
                  "ip netns set blue 6", "ip netns list-id" }, ops)
    for _, line in ipairs { "ip netns list-id", "ip -n red netns list-id", "ip netns list-id nsid 5", "ip netns" } do
      assert.equal(trimmed(must(line)), trimmed(words.sh(line)), line)
    end
    for _, line in ipairs { "ip netns set red", "ip netns set red five", "ip netns list-id nsid", "ip netns list-id x" } do
      assert.is_false((pcall(words.sh, line)), line)
    end
  end))

  it("explains what is wrong", fresh(function()
    netns.add "red"
    netns.add "blue"
    nsid.set { netns = "red", nsid = 5 }
    for _, case in ipairs {
      { { netns = "red", nsid = 6 }, "EEXIST" }, { { netns = "blue", nsid = 5 }, "EEXIST" },
      { { netns = "rde" }, "ENOENT" }, { { nsid = 5 }, "EINVAL" }, { { netns = "blue", nsid = -2 }, "ERANGE" },
      { { netns = "blue", nsid = "some" }, "EINVAL" }, { { netns = "blue", id = 5 }, "EINVAL" },
    } do
      local ok, e = pcall(nsid.set, case[1])
      assert.same({ false, case[2] }, { ok, e.code }, tostring(e))
    end
    assert.is_false((pcall(nsid.get, {})))
    assert.equal(1, #json "ip -j netns list-id")
  end))

  it("and netconf are watched", fresh(function()
    netns.add "red"
    nsid.set { netns = "red", nsid = 5 }
    local w <close> = netns.watch { timeout_ms = 2000, objects = { "nsid", "netconf" } }
    must "sysctl -qw net.ipv4.conf.lo.forwarding=1"
    local event = w:next()
    assert.same({ "new", "netconf", "lo", true }, { event.event, event.object, event.record.dev, event.record.forwarding })
    netns.add "blue"
    must "ip netns set blue 9"
    repeat event = w:next() until event.object == "nsid" and event.record.nsid == 9
    assert.equal("new", event.event)
    must "ip -n red link add v0 type veth peer name v1; ip -n red link del v0"
    repeat event = w:next() until event.event == "delete"
    assert.same({ "netconf", netns "red" }, { event.object, event.netns })
  end))
end)

describe("sysctl", function()
  it("shows a group of settings as the program does", fresh(function()
    local function lines(text)
      local out = {}
      for line in tostring(text):gmatch "[^\n]+" do
        out[#out + 1] = line:gsub("%s+", " "):gsub(" $", "")
      end
      table.sort(out)
      return table.concat(out, "\n")
    end
    assert.equal(lines(must "sysctl net.ipv4.conf.lo 2>/dev/null"), lines(words.sh "sysctl net.ipv4.conf.lo"))
    local all = sysctl.list "net.ipv6.conf.lo"
    assert.equal(0, all["net.ipv6.conf.lo.forwarding"])
    assert.is_nil(all["net.ipv6.conf.all.forwarding"])
  end))
end)
