-- labs: the command `nslab labs`: what labs there are. Only the head of each lab's file is run, up
-- to its lab{...}, so nothing of it acts on this machine.

local lab = require "nslab.lab"
local render = require "nslab.render"
local wrap = require "nslab.wrap"

local M = {}

local KEYS = { "v", "name", "title", "minutes", "summary" }
local GAP = "  "

-- An array of { name, title, minutes, summary }; a lab that cannot be read has `trouble` instead.
function M.all(host)
  local out = {}
  for i, name in ipairs(host.labs()) do
    local source, chunkname = host.lab(name)
    local ok, head = pcall(lab.describe, name, source, chunkname)
    out[i] = ok and { name = name, title = head.title, minutes = head.minutes,
                      summary = head.summary and (head.summary:gsub("%s+", " ")) } or
             { name = name, trouble = tostring(head) }
  end
  return out
end

-- The lines of an aligned table. A last column that is wider than the terminal is wrapped in
-- its place; without a terminal each lab has one line.
function M.table(labs, columns)
  local rows = { { "NAME", "TIME", "TITLE", "SUMMARY" } }
  for _, l in ipairs(labs) do
    local time = l.minutes and ("%d min"):format(math.ceil(l.minutes)) or ""
    rows[#rows + 1] = { l.name, time, l.title or "", l.summary or l.trouble or "" }
  end
  local widest = { 0, 0, 0 }
  for _, row in ipairs(rows) do
    for i in ipairs(widest) do widest[i] = math.max(widest[i], wrap.width(row[i])) end
  end
  local lines = {}
  for _, row in ipairs(rows) do
    local first = ""
    for i in ipairs(widest) do first = first .. wrap.pad(row[i], widest[i]) .. GAP end
    local room = columns and columns - wrap.width(first) >= 30 and columns or math.huge
    local summary = wrap.words(row[4], room, first, (" "):rep(wrap.width(first)))
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
