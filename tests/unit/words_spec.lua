-- words: operations as commands, commands as operations, and that each is the other's way back. No
-- kernel: what the commands do to one is compared in tests/oracle.

local core = require "nslab.core"
local schemas = core.schemas()
local grammar = require "nslab.words.grammar"
local ip = require "nslab.words.ip"
local objects = require "nslab.words.objects"
local words = require "nslab.words"

-- ---- operations as commands --------------------------------------------------------------------------

-- { command or false, module, verb, key, options, netns }
local COMMANDS = {
  { "ip netns add red", "netns", "add", "red" },
  { "ip netns del red", "netns", "delete", "red" },
  { "ip netns list", "netns", "list" },
  { false, "netns", "get", "red" },
  { "ip link add veth-red type veth peer name veth-blue", "link", "add", "veth-red",
    { veth = { peer = "veth-blue" } } },
  { "ip link add veth-red-br up master v-net-0 type veth peer name eth0 netns red", "link", "add",
    "veth-red-br", { master = "v-net-0", up = true,
                     veth = { peer = { name = "eth0", netns = "red", up = true } } } },
  { "ip -n red link add veth-red type veth peer name veth-blue", "link", "add", "veth-red",
    { type = "veth", veth = { peer = "veth-blue" } }, "red" },
  { "ip link add v-net-0 type bridge", "link", "add", "v-net-0", { type = "bridge" } },
  { "ip link add v-net-0 up type bridge stp_state 1 priority 4096", "link", "add", "v-net-0",
    { up = true, bridge = { priority = 4096, stp_state = true } } },
  { "ip link set v-net-0 type bridge stp_state 0", "link", "set", "v-net-0",
    { bridge = { stp_state = false } } },
  { "ip link set veth-red netns red", "link", "set", "veth-red", { netns = "red" } },
  { "ip link set veth-red netns 1234", "link", "set", "veth-red", { netns = 1234 } },
  { "ip -n red link set veth-red up", "link", "set", "veth-red", { up = true }, "red" },
  { "ip link set veth-red down arp off promisc on", "link", "set", "veth-red",
    { up = false, arp = false, promisc = true } },
  { "ip link set veth-red nomaster", "link", "set", "veth-red", { master = false } },
  { "ip link set if7 mtu 1400", "link", "set", 7, { mtu = 1400 } },
  { "ip link set old name new", "link", "set", "old", { name = "new" } },
  { "ip link set x alias 'two words'", "link", "set", "x", { alias = "two words" } },
  { "ip link set dev up up", "link", "set", "up", { up = true } },
  { "ip link set dev a down", "link", "set", "a", { up = false } },
  { "ip link add name mtu mtu 1400 type bridge", "link", "add", "mtu",
    { mtu = 1400, type = "bridge" } },
  { "ip link", "link", "list" },
  { "ip -n red link", "link", "list", nil, {}, "red" },
  { "ip link show type veth", "link", "list", nil, { type = "veth" } },
  { "ip link show up master br0", "link", "list", nil, { master = "br0", up = true } },
  { "ip link show veth-red", "link", "list", nil, { name = "veth-red" } },
  { "ip link show veth-red", "link", "get", "veth-red" },
  { false, "link", "list", nil, { operstate = "up" } },
  { "ip link del veth-red", "link", "delete", "veth-red" },
  { "ip -n red addr add 192.168.15.1/24 dev veth-red", "addr", "add", "192.168.15.1/24",
    { dev = "veth-red" }, "red" },
  { "ip addr add 10.0.0.1/24 broadcast + dev v0 label v0:1", "addr", "add", "10.0.0.1/24",
    { broadcast = "+", dev = "v0", label = "v0:1" } },
  { "ip addr add 10.0.0.1/32 peer 10.0.0.2/32 dev v0", "addr", "add", "10.0.0.1/32",
    { peer = "10.0.0.2/32", dev = "v0" } },
  { "ip addr replace fd00::1/64 dev v0 valid_lft 60 preferred_lft forever nodad", "addr", "replace",
    "fd00::1/64", { dev = "v0", valid_lft = 60, preferred_lft = "forever", nodad = true,
                    home = false } },
  { "ip addr del 10.0.0.1/24 dev v0", "addr", "delete", "10.0.0.1/24", { dev = "v0" } },
  { "ip addr", "addr", "list" },
  { "ip addr show dev v0", "addr", "list", nil, { dev = "v0" } },
  { "ip -6 addr show dev v0 scope link -tentative dynamic", "addr", "list", nil,
    { dev = "v0", scope = "link", tentative = false, permanent = false, family = "inet6" } },
  { "ip addr flush dev v0", "addr", "flush", nil, { dev = "v0" } },
  { false, "addr", "get", "10.0.0.1/24", { address = "10.0.0.1/24", dev = "v0" } },
  { "ip route add default via 10.0.0.1", "route", "add", "default", { via = "10.0.0.1" } },
  { "ip route add blackhole 10.0.0.0/8 metric 5", "route", "add", "10.0.0.0/8",
    { type = "blackhole", metric = 5 } },
  { "ip route append 10.0.0.0/8 tos 0x10 dev v0 proto static scope link src 10.0.0.9 table 100 onlink",
    "route", "append", "10.0.0.0/8", { dev = "v0", tos = 16, src = "10.0.0.9", table = 100,
                                       protocol = "static", scope = "link", onlink = true } },
  { "ip route change 10.0.0.0/8 dev v0 mtu 1400 pref high", "route", "set", "10.0.0.0/8",
    { dev = "v0", mtu = 1400, pref = "high" } },
  { "ip route get 1.2.3.4", "route", "get", "1.2.3.4" },
  { "ip -n red route get 1.2.3.4 from 10.0.0.1 iif v0 mark 7", "route", "get", "1.2.3.4",
    { from = "10.0.0.1", iif = "v0", mark = 7 }, "red" },
  { "ip route", "route", "list" },
  { "ip -6 route", "route", "list", nil, { family = "inet6" } },
  { "ip route show table all", "route", "list", nil, { table = "all" } },
  { "ip route show 10.0.0.0/8", "route", "list", nil, { exact = "10.0.0.0/8" } },
  { "ip route show type blackhole dev v0", "route", "list", nil, { type = "blackhole", dev = "v0" } },
  { "ip -n red neigh", "neigh", "list", nil, nil, "red" },
  { "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 nud stale dev v0", "neigh", "add", "10.0.0.2",
    { dev = "v0", lladdr = "02:00:00:00:00:02", nud = "stale" } },
  { "ip neigh add proxy 10.0.0.3 dev v0", "neigh", "add", "10.0.0.3", { dev = "v0", proxy = true } },
  { "ip neigh get 10.0.0.2 dev v0", "neigh", "get", "10.0.0.2", { dst = "10.0.0.2", dev = "v0" } },
  { "ip neigh show 10.0.0.2", "neigh", "get", "10.0.0.2", { dst = "10.0.0.2" } },
  { "ip neigh flush nud stale dev v0", "neigh", "flush", nil, { dev = "v0", nud = "stale" } },
  { "ip rule add from 10.0.0.0/24 lookup 100 priority 1000", "rule", "add", nil,
    { from = "10.0.0.0/24", table = 100, priority = 1000 } },
  { "ip rule add not from all fwmark 1/0xff iif lo ipproto tcp blackhole", "rule", "add", nil,
    { invert = true, from = "all", fwmark = 1, fwmask = 255, iif = "lo", ipproto = "tcp",
      action = "blackhole" } },
  { "ip rule add goto 100 priority 5", "rule", "add", nil,
    { action = "goto", target = 100, priority = 5 } },
  { "ip -6 rule add from fd00::/64 lookup 100", "rule", "add", nil, { from = "fd00::/64", table = 100 } },
  { "ip -6 rule del priority 5", "rule", "delete", nil, { family = "inet6", priority = 5 } },
  { "ip rule", "rule", "list" },
  { "ip rule flush", "rule", "flush" },
  { "ip netns exec red ping -c 1 192.168.15.2", "netns", "ping", "192.168.15.2", nil, "red" },
  { "ping -c 3 -i 0.2 -W 1.5 -s 100 -I v0 10.0.0.1", "netns", "ping", "10.0.0.1",
    { count = 3, interval_ms = 200, timeout_ms = 1500, size_bytes = 100, dev = "v0" }, "host" },
  { "ip netns exec red python3 -c 'print(1)'", "netns", "exec", "python3 -c 'print(1)'", nil, "red" },
  { "ip netns exec 'a b' nc -l 80 &", "netns", "spawn", "nc -l 80", nil, "a b" },
  { "uname -a", "netns", "exec", "uname -a", nil, "host" },
  { "ip netns exec red unshare --pid --fork --mount-proc sleep 60 &", "netns", "spawn", "sleep 60",
    { "sleep", 60, pid = true, mount = true }, "red" },
  { "unshare --mount ls", "netns", "exec", "ls", { "ls", mount = true }, "host" },
  { "iptables -S", "iptables", "list" },
  { "ip netns exec red iptables -t nat -S POSTROUTING", "iptables", "list", "POSTROUTING",
    { table = "nat", chain = "POSTROUTING" }, "red" },
  { "ip6tables-save -t nat", "ip6tables", "save", nil, { table = "nat" } },
  { "sysctl -w net.ipv4.ip_forward=1", "sysctl", "set", "net.ipv4.ip_forward", { value = 1 } },
  { "ip netns exec red sysctl -w net.ipv4.ip_forward=1", "sysctl", "set", "net.ipv4.ip_forward",
    { value = true }, "red" },
  { "sysctl net.ipv4.ip_forward", "sysctl", "get", "net.ipv4.ip_forward" },
  { "nsenter -t 42 -n ip link", "link", "list", nil, nil, "pid 42" },
  { false, "lab", "step" },
}

local function operation(row)
  return { module = row[2], verb = row[3], key = row[4], options = row[5], netns = row[6] }
end

describe("an operation as a command", function()
  for _, row in ipairs(COMMANDS) do
    local title = row[1] or ("%s.%s has none"):format(row[2], row[3])
    it(title, function()
      assert.equal(row[1] or nil, words.command(operation(row)))
    end)
  end
end)

-- ---- commands as operations --------------------------------------------------------------------------

-- { line, { module, verb, key, options, netns } }
local LINES = {
  { "ip a", { "addr", "list" } },
  { "ip r", { "route", "list" } },
  { "ip ro", { "route", "list" } },
  { "ip n", { "neigh", "list" } },
  { "ip ne show", { "neigh", "list" } },
  { "ip ru", { "rule", "list" } },
  { "ip l", { "link", "list" } },
  { "ip net", { "netns", "list" } },
  { "ip addr s", { "addr", "list" } },
  { "ip l s dev x up", { "link", "set", "x", { up = true } } },
  { "ip link set x up", { "link", "set", "x", { up = true } } },
  { "ip l a br0 ty bridge", { "link", "add", "br0", { type = "bridge" } } },
  { "ip link add name br0 type bridge s 1", { "link", "add", "br0", { bridge = { stp_state = true } } } },
  { "ip link add x type bridge stp_stat 1 mcast_st 3 p 7",
    { "link", "add", "x", { bridge = { stp_state = true, mcast_startup_query_count = 3, priority = 7 } } } },
  { "ip link add type bridge", { "link", "add", "bridge%d", { type = "bridge" } } },
  { "ip link add veth-red type veth peer name veth-blue",
    { "link", "add", "veth-red", { veth = { peer = "veth-blue" } } } },
  { "ip link add v1 mtu 1400 type veth peer v2 mtu 1300 netns red",
    { "link", "add", "v1", { mtu = 1400, veth = { peer = { name = "v2", mtu = 1300, netns = "red" } } } } },
  { "ip link set dev x address 2:0:0:0:0:1 t 5 n",
    { "link", "set", "x", { address = "2:0:0:0:0:1", txqueuelen = 5, master = false } } },
  { "ip link del x", { "link", "delete", "x" } },
  { "ip link show", { "link", "list" } },
  { "ip link show dev x", { "link", "get", "x" } },
  { "ip link show x up", { "link", "list", nil, { name = "x", up = true } } },
  { "ip link show type bridge_slave", { "link", "list", nil, { slave_type = "bridge" } } },
  { "ip link set x netns 1", { "link", "set", "x", { netns = 1 } } },
  { "ip -n red link", { "link", "list", nil, nil, "red" } },
  { "ip -netns red -4 a s x", { "addr", "list", nil, { dev = "x", family = "inet" }, "red" } },
  { "ip --family inet6 addr", { "addr", "list", nil, { family = "inet6" } } },
  { "ip -c link", { "link", "list" } },
  { "ip -color=auto link", { "link", "list" } },
  { "sudo ip link", { "link", "list" } },
  { "sudo -E /sbin/ip netns add red", { "netns", "add", "red" } },
  { "ip netns", { "netns", "list" } },
  { "ip netns d red", { "netns", "delete", "red" } },
  { "ip netns exec red ip link set lo up", { "link", "set", "lo", { up = true }, "red" } },
  { "ip netns exec red ip -n blue link", { "link", "list", nil, nil, "blue" } },
  { "ip netns exec red sudo ip a", { "addr", "list", nil, nil, "red" } },
  { "ip netns exec red cat '/etc/my hosts'", { "netns", "exec", nil, { "cat", "/etc/my hosts" }, "red" } },
  { "ip addr add 10.0.0.1 dev x", { "addr", "add", "10.0.0.1/32", { dev = "x" } } },
  { "ip addr add fd00::1 dev x", { "addr", "add", "fd00::1/128", { dev = "x", nodad = false } } },
  { "ip addr add 10.1/16 dev x", { "addr", "add", "10.1.0.0/16", { dev = "x" } } },
  { "ip addr add 10.0.0.1/255.255.255.0 brd + dev x",
    { "addr", "add", "10.0.0.1/24", { dev = "x", broadcast = "+" } } },
  { "ip addr add local 10.0.0.1 peer 10.0.0.2/24 dev x",
    { "addr", "add", "10.0.0.1/24", { dev = "x", peer = "10.0.0.2/24" } } },
  { "ip addr add 10.0.0.1/24 dev x nodad", { "addr", "add", "10.0.0.1/24", { dev = "x" } } },
  { "ip addr add fd00::1/64 dev x nodad v 60 preferr 30",
    { "addr", "add", "fd00::1/64", { dev = "x", nodad = true, valid_lft = 60, preferred_lft = 30 } } },
  { "ip addr change 10.0.0.1/24 dev x", { "addr", "replace", "10.0.0.1/24", { dev = "x" } } },
  { "ip addr del 10.0.0.1 dev x", { "addr", "delete", "10.0.0.1", { dev = "x" } } },
  { "ip addr del fd00::1 dev x", { "addr", "delete", "fd00::1/128", { dev = "x" } } },
  { "ip addr show dynamic -tentative primary",
    { "addr", "list", nil, { permanent = false, tentative = false, secondary = false } } },
  { "ip addr flush dev x scope global", { "addr", "flush", nil, { dev = "x", scope = "global" } } },
  { "ip route add default via 10.0.0.1 dev x",
    { "route", "add", "default", { via = "10.0.0.1", dev = "x" } } },
  { "ip route add 10/8 via 10.0.0.1", { "route", "add", "10.0.0.0/8", { via = "10.0.0.1" } } },
  { "ip route add to blackhole 10.0.0.0/8", { "route", "add", "10.0.0.0/8", { type = "blackhole" } } },
  { "ip route add unreachable default pri 7",
    { "route", "add", "default", { type = "unreachable", metric = 7 } } },
  { "ip r a 10.0.0.0/8 dev x p 0x10 pro static t 100 tos 10 w 5 i 2 initr 3",
    { "route", "add", "10.0.0.0/8", { dev = "x", metric = 16, protocol = "static", table = 100,
                                      tos = 16, window = 5, initcwnd = 2, initrwnd = 3 } } },
  { "ip r c 10.0.0.0/8 dev x", { "route", "set", "10.0.0.0/8", { dev = "x" } } },
  { "ip r ap 10.0.0.0/8 dev x", { "route", "append", "10.0.0.0/8", { dev = "x" } } },
  { "ip route get 1.2.3.4 f 10.0.0.1 o x i lo m 0x1f u 0",
    { "route", "get", "1.2.3.4", { from = "10.0.0.1", dev = "x", iif = "lo", mark = 31, uid = 0 } } },
  { "ip route show 10.0.0.0/8", { "route", "list", nil, { exact = "10.0.0.0/8" } } },
  { "ip route list exact default", { "route", "list", nil, { exact = "default" } } },
  { "ip route list p static s link", { "route", "list", nil, { protocol = "static", scope = "link" } } },
  { "ip route flush table 100", { "route", "flush", nil, { table = 100 } } },
  { "ip -6 route", { "route", "list", nil, { family = "inet6" } } },
  { "ip neigh add 10.0.0.2 l 02:00:00:00:00:01 dev x nud perm",
    { "neigh", "add", "10.0.0.2", { dev = "x", lladdr = "02:00:00:00:00:01", nud = "permanent" } } },
  { "ip neighbour add proxy 10.0.0.3 dev x", { "neigh", "add", "10.0.0.3", { dev = "x", proxy = true } } },
  { "ip n show 10.0.0.2", { "neigh", "list", nil, { dst = "10.0.0.2" } } },
  { "ip n get 10.0.0.2 dev x", { "neigh", "get", "10.0.0.2", { dev = "x" } } },
  { "ip n flush dev x nud r", { "neigh", "flush", nil, { dev = "x", nud = "reachable" } } },
  { "ip rule add from 10.0.0.0/24 table 100 pref 1000",
    { "rule", "add", nil, { from = "10.0.0.0/24", table = 100, priority = 1000 } } },
  { "ip rule add fwmark 0x10/0xff ta main o 7",
    { "rule", "add", nil, { fwmark = 16, fwmask = 255, table = "main", priority = 7 } } },
  { "ip rule add not to 10.0.0.1 goto 100",
    { "rule", "add", nil, { invert = true, to = "10.0.0.1", target = 100 } } },
  { "ip rule add from all prohibit dev lo",
    { "rule", "add", nil, { from = "all", action = "prohibit", iif = "lo" } } },
  { "ip rule del type blackhole", { "rule", "delete", nil, { action = "blackhole" } } },
  { "ip rule show table main", { "rule", "list", nil, { table = "main" } } },
  { "ip rule flush", { "rule", "flush" } },
  { "ip route show t all", { "route", "list", nil, { table = "all" } } },
  { "bridge vlan a vid 10 dev x pvid untagged", { "vlan", "add", 10, { dev = "x", pvid = true, untagged = true } } },
  { "bridge vlan del dev x vid 100-200", { "vlan", "delete", "100-200", { dev = "x" } } },
  { "bridge vlan add dev x vid 10-11 tunnel_info id 20-21",
    { "vlan", "add", "10-11", { dev = "x", tunnel_id = "20-21" } } },
  { "bridge v s dev x vid 7", { "vlan", "list", nil, { dev = "x", vid = 7 } } },
  { "bridge mdb add dev br0 port x grp 239.1.1.1 permanent vid 5",
    { "mdb", "add", "239.1.1.1", { dev = "br0", port = "x", state = "permanent", vid = 5 } } },
  { "bridge vni add vni 100-110 dev vx0 group 239.1.1.1",
    { "vni", "add", "100-110", { dev = "vx0", group = "239.1.1.1" } } },
  { "bridge vn del dev vx0 vni 7", { "vni", "delete", 7, { dev = "vx0" } } },
  { "bridge vni", { "vni", "list" } },
  { "ping 10.0.0.1", { "netns", "ping", "10.0.0.1" } },
  { "ping -c3 -i .2 -W 2 fd00::1", { "netns", "ping", "fd00::1",
                                     { count = 3, interval_ms = 200, timeout_ms = 2000 } } },
  { "ip netns exec red ping -c 1 10.0.0.1", { "netns", "ping", "10.0.0.1", { count = 1 }, "red" } },
  { "sysctl -w net.ipv4.ip_forward=1", { "sysctl", "set", "net.ipv4.ip_forward", { value = 1 } } },
  { "sysctl net/ipv4/ip_forward", { "sysctl", "get", "net.ipv4.ip_forward" } },
  { "sudo iptables -t nat -A POSTROUTING -j MASQUERADE",
    { "iptables", "command", "-t nat -A POSTROUTING -j MASQUERADE" } },
  { 'ip link set x alias "two words"', { "link", "set", "x", { alias = "two words" } } },
  { "ip link set x alias it\\'s", { "link", "set", "x", { alias = "it's" } } },
  { "ip link # all of them", { "link", "list" } },
  { "ip link set dev type up", { "link", "set", "type", { up = true } } },
}

local function expected(row)
  local module, verb, key, options, netns = table.unpack(row, 1, 5)
  if not options and key == nil and module ~= "netns" and module ~= "sysctl" then options = {} end
  return { module = module, verb = verb, key = key, options = options, netns = netns }
end

describe("a command as an operation", function()
  for _, row in ipairs(LINES) do
    it(row[1], function() assert.same(expected(row[2]), words.read(row[1])) end)
  end
end)

-- ---- what cannot be read -----------------------------------------------------------------------------

-- { line, the word it stops at }
local WRONG = {
  { "ip route add default vai 10.0.0.1", "vai" },
  { "ip route add", "route add" },
  { "ip route add via 10.0.0.1", "route add" },
  { "ip route add 10.0.0.0/33 dev x", "10.0.0.0/33" },
  { "ip route add default via", "via" },
  { "ip route add default scope glob", "glob" },
  { "ip route show near 10.0.0.0/8", "near" },
  { "ip route flush", "route flush" },
  { "ip route frob", "frob" },
  { "ip frob", "frob" },
  { "ip", "ip" },
  { "ip -j link", "-j" },
  { "ip -s route", "-s" },
  { "ip -n", "-n" },
  { "ip -f ipx addr", "ipx" },
  { "ip addr add 10.0.0.1/24", "addr add" },
  { "ip addr add 10.0.0.1/24 dve x", "dve" },
  { "ip addr add dev x", "addr add" },
  { "ip addr flush", "addr flush" },
  { "ip addr show to 10.0.0.0/8", "to" },
  { "ip link add br0", "link add" },
  { "ip link set up", "link set" },
  { "ip link set x up garbage", "garbage" },
  { "ip link set x arp maybe", "maybe" },
  { "ip link set x mtu large", "large" },
  { "ip link set x mtu 5 mtu 6", "mtu" },
  { "ip link set x address zz", "zz" },
  { "ip link add x type bridge stp on", "on" },
  { "ip link add x type dummy numtxqueues 4", "numtxqueues" },
  { "ip neigh add 10.0.0.1 dev x nud st", "st" },
  { "ip rule add from fd00::/64 table 100", "fd00::/64" },
  { "ip neigh show nud everything", "everything" },
  { "ip rule add", "rule add" },
  { "ip rule del", "rule delete" },
  { "ip rule add fwmark 1/x", "x" },
  { "ip rule add sport 80-x", "80-x" },
  { "ip route add default nexthop", "nexthop" },
  { "ip route add default nexthop via 10.0.0.1 nexthop", "nexthop" },
  { "ip route add default nexthop via 10.0.0.1 frob 3", "frob" },
  { "ip route add default rtt 100", "100" },
  { "ip nexthop add id 1 group 1/x", "1/x" },
  { "ip netns add", "add" },
  { "ip netns add a b", "b" },
  { "ip netns frob", "frob" },
  { "ip netns exec red", "red" },
  { "bridge link set dev v0 cost many", "many" },
  { "bridge link set dev v0 hwmode vepa", "hwmode" },
  { "bridge link set dev v0 cost 3 self", "self" },
  { "bridge vlan add dev v0", "vlan add" },
  { "bridge vlan add vid 10", "vlan add" },
  { "bridge vlan add dev v0 vid 10 tunnel_info vni 7", "vni" },
  { "bridge vlan add dev v0 vid 10 state 3", "state" },
  { "bridge vlan set dev v0 vid 10 pvid", "pvid" },
  { "bridge mdb add dev br0 grp 239.1.1.1", "mdb add" },
  { "bridge vni add vni 7", "vni add" },
  { "bridge vni add dev vx0", "vni add" },
  { "bridge vni add vni 7,9 dev vx0", "7,9" },
  { "bridge vni a vni 7 dev vx0", "a" },
  { "ip link | grep veth", "|" },
  { "ip link > file", ">" },
  { "ip link show $DEV", "$DEV" },
  { "ip link show 'x", "'x" },
  { "brctl show", "brctl" },
  { "sudo", "sudo" },
  { "ping -f 10.0.0.1", "-f" },
  { "ping", "ping" },
  { "ping -c x 10.0.0.1", "x" },
  { "sysctl -p", "-p" },
  { "ip link; ip addr", "ip link; ip addr" },
  { "ip addr add all dev v0 broadcast 10.1.0.255", "all" },
  { "ip addr add default peer 10.0.0.1 dev v0", "default" },
  { "ip addr add 10.0.0.1 peer any dev v0", "any" },
  { "ip link add link v0 name x0 type macvlan macaddr 02:00:00:00:00:01", "02:00:00:00:00:01" },
}

describe("a command that cannot be read", function()
  for _, row in ipairs(WRONG) do
    it(row[1], function()
      local ok, err = pcall(words.read, row[1])
      assert.is_false(ok)
      assert.equal("EINVAL", err.code)
      assert.equal(row[2], err.field)
      assert.matches(row[2], tostring(err), 1, true)
    end)
  end
end)

-- Some of the commands of the captured messages, cut off behind each word, and with each word left out.
describe("a command with something missing", function()
  it("is read, or refused with a word", function()
    local tried, commands = 0, 0
    local function try(list, skip, last)
      local text = {}
      for i = 1, last do text[#text + 1] = i ~= skip and list[i] or nil end
      local ok, err = pcall(words.read, table.concat(text, " "))
      assert.truthy(ok or type(err) == "table" and err.code == "EINVAL", table.concat(text, " ") .. ": " .. tostring(err))
      tried = tried + 1
    end
    for path in io.popen("ls tests/golden/commands/*.txt"):lines() do
      for line in io.lines(path) do
        local list = {}
        for word in line:gmatch "%S+" do list[#list + 1] = word end
        local command = list[1] == "ip" or list[1] == "bridge" or list[1] == "tc"
        commands = commands + (command and 1 or 0)
        for i = 2, command and commands % 17 == 0 and #list or 0 do
          try(list, nil, i)
          try(list, i, #list)
        end
      end
    end
    assert.truthy(tried > 1000, tried)
  end)
end)

-- ---- both ways ---------------------------------------------------------------------------------------

local seed = tonumber(os.getenv "NSLAB_SEED") or os.time()
local ROUNDS = 25

-- Values of each codec, odd ones among them.
local function some(list)
  return function() return list[math.random(#list)] end
end

local function number(most)
  return function() return math.random(0, most) end
end

local texts = some { "x", "veth-red", "up", "dev", "a", "type", "two words", "it's", "-4", "0x1", "#1" }
local ADDRESSES = { v4 = { "10.0.0.1", "192.168.15.2" }, v6 = { "fd00::1", "::1" } }

local function names_or(most)
  return function(row)
    if math.random(3) > 1 or row.words:match "^%[" then return row.names[math.random(#row.names)] end
    return math.random(100, most)
  end
end

local family -- of the operation that is being made up
local ENCAPS = {
  { mpls = { labels = "100/200", ttl = 5 } }, { ip = { id = 5, src = "10.0.0.1", dst = "10.0.0.9", key = true } },
  { ip6 = { dst = "fd00::9", hoplimit = 3, tc = 255 } },
  { seg6 = { mode = "encap.red", segs = { "fd00::2", "fd00::3" } } },
  { seg6local = { action = "End.B6", segs = { "fd00::2" }, iif = "x" } },
  { seg6local = { action = "End.T", table = "main", count = true } },
}

local VALUES = {
  encap = function() return ENCAPS[math.random(#ENCAPS)] end,
  u8 = number(255), u16 = number(65535), u32 = number(4294967295), s32 = number(2147483647),
  bool8 = some { true, false }, bool32 = some { true, false }, bit = some { true },
  enum = names_or(200), table = names_or(100000), string = texts,
  ifname = some { "x", "veth-red", "up", "dev", "a", "type", "name" }, dev = texts,
  mac = some { "02:00:00:00:00:01", "ff:ff:ff:ff:ff:ff" }, kind = some { "bridge", "dummy" },
  lifetime = some { "forever", 0, 60 }, netns = some { "red", 42 }, ipproto = some { "tcp", 17 },
  u64 = number(4294967295), key = number(4294967295),
  flow = function(row)
    return row.key == "encaplimit" and some { "none", 3 }() or some { "inherit", 0, 17 }()
  end,
  addresses = some { { "10.0.0.1" }, { "10.0.0.1", "10.0.0.2" }, { "fd00::1" } },
  map = some { { [1] = 2 }, { [0] = 7, [5] = 3 } }, ports = some { { 1, 2 }, { 1000, 2000 } },
  reasons = some { { [0] = true }, { [31] = false } },
  macs = some { {}, { "02:00:00:00:00:01", "02:00:00:00:00:02" } },
  address = function() return some(ADDRESSES[family])() end,
  via = function() return some(ADDRESSES[math.random(3) == 1 and "v4" or family])() end,
  milliseconds = number(100000),
  span = some { 80, "1000-2000" }, uidrange = some { "5-6", "0-4294967295" }, realms = some { 5, "5/6" },
  words = function(row) return row.names[math.random(#row.names)] end,
  group = some { { 1, 2 }, { { id = 1, weight = 3 }, 2 } },
  prefix = function(row)
    local length = ({ v4 = 32, v6 = 128 })[family]
    if row.key == "dst" and math.random(4) == 1 then return "default" end
    return some(ADDRESSES[family])() .. "/" .. math.random(1, length)
  end,
}

local random_options

local function random_value(row)
  if row.codec == "nest" then
    local inner = random_options(row.schema, function(r) return r.key ~= "up" and r.key ~= "ifindex" end)
    inner.name = inner.name or "x"
    return next(inner, next(inner)) and inner or inner.name
  end
  if row.codec == "nexthops" then
    local ways = {}
    for i = 1, math.random(3) do
      ways[i] = random_options(row.schema, function() return true end)
      ways[i].dev = ways[i].dev or "x"
    end
    return ways
  end
  return VALUES[row.codec](row)
end

function random_options(schema, wanted)
  local out = {}
  for _, row in ipairs(schemas[schema].rows) do
    if row.words and not row.readonly and wanted(row) and math.random(4) == 1 then
      out[row.key] = random_value(row)
    end
  end
  return out
end

-- The kinds whose options are said behind `type`; a tun has a command of its own (tun_spec).
local KINDS = {}
for _, row in ipairs(schemas.link.rows) do
  if row.codec == "kind" and row.schema and not (row.key == "veth" or row.key == "netkit" or row.key == "tun") then
    KINDS[#KINDS + 1] = row
  end
end

-- A kind instead of the name of one, with options of its own.
local function random_kind(options)
  if not options.type then return end
  local kind = KINDS[math.random(#KINDS)]
  local inner = random_options(kind.schema, function() return true end)
  if math.random(3) == 1 and next(inner) then
    options.type, options[kind.key] = nil, inner
    return
  end
  if math.random(3) == 1 then
    options.type, options.bridge = nil, random_options("link.bridge", function() return true end)
  elseif math.random(3) == 1 then
    options.type, options.veth = nil, { peer = random_value(grammar.row("link.veth", "peer")) }
  end
  if options.bridge and not next(options.bridge) then options.bridge, options.type = nil, "bridge" end
end

local function make_up(object, verb)
  family = math.random(2) == 1 and "v4" or "v6"
  local g = ip.grammar(object, verb)
  local sayable = {}
  for _, row in ipairs(g.rows) do sayable[row] = true end
  local op = { module = object.module, verb = verb, netns = math.random(3) == 1 and "red" or nil }
  op.options = random_options(object.module, function(row)
    return sayable[grammar.row(object.module, row.key)] or row.key == "fwmask"
  end)
  if object.key then op.key = random_value(grammar.row(object.module, object.key)) end
  local o = op.options
  if object.module == "link" and verb == "add" then o.type = o.type or "dummy" end
  if object.module == "link" then random_kind(o) end
  if object.module == "link" and verb == "delete" then op.options, o = nil, {} end
  if object.module == "addr" then
    o.dev = o.dev or "x"
    if o.peer then op.key = op.key:gsub("/.*", "") .. o.peer:match "/.*" end
    if family == "v4" then o.nodad, o.home, o.mngtmpaddr, o.optimistic = nil, nil, nil, nil end
    -- ip looks for duplicates unless it is told not to.
    local looks = family == "v6" and verb ~= "delete" and o.nodad == nil and o.optimistic == nil
    if looks then o.nodad = false end
  end
  if object.module == "rule" then
    if o.fwmark and math.random(2) == 1 then o.fwmask = 255 end
    if o.action == "goto" or o.action == "lookup" then o.action = nil end
    if not next(o) then o.iif = "x" end
    if family == "v6" and (o.from or o.to) then o.family = "inet6" end
  end
  if object.module == "route" and o.mtu and math.random(2) == 1 then o.lock = { "mtu" } end
  if object.module == "nexthop" and verb == "delete" then op.options, o = nil, {} end
  if object.module == "neigh" or object.command == "bridge" then o.dev = o.dev or "x" end
  if object.module == "addrlabel" and verb == "delete" then o.label = o.label or 0 end -- which ip wants to hear
  if object.module == "mdb" then o.port = o.port or "x" end
  if op.key and not next(o) then op.options = nil end
  return op
end

describe("reading the command of an operation gives the operation", function()
  for _, object in ipairs(objects.all) do
    for _, verb in ipairs { "add", "set", "replace", "append", "delete" } do
      local has = false
      for _, row in ipairs(object.verbs) do has = has or row[2] == verb end
      if has then
        it(("%s.%s"):format(object.module, verb), function()
          math.randomseed(seed)
          for _ = 1, ROUNDS do
            local op = make_up(object, verb)
            local line = words.command(op)
            assert.is_string(line)
            local ok, back = pcall(words.read, line)
            assert(ok, ("seed %d: %s: %s"):format(seed, line, tostring(back)))
            assert.same(op, back, ("seed %d: %s"):format(seed, line))
          end
        end)
      end
    end
  end

  it("and so for all that this file says of commands", function()
    local one_way = { exec = true, spawn = true, get = true, step = true, ping = true, command = true,
                      save = true }
    for _, row in ipairs(COMMANDS) do
      local op = operation(row)
      if row[1] and not one_way[op.verb] and op.module ~= "sysctl" and op.netns ~= "pid 42" then
        assert.equal(row[1], words.command(words.read(row[1])))
      end
    end
  end)
end)

-- ---- the rows' words ---------------------------------------------------------------------------------

describe("the words of the rows", function()
  for _, object in ipairs(objects.all) do
    for _, verb in ipairs { "add", "set", "delete", "list", "get" } do
      it(("do not share an abbreviation in %s %s"):format(object.module, verb), function()
        local owner = {}
        for _, entry in ipairs(ip.grammar(object, verb).entries) do
          for n = entry.least, #entry.word do
            local text = entry.word:sub(1, n)
            local other = owner[text]
            assert(not other or other == entry.row,
                   ("%q is %s and %s"):format(text, entry.row.key, other and other.key or ""))
            owner[text] = entry.row
          end
        end
      end)
    end
  end

  it("are there for every row that can be given", function()
    for name, schema in pairs(schemas) do
      for _, row in ipairs(schema.rows) do
        local given = not row.readonly and not row.hidden and not (row.codec == "kind" and row.schema)
        assert(not given or row.words, ("%s.%s has no words"):format(name, row.key))
      end
    end
  end)
end)
