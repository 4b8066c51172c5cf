-- run: the command `nslab run LAB|FILE`: reads the lab, picks the sink, plays it. How it is played
-- is nslab.runner's business.

local capture = require "nslab.capture"
local event = require "nslab.event"
local lab = require "nslab.lab"
local render = require "nslab.render"
local runner = require "nslab.runner"

local M = {}

-- The sink that the options ask for, writing to standard output.
function M.sink_of(options)
  local host = require "nslab.host"
  if not options.json then return render.text(capture.write, render.terminal(host)) end
  io.stdout:setvbuf("line")
  return event.json(capture.write, function(e) return host.json(e, event.KEYS) end)
end


-- Runs a definition as the options say. `printed` is what its file has printed already. Returns the
-- exit status.
function M.play(definition, options, printed)
  capture.install()
  local words = options.explain and require("nslab.explain").set(options.explain)
  local r = runner.new(definition, M.sink_of(options), nil, words)
  r.printed, r.limits = printed, options
  local impossible = r:impossible()
  if impossible then
    io.stdout:flush()
    return impossible
  end
  if options.keep then
    r.keep = true
    require("nslab.host").keep(r) -- with what runs in its background
  end
  local status
  if options.step then
    local host = require "nslab.host"
    status = require("nslab.step").play(r, options, function() return host.columns(1) end)
  else
    status = r:run()
  end
  io.stdout:flush()
  return status
end

-- Reads a lab while what it prints is kept back: the definition or nil, the text, what was raised.
function M.load_quietly(...)
  local printed = {}
  capture.install()
  local taker = capture.to(function(text) printed[#printed + 1] = text end)
  local ok, definition = pcall(lab.load, ...)
  capture.to(taker)
  return ok and definition or nil, table.concat(printed), definition
end

-- nslab run LAB|FILE [ARGS]. The program has read the file, or knows that there is such a lab.
function M.main(options, args)
  local source, chunkname = require("nslab.host").lab(args[1])
  if not source then
    io.stderr:write(("nslab run: there is no lab %s.\n"):format(args[1]))
    return 2
  end
  local name = lab.name_of(args[1])
  local definition, printed, raised = M.load_quietly(name, source, chunkname, { table.unpack(args, 2) })
  if definition then return M.play(definition, options, printed) end
  if not options.json then capture.write(printed) end
  io.stderr:write(tostring(raised), "\n")
  return 1
end

return M
