-- What `nslab` does with its sandbox, seen by the tools a learner types and from outside. The specs run
-- in a sandbox already: that one is the machine here, and nslab makes its own inside.

local harness = require "harness"

local function nslab(code, more)
  local words = { "-e", code }
  for key, value in pairs(more or {}) do words[key] = value end
  return harness.run(words)
end

-- Runs shell commands in a sandbox.
local function typed(script)
  local r = nslab("io.write(netns.host:exec(...).stdout)", { [3] = script })
  assert.equal("", r.stderr)
  return r.stdout
end

-- What a sandbox could spoil.
local function machine()
  return harness.must [[
    ls -la --time-style=full-iso /etc /run /run/netns | grep -v ' \.\.$'
    sysctl -a 2>/dev/null | grep -vE 'random|nr_|-nr|state|stat|entries|count|kernel.ns_last_pid|cpu|pty\.nr'
    cat /proc/self/mountinfo
    ip -br link
    hostname
  ]]
end

-- The lines that only one of two texts has; "" when there is none.
local function difference(a, b)
  local count, lines = {}, {}
  for line in a:gmatch "[^\n]+" do count[line] = (count[line] or 0) + 1 end
  for line in b:gmatch "[^\n]+" do count[line] = (count[line] or 0) - 1 end
  for line, n in pairs(count) do
    if n ~= 0 then lines[#lines + 1] = (n > 0 and "- " or "+ ") .. line end
  end
  return table.concat(lines, "\n")
end

describe("a sandbox", function()
  it("shows the tools a host of its own", function()
    local text = typed [[
      id -u; hostname; getent hosts host | cut -d' ' -f1
      ip -br link show up | wc -l; ip -br addr show lo | grep -o 127.0.0.1/8; ip netns list | wc -l
    ]]
    assert.equal("0\nhost\n127.0.0.1\n1\n127.0.0.1/8\n0\n", text)
  end)

  it("lets ip netns add, list, exec and delete", function()
    assert.equal("blue\nred\nUP\n1\nred\n", typed [[
      ip netns add red; ip netns add blue; ip netns list | sort
      ip -n red link set lo up
      ip netns exec red ip link show lo | grep -o UP | head -1
      ip netns exec red sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; sysctl -n net.ipv4.ip_forward'
      ip netns del blue; ip netns list
    ]])
  end)

  it("shows the tools what scripts make, and scripts what the tools make", function()
    local r = nslab [[
      netns.add "red"
      assert(os.execute "ip netns add blue && ip -n red link set lo up")
      print(netns.list())
      os.execute "ip netns del red"
      print(netns.list())
    ]]
    assert.equal("blue\nred\nblue\n", r.stdout)
  end)

  it("ends a namespace that is deleted with the real tool", function()
    assert.equal("gone\n", typed [[
      ip netns add red; ip link add here type veth peer name there netns red
      ip netns exec red true
      ip netns del red
      for i in $(seq 50); do ip -br link show here >/dev/null 2>&1 || { echo gone; break; }; sleep 0.1; done
    ]])
  end)

  it("lets iptables take its lock and ping send", function()
    if not os.execute "command -v iptables >/dev/null" then pending "iptables is not installed" end
    assert.equal("-P INPUT ACCEPT\n-A INPUT -i lo -j ACCEPT\n0\n", typed [[
      iptables -A INPUT -i lo -j ACCEPT && iptables -S INPUT
      ping -c 1 -W 2 127.0.0.1 >/dev/null; echo $?
    ]])
  end)

  it("lets /etc/netns be used, and /etc be written", function()
    -- The spec's own sandbox is one overlay already; where the machine's root is another, as in
    -- containers, there is no third.
    if typed "grep '^[^ ]* / overlay ' /proc/self/mounts; true" ~= "" then
      pending "overlays stack two deep, and here are two already"
    end
    assert.equal("nameserver 10.0.0.53\n", typed [[
      mkdir -p /etc/netns/red; echo nameserver 10.0.0.53 >/etc/netns/red/resolv.conf
      ip netns add red; ip netns exec red cat /etc/resolv.conf
    ]])
  end)

  it("does not wait for a name server that nobody has", function()
    -- Beside two names that are in a file, for a processor may be slow.
    local ms, known_ms = typed [[
      ip netns add red; ip link add a type veth peer name b netns red
      ip addr add 10.0.0.1/24 dev a; ip link set a up; ip route add default via 10.0.0.2
      now() { date +%s%3N; }
      t=$(now); getent hosts localhost >/dev/null; getent ahosts localhost >/dev/null; known=$(($(now) - t))
      t=$(now); getent hosts "$(hostname)" >/dev/null; getent ahosts example.org >/dev/null
      echo $(($(now) - t)) $known
    ]]:match "(%d+) (%d+)"
    assert.truthy(tonumber(ms) < 4000 + 10 * known_ms, ms)
  end)

  it("changes nothing on the machine", function()
    local before = machine()
    typed [[
      ip netns add red; ip link add v0 type veth peer name v1; ip link set lo down
      for f in hosts resolv.conf passwd nslab-test; do echo spoiled >/etc/$f; done
      mkdir -p /etc/netns/red; echo x >/etc/netns/red/hosts; rm -f /etc/services; touch /run/nslab-test
      echo 1 >/proc/sys/net/ipv4/ip_forward
      for f in vm/swappiness kernel/panic fs/file-max kernel/hostname; do
        (echo 17 >/proc/sys/$f) 2>/dev/null; done
      hostname spoiled; mount -t tmpfs none /mnt; touch /mnt/x; true
    ]]
    assert.equal("", difference(before, machine()))
    assert.is_nil(io.open "/mnt/x")
  end)

  it("ends with everything that runs in it", function()
    typed "setsid sleep 987 & setsid sh -c 'sleep 987 & sleep 987' & true"
    assert.equal("", harness.sh "ps --no-headers -o args -C sleep | grep 987")
  end)

  it("gives the script's status", function()
    assert.equal(0, nslab("").status)
    assert.equal(5, nslab("os.exit(5)").status)
  end)

  it("gives 128 and the number of a signal, to nslab alone or to its whole group", function()
    for signal, status in pairs { HUP = 129, INT = 130, TERM = 143 } do
      for _, group in ipairs { false, true } do
        local err <close> = harness.temporary()
        local p <close> = netns.host:spawn {
          harness.nslab, "-e", "print 'ready' io.flush() netns.host:exec { 'sleep', 60 }",
          stdout = "pipe", stderr = err.path }
        assert.equal("ready", p:read("l", 20000))
        if group then p:kill(signal) else harness.must("kill -" .. signal .. " " .. p.pid) end
        assert.equal(status, p:wait(20000).code)
        assert.equal("nslab: interrupted\n", harness.must("cat " .. err.path))
      end
    end
  end)

  it("ends its programs when it is interrupted", function()
    local p <close> = netns.host:spawn {
      harness.nslab, "-e", [[
        local p <close> = netns.host:spawn { "sh", "-c", "trap '' TERM; sleep 986; sleep 986" }
        print "ready" io.flush()
        netns.host:exec { "sleep", 986 }]], stdout = "pipe" }
    assert.equal("ready", p:read("l", 20000))
    harness.must("kill " .. p.pid)
    assert.equal(143, p:wait(20000).code)
    assert.equal("", harness.sh "ps --no-headers -o args -C sleep | grep 986")
  end)

  it("says why it cannot be made, and exits with 3", function()
    local r = harness.run { "-e", "", prefix = "unshare -Urmpf --mount-proc sh -c '"
      .. [[echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"]] .. "' sh" }
    assert.equal(3, r.status)
    assert.equal("", r.stdout)
    assert.equal("nslab: no network namespaces are allowed here (user.max_net_namespaces is 0)\n"
                 .. "sudo sysctl -w user.max_net_namespaces=10000\n", r.stderr)
  end)
end)

describe("the scratch directory", function()
  it("is the lab's own, in memory, open to all, and named to its programs", function()
    local got = harness.run { "-e", [[
      netns.host:exec "echo hello >$NSLAB_SCRATCH/log"
      print(io.open(scratch "log"):read "l", scratch() == os.getenv "NSLAB_SCRATCH")
      netns.add("red"):exec "echo red >>$NSLAB_SCRATCH/log"
      print(netns.host:exec "cat $NSLAB_SCRATCH/log; stat -f -c %T $NSLAB_SCRATCH; stat -c %a $NSLAB_SCRATCH")]] }
    assert.same({ "", "hello\ttrue\nhello\nred\ntmpfs\n1777\n", 0 }, { got.stderr, got.stdout, got.status })
    got = harness.run { "-e", "print(#netns.host:exec('ls ' .. scratch()).stdout)" }
    assert.equal("0\n", got.stdout)
  end)

  it("is in no machine", function()
    local got = harness.run { "--no-sandbox", "-e", "scratch()", prefix = "unshare -r -m sh -c 'mount -t tmpfs none /run; exec \"$@\"' x" }
    assert.equal(1, got.status)
    assert.truthy(got.stderr:find("-e:1: scratch: there is no sandbox here, so no directory would die with it.", 1, true), got.stderr)
  end)
end)
