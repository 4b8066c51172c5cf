-- repl: the command `nslab repl [LAB|FILE.lua]`. The loop itself is the program's (host.repl); here is
-- what is typed into it besides Lua.

local host = require "nslab.host"

local M = {}

function M.main(options)
  if options.explain then require("nslab.explain").start(options.explain) end
  if host.isatty(0) and host.isatty(1) then
    io.stdout:write(("nslab %s. Ctrl-D leaves.\n"):format(host.version))
  end
  host.repl {}
  return 0
end

return M
