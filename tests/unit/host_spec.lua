-- require "nslab.host": JSON and what else the program tells its Lua part.

local host = require "nslab.host"

local array = function(t) return setmetatable(t, { __jsontype = "array" }) end

describe("host.json", function()
  for _, row in ipairs {
    { "null", nil }, { "true", true }, { "-5", -5 }, { "9223372036854775807", math.maxinteger },
    { "0.05", 0.05 }, { "1.0", 1.0 }, { "null", 0 / 0 }, { "null", math.huge }, { '""', "" },
    { '"a\\"b\\\\\\n\\u0000\\u001F"', 'a"b\\\n\0\31' }, { '"é€😀"', "é€😀" },
    { "{}", {} }, { "[]", array {} }, { "[1,[2],{}]", { 1, { 2 }, {} } },
    { '{"a":1,"b":{"c":[false]}}', { b = { c = { false } }, a = 1 } },
    { '{"1":1,"3":3}', { [1] = 1, [3] = 3 } }, { '{"x":1,"1":"a"}', { "a", x = 1 } },
  } do
    it("writes " .. row[1], function() assert.equal(row[1], host.json(row[2])) end)
  end

  it("puts the keys first that it is told to", function()
    assert.equal('{"event":"e","v":1,"a":0,"z":0}', host.json({ z = 0, v = 1, a = 0, event = "e" },
                                                              { "event", "none", "v" }))
  end)

  it("replaces each byte that is no UTF-8", function()
    for bad, good in pairs { ["\xff"] = "\u{FFFD}", ["a\xc3"] = "a\u{FFFD}",
                             ["\xc0\x80"] = "\u{FFFD}\u{FFFD}",
                             ["\xed\xa0\x80"] = "\u{FFFD}\u{FFFD}\u{FFFD}",
                             ["\xf5\x80"] = "\u{FFFD}\u{FFFD}", ["\xe2\x82x"] = "\u{FFFD}\u{FFFD}x" } do
      assert.equal('"' .. good .. '"', host.json(bad))
      assert.equal('{"' .. good .. '":1}', host.json { [bad] = 1 })
    end
  end)

  it("raises for what JSON has no word for", function()
    local loop = {}
    loop[1] = loop
    assert.has_error(function() host.json(loop) end)
    assert.has_error(function() host.json { print } end)
    assert.has_error(function() host.json { ["a\0b"] = 1 } end)
    assert.has_error(function() host.json { { { coroutine.create(print) } } } end)
    assert.has_error(function() host.json() end)
    assert.has_error(function() host.json(setmetatable({}, { __jsontype = "array" }), 5) end)
  end)

  it("prints what has a text of its own as text", function()
    assert.match('^"file %(', host.json(io.stdout))
  end)
end)

describe("host.json_decode", function()
  it("reads what host.json writes", function()
    for _, value in ipairs { 1, 2.5, "é\0x", true, { 1, 2, { a = "b" } }, { x = { y = { z = {} } } } } do
      assert.same(value, host.json_decode(host.json(value)))
    end
    assert.is_nil(host.json_decode "null")
    assert.same({ a = nil, b = 1 }, host.json_decode '{"a":null,"b":1}')
  end)

  it("says what is wrong and where", function()
    local value, trouble = host.json_decode '{"a":}'
    assert.is_nil(value)
    assert.match("^column %d+: ", trouble)
    assert.is_nil(host.json_decode "")
    assert.is_nil(host.json_decode "1 2")
  end)
end)

describe("nslab.host", function()
  it("knows its labs", function()
    local names = host.labs()
    table.sort(names)
    assert.same(names, host.labs())
    local source, chunkname = host.lab "red-blue"
    local file <close> = assert(io.open "labs/red-blue.lua")
    assert.equal(file:read "a", source)
    assert.equal("@labs/red-blue.lua", chunkname)
    for _, name in ipairs { "nothing", "", "../labs/red-blue", ".", ("x"):rep(500) } do
      assert.is_nil(host.lab(name))
    end
  end)

  it("has a clock that goes forward", function()
    local before = host.time_ms()
    os.execute "sleep 0.02"
    local passed = host.time_ms() - before
    assert.is_true(passed >= 20 and passed < 5000, passed)
  end)

  it("knows where there is no terminal", function()
    local harness = require "harness"
    local code = "local h = require 'nslab.host' print(h.isatty(0), h.columns(0), h.isatty(99))"
    local function columns(env) return harness.run { "-e", code, env = env }.stdout end
    assert.equal("false\t80\tfalse\n", columns())
    assert.equal("false\t120\tfalse\n", columns "COLUMNS=120")
    assert.equal("false\t80\tfalse\n", columns "COLUMNS=x")
  end)

  it("knows whether text is UTF-8", function()
    local harness = require "harness"
    for env, expected in pairs { ["LC_ALL=C"] = "false", ["LC_ALL=C.UTF-8"] = "true",
                                 ["LC_ALL= LC_CTYPE= LANG=xx_XX.UTF-8"] = "true",
                                 ["LC_ALL=POSIX LANG=C.UTF-8"] = "false", ["LC_ALL=xx_XX"] = "false" } do
      assert.equal(expected .. "\n",
                   harness.run { "-e", "print(require 'nslab.host'.utf8())", env = env }.stdout, env)
    end
  end)

  it("has not been interrupted", function() assert.is_nil(host.interrupted()) end)
end)
