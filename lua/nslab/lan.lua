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

-- "192.168.1.2/24" -> "192.168.1.1", 24: the network's first address, or its second where the host
-- has the first. nil and a sentence for what is no such address.
function lan.router(address)
  local ip, length = address:match("^(%d+%.%d+%.%d+%.%d+)/(%d+)$")
  local own, prefix = ip and number_of(ip), tonumber(length)
  if not own or prefix > 30 then
    return nil, ("%s is no address with a prefix, like 192.168.1.2/24."):format(address)
  end
  local network = own & (0xFFFFFFFF << (32 - prefix))
  return text_of(network + 1 == own and network + 2 or network + 1), prefix
end

-- Gives the host an eth0 with that address, and a default route to the LAN's router. Returns the
-- handle of the LAN; the LAN lasts as long as the handle.
function lan.connect(address)
  local router, prefix = lan.router(address)
  local link, addr, route = require "link", require "addr", require "route"
  local behind = require("nslab.core").hidden_netns "lan"
  link.add("eth0", { up = true, veth = { peer = { name = "lan", netns = behind, up = true } } })
  addr.add(address, { dev = "eth0" })
  behind.addr.add(("%s/%d"):format(router, prefix), { dev = "lan" })
  behind.link.set("lo", { up = true })
  route.add("default", { via = router })
  return behind
end

return lan
