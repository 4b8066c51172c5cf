---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---The kernel's settings of a namespace, under the names that sysctl(8) has for them. Only those
---under net are a namespace's own.
---@class sysctl
sysctl = {}

---Reads a setting of the namespace.
---
---Raises:
---* ENOENT there is no such setting
---* EISDIR it is a group of them
---* EINVAL not under net
---
---```lua
---assert(sysctl.get("net.ipv4.ip_forward") == 0)
---```
---
---See sysctl(8), Documentation/networking/ip-sysctl.rst.
---@param key string its name, net.ipv4.ip_forward or net/ipv4/ip_forward
---@return integer|string value an integer when the text is one
function sysctl.get(key) end

---Changes a setting of the namespace.
---
---Raises:
---* ENOENT there is no such setting
---* EINVAL no value for it, or not under net
---* EACCES it only informs, or no privilege
---
---```lua
---sysctl.set("net.ipv4.ip_forward", 1)
---```
---
---See sysctl(8), Documentation/networking/ip-sysctl.rst.
---@param key string its name, net.ipv4.ip_forward or net/ipv4/ip_forward
---@param value integer|string|boolean true is 1, false is 0
function sysctl.set(key, value) end

---All settings of a group, or of the namespace. Printing them gives a line for each, as sysctl -a
---does.
---
---Raises:
---* ENOENT there is no such group
---* EINVAL not under net
---
---```lua
---print(sysctl.list("net.ipv4.conf.all"))
---```
---
---See sysctl(8), Documentation/networking/ip-sysctl.rst.
---@param prefix? string the group, net.ipv4.conf.all for example
---@return table<string, integer|string> settings values by name
function sysctl.list(prefix) end
