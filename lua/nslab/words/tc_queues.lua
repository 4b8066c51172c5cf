-- tc_queues: what tc says of queueing disciplines in another way than by a word and a value: the presets and
-- framings of cake, the curves of hfsc. Read and printed by nslab.words.tc.

local grammar = require "nslab.words.grammar"
local values = require "nslab.words.tc_value"

-- How long an answer takes, in milliseconds.
local RTTS = {
  datacentre = 0.1, lan = 1, metro = 10, regional = 30, internet = 100, oceanic = 300, satellite = 1000,
  interplanetary = 1000000,
}

-- What is sent around each packet: its bytes, or all of them; in which cells; and the least size.
local FRAMINGS = {
  conservative = { all = 48, atm = "atm" }, ["ipoa-vcmux"] = { 8, atm = "atm" },
  ["ipoa-llcsnap"] = { 16, atm = "atm" }, ["bridged-vcmux"] = { 24, atm = "atm" },
  ["bridged-llcsnap"] = { 32, atm = "atm" }, ["pppoa-vcmux"] = { 10, atm = "atm" },
  ["pppoa-llc"] = { 14, atm = "atm" }, ["pppoe-vcmux"] = { 32, atm = "atm" },
  ["pppoe-llcsnap"] = { 40, atm = "atm" }, ["pppoe-ptm"] = { 30, atm = "ptm" },
  ["bridged-ptm"] = { 22, atm = "ptm" }, ["via-ethernet"] = {}, ethernet = { 38, mpu = 84 },
  ["ether-vlan"] = { 4 }, docsis = { 18, atm = "noatm", mpu = 64 },
}

local RATE = { codec = "rate" } -- as of a row

local CURVES = { "sc", "rt", "ls", "ul" }

local function same_curve(a, b)
  if not a or not b then return false end
  for _, key in ipairs { "m1_mbit", "d_ms", "m2_mbit" } do
    if (a[key] or 0) ~= (b[key] or 0) then return false end
  end
  return true
end

-- Lua: (tools) -> { ["SCHEMA.KEY"] = { starts = words, print = function, read = function } }. The tools
-- are read_value and read_nest of nslab.words.tc.
return function(tools)
  local out = {}

  local function value(reader, schema, key, word)
    return tools.read_value(reader, grammar.row(schema, key), word)
  end

  -- A word that stands for itself: set(options) does what it says.
  local function word(name, set)
    out["qdisc.cake.=" .. name] = { starts = { name }, read = function(reader, options)
      reader.at = reader.at + 1
      set(options)
    end }
  end

  out["qdisc.cake.bandwidth_mbit"] = {
    starts = { "bandwidth" },
    print = function(printer, v)
      if v == 0 then return printer:add "unlimited" end
      printer:add "bandwidth"
      printer:value(grammar.row("qdisc.cake", "bandwidth_mbit"), v)
    end,
    read = function(reader, options)
      reader.at = reader.at + 1
      options.bandwidth_mbit = value(reader, "qdisc.cake", "bandwidth_mbit", "bandwidth")
    end,
  }
  word("unlimited", function(options) options.bandwidth_mbit = 0 end)
  word("diffserv", function(options) options.diffserv = "diffserv4" end)
  for name, ms in pairs(RTTS) do
    word(name, function(options) options.rtt_ms = ms end)
  end
  -- tc has no word for it.
  out["qdisc.cake.target_ms"] = { starts = {}, print = function(printer, v, options)
    local usual = options.rtt_ms and math.max(1, options.rtt_ms * 1000 // 20) / 1000
    if not usual or math.abs(usual - v) > 1e-6 then printer.impossible = true end
  end }
  out["qdisc.cake.raw"] = {
    starts = { "raw" }, print = function(printer, v) if v then printer:add "raw" end end,
    read = function(reader, options)
      reader.at = reader.at + 1
      options.raw, options.atm, options.overhead_bytes = true, "noatm", 0
    end,
  }
  -- It counts anew what a framing before it added.
  out["qdisc.cake.overhead_bytes"] = {
    starts = { "overhead" },
    print = function(printer, v) printer:add("overhead", tostring(v)) end,
    read = function(reader, options)
      reader.at = reader.at + 1
      options.overhead_bytes = value(reader, "qdisc.cake", "overhead_bytes", "overhead")
    end,
  }
  for name, framing in pairs(FRAMINGS) do
    word(name, function(options)
      if framing.all then options.overhead_bytes = framing.all end
      if framing[1] then options.overhead_bytes = (options.overhead_bytes or 0) + framing[1] end
      options.atm, options.mpu_bytes = framing.atm or options.atm, framing.mpu or options.mpu_bytes
    end)
  end

  -- A list of words, as many as are some: read(word) and print(value).
  local function list(schema, key, word_of_it, read, print)
    out[schema .. "." .. key] = {
      starts = { word_of_it },
      print = function(printer, v)
        printer:add(word_of_it)
        for _, one in ipairs(v) do printer:add(print(one)) end
      end,
      read = function(reader, options)
        reader.at = reader.at + 1
        options[key] = {}
        local v = read(reader.words[reader.at] or "")
        while v do
          table.insert(options[key], v)
          reader.at = reader.at + 1
          v = read(reader.words[reader.at] or "")
        end
      end,
    }
  end

  list("qdisc.mqprio", "queues", "queues", function(text) return text:match "^%d+@%d+$" end, tostring)
  for _, limit in ipairs { "min", "max" } do
    list("qdisc.mqprio", limit .. "_rate_mbit", limit .. "_rate",
         function(text) return (values.read(RATE, text)) end, function(v) return values.write(RATE, v) end)
  end

  -- "umax BYTES dmax TIME rate RATE" says a curve by the largest packet and its delay.
  local function read_delays(reader)
    local given = { umax = 0, dmax = 0 }
    local rows = { umax = { codec = "size" }, dmax = { codec = "time" }, rate = RATE }
    while rows[reader.words[reader.at]] do
      local name = reader:next()
      given[name] = tools.read_value(reader, rows[name], name)
    end
    if not given.rate then reader:fail("rate", "a rate must follow") end
    local rate, us = given.rate * 125000, given.dmax * 1000
    if given.umax > 0 and us == 0 then reader:fail("umax", "dmax must be given beside it") end
    local first = us > 0 and math.ceil(given.umax * 1e6 / us) or 0
    if first > rate then return { m1_mbit = first / 125000, d_ms = given.dmax, m2_mbit = given.rate } end
    local d = math.ceil(us - given.umax * 1000000 // math.max(1, math.floor(rate)))
    return { m1_mbit = 0, d_ms = d / 1000, m2_mbit = given.rate }
  end

  local function read_curve(key)
    return function(reader, options)
      reader.at = reader.at + 1
      local at = reader.words[reader.at] or ""
      local by_delay = at == "umax" or at == "dmax" or at == "rate"
      options[key] = by_delay and read_delays(reader) or tools.read_nest(reader, "class.hfsc.curve")
      if not options[key].m2_mbit then reader:fail(key, "m2 and a rate must follow") end
    end
  end

  for _, key in ipairs(CURVES) do
    out["class.hfsc." .. key] = {
      starts = { key }, read = read_curve(key),
      print = function(printer, v, options)
        local both = same_curve(options.rt, options.ls)
        if key == "ls" and both then return end
        printer:add(key == "rt" and both and "sc" or key)
        printer:nest("class.hfsc.curve", v)
      end,
    }
  end

  return out
end
