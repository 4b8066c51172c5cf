-- rehearsal: plays a lab beside the lesson, in a sandbox of its own, and writes which operations each
-- step is made of, one line of JSON for each step. Hints are made of it.

local explain = require "nslab.explain"
local lab = require "nslab.lab"
local runner = require "nslab.runner"

local M = {}

-- What only looks does not bring a step about.
local LOOKS = { list = true, get = true, each = true, check = true, save = true }

-- Replaces a text by another, as they stand.
local function replaced(text, what, by)
  return (text:gsub(what:gsub("%p", "%%%0"), (by:gsub("%%", "%%%%"))))
end

-- Calls fn(namespace, name, key) for the public key of every WireGuard link.
local function each_public_key(fn)
  for _, ns in ipairs(require("netns").list()) do
    for _, link in ipairs(ns.link.list()) do
      local device = link.type == "wireguard" and ns.wireguard.get(link.name)
      if device and device.public_key then fn(ns.name, link.name, device.public_key) end
    end
  end
end

-- The public keys of the rehearsal are not those of the lesson: what is said is where to read them.
local function without_keys(op, words)
  if op.module ~= "wireguard" or op.verb ~= "set" then return words end
  each_public_key(function(ns, name, key)
    words.ip = replaced(words.ip, key, ("$(ip netns exec %s wg show %s public-key)"):format(ns, name))
    words.lua = replaced(words.lua, ("%q"):format(key),
                         ("netns(%q).wireguard.get(%q).public_key"):format(ns, name))
  end)
  return words
end

local function described(op, command)
  return without_keys(op, { ip = command, lua = explain.lua(op), looks = LOOKS[op.verb] or nil })
end

-- The core's parts, with a list that every operation of a step is put into.
local function recording(operations)
  local parts = runner.world()
  local command = parts.command
  parts.at_step = nil
  local last -- the runner may ask for the words of an operation more than once
  function parts.command(op)
    local text = op ~= last and not op.error and command(op)
    if text then table.insert(operations, described(op, text)) end
    last = op
  end
  return parts
end

-- nslab.learn's rehearsal: args[1] is the lab.
function M.main(_, args)
  local host = require "nslab.host"
  local source, chunkname = host.lab(args[1])
  if not source then return 2 end
  local definition = lab.load(lab.name_of(args[1]), source, chunkname)
  local operations = {}
  local r = runner.new(definition, function() end, recording(operations))
  if r:impossible() then return runner.IMPOSSIBLE end
  if not r:prepare() then return 1 end
  for i in ipairs(definition.steps) do
    local fine = not r:possible(i) or r:act(i)
    io.stdout:write(host.json({ step = i, operations = operations }, { "step" }), "\n"):flush()
    for n = #operations, 1, -1 do operations[n] = nil end
    if not fine then break end
  end
  r:close()
  return 0
end

return M
