-- The parts of a lesson without a kernel: which checks are asked when and what is said of them, hints made
-- of commands, progress in its file, what a check touches.

local engine = require "nslab.learn.engine"
local hints = require "nslab.learn.hints"
local host = require "nslab.host"
local progress = require "nslab.progress"
local witness = require "nslab.learn.witness"

-- ---- the checks of a step ------------------------------------------------------------------------

-- An engine over answers that the test changes: answers[text] = { ok, reason, touched }.
local function engine_over(answers, active)
  local checks, asked = {}, {}
  for _, text in ipairs { "a", "b", "c" } do
    if answers[text] then checks[#checks + 1] = { text = text, active = active and active[text] } end
  end
  local e = engine.new(checks, function(check)
    asked[#asked + 1] = check.text
    local answer = answers[check.text]
    return answer[1], answer[2], answer[3] or {}
  end)
  return e, asked
end

local function said(changes)
  local out = {}
  for i, c in ipairs(changes) do out[i] = c.what .. " " .. c.state.text .. " " .. (c.state.reason or "-") end
  return out
end

describe("the checks of a step", function()
  it("are told when they turn green, and when they turn red again", function()
    local answers = { a = { false, "no" }, b = { true } }
    local e = engine_over(answers)
    assert.same({ "green b -" }, said(e:look()))
    assert.same({}, said(e:look()))
    answers.a = { true }
    assert.same({ "green a -" }, said(e:look()))
    assert.is_true(e:done())
    answers.b = { false, "down" }
    assert.same({ "red b down" }, said(e:look()))
    assert.is_false(e:done())
  end)

  it("are told when they are red for another reason", function()
    local answers = { a = { false, "there is none" } }
    local e = engine_over(answers)
    e:look()
    answers.a = { false, "it is down" }
    assert.same({ "reason a it is down" }, said(e:look()))
    assert.same({}, said(e:look()))
  end)

  it("that act are asked by themselves, declared or found out", function()
    local answers = { a = { false }, b = { false }, c = { false, nil, { acts = true } } }
    local e, asked = engine_over(answers, { b = true })
    e:look()
    e:look()
    assert.same({ "a", "c", "a" }, asked)
    assert.is_false(e:ready())
    answers.a = { true }
    e:look()
    assert.is_true(e:ready())
    assert.is_false(e:done())
    answers.b, answers.c = { true }, { true, nil, { acts = true } }
    assert.same({ "green b -", "green c -" }, said(e:act()))
    assert.is_true(e:done())
  end)

  it("are blind as long as one is open whose answer may change without an event", function()
    local answers = { a = { false, nil, { blind = true } }, b = { false } }
    local e = engine_over(answers)
    e:look()
    assert.is_true(e:blind())
    answers.a = { true, nil, { blind = true } }
    e:look()
    assert.is_false(e:blind())
  end)
end)

describe("a witness", function()
  local observer
  local function observe(fn)
    local before = observer
    observer = fn
    return before
  end
  local function seen(fn)
    local s = witness.call(observe, fn)
    assert.is_nil(observer)
    return (s.blind and "blind" or "told") .. (s.acts and ", acts" or "")
  end

  it("knows what the kernel tells of", function()
    assert.equal("told", seen(function() observer { module = "link", verb = "list" } end))
    assert.equal("blind", seen(function() observer { module = "sysctl", verb = "get" } end))
    assert.equal("blind", seen(function() observer { module = "iptables", verb = "list" } end))
    assert.equal("told, acts", seen(function() observer { module = "netns", verb = "exec" } end))
    assert.equal("blind", seen(function() io.lines "/proc/self/status"() end))
    assert.equal("blind", seen(function() io.open("/proc/self/status"):close() end))
  end)

  it("gives what the check gives, and puts everything back", function()
    local open = io.open
    assert.same({ true, 1, "x" }, { select(2, witness.call(observe, function() return 1, "x" end)) })
    local _, ok, raised = witness.call(observe, function() error("off", 0) end)
    assert.same({ false, "off" }, { ok, raised })
    assert.equal(open, io.open)
  end)
end)

-- ---- hints ---------------------------------------------------------------------------------------

describe("the shape of a command", function()
  local SHAPES = {
    { "ip netns add red", "ip netns add NAME" },
    { "ip link add veth-red type veth peer name veth-blue",
      "ip link add INTERFACE type veth peer name NAME" },
    { "ip link set veth-red netns red", "ip link set INTERFACE netns NAMESPACE" },
    { "ip -n red addr add 192.168.15.1/24 dev veth-red", "ip -n NAMESPACE addr add ADDRESS/LENGTH dev INTERFACE" },
    { "ip -n red link set lo up", "ip -n NAMESPACE link set INTERFACE up" },
    { "ip -n blue route add default via 192.168.15.5", "ip -n NAMESPACE route add default via GATEWAY" },
    { "ip -n blue route add 192.168.1.0/24 via 192.168.15.5 dev eth0",
      "ip -n NAMESPACE route add ADDRESS/LENGTH via GATEWAY dev INTERFACE" },
    { "ip -n red rule add from 10.0.0.2 lookup 100 priority 1000",
      "ip -n NAMESPACE rule add from ADDRESS lookup TABLE priority NUMBER" },
    { "ip -6 addr add 2001:db8::1/64 dev eth0", "ip -6 addr add ADDRESS/LENGTH dev INTERFACE" },
    { "tc -n red qdisc add dev eth0 root tbf rate 1mbit burst 5000 latency 400ms",
      "tc -n NAMESPACE qdisc add dev INTERFACE root tbf rate RATE burst BYTES latency TIME" },
    { "echo dwdtCnMYpX08= | ip netns exec red wg set wg0 private-key /dev/stdin listen-port 51820",
      "ip netns exec NAMESPACE wg set wg0 private-key FILE listen-port PORT" },
    { "ip netns exec red wg set wg0 peer $(ip netns exec blue wg show wg0 public-key) allowed-ips 10.9.0.2/32",
      "ip netns exec NAMESPACE wg set wg0 peer KEY allowed-ips NETWORKS" },
    { "ip netns exec red ping -c 1 192.168.15.2", "ip netns exec NAMESPACE ping -c NUMBER ADDRESS" },
    { "sysctl -w net.ipv4.ip_forward=1", "sysctl -w KEY=VALUE" },
    { "iptables -t nat -A POSTROUTING -s 192.168.15.0/24 -o eth0 -j MASQUERADE",
      "iptables -t TABLE -A CHAIN -s ADDRESS/LENGTH -o INTERFACE -j TARGET" },
    { "ip netns exec lan bash -c 'cat </dev/tcp/192.168.1.2/80'", "ip netns exec NAMESPACE bash ..." },
    { "kill -KILL 17", "kill ..." },
  }
  for _, case in ipairs(SHAPES) do
    it("of: " .. case[1], function() assert.equal(case[2], hints.shape(case[1])) end)
  end
end)

describe("hints", function()
  local TEXT = '{"step":1,"operations":[{"ip":"ip netns add red","lua":"netns.add \\"red\\""},' ..
               '{"ip":"ip netns list","lua":"netns.list()","looks":true},' ..
               '{"ip":"ip netns add blue","lua":"netns.add \\"blue\\""}]}\n' ..
               '{"step":2,"operations":[{"ip":"ip link","lua":"link.list()","looks":true}]}\n' ..
               '{"step":3,"operati'

  it("come from what the rehearsal has done so far", function()
    local one = hints.operations(TEXT, 1, host.json_decode)
    assert.same({ "ip netns add red", "ip netns add blue" }, { one[1].ip, one[2].ip, one[3] })
    assert.equal("ip link", hints.operations(TEXT, 2, host.json_decode)[1].ip)
    assert.is_nil(hints.operations(TEXT, 3, host.json_decode))
  end)

  it("are graded: the nudge, the shape, the commands", function()
    local step, one = { hint = "Try." }, hints.operations(TEXT, 1, host.json_decode)
    assert.same({ "Try.", 1 }, { hints.text(step, 1) })
    assert.same({ "The shape of the commands:\n\n  ip netns add NAME    (2 times)", 2 }, { hints.text(step, 2, one) })
    assert.same({ "The commands:\n\n  ip netns add red\n  ip netns add blue\n\n" ..
                  "Or in Lua:\n\n  netns.add \"red\"\n  netns.add \"blue\"", 3 }, { hints.text(step, 3, one) })
    assert.same({ 2 }, { select(2, hints.text({}, 1, one)) })
    assert.same({ "Try.", 1 }, { hints.text(step, 3, nil) })
  end)
end)

-- ---- progress ------------------------------------------------------------------------------------

describe("progress", function()
  local kept
  local fake = {
    json = host.json, json_decode = host.json_decode,
    state = function(name) return kept[name] end,
    set_state = function(name, text)
      kept[name] = text
      return true
    end,
  }
  local function lab_of(name, ...)
    local steps = {}
    for i, title in ipairs { ... } do steps[i] = { title = title } end
    return { name = name, steps = steps }
  end
  before_each(function() kept = {} end)

  it("is kept for each lab", function()
    local a, b = lab_of("a", "One", "Two", "Three"), lab_of("b", "One")
    assert.is_nil(progress.step(a, fake))
    assert.is_true(progress.keep(a, 2, false, fake))
    assert.is_true(progress.keep(b, 1, false, fake))
    assert.equal(2, progress.step(a, fake))
    assert.same({ step = 2, steps = 3, finished = false }, progress.brief("a", fake))
    assert.is_nil(progress.brief("c", fake))
  end)

  it("of a lab that is finished means to begin again", function()
    local a = lab_of("a", "One")
    progress.keep(a, 2, true, fake)
    assert.is_nil(progress.step(a, fake))
    assert.is_true(progress.brief("a", fake).finished)
  end)

  it("goes as far as the lab still has the same steps", function()
    progress.keep(lab_of("a", "One", "Two", "Three", "Four"), 4, false, fake)
    assert.equal(4, progress.step(lab_of("a", "One", "Two", "Three", "Last"), fake))
    assert.equal(2, progress.step(lab_of("a", "One", "New", "Two", "Three"), fake))
    assert.equal(1, progress.step(lab_of("a", "Other"), fake))
    assert.is_nil(progress.step(lab_of("a", "One", "Two"), fake))
  end)

  it("that cannot be read counts as none", function()
    for _, text in ipairs { "", "{", "[1]", '{"v":2,"labs":{}}', '{"v":1,"labs":{"a":7}}',
                            '{"v":1,"labs":{"a":{"step":"x","titles":[]}}}', '{"v":1,"labs":3}' } do
      kept["progress.json"] = text
      assert.is_nil(progress.step(lab_of("a", "One"), fake), text)
      assert.is_nil(progress.brief("a", fake), text)
    end
  end)
end)

describe("a file of the user's", function()
  local harness = require "harness"
  local function state(code, env)
    return harness.run { "-e", code, env = env }
  end

  it("is the user's alone, and is replaced as a whole", function()
    local dir = harness.must "mktemp -d":gsub("\n", "")
    harness.must("chmod 777 " .. dir)
    local env = ("XDG_STATE_HOME=%s/x/y"):format(dir)
    local got = state([[local h = require "nslab.host"
      print(h.state "t")
      assert(h.set_state("t", "one"))
      assert(h.set_state("t", ("two"):rep(30000)))
      print(#h.state "t")]], env)
    assert.same({ "\n90000\n", "", 0 }, { got.stdout, got.stderr, got.status })
    assert.equal("600 t\n", harness.must(("cd %s/x/y/nslab && stat -c '%%a %%n' *"):format(dir)))
    harness.must("rm -r " .. dir)
  end)

  it("that cannot be written says why", function()
    local got = state([[print(require "nslab.host".set_state("t", "x"))]], "-u HOME -u XDG_STATE_HOME")
    assert.same({ "nil\tNo such file or directory\n", 0 }, { got.stdout, got.status })
    got = state([[print(require "nslab.host".set_state("t", "x"))]], "XDG_STATE_HOME=/proc")
    assert.truthy(got.stdout:find "^nil\t%u", got.stdout)
  end)
end)
