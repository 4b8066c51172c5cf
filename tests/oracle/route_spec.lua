-- route: what we make and ip reads, what ip makes and we read, what both print. Every row of a route has
-- a case here.

local harness = require "harness"
local oracle = require "oracle"

local json, must = harness.json, harness.must

-- v0 and v1 are a cable whose ends are up.
local function wire()
  link.set("lo", { up = true })
  link.add("v0", { up = true, address = "02:00:00:00:00:10", addrgenmode = "none",
                   veth = { peer = { name = "v1", address = "02:00:00:00:00:11" } } })
  link.set("v1", { addrgenmode = "none", up = true }) -- an address of its own would come some time later
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
  for _ = 1, 1000 do -- what the kernel adds by itself comes a little later
    local there = {}
    for _, r in ipairs(route.list { family = "inet6", table = "local" }) do there[r.dst .. " " .. r.dev] = true end
    if there["fd00::1 v0"] and there["ff00::/8 v0"] and there["ff00::/8 v1"] then break end
    os.execute "sleep 0.01"
  end
  return "02:00:00:00:00:10 02:00:00:00:00:11"
end

-- The entry of ip's list for the destination, and ours.
local function told(dst)
  for _, entry in ipairs(json("ip -j -d route show table all exact " .. dst)) do
    if entry.dst == dst then return entry end
  end
end

local function found(dst)
  return route.list({ exact = dst, table = "all" })[1]
end

local SHOW = {
  { "ip route", function() return route.list() end },
  { "ip -6 route", function() return route.list { family = "inet6" } end },
  { "ip route show table all", function() return route.list { table = "all" } end },
  { "ip route show table local", function() return route.list { table = "local" } end },
  { "ip route show dev v0", function() return route.list { dev = "v0" } end },
  { "ip route show proto kernel", function() return route.list { protocol = "kernel" } end },
}

local NET, NET6 = "10.9.0.0/16", "fd99::/64"
local metric = function(name) return function(r) return r.metrics and r.metrics[1][name] end end
local flag = function(word)
  return function(r)
    for _, one in ipairs(r.flags) do
      if one == word then return true end
    end
    return false
  end
end

-- { key, dst, options (dev is v0 unless bare), words for ip, where ip says it, what it says, what we say }
local CASES = {
  { "family", NET6, { family = "inet6" }, "", function()
      return must "ip -6 route":find(NET6, 1, true) and "inet6"
    end, "inet6", option = "-6" },
  { "type", NET, { type = "blackhole" }, "", "type", "blackhole", first = "blackhole", bare = true },
  { "type", "10.7.7.7", { type = "local" }, "", "type", "local", first = "local", title = "type local" },
  { "type", NET6, { type = "prohibit" }, "", "type", "prohibit", first = "prohibit", bare = true,
    title = "type (IPv6)" },
  { "dst", NET, {}, "", "dst", NET },
  { "dst", NET6, {}, "", "dst", NET6, title = "dst (IPv6)" },
  { "dst", "default", {}, "", "dst", "default", title = "dst of everything" },
  { "dst", "10.7.7.7", {}, "", "dst", "10.7.7.7", title = "dst of one host" },
  { "from", NET6, { from = "fd00::/64" }, "from fd00::/64", "from", "fd00::/64" },
  { "tos", NET, { tos = 16 }, "tos 0x10", "tos", "0x10", 16 },
  { "tos", NET, { tos = "AF11" }, "tos AF11", "tos", "AF11", title = "tos by name" },
  { "via", NET, { via = "10.0.0.9" }, "via 10.0.0.9", "gateway", "10.0.0.9" },
  { "via", NET6, { via = "fd00::9" }, "via fd00::9", "gateway", "fd00::9", title = "via (IPv6)" },
  { "dev", NET, { dev = "v1" }, "", "dev", "v1", bare = true, line = "dev v1" },
  { "protocol", NET, { protocol = "static" }, "proto static", "protocol", "static" },
  { "protocol", NET, { protocol = 77 }, "proto 77", "protocol", "77", 77, title = "protocol by number" },
  { "scope", NET, { scope = "host" }, "scope host", "scope", "host" },
  { "src", NET, { src = "10.0.0.1" }, "src 10.0.0.1", "prefsrc", "10.0.0.1" },
  { "metric", NET, { metric = 77 }, "metric 77", "metric", 77 },
  { "table", NET, { table = 100 }, "table 100", "table", "100", 100,
    show = { { "ip route show table 100", function() return route.list { table = 100 } end } } },
  { "table", NET, { table = 1000 }, "table 1000", "table", "1000", 1000, title = "table over 255" },
  { "table", NET, { table = "default" }, "table default", "table", "default", title = "table by name" },
  { "onlink", NET, { via = "10.77.0.1", onlink = true }, "via 10.77.0.1 onlink", flag "onlink", true },
  { "mtu", NET, { mtu = 1400 }, "mtu 1400", metric "mtu", 1400 },
  { "window", NET, { window = 5000 }, "window 5000", metric "window", 5000 },
  { "advmss", NET, { advmss = 1300 }, "advmss 1300", metric "advmss", 1300 },
  { "hoplimit", NET6, { hoplimit = 7 }, "hoplimit 7", metric "hoplimit", 7 },
  { "initcwnd", NET, { initcwnd = 11 }, "initcwnd 11", metric "initcwnd", 11 },
  { "initrwnd", NET, { initrwnd = 12 }, "initrwnd 12", metric "initrwnd", 12 },
  { "lock", NET, { mtu = 1400, lock = "mtu" }, "mtu lock 1400",
    function() return must "ip route":match "mtu lock %d+" end, "mtu lock 1400",
    reads = function(r) return table.concat(r.lock, " ") end, read = "mtu" },
  { "lock", NET, { congctl = "reno", hoplimit = 9, lock = { "congctl", "hoplimit" } },
    "congctl lock reno hoplimit lock 9", function() return must "ip route":match "hop.*%S" end,
    "hoplimit lock 9 congctl lock reno", reads = function(r) return table.concat(r.lock, " ") end,
    read = "hoplimit congctl", title = "locks" },
  { "rtt_ms", NET, { rtt_ms = 100 }, "rtt 100ms", metric "rtt", 100 },
  { "rtt_ms", NET, { rtt_ms = 1500 }, "rtt 1.5s", function() return must "ip route":match "rtt (%S+)" end,
    "1.5s", 1500, title = "rtt_ms over a second" },
  { "rttvar_ms", NET, { rttvar_ms = 50 }, "rttvar 50ms", metric "rttvar", 50 },
  { "ssthresh", NET, { ssthresh = 60 }, "ssthresh 60", metric "ssthresh", 60 },
  { "cwnd", NET, { cwnd = 70, lock = "cwnd" }, "cwnd lock 70", metric "cwnd", 70 },
  { "reordering", NET, { reordering = 8 }, "reordering 8", metric "reordering", 8 },
  { "features", NET, { features = "ecn" }, "features ecn", function() return must "ip route":match "features (%S+)" end,
    "ecn", reads = function(r) return r.features[1] end },
  { "rto_min_ms", NET, { rto_min_ms = 300 }, "rto_min 300ms", metric "rto_min", 300 },
  { "quickack", NET, { quickack = true }, "quickack 1", metric "quickack", 1, true },
  { "fastopen_no_cookie", NET, { fastopen_no_cookie = true }, "fastopen_no_cookie 1",
    metric "fastopen_no_cookie", 1, true },
  { "congctl", NET, { congctl = "reno" }, "congctl reno", metric "congctl", "reno" },
  { "realms", NET, { realms = "5/6" }, "realms 5/6", function() return must "ip route":match "realms (%S+)" end, "5/6" },
  { "realms", NET, { realms = 6 }, "realms 6", function() return must "ip route":match "realm (%S+)" end, "6", 6,
    title = "realms, one" },
  { "encap", NET, { encap = { ip = { id = 5, dst = "10.0.0.9", ttl = 3, tos = 22, csum = true } } },
    "encap ip id 5 dst 10.0.0.9 ttl 3 tos 16 csum",
    function(r) return ("%s %s %s %s %s"):format(r.encap, r.encap_id, r.ttl, r.tos, r.csum) end, "ip 5 3 22 true",
    reads = function(r)
      local e = r.encap.ip
      return ("ip %s %s %s %s"):format(e.id, e.ttl, e.tos, e.csum)
    end },
  { "encap", NET, { encap = { mpls = { labels = "100/200", ttl = 5 } }, via = "10.0.0.9" },
    "encap mpls 100/200 ttl 5 via 10.0.0.9", function(r) return r.encap and r.encap_dst .. " " .. r.ttl end, "100/200 5",
    reads = function(r) return r.encap.mpls.labels .. " " .. r.encap.mpls.ttl end, title = "encap mpls" },
  { "encap", NET6, { encap = { ip6 = { id = 5, dst = "fd00::9", hoplimit = 3, tc = 7, key = true } } },
    "encap ip6 id 5 dst fd00::9 hoplimit 3 tc 7 key", function(r) return r.hoplimit .. r.tc end, "37",
    reads = function(r) return r.encap.ip6.hoplimit .. r.encap.ip6.tc end, title = "encap ip6" },
  { "encap", NET6, { encap = { seg6 = { mode = "inline", segs = { "fd00::2", "fd00::3" } } } },
    "encap seg6 mode inline segs fd00::2,fd00::3", function(r) return r.mode .. #r.segs end, "inline3",
    reads = function(r) return r.encap.seg6.mode .. #r.encap.seg6.segs + 1 end, title = "encap seg6" },
  { "encap", NET6, { encap = { seg6local = { action = "End.T", table = 100, count = true } } },
    "encap seg6local action End.T table 100 count", function(r) return r.action .. r.encap_table end, "End.T100",
    reads = function(r) return r.encap.seg6local.action .. r.encap.seg6local.table end, title = "encap seg6local" },
  { "nhid", NET, { nhid = 7 }, "nhid 7", "nhid", 7, bare = true, before = function()
      must "ip nexthop add id 7 via 10.0.0.7 dev v0"
    end },
  { "nhid", NET, { nhid = 9 }, "nhid 9", "nhid", 9, bare = true, title = "nhid of a group", before = function()
      must "ip nexthop add id 7 via 10.0.0.7 dev v0; ip nexthop add id 8 via 10.0.0.8 dev v0; ip nexthop add id 9 group 7,3/8"
    end },
  { "via", NET, { via = "fd00::9" }, "via inet6 fd00::9", "via.host", "fd00::9", title = "via of another family" },
  { "nexthops", NET, { nexthops = { { via = "10.0.0.7", weight = 3 }, { via = "10.0.0.8", dev = "v0" } } },
    "nexthop via 10.0.0.7 weight 3 nexthop via 10.0.0.8 dev v0",
    function(r) return r.nexthops[1].weight .. r.nexthops[2].gateway end, "310.0.0.8", bare = true,
    reads = function(r) return r.nexthops[1].weight .. r.nexthops[2].via end, read = "310.0.0.8" },
  { "nexthops", NET, { nexthops = { { via = "10.77.0.1", dev = "v0", onlink = true }, { dev = "v1", weight = 256 },
                                    { via = "fd00::9", dev = "v0", realms = "3/4" } }, mtu = 1400 },
    "mtu 1400 nexthop via 10.77.0.1 dev v0 onlink nexthop dev v1 weight 256 nexthop via inet6 fd00::9 dev v0 realms 3/4",
    function(r) return r.nexthops[1].flags[1] .. r.nexthops[2].dev .. r.nexthops[3].via.host end, "onlinkv1fd00::9",
    bare = true, title = "nexthops with all options", read = "onlinkv1fd00::9",
    reads = function(r) return r.nexthops[1].flags[1] .. r.nexthops[2].dev .. r.nexthops[3].via end },
  { "nexthops", NET6, { nexthops = { { via = "fd00::7", dev = "v0" }, { via = "fd00::8", dev = "v0", weight = 2 } } },
    "nexthop via fd00::7 dev v0 nexthop via fd00::8 dev v0 weight 2",
    function(r) return r.nexthops[1].gateway .. r.nexthops[2].weight end, "fd00::72", bare = true,
    title = "nexthops (IPv6)", reads = function(r) return r.nexthops[1].via .. r.nexthops[2].weight end },
  { "pref", NET6, { pref = "high" }, "pref high", "pref", "high" },
  -- What only the kernel tells.
  { "flags", NET, nil, "via 10.0.0.9", flag "linkdown", true, before = function()
      link.set("v1", { up = false })
      os.execute "for i in 1 2 3 4 5 6 7 8 9; do ip route | grep -q linkdown && break; sleep 0.2; done"
    end, reads = function(r) return table.concat(r.flags, " "):find "linkdown" ~= nil end },
  { "expires", NET6, { expires = 1000 }, "expires 1000", function(r) return (r.expires + 5) // 10 * 10 end, 1000,
    reads = function(r) return (r.expires + 5) // 10 * 10 end },
}

local function field(case)
  local key, dst, options, words = table.unpack(case, 1, 4)
  local function own()
    local out = {}
    if not case.bare then out.dev = "v0" end
    for k, v in pairs(options) do out[k] = v end
    return out
  end
  return {
    setup = function()
      wire()
      if case.before then case.before() end
    end,
    ip = ("ip %s route add %s %s %s %s"):format(case.option or "", case.first or "", dst,
                                                case.line or not case.bare and "dev v0" or "", words),
    make = options and function() route.add(dst, own()) end,
    told = function() return oracle.at(case[5], told(dst) or {}) end,
    read = function()
      local record = found(dst)
      if case.reads then return case.reads(record) end
      return record[key]
    end,
    wanted_told = case[6],
    wanted_read = oracle.either(oracle.either(case[6], case[7]), case.read),
    show = case.show or SHOW,
  }
end

local function skip(why)
  pending(why)
end

describe("a route:", function()
  -- Of a lookup, below.
  local all = { { "iif" }, { "mark" }, { "uid" }, { "ipproto" }, { "sport" }, { "dport" },
                { "fibmatch" }, { "cached" } }
  for _, case in ipairs(CASES) do all[#all + 1] = case end
  for title, fn in oracle.checks(CASES, "route", field, skip) do
    if title ~= "has a case for every row" then it(title, fn) end
  end
  it("has a case for every row", function()
    assert.same({}, oracle.rows_without("route", all))
  end)
end)

-- ---- lookups -----------------------------------------------------------------------------------------

-- { destination, options, words for ip, key, where ip says it, what it says, what we say if that differs }
local LOOKUPS = {
  { "10.0.0.9", nil, "", "dev", "dev", "v0" },
  { "10.0.0.1", nil, "", "type", "type", "local" },
  { "10.60.0.1", nil, "", "table", "table", "100", 100 },
  { "10.0.0.255", nil, "", "type", "type", "broadcast" },
  { "10.50.0.1", nil, "", "via", "gateway", "10.0.0.254" },
  { "10.0.0.9", { from = "10.0.0.1" }, "from 10.0.0.1", "from", "from", "10.0.0.1" },
  { "10.0.0.9", { from = "10.0.5.5", iif = "v1" }, "from 10.0.5.5 iif v1", "iif", "iif", "v1" },
  { "10.0.0.9", { mark = 7 }, "mark 7", "mark", "mark", 7 },
  { "10.0.0.9", { mark = 77 }, "mark 77", "mark", "mark", 77 },
  { "10.0.0.9", { uid = 0 }, "uid 0", "uid", "uid", 0 },
  { "10.0.0.9", { dev = "v1" }, "oif v1", "dev", "dev", "v1" },
  { "10.50.0.1", { fibmatch = true }, "fibmatch", "dst", "dst", "10.50.0.0/16" },
  { "10.70.0.1", { fibmatch = true }, "fibmatch", "protocol", "protocol", "static" },
  { "10.61.0.1", { ipproto = "tcp", dport = 80 }, "ipproto tcp dport 80", "table", "table", "101", 101 },
  { "10.61.0.1", { ipproto = "udp", sport = 53 }, "ipproto udp sport 53", "table", "table", "102", 102 },
  { "fd00::9", nil, "", "src", "prefsrc", "fd00::1" },
  { "fd00::1", nil, "", "type", "type", "local" },
  { "fd50::1", nil, "", "via", "gateway", "fd00::fe" },
}

describe("a lookup", function()
  for _, case in ipairs(LOOKUPS) do
    local dst, options, words, key, path, told_value, read_value = table.unpack(case, 1, 7)
    it(("of %s %s"):format(dst, words), function()
      local command = ("ip route get %s %s"):format(dst, words)
      local lacks = oracle.field {
        setup = function()
          wire()
          sysctl.set("net.ipv4.ip_forward", 1)
          route.add("10.50.0.0/16", { via = "10.0.0.254" })
          route.add("10.0.5.0/24", { dev = "v1" })
          route.add("10.60.0.0/16", { dev = "v1", table = 100 })
          rule.add { to = "10.60.0.0/16", table = 100 }
          route.add("fd50::/64", { via = "fd00::fe" })
          route.add("10.70.0.0/16", { protocol = "static",
                                      nexthops = { { via = "10.0.0.7" }, { via = "10.0.0.8" } } })
          must "ip rule add ipproto tcp dport 80 table 101; ip rule add ipproto udp sport 53 table 102"
          route.add("default", { dev = "v1", table = 101 })
          route.add("default", { dev = "v1", table = 102 })
        end,
        ip = "true",
        told = function() return oracle.at(path, json((command:gsub("^ip", "ip -j")))[1]) end,
        read = function() return assert(route.get(dst, options))[key] end,
        wanted_told = told_value,
        wanted_read = read_value or told_value,
        show = { { command, function() return route.get(dst, options) end } },
      }
      if lacks then skip("this kernel: " .. lacks) end
    end)
  end
end)

-- A smaller MTU that the kernel learned is a route of its own, which is listed only when it is asked for.
describe("a cached route", function()
  it("is listed when it is asked for, and in no other list", harness.fresh(function()
    wire()
    local red = netns.add "red"
    link.set("v1", { netns = red })
    red.link.set("v1", { up = true, addrgenmode = "none" })
    red.addr.add("10.0.0.2/24", { dev = "v1" })
    red.addr.add("10.8.0.1/24", { dev = "lo" })
    red.link.set("lo", { up = true })
    red.sysctl.set("net.ipv4.ip_forward", 1)
    red.link.add("w0", { up = true, mtu = 700, veth = { peer = { name = "w1", up = true } } })
    red.addr.add("10.9.9.1/24", { dev = "w0" })
    route.add(NET, { via = "10.0.0.2" })
    must "ping -c 1 -W 1 -M do -s 1200 10.9.9.2 >/dev/null 2>&1 || true"
    assert.equal(700, route.get "10.9.9.2".mtu)
    local cached = route.list { cached = true }
    assert.equal("10.9.9.2", cached[1].dst)
    assert.equal(700, cached[1].mtu)
    assert.equal(1, #json "ip -j route show cache")
    assert.is_nil(route.list({ exact = "10.9.9.2" })[1])
    assert.equal((must "ip route show cache":gsub("expires %d+", "expires")),
                 (tostring(cached):gsub("[ ]*\n", " \n"):gsub("expires %d+", "expires") .. " \n"))
  end))
end)

-- ---- abbreviations -----------------------------------------------------------------------------------

describe("an abbreviation", function()
  it("is known to ip, and no shorter one", harness.fresh(function()
    wire()
    oracle.same_abbreviations("ip route add 10.9.0.0/16 dev v0", oracle.entries("route", "add"))
  end))
end)

-- ---- command lines -----------------------------------------------------------------------------------

local function setup()
  local known = wire()
  route.add("10.1.0.0/16", { via = "10.0.0.254" })
  route.add("10.2.0.0/16", { dev = "v1", table = 100 })
  route.add("fd01::/64", { via = "fd00::fe" })
  netns.add "red"
  return known
end

-- Carried out by ip and by us in twin networks.
local LINES = {
  "ip route",
  "ip r",
  "ip ro show",
  "ip -6 r",
  "ip -4 route list",
  "ip route show table all",
  "ip r s t 100",
  "ip route show table local",
  "ip -6 route show table local",
  "ip route show table main dev v0",
  "ip route show table nosuch",
  "ip route list dev v0",
  "ip route list dev nothing",
  "ip route show 10.1.0.0/16",
  "ip route show exact 10.1.0.0/16",
  "ip route show exact 10.1/16",
  "ip route show default",
  "ip route add 10.3.0.0/16 encap ip id 5 dst 10.0.0.9 dev v0 && ip route && ip route get 10.3.0.1",
  "ip route add 10.3.0.0/16 encap ip id 5 src 10.0.0.1 dst 10.0.0.9 ttl 3 tos 16 key csum seq via 10.0.0.9 && ip r",
  "ip -6 route add fd03::/64 encap ip6 id 5 dst fd00::9 hoplimit 5 tc 7 key dev v0 && ip -6 route show fd03::/64",
  "ip -6 route add fd03::/64 encap seg6 mode inline segs fd00::2,fd00::3 dev v0 && ip -6 route show fd03::/64",
  "ip -6 route add fd03::/64 encap seg6 mode encap segs fd00::2,fd00::3,fd00::4 hmac 17 dev v0 && ip -6 r s fd03::/64",
  "ip -6 route add fd03::/64 encap seg6local action End.X nh6 fd00::5 count dev v0 && ip -6 route show fd03::/64",
  "ip -6 route add fd03::/64 encap seg6local action End.B6 srh segs fd00::5,fd00::6 dev v0 && ip -6 r s fd03::/64",
  "ip -6 route add fd03::/64 encap seg6local action End.DX2 oif v1 dev v0 && ip -6 route show fd03::/64",
  "ip -6 route add fd03::/64 encap seg6local action End flavors next-csid lblen 48 nflen 32 dev v0 && ip -6 r s fd03::/64",
  "ip -6 route add fd03::/64 encap seg6local action End flavors psp dev v0 && ip -6 route show fd03::/64",
  "ip -6 route add fd03::/64 encap seg6local action End flavors next-csid dev v0 && ip -6 route show fd03::/64",
  "ip -6 route add fd03::/64 encap seg6local action End flavors frob dev v0",
  "ip -6 route add fd03::/64 encap seg6local action End.X dev v0",
  "ip -6 route add fd03::/64 encap seg6local action End.Y dev v0",
  "ip route add 10.3.0.0/16 nexthop encap ip id 7 dst 10.0.0.7 dev v0 nexthop encap ip id 8 dst 10.0.0.8 dev v0 && ip r",
  "ip nexthop add id 5 encap ip id 7 dst 10.0.0.7 dev v0 && ip nexthop && ip route add 10.3.0.0/16 nhid 5 && ip route",
  "ip route add 10.3.0.0/16 encap gre id 5 dev v0",
  "ip route show root 10.0.0.0/8",
  "ip route show to root 10/15 proto boot",
  "ip route show root 10.1.0.0/16 table all",
  "ip route show match 10.1.2.3",
  "ip route show to match 10.0.0.0/24",
  "ip route show match 10.1.2.3 root 10.0.0.0/9",
  "ip -6 route show root fd00::/8",
  "ip route show root fd00::/8 table all",
  "ip -6 route show match fd01::5",
  "ip route show root default",
  "ip route show match default",
  "ip route flush root 10.0.0.0/8 proto boot",
  "ip route flush match 10.1.0.9",
  "ip route add 10.4.0.0/16 dev v0 realms 5 && ip route show realm 5 && ip route flush realm 5 && ip route",
  "ip route show realms 7/8",
  "ip route show table cache",
  "ip route show to exact 10.1.0.0/16",
  "ip route show cloned",
  "ip -6 route add fd03::/64 from fd09::/64 dev v0 && ip -6 route show from fd09::/64 && ip -6 route show from all",
  "ip route show vrf nosuch",
  "ip route show proto kernel",
  "ip route show p boot",
  "ip route show s link",
  "ip route show via 10.0.0.254",
  "ip route show type blackhole",
  "ip route add blackhole 10.3.0.0/16 && ip route show type blackhole && ip route show table local type local",
  "ip route add multicast 239.0.0.0/8 dev v0 && ip route show type multicast && ip route show table all type multicast",
  "ip -n red route",
  "ip route get 10.0.0.9",
  "ip r g 10.1.2.3",
  "ip route get 10.0.0.9 f 10.0.0.1 o v0",
  "ip route get 99.9.9.9",
  "ip -6 route get fd01::9",
  "ip route add default via 10.0.0.254",
  "ip route add default via 10.0.0.254 dev v0 m 5 proto static src 10.0.0.1",
  "ip r a default via fd00::fe",
  "ip -6 route add default via fd00::fe",
  "ip -6 route add default via 10.0.0.254",
  "ip route add default via 10.99.0.1",
  "ip route add default via 10.99.0.1 dev v0 onlink",
  "ip route add 10.3.0.0/16 dev v1",
  "ip route add 10.3/16 dev v1",
  "ip route add to 10.3.0.0/16 dev v1 scope host",
  "ip route add 10.3.0.1/16 dev v1",
  "ip route add 10.3.0.0/255.255.0.0 dev v1",
  "ip route add 10.3.0.0/16 dev nothing",
  "ip route add 10.3.0.0/16",
  "ip route add 10.3.0.0/33 dev v1",
  "ip route add dev v1",
  "ip route add",
  "ip route add 10.1.0.0/16 dev v1",
  "ip route append 10.1.0.0/16 dev v1",
  "ip route append 10.1.0.0/16 dev v1 metric 9",
  "ip route replace 10.1.0.0/16 dev v1",
  "ip route replace 10.4.0.0/16 dev v1",
  "ip route change 10.1.0.0/16 dev v1",
  "ip r c 10.4.0.0/16 dev v1",
  "ip route add blackhole 10.3.0.0/16",
  "ip route add unreachable default metric 100",
  "ip route add prohibit 10.3.0.0/16 table 100",
  "ip route add throw 10.3.0.0/16",
  "ip route add local 10.3.0.0/16 dev lo",
  "ip route add broadcast 10.3.255.255 dev v1",
  "ip route add multicast 239.0.0.0/8 dev v1",
  "ip route add blackhole",
  "ip route add frob 10.3.0.0/16",
  "ip route add 10.3.0.0/16 dev v1 tos 10 mtu 1400 advmss 1300 w 5000 i 11 initr 12",
  "ip route add 10.3.0.0/16 dev v1 tos CS1",
  "ip route add fd02::/64 dev v1 pref low hoplimit 9 metric 3",
  "ip route add 10.3.0.0/16 dev v1 table main proto ra scope nowhere-near",
  "ip route add 10.3.0.0/16 dev v1 table 70000",
  "ip route add 10.3.0.0/16 dev v1 vai 10.0.0.1",
  "ip route add 10.3.0.0/16 via",
  "ip route del 10.1.0.0/16",
  "ip route d 10.1.0.0/16 via 10.0.0.254",
  "ip route del 10.1.0.0/16 via 10.0.0.253",
  "ip route del 10.2.0.0/16",
  "ip route del 10.2.0.0/16 table 100",
  "ip route del fd01::/64",
  "ip route del default",
  "ip route flush dev v0",
  "ip route flush table 100",
  "ip route flush 10.1.0.0/16",
  "ip -6 route flush dev v0",
  "ip route flush proto boot",
  "ip route flush",
  "ip route add 10.3.0.0/16 nexthop via 10.0.0.7 weight 2 nexthop via 10.0.0.8 dev v0 onlink",
  "ip route add default proto static nexthop via 10.0.0.7 nexthop dev v1",
  "ip route add 10.3.0.0/16 nexthop",
  "ip route add 10.3.0.0/16 nexthop via 10.99.0.1",
  "ip route add 10.3.0.0/16 via inet6 fd00::9 dev v0",
  "ip route add 10.3.0.0/16 dev v1 mtu lock 1400 rtt 10ms rttvar 2s q 1 co reno f ecn rea 5 c 4 s 6 r 7",
  "ip route add 10.3.0.0/16 dev v1 rto_min 300ms expires 60",
  "ip -6 route add fd03::/64 dev v1 expires 60",
  "ip nexthop add id 1 via 10.0.0.7 dev v0 && ip route add 10.3.0.0/16 nhid 1 && ip route",
  "ip nexthop add id 1 via 10.0.0.7 dev v0 && ip route add 10.3.0.0/16 nhid 1 && ip route del 10.3.0.0/16 nhid 1",
  "ip nexthop add id 1 via 10.0.0.7 dev v0 && ip route add 10.3.0.0/16 nhid 1 && ip nexthop flush",
  "ip route add 10.3.0.0/16 nhid 1",
  "ip route get 10.1.2.3 fibmatch",
  "ip -n red link set lo up && ip -n red route add 10.0.0.0/8 dev lo && ip -n red route",
  "ip route frob",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_outcome(setup, line) end)
  end
end)
