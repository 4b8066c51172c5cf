-- neigh: what we make and ip reads, what ip makes and we read, what both print. Every row of a neighbour
-- has a case here.

local harness = require "harness"
local oracle = require "oracle"

local json = harness.json

local MAC = "02:00:00:00:00:77"

-- v0 and v1 are a cable whose ends are up.
local function wire()
  link.add("v0", { up = true, address = "02:00:00:00:00:10", addrgenmode = "none",
                   veth = { peer = { name = "v1", address = "02:00:00:00:00:11" } } })
  link.set("v1", { addrgenmode = "none", up = true }) -- an address of its own would come some time later
  addr.add("10.0.0.1/24", { dev = "v0" })
  return MAC .. " 02:00:00:00:00:10 02:00:00:00:00:11"
end

local function told(dst, proxy)
  for _, entry in ipairs(json("ip -j neigh show " .. (proxy and "proxy" or "nud all"))) do
    if entry.dst == dst then return entry end
  end
end

local function found(dst, proxy)
  local state = not proxy and "noarp" or nil
  return neigh.list({ dst = dst, proxy = proxy })[1] or neigh.list({ dst = dst, nud = state })[1]
end

local SHOW = {
  { "ip neigh", function() return neigh.list() end },
  { "ip -6 neigh", function() return neigh.list { family = "inet6" } end },
  { "ip neigh show dev v0", function() return neigh.list { dev = "v0" } end },
  { "ip neigh show proxy", function() return neigh.list { proxy = true } end },
}

local V4, V6 = "10.0.0.2", "fd00::2"
local LLADDR = "lladdr " .. MAC

local function state(entry)
  return entry.state[1]
end

local function has(word)
  return function(entry) return harness.must("ip neigh show " .. entry.dst):find(word, 1, true) ~= nil end
end

-- { key, dst, options, words for ip, where ip says it, what it says, what we say if that differs }
local CASES = {
  { "family", V6, { lladdr = MAC, family = "inet6" }, LLADDR, function()
      return harness.must "ip -6 neigh":find(V6, 1, true) and "inet6"
    end, "inet6", option = "-6" },
  { "dst", V4, { lladdr = MAC }, LLADDR, "dst", V4 },
  { "dst", V6, { lladdr = MAC }, LLADDR, "dst", V6, title = "dst (IPv6)" },
  { "lladdr", V4, { lladdr = MAC }, LLADDR, "lladdr", MAC },
  { "dev", V4, { lladdr = MAC }, LLADDR, "dev", "v0" },
  { "proxy", V4, { proxy = true }, "", function(e) return e.dst end, V4, true, proxy = true },
  { "proxy", V6, { proxy = true }, "", function(e) return e.dst end, V6, true, proxy = true,
    title = "proxy (IPv6)" },
  { "router", V6, { lladdr = MAC, router = true }, LLADDR .. " router", has "router", true },
  { "extern_learn", V4, { lladdr = MAC, extern_learn = true }, LLADDR .. " extern_learn",
    has "extern_learn", true },
  { "use", V4, { use = true, nud = "none" }, "use nud none", state, "INCOMPLETE", "incomplete",
    reads = function(n) return n.nud end },
  { "managed", V4, { managed = true, nud = "none" }, "managed nud none", has "managed", true },
  { "probes", V4, { use = true, nud = "none" }, "use nud none", function() return 0 end, 0,
    reads = function(n) return n.probes - n.probes end },
  { "offload", V4, { lladdr = MAC }, LLADDR, function(e) return e.offload ~= nil end, false },
  { "protocol", V4, { lladdr = MAC, protocol = "static" }, LLADDR .. " protocol static", "protocol",
    "static" },
}

for _, name in ipairs { "permanent", "reachable", "stale", "probe", "noarp" } do
  CASES[#CASES + 1] = { "nud", V4, { lladdr = MAC, nud = name }, LLADDR .. " nud " .. name, state,
                        name:upper(), name, title = "nud " .. name }
end
for _, name in ipairs { "incomplete", "failed" } do
  CASES[#CASES + 1] = { "nud", V4, { nud = name }, "nud " .. name, state, name:upper(), name,
                        title = "nud " .. name }
end

local function field(case)
  local key, dst, options, words = table.unpack(case, 1, 4)
  local function own()
    local out = { dev = "v0" }
    for k, v in pairs(options) do out[k] = v end
    return out
  end
  return {
    setup = wire,
    ip = ("ip %s neigh add %s %s dev v0 %s"):format(case.option or "", case.proxy and "proxy" or "", dst,
                                                    words),
    make = function() neigh.add(dst, own()) end,
    told = function() return oracle.at(case[5], told(dst, case.proxy) or {}) end,
    read = function()
      local record = found(dst, case.proxy)
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

describe("a neighbour:", function()
  for title, fn in oracle.checks(CASES, "neigh", field, skip) do it(title, fn) end
end)

-- ---- abbreviations -----------------------------------------------------------------------------------

describe("an abbreviation", function()
  it("is known to ip, and no shorter one", harness.fresh(function()
    wire()
    oracle.same_abbreviations("ip neigh add 10.0.0.9 dev v0", oracle.entries("neigh", "add"))
  end))
end)

-- ---- command lines -----------------------------------------------------------------------------------

local function setup()
  local known = wire()
  neigh.add("10.0.0.2", { dev = "v0", lladdr = MAC })
  neigh.add("10.0.0.3", { dev = "v0", lladdr = MAC, nud = "stale" })
  neigh.add("10.0.0.4", { dev = "v1", lladdr = MAC, nud = "reachable" })
  neigh.add("fd00::2", { dev = "v0", lladdr = MAC })
  neigh.add("10.0.0.9", { dev = "v0", proxy = true })
  netns.add "red"
  return known
end

-- Carried out by ip and by us in twin networks.
local LINES = {
  "ip neigh show 10.0.0.3",
  "ip n s dev v1",
  "ip neigh list dev v0 nud permanent 10.0.0.2",
  "ip -6 neigh",
  "ip neighbour show nud stale",
  "ip neighbor show nud r",
  "ip neigh show proxy",
  "ip neigh show dev nothing",
  "ip neigh show nud frob",
  "ip -n red n",
  "ip neigh get 10.0.0.3 dev v0",
  "ip neigh get 10.0.0.77 dev v0",
  "ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev v0",
  "ip n a 10.0.0.5 l 2:0:0:0:0:5 dev v0 nud st",
  "ip n a to 10.0.0.5 lladdr 02:00:00:00:00:05 dev v0 nud perm router e",
  "ip neigh add 10.0.0.5 dev v0",
  "ip neigh add 10.0.0.5 dev v0 nud none",
  "ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05",
  "ip neigh add dev v0 lladdr 02:00:00:00:00:05",
  "ip neigh add 10.0.0.5 lladdr zz dev v0",
  "ip neigh add 10.0.0.5/24 lladdr 02:00:00:00:00:05 dev v0",
  "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:05 dev v0",
  "ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev nothing",
  "ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev v0 prot static",
  "ip neigh add proxy 10.0.0.5 dev v0",
  "ip neigh add 10.0.0.5 dev v0 frob",
  "ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:05 dev v0",
  "ip neigh change 10.0.0.2 lladdr 02:00:00:00:00:05 dev v0 nud noarp",
  "ip neigh chg 10.0.0.5 lladdr 02:00:00:00:00:05 dev v0",
  "ip neigh del 10.0.0.2 dev v0",
  "ip n d 10.0.0.2",
  "ip neigh del 10.0.0.77 dev v0",
  "ip neigh del proxy 10.0.0.9 dev v0",
  "ip neigh flush dev v0",
  "ip neigh flush dev v0 nud permanent",
  "ip neigh flush to 10.0.0.3",
  "ip neigh flush all", "ip neigh flush 10.0.0.0/30", "ip neigh flush to fd00::/64 nud permanent",
  "ip neigh flush nud all dev v0", "ip neigh flush unused nud permanent dev v0", "ip neigh flush nomaster",
  "ip neigh show to 10.0.0.4/30", "ip neigh show 10.0.0.4/31 dev v1", "ip neigh show all dev v1",
  "ip neigh show unused dev v1", "ip neigh show nomaster dev v1", "ip neigh show master nosuch",
  "ip neigh add 10.0.0.5 lladdr 02:00:00:00:00:05 dev v0 protocol 44 && ip neigh show protocol 44",
  "ip link add br9 type bridge && ip link set v1 master br9 && ip neigh show master br9 && ip neigh flush master br9",
  "ip neigh flush",
  "ip neigh frob",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_outcome(setup, line) end)
  end
end)
