-- look: the state of a lab at one glance: links, addresses, routes, neighbours and rules of one
-- namespace or of all, as short tables in ip's words. Reads the kernel and changes nothing.

local netns = require "netns"
local wrap = require "nslab.wrap"

local M = {}

local GAP, MARGIN, NARROWEST = "  ", "  ", 20

-- ---- cells ---------------------------------------------------------------------------------------

-- Lua: state(link) -> what `ip` is asked to change, and whether there is somebody at the other end.
function M.state(link)
  if not link.up then return "down" end
  return link.carrier == false and "up, no carrier" or "up"
end

-- Lua: other_end(link, ns) -> "veth-blue in blue", "" where there is none. What is in the same namespace
-- needs no place.
function M.other_end(link, ns)
  local peer = link.type == "veth" and link.veth and link.veth.peer
  if peer then
    local there = peer.netns and peer.netns ~= ns and " in " .. tostring(peer.netns) or ""
    return peer.name .. there
  end
  if link.link == nil or link.link == false then return "" end
  return math.type(link.link) == "integer" and "link " .. link.link or tostring(link.link)
end

local function hardware(link)
  local address = link.address or ""
  return address:find "[^0:]" and address or ""
end

local function flag_words(record, names)
  local out = {}
  for _, name in ipairs(names) do
    if record[name] then out[#out + 1] = name end
  end
  return table.concat(out, " ")
end

-- Lua: next_hop(route) -> where to, "" when it is on the link
function M.next_hop(route)
  if route.via then return tostring(route.via) end
  local hops = {}
  for _, hop in ipairs(route.nexthops or {}) do hops[#hops + 1] = tostring(hop.via or hop.dev) end
  return table.concat(hops, ", ")
end

-- Lua: destination(route) -> "blackhole 10.0.0.0/8"
function M.destination(route)
  local kind = route.type and route.type ~= "unicast" and route.type .. " " or ""
  return kind .. tostring(route.dst or "default")
end

-- Lua: said(rule) -> everything of the rule but its number, as ip says it.
function M.said(rule)
  return (tostring(rule):gsub("^%d+:%s*", ""):gsub("%s+", " "))
end

-- ---- sections ------------------------------------------------------------------------------------

-- The routes that the kernel makes for every IPv6 link, and its three rules, say nothing about a lab.
local function is_plain_route(route)
  local dst = tostring(route.dst)
  return dst:find "^fe80::/64" or dst:find "^ff00::/8"
end

local PLAIN_RULES = { [0] = "local", [32766] = "main", [32767] = "default" }

local function is_plain_rule(rule)
  local plain = PLAIN_RULES[rule.priority]
  return plain ~= nil and plain == rule.table and tostring(rule):find "from all lookup"
end

-- Lua: both_families(module) -> what its list has for IPv4, then for IPv6
function M.both_families(module)
  local all = {}
  for _, family in ipairs { "inet", "inet6" } do
    local ok, list = pcall(module.list, { family = family })
    if ok then table.move(list, 1, #list, #all + 1, all) end -- a kernel may lack IPv6
  end
  return all
end

-- A section: its word and those it may be asked by, what lists it, what is left out unless asked
-- for, its headings, the cells of a record.
local SECTIONS = {
  { word = "links", also = { "link" },
    list = function(ns) return ns.link.list() end,
    heads = { "LINK", "STATE", "KIND", "MTU", "MASTER", "ADDRESS", "OTHER END" },
    cells = function(l, ns)
      return { l.name, M.state(l), l.type or "", l.mtu or "", l.master or "", hardware(l),
               M.other_end(l, ns) }
    end },
  { word = "addresses", also = { "address", "addr" },
    list = function(ns) return ns.addr.list() end,
    heads = { "ADDRESS", "DEV", "SCOPE", "" },
    cells = function(a)
      local peer = a.peer and ("%s peer %s"):format(a.address, a.peer) or a.address
      return { peer, a.dev, a.scope, flag_words(a, { "secondary", "tentative", "dadfailed", "deprecated" }) }
    end },
  { word = "routes", also = { "route" },
    list = function(ns) return M.both_families(ns.route) end, plain = is_plain_route,
    heads = { "ROUTE", "VIA", "DEV", "SRC", "METRIC" },
    cells = function(r)
      return { M.destination(r), M.next_hop(r), r.dev or "", r.src or "", r.metric or "" }
    end },
  { word = "neighbours", also = { "neighbour", "neighbors", "neighbor", "neigh", "arp" },
    list = function(ns) return ns.neigh.list() end,
    heads = { "NEIGHBOUR", "DEV", "ADDRESS", "STATE" },
    cells = function(n)
      return { n.dst or "", n.dev or "", n.lladdr or "", flag_words(n, { "proxy", "router" }) ..
               (n.nud and tostring(n.nud) or "") }
    end },
  { word = "rules", also = { "rule" },
    list = function(ns) return M.both_families(ns.rule) end, plain = is_plain_rule,
    heads = { "RULE", "FAMILY", "" },
    cells = function(r) return { r.priority or 0, r.family, M.said(r) } end },
}

-- Its words, for completion and for sentences.
M.WORDS = {}
for i, section in ipairs(SECTIONS) do M.WORDS[i] = section.word end

-- Lua: word(text) -> the section's word that it means, abbreviated or not; nil when none.
function M.word(text)
  if text == "" then return nil end
  for _, section in ipairs(SECTIONS) do
    if section.word:sub(1, #text) == text then return section.word end
    for _, other in ipairs(section.also) do
      if other == text then return section.word end
    end
  end
end

-- ---- tables --------------------------------------------------------------------------------------

local function as_text(rows)
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do row[i] = tostring(cell) end
  end
end

-- Columns in which no row says anything are left out.
local function without_empty(rows)
  local kept, out = {}, {}
  for column in ipairs(rows[1]) do
    for i = 2, #rows do
      if rows[i][column] ~= "" then
        kept[#kept + 1] = column
        break
      end
    end
  end
  for i, row in ipairs(rows) do
    out[i] = {}
    for j, column in ipairs(kept) do out[i][j] = row[column] end
  end
  return out
end

local function widths(rows)
  local widest = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widest[i] = math.max(widest[i] or 0, wrap.width(cell)) end
  end
  return widest
end

-- Where there is no room for columns: each record a paragraph, its cells with their headings.
local function paragraphs(rows, columns)
  local lines = {}
  for i = 2, #rows do
    local words = { rows[i][1] }
    for j = 2, #rows[i] do
      if rows[i][j] ~= "" then
        words[#words + 1] = (rows[1][j] == "" and "" or rows[1][j]:lower() .. " ") .. rows[i][j]
      end
    end
    local text = table.concat(words, ", ")
    table.move(wrap.words(text, columns, MARGIN, MARGIN .. GAP), 1, 99, #lines + 1, lines)
  end
  return lines
end

-- rows[1] are the headings.
local function aligned(rows, columns)
  as_text(rows)
  rows = without_empty(rows)
  local widest, room = widths(rows), #MARGIN - #GAP
  for _, width in ipairs(widest) do room = room + width + #GAP end
  if room > columns then return paragraphs(rows, columns) end
  local lines = {}
  for i, row in ipairs(rows) do
    local line = MARGIN
    for j, cell in ipairs(row) do line = line .. wrap.pad(cell, widest[j]) .. GAP end
    lines[i] = line:gsub(" +$", "")
  end
  return lines
end

-- Lua: records(object, list, columns) -> the records of a module's list as such a table; nil for an
-- object that has no section here.
function M.records(object, list, columns)
  for _, section in ipairs(SECTIONS) do
    if M.word(object) == section.word then
      if #list == 0 then return ("%sno %s"):format(MARGIN, section.word) end
      local rows = { table.move(section.heads, 1, #section.heads, 1, {}) }
      for i, record in ipairs(list) do
        rows[i + 1] = section.cells(record, getmetatable(list).netns)
      end
      return table.concat(aligned(rows, columns), "\n")
    end
  end
end

-- The lines of one section in a namespace; none when there is nothing and nobody asked for it.
local function section_lines(section, ns, asked, columns)
  local rows = { table.move(section.heads, 1, #section.heads, 1, {}) }
  for _, record in ipairs(section.list(ns)) do
    if asked or not (section.plain and section.plain(record)) then
      rows[#rows + 1] = section.cells(record, ns)
    end
  end
  if #rows > 1 then return aligned(rows, columns) end
  return asked and { ("%sno %s"):format(MARGIN, section.word) } or {}
end

local function namespace_lines(ns, what, columns)
  local lines = { tostring(ns) }
  for _, section in ipairs(SECTIONS) do
    if what == nil or what == section.word then
      local ok, more = pcall(section_lines, section, ns, what ~= nil, columns)
      if not ok then more = wrap.words(tostring(more), columns, MARGIN) end
      table.move(more, 1, #more, #lines + 1, lines)
      if not ok then break end
    end
  end
  return lines
end

-- ---- what others call ----------------------------------------------------------------------------

-- Lua: places() -> the host and every namespace that has a name, an array of handles
function M.places()
  local all = { netns.host }
  for _, ns in ipairs(netns.list()) do all[#all + 1] = ns end
  return all
end

-- Lua: place("red") -> the handle; "host" is the host.
function M.place(name)
  return name == "host" and netns.host or netns(name)
end

-- Lua: text{ netns = NAME or handle (without: the host and every namespace), what = one of WORDS
-- (without: all), columns = width (without: the terminal's) } -> text, each line with its end.
-- Raises for a word that it does not know and for a namespace that is not there.
function M.text(o)
  o = o or {}
  local what = o.what and (M.word(o.what) or error(("look: there is no %s to look at; there are %s.")
                           :format(o.what, table.concat(M.WORDS, ", ")), 0))
  local columns = math.max(NARROWEST, o.columns or require("nslab.host").columns(1))
  local asked = o.netns and { M.place(o.netns) } or M.places()
  if o.netns then asked[1].link.list() end -- raises when it is not there
  local parts = {}
  for i, ns in ipairs(asked) do
    parts[i] = table.concat(namespace_lines(ns, what, columns), "\n") .. "\n"
  end
  return table.concat(parts, "\n")
end

return M
