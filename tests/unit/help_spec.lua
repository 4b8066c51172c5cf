-- help: what it says of modules, functions in both forms, records, and words.

local help = require "nslab.help"

local function text(...) return help.text(80, ...) end

-- Every part stands in the text.
local function has(page, parts)
  for _, part in ipairs(parts) do
    assert.truthy(page:find(part, 1, true), ("%q is not in:\n%s"):format(part, page))
  end
end

describe("help", function()
  it("without a word shows every module, the verbs, and the functions without a module", function()
    local page = text()
    for _, m in ipairs(help.rows().modules) do has(page, { m.name }) end
    has(page, { help.verbs(), "lab(t)", "sh(text)", "help(link.add)" })
  end)

  it("of a module lists its functions, methods and kinds", function()
    has(text(link), { "link.add(name, options)", "link.each(filter?)", "bridge     A virtual switch.",
                      "red.link" })
    has(text(netns), { "netns(which)", "netns.add(name)", "red:run(fn, ...)", "red:ping(", "red.addr",
                       "host" })
  end)

  it("of a function shows everything that its row says", function()
    local page = text(link.add)
    has(page, { "link.add(name, options)", "Makes a link.", "at most 15 characters", "link.Options:",
                "mtu                integer", "largest packet, in bytes", "EEXIST a link of that name exists",
                'link.add("veth-red"', "ip-link(8)" })
    assert.is_nil(page:find "operstate") -- cannot be given
    has(text(link.get), { "Returns:", "link.Record?", "nil when there is none" })
  end)

  it("explains every option by its path, as errors name it", function()
    for name, schema in pairs(help.rows().schemas) do
      for _, row in ipairs(schema.rows) do
        local page, path = text(name .. "." .. row.key), name .. "." .. row.key
        assert.truthy(page:find(": " .. row.key, 1, true) or page:find(path, 1, true) == 1, name .. "." .. row.key .. ": " .. page)
      end
    end
    has(text "bridge.stp_state", { "link.bridge: stp_state", "boolean" })
    has(text "veth.peer.name", { "link.veth.peer: name" })
    for _, nothing in ipairs { "link.nothing", "bridge.stp_state.x", "nothing.mtu" } do
      has(text(nothing), { "Nothing is known of" })
    end
  end)

  it("takes two letters that changed places for one mistake", function()
    has(text "veht", { 'did you mean "veth"?' })
    has(text "brigde", { 'did you mean "bridge"?' })
  end)

  it("says the same of bound modules, functions and methods", function()
    local red = netns "red"
    assert.equal(text(link), text(red.link))
    assert.equal(text(link.add), text(red.link.add))
    has(text(red.run), { "red:run(fn, ...)" })
    assert.equal(text(netns), text(red))
    assert.equal(1, (text "link":find(text(link), 1, true)))
    assert.equal(text(link.add), text "link.add")
  end)

  it("explains what is written in Lua", function()
    has(text(require("nslab.lab").lab), { "no help" }) -- unless it is the global
    has(text "lab", { "lab(t)", "Says what the file is" })
    has(text(lab), { "lab(t)" })
    has(text(help), { "no help" })
    has(text "nslab.Error", { "field?", "path of the option it is about" })
  end)

  it("finds options, words and kernel names", function()
    has(text "mtu", { "link: mtu", "route: mtu", "of the path, in bytes" })
    has(text "stable_secret", { "link: addrgenmode" })
    has(text "IFLA_MTU", { "link: mtu" })
    has(text "delete", { "link.delete", "red:delete" })
    has(text "bridge", { "link.bridge", "forward_delay", "Only read:", "root_id", "Also:", "link: bridge" })
    has(text "hardware address", { "is spoken of in:", "neigh: lladdr" })
  end)

  it("names the word that was meant when it knows none", function()
    has(text "brigde", { 'Nothing is known of "brigde"; did you mean "bridge"?' })
    has(text "qqqqqqqqqqqq", { 'Nothing is known of "qqqqqqqqqqqq".' })
  end)

  it("says so of what is none of ours", function()
    for _, value in ipairs { print, {}, 5, true } do has(text(value), { "There is no help for" }) end
  end)

  it("keeps within the width, but for what is to be copied", function()
    for _, columns in ipairs { 60, 80, 100 } do
      for _, m in ipairs(help.rows().modules) do
        for line in (help.text(columns, m.name) .. "\n"):gmatch "(.-)\n" do
          assert.truthy(#line <= columns or not line:find " .* .* ", line)
        end
      end
    end
  end)

  it("has a page without blank ends for everything there is", function()
    for _, m in ipairs(help.rows().modules) do
      for _, f in ipairs(m.funcs) do
        local page = text(m.name .. "." .. f.name)
        assert.truthy(page:find(m.name .. "." .. f.name, 1, true) == 1)
        assert.is_nil(page:find "[ \t]\n")
      end
    end
    for name in pairs(help.rows().schemas) do has(text(name), { name }) end
    for _, v in ipairs(help.rows().values) do has(text(v.name), { v.name, v.doc:match "^%S+" }) end
  end)

  it("is a global that prints", function()
    local harness = require "harness"
    local got = harness.run { "-e", "help(link.add) help() help 'mtu'" }
    assert.same({ 0, "" }, { got.status, got.stderr })
    has(got.stdout, { text(link.add), text(), text "mtu" })
  end)
end)

describe("the table of verbs", function()
  it("has an x where the function is, and a - where it is not", function()
    local head, verbs = nil, {}
    for line in help.verbs():gmatch "[^\n]+" do
      if not head then
        head = line
      else
        local object = line:match "%S+"
        for verb in head:gmatch "%S+" do
          local mark = line:sub((head:find(" " .. verb, 1, true)) + 1):sub(1, 1)
          local known = false
          for _, m in ipairs(help.rows().modules) do
            for _, f in ipairs(m.funcs) do known = known or (m.name == object and f.name == verb) end
          end
          assert.equal(known and "x" or "-", mark, object .. "." .. verb)
          verbs[#verbs + 1] = mark
        end
      end
    end
    assert.truthy(#verbs >= 70)
  end)
end)
