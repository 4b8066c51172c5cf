-- learning: what the specs of `nslab learn` share. A spec loads it into its own environment:
-- assert(loadfile(here .. "learning.lua", "t", _ENV))()

local harness = require "harness"

local M = {}

-- A directory for scripts and for what is kept of the lessons; gone after the spec.
M.scratch = harness.must("d=$(mktemp -d) && chmod 755 $d && mkdir -m 777 $d/state && echo $d")
            :gsub("\n$", "")

function M.remove() harness.must("rm -rf " .. M.scratch) end

-- The path of a new file with that text.
local files = 0
function M.file(text, name)
  files = files + 1
  local path = ("%s/%s"):format(M.scratch, name or files .. ".sh")
  local file = assert(io.open(path, "w"))
  assert(file:write(text, "\n"))
  file:close()
  return path
end

local function environment(o)
  return { "env", "TERM=" .. (o.term or "xterm"), "NO_COLOR=1", "HOME=/proc/nowhere",
           "SHELL=" .. (o.shell or "/bin/bash"), "XDG_STATE_HOME=" .. M.scratch .. "/state",
           "NSLAB_RUN=" .. M.run, "LC_ALL=" .. (o.locale or "C.UTF-8") }
end

-- A lesson at a terminal. Without `go_on`, nothing is kept of earlier ones; those that still end have
-- their names elsewhere.
local lessons = 0
function M.lesson(name, o)
  o = o or {}
  if not o.go_on then harness.must("rm -rf " .. M.scratch .. "/state/nslab") end
  lessons = lessons + 1
  M.run = ("%s/run.%d"):format(M.scratch, lessons)
  harness.must("mkdir -m 700 " .. M.run)
  return harness.terminal { "learn", name, columns = o.columns or 160, before = environment(o),
                            table.unpack(o.words or {}) }
end

-- Another terminal, in a lesson that runs.
function M.enter(...)
  return harness.terminal { "enter", columns = 160, before = environment {}, ... }
end

-- A lesson that a program drives: its events and exit status for these lines.
function M.driven(name, lines, o)
  if not (o and o.go_on) then harness.must("rm -rf " .. M.scratch .. "/state/nslab") end
  return harness.run { "learn", "--json", name, stdin = table.concat(lines, "\n") .. "\n",
                       env = "XDG_STATE_HOME=" .. M.scratch .. "/state" }
end

return M
