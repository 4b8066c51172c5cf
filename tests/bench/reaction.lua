-- The lesson that tests/bench/reaction.c sits in: a check that is switched on and off, and one that
-- keeps the step from being done.
lab { title = "Reaction" }

step {
  title = "An address that comes and goes",
  run = function() end,
  check = {
    { "lo has 10.0.0.1", function() return addr.get("10.0.0.1/8", { dev = "lo" }) end },
    { "there is a bridge", function() return link.get "br0" end },
  },
}
