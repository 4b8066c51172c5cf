-- The lab vrf: it holds, it is not green without doing what it says, and it does not mind how it is done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local spoil = {
  [1] = {
    { "a cable leads elsewhere", red = "the router is connected to all four", because = "no cable leads from blue to router",
      sh = "ip -n blue link del eth0; ip link add eth0 netns blue type veth peer name x" },
    { "blue-far has blue's address", red = "each has its address", because = "10.2.0.2/24 is on eth0 in red-far, not on eth0",
      sh = "ip -n blue-far addr flush dev eth0; ip -n blue-far addr add 10.1.0.2/24 dev eth0" },
    { "red asks nobody", red = "each asks the router for the way", because = "red has no default route",
      sh = "ip -n red route del default" },
    { "the router's end is down", red = "all cables are switched on", because = "to-red is in router but down",
      sh = "ip -n router link set to-red down" },
  },
  [2] = {
    { "an address is missing", red = "the router has its address in every network",
      because = "10.1.0.1/24 is on to-red, not on to-blue", sh = "ip -n router addr flush dev to-blue" },
    { "it goes to a third one", red = "what is for 10.1.0.2 goes to one customer only", because = "it goes to to-blue-far",
      sh = "ip -n router route add 10.1.0.2/32 dev to-blue-far" },
    { "the other one was asked as well", red = "one of the two was asked, and not the other",
      because = "red was asked 1 times, and blue 1 times", sh = "ip netns exec router ping -c 1 -I to-blue 10.1.0.2" },
  },
  [3] = {
    { "the table is another one", red = "the router has a VRF for table 10, and it is up", because = "router has no VRF for table 10",
      sh = "ip -n router link del vrf-red; ip -n router link add vrf-red up type vrf table 11" },
    { "the second one is down", red = "and one for table 20", because = "vrf-blue is down",
      sh = "ip -n router link set vrf-blue down" },
  },
  [4] = {
    { "blue is with red", red = "blue and blue-far are in the VRF of table 20",
      sh = "ip -n router link set to-blue master vrf-red", because = "blue is in vrf-red, and blue-far in vrf-blue" },
    { "they are the wrong way round", red = "red and red-far are in the VRF of table 10",
      sh = "ip -n router link set to-red master vrf-blue; ip -n router link set to-red-far master vrf-blue",
      because = "vrf-blue has table 20, not 10" },
    { "the main table has it again", red = "the main table knows nothing of 10.1.0.0/24",
      sh = "ip -n router route add 10.1.0.0/24 dev to-blue",
      because = "router has a route to 10.1.0.0/24 in its main table" },
    { "blue is a new one", red = "red and blue were both asked", because = "no ping has reached blue",
      sh = [[ip -n router link del to-blue; ip netns del blue; ip netns add blue
             ip link add eth0 netns blue type veth peer name to-blue netns router; ip -n router link set to-blue master vrf-blue]] },
  },
  [5] = {
    { "the router stops", red = "the router forwards", because = "router does not forward: net.ipv4.ip_forward is 0",
      sh = "ip netns exec router sysctl -q -w net.ipv4.ip_forward=0" },
    { "red-far is a new one", red = "red-far has answered red", because = "no ping has reached red-far",
      sh = "ip netns del red-far; ip netns add red-far" },
    { "blue is a new one", red = "blue-far has answered blue", because = "blue has sent no ping",
      sh = "ip netns del blue; ip netns add blue" },
  },
  [6] = {
    { "the office's address is another one", red = "the office is connected to the router, and has 10.5.0.2/24",
      because = "eth0 has 10.5.0.3/24, not 10.5.0.2/24",
      sh = "ip -n office addr flush dev eth0; ip -n office addr add 10.5.0.3/24 dev eth0" },
    { "it is plugged into a VRF", red = "the router's end has 10.5.0.1/24, and is in no VRF",
      because = "to-office is in vrf-red", sh = "ip -n router link set to-office master vrf-red" },
    { "the office is a new one", red = "a packet of red's has reached the office", because = "no ping has reached the office",
      sh = "ip netns del office; ip netns add office" },
  },
  [7] = {
    { "a better route says yes", red = "red's packets find no way to the office", because = "they go out at to-red-far",
      sh = "ip -n router route add 10.5.0.0/24 via 10.2.0.2 vrf vrf-red" },
    { "blue's table has no last word", red = "nor do blue's", because = "table 20 does not end with a refusal",
      sh = "ip -n router route flush table 20 type unreachable" },
    { "red is a new one", red = "red was told so", because = "red was told of nothing unreachable",
      sh = "ip netns del red; ip netns add red" },
    { "it comes before all others", red = "red still finds red-far",
      sh = "ip -n router route add unreachable 10.2.0.2 table 10" },
  },
}

local otherwise = {
  { "done with ip, sysctl and ping", steps = {
    [1] = [[ip netns add router
            while read n address gateway; do
              ip netns add $n; ip link add to-$n netns router type veth peer name eth0 netns $n
              ip -n router link set to-$n up; ip -n $n link set eth0 up
              ip -n $n addr add $address dev eth0; ip -n $n route add default via $gateway
            done <<X
            red 10.1.0.2/24 10.1.0.1
            red-far 10.2.0.2/24 10.2.0.1
            blue 10.1.0.2/24 10.1.0.1
            blue-far 10.2.0.2/24 10.2.0.1
X]],
    [2] = [[for n in red blue; do ip -n router addr add 10.1.0.1/24 dev to-$n
              ip -n router addr add 10.2.0.1/24 dev to-$n-far; done
            ip netns exec router ping -c 1 10.1.0.2]],
    [3] = [[ip -n router link add vrf-red type vrf table 10; ip -n router link set vrf-red up
            ip -n router link add vrf-blue up type vrf table 20]],
    [4] = [[for n in red blue; do for l in to-$n to-$n-far; do ip -n router link set $l master vrf-$n; done
              ip netns exec router ping -c 1 -I vrf-$n 10.1.0.2; done]],
    [5] = [[ip netns exec router sysctl -w net.ipv4.ip_forward=1
            ip netns exec red ping -c 1 10.2.0.2; ip netns exec blue ping -c 1 10.2.0.2]],
    [6] = [[ip netns add office; ip link add eth0 netns office type veth peer name to-office netns router
            ip -n office link set eth0 up; ip -n router link set to-office up
            ip -n office addr add 10.5.0.2/24 dev eth0; ip -n router addr add 10.5.0.1/24 dev to-office
            ip netns exec red ping -c 1 -W 1 10.5.0.2 || :]],
    [7] = [[for t in 10 20; do ip -n router route add unreachable default table $t metric 4278198272; done
            ip netns exec red ping -c 1 -W 1 10.5.0.2 || :]],
  } },
  { "with other names, VRFs by name, and another last word", steps = {
    [3] = [[ip -n router link add one up type vrf table 10; ip -n router link add two up type vrf table 20]],
    [4] = [[for l in to-red to-red-far; do ip -n router link set $l vrf one; done
            for l in to-blue to-blue-far; do ip -n router link set $l vrf two; done
            for v in one two; do ip netns exec router ping -c 1 -I $v 10.1.0.2; done]],
    [7] = [[for v in one two; do ip -n router route add unreachable default vrf $v; done
            ip netns exec red ping -c 1 -W 1 10.5.0.2 || :]],
  } },
}

-- What is sent to be seen.
local looks = { 'red:ping("10.2.0.2", { count = 1 })', 'dev = "vrf-red" }' }

harness.lab("vrf", { looks = looks, spoil = spoil, otherwise = otherwise })
