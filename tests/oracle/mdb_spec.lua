-- mdb: what we make and bridge reads, what bridge makes and we read, what both print. Every row of an entry
-- has a case here.

local harness = require "harness"
local oracle = require "oracle"

local fresh, json, must = harness.fresh, harness.json, harness.must

local GRP = "239.1.1.1"

-- v0 and w0 are ports of br0. Nobody asks for groups by himself: without IPv6 there is no discovery.
local function wire()
  link.add("br0", { up = true, address = "02:00:00:00:00:01", addrgenmode = "none", type = "bridge" })
  for i, name in ipairs { "v", "w" } do
    link.add(name .. 0, { up = true, master = "br0", address = "02:00:00:00:00:1" .. i, addrgenmode = "none",
                          veth = { peer = { name = name .. 1, address = "02:00:00:00:00:2" .. i, up = true } } })
    link.set(name .. 1, { addrgenmode = "none" })
  end
  return "02:00:00:00:00:01 02:00:00:00:00:11 02:00:00:00:00:12 02:00:00:00:00:21 02:00:00:00:00:22"
end

-- Entries that bridge tells, without those that the kernel makes for its own IPv6.
local function entries(command)
  local out = {}
  for _, entry in ipairs(json(command or "bridge -j -d mdb show")[1].mdb) do
    if not entry.grp:find "^ff02:" then out[#out + 1] = entry end
  end
  return out
end

local function told(grp, src)
  for _, entry in ipairs(entries()) do
    if entry.grp == grp and entry.src == src then return entry end
  end
end

-- Lines of an output in an order of their own, which the kernel's is not.
local function sorted(text) return harness.sorted_lines(text, "ff02:") end

local PORT = { dev = "br0", port = "v0", state = "permanent" }
local PORT_WORDS = "dev br0 port v0 grp " .. GRP .. " permanent"
local function port(more) return harness.with(PORT, more) end

-- { key, options, words, where bridge says it, what it says, what we say; grp unless GRP }
local CASES = {
  { "dev", PORT, PORT_WORDS, "dev", "br0" },
  { "port", PORT, PORT_WORDS, "port", "v0" },
  { "port", { dev = "br0", port = "br0" }, "dev br0 port br0 grp " .. GRP, "port", "br0", title = "port (the bridge)" },
  { "grp", PORT, PORT_WORDS, "grp", GRP },
  { "grp", PORT, "dev br0 port v0 grp ff1e::5 permanent", "grp", "ff1e::5", grp = "ff1e::5", title = "grp (IPv6)" },
  { "grp", PORT, "dev br0 port v0 grp 01:00:5e:01:02:03 permanent", "grp", "01:00:5e:01:02:03",
    grp = "01:00:5e:01:02:03", title = "grp (hardware address)" },
  { "src", port { src = "10.0.0.7" }, PORT_WORDS .. " src 10.0.0.7", "src", "10.0.0.7", src = "10.0.0.7" },
  { "src", port { src = "fd00::7" }, "dev br0 port v0 grp ff1e::5 permanent src fd00::7", "src", "fd00::7",
    grp = "ff1e::5", src = "fd00::7", title = "src (IPv6)" },
  { "state", PORT, PORT_WORDS, "state", "permanent" },
  { "state", { dev = "br0", port = "v0" }, "dev br0 port v0 grp " .. GRP, "state", "temp", title = "state unless said" },
  { "protocol", nil, PORT_WORDS, "protocol", "static" },
  { "offload", nil, PORT_WORDS, oracle.flag "offload", false },
  { "fast_leave", nil, PORT_WORDS, oracle.flag "fast_leave", false },
  { "added_by_star_ex", nil, PORT_WORDS, oracle.flag "added_by_star_ex", false },
  { "blocked", nil, PORT_WORDS, oracle.flag "blocked", false },
}

-- Rows that bridge of this version cannot say, or that this kernel has only with VLANs: kernel/bridge_mdb_spec.
local ELSEWHERE = { { "vid" }, { "source_list" }, { "filter_mode" }, { "timer" } }

local function field(case)
  local key, options, words = table.unpack(case, 1, 3)
  local grp = case.grp or GRP
  return {
    setup = wire,
    ip = "bridge mdb add " .. words,
    make = options and function() mdb.add(grp, options) end,
    told = function()
      local entry = told(grp, case.src)
      return entry and oracle.at(case[4], entry)
    end,
    read = function() return assert(mdb.get(grp, { src = case.src }))[key] end,
    wanted_told = case[5],
    wanted_read = oracle.either(case[5], case[6]),
  }
end

local function skip(why)
  pending(why)
end

describe("an entry of the multicast groups:", function()
  for title, fn in oracle.checks(CASES, "mdb", field, skip) do
    if title ~= "has a case for every row" then it(title, fn) end
  end

  it("has a case for every row", function()
    local all = table.move(ELSEWHERE, 1, #ELSEWHERE, #CASES + 1, table.move(CASES, 1, #CASES, 1, {}))
    assert.same({}, oracle.rows_without("mdb", all))
  end)
end)

local function several()
  mdb.add(GRP, PORT)
  mdb.add(GRP, port { port = "w0" })
  mdb.add("239.1.1.2", port { port = "w0", src = "10.0.0.9" })
  mdb.add("ff1e::5", PORT)
  mdb.add("01:00:5e:01:02:03", PORT)
  link.add("br1", { up = true, addrgenmode = "none", type = "bridge" })
  mdb.add("239.9.9.9", { dev = "br1", port = "br1" })
end

describe("the groups of bridges", function()
  it("are listed one by one, as bridge prints them, though one message has many", fresh(function()
    wire()
    several()
    assert.same(sorted(must "bridge mdb show"), sorted(mdb.list()))
    assert.same(sorted(must "bridge mdb show dev br1"), sorted(mdb.list { dev = "br1" }))
    assert.same(sorted(must "bridge mdb show dev br0"), sorted(require "nslab.words".sh "bridge mdb show dev br0"))
    local n = 0
    for entry in mdb.each { port = "w0" } do n = n + (entry.grp:find "^ff02:" and 0 or 1) end
    assert.equal(2, n)
    assert.equal("ff1e::5", mdb.get("FF1E:0::5").grp)
    assert.is_nil((mdb.get "239.7.7.7"))
  end))

  it("are as many as there are, when they need several messages", fresh(function()
    wire()
    netlink.batch(function(b)
      for i = 1, 1500 do b.mdb.add(("239.2.%d.%d"):format(i // 250, i % 250 + 1), PORT) end
    end)
    assert.equal(1500, #entries())
    assert.equal(1500, #mdb.list { port = "v0", state = "permanent" })
    assert.equal(1500, mdb.flush { port = "v0", state = "permanent" })
    assert.equal(0, #entries())
  end))

  it("are taken away by record, and given back", fresh(function()
    wire()
    several()
    local before, records = sorted(must "bridge -d mdb show"), {}
    for _, entry in ipairs(mdb.list()) do
      if not entry.grp:find "^ff02:" then records[#records + 1] = entry end
    end
    assert.equal(6, #records)
    for _, record in ipairs(records) do mdb.delete(record) end
    assert.same({}, entries())
    for _, record in ipairs(records) do mdb.add(record) end
    assert.same(before, sorted(must "bridge -d mdb show"))
  end))

  it("say what is wrong", fresh(function()
    wire()
    mdb.add(GRP, PORT)
    for text, call in pairs {
      ["there is no such entry"] = function() mdb.delete("239.1.1.7", PORT) end,
      ["has an entry for " .. GRP] = function() mdb.add(GRP, PORT) end,
      ["no hardware address"] = function() mdb.add("239.1.1", PORT) end,
      ["port: this option is needed"] = function() mdb.add(GRP, { dev = "br0" }) end,
      ["vid: 5000 is not in 1..4094"] = function() mdb.add(GRP, port { vid = 5000 }) end,
      ["filter_mode: "] = function() mdb.add(GRP, port { filter_mode = "some" }) end,
    } do
      local ok, err = pcall(call)
      assert.is_false(ok)
      assert.matches(text, tostring(err), 1, true)
    end
    assert.equal(1, #entries())
  end))

  it("are heard by a watcher", fresh(function()
    wire()
    local w <close> = netns.watch { objects = { "mdb" } }
    must("bridge mdb add " .. PORT_WORDS)
    local event
    repeat event = assert(w:next(2000)) until event.record.grp == GRP
    assert.same({ "new", "mdb", "br0", "v0", "permanent" },
                { event.event, event.object, event.record.dev, event.record.port, event.record.state })
    must("bridge mdb del dev br0 port v0 grp " .. GRP)
    repeat event = assert(w:next(2000)) until event.record.grp == GRP and event.event == "delete"
  end))

  it("are taken out of the message by netlink.request, too", fresh(function()
    wire()
    several()
    local n = 0
    for _, record in ipairs(netlink.request { type = "RTM_GETMDB", flags = { "dump" }, header = "\7" }) do
      n = n + (record.grp:find "^ff02:" and 0 or 1)
    end
    assert.equal(6, n)
  end))
end)

local function setup()
  local known = wire()
  mdb.add(GRP, PORT)
  return known
end

-- What oracle.same_outcome compares has no groups.
local LINES = {
  "bridge mdb show dev nosuch", "bridge mdb add dev br0 port w0 grp 239.1.1.9 permanent",
  "bridge mdb a dev br0 port w0 grp 239.1.1.9 src 10.0.0.9 permanent", "bridge m add dev br0 port w0 grp 239.1.1.9",
  "bridge mdb add grp 239.1.1.9 port w0 dev br0 temp", "bridge mdb add dev br0 port w0",
  "bridge mdb add dev br0 grp 239.1.1.9", "bridge mdb add port w0 grp 239.1.1.9",
  "bridge mdb add dev br0 port w0 grp 10.1.1.9", "bridge mdb add dev br0 port w0 grp zz",
  "bridge mdb del dev br0 port v0 grp 239.1.1.1", "bridge mdb d dev br0 port v0 grp 239.1.1.7",
  "bridge mdb frob", "bridge mdb add dev br0 port nosuch grp 239.1.1.9",
}

local function view() return table.concat(sorted(must "bridge -d mdb show"), "\n") end

describe("an abbreviation", function()
  it("is known to bridge, and no shorter one", fresh(function()
    wire()
    oracle.same_abbreviations("bridge mdb add dev br0 port v0 grp 239.1.1.1", oracle.entries("mdb", "add"))
  end))
end)

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_view(setup, line, view) end)
  end
end)
