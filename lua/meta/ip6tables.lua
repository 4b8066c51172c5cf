---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---IPv6 packet filter and address translation, in ip6tables' words and encoding. ip6tables "-A INPUT
----j DROP" takes a command as it is typed.
---@class ip6tables
---@overload fun(command: string): any
ip6tables = {}

---Adds a rule at the end of a chain.
---
---Raises:
---* ENOENT no such chain, match or target
---* EINVAL an option or a value is wrong
---* EOPNOTSUPP not possible in this table or chain
---
---```lua
---ip6tables.append("INPUT", { source = "2001:db8::/32", protocol = "tcp", dport = 22, jump = "ACCEPT" })
---print(ip6tables.list())
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule options, e.g. { protocol = "tcp", dport = 22, jump = "ACCEPT" }
function ip6tables.append(chain, rule) end

---Puts a rule before another one, or first.
---
---Raises:
---* E2BIG the chain has fewer rules
---* ENOENT no such chain, match or target
---
---```lua
---ip6tables.insert("INPUT", { in_interface = "lo", jump = "ACCEPT" }, 1)
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule options, e.g. { protocol = "tcp", dport = 22, jump = "ACCEPT" }
---@param position? integer 1 is the first; that is the default
function ip6tables.insert(chain, rule, position) end

---Puts a rule in the place of another one.
---
---Raises:
---* E2BIG the chain has fewer rules
---
---```lua
---ip6tables.append("INPUT", { jump = "DROP" })
---ip6tables.replace("INPUT", { jump = "ACCEPT" }, 1)
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule options, e.g. { protocol = "tcp", dport = 22, jump = "ACCEPT" }
---@param position? integer 1 is the first; that is the default
function ip6tables.replace(chain, rule, position) end

---Removes the first rule that is like the one given, or the one at a position.
---
---Raises:
---* ENOENT no such rule or chain
---* E2BIG the chain has fewer rules
---
---```lua
---ip6tables.append("INPUT", { jump = "DROP" })
---ip6tables.delete("INPUT", 1)
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule|integer options, a rule of list(), or a position
---@param options? { table?: string } with a position: another table
function ip6tables.delete(chain, rule, options) end

---Whether a rule like that is in the chain.
---
---Raises:
---* ENOENT no such chain, match or target
---
---```lua
---assert(not ip6tables.check("INPUT", { jump = "DROP" }))
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", or a chain of your own
---@param rule iptables.Rule options, e.g. { protocol = "tcp", dport = 22, jump = "ACCEPT" }
---@return boolean found true if it is
function ip6tables.check(chain, rule) end

---The rules of a table, or of one chain. `chains` of the list has the chains with their policies;
---printing the list prints what ip6tables -S prints.
---
---Raises:
---* ENOENT no such chain
---* EPERM CAP_NET_ADMIN is missing
---
---```lua
---ip6tables.append("INPUT", { protocol = "udp", dport = 53, jump = "DROP" })
---assert(ip6tables.list("INPUT")[1].dport == 53)
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain? string only of this chain
---@param options? { table?: string, chain?: string } another table than filter
---@return iptables.Rule[] rules with the keys that append takes, and packets, bytes, handle, position
function ip6tables.list(chain, options) end

---Iterates over the rules without building a list.
---
---Raises:
---* ENOENT no such chain
---* EPERM CAP_NET_ADMIN is missing
---
---```lua
---for rule in ip6tables.each() do print(rule.chain, rule.packets) end
---```
---@param chain? string only of this chain
---@param options? { table?: string, chain?: string } another table than filter
---@return fun(): iptables.Rule iterator for a generic for
function ip6tables.each(chain, options) end

---Removes all rules of a chain, or of a table.
---
---Raises:
---* ENOENT no such chain
---
---```lua
---ip6tables.flush()
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain? string only of this chain
---@param options? { table?: string } another table than filter
function ip6tables.flush(chain, options) end

---Sets the counters of rules and policies to 0.
---
---Raises:
---* ENOENT no such chain
---* E2BIG the chain has fewer rules
---
---```lua
---ip6tables.zero()
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain? string only of this chain
---@param options? { table?: string, position?: integer } another table; only one rule
function ip6tables.zero(chain, options) end

---Makes a chain, for rules to jump to.
---
---Raises:
---* EEXIST there is such a chain
---* EINVAL the name is a target's, or too long
---
---```lua
---ip6tables.new_chain "web"
---ip6tables.append("INPUT", { jump = "web" })
---```
---
---See iptables(8), iptables-extensions(8).
---@param name string not over 28 characters
---@param options? { table?: string } another table than filter
function ip6tables.new_chain(name, options) end

---Removes an empty chain that nothing jumps to, or all chains of one's own.
---
---Raises:
---* EBUSY it has rules, or rules jump to it
---* ENOENT no such chain
---
---```lua
---ip6tables.new_chain "web"
---ip6tables.delete_chain "web"
---```
---
---See iptables(8), iptables-extensions(8).
---@param name? string only this chain
---@param options? { table?: string } another table than filter
function ip6tables.delete_chain(name, options) end

---Gives a chain another name. Jumps to it follow.
---
---Raises:
---* EEXIST there is such a chain
---* ENOENT no such chain
---
---```lua
---ip6tables.new_chain "web"
---ip6tables.rename_chain("web", "www")
---```
---
---See iptables(8), iptables-extensions(8).
---@param name string the chain
---@param new string its name then
---@param options? { table?: string } another table than filter
function ip6tables.rename_chain(name, new, options) end

---Sets what happens to a packet that no rule of a built-in chain decided on. Without a target: what
---it is.
---
---Raises:
---* ENOENT not a built-in chain
---* EINVAL not a policy
---
---```lua
---ip6tables.policy("FORWARD", "DROP")
---assert(ip6tables.policy "FORWARD" == "DROP")
---```
---
---See iptables(8), iptables-extensions(8).
---@param chain string "INPUT", "FORWARD" ...
---@param target? "ACCEPT"|"DROP" the policy
---@param options? { table?: string, set_counters?: integer[] } another table than filter; { PACKETS, BYTES }
---@return string? policy when asked: "ACCEPT" or "DROP"
---@return integer? packets that it decided on
---@return integer? bytes of them
function ip6tables.policy(chain, target, options) end

---All tables as text, as ip6tables-save prints them.
---
---Raises:
---* EPERM CAP_NET_ADMIN is missing
---
---```lua
---ip6tables.restore(ip6tables.save())
---```
---
---See iptables-save(8).
---@param options? { table?: string, counters?: boolean } only one table; with the counters of the rules
---@return string text what restore takes
function ip6tables.save(options) end

---Does what a text of ip6tables-save says, in one transaction. A bad line is named, and then
---nothing has changed.
---
---Raises:
---* EINVAL a line is wrong
---* ENOENT no such chain, match or target
---
---```lua
---ip6tables.restore "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"
---```
---
---See iptables-restore(8).
---@param text string tables in ip6tables-save's format
---@param options? { table?: string, counters?: boolean, noflush?: boolean } only one table; set the counters; add to the rules that are there
function ip6tables.restore(text, options) end

---Many changes at once: all of them, or none. They take effect when the function has returned.
---
---Raises:
---* what the changes raise; the error names the change and its line
---
---```lua
---ip6tables.transaction(function(t)
---  t.policy("INPUT", "DROP")
---  t.append("INPUT", { in_interface = "lo", jump = "ACCEPT" })
---end)
---```
---@param fn fun(t: table) gets a module to make changes with: t.append(...), t "-A ..."
function ip6tables.transaction(fn) end
