-- iptables_add.lua COUNT: what iptables_floor makes, from a script: one transaction.
iptables.transaction(function(t)
  for i = 1, tonumber(arg[1]) do
    t.append("INPUT", { source = ("10.%d.%d.%d"):format(i >> 16, i >> 8 & 255, i & 255), protocol = "tcp",
                        dport = 1 + i % 60000, jump = "ACCEPT" })
  end
end)
