-- What TAB offers behind nslab: asked of bash itself, and of zsh and fish where they are.

local harness = require "harness"
local quote = harness.quote

local dir = harness.must "mktemp -d":gsub("\n", "")
local run = harness.must(("mkdir -p %s/run && echo %s/run"):format(dir, dir)):gsub("\n", "")
local env = ("env NSLAB_RUN=%s PATH=%s:\"$PATH\""):format(run, dir)

-- What bash makes of a command line with the cursor at its end. Words are split as bash splits them.
local BASH = [[
source <(nslab completion bash)
compopt() { :; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_nslab nslab
printf '%s\n' "${COMPREPLY[@]}"
]]

local function bash(...)
  local words = { env, "bash", "-c", quote(BASH), "-", "nslab" }
  for _, word in ipairs { ... } do words[#words + 1] = quote(word) end
  local found = {}
  for line in harness.must(("cd %s && %s"):format(dir, table.concat(words, " "))):gmatch "[^\n]+" do
    found[#found + 1] = line
  end
  return found
end

local function has(list, word)
  for _, item in ipairs(list) do
    if item == word then return true end
  end
  return false
end

-- The program as a shell finds it.
local function install()
  local here = harness.must(("readlink -f %s"):format(quote(harness.nslab))):gsub("\n", "")
  harness.must(("mkdir -p %s/run; ln -s %s %s/nslab"):format(dir, quote(here), dir))
end

describe("nslab completion bash", function()
  setup(function()
    install()
    harness.must(("touch %s/some.lua"):format(dir))
    harness.must(("%s nslab run --keep red-blue"):format(env))
  end)
  teardown(function()
    harness.must(("%s nslab stop --all; rm -r %s"):format(env, dir))
  end)

  it("offers commands and files", function()
    local found = bash ""
    for _, command in ipairs { "run", "ps", "enter", "stop", "completion", "some.lua" } do
      assert.is_true(has(found, command), command)
    end
    assert.same({ "doctor" }, bash "doc")
    assert.same({ "doctor" }, bash("--no-sandbox", "doc"))
    assert.same({ "doctor" }, bash("help", "doc"))
  end)

  it("offers every command of the help", function()
    local found = bash ""
    for name in harness.run { "--help" }.stdout:gmatch "\n  nslab (%l+) " do assert.is_true(has(found, name), name) end
  end)

  it("offers the options of the command, and their words", function()
    assert.same({ "--keep" }, bash("run", "--ke"))
    assert.same({ "--keep" }, bash("run", "red-blue", "--ke"))
    assert.same({}, bash("stop", "--ke"))
    assert.same({ "--no-sandbox" }, bash "--no-s")
    assert.same({ "ip", "lua", "netlink", "none" }, bash("run", "--explain", "="))
    assert.same({ "ip,netlink" }, bash("run", "--explain", "=", "ip,ne"))
    assert.same({ "lua" }, bash("run", "--explain", "=", "ip", "red-blue", "--explain", "=", "lu"))
  end)

  it("offers packaged labs where one is started", function()
    assert.same({ "red-blue" }, bash("run", "red-"))
    assert.same({ "red-blue", "some.lua" }, { bash("run", "--json", "red-b")[1], bash("run", "so")[1] })
    assert.same({}, bash("ps", "red-"))
  end)

  it("offers running labs and their namespaces where one is entered or stopped", function()
    assert.same({ "red-blue" }, bash("enter", ""))
    assert.same({ "host", "blue", "red" }, bash("enter", "red-blue", ""))
    assert.same({ "blue" }, bash("enter", "red-blue", "b"))
    assert.same({}, bash("enter", "bridge", ""))
    assert.same({ "red-blue" }, bash("stop", ""))
    assert.same({ "red-blue" }, bash("stop", "bridge", "r"))
    assert.is_true(has(bash("enter", "red-blue", "red", "unam"), "uname"))
    assert.same({ "some.lua" }, bash("enter", "red-blue", "red", "cat", "so"))
  end)

  it("offers the shells", function()
    assert.same({ "bash", "zsh", "fish" }, bash("completion", ""))
    assert.same({}, bash("completion", "bash", ""))
  end)

  it("completes what is typed, at a terminal", function()
    local t <close> = harness.terminal {
      before = { "env", "NSLAB_RUN=" .. run, "PATH=" .. dir .. ":" .. os.getenv "PATH", "TERM=dumb",
                 "PS1=> ", "sh", "-c", "exec bash --norc -i", "-" } }
    t:expect "> "
    t:type 'eval "$(nslab completion bash)"; echo read""y\n'
    t:expect "\nready"
    t:type "nslab ent\tred-\tre\thos\b\b\bcat /proc/sys/kernel/hostn\t\n"
    t:expect "nslab enter red-blue red "
    t:expect "\nhost"
  end)

  -- Of a processor's time, not of the clock's: 5 ms each. Whoever opens Lua or makes a sandbox needs several times that.
  it("answers fast", function()
    local words = ("%s nslab completion --words enter red-blue ''"):format(env)
    local text = harness.must(("bash -c 'for i in {1..20}; do \"$@\" >/dev/null; done; times' - %s"):format(words))
    local ms = 0
    for minutes, seconds in text:match("\n(.*)"):gmatch "(%d+)m([%d.]+)s" do ms = ms + minutes * 60000 + seconds * 1000 end
    assert.truthy(ms > 0 and ms < (harness.sanitizers and 4000 or 800), ms)
  end)

  it("has no finding of shellcheck", function()
    if harness.sh "command -v shellcheck" == "" then return pending "shellcheck is not installed" end
    assert.same({ "", 0 }, { harness.sh(("%s nslab completion bash | shellcheck -s bash -"):format(env)) })
  end)
end)

describe("nslab completion", function()
  setup(install)
  teardown(function() harness.must("rm -r " .. dir) end)

  local CHECK = { zsh = "zsh -n", fish = "fish --no-execute" }
  for shell, command in pairs(CHECK) do
    it("prints what " .. shell .. " can read", function()
      if harness.sh("command -v " .. shell) == "" then return pending(shell .. " is not installed") end
      local script <close> = harness.temporary(harness.run { "completion", shell }.stdout)
      assert.same({ "", 0 }, { harness.sh(("%s %s 2>&1"):format(command, script.path)) })
    end)
  end

  it("offers in fish what it offers in bash", function()
    if harness.sh "command -v fish" == "" then return pending "fish is not installed" end
    local text = harness.must(("%s fish -c 'nslab completion fish | source; complete -C \"nslab run red-\"'"):format(env))
    assert.match("^red%-blue", text)
  end)

  it("completes what is typed, at a terminal with zsh", function()
    if harness.sh "command -v zsh" == "" then return pending "zsh is not installed" end
    local t <close> = harness.terminal {
      before = { "env", "PATH=" .. dir .. ":" .. os.getenv "PATH", "TERM=dumb", "sh", "-c", "exec zsh -f -i", "-" } }
    t:type "PS1='> '; autoload -U compinit; compinit -D; source <(nslab completion zsh); echo read''y\n"
    t:expect "\nready"
    t:type "nslab doc\t"
    t:expect "nslab doctor"
    t:type "\21nslab --vers\t"
    t:expect "nslab --version"
    t:type "\n"
    t:expect(harness.run { "--version" }.stdout:match "[^\n]+")
  end)

  it("knows three shells", function()
    assert.equal(2, harness.run { "completion" }.status)
    assert.match("bash, zsh and fish, not of tcsh", harness.run { "completion", "tcsh" }.stderr)
  end)
end)
