-- reader: walks the words of one command and collects the values of rows. It knows no command; what
-- has a meaning where comes from a grammar.

local grammar = require "nslab.words.grammar"
local trouble = require "nslab.words.trouble"
local value = require "nslab.words.value"

-- A reader: words, at (the next one), op (what errors name), schema (whose rows), finds (a filter is
-- read, not what is to be made), family (that -4 or -6 asked for), key (found so far).
local Reader = {}
Reader.__index = Reader

function Reader.new(words, at)
  return setmetatable({ words = words, at = at, op = "sh" }, Reader)
end

function Reader:fail(word, text, hint)
  trouble.raise(word, text, hint, self.op)
end

-- The next word, which must be there: `after` is the one that needs it.
function Reader:next(after)
  local word = self.words[self.at]
  if not word then self:fail(after, "something must follow this word") end
  self.at = self.at + 1
  return word
end

function Reader:rest()
  return table.move(self.words, self.at, #self.words, 1, {})
end

function Reader:no_more()
  local word = self.words[self.at]
  if word then self:fail(word, "this word has no meaning here") end
end

-- ---- values ------------------------------------------------------------------------------------------

function Reader:set(options, key, v, word)
  if options[key] ~= nil then self:fail(word, "this is here twice") end
  options[key] = v
end

-- "1/0xff": the part behind the slash is another row's.
function Reader:slash(entry, options, word)
  local head, tail = word:match "^([^/]*)/(.*)$"
  if not head then return word end
  local v, reason = value.read({ row = grammar.row(self.schema, entry.slash) }, tail)
  if v == nil then self:fail(tail, reason) end
  self:set(options, entry.slash, v, word)
  return head
end

-- "mtu lock 1400"
function Reader:lock(entry, options, word)
  options.lock = options.lock or {}
  table.insert(options.lock, (entry.row.key:gsub("_ms$", "")))
  return self:next(word)
end

-- What stands behind the word of the entry.
function Reader:value(entry, options, word)
  local text = self:next(word)
  if entry.second then
    if text ~= entry.second then self:fail(text, entry.second .. " is expected here") end
    text = self:next(text)
  end
  if entry.filler and text == entry.filler then text = self:next(text) end
  if entry.how == "choice" then
    if text ~= entry.yes and text ~= entry.no then
      self:fail(text, ("%s or %s is expected here"):format(entry.yes, entry.no))
    end
    return text == entry.yes
  end
  if entry.slash then text = self:slash(entry, options, text) end
  if entry.lockable and text == "lock" then text = self:lock(entry, options, text) end
  if entry.row.codec == "via" and (text == "inet" or text == "inet6") then text = self:next(text) end
  local count = 1
  while value.goes_on(entry, self.words[self.at], count) do
    text, count = text .. " " .. self:next(), count + 1
  end
  local v, reason = value.read(entry, text)
  if v == nil then self:fail(text, reason) end
  return v
end

-- ---- nests -------------------------------------------------------------------------------------------

local function said(row)
  return row.words and not row.readonly
end

-- Everything from here on belongs to another schema: a kind's options, the other end of a veth; or what
-- comes before the word `stop`.
function Reader:nested(schema, stop)
  local outer = self.schema
  local named = grammar.row(schema, "name")
  self.schema = schema
  local g = grammar.make(schema, function(row) return said(row) and row ~= named end)
  local options = self:options(g, named and { key = "name", keyword = { "name", "dev" } }, stop)
  self.schema = outer
  return options
end

-- "nexthop via A nexthop via B": to the end, one after another.
function Reader:nexthops(row, options, word)
  if self.at > #self.words then self:fail(word, "something must follow this word") end
  options[row.key] = options[row.key] or {}
  table.insert(options[row.key], self:nested(row.schema, word))
end

-- "type bridge ...": what follows are the options of that kind, if it has rows.
function Reader:kind(options, kind)
  local row = grammar.row(self.schema, kind)
  if self.at > #self.words then
    self:set(options, "type", kind, kind)
  elseif row and row.codec == "kind" and row.schema then
    options[kind] = self:nested(row.schema)
  else
    self:fail(self.words[self.at], ("nslab has no options for a %s"):format(kind))
  end
end

-- "encap ip id 5 dst 10.0.0.9 via ...": as far as the words are of that kind. Labels stand without one.
function Reader:encap(row, options, word)
  local kind = self:next(word)
  local inner = grammar.row(row.schema, kind)
  if not inner or inner.readonly then
    self:fail(kind, "nslab cannot make this encapsulation", "It has: mpls ip ip6 seg6 seg6local xfrm.")
  end
  local its, g = {}, grammar.make(inner.schema, said)
  if kind == "mpls" then its.labels = self:next(kind) end
  while self.words[self.at] do
    local entry = grammar.find(g, self.words[self.at])
    if not entry then break end
    self:entry(entry, its, self:next())
  end
  self:set(options, row.key, { [kind] = its }, word)
end

local function only_name(options)
  return next(options) == "name" and next(options, "name") == nil
end

-- ---- words -------------------------------------------------------------------------------------------

-- ip leaves out what only IPv6 has when it has not seen an IPv6 address before it.
function Reader:meant_for_ipv6()
  return self.family == "inet6" or tostring(self.key):find(":", 1, true)
end

function Reader:entry(entry, options, word)
  local row = entry.row
  if row.codec == "nest" then
    local inner = self:nested(row.schema)
    options[row.key] = only_name(inner) and inner.name or inner
  elseif row.codec == "nexthops" then
    self:nexthops(row, options, word)
  elseif row.codec == "encap" then
    self:encap(row, options, word)
  elseif entry.how == "switch" then
    if not entry.ipv6 or self.finds or self:meant_for_ipv6() then options[row.key] = entry.value end
  elseif row.codec == "kind" and not self.finds then
    self:kind(options, self:value(entry, options, word))
  else
    self:set(options, row.key, self:value(entry, options, word), word)
  end
end

-- "-tentative" in a filter: those that are not.
function Reader:negated(g, word)
  local entry = self.finds and word:sub(1, 1) == "-" and grammar.find(g, word:sub(2))
  return entry and entry.how == "switch" and entry
end

local function listed(g)
  local out = {}
  for _, entry in ipairs(g.entries) do out[#out + 1] = entry.word end
  return #out > 0 and "Words that have one: " .. table.concat(out, " ") .. "." or nil
end

-- The word itself, or the one behind it when it is "to", "dev" or the like; and a type between them.
function Reader:behind_keyword(g, keywords, options, word)
  for _, keyword in ipairs(keywords) do
    if word == keyword then
      word = self:next(word)
      if g.schema == "route" and (word == "root" or word == "match") then return nil end
      if word == "exact" then word = self:next(word) end
      local bare = grammar.bare(g, word)
      if not bare then return word end
      options[bare.key] = word
      return self:next(word)
    end
  end
  return word
end

-- What no word announces: a type, the value that stands alone, or a mistake.
function Reader:alone(g, alone, options, word)
  local bare = grammar.bare(g, word)
  local known = alone and (options[alone.key] or alone.is_key and self.key)
  if bare and options[bare.key] == nil and (not known or alone.bare) then
    options[bare.key] = word
    return
  end
  if not alone or known then self:fail(word, "this word has no meaning here", listed(g)) end
  for _, lacked in ipairs(alone.lacks or {}) do
    if word == lacked then self:fail(word, "nslab cannot select by this", listed(g)) end
  end
  word = self:behind_keyword(g, alone.keyword, options, word)
  if not word then -- "to root 10.0.0.0/8": the word behind it says what is meant
    self.at = self.at - 1
    return
  end
  local v, reason = value.read({ row = grammar.row(self.schema, alone.row or alone.key) }, word)
  if v == nil then self:fail(word, "this word has no meaning here, and " .. reason, listed(g)) end
  if alone.is_key then
    self.key = v
  else
    options[alone.key] = v
  end
end

-- The options that the words up to the end say. `alone` is what stands without a word: its key (which
-- is the operation's when is_key is set), row, keyword; `bare`: words that may be left out may be so behind
-- it too. The word `stop` ends them.
function Reader:options(g, alone, stop)
  local options = {}
  while self.at <= #self.words and not (stop and self.words[self.at] == stop) do
    local word = self:next()
    local entry, off = grammar.find(g, word), self:negated(g, word)
    if entry then
      self:entry(entry, options, word)
    elseif off then
      options[off.row.key] = not off.value
    else
      self:alone(g, alone, options, word)
    end
  end
  return options
end

return Reader
