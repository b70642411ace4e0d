#include "check/memory.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "check/clock.hpp"
#include "host.hpp"
#include "support/errors.hpp"

namespace trackier::check {
namespace {

using test::contains;
using test::FakeHost;
using test::finding_of;

const std::string header = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

Status swap(const FakeHost& fake) {
  return finding_of(check_memory(fake.host(), CoreLimit{}), "memory.swap").status;
}

Status cores(const FakeHost& fake, std::optional<CoreLimit> limit = CoreLimit{.hard = 0}) {
  return finding_of(check_memory(fake.host(), limit), "memory.core_dumps").status;
}

void partition(const FakeHost& fake, const std::string& name) {
  fake.write("proc/swaps", header + name + "  partition\t1000\t0\t-2\n");
}

TEST_CASE("no swap passes, and no /proc is not checked") {
  const FakeHost fake;
  CHECK(swap(fake) == Status::not_checked);
  fake.write("proc/swaps", header);
  CHECK(swap(fake) == Status::pass);
}

TEST_CASE("what the kernel does not write is an error, never a pass") {
  const FakeHost fake;
  for (const std::string& text :
       {std::string{}, std::string{"nothing\n"}, header + "/dev/sda2\n", header + "\n",
        test::garbage(), std::string(2'000'000, 'x'), header + std::string(2'000'000, '\n')}) {
    fake.write("proc/swaps", text);
    CHECK(swap(fake) == Status::error);
  }
}

TEST_CASE("swap on a disk fails, on dm-crypt it passes, also with a volume on top") {
  const FakeHost fake;
  partition(fake, "/dev/sda2");
  CHECK(swap(fake) == Status::not_checked);  // of which /sys has nothing
  fake.write("sys/class/block/sda2/size", "1");
  CHECK(swap(fake) == Status::fail);
  partition(fake, "/dev/dm-0");
  fake.write("sys/class/block/dm-0/dm/uuid", "CRYPT-PLAIN-swap\n");
  CHECK(swap(fake) == Status::pass);
  for (const char* const uuid : {"CRYPT-INTEGRITY-swap\n", "CRYPT-VERITY-x\n", "crypt-x\n", ""}) {
    fake.write("sys/class/block/dm-0/dm/uuid", uuid);
    CHECK(swap(fake) != Status::pass);
  }
  fake.write("sys/class/block/dm-0/dm/uuid", "LVM-CRYPT-x\n");
  CHECK(swap(fake) == Status::not_checked);
  fake.write("sys/class/block/dm-0/slaves/dm-1/dm/uuid", "CRYPT-LUKS2-x\n");
  CHECK(swap(fake) == Status::pass);
  fake.write("sys/class/block/dm-0/slaves/sdb/size", "1");  // half of it
  CHECK(swap(fake) == Status::fail);
}

TEST_CASE("a mapper's name is found by what the kernel calls it") {
  const FakeHost fake;
  partition(fake, "/dev/mapper/my\\040swap");
  CHECK(swap(fake) == Status::error);  // no devices at all
  fake.write("sys/class/block/dm-3/dm/name", "my swap\n");
  fake.write("sys/class/block/dm-3/dm/uuid", "CRYPT-x\n");
  CHECK(swap(fake) == Status::pass);
}

TEST_CASE("one open area among many is enough to fail; a name cannot lead elsewhere") {
  const FakeHost fake;
  fake.write("sys/class/block/dm-0/dm/uuid", "CRYPT-x");
  fake.write("sys/class/block/sda2/size", "1");
  fake.write("proc/swaps", header + "/dev/dm-0 partition 1 0 -2\n/dev/sda2 partition 1 0 -3\n");
  CHECK(swap(fake) == Status::fail);
  partition(fake, "/dev/..");
  CHECK(swap(fake) != Status::pass);
  partition(fake, "dm-0");
  CHECK(swap(fake) == Status::not_checked);
}

TEST_CASE("zram is memory, unless it has a device behind it") {
  const FakeHost fake;
  partition(fake, "/dev/zram0");
  CHECK(swap(fake) == Status::pass);
  fake.write("sys/class/block/zram0/backing_dev", "none\n");
  CHECK(swap(fake) == Status::pass);
  fake.write("sys/class/block/zram0/backing_dev", "/dev/sda3\n");
  CHECK(swap(fake) == Status::fail);
}

TEST_CASE("a swap file is as sealed as the device below it, where that is known") {
  const FakeHost fake;
  fake.write("file", "s");
  fake.write("proc/swaps", header + fake.path("file").native() + " file 1 0 -2\n");
  CHECK(swap(fake) != Status::pass);
  fake.write("proc/swaps", header + "/gone\\040(deleted) file 1 0 -2\n");
  CHECK(swap(fake) == Status::not_checked);
}

TEST_CASE("core dumps: a pattern, a limit, and setuid programs") {
  const FakeHost fake;
  CHECK(cores(fake) == Status::not_checked);
  fake.write("proc/sys/kernel/core_pattern", "core\n");
  CHECK(cores(fake) == Status::not_checked);
  fake.write("proc/sys/fs/suid_dumpable", "0\n");
  CHECK(cores(fake) == Status::pass);
  CHECK(cores(fake, std::nullopt) == Status::not_checked);
  CHECK(cores(fake, CoreLimit{.hard = RLIM_INFINITY}) == Status::fail);
  fake.write("proc/sys/fs/suid_dumpable", "1\n");
  CHECK(cores(fake) == Status::fail);
  fake.write("proc/sys/fs/suid_dumpable", "7\n");
  CHECK(cores(fake) == Status::error);
  fake.write("proc/sys/fs/suid_dumpable", "2\n");
  CHECK(cores(fake) == Status::pass);
  for (const char* const pattern : {"|/bin/false", "|/bin/false %p", "|/usr/bin/true"}) {
    fake.write("proc/sys/kernel/core_pattern", pattern);
    CHECK(cores(fake, CoreLimit{.hard = 1}) == Status::pass);
  }
  for (const char* const pattern : {"|/usr/share/apport/apport %p", "|/tmp/bin/false", "|"}) {
    fake.write("proc/sys/kernel/core_pattern", pattern);
    CHECK(cores(fake) == Status::fail);  // where a program takes them, limits do not count
  }
  fake.write("proc/sys/kernel/core_pattern", test::garbage());
  CHECK(cores(fake) == Status::error);
}

TEST_CASE("systemd-coredump passes when the last word is that it keeps none") {
  const FakeHost fake;
  fake.write("proc/sys/fs/suid_dumpable", "2\n");
  fake.write("proc/sys/kernel/core_pattern", "|/lib/systemd/systemd-coredump %P %u\n");
  CHECK(cores(fake) == Status::fail);
  fake.write("etc/systemd/coredump.conf", "[Coredump]\n#Storage=none\n");
  CHECK(cores(fake) == Status::fail);
  fake.write("etc/systemd/coredump.conf.d/none.conf", "[Coredump]\nStorage=none\n");
  CHECK(cores(fake) == Status::pass);
  fake.write("etc/systemd/coredump.conf.d/zz.conf", "[Coredump]\nStorage=external\n");
  CHECK(cores(fake) == Status::fail);
  fake.write("etc/systemd/coredump.conf.d/zz.conf", test::garbage());
  CHECK(cores(fake) == Status::error);
}

TEST_CASE("a clock is synchronised when the kernel says so, and near") {
  const FakeHost fake;
  const auto status = [&](std::optional<KernelClock> clock) {
    return check_clock(fake.host(), clock).at(0).status;
  };
  CHECK(status(std::nullopt) == Status::not_checked);
  CHECK(status(KernelClock{.is_synchronised = false}) == Status::fail);
  CHECK(status(KernelClock{.is_synchronised = true, .max_error_us = 30'000}) == Status::pass);
  CHECK(status(KernelClock{.is_synchronised = true, .max_error_us = 16'000'000}) == Status::fail);
  CHECK(status(KernelClock{.is_synchronised = true, .offset_us = -600'000}) == Status::fail);
  CHECK(status(KernelClock{.is_synchronised = true, .max_error_us = -1}) == Status::fail);
  fake.write("run/chrony/chronyd.pid", "1");
  const auto found =
      check_clock(fake.host(), KernelClock{.is_synchronised = true, .max_error_us = 1}).at(0);
  CHECK(contains(found.found, "by chrony"));
}

}  // namespace
}  // namespace trackier::check
