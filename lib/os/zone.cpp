#include "os/zone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::os {
namespace {

const std::filesystem::path database = "/usr/share/zoneinfo";

/// The C library is in this zone as long as the object lives.
class Inside {
 public:
  explicit Inside(const std::string& zone) {
    // NOLINTBEGIN(concurrency-mt-unsafe) one thread, as the class says
    if (const char* const before = std::getenv("TZ")) {
      before_ = before;
    }
    ::setenv("TZ", (":" + zone).c_str(), 1);
    ::tzset();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  Inside(Inside&&) = delete;
  Inside& operator=(Inside&&) = delete;
  ~Inside() {
    if (before_) {
      ::setenv("TZ", before_->c_str(), 1);
    } else {
      ::unsetenv("TZ");
    }
    ::tzset();
    // NOLINTEND(concurrency-mt-unsafe)
  }

  // Of the object, for they say something else once it is gone.
  // NOLINTBEGIN(readability-convert-member-functions-to-static)
  [[nodiscard]] std::tm shown(Time time) const {
    const std::time_t seconds = time.time_since_epoch().count();
    std::tm broken{};
    if (::localtime_r(&seconds, &broken) == nullptr) {
      throw Error{Code::bug, "a time that no calendar has"};
    }
    return broken;
  }
  [[nodiscard]] std::chrono::seconds offset(Time time) const {
    return std::chrono::seconds{shown(time).tm_gmtoff};
  }
  [[nodiscard]] LocalTime local(Time time) const {
    return LocalTime{(time + offset(time)).time_since_epoch()};
  }
  [[nodiscard]] std::vector<Time> when(LocalTime shown) const;
  // NOLINTEND(readability-convert-member-functions-to-static)

 private:
  std::optional<std::string> before_;
};

constexpr std::chrono::hours longer_than_any_offset{26};

std::vector<Time> Inside::when(LocalTime shown) const {
  const Time unshifted{shown.time_since_epoch()};
  std::vector<Time> found;
  for (const Time nearby :
       {unshifted - longer_than_any_offset, unshifted, unshifted + longer_than_any_offset}) {
    const Time candidate = unshifted - offset(nearby);
    if (local(candidate) == shown && std::ranges::find(found, candidate) == found.end()) {
      found.push_back(candidate);
    }
  }
  std::ranges::sort(found);
  return found;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.front() != '/' && text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](unsigned char letter) {
           return std::isalnum(letter) != 0 || letter == '/' || letter == '_' || letter == '-' ||
                  letter == '+';
         });
}

/// There are other files in the database, which the C library takes for UTC (RFC 8536, section
/// 3.1: the magic number).
bool is_zone(const std::string& name) {
  constexpr std::string_view magic = "TZif";
  std::string begins(magic.size(), '\0');
  return std::ifstream{database / name, std::ios::binary}.read(
             begins.data(), static_cast<std::streamsize>(begins.size())) &&
         begins == magic;
}

}  // namespace

Zone::Zone(std::string name) : name_(std::move(name)) {
  std::error_code ignored;
  if (!is_name(name_) || !is_zone(name_)) {
    throw Error{Code::usage, fmt::format("there is no time zone {}", printable(name_)),
                std::filesystem::is_directory(database, ignored)
                    ? "zones are named as Asia/Kolkata and Europe/Berlin"
                    : "install the package tzdata"};
  }
}

std::chrono::seconds Zone::offset(Time time) const {
  return Inside{name_}.offset(time);
}

LocalTime Zone::local(Time time) const {
  return Inside{name_}.local(time);
}

std::string Zone::abbreviation(Time time) const {
  const Inside here{name_};
  const std::tm shown = here.shown(time);
  const std::string letters = shown.tm_zone;
  if (std::ranges::any_of(letters, [](unsigned char each) { return std::isalpha(each) != 0; })) {
    return letters;
  }
  const auto minutes = shown.tm_gmtoff / 60;
  return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                     std::abs(minutes) % 60);
}

std::vector<Time> Zone::when(LocalTime shown) const {
  return Inside{name_}.when(shown);
}

Time Zone::end_of(std::chrono::local_days day) const {
  const Inside here{name_};
  const std::chrono::local_days next = day + std::chrono::days{1};
  const auto is_within = [&](Time time) {
    return std::chrono::floor<std::chrono::days>(here.local(time)) <= day;
  };
  // When clocks are set back, midnight may come twice: from within the next day, or out of it.
  const auto midnights = here.when(next);
  for (auto each = midnights.rbegin(); each != midnights.rend(); ++each) {
    if (const Time before = *each - std::chrono::seconds{1}; is_within(before)) {
      return before;
    }
  }
  // Clocks leap over the midnight, so they do not show it twice: days are in order.
  const Time midnight{next.time_since_epoch()};
  Time within = midnight - std::chrono::days{1} - longer_than_any_offset;
  Time after = midnight + longer_than_any_offset;
  while (after - within > std::chrono::seconds{1}) {
    const Time middle = within + (after - within) / 2;
    (is_within(middle) ? within : after) = middle;
  }
  return within;
}

std::string zone_data_version() {
  std::ifstream file{database / "tzdata.zi"};
  std::string line;
  constexpr std::string_view before = "# version ";
  return std::getline(file, line) && line.starts_with(before) ? line.substr(before.size())
                                                              : "unknown";
}

}  // namespace trackier::os
