-- What a filter of list, each and flush may say: a link by every name that it has, the options of a
-- kind; and that what no record can have is an error, not an empty list. The keys come from the rows.

local help = require "nslab.help"
local harness = require "harness"
local fresh = harness.fresh

local function names(list)
  local out = {}
  for i, l in ipairs(list) do out[i] = l.name end
  table.sort(out)
  return out
end

local function wire()
  link.add("v0", { up = true, veth = { peer = { name = "v1", up = true } } })
  link.property_add("v0", { altname = "the-long-name-of-v0" })
  addr.add("10.0.0.1/24", { dev = "v0" })
end

-- What the kernel lacks for an object is said before a filter is looked at, or after.
local LACKS = { EOPNOTSUPP = true, EAFNOSUPPORT = true }

describe("a filter", function()
  it("takes a link by its number and by its other names", fresh(function()
    wire()
    local index = link.get("v0").ifindex
    for _, dev in ipairs { "v0", index, "the-long-name-of-v0" } do
      assert.equal("10.0.0.1/24", addr.list { dev = dev, family = "inet" }[1].address)
      assert.equal("10.0.0.0/24", route.list { dev = dev }[1].dst)
      assert.equal(1, #netconf.list { dev = dev, family = "inet" })
      local each = 0
      for _ in addr.each { dev = dev, family = "inet" } do each = each + 1 end
      assert.equal(1, each)
    end
    assert.same({ "v0" }, names(link.list { name = "the-long-name-of-v0" }))
    assert.same({ "v1" }, names(link.list { link = index }))
    link.add("br0", { type = "bridge" })
    link.set("v1", { master = "br0" })
    assert.same({ "v1" }, names(link.list { master = link.get("br0").ifindex }))
    assert.equal(0, #addr.list { dev = "nobody" })
    assert.equal(0, #addr.list { dev = 9999 })
    assert.equal(1, addr.flush { dev = index, family = "inet" })
    assert.equal("", (harness.sh "ip -4 -o addr show dev v0"))
  end))

  it("of the options of a kind means their values, in whatever form they are written", fresh(function()
    wire()
    link.add("b0", { bridge = { group_address = "01:80:c2:00:00:0a", stp_state = true } })
    link.add("b1", { type = "bridge" })
    assert.same({ "b0" }, names(link.list { bridge = { stp_state = true } }))
    assert.same({ "b0" }, names(link.list { bridge = { group_address = "01:80:C2:0:0:A" } }))
    assert.same({ "b0", "b1" }, names(link.list { bridge = {} }))
    assert.same({ "v0" }, names(link.list { veth = { peer = "v1" } }))
    assert.same({ "v0" }, names(link.list { veth = { peer = { name = "v1" } } }))
    local ok, e = pcall(link.list, { bridge = { stp_sate = true } })
    assert.is_false(ok)
    assert.equal("bridge.stp_sate", e.field)
    assert.equal('Did you mean "stp_state"?', e.hint)
    ok, e = pcall(link.list, { bridge = { stp_state = "yes" } })
    assert.is_false(ok)
    assert.equal("bridge.stp_state", e.field)
  end))

  it("that only can be given, not read, is not offered in its own place", fresh(function()
    local ok, e = pcall(link.list, { netns = "red" })
    assert.is_false(ok)
    assert.is_nil((e.hint or ""):match '"netns"')
  end))

  it("of a wrong type is an error, for every field of every object", fresh(function()
    wire()
    link.add("br0", { type = "bridge", up = true })
    link.set("v1", { master = "br0" })
    local asked = 0
    for _, m in ipairs(help.rows().modules) do
      local schema = help.rows().schemas[m.name]
      local list = schema and pcall(function() return require("nslab")[m.name].list end) and
                   require("nslab")[m.name].list
      for _, row in ipairs(list and schema.rows or {}) do
        local ok, e = pcall(list, { [row.key] = print })
        local what = ("%s.list{ %s = print }"):format(m.name, row.key)
        assert.is_false(ok, what .. " was taken")
        assert.truthy(e.op, what .. ": " .. tostring(e))
        if not LACKS[e.code] then
          assert.equal(row.key, e.field, what .. ": " .. tostring(e))
          asked = asked + 1
        end
      end
    end
    assert.truthy(asked > 150, asked)
  end))
end)
