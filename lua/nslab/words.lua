-- words: operations as the commands that they equal, and commands as operations. Both directions are
-- made from the words in the rows (core/schema/rows_*.c); there is no second grammar.
--
-- The language of a row's `words`: spellings, separated by ", ". The first is printed, all are read.
--
--   mtu            the word, then the value; for a flag the word alone, which says that it is set
--   a*ddress       what is behind the star may be left off, letter by letter: a, ad, addr ... No two
--                  rows of a command share an abbreviation, so their order does not matter
--   up|down        either word alone: set, not set
--   arp on|off     the word, then one of two
--   !nomaster      the word alone says false
--   fwmark/fwmask  the word, then the value; what is behind a slash is the value of that other row
--   tunnel_info =id  two words, then the value
--   as ?to           a second word may stand before the value
--   nud ~a|b       the value may be abbreviated too, if it is one of those
--   tos 0x         the value is hexadecimal, with 0x or without
--   mtu +lock      the value may have the word "lock" before it; the row `lock` then names the row
--   private-key <  the value stands in a file, and the word is followed by the file's name
--   nodad 6        only IPv6 has it: left out for IPv4
--   [ty*pe]        the word may be left out, one of the row's names alone says it; in a filter it is said
--
-- Those of tc have more forms, and "" for what is said in a way of its own: see nslab.words.tc.
--
-- A row without words has none in ip. The row of the key stands without a word, behind the rows marked
-- `first` ("blackhole 10.0.0.0/8"). A row with a schema has the words of that: "type bridge" those of
-- a bridge, "peer" those of the other end, each "nexthop" those of one way. The family of addresses is the
-- option -4 or -6.

local print = require "nslab.words.print"
local read = require "nslab.words.read"
local run = require "nslab.words.run"

local M = {}

-- Lua: command(op) -> the command line that an observed operation equals, or nil.
M.command = print.command

-- Lua: lua(op[, o]) -> the line of Lua that an operation equals, or nil. o.handle(name) gives the
-- expression for a namespace, o.here the one for that which is acted in.
function M.lua(op, o)
  return require("nslab.words.lua").lua(op, o)
end

-- Lua: read(line) -> { module, verb, netns, key, options }; raises about the word it stopped at.
M.read = read.line

-- Lua: run(op) -> what the module returns.
M.run = run.run

-- Lua: sh(text) -> what the commands of the text show. Stops at the first that fails, and raises.
function M.sh(text)
  if type(text) ~= "string" then
    require("nslab.words.trouble").raise(nil, "a text with commands is needed, not " ..
      (text == nil and "nothing" or "a " .. type(text)), 'sh "ip netns add red"')
  end
  return run.sh(text, read.words)
end

return M
