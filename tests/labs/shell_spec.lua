-- nslab.shell: the user's shell in a namespace, on a terminal that comes back.

local harness = require "harness"

local SCRIPT = [[
local red = netns.add "red"
red.link.set("lo", { mtu = 1234 })
local woken, read, write = 0, nil, nil
print("status", require "nslab.shell".open { netns = arg[1] or "red" })
print("then", io.read())
]]

-- The program at a pseudo-terminal, with the shell's prompt on it.
local function shell(path, t)
  t = t or {}
  local terminal = harness.terminal { path, t.netns, before = { "env", "HOME=" .. (t.home or "/proc/nowhere"),
    "SHELL=" .. (t.shell or "/bin/bash"), "TERM=dumb", "ENV=", "PS1=$ ", table.unpack(t.env or {}) } }
  terminal:expect(t.prompt or "(red) ")
  return terminal
end

describe("a shell in a namespace", function()
  local file, path
  setup(function()
    file = harness.temporary(SCRIPT, "644")
    path = file.path .. ".lua"
    harness.must(("cp %s %s && chmod 644 %s"):format(file.path, path, path))
  end)
  teardown(function()
    os.remove(path)
    os.remove(file.path)
  end)

  for _, program in ipairs { "/bin/bash", "/bin/dash", "/nonexistent/shell" } do
    it("says where one is, and the terminal comes back: " .. program, function()
      if program:find "^/bin" and not os.rename(program, program) then pending(program .. " is not installed") end
      local t <close> = shell(path, { shell = program })
      t:type "cat /sys/class/net/lo/mtu; echo in $NSLAB_NETNS\n"
      t:expect "\r\n1234\r\nin red\r\n"
      t:expect "(red) "
      t:type "ip netns add green; ip netns\n"
      t:expect "\r\ngreen\r\n"
      t:expect "(red) "
      t:type "exit 7\n"
      t:expect "status\t7\r\n"
      t:type "a word\n"
      t:expect "then\ta word\r\n"
      assert.same({ "", 0 }, { t:rest() })
    end)
  end

  it("keeps Ctrl-C to itself", function()
    local t <close> = shell(path)
    t:type "sh -c 'echo started; exec sleep 60'\n"
    t:expect "\r\nstarted\r\n"
    t:type "\3"
    t:expect "(red) "
    t:type "exit\n"
    t:expect "status\t130\r\n"
  end)

  it("reads the user's files, which may set the prompt before every line", function()
    local home = harness.must "mktemp -d":gsub("\n", "")
    harness.must(("echo 'PROMPT_COMMAND=\"PS1=mine:; true\"; mine=yes' >%s/.bashrc && chmod -R a+rX %s")
                 :format(home, home))
    local t <close> = shell(path, { home = home, prompt = "(red) mine:" })
    t:type "echo $mine\n"
    t:expect "\r\nyes\r\n"
    t:expect "(red) mine:"
    harness.must("rm -r " .. home)
  end)

  it("ends with the program whose terminal is closed", function()
    local t <close> = shell(path)
    t:type "sleep 4242\n"
    t:hang_up()
    assert.equal(129, t:wait())
    harness.must "for i in $(seq 100); do pgrep -x -f 'sleep 4242' >/dev/null || exit 0; sleep 0.02; done; exit 1"
  end)

  it("is not opened where there is no namespace", function()
    local t <close> = harness.terminal { path, "nowhere" }
    local screen, status = t:rest()
    assert.truthy(screen:find('there is no namespace "nowhere" (ENOENT)', 1, true), screen)
    assert.equal(1, status)
  end)
end)
