-- red:ping: what arrives is counted by the kernel of the other end, not by us.

local core = require "nslab.core"
local harness = require "harness"
local fresh, must, json = harness.fresh, harness.must, harness.json

-- red and blue on one cable, 10.0.0.1 and 10.0.0.2, fd00::1 and fd00::2, both up.
local function red_blue()
  must [[ip netns add red && ip netns add blue
    for ns in red blue; do
      ip netns exec $ns sh -c 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad'
    done]]
  local red, blue = netns "red", netns "blue"
  red.link.add("v-red", { up = true, veth = { peer = { name = "v-blue", netns = blue, up = true } } })
  must [[ip -n red addr add 10.0.0.1/24 dev v-red; ip -n red addr add fd00::1/64 dev v-red nodad
    ip -n blue addr add 10.0.0.2/24 dev v-blue; ip -n blue addr add fd00::2/64 dev v-blue nodad]]
  return red, blue
end

-- A counter of /proc/net/snmp or snmp6: counter("blue", "Icmp", "InEchos").
local function counter(where, protocol, name)
  if protocol == "Icmp6" then
    local text = must(("ip netns exec %s cat /proc/net/snmp6"):format(where))
    return tonumber(text:match("Icmp6" .. name .. "%s+(%d+)"))
  end
  local text = must(("ip netns exec %s cat /proc/net/snmp"):format(where))
  local names, numbers = text:match(protocol .. ": ([^\n]+)\n" .. protocol .. ": ([^\n]+)\n")
  local next_number = numbers:gmatch "%S+"
  for word in names:gmatch "%S+" do
    local number = tonumber(next_number())
    if word == name then return number end
  end
end

local function seconds()
  local file = assert(io.open "/proc/uptime")
  local now = tonumber(file:read "a":match "%S+")
  file:close()
  return now
end

describe("ping", function()
  it("reaches the other end, and both ends know each other after it", fresh(function()
    local red, blue = red_blue()
    local result = red:ping "10.0.0.2"
    assert.same({ 1, 1, 1 }, { result.sent, result.received, #result.rtts_ms })
    assert.is_true(result.rtts_ms[1] > 0 and result.rtts_ms[1] < 900)
    assert.equal(1, counter("blue", "Icmp", "InEchos"))
    assert.equal(1, counter("red", "Icmp", "InEchoReps"))
    local known = json "ip -n red -j neigh show dev v-red 10.0.0.2"[1]
    assert.equal(json "ip -n blue -j link show dev v-blue"[1].address, known.lladdr)
    assert.equal(1, blue:ping("10.0.0.1").received)
    assert.equal(1, counter("red", "Icmp", "InEchos"))
  end))

  it("works over IPv6, and with a link-local address and its link", fresh(function()
    local red = red_blue()
    assert.equal(2, red:ping("fd00::2", { count = 2, interval_ms = 10, timeout_ms = 3000 }).received)
    assert.equal(2, counter("blue", "Icmp6", "InEchos"))
    local address
    for _, a in ipairs(json "ip -n blue -j addr show dev v-blue"[1].addr_info) do
      if a.scope == "link" then address = a["local"] end
    end
    assert.equal(1, red:ping(address .. "%v-red", { timeout_ms = 3000 }).received)
    assert.equal(1, red:ping(address, { dev = "v-red", timeout_ms = 3000 }).received)
    assert.equal(4, counter("blue", "Icmp6", "InEchos"))
  end))

  it("does not lose the first packet of a link that has just come up", fresh(function()
    for i = 1, 5 do
      local red = red_blue()
      local result = red:ping "10.0.0.2"
      assert.equal(1, result.received, "cycle " .. i)
      assert.is_true(result.rtts_ms[1] < 500, "cycle " .. i)
      must "ip netns del red; ip netns del blue"
    end
  end))

  it("sends as many as asked for, at their time", fresh(function()
    local red = red_blue()
    local start = seconds()
    local result = red:ping("10.0.0.2", { count = 5, interval_ms = 50 })
    local took = seconds() - start
    assert.same({ 5, 5 }, { result.sent, result.received })
    assert.equal(5, counter("blue", "Icmp", "InEchos"))
    assert.is_true(took >= 0.18 and took < 1.5, "took " .. took)
  end))

  it("sends as many bytes as asked for", fresh(function()
    local red = red_blue()
    for _, where in ipairs { "red", "blue" } do -- so that nobody else sends
      must(("ip netns exec %s sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'"):format(where))
    end
    for here, there in pairs { red = "blue", blue = "red" } do -- and nobody has to ask for the other
      local mac = json(("ip -n %s -j link show dev v-%s"):format(there, there))[1].address
      must(("ip -n %s neigh replace 10.0.0.%d dev v-%s lladdr %s nud permanent"):format(here,
        there == "red" and 1 or 2, here, mac))
    end
    local function received()
      return json "ip -n blue -j -s link show dev v-blue"[1].stats64.rx.bytes
    end
    for _, size in ipairs { 0, 1, 56, 1400, 1472 } do
      local before = received()
      assert.equal(1, red:ping("10.0.0.2", { size_bytes = size }).received)
      assert.equal(14 + 20 + 8 + size, received() - before)
    end
    assert.equal(1, red:ping("10.0.0.2", { size_bytes = 60000 }).received)
    assert.equal(1, counter("blue", "Ip", "ReasmOKs"))
  end))

  it("does not take silence for an error", fresh(function()
    local red = red_blue()
    must "ip netns exec blue sh -c 'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all'"
    local start = seconds()
    local result = red:ping("10.0.0.2", { count = 3, interval_ms = 50, timeout_ms = 600 })
    local took = seconds() - start
    assert.same({ 3, 0, {} }, { result.sent, result.received, result.rtts_ms })
    assert.is_nil(result.unreachable)
    assert.equal(3, counter("blue", "Icmp", "InEchos"))
    assert.is_true(took >= 0.68 and took < 1.6, "took " .. took)
    assert.equal("3 sent, 0 received", tostring(result))
  end))

  it("tells what a router answered instead", fresh(function()
    local red = red_blue()
    must [[ip -n red route add 10.9.0.0/16 via 10.0.0.2
      ip netns exec blue sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
      ip -n blue route add unreachable 10.9.0.0/16]]
    local result = red:ping("10.9.0.1", { timeout_ms = 3000 })
    assert.same({ 1, 0, "EHOSTUNREACH" }, { result.sent, result.received, result.unreachable })
    assert.equal("1 sent, 0 received, unreachable: EHOSTUNREACH", tostring(result))
  end))

  it("prints one time, or least, mean and most of several", fresh(function()
    must "ip link set lo up"
    assert.matches("^1 sent, 1 received, rtt %d+%.%d%d ms$", tostring(netns.host:ping "127.0.0.1"))
    local several = tostring(netns.host:ping("::1", { count = 3, interval_ms = 1 }))
    assert.matches("^3 sent, 3 received, rtt min/avg/max [%d.]+/[%d.]+/[%d.]+ ms$", several)
    local least, mean, most = several:match "([%d.]+)/([%d.]+)/([%d.]+)"
    assert.is_true(tonumber(least) <= tonumber(mean) and tonumber(mean) <= tonumber(most))
  end))

  it("goes out of the link it is told", fresh(function()
    local red = red_blue()
    must "ip -n red link add other type veth peer name rest && ip -n red link set other up"
    assert.equal(1, red:ping("10.0.0.2", { dev = "v-red" }).received)
    local good, result = pcall(red.ping, red, "10.0.0.2", { dev = "other", timeout_ms = 100 })
    assert.is_true(not good or result.received == 0)
    assert.equal(1, counter("blue", "Icmp", "InEchos"))
  end))

  it("acts where the script is inside red:run", fresh(function()
    local red = red_blue()
    red:run(function() assert.equal(1, netns.current():ping("10.0.0.2").received) end)
    assert.equal(1, counter("blue", "Icmp", "InEchos"))
    assert.equal("ENETUNREACH", harness.failure(netns.host.ping, netns.host, "10.0.0.2").code)
  end))

  it("is one operation for who observes", fresh(function()
    must "ip link set lo up"
    local seen = {}
    core.observe(function(op) seen[#seen + 1] = op end)
    netns.host:ping("127.0.0.1", { count = 2, interval_ms = 1 })
    pcall(netns.host.ping, netns.host, "192.0.2.1")
    core.observe(nil)
    assert.equal(2, #seen)
    assert.same({ "netns", "ping", "host", "127.0.0.1", 2, 2 },
      { seen[1].module, seen[1].verb, seen[1].netns, seen[1].key, seen[1].options.count,
        seen[1].result.received })
    assert.same({ "192.0.2.1", "ENETUNREACH" }, { seen[2].key, seen[2].error.code })
  end))

  it("ends at once when the user interrupts it", function()
    local start = seconds()
    local code = "io.stderr:write 'go\\n' netns.host:ping('127.77.0.1', { count = 100 }) print 'not reached'"
    local run = harness.run { "-e", code, signal = "INT" }
    assert.same({ "", 130 }, { run.stdout, run.status })
    assert.truthy(seconds() - start < 50) -- it pings for a hundred
  end)

  it("leaves no descriptor open", fresh(function()
    must "ip link set lo up"
    netns.host:ping "127.0.0.1"
    local before = harness.descriptors()
    for _ = 1, 100 do
      netns.host:ping "127.0.0.1"
      pcall(netns.host.ping, netns.host, "192.0.2.1")
      pcall(netns.host.ping, netns.host, "127.0.0.1", { dev = "nope" })
    end
    assert.equal(before, harness.descriptors())
  end))
end)

-- ---- what a beginner is told --------------------------------------------------------------------

local broken = {
  { "10.9.0.1", nil, "ENETUNREACH", "netns.ping 10.9.0.1 in red: Network is unreachable %(ENETUNREACH%)%.",
    "red has no route to 10.9.0.1: .*red.route.list%(%)" },
  { "127.0.0.1", nil, "ENETUNREACH", "Network is unreachable",
    'loopback link lo is down, which 127.0.0.1 needs; red.link.set%("lo", { up = true }%)' },
  { "10.1.0.1", nil, "EHOSTUNREACH", "No route to host", "A route of red says that 10.1.0.1" },
  { "10.2.0.1", nil, "EACCES", "Permission denied", "broadcast address, or a route of type prohibit" },
  { "10.3.0.1", nil, "EINVAL", "Invalid argument", "swallows what is for 10.3.0.1" },
  { "10.0.0.255", nil, "EACCES", "Permission denied", "10.0.0.255 is a broadcast address" },
  { "10.0.0.2/24", nil, "EINVAL", "one address is needed", '"10.0.0.2" is meant' },
  { "example.com", nil, "EINVAL", "this is no IPv4 or IPv6 address", "a lab has no names of hosts" },
  { "10.0.0", nil, "EINVAL", "this is no IPv4 or IPv6 address", "An address is needed" },
  { "10.0.0.2\0", nil, "EINVAL", "this is no IPv4 or IPv6 address", "An address is needed" },
  { nil, nil, "EINVAL", "an address is needed, not nothing", "For example" },
  { 7, nil, "EINVAL", "an address is needed, not a number", "For example" },
  { "10.0.0.2", 5, "EINVAL", "a table of options is needed, not a number", "" },
  { "10.0.0.2", { cuont = 1 }, "EINVAL", "cuont: no such option", 'Did you mean "count"%?' },
  { "10.0.0.2", { count = "1" }, "EINVAL", "count: an integer is needed, not a string", "" },
  { "10.0.0.2", { count = 0 }, "ERANGE", "count: 0 is not in 1%.%.", "" },
  { "10.0.0.2", { interval_ms = -1 }, "ERANGE", "interval_ms: %-1 is not in", "" },
  { "10.0.0.2", { size_bytes = 65508 }, "ERANGE", "size_bytes: 65508 is not in 0%.%.65507", "" },
  { "10.0.0.2", { dev = "v-rde" }, "ENODEV", 'dev: red has no link "v%-rde"', "" },
  { "fe80::1%v-rde", nil, "ENODEV", 'red has no link "v%-rde"', "" },
}

describe("a ping through a narrow link", function()
  it("has lost what the link's own queue drops, and goes on", fresh(function()
    local red = red_blue()
    local _, code = harness.sh "tc -n red qdisc add dev v-red root tbf rate 1mbit burst 4kb limit 6000 2>/dev/null"
    if code ~= 0 then return pending "this kernel has no tbf" end
    local r = red:ping("10.0.0.2", { count = 20, interval_ms = 0, size_bytes = 1400 })
    assert.equal(20, r.sent)
    assert.truthy(r.received >= 4 and r.received < 20, r.received)
    assert.equal(20 - r.received, json "tc -n red -s -j qdisc show dev v-red"[1].drops)
    assert.equal(r.received, counter("blue", "Icmp", "InEchos"))
  end))
end)

describe("a ping that cannot be sent", function()
  it("says why, and what helps", fresh(function()
    local red = red_blue()
    must [[ip -n red route add unreachable 10.1.0.0/16; ip -n red route add prohibit 10.2.0.0/16
      ip -n red route add blackhole 10.3.0.0/16]]
    for _, row in ipairs(broken) do
      local address, options, code, sentence, hint = table.unpack(row, 1, 5)
      local err = harness.failure(red.ping, red, address, options)
      assert.equal(code, err.code, address)
      assert.matches(sentence, tostring(err))
      assert.matches(hint, err.hint or "")
    end
    assert.equal(0, counter("blue", "Icmp", "InEchos"))
  end))

  it("names the firewall that forbids it", fresh(function()
    local red = red_blue()
    local _, code = harness.sh "ip netns exec red iptables -A OUTPUT -p icmp -j DROP 2>/dev/null"
    if code ~= 0 then return pending "this kernel takes no iptables rules" end
    local err = harness.failure(red.ping, red, "10.0.0.2")
    assert.equal("EPERM", err.code)
    assert.matches("firewall rule in an OUTPUT chain of red", err.hint)
  end))

  it("names the namespace that is not there, or the colon", fresh(function()
    assert.matches('there is no namespace "red"', tostring(harness.failure(netns("red").ping, netns "red", "::1")))
    assert.matches("with a colon", tostring(harness.failure(netns("red").ping, "::1")))
  end))
end)
