-- The lab router: it holds, it is not green without doing what it says, and it does not mind how it is
-- done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local spoil = {
  [1] = {
    { "red is connected to east", sh = "ip -n red link del eth0; ip link add eth0 netns red type veth peer name x netns east",
      red = "red is connected to west", because = "no cable leads from red to west" },
    { "there is no east", sh = "ip netns del east", red = "west is connected to east",
      because = "there is no namespace east" },
    { "blue has an eth0 that leads nowhere", red = "east is connected to blue",
      sh = "ip -n blue link del eth0; ip link add eth0 netns blue type veth peer name x",
      because = "no cable leads from east to blue" },
  },
  [2] = {
    { "the addresses of west are mixed up", red = "every end has its address",
      sh = [[ip -n west addr flush dev to-red; ip -n west addr flush dev to-east
             ip -n west addr add 10.9.0.1/30 dev to-red; ip -n west addr add 10.1.0.1/24 dev to-east]],
      because = "10.1.0.1/24 is on to-east, not on to-red" },
    { "the prefix is wrong", red = "every end has its address",
      sh = "ip -n east addr flush dev to-west; ip -n east addr add 10.9.0.2/24 dev to-west",
      because = "to-west has 10.9.0.2/24, not 10.9.0.2/30" },
    { "blue is down", sh = "ip -n blue link set eth0 down", red = "every end is up",
      because = "eth0 is in blue but down" },
  },
  [3] = {
    { "red has forgotten west", sh = "ip -n red neigh flush dev eth0", red = "red has met west",
      because = "red has no entry for 10.1.0.1" },
    { "red takes a detour", red = "red reaches its own network without help",
      sh = "ip -n red route add 10.1.0.1/32 via 10.1.0.9", because = "red sends it via 10.1.0.9" },
    { "red has lost its route", red = "red reaches its own network without help",
      sh = "ip -n red route flush dev eth0", because = "red has no route to 10.1.0.1" },
  },
  [4] = {
    { "red asks somebody else", sh = "ip -n red route replace default via 10.1.0.9",
      red = "red hands to west what it knows no better way for",
      because = "the default route has via 10.1.0.9, not 10.1.0.1" },
    { "blue knows red's network only", red = "blue hands to east what it knows no better way for",
      sh = "ip -n blue route replace 10.1.0.0/24 via 10.2.0.1; ip -n blue route del default",
      because = "blue has no default route" },
  },
  [5] = {
    { "west stops", sh = "ip netns exec west sysctl -q -w net.ipv4.ip_forward=0", red = "west forwards",
      because = "west does not forward: net.ipv4.ip_forward is 0" },
    { "east stops", sh = "ip netns exec east sysctl -q -w net.ipv4.ip_forward=0", red = "east forwards",
      because = "east does not forward: net.ipv4.ip_forward is 0" },
  },
  [6] = {
    { "west sends it back to red", red = "west sends what is for blue to east",
      sh = "ip -n west route replace 10.2.0.0/24 via 10.1.0.2", because = "west sends it via 10.1.0.2" },
    { "west has lost it", red = "west sends what is for blue to east",
      sh = "ip -n west route del 10.2.0.0/24", because = "west has no route to 10.2.0.2" },
    { "east sends it to blue", red = "east sends what is for red to west",
      sh = "ip -n east route replace 10.1.0.0/24 via 10.2.0.2", because = "east sends it via 10.2.0.2" },
    { "blue is a new one", red = "blue has answered red", sh = "ip netns del blue; ip netns add blue",
      because = "no ping has reached blue" },
  },
  [7] = {
    { "west is a new one", red = "a packet has ended at west", sh = "ip netns del west; ip netns add west",
      because = "no packet has ended at west" },
    { "east is a new one", red = "a packet has ended at east", sh = "ip netns del east; ip netns add east",
      because = "no packet has ended at east" },
    { "red is a new one", red = "red was told so", sh = "ip netns del red; ip netns add red",
      because = "red was told so 0 times" },
  },
  [8] = {
    { "blue is a new one", sh = "ip netns del blue; ip netns add blue",
      red = "blue was reached, and has said that the port is closed", because = "blue has not turned anybody away" },
    { "east is a new one", sh = "ip netns del east; ip netns add east",
      red = "west and east have shown themselves", because = "no packet has ended at east" },
  },
  [9] = {
    { "it is a way instead", sh = "ip -n west route replace 10.2.0.3/32 via 10.9.0.2",
      red = "west refuses what is for 10.2.0.3", because = "west sends it via 10.9.0.2" },
    { "all of the network is refused", sh = "ip -n west route replace unreachable 10.2.0.0/24",
      red = "and sends to east what is for the others" },
    { "another one goes to red", sh = "ip -n west route add 10.2.0.4/30 via 10.1.0.2",
      red = "and sends to east what is for the others", because = "west sends it via 10.1.0.2" },
  },
}

local otherwise = {
  { "done with ip, sysctl, ping and traceroute", steps = {
    [1] = [[for n in red west east blue; do ip netns add $n; done
            ip link add r type veth peer name w1; ip link set r netns red name eth0
            ip link set w1 netns west name to-red
            ip link add to-east netns west type veth peer name to-west netns east
            ip link add to-blue netns east type veth peer name eth0 netns blue]],
    [2] = [[while read ns dev address; do
              ip -n $ns addr add $address dev $dev; ip -n $ns link set $dev up
            done <<X
            red eth0 10.1.0.2/24
            west to-red 10.1.0.1/24
            west to-east 10.9.0.1/30
            east to-west 10.9.0.2/30
            east to-blue 10.2.0.1/24
            blue eth0 10.2.0.2/24
X]],
    [3] = "ip netns exec red ping -c 1 10.1.0.1",
    [4] = "ip -n red route add default via 10.1.0.1; ip -n blue route add default via 10.2.0.1",
    [5] = [[for n in west east; do ip netns exec $n sysctl -w net.ipv4.ip_forward=1; done]],
    [6] = [[ip -n west route add 10.2.0.0/24 via 10.9.0.2
            ip -n east route add 10.1.0.0/24 via 10.9.0.1
            ip netns exec red ping -c 1 10.2.0.2]],
    [7] = "for n in 1 2 3; do ip netns exec red ping -c 1 -W 2 -t $n 10.2.0.2 || :; done",
    [8] = "ip netns exec red traceroute -n 10.2.0.2",
    [9] = "ip netns exec west ip route add unreachable 10.2.0.3",
  } },
  { "with other names, wider routes, and forwarding by another name", steps = {
    [1] = [[for n in blue east west red; do ip netns add $n; done
            ip link add p0 netns red type veth peer name p1 netns west
            ip link add p2 netns west type veth peer name p3 netns east
            ip link add p4 netns east type veth peer name p5 netns blue]],
    [2] = [[ip -n red addr add 10.1.0.2/24 dev p0; ip -n west addr add 10.1.0.1/24 dev p1
            ip -n west addr add 10.9.0.1/30 dev p2; ip -n east addr add 10.9.0.2/30 dev p3
            ip -n east addr add 10.2.0.1/24 dev p4; ip -n blue addr add 10.2.0.2/24 dev p5
            for at in red:p0 west:p1 west:p2 east:p3 east:p4 blue:p5; do ip -n ${at%:*} link set ${at#*:} up; done]],
    [4] = "ip -n red route add default via 10.1.0.1 dev p0; ip -n blue route add 0/0 via 10.2.0.1",
    [5] = [[for n in west east; do ip netns exec $n sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/forwarding'; done]],
    [6] = [[ip -n west route add default via 10.9.0.2
            ip -n east route add 10.1.0.0/16 via 10.9.0.1
            ip netns exec red ping -c 1 10.2.0.2]],
    [9] = "ip -n west route add unreachable 10.2.0.3/32 metric 5",
  } },
}

-- What is tried and does not succeed, or shows what the checks know from elsewhere.
local looks = { "pcall(red.ping", "timeout_ms = 100", '"-t", 3', "count = 1" }

harness.lab("router", { looks = looks, spoil = spoil, otherwise = otherwise })
