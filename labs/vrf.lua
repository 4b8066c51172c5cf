lab {
  title = "Two customers, one router",
  summary = [[
    Two customers use the very same addresses, and one router serves both. VRF gives it a routing table for
    each of them, and keeps their packets apart.]],
  minutes = 25,
  needs = { "vrf" },
}

local expect = require "nslab.expect"

local router, office = netns "router", netns "office"
local red, blue = netns "red", netns "blue"
local red_far, blue_far = netns "red-far", netns "blue-far"

-- Whoever has a cable to the router, and the address at its own end of it.
local customers = {
  { red, "10.1.0.2/24" }, { red_far, "10.2.0.2/24" }, { blue, "10.1.0.2/24" }, { blue_far, "10.2.0.2/24" },
}

-- The router's end of the cable to somebody, or nil and why there is none.
local function to(ns) return expect.joined(router, ns) end

-- The VRF that the router's end of the cable to somebody is in, or nil and a reason.
local function vrf_of(ns)
  local plug, reason = to(ns)
  if not plug then return nil, reason end
  local vrf = plug.master and router.link.get(plug.master)
  if vrf and vrf.type == "vrf" then return vrf end
  return nil, ("%s is in no VRF"):format(plug.name)
end

-- Whether the two ends of a customer are in the same VRF, of that table.
local function together(one, other, tables)
  local vrf, reason = vrf_of(one)
  if not vrf then return nil, reason end
  local second
  second, reason = vrf_of(other)
  if not second then return nil, reason end
  if vrf.name ~= second.name then
    return nil, ("%s is in %s, and %s in %s"):format(one.name, vrf.name, other.name, second.name)
  end
  return vrf.vrf.table == tables, ("%s has table %s, not %d"):format(vrf.name, vrf.vrf.table, tables)
end

step {
  title = "The same addresses twice",
  text = [[
    Red and blue are two customers who have never heard of each other. Each has two sites: red and red-far,
    blue and blue-far. And each has chosen 10.1.0.0/24 for the one and 10.2.0.0/24 for the other, as half of
    the world does.

      red  10.1.0.2 ------+--------+------ red-far  10.2.0.2
                          | router |
      blue 10.1.0.2 ------+--------+------ blue-far 10.2.0.2

    One router is to serve both. The sites have their addresses, and the router is their default route; it
    will have the address that ends in .1 in each network.]],
  run = function()
    netns.add "router"
    for _, row in ipairs(customers) do
      local ns, address = row[1], row[2]
      netns.add(ns.name)
      link.add("to-" .. ns.name, { netns = router, up = true,
                                   veth = { peer = { name = "eth0", netns = ns } } })
      ns.addr.add(address, { dev = "eth0" })
      ns.link.set("eth0", { up = true })
      ns.route.add("default", { via = (address:gsub("2/24", "1")) })
    end
  end,
  check = {
    { "the router is connected to all four", expect.every(customers, function(ns)
        return expect.joined(ns, router)
      end) },
    { "each has its address", expect.every(customers, function(ns, address)
        local plug, reason = expect.joined(ns, router)
        if not plug then return nil, reason end
        return expect.address(ns, plug.name, address)
      end) },
    { "each asks the router for the way", expect.every(customers, function(ns, address)
        return expect.route(ns, "default", { via = (address:gsub("2/24", "1")) })
      end) },
    { "all cables are switched on", expect.every(customers, function(ns)
        local plug, reason = to(ns)
        if not plug then return nil, reason end
        local up, off = expect.up(router, plug.name)
        if not up then return nil, off end
        return expect.up(ns, plug.veth.peer.name, true)
      end) },
  },
  hint = "For each site a namespace, a cable to the router, an address, both ends up, and a default route.",
  learned = "Private addresses are nobody's own: two networks may well use the same ones.",
}

step {
  title = "One table is not enough",
  text = [[
    Give the router its addresses: 10.1.0.1 towards red, and the same one towards blue. The kernel does not
    mind. But look at the routing table: there are two routes to 10.1.0.0/24, and whoever looks for
    10.1.0.2 takes the first one. All that is meant for blue goes to red.

    Which customer a packet belongs to cannot be read from its addresses.]],
  run = function()
    for _, row in ipairs(customers) do
      router.addr.add((row[2]:gsub("2/24", "1/24")), { dev = "to-" .. row[1].name })
    end
    router.route.list()
    router:ping "10.1.0.2"
  end,
  check = {
    { "the router has its address in every network", expect.every(customers, function(ns, address)
        local plug, reason = to(ns)
        if not plug then return nil, reason end
        return expect.address(router, plug.name, (address:gsub("2/24", "1/24")))
      end) },
    { "what is for 10.1.0.2 goes to one customer only", function()
        local plug, reason = to(red)
        if not plug then return nil, reason end
        local way, why = expect.way(router, "10.1.0.2")
        if not way then return nil, why end
        return way.dev == plug.name or way.dev == to(blue).name, "it goes to " .. way.dev
      end },
    { "one of the two was asked, and not the other", function()
        local one, other = expect.counters(red, "Icmp").InEchos, expect.counters(blue, "Icmp").InEchos
        return one ~= other, ("red was asked %d times, and blue %d times"):format(one, other)
      end },
  },
  hint = "`ip -n router addr add 10.1.0.1/24 dev to-red`, and so on for all four. Then ping from router.",
  learned = "In one routing table an address means one place.",
}

step {
  title = "A table for each",
  text = [[
    VRF means virtual routing and forwarding. It is a link, and it stands for a routing table: vrf-red for
    table 10, vrf-blue for table 20. Whatever is plugged into it, like a cable into a switch, is looked up
    in that table and in no other.

    The first one also brings a rule. Its number is 1000, and it says: for whoever belongs to a VRF, ask
    that VRF's table.]],
  run = function()
    router.link.add("vrf-red", { vrf = { table = 10 } })
    router.link.add("vrf-blue", { vrf = { table = 20 } })
    for _, name in ipairs { "vrf-red", "vrf-blue" } do router.link.set(name, { up = true }) end
    router.rule.list()
  end,
  check = {
    { "the router has a VRF for table 10, and it is up", function()
        for _, l in ipairs(router.link.list()) do
          if l.type == "vrf" and l.vrf.table == 10 then return l.up, l.name .. " is down" end
        end
        return nil, "router has no VRF for table 10"
      end },
    { "and one for table 20", function()
        for _, l in ipairs(router.link.list()) do
          if l.type == "vrf" and l.vrf.table == 20 then return l.up, l.name .. " is down" end
        end
        return nil, "router has no VRF for table 20"
      end },
  },
  hint = "`ip -n router link add vrf-red type vrf table 10`, and up; the same for vrf-blue and 20.",
  learned = "A VRF is a link that stands for a routing table.",
}

step {
  title = "Every cable into its own",
  text = [[
    Plug the cables in: those to red and red-far into vrf-red, those to blue and blue-far into vrf-blue.
    The addresses stay, and their routes move: look, the main table is empty, and 10.1.0.0/24 is in table 10
    and in table 20.

    Now the question has an answer, as long as one says in which VRF it is asked. Ping 10.1.0.2 in
    vrf-red, and it is red; in vrf-blue it is blue.]],
  run = function()
    for _, name in ipairs { "to-red", "to-red-far" } do router.link.set(name, { master = "vrf-red" }) end
    for _, name in ipairs { "to-blue", "to-blue-far" } do router.link.set(name, { master = "vrf-blue" }) end
    router.route.list()
    router.route.list { table = 10 }
    router:ping("10.1.0.2", { dev = "vrf-red" })
    router:ping("10.1.0.2", { dev = "vrf-blue" })
  end,
  check = {
    { "red and red-far are in the VRF of table 10", function() return together(red, red_far, 10) end },
    { "blue and blue-far are in the VRF of table 20", function() return together(blue, blue_far, 20) end },
    { "the main table knows nothing of 10.1.0.0/24", function()
        return not expect.route(router, "10.1.0.0/24"), "router has a route to 10.1.0.0/24 in its main table"
      end },
    { "red and blue were both asked", function()
        for _, ns in ipairs { red, blue } do
          if expect.counters(ns, "Icmp").InEchos == 0 then return nil, "no ping has reached " .. ns.name end
        end
        return true
      end },
  },
  hint = "`ip -n router link set to-red master vrf-red`. A ping goes through a VRF with `-I vrf-red`.",
  learned = "What is plugged into a VRF has its routes in that VRF's table.",
}

step {
  title = "Each finds its own",
  text = [[
    The router forwards, and everything is in place: red asks 10.2.0.2 and reaches red-far, blue asks the
    same address and reaches blue-far. The packet comes in through a cable, the cable is in a VRF, and
    the VRF says which table is asked. No address had to change, and no customer notices the other one.]],
  run = function()
    router.sysctl.set("net.ipv4.ip_forward", 1)
    red:ping("10.2.0.2", { count = 2, interval_ms = 10 })
    blue:ping("10.2.0.2", { count = 1 })
  end,
  check = {
    { "the router forwards", function() return expect.forwards(router) end },
    { "red-far has answered red", function() return expect.answered(red, red_far) end },
    { "blue-far has answered blue", function() return expect.answered(blue, blue_far) end },
  },
  hint = "`sysctl net.ipv4.ip_forward=1` in router. Then a ping to 10.2.0.2 from red, and one from blue.",
  learned = "The cable that a packet comes in through decides which table is asked.",
}

local REFUSALS = { unreachable = true, prohibit = true, blackhole = true }

-- Where the router would send a packet of red's, or nil and the error.
local function way_of_red(address)
  local plug, reason = to(red)
  if not plug then return nil, { code = "", text = reason } end
  return router.route.get(address, { from = "10.1.0.2", iif = plug.name })
end

step {
  title = "A hole in the wall",
  text = [[
    Whoever looks after the router sits in the office: a cable, and a network of its own, 10.5.0.0/24. It
    is in no VRF, so its route is in the main table. No customer should come there.

    Let red try: ping 10.5.0.2. No answer comes back, because the office does not know red. But it has
    counted the packet: it did arrive! Table 10 had no route for it, so the search went on with the rules
    that follow, to the main table. A VRF that does not know the way is no wall.]],
  run = function()
    netns.add "office"
    link.add("to-office", { netns = router, veth = { peer = { name = "eth0", netns = office } } })
    office.addr.add("10.5.0.2/24", { dev = "eth0" })
    router.addr.add("10.5.0.1/24", { dev = "to-office" })
    office.link.set("eth0", { up = true })
    router.link.set("to-office", { up = true })
    red:ping("10.5.0.2", { timeout_ms = 200 })
  end,
  check = {
    { "the office is connected to the router, and has 10.5.0.2/24", function()
        local plug, reason = expect.joined(office, router)
        if not plug then return nil, reason end
        return expect.address(office, plug.name, "10.5.0.2/24")
      end },
    { "the router's end has 10.5.0.1/24, and is in no VRF", function()
        local plug, reason = to(office)
        if not plug then return nil, reason end
        if plug.master then return nil, ("%s is in %s"):format(plug.name, plug.master) end
        return expect.address(router, plug.name, "10.5.0.1/24")
      end },
    { "a packet of red's has reached the office", function()
        return expect.counters(office, "Icmp").InEchos > 0, "no ping has reached the office"
      end },
  },
  hint = "A namespace, a cable to the router, 10.5.0.2/24 and 10.5.0.1/24, both ends up. Ping from red.",
  learned = "What a VRF's table does not know is looked for in the main table.",
}

step {
  title = "The wall",
  text = [[
    So give each of the two tables a last word: a default route of the type unreachable, with a metric so
    large that any real default route comes before it. Then the search ends in the table, and red is told:
    "Destination Host Unreachable". What red knows already works as before.]],
  run = function()
    router.route.add("default", { type = "unreachable", table = 10, metric = 4278198272 })
    router.route.add("default", { type = "unreachable", table = 20, metric = 4278198272 })
    pcall(red.ping, red, "10.5.0.2", { timeout_ms = 200 })
    red:ping("10.2.0.2", { count = 1 })
    router.route.list { table = 10 }
  end,
  check = {
    { "red's packets find no way to the office", function()
        local way, trouble = way_of_red "10.5.0.2"
        if way then return nil, ("they go out at %s"):format(way.dev) end
        return trouble.code == "EHOSTUNREACH" or trouble.code == "ENETUNREACH", tostring(trouble.text)
      end },
    { "nor do blue's", function()
        for _, route in ipairs(router.route.list { table = 20 }) do
          if route.dst == "default" and REFUSALS[tostring(route.type)] then return route end
        end
        return nil, "table 20 does not end with a refusal"
      end },
    { "red was told so", function()
        return expect.counters(red, "Icmp").InDestUnreachs > 0, "red was told of nothing unreachable"
      end },
    { "red still finds red-far", function()
        local plug, reason = to(red_far)
        if not plug then return nil, reason end
        local way, trouble = way_of_red "10.2.0.2"
        if not way then return nil, tostring(trouble.text) end
        return way.dev == plug.name, ("it would go out at %s"):format(way.dev)
      end },
  },
  hint = "`ip -n router route add unreachable default table 10 metric 4278198272`; 20 as well. Then ping.",
  learned = "Every VRF's table should end with a route that says no.",
}
