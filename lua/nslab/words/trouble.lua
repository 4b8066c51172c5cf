-- trouble: the errors of reading a command. They are values like those of the modules: `field` is the
-- word at which the reading stopped.

local core = require "nslab.core"

local M = {}

local EINVAL = 22

-- Raises about a word of the command; `op` is what was being read, "route.add", as far as it is known.
function M.raise(word, text, hint, op)
  error(core.error_value { op = op or "sh", errno = EINVAL, field = word, text = text, hint = hint }, 0)
end

return M
