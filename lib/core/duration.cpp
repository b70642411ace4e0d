#include "core/duration.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace trackier {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds longest = days{36'500};

}  // namespace

std::optional<seconds> parse_duration(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end + 1 != text.data() + text.size()) {
    return std::nullopt;
  }
  seconds unit{};
  switch (*end) {
    case 's':
      unit = seconds{1};
      break;
    case 'm':
      unit = minutes{1};
      break;
    case 'h':
      unit = hours{1};
      break;
    case 'd':
      unit = days{1};
      break;
    default:
      return std::nullopt;
  }
  const seconds duration = number * unit;
  return duration > longest ? std::nullopt : std::optional{duration};
}

std::string duration_text(seconds duration) {
  if (duration < minutes{2}) {
    return fmt::format("{} s", duration.count());
  }
  if (duration < hours{2}) {
    return fmt::format("{} min", duration / minutes{1});
  }
  if (duration < days{2}) {
    return fmt::format("{} h", duration / hours{1});
  }
  return fmt::format("{} d", duration / days{1});
}

}  // namespace trackier
