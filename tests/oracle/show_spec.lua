-- show: what ip and bridge print with -o, -d and both, and what we print, to the byte but for blanks at the
-- ends of lines. The kinds of links are in show_kinds_spec.lua.

local harness = require "harness"
local oracle = require "oracle"
local words = require "nslab.words"

local must, fresh = harness.must, harness.fresh

-- What ticks while the two look.
local function still(text)
  return (oracle.trimmed(text):gsub("_timer +[%d.]+", "_timer"))
end

local function same(line)
  assert.equal(still(must(line)), still(words.sh(line)), line)
end

-- Something of everything that the kernel here has.
local function network()
  must [[
    ip netns add red; ip link set lo up
    ip link add v0 type veth peer name v1; ip link set v1 netns red
    ip link add v2 type veth peer name v3; ip link add br0 type bridge; ip link set v2 master br0
    for i in v2 v3 br0; do echo 0 >/proc/sys/net/ipv6/conf/$i/accept_dad; ip link set $i up; done
    ip link add vx0 type vxlan id 7 dstport 4789 remote 10.0.0.9 dev v3; ip link set vx0 master br0
    ip link add mv0 link v3 type macvlan mode bridge; ip link add mv1 link v3 type macvlan
    ip link set mv1 protodown on; ip tuntap add t0 mode tun user 7 group 8
    ip link set v3 alias "two words"; ip link property add dev v3 altname another-name
    ip addr add 10.0.0.1/24 dev v3; ip addr add 10.0.1.1 peer 10.0.1.2/32 dev v3; ip addr add fd00::1/64 dev v3 nodad
    ip route add 10.5.0.0/16 via 10.0.0.2; ip route add 10.6.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.0.0.3
    ip route add 10.8.0.0/16 via 10.0.0.2 mtu 1400 proto static; ip route add blackhole 10.9.0.0/16 table 9
    ip -6 route add fd01::/64 nexthop via fd00::2 nexthop via fd00::3
    ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v3; ip neigh add proxy 10.0.0.99 dev v3
    ip rule add from 10.0.0.0/8 table 7; ip rule add fwmark 3 table 9 proto static
    ip nexthop add id 1 via 10.0.0.2 dev v3; ip nexthop add id 2 via 10.0.0.3 dev v3 proto static
    ip nexthop add id 3 group 1/2,3; ip nexthop add id 4 blackhole; ip route add 10.7.0.0/16 nhid 3
    bridge mdb add dev br0 port v2 grp 239.1.1.1 permanent
    bridge mdb add dev br0 port v2 grp 239.2.2.2 src 10.0.0.77
    bridge mdb add dev br0 port v2 grp 239.2.2.3 permanent filter_mode include source_list 10.0.0.7,10.0.0.8 || true
    bridge fdb append 00:00:00:00:00:00 dst 10.0.0.3 dev vx0
    bridge link set dev v2 isolated on hairpin on backup_port vx0]]
  must "sleep 0.3" -- until the kernel has said all that it says by itself
end

local ASKED = {
  "ip %s link", "ip %s -4 link", "ip %s link show mv1", "ip %s link show v3", "ip %s link show type veth", "ip %s link show master br0",
  "ip %s -s link show v0", "ip %s -s -s link show v0", "ip %s addr", "ip %s -4 addr", "ip %s -6 addr",
  "ip %s addr show dev v3", "ip %s -6 addr show dev v3", "ip %s addr show dev v0", "ip %s -br link", "ip %s -br addr",
  "ip %s route", "ip %s -6 route", "ip %s route show table all", "ip %s route show table 9", "ip %s route show dev v3",
  "ip %s route show proto static", "ip %s route get 10.5.0.1", "ip %s -6 route get fd00::2", "ip %s neigh",
  "ip %s neigh show proxy", "ip %s rule", "ip %s nexthop", "ip %s nexthop show id 3", "ip %s netns", "ip %s netns list-id",
  "ip %s netconf show dev v3", "ip -n red %s link", "bridge %s link", "bridge %s link show dev v2", "bridge %s fdb",
  "bridge %s mdb",
}

describe("ip and bridge print the same with", function()
  for _, options in ipairs { "", "-o", "-d", "-o -d" } do
    it(options == "" and "no option" or options, fresh(function()
      network()
      for _, line in ipairs(ASKED) do same(line:format(options)) end
    end))
  end

  it("the options in other spellings", fresh(function()
    network()
    for _, line in ipairs { "ip -details link show v3", "ip -det -oneline link", "ip --oneline -4 addr", "ip -one a",
                            "bridge -details link", "bridge -oneline fdb", "ip -o -br -d link", "ip -oneline -stats link show v0" } do
      same(line)
    end
  end))
end)

describe("an option of ip that is not read", function()
  for option, hint in pairs {
    ["-j"] = "In Lua, link.get(NAME), route.list() and so on give records", ["-p"] = "In Lua, link.get(NAME)",
    ["-json"] = "In Lua, link.get(NAME)", ["-h"] = "-s shows all counters", ["-N"] = "Without the option",
    ["-r"] = "addresses are shown as numbers", ["-a"] = "netns.list()", ["-t"] = "Without the option",
    ["-b"] = "nslab run FILE.sh", ["-frob"] = "-n NETNS -4 -6 -br -s -d -o",
  } do
    it(("(%s) says what there is instead"):format(option), function()
      local ok, err = pcall(words.sh, ("ip %s link"):format(option))
      assert.is_false(ok)
      assert.equal(option, err.field)
      assert.truthy(err.hint:find(hint, 1, true), err.hint)
    end)
  end
end)
