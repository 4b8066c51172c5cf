lab {
  title = "What a container engine does",
  summary = [[
    docker0, published ports, containers that reach the world and cannot be reached from it: every
    piece of it is made by hand, with the commands that an engine runs for you.]],
  minutes = 30,
  host = { eth0 = "192.168.1.2/24", lan = { name = "lan", "192.168.1.3/24" } },
}

local expect = require "nslab.expect"

local host, lan = netns.host, netns "lan"
local web, db = netns "web", netns "db"
local server = "192.168.1.3" -- in the LAN, behind the host's eth0

step {
  title = "docker0",
  text = [[
    When a container engine starts, it makes a network for the containers to come: a bridge, docker0.
    That is a switch, and the host is plugged into it as well, with the first address of a private
    network, 172.17.0.0/16. It will be the containers' way out.

    A bridge takes its hardware address from one of its ports, and another one when that port goes. So
    the engine gives it one to keep.]],
  run = function()
    link.add("docker0", { type = "bridge", address = "02:42:ac:11:00:01" })
    addr.add("172.17.0.1/16", { dev = "docker0" })
    link.set("docker0", { up = true })
  end,
  check = {
    { "docker0 is a bridge", function()
        local switch, reason = expect.link(host, "docker0")
        if not switch then return nil, reason end
        return switch.type == "bridge", ("docker0 is a %s"):format(switch.type or "link")
      end },
    { "docker0 has the address 172.17.0.1/16", function()
        return expect.address(host, "docker0", "172.17.0.1/16")
      end },
    { "docker0 is up", function() return expect.up(host, "docker0") end },
  },
  hint = "A link of type bridge, an address for it, and up.",
  learned = "docker0 is a bridge, and the host's own plug in it has the first address.",
}

-- Whether a container is connected as the engine does it: both ends on, the address, a way out.
local function connected(room, address)
  local plug, port = expect.plugged(room, "docker0")
  if not plug then return nil, port end
  local on, reason = expect.up(room, plug.name)
  if on then on, reason = expect.up(host, port.name) end
  if not on then return nil, reason end
  return expect.address(room, plug.name, address)
end

step {
  title = "A container's network",
  text = [[
    A container begins with a network namespace that has nothing but a lo. The engine puts one end of a
    cable into it and calls that end eth0. The other end, with some name that nobody reads, stays in the
    host and is plugged into docker0.

    This container is web. It gets the next free address, 172.17.0.2, its lo is switched on, and its
    default route leads to docker0.]],
  run = function()
    netns.add "web"
    link.add("veth-web", { master = "docker0", up = true, veth = { peer = { name = "eth0", netns = web } } })
    web.link.set("lo", { up = true })
    web.addr.add("172.17.0.2/16", { dev = "eth0" })
    web.link.set("eth0", { up = true })
    web.route.add("default", { via = "172.17.0.1" })
    web:ping "172.17.0.1"
  end,
  check = {
    { "web is plugged into docker0, up, and has 172.17.0.2/16", function()
        return connected(web, "172.17.0.2/16")
      end },
    { "web's lo is up", function() return expect.up(web, "lo") end },
    { "web hands to the host what it knows no better way for", function()
        return expect.route(web, "default", { via = "172.17.0.1" })
      end },
    { "web has met the host", function() return expect.neighbour(web, "172.17.0.1") end },
  },
  hint = "A veth whose peer is eth0 in web, and whose own end has the master docker0.",
  learned = "A container's eth0 is one end of a cable; the other end is a port of docker0.",
}

step {
  title = "A second one",
  text = [[
    Another container, db, with 172.17.0.3. Both are plugged into the same switch, so they reach each
    other directly, by address. (The names that an engine offers for this are no matter of the network:
    it answers questions for names itself.)]],
  run = function()
    netns.add "db"
    link.add("veth-db", { master = "docker0", up = true, veth = { peer = { name = "eth0", netns = db } } })
    db.addr.add("172.17.0.3/16", { dev = "eth0" })
    db.link.set("eth0", { up = true })
    db.route.add("default", { via = "172.17.0.1" })
    web:ping "172.17.0.3"
  end,
  check = {
    { "db is plugged into docker0, up, and has 172.17.0.3/16", function()
        return connected(db, "172.17.0.3/16")
      end },
    { "db hands to the host what it knows no better way for", function()
        return expect.route(db, "default", { via = "172.17.0.1" })
      end },
    { "db has answered web", function() return expect.answered(web, db) end },
  },
  hint = "The same as for web, with the address 172.17.0.3/16. Then ping from web.",
  learned = "Containers on one bridge are neighbours.",
}

local function reaches_the_server()
  local got = web:ping(server, { timeout_ms = 1000 })
  return got.received > 0, "web asks the server, and gets no answer"
end

step {
  title = "Out into the world",
  text = [[
    What web sends to the world comes as far as the host. Two things are missing, and an engine does both
    without asking: the host has to forward, and since nobody outside knows 172.17.0.0/16, it has to put
    its own address in place of the sender's.

    Read the rule: for what comes from the containers and does not go back to docker0. Between containers
    nothing is changed.]],
  run = function()
    sysctl.set("net.ipv4.ip_forward", 1)
    iptables "-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"
    web:ping(server, { count = 1 })
  end,
  check = {
    { "the host forwards", function() return expect.forwards(host) end },
    { "the server in the LAN answers web", reaches_the_server, active = true },
  },
  hint = "net.ipv4.ip_forward, and MASQUERADE in the chain POSTROUTING of the table nat.",
  learned = "Containers go out in the host's name: forwarding and MASQUERADE.",
}

-- Says one line to everyone who connects to port 80.
local GREETER = [[$|=1; $s=IO::Socket::INET->new(LocalPort=>80, Listen=>8, ReuseAddr=>1) or die $@; ]] ..
                [[print "ready\n"; while ($c=$s->accept) { print $c "Hello from web\n"; close $c }]]

-- What somebody in the LAN reads at port 8080 of the host.
local function knock()
  local script = "read -r line </dev/tcp/192.168.1.2/8080 && echo $line"
  return lan:exec { "bash", "-c", script, timeout_ms = 1000 }
end

local function published()
  local got = knock()
  if got.code == 0 then return got.stdout == "Hello from web\n", "the visitor reads " .. got.stdout end
  return nil, got.timed_out and "the visitor gets no answer" or
              "the visitor gets: " .. (got.stderr:match " ([^:\n]*)\n" or "nothing")
end

local has_programs = function() return expect.programs("perl", "bash") end

step {
  title = "A published port",
  text = [[
    In web there runs a small web server now, at port 80. Its address means nothing to the world. So one
    says `-p 8080:80`: what comes to the host's port 8080 goes to web's port 80.

    The engine keeps such rules in a chain of its own, DOCKER. PREROUTING sends there whatever is for one
    of the host's own addresses; in it stands one rule for each published port, which changes the
    destination.]],
  needs = has_programs,
  background = function()
    local greeter = web:spawn { "perl", "-MIO::Socket::INET", "-e", GREETER, stdout = "pipe" }
    assert(greeter:read("l", 20000) == "ready", "the server in web does not start")
    return greeter
  end,
  run = function()
    iptables "-t nat -N DOCKER"
    iptables "-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER"
    iptables "-t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80"
    knock()
    iptables.list { table = "nat" }
  end,
  check = {
    { "web greets who connects to the host's port 8080", published, active = true },
    { "web has let somebody in", function()
        local tcp = expect.counters(web, "Tcp")
        return tcp.PassiveOpens > 0, "nobody has connected to web"
      end },
  },
  hint = "In the table nat: a DNAT to 172.17.0.2:80 for tcp to port 8080, on the way in (PREROUTING).",
  learned = "A published port is a rule that changes the destination: DNAT.",
}

step {
  title = "The side door",
  text = [[
    Nobody has published anything of db. Is it safe? Somebody in the LAN thinks: this host forwards. He
    tells his machine that 172.17.0.0/16 is behind 192.168.1.2, and pings db. It answers.

    A private address is no protection. Whoever is in a network with the host can send to it whatever he
    likes, and the host passes it on.]],
  run = function()
    lan.route.add("172.17.0.0/16", { via = "192.168.1.2" })
    lan:ping "172.17.0.3"
  end,
  check = {
    { "the lan has a route to the containers", function()
        local way, reason = expect.way(lan, "172.17.0.3")
        if not way then return nil, reason end
        return way.via == "192.168.1.2", ("the lan sends it via %s"):format(way.via or way.dev)
      end },
    { "somebody in the lan got an answer from db", function() return expect.answered(lan, db) end },
  },
  hint = "Act as somebody in the namespace lan: a route to 172.17.0.0/16 via the host, then ping 172.17.0.3.",
  learned = "An address that nobody knows is not yet one that nobody reaches.",
}

step {
  title = "Closed, but for what was published",
  text = [[
    So the engine closes the way through the host: the policy of FORWARD is DROP. Then it allows what it
    stands for. Towards docker0: what belongs to a connection that is known, and what the chain DOCKER
    lets in, one rule for each published port. From docker0: everything, out into the world and from one
    container to another.

    (Many a lab on a machine with such an engine got no answer because of this policy. It is why nslab
    does not use your machine's network.)]],
  needs = has_programs,
  run = function()
    iptables.policy("FORWARD", "DROP")
    iptables "-N DOCKER"
    iptables "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    iptables "-A FORWARD -o docker0 -j DOCKER"
    iptables "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT"
    iptables "-A FORWARD -i docker0 -o docker0 -j ACCEPT"
    iptables "-A DOCKER -d 172.17.0.2 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT"
    lan:ping("172.17.0.3", { timeout_ms = 20 })
    web:ping(server, { count = 1 })
    knock()
  end,
  check = {
    { "somebody in the lan gets no answer from db", function()
        local got = lan:ping("172.17.0.3", { timeout_ms = 50 })
        return got.received == 0, "db answers the lan"
      end, active = true },
    { "the server in the LAN answers web", reaches_the_server, active = true },
    { "web greets who connects to the host's port 8080", published, active = true },
  },
  hint = "First the policy of FORWARD, then rules with `-i docker0` and `-o docker0` for what may pass.",
  learned = "The engine's host drops what passes through it, but for what containers begin or publish.",
}

step {
  title = "A container ends",
  text = [[
    When a container is removed, its namespace goes. What was in it goes with it: eth0, its address, its
    routes, and because a cable has two ends, the port of docker0 as well. The engine has nothing to tidy
    up but the rules it made. (The kernel takes a moment for it.)]],
  run = function()
    netns.delete "db"
  end,
  check = {
    { "there is no namespace db", function()
        if expect.namespace "db" then return nil, "db is still there" end
        return true
      end },
    { "the other end of its cable is gone, too", function()
        return expect.soon(function()
          local ports = host.link.list { master = "docker0" }
          return #ports <= 1, ("docker0 still has %d ports"):format(#ports)
        end, 5000)
      end },
    { "web is still plugged in", function() return expect.plugged(web, "docker0") end },
  },
  hint = "`ip netns del NAME`.",
  learned = "What is in a namespace goes with it, and so does the other end of its cables.",
}
