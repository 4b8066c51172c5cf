-- SIGKILL of nslab at random moments of a lab: nothing of it stays on the machine, neither a process,
-- a link, a mount nor a name in /run/netns. (Whether namespaces stay that no process is in, is what
-- tests/unit/sandbox_kill.c finds out.)

local harness = require "harness"
local host = require "nslab.host"
local lfs = require "lfs"

local MOMENTS, LONGEST_MS = 20, 120

-- A lab with everything that could stay: namespaces, cables, daemons that left their parent, mounts.
local LAB = [[
local red, blue = netns.add "red", netns.add "blue"
link.add("v-red", { netns = red, veth = { peer = { name = "v-blue", netns = blue } } })
link.add("sw", { type = "bridge" })
red:exec "setsid sleep 1000 & mount -t tmpfs none /mnt"
local p <close> = blue:spawn { "sh", "-c", "setsid sleep 1000 & sleep 1000", pid = true }
os.execute "mount -t tmpfs none /mnt; setsid sleep 1000 & true"
print "ready"
p:wait()
]]

local function read(path)
  local file = io.open(path)
  if not file then return "" end
  local text = file:read "a"
  file:close()
  return text or ""
end

-- The processes that were started with the tag in their environment.
local function tagged(tag)
  local pids = {}
  for pid in lfs.dir "/proc" do
    if pid:find "^%d+$" and read("/proc/" .. pid .. "/environ"):find(tag, 1, true) then
      pids[#pids + 1] = pid
    end
  end
  return pids
end

local function settle(tag)
  local t = host.time_ms()
  while #tagged(tag) > 0 and host.time_ms() - t < 5000 do harness.must "sleep 0.005" end
  return tagged(tag)
end

local function machine()
  return harness.must "ip -br link | sort; ls /run/netns 2>/dev/null; true"
         .. read "/proc/self/mountinfo"
end

-- Starts the lab and kills its runner, and nothing else, after so many milliseconds.
local function kill_after(ms, tag, script)
  local p <close> = netns.host:spawn { harness.nslab, script, env = { NSLAB_TEST = tag },
                                       stderr = "null" }
  harness.must(("sleep %.4f; kill -KILL %d"):format(ms / 1000, p.pid))
  local status = p:wait(5000)
  return status and status.signal
end

describe("nslab killed at a random moment", function()
  local script = harness.temporary(LAB, "0644")

  it("runs the lab when nobody kills it", function()
    local tag = "nslab-kill-alive"
    local p = netns.host:spawn { harness.nslab, script.path, stdout = "pipe",
                                 env = { NSLAB_TEST = tag } }
    local line = p:read("l", 20000)
    local pids = tagged(tag)
    harness.must("kill -KILL " .. p.pid)
    p:close()
    assert.equal("ready", line)
    assert.truthy(#pids >= 7) -- runner, init, body and four programs
    assert.same({}, settle(tag))
  end)

  for i = 1, MOMENTS do
    it("leaves nothing behind: " .. i, function()
      local tag = ("nslab-kill-%d-%d"):format(i, math.random(1 << 30))
      local before = machine()
      local ms = math.random() * LONGEST_MS
      assert.equal("KILL", kill_after(ms, tag, script.path))
      assert.same({}, settle(tag), ("killed after %.1f ms"):format(ms))
      assert.equal(before, machine())
    end)
  end

  it("removes its own file", function() getmetatable(script).__close(script) end)
end)
