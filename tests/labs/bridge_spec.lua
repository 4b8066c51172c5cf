-- The lab bridge: it holds, it is not green without doing what it says, and it does not mind how it
-- is done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local spoil = {
  [1] = {
    { "yellow is deleted again", sh = "ip netns del yellow", red = "red, blue, green and yellow are there",
      because = "there is no namespace yellow" },
  },
  [2] = {
    { "it is a cable", sh = "ip link del v-net-0; ip link add v-net-0 type veth peer name x",
      red = "v-net-0 is a bridge", because = "v-net-0 is a veth, not a bridge" },
    { "it is down", sh = "ip link set v-net-0 down", red = "v-net-0 is up",
      because = "v-net-0 is in the host but down" },
  },
  [3] = {
    { "one is pulled out", sh = "ip link set veth-green-br nomaster",
      red = "every room is plugged into v-net-0",
      because = "veth-green-br, the other end of veth-green, is not plugged into v-net-0" },
    { "red has no cable", sh = "ip link del veth-red-br", red = "every room is plugged into v-net-0",
      because = "nothing in red is plugged into v-net-0" },
    { "one is plugged into another switch", red = "every room is plugged into v-net-0",
      sh = "ip link add other type bridge; ip link set veth-blue-br master other",
      because = "veth-blue-br, the other end of veth-blue, is plugged into other, not into v-net-0" },
    { "both ends are in a room", red = "every room is plugged into v-net-0",
      sh = "ip link set veth-blue-br netns blue",
      because = "veth-blue-br, the other end of veth-blue, is in blue, not in the host" },
  },
  [4] = {
    { "green has no address", sh = "ip -n green addr flush dev veth-green",
      red = "every room has its address", because = "veth-green has no address" },
    { "green has another one", red = "every room has its address",
      sh = "ip -n green addr flush dev veth-green; ip -n green addr add 10.0.0.3/8 dev veth-green",
      because = "veth-green has 10.0.0.3/8, not 192.168.15.3/24" },
    { "a port is down", sh = "ip link set veth-blue-br down",
      red = "every cable is on at both ends", because = "veth-blue-br is in the host but down" },
    { "an end is down", sh = "ip -n yellow link set veth-yellow down",
      red = "every cable is on at both ends", because = "veth-yellow is in yellow but down" },
  },
  [5] = {
    { "yellow has forgotten everyone", sh = "ip -n yellow neigh flush dev veth-yellow",
      red = "every room has met the three others", because = "yellow has no entry for 192.168.15.1" },
    { "red is a new one", sh = "ip netns del red; ip netns add red", red = "every room got answers",
      because = "red got 0 answers, and there are three to get" },
  },
  [6] = {
    { "the address is gone", sh = "ip addr flush dev v-net-0",
      red = "v-net-0 has the address 192.168.15.5/24", because = "v-net-0 has no address" },
    { "the host has forgotten the rooms", sh = "ip neigh flush dev v-net-0",
      red = "the host has met all four rooms", because = "the host has no entry for 192.168.15.1" },
  },
  [7] = {
    { "blue knows another network", sh = "ip -n blue route add 10.0.0.0/8 via 192.168.15.5",
      red = "blue knows its own network only", because = "blue has a route to 10.0.0.0/8" },
    { "blue has a default route", sh = "ip -n blue route add default via 192.168.15.5",
      red = "for 192.168.1.3 blue's kernel says: Network is unreachable",
      because = "blue would send it through veth-blue" },
    { "blue's kernel says something else", sh = "ip -n blue route add unreachable default",
      red = "for 192.168.1.3 blue's kernel says: Network is unreachable" },
  },
  [8] = {
    { "the gateway is red", sh = "ip -n blue route replace 192.168.1.0/24 via 192.168.15.1",
      red = "blue reaches 192.168.1.0/24 via the host",
      because = "blue sends it via 192.168.15.1, not via 192.168.15.5" },
  },
  [9] = {
    { "it is off again", sh = "sysctl -q -w net.ipv4.ip_forward=0", red = "the host forwards",
      because = "net.ipv4.ip_forward is off in the host" },
    { "it is on in a room", red = "the host forwards",
      sh = "sysctl -q -w net.ipv4.ip_forward=0; ip netns exec blue sysctl -q -w net.ipv4.ip_forward=1",
      because = "net.ipv4.ip_forward is off in the host, and on in blue" },
    { "the lan is another one", sh = "ip netns del lan; ip netns add lan",
      red = "blue's question has reached the server", because = "no ping has come as far as the lan" },
    { "the lan knows the way back", sh = "ip -n lan route add 192.168.15.0/24 via 192.168.1.2",
      red = "the server knows no way back", because = "the lan has a route to 192.168.15.2" },
  },
  [10] = {
    { "the rule is gone", sh = "iptables -t nat -F",
      red = "a rule changes the sender of what leaves, and was used",
      because = "the host's nat table has no rule for it in the chain POSTROUTING" },
    { "the rule is in a room", red = "a rule changes the sender of what leaves, and was used",
      sh = "iptables -t nat -F; ip netns exec blue iptables -t nat -A POSTROUTING -j MASQUERADE",
      because = "the rule is in the chain POSTROUTING of blue, not in the host's chain POSTROUTING" },
    { "nobody has met the rule", sh = "iptables -t nat -Z",
      red = "a rule changes the sender of what leaves, and was used",
      because = "no packet has met the rule: -A POSTROUTING -s 192.168.15.0/24 -o eth0 -j MASQUERADE" },
    { "the lan is another one", sh = "ip netns del lan; ip netns add lan",
      red = "the server could answer", because = "the lan has answered no ping" },
  },
  [11] = {
    { "green has none", sh = "ip -n green route del default",
      red = "every room hands to the host what it knows no better way for",
      because = "green has no default route" },
    { "green has none", sh = "ip -n green route del default",
      red = "from every room there is a way to 203.0.113.10",
      because = "green has no route to 203.0.113.10" },
    { "green's leads to red", sh = "ip -n green route replace default via 192.168.15.1",
      red = "every room hands to the host what it knows no better way for",
      because = "the default route has via 192.168.15.1, not 192.168.15.5" },
  },
  [12] = {
    { "the rule is gone", sh = "iptables -t nat -F PREROUTING",
      red = "a rule sends visitors on, and was used", because = "the host's nat table has no rule for it in the chain PREROUTING" },
    { "the rule is in another chain", red = "a rule sends visitors on, and was used",
      sh = "iptables -t nat -F PREROUTING; " ..
           "iptables -t nat -A OUTPUT -p tcp --dport 80 -j DNAT --to-destination 192.168.15.2:80",
      because = "the rule is in the chain OUTPUT of the host, not in the host's chain PREROUTING" },
    { "the rule sends them to red", red = "who connects to the host's port 80 is greeted by blue",
      because = "Connection refused",
      sh = "iptables -t nat -R PREROUTING 1 -p tcp --dport 80 -j DNAT --to-destination 192.168.15.1:80" },
    { "the server has ended", red = "who connects to the host's port 80 is greeted by blue",
      sh = "kill -KILL $(grep -lx perl /proc/[0-9]*/comm | cut -d / -f 3); " ..
        "while ip netns exec blue grep -q ':0050 .* 0A ' /proc/net/tcp; do sleep 0.01; done" },
    { "blue is another one", sh = "ip netns del blue; ip netns add blue",
      red = "blue has let somebody in", because = "nobody has connected to blue" },
  },
}

-- What the tutorial says, with its commands.
local function each(script)
  local out = {}
  for n, room in ipairs { "red", "blue", "green", "yellow" } do
    out[n] = script:gsub("ROOM", room):gsub("NUMBER", tostring(n))
  end
  return table.concat(out, "\n")
end

local PINGS = [[
  for from in red blue green yellow; do
    for to in 1 2 3 4; do ip netns exec $from ping -c 1 -W 1 192.168.15.$to >/dev/null || :; done
  done]]

local otherwise = {
  { "done with ip, sysctl and iptables, as the tutorial does it", steps = {
    [1] = each "ip netns add ROOM",
    [2] = "ip link add name v-net-0 type bridge; ip link set v-net-0 up",
    [3] = each [[ip link add veth-ROOM type veth peer name veth-ROOM-br
                 ip link set veth-ROOM netns ROOM
                 ip link set veth-ROOM-br master v-net-0]],
    [4] = each [[ip -n ROOM addr add 192.168.15.NUMBER/24 dev veth-ROOM
                 ip -n ROOM link set veth-ROOM up
                 ip link set veth-ROOM-br up]],
    [5] = PINGS,
    [6] = "ip addr add 192.168.15.5/24 dev v-net-0\n" .. each "ping -c 1 192.168.15.NUMBER",
    [8] = [[ip netns exec blue ip route add 192.168.1.0/24 via 192.168.15.5
            ip netns exec blue ping -c 1 -W 0.3 192.168.1.3 || :]],
    [9] = [[sysctl -w net.ipv4.ip_forward=1
            ip netns exec blue ping -c 1 -W 0.3 192.168.1.3 || :]],
    [10] = [[iptables -t nat -A POSTROUTING -s 192.168.15.0/24 -j MASQUERADE
             ip netns exec blue ping -c 1 -W 1 192.168.1.3]],
    [11] = each "ip netns exec ROOM ip route add default via 192.168.15.5",
    [12] = [[iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 192.168.15.2:80
             ip netns exec lan bash -c 'cat </dev/tcp/192.168.1.2/80']],
  } },
  { "done with other names, in another order, and with SNAT", steps = {
    [1] = "for n in yellow green red blue extra; do ip netns add $n; done",
    [2] = "ip link add v-net-0 up type bridge forward_delay 0",
    [3] = each [[ip link add eth0 netns ROOM type veth peer name pNUMBER
                 ip link set pNUMBER master v-net-0 up]],
    [4] = each [[ip -n ROOM link set eth0 up
                 ip -n ROOM addr add 192.168.15.NUMBER/24 brd + dev eth0]],
    [5] = PINGS,
    [6] = "ip addr add 192.168.15.5/24 brd + dev v-net-0\n" .. each "ping -c 2 -i 0.2 192.168.15.NUMBER",
    [8] = [[ip -n blue route add 192.168.1.0/25 via 192.168.15.5 dev eth0
            ip netns exec blue ping -c 1 -W 0.3 192.168.1.3 || :]],
    [9] = [[echo 1 >/proc/sys/net/ipv4/conf/all/forwarding
            ip netns exec blue ping -c 1 -W 0.3 192.168.1.3 || :]],
    [10] = [[iptables -t nat -I POSTROUTING ! -o v-net-0 -j SNAT --to-source 192.168.1.2
             ip netns exec blue ping -c 1 -W 1 192.168.1.3]],
    [11] = each "ip -n ROOM route add 0.0.0.0/0 via 192.168.15.5",
    [12] = [[iptables -t nat -A PREROUTING -d 192.168.1.2 -p tcp -m multiport --dports 80,443 \
               -j DNAT --to-destination 192.168.15.2
             ip netns exec lan bash -c 'cat </dev/tcp/192.168.1.2/80']],
  } },
}

-- Pings and connections that show what the checks know from elsewhere.
local looks = { "blue:ping(internet)", "-- nobody is there yet", "packets that met" }

harness.lab("bridge", { looks = looks, spoil = spoil, otherwise = otherwise })
