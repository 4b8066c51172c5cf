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

local function hardware(link)
  local kind = TYPES[link.hardware_type] or ("[%d]"):format(link.hardware_type)
  local point_to_point = false
  for _, flag in ipairs(link.flags) do point_to_point = point_to_point or flag == "POINTOPOINT" end
  local text = ("\n    link/%s %s"):format(kind, link.address or "")
  if not link.broadcast then return text end
  return ("%s %s %s"):format(text, point_to_point and "peer" or "brd", link.broadcast)
end

-- The namespace of the other end: its name, if it has one, else the number.
local function elsewhere(link)
  local id = link.link_netnsid
  if not id then return "" end
  local netns = link.link_netns
  if netns and netns ~= require("netns").host then return " link-netns " .. netns.name end
  return " link-netnsid " .. (id >= 0 and tostring(id) or "unknown")
end

local function counters(link, level)
  return level and require("nslab.format.counters").text(link, level) or ""
end

local function names(link, how)
  local out = ""
  if not how.above_addresses then
    if link.alias then out = "\n    alias " .. link.alias end
    out = out .. counters(link, how.stats)
  end
  for _, name in ipairs(link.altnames or {}) do out = out .. "\n    altname " .. name end
  return out
end

-- The first line's words. What the kernel did not tell is not there.
local function facts(link, is_link)
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
  if link.txqueuelen and link.txqueuelen > 0 then add("qlen", link.txqueuelen) end
  return table.concat(out, " ")
end

-- how: below (the record of the link below in the same namespace, or nil), above_addresses (as ip addr
-- prints it), family (ip -4 addr: without the hardware's line), stats (how many -s there are).
function M.text(link, how)
  return ("%d: %s%s: %s %s%s%s%s"):format(
    link.ifindex, link.name, beyond(link), flags(link, how.below), facts(link, not how.above_addresses),
    how.family and "" or hardware(link), elsewhere(link), names(link, how))
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

function M.one(link)
  return M.text(link, { below = below(link, require("nslab.core").netns_of(link), {}) })
end

-- Lua: brief(links, asked, netns) -> what ip -br link prints of a list.
function M.brief(links, _, netns)
  local known, lines = M.by_name(links), {}
  for i, link in ipairs(links) do
    lines[i] = ("%s%s %s "):format(M.brief_name(link), link.address or "",
                                   flags(link, below(link, netns, known)))
  end
  return table.concat(lines, "\n")
end

-- Lua: ports(links, netns) -> what bridge link prints of the ports of bridges.
function M.ports(links, netns)
  local known, lines = M.by_name(links), {}
  for i, link in ipairs(links) do
    local port = link.bridge_slave
    lines[i] = ("%d: %s%s: %s mtu %d master %s state %s priority %d cost %d"):format(
      link.ifindex, link.name, beyond(link), flags(link, below(link, netns, known)), link.mtu, link.master,
      port.state, port.priority, port.cost)
  end
  return table.concat(lines, "\n")
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

-- Lua: list(links, asked, netns, level) -> text; level: how many -s there are.
function M.list(links, _, netns, level)
  local known, lines = M.by_name(links), {}
  for i, link in ipairs(links) do lines[i] = M.of_list(link, netns, known, { stats = level }) end
  return table.concat(lines, "\n")
end

return M
