-- run: carries out an operation that was read, with the modules, as a script would.

local shell = require "nslab.words.shell"

local M = {}

-- What get says besides nil.
local function checked(...)
  local result, err = ...
  if result == nil and err ~= nil then error(err, 0) end
  return ...
end

-- The module bound to the operation's namespace, or that of where the script runs.
local function module_of(op)
  local module = require("nslab")[op.module]
  if not op.netns then return module end
  return require("netns")(op.netns)[op.module]
end

-- ip says so when a link that is asked for is not there; a list would be empty without a word.
local function check_links(op)
  if op.module == "netconf" then return end -- it has "all" and "default" as well
  local link = module_of { module = "link", netns = op.netns }
  for _, key in ipairs(op.shown_as == "bridge_link" and { "name", "master" } or { "dev", "master", "iif" }) do
    local name = op.options[key]
    if name then checked(link.get(name)) end
  end
end

-- "ip addr del 10.0.0.1 dev eth0": the first address of the link that is this one, whatever its length.
local function find_address(op, addr)
  for _, found in ipairs(addr.list { dev = op.options.dev, family = "inet" }) do
    if found.address:match "^[^/]*" == op.key then return found.address end
  end
  return op.key .. "/32"
end

-- Says what was left open in the command and the kernel has to be asked for.
function M.complete(op)
  if op.module == "addr" and op.verb == "delete" and not op.key:find "[/:]" then
    op.key = find_address(op, module_of(op))
  end
end

local function on_object(op)
  local module, options = module_of(op), op.options
  if op.verb == "list" or op.verb == "flush" then
    if options then check_links(op) end
    return module[op.verb](options)
  end
  if op.key == nil then return checked(module[op.verb](options)) end
  return checked(module[op.verb](op.key, options))
end

local function on_netns(op)
  local netns = require "netns"
  if op.verb ~= "exec" and op.verb ~= "ping" then return checked(netns[op.verb](op.key)) end
  local handle = op.netns and netns(op.netns) or netns.current()
  if op.verb == "exec" then return handle:exec(op.options) end
  return handle:ping(op.key, op.options)
end

local function on_sysctl(op)
  local sysctl = module_of(op)
  if op.verb == "get" then -- of a group sysctl(8) shows all that is in it
    local found, result = pcall(sysctl.get, op.key)
    if not found and result.code == "EISDIR" then
      op.verb = "list"
    else
      return found and result or error(result, 0)
    end
  end
  if op.verb == "list" then return sysctl.list(op.key) end
  return sysctl.set(op.key, op.options.value)
end

local function on_firewall(op)
  if op.verb == "save" then return module_of(op).save(op.options) end
  return module_of(op)(op.key)
end

-- Until Ctrl-C.
local function on_monitor(op)
  require("nslab.words.monitor").run(op, function(text)
    io.stdout:write(text)
    io.stdout:flush()
  end)
end

local RUN = { monitor = on_monitor, netns = on_netns, sysctl = on_sysctl, iptables = on_firewall,
              ip6tables = on_firewall }

-- Does it; returns what the module returns. What get does not find is raised.
function M.run(op)
  M.complete(op)
  return (RUN[op.module] or on_object)(op)
end

-- ---- what is shown -----------------------------------------------------------------------------------

local function program_output(result)
  return (result.stdout or "") .. (result.stderr or "")
end

local function flushed(op, count)
  if op.module ~= "nexthop" or op.options and op.options.id then return "" end
  return count > 0 and ("Flushed %d nexthops\n"):format(count) or "Nothing to flush\n"
end

-- What tc -o makes of its lines: one of all, but of what a class counts.
local function one_line(text)
  return text:gsub("\n", "\\") .. "\\"
end

local function counted_lines(text)
  return (text:gsub("\\", "\n"):gsub(" ?\n backlog", " \\ backlog"))
end

local ONE_LINE = { qdisc = one_line, filter = one_line, class = counted_lines }

-- What the command would have printed; "" for those that print nothing. op.view says how (nslab.format).
function M.shown(op, result)
  if op.module == "sysctl" and op.verb == "set" then result = op.options.value end
  if result == nil or op.verb == "add" then return "" end
  if op.verb == "flush" then return flushed(op, result) end
  if op.verb == "exec" then return program_output(result) end
  if op.module == "sysctl" and op.verb ~= "list" then return ("%s = %s\n"):format(op.key, result) end
  local view = op.view or {}
  if op.shown_as then return require("nslab.words." .. op.shown_as).shown(result, view) end
  local text = next(view) and require("nslab.format").shown(op.module, result, view) or tostring(result)
  if text == "" then return text end
  if view.oneline and ONE_LINE[op.module] then text = ONE_LINE[op.module](text) end
  -- What a filter does, and what a class counts, ends with an empty line.
  if op.module == "filter" or op.module == "class" and view.stats then return text .. "\n" end
  return (text:gsub("\n*$", "\n"))
end

-- Carries out the lines of a text; returns what they show.
function M.sh(text, read)
  local out = {}
  for _, words in ipairs(shell.commands(text)) do
    local op = read(words)
    local result = M.run(op)
    out[#out + 1] = M.shown(op, result)
  end
  return table.concat(out)
end

return M
