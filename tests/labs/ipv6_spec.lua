-- The lab ipv6: it holds, it is not green without doing what it says, and it does not mind how it is
-- done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local spoil = {
  [1] = {
    { "the cable leads elsewhere", red = "red is connected to router", because = "no cable leads from red to router",
      sh = [[ip -n red link del eth0
             ip link add eth0 netns red address 02:00:00:00:00:01 type veth peer name x]] },
    { "the hardware address is another one", red = "red's eth0 has made fe80::ff:fe00:1 for itself",
      because = "eth0 in red has no address fe80::ff:fe00:1/64",
      sh = [[ip -n red link set eth0 down
             ip -n red link set eth0 address 02:00:00:00:00:07; ip -n red link set eth0 up]] },
    { "IPv6 is off", red = "the router's to-red has made fe80::ff:fe00:a",
      sh = "ip netns exec router sysctl -q -w net.ipv6.conf.to-red.disable_ipv6=1",
      because = "to-red in router has no address fe80::ff:fe00:a/64" },
  },
  [2] = {
    { "red has forgotten the router", sh = "ip -n red neigh flush dev eth0", red = "red has found the router",
      because = "red has no entry for fe80::ff:fe00:a" },
    { "red was told, and has not asked", red = "it has asked for a neighbour, and the router has answered",
      because = "red has not asked for any neighbour", sh = [[
        ip netns del red; ip netns add red; ip netns exec red sysctl -q -w net.ipv6.conf.default.accept_dad=0
        ip link add eth0 netns red type veth peer name x; ip -n red link set eth0 up
        ip -n red neigh add fe80::ff:fe00:a lladdr 02:00:00:00:00:0a dev eth0]] },
  },
  [3] = {
    { "the router's address is another one", red = "the router's to-blue has 2001:db8:2::1/64",
      sh = "ip -n router addr del 2001:db8:2::1/64 dev to-blue",
      because = "to-blue in router has no address 2001:db8:2::1/64" },
    { "blue's prefix is wrong", red = "blue's eth0 has 2001:db8:2::2/64",
      sh = "ip -n blue addr del 2001:db8:2::2/64 dev eth0; ip -n blue addr add 2001:db8:2::2/128 dev eth0",
      because = "eth0 in blue has no address 2001:db8:2::2/64" },
    { "blue asks by the global address", red = "blue hands to the router what it knows no better way for",
      sh = "ip -n blue -6 route replace default via 2001:db8:2::1", because = "blue sends it via 2001:db8:2::1" },
    { "the router stops", sh = "ip netns exec router sysctl -q -w net.ipv6.conf.all.forwarding=0",
      red = "the router forwards IPv6", because = "router does not: net.ipv6.conf.all.forwarding is 0" },
    { "blue has forgotten the router", sh = "ip -n blue neigh flush dev eth0", red = "blue has found the router",
      because = "blue has no entry for 2001:db8:2::1" },
  },
  [4] = {
    { "the router has no address", sh = "ip -n router addr del 2001:db8:1::1/64 dev to-red",
      red = "the router's to-red has 2001:db8:1::1/64", because = "to-red in router has no address 2001:db8:1::1/64" },
    { "red does not listen, and drops it", red = "red has an address in 2001:db8:1::/64",
      sh = [[ip netns exec red sysctl -q -w net.ipv6.conf.eth0.accept_ra=0
             ip -n red addr del 2001:db8:1::ff:fe00:1/64 dev eth0]],
      because = "eth0 in red has no address 2001:db8:1::ff:fe00:1/64" },
    { "it was given by hand", red = "it is lent, not given", because = "it is valid for ever",
      sh = [[ip netns exec red sysctl -q -w net.ipv6.conf.eth0.accept_ra=0
             ip -n red addr del 2001:db8:1::ff:fe00:1/64 dev eth0
             ip -n red addr add 2001:db8:1::ff:fe00:1/64 dev eth0]] },
    { "red has no router", red = "red's default route leads to the router",
      sh = [[ip netns exec red sysctl -q -w net.ipv6.conf.eth0.accept_ra=0
             ip -n red -6 route flush default]],
      because = "red has no route to 2001:db8:ffff::1" },
  },
  [5] = {
    { "blue is a new one", sh = "ip netns del blue; ip netns add blue", red = "blue has answered red",
      because = "no ping has reached blue" },
    { "the router is a new one", sh = "ip netns del router; ip netns add router", red = "the router has passed it on",
      because = "the router has passed nothing on" },
  },
}

local otherwise = {
  { "done with ip, sysctl and ping", steps = {
    [1] = [[for n in red router; do ip netns add $n; ip netns exec $n sysctl -w net.ipv6.conf.default.accept_dad=0; done
            ip link add eth0 address 02:00:00:00:00:01 type veth peer name to-red address 02:00:00:00:00:0a
            ip link set eth0 netns red up; ip link set to-red netns router up]],
    [2] = "ip netns exec red ping -c 1 fe80::ff:fe00:a%eth0",
    [3] = [[ip netns add blue; ip netns exec blue sysctl -w net.ipv6.conf.default.accept_dad=0
            ip link add eth0 netns blue address 02:00:00:00:00:02 type veth peer name to-blue netns router address 02:00:00:00:00:0b
            ip -n blue link set eth0 up; ip -n router link set to-blue up
            ip -n router addr add 2001:db8:2::1/64 dev to-blue; ip -n blue addr add 2001:db8:2::2/64 dev eth0
            ip -n blue -6 route add default via fe80::ff:fe00:b dev eth0
            ip netns exec router sysctl -w net.ipv6.conf.all.forwarding=1
            ip netns exec blue ping -c 1 2001:db8:2::1]],
    [4] = [[ip -n router addr add 2001:db8:1::1/64 dev to-red
            until ip -n red addr show dev eth0 | grep -q 2001:db8:1; do sleep 0.1; done]],
    [5] = "ip netns exec red ping -c 1 2001:db8:2::2",
  } },
  { "without sparing the duplicate address detection", steps = {
    [1] = [[for n in red router; do ip netns add $n; done
            ip link add eth0 netns red address 02:00:00:00:00:01 type veth peer name to-red netns router address 02:00:00:00:00:0a
            ip -n red link set eth0 up; ip -n router link set to-red up]],
  } },
}

-- Without accept_dad everything takes a second longer; waiting and looking leave nothing behind.
local looks = { "accept_dad", "ARRIVED", "settle(" }

harness.lab("ipv6", { looks = looks, spoil = spoil, otherwise = otherwise })
