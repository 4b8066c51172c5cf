-- tc: commands of tc as operations, and back. The words stand in the rows (core/schema/rows_tc.c ...), in
-- the language of nslab.words and, since tc says several values behind one word:
--
--   delay          the word, then the value
--   delay #2       the value that follows the one of "delay", where there is one
--   #1             the first value; no word stands before it
--   loss+state     two words: "loss state"
--   match+ip+dport 0xffff     behind the value stands this mask
--   ip_proto 0x    a number is hexadecimal
--   =              each word that the value can be stands by itself
--
-- What a kind says in no such way is in SAID below.

local core = require "nslab.core"
local grammar = require "nslab.words.grammar"
local shell = require "nslab.words.shell"
local tc_action = require "nslab.words.tc_action"
local tc_u32 = require "nslab.words.tc_u32"
local value = require "nslab.words.tc_value"

local M = {}

local OBJECTS = { "qdisc", "class", "filter", "chain" }
local VERBS = { add = "add", change = "change", replace = "replace", delete = "del", list = "show",
                get = "show" }
local WORDS = {
  add = "add", change = "change", replace = "replace", link = "replace", del = "delete",
  delete = "delete", show = "list", list = "list", ls = "list",
}

-- ---- the words of a row --------------------------------------------------------------------------------

-- { { words = { "loss", "state" }, value = true (of a switch), mask = "0xff", hexadecimal } ...}, and
-- `after`: the word whose value it follows (false: none) and the place.
local function parse(row)
  local said = { entries = {} }
  for text in ((row.words or "") .. ","):gmatch "%s*([^,]+)," do
    local after, place = text:match "^(%S*)%s*#(%d)$"
    if place then
      said.after, said.place = after ~= "" and after, tonumber(place)
    elseif text == "=" then
      said.bare = true
      for i, name in ipairs(row.names) do
        said.entries[i] = { words = { name }, row = row, value = name, bare = true }
      end
    else
      local yes, no = text:match "^(%S+)|(%S+)$"
      local head, mask = text:match "^(%S+) (0x%x*)$"
      for i, word in ipairs { yes or head or text, no } do
        local words = {}
        for part in word:gmatch "[^+]+" do words[#words + 1] = part end
        said.entries[#said.entries + 1] = {
          words = words, row = row, value = i == 1, hexadecimal = mask == "0x", mask = mask ~= "0x" and mask,
        }
      end
    end
  end
  return said
end

local known = {} -- schema -> { { row, entries, after, place } ... }

-- The rows of a schema that a command can say.
local function rows_of(schema)
  if not known[schema] then
    local rows = {}
    for _, row in ipairs(grammar.schema(schema).rows) do
      if not row.readonly then
        local said = parse(row)
        said.row = row
        rows[#rows + 1] = said
      end
    end
    known[schema] = rows
  end
  return known[schema]
end

-- The rows that follow this one's value, by their place; those without a word of their own for `false`.
local function followers(schema, word)
  local out = {}
  for _, said in ipairs(rows_of(schema)) do
    if said.place and said.after == word then out[said.place] = said.row end
  end
  return out
end

-- ---- printing --------------------------------------------------------------------------------------------

local Printer = {}
Printer.__index = Printer

function Printer:add(...)
  for _, word in ipairs { ... } do self.words[#self.words + 1] = word end
end

function Printer:value(row, v, hexadecimal)
  local word = hexadecimal and math.type(v) == "integer" and ("0x%x"):format(v) or value.write(row, v)
  if word then self:add(word) else self.impossible = true end
end

-- The values at those places, as far as there are any: what is left out between two of them is 0.
function Printer:follow(schema, word, options, from)
  local rows, last = followers(schema, word), from - 1
  for place, row in pairs(rows) do
    if options[row.key] ~= nil then last = math.max(last, place) end
  end
  for place = from, last do
    local v = options[rows[place].key]
    self:value(rows[place], v == nil and 0 or v)
  end
end

-- What several rows say together, or what tc says in another way than by a word and a value.
local SAID

-- The values of a nest: those without a word, then the others.
function Printer:nest(schema, v)
  self:follow(schema, false, v, 1)
  for _, said in ipairs(rows_of(schema)) do self:row(schema, said, v) end
end

function Printer:row(schema, said, options)
  local row = said.row
  local v, entry = options[row.key], said.entries[1]
  local own = SAID[schema .. "." .. row.key] or SAID[row.key]
  if own then
    if v ~= nil then own.print(self, v, options) end
  elseif said.place then
    local first = said.after and options[self.heads[schema .. said.after]]
    if v ~= nil and said.after and first == nil then self:headless(schema, said, options) end
  elseif v == nil then
    return
  elseif not entry then
    self.impossible = true
  elseif said.bare then
    self:add(v)
  elseif type(v) == "boolean" and row.codec == "bit" or #said.entries > 1 and not said.entries[2].value then
    local switch = v and entry or not v and said.entries[2]
    if switch and switch.value == v then self:add(table.unpack(switch.words)) end
  elseif row.codec == "nest" then
    self:add(table.unpack(entry.words))
    self:nest(row.schema, v)
  elseif row.codec == "list" then
    self:add(table.unpack(entry.words))
    for _, one in ipairs(v) do self:add(tostring(one)) end
  else
    self:add(table.unpack(entry.words))
    self:value(row, v, entry.hexadecimal)
    if entry.mask then self:add(entry.mask) end
    self:follow(schema, entry.words[1], options, 2)
  end
end

-- A value that follows another one which was not given: that one is 0. Said once.
function Printer:headless(schema, said, options)
  local word = said.after
  if self.said[word] then return end
  self.said[word] = true
  self:add(word, "0")
  self:follow(schema, word, options, 2)
end

function Printer:options(schema, options)
  for _, said in ipairs(rows_of(schema)) do
    for _, entry in ipairs(said.entries) do
      self.heads[schema .. entry.words[1]] = self.heads[schema .. entry.words[1]] or said.row.key
    end
  end
  local last
  for _, said in ipairs(rows_of(schema)) do
    if said.row.key == "action" then last = said else self:row(schema, said, options) end
  end
  if last then self:row(schema, last, options) end
end

-- The command that the operation equals: the objects' own, and link.impair.
local function namespace(op)
  local netns = op.netns
  if not netns or netns == "host" then return { "tc" } end
  local pid = netns:match "^pid (%d+)$"
  if pid then return { "nsenter", "-t", pid, "-n", "tc" } end
  return { "tc", "-n", netns }
end

local function kind_of(object, options)
  for _, row in ipairs(grammar.schema(object).rows) do
    if row.codec == "kind" and row.schema and options[row.key] ~= nil then return row.key, row.schema end
  end
  return options.type
end

-- A record has fields that are no options.
local function plain(object, options)
  local out = {}
  for _, row in ipairs(grammar.schema(object).rows) do
    if not row.readonly then out[row.key] = options[row.key] end
  end
  return out
end

-- Where nobody says the protocol, what is asked of packets does; tc says "all" then.
local function protocol_of(options, kind)
  if type(options[kind]) ~= "table" then return nil end
  local protocol = core.tc_protocol_asked(options[kind])
  return protocol ~= "all" and protocol or nil
end

local PLACES = { "root", "ingress", "egress" }

function Printer:place(object, options)
  if options.dev then self:add("dev", tostring(options.dev)) end
  for _, place in ipairs(PLACES) do
    if options[place] then self:add(place) end
  end
  if options.parent then self:add("parent", options.parent) end
  if options.classid then self:add("classid", options.classid) end
  if object == "filter" or object == "chain" then
    if options.protocol then self:add("protocol", tostring(options.protocol)) end
    if options.pref then self:add("pref", tostring(options.pref)) end
    if options.chain then self:add("chain", tostring(options.chain)) end
  end
  local mask = type(options.fw) == "table" and options.fw.mask
  if options.handle then
    self:add("handle", tostring(options.handle) .. (mask and ("/0x%x"):format(mask) or ""))
  end
end

local function printed(op)
  local options = plain(op.module, op.options or {})
  local verb = VERBS[op.verb]
  if not verb then return nil end
  local kind, schema = kind_of(op.module, options)
  local printer = setmetatable({ words = namespace(op), heads = {}, said = {} }, Printer)
  if op.view and op.view.stats then printer:add "-s" end
  if op.view and op.view.details then printer:add "-d" end
  printer:add(op.module, verb)
  if op.module == "filter" and (op.verb == "add" or op.verb == "replace") then
    options.protocol = options.protocol or protocol_of(options, kind)
  end
  if verb == "show" and (kind or options.handle) then return nil end -- tc shows all of a place
  printer:place(op.module, options)
  if kind then printer:add(kind) end
  if schema then printer:options(schema, options[kind]) end
  return not printer.impossible and shell.join(printer.words) or nil
end

-- Lua: command(op) -> the command line of an operation on a qdisc, a class or a filter; nil for none.
M.command = printed

-- Lua: impair(op) -> that of link.impair.
function M.impair(op)
  local options = op.options or {}
  if next(options) == nil then
    return printed { module = "qdisc", verb = "delete", netns = op.netns,
                     options = { dev = op.key, root = true } }
  end
  return printed { module = "qdisc", verb = "replace", netns = op.netns,
                   options = { dev = op.key, root = true, netem = options } }
end

-- ---- reading -------------------------------------------------------------------------------------------

-- The entry whose words stand at the reader's place: that of the most words. And how many there are.
local function entry_at(reader, schema)
  local best
  for _, said in ipairs(rows_of(schema)) do
    for _, entry in ipairs(said.entries) do
      local same = true
      for i, word in ipairs(entry.words) do same = same and reader.words[reader.at + i - 1] == word end
      if same and (not best or #entry.words > #best.words) then best = entry end
    end
  end
  return best
end

local function set(reader, options, row, v, word)
  if options[row.key] ~= nil then reader:fail(word, "this is here twice") end
  options[row.key] = v
end

local function read_value(reader, row, after, hexadecimal)
  local word = reader:next(after)
  local v, reason = value.read(row, word, hexadecimal)
  if v == nil then reader:fail(word, reason) end
  return v
end

-- The values that may follow, as far as the words are some.
local function read_followers(reader, schema, word, options, from)
  local rows, place = followers(schema, word), from
  while rows[place] and reader.words[reader.at] do
    local v = value.read(rows[place], reader.words[reader.at])
    if v == nil then return end
    options[rows[place].key] = v
    reader.at, place = reader.at + 1, place + 1
  end
end

local read_entry

-- The values of a nest: those without a word, then the others.
local function read_nest(reader, schema)
  local v = {}
  read_followers(reader, schema, false, v, 1)
  local function next_entry() return entry_at(reader, schema) end
  for entry in next_entry do read_entry(reader, schema, entry, v) end
  return v
end

function read_entry(reader, schema, entry, options)
  local row, word = entry.row, table.concat(entry.words, " ")
  reader.at = reader.at + #entry.words
  if row.codec == "bit" or row.codec == "bool8" or entry.bare then
    options[row.key] = entry.value
  elseif row.codec == "nest" then
    options[row.key] = read_nest(reader, row.schema)
  elseif row.codec == "list" then
    options[row.key] = {}
    while math.tointeger(tonumber(reader.words[reader.at])) do
      table.insert(options[row.key], math.tointeger(tonumber(reader:next())))
    end
  else
    set(reader, options, row, read_value(reader, row, word, entry.hexadecimal), word)
    if entry.mask then
      local text = reader:next(word)
      local mask = math.tointeger(tonumber(text)) or reader:fail(text, "a mask is expected here")
      if mask ~= math.tointeger(tonumber(entry.mask)) then
        local v = options[row.key]
        options[row.key] = nil
        tc_u32.add_raw(options, { value = (v & mask) << row.shift, mask = mask << row.shift, at = row.at })
      end
    end
    read_followers(reader, schema, entry.words[1], options, 2)
  end
end

local actions = tc_action.of { rows_of = rows_of, entry_at = entry_at, read_entry = read_entry,
                              read_followers = read_followers }

local SLOT_TIMES = { "slot_delay_ms", "slot_jitter_ms" }

SAID = {
  action = { starts = { "action" }, print = actions.print_all, read = actions.read_all },
  ["qdisc.fq.buckets_log"] = {
    starts = { "buckets" },
    print = function(printer, v) printer:add("buckets", tostring(1 << v)) end,
    read = function(reader, options)
      reader.at = reader.at + 1
      local v, log = tonumber(reader:next "buckets"), 0
      while v and 1 << log < v do log = log + 1 end
      options.buckets_log = log
    end,
  },
  ["qdisc.fq.timer_slack_ns"] = {
    starts = { "timer_slack" },
    print = function(printer, v) printer:add("timer_slack", v .. "ns") end,
    read = function(reader, options)
      reader.at = reader.at + 1
      local v, reason = value.read({ codec = "time" }, reader:next "timer_slack")
      options.timer_slack_ns = v and math.tointeger(v * 1e6 // 1) or reader:fail("timer_slack", reason)
    end,
  },
  ["filter.flower.eth_type"] = { starts = {}, print = function() end },
  ["filter.u32.police"] = {
    starts = { "police" },
    print = function(printer, v) actions.print_one(printer, "police", v) end,
    read = function(reader, options)
      reader.at = reader.at + 1
      options.police = actions.read_one(reader, "police")
    end,
  },
  -- slot distribution NAME DELAY JITTER
  ["qdisc.netem.slot_distribution"] = {
    starts = { "slot", "distribution" },
    print = function(printer, v, options)
      printer:add("slot", "distribution", v)
      for _, key in ipairs(SLOT_TIMES) do
        printer:value(grammar.row("qdisc.netem", key), options[key] or 0)
      end
    end,
    read = function(reader, options)
      reader.at = reader.at + 2
      options.slot_distribution = reader:next "distribution"
      for _, key in ipairs(SLOT_TIMES) do
        options[key] = read_value(reader, grammar.row("qdisc.netem", key), "distribution")
      end
    end,
  },
  ["filter.fw.mask"] = { starts = {}, print = function() end }, -- behind the slash of the handle
  ["qdisc.netem.slot_delay_ms"] = { starts = {}, print = function() end },
  ["qdisc.netem.slot_jitter_ms"] = { starts = {}, print = function() end },
}

local queues = require("nslab.words.tc_queues") { read_value = read_value, read_nest = read_nest }
for _, module in ipairs { tc_action.said, tc_u32.said, queues } do
  for name, said in pairs(module) do SAID[name] = said end
end

-- What is said in its own way and begins here.
local function own_at(reader, schema)
  for name, said in pairs(SAID) do
    local here = name == "action" or name:match "^(.*)%.[^.]+$" == schema
    for i, word in ipairs(said.starts) do here = here and reader.words[reader.at + i - 1] == word end
    if here and #said.starts > 0 then return said end
  end
end

local function read_options(reader, schema)
  local options = {}
  while reader.at <= #reader.words do
    local own, entry = own_at(reader, schema), entry_at(reader, schema)
    if own then
      own.read(reader, options)
    elseif entry then
      read_entry(reader, schema, entry, options)
    else
      local words = {}
      for _, said in ipairs(rows_of(schema)) do
        for _, e in ipairs(said.entries) do words[#words + 1] = table.concat(e.words, " ") end
      end
      reader:fail(reader.words[reader.at], "this word has no meaning here",
                  "Words that have one: " .. table.concat(words, ", ") .. ".")
    end
  end
  return options
end

-- "slot 800us" means the same as "slot 800us 800us".
local function complete_netem(options)
  if options.slot_min_ms and not options.slot_max_ms then options.slot_max_ms = options.slot_min_ms end
end

local function kind_row(object, word)
  local row = grammar.row(object, word)
  return row and row.codec == "kind" and row.schema and row
end

-- The kind of an object stands where none of its own words does.
local function read_kind(reader, object, options)
  local kind = reader:next()
  local row = kind_row(object, kind)
  if row and reader.at <= #reader.words then
    options[kind] = read_options(reader, row.schema)
    if kind == "netem" then complete_netem(options.netem) end
  else
    options.type = kind
    reader:no_more()
  end
end

local BARE = { ingress = true, egress = true, clsact = true }

local function read_object(reader, op)
  local object, options = op.module, {}
  while reader.at <= #reader.words do
    local word, entry = reader.words[reader.at], entry_at(reader, object)
    if object == "qdisc" and BARE[word] and word ~= "egress" then
      options.type, reader.at = word, reader.at + 1
    elseif entry then
      read_entry(reader, object, entry, options)
    else
      read_kind(reader, object, options)
    end
  end
  local mark, mask = tostring(options.handle):match "^(%w+)/(%w+)$"
  if mark and options.fw then
    options.handle, options.fw.mask = math.tointeger(tonumber(mark)), math.tointeger(tonumber(mask))
  end
  local says_all = object == "filter" and (op.verb == "add" or op.verb == "replace")
  if says_all and not options.protocol then options.protocol = "all" end
  return options
end

-- The first of the words that begins so.
local function begins_with(word, words)
  for _, long in ipairs(words) do
    if long:sub(1, #word) == word then return long end
  end
end

local VERBS_READ = { "add", "change", "replace", "delete", "show", "list" }

-- The operation of a `tc` command behind its first word.
function M.read(reader, netns)
  local word, view = reader:next "tc", {}
  while word:match "^%-" do
    if word == "-n" or word == "-netns" then
      netns = reader:next(word)
    elseif #word > 1 and (("-statistics"):sub(1, #word) == word or ("-stats"):sub(1, #word) == word) then
      view.stats = (view.stats or 0) + 1
    elseif #word > 1 and ("-oneline"):sub(1, #word) == word then
      view.oneline = true
    elseif #word > 1 and ("-details"):sub(1, #word) == word then
      view.details = true
    elseif not word:match "^%-p$" then
      reader:fail(word, "nslab's tc has no such option", "It has: -n NETNS -s -d -o.")
    end
    word = reader:next "tc"
  end
  local object = begins_with(word, OBJECTS) or
                 reader:fail(word, "nslab's tc has no such object", "It has: qdisc class filter chain.")
  local op = { module = object, netns = netns, verb = "list", view = next(view) and view }
  reader.op = object
  if reader.words[reader.at] then
    local verb = reader:next(word)
    op.verb = WORDS[verb] or WORDS[begins_with(verb, VERBS_READ)] or
              reader:fail(verb, object .. " has no such verb here", "It has: add change replace del show.")
  end
  reader.op = op.module .. "." .. op.verb
  op.options = read_object(reader, op)
  if next(op.options) == nil then op.options = nil end
  return op
end

return M
