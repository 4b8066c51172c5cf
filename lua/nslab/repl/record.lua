-- record: what was done, as a script of Lua that does it again. Only operations that change something
-- and succeeded; namespaces get variables with their names.

local M = {}

local Record = {}
Record.__index = Record

local LOOKS = { list = true, get = true, each = true, save = true, check = true, ping = true }

local MANY = 100 -- a function of Lua has at most 200 variables

-- The variable of a namespace.
function Record:variable(name)
  if self.variables[name] then return self.variables[name] end
  if #self.names >= MANY then return ("netns %q"):format(name) end
  local base = name:gsub("[^%w_]", "_"):gsub("^%d", "_%0")
  local variable, n = base, 1
  while self.used[variable] or self.taken[variable] do
    n = n + 1
    variable = ("%s_%d"):format(base, n)
  end
  self.variables[name], self.used[variable] = variable, true
  self.names[#self.names + 1] = name
  return variable
end

-- What the script may change afterwards is copied.
local function copy(v)
  if type(v) ~= "table" then return v end
  local out = {}
  for key, value in next, v do out[key] = copy(value) end
  return out
end

-- Most of what is done is never saved, so it becomes text only then.
function Record:add(op)
  if LOOKS[op.verb] then return end
  self.done[#self.done + 1] = { module = op.module, verb = op.verb, netns = op.netns, key = op.key,
                                command = op.command, options = copy(op.options) }
end

-- The line of one entry; a text is a comment.
function Record:line(op)
  if type(op) == "string" then return "-- " .. op end
  local text = require("nslab.words").lua(op, { handle = function(name) return self:variable(name) end })
  if not text then return ("-- %s.%s: what it was given is not known here"):format(op.module, op.verb) end
  if op.verb ~= "spawn" then return text end
  self.spawned = self.spawned + 1
  return ("local process_%d <close> = %s"):format(self.spawned, text)
end

-- A comment in the script.
function Record:note(text)
  self.done[#self.done + 1] = text
end

-- The script.
function Record:script()
  self.variables, self.used, self.names, self.spawned = {}, {}, {}, 0
  local lines, body = { "#!/usr/bin/env nslab", "-- What was done at the prompt of nslab repl." }, {}
  for i, op in ipairs(self.done) do body[i] = self:line(op) end
  local left, right = {}, {}
  for i, name in ipairs(self.names) do
    left[i], right[i] = self.variables[name], ("netns %q"):format(name)
  end
  if #left > 0 then
    lines[#lines + 1] = ("local %s = %s"):format(table.concat(left, ", "), table.concat(right, ", "))
  end
  lines[#lines + 1] = ""
  table.move(body, 1, #body, #lines + 1, lines)
  return table.concat(lines, "\n") .. "\n"
end

-- Writes the script; returns how many operations it has.
function Record:save(path)
  local file, trouble = io.open(path, "w")
  if not file then error((":save: %s"):format(trouble), 0) end
  local ok, why = file:write(self:script())
  local closed, late = file:close()
  if not (ok and closed) then error((":save: %s: %s"):format(path, why or late), 0) end
  return #self.done
end

-- Lua: new() -> a record. What has a name now keeps it: no variable of the script hides it.
function M.new()
  local taken = { lab = true, step = true, help = true, sh = true }
  for word in pairs(require("nslab.words.lua").KEYWORDS) do taken[word] = true end
  for name in pairs(_G) do taken[name] = true end
  return setmetatable({ done = {}, taken = taken }, Record)
end

return M
