lab {
  title = "One cable, many networks",
  summary = [[
    Frames with a number on them: two networks share a cable, a switch keeps staff and guests apart, a
    single cable joins two floors, and a router with one plug stands between all of them.]],
  minutes = 25,
  needs = { "bridge", "vlan", "vlan_filtering" },
}

local expect = require "nslab.expect"

local red, blue = netns "red", netns "blue"

-- The link of the namespace that is VLAN `id` on the cable to another one, and is up; with an address.
local function in_vlan(ns, other, id, address)
  local plug, reason = expect.joined(ns, other)
  if not plug then return nil, reason end
  for _, found in ipairs(ns.link.list()) do
    if found.type == "vlan" and found.vlan.id == id and found.link == plug.name then
      if not found.up then return nil, ("%s is in %s but down"):format(found.name, ns.name) end
      local has, off = expect.address(ns, found.name, address, true)
      return has and found, off
    end
  end
  return nil, ("%s has no VLAN %d on %s"):format(ns.name, id, plug.name)
end

local function in_both(ns, other, host)
  return function()
    local fine, reason = in_vlan(ns, other, 10, ("10.0.10.%d/24"):format(host))
    if not fine then return nil, reason end
    return in_vlan(ns, other, 20, ("10.0.20.%d/24"):format(host))
  end
end

step {
  title = "Two networks on one cable",
  text = [[
    Red and blue are connected by one cable, and need two networks that have nothing to do with each
    other: one for work, one for guests. A second cable would do. Or a number on every frame that says
    which network it belongs to: this is a VLAN, and the rules for it are called 802.1Q.

    A link of type vlan sits on top of another one. What is sent through eth0.10 leaves through eth0 with
    the number 10 on it; what comes in through eth0 with the number 10 comes out of eth0.10, without it.
    To the machine these are two interfaces with an address each, as if there were two cables: 10.0.10.1
    and 10.0.20.1 in red, 10.0.10.2 and 10.0.20.2 in blue. (The names of the links are a habit; only the id
    counts.)]],
  run = function()
    netns.add "red"
    netns.add "blue"
    link.add("eth0", { netns = red, up = true, veth = { peer = { name = "eth0", netns = blue, up = true } } })
    red.link.add("eth0.10", { link = "eth0", up = true, vlan = { id = 10 } })
    red.link.add("eth0.20", { link = "eth0", up = true, vlan = { id = 20 } })
    blue.link.add("eth0.10", { link = "eth0", up = true, vlan = { id = 10 } })
    blue.link.add("eth0.20", { link = "eth0", up = true, vlan = { id = 20 } })
    red.addr.add("10.0.10.1/24", { dev = "eth0.10" })
    red.addr.add("10.0.20.1/24", { dev = "eth0.20" })
    blue.addr.add("10.0.10.2/24", { dev = "eth0.10" })
    blue.addr.add("10.0.20.2/24", { dev = "eth0.20" })
    red:ping "10.0.10.2"
    red:ping "10.0.20.2"
    red.neigh.list()
  end,
  check = {
    { "red has a link in VLAN 10 and one in VLAN 20, with its addresses", in_both(red, blue, 1) },
    { "blue has a link in VLAN 10 and one in VLAN 20, with its addresses", in_both(blue, red, 2) },
    { "red has met blue in VLAN 10", function() return expect.neighbour(red, "10.0.10.2") end },
    { "red has met blue in VLAN 20", function() return expect.neighbour(red, "10.0.20.2") end },
  },
  hint = "`ip link add link eth0 name eth0.10 type vlan id 10`, and the same with 20, on either side.",
  learned = "A vlan link puts its number on what it sends, and takes only what has that number.",
}

-- How many packets arrive at these links of blue while red sends ten pings to the address.
local function arriving(names, address)
  local before, out = {}, {}
  for i, name in ipairs(names) do before[i] = expect.arrived(blue, name) end
  red:ping(address, { count = 10, interval_ms = 2 })
  for i, name in ipairs(names) do out[i] = expect.arrived(blue, name) - before[i] end
  return table.unpack(out)
end

step {
  title = "Four bytes",
  text = [[
    The number is in four bytes that are put into the frame behind its two hardware addresses. Twelve bits
    of them are the number, 1 to 4094; three are a priority. On the cable every frame has them.

    Let red send ten pings to 10.0.10.2, and look at blue's counters: they come in through eth0, as
    everything does, then through eth0.10. The other network, eth0.20, has heard nothing. (A packet more
    or less is the chatter of IPv6.)]],
  look = function()
    print(("came in through eth0: %d, eth0.10: %d, eth0.20: %d"):format(
      arriving({ "eth0", "eth0.10", "eth0.20" }, "10.0.10.2")))
    blue.link.list { name = "eth0.10" }
  end,
  claim = {
    { "pings in VLAN 10 come in there, and not in VLAN 20", function()
        local ten, reason = in_vlan(blue, red, 10, "10.0.10.2/24")
        if not ten then return nil, reason end
        local twenty, trouble = in_vlan(blue, red, 20, "10.0.20.2/24")
        if not twenty then return nil, trouble end
        local n, other = arriving({ ten.name, twenty.name }, "10.0.10.2")
        return n >= 10 and other < 10, ("%d came in in VLAN 10, %d in VLAN 20"):format(n, other)
      end, active = true },
    { "the cable carries them all", function()
        local plug, reason = expect.joined(blue, red)
        if not plug then return nil, reason end
        local n, m = arriving({ plug.name }, "10.0.10.2"), arriving({ plug.name }, "10.0.20.2")
        return n >= 10 and m >= 10, ("%d and %d came through the cable"):format(n, m)
      end, active = true },
  },
  hint = "`ip -s link` shows the counters.",
  learned = "The tag is four bytes in each frame: the cable carries all, each link takes its own.",
}

local ground, upper = netns "ground", netns "upper"
local ann, bob, gil, gus = netns "ann", netns "bob", netns "gil", netns "gus"
local on_ground = { { ann, "10.0.0.1" }, { bob, "10.0.0.2" }, { gil, "10.0.0.3" }, { gus, "10.0.0.4" } }

-- Whether the switch that somebody is plugged into there looks at VLANs.
local function filters(who, floor)
  local plug, port, switch = expect.plugged_in(who, floor)
  if not plug then return nil, port end
  return switch.bridge.vlan_filtering, ("%s in %s does not look at VLANs"):format(switch.name, floor.name)
end

-- Whether pings get an answer; and whether they get none.
local function reaches(from, address)
  local got = from:ping(address, { timeout_ms = 500 })
  return got.received > 0, ("%s gets no answer from %s"):format(from.name, address)
end

local function silent(from, address)
  local got = from:ping(address, { timeout_ms = 50 })
  return got.received == 0, ("%s gets an answer from %s"):format(from.name, address)
end

step {
  title = "A switch that knows VLANs",
  text = [[
    Now a house. On its ground floor there is a switch, and four people are plugged into it: Ann and Bob,
    who work here, and two guests, Gil and Gus. Their addresses are of one network: 10.0.0.1 to 10.0.0.4.

    The switch is a bridge that looks at VLANs (vlan_filtering). Every port has a list of the VLANs that
    it belongs to. A new port is in VLAN 1, and two words stand behind it. PVID: a frame that comes in
    without a number gets this one. Untagged: it loses the number on the way out. So none of the four
    knows anything of VLANs, and everybody reaches everybody.]],
  run = function()
    netns.add "ground"
    ground.link.add("sw", { up = true, bridge = { vlan_filtering = true } })
    for i, name in ipairs { "ann", "bob", "gil", "gus" } do
      local who = netns.add(name)
      ground.link.add("to-" .. name, { master = "sw", up = true,
                                       veth = { peer = { name = "eth0", netns = who, up = true } } })
      who.addr.add(("10.0.0.%d/24"):format(i), { dev = "eth0" })
    end
    ground.vlan.list()
    ann:ping "10.0.0.2"
    ann:ping "10.0.0.3"
  end,
  check = {
    { "the four are plugged into a switch of the ground floor, with their addresses", function()
        for _, row in ipairs(on_ground) do
          local fine, reason = expect.lives(row[1], ground, row[2] .. "/24")
          if not fine then return nil, reason end
        end
        return true
      end },
    { "the switch looks at VLANs", function() return filters(ann, ground) end },
    { "Bob has answered Ann", function() return expect.answered(ann, bob) end },
    { "Gil has answered Ann", function() return expect.answered(ann, gil) end },
  },
  hint = "`ip link add sw type bridge vlan_filtering 1`; a veth for each, its end in ground has `master sw`.",
  learned = "Every port of a switch has a list of VLANs; in the beginning it is VLAN 1.",
}

-- The VLANs of a port: { [number] = record }.
local function vlans_of(floor, port)
  local found = {}
  for _, v in ipairs(floor.vlan.list { dev = port }) do
    local first, last = tostring(v.vid):match "^(%d+)%-?(%d*)$"
    for id = tonumber(first), tonumber(last) or tonumber(first) do found[id] = v end
  end
  return found
end

-- "VLAN 1, 10", in which the port is.
local function named(found)
  local ids = {}
  for id in pairs(found) do ids[#ids + 1] = id end
  table.sort(ids)
  return #ids == 0 and "no VLAN" or "VLAN " .. table.concat(ids, ", ")
end

-- Whether somebody's port is in that VLAN and in no other one, and he need not know of it.
local function access(who, floor, id)
  local plug, port = expect.plugged_in(who, floor)
  if not plug then return nil, port end
  local found = vlans_of(floor, port.name)
  local own = found[id]
  if not own or next(found, next(found)) then
    return nil, ("%s is in %s"):format(port.name, named(found))
  end
  if not own.pvid then return nil, ("what comes in through %s gets no number"):format(port.name) end
  return own.untagged, ("what goes out through %s keeps its number"):format(port.name)
end

step {
  title = "Staff and guests",
  text = [[
    The staff gets VLAN 10, and the guests get VLAN 20. For each port two commands: put it into its new
    VLAN, with pvid and untagged as before, and take it out of VLAN 1.

    Such a port is called an access port. Ann still knows nothing of it: she sends frames as always. But
    the switch passes them on to ports of VLAN 10 only. Bob answers; Gil does not, though he has an
    address of the same network and is plugged into the same switch. It is as if there were two.]],
  run = function()
    for _, at in ipairs { { "to-ann", 10 }, { "to-bob", 10 }, { "to-gil", 20 }, { "to-gus", 20 } } do
      ground.vlan.add(at[2], { dev = at[1], pvid = true, untagged = true })
      ground.vlan.delete(1, { dev = at[1] })
    end
    ground.vlan.list()
    ann:ping "10.0.0.2"
    ann:ping("10.0.0.3", { timeout_ms = 50 })
  end,
  check = {
    { "Ann's and Bob's ports are in VLAN 10 only, with pvid and untagged",
      expect.every({ { ann, ground, 10 }, { bob, ground, 10 } }, access) },
    { "Gil's and Gus' ports are in VLAN 20 only, with pvid and untagged",
      expect.every({ { gil, ground, 20 }, { gus, ground, 20 } }, access) },
    { "Ann reaches Bob", function() return reaches(ann, "10.0.0.2") end, active = true },
    { "Gil reaches Gus", function() return reaches(gil, "10.0.0.4") end, active = true },
    { "Ann does not reach Gil", function() return silent(ann, "10.0.0.3") end, active = true },
  },
  hint = "`bridge vlan add dev PORT vid 10 pvid untagged`, then `bridge vlan del dev PORT vid 1`.",
  learned = "An access port puts all that comes in into one VLAN; VLANs make several switches of one.",
}

local amy, guy = netns "amy", netns "guy"

-- Whether the port is in VLAN 10 and 20 and in no other one, and what leaves keeps its number.
local function trunk(floor, port)
  local found = vlans_of(floor, port)
  local all = named(found)
  for _, id in ipairs { 10, 20 } do
    if not found[id] then return nil, ("%s in %s is in %s"):format(port, floor.name, all) end
    if found[id].untagged then
      return nil, ("what goes out through %s in %s loses the number %d"):format(port, floor.name, id)
    end
    found[id] = nil
  end
  return not next(found), ("%s in %s is in %s, too"):format(port, floor.name, named(found))
end

-- The cable between the switches: both ends are ports, and trunks.
local function floors_joined()
  local plug, reason = expect.joined(ground, upper)
  if not plug then return nil, reason end
  for _, at in ipairs { { ground, plug.name }, { upper, plug.veth.peer.name } } do
    local port = at[1].link.get(at[2])
    if not port.master then return nil, ("%s in %s is plugged into no switch"):format(at[2], at[1].name) end
    if not port.up then return nil, ("%s is in %s but down"):format(at[2], at[1].name) end
    local fine, off = trunk(at[1], at[2])
    if not fine then return nil, off end
  end
  return true
end

step {
  title = "A second floor",
  text = [[
    Upstairs (upper) there is another switch, with Amy of the staff, 10.0.0.5, and a guest, Guy, 10.0.0.6.
    Their ports are access ports like those below.

    One cable leads down. It has to carry both VLANs, and the frames must keep their numbers, or the other
    switch would not know which is which. So its two ends are in VLAN 10 and in VLAN 20, without pvid and
    without untagged, and no longer in VLAN 1. Such a port, and such a cable, is called a trunk.

    Ann reaches Amy, Gil reaches Guy, and staff and guests are still apart.]],
  run = function()
    netns.add "upper"
    upper.link.add("sw", { up = true, bridge = { vlan_filtering = true } })
    for _, at in ipairs { { "amy", "10.0.0.5/24", 10 }, { "guy", "10.0.0.6/24", 20 } } do
      local who, port = netns.add(at[1]), "to-" .. at[1]
      upper.link.add(port, { master = "sw", up = true,
                             veth = { peer = { name = "eth0", netns = who, up = true } } })
      who.addr.add(at[2], { dev = "eth0" })
      upper.vlan.add(at[3], { dev = port, pvid = true, untagged = true })
      upper.vlan.delete(1, { dev = port })
    end
    ground.link.add("to-upper", { master = "sw", up = true,
                                  veth = { peer = { name = "to-ground", netns = upper, up = true } } })
    upper.link.set("to-ground", { master = "sw" })
    for _, at in ipairs { { ground, "to-upper" }, { upper, "to-ground" } } do
      at[1].vlan.add(10, { dev = at[2] })
      at[1].vlan.add(20, { dev = at[2] })
      at[1].vlan.delete(1, { dev = at[2] })
    end
    ground.vlan.list { dev = "to-upper" }
    ann:ping "10.0.0.5"
    ann:ping("10.0.0.6", { timeout_ms = 50 })
  end,
  check = {
    { "Amy and Guy are plugged into a switch upstairs, with their addresses", function()
        local fine, reason = expect.lives(amy, upper, "10.0.0.5/24")
        if not fine then return nil, reason end
        return expect.lives(guy, upper, "10.0.0.6/24")
      end },
    { "that switch looks at VLANs", function() return filters(amy, upper) end },
    { "Amy's port is in VLAN 10 only, Guy's in VLAN 20",
      expect.every({ { amy, upper, 10 }, { guy, upper, 20 } }, access) },
    { "the cable between the floors is a trunk of VLAN 10 and 20", floors_joined },
    { "Ann reaches Amy", function() return reaches(ann, "10.0.0.5") end, active = true },
    { "Gil reaches Guy", function() return reaches(gil, "10.0.0.6") end, active = true },
    { "Ann does not reach Guy", function() return silent(ann, "10.0.0.6") end, active = true },
  },
  hint = "The trunk's two ports: `bridge vlan add dev PORT vid 10`, the same with 20, and vid 1 is deleted.",
  learned = "A trunk is in several VLANs, and its frames keep their numbers.",
}

local door = netns "door"

step {
  title = "A door between them",
  text = [[
    Sometimes a guest has to reach the printer of the staff. Between networks there is always a router,
    and each VLAN needs a network of its own for that: Ann gets 10.0.10.1, and Gil gets 10.0.20.3.

    The router, door, has one cable to the switch, and that is a trunk. At its end are two vlan links, as
    in the first step, with 10.0.10.254 and 10.0.20.254: machines and switches understand the same numbers.
    Ann needs a route to 10.0.20.0/24 through the door, and Gil one to 10.0.10.0/24.

    A packet from Ann to Gil goes into the door with the number 10, and comes out of it on the same cable
    with the number 20. This is the place where one would put a firewall.]],
  run = function()
    netns.add "door"
    ground.link.add("to-door", { master = "sw", up = true,
                                 veth = { peer = { name = "eth0", netns = door, up = true } } })
    ground.vlan.add(10, { dev = "to-door" })
    ground.vlan.add(20, { dev = "to-door" })
    ground.vlan.delete(1, { dev = "to-door" })
    door.link.add("eth0.10", { link = "eth0", up = true, vlan = { id = 10 } })
    door.link.add("eth0.20", { link = "eth0", up = true, vlan = { id = 20 } })
    door.addr.add("10.0.10.254/24", { dev = "eth0.10" })
    door.addr.add("10.0.20.254/24", { dev = "eth0.20" })
    door.sysctl.set("net.ipv4.ip_forward", 1)
    ann.addr.add("10.0.10.1/24", { dev = "eth0" })
    gil.addr.add("10.0.20.3/24", { dev = "eth0" })
    ann.route.add("10.0.20.0/24", { via = "10.0.10.254" })
    gil.route.add("10.0.10.0/24", { via = "10.0.20.254" })
    ann:ping "10.0.20.3"
  end,
  check = {
    { "the port of the door is a trunk of VLAN 10 and 20", function()
        local plug, port = expect.plugged_in(door, ground)
        if not plug then return nil, port end
        return trunk(ground, port.name)
      end },
    { "the door has a link in each VLAN, with its addresses", in_both(door, ground, 254) },
    { "the door forwards", function() return expect.forwards(door) end },
    { "Ann has 10.0.10.1, and the way to the guests is through the door", function()
        local fine, reason = expect.lives(ann, ground, "10.0.10.1/24")
        if not fine then return nil, reason end
        local way, trouble = expect.way(ann, "10.0.20.3")
        if not way then return nil, trouble end
        return way.via == "10.0.10.254", ("Ann sends it via %s"):format(way.via or way.dev)
      end },
    { "Gil has 10.0.20.3, and the way to the staff is through the door", function()
        local fine, reason = expect.lives(gil, ground, "10.0.20.3/24")
        if not fine then return nil, reason end
        local way, trouble = expect.way(gil, "10.0.10.1")
        if not way then return nil, trouble end
        return way.via == "10.0.20.254", ("Gil sends it via %s"):format(way.via or way.dev)
      end },
    { "the door has passed packets on", function()
        return expect.counters(door, "Ip").ForwDatagrams > 0, "the door has passed nothing on"
      end },
    { "Ann reaches Gil through the door", function() return reaches(ann, "10.0.20.3") end, active = true },
    { "and not past it", function() return silent(ann, "10.0.0.3") end, active = true },
  },
  hint = "A trunk port for the door, two vlan links in it, ip_forward; an address and a route for both.",
  learned = "Networks in VLANs meet in a router, and one cable with both numbers is enough for it.",
}
