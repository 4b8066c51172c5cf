lab {
  title = "A tunnel that nobody can look into",
  summary = [[
    Two machines on the internet, and WireGuard between them: two keys for each, a tunnel in which
    every packet is encrypted, and the rules by which it decides who may send what.]],
  minutes = 25,
  needs = { "wireguard" },
}

local expect = require "nslab.expect"

local red, net, blue = netns "red", netns "net", netns "blue"
local ends = { { red, "10.9.0.1/24" }, { blue, "10.9.0.2/24" } } -- of the tunnel

-- The WireGuard device of a namespace and its link, or nil and why there is none.
local function device(ns)
  local name
  for _, found in ipairs(expect.namespace(ns.name) and ns.link.list() or {}) do
    if found.type == "wireguard" then name = found.name end
  end
  if name then return ns.wireguard.get(name), ns.link.get(name) end
  return nil, ("%s has no WireGuard link"):format(ns.name)
end

-- What `ns` knows of `other`: the peer that has the public key which `other` has now.
local function peer_of(ns, other)
  local mine, reason = device(ns)
  if not mine then return nil, reason end
  local theirs
  theirs, reason = device(other)
  if not theirs then return nil, reason end
  for _, peer in ipairs(mine.peers or {}) do
    if theirs.public_key and peer.public_key == theirs.public_key then return peer end
  end
  local n = #(mine.peers or {})
  return nil, n == 0 and ("%s knows nobody yet"):format(ns.name) or
         ("%s knows somebody, but not by %s's public key"):format(ns.name, other.name)
end

-- Whether `ns` takes these addresses for those of `other`.
local function allows(ns, other, network)
  local peer, reason = peer_of(ns, other)
  if not peer then return nil, reason end
  for _, allowed in ipairs(peer.allowed_ips or {}) do
    if allowed == network then return peer end
  end
  local has = table.concat(peer.allowed_ips or {}, ", ")
  return nil, ("%s allows %s %s, not %s"):format(ns.name, other.name, has == "" and "nothing" or has, network)
end

step {
  title = "Two machines, far apart",
  text = [[
    Red and blue are somewhere on the internet. What is between them is played by net: a router in the
    middle that belongs to neither, and could read all that passes.

      red 192.0.2.2 -------- net -------- 198.51.100.2 blue

    They reach each other. That is all we need from the internet.]],
  run = function()
    for _, name in ipairs { "red", "net", "blue" } do netns.add(name) end
    link.add("eth0", { netns = red, up = true,
                       veth = { peer = { name = "to-red", netns = net, up = true } } })
    link.add("eth0", { netns = blue, up = true,
                       veth = { peer = { name = "to-blue", netns = net, up = true } } })
    red.addr.add("192.0.2.2/24", { dev = "eth0" })
    net.addr.add("192.0.2.1/24", { dev = "to-red" })
    net.addr.add("198.51.100.1/24", { dev = "to-blue" })
    blue.addr.add("198.51.100.2/24", { dev = "eth0" })
    red.route.add("default", { via = "192.0.2.1" })
    blue.route.add("default", { via = "198.51.100.1" })
    net.sysctl.set("net.ipv4.ip_forward", 1)
    red:ping "198.51.100.2"
  end,
  check = {
    { "red is connected to net", function() return expect.joined(red, net) end },
    { "blue is connected to net", function() return expect.joined(blue, net) end },
    { "blue has answered red", function() return expect.answered(red, blue) end },
  },
  hint = "Three namespaces, two cables, four addresses, two default routes, and forwarding in net.",
}

step {
  title = "A key for each",
  text = [[
    A WireGuard tunnel is a link like any other: of the type wireguard, here wg0. Without a key nothing
    gets through it.

    The private key is made by chance, and never leaves its machine. The public key is computed from it, by
    the kernel, and may be told to anybody: whoever has it can write to you, and can be sure that it is
    you who answers. Nobody can compute the way back.

    The tunnel's packets travel as UDP; red and blue listen on port 51820.]],
  run = function()
    for _, ns in ipairs { red, blue } do
      ns.link.add("wg0", { type = "wireguard" })
      ns.wireguard.set("wg0", { private_key = wireguard.genkey(), listen_port = 51820 })
      print(("public key of %s: %s"):format(ns.name, ns.wireguard.get("wg0").public_key))
    end
  end,
  check = {
    { "both have a WireGuard link with a key", function()
        for _, ns in ipairs { red, blue } do
          local wg, found = device(ns)
          if not wg then return nil, found end
          if not wg.public_key then return nil, ("%s in %s has no key"):format(found.name, ns.name) end
        end
        return true
      end },
    { "they are two different keys", function()
        local one, other = device(red), device(blue)
        if not (one and other) then return nil, "one of the two has no WireGuard link" end
        return one.private_key ~= other.private_key, "both have the same key"
      end },
    { "both listen on port 51820", function()
        for _, ns in ipairs { red, blue } do
          local wg, reason = device(ns)
          if not wg then return nil, reason end
          local port = wg.listen_port
          if port ~= 51820 then return nil, ("%s listens on %d"):format(ns.name, port) end
        end
        return true
      end },
  },
  hint = "`ip link add wg0 type wireguard`, then `wg genkey >key`, `wg set wg0 private-key key ...`.",
  learned = "The private key stays, the public key is told. The kernel computes the one from the other.",
}

step {
  title = "Who is who",
  text = [[
    Now they are introduced. Red is told blue's public key, where blue is (the endpoint), and which
    addresses in the tunnel are blue's (the allowed IPs): 10.9.0.2. Blue is told red's key and address,
    10.9.0.1, and not where red is. It will learn that from red's first packet, as a server does whose
    clients move around.]],
  run = function()
    red.wireguard.set("wg0", { peers = { {
      public_key = blue.wireguard.get("wg0").public_key, endpoint = "198.51.100.2:51820",
      allowed_ips = { "10.9.0.2/32" },
    } } })
    blue.wireguard.set("wg0", { peers = { {
      public_key = red.wireguard.get("wg0").public_key, allowed_ips = { "10.9.0.1/32" },
    } } })
  end,
  check = {
    { "red knows blue by its public key, and where it is", function()
        local peer, reason = peer_of(red, blue)
        if not peer then return nil, reason end
        local at = peer.endpoint or "nowhere"
        return at == "198.51.100.2:51820", ("red looks for blue at %s"):format(at)
      end },
    { "blue knows red by its public key", function() return peer_of(blue, red) end },
    { "10.9.0.2 is blue's, says red", function() return allows(red, blue, "10.9.0.2/32") end },
    { "10.9.0.1 is red's, says blue", function() return allows(blue, red, "10.9.0.1/32") end },
  },
  hint = "`wg set wg0 peer BLUES-PUBLIC-KEY endpoint 198.51.100.2:51820 allowed-ips 10.9.0.2/32` in red.",
  learned = "A peer is a public key, and the addresses that it may use.",
}

-- Whether the tunnel has worked, seen from `ns`.
local function shaken(ns, other)
  local peer, reason = peer_of(ns, other)
  if not peer then return nil, reason end
  return peer.last_handshake, ("%s and %s have not greeted each other yet"):format(ns.name, other.name)
end

step {
  title = "Into the tunnel",
  text = [[
    Give the two ends of the tunnel their addresses, 10.9.0.1 and 10.9.0.2, and switch them on. Then ping.

    The first packet waits for a moment: first the two greet each other. In this handshake they prove that
    they have their private keys, and agree on a new secret for the next minutes. Then the packet is
    encrypted with it, and sent.]],
  run = function()
    for _, at in ipairs(ends) do
      at[1].addr.add(at[2], { dev = "wg0" })
      at[1].link.set("wg0", { up = true })
    end
    red:ping("10.9.0.2", { timeout_ms = 5000 })
    print(red.wireguard.get("wg0").peers[1].rx_bytes .. " bytes came through the tunnel")
  end,
  check = {
    { "both ends have their address, and are up", function()
        for _, at in ipairs(ends) do
          local ns = at[1]
          local wg, found = device(ns)
          if not wg then return nil, found end
          local ok, reason = expect.address(ns, found.name, at[2])
          if not ok then return nil, reason end
          if not found.up then return nil, ("%s is in %s but down"):format(found.name, ns.name) end
        end
        return true
      end },
    { "red and blue have greeted each other", function() return shaken(red, blue) end },
    { "blue has learnt where red is", function()
        local peer, reason = peer_of(blue, red)
        if not peer then return nil, reason end
        local at = peer.endpoint or "nowhere"
        return at == "192.0.2.2:51820", ("blue looks for red at %s"):format(at)
      end },
    { "data went both ways", function()
        local peer, reason = peer_of(red, blue)
        if not peer then return nil, reason end
        return peer.rx_bytes > 0 and peer.tx_bytes > 0, "nothing has come back"
      end },
  },
  hint = "`ip addr add 10.9.0.1/24 dev wg0` and up in red, 10.9.0.2/24 in blue; then ping 10.9.0.2 from red.",
  learned = "The first packet makes the two shake hands; all that follows is encrypted.",
}

-- How many packets have met the rule of net's that counts this protocol, or nil and a reason.
local function counted(protocol)
  for _, rule in ipairs(net.iptables.list { chain = "FORWARD" }) do
    if rule.protocol == protocol then return rule.packets end
  end
  return nil, ("net does not count %s"):format(protocol)
end

step {
  title = "What the middle sees",
  text = [[
    Let net count what it forwards: one rule for pings (icmp) and one for udp, neither of which does
    anything but count. Then ping through the tunnel again.

    Net has seen no ping. It has seen UDP between 192.0.2.2 and 198.51.100.2, and what is in it looks like
    noise. Who talks to whom, when and how much can still be seen; what they say cannot.]],
  needs = { "nf_tables" },
  run = function()
    net.iptables.append("FORWARD", { protocol = "icmp" })
    net.iptables.append("FORWARD", { protocol = "udp" })
    red:ping("10.9.0.2", { count = 3, interval_ms = 10, timeout_ms = 5000 })
    for _, rule in ipairs(net.iptables.list { chain = "FORWARD" }) do
      print(("%s: %d packets"):format(rule.protocol, rule.packets))
    end
  end,
  check = {
    { "net has forwarded UDP", function()
        local n, reason = counted "udp"
        if not n then return nil, reason end
        return n > 0, "no UDP has passed since net counts"
      end },
    { "and not a single ping", function()
        local n, reason = counted "icmp"
        if not n then return nil, reason end
        return n == 0, ("net has seen %d packets of ICMP"):format(n)
      end },
  },
  hint = "`iptables -A FORWARD -p icmp` in net, the same for udp; then ping 10.9.0.2 from red.",
  learned = "From outside a tunnel is one flow of UDP that means nothing.",
}

step {
  title = "Who may send what",
  text = [[
    Blue has a network behind it, 10.20.0.0/24, and in it the address 10.20.0.1. Red gets a route for it
    into the tunnel. That is not enough: "Required key not available". A route says which link, but in
    wg0 there may be many peers, and which of them is it for? The allowed IPs say that. They are the
    routing table of the tunnel, and its guard as well: a packet that comes out is thrown away when its
    sender's address is not among those of the peer who encrypted it.

    So red is told anew what is blue's: 10.9.0.2, and 10.20.0.0/24.]],
  run = function()
    blue.addr.add("10.20.0.1/24", { dev = "lo" })
    red.route.add("10.20.0.0/24", { dev = "wg0" })
    pcall(red.ping, red, "10.20.0.1", { timeout_ms = 100 })
    red.wireguard.set("wg0", { peers = { {
      public_key = blue.wireguard.get("wg0").public_key, replace_allowed_ips = true,
      allowed_ips = { "10.9.0.2/32", "10.20.0.0/24" },
    } } })
    red:ping("10.20.0.1", { timeout_ms = 5000 })
  end,
  check = {
    { "blue has 10.20.0.1", function()
        for _, a in ipairs(blue.addr.list()) do
          if a.address:find "^10%.20%.0%.1/" then return a end
        end
        return nil, "blue has no 10.20.0.1"
      end },
    { "red sends what is for it into the tunnel", function()
        local way, reason = expect.way(red, "10.20.0.1")
        if not way then return nil, reason end
        local wg, found = device(red)
        return wg and way.dev == found.name, ("red sends it out at %s"):format(way.dev)
      end },
    { "10.20.0.0/24 is blue's, says red", function() return allows(red, blue, "10.20.0.0/24") end },
    { "10.9.0.2 is still blue's, too", function() return allows(red, blue, "10.9.0.2/32") end },
    { "blue answers from there", function()
        return red:ping("10.20.0.1", { timeout_ms = 5000 }).received == 1, "no answer comes from 10.20.0.1"
      end, active = true },
  },
  hint = "`wg set` replaces the allowed IPs of a peer: name both, `allowed-ips 10.9.0.2/32,10.20.0.0/24`.",
  learned = "The allowed IPs are the tunnel's routing table, and who may use which address.",
}

step {
  title = "One secret more",
  text = [[
    The keys rest on a riddle that no computer of today can solve, and one of the day after tomorrow
    perhaps can. Who fears that somebody writes down today's noise to read it then gives each pair of peers
    a secret of their own besides, the preshared key. It is made by chance, and has to be carried from one
    to the other in some other way.

    It counts from the next handshake on. To have one at once, red's end is switched off and on.]],
  run = function()
    local secret = wireguard.genpsk()
    red.wireguard.set("wg0", { peers = { {
      public_key = blue.wireguard.get("wg0").public_key, preshared_key = secret,
    } } })
    blue.wireguard.set("wg0", { peers = { {
      public_key = red.wireguard.get("wg0").public_key, preshared_key = secret,
    } } })
    red.link.set("wg0", { up = false })
    red.link.set("wg0", { up = true })
    red:ping("10.9.0.2", { count = 1, timeout_ms = 5000 })
  end,
  check = {
    { "red and blue share a secret", function()
        local one, reason = peer_of(red, blue)
        if not one then return nil, reason end
        local other
        other, reason = peer_of(blue, red)
        if not other then return nil, reason end
        if not one.preshared_key then return nil, "red has no preshared key for blue" end
        if not other.preshared_key then return nil, "blue has no preshared key for red" end
        return one.preshared_key == other.preshared_key, "red's is another one than blue's"
      end },
    { "red's end is up", function()
        local wg, found = device(red)
        if not wg then return nil, found end
        return found.up, ("%s is in red but down"):format(found.name)
      end },
    { "blue answers through the tunnel", function()
        return red:ping("10.9.0.2", { timeout_ms = 5000 }).received == 1, "no answer comes from 10.9.0.2"
      end, active = true },
  },
  hint = "`wg genpsk >secret`; `wg set wg0 peer KEY preshared-key secret` in red, and the same in blue.",
  learned = "A preshared key is a second lock, which holds even where the first one is picked.",
}
