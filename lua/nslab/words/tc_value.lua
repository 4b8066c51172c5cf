-- tc_value: times, rates, sizes and shares as words of tc, and back.

local M = {}

-- ---- reading -----------------------------------------------------------------------------------------

-- "1.5ms" -> 1.5, "ms"; nil for what does not begin with a number.
local function split(word)
  local number, unit = word:match "^([+-]?%d+%.?%d*)(.*)$"
  if not number then number, unit = word:match "^([+-]?%.%d+)(.*)$" end
  return tonumber(number), unit
end

-- An integer where it is one.
local function whole(v)
  return math.tointeger(v) or v
end

-- Of so many decimals as make sense: 0.1 + 0.2 is 0.3.
local function rounded(v)
  return whole(tonumber(("%.15g"):format(v)))
end

local function scaled(units, expected)
  return function(word)
    local v, unit = split(word)
    local scale = v and units[unit:lower()]
    if not scale then return nil, expected .. " is expected here" end
    return rounded(v * scale)
  end
end

local time = scaled({
  [""] = 1e-3, us = 1e-3, usec = 1e-3, usecs = 1e-3, ms = 1, msec = 1, msecs = 1, s = 1e3, sec = 1e3,
  secs = 1e3, ns = 1e-6, nsec = 1e-6, nsecs = 1e-6,
}, "a time such as 20ms")

-- Bits by thousands, or with an i by 1024; bps are bytes. Read as megabits.
local RATES = { [""] = 1e-6 }
for i, prefix in ipairs { "", "k", "m", "g", "t" } do
  RATES[prefix .. "bit"], RATES[prefix .. "bps"] = 1000 ^ (i - 1) / 1e6, 8 * 1000 ^ (i - 1) / 1e6
  if prefix ~= "" then
    RATES[prefix .. "ibit"], RATES[prefix .. "ibps"] = 1024 ^ (i - 1) / 1e6, 8 * 1024 ^ (i - 1) / 1e6
  end
end
local rate = scaled(RATES, "a rate such as 10mbit")

local size = scaled({
  [""] = 1, b = 1, k = 1 << 10, kb = 1 << 10, m = 1 << 20, mb = 1 << 20, g = 1 << 30, gb = 1 << 30,
  kbit = 1 << 7, mbit = 1 << 17, gbit = 1 << 27,
}, "a size such as 10k")

local percent = scaled({ [""] = 1, ["%"] = 1 }, "a share such as 1%")

local function number(word)
  local v = math.tointeger(tonumber(word))
  if v then return v end
  return nil, "a number is expected here"
end

local function share(word)
  local v = tonumber(word)
  if v then return whole(v) end
  return nil, "a number such as 0.02 is expected here"
end

local function text(word)
  return word
end

local function flag(word)
  local v = number(word)
  if v then return v ~= 0 end
  return nil, "0 or 1 is expected here"
end

-- A number stays one.
local function number_or_text(word)
  return number(word) or word
end

-- tc reads these masks as decimal numbers, the others as hexadecimal ones.
local DECIMAL = { icmp_type = true, icmp_code = true, arp_op = true }

-- "64", "0x40/0xf0", "80-90"
local function masked(word, row)
  local v = number(word)
  if v then return v end
  local bits, mask = word:match "^(%w+)/(%w+)$"
  if bits and not DECIMAL[row.key] and not mask:match "^0x" then return bits .. "/0x" .. mask end
  if word:match "^%w+[/-]%w+$" or word:match "^%a+$" then return word end
  return nil, "a number, or one and its mask, is expected here"
end

-- "1" is the qdisc 1:, as its own handle.
local function handle(word, row)
  return row.key == "handle" and word:match "^%x+$" and word .. ":" or word
end

-- "30" is hexadecimal already, and so is "0x30".
local function minor(word)
  local digits = word:match "^0x(%x+)$" or word:match "^(%x+)$"
  if digits then return digits end
  return nil, "the number of a class is expected here"
end

local READ = {
  time = time, rate = rate, size = size, percent = percent, u8 = number, u16 = number, u32 = number,
  s32 = number, u64 = number, number = number, bool8 = flag, fhandle = number_or_text,
  enum = number_or_text, share = share, minor = minor, masked = masked, handle = handle,
}

-- The value of a word for the row, a number in hexadecimal if so; nil and what was expected.
function M.read(row, word, hexadecimal)
  if hexadecimal and word:match "^%x+$" then return tonumber(word, 16) end
  return (READ[row.codec] or text)(word, row)
end

-- ---- printing ----------------------------------------------------------------------------------------

-- The largest unit in which it has no long fraction.
local function in_units(v, units)
  for _, unit in ipairs(units) do
    local scaled_v = ("%.15g"):format(v / unit[1])
    if v >= unit[1] and #scaled_v <= 6 then return scaled_v .. unit[2] end
  end
  local last = units[#units]
  return ("%.15g%s"):format(v / last[1], last[2])
end

local TIMES = { { 1000, "s" }, { 1, "ms" }, { 1e-3, "us" }, { 1e-6, "ns" } }
local SPEEDS = { { 1e3, "gbit" }, { 1, "mbit" }, { 1e-3, "kbit" }, { 1e-6, "bit" } }

local WRITE = {
  time = function(v) return v == 0 and "0" or in_units(v, TIMES) end,
  rate = function(v) return v == 0 and "0" or in_units(v, SPEEDS) end,
  percent = function(v) return ("%.10g%%"):format(v) end,
}

-- The word for a value of the row; nil when there is none.
function M.write(row, v)
  if type(v) == "table" or type(v) == "boolean" then return nil end
  local write = WRITE[row.codec]
  if write and type(v) == "number" then return write(v) end
  local number_text, mask = tostring(v):match "^(%w+)/(0x%x+)$"
  if mask and DECIMAL[row.key] then return ("%s/%d"):format(number_text, tonumber(mask)) end
  return tostring(v)
end

return M
