-- The lab inspecting: it holds, it is not green without doing what it says, it does not mind how it
-- is done, and it says so where the machine lacks the programs of a step.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local ADD_RED = "ip link add x netns red type veth peer name y"

local spoil = {
  [1] = {
    { "red is deleted again", sh = "ip netns del red", red = "there is a namespace called red" },
    { "red has another link", sh = ADD_RED, red = "red has lo and nothing else",
      because = "red has x too" },
    { "the host has no eth0", sh = "ip link del eth0", red = "the host has an eth0",
      because = "there is no link eth0" },
  },
  [2] = {
    { "red is a second name of the host", sh = "umount /run/netns/red; touch /run/netns/red\n" ..
      "mount --bind /proc/self/ns/net /run/netns/red",
      red = "a program in red has another namespace than one in the host" },
    { "eth0 is in red", sh = "ip link set eth0 netns red", red = "a program in red sees lo and no eth0",
      because = "it sees an eth0" },
  },
  [3] = {
    { "lo is down again", sh = "ip -n red link set lo down", red = "lo is up in red",
      because = "lo is in red but down" },
    { "its address is gone", sh = "ip -n red addr del 127.0.0.1/8 dev lo",
      red = "lo has the address 127.0.0.1/8" },
  },
  [4] = {
    { "red has none", sh = "ip -n red link del eth0", red = "red has an eth0, and it is up",
      because = "red has no eth0" },
    { "its other end is in a third place", red = "its other end in the host has 10.0.0.1/24, and is up",
      sh = "ip netns add x; ip link set veth-red netns x", because = "its other end, veth-red, is in x" },
    { "eth0 is down", sh = "ip -n red link set eth0 down", red = "red has an eth0, and it is up",
      because = "eth0 is in red but down" },
    { "it has a host's prefix", red = "red's eth0 has the address 10.0.0.2/24",
      sh = "ip -n red addr flush dev eth0; ip -n red addr add 10.0.0.2 dev eth0",
      because = "eth0 has 10.0.0.2/32, not 10.0.0.2/24" },
    { "the other end is down", sh = "ip link set veth-red down",
      red = "its other end in the host has 10.0.0.1/24, and is up",
      because = "veth-red is in the host but down" },
    { "the host's eth0 has lost its address", sh = "ip addr flush dev eth0",
      red = "the host's own eth0 is still there, with its address", because = "eth0 has no address" },
    { "red has forgotten the host", sh = "ip -n red neigh flush dev eth0", red = "red has met the host",
      because = "red has no entry for 10.0.0.1" },
  },
  [5] = {
    { "the route leads to somebody else", sh = "ip -n red route replace 192.168.1.0/24 via 10.0.0.9",
      red = "red reaches 192.168.1.0/24 via 10.0.0.1 through eth0",
      because = "the route to 192.168.1.0/24 has via 10.0.0.9, not 10.0.0.1" },
    { "red has a default route", sh = "ip -n red route add default via 10.0.0.1",
      red = "red has no default route, and the host has one", because = "red has a default route" },
    { "the host has none", sh = "ip route del default",
      red = "red has no default route, and the host has one",
      because = "the host has no default route" },
    { "the host has no route to its own network", sh = "ip route del 192.168.1.0/24",
      red = "the host still reaches 192.168.1.0/24 through its own eth0",
      because = "the host has no route to 192.168.1.0/24" },
  },
  [6] = {
    { "the rule is gone", sh = "ip -n red rule del from 10.0.0.2",
      red = "red has a rule for what comes from 10.0.0.2", because = "no rule of red is about what comes from 10.0.0.2" },
    { "it is about what goes there", red = "red has a rule for what comes from 10.0.0.2",
      sh = "ip -n red rule del from 10.0.0.2; ip -n red rule add to 10.0.0.2 table 100",
      because = "red has a rule for what goes to 10.0.0.2, not for what comes from it" },
    { "the host has it", sh = "ip rule add from 10.0.0.2 table 100", red = "the host has none of that",
      because = "the host has it too" },
    { "red lost one", sh = "ip -n red rule del priority 32767",
      red = "both have the three that are there from the start", because = "red has no rule 32767" },
  },
  [7] = {
    { "the rule is the other way round", red = "red accepts what comes from lo and goes to eth0",
      because = "the rule is about what comes from eth0 and goes to lo, the other way round",
      sh = "ip netns exec red iptables -R FORWARD 1 -i eth0 -o lo -j ACCEPT" },
    { "the rule drops", red = "red accepts what comes from lo and goes to eth0",
      because = "the rule does not jump to ACCEPT: -A FORWARD -i lo -o eth0 -j DROP",
      sh = "ip netns exec red iptables -R FORWARD 1 -i lo -o eth0 -j DROP" },
    { "the rule is in another chain", red = "red accepts what comes from lo and goes to eth0",
      because = "red has no rule in FORWARD that accepts from lo to eth0",
      sh = "ip netns exec red iptables -F; ip netns exec red iptables -A INPUT -i lo -j ACCEPT" },
    { "the host has it", sh = "iptables -A FORWARD -i lo -o eth0 -j ACCEPT",
      red = "the host has no such rule", because = "the host has it, too" },
    { "some packet has met it", red = "no packet has met it", because = "3 packets have met it",
      sh = "ip netns exec red iptables -R FORWARD 1 -i lo -o eth0 -j ACCEPT -c 3 300" },
  },
  [8] = {
    { "the server's address is another", red = "the server's eth0 is up and has the address 10.0.1.1/24",
      sh = "ip -n server addr flush dev eth0; ip -n server addr add 10.0.1.2/24 dev eth0",
      because = "eth0 has 10.0.1.2/24, not 10.0.1.1/24" },
    { "blue's eth0 leads to the host", red = "blue's eth0 is up, and is the other end of the server's",
      because = "its other end is x in the host",
      sh = [[ip -n blue link del eth0
             ip link add x type veth peer name eth0 netns blue
             ip -n blue link set eth0 up]] },
  },
  [9] = {
    { "the address is gone", sh = "ip -n blue addr flush dev eth0", because = "it has no address",
      red = "blue's eth0 has an address from 10.0.1.50 to 10.0.1.99" },
    { "the address was given by hand", because = "it has 10.0.1.5/24",
      sh = "ip -n blue addr flush dev eth0; ip -n blue addr add 10.0.1.5/24 dev eth0",
      red = "blue's eth0 has an address from 10.0.1.50 to 10.0.1.99" },
    { "the route is gone", sh = "ip -n blue route del default",
      red = "blue's default route leads to the server",
      because = "blue has no default route" },
    { "the server knows of no lease", sh = ": >$NSLAB_SCRATCH/dnsmasq.leases",
      red = "the server has blue's hardware address among its leases" },
    { "blue has forgotten the server", sh = "ip -n blue neigh flush dev eth0",
      red = "blue has met the server", because = "blue has no entry for 10.0.1.1" },
  },
}

local otherwise = {
  { "done with ip and iptables, as the tutorial does it", steps = {
    [1] = "ip netns add red",
    [3] = "ip netns exec red ip link set dev lo up; ip netns exec red ping -c 1 127.0.0.1",
    [4] = [[ip link add veth-red type veth peer name eth1
            ip link set eth1 netns red
            ip -n red link set eth1 name eth0
            ip addr add 10.0.0.1/24 dev veth-red
            ip -n red addr add 10.0.0.2/24 dev eth0
            ip link set veth-red up
            ip -n red link set eth0 up
            ip netns exec red ping -c 1 -W 1 10.0.0.1]],
    [5] = "ip netns exec red ip route add 192.168.1.0/24 via 10.0.0.1 dev eth0",
    [6] = "ip -n red rule add from 10.0.0.2 lookup 100",
    [7] = "ip netns exec red iptables -A FORWARD -i lo -o eth0 -j ACCEPT",
    [8] = [[ip netns add blue
            ip netns add server
            ip link add eth0 netns blue type veth peer name eth0 netns server
            ip -n server addr add 10.0.1.1/24 dev eth0
            ip -n blue link set eth0 up
            ip -n server link set eth0 up]],
    [9] = [[ip netns exec blue udhcpc -i eth0 -n -q -f -t 10 -T 1
            ip netns exec blue ping -c 1 -W 1 10.0.1.1]],
  } },
  { "done with other names and more than was asked for", steps = {
    [1] = "ip netns add green; ip netns add red",
    [3] = "ip -n red link set lo up; ip netns exec red ping -c 1 127.0.0.2",
    [4] = [[ip link add eth0 netns red type veth peer name to-red
            ip -n red link set eth0 up mtu 1400
            ip link set to-red up mtu 1400
            ip -n red addr add 10.0.0.2/24 brd + dev eth0
            ip addr add 10.0.0.1/24 brd + dev to-red
            ip netns exec red ping -c 1 -W 1 10.0.0.1]],
    [5] = "ip -n red route add 192.168.1.0/24 via 10.0.0.1 metric 5",
    [6] = "ip -n red rule add from 10.0.0.2/32 priority 77 table main",
    [7] = [[ip netns exec red iptables -P FORWARD DROP
            ip netns exec red iptables -A FORWARD -m state --state ESTABLISHED -j ACCEPT
            ip netns exec red iptables -I FORWARD 1 --out-interface eth0 --in-interface lo -j ACCEPT]],
  } },
}

-- What shows something that the checks know from elsewhere.
local looks = { 'red:ping "192.168.1.2"', 'packets that met', 'red:ping "127.0.0.1"', "pcall" }

local function skips_aloud()
  it("says so where the programs of a step are not installed, and the rest holds", function()
    local text = require("nslab.host").lab "inspecting"
    text = text:gsub('expect.programs%("dnsmasq"', 'expect.programs("no-such-dnsmasq"')
    local events, status, stderr = harness.play("inspecting", text)
    assert.same({ 0, "" }, { status, stderr })
    local last = events[#events]
    assert.same({ "end", 8, 0, 1 }, { last.event, last.steps, last.failed, last.skipped })
    local skip = events[#events - 1]
    assert.same({ "skip", 9, "no-such-dnsmasq is not installed" }, { skip.event, skip.step, skip.reason })
  end)
end

harness.lab("inspecting", { looks = looks, spoil = spoil, otherwise = otherwise, also = skips_aloud })
