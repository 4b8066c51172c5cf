-- macsec: as ip macsec show prints it.

local M = {}

local function state(on) return on and "on" or "off" end

-- ip 6.1 shows half of a long number.
local function associations(list, add)
  for _, sa in ipairs(list or {}) do
    local short = sa.ssci and ("SSCI %08x"):format(sa.ssci) or ""
    add("        %d: PN %d,%s state %s, key %s", sa.sa, sa.pn & 0xFFFFFFFF, short, state(sa.active),
        sa.key_id)
  end
end

local SWITCHES = { "encrypt", "send_sci", "end_station", "scb", "replay" }

-- ip takes the number of the association that is sent with for the states "sc" and "sa".
local function flags(device)
  local used = state(device.encodingsa ~= 0)
  local out = { "protect " .. state(device.protect), "validate " .. device.validate, "sc " .. used,
                "sa " .. used }
  for _, key in ipairs(SWITCHES) do out[#out + 1] = ("%s %s"):format(key, state(device[key])) end
  if device.window then out[#out + 1] = "window " .. device.window end
  return table.concat(out, " ")
end

function M.one(device)
  local out = {}
  local function add(text, ...) out[#out + 1] = text:format(...) end
  add("%d: %s: %s", device.ifindex, device.dev, flags(device))
  add("    cipher suite: %s, using ICV length %d", device.cipher:upper(), device.icvlen)
  add("    TXSC: %s on SA %d", device.sci, device.encodingsa)
  associations(device.tx, add)
  for _, channel in ipairs(device.rx or {}) do
    add("    RXSC: %s, state %s", channel.sci, state(channel.active))
    associations(channel.sas, add)
  end
  if device.offload then add("    offload: %s", device.offload) end
  return table.concat(out, "\n")
end

return M
