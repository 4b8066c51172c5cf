-- units: rates, sizes, times and shares as tc prints them. The arithmetic is tc's, its roundings too.

local M = {}

-- Divided by 1000 as long as nothing is lost, or as long as there are four digits before the point.
function M.rate(mbit)
  local rate, units = math.floor(mbit * 1e6 + 0.5), { "", "K", "M", "G", "T" }
  local i = 1
  while i < #units and rate >= 1000 and not (rate % 1000 ~= 0 and rate < 1000 * 1000) do
    rate, i = rate // 1000, i + 1
  end
  return ("%d%sbit"):format(rate, units[i])
end

local function near(v, unit, by)
  return math.abs(unit * math.floor(v / unit + 0.5) - v) < by
end

function M.size(bytes)
  if bytes >= 1 << 20 and near(bytes, 1 << 20, 1024) then
    return ("%gMb"):format(math.floor(bytes / (1 << 20) + 0.5))
  elseif bytes >= 1024 and near(bytes, 1024, 16) then
    return ("%gKb"):format(math.floor(bytes / 1024 + 0.5))
  end
  return ("%db"):format(bytes)
end

-- Of whole microseconds.
function M.time(us)
  if us >= 1e6 then return ("%.3gs"):format(us / 1e6) end
  if us >= 1e3 then return ("%.3gms"):format(us / 1e3) end
  return ("%dus"):format(us)
end

-- What netem has is finer.
function M.time_ms(ms)
  local ns = ms * 1e6
  if ns >= 1e9 then return ("%.3gs"):format(ns / 1e9) end
  if ns >= 1e6 then return ("%.3gms"):format(ns / 1e6) end
  if ns >= 1e3 then return ("%.3gus"):format(ns / 1e3) end
  return ("%.0fns"):format(ns)
end

function M.percent(v)
  return ("%g%%"):format(v)
end

return M
