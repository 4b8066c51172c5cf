-- export_sh: a recorded lab as a shell script that stands alone. Whatever changes the machine itself is
-- followed by what takes it back; what is done inside a namespace goes with the namespace.

local print = require "nslab.words.print"
local quote = require("nslab.export_record").quote
local shell = require "nslab.words.shell"
local wrap = require "nslab.wrap"

local M = {}

-- ---- marks -----------------------------------------------------------------------------------------------

local EXPANSIONS = { host = "$$" }

-- Marks as what the script has in their place.
local function expand(line)
  return (line:gsub("@@([%w_]+)@@", function(mark) return EXPANSIONS[mark] or ('"$%s"'):format(mark) end))
end

-- The same within double quotes.
local function expand_quoted(line)
  return (line:gsub("@@([%w_]+)@@", function(mark) return EXPANSIONS[mark] or "$" .. mark end))
end

-- ---- what takes an operation back ------------------------------------------------------------------------

local function on_host(op)
  return op.netns == nil or op.netns == "host"
end

local function is_host(netns)
  return netns == nil or netns == "@@host@@"
end

-- The other end of a new veth or the like: a name, or a table with more.
local function peer_of(options)
  for _, kind in pairs(options) do
    if type(kind) == "table" and kind.peer then
      return type(kind.peer) == "table" and kind.peer or { name = kind.peer }
    end
  end
end

-- The ends of a new link that lie in the host; where one of a pair goes, the other goes.
local function host_links(op)
  local o, names = op.options or {}, {}
  local peer = peer_of(o)
  if o.netns and is_host(o.netns) or not o.netns and on_host(op) then names[1] = op.key end
  if peer and peer.name and (peer.netns and is_host(peer.netns) or not peer.netns and on_host(op)) then
    names[#names + 1] = peer.name
  end
  return names
end

local function link_added(op)
  local name = host_links(op)[1]
  return name and { "remove_link " .. shell.quote(name) }
end

local function link_set(op)
  local o = op.options or {}
  if on_host(op) and o.name then return { "remove_link " .. shell.quote(o.name) } end
  if not on_host(op) and o.netns and is_host(o.netns) then
    return { "remove_link " .. shell.quote(op.key) }
  end
end

local OF_LINK = { addr = true, neigh = true }

-- What was added to the host itself is deleted by the same words; what belongs to a link of the lab's goes
-- with the link.
local function added(op, _, made)
  if not on_host(op) or OF_LINK[op.module] and made[op.options.dev] then return nil end
  local line = print.command(setmetatable({ verb = "delete" }, { __index = op }))
  return line and { "quietly " .. line }
end

local function netns_added(op)
  return { "remove_netns " .. shell.quote(op.key) }
end

local function sysctl_set(op)
  return on_host(op) and { keep = "keep " .. shell.quote(op.key) }
end

local OPPOSITE = {
  ["-A"] = "-D", ["--append"] = "-D", ["-I"] = "-D", ["--insert"] = "-D",
  ["-N"] = "-X", ["--new-chain"] = "-X",
}

-- "iptables -t nat -I FORWARD 1 -s 10.0.0.1" -> "iptables -t nat -D FORWARD -s 10.0.0.1"
local function rule_added(op, line)
  if not on_host(op) then return nil end
  local words = shell.commands(line)[1]
  for i, word in ipairs(words) do
    if word == "-P" or word == "--policy" then
      local table_of = line:match " %-t (%S+)" or line:match " %-%-table (%S+)" or "filter"
      return { keep = ("keep_policy %s %s %s"):format(words[1], table_of, words[i + 1]) }
    end
    if OPPOSITE[word] then
      words[i] = OPPOSITE[word]
      if words[i] == "-D" and tonumber(words[i + 2]) then table.remove(words, i + 2) end
      return { "quietly " .. shell.join(words) }
    end
  end
end

local UNDO = {
  ["netns.add"] = netns_added, ["link.add"] = link_added, ["link.set"] = link_set,
  ["sysctl.set"] = sysctl_set,
}
for _, object in ipairs { "addr", "route", "rule", "neigh", "nexthop" } do
  for _, verb in ipairs { "add", "append", "replace" } do UNDO[object .. "." .. verb] = added end
end
for _, tool in ipairs { "iptables", "ip6tables" } do
  for _, verb in ipairs { "append", "insert", "new_chain", "policy", "command" } do
    UNDO[tool .. "." .. verb] = rule_added
  end
end

-- ---- helpers of the script -------------------------------------------------------------------------------

-- A helper is there when the script has its name in it, or when another one needs it.
local HELPERS = {
  { "on_undo", [[
# Remembers what takes back the command before it.
on_undo() {
  undo="$1
$undo"
}]] },
  { "busy", [[
busy() {
  echo "$0: there is $1 here already. An empty machine is one command away:" >&2
  echo "  unshare -n -m -p -f --mount-proc sh -c 'mount -t tmpfs tmpfs /run && exec sh $0'" >&2
  exit 3
}]] },
  { "free_netns", [[
free_netns() {
  for name; do
    ! [ -e "/run/netns/$name" ] || busy "a namespace $name"
  done
}]] },
  { "free_link", [[
free_link() {
  for name; do
    ! ip link show dev "$name" >/dev/null 2>&1 || busy "a link $name"
  done
}]] },
  { "quietly", [[
# For what may be gone by itself: a route goes with its link.
quietly() {
  "$@" >/dev/null 2>&1 || :
}]] },
  { "remove_link", [[
remove_link() {
  ! ip link show dev "$1" >/dev/null 2>&1 || ip link del dev "$1"
}]] },
  { "remove_netns", [[
remove_netns() {
  ! [ -e "/run/netns/$1" ] || ip netns del "$1"
}]] },
  { "keep", [[
# The setting gets its value back.
keep() {
  on_undo "sysctl -q -w '$1=$(sysctl -n "$1")'"
}]] },
  { "keep_policy", [[
# TOOL TABLE CHAIN: the chain gets its policy back.
keep_policy() {
  on_undo "$1 -t $2 -P $3 $("$1" -t "$2" -S "$3" | sed -n 's/^-P [^ ]* //p')"
}]] },
  { "end_of", [[
# Ends a program that was started here, and what it started: asks it first, and waits.
end_of() {
  kill -TERM "-$1" 2>/dev/null || return 0
  tries=0
  while [ "$tries" -lt 40 ] && grep -qs '^State:.[^Z]' "/proc/$1/status"; do
    sleep 0.05
    tries=$((tries + 1))
  done
  kill -KILL "-$1" 2>/dev/null || :
  wait "$1" 2>/dev/null || :
}]] },
  { "until_so", [[
# Waits until the command after it succeeds, for 20 s.
until_so() {
  tries=0
  until "$@"; do
    [ "$tries" -lt 400 ] || { echo "$0: waited in vain: $*" >&2; exit 1; }
    sleep 0.05
    tries=$((tries + 1))
  done
}]] },
  { "leads_group", [[
leads_group() {
  kill -0 "-$1" 2>/dev/null
}]] },
  { "has_own_net", [[
has_own_net() {
  [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}]] },
  { "has_child", [[
# unshare has become the parent of the program that it starts.
has_child() {
  child=$(cat "/proc/$1/task/$1/children") && [ -n "$child" ] &&
    [ "$(cat "/proc/${child% }/comm")" != unshare ]
}]] },
}

local NEEDS = {
  keep = { "on_undo" }, keep_policy = { "on_undo" }, free_netns = { "busy" }, free_link = { "busy" },
}

local function has_word(text, name)
  return (" " .. text):find("[^%w_]" .. name .. "%f[^%w_]") ~= nil
end

-- The texts of the helpers that the script uses, in their order.
local function helpers(text)
  local used, out = {}, {}
  for _, helper in ipairs(HELPERS) do used[helper[1]] = has_word(text, helper[1]) end
  for name, others in pairs(NEEDS) do
    for _, other in ipairs(used[name] and others or {}) do used[other] = true end
  end
  for _, helper in ipairs(HELPERS) do
    if used[helper[1]] then out[#out + 1] = helper[2] end
  end
  return table.concat(out, "\n\n")
end

-- ---- the script ------------------------------------------------------------------------------------------

local Script = {}
Script.__index = Script

function Script:add(format, ...)
  self.lines[#self.lines + 1] = select("#", ...) > 0 and format:format(...) or format
end

-- What takes back is said in one word of the shell, so what it knows only at run time is expanded now.
function Script:undo(line)
  if line:find "@@" then
    self:add('on_undo "%s"', expand_quoted(line))
  else
    self:add("on_undo %s", shell.quote(line))
  end
end

-- Where a program's output goes; what the lab reads of it is read from a file.
local function redirections(entry)
  local o, out = entry.op.options, ""
  local stdout = o.stdout or "null"
  if stdout == "pipe" then
    out = (' >"$scratch/%d"'):format(entry.number)
  elseif stdout == "null" then
    out = " >/dev/null"
  elseif type(stdout) == "string" and stdout ~= "inherit" then
    out = " >" .. expand(quote(stdout))
  end
  if o.stderr == "stdout" then return out .. " 2>&1" end
  if o.stderr == "null" then return out .. " 2>/dev/null" end
  if type(o.stderr) ~= "string" or o.stderr == "inherit" then return out end
  return out .. " 2>" .. expand(quote(o.stderr))
end

-- A program in the background.
function Script:start(entry)
  local pid = ("pid_%d"):format(entry.number)
  self:add("setsid %s%s &", expand(entry.line), redirections(entry))
  self:add "until_so leads_group $!"
  if entry.op.options.pid then
    self:add "until_so has_child $!"
    self:add("%s=${child%% }", pid)
    self:add('on_undo "end_of $!"')
    self:add('on_undo "quietly kill -KILL $%s"', pid)
  else
    self:add("%s=$!", pid)
    self:add('on_undo "end_of $%s"', pid)
  end
  if entry.heard then
    self:add('until_so grep -qsxF -e %s "$scratch/%d"', shell.quote(entry.heard), entry.number)
  end
end

function Script:command(entry)
  if entry.unsayable then
    local op = entry.op
    local key = op.key and " " .. tostring(op.key):gsub("%s+", " ") or ""
    self:add("# %s.%s%s: no command equals this operation.", op.module, op.verb, key)
    self.unsayable = self.unsayable + 1
    return
  end
  if entry.mark and not entry.fails then return self:start(entry) end
  local op = entry.op
  local undo = not entry.fails and UNDO[("%s.%s"):format(op.module, op.verb)]
  local back = undo and undo(op, entry.line, self.made)
  if back and back.keep then self:add(back.keep) end
  self:add(entry.fails and "%s || : # here: %s" or "%s", expand(entry.line), entry.fails)
  if back and back[1] then self:undo(back[1]) end
end

function Script:steps(steps)
  for i, step in ipairs(steps) do
    self:add ""
    self:add("# %d. %s", i, step.title)
    if step.skipped then self:add("# Left out: %s.", step.skipped) end
    for _, entry in ipairs(step.commands) do self:command(entry) end
  end
end

-- What the host has before the first step: a loopback that is up, and eth0 with a LAN behind it.
function Script:host(record)
  if record.has_lan then
    self:add "# The host's network: eth0, and a LAN behind it in a namespace without a name."
    self:add "setsid unshare --net sleep 2147483647 &"
    self:add "lan=$!"
    self:add 'on_undo "end_of $lan"'
    self:add 'until_so has_own_net "$lan"'
  elseif #record.before.commands > 0 then
    self:add "# The host's network: eth0, and a LAN behind it."
  end
  for _, entry in ipairs(record.before.commands) do self:command(entry) end
end

local LOOPBACK = [[
case $(ip -o link show dev lo) in
  *[\<,]UP[,\>]*) ;;
  *) ip link set dev lo up
     on_undo 'ip link set dev lo down' ;;
esac]]

-- Names of namespaces and of the host's links that the lab makes: they have to be free.
local function names_of(record)
  local spaces, links, seen = {}, {}, {}
  local function note(list, kind, name)
    if not seen[kind .. name] then list[#list + 1] = shell.quote(name) end
    seen[kind .. name] = true
  end
  local parts = { record.before, table.unpack(record.steps) }
  for _, part in ipairs(parts) do
    for _, entry in ipairs(part.commands) do
      local op = entry.op
      local made = not entry.fails and op.verb == "add"
      if made and op.module == "netns" then note(spaces, "netns ", op.key) end
      for _, name in ipairs(made and op.module == "link" and host_links(op) or {}) do
        note(links, "link ", name)
      end
    end
  end
  return spaces, links
end

function Script:names(record)
  local spaces, links = names_of(record)
  for _, name in ipairs(links) do self.made[name] = true end
  if #spaces > 0 then self:add("free_netns %s", table.concat(spaces, " ")) end
  if #links > 0 then self:add("free_link %s", table.concat(links, " ")) end
end

function Script:files(files)
  for _, file in ipairs(files) do
    local path = shell.quote(file.path)
    self:add('[ -e %s ] || on_undo "quietly %s %s"', path, file.directory and "rmdir" or "rm -f", path)
  end
end

local HEAD = [[
set -eu
exec 3<&0 </dev/null # standard input is for the question at the end
[ "$(id -u)" = 0 ] || { echo "$0: this needs root" >&2; exit 3; }
for tool in %s; do
  command -v "$tool" >/dev/null || { echo "$0: $tool is not installed" >&2; exit 3; }
done

undo=
clean_up() {
  status=$?
  trap - EXIT
  trap '' HUP INT TERM
  set +e
  eval "$undo"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
]]

local TAIL = [[

# The end. What was made is there until Enter is pressed (or standard input ends).
echo "Everything is in place. Enter takes it back."
read -r _ <&3 || :]]

local function sorted(set)
  local out = {}
  for name in pairs(set) do out[#out + 1] = shell.quote(name) end
  table.sort(out)
  return out
end

local function comment(lines, text)
  for _, line in ipairs(wrap.words(text, 100, "# ", "# ")) do lines[#lines + 1] = line end
end

local function head(definition, tools, foreign)
  local out = { "#!/bin/sh" }
  comment(out, definition.title)
  out[#out + 1] = "#"
  if definition.summary then
    comment(out, definition.summary)
    out[#out + 1] = "#"
  end
  comment(out, ("The lab %s of nslab, as the commands that it equals. To be run as root, with %s. It acts " ..
                "on the machine that it is run on, waits for Enter when all is done, and then takes back " ..
                "what it did, and nothing else."):format(definition.name, table.concat(tools, ", ")))
  -- What a lab hands to another shell in single quotes is not for this one.
  if foreign then out[#out + 1] = "# shellcheck disable=SC2016" end
  return table.concat(out, "\n") .. "\n" .. HEAD:format(table.concat(tools, " "))
end

-- The recorded lab as the text of a script, and how many operations have no command.
function M.script(definition, record)
  local self = setmetatable({ lines = {}, made = {}, unsayable = 0 }, Script)
  self:names(record)
  self:add(LOOPBACK)
  self:files(record.files)
  self:host(record)
  self:steps(record.steps)
  local body = table.concat(self.lines, "\n")
  local named = body:find("NSLAB_SCRATCH", 1, true)
  if named or body:find("$scratch", 1, true) then
    body = ("scratch=$(mktemp -d)\n%son_undo \"rm -rf '$scratch'\"\n%s"):format(
      named and 'export NSLAB_SCRATCH="$scratch"\n' or "", body)
  end
  local tools = record.tools
  if record.has_lan then tools.unshare, tools.nsenter = true, true end
  if body:find("\nsetsid ", 1, true) then tools.setsid = true end
  local head_text = head(definition, sorted(tools), body:find "'[^'\n]*%$[^'\n]*'" ~= nil)
  return ("%s\n%s\n\n%s\n%s\n"):format(head_text, helpers(body), body, TAIL), self.unsayable
end

return M
