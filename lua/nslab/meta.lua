-- meta: the command `nslab meta`: LuaCATS stubs for editors, from the rows that register everything.
-- Without an argument all in one file on standard output; with a directory one file a module there.

local help = require "nslab.help"
local wrap = require "nslab.wrap"

local M = {}

local COLUMNS = 100
local HEAD = { "---@meta", "-- Made by `nslab meta` from the rows that register it. Not to be edited." }

-- ---- lines ---------------------------------------------------------------------------------------

local Out = {}
Out.__index = Out

local function new_out() return setmetatable({}, Out) end

function Out:add(...) self[#self + 1] = (...):format(select(2, ...)) end

-- Text as comment lines; a text that has lines of its own keeps them.
function Out:comment(text, verbatim)
  if verbatim then
    for _, line in ipairs(wrap.lines(text)) do self[#self + 1] = ("---" .. line):gsub(" +$", "") end
  else
    for _, line in ipairs(wrap.words(text, COLUMNS, "---")) do self[#self + 1] = line end
  end
end

function Out:blank() self[#self + 1] = "" end

-- ---- types ----------------------------------------------------------------------------------------

-- "string|integer" of a row with words becomes the words.
local function words_type(row, type)
  if not row.names or not type:find "string" or type:find "%[%]" then return type end
  local out = {}
  for i, name in ipairs(row.names) do out[i] = ("%q"):format(name) end
  return table.concat(out, "|") .. "|integer"
end

local function option_type(row)
  if row.schema then return (row.type:gsub("table", row.schema .. ".Options")) end
  return words_type(row, row.type)
end

local function record_type(row)
  if row.read_type then return row.read_type end
  if row.schema then return row.schema .. ".Record" end
  return words_type(row, row.type)
end

-- Words that Lua keeps for itself cannot name a field or a parameter.
local KEYWORDS = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return " ..
             "then true until while"):gmatch "%a+" do KEYWORDS[word] = true end

local function field(out, name, type, doc)
  local plain = name:gsub("%?$", "")
  if plain:find "^%[" then name = plain
  elseif KEYWORDS[plain] then name = ("[%q]%s"):format(plain, name:match "%?$" or "") end
  out:add("---@field %s %s%s", name, type, doc and " " .. doc or "")
end

-- ---- classes --------------------------------------------------------------------------------------

-- The row that the first argument fills is no option.
local function is_key(schema, row)
  for _, m in ipairs(help.rows().modules) do
    if m.name == schema.name and m.name ~= "link" then
      local first = m.funcs[1].params
      return #first > 1 and first[1].name == row.key
    end
  end
end

local function options_class(out, schema)
  out:blank()
  out:comment(schema.doc)
  out:add("---@class %s.Options", schema.name)
  for _, row in ipairs(schema.rows) do
    if not row.readonly and not is_key(schema, row) then
      field(out, row.key .. (row.required and "" or "?"), option_type(row), row.doc)
    end
  end
end

local function has_key(schema, key)
  for _, row in ipairs(schema.rows) do
    if row.key == key then return true end
  end
end

local function record_class(out, schema, nested)
  out:blank()
  out:comment(schema.doc .. (nested and "" or " As it is read; called, it is a plain table."))
  out:add("---@class %s.Record", schema.name)
  for _, row in ipairs(schema.rows) do
    local read = not row.writeonly and not row.filter
    if read then field(out, row.key .. "?", record_type(row), row.doc) end
  end
  field(out, "unknown?", "table<integer, string>", "attributes without a row, by their numbers")
  if nested then return end
  out:add("---@overload fun(): table")
  if has_key(schema, "table") then return end
  out:add("local %s_record = {}", schema.name)
  out:blank()
  out:comment "A plain copy of every field."
  out:add("---@return table")
  out:add("function %s_record:table() end", schema.name)
end

-- What list and its like take: every field that is read; false asks for records without it.
local function filter_class(out, schema, keyed)
  out:blank()
  out:comment("Which ones are meant. Every field that is given must agree; false: has none.")
  out:add("---@class %s.Filter", schema.name)
  for _, row in ipairs(schema.rows) do
    if not row.writeonly then
      local type = row.schema and "table" or words_type(row, row.type)
      if row.key == "table" then type = type .. "|\"all\"" end
      field(out, row.key .. "?", type:find "boolean" and type or type .. "|false", row.doc)
    end
  end
  if keyed then field(out, "exact?", "string", "another word for the key of the object") end
end

-- ---- functions --------------------------------------------------------------------------------------

local function param_names(f)
  local out = {}
  for i, p in ipairs(f.params) do out[i] = p.name:gsub("%?$", "") end
  return table.concat(out, ", ")
end

local function add_doc(out, f)
  out:comment(f.doc)
  if f.errors then
    out:add("---")
    out:add("---Raises:")
    for _, line in ipairs(wrap.lines(f.errors)) do out:comment("* " .. line, true) end
  end
  if f.example then
    out:add("---")
    out:add("---```lua")
    out:comment(f.example, true)
    out:add("---```")
  end
  if f.source then
    out:add("---")
    out:comment("See " .. f.source .. ".")
  end
end

local function add_function(out, name, f)
  out:blank()
  add_doc(out, f)
  for _, p in ipairs(f.params) do out:add("---@param %s %s %s", p.name, p.type, p.doc) end
  for _, r in ipairs(f.returns) do
    if r.name == "..." then out:add("---@return %s ... %s", r.type, r.doc)
    else out:add("---@return %s %s %s", r.type, r.name, r.doc) end
  end
  out:add("function %s(%s) end", name, param_names(f))
end

local function overload(f)
  local params, returns = {}, {}
  for i, p in ipairs(f.params) do params[i] = ("%s: %s"):format(p.name, p.type) end
  for i, r in ipairs(f.returns) do returns[i] = r.type end
  return ("fun(%s)%s"):format(table.concat(params, ", "),
                              #returns > 0 and ": " .. table.concat(returns, ", ") or "")
end

local function add_value(out, v)
  local name = v.name:gsub("%W", "_"):lower()
  out:blank()
  out:comment(v.doc)
  out:add("---@class %s", v.name)
  for _, p in ipairs(v.fields) do field(out, p.name, p.type, p.doc) end
  if #(v.methods or {}) == 0 then return end
  out:add("local %s = {}", name)
  for _, f in ipairs(v.methods) do add_function(out, name .. ":" .. f.name, f) end
end

local function add_handle(out, m)
  out:blank()
  out:comment "A namespace. It is a name and keeps nothing alive."
  out:add("---@class netns.Handle")
  for _, p in ipairs(help.rows().fields["netns.Handle"]) do field(out, p.name, p.type, p.doc) end
  for _, other in ipairs(help.rows().modules) do
    if other.bound then field(out, other.name, other.name, "the module, acting in this namespace") end
  end
  out:add("local handle = {}")
  for _, f in ipairs(m.methods) do add_function(out, "handle:" .. f.name, f) end
end

-- ---- files ------------------------------------------------------------------------------------------

local function module_text(m)
  local out = new_out()
  local schemas = help.rows().schemas
  out:blank()
  out:comment(m.doc)
  out:add("---@class %s", m.name)
  for _, p in ipairs(help.rows().fields[m.name] or {}) do field(out, p.name, p.type, p.doc) end
  if m.called then out:add("---@overload %s", overload(m.called)) end
  out:add("%s = {}", m.name)
  for _, f in ipairs(m.funcs) do add_function(out, m.name .. "." .. f.name, f) end
  if #m.methods > 0 then add_handle(out, m) end
  for _, v in ipairs(m.values) do add_value(out, v) end
  for _, name in ipairs(help.schema_names()) do
    local schema, nested = schemas[name], name ~= m.name
    if name == m.name or name:sub(1, #m.name + 1) == m.name .. "." then
      options_class(out, schema)
      record_class(out, schema, nested)
      if not nested then filter_class(out, schema, #m.funcs[1].params > 1) end
    end
  end
  return out
end

local function globals_text()
  local out, own = new_out(), {}
  for _, m in ipairs(help.rows().modules) do
    for _, v in ipairs(m.values) do own[v.name] = true end
  end
  for _, f in ipairs(help.rows().globals) do add_function(out, f.name, f) end
  for _, v in ipairs(help.rows().values) do
    if not own[v.name] then add_value(out, v) end
  end
  return out
end

-- { { name, lines } }: one for each module, and one for what has none.
local function parts()
  local out = {}
  for i, m in ipairs(help.rows().modules) do out[i] = { m.name, module_text(m) } end
  out[#out + 1] = { "globals", globals_text() }
  return out
end

local function join(...)
  local all = new_out()
  for _, lines in ipairs { ... } do table.move(lines, 1, #lines, #all + 1, all) end
  return table.concat(all, "\n") .. "\n"
end

-- The texts of the files, by name: { ["link.lua"] = "---@meta ..." }.
function M.files()
  local out = {}
  for _, part in ipairs(parts()) do out[part[1] .. ".lua"] = join(HEAD, part[2]) end
  return out
end

-- All of it in one.
function M.text()
  local all = { HEAD }
  for _, part in ipairs(parts()) do all[#all + 1] = part[2] end
  return join(table.unpack(all))
end

-- nslab meta [DIR]
function M.main(_, args)
  local dir = args[1]
  if not dir then
    io.write(M.text())
    return 0
  end
  for name, text in pairs(M.files()) do
    local file, trouble = io.open(dir .. "/" .. name, "w")
    if not file or not file:write(text) or not file:close() then
      io.stderr:write(("nslab: %s\n"):format(trouble or dir .. "/" .. name .. " cannot be written."))
      return 1
    end
  end
  return 0
end

return M
