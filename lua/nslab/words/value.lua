-- value: one value of a row as a word of a command, and back. By the row's codec, as the core does it;
-- what is checked here is only what tells a value from a misspelt word.

local M = {}

-- ---- addresses -------------------------------------------------------------------------------------

local EVERYTHING = { default = true, all = true, any = true }

-- "10.1" -> "10.1.0.0", as ip takes it; nil for what is no IPv4 address.
local function ipv4(text)
  local parts = {}
  if not text:match "^%d[%d.]*$" or text:match "%.%." or text:match "%.$" then return nil end
  for part in text:gmatch "%d+" do
    if tonumber(part) > 255 then return nil end
    parts[#parts + 1] = part
  end
  if #parts > 4 then return nil end
  while #parts < 4 do parts[#parts + 1] = "0" end
  return table.concat(parts, ".")
end

-- The address in full, and its number of bits.
function M.address(text)
  local v4 = ipv4(text)
  if v4 then return v4, 32 end
  if text:match "^[%x:]*:[%x:.]*$" then return text, 128 end
end

-- "255.255.255.0" -> 24
local function length_of_mask(text)
  local bits = 0
  local full = ipv4(text)
  if not full or not text:match "^%d+%.%d+%.%d+%.%d+$" then return nil end
  for part in full:gmatch "%d+" do bits = bits << 8 | tonumber(part) end
  for length = 0, 32 do
    if bits == 0xFFFFFFFF << (32 - length) & 0xFFFFFFFF then return length end
  end
end

-- "10/8" -> "10.0.0.0", 8, 32; without a length that is nil.
function M.prefix(text)
  local head, tail = text:match "^([^/]+)/(.+)$"
  local address, bits = M.address(head or text)
  if not address then return nil end
  if not tail then return address, nil, bits end
  local length = tail:match "^%d+$" and tonumber(tail) or length_of_mask(tail)
  if not length or length > bits then return nil end
  return address, length, bits
end

-- ---- numbers ---------------------------------------------------------------------------------------

-- As C reads them: 0x1f, 017, 15.
function M.number(text, base)
  local sign, hex = text:match "^(-?)0[xX](%x+)$"
  local digits = hex or text:match(base == 16 and "^%x+$" or "^%-?%d+$")
  if not digits or #digits > 18 then return nil end
  if hex then return math.tointeger(tonumber(sign .. "1") * tonumber(hex, 16)) end
  if base == 16 then return tonumber(digits, 16) end
  if digits:match "^0[0-7]+$" then return tonumber(digits, 8) end
  return math.tointeger(tonumber(digits))
end

-- ---- reading -----------------------------------------------------------------------------------------

local function want_number(_, word, entry)
  local value = M.number(word, entry.hexadecimal and 16 or 10)
  if value then return value end
  return nil, "a number is expected here"
end

local function want_text(_, word)
  return word
end

local function want_flag(_, word)
  local value = M.number(word)
  if not value then return nil, "0 or 1 is expected here" end
  return value ~= 0
end

-- The first of "a|b|c" that begins so.
local function abbreviated(names, word)
  for name in names:gmatch "[^|]+" do
    if name:sub(1, #word) == word then return name end
  end
end

local function want_name(row, word, entry)
  for _, name in ipairs(row.names) do
    if name == word then return name end
  end
  local value = entry.loose and abbreviated(entry.loose, word) or
                M.number(word, entry.hexadecimal and 16 or 10)
  if value then return value end
  return nil, "expected is a number, or one of " .. table.concat(row.names, ", ")
end

-- Several words of a set, with commas between them.
local function want_words(row, words, entry)
  local out = {}
  for word in words:gmatch "[^,]+" do
    local v, reason = want_name(row, word, entry)
    if v == nil then return nil, reason end
    out[#out + 1] = v
  end
  return #out == 1 and out[1] or out
end

-- "all" of them can be asked for.
local function want_table(row, word, entry)
  if word == "all" then return word end
  return want_name(row, word, entry)
end

local function want_address(_, word)
  if word == "+" or word == "-" then return word end
  local value = M.address(word)
  if value then return value end
  return nil, "an IP address is expected here"
end

local function want_prefix(_, word)
  if EVERYTHING[word] then return word end
  local address, length = M.prefix(word)
  if not address then return nil, "an IP address or network is expected here" end
  return length and ("%s/%d"):format(address, length) or address
end

local function want_mac(_, word)
  if word:match "^%x%x?:[%x:]*%x$" or M.address(word) then return word end
  return nil, "a hardware address is expected here"
end

local function want_lifetime(row, word, entry)
  if word == "forever" then return word end
  return want_number(row, word, entry)
end

local function want_number_or_text(_, word)
  return M.number(word) or word
end

-- "100ms", "1.5s"; a number alone is in a unit of the kernel's that nobody means.
local function want_milliseconds(_, word)
  local number, unit = word:match "^(%d+%.?%d*)(m?s)e?c?s?$"
  local ms = number and math.tointeger(tonumber(number) * (unit == "s" and 1000 or 1))
  if ms then return ms end
  return nil, "a time with its unit, ms or s, is expected here"
end

-- "80", "1000-2000"
local function want_span(_, word)
  if word:match "^%d+%-%d+$" then return word end
  local number = M.number(word)
  if number then return number end
  return nil, "a number or a range, 1000-2000, is expected here"
end

-- "1,3/2": numbers of nexthops, and behind a comma the weight.
local function want_group(_, word)
  local out = {}
  for member in (word .. "/"):gmatch "([^/]*)/" do
    local id, weight = member:match "^(%d+),?(%d*)$"
    if not id then return nil, "numbers of nexthops are expected here: 1/2 or 1,3/2" end
    out[#out + 1] = weight == "" and tonumber(id) or { id = tonumber(id), weight = tonumber(weight) }
  end
  return out
end

-- A number, or a word that the core knows.
local function want_number_or_word(_, word, entry)
  local value = M.number(word, entry.hexadecimal and 16 or 10)
  if value or word:match "^%a+$" then return value or word end
  return nil, "a number or a word is expected here"
end

-- "5", or as an address: "0.0.0.5".
local function want_key(_, word)
  local value = M.number(word)
  if value then return value end
  local a, b, c, d = (word:find(".", 1, true) and ipv4(word) or ""):match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  if a then return (tonumber(a) << 24) | (tonumber(b) << 16) | (tonumber(c) << 8) | tonumber(d) end
  return nil, "a number or a dotted quad is expected here"
end

local function want_addresses(_, word)
  local list = {}
  for text in word:gmatch "[^,]+" do list[#list + 1] = M.address(text) end
  if #list > 0 then return list end
  return nil, "addresses with commas between them are expected here"
end

-- "1:2 3:4"
local function want_map(_, words)
  local map = {}
  for from, to in words:gmatch "(%d+):(%d+)" do map[tonumber(from)] = tonumber(to) end
  if next(map) then return map end
  return nil, "pairs such as 1:2 are expected here"
end

-- "3 on": a reason, and whether it is one now.
local function want_reasons(_, words)
  local bit, how = words:match "^(%d+) (o[nf]f?)$"
  if how == "on" or how == "off" then return { [tonumber(bit)] = how == "on" } end
  return nil, "the number of a reason, and on or off, are expected here"
end

local function want_ports(_, words)
  local low, high = words:match "^(%d+) (%d+)$"
  if low then return { tonumber(low), tonumber(high) } end
  return nil, "two ports are expected here"
end

-- "segs" and the addresses.
local function want_srh(_, words)
  local list = words:match "^segs (%S+)$"
  if list then return want_addresses(nil, list) end
  return nil, "segs and addresses with commas between them are expected here"
end

-- "set" and the addresses, or "flush".
local function want_macs(_, words)
  local verb, rest = words:match "^(%a+)(.*)$"
  local list = {}
  if verb == "flush" and rest == "" then return list end
  for mac in (rest or ""):gmatch "%S+" do list[#list + 1] = mac end
  if verb == "set" then return list end
  return nil, "set ADDRESS..., or flush, is expected here"
end

-- What of the words behind the first one belongs to the same value: how they look, how many there are.
local MORE = {
  srh = { ".", 2 },
  map = { "^%d+:%d+$", math.huge }, ports = { "^%d+$", 2 }, reasons = { "^o[nf]f?$", 2 },
  macs = { "^%x%x?:%x%x?:%x%x?:%x%x?:%x%x?:%x%x?$", math.huge },
}

-- Whether the word goes on with the value of which there are so many words already.
function M.goes_on(entry, word, count)
  local more = MORE[entry.row.codec]
  return more ~= nil and word ~= nil and count < more[2] and word:match(more[1]) ~= nil
end

local READ = {
  srh = want_srh, flow = want_number_or_word, key = want_key, addresses = want_addresses, map = want_map,
  ports = want_ports, macs = want_macs, reasons = want_reasons,
  u8 = want_number, u16 = want_number, u32 = want_number, s32 = want_number, u64 = want_number,
  bool8 = want_flag, bool32 = want_flag, enum = want_name, table = want_table, address = want_address,
  prefix = want_prefix, mac = want_mac, lifetime = want_lifetime, netns = want_number_or_text,
  ipproto = want_number_or_text, string = want_text, ifname = want_text, dev = want_text,
  kind = want_text, via = want_address, milliseconds = want_milliseconds, group = want_group,
  words = want_words, realms = want_number_or_text,
  span = want_span, uidrange = want_span, user = want_number_or_text,
}

-- The value of a word under the entry; nil and what was expected.
function M.read(entry, word)
  return READ[entry.row.codec](entry.row, word, entry)
end

-- ---- printing ----------------------------------------------------------------------------------------

-- The number of a link is not its name: ip knows it as "if5".
function M.dev_word(value)
  return math.type(value) == "integer" and "if" .. value or tostring(value)
end

-- The host is where process 1 of the lab is. A descriptor has no word.
local function netns_word(value)
  if math.type(value) == "integer" or type(value) == "string" then return tostring(value) end
  if type(value) ~= "userdata" or io.type(value) then return nil end
  if value == require("netns").host then return "1" end
  return value.name:match "^pid (%d+)$" or value.name
end

local function flag_word(value)
  return value and "1" or "0"
end

local function group_word(value)
  local out = {}
  for i, member in ipairs(value) do
    local weight = type(member) == "table" and member.weight or 1
    local id = type(member) == "table" and member.id or member
    out[i] = weight == 1 and tostring(id) or ("%d,%d"):format(id, weight)
  end
  return table.concat(out, "/")
end

-- One user is a range for ip.
local function span_word(value)
  return math.type(value) and ("%d-%d"):format(value, value) or value
end

local function set_word(value)
  return type(value) == "table" and table.concat(value, ",") or value
end

local function map_words(map)
  local out = {}
  for from in pairs(map) do out[#out + 1] = from end
  table.sort(out)
  for i, from in ipairs(out) do out[i] = ("%d:%d"):format(from, map[from]) end
  return out
end

-- ip has words for one at a time.
local function reasons_words(reasons)
  local bit, on = next(reasons)
  if bit == nil or next(reasons, bit) ~= nil then return nil end
  return { tostring(bit), on and "on" or "off" }
end

local function macs_words(list)
  return #list == 0 and { "flush" } or { "set", table.unpack(list) }
end

local WRITE = { dev = M.dev_word, netns = netns_word, bool8 = flag_word, bool32 = flag_word,
                uidrange = span_word,
                group = group_word, words = set_word,
                milliseconds = function(value) return value .. "ms" end, map = map_words,
                macs = macs_words, reasons = reasons_words,
                srh = function(list) return { "segs", table.concat(list, ",") } end,
                addresses = function(list) return table.concat(list, ",") end,
                ports = function(ports) return { tostring(ports[1]), tostring(ports[2]) } end }

-- The word for a value under the entry, or a table of several; nil when there is none.
function M.write(entry, value)
  if entry.hexadecimal and math.type(value) == "integer" then return ("0x%02x"):format(value) end
  local write = WRITE[entry.row.codec]
  if write then return write(value) end
  if type(value) == "table" or type(value) == "boolean" then return nil end
  return tostring(value)
end

return M
