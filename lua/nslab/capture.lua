-- capture: what a script prints, taken away from standard output and given to whoever shows the
-- lab. Covers print, io.write and io.stdout:write; a program that the script starts is not covered.

local capture = {}

local taker -- gets the text while there is one

local function with_tabs(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  return table.concat(parts, "\t") .. "\n"
end

local real -- { print, write, file_write } once installed

-- Replaces the three. It stays that way: a script may keep `local print = print`. Without a taker
-- they do what they always did.
function capture.install()
  if real then return end
  local files = getmetatable(io.stdout).__index
  real = { print = print, write = io.write, file_write = files.write }
  function print(...) -- luacheck: ignore 121
    if taker then taker(with_tabs(...)) else real.print(...) end
  end
  function io.write(...) -- luacheck: ignore 122
    return io.output():write(...)
  end
  -- The method is shared by all files, so it looks for the one it means.
  function files.write(file, ...)
    if not taker or file ~= io.stdout then return real.file_write(file, ...) end
    taker(table.concat({ ... }))
    return file
  end
end

-- Puts back what was there; for tests.
function capture.remove()
  if not real then return end
  print, io.write = real.print, real.write -- luacheck: ignore 121 122
  getmetatable(io.stdout).__index.write = real.file_write
  real, taker = nil, nil
end

-- From now on take(text) gets it, nil: nobody. Returns who got it before.
function capture.to(take)
  local before = taker
  taker = take
  return before
end

-- Writes past the capture.
function capture.write(text)
  if real then real.file_write(io.stdout, text) else io.stdout:write(text) end
end

-- Makes whole lines of what comes in pieces: returns take(text) and finish(); `give` gets text
-- that ends with a line, or what was left at the end.
function capture.by_line(give)
  local left = ""
  local function take(text)
    local whole, rest = (left .. text):match("^(.*\n)([^\n]*)$")
    left = rest or left .. text
    if whole then give(whole) end
  end
  local function finish()
    if left ~= "" then give(left) end
    left = ""
  end
  return take, finish
end

return capture
