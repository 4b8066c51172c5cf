-- rule: policy routing, read by ip.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function at(priority, family)
  for _, r in ipairs(json(("ip -N -j %s rule"):format(family or "-4"))) do
    if r.priority == priority then return r end
  end
end

describe("rule", function()
  it("adds rules of both families with all that goes with them", fresh(function()
    rule.add { from = "10.0.0.0/24", to = "10.1.0.0/16", iif = "lo", fwmark = 7, fwmask = 255, tos = 16,
               table = 1000, priority = 100 }
    local r = at(100)
    assert.same({ "10.0.0.0", 24, "10.1.0.0", 16, "lo", "0x7", "0xff", "1000" },
                { r.src, r.srclen, r.dst, r.dstlen, r.iif, r.fwmark, r.fwmask, tostring(r.table) })
    rule.add { from = "fd00::/64", table = "main", priority = 101 }
    assert.same({ "fd00::", 64 }, { at(101, "-6").src, at(101, "-6").srclen })
    rule.add { to = "10.2.0.0/16", action = "prohibit", priority = 102, invert = true }
    assert.truthy(must "ip rule":find "102:%s+not from all to 10.2.0.0/16 prohibit")
    rule.add { target = 32766, priority = 103 }
    assert.truthy(must "ip rule":find "103:%s+from all goto 32766")
    rule.add { suppress_prefixlength = 0, table = "main", priority = 104, ipproto = 6, oif = "lo" }
    local words = "104:%s+from all oif lo ipproto tcp lookup main suppress_prefixlength 0"
    assert.truthy(must "ip rule":find(words))
  end))

  it("deletes what agrees, by fields and by record, and wants some", fresh(function()
    local before = must "ip rule"
    rule.add { from = "10.0.0.0/24", table = 100, priority = 100 }
    rule.add { from = "10.0.1.0/24", table = 101, priority = 101 }
    rule.delete { priority = 100 }
    rule.delete(rule.get { table = 101 })
    assert.equal(before, must "ip rule")
    assert.is_false((pcall(rule.delete)))
    assert.is_false((pcall(rule.delete, {})))
    assert.is_false((pcall(rule.delete, { priority = 99 })))
    assert.equal(before, must "ip rule")
  end))

  it("flushes, but for the rule that makes local addresses reachable", fresh(function()
    rule.add { from = "10.0.0.0/24", table = 100, priority = 100 }
    assert.equal(3, rule.flush()) -- 100, main, default
    assert.equal("0:\tfrom all lookup local\n", must "ip rule")
  end))

  it("finds by table, priority and network", fresh(function()
    rule.add { from = "10.0.0.0/24", table = 100, priority = 100 }
    rule.add { from = "fd00::/64", table = 100, priority = 101 }
    assert.equal(100, rule.get({ table = 100 }).priority)
    assert.equal(101, rule.get({ from = "FD00:0::/64" }).priority)
    assert.equal("main", rule.list({ table = 254 })[1].table)
    assert.equal(3, #rule.list { from = "all" })
    local none, e = rule.get { priority = 5 }
    assert.same({ nil, "ENOENT" }, { none, e.code })
  end))
end)
