-- harness: what specs share. require "harness" finds it when nslab --busted is started at the top of
-- the tree (.busted names this directory).

local host = require "nslab.host"

local M = {}

-- The program under test: the one that runs the specs.
local first = 0
while arg[first - 1] do first = first - 1 end
M.nslab = arg[first]

-- Whether root has run all tests already, and these are those that rights matter to, or sanitizers.
M.sanitizers = os.getenv "NSLAB_TESTS" == "sanitizers"
M.again = os.getenv "NSLAB_TESTS" == "again" or M.sanitizers

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

-- From here on this process, one of fresh(), and the programs it starts can look at the network and
-- change nothing: every request is sent, and refused with EPERM.
M.powerless = native.powerless

-- Whether root here is root of the machine, as some families of generic netlink want it.
function M.is_root_of_machine()
  for line in io.lines "/proc/self/uid_map" do
    if line:match "^%s*0%s+0%s" then return true end
  end
  return false
end

-- How many descriptors this process has open, those of what is garbage aside.
function M.descriptors()
  local n = 0
  collectgarbage()
  collectgarbage()
  for i = 0, 255 do
    local file = io.open("/proc/self/fdinfo/" .. i)
    if file then
      file:close()
      n = n + 1
    end
  end
  return n
end

-- The error value that a call raises.
function M.failure(fn, ...)
  local good, err = pcall(fn, ...)
  assert(not good, "nothing was raised")
  return err
end

-- The keys in order: for i, key in sorted(t).
function M.sorted(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return ipairs(keys)
end

-- The lines in order, without the blanks at their ends and without those that have the pattern.
function M.sorted_lines(text, without)
  local lines = {}
  for line in tostring(text):gmatch "[^\n]+" do
    if not (without and line:find(without)) then lines[#lines + 1] = line:match "^(.-)%s*$" end
  end
  table.sort(lines)
  return lines
end

-- A copy of the table with more in it.
function M.with(t, more)
  local out = {}
  for key, v in pairs(t) do out[key] = v end
  for key, v in pairs(more) do out[key] = v end
  return out
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

-- What the running kernel lacks of what a packaged lab needs: "vlan vxlan"; nil when the lab can run.
local lacking
function M.lacking(lab)
  if not lacking then
    lacking = {}
    for line in M.must(M.nslab .. " labs --json"):gmatch "[^\n]+" do
      local l = assert(host.json_decode(line))
      lacking[l.name] = l.lacking and "this kernel has no " .. l.lacking
    end
  end
  return lacking[lab]
end

-- What ip prints as JSON. In a route with an encapsulation some keys stand twice; those of the
-- encapsulation then begin with "encap_".
function M.decode(text)
  if text:find('"encap"', 1, true) then
    text = text:gsub('("encap":"%w+",)"id"', '%1"encap_id"'):gsub('("encap_id":%d+,"src":"[^"]*",)"dst"', '%1"encap_dst"')
    text = text:gsub('("encap":"mpls",)"dst"', '%1"encap_dst"'):gsub('("action":"[^"]*",)"table"', '%1"encap_table"')
  end
  return assert(host.json_decode(text))
end

-- What a command prints as JSON: json "ip -j link show dev lo".
function M.json(command)
  local text = M.must(command)
  if text:match "^%s*$" then return {} end -- ip prints nothing for an empty list
  return M.decode(text)
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

-- For bash: runs a command in a process group of its own, and when it has said `go` on standard
-- error sends the signal as timeout(1) does, to the program and to its group.
local SIGNAL = [[
set -m; %s <%s 2>%s &
until grep -qsx go %s || ! kill -0 $!; do sleep 0.01; done
kill -%s $!; kill -%s -- -$!; wait $!
]]

-- Runs the program under test: run{ "run", "red-blue", stdin = text, env = "A=b", prefix = "timeout 3" }
-- -> { stdout, stderr, status }. With signal = "INT" it is sent that one when it has said "go" on stderr.
function M.run(words)
  local line = { "env", words.env or "", words.prefix or "", M.quote(M.nslab) }
  for _, word in ipairs(words) do line[#line + 1] = M.quote(word) end
  local input <close> = M.temporary(words.stdin)
  local errors <close> = M.temporary()
  local text = table.concat(line, " ")
  local command = ("%s <%s 2>%s"):format(text, input.path, errors.path)
  if words.signal then
    local sig = words.signal
    command = "bash -c " .. M.quote(SIGNAL:format(text, input.path, errors.path, errors.path, sig, sig)) .. " 2>/dev/null"
  end
  local stdout, status = M.sh(command)
  local file = assert(io.open(errors.path))
  local stderr = file:read "a"
  file:close()
  return { stdout = stdout, stderr = stderr, status = status }
end

-- ---- a terminal ---------------------------------------------------------------------------------

local Terminal = {}
Terminal.__index = Terminal

-- The program under test on a pseudo-terminal: local t <close> = terminal{ "repl", columns = 60 }.
-- Words in `before` stand before the program: { "env", "TERM=dumb" }.
function M.terminal(words)
  local line = table.move(words.before or {}, 1, #(words.before or {}), 1, {})
  line[#line + 1] = M.nslab
  table.move(words, 1, #words, #line + 1, line)
  return setmetatable({ tty = native.terminal(line, words.columns), screen = "" }, Terminal)
end

-- What came. That pasted text is to be bracketed, or no longer, is not seen on a screen.
function Terminal:show(text)
  self.screen = (self.screen .. text):gsub("\27%[%?2004[hl]", "")
end

-- Reads until done() has a value, and returns that; nil when the program ended before. Fails after 30 s
-- in which nothing came, and when it talks without end. What comes a key at a time on a busy machine is
-- no sign of that.
function Terminal:await(done, what)
  local start = os.time()
  local heard = start
  repeat
    local value = done()
    if value then return value end
    local more = self.tty:read(30)
    if not more then return nil end
    if #more > 0 then
      heard = os.time()
      self:show(more)
    end
  until os.time() - heard > 30 or os.time() - start > 240
  error(("%s; the screen has %q"):format(what, self.screen), 3)
end

-- Reads until the text appears (plain, not a pattern), and returns what stood before it. What was
-- read is gone for the next call. Fails when the program ends before.
function Terminal:expect(text)
  local before = self:await(function()
    local from, to = self.screen:find(text, 1, true)
    if not from then return end
    local before = self.screen:sub(1, from - 1)
    self.screen = self.screen:sub(to + 1)
    return before
  end, ("%q did not appear"):format(text))
  return before or error(("%q did not appear before the end; the screen has %q"):format(text, self.screen), 2)
end

-- Everything until the program ends, and its exit status.
function Terminal:rest()
  self:await(function() end, "the program did not end")
  return self.screen, self.tty:wait()
end

function Terminal:type(keys) self.tty:write(keys) end
function Terminal:resize(columns) self.tty:resize(columns) end
function Terminal:kill(signal) self.tty:kill(signal) end
function Terminal:hang_up() self.tty:hang_up() end
function Terminal:wait() return self.tty:wait() end
Terminal.__close = function(self) getmetatable(self.tty).__close(self.tty) end

return M
