-- How a REPL shows values: by what is in them, in bounded size, never as an address in memory.

local harness = require "harness"

-- What the chunk's values look like in a REPL.
local function shown(code, setup)
  local got = harness.run { "repl", stdin = (setup and setup .. "\n" or "") .. code .. "\n" }
  assert.same({ 0, "" }, { got.status, got.stderr }, code)
  return got.stdout
end

-- { code, what is shown }
local VALUES = {
  { "1, 'a', nil, true", "1\ta\tnil\ttrue\n" },
  { "'two\\nlines'", "two\nlines\n" },
  { "{}", "{}\n" },
  { "{ 1, 'x', { a = true } }", '{ 1, "x", { a = true } }\n' },
  { "{ b = 2, a = 'q\"', [7] = 0, ['a b'] = 1 }", '{ [7] = 0, a = "q\\"", ["a b"] = 1, b = 2 }\n' },
  { "setmetatable({}, { __tostring = function() return 'me' end })", "me\n" },
  { "function() end", "a function from stdin:1\n" },
  { "print", "a function of C\n" },
  { "coroutine.create(print)", "coroutine (suspended)\n" },
  { "io.stdout", "(FILE*)\n" },
  { "netns.host", "host\n" },
  { "link.add", "link.add(name, options): Makes a link.\n" },
  { "netns.host.link.add", "link.add(name, options): Makes a link.\n" },
  { "netns.host.ping", "red:ping(address, options?): Sends ICMP echo requests from the namespace and waits " ..
                       "for their answers.\n" },
  { "link", "module link: Network interfaces. help(link) tells more.\n" },
  { "{ link, link.set }", "{ module link, link.set(name, options) }\n" },
  { "netns.host:exec { 'sh', '-c', 'echo out; exit 3' }", "out\nexit status 3\n" },
  { "link.get 'nope'", "nil\nstdin:1: link.get nope in host: there is no link \"nope\" (ENODEV).\n" ..
                       "  link.list() shows what there is.\n" },
  { "netns.list()", "  none\n" },
}

describe("a value in the REPL", function()
  for _, case in ipairs(VALUES) do
    it(case[1], function() assert.equal(case[2], shown(case[1])) end)
  end

  it("that holds itself has an end", function()
    assert.equal("{ t = (itself) }\n", shown("t", "t = {} t.t = t"))
  end)

  it("that is large is cut, and says so", function()
    local text = shown("t", "t = {} for i = 1, 100000 do t[i] = ('x'):rep(70) end")
    assert.truthy(text:find("... and 99940 more", 1, true))
    text = shown "('line\\n'):rep(5000)"
    assert.equal(5001, select(2, text:gsub("\n", "\n"))) -- a text is what one asked for
    text = shown "('x'):rep(1e6), { ('y'):rep(1e6) }"
    assert.truthy(text:find("(1000000 bytes)", 1, true))
  end)

  it("never shows an address", function()
    for _, code in ipairs { "_G", "package", "debug.getregistry()", "{ print, io.stdout, coroutine.create(print) }",
                            "link.list()[1]", "getmetatable(link.list())", "netns.watch",
                            "netlink", "help", "sh", "{ [print] = print, [{}] = {} }" } do
      local text = shown(code)
      assert.falsy(text:find("0x%x%x%x%x"), text:match "[^\n]*0x%x%x%x%x[^\n]*")
      assert.is_true(#text > 0 and select(2, text:gsub("\n", "")) <= 202, code)
    end
  end)
end)

describe("records in the REPL", function()
  local SETUP = 'netns.add "red" link.add("v0", { up = true, mtu = 1400, veth = { peer = { name = "v1", ' ..
                'netns = "red", up = true } } }) addr.add("10.0.0.1/24", { dev = "v0" })'

  it("are aligned tables when they are lists", function()
    local lines = {}
    for line in shown('link.list { name = "v0" }', SETUP):gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.equal(2, #lines)
    assert.truthy(lines[1]:match "^  LINK +STATE +KIND +MTU")
    assert.truthy(lines[2]:match "^  v0 +up +veth +1400 +%x%x:.* v1 in red$")
    assert.equal(lines[1]:find "MTU", (lines[2]:find "1400"))
    assert.equal("  no rules\n", shown("setmetatable({}, getmetatable(rule.list()))"))
  end)

  it("have the columns that say something, whatever the object is", function()
    local text = shown("nexthop.list()", SETUP .. ' nexthop.add(7, { dev = "v0" })')
    local head, line = text:match "^([^\n]+)\n([^\n]+)\n$"
    assert.truthy(head and head:match " ID " and head:match " DEV ", text)
    assert.equal(head:find "ID", (line:find "7"))
    assert.equal(head:find "DEV", (line:find "v0"))
  end)

  it("are aligned in two columns when there is one, in ip's words", function()
    local text = shown('link.get "v0"', SETUP)
    assert.truthy(text:find "\n  mtu +1400\n")
    assert.truthy(text:find("peer = { ", 1, true))
    local column
    for line in text:gmatch "[^\n]+" do
      local at = line:match "^  [%w_]+ +()"
      assert.equal(column or at, at, line)
      column = at
    end
    text = shown('netns "red".addr.list()[1]', SETUP)
    assert.truthy(text:find "\n  dev +v1\n")
  end)
end)
