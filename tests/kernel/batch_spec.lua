-- netlink.batch: many changes in few messages, each error at its own line.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function line() return debug.getinfo(2, "l").currentline end

describe("netlink.batch", function()
  it("makes every change", fresh(function()
    local n = netlink.batch(function(b)
      b.link.set("lo", { up = true })
      b.link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
      b.addr.add("10.0.0.1/24", { dev = "v0" })
      b.neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
      b.rule.add { from = "10.0.0.0/24", table = 100, priority = 100 }
      for i = 1, 500 do b.route.add(("10.%d.%d.0/24"):format(1 + i // 256, i % 256), { dev = "v0" }) end
    end)
    assert.equal(505, n)
    assert.equal(501, #json "ip -j route")
    assert.truthy(must "ip link show v1":find "<[^>]*LOWER_UP")
    assert.truthy(must "ip neigh":find "10.0.0.2")
    assert.truthy(must "ip rule":find "from 10.0.0.0/24")
  end))

  it("acts in the namespace that it is bound to, whatever verb", fresh(function()
    local red = netns.add "red"
    link.add("here", { type = "bridge" })
    red.netlink.batch(function(b)
      b.link.set("lo", { up = true })
      local names = {}
      for l in b.link.each() do names[#names + 1] = l.name end
      assert.same({ "lo" }, names)
      assert.equal(1, #b.link.list())
      assert.is_nil((b.link.get "here"))
    end)
    assert.truthy(must "ip -n red link show lo":find "<[^>]*UP")
    assert.truthy(not must "ip link show lo":find "<[^>]*UP")
  end))

  it("brings up ends that are born elsewhere", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    netlink.batch(function(b)
      for i = 1, 5 do
        b.link.add("v" .. i, { netns = red, up = true, alias = "cable",
                               veth = { peer = { name = "w" .. i, netns = blue, up = true } } })
      end
    end)
    for i = 1, 5 do
      assert.truthy(must("ip -n red link show v" .. i):find "<[^>]*LOWER_UP")
      assert.truthy(must("ip -n blue link show w" .. i):find "<[^>]*LOWER_UP")
    end
    assert.equal("cable", json "ip -n red -j link show v3"[1].ifalias)
  end))

  it("names the line, the key and the field of what failed; the rest is done", fresh(function()
    link.set("lo", { up = true })
    local at
    local ok, e = pcall(netlink.batch, function(b)
      b.route.add("10.1.0.0/16", { dev = "lo" })
      b.route.add("10.2.0.0/16", { via = "192.0.2.1" }) at = line()
      b.route.add("10.3.0.0/16", { dev = "lo" })
      b.route.add("10.1.0.0/16", { dev = "lo" })
    end)
    assert.is_false(ok)
    assert.same({ "route.add", "10.2.0.0/16", "ENETUNREACH", "via" }, { e.op, e.key, e.code, e.field })
    assert.equal(debug.getinfo(1, "S").short_src .. ":" .. at, e.where)
    assert.truthy(e.hint:find("1 more of the batch failed", 1, true))
    assert.equal("10.1.0.0/16 dev lo scope link \n10.3.0.0/16 dev lo scope link \n", must "ip route")
  end))

  it("names the line of a helper in another file", fresh(function()
    local code = "return function(b)\n\nb.route.add('10.2.0.0/16', { via = '192.0.2.1' })\nend"
    local helper = load(code, "=helper")()
    local _, e = pcall(netlink.batch, function(b) helper(b) end)
    assert.equal("helper:3", e.where)
  end))

  it("names misuse at once, and sends nothing of what waits when the function raises", fresh(function()
    link.set("lo", { up = true })
    local ok, e = pcall(netlink.batch, function(b)
      b.route.add("10.1.0.0/16", { dev = "lo" })
      b.route.add("10.2.0.0/16", { dve = "lo" })
    end)
    assert.same({ false, "dve" }, { ok, e.field })
    assert.equal("", must "ip route")
  end))

  it("goes on after a mistake that the function caught, however often", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    netlink.batch(function(b)
      for i = 1, 10 do -- each has opened namespaces before it fails
        assert.is_false((pcall(b.link.add, "x" .. i,
                               { netns = red, veth = { peer = { name = "y", netns = blue, mtu = "x" } } })))
      end
      b.link.add("v0", { netns = red, veth = { peer = { name = "v1", netns = blue } } })
    end)
    assert.equal(2, #json "ip -n red -j link")
    assert.equal(2, #json "ip -n blue -j link")
  end))

  it("takes nothing more when it has ended, and pins nothing", fresh(function()
    local red, kept = netns.add "red", nil
    red.netlink.batch(function(b) kept = b end)
    local ok, e = pcall(kept.link.set, "lo", { up = true })
    assert.same({ false, "EBADF" }, { ok, e.code })
    assert.is_false((pcall(kept.link.list)))
  end))

  it("raises when it is given no function, or one that yields", fresh(function()
    assert.is_false((pcall(netlink.batch)))
    assert.is_false((pcall(netlink.batch, {})))
    local co = coroutine.create(function() netlink.batch(coroutine.yield) end)
    assert.is_false((coroutine.resume(co)))
  end))
end)
