-- The lab namespaces: it holds, it is not green without doing what it says, and it does not mind how
-- it is done.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local harness = assert(loadfile(here .. "harness.lua", "t", _ENV))()

-- The process in the room, by the number that the host has for it.
local TENANT = "pid=$(grep -lE '^NSpid:.[0-9]+.1$' /proc/[0-9]*/status | head -n 1 | cut -d / -f 3)\n"
-- It stays in the list as a zombie, as long as its parent has not asked for how it ended.
local GONE = TENANT .. "kill -KILL $pid\n" ..
             "until ! [ -e /proc/$pid ] || grep -q '^State:.Z' /proc/$pid/status; do sleep 0.02; done"

local spoil = {
  [1] = {
    { "red is deleted again", sh = "ip netns del red", red = "there is a namespace called red",
      because = "there is no namespace red" },
  },
  [2] = {
    { "it has ended", sh = GONE, red = "the host sees the process",
      because = "there is no process with a number 1 of its own" },
    { "it has ended", sh = GONE, red = "it has two numbers, and inside it is number 1" },
    { "it has ended", sh = GONE, red = "for the host it is another number" },
    { "another one is in its place", sh = GONE .. "\n" .. [[
        ip netns exec red setsid unshare --pid --fork --mount-proc tail -f /dev/null &
        until grep -qsx tail /proc/[0-9]*/comm; do sleep 0.02; done]],
      red = "the host sees the process", because = "it is called tail" },
  },
  [3] = {
    { "somebody else is in there", red = "inside there is nobody but number 1 and who looks",
      sh = TENANT .. "setsid nsenter -t $pid -p -m sleep 60 >/dev/null 2>&1 &\n" ..
           "until [ $(grep -cE '^NSpid:.[0-9]+.[0-9]+$' /proc/[0-9]*/status | grep -c :1) = 2 ]\n" ..
           "do sleep 0.02; done" },
    { "it has ended", sh = GONE, red = "number 1 inside and the host's number are one process" },
  },
  [4] = {
    { "the host has no eth0", sh = "ip link del eth0", red = "the host sees lo and eth0" },
    { "eth0 is in red", sh = "ip link set eth0 netns red", red = "the process sees a lo and no eth0",
      because = "it sees an eth0" },
    { "red is another one now", red = "it sees what red has", because = "it does not see red's x",
      sh = "ip netns del red; ip netns add red; ip link add x netns red type veth peer name y" },
  },
  [5] = {
    { "the host has it, too", red = "for the host the desk is an empty directory",
      because = "something is mounted there", sh = "mount -t tmpfs tmpfs $NSLAB_SCRATCH/desk" },
    { "the note is on the host's desk", red = "for the host the desk is an empty directory",
      because = "the host finds there: note", sh = "echo hello >$NSLAB_SCRATCH/desk/note" },
    { "it is mounted in the host instead", red = "something is mounted on the desk inside",
      because = "it is mounted in the host, not inside",
      sh = TENANT .. "nsenter -t $pid -m umount $NSLAB_SCRATCH/desk; mount -t tmpfs tmpfs $NSLAB_SCRATCH/desk" },
    { "it is unmounted again", red = "something is mounted on the desk inside",
      sh = TENANT .. "nsenter -t $pid -m umount $NSLAB_SCRATCH/desk" },
    { "the note is gone", red = "the file is there for who is inside",
      because = "there is no note on the desk inside",
      sh = TENANT .. "nsenter -t $pid -m rm $NSLAB_SCRATCH/desk/note" },
  },
  [6] = {
    { "red is deleted as well", red = "the namespace red is still there",
      because = "there is no namespace red", sh = "ip netns del red" },
  },
}

local otherwise = {
  { "done with the usual tools", steps = {
    [1] = "ip netns add red",
    [5] = TENANT .. [[mkdir $NSLAB_SCRATCH/desk
                      nsenter -t $pid -p -m sh -c 'mount -t ramfs x $NSLAB_SCRATCH/desk; : >$NSLAB_SCRATCH/desk/note']],
    [6] = GONE,
  } },
}

harness.lab("namespaces", { looks = { '"ls"' }, spoil = spoil, otherwise = otherwise })
