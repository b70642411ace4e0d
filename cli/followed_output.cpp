#include "followed_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/text.hpp"

namespace trackier::cli {
namespace {

using Path = std::filesystem::path;

Path directory_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path{"."};
}

bool is_in(const os::FollowState& saved, const os::FileStatus& status) {
  return status.device == saved.output_device && status.inode == saved.output_inode;
}

[[noreturn]] void refuse(const Path& target) {
  throw Error{
      Code::cannot_create,
      fmt::format("{} is not what the position file says was written", printable(target.native())),
      "name another output, together with another position file"};
}

}  // namespace

FollowedOutput::FollowedOutput(Context& context, std::optional<Path> target,
                               const FollowedOutputOptions& options)
    : context_(context), target_(std::move(target)), mode_(options.mode) {
  const auto& saved = options.saved;
  if (!target_) {
    file_ = os::standard_output();
    identity_ = file_->status();
    bytes_ = saved ? saved->output_bytes : 0;
    return;
  }
  open();
  if (saved && saved->output_inode != 0) {
    resume(*saved, options.is_made_again);
  } else if (identity_.size > 0) {
    refuse(*target_);
  }
}

void FollowedOutput::refuse_same_file(const os::FileStatus& input) const {
  if (identity_.kind == os::FileStatus::Kind::regular && identity_.same_file(input)) {
    throw Error{Code::cannot_create, "the log is both input and output",
                "write to another file, in a directory of its own"};
  }
}

void FollowedOutput::open() {
  const bool exists = context_.files().entry(*target_).has_value();
  auto file = exists ? context_.files().open_for_update(*target_)
                     : context_.files().create_exclusive(*target_, mode_);
  if (!file) {
    throw Error{Code::cannot_create,
                fmt::format("{} appeared just now", printable(target_->native())), "try again"};
  }
  context_.files().sync_directory(directory_of(*target_));  // whoever made it, and renamed another
  file_ = std::move(file);
  identity_ = file_->status();
  bytes_ = identity_.size;
}

std::uint64_t FollowedOutput::last_line_end() const {
  constexpr std::uint64_t far = std::uint64_t{1} << 20U;
  const std::uint64_t from = identity_.size - std::min(identity_.size, far);
  std::string end(identity_.size - from, '\0');
  end.resize(file_->read_at(from, std::as_writable_bytes(std::span{end})));
  const std::size_t line = end.rfind('\n');
  return line == std::string::npos ? identity_.size : from + line + 1;
}

void FollowedOutput::resume(const os::FollowState& saved, bool is_made_again) {
  if (is_in(saved, identity_) && identity_.size >= saved.output_bytes) {
    bytes_ = is_made_again ? saved.output_bytes : std::max(saved.output_bytes, last_line_end());
    file_->truncate(bytes_);
  } else if (identity_.size > 0) {
    refuse(*target_);
  } else if (!is_in(saved, identity_)) {
    finish_rotated(saved);
  }
}

/// The output was rotated while nothing ran, or just before the last run died.
void FollowedOutput::finish_rotated(const os::FollowState& saved) {
  const Path directory = directory_of(*target_);
  const std::string name = target_->filename().native();
  for (const Path& entry : context_.files().list(directory)) {
    const auto status = context_.files().entry(directory / entry);
    if (entry.native().starts_with(name) && status && is_in(saved, *status) &&
        status->size >= saved.output_bytes) {
      const auto rotated = context_.files().open_for_update(directory / entry);
      rotated->truncate(saved.output_bytes);
      rotated->sync_data();
      return;
    }
  }
  context_.out().warning(fmt::format(
      "{} was rotated and is not there any more: if the last run died, up to a second of lines may "
      "be in it and come again",
      printable(target_->native())));
}

bool FollowedOutput::renew() {
  if (!target_) {
    return false;
  }
  const auto named = context_.files().entry(*target_);
  if (named && named->same_file(identity_)) {
    if (named->size >= bytes_) {
      return false;
    }
    bytes_ = named->size;  // copied and truncated
    return true;
  }
  file_->sync_data();
  open();
  return true;
}

void FollowedOutput::write(Bytes bytes) {
  if (target_) {
    file_->write_at(bytes_, bytes);
  } else {
    file_->write(bytes);
  }
  bytes_ += bytes.size();
}

void FollowedOutput::sync() {
  if (target_) {
    file_->sync_data();
  }
}

void FollowedOutput::describe(os::FollowState& state) const {
  state.output_bytes = bytes_;
  state.output_device = target_ ? identity_.device : 0;
  state.output_inode = target_ ? identity_.inode : 0;
}

}  // namespace trackier::cli
