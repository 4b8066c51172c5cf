-- routes_add.lua COUNT: adds that many routes in one batch.
local count, i = tonumber(arg[1]), 0
link.set("lo", { up = true })
local made = netlink.batch(function(b)
  while i < count do
    local net = ("11.%d.%d."):format(i >> 16, i >> 8 & 255)
    for host = 0, math.min(count - i, 256) - 1 do b.route.add(net .. host, { dev = "lo" }) end
    i = i + 256
  end
end)
assert(made == count)
