-- What TAB offers at the prompt: from the rows, and from the lab as it is.

local harness = require "harness"

local fresh = harness.fresh

-- { what stands before the cursor, what is offered (all of it, or with "..." some), part that is kept }
local LINES = {
  { "netns.li", "list" },
  { "netns.", "add current delete get host list ..." },
  { "ipt", "iptables" },
  { "for _, l in ipairs(link.li", "list" },
  { 'link.add("x", { ve', "veth = { " },
  { 'link.add("x", { veth = { pe', "peer = { " },
  { "link.add('x', { up = true, veth = { peer = { na", "name = " },
  { 'link.add("x", { up = true, u', "" },
  { "link.add('x', {\n  type = 'bri", "bridge ..." },
  { 'link.add("x", { type = ', '"bridge" "veth" ...' },
  { 'link.add("x", { up = ', "false true" },
  { 'netns "re', "red" },
  { 'netns("r', "red rot" },
  { 'netns.delete "ro', "rot" },
  { 'netns "red".li', "link" },
  { 'netns "red".link.set("', "lo veth-b" },
  { 'netns("red").link.set("ve', "veth-b" },
  { 'link.set("v', "veth-a" },
  { 'link.set("veth-a", { master = "b', "br0" },
  { 'link.set("veth-a", { netns = "r', "red rot" },
  { 'netns "red".addr.add("1.2.3.4/8", { dev = "v', "veth-b" },
  { 'netns "red":pi', "ping" },
  { 'netns "red":ping("x", { co', "count = " },
  { 'netns "red":ping "10', "10.1.2.3" },
  { 'addr.delete("10', "10.1.2.3/24" },
  { 'route.add("default", { via = "10.1', "10.1.2.3" },
  { 'route.add("default", { scope = "li', "link" },
  { 'neigh.add("1", { nud = "per', "permanent" },
  { "rule.add { pri", "priority = " },
  { "link.list { mas", "master = " },
  { 'iptables.append("F', "FORWARD" },
  { 'iptables.append("FORWARD", { jump = "MAS', "MASQUERADE" },
  { 'sysctl.get "net.ipv4.ip_forward_up', "net.ipv4.ip_forward_update_priority" },
  { 'help "link.br', "link.bridge ..." },
  { "red_handle.ad", "addr addrlabel" },
  { "red_handle.link.se", "set" },
  { "string.rep", "rep" },
  { '"abc"', "" },
  { "-- net", "" },
  { "[[ net", "" },
  { "ip li", "link " },
  { "ip link set d", "down dynamic ..." },
  { "ip link set dev ve", "veth-a " },
  { "ip link set veth-a mas", "master " },
  { "ip link set veth-a master b", "br0 " },
  { "ip link add x type bri", "bridge ..." },
  { "ip link add x type bridge stp", "stp_state " },
  { "ip tu", "tunnel tuntap" }, { "ip macs", "macsec " }, { "ip macsec set ve", "veth-a " },
  { "ip tuntap add dev t0 mode t", "tap tun" },
  { "ip tuntap del dev ve", "veth-a " },
  { "ip -n r", "red rot" },
  { "ip -n red link show v", "veth-b vrf" },
  { "ip netns exec re", "red " },
  { "ip netns exec red ip link set v", "veth-b vrf" },
  { "sudo ip addr del 10", "10.1.2.3/24 " },
  { "ip addr add 10.0.0.1/8 dev ve", "veth-a " },
  { "ip route add default via 10.1", "10.1.2.3 " },
  { "iptables -A FOR", "FORWARD " },
  { "ping 10", "10.1.2.3 " },
  { ":sa", "save " },
  { ":ns r", "red rot" },
  { ":explain ip,ne", "ip,netlink" },
}

local function make()
  netns.add "red"
  netns.add "rot"
  link.add("veth-a", { veth = { peer = { name = "veth-b", netns = "red" } } })
  link.add("br0", { type = "bridge" })
  addr.add("10.1.2.3/24", { dev = "veth-a" })
  _G.red_handle = netns "red"
end

local function split(text)
  local out = {}
  for word in (text .. " "):gmatch "(%S+ ?[={]* ?[={]* ?) ?" do out[#out + 1] = word end
  return out
end

describe("TAB", function()
  it("offers what may stand there", fresh(function()
    make()
    local complete = require("nslab.complete").complete
    local wrong = {}
    for _, row in ipairs(LINES) do
      local line, want = row[1], row[2]
      local start, found = complete(line, #line)
      local text, some = table.concat(found, " "), want:match "^(.-) ?%.%.%.$"
      local fine = text == want
      if some then
        fine = true
        local has = {}
        for _, word in ipairs(found) do has[word] = true end
        for _, word in ipairs(split(some)) do fine = fine and has[word:gsub("%s+$", "")] or false end
      end
      local kept = line:sub(start)
      for _, word in ipairs(found) do fine = fine and word:sub(1, #kept) == kept end
      if not fine then wrong[#wrong + 1] = ("%s -> %s, not %s"):format(line, text, want) end
    end
    assert.equal("", table.concat(wrong, "\n"))
  end))

  it("offers files to :save, and tells nobody what was asked for", fresh(function()
    local file <close> = harness.temporary()
    local seen = 0
    local core = require "nslab.core"
    local observer = core.observe(function() seen = seen + 1 end)
    local line = ":save " .. file.path:sub(1, -3)
    local _, found = require("nslab.complete").complete(line, #line)
    core.observe(observer)
    assert.same({ { file.path }, 0 }, { found, seen })
  end))

  it("completes the line that is edited, or lists what there is", fresh(function()
    make()
    local t <close> = harness.terminal {
      "--no-sandbox", "repl", before = { "env", "TERM=xterm", "LANG=C.UTF-8", "XDG_STATE_HOME=/proc/none" },
    }
    t:expect "nslab> "
    t:type 'link.set("ve\t'
    t:expect "th-a"
    t:type '", { m\t'
    t:expect "master = "
    t:expect "mtu = "
    t:expect 'nslab> link.set("veth-a", { m'
    t:type 'as\t'
    t:expect "ter = "
    t:type '"b\t'
    t:expect "r0"
    t:type '" })\n'
    t:expect "nslab> "
    assert.equal("br0", harness.json("ip -j link show veth-a")[1].master)
  end))
end)
