-- The barrier: no first packet is lost, however soon after `up` it is sent.

local harness = require "harness"
local fresh, must = harness.fresh, harness.must

describe("the barrier", function()
  it("loses no first packet in 100 cycles", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    local lost = 0
    for _ = 1, 100 do
      link.add("v0", { netns = red, up = true, veth = { peer = { name = "v1", netns = blue, up = true } } })
      red.addr.add("10.0.0.1/24", { dev = "v0" })
      blue.addr.add("10.0.0.2/24", { dev = "v1" })
      if red:ping("10.0.0.2", { timeout_ms = 900 }).received ~= 1 then lost = lost + 1 end
      red:delete()
      blue:delete()
      netns.add "red"
      netns.add "blue"
    end
    assert.equal(0, lost)
  end))

  it("loses none when the ends come up by number, by another name, or after a move", fresh(function()
    local red = netns.add "red"
    for i = 1, 20 do
      link.add("v0", { veth = { peer = "v1" } })
      must "ip link property add dev v1 altname a-second-name-that-is-long"
      link.set("v0", { netns = red, up = true })
      red.addr.add("10.0.0.1/24", { dev = "v0" })
      addr.add("10.0.0.2/24", { dev = "v1" })
      link.set(i % 2 == 0 and link.get("v1").ifindex or "a-second-name-that-is-long", { up = true })
      assert.equal(1, red:ping("10.0.0.2", { timeout_ms = 900 }).received)
      link.delete "v1"
    end
  end))

  it("does not wait for a link whose other end is down", fresh(function()
    link.add("v0", { up = true, veth = { peer = "v1" } })
    link.set("lo", { up = true })
    local host = require "nslab.host"
    local start = host.time_ms()
    for _ = 1, 30 do assert.equal(1, netns.host:ping("127.0.0.1").received) end
    assert.truthy(host.time_ms() - start < 25000) -- waiting would take a second each time
  end))
end)
