-- doctor: the command `nslab doctor`: what this machine can and cannot do for labs, what it costs to
-- lack a thing, and what helps. Everything is tried, in a throw-away sandbox, and not guessed from
-- names and versions.

local core = require "nslab.core"
local wrap = require "nslab.wrap"

local M = {}

local KEYS = { "v", "area", "name", "ok", "needed", "value", "costs", "remedy" }

-- ---- reading the machine ------------------------------------------------------------------------

local function read(path)
  local file = io.open(path)
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text and (text:gsub("%s+$", ""))
end

local function number(path)
  return tonumber(read(path) or "")
end

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

-- RTM_NEWLINK with IFLA_LINKINFO { IFLA_INFO_KIND }
local function link_message(kind, i)
  return message(NEWLINK, CREATE | ACK, 1, ("=BBI2i4I4I4"):pack(0, 0, 0, 0, 0, 0),
                 text_attr(3, "probe" .. i), nest(18, text_attr(1, kind)))
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

-- ---- the kernel, from inside a sandbox ----------------------------------------------------------

local STOCK = "A distribution's stock kernel has it; this one was built without "

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
  { "ifb", "shaping of what comes in", "CONFIG_IFB" },
  { "nlmon", "capturing netlink messages", "CONFIG_NLMON" },
}

local QDISCS = {
  { "netem", "links with delay and loss", "CONFIG_NET_SCH_NETEM" },
  { "tbf", "links with a limited rate", "CONFIG_NET_SCH_TBF" },
  { "htb", "shares of a link's rate", "CONFIG_NET_SCH_HTB" },
  { "fq_codel", "fair queueing", "CONFIG_NET_SCH_FQ_CODEL" },
}

local EXPRESSIONS = {
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
  { "match", "statistic", 0, "CONFIG_NETFILTER_XT_MATCH_STATISTIC" },
  { "match", "recent", 1, "CONFIG_NETFILTER_XT_MATCH_RECENT" },
  { "target", "MARK", 2, "CONFIG_NETFILTER_XT_MARK" },
  { "target", "CONNMARK", 2, "CONFIG_NETFILTER_XT_CONNMARK" },
  { "target", "TCPMSS", 0, "CONFIG_NETFILTER_XT_TARGET_TCPMSS" },
}

-- What is looked for, by area.
M.probed = { link = LINKS, qdisc = QDISCS, nf_tables = EXPRESSIONS, xtables = EXTENSIONS }

-- The lines "area<TAB>name<TAB>error": error is "" for what the kernel knows.
local function look_at_kernel()
  local lines = {}
  local function say(area, name, unknown)
    lines[#lines + 1] = ("%s\t%s\t%s"):format(area, name, unknown or "")
  end
  local function ask(protocol, bytes, seq, unknown)
    local err = core.netlink_verdict(protocol, bytes, seq)
    return (err == unknown or err == "EPROTONOSUPPORT" or err == "ETIMEDOUT") and err
  end
  for i, row in ipairs(LINKS) do
    say("link", row[1], ask(ROUTE, link_message(row[1], i), 1, "EOPNOTSUPP"))
  end
  for _, row in ipairs(QDISCS) do
    say("qdisc", row[1], ask(ROUTE, qdisc_message(row[1]), 1, "ENOENT"))
  end
  local tables = core.netlink_verdict(NETFILTER, rule_message(), 4)
  say("nf_tables", "nf_tables", tables)
  for _, row in ipairs(EXPRESSIONS) do
    say("nf_tables", row[1], tables or ask(NETFILTER, rule_message(row[1]), 4, "ENOENT"))
  end
  for _, row in ipairs(EXTENSIONS) do
    local data = extension_data(row[2], row[3])
    say("xtables", row[2], tables or ask(NETFILTER, rule_message(row[1], data), 4, "ENOENT"))
  end
  local sys = io.open "/sys/class/net/lo/ifindex"
  say("namespace", "/sys", not sys and "ENOENT" or nil)
  local forward = io.open("/proc/sys/net/ipv4/ip_forward", "w")
  say("namespace", "sysctls of net", not forward and "EACCES" or nil)
  return table.concat(lines, "\n")
end

-- ---- the report ---------------------------------------------------------------------------------

-- Rows of { area, name, ok, needed, value, costs, remedy }.
local Report = {}
Report.__index = Report

function Report:add(area, name, ok, row)
  row.area, row.name, row.ok = area, name, ok and true or false
  if row.ok then row.costs, row.remedy = nil, nil end
  self[#self + 1] = row
end

local DISTRIBUTIONS = { ["/usr/bin/apt-get"] = "sudo apt install ", ["/usr/bin/dnf"] = "sudo dnf install ",
                        ["/usr/bin/pacman"] = "sudo pacman -S ", ["/sbin/apk"] = "sudo apk add ",
                        ["/usr/bin/zypper"] = "sudo zypper install " }

-- How a package is installed here; the names of packages are Debian's.
local function install(package)
  for tool, command in pairs(DISTRIBUTIONS) do
    local file = io.open(tool)
    if file then
      file:close()
      return command .. package
    end
  end
  return "install the package " .. package
end

local function exists(path)
  local file, _, code = io.open(path)
  if file then file:close() end
  return file ~= nil or code == 13 -- EACCES: it is there, for root
end

-- The first of the programs that is in PATH or where root's tools are.
local function find_program(names)
  local path = (os.getenv "PATH" or "") .. ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
  for name in names:gmatch "%S+" do
    for dir in path:gmatch "[^:]+" do
      if exists(dir .. "/" .. name) then return dir .. "/" .. name end
    end
  end
end

local function add_sandbox(report)
  local found, trouble = core.in_sandbox(look_at_kernel)
  local root = read("/proc/self/status"):match "Uid:%s+%d+%s+(%d+)" == "0"
  report:add("sandbox", "a sandbox can be made", found, {
    needed = true,
    value = found and (root and "as root" or "without root") or trouble.what,
    costs = "no lab runs here",
    remedy = trouble and trouble.remedy,
  })
  if root or not found then return found end
  local ids, why = core.in_sandbox(function() return "" end, true)
  report:add("sandbox", "all ids (--full-map)", ids, {
    value = ids and "through newuidmap" or why.what,
    costs = "daemons that change their user do not start: nginx, dnsmasq, FRR with their own users",
    remedy = why and why.remedy,
  })
  return found
end

local function add_security(report)
  local effective = tonumber(read("/proc/self/status"):match "CapEff:%s+(%x+)", 16)
  local held = effective & (1 << 21 | 1 << 12) == 1 << 21 | 1 << 12
  report:add("security", "capabilities", true, {
    value = held and "CAP_SYS_ADMIN and CAP_NET_ADMIN: labs need no user namespace" or
            "none that labs could use: they take a user namespace" })
  local debian = number "/proc/sys/kernel/unprivileged_userns_clone"
  if debian then
    report:add("security", "kernel.unprivileged_userns_clone", debian == 1, {
      value = tostring(debian), costs = "labs need root",
      remedy = "sudo sysctl -w kernel.unprivileged_userns_clone=1" })
  end
  local apparmor = number "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
  if apparmor then
    local profile = (read "/proc/self/attr/current" or ""):find "nslab" ~= nil
    report:add("security", "AppArmor", apparmor == 0 or profile, {
      value = profile and "nslab has a profile" or
              "kernel.apparmor_restrict_unprivileged_userns is " .. apparmor,
      costs = "labs need root",
      remedy = "a profile that says `userns,` (labs/run offers to install one), or\n"
               .. "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" })
  end
  local filtered = read("/proc/self/status"):match "Seccomp:%s+(%d)" == "2"
  report:add("security", "system call filter", not filtered, {
    value = filtered and "seccomp is on: this looks like a container" or "none",
    costs = "some system calls may be refused; that a sandbox can be made says enough",
    remedy = "docker run --security-opt seccomp=unconfined ..." })
end

-- ---- kernel -------------------------------------------------------------------------------------

local function add_kernel(report, found)
  local unknown = {}
  for area, name, err in (found .. "\n"):gmatch "(.-)\t(.-)\t(.-)\n" do
    unknown[area .. " " .. name] = err ~= "" and err or nil
  end
  local function each(area, rows, title)
    for _, row in ipairs(rows) do
      report:add(title, row[1], not unknown[area .. " " .. row[1]], {
        needed = row.needed, costs = row[2], remedy = STOCK .. row[3] })
    end
  end
  each("link", LINKS, "kinds of links")
  each("qdisc", QDISCS, "queues")
  each("nf_tables", { { "nf_tables", "iptables and every lab with a firewall or NAT",
                        "CONFIG_NF_TABLES" } }, "firewall")
  each("nf_tables", EXPRESSIONS, "firewall")
  local rows = {}
  for i, row in ipairs(EXTENSIONS) do
    rows[i] = { row[2], (row[1] == "match" and "-m " or "-j ") .. row[2], row[4] }
  end
  each("xtables", rows, "iptables extensions")
  report:add("namespaces", "/sys of a namespace", not unknown["namespace /sys"], {
    costs = "`ip netns exec` and `ip -n` typed in a lab fail; nslab itself does without",
    remedy = "docker run --security-opt systempaths=unconfined ..." })
  report:add("namespaces", "sysctls of a namespace", not unknown["namespace sysctls of net"], {
    costs = "ip_forward cannot be set: labs with routers do not work",
    remedy = "docker run --security-opt systempaths=unconfined ..." })
end

-- ---- limits -------------------------------------------------------------------------------------

-- { file, what is enough, what is lost with less }
local LIMITS = {
  { "/proc/sys/user/max_user_namespaces", 16, "labs without root" },
  { "/proc/sys/user/max_net_namespaces", 256, "labs with many namespaces" },
  { "/proc/sys/user/max_mnt_namespaces", 256, "many programs at once in namespaces" },
  { "/proc/sys/user/max_pid_namespaces", 16, "several labs at once" },
  { "/proc/sys/fs/inotify/max_user_instances", 16, "programs that watch files, in labs" },
  { "/proc/sys/net/ipv4/neigh/default/gc_thresh3", 1024,
    "labs with a thousand neighbours: the table is one for all namespaces" },
}

local function add_limits(report)
  for _, row in ipairs(LIMITS) do
    local value = number(row[1])
    local name = row[1]:gsub("^/proc/sys/", ""):gsub("/", ".")
    if value then
      report:add("limits", name, value >= row[2], {
        value = tostring(value), costs = row[3],
        remedy = ("sudo sysctl -w %s=%d"):format(name, row[2] * 4) })
    end
  end
  for _, row in ipairs { { "Max open files", 256, "n", "topologies with many namespaces" },
                         { "Max processes", 128, "u", "labs with many programs" } } do
    local soft = (read "/proc/self/limits" or ""):match(row[1] .. "%s+(%S+)")
    report:add("limits", row[1]:lower(), soft == "unlimited" or (tonumber(soft) or 0) >= row[2], {
      value = soft, costs = row[4], remedy = ("ulimit -%s %d"):format(row[3], row[2] * 4) })
  end
end

-- ---- tools --------------------------------------------------------------------------------------

-- { names, what is lost, package }: nslab needs none of them.
local TOOLS = {
  { "ip", "looking around with the real tool, exported scripts", "iproute2" },
  { "bridge", "looking at switches with the real tool", "iproute2" },
  { "ss", "seeing who listens where", "iproute2" },
  { "tc", "looking at queues with the real tool", "iproute2" },
  { "iptables", "looking at rules with the real tool, exported scripts", "iptables" },
  { "nft", "seeing what iptables rules become", "nftables" },
  { "ping", "typing ping in a shell of the lab", "iputils-ping" },
  { "traceroute tracepath", "seeing the way a packet takes", "traceroute" },
  { "tcpdump tshark", "seeing packets", "tcpdump" },
  { "dnsmasq", "labs with DHCP or DNS", "dnsmasq-base" },
  { "dhclient udhcpc dhcpcd", "labs with an address from DHCP", "isc-dhcp-client" },
  { "radvd", "labs with IPv6 routers that announce themselves", "radvd" },
  { "python3", "labs with a web server", "python3" },
  { "nc ncat socat", "typing into TCP connections", "netcat-openbsd" },
  { "curl wget", "asking web servers", "curl" },
  { "conntrack", "seeing the connections a firewall knows", "conntrack" },
  { "newuidmap", "daemons that change their user, without root", "uidmap" },
}

local function add_tools(report)
  for _, row in ipairs(TOOLS) do
    local path = find_program(row[1])
    report:add("tools", path and path:match "[^/]+$" or row[1]:match "%S+", path, {
      value = path, costs = row[2], remedy = not path and install(row[3]) or nil })
  end
  local file, _, code = io.open("/dev/net/tun", "r+")
  if file then file:close() end
  -- EBADFD and the like say that it could be opened
  report:add("tools", "/dev/net/tun", file or (code ~= 2 and code ~= 13), {
    costs = "labs with tun and tap interfaces, an uplink to the real network",
    remedy = code == 13 and "sudo chmod 0666 /dev/net/tun" or "sudo modprobe tun" })
end

-- Everything, as an array of rows.
function M.examine()
  local report = setmetatable({}, Report)
  local found = add_sandbox(report)
  add_security(report)
  if found then add_kernel(report, found) end
  add_limits(report)
  add_tools(report)
  return report
end

-- ---- printing -----------------------------------------------------------------------------------

local function by_area(report)
  local areas, rows = {}, {}
  for _, row in ipairs(report) do
    if not rows[row.area] then
      rows[row.area] = {}
      areas[#areas + 1] = row.area
    end
    table.insert(rows[row.area], row)
  end
  return areas, rows
end

-- What is there needs no sentence: names without a value stand together.
local function add_lines(lines, area, rows, columns)
  local plain = {}
  lines[#lines + 1] = area:sub(1, 1):upper() .. area:sub(2)
  local function put(text, first, rest)
    for _, line in ipairs(wrap.words(text, columns, first, rest)) do lines[#lines + 1] = line end
  end
  for _, row in ipairs(rows) do
    if row.ok and not row.value then plain[#plain + 1] = row.name end
  end
  if #plain > 0 then put(table.concat(plain, ", "), "  ok  ", "      ") end
  for _, row in ipairs(rows) do
    if row.ok and row.value then
      put(row.name .. ": " .. row.value, "  ok  ", "      ")
    elseif not row.ok then
      put(row.name .. (row.value and ": " .. row.value or ""), "  no  ", "      ")
      put(row.costs, "      without it: ", "        ")
      for line in (row.remedy or ""):gmatch "[^\n]+" do put(line, "      remedy: ", "        ") end
    end
  end
end

-- The report as text.
function M.text(report, columns)
  local lines = {}
  local areas, rows = by_area(report)
  for _, area in ipairs(areas) do
    if #lines > 0 then lines[#lines + 1] = "" end
    add_lines(lines, area, rows[area], columns)
  end
  return table.concat(lines, "\n")
end

-- nslab doctor: 3 when something is lacking without which no lab runs.
function M.main(options)
  local host = require "nslab.host"
  local report = M.examine()
  local status = 0
  for _, row in ipairs(report) do
    if row.needed and not row.ok then status = 3 end
    if options.json then
      row.v = 1
      print(host.json(row, KEYS))
    end
  end
  if not options.json then
    print(M.text(report, host.isatty(1) and host.columns(1) or 100))
    print(status == 0 and "\nLabs run here." or "\nLabs cannot run here.")
  end
  return status
end

return M
