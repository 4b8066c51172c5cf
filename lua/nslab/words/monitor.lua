-- monitor: `ip monitor` at a prompt: what changes in a network, in the words of ip, until Ctrl-C. It has
-- no end, so nothing but a prompt reads it; scripts have netns.watch.

local grammar = require "nslab.words.grammar"

local M = {}

-- What can be asked for: ip's word, what netns.watch calls it, the label that `all` and `label` put before.
local OBJECTS = {
  { "l*ink", { "link", "port" }, "[LINK]" }, { "a*ddress", { "addr" }, "[ADDR]" },
  { "r*oute", { "route" }, "[ROUTE]" }, { "nei*ghbour", { "neigh", "fdb" }, "[NEIGH]" },
  { "ru*le", { "rule" }, "[RULE]" }, { "nex*thop", { "nexthop" }, "[NEXTHOP]" },
  { "netc*onf", { "netconf" }, "[NETCONF]" }, { "ns*id", { "nsid" }, "[NSID]" },
}

local function object_of(word)
  for _, row in ipairs(OBJECTS) do
    if grammar.matches(grammar.abbreviable(row[1]), word) then return row end
  end
end

local function known_words()
  local out = {}
  for i, row in ipairs(OBJECTS) do out[i] = row[1]:gsub("%*", "") end
  return "Words that have one: " .. table.concat(out, " ") .. " all label."
end

-- The operation of the command, behind "ip monitor".
function M.read(reader, netns)
  local op = { module = "monitor", verb = "watch", netns = netns, options = { objects = {} },
               view = next(reader.view) and reader.view }
  reader.op = "monitor"
  if not reader.live then
    reader:fail("monitor", "this goes on until Ctrl-C, and only at a prompt is somebody who can press it",
                "Elsewhere: for e in netns.watch { timeout_ms = 1000 } do " ..
                "print(e.event, e.object, e.record) end")
  end
  local function want(row) table.move(row[2], 1, #row[2], #op.options.objects + 1, op.options.objects) end
  while reader.at <= #reader.words do
    local word = reader:next()
    local row = object_of(word)
    if row then
      want(row)
    elseif word == "label" or word == "all" then
      op.label = true
    else
      reader:fail(word, "this word has no meaning here", known_words())
    end
  end
  if #op.options.objects == 0 then
    for _, row in ipairs(OBJECTS) do want(row) end
  end
  return op
end

-- ---- what is shown -----------------------------------------------------------------------------------

local LABELS = {}
for _, row in ipairs(OBJECTS) do
  for _, name in ipairs(row[2]) do LABELS[name] = row[3] end
end

-- The links by their names and the names by their numbers, also of those that are gone by now.
local function new_names(netns)
  local known, names = {}, {}
  local function learn(link)
    known[link.name], names[link.ifindex] = link, link.name
  end
  for _, link in ipairs(netns.link.list()) do learn(link) end
  return { known = known, names = names, learn = learn }
end

-- The record, with the name that the link had which that key names by its number, as it is gone.
local function with_name(record, key, names)
  local number = tostring(record[key]):match "^if(%d+)$" or tostring(record[key]):match "^(%d+)$"
  local name = number and names[tonumber(number)]
  if not name then return record end
  return setmetatable({ [key] = name }, { __index = function(_, other) return record[other] end })
end

local function with_names(record, names)
  return with_name(record, "dev", names)
end

local NUD = { permanent = "PERMANENT", static = "NOARP", dynamic = "REACHABLE", stale = "STALE" }

-- An address behind a port is a neighbour without an IP address to ip.
local function fdb_text(entry)
  local out = {}
  local function add(word, v)
    if v ~= nil then out[#out + 1] = word .. " " .. tostring(v) end
  end
  out[1] = entry.dst
  add("dev", entry.dev)
  add("lladdr", entry.lladdr)
  for _, flag in ipairs { "router", "extern_learn", "offload" } do
    if entry[flag] then out[#out + 1] = flag end
  end
  out[#out + 1] = NUD[tostring(entry.state)] or tostring(entry.state):upper()
  return table.concat(out, " ")
end

-- The link below may be gone by now, too; ip knows it by the name that it had.
local function link_text(link, seen, view, netns)
  local shown = link.link_netnsid and link or with_name(link, "link", seen.names)
  return require("nslab.format.link").of_list(shown, netns, seen.known, {
    above_addresses = true, told = netns, details = view.details })
end

local TEXTS = {
  port = link_text, -- what a bridge says of its port is less than what is known of the link
  link = function(link, seen, view, netns)
    seen.learn(link)
    return link_text(link, seen, view, netns)
  end,
  addr = function(address, seen)
    local record = with_names(address, seen.names)
    local link = seen.known[record.dev]
    return ("%d: %s%s"):format(link and link.ifindex or 0, record.dev,
                               require("nslab.format.addr").one(record))
  end,
  fdb = function(entry, seen) return fdb_text(with_names(entry, seen.names)) end,
}

local function text_of(event, seen, view, netns)
  local special = TEXTS[event.object]
  if special then return special(event.record, seen, view, netns) end
  return require("nslab.format." .. event.object).one(with_names(event.record, seen.names), {}, view)
end

-- Lua: text(event, seen, op, netns) -> what ip monitor prints of an event.
function M.text(event, seen, op, netns)
  local view = op.view or {}
  local text = text_of(event, seen, view, netns)
  local before = (op.label and LABELS[event.object] or "") .. (event.event == "delete" and "Deleted " or "")
  return require("nslab.format").joined({ before .. text }, view)
end

-- Lua: run(op, write[, timeout_ms]): writes what changes in the network, until it is interrupted or nothing
-- has changed for that long.
function M.run(op, write, timeout_ms)
  local handles = require "netns"
  local netns = op.netns and handles(op.netns) or handles.current()
  local seen
  local watcher <close> = handles.watch { objects = op.options.objects, timeout_ms = timeout_ms }
  seen = new_names(netns)
  while true do
    local event = watcher:next(timeout_ms)
    if not event then return end
    if event.event == "lost" then
      write "Events were lost: there were too many at once.\n"
    elseif event.netns == netns then
      write(M.text(event, seen, op, netns) .. "\n")
    end
  end
end

return M
