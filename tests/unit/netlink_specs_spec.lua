-- rows beside the kernel's own description of its messages (tests/specs): every attribute that we lack, every
-- one that is read with another width, sign, byte order or nesting, every row that the description does
-- not have. What differs is in tests/specs/exceptions.lua with its reason, and nothing else is.

local harness = require "harness"

if harness.sanitizers then
  it("is for a build without sanitizers", function()
    pending "reading half a megabyte of YAML takes minutes there; the same C takes the golden messages"
  end)
  return
end

local specs = require "netlink_specs"
local sorted = harness.sorted
local exceptions = dofile "tests/specs/exceptions.lua"

local function set(text)
  local out = {}
  for word in text:gmatch "%S+" do out[word] = true end
  return out
end

local ACTIONS = "gact mirred police bpf connmark csum ct ctinfo gate ife mpls nat pedit sample simple skbedit "
  .. "skbmod tunnel_key vlan"
local ROOTS = {
  { spec = "rt_link", set = "link-attrs", schema = "link", type = 16 },
  { spec = "rt_addr", set = "addr-attrs", schema = "addr", type = 20 },
  { spec = "rt_route", set = "route-attrs", schema = "route", type = 24 },
  { spec = "tc", set = "tc-attrs", schema = "qdisc", type = 36, kinds = set(
      "bfifo cake cbs choke clsact codel drr etf ets fq fq_codel fq_pie gred hfsc hhf htb ingress mq mqprio "
      .. "multiq netem pfifo pfifo_fast pfifo_head_drop pie plug prio qfq red sfb sfq taprio tbf") },
  { spec = "tc", set = "tc-attrs", schema = "class", type = 40, kinds = set "htb drr hfsc qfq" },
  { spec = "tc", set = "tc-attrs", schema = "filter", type = 44,
    kinds = set("basic bpf cgroup flow flower fw matchall route u32 " .. ACTIONS) },
}

-- What is found and not excused, and what is excused and not found.
local function unexplained(name, found)
  local wrong, excused = {}, {}
  for _, group in ipairs(exceptions[name]) do
    assert(#group[1] > 0, "no reason")
    for path in pairs(set(group[2])) do
      path = path:gsub(":", " ")
      if excused[path] then wrong[#wrong + 1] = path .. ": is excused twice" end
      excused[path] = true
    end
  end
  for _, path in sorted(found) do
    if not excused[path] then
      wrong[#wrong + 1] = ("%s: %s. Add a row, or mend it; or say why in exceptions.lua, `%s`"):format(path,
        tostring(found[path]), name)
    end
  end
  for _, path in sorted(excused) do
    if not found[path] then wrong[#wrong + 1] = path .. ": is excused, and does not differ (any more)" end
  end
  return wrong
end

describe("the rows and the kernel's description", function()
  local found = specs.compare(ROOTS)

  it("have the same attributes", function() assert.same({}, unexplained("lacks", found.lacks)) end)
  it("read them in the same way", function() assert.same({}, unexplained("differs", found.differs)) end)
  it("have no others", function() assert.same({}, unexplained("extra", found.extra)) end)
  it("know the same objects", function() assert.same({}, unexplained("undescribed", found.undescribed)) end)

  it("are compared in every kind that the description has", function()
    local missing = {}
    for _, message in pairs { "linkinfo-data-msg", "tc-options-msg", "tc-act-options-msg" } do
      local spec = specs.load(message:match "^tc" and "tc" or "rt_link")
      for _, format in ipairs(spec.messages[message].formats) do
        if not found.kinds_seen[format.value] then missing[#missing + 1] = message .. "/" .. format.value end
      end
    end
    assert.same({}, missing)
  end)
end)

-- A comparison that finds nothing might not look: rows that are wrong in each way must be found.
describe("the comparison sees", function()
  local function try(attr, row)
    local got = specs.compare({ { spec = "rt_link", set = "link-attrs", schema = "link", type = 16,
                                  change = function(spec, schema)
                                    for _, a in ipairs(spec.sets["link-attrs"].attributes) do
                                      if a.name == "mtu" then for k, v in pairs(attr) do a[k] = v end end
                                    end
                                    for _, r in ipairs(schema.rows) do
                                      if r.key == "mtu" then for k, v in pairs(row or {}) do r[k] = v end end
                                    end
                                  end } })
    return got
  end

  it("another width", function()
    assert.equal("wants 4 bytes of 2, looks at too many", try({ type = "u16" }).differs["link/mtu mtu"])
    assert.equal("wants 4 bytes of 8", try({ type = "u64" }).differs["link/mtu mtu"])
  end)
  it("another byte order", function()
    assert.equal("is little endian", try({ ["byte-order"] = "big-endian" }).differs["link/mtu mtu"])
  end)
  it("another nesting", function()
    assert.equal("is a nest in the description and none here",
      try({ type = "nest", ["nested-attributes"] = "ifla6-attrs" }).differs["link/mtu mtu"])
  end)
  it("another name", function()
    assert.equal("is IFLA_MTU there and IFLA_MTX here", try({}, { sym = "IFLA_MTX" }).differs["link/mtu mtu"])
  end)
  it("another number", function()
    local got = try({}, { attr = 999 })
    assert.equal("u32", got.lacks["link/mtu"])
    assert.equal("IFLA_MTU", got.extra["link/mtu"])
  end)
end)
