-- route: as ip route prints it.

local M = {}

-- Flags of an entry, and those of an answer to ip route get (IPv4), which stand in a line of their own.
local ENTRY = { "dead", "onlink", "pervasive", "offload", "notify", "linkdown", "unresolved" }
local ANSWER = { "local", "mc", "brd", "redirected", "redirect" }
local METRICS = { "mtu", "window", "advmss", "hoplimit", "initcwnd", "initrwnd" }

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do set[item] = true end
  return set
end

-- Collects "word value"; nothing for what is not there.
local function writer()
  local out = {}
  return out, function(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. tostring(v) end
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

-- Where the packet goes: what selects the route and what it does.
local function destination(route, add, asked)
  add("from", route.from)
  if route.tos ~= 0 and not asked.tos then add("tos", hexadecimal(route.tos)) end
  if not asked.via then add("via", route.via) end
  if not asked.dev then add("dev", route.dev) end
  local shown = asked.table == nil or asked.table == "all"
  if shown and route.table ~= "main" then add("table", route.table) end
end

local function origin(route, add, asked, cached)
  if not cached then
    if route.protocol ~= "boot" and not asked.protocol then add("proto", route.protocol) end
    if route.scope ~= "global" and not asked.scope then add("scope", route.scope) end
  end
  if not asked.src then add("src", route.src) end
  if not asked.metric then add("metric", route.metric) end
end

local function mark(v)
  if not v or v == 0 then return nil end
  return v >= 16 and ("0x%x"):format(v) or v
end

local function measures(route, add, asked)
  add("expires", route.expires and route.expires .. "sec")
  for _, key in ipairs(METRICS) do
    if not (key == "hoplimit" and route[key] == 0xFFFFFFFF) then add(key, route[key]) end
  end
  if not asked.iif then add("iif", route.iif) end
  add("pref", route.pref)
end

function M.one(route, asked)
  local flags = set_of(route.flags)
  local cached = flags.cache
  local out, add = writer()
  if route.type ~= "unicast" then out[1] = tostring(route.type) end
  out[#out + 1] = route.dst
  destination(route, add, asked)
  origin(route, add, asked, cached)
  for _, flag in ipairs(ENTRY) do
    if flags[flag] then out[#out + 1] = flag end
  end
  add("mark", mark(route.mark))
  add("uid", route.uid)
  local first = #out
  measures(route, add, asked)
  if not (cached and route.family == "inet") then return table.concat(out, " ") end
  local head, tail = table.concat(out, " ", 1, first), table.concat(out, " ", first + 1)
  return head .. " " .. answer_flags(flags) .. " " .. tail
end

-- A list of one table does not name it; the main one is listed when none was asked for.
function M.list(routes, asked)
  local filter = {}
  for key, v in pairs(asked) do filter[key] = v end
  filter.table = filter.table or "main"
  local lines = {}
  for i, route in ipairs(routes) do lines[i] = M.one(route, filter) end
  return table.concat(lines, "\n")
end

return M
