-- repl: the command `nslab repl [LAB|FILE.lua]`. The loop is the program's (host.repl), what is typed
-- into it besides Lua is nslab.repl.session's. Here is where one begins: in an empty lab, behind the
-- last step of one, behind the end of a script.

local M = {}

-- Runs the file as a script, and the steps that it declared in silence. Returns what is to be closed.
local function prepare(words)
  local host, lab = require "nslab.host", require "nslab.lab"
  local source, chunkname = host.lab(words[1])
  if not source then error(("there is no lab or file %s"):format(words[1]), 0) end
  local chunk, trouble = load((source:gsub("^#[^\n]*", "")), chunkname, "t")
  if not chunk then error(trouble, 0) end
  chunk(table.unpack(words, 2))
  local definition = lab.take(lab.name_of(words[1]))
  if not definition then return nil end
  local runner = require("nslab.runner").new(definition, function() end)
  if runner:prepare() then runner:replay(#definition.steps) end
  return runner
end

function M.main(options, words)
  local host = require "nslab.host"
  local runner
  if words[1] then
    local ok, result = pcall(prepare, words)
    if not ok then
      io.stderr:write("nslab: ", tostring(result), "\n")
      return 1
    end
    runner = result
  end
  if host.isatty(0) and host.isatty(1) then
    io.stdout:write(("nslab %s. :help shows what there is, Ctrl-D leaves.\n"):format(host.version))
  end
  local explained = options.explain and assert(require("nslab.explain").set(options.explain))
  local session <close> = require("nslab.repl.session").new { explain = explained }
  host.repl(session:options())
  if runner then runner:close() end
  return 0
end

return M
