-- mroute: multicast routes, made by a router of some lines of Perl, beside what ip tells of them.

local harness = require "harness"
local words = require "nslab.words"
local fresh, json, must = harness.fresh, harness.json, harness.must

-- Two virtual interfaces and an entry for each family: what pimd does over its sockets (linux/mroute.h).
local ROUTER = [[
  use Socket;
  my ($one, $two) = @ARGV;
  socket(my $s, AF_INET, SOCK_RAW, 2) or exit 9;
  setsockopt($s, 0, 200, pack("i", 1)) or exit 9;
  setsockopt($s, 0, 202, pack("SCCIii", 0, 8, 1, 0, $one, 0)) or exit 9;
  setsockopt($s, 0, 202, pack("SCCIii", 1, 8, 1, 0, $two, 0)) or exit 9;
  setsockopt($s, 0, 204, pack("a4a4S", inet_aton("10.0.0.9"), inet_aton("239.1.1.1"), 0) .
             pack("C32", 0, 5, (0) x 30) . pack("x2IIIi", 0, 0, 0, 0)) or exit 9;
  socket(my $t, AF_INET6, SOCK_RAW, 58) or exit 9;
  setsockopt($t, 41, 200, pack("i", 1)) or exit 9;
  setsockopt($t, 41, 202, pack("SCCSx2I", 0, 0, 1, $one, 0)) or exit 9;
  setsockopt($t, 41, 202, pack("SCCSx2I", 1, 0, 1, $two, 0)) or exit 9;
  sub sa { pack("SSI", AF_INET6, 0, 0) . Socket::inet_pton(AF_INET6, $_[0]) . pack("I", 0) }
  setsockopt($t, 41, 204, sa("fd00::9") . sa("ff0e::1") . pack("Sx2I8", 0, 2, (0) x 7)) or exit 9;
  open(my $f, ">", $ARGV[2]); close($f);
  sleep 60;
]]

-- Starts it; what it has made is there when this returns. nil where the kernel routes no multicast.
local function router()
  link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
  addr.add("10.0.0.1/24", { dev = "v0" })
  local ready = os.tmpname()
  os.remove(ready)
  local process = netns.host:spawn { "perl", "-e", ROUTER, link.get("v0").ifindex, link.get("v1").ifindex, ready,
                                     stderr = "null" }
  for _ = 1, 200 do
    if os.remove(ready) then return process end
    os.execute "sleep 0.02"
  end
  process:close()
end

describe("mroute", function()
  local function trimmed(text)
    return (tostring(text):gsub("%s+\n", "\n"):gsub("%s+$", ""))
  end

  it("lists what a multicast router has made, and prints it as ip does", fresh(function()
    local process <close> = router()
    if not process then return pending "this kernel routes no multicast" end
    local m = mroute.list()[1]
    assert.same({ "inet", "239.1.1.1", "10.0.0.9", "v0", true, 0 }, { m.family, m.group, m.from, m.iif, m.resolved, m.packets })
    assert.same({ { dev = "v1", ttl = 5 } }, m.oifs)
    local told = json "ip -j mroute"[1]
    assert.same({ told.dst, told.src, told.iif, told.multipath[1].oif, told.multipath[1].ttl },
                { m.group, m.from, m.iif, m.oifs[1].dev, m.oifs[1].ttl })
    m = mroute.list { family = "inet6" }[1]
    assert.same({ "ff0e::1", "fd00::9", { { dev = "v1", ttl = 1 } } }, { m.group, m.from, m.oifs })
    assert.equal(0, #mroute.list { group = "239.1.1.2" })
    assert.equal(1, #mroute.list { from = "10.0.0.9", iif = "v0" })
    assert.equal(1, #mroute.list { group = "FF0E:0::1" })
    assert.is_nil(mroute.list()[1]().unknown)
    for _, line in ipairs { "ip mroute", "ip -6 mroute", "ip mroute show iif v1",
                            "ip mroute show table all", "ip route show table all" } do
      assert.equal(trimmed(must(line)), trimmed(words.sh(line)), line)
    end
  end))

  it("is watched", fresh(function()
    netns.add "red"
    local w <close> = netns.watch { timeout_ms = 5000, objects = { "mroute" } }
    local process <close> = router()
    if not process then return pending "this kernel routes no multicast" end
    local event = w:next()
    assert.same({ "new", "mroute", "239.1.1.1" }, { event.event, event.object, event.record.group })
    process:close()
    repeat event = w:next() until event.event == "delete"
    assert.equal("mroute", event.object)
  end))
end)
