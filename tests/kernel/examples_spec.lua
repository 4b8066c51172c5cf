-- Every function that is documented has an example, and every example runs as it stands.

local harness = require "harness"
local help = require "nslab.help"

local rows = help.rows()

-- All documented functions: { name, row }.
local functions = {}
local function take(prefix, list)
  for _, f in ipairs(list) do functions[#functions + 1] = { prefix .. f.name, f } end
end
for _, m in ipairs(rows.modules) do
  take(m.name .. ".", m.funcs)
  take("red:", m.methods)
  if m.called then take("", { m.called }) end
  for _, v in ipairs(m.values) do take(v.name .. ":", v.methods) end
end
take("", rows.globals)

-- What a function of ours looks like to a script: every one of them must have a row.
local function undocumented()
  local out = {}
  for _, m in ipairs(rows.modules) do
    local known = {}
    for _, f in ipairs(m.funcs) do known[f.name] = true end
    for key, value in pairs(require("nslab")[m.name]) do
      if type(value) == "function" and not known[key] then out[#out + 1] = m.name .. "." .. key end
    end
  end
  return out
end

describe("the documentation", function()
  it("has a row for every function, with all that belongs to it", function()
    assert.same({}, undocumented())
    assert.truthy(#functions > 60)
    for _, entry in ipairs(functions) do
      local name, f = table.unpack(entry)
      assert.truthy(f.doc and f.doc:find "%.$", name .. ": the documentation is whole sentences")
      for _, p in ipairs(f.params) do
        assert.truthy(p.name and p.type and p.doc and p.doc ~= "", name .. ": a parameter without words")
      end
      for _, r in ipairs(f.returns) do
        assert.truthy(r.name and r.type and r.doc and r.doc ~= "", name .. ": a result without words")
      end
      assert.truthy(f.example, name .. " has no example")
    end
  end)

  it("has a sentence for every option", function()
    for _, schema in pairs(rows.schemas) do
      assert.truthy(schema.doc:find "%.$", schema.name)
      for _, row in ipairs(schema.rows) do
        assert.truthy(row.doc and #row.doc > 3, schema.name .. "." .. row.key)
        assert.truthy(row.type and row.sym, schema.name .. "." .. row.key)
      end
    end
  end)
end)

-- The kinds: { name, example }. What lies in a kind's options, or is read only, is none.
local NO_KINDS = { ["link.stats"] = true, ["link.tun"] = true, ["qdisc.stats"] = true, ["class.stats"] = true,
                   ["qdisc.pfifo_fast"] = true, ["filter.action"] = true, ["filter.actions"] = true }
local kinds = {}
for name, schema in pairs(rows.schemas) do
  local of = name:match "^(%l+)%.[%w_]+$"
  if (of == "link" or of == "qdisc" or of == "class" or of == "filter") and not NO_KINDS[name] then
    kinds[#kinds + 1] = { name, schema.example }
  end
end
table.sort(kinds, function(a, b) return a[1] < b[1] end)

describe("a kind", function()
  it("has an example", function()
    assert.truthy(#kinds > 35)
    for _, kind in ipairs(kinds) do assert.truthy(kind[2], kind[1]) end
  end)

  for _, kind in ipairs(kinds) do
    it(kind[1] .. " is made by its example, where the kernel has it", harness.fresh(function()
      local ok, err = pcall(assert(load(kind[2] or "", "=" .. kind[1])))
      if not ok and (err.code == "EOPNOTSUPP" or err.code == "ENOENT") then return pending(err.text) end
      if not ok then error(err, 0) end
    end))
  end
end)

describe("the example of", function()
  for _, entry in ipairs(functions) do
    local name, f = table.unpack(entry)
    it(name .. " runs", harness.fresh(function()
      rawset(_G, "print", function(...) -- what it prints is made, and thrown away
        for i = 1, select("#", ...) do tostring((select(i, ...))) end
      end)
      assert(load(f.example, "=" .. name))()
    end))
  end
end)
