-- cycles.lua COUNT: makes the red-blue lab, pings once and deletes it, COUNT times. Then prints how many
-- first packets were lost, the slowest answer, and what the process holds, early and at the end.
local count = tonumber(arg[1])
local early = math.min(50, count)
local lost, slowest_ms = 0, 0
local LATE_MS = 500 -- a first packet that is lost is answered after a second, when ARP asks again

local function cycle()
  local red, blue = netns.add "red", netns.add "blue"
  red.link.set("lo", { up = true })
  blue.link.set("lo", { up = true })
  red.link.add("veth-red", { up = true, veth = { peer = { name = "veth-blue", netns = blue, up = true } } })
  red.addr.add("192.168.15.1/24", { dev = "veth-red" })
  blue.addr.add("192.168.15.2/24", { dev = "veth-blue" })
  local ms = red:ping("192.168.15.2", { timeout_ms = 2000 }).rtts_ms[1] or math.huge
  if ms > LATE_MS then lost = lost + 1 end
  slowest_ms = math.max(slowest_ms, ms)
  red:delete()
  blue:delete()
end

local function resident_kib()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmRSS:%s*(%d+)"
    if kib then return tonumber(kib) end
  end
end

local function descriptors()
  local n = 0
  for fd = 0, 1023 do
    local file <close> = io.open("/proc/self/fdinfo/" .. fd)
    if file then n = n + 1 end
  end
  return n
end

local early_kib, early_fds
for i = 1, count do
  cycle()
  if i == early then early_kib, early_fds = resident_kib(), descriptors() end
end
print(("lost %d slowest_ms %.3f early_kib %d kib %d early_fds %d fds %d"):format(
  lost, slowest_ms, early_kib, resident_kib(), early_fds, descriptors()))
