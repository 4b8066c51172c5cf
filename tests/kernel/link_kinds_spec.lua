-- link: every option of every kind goes through the kernel: what add was given is what get returns, and
-- ip shows the same of a link of the kind that it makes itself, so that what both fill in is the same. A
-- row of a kind that has no value here fails the test.

local core = require "nslab.core"
local harness = require "harness"
local words = require "nslab.words"
local fresh, json = harness.fresh, harness.json

-- What a value of a row needs besides, and what it reads as where that is something else:
-- { value, with = { more options of the kind }, reads = value or function(options of the kind) }.
-- `bare`: the other options, in place of those of the kind. `refused`: the kernel says EINVAL.
-- A plain value stands alone; false is one. `never`: the kernel takes it and tells it to nobody; `root`: to root
-- of the machine alone.
local function never(value, with) return { value, with = with, never = true } end

local function over_ipv4(more)
  local rows = {
    remote = "10.0.0.2", local_address = "10.0.0.1", dev = "v0", ttl = 64, tos = 16, pmtudisc = true,
    encap = { "none", with = {} }, encap_sport = 6666, encap_dport = 5555, encap_csum = true,
    encap_csum6 = true, encap_remcsum = true, external = { true, bare = {} }, fwmark = 7,
  }
  for key, value in pairs(more) do rows[key] = value end
  return rows
end

local function over_ipv6(more)
  local rows = {
    remote = "fd00::2", local_address = "fd00::1", dev = "v0", hoplimit = 9, encaplimit = 3,
    tclass = 16, flowlabel = 5, dscp_inherit = true, fwmark_inherit = true, allow_localremote = true,
    encap = "none", encap_sport = 6666, encap_dport = 5555, encap_csum = true, encap_csum6 = true,
    encap_remcsum = true, external = { true, bare = {} }, fwmark = 7,
  }
  for key, value in pairs(more) do rows[key] = value end
  return rows
end

local function gre(rows)
  local function both(a, b)
    return function(o) return o[a] == o[b] and o[a] end
  end
  local more = {
    key = { 5, reads = both("ikey", "okey") }, ikey = 5, okey = 6,
    seq = { true, reads = both("iseq", "oseq") }, iseq = true, oseq = true,
    csum = { true, reads = both("icsum", "ocsum") }, icsum = true, ocsum = true,
  }
  for key, value in pairs(more) do rows[key] = value end
  return rows
end

local function erspan(rows)
  for _, key in ipairs { "csum", "icsum", "ocsum" } do rows[key] = { true, refused = true } end
  rows.erspan_ver = { 1, with = { erspan = 9 } }
  rows.erspan = { 9, with = { erspan_ver = 1 } }
  rows.erspan_dir = { "egress", with = { erspan_ver = 2, erspan_hwid = 7 } }
  rows.erspan_hwid = { 7, with = { erspan_ver = 2 } }
  return rows
end

local ENDS4 = { local_address = "10.0.0.1", remote = "10.0.0.2" }
local ENDS6 = { local_address = "fd00::1", remote = "fd00::2" }
local function ends(base, more)
  local out = {}
  for key, value in pairs(base) do out[key] = value end
  for key, value in pairs(more) do out[key] = value end
  return out
end

local AD = { mode = "802.3ad" }
local function vti(base)
  local function both(o) return o.ikey == o.okey and o.ikey end
  return { base = base, rows = { remote = base.remote, local_address = base.local_address, dev = "v0",
                                 key = { 5, reads = both }, ikey = 5, okey = 6, fwmark = 7 } }
end

local MACVLAN = {
  mode = "private", flag = { "nopromisc", with = { mode = "passthru" } },
  macaddr = { { "02:00:00:00:00:01" }, with = { mode = "source" } }, bcqueuelen = 500,
  bclim = { 5, with = { mode = "bridge" } },
}
local IPVLAN = { mode = "l2", flag = "private" }

local AMT = { mode = "relay", dev = "v0", local_address = "10.0.0.1", discovery = "10.0.0.2", relay_port = 2268,
              gateway_port = 2268, max_tunnels = 16 }

-- { base = what every link of the kind has, lower = lies on v0, rows = { key = value },
--   newer = { keys that older kernels, or those without VLANs, pass over } }
local KINDS = {
  bridge = { base = {}, newer = { fdb_max_learned = true, vlan_filtering = true, vlan_protocol = true,
                                  vlan_default_pvid = true, vlan_stats_enabled = true,
                                  vlan_stats_per_port = true }, rows = {
    fdb_flush = never(true), forward_delay = 700, hello_time = 300, max_age = 1800, ageing_time = 12300,
    stp_state = true, priority = 4096, group_fwd_mask = 8, group_address = "01:80:c2:00:00:04",
    no_linklocal_learn = true, vlan_filtering = true, vlan_protocol = "802.1ad", vlan_default_pvid = 7,
    vlan_stats_enabled = true, vlan_stats_per_port = true, mcast_snooping = false,
    mcast_vlan_snooping = { true, with = { vlan_filtering = true } }, mcast_router = 2,
    mcast_query_use_ifaddr = true,
    mcast_querier = true, mcast_hash_elasticity = 16, mcast_hash_max = 512, mcast_last_member_count = 3,
    mcast_startup_query_count = 4, mcast_last_member_interval = 200, mcast_membership_interval = 20000,
    mcast_querier_interval = 20000, mcast_query_interval = 9000, mcast_query_response_interval = 900,
    mcast_startup_query_interval = 3000, mcast_stats_enabled = true, mcast_igmp_version = 3,
    mcast_mld_version = 2, nf_call_iptables = true, nf_call_ip6tables = true, nf_call_arptables = true,
    fdb_max_learned = 9 } },
  vlan = { base = { id = 5 }, lower = true, rows = {
    id = 4094, protocol = "802.1ad", reorder_hdr = false, gvrp = true, loose_binding = true, mvrp = true,
    bridge_binding = true, egress_qos_map = { { [1] = 2, [3] = 4 } }, ingress_qos_map = { { [2] = 7 } } } },
  vxlan = { base = { id = 5, dstport = 4789 },
    newer = { localbypass = true }, rows = {
    id = 16777215, group = { "239.1.1.1", with = { dev = "v0" } }, remote = "10.0.0.2",
    local_address = "10.0.0.1", dev = "v0", ttl = "inherit", tos = "inherit", df = "set",
    flowlabel = { 5, with = { remote = "fd00::2" } }, ageing = 60, maxaddress = 9, dstport = 4790, srcport = { { 1000, 2000 } }, learning = false,
    proxy = true, rsc = true, l2miss = true, l3miss = true, udpcsum = false, udp6zerocsumtx = true,
    udp6zerocsumrx = true, remcsumtx = true, remcsumrx = true,
    external = { true, bare = { dstport = 4789 } },
    vnifilter = { true, bare = { dstport = 4789, external = true } }, gbp = true,
    gpe = { true, bare = { dstport = 4790, external = true } },
    remcsum_nopartial = { true, with = { remcsumrx = true } },
    localbypass = { false, bare = { dstport = 4789, external = true } } } },
  geneve = { base = { id = 5, remote = "10.0.0.2" },
    newer = { innerprotoinherit = true }, rows = {
    id = 7, remote = "fd00::2", ttl = "inherit", tos = "inherit", df = "set", flowlabel = { 5, with = { remote = "fd00::2" } },
    dstport = 6000, external = { true, bare = {} }, udpcsum = true,
    udp6zerocsumtx = { true, with = { remote = "fd00::2" } },
    udp6zerocsumrx = { true, with = { remote = "fd00::2" } }, innerprotoinherit = true } },
  macvlan = { base = {}, lower = true, newer = { bclim = true }, rows = MACVLAN },
  macvtap = { base = {}, lower = true, newer = { bclim = true }, rows = MACVLAN },
  ipvlan = { base = {}, lower = true, rows = IPVLAN },
  ipvtap = { base = {}, lower = true, rows = IPVLAN },
  vrf = { base = { table = 10 }, rows = { table = 77 } },
  bond = { base = {}, newer = { coupled_control = true }, rows = {
    mode = "active-backup", active_slave = never(false, { mode = "active-backup" }), miimon = 100,
    updelay = { 200, with = { miimon = 100 } }, downdelay = { 200, with = { miimon = 100 } },
    peer_notif_delay = { 200, with = { miimon = 100 } }, use_carrier = true,
    arp_interval = { 500, with = { mode = "active-backup" } },
    arp_ip_target = { { "10.0.0.2", "10.0.0.3" }, with = { mode = "active-backup", arp_interval = 500 } },
    ns_ip6_target = { { "fd00::2" }, with = { mode = "active-backup", arp_interval = 500 } },
    arp_validate = { "all", with = { mode = "active-backup", arp_interval = 500 } },
    arp_all_targets = "all", primary = never(false, { mode = "active-backup" }),
    primary_reselect = { "failure", with = { mode = "active-backup" } }, fail_over_mac = "active",
    xmit_hash_policy = "layer3+4", resend_igmp = 2, num_peer_notif = 3, all_slaves_active = true,
    min_links = 1, lp_interval = 5, packets_per_slave = 3, lacp_rate = { "fast", with = AD },
    lacp_active = { "off", with = AD }, ad_select = { "count", with = AD },
    tlb_dynamic_lb = { false, with = { mode = "balance-tlb" } }, ad_user_port_key = { 7, with = AD, root = true },
    ad_actor_sys_prio = { 9, with = AD, root = true },
    ad_actor_system = { "02:00:00:00:00:05", with = AD, root = true },
    missed_max = { 4, with = { mode = "active-backup" } }, coupled_control = { "off", with = AD } } },
  gre = { base = ENDS4, rows = gre(over_ipv4 { ignore_df = { true, with = { pmtudisc = false } } }) },
  gretap = { base = ENDS4, rows = gre(over_ipv4 { ignore_df = { true, with = { pmtudisc = false } } }) },
  erspan = { base = ends(ENDS4, { key = 5, seq = true }),
    rows = erspan(gre(over_ipv4 { ignore_df = { true, with = { pmtudisc = false } } })) },
  ip6gre = { base = ENDS6, rows = gre(over_ipv6 {}) },
  ip6gretap = { base = ENDS6, rows = gre(over_ipv6 {}) },
  ip6erspan = { base = ends(ENDS6, { key = 5, seq = true }), rows = erspan(gre(over_ipv6 {})) },
  ipip = { base = ENDS4, rows = over_ipv4 { mode = "ipip" } },
  sit = { base = ENDS4, rows = over_ipv4 {
    external = never(true), -- which has no meaning for it
    mode = "ip6ip", isatap = true,
    prefix_6rd = { "2001:db8::", with = { prefixlen_6rd = 32 } },
    prefixlen_6rd = { 32, with = { prefix_6rd = "2001:db8::" } },
    relay_prefix_6rd = { "10.0.0.0", with = { prefix_6rd = "2001:db8::", prefixlen_6rd = 32,
                                              relay_prefixlen_6rd = 8 } },
    relay_prefixlen_6rd = { 8, with = { prefix_6rd = "2001:db8::", prefixlen_6rd = 32,
                                        relay_prefix_6rd = "10.0.0.0" } } } },
  ip6tnl = { base = ENDS6, rows = over_ipv6 { mode = "ip6ip6" } },
  vti = vti(ENDS4),
  vti6 = vti(ENDS6),
  xfrm = { base = { dev = "v0", if_id = 5 }, rows = {
    dev = "v0", if_id = 7, external = { true, bare = {} } } },
  tun = { base = { mode = "tun" }, rows = {
    mode = "tap", user = 0, group = 0, pi = true, vnet_hdr = true, multi_queue = true } },
  macsec = { base = { port = 5 }, lower = true, newer = { offload = true }, rows = {
    sci = "0200000000990007",
    address = { "02:00:00:00:00:99", reads = function(o) return o.sci == "0200000000990005" and "02:00:00:00:00:99" end },
    port = { 7, reads = function(o) return tonumber(o.sci:sub(-4), 16) end },
    cipher = "gcm-aes-256", icvlen = 12, encrypt = true, send_sci = false,
    end_station = { true, with = { send_sci = false } }, scb = { true, with = { send_sci = false } }, protect = false,
    replay = { true, with = { window = 9 } }, window = { 9, with = { replay = true } }, validate = "check",
    encodingsa = 2, offload = "off" } },
  hsr = { base = { slave1 = "v0", slave2 = "y0" }, newer = { interlink = true }, rows = {
    slave1 = "v0", slave2 = "y0", interlink = "z0",
    supervision = { 9, reads = function(o) return tonumber(o.supervision_addr:sub(-2), 16) end },
    version = never(1), proto = 1 } },
  bareudp = { base = { dstport = 6635, ethertype = "ipv4" }, rows = {
    dstport = 6636, ethertype = "mpls_uc", srcportmin = 3000, multiproto = true } },
  amt = { base = AMT, rows = {
    mode = "gateway", discovery = { "10.0.0.2", with = { mode = "gateway" } }, local_address = "10.0.0.3", dev = "v0",
    relay_port = 2270, gateway_port = 2271, max_tunnels = 9 } },
  gtp = { base = { role = "sgsn" }, newer = { restart_count = true }, rows = {
    create_sockets = never(1), role = "ggsn", hsize = 2048, restart_count = 3 } },
  rmnet = { base = { mux_id = 5 }, lower = true, rows = { mux_id = 7 } },
  vxcan = { base = { peer = "x1" }, pair = true, rows = { peer = { "x1", reads = function(o) return o.peer.name end } } },
  netkit = { base = { peer = "x1" }, pair = true, newer = { headroom = true, tailroom = true, scrub = true, peer_scrub = true }, rows = {
    mode = "l2", policy = "blackhole", peer_policy = "blackhole", scrub = "none", peer_scrub = "none",
    headroom = 32, tailroom = 16, peer = { "x1", reads = function(o) return o.peer.name end } } },
}

-- Kinds that have a spec of their own, and why.
local ELSEWHERE = { veth = "link_spec" }

local function network()
  link.add("v0", { address = "02:00:00:00:00:10", up = true, veth = { peer = { name = "v1", up = true } } })
  link.add("y0", { up = true, veth = { peer = { name = "y1", up = true } } })
  link.add("z0", { up = true, veth = { peer = { name = "z1", up = true } } })
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
end

local function options_of(kind, key, case)
  local options = {}
  for k, v in pairs(case.bare or KINDS[kind].base) do options[k] = v end
  for k, v in pairs(case.with or {}) do options[k] = v end
  options[key] = case[1]
  if key == "ikey" or key == "okey" then options.key = nil end
  return options
end

local function case_of(value)
  if type(value) == "table" and value[1] ~= nil then return value end
  return { value }
end

-- What ip shows, without what is another one each time.
local CHANCE = { "ifindex", "address", "permaddr", "link_index" }
local TIMERS = { "gc_timer", "hello_timer", "tcn_timer", "topology_change_timer" }

local function shown()
  local l = json "ip -d -j link show x0"[1]
  for _, key in ipairs(CHANCE) do l[key] = nil end
  for _, key in ipairs(TIMERS) do
    if l.linkinfo and l.linkinfo.info_data then l.linkinfo.info_data[key] = nil end
  end
  return l
end

-- ENOENT and EACCES: of /dev/net/tun.
local LACKS = { EOPNOTSUPP = true, ENOENT = true, EACCES = true, EPROTONOSUPPORT = true, EAFNOSUPPORT = true }

-- Tries one option.
local function try(kind, key, case, report)
  local spec = KINDS[kind]
  local options = { [kind] = options_of(kind, key, case), link = spec.lower and "v0" or nil }
  local ok, err = pcall(link.add, "x0", options)
  if not ok then
    if LACKS[err.code] or case.refused and err.code == "EINVAL" then return end
    return report("%s.%s: %s", kind, key, tostring(err))
  end
  local got = link.get("x0")[kind]
  local is = got[key]
  if type(case.reads) == "function" then is = case.reads(got) end
  if not case.never then
    local same = pcall(assert.same, case[1], is)
    local untold = spec.newer and spec.newer[key] or case.root and not harness.is_root_of_machine()
    if not same and untold and is == nil then return end
    if not same then report("%s.%s: given %s, read %s", kind, key, tostring(case[1]), tostring(is)) end
  end
  link.delete "x0"
end

-- Makes x0 with the base of the kind; the command that does the same.
local function make(kind, spec)
  local command
  local before = core.observe(function(op)
    if op.module == "link" and op.verb == "add" then command = words.command(op) end
  end)
  local ok, err = pcall(link.add, "x0", { [kind] = spec.base, link = spec.lower and "v0" or nil })
  core.observe(before)
  return ok, ok and command or err
end

-- What ip makes of the command is what is there.
local function same_by_ip(command, report)
  local ours = shown()
  link.delete "x0"
  local text, code = harness.sh(command .. " 2>&1")
  if code ~= 0 then return report("%s: %s", command, text) end
  local same, why = pcall(assert.same, shown(), ours)
  if not same then report("%s: ip shows another link than ours: %s", command, tostring(why)) end
end

describe("a link of the kind", function()
  for kind, spec in pairs(KINDS) do
    it(kind .. " reads as it was given, key by key", fresh(function()
      local wrong = {}
      local function report(...) wrong[#wrong + 1] = string.format(...) end
      network()
      local ok, command = make(kind, spec)
      if not ok and LACKS[command.code] then return pending("the kernel has no " .. kind) end
      assert(ok, command)
      if kind ~= "netkit" then same_by_ip(command, report) end -- which ip of that time does not know
      pcall(link.delete, "x0")
      for key, value in pairs(spec.rows) do
        try(kind, key, case_of(value), report)
        pcall(link.delete, "x0")
      end
      assert(#wrong == 0, "\n" .. table.concat(wrong, "\n"))
    end))
  end

  it("has a value for every row that can be given", function()
    local missing = {}
    for _, row in ipairs(core.schemas().link.rows) do
      local slave = row.key:match "_slave$"
      if row.codec == "kind" and row.schema and not ELSEWHERE[row.key] and not slave then
        for _, inner in ipairs(core.schemas()[row.schema].rows) do
          local has = KINDS[row.key] and KINDS[row.key].rows[inner.key] ~= nil
          if not inner.readonly and not has then missing[#missing + 1] = row.key .. "." .. inner.key end
        end
      end
    end
    assert.same({}, missing)
  end)
end)

-- { kind, what the link has, what is changed, what must be left }
local CHANGES = {
  { "gre", { local_address = "10.0.0.1", remote = "10.0.0.2", ikey = 5, okey = 6, ttl = 9 }, { ttl = 64 },
    { local_address = "10.0.0.1", remote = "10.0.0.2", ikey = 5, okey = 6, ttl = 64 } },
  { "gretap", { local_address = "10.0.0.1", remote = "10.0.0.2", key = 5 }, { key = 7 },
    { local_address = "10.0.0.1", remote = "10.0.0.2", ikey = 7, okey = 7 } },
  { "ipip", { local_address = "10.0.0.1", remote = "10.0.0.2", ttl = 9 }, { tos = 16 },
    { local_address = "10.0.0.1", remote = "10.0.0.2", ttl = 9, tos = 16 } },
  { "ip6tnl", { local_address = "fd00::1", remote = "fd00::2", mode = "ip6ip6", encaplimit = "none" },
    { hoplimit = 9 },
    { local_address = "fd00::1", remote = "fd00::2", mode = "ip6ip6", encaplimit = "none", hoplimit = 9 } },
  { "vxlan", { id = 5, dstport = 4789, remote = "10.0.0.2" }, { ageing = 60 },
    { id = 5, dstport = 4789, remote = "10.0.0.2", ageing = 60 } },
}

describe("link.set leaves what it does not name as it is:", function()
  for _, change in ipairs(CHANGES) do
    local kind, has, sets, left = table.unpack(change)
    it(kind, fresh(function()
      network()
      local ok, err = pcall(link.add, "x0", { [kind] = has })
      if not ok and LACKS[err.code] then return pending("the kernel has no " .. kind) end
      assert(ok, err)
      link.set("x0", { [kind] = sets })
      local got, seen = link.get("x0")[kind], {}
      for key in pairs(left) do seen[key] = got[key] end
      assert.same(left, seen)
    end))
  end
end)

-- ---- ports ---------------------------------------------------------------------------------------

local PORTS = {
  bridge_slave = {
    fdb_flush = never(true), state = "forwarding", priority = 5, cost = 77, hairpin = true, guard = true,
    root_block = true, mcast_fast_leave = true, learning = false, flood = false, mcast_flood = false,
    bcast_flood = false, mcast_to_unicast = true, mcast_router = 2, proxy_arp = true,
    proxy_arp_wifi = true, group_fwd_mask = 8, neigh_suppress = true, vlan_tunnel = true,
    isolated = true, locked = true, mab = { true, with = { locked = true, learning = true }, after = { mab = false } },
    neigh_vlan_suppress = true, mcast_max_groups = 9, backup_nhid = 5, backup_port = "w1",
    mcast_eht_hosts_limit = 99,
  },
  bond_slave = { queue_id = 3, prio = 5 },
}
-- From which Linux on: before, they are passed over in silence.
local NEWER = { mab = 6.02, neigh_vlan_suppress = 6.04, mcast_max_groups = 6.03, backup_nhid = 6.06 }
local major, minor = harness.must "uname -r":match "^(%d+)%.(%d+)"
local RUNNING = tonumber(major) + tonumber(minor) / 100

describe("a port", function()
  for slave, rows in pairs(PORTS) do
    it(("of a %s reads as it was given"):format(slave:gsub("_slave", "")), fresh(function()
      local kind, wrong = slave:match "^(.*)_slave$", {}
      network()
      local ok, err = pcall(link.add, "m0", { type = kind })
      if not ok and LACKS[err.code] then return pending("the kernel has no " .. kind) end
      link.add("w0", { master = "m0", veth = { peer = "w2" } })
      link.add("w1", { master = "m0", veth = { peer = "w3" } })
      for _, name in ipairs { "m0", "w0", "w2" } do link.set(name, { up = true }) end
      for key, value in pairs(rows) do
        local case = case_of(value)
        local options = { [key] = case[1] }
        for k, v in pairs(case.with or {}) do options[k] = v end
        ok, err = pcall(link.set, "w0", { [slave] = options })
        local is = link.get("w0")[slave][key]
        if case.after then pcall(link.set, "w0", { [slave] = case.after }) end -- others are refused beside it
        local passed_over = (NEWER[key] or 0) > RUNNING and (is == nil or not ok)
        local lacked = not ok and LACKS[err.code]
        if not ok and not passed_over and not lacked then wrong[#wrong + 1] = key .. ": " .. tostring(err) end
        if ok and not case.never and not passed_over and is ~= case[1] then
          wrong[#wrong + 1] = ("%s: given %s, read %s"):format(key, tostring(case[1]), tostring(is))
        end
      end
      assert.same({}, wrong)
    end))

    it(("of a %s has a value for every row"):format(slave:gsub("_slave", "")), function()
      local missing = {}
      for _, row in ipairs(core.schemas()["link." .. slave].rows) do
        if not row.readonly and rows[row.key] == nil then missing[#missing + 1] = row.key end
      end
      assert.same({}, missing)
    end)
  end
end)
