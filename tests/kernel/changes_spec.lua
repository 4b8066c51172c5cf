-- nslab.changes: what differs between two moments of a lab, whoever did it.

local harness = require "harness"
local changes = require "nslab.changes"
local fresh = harness.fresh

-- What fn changes, as lines.
local function changed(fn)
  local before = changes.moment()
  fn()
  local out = {}
  for i, c in ipairs(changes.changes(before, changes.moment())) do out[i] = c.text end
  return out
end

local function ip(line)
  return function() harness.must("ip " .. line) end
end

describe("changes", function()
  it("are none when nothing was done", fresh(function()
    netns.add "red"
    link.add("br0", { type = "bridge" })
    assert.same({}, changed(function() link.list() end))
  end))

  -- Made by the real ip: what is looked at is the kernel.
  it("name what came and went, in which namespace", fresh(function()
    assert.same({ "new: namespace red" }, changed(ip "netns add red"))
    assert.same({ "new in host: link v1, down, veth, mtu 1500, other end v0",
                  "new in host: link v0, down, veth, mtu 1500, other end v1" },
                changed(ip "link add v0 type veth peer name v1"))
    assert.same({ "changed in host: link v1, other end v0 -> v0 in red",
                  "moved from host to red: link v0, down, veth, mtu 1500, other end v1 in host" },
                changed(ip "link set v0 netns red"))
    assert.same({ "changed in host: link v1, down -> up, no carrier, mtu 1500 -> 1400" },
                changed(ip "link set v1 up mtu 1400"))
    assert.same({ "changed in host: link v1, up, no carrier -> up", "changed in red: link v0, down -> up" },
                changed(ip "-n red link set v0 up"))
    assert.same({ "new in red: address 10.0.0.1/24 dev v0", "new in red: route 10.0.0.0/24, dev v0, src 10.0.0.1" },
                changed(ip "-n red addr add 10.0.0.1/24 dev v0"))
    assert.same({ "new in red: route default, via 10.0.0.2, dev v0" },
                changed(ip "-n red route add default via 10.0.0.2"))
    assert.same({ "changed in red: route default, via 10.0.0.2 -> 10.0.0.3" },
                changed(ip "-n red route replace default via 10.0.0.3"))
    assert.same({ "new in red: neighbour 10.0.0.9 dev v0, at 02:00:00:00:00:09" },
                changed(ip "-n red neigh add 10.0.0.9 dev v0 lladdr 02:00:00:00:00:09"))
    assert.same({ "new in red: rule 5: from 10.0.0.0/8 lookup 9" },
                changed(ip "-n red rule add from 10.0.0.0/8 table 9 priority 5"))
    assert.same({ "gone from red: rule 5: from 10.0.0.0/8 lookup 9" }, changed(ip "-n red rule del priority 5"))
    assert.same({ "gone from red: route default" }, changed(ip "-n red route del default"))
    local gone = changed(ip "link del v1")
    assert.equal("gone from host: link v1", gone[1])
    assert.equal("gone from red: link v0", gone[2])
    assert.same({ "gone: namespace red" }, changed(ip "netns del red"))
  end))

  it("are those of sysctls and the firewall, too", fresh(function()
    assert.same({ "changed in host: sysctl net.ipv4.ip_forward, 0 -> 1" },
                changed(function() sysctl.set("net.ipv4.ip_forward", 1) end))
    assert.same({ "new in host: iptables -t filter -P FORWARD DROP",
                  "new in host: iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE" },
                changed(function()
                  iptables "-t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE"
                  iptables.policy("FORWARD", "DROP")
                end))
    assert.same({ "new in host: iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE, once more" },
                changed(function() iptables "-t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE" end))
  end))
end)
