-- netns: what ip netns sees of our namespaces, and we of its.

local core = require "nslab.core"
local harness = require "harness"
local oracle = require "oracle"
local words = require "nslab.words"

local fresh, must, sh, sorted_lines = harness.fresh, harness.must, harness.sh, harness.sorted_lines

describe("a namespace of ours", function()
  it("is one of ip's", fresh(function()
    netns.add "red"
    assert.same({ "red" }, sorted_lines(must "ip netns list"))
    must "ip -n red link set lo up"
    assert.is_true(netns "red".link.get("lo").up)
    local own = must "readlink /proc/self/ns/net"
    assert.not_equal(own, must "ip netns exec red readlink /proc/self/ns/net")
  end))

  it("is deleted by ip", fresh(function()
    local red = netns.add "red"
    must "ip netns del red"
    assert.equal(0, #netns.list())
    assert.is_nil(netns.get "red")
    local ok, err = pcall(red.link.list)
    assert.is_false(ok)
    assert.equal("ENOENT", err.code)
  end))

  it("cannot be made twice, whoever made it", fresh(function()
    netns.add "red"
    local _, status = sh "ip netns add red 2>/dev/null"
    assert.not_equal(0, status)
    must "ip netns add blue"
    local ok, err = pcall(netns.add, "blue")
    assert.is_false(ok)
    assert.equal("EEXIST", err.code)
  end))

  it("holds links that ip moves, and ip holds ours", fresh(function()
    netns.add "red"
    must "ip netns add blue"
    link.add("x0", { veth = { peer = "x1" } })
    must "ip link set x0 netns red"
    link.set("x1", { netns = "blue" })
    assert.equal("x1", netns "red".link.get("x0").veth.peer.name)
    assert.equal(netns "blue", netns "red".link.get("x0").veth.peer.netns)
    assert.equal("x1", harness.json "ip -n blue -j link show x1"[1].ifname)
  end))
end)

describe("a namespace of ip's", function()
  it("is one of ours", fresh(function()
    must "ip netns add red"
    assert.equal("red", tostring(netns.list()))
    assert.equal("red", netns.get("red").name)
    netns "red".link.set("lo", { up = true })
    assert.truthy(must "ip -n red link show lo":find("UP", 1, true))
  end))

  it("is deleted by us", fresh(function()
    must "ip netns add red"
    netns.delete "red"
    assert.equal("", must "ip netns list")
  end))

  it("may be of a process that ip attached", fresh(function()
    must [[unshare -n sleep 30 >/dev/null & echo $! >/run/pid
      until [ "$(cat /proc/$(cat /run/pid)/comm)" = sleep ]; do sleep 0.01; done
      ip netns attach red $(cat /run/pid)]]
    netns "red".link.set("lo", { up = true })
    assert.truthy(must "nsenter -t $(cat /run/pid) -n ip link show lo":find("UP", 1, true))
    must "kill $(cat /run/pid)"
  end))

  it("with any name that ip takes", fresh(function()
    for _, name in ipairs { "a b", "a'b", "-x", "ä", "1", "a.b_c-d", ("n"):rep(255) } do
      must("ip netns add " .. harness.quote(name))
      assert.equal(name, netns.get(name).name)
      assert.equal(1, #netns(name).link.list())
    end
    assert.same(sorted_lines(must "ip netns list"), sorted_lines(netns.list()))
  end))
end)

describe("the number of a namespace", function()
  it("is the one ip tells, once it has one", fresh(function()
    netns.add "red"
    netns.add "blue"
    assert.same(sorted_lines(must "ip netns list"), sorted_lines(netns.list()))
    link.add("x0", { veth = { peer = { name = "x1", netns = "red" } } })
    assert.same(sorted_lines(must "ip netns list"), sorted_lines(netns.list()))
    assert.equal(tonumber(must "ip netns list-id":match "nsid (%d+)"), core.nsid(netns "red"))
    assert.is_nil(core.nsid(netns "blue"))
  end))
end)

-- ---- command lines -----------------------------------------------------------------------------------

local function setup()
  netns.add "red"
  return ""
end

-- Carried out by ip and by us in twin networks. red and blue are looked into where a line names them.
local LINES = {
  "ip netns",
  "ip netns list",
  "ip net l",
  "ip netns s",
  "ip netns add blue",
  "ip netns a blue && ip -n blue link set lo up",
  "ip netns add red",
  "ip netns add .",
  "ip netns add a/b",
  "ip netns add ''",
  "ip netns add",
  "ip netns del red",
  "ip netns d red && ip netns list",
  "ip netns delete blue",
  "ip netns del",
  "ip netns exec red ip link set lo up",
  "ip netns exec red ip -n red link",
  "ip netns e red true",
  "ip netns exec red echo 'two  words'",
  "ip netns exec blue true",
  "ip netns exec red",
  "ip netns exec",
  "ip -n red addr add 10.0.0.1/8 dev lo",
  "ip -net red link show lo",
  "ip -n blue link",
  "ip -n",
  "ip netns frob",
  "ip frob",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_outcome(setup, line) end)
  end

  it("may be one of several", fresh(function()
    local shown = words.sh [[
      # two rooms and a cable
      ip netns add red; ip netns add blue
      ip link add veth-red netns red type veth \
        peer name veth-blue netns blue
      ip -n red addr add 192.168.15.1/24 dev veth-red && ip -n red link set veth-red up
      sudo ip netns exec blue ip link set veth-blue up
      ip netns exec red sysctl -w net.ipv4.ip_forward=1
      ip -n red route
    ]]
    local routes = must "ip -n red route":gsub(" linkdown", ""):gsub(" +\n", "\n")
    assert.equal("net.ipv4.ip_forward = 1\n" .. routes, (shown:gsub(" linkdown", "")))
    assert.equal("1\n", must "ip netns exec red cat /proc/sys/net/ipv4/ip_forward")
    assert.truthy(must "ip -n blue link show veth-blue":find("UP", 1, true))
  end))

  it("that fails ends the text", fresh(function()
    local ok, err = pcall(words.sh, "ip netns add red\nip netns add red\nip netns add blue")
    assert.is_false(ok)
    assert.equal("EEXIST", err.code)
    assert.equal("red\n", must "ip netns list")
  end))
end)
