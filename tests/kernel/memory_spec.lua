-- A script that runs for long does not grow: what a call leaves behind serves the next one. Measured in a
-- process of its own, because the collector lets the memory double and busted alone has some megabytes.

local harness = require "harness"

local ALLOWED_KIB = 300

local script = [[
local function call() %s end
for _ = 1, 100 do call() end
collectgarbage()
collectgarbage()
local before, most = collectgarbage "count", 0
for _ = 1, 5000 do
  call()
  most = math.max(most, collectgarbage "count")
end
print(most - before)
]]

local function growth_kib(call)
  local r = harness.run { "-", stdin = script:format(call) }
  assert.equal("", r.stderr)
  return tonumber(r.stdout)
end

describe("calls", function()
  it("that change something leave nothing that adds up", function()
    assert.is_true(growth_kib 'link.set("lo", { up = true })' < ALLOWED_KIB)
  end)

  it("that fail leave nothing that adds up", function()
    assert.is_true(growth_kib 'pcall(link.set, "nothing", { up = true })' < ALLOWED_KIB)
  end)

  it("that read leave nothing that adds up", function()
    assert.is_true(growth_kib 'assert(link.get("lo").up)' < ALLOWED_KIB)
  end)

  it("within calls leave nothing that adds up", function()
    assert.is_true(growth_kib 'netns.host:run(function() link.set("lo", { up = true }) end)' < ALLOWED_KIB)
  end)
end)
