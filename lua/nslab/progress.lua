-- progress: how far a learner has come in which lab, kept between sittings in a file of the user's.
-- What was kept of a lab counts as far as the lab still has the same steps: they are compared by title.

local M = {}

local FILE, VERSION = "progress.json", 1

-- The host's functions; a test puts its own in their place.
local function host_of(given)
  return given or require "nslab.host"
end

local function read(host)
  local kept = host.json_decode(host.state(FILE) or "")
  if type(kept) ~= "table" or kept.v ~= VERSION or type(kept.labs) ~= "table" then
    return { v = VERSION, labs = {} }
  end
  return kept
end

local function titles_of(definition)
  local titles = {}
  for i, step in ipairs(definition.steps) do titles[i] = step.title end
  return titles
end

-- What is kept of the lab of that name: { step, steps, finished }; nil when there is nothing.
-- `step` is the one to go on with.
function M.brief(name, host)
  local kept = read(host_of(host)).labs[name]
  if type(kept) ~= "table" or type(kept.titles) ~= "table" then return nil end
  local step = math.tointeger(kept.step)
  if not step or step < 1 then return nil end
  return { step = step, steps = #kept.titles, finished = kept.finished == true }
end

-- The step to go on with in this lab; nil when nothing was kept or it was finished. In a lab that was
-- edited since, that is at the latest the first step that is not as it was.
function M.step(definition, host)
  host = host_of(host)
  local brief = M.brief(definition.name, host)
  if not brief or brief.finished then return nil end
  local titles = read(host).labs[definition.name].titles
  for i, step in ipairs(definition.steps) do
    if i == brief.step or titles[i] ~= step.title then return i end
  end
  return nil
end

-- Keeps that this is the step to go on with, or that the lab was finished. Returns true, or nil and
-- why it could not.
function M.keep(definition, step, finished, host)
  host = host_of(host)
  local kept = read(host)
  kept.labs[definition.name] = { step = step, finished = finished or nil, titles = titles_of(definition) }
  return host.set_state(FILE, host.json(kept, { "v", "labs", "step", "finished", "titles" }) .. "\n")
end

return M
