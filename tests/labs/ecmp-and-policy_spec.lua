-- The lab ecmp-and-policy: it holds, it is not green without doing what it says, and it does not mind how
-- it is done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

-- A cable between two of them that replaces the one of that name by one that leads elsewhere.
local function elsewhere(ns, name, instead)
  return ("ip -n %s link del %s; ip link add %s netns %s type veth peer name x netns %s"):format(ns, name, name, ns, instead)
end

local spoil = {
  [1] = {
    { "red's cable to north leads to blue", sh = elsewhere("red", "to-north", "blue"), red = "red is connected to north",
      because = "no cable leads from red to north" },
    { "red's cable to south leads to north", sh = elsewhere("red", "to-south", "north"), red = "red is connected to south",
      because = "no cable leads from red to south" },
    { "there is no blue", sh = "ip netns del blue", red = "blue is connected to north",
      because = "there is no namespace blue" },
    { "blue's cable to south leads to north", sh = elsewhere("blue", "to-south", "north"), red = "blue is connected to south",
      because = "no cable leads from blue to south" },
  },
  [2] = {
    { "south's addresses are mixed up", red = "every end of a cable has its address",
      sh = [[ip -n south addr flush dev to-red; ip -n south addr flush dev to-blue
             ip -n south addr add 10.4.0.1/24 dev to-red; ip -n south addr add 10.2.0.1/24 dev to-blue]],
      because = "10.2.0.1/24 is on to-blue, not on to-red" },
    { "a cable is off", sh = "ip -n north link set to-blue down", red = "every end of a cable is up",
      because = "to-blue is in north but down" },
    { "red's lo is down", sh = "ip -n red link set lo down", red = "red has 10.8.0.1, on a link that is up",
      because = "lo is in red but down" },
    { "blue has another address", sh = "ip -n blue addr del 10.9.0.9/32 dev lo; ip -n blue addr add 10.9.0.8/32 dev lo",
      red = "blue has 10.9.0.9, on a link that is up", because = "blue has no address 10.9.0.9" },
    { "north stops", sh = "ip netns exec north sysctl -q -w net.ipv4.ip_forward=0",
      red = "north forwards, and knows the way to both", because = "north does not forward: net.ipv4.ip_forward is 0" },
    { "south sends it back", sh = "ip -n south route replace 10.9.0.0/24 via 10.2.0.2",
      red = "south forwards, and knows the way to both", because = "south sends what is for 10.9.0.9 via 10.2.0.2" },
  },
  [3] = {
    { "red has one way", sh = "ip -n red route replace 10.9.0.0/24 src 10.8.0.1 via 10.1.0.1", red = "red has two ways to blue",
      because = "red has one way to 10.9.0.9, via 10.1.0.1" },
    { "the other way is none", red = "red has two ways to blue", because = "10.2.0.1 is none of the ways from red to 10.9.0.9",
      sh = "ip -n red route replace 10.9.0.0/24 src 10.8.0.1 nexthop via 10.1.0.1 nexthop via 10.1.0.9" },
    { "red sends with a cable's address", red = "red sends with its address on lo",
      sh = "ip -n red route replace 10.9.0.0/24 src 10.1.0.2 nexthop via 10.1.0.1 nexthop via 10.2.0.1",
      because = "red sends with 10.1.0.2" },
    { "blue has no way back", sh = "ip -n blue route del 10.8.0.0/24", red = "blue has two ways to red",
      because = "blue has no route to 10.8.0.1" },
    { "blue is a new one", sh = "ip netns del blue; ip netns add blue", red = "blue has answered red",
      because = "no ping has reached blue" },
  },
  [4] = {
    { "the ports count", sh = "ip netns exec red sysctl -q -w net.ipv4.fib_multipath_hash_policy=1",
      red = "100 conversations with blue all take the same way" },
    { "red sends nothing", sh = "ip -n red route replace blackhole 10.9.0.0/24; ip -n red route flush cache",
      red = "100 conversations with blue all take the same way" },
  },
  [5] = {
    { "the addresses count", sh = "ip netns exec red sysctl -q -w net.ipv4.fib_multipath_hash_policy=0",
      red = "the port that red talks from makes a difference" },
    { "there is one way", sh = "ip -n red route replace 10.9.0.0/24 src 10.8.0.1 via 10.1.0.1",
      red = "100 conversations with blue take both ways" },
    { "there is one way again", sh = "ip -n red route replace 10.9.0.0/24 src 10.8.0.1 via 10.2.0.1",
      red = "the port that red talks from makes a difference", because = "all ports lead by south" },
  },
  [6] = {
    { "both weigh the same", red = "north's way weighs three times as much as south's",
      sh = "ip -n red route replace 10.9.0.0/24 src 10.8.0.1 nexthop via 10.1.0.1 nexthop via 10.2.0.1",
      because = "north has the weight 1, and south 1" },
    { "it is the other way round", red = "of 200 conversations most go by north, and some by south",
      sh = "ip -n red route replace 10.9.0.0/24 src 10.8.0.1 nexthop via 10.1.0.1 nexthop via 10.2.0.1 weight 3" },
  },
  [7] = {
    { "the new address is gone", sh = "ip -n blue addr del 10.10.0.10/32 dev lo", because = "blue has no address 10.10.0.10",
      red = "blue has 10.10.0.10, on a link that is up" },
    { "south sends it back", sh = "ip -n south route replace 10.10.0.0/24 via 10.2.0.2", red = "north and south know the way there",
      because = "south sends what is for 10.10.0.10 via 10.2.0.2" },
    { "the route names its ways", red = "the route to 10.9.0.0/24 leads through a group",
      sh = "ip -n red route replace 10.9.0.0/24 src 10.8.0.1 nexthop via 10.1.0.1 weight 3 nexthop via 10.2.0.1",
      because = "the route to 10.9.0.9 names its ways itself" },
    { "it leads through one nexthop", sh = "ip -n red route replace 10.10.0.0/24 src 10.8.0.1 nhid 1",
      red = "so does the one to 10.10.0.0/24", because = "nexthop 1 is no group" },
    { "there are two groups", red = "it is the same group", because = "one leads through 10, the other one through 11",
      sh = "ip -n red nexthop add id 11 group 1/2; ip -n red route replace 10.10.0.0/24 src 10.8.0.1 nhid 11" },
    { "the group has one way", sh = "ip -n red nexthop replace id 10 group 1", red = "red has two ways to both",
      because = "red has one way to 10.9.0.9, via 10.1.0.1" },
  },
  [8] = {
    { "the group is whole again", sh = "ip -n red nexthop replace id 10 group 1/2",
      red = "all that is for 10.9.0.0/24 goes by north", because = "some of it may go via 10.2.0.1" },
    { "one route was forgotten", sh = "ip -n red route replace 10.10.0.0/24 src 10.8.0.1 via 10.2.0.1",
      red = "all that is for 10.10.0.0/24, too", because = "some of it may go via 10.2.0.1" },
    { "the routes were changed one by one", red = "the routes still lead through a group",
      sh = "for n in 9 10; do ip -n red route replace 10.$n.0.0/24 src 10.8.0.1 via 10.1.0.1; done",
      because = "the route to 10.9.0.9 names its ways itself" },
    { "red is strict", red = "red takes answers from either side",
      sh = "for n in all to-north; do ip netns exec red sysctl -q -w net.ipv4.conf.$n.rp_filter=1; done",
      because = "red is strict about what comes in through to-north" },
    { "red sends nothing", sh = "ip -n red route replace blackhole 10.9.0.9", red = "50 conversations with blue go by north" },
  },
  [9] = {
    { "the own addresses are asked behind others", red = "table local is asked first",
      sh = [[ip -n red rule add priority 7 lookup local; ip -n red rule add priority 5 lookup 5
             ip -n red rule del priority 0]] },
    { "there is no main", sh = "ip -n red rule del lookup main", red = "table main is asked behind it",
      because = "no rule leads to the table main" },
  },
  [10] = {
    { "the guests have no address", sh = "ip -n red addr del 10.8.0.2/32 dev lo", red = "red has the guests' address, 10.8.0.2",
      because = "red has no address 10.8.0.2" },
    { "the table leads by north", sh = "ip -n red route replace default via 10.1.0.1 table 100",
      red = "what they send goes by south", because = "it would go via 10.1.0.1" },
    { "the rule is for everybody", sh = "ip -n red rule add lookup 100", red = "what red itself sends goes by north",
      because = "it would go via 10.2.0.1" },
    { "north is asked after all", sh = "ip -n red route add 10.9.0.0/24 via 10.1.0.1 table 100",
      red = "pings from 10.8.0.2 go by south" },
    { "the rule is for red's own", sh = "ip -n red rule add from 10.8.0.1 lookup 100", red = "pings from 10.8.0.1 go by north" },
  },
  [11] = {
    { "the rule asks for another mark", sh = "ip -n red rule del fwmark 1; ip -n red rule add fwmark 2 lookup 100",
      red = "what has the mark 1 goes by south", because = "it would go via 10.1.0.1" },
    { "the rule is for everybody", sh = "ip -n red rule add lookup 100", red = "what has no mark goes by north",
      because = "it would go via 10.2.0.1" },
    { "another port is marked", red = "50 questions to port 53 go by south",
      sh = "ip netns exec red iptables -t mangle -R OUTPUT 1 -p udp --dport 54 -j MARK --set-mark 1" },
    { "every port is marked", red = "50 conversations with another port go by north",
      sh = "ip netns exec red iptables -t mangle -R OUTPUT 1 -p udp -j MARK --set-mark 1" },
  },
}

local MANY = "ip netns exec red bash -c 'for i in {1..200}; do echo >/dev/udp/10.9.0.9/9; done'"

local otherwise = {
  { "done with ip, sysctl, ping and iptables", steps = {
    [1] = [[for n in red north south blue; do ip netns add $n; done
            for host in red blue; do for router in north south; do
              ip link add one type veth peer name other
              ip link set one netns $host name to-$router up; ip link set other netns $router name to-$host up
            done; done]],
    [2] = [[while read ns dev address; do ip -n $ns addr add $address dev $dev; ip -n $ns link set $dev up; done <<X
            red to-north 10.1.0.2/24
            red to-south 10.2.0.2/24
            north to-red 10.1.0.1/24
            south to-red 10.2.0.1/24
            blue to-north 10.3.0.2/24
            blue to-south 10.4.0.2/24
            north to-blue 10.3.0.1/24
            south to-blue 10.4.0.1/24
            red lo 10.8.0.1/32
            blue lo 10.9.0.9/32
X
            for n in north south; do ip netns exec $n sysctl -w net.ipv4.ip_forward=1; done
            ip -n north route add 10.8.0.0/24 via 10.1.0.2; ip -n north route add 10.9.0.0/24 via 10.3.0.2
            ip -n south route add 10.8.0.0/24 via 10.2.0.2; ip -n south route add 10.9.0.0/24 via 10.4.0.2]],
    [3] = [[ip -n red route add 10.9.0.0/24 src 10.8.0.1 nexthop via 10.1.0.1 nexthop via 10.2.0.1
            ip -n blue route add 10.8.0.0/24 src 10.9.0.9 nexthop via 10.3.0.1 nexthop via 10.4.0.1
            ip netns exec red ping -c 1 10.9.0.9]],
    [5] = "ip netns exec red sysctl -w net.ipv4.fib_multipath_hash_policy=1\n" .. MANY,
    [6] = [[ip -n red route replace 10.9.0.0/24 src 10.8.0.1 nexthop via 10.1.0.1 weight 3 nexthop via 10.2.0.1]],
    [7] = [[ip -n blue addr add 10.10.0.10/32 dev lo
            ip -n north route add 10.10.0.0/24 via 10.3.0.2; ip -n south route add 10.10.0.0/24 via 10.4.0.2
            ip -n red nexthop add id 1 via 10.1.0.1 dev to-north; ip -n red nexthop add id 2 via 10.2.0.1 dev to-south
            ip -n red nexthop add id 10 group 1,3/2
            ip -n red route replace 10.9.0.0/24 src 10.8.0.1 nhid 10; ip -n red route add 10.10.0.0/24 src 10.8.0.1 nhid 10]],
    [8] = "ip netns exec red sysctl -w net.ipv4.conf.all.rp_filter=2; ip -n red nexthop replace id 10 group 1",
    [10] = [[ip -n red addr add 10.8.0.2/32 dev lo; ip -n red route add default via 10.2.0.1 table 100
             ip -n red rule add from 10.8.0.2 lookup 100]],
    [11] = [[ip netns exec red iptables -t mangle -A OUTPUT -p udp --dport 53 -j MARK --set-mark 1
             ip -n red rule add fwmark 1 lookup 100]],
  } },
  { "with other names, wider routes, other numbers and tables", steps = {
    [1] = [[for n in blue south north red; do ip netns add $n; done
            ip link add p0 netns red type veth peer name p1 netns north
            ip link add p2 netns red type veth peer name p3 netns south
            ip link add p4 netns blue type veth peer name p5 netns north
            ip link add p6 netns blue type veth peer name p7 netns south]],
    [2] = [[while read ns dev address; do ip -n $ns addr add $address dev $dev; ip -n $ns link set $dev up; done <<X
            red p0 10.1.0.2/24
            red p2 10.2.0.2/24
            north p1 10.1.0.1/24
            south p3 10.2.0.1/24
            blue p4 10.3.0.2/24
            blue p6 10.4.0.2/24
            north p5 10.3.0.1/24
            south p7 10.4.0.1/24
            red lo 10.8.0.1/24
            blue lo 10.9.0.9/24
X
            for n in north south; do ip netns exec $n sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/forwarding'; done
            ip -n north route add 10.8.0.0/16 via 10.1.0.2; ip -n north route add default via 10.3.0.2
            ip -n south route add 10.8.0.0/16 via 10.2.0.2; ip -n south route add default via 10.4.0.2]],
    [3] = [[ip -n red nexthop add id 5 via 10.1.0.1 dev p0; ip -n red nexthop add id 6 via 10.2.0.1 dev p2
            ip -n red nexthop add id 7 group 5/6; ip -n red route add default src 10.8.0.1 nhid 7
            ip -n blue route add default src 10.9.0.9 nexthop via 10.4.0.1 nexthop via 10.3.0.1
            ip netns exec red ping -c 1 10.9.0.9]],
    [5] = [[ip netns exec red sysctl -w net.ipv4.fib_multipath_hash_fields=0x37 net.ipv4.fib_multipath_hash_policy=3]],
    [6] = "ip -n red nexthop replace id 7 group 5,6/6,2",
    [7] = "ip -n blue addr add 10.10.0.10/24 dev lo",
    [8] = "ip -n red nexthop replace id 7 group 5",
    [10] = [[ip -n red addr add 10.8.0.2/24 dev lo; ip -n red route add 10.0.0.0/8 via 10.2.0.1 dev p2 table 7
             ip -n red rule add from 10.8.0.2/31 priority 50 table 7]],
    [11] = [[ip netns exec red iptables -t mangle -A OUTPUT -p udp --dport 53 -j MARK --or-mark 1
             ip -n red rule add fwmark 1/1 priority 60 table 7]],
  } },
}

-- What shows only what the checks know from elsewhere. Where nobody is strict, nobody has to be told not to be.
local looks = { "show_shares(", "red.route.get(", "questions ", [[red:ping "10.10.0.10"]], "rp_filter" }

harness.lab("ecmp-and-policy", { looks = looks, spoil = spoil, otherwise = otherwise })
