-- witness: what a check looks at while it is asked. Of most objects the kernel tells when they change;
-- of some it does not, and these have to be looked at from time to time. A check that starts a
-- program or sends something is not asked at every change.

local M = {}

-- Of these the kernel tells. All else that a check asks of the core has no events: a sysctl, what a
-- rule has counted.
local TOLD = { netns = true, link = true, addr = true, route = true, neigh = true, rule = true }

local ACTS = { exec = true, ping = true, spawn = true }

-- Calls fn with an observer on the core and on files. Returns { blind, acts } and what pcall returns.
-- `observe` is nslab.core.observe.
function M.call(observe, fn)
  local seen = { blind = false, acts = false }
  local open, lines = io.open, io.lines
  local function observer(op)
    if op.module == "netns" and ACTS[op.verb] then seen.acts = true end
    if not TOLD[op.module] then seen.blind = true end
  end
  local function sees_file(real)
    return function(...)
      seen.blind = true
      return real(...)
    end
  end
  io.open, io.lines = sees_file(open), sees_file(lines) -- luacheck: ignore 122
  local before = observe(observer)
  local results = table.pack(pcall(fn))
  observe(before)
  io.open, io.lines = open, lines -- luacheck: ignore 122
  return seen, table.unpack(results, 1, results.n)
end

return M
