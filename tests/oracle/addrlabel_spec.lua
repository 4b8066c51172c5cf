-- addrlabel: against ip addrlabel: what is there at first, what is added by either, taken away, flushed.

local harness = require "harness"
local words = require "nslab.words"
local fresh, must = harness.fresh, harness.must

local function trimmed(text) return (text:gsub("[ ]+\n", "\n")) end

local function same()
  assert.equal(trimmed(must "ip addrlabel list"), words.sh "ip addrlabel list")
end

it("labels are told as ip tells them, whoever gave them", fresh(function()
  same()
  addrlabel.add("2001:db8::/32", { label = 99 })
  addrlabel.add("2001:db8::5", { dev = "lo", label = 7 })
  must "ip addrlabel add prefix 2001:db8:1::/48 dev lo label 8"
  same()
  assert.truthy(must "ip addrlabel":find("prefix 2001:db8::/32 label 99", 1, true))
  assert.truthy(must "ip addrlabel":find("prefix 2001:db8::5/128 dev lo label 7", 1, true))
  assert.equal(8, addrlabel.get("2001:db8:1::/48").label)
end))

it("a label is taken away, and all of them", fresh(function()
  words.sh "ip addrlabel add prefix 2001:db8::/32 label 99"
  assert.equal(99, addrlabel.get("2001:db8::/32").label)
  words.sh "ip addrlabel del prefix 2001:db8::/32 label 99"
  assert.is_nil(must("ip addrlabel"):find("2001:db8", 1, true))
  addrlabel.delete(addrlabel.get "fc00::/7")
  assert.is_nil(must("ip addrlabel"):find("fc00", 1, true))
  words.sh "ip addrlabel flush"
  assert.equal("", must "ip addrlabel")
end))

it("IPv4, one that is there and one that is not is said", fresh(function()
  local _, err = pcall(addrlabel.add, "10.0.0.0/8", { label = 5 })
  assert.truthy(tostring(err):find("an IPv6 network is needed", 1, true), tostring(err))
  _, err = pcall(addrlabel.add, "fc00::/7", { label = 5 })
  assert.equal("EEXIST", err.code)
  _, err = pcall(addrlabel.delete, "2001:db8::/32")
  assert.truthy(tostring(err):find("no label is given to 2001:db8::/32", 1, true), tostring(err))
end))
