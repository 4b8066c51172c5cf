-- event: what happens while a lab runs, as a stream of plain tables. The runner emits them, a sink
-- makes something of them: lines for a person (nslab.render), one JSON object a line for a program
-- (here), or an array for a test. A sink is a function that takes one event.
--
-- Every event has event, v, lab and time_ms (milliseconds since the first one), and what its kind
-- adds. A field that has nothing to say is absent.
--
--   start    title, summary, minutes, steps
--   step     step, title; of a lesson steps, too
--   text     step, text, source = "done" | "learned" | "hint" when it is no text of the lab's
--   command  step, module, verb, netns, key; what --explain asks for of text (the ip command),
--            lua (the line of Lua), netlink (the annotated messages, lines)
--   output   step, text, source = "command" | "script" | "look" | "help"
--   goal     step, text, ok, reason: what somebody who learns has to reach
--   check    step, text, ok, reason, still = true when it was not reached before either
--   change   step, text, change = "new" | "gone" | "moved" | "changed", netns, object; what the step
--            has changed in the kernel
--   wait     step, text, reason, waited_ms; a check is not answered yet
--   prompt   step, text, at = "before" | "after" | "learn"; a word is awaited
--   again    step, steps; in a fresh sandbox, at the beginning of that step
--   error    step, text, op, netns, key, errno, code, kernel, field, hint
--   skip     step, title, reason; costs, remedy when the kernel lacks something
--   lack     name, text, costs, remedy: what the whole lab needs, and this machine has not
--   end      steps, checks, failed, skipped, stopped, left, interrupted, timed_out, impossible

local event = {}

event.VERSION = 1

-- The order of the keys in a line of JSON.
event.KEYS = {
  "event", "v", "lab", "time_ms", "step", "title", "summary", "minutes", "text", "lua", "netlink", "ok",
  "still", "reason", "source", "change", "at", "object", "module", "verb", "op", "netns", "key",
  "errno", "code", "kernel", "field", "hint", "steps", "checks", "failed", "skipped", "stopped", "left",
  "interrupted", "timed_out", "impossible", "waited_ms", "name", "costs", "remedy",
}

-- Returns emit(kind, fields) for a lab of that name; clock() gives milliseconds.
function event.stream(lab, sink, clock)
  local started
  return function(kind, fields)
    local now = clock()
    started = started or now
    local e = { event = kind, v = event.VERSION, lab = lab, time_ms = math.floor(now - started) }
    for key, value in pairs(fields or {}) do e[key] = value end
    sink(e)
  end
end

-- JSON is UTF-8, and what a program printed need not be: each byte that belongs to no character
-- becomes U+FFFD.
local function utf8_only(text)
  local valid, bad = utf8.len(text)
  if valid then return text end
  local parts, from = {}, 1
  while bad do
    parts[#parts + 1] = text:sub(from, bad - 1) .. "\u{FFFD}"
    from = bad + 1
    if from > #text then break end
    valid, bad = utf8.len(text, from)
    if valid then parts[#parts + 1] = text:sub(from) end
  end
  return table.concat(parts)
end

local function clean(value)
  if type(value) == "string" then return utf8_only(value) end
  return value
end

-- A sink that writes each event as one line of JSON. `encode` makes JSON of a table.
function event.json(write, encode)
  return function(e)
    local plain = {}
    for key, value in pairs(e) do plain[key] = clean(value) end
    write(encode(plain) .. "\n")
  end
end

-- A sink that passes each event to all of these.
function event.tee(...)
  local sinks = { ... }
  return function(e)
    for _, sink in ipairs(sinks) do sink(e) end
  end
end

return event
