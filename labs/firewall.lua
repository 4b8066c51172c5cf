lab {
  title = "A wall with few doors",
  summary = [[
    A machine between home and the world decides what may pass. Close everything, then open what is
    needed and nothing else: questions from home, the answers to them, and one door for visitors.]],
  minutes = 25,
}

local expect = require "nslab.expect"

local home, wall, world = netns "home", netns "wall", netns "world"
local at_home, at_world = "10.5.0.2", "198.51.100.2"
local pest = "198.51.100.66"

step {
  title = "Home, the wall, the world",
  text = [[
    Three machines in a row. Home is what is to be protected. The world is everybody else. In between
    stands the wall, a router, with one foot in each network:

      home -------- lan  wall  wan -------- world
          10.5.0.0/24         198.51.100.0/24

    There is no wall yet, only a router: everybody reaches everybody.]],
  run = function()
    for _, name in ipairs { "home", "wall", "world" } do netns.add(name) end
    link.add("eth0", { netns = home, veth = { peer = { name = "lan", netns = wall } } })
    link.add("eth0", { netns = world, veth = { peer = { name = "wan", netns = wall } } })
    home.addr.add("10.5.0.2/24", { dev = "eth0" })
    wall.addr.add("10.5.0.1/24", { dev = "lan" })
    wall.addr.add("198.51.100.1/24", { dev = "wan" })
    world.addr.add("198.51.100.2/24", { dev = "eth0" })
    for _, at in ipairs { { home, "eth0" }, { wall, "lan" }, { wall, "wan" }, { world, "eth0" } } do
      at[1].link.set(at[2], { up = true })
    end
    home.route.add("default", { via = "10.5.0.1" })
    world.route.add("default", { via = "198.51.100.1" })
    wall.sysctl.set("net.ipv4.ip_forward", 1)
    home:ping(at_world)
    world:ping(at_home)
  end,
  check = {
    { "the wall's lan leads home", function()
        local plug, reason = expect.joined(wall, home)
        return plug and plug.name == "lan", reason or ("%s leads home"):format(plug.name)
      end },
    { "the wall's wan leads to the world", function()
        local plug, reason = expect.joined(wall, world)
        return plug and plug.name == "wan", reason or ("%s leads to the world"):format(plug.name)
      end },
    { "the world has answered home", function() return expect.answered(home, world) end },
    { "home has answered the world", function() return expect.answered(world, home) end },
  },
  hint = "Two cables, four addresses, a default route at either end, and net.ipv4.ip_forward in the wall.",
  learned = "A firewall is first of all a router: what it is to stop has to come past it.",
}

-- Says one line to everyone who connects to port 80.
local GREETER = [[$|=1; $s=IO::Socket::INET->new(LocalPort=>80, Listen=>8, ReuseAddr=>1) or die $@; ]] ..
                [[print "ready\n"; while ($c=$s->accept) { print $c "Welcome home\n"; close $c }]]

-- The first line that somebody in the world gets who connects to that port at home; nil and why not.
local function knock(port, timeout_ms)
  local script = ("read -r line </dev/tcp/%s/%d && echo $line"):format(at_home, port)
  local got = world:exec { "bash", "-c", script, timeout_ms = timeout_ms or 2000 }
  if got.code == 0 then return got.stdout:gsub("\n", "") end
  return nil, got.timed_out and "no answer" or got.stderr:match " ([^:\n]*)\n" or "nothing"
end

-- The same for the other address; bash cannot choose the one that it comes from.
local PEST = [[$c=IO::Socket::INET->new(PeerAddr=>"10.5.0.2:80", LocalAddr=>"198.51.100.66", ]] ..
             [[Timeout=>0.15) or die "$!\n"; print $c->getline]]

local function pest_knocks()
  local got = world:exec { "perl", "-MIO::Socket::INET", "-e", PEST }
  if got.code == 0 then return got.stdout end
  return nil, got.stderr:gsub("\n.*", "")
end

-- Whether the visitor is greeted.
local function greeted()
  local line, why = knock(80)
  return line == "Welcome home", ("the visitor gets: %s"):format(line or why)
end

local has_perl = function() return expect.programs("perl", "bash") end

step {
  title = "All doors are open",
  text = [[
    At home there runs a small web server now, at port 80. Somebody in the world connects to it and is
    greeted. He also tries port 22. Nobody listens there, and he is told so: "Connection refused". Even
    that tells him something: there is a machine, and it answers.]],
  needs = has_perl,
  background = function()
    local greeter = home:spawn { "perl", "-MIO::Socket::INET", "-e", GREETER, stdout = "pipe" }
    assert(greeter:read("l", 20000) == "ready", "the server at home does not start")
    return greeter
  end,
  look = function()
    knock(80)
    knock(22)
  end,
  claim = {
    { "the world is greeted at port 80", function() return greeted() end, active = true },
    { "the world is told that nobody is at port 22", function()
        local line, why = knock(22)
        return not line and why:find "refused", ("the visitor gets: %s"):format(line or why)
      end, active = true },
  },
  hint = "Connect from world to 10.5.0.2, ports 80 and 22.",
  learned = "Without a firewall every port can be tried by everybody, the closed ones too.",
}

-- Whether packets that no rule decides about are dropped in that chain of the wall.
local function closed(chain)
  local rules = wall.iptables.list(chain)
  local last = rules[#rules]
  local target = last and tostring(last):match "^%-A %S+ %-j (%u+)" -- a rule about everything
  if target == "DROP" or target == "REJECT" then return true end
  local policy = tostring(rules):match("^%-P %S+ (%u+)")
  return policy == "DROP", ("what no rule in %s decides about, %s"):format(chain, policy or "is accepted")
end

-- Whether a ping gets there, answered or not.
local function reaches(from, to, address)
  local before = expect.counters(to, "Icmp").InEchos
  from:ping(address, { timeout_ms = 20 })
  if expect.counters(to, "Icmp").InEchos > before then return true end
  return nil, ("a ping from %s does not get to %s"):format(from.name, to.name)
end

-- One may be late on a busy machine.
local function gets_there(from, to, address)
  return expect.soon(function() return reaches(from, to, address) end)
end

local function stopped(from, to, address)
  if reaches(from, to, address) then
    return nil, ("a ping from %s gets to %s"):format(from.name, to.name)
  end
  return true
end

local world_is_stopped = {
  "the world cannot ask home", function() return stopped(world, home, at_home) end, active = true,
}

step {
  title = "First close everything",
  text = [[
    One could list what is bad and forbid it. The list would never be complete. So it is done the other
    way round: everything is forbidden, and then what is needed is allowed.

    What passes through a machine is looked at in the chain FORWARD. Its policy says what happens to a
    packet that no rule decides about. Set it to DROP, and it is quiet: packets vanish, and nobody is
    told.]],
  run = function()
    wall.iptables.policy("FORWARD", "DROP")
    home:ping(at_world, { timeout_ms = 20 })
    world:ping(at_home, { timeout_ms = 20 })
  end,
  check = {
    { "what no rule decides about is dropped", function() return closed "FORWARD" end },
    { "home cannot ask the world", function() return stopped(home, world, at_world) end, active = true },
    world_is_stopped,
  },
  hint = "`iptables -P CHAIN TARGET`, inside wall: the chain FORWARD, the target DROP.",
  learned = "Forbid everything, then allow what is needed: what was forgotten stays shut.",
}

step {
  title = "Who is at home may ask",
  text = [[
    Now a rule: what comes in from the lan, goes out to the wan, and begins something new, is accepted.
    The wall keeps a list of connections (conntrack), so it knows what is new.

    Home's question does get out. But the answer comes back from the wan, where nothing is allowed.]],
  run = function()
    wall.iptables.append("FORWARD", { in_interface = "lan", out_interface = "wan",
                                      match = { { "conntrack", ctstate = "NEW" } }, jump = "ACCEPT" })
    home:ping(at_world, { timeout_ms = 20 })
  end,
  check = {
    { "home's questions get out into the world", function() return gets_there(home, world, at_world) end,
      active = true },
    world_is_stopped,
  },
  hint = "In FORWARD: from (-i) lan, to (-o) wan, `-m conntrack --ctstate NEW`, jump (-j) to ACCEPT.",
  learned = "A rule names what it is about; `conntrack` knows whether a packet begins something new.",
}

step {
  title = "Answers belong to questions",
  text = [[
    An answer is let in because there was a question, and the wall remembers the question. Packets of a
    connection that it knows are ESTABLISHED. RELATED are those that belong to one, like the message that
    a port is closed. Both are accepted, from whatever side they come.

    This is what makes a firewall stateful. The world can answer home, and still it cannot ask.]],
  run = function()
    wall.iptables.append("FORWARD", { match = { { "conntrack", ctstate = "ESTABLISHED,RELATED" } },
                                      jump = "ACCEPT" })
    home:ping(at_world, { count = 1 })
    world:ping(at_home, { timeout_ms = 20 })
    wall.iptables.list "FORWARD"
    print("connections that the wall remembers: " .. wall.sysctl.get "net.netfilter.nf_conntrack_count")
  end,
  check = {
    { "home gets answers from the world", function()
        local got = home:ping(at_world, { timeout_ms = 1000 })
        return got.received > 0, "home asks, and gets no answer"
      end, active = true },
    world_is_stopped,
    { "the wall remembers connections", function()
        local n = wall.sysctl.get "net.netfilter.nf_conntrack_count"
        return n > 0, "the wall remembers no connection"
      end },
  },
  hint = "`-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`, in FORWARD.",
  learned = "A stateful firewall lets in what belongs to something that it has let out.",
}

step {
  title = "One door for visitors",
  text = [[
    Visitors may come to the web server, and to nothing else. So a rule for new connections from the wan:
    to 10.5.0.2, TCP, port 80.

    At port 80 they are greeted again. At port 22 there is silence now. Nobody refuses: for all that the
    visitor can tell, there is nothing.]],
  needs = has_perl,
  run = function()
    wall.iptables "-A FORWARD -i wan -d 10.5.0.2 -p tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT"
    knock(80)
    knock(22, 150)
  end,
  check = {
    { "the world is greeted at port 80", function() return greeted() end, active = true },
    { "at port 22 there is silence", function()
        local line, why = knock(22, 500)
        return not line and not why:find "refused", ("the visitor gets: %s"):format(line or why)
      end, active = true },
    world_is_stopped,
  },
  hint = "In FORWARD: from wan, to (-d) 10.5.0.2, `-p tcp --dport 80`, jump to ACCEPT.",
  learned = "A door is a rule for new connections to one address and one port.",
}

step {
  title = "The first rule that fits decides",
  text = [[
    One of the visitors, 198.51.100.66, is a pest. A rule that drops what he sends, put at the end, would
    do nothing: before it stands the one that lets visitors in, and the first rule that fits decides. So
    this one has to be inserted in front.]],
  needs = has_perl,
  run = function()
    world.addr.add("198.51.100.66/24", { dev = "eth0" })
    wall.iptables.insert("FORWARD", { source = pest, jump = "DROP" }, 1)
    pest_knocks()
    knock(80)
    wall.iptables.list "FORWARD"
  end,
  check = {
    { "198.51.100.66 is in the world", function()
        local plug, reason = expect.joined(world, wall)
        if not plug then return nil, reason end
        return expect.address(world, plug.name, "198.51.100.66/24")
      end },
    { "198.51.100.66 gets no answer at port 80", function()
        local line, why = pest_knocks()
        if line then return nil, "he is greeted" end
        return not why:find "assign", why
      end, active = true },
    { "all others are greeted", function() return greeted() end, active = true },
  },
  hint = "`iptables -I FORWARD 1` inserts in front of the first rule. The source (-s) is 198.51.100.66.",
  learned = "Rules are asked in their order, and the first one that fits decides.",
}

step {
  title = "The wall itself",
  text = [[
    What is meant for the wall is no matter of FORWARD: that is the chain INPUT, and it is still open. The
    wall should talk to home, and to the world only when it has begun itself. Three commands: what
    belongs to a known connection is accepted, what comes from the lan as well, and the policy is DROP.

    The order of commands matters, too, when you sit in front of a machine far away: who sets the policy
    first has locked himself out.]],
  run = function()
    wall.iptables.append("INPUT", { match = { { "conntrack", ctstate = "ESTABLISHED,RELATED" } },
                                    jump = "ACCEPT" })
    wall.iptables.append("INPUT", { in_interface = "lan", jump = "ACCEPT" })
    wall.iptables.policy("INPUT", "DROP")
    home:ping "10.5.0.1"
    wall:ping(at_world)
    world:ping("198.51.100.1", { timeout_ms = 20 })
  end,
  check = {
    { "what no rule decides about is dropped", function() return closed "INPUT" end },
    { "home reaches the wall", function() return gets_there(home, wall, "10.5.0.1") end, active = true },
    { "the world does not", function()
        local got = world:ping("198.51.100.1", { timeout_ms = 20 })
        return got.received == 0, "the wall answers the world"
      end, active = true },
    { "the wall gets answers from the world", function()
        local got = wall:ping(at_world, { timeout_ms = 1000 })
        return got.received > 0, "the wall asks, and gets no answer"
      end, active = true },
  },
  hint = "The same two kinds of rule as before, in the chain INPUT, and then its policy.",
  learned = "INPUT is for what is meant for the machine itself, FORWARD for what passes through.",
}
