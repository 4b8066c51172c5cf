-- The README tells the truth: its scripts run, its commands print what stands below them. In what is
-- expected, a line `...` is any number of lines and `...` at the end of one any text; numbers that
-- no two runs share count as equal.

local harness = require "harness"

local dir = harness.must "mktemp -d":gsub("\n", "")
local program = harness.must("realpath " .. harness.quote(harness.nslab)):gsub("\n", "")
harness.must(("ln -s %s %s/nslab"):format(harness.quote(program), dir))

-- { kind, line, text } for each fenced block.
local function blocks()
  local out, block = {}, nil
  local n = 0
  for line in io.lines "README.md" do
    n = n + 1
    local kind = line:match "^```(.*)$"
    if block and kind then
      out[#out + 1] = block
      block = nil
    elseif kind then
      block = { kind = kind, line = n, lines = {} }
    elseif block then
      table.insert(block.lines, line)
    end
  end
  assert(not block, "a block of the README has no end")
  return out
end

-- What is different each time: hardware addresses, times; how wide the columns of a table are.
local function comparable(line)
  return (line:gsub("%x%x:%x%x:%x%x:%x%x:%x%x:%x%x", "MAC"):gsub("rtt [%d.]+ ms", "rtt T ms")
          :gsub('"time_ms":%d+', '"time_ms":T'):gsub("(%S)   +", "%1  ")
          :gsub("%s+$", ""))
end

local function line_matches(expected, got)
  if expected:match "%.%.%.$" then
    local head = expected:sub(1, -4)
    return got:sub(1, #head) == head
  end
  return expected == got
end

-- The first expected line that does not appear where it should, or nil.
local function mismatch(expected, got)
  local at, skip = 1, false
  for _, line in ipairs(expected) do
    if line == "..." then
      skip = true
    else
      while skip and got[at] and not line_matches(line, got[at]) do at = at + 1 end
      if not got[at] or not line_matches(line, got[at]) then return line, got[at] end
      at, skip = at + 1, false
    end
  end
  if not skip and got[at] then return "(the end)", got[at] end
end

local function lines_of(text)
  local out = {}
  for line in text:gmatch "([^\n]*)\n" do out[#out + 1] = comparable(line) end
  return out
end

-- { command, expected lines } of a console block; a command goes on in lines with "> ".
local function commands(block)
  local out = {}
  for _, line in ipairs(block.lines) do
    local command, more = line:match "^%$ (.*)", line:match "^> (.*)"
    if command then
      out[#out + 1] = { command = command, expected = {} }
    elseif more then
      out[#out].command = out[#out].command .. "\n" .. more
    else
      table.insert(out[#out].expected, comparable(line))
    end
  end
  return out
end

describe("README.md", function()
  teardown(function() harness.must("rm -r " .. dir) end)

  for _, block in ipairs(blocks()) do
    if block.kind == "lua" then
      local name = block.lines[1]:match "^%-%- ([%w_]+%.lua)$"
      it(("line %d: %s runs"):format(block.line, name), function()
        local file <close> = assert(io.open(dir .. "/" .. assert(name), "w"))
        file:write(table.concat(block.lines, "\n"), "\n")
        file:flush()
        local text, status = harness.sh(("cd %s && ./nslab %s 2>&1"):format(dir, name))
        assert.equal(0, status, text)
      end)
    elseif block.kind == "console" then
      for _, c in ipairs(commands(block)) do
        it(("line %d: %s"):format(block.line, c.command:match "[^\n]*"), function()
          local text = harness.sh(("cd %s && export PATH=%s:$PATH XDG_STATE_HOME=%s/state LC_ALL=C.UTF-8 COLUMNS=80; { %s\n} 2>&1")
                                  :format(dir, dir, dir, c.command))
          local expected, got = mismatch(c.expected, lines_of(text))
          assert(not expected, ("expected %q, got %q"):format(expected, got))
        end)
      end
    end
  end
end)
