-- The lab wireguard: it holds, it is not green without doing what it says, and it does not mind how it is
-- done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

-- wg reads keys from files.
local KEY = "key() { f=/run/key.$$; cat >$f; echo $f; }\n"
-- The public key that a namespace has now.
local PUBLIC = "public() { ip netns exec $1 wg show wg0 public-key; }\n"

local spoil = {
  [1] = {
    { "red is connected to blue", red = "red is connected to net", because = "no cable leads from red to net",
      sh = "ip -n red link del eth0; ip link add eth0 netns red type veth peer name x netns blue" },
    { "blue is connected to nobody", red = "blue is connected to net", because = "no cable leads from blue to net",
      sh = "ip -n blue link del eth0" },
    { "blue is a new one", red = "blue has answered red", because = "no ping has reached blue",
      sh = "ip netns del blue; ip netns add blue" },
  },
  [2] = {
    { "red's has no key", red = "both have a WireGuard link with a key", because = "wg0 in red has no key",
      sh = "ip -n red link del wg0; ip -n red link add wg0 type wireguard" },
    { "both have the same key", red = "they are two different keys", because = "both have the same key", sh = KEY ..
      "ip netns exec blue wg set wg0 private-key $(ip netns exec red wg show wg0 private-key | key)" },
    { "red takes any port", red = "both listen on port 51820", because = "red listens on 51821",
      sh = "ip netns exec red wg set wg0 listen-port 51821" },
  },
  [3] = {
    { "red looks elsewhere", red = "red knows blue by its public key, and where it is",
      because = "red looks for blue at 192.0.2.1:51820",
      sh = PUBLIC .. "ip netns exec red wg set wg0 peer $(public blue) endpoint 192.0.2.1:51820" },
    { "blue knows itself", red = "blue knows red by its public key",
      because = "blue knows somebody, but not by red's public key", sh = PUBLIC .. KEY ..
      "ip netns exec red wg set wg0 private-key $(wg genkey | key)" },
    { "red allows another address", red = "10.9.0.2 is blue's, says red",
      because = "red allows blue 10.9.0.3/32, not 10.9.0.2/32",
      sh = PUBLIC .. "ip netns exec red wg set wg0 peer $(public blue) allowed-ips 10.9.0.3/32" },
    { "blue allows red nothing", red = "10.9.0.1 is red's, says blue", because = "blue allows red nothing, not 10.9.0.1/32",
      sh = PUBLIC .. "ip netns exec blue wg set wg0 peer $(public red) allowed-ips ''" },
  },
  [4] = {
    { "blue's address is another one", red = "both ends have their address, and are up",
      because = "wg0 has 10.9.0.3/24, not 10.9.0.2/24",
      sh = "ip -n blue addr flush dev wg0; ip -n blue addr add 10.9.0.3/24 dev wg0" },
    { "red's end is down", red = "both ends have their address, and are up", because = "wg0 is in red but down",
      sh = "ip -n red link set wg0 down" },
    { "blue was introduced again", red = "red and blue have greeted each other",
      because = "red and blue have not greeted each other yet", sh = PUBLIC .. [[
        ip netns exec red wg set wg0 peer $(public blue) remove
        ip netns exec red wg set wg0 peer $(public blue) allowed-ips 10.9.0.2/32]] },
    { "blue has forgotten where red is", red = "blue has learnt where red is",
      because = "blue looks for red at nowhere", sh = PUBLIC .. [[
        ip netns exec blue wg set wg0 peer $(public red) remove
        ip netns exec blue wg set wg0 peer $(public red) allowed-ips 10.9.0.1/32]] },
  },
  [5] = {
    { "it has only just begun to count", red = "net has forwarded UDP", because = "no UDP has passed since net counts",
      sh = "ip netns exec net iptables -Z" },
    { "red has pinged outside the tunnel", red = "and not a single ping", because = "net has seen 2 packets of ICMP",
      sh = "ip netns exec red ping -c 1 198.51.100.2" },
  },
  [6] = {
    { "blue has lost it", red = "blue has 10.20.0.1", because = "blue has no 10.20.0.1",
      sh = "ip -n blue addr flush dev lo" },
    { "red sends it past the tunnel", red = "red sends what is for it into the tunnel", because = "red sends it out at eth0",
      sh = "ip -n red route del 10.20.0.0/24" },
    { "the new addresses replaced the old one", red = "10.9.0.2 is still blue's, too",
      because = "red allows blue 10.20.0.0/24, not 10.9.0.2/32",
      sh = PUBLIC .. "ip netns exec red wg set wg0 peer $(public blue) allowed-ips 10.20.0.0/24" },
  },
  [7] = {
    { "blue's secret is another one", red = "red and blue share a secret", because = "red's is another one than blue's",
      sh = PUBLIC .. KEY .. "ip netns exec blue wg set wg0 peer $(public red) preshared-key $(wg genpsk | key)" },
    { "blue is off", red = "blue answers through the tunnel", because = "no answer comes from 10.9.0.2",
      sh = "ip -n blue link set wg0 down" },
  },
}

local WG = PUBLIC .. KEY

local otherwise = {
  { "done with ip, wg, iptables and ping", steps = {
    [1] = [[for n in red net blue; do ip netns add $n; done
            ip link add eth0 netns red type veth peer name to-red netns net
            ip link add eth0 netns blue type veth peer name to-blue netns net
            for at in red:eth0 net:to-red net:to-blue blue:eth0; do ip -n ${at%:*} link set ${at#*:} up; done
            ip -n red addr add 192.0.2.2/24 dev eth0; ip -n net addr add 192.0.2.1/24 dev to-red
            ip -n blue addr add 198.51.100.2/24 dev eth0; ip -n net addr add 198.51.100.1/24 dev to-blue
            ip -n red route add default via 192.0.2.1; ip -n blue route add default via 198.51.100.1
            ip netns exec net sysctl -w net.ipv4.ip_forward=1
            ip netns exec red ping -c 1 198.51.100.2]],
    [2] = WG .. [[for n in red blue; do ip -n $n link add wg0 type wireguard
            ip netns exec $n wg set wg0 private-key $(wg genkey | key) listen-port 51820; done]],
    [3] = WG .. [[ip netns exec red wg set wg0 peer $(public blue) endpoint 198.51.100.2:51820 allowed-ips 10.9.0.2/32
            ip netns exec blue wg set wg0 peer $(public red) allowed-ips 10.9.0.1/32]],
    [4] = [[ip -n red addr add 10.9.0.1/24 dev wg0; ip -n blue addr add 10.9.0.2/24 dev wg0
            ip -n red link set wg0 up; ip -n blue link set wg0 up
            ip netns exec red ping -c 1 -W 5 10.9.0.2]],
    [5] = [[ip netns exec net iptables -A FORWARD -p icmp; ip netns exec net iptables -A FORWARD -p udp
            ip netns exec red ping -c 1 -W 5 10.9.0.2]],
    [6] = WG .. [[ip -n blue addr add 10.20.0.1/24 dev lo; ip -n red route add 10.20.0.0/24 dev wg0
            ip netns exec red wg set wg0 peer $(public blue) allowed-ips 10.9.0.2/32,10.20.0.0/24]],
    [7] = WG .. [[secret=$(wg genpsk | key)
            ip netns exec red wg set wg0 peer $(public blue) preshared-key $secret
            ip netns exec blue wg set wg0 peer $(public red) preshared-key $secret]],
  } },
  { "with other names, a wider peer, and blue told where red is", steps = {
    [2] = WG .. [[for n in red blue; do ip -n $n link add tunnel type wireguard
            ip netns exec $n wg set tunnel private-key $(wg genkey | key) listen-port 51820; done]],
    [3] = [[red=$(ip netns exec red wg show tunnel public-key) blue=$(ip netns exec blue wg show tunnel public-key)
            ip netns exec red wg set tunnel peer $blue endpoint 198.51.100.2:51820 allowed-ips 10.9.0.2/32,10.20.0.0/24
            ip netns exec blue wg set tunnel peer $red endpoint 192.0.2.2:51820 allowed-ips 10.9.0.1/32]],
    [4] = [[ip -n red addr add 10.9.0.1/24 dev tunnel; ip -n blue addr add 10.9.0.2/24 dev tunnel
            ip -n red link set tunnel up; ip -n blue link set tunnel up
            ip netns exec red ping -c 1 -W 5 10.9.0.2]],
    [6] = "ip -n blue addr add 10.20.0.1/32 dev lo; ip -n red route add 10.20.0.0/24 via 10.9.0.2",
    [7] = WG .. [[s=$(wg genpsk | key)
            ip netns exec red wg set tunnel peer $(ip netns exec blue wg show tunnel public-key) preshared-key $s
            ip netns exec blue wg set tunnel peer $(ip netns exec red wg show tunnel public-key) preshared-key $s]],
  } },
}

-- What is sent to be seen, or makes the next handshake come at once.
local looks = { 'ping, red, "10.20', 'red:ping("10.20', "count = 1", "up = false", "for _, rule in" }

harness.lab("wireguard", { looks = looks, spoil = spoil, otherwise = otherwise })
