-- What moves packets besides a cable: routing domains (VRF) that keep two customers of the same addresses
-- apart, and GRE tunnels. Judged by who has counted the packets, and by the bytes of a TCP connection.

local harness = require "harness"
local fresh, json, must = harness.fresh, harness.json, harness.must

local LACKS = { EOPNOTSUPP = true, ENOENT = true, EPROTONOSUPPORT = true }

-- Makes a link, or says what the kernel lacks for it.
local function lacking(ns, name, options)
  local ok, err = pcall(ns.link.add, name, options)
  if not ok and not LACKS[err.code] then error(err, 0) end
  return not ok and "this kernel has no " .. next(options) or nil
end

-- How many pings a namespace has been asked, as its own kernel counts.
local function asked(ns)
  return tonumber((must(("ip netns exec %s awk '/^Icmp: [0-9]/ { print $10 }' /proc/net/snmp"):format(ns.name))))
end

-- A cable between two namespaces, with addresses, up.
local function cable(a, at_a, address_a, b, at_b, address_b)
  link.add(at_a, { netns = a, up = true, veth = { peer = { name = at_b, netns = b, up = true } } })
  a.addr.add(address_a, { dev = at_a })
  b.addr.add(address_b, { dev = at_b })
end

-- Sends so many bytes from one namespace to an address of another over TCP: what arrived there, as a sum.
local function transfer(from, to, address, bytes)
  local server = to:spawn {
    "python3", "-c", [[
import hashlib, socket
s = socket.create_server(("", 5001))
print("ready", flush=True)
c, h = s.accept()[0], hashlib.sha256()
while data := c.recv(65536): h.update(data)
print(h.hexdigest(), flush=True)]], stdout = "pipe",
  }
  assert.equal("ready", server:read("l", 20000))
  local sent = from:exec({ "python3", "-c", ([[
import hashlib, os, socket
data = os.urandom(%d)
c = socket.create_connection(("%s", 5001), 20)
c.sendall(data); c.close()
print(hashlib.sha256(data).hexdigest())]]):format(bytes, address), check = true }).stdout
  local arrived = server:read("l", 20000)
  server:close()
  return sent:gsub("%s+$", ""), arrived
end

describe("two routing domains of one router", function()
  -- red and blue have the same address, and so have those behind the router's other side.
  local function customers()
    local router, all = netns.add "router", {}
    if lacking(router, "vrf-red", { vrf = { table = 10 } }) then return nil end
    router.link.add("vrf-blue", { vrf = { table = 20 } })
    router.sysctl.set("net.ipv4.ip_forward", 1)
    for _, name in ipairs { "red", "blue" } do
      local near, far = netns.add(name), netns.add(name .. "-far")
      cable(near, "eth0", "10.1.0.2/24", router, name, "10.1.0.1/24")
      cable(far, "eth0", "10.2.0.2/24", router, name .. "-far", "10.2.0.1/24")
      near.route.add("default", { via = "10.1.0.1" })
      far.route.add("default", { via = "10.2.0.1" })
      router.link.set("vrf-" .. name, { up = true })
      for _, port in ipairs { name, name .. "-far" } do router.link.set(port, { master = "vrf-" .. name }) end
      all[name], all[name .. "_far"] = near, far
    end
    return router, all
  end

  it("use the same addresses, and no packet gets across", fresh(function()
    local router, c = customers()
    if not router then return pending "this kernel has no vrf" end
    assert.equal(3, c.red:ping("10.2.0.2", { count = 3, interval_ms = 1, timeout_ms = 5000 }).received)
    assert.same({ 3, 0, 0, 0 }, { asked(c.red_far), asked(c.blue_far), asked(c.blue), asked(c.red) })
    assert.equal(2, c.blue:ping("10.2.0.2", { count = 2, interval_ms = 1, timeout_ms = 5000 }).received)
    assert.same({ 3, 2 }, { asked(c.red_far), asked(c.blue_far) })
    assert.equal(1, router:ping("10.1.0.2", { dev = "vrf-blue", timeout_ms = 5000 }).received)
    assert.same({ 1, 0 }, { asked(c.blue), asked(c.red) })
    for _, dst in ipairs { "10.1.0.0/24", "10.2.0.0/24" } do
      assert.same({}, json("ip -n router -j route show " .. dst))
      assert.equal("red", json("ip -n router -j route show vrf vrf-red " .. dst)[1].dev:match "^%a+")
      assert.equal("blue", json("ip -n router -j route show vrf vrf-blue " .. dst)[1].dev:match "^%a+")
    end
  end))

  it("do not know a network that only the other one has", fresh(function()
    local router, c = customers()
    if not router then return pending "this kernel has no vrf" end
    c.blue_far.addr.add("10.9.0.1/32", { dev = "lo" })
    router.route.add("10.9.0.0/24", { via = "10.2.0.2", dev = "blue-far", table = 20 })
    assert.equal(1, c.blue:ping("10.9.0.1", { timeout_ms = 5000 }).received)
    local before = asked(c.blue_far)
    local ok, got = pcall(c.red.ping, c.red, "10.9.0.1", { timeout_ms = 200 })
    assert.equal(0, ok and got.received or 0)
    assert.same({ before, 0 }, { asked(c.blue_far), asked(c.red_far) })
  end))
end)

describe("a tunnel", function()
  -- Two hosts and a router between them, so that what is in the tunnel is no neighbour.
  local function hosts()
    local red, net, blue = netns.add "red", netns.add "net", netns.add "blue"
    cable(red, "eth0", "192.0.2.2/24", net, "to-red", "192.0.2.1/24")
    cable(blue, "eth0", "198.51.100.2/24", net, "to-blue", "198.51.100.1/24")
    red.route.add("default", { via = "192.0.2.1" })
    blue.route.add("default", { via = "198.51.100.1" })
    net.sysctl.set("net.ipv4.ip_forward", 1)
    return red, blue, net
  end

  local function options(kind, here, there)
    return { [kind] = { local_address = here, remote = there, ttl = 64, ikey = 7, okey = 7 } }
  end

  for _, kind in ipairs { "gre", "gretap" } do
    it("of the kind " .. kind .. " carries pings and a TCP connection", fresh(function()
      local red, blue, net = hosts()
      local lack = lacking(red, "t0", options(kind, "192.0.2.2", "198.51.100.2"))
      if lack then return pending(lack) end
      blue.link.add("t0", options(kind, "198.51.100.2", "192.0.2.2"))
      for ns, address in pairs { [red] = "10.9.0.1/24", [blue] = "10.9.0.2/24" } do
        ns.addr.add(address, { dev = "t0" })
        ns.link.set("t0", { up = true })
      end
      net.iptables.append("FORWARD", { protocol = "47" })
      net.iptables.append("FORWARD", { protocol = "icmp" })
      assert.equal(3, red:ping("10.9.0.2", { count = 3, interval_ms = 1, timeout_ms = 5000 }).received)
      assert.equal(3, asked(blue))
      local said = must "ip netns exec net iptables -nvxL FORWARD"
      assert.truthy(tonumber(said:match "(%d+)%s+%d+%s+47%s" or said:match "(%d+)%s+%d+%s+gre%s") >= 6, said)
      assert.equal("0", said:match "(%d+)%s+%d+%s+icmp%s" or said:match "(%d+)%s+%d+%s+1%s")
      if harness.sh "command -v python3" ~= "" then
        local sent, arrived = transfer(red, blue, "10.9.0.2", 300000)
        assert.equal(sent, arrived)
      end
      -- with another key it is another tunnel
      blue.link.delete "t0"
      local other = options(kind, "198.51.100.2", "192.0.2.2")
      other[kind].ikey = 8
      blue.link.add("t0", other)
      blue.addr.add("10.9.0.2/24", { dev = "t0" })
      blue.link.set("t0", { up = true })
      assert.equal(0, red:ping("10.9.0.2", { timeout_ms = 300 }).received)
    end))
  end
end)
