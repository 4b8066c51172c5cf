-- The one observation point: an operation is told once, with what it was asked, sent and answered.

local harness = require "harness"
local core = require "nslab.core"
local fresh = harness.fresh

-- Runs fn and returns what was told.
local function watched(fn)
  local told = {}
  local before = core.observe(function(op) told[#told + 1] = op end)
  local ok, e = pcall(fn)
  core.observe(before)
  return told, ok, e
end

local function words(told)
  local out = {}
  for i, op in ipairs(told) do
    out[i] = ("%s.%s %s in %s%s"):format(op.module, op.verb, op.key or "-", op.netns,
                                         op.error and " " .. op.error.code or "")
  end
  return out
end

describe("an observer", function()
  it("is told of every verb once", fresh(function()
    local told = watched(function()
      local red = netns.add "red"
      link.add("br0", { type = "bridge" })
      link.set("br0", { up = true })
      link.get "br0"
      link.list()
      for _ in link.each() do end
      addr.add("10.0.0.1/24", { dev = "br0" })
      addr.get "10.0.0.1/24"
      red.route.list()
      rule.flush { priority = 9 }
      netns.list()
      netns.get "red"
      link.delete "br0"
      red:delete()
    end)
    assert.same({ "netns.add red in host", "link.add br0 in host", "link.set br0 in host",
                  "link.get br0 in host", "link.list - in host", "link.each - in host",
                  "addr.add 10.0.0.1/24 in host", "addr.get 10.0.0.1/24 in host", "route.list - in red",
                  "rule.flush - in host", "netns.list - in host", "netns.get red in host",
                  "link.delete br0 in host", "netns.delete red in host" }, words(told))
  end))

  it("gets options, messages, answers and the result", fresh(function()
    local options = { type = "bridge" }
    local told = watched(function()
      link.add("br0", options)
      link.get "br0"
    end)
    assert.truthy(rawequal(options, told[1].options))
    assert.same({ true, false }, { told[1].messages[1].sent, told[1].messages[2].sent })
    assert.truthy(core.annotate(told[1].messages[1].bytes):find "RTM_NEWLINK")
    assert.truthy(core.annotate(told[1].messages[2].bytes):find "NLMSG_ERROR")
    assert.equal("br0", told[2].result.name)
  end))

  it("is told of errors, raised and returned", fresh(function()
    local told, ok = watched(function()
      link.get "nope"
      pcall(link.add, "lo", { type = "bridge" })
      pcall(link.add, "br0", { typ = "bridge" })
      pcall((netns "nope").link.list)
      addr.get "10.0.0.1/8"
      pcall(netns.delete, "nope")
    end)
    assert.truthy(ok)
    assert.same({ "link.get nope in host ENODEV", "link.add lo in host EEXIST", "link.add br0 in host EINVAL",
                  "link.list - in nope ENOENT", "addr.get 10.0.0.1/8 in host ENOENT",
                  "netns.delete nope in host ENOENT" }, words(told))
  end))

  it("is told of a second message as of an operation of its own", fresh(function()
    netns.add "red"
    local told = watched(function()
      link.add("v0", { alias = "a", up = true, mtu = 1400,
                       veth = { peer = { name = "v1", netns = "red", up = true } } })
    end)
    assert.same({ "link.add v0 in host", "link.set v0 in host", "link.set v1 in red" }, words(told))
    assert.is_nil(told[1].options.alias) -- what ip could not do in one command is not in one
    assert.is_nil(told[1].options.up)
    assert.equal(1400, told[1].options.mtu)
    assert.same({ alias = "a", up = true }, told[2].options)
    assert.same({ up = true }, told[3].options)
  end))

  it("is told of what a batch made when the kernel has answered", fresh(function()
    link.set("lo", { up = true })
    local told, ok = watched(function()
      local n = netlink.batch(function(b)
        b.route.add("10.1.0.0/16", { dev = "lo" })
        b.link.set("lo", { mtu = 1400 })
      end)
      assert.equal(2, n)
      netlink.batch(function(b)
        b.route.add("10.2.0.0/16", { dev = "lo" })
        b.route.add("10.1.0.0/16", { dev = "lo" })
        b.route.add("default", { via = "192.0.2.1" })
        b.rule.add { table = 5, priority = 9 }
      end)
    end)
    assert.is_false(ok)
    assert.same({ "route.add 10.1.0.0/16 in host", "link.set lo in host", "route.add 10.2.0.0/16 in host",
                  "route.add 10.1.0.0/16 in host EEXIST", "route.add default in host ENETUNREACH",
                  "rule.add - in host" }, words(told))
    assert.same({ dev = "lo" }, told[1].options)
    assert.truthy(core.annotate(told[1].messages[1].bytes):find "RTM_NEWROUTE")
    assert.equal("via", told[5].error.field)
  end))

  it("is told of what was read from a process, and of signals to it", fresh(function()
    local p
    local told = watched(function()
      p = netns.host:spawn { "sh", "-c", "echo ready; sleep 60", stdout = "pipe" }
      p:read "l"
      p:kill "HUP"
    end)
    assert.same({ "netns.spawn sh -c 'echo ready; sleep 60' in host", "process.read sh -c 'echo ready; sleep 60' in nil",
                  "process.kill sh -c 'echo ready; sleep 60' in nil" }, words(told))
    assert.equal(p, told[2].options)
    assert.equal("ready", told[2].result)
    assert.equal(("kill -1 -%d"):format(p.pid), told[3].command)
    p:close()
  end))

  it("is not told of what it does itself", fresh(function()
    local n = 0
    local before = core.observe(function()
      n = n + 1
      link.list()
    end)
    link.list()
    core.observe(before)
    assert.equal(1, n)
  end))

  it("that raises ends the operation with its error, and is called again", fresh(function()
    local before = core.observe(function() error "stop" end)
    local ok, e = pcall(link.list)
    local again = pcall(link.list)
    core.observe(before)
    assert.same({ false, false }, { ok, again })
    assert.truthy(tostring(e):find "stop")
    assert.truthy(pcall(link.list))
  end))

  it("gives way to another, and that to none", fresh(function()
    local one = function() end
    local before = core.observe(one)
    assert.equal(one, core.observe(nil))
    assert.is_nil(core.observe(before))
    assert.is_false((pcall(core.observe, 5)))
  end))
end)
