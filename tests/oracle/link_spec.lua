-- link: what we make and ip reads, what ip makes and we read, what both print. Every row of a link, of
-- a bridge and of the two ends of a veth has a case here.

local harness = require "harness"
local oracle = require "oracle"
local words = require "nslab.words"

local must, json = harness.must, harness.json

local MAC = "02:00:00:00:00:77"

local function told(name, netns)
  return json(("ip %s -j -d link show %s"):format(netns and "-n " .. netns or "", name))[1]
end

local function flag(word)
  return function(j)
    for _, one in ipairs(j.flags) do
      if one == word then return true end
    end
    return false
  end
end

local function without(word)
  local has = flag(word)
  return function(j) return not has(j) end
end

local function contents(path)
  local file = assert(io.open(path))
  local text = file:read "l"
  file:close()
  return text
end

local function skip(why)
  pending(why)
end

local function check(cases, schema, of)
  for title, fn in oracle.checks(cases, schema, of, skip) do it(title, fn) end
end

local SHOW = {
  { "ip link", function() return link.list() end },
  { "ip link show x0", function() return link.get "x0" end },
  { "ip addr", function() return addr.list() end },
}

-- ---- any link ----------------------------------------------------------------------------------------

local function bridge_br0()
  link.add("br0", { type = "bridge" })
end

-- { key, options, words for ip, where ip says it, what it says, what we say if that differs }
-- set: changed on a link that is there. before: what is there. after: what ip does more. only: the
-- link is no veth.
local ANY = {
  { "name", {}, "", "ifname", "x0" },
  { "ifindex", { ifindex = 77 }, "index 77", "ifindex", 77 },
  { "up", { up = true }, "up", flag "UP", true },
  { "address", { address = MAC }, "address " .. MAC, "address", MAC },
  { "broadcast", { broadcast = "ff:ff:ff:ff:ff:00" }, "broadcast ff:ff:ff:ff:ff:00", "broadcast",
    "ff:ff:ff:ff:ff:00" },
  { "mtu", { mtu = 1400 }, "mtu 1400", "mtu", 1400 },
  { "txqueuelen", { txqueuelen = 77 }, "txqueuelen 77", "txqlen", 77 },
  { "group", { group = 5 }, "group 5", "group", "5", 5 },
  { "numtxqueues", { numtxqueues = 3 }, "numtxqueues 3", "num_tx_queues", 3 },
  { "numrxqueues", { numrxqueues = 3 }, "numrxqueues 3", "num_rx_queues", 3 },
  { "netns", { netns = "red" }, "netns red", "ifname", "x0", where = "red", key = "name" },
  { "arp", { arp = false }, "arp off", without "NOARP", false, set = true },
  { "multicast", { multicast = false }, "multicast off", flag "MULTICAST", false, set = true },
  { "allmulticast", { allmulticast = true }, "allmulticast on", flag "ALLMULTI", true, set = true },
  { "promisc", { promisc = true }, "promisc on", flag "PROMISC", true, set = true },
  { "dynamic", { dynamic = true }, "dynamic on", flag "DYNAMIC", true, set = true },
  { "master", { master = "br0" }, "master br0", "master", "br0", before = bridge_br0 },
  { "link", {}, "", "link", "x1" },
  { "alias", { alias = "the cable" }, "alias 'the cable'", "ifalias", "the cable", set = true },
  { "mode", { mode = "dormant" }, "mode dormant", "linkmode", "DORMANT", "dormant", set = true },
  { "addrgenmode", { addrgenmode = "none" }, "addrgenmode none", "inet6_addr_gen_mode", "none",
    set = true },
  { "type", { type = "bridge" }, "", "linkinfo.info_kind", "bridge", only = "bridge" },
  { "veth", { veth = { peer = "other" } }, "", "link", "other", { peer = "other" },
    only = "veth peer name other",
    reads = function(l) return { peer = l.veth.peer.name } end },
  { "bridge", { bridge = { priority = 7 } }, "", "linkinfo.info_data.priority", 7,
    only = "bridge priority 7", reads = function(l) return l.bridge.priority end },
  -- What only the kernel tells.
  { "flags", nil, "up", flag "UP", true, reads = function(l)
      return (" %s "):format(table.concat(l.flags, " ")):find(" UP ", 1, true) ~= nil
    end },
  { "qdisc", nil, "up", "qdisc", "noqueue" },
  { "operstate", nil, "", "operstate", "DOWN", "down" },
  { "carrier", nil, "up", function() return contents "/sys/class/net/x0/carrier" end, "0", false },
  { "carrier_changes", nil, "up", function() return contents "/sys/class/net/x0/carrier_changes" end,
    "1", 1 },
  { "link_netnsid", nil, "", "link_netnsid", 0, after = "ip link set x1 netns red" },
  { "link_netns", nil, "", function() return must "ip link show x0":match "link%-netns (%S+)" end,
    "red", after = "ip link set x1 netns red", reads = function(l) return l.link_netns.name end },
  { "altnames", nil, "", "altnames", { "a-name-that-is-long" }, after =
    "ip link property add dev x0 altname a-name-that-is-long" },
  { "token", nil, "", function() return must "ip token get dev x0":match "token (%S+)" end, "::5",
    after = "ip token set ::5 dev x0" },
  { "promiscuity", nil, "promisc on", "promiscuity", 1, set = true },
  { "stats", nil, "", function(j) return j.stats64 == nil and 0 or j.stats64.rx.packets end, 0,
    reads = function(l) return l.stats.rx_packets end },
  { "gso_max_size", { gso_max_size = 5000 }, "gso_max_size 5000", "gso_max_size", 5000 },
  { "gso_max_segs", { gso_max_segs = 5 }, "gso_max_segs 5", "gso_max_segs", 5 },
  { "gro_max_size", { gro_max_size = 5000 }, "gro_max_size 5000", "gro_max_size", 5000, set = true },
  { "gso_ipv4_max_size", nil, "", function() end, 65536 }, -- newer than this ip
  { "gro_ipv4_max_size", nil, "", function() end, 65536 },
  { "event", nil, "", function() end }, -- of events alone, which monitor_spec.lua listens to
  { "new_netnsid", nil, "", function() end }, { "new_ifindex", nil, "", function() end },
  { "protodown", { protodown = true }, "protodown on", "proto_down", true, set = true },
  { "protodown_reason", { protodown_reason = { [3] = true } }, "protodown_reason 3 on",
    function(j) return j.proto_down_reason and #j.proto_down_reason end, 1, set = true,
    reads = function(l) return l.protodown_reason and l.protodown_reason[3] and 1 end },
  { "tso_max_size", nil, "", "tso_max_size", 524280 },
  { "tso_max_segs", nil, "", "tso_max_segs", 65535 },
  { "carrier_up_count", nil, "", function() return contents "/sys/class/net/x0/carrier_up_count" end, "0", 0 },
  { "carrier_down_count", nil, "", function() return contents "/sys/class/net/x0/carrier_down_count" end,
    "1", 1 },
  { "allmulti", nil, "allmulticast on", "allmulti", 1, set = true },
  { "permaddr", nil, "", function() end, "" }, -- of a real card
  { "parent_dev_name", nil, "", "parentdev", nil },
  { "parent_dev_bus_name", nil, "", "parentbus", nil },
  { "min_mtu", nil, "", "min_mtu", 68 },
  { "max_mtu", nil, "", "max_mtu", 65535 },
  { "slave_type", nil, "master br0", "linkinfo.info_slave_kind", "bridge", before = bridge_br0 },
  { "hardware_type", nil, "", function() return contents "/sys/class/net/x0/type" end, "1", 1 },
}

local function kind_of(case)
  return case.only or "veth peer name x1"
end

local function reader(case)
  return function()
    local where = case.where and netns(case.where) or netns.host
    local record = where.link.get "x0"
    if case.reads then return case.reads(record) end
    return record[case.key or case[1]]
  end
end

local function any_link(case)
  local line = ("ip link add x0 %s type %s"):format(case[3], kind_of(case))
  if case.set then line = "ip link set x0 " .. case[3] end
  local options = case[2] and {}
  for key, v in pairs(case[2] or {}) do options[key] = v end
  if options and not case.set and not case.only then options.veth = { peer = "x1" } end
  return {
    setup = function()
      netns.add "red"
      if case.before then case.before() end
      if case.set then link.add("x0", { veth = { peer = "x1" } }) end
    end,
    ip = line .. "\n" .. (case.after or ""),
    make = options and function() link[case.set and "set" or "add"]("x0", options) end,
    told = function() return oracle.at(case[4], told("x0", case.where)) end,
    read = reader(case),
    wanted_told = case[5],
    wanted_read = oracle.either(case[5], case[6]),
    show = not case.where and SHOW,
  }
end

describe("any link:", function() check(ANY, "link", any_link) end)

-- ---- bridges -----------------------------------------------------------------------------------------

-- { key, value, ip's name for it in JSON, what ip says } 0 and 1 are false and true to us.
local BRIDGE = {
  { "forward_delay", 700 }, { "hello_time", 300 }, { "max_age", 1800 }, { "ageing_time", 12300 },
  { "stp_state", true }, { "priority", 4096 }, { "group_fwd_mask", 8, says = "0x8" },
  { "group_address", "01:80:c2:00:00:04", "group_addr" }, { "vlan_filtering", true },
  { "vlan_protocol", "802.1ad" }, { "vlan_default_pvid", 7 }, { "vlan_stats_enabled", true },
  { "vlan_stats_per_port", true }, { "mcast_snooping", false }, { "mcast_router", 2 },
  { "mcast_query_use_ifaddr", true }, { "mcast_querier", true }, { "mcast_hash_max", 512 },
  { "mcast_last_member_count", 3, "mcast_last_member_cnt" },
  { "mcast_startup_query_count", 4, "mcast_startup_query_cnt" }, { "mcast_stats_enabled", true },
  { "mcast_igmp_version", 3 }, { "mcast_mld_version", 2 }, { "nf_call_iptables", true },
  { "nf_call_ip6tables", true }, { "nf_call_arptables", true }, { "no_linklocal_learn", true },
  { "mcast_vlan_snooping", false }, { "mcast_hash_elasticity", 16 }, { "mcast_last_member_interval", 200, "mcast_last_member_intvl" },
  { "mcast_membership_interval", 20000, "mcast_membership_intvl" },
  { "mcast_querier_interval", 20000, "mcast_querier_intvl" }, { "mcast_query_interval", 9000, "mcast_query_intvl" },
  { "mcast_query_response_interval", 900, "mcast_query_response_intvl" },
  { "mcast_startup_query_interval", 3000, "mcast_startup_query_intvl" },
  -- What only the kernel tells.
  { "root_id", "1000.2:0:0:0:0:77", readonly = true },
  { "bridge_id", "1000.2:0:0:0:0:77", readonly = true },
  { "root_port", 0, readonly = true }, { "root_path_cost", 0, readonly = true },
  { "topology_change", false, readonly = true }, { "topology_change_detected", false, readonly = true },
  { "hello_timer", 0, readonly = true, says = 0.0 }, { "tcn_timer", 0, readonly = true, says = 0.0 },
  { "topology_change_timer", 0, readonly = true, says = 0.0 }, { "gc_timer", 0, readonly = true, says = 0.0 },
  -- ip does not tell them: kernel/link_kinds_spec.lua asks the kernel.
  { "fdb_n_learned", 0, readonly = true }, { "fdb_max_learned", 0, readonly = true },
  { "fdb_flush", false, readonly = true },
}

local function number_of(v)
  if type(v) ~= "boolean" then return v end
  return v and 1 or 0
end

local function bridge(case)
  local key, v = case[1], case[2]
  local word = case.readonly and "priority 4096" or ("%s %s"):format(key, number_of(v))
  return {
    setup = function() end,
    ip = ("ip link add x0 address %s type bridge %s"):format(MAC, word),
    make = not case.readonly and function()
      link.add("x0", { address = MAC, bridge = { [key] = v } })
    end,
    told = function() return told("x0").linkinfo.info_data[case[3] or key] end,
    read = function() return link.get("x0").bridge[key] end,
    wanted_told = case.says or number_of(v),
    wanted_read = v,
    show = SHOW,
  }
end

describe("a bridge:", function() check(BRIDGE, "link.bridge", bridge) end)

describe("a bridge that is there:", function()
  for _, case in ipairs(BRIDGE) do
    if not case.readonly then
      it("changes its " .. case[1], function()
        local line = ("type bridge %s %s"):format(case[1], number_of(case[2]))
        oracle.same_outcome(function()
          link.add("x0", { type = "bridge", address = MAC })
          return MAC
        end, "ip link set x0 " .. line)
      end)
    end
  end
end)

-- ---- the two ends of a veth ----------------------------------------------------------------------------

describe("a veth:", function()
  local cases = { { "peer" } }
  it("peer", function()
    oracle.field {
      setup = function() netns.add "red" end,
      ip = "ip link add x0 type veth peer name x1 netns red",
      make = function() link.add("x0", { veth = { peer = { name = "x1", netns = "red" } } }) end,
      told = function() return must "ip link show x0":match "link%-netns (%S+)" end,
      read = function() return link.get("x0").veth.peer.netns.name end,
      wanted_told = "red",
      wanted_read = "red",
      show = SHOW,
    }
  end)
  it("has a case for every row", function()
    assert.same({}, oracle.rows_without("link.veth", cases))
  end)
end)

-- { key, options of the other end, words for ip, where ip says it, what it says, what we say }
local PEER = {
  { "name", {}, "", "ifname", "x1" },
  -- ip takes an index for the other end and does not tell the kernel.
  { "ifindex", { ifindex = 88 }, "", function(j) return j.ifindex == 88 or j.ifindex < 5 end, true,
    reads = function(l) return l.ifindex == 88 or l.ifindex < 5 end },
  { "up", { up = true }, "", flag "UP", true, after = "ip link set x1 up" },
  { "address", { address = MAC }, "address " .. MAC, "address", MAC },
  { "broadcast", { broadcast = "ff:ff:ff:ff:ff:00" }, "broadcast ff:ff:ff:ff:ff:00", "broadcast",
    "ff:ff:ff:ff:ff:00" },
  { "mtu", { mtu = 1300 }, "mtu 1300", "mtu", 1300 },
  { "txqueuelen", { txqueuelen = 33 }, "txqueuelen 33", "txqlen", 33 },
  { "group", { group = 6 }, "group 6", "group", "6", 6 },
  { "numtxqueues", { numtxqueues = 4 }, "numtxqueues 4", "num_tx_queues", 4 },
  { "numrxqueues", { numrxqueues = 4 }, "numrxqueues 4", "num_rx_queues", 4 },
  { "netns", { netns = "red" }, "netns red", "ifname", "x1", where = "red", key = "name" },
}

local function peer(case)
  local options = { name = "x1" }
  for key, v in pairs(case[2]) do options[key] = v end
  return {
    setup = function() netns.add "red" end,
    ip = ("ip link add x0 type veth peer name x1 %s\n%s"):format(case[3], case.after or ""),
    make = function() link.add("x0", { veth = { peer = options } }) end,
    told = function() return oracle.at(case[4], told("x1", case.where)) end,
    read = function()
      local where = case.where and netns(case.where) or netns.host
      local record = where.link.get "x1"
      if case.reads then return case.reads(record) end
      return record[case.key or case[1]]
    end,
    wanted_told = case[5],
    wanted_read = oracle.either(case[5], case[6]),
    show = SHOW,
  }
end

describe("the other end of a veth:", function() check(PEER, "link.veth.peer", peer) end)

-- ---- abbreviations -----------------------------------------------------------------------------------

describe("an abbreviation", function()
  it("is known to ip, and no shorter one", harness.fresh(function()
    link.add("v0", { up = true, veth = { peer = "v1" } })
    oracle.same_abbreviations("ip link set v0", oracle.entries("link", "set"))
    oracle.same_abbreviations("ip link add zz type bridge", oracle.entries "link.bridge")
  end))
end)

-- ---- command lines -------------------------------------------------------------------------------------

local function setup()
  netns.add "red"
  link.add("x0", { address = "02:00:00:00:00:10",
                   veth = { peer = { name = "x1", address = "02:00:00:00:00:11", up = true } } })
  link.add("br0", { address = "02:00:00:00:00:20", type = "bridge" })
  return "02:00:00:00:00:10 02:00:00:00:00:11 02:00:00:00:00:20"
end

-- Carried out by ip and by us in twin networks.
local LINES = {
  "ip link",
  "ip -br link",
  "ip -br link show x0",
  "ip -n red -br l",
  "ip -br route",
  "ip l",
  "ip link show",
  "ip link show x0",
  "ip link show dev x0",
  "ip -n red link",
  "ip netns exec red ip l",
  "ip link show up",
  "ip link show type veth",
  "ip link show type bridge up",
  "ip link show master br0",
  "ip link set x0 master br0 && ip link show master br0 && ip link show nomaster",
  "ip link set x0 master br0 && ip link show type bridge_slave",
  "ip link show nothing",
  "ip link show group default",
  "ip l s dev x0 up",
  "ip l set x0 up mtu 1400",
  "ip link set x0 down",
  "ip link set x0 name y0",
  "ip link set x1 name y1", -- while it is up
  "ip link set x0 name x1",
  "ip link set x0 address 02:00:00:00:00:99 txqueuelen 5",
  "ip link set x0 addr 2:0:0:0:0:9 t 6",
  "ip link set x0 address 02:00:00:00:00:99:00",
  "ip link set x0 netns red",
  "ip -n red link set lo up && ip link set x0 netns red && ip -n red link set x0 up",
  "ip link set x0 netns blue",
  "ip link set x0 m br0",
  "ip link set x0 master br0 && ip link set x0 n",
  "ip link set x0 master x1",
  "ip link set x0 arp off multicast off allmulticast on promisc on d on",
  "ip link set x0 arp of",
  "ip link set x0 al 'a cable' && ip link show x0",
  "ip link set x0 group 7",
  "ip link set x0 mtu 70000",
  "ip link set x0 mtu 10",
  "ip link set x0 mtu many",
  "ip link set x0 addrg none mode dormant",
  "ip link set x0 frob",
  "ip link set nothing up",
  "ip link set up",
  "ip link add br1 type bridge",
  "ip l a br1 ty bridge f 400 s 1",
  "ip link add br1 type bridge stp_state 1 forward_delay 100",
  "ip link add br1 type bridge frob 1",
  "ip link add br1 type bridge vlan_filtering 1 vlan_default_pvid 5 mcast_s 0",
  "ip link set br0 type bridge vlan_f 1",
  "ip link add name br1 up mtu 1400 type bridge",
  "ip link add dev br1 type bridge",
  "ip link add type bridge",
  "ip link add br1",
  "ip link add br0 type bridge",
  "ip link add br1 type nosuchkind",
  "ip link add a-name-over-15-chars type bridge",
  "ip link add bad/name type bridge",
  "ip link add v0 type veth peer name v1",
  "ip link add v0 type veth peer v1",
  "ip link add v0 type veth",
  "ip link add v0 mtu 1400 type veth peer name v1 mtu 1300 netns red",
  "ip link add v0 netns red type veth peer name v1",
  "ip link add v0 master br0 type veth peer name eth0 netns red && ip -n red link set eth0 up",
  "ip link add v0 type veth peer name x0",
  "ip link add v0 type veth peer mtu",
  "ip link del x0",
  "ip link d x0 type veth",
  "ip link delete nothing",
  "ip link del",
  "ip link property",
  "ip link property add dev x0 altname long-name-of-x0 altname second",
  "ip link property add x0 altname one && ip link property del dev x0 altname one",
  "ip link p a dev nothing altname one",
  "ip link property frob dev x0 altname one",
  "ip link frob",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_outcome(setup, line) end)
  end
end)

-- ---- counters ------------------------------------------------------------------------------------------

describe("ip -s", function()
  -- Nothing passes v0, which is down; what passes lo we send.
  local function counted()
    link.add("v0", { alias = "a cable", veth = { peer = "v1" } })
    link.property_add("v0", { altname = "another-name" })
    link.set("lo", { up = true })
    netns.host:ping("127.0.0.1", { count = 3, interval_ms = 1, size_bytes = 1000 })
  end

  it("shows the counters of links and of those with addresses as ip does", harness.fresh(function()
    counted()
    assert.truthy(harness.json "ip -s -j link show lo"[1].stats64.rx.bytes > 5000)
    for _, line in ipairs { "ip -s link", "ip -s -s link", "ip -s link show dev v0", "ip -s -s l sh lo", "ip -stats link",
                            "ip -statistics addr", "ip -s -4 addr show dev lo", "ip -s -s addr", "ip -s -br link",
                            "ip -s link show type veth" } do
      assert.equal(oracle.trimmed(harness.must(line)), oracle.trimmed(words.sh(line)), line)
    end
    assert.is_false((pcall(words.sh, "ip -s route")))
  end))

  it("widens a column for what is in it, and has one for what is rare", function()
    local counters = require "nslab.format.counters"
    local stats = { rx_bytes = 123456789012, rx_packets = 123456789, rx_errors = 0, tx_bytes = 5, rx_nohandler = 7 }
    assert.equal(([[

    RX:    bytes   packets errors dropped  missed   mcast
    123456789012 123456789      0       0       0       0
    RX errors:      length    crc   frame    fifo overrun  nohandler
                         0      0       0       0       0          7
    TX:    bytes   packets errors dropped carrier collsns
               5         0      0       0       0       0
    TX errors:     aborted   fifo  window heartbt transns
                         0      0       0       0       2]]), oracle.trimmed(counters.text({ stats = stats, carrier_changes = 2 }, 2)))
    assert.equal("", counters.text({}, 1))
  end)
end)
