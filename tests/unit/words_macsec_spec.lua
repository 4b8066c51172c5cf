-- macsec, fou: operations as commands of ip, such commands as operations, and what ip shows of them.

local words = require "nslab.words"

local KEY = ("01"):rep(16)

-- { the command, the Lua }: each is read and printed as the other.
local SAME = {
  { "ip macsec add m0 tx sa 0 pn 1 on key 00 " .. KEY,
    ('macsec.add("m0", { sa = 0, pn = 1, key_id = "00", key = "%s", active = true })'):format(KEY) },
  { "ip macsec add m0 tx sa 1 xpn 5 salt 00 ssci 0x03 key 00 " .. KEY,
    ('macsec.add("m0", { sa = 1, xpn = 5, salt = "00", ssci = 3, key_id = "00", key = "%s" })'):format(KEY) },
  { "ip macsec add m0 rx address 02:00:00:00:00:01 port 1",
    'macsec.add("m0", { address = "02:00:00:00:00:01", port = 1 })' },
  { "ip macsec add m0 rx sci 0200000000010001 sa 2 pn 1 off key 01 " .. KEY,
    ('macsec.add("m0", { sci = "0200000000010001", sa = 2, pn = 1, key_id = "01", key = "%s", active = false })'):format(KEY) },
  { "ip -n red macsec set m0 rx sci 0200000000010001 on",
    'netns "red".macsec.set("m0", { sci = "0200000000010001", active = true })' },
  { "ip macsec del m0 tx sa 3", 'macsec.delete("m0", { sa = 3 })' },
  { "ip macsec show", "macsec.list()" }, { "ip macsec show m0", 'macsec.get "m0"' },
  { "ip fou add port 5555 ipproto 4", "fou.add(5555, { ipproto = 4 })" },
  { "ip fou add port 5555 gue", "fou.add(5555, { gue = true })" },
  { "ip -6 fou add port 5555 ipproto 41 local fd00::1 dev v0",
    'fou.add(5555, { family = "inet6", ipproto = 41, local_address = "fd00::1", dev = "v0" })' },
  { "ip fou del port 5555", "fou.delete(5555)" }, { "ip fou show", "fou.list()" },
}

describe("the command", function()
  for _, case in ipairs(SAME) do
    it(case[1], function()
      local op = words.read(case[1])
      assert.equal(case[2], words.lua(op))
      assert.equal(case[1], words.command(op))
    end)
  end
end)

it("a command that cannot be read names the word", function()
  for line, word in pairs {
    ["ip macsec add m0"] = "m0", ["ip macsec add m0 both sa 0"] = "both", ["ip macsec add m0 tx"] = "tx",
    ["ip macsec add m0 rx sa 0"] = "rx", ["ip macsec add m0 tx port 1 address 02:00:00:00:00:01 sa 0"] = "tx",
    ["ip macsec add m0 tx sa 0 key 00"] = "00", ["ip macsec add m0 tx sa 0 frob"] = "frob",
    ["ip macsec show m0 now"] = "now", ["ip fou add"] = "fou add", ["ip macsec frob"] = "frob",
  } do
    local ok, err = pcall(words.read, line)
    assert.is_false(ok and line)
    assert.equal(word, err.field, line)
  end
end)

local DEVICE = {
  ifindex = 5, dev = "m0", sci = "0200000000100001", encodingsa = 0, protect = true, validate = "strict", encrypt = true,
  send_sci = true, end_station = false, scb = false, replay = true, window = 9, cipher = "gcm-aes-128", icvlen = 16,
  offload = "off", tx = { { sa = 0, pn = 1, active = true, key_id = KEY } },
  rx = { { sci = "0200000000110001", active = false, sas = { { sa = 1, pn = 2, active = false, key_id = KEY, ssci = 3 } } } },
}

it("a MACsec link is shown as ip shows it", function()
  assert.equal(([[
5: m0: protect on validate strict sc off sa off encrypt on send_sci on end_station off scb off replay on window 9
    cipher suite: GCM-AES-128, using ICV length 16
    TXSC: 0200000000100001 on SA 0
        0: PN 1, state on, key KEY
    RXSC: 0200000000110001, state off
        1: PN 2,SSCI 00000003 state off, key KEY
    offload: off]]):gsub("KEY", KEY), (require("nslab.format.macsec").one(DEVICE)))
end)

it("a port of fou is shown as ip shows it", function()
  local one = require("nslab.format.fou").one
  assert.equal("port 5555 ipproto 4", one { port = 5555, ipproto = 4, gue = false, family = "inet" })
  assert.equal("port 5555 gue -6 local fd00::1 peer fd00::2 peer_port 7 dev v0",
               one { port = 5555, gue = true, family = "inet6", local_address = "fd00::1", peer = "fd00::2",
                     peer_port = 7, dev = "v0" })
end)
