-- complete.lua: what a piece of Lua could go on with: names, fields, verbs, the keys of an options table
-- from the rows of its schema, and the values that such a key or an argument expects.

local core = require "nslab.core"
local lexer = require "nslab.complete.lexer"
local live = require "nslab.complete.live"
local netns = require "netns"
local KEYWORDS = require("nslab.words.lua").KEYWORDS

local M = {}

-- ---- what a path of names means ----------------------------------------------------------------------

local function field(value, name)
  local kind = type(value)
  if kind ~= "table" and kind ~= "userdata" then return nil end
  local ok, result = pcall(function() return value[name] end)
  return ok and result or nil
end

local function is_handle(value)
  return type(value) == "userdata" and netns(value) == value
end

-- The handle that `netns "red"` or `netns("red")` ending at token i is; nil.
local function handle_at(tokens, i)
  local text
  if tokens[i].kind == "string" then
    text, i = tokens[i].text, i - 1
  elseif tokens[i].text == ")" and i > 3 and tokens[i - 1].kind == "string" and tokens[i - 2].text == "(" then
    text, i = tokens[i - 1].text, i - 3
  end
  local called = text and tokens[i]
  return called and called.kind == "name" and called.text == "netns" and netns(text) or nil
end

-- What the path that ends at token i means: the value, and the namespace that it passed.
local function resolve(tokens, i)
  local names, base = {}, nil
  while i >= 1 do
    if tokens[i].kind == "name" then
      table.insert(names, 1, tokens[i].text)
    else
      base = handle_at(tokens, i)
      if not base then return nil end
      break
    end
    local sign = tokens[i - 1]
    if not sign or sign.kind ~= "symbol" or (sign.text ~= "." and sign.text ~= ":") then break end
    i = i - 2
  end
  local value = base
  if not base then value = field(_G, table.remove(names, 1)) end
  local ns = is_handle(value) and value or nil
  for _, name in ipairs(names) do
    value = field(value, name)
    if is_handle(value) then ns = value end
  end
  return value, ns
end

-- ---- documentation -----------------------------------------------------------------------------------

local function rows() return require("nslab.help").rows() end

local function module_row(name)
  for _, m in ipairs(rows().modules) do
    if m.name == name then return m end
  end
end

-- What is called: { module, verb, params, ns }; nil for what is not ours.
local function call_of(value, ns)
  if value == nil then return nil end
  local module, name, kind = core.identify(value)
  local m = module and module_row(module)
  if not m then
    for _, g in ipairs(rows().globals) do
      if rawequal(rawget(_G, g.name), value) then
        return { module = "", verb = g.name, params = g.params }
      end
    end
    return nil
  end
  if not name then
    return { module = module, verb = "", params = m.called and m.called.params or {}, ns = ns }
  end
  for _, f in ipairs(kind == "method" and m.methods or m.funcs) do
    if f.name == name then return { module = module, verb = name, params = f.params, ns = ns } end
  end
end

-- ---- options -----------------------------------------------------------------------------------------

-- The options of a table: { { key, row or nil, nested = what a table under it has } }.
local function of_schema(schema)
  return { schema = schema, rows = core.schemas()[schema].rows }
end

-- Keys of "{ count?: integer, dev?: string }".
local function of_type(text)
  local found = {}
  local inner = text:match "{(.*)}"
  if not inner then return nil end
  inner = inner:gsub("%b<>", ""):gsub("%b{}", ""):gsub("fun%b()[^,]*", "")
  for key in (inner .. ","):gmatch "([%a_][%w_]*)%??:[^,]*," do found[#found + 1] = { key = key } end
  return { rows = found }
end

local function of_class(name)
  for _, class in ipairs(rows().values) do
    if class.name == name then
      local found = {}
      for _, f in ipairs(class.fields or {}) do
        local key = f.name:match "^([%a_][%w_]*)%??$"
        if key then found[#found + 1] = { key = key } end
      end
      return { rows = found }
    end
  end
end

-- What a table as that argument may have.
local function options_of(call, arg)
  local param = call and call.params[arg]
  if not param then return nil end
  for kind in param.type:gmatch "[%w_.]+" do
    local schema, what = kind:match "^([%w_.]+)%.(%a+)$"
    if schema and core.schemas()[schema] and (what == "Options" or what == "Filter") then
      local options = of_schema(schema)
      options.finds = what == "Filter"
      return options
    end
    local class = of_class(kind)
    if class and #class.rows > 0 and not kind:match "Record$" then return class end
  end
  return of_type(param.type)
end

local function row_of(options, key)
  for _, row in ipairs(options and options.rows or {}) do
    if row.key == key then return row end
  end
end

local describe

-- The call whose argument list, or only argument, the frame is.
local function call_before(tokens, frame)
  local i = frame.at - 1
  local t = tokens[i]
  if not t then return nil end
  local callable = t.kind == "name" or t.kind == "string" or t.text == ")"
  if not callable then return nil end
  return call_of(resolve(tokens, i))
end

-- The options of the table that the frame at `depth` opens, and the call it belongs to.
function describe(tokens, stack, depth)
  local frame, outer = stack[depth], stack[depth - 1]
  if frame.open ~= "{" then return nil end
  if outer and outer.open == "{" and outer.key and tokens[frame.at - 1].text == "=" then
    local options, call = describe(tokens, stack, depth - 1)
    local row = row_of(options, outer.key)
    return row and row.schema and of_schema(row.schema) or nil, call
  end
  if outer and outer.open == "(" then
    local sign = tokens[frame.at - 1].text
    if sign == "(" or sign == "," then
      local call = call_before(tokens, outer)
      return options_of(call, outer.arg), call
    end
  end
  local call = call_before(tokens, frame)
  return options_of(call, 1), call
end

-- ---- values ------------------------------------------------------------------------------------------

local CODECS = {
  dev = function(call) return live.links(call.ns) end,
  netns = live.namespaces,
  address = live.addresses,
  prefix = live.addresses,
}

-- Keys of tables that have no schema.
local KEYS = {
  dev = function(call) return live.links(call.ns) end,
  in_interface = function(call) return live.links(call.ns) end,
  out_interface = function(call) return live.links(call.ns) end,
  source = live.addresses, destination = live.addresses,
  table = live.tables,
  chain = function(call) return live.chains(call.ns, call.module) end,
  jump = function(call) return live.targets(call.ns, call.module) end,
  protocol = function() return { "tcp", "udp", "icmp", "icmpv6", "sctp", "all" } end,
}

-- The words that may stand under the key of the options.
local function value_words(call, options, key)
  local row = row_of(options, key)
  if not row then return {} end
  if not options.schema then
    return KEYS[key] and KEYS[key](call) or {}
  end
  if options.schema == "rule" and (key == "iif" or key == "oif") then return live.links(call.ns) end
  if row.codec == "kind" then
    local kinds = {}
    for _, other in ipairs(options.rows) do
      if other.codec == "kind" and other.schema then kinds[#kinds + 1] = other.key end
    end
    return kinds
  end
  if key == "via" then return live.addresses() end
  if row.codec == "ifname" and options.finds then return live.links(call.ns) end
  return CODECS[row.codec] and CODECS[row.codec](call) or row.names or {}
end

local function modules_and_words()
  local out = {}
  for _, m in ipairs(rows().modules) do
    out[#out + 1] = m.name
    for _, f in ipairs(m.funcs) do out[#out + 1] = m.name .. "." .. f.name end
  end
  for name in pairs(core.schemas()) do out[#out + 1] = name end
  return out
end

-- What stands as the first argument: module.verb, module.* or *.
local ARGUMENTS = {
  ["netns."] = live.namespaces, ["netns.get"] = live.namespaces, ["netns.delete"] = live.namespaces,
  ["link.set"] = function(c) return live.links(c.ns) end,
  ["link.get"] = function(c) return live.links(c.ns) end,
  ["link.delete"] = function(c) return live.links(c.ns) end,
  ["addr.get"] = function(c) return live.own_addresses(c.ns) end,
  ["addr.delete"] = function(c) return live.own_addresses(c.ns) end,
  ["addr.replace"] = function(c) return live.own_addresses(c.ns) end,
  ["route.get"] = live.addresses, ["netns.ping"] = live.addresses,
  ["route.*"] = function(c) return live.destinations(c.ns) end,
  ["neigh.*"] = function(c) return live.neighbours(c.ns) end,
  ["sysctl.*"] = function(c, word) return live.sysctls(c.ns, word) end,
  ["iptables.*"] = function(c) return live.chains(c.ns, "iptables") end,
  ["ip6tables.*"] = function(c) return live.chains(c.ns, "ip6tables") end,
  [".help"] = modules_and_words,
}

local function argument_words(call, arg, word)
  local name = ("%s.%s"):format(call.module, call.verb)
  if arg == 2 and call.verb == "policy" then return { "ACCEPT", "DROP" } end
  local of = arg == 1 and call.verb ~= "new_chain" and (ARGUMENTS[name] or call.verb ~= "" and
             ARGUMENTS[call.module .. ".*"])
  return of and of(call, word) or {}
end

-- ---- places ------------------------------------------------------------------------------------------

-- Within a string that is not closed yet.
local function in_string(tokens, stack)
  local t = tokens[#tokens]
  local frame, last = stack[#stack], tokens[#tokens - 1]
  local words = {}
  if frame and frame.open == "{" and frame.key then
    local options, call = describe(tokens, stack, #stack)
    if options then words = value_words(call, options, frame.key) end
  elseif last and frame and frame.open == "(" and (last.text == "(" or last.text == ",") then
    local call = call_before(tokens, frame)
    if call then words = argument_words(call, frame.arg, t.text) end
  elseif last and (last.kind == "name" or last.text == ")") then
    local call = call_of(resolve(tokens, #tokens - 1))
    if call then words = argument_words(call, 1, t.text) end
  end
  return t.at, live.beginning(words, t.text)
end

local function keys_of(value)
  local out = {}
  local function add(t)
    for key in next, t do
      if type(key) == "string" and key:match "^[%a_][%w_]*$" then out[#out + 1] = key end
    end
  end
  if type(value) == "table" then add(value) end
  local meta = debug.getmetatable(value)
  if type(meta) == "table" and type(meta.__index) == "table" then add(meta.__index) end
  return out
end

-- Fields behind "." or methods behind ":".
local function members(value, sign)
  if value == nil then return {} end
  local module, name = core.identify(value)
  if module and not name and sign == "." then
    local out = {}
    local m = module_row(module)
    for _, f in ipairs(m.funcs) do out[#out + 1] = f.name end
    for _, f in ipairs(rows().fields[module] or {}) do out[#out + 1] = f.name end
    return out
  end
  if is_handle(value) then
    local out = {}
    local m = module_row "netns"
    if sign == ":" then
      for _, f in ipairs(m.methods) do out[#out + 1] = f.name end
      return out
    end
    out[1] = "name"
    for _, other in ipairs(rows().modules) do
      if other.bound then out[#out + 1] = other.name end
    end
    return out
  end
  local schema = core.schema_of(value)
  if schema and core.schemas()[schema] then
    local out = { "table" }
    if sign == ":" then return out end
    for i, row in ipairs(core.schemas()[schema].rows) do out[i] = row.key end
    return out
  end
  return keys_of(value)
end

local function globals()
  local out = keys_of(_G)
  for _, g in ipairs(rows().globals) do out[#out + 1] = g.name end
  for keyword in pairs(KEYWORDS) do out[#out + 1] = keyword end
  return out
end

-- The keys that are not there yet, with what follows them.
local function option_keys(options, used)
  local out = {}
  for _, row in ipairs(options.rows) do
    if not used[row.key] and (not row.readonly or options.finds) then
      out[#out + 1] = row.key .. (row.schema and " = { " or " = ")
    end
  end
  return out
end

-- Behind "key = ": words that stand in quotes, or true and false.
local function bare_values(call, options, key)
  local row = row_of(options, key)
  if not row then return nil end
  if row.type == "boolean" then return { "true", "false" } end
  local out = {}
  for i, word in ipairs(value_words(call, options, key)) do out[i] = ('"%s"'):format(word) end
  return out
end

-- A name, or where one could stand.
local function at_name(tokens, stack, word)
  local last, frame = tokens[#tokens], stack[#stack]
  if last and last.kind == "symbol" and (last.text == "." or last.text == ":") and #tokens > 1 then
    return members(resolve(tokens, #tokens - 1), last.text)
  end
  if frame and frame.open == "{" and last then
    local options, call = describe(tokens, stack, #stack)
    if options and (last.text == "{" or last.text == "," or last.text == ";") then
      return option_keys(options, frame.used)
    end
    if options and frame.key and last.text == "=" and word == "" then
      local values = bare_values(call, options, frame.key)
      if values and #values > 0 then return values end
    end
  end
  return globals()
end

-- Lua: complete(text) -> where the word at the end begins, what it may be.
function M.complete(text)
  local tokens, stack = lexer.read(text)
  if not tokens then return #text + 1, {} end
  local last = tokens[#tokens]
  if last and last.kind == "open" then return in_string(tokens, stack) end
  local word = ""
  local touches = last and last.stop == #text + 1
  if touches and last.kind == "name" then
    word = last.text
    tokens[#tokens] = nil
  elseif touches and last.kind ~= "symbol" then
    return #text + 1, {}
  end
  if word == "" and not last then return #text + 1, {} end
  return #text - #word + 1, live.beginning(at_name(tokens, stack, word), word)
end

return M
