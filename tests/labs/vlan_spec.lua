-- The lab vlan: it holds, it is not green without doing what it says, and it does not mind how it is
-- done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local spoil = {
  [1] = {
    { "red's number is another one", red = "red has a link in VLAN 10 and one in VLAN 20, with its addresses",
      sh = [[ip -n red link del eth0.20; ip -n red link add link eth0 name eth0.20 up type vlan id 21
             ip -n red addr add 10.0.20.1/24 dev eth0.20]],
      because = "red has no VLAN 20 on eth0" },
    { "blue's link is down", sh = "ip -n blue link set eth0.10 down", because = "eth0.10 is in blue but down",
      red = "blue has a link in VLAN 10 and one in VLAN 20, with its addresses" },
    { "red has forgotten blue in one", sh = "ip -n red neigh flush dev eth0.10", red = "red has met blue in VLAN 10",
      because = "red has no entry for 10.0.10.2" },
    { "red has forgotten blue in the other one", sh = "ip -n red neigh flush dev eth0.20", red = "red has met blue in VLAN 20",
      because = "red has no entry for 10.0.20.2" },
  },
  [2] = {
    { "blue's addresses are mixed up", red = "pings in VLAN 10 come in there, and not in VLAN 20",
      sh = [[ip -n blue addr flush dev eth0.10; ip -n blue addr flush dev eth0.20
             ip -n blue addr add 10.0.20.2/24 dev eth0.10; ip -n blue addr add 10.0.10.2/24 dev eth0.20]],
      because = "10.0.10.2/24 is on eth0.20, not on eth0.10" },
    { "red sends the other way", sh = "ip -n red route add 10.0.10.2 dev eth0.20; ip -n red route flush cache",
      red = "pings in VLAN 10 come in there, and not in VLAN 20" },
    { "red sends nothing in VLAN 20", sh = "ip -n red link set eth0.20 down; ip -n red route add blackhole 10.0.20.0/24",
      red = "the cable carries them all" },
  },
  [3] = {
    { "Bob is pulled out", sh = "ip -n ground link set to-bob nomaster", because = "to-bob in ground is plugged into no switch",
      red = "the four are plugged into a switch of the ground floor, with their addresses" },
    { "Gus has another address", sh = "ip -n gus addr flush dev eth0; ip -n gus addr add 10.0.0.9/24 dev eth0",
      red = "the four are plugged into a switch of the ground floor, with their addresses",
      because = "eth0 has 10.0.0.9/24, not 10.0.0.4/24" },
    { "the switch is a plain one", sh = "ip -n ground link set sw type bridge vlan_filtering 0", red = "the switch looks at VLANs",
      because = "sw in ground does not look at VLANs" },
    { "Bob is a new one", sh = "ip netns del bob; ip netns add bob", red = "Bob has answered Ann",
      because = "no ping has reached bob" },
    { "Gil is a new one", sh = "ip netns del gil; ip netns add gil", red = "Gil has answered Ann",
      because = "no ping has reached gil" },
  },
  [4] = {
    { "Bob is in both", sh = "bridge -n ground vlan add dev to-bob vid 20", because = "to-bob is in VLAN 10, 20",
      red = "Ann's and Bob's ports are in VLAN 10 only, with pvid and untagged" },
    { "what comes from Gil has no number", sh = "bridge -n ground vlan add dev to-gil vid 20 untagged",
      red = "Gil's and Gus' ports are in VLAN 20 only, with pvid and untagged",
      because = "what comes in through to-gil gets no number" },
    { "Gus gets the numbers to see", sh = "bridge -n ground vlan add dev to-gus vid 20 pvid",
      red = "Gil's and Gus' ports are in VLAN 20 only, with pvid and untagged",
      because = "what goes out through to-gus keeps its number" },
    { "Bob becomes a guest", red = "Ann reaches Bob", because = "ann gets no answer from 10.0.0.2",
      sh = "bridge -n ground vlan add dev to-bob vid 20 pvid untagged; bridge -n ground vlan del dev to-bob vid 10" },
    { "Gus becomes staff", red = "Gil reaches Gus", because = "gil gets no answer from 10.0.0.4",
      sh = "bridge -n ground vlan add dev to-gus vid 10 pvid untagged; bridge -n ground vlan del dev to-gus vid 20" },
    { "Gil becomes staff", red = "Ann does not reach Gil", because = "ann gets an answer from 10.0.0.3",
      sh = "bridge -n ground vlan add dev to-gil vid 10 pvid untagged; bridge -n ground vlan del dev to-gil vid 20" },
  },
  [5] = {
    { "Guy is pulled out", sh = "ip -n upper link set to-guy nomaster", because = "to-guy in upper is plugged into no switch",
      red = "Amy and Guy are plugged into a switch upstairs, with their addresses" },
    { "the switch upstairs is a plain one", sh = "ip -n upper link set sw type bridge vlan_filtering 0",
      red = "that switch looks at VLANs", because = "sw in upper does not look at VLANs" },
    { "Guy becomes staff", red = "Amy's port is in VLAN 10 only, Guy's in VLAN 20", because = "to-guy is in VLAN 10",
      sh = "bridge -n upper vlan add dev to-guy vid 10 pvid untagged; bridge -n upper vlan del dev to-guy vid 20" },
    { "the trunk is in VLAN 1 as well", sh = "bridge -n upper vlan add dev to-ground vid 1", because =
      "to-ground in upper is in VLAN 1, too", red = "the cable between the floors is a trunk of VLAN 10 and 20" },
    { "the trunk takes a number off", sh = "bridge -n ground vlan add dev to-upper vid 20 untagged",
      red = "the cable between the floors is a trunk of VLAN 10 and 20",
      because = "what goes out through to-upper in ground loses the number 20" },
    { "the trunk lacks VLAN 10", sh = "bridge -n ground vlan del dev to-upper vid 10", red = "Ann reaches Amy",
      because = "ann gets no answer from 10.0.0.5" },
    { "the trunk lacks VLAN 20", sh = "bridge -n upper vlan del dev to-ground vid 20", red = "Gil reaches Guy",
      because = "gil gets no answer from 10.0.0.6" },
    { "Guy becomes staff, and Ann asks anew", red = "Ann does not reach Guy", because = "ann gets an answer from 10.0.0.6",
      sh = [[bridge -n upper vlan add dev to-guy vid 10 pvid untagged; bridge -n upper vlan del dev to-guy vid 20
             ip -n ann neigh flush dev eth0]] },
  },
  [6] = {
    { "the door is in one VLAN", sh = "bridge -n ground vlan del dev to-door vid 20",
      red = "the port of the door is a trunk of VLAN 10 and 20", because = "to-door in ground is in VLAN 10" },
    { "the door's address is another one", red = "the door has a link in each VLAN, with its addresses",
      sh = "ip -n door addr flush dev eth0.20; ip -n door addr add 10.0.20.253/24 dev eth0.20",
      because = "eth0.20 has 10.0.20.253/24, not 10.0.20.254/24" },
    { "the door stops", sh = "ip netns exec door sysctl -q -w net.ipv4.ip_forward=0", red = "the door forwards",
      because = "door does not forward: net.ipv4.ip_forward is 0" },
    { "Ann asks somebody else", sh = "ip -n ann route replace 10.0.20.0/24 via 10.0.10.9", because = "Ann sends it via 10.0.10.9",
      red = "Ann has 10.0.10.1, and the way to the guests is through the door" },
    { "Gil knows no way", sh = "ip -n gil route del 10.0.10.0/24", because = "gil has no route to 10.0.10.1",
      red = "Gil has 10.0.20.3, and the way to the staff is through the door" },
    { "the door is a new one", sh = "ip netns del door; ip netns add door", red = "the door has passed packets on",
      because = "the door has passed nothing on" },
    { "Gil is pulled out", sh = "ip -n ground link set to-gil down", red = "Ann reaches Gil through the door",
      because = "ann gets no answer from 10.0.20.3" },
    { "Gil becomes staff", red = "and not past it", because = "ann gets an answer from 10.0.0.3",
      sh = [[bridge -n ground vlan add dev to-gil vid 10 pvid untagged; bridge -n ground vlan del dev to-gil vid 20
             ip -n ann neigh flush dev eth0]] },
  },
}

local function person(name, floor, address)
  return ([[ip netns add NAME; ip link add one type veth peer name other
            ip link set one netns FLOOR name to-NAME; ip link set other netns NAME name eth0
            ip -n FLOOR link set to-NAME master sw up; ip -n NAME link set eth0 up
            ip -n NAME addr add ADDRESS/24 dev eth0
         ]]):gsub("%u%u+", { NAME = name, FLOOR = floor, ADDRESS = address })
end

local function access(floor, port, vid)
  return ("bridge -n %s vlan add dev %s vid %d pvid untagged; bridge -n %s vlan del dev %s vid 1\n")
         :format(floor, port, vid, floor, port)
end

local function trunk(floor, port)
  return ("bridge -n %s vlan add dev %s vid 10; bridge -n %s vlan add dev %s vid 20; bridge -n %s vlan del dev %s vid 1\n")
         :format(floor, port, floor, port, floor, port)
end

local function switch(floor)
  return ("ip netns add %s; ip -n %s link add sw type bridge vlan_filtering 1; ip -n %s link set sw up\n")
         :format(floor, floor, floor)
end

local FOUR = person("ann", "ground", "10.0.0.1") .. person("bob", "ground", "10.0.0.2") ..
             person("gil", "ground", "10.0.0.3") .. person("gus", "ground", "10.0.0.4")
local ASK = "for n in 2 3; do ip netns exec ann ping -c 1 10.0.0.$n; done\n"

local CABLE = [[ip netns add red; ip netns add blue
  ip link add one type veth peer name other; ip link set one netns red name eth0; ip link set other netns blue name eth0
  for n in red:1 blue:2; do
    ip -n ${n%:*} link set eth0 up
    for v in 10 20; do
      ip -n ${n%:*} link add link eth0 name NAME$v type vlan id $v; ip -n ${n%:*} link set NAME$v up
      ip -n ${n%:*} addr add 10.0.$v.${n#*:}/24 dev NAME$v
    done
  done
  for v in 10 20; do ip netns exec red ping -c 1 10.0.$v.2; done]]

local DOOR = [[ip -n door link add link eth0 name eth0.10 type vlan id 10; ip -n door link set eth0.10 up
  ip -n door link add link eth0 name eth0.20 type vlan id 20; ip -n door link set eth0.20 up
  ip -n door addr add 10.0.10.254/24 dev eth0.10; ip -n door addr add 10.0.20.254/24 dev eth0.20
  ip netns exec door sysctl -w net.ipv4.ip_forward=1
  ip -n ann addr add 10.0.10.1/24 dev eth0; ip -n gil addr add 10.0.20.3/24 dev eth0
  ip -n ann route add 10.0.20.0/24 via 10.0.10.254; ip -n gil route add 10.0.10.0/24 via 10.0.20.254
  ip netns exec ann ping -c 1 10.0.20.3]]

local function upstairs(trunk_of_ground, trunk_of_upper)
  return switch "upper" .. person("amy", "upper", "10.0.0.5") .. person("guy", "upper", "10.0.0.6") ..
         access("upper", "to-amy", 10) .. access("upper", "to-guy", 20) .. [[
           ip link add one type veth peer name other; ip link set one netns ground; ip link set other netns upper
           ip -n ground link set one name to-upper master sw up; ip -n upper link set other name to-ground master sw up
         ]] .. trunk_of_ground .. trunk_of_upper
end

local otherwise = {
  { "done with ip, bridge, sysctl and ping", steps = {
    [1] = (CABLE:gsub("NAME", "eth0.")),
    [3] = switch "ground" .. FOUR .. ASK,
    [4] = access("ground", "to-ann", 10) .. access("ground", "to-bob", 10) .. access("ground", "to-gil", 20) ..
          access("ground", "to-gus", 20),
    [5] = upstairs(trunk("ground", "to-upper"), trunk("upper", "to-ground")),
    [6] = "ip netns add door; ip link add one type veth peer name eth0 netns door; ip link set one netns ground name to-door\n" ..
          "ip -n ground link set to-door master sw up; ip -n door link set eth0 up\n" .. trunk("ground", "to-door") .. DOOR,
  } },
  { "with other names, and a switch whose ports begin in no VLAN", steps = {
    [1] = (CABLE:gsub("NAME", "work")),
    [3] = [[ip netns add ground; ip -n ground link add sw type bridge; ip -n ground link set sw up
          ]] .. FOUR .. ASK .. "ip -n ground link set sw type bridge vlan_filtering 1",
    [4] = [[for at in ann:10 bob:10 gil:20 gus:20; do
              bridge -n ground vlan del dev to-${at%:*} vid 1
              bridge -n ground vlan add dev to-${at%:*} vid ${at#*:} pvid untagged
            done
            ip -n ground link set sw type bridge vlan_filtering 0
            ip -n ground link set sw type bridge vlan_default_pvid 0
            ip -n ground link set sw type bridge vlan_filtering 1]],
    [5] = upstairs("bridge -n ground vlan add dev to-upper vid 10; bridge -n ground vlan add dev to-upper vid 20\n",
                   trunk("upper", "to-ground")),
    [6] = "ip netns add door; ip link add one type veth peer name eth0 netns door; ip link set one netns ground name to-door\n" ..
          "ip -n ground link set to-door master sw up; ip -n door link set eth0 up\n" ..
          "bridge -n ground vlan add dev to-door vid 10; bridge -n ground vlan add dev to-door vid 20\n" .. DOOR,
  } },
}

-- What is tried and does not succeed, or shows what the checks know from elsewhere.
local looks = { "timeout_ms = 50", [[ann:ping "10.0.0.5"]], [[ann:ping "10.0.0.2"]] }

harness.lab("vlan", { looks = looks, spoil = spoil, otherwise = otherwise })
