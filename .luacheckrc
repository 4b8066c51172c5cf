std = "lua54"
max_line_length = 110
local scripts = { "netns", "link", "addr", "route", "neigh", "rule", "nexthop", "nexthop_bucket", "fdb", "vlan", "vlan_global", "mdb", "vni", "qdisc", "class", "filter", "chain", "socket",
                  "mroute", "mpls", "netconf", "nsid", "sysctl", "netlink", "wireguard", "addrlabel", "fou", "macsec", "iptables",
                  "ip6tables", "lab", "step", "help", "sh", "scratch" }
files["labs"].read_globals = scripts
-- Lines of data may be long.
files["tests"] = { std = "lua54+busted", read_globals = scripts, max_line_length = 160 }
exclude_files = { "lua/meta" }
