-- expect: what the checks of a lab ask the kernel. Each question answers with something true, or
-- with nil and a sentence that says what is off, so that a learner knows where to look. Nothing
-- here changes anything.

local netns = require "netns"

local expect = {}

-- "the host", or the namespace's name.
function expect.place(ns)
  return ns == netns.host and "the host" or tostring(ns)
end

-- Whether the namespace can be entered; a file in /run/netns alone is not enough.
local function alive(ns)
  local ok, list = pcall(ns.link.list)
  return ok and list
end

-- Raises when it cannot: whoever asks about something inside is told that first.
local function need(ns)
  if not alive(ns) then error(("there is no namespace %s"):format(tostring(ns)), 0) end
end

-- Of these names the one that was probably meant to be `name`: no more than two letters are off.
local function mistyped(name, names)
  local near = require("nslab.lab").nearest(name, names, 2)
  return near ~= name and near or nil
end

function expect.namespace(name)
  if alive(netns(name)) then return true end
  local names = {}
  for i, ns in ipairs(netns.list()) do names[i] = ns.name end
  local near = mistyped(name, names)
  return nil, ("there is no namespace %s%s"):format(name, near and (", but one called " .. near) or "")
end

-- Whether expect.soon waits. Where somebody listens to the kernel and asks again by himself, it need not.
expect.patient = true

-- Who shows the lab may want to know that a check waits: waiting(reason) is called again and again.
expect.waiting = nil

-- Asks again and again until the answer is true, for at most so many milliseconds (1000 without);
-- the last answer then. For what the kernel does in its own time, such as the end of a process.
function expect.soon(ask, timeout_ms)
  local host = require "nslab.host"
  local deadline = host.time_ms() + (timeout_ms or 1000)
  local answer = table.pack(ask())
  while expect.patient and not answer[1] and host.time_ms() < deadline do
    if expect.waiting then expect.waiting(answer[2]) end
    host.poll({}, 20)
    answer = table.pack(ask())
  end
  return table.unpack(answer, 1, answer.n)
end

-- A check that must hold for each of them: holds(one), or holds(...) of a row's values.
function expect.every(all, holds)
  return function()
    for _, one in ipairs(all) do
      local ok, reason
      if type(one) == "table" then ok, reason = holds(table.unpack(one)) else ok, reason = holds(one) end
      if not ok then return nil, reason end
    end
    return true
  end
end

-- A check that must hold for every end of a cable: holds(namespace, the link's name, address) of a plan
-- whose rows are a namespace, where the cable leads to, and the address there.
function expect.every_end(plan, holds)
  return expect.every(plan, function(ns, other, address)
    local plug, reason = expect.joined(ns, other)
    if not plug then return nil, reason end
    return holds(ns, plug.name, address)
  end)
end

-- Whether these programs are installed.
function expect.programs(...)
  for _, name in ipairs { ... } do
    local found = netns.host:exec { "sh", "-c", "command -v \"$0\"", name }
    if found.code ~= 0 then return nil, ("%s is not installed"):format(name) end
  end
  return true
end

-- ---- links ----------------------------------------------------------------------------------------

-- The host and every namespace that has a name.
local function places()
  local all = { netns.host }
  for _, ns in ipairs(netns.list()) do all[#all + 1] = ns end
  return all
end

-- The link of that name in one of the places (all there are without), and the place.
function expect.find(name, where)
  for _, ns in ipairs(where or places()) do
    if alive(ns) then
      local found = ns.link.get(name)
      if found then return found, ns end
    end
  end
  return nil, ("there is no link %s"):format(name)
end

-- The link whose name is nearly that one, and the place.
local function find_mistyped(name)
  for _, ns in ipairs(places()) do
    local names = {}
    for i, found in ipairs(alive(ns) or {}) do names[i] = found.name end
    local near = #name > 3 and mistyped(name, names)
    if near then return near, ns end
  end
end

-- The link of that name in this namespace. `own`: one of that name elsewhere is another one, and has
-- nothing to do with it.
function expect.link(ns, name, own)
  if not alive(ns) then return nil, ("there is no namespace %s"):format(tostring(ns)) end
  local found = ns.link.get(name)
  if found then return found end
  if own then return nil, ("%s has no %s"):format(expect.place(ns), name) end
  local elsewhere, place = expect.find(name)
  if elsewhere then
    return nil, ("%s is in %s, not in %s"):format(name, expect.place(place), expect.place(ns))
  end
  local near, there = find_mistyped(name)
  return nil, ("there is no link %s%s"):format(name, near and (", but %s in %s")
                                               :format(near, expect.place(there)) or "")
end

-- Whether the namespace lacks it.
function expect.no_link(ns, name)
  need(ns)
  if ns.link.get(name) then return nil, ("%s is in %s"):format(name, expect.place(ns)) end
  return true
end

function expect.up(ns, name, own)
  local found, reason = expect.link(ns, name, own)
  if not found then return nil, reason end
  if found.up then return found end
  return nil, ("%s is in %s but down"):format(name, expect.place(ns))
end

-- "a bridge", or what else the link is.
local function kind_of(found)
  return found.type and "a " .. found.type or "no virtual one"
end

-- The other end of a veth, if that has a name here: its name, and where it is.
local function other_end(found)
  local peer = found.veth and found.veth.peer
  return peer and peer.name, peer and peer.netns
end

-- Whether `a` and `b` are the two ends of one veth, wherever they are.
function expect.cable(a, b)
  local one, here = expect.find(a)
  if not one then return expect.link(netns.host, a) end
  if one.type ~= "veth" then return nil, ("%s is no veth but %s"):format(a, kind_of(one)) end
  local end_name = other_end(one)
  local other, there = expect.find(b)
  if other and other.type ~= "veth" then
    return nil, ("%s is no veth but %s"):format(b, kind_of(other))
  end
  local peer = one.veth and one.veth.peer
  if other and peer and peer.ifindex == other.ifindex and end_name == b and peer.netns == there then
    return one, other, here
  end
  if end_name == b then return nil, ("%s is the end of another cable"):format(b) end
  return nil, ("the other end of %s is %s"):format(a, end_name and end_name .. ", not " .. b or "not " .. b)
end

-- The kernel puts one of each of these into every namespace when their modules are loaded.
expect.FALLBACK = {
  sit0 = true, tunl0 = true, gre0 = true, gretap0 = true, erspan0 = true, ip_vti0 = true,
  ip6tnl0 = true, ip6gre0 = true, ip6_vti0 = true,
}

-- Whether the namespace has these links and no other, fallback tunnels aside.
function expect.only_links(ns, names)
  need(ns)
  local wanted, extra = {}, {}
  for _, name in ipairs(names) do wanted[name] = true end
  for _, found in ipairs(ns.link.list()) do
    if not wanted[found.name] and not expect.FALLBACK[found.name] then extra[#extra + 1] = found.name end
    wanted[found.name] = nil
  end
  local missing = next(wanted)
  if missing then return nil, ("%s has no %s"):format(expect.place(ns), missing) end
  if #extra == 0 then return true end
  return nil, ("%s has %s too"):format(expect.place(ns), table.concat(extra, ", "))
end

-- Where the other end of a veth is, if not at a port of the switch.
local function not_plugged(found, switch)
  local name, place = other_end(found)
  if not name then return nil end
  local port = place == netns.host and netns.host.link.get(name)
  local where = ("%s, the other end of %s, is "):format(name, found.name)
  if not port then return where .. ("in %s, not in the host"):format(expect.place(place)) end
  if port.master == switch then return nil, port end
  if port.master then return where .. ("plugged into %s, not into %s"):format(port.master, switch) end
  return where .. "not plugged into " .. switch
end

-- Whether something in the namespace is plugged into the switch: a veth whose other end is one of the
-- ports of that bridge on the host. Returns the veth and the port.
function expect.plugged(ns, switch)
  if not alive(ns) then return nil, ("there is no namespace %s"):format(tostring(ns)) end
  local reason = ("nothing in %s is plugged into %s"):format(expect.place(ns), switch)
  for _, found in ipairs(ns.link.list()) do
    local off, port = nil, nil
    if found.type == "veth" then off, port = not_plugged(found, switch) end
    if port then return found, port end
    reason = off or reason
  end
  return nil, reason
end

-- Whether a cable leads from one namespace straight to the other: the end in the first one.
function expect.joined(a, b)
  for _, ns in ipairs { a, b } do
    if not alive(ns) then return nil, ("there is no namespace %s"):format(tostring(ns)) end
  end
  for _, found in ipairs(a.link.list()) do
    local peer = found.type == "veth" and found.veth.peer
    if peer and peer.netns == b then return found end
  end
  return nil, ("no cable leads from %s to %s"):format(expect.place(a), expect.place(b))
end

-- The same of a switch in another namespace, whatever it is called: the veth in `ns`, the port of the
-- bridge in `machine` that is its other end, and that bridge.
function expect.plugged_in(ns, machine)
  local plug, reason = expect.joined(ns, machine)
  if not plug then return nil, reason end
  local port = machine.link.get(plug.veth.peer.name)
  local switch = port and port.master and machine.link.get(port.master)
  if switch and switch.type == "bridge" then return plug, port, switch end
  return nil, ("%s in %s is plugged into no switch"):format(plug.veth.peer.name, expect.place(machine))
end

-- Whether it is so, all of it is up, and the veth has that address.
function expect.lives(ns, machine, address)
  local plug, port, switch = expect.plugged_in(ns, machine)
  if not plug then return nil, port end
  for _, at in ipairs { { ns, plug }, { machine, port }, { machine, switch } } do
    if not at[2].up then return nil, ("%s is in %s but down"):format(at[2].name, expect.place(at[1])) end
  end
  return expect.address(ns, plug.name, address, true)
end

-- ---- addresses and routes ------------------------------------------------------------------------

-- Where the address is instead: "on lo", "on veth-red in the host"; nil when it is nowhere. `own`: that
-- others have it is no matter.
local function address_elsewhere(ns, address, own)
  local all = own and {} or places()
  table.insert(all, 1, ns)
  for _, place in ipairs(all) do
    for _, a in ipairs(alive(place) and place.addr.list() or {}) do
      if a.address == address then
        return "on " .. a.dev .. (place == ns and "" or " in " .. expect.place(place))
      end
    end
  end
end

-- Whether the link has the address with that prefix length.
function expect.address(ns, name, address, own)
  local found, reason = expect.link(ns, name, own)
  if not found then return nil, reason end
  local has = {}
  for _, a in ipairs(ns.addr.list { dev = name }) do
    if a.address == address then return a end
    if a.family ~= "inet6" then has[#has + 1] = a.address end
  end
  local where = address_elsewhere(ns, address, own)
  if where then return nil, ("%s is %s, not on %s"):format(address, where, name) end
  if #has == 0 then return nil, ("%s has no address"):format(name) end
  return nil, ("%s has %s, not %s"):format(name, table.concat(has, ", "), address)
end

-- The route in the main table to exactly that network. `want` names fields that it must have.
function expect.route(ns, dst, want)
  need(ns)
  local off
  for _, route in ipairs(ns.route.list()) do
    if route.dst == dst then
      off = nil
      for key, value in pairs(want or {}) do
        if route[key] ~= value then
          local what = dst == "default" and "default route" or "route to " .. dst
          off = route[key] and ("the %s has %s %s, not %s"):format(what, key, route[key], value) or
                ("the %s has no %s; %s is asked for"):format(what, key, value)
        end
      end
      if not off then return route end
    end
  end
  local what = dst == "default" and "default route" or "route to " .. dst
  return nil, off or ("%s has no %s"):format(expect.place(ns), what)
end

-- Whether the namespace passes on IPv4 packets that are not for it.
function expect.forwards(ns)
  if ns.sysctl.get "net.ipv4.ip_forward" == 1 then return true end
  return nil, ("%s does not forward: net.ipv4.ip_forward is 0"):format(expect.place(ns))
end

-- ---- neighbours ------------------------------------------------------------------------------------

-- The entry for that address in the ARP (or neighbour) table, once it has been answered.
function expect.neighbour(ns, address)
  need(ns)
  local asked
  for _, n in ipairs(ns.neigh.list()) do
    if n.dst == address then
      if n.lladdr then return n end
      asked = true
    end
  end
  local place = expect.place(ns)
  if asked then return nil, ("%s has asked for %s, and nobody answered"):format(place, address) end
  return nil, ("%s has no entry for %s"):format(place, address)
end

-- Where the kernel would send a packet for that address: the route, or nil and why there is none.
function expect.way(ns, address)
  need(ns)
  local route, trouble = ns.route.get(address)
  if route then return route end
  if trouble.code ~= "ENETUNREACH" then return nil, tostring(trouble) end
  return nil, ("%s has no route to %s"):format(expect.place(ns), address)
end

-- Whether nobody in the network that begins with `prefix` is in the table.
function expect.no_neighbour(ns, prefix)
  need(ns)
  for _, n in ipairs(ns.neigh.list()) do
    if n.dst:sub(1, #prefix) == prefix then
      return nil, ("%s has an entry for %s"):format(expect.place(ns), n.dst)
    end
  end
  return true
end

-- ---- counters ----------------------------------------------------------------------------------------

-- The counters of one protocol in the namespace, by the names that /proc/net/snmp gives them:
-- expect.counters(red, "Icmp").InEchos
function expect.counters(ns, protocol)
  local names, counters = nil, {}
  need(ns)
  ns:run(function()
    for line in io.lines("/proc/net/snmp") do
      local of, words = line:match("^(%w+): (.*)")
      if of == protocol then
        local row = {}
        for word in words:gmatch("%S+") do row[#row + 1] = word end
        for i, name in ipairs(names or {}) do counters[name] = math.tointeger(row[i]) end
        names = row
      end
    end
  end)
  return counters
end

-- Those of IPv6, by the names of /proc/net/snmp6: expect.counters6(red).Icmp6InEchos
function expect.counters6(ns)
  local counters = {}
  ns:run(function()
    for line in io.lines("/proc/net/snmp6") do
      local name, value = line:match("^(%w+)%s+(%d+)")
      if name then counters[name] = math.tointeger(value) end
    end
  end)
  return counters
end

-- How many packets have come in through that link of the namespace; 0 when there is none of that name.
function expect.arrived(ns, name)
  return ns:run(function()
    for line in io.lines("/proc/net/dev") do
      local found, packets = line:match("^%s*(%S+):%s*%d+%s+(%d+)")
      if found == name then return math.tointeger(packets) end
    end
    return 0
  end)
end

-- Whether pings that `from` sent were answered by `to`: one has counted answers, the other questions.
function expect.answered(from, to)
  local sent, asked = expect.counters(from, "Icmp"), expect.counters(to, "Icmp")
  if sent.OutEchos == 0 then return nil, ("%s has sent no ping"):format(expect.place(from)) end
  if asked.InEchos == 0 then return nil, ("no ping has reached %s"):format(expect.place(to)) end
  if sent.InEchoReps == 0 then return nil, ("%s got no answer"):format(expect.place(from)) end
  return true
end

-- ---- processes -----------------------------------------------------------------------------------------

-- The lines of a file of /proc; none when the process has ended.
local function lines_of(path)
  local file <close> = io.open(path)
  local out = {}
  if file then
    for line in file:lines() do out[#out + 1] = line end
  end
  return out
end

-- Every living process that the host sees: { pid, name, numbers }; numbers are its PIDs, the host's
-- first and that of its own PID namespace last.
function expect.processes()
  local out = {}
  local last = tonumber(lines_of("/proc/loadavg")[1]:match("(%d+)$"))
  for pid = 1, last do
    local process = { pid = pid, numbers = {} }
    for _, line in ipairs(lines_of(("/proc/%d/status"):format(pid))) do
      local key, value = line:match("^(%w+):%s*(.*)")
      if key == "Name" then process.name = value end
      if key == "State" then process.zombie = value:find("^Z") and true end
      if key == "NSpid" then
        for n in value:gmatch("%d+") do table.insert(process.numbers, tonumber(n)) end
      end
    end
    if process.name and not process.zombie then out[#out + 1] = process end
  end
  return out
end

-- The interfaces that a process sees, as a set. "self" is who asks.
function expect.interfaces(pid)
  local seen = {}
  for _, line in ipairs(lines_of(("/proc/%s/net/dev"):format(pid))) do
    local name = line:match("^%s*([^%s:]+):")
    if name then seen[name] = true end
  end
  return seen
end

-- Whether something is mounted on that directory, as the process sees it.
function expect.mounted(pid, directory)
  for _, line in ipairs(lines_of(("/proc/%s/mountinfo"):format(pid))) do
    if line:match("^%d+ %d+ %S+ %S+ (%S+)") == directory then return true end
  end
  return nil, ("nothing is mounted on %s"):format(directory)
end

-- ---- hardware addresses -------------------------------------------------------------------------------

-- "3a:00:11:22:33:44" -> its bytes as an array; nil and what is wrong with it.
function expect.mac(text)
  if type(text) ~= "string" then return nil, "there is no hardware address" end
  local bytes = {}
  for pair in text:gmatch("%x%x") do bytes[#bytes + 1] = tonumber(pair, 16) end
  if #bytes == 6 and text:match("^%x%x:%x%x:%x%x:%x%x:%x%x:%x%x$") then return bytes end
  return nil, ("%s is not six bytes in hexadecimal, with colons between them"):format(text)
end

return expect
