-- enter: the command `nslab enter LAB [NS] [CMD...]`: the user's shell, or a program, inside a lab that
-- runs. A shell is opened by nslab itself, which runs once more in there, so that its prompt is that of
-- every shell in a lab.

local host = require "nslab.host"
local running = require "nslab.running"

local M = {}

local HOST = "host" -- the lab's own network, where a command follows
local REOPEN_MS = 3000

local function has(list, word)
  for _, item in ipairs(list) do
    if item == word then return true end
  end
  return false
end

-- The namespace that the word means: a name, nil for the host; false and what to say for none.
local function namespace(lab, word)
  if word == nil or has(lab.netns, word) then return word end
  if word == HOST then return nil end
  local names = { HOST, table.unpack(lab.netns) }
  local near = require("nslab.lab").nearest(word, names)
  local text = ("%s has no namespace %q%s it has %s."):format(
    lab.name, word, near and (". Did you mean %q?"):format(near) or ";",
    table.concat(names, ", "):gsub("^host", "host (the lab's own network)"))
  return false, near and text:gsub("%? it has", "? It has") or text
end

-- What opens a shell there.
local function shell(lab, netns)
  local code = ("os.exit(require('nslab.shell').open { lab = %q, netns = %s } or 129)"):format(
    lab.name, netns and ("%q"):format(netns) or "nil")
  return { "/proc/self/exe", "--no-sandbox", "-e", code }
end

-- The lab of that name once more, in a fresh sandbox, as soon as it has the namespace again; nil when it
-- does not come back.
local function again(lab, netns)
  local deadline, fresh = host.time_ms() + REOPEN_MS, nil
  repeat
    for _, now in ipairs(running.list()) do
      if now.name == lab.name and now.runner == lab.runner and now.init ~= lab.init then fresh = now end
    end
    if fresh and (netns == nil or has(fresh.netns, netns)) then return fresh end
    if host.poll({}, 20, lab.runner) == "ended" then return nil end
  until host.time_ms() > deadline
  return fresh
end

local function start(lab, netns, words)
  if #words > 0 then return host.running_enter(lab, netns, words, nil, false) end
  return host.running_enter(lab, netns, shell(lab, netns), nil, host.isatty(0))
end

local function complain(lab, words, code, text, step)
  if code == "ESRCH" then return running.fail(1, "%s has just ended.", lab.name) end
  if step == "start the program" then
    return running.fail(code == "ENOENT" and 127 or 126, "%s: %s.", words[1] or "shell", text)
  end
  return running.fail(1, "%s: could not %s: %s (%s).", lab.name, step, text, code)
end

function M.main(_, words)
  local name = table.remove(words, 1)
  if not name then return running.fail(2, "enter needs a lab; \"nslab ps\" lists those that run.") end
  local lab, trouble = running.find(name)
  if not lab then return running.fail(1, "%s", trouble) end
  local netns
  netns, trouble = namespace(lab, table.remove(words, 1))
  if netns == false then return running.fail(2, "%s", trouble) end
  while true do
    local status, gone, text, step = start(lab, netns, words)
    if not status then return complain(lab, words, gone, text, step) end
    if not gone then return status end
    local fresh = #words == 0 and again(lab, netns)
    if not fresh then
      running.fail(status, "%s has ended.", lab.name)
      return status
    end
    io.stderr:write(("nslab: %s was reset; this is the fresh one.\n"):format(lab.name))
    lab = fresh
    if netns and not has(lab.netns, netns) then netns = nil end
  end
end

return M
