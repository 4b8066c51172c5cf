-- The lab slow-network: it holds, it is not green without doing what it says, and it does not mind how it
-- is done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

local spoil = {
  [1] = {
    { "the cable leads elsewhere", red = "red is connected to blue", because = "no cable leads from red to blue",
      sh = "ip -n red link del eth0; ip link add eth0 netns red type veth peer name x" },
    { "somebody made red's end narrow", red = "nothing waits at the cable", because = "eth0 has no noqueue, but tbf",
      sh = "tc -n red qdisc add dev eth0 root tbf rate 1mbit burst 5000 latency 400ms" },
    { "blue is a new one", red = "blue has answered red", because = "no ping has reached blue", sh = [[
        ip netns del blue; ip netns add blue; ip link add eth0 netns red type veth peer name eth0 netns blue]] },
  },
  [2] = {
    { "the line is wider", red = "red sends no more than 1 Mbit in a second", because = "the rate is 8 Mbit/s, not 1",
      sh = "tc -n red qdisc change dev eth0 root tbf rate 8mbit burst 5000 latency 400ms" },
    { "blue's end is the narrow one", red = "packets had to wait for it", because = "eth0 has no tbf, but noqueue",
      sh = [[tc -n red qdisc del dev eth0 root
             tc -n blue qdisc add dev eth0 root tbf rate 1mbit burst 5000 latency 400ms]] },
    { "nothing was sent through it", red = "packets had to wait for it",
      because = "nothing has waited yet; send a larger ping", sh = [[tc -n red qdisc del dev eth0 root
             tc -n red qdisc add dev eth0 root tbf rate 1mbit burst 5000 latency 400ms]] },
    { "the queue is too short", red = "none of them was lost", sh = [[tc -n red qdisc del dev eth0 root
             tc -n red qdisc add dev eth0 root tbf rate 1mbit burst 5000 latency 1ms
             ip netns exec red ping -q -c 1 -s 20000 -W 0.3 10.0.0.2 || :]] },
  },
  [3] = {
    { "the queue is longer", red = "what would wait longer than 20 ms is dropped", because = "the latency is 200 ms, not 20",
      sh = "tc -n red qdisc change dev eth0 root tbf rate 1mbit burst 5000 latency 200ms" },
    { "nothing was sent", red = "packets were dropped", because = "nothing was dropped yet; send a larger ping",
      sh = [[tc -n red qdisc del dev eth0 root
             tc -n red qdisc add dev eth0 root tbf rate 1mbit burst 5000 latency 20ms]] },
  },
  [4] = {
    { "there is another one instead", red = "nothing waits at red's end any more",
      because = "eth0 has no noqueue, but pfifo", sh = "tc -n red qdisc add dev eth0 root pfifo limit 100" },
    { "blue is away", red = "blue answers", because = "blue does not answer", sh = "ip -n blue addr flush dev eth0" },
  },
  [5] = {
    { "it is nearer", red = "red's packets are kept for 50 ms", because = "the delay is 5 ms, not 50",
      sh = "tc -n red qdisc change dev eth0 root netem delay 5ms" },
    { "blue is away", red = "a ping takes that long", because = "blue does not answer", sh = "ip -n blue addr flush dev eth0" },
  },
  [6] = {
    { "there is jitter, and no delay", red = "the delay is still 50 ms", because = "the delay is 20 ms, not 50",
      sh = "tc -n red qdisc change dev eth0 root netem delay 20ms 20ms" },
    { "there is not so much jitter", red = "give or take 20", because = "the jitter is 2 ms, not 20",
      sh = "tc -n red qdisc change dev eth0 root netem delay 50ms 2ms" },
  },
  [7] = {
    { "it loses less", red = "red's end loses 30 of a hundred packets", because = "the loss is 3 %, not 30",
      sh = "tc -n red qdisc change dev eth0 root netem loss 3%" },
    { "nothing was sent", red = "some were lost", because = "none was lost yet; send more",
      sh = "tc -n red qdisc del dev eth0 root; tc -n red qdisc add dev eth0 root netem loss 30%" },
  },
  [8] = {
    { "the line is wider", red = "red sends no more than 5 Mbit in a second", because = "the rate is 50 Mbit/s, not 5",
      sh = "tc -n red qdisc change dev eth0 root handle 1: tbf rate 50mbit burst 10000 latency 100ms" },
    { "it is near", red = "its packets are kept for 30 ms", because = "the delay is 3 ms, not 30",
      sh = "tc -n red qdisc change dev eth0 parent 1:1 handle 10: netem delay 3ms loss 1%" },
    { "nothing is lost", red = "and one of a hundred is lost", because = "the loss is 0 %, not 1",
      sh = [[tc -n red qdisc del dev eth0 parent 1:1
             tc -n red qdisc add dev eth0 parent 1:1 handle 10: netem delay 30ms]] },
  },
}

local otherwise = {
  { "done with ip, tc and ping", steps = {
    [1] = [[for n in red blue; do ip netns add $n; done
            ip link add p0 type veth peer name p1
            ip link set p0 netns red name eth0; ip link set p1 netns blue name eth0
            ip -n red addr add 10.0.0.1/24 dev eth0; ip -n blue addr add 10.0.0.2/24 dev eth0
            ip -n red link set eth0 up; ip -n blue link set eth0 up
            ip netns exec red ping -c 1 10.0.0.2]],
    [2] = [[tc -n red qdisc add dev eth0 root tbf rate 1mbit burst 5000 latency 400ms
            ip netns exec red ping -q -c 1 -s 20000 10.0.0.2]],
    [3] = [[tc -n red qdisc change dev eth0 root tbf rate 1mbit burst 5000 latency 20ms
            ip netns exec red ping -q -c 1 -s 20000 -W 0.3 10.0.0.2 || :]],
    [4] = "tc -n red qdisc del dev eth0 root",
    [5] = "tc -n red qdisc add dev eth0 root netem delay 50ms",
    [6] = "tc -n red qdisc change dev eth0 root netem delay 50ms 20ms",
    [7] = [[tc -n red qdisc change dev eth0 root netem loss 30%
            ip netns exec red ping -q -c 40 -i 0.005 -W 0.3 10.0.0.2 || :]],
    [8] = [[tc -n red qdisc replace dev eth0 root handle 1: tbf rate 5mbit burst 10000 latency 100ms
            tc -n red qdisc add dev eth0 parent 1:1 handle 10: netem delay 30ms loss 1%]],
  } },
  { "with other names, another order and other words", steps = {
    [1] = [[for n in blue red; do ip netns add $n; done
            ip link add p0 netns red type veth peer name p1 netns blue
            ip -n red addr add 10.0.0.1/24 dev p0; ip -n blue addr add 10.0.0.2/24 dev p1
            ip -n red link set p0 up; ip -n blue link set p1 up
            ip netns exec red ping -c 1 10.0.0.2]],
    [2] = [[tc -n red qdisc add dev p0 root tbf rate 1000kbit burst 5000 limit 60000
            ip netns exec red ping -q -c 1 -s 20000 10.0.0.2]],
    [3] = [[tc -n red qdisc replace dev p0 root tbf rate 125kbps burst 5000 limit 7500
            ip netns exec red ping -q -c 1 -s 20000 -W 0.3 10.0.0.2 || :]],
    [4] = "tc -n red qdisc del dev p0 root",
    [5] = "tc -n red qdisc add dev p0 root handle 5: netem delay 0.05s",
    [6] = "tc -n red qdisc replace dev p0 root netem delay 50ms 20ms distribution normal",
    [7] = [[tc -n red qdisc replace dev p0 root netem loss random 30%
            ip netns exec red ping -q -c 40 -l 40 -W 0.3 10.0.0.2 || :]],
    [8] = [[tc -n red qdisc del dev p0 root; tc -n red qdisc add dev p0 root handle 7: netem delay 30ms loss 1%
            tc -n red qdisc add dev p0 parent 7:1 tbf rate 5mbit burst 10000 latency 100ms]],
  } },
}

-- What is sent to be seen, and leaves nothing behind.
local looks = { "count = 3", "count = 5" }

harness.lab("slow-network", { looks = looks, spoil = spoil, otherwise = otherwise })
