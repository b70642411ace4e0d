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

/// What rotation appends to a name: ".1", "-20260131", ".2026-01-31".
bool of_rotation(std::string_view suffix) {
  return suffix.size() >= 2 && (suffix[0] == '.' || suffix[0] == '-') &&
         suffix.find_first_not_of("0123456789-.", 1) == std::string_view::npos &&
         suffix[1] >= '0' && suffix[1] <= '9';
}

/// Counted files ("log.1") are older the higher the number; dated ones the lower the date.
bool counted(std::string_view suffix) {
  return suffix[0] == '.' && suffix.size() <= 5 &&
         suffix.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

bool older(std::string_view left, std::string_view right) {
  if (counted(left) != counted(right)) {
    return counted(right);
  }
  if (!counted(left)) {
    return left < right;
  }
  return std::pair{left.size(), left} > std::pair{right.size(), right};
}

}  // namespace

FollowedFile::FollowedFile(FileSystem& files, std::filesystem::path path, FollowOptions options,
                           const std::optional<ReadPosition>& from)
    : files_(files), path_(std::move(path)), options_(std::move(options)) {
  if (from) {
    resume(*from);
  }
}

std::vector<FollowedFile::Rotated> FollowedFile::scan() const {
  const std::filesystem::path parent = path_.parent_path();
  const std::string name = path_.filename().native();
  std::vector<Rotated> found;
  for (const auto& entry : files_.list(parent.empty() ? "." : parent)) {
    const std::string& full = entry.native();
    if (!full.starts_with(name) || !of_rotation(std::string_view{full}.substr(name.size()))) {
      continue;
    }
    const auto status = files_.entry(parent / entry);
    if (status && status->kind == FileStatus::Kind::regular) {
      found.push_back({parent / entry, full.substr(name.size()), *status});
    }
  }
  std::ranges::sort(found, [](const Rotated& left, const Rotated& right) {
    return older(left.suffix, right.suffix);
  });
  return found;
}

/// Oldest first; none when a rotation is going on right now, which moves names while they are read.
std::optional<std::vector<FollowedFile::Rotated>> FollowedFile::rotated() const {
  std::vector<Rotated> first = scan();
  const std::vector<Rotated> second = scan();
  const bool same =
      std::ranges::equal(first, second, [](const Rotated& left, const Rotated& right) {
        return left.path == right.path && left.status.same_file(right.status);
      });
  return same ? std::optional{std::move(first)} : std::nullopt;
}

bool FollowedFile::holds(File& file, const ReadPosition& position) const {
  if (file.status().size < position.offset) {
    return false;
  }
  const std::string head = head_of(file, std::min<std::uint64_t>(position.head_bytes, head_limit));
  return head.size() == position.head_bytes &&
         options_.fingerprint(as_bytes(head)) == position.fingerprint;
}

bool FollowedFile::resume_at(const std::filesystem::path& path, const ReadPosition& position) {
  auto file = files_.open(path);
  const FileStatus status = file->status();
  if (!holds(*file, position)) {
    return false;
  }
  head_ = head_of(*file, position.head_bytes);
  file_ = std::move(file);
  identity_ = status;
  offset_ = position.offset;
  copy_ = status.device != position.device || status.inode != position.inode;
  return true;
}

void FollowedFile::tell_truncated() const {
  options_.lost(fmt::format("{} was truncated and there is no copy of it: lines may be missing",
                            printable(path_.native())));
}

void FollowedFile::resume(const ReadPosition& position) {
  const auto is_it = [&](const FileStatus& status) {
    return status.device == position.device && status.inode == position.inode;
  };
  const std::vector<Rotated> beside = scan();
  const auto current = files_.status(path_);
  if (current && is_it(*current) && resume_at(path_, position)) {
    return;
  }
  for (const Rotated& candidate : beside) {
    if (is_it(candidate.status) && resume_at(candidate.path, position)) {
      return;
    }
  }
  // Not renamed: then copied and truncated. A fingerprint of nothing would fit every file.
  for (auto candidate = beside.rbegin(); position.head_bytes > 0 && candidate != beside.rend();
       ++candidate) {
    if (resume_at(candidate->path, position)) {
      return;
    }
  }
  if (position.offset == 0) {
    return;  // nothing had been read of it
  }
  if (current && is_it(*current)) {
    return tell_truncated();
  }
  throw Error{Code::no_input,
              fmt::format("{}: the file that was read up to byte {} is not there any more",
                          printable(path_.native()), position.offset),
              "uncompress it under the name it had, or begin anew without a position"};
}

bool FollowedFile::begin(const std::filesystem::path& path, const FileStatus& expected) {
  auto file = files_.open(path);
  const FileStatus status = file->status();
  if (!status.same_file(expected)) {
    return false;  // renamed in between: look again
  }
  file_ = std::move(file);
  identity_ = status;
  offset_ = 0;
  head_.clear();
  copy_ = false;
  quiet_since_.reset();
  return true;
}

bool FollowedFile::begin_newest() {
  const auto status = files_.status(path_);
  return status && begin(path_, *status);
}

/// Whether the file was truncated since it was read.
bool FollowedFile::replaced() const {
  return file_->status().size < offset_ || head_of(*file_, head_.size()) != head_;
}

void FollowedFile::recover() {
  const std::vector<Rotated> beside = scan();
  for (auto candidate = beside.rbegin(); candidate != beside.rend(); ++candidate) {
    auto file = files_.open(candidate->path);
    const FileStatus status = file->status();
    if (!status.same_file(identity_) && status.size >= offset_ &&
        head_of(*file, head_.size()) == head_) {
      file_ = std::move(file);
      identity_ = status;
      copy_ = true;
      return;
    }
  }
  tell_truncated();
  offset_ = 0;
  head_.clear();
}

std::optional<FollowedFile::Lines> FollowedFile::read_lines(bool to_the_end) {
  std::string bytes;
  std::size_t wanted = options_.batch_bytes;
  std::size_t whole = 0;
  bool ended = false;
  while (whole == 0 && !ended) {
    const std::size_t before = bytes.size();
    bytes.resize(wanted);
    const std::size_t count =
        file_->read_at(offset_ + before, std::as_writable_bytes(std::span{bytes}).subspan(before));
    bytes.resize(before + count);
    ended = bytes.size() < wanted;
    whole = bytes.rfind('\n') + 1;  // npos + 1 is 0
    if (whole == 0 && !ended && wanted >= options_.line_bytes) {
      throw Error{Code::data,
                  fmt::format("{}: the line at byte {} is longer than {} bytes",
                              printable(path_.native()), offset_, options_.line_bytes),
                  "is it a log?"};
    }
    wanted = std::min(wanted * 2, options_.line_bytes);
  }
  if (to_the_end && ended) {
    whole = bytes.size();
  }
  // Looked at again after reading: what was read is of this file and not of its next content.
  if (whole == 0 || replaced() || file_->status().size < offset_ + whole) {
    return {};
  }
  bytes.resize(whole);
  Lines lines{.bytes = std::move(bytes), .begins = offset_ == 0, .after = {}};
  if (head_.size() < head_limit) {
    head_.append(lines.bytes, 0, head_limit - head_.size());
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
  const auto here = std::ranges::find_if(
      *beside, [&](const Rotated& one) { return one.status.same_file(identity_); });
  if (here != beside->end() && here + 1 != beside->end()) {
    begin((here + 1)->path, (here + 1)->status);
  } else if (begin(path_, *current) && here == beside->end() && !beside->empty()) {
    options_.lost(fmt::format("{} was rotated and removed: what came between may be missing",
                              printable(path_.native())));
  }
  return file_ ? read_lines(false) : std::nullopt;
}

std::optional<FollowedFile::Lines> FollowedFile::next(std::chrono::milliseconds now) {
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

ReadPosition FollowedFile::position() const {
  return {.device = identity_.device,
          .inode = identity_.inode,
          .offset = offset_,
          .head_bytes = head_.size(),
          .fingerprint = options_.fingerprint(as_bytes(head_))};
}

}  // namespace trackier::os
