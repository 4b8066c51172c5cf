-- monitor: what ip monitor tells of changes, and what we tell of the same changes.

local harness = require "harness"
local monitor = require "nslab.words.monitor"
local oracle = require "oracle"
local read = require "nslab.words.read"
local words = require "nslab.words"

local fresh = harness.fresh

-- Changes of everything that is told; they begin a moment later.
local CHANGES = [[
  ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; ip addr add 10.0.0.1/24 dev v0
  ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0; ip route add 10.5.0.0/16 via 10.0.0.2
  ip -6 route add blackhole fd05::/64; ip route replace 10.5.0.0/16 via 10.0.0.2 mtu 1400
  ip rule add from 10.0.0.0/8 table 7; ip nexthop add id 1 via 10.0.0.2 dev v0; ip nexthop add id 2 group 1
  ip route add 10.6.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.0.3; ip nexthop del id 1
  ip rule del from 10.0.0.0/8; ip neigh del 10.0.0.2 dev v0; ip route del 10.5.0.0/16; ip addr del 10.0.0.1/24 dev v0
  ip link add br0 type bridge; ip link set v0 master br0; ip link set br0 up
  bridge fdb add 02:00:00:00:00:77 dev v0 master static; bridge fdb del 02:00:00:00:00:77 dev v0 master
  ip link set v0 nomaster; ip link set v1 netns red; ip link del v0; ip link del br0]]

-- What says that somebody listens, and what comes last.
local PROBE, LAST = "7777:", "7778:"

local function lines_of(text)
  local out = {}
  for line in text:gmatch "[^\n]+" do
    -- The kernel does the rest of IPv6's work a moment later, or not at all: when depends on how busy it is.
    local later = line:find "fe80::" or line:find "ff0[02]::" or line:find "224%.0%.0%.22"
    if not later and not line:find(PROBE, 1, true) then out[#out + 1] = (line:gsub(" +$", "")) end
    if line:find(LAST, 1, true) then break end
  end
  return table.concat(out, "\n")
end

local function contents(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

-- Both listen; then the changes are made. What each has told.
local function listen(command)
  harness.must "ip netns add red; ip netns set red auto" -- a watch gives it a number, too
  local file <close> = harness.temporary()
  local pid = harness.must(("%s >%s 2>&1 & echo $!"):format(command, file.path)):match "%d+"
  local changes = assert(io.popen(([[( until [ -s %s ]; do ip rule add prio %d; ip rule del prio %d; sleep 0.05; done
    sleep 0.2; %s; ip rule add prio %d ) >/dev/null 2>&1]]):format(
    file.path, PROBE:sub(1, 4), PROBE:sub(1, 4), CHANGES, LAST:sub(1, 4))))
  local out, list = {}, {}
  for word in command:gmatch "%S+" do list[#list + 1] = word end
  local done = {}
  local _, ended = pcall(monitor.run, read.words(list, nil, true), function(text)
    out[#out + 1] = text
    if text:find(LAST, 1, true) then error(done, 0) end
  end, 20000)
  changes:close()
  assert.equal(done, ended)
  harness.must(("for i in $(seq 100); do grep -q %s %s && break; sleep 0.05; done; kill %s"):format(LAST, file.path, pid))
  return lines_of(contents(file.path)), lines_of(table.concat(out))
end

describe("at a prompt", function()
  for _, command in ipairs { "ip monitor", "ip -o monitor all", "ip monitor route rule nexthop" } do
    it(command .. " tells what ip tells", fresh(function()
      local theirs, ours = listen(command)
      assert.truthy(#theirs > 300, theirs)
      assert.equal(theirs, ours)
    end))
  end
end)

describe("elsewhere ip monitor", function()
  it("would have no end, and says what has one", function()
    for _, line in ipairs { "ip monitor", "ip -n red monitor neigh", "ip netns exec red ip monitor link" } do
      local ok, err = pcall(words.sh, line)
      assert.is_false(ok)
      assert.truthy(err.hint:find("netns.watch { timeout_ms = 1000 }", 1, true), line)
    end
  end)

  it("names the words that it has", function()
    local ok, err = pcall(read.words, { "ip", "monitor", "weather" }, nil, true)
    assert.is_false(ok)
    assert.equal("weather", err.field)
    assert.truthy(err.hint:find("nexthop", 1, true))
    assert.is_false((pcall(words.sh, "bridge monitor")))
  end)

  it("is a watch in Lua", function()
    local op = read.words({ "ip", "monitor", "link", "rule" }, nil, true)
    assert.equal('for e in netns.watch { objects = { "link", "port", "rule" } } do print(e.event, e.object, e.record) end',
                 words.lua(op))
    assert.is_function(load(words.lua(op)))
    assert.is_nil(oracle.trimmed(words.lua(op)):find "\n")
  end)
end)
