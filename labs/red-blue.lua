lab {
  title = "Two rooms and a cable",
  summary = [[
    Make two network namespaces, red and blue, connect them with a virtual cable, give each end an
    address, and watch them find each other.]],
  minutes = 15,
  host = { eth0 = "192.168.1.2/24" },
}

local expect = require "nslab.expect"

local host, red, blue = netns.host, netns "red", netns "blue"

step {
  title = "Two rooms",
  text = [[
    Think of a house with a family in it. Everyone may have a room, and who is inside sees the four
    walls of that room and nothing else. The parents have the keys: they can look into all of them.

    Linux can do the same with its network. A network namespace is such a room: whatever runs inside
    has network interfaces, addresses, a routing table and an ARP table of its own, and does not see
    those of other rooms. Containers get their own network in just this way.

    The host, where you are now, is the house. Make two rooms in it, and then let the host name the
    rooms it has.]],
  run = function()
    netns.add "red"
    netns.add "blue"
    netns.list()
  end,
  check = {
    { "there is a namespace called red", function() return expect.namespace "red" end },
    { "there is a namespace called blue", function() return expect.namespace "blue" end },
  },
  hint = "One command makes one namespace. Its last word is the name.",
  learned = "A namespace is made with one command, and begins with nothing but a lo.",
}

step {
  title = "What the host sees, and what red sees",
  text = [[
    Ask the host for its network interfaces: it has two. lo, the loopback, is how a machine talks to
    itself. eth0 is its network card, the way to everybody else. (This host is a pretended one, made
    for the lab: so is its eth0. It behaves like any other.)

    Then put the same question inside red. The `-n red` behind `ip` says where it is asked;
    `ip netns exec red ip link` would do too. There is a lo, because every namespace gets one, and it
    is still switched off. The host's eth0 is not there: a card is in one room at a time.

    If you see sit0, tunl0 or the like as well: some kernels put these into every new namespace.
    They are unused ends of tunnels and lead nowhere.]],
  look = function()
    host.link.list()
    red.link.list()
  end,
  claim = {
    { "the host has lo and eth0", function()
        local lo, reason = expect.link(host, "lo")
        if not lo then return nil, reason end
        return expect.link(host, "eth0")
      end },
    { "red has lo and nothing else", function() return expect.only_links(red, { "lo" }) end },
    { "red's lo is down", function()
        local lo, reason = expect.link(red, "lo")
        if not lo then return nil, reason end
        return not lo.up, "lo is up in red"
      end },
  },
  hint = "`ip link` lists interfaces. `-n NAME` makes it do so inside a namespace.",
}

step {
  title = "Everyone has their own ARP table",
  text = [[
    On one network, frames are delivered to hardware addresses (MAC addresses), but programs only
    know IP addresses. So a machine asks around: "who has 192.168.1.1?" The one that has it answers
    with its hardware address. That is ARP, the address resolution protocol, and what was learned is
    kept in the ARP table for the next time.

    Let the host ping the router of its network. To do so it must learn the router's hardware
    address, and then the router stands in the host's table. Red has met nobody, and it does not share
    what the host knows: its table is empty.]],
  run = function()
    host:ping "192.168.1.1"
    host.neigh.list()
    red.neigh.list()
  end,
  check = {
    { "the host knows the router's hardware address", function()
        return expect.neighbour(host, "192.168.1.1")
      end },
    { "red's ARP table is empty", function()
        local known = red.neigh.list()
        return #known == 0, "red has an entry for " .. (known[1] and known[1].dst or "")
      end },
  },
  hint = "Whoever is pinged must be found first. `ip neigh` shows who was found.",
  learned = "Whoever was met stands in the ARP table, and each namespace has its own.",
}

step {
  title = "Everyone has their own routing table",
  text = [[
    The routing table says where a packet goes next. The host's has two lines. One is for its own
    network: whoever is in 192.168.1.0/24 is reached through eth0, without help. The other one,
    default, is for everybody else: hand it to the router, 192.168.1.1.

    Red's table is empty. Red has no card and no route; nothing gets out of it and nothing comes in.
    That is how every new namespace begins.]],
  look = function()
    host.route.list()
    red.route.list()
  end,
  claim = {
    { "the host reaches its own network through eth0", function()
        return expect.route(host, "192.168.1.0/24", { dev = "eth0" })
      end },
    { "the host hands everything else to its router", function()
        return expect.route(host, "default", { via = "192.168.1.1" })
      end },
    { "red has no route at all", function()
        local routes = red.route.list()
        return #routes == 0, "red has a route to " .. (routes[1] and routes[1].dst or "")
      end },
  },
  hint = "`ip route` shows the table, with `-n red` that of red.",
}

step {
  title = "A cable with two ends",
  text = [[
    To connect two computers that stand side by side, you take a network cable. For namespaces there
    is a virtual one, the veth pair: two interfaces that belong together. What goes in at one end
    comes out at the other.

    One command makes both ends. They have names, veth-red and veth-blue, and for now both of them lie
    in the host, as a cable would that nobody has plugged in.]],
  run = function()
    link.add("veth-red", { veth = { peer = "veth-blue" } })
    link.list()
  end,
  check = {
    { "veth-red and veth-blue are the two ends of one cable", function()
        return expect.cable("veth-red", "veth-blue")
      end },
  },
  hint = "The type of link is veth, and the command names the other end as its peer.",
  learned = "A veth pair is a cable: two interfaces that belong together.",
}

step {
  title = "Plug it in",
  text = [[
    Now one end goes into red and the other one into blue. An interface is in one namespace at a time:
    when it moves into red, it is gone from the host. The cable between the two ends stays.

    Look into both rooms. Behind the @ stands what the interface is connected to; since the other end
    is now somewhere else, it is shown by its number (if...) and the id of the namespace that it is
    in.]],
  run = function()
    link.set("veth-red", { netns = red })
    link.set("veth-blue", { netns = blue })
    red.link.list()
    blue.link.list()
  end,
  check = {
    { "veth-red is in red", function() return expect.link(red, "veth-red") end },
    { "veth-blue is in blue", function() return expect.link(blue, "veth-blue") end },
    { "the host has neither of them", function()
        local gone, reason = expect.no_link(host, "veth-red")
        if not gone then return nil, reason end
        return expect.no_link(host, "veth-blue")
      end },
    { "they are still the two ends of one cable", function()
        return expect.cable("veth-red", "veth-blue")
      end },
  },
  hint = "An interface is moved by setting its netns.",
  learned = "An interface is in one namespace at a time. Moving it does not cut the cable.",
}

step {
  title = "Addresses",
  text = [[
    Red gets 192.168.15.1 and blue gets 192.168.15.2. The /24 behind them says how much of the address
    is the network: the first 24 bits, 192.168.15. Both have the same ones, so each can tell that the
    other is on the same network and can be reached directly, without a router.]],
  run = function()
    red.addr.add("192.168.15.1/24", { dev = "veth-red" })
    blue.addr.add("192.168.15.2/24", { dev = "veth-blue" })
    red.addr.list { dev = "veth-red" }
    blue.addr.list { dev = "veth-blue" }
  end,
  check = {
    { "veth-red has the address 192.168.15.1/24", function()
        return expect.address(red, "veth-red", "192.168.15.1/24")
      end },
    { "veth-blue has the address 192.168.15.2/24", function()
        return expect.address(blue, "veth-blue", "192.168.15.2/24")
      end },
  },
  hint = "An address belongs to an interface (dev), and it needs its /24.",
  learned = "An address is given to an interface, and its prefix says who else is on the network.",
}

-- The end of the cable is on, and the other one as well: it carries.
local function carries(ns, name)
  return expect.soon(function()
    local found, reason = expect.up(ns, name)
    if not found then return nil, reason end
    return found.operstate == "up", ("%s has no signal; is its other end down?"):format(name)
  end)
end

step {
  title = "Switch both ends on",
  text = [[
    New interfaces are switched off. Switch them on, both of them: a cable carries nothing while one
    of its ends is down.]],
  run = function()
    red.link.set("veth-red", { up = true })
    blue.link.set("veth-blue", { up = true })
  end,
  check = {
    { "veth-red is up", function() return expect.up(red, "veth-red") end },
    { "veth-blue is up", function() return expect.up(blue, "veth-blue") end },
    { "the cable carries, from red", function() return carries(red, "veth-red") end },
    { "the cable carries, from blue", function() return carries(blue, "veth-blue") end },
  },
  hint = "A link is set up, in the namespace that it is in.",
  learned = "New interfaces are down, and a cable carries only when both of its ends are up.",
}

step {
  title = "A route that came by itself",
  text = [[
    Look at the routing tables of both again. Red's was empty before. Now it has a line, and nobody
    wrote it: with an address and an interface that is up, the kernel knows that the network of that
    address is behind that interface, and makes the route itself.

    There is no default route, though, in neither of them. They reach each other and nobody else.]],
  look = function()
    red.route.list()
    blue.route.list()
  end,
  claim = {
    { "red reaches 192.168.15.0/24 through veth-red", function()
        return expect.route(red, "192.168.15.0/24", { dev = "veth-red" })
      end },
    { "blue reaches 192.168.15.0/24 through veth-blue", function()
        return expect.route(blue, "192.168.15.0/24", { dev = "veth-blue" })
      end },
    { "neither has a default route", function()
        for _, ns in ipairs { red, blue } do
          if expect.route(ns, "default") then return nil, ns.name .. " has one" end
        end
        return true
      end },
  },
  hint = "`ip -n red route` shows what red knows.",
}

step {
  title = "Ping",
  text = [[
    Everything is in place. Let red call blue, and blue call red. A ping is a small question; whoever
    it is for sends it back as the answer. The time is how long both ways took together.]],
  run = function()
    red:ping "192.168.15.2"
    blue:ping "192.168.15.1"
  end,
  check = {
    { "blue answered red", function() return expect.answered(red, blue) end },
    { "red answered blue", function() return expect.answered(blue, red) end },
  },
  hint = "Ping is run inside one namespace, with the other one's address.",
  learned = "An address each, a cable between them, both ends up: that is a network of two.",
}

step {
  title = "Who knows whom",
  text = [[
    Before the first ping could leave, red had to ask "who has 192.168.15.2?", and blue answered. Look
    at the three ARP tables. Red has blue in its table, blue has red, each with the other's hardware
    address.

    The host, in whose house all of this took place, knows of neither. Nobody asked it: the cable
    goes from room to room and not through the host's own network.]],
  look = function()
    red.neigh.list()
    blue.neigh.list()
    host.neigh.list()
  end,
  claim = {
    { "red knows the hardware address of veth-blue", function()
        local entry, reason = expect.neighbour(red, "192.168.15.2")
        if not entry then return nil, reason end
        local address = expect.link(blue, "veth-blue").address
        return entry.lladdr == address, ("red has %s for 192.168.15.2, but veth-blue has %s")
                                        :format(entry.lladdr, address)
      end },
    { "blue knows the hardware address of veth-red", function()
        local entry, reason = expect.neighbour(blue, "192.168.15.1")
        if not entry then return nil, reason end
        local address = expect.link(red, "veth-red").address
        return entry.lladdr == address, ("blue has %s for 192.168.15.1, but veth-red has %s")
                                        :format(entry.lladdr, address)
      end },
    { "the host knows nobody in 192.168.15.0/24", function()
        return expect.no_neighbour(host, "192.168.15.")
      end },
  },
  hint = "The ARP table of each is `ip neigh`, inside the namespace.",
}

local function mac_of(ns, name)
  local found, reason = expect.link(ns, name)
  if not found then return nil, reason end
  return expect.mac(found.address)
end

step {
  title = "What a hardware address is",
  text = [[
    A hardware address, or MAC address (media access control), is how interfaces on one network tell
    each other apart. It belongs to the layer below IP, the data link layer (layer 2): it delivers a
    frame to a neighbour, and it never travels farther than the next router.

    It is six bytes, written as six pairs of hexadecimal digits, like 3a:51:0c:9d:e2:47. Two bits of
    the first byte have a meaning:

    - the lowest bit says whether the address is of one interface (0) or of a group (1);
    - the next one says who gave it. 0: the maker of the card, who has a number of their own in the
      first three bytes, and stored the address in the card. 1: somebody on the spot. Such an address
      is called locally administered.

    A veth has no maker. The kernel rolled its dice for each end, and set that second bit. Nothing is
    burned in, either: `ip link set veth-red address ...` would change it. It only has to be
    different from everybody else's on the same network.]],
  look = function()
    red.link.list { name = "veth-red" }
    blue.link.list { name = "veth-blue" }
  end,
  claim = {
    { "veth-red's is six bytes", function() return mac_of(red, "veth-red") end },
    { "veth-blue's is six bytes", function() return mac_of(blue, "veth-blue") end },
    { "both are of one interface, not of a group", function()
        for _, end_ in ipairs { { red, "veth-red" }, { blue, "veth-blue" } } do
          local bytes, reason = mac_of(end_[1], end_[2])
          if not bytes then return nil, reason end
          if bytes[1] & 1 ~= 0 then return nil, end_[2] .. " has the address of a group" end
        end
        return true
      end },
    { "both are locally administered", function()
        for _, end_ in ipairs { { red, "veth-red" }, { blue, "veth-blue" } } do
          local bytes, reason = mac_of(end_[1], end_[2])
          if not bytes then return nil, reason end
          if bytes[1] & 2 == 0 then return nil, end_[2] .. " has an address of a card's maker" end
        end
        return true
      end },
    { "the two are different", function()
        local one, reason = expect.link(red, "veth-red")
        if not one then return nil, reason end
        local other, trouble = expect.link(blue, "veth-blue")
        if not other then return nil, trouble end
        return one.address ~= other.address, "both have " .. one.address
      end },
    { "what blue learned by ARP is what veth-red has", function()
        local entry, reason = expect.neighbour(blue, "192.168.15.1")
        if not entry then return nil, reason end
        local found, trouble = expect.link(red, "veth-red")
        if not found then return nil, trouble end
        return entry.lladdr == found.address,
               ("blue learned %s, veth-red has %s"):format(entry.lladdr, found.address)
      end },
  },
  hint = "It stands behind link/ether in what `ip link` prints.",
}
