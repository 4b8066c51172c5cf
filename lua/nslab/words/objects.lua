-- objects: ip's objects and verbs, and which rows each verb has words for. What a word means stands in
-- the rows; here is only what iproute2 does differently from one command to the next.

local M = {}

-- One object:
--   nouns     how ip calls it; the first is printed. "*" as in the rows.
--   module    ours
--   command   the program whose object it is, if not ip
--   key       the row that stands without a word; `keyword` may stand before it
--   verbs     { spelling, our verb }; the first of each verb is printed
--   family    the one that ip -f must name for it
--   within    { module = word }: the word that stands behind that one's noun
--   bare      a row's value alone may also stand behind the key
--   always    the keyword is printed
--   counted   ip -s is read
--   shows     the word of list is said: without it there is only a usage text
--   asked     rows that only `get` has words for
--   instead   { word = what to do instead } of ip's verbs that we lack for a reason
--   silent    { verb = { row = true } }: rows that the verb has no words for
--   list, get what selects there (and in flush): the keys that have words, the key of what stands
--             alone, what may stand before that (`always`: is printed), spellings that differ from
--             the rows', and ip's words that we lack, so that they are not taken for names; `row`:
--             which one reads what stands alone, if not that of its key
local SAVED = "nslab export LAB --sh, or :save FILE at the prompt, writes down what makes them again."

local objects = {
  {
    nouns = { "l*ink" }, module = "link", counted = true, key = "name", keyword = { "dev" },
    new_keyword = { "name", "dev" },
    verbs = { { "a*dd", "add" }, { "s*et", "set" }, { "c*hange", "set" }, { "del", "delete" },
              { "d*elete", "delete" }, { "sh*ow", "list" }, { "l*ist", "list" }, { "ls*t", "list" } },
    list = { keys = { "up", "master", "group", "type" }, alone = "name", keyword = { "dev" },
             words = { up = "up", master = "master, !nomaster, vrf", type = "type" },
             lacks = { "to", "scope", "label" } },
    get = { keys = {}, alone = "name", keyword = { "dev" } },
  },
  {
    nouns = { "addr", "a*ddress" }, module = "addr", counted = true, key = "address", keyword = { "local" },
    verbs = { { "a*dd", "add" }, { "r*eplace", "replace" }, { "c*hange", "replace" },
              { "chg", "replace" }, { "del", "delete" }, { "d*elete", "delete" },
              { "s*how", "list" }, { "l*ist", "list" }, { "ls*t", "list" }, { "f*lush", "flush" } },
    list = { keys = { "scope", "label", "secondary", "nodad", "optimistic", "dadfailed", "home",
                      "deprecated", "tentative", "permanent", "mngtmpaddr", "noprefixroute",
                      "autojoin", "stable_privacy" }, alone = "dev", keyword = { "dev" },
             always = true,
             lacks = { "to", "up", "master", "nomaster", "type", "group", "vrf", "proto" } },
  },
  {
    nouns = { "r*oute" }, module = "route", key = "dst", keyword = { "to" },
    verbs = { { "a*dd", "add" }, { "c*hange", "set" }, { "chg", "set" }, { "r*eplace", "replace" },
              { "ap*pend", "append" }, { "del", "delete" }, { "d*elete", "delete" },
              { "s*how", "list" }, { "l*ist", "list" }, { "ls*t", "list" }, { "g*et", "get" },
              { "f*lush", "flush" } },
    instead = {
      save = SAVED, restore = SAVED, showdump = SAVED,
      test = "route.list{ exact = NETWORK } tells whether there is one.",
    },
    asked = { mark = true, uid = true, iif = true, ipproto = true, sport = true, dport = true,
              fibmatch = true },
    list = { keys = { "cached", "table", "tos", "protocol", "scope", "type", "dev", "iif", "via", "src",
                      "metric", "root", "match", "from", "realms", "vrf", "mark" },
             alone = "exact", keyword = { "to", "exact" },
             words = { protocol = "proto, p*rotocol", metric = "m*etric, pri*ority, preference",
                       scope = "s*cope", type = "ty*pe", cached = "cache, cached, cloned",
                       table = "t*able ~cache", realms = "r*ealms" } },
    get = { keys = { "from", "iif", "dev", "mark", "tos", "uid", "ipproto", "sport", "dport",
                     "fibmatch" }, alone = "dst", keyword = { "to" },
            words = { from = "f*rom", iif = "i*if", dev = "dev, o*if, vrf", mark = "m*ark",
                      uid = "u*id",
                      ipproto = "ipproto", fibmatch = "fib*match" } },
  },
  {
    nouns = { "neigh", "n*eighbor", "nei*ghbour" }, module = "neigh", key = "dst", keyword = { "to" },
    verbs = { { "a*dd", "add" }, { "c*hange", "set" }, { "chg", "set" }, { "r*eplace", "replace" },
              { "del", "delete" }, { "d*elete", "delete" }, { "g*et", "get" }, { "s*how", "list" },
              { "l*ist", "list" }, { "ls*t", "list" }, { "f*lush", "flush" } },
    list = { keys = { "dev", "nud", "proxy", "protocol", "to", "master", "unused" }, alone = "dst",
             row = "to", keyword = {},
             words = { proxy = "proxy", nud = "nud ~permanent|reachable|failed|all",
                       protocol = "protocol" } },
    get = { keys = { "dev", "proxy" }, alone = "dst", keyword = { "to" }, words = { proxy = "proxy" } },
  },
  {
    nouns = { "nex*thop" }, module = "nexthop", key = "id", keyword = { "id" }, always = true,
    verbs = { { "a*dd", "add" }, { "r*eplace", "replace" }, { "del", "delete" },
              { "d*elete", "delete" }, { "l*ist", "list" }, { "s*how", "list" }, { "ls*t", "list" },
              { "g*et", "get" }, { "f*lush", "flush" } },
    list = { keys = { "dev", "id", "fdb", "groups", "master", "protocol" },
             words = { dev = "d*ev", fdb = "fdb", groups = "g*roups", master = "m*aster, v*rf",
                       protocol = "p*rotocol" } },
    get = { keys = {}, alone = "id", keyword = { "id" }, always = true },
  },
  {
    nouns = { "nexthop bucket" }, within = { nexthop = "b*ucket" }, module = "nexthop_bucket",
    verbs = { { "l*ist", "list" }, { "s*how", "list" }, { "ls*t", "list" }, { "g*et", "get" } },
    key = "id", list = { keys = { "dev", "id", "nhid", "master" } },
    get = { keys = { "index" }, alone = "id", keyword = { "id" }, always = true },
  },
  {
    nouns = { "r*oute" }, family = "mpls", module = "mpls", key = "label", keyword = { "to" },
    verbs = { { "a*dd", "add" }, { "c*hange", "set" }, { "chg", "set" }, { "r*eplace", "replace" },
              { "del", "delete" }, { "d*elete", "delete" }, { "s*how", "list" }, { "l*ist", "list" },
              { "ls*t", "list" }, { "f*lush", "flush" } },
    list = { keys = { "protocol", "dev" }, alone = "label", keyword = { "to", "exact" } },
  },
  {
    nouns = { "addrl*abel" }, module = "addrlabel", key = "prefix", keyword = { "prefix" }, always = true,
    verbs = { { "a*dd", "add" }, { "d*elete", "delete" }, { "l*ist", "list" }, { "s*how", "list" },
              { "f*lush", "flush" } },
    list = { keys = {} },
  },
  {
    nouns = { "fou" }, module = "fou", key = "port", keyword = { "port" }, always = true, shows = true,
    verbs = { { "a*dd", "add" }, { "del", "delete" }, { "d*elete", "delete" }, { "sh*ow", "list" } },
    list = { keys = {} },
  },
  {
    nouns = { "mr*oute" }, module = "mroute",
    verbs = { { "s*how", "list" }, { "l*ist", "list" }, { "ls*t", "list" } },
    list = { keys = { "iif", "table" } }, -- ip refuses the addresses that it has words for
  },
  {
    nouns = { "netc*onf" }, module = "netconf", key = "dev", keyword = { "dev" },
    verbs = { { "s*how", "list" }, { "l*ist", "list" }, { "ls*t", "list" } },
    list = { keys = {}, alone = "dev", keyword = { "dev" }, always = true },
    get = { keys = {}, alone = "dev", keyword = { "dev" }, always = true },
  },
  {
    nouns = { "f*db" }, module = "fdb", command = "bridge", key = "lladdr", keyword = { "to" },
    bare = true,
    verbs = { { "a*dd", "add" }, { "app*end", "append" }, { "r*eplace", "replace" }, { "del", "delete" },
              { "d*elete", "delete" }, { "s*how", "list" }, { "l*ist", "list" }, { "ls*t", "list" },
              { "g*et", "get" }, { "f*lush", "flush" } },
    list = { keys = { "dev", "bridge", "vlan", "state" },
             words = { dev = "dev, brport", bridge = "br", vlan = "vlan", state = "state" } },
    get = { keys = { "dev", "bridge", "vlan" }, alone = "lladdr", keyword = { "to" },
            words = { bridge = "br" } },
  },
  {
    nouns = { "v*lan" }, module = "vlan", command = "bridge", key = "vid", keyword = { "vid" }, always = true,
    verbs = { { "a*dd", "add" }, { "del", "delete" }, { "d*elete", "delete" }, { "s*how", "list" },
              { "ls*t", "list" }, { "l*ist", "list" }, { "se*t", "set" } },
    silent = {
      add = { state = true, mcast_router = true }, delete = { state = true, mcast_router = true },
      set = { pvid = true, untagged = true, tunnel_id = true, self = true, master = true },
    },
    list = { keys = { "dev", "vid" } }, tunnels = { "t*unnelshow" },
  },
  {
    nouns = { "vlan global" }, within = { vlan = "g*lobal" }, module = "vlan_global", command = "bridge",
    key = "vid", keyword = { "vid" }, always = true,
    verbs = { { "se*t", "set" }, { "s*how", "list" }, { "ls*t", "list" }, { "l*ist", "list" } },
    list = { keys = { "dev", "vid" } },
  },
  {
    nouns = { "m*db" }, module = "mdb", command = "bridge", key = "grp", keyword = { "grp" }, always = true,
    bare = true,
    verbs = { { "a*dd", "add" }, { "r*eplace", "replace" }, { "del", "delete" }, { "d*elete", "delete" },
              { "s*how", "list" }, { "ls*t", "list" }, { "l*ist", "list" }, { "f*lush", "flush" } },
    list = { keys = { "dev", "vid" } },
  },
  {
    nouns = { "vn*i" }, module = "vni", command = "bridge", key = "vni", keyword = { "vni" }, always = true,
    verbs = { { "add", "add" }, { "delete", "delete" }, { "del", "delete" }, { "show", "list" },
              { "lst", "list" }, { "list", "list" } },
    list = { keys = { "dev" } },
  },
  {
    nouns = { "ru*le" }, module = "rule", keyword = {}, instead = { save = SAVED, restore = SAVED },
    verbs = { { "a*dd", "add" }, { "del", "delete" }, { "d*elete", "delete" }, { "s*how", "list" },
              { "l*ist", "list" }, { "ls*t", "list" }, { "f*lush", "flush" } },
    list = { keys = { "invert", "tos", "fwmark", "iif", "oif", "ipproto", "table", "protocol",
                      "priority", "from", "uidrange", "l3mdev", "sport", "dport", "tun_id" },
             alone = "to", keyword = { "to" }, words = { table = "l*ookup, t*able" } },
  },
}

-- ip netns has no options, so it has no rows.
M.netns = {
  nouns = { "net*ns" }, module = "netns",
  verbs = { { "l*ist", "list" }, { "s*how", "list" }, { "ls*t", "list" }, { "a*dd", "add" },
            { "del", "delete" }, { "d*elete", "delete" }, { "e*xec", "exec" }, { "set", "set" },
            { "list-id", "list_id" } },
}

-- Objects whose words are read and printed by a file of their own, nslab.words.MODULE.
local SHOWS = { { "s*how", "list" }, { "l*ist", "list" }, { "ls*t", "list" } }
local function verbs(...)
  return table.move(SHOWS, 1, #SHOWS, 1 + select("#", ...), { ... })
end

-- ip tuntap is link.add with a tun, link.delete, and another way to show a list: see nslab.words.tuntap.
M.apart = {
  { nouns = { "tunt*ap", "tap" }, module = "tuntap",
    verbs = verbs({ "a*dd", "add" }, { "del", "delete" }, { "d*elete", "delete" }) },
  { nouns = { "macs*ec" }, module = "macsec",
    verbs = verbs({ "a*dd", "add" }, { "se*t", "set" }, { "d*elete", "delete" }) },
  { nouns = { "t*unnel", "tunl" }, module = "tunnel",
    verbs = verbs({ "a*dd", "add" }, { "c*hange", "set" }, { "chg", "set" }, { "d*elete", "delete" }) },
  { nouns = { "to*ken" }, module = "token",
    verbs = verbs({ "se*t", "set" }, { "d*elete", "delete" }, { "g*et", "list" }) },
  { nouns = { "vr*f" }, module = "vrf", verbs = verbs(),
    instead = { exec = 'ip itself binds a program to a VRF: netns.host:exec{ "ip", "vrf", "exec", ... }.' } },
}

for _, object in ipairs(M.apart) do object.apart = true end

M.all = objects
M.of_module = {}
for _, object in ipairs(objects) do
  object.flush = object.list
  M.of_module[object.module] = object
end

return M
