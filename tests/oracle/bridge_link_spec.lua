-- `bridge link`: what bridge sets and what we set when we read its command, and what both print.

local harness = require "harness"
local oracle = require "oracle"
local words = require "nslab.words"

local fresh, must = harness.fresh, harness.must

-- br0 with the ports v0, whose other end is here, and w0, whose other end is in red; lone is no port.
local function wire()
  netns.add "red"
  link.add("br0", { up = true, ifindex = 10, addrgenmode = "none", type = "bridge" })
  link.add("v0", { up = true, ifindex = 11, master = "br0",
                   veth = { peer = { name = "v1", ifindex = 12, up = true } } })
  link.add("w0", { up = true, ifindex = 13, master = "br0",
                   veth = { peer = { name = "w1", ifindex = 14, netns = "red", up = true } } })
  link.add("lone", { ifindex = 15, veth = { peer = { name = "some", ifindex = 16 } } })
  for _ = 1, 100 do -- a port whose carrier comes forwards, whatever its state was set to before
    if select(2, must "bridge link":gsub("state forwarding", "")) == 2 then break end
    must "sleep 0.02"
  end
end

-- What bridge tells of the ports.
local function view()
  local ports = must "bridge -j -d link"
  assert.equal("[", ports:sub(1, 1))
  return (ports:gsub('"[LM][^"]*"', ""):gsub('"NO%-CARRIER",', ""))
end

local LINES = {
  "bridge link set dev v0 cost 7", "bridge link set dev v0 priority 9", "bridge link set dev v0 state 4",
  "bridge link set dev v0 state blocking", "bridge link set dev v0 guard on", "bridge link set dev v0 hairpin on",
  "bridge link set dev v0 fastleave on", "bridge link set dev v0 root_block on",
  "bridge link set dev v0 learning off", "bridge link set dev v0 flood off", "bridge link set dev v0 mcast_router 2",
  "bridge link set dev v0 mcast_flood off", "bridge link set dev v0 bcast_flood off",
  "bridge link set dev v0 mcast_to_unicast on", "bridge link set dev v0 neigh_suppress on",
  "bridge link set dev v0 vlan_tunnel on", "bridge link set dev v0 isolated on", "bridge link set dev v0 locked on",
  "bridge link set dev v0 backup_port w0",
  "bridge link set dev v0 backup_port w0 && bridge link set dev v0 nobackup_port",
  "bridge link s dev v0 cost 9 master learning off", "bridge l c cost 3 dev w0",
  "bridge link set cost 3", "bridge link set dev lone cost 3", "bridge link set dev nosuch cost 3",
  "bridge link set dev v0 learning maybe", "bridge link set dev v0 frob 1",
  "bridge link set dev v0 mcast_fast_leave on", "bridge link frob",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_view(wire, line, view) end)
  end
end)

describe("bridge link", function()
  it("shows the ports as bridge does", fresh(function()
    wire()
    link.add("br1", { up = true, type = "bridge" })
    link.set("lone", { master = "br1", up = true })
    words.sh "bridge link set dev v0 cost 70 state 1 priority 5"
    for _, command in ipairs { "bridge link", "bridge link show", "bridge link show dev v0" } do
      local ok = false
      for _ = 1, 20 do -- the carrier of the last one comes a moment later
        ok = oracle.trimmed(must(command)) == oracle.trimmed(words.sh(command))
        if ok then break end
        must "sleep 0.1"
      end
      assert(ok, ("%s\n%s\n%s"):format(command, must(command), words.sh(command)))
      assert.truthy(must(command):find "^%d+: ")
    end
    assert.matches("^15: lone@some: [^\n]* master br1 [^\n]*\n$", words.sh "bridge link show master br1")
    assert.is_false((pcall(words.sh, "bridge link show dev nosuch")))
  end))

  it("is said of a namespace, too", fresh(function()
    netns.add "red"
    local red = netns "red"
    red.link.add("br0", { type = "bridge" })
    red.link.add("v0", { master = "br0", veth = { peer = "v1" } })
    words.sh "bridge -n red link set dev v0 cost 9"
    assert.truthy(must "bridge -n red link":find "cost 9")
    assert.equal(oracle.trimmed(must "bridge -n red link"), oracle.trimmed(words.sh "bridge -n red link"))
  end))

  it("becomes the Lua, and the command of ip, that it equals", function()
    local op = words.read "bridge link set dev v0 cost 7 learning off"
    assert.equal('link.set("v0", { bridge_slave = { cost = 7, learning = false } })', words.lua(op))
    assert.equal("ip link set v0 type bridge_slave cost 7 learning off", words.command(op))
  end)
end)
