-- every object: what add was given is what the kernel tells of it, for every key that can be given. The
-- keys come from the rows: one that has no value here fails the test. (The kinds of links are in
-- link_kinds_spec, those of qdiscs, classes and filters in qdisc_spec and filter_spec, in the same way.)

local core = require "nslab.core"
local harness = require "harness"
local fresh, sorted = harness.fresh, harness.sorted

-- { KEY or nil, OPTIONS, reads = { what reads as something else }, lacks = "what the kernel may lack",
--   before = function that makes what it needs }. Each is made in a network of its own, of two cables
--   (v0 and v1, w0 and w1), up and with addresses.
local CASES = {}

CASES.link = {
  { "x0", { type = "veth", ifindex = 77, up = true, address = "02:00:00:00:00:77",
            broadcast = "ff:ff:ff:ff:ff:00", mtu = 1400, txqueuelen = 55, group = 7, numtxqueues = 3,
            numrxqueues = 2, arp = false, multicast = false, allmulticast = true, promisc = true,
            dynamic = true, alias = "a remark", mode = "dormant", addrgenmode = "none",
            gso_max_size = 40000, gso_max_segs = 100, gro_max_size = 50000, gso_ipv4_max_size = 40000,
            gro_ipv4_max_size = 50000 },
    may_lack = { gso_ipv4_max_size = true, gro_ipv4_max_size = true } },
  { "x1", { type = "bridge", token = "::1:2:3:4", group = "default", addrgenmode = "random", mode = "default" } },
  { "x2", { type = "veth", master = "br0" }, before = function() link.add("br0", { type = "bridge" }) end },
  { "x3", { type = "macvlan", link = "v0", protodown = true, protodown_reason = { [3] = true } } },
  { "x4", { type = "dummy", carrier = false } },
}

CASES.addr = {
  { "10.1.0.1/24", { family = "inet", dev = "v0", broadcast = "10.1.0.200",
                     scope = "site", label = "v0:one", metric = 77, valid_lft = 4000,
                     preferred_lft = 3000, noprefixroute = true } },
  { "10.1.0.1/32", { dev = "v0", peer = "10.1.0.2/32", valid_lft = "forever" } },
  { "239.1.2.3/32", { dev = "v0", autojoin = true } },
  { "fd01::1/64", { family = "inet6", dev = "v0", nodad = true, home = true, mngtmpaddr = true,
                    metric = 9 } },
  { "fd01::2/64", { dev = "v0", optimistic = true }, may_lack = { optimistic = true } },
}

local TWO = { nexthops = { { via = "10.0.0.2", dev = "v0", weight = 3, onlink = true, realms = "3/4" },
                           { via = "10.0.1.2", dev = "w0", weight = 256 } } }
CASES.route = {
  { "10.1.0.0/16", { family = "inet", via = "10.0.0.2", dev = "v0", tos = 16,
                     protocol = "static", scope = "global", src = "10.0.0.1", metric = 7, table = 100,
                     onlink = true, lock = { "mtu", "rto_min" }, mtu = 1400, window = 9000, rtt_ms = 100,
                     rttvar_ms = 50, ssthresh = 8, cwnd = 20, advmss = 1300, reordering = 5,
                     hoplimit = 33, initcwnd = 12, features = { "ecn" }, rto_min_ms = 30, initrwnd = 14,
                     quickack = true, fastopen_no_cookie = true, congctl = "reno", realms = "1/2", type = "unicast" },
    may_lack = { realms = true } },
  { "10.2.0.0/16", { type = "prohibit" } },
  { "10.3.0.0/16", { nhid = 5 },
    before = function() nexthop.add(5, { via = "10.0.0.2", dev = "v0" }) end },
  { "10.4.0.0/16", TWO, may_lack = { realms = true } },
  { "fd01::/64", { family = "inet6", via = "fd00::2", dev = "v0", pref = "high", expires = 300 } },
  { "fd01::/64", { from = "fd02::/64", via = "fd00::2", dev = "v0" }, lacks = "source routes of IPv6" },
}


-- A route that wraps its packets: { DST, ENCAP, options beside it }.
for _, case in ipairs {
  { "10.8.0.0/24", { ip = { id = 5, src = "10.0.0.1", dst = "10.0.0.9", ttl = 3, tos = 4, key = true, csum = true,
                            seq = true } } },
  { "fd08::/64", { ip6 = { id = 5, src = "fd00::1", dst = "fd00::9", hoplimit = 3, tc = 4, key = true,
                           csum = true, seq = true } } },
  { "10.8.0.0/24", { mpls = { labels = "100/200", ttl = 9 } }, "MPLS" },
  { "fd08::/64", { seg6 = { mode = "encap", segs = { "fd00::2", "fd00::3" }, hmac = 7 } } },
  { "fd08::/64", { seg6local = { action = "End", flavors = { "next-csid" }, lblen = 48, nflen = 32 } } },
  { "10.8.0.0/16", { xfrm = { if_id = 5, link_dev = "w0" } } },
  { "fd08::/64", { seg6local = { action = "End.B6.Encaps", segs = { "fd00::2", "fd00::3" }, count = true } } },
  { "fd08::/64", { seg6local = { action = "End.T", table = 100 } } },
  { "fd08::/64", { seg6local = { action = "End.DX4", nh4 = "10.0.0.2" } } },
  { "fd08::/64", { seg6local = { action = "End.DX6", nh6 = "fd00::2" } } },
  { "fd08::/64", { seg6local = { action = "End.DX2", oif = "w0" } } },
} do
  table.insert(CASES.route, { case[1], { dev = "v0", encap = case[2] }, lacks = case[3] or next(case[2]) })
end
table.insert(CASES.route, { "fd08::/64", { dev = "vrf0", encap = { seg6local = { action = "End.DT4", vrftable = 10 } } },
  lacks = "VRF", before = function()
    link.add("vrf0", { up = true, vrf = { table = 10 } })
    sysctl.set("net.vrf.strict_mode", 1)
  end })
table.insert(CASES.route, { "10.9.0.0/24", { nexthops = {
  { dev = "v0", encap = { ip = { id = 5, dst = "10.0.0.9" } } }, { dev = "w0", encap = { ip = { id = 6, dst = "10.0.0.9" } } } } },
  lacks = "ip" })

CASES.rule = {
  { nil, { invert = true, from = "10.1.0.0/16", to = "10.2.0.0/16", tos = 16, fwmark = 5, fwmask = 255,
           iif = "v0", oif = "w0", ipproto = "tcp", sport = "100-200", dport = 80, uidrange = "0-0",
           tun_id = 7, realms = "1/2", table = 100, suppress_prefixlength = 16, suppress_ifgroup = 3,
           protocol = "static", priority = 500, family = "inet" }, may_lack = { realms = true } },
  { nil, { action = "goto", target = 700, priority = 501 } },
  { nil, { action = "prohibit", priority = 502, family = "inet6" } },
  { nil, { l3mdev = true, priority = 503 }, lacks = "VRF" },
}

CASES.neigh = {
  { "10.0.0.9", { family = "inet", dev = "v0", lladdr = "02:00:00:00:00:09",
                  nud = "permanent", protocol = "static", extern_learn = true } },
  { "fd00::9", { dev = "v0", lladdr = "02:00:00:00:00:09", nud = "permanent", router = true } },
  { "10.0.0.10", { dev = "v0", proxy = true } },
  { "10.0.0.2", { dev = "v0", managed = true } },
}

CASES.nexthop = {
  { 5, { family = "inet", via = "10.0.0.2", dev = "v0", onlink = true, protocol = "static" } },
  { 9, { dev = "v0", encap = { ip = { id = 5, dst = "10.0.0.9" } } }, lacks = "ip" },
  { 6, { blackhole = true }, before = function() link.set("lo", { up = true }) end },
  { 7, { fdb = true, via = "10.0.0.2" } },
  { 8, { group = { { id = 1, weight = 1 }, { id = 2, weight = 3 } }, type = "resilient", buckets = 8,
         idle_timer = 20, unbalanced_timer = 60 },
    before = function()
      nexthop.add(1, { via = "10.0.0.2", dev = "v0" })
      nexthop.add(2, { via = "10.0.1.2", dev = "w0" })
    end },
}

local function vxlan()
  link.add("x0", { vxlan = { id = 5, dstport = 4789, dev = "v0", learning = false } })
end
local function outside()
  link.add("x0", { vxlan = { external = true, dstport = 4789 } })
end
local function filtering()
  link.add("x0", { vxlan = { external = true, vnifilter = true, dev = "v0", dstport = 4789 } })
end
local function port()
  link.add("br0", { type = "bridge" })
  link.set("v0", { master = "br0" })
end
local MAC = "02:00:00:00:00:09"
CASES.fdb = {
  { MAC, { dev = "br1", self = true, state = "permanent" },
    before = function() link.add("br1", { type = "bridge" }) end },
  { MAC, { dev = "v0", master = true, vlan = 5, state = "static" }, lacks = "VLANs of bridges", before = function()
      link.add("br0", { bridge = { vlan_filtering = true } })
      link.set("v0", { master = "br0" })
    end },
  { MAC, { dev = "v0", master = true, sticky = true, state = "static" }, before = port },
  { MAC, { dev = "v0", master = true, extern_learn = true, state = "dynamic" }, before = port },
  { MAC, { dev = "x0", dst = "10.0.0.2", port = 4790, vni = 7, via = "v0", router = true, self = true,
           state = "permanent" }, before = vxlan },
  { MAC, { dev = "x0", dst = "10.0.0.2", src_vni = 7 }, before = outside },
  { MAC, { dev = "x0", nhid = 9 }, before = function()
      vxlan()
      nexthop.add(8, { fdb = true, via = "10.0.0.2" })
      nexthop.add(9, { fdb = true, group = { 8 } })
    end },
}

-- A port, or the bridge itself, in VLANs.
local function vlans()
  link.add("br0", { up = true, bridge = { vlan_filtering = true, vlan_default_pvid = 0, mcast_vlan_snooping = true } })
  link.set("v0", { master = "br0" })
end
local function member()
  vlans()
  vlan.add(5, { dev = "v0" })
end
local function tunnel()
  vlans()
  link.add("x0", { vxlan = { external = true, dstport = 4789 } })
  link.set("x0", { master = "br0" })
  link.set("x0", { bridge_slave = { vlan_tunnel = true } })
  vlan.add(5, { dev = "x0" })
end
CASES.vlan = {
  { 5, { dev = "v0", pvid = true, untagged = true }, lacks = "VLANs of bridges", before = vlans },
  { 5, { dev = "br0", self = true }, lacks = "VLANs of bridges", before = vlans },
  { 5, { dev = "v0", state = "blocking", mcast_router = 2 }, verb = "set", lacks = "VLANs of bridges", before = member },
  { 5, { dev = "x0", tunnel_id = 77 }, lacks = "VLANs of bridges", before = tunnel },
}

CASES.vlan_global = {
  { 5, { dev = "br0", mcast_snooping = false, mcast_querier = true, mcast_igmp_version = 3, mcast_mld_version = 2,
         mcast_last_member_count = 5, mcast_last_member_interval = 300, mcast_startup_query_count = 7,
         mcast_startup_query_interval = 4000, mcast_membership_interval = 30000, mcast_querier_interval = 20000,
         mcast_query_interval = 15000, mcast_query_response_interval = 900 },
    verb = "set", lacks = "VLANs of bridges", before = function()
      vlans()
      vlan.add(5, { dev = "br0", self = true })
    end },
}

local function labels()
  sysctl.set("net.mpls.platform_labels", 1000)
end
CASES.mpls = {
  { "100", { as = "200/300", via = "10.0.0.2", dev = "v0", protocol = "static", ttl_propagate = false },
    lacks = "MPLS", before = labels },
  { "101", { nexthops = { { as = "200", via = "10.0.0.2", dev = "v0" }, { as = "300", via = "10.0.1.2", dev = "w0" } } },
    lacks = "MPLS", before = labels },
}

CASES.nsid = { { nil, { netns = "red", nsid = 55 }, verb = "set", reads = { netns = netns "red" },
                 before = function() netns.add "red" end } }

local function switch()
  link.add("br0", { up = true, type = "bridge" })
  link.set("v0", { master = "br0" })
end
CASES.mdb = {
  { "239.1.1.1", { dev = "br0", port = "v0", state = "permanent" }, before = switch },
  { "239.1.1.1", { dev = "br0", port = "v0", src = "10.0.0.5" }, before = switch },
  { "239.1.1.1", { dev = "br0", port = "v0", filter_mode = "include", source_list = { "10.0.0.5" }, protocol = "static" },
    may_lack = { source_list = true }, -- a source has an entry of its own beside; mdb_spec
    lacks = "sources of groups (Linux 6.3)", before = function()
      link.add("br0", { up = true, bridge = { mcast_igmp_version = 3 } }) -- an older one has no sources
      link.set("v0", { master = "br0" })
    end },
  { "239.1.1.1", { dev = "br0", port = "v0", vid = 5 }, lacks = "VLANs of bridges", before = member },
}

CASES.vni = {
  { 7, { dev = "x0", remote = "10.0.0.2" }, lacks = "vxlan with vnifilter", before = filtering },
  { "100-110", { dev = "x0", group = "ff05::1" }, lacks = "vxlan with vnifilter", before = filtering },
}

local KEY, OTHER = "cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo=", "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
CASES.wireguard = {
  { "x0", { private_key = KEY, listen_port = 5555, fwmark = 7, peers = {
      { public_key = OTHER, preshared_key = KEY, endpoint = "10.0.0.2:5555", persistent_keepalive = 25,
        allowed_ips = { "10.9.0.0/16", "fd09::/64" } } } },
    verb = "set", lacks = "wireguard", before = function() link.add("x0", { type = "wireguard" }) end },
}

CASES.addrlabel = { { "2001:db8::/32", { dev = "v0", label = 99 } } }

CASES.fou = {
  { 5555, { family = "inet", ipproto = 47, local_address = "10.0.0.1", peer = "10.0.0.2", peer_port = 7, dev = "v0" },
    lacks = "fou", root = true },
  { 5556, { gue = true, remcsum_nopartial = true }, lacks = "fou", root = true },
}

-- Keys that no record has, and why.
local UNREAD = {
  ["chain.ingress"] = "where to look for one: the kernel does not tell it; filter_spec",
  ["chain.egress"] = "the same",
  ["link.link_netnsid"] = "takes the number of another namespace; link_more_spec",
  ["vlan.master"] = "of a port: so unless self is given, and told by leaving self out; bridge_vlan_spec",
  ["netconf.dev"] = "says what is looked for: all of netconf is read only",
  ["nexthop_bucket.id"] = "says which one get looks for: nothing of it is given; nexthop_spec",
  ["nexthop_bucket.index"] = "the same",
  ["netconf.family"] = "the same",
  ["link.netns"] = "a record is of the namespace it was read in; netns_spec",
  ["route.encap.seg6local.iif"] = "no action of the kernel has it, though it has a number",
  ["neigh.use"] = "asks the kernel to resolve it now; neigh_spec",
  ["fdb.use"] = "the same, of a forwarding table",
  ["route.iif"] = "a question of route.get; route_spec",
  ["route.mark"] = "a question of route.get; route_spec",
  ["route.uid"] = "a question of route.get; route_spec",
  ["route.ipproto"] = "a question of route.get; route_spec",
  ["route.sport"] = "a question of route.get; route_spec",
  ["route.dport"] = "a question of route.get; route_spec",
  ["route.fibmatch"] = "a question of route.get; route_spec",
  ["wireguard.replace_peers"] = "how the set is done; wireguard_spec",
  ["wireguard.peer.remove"] = "how the set is done; wireguard_spec",
  ["wireguard.peer.replace_allowed_ips"] = "how the set is done; wireguard_spec",
  ["wireguard.peer.update_only"] = "how the set is done; wireguard_spec",
}

local function place(options)
  return function() qdisc.add(options) end
end

CASES.chain = {
  { nil, { dev = "v0", parent = "1:", chain = 5 }, before = place { dev = "v0", root = true, handle = "1:", type = "htb" } },
  { nil, { dev = "v0", egress = true, chain = 6, type = "flower", protocol = "ip",
           flower = { ip_proto = "tcp", dst_ip = "10.0.0.0/24" } },
    lacks = "flower", may_lack = { egress = true, protocol = true }, before = place { dev = "v0", type = "clsact" } },
}

-- Objects and parts of such whose keys are tried by a spec of their own, with the same demand.
local ELSEWHERE = {
  qdisc = "qdisc_spec", class = "qdisc_spec", filter = "filter_spec", ["link."] = "link_kinds_spec", macsec = "macsec_spec",
}

local function elsewhere(name)
  for prefix in pairs(ELSEWHERE) do
    if name == prefix or name:sub(1, #prefix + (prefix:match "%.$" and 0 or 1)) == (prefix .. "."):gsub("%.%.$", ".") then
      return true
    end
  end
end

-- The records of the object that the case may have made.
local LIST = {
  link = function() return link.list() end,
  addr = function() return addr.list() end,
  route = function(case)
    return route.list { table = case[2].table or "main", family = case[1]:find ":" and "inet6" or "inet" }
  end,
  rule = function(case) return rule.list { family = case[2].family } end,
  neigh = function(case) return neigh.list { proxy = case[2].proxy } end,
  nexthop = function() return nexthop.list() end,
  fdb = function() return fdb.list() end,
  wireguard = function(case) return { wireguard.get(case[1]) } end,
  vlan = function() return vlan.list() end,
  vlan_global = function() return vlan_global.list() end,
  mpls = function() return mpls.list() end,
  mdb = function() return mdb.list() end,
  vni = function() return vni.list() end,
  nsid = function() return nsid.list() end,
  chain = function(case)
    local given = case[2]
    return chain.list { dev = given.dev, parent = given.parent, egress = not given.parent or nil }
  end,
  fou = function() return fou.list() end,
  addrlabel = function() return addrlabel.list() end,
}
local NAMED_BY = { link = "name", addr = "address", route = "dst", rule = "priority", neigh = "dst",
                   nexthop = "id", fdb = "lladdr", wireguard = "name", vlan = "vid", vlan_global = "vid",
                   mpls = "label", mdb = "grp", vni = "vni", nsid = "nsid", fou = "port", addrlabel = "prefix",
                   chain = "chain" }

local LACKS = { EOPNOTSUPP = true, ENOENT = true, EPROTONOSUPPORT = true, EAFNOSUPPORT = true, EINVAL = true }

local function network()
  for i, name in ipairs { "v", "w" } do
    link.add(name .. 0, { up = true, veth = { peer = { name = name .. 1, up = true } } })
    addr.add(("10.0.%d.1/24"):format(i - 1), { dev = name .. 0 })
  end
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
end

-- Seconds pass while one looks.
local PASSING = { valid_lft = 3, preferred_lft = 3, expires = 3 }

local function compare(given, got, path, may_lack, wrong)
  local key = path:match "[^.]+$"
  if type(given) == "table" then
    if got == nil and may_lack[key] then return end
    if type(got) ~= "table" and type(got) ~= "userdata" then
      wrong[#wrong + 1] = ("%s: given a table, read %s"):format(path, tostring(got))
      return
    end
    for k, v in pairs(given) do compare(v, got[k], path .. "." .. k, may_lack, wrong) end
    return
  end
  if given == got or may_lack[key] and (got == nil or got == false) then return end
  local passed = PASSING[key] and type(given) == "number" and type(got) == "number" and given - got
  if passed and passed >= 0 and passed <= PASSING[key] then return end
  wrong[#wrong + 1] = ("%s: given %s, read %s"):format(path, tostring(given), tostring(got))
end

local function find(object, case)
  local by = NAMED_BY[object]
  for _, record in ipairs(LIST[object](case)) do
    local is = record[by]
    if is == (case[2][by] or case[1]) and (case[2].dev == nil or record.dev == case[2].dev) then return record end
  end
end

local function try(object, case)
  network()
  local ok, err = pcall(case.before or function() end)
  if ok then
    local verb = _G[object][case.verb or "add"]
    if case[1] then ok, err = pcall(verb, case[1], case[2]) else ok, err = pcall(verb, case[2]) end
  end
  if not ok then
    if err.code == "EPERM" and case.root and not harness.is_root_of_machine() then
      return "the kernel wants root of the machine"
    end
    if LACKS[err.code] and (case.lacks or err.field == "type") then
      return ("this kernel has no %s"):format(case.lacks or case[2].type)
    end
    error(err, 0)
  end
  local record = assert(find(object, case), "it is not there")
  local wrong = {}
  for key, value in pairs(case[2]) do
    local reads = case.reads and case.reads[key]
    if reads == nil then reads = value end
    compare(reads, record[key], object .. "." .. key, case.may_lack or {}, wrong)
  end
  table.sort(wrong)
  assert.same({}, wrong)
end

for _, object in sorted(CASES) do
  describe(object, function()
    for i, case in ipairs(CASES[object]) do
      it(("comes back as it was given (%d: %s)"):format(i, tostring(case[1] or object)), fresh(function()
        local lacks = try(object, case)
        if lacks then return pending(lacks) end
      end))
    end
  end)
end

-- Which keys the tables give, by schema: "route.via", "route.nexthop.via".
local function given_keys(schemas, name, options, out)
  for _, row in ipairs(schemas[name].rows) do
    local value = options[row.key]
    if value ~= nil then out[name .. "." .. row.key] = true end
    local inner = row.schema
    if type(value) == "table" and inner and not elsewhere(inner) then
      for _, each in ipairs(#value > 0 and value or { value }) do given_keys(schemas, inner, each, out) end
    end
  end
end

it("every key that can be given has a value here that went through the kernel", function()
  local schemas, given, missing = core.schemas(), {}, {}
  for object, cases in pairs(CASES) do
    given[object .. "." .. NAMED_BY[object]] = true
    for _, case in ipairs(cases) do given_keys(schemas, object, case[2], given) end
  end
  for name, schema in pairs(schemas) do
    for _, row in ipairs(elsewhere(name) and {} or schema.rows) do
      local path = name .. "." .. row.key
      local kind = row.schema and row.schema:match "^link%."
      if not (row.readonly or kind or given[path] or UNREAD[path]) then
        missing[#missing + 1] = ("%s: add it, with a value, to a case of CASES.%s in %s; or to UNREAD, "
          .. "with the reason why no record has it"):format(path, name:match "^[^.]+", "tests/kernel/round_trip_spec.lua")
      end
    end
  end
  table.sort(missing)
  assert.same({}, missing)
end)

it("no key is excused that can be read, or is gone", function()
  local schemas, wrong = core.schemas(), {}
  for path in pairs(UNREAD) do
    local name, key = path:match "^(.*)%.([^.]+)$"
    local found = false
    for _, row in ipairs(schemas[name] and schemas[name].rows or {}) do found = found or row.key == key end
    if not found then wrong[#wrong + 1] = path end
  end
  assert.same({}, wrong)
end)
