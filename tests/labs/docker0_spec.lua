-- The lab docker0: it holds, it is not green without doing what it says, and it does not mind how it is
-- done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local spoil = {
  [1] = {
    { "it is a cable", sh = "ip link del docker0; ip link add docker0 type veth peer name x", red = "docker0 is a bridge",
      because = "docker0 is a veth" },
    { "it has no address", sh = "ip addr flush dev docker0", red = "docker0 has the address 172.17.0.1/16",
      because = "docker0 has no address" },
    { "it is down", sh = "ip link set docker0 down", red = "docker0 is up", because = "docker0 is in the host but down" },
  },
  [2] = {
    { "it is pulled out", sh = "ip link set veth-web nomaster", because =
      "veth-web, the other end of eth0, is not plugged into docker0",
      red = "web is plugged into docker0, up, and has 172.17.0.2/16" },
    { "the port is down", sh = "ip link set veth-web down", because = "veth-web is in the host but down",
      red = "web is plugged into docker0, up, and has 172.17.0.2/16" },
    { "the prefix is short", sh = "ip -n web addr flush dev eth0; ip -n web addr add 172.17.0.2/24 dev eth0",
      red = "web is plugged into docker0, up, and has 172.17.0.2/16", because = "eth0 has 172.17.0.2/24, not 172.17.0.2/16" },
    { "lo is down", sh = "ip -n web link set lo down", red = "web's lo is up", because = "lo is in web but down" },
    { "another one is asked", sh = "ip -n web route replace default via 172.17.0.9",
      red = "web hands to the host what it knows no better way for",
      because = "the default route has via 172.17.0.9, not 172.17.0.1" },
    { "web has forgotten the host", sh = "ip -n web neigh flush dev eth0", red = "web has met the host",
      because = "web has no entry for 172.17.0.1" },
  },
  [3] = {
    { "db is plugged into another switch", sh = "ip link add other type bridge; ip link set veth-db master other",
      red = "db is plugged into docker0, up, and has 172.17.0.3/16",
      because = "veth-db, the other end of eth0, is plugged into other, not into docker0" },
    { "it has no way out", sh = "ip -n db route del default", red = "db hands to the host what it knows no better way for",
      because = "db has no default route" },
    { "db is a new one", sh = "ip netns del db; ip netns add db", red = "db has answered web",
      because = "no ping has reached db" },
  },
  [4] = {
    { "the host stops", sh = "sysctl -q -w net.ipv4.ip_forward=0", red = "the host forwards",
      because = "the host does not forward: net.ipv4.ip_forward is 0" },
    { "the rule is about another network", sh = "iptables -t nat -R POSTROUTING 1 -s 172.18.0.0/16 -j MASQUERADE",
      red = "the server in the LAN answers web", because = "web asks the server, and gets no answer" },
  },
  [5] = {
    { "the port is another one", red = "web greets who connects to the host's port 8080",
      sh = "iptables -t nat -R DOCKER 1 -p tcp --dport 8081 -j DNAT --to-destination 172.17.0.2:80",
      because = "the visitor gets: Connection refused" },
    { "web is a new one", sh = "ip netns del web; ip netns add web", red = "web has let somebody in",
      because = "nobody has connected to web" },
  },
  [6] = {
    { "the route leads elsewhere", sh = "ip -n lan route replace 172.17.0.0/16 via 192.168.1.9",
      red = "the lan has a route to the containers", because = "the lan sends it via 192.168.1.9" },
    { "db is a new one", sh = "ip netns del db; ip netns add db", red = "somebody in the lan got an answer from db",
      because = "no ping has reached db" },
  },
  [7] = {
    { "everything is let in", sh = "iptables -I FORWARD -o docker0 -j ACCEPT",
      red = "somebody in the lan gets no answer from db", because = "db answers the lan" },
    { "answers are not", sh = "iptables -D FORWARD 1", red = "the server in the LAN answers web",
      because = "web asks the server, and gets no answer" },
    { "the published port is not", sh = "iptables -F DOCKER", red = "web greets who connects to the host's port 8080",
      because = "the visitor gets no answer" },
  },
  [8] = {
    { "there is a new one", sh = "ip netns add db", red = "there is no namespace db", because = "db is still there" },
    { "there is a third one", sh = "ip link add x master docker0 type veth peer name y",
      red = "the other end of its cable is gone, too" },
    { "web is pulled out, too", sh = "ip link set veth-web nomaster", red = "web is still plugged in",
      because = "veth-web, the other end of eth0, is not plugged into docker0" },
  },
}

local function container(name, address)
  return ([[ip netns add NAME
            ip link add vethNAME type veth peer name tmp
            ip link set tmp netns NAME; ip -n NAME link set tmp name eth0
            ip link set vethNAME master docker0 up
            ip -n NAME link set lo up; ip -n NAME link set eth0 up
            ip -n NAME addr add ADDRESS/16 dev eth0
            ip -n NAME route add default via 172.17.0.1
         ]]):gsub("NAME", name):gsub("ADDRESS", address)
end

local otherwise = {
  { "done with ip, sysctl and iptables", steps = {
    [1] = "ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up",
    [2] = container("web", "172.17.0.2") .. "ip netns exec web ping -c 1 172.17.0.1",
    [3] = container("db", "172.17.0.3") .. "ip netns exec web ping -c 1 172.17.0.3",
    [4] = [[sysctl -w net.ipv4.ip_forward=1
            iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE]],
    [5] = [[iptables -t nat -N DOCKER
            iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
            iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
            ip netns exec lan bash -c 'cat </dev/tcp/192.168.1.2/8080']],
    [6] = "ip -n lan route add 172.17.0.0/16 via 192.168.1.2; ip netns exec lan ping -c 1 172.17.0.3",
    [7] = [[iptables -P FORWARD DROP; iptables -N DOCKER
            iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            iptables -A FORWARD -o docker0 -j DOCKER
            iptables -A FORWARD -i docker0 -j ACCEPT
            iptables -A DOCKER -d 172.17.0.2 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT]],
    [8] = "ip netns del db",
  } },
  { "with rules of one's own", steps = {
    [4] = "sysctl -w net.ipv4.conf.all.forwarding=1; iptables -t nat -A POSTROUTING -o eth0 -j SNAT --to 192.168.1.2",
    [5] = [[iptables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
            ip netns exec lan bash -c 'cat </dev/tcp/192.168.1.2/8080']],
    [7] = [[iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT
            iptables -A FORWARD -i eth0 -j DROP]],
  } },
}

-- What shows only what the checks know from elsewhere. On a plain kernel no rule is asked for what stays
-- within a bridge; where br_netfilter is loaded, containers need theirs.
local looks = { "knock()", "count = 1", "timeout_ms = 20", "-i docker0 -o docker0" }

harness.lab("docker0", { looks = looks, spoil = spoil, otherwise = otherwise })
