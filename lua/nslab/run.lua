-- run: the command `nslab run LAB|FILE`: finds the lab, picks the sink, plays it. How it is played
-- is nslab.runner's business.

local capture = require "nslab.capture"
local event = require "nslab.event"
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

local function usage(text)
  io.stderr:write("nslab run: " .. text .. "\n")
  return 2
end

local function read_file(path)
  local file, trouble = io.open(path)
  if not file then return nil, trouble end
  local text, unreadable = file:read("a")
  file:close()
  if not text then return nil, path .. ": " .. unreadable end
  return (text:gsub("^#[^\n]*", ""))
end

-- The source of a packaged lab or of a file, the name that Lua shows, and the lab's name; nil and a
-- sentence when there is none.
local function find(name)
  local host = require "nslab.host"
  if name:find("/") or name:find("%.lua$") then
    local source, trouble = read_file(name)
    if not source then return nil, trouble end
    return source, "@" .. name, (name:match("([^/]+)$"):gsub("%.lua$", ""))
  end
  local source, chunkname = host.lab(name)
  if source then return source, chunkname, name end
  local near = require("nslab.lab").nearest(name, host.labs())
  return nil, ("there is no lab %s%s"):format(name, near and "; did you mean " .. near .. "?" or
               "; `nslab labs` lists them")
end

-- nslab run LAB|FILE [ARGS]
function M.main(options, args)
  if not args[1] then return usage("which lab? `nslab labs` lists them") end
  local source, chunkname, name = find(args[1])
  if not source then return usage(chunkname) end
  capture.install()
  local ok, definition = pcall(require("nslab.lab").load, name, source, chunkname,
                               { table.unpack(args, 2) })
  if not ok then
    io.stderr:write(tostring(definition), "\n")
    return 1
  end
  return M.play(definition, options)
end

return M
