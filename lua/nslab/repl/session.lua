-- session: what one types at a prompt besides Lua: commands of ip, iptables, sysctl and ping as they
-- stand in a tutorial, and the words that begin with a colon. It knows in which namespace one acts and
-- remembers what was done.

local core = require "nslab.core"

local M = {}

local Session = {}
Session.__index = Session

-- ---- where one acts ----------------------------------------------------------------------------------

-- Calls fn in the namespace that :ns has chosen.
function Session:around(fn)
  if not self.netns then return fn() end
  return require("netns")(self.netns):run(fn)
end

function Session:prompt()
  return self.netns and ("%s %s> "):format(self.name, self.netns) or self.name .. "> "
end

-- ---- what was done -----------------------------------------------------------------------------------

local function write_aside(text)
  io.stdout:flush()
  io.stderr:write(text)
end

-- What an operation equals is shown beside the results; the Lua of a command that was typed was shown.
function Session:observed(op)
  if not op.error then self.record:add(op) end
  local set = self.explained
  if set then
    local said = { ip = set.ip and not self.typed, lua = set.lua and not self.typed, netlink = set.netlink }
    require("nslab.explain").observer(said, write_aside)(op)
  end
  if self.before then self.before(op) end
end

-- ---- commands of ip and its like ---------------------------------------------------------------------

-- What stands behind the first word of a command is never one of these; behind a name in Lua it is.
local LUA_OPERATOR = "^[=.(:{\"'%[,+*/%%<>~^&|]"

-- The line without the prompt that was copied with it, and whether that was one; "#" is also where a
-- comment begins.
local function without_prompt(text)
  local rest = text:match "^%s*[%w._-]+@[%w._-]+[^%s#$]*%s*[^%s#$]*[#$]%s+(.*)$" or
               text:match "^%s*%$%s+(.*)$"
  if rest then return rest, "prompt" end
  rest = text:match "^%s*#%s+(.*)$"
  return rest or text, rest and "comment"
end

-- The text without a prompt if it is to be read as commands; else nil, and whether it is a comment.
local function command_text(text)
  local body, lead = without_prompt(text)
  if lead == "prompt" then return body end
  local word, rest = body:match "^%s*([%w_/.-]+)%s*(.*)$"
  if word and word:match "^ip6?tables%-save$" then return body end
  if word == "sudo" and rest ~= "" then return body end
  local known = word and require("nslab.words.read").knows(word:match "[^/]*$")
  local spaced = known and body:match "^%s*[%w_/.-]+%s"
  if spaced and rest ~= "" and not rest:match(LUA_OPERATOR) then return body end
  return nil, lead == "comment"
end

-- What a shell has and Lua has not, or has otherwise: "for ns in red blue; do", "if [ -e x ]; then",
-- "cat <<END".
local SHELL_LINES = {
  "^%s*for%s+[%w_]+%s+in%s[^()]*;%s*do%f[%W]", "^%s*for%s+[%w_]+%s+in%s+[%w.-]+%s+[%w%s.-]+$",
  "^%s*if%s+%[%s", "^%s*while%s+%[%s", "^%s*while%s.*;%s*do%f[%W]", "^%s*%l+%s*<<%-?%s*['\"]?%u+",
}

local function is_for_shell(text)
  local lua = _G[text:match "^%s*(%l*)"] ~= nil or load(text)
  if lua or text:match "^%s*for.*%f[%w]in%s.*[^;%s]%s+do%s*$" then return false end
  for _, pattern in ipairs(SHELL_LINES) do
    if text:match(pattern) then return true end
  end
  return false
end

-- A line that is no Lua but looks like a command that we do not have: a word, and another behind it.
local function unknown_command(text)
  local name, letter = text:match "^%s*(%l[%w_.-]*)%s+%-(%a[%w-]*)%s*$" -- "arp -n" could be a difference
  if name and rawget(_G, letter) == nil and type(rawget(_G, name)) ~= "number" then return true end
  local path = text:match "^%s*(%l+)%s+/%l+/" -- "cat /proc/uptime" could be a quotient
  if path and _G[path] == nil then return true end
  local word = text:match "^%s*(%l[%w_.-]*)%s+[%w/|<>-]"
  if not word or load("return " .. text) then return false end
  local chunk, trouble = load(text)
  return not chunk and not trouble:find "<eof>$" and trouble:find "syntax error near" ~= nil
end

-- A word alone that Lua knows nothing of: a command of ours, or of this machine's.
local function lone_word(text)
  local word = text:match "^%s*(%l[%w_.-]*)%s*;?%s*$"
  return word and _G[word] == nil and not load(text) and word or nil
end

local LEAVE = { exit = true, quit = true, logout = true }

-- Lua: is_command(text) -> whether a line that begins so is one of ip or its like.
function M.is_command(text)
  return text:match "^%s*sudo%s" ~= nil or command_text(text .. "x") ~= nil
end

-- A shell in a namespace is a shell, not a program whose output is awaited.
local function opens_shell(op)
  return op.module == "netns" and op.verb == "exec" and #op.options == 1 and
         op.options[1]:match "[^/]*$":match "^%a*sh$" and require("nslab.host").isatty(0)
end

function Session:carry_out(op)
  local run = require "nslab.words.run"
  run.complete(op)
  local lua = require("nslab.words").lua(op, { here = self.netns and ("netns %q"):format(self.netns) })
  if lua then io.stdout:write("  ", (lua:gsub("\n", "\n  ")), "\n") end
  if opens_shell(op) then
    require("nslab.shell").open { netns = op.netns }
    return
  end
  self.typed = true
  local done = table.pack(pcall(run.run, op))
  self.typed = false
  if not done[1] then error(done[2], 0) end
  io.stdout:write(run.shown(op, done[2]))
end

-- Reads and does the commands of the text, one after the other; raises what goes wrong.
function Session:commands(text)
  local words = require "nslab.words.read"
  for _, command in ipairs(require("nslab.words.shell").commands(text)) do
    self:around(function() self:carry_out(words.words(command, nil, true)) end)
  end
end

local function goes_on(text)
  return #text:match "\\*$" % 2 == 1
end

-- ---- words with a colon ------------------------------------------------------------------------------

local function complain(text, ...)
  error((":" .. text):format(...), 0)
end

local WORDS
WORDS = {
  {
    name = "ns", args = "[NAME]", doc = "act in that namespace; without a name, in the host again",
    run = function(self, name)
      if name == "" or name == "host" then
        self.netns = nil
        return
      end
      local found, trouble = require("netns").get(name)
      if not found then error(trouble, 0) end
      self.netns = name
    end,
  },
  {
    name = "save", args = "FILE", doc = "write what was done as a script: nslab FILE does it again",
    run = function(self, path)
      if path == "" then complain "save: the name of a file is missing" end
      local n = self.record:save(path)
      io.stdout:write(("%d operation%s written to %s\n"):format(n, n == 1 and "" or "s", path))
    end,
  },
  {
    name = "explain", args = "ip,lua,netlink|off",
    doc = "show each operation as a command, as Lua, as its messages; off: no more",
    run = function(self, text)
      local set, trouble = require("nslab.explain").set(text == "off" and "none" or text)
      if text == "" then complain "explain: which words? ip, lua, netlink (with commas between), or off" end
      if not set then complain("%s", (trouble:gsub("^%-%-", ""):gsub("none", "off"))) end
      self.explained = next(set) and set or nil
    end,
  },
  {
    name = "help", args = "", doc = "show this",
    run = function()
      local lines = {
        "Lua: an expression prints its value; help() shows what there is.",
        "Commands: a line of ip, iptables, sysctl or ping is done as it is, also when it is pasted,",
        "with sudo, or `ip netns exec NS` in front; the Lua that it equals is shown.", "",
      }
      for _, word in ipairs(WORDS) do
        lines[#lines + 1] = ("  %-28s %s"):format(":" .. word.name .. " " .. word.args, word.doc)
      end
      lines[#lines + 1] = ""
      lines[#lines + 1] = "TAB completes, Ctrl-R searches what was typed, Ctrl-C stops, Ctrl-D leaves."
      io.stdout:write(table.concat(lines, "\n"), "\n")
    end,
  },
  { name = "quit", args = "", doc = "leave", run = function() return true end },
}

M.WORDS = WORDS

local function colon(self, text)
  local name, rest = text:match "^%s*:%s*(%S*)%s*(.-)%s*$"
  local known = {}
  for i, word in ipairs(WORDS) do
    if word.name == name then
      if word.args == "" and rest ~= "" then complain("%s takes no %q", name, rest) end
      return word.run(self, rest)
    end
    known[i] = word.name
  end
  local near = require("nslab.lab").nearest(name, known)
  complain("%s: there is no such word; %s", name, near and ("did you mean :%s?"):format(near) or
           ":help shows those that there are")
end

-- ---- lines -------------------------------------------------------------------------------------------

-- For host.repl: whether the line was one of ours. "more" when it goes on in the next one.
function Session:line(text)
  if text:match "^%s*:%s*%a" or text:match "^%s*:%s*$" then
    return true, colon(self, text)
  end
  local body, comment = command_text(text)
  if comment then return true end
  local word = not body and lone_word(text)
  if LEAVE[word] then return true, true end
  if word and (require("nslab.words.read").knows(word) or require("nslab.doctor").find_program(word)) then
    body = text
  end
  if not body and (unknown_command(text) or is_for_shell(text)) then body = text end
  if not body then return false end
  if goes_on(body) then return "more" end
  self:commands(body)
  return true
end

-- What host.repl needs; `more` adds to it and wins.
function Session:options(more)
  local o = {
    prompt = function() return self:prompt() end,
    line = function(text) return self:line(text) end,
    around = function(fn) return self:around(fn) end,
    complete = function(text, cursor)
      return self:around(function() return require("nslab.complete").complete(text, cursor) end)
    end,
  }
  for key, value in pairs(more or {}) do o[key] = value end
  return o
end

function Session:close()
  if self.closed then return end
  self.closed = true
  core.observe(self.before)
end

Session.__close = Session.close

-- Lua: new{ explain = { ip = true, ... }, name = "nslab" } -> a session; it watches what is done until it
-- is closed. The prompt begins with the name.
function M.new(o)
  local self = setmetatable({ record = require("nslab.repl.record").new() }, Session)
  self.explained, self.name = o and o.explain, o and o.name or "nslab"
  self.before = core.observe(function(op) self:observed(op) end)
  return self
end

return M
