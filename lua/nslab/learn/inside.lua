-- inside: the shell of a lesson. The words of the prompt are there too, behind the command `lesson`,
-- which leaves them in a mailbox of the session.

local netns = require "netns"
local shell = require "nslab.shell"

local M = {}

local DIRECTORY = "/run/.nslab/lesson"
local MAILBOX, BUSY = DIRECTORY .. "/words", DIRECTORY .. "/busy"

-- What asks is the shell's side: the session cannot read the terminal meanwhile.
local COMMAND = [[
#!/bin/sh
case $1 in
  hint|solution|status|check|skip|text|next|help) ;;
  reset)
    echo 'A fresh sandbox is made, with the steps before done for you:'
    printf 'what you made your own way is lost. Go on? [y/N] '
    read -r answer
    case $answer in [yY]*) ;; *) echo 'Nothing was changed.'; exit 1;; esac ;;
  *) echo 'lesson hint|solution|status|check|reset|skip|text|next|help' >&2; exit 2;;
esac
echo "$1" >%busy
echo "$1" >%words
while [ -e %busy ]; do sleep 0.02; done # what it says comes before the next prompt
]]

local function prepare(session)
  if session.mailbox then return end
  netns.host:exec { "mkdir", "-p", DIRECTORY, check = true }
  local file <close> = assert(io.open(DIRECTORY .. "/lesson", "w"))
  file:write((COMMAND:gsub("%%(%a+)", { words = MAILBOX, busy = BUSY })))
  file:close()
  netns.host:exec { "chmod", "755", DIRECTORY .. "/lesson", check = true }
  session.mailbox = session.host.mailbox(MAILBOX)
end

-- The word has been answered: `lesson` may end.
function M.answered()
  os.remove(BUSY)
end

-- A shell in the namespace (the host without); what the session says comes to the same terminal.
function M.open(session, ns)
  prepare(session)
  session.inside = { netns = ns }
  local path = ("%s:%s"):format(os.getenv "PATH" or "/usr/sbin:/usr/bin:/sbin:/bin", DIRECTORY)
  local ok, raised = pcall(shell.open, { netns = ns, wake = session.wake, env = { PATH = path } })
  session.inside = nil
  if not ok then error(raised, 0) end
end

return M
