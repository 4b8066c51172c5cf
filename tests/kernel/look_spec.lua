-- nslab.look: what its tables say is what ip says, and they fit the terminal.

local harness = require "harness"
local look = require "nslab.look"
local wrap = require "nslab.wrap"
local fresh = harness.fresh

-- red and blue with a cable between them, and a switch on the host.
local function topology()
  local red, blue = netns.add "red", netns.add "blue"
  link.add("veth-red", { netns = red, up = true,
                         veth = { peer = { name = "veth-blue", netns = blue, up = true } } })
  red.addr.add("192.168.15.1/24", { dev = "veth-red" })
  blue.addr.add("192.168.15.2/24", { dev = "veth-blue" })
  link.add("v-net-0", { type = "bridge", up = true, mtu = 1400 })
  return red, blue
end

-- The lines of one table: an array of arrays of cells, headings first.
local function rows_of(text)
  local rows = {}
  for line in text:gmatch "[^\n]+" do
    local row = {}
    for cell in (line:gsub("^  ", "") .. "  "):gmatch "(.-)  +" do row[#row + 1] = cell end
    if line:find "^  " then rows[#rows + 1] = row end
  end
  return rows
end

describe("look", function()
  it("has every link, with ip's name, state, mtu and hardware address", fresh(function()
    topology()
    local rows = rows_of(look.text { netns = "red", what = "links", columns = 100 })
    assert.same({ "LINK", "STATE", "KIND", "MTU", "ADDRESS", "OTHER END" }, rows[1])
    local ip = harness.json "ip -j -n red link show dev veth-red"[1]
    assert.same({ "veth-red", "up", "veth", tostring(ip.mtu), ip.address, "veth-blue in blue" }, rows[3])
    assert.equal("lo", rows[2][1])
    assert.equal("down", rows[2][2])
    assert.equal(#harness.json "ip -j -n red link show", #rows - 1)
  end))

  it("has the addresses, routes and neighbours that ip has", fresh(function()
    local red = topology()
    red.route.add("default", { via = "192.168.15.2" })
    red.route.add("10.0.0.0/8", { type = "blackhole", metric = 7 })
    assert.equal(1, red:ping "192.168.15.2".received)
    local text = look.text { netns = "red", columns = 100 }
    assert.truthy(text:find "\n  192.168.15.1/24 +veth%-red +global\n", 1)
    local mac = harness.json "ip -j -n red neigh show"[1].lladdr
    assert.truthy(text:find("\n  192.168.15.2 +veth%-red +" .. mac .. " +%l+\n"), text)
    local seen = {}
    for _, row in ipairs(rows_of(look.text { netns = "red", what = "routes", columns = 100 })) do
      seen[row[1]] = true
    end
    for _, route in ipairs(harness.json "ip -j -n red route show") do
      local kind = route.type and route.type ~= "unicast" and route.type .. " " or ""
      assert.truthy(seen[kind .. route.dst], route.dst)
    end
  end))

  it("leaves out what the kernel makes by itself, unless it was asked for", fresh(function()
    local red = topology()
    assert.is_nil(look.text { netns = "red" }:find "RULE")
    red.rule.add { from = "10.0.0.0/8", table = 100, priority = 5 }
    red.rule.add { iif = "lo", action = "prohibit", priority = 6 }
    local text = look.text { netns = "red" }
    assert.truthy(text:find("\n  5     inet    from 10.0.0.0/8 lookup 100\n", 1, true), text)
    assert.truthy(text:find("\n  6     inet    from all iif lo prohibit\n", 1, true), text)
    assert.is_nil(text:find "32766")
    assert.truthy(look.text { netns = "red", what = "rules" }:find("32766  inet    from all lookup main", 1, true))
    assert.is_nil(text:find "fe80::/64")
    assert.truthy(look.text { netns = "red", what = "routes" }:find "fe80::/64")
  end))

  it("shows every namespace, the host first, also one that is none any more", fresh(function()
    topology()
    assert(io.open("/run/netns/dead", "w")):close()
    local text, heads = look.text { what = "links" }, {}
    for line in text:gmatch "[^\n]+" do
      if not line:find "^ " then heads[#heads + 1] = line end
    end
    assert.same({ "host", "blue", "dead", "red" }, heads)
    assert.truthy(text:find("no network%s+namespace"), text)
  end))

  it("says that there is nothing", fresh(function()
    netns.add "red"
    assert.equal("red\n  no neighbours\n", look.text { netns = "red", what = "neigh" })
    assert.equal("red\n  no addresses\n", look.text { netns = "red", what = "a" })
  end))

  it("fits every width", fresh(function()
    topology()
    for _, columns in ipairs { 40, 60, 80, 132 } do
      for line in look.text { columns = columns }:gmatch "[^\n]+" do
        assert.truthy(wrap.width(line) <= columns, ("%d: %s"):format(columns, line))
      end
    end
    assert.truthy(look.text { netns = "red", what = "links", columns = 40 }
                  :find("veth-red, state up, kind veth, mtu\n    1500, address", 1, true))
  end))

  it("names what it knows when it is asked for something else", fresh(function()
    for word, section in pairs { l = "links", link = "links", addr = "addresses", r = "routes", arp = "neighbours",
                                 neighbor = "neighbours", ru = "rules" } do
      assert.equal(section, look.word(word))
    end
    local ok, why = pcall(look.text, { what = "nothing" })
    assert.same({ false, "look: there is no nothing to look at; there are links, addresses, routes, " ..
                         "neighbours, rules." }, { ok, why })
    ok, why = pcall(look.text, { netns = "nowhere" })
    assert.is_false(ok)
    assert.equal("ENOENT", why.code)
  end))
end)
