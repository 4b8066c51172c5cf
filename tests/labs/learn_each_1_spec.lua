-- nslab learn with each packaged lab, part 1 of 4: learn_each.lua.

local here = debug.getinfo(1, "S").source:match "^@(.*/)" or "./"
assert(loadfile(here .. "learn_each.lua", "t", _ENV))(1, 4)
