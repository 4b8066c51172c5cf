---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---IPv4 packet filter and address translation, in iptables' words and encoding. iptables "-A INPUT
----j DROP" takes a command as it is typed.
---@class iptables
---@overload fun(command: string): any
iptables = {}

---Adds a rule at the end of a chain.
---
---Raises:
---* ENOENT no such chain, match or target
---* EINVAL an option or a value is wrong
---* EOPNOTSUPP not possible in this table or chain
---
---```lua
---iptables.append("INPUT", { source = "192.0.2.0/24", protocol = "tcp", dport = 22, jump = "ACCEPT" })
---print(iptables.list())
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule options, e.g. { protocol = "tcp", dport = 22, jump = "ACCEPT" }
function iptables.append(chain, rule) end

---Puts a rule before another one, or first.
---
---Raises:
---* E2BIG the chain has fewer rules
---* ENOENT no such chain, match or target
---
---```lua
---iptables.insert("INPUT", { in_interface = "lo", jump = "ACCEPT" }, 1)
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule options, e.g. { protocol = "tcp", dport = 22, jump = "ACCEPT" }
---@param position? integer 1 is the first; that is the default
function iptables.insert(chain, rule, position) end

---Puts a rule in the place of another one.
---
---Raises:
---* E2BIG the chain has fewer rules
---
---```lua
---iptables.append("INPUT", { jump = "DROP" })
---iptables.replace("INPUT", { jump = "ACCEPT" }, 1)
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule options, e.g. { protocol = "tcp", dport = 22, jump = "ACCEPT" }
---@param position? integer 1 is the first; that is the default
function iptables.replace(chain, rule, position) end

---Removes the first rule that is like the one given, or the one at a position.
---
---Raises:
---* ENOENT no such rule or chain
---* E2BIG the chain has fewer rules
---
---```lua
---iptables.append("INPUT", { jump = "DROP" })
---iptables.delete("INPUT", 1)
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule|integer options, a rule of list(), or a position
---@param options? { table?: string } with a position: another table
function iptables.delete(chain, rule, options) end

---Whether a rule like that is in the chain.
---
---Raises:
---* ENOENT no such chain, match or target
---
---```lua
---assert(not iptables.check("INPUT", { jump = "DROP" }))
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule options, e.g. { protocol = "tcp", dport = 22, jump = "ACCEPT" }
---@return boolean found true if it is
function iptables.check(chain, rule) end

---The rules of a table, or of one chain. `chains` of the list has the chains with their policies;
---printing the list prints what iptables -S prints.
---
---Raises:
---* ENOENT no such chain
---* EPERM CAP_NET_ADMIN is missing
---
---```lua
---iptables.append("INPUT", { protocol = "udp", dport = 53, jump = "DROP" })
---assert(iptables.list("INPUT")[1].dport == 53)
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain? string only of this chain
---@param options? { table?: string, chain?: string } another table than filter
---@return iptables.Rule[] rules with the keys that append takes, and packets, bytes, handle, position
function iptables.list(chain, options) end

---Iterates over the rules without building a list.
---
---Raises:
---* ENOENT no such chain
---* EPERM CAP_NET_ADMIN is missing
---
---```lua
---for rule in iptables.each() do print(rule.chain, rule.packets) end
---```
---@param chain? string only of this chain
---@param options? { table?: string, chain?: string } another table than filter
---@return fun(): iptables.Rule iterator for a generic for
function iptables.each(chain, options) end

---Removes all rules of a chain, or of a table.
---
---Raises:
---* ENOENT no such chain
---
---```lua
---iptables.flush()
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain? string only of this chain
---@param options? { table?: string } another table than filter
function iptables.flush(chain, options) end

---Sets the counters of rules and policies to 0.
---
---Raises:
---* ENOENT no such chain
---* E2BIG the chain has fewer rules
---
---```lua
---iptables.zero()
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain? string only of this chain
---@param options? { table?: string, position?: integer } another table; only one rule
function iptables.zero(chain, options) end

---Makes a chain, for rules to jump to.
---
---Raises:
---* EEXIST there is such a chain
---* EINVAL the name is a target's, or too long
---
---```lua
---iptables.new_chain "web"
---iptables.append("INPUT", { jump = "web" })
---```
---
---See iptables(8), iptables-extensions(8).
---@param name string not over 28 characters
---@param options? { table?: string } another table than filter
function iptables.new_chain(name, options) end

---Removes an empty chain that nothing jumps to, or all chains of one's own.
---
---Raises:
---* EBUSY it has rules, or rules jump to it
---* ENOENT no such chain
---
---```lua
---iptables.new_chain "web"
---iptables.delete_chain "web"
---```
---
---See iptables(8), iptables-extensions(8).
---@param name? string only this chain
---@param options? { table?: string } another table than filter
function iptables.delete_chain(name, options) end

---Gives a chain another name. Jumps to it follow.
---
---Raises:
---* EEXIST there is such a chain
---* ENOENT no such chain
---
---```lua
---iptables.new_chain "web"
---iptables.rename_chain("web", "www")
---```
---
---See iptables(8), iptables-extensions(8).
---@param name string the chain
---@param new string its name then
---@param options? { table?: string } another table than filter
function iptables.rename_chain(name, new, options) end

---Sets what happens to a packet that no rule of a built-in chain decided on. Without a target: what
---it is.
---
---Raises:
---* ENOENT not a built-in chain
---* EINVAL not a policy
---
---```lua
---iptables.policy("FORWARD", "DROP")
---assert(iptables.policy "FORWARD" == "DROP")
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", "FORWARD" ...
---@param target? "ACCEPT"|"DROP" the policy
---@param options? { table?: string, set_counters?: integer[] } another table than filter; { PACKETS, BYTES }
---@return string? policy when asked: "ACCEPT" or "DROP"
---@return integer? packets that it decided on
---@return integer? bytes of them
function iptables.policy(chain, target, options) end

---All tables as text, as iptables-save prints them.
---
---Raises:
---* EPERM CAP_NET_ADMIN is missing
---
---```lua
---iptables.restore(iptables.save())
---```
---
---See iptables-save(8).
---@param options? { table?: string, counters?: boolean } only one table; with the counters of the rules
---@return string text what restore takes
function iptables.save(options) end

---Does what a text of iptables-save says, in one transaction. A bad line is named, and then nothing
---has changed.
---
---Raises:
---* EINVAL a line is wrong
---* ENOENT no such chain, match or target
---
---```lua
---iptables.restore "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"
---```
---
---See iptables-restore(8).
---@param text string tables in iptables-save's format
---@param options? { table?: string, counters?: boolean, noflush?: boolean } only one table; set the counters; add to the rules that are there
function iptables.restore(text, options) end

---Many changes at once: all of them, or none. They take effect when the function has returned.
---
---Raises:
---* what the changes raise; the error names the change and its line
---
---```lua
---iptables.transaction(function(t)
---  t.policy("INPUT", "DROP")
---  t.append("INPUT", { in_interface = "lo", jump = "ACCEPT" })
---end)
---```
---@param fn fun(t: table) gets a module to make changes with: t.append(...), t "-A ..."
function iptables.transaction(fn) end
