#pragma once
/// Where the lines of a live log go: standard output, or a file that is added to, and that may
/// itself be rotated.

#include <filesystem>
#include <memory>
#include <optional>

#include "context.hpp"
#include "os/position_file.hpp"

namespace trackier::cli {

struct FollowedOutputOptions {
  const std::optional<os::FollowState>& saved;  ///< what the position file says
  /// What was written after that is made again, so it is cut off; else only a line cut short is.
  bool is_made_again = true;
  unsigned mode = 0600;  ///< of a file that is made, lessened by the umask
};

class FollowedOutput {
 public:
  /// target: none is standard output. Throws Error{Code::cannot_create} when `target` holds what
  /// the position file knows nothing of.
  FollowedOutput(Context& context, std::optional<std::filesystem::path> target,
                 const FollowedOutputOptions& options);

  /// Throws Error{Code::cannot_create} if it is.
  void refuse_same_file(const os::FileStatus& input) const;

  /// Goes on in a new file if this one was renamed, removed or emptied; true if it was: the
  /// position has to be saved before anything is written.
  bool renew();

  /// Throws BrokenPipe, Error{Code::io}.
  void write(Bytes bytes);
  void sync();

  /// How long the output is, and which file.
  void describe(os::FollowState& state) const;

 private:
  void open();
  void resume(const os::FollowState& saved, bool is_made_again);
  [[nodiscard]] std::uint64_t last_line_end() const;
  void finish_rotated(const os::FollowState& saved);

  Context& context_;
  std::optional<std::filesystem::path> target_;
  unsigned mode_;
  std::unique_ptr<os::File> file_;
  os::FileStatus identity_;
  std::uint64_t bytes_ = 0;
};

}  // namespace trackier::cli
