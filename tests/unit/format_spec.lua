-- format: texts of records as iproute2 prints them. The records are plain tables here: what the kernel
-- tells, and that ip prints the same, is tests/oracle's.

local format = require "nslab.format"

local LO = {
  ifindex = 1, name = "lo", up = true, flags = { "LOOPBACK", "UP", "LOWER_UP", "RUNNING" },
  mtu = 65536, qdisc = "noqueue", operstate = "unknown", mode = "default", group = "default",
  txqueuelen = 1000, hardware_type = 772, address = "00:00:00:00:00:00",
  broadcast = "00:00:00:00:00:00",
}

local X0 = {
  ifindex = 5, name = "x0", link = "x1", up = true, flags = { "BROADCAST", "MULTICAST", "UP" },
  mtu = 1500, qdisc = "noqueue", master = "br0", operstate = "lowerlayerdown", mode = "default",
  group = "default", txqueuelen = 1000, hardware_type = 1, address = "02:00:00:00:00:05",
  broadcast = "ff:ff:ff:ff:ff:ff",
}

local X1 = {
  ifindex = 4, name = "x1", link = "x0", up = false, flags = { "BROADCAST", "MULTICAST" },
  mtu = 1500, qdisc = "noop", operstate = "down", mode = "default", group = 7, txqueuelen = 1000,
  hardware_type = 1, address = "02:00:00:00:00:04", broadcast = "ff:ff:ff:ff:ff:ff",
}

local LO_TEXT = [[
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00]]

local NOTHING = {}

-- The table with some entries changed; NOTHING takes one away.
local function with(t, changes)
  local out = {}
  for key, v in pairs(t) do out[key] = v end
  for key, v in pairs(changes) do
    if v == NOTHING then out[key] = nil else out[key] = v end
  end
  return out
end

local function list(object, filter, records, netns)
  setmetatable(records, { object = object, filter = filter, netns = netns })
  return format.list(records)
end

describe("a link", function()
  it("is two lines", function()
    assert.equal(LO_TEXT, format.link(LO))
  end)

  it("has no carrier when it is up and not running", function()
    local text = format.link(with(X0, { link = NOTHING }))
    assert.equal([[
5: x0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue master br0 state LOWERLAYERDOWN ]] ..
      "mode DEFAULT group default qlen 1000\n    link/ether 02:00:00:00:00:05 brd ff:ff:ff:ff:ff:ff", text)
  end)

  local function beyond(value)
    return format.link(with(X1, { link = value })):match "^4: x1(%S*):"
  end

  it("names what it leads to, or has its number, or knows that it is nothing", function()
    assert.equal("@if7", beyond(7))
    assert.equal("@NONE", beyond(false))
    assert.equal("", beyond(NOTHING))
  end)

  it("tells in which namespace the other end is", function()
    local function tail(changes)
      return format.link(with(X1, changes)):match "ff:ff:ff:ff:ff:ff(.*)$"
    end
    local red = { name = "red" }
    assert.equal(" link-netns red", tail { link = 2, link_netnsid = 0, link_netns = red })
    assert.equal(" link-netnsid 3", tail { link = 2, link_netnsid = 3 })
    assert.equal(" link-netnsid 3", tail { link = 2, link_netnsid = 3, link_netns = netns.host })
    assert.equal(" link-netnsid unknown", tail { link = 2, link_netnsid = -1 })
    assert.equal("", tail { link = 2 })
  end)

  it("has an alias and other names in lines of their own", function()
    local text = format.link(with(X1, { link = NOTHING, alias = "a cable", altnames = { "one", "two" } }))
    assert.equal("\n    alias a cable\n    altname one\n    altname two",
                 text:match "ff:ff:ff:ff:ff:ff(.*)$")
  end)

  it("of another hardware has ip's word for it, or a number", function()
    local function hardware(changes)
      return format.link(with(LO, changes)):match "\n    (.*)$"
    end
    local none = { hardware_type = 65534, address = NOTHING, broadcast = NOTHING }
    assert.equal("link/none", hardware(none))
    assert.equal("link/none 00:00:00:07 brd 00:00:00:00", hardware {
      hardware_type = 65534, address = "0.0.0.7", broadcast = "0.0.0.0" }) -- of an external GRE
    assert.equal("link/[12345] 00:00:00:00:00:00 brd 00:00:00:00:00:00",
                 hardware { hardware_type = 12345 })
    assert.equal("link/gre 10.0.0.1 peer 10.0.0.2", hardware {
      hardware_type = 778, address = "10.0.0.1", broadcast = "10.0.0.2",
      flags = { "POINTOPOINT", "NOARP" },
    })
  end)

  it("of a list knows whether the one below is up", function()
    local text = list("link", nil, { with(X0, {}), with(X1, {}) }, netns.host)
    assert.truthy(text:find("5: x0@x1: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> ", 1, true))
    assert.truthy(text:find("\n4: x1@x0: <BROADCAST,MULTICAST> ", 1, true))
  end)
end)

local V4 = {
  address = "10.0.0.1/24", dev = "x0", family = "inet", broadcast = "10.0.0.255", scope = "global",
  label = "x0", permanent = true, valid_lft = "forever", preferred_lft = "forever",
}

local V6 = {
  address = "fd00::1/64", dev = "x0", family = "inet6", scope = "global", permanent = true,
  valid_lft = "forever", preferred_lft = "forever",
}

local V4_TEXT = [[
    inet 10.0.0.1/24 brd 10.0.0.255 scope global x0
       valid_lft forever preferred_lft forever]]

local V6_TEXT = [[
    inet6 fd00::1/64 scope global
       valid_lft forever preferred_lft forever]]

describe("an address", function()
  it("is two lines", function()
    assert.equal(V4_TEXT, format.addr(V4))
    assert.equal(V6_TEXT, format.addr(V6))
  end)

  local function first(address, changes)
    return format.addr(with(address, changes)):match "^    ([^\n]*)"
  end

  it("stands before its peer, whose prefix it has", function()
    assert.equal("inet 10.0.0.1 peer 10.9.0.1/32 scope global x0",
                 first(V4, { address = "10.0.0.1/32", peer = "10.9.0.1/32", broadcast = NOTHING }))
  end)

  it("has a metric, a scope, flags in ip's order", function()
    assert.equal("inet 10.0.0.1/24 metric 5 brd 10.0.0.255 scope 77 secondary noprefixroute x0",
                 first(V4, { metric = 5, scope = 77, secondary = true, noprefixroute = true }))
    assert.equal("inet6 fd00::1/64 scope link temporary nodad deprecated dynamic mngtmpaddr stable-privacy",
                 first(V6, { scope = "link", secondary = true, nodad = true, deprecated = true,
                             permanent = false, mngtmpaddr = true, stable_privacy = true }))
    assert.equal("inet6 fd00::1/64 scope global dadfailed tentative",
                 first(V6, { dadfailed = true, tentative = true }))
  end)

  it("lives for so many seconds", function()
    local text = format.addr(with(V6, { valid_lft = 100, preferred_lft = 0 }))
    assert.equal("       valid_lft 100sec preferred_lft 0sec", text:match "\n(.*)$")
  end)
end)

describe("addresses", function()
  -- A namespace with three links and the addresses; nothing else is asked of it.
  local function holding(addresses)
    local links = { LO, with(X1, { link = NOTHING }), with(X0, { link = NOTHING }) }
    return { link = { list = function() return links end, get = function() end },
             addr = { list = function() return addresses end } }
  end

  local function heads(text)
    local out = {}
    for word in ("\n" .. text):gmatch "\n(%S+ %S+)" do out[#out + 1] = word end
    return table.concat(out, " ")
  end

  it("stand under their link", function()
    local text = list("addr", {}, { V4, V6 }, holding { V4, V6 })
    assert.equal("1: lo: 4: x1: 5: x0:", heads(text))
    assert.equal(V4_TEXT .. "\n" .. V6_TEXT, text:match "5: x0.-ff:ff:ff:ff:ff:ff\n(.*)$")
    assert.is_nil(text:find("mode", 1, true))
  end)

  it("of one link stand alone", function()
    assert.equal("5: x0:", heads(list("addr", { dev = "x0" }, { V4 }, holding { V4 })))
    assert.equal("4: x1:", heads(list("addr", { dev = 4 }, {}, holding { V4 })))
  end)

  it("of one family stand without the hardware, under the links that have some", function()
    local text = list("addr", { family = "inet" }, { V4 }, holding { V4, V6 })
    assert.equal("5: x0:", heads(text))
    assert.is_nil(text:find("link/", 1, true))
    assert.is_nil(list("addr", { family = "inet6" }, { V6 }, holding { V6 }):find("qdisc", 1, true))
  end)

  it("that were asked for hide the links that have only others", function()
    assert.equal("1: lo: 4: x1:", heads(list("addr", { scope = "link" }, {}, holding { V4 })))
  end)
end)

local ROUTE = {
  type = "unicast", dst = "default", family = "inet", via = "10.0.0.254", dev = "x0", table = "main",
  protocol = "boot", scope = "global", tos = 0, flags = {},
}

describe("a route", function()
  local function text(changes)
    return format.route(with(ROUTE, changes))
  end

  it("is one line, without what every route has", function()
    assert.equal("default via 10.0.0.254 dev x0", text {})
    assert.equal("10.0.0.0/24 dev x0 proto kernel scope link src 10.0.0.1 linkdown",
                 text { dst = "10.0.0.0/24", via = NOTHING, protocol = "kernel", scope = "link",
                        src = "10.0.0.1", flags = { "linkdown" } })
  end)

  it("has the measures that were set", function()
    assert.equal("default via 10.0.0.254 dev x0 metric 10 onlink mtu 1400 advmss 1200 initcwnd 20",
                 text { metric = 10, mtu = 1400, advmss = 1200, initcwnd = 20, flags = { "onlink" } })
  end)

  it("may lead nowhere", function()
    assert.equal("unreachable 10.9.0.0/16",
                 text { type = "unreachable", dst = "10.9.0.0/16", via = NOTHING, dev = NOTHING })
  end)

  it("has a kind of service by name or number, and a source", function()
    assert.equal("default from 10.1.0.0/16 tos 0x08 via 10.0.0.254 dev x0",
                 text { from = "10.1.0.0/16", tos = 8 })
    assert.equal("default tos AF11 via 10.0.0.254 dev x0", text { tos = "AF11" })
  end)

  it("of IPv6 has a preference", function()
    assert.equal("fd00::/64 dev x0 metric 256 pref medium", text {
      family = "inet6", dst = "fd00::/64", via = NOTHING, metric = 256, pref = "medium",
      hoplimit = 0xFFFFFFFF,
    })
  end)

  it("that answers has its flags in a line of their own", function()
    assert.equal("local 10.0.0.1 dev lo src 10.0.0.1 mark 0x10 uid 0\n    cache <local>", text {
      type = "local", dst = "10.0.0.1", via = NOTHING, dev = "lo", src = "10.0.0.1", mark = 16, uid = 0,
      flags = { "cache", "local" },
    })
    assert.equal("10.0.0.9 dev x0 src 10.0.0.1 mark 5 uid 0\n    cache mtu 1400", text {
      dst = "10.0.0.9", via = NOTHING, src = "10.0.0.1", mark = 5, uid = 0, mtu = 1400,
      flags = { "cache" },
    })
  end)
end)

describe("routes", function()
  local ONE = with(ROUTE, { table = 100, protocol = "static", scope = "link", src = "10.0.0.1",
                            metric = 5 })

  local function text(filter)
    return list("route", filter, { ONE })
  end

  it("do not have what they were asked for by", function()
    assert.equal("default via 10.0.0.254 dev x0 proto static scope link src 10.0.0.1 metric 5",
                 text { table = 100 })
    assert.equal("default via 10.0.0.254 table 100 proto static scope link src 10.0.0.1 metric 5",
                 text { table = "all", dev = "x0" })
    assert.equal("default dev x0 proto static scope link src 10.0.0.1 metric 5", text { via = "10.0.0.254" })
    assert.equal("default via 10.0.0.254 dev x0", text { protocol = "static", scope = "link",
                                                         src = "10.0.0.1", metric = 5 })
  end)
end)

describe("a neighbour", function()
  local ENTRY = { dst = "10.0.0.9", dev = "x0", lladdr = "02:00:00:00:00:09", nud = "reachable" }

  it("is one line", function()
    assert.equal("10.0.0.9 dev x0 lladdr 02:00:00:00:00:09 REACHABLE", format.neigh(ENTRY))
    assert.equal("10.0.0.9 dev x0 FAILED",
                 format.neigh(with(ENTRY, { lladdr = NOTHING, nud = "failed" })))
  end)

  it("has flags, and who made it", function()
    local more = { router = true, proxy = true, extern_learn = true, nud = "none", protocol = "static" }
    assert.equal("10.0.0.9 dev x0 lladdr 02:00:00:00:00:09 router proxy extern_learn proto static",
                 format.neigh(with(ENTRY, more)))
  end)

  it("of one link does not name it", function()
    assert.equal("10.0.0.9 lladdr 02:00:00:00:00:09 REACHABLE", list("neigh", { dev = "x0" }, { ENTRY }))
  end)
end)

describe("a rule", function()
  local RULE = { priority = 32766, from = "all", action = "lookup", table = "main", flags = {},
                 suppress_prefixlength = -1 }

  local function text(changes)
    return format.rule(with(RULE, changes))
  end

  it("is one line", function()
    assert.equal("32766:\tfrom all lookup main", text {})
    assert.equal("0:\tfrom all lookup local", text { priority = 0, table = "local" })
  end)

  it("has what it is for", function()
    assert.equal("7:\tnot from 10.0.0.0/24 to 10.1.0.0/16 tos 0x10 fwmark 0x1/0xff iif x0 oif lo " ..
                 "ipproto tcp lookup 100 proto static", text {
      priority = 7, invert = true, from = "10.0.0.0/24", to = "10.1.0.0/16", tos = 16, fwmark = 1,
      fwmask = 255, iif = "x0", oif = "lo", ipproto = "tcp", table = 100, protocol = "static",
    })
  end)

  it("has a mark without the mask that is all ones", function()
    assert.equal("32766:\tfrom all fwmark 0x5 lookup main", text { fwmark = 5, fwmask = 0xFFFFFFFF })
    assert.equal("32766:\tfrom all fwmark 0/0x1 lookup main", text { fwmask = 1 })
  end)

  it("tells that its link is not there, or where it leads", function()
    assert.equal("32766:\tfrom all iif x9 [detached] lookup main",
                 text { iif = "x9", flags = { "iif_detached" } })
    assert.equal("32766:\tfrom all goto 99 [unresolved]",
                 text { table = NOTHING, action = "goto", target = 99, flags = { "unresolved" } })
    assert.equal("32766:\tfrom all prohibit", text { table = NOTHING, action = "prohibit" })
    assert.equal("32766:\tfrom all lookup main suppress_prefixlength 0", text { suppress_prefixlength = 0 })
  end)
end)

describe("a list", function()
  it("of nothing is no text", function()
    for _, object in ipairs { "link", "route", "neigh", "rule", "netns" } do
      assert.equal("", list(object, {}, {}, netns.host))
    end
  end)
end)

describe("a route of labels", function()
  it("names the labels, the gateway and the link of each way in this order", function()
    local text = format.mpls { label = "103", protocol = "boot", flags = {}, nexthops = {
      { as = "5", via = "10.0.0.2", dev = "d0", flags = {} }, { via = "fd00::3", dev = "d0", flags = { "dead" } } } }
    assert.equal("103\n\tnexthop as to 5 via inet 10.0.0.2 dev d0\n\tnexthop via inet6 fd00::3 dev d0 dead", text)
  end)
end)
