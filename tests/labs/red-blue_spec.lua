-- The lab red-blue: it holds, it is not green without doing what it says, and it does not mind how
-- it is done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

-- A second pair under the same names, each end of it leading to nowhere.
local TWO_CABLES = [[
  ip -n red link del veth-red
  ip link add veth-red netns red type veth peer name x
  ip link add veth-blue netns blue type veth peer name y]]

local spoil = {
  [1] = {
    { "red is deleted again", sh = "ip netns del red",
      red = "there is a namespace called red", because = "there is no namespace red" },
    { "red is misspelt", sh = "ip netns del red; ip netns add rde",
      red = "there is a namespace called red", because = "there is no namespace red, but one called rde" },
    { "blue is only a file of that name", sh = "ip netns del blue; touch /run/netns/blue",
      red = "there is a namespace called blue", because = "there is no namespace blue" },
  },
  [2] = {
    { "the host has no eth0", sh = "ip link del eth0",
      red = "the host has lo and eth0", because = "there is no link eth0" },
    { "eth0 is in red", sh = "ip link set eth0 netns red",
      red = "the host has lo and eth0", because = "eth0 is in red, not in the host" },
    { "red has another link", sh = "ip link add x netns red type veth peer name y",
      red = "red has lo and nothing else", because = "red has x too" },
    { "red's lo is up", sh = "ip -n red link set lo up",
      red = "red's lo is down", because = "lo is up in red" },
  },
  [3] = {
    { "the host has forgotten the router", sh = "ip neigh flush dev eth0",
      red = "the host knows the router's hardware address",
      because = "the host has no entry for 192.168.1.1" },
    { "red knows somebody", red = "red's ARP table is empty", because = "red has an entry for 192.168.9.9",
      sh = [[ip link add x netns red type veth peer name y
             ip -n red neigh add 192.168.9.9 lladdr 02:00:00:00:00:01 dev x]] },
  },
  [4] = {
    { "the host has no route to its network", sh = "ip route del 192.168.1.0/24",
      red = "the host reaches its own network through eth0",
      because = "the host has no route to 192.168.1.0/24" },
    { "the host has no default route", sh = "ip route del default",
      red = "the host hands everything else to its router",
      because = "the host has no default route" },
    { "the host has another router", sh = "ip route replace default via 192.168.1.9",
      red = "the host hands everything else to its router",
      because = "the default route has via 192.168.1.9, not 192.168.1.1" },
    { "red has a route", sh = "ip -n red link set lo up; ip -n red route add 10.0.0.0/8 dev lo",
      red = "red has no route at all", because = "red has a route to 10.0.0.0/8" },
  },
  [5] = {
    { "there are two cables", red = "veth-red and veth-blue are the two ends of one cable",
      because = "the other end of veth-red is x, not veth-blue",
      sh = [[ip link del veth-red
             ip link add veth-red type veth peer name x
             ip link add veth-blue type veth peer name y]] },
    { "they are no cable at all", red = "veth-red and veth-blue are the two ends of one cable",
      because = "veth-red is no veth but a bridge",
      sh = [[ip link del veth-red
             ip link add veth-red type bridge
             ip link add veth-blue type bridge]] },
    { "the other end has another name", red = "veth-red and veth-blue are the two ends of one cable",
      because = "the other end of veth-red is veth-bleu, not veth-blue",
      sh = "ip link set veth-blue name veth-bleu" },
    { "one end is misspelt", red = "veth-red and veth-blue are the two ends of one cable",
      because = "there is no link veth-red, but veth-erd in the host",
      sh = "ip link set veth-red name veth-erd" },
  },
  [6] = {
    { "veth-red is back in the host", sh = "ip -n red link set veth-red netns 1",
      red = "veth-red is in red", because = "veth-red is in the host, not in red" },
    { "veth-red is in the host and red has none", sh = "ip -n red link set veth-red netns 1",
      red = "the host has neither of them", because = "veth-red is in the host" },
    { "both ends are in red", sh = "ip -n blue link set veth-blue netns red",
      red = "veth-blue is in blue", because = "veth-blue is in red, not in blue" },
    { "each has an end of another cable", sh = TWO_CABLES,
      red = "they are still the two ends of one cable",
      because = "the other end of veth-red is x, not veth-blue" },
  },
  [7] = {
    { "the prefix was forgotten", red = "veth-red has the address 192.168.15.1/24",
      because = "veth-red has 192.168.15.1/32, not 192.168.15.1/24",
      sh = [[ip -n red addr flush dev veth-red
             ip -n red addr add 192.168.15.1 dev veth-red]] },
    { "lo got it", red = "veth-blue has the address 192.168.15.2/24",
      because = "192.168.15.2/24 is on lo, not on veth-blue",
      sh = [[ip -n blue addr flush dev veth-blue
             ip -n blue addr add 192.168.15.2/24 dev lo]] },
    { "they are the wrong way round", red = "veth-red has the address 192.168.15.1/24",
      because = "192.168.15.1/24 is on veth-blue in blue, not on veth-red",
      sh = [[ip -n red addr flush dev veth-red; ip -n blue addr flush dev veth-blue
             ip -n red addr add 192.168.15.2/24 dev veth-red
             ip -n blue addr add 192.168.15.1/24 dev veth-blue]] },
    { "it has none", red = "veth-blue has the address 192.168.15.2/24",
      because = "veth-blue has no address", sh = "ip -n blue addr flush dev veth-blue" },
  },
  [8] = {
    { "veth-red is down", sh = "ip -n red link set veth-red down",
      red = "veth-red is up", because = "veth-red is in red but down" },
    { "veth-blue is down", sh = "ip -n blue link set veth-blue down",
      red = "veth-blue is up", because = "veth-blue is in blue but down" },
    { "veth-blue is down", sh = "ip -n blue link set veth-blue down",
      red = "the cable carries, from red",
      because = "veth-red has no signal; is its other end down?" },
    { "veth-red is down", sh = "ip -n red link set veth-red down",
      red = "the cable carries, from blue",
      because = "veth-blue has no signal; is its other end down?" },
  },
  [9] = {
    { "red lost its route", sh = "ip -n red route flush dev veth-red",
      red = "red reaches 192.168.15.0/24 through veth-red",
      because = "red has no route to 192.168.15.0/24" },
    { "blue lost its route", sh = "ip -n blue route flush dev veth-blue",
      red = "blue reaches 192.168.15.0/24 through veth-blue",
      because = "blue has no route to 192.168.15.0/24" },
    { "blue has a default route", sh = "ip -n blue route add default via 192.168.15.1",
      red = "neither has a default route", because = "blue has one" },
  },
  [10] = {
    { "red is a new one", sh = "ip netns del red; ip netns add red",
      red = "blue answered red", because = "red has sent no ping" },
    { "blue is a new one", sh = "ip netns del blue; ip netns add blue",
      red = "red answered blue", because = "blue has sent no ping" },
  },
  [11] = {
    { "red has forgotten blue", sh = "ip -n red neigh flush dev veth-red",
      red = "red knows the hardware address of veth-blue", because = "red has no entry for 192.168.15.2" },
    { "blue has forgotten red", sh = "ip -n blue neigh flush dev veth-blue",
      red = "blue knows the hardware address of veth-red",
      because = "blue has no entry for 192.168.15.1" },
    { "red knows a wrong address", red = "red knows the hardware address of veth-blue",
      sh = [[ip -n red neigh replace 192.168.15.2 lladdr 02:00:00:00:00:01 dev veth-red]] },
    { "nobody answered blue", red = "blue knows the hardware address of veth-red",
      because = "blue has asked for 192.168.15.1, and nobody answered",
      sh = "ip -n blue neigh replace 192.168.15.1 dev veth-blue nud failed" },
    { "the host has met blue", red = "the host knows nobody in 192.168.15.0/24",
      because = "the host has an entry for 192.168.15.2",
      sh = "ip neigh add 192.168.15.2 lladdr 02:00:00:00:00:01 dev eth0" },
  },
  [12] = {
    { "there is no veth-red", sh = "ip netns exec red ip link del veth-red",
      red = "veth-red's is six bytes", because = "there is no link veth-red" },
    { "there is no blue", sh = "ip netns del blue", red = "veth-blue's is six bytes" },
    { "there is no cable", sh = "ip netns exec red ip link del veth-red",
      red = "both are of one interface, not of a group" },
    { "veth-red has the address of a card", red = "both are locally administered",
      because = "veth-red has an address of a card's maker",
      sh = "ip -n red link set veth-red address 00:1a:2b:3c:4d:5e" },
    { "both have the same", red = "the two are different",
      sh = [[ip -n red link set veth-red address \
               $(ip netns exec blue cat /sys/class/net/veth-blue/address)]] },
    { "veth-red has got a new one", red = "what blue learned by ARP is what veth-red has",
      sh = "ip -n red link set veth-red address 02:00:00:00:00:01" },
  },
}

local otherwise = {
  { "done with ip, as the tutorial does it", steps = {
    [1] = "ip netns add red; ip netns add blue; ip netns list",
    [3] = "ping -c 1 192.168.1.1",
    [5] = "ip link add veth-red type veth peer name veth-blue",
    [6] = "ip link set veth-red netns red; ip link set veth-blue netns blue",
    [7] = [[ip netns exec red ip addr add 192.168.15.1/24 dev veth-red
            ip netns exec blue ip addr add 192.168.15.2/24 dev veth-blue]],
    [8] = [[ip netns exec red ip link set veth-red up
            ip netns exec blue ip link set veth-blue up]],
    [10] = [[ip netns exec red ping -c 1 192.168.15.2
            ip netns exec blue ping -c 1 192.168.15.1]],
  } },
  { "done the other way round, with more than was asked for", steps = {
    [1] = "ip netns add blue; ip netns add green; ip netns add red",
    [3] = "ping -c 2 -i 0.2 192.168.1.1",
    [5] = "ip link add veth-blue mtu 1400 type veth peer name veth-red mtu 1400",
    [6] = "ip link set veth-blue netns blue up; ip link set veth-red netns red",
    [7] = [[ip -n blue addr add 10.9.9.9/8 dev veth-blue
            ip -n blue addr add 192.168.15.2/24 brd + dev veth-blue
            ip -n red addr add 192.168.15.1/24 dev veth-red]],
    [8] = "ip -n red link set veth-red up; ip -n red link set lo up",
    [10] = [[ip netns exec blue ping -c 2 -i 0.2 192.168.15.1
            ip netns exec red ping -c 2 -i 0.2 -I veth-red 192.168.15.2]],
  } },
  { "when both ends are born in place", steps = {
    [5] = "ip link add veth-red netns red type veth peer name veth-blue netns blue",
    [6] = "true",
    [7] = [[ip -n red addr add 192.168.15.1/24 dev veth-red
            ip -n blue addr add 192.168.15.2/24 dev veth-blue
            ip -n red link set veth-red up
            ip -n blue link set veth-blue up]],
    [8] = "true",
  } },
}

harness.lab("red-blue", { spoil = spoil, otherwise = otherwise })
