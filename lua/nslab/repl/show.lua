-- show: how a REPL shows the values of what was typed: records and lists of them as aligned tables in
-- ip's words, plain tables by what is in them, functions and modules by what they are for. Nothing is
-- endless, and nothing is shown as an address in memory.

local core = require "nslab.core"

local M = {}

local LINES, ITEMS, DEPTH, LONGEST = 200, 60, 4, 400

local function columns()
  local host = require "nslab.host"
  return host.isatty(1) and host.columns(1) or 80
end

-- ---- values by content -------------------------------------------------------------------------------

-- What tostring makes of a value that can say something of itself; nil for "table: 0x55...".
local function own_text(v)
  local meta = getmetatable(v)
  if type(meta) ~= "table" or not meta.__tostring then return nil end
  local ok, text = pcall(tostring, v)
  if ok and type(text) == "string" and not text:find "0x%x%x%x%x%x%x+" then return text end
end

local function module_line(name)
  for _, m in ipairs(require("nslab.help").rows().modules) do
    if m.name == name then
      return ("module %s: %s help(%s) tells more."):format(name, m.doc:match "^(.-%.)%s" or m.doc, name)
    end
  end
end

local function documented(list, name)
  for _, f in ipairs(list) do
    if f.name == name then return f end
  end
end

-- "link.add(name, options?): Makes a link."
local function function_line(name, f)
  local params = {}
  for i, p in ipairs(f.params) do params[i] = p.name end
  return ("%s(%s): %s"):format(name, table.concat(params, ", "), f.doc:match "^(.-%.)%s" or f.doc)
end

-- The line of help for one of our own modules or functions; nil for others.
local function help_line(v)
  local module, name, kind = core.identify(v)
  if module and not name then return module_line(module) end
  local rows = require("nslab.help").rows()
  if module then
    local m
    for _, other in ipairs(rows.modules) do m = other.name == module and other or m end
    local f = documented(kind == "method" and m.methods or m.funcs, name)
    return f and function_line((kind == "method" and "red:" or module .. ".") .. name, f)
  end
  for _, g in ipairs(rows.globals) do
    if rawequal(rawget(_G, g.name), v) then return function_line(g.name, g) end
  end
end

local function function_text(v)
  local line = help_line(v)
  if line then return line end
  local info = debug.getinfo(v, "S")
  if info.what == "C" then return "a function of C" end
  return ("a function from %s:%d"):format(info.short_src, info.linedefined)
end

local function quoted(text)
  if #text > LONGEST then
    return ("%q ... (%d bytes)"):format(text:sub(1, LONGEST), #text):gsub("\\\n", "\\n"), nil
  end
  return (("%q"):format(text):gsub("\\\n", "\\n"))
end

local inspect -- a value inside another

local function sorted_keys(t)
  local keys, length = {}, #t
  for key in next, t do
    if not (math.type(key) == "integer" and key >= 1 and key <= length) then keys[#keys + 1] = key end
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "string" or type(a) == "number") then return a < b end
    return type(a) < type(b)
  end)
  return keys
end

local function key_text(key, seen, depth)
  if type(key) == "string" and key:match "^[%a_][%w_]*$" then return key end
  return ("[%s]"):format(inspect(key, seen, depth + 1, ""))
end

local FLAT = "flat" -- instead of an indentation: everything in one line

local function parts_of(t, seen, depth, indent)
  local parts, left = {}, 0
  local function add(make)
    if #parts < ITEMS then parts[#parts + 1] = make() else left = left + 1 end
  end
  for i = 1, #t do add(function() return inspect(t[i], seen, depth + 1, indent) end) end
  for _, key in ipairs(sorted_keys(t)) do
    add(function()
      return ("%s = %s"):format(key_text(key, seen, depth),
                                inspect(rawget(t, key), seen, depth + 1, indent))
    end)
  end
  if left > 0 then parts[#parts + 1] = ("... and %d more"):format(left) end
  return parts
end

local function table_text(t, seen, depth, indent)
  if next(t) == nil then return "{}" end
  if seen[t] then return "(itself)" end
  if depth > DEPTH then return "{ ... }" end
  seen[t] = true
  local parts = parts_of(t, seen, depth, indent == FLAT and FLAT or indent .. "  ")
  seen[t] = nil
  local line = ("{ %s }"):format(table.concat(parts, ", "))
  if indent == FLAT then return line end
  if not line:find "\n" and #line + #indent <= columns() - 4 then return line end
  local inner = "\n" .. indent .. "  "
  return "{" .. inner .. table.concat(parts, "," .. inner) .. "\n" .. indent .. "}"
end

local function name_of_type(v)
  local meta = debug.getmetatable(v)
  local name = type(meta) == "table" and meta.__name
  return type(name) == "string" and name or type(v)
end

function inspect(v, seen, depth, indent)
  local kind = type(v)
  if kind == "string" then return (quoted(v)) end
  if kind == "function" then
    return core.identify(v) and function_text(v):match "^[^:]*%b()" or "function"
  end
  if kind == "thread" then return ("coroutine (%s)"):format(coroutine.status(v)) end
  if kind == "table" then
    if core.identify(v) then return "module " .. core.identify(v) end
    return own_text(v) or table_text(v, seen, depth, indent)
  end
  if kind == "userdata" then return own_text(v) or ("(%s)"):format(name_of_type(v)) end
  return tostring(v)
end

-- ---- records -----------------------------------------------------------------------------------------

local function cell(v)
  if type(v) == "string" then return v end
  return inspect(v, {}, 1, FLAT)
end

-- One record: its fields, each in a line. A flag that is off says nothing; `up` does.
local function record_text(record, schema)
  local wrap, lines, widest, rows = require "nslab.wrap", {}, 0, {}
  for _, row in ipairs(core.schemas()[schema].rows) do
    local v = record[row.key]
    if v ~= nil and (v ~= false or row.key == "up") then
      rows[#rows + 1] = { row.key, cell(v) }
      widest = math.max(widest, #row.key)
    end
  end
  for i, row in ipairs(rows) do lines[i] = ("  %s  %s"):format(wrap.pad(row[1], widest), row[2]) end
  return table.concat(lines, "\n")
end

-- The keys that say something of some record of the list, as many as there is room for; the cells.
local function told_columns(list, schema)
  local wrap, room, out = require "nslab.wrap", columns() - 2, {}
  for _, row in ipairs(core.schemas()[schema].rows) do
    local column, any = { row.key:upper() }, false
    for i, record in ipairs(list) do
      local v = record[row.key]
      local says = v ~= nil and v ~= false and v ~= "" and not (type(v) == "table" and next(v) == nil)
      any = any or says
      column[i + 1] = says and cell(v):gsub("\n", " ") or ""
    end
    column.width = 0
    for _, text in ipairs(column) do column.width = math.max(column.width, wrap.width(text)) end
    if any and column.width + 2 <= room then
      room = room - column.width - 2
      out[#out + 1] = column
    end
  end
  return out
end

-- Any list of records as a table; nil where not even one column has room.
local function any_table(list)
  local wrap, schema = require "nslab.wrap", list[1] ~= nil and core.schema_of(list[1])
  if not (schema and core.schemas()[schema]) then return nil end
  local told, lines = told_columns(list, schema), {}
  for i = 1, #list + 1 do
    local line = "  "
    for _, column in ipairs(told) do line = line .. wrap.pad(column[i], column.width) .. "  " end
    lines[i] = line:gsub(" +$", "")
  end
  return #told > 0 and table.concat(lines, "\n") or nil
end

-- A list of records: the short table of its object where there is one.
local function list_text(list)
  local meta = getmetatable(list)
  local object = type(meta) == "table" and meta.object
  if not object then return nil end
  local text = require("nslab.look").records(object, list, columns()) or any_table(list) or own_text(list)
  return text ~= "" and text or "  none"
end

-- What a program printed, and how it ended when that was not well.
local function program_text(result)
  local code, signal = rawget(result, "code"), rawget(result, "signal")
  if type(code) ~= "number" and signal == nil then return nil end
  if type(rawget(result, "stdout")) ~= "string" and type(result.stderr) ~= "string" then return nil end
  local text = (result.stdout or "") .. (result.stderr or "")
  if signal then
    text = text .. ("ended by SIG%s\n"):format(signal)
  elseif code ~= 0 then
    text = text .. ("exit status %d\n"):format(code)
  end
  return (text:gsub("\n$", ""))
end

-- ---- results -----------------------------------------------------------------------------------------

local function bounded(text)
  local at, n = 0, 0
  repeat
    at, n = text:find("\n", at + 1, true), n + 1
  until not at or n >= LINES
  if not at or at == #text then return text end
  local _, more = text:sub(at + 1):gsub("\n", "")
  return ("%s\n... and %d lines more"):format(text:sub(1, at - 1), more + 1)
end

-- The text of one value, as it stands alone.
function M.text(v)
  local kind = type(v)
  if kind == "string" then return v end
  if kind == "function" then return function_text(v) end
  if kind == "table" then
    return bounded(help_line(v) or list_text(v) or program_text(v) or inspect(v, {}, 1, ""))
  end
  local schema = kind == "userdata" and core.schema_of(v)
  if schema and core.schemas()[schema] then return bounded(record_text(v, schema)) end
  return inspect(v, {}, 1, "")
end

-- A program that a line started goes on with the prompt, although nothing in Lua names it.
local started = {}

-- Lua: show(...) prints the values: short ones in one line, with tabs between them.
function M.show(...)
  local values, long = table.pack(...), false
  for i = 1, values.n do
    if type(values[i]) == "userdata" and name_of_type(values[i]) == "nslab.process" then
      started[#started + 1] = values[i]
    end
    values[i] = M.text(values[i])
    long = long or values[i]:find("\n", 1, true)
  end
  local text = table.concat(values, long and "\n" or "\t", 1, values.n)
  if text ~= "" then io.stdout:write(text, "\n") end
end

return M
