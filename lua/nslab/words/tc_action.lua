-- tc_action: what stands behind "action" in a command of tc, as the table of an action, and back. The
-- words stand in the rows, in the language of nslab.words.tc, which lends its functions (M.of).

local grammar = require "nslab.words.grammar"

local M = {}

-- The actions: how many words say what one does, behind its own; whether its number comes before what
-- becomes of the packet.
local ACTIONS = {
  gact = {}, mirred = { modes = 2, index_first = true }, police = { index_first = true }, skbedit = {},
  vlan = { modes = 1 }, pedit = {}, nat = {}, csum = {}, tunnel_key = { modes = 1 }, mpls = { modes = 1 },
  skbmod = {}, ct = { index_first = true }, connmark = {}, sample = {}, simple = {},
}
local NAMES = {}
for name in pairs(ACTIONS) do NAMES[#NAMES + 1] = name end
table.sort(NAMES)

local CONTROLS = { pass = "pass", ok = "pass", drop = "drop", shot = "drop", pipe = "pipe", trap = "trap",
                   ["continue"] = "continue", reclassify = "reclassify", stolen = "stolen" }

local function add_words(printer, text)
  for word in tostring(text):gmatch "%S+" do printer:add(word) end
end

-- ---- pedit -----------------------------------------------------------------------------------------

local COMMANDS = { "invert", "clear", "preserve", "decrement" }

local function print_munge(printer, list)
  for _, one in ipairs(list) do
    printer:add "munge"
    add_words(printer, one[1])
    if one.offmask then
      printer:add("at", tostring(one.at or 0), ("%x"):format(one.offmask), tostring(one.shift or 0))
    end
    for _, command in ipairs(COMMANDS) do
      if one[command] then printer:add(command) end
    end
    for _, command in ipairs { "set", "add" } do
      if one[command] then printer:add(command, tostring(one[command])) end
    end
    if one.retain then printer:add("retain", ("0x%x"):format(one.retain)) end
  end
end

local function read_number(reader, after, base)
  local word = reader:next(after)
  local v = base and tonumber(word, base) or math.tointeger(tonumber(word))
  return v or reader:fail(word, "a number is expected here")
end

-- "munge ip ttl set 5", "munge offset 12 u32 at 0 0f 2 clear retain 0xff"
local function read_munge(reader, options)
  reader.at = reader.at + 1
  local header = reader:next "munge"
  local one = { header .. " " .. reader:next(header) }
  if header == "offset" then
    one[1] = one[1] .. " " .. reader:next "offset"
    if reader.words[reader.at] == "at" then
      reader.at = reader.at + 1
      one.at, one.offmask, one.shift = read_number(reader, "at"), read_number(reader, "at", 16),
                                       read_number(reader, "at")
    end
  end
  local command = reader:next(header)
  if command == "set" or command == "add" then
    local word = reader:next(command)
    one[command] = math.tointeger(tonumber(word)) or word
  else
    one[command == "dec" and "decrement" or command] = true
  end
  if reader.words[reader.at] == "retain" then
    reader.at = reader.at + 1
    one.retain = read_number(reader, "retain")
  end
  options.munge = options.munge or {}
  table.insert(options.munge, one)
end

-- ---- ct --------------------------------------------------------------------------------------------

local function print_nat(printer, v)
  printer:add("nat", v ~= "known" and v or nil)
end

local function read_nat(reader, options)
  reader.at = reader.at + 1
  local word = reader.words[reader.at]
  options.nat = (word == "src" or word == "dst") and reader:next() or "known"
end

-- What is said in a way of its own.
M.said = {
  ["filter.pedit.munge"] = { starts = { "munge" }, print = print_munge, read = read_munge },
  ["filter.ct.nat"] = { starts = { "nat" }, print = print_nat, read = read_nat },
}

local function own_at(reader, kind)
  for name, said in pairs(M.said) do
    local here = reader.words[reader.at] == said.starts[1]
    if here and name:match "^filter%.(.*)%.[^.]+$" == kind then return said end
  end
end

-- ---- printing --------------------------------------------------------------------------------------

local function implied(schema, key)
  local row = grammar.row(schema, key)
  return row and row.implied
end

-- What becomes of the packet, unless that is what it is anyway.
local function print_control(printer, kind, o)
  local usual = implied("filter." .. kind, "control")
  if kind == "mirred" then usual = (o.mode or ""):find "mirror" and "pipe" or "stolen" end
  if kind == "ct" and o.nat then usual = nil end -- tc wants a word behind it
  if kind == "police" then
    local exceed = o.exceed or implied("filter.police", "exceed")
    printer:add "conform-exceed"
    add_words(printer, o.conform and exceed .. "/" .. o.conform or exceed)
  elseif kind ~= "gact" and (o.control or usual == nil) and o.control ~= usual then
    add_words(printer, o.control or implied("filter." .. kind, "control"))
  end
end

-- One that is there already, and only named.
local function print_shared(printer, kind, o)
  local others = {}
  for key in pairs(o) do others[#others + 1] = key ~= "index" and key or nil end
  if not o.index or #others > 0 then return false end
  printer:add(kind, "index", tostring(o.index))
  return true
end

local function print_one(tc, printer, kind, o)
  local schema = "filter." .. kind
  local mode, index_first = o.mode or implied(schema, "mode"), ACTIONS[kind].index_first
  if print_shared(printer, kind, o) then return end
  add_words(printer, kind == "gact" and o.control or kind)
  add_words(printer, mode or "")
  printer:follow(schema, false, o, 1)
  for _, said in ipairs(tc.rows_of(schema)) do
    if said.row.key == "index" and not index_first then print_control(printer, kind, o) end
    if said.entries[1] or M.said[schema .. "." .. said.row.key] then printer:row(schema, said, o) end
  end
  if index_first then print_control(printer, kind, o) end
end

local function print_all(tc, printer, v)
  local list = type(v) == "table" and #v > 0 and v or { v }
  for _, action in ipairs(list) do
    if type(action) == "string" then action = { gact = { control = action } } end
    local kind = action.type
    for name in pairs(ACTIONS) do kind = action[name] ~= nil and name or kind end
    printer:add "action"
    if ACTIONS[kind] and action[kind] then
      print_one(tc, printer, kind, action[kind])
    else
      printer.impossible = true
    end
  end
end

-- ---- reading ---------------------------------------------------------------------------------------

-- What becomes of the packet, when that is what stands here.
local function read_control(reader)
  local word, second = reader.words[reader.at], reader.words[reader.at + 1]
  if CONTROLS[word] then
    reader.at = reader.at + 1
    return CONTROLS[word]
  elseif word == "goto" and second == "chain" then
    reader.at = reader.at + 2
    return "goto chain " .. read_number(reader, "chain")
  elseif word == "jump" then
    reader.at = reader.at + 1
    return "jump " .. read_number(reader, "jump")
  end
end

local function read_police(reader, o)
  if reader.words[reader.at] ~= "conform-exceed" then return false end
  reader.at = reader.at + 1
  o.exceed = read_control(reader)
  if o.exceed then return true end
  local exceed, conform = reader:next("conform-exceed"):match "^([^/]+)/?(.*)$"
  o.exceed, o.conform = CONTROLS[exceed], conform ~= "" and CONTROLS[conform] or nil
  return true
end

-- Words between the sums of csum that say nothing.
local BETWEEN = { ["and"] = true, ["or"] = true, ["+"] = true }

local function read_field(tc, reader, kind, o)
  local entry, own = tc.entry_at(reader, "filter." .. kind), own_at(reader, kind)
  if own then
    own.read(reader, o)
  elseif entry then
    tc.read_entry(reader, "filter." .. kind, entry, o)
  elseif kind == "csum" and BETWEEN[reader.words[reader.at]] then
    reader.at = reader.at + 1
  elseif kind ~= "police" or not read_police(reader, o) then
    local control = read_control(reader)
    if not control then return false end
    o[kind == "police" and "exceed" or "control"] = control
  end
  return true
end

-- The words of an action behind the first one, as far as they are its own.
local function read_one(tc, reader, kind)
  local o, mode = {}, {}
  if reader.words[reader.at] ~= "index" then
    for i = 1, ACTIONS[kind].modes or 0 do mode[i] = reader:next(kind) end
    tc.read_followers(reader, "filter." .. kind, false, o, 1)
  end
  if mode[1] then o.mode = table.concat(mode, " ") end
  while reader.words[reader.at] and read_field(tc, reader, kind, o) do end
  return o
end

local function read_any(tc, reader)
  local word = reader:next "action"
  if word == "gact" and reader.words[reader.at] ~= "index" then word = reader:next(word) end
  reader.at = reader.at - 1
  local control = read_control(reader)
  if control then
    local o = read_one(tc, reader, "gact")
    o.control = control
    return (o.index or o.random) and { gact = o } or control
  end
  reader.at = reader.at + 1
  if not ACTIONS[word] then
    reader:fail(word, "nslab has no such action",
                ("It has: drop pass pipe goto ... %s."):format(table.concat(NAMES, " ")))
  end
  return { [word] = read_one(tc, reader, word) }
end

local function read_all(tc, reader, options)
  local list = {}
  while reader.words[reader.at] == "action" do
    reader.at = reader.at + 1
    list[#list + 1] = read_any(tc, reader)
  end
  options.action = #list == 1 and list[1] or list
end

-- Lua: of(tc) -> how actions are printed and read, with the functions of nslab.words.tc: rows_of,
-- entry_at, read_entry, read_followers.
function M.of(tc)
  return {
    print_one = function(printer, kind, o) print_one(tc, printer, kind, o) end,
    print_all = function(printer, v) print_all(tc, printer, v) end,
    read_one = function(reader, kind) return read_one(tc, reader, kind) end,
    read_all = function(reader, options) read_all(tc, reader, options) end,
  }
end

return M
