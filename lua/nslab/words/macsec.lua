-- macsec: `ip macsec`, whose words stand in the rows of the module macsec; what goes before them, tx or rx,
-- says what is meant, and a key is two words.

local grammar = require "nslab.words.grammar"
local shell = require "nslab.words.shell"

local M = {}

local function said(row)
  return row.words and not row.readonly
end

-- Whether the options speak of a sender that is listened to.
local function receives(options)
  return (options.sci or options.port or options.address) ~= nil
end

-- What stands without a word.
M.ALONE = { key = "dev", row = "dev", keyword = {} }

-- The words of its options.
function M.grammar()
  return grammar.make("macsec", said)
end

local function read_options(reader, options)
  local g = M.grammar()
  while reader.at <= #reader.words do
    local word = reader:next()
    local entry = grammar.find(g, word)
    if not entry then reader:fail(word, "this word has no meaning here") end
    reader:entry(entry, options, word)
    if entry.row.key == "key_id" then reader:set(options, "key", reader:next(options.key_id), word) end
  end
end

local function read_show(reader, netns)
  local dev = reader.words[reader.at] and reader:next()
  reader:no_more()
  return { module = "macsec", netns = netns, verb = dev and "get" or "list", key = dev }
end

-- The operation of the command, behind "ip macsec" and the verb.
function M.read(reader, netns, verb)
  reader.schema, reader.op = "macsec", "macsec." .. verb
  if verb == "list" then return read_show(reader, netns) end
  local op = { module = "macsec", netns = netns, verb = verb, key = reader:next(verb), options = {} }
  local way = reader:next(op.key)
  if way ~= "tx" and way ~= "rx" then reader:fail(way, "tx or rx is expected here") end
  read_options(reader, op.options)
  if (way == "rx") ~= receives(op.options) then
    reader:fail(way, way == "rx" and "nothing says which sender: port N address ADDRESS" or
                     "one's own channel is that of the link")
  end
  if way == "tx" and not op.options.sa then reader:fail(way, "nothing says which association: sa 0") end
  return op
end

-- The command of an operation. The printer, of nslab.words.print, has the words that name the program and the
-- namespace.
function M.command(op, printer)
  if op.verb == "list" or op.verb == "get" then
    printer:add("macsec", "show", op.key)
    return shell.join(printer.words)
  end
  local options = {}
  for key, v in pairs(op.options or options) do options[key] = v end
  local id, key = options.key_id, options.key
  options.key_id, options.key = nil, nil
  if (id == nil) ~= (key == nil) or not op.key then return nil end
  printer:add("macsec", op.verb == "delete" and "del" or op.verb, op.key, receives(options) and "rx" or "tx")
  printer:nested("macsec", options)
  if key then printer:add("key", id, key) end
  return not printer.impossible and shell.join(printer.words) or nil
end

return M
