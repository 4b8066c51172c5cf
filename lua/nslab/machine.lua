-- machine: a lab on the machine itself (`--host`). Everything that it makes is written into a journal
-- before it is made, with what tells it from anything else of the same name (the number of a link or of
-- a namespace, the kernel's handle of a rule), and taken back in reverse order: at the end, or by the
-- next command after a crash. What could not be taken back is refused. What is inside a namespace that
-- the lab made goes with that namespace and is not written down.

local core = require "nslab.core"
local host = require "nslab.host"

local M = {}

local NETNS_DIR = "/run/netns"
local HOST = "host"
local FAR = 1 << 24 -- numbers of links from here on are chosen by us, at random

-- ---- the journal -----------------------------------------------------------------------------------

local written = 0

-- Writes an entry; returns its number, by which a later one can speak of it.
local function write(entry)
  written = written + 1
  entry.n = written
  host.journal_write(host.json(entry, { "n", "of", "do" }) .. "\n")
  return written
end

-- The entries of a journal's text in their order; what is said of an entry later lies in its `made`.
-- A last line that the end of the process cut off is no entry: what it announced was not done.
local function read(text)
  local entries, by_number = {}, {}
  for line in text:gmatch "([^\n]*)\n" do
    local entry = host.json_decode(line)
    local announced = entry and by_number[entry.of]
    if announced then
      announced.made = entry
    elseif entry then
      entries[#entries + 1] = entry
      by_number[entry.n or 0] = entry
    end
  end
  return entries
end

-- ---- what is the lab's -------------------------------------------------------------------------------

-- { netns = { [name] = true }, hidden = { [name] = true }, links = { [ifindex] = true },
--   addrs = { ["ifindex address"] = true }, lines = { [route or rule] = true } }
local mine
local pending = {} -- { ["module verb key"] = { n = entry, before = state } } of what is being done

local function refuse(op, text, ...)
  error(core.error_value {
    op = op.module .. "." .. op.verb, netns = op.netns, key = op.key, errno = 1,
    text = "with --host, " .. text:format(...),
    hint = "A lab on the machine changes only what it can take back; without --host everything is allowed.",
  }, 0)
end

-- A link by its name or number, in the namespace the script runs in; its number is ours or not.
local function link_of(name)
  return name and require("link").get(name) or nil
end

local function is_mine(name)
  local found = link_of(name)
  return found and mine.links[found.ifindex] or false
end

local function in_own_netns(name)
  return name ~= nil and (mine.netns[tostring(name)] or mine.hidden[tostring(name)]) or false
end

-- ---- what each operation needs -------------------------------------------------------------------------

local BEFORE = {}

function BEFORE.netns_add(op)
  local path = NETNS_DIR .. "/" .. op.key
  if host.inode(path) then return end -- it will fail
  if not mine.directory then
    mine.directory = true
    local mounts <close> = assert(io.open "/proc/self/mountinfo")
    write { ["do"] = "directory", there = host.inode(NETNS_DIR) ~= nil,
            mounted = mounts:read("a"):find(" " .. NETNS_DIR .. " ", 1, true) ~= nil }
  end
  mine.netns[op.key] = true
  write { ["do"] = "name", name = op.key }
end

function BEFORE.netns_delete(op)
  if not mine.netns[op.key] then refuse(op, "%s is not the lab's to delete", op.key) end
end

-- The payload of the first attribute of that type in bytes[from, to].
local function attribute(bytes, from, to, wanted)
  while from and from + 4 <= to + 1 do
    local len, kind = string.unpack("=I2I2", bytes, from)
    if len < 4 then return nil end
    if kind & 0x3fff == wanted then return from + 4, from + len - 1 end
    from = from + (len + 3 & ~3)
  end
end

local NEWLINK, CREATE, LINKINFO, INFO_DATA, VETH_PEER = 16, 0x400, 18, 2, 1

-- The numbers that the message gives to a link and to its other end.
local function numbers(bytes)
  local _, kind, flags = string.unpack("=I4I2I2", bytes)
  if kind ~= NEWLINK or flags & CREATE == 0 then return end
  local own = string.unpack("=i4", bytes, 21)
  local from, to = attribute(bytes, 33, #bytes, LINKINFO)
  if from then from, to = attribute(bytes, from, to, INFO_DATA) end
  if from then from = attribute(bytes, from, to, VETH_PEER) end
  return own, from and #bytes >= from + 15 and string.unpack("=i4", bytes, from + 4) or 0
end

function BEFORE.link_add(op)
  local own, peer
  if op.bytes then own, peer = numbers(op.bytes) end
  if not own then return end
  for _, index in ipairs { own, peer } do
    if index >= FAR and not mine.links[index] then
      mine.links[index] = true
      write { ["do"] = "link", ifindex = index }
    end
  end
  if own < FAR then refuse(op, "the number of a link is chosen by nslab") end
end

-- What of somebody else's link may be set, and is set back.
local SETTABLE = { up = true, mtu = true }

function BEFORE.link_set(op)
  local options = op.options or {}
  if options.netns ~= nil and not in_own_netns(options.netns) and tostring(options.netns) ~= HOST then
    refuse(op, "a link is moved only into namespaces that the lab made")
  end
  local found = link_of(op.key)
  if not found or mine.links[found.ifindex] then return end
  local old = {}
  for key in pairs(options) do
    if not SETTABLE[key] then refuse(op, "%s of a link that was there before is not changed", key) end
    old[key] = found[key] or false
  end
  write { ["do"] = "set", ifindex = found.ifindex, name = found.name, old = old }
end

function BEFORE.link_delete(op)
  if link_of(op.key) and not is_mine(op.key) then refuse(op, "%s is not the lab's to delete", op.key) end
end

local function whole(address)
  if address:find("/", 1, true) then return address end
  return address .. (address:find(":", 1, true) and "/128" or "/32")
end

local function has_address(dev, address)
  for _, found in ipairs(require("addr").list { dev = dev }) do
    if found.address == whole(address) then return true end
  end
  return false
end

function BEFORE.addr_add(op)
  local dev = op.options and op.options.dev
  local found = link_of(dev)
  if not found or mine.links[found.ifindex] or has_address(dev, op.key) then return end
  mine.addrs[found.ifindex .. " " .. whole(op.key)] = true
  write { ["do"] = "addr", ifindex = found.ifindex, address = whole(op.key) }
end

function BEFORE.addr_delete(op)
  local found = link_of(op.options and op.options.dev)
  if found and not mine.links[found.ifindex] and not mine.addrs[found.ifindex .. " " .. whole(op.key)] then
    refuse(op, "this address is not the lab's to delete")
  end
end

-- ---- routes and rules: those that were not there before are the lab's -------------------------------------

local LISTS = {
  route = function(entry) return require("route").list { exact = entry.key, table = entry.table } end,
  rule = function(entry) return require("rule").list { family = entry.family } end,
}

-- What it is, without what the kernel adds from day to day.
local function line_of(record)
  return (tostring(record):gsub(" linkdown", ""):gsub(" dead", ""):gsub(" *$", ""))
end

-- { [line] = how many }
local function lines_of(entry)
  local lines = {}
  for _, record in ipairs(LISTS[entry.object](entry)) do
    local line = line_of(record)
    lines[line] = (lines[line] or 0) + 1
  end
  return lines
end

-- The lines that are there now more often than then.
local function more_than(before, entry)
  local more = {}
  for line, n in pairs(lines_of(entry)) do
    for _ = (before[line] or 0) + 1, n do more[#more + 1] = line end
  end
  return more
end

local function name_of(op)
  return ("%s %s %s"):format(op.module, op.verb, op.key)
end

-- Announces that what the lists show more of afterwards is the lab's.
local function announce(op, entry)
  if pending[name_of(op)] then return end
  entry["do"] = "more"
  entry.before = lines_of(entry)
  pending[name_of(op)] = { n = write(entry), entry = entry }
end

local function family_of(options, key)
  if options.family then return options.family end
  for _, text in pairs { key, options.from, options.to, options.via } do
    if type(text) == "string" and text:find(":", 1, true) then return "inet6" end
  end
  return "inet"
end

function BEFORE.route_add(op)
  local options = op.options or {}
  if is_mine(options.dev) then return end
  local table = type(options.table) ~= "nil" and options.table or nil
  announce(op, { object = "route", key = op.key, table = table })
end

BEFORE.route_append = BEFORE.route_add

function BEFORE.route_replace(op)
  local options = op.options or {}
  if is_mine(options.dev) then return end
  if next(lines_of { object = "route", key = op.key, table = options.table }) then
    refuse(op, "a route that is there is not replaced")
  end
  BEFORE.route_add(op)
end

function BEFORE.route_delete(op)
  local options = op.options or {}
  if is_mine(options.dev) then return end
  for line in pairs(lines_of { object = "route", key = op.key, table = options.table }) do
    if not mine.lines[line] then refuse(op, "this route is not the lab's to delete") end
  end
end

function BEFORE.rule_add(op)
  announce(op, { object = "rule", family = family_of(op.options or {}) })
end

-- ---- sysctls -----------------------------------------------------------------------------------

-- Settings that change others of theirs with them.
local SPREAD = {
  ["net.ipv4.ip_forward"] = "net.ipv4.conf", ["net.ipv4.conf.all.forwarding"] = "net.ipv4.conf",
  ["net.ipv6.conf.all.forwarding"] = "net.ipv6.conf",
}

local function setting(key)
  local ok, value = pcall(require("sysctl").get, key)
  return ok and value or nil
end

function BEFORE.sysctl_set(op)
  local key = op.key:gsub("/", ".")
  local entry = { ["do"] = "sysctl", key = op.key, old = setting(op.key), new = op.options.value }
  if entry.old == nil then return end
  if SPREAD[key] then
    entry.others = {}
    for other, value in pairs(require("sysctl").list(SPREAD[key])) do
      if other:find "[./]forwarding$" and other ~= key then entry.others[other] = value end
    end
  end
  write(entry)
end

-- ---- iptables ----------------------------------------------------------------------------------

local function thing_key(thing)
  return ("%s %s %s %d"):format(thing.kind, thing.table, thing.chain or "", thing.handle)
end

-- { [key] = thing }
local function things_of(module)
  local things = {}
  for _, thing in ipairs(core.iptables_things(module)) do things[thing_key(thing)] = thing end
  return things
end

-- What of it has to be remembered: which things there are, and the policies.
local function remembered(things)
  local out = {}
  for key, thing in pairs(things) do out[key] = thing.policy or true end
  return out
end

local function firewall(op)
  if pending[name_of(op)] then return end
  local entry = { ["do"] = "things", module = op.module, chain = op.key, verb = op.verb,
                  before = remembered(things_of(op.module)) }
  pending[name_of(op)] = { n = write(entry), entry = entry }
end

-- New things, and the policies that changed.
local function made_since(before, things)
  local made, policies = {}, {}
  for key, thing in pairs(things) do
    if not before[key] then
      made[#made + 1] = { kind = thing.kind, table = thing.table, chain = thing.chain,
                          handle = thing.handle }
      if thing.policy == "DROP" then -- a new one that lets nothing pass
        policies[#policies + 1] = { table = thing.table, chain = thing.chain, old = "ACCEPT", new = "DROP" }
      end
    elseif thing.policy and thing.policy ~= before[key] then
      policies[#policies + 1] = { table = thing.table, chain = thing.chain, old = before[key],
                                  new = thing.policy }
    end
  end
  return made, policies
end

for _, module in ipairs { "iptables", "ip6tables" } do
  for _, verb in ipairs { "append", "insert", "new_chain", "policy" } do
    BEFORE[module .. "_" .. verb] = firewall
  end
end

-- ---- the hook ----------------------------------------------------------------------------------

local READS = { list = true, get = true, each = true, ping = true, exec = true, spawn = true, check = true,
                save = true, dump = true, watch = true, wait = true }

-- Modules whose operations change nothing of the machine.
local WITHOUT_NETNS = { process = true }

-- What a list that was announced shows now.
local function resolve(op)
  local waiting = pending[name_of(op)]
  if not waiting then return end
  pending[name_of(op)] = nil
  if waiting.entry.object then
    local lines = more_than(waiting.entry.before, waiting.entry)
    for _, line in ipairs(lines) do mine.lines[line] = true end
    write { of = waiting.n, lines = lines }
  else
    local made, policies = made_since(waiting.entry.before, things_of(op.module))
    write { of = waiting.n, things = made, policies = policies }
  end
end

-- What is done in a namespace of the lab goes with it, but for what it brings to the machine.
local function inside(op)
  if op.module == "netns" or op.module == "link" and op.verb == "add" then return false end
  local target = op.module == "link" and op.options and op.options.netns
  if target and not in_own_netns(target) then
    local found = require("netns")(op.netns).link.get(op.key)
    if tostring(target) ~= HOST or not (found and mine.links[found.ifindex]) then
      refuse(op, "only a link that the lab made is moved to the machine")
    end
  end
  return in_own_netns(op.netns)
end

local function look_at(op)
  if op.done then return resolve(op) end
  if READS[op.verb] or WITHOUT_NETNS[op.module] then return end
  if in_own_netns(op.netns) and inside(op) then return end
  if op.netns ~= HOST and not in_own_netns(op.netns) then
    refuse(op, "namespaces that the lab did not make are left alone")
  end
  local before = BEFORE[op.module .. "_" .. op.verb]
  if before then
    if op.bytes == nil or op.module == "link" then before(op) end
  elseif not is_mine(op.module == "link" and op.key or op.options and op.options.dev) then
    refuse(op, "%s.%s could not be taken back", op.module, op.verb)
  end
end

-- The script may be in one of its namespaces; what is looked at is the machine.
local function foresee(op)
  local netns = require "netns"
  if netns.current() == netns.host then return look_at(op) end
  netns.host:run(function() look_at(op) end)
end

-- ---- taking back ---------------------------------------------------------------------------------

local UNDO = {}

local function link_numbered(index)
  return require("link").get(index)
end

function UNDO.link(entry)
  local found = link_numbered(entry.ifindex)
  if found then require("link").delete(found.name) end
end

function UNDO.set(entry)
  local found = link_numbered(entry.ifindex)
  if found and found.name == entry.name then require("link").set(entry.name, entry.old) end
end

function UNDO.addr(entry)
  local found = link_numbered(entry.ifindex)
  if found and has_address(found.name, entry.address) then
    require("addr").delete(entry.address, { dev = found.name })
  end
end

function UNDO.more(entry)
  local lines = entry.made and entry.made.lines or more_than(entry.before, entry)
  for _, line in ipairs(lines) do
    for _, record in ipairs(LISTS[entry.object](entry)) do
      if line_of(record) == line then
        require(entry.object).delete(record)
        break
      end
    end
  end
end

function UNDO.sysctl(entry)
  local sysctl = require "sysctl"
  if tostring(setting(entry.key)) ~= tostring(entry.new) then return end
  sysctl.set(entry.key, entry.old)
  for key, old in pairs(entry.others or {}) do
    if setting(key) ~= nil and tostring(setting(key)) ~= tostring(old) then sysctl.set(key, old) end
  end
end

-- Of a change whose end nobody saw: what is new in its chain.
local function likely(entry)
  local made, policies = made_since(entry.before, things_of(entry.module))
  local own = {}
  for _, thing in ipairs(made) do
    if thing.kind == "table" or thing.chain == entry.chain then own[#own + 1] = thing end
  end
  return own, policies
end

function UNDO.things(entry)
  local things, policies
  if entry.made then
    things, policies = entry.made.things, entry.made.policies
  else
    things, policies = likely(entry)
  end
  local now = {}
  for _, thing in pairs(things_of(entry.module)) do
    if thing.policy then now[thing.table .. " " .. thing.chain] = thing.policy end
  end
  for _, policy in ipairs(policies) do
    if now[policy.table .. " " .. policy.chain] == policy.new then
      require(entry.module).policy(policy.chain, policy.old, { table = policy.table })
    end
  end
  core.iptables_take_back(entry.module, things)
end

-- The namespace of that number alone; programs in it would keep it.
function UNDO.netns(entry)
  local found, is_netns = host.inode(NETNS_DIR .. "/" .. entry.name)
  if found ~= entry.inode or not is_netns then return end
  local now = require("netns")(entry.name):run(host.netns_cookie)
  if entry.cookie ~= 0 and now ~= entry.cookie then return end -- the inode's number went to another
  host.kill_in_netns(entry.inode)
  require("netns").delete(entry.name)
end

-- A name that was made for a namespace which never came.
function UNDO.name(entry)
  local found, is_netns = host.inode(NETNS_DIR .. "/" .. entry.name)
  if found and not is_netns then require("netns").delete(entry.name) end
end

function UNDO.directory(entry)
  host.netns_dir_remove(not entry.mounted, not entry.there)
end

function UNDO.scratch(entry)
  assert(host.scratch_remove(entry.path, entry.made and entry.made.inode))
end

function UNDO.start() end

-- Undoes a journal's text. Returns how many entries that were, and an array of what could not be undone.
local function undo(text)
  local entries, trouble = read(text), {}
  local start = entries[1]
  if not start then return 0, trouble end
  if start.netns ~= host.inode "/proc/self/ns/net" then return 0, { "it is of another network" } end
  for i = #entries, 1, -1 do
    local ok, raised = pcall(UNDO[entries[i]["do"]], entries[i])
    if not ok then trouble[#trouble + 1] = tostring(raised) end
  end
  return #entries - 1, trouble
end

local function complain(trouble)
  for _, text in ipairs(trouble) do io.stderr:write("nslab: could not take back: ", text, "\n") end
end

-- Lua: recover() -> how many labs that had crashed were cleaned up after.
function M.recover()
  local seen, n = {}, 0
  while true do
    local name, text, fd = host.journal_dead(seen)
    if not name then return n end
    seen[name] = true
    local _, trouble = undo(text)
    complain(trouble)
    host.journal_close(name, fd, #trouble > 0)
    n = n + (#trouble == 0 and 1 or 0)
  end
end

-- Says that it was done.
function M.recover_aloud()
  local n = M.recover()
  if n > 0 then
    io.stderr:write(("nslab: took back what %s left on this machine.\n"):format(
      n == 1 and "a lab that crashed" or n .. " labs that crashed"))
  end
end

-- The machine has its own network card; a lab's host is given one only where there is none.
local function keep_card()
  local lan = require "nslab.lan"
  local connect = lan.connect
  lan.connect = function(asked)
    if not link_of "eth0" then return connect(asked) end
  end
end

-- What programs write for the lab goes with it.
local function make_scratch()
  -- Not math.random: two programs that start in one second may have the same seed.
  local random <close> = assert(io.open "/dev/urandom")
  local path = ("/run/nslab-scratch-%016x"):format((("I8"):unpack(random:read(8))))
  local entry = write { ["do"] = "scratch", path = path }
  write { of = entry, inode = assert(host.scratch_make(path)) }
end

-- Lua: is_open() -> whether a lab is on the machine
function M.is_open() return mine ~= nil end

-- Lua: open(): from now on what the script does to the machine is written down first. nil and why not.
function M.open()
  M.recover_aloud()
  local ok, trouble = host.journal_open()
  if not ok then return nil, trouble end
  mine = { netns = {}, hidden = {}, links = {}, addrs = {}, lines = {} }
  write { ["do"] = "start", netns = host.inode "/proc/self/ns/net" }
  make_scratch()
  local hidden = core.hidden_netns
  core.hidden_netns = function(name, ...)
    mine.hidden[name] = true
    return hidden(name, ...)
  end
  keep_card()
  core.foresee(foresee)
  return true
end

-- Lua: close() -> whether everything was taken back.
function M.close()
  if not mine then return true end
  core.foresee(nil)
  mine = nil
  local _, trouble = undo(host.journal_text())
  complain(trouble)
  host.journal_close(nil, nil, #trouble > 0)
  return #trouble == 0
end

return M
