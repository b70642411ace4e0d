#include "os/followed_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace trackier::os {
namespace {

constexpr std::size_t head_limit = 256;

/// The first `bytes` bytes; fewer when the file is shorter.
std::string head_of(File& file, std::size_t bytes) {
  std::string head(bytes, '\0');
  if (bytes > 0) {
    head.resize(file.read_at(0, std::as_writable_bytes(std::span{head})));
  }
  return head;
}

/// What is damaged, not yet compressed to its end, renamed just now or not ours to read may be
/// nothing that is looked for.
bool may_be_another(const Error& error) {
  return error.code() == Code::data || error.code() == Code::no_input;
}

}  // namespace

FollowedFile::FollowedFile(FileSystem& files, std::filesystem::path path, FollowOptions options,
                           const std::optional<ReadPosition>& from)
    : files_(files), path_(std::move(path)), options_(std::move(options)) {
  if (from) {
    resume(*from);
  }
}

/// Oldest first; none when a rotation is going on right now, which moves names while they are read.
std::optional<std::vector<RotatedFile>> FollowedFile::rotated() const {
  std::vector<RotatedFile> first = rotated_files(files_, path_);
  const std::vector<RotatedFile> second = rotated_files(files_, path_);
  const bool same =
      std::ranges::equal(first, second, [](const RotatedFile& left, const RotatedFile& right) {
        return left.path == right.path && left.status.same_file(right.status);
      });
  return same ? std::optional{std::move(first)} : std::nullopt;
}

std::unique_ptr<File> FollowedFile::open(const RotatedFile& rotated) const {
  auto file = files_.open(rotated.path);
  return rotated.compressed && options_.decompressed ? options_.decompressed(std::move(file))
                                                     : std::move(file);
}

/// Whether it begins as the file that was read.
bool FollowedFile::holds(File& file, const ReadPosition& position) const {
  const std::string head = head_of(file, std::min<std::uint64_t>(position.head_bytes, head_limit));
  return head.size() == position.head_bytes &&
         options_.fingerprint(as_bytes(head)) == position.fingerprint;
}

/// Whether it is a copy, compressed or not, of the file at hand.
bool FollowedFile::is_ours(const RotatedFile& rotated) const {
  try {
    const auto file = open(rotated);
    const FileStatus status = file->status();
    return !head_.empty() && !status.same_file(identity_) &&
           head_of(*file, head_.size()) == head_ && status.size >= offset_;
  } catch (const Error& error) {
    if (!may_be_another(error)) {
      throw;
    }
    return false;
  }
}

/// is_it: the file is known to be the one.
bool FollowedFile::resume_at(const RotatedFile& rotated, const ReadPosition& position, bool is_it) {
  try {
    auto file = open(rotated);
    if (!holds(*file, position)) {
      return false;
    }
    const FileStatus status = file->status();
    if (status.size < position.offset) {
      return false;
    }
    head_ = head_of(*file, position.head_bytes);
    file_ = std::move(file);
    identity_ = status;
    offset_ = position.offset;
    copy_ =
        rotated.compressed || status.device != position.device || status.inode != position.inode;
    return true;
  } catch (const Error& error) {
    if (is_it || !may_be_another(error)) {
      throw;
    }
    return false;
  }
}

void FollowedFile::tell_truncated() const {
  options_.lost(fmt::format("{} was truncated and there is no copy of it: lines may be missing",
                            printable(path_.native())));
}

/// By device and inode.
bool FollowedFile::find_itself(const ReadPosition& position) {
  const auto is_it = [&](const FileStatus& status) {
    return status.device == position.device && status.inode == position.inode;
  };
  const std::vector<RotatedFile> beside = rotated_files(files_, path_);
  const auto current = files_.status(path_);
  if (current && is_it(*current) && resume_at({path_, {}, *current}, position, true)) {
    return true;
  }
  return std::ranges::any_of(beside, [&](const RotatedFile& candidate) {
    return is_it(candidate.status) && resume_at(candidate, position, true);
  });
}

/// Not renamed: then copied or compressed. A fingerprint of nothing would fit every file.
bool FollowedFile::find_copy(const ReadPosition& position) {
  const std::vector<RotatedFile> beside = rotated_files(files_, path_);
  return position.head_bytes > 0 &&
         std::any_of(beside.rbegin(), beside.rend(), [&](const RotatedFile& candidate) {
           return resume_at(candidate, position, false);
         });
}

void FollowedFile::resume(const ReadPosition& position) {
  constexpr int tries = 5;  // a rotation may be going on, and moves names while they are read
  for (int i = 0; i < tries; ++i) {
    if (find_itself(position) || find_copy(position)) {
      return;
    }
  }
  if (position.head_bytes == 0) {
    return;  // it was empty
  }
  is_resumed_ = false;
  const auto current = files_.status(path_);
  if (current && current->device == position.device && current->inode == position.inode) {
    return tell_truncated();
  }
  throw Error{Code::no_input,
              fmt::format("{}: the file that was read up to byte {} is not there any more",
                          printable(path_.native()), position.offset),
              "put it back under the name that rotation gave it, or begin anew without a position"};
}

/// What was there and cannot be opened was renamed just now, or has not got its owner yet; not for
/// long.
std::unique_ptr<File> FollowedFile::open_soon(const RotatedFile& rotated) {
  try {
    auto file = open(rotated);
    refused_since_.reset();
    return file;
  } catch (const Error& error) {
    refused_since_ = refused_since_.value_or(now_);
    if (error.code() != Code::no_input || now_ - *refused_since_ >= options_.linger) {
      throw;
    }
    return nullptr;
  }
}

bool FollowedFile::begin(const RotatedFile& rotated) {
  auto file = open_soon(rotated);
  const FileStatus status = file ? file->status() : FileStatus{};
  if (!file || !status.same_file(rotated.status)) {
    return false;  // renamed in between: look again
  }
  file_ = std::move(file);
  identity_ = status;
  offset_ = 0;
  head_ = head_of(*file_, head_limit);
  copy_ = rotated.compressed;
  quiet_since_.reset();
  return true;
}

bool FollowedFile::begin_newest() {
  const auto status = files_.status(path_);
  return status && begin({path_, {}, *status});
}

/// Whether the file was truncated since it was read.
bool FollowedFile::replaced() const {
  return !copy_ && (file_->status().size < offset_ || head_of(*file_, head_.size()) != head_);
}

void FollowedFile::recover() {
  const std::vector<RotatedFile> beside = rotated_files(files_, path_);
  const auto copy = std::find_if(beside.rbegin(), beside.rend(),
                                 [&](const RotatedFile& candidate) { return is_ours(candidate); });
  if (copy != beside.rend()) {
    file_ = open(*copy);
    identity_ = file_->status();
    copy_ = true;
    return;
  }
  tell_truncated();
  offset_ = 0;
  head_.clear();
}

std::optional<FollowedFile::Lines> FollowedFile::read_lines(bool to_the_end) {
  buffer_.resize(options_.batch_bytes);
  const std::size_t count = file_->read_at(offset_, std::as_writable_bytes(std::span{buffer_}));
  const std::string_view bytes = std::string_view{buffer_}.substr(0, count);
  const bool ended = count < buffer_.size();
  std::size_t whole = bytes.rfind('\n') + 1;  // npos + 1 is 0
  if ((whole == 0 && !ended) || (to_the_end && ended)) {
    whole = count;
  }
  // Looked at again after reading: what was read is of this file and not of its next content.
  if (whole == 0 || replaced() || file_->status().size < offset_ + whole) {
    return {};
  }
  Lines lines{.bytes = bytes.substr(0, whole),
              .begins = offset_ == 0,
              .ends = to_the_end && ended,
              .after = {}};
  if (head_.size() < head_limit && head_.size() < offset_ + whole) {
    head_.append(lines.bytes, head_.size() - offset_, head_limit - head_.size());
  }
  offset_ += whole;
  lines.after = position();
  quiet_since_.reset();
  return lines;
}

/// Whether nobody will add to a file that was renamed.
bool FollowedFile::may_leave(std::chrono::milliseconds now) {
  if (copy_ || file_->has_writer() == false) {
    return true;
  }
  quiet_since_ = quiet_since_.value_or(now);
  return now - *quiet_since_ >= options_.linger;
}

std::optional<FollowedFile::Lines> FollowedFile::leave(std::chrono::milliseconds now) {
  // Asked before the names beside it are read: a rotation in between makes begin() refuse.
  const auto current = files_.status(path_);
  if (!current || current->same_file(identity_) || !may_leave(now)) {
    return {};
  }
  if (auto rest = read_lines(true)) {
    return rest;
  }
  if (replaced()) {
    return {};
  }
  const auto beside = rotated();
  if (!beside) {
    return {};
  }
  auto here = std::ranges::find_if(
      *beside, [&](const RotatedFile& one) { return one.status.same_file(identity_); });
  if (here == beside->end()) {  // compressed meanwhile
    here = std::ranges::find_if(
        *beside, [&](const RotatedFile& one) { return one.compressed && is_ours(one); });
  }
  const bool was_there = here != beside->end();
  const RotatedFile next =
      was_there && here + 1 != beside->end() ? *(here + 1) : RotatedFile{path_, {}, *current};
  if (begin(next) && !was_there && !beside->empty()) {
    options_.lost(fmt::format("{} was rotated and removed: what came between may be missing",
                              printable(path_.native())));
  }
  return read_lines(false);
}

std::optional<FollowedFile::Lines> FollowedFile::next(std::chrono::milliseconds now) {
  now_ = now;
  if (!file_ && !begin_newest()) {
    return {};
  }
  if (replaced()) {
    recover();
  }
  if (auto lines = read_lines(false)) {
    return lines;
  }
  return leave(now);
}

ReadPosition FollowedFile::here() {
  return file_ || begin_newest() ? position() : ReadPosition{};
}

ReadPosition FollowedFile::position() const {
  return {.device = identity_.device,
          .inode = identity_.inode,
          .offset = offset_,
          .head_bytes = head_.size(),
          .fingerprint = options_.fingerprint(as_bytes(head_))};
}

}  // namespace trackier::os
