-- changes: what is different in a lab from one moment to another, as short lines: which namespaces,
-- links, addresses, routes, neighbours, rules, sysctls and firewall lines came, went, moved or changed. Looks
-- at the kernel alone, so that it sees what programs did, too.

local expect = require "nslab.expect"
local look = require "nslab.look"

local M = {}

-- ---- one moment ----------------------------------------------------------------------------------

-- What the kernel makes by itself, some time after a link came up: whether it shows depends on when
-- one looks.
local function own(address)
  return address:find "^fe80:" or address:find "^ff"
end

local function link_facts(l, ns)
  return { { "", look.state(l) }, { "", l.type or "" }, { "mtu", l.mtu }, { "master", l.master },
           { "other end", look.other_end(l, ns) }, { "address", l.address } }
end

local function route_facts(r)
  return { { "via", look.next_hop(r) }, { "dev", r.dev }, { "src", r.src } }
end

-- As the commands that make them. That a built-in chain is there says nothing.
local function firewall(module)
  return function(ns, add)
    local of
    for line in tostring(ns[module].save()):gmatch "[^\n]+" do
      of = line:match "^%*(%S+)" or of
      local chain, policy = line:match "^:(%S+) (%S+)"
      local said = line:find "^%-A" and line or policy == "-" and "-N " .. chain or
                   policy and policy ~= "ACCEPT" and ("-P %s %s"):format(chain, policy)
      if said then add(("%s -t %s %s"):format(module, of, said), {}) end
    end
  end
end

-- Those that labs turn.
local SYSCTLS = { "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.ipv4.conf.all.rp_filter",
                  "net.ipv4.conf.all.proxy_arp" }

local function sysctls(ns, add)
  for _, key in ipairs(SYSCTLS) do
    local ok, value = pcall(ns.sysctl.get, key)
    if ok then add("sysctl " .. key, { { "", value } }) end
  end
end

-- How each kind of object is read: add(what it is, facts that may change).
local READERS = {
  function(ns, add)
    for _, l in ipairs(ns.link.list()) do add("link " .. l.name, link_facts(l, ns), l.address) end
  end,
  function(ns, add)
    for _, a in ipairs(ns.addr.list()) do
      if not own(a.address) then add(("address %s dev %s"):format(a.address, a.dev), {}) end
    end
  end,
  function(ns, add)
    for _, r in ipairs(look.both_families(ns.route)) do
      local dst = look.destination(r)
      if not own(dst) then
        add(("route %s%s"):format(dst, r.metric and " metric " .. r.metric or ""), route_facts(r))
      end
    end
  end,
  function(ns, add)
    for _, n in ipairs(ns.neigh.list()) do
      if n.dst and not own(n.dst) then
        add(("neighbour %s dev %s"):format(n.dst, n.dev), { { "at", n.lladdr or "no address yet" } })
      end
    end
  end,
  function(ns, add)
    for _, r in ipairs(look.both_families(ns.rule)) do
      add(("rule %d: %s"):format(r.priority or 0, look.said(r)), {})
    end
  end,
  sysctls, firewall "iptables", firewall "ip6tables",
}

local function read(ns)
  local things = {}
  local function add(what, facts, identity)
    while things[what] do what = what .. ", once more" end
    things[#things + 1] = { what = what, facts = facts, identity = identity }
    things[what] = things[#things]
  end
  for _, reader in ipairs(READERS) do pcall(reader, ns, add) end -- a kernel may lack one of them
  return things
end

-- Lua: moment() -> what changes() compares.
function M.moment()
  local places = {}
  for i, ns in ipairs(look.places()) do
    places[i] = { name = tostring(ns), things = read(ns) }
    places[places[i].name] = places[i]
  end
  return places
end

-- ---- two moments ---------------------------------------------------------------------------------

local function described(thing)
  local words = { thing.what }
  for _, fact in ipairs(thing.facts) do
    local name, value = fact[1], fact[2]
    if value ~= nil and value ~= "" and name ~= "address" then
      words[#words + 1] = name == "" and tostring(value) or ("%s %s"):format(name, value)
    end
  end
  return table.concat(words, ", ")
end

-- "mtu 1500 -> 1400"; nil when they are the same.
local function differences(before, after)
  local words = {}
  for i, fact in ipairs(after.facts) do
    local name, new, old = fact[1], fact[2], before.facts[i][2]
    if new ~= old then
      old, new = (old == nil or old == "") and "none" or old, (new == nil or new == "") and "none" or new
      words[#words + 1] = ("%s%s -> %s"):format(name == "" and "" or name .. " ", old, new)
    end
  end
  return #words > 0 and table.concat(words, ", ") or nil
end

-- Whether a link that came is one that went elsewhere: it has its name and its hardware address still.
local function moved_from(thing, gone)
  for i, other in ipairs(gone) do
    if thing.identity and other.thing.identity == thing.identity and other.thing.what == thing.what then
      return table.remove(gone, i)
    end
  end
end

-- What went from places that are there still.
local function collect_gone(before, after)
  local gone = {}
  for _, place in ipairs(before) do
    local now = after[place.name]
    for _, thing in ipairs(now and place.things or {}) do
      if not now.things[thing.what] then gone[#gone + 1] = { thing = thing, netns = place.name } end
    end
  end
  return gone
end

-- A new namespace has an lo, three rules and so on: what every namespace has says nothing.
local function is_usual(thing, is_new)
  if not is_new then return false end
  local link = thing.what:match "^link (.*)"
  return link == "lo" or expect.FALLBACK[link] or thing.what:find "^rule" or thing.what:find "^sysctl"
end

-- Lua: changes(before, after) -> array of { change, netns, object, text }; change is "new", "gone",
-- "moved" or "changed", text a line for a person.
function M.changes(before, after)
  local out, gone = {}, collect_gone(before, after)
  local function say(change, netns, object, ...)
    out[#out + 1] = { change = change, netns = netns, object = object, text = string.format(...) }
  end
  for _, place in ipairs(after) do
    local was, name = before[place.name], place.name
    if not was then say("new", name, "netns", "new: namespace %s", name) end
    for _, thing in ipairs(place.things) do
      local object = thing.what:match "^%w+"
      local old = was and was.things[thing.what]
      local source = not old and moved_from(thing, gone)
      local difference = old and differences(old, thing)
      if source then
        say("moved", name, object, "moved from %s to %s: %s", source.netns, name, described(thing))
      elseif difference then
        say("changed", name, object, "changed in %s: %s, %s", name, thing.what, difference)
      elseif not old and not is_usual(thing, not was) then
        say("new", name, object, "new in %s: %s", name, described(thing))
      end
    end
  end
  for _, g in ipairs(gone) do
    say("gone", g.netns, g.thing.what:match "^%w+", "gone from %s: %s", g.netns, g.thing.what)
  end
  for _, place in ipairs(before) do
    if not after[place.name] then say("gone", place.name, "netns", "gone: namespace %s", place.name) end
  end
  return out
end

return M
