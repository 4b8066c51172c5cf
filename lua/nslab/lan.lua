-- lan: the network behind the host's eth0. A lab's host is a namespace with nothing but lo; the
-- tutorials speak of a machine with a network card. The card is a veth, its other end is the router
-- of a LAN in a namespace that has no name.

local lan = {}

-- An IPv4 address as a number, or nil.
local function number_of(text)
  local number = 0
  for part in text:gmatch("%d+") do
    local octet = tonumber(part)
    if octet > 255 then return nil end
    number = number << 8 | octet
  end
  return number
end

local function text_of(number)
  return ("%d.%d.%d.%d"):format(number >> 24 & 255, number >> 16 & 255, number >> 8 & 255,
                                number & 255)
end

-- "192.168.1.2/24" -> the address as a number, 24; nil and a sentence for what is no such address.
function lan.address(text)
  local ip, length = text:match("^(%d+%.%d+%.%d+%.%d+)/(%d+)$")
  local number, prefix = ip and number_of(ip), tonumber(length)
  if number and prefix <= 32 then return number, prefix end
  return nil, ("%s is no address with a prefix, like 192.168.1.2/24."):format(text)
end

-- "192.168.1.2/24" -> "192.168.1.1", 24: the network's first address, or its second where the host
-- has the first. nil and a sentence where there is no room for a router.
function lan.router(text)
  local own, prefix = lan.address(text)
  if not own then return nil, prefix end
  if prefix > 30 then return nil, ("%s leaves no room for a router."):format(text) end
  local network = own & (0xFFFFFFFF << (32 - prefix))
  return text_of(network + 1 == own and network + 2 or network + 1), prefix
end

-- A new namespace takes some settings over from the machine. These are as a machine has them that
-- nobody has set up yet: it does not forward, and the LAN takes whatever packet reaches it.
local function settle(behind)
  require("sysctl").set("net.ipv4.ip_forward", 0)
  for _, of in ipairs { "all", "default", "lan" } do
    behind.sysctl.set(("net.ipv4.conf.%s.rp_filter"):format(of), 0)
  end
end

-- Gives the host the eth0 that a lab asks for, and a default route to the LAN's router:
-- { eth0 = ADDRESS, lan = { name = NAME, ADDRESS ... } }. The LAN has the other addresses as well.
-- Returns its handle. A LAN with a name can be entered; one without lasts as long as the handle.
function lan.connect(asked)
  local router, prefix = lan.router(asked.eth0)
  local link, addr, route = require "link", require "addr", require "route"
  local more = asked.lan or {}
  local behind = more.name and require("netns").add(more.name) or require("nslab.core").hidden_netns "lan"
  link.add("eth0", { up = true, veth = { peer = { name = "lan", netns = behind, up = true } } })
  addr.add(asked.eth0, { dev = "eth0" })
  behind.addr.add(("%s/%d"):format(router, prefix), { dev = "lan" })
  for _, address in ipairs(more) do behind.addr.add(address, { dev = "lan" }) end
  behind.link.set("lo", { up = true })
  route.add("default", { via = router })
  settle(behind)
  return behind
end

return lan
