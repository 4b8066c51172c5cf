-- ss: socket.list as a command of ss, and such commands as operations. nslab shows numbers in any case
-- (-n), and names no services.

local shell = require "nslab.words.shell"

local M = {}

-- What stands for what: letters in their order, which is that of ss's own examples.
local PROTOCOLS = { { "t", "tcp" }, { "u", "udp" }, { "w", "raw" }, { "x", "unix" } }
local LETTERS = { t = "tcp", u = "udp", w = "raw", x = "unix" }
local LONG = { tcp = "t", udp = "u", raw = "w", unix = "x", all = "a", listening = "l", numeric = "n",
               processes = "p", ipv4 = "4", ipv6 = "6", net = "N" }
local STATES = {
  listening = "LISTEN", established = "ESTAB", unconnected = "UNCONN", closed = "UNCONN",
  ["syn-sent"] = "SYN-SENT", ["syn-recv"] = "SYN-RECV", ["fin-wait-1"] = "FIN-WAIT-1",
  ["fin-wait-2"] = "FIN-WAIT-2", ["time-wait"] = "TIME-WAIT", ["close-wait"] = "CLOSE-WAIT",
  ["last-ack"] = "LAST-ACK", closing = "CLOSING",
}
local WORDS = { UNCONN = "unconnected" }
for word, state in pairs(STATES) do WORDS[state] = WORDS[state] or word end

-- ---- printing ------------------------------------------------------------------------------------------

local function letters_of(o)
  local wanted, out = {}, ""
  local given = type(o.protocol) == "table" and o.protocol or { o.protocol }
  for _, name in ipairs(given) do wanted[name] = true end
  if not next(wanted) then wanted = { tcp = true, udp = true } end
  for _, pair in ipairs(PROTOCOLS) do
    if wanted[pair[2]] then out = out .. pair[1] end
  end
  return out
end

-- What either end may have, and what one has: expressions of ss's filter.
local function expressions(o)
  local out = {}
  local function add(...) out[#out + 1] = { ... } end
  if o.port then add("sport", "=", tostring(o.port), "or", "dport", "=", tostring(o.port)) end
  if o.address then add("src", o.address, "or", "dst", o.address) end
  for _, key in ipairs { "sport", "dport" } do
    if o[key] then add(key, "=", tostring(o[key])) end
  end
  for _, key in ipairs { "src", "dst" } do
    if o[key] then add(key, o[key]) end
  end
  return out
end

-- Lua: command(op) -> the line, or nil for what ss cannot be asked for.
function M.command(op)
  local o, words = op.options or {}, { "ss" }
  if op.netns and op.netns ~= "host" then
    if op.netns:match "^pid " then return nil end
    words = { "ss", "-N", op.netns }
  end
  if o.uid then return nil end
  local shown = o.listening and "l" or o.listening == nil and "a" or ""
  words[#words + 1] = ("-%sn%s%s"):format(letters_of(o), shown, o.processes == false and "" or "p")
  if o.family then words[#words + 1] = o.family == "inet6" and "-6" or "-4" end
  if o.state then table.move({ "state", WORDS[o.state:upper()] }, 1, 2, #words + 1, words) end
  local all = expressions(o)
  for i, one in ipairs(all) do
    local several = #all > 1 and #one > 3
    if i > 1 then words[#words + 1] = "and" end
    if several then words[#words + 1] = "(" end
    table.move(one, 1, #one, #words + 1, words)
    if several then words[#words + 1] = ")" end
  end
  return shell.join(words)
end

-- ---- reading -------------------------------------------------------------------------------------------

local function read_letter(reader, op, letter, word, found)
  local o = op.options
  if LETTERS[letter] then
    found[LETTERS[letter]] = true
  elseif letter == "4" or letter == "6" then
    o.family = letter == "6" and "inet6" or "inet"
  elseif letter == "a" or letter == "l" or letter == "p" then
    found[letter] = true
  elseif letter == "N" then
    op.netns = reader:next(word)
  elseif letter ~= "n" then
    reader:fail(word, "nslab's ss has no such option", "It has: -t -u -w -x -a -l -n -p -4 -6 -N NETNS.")
  end
end

local function read_options(reader, op, found)
  while (reader.words[reader.at] or ""):match "^%-" do
    local word = reader:next()
    local long = word:match "^%-%-(.+)$"
    for letter in (long and (LONG[long] or "?") or word:sub(2)):gmatch "." do
      read_letter(reader, op, letter, word, found)
    end
  end
end

local function port_of(reader, word)
  local text = reader:next(word)
  if text == "=" or text == "==" or text == "eq" then text = reader:next(text) end
  local number = math.tointeger(tonumber(text:match "^:?(%d+)$"))
  return number or reader:fail(text, "the number of a port is expected here")
end

local function read_term(reader, out)
  local word = reader:next()
  if word == "sport" or word == "dport" then
    out[word] = port_of(reader, word)
  elseif word == "src" or word == "dst" then
    local text = reader:next(word)
    out[word] = text == "=" and reader:next(text) or text
  else
    reader:fail(word, "this word has no meaning here",
                "Words that have one: state sport dport src dst and or.")
  end
end

-- "sport = 22 or dport = 22" is one thing, and so is the same of src and dst; others go with "and".
local function read_filter(reader, o)
  while reader.words[reader.at] do
    if reader.words[reader.at] == "(" then reader.at = reader.at + 1 end
    local terms = {}
    read_term(reader, terms)
    if reader.words[reader.at] == "or" then
      reader.at = reader.at + 1
      read_term(reader, terms)
      local either = terms.sport or terms.src
      if not either or either ~= (terms.sport and terms.dport or terms.dst) then
        reader:fail("or", "nslab knows it between the two ends of one port or address")
      end
      terms = { port = terms.sport, address = terms.src }
    end
    for key, v in pairs(terms) do o[key] = v end
    if reader.words[reader.at] == ")" then reader.at = reader.at + 1 end
    if reader.words[reader.at] == "and" then reader.at = reader.at + 1 end
  end
end

local function protocols(reader, found)
  local out = {}
  for _, pair in ipairs(PROTOCOLS) do
    if found[pair[2]] then out[#out + 1] = pair[2] end
  end
  if #out == 0 then reader:fail("ss", "which sockets?", "-t: TCP, -u: UDP, -w: raw, -x: unix.") end
  if #out == 2 and found.tcp and found.udp then return nil end
  return #out == 1 and out[1] or out
end

-- The operation of an `ss` command behind its first word.
function M.read(reader, netns)
  local op, found = { module = "socket", verb = "list", netns = netns, options = {} }, {}
  reader.op = "socket.list"
  read_options(reader, op, found)
  op.options.protocol = protocols(reader, found)
  if found.l then op.options.listening = true elseif not found.a then op.options.listening = false end
  if not found.p then op.options.processes = false end
  if reader.words[reader.at] == "state" then
    local state = reader.words[reader.at + 1] or ""
    op.options.state = STATES[state] or reader:fail(state, "this is no state of a socket")
    reader.at, op.options.listening = reader.at + 2, nil
  end
  read_filter(reader, op.options)
  return op
end

return M
