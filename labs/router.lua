lab {
  title = "Two networks and the way between them",
  summary = [[
    Two hosts in two networks, and two routers between them. Tell everyone the way, there and back,
    and then watch how a packet counts the routers that it meets.]],
  minutes = 20,
}

local expect = require "nslab.expect"

local red, blue = netns "red", netns "blue"
local west, east = netns "west", netns "east"
local at_blue = "10.2.0.2"

step {
  title = "Four machines, three cables",
  text = [[
    Red and blue are hosts. West and east are going to be routers: machines with a foot in more than one
    network. Red is connected to west, west to east, and east to blue.

      red ---------- west ---------- east ---------- blue
         10.1.0.0/24     10.9.0.0/30     10.2.0.0/24

    Each `---` is a network of its own. Nobody is connected to all three.]],
  run = function()
    for _, name in ipairs { "red", "west", "east", "blue" } do netns.add(name) end
    link.add("eth0", { netns = red, veth = { peer = { name = "to-red", netns = west } } })
    link.add("to-east", { netns = west, veth = { peer = { name = "to-west", netns = east } } })
    link.add("to-blue", { netns = east, veth = { peer = { name = "eth0", netns = blue } } })
  end,
  check = {
    { "red is connected to west", function() return expect.joined(red, west) end },
    { "west is connected to east", function() return expect.joined(west, east) end },
    { "east is connected to blue", function() return expect.joined(east, blue) end },
  },
  hint = "Four namespaces, then three veth pairs, each with its two ends in two of them.",
  learned = "A router is a machine that is connected to more than one network.",
}

-- Where the addresses belong: namespace, who the cable leads to, address.
local plan = {
  { red, west, "10.1.0.2/24" }, { west, red, "10.1.0.1/24" },
  { west, east, "10.9.0.1/30" }, { east, west, "10.9.0.2/30" },
  { east, blue, "10.2.0.1/24" }, { blue, east, "10.2.0.2/24" },
}

step {
  title = "Addresses",
  text = [[
    Every end of a cable gets an address in the network that the cable is. West has two of them, one in
    each of its networks, and so has east. The network in the middle needs only two addresses; a /30 has
    just these two.

    Then everything is switched on.]],
  run = function()
    red.addr.add("10.1.0.2/24", { dev = "eth0" })
    west.addr.add("10.1.0.1/24", { dev = "to-red" })
    west.addr.add("10.9.0.1/30", { dev = "to-east" })
    east.addr.add("10.9.0.2/30", { dev = "to-west" })
    east.addr.add("10.2.0.1/24", { dev = "to-blue" })
    blue.addr.add("10.2.0.2/24", { dev = "eth0" })
    for _, at in ipairs { { red, "eth0" }, { west, "to-red" }, { west, "to-east" }, { east, "to-west" },
                          { east, "to-blue" }, { blue, "eth0" } } do
      at[1].link.set(at[2], { up = true })
    end
  end,
  check = {
    { "every end has its address", expect.every_end(plan, expect.address) },
    { "every end is up", expect.every_end(plan, expect.up) },
  },
  hint = "Six addresses, six links to set up. West has 10.1.0.1/24 towards red and 10.9.0.1/30 towards east.",
  learned = "A router has an address in each of its networks.",
}

step {
  title = "As far as the neighbour",
  text = [[
    Red reaches west: they share a network, and a route to it came with the address. For blue's network
    there is no route, so red's kernel refuses without sending anything: "Network is unreachable".]],
  run = function()
    red:ping "10.1.0.1"
    pcall(red.ping, red, at_blue)
    red.route.list()
  end,
  check = {
    { "red has met west", function() return expect.neighbour(red, "10.1.0.1") end },
    { "red reaches its own network without help", function()
        local way, reason = expect.way(red, "10.1.0.1")
        if not way then return nil, reason end
        return not way.via, ("red sends it via %s"):format(way.via)
      end },
  },
  hint = "Ping 10.1.0.1 from red.",
  learned = "A machine reaches its own networks by itself, and nothing else.",
}

step {
  title = "The hosts ask their router",
  text = [[
    A host need not know the world. It knows one router, and hands it everything that is not for its own
    network: that is the default route. Red's router is west, 10.1.0.1, and blue's is east, 10.2.0.1.

    Now red sends its question to west. No answer comes: west does not know what to do with it.]],
  run = function()
    red.route.add("default", { via = "10.1.0.1" })
    blue.route.add("default", { via = "10.2.0.1" })
    red:ping(at_blue, { timeout_ms = 100 })
  end,
  check = {
    { "red hands to west what it knows no better way for", function()
        return expect.route(red, "default", { via = "10.1.0.1" })
      end },
    { "blue hands to east what it knows no better way for", function()
        return expect.route(blue, "default", { via = "10.2.0.1" })
      end },
  },
  hint = "`ip -n red route add default via ROUTER`; the router's address is the one in red's own network.",
  learned = "A host needs one route more than it has by itself: the default route, to its router.",
}

step {
  title = "Routers forward",
  text = [[
    What makes a machine a router is one setting: net.ipv4.ip_forward. Without it a packet for somebody
    else is thrown away. Each of the two routers has a setting of its own. (A new namespace begins with
    the one of your machine; if that forwards already, so do these.)

    Still no answer. West would pass the packet on now, but it does not know where 10.2.0.0/24 is.]],
  run = function()
    west.sysctl.set("net.ipv4.ip_forward", 1)
    east.sysctl.set("net.ipv4.ip_forward", 1)
    red:ping(at_blue, { timeout_ms = 100 })
  end,
  check = {
    { "west forwards", function() return expect.forwards(west) end },
    { "east forwards", function() return expect.forwards(east) end },
  },
  hint = "`ip netns exec west sysctl net.ipv4.ip_forward=1`, and the same in east.",
  learned = "net.ipv4.ip_forward makes a router of a machine, and each namespace has its own.",
}

step {
  title = "There, and back",
  text = [[
    West knows two networks, 10.1.0.0/24 and the one in the middle. Blue's it has to be told: via east,
    10.9.0.2. That is the way there. The answer starts at blue as a packet of its own, and east has to
    know where red's network is: via west, 10.9.0.1. Whoever forgets the way back sees questions arrive
    and no answer return.

    With both, red and blue can talk. None of the four has a map of the whole; each knows the next one
    on the way.]],
  run = function()
    west.route.add("10.2.0.0/24", { via = "10.9.0.2" })
    east.route.add("10.1.0.0/24", { via = "10.9.0.1" })
    red:ping(at_blue)
    west.route.list()
  end,
  check = {
    { "west sends what is for blue to east", function()
        local way, reason = expect.way(west, at_blue)
        if not way then return nil, reason end
        return way.via == "10.9.0.2", ("west sends it via %s"):format(way.via or way.dev)
      end },
    { "east sends what is for red to west", function()
        local way, reason = expect.way(east, "10.1.0.2")
        if not way then return nil, reason end
        return way.via == "10.9.0.1", ("east sends it via %s"):format(way.via or way.dev)
      end },
    { "blue has answered red", function() return expect.answered(red, blue) end },
  },
  hint = "A route in west to 10.2.0.0/24, and one in east to 10.1.0.0/24. Then ping from red.",
  learned = "A route is needed for each direction; nobody knows the whole way, everybody the next step.",
}

-- How often the namespace told a sender that a packet's time was up.
local function expired(ns)
  local count = expect.counters(ns, "Icmp").OutTimeExcds
  if count > 0 then return count end
  return nil, ("no packet has ended at %s"):format(ns.name)
end

step {
  title = "Every router takes one",
  text = [[
    What if two routers each thought that the other one knew the way? Packets would go round for ever. So
    every packet has a number on it, its time to live (ttl), often 64. Each router takes one off, and the
    one that would make it 0 throws the packet away and tells the sender: "Time to live exceeded".

    Send a packet that may live for 1, and it ends at west. With 2 it ends at east. With 3 it arrives at
    blue: two routers have taken one each, and one is left.]],
  needs = function() return expect.programs "ping" end,
  run = function()
    red:exec { "ping", "-n", "-c", 1, "-W", 2, "-t", 1, at_blue }
    red:exec { "ping", "-n", "-c", 1, "-W", 2, "-t", 2, at_blue }
    red:exec { "ping", "-n", "-c", 1, "-W", 2, "-t", 3, at_blue }
  end,
  check = {
    { "a packet has ended at west", function() return expired(west) end },
    { "a packet has ended at east", function() return expired(east) end },
    { "red was told so", function()
        local told = expect.counters(red, "Icmp").InTimeExcds
        return told >= 2, ("red was told so %d times"):format(told)
      end },
  },
  hint = "`ping -t NUMBER` sets the ttl: 1 for west, 2 for east.",
  learned = "The ttl keeps packets from going round for ever: each router takes one off.",
}

step {
  title = "Asking for the way",
  text = [[
    Somebody saw that this can be used. Send packets with a ttl of 1, 2, 3 and so on, and see who
    complains: these are the routers on the way, one after the other. The program is called traceroute.

    It sends to a port at which nobody listens. So the last one complains as well, and in other words:
    the port is closed. Then traceroute knows that it has arrived.]],
  needs = function() return expect.programs "traceroute" end,
  run = function()
    red:exec { "traceroute", "-n", "-q", 1, "-w", 2, at_blue }
  end,
  check = {
    { "blue was reached, and has said that the port is closed", function()
        local count = expect.counters(blue, "Icmp").OutDestUnreachs
        return count > 0, "blue has not turned anybody away"
      end },
    { "west and east have shown themselves", function()
        local one, reason = expired(west)
        if not one then return nil, reason end
        return expired(east)
      end },
  },
  hint = "`ip netns exec red traceroute -n ADDRESS`.",
  learned = "traceroute finds the routers on the way by letting packets end at each of them.",
}

step {
  title = "The most exact route wins",
  text = [[
    Several routes may fit an address. The one with the longest prefix decides: it says the most. West
    has a route to 10.2.0.0/24, 256 addresses. Give it one more for a single address of these,
    10.2.0.3/32, of the type unreachable: that one is refused, and all others go on as before.]],
  run = function()
    west.route.add("10.2.0.3/32", { type = "unreachable" })
    red:ping("10.2.0.3", { timeout_ms = 100 })
    red:ping(at_blue, { count = 1 })
    west.route.list()
  end,
  check = {
    { "west refuses what is for 10.2.0.3", function()
        local way, trouble = west.route.get "10.2.0.3"
        if way then return nil, ("west sends it via %s"):format(way.via or way.dev) end
        return trouble.code == "EHOSTUNREACH", tostring(trouble)
      end },
    { "and sends to east what is for the others", function()
        local way, reason = expect.way(west, "10.2.0.4")
        if not way then return nil, reason end
        return way.via == "10.9.0.2", ("west sends it via %s"):format(way.via or way.dev)
      end },
  },
  hint = "`ip -n west route add unreachable 10.2.0.3/32`.",
  learned = "Of all routes that fit, the one with the longest prefix is taken.",
}
