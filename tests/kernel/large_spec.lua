-- Tables and batches so large that a thread reads on in a dump, and sends one part of a batch while the script
-- puts the next together. ip reads what the kernel has.

local harness = require "harness"
local lfs = require "lfs" -- busted needs it too
local fresh, must = harness.fresh, harness.must

local COUNT = 9000 -- several parts of a batch, and several of a dump

local function dst(i) return ("11.%d.%d.%d"):format(i >> 16, i >> 8 & 255, i & 255) end

local function fill(count)
  link.set("lo", { up = true })
  return netlink.batch(function(b)
    for i = 0, count - 1 do b.route.add(dst(i), { dev = "lo" }) end
  end)
end

local function lines(text) return select(2, text:gsub("\n", "")) end

local function descriptors()
  local n = 0
  collectgarbage() -- what others have left open
  for _ in lfs.dir "/proc/self/fd" do n = n + 1 end
  return n
end

local function threads()
  for line in io.lines "/proc/self/status" do
    local n = line:match "^Threads:%s+(%d+)"
    if n then return tonumber(n) end
  end
end

describe("a large batch", function()
  it("is all there", fresh(function()
    assert.equal(COUNT, fill(COUNT))
    local text = must "ip route"
    assert.equal(COUNT, lines(text))
    assert.truthy(text:find("11.0.0.0 dev lo scope link \n", 1, true))
    assert.truthy(text:find(dst(COUNT - 1) .. " dev lo scope link \n", 1, true))
    assert.equal(1, threads())
  end))

  it("names what failed, in whatever part, and loses nothing that was sent before", fresh(function()
    link.set("lo", { up = true })
    for _, bad in ipairs { 1500, 6500, COUNT - 1 } do
      local added, at = 0, nil
      local ok, e = pcall(netlink.batch, function(b)
        for i = 0, COUNT - 1 do
          if i == bad then
            b.route.add(dst(i), { via = "192.0.2.1" }) at = debug.getinfo(1, "l").currentline
          else
            b.route.add(dst(i), { dev = "lo" })
          end
          added = i
        end
      end)
      assert.is_false(ok)
      assert.same({ "route.add", dst(bad), "ENETUNREACH", "via" }, { e.op, e.key, e.code, e.field })
      assert.equal(debug.getinfo(1, "S").short_src .. ":" .. at, e.where)
      -- The part with the error is all there but for it; what the function had put together behind it may not be.
      local have = lines(must "ip route")
      assert.is_true(have >= math.min(bad + 1, COUNT - 1) and have <= added)
      assert.equal(1, threads())
      must "ip route flush table main"
    end
  end))

  it("tells of a failure at its place, and how many more there were", fresh(function()
    fill(10)
    local ok, e = pcall(fill, 20)
    assert.same({ false, dst(0), "EEXIST" }, { ok, e.key, e.code })
    assert.truthy(e.hint:find("9 more of the batch failed", 1, true))
    assert.equal(20, lines(must "ip route"))
  end))

  it("shows what was sent to who looks in between", fresh(function()
    link.set("lo", { up = true })
    local seen
    netlink.batch(function(b)
      for i = 0, COUNT - 1 do b.route.add(dst(i), { dev = "lo" }) end
      seen = #b.route.list()
    end)
    assert.is_true(seen > 1000 and seen <= COUNT)
    assert.equal(COUNT, lines(must "ip route"))
  end))

  it("keeps the order of links and what is on them", fresh(function()
    netlink.batch(function(b)
      for i = 1, 3 do
        b.link.add("v" .. i, { up = true, veth = { peer = { name = "w" .. i, up = true } } })
        for j = 0, 2500 do b.route.add(("12.%d.%d.%d"):format(i, j >> 8, j & 255), { dev = "v" .. i }) end
      end
    end)
    for i = 1, 3 do assert.equal(2501, lines(must("ip route show dev v" .. i))) end
  end))

  it("ends well when its function raises while a part is being sent", fresh(function()
    link.set("lo", { up = true })
    local before = descriptors()
    local ok, e = pcall(netlink.batch, function(b)
      for i = 0, 5000 do b.route.add(dst(i), { dev = "lo" }) end
      error "enough"
    end)
    assert.is_false(ok)
    assert.truthy(tostring(e):find "enough")
    assert.equal(1, threads())
    assert.equal(before, descriptors())
    assert.is_true(lines(must "ip route") < 5001)
  end))
end)

describe("a large dump", function()
  it("is the same as a stream, as a list and in ip", fresh(function()
    fill(COUNT)
    local all = {}
    for r in route.each() do all[#all + 1] = tostring(r) end
    assert.equal(COUNT, #all)
    local ip = must("ip route"):gsub(" +\n", "\n")
    assert.is_true(ip == table.concat(all, "\n"):gsub(" +\n", "\n") .. "\n") -- not to be printed when it fails
    local list = route.list()
    assert.equal(COUNT, #list)
    for i = 1, COUNT, 997 do assert.equal(all[i], tostring(list[i])) end
    assert.equal(1, threads())
  end))

  it("may be left anywhere, and nested", fresh(function()
    fill(COUNT)
    local before = descriptors()
    for _, stop in ipairs { 1, 900, 2500, 5000, COUNT - 1 } do
      local n = 0
      for _ in route.each() do
        n = n + 1
        if n == stop then break end
      end
      assert.equal(stop, n)
    end
    local n = 0
    for outer in route.each() do
      n = n + 1
      if n % 3000 == 0 then
        local m = 0
        for _ in route.each() do m = m + 1 end
        assert.equal(COUNT, m)
        assert.equal(0, netns.host:exec { "true" }.code)
      end
      assert.truthy(outer.dst)
    end
    assert.equal(COUNT, n)
    assert.equal(1, threads())
    assert.equal(before, descriptors())
  end))

  it("says so when it was changed meanwhile, or is right", fresh(function()
    fill(COUNT)
    local n = 0
    local ok, e = pcall(function()
      for _ in route.each() do
        n = n + 1
        if n == 10 then netlink.batch(function(b) for i = 8000, 8900 do b.route.delete(dst(i)) end end) end
      end
    end)
    if ok then
      assert.is_true(n == COUNT or n == COUNT - 901)
    else
      assert.equal("EAGAIN", e.code)
    end
    assert.equal(COUNT - 901, #route.list())
  end))

  it("is flushed", fresh(function()
    fill(3000)
    assert.equal(3000, route.flush { dev = "lo" })
    assert.equal("", must "ip route")
  end))
end)
