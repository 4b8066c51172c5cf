-- tc_text: what tc prints of a message, and what we print of the same one. `tc monitor file` prints
-- messages that lie in a file, so that no kernel needs to have the kinds; each counter has a number of its
-- own in them.

local harness = require "harness"
local oracle = require "oracle"

local NEWQDISC, NEWTCLASS = 36, 40
local KIND, OPTIONS, STATS2 = 1, 2, 7 -- attributes of a qdisc; BASIC, QUEUE and APP those of its statistics
local BASIC, QUEUE, APP = 1, 3, 4
local NESTED = 0x8000

local function attr(type, payload)
  return ("<I2I2"):pack(4 + #payload, type) .. payload .. ("\0"):rep(-#payload % 4)
end

local function message(kind, is_class, options, stats)
  local body = ("<I4i4I4I4I4"):pack(0, 1, is_class and 0x80010005 or 0x80010000,
                                    is_class and 0x80010000 or 0xFFFFFFFF, is_class and 0 or 2) ..
               attr(KIND, kind .. "\0") .. (options and attr(OPTIONS, options) or "") .. attr(STATS2, stats)
  return ("<I4I2I2I4I4"):pack(16 + #body, is_class and NEWTCLASS or NEWQDISC, 0, 0, 0) .. body
end

local COMMON = attr(BASIC, ("<I8I4I4"):pack(123456789, 4242, 0)) .. attr(QUEUE, ("<I4I4I4I4I4"):pack(3, 20480, 5, 6, 7))

-- So many numbers of so many bytes, each another one.
local function numbers(n, bytes)
  local out = {}
  for i = 1, n do out[i] = ("<I" .. bytes):pack(i * 1000 + i) end
  return table.concat(out)
end

local function zeros(n)
  return ("\0"):rep(n)
end

local VIEWS = { [""] = {}, ["-s"] = { stats = 1 }, ["-d"] = { details = true } }

-- Asserts that both print the same of it, with those options.
local function same(bytes, object, options)
  local file <close> = harness.temporary()
  local out <close> = assert(io.open(file.path, "wb"))
  out:write(bytes)
  out:flush()
  local theirs = harness.must(("tc %s monitor file %s"):format(options, file.path)):gsub("^added ", "")
  local record = netlink.decode(bytes)[1].record
  local ours = require("nslab.format." .. object).one(record, {}, VIEWS[options]):gsub("dev if1%f[%D]", "dev lo")
  assert.equal(oracle.trimmed(theirs), oracle.trimmed(ours))
end

-- { TITLE, KIND, what only it counts, "class" for one }
local COUNTERS = {
  { "codel", "codel", numbers(9, 4) },
  { "codel that has nothing to do", "codel", zeros(36) },
  { "codel that is late", "codel", ("<I4I4I4I4i4I4I4I4I4"):pack(1, 2, 3, 4000, -70000, 5, 6, 1, 0) },
  { "fq_codel", "fq_codel", ("<I4"):pack(0) .. numbers(9, 4) },
  { "fq_codel that has nothing to do", "fq_codel", zeros(40) },
  { "a flow of fq_codel", "fq_codel", ("<I4i4I4I4I4I4i4I4I4I4"):pack(1, -5, 2000, 3, 4, 1, -1000, 0, 0, 0), "class" },
  { "fq", "fq", numbers(8, 8) .. numbers(4, 4) .. numbers(3, 8) },
  { "fq that has nothing to do", "fq", zeros(104) },
  { "fq with packets that are too long", "fq", zeros(40) .. numbers(1, 8) .. zeros(56) },
  { "fq with packets of the far future", "fq", zeros(80) .. numbers(3, 8) },
  { "fq without memory", "fq", zeros(48) .. numbers(1, 8) .. zeros(48) },
  { "red", "red", numbers(4, 4) }, { "choke", "choke", numbers(5, 4) },
  { "pie", "pie", ("<I8"):pack(1 << 60) .. numbers(8, 4) },
  { "pie that drops nearly all", "pie", ("<i8I4I4I4I4I4I4I4I4"):pack(-(1 << 40), 70000, 5, 0, 1, 2, 3, 4, 5) },
  { "fq_pie", "fq_pie", numbers(9, 4) }, { "hhf", "hhf", numbers(4, 4) }, { "sfb", "sfb", numbers(9, 4) },
  { "a class of htb", "htb", ("<I4I4I4i4i4"):pack(1, 2, 3, -4, 5), "class" },
  { "a class of hfsc", "hfsc", ("<I8I8I4I4"):pack(100, 0, 3, 4), "class" },
  { "a class of hfsc with packets that were due", "hfsc", ("<I8I8I4I4"):pack(0, 77, 3, 4), "class" },
  { "a class of drr", "drr", ("<I4"):pack(1500), "class" },
  { "a flow of sfq", "sfq", ("<i4"):pack(-1500), "class" },
}

-- A flow of cake: attributes 11 to 16.
for _, sign in ipairs { 1, -1 } do
  local own = attr(11, ("<i4"):pack(-300 * sign)) .. attr(12, ("<I4"):pack(3)) .. attr(13, ("<I4"):pack(1)) ..
              attr(14, ("<i4"):pack(5000 * sign)) .. attr(15, ("<I4"):pack(77)) .. attr(16, ("<i4"):pack(6000 * sign))
  table.insert(COUNTERS, { sign > 0 and "a flow of cake" or "a flow of cake that is late", "cake", own, "class" })
end

-- What a class of traffic counts: attributes 2 to 25, of which these have 8 bytes.
local WIDE = { [3] = true, [5] = true, [7] = true, [9] = true, [12] = true }

local function tin(n)
  local out = {}
  for type = 2, 25 do out[#out + 1] = attr(type, (WIDE[type] and "<I8" or "<I4"):pack(type * 1000 * n)) end
  return attr(n | NESTED, table.concat(out))
end

for n = 1, 8 do
  local own, tins = { attr(2, ("<I8"):pack(1250000)) }, {}
  for type = 3, 9 do own[#own + 1] = attr(type, ("<I4"):pack(type * 100000)) end
  for i = 1, n do tins[i] = tin(i) end
  own[#own + 1] = attr(10 | NESTED, table.concat(tins))
  table.insert(COUNTERS, { ("cake with %d classes of traffic"):format(n), "cake", table.concat(own) })
end

-- The messages that tc sends for the commands of tests/golden, of those kinds.
local function sent()
  local out = {}
  for line in io.lines "tests/golden/commands/tc.hex" do
    if line:match "^%S" then
      out[#out + 1] = { line, "" }
    else
      local bytes = line:gsub("%s", ""):gsub("%x%x", function(x) return string.char(tonumber(x, 16)) end)
      out[#out][2] = out[#out][2] .. bytes
    end
  end
  return out
end

-- What is sent and what the kernel tells is not the same for these: tc makes nothing of what is sent, or misses
-- what the kernel adds.
local OTHERWISE = { "netem loss state", "netem loss gemodel", "root cake$", "ets bands", "dev v0 ingress",
                    "mqprio .* min_rate" }

-- Of these tc -d shows more. (Of tbf and htb it shows what only the kernel fills in.)
local DETAILED = { red = true, choke = true, sfq = true }

local function told_otherwise(command)
  for _, pattern in ipairs(OTHERWISE) do
    if command:find(pattern) then return true end
  end
end

describe("tc and we print the same of what tc sends for", function()
  for _, entry in ipairs(sent()) do
    local command, bytes = entry[1], entry[2]
    local object = command:match "^tc (%l+) add "
    if (object == "qdisc" or object == "class") and not told_otherwise(command) then
      it(command, function() same(bytes, object, "") end)
      if DETAILED[command:match "[:t] ([%l_]+)"] then
        it(command .. ", in detail", function() same(bytes, object, "-d") end)
      end
    end
  end
end)

describe("tc -s and we print the same of", function()
  for _, case in ipairs(COUNTERS) do
    it(case[1], function()
      local is_class = case[4] == "class"
      same(message(case[2], is_class, nil, COMMON .. attr(APP, case[3])), is_class and "class" or "qdisc", "-s")
    end)
  end

  it("sfq with a red for each flow", function()
    local options = numbers(8, 4) .. numbers(3, 4) .. ("<BBBB"):pack(9, 10, 0, 3) .. numbers(7, 4)
    same(message("sfq", false, options, COMMON), "qdisc", "-s")
    same(message("sfq", false, options, COMMON), "qdisc", "-d")
  end)

  it("mqprio with rates, as the kernel tells them", function()
    local queues = ("<BBBBBBBBBBBBBBBBBB"):pack(2, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1) ..
                   ("<I2I2"):pack(1, 3) .. zeros(28) .. ("<I2I2"):pack(0, 1) .. zeros(28) .. zeros(2)
    local function rates(type)
      return attr(type, attr(type, ("<I8"):pack(125000)) .. attr(type, ("<I8"):pack(250000)))
    end
    same(message("mqprio", false, queues .. attr(1, "\1\0") .. attr(2, "\1\0") .. rates(3) .. rates(4), COMMON),
         "qdisc", "-s")
    same(message("mqprio", false, queues .. attr(2, "\1\0") .. rates(4), COMMON), "qdisc", "-s")
    same(message("mqprio", false, queues, COMMON), "qdisc", "-s")
  end)

  it("a kind that counts nothing of its own", function()
    same(message("pfifo_fast", false, nil, COMMON), "qdisc", "-s")
    same(message("nosuchkind", false, nil, COMMON), "qdisc", "-s")
  end)
end)
