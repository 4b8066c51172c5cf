-- The editor stubs: lua/meta holds what `nslab meta` makes of the rows, and it is LuaCATS.

local harness = require "harness"
local help = require "nslab.help"
local meta = require "nslab.meta"

local function read(path)
  local file = io.open(path)
  local text = file and file:read "a"
  if file then file:close() end
  return text
end

-- ---- a reader of LuaCATS types -------------------------------------------------------------------

local BUILTIN = {}
for word in ("any nil boolean string number integer function table thread userdata true false " ..
             "file*"):gmatch "%S+" do
  BUILTIN[word] = true
end

local parse_type

-- Each takes the text from `at` on and gives the place behind what it has read, or nil.
local function blanks(text, at) return text:match("^%s*()", at) end

local function token(text, at, pattern)
  return text:match("^%s*" .. pattern .. "()", at)
end

local function parse_fields(text, at, used)
  repeat
    local key = token(text, at, "%[%s*[%w_]+%s*%]%s*:") or token(text, at, "[%w_]+%??%s*:")
    at = key and parse_type(text, key, used)
    if not at then return nil end
    local more = token(text, at, ",")
    at = more or at
  until not more
  return token(text, at, "}")
end

local function parse_list(text, at, used, with_names)
  if token(text, at, "%)") then return at end
  repeat
    local name = with_names and (token(text, at, "%.%.%.") or token(text, at, "[%w_]+%??"))
    if with_names and not name then return nil end
    local colon = with_names and token(text, name, ":")
    at = with_names and not colon and name or parse_type(text, colon or at, used)
    if not at then return nil end
    local more = token(text, at, ",")
    at = more or at
  until not more
  return at
end

local function parse_one(text, at, used)
  at = blanks(text, at)
  local behind = token(text, at, '"[^"]*"') or token(text, at, "%d+")
  if behind then return behind end
  behind = token(text, at, "fun%(")
  if behind then
    behind = parse_list(text, behind, used, true)
    behind = behind and token(text, behind, "%)")
    local colon = behind and token(text, behind, ":")
    if not colon then return behind end
    return parse_list(text, token(text, colon, "%.%.%.") or colon, used, false)
  end
  behind = token(text, at, "{")
  if behind then return parse_fields(text, behind, used) end
  local name, after = text:match("^([%a_][%w_.]*%*?)()", at)
  if not name then return nil end
  used[name] = true
  local inner = token(text, after, "<")
  if not inner then return after end
  inner = parse_list(text, inner, used, false)
  return inner and token(text, inner, ">")
end

function parse_type(text, at, used)
  repeat
    at = parse_one(text, at, used)
    while at and (text:match("^%[%]()", at) or text:match("^%?()", at)) do
      at = text:match("^%[%]()", at) or text:match("^%?()", at)
    end
    if not at then return nil end
    local more = token(text, at, "|")
    at = more or at
  until not more
  return at
end

-- Reads the annotations of the text; returns the classes it declares and the names it uses.
local function annotations(name, text)
  local classes, used = {}, {}
  for line in text:gmatch "[^\n]+" do
    local tag, rest = line:match "^%-%-%-@(%a+)%s?(.*)$"
    local type_at
    if tag == "class" then
      classes[assert(rest:match "^[%w_.]+$", line)] = true
    elseif tag == "field" then
      type_at = rest:match "^%[[^%]]+%]%??%s()" or rest:match "^[%a_][%w_]*%??%s()"
    elseif tag == "param" then
      type_at = rest:match "^%.%.%.%s()" or rest:match "^[%a_][%w_]*%??%s()"
    elseif tag == "return" or tag == "overload" then
      type_at = 1
    else
      assert(tag == nil or tag == "meta", ("%s: unknown tag: %s"):format(name, line))
    end
    if tag and tag ~= "class" and tag ~= "meta" then
      local behind = type_at and parse_type(rest, type_at, used)
      assert(behind, ("%s: no LuaCATS: %s"):format(name, line))
      assert(rest:find("^%s", behind) or behind > #rest, ("%s: more than a type: %s"):format(name, line))
    end
  end
  return classes, used
end

-- ---- the stubs -----------------------------------------------------------------------------------

describe("nslab meta", function()
  it("makes what lua/meta holds", function()
    local known, found = {}, {}
    for name, text in pairs(meta.files()) do
      known[#known + 1] = name
      local same = text == read("lua/meta/" .. name)
      assert.is_true(same, ("lua/meta/%s is of other rows; `nslab meta lua/meta` writes it"):format(name))
    end
    for name in harness.must("ls lua/meta"):gmatch "%S+" do found[#found + 1] = name end
    table.sort(known)
    table.sort(found)
    assert.same(known, found)
  end)

  it("makes Lua", function()
    for name, text in pairs(meta.files()) do assert(load(text, "=" .. name)) end
    assert(load(meta.text(), "=all"))
  end)

  it("makes LuaCATS that names no class without saying what it is", function()
    local declared, used = {}, {}
    for name, text in pairs(meta.files()) do
      local classes, names = annotations(name, text)
      for class in pairs(classes) do
        assert.is_nil(declared[class], class .. " is declared twice")
        declared[class] = name
      end
      for type in pairs(names) do used[type] = name end
    end
    for type, name in pairs(used) do
      assert.truthy(BUILTIN[type] or declared[type], ("%s: %s is no class"):format(name, type))
    end
  end)

  it("declares each function once, and every one that there is", function()
    local text, seen = meta.text(), {}
    for name in text:gmatch "\nfunction ([%w_.:]+)%(" do
      assert.is_nil(seen[name], name .. " is declared twice")
      seen[name] = true
    end
    for _, m in ipairs(help.rows().modules) do
      for key, value in pairs(require("nslab")[m.name]) do
        if type(value) == "function" then
          assert.truthy(seen[m.name .. "." .. key], m.name .. "." .. key .. " has no row")
        end
      end
      for _, f in ipairs(m.methods) do assert.truthy(seen["handle:" .. f.name]) end
    end
    for _, name in ipairs { "lab", "step", "help", "sh", "scratch" } do assert.truthy(seen[name]) end
  end)

  it("keeps readonly fields out of options, and what is only written out of records", function()
    local text = meta.files()["link.lua"]
    local options = text:match "%-%-%-@class link%.Options\n(.-)\n\n"
    local record = text:match "%-%-%-@class link%.Record\n(.-)\n\n"
    assert.truthy(options:find("@field mtu? integer", 1, true))
    assert.truthy(record:find("@field mtu? integer", 1, true))
    assert.truthy(record:find("@field operstate?", 1, true))
    assert.is_nil(options:find("@field operstate?", 1, true))
    assert.truthy(options:find("@field netns?", 1, true))
    assert.is_nil(record:find("@field netns?", 1, true))
    assert.truthy(options:find("@field veth? link.veth.Options", 1, true))
    assert.truthy(options:find('@field addrgenmode? "eui64"|"none"', 1, true))
    local addr = meta.files()["addr.lua"]
    assert.truthy(addr:find("@class addr.Options\n(.-)@field dev string|integer"))
    assert.is_nil(addr:match "@class addr%.Options\n(.-)\n\n":find("@field address", 1, true))
  end)

  it("prints all in one, and writes files where it is told to", function()
    local all = harness.run { "meta" }
    assert.same({ 0, "", meta.text() }, { all.status, all.stderr, all.stdout })
    local dir = harness.must "mktemp -d":match "%S+"
    local into = harness.run { "meta", dir }
    assert.same({ 0, "", "" }, { into.status, into.stderr, into.stdout })
    assert.equal("", (harness.sh("diff -r lua/meta " .. dir)))
    assert.equal(1, harness.run({ "meta", dir .. "/none" }).status)
    assert.equal(2, harness.run({ "meta", dir, "more" }).status)
    harness.must("rm -r " .. dir)
  end)
end)
