-- socket: as ss -n shows sockets, with -p where programs are known. Columns are as wide as they need.

local M = {}

local function end_of(address, port, s)
  if s.family == "inet6" then
    address = address == "::" and not s.v6only and "*" or ("[%s]"):format(address)
  end
  if s.dev then address = ("%s%%%s"):format(address, s.dev) end
  return address, port == 0 and "*" or tostring(port)
end

local function users(s)
  local out = {}
  for i, p in ipairs(s.processes or {}) do out[i] = ('("%s",pid=%d,fd=%d)'):format(p.name, p.pid, p.fd) end
  return #out > 0 and (" users:(%s)"):format(table.concat(out, ",")) or ""
end

local HEAD = { "Netid", "State", "Recv-Q", "Send-Q", "Local Address", "Port", "Peer Address", "Port",
               "Process" }
local RIGHT = { [5] = true, [7] = true } -- an address ends where its port begins

local KINDS = { stream = "u_str", dgram = "u_dgr", seqpacket = "u_seq" }

-- A name or a file, and the number of the socket; of the other end the number alone.
local function unix_columns(s)
  return { KINDS[s.type], s.state, tostring(s.recv_queue), tostring(s.send_queue),
           s.address == "" and "*" or s.address, tostring(s.inode), "*", tostring(s.peer_inode), users(s),
           between = " " }
end

local function columns(s)
  if s.protocol == "unix" then return unix_columns(s) end
  local address, port = end_of(s.address, s.port, s)
  local peer, peer_port = end_of(s.peer_address, s.peer_port, { family = s.family, v6only = s.v6only })
  return { s.protocol, s.state, tostring(s.recv_queue), tostring(s.send_queue), address, port, peer,
           peer_port, users(s) }
end

local function padded(text, width, right)
  local blanks = (" "):rep(width - #text)
  return right and blanks .. text or text .. blanks
end

-- The first column says what was not asked for: of unix sockets there are several kinds.
local function first_column(asked)
  local wanted = asked.protocol
  if type(wanted) == "table" then wanted = #wanted == 1 and wanted[1] or nil end
  return wanted and wanted ~= "unix" and 2 or 1
end

function M.list(sockets, asked)
  local rows, width, lines, first = { HEAD }, {}, {}, first_column(asked)
  for _, s in ipairs(sockets) do rows[#rows + 1] = columns(s) end
  for _, row in ipairs(rows) do
    for i, text in ipairs(row) do width[i] = math.max(width[i] or 0, #text) end
  end
  for n, row in ipairs(rows) do
    local out = {}
    for i, text in ipairs(row) do
      local before = (i == 6 or i == 8) and (row.between or ":") or i > first and i < 9 and " " or ""
      if i >= first then out[#out + 1] = before .. padded(text, width[i], RIGHT[i]) end
    end
    lines[n] = table.concat(out):gsub(" +$", "")
  end
  return table.concat(lines, "\n")
end

return M
