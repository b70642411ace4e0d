#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/text.hpp"
#include "os/blocking_call.hpp"
#include "os/posix_file.hpp"
#include "os/signals.hpp"

namespace trackier::os {
namespace {

using Path = FileSystem::Path;

std::string shown(const Path& path) {
  return printable(path.native());
}

[[noreturn]] void fail(Code code, const std::string& what, int number) {
  throw Error{code, fmt::format("{}: {}", what, errno_text(number))};
}

[[noreturn]] void fail_to_read(const Path& path, int number) {
  // access(2) knows owners and modes alone: what it allows, and open does not, was refused by a
  // confinement (see os/confinement.hpp).
  const bool is_confined = number == EACCES && ::access(path.c_str(), R_OK) == 0;
  throw Error{Code::no_input, fmt::format("{}: {}", shown(path), errno_text(number)),
              is_confined ? "it may be another file than when the run began: run it again" : ""};
}

/// The descriptor that a path like /dev/fd/63 stands for, what shells put in place of <(command).
std::optional<int> own_descriptor(const Path& path) {
  const std::string& name = path.native();
  for (const auto& [stream, descriptor] :
       {std::pair{"/dev/stdin", STDIN_FILENO}, std::pair{"/dev/stdout", STDOUT_FILENO},
        std::pair{"/dev/stderr", STDERR_FILENO}}) {
    if (name == stream) {
      return descriptor;
    }
  }
  for (const std::string_view directory : {"/dev/fd/", "/proc/self/fd/"}) {
    int number = 0;
    const char* const end = name.data() + name.size();
    if (name.starts_with(directory)) {
      const auto parsed = std::from_chars(name.data() + directory.size(), end, number);
      return parsed.ec == std::errc{} && parsed.ptr == end && number >= 0 ? std::optional{number}
                                                                          : std::nullopt;
    }
  }
  return std::nullopt;
}

/// Opening a FIFO blocks until the other side is opened too.
int open_descriptor(const Path& path, int flags, mode_t mode = 0) {
  const BlockingCall blocking;
  for (;;) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
    if (descriptor != -1) {
      return descriptor;
    }
    if (errno == EACCES) {
      // A process that forbade inspection cannot look into its own /proc/self/fd, unless it is
      // root's.
      const auto own = own_descriptor(path);
      return own ? ::fcntl(*own, F_DUPFD_CLOEXEC, 0) : -1;
    }
    if (errno != EINTR) {
      return -1;
    }
    throw_if_interrupted();
  }
}

std::unique_ptr<File> owned_file(int descriptor, const Path& path) {
  return std::make_unique<PosixFile>(descriptor, PosixFile::Descriptor::owned, shown(path));
}

std::optional<FileStatus> status_of(const Path& path, int flags) {
  struct stat found {};
  if (::fstatat(AT_FDCWD, path.c_str(), &found, flags) == 0) {
    return to_file_status(found);
  }
  if (errno == ENOENT || errno == ENOTDIR) {
    return std::nullopt;
  }
  const int cause = errno;
  if (const auto own = own_descriptor(path);
      cause == EACCES && own && ::fstat(*own, &found) == 0) {  // as in open_descriptor
    return to_file_status(found);
  }
  fail(Code::no_input, shown(path), cause);
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<File> open(const Path& path) override {
    const int descriptor = open_descriptor(path, O_RDONLY);
    if (descriptor == -1) {
      fail_to_read(path, errno);
    }
    auto file = owned_file(descriptor, path);
    const FileStatus::Kind kind = file->status().kind;
    if (kind == FileStatus::Kind::directory) {
      fail(Code::no_input, shown(path), EISDIR);
    }
    if (kind == FileStatus::Kind::regular) {
      // Advice: reads ahead further. A file system that knows no advice is none the worse.
      ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return file;
  }

  std::unique_ptr<File> open_for_update(const Path& path) override {
    // Non-blocking, lest a FIFO in its place hold us up; a regular file does not care.
    const int descriptor = open_descriptor(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor == -1) {
      if (errno == ELOOP) {
        throw Error{Code::no_input, fmt::format("{} is a symbolic link", shown(path)),
                    "name the file it leads to"};
      }
      fail(Code::no_input, shown(path), errno);
    }
    auto file = owned_file(descriptor, path);
    if (file->status().kind != FileStatus::Kind::regular) {
      throw Error{Code::no_input, fmt::format("{} is not a regular file", shown(path))};
    }
    return file;
  }

  std::unique_ptr<File> open_device(const Path& path) override {
    const int descriptor = open_descriptor(path, O_WRONLY);
    if (descriptor == -1) {
      fail(Code::cannot_create, shown(path), errno);
    }
    return owned_file(descriptor, path);
  }

  std::unique_ptr<File> create_exclusive(const Path& path, unsigned mode) override {
    const int descriptor = open_descriptor(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    if (descriptor == -1) {
      if (errno == EEXIST) {
        return nullptr;
      }
      fail(Code::cannot_create, fmt::format("creating {}", shown(path)), errno);
    }
    return owned_file(descriptor, path);
  }

  std::unique_ptr<File> create_unnamed(const Path& directory) override {
    const std::string what = fmt::format("creating a temporary file in {}", shown(directory));
    const int unnamed = open_descriptor(directory, O_RDWR | O_TMPFILE | O_EXCL, 0600);
    if (unnamed != -1) {
      return owned_file(unnamed, directory);
    }
    if (errno != EOPNOTSUPP && errno != EISDIR) {  // NFS and old kernels
      fail(Code::cannot_create, what, errno);
    }
    std::string name = (directory / ".trackier-XXXXXX").native();
    const int named = ::mkostemp(name.data(), O_CLOEXEC);  // 0600
    if (named == -1) {
      fail(Code::cannot_create, what, errno);
    }
    ::unlink(name.c_str());
    return owned_file(named, directory);
  }

  void rename(const Path& from, const Path& to) override {
    if (::rename(from.c_str(), to.c_str()) == -1) {
      fail(Code::cannot_create, fmt::format("renaming {} to {}", shown(from), shown(to)), errno);
    }
  }

  bool rename_exclusive(const Path& from, const Path& to) override {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
      return true;
    }
    int cause = errno;
    if (cause == EINVAL || cause == ENOSYS) {  // NFS, for instance; a link is as exclusive
      if (::link(from.c_str(), to.c_str()) == 0) {
        remove(from);
        return true;
      }
      cause = errno;
    }
    if (cause == EEXIST) {
      return false;
    }
    fail(Code::cannot_create, fmt::format("renaming {} to {}", shown(from), shown(to)), cause);
  }

  void remove(const Path& path) override {
    if (::unlink(path.c_str()) == -1 && errno != ENOENT) {
      fail(Code::io, fmt::format("removing {}", shown(path)), errno);
    }
  }

  using FileSystem::create_directories;
  void create_directories(const Path& path, unsigned mode) override {
    const auto failed = [&path](int number) {
      fail(Code::cannot_create, fmt::format("creating directory {}", shown(path)), number);
    };
    Path so_far;
    for (const Path& part : path) {
      so_far /= part;
      if (::mkdir(so_far.c_str(), mode) != 0 && errno != EEXIST) {
        failed(errno);
      }
    }
    if (const auto made = status(path); !made || made->kind != FileStatus::Kind::directory) {
      failed(ENOTDIR);
    }
  }

  std::vector<Path> list(const Path& directory) override {
    // Not std::filesystem::directory_iterator: libstdc++'s ends the program when there is no
    // memory.
    const auto failed = [&directory] {
      fail(Code::no_input, fmt::format("reading directory {}", shown(directory)), errno);
    };
    const std::unique_ptr<DIR, CloseDirectory> opened{::opendir(directory.c_str())};
    if (!opened) {
      failed();
    }
    std::vector<Path> names;
    for (;;) {
      errno = 0;
      const dirent* const each =
          ::readdir(opened.get());  // NOLINT(concurrency-mt-unsafe) own stream
      if (each == nullptr) {
        break;
      }
      const std::string_view name{each->d_name};
      if (name != "." && name != "..") {
        names.emplace_back(name);
      }
    }
    if (errno != 0) {
      failed();
    }
    std::ranges::sort(names);
    return names;
  }

  void create_symlink(const Path& target, const Path& path) override {
    if (::symlink(target.c_str(), path.c_str()) == -1) {
      fail(Code::cannot_create, fmt::format("linking {}", shown(path)), errno);
    }
  }

  void sync_directory(const Path& path) override {
    const int descriptor = open_descriptor(path, O_RDONLY | O_DIRECTORY);
    if (descriptor == -1) {
      fail(Code::io, fmt::format("opening directory {}", shown(path)), errno);
    }
    const bool synced = ::fsync(descriptor) == 0;
    const int cause = errno;
    ::close(descriptor);
    if (!synced && cause != EINVAL && cause != ENOTSUP) {
      fail(Code::io, fmt::format("syncing directory {}", shown(path)), cause);
    }
  }

  std::optional<FileStatus> status(const Path& path) override { return status_of(path, 0); }

  std::optional<FileStatus> entry(const Path& path) override {
    return status_of(path, AT_SYMLINK_NOFOLLOW);
  }
};

std::unique_ptr<File> borrowed_file(int descriptor, std::string name) {
  return std::make_unique<PosixFile>(descriptor, PosixFile::Descriptor::borrowed, std::move(name));
}

/// Lets a pipe hold more at a time: both ends are woken less often. Fails silently where it is
/// none, or the user has too many.
void widen_pipe(int descriptor) {
  constexpr int wide = 1 << 20;  // what an ordinary user may ask for
  static_cast<void>(::fcntl(descriptor, F_SETPIPE_SZ, wide));
}

}  // namespace

FileSystem& posix() {
  static PosixFileSystem files;
  return files;
}

std::unique_ptr<File> standard_input() {
  widen_pipe(STDIN_FILENO);
  return borrowed_file(STDIN_FILENO, "standard input");
}

std::unique_ptr<File> standard_output() {
  widen_pipe(STDOUT_FILENO);
  return borrowed_file(STDOUT_FILENO, "standard output");
}

std::unique_ptr<File> inherited(int descriptor) {
  const std::string name = fmt::format("descriptor {}", descriptor);
  if (::fcntl(descriptor, F_GETFD) == -1) {
    fail(Code::no_input, name, errno);
  }
  return borrowed_file(descriptor, name);
}

void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const int useless = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    // The lowest free descriptor is the one just found closed. Using it stays an error.
    if (::fcntl(descriptor, F_GETFD) == -1 && ::open("/dev/null", useless) != descriptor) {
      throw Error{Code::io, "opening /dev/null in place of a closed standard stream failed"};
    }
  }
}

}  // namespace trackier::os
