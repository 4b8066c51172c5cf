-- The red-blue lab as the tutorial has it: the cable is made on the host, its ends are moved.
local red, blue = netns.add "red", netns.add "blue"
link.add("veth-red", { veth = { peer = "veth-blue" } })
link.set("veth-red", { netns = red })
link.set("veth-blue", { netns = blue })
red.addr.add("192.168.15.1/24", { dev = "veth-red" })
blue.addr.add("192.168.15.2/24", { dev = "veth-blue" })
red.link.set("lo", { up = true })
blue.link.set("lo", { up = true })
red.link.set("veth-red", { up = true })
blue.link.set("veth-blue", { up = true })
assert(red:ping("192.168.15.2").received == 1)
