-- pieces: a line of words as a table of pieces, which is how format.kinds writes down what ip -d prints of
-- each kind of link. A piece is one word of a text, and stands for "WORD VALUE ":
--
--   id                     the word, and the value of the key of that name
--   local=local_address    the value of another key; of "ad_info.num_ports", one of a table within
--   hairpin=hairpin:on     how the value is written: a form of those below
--
-- What the kernel did not tell is left out, and so is what its form says nothing of. Each piece ends with a
-- blank: the last one too, as ip prints it.

local M = {}

local function number(v)
  if type(v) == "boolean" then return v and 1 or 0 end
  return tostring(v)
end

local function said(word, text)
  return text and word .. " " .. text .. " " or ""
end

local function hexadecimal(v)
  return math.type(v) == "integer" and ("0x%x"):format(v) or tostring(v)
end

local function nothing(v)
  return v == 0 or v == false or v == ""
end

-- Bits of group_fwd_mask that have a name.
local GROUPS = { [0] = "stp", [2] = "lacp", [14] = "lldp" }

local LACP = { [0] = "active", "short_timeout", "aggregating", "in_sync", "collecting", "distributing",
               "defaulted", "expired" }

local function bits(v, names)
  local out = {}
  for bit = 0, 15 do
    if v & 1 << bit ~= 0 then out[#out + 1] = names[bit] or ("0x%x"):format(1 << bit) end
  end
  return table.concat(out, ",")
end

-- A key of GRE, as an IPv4 address.
local function quad(v)
  if not math.type(v) then return v end
  return ("%d.%d.%d.%d"):format(v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255)
end

-- Each form: function(word, value) -> text, "" for nothing.
local FORMS = {
  [""] = function(word, v) return said(word, number(v)) end,
  on = function(word, v) return said(word, v and "on" or "off") end,
  flag = function(word, v) return v and word .. " " or "" end,
  unless = function(word, v) return v and "" or word .. " " end,
  either = function(word, v) return (v and "" or "no") .. word .. " " end,
  some = function(word, v) return nothing(v) and "" or said(word, number(v)) end,
  hex = function(word, v) return said(word, hexadecimal(v)) end,
  hex_0 = function(word, v) return said(word, v == 0 and "0" or hexadecimal(v)) end,
  some_hex = function(word, v) return nothing(v) and "" or said(word, hexadecimal(v)) end,
  hex2 = function(word, v) return said(word, math.type(v) and ("0x%02x"):format(v) or v) end,
  hex5 = function(word, v) return said(word, math.type(v) and ("0x%05x"):format(v) or v) end,
  -- In 1/100 s.
  timer = function(word, v) return said(word, ("%4d.%02d"):format(v // 100, v % 100)) end,
  or_none = function(word, v) return said(word, v == 0 and "none" or number(v)) end,
  group_bits = function(word, v) return said(word, v == 0 and "0x0" or bits(v, GROUPS)) end,
  link = function(word, v) return said(word, math.type(v) and "if" .. v or v) end,
  list = function(word, v) return #v > 0 and said(word, table.concat(v, ",")) or "" end,
  upper = function(word, v) return said(word, tostring(v):upper()) end,
  value = function(_, v) return number(v) .. " " end,
  or_inherit = function(word, v) return said(word, v == 0 and "inherit" or v) end,
  quad = function(word, v) return said(word, quad(v)) end,
  some_quad = function(word, v) return v == 0 and "" or said(word, quad(v)) end,
  other = function(word, v) return v == "unset" and "" or said(word, v) end,
  other_value = function(_, v) return v == "null" and "" or tostring(v) .. " " end,
  lacp = function(word, v) return said(word, "<" .. bits(v, LACP) .. ">") end,
}

local function compile(text)
  local out = {}
  for piece in text:gmatch "%S+" do
    local name, form = piece:match "^([^:]+):?(.*)$"
    local word, path = name:match "^(.-)=(.+)$"
    out[#out + 1] = { word = word or name, path = path or name, form = assert(FORMS[form], piece) }
  end
  return out
end

local function at(options, path)
  for key in path:gmatch "[^.]+" do
    if options == nil then return nil end
    options = options[key]
  end
  return options
end

local compiled = {} -- text -> its pieces

-- Lua: text(pieces, options) -> what they say of the options. Each of pieces is a text, or a
-- function(options) that returns one.
function M.text(pieces, options)
  local out = {}
  for _, part in ipairs(type(pieces) == "table" and pieces or { pieces }) do
    if type(part) == "function" then
      out[#out + 1] = part(options)
    else
      compiled[part] = compiled[part] or compile(part)
      for _, piece in ipairs(compiled[part]) do
        local v = at(options, piece.path)
        if v ~= nil then out[#out + 1] = piece.form(piece.word, v) end
      end
    end
  end
  return table.concat(out)
end

return M
