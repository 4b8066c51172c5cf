---@meta
-- Made by `nslab meta` from the rows that register it. Not to be edited.

---Says what the file is: a lab. It stands in front of the first step.
---
---Raises:
---* a key is missing, unknown or of the wrong type
---
---```lua
---lab { title = "One namespace", minutes = 1 }
---step { title = "Make it", run = function() netns.add "red" end,
---       check = { { "red is there", function() return netns.get "red" end } } }
---```
---@param t nslab.Lab title, and what else is said of it
function lab(t) end

---One step of the lab: what is done and what must hold then, or what is looked at and what is
---claimed of it.
---
---Raises:
---* a key is missing, unknown or of the wrong type
---* the file has no lab{...} before it
---
---```lua
---lab { title = "Looking" }
---step { title = "The host", look = function() print(link.list()) end,
---       claim = { { "lo is there", function() return link.get "lo" end } } }
---```
---@param t nslab.Step title, text, and either run and check or look and claim
function step(t) end

---Explains a module, a function, a record, or a word: the name of an option, of a kind of link, of
---anything that is written somewhere.
---
---```lua
---help()
---help(link.add)
---help "mtu"
---```
---@param what? any what is to be explained; without it, everything
function help(what) end

---Carries out commands of ip, bridge, tc, iptables, sysctl and ping as they are typed, one a line,
---by the modules; no such program is started. Stops at the first that fails. Before the object
---stand -n NETNS, -4, -6, -br (short), -s (counters), -d (details), -o (one line each).
---
---Raises:
---* EINVAL a word is not understood; the error names it
---* what the modules raise
---
---```lua
---sh [[
---  ip netns add red
---  ip -n red link set lo up
---]]
---assert(netns "red".link.get("lo").up)
---print(sh "ip -n red -d -o link show lo")
---```
---
---See ip(8).
---@param text string the commands
---@return string output what the commands show
function sh(text) end

---The path of a file in the lab's scratch directory, which is in memory and dies with the lab.
---Programs of the lab find the directory's path in NSLAB_SCRATCH.
---
---Raises:
---* there is no sandbox (--no-sandbox)
---
---```lua
---print(scratch "web.log") -- /run/scratch/web.log
---```
---@param name? string of the file; without it, the directory
---@return string path nothing is made there
function scratch(name) end

---What a failed operation raises. tostring gives the one or two lines that a script ends with.
---@class nslab.Error
---@field op string module and verb: "link.add"
---@field netns? string the name of the namespace it was to happen in
---@field key? string what it was about: "veth-red"
---@field errno integer number of the error
---@field code string its name: "EEXIST"
---@field field? string path of the option it is about: "veth.peer.name"
---@field kernel? string what the kernel said, in its words
---@field text string the sentence
---@field hint? string the way out
---@field where? string file and line of the script

---What lab{...} takes.
---@class nslab.Lab
---@field title string one line
---@field summary? string one or two sentences
---@field minutes? number that a learner needs
---@field host? { eth0: string, lan?: { name: string, [integer]: string } } gives the host an eth0 with this address; lan names the network behind it, and says which addresses it has besides its router's

---What step{...} takes.
---@class nslab.Step
---@field title string one line
---@field text? string what the learner reads before
---@field run? fun() does it; with check
---@field check? nslab.Check[] what must hold then
---@field look? fun() only looks; with claim
---@field claim? nslab.Check[] what holds already
---@field hint? string the first nudge
---@field background? fun(): any starts what must run meanwhile; a closable value
---@field needs? fun(): any, string? whether the step can be done on this machine

---A sentence and the function that says whether it holds; false or nil may come with a reason.
---@class nslab.Check
---@field [1] string the sentence
---@field [2] fun(): any, string? true when it holds; else false, and why

---The options of a rule, with the long names of iptables(8) and `_` for `-`. What list returns
---prints as iptables -S does.
---@class iptables.Rule
---@field table? string filter, nat, mangle, raw, security
---@field protocol? string|integer tcp, udp, icmp ...
---@field source? string address or network; "! " in front: not
---@field destination? string the same
---@field in_interface? string a link; "+" at its end: any that begins so
---@field out_interface? string the same
---@field jump? string target: ACCEPT, DROP, MASQUERADE, DNAT, or a chain
---@field match? table { { "conntrack", ctstate = "NEW" } }, or by name
---@field [string] any options of the protocol, the matches and the target
