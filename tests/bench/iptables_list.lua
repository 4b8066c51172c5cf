-- iptables_list.lua COUNT: lists the rules of INPUT and reads the port of each.
local count = 0
for i, rule in ipairs(iptables.list "INPUT") do
  assert(rule.dport == 1 + i % 60000)
  count = i
end
assert(count == tonumber(arg[1]))
