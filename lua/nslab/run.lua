-- run: the command `nslab run LAB|FILE`: reads the lab, picks the sink, plays it. How it is played
-- is nslab.runner's business.

local capture = require "nslab.capture"
local event = require "nslab.event"
local lab = require "nslab.lab"
local render = require "nslab.render"
local runner = require "nslab.runner"

local M = {}

-- The sink that the options ask for, writing to standard output.
local function sink_of(options)
  local host = require "nslab.host"
  if not options.json then return render.text(capture.write, render.terminal(host)) end
  io.stdout:setvbuf("line")
  return event.json(capture.write, function(e) return host.json(e, event.KEYS) end)
end

-- Runs a definition as the options say. Returns the exit status.
function M.play(definition, options)
  capture.install()
  local status = runner.new(definition, sink_of(options)):run()
  io.stdout:flush()
  return status
end

-- nslab run LAB|FILE [ARGS]. The program has read the file, or knows that there is such a lab.
function M.main(options, args)
  local source, chunkname = require("nslab.host").lab(args[1])
  if not source then
    io.stderr:write(("nslab run: there is no lab %s.\n"):format(args[1]))
    return 2
  end
  local name = lab.name_of(args[1])
  capture.install()
  local ok, definition = pcall(lab.load, name, source, chunkname, { table.unpack(args, 2) })
  if not ok then
    io.stderr:write(tostring(definition), "\n")
    return 1
  end
  return M.play(definition, options)
end

return M
