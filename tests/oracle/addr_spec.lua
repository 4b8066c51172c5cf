-- addr: what we make and ip reads, what ip makes and we read, what both print. Every row of an address
-- has a case here.

local harness = require "harness"
local oracle = require "oracle"

local json, must = harness.json, harness.must

-- v0 and v1 are a cable; both ends are up.
local function wire()
  link.add("v0", { up = true, address = "02:00:00:00:00:10", addrgenmode = "none",
                   veth = { peer = { name = "v1", address = "02:00:00:00:00:11" } } })
  link.set("v1", { addrgenmode = "none", up = true }) -- an address of its own would come some time later
  return "02:00:00:00:00:10 02:00:00:00:00:11"
end

-- What ip says of the address on v0; it has no prefix there.
local function told(address)
  local bare = address:match "^[^/]*"
  for _, entry in ipairs(json "ip -j addr show dev v0"[1].addr_info) do
    if entry["local"] == bare then return entry end
  end
end

local function found(address)
  for _, record in ipairs(addr.list { dev = "v0" }) do
    if record.address:match "^[^/]*" == address:match "^[^/]*" then return record end
  end
end

local SHOW = {
  { "ip addr", function() return addr.list() end },
  { "ip addr show dev v0", function() return addr.list { dev = "v0" } end },
  { "ip -4 addr", function() return addr.list { family = "inet" } end },
  { "ip -6 addr", function() return addr.list { family = "inet6" } end },
  { "ip -6 addr show dev v0", function() return addr.list { dev = "v0", family = "inet6" } end },
}

local V4, V6 = "10.0.0.1/24", "fd00::1/64"

-- Whether somebody else has the address is asked for so long that we see it being asked.
local function ask_long()
  sysctl.set("net.ipv6.conf.v0.dad_transmits", 100)
end

-- Lifetimes tick while we look.
local function about(key)
  return function(entry) return (entry[key] + 5) // 10 * 10 end
end

-- { key, address, options, words for ip, where ip says it, what it says, what we say if that differs }
local CASES = {
  { "family", V6, { family = "inet6" }, "", "family", "inet6", option = "-6" },
  { "address", V4, {}, "", function(a) return ("%s/%d"):format(a["local"], a.prefixlen) end, V4 },
  { "address", V6, {}, "", function(a) return ("%s/%d"):format(a["local"], a.prefixlen) end, V6,
    title = "address (IPv6)" },
  { "peer", V4, { peer = "10.0.0.2/24" }, "peer 10.0.0.2/24", "address", "10.0.0.2", "10.0.0.2/24" },
  { "peer", V6, { peer = "fd00::2/64" }, "peer fd00::2/64", "address", "fd00::2", "fd00::2/64",
    title = "peer (IPv6)" },
  { "broadcast", V4, { broadcast = "10.0.0.255" }, "broadcast 10.0.0.255", "broadcast", "10.0.0.255" },
  { "broadcast", V4, { broadcast = "+" }, "brd +", "broadcast", "10.0.0.255", title = "broadcast +" },
  { "broadcast", V4, { broadcast = "-" }, "brd -", "broadcast", "10.0.0.0", title = "broadcast -" },
  { "dev", V4, {}, "", function() return json "ip -j addr show to 10.0.0.1"[1] and "v0" end, "v0" },
  { "scope", V4, { scope = "link" }, "scope link", "scope", "link" },
  { "scope", "127.0.0.2/8", {}, "", "scope", "host", title = "scope of a loopback address" },
  { "label", V4, { label = "v0:1" }, "label v0:1", "label", "v0:1" },
  { "metric", V4, { metric = 77 }, "metric 77", "metric", 77 },
  { "valid_lft", V4, { valid_lft = 1000, preferred_lft = 500 }, "valid_lft 1000 preferred_lft 500",
    about "valid_life_time", 1000, reads = about "valid_lft" },
  { "preferred_lft", V6, { valid_lft = 1000, preferred_lft = 500 }, "valid_lft 1000 preferred_lft 500",
    about "preferred_life_time", 500, reads = about "preferred_lft" },
  { "nodad", V6, { nodad = true }, "nodad", "nodad", true },
  { "home", V6, { home = true }, "home", "home", true },
  { "mngtmpaddr", V6, { mngtmpaddr = true }, "mngtmpaddr", "mngtmpaddr", true },
  { "optimistic", V6, { optimistic = true }, "optimistic", "optimistic", true, before = function()
      for _, where in ipairs { "all", "v0" } do
        sysctl.set(("net.ipv6.conf.%s.optimistic_dad"):format(where), 1)
      end
      ask_long()
    end },
  { "noprefixroute", V4, { noprefixroute = true }, "noprefixroute", "noprefixroute", true },
  { "autojoin", "239.1.1.1/32", { autojoin = true }, "autojoin", "autojoin", true },
  -- What only the kernel tells.
  { "secondary", "10.0.0.9/24", nil, "", "secondary", true,
    before = function() addr.add(V4, { dev = "v0" }) end },
  { "tentative", V6, nil, "", "tentative", true, before = ask_long },
  { "dadfailed", V6, nil, "", function(a)
      for _ = 1, 40 do
        if a.dadfailed then break end
        os.execute "sleep 0.05"
        a = told(V6)
      end
      return a.dadfailed
    end, true,
    before = function()
      netns.add "red"
      link.set("v1", { netns = "red" })
      netns "red".link.set("v1", { up = true })
      netns "red".addr.add(V6, { dev = "v1", nodad = true })
    end },
  { "deprecated", V6, nil, "valid_lft 1000 preferred_lft 0", "deprecated", true },
  { "permanent", V4, nil, "", function(a) return not a.dynamic end, true },
  { "permanent", V4, nil, "valid_lft 1000 preferred_lft 1000", function(a) return not a.dynamic end, false,
    title = "permanent (not)" },
  { "stable_privacy", "fe80::", nil, "", function()
      return must "ip addr show dev v0":find("stable-privacy", 1, true) ~= nil
    end, true, instead = "ip link set v0 addrgenmode random; ip link set v0 down; ip link set v0 up",
    reads = function() return addr.list({ dev = "v0", family = "inet6" })[1].stable_privacy end },
}

local function field(case)
  local key, address, options, words = table.unpack(case, 1, 4)
  local function own()
    local out = { dev = "v0" }
    for k, v in pairs(options) do out[k] = v end
    if out.nodad == nil and not out.optimistic then out.nodad = false end -- as for ip
    return out
  end
  return {
    setup = function()
      wire()
      if case.before then case.before() end
    end,
    ip = case.instead or ("ip %s addr add %s %s dev v0"):format(case.option or "", address, words),
    make = options and function() addr.add(address, own()) end,
    told = function() return oracle.at(case[5], told(address) or {}) end,
    read = function()
      local record = found(address)
      if case.reads then return case.reads(record) end
      return record[key]
    end,
    wanted_told = case[6],
    wanted_read = oracle.either(case[6], case[7]),
    show = SHOW,
  }
end

local function skip(why)
  pending(why)
end

describe("an address:", function()
  for title, fn in oracle.checks(CASES, "addr", field, skip) do it(title, fn) end
end)

-- ---- abbreviations -----------------------------------------------------------------------------------

describe("an abbreviation", function()
  it("is known to ip, and no shorter one", harness.fresh(function()
    wire()
    oracle.same_abbreviations("ip addr add 10.0.0.9/24 dev v0", oracle.entries("addr", "add"))
  end))
end)

-- ---- command lines -----------------------------------------------------------------------------------

local function setup()
  local known = wire()
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
  netns.add "red"
  return known
end

-- Carried out by ip and by us in twin networks.
local LINES = {
  "ip addr",
  "ip a",
  "ip address show",
  "ip a s v0",
  "ip a l dev v0",
  "ip -4 a",
  "ip -6 addr show",
  "ip -4 addr show dev v1",
  "ip -br addr show dev lo",
  "ip -br a",
  "ip -brief -4 a",
  "ip -br -6 addr show dev v0",
  "ip -n red -br addr",
  "ip addr show nothing",
  "ip addr show scope global",
  "ip addr show scope host",
  "ip addr show dev v0 permanent",
  "ip addr show dynamic",
  "ip addr show primary",
  "ip -n red a",
  "ip netns exec red ip addr",
  "ip addr add 10.0.1.1/24 dev v0",
  "ip a a 10.0.1.1/24 dev v0",
  "ip addr add 10.0.1.1 dev v0",
  "ip addr add fd01::1 dev v0",
  "ip addr add 10.1/16 dev v0",
  "ip addr add 10.0.1.1/255.255.255.0 dev v0",
  "ip addr add 10.0.1.1/33 dev v0",
  "ip addr add 10.0.1.256/24 dev v0",
  "ip addr add fd01::1/129 dev v0",
  "ip addr add 10.0.0.1/24 dev v0",
  "ip addr add 10.0.0.1/25 dev v0",
  "ip addr add 10.0.0.2/24 dev v0",
  "ip addr add 10.0.1.1/24 brd + dev v0",
  "ip addr add 10.0.1.1/24 broadcast - dev v0",
  "ip addr add 10.0.1.1/31 brd + dev v0",
  "ip addr add 10.0.1.1 peer 10.0.1.2 dev v0",
  "ip addr add 10.0.1.1 peer 10.0.1.2/24 brd + dev v0",
  "ip addr add local 10.0.1.1/24 dev v0 scope link label v0:x",
  "ip addr add 10.0.1.1/24 dev v0 m 5 noprefixroute",
  "ip addr add 10.0.1.1/24 dev v0 nodad",
  "ip addr add nodad fd01::1/64 dev v0",
  "ip -6 addr add fd01::1/64 dev v0 && ip -6 addr show dev v0",
  "ip addr replace fd00::1/64 dev v0",
  "ip addr flush dev v0 label v0",
  "ip addr flush label v0",
  "ip addr flush scope global dev v0",
  "ip -6 addr flush dev v0 nodad",
  "ip addr add fd01::1/64 dev v0 nodad home v 1000 preferr 500",
  "ip addr add fd01::1/64 dev v0 valid_lft 100 preferred_lft 200",
  "ip addr add 10.0.1.1/24 dev v0 valid_lft forever preferred_lft 0",
  "ip addr add 10.0.1.1/24 dev v0 valid_lft soon",
  "ip addr add 10.0.1.1/24",
  "ip addr add dev v0",
  "ip addr add 10.0.1.1/24 dev nothing",
  "ip addr add 10.0.1.1/24 dve v0",
  "ip addr add 10.0.1.1/24 dev v0 scope nowhere-near",
  "ip -6 addr add 10.0.1.1/24 dev v0",
  "ip addr replace 10.0.0.1/24 dev v0 metric 9",
  "ip addr change fd00::1/64 dev v0 preferred_lft 0 valid_lft 1000",
  "ip addr change 10.0.1.1/24 dev v0",
  "ip addr del 10.0.0.1/24 dev v0",
  "ip a d 10.0.0.1 dev v0",
  "ip addr del 10.0.0.1/25 dev v0",
  "ip addr del 10.0.0.9 dev v0",
  "ip addr del fd00::1 dev v0",
  "ip addr del fd00::1/64 dev v0",
  "ip addr flush dev v0",
  "ip addr flush dev v0 scope link",
  "ip -4 addr flush dev v0",
  "ip addr flush dev nothing",
  "ip addr flush",
  "ip -n red addr add 10.0.9.1/24 dev lo && ip -n red addr show lo",
  "ip -n blue addr",
  "ip addr frob",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_outcome(setup, line) end)
  end
end)
