-- mroute: as ip mroute prints it.

local M = {}

local function oifs(mroute)
  local out = {}
  for i, oif in ipairs(mroute.oifs or {}) do
    out[i] = oif.ttl > 1 and ("%s(ttl %d) "):format(oif.dev, oif.ttl) or oif.dev .. " "
  end
  return #out > 0 and "Oifs: " .. table.concat(out) or ""
end

local UNKNOWN = { inet = "0.0.0.0", inet6 = "::" }

function M.one(mroute, asked)
  local any = UNKNOWN[mroute.family]
  local pair = ("(%s,%s)"):format(mroute.from or any, mroute.group or any)
  local text = ("%-32s Iif: %-10s "):format(pair, mroute.iif or "unresolved")
  text = ("%s%s State: %s"):format(text, oifs(mroute), mroute.resolved and "resolved" or "unresolved")
  if asked.table ~= "all" or mroute.table == "main" then return text end
  return ("%s Table: %s"):format(text, mroute.table)
end

return M
