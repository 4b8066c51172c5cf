-- wireguard: keys and peers through the kernel and back, and a tunnel with real handshakes.

local harness = require "harness"
local words = require "nslab.words"
local fresh, must = harness.fresh, harness.must

-- RFC 7748, 6.1: Alice's private and public key.
local ALICE = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="
local ALICE_KEPT = "cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo=" -- the kernel clears the bits that do not count
local ALICE_PUBLIC = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
local BOB_PUBLIC = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="

-- The sockets of the tunnel stay in the namespace that the link is made in.
local function made(name, handle)
  local ok, err = pcall((handle or netns.host).link.add, name, { type = "wireguard" })
  if not ok and err.code ~= "EOPNOTSUPP" and err.code ~= "ENOENT" then error(err, 0) end
  return ok
end

describe("wireguard", function()
  it("makes keys of the form that Curve25519 wants, another one each time", function()
    local seen = {}
    for _ = 1, 50 do
      local key = wireguard.genkey()
      assert.matches("^[%w+/]+=$", key)
      assert.equal(44, #key)
      assert.is_nil(seen[key])
      seen[key] = true
      -- the lowest three bits of the first byte are 0, the highest two of the last are 01
      assert.matches("^.[AIQYgow4]", key:gsub("^(.)(.)", function(a, b)
        local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        local first = (digits:find(a, 1, true) - 1) << 2 | (digits:find(b, 1, true) - 1) >> 4
        return a .. (first & 7 == 0 and "A" or "B")
      end))
    end
    assert.not_equal(wireguard.genpsk(), wireguard.genpsk())
  end)

  it("refuses what is no key, no endpoint, no network", fresh(function()
    if not made "wg0" then return pending "this kernel has no wireguard" end
    local function field(options)
      local ok, err = pcall(wireguard.set, "wg0", options)
      return not ok and err.field
    end
    assert.equal("private_key", field { private_key = "short" })
    assert.equal("private_key", field { private_key = ("A"):rep(44) })
    local peer = { public_key = BOB_PUBLIC }
    local function peer_field(key, value)
      return field { peers = { { public_key = peer.public_key, [key] = value } } }
    end
    for _, endpoint in ipairs { "10.0.0.1", "10.0.0.1:0", "10.0.0.1:70000", "fd00::1:5", "[10.0.0.1]:5", ":5" } do
      assert.equal("peers.endpoint", peer_field("endpoint", endpoint))
    end
    for _, network in ipairs { "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/", "x" } do
      assert.equal("peers.allowed_ips", peer_field("allowed_ips", { network }))
    end
    assert.equal("peers.public_key", field { peers = { { endpoint = "10.0.0.1:5" } } })
  end))

  it("reads what it was given", fresh(function()
    if not made "wg0" then return pending "this kernel has no wireguard" end
    local psk = wireguard.genpsk()
    wireguard.set("wg0", {
      private_key = ALICE, listen_port = 51820, fwmark = 7,
      peers = { { public_key = BOB_PUBLIC, preshared_key = psk, endpoint = "10.0.0.2:51821",
                  persistent_keepalive = 25, allowed_ips = { "10.1.0.0/16", "fd01::/64" } } },
    })
    local got = wireguard.get "wg0"
    assert.same({ ALICE_KEPT, ALICE_PUBLIC, 51820, 7 },
                { got.private_key, got.public_key, got.listen_port, got.fwmark })
    local peer = got.peers[1]
    assert.same({ BOB_PUBLIC, psk, "10.0.0.2:51821", 25 },
                { peer.public_key, peer.preshared_key, peer.endpoint, peer.persistent_keepalive })
    table.sort(peer.allowed_ips)
    assert.same({ "10.1.0.0/16", "fd01::/64" }, peer.allowed_ips)
    assert.is_nil(peer.last_handshake)

    wireguard.set("wg0", { peers = { { public_key = BOB_PUBLIC, endpoint = "[fd00::2]:5",
                                       replace_allowed_ips = true, allowed_ips = { "10.2.0.0/16" } } } })
    peer = wireguard.get("wg0").peers[1]
    assert.same({ "[fd00::2]:5", { "10.2.0.0/16" } }, { peer.endpoint, peer.allowed_ips })
    wireguard.set("wg0", { peers = { { public_key = wireguard.genpsk(), update_only = true } } })
    assert.equal(1, #wireguard.get("wg0").peers)
    wireguard.set("wg0", { peers = { { public_key = BOB_PUBLIC, remove = true } } })
    assert.same({}, wireguard.get("wg0").peers or {})
  end))

  it("has more peers and addresses than one message holds", fresh(function()
    if not made "wg0" then return pending "this kernel has no wireguard" end
    local keys = {}
    for i = 1, 60 do
      keys[i] = wireguard.genpsk()
      local networks = {}
      for k = 1, 30 do networks[k] = ("10.%d.%d.0/24"):format(i, k) end
      wireguard.set("wg0", { peers = { { public_key = keys[i], allowed_ips = networks } } })
    end
    local peers, addresses = wireguard.get("wg0").peers, 0
    for _, peer in ipairs(peers) do addresses = addresses + #peer.allowed_ips end
    assert.same({ 60, 1800 }, { #peers, addresses })
  end))

  it("is what wg shows, and what wg does with the command that it is printed as", fresh(function()
    if not made "wg0" then return pending "this kernel has no wireguard" end
    if select(2, harness.sh "wg --version >/dev/null 2>&1") ~= 0 then return pending "there is no wg here" end
    local psk = wireguard.genpsk()
    local options = {
      private_key = ALICE, listen_port = 51820, fwmark = 7,
      peers = { { public_key = BOB_PUBLIC, preshared_key = psk, endpoint = "10.0.0.2:51821", persistent_keepalive = 65,
                  allowed_ips = { "10.1.0.0/16", "fd01::/64" } },
                { public_key = ALICE_PUBLIC:gsub("^.", "i") } },
    }
    wireguard.set("wg0", options)
    local dump = must "wg show wg0 dump"
    assert.equal(must "wg show wg0", sh "wg show wg0")
    link.delete "wg0"
    made "wg0"
    must(words.command { module = "wireguard", verb = "set", key = "wg0", options = options })
    assert.equal(dump, must "wg show wg0 dump")
    sh(("wg set wg0 fwmark off peer %s allowed-ips 10.3.0.0/16 endpoint [fd00::2]:5"):format(BOB_PUBLIC))
    assert.equal("off\n", must "wg show wg0 fwmark")
    assert.truthy(must("wg show wg0 allowed-ips"):find(BOB_PUBLIC .. "\t10.3.0.0/16\n", 1, true))
    assert.truthy(must("wg show wg0 endpoints"):find(BOB_PUBLIC .. "\t[fd00::2]:5\n", 1, true))
  end))

  it("that is made for another namespace sends from where it was made", fresh(function()
    local red = netns.add "red"
    local ok, err = pcall(link.add, "wg0", { type = "wireguard", netns = red })
    if not ok and err.code == "EOPNOTSUPP" then return pending "this kernel has no wireguard" end
    assert(ok, err)
    red.wireguard.set("wg0", { private_key = ALICE, listen_port = 51820 })
    red.link.set("wg0", { up = true })
    assert.truthy(must("cat /proc/net/udp"):find(":CA6C ", 1, true)) -- the port, in this namespace
    assert.is_nil(must("ip netns exec red cat /proc/net/udp"):find(":CA6C ", 1, true))
  end))

  it("carries packets between two namespaces after a handshake", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    link.add("r", { netns = red, up = true, veth = { peer = { name = "b", netns = blue, up = true } } })
    red.addr.add("192.168.0.1/24", { dev = "r" })
    blue.addr.add("192.168.0.2/24", { dev = "b" })
    if not made("wg0", red) then return pending "this kernel has no wireguard" end
    assert(made("wg0", blue))
    red.wireguard.set("wg0", { private_key = wireguard.genkey(), listen_port = 51820 })
    blue.wireguard.set("wg0", { private_key = wireguard.genkey(), listen_port = 51820 })
    local ends = { { red, blue, "192.168.0.2", "10.9.0.1", "10.9.0.2" },
                   { blue, red, "192.168.0.1", "10.9.0.2", "10.9.0.1" } }
    for _, e in ipairs(ends) do
      local here, there, at, own, other = table.unpack(e)
      here.wireguard.set("wg0", { peers = { {
        public_key = there.wireguard.get("wg0").public_key, endpoint = at .. ":51820",
        allowed_ips = { other .. "/32" },
      } } })
      here.addr.add(own .. "/24", { dev = "wg0" })
      here.link.set("wg0", { up = true })
    end
    local answer = red:ping("10.9.0.2", { count = 3, timeout_ms = 5000 })
    assert.truthy(answer.received >= 1)
    local peer = red.wireguard.get("wg0").peers[1]
    assert.truthy(peer.last_handshake > 1.7e9)
    assert.truthy(peer.tx_bytes > 0 and peer.rx_bytes > 0)
    assert.truthy(tonumber(must "ip netns exec blue cat /proc/net/dev | awk '/wg0/ { print $3 }'") >= 1)
    -- with another key nobody answers
    blue.wireguard.set("wg0", { private_key = wireguard.genkey() })
    red.wireguard.set("wg0", { private_key = wireguard.genkey() })
    assert.equal(0, red:ping("10.9.0.2", { timeout_ms = 300 }).received)
  end))

  it("says that a link is another one, or none", fresh(function()
    if not made "wg0" then return pending "this kernel has no wireguard" end
    local function text(...)
      local ok, err = pcall(...)
      return not ok and err.text
    end
    assert.equal('there is no link "nothing"', text(wireguard.get, "nothing"))
    assert.equal('"lo" is no WireGuard link', text(wireguard.set, "lo", { fwmark = 1 }))
  end))
end)
