#include "audit/segments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "audit/record.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "os/patient_lock.hpp"

namespace trackier::audit {
namespace {

constexpr std::string_view suffix = ".jsonl";
constexpr std::size_t number_digits = 8;
constexpr std::size_t buffer_bytes = std::size_t{256} * 1024;
constexpr unsigned private_directory = 0700;
constexpr unsigned private_file = 0600;
constexpr unsigned writable_by_others = 022;

std::optional<Segment> segment_of(std::string_view name) {
  Segment number = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
  return read.ec == std::errc{} && number != 0 && segment_name(number) == name
             ? std::optional{number}
             : std::nullopt;
}

}  // namespace

std::string segment_name(Segment segment) {
  return fmt::format("{:0{}}{}", segment, number_digits, suffix);
}

std::vector<Segment> segments_in(os::FileSystem& files, const std::filesystem::path& directory) {
  std::vector<Segment> found;
  if (!files.status(directory)) {
    return found;
  }
  for (const auto& name : files.list(directory)) {
    if (const auto number = segment_of(name.native())) {
      found.push_back(*number);
    }
  }
  std::ranges::sort(found);
  return found;
}

std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

void prepare_directory(os::FileSystem& files, const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> parents;  // of those that are made
  for (auto missing = directory; !missing.empty() && !files.entry(missing);
       missing = missing.parent_path()) {
    parents.push_back(parent_of(missing));
  }
  if (!parents.empty()) {
    files.create_directories(directory, private_directory);
    for (const auto& each : parents) {
      files.sync_directory(each);
    }
  }
  const auto found = files.entry(directory);
  if (!found || found->kind != os::FileStatus::Kind::directory) {
    throw Error{Code::no_permission,
                fmt::format("{} is not a directory", printable(directory.native())),
                "name the directory itself, not a link to it"};
  }
  if ((found->mode & writable_by_others) != 0) {
    throw Error{Code::no_permission,
                fmt::format("others may write into {}", printable(directory.native())),
                "make its mode 0700"};
  }
}

std::unique_ptr<os::File> hold_log(os::FileSystem& files, const std::filesystem::path& directory,
                                   std::chrono::milliseconds patience,
                                   const std::stop_token& stop) {
  auto file = os::lock_with_patience(files, directory / lock_name, private_file, patience, stop);
  if (!file) {
    throw Error{Code::busy,
                fmt::format("another run holds the audit log in {}", printable(directory.native())),
                "try again; a run that was stopped holds it until it is continued or ended"};
  }
  return file;
}

LineReader::LineReader(os::File& file, std::uint64_t offset, std::uint64_t end)
    : file_(file), offset_(offset), end_(end), buffer_(buffer_bytes) {}

bool LineReader::fill() {
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, size_ - begin_);
    size_ -= begin_;
    begin_ = 0;
  }
  const std::uint64_t from = offset_ + size_;
  const std::uint64_t wanted = std::min<std::uint64_t>(buffer_.size() - size_, end_ - from);
  const std::size_t count =
      wanted == 0
          ? 0
          : file_.read_at(from, MutBytes{buffer_}.subspan(size_, static_cast<std::size_t>(wanted)));
  size_ += count;
  return count != 0;
}

std::optional<LineReader::Line> LineReader::next() {
  std::size_t looked_at = 0;
  for (;;) {
    const std::size_t rest = size_ - begin_;
    if (rest > looked_at) {
      const auto* const start = buffer_.data() + begin_;
      const void* const found = std::memchr(start + looked_at, '\n', rest - looked_at);
      if (found != nullptr || rest >= most_line_bytes) {
        const std::size_t length =
            found == nullptr
                ? rest
                : static_cast<std::size_t>(static_cast<const std::byte*>(found) - start);
        const Line line{
            .text = as_text({start, length}), .offset = offset_, .has_end = found != nullptr};
        const std::size_t taken = length + (found != nullptr ? 1 : 0);
        begin_ += taken;
        offset_ += taken;
        return line;
      }
      looked_at = rest;
    }
    if (!fill()) {
      break;
    }
  }
  if (size_ == begin_) {
    return std::nullopt;
  }
  const Line line{.text = as_text({buffer_.data() + begin_, size_ - begin_}),
                  .offset = offset_,
                  .has_end = false};
  offset_ += size_ - begin_;
  begin_ = size_;
  return line;
}

}  // namespace trackier::audit
