-- repl: the command `nslab repl [LAB|FILE.lua]`. The loop is the program's (host.repl), what is typed
-- into it besides Lua is nslab.repl.session's. Here is where one begins: in an empty lab, behind the
-- last step of one, behind the end of a script of Lua or of the shell.

local M = {}

-- A runner's observer while it replays: what is done stays observed by whoever observes already.
local function keep_observer() return nil end

-- Raised where this machine cannot run the lab.
local Impossible = { __tostring = function(e) return require("nslab.features").text(e.lacking) end }

-- Does the steps of a lab without a word. Returns what is to be closed.
local function replay(definition, session)
  local lacking = require("nslab.runner").lacking(definition.needs or {})
  if #lacking > 0 then error(setmetatable({ lacking = lacking }, Impossible), 0) end
  local runner = require("nslab.runner").new(definition, function() end)
  if definition.host then
    session.record:note("The host's eth0 was made by the lab: lab { host = ... } makes it.")
  end
  if not runner:prepare() then error("its host could not be made", 0) end
  runner.parts.observe = keep_observer
  runner:replay(#definition.steps)
  return runner
end

-- Runs the file as a script, and the steps that it declared in silence. Returns what is to be closed.
local function prepare(words, session)
  local host, lab = require "nslab.host", require "nslab.lab"
  local source, chunkname = host.lab(words[1])
  if not source then error(("there is no lab or file %s"):format(words[1]), 0) end
  local script = require "nslab.words.script"
  if script.is_script(words[1], source) then
    script.main(source, words[1], { table.unpack(words, 2) })
    return nil
  end
  local chunk, trouble = load((source:gsub("^#[^\n]*", "")), chunkname, "t")
  if not chunk then error(trouble, 0) end
  chunk(table.unpack(words, 2))
  local definition = lab.take(lab.name_of(words[1]))
  if not definition then return nil end
  return replay(definition, session)
end

function M.main(options, words)
  local host = require "nslab.host"
  local session <close> = require("nslab.repl.session").new()
  local runner
  if words[1] then
    local ok, result = pcall(prepare, words, session)
    if not ok then
      io.stderr:write("nslab: ", tostring(result), "\n")
      return getmetatable(result) == Impossible and 3 or 1
    end
    runner = result
  end
  session.explained = options.explain and assert(require("nslab.explain").set(options.explain))
  if host.isatty(0) and host.isatty(1) then
    io.stdout:write(("nslab %s. :help shows what there is, Ctrl-D leaves.\n"):format(host.version))
  end
  host.repl(session:options())
  if runner then runner:close() end
  return 0
end

return M
