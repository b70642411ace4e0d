#pragma once
/// Which process this is, and whose: told so that a process can be known again, or known to be
/// gone, by runs that come later. What the kernel says; nothing here is asked of the environment.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "os/file.hpp"

namespace trackier::os {

struct ProcessIdentity {
  std::string boot;         ///< which start of the machine; empty: the kernel does not say
  std::uint64_t space = 0;  ///< inode of the namespace of process numbers; 0: it does not say
  std::uint64_t pid = 0;
  std::uint64_t start = 0;  ///< in ticks since the start of the machine; 0: it does not say

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// /proc/sys/kernel/random/boot_id; empty where there is none.
std::string boot_id(FileSystem& files);

/// The account of the login this process comes from, whatever it became since
/// (/proc/self/loginuid); none: the kernel does not know.
std::optional<std::uint32_t> login_account(FileSystem& files);

/// Field 22 of what /proc/PID/stat says; none when it is no such text. The name of the program,
/// which stands before it, may have any bytes.
std::optional<std::uint64_t> start_in(std::string_view stat);

ProcessIdentity this_process(FileSystem& files);

/// Whether `other` certainly runs no more, as seen by `self`: it is of an earlier start of the
/// machine; or of the same namespace, and nothing has its number, or what has it was started at
/// another time. False whenever it cannot be told, as for one of another namespace, or one that the
/// kernel hides from us (hidepid).
bool is_gone(FileSystem& files, const ProcessIdentity& self, const ProcessIdentity& other);

}  // namespace trackier::os
