"""routes_pyroute2.py add|dump COUNT: what routes_add.lua and routes_dump.lua do, with pyroute2."""
import socket
import sys

from pyroute2 import IPRoute

verb, count = sys.argv[1], int(sys.argv[2])
with IPRoute() as ip:
    if verb == "add":
        lo, = ip.link_lookup(ifname="lo")
        ip.link("set", index=lo, state="up")
        for i in range(count):
            ip.route("add", dst=f"11.{i >> 16}.{i >> 8 & 255}.{i & 255}/32", oif=lo)
    else:
        found = 0
        for route in ip.get_routes(family=socket.AF_INET):
            read = route.get_attr("RTA_DST")
            found += 1
        assert found >= count
