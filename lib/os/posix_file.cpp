#include "os/posix_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "os/blocking_call.hpp"
#include "os/signals.hpp"

namespace trackier::os {
namespace {

/// Repeats a system call that a signal interrupted, unless the signal asks the run to end.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) {
    throw_if_interrupted();
    result = call();
  }
  return result;
}

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

}  // namespace

FileStatus to_file_status(const struct stat& found) {
  FileStatus status;
  if (S_ISREG(found.st_mode)) {
    status.kind = FileStatus::Kind::regular;
  } else if (S_ISDIR(found.st_mode)) {
    status.kind = FileStatus::Kind::directory;
  } else if (S_ISFIFO(found.st_mode) || S_ISSOCK(found.st_mode)) {
    status.kind = FileStatus::Kind::pipe;
  } else if (S_ISLNK(found.st_mode)) {
    status.kind = FileStatus::Kind::symlink;
  }
  if (status.kind == FileStatus::Kind::regular) {
    status.size = static_cast<std::uint64_t>(found.st_size);
  }
  status.device = found.st_dev;
  status.inode = found.st_ino;
  status.mode = found.st_mode & 07777U;
  status.user = found.st_uid;
  status.group = found.st_gid;
  status.links = found.st_nlink;
  status.allocated = static_cast<std::uint64_t>(found.st_blocks) * 512U;  // stat(2): units of 512
  status.modified_ns = found.st_mtim.tv_sec * nanoseconds_per_second + found.st_mtim.tv_nsec;
  status.changed_ns = found.st_ctim.tv_sec * nanoseconds_per_second + found.st_ctim.tv_nsec;
  return status;
}

PosixFile::PosixFile(int descriptor, Descriptor ownership, std::string shown)
    : descriptor_(descriptor), ownership_(ownership), shown_(std::move(shown)) {}

PosixFile::~PosixFile() {
  if (ownership_ == Descriptor::owned) {
    ::close(descriptor_);  // not repeated after EINTR: on Linux the descriptor is gone by then
  }
}

void PosixFile::fail(const char* doing_what, int number) const {
  throw Error{Code::io, fmt::format("{} {}: {}", doing_what, shown_, errno_text(number))};
}

/// A descriptor we were given may be non-blocking, because whoever shares it wants it so.
void PosixFile::wait_until_ready(short events) const {
  pollfd waiting{.fd = descriptor_, .events = events, .revents = 0};
  if (uninterrupted([&] { return ::poll(&waiting, 1, -1); }) == -1) {
    fail("waiting for", errno);
  }
}

std::size_t PosixFile::read(MutBytes into) {
  const BlockingCall blocking;
  for (;;) {
    const ssize_t count =
        uninterrupted([&] { return ::read(descriptor_, into.data(), into.size()); });
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EAGAIN) {
      fail("reading", errno);
    }
    wait_until_ready(POLLIN);
  }
}

void PosixFile::write(Bytes bytes) {
  const BlockingCall blocking;
  while (!bytes.empty()) {
    const ssize_t count =
        uninterrupted([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      throw BrokenPipe{Code::io, fmt::format("writing {}: {}", shown_, errno_text(EPIPE))};
    } else if (errno == EAGAIN) {
      wait_until_ready(POLLOUT);
    } else {
      fail("writing", errno);
    }
  }
}

std::size_t PosixFile::read_at(std::uint64_t offset, MutBytes into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const MutBytes rest = into.subspan(done);
    const ssize_t count = uninterrupted([&] {
      return ::pread(descriptor_, rest.data(), rest.size(), static_cast<off_t>(offset + done));
    });
    if (count == -1) {
      fail("reading", errno);
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void PosixFile::write_at(std::uint64_t offset, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = uninterrupted([&] {
      return ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (count == -1) {
      fail("writing", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void PosixFile::sync() {
  if (uninterrupted([&] { return ::fsync(descriptor_); }) == -1) {
    fail("syncing", errno);
  }
}

void PosixFile::sync_data() {
  if (uninterrupted([&] { return ::fdatasync(descriptor_); }) == -1) {
    fail("syncing", errno);
  }
}

void PosixFile::sync_file_system() {
  if (uninterrupted([&] { return ::syncfs(descriptor_); }) == -1) {
    fail("syncing the file system of", errno);
  }
}

bool PosixFile::try_lock(std::uint64_t offset, std::uint64_t bytes) {
  return try_lock_range(F_WRLCK, offset, bytes);
}

bool PosixFile::try_lock_shared(std::uint64_t offset, std::uint64_t bytes) {
  return try_lock_range(F_RDLCK, offset, bytes);
}

bool PosixFile::try_lock_range(short kind, std::uint64_t offset, std::uint64_t bytes) {
  // Locks of the open file, not of the process: closing another descriptor of the file keeps them.
  struct flock range {};
  range.l_type = kind;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(offset);
  range.l_len = static_cast<off_t>(bytes);
  if (uninterrupted([&] { return ::fcntl(descriptor_, F_OFD_SETLK, &range); }) == 0) {
    return true;
  }
  if (errno != EAGAIN && errno != EACCES) {
    fail("locking", errno);
  }
  return false;
}

std::optional<bool> PosixFile::has_writer() {
  // A read lease is given only while nobody has the file open for writing (fcntl(2), F_SETLEASE).
  if (::fcntl(descriptor_, F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(descriptor_, F_SETLEASE, F_UNLCK);
    return false;
  }
  return errno == EAGAIN ? std::optional{true} : std::nullopt;
}

void PosixFile::begin_sync(std::uint64_t offset, std::uint64_t bytes) noexcept {
  // Errors are those of the disk, which `sync` reports, or of file systems that cannot do it.
  ::sync_file_range(descriptor_, static_cast<off64_t>(offset), static_cast<off64_t>(bytes),
                    SYNC_FILE_RANGE_WRITE);
}

void PosixFile::forget_cached() noexcept {
  ::posix_fadvise(descriptor_, 0, 0, POSIX_FADV_DONTNEED);  // advice
}

FileStatus PosixFile::status() const {
  struct stat found {};
  if (::fstat(descriptor_, &found) == -1) {
    fail("looking at", errno);
  }
  FileStatus status = to_file_status(found);
  if (S_ISCHR(found.st_mode) && ::isatty(descriptor_) == 1) {
    status.kind = FileStatus::Kind::terminal;
  }
  return status;
}

void PosixFile::reserve(std::uint64_t bytes) {
  struct statfs on {};
  if (bytes == 0 || (::fstatfs(descriptor_, &on) == 0 && on.f_type == TMPFS_MAGIC)) {
    return;  // tmpfs clears every page it reserves: writing 2 GiB then takes twice as long
  }
  const auto length = static_cast<off_t>(bytes);
  const bool failed = uninterrupted([&] { return ::fallocate(descriptor_, 0, 0, length); }) == -1;
  if (const int number = errno; failed && (number == ENOSPC || number == EDQUOT)) {
    fail(fmt::format("reserving {} bytes for", bytes).c_str(), number);
  }
}

void PosixFile::truncate(std::uint64_t size) {
  const auto length = static_cast<off_t>(size);
  if (uninterrupted([&] { return ::ftruncate(descriptor_, length); }) == -1) {
    fail("setting the size of", errno);
  }
}

void PosixFile::set_mode(unsigned mode) {
  if (::fchmod(descriptor_, mode) == -1) {
    fail("setting the mode of", errno);
  }
}

bool PosixFile::set_owner(std::uint32_t user, std::uint32_t group) {
  if (::fchown(descriptor_, user, group) == 0) {
    return true;
  }
  // EINVAL: an owner that does not exist in this user namespace.
  if (errno != EPERM && errno != EINVAL) {
    fail("setting the owner of", errno);
  }
  return false;
}

void PosixFile::set_modified(std::int64_t nanoseconds) {
  std::int64_t seconds = nanoseconds / nanoseconds_per_second;
  std::int64_t rest = nanoseconds % nanoseconds_per_second;
  if (rest < 0) {
    --seconds;
    rest += nanoseconds_per_second;
  }
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT},
                             {.tv_sec = seconds, .tv_nsec = rest}};
  if (::futimens(descriptor_, times) == -1) {
    fail("setting the time of", errno);
  }
}

}  // namespace trackier::os
