-- --host: a lab on the machine itself, here a pretended one: a network, mounts and processes of their
-- own, with other people's links, namespaces, routes, rules and settings in them. What the lab made is
-- gone afterwards, whatever ended it, and what others made is there bit for bit.

local harness = require "harness"
local quote = harness.quote

local PRETEND = [[
set -u
exec 2>&1
mount -t tmpfs none /run && mkdir -p /run/netns /run/lock && mount -t proc proc /proc || exit 99
export NSLAB=%s DIR=%s NSLAB_RUN=/run
ip link set lo up
ip netns add theirs
ip link add their0 type veth peer name their1
ip link set their0 addrgenmode none
ip link set their1 addrgenmode none netns theirs
ip link set their0 up
ip -n theirs link set their1 up
ip addr add 10.1.0.1/24 dev their0
ip route add 10.77.0.0/16 via 10.1.0.2
ip rule add from 10.5.0.0/16 table 55
iptables -A FORWARD -s 10.1.0.0/24 -j ACCEPT
iptables -N THEIRS
iptables -A THEIRS -j RETURN
while ip -br link | grep -q 'LOWERLAYERDOWN\|UNKNOWN.*their'; do sleep 0.02; done
# Counters, timers and the like aside.
state() {
  ip -j -d link | sed 's/"operstate":"[A-Z]*"//g'
  ip -j addr | sed 's/"[a-z_]*life_time":[0-9]*//g'
  ip -j route show table all; ip -6 -j route show table all; ip -j rule; ip -6 -j rule
  iptables-save | grep -v '^#'; ip6tables-save | grep -v '^#'
  ls -i /run/netns; ls -A /run | grep -vx nslab; ls "$DIR" | grep -x lab.lua; grep ' /run' /proc/self/mountinfo
  grep -r . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding
  ip -n theirs -j addr | sed 's/"[a-z_]*life_time":[0-9]*//g'
}
# Says what differs from what was there at first.
same() { state >"$DIR/now"; diff "$DIR/first" "$DIR/now" && echo same; }
# What ends by a signal, without bash's word about it.
quietly() {
  local status=0
  bash -c '"$@"; exit $?' - "$@" >/dev/null 2>&1 || status=$?
  while pgrep -x nslab >/dev/null; do sleep 0.01; done # it may take a moment to die
  return $status
}
state >"$DIR/first"
%s
]]

-- Runs the script on a machine that others use; returns what it printed, and its status.
local function machine(script, files)
  local dir = harness.must "mktemp -d && true":gsub("\n", "")
  for name, text in pairs(files or {}) do
    local file = assert(io.open(dir .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end
  local user = harness.must "id -u" == "0\n" and "" or "-U -r"
  local here = harness.must("readlink -f " .. quote(harness.nslab)):gsub("\n", "")
  local all <close> = harness.temporary(PRETEND:format(quote(here), dir, script))
  local text, status = harness.sh(("unshare %s -n -m -p -f bash %s"):format(user, all.path))
  harness.must("rm -r " .. dir)
  return (text:gsub("# Warning: table[^\n]*\n", "")), status
end

-- Does everything that can be taken back.
local LAB = [[
local red = netns.add "red"
link.add("v-red", { up = true, veth = { peer = { name = "v-in", netns = red, up = true } } })
link.add("br0", { type = "bridge", up = true })
link.set("v-red", { master = "br0" })
pcall(link.add, "tap0", { up = true, tun = { mode = "tap" } }) -- unless /dev/net/tun cannot be opened
addr.add("10.9.0.1/24", { dev = "br0" })
red.addr.add("10.9.0.2/24", { dev = "v-in" })
addr.add("10.1.0.9/24", { dev = "their0" })
route.add("10.10.0.0/16", { via = "10.1.0.2" })
rule.add { from = "10.9.0.0/24", table = 7 }
sysctl.set("net.ipv4.ip_forward", 1)
iptables.append("POSTROUTING", { table = "nat", source = "10.9.0.0/24", jump = "MASQUERADE" })
iptables.new_chain "OURS"
iptables.append("OURS", { jump = "ACCEPT" })
iptables.insert("FORWARD", { source = "10.1.0.0/24", jump = "ACCEPT" })
iptables "-A FORWARD -s 10.9.0.0/24 -j OURS"
iptables "-P FORWARD DROP"
ip6tables.append("FORWARD", { jump = "ACCEPT" })
link.set("their0", { mtu = 1400 })
netns.host:exec [=[mkdir "$NSLAB_SCRATCH/d"; ln -s "$DIR/lab.lua" "$NSLAB_SCRATCH/d/file"]=]
red:spawn { "sleep", "1000" }
]]

-- The end of the program, and of the process that looks after it.
local CRASH = [[
local function crash()
  os.execute "read -r _ _ _ parent _ </proc/$PPID/stat; kill -KILL $parent $PPID"
end
]]

-- The end comes right before or right after the line of the journal with the number KILL_AT.
local KILLED = CRASH .. [[
local host = require "nslab.host"
local write, at, n = host.journal_write, tonumber(os.getenv "KILL_AT"), 0
function host.journal_write(line)
  n = n + 1
  if n == at and os.getenv "KILL" == "before" then crash() end
  write(line)
  if n == at then crash() end
end
]]

describe("nslab run --host", function()
  it("acts on the machine, and takes back all of it and nothing else", function()
    local got = machine([[
      "$NSLAB" run --host "$DIR/lab.lua"; echo "status $?"
      cat "$DIR/during"; same
    ]], { ["lab.lua"] = LAB .. [[
      local file = assert(io.open(os.getenv "DIR" .. "/during", "w"))
      for line in io.popen [=[ip -br link | grep -o '^br0\|^v-red' | sort; ip netns | sort; ip rule | grep -c 10.9;
        ip route | grep -c 10.10; iptables-save | grep -c OURS; cat /proc/sys/net/ipv4/ip_forward
        ip -br addr show their0 | grep -o 10.1.0.9; ip link show their0 | grep -o 'mtu 1400'
        iptables -S FORWARD | head -n 2]=]:lines() do file:write(line, "\n") end
      file:close()
    ]] })
    assert.equal([[
status 0
br0
v-red
red (id: 1)
theirs (id: 0)
1
1
3
1
10.1.0.9
mtu 1400
-P FORWARD DROP
-A FORWARD -s 10.1.0.0/24 -j ACCEPT
same
]], got)
  end)

  it("does so when it is interrupted, fails, exits or is killed", function()
    assert.equal("status 143\nsame\nstatus 130\nsame\nstatus 1\nsame\nstatus 7\nsame\nstatus 137\nsame\n", machine([[
      for sig in TERM INT; do
        rm -f "$DIR/up"
        setsid env --default-signal=INT "$NSLAB" run --host "$DIR/lab.lua" >/dev/null 2>&1 &
        until [ -e "$DIR/up" ]; do sleep 0.01; done
        kill -$sig $! -$!; wait $!
        echo "status $?"; same
      done
      for how in error exit kill; do
        "$NSLAB" run --host "$DIR/$how.lua" >/dev/null 2>&1; echo "status $?"; same
      done
    ]], { ["lab.lua"] = LAB .. "io.open(os.getenv 'DIR' .. '/up', 'w'):close() while true do end",
          ["error.lua"] = LAB .. "error 'x'", ["exit.lua"] = LAB .. "os.exit(7)", ["kill.lua"] = LAB .. "os.execute 'kill -KILL $PPID'" }))
  end)

  it("takes back what was made, killed before or after a line of its journal", function()
    local got = machine([[
      for at in $(seq 1 2 61); do
        moment=$([ $((at % 4)) = 1 ] && echo before || echo after)
        KILL=$moment KILL_AT=$at quietly "$NSLAB" run --host "$DIR/lab.lua" && { echo "through"; break; }
        "$NSLAB" stop --all >"$DIR/out" 2>&1
        state >"$DIR/now"
        diff "$DIR/first" "$DIR/now" || { echo "$moment $at"; cat "$DIR/out"; }
        [ ! -e /run/nslab/host ] || ls /run/nslab/host
      done; [ $at -gt 20 ] && same
    ]], { ["lab.lua"] = KILLED .. LAB })
    assert.equal("through\nsame\n", got)
  end)

  it("takes back by the next lab on the machine what a crash left, and says so", function()
    local got = machine([[
      quietly "$NSLAB" run --host "$DIR/lab.lua"
      ip -br link | grep -c br0
      "$NSLAB" run --host "$DIR/small.lua"; same
    ]], { ["lab.lua"] = CRASH .. LAB .. "crash()", ["small.lua"] = "print(#netns.list())" })
    assert.equal("1\nnslab: took back what a lab that crashed left on this machine.\n1\nsame\n", got)
  end)

  it("leaves alone what somebody else made under the same names after a crash", function()
    local got = machine([[
      quietly "$NSLAB" run --host "$DIR/lab.lua"
      ip link del br0; ip link add br0 type bridge
      ip link del v-red; ip link add v-red type veth peer name v-in
      ip netns del red; ip netns add red
      ip route del 10.10.0.0/16; ip route add 10.10.0.0/16 dev their0 metric 5
      iptables -D FORWARD -s 10.9.0.0/24 -j OURS; iptables -A FORWARD -s 10.9.0.0/24 -j OURS
      sysctl -qw net.ipv4.ip_forward=0
      ip -j link show br0 >"$DIR/br0"; ls -i /run/netns >"$DIR/netns"
      "$NSLAB" stop --all >/dev/null 2>&1
      ip -j link show br0 | diff "$DIR/br0" - && ls -i /run/netns | diff "$DIR/netns" - && echo kept
      ip -br link show v-red | grep -c v-red; ip route | grep -o '^10.10.*metric 5'
      iptables -S FORWARD; ip -br addr show their0 | grep -c 10.1.0.9; ip rule | grep -c 10.9
    ]], { ["lab.lua"] = CRASH .. LAB .. "crash()" })
    assert.equal([[
kept
1
10.10.0.0/16 dev their0 scope link metric 5
-P FORWARD ACCEPT
-A FORWARD -s 10.1.0.0/24 -j ACCEPT
-A FORWARD -s 10.9.0.0/24 -j OURS
0
0
]], got)
  end)

  it("leaves alone a namespace that got the number of one that the lab made", function()
    local got = machine([[
      quietly "$NSLAB" run --host "$DIR/lab.lua"
      inode=$(stat -c %i /run/netns/red)
      ip netns del red; ip netns add red
      again=$(stat -c %i /run/netns/red) # as if the kernel had used the number again, which it does
      sed -i "s/\"inode\":$inode,/\"inode\":$again,/" /run/nslab/host/*
      "$NSLAB" stop --all >/dev/null 2>&1
      stat -c %i /run/netns/red | grep -c "$again"
    ]], { ["lab.lua"] = CRASH .. "netns.add 'red' crash()" })
    assert.equal("1\n", got)
  end)

  it("refuses what it could not take back", function()
    local LINES = {
      'link.delete "their0"', 'link.set("their0", { master = "lo" })', 'netns.delete "theirs"',
      'iptables.flush "FORWARD"', 'iptables "-F"', 'iptables.delete("FORWARD", 1)',
      'addr.delete("10.1.0.1/24", { dev = "their0" })', 'route.delete "10.77.0.0/16"',
      'route.replace("10.77.0.0/16", { dev = "lo" })', 'addr.flush { dev = "their0" }',
      'netns "theirs".link.add("x", { type = "bridge" })', 'rule.flush()',
      'link.set("their0", { netns = "theirs" })', 'iptables.restore "*filter\\nCOMMIT\\n"',
      'neigh.add("10.1.0.7", { dev = "their0", lladdr = "2:0:0:0:0:1" })',
    }
    local lab = { "local n = 0" }
    for _, line in ipairs(LINES) do
      lab[#lab + 1] = ("local ok, e = pcall(function() %s end)"):format(line)
      lab[#lab + 1] = ("if ok or not tostring(e):find('with %%-%%-host') then print(%q, ok, e) end"):format(line)
    end
    assert.equal("same\n", machine('"$NSLAB" run --host "$DIR/lab.lua"; same', { ["lab.lua"] = table.concat(lab, "\n") }))
  end)

  it("lets the lab change and delete what is its own", function()
    assert.equal("fine\nsame\n", machine('"$NSLAB" run --host "$DIR/lab.lua"; same', { ["lab.lua"] = [[
      local red = netns.add "red"
      link.add("a", { veth = { peer = "b" } })
      link.set("b", { netns = red })
      red.link.set("b", { name = "c", up = true })
      link.set("a", { up = true, mtu = 1300 })
      local seen <close> = netns.watch()
      neigh.add("10.3.0.9", { dev = "a", lladdr = "2:0:0:0:0:1" })
      addr.add("10.3.0.1/24", { dev = "a" })
      addr.delete("10.3.0.1/24", { dev = "a" })
      addr.add("10.3.0.2/24", { dev = "a" })
      route.add("10.4.0.0/24", { dev = "a" })
      route.delete("10.4.0.0/24", { dev = "a" })
      red.iptables.append("INPUT", { jump = "DROP" })
      red.iptables.flush()
      netlink.batch(function(b) for i = 1, 20 do b.route.add("10.5." .. i .. ".0/24", { via = "10.1.0.2" }) end end)
      assert(#route.list { exact = "10.5.7.0/24" } == 1)
      red.link.add("back", { veth = { peer = "behind" } })
      red.link.set("back", { netns = netns.host })
      red.link.add("there", { type = "bridge", netns = netns.host })
      red:run(function()
        netns.add "green"
        netns.host.addr.add("10.1.0.7/24", { dev = "their0" })
        assert(not pcall(netns.host.link.delete, "their0"))
      end)
      assert(link.get "back" and link.get "there")
      link.delete "a"
      netns.delete "red"
      print "fine"
    ]] }))
  end)

  it("runs a packaged lab", function()
    local got = machine [["$NSLAB" run --host red-blue | tail -n 1; same]]
    assert.match("^%d+ steps, %d+ checks, all held%.\nsame\n$", got)
  end)

  it("stays up with --keep, is listed, and two do not disturb each other", function()
    local got = machine([[
      "$NSLAB" run --keep --host "$DIR/lab.lua" | tail -n 1
      "$NSLAB" run --host "$DIR/small.lua"
      "$NSLAB" ps | cut -d ' ' -f 1
      "$NSLAB" enter lab red ip -br addr show v-in | grep -o 10.9.0.2
      "$NSLAB" stop lab; same
    ]], { ["lab.lua"] = LAB, ["small.lua"] = "print(#netns.list())" })
    assert.equal("lab stays up. nslab enter lab goes into it, nslab stop lab ends it.\n2\nNAME\nlab\n10.9.0.2\n" ..
                 "lab stopped.\nsame\n", got)
  end)

  it("is root's alone", function()
    local prefix = harness.must "id -u" == "0\n" and "setpriv --reuid 65534 --regid 65534 --clear-groups" or nil
    local program <close> = harness.temporary("", "0755")
    harness.must(("cat %s >%s"):format(quote(harness.nslab), program.path))
    local text, status = harness.sh(("%s %s run --host red-blue 2>&1"):format(prefix or "", program.path))
    assert.same({ "nslab: --host changes this machine itself, and only root may: sudo nslab ...\n", 3 }, { text, status })
  end)
end)
