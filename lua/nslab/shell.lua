-- shell: the user's own shell in a namespace of the lab, on this terminal. Its prompt says where one
-- is; everything else is as the user's files make it. The programs typed there are the real ones.

local netns = require "netns"

local M = {}

-- What stands in a prompt: "(red) ", or "(red-blue:red) " for one who comes from outside into that lab.
-- A name with a character that some shell would expand shows without it.
function M.label(ns, lab)
  local name = lab and ("%s:%s"):format(lab, ns) or tostring(ns)
  return ("(%s) "):format((name:gsub("[^%w._@+:-]", "_")))
end

-- ---- files that a shell starts with --------------------------------------------------------------

-- In a sandbox they are in its own /run and die with it.
local DIRECTORY = "/run/.nslab"
local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

-- A new directory for the files; `gone` is what is to be removed afterwards.
local function directory(gone)
  local base = require("nslab.host").sandboxed() and DIRECTORY or "/tmp"
  local made = netns.host:exec { "mktemp", "-d", base .. "/nslab-shell.XXXXXX", check = true }
  local dir = made.stdout:match "[^\n]+"
  gone[#gone + 1] = dir
  return dir
end

-- The user's files may set the prompt anew before every line; so do we, behind them.
local BASH = [[
[ -r /etc/bash.bashrc ] && . /etc/bash.bashrc
[ -r ~/.bashrc ] && . ~/.bashrc
__nslab_prompt() { case $PS1 in %q*) ;; *) PS1=%q$PS1 ;; esac; }
PROMPT_COMMAND+=(__nslab_prompt)
__nslab_prompt
]]

local ZSHENV = [[
ZDOTDIR=${NSLAB_ZDOTDIR:-$HOME}
[ -r "$ZDOTDIR/.zshenv" ] && . "$ZDOTDIR/.zshenv"
NSLAB_ZDOTDIR=$ZDOTDIR
ZDOTDIR=%q
]]

local ZSHRC = [[
ZDOTDIR=$NSLAB_ZDOTDIR
unset NSLAB_ZDOTDIR
[ -r "$ZDOTDIR/.zshrc" ] && . "$ZDOTDIR/.zshrc"
__nslab_prompt() { case $PS1 in %q*) ;; *) PS1=%q$PS1 ;; esac; }
precmd_functions+=(__nslab_prompt)
]]

-- dash, busybox, ksh: what POSIX knows.
local POSIX = [[
[ -n "$NSLAB_ENV" ] && [ -r "$NSLAB_ENV" ] && . "$NSLAB_ENV"
PS1=%q$PS1
]]

local FISH = [[
functions -q fish_prompt; and functions -c fish_prompt __nslab_prompt
function fish_prompt
  echo -n %q
  functions -q __nslab_prompt; and __nslab_prompt
end
]]

local function bash(words, label, dir)
  write(dir .. "/rc", BASH:format(label, label))
  words[#words + 1] = "--rcfile"
  words[#words + 1] = dir .. "/rc"
end

local function zsh(words, label, dir)
  write(dir .. "/.zshenv", ZSHENV:format(dir))
  write(dir .. "/.zshrc", ZSHRC:format(label, label))
  words.env.NSLAB_ZDOTDIR = os.getenv "ZDOTDIR" or false
  words.env.ZDOTDIR = dir
end

local function posix(words, label, dir)
  write(dir .. "/rc", POSIX:format(label))
  words.env.NSLAB_ENV = os.getenv "ENV" or false
  words.env.ENV = dir .. "/rc"
end

local function fish(words, label)
  words[#words + 1] = "-C"
  words[#words + 1] = FISH:format(label)
end

local KINDS = { bash = bash, zsh = zsh, fish = fish, sh = posix, dash = posix, ash = posix,
                ksh = posix, mksh = posix }

-- ---- the shell -----------------------------------------------------------------------------------

-- What is tried, in this order. $SHELL may be the path of a shell that the sandbox does not see.
local function candidates()
  local out, own = {}, os.getenv "SHELL"
  if own and own ~= "" then out[1] = own end
  out[#out + 1] = "bash"
  out[#out + 1] = "sh"
  return out
end

local function words_for(program, label, gone, env)
  local words = { program, terminal = true, env = { NSLAB_NETNS = label:match "[:(]([^:(]*)%) $" } }
  for name, value in pairs(env or {}) do words.env[name] = value end
  local kind = KINDS[program:match "[^/]*$"]
  if kind then kind(words, label, directory(gone)) end
  if kind and require("nslab.host").isatty(0) then words[#words + 1] = "-i" end
  return words
end

-- Starts the first one that there is.
local function start(ns, lab, gone, env)
  local label, trouble = M.label(ns, lab), nil
  for _, program in ipairs(candidates()) do
    local ok, process = pcall(ns.spawn, ns, words_for(program, label, gone, env))
    if ok then return process end
    trouble = trouble or process
  end
  error(trouble, 0)
end

-- Waits for its end, and does what `wake` asks for meanwhile.
local function wait(process, wake)
  local host = require "nslab.host"
  local terminal = host.isatty(0)
  repeat
    local what = host.poll(wake and wake.fds() or {}, -1, process.pid)
    if math.type(what) == "integer" then wake.call() end
  until what == "ended" or what == "signal"
  if terminal and not host.isatty(0) then host.poll({}, 1000) end -- closed: the signal is on its way
  return process:wait().code
end

-- Lua: open{ netns = NAME or handle or nil, lab = NAME or nil, wake = { fds, call } or nil,
-- env = { NAME = VALUE } or nil } -> the shell's exit status. `lab` is shown in the prompt.
-- Raises when there is no such namespace, or no shell.
function M.open(o)
  local ns = o.netns and netns(o.netns) or netns.current()
  local gone <close> = setmetatable({}, { __close = function(paths)
    for _, path in ipairs(paths) do netns.host:exec { "rm", "-rf", path } end
  end })
  io.stdout:flush()
  local process <close> = start(ns, o.lab, gone, o.env)
  return wait(process, o.wake)
end

return M
