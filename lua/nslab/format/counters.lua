-- counters: what ip -s shows below a link, and more of it with a second -s.

local M = {}

-- Each line: what it is called, its columns with the key of the counter; `last` has a title only where
-- there is something to count; `room`: without it there are blanks in its place.
local RX = { "RX:", { "bytes", "rx_bytes" }, { "packets", "rx_packets" }, { "errors", "rx_errors" },
             { "dropped", "rx_dropped" }, { "missed", "rx_missed_errors" }, { "mcast", "multicast" },
             last = { "compressed", "rx_compressed" }, room = true }
local RX_ERRORS = { "RX errors:", { "" }, { "length", "rx_length_errors" }, { "crc", "rx_crc_errors" },
                    { "frame", "rx_frame_errors" }, { "fifo", "rx_fifo_errors" },
                    { "overrun", "rx_over_errors" }, last = { "nohandler", "rx_nohandler" } }
local TX = { "TX:", { "bytes", "tx_bytes" }, { "packets", "tx_packets" }, { "errors", "tx_errors" },
             { "dropped", "tx_dropped" }, { "carrier", "tx_carrier_errors" }, { "collsns", "collisions" },
             last = { "compressed", "tx_compressed" }, room = true }
local TX_ERRORS = { "TX errors:", { "" }, { "aborted", "tx_aborted_errors" }, { "fifo", "tx_fifo_errors" },
                    { "window", "tx_window_errors" }, { "heartbt", "tx_heartbeat_errors" },
                    { "transns", "carrier_changes" } }

-- The least widths of the columns; the first begins where the line does.
local WIDTHS = { #"RX errors:", #"packets", #"errors", #"dropped", #"heartbt", #"overrun", #"compressed" }

local function widths(lines, stats)
  local out = table.move(WIDTHS, 1, #WIDTHS, 1, {})
  for _, line in ipairs(lines) do
    for i = 2, 7 do
      local key = line[i] and line[i][2]
      if key then out[i - 1] = math.max(out[i - 1], #tostring(stats[key] or 0)) end
    end
    if line.last then out[7] = math.max(out[7], #tostring(stats[line.last[2]] or 0)) end
  end
  return out
end

local function right(text, width)
  return (" "):rep(width - #text) .. text
end

-- The title and the counters of one line.
local function two_lines(line, width, stats)
  local titles, counters = {}, {}
  for i = 2, 7 do
    local column = line[i]
    if not column then break end
    local room = i == 2 and width[1] - #line[1] or width[i - 1]
    titles[#titles + 1] = right(column[1], room)
    counters[#counters + 1] = right(column[2] and tostring(stats[column[2]] or 0) or "", width[i - 1])
  end
  if line.last and (stats[line.last[2]] or 0) > 0 then
    titles[#titles + 1] = right(line.last[1], width[7])
    counters[#counters + 1] = right(tostring(stats[line.last[2]]), width[7])
  elseif line.room then
    titles[#titles + 1] = (" "):rep(width[7])
  end
  return ("    %s%s\n    %s "):format(line[1], table.concat(titles, " "), table.concat(counters, " "))
end

-- Lua: text(link, level) -> the lines, the first one begins with a line break; "" for what has no counters.
function M.text(link, level)
  if not link.stats then return "" end
  local stats = setmetatable({ carrier_changes = link.carrier_changes }, { __index = link.stats })
  local lines = level > 1 and { RX, RX_ERRORS, TX, TX_ERRORS } or { RX, TX }
  local width, out = widths(lines, stats), {}
  for i, line in ipairs(lines) do out[i] = "\n" .. two_lines(line, width, stats) end
  return table.concat(out)
end

return M
