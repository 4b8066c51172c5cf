-- iptables and ip6tables on a kernel: what packets meet, verbs, transactions, texts, errors. What
-- rules become is compared with the iptables program in tests/oracle.

local harness = require "harness"
local fresh, sh, must = harness.fresh, harness.sh, harness.must

local function error_of(fn, ...)
  local ok, why = pcall(fn, ...)
  assert(not ok, "it was done")
  return why
end

-- The rules as the program lists them.
local function listed(options, program)
  return must(("%s %s"):format(program or "iptables", options or "-S"))
end

local function ruleset()
  return (must("nft -a list ruleset 2>/dev/null"):gsub("packets %d+ bytes %d+", "packets N"))
end

-- ---- packets ------------------------------------------------------------------------------------------

-- client - router - server; the router forwards. Addresses end in .1 at the router, in .2 elsewhere.
local function network()
  local client, router, server = netns.add "client", netns.add "router", netns.add "server"
  for near, far in pairs { [client] = "10.1.0", [server] = "10.2.0" } do
    local v6 = far == "10.1.0" and "2001:db8:1::" or "2001:db8:2::"
    local port = "to-" .. near.name
    near.link.set("lo", { up = true })
    router.link.add(port, { up = true, veth = { peer = { name = "eth0", netns = near, up = true } } })
    router.addr.add(far .. ".1/24", { dev = port })
    near.addr.add(far .. ".2/24", { dev = "eth0" })
    near.route.add("default", { via = far .. ".1" })
    must(("ip -n router addr add %s1/64 dev %s nodad"):format(v6, port))
    must(("ip -n %s addr add %s2/64 dev eth0 nodad"):format(near.name, v6))
    must(("ip -n %s -6 route add default via %s1"):format(near.name, v6))
  end
  router.link.set("lo", { up = true })
  must "ip netns exec router sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
  assert.equal(1, client:ping("10.2.0.2", { count = 1 }).received)
  return client, router, server
end

-- A server that tells everybody which address he comes from. Its port is open when it is returned.
local LISTEN = [[
  $| = 1; my $s = IO::Socket::IP->new(LocalHost => $ARGV[0], LocalPort => $ARGV[1], Listen => 8, ReuseAddr => 1) or die $@;
  print "ready\n"; while (my $c = $s->accept) { print $c $c->peerhost, "\n"; close $c }]]
local CONNECT = [[
  my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1], Timeout => $ARGV[2]) or do { print "$!\n"; exit };
  print scalar <$s>]]

local function listen(ns, address, port)
  local server = ns:spawn { "perl", "-MIO::Socket::IP", "-e", LISTEN, address, tostring(port), stdout = "pipe" }
  assert.equal("ready", server:read("l", 10000))
  return server
end

-- What the server said, or why there was no connection.
local function connect(ns, address, port, timeout)
  local words = { "perl", "-MIO::Socket::IP", "-e", CONNECT, address, tostring(port), timeout or "10" }
  return (ns:exec(words).stdout:gsub("\n", ""))
end

local REFUSED, SILENT = "Connection refused", "Connection timed out"

describe("iptables and packets", function()
  it("lets through what FORWARD accepts, and counts it", fresh(function()
    local client, router, server = network()
    local _ <close> = listen(server, "10.2.0.2", 80)
    assert.equal("10.1.0.2", connect(client, "10.2.0.2", 80))
    router.iptables.policy("FORWARD", "DROP")
    assert.equal(SILENT, connect(client, "10.2.0.2", 80, "1"))
    router.iptables.append("FORWARD", { match = { conntrack = { ctstate = "ESTABLISHED,RELATED" } }, jump = "ACCEPT" })
    router.iptables.append("FORWARD", { in_interface = "to-client", protocol = "tcp", dport = 80,
                                        match = { conntrack = { ctstate = "NEW" } }, jump = "ACCEPT" })
    assert.equal("10.1.0.2", connect(client, "10.2.0.2", 80))
    local rules = router.iptables.list "FORWARD"
    assert.equal(1, rules[2].packets) -- the SYN; all others belong to the connection
    assert.is_true(rules[1].packets >= 4 and rules[1].bytes > rules[1].packets * 20)
    local _, dropped = router.iptables.policy "FORWARD"
    assert.is_true(dropped >= 1)
    assert.equal(0, server:ping("10.1.0.2", { count = 1, timeout_ms = 300 }).received)
    router.iptables.zero "FORWARD"
    assert.equal(0, router.iptables.list("FORWARD")[1].packets)
    assert.equal(0, (select(2, router.iptables.policy "FORWARD")))
  end))

  it("lets through what FORWARD accepts, with IPv6", fresh(function()
    local client, router, server = network()
    local _ <close> = listen(server, "2001:db8:2::2", 80)
    assert.equal("2001:db8:1::2", connect(client, "2001:db8:2::2", 80))
    router.ip6tables "-A FORWARD -p tcp --dport 80 -j REJECT --reject-with tcp-reset"
    assert.equal(REFUSED, connect(client, "2001:db8:2::2", 80))
    router.ip6tables.insert("FORWARD", { source = "2001:db8:1::/64", protocol = "tcp", dport = "80:81", jump = "ACCEPT" })
    assert.equal("2001:db8:1::2", connect(client, "2001:db8:2::2", 80))
    assert.is_true(router.ip6tables.list("FORWARD")[1].packets > 0)
    assert.equal(1, router.ip6tables.list("FORWARD")[2].packets)
  end))

  it("rejects in each of its ways, and drops in silence", fresh(function()
    local client, router = network()
    for how, what in pairs { ["tcp-reset"] = REFUSED, ["icmp-port-unreachable"] = REFUSED,
                             ["icmp-host-unreachable"] = "No route to host",
                             ["icmp-net-unreachable"] = "Network is unreachable" } do
      router.iptables.flush()
      router.iptables.append("FORWARD", { protocol = "tcp", jump = "REJECT", target = { reject_with = how } })
      assert.equal(what, connect(client, "10.2.0.2", 80), how)
    end
    router.iptables.flush()
    router.iptables "-A FORWARD -p tcp -j DROP"
    assert.equal(SILENT, connect(client, "10.2.0.2", 80, "1"))
  end))

  it("masquerades: the server sees the router", fresh(function()
    local client, router, server = network()
    local _ <close> = listen(server, "10.2.0.2", 80)
    local _ <close> = listen(server, "2001:db8:2::2", 80)
    router.iptables.append("POSTROUTING", { table = "nat", source = "10.1.0.0/24", out_interface = "to-server",
                                            jump = "MASQUERADE" })
    router.ip6tables.append("POSTROUTING", { table = "nat", out_interface = "to-server", jump = "SNAT",
                                             target = { to_source = "2001:db8:2::1" } })
    assert.equal("10.2.0.1", connect(client, "10.2.0.2", 80))
    assert.equal("2001:db8:2::1", connect(client, "2001:db8:2::2", 80))
    assert.equal(1, router.iptables.list("POSTROUTING", { table = "nat" })[1].packets)
    assert.equal(1, router.ip6tables.list("POSTROUTING", { table = "nat" })[1].packets)
    router.iptables.flush { table = "nat" }
    assert.equal("10.1.0.2", connect(client, "10.2.0.2", 80))
  end))

  it("forwards ports, and redirects them", fresh(function()
    local client, router, server = network()
    local _ <close> = listen(server, "10.2.0.2", 80)
    local _ <close> = listen(server, "2001:db8:2::2", 80)
    local _ <close> = listen(router, "10.1.0.1", 3128)
    assert.equal(REFUSED, connect(client, "10.1.0.1", 8080))
    router.iptables "-t nat -A PREROUTING -i to-client -p tcp --dport 8080 -j DNAT --to-destination 10.2.0.2:80"
    router.ip6tables.append("PREROUTING", { table = "nat", protocol = "tcp", dport = 8080, jump = "DNAT",
                                            target = { to_destination = "[2001:db8:2::2]:80" } })
    router.iptables.append("PREROUTING", { table = "nat", protocol = "tcp", dport = 81, jump = "REDIRECT",
                                           target = { to_ports = 3128 } })
    assert.equal("10.1.0.2", connect(client, "10.1.0.1", 8080))
    assert.equal("2001:db8:1::2", connect(client, "2001:db8:1::1", 8080))
    assert.equal("10.1.0.2", connect(client, "10.2.0.2", 81)) -- the router's own answers
    local hits = {}
    for _, rule in ipairs(router.iptables.list { table = "nat" }) do hits[#hits + 1] = rule.packets end
    assert.same({ 1, 1 }, hits)
  end))

  it("knows connections: answers pass where nothing new does", fresh(function()
    local client, router, server = network()
    local _ <close> = listen(server, "10.2.0.2", 80)
    local _ <close> = listen(client, "10.1.0.2", 80)
    router.iptables.transaction(function(t)
      t.policy("FORWARD", "DROP")
      t.append("FORWARD", { match = { state = { state = "ESTABLISHED,RELATED" } }, jump = "ACCEPT" })
      t.append("FORWARD", { match = { state = { state = "INVALID" } }, jump = "DROP" })
      t.append("FORWARD", { in_interface = "to-client", jump = "ACCEPT" })
    end)
    assert.equal("10.1.0.2", connect(client, "10.2.0.2", 80))
    assert.equal(SILENT, connect(server, "10.1.0.2", 80, "1"))
    assert.equal(1, client:ping("10.2.0.2", { count = 1 }).received)
    assert.equal(0, server:ping("10.1.0.2", { count = 1, timeout_ms = 300 }).received)
    router.iptables.append("PREROUTING", { table = "raw", in_interface = "to-client", protocol = "icmp", jump = "CT",
                                           target = { notrack = true } })
    assert.equal(0, client:ping("10.2.0.2", { count = 1, timeout_ms = 300 }).received) -- its answer belongs to nothing
  end))

  it("marks packets, and marks decide", fresh(function()
    local client, router = network()
    must "ip -n router rule add fwmark 7 lookup 100"
    must "ip -n router route add prohibit default table 100"
    router.iptables.append("PREROUTING", { table = "mangle", protocol = "icmp", icmp_type = 8, jump = "MARK",
                                           target = { set_mark = 7 } })
    local ok, why = pcall(client.ping, client, "10.2.0.2", { count = 1, timeout_ms = 500 })
    assert.is_true(not ok or why.received == 0)
    router.iptables.append("FORWARD", { match = { mark = { mark = 9 } }, jump = "DROP" })
    router.iptables.replace("PREROUTING", { table = "mangle", protocol = "icmp", icmp_type = 8, jump = "MARK",
                                            target = { set_xmark = "0x9/0xffffffff" } }, 1)
    assert.equal(0, client:ping("10.2.0.2", { count = 1, timeout_ms = 300 }).received)
    assert.equal(1, router.iptables.list("FORWARD")[1].packets)
    router.iptables.flush("FORWARD")
    assert.equal(1, client:ping("10.2.0.2", { count = 1 }).received)
  end))

  it("limits, and jumps to chains and back", fresh(function()
    local client, router = network()
    router.iptables.transaction(function(t)
      t.new_chain "icmp"
      t.append("icmp", { match = { limit = { limit = "1/hour", limit_burst = 3 } }, jump = "RETURN" })
      t.append("icmp", { jump = "DROP" })
      t.append("FORWARD", { protocol = "icmp", in_interface = "to-client", jump = "icmp" })
    end)
    assert.equal(3, client:ping("10.2.0.2", { count = 5, interval_ms = 10, timeout_ms = 300 }).received)
    assert.same({ 3, 2 }, { router.iptables.list("icmp")[1].packets, router.iptables.list("icmp")[2].packets })
    assert.equal(5, router.iptables.list("FORWARD")[1].packets)
  end))
end)

-- ---- verbs --------------------------------------------------------------------------------------------

describe("the verbs of iptables", function()
  it("do what the command does, bound and unbound", fresh(function()
    local red = netns.add "red"
    for where, module in pairs { [""] = iptables, ["ip netns exec red "] = red.iptables } do
      local function rules() return must(where .. "iptables -S") end
      module.append("INPUT", { protocol = "tcp", dport = 1, jump = "ACCEPT" })
      module.append("INPUT", { protocol = "tcp", dport = 3, jump = "ACCEPT" })
      module.insert("INPUT", { protocol = "tcp", dport = 2, jump = "ACCEPT" }, 2)
      module.insert("INPUT", { protocol = "tcp", dport = 0, jump = "ACCEPT" })
      module.insert("INPUT", { protocol = "tcp", dport = 4, jump = "ACCEPT" }, 5)
      local ports = {}
      for port in rules():gmatch "%-%-dport (%d)" do ports[#ports + 1] = port end
      assert.equal("01234", table.concat(ports))
      module.replace("INPUT", { protocol = "udp", dport = 9, jump = "DROP" }, 3)
      assert.truthy(rules():find("-A INPUT -p udp -m udp --dport 9 -j DROP", 1, true))
      module.delete("INPUT", { protocol = "udp", dport = 9, jump = "DROP" })
      module.delete("INPUT", 1)
      assert.equal(3, select(2, rules():gsub("%-A INPUT", "")))
      assert.is_true(module.check("INPUT", { protocol = "tcp", dport = 4, jump = "ACCEPT" }))
      assert.is_false(module.check("INPUT", { protocol = "tcp", dport = 5, jump = "ACCEPT" }))
      module.new_chain "web"
      module.append("INPUT", { jump = "web" })
      module.rename_chain("web", "www")
      assert.truthy(rules():find("-N www\n", 1, true))
      assert.truthy(rules():find("-A INPUT -j www\n", 1, true))
      module.flush "INPUT"
      assert.falsy(rules():find "%-A")
      module.delete_chain "www"
      assert.falsy(rules():find "www")
      module.policy("FORWARD", "DROP")
      assert.truthy(rules():find("-P FORWARD DROP\n", 1, true))
      assert.equal("DROP", (module.policy "FORWARD"))
    end
  end))

  it("act in every table, with IPv4 and IPv6", fresh(function()
    local chains = { filter = "FORWARD", nat = "POSTROUTING", mangle = "PREROUTING", raw = "OUTPUT", security = "INPUT" }
    for program, module in pairs { iptables = iptables, ip6tables = ip6tables } do
      for name, chain in pairs(chains) do
        module.append(chain, { table = name, jump = "ACCEPT" })
        module.new_chain("own", { table = name })
        assert.equal(("-A %s -j ACCEPT\n"):format(chain),
                     must(("%s -t %s -S %s | grep -e -A"):format(program, name, chain)))
        assert.equal(chain, module.list { table = name }[1].chain)
        module.rename_chain("own", "mine", { table = name })
        module.zero(chain, { table = name, position = 1 })
        module.delete(chain, 1, { table = name })
        module.delete_chain("mine", { table = name })
        assert.equal("", must(("%s -t %s -S | grep -v -e -P || true"):format(program, name)))
      end
      assert.equal(5, select(2, must(program .. "-save"):gsub("COMMIT", "")))
    end
  end))

  it("take options in every form of a value", fresh(function()
    iptables.new_chain "own"
    iptables.new_chain "copy"
    local RULES = {
      { { source = "! 10.0.0.0/8", in_interface = "!lo", protocol = "tcp", sport = 1024, dport = "! 22", fragments = false },
        "! -s 10.0.0.0/8 ! -i lo -p tcp -m tcp --sport 1024 ! --dport 22" },
      { { protocol = "tcp", tcp_flags = { "!", "SYN,ACK", "SYN" } }, "-p tcp -m tcp ! --tcp-flags SYN,ACK SYN" },
      { { protocol = "tcp", syn = "!" }, "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN" },
      { { fragments = true, src = "10.0.0.1", dst = "10.0.0.2" }, "-s 10.0.0.1/32 -d 10.0.0.2/32 -f" },
      { { fragment = "!", protocol = 17 }, "-p udp ! -f" },
      { { source = "10.0.0.1,10.0.0.2" }, "-s 10.0.0.1/32", "-s 10.0.0.2/32" },
      { { match = "socket", jump = "own" }, "-m socket -j own" },
      { { match = { "socket", "comment" }, comment = "x" }, "-m socket -m comment --comment x" },
      { { match = { "conntrack", ctstate = "NEW" } }, "-m conntrack --ctstate NEW" },
      { { match = { { "mark", mark = 1 }, { "mark", mark = "! 0x2/0xf" }, "socket" } },
        "-m mark --mark 0x1 -m mark ! --mark 0x2/0xf -m socket" },
      { { match = { comment = { comment = "! is text" }, limit = { limit = "5/min" }, socket = true, addrtype = false } },
        '-m comment --comment "! is text" -m limit --limit 5/min -m socket' },
      { { match = "conntrack", ctstate = "NEW", protocol = "udp", dport = 53 },
        "-p udp -m udp --dport 53 -m conntrack --ctstate NEW" },
      { { protocol = "icmp", icmp_type = "echo-request", jump = "REJECT", reject_with = "icmp-net-unreachable" },
        "-p icmp -m icmp --icmp-type 8 -j REJECT --reject-with icmp-net-unreachable" },
      { { jump = "LOG", target = { log_prefix = "! 1", log_level = 4, log_uid = true } }, '-j LOG --log-prefix "! 1" --log-uid' },
      { { go_to = "own" }, "-g own" },
      { { ["goto"] = "own" }, "-g own" },
      { "-p tcp --dport 22 -m comment --comment 'as text' -j ACCEPT",
        '-p tcp -m tcp --dport 22 -m comment --comment "as text" -j ACCEPT' },
    }
    for _, rule in ipairs(RULES) do
      iptables.flush "INPUT"
      iptables.append("INPUT", rule[1])
      local text = must "iptables -S INPUT | tail -n +2"
      assert.equal("-A INPUT " .. table.concat(rule, "\n-A INPUT ", 2) .. "\n", text)
      for _, listed_rule in ipairs(iptables.list "INPUT") do
        iptables.append("copy", listed_rule())
        assert.equal(tostring(listed_rule):sub(9), tostring(iptables.list "copy" [1]):sub(8))
        iptables.flush "copy"
      end
    end
  end))

  it("list rules with the keys that append takes", fresh(function()
    iptables.append("FORWARD", { source = "! 10.0.0.0/8", in_interface = "lo", out_interface = "eth+", protocol = "tcp",
                                 dport = 22, sport = "1024:65535", syn = true,
                                 match = { { "conntrack", ctstate = "NEW" }, { "comment", comment = "hello \"you\"" } },
                                 jump = "REJECT", target = { reject_with = "tcp-reset" } })
    local rule = iptables.list "FORWARD" [1]
    assert.same({
      chain = "FORWARD", table = "filter", position = 1, packets = 0, bytes = 0, handle = rule.handle,
      source = "! 10.0.0.0/8", in_interface = "lo", out_interface = "eth+", protocol = "tcp", dport = 22,
      sport = "1024:65535", tcp_flags = { "FIN,SYN,RST,ACK", "SYN" }, jump = "REJECT",
      match = { { "conntrack", ctstate = "NEW" }, { "comment", comment = "hello \"you\"" } },
      target = { reject_with = "tcp-reset" },
    }, rule())
    assert.equal("NEW", rule.match.conntrack.ctstate)
    assert.is_nil(rule.match.limit)
    assert.equal("tcp-reset", rule.reject_with)
    assert.is_nil(rule.destination)
    assert.equal(must("iptables -S FORWARD | tail -1"), tostring(rule) .. "\n")
    assert.truthy(must("nft -a list table ip filter 2>/dev/null"):find(("handle %d\n"):format(rule.handle), 1, true))
    local keys = 0
    for _ in pairs(rule) do keys = keys + 1 end
    assert.equal(16, keys)
  end))

  it("give a listed rule back: to append, check, insert, delete", fresh(function()
    must "iptables -A INPUT -p udp --dport 53 -m limit --limit 7/sec -c 12 3456 -j NFLOG --nflog-prefix 'a b' --nflog-group 3"
    must "iptables -t nat -A POSTROUTING -o eth0 -p tcp -j MASQUERADE --to-ports 1024-2048"
    local rule, nat = iptables.list()[1], iptables.list { table = "nat" } [1]
    assert.same({ 12, 3456 }, { rule.packets, rule.bytes })
    iptables.append("INPUT", rule)
    iptables.insert("INPUT", rule())
    iptables.append("POSTROUTING", nat)
    local rules = iptables.list "INPUT"
    assert.equal(rule, rules[1])
    assert.equal(rule, rules[3])
    assert.not_equal(rule, nat)
    assert.equal(nat, iptables.list { table = "nat" } [2])
    assert.equal(0, rules[1].packets)
    for _ = 1, 3 do iptables.delete("INPUT", rule) end
    assert.is_false(iptables.check("INPUT", rule))
  end))

  it("print a list as iptables -S, with its chains", fresh(function()
    iptables "-N web"
    iptables "-A INPUT -j web"
    iptables "-P OUTPUT DROP"
    local list = iptables.list()
    assert.equal(must "iptables -S", tostring(list) .. "\n")
    assert.equal(must "iptables -S web", tostring(iptables.list "web") .. "\n")
    assert.same({ name = "OUTPUT", policy = "DROP", packets = 0, bytes = 0 }, list.chains[3])
    assert.same({ name = "web", references = 1 }, list.chains[4])
    local seen = {}
    for rule in iptables.each() do seen[#seen + 1] = tostring(rule) end
    assert.same({ "-A INPUT -j web" }, seen)
  end))

  it("make nothing by looking", fresh(function()
    assert.equal(0, #iptables.list())
    assert.equal("ACCEPT", (iptables.policy "INPUT"))
    assert.equal("", iptables.save())
    assert.equal(must "iptables -S", iptables "-S")
    assert.is_false(iptables.check("INPUT", { jump = "ACCEPT" }))
    assert.equal("", must "nft list ruleset")
  end))

  it("set counters, and zero them", fresh(function()
    iptables.append("INPUT", { jump = "ACCEPT", set_counters = { 5, 500 } })
    iptables.append("INPUT", { protocol = "tcp", match = { comment = { comment = "two" } }, jump = "ACCEPT",
                               set_counters = { 7, 700 } })
    iptables.policy("FORWARD", "DROP", { set_counters = { 3, 300 } })
    assert.equal("[5:500]\n[7:700]\n", must "iptables-save -c | grep -o -e '^\\[.*\\] -A' | cut -d' ' -f1")
    iptables.zero("INPUT", { position = 2 })
    assert.same({ 5, 0 }, { iptables.list()[1].packets, iptables.list()[2].packets })
    iptables.zero()
    assert.equal(0, iptables.list()[1].bytes)
    assert.equal("-P INPUT ACCEPT -c 0 0\n-P FORWARD DROP -c 0 0\n-P OUTPUT ACCEPT -c 0 0\n",
                 must "iptables -S -v | grep -e -P")
    assert.equal(2, #iptables.list())
  end))

  it("say in iptables' words what they did", fresh(function()
    local core = require "nslab.core"
    local commands = {}
    core.observe(function(op) commands[#commands + 1] = ("%s %s: %s"):format(op.verb, op.key, op.command) end)
    iptables.append("POSTROUTING", { table = "nat", source = "10.0.0.0/8", out_interface = "eth0", jump = "MASQUERADE" })
    iptables "-A INPUT -m comment --comment 'two words' -j ACCEPT"
    iptables.policy("FORWARD", "DROP")
    iptables.list { table = "nat" }
    iptables.save()
    pcall(iptables.delete, "INPUT", 9)
    iptables.transaction(function(t)
      t.new_chain "x"
      t "-A x -j DROP"
    end)
    core.observe(nil)
    assert.same({
      "append POSTROUTING: iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE",
      'append INPUT: iptables -A INPUT -m comment --comment "two words" -j ACCEPT',
      "policy FORWARD: iptables -P FORWARD DROP",
      "list nil: iptables -t nat -S",
      "save nil: iptables-save",
      "delete INPUT: iptables -D INPUT 9",
      "transaction nil: iptables -N x\niptables -A x -j DROP",
    }, commands)
    must(commands[5]:match ": (.*)" .. " | grep -q MASQUERADE")
    local script = commands[1]:match ": (.*)"
    must(script)
    assert.equal(2, #iptables.list { table = "nat" })
  end))
end)

-- ---- all or nothing -----------------------------------------------------------------------------------

describe("a transaction of iptables", function()
  it("does everything or nothing", fresh(function()
    iptables "-A INPUT -j ACCEPT"
    local before = ruleset()
    local line
    local why = error_of(iptables.transaction, function(t)
      t.append("INPUT", { jump = "DROP" })
      t.new_chain "web"
      line = debug.getinfo(1, "l").currentline + 1
      t.append("web", { jump = "MASQUERADE" })
      t.policy("FORWARD", "DROP")
    end)
    assert.equal(before, ruleset())
    assert.equal("iptables.append", why.op)
    assert.equal("web", why.key)
    assert.equal(3, why.change)
    assert.equal(("tests/kernel/iptables_spec.lua:%d"):format(line), why.where)
    assert.truthy(why.text:find("change 3 of 4", 1, true))
    assert.truthy(why.text:find("MASQUERADE", 1, true))
  end))

  it("does nothing when its function fails", fresh(function()
    local before = ruleset()
    assert.equal("mine", error_of(iptables.transaction, function(t)
      t.append("INPUT", { jump = "DROP" })
      error("mine", 0)
    end))
    local escaped
    iptables.transaction(function(t) escaped = t end)
    assert.equal("EINVAL", error_of(escaped.append, "INPUT", { jump = "DROP" }).code)
    assert.equal(before, ruleset())
  end))

  it("sees its own changes", fresh(function()
    iptables "-A INPUT -p tcp --dport 1 -j ACCEPT"
    iptables.transaction(function(t)
      t.append("INPUT", { protocol = "tcp", dport = 3, jump = "ACCEPT" })
      t.insert("INPUT", { protocol = "tcp", dport = 2, jump = "ACCEPT" }, 2)
      t.insert("INPUT", { protocol = "tcp", dport = 0, jump = "ACCEPT" })
      t.replace("INPUT", { protocol = "tcp", dport = 33, jump = "ACCEPT" }, 4)
      t.replace("INPUT", { protocol = "tcp", dport = 11, jump = "ACCEPT" }, 2)
      t.delete("INPUT", { protocol = "tcp", dport = 0, jump = "ACCEPT" })
      t.delete("INPUT", 2)
      t.new_chain "a"
      t.append("a", { jump = "RETURN", set_counters = { 1, 2 } })
      t.zero "a"
      t.append("INPUT", { jump = "a" })
      t.restore("*nat\n-A POSTROUTING -j ACCEPT\nCOMMIT\n", { noflush = true })
    end)
    assert.equal("-A INPUT -p tcp -m tcp --dport 11 -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 33 -j ACCEPT\n" ..
                 "-A INPUT -j a\n-A a -c 0 0 -j RETURN\n",
                 must "(iptables -S INPUT; iptables -S a -v) | grep -e -A")
    assert.equal("-A POSTROUTING -j ACCEPT\n", must "iptables -t nat -S POSTROUTING | grep -e -A")
  end))

  it("of 50,000 rules whose last is bad leaves nothing, and names it", fresh(function()
    iptables "-N old"
    iptables "-A INPUT -j old"
    local before = ruleset()
    local why = error_of(iptables.transaction, function(t)
      t.new_chain "many"
      for i = 1, 49998 do
        t.append("many", { source = ("10.%d.%d.%d"):format(i >> 16, i >> 8 & 255, i & 255), protocol = "tcp",
                           dport = i, jump = "ACCEPT" })
      end
      t.append("many", { protocol = "tcp", jump = "REDIRECT", target = { to_ports = 80 } })
    end)
    assert.equal(50000, why.change)
    assert.truthy(why.text:find("REDIRECT", 1, true))
    assert.equal("  REDIRECT belongs in PREROUTING and OUTPUT of table nat.", tostring(why):match "\n(.*)$")
    assert.equal(before, ruleset())
  end))

  it("loses nothing when others write at the same time", fresh(function()
    local N = 150
    local script <close> = harness.temporary(([[
      local port = tonumber(arg[1])
      for i = 1, %d do
        iptables.insert("INPUT", { protocol = "tcp", dport = port, sport = i, jump = "ACCEPT" }, 1)
        if i %% 10 == 0 then
          iptables.transaction(function(t)
            t.append("INPUT", { protocol = "udp", dport = port, sport = i, jump = "ACCEPT" })
            t.delete("INPUT", { protocol = "tcp", dport = port, sport = i, jump = "ACCEPT" })
          end)
        end
      end
    ]]):format(N), "644")
    iptables "-A INPUT -j ACCEPT"
    must(([[
      for port in 1 2 3; do %s --no-sandbox %s $port & done
      for i in $(seq 60); do iptables -A INPUT -p tcp --dport 4 --sport $i -j ACCEPT || exit 1; done
      wait
    ]]):format(harness.quote(harness.nslab), script.path))
    local seen = {}
    for _, rule in ipairs(iptables.list "INPUT") do
      if rule.dport then seen[rule.protocol .. rule.dport] = (seen[rule.protocol .. rule.dport] or 0) + 1 end
    end
    local tcp, udp = N - N // 10, N // 10
    assert.same({ tcp1 = tcp, tcp2 = tcp, tcp3 = tcp, udp1 = udp, udp2 = udp, udp3 = udp, tcp4 = 60 }, seen)
  end))
end)

-- ---- texts --------------------------------------------------------------------------------------------

describe("iptables.save and iptables.restore", function()
  local function plain(text) return (text:gsub("#[^\n]*\n", "")) end

  it("go around with iptables-save and iptables-restore", fresh(function()
    iptables.transaction(function(t)
      t.new_chain "web"
      t.new_chain "a-chain"
      t.policy("FORWARD", "DROP")
      t.append("INPUT", { protocol = "tcp", dport = 80, jump = "web" })
      t.append("web", { match = { comment = { comment = "it's \"web\" \\ $HOME" } }, go_to = "a-chain" })
      t.append("POSTROUTING", { table = "nat", jump = "MASQUERADE" })
    end)
    local text = iptables.save()
    assert.equal(plain(must "iptables-save"), plain(text))
    iptables "-F"
    iptables "-X"
    iptables.new_chain "leftover"
    iptables.restore(text)
    assert.equal(plain(text), plain(must "iptables-save"))
    local file <close> = harness.temporary(text, "644")
    must("iptables -F; iptables-restore " .. file.path)
    assert.equal(plain(text), plain(iptables.save()))
    assert.equal("*nat", plain(iptables.save { table = "nat" }):match "^%*%w+")
    assert.equal("", iptables.save { table = "raw" }:match "\n%-A" or "")
  end))

  it("keep counters when asked", fresh(function()
    iptables.append("INPUT", { jump = "ACCEPT", set_counters = { 4, 400 } })
    iptables.policy("FORWARD", "DROP", { set_counters = { 9, 900 } })
    local text = iptables.save { counters = true }
    assert.equal(plain(must "iptables-save -c"), plain(text))
    iptables.restore(text)
    assert.equal(0, iptables.list()[1].packets)
    iptables.restore(text, { counters = true })
    assert.equal(plain(text), plain(must "iptables-save -c"))
    assert.equal("", iptables.save { table = "raw" }:match "%-A" or "")
  end))

  it("add to what is there, or take one table only", fresh(function()
    iptables "-A INPUT -j ACCEPT"
    iptables "-t nat -A OUTPUT -j ACCEPT"
    local text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -j DROP\nCOMMIT\n*nat\n-A OUTPUT -j RETURN\nCOMMIT\n"
    iptables.restore(text, { table = "filter", noflush = true })
    assert.equal("-P INPUT DROP\n-A INPUT -j ACCEPT\n-A INPUT -j DROP\n", must "iptables -S INPUT")
    assert.equal("-P OUTPUT ACCEPT\n-A OUTPUT -j ACCEPT\n", must "iptables -t nat -S OUTPUT")
    iptables.restore(text)
    assert.equal("-P INPUT DROP\n-A INPUT -j DROP\n", must "iptables -S INPUT")
    assert.equal("-P OUTPUT ACCEPT\n-A OUTPUT -j RETURN\n", must "iptables -t nat -S OUTPUT")
  end))

  it("take the lines that iptables-restore takes", fresh(function()
    local text = [[
# a comment

*filter
:INPUT ACCEPT [0:0]
:web - [0:0]
[3:30] -A INPUT -p tcp --dport 80 -m comment --comment "a \"b\" c" -j web
-I INPUT 1 -i lo -j ACCEPT
-A INPUT -4 -j DROP
-A INPUT -6 -j DROP
-P FORWARD DROP
-N other
-F other
COMMIT
# between
*nat
:POSTROUTING ACCEPT
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
]]
    local file <close> = harness.temporary(text, "644")
    iptables.restore(text)
    local ours = plain(must "iptables-save")
    must "iptables -F; iptables -X; iptables -t nat -F; iptables -P FORWARD ACCEPT"
    must("iptables-restore " .. file.path)
    assert.equal(plain(must "iptables-save"), ours)
  end))

  it("name the line and column of what is wrong, and change nothing", fresh(function()
    iptables "-A INPUT -j ACCEPT"
    local before = ruleset()
    local HEAD = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n"
    for text, where in pairs {
      [HEAD .. "-A INPUT -p tcp --dprt 22 -j ACCEPT\nCOMMIT\n"] = "line 4, column 17: unknown option \"--dprt\"",
      [HEAD .. "[1:2] -A INPUT -s 300.0.0.1 -j ACCEPT\nCOMMIT\n"] = "line 4, column 16: host/network",
      [HEAD .. "-A INPUT -m conntrack --ctstate NW -j ACCEPT\nCOMMIT\n"] = "line 4, column 23: Bad ctstate",
      [HEAD .. "-A INPUT -m comment --comment \"open -j ACCEPT\nCOMMIT\n"] = "line 4, column 31: the quote",
      [HEAD .. "-A INPUT -j nowhere\nCOMMIT\n"] = "line 4, column 1: there is neither a target nor a chain",
      [HEAD .. "-A INPUT -j MASQUERADE\nCOMMIT\n"] = "line 4, column 1: the target MASQUERADE",
      [HEAD .. "-t nat -A INPUT -j ACCEPT\nCOMMIT\n"] = "line 4, column 1: The -t option cannot be used",
      [HEAD .. ":INPUT NONSENSE [0:0]\nCOMMIT\n"] = "line 4, column 1: Bad policy name",
      [HEAD .. "[x:y] -A INPUT\nCOMMIT\n"] = "line 4, column 1: counters are",
      [HEAD] = "line 4, column 1: COMMIT expected",
      ["*nosuch\nCOMMIT\n"] = "line 1, column 2: table name",
      ["-A INPUT -j ACCEPT\n"] = "line 1, column 1: a line outside of a table",
      [HEAD .. "*nat\nCOMMIT\n"] = "line 4, column 1: COMMIT is missing",
    } do
      local why = error_of(iptables.restore, text)
      assert.equal(where, why.text:sub(1, #where))
      assert.equal(before, ruleset())
    end
  end))

  it("lose nothing of each other, however large", fresh(function()
    local script <close> = harness.temporary([[
      for round = 1, 2 do
        local lines = { "*filter", (":%s-%d - [0:0]"):format(arg[1], round) }
        for i = 1, 3000 do
          lines[#lines + 1] = ("-A %s-%d -s 10.1.%d.%d/32 -p udp -m udp --dport %d -j DROP"):format(
            arg[1], round, i >> 8, i & 255, i)
        end
        iptables.restore(table.concat(lines, "\n", 1) .. "\nCOMMIT\n", { noflush = true })
      end
    ]], "644")
    iptables "-A INPUT -j ACCEPT"
    must(([[
      writers=
      for name in a b c; do %s --no-sandbox %s $name & writers="$writers $!"; done
      for i in $(seq 10); do sleep 0.1; iptables -A INPUT -p tcp --dport $i -j ACCEPT || exit 1; done
      for writer in $writers; do wait $writer || exit 1; done
    ]]):format(harness.quote(harness.nslab), script.path))
    local chains = {}
    for _, chain in ipairs { "INPUT", "a-1", "a-2", "b-1", "b-2", "c-1", "c-2" } do chains[chain] = #iptables.list(chain) end
    assert.same({ INPUT = 11, ["a-1"] = 3000, ["a-2"] = 3000, ["b-1"] = 3000, ["b-2"] = 3000, ["c-1"] = 3000,
                  ["c-2"] = 3000 }, chains)
    assert.is_nil(must("nft list chains"):find("staged", 1, true))
  end))

  -- As many as that take room that an ordinary user has to be given.
  local MANY = harness.again and not harness.sanitizers and 50000 or 10000

  it(("restore %d rules as anybody"):format(MANY), fresh(function()
    local lines = { "*filter", ":INPUT DROP [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":a - [0:0]",
                    ":many - [0:0]", "-A INPUT -i lo -j ACCEPT", "-A INPUT -j many", "-A a -j RETURN" }
    for i = 1, MANY do
      lines[#lines + 1] = ("-A many -s 10.%d.%d.%d/32 -p tcp -m tcp --dport %d -j %s"):format(
        i >> 16, i >> 8 & 255, i & 255, i, i % 100 == 0 and "a" or "ACCEPT")
    end
    lines[#lines + 1] = "COMMIT\n"
    local text = table.concat(lines, "\n")
    must "iptables -N old; iptables -A old -j DROP; iptables -A INPUT -j old; iptables -P FORWARD DROP"
    iptables.restore(text)
    assert.is_true(plain(must "iptables-save") == text)
    -- and a bad rule at its end takes everything back
    local before = must "iptables-save | grep -v '^#' | md5sum"
    local chains = must "nft -a list chains"
    local why = error_of(iptables.restore, (text:gsub("COMMIT\n$", "-A many -j MASQUERADE\nCOMMIT\n")))
    assert.truthy(why.text:find(("^line %d, "):format(MANY + 10)))
    assert.equal(before, must "iptables-save | grep -v '^#' | md5sum")
    assert.equal(chains, must "nft -a list chains")
  end))
end)

-- ---- what others make ---------------------------------------------------------------------------------

describe("rules that iptables has no words for", function()
  -- The rule as nft takes it, and what the list shows of it.
  local RULES = {
    { "tcp dport 22 counter accept", "-p tcp -m tcp --dport 22 -j ACCEPT" },
    { "ip saddr 10.0.0.0/8 udp sport 53 drop", "-s 10.0.0.0/8 -p udp -m udp --sport 53 -j DROP" },
    { "iifname \"eth0\" tcp dport 80-90 accept", "-i eth0 -p tcp -m tcp --dport 80:90 -j ACCEPT" },
    { "tcp dport >= 1024 accept", "-p tcp -m tcp --dport 1024:65535 -j ACCEPT" },
    { "tcp flags & (syn | ack) == syn accept", "-p tcp -m tcp --tcp-flags SYN,ACK SYN -j ACCEPT" },
    { "icmp type echo-request accept", "-p icmp -m icmp --icmp-type 8 -j ACCEPT" },
    { "ip ttl 64 accept", "-m ttl --ttl-eq 64 -j ACCEPT" },
    { "meta mark 0x1 drop comment \"by nft\"", "-m mark --mark 0x1 -m comment --comment \"by nft\" -j DROP" },
    { "log prefix \"x\" group 5", "-j NFLOG --nflog-prefix x --nflog-group 5" },
    { "ct state established accept", "[nf_tables: ct, bitwise, cmp] -j ACCEPT" },
    { "tcp dport 22 ct state new accept", "-p tcp -m tcp --dport 22 [nf_tables: ct, bitwise, cmp] -j ACCEPT" },
    { "ip saddr { 10.0.0.1, 10.0.0.2 } drop", "[nf_tables: lookup] -j DROP" },
    { "tcp dport { 80, 443 } accept", "-p tcp [nf_tables: lookup] -j ACCEPT" },
    { "icmp type != echo-request accept", "-p icmp [nf_tables: cmp] -j ACCEPT" },
    { "ip saddr 10.0.0.1-10.0.0.9 drop", "[nf_tables: range] -j DROP" },
    { "ip saddr < 10.0.0.9 drop", "[nf_tables: cmp] -j DROP" },
    { "iif \"lo\" accept", "[nf_tables: cmp] -j ACCEPT" },
    { "ip dscp 10 accept", "[nf_tables: cmp] -j ACCEPT" },
    { "meta skuid 1000 accept", "[nf_tables: cmp] -j ACCEPT" },
    { "limit rate over 5/second drop", "[nf_tables: limit] -j DROP" },
    { "log prefix \"x\" level warn", "[nf_tables: log]" },
    { "meta mark set 0x7", "[nf_tables: meta]" },
    { "ip ttl set 3", "[nf_tables: payload]" },
    { "counter log group 1 accept", "[nf_tables: immediate] -j NFLOG --nflog-group 1" },
    { "reject", "[nf_tables: reject]" },
    { "ip saddr 10.0.0.1 ip saddr 10.0.0.2 drop", "-s 10.0.0.1/32 [nf_tables: cmp] -j DROP" },
    { "iifname \"eth+\" drop", "[nf_tables: cmp] -j DROP" },
    { "tcp flags ecn accept", "-p tcp [nf_tables: bitwise, cmp] -j ACCEPT" },
  }

  it("are listed with what is known, and a mark; nothing is left out in silence", fresh(function()
    iptables.policy("INPUT", "ACCEPT")
    for _, rule in ipairs(RULES) do
      must "nft flush chain ip filter INPUT"
      must("nft add rule ip filter INPUT " .. harness.quote(rule[1]))
      local listed_rule = iptables.list "INPUT" [1]
      local text, marked = tostring(listed_rule), rule[2]:find("nf_tables", 1, true) ~= nil
      if marked then -- which of its parts are named is nft's choice
        local known = rule[2]:gsub("%[nf_tables: [^]]*%] ?", "")
        assert.equal(("-A INPUT " .. known):gsub(" $", ""), (text:gsub(" %[nf_tables: [^]]*%]", "")), rule[1])
      else
        assert.equal("-A INPUT " .. rule[2], text, rule[1])
      end
      assert.equal(marked, listed_rule.foreign ~= nil, rule[1])
      assert.equal(marked, text:find("[nf_tables: ", 1, true) ~= nil, rule[1])
      if marked then
        assert.equal("EOPNOTSUPP", error_of(iptables.append, "INPUT", listed_rule).code)
        assert.equal("EOPNOTSUPP", error_of(iptables.append, "INPUT", listed_rule()).code)
        assert.equal("# Table `filter' is incompatible, use 'nft' tool.\n", iptables.save())
        assert.equal("ENOENT", error_of(iptables.delete, "INPUT", { jump = "DROP" }).code)
      end
      iptables.delete("INPUT", 1) -- by position it can go
      assert.equal(0, #iptables.list "INPUT")
    end
  end))

  it("stay when rules beside them change, and when counters are reset", fresh(function()
    iptables "-A INPUT -p tcp --dport 1 -j ACCEPT"
    must "nft add rule ip filter INPUT ct state new ip saddr 10.0.0.0/8 counter packets 3 bytes 9 accept"
    iptables "-A INPUT -p tcp --dport 2 -j ACCEPT"
    iptables.insert("INPUT", { protocol = "tcp", dport = 3 }, 2)
    iptables.zero()
    assert.equal(4, #iptables.list())
    assert.truthy(must("nft list chain ip filter INPUT 2>/dev/null"):find(
      "ct state new ip saddr 10.0.0.0/8 counter packets 0 bytes 0 accept", 1, true))
  end))

  it("in chains at other hooks are none of ours", fresh(function()
    must "nft add table ip filter"
    must "nft 'add chain ip filter odd { type filter hook input priority 5; }'"
    iptables "-A INPUT -j ACCEPT"
    assert.equal("# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.\n", iptables "-S":match "^[^\n]*\n")
    assert.equal(must "iptables -S", iptables "-S")
    local chain = "nft 'add chain ip nat PREROUTING { type nat hook prerouting priority 7; }'"
    must(("%s 2>/dev/null || { nft add table ip nat; %s; }"):format(chain, chain))
    local why = error_of(iptables, "-t nat -A PREROUTING -j ACCEPT")
    assert.truthy(why.text:find("another hook or priority", 1, true) or why.text:find("already there", 1, true))
  end))
end)

-- ---- errors -------------------------------------------------------------------------------------------

describe("errors of iptables", function()
  -- What is asked for; the code, the text (a pattern), the field, the hint (a pattern).
  local ERRORS = {
    { function() iptables.append("INPT", { jump = "ACCEPT" }) end, "ENOENT", "no chain `INPT' in table filter", nil, 'Did you mean "INPUT"' },
    { function() iptables.append("PREROUTING", { jump = "ACCEPT" }) end, "ENOENT", "no chain `PREROUTING' in table filter", nil,
      "chain of the tables mangle, raw, nat" },
    { function() iptables.append("INPUT", { jump = "ACCPT" }) end, "ENOENT", "neither a target nor a chain `ACCPT'", nil, 'Did you mean "ACCEPT"' },
    { function() iptables.append("INPUT", { jump = "web" }) end, "ENOENT", "neither a target nor a chain `web'", nil, 'new_chain%("web"%)' },
    { function() iptables.append("INPUT", { match = "conntrak" }) end, "ENOENT", "no match `conntrak'", "match.conntrak", 'Did you mean "conntrack"' },
    { function() iptables.append("INPUT", { match = { conntrack = { ctstat = "NEW" } } }) end, "EINVAL", "ambiguous", "match.conntrack.ctstat" },
    { function() iptables.append("INPUT", { match = { conntrack = { ctsttae = "NEW" } } }) end, "EINVAL", 'unknown option "%-%-ctsttae"',
      "match.conntrack.ctsttae", 'Did you mean "ctstate"' },
    { function() iptables.append("INPUT", { match = { conntrack = { ctstate = "NW" } } }) end, "EINVAL", 'Bad ctstate "NW"', "match.conntrack.ctstate" },
    { function() iptables.append("INPUT", { match = { conntrack = true } }) end, "EINVAL", "At least one option is required", "match.conntrack" },
    { function() iptables.append("INPUT", { jump = "DNAT", table = "nat", target = { to_dest = "x" } }) end, "EINVAL", "Bad IP address", "target.to_dest" },
    { function() iptables.append("INPUT", { protocol = "tcp", dprt = 1 }) end, "EINVAL", 'unknown option "%-%-dprt"', "dprt", 'Did you mean "dport"' },
    { function() iptables.append("INPUT", { dport = 1 }) end, "EINVAL", 'unknown option "%-%-dport"', "dport" },
    { function() iptables.append("INPUT", { source = "300.1.1.1" }) end, "EINVAL", "host/network `300.1.1.1' not found", "source" },
    { function() iptables.append("INPUT", { source = "10.0.0.0/33" }) end, "EINVAL", "invalid mask `33'", "source" },
    { function() iptables.append("INPUT", { out_interface = "eth0" }) end, "EINVAL", "Can't use %-o with INPUT", "out_interface" },
    { function() iptables.append("INPUT", { in_interface = ("x"):rep(16) }) end, "EINVAL", "shorter than IFNAMSIZ", "in_interface" },
    { function() iptables.append("INPUT", { protocol = "tcp", dport = 1.5 }) end, "EINVAL", "a fraction is no value", "dport" },
    { function() iptables.append("INPUT", { protocol = "tcp", dport = print }) end, "EINVAL", "function is no value", "dport" },
    { function() iptables.append("INPUT", { "x" }) end, "EINVAL", "names of options" },
    { function() iptables.append("INPUT") end, "EINVAL", "the rule is a table" },
    { function() iptables.append({}) end, "EINVAL", "name of a chain is needed" },
    { function() iptables.append("INPUT", { jump = "MASQUERADE" }) end, "EINVAL", "MASQUERADE is not possible in chain INPUT of table filter", nil,
      "POSTROUTING of table nat" },
    { function() iptables.append("OUTPUT", { match = { mac = { mac_source = "02:00:00:00:00:01" } } }) end, "EINVAL",
      "match mac is not possible in chain OUTPUT", nil, "no sender yet" },
    { function() iptables.append("PREROUTING", { table = "nat", jump = "DROP" }) end, "EINVAL", "not intended for filtering", "jump" },
    { function() iptables.append("INPUT", { table = "natt", jump = "DROP" }) end, "EINVAL", "no table `natt'", "table", "filter, nat, mangle" },
    { function() iptables "-t natt -A INPUT" end, "EINVAL", "column 1: table 'natt' does not exist", nil, 'Did you mean "nat"' },
    { function() iptables "-A INPUT -p tcp --dprt 1" end, "EINVAL", "column 17: unknown option", nil, 'Did you mean "dport"' },
    { function() iptables "-A INPUT -m comment --comment 'x" end, "EINVAL", "column 31: the quote ' is not closed" },
    { function() iptables "" end, "EINVAL", "no command" },
    { function() iptables {} end, "EINVAL", "as a string", nil, "iptables.append" },
    { function() iptables "-F -L" end, "EINVAL", "Cannot use %-L with another command" },
    { function() iptables "-L -s 10.0.0.1" end, "EINVAL", "Illegal option `%-%-source' with this command" },
    { function() iptables.new_chain "there" end, "EEXIST", "Chain `there' already exists in table filter" },
    { function() iptables.new_chain "INPUT" end, "EEXIST", "already exists" },
    { function() iptables.new_chain "ACCEPT" end, "EINVAL", "may not clash with target name" },
    { function() iptables.new_chain "LOG" end, "EINVAL", "may not clash with target name" },
    { function() iptables.new_chain(("x"):rep(29)) end, "EINVAL", "too long" },
    { function() iptables.new_chain "-x" end, "EINVAL", "not allowed to start with" },
    { function() iptables.rename_chain("nowhere", "x") end, "ENOENT", "no chain `nowhere'" },
    { function() iptables.rename_chain("there", "INPUT") end, "EEXIST", "already exists" },
    { function() iptables.delete_chain "nowhere" end, "ENOENT", "no chain `nowhere'" },
    { function() iptables.delete_chain "used" end, "EBUSY", "rules jump to it", nil, "delete the rules" },
    { function() iptables.delete_chain "INPUT" end, "EBUSY", "built in" },
    { function() iptables.flush "nowhere" end, "ENOENT", "no chain `nowhere'" },
    { function() iptables.zero "nowhere" end, "ENOENT", "no chain `nowhere'" },
    { function() iptables.list "nowhere" end, "ENOENT", "no chain `nowhere'" },
    { function() iptables.list { tabel = "nat" } end, "EINVAL", "no such option", "tabel", 'Did you mean "table"' },
    { function() iptables.policy("there", "DROP") end, "ENOENT", "Bad built%-in chain name", nil, "built%-in" },
    { function() iptables.policy("INPUT", "REJECT") end, "EINVAL", "Bad policy name `REJECT'", nil, "ACCEPT or DROP" },
    { function() iptables.delete("INPUT", 9) end, "E2BIG", "Index of deletion too big: chain INPUT has 1 rules" },
    { function() iptables.delete("INPUT", 0) end, "EINVAL", "a position is a number from 1, not 0" },
    { function() iptables.replace("INPUT", 1, { jump = "DROP" }) end, "EINVAL", "from 1, not a table", nil,
      "The rule comes first" },
    { function() iptables.delete("INPUT", { jump = "DROP" }) end, "ENOENT", "no such rule in chain INPUT" },
    { function() iptables.insert("INPUT", { jump = "DROP" }, 9) end, "E2BIG", "Index of insertion too big" },
    { function() iptables.replace("INPUT", { jump = "DROP" }, 9) end, "E2BIG", "Index of replacement too big" },
    { function() iptables.append("loop", { jump = "used" }) end, "EMLINK", "loop" },
    { function() netns("nowhere").iptables.list() end, "ENOENT", "" },
    { function() iptables.transaction(7) end, "EINVAL", "a function is needed" },
    { function() iptables.transaction(function(t) t.list() end) end, "EINVAL", "only changes things" },
    { function() iptables.restore(7) end, "EINVAL", "text in iptables%-save's format" },
    { function() ip6tables.append("INPUT", { source = "10.0.0.1" }) end, "EINVAL", "not found", "source" },
    { function() ip6tables.append("INPUT", { fragments = true }) end, "EINVAL", "not supported in IPv6", "fragments" },
    { function() ip6tables.append("INPUT", { jump = "ECN" }) end, "ENOENT", "neither a target nor a chain" },
  }

  it("say what is wrong, where, and what helps; and nothing changes", fresh(function()
    for _, name in ipairs { "there", "used", "loop" } do iptables.new_chain(name) end
    iptables.append("INPUT", { jump = "used" })
    iptables.append("used", { jump = "loop" })
    local before = ruleset()
    for i, e in ipairs(ERRORS) do
      local where = ("error %d (%s)"):format(i, e[3])
      local why = error_of(e[1])
      assert.equal(e[2], why.code, where .. ": " .. tostring(why))
      assert.truthy(why.text:find(e[3]), where .. ": " .. tostring(why))
      assert.equal(e[4], why.field, where .. ": " .. tostring(why))
      if e[5] then assert.truthy((why.hint or ""):find(e[5]), where .. ": " .. tostring(why)) end
      assert.falsy(why.text:find "\n", where)
      assert.equal(before, ruleset(), where)
    end
  end))

  it("include the missing right", fresh(function()
    local command = ("%s --no-sandbox -e 'print(select(2, pcall(iptables.list)).code)' 2>&1"):format(harness.quote(harness.nslab))
    local text, code = sh("setpriv --bounding-set=-all --inh-caps=-all -- " .. command)
    if code ~= 0 then return pending("setpriv cannot drop rights here: " .. text) end
    assert.equal("EPERM\n", text)
  end))
end)

describe("iptables after iptables", function()
  -- libxtables keeps what it loaded in one process: nothing of one rule may be seen in the next.
  it("loads a target for IPv6 that was loaded for IPv4, and the reverse", fresh(function()
    iptables "-t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:80"
    ip6tables "-t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination [2001:db8::1]:80"
    ip6tables "-t mangle -A FORWARD -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu"
    iptables "-t mangle -A FORWARD -p tcp --syn -j TCPMSS --set-mss 1400"
    error_of(ip6tables, "-t mangle -A PREROUTING -j TTL --ttl-set 1")
    iptables "-t mangle -A PREROUTING -j TTL --ttl-set 1"
    error_of(iptables, "-t mangle -A PREROUTING -j HL --hl-set 1")
    ip6tables "-t mangle -A PREROUTING -j HL --hl-set 1"
    assert.equal(4, select(2, (listed("-t nat -S") .. listed("-t nat -S", "ip6tables") .. listed("-t mangle -S") ..
                               listed("-t mangle -S", "ip6tables")):gsub("to%-destination", "x")) * 2)
  end))

  it("has forgotten a rule that failed", fresh(function()
    for _ = 1, 3 do
      error_of(iptables, "-A INPUT -p tcp -m multiport --dports 80 -m conntrack --ctstate WRONG")
      iptables "-A INPUT -p tcp -m multiport --dports 80 -m conntrack --ctstate NEW -j ACCEPT"
      error_of(iptables, "-A INPUT -m limit --limit 5/s --limit 6/s")
      iptables "-A INPUT -m limit --limit 6/s"
      error_of(iptables, "-A INPUT -j REJECT --reject-with wrong")
      iptables "-A INPUT -j REJECT"
    end
    assert.equal(("-A INPUT -p tcp -m multiport --dports 80 -m conntrack --ctstate NEW -j ACCEPT\n" ..
                  "-A INPUT -m limit --limit 6/sec\n-A INPUT -j REJECT --reject-with icmp-port-unreachable\n"):rep(3),
                 must "iptables -S INPUT | grep -e -A")
  end))

  it("prints help, and what it is", fresh(function()
    assert.truthy(iptables("-m conntrack -h"):find("--ctstate", 1, true))
    assert.truthy(iptables("-p tcp --help"):find("--tcp-flags", 1, true))
    assert.truthy(iptables("-j REJECT -h"):find("--reject-with", 1, true))
    assert.truthy(iptables("-h"):find("--append", 1, true))
    assert.truthy(ip6tables("--version"):find "^ip6tables")
    assert.equal("ACCEPT  tcp opt -- in * out *  10.0.0.0/8  -> 0.0.0.0/0   tcp dpt:22\n",
                 iptables "-v -A INPUT -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT")
    assert.equal("", must "nft list chain ip filter OUTPUT 2>/dev/null || true")
  end))
end)
