-- socket: what socket.list tells is what ss tells, of programs that listen and are connected.

local harness = require "harness"
local fresh, must = harness.fresh, harness.must

local SERVER = [[
import os, socket, sys, time
def listening(family, kind, address, port, queue, *options):
    s = socket.socket(family, kind)
    for level, name, value in options: s.setsockopt(level, name, value)
    s.bind((address, port))
    if queue: s.listen(queue)
    return s
inet, inet6, tcp, udp = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM
a = listening(inet, tcp, "0.0.0.0", 5000, 7)
b = listening(inet6, tcp, "::1", 6001, 3, (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1))
c = listening(inet6, tcp, "::", 6000, 3)
d = listening(inet, udp, "127.0.0.1", 53, 0)
e = listening(inet, udp, "0.0.0.0", 67, 0, (socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo"))
f = socket.create_connection(("127.0.0.1", 5000))
k = socket.socket(inet, socket.SOCK_RAW, socket.IPPROTO_ICMP)
unix = socket.AF_UNIX
g = socket.socket(unix, tcp); g.bind(sys.argv[1]); g.listen(4)
h = socket.socket(unix, udp); h.bind("\0hidden\0name")
i, j = socket.socketpair(unix, socket.SOCK_SEQPACKET)
print("ready", flush=True)
time.sleep(30)
]]

local has_python = harness.sh "python3 -c 'print(1)' 2>/dev/null" == "1\n"

-- A namespace with the server in it; fn(red).
local function served(fn)
  return fresh(function()
    if not has_python then return pending "python3 is missing" end
    local red = netns.add "red"
    red.link.set("lo", { up = true })
    local script <close> = harness.temporary(SERVER)
    local place <close> = harness.temporary()
    os.remove(place.path)
    local server <close> = red:spawn { "python3", script.path, place.path }
    local wanted = os.time() + 10
    while harness.sh "ip netns exec red ss -xn | grep -c u_seq" == "0\n" and os.time() < wanted do end
    fn(red, server, place.path)
  end)
end

local function plain(text)
  return (text:gsub(" +\n", "\n"):gsub("%s+$", ""))
end

-- The option of ss and the filter that mean the same.
local SAME = {
  { "-tunap", nil }, { "-tunlp", { listening = true } }, { "-tnlp", { listening = true, protocol = "tcp" } },
  { "-unlp", { listening = true, protocol = "udp" } }, { "-tnap -4", { protocol = "tcp", family = "inet" } },
  { "-tnap -6", { protocol = "tcp", family = "inet6" } },
  { "-tnap state established", { protocol = "tcp", state = "ESTAB" }, loose = true },
  { "-tunap sport = 5000 or dport = 5000", { port = 5000 } },
  { "-xnap", { protocol = "unix" } }, { "-xnlp", { protocol = "unix", listening = true } },
  { "-xnp", { protocol = "unix", listening = false } },
  { "-tuxnap", { protocol = { "tcp", "udp", "unix" } } }, { "-tna sport = :5000", { protocol = "tcp", sport = 5000, processes = false } },
  { "-tnap dst 127.0.0.1", { protocol = "tcp", dst = "127.0.0.1" } },
  { "-tnap src 127.0.0.1 and dport = 5000", { protocol = "tcp", src = "127.0.0.1", dport = 5000 } },
}

describe("socket.list", function()
  it("prints what ss prints", served(function(red)
    for _, case in ipairs(SAME) do
      local told = plain(must("ip netns exec red ss " .. case[1]))
      if case.loose then -- ss leaves the column of the state out
        assert.equal(select(2, told:gsub("\n", "")), #red.socket.list(case[2]), case[1])
      else
        assert.equal(told, plain(tostring(red.socket.list(case[2]))), case[1])
        -- The command is read as the same, and what is printed for it as the same again.
        local words = require "nslab.words"
        local op = words.read("ss -N red " .. case[1])
        assert.equal(told, plain(words.sh("ss -N red " .. case[1])), case[1])
        assert.same(op, words.read(words.command(op)), case[1])
      end
    end
  end))

  it("tells who has a socket, and what it does", served(function(red, server)
    local found = red.socket.list { listening = true, port = 6001 }[1]
    assert.equal("::1", found.address)
    assert.equal(6001, found.port)
    assert.is_true(found.v6only)
    assert.equal("LISTEN", found.state)
    assert.equal(3, found.send_queue)
    assert.equal("python3", found.processes[1].name)
    assert.equal(server.pid, found.processes[1].pid)
    assert.equal("lo", red.socket.list { protocol = "udp", port = 67 }[1].dev)
    assert.equal(2, #red.socket.list { state = "estab" })
    assert.equal(0, #red.socket.list { uid = 4711 })
    assert.equal(3, #red.socket.list { address = "127.0.0.1" })
  end))

  it("tells sockets between programs: by file, by name, by neither", served(function(red, server, path)
    local file = red.socket.list({ protocol = "unix", address = path })[1]
    assert.equal("LISTEN", file.state)
    assert.equal("stream", file.type)
    assert.equal(4, file.send_queue)
    assert.equal(server.pid, file.processes[1].pid)
    local name = red.socket.list({ protocol = "unix", src = "@hidden@name" })[1]
    assert.equal("dgram", name.type)
    local found = {}
    for _, s in ipairs(red.socket.list { protocol = "unix" }) do found[s.inode] = s end
    local pairs_found = 0
    for _, s in pairs(found) do
      if s.type == "seqpacket" then
        assert.equal(s.inode, found[s.peer_inode].peer_inode)
        pairs_found = pairs_found + 1
      end
    end
    assert.equal(2, pairs_found)
    assert.equal(0, #red.socket.list { protocol = "unix", port = 80 })
    assert.equal(0, #red.socket.list { protocol = "unix", uid = 4711 })
    assert.is_nil(red.socket.list({ protocol = "tcp", processes = false })[1].processes)
  end))

  it("tells raw sockets, or that the kernel does not", served(function(red)
    local ok, found = pcall(red.socket.list, { protocol = "raw" })
    if not ok then
      assert.truthy(tostring(found):find("protocol: this kernel does not tell its raw sockets (ENOENT)", 1, true))
      return pending "this kernel has no raw_diag"
    end
    assert.equal(plain(must "ip netns exec red ss -wnap"), plain(tostring(found)))
    assert.equal(1, found[1].port) -- the number of ICMP
  end))

  it("is of one namespace", served(function()
    assert.equal(0, #socket.list())
    assert.equal("Netid State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess", plain(tostring(socket.list())))
  end))

  it("is the ss command that it equals", fresh(function()
    local words = require "nslab.words"
    local function command(options, ns)
      return words.command { module = "socket", verb = "list", netns = ns or "host", options = options }
    end
    assert.equal("ss -tunap", command())
    assert.equal("ss -tunlp", command { listening = true })
    assert.equal("ss -N red -tnlp -6", command({ listening = true, protocol = "tcp", family = "inet6" }, "red"))
    assert.equal("ss -tunap sport = 22 or dport = 22", command { port = 22 })
    assert.equal("ss -xnlp", command { protocol = "unix", listening = true })
    assert.equal("ss -tna dport = 22 and src 10.0.0.1", command { protocol = "tcp", src = "10.0.0.1", dport = 22, processes = false })
    assert.is_nil(command { uid = 7 })
  end))

  it("is what an ss command is read as, or it says which word it does not know", fresh(function()
    local words = require "nslab.words"
    assert.same({ listening = true }, words.read("ss -tunlp").options)
    assert.same({ listening = true, protocol = { "tcp", "unix" }, family = "inet" },
                words.read("ss --tcp --unix --listening --numeric --processes -4").options)
    assert.same({ protocol = "tcp", state = "ESTAB", address = "10.0.0.1", processes = false },
                words.read("ss -tna state established src 10.0.0.1 or dst 10.0.0.1").options)
    local function fails(line, text)
      local ok, err = pcall(words.read, line)
      assert.is_false(ok)
      assert.truthy(tostring(err):find(text, 1, true), tostring(err))
    end
    fails("ss -n", "which sockets?")
    fails("ss -tz", "-tz: nslab's ss has no such option")
    fails("ss -t state open", "open: this is no state of a socket")
    fails("ss -t sport = ssh", "ssh: the number of a port is expected here")
    fails("ss -t sport = 1 or dport = 2", "between the two ends of one port")
    fails("ss -t colour red", "colour: this word has no meaning here")
  end))

  it("says what is wrong with its filter", fresh(function()
    local function fails(options, text)
      local ok, err = pcall(socket.list, options)
      assert.is_false(ok)
      assert.truthy(tostring(err):find(text, 1, true), tostring(err))
    end
    fails({ state = "open" }, 'socket.list in host: state: "open" is no state of a socket (EINVAL).')
    fails({ protocol = "icmp" }, "tcp, udp, raw or unix is needed")
    fails({ prot = "tcp" }, 'Did you mean "port"?')
    fails("tcp", "a table that says which sockets is needed, not a string")
  end))

  it("leaves the name in require to LuaSocket", function()
    package.preload.socket = function() return "LuaSocket" end
    local theirs = require "socket"
    package.preload.socket, package.loaded.socket = nil, nil
    assert.equal("LuaSocket", theirs)
    assert.equal(socket, require("nslab").socket)
  end)
end)
