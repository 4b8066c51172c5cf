-- The lab firewall: it holds, it is not green without doing what it says, and it does not mind how it is
-- done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local FLUSH = "ip netns exec wall iptables -F FORWARD; "
local IN = "ip netns exec wall "
local NEW_WALL = "ip netns del wall; ip netns add wall"
-- A rule in front that lets the world's pings through.
local ECHO = IN .. "iptables -I FORWARD -p icmp -j ACCEPT"

local spoil = {
  [1] = {
    { "lan and wan are mixed up", red = "the wall's lan leads home", because = "wan leads home",
      sh = [[ip -n wall link set lan down; ip -n wall link set wan down; ip -n wall link set lan name x
             ip -n wall link set wan name lan; ip -n wall link set x name wan]] },
    { "lan and wan are mixed up", red = "the wall's wan leads to the world", because = "lan leads to the world",
      sh = [[ip -n wall link set lan down; ip -n wall link set wan down; ip -n wall link set lan name x
             ip -n wall link set wan name lan; ip -n wall link set x name wan]] },
    { "the world is a new one", sh = "ip netns del world; ip netns add world", red = "the world has answered home",
      because = "no ping has reached world" },
    { "home is a new one", sh = "ip netns del home; ip netns add home", red = "home has answered the world",
      because = "no ping has reached home" },
  },
  [2] = {
    { "the server has ended", sh = "kill -KILL $(grep -lx perl /proc/[0-9]*/comm | cut -d / -f 3); " ..
        "while ip netns exec home grep -q ':0050 .* 0A ' /proc/net/tcp; do sleep 0.01; done",
      red = "the world is greeted at port 80", because = "the visitor gets: Connection refused" },
    { "there is a rule already", sh = IN .. "iptables -A FORWARD -p tcp --dport 22 -j DROP",
      red = "the world is told that nobody is at port 22", because = "the visitor gets: no answer" },
  },
  [3] = {
    { "the wrong chain is closed", sh = IN .. "iptables -P FORWARD ACCEPT; " .. IN .. "iptables -P INPUT DROP",
      red = "what no rule decides about is dropped", because = "what no rule in FORWARD decides about, ACCEPT" },
    { "a rule lets home through", sh = IN .. "iptables -A FORWARD -i lan -j ACCEPT",
      red = "home cannot ask the world", because = "a ping from home gets to world" },
    { "a rule lets the world through", sh = IN .. "iptables -A FORWARD -i wan -j ACCEPT",
      red = "the world cannot ask home", because = "a ping from world gets to home" },
  },
  [4] = {
    { "lan and wan are mixed up", sh = FLUSH .. IN .. "iptables -A FORWARD -i wan -o lan -j ACCEPT",
      red = "home's questions get out into the world", because = "a ping from home does not get to world" },
    { "everything is let through", sh = ECHO, red = "the world cannot ask home",
      because = "a ping from world gets to home" },
  },
  [5] = {
    { "the state is wrong", red = "home gets answers from the world", because = "home asks, and gets no answer",
      sh = IN .. "iptables -R FORWARD 2 -m conntrack --ctstate RELATED -j ACCEPT" },
    { "everything is let through", sh = IN .. "iptables -R FORWARD 2 -j ACCEPT", red = "the world cannot ask home",
      because = "a ping from world gets to home" },
    { "the wall is a new one", sh = NEW_WALL, red = "the wall remembers connections",
      because = "the wall remembers no connection" },
  },
  [6] = {
    { "it is the wrong port", sh = IN .. "iptables -R FORWARD 3 -i wan -p tcp --dport 8080 -j ACCEPT",
      red = "the world is greeted at port 80", because = "the visitor gets: no answer" },
    { "every port is open", sh = IN .. "iptables -R FORWARD 3 -i wan -p tcp -j ACCEPT",
      red = "at port 22 there is silence", because = "the visitor gets: Connection refused" },
    { "everything is let through", sh = ECHO, red = "the world cannot ask home",
      because = "a ping from world gets to home" },
  },
  [7] = {
    { "he is not there", sh = "ip -n world addr del 198.51.100.66/24 dev eth0", red = "198.51.100.66 is in the world",
      because = "eth0 has 198.51.100.2/24, not 198.51.100.66/24" },
    { "the rule is the last one", red = "198.51.100.66 gets no answer at port 80", because = "he is greeted",
      sh = IN .. "iptables -D FORWARD 1; " .. IN .. "iptables -A FORWARD -s 198.51.100.66 -j DROP" },
    { "the rule is about everybody", sh = IN .. "iptables -R FORWARD 1 -i wan -j DROP",
      red = "all others are greeted", because = "the visitor gets: no answer" },
  },
  [8] = {
    { "it is open", sh = IN .. "iptables -P INPUT ACCEPT", red = "what no rule decides about is dropped",
      because = "what no rule in INPUT decides about, ACCEPT" },
    { "home is locked out", sh = IN .. "iptables -D INPUT -i lan -j ACCEPT", red = "home reaches the wall",
      because = "a ping from home does not get to wall" },
    { "the world is let in", sh = IN .. "iptables -A INPUT -i wan -j ACCEPT", red = "the world does not",
      because = "the wall answers the world" },
    { "answers are not let in", sh = IN .. "iptables -D INPUT 1", red = "the wall gets answers from the world",
      because = "the wall asks, and gets no answer" },
  },
}

local otherwise = {
  { "done with ip, sysctl and iptables", steps = {
    [1] = [[for n in home wall world; do ip netns add $n; done
            ip link add eth0 netns home type veth peer name lan netns wall
            ip link add eth0 netns world type veth peer name wan netns wall
            ip -n home addr add 10.5.0.2/24 dev eth0; ip -n wall addr add 10.5.0.1/24 dev lan
            ip -n wall addr add 198.51.100.1/24 dev wan; ip -n world addr add 198.51.100.2/24 dev eth0
            for at in home:eth0 wall:lan wall:wan world:eth0; do ip -n ${at%:*} link set ${at#*:} up; done
            ip -n home route add default via 10.5.0.1; ip -n world route add default via 198.51.100.1
            ip netns exec wall sysctl -w net.ipv4.ip_forward=1
            ip netns exec home ping -c 1 198.51.100.2; ip netns exec world ping -c 1 10.5.0.2]],
    [3] = IN .. "iptables -P FORWARD DROP",
    [4] = IN .. "iptables -A FORWARD -i lan -o wan -m conntrack --ctstate NEW -j ACCEPT",
    [5] = IN .. "iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    [6] = IN .. "iptables -A FORWARD -i wan -d 10.5.0.2 -p tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT",
    [7] = "ip -n world addr add 198.51.100.66/24 dev eth0; " .. IN .. "iptables -I FORWARD 1 -s 198.51.100.66 -j DROP",
    [8] = IN .. "iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT; " ..
          IN .. "iptables -A INPUT -i lan -j ACCEPT; " .. IN .. "iptables -P INPUT DROP",
  } },
  { "with a last rule in place of the policy, and chains of its own", steps = {
    [3] = IN .. "iptables -A FORWARD -j REJECT",
    [4] = IN .. "iptables -N OUT; " .. IN .. "iptables -A OUT -s 10.5.0.0/24 -j ACCEPT; " ..
          IN .. "iptables -I FORWARD ! -i wan -j OUT",
    [5] = IN .. "iptables -I FORWARD -m state --state ESTABLISHED,RELATED -j ACCEPT",
    [6] = IN .. "iptables -I FORWARD 2 -p tcp -m multiport --dports 80,443 -j ACCEPT; " ..
          IN .. "iptables -I FORWARD 3 -i wan -j DROP",
    [7] = "ip -n world addr add 198.51.100.66/24 dev eth0; " ..
          IN .. "iptables -I FORWARD -s 198.51.100.64/30 -j REJECT",
    [8] = IN .. "iptables -A INPUT ! -i wan -j ACCEPT; " ..
          IN .. "iptables -A INPUT -m conntrack ! --ctstate NEW,INVALID -j ACCEPT; " .. IN .. "iptables -A INPUT -j DROP",
  } },
}

-- What is tried shows what the checks know from elsewhere.
local looks = { "timeout_ms = 20", "knock(", "pest_knocks(", "count = 1", 'home:ping "10.5.0.1"', "wall:ping(at_world)" }

harness.lab("firewall", { looks = looks, spoil = spoil, otherwise = otherwise })
