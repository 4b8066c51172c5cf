-- ip tunnel, ip token, ip vrf: what ip says of what our reading of its commands made is what we say, and what ip makes
-- of the same commands is the same.

local harness = require "harness"
local words = require "nslab.words"
local fresh, json, must = harness.fresh, harness.json, harness.must

local LACKS = { EOPNOTSUPP = true, EAFNOSUPPORT = true }

local by_line = harness.sorted_lines

local function network()
  link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
  addr.add("10.0.0.1/24", { dev = "v0" })
  addr.add("fd00::1/64", { dev = "v0", nodad = true })
end

-- Behind "ip" and the name of the tunnel.
local TUNNELS = {
  "tunnel add t0 mode gre remote 10.0.0.2 local 10.0.0.1 ttl 64 key 5",
  "tunnel add t0 mode gre remote 10.0.0.2 local 10.0.0.1 ikey 5 okey 6 iseq ocsum tos inherit nopmtudisc",
  "tunnel add t0 mode gre local 10.0.0.1 ttl 9 dev v0 tos 0x10",
  "tunnel add t0 mode ipip remote 10.0.0.2 local 10.0.0.1", "tunnel add t0 mode sit remote 10.0.0.2 local 10.0.0.1 ttl 64",
  "tunnel add t0 mode vti remote 10.0.0.2 local 10.0.0.1 key 5",
  "-6 tunnel add t0 mode ip6ip6 remote fd00::2 local fd00::1",
  "-6 tunnel add t0 mode ipip6 remote fd00::2 local fd00::1 encaplimit none hoplimit 9 tclass 0x10 flowlabel 0x5 dev v0",
  "-6 tunnel add t0 mode any remote fd00::2 local fd00::1 tclass inherit flowlabel inherit",
  "-6 tunnel add t0 mode ip6gre remote fd00::2 local fd00::1 key 5 csum",
  "-6 tunnel add t0 mode vti6 remote fd00::2 local fd00::1 key 5",
}

-- What ip -d tells of t0, without what is another one each time, and without the bounds of the MTU, which the
-- kernel sets for one way of making it only.
local function told()
  local l = json "ip -d -j link show t0"[1]
  l.ifindex, l.address, l.permaddr, l.min_mtu, l.max_mtu = nil, nil, nil, nil, nil
  return l
end

describe("the tunnel of", function()
  for _, command in ipairs(TUNNELS) do
    it("ip " .. command, fresh(function()
      local family = command:match "^%-6 " or ""
      network()
      local ok, err = pcall(words.sh, "ip " .. command)
      if not ok and LACKS[err.code] then return pending("the kernel has no such tunnel") end
      assert(ok, err)
      local ours = told()
      local show = ("ip %stunnel show t0"):format(family)
      assert.same(by_line(must(show)), by_line(words.sh(show)))
      show = ("ip %stunnel show"):format(family)
      assert.same(by_line(must(show)), by_line(words.sh(show)))
      words.sh "ip tunnel del t0"
      -- ip asks the tunnel that a namespace has from the start for one, and there need not be any.
      local said, code = harness.sh("ip " .. command .. " 2>&1")
      if said:find("No such device", 1, true) then return end
      assert.equal(0, code, said)
      assert.same(told(), ours)
    end))
  end
end)

it("a tunnel is changed, and keeps the rest", fresh(function()
  network()
  local ok, err = pcall(words.sh, "ip tunnel add t0 mode gre remote 10.0.0.2 local 10.0.0.1 ttl 64 key 5")
  if not ok and LACKS[err.code] then return pending("the kernel has no such tunnel") end
  words.sh "ip tunnel change t0 mode gre ttl 9"
  assert.same({ "t0: gre/ip remote 10.0.0.2 local 10.0.0.1 ttl 9 key 5" }, by_line(must "ip tunnel show t0"))
end))

it("a token is set, told and taken away as ip does it", fresh(function()
  network()
  sysctl.set("net.ipv6.conf.v0.forwarding", 0)
  words.sh "ip token set ::5 dev v0"
  assert.equal("token ::5 dev v0\n", must "ip token get dev v0")
  assert.same(by_line(must "ip token"), by_line(words.sh "ip token"))
  words.sh "ip token del dev v0"
  assert.equal(must "ip token get dev v0", words.sh "ip token get dev v0")
  assert.equal("token :: dev v0\n", words.sh "ip token get dev v0")
end))

it("routing domains are told as ip tells them", fresh(function()
  assert.same(by_line(must "ip vrf show"), by_line(words.sh "ip vrf show"))
  local ok = pcall(link.add, "red", { vrf = { table = 10 } })
  if not ok then return pending "the kernel has no VRF" end
  link.add("blue", { vrf = { table = 100000 } })
  assert.same(by_line(must "ip vrf show"), by_line(words.sh "ip vrf show"))
  assert.same(by_line(must "ip vrf show blue"), by_line(words.sh "ip vrf show blue"))
end))
