-- grammar: the command words that stand in the rows, taken apart. lua/nslab/words.lua says how they are
-- written.

local core = require "nslab.core"

local M = {}

local schemas -- read when first needed: nothing changes them
local rows_of = {} -- schema name -> key -> row

function M.schema(name)
  schemas = schemas or core.schemas()
  return schemas[name]
end

function M.row(schema, key)
  if not rows_of[schema] then
    rows_of[schema] = {}
    for _, row in ipairs(M.schema(schema).rows) do rows_of[schema][row.key] = row end
  end
  return rows_of[schema][key]
end

-- ---- one spelling --------------------------------------------------------------------------------

-- "a*ddress" -> { word = "address", least = 1 }
function M.abbreviable(text)
  local star = text:find("*", 1, true)
  return { word = (text:gsub("*", "")), least = star and star - 1 or #text }
end

-- How a spelling is read, by what it looks like: pattern, and what to make of the captures.
local FORMS = {
  { "^%[(%S+)%]$", function(e) e.how, e.optional = "value", true end },
  { "^!(%S+)$", function(e) e.how, e.value = "switch", false end },
  { "^(%S+) =(%S+)$", function(e, second) e.how, e.second = "value", second end },
  { "^(%S+) %?(%S+)$", function(e, filler) e.how, e.filler = "value", filler end },
  { "^(%S+) ~(%S+)$", function(e, names) e.how, e.loose = "value", names end },
  { "^(%S+) 6$", function(e) e.how, e.value, e.ipv6 = "switch", true, true end },
  { "^(%S+) <$", function(e) e.how, e.file = "value", true end },
  { "^(%S+) %+lock$", function(e) e.how, e.lockable = "value", true end },
  { "^(%S+) 0x$", function(e) e.how, e.hexadecimal = "value", true end },
  { "^([^%s/]+)/(%S+)$", function(e, key) e.how, e.slash = "value", key end },
  { "^(%S+) (%S+)|(%S+)$", function(e, yes, no) e.how, e.yes, e.no = "choice", yes, no end },
}

-- The entries that one spelling makes: two for "up|down".
local function spelling(row, text)
  local yes, no = text:match "^([^%s|]+)|([^%s|]+)$"
  if yes then
    return { word = yes, least = #yes, how = "switch", value = true, row = row },
           { word = no, least = #no, how = "switch", value = false, row = row }
  end
  for _, form in ipairs(FORMS) do
    local captures = table.pack(text:match(form[1]))
    if captures[1] then
      local entry = M.abbreviable(captures[1])
      form[2](entry, table.unpack(captures, 2))
      entry.row = row
      return entry
    end
  end
  local entry = M.abbreviable(text)
  entry.row = row
  entry.how = row.codec == "bit" and "switch" or "value"
  if row.codec == "bit" then entry.value = true end
  return entry
end

-- Every way to say a row: "b*roadcast, brd" -> two entries.
function M.entries(row, words)
  local entries = {}
  for text in ((words or row.words or "") .. ","):gmatch "%s*([^,]+)," do
    for _, entry in ipairs { spelling(row, text) } do entries[#entries + 1] = entry end
  end
  return entries
end

-- Whether the word is the entry's, or an abbreviation of it.
function M.matches(entry, word)
  return #word >= entry.least and entry.word:sub(1, #word) == word
end

-- ---- the words of one command --------------------------------------------------------------------

-- A grammar: { schema, rows (in order), entries (in order) } of those rows of the schema for which
-- wanted(row) holds. `words` says other words than the rows do, by key.
function M.make(schema, wanted, words)
  local grammar = { schema = schema, rows = {}, entries = {} }
  for _, row in ipairs(M.schema(schema).rows) do
    if wanted(row) then
      grammar.rows[#grammar.rows + 1] = row
      for _, entry in ipairs(M.entries(row, words and words[row.key])) do
        grammar.entries[#grammar.entries + 1] = entry
      end
    end
  end
  return grammar
end

function M.find(grammar, word)
  for _, entry in ipairs(grammar.entries) do
    if not entry.optional and M.matches(entry, word) then return entry end
  end
  for _, entry in ipairs(grammar.entries) do
    if entry.optional and M.matches(entry, word) then return entry end
  end
end

-- The row one of whose values the word is, where those can stand without a word before them.
function M.bare(grammar, word)
  for _, entry in ipairs(grammar.entries) do
    for _, name in ipairs(entry.optional and entry.row.names or {}) do
      if name == word and not M.find(grammar, word) then return entry.row end
    end
  end
end

-- The first way to say the row; the one for that value where several are switches.
function M.entry_for(grammar, row, value)
  for _, entry in ipairs(grammar.entries) do
    if entry.row == row and (entry.how ~= "switch" or entry.value == value) and
       (value ~= false or entry.how ~= "value" or row.type == "boolean") then
      return entry
    end
  end
end

return M
