-- stop: the command `nslab stop LAB...`: ends labs that run, and waits until nothing of them is left.

local host = require "nslab.host"
local running = require "nslab.running"

local M = {}

-- More than a lab's sandbox gives its script to end by itself.
local GRACE_MS = 5000

-- Why it could not be ended; nil when it had ended already.
local WHY = {
  EPERM = "it is another user's (permission denied)",
  ETIME = "its processes do not go, although they were killed; the kernel holds them",
}

-- Ends one; whether it is gone.
local function stop(lab)
  local how, code = host.running_stop(lab, GRACE_MS)
  if not how and code ~= "ESRCH" then
    running.fail(1, "%s does not end: %s.", lab.name, WHY[code] or code)
    return false
  end
  print(("%s %s."):format(lab.name, how == "killed" and "did not listen and was killed" or "stopped"))
  return true
end

function M.main(options, words)
  if #words == 0 and not options.all then
    return running.fail(2, "stop needs a lab, or --all; \"nslab ps\" lists those that run.")
  end
  if #words > 0 and options.all then return running.fail(2, "stop takes either labs or --all.") end
  local fine = true
  if options.all then
    local labs = running.list()
    if #labs == 0 then print "No lab of yours runs." end
    for _, lab in ipairs(labs) do fine = stop(lab) and fine end
  end
  for _, name in ipairs(words) do
    local lab, trouble = running.find(name)
    if not lab then running.fail(1, "%s", trouble) end
    fine = lab and stop(lab) and fine
  end
  if host.journal_there() then require("nslab.machine").recover_aloud() end
  return fine and 0 or 1
end

return M
