-- iptables_restore.lua FILE: restores what is in the file.
local file <close> = assert(io.open(arg[1]))
iptables.restore(file:read "a")
