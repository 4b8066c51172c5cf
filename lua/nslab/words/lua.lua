-- lua: an operation as the line of Lua that it equals. An operation is what an observer gets, or what
-- was read from a command. Which keys a table has is asked of the rows; there is no grammar here.

local grammar = require "nslab.words.grammar"

local M = {}

-- Words that are no names in Lua.
local KEYWORDS = {}
M.KEYWORDS = KEYWORDS
for word in ("and break do else elseif end false for function goto if in local nil not or repeat " ..
             "return then true until while"):gmatch "%a+" do KEYWORDS[word] = true end

local function quote(text)
  return (("%q"):format(text):gsub("\\\n", "\\n"))
end

local function name_of(key)
  if type(key) ~= "string" then return ("[%s]"):format(tostring(key)) end
  if key:match "^[%a_][%w_]*$" and not KEYWORDS[key] then return key end
  return ("[%s]"):format(quote(key))
end

-- ---- values ------------------------------------------------------------------------------------------

-- Where the keys of a schema stand in it, so that tables are written in the order of the rows.
local function places(schema)
  if type(schema) == "table" then return schema, {} end
  local at, nested = {}, {}
  local known = schema and grammar.schema(schema)
  for i, row in ipairs(known and known.rows or {}) do
    at[row.key], nested[row.key] = i, row.schema
  end
  return at, nested
end

local function keys_of(t, at)
  local keys, length = {}, #t
  for key in pairs(t) do
    if not (math.type(key) == "integer" and key >= 1 and key <= length) then keys[#keys + 1] = key end
  end
  table.sort(keys, function(a, b)
    local first, second = at[a] or math.huge, at[b] or math.huge
    if first ~= second then return first < second end
    return tostring(a) < tostring(b)
  end)
  return keys
end

local function plain_number(v)
  if math.type(v) == "integer" then return ("%d"):format(v) end
  return ("%.17g"):format(v) == ("%.15g"):format(v) and ("%.15g"):format(v) or ("%.17g"):format(v)
end

-- What of a record can be given as options.
local function record_options(record, schema)
  local out = {}
  for _, row in ipairs(grammar.schema(schema).rows) do
    if not row.readonly and not row.own then out[row.key] = record[row.key] end
  end
  return out
end

-- The options of one printing: handle(name) -> what stands for a namespace, here: the expression for
-- the one that is acted in.
local Writer = {}
Writer.__index = Writer

local function new_writer(o)
  return setmetatable({ handle_of = o and o.handle, here = o and o.here or "netns.host" }, Writer)
end

-- The expression for a namespace; nil where it has neither name nor number.
function Writer:namespace(name)
  if name == nil then return self.here end
  if name == "host" then return "netns.host" end
  local pid = name:match "^pid (%d+)$"
  if pid then return ("netns(%s)"):format(pid) end
  if name:match "^fd " then return nil end
  return self.handle_of and self.handle_of(name) or "netns " .. quote(name)
end

function Writer:userdata(v)
  local schema = require("nslab.core").schema_of(v)
  if schema then return self:table(record_options(v, schema), schema) end
  if io.type(v) then return nil end
  local known, name = pcall(function() return v.name end)
  if not known or type(name) ~= "string" then return nil end
  local plain = name ~= "host" and not name:find " " and not self.handle_of
  return plain and quote(name) or self:namespace(name)
end

-- "{ up = true, veth = { peer = ... } }"; nil when something in it cannot be written.
function Writer:table(t, schema)
  local at, nested = places(schema)
  local parts = {}
  for i, v in ipairs(t) do
    parts[i] = self:value(v)
    if not parts[i] then return nil end
  end
  for _, key in ipairs(keys_of(t, at)) do
    local text = self:value(t[key], nested[key])
    if not text then return nil end
    parts[#parts + 1] = ("%s = %s"):format(name_of(key), text)
  end
  return #parts > 0 and ("{ %s }"):format(table.concat(parts, ", ")) or "{}"
end

function Writer:value(v, schema)
  local kind = type(v)
  if kind == "string" then return quote(v) end
  if kind == "number" then return plain_number(v) end
  if kind == "boolean" then return tostring(v) end
  if kind == "table" then return self:table(v, schema) end
  if kind == "userdata" then return self:userdata(v) end
end

-- ---- calls -------------------------------------------------------------------------------------------

-- 'f("a", { ... })'; a string or a table alone stands without parentheses.
function Writer:call(name, schema, ...)
  local args = table.pack(...)
  while args.n > 0 and args[args.n] == nil do args.n = args.n - 1 end
  local parts = {}
  for i = 1, args.n do
    parts[i] = args[i] == nil and "nil" or self:value(args[i], schema)
    if not parts[i] then return nil end
  end
  if args.n == 1 and (parts[1]:match '^"' or parts[1]:match "^{") then return name .. " " .. parts[1] end
  return ("%s(%s)"):format(name, table.concat(parts, ", "))
end

-- The module of the operation, bound to its namespace: 'netns "red".link'.
function Writer:module(op)
  if op.netns == nil or op.netns == "host" then return op.module end
  local handle = self:namespace(op.netns)
  return handle and ("%s.%s"):format(handle, op.module)
end

local function options_of(op)
  if type(op.options) == "table" and next(op.options) == nil then return nil end
  return op.options
end

-- An observer is told the key as text; where it was a number it is one again. A link's may be either,
-- and no link is called by a number alone.
local function key_of(op)
  if type(op.key) ~= "string" or not op.key:match "^%d+$" then return op.key end
  local object = require("nslab.words.objects").of_module[op.module]
  local row = object and object.key and grammar.row(op.module, object.key)
  local number = row and (row.type:find "integer" or op.module == "link" and op.verb ~= "add")
  return number and math.tointeger(op.key) or op.key
end

local function on_object(w, op)
  local module = w:module(op)
  if not module then return nil end
  local name = ("%s.%s"):format(module, op.verb == "each" and "list" or op.verb)
  if op.key == nil then return w:call(name, op.module, options_of(op)) end
  if op.verb == "impair" then return w:call(name, "qdisc.netem", op.key, op.options) end
  return w:call(name, op.module, key_of(op), options_of(op))
end

local METHODS = { exec = true, spawn = true, ping = true }

local function on_netns(w, op)
  if not METHODS[op.verb] then return w:call("netns." .. op.verb, nil, op.key, options_of(op)) end
  local handle = w:namespace(op.netns)
  if not handle then return nil end
  local key = op.verb == "ping" and op.key or nil
  if not key and not op.options then return nil end
  if key then return w:call(handle .. ":" .. op.verb, nil, key, options_of(op)) end
  return w:call(handle .. ":" .. op.verb, nil, op.options)
end

local function on_sysctl(w, op)
  local module = w:module(op)
  if not module then return nil end
  if op.verb ~= "set" then return w:call(module .. "." .. op.verb, nil, op.key) end
  return w:call(module .. ".set", nil, op.key, op.options.value)
end

-- The position that stands in the command behind its chain.
local function position(op)
  return tonumber(op.command:match "%-[IR] %S+ (%d+)")
end

local SHORT = { table = "-t", protocol = "-p", source = "-s", destination = "-d", in_interface = "-i",
                out_interface = "-o", match = "-m", jump = "-j", ["goto"] = "-g" }

-- The keys of a rule stand as their words do in the command.
local function rule_order(op)
  local at, command = {}, op.command .. " "
  for key in pairs(op.options) do
    local short = SHORT[key]
    local long = type(key) == "string" and "--" .. key:gsub("_", "-")
    at[key] = short and command:find(" " .. short .. " ", 1, true) or
              long and command:find(" " .. long .. " ", 1, true)
  end
  return at
end

local BY_RULE = { append = true, insert = true, replace = true, delete = true, check = true }
local LOOKS = { list = true, save = true }

-- The text is told among the options.
local function restore(w, module, op)
  local text, rest = nil, {}
  for key, value in pairs(op.options or rest) do
    if key == "text" then text = value else rest[key] = value end
  end
  return text and w:call(module .. ".restore", nil, text, next(rest) ~= nil and rest or nil)
end

-- The rule as a table where it was given as one, else the command line, which says everything.
local function on_firewall(w, op)
  local module = w:module(op)
  if not module then return nil end
  if op.verb == "command" then return w:call(module, nil, op.key) end
  if op.verb == "restore" then return restore(w, module, op) end
  if LOOKS[op.verb] then return w:call(module .. "." .. op.verb, nil, options_of(op)) end
  if BY_RULE[op.verb] and type(op.options) == "table" and op.command and not
     (op.verb == "delete" and op.command:match "%-D %S+ %d+$") then
    local at = position(op)
    if op.verb == "insert" and at == 1 then at = nil end
    return w:call(module .. "." .. op.verb, rule_order(op), op.key, op.options, at)
  end
  local lines = {}
  for line in (op.command or ""):gmatch "[^\n]+" do
    lines[#lines + 1] = w:call(module, nil, line:match "^%S+%s+(.*)$" or "")
  end
  return #lines > 0 and table.concat(lines, "\n") or nil
end

local function on_monitor(_, op)
  local objects = {}
  for i, name in ipairs(op.options.objects) do objects[i] = quote(name) end
  return ("for e in netns.watch { objects = { %s } } do print(e.event, e.object, e.record) end"):format(
    table.concat(objects, ", "))
end

local WRITERS = { netns = on_netns, sysctl = on_sysctl, iptables = on_firewall,
                  ip6tables = on_firewall, monitor = on_monitor }

-- The Lua that the operation equals, or nil when there is none. `o` says how namespaces are called:
-- handle(name) -> expression, here = the expression for the one that is acted in.
function M.lua(op, o)
  return (WRITERS[op.module] or on_object)(new_writer(o), op)
end

return M
