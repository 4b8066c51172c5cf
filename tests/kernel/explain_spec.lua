-- nslab.explain: an operation in ip's words, in Lua's, and as its messages.

local harness = require "harness"
local core = require "nslab.core"
local explain = require "nslab.explain"
local fresh = harness.fresh

-- What the observer writes while fn runs.
local function explained(words, fn)
  local parts = {}
  local before = core.observe(explain.observer(assert(explain.set(words)), function(text)
    parts[#parts + 1] = text
  end))
  local ok, raised = pcall(fn)
  core.observe(before)
  assert(ok, raised)
  return table.concat(parts)
end

describe("explain", function()
  it("knows its words, and the nearest to one that it does not know", function()
    assert.same({ ip = true, lua = true }, explain.set "ip,lua")
    assert.same({}, explain.set "none")
    assert.same({ ip = true }, explain.set "none,ip")
    for given, why in pairs { netlnk = "did you mean netlink?", ipp = "did you mean ip?",
                              ["ip,"] = "there are ip, lua, netlink and none.",
                              qqqqqq = "there are ip, lua, netlink and none." } do
      local set, text = explain.set(given)
      assert.is_nil(set)
      assert.truthy(text:find(why, 1, true), text)
    end
  end)

  it("says ip's command", fresh(function()
    assert.equal("$ ip netns add red\n$ ip -n red link set lo up\n", explained("ip", function()
      netns.add("red").link.set("lo", { up = true })
    end))
    assert.equal("", explained("none", function() netns.add "blue" end))
  end))

  it("shows request and answer, field names beside the bytes", fresh(function()
    local text = explained("ip,netlink", function() link.set("lo", { mtu = 1400 }) end)
    local lines = {}
    for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.same({ "$ ip link set lo mtu 1400", "  request", "  0000  30 00 00 00              nlmsg_len 48",
                  "  0004  10 00                    nlmsg_type RTM_NEWLINK (16)" },
                { table.unpack(lines, 1, 4) })
    assert.truthy(text:find("\n  0020  07 00 03 00 6c 6f 00 00  IFLA_IFNAME lo\n", 1, true), text)
    assert.truthy(text:find("\n  0028  08 00 04 00 78 05 00 00  IFLA_MTU 1400\n  answer\n", 1, true), text)
    assert.truthy(text:find("NLMSG_ERROR (2)", 1, true))
    assert.truthy(text:find("\n  0010  00 00 00 00              error 0 (no error)\n", 1, true), text)
  end))

  it("is exact to the byte, in all words at once", fresh(function()
    local text = explained("netlink,lua,ip", function()
      addr.add("10.0.0.1/24", { dev = "lo" })
    end)
    text = text:gsub("(%x%x%x%x  )%x%x %x%x %x%x %x%x( +nlmsg_pid )%d+", "%1PP PP PP PP%2P")
    text = text:gsub("(%x%x%x%x  )%x%x 00 00 00( +nlmsg_seq )[1-9]%d*", "%1SS 00 00 00%2S")
    assert.equal([[
$ ip addr add 10.0.0.1/24 dev lo
> addr.add("10.0.0.1/24", { dev = "lo" })
  request
  0000  28 00 00 00              nlmsg_len 40
  0004  14 00                    nlmsg_type RTM_NEWADDR (20)
  0006  05 06                    nlmsg_flags request ack excl create
  0008  00 00 00 00              nlmsg_seq 0
  000c  PP PP PP PP              nlmsg_pid P
  0010  02                       ifa_family inet
  0011  18                       ifa_prefixlen 24
  0012  00                       ifa_flags 0
  0013  00                       ifa_scope global
  0014  01 00 00 00              ifa_index 1
  0018  08 00 02 00 0a 00 00 01  IFA_LOCAL 10.0.0.1/24
  0020  08 00 01 00 0a 00 00 01  IFA_ADDRESS 10.0.0.1
  answer
  0000  24 00 00 00              nlmsg_len 36
  0004  02 00                    nlmsg_type NLMSG_ERROR (2)
  0006  00 01                    nlmsg_flags capped
  0008  SS 00 00 00              nlmsg_seq S
  000c  PP PP PP PP              nlmsg_pid P
  0010  00 00 00 00              error 0 (no error)
  0014  28 00 00 00                nlmsg_len 40
  0018  14 00                      nlmsg_type RTM_NEWADDR (20)
  001a  05 06                      nlmsg_flags request ack excl create
  001c  SS 00 00 00                nlmsg_seq S
  0020  PP PP PP PP                nlmsg_pid P
]], text)
  end))

  it("shows what the kernel refused, too", fresh(function()
    local text = explained("netlink", function() pcall(link.add, "lo", { type = "bridge" }) end)
    assert.truthy(text:find("error -17 EEXIST", 1, true), text)
  end))

  it("cuts what is long and has no names", fresh(function()
    local text = explained("netlink", function() link.get "lo" end)
    assert.truthy(text:find "IFLA_STATS\n[^\n]+\n[^\n]+\n[^\n]+\n +%.%.%. %d+ lines more\n", text)
    assert.truthy(text:find("IFLA_MTU 65536", 1, true))
    local _, lines = text:gsub("\n", "")
    assert.truthy(lines < 150, lines)
  end))
end)
