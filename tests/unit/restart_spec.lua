-- host.restart: the same command in a fresh sandbox.

local harness = require "harness"
local host = require "nslab.host"

local LOOP = [[
local host = require "nslab.host"
local n = tonumber(host.restarted() or "0")
print(n, #netns.list(), io.read())
netns.add("a" .. n)
netns.host:exec "sleep 3131 &"
]]

-- `nslab run FILE` with that text.
local function run_file(text, t)
  local file <close> = harness.temporary(text, "644")
  t = t or {}
  t[1], t[2] = "run", file.path .. ".d/x.lua"
  harness.must(("mkdir %s.d && cp %s %s.d/x.lua && chmod -R a+rX %s.d"):format(file.path, file.path, file.path, file.path))
  local got = harness.run(t)
  harness.must(("rm -r %s.d"):format(file.path))
  return got
end

describe("host.restart", function()
  it("ends all that is in the sandbox, and hands a text to the next one", function()
    local got = run_file(LOOP .. "if n < 3 then host.restart(tostring(n + 1)) end os.exit(9)",
                         { stdin = "a\nb\nc\nd\ne\n" })
    assert.same({ "0\t0\ta\n1\t0\tb\n2\t0\tc\n3\t0\td\n", "", 9 }, { got.stdout, got.stderr, got.status })
    harness.must "! pgrep -x -f 'sleep 3131'"
  end)

  it("leaves standard input where it is, also that of a pipe", function()
    local file <close> = harness.temporary(LOOP .. "if n < 2 then host.restart(tostring(n + 1)) end", "644")
    local path = file.path .. ".lua"
    harness.must(("cp %s %s && chmod 644 %s"):format(file.path, path, path))
    local text = harness.must(("(echo a; echo b; sleep 0.1; echo c; echo d) | (%s run %s; cat)")
                              :format(harness.quote(harness.nslab), path))
    os.remove(path)
    assert.equal("0\t0\ta\n1\t0\tb\n2\t0\tc\nd\n", text)
  end)

  it("takes any bytes, and nil the first time", function()
    local got = run_file [[
      local host = require "nslab.host"
      local text = ("\0\255x"):rep(20000)
      if not host.restarted() then host.restart(text) end
      print(host.restarted() == text)
      print(pcall(host.restart, ("x"):rep(100000)))]]
    assert.truthy(got.stdout:find "^true\nfalse\t.*the text is too long", got.stdout)
  end)

  it("can be ended by a signal however often it restarts", function()
    local from = host.time_ms()
    for signal, status in pairs { TERM = 143, INT = 130 } do
      local got = run_file("require('nslab.host').restart 'again'",
                           { prefix = "timeout --preserve-status -s " .. signal .. " 0.3" })
      assert.equal(status, got.status, got.stderr)
    end
    assert.truthy(host.time_ms() - from < 60000)
  end)

  it("needs a sandbox of ours", function()
    local got = harness.run { "--no-sandbox", "-e", "require('nslab.host').restart 'x'" }
    assert.equal(1, got.status)
    assert.truthy(got.stderr:find("there is no sandbox here that could be made anew", 1, true), got.stderr)
  end)
end)
