-- help: what there is, from the rows that register it. help(), help(link), help(link.add),
-- help(red.link.add), help(record), help "mtu". The rows of what is written in Lua are here, in the
-- shape of those of the core; the editor stubs (nslab.meta) are made from both.

local core = require "nslab.core"
local netns = require "netns"
local wrap = require "nslab.wrap"

local M = {}

-- ---- rows of what is written in Lua -------------------------------------------------------------

-- Functions that a script finds as globals.
local GLOBALS = {
  {
    name = "lab", module = "nslab.lab",
    doc = "Says what the file is: a lab. It stands in front of the first step.",
    params = { { name = "t", type = "nslab.Lab", doc = "title, and what else is said of it" } },
    returns = {},
    errors = "a key is missing, unknown or of the wrong type",
    example = 'lab { title = "One namespace", minutes = 1 }\n' ..
              'step { title = "Make it", run = function() netns.add "red" end,\n' ..
              '       check = { { "red is there", function() return netns.get "red" end } } }',
  },
  {
    name = "step", module = "nslab.lab",
    doc = "One step of the lab: what is done and what must hold then, or what is looked at and what is " ..
          "claimed of it.",
    params = { { name = "t", type = "nslab.Step",
                 doc = "title, text, and either run and check or look and claim" } },
    returns = {},
    errors = "a key is missing, unknown or of the wrong type\nthe file has no lab{...} before it",
    example = 'lab { title = "Looking" }\n' ..
              'step { title = "The host", look = function() print(link.list()) end,\n' ..
              '       claim = { { "lo is there", function() return link.get "lo" end } } }',
  },
  {
    name = "help", module = "nslab.help",
    doc = "Explains a module, a function, a record, or a word: the name of an option, of a kind of link, " ..
          "of anything that is written somewhere.",
    params = { { name = "what?", type = "any", doc = "what is to be explained; without it, everything" } },
    returns = {},
    example = 'help()\nhelp(link.add)\nhelp "mtu"',
  },
  {
    name = "sh", module = "nslab.words",
    doc = "Carries out commands of ip, bridge, tc, iptables, sysctl and ping as they are typed, one a " ..
          "line, by the modules; no such program is started. Stops at the first that fails. Before the " ..
          "object stand -n NETNS, -4, -6, -br (short), -s (counters), -d (details), -o (one line each).",
    params = { { name = "text", type = "string", doc = "the commands" } },
    returns = { { name = "output", type = "string", doc = "what the commands show" } },
    errors = "EINVAL a word is not understood; the error names it\nwhat the modules raise",
    example = 'sh [[\n  ip netns add red\n  ip -n red link set lo up\n]]\n' ..
              'assert(netns "red".link.get("lo").up)\nprint(sh "ip -n red -d -o link show lo")',
    source = "ip(8)",
  },
  {
    name = "scratch", module = "nslab.lab",
    doc = "The path of a file in the lab's scratch directory, which is in memory and dies with the " ..
          "lab. Programs of the lab find the directory's path in NSLAB_SCRATCH.",
    params = { { name = "name?", type = "string", doc = "of the file; without it, the directory" } },
    returns = { { name = "path", type = "string", doc = "nothing is made there" } },
    errors = "there is no sandbox (--no-sandbox)",
    example = 'print(scratch "web.log") -- /run/scratch/web.log',
  },
}

-- Classes of values.
local VALUES = {
  {
    name = "nslab.Error",
    doc = "What a failed operation raises. tostring gives the one or two lines that a script ends with.",
    fields = {
      { name = "op", type = "string", doc = "module and verb: \"link.add\"" },
      { name = "netns?", type = "string", doc = "the name of the namespace it was to happen in" },
      { name = "key?", type = "string", doc = "what it was about: \"veth-red\"" },
      { name = "errno", type = "integer", doc = "number of the error" },
      { name = "code", type = "string", doc = "its name: \"EEXIST\"" },
      { name = "field?", type = "string", doc = "path of the option it is about: \"veth.peer.name\"" },
      { name = "kernel?", type = "string", doc = "what the kernel said, in its words" },
      { name = "text", type = "string", doc = "the sentence" },
      { name = "hint?", type = "string", doc = "the way out" },
      { name = "where?", type = "string", doc = "file and line of the script" },
    },
  },
  {
    name = "nslab.Lab",
    doc = "What lab{...} takes.",
    fields = {
      { name = "title", type = "string", doc = "one line" },
      { name = "summary?", type = "string", doc = "one or two sentences" },
      { name = "minutes?", type = "number", doc = "that a learner needs" },
      { name = "host?", type = "{ eth0: string, lan?: { name: string, [integer]: string } }",
        doc = "gives the host an eth0 with this address; lan names the network behind it, and says which " ..
              "addresses it has besides its router's" },
    },
  },
  {
    name = "nslab.Step",
    doc = "What step{...} takes.",
    fields = {
      { name = "title", type = "string", doc = "one line" },
      { name = "text?", type = "string", doc = "what the learner reads before" },
      { name = "run?", type = "fun()", doc = "does it; with check" },
      { name = "check?", type = "nslab.Check[]", doc = "what must hold then" },
      { name = "look?", type = "fun()", doc = "only looks; with claim" },
      { name = "claim?", type = "nslab.Check[]", doc = "what holds already" },
      { name = "hint?", type = "string", doc = "the first nudge" },
      { name = "background?", type = "fun(): any", doc = "starts what must run meanwhile; a closable value" },
      { name = "needs?", type = "fun(): any, string?", doc = "whether the step can be done on this machine" },
    },
  },
  {
    name = "nslab.Check",
    doc = "A sentence and the function that says whether it holds; false or nil may come with a reason.",
    fields = {
      { name = "[1]", type = "string", doc = "the sentence" },
      { name = "[2]", type = "fun(): any, string?", doc = "true when it holds; else false, and why" },
    },
  },
  {
    name = "iptables.Rule",
    doc = "The options of a rule, with the long names of iptables(8) and `_` for `-`. What list returns " ..
          "prints as iptables -S does.",
    fields = {
      { name = "table?", type = "string", doc = "filter, nat, mangle, raw, security" },
      { name = "protocol?", type = "string|integer", doc = "tcp, udp, icmp ..." },
      { name = "source?", type = "string", doc = "address or network; \"! \" in front: not" },
      { name = "destination?", type = "string", doc = "the same" },
      { name = "in_interface?", type = "string", doc = "a link; \"+\" at its end: any that begins so" },
      { name = "out_interface?", type = "string", doc = "the same" },
      { name = "jump?", type = "string", doc = "target: ACCEPT, DROP, MASQUERADE, DNAT, or a chain" },
      { name = "match?", type = "table", doc = "{ { \"conntrack\", ctstate = \"NEW\" } }, or by name" },
      { name = "[string]", type = "any", doc = "options of the protocol, the matches and the target" },
    },
  },
}

-- Fields of modules and handles, which are no functions.
local FIELDS = {
  netns = { { name = "host", type = "netns.Handle", doc = "the namespace that the script started in" } },
  ["netns.Handle"] = { { name = "name", type = "string", doc = "as shown: \"red\", \"host\", \"pid 42\"" } },
}

-- ---- all rows -------------------------------------------------------------------------------------

local rows

-- Everything that is documented: { modules = array, globals = array, values = array, schemas = by
-- name, fields = by module or class }.
function M.rows()
  if rows then return rows end
  rows = { modules = core.docs(), globals = GLOBALS, values = {}, schemas = core.schemas(), fields = FIELDS }
  for _, m in ipairs(rows.modules) do
    for _, v in ipairs(m.values) do rows.values[#rows.values + 1] = v end
  end
  table.move(VALUES, 1, #VALUES, #rows.values + 1, rows.values)
  return rows
end

local function module_of(name)
  for _, m in ipairs(M.rows().modules) do
    if m.name == name then return m end
  end
end

local function function_of(list, name)
  for _, f in ipairs(list) do
    if f.name == name then return f end
  end
end

-- The rows of a list of classes that a name may mean: "link.bridge", or "bridge" alone.
local function schema_of(name)
  local schemas = M.rows().schemas
  if schemas[name] then return schemas[name] end
  for full, schema in pairs(schemas) do
    if full:match "([^.]+)$" == name then return schema end
  end
end

-- ---- texts ----------------------------------------------------------------------------------------

local Page = {}
Page.__index = Page

local function new_page(columns)
  return setmetatable({ lines = {}, columns = columns or 80 }, Page)
end

function Page:line(text) self.lines[#self.lines + 1] = text or "" end

function Page:blank()
  if #self.lines > 0 and self.lines[#self.lines] ~= "" then self:line() end
end

function Page:prose(text, indent)
  for _, line in ipairs(wrap.words(text, self.columns, indent or "")) do self:line(line) end
end

-- Rows of columns; the last one is wrapped in its place, or below the others if there is no room.
function Page:table(list, indent)
  local widest = {}
  for _, row in ipairs(list) do
    for i = 1, #row - 1 do widest[i] = math.max(widest[i] or 0, wrap.width(row[i])) end
  end
  for _, row in ipairs(list) do
    local first = indent or "  "
    for i = 1, #row - 1 do first = first .. wrap.pad(row[i], widest[i]) .. "  " end
    local rest = (" "):rep(wrap.width(first))
    if row[#row] ~= "" and #rest > self.columns - 24 then
      self:line((first:gsub(" +$", "")))
      first, rest = "      ", "      "
    end
    local lines = wrap.words(row[#row], self.columns, first, rest)
    for _, line in ipairs(#lines > 0 and lines or { (first:gsub(" +$", "")) }) do self:line(line) end
  end
end

function Page:text() return table.concat(self.lines, "\n") end

local function first_sentence(doc)
  return doc:match "^(.-%.)%s" or doc
end

local SHORT = { dev = "link", netns = "namespace", enum = "word|integer", table = "word|integer" }

-- What a value of the row may be, in few words.
function M.type_of(row)
  if row.schema then return row.codec == "nest" and row.type or "table" end
  local words = row.names and #row.names > 1 and table.concat(row.names, "|")
  if words and #words <= 24 and row.type:find "string|integer" then return words end
  return SHORT[row.codec] or row.type
end

local function signature(name, f)
  local out = {}
  for i, p in ipairs(f.params) do out[i] = p.name end
  return ("%s(%s)"):format(name, table.concat(out, ", "))
end

local function add_params(page, title, list)
  if #list == 0 then return end
  local out = {}
  for i, p in ipairs(list) do
    out[i] = { p.name, #p.type <= 24 and p.type or p.type:match "^%w+" or "table", p.doc }
  end
  page:blank()
  page:line(title)
  page:table(out)
end

local function add_options(page, schema, title)
  local out = {}
  for _, row in ipairs(schema.rows) do
    if not row.readonly then out[#out + 1] = { row.key, M.type_of(row), row.doc } end
  end
  page:blank()
  page:line(title)
  page:table(out)
end

local function add_read(page, schema)
  local out = {}
  for _, row in ipairs(schema.rows) do
    if row.readonly and not row.filter then out[#out + 1] = { row.key, M.type_of(row), row.doc } end
  end
  if #out == 0 then return end
  page:blank()
  page:line "Only read:"
  page:table(out)
end

-- The schema whose options one of the parameters is.
local function options_of(f)
  for _, p in ipairs(f.params) do
    local name = p.type:match "(%w+)%.Options"
    if name and M.rows().schemas[name] then return M.rows().schemas[name] end
  end
end

local function add_lines(page, title, text)
  if not text then return end
  page:blank()
  page:line(title)
  for _, line in ipairs(wrap.lines(text)) do page:line("  " .. line) end
end

local function add_function(page, name, f)
  page:line(signature(name, f))
  page:blank()
  page:prose(f.doc)
  add_params(page, "Takes:", f.params)
  local schema = options_of(f)
  if schema then add_options(page, schema, ("%s.Options:"):format(schema.name)) end
  add_params(page, "Returns:", f.returns)
  if f.errors then
    page:blank()
    page:line "Raises:"
    for _, line in ipairs(wrap.lines(f.errors)) do page:prose(line, "  ") end
  end
  add_lines(page, "Example:", f.example)
  if f.source then
    page:blank()
    page:prose("See " .. f.source .. ".")
  end
end

local function add_functions(page, prefix, list)
  local out = {}
  for i, f in ipairs(list) do out[i] = { signature(prefix .. f.name, f), first_sentence(f.doc) } end
  if #out > 0 then page:table(out) end
end

local function kinds_of(name)
  local out = {}
  for full, schema in pairs(M.rows().schemas) do
    if full:match "^(%w+)%.%w+$" == name then out[#out + 1] = { full:match "%.(%w+)$", schema.doc } end
  end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out
end

local function add_module(page, m)
  page:line(m.name)
  page:blank()
  page:prose(m.doc)
  if m.bound then page:prose(("Of a namespace: red.%s, where red is its handle."):format(m.name)) end
  page:blank()
  if m.called then page:table { { signature(m.name, m.called), first_sentence(m.called.doc) } } end
  add_functions(page, m.name .. ".", m.funcs)
  add_params(page, "Fields:", M.rows().fields[m.name] or {})
  if #m.methods > 0 then
    page:blank()
    page:line "A handle (local red = netns \"red\") has:"
    add_functions(page, "red:", m.methods)
    local bound = {}
    for _, other in ipairs(M.rows().modules) do
      if other.bound then bound[#bound + 1] = "red." .. other.name end
    end
    page:table { { table.concat(bound, ", ") } }
  end
  local kinds = kinds_of(m.name)
  if #kinds > 0 then
    page:blank()
    page:line "Kinds with options of their own; help \"bridge\" shows them:"
    page:table(kinds)
  end
  page:blank()
  page:prose(("help(%s.%s) explains one of them, with an example."):format(m.name, m.funcs[1].name))
end

local function add_schema(page, schema)
  page:line(schema.name)
  page:blank()
  page:prose(schema.doc)
  add_options(page, schema, "Options:")
  add_read(page, schema)
  add_lines(page, "Example:", schema.example)
end

local function add_value(page, v)
  page:line(v.name)
  page:blank()
  page:prose(v.doc)
  add_params(page, "Fields:", v.fields)
  if #(v.methods or {}) > 0 then
    page:blank()
    add_functions(page, ":", v.methods)
  end
end

-- ---- the overview -----------------------------------------------------------------------------

local VERBS = { "add", "set", "replace", "append", "insert", "delete", "get", "list", "each", "flush" }

-- Which object has which verb, as lines: the table of the manual.
function M.verbs()
  local page = new_page(100)
  local head = { "" }
  table.move(VERBS, 1, #VERBS, 2, head)
  head[#head + 1] = ""
  local out = { head }
  for _, m in ipairs(M.rows().modules) do
    local row, any = { m.name }, false
    for i, verb in ipairs(VERBS) do
      local has = function_of(m.funcs, verb)
      row[i + 1] = has and "x" or "-"
      any = any or has
    end
    row[#row + 1] = ""
    if any then out[#out + 1] = row end
  end
  page:table(out)
  for i, line in ipairs(page.lines) do page.lines[i] = line:gsub(" +$", "") end
  return page:text()
end

local function add_overview(page)
  page:line "OBJECT.VERB(KEY, OPTIONS), in ip's words: link.set(\"veth-red\", { up = true })"
  page:blank()
  local out = {}
  for i, m in ipairs(M.rows().modules) do out[i] = { m.name, first_sentence(m.doc) } end
  page:table(out)
  page:blank()
  page:line "Which object has which verb:"
  for line in M.verbs():gmatch "[^\n]+" do page:line(line) end
  page:blank()
  page:line "Functions without a module:"
  add_functions(page, "", M.rows().globals)
  page:blank()
  page:prose("help(link) lists a module, help(link.add) explains a function, help \"mtu\" looks for a " ..
             "word. In a namespace: red = netns \"red\"; red.link.list().")
end

-- ---- looking for a word ----------------------------------------------------------------------

local function has_name(row, word)
  for _, name in ipairs(row.names or {}) do
    if name == word then return true end
  end
end

-- { what, type, doc } of everything that is named so, best first: "link.add", "mtu", "stable_secret".
local function named(word)
  local out = {}
  for _, m in ipairs(M.rows().modules) do
    for _, f in ipairs(m.funcs) do
      local name = m.name .. "." .. f.name
      if f.name == word then out[#out + 1] = { name, "function", first_sentence(f.doc) } end
    end
    for _, f in ipairs(m.methods) do
      if f.name == word then out[#out + 1] = { "red:" .. f.name, "method", first_sentence(f.doc) } end
    end
  end
  for _, name in ipairs(M.schema_names()) do
    for _, row in ipairs(M.rows().schemas[name].rows) do
      if row.key == word or row.sym == word or has_name(row, word) then
        out[#out + 1] = { name .. ": " .. row.key, M.type_of(row), row.doc }
      end
    end
  end
  return out
end

-- The same of everything whose documentation speaks of it.
local function mentioned(word)
  local out, plain = {}, word:lower()
  local function look(what, kind, doc)
    if (what .. " " .. doc):lower():find(plain, 1, true) then
      out[#out + 1] = { what, kind, first_sentence(doc) }
    end
  end
  for _, m in ipairs(M.rows().modules) do
    look(m.name, "module", m.doc)
    for _, f in ipairs(m.funcs) do look(m.name .. "." .. f.name, "function", f.doc) end
    for _, f in ipairs(m.methods) do look("red:" .. f.name, "method", f.doc) end
  end
  for _, name in ipairs(M.schema_names()) do
    local schema = M.rows().schemas[name]
    look(name, "options", schema.doc)
    for _, row in ipairs(schema.rows) do look(name .. ": " .. row.key, M.type_of(row), row.doc) end
  end
  return out
end

-- The names of the schemas in the order of the modules.
function M.schema_names()
  local out = {}
  for name in pairs(M.rows().schemas) do out[#out + 1] = name end
  table.sort(out)
  return out
end

local function every_word()
  local out = {}
  for _, m in ipairs(M.rows().modules) do
    out[#out + 1] = m.name
    for _, f in ipairs(m.funcs) do out[#out + 1] = f.name end
    for _, f in ipairs(m.methods) do out[#out + 1] = f.name end
  end
  for name, schema in pairs(M.rows().schemas) do
    out[#out + 1] = name:match "([^.]+)$"
    for _, row in ipairs(schema.rows) do out[#out + 1] = row.key end
  end
  table.sort(out)
  return out
end

local function add_found(page, title, list)
  if #list == 0 then return end
  page:blank()
  page:line(title)
  page:table(list)
end

local function value_of(name)
  for _, v in ipairs(M.rows().values) do
    if v.name == name or v.name:match "([^.]+)$" == name then return v end
  end
end

-- "link", "link.add", "red:ping", "bridge", "netns.Process".
local function add_exact(page, word)
  local object, verb = word:match "^([%w_]+)[.:]([%w_]+)$"
  local m = module_of(object or word)
  local f = m and verb and (function_of(m.funcs, verb) or function_of(m.methods, verb))
  local global = function_of(M.rows().globals, word)
  if f then
    add_function(page, word, f)
  elseif m and not verb then
    add_module(page, m)
  elseif global then
    add_function(page, word, global)
  elseif schema_of(word) then
    add_schema(page, schema_of(word))
  elseif value_of(word) then
    add_value(page, value_of(word))
  else
    return false
  end
  return true
end

-- The row that a path means, and the name of its schema: "bridge.stp_state", "veth.peer.name". Errors name
-- options so, with or without the object before them.
local function row_at(path)
  local owner, key = path:match "^(.+)%.([^.]+)$"
  for _, name in ipairs(M.schema_names()) do
    if name == owner or owner and name:sub(-#owner - 1) == "." .. owner then
      for _, row in ipairs(M.rows().schemas[name].rows) do
        if row.key == key then return row, name end
      end
    end
  end
end

local function add_option(page, path)
  local row, schema = row_at(path)
  if not row then return false end
  page:table { { schema .. ": " .. row.key, M.type_of(row), row.doc } }
  if row.names and M.type_of(row):find "word" then
    page:prose("One of: " .. table.concat(row.names, " ") .. ".")
  end
  return true
end

local function add_word(page, word)
  local exact = add_exact(page, word) or word:find(".", 1, true) and add_option(page, word)
  local found = named(word)
  add_found(page, exact and "Also:" or word .. ":", found)
  if exact or #found > 0 then return end
  found = mentioned(word)
  add_found(page, ("%s is spoken of in:"):format(word), found)
  if #found > 0 then return end
  local near = require("nslab.lab").nearest(word, every_word())
  page:line(("Nothing is known of %q%s"):format(word, near and ("; did you mean %q?"):format(near) or "."))
end

-- ---- what a value is -----------------------------------------------------------------------------

local function add_thing(page, what)
  for _, g in ipairs(M.rows().globals) do
    if rawequal(rawget(_G, g.name), what) then return add_function(page, g.name, g) end
  end
  local module_name, name, kind = core.identify(what)
  local m = module_name and module_of(module_name)
  if m and not name then return add_module(page, m) end
  if m then
    local f = function_of(kind == "method" and m.methods or m.funcs, name)
    return add_function(page, (kind == "method" and "red:" or m.name .. ".") .. name, f)
  end
  local schema = core.schema_of(what)
  if schema then return add_schema(page, M.rows().schemas[schema]) end
  if type(what) == "userdata" and what == netns(what) then return add_module(page, module_of "netns") end
  page:line(("There is no help for %s."):format(tostring(what)))
end

-- The text of the help for a value; that of everything without one. A string is a word to look for.
function M.text(columns, ...)
  local page = new_page(columns)
  local what = ...
  if select("#", ...) == 0 then
    add_overview(page)
  elseif type(what) == "string" then
    add_word(page, what)
  else
    add_thing(page, what)
  end
  return page:text()
end

local function columns()
  local host = require "nslab.host"
  return host.isatty(1) and math.min(host.columns(1), 100) or 80
end

return setmetatable(M, { __call = function(_, ...) print(M.text(columns(), ...)) end })
