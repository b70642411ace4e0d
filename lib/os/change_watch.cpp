#include "os/change_watch.hpp"

#include <linux/magic.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "os/blocking_call.hpp"
#include "os/link_target.hpp"
#include "os/signals.hpp"

namespace trackier::os {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Path = std::filesystem::path;

/// Others may write to them elsewhere.
constexpr std::array<std::uint32_t, 8> networks = {
    NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC, CIFS_SUPER_MAGIC, SMB2_SUPER_MAGIC,
    CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC, V9FS_MAGIC,       FUSE_SUPER_MAGIC};

bool is_network(const Path& directory) {
  struct statfs found {};
  return ::statfs(directory.c_str(), &found) == 0 &&
         std::ranges::find(networks, static_cast<std::uint32_t>(found.f_type)) != networks.end();
}

}  // namespace

ChangeWatch::ChangeWatch()
    : events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), is_told_(events_.is_open()) {}

void ChangeWatch::add(const Path& path) {
  add_name(path);
  std::error_code none;
  if (std::filesystem::is_symlink(path, none)) {
    add_name(link_target(path));
  }
}

void ChangeWatch::add_name(const Path& path) {
  const Path directory = path.has_parent_path() ? path.parent_path() : ".";
  const std::string name = path.filename().native();
  if (std::ranges::find(names_, name) == names_.end()) {
    names_.push_back(name);
  }
  if (std::ranges::find(directories_, directory) != directories_.end()) {
    return;
  }
  directories_.push_back(directory);
  const bool added =
      events_.is_open() && ::inotify_add_watch(events_.number(), directory.c_str(),
                                               IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE |
                                                   IN_MOVED_FROM | IN_MOVED_TO) != -1;
  is_told_ = is_told_ && added && !is_network(directory);
}

/// Takes what has been told. Other files in the directory, other logs most of all, are not ours.
bool ChangeWatch::concerns_us() {
  alignas(inotify_event) std::array<char, 16384> told{};
  bool concerns = false;
  for (;;) {
    const ssize_t count = ::read(events_.number(), told.data(), told.size());
    if (count <= 0) {
      return concerns;
    }
    const auto size = static_cast<std::size_t>(count);
    for (std::size_t at = 0; at + sizeof(inotify_event) <= size;) {
      inotify_event event{};
      std::memcpy(&event, told.data() + at, sizeof event);
      const char* const begin = told.data() + at + sizeof event;
      const std::string_view name{begin, ::strnlen(begin, event.len)};
      const auto is_it = [&](const std::string& ours) { return name.starts_with(ours); };
      concerns = concerns || event.len == 0 || (event.mask & IN_Q_OVERFLOW) != 0 ||
                 std::ranges::any_of(names_, is_it);
      at += sizeof event + event.len;
    }
  }
}

void ChangeWatch::wait(milliseconds most) {
  const auto until = steady_clock::now() + (is_told_ ? most : std::min(most, poll_interval));
  const BlockingCall blocking;
  for (;;) {
    const auto left = ceil<milliseconds>(until - steady_clock::now());
    pollfd events{.fd = events_.number(), .events = POLLIN, .revents = 0};  // -1 is passed over
    const int ready = ::poll(&events, 1, static_cast<int>(std::max(left, milliseconds{0}).count()));
    throw_if_interrupted();
    if (ready == 0 || (ready > 0 && concerns_us()) || left <= milliseconds{0}) {
      return;
    }
  }
}

}  // namespace trackier::os
