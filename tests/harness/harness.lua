-- harness: what specs share. require "harness" finds it when nslab --busted is started at the top of
-- the tree (.busted names this directory).

local host = require "nslab.host"

local M = {}

-- The program under test: the one that runs the specs.
local first = 0
while arg[first - 1] do first = first - 1 end
M.nslab = arg[first]

local native = assert(package.loadlib(M.nslab:gsub("[^/]*$", "harness.so"), "luaopen_native"))()

-- The globals of a spec's function: busted gives `pending` only to those.
local function environment(fn)
  for i = 1, math.huge do
    local name, value = debug.getupvalue(fn, i)
    if name == "_ENV" then return value end
  end
end

-- it("does something", fresh(function() ... end)): the function runs in a process, a network and a
-- mount namespace of its own: only lo, an empty /run/netns. What it changes is gone after it.
-- Needs rights over namespaces: nslab --busted --sandbox, or root.
function M.fresh(fn)
  return function()
    local outcome, text = native.isolated(fn)
    if outcome == "p" then environment(fn).pending(text) end
    if outcome ~= "k" then error(text, 0) end
  end
end

function M.quote(word)
  return "'" .. tostring(word):gsub("'", "'\\''") .. "'"
end

-- Runs a shell command; returns what it printed and its exit status (128 and the signal's number).
function M.sh(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  local _, how, code = pipe:close()
  return text, how == "signal" and 128 + code or code
end

-- The same for a command that must succeed.
function M.must(command)
  local text, code = M.sh(command)
  if code ~= 0 then error(("%s: exit status %d\n%s"):format(command, code, text), 2) end
  return text
end

-- What a command prints as JSON: json "ip -j link show dev lo".
function M.json(command)
  local text = M.must(command)
  if text:match "^%s*$" then return {} end -- ip prints nothing for an empty list
  return assert(host.json_decode(text))
end

-- A file that is gone with the returned value: local f <close> = temporary(text); f.path
function M.temporary(text, mode)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  assert(file:write(text or ""))
  file:close()
  if mode then M.must(("chmod %s %s"):format(mode, path)) end
  return setmetatable({ path = path }, { __close = function() os.remove(path) end })
end

-- Runs the program under test: run{ "run", "red-blue", stdin = text, env = "A=b", prefix = "timeout 3" }
-- -> { stdout, stderr, status }.
function M.run(words)
  local line = { "env", words.env or "", words.prefix or "", M.quote(M.nslab) }
  for _, word in ipairs(words) do line[#line + 1] = M.quote(word) end
  local input <close> = M.temporary(words.stdin)
  local errors <close> = M.temporary()
  local command = ("%s <%s 2>%s"):format(table.concat(line, " "), input.path, errors.path)
  local stdout, status = M.sh(command)
  local file = assert(io.open(errors.path))
  local stderr = file:read "a"
  file:close()
  return { stdout = stdout, stderr = stderr, status = status }
end

return M
