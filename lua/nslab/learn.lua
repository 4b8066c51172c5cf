-- learn: the command `nslab learn LAB`: the steps of a lab are done by whoever sits at the terminal, and
-- checked as they do it. One lesson is nslab.learn.session; this is its beginning and its end.

local capture = require "nslab.capture"
local lab = require "nslab.lab"
local progress = require "nslab.progress"
local run = require "nslab.run"
local runner = require "nslab.runner"
local session = require "nslab.learn.session"

local M = {}

-- The step to begin with; nil and a sentence when there is no such step.
local function first_step(definition, options)
  local n = #definition.steps
  if options.from and options.from > n then
    return nil, ("nslab learn: --from: %s has %d steps.\n"):format(definition.name, n)
  end
  return options.from or not options.again and progress.step(definition) or 1
end

-- As events: what is printed, and so what a line of Lua gives.
local function as_output(r, callbacks)
  capture.to(capture.by_line(function(text) r.emit("output", { text = text, source = "script" }) end))
  callbacks.history = false
end

local function play(definition, options, from)
  local host = require "nslab.host"
  capture.install()
  local words = options.explain and require("nslab.explain").set(options.explain)
  local r = runner.new(definition, run.sink_of(options), nil, words)
  local impossible = r:impossible()
  if impossible then
    io.stdout:flush()
    return impossible
  end
  local s = session.new(r, options)
  s.explained = words
  local left = host.restarted()
  local begun = left and s:resume(left) or not left and s:begin(from)
  if begun then
    local callbacks = s:callbacks()
    if options.json then as_output(r, callbacks) end
    host.repl(callbacks)
  end
  local status = s:finish()
  io.stdout:flush()
  return begun and status or 1
end

-- nslab learn LAB
function M.main(options, args)
  if args[2] then
    io.stderr:write(("nslab learn: there is no use for \"%s\"; one lab is learnt.\n"):format(args[2]))
    return 2
  end
  local source, chunkname = require("nslab.host").lab(args[1])
  local name = lab.name_of(args[1])
  local definition, _, raised = run.load_quietly(name, source, chunkname)
  if not definition then
    io.stderr:write(tostring(raised), "\n")
    return 1
  end
  local from, trouble = first_step(definition, options)
  if from then return play(definition, options, from) end
  io.stderr:write(trouble)
  return 2
end

return M
