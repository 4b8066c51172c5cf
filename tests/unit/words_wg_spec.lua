-- wg: operations of the module wireguard as commands of wireguard-tools, and such commands as operations.

local harness = require "harness"
local words = require "nslab.words"

local KEY = "cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo="
local BOB, PSK = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=", "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="

local function command(options, netns)
  return words.command { module = "wireguard", verb = "set", key = "wg0", netns = netns, options = options }
end

-- { options, the command }: nil where wg cannot say it. `wg set` replaces allowed addresses.
local COMMANDS = {
  { { listen_port = 51820 }, "wg set wg0 listen-port 51820" },
  { { fwmark = 7, private_key = KEY }, "echo " .. KEY .. " | wg set wg0 private-key /dev/stdin fwmark 7" },
  { { peers = { { public_key = BOB, remove = true } } }, "wg set wg0 peer " .. BOB .. " remove" },
  { { peers = { { public_key = BOB, endpoint = "[fd00::2]:5", persistent_keepalive = 25, replace_allowed_ips = true,
                  allowed_ips = { "10.0.0.0/8", "fd00::/8" } }, { public_key = KEY } } },
    "wg set wg0 peer " .. BOB .. " endpoint '[fd00::2]:5' persistent-keepalive 25 allowed-ips 10.0.0.0/8,fd00::/8 "
      .. "peer " .. KEY },
  { { peers = { { public_key = BOB, preshared_key = PSK } } },
    "echo " .. PSK .. " | wg set wg0 peer " .. BOB .. " preshared-key /dev/stdin" },
  { { private_key = KEY, peers = { { public_key = BOB, preshared_key = PSK }, { public_key = KEY } } },
    "echo " .. KEY .. " | wg set wg0 private-key /dev/stdin && echo " .. PSK .. " | wg set wg0 peer " .. BOB
      .. " preshared-key /dev/stdin peer " .. KEY },
  { { replace_peers = true, listen_port = 5 }, nil },
  { { peers = { { public_key = BOB, update_only = true } } }, nil },
}

describe("wireguard.set as a command", function()
  for _, case in ipairs(COMMANDS) do
    it(tostring(case[2]), function() assert.equal(case[2], command(case[1])) end)
  end

  it("in a namespace", function()
    assert.equal("echo " .. KEY .. " | ip netns exec red wg set wg0 private-key /dev/stdin",
                 command({ private_key = KEY }, "red"))
    assert.equal("ip netns exec red wg show wg0",
                 words.command { module = "wireguard", verb = "get", key = "wg0", netns = "red" })
  end)
end)

describe("a command of wg", function()
  it("is read as wireguard.set", function()
    local file <close> = harness.temporary(KEY .. "\n")
    local op = words.read(("ip netns exec red wg set wg0 listen-port 51820 fwmark 0x7 private-key %s peer %s "
      .. "preshared-key %s endpoint 10.0.0.2:5 persistent-keepalive off allowed-ips 10.0.0.0/8,fd00::/8 peer %s "
      .. "remove"):format(file.path, BOB, file.path, KEY))
    assert.same({
      module = "wireguard", verb = "set", key = "wg0", netns = "red",
      options = { listen_port = 51820, fwmark = 7, private_key = KEY, peers = {
        { public_key = BOB, preshared_key = KEY, endpoint = "10.0.0.2:5", persistent_keepalive = 0,
          allowed_ips = { "10.0.0.0/8", "fd00::/8" }, replace_allowed_ips = true },
        { public_key = KEY, remove = true } } },
    }, op)
  end)

  it("comes back from what it is printed as", function()
    for _, case in ipairs(COMMANDS) do
      if case[2] and not case[2]:find("echo", 1, true) then
        assert.equal(case[2], words.command(words.read(case[2])))
      end
    end
  end)

  it("that it cannot carry out itself is left to the program, in a namespace", function()
    local op = words.read "ip netns exec red wg show wg0 dump"
    assert.same({ "netns", "exec", "red", { "wg", "show", "wg0", "dump" } }, { op.module, op.verb, op.netns, op.options })
  end)

  it("that cannot be read names the word", function()
    for line, word in pairs {
      ["wg set wg0"] = "set", ["wg set wg0 frob 5"] = "frob", ["wg syncconf wg0 x"] = "syncconf",
      ["wg set wg0 private-key /dev/stdin"] = "/dev/stdin", ["wg set wg0 private-key /nothing"] = "/nothing",
      ["wg set wg0 listen-port many"] = "many", ["wg set wg0 peer"] = "peer", ["wg show wg0 dump"] = "dump",
    } do
      local ok, err = pcall(words.read, line)
      assert.is_false(ok and line)
      assert.equal(word, err.field)
    end
  end)
end)
