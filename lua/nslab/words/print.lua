-- print: an observed operation as the command that it equals. The words come from the rows; an option
-- for which ip has no word means that there is no such command.

local grammar = require "nslab.words.grammar"
local ip = require "nslab.words.ip"
local objects = require "nslab.words.objects"
local shell = require "nslab.words.shell"
local value = require "nslab.words.value"

local M = {}

-- ---- one row -----------------------------------------------------------------------------------------

-- A printer: the words so far, finds (a filter is printed), impossible (there is no such command).
local Printer = {}
Printer.__index = Printer

function Printer:add(...)
  for i = 1, select("#", ...) do
    local word = select(i, ...)
    if word then self.words[#self.words + 1] = word end
  end
end

-- ip cannot bring up the other end of a veth; that is an operation of its own. It takes a number for
-- that end, and forgets it.
local LEFT_OUT = { ["link.veth.peer"] = { up = true, ifindex = true } }

local function left_out(schema, row)
  return LEFT_OUT[schema] and LEFT_OUT[schema][row.key]
end

local function said(row)
  return row.words and not row.readonly
end

-- An option without a word cannot be said; some are said behind the slash of another one.
function Printer:check_said(g, options)
  local known = {}
  for _, row in ipairs(g.rows) do known[row.key] = true end
  for _, entry in ipairs(g.entries) do known[entry.slash or false] = true end
  for key in pairs(options) do
    local row = grammar.row(g.schema, key)
    if row and not row.readonly and not known[key] then self.impossible = true end
  end
end

function Printer:nested(schema, options)
  local g = grammar.make(schema, said)
  self:check_said(g, options)
  for _, row in ipairs(g.rows) do
    local v = options[row.key]
    if v ~= nil and not left_out(schema, row) then self:row(g, row, v, options) end
  end
end

-- Behind the slash of an address is a length, behind that of others a mask.
local SLASH = { address = "%s/%d" }

-- What has no word for `false`: a flag that is off is not said, but in a filter it is asked for.
function Printer:off(g, row)
  if row.codec ~= "bit" then
    self.impossible = true
  elseif self.finds then
    self:add("-" .. grammar.entry_for(g, row, true).word)
  end
end

local function locked(entry, options)
  local names = entry.lockable and options.lock or {}
  if type(names) == "string" then names = { names } end
  for _, name in ipairs(names) do
    if entry.row.key:gsub("_ms$", "") == name then return true end
  end
end

local function family_of_address(text)
  if tostring(text):match "^[%x:]*:[%x:.]*" then return "inet6" end
  return tostring(text):match "^%d+%." and "inet"
end

-- The word that says the family of a gateway, where it is not that of the route.
function Printer:family_of(entry, v)
  if entry.row.codec ~= "via" then return nil end
  local own = family_of_address(v)
  self.family = self.family or own
  return self.family ~= own and own
end

function Printer:value(g, entry, v, options)
  local word = value.write(entry, v)
  if not word then
    self.impossible = true
  elseif type(word) == "table" then
    self:add(entry.word, table.unpack(word))
  elseif entry.optional and not self.finds then
    -- "lookup" and "goto" are said by the rows that have these words; a number is no word.
    if grammar.bare(g, word) then
      self:add(word)
    elseif not grammar.find(g, word) then
      self.impossible = true
    end
  else
    local other = entry.slash and options[entry.slash]
    self:add(entry.word, entry.second, locked(entry, options) and "lock", self:family_of(entry, v))
    self:add(other and (SLASH[entry.row.codec] or "%s/0x%x"):format(word, other) or word)
  end
end

-- The kind of the link, given or implied by the table of its options; then those.
function Printer:kind(g, entry, options)
  local kind, schema = options.type, nil
  for _, row in ipairs(grammar.schema("link").rows) do
    if row.codec == "kind" and row.schema and options[row.key] ~= nil then
      kind, schema = row.key, row.schema
    end
  end
  self:value(g, entry, kind, options)
  if schema then self:nested(schema, options[kind]) end
end

function Printer:encap(entry, row, v)
  local kind, its = next(v)
  local rest = {}
  for key, value_ in pairs(its) do rest[key] = value_ end
  self:add(entry.word, kind, rest.labels and tostring(rest.labels))
  rest.labels = nil
  self:nested(grammar.row(row.schema, kind).schema, rest)
end

function Printer:row(g, row, v, options)
  local entry = grammar.entry_for(g, row, v)
  if not entry then
    self:off(g, row)
  elseif row.codec == "nest" then
    self:add(entry.word)
    self:nested(row.schema, type(v) == "string" and { name = v } or v)
  elseif row.codec == "nexthops" then
    for _, way in ipairs(v) do
      self:add(entry.word)
      self:nested(row.schema, way)
    end
  elseif row.codec == "encap" then
    self:encap(entry, row, v)
  elseif row.codec == "kind" and not self.finds then
    self:kind(g, entry, options)
  elseif entry.how == "switch" then
    self:add(entry.word)
  elseif entry.how == "choice" then
    self:add(entry.word, v and entry.yes or entry.no)
  else
    self:value(g, entry, v, options)
  end
end

-- ---- the words of ip ---------------------------------------------------------------------------------

-- A key that looks like a word needs its keyword in front.
function Printer:key(g, alone, key)
  local row = grammar.row(g.schema, alone.row or alone.key)
  local number = row and (row.codec:find "u%d" or row.codec == "span")
  local word = number and tostring(key) or value.dev_word(key)
  local taken = grammar.find(g, word) or grammar.bare(g, word)
  for _, keyword in ipairs(alone.keyword) do taken = taken or keyword == word end
  if taken or alone.always then self:add(alone.keyword[1]) end
  self:add(word)
end

-- The row's value; a kind is also given by the table of its options.
function Printer:given(row, options)
  local v = options[row.key]
  if v ~= nil or row.codec ~= "kind" or self.finds then return v end
  for _, other in ipairs(grammar.schema("link").rows) do
    if other.codec == "kind" and options[other.key] ~= nil then return other.key end
  end
end

function Printer:rows(g, options, first)
  for _, row in ipairs(g.rows) do
    local v = self:given(row, options)
    if v ~= nil and (row.first or false) == first then self:row(g, row, v, options) end
  end
end

-- Whether every option has a word, or is said in another way.
local function sayable(g, alone, options, finds)
  local known = { family = true }
  for _, row in ipairs(g.rows) do known[row.key] = true end
  for _, entry in ipairs(g.entries) do
    known[entry.slash or false] = true
    known.lock = known.lock or entry.lockable
  end
  if alone then known[alone.key] = true end
  for key in pairs(options) do
    local row = grammar.row(g.schema, key)
    local of_kind = row and row.codec == "kind" and not finds
    if not known[key] and not of_kind then return false end
  end
  return true
end

-- ip takes the addresses of a rule for IPv4 ones unless it is told.
local function implied_family(options)
  for _, key in ipairs { "from", "to" } do
    if tostring(options[key]):find(":", 1, true) then return "inet6" end
  end
end

local SHORT = { inet = "-4", inet6 = "-6" }

-- get is the first of a list where ip has none.
local function verb_of(object, op)
  if op.verb ~= "get" then return op.verb end
  local neighbour = object.module == "neigh" and not (op.options and op.options.dev)
  return object.get and not neighbour and "get" or "list"
end

local function verb_word(object, verb)
  local shows = object.module == "link" or object.module == "netconf"
  if shows and verb == "get" then return "show" end
  for _, row in ipairs(object.verbs) do
    if row[2] == verb then return (row[1]:gsub("%*", "")) end
  end
end

-- A record has fields that are no options; what can be said of it are the rows of the grammar.
local function plain(g, options, key)
  local out = {}
  if type(options) == "userdata" then
    for _, row in ipairs(g.rows) do out[row.key] = options[row.key] end
  else
    for k, v in pairs(options or out) do out[k] = v end
  end
  if key then out[key] = nil end
  return out
end

local function namespace(op, program)
  local netns = op.netns
  if not netns or netns == "host" then return { program } end
  local pid = netns:match "^pid (%d+)$"
  if pid then return { "nsenter", "-t", pid, "-n", program } end
  return { program, "-n", netns }
end

-- The command of an operation on an object that has rows; nil when ip cannot say it.
local function ip_command(object, op)
  local verb = verb_of(object, op)
  local word = verb_word(object, verb)
  if not word then return nil end
  local finds = verb == "list" or verb == "flush" or verb == "get"
  local g, alone = ip.grammar(object, verb)
  local is_key = alone and alone.is_key
  local options = plain(g, op.options, is_key and verb == "get" and alone.key)
  if not sayable(g, alone, options, finds) then return nil end
  local printer = setmetatable({ words = namespace(op, object.command or "ip"), finds = finds }, Printer)
  printer:add(SHORT[options.family or object.module == "rule" and implied_family(options)])
  if object.family then printer:add("-f", object.family) end
  for noun in object.nouns[1]:gsub("%*", ""):gmatch "%S+" do printer:add(noun) end
  local key = op.key
  printer.family = object.family or options.family or family_of_address(key or options.dst)
  if alone and not is_key then key = options[alone.key] end
  if alone or next(options) or verb ~= "list" or object.shows then printer:add(word) end
  printer:rows(g, options, true)
  if alone and key ~= nil then printer:key(g, alone, key) end
  printer:rows(g, options, false)
  if printer.impossible then return nil end
  local bare = verb == "list" and not object.shows
  if bare and printer.words[#printer.words] == word then table.remove(printer.words) end
  return shell.join(printer.words)
end

-- ---- the others --------------------------------------------------------------------------------------

local function inside(op, words)
  if op.netns and op.netns ~= "host" then
    words = table.move(words, 1, #words, 5, { "ip", "netns", "exec", op.netns })
  end
  return shell.join(words)
end

local NETNS_VERBS = { add = "add", delete = "del", list = "list" }

-- What puts a program into a PID namespace (which shows in a /proc of its own) or its own mounts.
local function own_namespaces(o)
  if o.pid then return "unshare --pid --fork --mount-proc " end
  return o.mount and "unshare --mount " or ""
end

-- exec's key is the command line as it would be typed.
local function program(op)
  local line = op.key or op.options and shell.join(op.options)
  if not line then return nil end
  line = own_namespaces(op.options or {}) .. line
  if not op.netns or op.netns == "host" then return line end
  return inside(op, {}) .. " " .. line
end

local function seconds(ms)
  return ("%.15g"):format(ms / 1000)
end

local function ping(op)
  local o = op.options or {}
  local words = { "ping", "-c", tostring(o.count or 1) }
  local function option(letter, v)
    if v then table.move({ "-" .. letter, tostring(v) }, 1, 2, #words + 1, words) end
  end
  option("i", o.interval_ms and seconds(o.interval_ms))
  option("W", o.timeout_ms and seconds(o.timeout_ms))
  option("s", o.size_bytes)
  option("I", o.dev)
  words[#words + 1] = op.key
  return inside(op, words)
end

local function netns_command(op)
  if op.verb == "exec" then return program(op) end
  if op.verb == "spawn" then
    local line = program(op)
    return line and line .. " &"
  end
  if op.verb == "ping" then return ping(op) end
  local verb = NETNS_VERBS[op.verb]
  return verb and shell.join { "ip", "netns", verb, op.key }
end

local function sysctl(op)
  if op.verb ~= "set" then return inside(op, { "sysctl", op.key or "-a" }) end
  local v = op.options.value
  if type(v) == "boolean" then v = v and 1 or 0 end
  return inside(op, { "sysctl", "-w", ("%s=%s"):format(op.key, v) })
end

-- What only looks; the module has no words for it, since it asks the kernel without them.
local function firewall_look(op)
  local o = op.options or {}
  local words = { op.module .. (op.verb == "save" and "-save" or "") }
  if o.table then table.move({ "-t", o.table }, 1, 2, 2, words) end
  if op.verb == "list" then table.move({ "-S", op.key or o.chain }, 1, 2, #words + 1, words) end
  return shell.join(words)
end

-- Its own module knows the words.
local function firewall(op)
  local looks = op.verb == "list" or op.verb == "save"
  local line = op.command or op.verb == "command" and op.module .. " " .. op.key or
               looks and firewall_look(op)
  if not line or not op.netns or op.netns == "host" then return line or nil end
  return inside(op, {}) .. " " .. line
end

local function traffic(op)
  return require("nslab.words.tc").command(op)
end

local function sockets(op)
  return require("nslab.words.ss").command(op)
end

local function macsec(op)
  local printer = setmetatable({ words = namespace(op, "ip") }, Printer)
  return require("nslab.words.macsec").command(op, printer)
end

-- ip wants the label also of one that is taken away, and does not look at it.
local function addrlabel(op)
  if op.verb ~= "delete" or op.options and op.options.label then
    return ip_command(objects.of_module.addrlabel, op)
  end
  local options = { label = 0, dev = op.options and op.options.dev }
  return ip_command(objects.of_module.addrlabel, { module = "addrlabel", verb = "delete", netns = op.netns,
                                                   key = op.key, options = options })
end

local function wireguard(op)
  return require("nslab.words.wg").command(op, inside)
end

-- ip knows other namespaces by their names alone.
local function nsid(op)
  local words, o = namespace(op, "ip"), op.options or {}
  local name = o.netns
  if type(name) == "userdata" and not io.type(name) then name = name.name end
  words[#words + 1] = "netns"
  if op.verb == "set" then
    if type(name) ~= "string" or name == "host" or name:find " " then return nil end
    table.move({ "set", name, tostring(o.nsid or "auto") }, 1, 3, #words + 1, words)
  else
    words[#words + 1] = "list-id"
    if o.nsid then table.move({ "nsid", tostring(o.nsid) }, 1, 2, #words + 1, words) end
  end
  return shell.join(words)
end

-- For ip these are no links: it shows them among all the others.
local NO_LINKS = { all = true, default = true }

local function netconf(op)
  local dev = op.key or op.options and op.options.dev
  if not NO_LINKS[dev] then return ip_command(objects.of_module.netconf, op) end
  local family = op.options and op.options.family
  return ip_command(objects.of_module.netconf,
                    { module = "netconf", verb = "list", netns = op.netns, options = { family = family } })
end

local COMMANDS = { nsid = nsid, netconf = netconf, netns = netns_command, sysctl = sysctl,
                   wireguard = wireguard, macsec = macsec, addrlabel = addrlabel,
                   iptables = firewall, ip6tables = firewall,
                   qdisc = traffic, class = traffic, filter = traffic, chain = traffic, socket = sockets }

-- ip link property add dev v0 altname long-name
local function property(op)
  local words, names = namespace(op, "ip"), op.options.altname
  local verb = op.verb == "property_add" and "add" or "del"
  local key = math.type(op.key) == "integer" and "if" .. op.key or op.key
  table.move({ "link", "property", verb, "dev", key }, 1, 5, #words + 1, words)
  for _, name in ipairs(type(names) == "table" and names or { names }) do
    table.move({ "altname", name }, 1, 2, #words + 1, words)
  end
  return shell.join(words)
end

-- ip link del group 5
local function link_group(op)
  local words = namespace(op, "ip")
  table.move({ "link", "del", "group", tostring(op.options.group) }, 1, 4, #words + 1, words)
  return shell.join(words)
end

-- ip tuntap add dev t0 mode tap
local function tuntap(op)
  local there = op.options.netns
  local named = there and value.write({ row = grammar.row("link", "netns") }, there)
  if there and not (named and named:find "%D") then return nil end
  local printer = setmetatable({ words = namespace({ netns = named or op.netns }, "ip") }, Printer)
  return require("nslab.words.tuntap").command(op, printer)
end

-- The command line that the operation equals, or nil.
function M.command(op)
  if COMMANDS[op.module] then return COMMANDS[op.module](op) end
  if op.module == "link" and op.verb == "impair" then return require("nslab.words.tc").impair(op) end
  if op.module == "link" and op.verb:find "^property_" then return property(op) end
  if op.module == "link" and op.verb == "add" and op.options and op.options.tun then return tuntap(op) end
  if op.module == "link" and op.verb == "flush" then return link_group(op) end
  local object = objects.of_module[op.module]
  return object and ip_command(object, op)
end

return M
