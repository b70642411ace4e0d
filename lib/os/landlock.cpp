#include "os/landlock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/posix_file.hpp"

namespace trackier::os {
namespace {

// Of newer kernels than the headers of Debian 12 know.
constexpr std::uint64_t refer = 1U << 13U;         // version 2
constexpr std::uint64_t truncate = 1U << 14U;      // version 3
constexpr std::uint64_t ioctl_device = 1U << 15U;  // version 5
constexpr std::uint64_t bind_tcp = 1U << 0U;       // version 4
constexpr std::uint64_t connect_tcp = 1U << 1U;
constexpr std::uint64_t abstract_sockets = 1U << 0U;  // version 6
constexpr std::uint64_t signals = 1U << 1U;

/// struct landlock_ruleset_attr as of version 6. An older kernel takes it when what it does not
/// know is zero.
struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scoped = 0;
};

constexpr std::uint64_t of_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                   LANDLOCK_ACCESS_FS_READ_FILE | truncate | ioctl_device;

[[noreturn]] void fail(const std::string& what) {
  throw Error{Code::unavailable,
              fmt::format("confining to files: {}: {}", what, errno_text(errno))};
}

/// All that the version knows how to refuse.
Ruleset all_of(unsigned version) {
  Ruleset all{.files = refer - 1};  // the 13 of version 1
  if (version >= 2) {
    all.files |= refer;
  }
  if (version >= 3) {
    all.files |= truncate;
  }
  if (version >= 4) {
    all.network = bind_tcp | connect_tcp;
  }
  if (version >= 5) {
    all.files |= ioctl_device;
  }
  if (version >= 6) {
    all.scoped = abstract_sockets | signals;
  }
  return all;
}

std::uint64_t rights_of(May may, bool is_directory) {
  constexpr std::uint64_t list = LANDLOCK_ACCESS_FS_READ_DIR;
  constexpr std::uint64_t read = LANDLOCK_ACCESS_FS_READ_FILE;
  constexpr std::uint64_t write = LANDLOCK_ACCESS_FS_WRITE_FILE | truncate;
  switch (may) {
    case May::read:
      return is_directory ? list : read;
    case May::read_below:
      return read | list;
    case May::write:
      return read | write | ioctl_device;
    case May::manage:
      return read | list | write | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
             LANDLOCK_ACCESS_FS_REMOVE_FILE;
    case May::remove:
      return list | LANDLOCK_ACCESS_FS_REMOVE_FILE;
  }
  throw Error{Code::bug, "a reach without rights"};
}

void allow(int ruleset, const Reach& reach, std::uint64_t known) {
  const int descriptor = ::open(reach.path.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor == -1) {
    return;  // not there, or out of reach already
  }
  const std::string name = printable(reach.path.native());
  const PosixFile file{descriptor, PosixFile::Descriptor::owned, name};
  const bool is_directory = file.status().kind == FileStatus::Kind::directory;
  landlock_path_beneath_attr rule{};
  rule.allowed_access =
      rights_of(reach.may, is_directory) & known & (is_directory ? ~std::uint64_t{0} : of_files);
  rule.parent_fd = descriptor;
  if (rule.allowed_access == 0) {
    return;
  }
  const long added =
      ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  if (added != 0 && errno != EBADFD) {  // a pipe without a name, which nothing is refused of
    fail(name);
  }
}

}  // namespace

unsigned landlock_version() {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version >= 0) {
    return static_cast<unsigned>(version);
  }
  if (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM) {
    return 0;
  }
  fail("the version of Landlock");
}

void restrict_files(std::span<const Reach> reaches, unsigned version) {
  const Ruleset all = all_of(version);
  const long made = ::syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (made == -1) {
    fail("making a set of rules");
  }
  const int ruleset = static_cast<int>(made);
  const PosixFile owner{ruleset, PosixFile::Descriptor::owned, "rules"};
  for (const Reach& reach : reaches) {
    allow(ruleset, reach, all.files);
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
    fail("putting the rules in force");
  }
}

}  // namespace trackier::os
