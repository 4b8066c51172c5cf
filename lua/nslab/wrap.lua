-- wrap: how wide a text is on a terminal, and how it breaks into lines. Pure functions over
-- strings; knows no colours, no events and no labs.

local wrap = {}

-- Code points that take no column or two; everything else takes one. Blocks, not single characters:
-- what a lab's prose can meet, not the whole of Unicode's table.
local WIDTHS = {
  { 0x0300, 0x036F, 0 }, { 0x0483, 0x0489, 0 }, { 0x0591, 0x05BD, 0 }, { 0x064B, 0x065F, 0 },
  { 0x1100, 0x115F, 2 }, { 0x1AB0, 0x1AFF, 0 }, { 0x1DC0, 0x1DFF, 0 }, { 0x200B, 0x200F, 0 },
  { 0x2028, 0x202E, 0 }, { 0x2060, 0x2064, 0 }, { 0x20D0, 0x20FF, 0 }, { 0x2E80, 0x303E, 2 },
  { 0x3041, 0x33FF, 2 }, { 0x3400, 0x4DBF, 2 }, { 0x4E00, 0x9FFF, 2 }, { 0xA000, 0xA4CF, 2 },
  { 0xA960, 0xA97F, 2 }, { 0xAC00, 0xD7A3, 2 }, { 0xF900, 0xFAFF, 2 }, { 0xFE00, 0xFE0F, 0 },
  { 0xFE20, 0xFE2F, 0 }, { 0xFE30, 0xFE6F, 2 }, { 0xFEFF, 0xFEFF, 0 }, { 0xFF00, 0xFF60, 2 },
  { 0xFFE0, 0xFFE6, 2 }, { 0x1F300, 0x1F64F, 2 }, { 0x1F680, 0x1F6FF, 2 }, { 0x1F900, 0x1FAFF, 2 },
  { 0x20000, 0x3FFFD, 2 }, { 0xE0100, 0xE01EF, 0 },
}

local function width_of(code)
  if code < 0x300 then return 1 end
  for _, range in ipairs(WIDTHS) do
    if code <= range[2] then return code >= range[1] and range[3] or 1 end
  end
  return 1
end

-- Columns that a line takes. Bytes that are no UTF-8 count as one each.
function wrap.width(line)
  if not line:find("[\x80-\xff]") then return #line end
  if not utf8.len(line) then return #line end
  local columns = 0
  for _, code in utf8.codes(line) do columns = columns + width_of(code) end
  return columns
end

-- Breaks words into lines of at most `columns` columns. The first line starts with `first`, the
-- others with `rest`. A word that is wider than a line stands on a line of its own, unbroken, so
-- that it can be copied.
function wrap.words(text, columns, first, rest)
  first, rest = first or "", rest or first or ""
  local lines, line, used, empty = {}, first, wrap.width(first), true
  for word in text:gmatch("[^ \t\n]+") do
    local wide = wrap.width(word)
    if not empty and used + 1 + wide > columns then
      lines[#lines + 1] = line
      line, used, empty = rest, wrap.width(rest), true
    end
    line = empty and line .. word or line .. " " .. word
    used, empty = used + wide + (empty and 0 or 1), false
  end
  if not empty then lines[#lines + 1] = line end
  return lines
end

-- The lines of a text, without their line ends and without trailing blanks.
function wrap.lines(text)
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch("(.-)[ \t\r]*\n") do lines[#lines + 1] = line end
  return lines
end

-- Takes away the indentation that the text has only because it stands in a program. A text may
-- start right behind its opening bracket; that line has no indentation to speak of.
function wrap.dedent(text)
  local lines, common = wrap.lines(text), nil
  for i, line in ipairs(lines) do
    local indent = #line:match("^ *")
    if line ~= "" and not (i == 1 and indent == 0) then
      common = math.min(common or indent, indent)
    end
  end
  for i, line in ipairs(lines) do
    if not (i == 1 and not line:find("^ ")) then lines[i] = line:sub((common or 0) + 1) end
  end
  while lines[1] == "" do table.remove(lines, 1) end
  while lines[#lines] == "" do lines[#lines] = nil end
  return table.concat(lines, "\n")
end

-- Splits a dedented text into blocks: { kind = "blank" }, { kind = "verbatim", text }, and
-- { kind = "flow", text, marker } where marker is "- " or "" and the text is to be wrapped.
local function blocks(text)
  local out, flow = {}, nil
  for _, line in ipairs(wrap.lines(text)) do
    local marker = line:match("^[-*] +") or line:match("^%d+%. +")
    local indent = #line:match("^ *")
    if line == "" then
      if #out > 0 and out[#out].kind ~= "blank" then out[#out + 1] = { kind = "blank" } end
      flow = nil
    elseif marker then
      flow = { kind = "flow", text = line:sub(#marker + 1), marker = marker }
      out[#out + 1] = flow
    elseif flow and (indent == 0 or indent == #flow.marker) then
      flow.text = flow.text .. "\n" .. line
    elseif indent > 0 then
      flow = nil
      out[#out + 1] = { kind = "verbatim", text = line }
    else
      flow = { kind = "flow", text = line, marker = "" }
      out[#out + 1] = flow
    end
  end
  return out
end

-- Lays out a dedented text: paragraphs and list items are wrapped, lines that are indented stay as they are.
-- Returns an array of lines, each starting with `indent`.
function wrap.prose(text, columns, indent)
  indent = indent or ""
  local lines = {}
  for _, block in ipairs(blocks(text)) do
    if block.kind == "blank" then
      lines[#lines + 1] = ""
    elseif block.kind == "verbatim" then
      lines[#lines + 1] = indent .. block.text
    else
      local hanging = indent .. (" "):rep(#block.marker)
      for _, line in ipairs(wrap.words(block.text, columns, indent .. block.marker, hanging)) do
        lines[#lines + 1] = line
      end
    end
  end
  return lines
end

-- As much of the line as fits into so many columns.
function wrap.cut(line, columns)
  if wrap.width(line) <= columns then return line end
  if not utf8.len(line) then return line:sub(1, columns) end
  local used, last = 0, 0
  for at, code in utf8.codes(line) do
    used = used + width_of(code)
    if used > columns then break end
    last = at + #utf8.char(code) - 1
  end
  return line:sub(1, last)
end

-- The line, filled up with blanks to `columns`.
function wrap.pad(line, columns)
  return line .. (" "):rep(columns - wrap.width(line))
end

return wrap
