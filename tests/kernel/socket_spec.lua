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
    local server <close> = red:spawn { "python3", script.path }
    local wanted = os.time() + 10
    while harness.sh "ip netns exec red ss -tn | grep -c 5000" == "0\n" and os.time() < wanted do end
    fn(red, server)
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
}

describe("socket.list", function()
  it("prints what ss prints", served(function(red)
    for _, case in ipairs(SAME) do
      local told = plain(must("ip netns exec red ss " .. case[1]))
      if case.loose then -- ss leaves the column of the state out
        assert.equal(select(2, told:gsub("\n", "")), #red.socket.list(case[2]), case[1])
      else
        assert.equal(told, plain(tostring(red.socket.list(case[2]))), case[1])
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
  end))

  it("says what is wrong with its filter", fresh(function()
    local function fails(options, text)
      local ok, err = pcall(socket.list, options)
      assert.is_false(ok)
      assert.truthy(tostring(err):find(text, 1, true), tostring(err))
    end
    fails({ state = "open" }, 'socket.list in host: state: "open" is no state of a socket (EINVAL).')
    fails({ protocol = "icmp" }, "tcp or udp is needed")
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
