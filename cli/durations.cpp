#include "durations.hpp"

#include <fmt/format.h>

#include "core/duration.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::cli {

std::chrono::seconds duration_of(const std::string& text, const char* option) {
  const auto duration = parse_duration(text);
  if (!duration) {
    throw Error{Code::usage, fmt::format("{}: {} is no length of time", option, printable(text)),
                "90m, 36h or 8d, for instance"};
  }
  return *duration;
}

std::optional<Time> time_in(const std::optional<std::string>& text, const char* option) {
  if (!text) {
    return std::nullopt;
  }
  const auto moment = parse_moment(*text);
  if (!moment) {
    throw Error{Code::usage, fmt::format("{}: {} is no time", option, printable(*text)),
                "write 2026-11-27T22:47:31Z"};
  }
  return moment->time;
}

}  // namespace trackier::cli
