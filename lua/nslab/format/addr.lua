-- addr: as ip addr prints it: under each link its addresses.

local links = require "nslab.format.link"

local M = {}

-- In ip's order.
local FLAGS = {
  { "secondary", "secondary", "temporary" }, { "nodad", "nodad" }, { "optimistic", "optimistic" },
  { "dadfailed", "dadfailed" }, { "home", "home" }, { "deprecated", "deprecated" },
  { "tentative", "tentative" }, { "permanent", nil }, { "mngtmpaddr", "mngtmpaddr" },
  { "noprefixroute", "noprefixroute" }, { "autojoin", "autojoin" },
  { "stable_privacy", "stable-privacy" },
}

local function flags(address)
  local out = {}
  for _, flag in ipairs(FLAGS) do
    local key, v4, v6 = table.unpack(flag, 1, 3)
    local word = address.family == "inet6" and v6 or v4
    if key == "permanent" then
      if not address.permanent then out[#out + 1] = "dynamic" end
    elseif address[key] then
      out[#out + 1] = word
    end
  end
  return out
end

local function lifetime(v)
  return v == "forever" and v or v .. "sec"
end

local function local_part(address)
  local ip, length = address.address:match "^(.*)/(%d+)$"
  local peer = address.peer
  return ("%s%s/%s"):format(ip, peer and " peer " .. peer:match "^[^/]*" or "", length)
end

-- A number without a name is as it is.
function M.one(address)
  local words = { "   ", address.family, local_part(address) }
  local function add(...)
    for _, word in ipairs { ... } do words[#words + 1] = tostring(word) end
  end
  if address.metric then add("metric", address.metric) end
  if address.broadcast then add("brd", address.broadcast) end
  add("scope", address.scope)
  add(table.unpack(flags(address)))
  add(address.label or "")
  local text = table.concat(words, " ")
  if not address.valid_lft then return text end
  return ("%s\n       valid_lft %s preferred_lft %s"):format(
    text, lifetime(address.valid_lft), lifetime(address.preferred_lft))
end

-- ---- lists -------------------------------------------------------------------------------------------

local function by_link(addresses)
  local of = {}
  for _, address in ipairs(addresses) do
    of[address.dev] = of[address.dev] or {}
    table.insert(of[address.dev], address)
  end
  return of
end

-- Whether any address at all is on a link, among all of them.
local function bare(netns, family)
  local with = {}
  if family then return function() return false end end
  for _, address in ipairs(netns.addr.list()) do with[address.dev] = true end
  return function(link) return not with[link.name] end
end

-- A dump for IPv6 tells less of a link than one for all families, and not that the one beyond is in
-- another namespace: ip then takes its number for one of this.
local TOLD_V6 = {}
for key in ("ifindex name flags up mtu operstate txqueuelen address hardware_type"):gmatch "%S+" do
  TOLD_V6[key] = true
end

local function as_inet6(link, all)
  local seen = { link = link.link }
  for _, other in ipairs(all) do
    if other.ifindex == link.link then seen.link = other.name end
  end
  return setmetatable(seen, { __index = function(_, key)
    return TOLD_V6[key] and link[key] or nil
  end })
end

-- Calls fn(link, its addresses or nil, all links) for the links that are shown: those that have an
-- address that was asked for, or none at all; with dev that one.
local function each_shown(addresses, asked, netns, fn)
  local of, all = by_link(addresses), netns.link.list()
  local is_bare = bare(netns, asked.family)
  for _, link in ipairs(all) do
    local wanted = not asked.dev or link.name == asked.dev or link.ifindex == asked.dev
    if wanted and (of[link.name] or is_bare(link)) then fn(link, of[link.name] or {}, all) end
  end
end

-- In one line each address stands behind the name of its link, and links without one are not there.
local function lines_of(addresses, asked, netns)
  local texts = {}
  each_shown(addresses, asked, netns, function(link, its)
    for _, address in ipairs(its) do
      texts[#texts + 1] = ("%d: %s%s"):format(link.ifindex, link.name, M.one(address))
    end
  end)
  return texts
end

-- Lua: texts(addresses, asked, netns, view) -> the text of each link and what is below it.
function M.texts(addresses, asked, netns, view)
  if view.oneline then return lines_of(addresses, asked, netns) end
  local known, texts = nil, {}
  local less = asked.family == "inet6" and not asked.dev
  local how = { above_addresses = true, family = asked.family, details = view.details }
  each_shown(addresses, asked, netns, function(link, its, all)
    known = known or links.by_name(all)
    local shown = less and as_inet6(link, all) or link
    local out = { links.of_list(shown, netns, known, how) }
    for _, address in ipairs(its) do out[#out + 1] = M.one(address) end
    if view.stats then
      out[#out] = out[#out] .. require("nslab.format.counters").text(link, view.stats)
    end
    texts[#texts + 1] = table.concat(out, "\n")
  end)
  return texts
end

-- Lua: brief(addresses, asked, netns) -> what ip -br addr prints of a list.
function M.brief(addresses, asked, netns)
  local lines = {}
  each_shown(addresses, asked, netns, function(link, its)
    local line = links.brief_name(link)
    for _, address in ipairs(its) do
      line = line .. local_part(address) .. (address.metric and " metric " .. address.metric or "") .. " "
    end
    lines[#lines + 1] = line
  end)
  return table.concat(lines, "\n")
end

return M
