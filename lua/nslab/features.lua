-- features: what a kernel may have or lack that labs need: kinds of links, queues, what iptables rules are
-- made of. Whether it is there is tried, in a throw-away sandbox, and not guessed from names and versions.
-- `nslab doctor` reports all of it; a lab and a step say by these names what they need.

local core = require "nslab.core"

local M = {}

-- ---- messages to the kernel ---------------------------------------------------------------------

-- Only what a probe needs: a request for something of a kind, with nothing else in it. A kernel that
-- knows the kind misses the rest; one that does not says so.
local ROUTE, NETFILTER = 0, 12
local REQUEST, ACK, REPLACE, CREATE = 0x1, 0x4, 0x100, 0x400
local NEWLINK, NEWQDISC = 16, 36
local ROOT = 0xFFFFFFFF
local BATCH_BEGIN, BATCH_END, NFTABLES = 16, 17, 10
local NEWTABLE, NEWCHAIN, NEWRULE = 0, 3, 6
local NESTED = 0x8000

local function attr(type, payload)
  local text = ("=I2I2"):pack(4 + #payload, type) .. payload
  return text .. ("\0"):rep(-#text % 4)
end

local function text_attr(type, text) return attr(type, text .. "\0") end

local function nest(type, ...) return attr(type | NESTED, table.concat { ... }) end

local function message(type, flags, seq, ...)
  local body = table.concat { ... }
  return ("=I4I2I2I4I4"):pack(16 + #body, type, REQUEST | flags, seq, 0) .. body
end

-- RTM_NEWLINK with IFLA_LINKINFO { IFLA_INFO_KIND, and perhaps IFLA_INFO_DATA }
local function link_message(kind, i, data)
  return message(NEWLINK, CREATE | ACK, 1, ("=BBI2i4I4I4"):pack(0, 0, 0, 0, 0, 0),
                 text_attr(3, "probe" .. i), nest(18, text_attr(1, kind), data and nest(2, data) or ""))
end

-- RTM_NEWQDISC at the root of lo with TCA_KIND, in the place of the one that an earlier probe left
local function qdisc_message(kind)
  return message(NEWQDISC, CREATE | REPLACE | ACK, 1, ("=BBI2i4I4I4I4"):pack(0, 0, 0, 1, 0, ROOT, 0),
                 text_attr(1, kind))
end

-- struct nfgenmsg: family, version, resource id in network order
local function nft(type, flags, seq, family, ...)
  return message(NFTABLES << 8 | type, flags, seq, ("=BB"):pack(family, 0) .. (">I2"):pack(0), ...)
end

local function batch_end(type, seq)
  return message(type, 0, seq, ("=BB"):pack(0, 0) .. (">I2"):pack(NFTABLES))
end

-- One transaction: a table, a chain in it, and a rule of one expression (name, data), or none.
local function rule_message(expression, data)
  local IPV4 = 2
  local element = expression and
                  nest(4, nest(1, text_attr(1, expression), nest(2, data or ""))) or ""
  return batch_end(BATCH_BEGIN, 1)
         .. nft(NEWTABLE, CREATE, 2, IPV4, text_attr(1, "probe"))
         .. nft(NEWCHAIN, CREATE, 3, IPV4, text_attr(1, "probe"), text_attr(3, "probe"))
         .. nft(NEWRULE, CREATE | ACK, 4, IPV4, text_attr(1, "probe"), text_attr(2, "probe"), element)
         .. batch_end(BATCH_END, 5)
end

-- NFTA_MATCH_NAME/NFTA_TARGET_NAME, _REV, _INFO. The info is too short for anything, so what exists
-- says so, and what does not is not found.
local function extension_data(name, revision)
  return text_attr(1, name) .. attr(2, (">I4"):pack(revision)) .. attr(3, "\0\0\0\0")
end

-- ---- what there is to know -----------------------------------------------------------------------

-- { name, what is lost without it, configuration }
local LINKS = {
  { "veth", "no lab works: it is the cable between two namespaces", "CONFIG_VETH", needed = true },
  { "bridge", "labs with a switch", "CONFIG_BRIDGE" },
  { "dummy", "labs with an address that belongs to no cable", "CONFIG_DUMMY" },
  { "vlan", "labs with VLANs", "CONFIG_VLAN_8021Q" },
  { "vxlan", "labs with overlay networks", "CONFIG_VXLAN" },
  { "macvlan", "containers that share a card, each with its own MAC address", "CONFIG_MACVLAN" },
  { "ipvlan", "containers that share a card and its MAC address", "CONFIG_IPVLAN" },
  { "vrf", "labs with several routing tables as devices", "CONFIG_NET_VRF" },
  { "bond", "labs with bundled links", "CONFIG_BONDING" },
  { "team", "labs with bundled links (the other way)", "CONFIG_NET_TEAM" },
  { "wireguard", "labs with a WireGuard tunnel", "CONFIG_WIREGUARD" },
  { "gre", "labs with GRE tunnels", "CONFIG_NET_IPGRE" },
  { "ipip", "labs with IP-in-IP tunnels", "CONFIG_NET_IPIP" },
  { "sit", "labs with IPv6 over IPv4", "CONFIG_IPV6_SIT" },
  { "ip6tnl", "labs with tunnels over IPv6", "CONFIG_IPV6_TUNNEL" },
  { "geneve", "labs with Geneve tunnels", "CONFIG_GENEVE" },
  { "macsec", "labs with encrypted cables (MACsec)", "CONFIG_MACSEC" },
  { "hsr", "labs with rings and pairs of networks (HSR, PRP)", "CONFIG_HSR" },
  { "bareudp", "labs with MPLS or IP in plain UDP", "CONFIG_BAREUDP" },
  { "amt", "labs with multicast through tunnels", "CONFIG_AMT" },
  { "gtp", "labs with tunnels of mobile networks", "CONFIG_GTP" },
  { "vcan", "labs with a CAN bus", "CONFIG_CAN_VCAN" },
  { "vxcan", "labs with a CAN bus between namespaces", "CONFIG_CAN_VXCAN" },
  { "ifb", "shaping of what comes in", "CONFIG_IFB" },
  { "nlmon", "capturing netlink messages", "CONFIG_NLMON" },
}

-- What a bridge can be told to do; behind the configuration the number of its option, IFLA_BR_...
local BRIDGES = {
  { "vlan_filtering", "switches whose ports are in VLANs", "CONFIG_BRIDGE_VLAN_FILTERING", 7 },
}

local QDISCS = {
  { "netem", "links with delay and loss", "CONFIG_NET_SCH_NETEM" },
  { "tbf", "links with a limited rate", "CONFIG_NET_SCH_TBF" },
  { "htb", "shares of a link's rate", "CONFIG_NET_SCH_HTB" },
  { "fq_codel", "fair queueing", "CONFIG_NET_SCH_FQ_CODEL" },
  { "fq", "pacing", "CONFIG_NET_SCH_FQ" },
  { "codel", "short queues", "CONFIG_NET_SCH_CODEL" },
  { "cake", "a shaper that is fair and keeps queues short", "CONFIG_NET_SCH_CAKE" },
  { "prio", "bands by priority", "CONFIG_NET_SCH_PRIO" },
  { "sfq", "flows that take turns", "CONFIG_NET_SCH_SFQ" },
  { "red", "random early detection", "CONFIG_NET_SCH_RED" },
  { "hfsc", "shares with guaranteed delays", "CONFIG_NET_SCH_HFSC" },
  { "drr", "classes that take turns", "CONFIG_NET_SCH_DRR" },
  { "qfq", "classes by weight", "CONFIG_NET_SCH_QFQ" },
  { "ets", "strict bands beside others", "CONFIG_NET_SCH_ETS" },
  { "pie", "queues with a short delay", "CONFIG_NET_SCH_PIE" },
  { "fq_pie", "pie with fair queueing", "CONFIG_NET_SCH_FQ_PIE" },
  { "choke", "red that looks at flows", "CONFIG_NET_SCH_CHOKE" },
  { "sfb", "stochastic fair blue", "CONFIG_NET_SCH_SFB" },
  { "hhf", "heavy flows behind others", "CONFIG_NET_SCH_HHF" },
  { "multiq", "a band for each queue of a link", "CONFIG_NET_SCH_MULTIQ" },
  { "mqprio", "queues by class of traffic", "CONFIG_NET_SCH_MQPRIO" },
  { "skbprio", "queues by priority", "CONFIG_NET_SCH_SKBPRIO" },
  { "plug", "packets held back", "CONFIG_NET_SCH_PLUG" },
  { "cbs", "credit for a class of traffic", "CONFIG_NET_SCH_CBS" },
  { "etf", "packets at their time", "CONFIG_NET_SCH_ETF" },
}

local EXPRESSIONS = {
  { "nf_tables", "iptables and every lab with a firewall or NAT", "CONFIG_NF_TABLES" },
  { "ct", "rules about connections, as every stateful firewall has", "CONFIG_NF_CONNTRACK" },
  { "nat", "port forwarding (DNAT) and SNAT", "CONFIG_NFT_NAT" },
  { "masq", "MASQUERADE", "CONFIG_NFT_MASQ" },
  { "redir", "REDIRECT", "CONFIG_NFT_REDIR" },
  { "reject", "REJECT", "CONFIG_NFT_REJECT" },
  { "log", "LOG", "CONFIG_NFT_LOG" },
  { "limit", "-m limit", "CONFIG_NFT_LIMIT" },
}

-- Matches and targets of xtables that iptables-nft hands to the kernel as they are. The expression
-- they are named in, the name, the newest revision of Linux 6.1.
local EXTENSIONS = {
  { "match", "addrtype", 1, "CONFIG_NETFILTER_XT_MATCH_ADDRTYPE" },
  { "match", "comment", 0, "CONFIG_NETFILTER_XT_MATCH_COMMENT" },
  { "match", "conntrack", 3, "CONFIG_NETFILTER_XT_MATCH_CONNTRACK" },
  { "match", "multiport", 1, "CONFIG_NETFILTER_XT_MATCH_MULTIPORT" },
  { "match", "mark", 1, "CONFIG_NETFILTER_XT_MARK" },
  { "match", "length", 0, "CONFIG_NETFILTER_XT_MATCH_LENGTH" },
  { "match", "string", 1, "CONFIG_NETFILTER_XT_MATCH_STRING" },
  { "match", "statistic", 0, "CONFIG_NETFILTER_XT_MATCH_STATISTIC" },
  { "match", "recent", 1, "CONFIG_NETFILTER_XT_MATCH_RECENT" },
  { "target", "MARK", 2, "CONFIG_NETFILTER_XT_MARK" },
  { "target", "CONNMARK", 2, "CONFIG_NETFILTER_XT_CONNMARK" },
  { "target", "TCPMSS", 0, "CONFIG_NETFILTER_XT_TARGET_TCPMSS" },
}

-- What is looked for, by area.
M.rows = { link = LINKS, bridge = BRIDGES, qdisc = QDISCS, nf_tables = EXPRESSIONS, xtables = EXTENSIONS }

-- Areas in the order of the report: title, and what a lack of one of its rows is called.
local AREAS = {
  { "link", "kinds of links", "links of type %s" }, { "bridge", "bridges", "%s in its bridges" },
  { "qdisc", "queues", "queue %s" },
  { "nf_tables", "firewall", "%s for its firewall" },
  { "xtables", "iptables extensions", "iptables extension %s" },
}

-- Matches and targets have no sentence of their own: what is lost is their use.
local function extension(row)
  local use = (row[1] == "match" and "-m " or "-j ") .. row[2]
  return { name = row[2], told = use, costs = use, option = row[4] }
end

local function plain(row)
  return { name = row[1], told = row[1], costs = row[2], option = row[3], needed = row.needed }
end

-- Every row: { area, title, name, costs, option, needed, what, row }; `what` is what is missing without it.
function M.all()
  local out = {}
  for _, area in ipairs(AREAS) do
    for _, row in ipairs(M.rows[area[1]]) do
      local f = (area[1] == "xtables" and extension or plain)(row)
      f.area, f.title, f.what, f.row = area[1], area[2], area[3]:format(f.told), row
      out[#out + 1] = f
    end
  end
  return out
end

-- The names by which a lab says what it needs.
function M.names()
  local out = {}
  for i, f in ipairs(M.all()) do out[i] = f.name end
  return out
end

-- ---- asking ---------------------------------------------------------------------------------------

local function ask(protocol, bytes, seq, unknown)
  local err = core.netlink_verdict(protocol, bytes, seq)
  return (err == unknown or err == "EPROTONOSUPPORT" or err == "ETIMEDOUT") and err
end

-- The error with which the kernel says that it does not know the row, or nothing true.
local ASK = {
  link = function(row, i) return ask(ROUTE, link_message(row[1], i), 1, "EOPNOTSUPP") end,
  bridge = function(row, i)
    return ask(ROUTE, link_message("bridge", i, attr(row[4], "\1")), 1, "EOPNOTSUPP")
  end,
  qdisc = function(row) return ask(ROUTE, qdisc_message(row[1]), 1, "ENOENT") end,
  nf_tables = function(row)
    return row[1] ~= "nf_tables" and ask(NETFILTER, rule_message(row[1]), 4, "ENOENT")
  end,
  xtables = function(row)
    return ask(NETFILTER, rule_message(row[1], extension_data(row[2], row[3])), 4, "ENOENT")
  end,
}

local IN_TABLES = { nf_tables = true, xtables = true }

-- The lines "area<TAB>name<TAB>error" for the rows of these names (a set; all without): error is "" for
-- what the kernel knows. Leaves links and rules behind: it is for a sandbox that is thrown away.
function M.look(wanted)
  local lines, no_tables = {}, nil
  for i, f in ipairs(M.all()) do
    if not wanted or wanted[f.name] then
      if IN_TABLES[f.area] and no_tables == nil then
        no_tables = core.netlink_verdict(NETFILTER, rule_message(), 4) or false
      end
      local err = IN_TABLES[f.area] and no_tables or ASK[f.area](f.row, i)
      lines[#lines + 1] = ("%s\t%s\t%s"):format(f.area, f.name, err or "")
    end
  end
  return table.concat(lines, "\n")
end

-- What M.look() found, as the set of those that the kernel does not know: "link vrf".
function M.unknown(found)
  local unknown = {}
  for area, name, err in (found .. "\n"):gmatch "(.-)\t(.-)\t(.-)\n" do
    if err ~= "" then unknown[area .. " " .. name] = err end
  end
  return unknown
end

-- ---- what helps -----------------------------------------------------------------------------------

local function read(path)
  local file <close> = io.open(path)
  return file and file:read "a"
end

-- Where the module stands among those of the running kernel: a file, what is around the row's name there.
local MODULES = {
  link = { "modules.alias", "\nalias rtnl%%-link%%-%s (%%S+)" },
  qdisc = { "modules.dep", "/(sch_%s)%%.ko" },
}

-- The sentence that says what helps where the kernel has no such row. `root` is where files are looked
-- for, "" but for tests.
function M.remedy(f, root)
  root = root or ""
  local release = (read "/proc/sys/kernel/osrelease" or ""):gsub("%s+$", "")
  local dir, where = ("%s/lib/modules/%s/"):format(root, release), MODULES[f.area]
  local list = where and read(dir .. where[1])
  local module = list and ("\n" .. list):match(where[2]:format(f.name))
  if module then return ("sudo modprobe %s (this kernel has it as a module)"):format(module) end
  local stock = "A distribution's stock kernel has it; this one was built without " .. f.option
  local system = "\n" .. (read(root .. "/etc/os-release") or "")
  if not (read(dir .. "modules.dep") and system:find "\nID=ubuntu") then return stock end
  return ("sudo apt install linux-modules-extra-%s\n%s"):format(release, stock)
end

-- ---- what a lab needs -------------------------------------------------------------------------------

local known = {} -- answers to this process: the kernel does not lose what it has

-- Asks for what is not known yet. Without a sandbox nobody knows, and the operation itself will say it.
local function probe(names)
  local wanted = {}
  for _, name in ipairs(names) do
    if known[name] == nil then wanted[name] = true end
  end
  if not next(wanted) then return end
  local unknown = M.unknown(core.in_sandbox(function() return M.look(wanted) end) or "")
  for _, f in ipairs(M.all()) do
    if wanted[f.name] then known[f.name] = not unknown[f.area .. " " .. f.name] end
  end
end

-- Of these names those that the running kernel lacks: { name, text, costs, remedy } each.
function M.lacking(names)
  local out, asked = {}, {}
  probe(names)
  for _, name in ipairs(names) do asked[name] = true end
  for _, f in ipairs(M.all()) do
    if asked[f.name] and not known[f.name] then
      out[#out + 1] = { name = f.name, text = ("this kernel has no %s (%s)"):format(f.what, f.option),
                        costs = f.costs, remedy = M.remedy(f) }
    end
  end
  return out
end

-- What is lacking, as text of several lines.
function M.text(lacking)
  local lines = {}
  for _, lack in ipairs(lacking) do
    lines[#lines + 1] = ("this lab cannot run here: %s."):format(lack.text)
    table.move(require("nslab.render").lack(lack, 100), 1, 10, #lines + 1, lines)
  end
  return table.concat(lines, "\n")
end

return M
