#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

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

/// Opening a FIFO blocks until the other side is opened too.
int open_descriptor(const Path& path, int flags, mode_t mode = 0) {
  const BlockingCall blocking;
  for (;;) {
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
    if (descriptor != -1 || errno != EINTR) {
      return descriptor;
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
  fail(Code::no_input, shown(path), errno);
}

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<File> open(const Path& path) override {
    const int descriptor = open_descriptor(path, O_RDONLY);
    if (descriptor == -1) {
      fail(Code::no_input, shown(path), errno);
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
    const int descriptor = open_descriptor(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    if (descriptor == -1) {
      if (errno == EEXIST) {
        return nullptr;
      }
      fail(Code::cannot_create, fmt::format("creating {}", shown(path)), errno);
    }
    return owned_file(descriptor, path);
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

  void create_directories(const Path& path) override {
    std::error_code cause;
    std::filesystem::create_directories(path, cause);
    if (cause) {
      fail(Code::cannot_create, fmt::format("creating directory {}", shown(path)), cause.value());
    }
  }

  std::vector<Path> list(const Path& directory) override {
    std::error_code cause;
    std::vector<Path> names;
    std::filesystem::directory_iterator each{directory, cause};
    for (const std::filesystem::directory_iterator end; !cause && each != end;
         each.increment(cause)) {
      names.push_back(each->path().filename());
    }
    if (cause) {
      fail(Code::no_input, fmt::format("reading directory {}", shown(directory)), cause.value());
    }
    std::ranges::sort(names);
    return names;
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

}  // namespace

FileSystem& posix() {
  static PosixFileSystem files;
  return files;
}

std::unique_ptr<File> standard_input() {
  return borrowed_file(STDIN_FILENO, "standard input");
}

std::unique_ptr<File> standard_output() {
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
