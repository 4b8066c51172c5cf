-- bridge_link: reads `bridge link`, which says the options of a bridge's port in words of its own. What it
-- sets is what `ip link set dev X type bridge_slave` sets; so it is printed.

local grammar = require "nslab.words.grammar"

local M = {}

-- The rows of a port that bridge has words for.
local SAYS = {
  cost = true, priority = true, state = true, guard = true, hairpin = true, mcast_fast_leave = true,
  root_block = true, learning = true, flood = true, mcast_router = true, mcast_flood = true,
  bcast_flood = true, mcast_to_unicast = true, neigh_suppress = true, vlan_tunnel = true,
  isolated = true, locked = true, backup_port = true,
}
-- bridge knows one spelling of each.
local SPELLED = { mcast_fast_leave = "fastleave on|off" }

M.VERBS = { { "s*et", "set" }, { "c*hange", "set" }, { "sh*ow", "list" }, { "l*ist", "list" },
            { "ls*t", "list" } }

local SCHEMA = "link.bridge_slave"

function M.grammar()
  return grammar.make(SCHEMA, function(row) return SAYS[row.key] end, SPELLED)
end

local function read_set(reader, op)
  local g, options = M.grammar(), {}
  reader.schema = SCHEMA
  while reader.at <= #reader.words do
    local word = reader:next()
    local entry = grammar.find(g, word)
    if word == "dev" then
      op.key = reader:next(word)
    elseif entry then
      reader:entry(entry, options, word)
    elseif word == "self" then
      reader:fail(word, "a port's options are its bridge's", "Without the word, or with \"master\".")
    elseif word ~= "master" then
      reader:fail(word, "this word has no meaning here")
    end
  end
  if not op.key then reader:fail("link set", "dev is missing: which port?") end
  if not next(options) then reader:fail("link set", "nothing says what to set") end
  op.options = { bridge_slave = options }
end

local function read_show(reader, op)
  op.options = { slave_type = "bridge" }
  op.shown_as = "bridge_link"
  while reader.at <= #reader.words do
    local word = reader:next()
    if word ~= "dev" and word ~= "master" then reader:fail(word, "this word has no meaning here") end
    op.options[word == "dev" and "name" or "master"] = reader:next(word)
  end
end

-- Lua: shown(links, view) -> the text that bridge prints of a list of ports.
function M.shown(links, view)
  local texts = require("nslab.format.link").ports(links, getmetatable(links).netns, view)
  return #texts == 0 and "" or require("nslab.format").joined(texts, view) .. "\n"
end

-- The operation of a `bridge link` command, of which the verb has been read.
function M.read(reader, verb, netns)
  local op = { module = "link", verb = verb, netns = netns }
  reader.op, reader.finds = "link." .. verb, false
  if verb == "set" then
    read_set(reader, op)
  else
    read_show(reader, op)
  end
  return op
end

return M
