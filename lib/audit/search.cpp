#include "audit/search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/segments.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "os/signals.hpp"

namespace trackier::audit {
namespace {

bool has(const Values& values, std::string_view word) {
  return std::ranges::any_of(values, [word](const auto& each) {
    const auto* const text = std::get_if<std::string>(&each.second);
    return text != nullptr && *text == word;
  });
}

}  // namespace

std::uint64_t search(os::FileSystem& files, const std::filesystem::path& directory,
                     const Match& matches, const Found& found, const std::stop_token& stop) {
  const auto segments = segments_in(files, directory);
  if (segments.empty()) {
    throw Error{Code::no_input,
                fmt::format("there is no audit log in {}", printable(directory.native()))};
  }
  std::uint64_t passed_over = 0;
  Record record;
  for (const Segment segment : segments) {
    const auto file = files.open(directory / segment_name(segment));
    LineReader lines{*file, 0, file->status().size};
    while (const auto line = lines.next()) {
      os::throw_if_stopped(stop);
      if (!line->has_end || !parse_record(line->text, record)) {
        ++passed_over;
      } else if (matches(record)) {
        found(record, line->text);
      }
    }
  }
  return passed_over;
}

bool has_value(const Record& record, std::string_view word) {
  return record.tenant == word || has(record.args, word) || has(record.actor.claims, word);
}

}  // namespace trackier::audit
