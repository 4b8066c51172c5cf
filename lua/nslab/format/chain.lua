-- chain: as tc chain show prints it.

local filter = require "nslab.format.filter"

local M = {}

function M.one(chain, asked)
  local out = { "chain" }
  local function add(...) out[#out + 1] = table.concat({ ... }, " ") end
  if not asked.dev then add("dev", chain.dev) end
  if chain.parent then add("parent", chain.parent) end
  if chain.type then add(chain.type) end
  if not asked.chain then add("chain", tostring(chain.chain)) end
  return table.concat(out, " ") .. (chain.flower and filter.flower(chain, chain.flower) or "")
end

return M
