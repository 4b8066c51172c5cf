-- The first packet over a cable that has just been plugged in arrives: the barrier before ping waits until
-- the kernel has activated both ends. ARP asks again after a minute here, so that a lost packet stays lost
-- and no clock decides.

local harness = require "harness"
local fresh = harness.fresh

local CYCLES = 100

local function patient(ns, dev)
  ns:run(function()
    local file <close> = assert(io.open(("/proc/sys/net/ipv4/neigh/%s/retrans_time_ms"):format(dev), "w"))
    assert(file:write "60000")
  end)
end

-- One cable between red and blue, plugged in by `wire`, one ping over it; whether it was answered.
local function answered(wire)
  local red, blue = netns.add "red", netns.add "blue"
  wire(red, blue)
  local received = red:ping("192.168.15.2", { timeout_ms = 5000 }).received
  red:delete()
  blue:delete()
  return received == 1
end

local function count_lost(wire)
  local lost = 0
  for _ = 1, CYCLES do
    if not answered(wire) then lost = lost + 1 end
  end
  return lost
end

local function address(red, blue)
  red.addr.add("192.168.15.1/24", { dev = "veth-red" })
  blue.addr.add("192.168.15.2/24", { dev = "veth-blue" })
end

describe("the first packet", function()
  it("arrives when the ends come up last", fresh(function()
    assert.equal(0, count_lost(function(red, blue)
      red.link.add("veth-red", { veth = { peer = { name = "veth-blue", netns = blue } } })
      patient(red, "veth-red")
      patient(blue, "veth-blue")
      address(red, blue)
      red.link.set("veth-red", { up = true })
      blue.link.set("veth-blue", { up = true })
    end))
  end))

  it("arrives when the ends are born up and in place", fresh(function()
    assert.equal(0, count_lost(function(red, blue)
      local peer = { name = "veth-blue", netns = blue, up = true }
      red.link.add("veth-red", { up = true, veth = { peer = peer } })
      address(red, blue)
      patient(red, "veth-red")
    end))
  end))
end)
