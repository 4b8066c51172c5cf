lab {
  title = "A switch, and the way out",
  summary = [[
    Plug four namespaces into a virtual switch, let the host join them, and find the way to the
    network outside and back: routes, forwarding, address translation, and a door for visitors.]],
  minutes = 30,
  host = { eth0 = "192.168.1.2/24", lan = { name = "lan", "192.168.1.3/24", "203.0.113.10/32" } },
}

local expect = require "nslab.expect"

local host, lan = netns.host, netns "lan"
local red, blue, green, yellow = netns "red", netns "blue", netns "green", netns "yellow"
local rooms = { red, blue, green, yellow }

-- The address of a room: red has the first one of 192.168.15.0/24, yellow the fourth.
local addresses = {}
for i, room in ipairs(rooms) do addresses[room.name] = "192.168.15." .. i end

local server = "192.168.1.3"     -- in the LAN, behind the host's eth0
local internet = "203.0.113.10"  -- behind the LAN's router

step {
  title = "Four rooms",
  text = [[
    A cable connects two. For more than two, one needs something in the middle. Make four rooms
    first: red, blue, green and yellow.

    The list shows a fifth one, lan. It stands for the world outside: the network that the host's eth0
    is plugged into, with a router (192.168.1.1), a server (192.168.1.3), and the internet behind the
    router. Look at it whenever you like, but it is not ours to change.]],
  run = function()
    for _, room in ipairs(rooms) do netns.add(room.name) end
    netns.list()
  end,
  check = {
    { "red, blue, green and yellow are there", expect.every(rooms, function(room)
        return expect.namespace(room.name)
      end) },
  },
  hint = "One command for each: `ip netns add`.",
  learned = "Any number of namespaces can stand beside each other; none sees another one.",
}

step {
  title = "A virtual switch",
  text = [[
    A switch is a box with many sockets. Whoever is plugged in can talk to everyone else who is. Linux
    has one built in and calls it a bridge; to the host it is an interface like any other, only that
    other interfaces can be plugged into it. Make one, call it v-net-0, and switch it on.]],
  run = function()
    link.add("v-net-0", { type = "bridge" })
    link.set("v-net-0", { up = true })
  end,
  check = {
    { "v-net-0 is a bridge", function()
        local switch, reason = expect.link(host, "v-net-0")
        if not switch then return nil, reason end
        return switch.type == "bridge", ("v-net-0 is a %s, not a bridge"):format(switch.type or "link")
      end },
    { "v-net-0 is up", function() return expect.up(host, "v-net-0") end },
  },
  hint = "The type of the link is bridge. A new link is down until it is set up.",
  learned = "A bridge is a switch, and an interface of the host at the same time.",
}

step {
  title = "Four cables",
  text = [[
    Each room gets a cable of its own. One end is in the room; the other one stays in the host and is
    plugged into the switch: a port's master is the bridge that it belongs to.

    A cable can be made with both ends where they are to be. That is one command instead of three, and
    the kernel is much quicker at it than at moving an end afterwards.]],
  run = function()
    for _, room in ipairs(rooms) do
      link.add("veth-" .. room.name .. "-br",
               { master = "v-net-0", veth = { peer = { name = "veth-" .. room.name, netns = room } } })
    end
    link.list { master = "v-net-0" }
  end,
  check = {
    { "every room is plugged into v-net-0", expect.every(rooms, function(room)
        return expect.plugged(room, "v-net-0")
      end) },
  },
  hint = "A veth pair for each room: one end goes into the room, the other one gets a master.",
  learned = "One end in the room, the other one in a port of the switch: an interface with a master.",
}

step {
  title = "Addresses, and everything on",
  text = [[
    The rooms get the addresses 192.168.15.1 to 192.168.15.4, all in the same network. Then every
    interface is switched on: the end in the room, and its port at the switch as well.]],
  run = function()
    for _, room in ipairs(rooms) do
      room.addr.add(addresses[room.name] .. "/24", { dev = "veth-" .. room.name })
    end
    for _, room in ipairs(rooms) do
      room.link.set("veth-" .. room.name, { up = true })
      link.set("veth-" .. room.name .. "-br", { up = true })
    end
  end,
  check = {
    { "every room has its address", expect.every(rooms, function(room)
        local plug, reason = expect.plugged(room, "v-net-0")
        if not plug then return nil, reason end
        return expect.address(room, plug.name, addresses[room.name] .. "/24")
      end) },
    { "every cable is on at both ends", expect.every(rooms, function(room)
        local plug, port = expect.plugged(room, "v-net-0")
        if not plug then return nil, port end
        local on, reason = expect.up(room, plug.name)
        if not on then return nil, reason end
        return expect.up(host, port.name)
      end) },
  },
  hint = "Eight interfaces are to be set up: four in the rooms and four in the host.",
  learned = "A port is an interface, too, and has to be switched on like one.",
}

step {
  title = "Everyone pings everyone",
  text = [[
    Now anybody can reach anybody. The switch learns on the way which hardware address is behind which
    port, and every room learns the hardware addresses of the three others.]],
  run = function()
    for _, room in ipairs(rooms) do
      for _, other in ipairs(rooms) do
        if room ~= other then room:ping(addresses[other.name]) end
      end
    end
    red.neigh.list()
  end,
  check = {
    { "every room has met the three others", expect.every(rooms, function(room)
        for _, other in ipairs(rooms) do
          local met, reason = true, nil
          if room ~= other then met, reason = expect.neighbour(room, addresses[other.name]) end
          if not met then return nil, reason end
        end
        return true
      end) },
    { "every room got answers", expect.every(rooms, function(room)
        local icmp = expect.counters(room, "Icmp")
        return icmp.InEchoReps >= 3, ("%s got %d answers, and there are three to get")
                                     :format(room.name, icmp.InEchoReps)
      end) },
  },
  hint = "Twelve pings: each of the four to each of the three others.",
  learned = "All who are plugged into one switch, with addresses of one network, reach each other.",
}

step {
  title = "The host joins",
  text = [[
    The host owns the switch, and yet cannot reach the rooms: it has no address in their network. But
    the bridge is also an interface of the host, the one socket of the switch that the host itself is
    plugged into. Give it an address, and the host is one of them.]],
  run = function()
    addr.add("192.168.15.5/24", { dev = "v-net-0" })
    for _, room in ipairs(rooms) do host:ping(addresses[room.name]) end
  end,
  check = {
    { "v-net-0 has the address 192.168.15.5/24", function()
        return expect.address(host, "v-net-0", "192.168.15.5/24")
      end },
    { "the host has met all four rooms", expect.every(rooms, function(room)
        return expect.neighbour(host, addresses[room.name])
      end) },
  },
  hint = "The address belongs to v-net-0, in the host.",
  learned = "With an address on the bridge, the host is one of those who are plugged in.",
}

step {
  title = "No way out",
  text = [[
    The server 192.168.1.3 is outside, beyond the host's eth0. Blue tries to reach it, and its own
    kernel refuses at once: "Network is unreachable". Not a single packet was sent. Blue knows one
    network, 192.168.15.0/24; nothing in its routing table says where 192.168.1.3 could be.]],
  look = function()
    pcall(blue.ping, blue, server)
    blue.route.list()
  end,
  claim = {
    { "blue knows its own network only", function()
        for _, route in ipairs(blue.route.list()) do
          if route.dst ~= "192.168.15.0/24" then return nil, "blue has a route to " .. route.dst end
        end
        return expect.route(blue, "192.168.15.0/24")
      end },
    { "for 192.168.1.3 blue's kernel says: Network is unreachable", function()
        local route, trouble = blue.route.get(server)
        if route then return nil, "blue would send it through " .. route.dev end
        return trouble.code == "ENETUNREACH", tostring(trouble)
      end },
  },
  hint = "`ip -n blue route` shows what blue knows.",
}

step {
  title = "Through the host",
  text = [[
    The host is in both networks. So blue can hand it what is meant for 192.168.1.0/24: that is a route
    via a gateway, and the gateway is the host's address on the switch.

    Blue's kernel now sends the packet, and it does get as far as the host. But no answer comes.]],
  run = function()
    blue.route.add("192.168.1.0/24", { via = "192.168.15.5" })
    blue:ping(server, { timeout_ms = 100 })
  end,
  check = {
    { "blue reaches 192.168.1.0/24 via the host", function()
        local way, reason = expect.way(blue, server)
        if not way then return nil, reason end
        return way.via == "192.168.15.5",
               ("blue sends it via %s, not via 192.168.15.5"):format(way.via or way.dev)
      end },
    { "a packet for somebody else has come to the host", function()
        local ip = expect.counters(host, "Ip")
        return ip.InAddrErrors + ip.ForwDatagrams > 0, "the host has got no packet that is not its own"
      end },
  },
  hint = "A route in blue: the network outside, via 192.168.15.5.",
  learned = "A route via a gateway hands a packet to a neighbour who may know more.",
}

step {
  title = "The host must forward",
  text = [[
    A packet has come to the host that is not for the host. An ordinary machine throws it away. One
    that passes it on is a router, and a setting makes the difference: net.ipv4.ip_forward.

    Switch it on and try again. Now the question does reach the server. Still there is no answer: it
    came from 192.168.15.2, and nobody outside has ever heard of such a network. The server has no way
    back.]],
  run = function()
    sysctl.set("net.ipv4.ip_forward", 1)
    blue:ping(server, { timeout_ms = 100 })
  end,
  check = {
    { "the host forwards", function()
        if sysctl.get "net.ipv4.ip_forward" == 1 then return true end
        local off = "net.ipv4.ip_forward is off in the host"
        for _, room in ipairs(rooms) do
          if room.sysctl.get "net.ipv4.ip_forward" == 1 then off = off .. ", and on in " .. room.name end
        end
        return nil, off
      end },
    { "blue's question has reached the server", function()
        local icmp = expect.counters(lan, "Icmp")
        return icmp.InEchos > 0, "no ping has come as far as the lan"
      end },
    { "the server knows no way back", function()
        local back = lan.route.get(addresses.blue)
        return not back, "the lan has a route to 192.168.15.2"
      end },
  },
  hint = "`sysctl net.ipv4.ip_forward=1`, in the host.",
  learned = "Only a machine that forwards is a router. And an answer needs a way back, too.",
}

-- Where such a rule is instead: another chain, or a room.
local function rule_elsewhere(chain, targets)
  for _, place in ipairs { host, red, blue, green, yellow, lan } do
    for _, other in ipairs { "PREROUTING", "INPUT", "OUTPUT", "POSTROUTING" } do
      for _, rule in ipairs(place.iptables.list { table = "nat", chain = other }) do
        if targets[rule.jump] and not (place == host and other == chain) then
          return ("the chain %s of %s"):format(other, expect.place(place))
        end
      end
    end
  end
end

-- Whether a rule in that chain of the host's nat table sends packets to one of these targets, and
-- some packet has met it.
local function rule_hit(chain, targets)
  local found
  for _, rule in ipairs(iptables.list { table = "nat", chain = chain }) do
    if targets[rule.jump] then
      if rule.packets > 0 then return rule end
      found = rule
    end
  end
  if found then return nil, ("no packet has met the rule: %s"):format(tostring(found)) end
  local where = rule_elsewhere(chain, targets)
  if where then return nil, ("the rule is in %s, not in the host's chain %s"):format(where, chain) end
  return nil, ("the host's nat table has no rule for it in the chain %s"):format(chain)
end

step {
  title = "In the host's name",
  text = [[
    The world outside knows the host. So let the host send blue's packets in its own name: on the way
    out it puts its own address, 192.168.1.2, in the place of the sender's, and remembers whose it was;
    when the answer comes back, it puts blue's address in again. This is network address translation
    (NAT), and this kind of it is called masquerading. Your router at home does the same for you.

    The rule belongs to the nat table, to the chain POSTROUTING: after it is clear which way a packet
    goes, and before it leaves.]],
  run = function()
    iptables.append("POSTROUTING", { table = "nat", source = "192.168.15.0/24", out_interface = "eth0",
                                     jump = "MASQUERADE" })
    blue:ping(server)
    iptables.list { table = "nat", chain = "POSTROUTING" }
  end,
  check = {
    { "a rule changes the sender of what leaves, and was used", function()
        return rule_hit("POSTROUTING", { MASQUERADE = true, SNAT = true })
      end },
    { "the server could answer", function()
        local icmp = expect.counters(lan, "Icmp")
        return icmp.OutEchoReps > 0, "the lan has answered no ping"
      end },
  },
  hint = "iptables, table nat, chain POSTROUTING, for the source 192.168.15.0/24: jump to MASQUERADE.",
  learned = [[
    Masquerading: the host sends what others have sent in its own name, and passes the answers on.]],
}

step {
  title = "Everywhere else",
  text = [[
    The server is reachable now. What about 203.0.113.10, somewhere on the internet? Blue has a route
    to one network outside, and this address is in none that it knows. One cannot list all networks of
    the world; there is a word for "everything that I know no better way to": default.

    With a default route via the host, each room can go wherever the host can.]],
  run = function()
    for _, room in ipairs(rooms) do room.route.add("default", { via = "192.168.15.5" }) end
    blue.route.list()
    blue:ping(internet)
  end,
  check = {
    { "every room hands to the host what it knows no better way for", expect.every(rooms, function(room)
        return expect.route(room, "default", { via = "192.168.15.5" })
      end) },
    { "from every room there is a way to 203.0.113.10", expect.every(rooms, function(room)
        return expect.way(room, internet)
      end) },
  },
  hint = "The destination of the route is the word default.",
  learned = "The default route is for everything that no other route is for.",
}

-- Says one line to everyone who connects to port 80.
local GREETER = [[$|=1; $s=IO::Socket::INET->new(LocalPort=>80, Listen=>8, ReuseAddr=>1) or die $@; ]] ..
                [[print "ready\n"; while ($c=$s->accept) { print $c "Hello from blue\n"; close $c }]]

-- What somebody outside reads who connects to port 80 of that address.
local function knock(address)
  return lan:exec { "bash", "-c", ("cat </dev/tcp/%s/80"):format(address), timeout_ms = 20000 }
end

step {
  title = "A door for visitors",
  text = [[
    The other way round is still closed. In blue there runs a small server now, which greets everybody
    who connects to port 80. Nobody outside can do that: the world knows the host's address and none
    behind it, and on the host nobody listens at port 80. "Connection refused".

    The host can open a door: what arrives for its port 80 is sent on to blue's. This changes the
    destination (DNAT), and it must happen before the host decides where the packet goes: in the chain
    PREROUTING. It is called port forwarding.

    Then somebody in the lan connects to the host, and blue answers. The rule counts: in the nat table
    only the first packet of a connection is looked at, all others follow it.]],
  needs = function() return expect.programs("perl", "bash") end,
  background = function()
    local greeter = blue:spawn { "perl", "-MIO::Socket::INET", "-e", GREETER, stdout = "pipe" }
    assert(greeter:read("l", 20000) == "ready", "the server in blue does not start")
    return greeter
  end,
  run = function()
    knock "192.168.1.2" -- nobody is there yet
    iptables "-t nat -A PREROUTING -i eth0 -p tcp --dport 80 -j DNAT --to-destination 192.168.15.2:80"
    knock "192.168.1.2"
    for _, rule in ipairs(iptables.list { table = "nat", chain = "PREROUTING" }) do
      print(("packets that met rule %d: %d"):format(rule.position, rule.packets))
    end
  end,
  check = {
    { "a rule sends visitors on, and was used", function()
        return rule_hit("PREROUTING", { DNAT = true })
      end },
    { "blue has let somebody in", function()
        local tcp = expect.counters(blue, "Tcp")
        return tcp.PassiveOpens > 0, "nobody has connected to blue"
      end },
    { "who connects to the host's port 80 is greeted by blue", function()
        local got = knock "192.168.1.2"
        if got.stdout == "Hello from blue\n" then return true end
        return nil, got.stderr:match "connect: ([^\n]*)" or "whoever connects there is not greeted"
      end, active = true },
  },
  hint = "iptables, table nat, chain PREROUTING, for tcp to port 80: jump to DNAT, to blue's address.",
  learned = "Port forwarding changes the destination of a packet before its way is looked up.",
}
