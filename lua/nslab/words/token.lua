-- token: `ip token`, the half of its own that a link has in the IPv6 addresses that routers announce:
-- link.set and link.list with the key `token`.

local grammar = require "nslab.words.grammar"

local M = {}

-- The words of its options: none but dev.
function M.grammar()
  return grammar.make("addr", function(row) return row.key == "dev" end)
end

M.ALONE = { key = "token", row = "token", keyword = {} }

local function read_rest(reader)
  local token, dev
  while reader.at <= #reader.words do
    local word = reader:next()
    if word == "dev" then
      dev = reader:next(word)
    elseif token then
      reader:fail(word, "this word has no meaning here")
    else
      token = word
    end
  end
  return token, dev
end

-- The operation of the command, behind "ip token" and the verb.
function M.read(reader, netns, verb)
  local op = { module = "link", netns = netns, verb = "set" }
  reader.op = "token." .. verb
  local token, dev = read_rest(reader)
  if verb == "list" then
    if token then reader:fail(token, "this word has no meaning here") end
    op.verb, op.key, op.shown_as = dev and "get" or "list", dev, "token"
    return op
  end
  if verb == "set" and not token then reader:fail("token set", "the token is missing: ::5") end
  if not dev then reader:fail("token " .. verb, "dev is missing: which link?") end
  op.key, op.options = dev, { token = verb == "set" and token or "::" }
  return op
end

-- Whether ip speaks of the link: one that finds neighbours, and has IPv6.
local function has_token(link)
  for _, flag in ipairs(link.flags) do
    if flag == "LOOPBACK" or flag == "NOARP" then return false end
  end
  return link.addrgenmode ~= nil
end

-- What `ip token` prints of those links.
function M.shown(links)
  local lines = {}
  for _, link in ipairs(type(links) == "userdata" and { links } or links) do
    if has_token(link) then
      lines[#lines + 1] = ("token %s dev %s\n"):format(link.token or "::", link.name)
    end
  end
  return table.concat(lines)
end

return M
