#pragma once
/// Where the result of one input goes: a file that appears whole, a pipe or device, or standard
/// output.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "context.hpp"
#include "core/stream.hpp"
#include "os/file.hpp"
#include "os/replace_file.hpp"

namespace trackier::cli {

/// What the result is to be called.
struct Target {
  std::optional<std::filesystem::path> path;  ///< none: standard output
  bool named = false;  ///< by the user, who may mean a pipe or device; one that is met where a name
                       ///< of ours was to be is somebody's trick
};

class Destination {
 public:
  /// input: what is read, which must not be what is written.
  /// Throws Error{Code::cannot_create} when it is, when the target is there and may not be
  /// replaced, or cannot be made.
  Destination(Context& context, const Target& target, const os::FileStatus& input,
              const os::ReplaceOptions& options);
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  Destination(Destination&&) = delete;
  Destination& operator=(Destination&&) = delete;
  ~Destination() = default;

  /// Takes the bytes. Its own finish() does nothing: what was written can still be found wanting.
  Sink& sink() { return *sink_; }

  /// For writing `bytes` bytes in place, instead of sink(); none when it is no regular file.
  os::File* in_place(std::uint64_t bytes);

  /// Whether the result is seen while it is written, not at the end.
  [[nodiscard]] bool is_stream() const { return replaced_ == nullptr; }

  [[nodiscard]] bool is_pipe() const {
    return stream_ && stream_->status().kind == os::FileStatus::Kind::pipe;
  }

  /// Has a file appear under its name.
  void finish();

 private:
  std::unique_ptr<os::File> stream_;
  std::unique_ptr<os::ReplaceFile> replaced_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace trackier::cli
