-- route: as ip route prints it.

local M = {}

-- Flags of an entry, and those of an answer to ip route get (IPv4), which stand in a line of their own.
local ENTRY = { "dead", "onlink", "pervasive", "offload", "notify", "linkdown", "unresolved" }
local ANSWER = { "local", "mc", "brd", "redirected", "redirect" }
-- In the kernel's order; `_ms` is the unit of our key, not a part of the word.
local METRICS = { "mtu", "window", "rtt_ms", "rttvar_ms", "ssthresh", "cwnd", "advmss", "reordering",
                  "hoplimit", "initcwnd", "features", "rto_min_ms", "initrwnd", "quickack", "congctl",
                  "fastopen_no_cookie" }

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do set[item] = true end
  return set
end

-- Collects "word value", or the value alone; nothing for what is not there.
local function writer()
  local out = {}
  return out, function(word, v)
    if v ~= nil then out[#out + 1] = (word and word .. " " or "") .. tostring(v) end
  end
end

local function hexadecimal(tos)
  return math.type(tos) == "integer" and ("0x%02x"):format(tos) or tos
end

local function answer_flags(flags)
  local out = {}
  for _, flag in ipairs(ANSWER) do
    if flags[flag] then out[#out + 1] = flag end
  end
  return "\n    cache" .. (#out > 0 and " <" .. table.concat(out, ",") .. ">" or "")
end

-- The gateway; its family is said when it is not that of the route.
local function gateway(route, family)
  local via = route.via
  if not via then return nil end
  local own = via:find(":", 1, true) and "inet6" or "inet"
  return own == family and via or own .. " " .. via
end

local function realms(v)
  return v and ("realm%s %s"):format(math.type(v) and "" or "s", v)
end

-- What packets are wrapped into, in ip's order; two blanks stand before it.
local ENCAP = {
  mpls = { "ttl" },
  ip = { "id", "src", "dst", "ttl", "tos", "key", "csum", "seq" },
  ip6 = { "id", "src", "dst", "hoplimit", "tc", "key", "csum", "seq" },
  seg6 = { "mode", "segs", "hmac" },
  seg6local = { "action", "segs", "table", "vrftable", "nh4", "nh6", "iif", "oif",
                "flavors", "lblen", "nflen" },
  xfrm = { "if_id", "link_dev" },
}
local UNSAID = { ip = "0.0.0.0", ip6 = "::" }

local function encap_word(kind, its, key)
  local v = its[key]
  if (key == "src" or key == "dst") and not v then v = UNSAID[kind] end
  if v == true then return key end
  if key == "segs" and v then
    local list = table.move(v, 1, #v, 1, {})
    if its.mode == "inline" or its.action == "End.B6" then list[#list + 1] = "::" end
    return ("segs %d [ %s ]"):format(#list, table.concat(list, " "))
  end
  if key == "flavors" and v then return "flavors " .. table.concat(v, ",") end
  if key == "if_id" and v then return ("if_id 0x%x"):format(v) end
  if key == "hmac" and v then return ("hmac %X"):format(v) end
  return v and ("%s %s"):format(key, v) or nil
end

function M.encap(encap)
  if not encap then return nil end
  local kind, its = next(encap)
  local out = { " encap " .. kind, its.labels and " " .. its.labels }
  for _, key in ipairs(ENCAP[kind] or {}) do out[#out + 1] = encap_word(kind, its, key) end
  return table.concat(out, " ")
end

-- The length of one address is said in multicast routes, whose family is one of its own.
local function network(text, family)
  local usual = family == "inet" or family == "inet6"
  if usual or not text or text == "default" or text:find("/", 1, true) then return text end
  return text .. (text:find(":", 1, true) and "/128" or "/32")
end

-- Where the packet goes: what selects the route and what it does.
local function destination(route, add, asked, all)
  add("from", network(route.from, route.family))
  add("nhid", route.nhid)
  add(nil, M.encap(route.encap))
  if route.tos ~= 0 and not asked.tos then add("tos", hexadecimal(route.tos)) end
  if not asked.via then add("via", gateway(route, route.family)) end
  if not asked.dev then add("dev", route.dev) end
  local shown = asked.table == nil or asked.table == "all"
  if shown and (all or route.table ~= "main") then add("table", route.table) end
end

local function origin(route, add, asked, cached, all)
  if not cached then
    if (all or route.protocol ~= "boot") and not asked.protocol then add("proto", route.protocol) end
    if (all or route.scope ~= "global") and not asked.scope then add("scope", route.scope) end
  end
  if not asked.src then add("src", route.src) end
  if not asked.metric then add("metric", route.metric) end
end

local function mark(v)
  if not v or v == 0 then return nil end
  return v >= 16 and ("0x%x"):format(v) or v
end

-- "100ms", "1.5s"
function M.duration(ms)
  return ms >= 1000 and ("%gs"):format(ms / 1000) or ms .. "ms"
end

local function metric(key, v)
  if key == "features" then return table.concat(v, " ") end
  if key == "quickack" or key == "fastopen_no_cookie" then return v and "1" or "0" end
  return key:find "_ms$" and M.duration(v) or v
end

local function measures(route, add, asked)
  local locked = set_of(route.lock or {})
  add("expires", route.expires and route.expires .. "sec")
  for _, key in ipairs(METRICS) do
    local word, v = key:gsub("_ms$", ""), route[key]
    if v ~= nil and not (key == "hoplimit" and v == 0xFFFFFFFF) then
      add(locked[word] and word .. " lock" or word, metric(key, v))
    end
  end
  if not asked.iif then add("iif", route.iif) end
  add("pref", route.pref)
end

-- A line for each of several ways.
local function ways(route)
  local lines = {}
  for i, way in ipairs(route.nexthops or {}) do
    local out, add = writer()
    add(nil, M.encap(way.encap))
    add("via", gateway(way, route.family))
    out[#out + 1] = realms(way.realms)
    add("dev", way.dev)
    add("weight", way.weight)
    local flags = set_of(way.flags)
    for _, flag in ipairs(ENTRY) do
      if flags[flag] then out[#out + 1] = flag end
    end
    lines[i] = "\n\tnexthop " .. table.concat(out, " ") .. " "
  end
  return table.concat(lines)
end

-- The words end with a blank; those of what is said of IPv6 alone do not.
local function ended(route, text)
  return route.pref and text or text .. " "
end

-- What ip -d says of the nexthop that the route names; it begins a line of its own with ip -o too.
local function told_of(id, netns)
  local nexthop = netns.nexthop.get(id)
  if not nexthop then return "" end
  return ("\v\tnh_info %s "):format(require("nslab.format.nexthop").one(nexthop, {}, { details = true }))
end

-- Where `netns` is given, what is usual is said too.
local function words(route, asked, netns)
  local all = netns and true
  local flags = set_of(route.flags)
  local cached = flags.cache
  local out, add = writer()
  if all or route.type ~= "unicast" then out[1] = tostring(route.type) end
  out[#out + 1] = network(route.dst, route.family)
  destination(route, add, asked, all)
  origin(route, add, asked, cached, all)
  for _, flag in ipairs(ENTRY) do
    if flags[flag] then out[#out + 1] = flag end
  end
  add("mark", mark(route.mark))
  out[#out + 1] = realms(route.realms)
  add("uid", route.uid)
  local first = #out
  measures(route, add, asked)
  local more = (all and route.nhid and told_of(route.nhid, netns) or "") .. ways(route)
  if not (cached and route.family == "inet") then return ended(route, table.concat(out, " ")) .. more end
  local head, tail = table.concat(out, " ", 1, first), table.concat(out, " ", first + 1)
  return head .. " " .. answer_flags(flags) .. " " .. (tail ~= "" and tail .. " " or "") .. more
end

function M.one(route, asked, view)
  return words(route, asked, view.details and require("nslab.core").netns_of(route))
end

-- A list of one table does not name it; the main one is listed when none was asked for.
function M.texts(routes, asked, netns, view)
  local filter = {}
  for key, v in pairs(asked) do filter[key] = v end
  filter.table = filter.table or "main"
  local texts = {}
  for i, route in ipairs(routes) do texts[i] = words(route, filter, view.details and netns) end
  return texts
end

return M
