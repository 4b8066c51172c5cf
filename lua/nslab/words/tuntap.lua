-- tuntap: `ip tuntap`, which makes, removes and lists tun and tap links. Its words stand in the rows of
-- link.tun.

local grammar = require "nslab.words.grammar"
local shell = require "nslab.words.shell"

local M = {}

local function said(row)
  return row.words and not row.readonly
end

-- What stands without a word.
M.ALONE = { key = "name", row = "name", keyword = { "dev", "name" } }

-- The words of its options.
function M.grammar()
  return grammar.make("link.tun", said)
end

-- The kernel has no queue but one since 3.8: the word says nothing.
local PASSED_OVER = { one_queue = true }

local function options_of(reader, op)
  local g, options = M.grammar(), {}
  while reader.at <= #reader.words do
    local word = reader:next()
    local entry = grammar.find(g, word)
    if entry then
      reader:entry(entry, options, word)
    elseif word == "dev" or word == "name" then
      op.key = reader:next(word)
    elseif not PASSED_OVER[word] then
      if op.key then reader:fail(word, "this word has no meaning here") end
      op.key = word
    end
  end
  return options
end

-- The operation of the command, behind "ip tuntap" and the verb.
function M.read(reader, netns, verb)
  local op = { module = "link", netns = netns, verb = verb }
  reader.schema, reader.op = "link.tun", "link." .. op.verb
  local options = options_of(reader, op)
  if op.verb == "list" then
    op.key, op.options, op.shown_as = nil, { type = "tun" }, "tuntap" -- whatever else was said, as ip does
    return op
  end
  if op.verb == "add" then
    if not options.mode then reader:fail("tuntap add", "mode is missing: tun or tap?") end
    op.key, op.options = op.key or options.mode .. "%d", { tun = options }
  elseif not op.key then
    reader:fail("tuntap del", "the name is missing")
  end
  return op
end

-- The command of an operation that makes one. The printer, of nslab.words.print, has the words that name the
-- program and the namespace: ip makes the link there and nowhere else.
function M.command(op, printer)
  for key in pairs(op.options) do
    if key ~= "tun" and key ~= "type" and key ~= "netns" then return nil end
  end
  printer:add("tuntap", "add", "dev", op.key)
  printer:nested("link.tun", op.options.tun)
  return not printer.impossible and shell.join(printer.words) or nil
end

-- ---- what is shown -----------------------------------------------------------------------------------

local FLAGS = { "pi", "multi_queue", "vnet_hdr", "persist" }

local function one(link)
  local tun = link.tun
  local words = { link.name .. ":", tun.mode }
  for _, flag in ipairs(FLAGS) do
    if tun[flag] then words[#words + 1] = flag end
  end
  if tun.pi then words[#words + 1] = "filter" end -- two flags of one number, which ip shows both
  for _, key in ipairs { "user", "group" } do
    if tun[key] then words[#words + 1] = ("%s %d"):format(key, tun[key]) end
  end
  return table.concat(words, " ")
end

-- What `ip tuntap` prints of those links.
function M.shown(links)
  local lines = {}
  for i, link in ipairs(links) do lines[i] = one(link) .. "\n" end
  return table.concat(lines)
end

return M
