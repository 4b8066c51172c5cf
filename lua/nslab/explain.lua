-- explain: an operation in other words: as the command that it equals (ip), as a line of Lua (lua), as
-- the messages that went to the kernel and came back (netlink). The words come from the rows; here
-- is only which are wanted, and how they look.

local M = {}

M.WORDS = { "ip", "lua", "netlink" }

-- ---- which words are wanted ----------------------------------------------------------------------

local KNOWN = { ip = true, lua = true, netlink = true }

-- Lua: set("ip,lua") -> { ip = true, lua = true }; "none" is the empty set. nil and a sentence for an
-- unknown word, which names the nearest.
function M.set(text)
  local set, any = {}, false
  for word in (text .. ","):gmatch "([^,]*)," do
    any = true
    if KNOWN[word] then
      set[word] = true
    elseif word ~= "none" then
      local words = { "ip", "lua", "netlink", "none" }
      local near = word ~= "" and require("nslab.lab").nearest(word, words)
      return nil, ("--explain: there is no %s; %s"):format(word == "" and '""' or word, near and
                  ("did you mean %s?"):format(near) or "there are ip, lua, netlink and none.")
    end
  end
  return any and set or {}
end

-- ---- an operation --------------------------------------------------------------------------------

-- Lua: ip(op) -> the command line, or nil when there is none.
function M.ip(op)
  return require("nslab.words").command(op)
end

-- Lua: lua(op) -> the line of Lua that does the same.
function M.lua(op)
  local say = require("nslab.words").lua
  return say and say(op)
end

-- A message's bytes that no row names can be long (counters, tables of sysctls); after so many lines
-- the number of those that follow stands for them.
local SHOWN = 3

local function shortened(text)
  local lines, run = {}, {}
  local function flush()
    local more = #run - SHOWN
    for i, line in ipairs(run) do
      if i <= SHOWN or more < 2 then lines[#lines + 1] = line end
    end
    if more >= 2 then lines[#lines + 1] = ("      ... %d lines more"):format(more) end
    run = {}
  end
  for line in text:gmatch "[^\n]+" do
    local bare = line:match "^%x+  [%x ]+$" -- bytes only
    if not bare then flush() end
    local into = bare and run or lines
    into[#into + 1] = line
  end
  flush()
  return table.concat(lines, "\n")
end

-- Lua: netlink(op) -> the annotated messages, requests and answers; nil when there were none (what
-- is done through a file or another program).
function M.netlink(op)
  local parts = {}
  for _, message in ipairs(op.messages or {}) do
    parts[#parts + 1] = message.sent and "request" or "answer"
    parts[#parts + 1] = shortened(require("nslab.core").annotate(message.bytes))
  end
  return #parts > 0 and table.concat(parts, "\n") or nil
end

-- Lua: texts(set, op) -> array of { kind, text } in the order ip, lua, netlink.
function M.texts(set, op)
  local out = {}
  for _, kind in ipairs(M.WORDS) do
    local text = set[kind] and M[kind](op)
    if text then out[#out + 1] = { kind = kind, text = text } end
  end
  return out
end

local SIGN = { ip = "$ ", lua = "> ", netlink = "  " }

-- Lua: text(kind, text) -> its lines as they are shown: "$ ip ...", "> link.add(...)", or indented.
function M.lines(kind, text)
  local sign, out = SIGN[kind], {}
  for line in text:gmatch "[^\n]+" do
    out[#out + 1] = (#out == 0 and sign or "  ") .. line
  end
  return out
end

-- Lua: start(words): from now on the operations of a script are shown, on standard error, since
-- standard output is the script's own.
function M.start(words)
  require("nslab.core").observe(M.observer(assert(M.set(words)), function(text)
    io.stdout:flush()
    io.stderr:write(text)
  end))
end

-- Lua: observer(set, write) -> a function for nslab.core.observe. write(text) gets whole lines.
function M.observer(set, write)
  return function(op)
    for _, said in ipairs(M.texts(set, op)) do
      write(table.concat(M.lines(said.kind, said.text), "\n") .. "\n")
    end
  end
end

return M
