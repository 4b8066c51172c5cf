-- nslab doctor: what it says of the kernel is what the kernel says to ip and tc.

local harness = require "harness"
local host = require "nslab.host"
local doctor = require "nslab.doctor"
local features = require "nslab.features"

local function rows_of(text)
  local rows = {}
  for line in text:gmatch "[^\n]+" do
    local row = assert(host.json_decode(line))
    rows[row.area .. "/" .. row.name] = row
  end
  return rows
end

local function examine(prefix)
  local r = harness.run { "doctor", "--json", prefix = prefix }
  return rows_of(r.stdout), r
end

describe("nslab doctor", function()
  it("says that labs run here", function()
    local rows, r = examine()
    assert.equal(0, r.status)
    assert.equal("", r.stderr)
    assert.truthy(rows["sandbox/a sandbox can be made"].ok)
    assert.truthy(rows["kinds of links/veth"].ok)
    local text = harness.run { "doctor" }
    assert.equal(0, text.status)
    assert.matches("Labs run here.\n$", text.stdout)
  end)

  it("knows the kinds of links that ip can add", harness.fresh(function()
    local rows = examine()
    for _, row in ipairs(doctor.probed.link) do
      local said = harness.sh(("ip link add probe type %s 2>&1; ip link del probe 2>/dev/null")
                              :format(row[1]))
      assert.equal(not said:find "Unknown device type", rows["kinds of links/" .. row[1]].ok, row[1])
    end
  end))

  it("knows what a bridge can be told to do", harness.fresh(function()
    local rows = examine()
    for _, row in ipairs(doctor.probed.bridge) do
      local _, status = harness.sh(("ip link add probe type bridge %s 1 2>/dev/null"):format(row[1]))
      assert.equal(status == 0, rows["bridges/" .. row[1]].ok, row[1])
    end
  end))

  it("knows the queues that tc can add", harness.fresh(function()
    if not os.execute "command -v tc >/dev/null" then pending "tc is not installed" end
    local rows = examine()
    local more = { red = "limit 400000 avpkt 1000", choke = "limit 1000 bandwidth 1mbit", ets = "bands 3",
                   etf = "clockid TAI" } -- tc wants them before it asks the kernel
    for _, row in ipairs(doctor.probed.qdisc) do
      local said = harness.sh(("tc qdisc add dev lo root %s 2>&1; tc qdisc del dev lo root 2>/dev/null")
                              :format(row[1] .. " " .. (more[row[1]] or "")))
      assert.equal(not said:find "qdisc kind is unknown", rows["queues/" .. row[1]].ok, row[1])
    end
  end))

  it("finds what iptables can use, and nothing that does not exist", harness.fresh(function()
    local none = { link = { "nosuchkind" }, qdisc = { "nosuchqueue" }, nf_tables = { "nosuchexpr" },
                   xtables = { "match", "nosuchmatch", 0 } }
    for area, bogus in pairs(none) do
      table.insert(doctor.probed[area], { bogus[1], bogus[2] or "", bogus[3] or "", "" })
    end
    local found = {}
    for _, row in ipairs(doctor.examine()) do found[row.name] = row end
    for area in pairs(none) do table.remove(doctor.probed[area]) end
    for _, name in ipairs { "nosuchkind", "nosuchqueue", "nosuchexpr", "nosuchmatch" } do
      assert.is_false(found[name].ok, name)
    end
    if not os.execute "command -v iptables >/dev/null" then pending "iptables is not installed" end
    for name, rule in pairs {
      masq = "-t nat -A POSTROUTING -j MASQUERADE", ct = "-A INPUT -m conntrack --ctstate NEW",
      limit = "-A INPUT -m limit --limit 1/s", reject = "-A INPUT -j REJECT",
      multiport = "-A INPUT -p tcp -m multiport --dports 1,2", mark = "-A INPUT -m mark --mark 1",
      statistic = "-A INPUT -m statistic --mode random --probability 0.5",
      length = "-A INPUT -m length --length 100", string = "-A INPUT -m string --algo bm --string x",
    } do
      assert.equal(os.execute("iptables " .. rule .. " 2>/dev/null") or false, found[name].ok, name)
    end
  end))

  it("says what a lack costs and what helps, for each that it finds", harness.fresh(function()
    for _, row in ipairs(doctor.examine()) do
      if not row.ok then
        assert.truthy(row.costs and #row.costs > 0, row.name)
        assert.truthy(row.remedy and #row.remedy > 0, row.name)
      end
    end
  end))

  it("has one name for each thing that a lab may need", function()
    local seen = {}
    for _, name in ipairs(features.names()) do
      assert.is_nil(seen[name], name)
      seen[name] = true
    end
    assert.is_true(seen.vrf and seen.netem and seen.nf_tables and seen.conntrack)
  end)

  it("looks among the kernel's modules for what helps", function()
    local root = harness.must("d=$(mktemp -d) && mkdir -p $d/etc $d/lib/modules/$(uname -r) && echo $d"):gsub("\n$", "")
    local modules = root .. "/lib/modules/$(uname -r)/modules."
    local by_name = {}
    for _, f in ipairs(features.all()) do by_name[f.name] = f end
    local function remedies()
      return { features.remedy(by_name.vlan, root), features.remedy(by_name.netem, root) }
    end
    local stock = "A distribution's stock kernel has it; this one was built without CONFIG_"
    assert.same({ stock .. "VLAN_8021Q", stock .. "NET_SCH_NETEM" }, remedies())
    harness.must("echo kernel/net/8021q/8021q.ko: >" .. modules .. "dep; echo ID=ubuntu >" .. root .. "/etc/os-release")
    assert.equal("sudo apt install linux-modules-extra-" .. harness.must "uname -r" .. stock .. "VLAN_8021Q", remedies()[1])
    harness.must("echo 'alias rtnl-link-vlan 8021q' >" .. modules .. "alias; echo kernel/net/sched/sch_netem.ko.xz: >" ..
                 modules .. "dep")
    assert.same({ "sudo modprobe 8021q (this kernel has it as a module)",
                  "sudo modprobe sch_netem (this kernel has it as a module)" }, remedies())
    harness.must("rm -r " .. root)
  end)

  it("finds the programs of root's path", harness.fresh(function()
    local rows = examine "env PATH=/usr/bin:/bin"
    assert.equal(harness.sh "ls /usr/sbin/tc 2>/dev/null" ~= "", rows["tools/tc"].value == "/usr/sbin/tc")
  end))

  it("exits with 3 and the reason where no lab can run", function()
    local rows, r = examine("unshare -Urmpf --mount-proc sh -c '"
      .. [[echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"]] .. "' sh")
    assert.equal(3, r.status)
    local row = rows["sandbox/a sandbox can be made"]
    assert.is_false(row.ok)
    assert.truthy(row.needed)
    assert.matches("user.max_net_namespaces is 0", row.value, 1, true)
    assert.matches("sudo sysctl -w user.max_net_namespaces", row.remedy, 1, true)
    assert.is_false(rows["limits/user.max_net_namespaces"].ok)
  end)

  it("leaves nothing in the namespace it is started in", harness.fresh(function()
    local before = harness.must "ip -d link; nft list ruleset 2>/dev/null; cat /proc/self/mountinfo"
    doctor.examine()
    assert.equal(before, harness.must "ip -d link; nft list ruleset 2>/dev/null; cat /proc/self/mountinfo")
  end))
end)
