-- `nslab run FILE.sh`: a script of the shell that holds commands of ip and its like leaves the state that
-- the shell leaves, or says in which line and at which word it cannot be read, and has changed nothing.

local harness = require "harness"
local oracle = require "oracle"

local SCRIPT = [[
#!/bin/sh
# a small lab
set -e
NS=red
OTHER="blue"
WORDS="-n red"
ip netns add $NS
sudo ip netns add "$OTHER" && ip link add veth-$NS type veth peer name veth-${OTHER}
ip link del nope 2>/dev/null || true
ip link del nope >/dev/null 2>&1 || ip link add br0 type bridge
ip link show nope > /dev/null 2>&1 && ip link add never type bridge
ip link set veth-red \
   netns $NS   # the cable's end
ip netns exec $NS ip addr add 10.0.0.1/24 dev veth-red
ip $WORDS link set veth-red up; ip link set veth-blue up
ip addr add 10.0.0.2/24 dev veth-blue
echo "made" $NS
]]

local function run(text, name, ...)
  local file <close> = harness.temporary(text)
  local path = file.path .. (name or ".sh")
  assert(os.rename(file.path, path))
  local got = harness.run { "--no-sandbox", path, ... }
  os.remove(path)
  got.path = path
  return got
end

local function by_us(text)
  local got = run(text)
  return got.status == 0, got.stdout
end

describe("nslab run FILE.sh", function()
  it("leaves the state and shows the text that the shell does", function()
    local without_sudo = SCRIPT:gsub("sudo ", "")
    oracle.same_outcome(function() end, without_sudo, function()
      local well, shown = by_us(SCRIPT)
      assert.is_true(well, shown)
      return well, shown
    end)
  end)

  it("is asked for by the #! line, too", harness.fresh(function()
    assert.equal(0, run("#!/bin/sh\nip netns add red\n", "").status)
    assert.equal(0, run("#!/usr/bin/env bash\nip netns add blue\n", "").status)
    assert.equal("blue\nred\n", harness.must "ip netns | sort")
  end))

  it("gets its arguments", harness.fresh(function()
    assert.equal("red 2 \n", run("ip netns add $1\necho $1 '2' \"$3\"", nil, "red", "x", "").stdout)
    assert.equal("red\n", harness.must "ip netns")
  end))

  -- { script, line, what is named }
  for _, case in ipairs {
    { "ip netns add a\nip netns add b | cat\n", 2, "|" },
    { "ip netns add a\n\nfor i in 1 2; do\n ip netns add $i\ndone\n", 3, "for" },
    { "ip netns add a\nip netns add $NAME\n", 2, "$NAME" },
    { "ip netns add a\nip netns add `hostname`\n", 2, "`hostname`" },
    { "ip netns add a\n# x\nip link add \\\n b typ veth\n", 3, "typ" },
    { "ip netns add a\ndocker run x\n", 2, "docker" },
    { "ip netns add a\nip link > file\n", 2, ">" },
    { "ip netns add a\nip link show 'x\n", 2, "'x" },
    { "ip netns add a\nif true; then ip netns add b; fi\n", 2, "if" },
    { "ip netns add <name>\n", 1, "<name>" },
  } do
    it("has done nothing when it cannot read " .. case[3], harness.fresh(function()
      local got = run(case[1])
      assert.equal(1, got.status)
      assert.truthy(got.stderr:find(("%s:%d: "):format(got.path, case[2]), 1, true), got.stderr)
      assert.truthy(got.stderr:find(case[3], 1, true), got.stderr)
      assert.equal("", harness.must "ip netns")
    end))
  end

  it("goes on after a failure as a shell does, and stops after set -e", harness.fresh(function()
    local got = run "ip link del nope\nip netns add red\n"
    assert.equal(0, got.status)
    assert.truthy(got.stderr:find(".sh:1: link.delete nope", 1, true), got.stderr)
    assert.equal("red\n", harness.must "ip netns")
    got = run "set -e\nip link del nope\nip netns add blue\n"
    assert.equal(1, got.status)
    assert.equal("red\n", harness.must "ip netns")
    assert.equal(3, run("exit 3\nip netns add blue\n").status)
    assert.equal("red\n", harness.must "ip netns")
  end))

  it("runs programs in a namespace, in the background until it ends", harness.fresh(function()
    local got = run [[
      ip netns add red
      ip netns exec red sh -c 'echo $0; exit 4' || echo failed
      ip netns exec red sleep 300 &
      ip netns exec red sh -c 'ip netns pids red | wc -l'
    ]]
    assert.same({ 0, "" }, { got.status, got.stderr })
    local n = got.stdout:match "^sh\nfailed\n%s*(%d+)\n$"
    assert.is_true(n and tonumber(n) > 1, got.stdout)
    assert.equal("", harness.must "ip netns pids red")
  end))
end)
