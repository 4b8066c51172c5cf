-- fou: UDP ports behind which packets are taken out. ip tells of them what we do, in our words; and pings go through
-- tunnels that are wrapped in UDP on the way, of each of the two kinds.

local harness = require "harness"
local words = require "nslab.words"
local fresh, must = harness.fresh, harness.must

local function lacking(fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then return nil end
  if err.code == "EPERM" and not harness.is_root_of_machine() then return "the kernel opens ports for root alone" end
  if err.code == "EOPNOTSUPP" or err.code == "EAFNOSUPPORT" then return "this kernel has no fou, or no such tunnel" end
  error(err, 0)
end

local function by_line(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line:gsub("%s+$", "") end
  table.sort(lines)
  return lines
end

local COMMANDS = {
  "ip fou add port 5555 ipproto 4", "ip fou add port 5556 gue", "ip -6 fou add port 5557 ipproto 41",
  "ip fou add port 5558 ipproto 47 local 127.0.0.1", "ip fou add port 5559 ipproto 4 local 127.0.0.1 peer 127.0.0.2 peer_port 7",
}

it("each is told as ip tells it, made by us or by ip, and closed again", fresh(function()
  local why = lacking(fou.add, 5554, { gue = true })
  if why then return pending(why) end
  fou.delete(5554)
  link.set("lo", { up = true })
  for _, command in ipairs(COMMANDS) do words.sh(command) end
  local ours = must "ip fou show"
  assert.same(by_line(ours), by_line(words.sh "ip fou show"))
  assert.same(by_line(ours), by_line(tostring(fou.list())))
  for _, open in ipairs(fou.list()) do fou.delete(open) end
  assert.equal("", must "ip fou show")
  for _, command in ipairs(COMMANDS) do must(command) end
  assert.same(by_line(ours), by_line(must "ip fou show"))
  words.sh "ip fou del port 5555"
  assert.is_nil(must("ip fou show"):find("5555", 1, true))
end))

it("a port that is open, and one that is not, is said", fresh(function()
  local why = lacking(fou.add, 5555, { ipproto = 4 })
  if why then return pending(why) end
  local _, err = pcall(fou.add, 5555, { ipproto = 4 })
  assert.truthy(tostring(err):find("port 5555 is in use", 1, true), tostring(err))
  _, err = pcall(fou.delete, 5556)
  assert.truthy(err.code)
end))

describe("a tunnel in UDP", function()
  -- Two hosts with a cable, and a tunnel of IPv4 over it that is wrapped so.
  local function hosts(options, encap)
    local a, b = netns.add "a", netns.add "b"
    link.add("eth0", { netns = a, up = true, veth = { peer = { name = "eth0", netns = b, up = true } } })
    for ns, n in pairs { [a] = 1, [b] = 2 } do
      ns.addr.add(("10.0.0.%d/24"):format(n), { dev = "eth0" })
      local tunnel = { local_address = "10.0.0." .. n, remote = "10.0.0." .. 3 - n, encap = encap, encap_dport = 5555,
                       ttl = 64 }
      local why = lacking(ns.fou.add, 5555, options) or lacking(ns.link.add, "t0", { up = true, ipip = tunnel })
      if why then return nil, why end
      ns.addr.add(("10.9.0.%d/24"):format(n), { dev = "t0" })
    end
    return a, b
  end

  for encap, options in pairs { fou = { ipproto = 4 }, gue = { gue = true } } do
    it(("(%s) brings a ping to the other end, as UDP"):format(encap), fresh(function()
      local a, b = hosts(options, encap)
      if not a then return pending(b) end
      b.iptables "-A INPUT -p udp --dport 5555"
      assert.equal(2, a:ping("10.9.0.2", { count = 2, interval_ms = 200, timeout_ms = 10000 }).received)
      local packets = must "ip netns exec b iptables -nvxL INPUT":match "\n%s*(%d+)[^\n]*dpt:5555"
      assert.is_true(tonumber(packets) >= 2, packets)
    end))
  end
end)
