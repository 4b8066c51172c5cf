---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---How the links of a namespace are set, as the kernel tells it; sysctl.set changes it.
---@class netconf
netconf = {}

---How one link is set.
---
---Raises:
---* ENODEV there is no such link
---
---```lua
---sysctl.set("net.ipv4.conf.lo.forwarding", 1)
---assert(netconf.get("lo").forwarding)
---```
---
---See ip-netconf(8), linux/netconf.h.
---@param dev string|integer the link, "all" or "default"
---@param options? netconf.Options family ("inet" unless given)
---@return netconf.Record? netconf nil when there is none
---@return nslab.Error? error why
function netconf.get(dev, options) end

---How all links are set, and what "all" and "default" say.
---
---```lua
---for _, n in ipairs(netconf.list{ family = "inet6" }) do print(n.dev, n.forwarding) end
---```
---
---See ip-netconf(8).
---@param filter? netconf.Filter e.g. { family = "inet6" }, { forwarding = true }
---@return netconf.Record[] netconfs printing it prints what ip netconf shows
function netconf.list(filter) end

---Iterates over them without building a list.
---
---```lua
---for n in netconf.each() do print(n.dev, n.rp_filter) end
---```
---@param filter? netconf.Filter e.g. { family = "inet6" }, { forwarding = true }
---@return fun(): netconf.Record iterator for a generic for
function netconf.each(filter) end

---How a link is set, as the kernel tells it when it changes.
---@class netconf.Options
---@field family? "inet"|"inet6" inet, inet6, or mpls

---How a link is set, as the kernel tells it when it changes. As it is read; called, it is a plain
---table.
---@class netconf.Record
---@field family? "inet"|"inet6" inet, inet6, or mpls
---@field dev? string the link; "all"; "default": for links that are yet to come
---@field forwarding? boolean it passes on what is for others
---@field rp_filter? "off"|"strict"|"loose"|integer packets with a source that is reached another way are dropped: off, strict, loose
---@field mc_forwarding? boolean a daemon routes multicast
---@field proxy_neigh? boolean it answers for neighbours: proxy_arp, proxy_ndp
---@field ignore_routes_with_linkdown? boolean routes without a carrier do not count
---@field input? boolean packets with MPLS labels are taken in
---@field bc_forwarding? boolean it passes on directed broadcasts
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local netconf_record = {}

---A plain copy of every field.
---@return table
function netconf_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class netconf.Filter
---@field family? "inet"|"inet6"|false inet, inet6, or mpls
---@field dev? string|integer|false the link; "all"; "default": for links that are yet to come
---@field forwarding? boolean it passes on what is for others
---@field rp_filter? "off"|"strict"|"loose"|integer|false packets with a source that is reached another way are dropped: off, strict, loose
---@field mc_forwarding? boolean a daemon routes multicast
---@field proxy_neigh? boolean it answers for neighbours: proxy_arp, proxy_ndp
---@field ignore_routes_with_linkdown? boolean routes without a carrier do not count
---@field input? boolean packets with MPLS labels are taken in
---@field bc_forwarding? boolean it passes on directed broadcasts
---@field exact? string another word for the key of the object
