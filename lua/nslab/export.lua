-- export: the command `nslab export LAB`: a lab as something that does without nslab. The lab is played in
-- silence, in a sandbox of its own, and written down as a shell script.

local capture = require "nslab.capture"
local lab = require "nslab.lab"

local M = {}

-- Calls fn while what the lab prints goes nowhere; what pcall returns.
local function quietly(fn, ...)
  capture.install()
  local taker = capture.to(function() end)
  local results = table.pack(pcall(fn, ...))
  capture.to(taker)
  return table.unpack(results, 1, results.n)
end

-- The definition, and the record of it or nil and what this machine lacks to play it.
local function read_and_record(name, source, chunkname, words)
  local definition = lab.load(name, source, chunkname, words)
  local lacking = require("nslab.runner").lacking(definition.needs or {})
  if #lacking > 0 then return definition, nil, lacking end
  return definition, require("nslab.export_record").record(definition)
end

-- nslab export LAB|FILE [--sh]
function M.main(_, args)
  local source, chunkname = require("nslab.host").lab(args[1])
  if not source then
    io.stderr:write(("nslab export: there is no lab %s.\n"):format(args[1]))
    return 2
  end
  local name = lab.name_of(args[1])
  local words = { table.unpack(args, 2) }
  local ok, definition, record, lacking = quietly(read_and_record, name, source, chunkname, words)
  if not ok then
    io.stderr:write(("nslab export: %s\n"):format(tostring(definition)))
    return 1
  end
  if lacking then
    io.stderr:write(("nslab export: %s\n"):format(require("nslab.features").text(lacking)))
    return 3
  end
  local text, unsayable = require("nslab.export_sh").script(definition, record)
  io.stdout:write(text)
  if unsayable == 0 then return 0 end
  local many = unsayable > 1
  io.stderr:write(("nslab export: %d operation%s of this lab equal%s no command; the script says which.\n")
                  :format(unsayable, many and "s" or "", many and "" or "s"))
  return 1
end

return M
