-- link: as ip link and, above the addresses, ip addr print them.

local M = {}

-- ARPHRD_* numbers, with ip's words.
local TYPES = {
  [1] = "ether", [6] = "ieee802", [24] = "ieee1394", [32] = "infiniband", [256] = "slip",
  [280] = "can", [512] = "ppp", [513] = "hdlc", [519] = "rawip", [768] = "ipip", [769] = "tunnel6",
  [772] = "loopback", [774] = "fddi", [776] = "sit", [778] = "gre", [779] = "pimreg",
  [801] = "ieee802.11", [804] = "ieee802.15.4", [823] = "gre6", [824] = "netlink", [825] = "6lowpan",
  [826] = "vsockmon", [65534] = "none",
}

-- The other flags stand as the kernel has them; RUNNING is only shown when it is missing.
local function flags(link, below)
  local out, has = {}, {}
  for _, flag in ipairs(link.flags) do has[flag] = true end
  if has.UP and not has.RUNNING then out[1] = "NO-CARRIER" end
  for _, flag in ipairs(link.flags) do
    if flag ~= "RUNNING" then out[#out + 1] = flag end
  end
  if below and not below.up then out[#out + 1] = "M-DOWN" end
  return "<" .. table.concat(out, ",") .. ">"
end

-- What stands behind the @: what the link lies on or leads to.
local function beyond(link)
  local name = link.link
  if name == nil then return "" end
  if name == false then return "@NONE" end
  return math.type(name) == "integer" and "@if" .. name or "@" .. name
end

-- Four bytes are an IPv4 address but where there is no hardware of any type.
local function hardware_address(link, key)
  local text = link[key]
  if link.hardware_type ~= 65534 or not text then return text end
  local a, b, c, d = text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  return a and ("%02x:%02x:%02x:%02x"):format(a, b, c, d) or text
end

local function hardware(link)
  local kind = TYPES[link.hardware_type] or ("[%d]"):format(link.hardware_type)
  local point_to_point = false
  for _, flag in ipairs(link.flags) do point_to_point = point_to_point or flag == "POINTOPOINT" end
  local text = ("\n    link/%s %s"):format(kind, hardware_address(link, "address") or "")
  if not link.broadcast then return text end
  return ("%s %s %s"):format(text, point_to_point and "peer" or "brd",
                            hardware_address(link, "broadcast"))
end

local function permanent(link)
  local address = link.permaddr
  return address and address ~= link.address and " permaddr " .. address or ""
end

-- The namespace of the other end: its name, if it has one, else the number.
local function elsewhere(link)
  local id = link.link_netnsid
  if not id then return "" end
  local netns = link.link_netns
  if netns and netns ~= require("netns").host then return " link-netns " .. netns.name end
  return " link-netnsid " .. (id >= 0 and tostring(id) or "unknown")
end

-- Where the link went, in an event.
local function moved(link, netns)
  local id = link.new_netnsid
  if not id then return "" end
  local name
  for _, known in ipairs(netns.nsid.list()) do
    if known.nsid == id then name = known.netns and known.netns.name end
  end
  local where = name and " new-netns " .. name or " new-netnsid " .. id
  return where .. (link.new_ifindex and " new-ifindex " .. link.new_ifindex or "")
end

-- Behind the hardware's line and at the end. Before two of the words there are two blanks.
local RECEIVES = { { " promiscuity %d ", "promiscuity" }, { " allmulti %d ", "allmulti" },
                   { "minmtu %d ", "min_mtu" }, { "maxmtu %d ", "max_mtu" } }
local QUEUES = [[numtxqueues numrxqueues gso_max_size gso_max_segs tso_max_size tso_max_segs gro_max_size
  parentbus=parent_dev_bus_name parentdev=parent_dev_name]]

-- What ip -d says behind the hardware's line and below it.
local function details(link, is_link)
  local pieces, kinds = require "nslab.format.pieces", require "nslab.format.kinds"
  local out = {}
  for i, row in ipairs(RECEIVES) do out[i] = link[row[2]] and row[1]:format(link[row[2]]) or "" end
  local function kind(name, options, known, suffix)
    if not name then return end
    out[#out + 1] = ("\n    %s%s "):format(name, suffix)
    if known and options then out[#out + 1] = pieces.text(known, options) end
  end
  kind(link.type, link[link.type], kinds.KINDS[link.type], "")
  kind(link.slave_type, link.slave_type and link[link.slave_type .. "_slave"],
       kinds.SLAVES[link.slave_type], "_slave")
  if is_link then out[#out + 1] = pieces.text("addrgenmode", link) end
  out[#out + 1] = pieces.text(QUEUES, link)
  return table.concat(out)
end

local function names(link, how)
  local out, is_link = "", not how.above_addresses
  if link.alias and (is_link or how.details) then out = "\n    alias " .. link.alias end
  if is_link and how.stats then out = out .. require("nslab.format.counters").text(link, how.stats) end
  for _, name in ipairs(link.altnames or {}) do out = out .. "\n    altname " .. name end
  return out
end

-- The first line's words. What the kernel did not tell is not there.
local function facts(link, is_link, is_shown)
  local out = {}
  local function add(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. v end
  end
  add("mtu", link.mtu)
  add("qdisc", link.qdisc)
  add("master", link.master)
  add("state", link.operstate and tostring(link.operstate):upper())
  if is_link then add("mode", link.mode and tostring(link.mode):upper()) end
  add("group", link.group)
  if is_shown and link.txqueuelen and link.txqueuelen > 0 then add("qlen", link.txqueuelen) end
  add("event", link.event and tostring(link.event):upper())
  return table.concat(out, " ")
end

-- how: below (the record of the link below in the same namespace, or nil), above_addresses (as ip addr
-- prints it), family (ip -4 addr: without the hardware's line), stats (how many -s there are), details (-d),
-- told (of an event: the handle of the namespace where it was).
function M.text(link, how)
  local is_link = not how.above_addresses
  local hard = (not how.family or how.details) and hardware(link) .. permanent(link) or ""
  return table.concat {
    ("%d: %s%s: %s "):format(link.ifindex, link.name, beyond(link), flags(link, how.below)),
    facts(link, is_link, not how.told), how.told and " " or "", hard, moved(link, how.told), elsewhere(link),
    link.protodown and " protodown on " or "",
    how.details and details(link, is_link) or "",
    names(link, how),
  }
end

-- As ip -br prints what is in front of both links and addresses.
function M.brief_name(link)
  return ("%-16s %-14s "):format(link.name .. beyond(link), tostring(link.operstate or "unknown"):upper())
end

local function asked_of(netns, name)
  return netns.link.get(name)
end

-- The link below, where it is in the same namespace: it says whether it is up.
local function below(link, netns, known)
  if type(link.link) ~= "string" then return nil end
  return known[link.link] or netns and asked_of(netns, link.link)
end

function M.one(link, _, view)
  return M.texts({ link }, nil, require("nslab.core").netns_of(link), view)[1]
end

-- Lua: brief(links, asked, netns) -> what ip -br link prints of a list.
function M.brief(links, _, netns)
  local known, lines = M.by_name(links), {}
  for i, link in ipairs(links) do
    local address = link.address and link.address .. " " or ""
    lines[i] = M.brief_name(link) .. address .. flags(link, below(link, netns, known)) .. " "
  end
  return table.concat(lines, "\n")
end

-- What bridge -d says of a port in a second line.
local PORT = [[hairpin:on guard:on root_block:on fastleave=mcast_fast_leave:on learning:on flood:on
  mcast_flood:on bcast_flood:on mcast_router mcast_to_unicast:on neigh_suppress:on vlan_tunnel:on
  backup_port:link isolated:on locked:on]]

-- Lua: ports(links, netns, view) -> the texts of what bridge link prints of the ports of bridges.
function M.ports(links, netns, view)
  local known, texts = M.by_name(links), {}
  for i, link in ipairs(links) do
    local port = link.bridge_slave
    texts[i] = ("%d: %s%s: %s mtu %d master %s state %s priority %d cost %d "):format(
      link.ifindex, link.name, beyond(link), flags(link, below(link, netns, known)), link.mtu, link.master,
      port.state, port.priority, port.cost)
    if view.details then
      texts[i] = texts[i] .. "\n    " .. require("nslab.format.pieces").text(PORT, port)
    end
  end
  return texts
end

function M.by_name(links)
  local known = {}
  for _, link in ipairs(links) do known[link.name] = link end
  return known
end

-- Text of one link of a list whose links are known by name.
function M.of_list(link, netns, known, how)
  how.below = below(link, netns, known)
  return M.text(link, how)
end

-- Lua: texts(links, asked, netns, view) -> the text of each link.
function M.texts(links, _, netns, view)
  local known, texts = M.by_name(links), {}
  local how = { stats = view.stats, details = view.details }
  for i, link in ipairs(links) do texts[i] = M.of_list(link, netns, known, how) end
  return texts
end

return M
