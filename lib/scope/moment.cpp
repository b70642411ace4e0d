#include "scope/moment.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace trackier::scope {

namespace {

using std::chrono::microseconds;

constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr Moment first = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
constexpr Moment beyond = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};

/// Reads from left to right; once something is missing it stays that way.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char next() const { return at_end() ? '\0' : text_[at_]; }

  int number(int digits) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      const char letter = next();
      if (letter < '0' || letter > '9') {
        good_ = false;
        return 0;
      }
      value = value * 10 + (letter - '0');
      ++at_;
    }
    return value;
  }

  char one_of(std::string_view letters) {
    const char letter = next();
    if (at_end() || letters.find(letter) == std::string_view::npos) {
      good_ = false;
      return '\0';
    }
    ++at_;
    return letter;
  }

  bool take(char letter) {
    if (at_end() || next() != letter) {
      return false;
    }
    ++at_;
    return true;
  }

  int month() {
    const std::string_view name = text_.substr(at_, 3);
    for (std::size_t i = 0; i < months.size() && name.size() == 3; ++i) {
      const std::string_view wanted = months[i];
      bool same = true;
      for (std::size_t j = 0; j < 3; ++j) {
        same = same && static_cast<char>(static_cast<unsigned char>(name[j]) | 0x20U) == wanted[j];
      }
      if (same) {
        at_ += 3;
        return static_cast<int>(i) + 1;
      }
    }
    good_ = false;
    return 0;
  }

  /// ".5" and so on, at least one digit.
  microseconds fraction() {
    std::int64_t value = 0;
    std::int64_t unit = 1'000'000;
    do {
      const int digit = number(1);
      unit /= 10;
      value += digit * unit;
    } while (good_ && next() >= '0' && next() <= '9');
    return microseconds{value};
  }

  /// "+05:30", or "+0530"
  std::chrono::minutes offset(bool colon) {
    const char sign = one_of("+-");
    const int hours = number(2);
    if (colon) {
      one_of(":");
    }
    const int minutes = number(2);
    good_ = good_ && hours < 24 && minutes < 60;
    const std::chrono::minutes size{hours * 60 + minutes};
    return sign == '-' ? -size : size;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool good_ = true;
};

struct Day {
  int year = 0;
  int month = 0;
  int day = 0;
};

std::optional<Moment> in_range(Moment moment) {
  return moment < first || moment >= beyond ? std::nullopt : std::optional{moment};
}

/// "22:47:31", put on the day.
std::optional<Moment> clock(Reader& reader, const Day& day) {
  const int hours = reader.number(2);
  reader.one_of(":");
  const int minutes = reader.number(2);
  reader.one_of(":");
  const int seconds = reader.number(2);
  const std::chrono::year_month_day date{std::chrono::year{day.year},
                                         std::chrono::month{static_cast<unsigned>(day.month)},
                                         std::chrono::day{static_cast<unsigned>(day.day)}};
  if (!reader.good() || !date.ok() || hours > 23 || minutes > 59 || seconds > 60) {
    return std::nullopt;
  }
  return std::chrono::sys_days{date} + std::chrono::hours{hours} + std::chrono::minutes{minutes} +
         std::chrono::seconds{seconds};
}

std::optional<Moment> rfc3339(std::string_view text) {
  Reader reader{text};
  Day day;
  day.year = reader.number(4);
  reader.one_of("-");
  day.month = reader.number(2);
  reader.one_of("-");
  day.day = reader.number(2);
  reader.one_of("Tt ");
  auto moment = clock(reader, day);
  if (!moment) {
    return std::nullopt;
  }
  if (reader.take('.')) {
    *moment += reader.fraction();
  }
  if (!reader.take('Z') && !reader.take('z')) {
    *moment -= reader.offset(true);
  }
  return reader.good() && reader.at_end() ? in_range(*moment) : std::nullopt;
}

std::optional<Moment> access_log(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
  }
  Reader reader{text};
  Day day;
  day.day = reader.number(2);
  reader.one_of("/");
  day.month = reader.month();
  reader.one_of("/");
  day.year = reader.number(4);
  reader.one_of(":");
  auto moment = clock(reader, day);
  if (!moment) {
    return std::nullopt;
  }
  reader.one_of(" ");
  *moment -= reader.offset(false);
  return reader.good() && reader.at_end() ? in_range(*moment) : std::nullopt;
}

/// How many microseconds a unit of such a number is, as a power of ten.
int unit_of(double size) {
  return size < 1e11 ? 6 : size < 1e14 ? 3 : size < 1e17 ? 0 : -3;
}

std::optional<Moment> with_exponent(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) {
    return std::nullopt;
  }
  const double size = std::floor(number * std::pow(10.0, unit_of(std::abs(number))));
  constexpr double most = 1e18;  // far beyond the year 9999, and yet a std::int64_t
  if (!(std::abs(size) < most)) {
    return std::nullopt;
  }
  return in_range(Moment{microseconds{static_cast<std::int64_t>(size)}});
}

/// The digits as they are: a double holds microseconds of today only just.
std::optional<Moment> epoch(std::string_view text) {
  if (text.find_first_of("eE") != std::string_view::npos) {
    return with_exponent(text);
  }
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  const std::string_view whole = digits.substr(0, digits.find('.'));
  std::string_view fraction = digits.substr(whole.size());
  std::int64_t number = 0;
  const char* const end = whole.data() + whole.size();
  const auto [stopped, error] = std::from_chars(whole.data(), end, number);
  if (error != std::errc{} || stopped != end || number < 0 || fraction == "." ||
      fraction.find_first_not_of("0123456789", 1) != std::string_view::npos) {
    return std::nullopt;
  }
  fraction = fraction.substr(fraction.empty() ? 0 : 1);
  const int unit = unit_of(static_cast<double>(number));
  bool finer = false;
  for (int i = 0; i < unit; ++i) {
    const bool more = !fraction.empty();
    number = number * 10 + (more ? fraction.front() - '0' : 0);
    fraction = fraction.substr(more ? 1 : 0);
  }
  for (int i = unit; i < 0; ++i) {
    finer = finer || number % 10 != 0;
    number /= 10;
  }
  finer = finer || fraction.find_first_not_of('0') != std::string_view::npos;
  if (negative) {
    number = -number - (finer ? 1 : 0);
  }
  return in_range(Moment{microseconds{number}});
}

}  // namespace

std::optional<Moment> read_moment(const Value& value) {
  const std::string_view text = value.text;
  if (value.kind == Value::Kind::number) {
    return epoch(text);
  }
  if (value.kind != Value::Kind::text) {
    return std::nullopt;
  }
  if (text.size() > 4 && text[4] == '-') {
    return rfc3339(text);
  }
  if (text.find('/') != std::string_view::npos) {
    return access_log(text);
  }
  return epoch(text);
}

}  // namespace trackier::scope
