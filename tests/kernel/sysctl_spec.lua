-- sysctl: what is set is read by others from /proc/sys, and what others set by ours.

local core = require "nslab.core"
local harness = require "harness"
local fresh, must = harness.fresh, harness.must

local function proc(where, path)
  return (must(("ip netns exec %s cat /proc/sys/%s"):format(where, path)):gsub("\n$", ""))
end

describe("sysctl", function()
  it("changes the namespace that is meant, and no other", fresh(function()
    must "ip netns add red; ip netns add blue"
    local red, blue = netns "red", netns "blue"
    red.sysctl.set("net.ipv4.ip_forward", 1)
    assert.equal("1", proc("red", "net/ipv4/ip_forward"))
    assert.equal("0", proc("blue", "net/ipv4/ip_forward"))
    assert.equal("0\n", must "cat /proc/sys/net/ipv4/ip_forward")
    assert.same({ 1, 0, 0 }, { red.sysctl.get "net.ipv4.ip_forward", blue.sysctl.get "net.ipv4.ip_forward",
      sysctl.get "net.ipv4.ip_forward" })
    must "ip netns exec blue sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'"
    assert.equal(1, blue.sysctl.get "net.ipv4.ip_forward")
  end))

  it("acts where the script is inside red:run", fresh(function()
    must "ip netns add red"
    netns("red"):run(function() sysctl.set("net.ipv4.ip_forward", 1) end)
    assert.equal("1", proc("red", "net/ipv4/ip_forward"))
    assert.equal(0, sysctl.get "net.ipv4.ip_forward")
  end))

  it("takes integers, strings and booleans", fresh(function()
    sysctl.set("net.ipv4.ip_default_ttl", 77)
    assert.equal("77\n", must "cat /proc/sys/net/ipv4/ip_default_ttl")
    sysctl.set("net.ipv4.ip_default_ttl", "88")
    assert.equal(88, sysctl.get "net.ipv4.ip_default_ttl")
    sysctl.set("net.ipv4.ip_forward", true)
    assert.equal("1\n", must "cat /proc/sys/net/ipv4/ip_forward")
    sysctl.set("net.ipv4.ip_forward", false)
    assert.equal("0\n", must "cat /proc/sys/net/ipv4/ip_forward")
    sysctl.set("net.ipv4.conf.all.tag", -3)
    assert.equal(-3, sysctl.get "net.ipv4.conf.all.tag")
    sysctl.set("net.ipv4.ip_local_port_range", "2000 3000")
    assert.equal("2000\t3000\n", must "cat /proc/sys/net/ipv4/ip_local_port_range")
    assert.equal("2000\t3000", sysctl.get "net.ipv4.ip_local_port_range")
  end))

  it("reads a text that is longer than most", fresh(function()
    local ports = {}
    for port = 1, 30000, 3 do ports[#ports + 1] = port end
    sysctl.set("net.ipv4.ip_local_reserved_ports", table.concat(ports, ","))
    local text = table.concat(ports, ",")
    assert.is_true(text .. "\n" == must "cat /proc/sys/net/ipv4/ip_local_reserved_ports")
    assert.is_true(text == sysctl.get "net.ipv4.ip_local_reserved_ports")
  end))

  it("writes names as sysctl(8) does", fresh(function()
    must "ip link add eth0.100 type bridge; ip link add veth-red type bridge"
    for i, key in ipairs { "net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding" } do
      sysctl.set(key, i % 2)
      assert.equal(i % 2 .. "\n", must "cat /proc/sys/net/ipv4/conf/eth0.100/forwarding")
      assert.equal(i % 2, sysctl.get(key))
    end
    sysctl.set("net.ipv4.conf.veth-red.forwarding", 1)
    assert.equal("1\n", must "cat /proc/sys/net/ipv4/conf/veth-red/forwarding")
    assert.equal(0, sysctl.list("net/ipv4/conf/eth0.100")["net.ipv4.conf.eth0/100.forwarding"])
  end))

  it("lists what the files say, all of them", fresh(function()
    must "ip netns add red"
    local listed, n = netns("red").sysctl.list(), 0
    local changing = { ["net.netfilter.nf_conntrack_count"] = true }
    local texts = {}
    local lines = must "ip netns exec red grep -rs '' /proc/sys/net || true"
    for file, line in lines:gmatch "([^:\n]+):([^\n]*)\n" do
      local key = file:gsub("^/proc/sys/", ""):gsub("[/.]", { ["/"] = ".", ["."] = "/" })
      texts[key] = texts[key] and texts[key] .. "\n" .. line or line
    end
    for key, text in pairs(texts) do
      if not changing[key] then assert.equal(text, tostring(listed[key]), key) end
      n = n + 1
    end
    assert.is_true(n > 300, n .. " settings")
    for key, value in pairs(listed) do -- grep shows nothing of an empty one
      assert.is_true(texts[key] ~= nil or value == "", key)
    end
  end))

  it("lists a group or a single one, and prints lines", fresh(function()
    local all = sysctl.list "net.ipv4.conf.lo"
    local lines = select(2, tostring(all):gsub("\n", "")) + 1
    assert.equal(tonumber(must "ls /proc/sys/net/ipv4/conf/lo | wc -l"), lines)
    assert.matches("net.ipv4.conf.lo.accept_local = 0\nnet.ipv4.conf.lo.accept_redirects = ", tostring(all))
    assert.equal("net.ipv4.ip_forward = 0", tostring(sysctl.list "net.ipv4.ip_forward"))
  end))

  it("is one operation for who observes, the value among the options", fresh(function()
    local seen = {}
    core.observe(function(op) seen[#seen + 1] = op end)
    sysctl.set("net.ipv4.ip_forward", 1)
    sysctl.get "net.ipv4.ip_forward"
    pcall(sysctl.get, "net.ipv4.nothing")
    core.observe(nil)
    assert.same({ "sysctl", "set", "host", "net.ipv4.ip_forward", { value = 1 } },
      { seen[1].module, seen[1].verb, seen[1].netns, seen[1].key, seen[1].options })
    assert.same({ "get", 1 }, { seen[2].verb, seen[2].result })
    assert.same({ "get", "ENOENT" }, { seen[3].verb, seen[3].error.code })
  end))

  it("leaves no descriptor open", fresh(function()
    must "ip netns add red"
    local red = netns "red"
    red.sysctl.get "net.ipv4.ip_forward"
    local before = harness.descriptors()
    for _ = 1, 100 do
      red.sysctl.set("net.ipv4.ip_forward", 1)
      pcall(red.sysctl.set, "net.ipv4.ip_forward", "x")
      pcall(red.sysctl.get, "net.ipv4.conf.nope.x")
      red.sysctl.list "net.ipv4.conf.lo"
    end
    assert.equal(before, harness.descriptors())
  end))
end)

local broken = {
  { "net.ipv4.ip_forwrd", "ENOENT", "there is no such setting", '"net.ipv4.ip_forward" is meant' },
  { "net.ipvv4.ip_forward", "ENOENT", "there is no such setting", '"net.ipv4.ip_forward" is meant' },
  { "net.ipv4.conf.veth-rde.forwarding", "ENOENT", "no such setting",
    '"net.ipv4.conf.veth%-red.forwarding"' },
  { "net.ipv4.conf.eth0.100.forwarding", "ENOENT", "no such setting",
    '"net.ipv4.conf.eth0/100.forwarding" is meant, perhaps: a dot within a name' },
  { "net.ipv4.nothing_like_this_one", "ENOENT", "no such setting", 'sysctl.list%("net.ipv4"%) shows' },
  { "net.ipv4.ip_forward.deeper", "ENOENT", "no such setting", "" },
  { "net.ipv4", "EISDIR", "this is a group of settings", 'sysctl.list%("net.ipv4"%) shows them' },
  { "kernel.hostname", "EINVAL", "this is no setting of a namespace", "Only what begins with net%." },
  { "net/../kernel/hostname", "EINVAL", "cannot be the name of a setting", "joined by dots" },
  { "net...kernel.hostname", "EINVAL", "cannot be the name of a setting", "joined by dots" },
  { "/proc/sys/net/ipv4/ip_forward", "EINVAL", "cannot be the name of a setting", "joined by dots" },
  { "net.", "EINVAL", "cannot be the name of a setting", "joined by dots" },
  { "", "EINVAL", "cannot be the name of a setting", "joined by dots" },
  { "net.ipv4.ip_forward\0", "EINVAL", "cannot be the name of a setting", "joined by dots" },
  { ("net."):rep(300), "EINVAL", "cannot be the name of a setting", "joined by dots" },
  { 7, "EINVAL", "the name of a setting is needed, not a number", "For example" },
}

local broken_values = {
  { "net.ipv4.ip_forward", "abc", "EINVAL", '"abc" is no value for it', 'Now it is "0"' },
  { "net.ipv4.ip_forward", 1.5, "EINVAL", "an integer is needed, not 1.5", "" },
  { "net.ipv4.ip_forward", {}, "EINVAL", "an integer, a string, true or false, not a table", "" },
  { "net.ipv4.ip_forward", nil, "EINVAL", "an integer, a string, true or false, not nothing", "" },
  { "net.ipv4.ip_forward", "1\0", "EINVAL", "cannot hold a zero byte", "" },
  { "net.ipv4.ip_default_ttl", 256, "EINVAL", '"256" is no value for it', 'Now it is "64"' },
  { "net.ipv4.ip_forwrd", 1, "ENOENT", "there is no such setting", '"net.ipv4.ip_forward" is meant' },
  { "kernel.hostname", "x", "EINVAL", "this is no setting of a namespace", "a lab leaves it alone" },
}

describe("a setting that cannot be read or changed", function()
  it("says why, and what is meant", fresh(function()
    must "ip link add eth0.100 type bridge; ip link add veth-red type bridge"
    for _, row in ipairs(broken) do
      local key, code, sentence, hint = table.unpack(row, 1, 4)
      for _, verb in ipairs { "get", "set" } do
        local err = harness.failure(sysctl[verb], key, 1)
        assert.equal(code, err.code, key)
        assert.matches(sentence, tostring(err))
        assert.matches(hint, err.hint or "")
      end
    end
    for _, row in ipairs(broken_values) do
      local key, value, code, sentence, hint = table.unpack(row, 1, 5)
      local err = harness.failure(sysctl.set, key, value)
      assert.equal(code, err.code)
      assert.matches(sentence, tostring(err))
      assert.matches(hint, err.hint or "")
    end
    assert.equal("0\n", must "cat /proc/sys/net/ipv4/ip_forward")
  end))

  it("says what only informs, what only takes, and what has no value", fresh(function()
    local err = harness.failure(sysctl.set, "net.core.bpf_jit_enable", 1)
    assert.is_true(err.code == "EACCES" or err.code == "ENOENT" or err.code == "EPERM", tostring(err))
    local path = must "find /proc/sys/net -type f ! -perm /222 | head -1":match "^/proc/sys/(%S+)"
    if path then
      err = harness.failure(sysctl.set, path, 1)
      assert.is_true(err.code == "EACCES" or err.code == "EPERM", tostring(err))
      assert.matches("only informs", err.hint)
    end
    err = harness.failure(sysctl.get, "net.ipv4.route.flush")
    assert.is_true(err.code == "EACCES" or err.code == "EINVAL", tostring(err))
    sysctl.set("net.ipv4.route.flush", 1)
    err = harness.failure(sysctl.get, "net.ipv6.conf.lo.stable_secret")
    assert.same({ "EIO", "it has no value yet" }, { err.code, err.text })
    assert.is_nil(sysctl.list("net.ipv6.conf.lo")["net.ipv6.conf.lo.stable_secret"])
  end))

  it("names the namespace that is not there", fresh(function()
    local err = harness.failure(netns("red").sysctl.get, "net.ipv4.ip_forward")
    assert.matches('there is no namespace "red"', tostring(err))
  end))
end)
