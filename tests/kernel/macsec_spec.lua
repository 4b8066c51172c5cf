-- macsec: keys of MACsec links. What is set is told by ip and by us in the same words, what ip sets reads as what
-- we set, and a ping arrives through a cable on which nobody reads it, and not with another key.

local core = require "nslab.core"
local harness = require "harness"
local words = require "nslab.words"
local fresh, must = harness.fresh, harness.must

local KEY, OTHER = ("0123456789abcdef"):rep(2), ("fedcba9876543210"):rep(2)
local A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"

local function lacking(ns, name, options)
  local ok, err = pcall(ns.link.add, name, options)
  if not ok and err.code ~= "EOPNOTSUPP" then error(err, 0) end
  return not ok and "this kernel has no MACsec" or nil
end

-- m0, down, on a cable to nobody; why not.
local function device(options)
  if not harness.is_root_of_machine() then return "the kernel takes keys from root alone" end
  link.add("v0", { address = A, up = true, veth = { peer = { name = "v1", up = true } } })
  return lacking(netns.host, "m0", { link = "v0", macsec = options or { encrypt = true } })
end

-- What the command prints, without blanks at ends of lines.
local function said(command)
  return (must(command):gsub("[ ]+\n", "\n"))
end

-- { what is set up, what of the record it must read as }
local CASES = {
  { { sa = 0, pn = 7, key_id = "01", key = KEY, active = true },
    function(d) return d.tx[1] end, { sa = 0, pn = 7, key_id = "01" .. ("0"):rep(30), active = true } },
  { { sa = 3, pn = 1, key_id = KEY, key = KEY, active = false },
    function(d) return d.tx[1] end, { sa = 3, pn = 1, key_id = KEY, active = false } },
  { { port = 5, address = B, active = true },
    function(d) return d.rx[1] end, { sci = "02000000000b0005", active = true } },
  { { sci = "02000000000b0007", active = false },
    function(d) return d.rx[1] end, { sci = "02000000000b0007", active = false } },
  { { sa = 1, xpn = 0x100000002, salt = "0a0102030405060708090a0b", ssci = 7, key_id = "02", key = KEY },
    function(d) return d.tx[1] end, { sa = 1, pn = 0x100000002, ssci = 7 }, { cipher = "gcm-aes-xpn-128" } },
}

describe("what is added to a MACsec link", function()
  for _, case in ipairs(CASES) do
    local command = words.command { module = "macsec", verb = "add", key = "m0", options = case[1] }
    it(command .. " reads as it was given, and ip says the same", fresh(function()
      local why = device(case[4])
      if why then return pending(why) end
      macsec.add("m0", case[1])
      local got = case[2](macsec.get "m0")
      for key, value in pairs(case[3]) do assert.equal(value, got[key], key) end
      local ours = said "ip macsec show m0"
      assert.equal(ours, (words.sh "ip macsec show m0":gsub("[ ]+\n", "\n")))
      assert.equal(ours, tostring(macsec.list()) .. "\n")
      link.delete "v0"
      device(case[4])
      must(command)
      assert.equal((ours:gsub("^%d+", "")), (said "ip macsec show m0":gsub("^%d+", "")), "ip does something else")
    end))
  end

  it("has a value for every key", function()
    local missing, given = {}, { dev = true }
    for _, case in ipairs(CASES) do
      for key in pairs(case[1]) do given[key] = true end
    end
    for _, row in ipairs(core.schemas().macsec.rows) do
      if not given[row.key] then missing[#missing + 1] = row.key end
    end
    assert.same({}, missing)
  end)
end)

it("an association and a sender are changed and removed", fresh(function()
  local why = device()
  if why then return pending(why) end
  words.sh(([[ip macsec add m0 tx sa 0 pn 1 on key 01 %s
ip macsec add m0 rx port 1 address %s
ip macsec add m0 rx port 1 address %s sa 2 pn 1 on key 02 %s
ip macsec set m0 rx port 1 address %s on
ip macsec set m0 tx sa 0 pn 9
ip macsec set m0 tx sa 0 off]]):format(KEY, B, B, OTHER, B))
  local text = said "ip macsec show"
  assert.truthy(text:find("0: PN 9, state off, key 01", 1, true), text)
  assert.truthy(text:find("RXSC: 02000000000b0001, state on\n        2: PN 1, state on, key 02", 1, true), text)
  words.sh(("ip macsec del m0 tx sa 0\nip macsec set m0 rx port 1 address %s sa 2 off\n"):format(B) ..
           ("ip macsec del m0 rx port 1 address %s sa 2"):format(B))
  assert.is_nil(said "ip macsec show":find("PN", 1, true))
  macsec.delete("m0", { port = 1, address = B })
  assert.is_nil(said "ip macsec show":find("RXSC", 1, true))
end))

it("what is not there, and what nothing names, is said", fresh(function()
  local why = device()
  if why then return pending(why) end
  local _, err = pcall(macsec.delete, "m0", { sa = 2 })
  assert.truthy(tostring(err):find("has no such channel or association", 1, true), tostring(err))
  _, err = pcall(macsec.add, "m0", { active = true })
  assert.equal("sa", err.field)
  _, err = pcall(macsec.get, "v0")
  assert.equal("ENODEV", err.code)
end))

describe("two hosts with a MACsec link on a cable", function()
  local function hosts(key_of_b)
    if not harness.is_root_of_machine() then return nil, "the kernel takes keys from root alone" end
    local a, b = netns.add "a", netns.add "b"
    link.add("eth0", { netns = a, address = A, up = true,
                       veth = { peer = { name = "eth0", netns = b, address = B, up = true } } })
    for ns, own in pairs { [a] = { B, KEY, "10.0.0.1/24" }, [b] = { A, key_of_b, "10.0.0.2/24" } } do
      local why = lacking(ns, "m0", { link = "eth0", up = true, macsec = { encrypt = true, port = 1 } })
      if why then return nil, why end
      ns.macsec.add("m0", { sa = 0, pn = 1, active = true, key_id = "01", key = own[2] })
      ns.macsec.add("m0", { port = 1, address = own[1], active = true })
      ns.macsec.add("m0", { port = 1, address = own[1], sa = 0, pn = 1, active = true, key_id = "01", key = own[2] })
      ns.addr.add(own[3], { dev = "m0", nodad = true })
    end
    return a, b
  end

  it("of one key reach each other, encrypted", fresh(function()
    local a, b = hosts(KEY)
    if not a then return pending(b) end
    assert.equal(3, a:ping("10.0.0.2", { count = 3, interval_ms = 200, timeout_ms = 10000 }).received)
    local stats = b.macsec.get "m0".rx[1].sas[1].stats
    assert.is_true(stats.in_pkts_ok >= 3, tostring(stats.in_pkts_ok))
    assert.is_true(a.macsec.get "m0".tx[1].stats.out_pkts_encrypted >= 3)
  end))

  it("of two keys do not", fresh(function()
    local a, b = hosts(OTHER)
    if not a then return pending(b) end
    assert.equal(0, a:ping("10.0.0.2", { count = 2, interval_ms = 200, timeout_ms = 1000 }).received)
    assert.is_true(b.macsec.get "m0".rx[1].sas[1].stats.in_pkts_not_valid >= 1)
  end))
end)
