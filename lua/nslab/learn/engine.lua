-- engine: the checks of one step while somebody does it: which hold, which to ask again when, what has
-- changed. Knows nothing of kernels, events or terminals; whoever asks a check is given to it.

local Engine = {}
Engine.__index = Engine

local M = {}

-- For the checks of a step. ask(check) -> ok, reason, { blind, acts }: whether it holds, why not, and
-- whether the kernel does not tell when the answer changes, and whether asking does something.
function M.new(checks, ask)
  local self = setmetatable({ ask = ask, states = {} }, Engine)
  for i, check in ipairs(checks) do
    self.states[i] = { check = check, text = check.text, acts = check.active or false, blind = false }
  end
  return self
end

-- What happened to one: "green", "red", "reason" (red as before, for another reason), or nil.
local function change(state, ok, reason)
  local first, was, why = state.ok == nil, state.ok, state.reason
  state.ok, state.reason = ok, not ok and reason or nil
  if first then return ok and "green" or nil end
  if was ~= ok then return ok and "green" or "red" end
  if not ok and why ~= state.reason then return "reason" end
end

local function look_at(self, wanted)
  local changes = {}
  for _, state in ipairs(self.states) do
    if wanted(state) then
      local ok, reason, touched = self.ask(state.check)
      state.blind = touched.blind or false
      state.acts = state.acts or touched.acts or false
      local what = change(state, ok, reason)
      if what then changes[#changes + 1] = { what = what, state = state } end
    end
  end
  return changes
end

-- Asks those that only look. Returns what changed: { { what, state } ... }
function Engine:look()
  return look_at(self, function(state) return not state.acts end)
end

-- Asks those that act.
function Engine:act()
  return look_at(self, function(state) return state.acts end)
end

local function all(self, holds)
  for _, state in ipairs(self.states) do
    if not holds(state) then return false end
  end
  return true
end

-- Whether those hold that only look.
function Engine:ready()
  return all(self, function(state) return state.acts or state.ok end)
end

-- Whether there is one at all that only looks.
function Engine:looks()
  return not all(self, function(state) return state.acts end)
end

function Engine:done()
  return all(self, function(state) return state.ok end)
end

-- Whether one is open whose answer may change without an event.
function Engine:blind()
  return not all(self, function(state) return state.ok or state.acts or not state.blind end)
end

return M
