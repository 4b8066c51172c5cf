-- nexthop: what we make and ip reads, what ip makes and we read, what both print. Every row of a nexthop
-- has a case here.

local harness = require "harness"
local oracle = require "oracle"

local json = harness.json

-- v0 and v1 are a cable whose ends are up; two nexthops are there.
local function wire()
  link.set("lo", { up = true })
  link.add("v0", { up = true, address = "02:00:00:00:00:10", addrgenmode = "none",
                   veth = { peer = { name = "v1", address = "02:00:00:00:00:11" } } })
  link.set("v1", { addrgenmode = "none", up = true }) -- an address of its own would come some time later
  link.set("v1", { addrgenmode = "none" })
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
  nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
  nexthop.add(2, { via = "10.0.0.3", dev = "v0", protocol = "static" })
  return "02:00:00:00:00:10 02:00:00:00:00:11"
end

local SHOW = {
  { "ip nexthop", function() return nexthop.list() end },
  { "ip nexthop show id 7", function() return nexthop.get(7) end },
  { "ip nexthop list dev v0", function() return nexthop.list { dev = "v0" } end },
}

local function told(id)
  for _, entry in ipairs(json "ip -j -d nexthop") do
    if entry.id == id then return entry end
  end
end

local RESILIENT = { group = { 1, 2 }, type = "resilient", buckets = 8, idle_timer = 60, unbalanced_timer = 300 }
local RESILIENT_WORDS = "group 1/2 type resilient buckets 8 idle_timer 60 unbalanced_timer 300"

-- { key, options, words, where ip says it, what it says, what we say }
local CASES = {
  { "family", { via = "fd00::2", dev = "v0" }, "via fd00::2 dev v0", "gateway", "fd00::2", "inet6" },
  { "id", { via = "10.0.0.9", dev = "v0" }, "via 10.0.0.9 dev v0", "id", 7 },
  { "group", { group = { { id = 1, weight = 3 }, 2 } }, "group 1,3/2",
    function(j) return ("%d,%d/%d"):format(j.group[1].id, j.group[1].weight, j.group[2].id) end, "1,3/2",
    reads = function(r) return ("%d,%d/%d"):format(r.group[1].id, r.group[1].weight, r.group[2].id) end },
  { "type", RESILIENT, RESILIENT_WORDS, "type", "resilient" },
  { "buckets", RESILIENT, RESILIENT_WORDS, "resilient_args.buckets", 8 },
  { "idle_timer", RESILIENT, RESILIENT_WORDS, "resilient_args.idle_timer", 60 },
  { "unbalanced_timer", RESILIENT, RESILIENT_WORDS, "resilient_args.unbalanced_timer", 300 },
  { "unbalanced_time", nil, RESILIENT_WORDS, "resilient_args.unbalanced_time", 0 },
  { "via", { via = "10.0.0.9", dev = "v0" }, "via 10.0.0.9 dev v0", "gateway", "10.0.0.9" },
  { "via", { via = "fd00::2", dev = "v0" }, "via fd00::2 dev v0", "gateway", "fd00::2", title = "via (IPv6)" },
  { "encap", { dev = "v0", encap = { ip = { id = 9, dst = "10.0.0.9" } } }, "encap ip id 9 dst 10.0.0.9 dev v0",
    function() return harness.must "ip nexthop show id 7":match "encap ip id (%d+)" end, "9",
    reads = function(r) return tostring(r.encap.ip.id) end },
  { "dev", { dev = "v0" }, "dev v0", "dev", "v0" },
  { "scope", nil, "via 10.0.0.9 dev v0", "scope", "link" },
  { "blackhole", { blackhole = true }, "blackhole", function() return harness.must "ip nexthop show id 7":find "blackhole" ~= nil end, true },
  { "fdb", { via = "10.0.0.9", fdb = true }, "via 10.0.0.9 fdb", function() return harness.must "ip nexthop show id 7":find "fdb" ~= nil end, true },
  { "onlink", { via = "10.77.0.9", dev = "v0", onlink = true }, "via 10.77.0.9 dev v0 onlink",
    function(j) return j.flags[1] == "onlink" end, true },
  { "protocol", { dev = "v0", protocol = "bgp" }, "dev v0 proto bgp", "protocol", "bgp" },
  { "flags", nil, "dev v0 && ip link set v1 down && for i in 1 2 3 4 5 6 7 8 9; do " ..
                  "ip nexthop | grep -q linkdown && break; sleep 0.2; done",
    function(j) return table.concat(j.flags, " ") end, "linkdown",
    reads = function(r) return table.concat(r.flags, " ") end },
}

local function field(case)
  local key, options, words = table.unpack(case, 1, 3)
  return {
    setup = wire,
    ip = "ip nexthop add id 7 " .. words,
    make = options and function() nexthop.add(7, options) end,
    told = function()
      local entry = told(7)
      return entry and oracle.at(case[4], entry)
    end,
    read = function()
      local record = nexthop.get(7)
      if case.reads then return case.reads(record) end
      return record[key]
    end,
    wanted_told = case[5],
    wanted_read = oracle.either(case[5], case[6]),
    show = SHOW,
  }
end

local function skip(why)
  pending(why)
end

describe("a nexthop:", function()
  for title, fn in oracle.checks(CASES, "nexthop", field, skip) do it(title, fn) end
end)

local BUCKETS = "ip nexthop add id 3 group 1/2 type resilient buckets 4 idle_timer 60 && "

local LINES = {
  "ip nexthop", "ip nex", "ip nexthop list", "ip nexthop s", "ip nexthop list dev v0", "ip nexthop list id 2",
  "ip nexthop list id 77", "ip nexthop get id 1", "ip nexthop get id 9",
  "ip nexthop add id 3 via 10.0.0.4 dev v0", "ip nexthop add id 3 via 10.0.0.4", "ip nexthop add id 1 dev v0",
  "ip nexthop add id 3 dev nosuch", "ip nexthop add id 3 via 10.9.0.4 dev v0", "ip nexthop add id 3 blackhole",
  "ip nexthop add id 3 via inet6 fd00::7 dev v0 proto bgp", "ip nexthop add id 3 group 1/2",
  "ip nexthop add id 3 group 1,5/2,7 type mpath", "ip nexthop add id 3 group 1/9", "ip nexthop add id 3 group 1,0",
  "ip nexthop add id 3 group 1/2 type resilient buckets 16", "ip nexthop add id 3 group 1/2 type frob",
  "ip nexthop replace id 1 via 10.0.0.9 dev v0", "ip nexthop replace id 4 dev v1",
  "ip nexthop del id 1", "ip nexthop del id 9", "ip nexthop delete id 2",
  "ip nexthop add id 3 group 1/2 && ip nexthop list groups", "ip nexthop list master nosuch",
  "ip nexthop add id 3 dev v0 proto 44 && ip nexthop list proto 44 && ip nexthop flush protocol 44 && ip nexthop",
  "ip link add br9 type bridge && ip link set v0 master br9 && ip nexthop list master br9",
  "ip nexthop add id 3 group 1/2 && ip nexthop flush groups && ip nexthop", "ip nexthop flush id 1",
  BUCKETS .. "ip nexthop bucket get id 3 index 3", BUCKETS .. "ip nexthop bucket get id 3 index 9",
  BUCKETS .. "ip nexthop get id 3", "ip nexthop bucket", "ip nexthop bucket list id 77", "ip nexthop bucket list dev nosuch",
  "ip nexthop bucket frob",
  "ip nexthop flush", "ip nexthop flush dev v0", "ip nexthop frob", "ip nexthop add id 3 frob",
  "ip route add 10.3.0.0/16 nhid 1 && ip nexthop replace id 1 via 10.0.0.9 dev v0 && ip route",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_outcome(wire, line) end)
  end
end)

describe("ip knows the abbreviations of", function()
  it("a nexthop's words", harness.fresh(function()
    oracle.same_abbreviations("ip nexthop add", oracle.entries("nexthop", "add"))
    oracle.same_abbreviations("ip nexthop list", oracle.entries("nexthop", "list"))
  end))
end)
