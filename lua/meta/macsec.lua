---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Keys of MACsec links.
---@class macsec
macsec = {}

---Adds an association for sending (`sa`), a sender to listen to (`port` and `address`, or `sci`),
---or an association of that sender (both).
---
---Raises:
---* ENODEV there is no such link, or no such sender
---* EBUSY there is one already
---* EINVAL the key, its name or the number of the next packet is missing
---* EOPNOTSUPP the kernel has no MACsec
---* EPERM the kernel wants root of the machine, in any sandbox
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---if pcall(link.add, "m0", { link = "v0", macsec = { encrypt = true } }) then
---  macsec.add("m0", { sa = 0, pn = 1, active = true, key_id = "01", key = "0123456789abcdef0123456789abcdef" })
---  macsec.add("m0", { port = 1, address = "02:00:00:00:00:02" })
---  macsec.add("m0", { port = 1, address = "02:00:00:00:00:02", sa = 0, pn = 1, active = true,
---                     key_id = "02", key = "0123456789abcdef0123456789abcdef" })
---  print(macsec.get("m0"))
---end
---```
---
---See ip-macsec(8), linux/if_macsec.h.
---@param name string of a link of the kind macsec
---@param options macsec.Options what is added
function macsec.add(name, options) end

---Changes one of them: `active`, and the number of an association's next packet.
---
---Raises:
---* ENODEV there is none
---* EINVAL a key cannot be changed: it gets a new association
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---if pcall(link.add, "m0", { link = "v0", macsec = { encrypt = true } }) then
---  macsec.add("m0", { port = 1, address = "02:00:00:00:00:02" })
---  macsec.set("m0", { port = 1, address = "02:00:00:00:00:02", active = true })
---end
---```
---
---See ip-macsec(8).
---@param name string of a link of the kind macsec
---@param options macsec.Options which, as in add, and what changes
function macsec.set(name, options) end

---Removes one of them. An association must be off; a sender takes its own along.
---
---Raises:
---* ENODEV there is none
---* EBUSY the association is in use
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---if pcall(link.add, "m0", { link = "v0", macsec = { encrypt = true } }) then
---  macsec.add("m0", { port = 1, address = "02:00:00:00:00:02" })
---  macsec.delete("m0", { port = 1, address = "02:00:00:00:00:02" })
---end
---```
---
---See ip-macsec(8).
---@param name string of a link of the kind macsec
---@param options macsec.Options which, as in add
function macsec.delete(name, options) end

---What a MACsec link sends with (`tx`) and whom it listens to (`rx`).
---
---Raises:
---* ENODEV there is no such link
---* EOPNOTSUPP the kernel has no MACsec
---
---```lua
---link.add("v0", { veth = { peer = "v1" } })
---if pcall(link.add, "m0", { link = "v0", macsec = { encrypt = true } }) then
---  print(macsec.get("m0").cipher)
---end
---```
---@param name string of a link of the kind macsec
---@return macsec.device.Record device printing it prints what ip macsec show shows
function macsec.get(name) end

---The same of all MACsec links.
---
---Raises:
---* EOPNOTSUPP the kernel has no MACsec, or has not loaded it
---
---```lua
---local ok, devices = pcall(macsec.list)
---if ok then print(devices) end
---```
---@return macsec.device.Record[] devices printing it prints what ip macsec show shows
function macsec.list() end

---A secure association of a MACsec link: a key, for sending or for one sender.
---@class macsec.Options
---@field dev? string|integer the MACsec link
---@field sci? string of receiving: the channel of the sender, 16 hexadecimal digits
---@field address? string in place of that: the sender's hardware address, with `port`
---@field port? integer and its port, 1 to 65535
---@field sa? integer number of the association, 0 to 3; without it a channel is meant
---@field pn? integer number of the next packet
---@field xpn? integer the same of the ciphers with long numbers (xpn)
---@field salt? string of those ciphers: 24 hexadecimal digits
---@field ssci? integer of those ciphers: short number of the channel
---@field key_id? string name of the key, up to 32 hexadecimal digits: "01"
---@field key? string the key, 32 or 64 hexadecimal digits as the cipher wants it
---@field active? boolean it is in use

---A secure association of a MACsec link: a key, for sending or for one sender. As it is read;
---called, it is a plain table.
---@class macsec.Record
---@field dev? string the MACsec link
---@field sci? string of receiving: the channel of the sender, 16 hexadecimal digits
---@field sa? integer number of the association, 0 to 3; without it a channel is meant
---@field pn? integer number of the next packet
---@field xpn? integer the same of the ciphers with long numbers (xpn)
---@field salt? string of those ciphers: 24 hexadecimal digits
---@field ssci? integer of those ciphers: short number of the channel
---@field key_id? string name of the key, up to 32 hexadecimal digits: "01"
---@field key? string the key, 32 or 64 hexadecimal digits as the cipher wants it
---@field active? boolean it is in use
---@field unknown? table<integer, string> attributes without a row, by their numbers
---@overload fun(): table
local macsec_record = {}

---A plain copy of every field.
---@return table
function macsec_record:table() end

---Which ones are meant. Every field that is given must agree; false: has none.
---@class macsec.Filter
---@field dev? string|integer|false the MACsec link
---@field sci? string|false of receiving: the channel of the sender, 16 hexadecimal digits
---@field sa? integer|false number of the association, 0 to 3; without it a channel is meant
---@field pn? integer|false number of the next packet
---@field xpn? integer|false the same of the ciphers with long numbers (xpn)
---@field salt? string|false of those ciphers: 24 hexadecimal digits
---@field ssci? integer|false of those ciphers: short number of the channel
---@field key_id? string|false name of the key, up to 32 hexadecimal digits: "01"
---@field key? string|false the key, 32 or 64 hexadecimal digits as the cipher wants it
---@field active? boolean it is in use
---@field exact? string another word for the key of the object

---A sender that a MACsec link listens to.
---@class macsec.channel.Options
---@field dev? string|integer the MACsec link
---@field sci? string of receiving: the channel of the sender, 16 hexadecimal digits
---@field address? string in place of that: the sender's hardware address, with `port`
---@field port? integer and its port, 1 to 65535
---@field active? boolean it is in use

---A sender that a MACsec link listens to.
---@class macsec.channel.Record
---@field dev? string the MACsec link
---@field sci? string of receiving: the channel of the sender, 16 hexadecimal digits
---@field active? boolean it is in use
---@field unknown? table<integer, string> attributes without a row, by their numbers

---The keys of a MACsec link.
---@class macsec.device.Options

---The keys of a MACsec link.
---@class macsec.device.Record
---@field dev? string the link
---@field ifindex? integer its number
---@field sci? string the channel it sends in
---@field encodingsa? integer the association it sends with
---@field protect? boolean frames are protected
---@field validate? "disabled"|"check"|"strict"|integer what comes in is checked
---@field encrypt? boolean frames are encrypted
---@field send_sci? boolean frames have the identifier of the channel
---@field end_station? boolean the sender's address stands for it
---@field scb? boolean single copy broadcast
---@field replay? boolean frames that come again are dropped
---@field window? integer how many frames late one may come
---@field cipher? "gcm-aes-128"|"default"|"gcm-aes-256"|"gcm-aes-xpn-128"|"gcm-aes-xpn-256"|integer gcm-aes-128 ...
---@field icvlen? integer length of the checksum, in bytes
---@field oper? boolean it is up and has a key
---@field offload? "off"|"phy"|"mac"|integer who does it
---@field tx? macsec.device.sa.Record associations for sending
---@field rx? macsec.device.channel.Record those it listens to
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A sender, as the kernel tells it.
---@class macsec.device.channel.Options

---A sender, as the kernel tells it.
---@class macsec.device.channel.Record
---@field sci? string the channel of the sender
---@field active? boolean it is in use
---@field sas? macsec.device.sa.Record its associations
---@field unknown? table<integer, string> attributes without a row, by their numbers

---A secure association, as the kernel tells it.
---@class macsec.device.sa.Options

---A secure association, as the kernel tells it.
---@class macsec.device.sa.Record
---@field sa? integer number of the association
---@field pn? integer number of the next packet
---@field active? boolean it is in use
---@field ssci? integer short number of the channel
---@field key_id? string name of the key
---@field stats? table<string, integer> in_pkts_ok, out_pkts_encrypted ...
---@field unknown? table<integer, string> attributes without a row, by their numbers
