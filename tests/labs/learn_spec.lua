-- nslab learn: a lesson at a terminal. Which keys and lines do what, what is said when; the labs
-- themselves are put through it in the other specs of this name.

local harness = require "harness"
local host = require "nslab.host"

local here = debug.getinfo(1, "S").source:match "^@(.*/)" or "./"
local learning = assert(loadfile(here .. "learning.lua", "t", _ENV))()

local SMALL = [[
lab { title = "Small" }
local red = netns "red"
step {
  title = "A room", text = "Make it.", hint = "Netns.", learned = "A room is a namespace.",
  run = function() netns.add "red" end,
  check = { { "red is there", function() return red.link.get "lo", "there is no red" end } },
}
step {
  title = "Look around",
  look = function() red.link.list() end,
  claim = { { "lo is down", function() return not red.link.get("lo").up, "lo is up in red" end } },
}
step {
  title = "A switch and a setting",
  run = function()
    link.add("br0", { type = "bridge" })
    link.set("br0", { up = true })
    sysctl.set("net.ipv4.ip_forward", 1)
  end,
  check = {
    { "br0 is up", function()
        local br0 = link.get "br0"
        if not br0 then return nil, "there is no br0" end
        return br0.up, "br0 is in the host but down"
      end },
    { "the host forwards", function() return sysctl.get "net.ipv4.ip_forward" == 1, "it does not" end },
  },
}
step {
  title = "A program is asked",
  run = function() io.open("/run/asked", "w"):close() end,
  check = {
    { "there is a file", function()
        return netns.host:exec({ "test", "-e", "/run/asked" }).code == 0, "there is no file"
      end, active = true },
    { "br0 is still there", function() return link.get "br0" end },
  },
}
]]

local path

-- A lesson of the small lab that stands at its prompt.
local function small(o)
  local t = learning.lesson(path, o)
  return t
end

describe("a lesson", function()
  setup(function() path = learning.file(SMALL, "small.lua") end)

  it("says at once when a check turns green, in the middle of a line, and goes on", function()
    local t <close> = small()
    t:expect "○ red is there"
    t:expect "small 1/4> "
    t:type "netns.host:spawn{ 'sh', '-c', 'sleep 0.2; ip netns add red' }\n"
    t:expect "small 1/4> "
    t:type "x = 'half a "
    t:expect "half a "
    t:expect "✓ red is there"
    t:expect "Step 1 is done."
    t:expect "A room is a namespace."
    t:expect "Step 2 of 4: Look around"
    t:expect "$ ip -n red link"
    t:expect "✓ lo is down"
    t:expect "Enter goes on."
    t:expect "small 2/4> "
    t:expect "half a "
    t:type "line'; print(x)\n"
    t:expect "\nhalf a line\r\n"
    t:expect "small 2/4> "
    t:type "\n"
    t:expect "Step 3 of 4"
  end)

  it("tells a claim that does not hold any more, and does not go on then", function()
    local t <close> = small { words = { "--from", "2" } }
    t:expect "small 2/4> "
    t:type "netns 'red'.link.set('lo', { up = true })\n"
    t:expect "✗ lo is down"
    t:expect "lo is up in red"
    t:type "\n"
    t:expect "Not everything holds yet."
    t:expect "small 2/4> "
    t:type "netns 'red'.link.set('lo', { up = false })\n"
    t:expect "✓ lo is down"
    t:type "next\n"
    t:expect "Step 3 of 4"
  end)

  it("does not take a step for done that came undone while its checks were asked", function()
    local torn = learning.file([[
      lab { title = "Torn" }
      local once
      step {
        title = "Two settings", run = function() link.set("lo", { mtu = 1400, alias = "x" }) end,
        check = {
          { "the mtu is 1400", function() return link.get("lo").mtu == 1400, "the mtu is another" end },
          { "there is a remark", function()
              local has = link.get("lo").alias == "x"
              if has and not once then -- somebody else, in between
                once = true
                os.execute "ip link set lo mtu 1500"
              end
              return has, "there is none"
            end },
        },
      }]], "torn.lua")
    local t <close> = learning.lesson(torn)
    t:expect "torn 1/1> "
    t:type 'link.set("lo", { mtu = 1400, alias = "x" })\n'
    t:expect "the mtu is another"
    t:type 'link.set("lo", { mtu = 1400 })\n'
    t:expect "Step 1 is done."
  end)

  it("says what is off after a wrong turn, and finds a setting that no event tells of", function()
    local t <close> = small { words = { "--from", "3" } }
    t:expect "small 3/4> "
    t:type "shell\n"
    t:expect "(host) "
    t:type "ip link add br0 type bridge\n"
    t:expect "○ br0 is up"
    t:expect "br0 is in the host but down"
    t:type "ip link set br0 up\n"
    t:expect "✓ br0 is up"
    t:type "ip link set br0 down\n"
    t:expect "✗ br0 is up"
    t:type "ip link set br0 up\n"
    t:expect "✓ br0 is up"
    t:type "sysctl -q -w net.ipv4.ip_forward=1\n"
    t:expect "✓ the host forwards"
    t:expect "Step 4 of 4"
    t:type ": >/run/asked; lesson check\n"
    t:expect "✓ there is a file"
    t:expect "That was the last step."
    t:type "exit\n"
    t:expect "small> "
    t:type "quit\n"
    local rest, status = t:rest()
    assert.truthy(rest:find "4 of 4 steps" or rest:find "4 steps", rest)
    assert.equal(0, status)
  end)

  it("asks a check that acts again after a while, when the others hold", function()
    local t <close> = small { words = { "--from", "4" } }
    t:expect "○ there is a file"
    t:expect "small 4/4> "
    t:type "netns.host:exec{ 'touch', '/run/asked' }\n"
    t:expect "✓ there is a file"
    t:expect "That was the last step."
  end)
end)

describe("a lesson does not make one wait", function()
  setup(function() path = learning.file(SMALL, "small.lua") end)

  -- The figures of tests/bench are 50 and 300 ms; here a machine may be busy.
  it("when a tool changes something", function()
    local t <close> = small { words = { "--from", "3" } }
    t:expect "small 3/4> "
    t:type "shell\n"
    t:expect "(host) "
    t:type "ip link add br0 type bridge\n"
    t:expect "down"
    local samples = {}
    for i = 1, 9 do
      local before = host.time_ms()
      t:type(("ip link set br0 %s\n"):format(i % 2 == 1 and "up" or "down"))
      t:expect(i % 2 == 1 and "✓ br0 is up" or "✗ br0 is up")
      samples[i] = host.time_ms() - before
    end
    table.sort(samples)
    assert.is_true(samples[5] < 250, ("median %.1f ms"):format(samples[5]))
  end)

  it("when it is reset", function()
    local t <close> = learning.lesson("red-blue", { words = { "--from", "12" } })
    t:expect "red-blue 12/12> "
    t:type "reset\n"
    t:expect "[y/N] "
    local before = host.time_ms()
    t:type "y\n"
    t:expect "red-blue 12/12> "
    local took = host.time_ms() - before
    assert.is_true(took < 5000, ("%.1f ms"):format(took))
  end)
end)

describe("a reset", function()
  it("opens shells of the lesson again, this one and that of another terminal", function()
    local t <close> = learning.lesson("red-blue", { words = { "--from", "12" } })
    t:expect "red-blue 12/12> "
    t:type "shell red\n"
    t:expect "(red) "
    local other <close> = learning.enter("red-blue", "red")
    other:expect "(red-blue:red) "
    t:type "ip link set veth-red down\n"
    t:type "lesson reset\n"
    t:expect "[y/N] "
    t:type "y\n"
    t:expect "Back to where step 12 began."
    t:expect "(red) "
    t:type "echo it is $(cat /sys/class/net/veth-red/operstate)\n"
    t:expect "it is up"
    other:expect "red-blue was reset; this is the fresh one."
    other:expect "(red-blue:red) "
    other:type "echo it is $(cat /sys/class/net/veth-red/operstate)\n"
    other:expect "it is up"
    other:type "exit\n"
    assert.equal(0, select(2, other:rest()))
  end)
end)

describe("words of a lesson", function()
  setup(function() path = learning.file(SMALL, "small.lua") end)

  it("give hints by grades: nudge, shape, commands", function()
    local t <close> = small { words = { "--from", "1" } }
    t:expect "small 1/4> "
    t:type "hint\n"
    t:expect "\n  Netns.\r\n"
    t:type "hint\n"
    t:expect "ip netns add NAME\r\n"
    t:type "hint\n"
    t:expect "\n    ip netns add red\r\n"
    t:expect "Or in Lua:"
    t:expect "\n    netns.add \"red\"\r\n"
    t:type "hint\n"
    t:expect "\n    ip netns add red\r\n"
  end)

  it("do the step and show how, or say what stands in the way", function()
    local t <close> = small { words = { "--from", "3" } }
    t:expect "small 3/4> "
    t:type "link.add('br0', { type = 'bridge' })\n"
    t:expect "small 3/4> "
    t:type "solution\n"
    t:expect "$ ip link add br0 type bridge"
    t:expect "File exists (EEXIST)"
    t:expect "stands in the way"
    t:expect "small 3/4> "
    t:type "reset\n"
    t:expect "what you made your own way is lost. Go on? [y/N] "
    t:type "n\n"
    t:expect "Nothing was changed."
    t:expect "small 3/4> "
    t:type "print(link.get 'br0' ~= nil)\n"
    t:expect "true\r\n"
    t:type "reset\n"
    t:expect "[y/N] "
    t:type "y\n"
    t:expect "Step 3 of 4"
    t:expect "small 3/4> "
    t:type "print(link.get 'br0' == nil, netns 'red'.link.get 'lo' ~= nil)\n"
    t:expect "true\ttrue\r\n"
    t:type "solution\n"
    t:expect "$ ip link add br0 type bridge"
    t:expect "$ sysctl -w net.ipv4.ip_forward=1"
    t:expect "✓ the host forwards"
    t:expect "Step 4 of 4"
  end)

  it("skip a step: it is done without a word", function()
    local t <close> = small()
    t:expect "small 1/4> "
    t:type "skip\n"
    t:expect "Step 1 is skipped: it was done for you."
    t:expect "Step 2 of 4"
    t:expect "small 2/4> "
    t:type "print(#netns.list())\n"
    t:expect "\n1\r\n"
  end)

  it("show: status, text, look, help", function()
    local t <close> = small { words = { "--from", "3" } }
    t:expect "small 3/4> "
    t:type "status\n"
    t:expect "○ br0 is up"
    t:expect "there is no br0"
    t:type "text\n"
    t:expect "Step 3 of 4"
    t:type "look red links\n"
    t:expect "\n    red\r\n"
    t:expect "lo "
    t:expect "small 3/4> "
    t:type "help\n"
    t:expect "solution    does the step"
    t:expect "small 3/4> "
    t:type "help(netns.add)\n"
    t:expect "netns.add(name)"
  end)

  it("stand beside commands of a tutorial as they are pasted", function()
    local t <close> = small()
    t:expect "small 1/4> "
    t:type "sudo ip netns add red\n"
    t:expect 'netns.add "red"'
    t:expect "✓ red is there"
    t:expect "small 2/4> "
    t:type ":ns red\n"
    t:expect "small 2/4 red> "
    t:type "ip link set lo up\n"
    t:expect "✗ lo is down"
  end)

  it("work over a dumb terminal and in ASCII", function()
    local t <close> = small { term = "dumb", locale = "C" }
    t:expect "to do: red is there"
    t:expect "small 1/4> "
    t:type "netns.add 'red'\n"
    local seen = t:expect "ok: lo is down"
    assert.is_nil(seen:find "[\27\x80-\xff]", seen)
  end)
end)

describe("a lesson that is left", function()
  setup(function() path = learning.file(SMALL, "small.lua") end)

  it("ends with 1 at Ctrl-D, and goes on at the same step the next time", function()
    local t <close> = small()
    t:expect "small 1/4> "
    t:type "solution\n"
    t:expect "small 2/4> "
    t:type "\4"
    assert.equal(1, select(2, t:rest()))
    local u <close> = small { go_on = true }
    u:expect "Going on at step 2."
    u:expect "✓ lo is down"
    u:expect "small 2/4> "
    u:type "quit\n"
    assert.equal(1, select(2, u:rest()))
    local v <close> = small { go_on = true, words = { "--again" } }
    v:expect "Step 1 of 4"
    v:expect "small 1/4> "
  end)

  it("keeps what was reached when its terminal is closed, and leaves nothing running", function()
    local t <close> = small()
    t:expect "small 1/4> "
    t:type "solution\n"
    t:expect "small 2/4> "
    t:type "shell red\n"
    t:expect "(red) "
    t:type "sleep 4343\n"
    t:hang_up()
    assert.equal(129, t:wait())
    harness.must "for i in $(seq 100); do pgrep -x -f 'sleep 4343' >/dev/null || exit 0; sleep 0.02; done; exit 1"
    local u <close> = small { go_on = true }
    u:expect "Going on at step 2."
  end)

  it("drops a line at Ctrl-C, and follows the terminal's width", function()
    local t <close> = small { columns = 50 }
    t:expect "small 1/4> "
    t:type "error 'never\3"
    t:expect "small 1/4> "
    t:type "netns.host:exec{ 'sleep', '60' }\n"
    t:expect "\n"
    harness.must "sleep 0.2"
    t:type "\3"
    t:expect "interrupted"
    t:expect "small 1/4> "
    t:resize(30)
    t:type "help\n"
    t:expect "Do what the step asks for:"
    t:expect "small 1/4> "
    t:type "solution\n"
    t:expect "small 2/4> "
  end)

  it("is shown in the list of labs", function()
    local t <close> = learning.lesson("red-blue", { words = { "--from", "5" } })
    t:expect "red-blue 5/12> "
    t:type "quit\n"
    t:rest()
    local function labs(word)
      return harness.run { "labs", word, env = "XDG_STATE_HOME=" .. learning.scratch .. "/state" }.stdout
    end
    assert.truthy(labs():find("\nred%-blue +15 min +step 5 of 12 +Two rooms"), labs())
    assert.truthy(labs "--json":find('"name":"red%-blue",[^\n]*"step":5,"steps":12,"finished":false'), labs "--json")
  end)

  it("does not confuse a lab that was edited", function()
    local t <close> = small { words = { "--from", "3" } }
    t:expect "small 3/4> "
    t:type "quit\n"
    t:rest()
    learning.file(SMALL:gsub("Look around", "Look well"), "small.lua")
    local u <close> = small { go_on = true }
    u:expect "Going on at step 2."
  end)
end)

describe("a lesson driven by a program", function()
  setup(function() path = learning.file(SMALL, "small.lua") end)
  teardown(learning.remove)

  it("says everything as events, one object a line", function()
    local got = learning.driven(path, { "netns.add 'red'", "print 'mine'", "", "hint", "solution", "status", "quit" })
    assert.same({ "", 1 }, { got.stderr, got.status })
    local seen, goals = {}, 0
    for line in got.stdout:gmatch "([^\n]*)\n" do
      local e = assert(host.json_decode(line), line)
      if e.event == "goal" then goals = goals + 1 end
      if e.event == "check" or e.event == "step" or e.source == "done" or e.event == "end" then
        seen[#seen + 1] = ("%s %s %s"):format(e.event, e.step or e.steps, tostring(e.ok))
      elseif e.event == "output" and e.source == "script" then
        seen[#seen + 1] = e.text
      end
    end
    assert.same({ "step 1 nil", "red\n", "check 1 true", "text 1 nil", "step 2 nil", "check 2 true", "mine\n",
                  "text 2 nil", "step 3 nil", "check 3 true", "check 3 true", "text 3 nil", "step 4 nil",
                  "check 4 false", "check 4 true", "end 3 nil" }, seen)
    assert.equal(5, goals)
  end)
end)
