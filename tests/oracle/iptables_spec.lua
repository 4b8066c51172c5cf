-- iptables beside the iptables program and nft, on every command of iptables_rules.txt: the same
-- commands succeed and fail, the messages to the kernel are the same bytes, and each reads what the
-- other made.

local harness = require "harness"
local core = require "nslab.core"
local fresh, must = harness.fresh, harness.must

local RULES = "tests/oracle/iptables_rules.txt"
local NEWRULE = 10 << 8 | 6

-- Sections in the order of the file, those of one chain together:
-- { program, table, chain, { command, listing, ok, line } ... }
local function read_rules()
  local sections, by_name, number = {}, {}, 0
  local section = {} -- luacheck: ignore 331
  for line in io.lines(RULES) do
    number = number + 1
    local program, name, chain = line:match "^: (%S+) (%S+) (%S+)$"
    local command, listing, outcome = line:match "^(.*);(.*);(%u+)$"
    if program then
      section = by_name[line]
      if not section then
        section = { program = program, table = name, chain = chain }
        by_name[line] = section
        sections[#sections + 1] = section
      end
    elseif command and not line:match "^#" then
      assert(outcome == "OK" or outcome == "FAIL", line)
      section[#section + 1] = { command = command, listing = listing == "=" and command or listing,
                                ok = outcome == "OK", line = number }
    else
      assert(line == "" or line:match "^#", line)
    end
  end
  return sections
end

-- Padding behind an attribute is not part of the message; neither side has to clear it.
local function without_padding(bytes)
  local parts, at = {}, 1
  while at + 3 <= #bytes do
    local len, type = ("<I2I2"):unpack(bytes, at)
    local payload = bytes:sub(at + 4, at + len - 1)
    if type & 0x8000 ~= 0 then payload = without_padding(payload) end
    parts[#parts + 1] = bytes:sub(at, at + 3) .. payload .. ("\0"):rep(-len % 4)
    at = at + (len + 3 & ~3)
  end
  return table.concat(parts)
end

-- iptables -vvvv prints the messages that it sends, four bytes a line. Their attributes, in order.
local function printed_rules(text)
  local rules, bytes, is_rule = {}, nil, false
  for line in text:gsub("\27%[[%d;]*m", ""):gmatch "[^\n]+" do
    local len, flags, type = line:match "^|(%d+)|(..)|(%d+)|"
    local a, b, c, d = line:match "^| (%x%x) (%x%x) (%x%x) (%x%x)  |.*data"
    if line:match "message length" then
      bytes = {}
    elseif line:match "type | flags" then
      is_rule = tonumber(line:match "^| (%d+) ") == NEWRULE
    elseif len then
      local nested = flags:find "N" and 0x8000 or 0
      bytes[#bytes + 1] = ("<I2I2"):pack(tonumber(len), tonumber(type) | nested)
    elseif a then
      for _, x in ipairs { a, b, c, d } do bytes[#bytes + 1] = string.char(tonumber(x, 16)) end
    elseif line:match "^%-%-%-%-" and bytes and #bytes > 0 then
      if is_rule then rules[#rules + 1] = without_padding(table.concat(bytes)) end
      bytes = nil
    end
  end
  return rules
end

-- Runs the commands of a section with the program, in the namespace, and says how each ended and
-- what it sent.
local function run_theirs(section)
  local script = {}
  for i, rule in ipairs(section) do
    script[i] = ("echo '@%d'; %s -vvvv -t %s -A %s %s 2>/dev/null; echo \"@end $?\"")
                :format(i, section.program, section.table, section.chain, rule.command)
  end
  local file <close> = harness.temporary(table.concat(script, "\n") .. "\n", "644")
  local text = must("ip netns exec theirs sh " .. file.path)
  local results = {}
  for i, output, status in text:gmatch "@(%d+)\n(.-)@end (%d+)\n" do
    results[tonumber(i)] = { ok = status == "0", sent = printed_rules(output) }
  end
  return results
end

-- The same with ours.
local function run_ours(section)
  local results, sent = {}, nil
  core.observe(function(op)
    for _, message in ipairs(op.messages or {}) do
      if message.sent and ("<I2"):unpack(message.bytes, 5) == NEWRULE then
        sent[#sent + 1] = without_padding(message.bytes:sub(21))
      end
    end
  end)
  local module = netns("ours")[section.program]
  for i, rule in ipairs(section) do
    sent = {}
    local ok, why = pcall(module, ("-t %s -A %s %s"):format(section.table, section.chain, rule.command))
    assert(ok or type(why) == "table" and why.text ~= "" and not why.text:find "\n",
           ("%s: an error without a sentence: %s"):format(rule.command, tostring(why)))
    results[i] = { ok = ok, sent = sent, why = not ok and tostring(why) or nil }
  end
  core.observe(nil)
  return results
end

local function theirs_list(where, section)
  return must(("ip netns exec %s %s -t %s -S 2>/dev/null"):format(where, section.program, section.table))
end

local function ours_list(where, section)
  return tostring(netns(where)[section.program].list { table = section.table }) .. "\n"
end

-- What the file says that the chain has now; a rule that this kernel lacks is left out.
local function expected_list(section, results)
  local lines = {}
  for i, rule in ipairs(section) do
    if rule.ok and results[i].ok then
      for listing in (rule.listing .. " && "):gmatch "(.-) && " do
        lines[#lines + 1] = ("-A %s %s\n"):format(section.chain, listing)
      end
    end
  end
  return table.concat(lines)
end

local function rules_only(list)
  return (list:gsub("%-[PN] [^\n]*\n", ""))
end

-- What nft says of a table, without the numbers that the kernel gives to rules.
local function nft_list(where, section, options)
  local family = section.program == "iptables" and "ip" or "ip6"
  local text = must(("ip netns exec %s nft %s list table %s %s 2>/dev/null"):format(where, options, family, section.table))
  return (text:gsub('"handle": %d+', ""):gsub("(ip6? %S+ %S+) %d+ %d+\n", "%1\n"))
end

-- The lines that two texts differ in, at most five; nil when they do not.
local function difference(got, wanted)
  if got == wanted then return nil end
  local a, b, lines = {}, {}, {}
  for line in got:gmatch "[^\n]*" do a[#a + 1] = line end
  for line in wanted:gmatch "[^\n]*" do b[#b + 1] = line end
  for i = 1, math.max(#a, #b) do
    if a[i] ~= b[i] and #lines < 5 then
      lines[#lines + 1] = ("  %q instead of %q"):format(a[i] or "", b[i] or "")
    end
  end
  return table.concat(lines, "\n")
end

-- Calls fn for every section, in namespaces of its own, and fails with all complaints together.
local function each_section(fn)
  return fresh(function()
    local complaints, unsupported = {}, {}
    for _, section in ipairs(read_rules()) do
      netns.add "theirs"
      netns.add "ours"
      must(("ip netns exec theirs %s -t %s -N user"):format(section.program, section.table))
      netns("ours")[section.program].new_chain("user", { table = section.table })
      local name = ("%s %s %s: "):format(section.program, section.table, section.chain)
      fn(section, function(fmt, ...) complaints[#complaints + 1] = name .. fmt:format(...) end,
         function(rule) unsupported[#unsupported + 1] = rule.command end)
      netns("theirs"):delete()
      netns("ours"):delete()
    end
    if #complaints > 0 then error(table.concat(complaints, "\n"), 0) end
    if #unsupported > 0 then
      pending("not in this kernel, for iptables neither: " .. table.concat(unsupported, "; "))
    end
  end)
end

describe("iptables beside the iptables program", function()
  it("has at least 300 commands to try", function()
    local count, families = 0, {}
    for _, section in ipairs(read_rules()) do
      count = count + #section
      families[section.program] = true
    end
    assert.is_true(count >= 300)
    assert.same({ iptables = true, ip6tables = true }, families)
  end)

  it("accepts and refuses the same, and sends the same bytes", each_section(function(section, complain, lacks)
    local theirs, ours = run_theirs(section), run_ours(section)
    for i, rule in ipairs(section) do
      if ours[i].ok ~= theirs[i].ok then
        complain("line %d: %s: iptables %s it, %s", rule.line, rule.command,
                 theirs[i].ok and "takes" or "refuses", ours[i].why or "and we take it")
      elseif ours[i].ok ~= rule.ok then
        if rule.ok then lacks(rule) else complain("line %d: %s: taken", rule.line, rule.command) end
      end
      if ours[i].ok then
        if #ours[i].sent == 0 then complain("line %d: %s: no message", rule.line, rule.command) end
        if #ours[i].sent ~= #theirs[i].sent then
          complain("line %d: %s: %d rules, iptables makes %d", rule.line, rule.command,
                   #ours[i].sent, #theirs[i].sent)
        end
        for k, bytes in ipairs(ours[i].sent) do
          if bytes ~= theirs[i].sent[k] then
            complain("line %d: %s: rule %d has other bytes", rule.line, rule.command, k)
          end
        end
      end
    end
  end))

  it("lists what it made like iptables and nft, and what they made like them", each_section(function(section, complain)
    local results = run_ours(section)
    run_theirs(section)
    local expected = expected_list(section, results)
    for _, where in ipairs { "ours", "theirs" } do
      local theirs = theirs_list(where, section)
      for name, list in pairs { iptables = theirs, nslab = ours_list(where, section) } do
        local wrong = difference(rules_only(list), expected) or difference(list, theirs)
        if wrong then complain("%s lists of %s:\n%s", name, where, wrong) end
      end
    end
    for _, options in ipairs { "", "-j", "--debug=netlink" } do
      local wrong = difference(nft_list("ours", section, options), nft_list("theirs", section, options))
      if wrong then complain("nft %s list:\n%s", options, wrong) end
    end
  end))

  it("saves what iptables-save prints, and restores it", each_section(function(section, complain)
    local function plain(text) return (text:gsub("#[^\n]*\n", "")) end
    run_theirs(section)
    local saved = must("ip netns exec theirs " .. section.program .. "-save 2>/dev/null")
    local ours = netns("theirs")[section.program].save()
    local wrong = difference(plain(ours), plain(saved))
    if wrong then complain("saved:\n%s", wrong) end
    netns("ours")[section.program].restore(saved)
    local again = must("ip netns exec ours " .. section.program .. "-save 2>/dev/null")
    wrong = difference(plain(again), plain(saved))
    if wrong then complain("restored:\n%s", wrong) end
    local file <close> = harness.temporary(ours, "644")
    netns.add "third"
    must(("ip netns exec third %s-restore %s 2>/dev/null"):format(section.program, file.path))
    local third = must("ip netns exec third " .. section.program .. "-save 2>/dev/null")
    wrong = difference(plain(third), plain(saved))
    if wrong then complain("iptables-restore made of our text:\n%s", wrong) end
    netns("third"):delete()
  end))

  it("finds every rule again by what it was made of, and by its listing", each_section(function(section, complain, lacks)
    local results = run_theirs(section)
    local module = netns("theirs")[section.program]
    for i, rule in ipairs(section) do
      local command = ("-t %s -C %s %s"):format(section.table, section.chain, rule.command)
      if results[i].ok and not rule.command:find "%-c %d" and not module(command) then -- -C takes no -c
        complain("line %d: %s is not found", rule.line, rule.command)
      end
      if rule.ok and not results[i].ok then lacks(rule) end
    end
    for _, rule in ipairs(module.list(section.chain, { table = section.table })) do
      if not module.check(section.chain, rule) then complain("%s is not found", rule) end
    end
    local other = { source = section.program == "iptables" and "203.0.113.77" or "2001:db8::77", jump = "RETURN",
                    table = section.table }
    assert.is_false(module.check(section.chain, other))
  end))

  it("takes a listed rule apart and puts it together again", each_section(function(section, complain)
    run_theirs(section)
    local theirs, ours = netns("theirs")[section.program], netns("ours")[section.program]
    local rules = theirs.list(section.chain, { table = section.table })
    ours.transaction(function(t)
      for _, rule in ipairs(rules) do t.append(section.chain, rule()) end
    end)
    for i, rule in ipairs(ours.list(section.chain, { table = section.table })) do
      if rule ~= rules[i] then complain("%s became %s", rules[i], rule) end
    end
  end))

  it("prints the columns of iptables -L", each_section(function(section, complain)
    run_theirs(section)
    local module = netns("theirs")[section.program]
    for _, options in ipairs { "-L -n", "-L -n -v", "-L -n -v -x --line-numbers", "-S -v", "-L user -n",
                               "-S " .. section.chain .. " 3" } do
      local command = ("-t %s %s"):format(section.table, options)
      local theirs = must(("ip netns exec theirs %s %s 2>/dev/null"):format(section.program, command))
      local wrong = difference(module(command), theirs)
      if wrong then complain("%s:\n%s", command, wrong) end
    end
  end))
end)
