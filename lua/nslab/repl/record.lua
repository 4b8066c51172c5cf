-- record: what was done, as a script of Lua that does it again. Only operations that change something
-- and succeeded; namespaces get variables with their names.

local M = {}

local Record = {}
Record.__index = Record

local LOOKS = { list = true, get = true, each = true, save = true, check = true, ping = true }

-- Names that a script needs for something else.
local TAKEN = {}
for name in ("netns link addr route neigh rule iptables ip6tables sysctl netlink lab step sh help arg " ..
             "and break do else elseif end false for function goto if in local nil not or repeat " ..
             "return then true until while"):gmatch "%w+" do TAKEN[name] = true end

local MANY = 100 -- a function of Lua has at most 200 variables

-- The variable of a namespace.
function Record:variable(name)
  if self.variables[name] then return self.variables[name] end
  if #self.names >= MANY then return ("netns %q"):format(name) end
  local base = name:gsub("[^%w_]", "_"):gsub("^%d", "_%0")
  local variable, n = base, 1
  while TAKEN[variable] or self.used[variable] or _G[variable] ~= nil do
    n = n + 1
    variable = ("%s_%d"):format(base, n)
  end
  self.variables[name], self.used[variable] = variable, true
  self.names[#self.names + 1] = name
  return variable
end

function Record:add(op)
  if LOOKS[op.verb] then return end
  local text = require("nslab.words").lua(op, { handle = function(name) return self:variable(name) end })
  if text and op.verb == "spawn" then
    self.spawned = self.spawned + 1
    text = ("local process_%d <close> = %s"):format(self.spawned, text)
  end
  self.lines[#self.lines + 1] = text or
    ("-- %s.%s: what it was given is not known here"):format(op.module, op.verb)
end

-- A comment in the script.
function Record:note(text)
  self.lines[#self.lines + 1] = "-- " .. text
end

-- The script.
function Record:script()
  local lines = { "#!/usr/bin/env nslab", "-- What was done at the prompt of nslab repl." }
  local left, right = {}, {}
  for i, name in ipairs(self.names) do
    left[i], right[i] = self.variables[name], ("netns %q"):format(name)
  end
  if #left > 0 then
    lines[#lines + 1] = ("local %s = %s"):format(table.concat(left, ", "), table.concat(right, ", "))
  end
  lines[#lines + 1] = ""
  table.move(self.lines, 1, #self.lines, #lines + 1, lines)
  return table.concat(lines, "\n") .. "\n"
end

-- Writes the script; returns how many operations it has.
function Record:save(path)
  local file, trouble = io.open(path, "w")
  if not file then error((":save: %s"):format(trouble), 0) end
  local ok, why = file:write(self:script())
  local closed, late = file:close()
  if not (ok and closed) then error((":save: %s: %s"):format(path, why or late), 0) end
  return #self.lines
end

function M.new()
  return setmetatable({ lines = {}, names = {}, variables = {}, used = {}, spawned = 0 }, Record)
end

return M
