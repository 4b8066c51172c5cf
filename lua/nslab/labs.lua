-- labs: the command `nslab labs`: what labs there are. Only the head of each lab's file is run, up
-- to its lab{...}, so nothing of it acts on this machine.

local lab = require "nslab.lab"
local progress = require "nslab.progress"
local render = require "nslab.render"
local wrap = require "nslab.wrap"

local M = {}

local KEYS = { "v", "name", "title", "minutes", "step", "steps", "finished", "summary", "needs", "lacking" }
local GAP = "  "
local LACKING = "Cannot run here: this kernel has no %s (`nslab doctor` says what helps). "

-- Says of each lab what this machine lacks to run it; one question for all of them.
local function mark(labs, needed)
  local missing = {}
  for _, lack in ipairs(require("nslab.features").lacking(needed)) do missing[lack.name] = true end
  for _, l in ipairs(labs) do
    local lacking = {}
    for _, name in ipairs(l.needs or {}) do
      if missing[name] then lacking[#lacking + 1] = name end
    end
    l.needs = l.needs and table.concat(l.needs, " ")
    l.lacking = #lacking > 0 and table.concat(lacking, " ") or nil
  end
end

-- An array of { name, title, minutes, summary }; a lab that cannot be read has `trouble` instead. One that
-- was begun to be learnt has `step`, the one to go on with, `steps` and `finished` as well; one that needs
-- something of the kernel has `needs`, and `lacking` for what is not there.
function M.all(host)
  local out, needed = {}, {}
  for i, name in ipairs(host.labs()) do
    local source, chunkname = host.lab(name)
    local ok, head = pcall(lab.describe, name, source, chunkname)
    out[i] = ok and { name = name, title = head.title, minutes = head.minutes,
                      summary = head.summary and (head.summary:gsub("%s+", " ")), needs = head.needs } or
             { name = name, trouble = tostring(head) }
    table.move(out[i].needs or {}, 1, #(out[i].needs or {}), #needed + 1, needed)
    for key, value in pairs(progress.brief(name, host) or {}) do out[i][key] = value end
  end
  if #needed > 0 then mark(out, needed) end
  return out
end

-- "done", "step 5 of 12"; "" for what was not begun.
local function learnt(l)
  if l.finished then return "done" end
  return l.step and ("step %d of %d"):format(l.step, l.steps) or ""
end

-- The cells of all rows; the column of what was learnt is there when there is something in it.
local function cells(labs)
  local rows, any = { { "NAME", "TIME", "LEARNT", "TITLE", "SUMMARY" } }, false
  for _, l in ipairs(labs) do
    local time = l.minutes and ("%d min"):format(math.ceil(l.minutes)) or ""
    local lacking = l.lacking and LACKING:format((l.lacking:gsub(" ", ", "))) or ""
    rows[#rows + 1] = { l.name, time, learnt(l), l.title or "", lacking .. (l.summary or l.trouble or "") }
    any = any or l.step ~= nil
  end
  for _, row in ipairs(rows) do
    if not any then table.remove(row, 3) end
  end
  return rows
end

-- The lines of an aligned table. A last column that is wider than the terminal is wrapped in
-- its place; without a terminal each lab has one line.
function M.table(labs, columns)
  local rows, widest = cells(labs), {}
  for _, row in ipairs(rows) do
    for i = 1, #row - 1 do widest[i] = math.max(widest[i] or 0, wrap.width(row[i])) end
  end
  local lines = {}
  for _, row in ipairs(rows) do
    local first = ""
    for i in ipairs(widest) do first = first .. wrap.pad(row[i], widest[i]) .. GAP end
    local room = columns and columns - wrap.width(first) >= 30 and columns or math.huge
    local summary = wrap.words(row[#row], room, first, (" "):rep(wrap.width(first)))
    if #summary == 0 then summary[1] = first:gsub(" +$", "") end
    table.move(summary, 1, #summary, #lines + 1, lines)
  end
  return lines
end

-- nslab labs
function M.main(options)
  local host = require "nslab.host"
  local labs = M.all(host)
  local bad = 0
  for _, l in ipairs(labs) do
    if l.trouble then bad = bad + 1 end
    if options.json then
      l.v = 1
      print(host.json(l, KEYS))
    end
  end
  if not options.json then
    local terminal = host.isatty(1) and render.terminal(host).columns or nil
    print(table.concat(M.table(labs, terminal), "\n"))
  end
  return bad == 0 and 0 or 1
end

return M
