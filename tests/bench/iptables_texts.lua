-- iptables_texts.lua COUNT DIRECTORY: the rules of iptables_floor as iptables-save writes them and as nft
-- takes them, in files rules.save and rules.nft.
local count, directory = tonumber(arg[1]), arg[2]

local function write(name, first, line, last)
  local file <close> = assert(io.open(directory .. "/" .. name, "w"))
  file:write(first)
  for i = 1, count do file:write(line:format(i >> 16, i >> 8 & 255, i & 255, 1 + i % 60000)) end
  file:write(last)
end

write("rules.save", "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n",
  "-A INPUT -s 10.%d.%d.%d/32 -p tcp -m tcp --dport %d -j ACCEPT\n", "COMMIT\n")
write("rules.nft", "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;\n",
  "\t\tip saddr 10.%d.%d.%d tcp dport %d counter accept\n", "\t}\n}\n")
