-- tc_u32: what commands of tc say of u32 filters in ways of their own: keys without a name, marks, where the
-- next header begins, which bits say the bucket of a table.

local M = {}

local function number(reader, after)
  local word = reader:next(after)
  return math.tointeger(tonumber(word)) or reader:fail(word, "a number is expected here")
end

-- The number behind the word, when that stands here.
local function optional(reader, word)
  if reader.words[reader.at] ~= word then return nil end
  reader.at = reader.at + 1
  return number(reader, word)
end

-- Lua: add_raw(options, key) adds a key of u32 without a name.
function M.add_raw(options, key)
  options.raw = options.raw or {}
  table.insert(options.raw, key)
end

-- ---- keys --------------------------------------------------------------------------------------------

-- A value and a mask of so many bits that lie from that byte on; behind the next header's beginning.
local function add_part(options, v, mask, bits, at, nexthdr)
  local shift = 32 - bits - 8 * (at % 4)
  M.add_raw(options, { value = (v & mask) << shift, mask = mask << shift, at = at - at % 4,
                       nexthdr = nexthdr })
end

-- "match u32 VALUE MASK at OFFSET", "... at nexthdr+OFFSET"
local function read_raw(bits)
  return function(reader, options)
    reader.at = reader.at + 2
    local word = "u" .. bits
    local v, mask, at, nexthdr = number(reader, word), number(reader, word), 0, nil
    if reader.words[reader.at] == "at" then
      reader.at = reader.at + 1
      local text = reader:next "at"
      local offset = text:match "^nexthdr%+(.*)$"
      nexthdr, at = offset and true, math.tointeger(tonumber(offset or text))
      if not at then reader:fail(text, "a number must follow") end
    end
    add_part(options, v, mask, bits, at, nexthdr)
  end
end

local function print_raw(printer, keys)
  for _, key in ipairs(keys) do
    printer:add("match", "u32", ("0x%x"):format(key.value), ("0x%x"):format(key.mask), "at",
                (key.nexthdr and "nexthdr+" or "") .. key.at)
  end
end

-- Fields of the header that the offset leads to: "match tcp dst 80 0xffff".
local function read_field(bits, at)
  return function(reader, options)
    reader.at = reader.at + 3
    local word = reader.words[reader.at - 1]
    local v = number(reader, word)
    add_part(options, v, number(reader, word), bits, at, true)
  end
end

-- Fields of the IPv4 header that have no name of their own.
local function read_header(bits, at)
  return function(reader, options)
    reader.at = reader.at + 3
    local word = reader.words[reader.at - 1]
    local v = number(reader, word)
    add_part(options, v, number(reader, word), bits, at)
  end
end

-- One bit: it is set, or the bits are not.
local function read_flag(v, mask)
  return function(reader, options)
    reader.at = reader.at + 3
    add_part(options, v, mask, 16, 6)
  end
end

-- A hardware address, in front of the packet.
local function read_mac(from)
  return function(reader, options)
    reader.at = reader.at + 3
    local word = reader:next(reader.words[reader.at - 1])
    local bytes = { word:match "^(%x%x?):(%x%x?):(%x%x?):(%x%x?):(%x%x?):(%x%x?)$" }
    if #bytes ~= 6 then reader:fail(word, "a hardware address is expected here") end
    for i, digits in ipairs(bytes) do bytes[i] = tonumber(digits, 16) end
    local function word_of(i, n)
      local v = 0
      for j = i, i + n - 1 do v = v << 8 | bytes[j] end
      return v
    end
    if from % 4 == 0 then
      add_part(options, word_of(1, 4), 0xFFFFFFFF, 32, from)
      add_part(options, word_of(5, 2), 0xFFFF, 16, from + 4)
    else
      add_part(options, word_of(1, 2), 0xFFFF, 16, from)
      add_part(options, word_of(3, 4), 0xFFFFFFFF, 32, from + 2)
    end
  end
end

-- ---- what stands beside keys ---------------------------------------------------------------------------

local function print_mark(printer, v)
  local mark, mask = tostring(v):match "^([^/]+)/?(.*)$"
  printer:add("match", "mark", mark, mask ~= "" and mask or "0xffffffff")
end

local function read_mark(reader, options)
  reader.at = reader.at + 2
  local v, mask = number(reader, "mark"), number(reader, "mark")
  options.mark = mask == 0xFFFFFFFF and v or ("%d/0x%x"):format(v, mask)
end

local function print_hashkey(printer, v)
  printer:add("hashkey", "mask", ("0x%08x"):format(v.mask), "at", tostring(v.at))
end

local function read_hashkey(reader, options)
  reader.at = reader.at + 1
  options.hashkey = { mask = optional(reader, "mask"), at = optional(reader, "at") or 0 }
  options.hashkey.mask = options.hashkey.mask or optional(reader, "mask")
end

local OFFSET = { "at", "mask", "shift", "plus" }

local function print_offset(printer, v)
  printer:add "offset"
  for _, key in ipairs(OFFSET) do
    if v[key] then printer:add(key, key == "mask" and ("0x%04x"):format(v.mask) or tostring(v[key])) end
  end
  if v.eat then printer:add "eat" end
end

local function read_offset(reader, options)
  local o, found = {}, true
  reader.at = reader.at + 1
  while found do
    found = false
    for _, key in ipairs(OFFSET) do
      local v = optional(reader, key)
      if v then o[key], found = v, true end
    end
    if reader.words[reader.at] == "eat" then
      reader.at, o.eat, found = reader.at + 1, true, true
    end
  end
  options.offset = o
end

M.said = {
  ["filter.u32.raw"] = { starts = { "match", "u32" }, read = read_raw(32), print = print_raw },
  ["filter.u32.raw16"] = { starts = { "match", "u16" }, read = read_raw(16) },
  ["filter.u32.raw8"] = { starts = { "match", "u8" }, read = read_raw(8) },
  ["filter.u32.tcp src"] = { starts = { "match", "tcp", "src" }, read = read_field(16, 0) },
  ["filter.u32.tcp dst"] = { starts = { "match", "tcp", "dst" }, read = read_field(16, 2) },
  ["filter.u32.udp src"] = { starts = { "match", "udp", "src" }, read = read_field(16, 0) },
  ["filter.u32.udp dst"] = { starts = { "match", "udp", "dst" }, read = read_field(16, 2) },
  ["filter.u32.icmp type"] = { starts = { "match", "icmp", "type" }, read = read_field(8, 0) },
  ["filter.u32.icmp code"] = { starts = { "match", "icmp", "code" }, read = read_field(8, 1) },
  ["filter.u32.ip ihl"] = { starts = { "match", "ip", "ihl" }, read = read_header(8, 0) },
  ["filter.u32.ip df"] = { starts = { "match", "ip", "df" }, read = read_flag(0x4000, 0x4000) },
  ["filter.u32.ip mf"] = { starts = { "match", "ip", "mf" }, read = read_flag(0x2000, 0x2000) },
  ["filter.u32.ip nofrag"] = { starts = { "match", "ip", "nofrag" }, read = read_flag(0, 0x3fff) },
  ["filter.u32.ip firstfrag"] = { starts = { "match", "ip", "firstfrag" }, read = read_flag(0x2000, 0x3fff) },
  ["filter.u32.ether dst"] = { starts = { "match", "ether", "dst" }, read = read_mac(-14) },
  ["filter.u32.ether src"] = { starts = { "match", "ether", "src" }, read = read_mac(-8) },
  ["filter.u32.mark"] = { starts = { "match", "mark" }, read = read_mark, print = print_mark },
  ["filter.u32.hashkey"] = { starts = { "hashkey" }, read = read_hashkey, print = print_hashkey },
  ["filter.u32.offset"] = { starts = { "offset" }, read = read_offset, print = print_offset },
}

return M
