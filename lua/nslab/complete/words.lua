-- complete.words: what a command of ip and its like could go on with, from the words in the rows; and
-- the words of the prompt that begin with a colon.

local grammar = require "nslab.words.grammar"
local ip = require "nslab.words.ip"
local live = require "nslab.complete.live"
local objects = require "nslab.words.objects"

local M = {}

-- ---- words with a colon ------------------------------------------------------------------------------

local COLON = {
  ns = function() return live.namespaces() end,
  save = function(word) return live.files(word) end,
  explain = function(word)
    local done = word:match "^(.*,)" or ""
    return { done .. "ip", done .. "lua", done .. "netlink", done == "" and "off" or nil }
  end,
}

-- Lua: colon(text) -> where the word at the end begins, what it may be.
function M.colon(text)
  local lead, name, rest = text:match "^(%s*:%s*)(%S*)(.*)$"
  if rest == "" then
    local names = {}
    for i, word in ipairs(require("nslab.repl.session").WORDS) do
      names[i] = word.name .. (word.args ~= "" and " " or "")
    end
    return #lead + 1, live.beginning(names, name)
  end
  local word = rest:match "^%s+(.*)$"
  return #text - #word + 1, live.beginning(COLON[name] and COLON[name](word) or {}, word)
end

-- ---- ip ----------------------------------------------------------------------------------------------

local function plain(spelling) return (spelling:gsub("%*", "")) end

-- The ports of bridges, of which `bridge link` speaks: no object of their own.
local PORTS = { nouns = { "l*ink" }, module = "link", command = "bridge",
                verbs = { { "set", "set" }, { "show", "list" } } }

-- The objects of the program, ip or bridge.
local function objects_of(program)
  local out = program == "ip" and { objects.netns, table.unpack(objects.apart) } or { PORTS }
  for _, object in ipairs(objects.all) do
    if (object.command or "ip") == program then out[#out + 1] = object end
  end
  return out
end

local function find_object(program, word)
  for _, object in ipairs(objects_of(program)) do
    for _, noun in ipairs(object.nouns) do
      if grammar.matches(grammar.abbreviable(noun), word) then return object end
    end
  end
end

local function nouns(program)
  local out = {}
  for i, object in ipairs(objects_of(program)) do out[i] = plain(object.nouns[1]) end
  return out
end

local function verbs(object)
  local out = {}
  for i, verb in ipairs(object.verbs) do out[i] = plain(verb[1]) end
  return out
end

local function find_verb(object, word)
  for _, verb in ipairs(object.verbs) do
    if grammar.matches(grammar.abbreviable(verb[1]), word) then return verb[2] end
  end
end

local function kinds(schema)
  local out = {}
  for _, row in ipairs(grammar.schema(schema).rows) do
    if row.codec == "kind" and row.schema then out[#out + 1] = row.key end
  end
  return out
end

-- The values of a row.
local VALUES = {
  dev = function(ns) return live.links(ns) end,
  netns = function() return live.namespaces() end,
  address = function() return live.addresses() end,
  prefix = function() return live.addresses() end,
}

local function values_of(entry, ns, schema)
  if entry.row.key == "via" then return live.addresses() end
  if entry.how == "choice" then return { entry.yes, entry.no } end
  if entry.row.codec == "kind" then return kinds(schema) end
  if entry.row.key == "iif" or entry.row.key == "oif" then return live.links(ns) end
  local of = VALUES[entry.row.codec]
  return of and of(ns) or entry.row.names or {}
end

-- What stands without a word: the key, or what is looked for.
local ALONE = {
  name = function(ns, verb) return verb == "add" and {} or live.links(ns) end,
  dev = function(ns) return live.links(ns) end,
  address = function(ns, verb) return verb == "add" and {} or live.own_addresses(ns) end,
  dst = function(ns, _, module)
    return module == "neigh" and live.neighbours(ns) or live.destinations(ns)
  end,
  exact = function(ns) return live.destinations(ns) end,
}

local function said(row) return row.words and not row.readonly end

local function alone_words(alone, ns, verb, schema)
  return ALONE[alone.key] and ALONE[alone.key](ns, verb, schema) or {}
end

-- Walks the words of the options up to the last one, which is not complete; what may stand there.
local function options(g, alone, words, at, ns, verb)
  local schema = g.schema
  while at <= #words do
    local entry = grammar.find(g, words[at])
    if entry and entry.row.codec == "nest" then
      g, schema, alone = grammar.make(entry.row.schema, said), entry.row.schema, nil
    elseif entry and entry.how ~= "switch" then
      at = at + 1
      if at > #words then return values_of(entry, ns, schema) end
      local row = entry.row.codec == "kind" and grammar.row(schema, words[at])
      if row and row.schema then
        g, schema, alone = grammar.make(row.schema, said), row.schema, nil
      end
    elseif alone and not entry then
      local keyword = false
      for _, one in ipairs(alone.keyword or {}) do keyword = keyword or one == words[at] end
      if keyword and at == #words then return alone_words(alone, ns, verb, schema) end
      if not keyword then alone = nil end
    end
    at = at + 1
  end
  local out = {}
  for _, entry in ipairs(g.entries) do out[#out + 1] = entry.word end
  if alone and alone.always then out[#out + 1] = alone.keyword[1] end
  local more = alone and alone_words(alone, ns, verb, schema) or {}
  return table.move(more, 1, #more, #out + 1, out)
end

local M_command -- of the words behind `netns exec NS`

local function netns_words(words, at)
  if at > #words then return verbs(objects.netns) end
  local verb = find_verb(objects.netns, words[at])
  if verb == "list" or verb == "add" then return {} end
  if at + 1 > #words then return live.namespaces() end
  if verb == "exec" then
    return M_command(table.move(words, at + 2, #words, 1, {}), require("netns")(words[at + 1]))
  end
  return {}
end

-- What may stand behind the verb of `bridge link`.
local function port_words(words, at, ns)
  local last = words[#words]
  if #words >= at and (last == "dev" or last == "master") then return live.links(ns) end
  local g = require("nslab.words.bridge_link").grammar()
  local out = options(g, nil, words, at, ns, "set")
  if #words < at then table.insert(out, 1, "dev") end
  return out
end

-- words: those that are complete, behind "ip" or "bridge".
local function object_words(program, words, ns)
  local netns, at = require "netns", 1
  while (words[at] or ""):sub(1, 1) == "-" do
    if words[at] == "-n" or words[at] == "-netns" then
      at = at + 1
      if at > #words then return live.namespaces() end
      ns = netns(words[at])
    end
    at = at + 1
  end
  if at > #words then return nouns(program) end
  local object = find_object(program, words[at])
  if not object then return {} end
  if object == objects.netns then return netns_words(words, at + 1) end
  if at + 1 > #words then return verbs(object) end
  local verb = find_verb(object, words[at + 1])
  if not verb then return {} end
  if object.apart then
    local file = require("nslab.words." .. object.module)
    return options(file.grammar(verb), file.ALONE, words, at + 2, ns, verb)
  end
  if object == PORTS then return port_words(words, at + 2, ns) end
  local g, alone = ip.grammar(object, verb)
  return options(g, alone, words, at + 2, ns, verb)
end

local CHAIN_OPTIONS = { ["-A"] = true, ["-I"] = true, ["-D"] = true, ["-F"] = true, ["-L"] = true,
                        ["-S"] = true, ["-P"] = true, ["-R"] = true, ["-X"] = true, ["-Z"] = true }

local function firewall_words(family)
  return function(words, ns)
    local last = words[#words] or ""
    if CHAIN_OPTIONS[last] then return live.chains(ns, family) end
    if last == "-t" then return live.tables() end
    if last == "-j" then return live.targets(ns, family) end
    if last == "-i" or last == "-o" then return live.links(ns) end
    if last == "-s" or last == "-d" then return live.addresses() end
    return {}
  end
end

local COMMANDS = {
  ip = function(words, ns) return object_words("ip", words, ns) end,
  bridge = function(words, ns) return object_words("bridge", words, ns) end,
  iptables = firewall_words "iptables", ip6tables = firewall_words "ip6tables",
  ping = function(words, ns)
    return words[#words] == "-I" and live.links(ns) or live.addresses()
  end,
  sysctl = function(_, ns, word) return live.sysctls(ns, word) end,
}

function M_command(words, ns, word)
  if words[1] == "sudo" then table.remove(words, 1) end
  local name = words[1] and words[1]:match "[^/]*$"
  if not name then
    local out = {}
    for known in pairs(COMMANDS) do out[#out + 1] = known end
    return out
  end
  return COMMANDS[name] and COMMANDS[name](table.move(words, 2, #words, 1, {}), ns, word) or {}
end

-- Lua: command(text) -> where the word at the end begins, what it may be.
function M.command(text)
  local last = text:match "([^;&]*)$"
  local words, word = {}, last:match "(%S*)$"
  for w in last:sub(1, #last - #word):gmatch "%S+" do words[#words + 1] = w end
  if words[1] == "$" or words[1] == "#" then table.remove(words, 1) end
  local out = M_command(words, nil, word)
  local found = live.beginning(out, word)
  if #found == 1 and not found[1]:match "[./]$" then found[1] = found[1] .. " " end
  return #text - #word + 1, found
end

return M
