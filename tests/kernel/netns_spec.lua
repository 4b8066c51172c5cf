-- netns: namespaces by name, handles that pin nothing, run.

local harness = require "harness"
local lfs = require "lfs"
local fresh, json, must = harness.fresh, harness.json, harness.must

local function listed() return must "ip netns list | awk '{ print $1 }' | sort" end

describe("netns", function()
  it("makes what ip sees, and sees what ip makes", fresh(function()
    netns.add "red"
    must "ip netns add blue"
    assert.equal("blue\nred\n", listed())
    local names = {}
    for i, ns in ipairs(netns.list()) do names[i] = ns.name end
    assert.same({ "blue", "red" }, names)
    netns.delete "blue"
    local red = netns "red"
    red:delete()
    assert.equal("", listed())
    assert.equal("", must "ls /run/netns")
  end))

  it("has handles that are equal by name", fresh(function()
    local red = netns.add "red"
    assert.equal(red, netns "red")
    assert.truthy(rawequal(red, netns "red"))
    assert.equal(red, netns.get "red")
    assert.equal(red, netns.list()[1])
    assert.not_equal(red, netns "blue")
    assert.equal(netns.host, netns.current())
    assert.equal("red", tostring(red))
  end))

  it("binds each module once", fresh(function()
    local red = netns.add "red"
    assert.truthy(rawequal(red.link, red.link))
    assert.truthy(rawequal(red.link.add, red.link.add))
    assert.falsy(rawequal(red.link, netns "blue".link))
  end))

  it("has handles that work whoever makes the namespace", fresh(function()
    local red = netns "red"
    local ok, e = pcall(red.link.list)
    assert.same({ false, "ENOENT", "red" }, { ok, e.code, e.netns })
    must "ip netns add red"
    assert.equal(1, #red.link.list())
    must "ip netns del red"
    assert.is_false((pcall(red.link.list)))
  end))

  it("pins nothing: ip netns del ends a namespace that handles know", fresh(function()
    local red = netns.add "red"
    link.add("v0", { veth = { peer = { name = "v1", netns = red } } })
    local bound, records = red.link, red.link.list()
    local peer = link.get("v0").veth.peer
    assert.equal(red, peer.netns)
    for l in red.link.each() do if l.name == "lo" then break end end
    red.netlink.batch(function(b) b.link.set("v1", { up = true }) end)
    red:run(function() end)
    must "ip netns del red"
    for _ = 1, 200 do -- the kernel takes its time
      if #json "ip -j link" == 1 then break end
      must "sleep 0.01"
    end
    assert.equal(1, #json "ip -j link") -- v0 went with its other end
    assert.truthy(bound and records)
  end))

  it("takes every way to say which", fresh(function()
    local red = netns.add "red"
    red.link.set("lo", { alias = "here" })
    local file <close> = assert(io.open "/run/netns/red")
    assert.equal("here", netns(file).link.get("lo").alias)
    local pid = tonumber(must "ip netns exec red sh -c 'sleep 5 >/dev/null 2>&1 & echo $!'")
    assert.equal("here", netns(pid).link.get("lo").alias)
    assert.equal("pid " .. pid, netns(pid).name)
    must("kill " .. pid)
    for _, bad in ipairs { {}, true, -1, 0, 1.5, { fd = -1 }, { fd = 1.5 }, "a/b", "", "..", "a\0b" } do
      assert.is_false((pcall(netns, bad)))
    end
  end))

  it("keeps the descriptors of its handles to itself", fresh(function()
    netns.add "red"
    local function count()
      collectgarbage()
      collectgarbage()
      local n = 0
      for _ in lfs.dir "/proc/self/fd" do n = n + 1 end
      return n
    end
    local file <close> = assert(io.open "/run/netns/red")
    netns(file).link.list()
    local before = count()
    for _ = 1, 20 do
      local handle = netns(file)
      assert.equal(1, #handle.link.list())
      assert.equal(handle, netns(handle))
    end
    assert.equal(before, count())
    do
      local closed <close> = netns(file)
      assert.equal(1, #closed.link.list())
    end
    assert.equal(before, count())
    assert.equal("file", io.type(file))
  end))

  it("removes a file that is no namespace, which a crash may leave", fresh(function()
    must "touch /run/netns/stale"
    local ok, e = pcall((netns "stale").link.list)
    assert.same({ false, "EINVAL" }, { ok, e.code })
    netns.delete "stale"
    assert.equal("", must "ls /run/netns")
  end))

  it("leaves what is in the way as it is", fresh(function()
    must "echo mine > /run/netns/taken"
    local ok, e = pcall(netns.add, "taken")
    assert.same({ false, "EEXIST" }, { ok, e.code })
    assert.equal("mine\n", must "cat /run/netns/taken")
  end))

  it("raises for a member that it has not", fresh(function()
    local ok, e = pcall(function() return netns.host.lnik end)
    assert.is_false(ok)
    assert.truthy(e.hint:find('"link"', 1, true))
  end))
end)

describe("red:run", function()
  it("has the thread inside, nests, and gives back what the function returns", fresh(function()
    local red, blue = netns.add "red", netns.add "blue"
    red.link.set("lo", { alias = "in red" })
    local function inode() return must "readlink /proc/self/ns/net" end
    local outside = inode()
    local got = table.pack(red:run(function(a, b)
      assert.equal(red, netns.current())
      assert.equal("in red", link.get("lo").alias)
      local inner = blue:run(function()
        assert.equal(blue, netns.current())
        assert.is_nil(link.get("lo").alias)
        assert.equal(outside, netns.host:run(inode))
        return inode()
      end)
      assert.equal(red, netns.current())
      return a + b, inner, nil
    end, 1, 2))
    assert.same({ 3, 3 }, { got.n, got[1] })
    assert.not_equal(outside, got[2])
    assert.equal(outside, inode())
    assert.equal(netns.host, netns.current())
  end))

  it("is left on every way out", fresh(function()
    local red = netns.add "red"
    local function inode() return must "readlink /proc/self/ns/net" end
    local outside = inode()
    local raised = {}
    local ok, e = pcall(red.run, red, function() error(raised) end)
    assert.is_false(ok)
    assert.truthy(rawequal(raised, e))
    assert.equal(outside, inode())
    ok, e = pcall(red.run, red, function() return link.get "lo".nothing.here end)
    assert.is_false(ok)
    assert.truthy(tostring(e):find "nothing")
    assert.equal(outside, inode())
    local co = coroutine.create(function() red:run(coroutine.yield) end)
    local _, why = coroutine.resume(co)
    assert.truthy(tostring(why):find "yield")
    assert.equal(outside, inode())
    assert.equal(netns.host, netns.current())
  end))

  it("passes any number of values", fresh(function()
    local red = netns.add "red"
    assert.equal(500, red:run(function(...) return select("#", ...) end, table.unpack({}, 1, 500)))
    assert.equal(500, select("#", red:run(function() return table.unpack({}, 1, 500) end)))
  end))

  it("raises where there is no such namespace, without calling", fresh(function()
    local called
    local ok, e = pcall((netns "nope").run, netns "nope", function() called = true end)
    assert.same({ false, "ENOENT", nil }, { ok, e.code, called })
  end))
end)
