-- live: what the lab has at this moment that a word may name: namespaces, links, addresses, chains.
-- Nothing here raises: what cannot be read has no names.

local core = require "nslab.core"
local netns = require "netns"

local M = {}

-- Calls fn without telling whoever watches operations.
function M.quietly(fn, ...)
  local observer = core.observe(nil)
  local result = table.pack(pcall(fn, ...))
  core.observe(observer)
  if result[1] then return table.unpack(result, 2, result.n) end
end

-- Those of the words that begin so, sorted, each once.
function M.beginning(words, word)
  local out, seen = {}, {}
  for _, w in ipairs(words) do
    if type(w) == "string" and w:sub(1, #word) == word and not seen[w] then
      seen[w] = true
      out[#out + 1] = w
    end
  end
  table.sort(out)
  return out
end

function M.namespaces()
  local out = {}
  for i, handle in ipairs(netns.list()) do out[i] = handle.name end
  return out
end

-- The module in the namespace; nil is where one acts.
local function module(ns, name)
  return ns and ns[name] or require(name)
end

function M.links(ns)
  local out = {}
  for _, l in ipairs(module(ns, "link").list()) do
    out[#out + 1] = l.name
    for _, other in ipairs(l.altnames or {}) do out[#out + 1] = other end
  end
  return out
end

-- With their lengths, as addr.delete wants them.
function M.own_addresses(ns)
  local out = {}
  for i, a in ipairs(module(ns, "addr").list()) do out[i] = a.address end
  return out
end

-- Every address of the lab but the loopback's, without length: whom one could call.
function M.addresses()
  local out, seen = {}, {}
  local function add(ns)
    for _, address in ipairs(M.own_addresses(ns)) do
      local bare = address:match "^[^/]+"
      if not seen[bare] and not bare:match "^127%." and bare ~= "::1" then
        seen[bare] = true
        out[#out + 1] = bare
      end
    end
  end
  add(netns.host)
  for _, ns in ipairs(netns.list()) do add(ns) end
  return out
end

function M.destinations(ns)
  local out = { "default" }
  for _, r in ipairs(module(ns, "route").list()) do
    if r.dst and r.dst ~= "default" then out[#out + 1] = r.dst end
  end
  return out
end

function M.neighbours(ns)
  local out = {}
  for i, n in ipairs(module(ns, "neigh").list()) do out[i] = n.dst end
  return out
end

local TABLES = { "filter", "nat", "mangle", "raw", "security" }
local TARGETS = { "ACCEPT", "DROP", "REJECT", "RETURN", "LOG", "MASQUERADE", "SNAT", "DNAT",
                  "REDIRECT", "MARK" }

function M.tables() return TABLES end

-- The chains of every table.
function M.chains(ns, family)
  local out, seen = {}, {}
  for _, name in ipairs(TABLES) do
    for chain in tostring(module(ns, family).list { table = name }):gmatch "%-[PN] (%S+)" do
      if not seen[chain] then out[#out + 1] = chain end
      seen[chain] = true
    end
  end
  for _, chain in ipairs { "INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING" } do
    if not seen[chain] then out[#out + 1] = chain end
  end
  return out
end

function M.targets(ns, family)
  local out = table.move(TARGETS, 1, #TARGETS, 1, {})
  for _, chain in ipairs(M.chains(ns, family)) do
    if not chain:match "^%u+$" then out[#out + 1] = chain end
  end
  return out
end

-- Names of sysctls that begin so, up to the next dot.
function M.sysctls(ns, word)
  local out, seen = {}, {}
  local above = word:match "^(.*)%.[^.]*$" or "net"
  for key in tostring(module(ns, "sysctl").list(above)):gmatch "([%w_.-]+) = " do
    local next_dot = key:find(".", #word + 1, true)
    local part = next_dot and key:sub(1, next_dot) or key
    if part:sub(1, #word) == word and not seen[part] then
      seen[part] = true
      out[#out + 1] = part
    end
  end
  return out
end

-- Files and directories whose path begins so.
function M.files(word)
  local out = {}
  local dir = word:match "^(.*/)" or ""
  local ls = netns.host:exec { "ls", "-1ap", "--", dir == "" and "." or dir }
  for name in (ls.stdout or ""):gmatch "[^\n]+" do
    local hidden = name:sub(1, 1) == "." and word:sub(#dir + 1, #dir + 1) ~= "."
    if name ~= "./" and name ~= "../" and not hidden then out[#out + 1] = dir .. name end
  end
  return out
end

return M
