-- vendor/bootstrap, against a system that lacks things: its PATH holds what the spec puts there, and
-- the package manager writes down how it is called.

local harness = require "harness"
local quote = harness.quote

local TOOLS = "sh id cat sed cut cksum mktemp rm tail env tee grep dirname mkdir ln"

-- A directory of programs: the usual tools, and scripts by name. { dir, run(words) -> text, status }
local function system(programs)
  local dir = harness.must "mktemp -d":gsub("\n", "")
  harness.must(("mkdir %s/bin && chmod 755 %s"):format(dir, dir))
  for tool in TOOLS:gmatch "%a+" do
    harness.must(("ln -s $(command -v %s) %s/bin/"):format(tool, dir))
  end
  for name, script in pairs(programs) do
    local file <close> = assert(io.open(dir .. "/bin/" .. name, "w"))
    file:write(("#!/bin/sh\nlog() { echo \"$*\" >>%s/calls; }\n%s\n"):format(dir, script))
    file:close()
    harness.must(("chmod 755 %s/bin/%s"):format(dir, name))
  end
  harness.must(("touch %s/calls && chmod 666 %s/calls"):format(dir, dir))
  local self = { dir = dir }
  function self.run(words, prefix)
    return harness.sh(("env -u CI PATH=%s/bin %s vendor/bootstrap %s 2>&1 </dev/null")
                      :format(dir, prefix or "", words))
  end
  function self.calls() return harness.must("cat " .. dir .. "/calls") end
  return setmetatable(self, { __close = function() harness.must("rm -rf " .. quote(dir)) end })
end

-- These make apt-get install what cc and cmake and ninja stand for.
local INSTALLS = [[
  log apt-get "$1"
  [ "$1" = update ] && { : >"$(dirname "$0")/lists"; exit; }
  for tool in cc cmake ninja; do ln -sf /bin/true "$(dirname "$0")/$tool"; done]]
local KNOWS = "exit 0"
local KNOWS_AFTER_UPDATE = '[ -e "$(dirname "$0")/lists" ]'

local root = harness.must "id -u" == "0\n"
local as_user = root and "setpriv --reuid 65534 --regid 65534 --clear-groups" or ""
-- The tools that a spec lays out are found by the PATH that setpriv passes on.
local setpriv = { setpriv = 'exec /usr/bin/setpriv "$@"' }

local function with(t, more)
  for name, script in pairs(more) do t[name] = script end
  return t
end

describe("vendor/bootstrap", function()
  it("says nothing where nothing is missing", function()
    local text, status = harness.sh "vendor/bootstrap run 2>&1"
    assert.same({ "", 0 }, { text, status })
  end)

  it("names the packages where there is no apt-get, and stops with 3", function()
    local s <close> = system {}
    local text, status = s.run "run"
    assert.equal(3, status)
    assert.match("no apt%-get", text)
    assert.match("gcc cmake ninja%-build", text)
  end)

  it("installs without asking for lists that are there", function()
    if not root then pending "installs as root" end
    local s <close> = system { ["apt-get"] = INSTALLS, ["apt-cache"] = KNOWS }
    local text, status = s.run "run"
    assert.same({ "nslab: installing gcc cmake ninja-build\n", 0 }, { text, status })
    assert.equal("apt-get install\n", s.calls())
    assert.same({ "", 0 }, { s.run "run" })
  end)

  it("fetches the lists where they do not know a package", function()
    if not root then pending "installs as root" end
    local s <close> = system { ["apt-get"] = INSTALLS, ["apt-cache"] = KNOWS_AFTER_UPDATE }
    assert.equal(0, select(2, s.run "run"))
    assert.equal("apt-get update\napt-get install\n", s.calls())
  end)

  it("fetches them once more where they are too old, then gives up with the command", function()
    if not root then pending "installs as root" end
    local s <close> = system { ["apt-get"] = "log apt-get $1\necho E: 404 Not Found\n[ $1 = update ]",
                               ["apt-cache"] = KNOWS }
    local text, status = s.run "run"
    assert.equal(3, status)
    assert.equal("apt-get install\napt-get update\napt-get install\n", s.calls())
    assert.match("404 Not Found", text)
    assert.match("apt%-get install %-y %-%-no%-install%-recommends gcc cmake ninja%-build\n", text)
  end)

  it("gives an ordinary user without sudo the command", function()
    local s <close> = system(with({ ["apt-get"] = INSTALLS, ["apt-cache"] = KNOWS }, setpriv))
    local text, status = s.run("run", as_user)
    assert.equal(3, status)
    assert.equal("", s.calls())
    assert.match("apt%-get update && apt%-get install %-y %-%-no%-install%-recommends gcc cmake", text)
  end)

  it("asks sudo for apt-get alone", function()
    local s <close> = system(with({ ["apt-get"] = INSTALLS, ["apt-cache"] = KNOWS,
                                    sudo = 'shift; log sudo "$@"; exec "$@"',
                                    ["true"] = "exit 0" }, setpriv))
    harness.must(("chmod 777 %s/bin"):format(s.dir))
    assert.equal(0, select(2, s.run("run", as_user)))
    assert.match("^sudo true\nsudo env DEBIAN_FRONTEND=noninteractive apt%-get install .*\n" ..
                 "apt%-get install\n$", s.calls())
  end)
end)

describe("vendor/bootstrap build", function()
  -- A tree of its own, whose build is a program that writes down where it is to be made.
  local function tree(mode)
    local dir = harness.must "mktemp -d":gsub("\n", "")
    local here = harness.must "pwd":gsub("\n", "")
    harness.must(([[
      cd %s && mkdir tree home bin && chmod 755 . && chmod 777 home && chmod %s tree
      cp -r %s/vendor tree
      printf '#!/bin/sh\nexit 0\n' >bin/cmake && chmod 755 bin/cmake]]):format(dir, mode, quote(here)))
    return setmetatable({ dir = dir }, { __close = function() harness.must("rm -rf " .. dir) end })
  end
  local function build(t, env)
    local text, status = harness.sh(("env -u XDG_CACHE_HOME -u TMPDIR %s PATH=%s/bin:$PATH %s " ..
      "%s/tree/vendor/bootstrap build release nslab 2>/dev/null"):format(env, t.dir, as_user, t.dir))
    return text:gsub("\n", ""), status
  end

  it("builds in the tree where it can", function()
    local t <close> = tree "777"
    assert.equal(t.dir .. "/tree/build/release", (build(t, "HOME=" .. t.dir .. "/home")))
  end)

  it("builds in the user's cache where it cannot", function()
    if not root then pending "needs a second user" end
    local t <close> = tree "755"
    assert.match("^" .. t.dir .. "/home/.cache/nslab/%d+/release$", (build(t, "HOME=" .. t.dir .. "/home")))
    assert.match("^" .. t.dir .. "/home/x/nslab/%d+/release$",
                 (build(t, ("HOME=/ XDG_CACHE_HOME=%s/home/x"):format(t.dir))))
  end)

  it("builds in a private temporary directory without a home, and never in another's", function()
    if not root then pending "needs a second user" end
    local t <close> = tree "755"
    local private = "TMPDIR=" .. t.dir .. "/home"
    assert.match("^" .. t.dir .. "/home/nslab%-65534/%d+/release$", (build(t, "-u HOME " .. private)))
    assert.equal("700\n", harness.must(("stat -c %%a %s/home/nslab-65534"):format(t.dir)))
    harness.must(("rm -r %s/home/nslab-65534 && mkdir -m 777 %s/home/nslab-65534"):format(t.dir, t.dir))
    local other = build(t, "HOME=/nowhere " .. private)
    assert.match("^" .. t.dir .. "/home/tmp%.%w+/%d+/release$", other)
  end)

  it("shows what went wrong, and stops with 3", function()
    local t <close> = tree "777"
    harness.must(("printf '#!/bin/sh\\necho broken here; exit 1\\n' >%s/bin/cmake"):format(t.dir))
    local text, status = harness.sh(("PATH=%s/bin:$PATH %s/tree/vendor/bootstrap build debug all 2>&1")
                                    :format(t.dir, t.dir))
    assert.equal(3, status)
    assert.match("broken here\nnslab: the build failed; all of its output is in ", text)
  end)
end)

describe("vendor/bootstrap apparmor", function()
  local function ubuntu(value)
    local s = system(with({ sudo = 'shift; log sudo "$@"; exec "$@"', apparmor_parser = 'log parser "$@"' },
                          setpriv))
    harness.must(("echo %d >%s/sysctl; mkdir -m 777 %s/profiles"):format(value, s.dir, s.dir))
    s.env = ("NSLAB_APPARMOR_SYSCTL=%s/sysctl NSLAB_APPARMOR_DIR=%s/profiles"):format(s.dir, s.dir)
    return s
  end
  local BINARY = "'/home/some one/nslab'"

  it("loads a profile for the binary where the machine wants one, once", function()
    local s <close> = ubuntu(1)
    local text = s.run("apparmor " .. BINARY, s.env .. " CI=true " .. as_user)
    assert.match("only if an AppArmor profile allows it", text)
    local profile = harness.must("cat " .. s.dir .. "/profiles/nslab")
    assert.match('profile nslab%-%d+ "/home/some one/nslab" flags=%(unconfined%) {\n  userns,\n}', profile)
    assert.match('"/usr/bin/nslab"', profile)
    assert.match("parser %-r " .. s.dir:gsub("%p", "%%%0") .. "/profiles/nslab", s.calls())
    local calls = s.calls()
    assert.equal("", (s.run("apparmor " .. BINARY, s.env .. " CI=true " .. as_user)))
    assert.equal(calls, s.calls())
  end)

  it("does nothing by itself without somebody to ask", function()
    local s <close> = ubuntu(1)
    local text, status = s.run("apparmor " .. BINARY, s.env .. " " .. as_user)
    assert.equal(0, status)
    assert.match("called on a terminal, installs one", text)
    assert.equal("", s.calls())
  end)

  it("does nothing on other machines, and nothing for root", function()
    local s <close> = ubuntu(0)
    assert.same({ "", 0 }, { s.run("apparmor " .. BINARY, s.env .. " CI=true " .. as_user) })
    assert.same({ "", 0 }, { s.run("apparmor " .. BINARY, "NSLAB_APPARMOR_SYSCTL=/nowhere " .. as_user) })
    if root then
      local u <close> = ubuntu(1)
      assert.same({ "", 0 }, { u.run("apparmor " .. BINARY, u.env .. " CI=true") })
    end
  end)
end)
