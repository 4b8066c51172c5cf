-- wg: the commands of wireguard-tools. `wg set` takes secrets from files, so that they are in no list of
-- processes; what prints it hands them over on standard input, one for each command.

local grammar = require "nslab.words.grammar"
local shell = require "nslab.words.shell"

local M = {}

local function said(row) return row.words and not row.readonly end

-- The words of a link, and of a peer behind "peer KEY".
local function device() return grammar.make("wireguard", said) end
local function peer_of()
  return grammar.make("wireguard.peer", function(row) return said(row) and row.key ~= "public_key" end)
end

-- ---- reading -----------------------------------------------------------------------------------------

local function want_integer(reader, word, least)
  local v = word == "off" and least == 0 and 0 or math.tointeger(tonumber(word) or "")
  return v or reader:fail(word, "a number is expected here")
end

local function want_file(reader, path)
  local file = path ~= "/dev/stdin" and io.open(path)
  if not file then
    reader:fail(path, "the file of the key cannot be read",
                "wireguard.set takes the key itself: private_key = \"...\".")
  end
  local key = file:read "l"
  file:close()
  return key or ""
end

local function networks(word)
  local list = {}
  for network in word:gmatch "[^,]+" do list[#list + 1] = network end
  return list
end

local VALUE = {
  u16 = function(reader, word) return want_integer(reader, word, 0) end,
  u32 = function(reader, word) return want_integer(reader, word, 0) end,
  base64 = function(_, word) return word end,
  string = function(_, word) return word end,
  strings = function(_, word) return networks(word) end,
}

local function value_of(reader, entry, word)
  local text = reader:next(word)
  if entry.file then return want_file(reader, text) end
  return VALUE[entry.row.codec](reader, text)
end

-- The allowed addresses that wg is told are all there are.
local function read_row(reader, entry, options, word)
  if entry.how == "switch" then
    options[entry.row.key] = true
    return
  end
  reader:set(options, entry.row.key, value_of(reader, entry, word), word)
  if entry.row.key == "allowed_ips" then options.replace_allowed_ips = true end
end

local function read_set(reader, op)
  local of_device, of_peer = device(), peer_of()
  local peer
  op.options = {}
  while reader.at <= #reader.words do
    local word = reader:next()
    if word == "peer" then
      peer = { public_key = reader:next(word) }
      op.options.peers = op.options.peers or {}
      table.insert(op.options.peers, peer)
    else
      local entry = grammar.find(peer and of_peer or of_device, word)
      if not entry then reader:fail(word, "this word has no meaning here") end
      read_row(reader, entry, peer or op.options, word)
    end
  end
  if not next(op.options) then reader:fail("set", "nothing says what is to change") end
end

-- Whether it is one of those that are read: the others, in a namespace, are a program that is there or not.
local function is_ours(reader)
  local words = reader:rest()
  return words[1] == "set" or words[1] == "show" and #words == 2
end

-- The operation of the command behind "wg"; nil of one that only the program itself can carry out.
function M.read(reader, netns)
  if netns and not is_ours(reader) then return nil end
  local verb = reader.words[reader.at] and reader:next() or "show"
  local op = { module = "wireguard", netns = netns, verb = verb == "show" and "get" or verb }
  if verb ~= "set" and verb ~= "show" then
    reader:fail(verb, "nslab's wg has no such verb", "It has: set show.")
  end
  reader.op, reader.schema = "wireguard." .. op.verb, "wireguard"
  op.key = reader:next("wg " .. verb)
  if verb == "set" then
    read_set(reader, op)
  else
    reader:no_more()
    op.shown_as = "wg"
  end
  return op
end

-- ---- printing ----------------------------------------------------------------------------------------

local function word_for(row, v)
  if row.codec == "strings" then return table.concat(v, ",") end
  return tostring(v)
end

-- Adds the words of the rows; the secret goes to the line. nil when wg has no words for an option.
local function add_rows(line, g, options, implied)
  for _, row in ipairs(g.rows) do
    local v, entry = options[row.key], grammar.entry_for(g, row, true)
    if v ~= nil and row.codec ~= "peers" and not (entry.how == "switch" and not v) then
      table.insert(line.words, entry.word)
      if entry.file then line.secret = v end
      local text = entry.file and "/dev/stdin" or word_for(row, v)
      if entry.how ~= "switch" then table.insert(line.words, text) end
    end
  end
  for key in pairs(options) do
    local row = grammar.row(g.schema, key)
    if row and not row.words and not row.readonly and not implied[key] then return nil end
  end
  return line
end

-- `wg set` says of a peer that its addresses are all there are: for a new one that is the same.
local IMPLIED = { replace_allowed_ips = true }

local function set_lines(op)
  local function start() return { words = { "wg", "set", op.key } } end
  local line = add_rows(start(), device(), op.options, {})
  local lines, g = { line }, peer_of()
  for _, peer in ipairs(line and op.options.peers or {}) do
    if peer.preshared_key and line.secret then
      line = start()
      lines[#lines + 1] = line
    end
    table.move({ "peer", peer.public_key }, 1, 2, #line.words + 1, line.words)
    if not add_rows(line, g, peer, IMPLIED) then return nil end
  end
  return line and lines
end

-- The command line that the operation equals. inside(op, words) says it in the operation's namespace.
function M.command(op, inside)
  if op.verb == "get" then return inside(op, { "wg", "show", op.key }) end
  local lines = op.verb == "set" and op.options and set_lines(op)
  if not lines then return nil end
  for i, line in ipairs(lines) do
    local echo = line.secret and ("echo %s | "):format(shell.join { line.secret }) or ""
    lines[i] = echo .. inside(op, line.words)
  end
  return table.concat(lines, " && ")
end

-- ---- what is shown -----------------------------------------------------------------------------------

local UNITS = { { "day", 86400 }, { "hour", 3600 }, { "minute", 60 }, { "second", 1 } }

local function ago(seconds)
  local words = {}
  if seconds < 1 then return "Now" end
  for _, unit in ipairs(UNITS) do
    local n = seconds // unit[2]
    seconds = seconds % unit[2]
    if n > 0 then words[#words + 1] = ("%d %s%s"):format(n, unit[1], n == 1 and "" or "s") end
  end
  return table.concat(words, ", ") .. " ago"
end

local function bytes(n)
  if n < 1024 then return n .. " B" end
  for i, unit in ipairs { "KiB", "MiB", "GiB", "TiB" } do
    if n < 1024 ^ (i + 1) or unit == "TiB" then return ("%.2f %s"):format(n / 1024 ^ i, unit) end
  end
end

local function peer_lines(peer, add)
  add("preshared key", peer.preshared_key and "(hidden)")
  add("endpoint", peer.endpoint)
  local list = table.concat(peer.allowed_ips or {}, ", ")
  add("allowed ips", list == "" and "(none)" or list)
  add("latest handshake", peer.last_handshake and ago(os.time() - math.floor(peer.last_handshake)))
  if (peer.rx_bytes or 0) + (peer.tx_bytes or 0) > 0 then
    add("transfer", ("%s received, %s sent"):format(bytes(peer.rx_bytes), bytes(peer.tx_bytes)))
  end
  local every = peer.persistent_keepalive
  add("persistent keepalive", every and every > 0 and ("every %s"):format(ago(every):gsub(" ago$", "")))
end

-- What `wg show NAME` prints of what wireguard.get returned.
function M.shown(link)
  local out = { "interface: " .. link.name }
  local function add(label, v)
    if v then out[#out + 1] = ("  %s: %s"):format(label, v) end
  end
  add("public key", link.public_key)
  add("private key", link.private_key and "(hidden)")
  add("listening port", link.listen_port and link.listen_port > 0 and link.listen_port)
  add("fwmark", link.fwmark and link.fwmark > 0 and ("0x%x"):format(link.fwmark))
  for _, peer in ipairs(link.peers or {}) do
    out[#out + 1] = "\npeer: " .. peer.public_key
    peer_lines(peer, add)
  end
  return table.concat(out, "\n") .. "\n"
end

return M
