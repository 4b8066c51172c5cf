-- The red-blue lab, both ends of the cable born in their namespaces.
local red, blue = netns.add "red", netns.add "blue"
red.link.set("lo", { up = true })
blue.link.set("lo", { up = true })
red.link.add("veth-red", { up = true, veth = { peer = { name = "veth-blue", netns = blue, up = true } } })
red.addr.add("192.168.15.1/24", { dev = "veth-red" })
blue.addr.add("192.168.15.2/24", { dev = "veth-blue" })
assert(red:ping("192.168.15.2").received == 1)
