-- nslab export: for every packaged lab the script, run with the real tools in an empty machine, makes what the
-- lab makes, and takes it back. A new lab is in here by itself.

local harness = require "harness"
local host = require "nslab.host"

local scratch = harness.must("d=$(mktemp -d) && chmod 777 $d && echo $d"):gsub("\n$", "")
local root = harness.must "id -u" == "0\n"
-- An empty machine: a network, processes and a /run of its own.
local EMPTY = ("unshare %s-n -m -p -f --mount-proc --kill-child "):format(root and "" or "-r ")

local function write(name, text)
  local path = scratch .. "/" .. name
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(text))
  return path
end

local function read(name)
  local file <close> = assert(io.open(scratch .. "/" .. name))
  return file:read "a"
end

-- ---- what a kernel's network is --------------------------------------------------------------------------

local LOOKS = {
  "ip -j -d link", "ip -j addr", "ip -j -4 route show table all", "ip -j -6 route show table all",
  "ip -j -4 rule", "ip -j -6 rule", "ip -j nexthop", "ip -j neigh", "bridge -j vlan", "bridge -j fdb",
  "tc -j qdisc", "iptables-save", "ip6tables-save",
}

-- A script for sh that shows all that is in every namespace, those without a name too; `keys` are sysctls.
-- What the kernel does in its own time (a namespace that was deleted) is waited for when `settles`.
local function dump_script(keys, settles)
  local out = { [[
in_each() {
  ip=$(readlink /proc/self/ns/net) seen=" $ip "
  echo "## host"; "$@"
  for name in $(ip netns list | cut -d ' ' -f 1 | sort); do
    echo "## $name"; ip netns exec "$name" "$@"
    seen="$seen $(ip netns exec "$name" readlink /proc/self/ns/net) "
  done
  for process in /proc/[0-9]*; do
    id=$(readlink "$process/ns/net") || continue
    case $seen in *" $id "*) continue ;; esac
    seen="$seen $id "
    echo "## hidden"; nsenter -t "${process#/proc/}" -n "$@"
  done
}
]] }
  local looks = {}
  for _, look in ipairs(LOOKS) do looks[#looks + 1] = ("echo '#~ %s'; %s 2>&1"):format(look, look) end
  for _, key in ipairs(keys) do looks[#looks + 1] = ("echo '#~ sysctl'; sysctl %s 2>&1"):format(key) end
  local show = "in_each sh -c " .. harness.quote(table.concat(looks, "\n"))
  if settles then
    out[#out + 1] = ("until [ \"$(ip -o link | wc -l)\" = \"${n-}\" ]; do n=$(ip -o link | wc -l); sleep %s; done\n")
                    :format(settles)
  end
  out[#out + 1] = show
  return table.concat(out)
end

-- Fields that the kernel chooses, counts or times.
local CHOSEN = {
  ifindex = true, link_index = true, link_netnsid = true, address = true, permaddr = true, link_netns = true,
  stats64 = true, stats = true, lladdr = true, state = true, used = true, refcnt = true, handle = true,
  bridge_id = true, root_id = true, designated_bridge = true, designated_root = true, id = true, no = true,
  designated_port = true, tentative = true, dadfailed = true, expires = true, probes = true, hash = true,
  broadcast = true, cache_hits = true,
}

-- The other end is named by its number, or by its name where both are in one place. Why a link is down is
-- known a moment after it is.
local function field(key, value)
  if CHOSEN[key] or key:find "_timer$" or key:find "_life_time$" and value ~= 4294967295 then return nil end
  if key == "link" and type(value) ~= "string" then return nil end
  if key == "operstate" and value == "LOWERLAYERDOWN" then return "DOWN" end
  return value
end

-- Addresses that come from a hardware address.
local function text(value)
  return (tostring(value):gsub("fe80:[%x:]+", "fe80::LINK"):gsub("%x*:?%x*:%x*ff:fe%x%x:%x+", "EUI64")
                         :gsub("33:33:ff:[%x:]+", "33:33:ff:NODE"):gsub("ff02::1:ff[%x:]+", "ff02::1:ffNODE"))
end

-- A value of JSON as lines, the items of lists in an order of their own.
local function flat(value)
  if type(value) ~= "table" then return text(value) end
  local parts = {}
  for key, item in pairs(value) do
    if type(key) ~= "string" then
      parts[#parts + 1] = flat(item)
    elseif field(key, item) ~= nil then
      parts[#parts + 1] = key .. "=" .. flat(field(key, item))
    end
  end
  table.sort(parts)
  return "{" .. table.concat(parts, " ") .. "}"
end

-- An entry that was looked for and not found is gone after a while; from which of its addresses a kernel asks
-- a neighbour is its own choice; a bridge learns hardware addresses.
local function counts(look, item)
  if look == "ip -j neigh" then return item.lladdr ~= nil and not item.dst:find "^fe80:" end
  -- An address that the kernel makes is used once nobody else turned out to have it.
  if look:find "^ip %-j %-6 route" then return not (item.table == "local" and item.dst:find "^fe80:.*") end
  if look == "bridge -j fdb" then return item.state == "permanent" and (item.mac or ""):find "^33:33" end
  return true
end

-- A table of rules that has none is as good as none.
local function firewall(saved)
  local out = {}
  for name, body in saved:gmatch "%*(%w+)\n(.-)COMMIT\n" do
    body = body:gsub("%[%d+:%d+%]", "")
    if body:gsub(":%u+ ACCEPT *\n", "") ~= "" then out[#out + 1] = name .. "\n" .. body end
  end
  return out
end

local function comparable(look, shown)
  if look:find "^ip6?tables" then return firewall(shown) end
  if not look:find " %-j " then return { (shown:gsub("%s+$", "")) } end
  local out = {}
  for _, item in ipairs(host.json_decode(shown:match "^%s*$" and "[]" or shown) or error(look .. ": " .. shown)) do
    if next(item) and counts(look, item) then out[#out + 1] = flat(item) end
  end
  table.sort(out)
  return out
end

-- The dump as lines that two kernels can have in common.
local function normal(dump)
  local out = {}
  for place, all in dump:gsub("\n## ", "\n\0## "):gmatch "## (%S+)\n([^\0]*)" do
    for look, shown in all:gsub("\n#~ ", "\n\1#~ "):gmatch "#~ ([^\n]*)\n([^\1]*)" do
      for _, line in ipairs(comparable(look, shown)) do out[#out + 1] = ("%s: %s: %s"):format(place, look, line) end
    end
  end
  return out
end

-- What only one of two lists has.
local function difference(lab, script)
  local out, count = {}, {}
  for _, line in ipairs(script) do count[line] = (count[line] or 0) + 1 end
  for _, line in ipairs(lab) do
    if (count[line] or 0) == 0 then out[#out + 1] = "the lab: " .. line else count[line] = count[line] - 1 end
  end
  for line, n in pairs(count) do
    if n > 0 then out[#out + 1] = "the script: " .. line end
  end
  return table.concat(out, "\n")
end

-- ---- the lab, and the script -----------------------------------------------------------------------------

-- Every lab, and what a program of it chooses for itself.
local CHOSEN_BY_A_PROGRAM = { inspecting = { ["10%.0%.1%.[5-9]%d"] = "10.0.1.LEASE" } }

local function same_for(name, dump)
  for pattern, word in pairs(CHOSEN_BY_A_PROGRAM[name] or {}) do dump = dump:gsub(pattern, word) end
  return normal(dump)
end

local PLAY = [[
local name, dump, path = ...
local lab = require "nslab.lab"
local file = path ~= "" and assert(io.open(path))
local definition = lab.load(name, file and file:read "a" or require "nslab.host".lab(name))
local runner = require "nslab.runner".new(definition, function() end)
assert(runner:prepare())
runner:replay(#definition.steps)
local inside <close> = runner.lan and runner.lan:spawn { "sleep", "600" }
local got = netns.host:exec { "sh", dump, check = true }
print(got.stdout)
runner:close()
]]

local function play(name, dump, path)
  local got = harness.run { write("play.lua", PLAY), name, dump, path or "" }
  assert.same({ 0, "" }, { got.status, got.stderr })
  return got.stdout
end

-- Runs the script in an empty machine whose loopback was up once, and shows what is there before it, when all
-- is in place, and after it.
local DRIVER = [=[
cd SCRATCH
mount -t tmpfs tmpfs /run
mkdir /run/netns tmp
export TMPDIR=SCRATCH/tmp
echo "# the machine's own" >resolv.conf
mount --bind resolv.conf /etc/resolv.conf
ip link set lo up
ip link set lo down
rest() {
  find /run SCRATCH/tmp | grep -v xtables.lock | sort
  ps -e -o comm= | grep -vx -e ps -e sh -e sort -e grep
  grep -v /run/netns /proc/self/mountinfo
  cat /etc/resolv.conf /etc/hosts
}
left() { sh dump >"net.$1" 2>&1; rest >"rest.$1" 2>&1; }
left before
rm -f said made # of the script before
mkfifo in
sh script.sh <in >said 2>&1 &
exec 4>in
tries=0
until grep -qs '^Everything is in place' said || ! kill -0 $! || [ $tries = 1200 ]; do sleep 0.05; tries=$((tries + 1)); done
tries=0 # a carrier that is there is noticed within a second
until sh dump >made; ! grep -q '"NO-CARRIER"[^]]*"LOWER_UP"' made || [ $tries = 100 ]; do sleep 0.02; tries=$((tries + 1)); done
echo >&4
wait $!
status=$?
tries=0
until left after; cmp -s rest.before rest.after || [ $tries = 200 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -r in tmp
exit $status
]=]

local function export(name)
  local got = harness.run { "export", name, "--sh" }
  assert.same({ 0, "" }, { got.status, got.stderr })
  return got.stdout
end

local function touched(script)
  local keys, seen = {}, {}
  for key in script:gmatch "sysctl %-w '?([%w_./-]+)=" do
    if not seen[key] then keys[#keys + 1] = key end
    seen[key] = true
  end
  return keys
end

-- The state that the script makes, and that of the lab. Fails when the script does, or leaves something.
local function both(name, script, path)
  write("script.sh", script)
  local dump = write("dump", dump_script(touched(script), script:find "\nip netns del " and 0.4))
  local lab = same_for(name, play(name, dump, path))
  local driver = write("driver", (DRIVER:gsub("SCRATCH", scratch)))
  local out, status = harness.sh("timeout -s KILL 250 " .. EMPTY .. "sh " .. driver .. " 2>&1")
  assert.equal(0, status, out .. read "said")
  assert.same(same_for(name, read "net.before"), same_for(name, read "net.after"))
  assert.equal(read "rest.before", read "rest.after")
  assert.truthy(#lab > 20)
  return lab, same_for(name, read "made")
end

local function describe_lab(name)
  it(name .. ": makes with the real tools what the lab makes, and takes it back", function()
    if harness.lacking(name) then return pending(harness.lacking(name)) end
    assert.equal("", difference(both(name, export(name))))
  end)
end

-- What no packaged lab does, all at once.
local ODD = [==[
lab { title = "It's odd", host = { eth0 = "192.168.7.2/24" } }
local a, host = netns "a", netns.host
step {
  title = "Links",
  run = function()
    netns.add "a"
    netns.add "gone"
    netns.delete "gone"
    link.add("v0", { veth = { peer = "v1" } })
    link.set("v1", { name = "w1" })
    link.set("w1", { netns = a })
    a.link.set("w1", { netns = host })
    link.add("x", { netns = a, veth = { peer = "y" } })
    link.set("v0", { alias = "it's $HOME and \"quoted\"", up = true })
    addr.add("10.1.0.1/24", { dev = "v0" })
    addr.add("127.0.0.9/8", { dev = "lo" })
    route.add("10.9.0.0/16", { type = "blackhole" })
    rule.add { from = "10.3.0.0/16", table = 77, priority = 77 }
    pcall(link.add, "v0", { type = "bridge" })
    pcall(link.add, "v0", { typ = "bridge" })
  end,
  check = { { "yes", function() return true end } },
}
step {
  title = "Rules and settings",
  run = function()
    iptables.policy("FORWARD", "DROP")
    iptables.new_chain "MINE"
    iptables.append("MINE", { jump = "ACCEPT" })
    iptables.insert("FORWARD", { jump = "MINE" }, 1)
    iptables "-I FORWARD 1 -m comment --comment 'two words' -j ACCEPT"
    a.iptables "-t nat -A POSTROUTING -j MASQUERADE"
    ip6tables.append("INPUT", { jump = "MINE6" == 1 or "ACCEPT" })
    sysctl.set("net.ipv4.ip_forward", 1)
    sysctl.set("net.ipv4.tcp_rmem", "4096 65536 1000000")
    a.sysctl.set("net.ipv4.ip_default_ttl", 9)
  end,
  check = { { "yes", function() return true end } },
}
step {
  title = "Impossible",
  needs = function() return false, "there is no such thing" end,
  run = function() netns.add "never" end,
  check = { { "yes", function() return true end } },
}
step {
  title = "Programs",
  background = function()
    local p = a:spawn { "sh", "-c", "echo \"it's $0\"; sleep 900", stdout = "pipe" }
    assert(p:read("l", 20000) == "it's sh")
    return p
  end,
  run = function()
    local deaf = host:spawn { "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done" }
    local ended = host:spawn { "sleep", "901" }
    ended:kill "KILL"
    host:exec { "sh", "-c", "exit 3" }
    host:exec { "sh", "-c", "ip link set v0 alias \"$A $PWD $(cat)\"", env = { A = "it's" }, cwd = "/proc",
                stdin = "in $put" }
    host:exec { "sleep", "60", timeout_ms = 50 }
    a:exec "mkdir -p /run/one/two && echo 1 >/run/one/two/file"
    pcall(a.ping, a, "10.255.255.1")
    host:ping("10.1.0.77", { timeout_ms = 50 })
    _G.deaf = deaf
  end,
  check = { { "yes", function() return true end } },
}
]==]

describe("nslab export", function()
  teardown(function() harness.must("rm -rf " .. scratch) end)
  local names, paths = {}, {}
  for line in harness.must(harness.nslab .. " labs --json"):gmatch "[^\n]+" do
    names[#names + 1] = host.json_decode(line).name
  end

  it("writes scripts that ShellCheck has nothing against", function()
    for _, name in ipairs(names) do
      if not harness.lacking(name) then paths[#paths + 1] = write(name .. ".sh", export(name)) end
    end
    assert.same({ "", 0 }, { harness.sh("shellcheck " .. table.concat(paths, " ")) })
  end)

  -- Three say what rights have to do with it.
  for i, name in ipairs(names) do
    if not harness.again or i <= 3 then describe_lab(name) end
  end

  it("is told from the lab when it leaves something out", function()
    local script = export "red-blue":gsub("ip %-n blue addr add[^\n]*", ":")
    local lab, made = both("red-blue", (script:gsub("ip netns exec %S+ ping", "true")))
    assert.truthy(difference(lab, made):find("the lab: blue: ip %-j addr: .*192.168.15.2"))
  end)

  it("knows quotes, failures, programs that do not end, and what has to be taken back", function()
    local path = write("odd.lua", ODD)
    local got = harness.run { "export", path }
    assert.same({ 0, "" }, { got.status, got.stderr })
    assert.truthy(got.stdout:find("# 3. Impossible\n# Left out: there is no such thing.\n", 1, true))
    assert.same({ "", 0 }, { harness.sh("shellcheck " .. write("odd.sh", got.stdout)) })
    assert.equal("", difference(both("odd", got.stdout, path)))
  end)

  -- What a shell in an empty machine says, and its exit status.
  local function in_empty(lines)
    local driver = write("driver", ("cd %s\nmount -t tmpfs tmpfs /run\nip link set lo up\n%s"):format(scratch, lines))
    return harness.sh("timeout -s KILL 250 " .. EMPTY .. "sh " .. driver .. " 2>&1")
  end

  it("takes everything back when it is ended by a signal, or in its middle", function()
    write("script.sh", (export "red-blue"))
    local said, status = in_empty [[
      mkfifo in; sh script.sh <in >said & exec 4>in
      until grep -qs '^Everything is in place' said || ! kill -0 $!; do sleep 0.05; done
      kill -TERM $!
      wait $!; status=$?; rm in
      ip netns list; ip -o link show | cut -d : -f 2; ps -e -o comm= | grep -x sleep
      exit $status]]
    assert.same({ " lo\n", 143 }, { said, status })
    write("script.sh", (export "red-blue":gsub("(\n# 8[^\n]*\n)", "%1false\n")))
    said, status = in_empty [[
      sh script.sh </dev/null >said; status=$?
      ip netns list; ip -o link show | cut -d : -f 2; ps -e -o comm= | grep -x sleep
      exit $status]]
    assert.same({ " lo\n", 1 }, { said, status })
  end)

  it("leaves alone what is there already", function()
    write("script.sh", (export "red-blue"))
    local said, status = in_empty [[
      ip link add eth0 type bridge
      sh script.sh </dev/null; status=$?
      ip netns list; ip -o link show | cut -d : -f 2
      exit $status]]
    assert.equal(3, status)
    assert.truthy(said:find("^script.sh: there is a link eth0 here already.*\n lo\n eth0\n$"), said)
  end)

  it("says what is no lab, and which operation is no command", function()
    local got = harness.run { "export", write("none.lua", "link.list()") }
    assert.same({ 1, "", "nslab export: none: this is no lab: it calls no lab{...}.\n" },
                { got.status, got.stdout, got.stderr })
    got = harness.run { "export", "no-such-lab" }
    assert.equal(2, got.status)
    got = harness.run { "export", write("mac.lua", [[
      lab { title = "Mac" }
      step { title = "One", check = { { "yes", function() return true end } },
             run = function() iptables.restore "*filter\n-A INPUT -j ACCEPT\nCOMMIT\n" end }
    ]]) }
    assert.equal(1, got.status)
    assert.truthy(got.stdout:find("\n# iptables.restore: no command equals this operation.\n", 1, true), got.stdout)
    assert.truthy(got.stderr:find "1 operation of this lab equals no command")
  end)
end)
