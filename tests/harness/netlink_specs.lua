-- netlink_specs: the kernel's own description of its messages (tests/specs) beside our rows. What a row takes
-- from the wire is not asked but tried: a message with that one attribute is read through the row, byte by byte.

local core = require "nslab.core"
local yaml = require "lyaml"

local M = {}

-- ---- the descriptions ----------------------------------------------------------------------------

local INTEGERS = { u8 = 1, u16 = 2, u32 = 4, u64 = 8, s8 = 1, s16 = 2, s32 = 4, s64 = 8, sint = 8, uint = 8 }

local function read(name)
  local file = assert(io.open(("tests/specs/%s.yaml"):format(name)))
  local text = file:read "a"
  file:close()
  return yaml.load(text)
end

local function by_name(list)
  local out = {}
  for _, each in ipairs(list or {}) do out[each.name] = each end
  return out
end

-- The attributes get their numbers: one more than that before, from 1.
local function number(set)
  local at = 0
  for _, attr in ipairs(set.attributes) do
    at = attr.value or at + 1
    attr.number = at
    attr.sym = ((set["name-prefix"] or "") .. attr.name):upper():gsub("-", "_")
  end
end

-- Members that are wider than the description says: struct tc_ratespec of linux/pkt_sched.h, and with it
-- every struct that has one.
local MEMBERS = { ["tc-ratespec"] = { overhead = "u16", ["cell-align"] = "s16", mpu = "u16" } }

local function correct(structs)
  for name, members in pairs(MEMBERS) do
    for _, m in ipairs(structs[name] and structs[name].members or {}) do
      local to = members[m.name]
      assert(m.type ~= to, "the description of " .. name .. " is right by now: take it out of MEMBERS")
      m.type = to or m.type
    end
  end
end

function M.load(name)
  local spec = read(name)
  spec.sets, spec.messages = by_name(spec["attribute-sets"]), by_name(spec["sub-messages"])
  spec.structs = by_name(spec.definitions)
  correct(spec.structs)
  for _, set in pairs(spec.sets) do if not set["subset-of"] then number(set) end end
  return spec
end

-- Size of a struct, and its members as { name, at, size, big }, without padding.
function M.members(spec, name)
  local out, at = {}, 0
  for _, m in ipairs(spec.structs[name].members) do
    local size = INTEGERS[m.type] or m.len
    if m.struct then size = M.members(spec, m.struct).size end
    if not size then return { size = nil } end
    if m.type ~= "pad" then
      out[#out + 1] = { name = m.name, at = at, size = size, big = m["byte-order"] == "big-endian" }
    end
    at = at + size
  end
  out.size = at
  return out
end

-- ---- messages ------------------------------------------------------------------------------------

local function attribute(n, payload)
  return string.pack("<I2I2", 4 + #payload, n) .. payload .. ("\0"):rep(-#payload % 4)
end

-- A message of the type: a header of that many zero bytes, then the attributes.
local function message(kind, header, attributes)
  local body = ("\0"):rep((header + 3) // 4 * 4) .. attributes
  return string.pack("<I4I2I2I4I4", 16 + #body, kind, 0, 0, 0) .. body
end

-- A table as text, to compare it; nil for an empty one.
local function flat(t)
  local words = {}
  for k, v in pairs(t) do words[#words + 1] = ("%s=%s"):format(k, type(v) == "table" and flat(v) or tostring(v)) end
  table.sort(words)
  return #words > 0 and table.concat(words, " ") or nil
end

-- place: { type, header, around = function(attributes) -> attributes, get = function(record) -> table }
local function value(place, row, n, payload)
  local bytes = message(place.type, place.header, place.around(payload and attribute(n, payload) or ""))
  local inner = place.get(netlink.decode(bytes)[1].record)
  local v = inner and inner[row.key]
  if type(v) == "table" then return flat(v) end
  return v
end

-- How a row reads the attribute, tried with as many bytes as the attribute has.
-- { least = how many bytes it wants, from, to = which of them count, big, signed }
function M.try(place, row, n, size)
  local absent, out = value(place, row, n), {}
  local function changes(payload) return value(place, row, n, payload) ~= absent end
  for length = 0, size do
    if changes(("\0"):rep(length)) or changes(("\255"):rep(length)) or changes(("\1"):rep(length)) then
      out.least = length
      break
    end
  end
  local zero, seen = value(place, row, n, ("\0"):rep(size)), {}
  for at = 0, size - 1 do
    for _, byte in ipairs { "\1", "\128", "\255" } do
      local v = value(place, row, n, ("\0"):rep(at) .. byte .. ("\0"):rep(size - at - 1))
      if v ~= zero then
        out.from, out.to = out.from or at, at
        if byte == "\1" then seen[at] = v end
      end
    end
  end
  local first, last = seen[out.from], seen[out.to]
  if out.from and out.to > out.from and math.type(first) and math.type(last) then
    out.big = math.abs(first) > math.abs(last)
  end
  local most = value(place, row, n, ("\255"):rep(size))
  out.signed = math.type(most) == "integer" and most < 0
  return out
end

-- ---- side by side --------------------------------------------------------------------------------

local function same_list(a, b)
  if #a ~= #b then return false end
  for i = 1, #a do if a[i] ~= b[i] then return false end end
  return true
end

-- Rows of the schema that stand in that nest under that number.
local function rows_of(schema, within, n)
  local out = {}
  for _, row in ipairs(schema.rows) do
    if (row.attr == n or row.other == n) and same_list(row.within or {}, within) then out[#out + 1] = row end
  end
  return out
end

local function says(t)
  local words = {}
  for _, word in ipairs(t) do words[#words + 1] = word end
  return table.concat(words, ", ")
end

-- What is wrong with how the row reads the attribute, or nil.
local function check_integer(attr, got)
  local size, wrong = INTEGERS[attr.type], {}
  if got.least ~= size then wrong[#wrong + 1] = ("wants %s bytes of %d"):format(got.least, size) end
  if got.from and got.to - got.from + 1 > size then wrong[#wrong + 1] = "looks at too many" end
  local big = attr["byte-order"] == "big-endian"
  if got.big ~= nil and got.big ~= big then wrong[#wrong + 1] = got.big and "is big endian" or "is little endian" end
  if got.signed and attr.type:sub(1, 1) == "u" and size < 8 then wrong[#wrong + 1] = "is signed" end
  return #wrong > 0 and says(wrong) or nil
end

-- Of a struct the row has one member, or a part of one, or all.
local function check_struct(spec, attr, got)
  local members = M.members(spec, attr.struct)
  if not members.size then return nil end
  if not got.least or got.least > members.size then return ("wants more than %d bytes"):format(members.size) end
  local first, last
  for _, m in ipairs(members) do
    if got.from and got.from >= m.at and got.from < m.at + m.size then first = m end
    if got.to and got.to >= m.at and got.to < m.at + m.size then last = m end
  end
  if not first or not last then return "looks at no member" end
  if first ~= last and got.to - got.from + 1 < members.size // 2 then
    return ("looks at %s and %s"):format(first.name, last.name)
  end
end

local function check(spec, place, row, attr)
  if row.writeonly then return nil end
  if INTEGERS[attr.type] then
    return check_integer(attr, M.try(place, row, attr.number, INTEGERS[attr.type] + 2))
  elseif attr.type == "flag" then
    local got = M.try(place, row, attr.number, 0)
    return got.least ~= 0 and "wants a value" or nil
  elseif attr.type == "string" then
    local v = value(place, row, attr.number, "lo\0")
    return v ~= "lo" and ("reads \"lo\" as %s"):format(v) or nil
  elseif attr.struct and spec.structs[attr.struct] then
    local size = M.members(spec, attr.struct).size
    return size and check_struct(spec, attr, M.try(place, row, attr.number, size))
  end
end

local Walk = {}
Walk.__index = Walk

function Walk:note(list, path, text)
  self[list][path] = text
end

local function inside(place, around, get)
  return { type = place.type, header = place.header, get = get or place.get,
           around = function(attributes) return place.around(around(attributes)) end }
end

-- Each kind's own options: its set, beside the schema that the row named after the kind has. The kind stands
-- beside them; that of what it counts in the message, outside of the statistics.
function Walk:kinds(spec, schema, place, attr, path, suffix)
  for _, format in ipairs(spec.messages[attr["sub-message"]].formats) do
    local key = format.value .. suffix
    local row
    for _, r in ipairs(schema.rows) do
      if r.key == key and r.attr == attr.number then row = r end
    end
    local set = format["attribute-set"]
    local asked = not self.kinds_of or self.kinds_of[format.value]
    if asked then self.kinds_seen[format.value] = true end
    if asked and row and row.schema then
      local inner, kind = self.schemas[row.schema], suffix == "_slave" and 4 or 1 -- IFLA_INFO_KIND, IFLA_INFO_SLAVE_KIND, TCA_KIND
      self.seen[row.schema] = true
      local kind_first = attribute(kind, format.value .. "\0")
      local at = attr.name == "app" and { type = place.type, header = place.header, get = place.get,
        around = function(attributes) return kind_first .. place.around(attributes) end } or place
      if set then
        self:set(spec, spec.sets[set], inner, {}, inside(at, function(attributes)
          local fixed = ("\0"):rep((inner.header + 3) // 4 * 4)
          return (at == place and kind_first or "") .. attribute(attr.number, fixed .. attributes)
        end, function(record)
          local outer = place.get(record)
          return outer and outer[key]
        end), row.schema)
      end
    elseif asked and (set or format["fixed-header"]) then
      self:note("lacks", path .. "/" .. key, "the kind")
    end
  end
end

-- A nest with a schema of its own; or a list of such, of which the first is looked at.
function Walk:nested(spec, attr, row, place)
  local name, indexed = row.schema, attr.type == "indexed-array"
  self.seen[name] = true
  if indexed then
    for _, each in ipairs(self.schemas[name].rows) do self.matched[each] = true end
    name = self.schemas[name].rows[1].schema
    self.seen[name] = true
  end
  self:set(spec, spec.sets[attr["nested-attributes"]], self.schemas[name], {}, inside(place, function(attributes)
    return attribute(attr.number, indexed and attribute(1, attributes) or attributes)
  end, function(record)
    local outer = place.get(record)
    local is = outer and outer[row.key]
    if indexed then return is and is[1] end
    return is
  end), name)
end

function Walk:attribute(spec, attr, schema, within, place, path)
  local rows = rows_of(schema, within, attr.number)
  local at = path .. "/" .. attr.name
  local deeper = table.move(within, 1, #within, 1, {})
  deeper[#deeper + 1] = attr.number
  local is_nest = false
  for _, row in ipairs(schema.rows) do
    local w = row.within or {}
    is_nest = is_nest or #w >= #deeper and same_list({ table.unpack(w, 1, #deeper) }, deeper)
  end
  for _, row in ipairs(rows) do self.matched[row] = true end
  if attr["sub-message"] then
    return self:kinds(spec, schema, place, attr, at, attr.name:match "^slave" and "_slave" or "")
  elseif is_nest then
    if not attr["nested-attributes"] then return self:note("differs", at, "is a nest, and none in the description") end
    return self:set(spec, spec.sets[attr["nested-attributes"]], schema, deeper, inside(place, function(attributes)
      return attribute(attr.number, attributes)
    end), at)
  elseif #rows == 0 then
    if attr.type ~= "pad" and attr.type ~= "unused" then self:note("lacks", at, attr.type) end
    return
  end
  for _, row in ipairs(rows) do
    local named = row.sym:sub(-#attr.sym) == attr.sym or row.other == attr.number
    local name = not named and ("is %s there and %s here"):format(attr.sym, row.sym)
    local nested = row.schema and self.schemas[row.schema]
    local wrong = name
    if nested and attr["nested-attributes"] then
      self:nested(spec, attr, row, place)
    elseif nested and attr.struct then
      local size = M.members(spec, attr.struct).size
      if size ~= nested.header then wrong = ("has %d bytes of %s"):format(nested.header, size) end
      self.seen[row.schema] = true
    elseif nested then
      wrong = "is a nest here and none in the description"
    elseif attr["nested-attributes"] or attr.type == "indexed-array" then
      wrong = "is a nest in the description and none here"
    else
      wrong = check(spec, place, row, attr) or name
    end
    if wrong then self:note("differs", at .. " " .. row.key, wrong) end
  end
end

function Walk:set(spec, set, schema, within, place, path)
  for _, attr in ipairs(set.attributes) do
    if attr.number then self:attribute(spec, attr, schema, within, place, path) end
  end
end

-- Compares. roots: { { spec = NAME, set = NAME, schema = NAME, type = NUMBER, kinds = { of those },
--   change = function(spec, schema) before they are compared } }.
-- -> { lacks = { [path] = what }, differs = { [path] = how }, extra = { [schema.key] = true }, seen = { schemas } }
function M.compare(roots)
  local walk = setmetatable({ lacks = {}, differs = {}, extra = {}, matched = {}, seen = {},
                              undescribed = {}, kinds_seen = {}, schemas = core.schemas() }, Walk)
  local specs = {}
  for _, root in ipairs(roots) do
    local spec = specs[root.spec] or M.load(root.spec)
    specs[root.spec] = spec
    local schema = walk.schemas[root.schema]
    walk.kinds_of = root.kinds
    if root.change then root.change(spec, schema) end
    walk.seen[root.schema] = true
    walk:set(spec, spec.sets[root.set], schema, {}, {
      type = root.type, header = schema.header,
      around = function(attributes) return attributes end,
      get = function(record) return record end,
    }, root.schema)
  end
  for name in pairs(walk.seen) do
    for _, row in ipairs(walk.schemas[name].rows) do
      if row.attr and not walk.matched[row] and row.codec ~= "kind" then walk.extra[name .. "/" .. row.key] = row.sym end
    end
  end
  for name in pairs(walk.schemas) do
    if not walk.seen[name] then walk.undescribed[name] = "its schema" end
  end
  return walk
end

return M
