#include "audit/tail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::audit {
namespace {

[[noreturn]] void refuse_end(const std::filesystem::path& path, const char* why) {
  throw Error{
      Code::data, fmt::format("{}: {}", printable(path.native()), why),
      "trackier-ctl audit verify says what is wrong; nothing is done until it is cleared up. "
      "Keep the directory as evidence: when it is moved away, a new log begins"};
}

/// The last line in `text` that has an end, with the end; all of it when there is but one.
std::string_view last_line(std::string_view text) {
  const std::size_t before = text.substr(0, text.size() - 1).rfind('\n');
  return before == std::string_view::npos ? text : text.substr(before + 1);
}

Tail tail_of(os::FileSystem& files, const std::filesystem::path& directory,
             std::span<const Segment> segments) {
  Tail tail;
  if (segments.empty()) {
    return tail;
  }
  tail.segment = segments.back();
  const auto path = directory / segment_name(tail.segment);
  tail.file = files.open_for_update(path);
  const std::uint64_t size = tail.file->status().size;
  // Room for what was cut short, the last record and the one before.
  std::string text(std::min<std::uint64_t>(size, 3 * most_line_bytes), '\0');
  const std::uint64_t begin = size - text.size();
  text.resize(tail.file->read_at(begin, std::as_writable_bytes(std::span{text})));
  if (text.size() != size - begin) {
    throw Error{Code::io, fmt::format("{} became shorter", printable(path.native()))};
  }
  std::string_view rest = text;
  const auto parse_last = [&tail](std::string_view line) {
    line.remove_suffix(1);
    tail.hash = leaf_hash(as_bytes(line));
    return parse_record(line, tail.last.emplace());
  };
  if (!rest.empty() && (!rest.ends_with('\n') || !parse_last(last_line(rest)))) {
    const std::string_view cut = last_line(rest);
    if (cut.size() > most_line_bytes) {
      refuse_end(path, "what it ends with is no record, and too long for one that was cut short");
    }
    tail.torn = cut;
    rest.remove_suffix(cut.size());
    tail.last.reset();
  }
  tail.end = size - tail.torn.size();
  if (rest.empty()) {
    auto before = tail_of(files, directory, segments.first(segments.size() - 1));
    if (!before.torn.empty()) {
      refuse_end(path, "the segment before it does not end with a record");
    }
    tail.last = std::move(before.last);
    tail.hash = before.hash;
    return tail;
  }
  if (!tail.last && !parse_last(last_line(rest))) {
    refuse_end(path, "the record before its end is none");
  }
  // What does not follow the record before is not built upon. A line that begins before what was
  // read is no line to compare with.
  const std::string_view earlier = rest.substr(0, rest.size() - last_line(rest).size());
  if (!earlier.empty()) {
    std::string_view line = last_line(earlier);
    const bool is_whole = begin == 0 || line.size() < earlier.size();
    line.remove_suffix(1);
    if (is_whole && leaf_hash(as_bytes(line)) != tail.last->previous) {
      refuse_end(path, "its last record does not follow the one before");
    }
  }
  return tail;
}

}  // namespace

Tail read_tail(os::FileSystem& files, const std::filesystem::path& directory) {
  return tail_of(files, directory, segments_in(files, directory));
}

}  // namespace trackier::audit
