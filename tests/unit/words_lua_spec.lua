-- Operations as the Lua that they equal: as text, and that the text makes the operation again.

local words = require "nslab.words"

-- { text or false, module, verb, key, options, netns, command }
local LINES = {
  { 'netns.add "red"', "netns", "add", "red" },
  { "netns.list()", "netns", "list" },
  { 'link.add("veth-red", { veth = { peer = "veth-blue" } })', "link", "add", "veth-red",
    { veth = { peer = "veth-blue" } } },
  { 'netns "red".link.set("lo", { up = true })', "link", "set", "lo", { up = true }, "red" },
  { 'link.add("a", { up = true, mtu = 1400, veth = { peer = { name = "b", up = true, netns = "red" } } })',
    "link", "add", "a",
    { up = true, mtu = 1400, veth = { peer = { name = "b", netns = "red", up = true } } } },
  { 'link.set(7, { alias = "x" })', "link", "set", "7", { alias = "x" } },
  { "nexthop.delete(12)", "nexthop", "delete", "12" },
  { "link.set(7, { master = false })", "link", "set", 7, { master = false } },
  { 'link.set("x", { alias = "two \\"words\\"\\nand a line" })', "link", "set", "x",
    { alias = 'two "words"\nand a line' } },
  { "link.list()", "link", "list", nil, {} },
  { 'link.list { type = "veth" }', "link", "list", nil, { type = "veth" } },
  { 'link.delete "veth-red"', "link", "delete", "veth-red" },
  { 'addr.add("10.0.0.1/24", { broadcast = "+", dev = "v0" })', "addr", "add", "10.0.0.1/24",
    { dev = "v0", broadcast = "+" } },
  { 'route.add("default", { via = "10.0.0.1", dev = "v0" })', "route", "add", "default",
    { dev = "v0", via = "10.0.0.1" } },
  { 'rule.add { from = "10.0.0.0/8", table = 100 }', "rule", "add", nil,
    { table = 100, from = "10.0.0.0/8" } },
  { 'netns.host:exec { "ls", "-l", check = true }', "netns", "exec", nil, { "ls", "-l", check = true } },
  { 'netns "red":ping("10.0.0.2", { count = 2, interval_ms = 0.5 })', "netns", "ping", "10.0.0.2",
    { count = 2, interval_ms = 0.5 }, "red" },
  { 'sysctl.set("net.ipv4.ip_forward", 1)', "sysctl", "set", "net.ipv4.ip_forward", { value = 1 } },
  { 'sysctl.set("net.ipv4.ip_forward", false)', "sysctl", "set", "net.ipv4.ip_forward", { value = false } },
  { 'netns "red".sysctl.get "net.ipv4.ip_forward"', "sysctl", "get", "net.ipv4.ip_forward", nil, "red" },
  { 'iptables "-t nat -A POSTROUTING -j MASQUERADE"', "iptables", "command",
    "-t nat -A POSTROUTING -j MASQUERADE" },
  { 'iptables.append("FORWARD", { protocol = "tcp", dport = 80, jump = "DROP" })', "iptables", "append",
    "FORWARD", { jump = "DROP", dport = 80, protocol = "tcp" }, nil,
    "iptables -A FORWARD -p tcp -m tcp --dport 80 -j DROP" },
  { 'iptables.insert("FORWARD", { jump = "DROP" }, 3)', "iptables", "insert", "FORWARD",
    { jump = "DROP" }, nil, "iptables -I FORWARD 3 -j DROP" },
  { 'iptables "-P FORWARD DROP"', "iptables", "policy", "FORWARD", nil, nil, "iptables -P FORWARD DROP" },
  { 'iptables "-A INPUT -j A"\niptables "-A INPUT -j B"', "iptables", "transaction", nil, nil, nil,
    "iptables -A INPUT -j A\niptables -A INPUT -j B" },
  { 'netns(42).link.set("lo", { up = true })', "link", "set", "lo", { up = true }, "pid 42" },
  { false, "iptables", "restore" },
  { 'iptables.restore("*nat\\nCOMMIT\\n", { noflush = true })', "iptables", "restore", nil,
    { text = "*nat\nCOMMIT\n", noflush = true }, nil, "" },
  { false, "link", "set", "lo", { netns = io.stdout } },
}

local function op_of(row)
  return { module = row[2], verb = row[3], key = row[4], options = row[5], netns = row[6],
           command = row[7] }
end

-- Globals that only remember what is called: env, and the call as { module, verb, arguments, netns }.
local function recorder()
  local called = {}
  local function module(name, netns)
    return setmetatable({}, {
      __index = function(_, verb)
        return function(...) called = { name, verb, table.pack(...), netns } end
      end,
      __call = function(_, line) called = { name, "command", { line, n = 1 }, netns } end,
    })
  end
  local function handle(name)
    return setmetatable({}, { __index = function(_, key)
      if key == "exec" or key == "ping" then
        return function(_, ...) called = { "netns", key, table.pack(...), name } end
      end
      return module(key, name)
    end })
  end
  local netns = setmetatable({ host = handle(nil) }, {
    __index = module "netns", __call = function(_, name) return handle(name) end,
  })
  local env = setmetatable({ netns = netns }, { __index = function(_, key) return module(key) end })
  return env, function() return called end
end

describe("an operation as Lua", function()
  for _, row in ipairs(LINES) do
    it(row[1] or ("has none: %s.%s"):format(row[2], row[3]), function()
      assert.equal(row[1] or nil, words.lua(op_of(row)))
    end)
  end

  it("makes the operation again when it is run", function()
    for _, row in ipairs(LINES) do
      local op = op_of(row)
      local text = words.lua(op)
      if text and not op.command and op.netns ~= "pid 42" then
        local env, called = recorder()
        assert(load(text, "=lua", "t", env))()
        local got = called()
        assert.same({ op.module, op.verb, op.netns }, { got[1], got[2], got[4] }, text)
        local options = op.options and next(op.options) ~= nil and op.options or nil
        if op.verb == "set" and op.module == "sysctl" then options = op.options.value end
        local key, given = got[3][1], got[3][2]
        if op.key == nil then key, given = nil, key end
        assert.same({ op.key and tostring(op.key), options }, { key and tostring(key), given }, text)
      end
    end
  end)

  it("calls namespaces as it is told", function()
    local o = { handle = function(name) return name .. "_ns" end, here = "here" }
    local op = { module = "link", verb = "set", key = "lo", options = { up = true }, netns = "red" }
    assert.equal('red_ns.link.set("lo", { up = true })', words.lua(op, o))
    assert.equal('here:ping "10.0.0.1"', words.lua({ module = "netns", verb = "ping", key = "10.0.0.1" }, o))
  end)
end)
