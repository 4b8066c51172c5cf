-- tun and tap links: what is made is what ip and the kernel's files tell, a program can open it as the kernel
-- allows, and what goes wrong is said. Where /dev/net/tun cannot be opened there is nothing to try.

local core = require "nslab.core"
local harness = require "harness"
local words = require "nslab.words"
local fresh, must, json = harness.fresh, harness.must, harness.json

local function opened()
  local file = io.open("/dev/net/tun", "r+")
  return file and file:close()
end

local function it_with_device(text, fn)
  it(text, fresh(function()
    if not opened() then return pending "/dev/net/tun cannot be opened here" end
    fn()
  end))
end

-- What ip tells of a link, and what the kernel's files do: IFF_* of linux/if_tun.h.
local function told(name)
  return json("ip -d -j link show " .. name)[1].linkinfo
end
local TUN, TAP, NO_PI, VNET_HDR, MULTI_QUEUE, PERSIST = 1, 2, 0x1000, 0x4000, 0x100, 0x800
local function files(name)
  local function read(file)
    return tonumber((must(("cat /sys/class/net/%s/%s"):format(name, file))))
  end
  return { flags = read "tun_flags", owner = read "owner", group = read "group" }
end

describe("link.add of a tun", function()
  it_with_device("makes what it was told", function()
    link.add("t0", { tun = { mode = "tap", user = 0, group = "root", pi = true, vnet_hdr = true,
                             multi_queue = true } })
    local info = told "t0"
    assert.equal("tun", info.info_kind)
    assert.equal("tap", info.info_data.type)
    assert.is_true(info.info_data.persist)
    assert.is_true(info.info_data.pi and info.info_data.vnet_hdr and info.info_data.multi_queue)
    local is = files "t0"
    assert.equal(TAP | VNET_HDR | MULTI_QUEUE | PERSIST, is.flags)
    assert.equal(0, is.owner)
    assert.equal(0, is.group)
  end)

  it_with_device("asks for nothing that was not said", function()
    link.add("t0", { tun = { mode = "tun" } })
    local is = files "t0"
    assert.equal(TUN | NO_PI | PERSIST, is.flags)
    assert.equal(-1, is.owner)
    assert.equal(-1, is.group)
    assert.is_nil(link.get("t0").tun.user)
  end)

  it_with_device("gives it everything else that a link can have", function()
    netns.add "red"
    link.add("t0", { netns = "red", ifindex = 77, up = true, mtu = 1300, alias = "to the program", group = 5,
                     addrgenmode = "none", tun = { mode = "tap" }, address = "02:00:00:00:00:07" })
    local is = json "ip -n red -d -j link show t0"[1]
    assert.equal(77, is.ifindex)
    assert.equal(1300, is.mtu)
    assert.equal("to the program", is.ifalias)
    assert.equal("5", is.group)
    assert.equal("02:00:00:00:00:07", is.address)
    assert.equal("none", is.inet6_addr_gen_mode)
    assert.truthy(table.concat(is.flags, " "):find "UP")
    assert.same({}, json "ip -j link show type tun")
  end)

  it_with_device("numbers %d, also where there is more to set", function()
    link.add("tap%d", { tun = { mode = "tap" } })
    link.add("tap%d", { mtu = 1300, tun = { mode = "tap" } })
    assert.equal(1500, json "ip -j link show tap0"[1].mtu)
    assert.equal(1300, json "ip -j link show tap1"[1].mtu)
  end)

  it_with_device("takes its record, and stands in a batch", function()
    link.add("t0", { tun = { mode = "tap", vnet_hdr = true } })
    local record = link.get "t0"
    link.delete "t0"
    assert.same({}, json "ip -j link show type tun")
    netlink.batch(function(b)
      b.link.add("t1", record)
      b.link.set("t1", { up = true })
    end)
    local info = told "t1".info_data
    assert.equal("tap", info.type)
    assert.is_true(info.vnet_hdr)
  end)

  it_with_device("leaves nothing behind when it fails", function()
    local function code(options)
      local ok, err = pcall(link.add, "t0", { tun = options })
      return ok or err.code, not ok and err.field
    end
    assert.same({ "EINVAL", "tun.mode" }, { code {} })
    assert.same({ "EINVAL", "tun.mode" }, { code { mode = "tub" } })
    assert.same({ "EINVAL", "tun.user" }, { code { mode = "tun", user = "nobody of that name" } })
    assert.same({ "EINVAL", "tun.persist" }, { code { mode = "tun", persist = true } })
    assert.same({}, json "ip -j link show type tun")
    link.add("t0", { tun = { mode = "tun" } })
    assert.equal("EEXIST", (code { mode = "tun" }))
    assert.equal("EEXIST", (code { mode = "tap" }))
    assert.equal("tun", told "t0".info_data.type)
  end)

  it("says what is missing where there is no device", fresh(function()
    must "mount -t tmpfs none /dev"
    local ok, err = pcall(link.add, "t0", { up = true, tun = { mode = "tun" } })
    assert.is_false(ok)
    assert.equal("ENOENT", err.code)
    assert.truthy(err.hint:find("modprobe tun", 1, true))
  end))

  it("says so where the user may not open it", fresh(function()
    local _, _, errno = io.open("/dev/net/tun", "r+")
    if errno ~= 13 then return pending "who runs this may open it" end
    local ok, err = pcall(link.add, "t0", { tun = { mode = "tun" } })
    assert.is_false(ok)
    assert.equal("EACCES", err.code)
    assert.truthy(err.hint:find("chmod 666 /dev/net/tun", 1, true))
  end))
end)

describe("ip tuntap", function()
  -- { the line that is read, the operation, the line that it is printed as }
  local LINES = {
    { "ip tuntap add dev t0 mode tap", { "t0", { tun = { mode = "tap" } } }, "ip tuntap add dev t0 mode tap" },
    { "ip tunt a t0 mode tun one_queue pi vnet_hdr multi_queue user 0 group 0",
      { "t0", { tun = { mode = "tun", pi = true, vnet_hdr = true, multi_queue = true, user = 0, group = 0 } } },
      "ip tuntap add dev t0 mode tun user 0 group 0 pi vnet_hdr multi_queue" },
    { "ip tap add mode tap name t1", { "t1", { tun = { mode = "tap" } } }, "ip tuntap add dev t1 mode tap" },
    { "ip tuntap add mode tap", { "tap%d", { tun = { mode = "tap" } } }, "ip tuntap add dev tap%d mode tap" },
  }

  it("is read as link.add, which is printed as it", function()
    for _, line in ipairs(LINES) do
      local op = words.read(line[1])
      assert.equal("link", op.module)
      assert.equal("add", op.verb)
      assert.same(line[2], { op.key, op.options })
      assert.equal(line[3], words.command(op))
    end
    assert.same({ module = "link", verb = "delete", key = "t0" }, words.read "ip tuntap del dev t0 mode tap")
    local op = { module = "link", verb = "add", key = "t0", options = { netns = "red", tun = { mode = "tap" } } }
    assert.equal("ip -n red tuntap add dev t0 mode tap", words.command(op))
    op.options.netns = 17
    assert.is_nil(words.command(op))
  end)

  it("refuses what ip refuses", function()
    for _, line in ipairs { "ip tuntap add dev t0", "ip tuntap del mode tun", "ip tuntap frob",
                            "ip tuntap add dev t0 mode tup", "ip tuntap add t0 t1 mode tun" } do
      local ok, err = pcall(words.read, line)
      assert.is_false(ok and line)
      assert.equal("EINVAL", err.code)
    end
  end)

  it_with_device("shows what ip shows, and each does what the other would", function()
    sh "ip tuntap add dev t0 mode tap user 0 group 0 multi_queue pi vnet_hdr; ip tuntap add t1 mode tun"
    must "ip tuntap add dev t2 mode tap vnet_hdr"
    link.add("t3", { tun = { mode = "tun", pi = true } })
    local LIST = "ip tuntap 2>/dev/null" -- it tells of programs' files that it may not read
    local shown = must(LIST)
    assert.equal(shown, sh "ip tuntap")
    assert.equal(shown, sh "ip tuntap list")
    sh "ip tuntap del dev t2 mode tap"
    must "ip tuntap del dev t1 mode tun"
    assert.equal(must(LIST), sh "ip tuntap show")
    link.delete "t3"
    assert.equal("t0: tap pi multi_queue vnet_hdr persist filter user 0 group 0\n", must(LIST))
    link.delete "t0"
    assert.equal("", sh "ip tuntap")
  end)

  it_with_device("is what an observed operation equals", function()
    local commands = {}
    local before = core.observe(function(op) commands[#commands + 1] = words.command(op) end)
    link.add("t0", { mtu = 1300, tun = { mode = "tap", pi = true } })
    core.observe(before)
    assert.same({ "ip tuntap add dev t0 mode tap pi", "ip link set t0 mtu 1300" }, commands)
  end)
end)
