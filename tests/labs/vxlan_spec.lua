-- The lab vxlan: it holds, it is not green without doing what it says, and it does not mind how it is
-- done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local ZERO = "00:00:00:00:00:00"

-- The hardware address of a container's eth0, in a script.
local function mac_of(name)
  return ("$(ip -n %s -o link show eth0 | sed 's/.*ether \\([^ ]*\\).*/\\1/')"):format(name)
end

local spoil = {
  [1] = {
    { "left's cable leads to right", red = "left and right are connected to core, and have their addresses",
      sh = "ip -n left link del eth0; ip link add eth0 netns left type veth peer name x netns right",
      because = "no cable leads from left to core" },
    { "right's address is another one", red = "left and right are connected to core, and have their addresses",
      sh = "ip -n right addr flush dev eth0; ip -n right addr add 10.2.0.3/24 dev eth0",
      because = "eth0 has 10.2.0.3/24, not 10.2.0.2/24" },
    { "core stops", sh = "ip netns exec core sysctl -q -w net.ipv4.ip_forward=0", red = "core forwards",
      because = "core does not forward: net.ipv4.ip_forward is 0" },
    { "right is a new one", sh = "ip netns del right; ip netns add right", red = "right has answered left",
      because = "no ping has reached right" },
  },
  [2] = {
    { "red is pulled out", sh = "ip -n left link set veth-red nomaster", because = "veth-red in left is plugged into no switch",
      red = "red is plugged into a switch of left, up, and has 172.20.0.1/24" },
    { "blue's switch is off", sh = "ip -n right link set br0 down", because = "br0 is in right but down",
      red = "blue is plugged into a switch of right, up, and has 172.20.0.2/24" },
  },
  [3] = {
    { "the number is another one", red = "red's switch has a vxlan with the number 7, from 10.1.0.2",
      sh = [[ip -n left link del vxlan7
             ip -n left link add vxlan7 master br0 up type vxlan id 9 local 10.1.0.2 dev eth0 dstport 4789]],
      because = "vxlan7 in left has the number 9, not 7" },
    { "it is not plugged in", sh = "ip -n right link set vxlan7 nomaster",
      red = "blue's switch has a vxlan with the number 7, from 10.2.0.2", because = "vxlan7 in right is not plugged into br0" },
    { "nothing was said of the port", red = "red's switch has a vxlan with the number 7, from 10.1.0.2",
      sh = [[ip -n left link del vxlan7
             ip -n left link add vxlan7 master br0 up type vxlan id 7 local 10.1.0.2 dev eth0 dstport 0]],
      because = "vxlan7 in left uses port 8472, not 4789" },
    { "it sends from everywhere", red = "blue's switch has a vxlan with the number 7, from 10.2.0.2",
      sh = "ip -n right link del vxlan7; ip -n right link add vxlan7 master br0 up type vxlan id 7 dev eth0 dstport 4789",
      because = "vxlan7 in right sends from any address, not from 10.2.0.2" },
  },
  [4] = {
    { "left sends it elsewhere", red = "left sends to right what is for everybody",
      sh = ("bridge -n left fdb del %s dev vxlan7 dst 10.2.0.2; bridge -n left fdb append %s dev vxlan7 dst 10.2.0.9")
           :format(ZERO, ZERO),
      because = "vxlan7 in left sends what is for everybody to 10.2.0.9" },
    { "right has forgotten it", sh = ("bridge -n right fdb del %s dev vxlan7 dst 10.1.0.2"):format(ZERO),
      red = "right sends to left what is for everybody",
      because = "vxlan7 in right sends what is for everybody to nobody" },
    { "red has forgotten blue", sh = "ip -n red neigh flush dev eth0", red = "red knows blue's own hardware address",
      because = "red has no entry for 172.20.0.2" },
    { "red was told a lie", sh = "ip -n red neigh replace 172.20.0.2 lladdr 02:00:00:00:00:99 dev eth0",
      red = "red knows blue's own hardware address", because = "red takes 02:00:00:00:00:99 for blue" },
    { "blue is a new one", sh = "ip netns del blue; ip netns add blue", red = "blue has answered red",
      because = "no ping has reached blue" },
  },
  [5] = {
    { "the vxlan was told a lie", red = "left's vxlan has learned that blue is at 10.2.0.2",
      sh = ("bridge -n left fdb replace %s dev vxlan7 dst 10.2.0.9 self"):format(mac_of "blue"),
      because = "it looks for blue at 10.2.0.9" },
    { "the switch has forgotten all", sh = "ip -n left link set br0 type bridge fdb_flush",
      red = "left's switch has learned that blue is behind the vxlan" },
    { "right's vxlan was told a lie", red = "right's vxlan has learned that red is at 10.1.0.2",
      sh = ("bridge -n right fdb replace %s dev vxlan7 dst 10.1.0.9 self"):format(mac_of "red"),
      because = "it looks for red at 10.1.0.9" },
  },
  [6] = {
    { "core does not count", sh = "ip netns exec core iptables -D FORWARD 2", red = "red's packets pass core, wrapped",
      because = "core has no rule about --dport 4789" },
    { "nothing came", sh = "ip netns exec core iptables -Z", red = "red's packets pass core, wrapped",
      because = "core has passed on none of them" },
    { "one came as it is", red = "core has seen none from a container's own address", because = "core has seen 1",
      sh = [[ip -n left addr add 172.20.0.9/32 dev lo; ip -n left link set lo up
             ip netns exec left ping -c 1 -W 0.1 -I 172.20.0.9 10.2.0.2 || :]] },
  },
  [7] = {
    { "the vxlan takes less", sh = "ip -n left link set vxlan7 mtu 1400", red = "vxlan7 leaves room for 50 bytes",
      because = "its MTU is 1400, that of the card 1500" },
    { "the tunnel is off", sh = "ip -n right link set vxlan7 down", red = "a ping of 1450 bytes is answered",
      because = "red gets no answer" },
    { "red knows already", sh = "ip -n red link set eth0 mtu 1400; ip -n blue link set eth0 mtu 1400",
      red = "one of 1500 bytes is not", because = "red gets an answer" },
  },
  [8] = {
    { "red forgets it", sh = "ip -n red link set eth0 mtu 1500", red = "what red sends fits",
      because = "red sends up to 1500 bytes, and vxlan7 takes 1450" },
    { "right's card takes less", sh = "ip -n right link set eth0 mtu 1400", red = "what blue sends fits",
      because = "vxlan7 takes 1450 bytes, and with 50 more they do not fit through eth0" },
    { "the tunnel is off", sh = "ip -n right link set vxlan7 down", red = "a ping of 1500 bytes is answered",
      because = "red gets no answer" },
  },
  [9] = {
    { "green is pulled out", sh = "ip -n left link set veth-green nomaster",
      because = "veth-green in left is plugged into no switch",
      red = "green is plugged into a switch of left, up, and has 172.20.0.1/24" },
    { "pink has another address", sh = "ip -n pink addr flush dev eth0; ip -n pink addr add 172.20.0.3/24 dev eth0",
      red = "pink is plugged into a switch of right, up, and has 172.20.0.2/24",
      because = "eth0 has 172.20.0.3/24, not 172.20.0.2/24" },
    { "pink's number is another one", red = "their switches have a vxlan with the number 8",
      sh = [[ip -n right link del vxlan8
             ip -n right link add vxlan8 master br8 up type vxlan id 9 local 10.2.0.2 dev eth0 dstport 4789]],
      because = "vxlan8 in right has the number 9, not 8" },
    { "nobody is told", sh = ("bridge -n left fdb del %s dev vxlan8 dst 10.2.0.2"):format(ZERO),
      red = "each sends to the other one what is for everybody",
      because = "vxlan8 in left sends what is for everybody to nobody" },
    { "pink is a new one", sh = "ip netns del pink; ip netns add pink", red = "pink has answered green",
      because = "no ping has reached pink" },
    { "green moves into red's switch", sh = "ip -n left link set veth-green master br0; ip -n green neigh flush dev eth0",
      red = "blue hears nothing of green", because = "blue is asked as well" },
  },
}

local function container(name, machine, switch, address, mtu)
  return ([[ip netns add NAME; ip -n MACHINE link add SWITCH type bridge; ip -n MACHINE link set SWITCH up
            ip link add veth-NAME mtu MTU type veth peer name eth0 mtu MTU
            ip link set veth-NAME netns MACHINE; ip link set eth0 netns NAME
            ip -n MACHINE link set veth-NAME master SWITCH up; ip -n NAME link set eth0 up
            ip -n NAME addr add ADDRESS/24 dev eth0
         ]]):gsub("%u%u+", { NAME = name, MACHINE = machine, SWITCH = switch, ADDRESS = address, MTU = mtu or 1500 })
end

local function vxlan(machine, id, switch, own, more)
  return ([[ip -n MACHINE link add vxlanID type vxlan id ID local OWN dev eth0 dstport 4789 MORE
            ip -n MACHINE link set vxlanID master SWITCH up
         ]]):gsub("%u%u+", { MACHINE = machine, ID = id, SWITCH = switch, OWN = own, MORE = more or "" })
end

local function flood(id)
  return ([[bridge -n left fdb append 00:00:00:00:00:00 dev vxlanID dst 10.2.0.2
            bridge -n right fdb append 00:00:00:00:00:00 dev vxlanID dst 10.1.0.2
         ]]):gsub("ID", id)
end

local UNDERLAY = [[for n in left core right; do ip netns add $n; done
  ip link add one netns left type veth peer name other netns core
  ip link add two netns right type veth peer name another netns core
  ip -n left link set one name eth0; ip -n core link set other name to-left
  ip -n right link set two name eth0; ip -n core link set another name to-right
  ip -n left addr add 10.1.0.2/24 dev eth0; ip -n core addr add 10.1.0.1/24 dev to-left
  ip -n right addr add 10.2.0.2/24 dev eth0; ip -n core addr add 10.2.0.1/24 dev to-right
  for at in left:eth0 core:to-left core:to-right right:eth0; do ip -n ${at%:*} link set ${at#*:} up; done
  ip netns exec core sysctl -w net.ipv4.ip_forward=1
  ip -n left route add default via 10.1.0.1; ip -n right route add default via 10.2.0.1
  ip netns exec left ping -c 1 10.2.0.2]]

local otherwise = {
  { "done with ip, bridge, sysctl, ping and iptables", steps = {
    [1] = UNDERLAY,
    [2] = container("red", "left", "br0", "172.20.0.1") .. container("blue", "right", "br0", "172.20.0.2"),
    [3] = vxlan("left", 7, "br0", "10.1.0.2") .. vxlan("right", 7, "br0", "10.2.0.2"),
    [4] = flood(7) .. "ip -n red neigh flush dev eth0; ip netns exec red ping -c 1 172.20.0.2",
    [6] = [[ip netns exec core iptables -A FORWARD -s 172.20.0.0/24
            ip netns exec core iptables -A FORWARD -p udp --dport 4789
            ip netns exec red ping -c 1 172.20.0.2]],
    [8] = "ip -n red link set eth0 mtu 1450; ip -n blue link set eth0 mtu 1450",
    [9] = container("green", "left", "br8", "172.20.0.1", 1450) .. container("pink", "right", "br8", "172.20.0.2", 1450) ..
          vxlan("left", 8, "br8", "10.1.0.2") .. vxlan("right", 8, "br8", "10.2.0.2") .. flood(8) ..
          "ip netns exec green ping -c 1 172.20.0.2",
  } },
  { "with other names, one remote machine instead of a list, and an underlay that carries more", steps = {
    [2] = container("red", "left", "sw", "172.20.0.1") .. container("blue", "right", "sw", "172.20.0.2"),
    [3] = vxlan("left", 7, "sw", "10.1.0.2", "remote 10.2.0.2") .. vxlan("right", 7, "sw", "10.2.0.2", "remote 10.1.0.2"),
    [4] = "ip -n red neigh flush dev eth0; ip netns exec red ping -c 1 172.20.0.2",
    [8] = [[for at in left:eth0 core:to-left core:to-right right:eth0; do ip -n ${at%:*} link set ${at#*:} mtu 1550; done
            ip -n left link set vxlan7 mtu 1500; ip -n right link set vxlan7 mtu 1500
            ip -n left link set sw mtu 1500; ip -n right link set sw mtu 1500]],
    [9] = container("green", "left", "sw8", "172.20.0.1") .. container("pink", "right", "sw8", "172.20.0.2") ..
          vxlan("left", 8, "sw8", "10.1.0.2", "remote 10.2.0.2") ..
          vxlan("right", 8, "sw8", "10.2.0.2", "remote 10.1.0.2") .. "ip netns exec green ping -c 1 172.20.0.2",
  } },
}

-- What is tried and does not succeed, shows what the checks know from elsewhere, or only saves time.
local looks = { "timeout_ms = 50", "timeout_ms = 200", "red.neigh.flush", "for _, rule in" }

harness.lab("vxlan", { looks = looks, spoil = spoil, otherwise = otherwise })
