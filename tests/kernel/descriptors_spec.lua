-- No call leaves a descriptor open: not when it succeeds, not when it fails, whatever it fails at. The
-- collector is off, so what is closed is closed by the call itself.

local harness = require "harness"
local lfs = require "lfs" -- busted needs it too

local function open()
  local n = 0
  for _ in lfs.dir "/proc/self/fd" do n = n + 1 end
  return n
end

-- v0 and v1 are up, v0 has addresses, a route, a neighbour; there is a rule; red and blue exist.
local function prepare()
  netns.add "red"
  netns.add "blue"
  link.set("lo", { up = true })
  link.add("br0", { type = "bridge" })
  link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
  addr.add("10.0.0.1/24", { dev = "v0" })
  route.add("10.9.0.0/16", { via = "10.0.0.2" })
  neigh.add("10.0.0.2", { dev = "v0", lladdr = "02:00:00:00:00:02" })
  rule.add { from = "10.0.0.0/24", table = 100, priority = 100 }
end

local red, blue = netns "red", netns "blue"
local MAC = "02:00:00:00:00:02"

-- What is called, how often; the function may raise.
local CALLS = {
  { "link.add", 100, function(i) red.link.add("b" .. i, { type = "bridge" }) end },
  { "link.add of a pair in two namespaces", 30, function(i)
    link.add("x" .. i, { netns = red, alias = "x",
                         veth = { peer = { name = "y" .. i, netns = blue, up = true } } })
  end },
  { "link.add of what exists", 1000, function() link.add("v0", { type = "bridge" }) end },
  { "link.add into no namespace", 1000, function()
    link.add("z", { netns = "nope", veth = { peer = "y" } })
  end },
  { "link.add with a mistake behind open namespaces", 1000, function()
    link.add("z", { netns = red, veth = { peer = { name = "y", netns = blue, mtu = "x" } } })
  end },
  { "link.add with an unknown master elsewhere", 200, function()
    link.add("z", { netns = red, master = "nope", veth = { peer = "y" } })
  end },
  { "link.set", 1000, function(i) link.set("v0", { mtu = 1000 + i % 500 }) end },
  { "link.set of no link", 1000, function() link.set("nope", { mtu = 1400 }) end },
  { "link.set misspelt", 1000, function() link.set("v0", { mut = 1400 }) end },
  { "link.get", 1000, function() return link.get("v0").veth.peer.netns, link.get("v0").master end },
  { "link.get of no link", 1000, function() link.get "nope" end },
  { "link.list", 1000, function() link.list { type = "bridge" } end },
  { "link.each, left early", 1000, function()
    for l in link.each() do if l.name == "lo" then break end end
  end },
  { "link.each, raised in", 1000, function() for _ in link.each() do error "stop" end end },
  { "link.delete", 10, function(i) red.link.delete("b" .. i) end },
  { "link.delete of no link", 1000, function() link.delete "nope" end },
  { "addr.add", 1000, function(i)
    addr.add(("10.1.%d.%d/32"):format(i // 250, i % 250 + 1), { dev = "v0" })
  end },
  { "addr.add of what is there", 1000, function() addr.add("10.0.0.1/24", { dev = "v0" }) end },
  { "addr.replace", 1000, function() addr.replace("10.0.0.1/24", { dev = "v0" }) end },
  { "addr.get", 20, function() return addr.get("10.0.0.1/24").dev end },
  { "addr.list with a mistake", 1000, function() addr.list { scope = "glbal" } end },
  { "addr.delete", 1000, function(i)
    addr.delete(("10.1.%d.%d/32"):format(i // 250, i % 250 + 1), { dev = "v0" })
  end },
  { "addr.flush", 300, function() addr.flush { dev = "v1", family = "inet" } end },
  { "route.add and route.delete", 1000, function()
    route.add("10.8.0.0/16", { dev = "v0" })
    route.delete "10.8.0.0/16"
  end },
  { "route.add of what cannot be reached", 1000, function() route.add("default", { via = "192.0.2.1" }) end },
  { "route.get", 1000, function() return route.get("10.0.0.7").dev end },
  { "route.get of nowhere", 1000, function() route.get "192.0.2.1" end },
  { "route.replace", 1000, function() route.replace("10.9.0.0/16", { via = "10.0.0.3" }) end },
  { "route.append", 1000, function(i) route.append("10.9.0.0/16", { via = "10.0.0.4", metric = i }) end },
  { "route.list", 20, function() for _, r in ipairs(route.list { table = "all" }) do assert(r.dev) end end },
  { "route.flush", 2, function() route.flush { exact = "10.9.0.0/16" } end },
  { "neigh.add and neigh.delete", 1000, function()
    neigh.add("10.0.0.9", { dev = "v0", lladdr = MAC })
    neigh.delete("10.0.0.9", { dev = "v0" })
  end },
  { "neigh.set", 1000, function() neigh.set("10.0.0.2", { dev = "v0", lladdr = MAC }) end },
  { "neigh.list", 1000, function() neigh.list { proxy = true } end },
  { "rule.add and rule.delete", 1000, function()
    rule.add { table = 5, priority = 9 }
    rule.delete { priority = 9 }
  end },
  { "rule.list", 1000, function() rule.list() end },
  { "netlink.batch", 300, function()
    netlink.batch(function(b)
      for i = 1, 5 do b.route.replace(("10.7.%d.0/24"):format(i), { dev = "v0" }) end
    end)
  end },
  { "netlink.batch that fails", 300, function()
    red.netlink.batch(function(b)
      b.link.add("z", { netns = blue, master = "nope", veth = { peer = "y" } })
    end)
  end },
  { "netns.add and netns.delete", 30, function()
    netns.add "green"
    netns.delete "green"
  end },
  { "netns.add of what exists", 1000, function() netns.add "red" end },
  { "netns.get and netns.list", 1000, function() return netns.get "red", netns.get "nope", netns.list() end },
  { "a handle of nothing", 1000, function() netns "nope".link.list() end },
  { "run", 1000, function() red:run(function() return link.get "lo" end) end },
  { "run that raises", 1000, function() red:run(error, "stop") end },
  { "a filter with a mistake", 1000, function() for _ in route.each { dts = 1 } do error "never" end end },
}

-- What a sanitizer slows down is called a tenth as often.
local function share()
  local host = require "nslab.host"
  local start = host.time_ms()
  for _ = 1, 50 do link.list() end
  return host.time_ms() - start < 50 and 1 or 0.1
end

describe("no descriptor stays open after", function()
  it("any verb, well or not", harness.fresh(function()
    prepare()
    local part = share()
    collectgarbage()
    collectgarbage "stop"
    netns.host:run(function() end) -- opens the one that is kept
    local before = open()
    for _, call in ipairs(CALLS) do
      local name, times, fn = table.unpack(call)
      times = math.ceil(times * part)
      local good, raised = 0, nil
      for i = 1, times do
        local ok, e = pcall(fn, i)
        if ok then good = good + 1 else raised = e end
      end
      assert.equal(before, open(), name .. " leaves descriptors open")
      assert.truthy(good == times or good == 0,
                    ("%s: %d of %d, %s"):format(name, good, times, tostring(raised)))
      collectgarbage()
    end
  end))

  it("a handle of a file that is dropped", harness.fresh(function()
    netns.add "red"
    local file <close> = assert(io.open "/run/netns/red")
    netns(file).link.list()
    collectgarbage()
    collectgarbage()
    local before = open()
    for _ = 1, 100 do
      local handle = netns(file)
      handle.link.list()
    end
    collectgarbage()
    collectgarbage()
    assert.equal(before, open())
  end))
end)
