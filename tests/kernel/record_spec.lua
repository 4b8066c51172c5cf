-- Records: what get and list return, looked at, changed, compared, and given back.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function wire()
  link.add("v0", { up = true, alias = "cable", veth = { peer = { name = "v1", up = true } } })
  addr.add("10.0.0.1/24", { dev = "v0" })
end

describe("a record", function()
  it("has the keys that add takes, and those that only the kernel sets", fresh(function()
    wire()
    local l, shown = link.get "v0", json "ip -d -j link show v0"[1]
    assert.same({ shown.ifname, shown.ifindex, shown.address, shown.mtu, shown.ifalias, "veth", true },
                { l.name, l.ifindex, l.address, l.mtu, l.alias, l.type, l.up })
    assert.equal(shown.operstate:lower(), l.operstate)
    assert.is_nil(l.nothing)
    assert.is_nil(l[1])
    assert.is_nil(l.master)
  end))

  it("is a plain table when called, and by :table() where no field is named so", fresh(function()
    wire()
    local l = link.get "v0"
    local copy = l()
    assert.same({ "table", "v0", "v1" }, { type(copy), copy.name, copy.veth.peer.name })
    assert.equal("v0", l:table().name)
    assert.equal("main", route.list()[1].table)
    assert.equal("10.0.0.0/24", route.list()[1]().dst)
    copy.name = "other"
    assert.equal("v0", l.name)
  end))

  it("gives its fields to pairs, assigned ones too", fresh(function()
    wire()
    local l, seen = link.get "v0", {}
    l.mtu = 1234
    l.alias = nil
    for key, value in pairs(l) do seen[key] = value end
    assert.same({ "v0", 1234, nil, "veth" }, { seen.name, seen.mtu, seen.alias, seen.type })
    assert.equal("string", type(next(seen)))
  end))

  it("keeps what is assigned, nil too, and refuses other fields", fresh(function()
    wire()
    local l = link.get "v0"
    l.mtu = 1300
    assert.equal(1300, l.mtu)
    l.mtu = nil
    assert.is_nil(l.mtu)
    assert.is_nil(l().mtu)
    assert.is_false((pcall(function() l.mut = 1 end)))
    assert.is_false((pcall(function() l[1] = 1 end)))
    assert.equal(1500, link.get("v0").mtu)
  end))

  it("is told from what is none", fresh(function()
    local meta = getmetatable(link.get "lo")
    for _, other in pairs { io.stdout, netns.current(), "a string of many bytes, as long as a record", {}, 1 } do
      for _, event in ipairs { "__index", "__call", "__pairs", "__newindex" } do
        local ok, message = pcall(meta[event], other, "name", 1)
        assert.same({ false, true }, { ok, message:find("record expected", 1, true) ~= nil }, event)
      end
    end
    assert.is_false(meta.__eq(io.stdout, link.get "lo"))
    assert.equal("lo", meta.__index(link.get "lo", "name"))
  end))

  it("gives the same nested table each time", fresh(function()
    link.add("br0", { type = "bridge" })
    local l = link.get "br0"
    assert.truthy(rawequal(l.bridge, l.bridge))
    l.bridge.forward_delay = 400
    assert.equal(400, l.bridge.forward_delay)
  end))

  it("keeps what has no row under `unknown`, by number", fresh(function()
    wire()
    local unknown = addr.list({ dev = "v0", family = "inet" })[1].unknown
    assert.is_nil(unknown) -- every attribute of an address has a row
    unknown = link.list({ name = "v0" })[1].unknown
    assert.equal("string", type(unknown[13] or unknown[23] or select(2, next(unknown))))
    assert.is_nil(unknown[3]) -- IFLA_IFNAME has one
  end))

  it("is equal to another that says the same", fresh(function()
    wire()
    neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02", nud = "stale" })
    assert.equal(addr.get "10.0.0.1/24", addr.get "10.0.0.1/24")
    local old = link.get "v0"
    must "ping -c 1 -W 1 -I v0 10.0.0.9 >/dev/null 2>&1 || true" -- counters move
    assert.equal(old, link.get "v0")
    assert.equal(old, link.list({ name = "v0" })[1])
    local known = neigh.get "10.0.0.2"
    must "sleep 0.05" -- its age is in ticks of the kernel
    assert.equal(known, neigh.get "10.0.0.2")
    link.set("v0", { mtu = 1400 })
    assert.not_equal(old, link.get "v0")
    assert.not_equal(old, link.get "lo")
    assert.not_equal(old, addr.get "10.0.0.1/24")
  end))

  it("stands for its key and its options", fresh(function()
    wire()
    local a = addr.get "10.0.0.1/24"
    addr.delete(a)
    a.dev = "v1"
    a.label = nil
    addr.add(a)
    assert.equal("10.0.0.1", json "ip -j -4 addr show dev v1"[1].addr_info[1]["local"])
    link.set(link.get "v0", { mtu = 1400 })
    assert.equal(1400, json "ip -j link show v0"[1].mtu)
  end))

  it("is refused by another module", fresh(function()
    wire()
    local l = link.get "v0"
    for _, call in ipairs { { addr.add, l }, { route.delete, l }, { rule.add, l }, { neigh.delete, l },
                            { link.set, addr.list()[1], { up = true } }, { addr.add, "10.0.0.9/8", l } } do
      local ok, e = pcall(table.unpack(call))
      assert.is_false(ok)
      assert.truthy(e.text:find "another kind")
    end
  end))

  it("outlives its namespace", fresh(function()
    local red = netns.add "red"
    red.link.add("br0", { type = "bridge" })
    red.link.add("v0", { master = "br0", veth = { peer = "v1" } })
    local l = red.link.get "v0"
    red:delete()
    assert.equal("v0", l.name)
    assert.truthy(l.master:find "^if%d+$") -- nobody can say the name any more
    assert.same({}, l.veth)
  end))

  it("makes lists that know their links by name with one look each", fresh(function()
    wire()
    for i = 2, 50 do addr.add(("10.0.%d.1/24"):format(i), { dev = "v0" }) end
    local n = 0
    for _, a in ipairs(addr.list { dev = "v0", family = "inet" }) do
      assert.equal("v0", a.dev)
      n = n + 1
    end
    assert.equal(50, n)
  end))
end)
