-- rule: as ip rule prints it.

local M = {}

local function hexadecimal(v)
  return v == 0 and "0" or ("0x%x"):format(v)
end

local function mark(rule)
  local mask = rule.fwmask
  if not rule.fwmark and not mask then return nil end
  local text = hexadecimal(rule.fwmark or 0)
  return mask and mask ~= 0xFFFFFFFF and text .. "/" .. hexadecimal(mask) or text
end

local function link(rule, key, flags)
  local name = rule[key]
  return name and (flags[key .. "_detached"] and name .. " [detached]" or name)
end

local function tos(v)
  if v == 0 then return nil end
  return math.type(v) == "integer" and ("0x%02x"):format(v) or v
end

local function flags_of(rule)
  local set = {}
  for _, flag in ipairs(rule.flags) do set[flag] = true end
  return set
end

-- What the rule does with a packet that it is for.
local function action(rule, add, flags)
  if rule.table then
    add("lookup", rule.table)
    if rule.suppress_prefixlength ~= -1 then
      add("suppress_prefixlength", rule.suppress_prefixlength)
    end
    add("suppress_ifgroup", rule.suppress_ifgroup)
  end
  if rule.realms then add("realms", rule.realms) end
  if rule.action == "goto" then
    add("goto", (rule.target or "none") .. (flags.unresolved and " [unresolved]" or ""))
  elseif rule.action ~= "lookup" then
    add(tostring(rule.action))
  end
end

function M.one(rule, _, view)
  local flags, out = flags_of(rule), {}
  local function add(word, ...)
    if select("#", ...) == 0 then
      out[#out + 1] = word
    elseif ... ~= nil then
      out[#out + 1] = word .. " " .. tostring(...)
    end
  end
  if rule.invert then add "not" end
  add("from", rule.from)
  add("to", rule.to)
  add("tos", tos(rule.tos))
  add("fwmark", mark(rule))
  add("iif", link(rule, "iif", flags))
  add("oif", link(rule, "oif", flags))
  if rule.l3mdev then add "lookup [l3mdev-table]" end
  add("uidrange", rule.uidrange)
  add("ipproto", rule.ipproto)
  add("sport", rule.sport)
  add("dport", rule.dport)
  add("tun_id", rule.tun_id)
  action(rule, add, flags)
  local usual = rule.protocol == "unspec" or rule.protocol == "kernel"
  if view.details or not usual then add("proto", rule.protocol) end
  return ("%d:\t%s"):format(rule.priority, table.concat(out, " "))
end

return M
