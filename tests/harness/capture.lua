-- capture: what programs send over netlink, as strace sees it, and two messages compared attribute by
-- attribute.

local core = require "nslab.core"
local harness = require "harness"

local M = {}

-- Whether strace can be used here, and `ip` is the one whose messages are kept.
function M.possible()
  return harness.sh "strace -o /dev/null true 2>&1; echo $?" == "0\n" and
         harness.sh "ip -V":find "iproute2%-6%.1%." ~= nil
end

-- What strace puts before a command so that its log has the bytes.
function M.prefix(log)
  return "strace -f -e trace=sendmsg,sendto -e write=all -o " .. log
end

-- The messages in strace's log, in their order. ip sends more of its buffer than the message.
function M.messages(log)
  local calls = {}
  for line in io.lines(log) do
    if line:find "send%a+%(" then calls[#calls + 1] = {} end
    local hex = line:match "^[%d ]* | %x+  ([%x ]+)  "
    if hex and #calls > 0 then
      for byte in hex:gmatch "%x%x" do table.insert(calls[#calls], string.char(tonumber(byte, 16))) end
    end
  end
  local out = {}
  for _, call in ipairs(calls) do
    local bytes = table.concat(call)
    if #bytes >= 16 then out[#out + 1] = bytes:sub(1, (string.unpack("<I4", bytes))) end
  end
  return out
end

-- The number and the port in the header are chosen anew each time.
function M.without_chance(bytes)
  return bytes:sub(1, 8) .. ("\0"):rep(8) .. bytes:sub(17)
end

-- ---- fields --------------------------------------------------------------------------------------

local WORDS = 32 -- where they begin in a line of an annotated message

-- The lines of the annotated message: { depth, name, value, hex }.
local function lines_of(bytes)
  local out = {}
  for line in core.annotate(bytes):gmatch "[^\n]+" do
    local hex = line:sub(7, WORDS - 2):gsub(" +$", "")
    local blanks, name, value = line:sub(WORDS):match "^( *)(%S+) ?(.*)$"
    if name == "attribute" then name, value = name .. " " .. value, "" end
    if name then
      out[#out + 1] = { depth = #blanks // 2 + 1, name = name, value = value, hex = hex }
    elseif #out > 0 then
      out[#out].hex = out[#out].hex .. " " .. hex
    end
  end
  return out
end

-- What a line is compared by. A nest has what is in it: its length says nothing more. Whether it is
-- marked as one (NLA_F_NESTED, as new programs should and ip does not) makes no difference to the kernel,
-- nor does what stands in the bytes behind its length: ip leaves there what was there before.
local function compared(line, following)
  if not line.name:match "^[%u]" and not line.name:match "^attribute" then return line.hex end
  local length, low, high, rest = line.hex:match "^(%x%x %x%x) (%x%x) (%x%x)(.*)$"
  if not high then return line.hex end
  local bytes = tonumber(length:sub(1, 2), 16) | tonumber(length:sub(4, 5), 16) << 8
  rest = rest:sub(1, 3 * (bytes - 4)) .. rest:sub(3 * (bytes - 4) + 1):gsub("%x%x", "00")
  local is_nest = following and following.depth > line.depth and rest == ""
  return ("%s %s %02x%s"):format(is_nest and "nest" or length, low, tonumber(high, 16) & 0x7f, rest)
end

local CHANCE = { nlmsg_len = true, nlmsg_seq = true, nlmsg_pid = true }

-- { ["ifi_index"] = { hex, text }, ["IFLA_LINKINFO.IFLA_INFO_KIND"] = ... }: every member and
-- attribute under the names of what is around it; the second of a name is "NAME#2".
function M.fields(bytes)
  local out, path = {}, {}
  local lines = lines_of(bytes)
  for i, line in ipairs(lines) do
    local n, name = 1, line.name
    path[line.depth] = name
    local whole = table.concat(path, ".", 1, line.depth)
    while out[whole] do
      n = n + 1
      path[line.depth] = name .. "#" .. n
      whole = table.concat(path, ".", 1, line.depth)
    end
    local hex = compared(line, lines[i + 1])
    if not CHANCE[whole] then out[whole] = { hex, line.value ~= "" and line.value or hex } end
  end
  return out
end

-- Every path at which the fields differ, with a text.
function M.differences(ours, theirs)
  local out = {}
  for name, field in pairs(ours) do
    local other = theirs[name]
    if not other then
      out[name] = ("ours %s, none there"):format(field[2])
    elseif other[1] ~= field[1] then
      out[name] = ("ours %s (%s), there %s (%s)"):format(field[2], field[1], other[2], other[1])
    end
  end
  for name, field in pairs(theirs) do
    if not ours[name] then out[name] = ("none of ours, there %s"):format(field[2]) end
  end
  return out
end

return M
