---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Keys and peers of WireGuard links.
---@class wireguard
wireguard = {}

---Sets the private key, the port and the mark of a WireGuard link, and adds, changes or removes
---peers. What is not named stays as it is.
---
---Raises:
---* ENODEV there is no such link
---* EOPNOTSUPP the link is no WireGuard link, or the kernel has none
---* EPERM no privilege
---
---```lua
---if pcall(link.add, "wg0", { type = "wireguard" }) then
---  wireguard.set("wg0", { private_key = wireguard.genkey(), listen_port = 51820 })
---  print(wireguard.get("wg0").public_key)
---end
---```
---
---See linux/wireguard.h.
---@param name string of a link of the kind wireguard
---@param options wireguard.Options what changes
function wireguard.set(name, options) end

---The keys and the peers of a WireGuard link: a table with the fields that set takes, the public
---key, and what the kernel knows of each peer.
---
---Raises:
---* ENODEV there is no such link
---* EOPNOTSUPP the link is no WireGuard link
---* EPERM no privilege
---
---```lua
---print(pcall(wireguard.get, "lo"))
---```
---@param name string of a link of the kind wireguard
---@return wireguard.Record device a plain table
function wireguard.get(name) end

---A new private key. Its public key is read back from the link that it was given to.
---
---```lua
---assert(#wireguard.genkey() == 44)
---```
---@return string key 44 characters of base64
function wireguard.genkey() end

---A new secret for `preshared_key`.
---
---```lua
---assert(wireguard.genpsk() ~= wireguard.genpsk())
---```
---@return string key 44 characters of base64
function wireguard.genpsk() end

---Keys and peers of a WireGuard link.
---@class wireguard.Options
---@field replace_peers? boolean peers are all there are; without it they come to those that are there
---@field private_key? string private key, in base64
---@field listen_port? integer UDP port, 0: any
---@field fwmark? integer mark of its packets, 0: none
---@field peers? wireguard.peer.Options[] the peers: a list of tables

---Keys and peers of a WireGuard link. As it is read; called, it is a plain table.
---@class wireguard.Record
---@field name? string name of the link
---@field ifindex? integer number of the link
---@field private_key? string private key, in base64
---@field public_key? string public key, which the kernel makes of the private one
---@field listen_port? integer UDP port, 0: any
---@field fwmark? integer mark of its packets, 0: none
---@field peers? wireguard.peer.Record the peers: a list of tables
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local wireguard_record = {}

---A plain copy of every field.
---@return table
function wireguard_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class wireguard.Filter
---@field name? string|false name of the link
---@field ifindex? integer|false number of the link
---@field private_key? string|false private key, in base64
---@field public_key? string|false public key, which the kernel makes of the private one
---@field listen_port? integer|false UDP port, 0: any
---@field fwmark? integer|false mark of its packets, 0: none
---@field peers? table|false the peers: a list of tables
---@field exact? string another word for the key of the object

---One peer of a WireGuard link.
---@class wireguard.peer.Options
---@field public_key string public key of the peer, in base64
---@field remove? boolean takes the peer away
---@field replace_allowed_ips? boolean allowed_ips are all there are; without it they come to those that are there
---@field update_only? boolean nothing is done when there is no such peer
---@field preshared_key? string a secret that both share besides, in base64
---@field endpoint? string where it is: "10.0.0.2:51820", "[fd00::2]:51820"
---@field persistent_keepalive? integer how often it is told that we live, in s
---@field allowed_ips? string[] networks that are behind it: a list of "10.0.0.0/24"

---One peer of a WireGuard link.
---@class wireguard.peer.Record
---@field public_key? string public key of the peer, in base64
---@field preshared_key? string a secret that both share besides, in base64
---@field endpoint? string where it is: "10.0.0.2:51820", "[fd00::2]:51820"
---@field persistent_keepalive? integer how often it is told that we live, in s
---@field allowed_ips? string[] networks that are behind it: a list of "10.0.0.0/24"
---@field last_handshake? number when the last handshake was, in s since 1970; nil: never
---@field rx_bytes? integer received
---@field tx_bytes? integer sent
---@field protocol_version? integer of WireGuard
---@field unknown? table<integer, string> attributes without a row, by their numbers
