-- ip: reads an `ip` command, with what iproute2 fills in for what was not said.

local grammar = require "nslab.words.grammar"
local objects = require "nslab.words.objects"
local value = require "nslab.words.value"

local M = {}

local MAKES = { add = true, set = true, replace = true, append = true, delete = true }

-- ---- grammars of the verbs ---------------------------------------------------------------------------

local function make_grammar(object, verb)
  local silent = object.silent and object.silent[verb] or {}
  return grammar.make(object.module, function(row)
    if silent[row.key] then return false end
    if row.key == object.key then return verb == "set" and object.module == "link" end
    return row.words and not row.readonly and not (object.asked and object.asked[row.key])
  end)
end

local function find_grammar(object, spec)
  local wanted = {}
  for _, key in ipairs(spec.keys) do wanted[key] = true end
  return grammar.make(object.module, function(row) return wanted[row.key] end, spec.words)
end

local grammars = {} -- module.verb -> grammar

-- The grammar of a verb, and what stands alone in it.
function M.grammar(object, verb)
  local name = object.module .. "." .. verb
  local spec = not MAKES[verb] and object[verb]
  grammars[name] = grammars[name] or
                   (spec and find_grammar(object, spec) or make_grammar(object, verb))
  if spec and spec.alone then
    return grammars[name], {
      key = spec.alone, row = spec.row or spec.alone == "exact" and object.key or spec.alone,
      keyword = spec.keyword, always = spec.always, lacks = spec.lacks, is_key = verb == "get",
    }
  end
  return grammars[name], not spec and object.key and {
    key = object.key, is_key = true, keyword = verb == "add" and object.new_keyword or object.keyword,
    always = object.always, bare = object.bare,
  }
end

-- ---- what ip fills in --------------------------------------------------------------------------------

-- The address with its length (that of a host where there is none), and the length.
local function with_length(reader, text)
  local address, length, bits = value.prefix(text)
  if not address then reader:fail(text, "an IP address is expected here") end
  return ("%s/%d"):format(address, length or bits), length or bits
end

-- ip looks for duplicates unless it is told not to; addr.add does not, in a sandbox.
local function complete_dad(op)
  local o = op.options
  if op.verb ~= "delete" and op.key:find(":", 1, true) and o.nodad == nil and o.optimistic == nil then
    o.nodad = false
  end
end

-- With another end, the length is that one's. A deletion that says none means any: the key stays
-- without, and words.run looks for it.
local function complete_addr(reader, op)
  local options = op.options
  if op.verb == "delete" and not op.key:find "[/:]" and not options.peer then return end
  if not MAKES[op.verb] then return end
  if options.peer then
    local length
    options.peer, length = with_length(reader, options.peer)
    local own = value.prefix(op.key) or reader:fail(op.key, "an IP address is expected here")
    op.key = ("%s/%d"):format(own, length)
  end
  op.key = with_length(reader, op.key)
  if not options.dev then reader:fail("addr " .. op.verb, "dev is missing: which link?") end
  complete_dad(op)
end

local function kind_of(options)
  for key in pairs(options) do
    local row = grammar.row("link", key)
    if row.codec == "kind" and row.schema then return key end
  end
  return options.type
end

-- A link without a name gets its kind's and a number: the kernel puts the first free one for %d.
local function complete_link(reader, op)
  local options = op.options
  if op.verb == "delete" and not op.key then -- check_complete has let it pass: it names a group
    op.verb, op.options = "flush", { group = options.group }
    return
  end
  local slave = op.verb == "list" and options.type and options.type:match "^(.*)_slave$"
  if slave then options.type, options.slave_type = nil, slave end
  if op.verb == "list" and options.name and next(options, next(options)) == nil then
    op.verb, op.key, options.name = "get", options.name, nil
  end
  if op.verb == "delete" then op.options = {} end -- a name is enough, whatever else was said
  if op.verb ~= "add" then return end
  local number = options.link_netnsid and options.link and options.link:match "^if(%d+)$"
  options.link = number and tonumber(number) or options.link
  local kind = kind_of(options)
  if not kind then reader:fail("link add", "type is missing: which kind of link?") end
  op.key = op.key or kind .. "%d"
end

local EVERYTHING = { all = true, any = true, default = true }

-- The family of a rule does not follow from its addresses: without -6 they are IPv4 ones.
local function complete_rule(reader, op)
  if op.verb == "list" or op.verb == "flush" then
    for _, key in ipairs { "from", "to" } do
      if EVERYTHING[op.options[key]] then op.options[key] = nil end
    end
  end
  for _, key in ipairs { "from", "to" } do
    local network = op.options[key]
    if network and network:find(":", 1, true) and op.options.family ~= "inet6" then
      reader:fail(network, "an IPv4 network is expected here", "For IPv6: ip -6 rule ...")
    end
  end
  if (op.verb == "add" or op.verb == "delete") and next(op.options) == nil then
    reader:fail("rule " .. op.verb, "nothing says which rule")
  end
end

-- What stands alone may be a network, one address, or a word for everything.
local function complete_neigh(_, op)
  local o = op.options
  if op.verb ~= "list" and op.verb ~= "flush" then return end
  local network = o.to or o.dst
  o.to, o.dst = nil, nil
  if not network or EVERYTHING[network] then return end
  o[network:find("/", 1, true) and "to" or "dst"] = network
end

-- What the kernel learned is a table of its own for ip.
local function complete_route(_, op)
  local o = op.options
  if o.table == "cache" then o.table, o.cached = nil, true end
end

-- A list of one number is a look at that one.
local function complete_nexthop(_, op)
  if op.verb == "list" and op.options.id then
    op.verb, op.key, op.options.id = "get", op.options.id, nil
  end
end

local function complete_fdb(reader, op)
  if MAKES[op.verb] and not op.options.dev then
    reader:fail(op.module .. " " .. op.verb, "dev is missing: which link?")
  end
end

local function complete_mdb(reader, op)
  complete_fdb(reader, op)
  if MAKES[op.verb] and not op.options.port then
    reader:fail("mdb " .. op.verb, "port is missing: which port of the bridge?")
  end
end

local COMPLETE = {
  addr = complete_addr, fdb = complete_fdb, link = complete_link, mdb = complete_mdb,
  neigh = complete_neigh, route = complete_route,
  nexthop = complete_nexthop, rule = complete_rule, vlan = complete_fdb,
  vlan_global = complete_fdb, vni = complete_fdb,
}

local function check_complete(reader, object, op)
  local grouped = op.verb == "delete" and op.options.group ~= nil
  local named = object.module == "link" and (op.verb == "add" or grouped)
  local needs_key = object.key and not named and (MAKES[op.verb] or op.verb == "get")
  if needs_key and not op.key then
    reader:fail(object.module .. " " .. op.verb, object.key .. " is missing")
  end
  local everything = object.module == "rule" or object.module == "nexthop" or object.module == "addrlabel"
  if op.verb == "flush" and not everything and next(op.options) == nil then
    reader:fail(object.module .. " flush", "nothing says what to flush", "For example: dev eth0.")
  end
end

-- ---- the command -------------------------------------------------------------------------------------

local function verb_of(object, word)
  for _, verb in ipairs(object.verbs) do
    if grammar.matches(grammar.abbreviable(verb[1]), word) then return verb[2] end
  end
end

local function want_verb(reader, object, word)
  local verb = verb_of(object, word)
  if verb then return verb end
  local instead = object.instead and object.instead[word]
  if instead then reader:fail(word, "nslab does not do this", instead) end
  local known = {}
  for i, row in ipairs(object.verbs) do known[i] = row[1]:gsub("%*", "") end
  reader:fail(word, ("%s has no such verb here"):format(object.module),
              "It has: " .. table.concat(known, " ") .. ".")
end

local function is_named(object, word)
  for _, noun in ipairs(object.nouns) do
    if grammar.matches(grammar.abbreviable(noun), word) then return true end
  end
  return false
end

local MONITOR = grammar.abbreviable "mon*itor"

local function want_object(reader, program, word)
  if grammar.matches(MONITOR, word) then
    reader:fail(word, "nslab has no stream of a bridge's events as bridge shows it",
                "In Lua: for e in netns.watch() do print(e.event, e.object, e.record) end. Ctrl-C ends it.")
  end
  local known = {}
  for _, object in ipairs(objects.all) do
    if (object.command or "ip") == program and object.family == reader.object_family then
      if is_named(object, word) then return object end
      known[#known + 1] = object.module
    end
  end
  local others = program == "ip" and { "netns" } or { "link" }
  for _, object in ipairs(program == "ip" and objects.apart or {}) do others[#others + 1] = object.module end
  table.move(others, 1, #others, #known + 1, known)
  reader:fail(word, ("nslab's %s has no such object"):format(program),
              "It has: " .. table.concat(known, " ") .. ".")
end

local FAMILIES = { ["-4"] = "inet", ["-6"] = "inet6", ["-M"] = "mpls" }
local OF_OBJECTS = { mpls = true } -- families that have objects of their own

local INSTEAD = "In Lua, link.get(NAME), route.list() and so on give records: " ..
                "print(l.mtu), pairs(l), l:table()."

-- The options before the object that are read, in the order in which ip looks for them: how they are
-- spelled, the least letters with the dash, and what is done: function(reader, word). Colour is no matter.
local OPTIONS = {
  { "-family", 2, function(reader, word) reader.family = reader:next(word) end },
  { "-oneline", 2, function(reader) reader.view.oneline = true end },
  { "-details", 2, function(reader) reader.view.details = true end },
  { "-statistics", 2, function(reader) reader.view.stats = (reader.view.stats or 0) + 1 end },
  { "-stats", 2, function(reader) reader.view.stats = (reader.view.stats or 0) + 1 end },
  { "-netns", 2, function(reader, word) reader.netns = reader:next(word) end },
  { "-brief", 3, function(reader) reader.view.brief = true end },
  { "-color", 2, function() end },
}

local LINES = "nslab run FILE.sh does what ip -batch does; so does sh in Lua."

-- Those that are not, and why.
local REFUSED = {
  { "-json", 2, "nslab prints no JSON here", INSTEAD },
  { "-pretty", 2, "nslab prints no JSON here", INSTEAD },
  { "-human-readable", 2, "nslab prints numbers as they are", "Without the option; -s shows all counters." },
  { "-iec", 2, "nslab prints numbers as they are", "Without the option; -s shows all counters." },
  { "-Numeric", 2, "nslab prints the names that numbers have", "Without the option." },
  { "-numeric", 3, "nslab prints the names that numbers have", "Without the option." },
  { "-resolve", 2, "nslab asks no name server", "Without the option: addresses are shown as numbers." },
  { "-loops", 2, "nslab flushes at once", "Without the option." },
  { "-batch", 2, "nslab reads commands line by line", LINES },
  { "-force", 3, "nslab reads commands line by line", LINES },
  { "-all", 2, "nslab acts in one namespace at a time",
    "In Lua: for _, ns in ipairs(netns.list()) do ns:exec { ... } end." },
  { "-timestamp", 2, "nslab has no clock in what it shows", "Without the option." },
  { "-tshort", 3, "nslab has no clock in what it shows", "Without the option." },
  { "-rcvbuf", 3, "nslab takes as much as there is", "Without the option." },
  { "-Version", 2, "nslab is not ip", "nslab --version." },
}

local function option(rows, word)
  for _, row in ipairs(rows) do
    if #word >= row[2] and row[1]:sub(1, #word) == word then return row end
  end
end

-- The options before the object; returns the namespace that -n names.
local function global_options(reader, program)
  reader.view, reader.netns = {}, nil
  while (reader.words[reader.at] or ""):sub(1, 1) == "-" do
    local word = reader:next()
    local short = word:gsub("^%-%-", "-"):gsub("^(%-c.*)=.*", "%1")
    local row = option(OPTIONS, short)
    local refused = option(REFUSED, short)
    if FAMILIES[short] then
      reader.family = FAMILIES[short]
    elseif row then
      row[3](reader, word)
    elseif refused then
      reader:fail(word, refused[3], refused[4])
    else
      reader:fail(word, ("nslab's %s has no such option"):format(program),
                  "It has: -n NETNS -4 -6 -br -s -d -o.")
    end
  end
  if OF_OBJECTS[reader.family] then reader.object_family, reader.family = reader.family, nil end
  if reader.family and reader.family ~= "inet" and reader.family ~= "inet6" then
    reader:fail(reader.family, "inet, inet6 or mpls is expected here")
  end
  return reader.netns
end

-- ip netns set NAME NUMBER|auto
local function nsid_set(reader, netns)
  local name = reader:next "set"
  local word = reader:next(name)
  local id = word ~= "auto" and value.number(word) or word
  if type(id) == "string" and id ~= "auto" then reader:fail(word, "a number or auto is expected here") end
  reader:no_more()
  return { module = "nsid", verb = "set", netns = netns, options = { netns = name, nsid = id } }
end

-- ip netns list-id [nsid NUMBER]
local function nsid_list(reader, netns)
  local op = { module = "nsid", verb = "list", netns = netns }
  if reader.words[reader.at] == "nsid" then
    local word = reader:next(reader:next())
    op.verb = "get"
    op.options = { nsid = value.number(word) or reader:fail(word, "a number is expected here") }
  end
  reader:no_more()
  return op
end

-- exec starts a program, or is one of our own commands said in that namespace.
local function netns_command(reader, command, netns)
  local word = reader.words[reader.at]
  local op = { module = "netns", verb = word and want_verb(reader, objects.netns, word) or "list" }
  reader.at = reader.at + 1
  reader.op = "netns." .. op.verb
  if op.verb == "set" then return nsid_set(reader, netns) end
  if op.verb == "list_id" then return nsid_list(reader, netns) end
  if op.verb ~= "list" then op.key = reader:next(word) end
  if op.verb ~= "exec" then
    reader:no_more()
    return op
  end
  if reader.at > #reader.words then
    reader:fail(op.key, "a command must follow the name of the namespace")
  end
  return command(reader:rest(), op.key, reader.live)
end

local PROPERTY = { { "a*dd", "property_add" }, { "del", "property_delete" },
                   { "d*elete", "property_delete" } }

-- ip link property add dev NAME altname OTHER...
local function property_command(reader, netns)
  reader.at = reader.at + 1
  local op = { module = "link", netns = netns, options = { altname = {} } }
  op.verb = want_verb(reader, { module = "link property", verbs = PROPERTY }, reader:next "property")
  reader.op = "link." .. op.verb
  while reader.at <= #reader.words do
    local word = reader:next()
    if word == "altname" then
      table.insert(op.options.altname, reader:next(word))
    else
      if word == "dev" then word = reader:next(word) end
      if op.key then reader:fail(word, "this word has no meaning here") end
      op.key = word
    end
  end
  local names = op.options.altname
  if not op.key or #names == 0 then reader:fail("property", "dev NAME altname NAME is needed") end
  if #names == 1 then op.options.altname = names[1] end
  return op
end

-- "vlan global": the object whose noun goes on with the next word, or the one itself.
local function whole_object(reader, object)
  local word = reader.words[reader.at]
  for _, other in ipairs(word and objects.all or {}) do
    local noun = other.within and other.within[object.module]
    if noun and grammar.matches(grammar.abbreviable(noun), word) then
      reader.at = reader.at + 1
      return other
    end
  end
  return object
end

-- "bridge vlan tunnelshow": a list of VLANs that is printed in another way.
local function shown_otherwise(object, word)
  for _, spelling in ipairs(word and object.tunnels or {}) do
    if grammar.matches(grammar.abbreviable(spelling), word) then return "vlan_tunnel" end
  end
end

-- The operation of a command of ip or bridge behind its noun.
local function object_command(reader, object, netns)
  object = whole_object(reader, object)
  reader.schema, reader.op = object.module, object.module
  local word = reader.words[reader.at]
  if object.module == "link" and word and grammar.matches(grammar.abbreviable "p*roperty", word) then
    return property_command(reader, netns)
  end
  local op = { module = object.module, netns = netns }
  op.shown_as = shown_otherwise(object, word)
  op.verb = word and not op.shown_as and want_verb(reader, object, word) or "list"
  reader.at = reader.at + 1
  reader.op, reader.finds = object.module .. "." .. op.verb, not MAKES[op.verb]
  op.options = reader:options(M.grammar(object, op.verb))
  op.key = reader.key
  check_complete(reader, object, op)
  if reader.family and grammar.row(object.module, "family") then op.options.family = reader.family end
  if reader.view.stats and not object.counted then
    reader:fail("-s", "nslab counts only what passes links here", "ip -s link, ip -s addr")
  end
  if op.verb == "list" or op.verb == "get" then op.view = next(reader.view) and reader.view end
  if COMPLETE[op.module] then COMPLETE[op.module](reader, op) end
  if op.key and next(op.options) == nil then op.options = nil end
  return op
end

-- The operation of an `ip` command behind its first word. `command` reads what `netns exec` starts.
function M.read(reader, netns, command)
  netns = global_options(reader, "ip") or netns
  local noun = reader:next "ip"
  if is_named(objects.netns, noun) then
    return netns_command(reader, command, netns)
  end
  if grammar.matches(MONITOR, noun) then return require("nslab.words.monitor").read(reader, netns) end
  for _, object in ipairs(objects.apart) do
    if is_named(object, noun) then
      local word = reader.words[reader.at]
      local verb = word and want_verb(reader, object, word) or "list"
      reader.at = reader.at + 1
      return require("nslab.words." .. object.module).read(reader, netns, verb)
    end
  end
  return object_command(reader, want_object(reader, "ip", noun), netns)
end

-- The same of a `bridge` command.
function M.read_bridge(reader, netns)
  netns = global_options(reader, "bridge") or netns
  local noun = reader:next "bridge"
  if not grammar.matches(grammar.abbreviable "l*ink", noun) then
    return object_command(reader, want_object(reader, "bridge", noun), netns)
  end
  local ports = require "nslab.words.bridge_link"
  local word = reader.words[reader.at]
  local verb = word and want_verb(reader, { module = "bridge link", verbs = ports.VERBS }, word) or "list"
  reader.at = reader.at + 1
  local op = ports.read(reader, verb, netns)
  op.view = next(reader.view) and reader.view
  return op
end

return M
