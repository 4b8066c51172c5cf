lab {
  title = "A network on top of a network",
  summary = [[
    Two machines far apart, with routers in between, and containers on both that believe to be plugged
    into one switch. Wrap frames into packets, say where to send them, and see what it costs.]],
  minutes = 25,
  needs = { "bridge", "vxlan" },
}

local expect = require "nslab.expect"

local left, core, right = netns "left", netns "core", netns "right"
local red, blue = netns "red", netns "blue"
local at_left, at_right, at_blue = "10.1.0.2", "10.2.0.2", "172.20.0.2"
local EVERYBODY = "00:00:00:00:00:00"

-- A check that must hold for each of these pairs.
local function both(pairs_, holds)
  return function()
    for _, row in ipairs(pairs_) do
      local fine, reason = holds(table.unpack(row))
      if not fine then return nil, reason end
    end
    return true
  end
end

-- The machines' own addresses: namespace, who the cable leads to, address.
local ends = {
  { left, core, "10.1.0.2/24" }, { core, left, "10.1.0.1/24" },
  { right, core, "10.2.0.2/24" }, { core, right, "10.2.0.1/24" },
}

step {
  title = "What is underneath",
  text = [[
    Left and right are two machines in different places. They are in different networks, and core is the
    router in between. In reality it is many routers, and none of them is ours.

      left .2 --- 10.1.0.0/24 --- .1 core .1 --- 10.2.0.0/24 --- .2 right

    This is the underlay: an ordinary network with ordinary routes. Left and right can talk, and that is
    all we ask of it.]],
  run = function()
    for _, name in ipairs { "left", "core", "right" } do netns.add(name) end
    link.add("eth0", { netns = left, up = true,
                       veth = { peer = { name = "to-left", netns = core, up = true } } })
    link.add("eth0", { netns = right, up = true,
                       veth = { peer = { name = "to-right", netns = core, up = true } } })
    left.addr.add("10.1.0.2/24", { dev = "eth0" })
    core.addr.add("10.1.0.1/24", { dev = "to-left" })
    core.addr.add("10.2.0.1/24", { dev = "to-right" })
    right.addr.add("10.2.0.2/24", { dev = "eth0" })
    core.sysctl.set("net.ipv4.ip_forward", 1)
    left.route.add("default", { via = "10.1.0.1" })
    right.route.add("default", { via = "10.2.0.1" })
    left:ping(at_right)
  end,
  check = {
    { "left and right are connected to core, and have their addresses", both(ends, function(ns, to, address)
        local plug, reason = expect.joined(ns, to)
        if not plug then return nil, reason end
        local on, off = expect.up(ns, plug.name)
        if not on then return nil, off end
        return expect.address(ns, plug.name, address)
      end) },
    { "core forwards", function() return expect.forwards(core) end },
    { "right has answered left", function() return expect.answered(left, right) end },
  },
  hint = "Three namespaces, two cables, four addresses, two default routes, and ip_forward in core.",
  learned = "The underlay is any network in which two machines can talk.",
}

step {
  title = "A switch in each",
  text = [[
    On left there is a container, red; on right there is another one, blue. Each is plugged into a switch
    of its machine, br0, as container engines do it. They have addresses of one network: 172.20.0.1 and
    172.20.0.2. So red believes that blue is on the same cable, and asks for it by ARP.

    The question goes to every port of left's br0. There is only red. Nobody answers, and no router helps:
    core has never heard of 172.20.0.0/24, and ARP does not pass a router anyway.]],
  run = function()
    netns.add "red"
    netns.add "blue"
    for _, at in ipairs { { left, red, "red" }, { right, blue, "blue" } } do
      at[1].link.add("br0", { type = "bridge", up = true })
      at[1].link.add("veth-" .. at[3], { master = "br0", up = true,
                                         veth = { peer = { name = "eth0", netns = at[2], up = true } } })
    end
    red.addr.add("172.20.0.1/24", { dev = "eth0" })
    blue.addr.add("172.20.0.2/24", { dev = "eth0" })
    red:ping(at_blue, { timeout_ms = 50 })
  end,
  check = {
    { "red is plugged into a switch of left, up, and has 172.20.0.1/24", function()
        return expect.lives(red, left, "172.20.0.1/24")
      end },
    { "blue is plugged into a switch of right, up, and has 172.20.0.2/24", function()
        return expect.lives(blue, right, "172.20.0.2/24")
      end },
  },
  hint = "In each machine a bridge, and a veth pair: one end has the bridge as master, the other is eth0.",
  learned = "ARP, and all that is Ethernet, ends at the next router.",
}

-- The vxlan that is plugged into the container's switch in its machine.
local function tunnel(machine, container)
  local plug, port, switch = expect.plugged_in(container, machine)
  if not plug then return nil, port end
  local reason = ("%s has no vxlan that is plugged into %s"):format(machine.name, switch.name)
  for _, found in ipairs(machine.link.list()) do
    if found.type == "vxlan" then
      if found.master == switch.name then return found end
      reason = ("%s in %s is not plugged into %s"):format(found.name, machine.name, switch.name)
    end
  end
  return nil, reason
end

-- Whether it is up, and has this number, own address and UDP port.
local function tunnelled(machine, container, id, address)
  local found, reason = tunnel(machine, container)
  if not found then return nil, reason end
  local v = found.vxlan
  local name = ("%s in %s"):format(found.name, machine.name)
  if v.id ~= id then return nil, ("%s has the number %d, not %d"):format(name, v.id, id) end
  if v.local_address ~= address then
    return nil, ("%s sends from %s, not from %s"):format(name, v.local_address or "any address", address)
  end
  if v.dstport ~= 4789 then return nil, ("%s uses port %d, not 4789"):format(name, v.dstport) end
  return found.up, name .. " is down"
end

step {
  title = "A port that leads elsewhere",
  text = [[
    A vxlan is a link that is plugged into a switch like a cable. What goes into it, a whole Ethernet
    frame, is put into a UDP packet and sent to another machine, which takes the frame out again and gives
    it to its own switch. The two switches become one. That is an overlay: a network on top of another.

    Give each br0 such a port. It has a number, 7, so that several networks can use the same machines; an
    address of its own (local), which is the machine's; the card that it sends through (dev); and the UDP
    port, 4789, which is the standard. (Say it: without it, the kernel takes 8472, for history's sake.)]],
  run = function()
    left.link.add("vxlan7", { master = "br0", up = true, vxlan = { id = 7, local_address = "10.1.0.2",
                                                                   dev = "eth0", dstport = 4789 } })
    right.link.add("vxlan7", { master = "br0", up = true, vxlan = { id = 7, local_address = "10.2.0.2",
                                                                    dev = "eth0", dstport = 4789 } })
    left.link.list { master = "br0" }
  end,
  check = {
    { "red's switch has a vxlan with the number 7, from 10.1.0.2", function()
        return tunnelled(left, red, 7, at_left)
      end },
    { "blue's switch has a vxlan with the number 7, from 10.2.0.2", function()
        return tunnelled(right, blue, 7, at_right)
      end },
  },
  hint = "`ip link add vxlan7 master br0 type vxlan id 7 local ADDRESS dev eth0 dstport 4789`, and then up.",
  learned = "A vxlan puts Ethernet frames into UDP packets: it is a port that ends in another machine.",
}

-- The entry in the table of the machine's vxlan that says where frames to that hardware address are sent.
local function sent_to(machine, container, address)
  local found, reason = tunnel(machine, container)
  if not found then return nil, reason end
  for _, entry in ipairs(machine.fdb.list { dev = found.name }) do
    if entry.lladdr == address and entry.dst then return entry end
  end
  return nil, ("%s in %s knows no machine for %s"):format(found.name, machine.name, address)
end

-- Whether what is for everybody goes to that machine.
local function flooded(machine, container, other)
  local found, reason = tunnel(machine, container)
  if not found then return nil, reason end
  local missing = "nobody"
  for _, entry in ipairs(machine.fdb.list { dev = found.name }) do
    if entry.lladdr == EVERYBODY and entry.dst == other then return true end
    if entry.lladdr == EVERYBODY then missing = entry.dst end
  end
  return nil, ("%s in %s sends what is for everybody to %s"):format(found.name, machine.name, missing)
end

step {
  title = "Who else is there?",
  text = [[
    The port is there, but it does not know where its packets should go. An ARP question is for everybody,
    and who is everybody? That has to be said: a list of the other machines. An entry for the hardware
    address 00:00:00:00:00:00 means "all that is for everybody, or for somebody unknown". Each machine that
    takes part gets one such entry; here there is just one other. Container engines fill these lists.

    Red has asked in vain a moment ago, and would wait a while before it asks again. So its table of
    neighbours is emptied first. Then it finds blue, 172.20.0.2, behind a router that knows nothing of it.]],
  run = function()
    left.fdb.append(EVERYBODY, { dev = "vxlan7", dst = "10.2.0.2" })
    right.fdb.append(EVERYBODY, { dev = "vxlan7", dst = "10.1.0.2" })
    red.neigh.flush { dev = "eth0" }
    red:ping(at_blue)
    red.neigh.list()
  end,
  check = {
    { "left sends to right what is for everybody", function() return flooded(left, red, at_right) end },
    { "right sends to left what is for everybody", function() return flooded(right, blue, at_left) end },
    { "red knows blue's own hardware address", function()
        local entry, reason = expect.neighbour(red, at_blue)
        if not entry then return nil, reason end
        local plug, trouble = expect.joined(blue, right)
        if not plug then return nil, trouble end
        return entry.lladdr == plug.address, ("red takes %s for blue"):format(entry.lladdr)
      end },
    { "blue has answered red", function() return expect.answered(red, blue) end },
  },
  hint = "`bridge fdb append 00:00:00:00:00:00 dev vxlan7 dst OTHER-MACHINE`, on both machines.",
  learned = "What is for everybody goes to each machine of a list; an overlay begins with that list.",
}

step {
  title = "What the switches have learned",
  text = [[
    A switch remembers behind which port it has seen a hardware address. There are two tables now. The
    one of br0 says: blue's hardware address is behind the port vxlan7 (master br0). The one of vxlan7
    itself says: and from there it is at the machine 10.2.0.2 (self). Both were learned from blue's
    answer. So the next frame for blue goes to right alone, however many machines take part.

    Look for blue's hardware address in both. What was learned is forgotten after five minutes of silence;
    the entry for everybody stays.]],
  look = function()
    red:ping(at_blue)
    blue.link.list { name = "eth0" }
    left.fdb.list { dev = "vxlan7" }
  end,
  claim = {
    { "left's switch has learned that blue is behind the vxlan", function()
        local found, reason = tunnel(left, red)
        if not found then return nil, reason end
        local plug, trouble = expect.joined(blue, right)
        if not plug then return nil, trouble end
        for _, entry in ipairs(left.fdb.list { dev = found.name }) do
          if entry.lladdr == plug.address and entry.master then return true end
        end
        return nil, ("the switch has not seen %s behind %s"):format(plug.address, found.name)
      end },
    { "left's vxlan has learned that blue is at 10.2.0.2", function()
        local plug, reason = expect.joined(blue, right)
        if not plug then return nil, reason end
        local entry, trouble = sent_to(left, red, plug.address)
        if not entry then return nil, trouble end
        return entry.dst == at_right, ("it looks for blue at %s"):format(entry.dst)
      end },
    { "right's vxlan has learned that red is at 10.1.0.2", function()
        local plug, reason = expect.joined(red, left)
        if not plug then return nil, reason end
        local entry, trouble = sent_to(right, blue, plug.address)
        if not entry then return nil, trouble end
        return entry.dst == at_left, ("it looks for red at %s"):format(entry.dst)
      end },
  },
  hint = "Ping blue from red, then `bridge -n left fdb show dev vxlan7`.",
  learned = "The bridge learns the port, and the vxlan the machine, of every hardware address.",
}

-- Counts in core what it passes on: containers' own addresses; packets to the vxlan's port in which red's
-- and blue's addresses stand one behind the other.
local OWN = "-A FORWARD -s 172.20.0.0/24"
local WRAPPED = "-A FORWARD -p udp --dport 4789 -m length --length 134 -m string --algo bm " ..
                "--hex-string '|ac140001ac140002|'"

-- How many packets the rules of core have counted that are about that: a rule says so, or none does.
local function counted(about)
  local n, any = 0, false
  for _, rule in ipairs(core.iptables.list "FORWARD") do
    if rule.packets and tostring(rule):find(about, 1, true) then n, any = n + rule.packets, true end
  end
  return any and n, ("core has no rule about %s"):format(about)
end

step {
  title = "What core sees",
  text = [[
    Look over core's shoulder. A rule without a target does nothing but count. The first one counts what
    comes from a container's address. The second one counts packets to UDP port 4789 that are 134 bytes
    long and have the eight bytes ac 14 00 01 ac 14 00 02 in them: 172.20.0.1 and 172.20.0.2, written as
    the sender and the destination of a packet.

    A ping is 84 bytes. In the underlay it is 134: 14 of the frame's own head, 8 of VXLAN with the number,
    8 of UDP and 20 of IP. So core passes on what left sends to right, and what is inside is no matter of
    its own. (It is not secret either: whoever looks can read it.)]],
  needs = function()
    local lack = require "nslab.features".lacking { "string", "length" }[1]
    return not lack, lack and lack.text
  end,
  run = function()
    core.iptables(OWN)
    core.iptables(WRAPPED)
    red:ping(at_blue, { count = 2, interval_ms = 10 })
    for _, rule in ipairs(core.iptables.list "FORWARD") do
      if rule.packets then print(("%d packets: %s"):format(rule.packets, rule)) end
    end
  end,
  check = {
    { "red's packets pass core, wrapped", function()
        local n, reason = counted "--dport 4789"
        if not n then return nil, reason end
        return n > 0, "core has passed on none of them"
      end },
    { "core has seen none from a container's own address", function()
        local n, reason = counted "-s 172.20.0.0/24"
        return n == 0, n and ("core has seen %d"):format(n) or reason
      end },
  },
  hint = "In core `iptables -A FORWARD -s 172.20.0.0/24`; the other with `-p udp --dport 4789`, `-m string`.",
  learned = "The underlay sees UDP between machines; the containers' packets are inside, 50 bytes smaller.",
}

-- Whether a ping of so many bytes (its two heads included) gets an answer.
local function gets_through(bytes)
  local got = red:ping(at_blue, { size_bytes = bytes - 28, timeout_ms = 200 })
  return got.received > 0
end

step {
  title = "Big ones vanish",
  text = [[
    These 50 bytes have to fit. The cables of the underlay carry packets of 1500 bytes, so a packet inside
    may have 1450; the kernel has set vxlan7's MTU to that. But red and blue do not know: their own eth0
    has the usual 1500.

    Let red send a ping of 1450 bytes, and one of 1500. The big one reaches br0, does not fit through the
    port vxlan7, and is thrown away. A switch tells nobody; only routers do. Small questions are answered,
    and a download hangs: this is a fault that people look for a long time.]],
  look = function()
    left.link.list { name = "vxlan7" }
    red.link.list { name = "eth0" }
    red:ping(at_blue, { size_bytes = 1422, timeout_ms = 200 })
    red:ping(at_blue, { size_bytes = 1472, timeout_ms = 200 })
  end,
  claim = {
    { "vxlan7 leaves room for 50 bytes", function()
        local found, reason = tunnel(left, red)
        if not found then return nil, reason end
        local card, trouble = expect.joined(left, core)
        if not card then return nil, trouble end
        return found.mtu + 50 == card.mtu, ("its MTU is %d, that of the card %d"):format(found.mtu, card.mtu)
      end },
    { "a ping of 1450 bytes is answered", function()
        return gets_through(1450), "red gets no answer"
      end, active = true },
    { "one of 1500 bytes is not", function()
        return not gets_through(1500), "red gets an answer"
      end, active = true },
  },
  hint = "`ping -s 1472` makes a packet of 1500 bytes: 20 of IP and 8 of ICMP come in front.",
  learned = "An overlay's packets must be smaller than the underlay's; what is too big vanishes in silence.",
}

-- Whether what the container sends fits through its machine's vxlan, and that through the card.
local function fits(container, machine)
  local plug, reason = expect.joined(container, machine)
  if not plug then return nil, reason end
  local found, trouble = tunnel(machine, container)
  if not found then return nil, trouble end
  local card, why = expect.joined(machine, core)
  if not card then return nil, why end
  if plug.mtu > found.mtu then
    return nil, ("%s sends up to %d bytes, and %s takes %d"):format(container.name, plug.mtu, found.name,
                                                                    found.mtu)
  end
  return found.mtu + 50 <= card.mtu, ("%s takes %d bytes, and with 50 more they do not fit through %s")
                                     :format(found.name, found.mtu, card.name)
end

step {
  title = "Say it in time",
  text = [[
    Whoever sends has to know. Set the MTU of red's and blue's eth0 to 1450: now red itself cuts a big
    packet in two before it sends it, and TCP makes its segments small enough from the beginning. Container
    engines do just this, and where one forgets it, things hang.]],
  run = function()
    red.link.set("eth0", { mtu = 1450 })
    blue.link.set("eth0", { mtu = 1450 })
    red:ping(at_blue, { size_bytes = 1472, timeout_ms = 200 })
  end,
  check = {
    { "what red sends fits", function() return fits(red, left) end },
    { "what blue sends fits", function() return fits(blue, right) end },
    { "a ping of 1500 bytes is answered", function()
        return gets_through(1500), "red gets no answer"
      end, active = true },
  },
  hint = "`ip link set eth0 mtu NUMBER`, in red and in blue.",
  learned = "In an overlay every sender has an MTU that is 50 smaller than that of the underlay.",
}

local green, pink = netns "green", netns "pink"

step {
  title = "Another number, another network",
  text = [[
    The same two machines can carry a second network. It has a switch of its own on each, br8, and a vxlan
    with the number 8. There are 16 million numbers, and the packets of all go to the same port 4789; the
    number says which network the frame belongs to.

    Green and pink live in it, and they have the same addresses as red and blue. That is no trouble: the
    two networks have nothing to do with each other, as if each had cables of its own. Green asks for
    172.20.0.2, and it is pink who answers, not blue.]],
  run = function()
    netns.add "green"
    netns.add "pink"
    for _, at in ipairs { { left, green, "green", "10.1.0.2", "10.2.0.2" },
                          { right, pink, "pink", "10.2.0.2", "10.1.0.2" } } do
      at[1].link.add("br8", { type = "bridge", up = true })
      at[1].link.add("veth-" .. at[3], {
        master = "br8", up = true, mtu = 1450,
        veth = { peer = { name = "eth0", netns = at[2], up = true, mtu = 1450 } },
      })
      at[1].link.add("vxlan8", { master = "br8", up = true,
                                 vxlan = { id = 8, local_address = at[4], dev = "eth0", dstport = 4789 } })
      at[1].fdb.append(EVERYBODY, { dev = "vxlan8", dst = at[5] })
    end
    green.addr.add("172.20.0.1/24", { dev = "eth0" })
    pink.addr.add("172.20.0.2/24", { dev = "eth0" })
    green:ping(at_blue)
  end,
  check = {
    { "green is plugged into a switch of left, up, and has 172.20.0.1/24", function()
        return expect.lives(green, left, "172.20.0.1/24")
      end },
    { "pink is plugged into a switch of right, up, and has 172.20.0.2/24", function()
        return expect.lives(pink, right, "172.20.0.2/24")
      end },
    { "their switches have a vxlan with the number 8", function()
        local fine, reason = tunnelled(left, green, 8, at_left)
        if not fine then return nil, reason end
        return tunnelled(right, pink, 8, at_right)
      end },
    { "each sends to the other one what is for everybody", function()
        local fine, reason = flooded(left, green, at_right)
        if not fine then return nil, reason end
        return flooded(right, pink, at_left)
      end },
    { "pink has answered green", function() return expect.answered(green, pink) end },
    { "blue hears nothing of green", function()
        local before = expect.counters(blue, "Icmp").InEchos
        green:ping(at_blue, { timeout_ms = 50 })
        return expect.counters(blue, "Icmp").InEchos == before, "blue is asked as well"
      end, active = true },
  },
  hint = "All that was done for red and blue, with br8, vxlan8 and `id 8`.",
  learned = "The number of a vxlan keeps networks apart that share machines, port and even addresses.",
}
