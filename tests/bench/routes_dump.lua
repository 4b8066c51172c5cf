-- routes_dump.lua each|list COUNT: reads the destination of every route, as a stream or out of a list;
-- then prints the most memory that the process had, in KiB, if a third word asks for it.
local count, read = 0, nil
if arg[1] == "each" then
  for route in route.each() do
    read = route.dst
    count = count + 1
  end
else
  for i, route in ipairs(route.list()) do
    read = route.dst
    count = i
  end
end
assert(read and count >= tonumber(arg[2]))
if arg[3] then
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmHWM:%s+(%d+)"
    if kib then print(kib) end
  end
end
