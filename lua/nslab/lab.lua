-- lab: what a lab's author writes. `lab{...}` and `step{...}` check what they are given and collect
-- it into a definition; nothing runs here. How a definition is run is nslab.run's business.

local lan = require "nslab.lan"
local wrap = require "nslab.wrap"

local M = {}

-- ---- what may stand in a table -----------------------------------------------------------------

-- A row: key, type, whether it must be there. The order is that of the sentences an author gets.
--
-- A step: `hint` is the nudge that a learner gets first; `learned` the sentence that is worth keeping, shown
-- when the learner has done the step. A check is { "sentence", function, active = true }. It answers
-- with something true, or with nil and a reason that names what is off ("veth-red is in red but
-- down"): a learner sees it for what they did, so it must not presuppose what the step's `run` does.
-- An active check does something to find its answer (connects, sends, starts a program): while somebody
-- learns, it waits until all others of its step hold; the others are asked again and again.
-- `needs` names what the kernel must have, as nslab.features has it: { "vrf", "netem" }. A step may have a
-- function there instead, which answers as a check does.
local LAB = {
  { "title", "string", true }, { "summary", "string" }, { "minutes", "number" },
  { "host", "table" }, { "needs", "table" },
}
local HOST = { { "eth0", "string", true }, { "lan", "table" } }
local LAN = { { "name", "string", true } }
local STEP = {
  { "title", "string", true }, { "text", "string" }, { "run", "function" }, { "check", "table" },
  { "look", "function" }, { "claim", "table" }, { "hint", "string" },
  { "background", "function" }, { "needs", "table|function" }, { "learned", "string" },
}

-- What is wrong with a lab. It is no text: a text gets a traceback, and what goes on in here helps no author.
local Complaint = { __tostring = function(c) return c.text end }

local function refuse(text) error(setmetatable({ text = text }, Complaint), 0) end

-- Raises at the line of the author: the first one on the stack that is not ours.
local function complain(...)
  local text, level = string.format(...), 1
  local info = debug.getinfo(level, "Sl")
  local own = info.source
  while info and (info.source == own or info.what == "C") do
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  refuse(info and ("%s:%d: %s"):format(info.short_src, info.currentline, text) or text)
end

-- Lua: said(raised) -> what was raised, or given as a reason, as a text.
function M.said(raised)
  local kind, meta = type(raised), getmetatable(raised)
  local speaks = kind == "table" and type(meta) == "table" and meta.__tostring
  if kind == "string" or kind == "number" or kind == "boolean" or kind == "userdata" or speaks then
    return tostring(raised)
  end
  return raised == nil and "an error without a text" or ("no text, but a %s"):format(kind)
end

-- How many letters are wrong, missing or too many; two that changed places count as one.
local function distance(a, b)
  local before, row = nil, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local next_row = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local d = math.min(next_row[j - 1] + 1, row[j] + 1, row[j - 1] + cost)
      if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        d = math.min(d, before[j - 2] + 1)
      end
      next_row[j] = d
    end
    before, row = row, next_row
  end
  return row[#b]
end

-- The word of the list that is nearest to `word`, or nil when none is near: at most so many letters off.
function M.nearest(word, words, most)
  local best, least = nil, (most or math.max(2, #word // 2)) + 1
  for _, candidate in ipairs(words) do
    local d = distance(word:lower(), candidate:lower())
    if d < least then best, least = candidate, d end
  end
  return best
end

local function unknown(where, key, rows)
  local words = {}
  for i, row in ipairs(rows) do words[i] = row[1] end
  local near = type(key) == "string" and M.nearest(key, words)
  local way = near and ("did you mean %s?"):format(near) or
              ("the keys are %s."):format(table.concat(words, ", "))
  complain("%s: unknown key %s; %s", where, tostring(key), way)
end

local function validate(where, given, rows)
  if type(given) ~= "table" then
    complain("%s: a table is expected, not %s.", where, type(given))
  end
  local known = {}
  for _, row in ipairs(rows) do known[row[1]] = true end
  for key in pairs(given) do
    if not known[key] then unknown(where, key, rows) end
  end
  for _, row in ipairs(rows) do
    local key, wanted, required = table.unpack(row)
    local value = given[key]
    if value == nil and required then complain("%s: %s is missing.", where, key) end
    if value ~= nil and not ("|" .. wanted .. "|"):find("|" .. type(value) .. "|", 1, true) then
      complain("%s: %s must be a %s, not a %s.", where, key, wanted:gsub("|", " or a "), type(value))
    end
    if value == "" then complain("%s: %s is empty.", where, key) end
  end
end

-- ---- the definition ----------------------------------------------------------------------------

local declared -- what the running chunk has declared so far

-- { { "sentence", function }, ... } -> { { text, test }, ... }
local function checks(where, key, given)
  if #given == 0 then complain("%s: %s is empty; it lists what must hold.", where, key) end
  local out = {}
  for i, pair in ipairs(given) do
    local at = ("%s: %s[%d]"):format(where, key, i)
    if type(pair) ~= "table" or type(pair[1]) ~= "string" or pair[1] == "" or
       type(pair[2]) ~= "function" then
      complain("%s: a check is { \"sentence\", function() return ok, reason end }.", at)
    end
    for k in pairs(pair) do
      if k ~= 1 and k ~= 2 and k ~= "active" then complain("%s: unknown key %s.", at, tostring(k)) end
    end
    if type(pair.active or false) ~= "boolean" then complain("%s: active must be a boolean.", at) end
    out[i] = { text = pair[1], test = pair[2], active = pair.active }
  end
  for k in pairs(given) do
    if not out[k] then complain("%s: %s: unknown key %s.", where, key, tostring(k)) end
  end
  return out
end

local function doing(where, t)
  if (t.run ~= nil) == (t.look ~= nil) then
    complain("%s: a step has either run and check, or look and claim.", where)
  end
  local kind, want, other = "run", "check", "claim"
  if t.look then kind, want, other = "look", "claim", "check" end
  if t[other] then
    complain("%s: %s goes with %s, not with %s.", where, other, kind == "run" and "look" or "run",
             kind)
  end
  if not t[want] then complain("%s: %s needs %s.", where, kind, want) end
  return kind, checks(where, want, t[want])
end

-- A global that a lab makes by accident outlives its step and hides a spelling mistake. The
-- metatable for the table of globals, over what it has already.
local function guarded(meta)
  function meta.__newindex(t, key, value)
    rawset(t, key, value)
    local info = debug.getinfo(2, "Sl")
    io.stderr:write(("%s:%d: warning: this makes a global variable of %s; `local` was forgotten?\n")
                    :format(info.short_src, info.currentline, tostring(key)))
  end
  return meta
end

local function check_address(where, read, address)
  local fine, trouble = read(tostring(address))
  if not fine then complain("%s: %s", where, trouble) end
end

-- { name = NAME, ADDRESS ... }
local function check_lan(t)
  local named = {}
  for key, value in pairs(t) do
    if math.type(key) ~= "integer" then named[key] = value end
  end
  validate("lab: host: lan", named, LAN)
  for i, address in ipairs(t) do check_address(("lab: host: lan[%d]"):format(i), lan.address, address) end
end

-- The names of what the kernel must have.
local function check_needs(where, given)
  if type(given) ~= "table" then return end
  local names = require("nslab.features").names()
  for key, name in pairs(given) do
    if math.type(key) ~= "integer" then complain("%s: needs: unknown key %s.", where, tostring(key)) end
    local known = false
    for _, candidate in ipairs(names) do known = known or candidate == name end
    local near = not known and type(name) == "string" and M.nearest(name, names)
    if not known then
      complain("%s: needs: nobody knows %s; %s", where, tostring(name), near and
               ("did you mean %s?"):format(near) or "`nslab doctor` lists the names.")
    end
  end
end

-- Lua: lab{ title, summary, minutes, needs, host = { eth0 = ADDRESS, lan = { name, ADDRESS ... } } }
function M.lab(t)
  validate("lab", t, LAB)
  if t.host then
    validate("lab: host", t.host, HOST)
    check_address("lab: host: eth0", lan.router, t.host.eth0)
    if t.host.lan then check_lan(t.host.lan) end
  end
  check_needs("lab", t.needs)
  if t.minutes and t.minutes <= 0 then complain("lab: minutes must be more than 0.") end
  if declared and declared.title then complain("lab: this file has a lab{...} already.") end
  if not declared then -- a script that the host runs, with the real globals
    declared = { steps = {} }
    setmetatable(_G, guarded(getmetatable(_G) or {}))
  end
  declared.title, declared.minutes, declared.host, declared.needs = t.title, t.minutes, t.host, t.needs
  declared.summary = t.summary and wrap.dedent(t.summary)
  if declared.only_described then error(declared, 0) end
end

-- Lua: step{ title, text, run, check, look, claim, hint, learned, background, needs }
function M.step(t)
  local title = type(t) == "table" and type(t.title) == "string" and t.title
  local where = title and ('step "%s"'):format(title) or "step"
  if not (declared and declared.title) then
    complain("%s: the file starts with lab{ title = ... }.", where)
  end
  validate(where, t, STEP)
  check_needs(where, t.needs)
  local kind, list = doing(where, t)
  declared.steps[#declared.steps + 1] = {
    title = t.title, text = t.text and wrap.dedent(t.text), kind = kind, act = t[kind],
    checks = list, hint = t.hint, background = t.background, needs = t.needs,
    learned = t.learned and wrap.dedent(t.learned),
  }
end

-- Lua: scratch([name]) -> a path in the directory that dies with the lab
function M.scratch(name)
  local machine = package.loaded["nslab.machine"] -- with --host
  local ours = require("nslab.host").sandboxed() or machine and machine.is_open()
  local dir = ours and os.getenv "NSLAB_SCRATCH"
  if not dir then complain "scratch: there is no sandbox here, so no directory would die with it." end
  return name and ("%s/%s"):format(dir, name) or dir
end

-- ---- reading a lab -----------------------------------------------------------------------------

-- What the chunk declared, under that name; raises when it declared no lab or no steps.
local function definition(name)
  local d = declared
  declared = nil
  if not (d and d.title) then refuse(name .. ": this is no lab: it calls no lab{...}.") end
  if #d.steps == 0 then refuse(name .. ": the lab has no step{...}.") end
  d.name = name
  return d
end

local function chunk_of(source, chunkname, names)
  local env = { lab = M.lab, step = M.step }
  for name, value in pairs(names or {}) do env[name] = value end
  setmetatable(env, guarded { __index = _G })
  local chunk, trouble = load((source:gsub("^#[^\n]*", "")), chunkname, "t", env)
  if not chunk then error(trouble, 0) end
  return chunk
end

-- Runs a lab's file in an environment of its own and returns its definition. `words` is an array
-- of arguments for the file, `names` are globals that it finds besides the usual ones.
function M.load(name, source, chunkname, words, names)
  local chunk = chunk_of(source, chunkname, names)
  declared = { steps = {} }
  local ok, raised = pcall(chunk, table.unpack(words or {}))
  if ok then return definition(name) end
  declared = nil
  error(raised, 0)
end

-- What lab{...} of the file says, without going on behind it: title, summary, minutes.
function M.describe(name, source, chunkname)
  local chunk = chunk_of(source, chunkname)
  local mine = { steps = {}, only_described = true }
  declared = mine
  local ok, raised = pcall(chunk)
  declared = nil
  if not ok and raised == mine then
    mine.name = name
    return mine
  end
  error(ok and name .. ": this is no lab: it calls no lab{...}." or raised, 0)
end

-- A lab's name from how its file was called; what stood behind -e is no name.
function M.name_of(script)
  return (script or ""):gsub("%.lua$", ""):match("([%w][%w._-]*)$") or "lab"
end

-- What the script that has just ended declared, under that name; nil when it declared no lab.
function M.take(name)
  return declared and definition(name)
end

-- Runs what the script that has just ended declared, if it did; returns the exit status.
function M.finish(options)
  if not declared then return 0 end
  return require("nslab.run").play(definition(M.name_of(options.name)), options)
end

return M
