-- nslab run --step: on a terminal, from a pipe, and driven by a program.

local harness = require "harness"
local host = require "nslab.host"

local LAB = [[
lab { title = "Small", minutes = 1 }
local red = netns "red"
step {
  title = "A room",
  text = "The first text.",
  run = function() netns.add "red" end,
  check = { { "red is there", function() return red.link.get "lo" end } },
}
step {
  title = "A switch",
  text = "The second text.",
  run = function()
    red.link.set("lo", { up = true })
    link.add("br0", { type = "bridge", mtu = 1400 })
    print "said by the lab"
  end,
  check = { { "lo is up", function() return red.link.get("lo").up end } },
}
step {
  title = "Moved",
  run = function() link.set("br0", { mtu = 1300 }); red.link.add("d0", { type = "bridge" }) end,
  check = { { "br0 is small", function() return link.get("br0").mtu == 1300, "it is not" end } },
}
]]

local HINT = "next (or Enter), again, look, lua, shell, help, quit"

local dir, path

local function lab_file(name, text)
  local file = assert(io.open(dir .. "/" .. name, "w"))
  file:write(text)
  file:close()
  return dir .. "/" .. name
end

local function terminal(t)
  t = t or {}
  local before = { "env", "TERM=" .. (t.term or "xterm"), "SHELL=/bin/bash", "HOME=/proc/nowhere",
                   "LC_ALL=" .. (t.locale or "C.UTF-8"), "NO_COLOR=1" }
  return harness.terminal { "run", "--step", t.lab or path, before = before, columns = t.columns }
end

-- Types a line at the prompt and returns what comes before the next one.
local function answer(t, line, prompt)
  t:type(line .. "\n")
  t:expect "\r\n"
  return (t:expect(prompt):gsub("\27%[[%d;?]*%a", ""):gsub("\r", ""))
end

local function driven(words, file)
  local got = harness.run { "run", "--step", "--json", file or path, stdin = table.concat(words, "\n") .. "\n" }
  local events = {}
  for line in got.stdout:gmatch "[^\n]+" do events[#events + 1] = assert(host.json_decode(line)) end
  return events, got
end

local function only(events, kind)
  local out = {}
  for _, e in ipairs(events) do
    if e.event == kind then out[#out + 1] = e end
  end
  return out
end

local function texts(events, kind)
  local out = {}
  for i, e in ipairs(only(events, kind)) do out[i] = e.text end
  return out
end

setup(function()
  dir = harness.must("d=$(mktemp -d) && chmod 755 $d && echo $d"):gsub("\n$", "")
  path = lab_file("small.lua", LAB)
end)

teardown(function() harness.must("rm -r " .. dir) end)

describe("nslab run --step on a terminal", function()
  it("shows a step, what it changed, and waits", function()
    local t <close> = terminal()
    local screen = t:expect "step 1 of 3> ":gsub("\r", ""):gsub("\27%[[%d;?]*%a", "")
    assert.equal("Small\n3 steps, about 1 minute\n\nStep 1 of 3: A room\n\n  The first text.\n\n" ..
                 "  $ ip netns add red\n\n  ✓ red is there\n\n  new: namespace red\n\n" .. HINT .. "\n", screen)
    screen = answer(t, "", "step 2 of 3> ")
    assert.equal("\nStep 2 of 3: A switch\n\n  The second text.\n\n  $ ip -n red link set lo up\n" ..
                 "  $ ip link add br0 mtu 1400 type bridge\n    said by the lab\n\n  ✓ lo is up\n\n" ..
                 "  new in host: link br0, down, bridge, mtu 1400\n" ..
                 "  changed in red: link lo, down -> up\n" ..
                 "  new in red: address 127.0.0.1/8 dev lo\n  new in red: address ::1/128 dev lo\n\n", screen)
    screen = answer(t, "next", "step 3 of 3> ")
    assert.truthy(screen:find("\n  changed in host: link br0, mtu 1400 -> 1300\n  new in red: link d0,", 1, true), screen)
    t:type "\n"
    local rest, status = t:rest()
    assert.truthy(rest:find "3 steps, 3 checks, all held%.", rest)
    assert.equal(0, status, rest)
  end)

  it("looks, goes back, and forgets what was done meanwhile", function()
    local t <close> = terminal()
    t:expect "step 1 of 3> "
    answer(t, "n", "step 2 of 3> ")
    local screen = answer(t, "look links", "step 2 of 3> ")
    assert.truthy(screen:find "\n +br0 +up?,? ?[%w ]* +bridge +1400" or screen:find "\n +br0 +down +bridge +1400", screen)
    assert.equal("    red\n      LINK  STATE  MTU\n      lo    up     65536\n", answer(t, "l red l", "step 2 of 3> "))
    assert.equal("", answer(t, "lua netns.delete 'red'", "step 2 of 3> "):gsub("  %$ ip netns del red\n", ""))
    assert.truthy(answer(t, "look red", "step 2 of 3> "):find("there is no namespace", 1, true))
    screen = answer(t, "again", "before step 2 of 3> ")
    assert.equal("Back to where step 2 began.\n\nStep 2 of 3: A switch\n\n  The second text.\n\n", screen)
    assert.equal("    red\n      LINK  STATE  MTU\n      lo    down   65536\n", answer(t, "look links red", "before step 2 of 3> "))
    screen = answer(t, "next", "step 2 of 3> ")
    assert.truthy(screen:find("  ✓ lo is up\n", 1, true), screen)
    answer(t, "n", "step 3 of 3> ")
    t:type "n\n"
    assert.truthy(t:rest():find("3 steps, 3 checks, all held.", 1, true))
  end)

  it("has Lua and a shell inside the moment", function()
    local t <close> = terminal()
    t:expect "step 1 of 3> "
    answer(t, "lua", "lua> ")
    assert.truthy(answer(t, "netns.list()", "lua> "):find("red\n", 1, true))
    answer(t, "ip netns exec red ip link set lo mtu 1234", "lua> ")
    t:type "\4"
    t:expect "step 1 of 3> "
    t:type "shell red\n"
    t:expect "(red) "
    t:type "cat /sys/class/net/lo/mtu; ip netns add green\n"
    t:expect "1234\r\n"
    t:expect "(red) "
    t:type "exit\n"
    t:expect "step 1 of 3> "
    assert.truthy(answer(t, "look links", "step 1 of 3> "):find("\n    green\n", 1, true))
    assert.truthy(answer(t, "shell nowhere", "step 1 of 3> "):find('there is no namespace "nowhere"', 1, true))
    assert.truthy(answer(t, "nxet", "step 1 of 3> "):find("did you mean next?", 1, true))
    assert.truthy(answer(t, "help", "step 1 of 3> "):find("    quit            leave the lab", 1, true))
  end)

  for name, key in pairs { ["Ctrl-C"] = "\3", ["Ctrl-D"] = "\4", quit = "q\n" } do
    it("is left by " .. name .. ", with status 1", function()
      local t <close> = terminal()
      t:expect "step 1 of 3> "
      t:type(key)
      local rest, status = t:rest()
      assert.truthy(rest:find("1 of 3 steps, 1 check. Left in step 1.", 1, true), rest)
      assert.equal(1, status)
    end)
  end

  it("is as wide as the terminal became", function()
    local t <close> = terminal { lab = "red-blue" }
    t:expect "step 1 of 12> "
    t:resize(40)
    for line in answer(t, "n", "step 2 of 12> "):gmatch "[^\n]+" do
      if line:find "^  %a" then assert.truthy(#line <= 40, line) end
    end
  end)

  it("ends with its terminal, and leaves nothing", function()
    local t <close> = terminal()
    t:expect "step 1 of 3> "
    answer(t, "lua sleeper = netns.host:spawn { 'sleep', '5151' }", "step 1 of 3> ")
    harness.must "pgrep -x -f 'sleep 5151'"
    t:hang_up()
    assert.equal(129, t:wait())
    harness.must "! pgrep -x -f 'sleep 5151'"
  end)

  it("has words instead of signs and no cursor tricks on a dumb terminal", function()
    local t <close> = terminal { term = "dumb", locale = "C" }
    local screen = t:expect "step 1 of 3> "
    assert.truthy(screen:find("\r\n  ok: red is there\r\n", 1, true), screen)
    screen = screen .. answer(t, "look", "step 1 of 3> ") .. answer(t, "again", "before step 1 of 3> ")
    assert.is_nil(screen:find "[\x80-\xff\27]", screen)
  end)

  it("goes back at once", function()
    local t <close> = terminal { lab = "red-blue" }
    t:expect "step 1 of 12> "
    for i = 2, 12 do answer(t, "", ("step %d of 12> "):format(i)) end
    local from = host.time_ms()
    answer(t, "again", "before step 12 of 12> ")
    assert.truthy(host.time_ms() - from < 4000, host.time_ms() - from) -- 120 ms; a busy or emulated machine
  end)
end)

describe("nslab run --step --json", function()
  it("is driven by a word a line", function()
    local events, got = driven { "next", "look links red", "lua 1 + 1", "next", "next" }
    assert.same({ "", 0 }, { got.stderr, got.status })
    assert.same({ "start", "step", "text", "command", "check", "change", "prompt", "step" },
                (function()
                  local kinds = {}
                  for i = 1, 8 do kinds[i] = events[i].event end
                  return kinds
                end)())
    local prompt = only(events, "prompt")
    assert.same({ 5, HINT, "after", 1 }, { #prompt, prompt[1].text, prompt[1].at, prompt[1].step })
    local change = only(events, "change")[1]
    assert.same({ "new", "red", "netns", 1 }, { change.change, change.netns, change.object, change.step })
    local said = only(events, "output")
    assert.same({ "look", "red\n  LINK  STATE  MTU\n  lo    up     65536\n" }, { said[2].source, said[2].text })
    assert.equal("2\n", said[3].text)
    assert.same({ 3, 3, 0 }, { events[#events].steps, events[#events].checks, events[#events].failed })
  end)

  it("goes back, and counts each step once", function()
    local events, got = driven { "next", "again", "next", "next", "next" }
    assert.equal(0, got.status, got.stderr)
    assert.equal(2, only(events, "again")[1].step)
    assert.same({ "after", "after", "before", "after", "after" },
                (function()
                  local at = {}
                  for i, e in ipairs(only(events, "prompt")) do at[i] = e.at end
                  return at
                end)())
    assert.same({ 1, 2, 2, 3 }, (function()
      local at = {}
      for i, e in ipairs(only(events, "step")) do at[i] = e.step end
      return at
    end)())
    assert.same({ 3, 3 }, { events[#events].steps, events[#events].checks })
  end)

  it("ends with its input, or quit, with status 1", function()
    for _, words in ipairs { { "next" }, { "next", "quit" } } do
      local events, got = driven(words)
      local last = events[#events]
      assert.same({ 1, "end", true, 2, 2 }, { got.status, last.event, last.left, last.stopped, last.steps })
    end
  end)

  it("says what it cannot do", function()
    local events = driven { "shell red", "lua", "frobnicate", "look nowhere", "lua error 'x'", "lua )" }
    local errors = texts(events, "error")
    assert.equal(6, #errors)
    assert.equal("shell needs a terminal.", errors[1])
    assert.equal("lua needs a terminal, or its code in the same line.", errors[2])
    assert.truthy(errors[3]:find("there is no word frobnicate here", 1, true))
    assert.truthy(errors[4]:find('there is no namespace "nowhere"', 1, true))
    assert.truthy(errors[5]:find("x", 1, true))
    assert.truthy(errors[6]:find("unexpected symbol", 1, true))
  end)

  it("waits in a step that failed, and goes back to try again", function()
    local file = lab_file("bad.lua", (LAB:gsub('netns.add "red"', 'netns.add "red"; netns.add "red"')))
    local events, got = driven({ "look", "again", "next", "next" }, file)
    assert.equal(1, got.status)
    assert.equal(2, #only(events, "error"))
    assert.same({ "after", "after", "before", "after" }, (function()
      local at = {}
      for i, e in ipairs(only(events, "prompt")) do at[i] = e.at end
      return at
    end)())
    assert.same({ 1, 1 }, { events[#events].stopped, events[#events].steps })
  end)
end)

describe("nslab run --step --timeout", function()
  it("ends also while a word is awaited, and counts from the start of the command", function()
    local text = harness.sh(("{ sleep 2 | { %s run --step --timeout=1.5 --json %s; echo $? >&2; }; } 2>%s/status")
                            :format(harness.quote(harness.nslab), path, dir))
    local last, trouble
    for line in text:gmatch "[^\n]+" do
      last = host.json_decode(line)
      if last.event == "error" then trouble = last end
    end
    assert.same({ "1\n", "end", true, 1 }, { harness.must("cat " .. dir .. "/status"), last.event, last.timed_out, last.stopped })
    assert.truthy(trouble.text:find "^step 1, a word: waited [01]%.%d s; %-%-timeout=1.5 is over%.$", trouble.text)
  end)
end)

describe("nslab run --step of a script", function()
  it("says that it has no steps", function()
    local file = lab_file("script.lua", "print(1)")
    local got = harness.run { "run", "--step", file }
    assert.same({ "1\n", 2 }, { got.stdout, got.status })
    assert.truthy(got.stderr:find("--step: " .. file .. " is no lab, it has no step{...}; it was run as a script.", 1, true),
                  got.stderr)
  end)
end)

describe("nslab run --step from a pipe", function()
  it("takes the same words, without a prompt", function()
    local got = harness.run { "run", "--step", path, stdin = "\nlook links red\nquit\n" }
    assert.same({ "", 1 }, { got.stderr, got.status })
    assert.is_nil(got.stdout:find("of 3>", 1, true))
    assert.truthy(got.stdout:find("\n      lo    up     65536\n", 1, true), got.stdout)
  end)

  it("cannot go back without a sandbox of its own", function()
    local got = harness.run { "run", "--step", "--no-sandbox", path, stdin = "again\n",
                              prefix = "unshare -U -r -n -m --propagation private sh -c " ..
                                       "'mount -t tmpfs tmpfs /run && exec \"$0\" \"$@\"'" }
    assert.truthy(got.stdout:find("again needs a sandbox of nslab's own", 1, true), got.stdout .. got.stderr)
  end)
end)
