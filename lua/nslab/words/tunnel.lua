-- tunnel: `ip tunnel`, the older command for tunnels: link.add, link.set and link.delete with a kind that
-- its mode says, and another way to show a list. Its words stand in the rows of the kinds.

local grammar = require "nslab.words.grammar"

local M = {}

-- { kind of link, options that the mode says besides }
local MODES = {
  ipip = { "ipip", { mode = "ipip" } }, ["ip/ip"] = { "ipip", { mode = "ipip" } },
  gre = { "gre", {} }, ["gre/ip"] = { "gre", {} }, vti = { "vti", {} },
  sit = { "sit", { mode = "ip6ip" } }, ["ipv6/ip"] = { "sit", { mode = "ip6ip" } },
  isatap = { "sit", { mode = "ip6ip", isatap = true } },
  ip6ip6 = { "ip6tnl", { mode = "ip6ip6" } }, ["ipv6/ipv6"] = { "ip6tnl", { mode = "ip6ip6" } },
  ipip6 = { "ip6tnl", { mode = "ipip6" } }, ["ip/ipv6"] = { "ip6tnl", { mode = "ipip6" } },
  ["ipv4/ipv6"] = { "ip6tnl", { mode = "ipip6" } }, ip4ip6 = { "ip6tnl", { mode = "ipip6" } },
  any = { "ip6tnl", { mode = "any" } }, ["any/ipv6"] = { "ip6tnl", { mode = "any" } },
  ip6gre = { "ip6gre", {} }, ["gre/ipv6"] = { "ip6gre", {} }, vti6 = { "vti6", {} },
}

local function said(row)
  return row.words and not row.readonly and row.key ~= "mode"
end

-- The words of its options; without a kind, those of the commonest.
function M.grammar(_, kind)
  return grammar.make("link." .. (kind or "gre"), said)
end

-- What stands without a word.
M.ALONE = { key = "name", row = "name", keyword = { "name" } }

-- The mode may stand anywhere: what the other words mean depends on it.
local function find_mode(reader, verb)
  for at = reader.at, #reader.words - 1 do
    local mode = reader.words[at + 1]
    if reader.words[at] == "mode" then
      return MODES[mode] or reader:fail(mode, "no tunnel of ip's has this mode",
                                        "gre ipip sit isatap vti; -6: ip6ip6 ipip6 any ip6gre vti6")
    end
  end
  reader:fail("tunnel " .. verb, "mode is missing", "mode gre, ipip, sit; -6: mode ip6ip6, ipip6, ip6gre")
end

-- Reads what the tunnel is to be; returns its kind and options.
local function read_options(reader, op)
  local mode = find_mode(reader, op.verb)
  local kind, options = mode[1], {}
  for key, v in pairs(mode[2]) do options[key] = v end
  local g = M.grammar(nil, kind)
  reader.schema = "link." .. kind
  while reader.at <= #reader.words do
    local word = reader:next()
    local entry = grammar.find(g, word)
    if word == "mode" then
      reader:next(word)
    elseif word == "dscp" then
      if reader:next(word) ~= "inherit" then reader:fail(word, "inherit is expected here") end
      options.dscp_inherit = true
    elseif entry then
      reader:entry(entry, options, word)
    else
      if word == "name" then word = reader:next(word) end
      if op.key then reader:fail(word, "this word has no meaning here") end
      op.key = word
    end
  end
  return kind, options
end

local function name_of(reader)
  local name
  while reader.at <= #reader.words do
    local word = reader:next()
    if word == "mode" then
      reader:next(word)
    else
      if word == "name" then word = reader:next(word) end
      if name then reader:fail(word, "this word has no meaning here") end
      name = word
    end
  end
  return name
end

-- The operation of the command, behind "ip tunnel" and the verb.
function M.read(reader, netns, verb)
  local op = { module = "link", netns = netns, verb = verb }
  reader.op = "link." .. verb
  if verb == "list" then
    op.key = name_of(reader)
    op.verb = op.key and "get" or verb
    op.shown_as, op.view = "tunnel", { family = reader.family or "inet" }
    return op
  end
  if verb == "delete" then
    op.key = name_of(reader)
  else
    local kind, options = read_options(reader, op)
    op.options = { [kind] = options }
  end
  if not op.key then reader:fail("tunnel " .. verb, "the name is missing") end
  return op
end

-- ---- what is shown -----------------------------------------------------------------------------------

-- What ip calls what is inside, by kind or by the mode of its options.
local INSIDE = { ipip = "ip", mplsip = "mpls", ip6ip = "ipv6", ip6ip6 = "ipv6", ipip6 = "ip", any = "any" }
local BY_KIND = { gre = "gre", ip6gre = "gre", vti = "ip", vti6 = "ipv6" }

local function inside(kind, tunnel)
  return BY_KIND[kind] or INSIDE[tunnel.mode] or tunnel.mode
end

local function keys(kind, tunnel, add)
  if kind == "vti6" and tunnel.ikey == 0 and tunnel.okey == 0 then return end -- not given
  if tunnel.ikey and tunnel.ikey == tunnel.okey then
    add(" key %d", tunnel.ikey)
  else
    if tunnel.ikey then add(" ikey %d", tunnel.ikey) end
    if tunnel.okey then add(" okey %d", tunnel.okey) end
  end
end

local FLAGS = {
  { "iseq", "Drop packets out of sequence." }, { "icsum", "Checksum in received packet is required." },
  { "oseq", "Sequence packets on output." }, { "ocsum", "Checksum output packets." },
}

local function gre_flags(tunnel, add)
  for _, flag in ipairs(FLAGS) do
    if tunnel[flag[1]] then add("\n  %s", flag[2]) end
  end
end

local function number(v) return math.type(v) == "integer" and v > 0 and v or nil end

local function over_ipv4(kind, tunnel, add)
  add("%s/ip remote %s local %s", inside(kind, tunnel), tunnel.remote or "any", tunnel.local_address or "any")
  if tunnel.dev then add(" dev %s", tunnel.dev) end
  add(" ttl %s", number(tunnel.ttl) or "inherit")
  if tunnel.tos == "inherit" then
    add " tos inherit"
  elseif number(tunnel.tos) then
    add(" tos 0x%x", tunnel.tos)
  end
  if not tunnel.pmtudisc then add " nopmtudisc" end
  if tunnel.prefix_6rd and tunnel.prefixlen_6rd > 0 then
    add(" 6rd-prefix %s/%d", tunnel.prefix_6rd, tunnel.prefixlen_6rd)
    if tunnel.relay_prefix_6rd then
      add(" 6rd-relay_prefix %s/%d", tunnel.relay_prefix_6rd, tunnel.relay_prefixlen_6rd)
    end
  end
end

local function over_ipv6(kind, tunnel, add)
  local class, label = number(tunnel.tclass) or 0, number(tunnel.flowlabel) or 0
  add("%s/ipv6 remote %s local %s", inside(kind, tunnel), tunnel.remote or "::", tunnel.local_address or "::")
  if tunnel.dev then add(" dev %s", tunnel.dev) end
  add(" encaplimit %s hoplimit %s", tunnel.encaplimit or 0, number(tunnel.hoplimit) or "inherit")
  add(tunnel.tclass == "inherit" and " tclass inherit" or " tclass 0x%02x", class)
  add(tunnel.flowlabel == "inherit" and " flowlabel inherit" or " flowlabel 0x%05x", label)
  add(" (flowinfo 0x%08x)", class << 20 | label)
  if tunnel.dscp_inherit then add " dscp inherit" end
  if tunnel.allow_localremote then add " allow-localremote" end
end

local KINDS = { ipip = "inet", gre = "inet", sit = "inet", vti = "inet", ip6tnl = "inet6", ip6gre = "inet6",
                vti6 = "inet6" }

-- What ip prints of one.
function M.one(link)
  local out, kind = { link.name .. ": " }, link.type
  local function add(text, ...) out[#out + 1] = text:format(...) end
  local tunnel = link[kind]
  if KINDS[kind] == "inet" then over_ipv4(kind, tunnel, add) else over_ipv6(kind, tunnel, add) end
  keys(kind, tunnel, add)
  if kind:find "gre" then gre_flags(tunnel, add) end
  return table.concat(out) .. "\n"
end

-- Lua: shown(links, view) -> what `ip tunnel show` prints of those links of view.family.
function M.shown(links, view)
  if type(links) == "userdata" then return KINDS[links.type] and M.one(links) or "" end
  local lines = {}
  for _, link in ipairs(links) do
    if KINDS[link.type] == view.family then lines[#lines + 1] = M.one(link) end
  end
  return table.concat(lines)
end

return M
