-- The LAN behind a lab's eth0: what the host gets, and that the namespace behind it lasts as long as
-- its handle and no longer.

local harness = require "harness"
local core = require "nslab.core"
local lan = require "nslab.lan"

local function eth0()
  return (harness.sh "ip -br link show eth0 2>/dev/null")
end

describe("the LAN behind eth0", function()
  it("gives the host a card, an address and a router", harness.fresh(function()
    local behind <close> = lan.connect { eth0 = "192.168.1.2/24" }
    assert.truthy(behind)
    local addresses = harness.json "ip -j -4 addr show dev eth0"
    assert.same({ "192.168.1.2", 24 },
                { addresses[1].addr_info[1]["local"], addresses[1].addr_info[1].prefixlen })
    local routes = harness.json "ip -j route show default"
    assert.same({ "192.168.1.1", "eth0" }, { routes[1].gateway, routes[1].dev })
    harness.must "ping -c 1 -W 2 192.168.1.1"
  end))

  it("has no name that ip would show", harness.fresh(function()
    local behind <close> = lan.connect { eth0 = "192.168.1.2/24" }
    assert.truthy(behind)
    assert.equal("", harness.must "ip netns list")
  end))

  it("can have a name and more addresses than the router's", harness.fresh(function()
    lan.connect { eth0 = "192.168.1.2/24", lan = { name = "out", "192.168.1.3/24", "203.0.113.10/32" } }
    assert.truthy(harness.must("ip netns list"):find "^out")
    for _, address in ipairs { "192.168.1.1", "192.168.1.3", "203.0.113.10" } do
      harness.must("ping -c 1 -W 2 " .. address)
    end
  end))

  it("is on a host that does not forward, and refuses no packet for where it comes from",
     harness.fresh(function()
    harness.must "echo 1 >/proc/sys/net/ipv4/ip_forward"
    lan.connect { eth0 = "192.168.1.2/24", lan = { name = "out" } }
    assert.equal("0\n", harness.must "cat /proc/sys/net/ipv4/ip_forward")
    assert.equal("0\n0\n", harness.must("ip netns exec out cat /proc/sys/net/ipv4/conf/all/rp_filter " ..
                                        "/proc/sys/net/ipv4/conf/lan/rp_filter"))
  end))

  it("survives the garbage of what was asked of it", harness.fresh(function()
    local behind <close> = lan.connect { eth0 = "10.0.0.2/8" }
    for _ = 1, 3 do
      assert.truthy(#behind.link.list() >= 2)
      assert.truthy(behind.link.get "lan")
      behind:run(function() assert(netns.current() == behind) end)
      collectgarbage()
    end
    assert.truthy(eth0():find "eth0")
    assert.equal("10.0.0.1/8", behind.addr.list({ dev = "lan", family = "inet" })[1].address)
  end))

  it("is gone with its handle", harness.fresh(function()
    do
      local behind <close> = lan.connect { eth0 = "192.168.1.2/24" }
      assert.truthy(behind)
    end
    collectgarbage()
    local text = "eth0"
    for _ = 1, 50 do -- the kernel takes a namespace down in its own time
      text = eth0()
      if text == "" then break end
      harness.must "sleep 0.02"
    end
    assert.equal("", text)
  end))
end)

describe("a namespace without a name", function()
  it("is equal to itself, however one came by it", harness.fresh(function()
    local one <close> = core.hidden_netns "h"
    local other <close> = core.hidden_netns "h"
    one:run(function()
      assert.is_true(netns.current() == one)
      assert.is_false(netns.current() == other)
    end)
    assert.is_false(one == netns.host)
  end))
end)
