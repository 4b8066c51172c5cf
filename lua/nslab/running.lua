-- running: the labs that run now, as other terminals see them; the command `nslab ps`. Going into one
-- is nslab.running.enter, ending one nslab.running.stop.

local host = require "nslab.host"

local M = {}

local KEYS = { "v", "name", "lab", "user", "pid", "started", "step", "steps", "netns", "kept", "host" }

-- Lua: list([all]) -> array of { name, lab, user, pid, started, step, steps, netns = { NAME ... }, kept,
-- host }, sorted by name: the labs of this user; with `all` and root's rights those of everybody. nil
-- and the errno's name when that is refused.
function M.list(all)
  local labs, code = host.running(all)
  if not labs then return nil, code end
  for _, lab in ipairs(labs) do lab.netns = host.running_netns(lab) end
  table.sort(labs, function(a, b)
    if a.user ~= b.user then return a.user < b.user end
    return a.name < b.name
  end)
  return labs
end

-- Says on standard error what is wrong; returns the exit status.
function M.fail(status, ...)
  io.stderr:write("nslab: ", string.format(...), "\n")
  return status
end

-- "red-blue, red-blue-2"
local function names_of(labs)
  local names = {}
  for i, lab in ipairs(labs) do names[i] = lab.name end
  return names
end

-- The lab of that name; nil and what to say when there is none.
function M.find(name)
  local labs = M.list() or {}
  for _, lab in ipairs(labs) do
    if lab.name == name then return lab end
  end
  local names = names_of(labs)
  if #names == 0 then
    return nil, ("no lab of yours runs; \"nslab run --keep %s\" leaves one up."):format(name)
  end
  local near = require("nslab.lab").nearest(name, names)
  if near then return nil, ("no lab %q of yours runs. Did you mean %q?"):format(name, near) end
  return nil, ("no lab %q of yours runs; there is %s."):format(name, table.concat(names, ", "))
end

-- "12:03" of today, "2026-11-21 12:03" of another day.
local function moment(seconds, now)
  local today = os.date("%Y-%m-%d", seconds) == os.date("%Y-%m-%d", now)
  return os.date(today and "%H:%M:%S" or "%Y-%m-%d %H:%M", seconds)
end

local function progress(lab)
  if lab.step == 0 then return "-" end
  return lab.steps > 0 and ("%d of %d"):format(lab.step, lab.steps) or tostring(lab.step)
end

-- The lines of an aligned table; with `users` there is a column for them.
function M.table(labs, users, now)
  local wrap = require "nslab.wrap"
  local rows = { { "NAME", "LAB", "STEP", "NAMESPACES", "STARTED", "PID" } }
  for _, lab in ipairs(labs) do
    rows[#rows + 1] = {
      lab.name, lab.lab, progress(lab), #lab.netns > 0 and table.concat(lab.netns, " ") or "-",
      moment(lab.started, now), tostring(lab.pid),
    }
  end
  if users then
    for i, row in ipairs(rows) do table.insert(row, 1, i == 1 and "USER" or labs[i - 1].user) end
  end
  local widest, lines = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widest[i] = math.max(widest[i] or 0, wrap.width(cell)) end
  end
  for i, row in ipairs(rows) do
    local cells = {}
    for k, cell in ipairs(row) do cells[k] = k < #row and wrap.pad(cell, widest[k]) or cell end
    lines[i] = table.concat(cells, "  ")
  end
  return lines
end

-- nslab ps
function M.main(options)
  local labs, code = M.list(options.all)
  if code == "EPERM" then return M.fail(1, "only root sees everybody's labs: sudo nslab ps --all") end
  for _, lab in ipairs(options.json and labs or {}) do
    lab.v = 1
    lab.runner, lab.init = nil, nil
    print(host.json(lab, KEYS))
  end
  if options.json then return 0 end
  if #labs == 0 then
    print(options.all and "No lab runs." or "No lab of yours runs.")
  else
    print(table.concat(M.table(labs, options.all, os.time()), "\n"))
  end
  return 0
end

return M
