-- netns.watch: what the kernel says of itself, whoever made the change.

local harness = require "harness"
local fresh, must = harness.fresh, harness.must

-- Events until one satisfies fn; fails after two quiet seconds.
local function await(watcher, fn)
  for _ = 1, 1000 do
    local event = watcher:next(2000)
    assert(event, "no such event came")
    if fn(event) then return event end
  end
  error "too many events came before it"
end

-- Nothing that satisfies fn comes for 100 ms.
local function silence(watcher, fn)
  for _ = 1, 1000 do
    local event = watcher:next(100)
    if event == nil then return end
    assert(not fn(event), "an event came that should not")
  end
end

local function link_named(name, what)
  return function(e) return e.object == "link" and e.event == what and e.record.name == name end
end

describe("netns.watch", function()
  it("hears what the real ip does in the host", fresh(function()
    local w <close> = netns.watch()
    must "ip link add v0 type veth peer name v1"
    assert.equal(netns.host, await(w, link_named("v0", "new")).netns)
    must "ip link del v0"
    await(w, link_named("v1", "delete"))
  end))

  it("tells what a bridge says of its ports to those who ask for it alone", fresh(function()
    must "ip link add br0 type bridge; ip link add v0 type veth peer name v1"
    local all <close> = netns.watch()
    local ports <close> = netns.watch { objects = { "port" } }
    must "ip link set v0 master br0; ip link set v0 up"
    local event = assert(ports:next(2000))
    assert.same({ "new", "port", "v0", "br0" }, { event.event, event.object, event.record.name, event.record.master })
    silence(all, function(e) return e.object == "port" end)
    must "ip link set v0 nomaster"
    await(ports, function(e) return e.event == "delete" and e.record.name == "v0" end)
  end))

  it("hears namespaces come and go, and what happens inside them", fresh(function()
    local w <close> = netns.watch()
    must "ip netns add red"
    local event = await(w, function(e) return e.object == "netns" end)
    assert.same({ "new", "red", netns "red" }, { event.event, event.key, event.netns })
    must "ip -n red link set lo up"
    event = await(w, function(e) return e.object == "addr" and e.record.address == "127.0.0.1/8" end)
    assert.equal(netns "red", event.netns)
    assert.equal("lo", event.record.dev)
    must "ip -n red route add 10.0.0.0/8 dev lo"
    event = await(w, function(e) return e.object == "route" and e.record.dst == "10.0.0.0/8" end)
    assert.equal("new", event.event)
    must "ip -n red rule add from 10.1.0.0/16 table 7"
    await(w, function(e) return e.object == "rule" and e.record.table == 7 end)
    must "ip -n red nexthop add id 7 blackhole"
    assert.equal("new", await(w, function(e) return e.object == "nexthop" and e.record.id == 7 end).event)
    must "ip -n red nexthop del id 7"
    assert.equal("delete", await(w, function(e) return e.object == "nexthop" and e.record.id == 7 end).event)
    must "ip -n red link add v0 type veth peer name v1"
    must "ip -n red neigh add 10.0.0.9 dev v0 lladdr 02:00:00:00:00:09"
    await(w, function(e) return e.object == "neigh" and e.record.dst == "10.0.0.9" end)
    must "ip netns del red"
    event = await(w, function(e) return e.object == "netns" end)
    assert.same({ "delete", "red" }, { event.event, event.key })
  end))

  it("hears a namespace that has taken the name of another one", fresh(function()
    must "ip netns add red"
    local w <close> = netns.watch()
    must "ip netns del red; ip netns add red"
    local told = {}
    for i = 1, 2 do
      local event = await(w, function(e) return e.object == "netns" end)
      told[i] = event.event .. " " .. event.key
    end
    assert.same({ "delete red", "new red" }, told)
    must "ip -n red link set lo up"
    await(w, function(e) return e.object == "link" and e.record.up and e.netns == netns "red" end)
  end))

  it("does not take a file for a namespace, nor forget to listen when it becomes one", fresh(function()
    local w <close> = netns.watch()
    must "touch /run/netns/red"
    silence(w, function(e) return e.object == "netns" end)
    must "unshare -n sh -c 'mount --bind /proc/self/ns/net /run/netns/red'"
    await(w, function(e) return e.object == "netns" and e.key == "red" end)
    must "ip -n red link set lo up"
    await(w, function(e) return e.object == "link" and e.record.up end)
  end))

  it("has one descriptor for all of it", fresh(function()
    local w <close> = netns.watch()
    assert.equal(w:fd(), w:fd())
    local kind = must(("readlink /proc/$PPID/fd/%d"):format(w:fd()))
    assert.equal("anon_inode:[eventpoll]\n", kind)
    w:close()
    assert.is_false((pcall(w.fd, w)))
  end))

  it("hears namespaces that were there before it", fresh(function()
    must "ip netns add red"
    local w <close> = netns.watch()
    must "ip -n red link add v0 type veth peer name v1"
    assert.equal(netns "red", await(w, link_named("v0", "new")).netns)
  end))

  it("hears the ruleset change", fresh(function()
    if harness.sh "nft list ruleset 2>&1":find "rror" then return pending "this kernel has no nf_tables" end
    local w <close> = netns.watch { objects = { "nftables" } }
    must "iptables -A INPUT -p tcp -j DROP"
    await(w, function(e) return e.what == "rule" and e.event == "new" and e.netns == netns.host end)
    must "iptables -F INPUT"
    await(w, function(e) return e.what == "rule" and e.event == "delete" end)
  end))

  it("keeps to the objects that were asked for", fresh(function()
    local w <close> = netns.watch { objects = { "addr" } }
    must "ip link add v0 type veth peer name v1"
    must "ip addr add 10.0.0.1/24 dev v0"
    assert.equal("10.0.0.1/24", w:next(2000).record.address)
    silence(w, function() return true end)
  end))

  it("ends a loop after a quiet time, and calls a function until it returns true", fresh(function()
    local count = 0
    for _ in netns.watch { timeout_ms = 20 } do count = count + 1 end
    assert.equal(0, count)
    local seen = {}
    local w = netns.watch { timeout_ms = 2000, objects = { "link" } }
    w:close()
    assert.error(function() w:next(0) end)
    must "ip link add early type bridge"
    -- The change comes from another process while the callback waits.
    local _ <close> = assert(io.popen "sleep 0.1; ip link add late type bridge; sleep 0.1")
    netns.watch({ timeout_ms = 5000, objects = { "link" } }, function(e)
      seen[#seen + 1] = e.record.name
      return e.record.name == "late"
    end)
    assert.equal("late", seen[#seen])
  end))

  it("says that events were lost, and goes on", fresh(function()
    local w <close> = netns.watch()
    link.set("lo", { up = true })
    netlink.batch(function(b)
      for i = 0, 255 do
        for j = 0, 255 do b.route.add(("10.%d.%d.1"):format(i, j), { dev = "lo" }) end
      end
    end)
    await(w, function(e) return e.event == "lost" end)
    local function quiet() for _ = 1, 200000 do if not w:next(50) then return end end end
    quiet()
    link.add("after", { type = "bridge" })
    await(w, link_named("after", "new"))
  end))

  it("leaves no descriptor behind", fresh(function()
    local count = harness.descriptors
    local function leave_early()
      link.set("lo", { alias = "x" })
      for event in netns.watch { timeout_ms = 0 } do if event then return end end
    end
    leave_early()
    local before = count()
    collectgarbage "stop"
    for _ = 1, 50 do leave_early() end
    assert.equal(before, count())
  end))

  it("names what cannot be watched", function()
    local ok, e = pcall(netns.watch, { objects = { "links" } })
    assert.is_false(ok)
    assert.equal("EINVAL", e.code)
    assert.equal("objects", e.field)
  end)
end)
