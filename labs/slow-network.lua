lab {
  title = "A network that is slow",
  summary = [[
    Every cable so far was perfect. Make one that is narrow, far, uneven and lossy, as networks are, and
    see what each of these does to what is sent through it.]],
  minutes = 25,
}

local expect = require "nslab.expect"

local red, blue = netns "red", netns "blue"
local at_blue = "10.0.0.2"

-- What waits at red's end of the cable to blue: all its qdiscs, or nil and why there is no such end.
local function queues()
  local plug, reason = expect.joined(red, blue)
  if not plug then return nil, reason end
  return red.qdisc.list { dev = plug.name }, plug.name
end

-- The qdisc of that kind at red's end, or nil and what is there instead.
local function queue(kind)
  local all, name = queues()
  if not all then return nil, name end
  for _, q in ipairs(all) do
    if q.type == kind then return q end
  end
  return nil, ("%s has no %s, but %s"):format(name, kind, all[1] and all[1].type or "nothing")
end

-- Whether a value is the one that is asked for, or nearly: kernels count time in steps of their own.
local function near(value, wanted, what, unit)
  if value and math.abs(value - wanted) <= wanted / 100 then return true end
  return nil, ("%s is %g %s, not %g"):format(what, value or 0, unit, wanted)
end

-- Whether that option of red's netem is nearly so much.
local function netem(key, wanted, what, unit)
  local q, reason = queue "netem"
  if not q then return nil, reason end
  return near(q.netem[key], wanted, what, unit)
end

-- Whether blue answers red.
local function answers()
  local got = red:ping(at_blue)
  return got.received == 1, "blue does not answer"
end

step {
  title = "A perfect cable",
  text = [[
    Two namespaces, red and blue, and a cable between them. A packet needs some 0.05 ms to go there and
    back: nothing is as near as another room on the same machine.

    A real cable can carry only so much at a time, and what does not fit has to wait. How packets wait at an
    interface, and which one goes first, is decided by its qdisc, the queueing discipline. Look at this
    one's: noqueue. Here nobody ever waits.]],
  run = function()
    for _, name in ipairs { "red", "blue" } do netns.add(name) end
    link.add("eth0", { netns = red, veth = { peer = { name = "eth0", netns = blue } } })
    red.addr.add("10.0.0.1/24", { dev = "eth0" })
    blue.addr.add("10.0.0.2/24", { dev = "eth0" })
    red.link.set("eth0", { up = true })
    blue.link.set("eth0", { up = true })
    red.qdisc.list { dev = "eth0" }
    red:ping(at_blue, { count = 3, interval_ms = 10 })
  end,
  check = {
    { "red is connected to blue", function() return expect.joined(red, blue) end },
    { "nothing waits at the cable", function() return queue "noqueue" end },
    { "blue has answered red", function() return expect.answered(red, blue) end },
  },
  hint = "Two namespaces, a veth pair, 10.0.0.1/24 and 10.0.0.2/24, both ends up, and a ping.",
  learned = "A qdisc decides how packets wait at an interface. A veth begins with none.",
}

step {
  title = "A narrow line",
  text = [[
    Now red's end gets a qdisc that lets through 1 Mbit in a second and no more: tbf, the token bucket
    filter. Picture a bucket into which tokens drip, 125,000 in a second, and a packet that pays one for
    each of its bytes. While the bucket is full, packets pass at once; that is the burst, 5000 bytes here.
    When it is empty they wait.

    A small ping does not notice: it has all it needs. Then send one with 20,000 bytes. No packet is that
    large; it is cut into fourteen, and put together again at the other end. Three of them pass at once,
    the others stand in a queue, and the answer takes 120 ms and more.]],
  needs = { "tbf" },
  run = function()
    red.qdisc.add { dev = "eth0", root = true,
                    tbf = { rate_mbit = 1, burst_bytes = 5000, latency_ms = 400 } }
    red:ping(at_blue, { count = 3, interval_ms = 10 })
    red:ping(at_blue, { size_bytes = 20000 })
    red.qdisc.list { dev = "eth0" }
  end,
  check = {
    { "red sends no more than 1 Mbit in a second", function()
        local q, reason = queue "tbf"
        if not q then return nil, reason end
        return near(q.tbf.rate_mbit, 1, "the rate", "Mbit/s")
      end },
    { "packets had to wait for it", function()
        local q, reason = queue "tbf"
        if not q then return nil, reason end
        return q.stats.overlimits > 0, "nothing has waited yet; send a larger ping"
      end },
    { "none of them was lost", function()
        local q, reason = queue "tbf"
        if not q then return nil, reason end
        return q.stats.drops == 0, ("%d packets were dropped"):format(q.stats.drops)
      end },
  },
  hint = "`tc qdisc add dev eth0 root tbf rate 1mbit burst 5000 latency 400ms` in red. Then `ping -s 20000`.",
  learned = "A narrow line makes packets wait, and the longer the queue, the later they arrive.",
}

step {
  title = "The queue is full",
  text = [[
    A queue cannot grow for ever. With `latency 400ms` we said that a packet may wait for 400 ms; whatever
    would have to wait longer is dropped. Make it 20 ms, and send the same large ping. A few of the
    fourteen packets fit, the others are dropped. What is left cannot be put together any more, and no
    answer comes.

    That is the choice that every router on the internet has to make. A long queue makes everybody wait, a
    short one loses packets. To lose some is not bad in itself: it is how TCP finds out that it sends too
    fast.]],
  needs = { "tbf" },
  run = function()
    red.qdisc.change { dev = "eth0", root = true,
                       tbf = { rate_mbit = 1, burst_bytes = 5000, latency_ms = 20 } }
    red:ping(at_blue, { size_bytes = 20000, timeout_ms = 300 })
    red.qdisc.list { dev = "eth0" }
  end,
  check = {
    { "what would wait longer than 20 ms is dropped", function()
        local q, reason = queue "tbf"
        if not q then return nil, reason end
        return near(q.tbf.latency_ms, 20, "the latency", "ms")
      end },
    { "packets were dropped", function()
        local q, reason = queue "tbf"
        if not q then return nil, reason end
        return q.stats.drops > 0, "nothing was dropped yet; send a larger ping"
      end },
  },
  hint = "`tc qdisc change` with the same words as before, and `latency 20ms`. Then ping as before.",
  learned = "A queue that is full drops packets: short queues lose, long ones delay.",
}

step {
  title = "Only what is sent",
  text = [[
    A qdisc is about what goes out. Blue's end has none, so blue still sends as fast as it likes: the way
    there is narrow, the way back is wide. Many lines are built like that.

    Take red's qdisc away, and the cable is as it was.]],
  needs = { "tbf" },
  run = function()
    blue.qdisc.list { dev = "eth0" }
    red.qdisc.delete { dev = "eth0", root = true }
    red:ping(at_blue, { count = 5, interval_ms = 0, size_bytes = 1400 })
  end,
  check = {
    { "nothing waits at red's end any more", function() return queue "noqueue" end },
    { "blue answers", answers, active = true },
  },
  hint = "`tc -n red qdisc del dev eth0 root`.",
  learned = "A qdisc holds up what its interface sends, not what it receives.",
}

step {
  title = "Far away",
  text = [[
    Light in a fibre needs 50 ms for 10,000 km, and no money in the world makes it faster. The qdisc netem
    (network emulator) plays that: it keeps every packet for a while before it goes out.

    `link.impair` is our short word for it; the line below shows the command that it equals. Ping again:
    each one takes 50 ms now. The answer comes back at once, since only red's end is slow. And a
    cable that is far is still as wide as before: you may send a lot, it only comes later.]],
  needs = { "netem" },
  run = function()
    red.link.impair("eth0", { delay_ms = 50 })
    red:ping(at_blue, { count = 3, interval_ms = 20 })
  end,
  check = {
    { "red's packets are kept for 50 ms", function() return netem("delay_ms", 50, "the delay", "ms") end },
    { "a ping takes that long", function()
        local got = red:ping(at_blue)
        if got.received == 0 then return nil, "blue does not answer" end
        return got.rtts_ms[1] >= 49, ("it takes %.1f ms"):format(got.rtts_ms[1])
      end, active = true },
  },
  hint = "`tc -n red qdisc add dev eth0 root netem delay 50ms`.",
  learned = "Delay is not width: a far line may carry much, but every question waits for its answer.",
}

step {
  title = "Now sooner, now later",
  text = [[
    On a real way packets meet other packets, and each time they wait a little longer or a little less. That
    is jitter. Let every packet be kept for 50 ms, give or take 20. Then one may overtake another; a
    telephone call suffers from that more than from the delay itself.

    The qdisc is changed while it works: what it holds already goes out as planned.]],
  needs = { "netem" },
  run = function()
    red.link.impair("eth0", { delay_ms = 50, jitter_ms = 20 })
    red:ping(at_blue, { count = 5, interval_ms = 20 })
  end,
  check = {
    { "the delay is still 50 ms", function() return netem("delay_ms", 50, "the delay", "ms") end },
    { "give or take 20", function() return netem("jitter_ms", 20, "the jitter", "ms") end },
  },
  hint = "`tc qdisc change ... netem delay 50ms 20ms`: the second time is the jitter.",
  learned = "Jitter is delay that is another one for each packet.",
}

step {
  title = "Gone",
  text = [[
    Radio loses packets, and so do bad plugs. Let red's end lose 30 of a hundred, by chance, and send forty.
    Nobody is told of a packet that is lost: whoever waits for the answer has to give up by himself at
    some time, and ask again. That is what TCP does for you.]],
  needs = { "netem" },
  run = function()
    red.link.impair("eth0", { loss_percent = 30 })
    red:ping(at_blue, { count = 40, interval_ms = 5, timeout_ms = 300 })
  end,
  check = {
    { "red's end loses 30 of a hundred packets", function()
        return netem("loss_percent", 30, "the loss", "%")
      end },
    { "some were lost", function()
        local q, reason = queue "netem"
        if not q then return nil, reason end
        return q.stats.drops > 0, "none was lost yet; send more"
      end },
  },
  hint = "`tc qdisc change ... netem loss 30%`, then forty pings.",
  learned = "A packet that is lost is not reported: who sends has to notice by himself.",
}

step {
  title = "Narrow and far",
  text = [[
    Qdiscs can stand behind each other. A tbf that has a handle, 1:, takes another qdisc inside it, and
    that one's parent is 1:1. So make red's end a bad country line: 5 Mbit wide, and netem inside it
    keeps every packet for 30 ms and loses one of a hundred.

    Whoever writes software for a network like this can try it here, on the train, without a network.]],
  needs = { "tbf", "netem" },
  run = function()
    red.link.impair("eth0", {})
    red.qdisc.add { dev = "eth0", root = true, handle = "1:",
                    tbf = { rate_mbit = 5, burst_bytes = 10000, latency_ms = 100 } }
    red.qdisc.add { dev = "eth0", parent = "1:1", handle = "10:",
                    netem = { delay_ms = 30, loss_percent = 1 } }
    red.qdisc.list { dev = "eth0" }
    red:ping(at_blue, { count = 3, interval_ms = 20 })
  end,
  check = {
    { "red sends no more than 5 Mbit in a second", function()
        local q, reason = queue "tbf"
        if not q then return nil, reason end
        return near(q.tbf.rate_mbit, 5, "the rate", "Mbit/s")
      end },
    { "its packets are kept for 30 ms", function() return netem("delay_ms", 30, "the delay", "ms") end },
    { "and one of a hundred is lost", function() return netem("loss_percent", 1, "the loss", "%") end },
  },
  hint = "`tc qdisc del` what is there; tbf with `root handle 1:`, then netem with `parent 1:1 handle 10:`.",
  learned = "One qdisc can stand inside another: width, distance and loss together make a real line.",
}
