#pragma once
/// An output file that appears complete or not at all.
///
/// Bytes go to a temporary beside the target, `.NAME.XXXXXX.tmp`; finish() puts it in place.
/// Without finish(), because of an error or a signal (which unwinds, see os/signals.hpp), the
/// temporary vanishes. Only SIGKILL and a power cut can leave it behind. It is open for writing
/// until it is in place, so that one without a writer was left (File::has_writer).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/stream.hpp"
#include "os/file.hpp"

namespace trackier::os {

struct ReplaceOptions {
  bool replace = false;  ///< an existing target is replaced; otherwise it is an error
  bool sync = true;      ///< finish() returns when the file would survive a power cut
  unsigned mode = 0600;  ///< of the new file; not lessened by the umask
  std::optional<std::int64_t> modified_ns;  ///< time of modification, instead of now
  std::optional<FileStatus> like;  ///< take mode, owner and time of modification from this instead
  std::uint64_t reserve = 0;       ///< bytes to take from the disk beforehand; a hint of the size
};

/// What the names of a target's temporaries keep of its name: the first 200 bytes.
std::string temporary_stem(const std::filesystem::path& target);

/// The same of the name of a temporary; empty: it is none.
std::string_view target_of_temporary(std::string_view name);

/// The temporaries of a target that are there, in use or left behind. Throws Error{Code::no_input}
/// when the directory cannot be read.
std::vector<std::filesystem::path> temporaries_of(FileSystem& files,
                                                  const std::filesystem::path& target);

class ReplaceFile final : public Sink {
 public:
  /// target: a new name or, with `replace`, a regular file. Anything else (a directory, a device, a
  /// symbolic link) is refused, so that a slip as root does not replace /dev/null.
  /// Throws Error{Code::cannot_create}; Error{Code::io} when there is no room to reserve.
  ReplaceFile(FileSystem& files, std::filesystem::path target, const ReplaceOptions& options = {});
  ReplaceFile(const ReplaceFile&) = delete;
  ReplaceFile& operator=(const ReplaceFile&) = delete;
  ReplaceFile(ReplaceFile&&) = delete;
  ReplaceFile& operator=(ReplaceFile&&) = delete;
  ~ReplaceFile() override;

  void write(Bytes bytes) override;

  /// The temporary, for writing in place of `write`: the first `bytes` bytes become the file.
  File& written_in_place(std::uint64_t bytes);

  /// Shortens the file to what was written, syncs it, renames it to the target, syncs the
  /// directory. When another process has made the target meanwhile and `replace` is not set, that
  /// is an error and the other's file stays. `like`: the owner is kept when we may; when we may
  /// not, the permissions of group and others are dropped, for they would now be given to different
  /// people.
  void finish() override;

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
  [[nodiscard]] const std::filesystem::path& target() const noexcept { return target_; }

  /// It has become the target. When finish() throws nevertheless, its name might not survive a
  /// power cut.
  [[nodiscard]] bool is_in_place() const noexcept { return temporary_.empty(); }

 private:
  void create_temporary();
  void apply_attributes();
  void discard() noexcept;

  FileSystem& files_;
  std::filesystem::path target_;
  std::filesystem::path temporary_;  ///< empty once it has become the target
  std::string aim_;                  ///< what errors begin with
  ReplaceOptions options_;
  std::unique_ptr<File> file_;
  std::uint64_t written_ = 0;
  std::uint64_t syncing_ = 0;  ///< up to here the disk has been asked to begin
};

}  // namespace trackier::os
