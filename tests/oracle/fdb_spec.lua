-- fdb: what we make and bridge reads, what bridge makes and we read, what both print. Every row of an entry
-- has a case here.

local harness = require "harness"
local oracle = require "oracle"

local fresh, json, must = harness.fresh, harness.json, harness.must

local MAC, ANY = "02:00:00:00:00:77", "00:00:00:00:00:00"

-- v0 is a port of br0; vx0 is a vxlan.
local function wire()
  link.set("lo", { up = true })
  link.add("br0", { up = true, address = "02:00:00:00:00:01", addrgenmode = "none", type = "bridge" })
  link.add("v0", { up = true, master = "br0", address = "02:00:00:00:00:10", addrgenmode = "none",
                   veth = { peer = { name = "v1", address = "02:00:00:00:00:11" } } })
  link.set("v1", { addrgenmode = "none", up = true }) -- an address of its own would come some time later
  link.set("v1", { addrgenmode = "none" })
  must "ip link add vx0 address 02:00:00:00:00:20 type vxlan id 7 dstport 4789 nolearning"
  must "ip link set vx0 addrgenmode none up"
  return MAC .. " 02:00:00:00:00:10 02:00:00:00:00:11 02:00:00:00:00:01 02:00:00:00:00:20 02:00:00:00:00:21"
end

local function told(lladdr)
  for _, entry in ipairs(json "bridge -j fdb show") do
    if entry.mac == lladdr then return entry end
  end
end

local SHOW = {
  { "bridge fdb show dev v0 state static", function() return fdb.list { dev = "v0", state = "static" } end },
  { "bridge fdb show dev vx0", function() return fdb.list { dev = "vx0" } end },
}

local flag = oracle.flag

-- { key, options, words, where bridge says it, what it says, what we say }
local PORT = { dev = "v0", master = true, state = "static" }
local PORT_WORDS = "dev v0 master static"
local function port(more) return harness.with(PORT, more) end

local CASES = {
  { "lladdr", PORT, PORT_WORDS, "mac", MAC },
  { "dev", PORT, PORT_WORDS, function() return must "bridge fdb":match(MAC .. " dev (%S+)") end, "v0" },
  { "dst", { dev = "vx0", dst = "10.0.0.7" }, "dev vx0 dst 10.0.0.7", "dst", "10.0.0.7" },
  { "dst", { dev = "vx0", dst = "fd00::7" }, "dev vx0 dst fd00::7", "dst", "fd00::7", title = "dst (IPv6)" },
  { "vlan", port { vlan = 7 }, PORT_WORDS .. " vlan 7", "vlan", 7,
    first = "ip link set br0 type bridge vlan_filtering 1 && bridge vlan add dev v0 vid 7 && " },
  { "port", { dev = "vx0", dst = "10.0.0.7", port = 77 }, "dev vx0 dst 10.0.0.7 port 77", "port", 77 },
  { "vni", { dev = "vx0", dst = "10.0.0.7", vni = 99 }, "dev vx0 dst 10.0.0.7 vni 99", "vni", 99 },
  { "src_vni", { dev = "vx1", dst = "10.0.0.7", vni = 5, src_vni = 5 }, "dev vx1 dst 10.0.0.7 src_vni 5 vni 5",
    "src_vni", 5, before = function()
      must "ip link add vx1 address 02:00:00:00:00:21 type vxlan external vnifilter dstport 4790"
      must "bridge vni add vni 5 dev vx1"
    end },
  { "via", { dev = "vx0", dst = "10.0.0.7", via = "v1" }, "dev vx0 dst 10.0.0.7 via v1", "viaIf", "v1" },
  { "nhid", { dev = "vx0", nhid = 10 }, "dev vx0 nhid 10", "nhid", 10, before = function()
      nexthop.add(1, { via = "10.0.0.7", fdb = true })
      nexthop.add(10, { group = { 1 }, fdb = true })
    end },
  { "self", { dev = "vx0", self = true, dst = "10.0.0.7" }, "dev vx0 self dst 10.0.0.7", flag "self", true },
  { "master", PORT, PORT_WORDS, "master", "br0", "br0", reads = function(r) return r.bridge end },
  { "router", { dev = "vx0", dst = "10.0.0.7", router = true }, "dev vx0 dst 10.0.0.7 router", flag "router", true },
  { "extern_learn", port { extern_learn = true }, PORT_WORDS .. " extern_learn", flag "extern_learn", true },
  { "sticky", port { sticky = true }, PORT_WORDS .. " sticky", flag "sticky", true },
  { "use", { dev = "v0", master = true, state = "dynamic", use = true }, "dev v0 master dynamic use", "state", "", "dynamic",
    reads = function(r) return r.state end },
  { "state", { dev = "v0", master = true, state = "dynamic" }, "dev v0 master dynamic", "state", "", "dynamic" },
  { "state", PORT, PORT_WORDS, "state", "static", title = "state static" },
  { "state", { dev = "v0", master = true }, "dev v0 master", "state", "permanent", title = "state unless said" },
  { "bridge", nil, PORT_WORDS, "master", "br0" },
  { "offload", nil, PORT_WORDS, flag "offload", false },
}

local function field(case)
  local key, options, words = table.unpack(case, 1, 3)
  return {
    setup = function()
      local known = wire()
      if case.before then case.before() end
      return known
    end,
    ip = ("%sbridge fdb add %s %s"):format(case.first or "", MAC, words),
    make = options and function()
      if case.first then must(case.first .. "true") end
      fdb.add(MAC, options)
    end,
    told = function()
      local entry = told(MAC)
      return entry and oracle.at(case[4], entry)
    end,
    read = function()
      local record = assert(fdb.get(MAC))
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

describe("an entry of a forwarding table:", function()
  for title, fn in oracle.checks(CASES, "fdb", field, skip) do it(title, fn) end
end)

-- The order of the lines is the kernel's secret, another one for each bridge; what is at the other end of
-- the cable is learned meanwhile.
local function sorted(text) return harness.sorted_lines(text, "^02:00:00:00:00:11") end

describe("a forwarding table", function()
  it("is listed by link, and by bridge with all its ports", fresh(function()
    wire()
    fdb.add(MAC, PORT)
    assert.same(sorted(must "bridge fdb show br br0"), sorted(fdb.list { bridge = "br0" }))
    assert.same(sorted(must "bridge fdb show br br0"), sorted(require "nslab.words".sh "bridge fdb show br br0"))
    assert.same(sorted(must "bridge fdb show dev v0"), sorted(fdb.list { dev = "v0" }))
    assert.same(sorted(must "bridge fdb show state permanent"), sorted(fdb.list { state = "permanent" }))
    assert.equal(1, #fdb.list { bridge = "br0", state = "static" })
    local n = 0
    for entry in fdb.each { bridge = "br0" } do n = n + (entry.dev == "vx0" and 1 or 0) end
    assert.equal(0, n)
  end))

  it("takes entries by record, and gives them back", fresh(function()
    wire()
    fdb.add(MAC, port { sticky = true })
    fdb.append(ANY, { dev = "vx0", dst = "10.0.0.7" })
    fdb.append(ANY, { dev = "vx0", dst = "10.0.0.8", port = 99 })
    fdb.add("02:00:00:00:00:78", { dev = "br0" })
    local function entries()
      return (must "bridge fdb | grep -e 00:77 -e 00:78 -e dst | sort")
    end
    local before, records = entries(), {}
    for _, record in ipairs(fdb.list()) do
      if record.dst or record.lladdr:find ":7[78]$" then records[#records + 1] = record end
    end
    assert.equal(4, #records)
    for _, record in ipairs(records) do fdb.delete(record) end
    assert.equal("", (harness.sh "bridge fdb | grep -e 00:77 -e 00:78 -e dst | sort"))
    for _, record in ipairs(records) do fdb.append(record) end
    assert.equal(before, entries())
  end))

  it("is flushed of all that is not permanent, or of what is asked for", fresh(function()
    wire()
    fdb.add(MAC, PORT)
    fdb.add("02:00:00:00:00:78", { dev = "v0", master = true, state = "dynamic" })
    fdb.append(ANY, { dev = "vx0", dst = "10.0.0.7" })
    assert(fdb.flush { dev = "v0" } >= 2) -- with what was learned meanwhile
    assert.equal(0, fdb.flush { dev = "vx0" })
    assert.equal(1, fdb.flush { dev = "vx0", state = "permanent" })
    assert.is_nil(told(MAC))
    assert.is_nil(told(ANY))
    assert.truthy(told "02:00:00:00:00:10")
  end))

  it("says what is wrong", fresh(function()
    wire()
    local ok, err = pcall(fdb.add, MAC, { dev = "v1", master = true })
    assert.is_false(ok)
    assert.matches("fdb.add " .. MAC .. " in host: ", tostring(err), 1, true)
    ok, err = pcall(fdb.delete, MAC, { dev = "v0", master = true })
    assert.is_false(ok)
    assert.matches("there is no such entry", tostring(err), 1, true)
    assert.is_false((pcall(fdb.add, MAC, { dev = "v0", vlan = 4095 })))
  end))

  it("is heard by a watcher", fresh(function()
    wire()
    local w <close> = netns.watch { objects = { "fdb" } }
    must(("bridge fdb add %s dev v0 master static"):format(MAC))
    local event
    repeat event = assert(w:next(2000)) until event.record.lladdr == MAC
    assert.same({ "new", "fdb", "v0", "static" }, { event.event, event.object, event.record.dev, event.record.state })
    must(("bridge fdb del %s dev v0 master"):format(MAC))
    repeat event = assert(w:next(2000)) until event.record.lladdr == MAC and event.event == "delete"
  end))
end)

describe("an abbreviation", function()
  it("is known to bridge, and no shorter one", fresh(function()
    wire()
    oracle.same_abbreviations("bridge fdb add 02:00:00:00:00:79 dev v0", oracle.entries("fdb", "add"))
  end))
end)

local function setup()
  local known = wire()
  fdb.add(MAC, PORT)
  fdb.append(ANY, { dev = "vx0", dst = "10.0.0.9" })
  netns.add "red"
  return known
end

local LINES = {
  "bridge f show dev vx0", "bridge fdb show brport vx0", "bridge fdb show dev v0 state static",
  "bridge fdb show dev nosuch", "bridge -n red fdb show",
  "bridge fdb add 02:00:00:00:00:78 dev v0 master", "bridge fdb add 02:00:00:00:00:78 dev v0 master temp",
  "bridge fdb add to 02:00:00:00:00:78 dev v0 m local", "bridge fdb a 02:00:00:00:00:78 dev v0 self",
  "bridge fdb add 02:00:00:00:00:78 dev v0 master static sticky vlan 9",
  "bridge fdb add 02:00:00:00:00:78 dev br0", "bridge fdb add 02:00:00:00:00:78",
  "bridge fdb add zz dev v0", "bridge fdb add 02:00:00:00:00:77 dev v0 master static",
  "bridge fdb replace 02:00:00:00:00:77 dev v0 master dynamic", "bridge fdb frob",
  "bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.7", "bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.9",
  "bridge fdb add 02:00:00:00:00:78 dev vx0 dst 10.0.0.7 port 99 vni 8 via v1",
  "bridge fdb add 02:00:00:00:00:78 dev vx0 dst 10.0.0.7 frob",
  "bridge fdb del 02:00:00:00:00:77 dev v0 master", "bridge fdb del 02:00:00:00:00:77 dev v0",
  "bridge fdb del 00:00:00:00:00:00 dev vx0 dst 10.0.0.9", "bridge frob",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_outcome(setup, line) end)
  end
end)
