-- tunnel, token, vrf: older commands of ip as operations of the module link, and what they show.

local words = require "nslab.words"

-- { the command, the Lua that it equals }
local READ = {
  { "ip tunnel add t0 mode gre remote 10.0.0.2 local 10.0.0.1 ttl 64 key 5 dev v0",
    'link.add("t0", { gre = { key = 5, remote = "10.0.0.2", local_address = "10.0.0.1", dev = "v0", ttl = 64 } })' },
  { "ip tun add mode ipip name t0 remote 10.0.0.2 local 10.0.0.1 nopmtudisc",
    'link.add("t0", { ipip = { remote = "10.0.0.2", local_address = "10.0.0.1", pmtudisc = false, mode = "ipip" } })' },
  { "ip -n red tunnel add t0 mode sit remote 10.0.0.2 ttl inherit",
    'netns "red".link.add("t0", { sit = { remote = "10.0.0.2", ttl = "inherit", mode = "ip6ip" } })' },
  { "ip tunnel add t0 mode isatap local 10.0.0.1",
    'link.add("t0", { sit = { local_address = "10.0.0.1", mode = "ip6ip", isatap = true } })' },
  { "ip tunnel add t0 mode vti remote 10.0.0.2 key 7", 'link.add("t0", { vti = { remote = "10.0.0.2", key = 7 } })' },
  { "ip -6 tunnel add t0 mode ip6ip6 remote fd00::2 encaplimit none hoplimit 9 dscp inherit",
    'link.add("t0", { ip6tnl = { remote = "fd00::2", hoplimit = 9, encaplimit = "none", dscp_inherit = true, mode = "ip6ip6" } })' },
  { "ip -6 tunnel add t0 mode ip6gre remote fd00::2 csum oseq",
    'link.add("t0", { ip6gre = { oseq = true, csum = true, remote = "fd00::2" } })' },
  { "ip tunnel change t0 mode gre ttl 9", 'link.set("t0", { gre = { ttl = 9 } })' },
  { "ip tunnel del t0", 'link.delete "t0"' }, { "ip tunnel del t0 mode gre", 'link.delete "t0"' },
  { "ip tunnel show", "link.list()" }, { "ip tunnel", "link.list()" }, { "ip tunnel show t0", 'link.get "t0"' },
  { "ip token set ::5 dev v0", 'link.set("v0", { token = "::5" })' },
  { "ip token del dev v0", 'link.set("v0", { token = "::" })' },
  { "ip token", "link.list()" }, { "ip token get dev v0", 'link.get "v0"' },
  { "ip vrf show", 'link.list { type = "vrf" }' }, { "ip vrf", 'link.list { type = "vrf" }' },
  { "ip vrf show red", 'link.get "red"' },
}

describe("the command", function()
  for _, case in ipairs(READ) do
    it(case[1], function() assert.equal(case[2], words.lua(words.read(case[1]))) end)
  end
end)

it("a command that cannot be read names the word", function()
  for line, word in pairs {
    ["ip tunnel add t0"] = "tunnel add", ["ip tunnel add t0 mode frob"] = "frob", ["ip tunnel add mode gre"] = "tunnel add",
    ["ip tunnel add t0 mode gre t1"] = "t1", ["ip tunnel del"] = "tunnel delete", ["ip tunnel frob"] = "frob",
    ["ip -6 tunnel add t0 mode ip6ip6 dscp 5"] = "dscp", ["ip token set"] = "token set", ["ip token set ::5"] = "token set",
    ["ip token del"] = "token delete", ["ip vrf exec red ping"] = "exec", ["ip vrf show red blue"] = "blue",
  } do
    local ok, err = pcall(words.read, line)
    assert.is_false(ok and line)
    assert.equal(word, err.field, line)
  end
end)
