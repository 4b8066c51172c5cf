lab {
  title = "Addresses that come by themselves",
  summary = [[
    IPv6 from its beginning: the address that every interface makes for itself, neighbours that are
    found without ARP, a router that announces itself, and hosts that need no one to configure them.]],
  minutes = 25,
}

local expect = require "nslab.expect"

local red, router, blue = netns "red", netns "router", netns "blue"

-- Which address an interface makes of its hardware address 02:00:00:00:00:XX.
local red_itself, router_itself = "fe80::ff:fe00:1", "fe80::ff:fe00:a"
local red_global, at_blue = "2001:db8:1::ff:fe00:1", "2001:db8:2::2"

-- Whether the link has the IPv6 address, and it is in use.
local function has(ns, name, address)
  local found, reason = expect.up(ns, name)
  if not found then return nil, reason end
  return expect.soon(function()
    for _, a in ipairs(ns.addr.list { dev = name, family = "inet6" }) do
      if a.address == address then
        return not a.tentative, ("%s is not yet sure that nobody else has %s"):format(name, address)
      end
    end
    return nil, ("%s in %s has no address %s"):format(name, ns.name, address)
  end, 4000) -- the carrier, a pause by chance, and the test: up to a second each
end

-- Every address there, but for lo's, has passed its test (the bit 0x40 of the flags).
local SETTLED = "until grep -qv ' lo$' /proc/net/if_inet6 && " ..
                "! grep -q ' [4-7c-f][0-9a-f]  *[^ ]*$' /proc/net/if_inet6; do sleep 0.02; done"

-- Waits until the namespace may use its addresses.
local function settle(ns)
  ns:exec { "timeout", "3", "sh", "-c", SETTLED }
end

step {
  title = "An address of its own making",
  text = [[
    An interface with IPv6 is never without an address. As soon as it is up it makes one itself, in the
    network fe80::/64, which means "here, on this cable". This is the link-local address.

    Its second half is made of the hardware address: in the middle the kernel puts ff:fe, and it turns
    one bit over. To see it, the two ends get hardware addresses of our choice. 02:00:00:00:00:01 becomes
    fe80::ff:fe00:1.

    Before it is used, the interface asks whether somebody else has it (duplicate address detection),
    and waits a second for an answer. Here there is nobody, and the setting accept_dad saves us the time.
    The kernel needs a moment all the same, and that is waited for.]],
  run = function()
    netns.add "red"
    netns.add "router"
    red.sysctl.set("net.ipv6.conf.default.accept_dad", 0)
    router.sysctl.set("net.ipv6.conf.default.accept_dad", 0)
    link.add("eth0", { netns = red, address = "02:00:00:00:00:01",
                       veth = { peer = { name = "to-red", netns = router, address = "02:00:00:00:00:0a" } } })
    red.link.set("eth0", { up = true })
    router.link.set("to-red", { up = true })
    settle(red)
    settle(router)
    red.addr.list { dev = "eth0" }
  end,
  check = {
    { "red is connected to router", function() return expect.joined(red, router) end },
    { "red's eth0 has made fe80::ff:fe00:1 for itself", function()
        return has(red, "eth0", red_itself .. "/64")
      end },
    { "the router's to-red has made fe80::ff:fe00:a", function()
        return has(router, "to-red", router_itself .. "/64")
      end },
  },
  hint = "A veth pair: `address 02:00:00:00:00:01`, and for its peer `address 02:00:00:00:00:0a`. Both up.",
  learned = "Every interface that is up has a link-local address, made of its hardware address.",
}

step {
  title = "Who is there?",
  text = [[
    With a link-local address one must say which cable is meant, for they all have the same network:
    behind the address stands %eth0.

    There is no ARP in IPv6. Whoever looks for an address asks a group that only those listen to whose
    address ends alike, and gets the hardware address in return: a neighbour solicitation and a neighbour
    advertisement. The table of neighbours is the same as before.]],
  run = function()
    red:ping "fe80::ff:fe00:a%eth0"
    red.neigh.list()
  end,
  check = {
    { "red has found the router", function() return expect.neighbour(red, router_itself) end },
    { "it has asked for a neighbour, and the router has answered", function()
        local asked, told = expect.counters6(red), expect.counters6(router)
        if asked.Icmp6OutNeighborSolicits == 0 then return nil, "red has not asked for any neighbour" end
        return told.Icmp6OutNeighborAdvertisements > 0, "the router has not answered"
      end },
  },
  hint = "`ping fe80::ff:fe00:a%eth0`, in red.",
  learned = "Neighbour discovery does what ARP did; a link-local address needs its interface.",
}

step {
  title = "By hand",
  text = [[
    A third one, blue, is on the other side of the router, and is given a global address by hand, out of
    2001:db8:2::/64. A network in IPv6 is nearly always a /64: one half of the address says which
    network, the other half who in it.

    Blue's default route leads to the router's link-local address. That one is always there, whatever
    networks come and go. And the router has to forward; IPv6 has a setting of its own for it.

    The word nodad behind an address says of this one what accept_dad says of all: it is used at once.
    Whoever leaves it off waits a second, as on a real network.]],
  run = function()
    netns.add "blue"
    blue.sysctl.set("net.ipv6.conf.default.accept_dad", 0)
    link.add("eth0", {
      netns = blue, address = "02:00:00:00:00:02",
      veth = { peer = { name = "to-blue", netns = router, address = "02:00:00:00:00:0b" } },
    })
    blue.link.set("eth0", { up = true })
    router.link.set("to-blue", { up = true })
    router.addr.add("2001:db8:2::1/64", { dev = "to-blue" })
    blue.addr.add("2001:db8:2::2/64", { dev = "eth0" })
    blue.route.add("default", { via = "fe80::ff:fe00:b", dev = "eth0", family = "inet6" })
    router.sysctl.set("net.ipv6.conf.all.forwarding", 1)
    settle(blue)
    settle(router)
    blue:ping "2001:db8:2::1"
  end,
  check = {
    { "the router's to-blue has 2001:db8:2::1/64", function()
        return has(router, "to-blue", "2001:db8:2::1/64")
      end },
    { "blue's eth0 has 2001:db8:2::2/64", function() return has(blue, "eth0", "2001:db8:2::2/64") end },
    { "blue hands to the router what it knows no better way for", function()
        local way, reason = expect.way(blue, "2001:db8:ffff::1")
        if not way then return nil, reason end
        return way.via == "fe80::ff:fe00:b", ("blue sends it via %s"):format(way.via or way.dev)
      end },
    { "the router forwards IPv6", function()
        return router.sysctl.get "net.ipv6.conf.all.forwarding" == 1,
               "router does not: net.ipv6.conf.all.forwarding is 0"
      end },
    { "blue has found the router", function() return expect.neighbour(blue, "2001:db8:2::1") end },
  },
  hint = "`ip -6 route add default via fe80::ff:fe00:b dev eth0` in blue; the rest is as with IPv4.",
  learned = "A /64 for every network, and routers go by their link-local addresses.",
}

local RADVD = [[
interface to-red {
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  prefix 2001:db8:1::/64 { };
};
]]

-- Waits in red until an address of the router's network is there.
local ARRIVED = "until grep -q ^20010db80001 /proc/net/if_inet6; do sleep 0.02; done"

local has_radvd = function() return expect.programs("radvd", "timeout") end

step {
  title = "The router announces itself",
  text = [[
    Red gets no address by hand. In the router there runs radvd now, a real one. It announces into red's
    network: "I am a router, and this network is 2001:db8:1::/64". Red hears it, puts the network and its
    own second half together, and has a global address: 2001:db8:1::ff:fe00:1. The announcement's
    sender becomes its default route. Nobody keeps a list of who has what address.

    This is SLAAC, stateless address autoconfiguration. What it gives is lent: it ends when the router is
    no longer heard. The router itself needs an address there as well, by hand.]],
  needs = has_radvd,
  background = function()
    router:exec { "sh", "-c", "cat >/run/radvd.conf", stdin = RADVD, check = true }
    return router:spawn { "radvd", "-n", "-C", "/run/radvd.conf", "-p", "/run/radvd.pid", "-m", "stderr",
                          stderr = "null" }
  end,
  run = function()
    router.addr.add("2001:db8:1::1/64", { dev = "to-red" })
    red:exec { "timeout", "10", "sh", "-c", ARRIVED }
    settle(red)
    red.addr.list { dev = "eth0", family = "inet6" }
    red.route.list { family = "inet6" }
  end,
  check = {
    { "the router's to-red has 2001:db8:1::1/64", function()
        return has(router, "to-red", "2001:db8:1::1/64")
      end },
    { "red has an address in 2001:db8:1::/64", function()
        return has(red, "eth0", red_global .. "/64")
      end },
    { "it is lent, not given", function()
        for _, a in ipairs(red.addr.list { dev = "eth0", family = "inet6" }) do
          if a.address == red_global .. "/64" then
            return a.valid_lft ~= "forever", "it is valid for ever"
          end
        end
        return nil, "red has no such address"
      end },
    { "red's default route leads to the router", function()
        local way, reason = expect.way(red, "2001:db8:ffff::1")
        if not way then return nil, reason end
        return way.via == router_itself, ("red sends it via %s"):format(way.via or way.dev)
      end },
  },
  hint = "Red has nothing to do but to listen; the router's to-red needs 2001:db8:1::1/64.",
  learned = "A router announces the network; a host adds its own half, and has an address and a way out.",
}

step {
  title = "All the way",
  text = [[
    Red has an address that came by itself, blue one that was given. The router has a foot in both
    networks and forwards. No address was translated on the way: there are enough for everyone.]],
  needs = has_radvd,
  run = function()
    red:ping(at_blue)
  end,
  check = {
    { "blue has answered red", function()
        local asked, told = expect.counters6(blue), expect.counters6(red)
        if asked.Icmp6InEchos == 0 then return nil, "no ping has reached blue" end
        return told.Icmp6InEchoReplies > 1, "red got no answer from blue"
      end },
    { "the router has passed it on", function()
        return expect.counters6(router).Ip6OutForwDatagrams > 0, "the router has passed nothing on"
      end },
  },
  hint = "`ping 2001:db8:2::2`, in red.",
  learned = "In IPv6 hosts talk with their own addresses, end to end.",
}
