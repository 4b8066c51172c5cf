-- What :save writes: for every documented example, the script of what it did ends in the same state.

local core = require "nslab.core"
local harness = require "harness"
local help = require "nslab.help"
local oracle = require "oracle"
local record = require "nslab.repl.record"

-- What only looks, or was done by the example of another verb.
local LEFT_OUT = { list = true, get = true, each = true, check = true, save = true, ping = true,
                   watch = true, flush = true, zero = true, current = true, stats = true }

-- { name, example }
local examples = {}
local function take(prefix, list)
  for _, f in ipairs(list) do
    if not LEFT_OUT[f.name] then examples[#examples + 1] = { prefix .. f.name, f.example } end
  end
end
for _, m in ipairs(help.rows().modules) do
  if m.name ~= "ip6tables" then
    take(m.name .. ".", m.funcs)
    take("red:", m.methods)
  end
end

-- Does it as a script of its own, with nothing printed.
local function run(text, name)
  rawset(_G, "print", function() end)
  assert(load((text:gsub("^#[^\n]*", "")), "=" .. name, "t"))()
end

local function firewall()
  local text = harness.sh "iptables-save 2>/dev/null; ip6tables-save 2>/dev/null"
  return (text:gsub("#[^\n]*\n", ""):gsub("%[%d+:%d+%]", ""))
end

local function state(script)
  local traffic = harness.sh "tc qdisc 2>&1; tc class show dev lo 2>&1"
  return oracle.state(script, script) .. firewall() .. traffic:gsub("qdisc (%S+) %x+:", "qdisc %1 "):gsub("refcnt %d+", "")
end

-- What the example leaves, and the script of what it did.
local function by_example(name, example)
  local script
  local text = oracle.apart(function()
    local done = record.new()
    local before = core.observe(function(op) if not op.error then done:add(op) end end)
    local ok, raised = pcall(run, example, name)
    core.observe(before)
    if not ok then return "failed\n" .. tostring(raised) end
    return done:script() .. "\0" .. state(done:script())
  end)
  script, text = text:match "^(.-)%z(.*)$"
  return script, text
end

describe("what :save writes does again what was done by the example of", function()
  for _, entry in ipairs(examples) do
    local name, example = table.unpack(entry)
    it(name, function()
      local script, theirs = by_example(name, example)
      if not script or script:find("is not known here", 1, true) then
        pending(script or "this kernel cannot do it: " .. theirs)
      end
      local ours = oracle.apart(function()
        run(script, name)
        return state(script)
      end)
      assert.equal(theirs, ours, script)
    end)
  end
end)
