-- qdisc and class: what add was given is what get returns, for every key of every kind that this kernel
-- has; what they print is what tc prints; and what only these modules do.

local core = require "nslab.core"
local harness = require "harness"
local fresh, must, json, sorted = harness.fresh, harness.must, harness.json, harness.sorted

-- A cable without IPv6: the cards are to be still. In one shell, since a new kernel is slow to start one.
local function cable()
  must [[ip link add v0 type veth peer name v1
    echo 1 >/proc/sys/net/ipv6/conf/v0/disable_ipv6; echo 1 >/proc/sys/net/ipv6/conf/v1/disable_ipv6
    printf 'link set v0 up\nlink set v1 up\n' | ip -batch -]]
end

-- Whether the kernel has that kind. It says so before it misses options.
local function has(kind)
  local ok, err = pcall(qdisc.add, { dev = "lo", root = true, type = kind })
  if ok then qdisc.delete { dev = "lo", root = true } end
  return ok or not tostring(err):find "kind is unknown"
end

-- Options that one call can have together. An array where the kernel forgets, or one excludes another.
local QDISCS = {
  netem = {
    { limit_packets = 77, delay_ms = 20, jitter_ms = 5, delay_correlation_percent = 25, loss_percent = 1,
      loss_correlation_percent = 33.3, duplicate_percent = 0.5, duplicate_correlation_percent = 10,
      reorder_percent = 25, reorder_correlation_percent = 50, gap = 5, corrupt_percent = 0.01,
      corrupt_correlation_percent = 7, rate_mbit = 10, packet_overhead_bytes = -4, cell_size_bytes = 53,
      cell_overhead_bytes = 5, ecn = true },
    { delay_ms = 0.0001, jitter_ms = 2000 }, { rate_mbit = 100000 }, { reorder_percent = 5, delay_ms = 1 },
    { loss_state = { p13_percent = 1, p31_percent = 90, p32_percent = 20, p23_percent = 80, p14_percent = 0.5 } },
    { loss_gemodel = { p_percent = 1, r_percent = 10, loss_bad_percent = 70, loss_good_percent = 0.1 } },
    { slot_min_ms = 0.8, slot_max_ms = 1, slot_packets = 32, slot_bytes = 2000 },
    { slot_delay_ms = 2, slot_jitter_ms = 0.5, slot_distribution = "normal", slot_packets = 8, seed = 4711 },
    { delay_ms = 10, jitter_ms = 2, distribution = "pareto" },
  },
  tbf = {
    { rate_mbit = 1, burst_bytes = 10240, limit_bytes = 20000, peakrate_mbit = 2, mtu_bytes = 1600,
      overhead_bytes = 10, mpu_bytes = 64 },
    { rate_mbit = 1, burst_bytes = 9600, limit_bytes = 20000, linklayer = "atm" },
    { rate_mbit = 0.5, burst_bytes = 5000, latency_ms = 50 },
    { rate_mbit = 50000, burst_bytes = 1000000, limit_bytes = 3000000 },
  },
  pfifo = { { limit_packets = 12 } }, bfifo = { { limit_bytes = 12345 } },
  pfifo_head_drop = { { limit_packets = 12 } },
  htb = { { r2q = 5, default = "30", direct_qlen = 17 } },
  prio = { { bands = 4, priomap = { 1, 2, 3, 3, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 } } },
  fq_codel = { { limit_packets = 1000, flows = 512, quantum_bytes = 300, interval_ms = 90, target_ms = 4,
                 ce_threshold_ms = 2, memory_limit_bytes = 1000000, drop_batch = 8, ecn = false } },
  codel = { { limit_packets = 100, interval_ms = 90, target_ms = 4, ce_threshold_ms = 2, ecn = true } },
  fq = { { limit_packets = 1000, flow_limit_packets = 50, quantum_bytes = 3000,
           initial_quantum_bytes = 9000, maxrate_mbit = 7, pacing = false, buckets_log = 9,
           orphan_mask = 511, low_rate_threshold_mbit = 0.4, refill_delay_ms = 40, timer_slack_ns = 20000,
           horizon_ms = 5000, horizon_drop = false } },
  cake = {
    { bandwidth_mbit = 20, diffserv = "diffserv4", flowmode = "dual-srchost", nat = true, wash = true, ingress = true,
      ack_filter = "ack-filter-aggressive", split_gso = false, rtt_ms = 50, atm = "ptm", overhead_bytes = -4,
      mpu_bytes = 64, memlimit_bytes = 4000000, fwmark = 255, target_ms = 2.5 },
    { bandwidth_mbit = 0, raw = true, diffserv = "besteffort", ack_filter = "no-ack-filter" },
    { autorate_ingress = true, bandwidth_mbit = 100000 },
  },
  red = {
    { limit_bytes = 400000, min_bytes = 30000, max_bytes = 90000, avpkt_bytes = 500, burst_packets = 90,
      bandwidth_mbit = 100, probability = 0.1, ecn = true, harddrop = true, adaptive = true },
    { limit_bytes = 400000, ecn = true, nodrop = true, early_drop_block = 10, mark_block = 11 }, { limit_bytes = 100000, min_bytes = 10000 },
  },
  choke = {
    { limit_packets = 1000, min_packets = 83, max_packets = 250, avpkt_bytes = 500, burst_packets = 150,
      bandwidth_mbit = 100, probability = 0.03, ecn = true },
    { limit_packets = 500 },
  },
  sfb = {
    { rehash_ms = 300000, db_ms = 30000, limit_packets = 500, max_packets = 40, target_packets = 30,
      increment = 66 / 65535, decrement = 13 / 65535, penalty_rate = 15, penalty_burst = 30 },
    { limit_packets = 300 },
  },
  pie = {
    { limit_packets = 100, target_ms = 20, tupdate_ms = 32, alpha = 3, beta = 21, ecn = true, bytemode = true,
      dq_rate_estimator = true },
  },
  fq_pie = {
    { limit_packets = 100, flows = 512, target_ms = 20, tupdate_ms = 32, alpha = 3, beta = 21, quantum_bytes = 300,
      memory_limit_bytes = 1000000, ecn_prob_percent = 12, ecn = true, bytemode = true, dq_rate_estimator = true },
  },
  hhf = {
    { limit_packets = 100, quantum_bytes = 3000, hh_limit = 20, reset_timeout_ms = 32, admit_bytes = 100000,
      evict_timeout_ms = 2000, non_hh_weight = 3 },
  },
  hfsc = { { default = "1f" } },
  ets = {
    { bands = 5, strict = 2, quanta = { 4000, 3000, 2000 },
      priomap = { 4, 3, 2, 1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2 } },
  },
  skbprio = { { limit_packets = 50 } },
  cbs = { { hicredit_bytes = 153, locredit_bytes = -1389, sendslope_kbit = -980000, idleslope_kbit = 20000, offload = 0 } },
  etf = { { clockid = "TAI", delta_ns = 200000, deadline_mode = true, skip_sock_check = true, offload = false } },
  sfq = { { quantum_bytes = 2000, perturb_s = 10, limit_packets = 100, divisor = 512, flows = 100,
            depth = 50, headdrop = true } },
}
-- The kernel does not tell its limit, so that it cannot be given again.
local SFQ_RED = { limit_packets = 1000, redflowlimit_bytes = 100000, min_bytes = 8000, max_bytes = 60000,
                  probability = 0.1, avpkt_bytes = 500, burst_packets = 50, ecn = true, harddrop = true }
local CLASSES = {
  htb = {
    { prio = 3, rate_mbit = 10, ceil_mbit = 20, burst_bytes = 15000, cburst_bytes = 20000,
      quantum_bytes = 2000, overhead_bytes = 4, mpu_bytes = 64 },
    { rate_mbit = 50000, quantum_bytes = 60000 }, { rate_mbit = 5, linklayer = "atm", mtu_bytes = 9000 },
  },
}
-- What is written and not read, and what a kernel may not keep for a reason of its own.
local UNREAD = { distribution = true, slot_distribution = true, seed = true, avpkt_bytes = true, burst_packets = true,
                 ["red.bandwidth_mbit"] = true, ["choke.bandwidth_mbit"] = true, sc = true,
                 ["htb.mtu_bytes"] = true, ["sfq.redflowlimit_bytes"] = true }

-- The kernel keeps a burst as the time that it lasts, in steps of 64 ns; and those of codel in 1024 ns.
local function near(given, got, path)
  if type(given) ~= "number" or type(got) ~= "number" then return nil end
  return math.abs(given - got) <= math.max(math.abs(given) * (path:find "burst" and 5e-4 or 1e-6),
                                         path:find "codel.*_ms" and 0.0021 or 0)
end

local function same(given, got, path)
  if type(given) ~= "table" then
    if not near(given, got, path) then assert.equal(given, got, path) end
    return
  end
  assert.truthy(got, path)
  for key, v in pairs(given) do
    local at = path .. "." .. key
    if not UNREAD[key] and not UNREAD[at] then same(v, got[key], at) end
  end
end

-- Trailing blanks do not count.
local function plain(text)
  return (text:gsub(" +\n", "\n"):gsub("%s+$", ""))
end

local function shown_by_tc(words)
  assert.equal(plain(must("tc qdisc show " .. words)), plain(tostring(qdisc.list(words ~= "" and { dev = "v0" } or nil))))
end

describe("a qdisc", function()
  for _, kind in sorted(QDISCS) do
    it(kind .. " comes back as it was given", fresh(function()
      if not has(kind) then return pending("this kernel has no " .. kind) end
      cable()
      for i, options in ipairs(QDISCS[kind]) do
        qdisc.add { dev = "v0", root = true, handle = "7:", [kind] = options }
        local got = qdisc.get { dev = "v0", root = true }
        assert.equal(kind, got.type)
        assert.equal("7:", got.handle)
        same(options, got[kind], kind)
        assert.equal(plain(must "tc -s qdisc show dev v0"), plain(sh "tc -s qdisc show dev v0"))
        -- The record is what another call takes.
        qdisc.delete(got)
        assert.equal("noqueue", qdisc.get({ dev = "v0" }).type)
        qdisc.add(got)
        same(options, qdisc.get({ dev = "v0" })[kind], kind)
        if i == 1 then shown_by_tc "" end
        qdisc.delete(got)
      end
      assert.equal("noqueue", json("tc -j qdisc show dev v0")[1].kind)
    end))

    it(kind .. " has a case for every key", function()
      for _, row in ipairs(core.schemas()["qdisc." .. (kind:gsub("_head_drop", ""))].rows) do
        local found = row.readonly or UNREAD[row.key]
        for _, options in ipairs(QDISCS[kind]) do found = found or options[row.key] ~= nil end
        assert.truthy(found or kind == "sfq" and SFQ_RED[row.key] ~= nil, row.key)
      end
    end)
  end

  it("sfq with a red for each flow comes back but for its limit", fresh(function()
    if not has "sfq" then return pending "this kernel has no sfq" end
    cable()
    qdisc.add { dev = "v0", root = true, handle = "7:", sfq = SFQ_RED }
    local got = qdisc.get { dev = "v0", root = true }
    same(SFQ_RED, got.sfq, "sfq")
    shown_by_tc "dev v0"
    assert.equal(plain(must "tc -s -d qdisc show dev v0"), plain(sh "tc -s -d qdisc show dev v0"))
    qdisc.delete(got)
    qdisc.add(got)
    assert.is_nil(qdisc.get({ dev = "v0", root = true }).sfq.min_bytes)
  end))

  it("for a link with several queues comes back as it was given", fresh(function()
    if not has "mqprio" then return pending "this kernel has no mqprio" end
    must "ip link add v0 numtxqueues 4 type veth peer name v1; ip link set v0 up; ip link set v1 up"
    local options = { num_tc = 2, map = { 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0 }, hw = 0,
                      queues = { "1@0", "3@1" } }
    qdisc.add { dev = "v0", root = true, handle = "7:", mqprio = options }
    local got = qdisc.get { dev = "v0", root = true }
    same(options, got.mqprio, "mqprio")
    shown_by_tc "dev v0"
    qdisc.delete(got)
    qdisc.add(got)
    same(options, qdisc.get({ dev = "v0", root = true }).mqprio, "mqprio")
    qdisc.replace { dev = "v0", root = true, handle = "8:", type = "multiq" }
    assert.equal(4, qdisc.get({ dev = "v0", root = true }).multiq.bands)
    shown_by_tc "dev v0"
  end))

  it("made by tc is read", fresh(function()
    cable()
    must "tc qdisc add dev v0 root handle 1: tbf rate 2mbit burst 4000 limit 9000"
    local got = qdisc.get { dev = "v0" }
    same({ rate_mbit = 2, burst_bytes = 4000, limit_bytes = 9000 }, got.tbf, "tbf")
    assert.is_true(got.root)
    assert.equal("1:", got.handle)
  end))

  it("counts what went through", fresh(function()
    cable()
    must "ip addr add 10.0.0.1/24 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0"
    qdisc.add { dev = "v0", root = true, pfifo = { limit_packets = 10 } }
    local before = qdisc.get { dev = "v0" }
    harness.sh "ping -c 2 -i 0.1 -W 0.1 10.0.0.2"
    local told = json("tc -s -j qdisc show dev v0")[1]
    local got = qdisc.get { dev = "v0" }
    assert.truthy(got.stats.packets >= 2)
    assert.truthy(got.stats.packets <= told.packets + 2 and got.stats.packets >= told.packets)
    assert.equal(before, got) -- counters do not make another one
  end))

  it("and its classes show what they counted as tc -s does", fresh(function()
    cable()
    must [[ip addr add 10.0.0.1/24 dev v0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
      tc qdisc add dev v0 root handle 1: htb default 10
      tc class add dev v0 parent 1: classid 1:10 htb rate 80bit burst 200 cburst 200
      tc qdisc add dev v0 parent 1:10 handle 10: pfifo limit 2]]
    harness.sh "ping -c 9 -i 0.01 -W 0.1 -s 400 10.0.0.2"
    local queue, shape = qdisc.list({ dev = "v0" })[2].stats, class.get({ dev = "v0", classid = "1:10" }).stats
    assert.same({ 2, 884, true }, { queue.qlen, queue.backlog_bytes, queue.drops > 0 })
    assert.truthy(shape.packets > 0 and shape.htb.lended > 0 and shape.htb.tokens < 0)
    assert.equal(plain(must "tc -s qdisc show dev v0; tc -s class show dev v0"),
                 plain(sh "tc -s qdisc show dev v0\ntc -s class show dev v0"))
  end))

  it("is changed in place, replaced, deleted", fresh(function()
    cable()
    local handle = { dev = "v0", root = true, handle = "1:", pfifo = { limit_packets = 5 } }
    qdisc.add(handle)
    assert.error_matches(function() qdisc.add(handle) end, "EEXIST.*qdisc.replace")
    qdisc.change { dev = "v0", root = true, handle = "1:", pfifo = { limit_packets = 6 } }
    assert.equal(6, json("tc -j qdisc show dev v0")[1].options.limit)
    qdisc.replace { dev = "v0", root = true, handle = "2:", bfifo = { limit_bytes = 6000 } }
    local told = json("tc -j qdisc show dev v0")[1]
    assert.equal("bfifo", told.kind)
    assert.equal("2:", told.handle)
    qdisc.delete { dev = "v0", root = true }
    assert.equal("noqueue", json("tc -j qdisc show dev v0")[1].kind)
  end))

  it("for what comes in needs no more than its type", fresh(function()
    cable()
    qdisc.add { dev = "v0", type = "ingress" }
    assert.equal("ffff:", json("tc -j qdisc show dev v0 ingress")[1].handle)
    shown_by_tc "dev v0"
    qdisc.delete { dev = "v0", type = "ingress" }
    qdisc.add { dev = "v0", type = "clsact" }
    assert.equal("clsact", json("tc -j qdisc show dev v0 clsact")[1].kind)
    assert.equal(plain(must "tc qdisc show dev v0"), plain(tostring(qdisc.list { dev = "v0" })))
  end))

  it("says what is wrong with what it is given", fresh(function()
    cable()
    local function fails(options, text)
      local ok, err = pcall(qdisc.add, options)
      assert.is_false(ok)
      assert.truthy(tostring(err):find(text, 1, true), tostring(err))
    end
    fails({ dev = "v0", pfifo = { limit_packets = 5 } }, "root: where is it to be put? (EINVAL)")
    fails({ dev = "v0", root = true, pfifo = {} }, "pfifo.limit_packets: this option is needed")
    fails({ dev = "v0", root = true, handle = "one", type = "htb" }, 'handle: "one" is no handle')
    fails({ dev = "v0", root = true, tbf = { rate_mbit = "1mbit", burst_bytes = 1 } },
          "tbf.rate_mbit: a number is needed")
    fails({ dev = "v0", root = true, tbf = { rate_mbit = 1, burst_bytes = 1600, limit_bytes = 5, latency_ms = 5 } },
          "limit_bytes and latency_ms say the same thing")
    fails({ dev = "v0", root = true, pfifo = { limit_packets = 1 }, bfifo = { limit_bytes = 1 } },
          "a qdisc has one kind")
    fails({ dev = "v0", root = true, type = "no_such" }, "`nslab doctor`")
    for key, v in pairs { min_bytes = 500, probability = 0.1, ecn = true } do
      fails({ dev = "v0", root = true, sfq = { [key] = v } }, ("sfq.%s: this needs redflowlimit_bytes"):format(key))
    end
    fails({ dev = "v0", root = true, red = { limit_bytes = 400000, min_bytes = 90000, max_bytes = 30000 } },
          "min_bytes (90000) must be less than max_bytes (30000)")
    fails({ dev = "v0", root = true, red = { limit_bytes = 400000, burst_packets = 3 } }, "Try burst_packets = 34")
    fails({ dev = "v0", root = true, ets = {} }, "ets.bands: how many bands?")
    fails({ dev = "v0", root = true, mqprio = { queues = { "1-2" } } }, '"1-2" is no count and offset')
    fails({ dev = "gone", root = true, type = "htb" }, "ENODEV")
  end))
end)

describe("a class", function()
  for _, kind in sorted(CLASSES) do
    for i, options in ipairs(CLASSES[kind]) do
      it(("of %s comes back as it was given (%d)"):format(kind, i), fresh(function()
        if not has(kind) then return pending("this kernel has no " .. kind) end
        cable()
        qdisc.add { dev = "v0", root = true, handle = "1:", type = kind }
        class.add { dev = "v0", parent = "1:", classid = "1:1", htb = { rate_mbit = 100 } }
        class.add { dev = "v0", parent = "1:1", classid = "1:1f", [kind] = options }
        qdisc.add { dev = "v0", parent = "1:1f", handle = "30:", pfifo = { limit_packets = 3 } }
        local got = class.get { dev = "v0", classid = "1:1f" }
        assert.equal("1:1", got.parent)
        assert.equal("30:", got.leaf)
        same(options, got[kind], kind)
        assert.equal(plain(must "tc class show dev v0"), plain(tostring(class.list { dev = "v0" })))
        assert.equal(plain(must "tc qdisc show dev v0"), plain(tostring(qdisc.list { dev = "v0" })))
        class.change { dev = "v0", parent = "1:1", classid = "1:1f", [kind] = { rate_mbit = 3 } }
        assert.equal(3, class.get({ dev = "v0", classid = "1:1f" })[kind].rate_mbit)
        qdisc.delete { dev = "v0", parent = "1:1f" }
        class.delete(got)
        assert.equal("class htb 1:1 root", (must("tc class show dev v0"):match "^(.-) prio"))
      end))
    end

    it(kind .. " has a case for every key", function()
      for _, row in ipairs(core.schemas()["class." .. kind].rows) do
        local found = row.readonly
        for _, options in ipairs(CLASSES[kind]) do found = found or options[row.key] ~= nil end
        assert.truthy(found, row.key)
      end
    end)
  end

  -- { options, what is read beside them }
  local YOUNGER = {
    hfsc = {
      { { rt = { m1_mbit = 5, d_ms = 10, m2_mbit = 1 }, ls = { m2_mbit = 0.1 }, ul = { m2_mbit = 8 } } },
      { { sc = { d_ms = 20, m2_mbit = 3 } },
        { rt = { m1_mbit = 0, d_ms = 20, m2_mbit = 3 }, ls = { m1_mbit = 0, d_ms = 20, m2_mbit = 3 } } },
    },
    drr = { { { quantum_bytes = 3000 } } },
    qfq = { { { weight = 10, maxpkt_bytes = 1600 } } },
    ets = { { { quantum_bytes = 5000 } } }, -- it has its classes from the start
  }
  for _, kind in sorted(YOUNGER) do
    it(("of %s comes back as it was given"):format(kind), fresh(function()
      if not has(kind) then return pending("this kernel has no " .. kind) end
      cable()
      for i, case in ipairs(YOUNGER[kind]) do
        local at = { dev = "v0", parent = "1:", classid = "1:" .. i, [kind] = case[1] }
        if kind == "ets" then
          qdisc.add { dev = "v0", root = true, handle = "1:", ets = { bands = 2, quanta = { 3000, 2000 } } }
          class.change(at)
        else
          qdisc.replace { dev = "v0", root = true, handle = "1:", type = kind }
          class.add(at)
        end
        local got = class.get { dev = "v0", classid = at.classid }
        same(case[1], got[kind], kind)
        same(case[2] or {}, got[kind], kind)
        assert.equal(plain(must "tc -s class show dev v0"), plain(sh "tc -s class show dev v0"))
        if kind ~= "ets" then
          class.delete(got)
          class.add(got)
          same(case[1], class.get({ dev = "v0", classid = at.classid })[kind], kind)
          class.delete(got)
        end
      end
    end))

    it(kind .. " has a case for every key", function()
      for _, row in ipairs(core.schemas()["class." .. kind].rows) do
        local found = row.readonly
        for _, case in ipairs(YOUNGER[kind]) do found = found or case[1][row.key] ~= nil end
        assert.truthy(found, row.key)
      end
    end)
  end

  it("is of one link, which must be said", fresh(function()
    assert.error_matches(function() class.list() end, "class.list in host: dev: which link")
  end))
end)

-- What is heard of those objects of the namespace red while the commands run in it, as "EVENT OBJECT KIND
-- WHICH VALUE"; value(record) tells what changed.
local function heard(objects, commands, count, value)
  must "ip netns add red; ip -n red link add v0 type veth peer name v1; ip -n red link set v0 up"
  local w <close> = netns.watch { objects = objects, timeout_ms = 3000 }
  must(commands)
  local out = {}
  while #out < count do
    local e = w()
    if not e then break end
    assert.equal("red", e.netns.name)
    assert.truthy(tostring(e.record):find(e.object, 1, true), tostring(e.record))
    local r = e.record
    if r.handle or r.classid then
      out[#out + 1] = ("%s %s %s %s %s"):format(e.event, e.object, r.type, r.classid or r.handle, value(r))
    end
  end
  return out
end

describe("netns.watch", function()
  it("hears of qdiscs: new ones, changed ones, those that go", fresh(function()
    assert.same({
      "new qdisc pfifo 1: 5", "new qdisc pfifo 1: 6", "delete qdisc pfifo 1: 6", "new qdisc bfifo 2: 6000",
      "delete qdisc bfifo 2: 6000",
    }, heard({ "qdisc" }, [[
      tc -n red qdisc add dev v0 root handle 1: pfifo limit 5
      tc -n red qdisc change dev v0 root handle 1: pfifo limit 6
      tc -n red qdisc replace dev v0 root handle 2: bfifo limit 6000
      tc -n red qdisc del dev v0 root]], 5, function(r)
        return r.pfifo and r.pfifo.limit_packets or r.bfifo and r.bfifo.limit_bytes
      end))
  end))

  it("hears of classes", fresh(function()
    assert.same({ "new class htb 1:5 1", "new class htb 1:5 2", "delete class htb 1:5 2" }, heard({ "class" }, [[
      tc -n red qdisc add dev v0 root handle 1: htb
      tc -n red class add dev v0 parent 1: classid 1:5 htb rate 1mbit
      tc -n red class change dev v0 parent 1: classid 1:5 htb rate 2mbit
      tc -n red class del dev v0 classid 1:5]], 3, function(r) return r.htb.rate_mbit end))
  end))

  it("hears of filters", fresh(function()
    local all = heard({ "filter" }, [[
      tc -n red qdisc add dev v0 root handle 1: htb
      tc -n red filter add dev v0 parent 1: protocol ip pref 9 u32 match ip dst 10.0.0.1 flowid 1:7
      tc -n red filter add dev v0 parent 1: protocol ipv6 pref 8 u32 match ip6 src fd00::/64 flowid 1:8
      tc -n red filter del dev v0 parent 1: pref 9 protocol ip handle 800::800 u32]], 3, function(r)
        return ("%d %s %s"):format(r.pref, r.u32.classid, r.u32.ip_dst or r.u32.ip6_src)
      end)
    assert.same({ "new filter u32 800::800 9 1:7 10.0.0.1", "new filter u32 801::800 8 1:8 fd00::/64" },
                { all[1], all[2] })
    assert.truthy(all[3]:find("delete filter u32 800::800 9", 1, true), all[3])
  end))

  it("hears of link.impair", fresh(function()
    if not has "netem" then return pending "this kernel has no netem" end
    local red = netns.add "red"
    red.link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
    local w <close> = netns.watch { objects = { "qdisc" }, timeout_ms = 5000 }
    red.link.impair("v0", { delay_ms = 5 })
    red.link.impair("v0", { delay_ms = 7 })
    red.link.impair("v0", {})
    local seen = {}
    while #seen < 3 do
      local e = assert(w(), "no event")
      if e.record.netem then seen[#seen + 1] = e.event .. " " .. e.record.netem.delay_ms end
    end
    assert.same({ "new 5", "new 7", "delete 7" }, seen)
  end))
end)

describe("link.impair", function()
  local FIELDS = {
    { delay_ms = 20, jitter_ms = 5, loss_percent = 1, rate_mbit = 10 },
    { delay_ms = 5 }, { rate_mbit = 1 }, { corrupt_percent = 2, duplicate_percent = 1 },
    { delay_ms = 10, jitter_ms = 2, distribution = "normal" }, { delay_ms = 10, jitter_ms = 2 },
    { loss_gemodel = { p_percent = 1, r_percent = 10, loss_bad_percent = 70, loss_good_percent = 0.1 } },
    { delay_ms = 3, reorder_percent = 25 },
  }
  table.move(QDISCS.netem, 1, #QDISCS.netem, #FIELDS + 1, FIELDS) -- every key that there is

  it("changes what is there, and takes nothing over from before", fresh(function()
    if not has "netem" then return pending "this kernel has no netem" end
    cable()
    local handle
    for _, fields in ipairs(FIELDS) do
      link.impair("v0", fields)
      local got = qdisc.get { dev = "v0", root = true }
      handle = handle or got.handle
      assert.equal(handle, got.handle) -- it was changed, not made anew
      for key, v in pairs(fields) do
        if not UNREAD[key] then same(v, got.netem[key], key) end
      end
      for _, key in ipairs { "delay_ms", "jitter_ms", "loss_percent", "rate_mbit", "corrupt_percent",
                             "duplicate_percent", "reorder_percent" } do
        if fields[key] == nil then assert.equal(0, got.netem[key] or 0, key) end
      end
    end
    link.impair("v0", {})
    assert.equal("noqueue", json("tc -j qdisc show dev v0")[1].kind)
    link.impair("v0", {})
  end))

  it("is late and lossy within statistics", fresh(function()
    if not has "netem" then return pending "this kernel has no netem" end
    local red, blue = netns.add "red", netns.add "blue"
    link.add("v0", { netns = red, up = true, veth = { peer = { name = "v0", netns = blue, up = true } } })
    red.addr.add("10.0.0.1/24", { dev = "v0" })
    blue.addr.add("10.0.0.2/24", { dev = "v0" })
    assert.equal(1, red:ping("10.0.0.2").received)
    red.link.impair("v0", { delay_ms = 40 })
    for _, rtt in ipairs(red:ping("10.0.0.2", { count = 5, interval_ms = 50 }).rtts_ms) do
      assert.truthy(rtt >= 39.9, rtt)
    end
    red.link.impair("v0", { loss_percent = 50 })
    local result = red:ping("10.0.0.2", { count = 400, interval_ms = 5, timeout_ms = 500 })
    -- 200 are expected, of a deviation of 10: six of those is less than one in 500 million.
    assert.truthy(math.abs(result.received - 200) <= 60, result.received)
    red.link.impair("v0", {})
    assert.equal(20, red:ping("10.0.0.2", { count = 20, interval_ms = 5 }).received)
  end))

  it("leaves a qdisc alone that somebody put there", fresh(function()
    cable()
    qdisc.add { dev = "v0", root = true, pfifo = { limit_packets = 10 } }
    assert.error_matches(function() link.impair("v0", { delay_ms = 5 }) end,
                         "link.impair v0 in host: the link has a qdisc of its own: pfifo %(EEXIST%)")
    assert.error_matches(function() link.impair("v0", {}) end, "EEXIST")
    assert.equal("pfifo", json("tc -j qdisc show dev v0")[1].kind)
  end))

  it("says what is wrong", fresh(function()
    cable()
    local function fails(text, ...)
      local ok, err = pcall(link.impair, ...)
      assert.is_false(ok)
      assert.truthy(tostring(err):find(text, 1, true), tostring(err))
    end
    fails("a table that says what is wrong with the link is needed", "v0")
    fails('Did you mean "delay_ms"?', "v0", { dealy_ms = 5 })
    fails("is not in 0", "v0", { loss_percent = 101 })
    fails("ENODEV", "gone", { delay_ms = 5 })
    fails("is needed, not a string", "v0", { delay_ms = "5ms" })
    fails("a table of options is needed, not a number", "v0", 5)
    fails("is no distribution", "v0", { delay_ms = 5, jitter_ms = 1, distribution = "odd" })
    if not has "netem" then
      fails("this kernel has no netem (sch_netem), which impairs links (ENOENT)", "v0", { delay_ms = 5 })
      fails("`nslab doctor`", "v0", { delay_ms = 5 })
    end
  end))
end)

describe("the words of traffic control", function()
  local words = require "nslab.words"
  local as_lua = require "nslab.words.lua"

  local function operations(fn)
    local all = {}
    local before = core.observe(function(op) all[#all + 1] = op end)
    pcall(fn)
    core.observe(before)
    return all[#all]
  end

  it("print link.impair as the commands that it equals", fresh(function()
    cable()
    local op = operations(function() link.impair("v0", { delay_ms = 20, jitter_ms = 5, loss_percent = 1, rate_mbit = 10 }) end)
    assert.equal("tc qdisc replace dev v0 root netem delay 20ms 5ms loss 1% rate 10mbit", words.command(op))
    assert.equal('link.impair("v0", { delay_ms = 20, jitter_ms = 5, loss_percent = 1, rate_mbit = 10 })',
                 as_lua.lua(op))
    op = operations(function() link.impair("v0", {}) end)
    assert.equal("tc qdisc del dev v0 root", words.command(op))
    assert.equal('link.impair("v0", {})', as_lua.lua(op))
  end))

  it("are read, and shown as tc shows them", fresh(function()
    cable()
    local text = sh [[
      tc qdisc add dev v0 root handle 1: htb default 30
      tc class add dev v0 parent 1: classid 1:30 htb rate 512kbit ceil 1mbit burst 15k
      tc qdisc show dev v0
      tc class show dev v0
    ]]
    assert.equal(plain(must "tc qdisc show dev v0; tc class show dev v0"), plain(text))
    must "ip netns add red"
    sh "tc -n red qdisc add dev lo root pfifo limit 5"
    assert.equal(5, json("tc -n red -j qdisc show dev lo")[1].options.limit)
  end))

  it("complain about the word that they do not know", fresh(function()
    local function fails(line, text)
      local ok, err = pcall(words.read, line)
      assert.is_false(ok)
      assert.truthy(tostring(err):find(text, 1, true), tostring(err))
    end
    fails("tc qdisc add dev v0 root netem dealy 5ms", "dealy: this word has no meaning here")
    fails("tc qdisc add dev v0 root netem delay slow", "slow: a time such as 20ms is expected here")
    fails("tc qdisc add dev v0 root tbf rate 1furlong", "1furlong: a rate such as 10mbit is expected here")
    fails("tc action add", "action: nslab's tc has no such object")
    fails("tc qdisc frob dev v0", "frob: qdisc has no such verb here")
    fails("tc filter add dev v0 ingress u32 match u32 0 0 action frob", "frob: nslab has no such action")
  end))
end)
