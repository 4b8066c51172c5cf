-- Commands of a tutorial, typed at the REPL: they leave the state that ip leaves, show what it shows,
-- and can be saved as a script that does the same.

local harness = require "harness"
local oracle = require "oracle"

-- The tutorials' commands in their order, their placeholders filled in.
local TUTORIAL = [[
ip netns add red
ip netns add blue
ip netns list
ip link
ip netns exec red ip link
ip -n red link
ip link add veth-red type veth peer name veth-blue
ip link set veth-red netns red
ip link set veth-blue netns blue
ip netns exec red ip addr add 192.168.15.1/24 dev veth-red
ip netns exec blue ip addr add 192.168.15.2/24 dev veth-blue
ip netns exec red ip link set veth-red up
ip netns exec blue ip link set veth-blue up
ip link add name v-net-0 type bridge
ip link set v-net-0 up
ip addr add 192.168.15.5/24 dev v-net-0
ip netns exec red ip route add 10.0.0.0/8 via 192.168.15.2
ip netns exec blue ip route add 10.1.0.0/16 via 192.168.15.1 dev veth-blue
]]

-- The same, as people type and copy them.
local VARIANTS = [[
$ sudo ip netns add red
# ip netns add blue
# This line is a comment
  # ip's words may be short
sudo ip l a dev v0 type veth peer name v1; sudo ip l s v1 netns red
ip a a 10.0.0.1/24 dev v0 && ip l s dev v0 up
root@host:~# ip netns exec red ip a add 10.0.0.2/24 dev v1   # the other end
ip -n red l s dev v1 up
ip -n red route add default \
   via 10.0.0.1
ip ru add from 10.9.0.0/16 table 100
/sbin/ip n a 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0
ip -4 a
ip r
ip -n red r
ip ru
ip n show nud permanent
ip netns
ip -4 -n red a s v1
]]

-- A prompt that was copied is no word of a shell.
local function bare(lines)
  return (lines:gsub("root@host:~# ", ""):gsub("\n%$ ", "\n"):gsub("^%$ ", "")
          :gsub("\n# ip netns", "\nip netns"):gsub("sudo ", ""))
end

-- Types the lines; whether nothing went wrong, and what was shown besides the Lua.
local function by_repl(lines)
  local got = harness.run { "--no-sandbox", "repl", stdin = lines }
  assert(got.status == 0, got.stderr)
  return got.stderr == "", (got.stdout:gsub("%f[^\n\0]  %a[^\n]*\n", "") .. got.stderr)
end

local function typed(lines)
  return function() return by_repl(lines) end
end

describe("commands typed at the REPL", function()
  it("leave the state that ip leaves, and show what it shows", function()
    oracle.same_outcome(function() end, TUTORIAL, by_repl)
  end)

  it("may have a prompt, sudo, a comment, several in a line, short words", function()
    oracle.same_outcome(function() end, bare(VARIANTS), typed(VARIANTS))
  end)

  it("fail where ip fails, and what follows is done", harness.fresh(function()
    local ok, text = by_repl "ip link set nope up\nip netns add red\n"
    assert.falsy(ok)
    assert.truthy(text:find('there is no link "nope"', 1, true), text)
    assert.equal("red\n", harness.must "ip netns")
  end))

  it("make the firewall's rules that iptables makes", function()
    local lines = "iptables -A FORWARD -i lo -o eth0 -j ACCEPT\n" ..
                  "sudo iptables -t nat -A POSTROUTING -s 192.168.15.0/24 -j MASQUERADE\n"
    local function saved(make)
      return oracle.apart(function()
        make()
        return (harness.must "iptables-save":gsub("#[^\n]*\n", ""):gsub("%[%d+:%d+%]", ""))
      end)
    end
    local theirs = saved(function() harness.must((lines:gsub("sudo ", ""))) end)
    assert.equal(theirs, saved(function() assert(by_repl(lines)) end))
    assert.truthy(theirs:find("MASQUERADE", 1, true))
    local _, shown = by_repl "sudo iptables-save -t nat\nip6tables-save\n"
    assert.truthy(shown:find("*nat\n", 1, true) and not shown:find("nslab:", 1, true), shown)
  end)

  it("ask for the neighbour as ping does", harness.fresh(function()
    assert(by_repl(TUTORIAL .. "ip netns exec red ping -c 1 192.168.15.2\n"))
    local there = harness.json "ip -n red -j neigh show 192.168.15.2"
    assert.equal(harness.json("ip -n blue -j link show veth-blue")[1].address, there[1].lladdr)
  end))

  it("show the Lua that they equal", harness.fresh(function()
    local got = harness.run { "--no-sandbox", "repl", stdin = "ip netns add red\nip -n red link set lo up\n" }
    assert.equal('  netns.add "red"\n  netns "red".link.set("lo", { up = true })\n', got.stdout)
  end))

  for line, said in pairs {
    ["ip link set lo upp"] = "upp",
    ["ip tunnel add x"] = "tunnel",
    ["ip link | grep lo"] = "|",
    ["ip netns add <namespace_name>"] = "<namespace_name>",
    ["ip link show $DEV"] = "$DEV",
    ["$ ls -l"] = "ls",
    ["brctl addbr br0"] = "brctl",
    ["dokcer run -d x"] = "dokcer",
    ["arp -n"] = "arp",
    ["route -n"] = "route",
    ["iptables-save -x"] = "-x",
    ["sysctl -p"] = "-p",
    ["for ns in red blue; do ip -n $ns link; done"] = "for",
    ["for ns in red blue"] = "for",
    ["if [ -e x ]; then ip link; fi"] = "if",
    ["while true; do ip link; done"] = "while",
    ["cat <<END"] = "<<END",
    ["cat /proc/uptime"] = "cat",
    ["ls | grep x"] = "netns.host:exec",
    ["ls"] = 'netns.host:exec "ls" runs the program',
    ["ip"] = "something must follow",
  } do
    it("name the word at which they cannot be read: " .. line, harness.fresh(function()
      local ok, text = by_repl(line .. "\n")
      assert.falsy(ok)
      assert.truthy(text:find(said, 1, true), text)
    end))
  end

  it("end with exit, as in a shell", harness.fresh(function()
    local got = harness.run { "--no-sandbox", "repl", stdin = "1\nexit\n2\n" }
    assert.same({ 0, "1\n", "" }, { got.status, got.stdout, got.stderr })
    got = harness.run { "--no-sandbox", "repl", stdin = "exit = 5\nexit\nquit\n2\n" }
    assert.same({ 0, "5\n", "" }, { got.status, got.stdout, got.stderr })
  end))

  it("leave loops and words of Lua alone", harness.fresh(function()
    local got = harness.run {
      "--no-sandbox", "repl",
      stdin = "for l in ('a b'):gmatch '%a' do\nprint(l) end\nfor i, l in ipairs { 7 } do\nprint(l) end\n" ..
              "nobody\ny = 3\ny << 2\ny / 3\nf = ('c'):gmatch '.'\nfor l in f do\nprint(l) end\n",
    }
    assert.same({ "a\nb\n7\nnil\n12\n1.0\nc\n", "" }, { got.stdout, got.stderr })
  end))

  it("are a text for sh", harness.fresh(function()
    for _, wrong in ipairs { 5, {}, print } do
      local ok, e = pcall(sh, wrong)
      assert.is_false(ok)
      assert.match("^sh: a text with commands is needed, not a %a+ %(EINVAL%)", tostring(e):gsub("^[^:]*:%d+: ", ""))
    end
  end))

  it("are told from Lua", harness.fresh(function()
    local got = harness.run {
      "--no-sandbox", "repl",
      stdin = 'ip = 5\nip\nip + 1\niptables "-N x"\niptables.list { chain = "x" }\n' ..
              "ping = { a = 2 }\nping .a\n# link.list()\n#ping\n",
    }
    assert.same({ "5\n6\n-N x\n2\n0\n", "" }, { got.stdout, got.stderr })
  end))
end)

describe("the REPL's words", function()
  it(":ns says in which namespace one acts", harness.fresh(function()
    local got = harness.run {
      "--no-sandbox", "repl",
      stdin = 'netns.add "red"\n:ns red\nlink.set("lo", { up = true })\nip link add d0 type bridge\n' ..
              "netns.current()\n:ns\nnetns.current()\n:ns nope\n",
    }
    assert.truthy(got.stdout:find("red\n  link.add", 1, true), got.stdout)
    assert.truthy(got.stdout:find("\nred\nhost\n", 1, true), got.stdout)
    assert.truthy(got.stderr:find('"nope"', 1, true), got.stderr)
    assert.truthy(harness.must "ip -n red link show lo":find("<LOOPBACK,UP", 1, true))
    assert.equal(2, #harness.json "ip -n red -j link")
    assert.falsy(harness.must "ip link show lo":find("<LOOPBACK,UP", 1, true))
  end))

  it(":save writes a script that ends in the same state", function()
    local file <close> = harness.temporary()
    local lines = VARIANTS .. 'local red = netns "red"\n' ..
                  'netns "red".link.add("br0", { up = true, bridge = { stp_state = true } })\n' ..
                  'netns "red":exec { "ip", "addr", "add", "10.7.0.1/24", "dev", "br0" }\n' ..
                  'netns.add "two-words"\nlink.add("gone", { type = "bridge" }) link.delete "gone"\n' ..
                  'pcall(link.add, "v0", { type = "bridge" })\n'
    local typed_state = oracle.apart(function()
      assert(by_repl(lines .. ":save " .. file.path .. "\n"))
      return oracle.state("02:00:00:00:00:09", "red blue two-words")
    end)
    local again = oracle.apart(function()
      local got = harness.run { "--no-sandbox", file.path, env = "A=B" }
      assert.same({ 0, "" }, { got.status, got.stderr })
      return oracle.state("02:00:00:00:00:09", "red blue two-words")
    end)
    assert.equal(typed_state, again)
    assert.truthy(typed_state:find("10.7.0.1", 1, true))
  end)

  it(":save calls namespaces by their names, but not what has that name already", harness.fresh(function()
    local file <close> = harness.temporary()
    local ok, text = by_repl('red = netns.add "red" netns.add "link" netns.add "end" netns.add "7-up"\n' ..
                             'red.link.set("lo", { up = true }) for _, name in ipairs { "link", "end", "7-up" } do ' ..
                             'netns(name).link.set("lo", { up = true }) end\n:save ' .. file.path .. "\n")
    assert.is_true(ok, text)
    local script = assert(io.open(file.path)):read "a"
    assert.truthy(script:find('\nlocal red, link_2, end_2, _7_up = netns "red", netns "link", netns "end", ' ..
                              'netns "7-up"\n', 1, true), script)
    assert.truthy(script:find('\nlink_2.link.set("lo", { up = true })\n', 1, true), script)
  end))

  it(":explain shows what is done in other words", harness.fresh(function()
    local got = harness.run {
      "--no-sandbox", "repl",
      stdin = ':explain ip,lua\nlink.add("a0", { type = "bridge" })\n' ..
              ':explain netlink\nlink.set("a0", { up = true })\n' ..
              ":explain off\nlink.delete 'a0'\n:explain nets\n:sve x\n",
    }
    local both = '$ ip link add a0 type bridge\n> link.add("a0", { type = "bridge" })\n'
    assert.truthy(got.stderr:find(both, 1, true), got.stderr)
    assert.truthy(got.stderr:find("ifi_flags UP", 1, true), got.stderr)
    assert.falsy(got.stderr:find("link del", 1, true))
    assert.truthy(got.stderr:find("there is no nets", 1, true), got.stderr)
    assert.truthy(got.stderr:find("did you mean :save?", 1, true), got.stderr)
  end))
end)
