lab {
  title = "Two ways, and who takes which",
  summary = [[
    Two ways lead to the same place. Use both at once, keep each conversation on one of them, give one
    way more than the other, and then decide by sender and by mark who goes where.]],
  minutes = 25,
}

local expect = require "nslab.expect"

local red, blue = netns "red", netns "blue"
local north, south = netns "north", netns "south"
local by_north, by_south = "10.1.0.1", "10.2.0.1" -- the routers, as red sees them
local at_blue = "10.9.0.9"

step {
  title = "Four machines, two ways",
  text = [[
    Red and blue are far apart, and there are two routers between them. One way leads through north, the
    other one through south:

              north
             /     \
          red       blue
             \     /
              south

    Each line is a cable of its own. With two ways one cable may break, and twice as much fits through.]],
  run = function()
    for _, name in ipairs { "red", "north", "south", "blue" } do netns.add(name) end
    link.add("to-north", { netns = red, up = true,
                         veth = { peer = { name = "to-red", netns = north, up = true } } })
    link.add("to-south", { netns = red, up = true,
                         veth = { peer = { name = "to-red", netns = south, up = true } } })
    link.add("to-north", { netns = blue, up = true,
                         veth = { peer = { name = "to-blue", netns = north, up = true } } })
    link.add("to-south", { netns = blue, up = true,
                         veth = { peer = { name = "to-blue", netns = south, up = true } } })
  end,
  check = {
    { "red is connected to north", function() return expect.joined(red, north) end },
    { "red is connected to south", function() return expect.joined(red, south) end },
    { "blue is connected to north", function() return expect.joined(blue, north) end },
    { "blue is connected to south", function() return expect.joined(blue, south) end },
  },
  hint = "Four namespaces, then four veth pairs, each between two of them.",
  learned = "Two routers between the same two places are two ways.",
}

-- The cables' addresses: namespace, who the cable leads to, address.
local plan = {
  { red, north, "10.1.0.2/24" }, { north, red, "10.1.0.1/24" },
  { red, south, "10.2.0.2/24" }, { south, red, "10.2.0.1/24" },
  { blue, north, "10.3.0.2/24" }, { north, blue, "10.3.0.1/24" },
  { blue, south, "10.4.0.2/24" }, { south, blue, "10.4.0.1/24" },
}

-- Whether a link of the namespace that is up has the address, whatever its prefix is.
local function owns(ns, address)
  for _, a in ipairs(ns.addr.list()) do
    if a.address:match "^[^/]+" == address then return expect.up(ns, a.dev, true) end
  end
  return nil, ("%s has no address %s"):format(expect.place(ns), address)
end

-- Whether a router forwards, and knows red's addresses and blue's; via is what each is sent to.
local function routes(router, via)
  return function()
    local fine, reason = expect.forwards(router)
    for to, gateway in pairs(via) do
      if not fine then return nil, reason end
      fine, reason = expect.way(router, to)
      if fine and fine.via ~= gateway then
        return nil, ("%s sends what is for %s via %s"):format(router.name, to, fine.via or fine.dev)
      end
    end
    return fine, reason
  end
end

step {
  title = "Addresses that belong to no cable",
  text = [[
    Each end of a cable gets an address, the routers the one that ends in .1:

      red .2 --- 10.1.0.0/24 --- .1 north .1 --- 10.3.0.0/24 --- .2 blue
      red .2 --- 10.2.0.0/24 --- .1 south .1 --- 10.4.0.0/24 --- .2 blue

    Red has two by now, and so has blue. But an address that belongs to a cable is lost when that cable is
    pulled out. So machines with several ways have one more, on lo, which is always there: 10.8.0.1 is red,
    and 10.9.0.9 is blue, whatever way one comes.

    Nobody finds such an address by himself, since it is in no cable's network. North and south are told:
    red's network is 10.8.0.0/24, blue's is 10.9.0.0/24. And they forward, as routers do.]],
  run = function()
    for _, at in ipairs {
      { red, "to-north", "10.1.0.2/24" }, { red, "to-south", "10.2.0.2/24" },
      { north, "to-red", "10.1.0.1/24" }, { north, "to-blue", "10.3.0.1/24" },
      { south, "to-red", "10.2.0.1/24" }, { south, "to-blue", "10.4.0.1/24" },
      { blue, "to-north", "10.3.0.2/24" }, { blue, "to-south", "10.4.0.2/24" },
    } do
      at[1].addr.add(at[3], { dev = at[2] })
    end
    red.link.set("lo", { up = true })
    blue.link.set("lo", { up = true })
    red.addr.add("10.8.0.1/32", { dev = "lo" })
    blue.addr.add("10.9.0.9/32", { dev = "lo" })
    north.sysctl.set("net.ipv4.ip_forward", 1)
    south.sysctl.set("net.ipv4.ip_forward", 1)
    north.route.add("10.8.0.0/24", { via = "10.1.0.2" })
    north.route.add("10.9.0.0/24", { via = "10.3.0.2" })
    south.route.add("10.8.0.0/24", { via = "10.2.0.2" })
    south.route.add("10.9.0.0/24", { via = "10.4.0.2" })
  end,
  check = {
    { "every end of a cable has its address", expect.every_end(plan, expect.address) },
    { "every end of a cable is up", expect.every_end(plan, expect.up) },
    { "red has 10.8.0.1, on a link that is up", function() return owns(red, "10.8.0.1") end },
    { "blue has 10.9.0.9, on a link that is up", function() return owns(blue, at_blue) end },
    { "north forwards, and knows the way to both",
      routes(north, { ["10.8.0.1"] = "10.1.0.2", [at_blue] = "10.3.0.2" }) },
    { "south forwards, and knows the way to both",
      routes(south, { ["10.8.0.1"] = "10.2.0.2", [at_blue] = "10.4.0.2" }) },
  },
  hint = "Eight addresses on cables, two on lo, ip_forward and two routes in north, the same in south.",
  learned = "An address on lo stays when a cable goes.",
}

-- The ways of the route that decides about the address: { [gateway] = weight }, and the route.
local function ways(ns, to)
  local route, trouble = ns.route.get(to, { fibmatch = true })
  if not route then
    if trouble.code ~= "ENETUNREACH" then return nil, tostring(trouble) end
    return nil, ("%s has no route to %s"):format(expect.place(ns), to)
  end
  local found = {}
  for _, way in ipairs(route.nexthops or { { via = route.via or route.dev, weight = 1 } }) do
    found[way.via or way.dev] = way.weight
  end
  return found, route
end

-- Whether what is for the address may take both of these gateways, and no other one.
local function two_ways(ns, to, one, other)
  local found, reason = ways(ns, to)
  if not found then return nil, reason end
  local n = 0
  for _ in pairs(found) do n = n + 1 end
  if n == 1 then return nil, ("%s has one way to %s, via %s"):format(expect.place(ns), to, next(found)) end
  for _, gateway in ipairs { one, other } do
    if not found[gateway] then
      return nil, ("%s is none of the ways from %s to %s"):format(gateway, expect.place(ns), to)
    end
  end
  return n == 2, ("%s has %d ways to %s"):format(expect.place(ns), n, to)
end

step {
  title = "One route, two ways",
  text = [[
    A route may have several next hops. Both ways are as long as each other, so neither is better: this is
    called equal-cost multipath, ECMP. It is one route with two lines, one for each way.

    The src behind it says which of its addresses red is to use for such packets: the one on lo, whatever
    way they go. Blue needs the same for its answers. They may well come back the other way.]],
  run = function()
    red.route.add("10.9.0.0/24", { src = "10.8.0.1",
                                   nexthops = { { via = "10.1.0.1" }, { via = "10.2.0.1" } } })
    blue.route.add("10.8.0.0/24", { src = "10.9.0.9",
                                    nexthops = { { via = "10.3.0.1" }, { via = "10.4.0.1" } } })
    red.route.list()
    red:ping(at_blue)
  end,
  check = {
    { "red has two ways to blue", function() return two_ways(red, at_blue, by_north, by_south) end },
    { "red sends with its address on lo", function()
        local way, reason = expect.way(red, at_blue)
        if not way then return nil, reason end
        return way.src == "10.8.0.1", ("red sends with %s"):format(way.src)
      end },
    { "blue has two ways to red", function() return two_ways(blue, "10.8.0.1", "10.3.0.1", "10.4.0.1") end },
    { "blue has answered red", function() return expect.answered(red, blue) end },
  },
  hint = "`ip route add NETWORK src ADDRESS nexthop via ONE nexthop via OTHER`, in red and in blue.",
  learned = "A route with several next hops uses all of them: ECMP.",
}

-- So many conversations with blue: each sends one packet from a port of its own, to that port of blue.
local function conversations(n, port)
  red:exec { "bash", "-c", ("for i in {1..%d}; do echo >/dev/udp/10.9.0.9/%d; done"):format(n, port or 9) }
end

-- How many packets north and south get from red while `send` is done; the names of their links towards
-- red. The links' own chatter (ARP, IPv6) is a handful, and counts too.
local function arriving(to_north, to_south, send, ...)
  local n, s = expect.arrived(north, to_north), expect.arrived(south, to_south)
  send(...)
  return expect.arrived(north, to_north) - n, expect.arrived(south, to_south) - s
end

local function show_shares(...)
  print(("came to north: %d packets; came to south: %d packets"):format(arriving("to-red", "to-red", ...)))
end

-- The same for a check, whatever the links are called.
local function shares(...)
  local plugs = {}
  for i, router in ipairs { north, south } do
    local plug, reason = expect.joined(router, red)
    if not plug then error(reason, 0) end
    plugs[i] = plug.name
  end
  return arriving(plugs[1], plugs[2], ...)
end

local has_bash = function() return expect.programs "bash" end

step {
  title = "Who talks to whom decides",
  text = [[
    How does red choose? Not by throwing dice for each packet: the packets of one conversation would
    overtake each other. It computes a number, a hash, from who talks to whom, and the number says which
    way. The same two addresses give the same number each time.

    Let red begin 100 conversations with blue. The loop sends a UDP packet in each of them, from a port of
    its own. The routers' counters tell which way they went: all 100 the same one. (A few packets more
    are the links' own chatter.)]],
  needs = has_bash,
  look = function()
    show_shares(conversations, 100)
  end,
  claim = {
    { "100 conversations with blue all take the same way", function()
        local n, s = shares(conversations, 100)
        if n + s < 100 then return nil, ("only %d packets came to north and south"):format(n + s) end
        return math.min(n, s) < 25, ("%d took the way by north, %d that by south"):format(n, s)
      end, active = true },
  },
  hint = "`ip -n red route get 10.9.0.9` tells you which way.",
  learned = "ECMP shares out conversations, not packets: a hash of the addresses chooses the way.",
}

-- Whether both get a good part of many conversations. (Less than 25 of 100, where both are as likely,
-- is seen once in some million times.)
local function both_ways()
  local n, s = shares(conversations, 100)
  return math.min(n, s) >= 25, ("%d took the way by north, %d that by south"):format(n, s)
end

-- How many of so many ports that red could talk from lead via that gateway, as the kernel says.
local function through(gateway, to, ports)
  local n = 0
  for port = 20001, 20000 + ports do
    local way = red.route.get(to, { ipproto = "udp", sport = port, dport = 9 })
    if way and way.via == gateway then n = n + 1 end
  end
  return n
end

step {
  title = "Ports count as well",
  text = [[
    So two machines that talk a lot with each other fill one way, and the other one is idle. What goes
    into the hash is a setting of red: net.ipv4.fib_multipath_hash_policy. It was 0, the addresses. With
    1 the protocol and the ports go in as well, and each conversation has a number of its own.

    A conversation still stays on its way: its ports do not change. And with many of them, each way gets
    about one half.]],
  needs = has_bash,
  run = function()
    red.sysctl.set("net.ipv4.fib_multipath_hash_policy", 1)
    show_shares(conversations, 100)
  end,
  check = {
    { "the port that red talks from makes a difference", function()
        local n = through(by_north, at_blue, 32)
        return n > 0 and n < 32, ("all ports lead by %s"):format(n > 0 and "north" or "south")
      end },
    { "100 conversations with blue take both ways", both_ways, active = true },
  },
  hint = "`ip netns exec red sysctl -w net.ipv4.fib_multipath_hash_policy=1`.",
  learned = "With hash policy 1 the ports count: each connection goes its own way.",
}

-- Whether north is to get three times as much as south.
local function three_to_one()
  local found, reason = ways(red, at_blue)
  if not found then return nil, reason end
  local n, s = found[by_north], found[by_south]
  if not (n and s) then return two_ways(red, at_blue, by_north, by_south) end
  return n == 3 * s, ("north has the weight %d, and south %d"):format(n, s)
end

step {
  title = "Three for north, one for south",
  text = [[
    North's way is the wider one, say. Each way of a route has a weight; with 3 and 1, three of four
    conversations go by north. A route is not changed but replaced: the new one stands in its place at
    once, and there is no moment without.]],
  needs = has_bash,
  run = function()
    red.route.replace("10.9.0.0/24", { src = "10.8.0.1", nexthops = { { via = "10.1.0.1", weight = 3 },
                                                                      { via = "10.2.0.1", weight = 1 } } })
    red.route.list()
    show_shares(conversations, 200)
  end,
  check = {
    { "north's way weighs three times as much as south's", three_to_one },
    { "of 200 conversations most go by north, and some by south", function()
        local n, s = shares(conversations, 200)
        return s >= 20 and s <= 80 and n > 100, ("%d took the way by north, %d that by south"):format(n, s)
      end, active = true },
  },
  hint = "`ip route replace`, and behind each `nexthop via ADDRESS` a `weight NUMBER`.",
  learned = "Weights share out unequally; `replace` changes a route without a gap.",
}

-- Whether what is for the address goes through a group of nexthops that are objects.
local function grouped(to)
  local found, route = ways(red, to)
  if not found then return nil, route end
  if not route.nhid then return nil, ("the route to %s names its ways itself"):format(to) end
  local object, trouble = red.nexthop.get(route.nhid)
  if not object then return nil, tostring(trouble) end
  return object.group, ("nexthop %d is no group"):format(route.nhid)
end

step {
  title = "Ways with a number",
  text = [[
    A real router has thousands of routes, and only a few ways. To write the ways into each route would be
    a lot of copying. So a way can be an object of its own, with a number: a nexthop. A group is a nexthop
    as well, and made of others. A route then says only: nhid 10.

    Blue has a second network now, 10.10.0.0/24, and 10.10.0.10 in it. North and south have to know. In red
    the two routes share one group, with weights as before.]],
  run = function()
    blue.addr.add("10.10.0.10/32", { dev = "lo" })
    north.route.add("10.10.0.0/24", { via = "10.3.0.2" })
    south.route.add("10.10.0.0/24", { via = "10.4.0.2" })
    red.nexthop.add(1, { via = "10.1.0.1", dev = "to-north" })
    red.nexthop.add(2, { via = "10.2.0.1", dev = "to-south" })
    red.nexthop.add(10, { group = { { id = 1, weight = 3 }, 2 } })
    red.route.replace("10.9.0.0/24", { src = "10.8.0.1", nhid = 10 })
    red.route.add("10.10.0.0/24", { src = "10.8.0.1", nhid = 10 })
    red.nexthop.list()
    red.route.list()
    red:ping "10.10.0.10"
  end,
  check = {
    { "blue has 10.10.0.10, on a link that is up", function() return owns(blue, "10.10.0.10") end },
    { "north and south know the way there", function()
        local fine, reason = routes(north, { ["10.10.0.10"] = "10.3.0.2" })()
        if not fine then return nil, reason end
        return routes(south, { ["10.10.0.10"] = "10.4.0.2" })()
      end },
    { "the route to 10.9.0.0/24 leads through a group", function() return grouped(at_blue) end },
    { "so does the one to 10.10.0.0/24", function() return grouped "10.10.0.10" end },
    { "it is the same group", function()
        local _, one = ways(red, at_blue)
        local _, other = ways(red, "10.10.0.10")
        return one.nhid and one.nhid == other.nhid,
               ("one leads through %s, the other one through %s"):format(one.nhid, other.nhid)
      end },
    { "red has two ways to both", function()
        local fine, reason = two_ways(red, at_blue, by_north, by_south)
        if not fine then return nil, reason end
        return two_ways(red, "10.10.0.10", by_north, by_south)
      end },
  },
  hint = "`ip nexthop add id 1 via ADDRESS dev LINK`, the same for 2, `ip nexthop add id 10 group 1,3/2`.",
  learned = "Nexthops are ways with a number; many routes share one, or a group of them.",
}

-- Whether every conversation with that address goes via the gateway.
local function only(to, gateway)
  return function()
    local found, reason = ways(red, to)
    if not found then return nil, reason end
    for via in pairs(found) do
      if via ~= gateway then return nil, ("some of it may go via %s"):format(via) end
    end
    return true
  end
end

-- Whether red throws away what comes in where it would not have sent the question.
local function strict()
  local function of(name) return red.sysctl.get(("net.ipv4.conf.%s.rp_filter"):format(name)) end
  for _, router in ipairs { north, south } do
    local plug, reason = expect.joined(red, router)
    if not plug then return nil, reason end
    if math.max(of "all", of(plug.name)) == 1 then
      return nil, ("red is strict about what comes in through %s"):format(plug.name)
    end
  end
  return true
end

step {
  title = "South has to be repaired",
  text = [[
    Somebody has to work at south. It must not get any more packets, not for any network. Red replaces
    the group by one without south, and every route that names the group follows: one command, however
    many routes there are.

    Blue knows nothing of it. It still answers by both ways, and red takes what comes. Some machines are
    strict: they throw away a packet that comes in where they would not have sent one (rp_filter 1). With
    more than one way it has to be loose: 2 asks only whether there is any way back.]],
  needs = has_bash,
  run = function()
    red.sysctl.set("net.ipv4.conf.all.rp_filter", 2)
    red.nexthop.replace(10, { group = { 1 } })
    red.route.list()
    show_shares(conversations, 50)
  end,
  check = {
    { "all that is for 10.9.0.0/24 goes by north", only(at_blue, by_north) },
    { "all that is for 10.10.0.0/24, too", only("10.10.0.10", by_north) },
    { "the routes still lead through a group", function()
        local fine, reason = grouped(at_blue)
        if not fine then return nil, reason end
        return grouped "10.10.0.10"
      end },
    { "red takes answers from either side", strict },
    { "50 conversations with blue go by north", function()
        local n, s = shares(conversations, 50)
        return n >= 50 and s < 25, ("%d took the way by north, %d that by south"):format(n, s)
      end, active = true },
  },
  hint = "`ip nexthop replace id 10 group 1`.",
  learned = "Who replaces a group of nexthops moves all routes that name it, at once.",
}

step {
  title = "Rules choose the table",
  text = [[
    All this was about where a packet goes. South is repaired by now, and red wants to use it for some
    packets only: that is policy routing. It is not done with routes but with rules, which are asked
    first, one after the other, by their number. A rule says which packets it is about, and which table of
    routes is to be looked into.

    Three rules are always there. Table local has red's own addresses, main is the one that `ip route`
    shows, and default is empty. A table in which no route fits is left again, and the next rule is asked.]],
  look = function()
    red.rule.list()
    red.route.list { table = "local" }
    red.route.list { table = "main" }
  end,
  claim = {
    { "table local is asked first", function()
        local first = red.rule.list()[1]
        return first and first.table == "local", "the first rule is: " .. tostring(first)
      end },
    { "table main is asked behind it", function()
        for _, r in ipairs(red.rule.list()) do
          if r.table == "main" and r.from == "all" and not (r.to or r.fwmark) then return true end
        end
        return nil, "no rule leads to the table main"
      end },
  },
  hint = "`ip -n red rule`, and `ip -n red route show table NAME`.",
  learned = "Rules are asked in their order; each leads into a table of routes.",
}

-- Which way what is sent from one of red's addresses, or has a mark, would take.
local function leads(options, gateway)
  local way, trouble = red.route.get(at_blue, options)
  if not way then return nil, tostring(trouble) end
  return way.via == gateway, ("it would go via %s"):format(way.via or way.dev)
end

-- Twenty questions from one of red's addresses.
local function questions(from)
  red:exec { "ping", "-n", "-q", "-c", 20, "-i", 0.002, "-W", 1, "-I", from, at_blue }
end

-- Whether twenty of them, or whatever else is sent, go by south.
local function by_the_south(...)
  local n, s = shares(...)
  return s >= 20 and n < 20, ("%d took the way by north, %d that by south"):format(n, s)
end

local function by_the_north(...)
  local n, s = shares(...)
  return n >= 20 and s < 20, ("%d took the way by north, %d that by south"):format(n, s)
end

step {
  title = "By sender",
  text = [[
    Red has guests. They send with an address of their own, 10.8.0.2, and are to take the way by south,
    whatever they want; red's own packets stay with north.

    So there is a second table, number 100, with one route in it: everything by south. And a rule: what
    comes from 10.8.0.2 is looked up in table 100. Ask the kernel with `ip route get ... from ...`: it goes
    through the rules as for a real packet.]],
  needs = function() return expect.programs "ping" end,
  run = function()
    red.addr.add("10.8.0.2/32", { dev = "lo" })
    red.route.add("default", { via = "10.2.0.1", table = 100 })
    red.rule.add { from = "10.8.0.2", table = 100 }
    red.rule.list()
    red.route.get(at_blue, { from = "10.8.0.1" })
    red.route.get(at_blue, { from = "10.8.0.2" })
    questions "10.8.0.2"
  end,
  check = {
    { "red has the guests' address, 10.8.0.2", function() return owns(red, "10.8.0.2") end },
    { "what they send goes by south", function() return leads({ from = "10.8.0.2" }, by_south) end },
    { "what red itself sends goes by north", function() return leads({ from = "10.8.0.1" }, by_north) end },
    { "pings from 10.8.0.2 go by south", function()
        return by_the_south(questions, "10.8.0.2")
      end, active = true },
    { "pings from 10.8.0.1 go by north", function()
        return by_the_north(questions, "10.8.0.1")
      end, active = true },
  },
  hint = "`ip route add default via ADDRESS table 100`, and `ip rule add from ADDRESS lookup 100`.",
  learned = "A rule with `from` chooses a table by the sender: policy routing by source.",
}

-- Whether this kernel can put marks on packets, and there is something that sends some.
local function can_mark()
  local named, reason = expect.programs "bash"
  if not named then return nil, reason end
  local lack = require "nslab.features".lacking { "MARK" }[1]
  return not lack, lack and lack.text
end

step {
  title = "By mark",
  text = [[
    What if neither the sender nor the destination tells? The firewall sees more of a packet: protocol,
    ports, who sent it. It can put a mark on it, a number that stays inside the machine and is never
    sent. A rule may ask for that number.

    Questions to name servers go to port 53. They are to go by south, whoever asks: mark them with 1, and
    look up in table 100 what has the mark 1.]],
  needs = can_mark,
  run = function()
    red.iptables "-t mangle -A OUTPUT -p udp --dport 53 -j MARK --set-mark 1"
    red.rule.add { fwmark = 1, table = 100 }
    red.rule.list()
    red.route.get(at_blue, { mark = 1 })
    show_shares(conversations, 50, 53)
  end,
  check = {
    { "what has the mark 1 goes by south", function() return leads({ mark = 1 }, by_south) end },
    { "what has no mark goes by north", function() return leads({ from = "10.8.0.1" }, by_north) end },
    { "50 questions to port 53 go by south", function()
        return by_the_south(conversations, 50, 53)
      end, active = true },
    { "50 conversations with another port go by north", function()
        return by_the_north(conversations, 50, 9)
      end, active = true },
  },
  hint = "Table mangle, chain OUTPUT: `-p udp --dport 53 -j MARK --set-mark 1`; then `ip rule add fwmark`.",
  learned = "The firewall can mark packets, and a rule can choose the table by the mark.",
}
