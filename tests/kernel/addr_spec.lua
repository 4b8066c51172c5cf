-- addr: addresses of links, read by ip.

local harness = require "harness"
local words = require "nslab.words"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function first(dev, family)
  return json(("ip -d -j %s addr show dev %s"):format(family or "-4", dev))[1].addr_info[1]
end

local function count(dev)
  local l = json(("ip -j -4 addr show dev %s"):format(dev))[1]
  return l and l.addr_info and #l.addr_info or 0
end

local function wire()
  link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
end

describe("addr", function()
  it("gives a link addresses of both families with all that goes with them", fresh(function()
    wire()
    addr.add("192.168.15.1/24", { dev = "v0", broadcast = "192.168.15.255", label = "v0:a", scope = "link",
                                  metric = 77, valid_lft = 600, preferred_lft = 300 })
    local a = first "v0"
    assert.same({ "192.168.15.1", 24, "192.168.15.255", "v0:a", "link", 77 },
                { a["local"], a.prefixlen, a.broadcast, a.label, a.scope, a.metric })
    assert.truthy(a.valid_life_time > 500 and a.valid_life_time <= 600)
    assert.truthy(a.preferred_life_time > 200 and a.preferred_life_time <= 300)
    link.set("v1", { addrgenmode = "none" })
    addr.flush { dev = "v1" }
    addr.add("fd00:15::1/64", { dev = "v1", nodad = true, noprefixroute = true })
    a = first("v1", "-6")
    assert.same({ "fd00:15::1", 64, true, true }, { a["local"], a.prefixlen, a.nodad, a.noprefixroute })
    assert.equal("", must "ip -6 route show fd00:15::/64")
  end))

  it("takes an address without a length together with its peer", fresh(function()
    wire()
    addr.add("10.0.0.1", { dev = "v0", peer = "10.0.0.2" })
    addr.add("10.1.0.1", { dev = "v0", peer = "10.1.0.0/24" })
    local got = json "ip -j -4 addr show dev v0"[1].addr_info
    assert.same({ "10.0.0.1", "10.0.0.2", 32 }, { got[1]["local"], got[1].address, got[1].prefixlen })
    assert.same({ "10.1.0.1", "10.1.0.0", 24 }, { got[2]["local"], got[2].address, got[2].prefixlen })
    local record = addr.list { peer = "10.1.0.0/24" }[1]
    assert.same({ "10.1.0.1/24", "10.1.0.0/24" }, { record.address, record.peer })
    addr.delete(record)
    assert.equal(1, count "v0")
  end))

  it("never prefers an address for longer than it is valid", fresh(function()
    wire()
    addr.add("10.0.0.1/24", { dev = "v0", valid_lft = 60 })
    assert.truthy(first "v0".preferred_life_time <= 60)
    local ok, e = pcall(addr.add, "10.0.1.1/24", { dev = "v0", valid_lft = 60, preferred_lft = 90 })
    assert.same({ false, "preferred_lft" }, { ok, e.field })
  end))

  -- On a cable an IPv6 address may be used at once in a sandbox, and v0 asks for a long time whether
  -- somebody has it when it is to be looked for.
  it("does without duplicate address detection in a sandbox, unless that is asked for", fresh(function()
    wire()
    sysctl.set("net.ipv6.conf.v0.dad_transmits", 100)
    local options = { dev = "v0" }
    addr.add("fd00::1/64", options)
    addr.add("fd00::2/64", { dev = "v0", nodad = false })
    addr.add("fd00::3/64", { dev = "v0", optimistic = true })
    addr.replace("fd00::4/64", { dev = "v0" })
    addr.replace("fd00::5/64", { dev = "v0", nodad = false })
    netlink.batch(function(b) b.addr.add("fd00::6/64", { dev = "v0" }) end)
    assert.same({ dev = "v0" }, options)
    local told = {}
    for _, a in ipairs(json "ip -j -6 addr show dev v0 to fd00::/64"[1].addr_info) do
      if a["local"] then told[a["local"]:sub(-1)] = { nodad = a.nodad, tentative = a.tentative } end
    end
    assert.same({ ["1"] = { nodad = true }, ["2"] = { tentative = true }, ["3"] = { tentative = true },
                  ["4"] = { nodad = true }, ["5"] = { tentative = true }, ["6"] = { nodad = true } }, told)
    addr.replace(addr.get "fd00::2/64", { dev = "v0", nodad = false, metric = 5 })
    addr.replace(addr.get "fd00::5/64")
    local tentative = must "ip -6 addr show dev v0 tentative"
    assert.truthy(tentative:find("fd00::2/64", 1, true) and tentative:find("fd00::5/64", 1, true))
  end))

  it("says so in the command and in the Lua that the operation equals", fresh(function()
    wire()
    local ops = {}
    require("nslab.core").observe(function(op) ops[#ops + 1] = words.command(op) .. "; " .. words.lua(op) end)
    addr.add("fd00::1/64", { dev = "v0" })
    addr.add("fd00::2/64", { dev = "v0", nodad = false })
    words.sh "ip addr add fd00::3/64 dev v0"
    require("nslab.core").observe(nil)
    assert.same({
      'ip addr add fd00::1/64 dev v0 nodad; addr.add("fd00::1/64", { dev = "v0", nodad = true })',
      'ip addr add fd00::2/64 dev v0; addr.add("fd00::2/64", { dev = "v0", nodad = false })',
      'ip addr add fd00::3/64 dev v0; addr.add("fd00::3/64", { dev = "v0", nodad = false })',
    }, ops)
  end))

  it("detects duplicates with --dad, and outside of a sandbox", function()
    local code = [[
      link.add("x0", { up = true, veth = { peer = { name = "x1", up = true } } })
      sysctl.set("net.ipv6.conf.x0.dad_transmits", 100)
      addr.add("fd00::1/64", { dev = "x0" })
      local a = addr.get "fd00::1/64"
      print(a.nodad, a.tentative)]]
    assert.equal("true\tfalse\n", harness.run { "-e", code }.stdout)
    assert.equal("false\ttrue\n", harness.run { "--dad", "-e", code }.stdout)
    harness.fresh(function() assert.equal("false\ttrue\n", harness.run { "--no-sandbox", "-e", code }.stdout) end)()
  end)

  it("gives loopback addresses the scope that ip gives them", fresh(function()
    link.set("lo", { up = true })
    addr.add("127.0.0.2/8", { dev = "lo" })
    assert.truthy(must "ip -4 addr show dev lo":find "127.0.0.2/8 scope host")
  end))

  it("replaces", fresh(function()
    wire()
    addr.replace("10.0.0.1/24", { dev = "v0" })
    addr.replace("10.0.0.1/24", { dev = "v0", valid_lft = 600, preferred_lft = 600 })
    assert.truthy(first "v0".valid_life_time <= 600)
    assert.equal(1, count "v0")
  end))

  it("deletes what it is told, and needs to be told where", fresh(function()
    wire()
    addr.add("10.0.0.1/24", { dev = "v0" })
    assert.is_false((pcall(addr.delete, "10.0.0.1/24")))
    assert.is_false((pcall(addr.delete, "10.0.0.1/16", { dev = "v0" })))
    addr.delete("10.0.0.1/24", { dev = "v0" })
    assert.equal(0, count "v0")
  end))

  it("finds an address however it is written", fresh(function()
    wire()
    must "ip addr add fd00::1/64 dev v0 nodad"
    must "ip addr add 10.0.0.1/24 dev v0 brd +"
    assert.equal("v0", addr.get("FD00:0:0::1/64").dev)
    assert.equal("fd00::1/64", addr.list { address = "fd00:0::0:1/64", dev = "v0" }[1].address)
    assert.equal("10.0.0.1/24", addr.list { broadcast = "10.0.0.255" }[1].address)
    assert.equal("10.0.0.1/24", addr.list { family = "inet", dev = "v0", scope = 0 }[1].address)
    local a, e = addr.get "10.0.0.1/25"
    assert.same({ nil, "ENOENT", "10.0.0.1/25" }, { a, e.code, e.key })
    assert.equal("v0", addr.get("10.0.0.1/24", { dev = "v0" }).dev)
    assert.is_nil((addr.get("10.0.0.1/24", { dev = "v1" })))
  end))

  it("raises for a filter that can mean nothing", fresh(function()
    for _, filter in ipairs { { address = "10.0.0.1" }, { adress = "10.0.0.1/8" }, { scope = "globl" },
                              { "10.0.0.1/8" }, { valid_lft = "long" }, "lo" } do
      assert.is_false((pcall(addr.list, filter)))
      assert.is_false((pcall(addr.each, filter)))
    end
    for _, args in ipairs { {}, { {} }, { "10.0.0.1/8", "lo" }, { 5 } } do
      assert.is_false((pcall(addr.get, table.unpack(args))))
    end
  end))

  it("flushes one link, one family", fresh(function()
    wire()
    addr.add("10.0.0.1/24", { dev = "v0" })
    addr.add("10.0.0.2/24", { dev = "v0" })
    addr.add("10.0.0.3/24", { dev = "v1" })
    addr.add("fd00::1/64", { dev = "v0" })
    addr.flush { dev = "v0", family = "inet" }
    assert.equal(0, count "v0")
    assert.equal(1, count "v1")
    assert.truthy(must "ip -6 addr show dev v0":find "fd00::1")
  end))

  it("flushes by scope, by label and by both", fresh(function()
    wire()
    addr.add("10.0.0.1/24", { dev = "v0", label = "v0:a" })
    addr.add("10.0.1.1/24", { dev = "v0", scope = "link", label = "v0:a" })
    addr.add("10.0.2.1/24", { dev = "v0", scope = "link", label = "v0:b" })
    addr.add("10.0.3.1/24", { dev = "v1", scope = "link" })
    local function left()
      local out = {}
      for _, l in ipairs(json "ip -j -4 addr") do
        for _, a in ipairs(l.addr_info or {}) do out[#out + 1] = a["local"] end
      end
      table.sort(out)
      return out
    end
    assert.equal(1, addr.flush { scope = "link", label = "v0:a" })
    assert.same({ "10.0.0.1", "10.0.2.1", "10.0.3.1" }, left())
    assert.same({ "10.0.2.1/24" }, { (addr.list { label = "v0:[b-z]" }[1] or {}).address })
    assert.equal(1, addr.flush { label = "v0:b*" })
    assert.equal(1, addr.flush { scope = "link", family = "inet" })
    assert.same({ "10.0.0.1" }, left())
  end))
end)
