-- rule: what we make and ip reads, what ip makes and we read, what both print. Every row of a policy rule
-- has a case here.

local harness = require "harness"
local oracle = require "oracle"

local json, must = harness.json, harness.must

local PRIORITY = 77

-- The entry of priority 77, as ip's JSON tells it and as it prints it: that a word stands there is lost
-- in JSON.
local function told(option)
  for _, entry in ipairs(json(("ip %s -j -d rule"):format(option))) do
    if entry.priority == PRIORITY then
      entry.text = must(("ip %s rule show priority %d"):format(option, PRIORITY))
      return entry
    end
  end
end

local function says(word)
  return function(entry) return entry.text:find(word, 1, true) ~= nil end
end

local SHOW = {
  { "ip rule", function() return rule.list() end },
  { "ip -6 rule", function() return rule.list { family = "inet6" } end },
  { "ip rule show priority 77", function() return rule.list { priority = PRIORITY } end },
}

-- { key, options, words for ip, where ip says it, what it says, what we say if that differs }
local CASES = {
  { "family", { family = "inet6", table = 100 }, "lookup 100", "priority", PRIORITY, "inet6",
    option = "-6" },
  { "invert", { invert = true, from = "10.0.0.0/8", table = 100 }, "not from 10.0.0.0/8 lookup 100",
    says "not from", true },
  { "from", { from = "10.0.0.0/8", table = 100 }, "from 10.0.0.0/8 lookup 100",
    function(r) return ("%s/%d"):format(r.src, r.srclen) end, "10.0.0.0/8" },
  { "from", { from = "fd00::/64", table = 100 }, "from fd00::/64 lookup 100",
    function(r) return ("%s/%d"):format(r.src, r.srclen) end, "fd00::/64", option = "-6",
    title = "from (IPv6)" },
  { "from", { from = "all", table = 100 }, "from all lookup 100", "src", "all", title = "from all" },
  { "to", { to = "10.0.0.7", table = 100 }, "to 10.0.0.7 lookup 100", "dst", "10.0.0.7" },
  { "tos", { tos = 16, table = 100 }, "tos 0x10 lookup 100", "tos", "0x10", 16 },
  { "fwmark", { fwmark = 7, table = 100 }, "fwmark 7 lookup 100", "fwmark", "0x7", 7 },
  { "fwmask", { fwmark = 7, fwmask = 255, table = 100 }, "fwmark 7/0xff lookup 100", "fwmask", "0xff",
    255 },
  { "iif", { iif = "lo", table = 100 }, "iif lo lookup 100", "iif", "lo" },
  { "oif", { oif = "lo", table = 100 }, "oif lo lookup 100", "oif", "lo" },
  { "ipproto", { ipproto = "tcp", table = 100 }, "ipproto tcp lookup 100", "ipproto", "tcp" },
  { "ipproto", { ipproto = 17, table = 100 }, "ipproto 17 lookup 100", "ipproto", "udp",
    title = "ipproto by number" },
  { "sport", { sport = 80, table = 100 }, "sport 80 lookup 100", "sport", 80 },
  { "sport", { sport = "1000-2000", table = 100 }, "sport 1000-2000 lookup 100",
    function(r) return ("%d-%d"):format(r.sport_start, r.sport_end) end, "1000-2000", title = "sport, a range" },
  { "dport", { dport = 443, ipproto = "tcp", table = 100 }, "ipproto tcp dport 443 lookup 100", "dport", 443 },
  { "dport", { dport = "1-65534", table = 100 }, "dport 1-65534 lookup 100",
    function(r) return ("%d-%d"):format(r.dport_start, r.dport_end) end, "1-65534", title = "dport, a range" },
  { "uidrange", { uidrange = "0-0", table = 100 }, "uidrange 0-0 lookup 100",
    function(r) return ("%d-%d"):format(r.uid_start, r.uid_end) end, "0-0" }, -- a user namespace may have no more
  { "tun_id", { tun_id = 4096, table = 100 }, "tun_id 4096 lookup 100", says "tun_id 4096", true, 4096 },
  { "l3mdev", { l3mdev = true }, "l3mdev", says "lookup [l3mdev-table]", true },
  { "realms", { realms = "3/4", table = 100 }, "realms 3/4 lookup 100", says "realms 3/4", true, "3/4" },
  { "suppress_ifgroup", { table = "main", suppress_ifgroup = 5 }, "lookup main suppress_ifgroup 5",
    says "suppress_ifgroup 5", true, 5 },
  { "suppress_ifgroup", { table = "main", suppress_ifgroup = "default", suppress_prefixlength = 1 },
    "lookup main suppress_ifgroup default suppress_prefixlength 1",
    says "suppress_prefixlength 1 suppress_ifgroup default", true, "default", title = "suppress_ifgroup by name" },
  { "action", { action = "blackhole" }, "blackhole", "action", "blackhole" },
  { "action", { action = "unreachable" }, "unreachable", "action", "unreachable",
    title = "action unreachable" },
  { "action", { action = "prohibit" }, "prohibit", "action", "prohibit", title = "action prohibit" },
  { "action", { action = "nop" }, "nop", says "nop", true, "nop", title = "action nop" },
  { "action", { action = "lookup", table = 100 }, "lookup 100", "table", "100", "lookup",
    title = "action lookup" },
  { "table", { table = 100 }, "table 100", "table", "100", 100 },
  { "table", { table = 70000 }, "table 70000", "table", "70000", 70000, title = "table over 255" },
  { "table", { table = "main" }, "lookup main", "table", "main", title = "table by name" },
  { "target", { action = "goto", target = 32766 }, "goto 32766", "goto", 32766 },
  { "target", { target = 32766 }, "goto 32766", "goto", 32766, title = "target implies the action" },
  { "suppress_prefixlength", { table = "main", suppress_prefixlength = 3 },
    "lookup main suppress_prefixlength 3", "suppress_prefixlen", 3 },
  { "protocol", { table = 100, protocol = "static" }, "lookup 100 protocol static", "protocol", "static" },
  { "priority", { table = 100 }, "lookup 100", "priority", PRIORITY },
  -- What only the kernel tells.
  { "flags", { target = 30000 }, "goto 30000", says "[unresolved]", true,
    reads = function(r) return r.flags[1] == "unresolved" end },
  { "flags", { table = 100, iif = "gone", oif = "away" }, "iif gone oif away lookup 100",
    says "iif gone [detached] oif away [detached]", true, title = "flags without the links",
    reads = function(r) return table.concat(r.flags, " ") == "iif_detached oif_detached" end },
}

local function field(case)
  local key, options, words = table.unpack(case, 1, 3)
  local option = case.option or ""
  return {
    setup = function() end,
    ip = ("ip %s rule add %s priority %d"):format(option, words, PRIORITY),
    make = function()
      local own = { priority = PRIORITY }
      for k, v in pairs(options) do own[k] = v end
      rule.add(own)
    end,
    told = function() return oracle.at(case[4], told(option) or {}) end,
    read = function()
      local record = rule.get { priority = PRIORITY, family = option == "-6" and "inet6" or nil }
      if case.reads then return case.reads(record) end
      return record[key]
    end,
    wanted_told = case[5],
    wanted_read = oracle.either(case[5], case[6]),
    show = SHOW,
  }
end

local function skip(why)
  pending(why)
end

describe("a rule:", function()
  for title, fn in oracle.checks(CASES, "rule", field, skip) do it(title, fn) end
end)

describe("a rule without a priority attribute", function()
  it("has priority 0", harness.fresh(function()
    assert.equal(0, json "ip -j rule"[1].priority)
    assert.equal(0, rule.list()[1].priority)
    assert.equal("local", rule.get({ priority = 0 }).table)
  end))
end)

-- ---- abbreviations -----------------------------------------------------------------------------------

describe("an abbreviation", function()
  it("is known to ip, and no shorter one", harness.fresh(function()
    oracle.same_abbreviations("ip rule add priority 7", oracle.entries("rule", "add"))
  end))
end)

-- ---- command lines -----------------------------------------------------------------------------------

local function setup()
  rule.add { from = "10.0.0.0/24", table = 100, priority = 1000 }
  rule.add { to = "fd00::/64", table = 100, priority = 1001 }
  netns.add "red"
  return ""
end

-- Carried out by ip and by us in twin networks.
local LINES = {
  "ip rule",
  "ip ru",
  "ip rule show",
  "ip rule list table 100",
  "ip rule list from all", "ip rule list to all", "ip rule list from 10.1.0.0/16", "ip rule list from 10.77.0.0/16",
  "ip rule list to 10.77.0.0/16", "ip rule list 10.77.0.0/16",
  "ip rule add uidrange 5-9 table 100 && ip rule list uidrange 5-9 && ip rule list uidrange 5-8",
  "ip rule add ipproto udp dport 53 sport 99 table 100 && ip rule list dport 53 && ip rule flush sport 99 && ip rule",
  "ip rule list tun_id 9",
  "ip rule s pref 1000",
  "ip -6 rule",
  "ip -6 ru list lookup 100",
  "ip -n red rule",
  "ip rule show table nosuch",
  "ip rule add from 10.1.0.0/16 lookup 200 priority 500",
  "ip ru a from 10.1/16 ta 200 p 500",
  "ip rule add from 10.1.0.0/16 table main o 500",
  "ip rule add to 10.1.2.3 prohibit",
  "ip rule add not fwmark 0x10/0xf0 lookup 200 pri 5",
  "ip rule add fwmark 5 lookup 200",
  "ip rule add fwmark 5/zz lookup 200",
  "ip rule add iif lo oif lo lookup 200",
  "ip rule add dev lo lookup 200",
  "ip rule add tos 10 lookup 200",
  "ip rule add d CS1 lookup 200",
  "ip rule add ipproto udp lookup 200",
  "ip rule add ipproto nosuch lookup 200",
  "ip rule add pref 10 goto 32766",
  "ip rule add pref 10 g 20",
  "ip rule add pref 10 nop",
  "ip rule add pref 10 type blackhole",
  "ip rule add pref 10 unreachable protocol static",
  "ip rule add lookup main s 0 pref 9",
  "ip rule add from all lookup 200",
  "ip rule add sport 80 dport 1000-2000 ipproto tcp lookup 200",
  "ip rule add sport 80-70 lookup 200",
  "ip rule add uidrange 5-6 lookup 200",
  "ip rule add uidrange 6-5 lookup 200",
  "ip rule add l3mdev pref 9",
  "ip rule add tun_id 77 lookup 200",
  "ip rule add r 3/4 lookup 200",
  "ip rule add lookup main sup_group 3",
  "ip rule add from 10.1.0.0/16",
  "ip rule add from 10.1.0.1/16 lookup 200",
  "ip rule add from 10.1.0.0/40 lookup 200",
  "ip rule add lookup nosuch",
  "ip rule add from 10.0.0.0/24 lookup 100 pref 1000",
  "ip -6 rule add from fd01::/64 lookup 200",
  "ip rule add from fd01::/64 lookup 200 pref 7",
  "ip rule add",
  "ip rule add frob",
  "ip rule del pref 1000",
  "ip rule del from 10.0.0.0/24",
  "ip ru d table 100",
  "ip -6 rule del pref 1001",
  "ip rule del pref 7777",
  "ip rule del",
  "ip rule flush",
  "ip rule flush table 100",
  "ip -6 rule flush",
  "ip rule replace from 10.0.0.0/24 lookup 100",
}

describe("a command line:", function()
  for _, line in ipairs(LINES) do
    it(line, function() oracle.same_outcome(setup, line) end)
  end
end)
