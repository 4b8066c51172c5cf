-- mpls: routes of labels, read by ip, and the packets that go by them. A kernel without MPLS skips all of it
-- aloud; tests/vm has one that has it.

local harness = require "harness"
local words = require "nslab.words"

local fresh, must = harness.fresh, harness.must

-- A veth with an address, and room for labels; without MPLS the test is skipped.
local function wire()
  link.add("v0", { up = true, addrgenmode = "none", veth = { peer = { name = "v1", up = true } } })
  link.set("lo", { up = true })
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
  if not pcall(sysctl.set, "net.mpls.platform_labels", 1000) then pending "this kernel has no MPLS" end
end

-- What ip shows, without the blanks at the ends of lines.
local function told(what)
  return (must("ip -f mpls route " .. (what or "")):gsub(" *\n", "\n"):gsub("\n$", ""))
end

describe("a route of a label", function()
  it("is told by ip as it was made, and shown as ip shows it", fresh(function()
    wire()
    mpls.add(100, { as = "200/300", via = "10.0.0.2", dev = "v0" })
    mpls.add(101, { as = 201, via = "fd00::2", dev = "v0", protocol = "static" })
    mpls.add(102, { dev = "lo" })
    mpls.add(103, { ttl_propagate = false, nexthops = { { as = 200, via = "10.0.0.2", dev = "v0" },
                                                        { as = 300, via = "10.0.0.3", dev = "v0" } } })
    assert.equal([[
100 as to 200/300 via inet 10.0.0.2 dev v0
101 as to 201 via inet6 fd00::2 dev v0 proto static
102 dev lo
103 ttl-propogate disabled
	nexthop as to 200 via inet 10.0.0.2 dev v0
	nexthop as to 300 via inet 10.0.0.3 dev v0]], told())
    assert.equal(told(), tostring(mpls.list()))
    assert.equal(told "show dev v0", tostring(mpls.list { dev = "v0" }))
  end))

  it("gives back what was given, also as a record", fresh(function()
    wire()
    for _, case in ipairs { { as = "200/300" }, { via = "fd00::2" }, { ttl_propagate = true } } do
      local options = { dev = "v0", via = "10.0.0.2" }
      for key, v in pairs(case) do options[key] = v end
      mpls.add(100, options)
      local key, v = next(case)
      assert.equal(v, mpls.get(100)[key], key)
      local before = told()
      mpls.delete(mpls.get(100))
      assert.equal("", told())
      mpls.add(100, options)
      local record = mpls.get(100)
      mpls.delete(100)
      mpls.add(100, record)
      assert.equal(before, told())
      assert.equal(1, mpls.flush { dev = "v0" })
    end
  end))

  it("is changed, deleted and shown by the commands of ip", fresh(function()
    wire()
    words.sh [[
      ip -f mpls route add 100 as 200 via inet 10.0.0.2 dev v0
      ip -M route replace 100 as to 201 via inet 10.0.0.3 dev v0
      ip -f mpls route add 101 dev lo proto static
    ]]
    assert.equal("100 as to 201 via inet 10.0.0.3 dev v0\n101 dev lo proto static", told())
    assert.equal("101 dev lo\n", words.sh "ip -f mpls r show proto static")
    words.sh "ip -f mpls route del 100; ip -M r flush proto static"
    assert.equal("", told())
  end))

  it("is refused with what is in the way", fresh(function()
    wire()
    sysctl.set("net.mpls.platform_labels", 50)
    local ok, err = pcall(mpls.add, 100, { via = "10.0.0.2", dev = "v0" })
    assert.is_false(ok)
    assert.equal("EINVAL", err.code)
    assert.truthy(err.hint:find("platform_labels", 1, true))
  end))
end)

describe("packets with labels", function()
  -- a - b - c in a line. b knows nothing of 10.9.0.1, which is c's: it goes by labels alone.
  it("are labelled on one side, get another label on the way, and lose it at the end", fresh(function()
    wire()
    local a, b, c = netns.add "a", netns.add "b", netns.add "c"
    a.link.add("ab", { up = true, veth = { peer = { name = "ba", netns = b, up = true } } })
    b.link.add("bc", { up = true, veth = { peer = { name = "cb", netns = c, up = true } } })
    a.addr.add("10.1.0.1/24", { dev = "ab" })
    b.addr.add("10.1.0.2/24", { dev = "ba" })
    b.addr.add("10.2.0.2/24", { dev = "bc" })
    c.addr.add("10.2.0.3/24", { dev = "cb" })
    c.link.set("lo", { up = true })
    c.addr.add("10.9.0.1/32", { dev = "lo" })
    for _, node in ipairs { b, c } do
      node.sysctl.set("net.mpls.platform_labels", 1000)
      node.sysctl.set("net.ipv4.ip_forward", 1)
      node.sysctl.set("net.ipv4.conf.all.rp_filter", 0)
    end
    b.sysctl.set("net.mpls.conf.ba.input", 1)
    c.sysctl.set("net.mpls.conf.cb.input", 1)
    c.route.add("10.1.0.0/24", { via = "10.2.0.2" })
    a.route.add("10.9.0.1/32", { via = "10.1.0.2", encap = { mpls = { labels = 100 } } })
    assert.equal(0, a:ping("10.9.0.1", { timeout_ms = 300 }).received)
    b.mpls.add(100, { as = 200, via = "10.2.0.3", dev = "bc" })
    c.mpls.add(200, { dev = "lo" })
    assert.equal(1, a:ping("10.9.0.1", { timeout_ms = 5000 }).received)
    b.mpls.delete(100)
    assert.equal(0, a:ping("10.9.0.1", { timeout_ms = 300 }).received)
  end))
end)
