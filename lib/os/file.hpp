#pragma once
/// Files as the project sees them, small enough that a test can stand in for the kernel and let the
/// Nth operation fail. Everything that touches a disk goes through a FileSystem; `posix()` is the
/// real one. The style is that of LevelDB's Env: an interface, not a wrapper of every system call.
///
/// Every call throws an Error that names the file and the cause. Interrupted system calls are
/// repeated, unless a signal has asked the run to end: then Interrupted is thrown (os/signals.hpp).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/error.hpp"

namespace trackier::os {

/// Nobody reads what we write any more. `cli` ends quietly, by SIGPIPE, as other filters do.
class BrokenPipe : public Error {
 public:
  using Error::Error;
};

struct FileStatus {
  enum class Kind : std::uint8_t {
    regular,
    directory,
    pipe,      ///< a FIFO or a socket
    terminal,  ///< a character device that is a terminal
    symlink,   ///< only from FileSystem::entry
    other,     ///< /dev/null, a disk
  };

  Kind kind = Kind::other;
  std::uint64_t size = 0;    ///< bytes; 0 for what has no size
  std::uint64_t device = 0;  ///< device and inode together tell files apart
  std::uint64_t inode = 0;
  unsigned mode = 0;  ///< permission bits, 07777
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::int64_t modified_ns = 0;  ///< since 1970, UTC
  std::int64_t changed_ns = 0;   ///< of content or attributes; nobody can set it
  std::uint64_t links = 1;       ///< names the file has
  std::uint64_t allocated = 0;   ///< bytes of disk it takes; fewer than `size` where it has holes

  [[nodiscard]] bool same_file(const FileStatus& other) const noexcept {
    return device == other.device && inode == other.inode;
  }
};

/// An open file. Closed by its destructor, silently: whoever needs to know that bytes are on the
/// disk calls `sync`. Not thread-safe.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File(File&&) = delete;
  File& operator=(File&&) = delete;
  virtual ~File() = default;

  /// Reads at least one byte into `into` (not empty) and returns how many; 0 at the end. A pipe
  /// gives what it has. Throws Error{Code::io}.
  virtual std::size_t read(MutBytes into) = 0;

  /// Writes all of `bytes`. Throws BrokenPipe, or Error{Code::io}, for instance when the disk is
  /// full.
  virtual void write(Bytes bytes) = 0;

  /// Reads from `offset` on until `into` is full or the file ends, and returns how many bytes that
  /// was; the position of `read` stays. May be called by several threads at once. Throws
  /// Error{Code::io}, also for what has no offsets, as a pipe.
  virtual std::size_t read_at(std::uint64_t offset, MutBytes into) = 0;

  /// Writes all of `bytes` from `offset` on; the position of `write` stays. May be called by
  /// several threads at once, for different bytes. Throws Error{Code::io}.
  virtual void write_at(std::uint64_t offset, Bytes bytes) = 0;

  /// Returns when what was written would survive a power cut. Throws Error{Code::io}.
  virtual void sync() = 0;

  /// The same for the content and the size alone, which spares a file that is added to often half
  /// of the work (fdatasync). Throws Error{Code::io}.
  virtual void sync_data() { sync(); }

  /// The same for everything written to the file system this file is on, by whomever: one call for
  /// thousands of files. Throws Error{Code::io}.
  virtual void sync_file_system() = 0;

  /// Locks `bytes` bytes from `offset` on against others who lock them, until the file is closed;
  /// false when another process, or another File of this one, has them. Throws Error{Code::io}.
  virtual bool try_lock(std::uint64_t offset, std::uint64_t bytes) = 0;

  /// The same, beside others who lock them in this way, but not beside the other way.
  virtual bool try_lock_shared(std::uint64_t offset, std::uint64_t bytes) = 0;

  /// Whether anyone, this process included, has the file open for writing; none where the kernel
  /// will not tell: only the owner of a file and root may ask, and not on every file system.
  virtual std::optional<bool> has_writer() = 0;

  /// Has the disk begin with what was written last, `bytes` from `offset` on, so that there is
  /// little left for `sync`. A hint: promises nothing and does not fail.
  virtual void begin_sync(std::uint64_t /*offset*/, std::uint64_t /*bytes*/) noexcept {}

  /// Has the kernel forget what it holds of the file in memory, so that what is read next comes
  /// from the disk; what was not synced stays. A hint: promises nothing and does not fail.
  virtual void forget_cached() noexcept {}

  [[nodiscard]] virtual FileStatus status() const = 0;

  /// Takes room for `bytes` bytes from the beginning of the file, which becomes that long:
  /// `truncate` it afterwards. Throws Error{Code::io} when there is no room; does nothing where the
  /// file system cannot reserve, or would only be slower for it, as tmpfs.
  virtual void reserve(std::uint64_t bytes) = 0;

  /// Makes the file `size` bytes long. Throws Error{Code::io}.
  virtual void truncate(std::uint64_t size) = 0;

  /// mode: permission bits, not lessened by the umask. Throws Error{Code::io}.
  virtual void set_mode(unsigned mode) = 0;

  /// False when we may not give the file away (only root may); other failures are Error{Code::io}.
  virtual bool set_owner(std::uint32_t user, std::uint32_t group) = 0;

  /// Sets the time of last modification, nanoseconds since 1970 UTC. Throws Error{Code::io}.
  virtual void set_modified(std::int64_t nanoseconds) = 0;
};

class FileSystem {
 public:
  using Path = std::filesystem::path;

  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  FileSystem(FileSystem&&) = delete;
  FileSystem& operator=(FileSystem&&) = delete;
  virtual ~FileSystem() = default;

  /// Opens a file or pipe for reading. Throws Error{Code::no_input}, also for a directory.
  virtual std::unique_ptr<File> open(const Path& path) = 0;

  /// Opens a regular file for reading and for writing in place; does not follow a symbolic link.
  /// Throws Error{Code::no_input}, also for what is no regular file.
  virtual std::unique_ptr<File> open_for_update(const Path& path) = 0;

  /// Opens a pipe or device that exists for writing, as `/dev/null` or a FIFO. Never creates, never
  /// shortens. Throws Error{Code::cannot_create}, also for a directory.
  virtual std::unique_ptr<File> open_device(const Path& path) = 0;

  /// Creates a file for reading and writing; null when the name is taken, even by a symbolic link.
  /// mode: lessened by the umask. Throws Error{Code::cannot_create}.
  virtual std::unique_ptr<File> create_exclusive(const Path& path, unsigned mode) = 0;

  /// Creates a file without a name in a directory, for reading and writing by its owner alone. It
  /// is gone when it is closed, however the process ends. Throws Error{Code::cannot_create}.
  virtual std::unique_ptr<File> create_unnamed(const Path& directory) = 0;

  /// Renames, replacing `to`. Throws Error{Code::cannot_create}.
  virtual void rename(const Path& from, const Path& to) = 0;

  /// Renames unless `to` exists, in one step; false when it does. Throws
  /// Error{Code::cannot_create}.
  virtual bool rename_exclusive(const Path& from, const Path& to) = 0;

  /// Removes a file; one that is not there is removed already. Throws Error{Code::io}.
  virtual void remove(const Path& path) = 0;

  /// Creates a directory and those above it, where they are missing. mode: of those it creates,
  /// lessened by the umask. Throws Error{Code::cannot_create}.
  virtual void create_directories(const Path& path, unsigned mode) = 0;
  void create_directories(const Path& path) { create_directories(path, 0777); }

  /// Makes a symbolic link that leads to `target`. Throws Error{Code::cannot_create}, also when the
  /// name is taken.
  virtual void create_symlink(const Path& target, const Path& path) = 0;

  /// The names in a directory, without "." and "..", sorted by their bytes. Throws
  /// Error{Code::no_input}.
  virtual std::vector<Path> list(const Path& directory) = 0;

  /// Makes names created, renamed or removed in a directory survive a power cut. Does nothing where
  /// the file system cannot. Throws Error{Code::io}.
  virtual void sync_directory(const Path& path) = 0;

  /// Status of what a path leads to, symbolic links followed; none when there is nothing (a link
  /// that leads nowhere included). Throws Error{Code::no_input} when the path cannot be looked up.
  virtual std::optional<FileStatus> status(const Path& path) = 0;

  /// Status of the name itself: a symbolic link is Kind::symlink.
  virtual std::optional<FileStatus> entry(const Path& path) = 0;
};

/// The operating system's.
FileSystem& posix();

/// Descriptors 0 and 1 of the process; destroying the object does not close them.
std::unique_ptr<File> standard_input();
std::unique_ptr<File> standard_output();

/// A descriptor that was inherited (`fd:3`), left open afterwards. Throws Error{Code::no_input}
/// when it is not open.
std::unique_ptr<File> inherited(int descriptor);

/// Call first in main: opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so
/// that no file opened later is mistaken for one of them. Writing to a standard output that was
/// closed remains an error.
void occupy_standard_descriptors();

}  // namespace trackier::os
