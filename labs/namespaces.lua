lab {
  title = "What a namespace is",
  summary = [[
    A container is a process that sees little: its own network, its own process numbers, its own
    mounts. Look at one from inside and from the host, which sees everything.]],
  minutes = 15,
  host = { eth0 = "192.168.1.2/24" },
}

local expect = require "nslab.expect"

local host, red = netns.host, netns "red"

-- The process in the room: number 1 inside, and some other number for the host. nil, reason.
local function tenant()
  for _, process in ipairs(expect.processes()) do
    if #process.numbers == 2 and process.numbers[2] == 1 then return process end
  end
  return nil, "there is no process with a number 1 of its own"
end

-- A command run beside that process: with its process numbers and its mounts.
local function beside(...)
  return { "nsenter", "-t", assert(tenant()).pid, "-p", "-m", ... }
end

step {
  title = "A house and a room",
  text = [[
    Think of the host as a house, and of a namespace as a child's room in it. Whoever is in the room
    has privacy, and cannot see what goes on outside. The parents can look into every room.

    There are several kinds of namespaces, each for one thing that a process could otherwise see of
    the others: network, process numbers (PID), mounts, host name and more. A container is a process
    that has been put into new ones of most kinds.

    Make the first: a network namespace, red.]],
  run = function()
    netns.add "red"
    netns.list()
  end,
  check = { { "there is a namespace called red", function() return expect.namespace "red" end } },
  hint = "`ip netns add NAME`.",
  learned = "A container is a process in namespaces; the network is one kind of them.",
}

step {
  title = "Somebody moves in",
  text = [[
    Now a process is started in red, and with it a new PID namespace and a new mount namespace. It
    does nothing but sleep; that makes it easy to look at.

    For the host it is a process like any other, with a number among those of the others. But it has a
    second one: the line NSpid shows first what the host calls it, and then what it is called inside.]],
  background = function()
    return red:spawn { "sleep", "86400", pid = true, mount = true }
  end,
  look = function()
    local process = assert(tenant())
    host:exec { "cat", ("/proc/%d/comm"):format(process.pid) }
    host:exec { "grep", "^NSpid", ("/proc/%d/status"):format(process.pid) }
  end,
  claim = {
    { "the host sees the process", function()
        local process, reason = tenant()
        if not process then return nil, reason end
        return process.name == "sleep", ("it is called %s"):format(process.name)
      end },
    { "it has two numbers, and inside it is number 1", tenant },
    { "for the host it is another number", function()
        local process, reason = tenant()
        if not process then return nil, reason end
        return process.pid ~= 1, "it is number 1 for the host, too"
      end },
  },
  hint = "NSpid in /proc/NUMBER/status has the numbers of a process, one for each PID namespace.",
}

step {
  title = "The view from inside",
  text = [[
    Now go in and look around: `nsenter` starts a command beside the process, with the same view. The
    list of processes is short. Number 1 is the sleeper; the other one is the command that looks.

    It is the same process, not a copy: it started at the same moment, whether it is called 1 or by
    the host's number. Whoever is inside has no number for anything outside, and so cannot even name
    it, let alone send it a signal.]],
  look = function()
    host:exec(beside("sh", "-c", "cd /proc; for n in [0-9]*; do echo $n $(cat $n/comm); done"))
    host:exec(beside("cut", "-d", " ", "-f", "1,2,22", "/proc/1/stat"))
    host:exec { "cut", "-d", " ", "-f", "1,2,22", ("/proc/%d/stat"):format(assert(tenant()).pid) }
  end,
  claim = {
    { "inside there is nobody but number 1 and who looks", function()
        local seen = {}
        for n in host:exec(beside("sh", "-c", "cd /proc; echo [0-9]*")).stdout:gmatch "%d+" do
          seen[#seen + 1] = n
        end
        return #seen == 2 and seen[1] == "1", "inside one sees " .. table.concat(seen, ", ")
      end, active = true },
    { "number 1 inside and the host's number are one process", function()
        local process, reason = tenant()
        if not process then return nil, reason end
        local inside = host:exec(beside("cat", "/proc/1/stat")).stdout
        local started = "^%d+ (%(.-%) %S )" .. ("%S+ "):rep(18) .. "(%d+) "
        local name, moment = inside:match(started)
        local file <close> = assert(io.open(("/proc/%d/stat"):format(process.pid)))
        local host_name, host_moment = file:read("a"):match(started)
        return name == host_name and moment == host_moment, "they started at different moments"
      end, active = true },
    { "the host has more processes than that", function()
        local n = #expect.processes()
        return n > 2, ("the host sees %d"):format(n)
      end },
  },
  hint = "`nsenter -t NUMBER -p -m COMMAND` goes in; /proc there lists the processes.",
}

step {
  title = "Its network",
  text = [[
    What it sees of the network is red's: a lo that is down, and no eth0. The host can look at that
    without going in. In /proc, everything below a process's number is what that process sees.]],
  look = function()
    host:exec { "cat", "/proc/net/dev" }
    host:exec { "cat", ("/proc/%d/net/dev"):format(assert(tenant()).pid) }
  end,
  claim = {
    { "the host sees lo and eth0", function()
        local seen = expect.interfaces "self"
        return seen.lo and seen.eth0, "it does not see both"
      end },
    { "the process sees a lo and no eth0", function()
        local process, reason = tenant()
        if not process then return nil, reason end
        local seen = expect.interfaces(process.pid)
        if seen.eth0 then return nil, "it sees an eth0" end
        return seen.lo, "it sees no lo"
      end },
    { "it sees what red has", function()
        local process, reason = tenant()
        if not process then return nil, reason end
        local seen = expect.interfaces(process.pid)
        for _, found in ipairs(red.link.list()) do
          if not seen[found.name] then return nil, "it does not see red's " .. found.name end
          seen[found.name] = nil
        end
        return next(seen) == nil, "it sees more than red has"
      end },
  },
  hint = "/proc/NUMBER/net/dev is what the process of that number sees.",
}

step {
  title = "Its mounts",
  text = [[
    What is mounted inside is seen inside only. Make a directory that both can see, $NSLAB_SCRATCH/desk
    (NSLAB_SCRATCH names a directory that goes with the lab). Then, inside, put a small file system
    (tmpfs, which lives in memory) onto it, and a note onto the desk. The process has a note there. For
    the host the directory is as empty as it was.]],
  run = function()
    local desk = scratch "desk"
    host:exec { "mkdir", "-p", desk }
    host:exec(beside("mount", "-t", "tmpfs", "tmpfs", desk))
    host:exec(beside("sh", "-c", "echo hello >$NSLAB_SCRATCH/desk/note; cat $NSLAB_SCRATCH/desk/note"))
    host:exec { "ls", "-A", desk }
  end,
  check = {
    { "something is mounted on the desk inside", function()
        local process, reason = tenant()
        if not process then return nil, reason end
        if expect.mounted(process.pid, scratch "desk") then return true end
        if expect.mounted("self", scratch "desk") then return nil, "it is mounted in the host, not inside" end
        return nil, "nothing is mounted on the desk inside"
      end },
    { "for the host the desk is an empty directory", function()
        if expect.mounted("self", scratch "desk") then return nil, "something is mounted there" end
        local desk = host:exec { "ls", "-A", scratch "desk" }
        if desk.code ~= 0 then return nil, "there is no " .. scratch "desk" end
        return desk.stdout == "", "the host finds there: " .. desk.stdout:gsub("%s+$", "")
      end, active = true },
    { "the file is there for who is inside", function()
        local process, reason = tenant()
        if not process then return nil, reason end
        local note <close> = io.open(("/proc/%d/root%s/note"):format(process.pid, scratch "desk"))
        return note, "there is no note on the desk inside"
      end },
  },
  hint = "`mount -t tmpfs tmpfs $NSLAB_SCRATCH/desk`, beside the process. Then write a file there, " ..
         "beside it as well.",
  learned = "What is mounted inside a mount namespace is seen there and nowhere else.",
}

step {
  title = "The parents have the keys",
  text = [[
    From inside, nothing outside can be touched. From the host, everything can: the process is one of
    the host's processes, and the host may end it.

    Number 1 is special: when it ends, everyone else in its PID namespace is ended with it, and the
    namespace is gone, and its mounts. The network namespace is still there, because it has a name,
    red, that keeps it.]],
  run = function()
    host:exec { "kill", "-KILL", tostring(assert(tenant()).pid) }
    netns.list()
  end,
  check = {
    { "the process is gone", function()
        return expect.soon(function()
          local process = tenant()
          return not process, process and ("process %d is still there; number 1 of a PID namespace " ..
                                           "heeds the signal KILL alone"):format(process.pid)
        end)
      end },
    { "the namespace red is still there", function() return expect.namespace "red" end },
  },
  hint = "The host ends it by the host's number for it.",
  learned = "With its process number 1 a PID namespace ends, and everyone in it.",
}
