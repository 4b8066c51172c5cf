lab {
  title = "Looking into a namespace",
  summary = [[
    What belongs to a network namespace: processes, interfaces, loopback, addresses given by hand and
    by DHCP, routes, routing rules and firewall rules. Each of them is compared with the host's.]],
  minutes = 25,
  host = { eth0 = "192.168.1.2/24" },
}

local expect = require "nslab.expect"

local host, red, blue, server = netns.host, netns "red", netns "blue", netns "server"

step {
  title = "A namespace of its own",
  text = [[
    A machine has one network: its interfaces, its routing tables, its firewall rules. A network
    namespace is another one of all of these, on the same machine, with nothing in common. Make one
    and look at its interfaces and at the host's.

    The host has lo and its network card, eth0. The new namespace has a lo, and it is down.]],
  run = function()
    netns.add "red"
    host.link.list()
    red.link.list()
  end,
  check = {
    { "there is a namespace called red", function() return expect.namespace "red" end },
    { "red has lo and nothing else", function() return expect.only_links(red, { "lo" }) end },
    { "the host has an eth0", function() return expect.link(host, "eth0") end },
  },
  hint = "`ip netns add NAME` makes one, `ip -n NAME link` looks into it.",
  learned = "A namespace is a network of its own, on the same machine.",
}

step {
  title = "A process lives in one namespace",
  text = [[
    Every process is in one network namespace, and its children start where it is. Whoever is started
    with `ip netns exec red` is in red: it sees red's interfaces and no others, whatever program it is
    and however it asks.

    The kernel has a number for each namespace. Ask the same question in both places; the answer is a
    number that belongs to who asks.]],
  look = function()
    host:exec { "readlink", "/proc/self/ns/net" }
    red:exec { "readlink", "/proc/self/ns/net" }
    red:exec { "cat", "/proc/net/dev" }
  end,
  claim = {
    { "a program in red has another namespace than one in the host", function()
        local here = host:exec({ "readlink", "/proc/self/ns/net" }).stdout
        local there = red:exec({ "readlink", "/proc/self/ns/net" }).stdout
        return here ~= there, "both are in " .. here
      end, active = true },
    { "a program in red sees lo and no eth0", function()
        local seen = red:exec({ "cat", "/proc/net/dev" }).stdout
        if seen:find "eth0:" then return nil, "it sees an eth0" end
        return seen:find "lo:", "it sees no lo"
      end, active = true },
  },
  hint = "`ip netns exec red COMMAND` starts a command in red.",
}

step {
  title = "Loopback",
  text = [[
    lo is the interface by which a machine talks to itself: what is sent to 127.0.0.1 goes nowhere and
    is received at once. Programs on one machine use it to talk to each other.

    Red has one of its own, and what is sent on it stays in red. But as long as it is down, red cannot
    even reach itself: the first ping is refused. Switch it on, and it works as it does anywhere. Its
    address, 127.0.0.1, came by itself.]],
  run = function()
    pcall(red.ping, red, "127.0.0.1")
    red.link.set("lo", { up = true })
    red.addr.list { dev = "lo" }
    red:ping "127.0.0.1"
  end,
  check = {
    { "lo is up in red", function() return expect.up(red, "lo") end },
    { "lo has the address 127.0.0.1/8", function() return expect.address(red, "lo", "127.0.0.1/8") end },
    { "red has answered itself", function()
        local icmp = expect.counters(red, "Icmp")
        return icmp.InEchoReps > 0, "red has got no answer to a ping"
      end },
  },
  hint = "A link is set up with `ip link set`, in the namespace that it is in.",
  learned = "Every namespace has its own lo, and it is down until somebody switches it on.",
}

step {
  title = "An eth0 with an address",
  text = [[
    Other machines are reached through a network card; the first one is called eth0. A card can be in
    one namespace at a time, and the host keeps its own. So red gets one end of a virtual cable, and
    that end is called eth0 as well: names only have to be different within one namespace. The other
    end, veth-red, stays in the host.

    A card needs an address. Here it is given by hand; one calls that static. Red gets 10.0.0.2, and
    the host's end of the cable gets 10.0.0.1.]],
  run = function()
    link.add("veth-red", { veth = { peer = { name = "eth0", netns = red } } })
    addr.add("10.0.0.1/24", { dev = "veth-red" })
    red.addr.add("10.0.0.2/24", { dev = "eth0" })
    link.set("veth-red", { up = true })
    red.link.set("eth0", { up = true })
    red:ping "10.0.0.1"
    red.addr.list { dev = "eth0" }
  end,
  check = {
    { "red has an eth0, and it is up", function() return expect.up(red, "eth0", true) end },
    { "red's eth0 has the address 10.0.0.2/24", function()
        return expect.address(red, "eth0", "10.0.0.2/24", true)
      end },
    { "its other end in the host has 10.0.0.1/24, and is up", function()
        local card, reason = expect.link(red, "eth0", true)
        if not card then return nil, reason end
        local other = card.veth and card.veth.peer
        if not other then return nil, "red's eth0 is not an end of a cable" end
        if other.netns ~= host then
          return nil, ("its other end, %s, is in %s"):format(other.name, expect.place(other.netns))
        end
        local up, trouble = expect.up(host, other.name)
        if not up then return nil, trouble end
        return expect.address(host, other.name, "10.0.0.1/24")
      end },
    { "the host's own eth0 is still there, with its address", function()
        return expect.address(host, "eth0", "192.168.1.2/24")
      end },
    { "red has met the host", function() return expect.neighbour(red, "10.0.0.1") end },
  },
  hint = "A veth pair whose peer is named eth0 and is in red. Then addresses, then both ends up.",
  learned = "Names of interfaces are different within one namespace only.",
}

step {
  title = "Routes",
  text = [[
    Routes decide where a packet goes next. Each namespace has its own table of them. The host's knows
    the LAN and a default route. Red's has one line, which came with the address: 10.0.0.0/24 is at
    eth0. For anything else the kernel says "Network is unreachable".

    A route names a destination, and how it is reached: via a gateway that is a neighbour, and through
    which interface (dev). Add one to the host's LAN. It changes red's table and no other.]],
  run = function()
    host.route.list()
    pcall(red.ping, red, "192.168.1.2")
    red.route.add("192.168.1.0/24", { via = "10.0.0.1", dev = "eth0" })
    red.route.list()
    red:ping "192.168.1.2"
  end,
  check = {
    { "red reaches 192.168.1.0/24 via 10.0.0.1 through eth0", function()
        return expect.route(red, "192.168.1.0/24", { via = "10.0.0.1", dev = "eth0" })
      end },
    { "red has no default route, and the host has one", function()
        if expect.route(red, "default") then return nil, "red has a default route" end
        return expect.route(host, "default")
      end },
    { "the host still reaches 192.168.1.0/24 through its own eth0", function()
        return expect.route(host, "192.168.1.0/24", { dev = "eth0" })
      end },
  },
  hint = "`ip -n red route add DESTINATION via GATEWAY dev INTERFACE`.",
  learned = "Each namespace has its own routes; a gateway must be a neighbour.",
}

step {
  title = "Rules: which table is asked",
  text = [[
    There can be several routing tables. Rules decide which one is asked for a packet; they are tried
    in the order of their numbers. Three are there from the start, in each namespace: 0 asks for
    addresses of one's own (table local), 32766 asks the table that all of us use (main), and 32767 an
    empty one (default).

    A rule that is added in red is red's alone. This one says that what comes from 10.0.0.2 asks table
    100 first. That table is empty, so the search goes on with the next rule, and nothing changes.]],
  run = function()
    red.rule.add { from = "10.0.0.2", table = 100, priority = 1000 }
    host.rule.list()
    red.rule.list()
  end,
  check = {
    { "red has a rule for what comes from 10.0.0.2", function()
        for _, rule in ipairs(red.rule.list()) do
          if rule.from == "10.0.0.2" or rule.from == "10.0.0.2/32" then return rule end
          if rule.to == "10.0.0.2" or rule.to == "10.0.0.2/32" then
            return nil, "red has a rule for what goes to 10.0.0.2, not for what comes from it"
          end
        end
        return nil, "no rule of red is about what comes from 10.0.0.2"
      end },
    { "the host has none of that", function()
        for _, rule in ipairs(host.rule.list()) do
          if (rule.from or ""):find("10.0.0.2", 1, true) then return nil, "the host has it too" end
        end
        return true
      end },
    { "both have the three that are there from the start", function()
        for _, ns in ipairs { host, red } do
          local has = {}
          for _, rule in ipairs(ns.rule.list()) do has[rule.priority or 0] = true end
          for _, priority in ipairs { 0, 32766, 32767 } do
            if not has[priority] then
              return nil, ("%s has no rule %d"):format(expect.place(ns), priority)
            end
          end
        end
        return true
      end },
  },
  hint = "`ip -n red rule add from ADDRESS lookup TABLE`, with a priority.",
  learned = "Rules choose the table, tables hold the routes, and each namespace has both.",
}

-- The rule of the tutorial in the chain FORWARD of a namespace, or nil and why there is none.
local function forward_rule(ns)
  local off
  for _, rule in ipairs(ns.iptables.list { chain = "FORWARD" }) do
    if rule.in_interface == "lo" and rule.out_interface == "eth0" and rule.jump == "ACCEPT" then
      return rule
    elseif rule.in_interface == "eth0" and rule.out_interface == "lo" then
      off = "the rule is about what comes from eth0 and goes to lo, the other way round"
    elseif rule.in_interface == "lo" and rule.out_interface == "eth0" then
      off = ("the rule does not jump to ACCEPT: %s"):format(tostring(rule))
    end
  end
  return nil, off or ("%s has no rule in FORWARD that accepts from lo to eth0"):format(expect.place(ns))
end

step {
  title = "Firewall rules",
  text = [[
    iptables holds rules about packets. Those in the chain FORWARD are asked for what comes in at one
    interface and goes out at another. Each namespace has a firewall of its own: a rule in red is asked
    for red's packets, and the host's firewall does not know of it.

    This one accepts what comes in from lo and goes out through eth0. Look at its counter, though. It
    stays at 0: what arrives on lo was sent by red to itself, and is not passed on to anyone. The rule
    is harmless, and good for seeing where it is and where it is not.]],
  run = function()
    red.iptables.append("FORWARD", { in_interface = "lo", out_interface = "eth0", jump = "ACCEPT" })
    red.iptables.list { chain = "FORWARD" }
    host.iptables.list { chain = "FORWARD" }
    red:ping "127.0.0.1"
    for _, rule in ipairs(red.iptables.list { chain = "FORWARD" }) do
      print(("packets that met rule %d: %d"):format(rule.position, rule.packets))
    end
  end,
  check = {
    { "red accepts what comes from lo and goes to eth0", function() return forward_rule(red) end },
    { "the host has no such rule", function()
        return not forward_rule(host), "the host has it, too"
      end },
    { "no packet has met it", function()
        local rule, reason = forward_rule(red)
        if not rule then return nil, reason end
        return rule.packets == 0, ("%d packets have met it"):format(rule.packets)
      end },
  },
  hint = "`iptables -A FORWARD`, inside red: from (-i) lo, to (-o) eth0, jump (-j) to ACCEPT.",
  learned = "A firewall rule is asked for the packets of its own namespace only.",
}

step {
  title = "Two more, and a cable between them",
  text = [[
    An address need not be given by hand. For that, two more namespaces: server will hand out
    addresses, and blue will ask for one. A cable connects them, and both ends are called eth0. Only
    the server's gets an address; blue's has none.]],
  run = function()
    netns.add "server"
    netns.add "blue"
    link.add("eth0", { netns = server, veth = { peer = { name = "eth0", netns = blue } } })
    server.addr.add("10.0.1.1/24", { dev = "eth0" })
    server.link.set("eth0", { up = true })
    blue.link.set("eth0", { up = true })
    blue.addr.list { dev = "eth0", family = "inet" }
  end,
  check = {
    { "the server's eth0 is up and has the address 10.0.1.1/24", function()
        local up, reason = expect.up(server, "eth0", true)
        if not up then return nil, reason end
        return expect.address(server, "eth0", "10.0.1.1/24", true)
      end },
    { "blue's eth0 is up, and is the other end of the server's", function()
        local card, reason = expect.up(blue, "eth0", true)
        if not card then return nil, reason end
        local peer = card.veth and card.veth.peer
        if not peer then return nil, "blue's eth0 is not an end of a cable" end
        return peer.netns == server and peer.name == "eth0",
               ("its other end is %s in %s"):format(peer.name, expect.place(peer.netns))
      end },
  },
  hint = "`ip link add eth0 netns server type veth peer name eth0 netns blue` makes such a cable.",
  learned = "A cable can be made with both ends in place.",
}

local function leases() return scratch "dnsmasq.leases" end

step {
  title = "An address by DHCP",
  text = [[
    DHCP, the dynamic host configuration protocol, is how most machines get their address. Who has none
    yet calls into its network: is there anybody who hands out addresses? A server offers one, with
    what else one needs to know (how large the network is, where the router is), for a while only: a
    lease.

    In the namespace server, a real DHCP server is running now, dnsmasq. It has the addresses from
    10.0.1.50 to 10.0.1.99 to give away. In blue we start a real client, udhcpc. It asks, takes what it
    is offered, and sets blue's eth0 and blue's default route accordingly.

    The client also writes down which name servers it was told of, in /etc/resolv.conf. A room has a
    network of its own, but no files of its own: that would be the host's. So /dev/null is laid over the
    file first. `ip netns exec` gives a command mounts of its own, and only this one sees that.]],
  needs = function() return expect.programs("dnsmasq", "udhcpc") end,
  background = function()
    local dnsmasq = server:spawn {
      "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--user=root", "--group=root",
      "--interface=eth0", "--dhcp-range=10.0.1.50,10.0.1.99,1h", "--dhcp-authoritative", "--no-ping",
      "--dhcp-leasefile=" .. leases(), stdout = "pipe", stderr = "stdout",
    }
    repeat
      local line = assert(dnsmasq:read("l", 20000), "dnsmasq does not start")
    until line:find "IP range"
    return dnsmasq
  end,
  run = function()
    blue:exec { "sh", "-c", "mount --bind /dev/null /etc/resolv.conf && " ..
                            "exec udhcpc -i eth0 -n -q -f -t 10 -T 1" }
    blue.addr.list { dev = "eth0", family = "inet" }
    blue.route.list()
    blue:ping "10.0.1.1"
  end,
  check = {
    { "blue's eth0 has an address from 10.0.1.50 to 10.0.1.99", function()
        local has = blue.addr.list { dev = "eth0", family = "inet" }
        for _, a in ipairs(has) do
          local last = tonumber(a.address:match "^10%.0%.1%.(%d+)/24$")
          if last and last >= 50 and last <= 99 then return a end
        end
        return nil, #has == 0 and "it has no address" or "it has " .. has[1].address
      end },
    { "blue's default route leads to the server", function()
        return expect.route(blue, "default", { via = "10.0.1.1" })
      end },
    { "the server has blue's hardware address among its leases", function()
        local card, reason = expect.link(blue, "eth0")
        if not card then return nil, reason end
        local file <close> = io.open(leases())
        local given = file and file:read "a" or ""
        return given:find(card.address, 1, true), "there is no lease for " .. card.address
      end },
    { "blue has met the server", function() return expect.neighbour(blue, "10.0.1.1") end },
  },
  hint = "`udhcpc -i eth0 -n -q -f` inside blue asks once, and ends when it has an address.",
  learned = "DHCP gives out an address for a while, and what else one needs to know.",
}
