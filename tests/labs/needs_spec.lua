-- What a lab needs of the kernel, and where that is missing: every command says so at once, and ends with
-- 3. The name of something that the running kernel lacks comes from nslab doctor.

local harness = require "harness"
local host = require "nslab.host"

local scratch = harness.must("d=$(mktemp -d) && chmod 755 $d && mkdir $d/labs && echo $d"):gsub("\n$", "")

local function objects(text)
  local out = {}
  for line in text:gmatch "[^\n]+" do out[#out + 1] = assert(host.json_decode(line)) end
  return out
end

-- What a lab could need and this kernel does not have: a row of the doctor's.
local lacking
for _, row in ipairs(objects(harness.run({ "doctor", "--json" }).stdout)) do
  if not row.ok and (row.area == "kinds of links" or row.area == "queues") then lacking = lacking or row end
end

local function lab(name, needs, step_needs)
  local path = ("%s/labs/%s.lua"):format(scratch, name)
  local file <close> = assert(io.open(path, "w"))
  file:write(([[lab { title = "Small", needs = %s }
    step { title = "One", needs = %s, run = function() print "done" netns.add "red" end,
           check = { { "there is red", function() return netns.list()[1] end } } }
    step { title = "Two", look = function() end, claim = { { "yes", function() return true end } } }]])
    :format(needs, step_needs or "nil"))
  return path
end

describe("a lab that needs of the kernel", function()
  teardown(function() harness.must("rm -r " .. scratch) end)

  it("what is there, runs as any other", function()
    local got = harness.run { "run", lab("able", '{ "veth" }', '{ "veth" }') }
    assert.same({ 0, "" }, { got.status, got.stderr })
    assert.truthy(got.stdout:find "\n2 steps, 2 checks, all held.\n$", got.stdout)
  end)

  it("what is not there, cannot be run, stepped, learnt, exported or entered", function()
    if not lacking then return pending "this kernel has everything" end
    local path = lab("unable", ('{ "veth", "%s" }'):format(lacking.name))
    local reason = "this kernel has no .*" .. lacking.name .. " %(CONFIG_[%w_]+%)"
    local helps = "without it: " .. lacking.costs:gsub("%p", "%%%0") .. ".*remedy: %w"
    for _, words in ipairs { { "run" }, { "run", "--step" }, { "learn" } } do
      local got = harness.run { stdin = "", words[1], words[2] or path, words[2] and path }
      assert.same({ 3, "" }, { got.status, got.stderr })
      assert.truthy(got.stdout:find("This lab cannot run here: " .. reason), got.stdout)
      assert.truthy(got.stdout:gsub("%s+", " "):find(helps), got.stdout)
      assert.is_nil(got.stdout:find "Step 1")
      assert.is_nil(got.stdout:find "done")
    end
    for _, command in ipairs { "export", "repl" } do
      local got = harness.run { stdin = "", command, path }
      assert.same({ 3, "" }, { got.status, got.stdout })
      assert.truthy(got.stderr:find("this lab cannot run here: " .. reason), got.stderr)
      assert.truthy(got.stderr:gsub("%s+", " "):find(helps), got.stderr)
    end
  end)

  it("what is not there, is not kept either", function()
    if not lacking then return pending "this kernel has everything" end
    harness.must("mkdir -m 700 " .. scratch .. "/run")
    local env = "NSLAB_RUN=" .. scratch .. "/run"
    local path = lab("unable", ('{ "%s" }'):format(lacking.name))
    local got = harness.run { env = env, "run", "--keep", path }
    assert.equal(3, got.status)
    assert.is_nil(got.stdout:find "stays up")
    assert.equal("No lab of yours runs.\n", harness.run({ "ps", env = env }).stdout)
  end)

  it("what is not there, tells a program so", function()
    if not lacking then return pending "this kernel has everything" end
    local got = harness.run { "run", "--json", lab("unable", ('{ "%s" }'):format(lacking.name)) }
    local events = objects(got.stdout)
    assert.same({ 3, "", 3 }, { got.status, got.stderr, #events })
    assert.same({ "start", "lack", "end" }, { events[1].event, events[2].event, events[3].event })
    assert.same({ lacking.name, lacking.costs, lacking.remedy, true },
                { events[2].name, events[2].costs, events[2].remedy, events[3].impossible })
  end)

  it("what is not there for one step, does the others", function()
    if not lacking then return pending "this kernel has everything" end
    local path = lab("partly", "nil", ('{ "%s" }'):format(lacking.name))
    local got = harness.run { "run", path }
    assert.equal(0, got.status)
    assert.truthy(got.stdout:gsub("%s+", " "):find("Step 1: One: this kernel has no .* remedy: .* Step 2 of 2: Two"), got.stdout)
    assert.truthy(got.stdout:find "\n1 of 2 steps, 1 check, 1 skipped, all held.\n$", got.stdout)
    got = harness.run { "export", path }
    assert.equal(0, got.status)
    assert.truthy(got.stdout:find "\n# 1. One\n# Left out: this kernel has no ", got.stdout)
  end)

  it("is marked in the list of labs", function()
    if not lacking then return pending "this kernel has everything" end
    lab("able", '{ "veth" }')
    lab("unable", ('{ "veth", "%s" }'):format(lacking.name))
    local got = harness.run { "labs", env = "NSLAB_PATH=" .. scratch }
    assert.equal(0, got.status)
    assert.truthy(got.stdout:find("\nunable +Small +Cannot run here: this kernel has no " .. lacking.name .. " %(`nslab doctor`"),
                  got.stdout)
    assert.truthy(got.stdout:find "\nable +Small *\n", got.stdout)
    local found = {}
    for _, l in ipairs(objects(harness.run({ "labs", "--json", env = "NSLAB_PATH=" .. scratch }).stdout)) do
      found[l.name] = l
    end
    assert.same({ "veth " .. lacking.name, lacking.name }, { found.unable.needs, found.unable.lacking })
    assert.same({ "veth" }, { found.able.needs, found.able.lacking })
  end)
end)
