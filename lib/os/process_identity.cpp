#include "os/process_identity.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <limits>

#include "core/error.hpp"
#include "os/signals.hpp"
#include "os/whole_file.hpp"

namespace trackier::os {
namespace {

constexpr std::size_t most_bytes = 4096;

/// Up to the first line end; none when it cannot be read, as of a process that has just ended.
std::optional<std::string> first_line(FileSystem& files, const std::filesystem::path& path) {
  try {
    std::string text = read_whole(files, path, most_bytes);
    text.erase(std::min(text.find('\n'), text.size()));
    return text;
  } catch (const Interrupted&) {
    throw;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional{number} : std::nullopt;
}

std::uint64_t inode_of(FileSystem& files, const std::filesystem::path& path) {
  try {
    const auto status = files.status(path);
    return status ? status->inode : 0;
  } catch (const Error&) {
    return 0;
  }
}

}  // namespace

std::string boot_id(FileSystem& files) {
  return first_line(files, "/proc/sys/kernel/random/boot_id").value_or("");
}

std::optional<std::uint32_t> login_account(FileSystem& files) {
  constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();
  const auto number = number_in(first_line(files, "/proc/self/loginuid").value_or(""));
  return number && *number < nobody ? std::optional{static_cast<std::uint32_t>(*number)}
                                    : std::nullopt;
}

std::optional<std::uint64_t> start_in(std::string_view stat) {
  constexpr int fields_before = 19;  // from the third field on, which follows the name
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) {
    return std::nullopt;
  }
  stat.remove_prefix(name_end + 2);
  for (int i = 0; i < fields_before; ++i) {
    const std::size_t blank = stat.find(' ');
    if (blank == std::string_view::npos) {
      return std::nullopt;
    }
    stat.remove_prefix(blank + 1);
  }
  return number_in(stat.substr(0, stat.find(' ')));
}

ProcessIdentity this_process(FileSystem& files) {
  return {.boot = boot_id(files),
          .space = inode_of(files, "/proc/self/ns/pid"),
          .pid = static_cast<std::uint64_t>(::getpid()),
          .start = start_in(first_line(files, "/proc/self/stat").value_or("")).value_or(0)};
}

bool is_gone(FileSystem& files, const ProcessIdentity& self, const ProcessIdentity& other) {
  if (self.boot.empty() || other.boot.empty()) {
    return false;
  }
  if (self.boot != other.boot) {
    return true;
  }
  // 0 and below are groups of processes to kill(2).
  const bool is_number =
      other.pid != 0 && other.pid <= static_cast<std::uint64_t>(std::numeric_limits<pid_t>::max());
  if (self.space == 0 || self.space != other.space || !is_number) {
    return false;
  }
  if (::kill(static_cast<pid_t>(other.pid), 0) != 0 && errno == ESRCH) {
    return true;
  }
  const auto start =
      start_in(first_line(files, fmt::format("/proc/{}/stat", other.pid)).value_or(""));
  return start && other.start != 0 && *start != other.start;
}

}  // namespace trackier::os
