-- neigh: who has which hardware address, read by ip.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must
local MAC, OTHER = "02:00:00:00:00:02", "02:00:00:00:00:03"

local function wire()
  link.add("v0", { up = true, addrgenmode = "none", veth = { peer = { name = "v1", up = true } } })
end

local function entry(dst)
  return json("ip -d -j neigh show " .. dst)[1] or {}
end

-- Which addresses ip shows, in order.
local function left(what)
  local out = {}
  for dst in harness.must("ip neigh show " .. what):gmatch "([^\n]-) " do
    if dst:match "^10" then out[#out + 1] = dst end
  end
  table.sort(out)
  return table.concat(out, " ")
end

describe("a filter of neighbours:", function()
  local function entries()
    link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
    for i, state in ipairs { "permanent", "stale", "noarp", "reachable" } do
      neigh.add("10.0.0." .. i, { dev = "v0", lladdr = "02:00:00:00:00:01", nud = state })
    end
    neigh.add("10.0.1.1", { dev = "v1", lladdr = "02:00:00:00:00:02", nud = "stale" })
  end

  it("a flush of all states leaves those that need no resolution", harness.fresh(function()
    entries()
    assert.equal(4, neigh.flush { nud = "all", to = "10.0.0.0/16" })
    assert.equal("10.0.0.3", left "nud all")
  end))

  it("a flush of a network leaves the others", harness.fresh(function()
    entries()
    neigh.flush { to = "10.0.1.0/24" }
    assert.equal("10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4", left "nud all")
    neigh.flush { to = "10.0.0.2" }
    assert.equal("10.0.0.1 10.0.0.3 10.0.0.4", left "nud all")
  end))

  it("of those on the links of a bridge, and of none", harness.fresh(function()
    entries()
    link.add("br0", { type = "bridge" })
    link.set("v1", { master = "br0" })
    assert.equal("10.0.1.1", neigh.list({ master = "br0" })[1].dst)
    assert.equal(1, neigh.flush { master = "br0" })
    neigh.flush { master = false, nud = "reachable" }
    assert.equal("10.0.0.1 10.0.0.2 10.0.0.3", left "nud all")
  end))
end)

describe("neigh", function()
  it("adds entries of both families, permanent unless told otherwise", fresh(function()
    wire()
    neigh.add("10.0.0.2", { dev = "v0", lladdr = MAC })
    neigh.add("fd00::2", { dev = "v0", lladdr = MAC, nud = "stale", router = true })
    local a, b = entry "10.0.0.2", entry "fd00::2"
    assert.same({ MAC, "PERMANENT" }, { a.lladdr, a.state[1] })
    assert.same({ MAC, "STALE" }, { b.lladdr, b.state[1] })
    assert.truthy(must "ip neigh show fd00::2":find "router")
  end))

  it("keeps a changed entry permanent, as ip does", fresh(function()
    wire()
    neigh.add("10.0.0.2", { dev = "v0", lladdr = MAC })
    neigh.set("10.0.0.2", { dev = "v0", lladdr = OTHER })
    assert.same({ OTHER, "PERMANENT" }, { entry "10.0.0.2".lladdr, entry "10.0.0.2".state[1] })
    neigh.replace("10.0.0.2", { dev = "v0", lladdr = MAC, nud = "reachable" })
    assert.same({ MAC, "REACHABLE" }, { entry "10.0.0.2".lladdr, entry "10.0.0.2".state[1] })
    neigh.replace("10.0.0.3", { dev = "v0", lladdr = MAC })
    assert.equal("PERMANENT", entry "10.0.0.3".state[1])
    local ok, e = pcall(neigh.set, "10.0.0.9", { dev = "v0", lladdr = MAC })
    assert.same({ false, "ENOENT" }, { ok, e.code })
  end))

  it("deletes, by address and by record", fresh(function()
    wire()
    neigh.add("10.0.0.2", { dev = "v0", lladdr = MAC })
    neigh.add("10.0.0.3", { dev = "v0", lladdr = MAC })
    assert.is_false((pcall(neigh.delete, "10.0.0.2")))
    neigh.delete("10.0.0.2", { dev = "v0" })
    neigh.delete(neigh.get "10.0.0.3")
    assert.equal("", must "ip neigh")
  end))

  it("lists what is answered for others when asked", fresh(function()
    wire()
    neigh.add("10.0.0.2", { dev = "v0", lladdr = MAC })
    neigh.add("10.0.0.9", { dev = "v0", proxy = true })
    assert.truthy(must "ip neigh show proxy":find "10.0.0.9")
    assert.equal(1, #neigh.list())
    assert.equal("10.0.0.9", neigh.list { proxy = true }[1].dst)
  end))

  it("finds by state, link and address, however written", fresh(function()
    wire()
    must(("ip neigh add fd00::2 dev v0 lladdr %s nud reachable"):format(MAC))
    assert.equal(MAC, neigh.get("FD00:0::2").lladdr)
    assert.equal("fd00::2", neigh.list { lladdr = MAC:upper(), nud = "reachable" }[1].dst)
    assert.equal(0, #neigh.list { nud = "stale" })
    local none, e = neigh.get "10.0.0.77"
    assert.same({ nil, "ENOENT" }, { none, e.code })
  end))

  it("flushes", fresh(function()
    wire()
    neigh.add("10.0.0.2", { dev = "v0", lladdr = MAC })
    neigh.add("10.0.0.3", { dev = "v1", lladdr = MAC })
    neigh.add("10.0.0.4", { dev = "v0", lladdr = MAC, nud = "stale" })
    assert.equal(1, neigh.flush { dev = "v0" })
    assert.truthy(not must "ip neigh":find "10.0.0.4")
    assert.truthy(must "ip neigh":find "10.0.0.2") -- permanent: somebody entered it
    assert.equal(1, neigh.flush { dev = "v0", nud = "permanent" })
    assert.truthy(not must "ip neigh":find "10.0.0.2")
    assert.truthy(must "ip neigh":find "10.0.0.3")
  end))
end)
