// Times and numbers made coarser, in the spelling they came in.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "anonymize/characters.hpp"
#include "anonymize/digits.hpp"
#include "anonymize/transformer.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_digit;

/// Whether `text` begins like `shape`: 'd' a digit, 'a' a letter, anything else itself.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) {
    return false;
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool fits = shape[i] == 'd'   ? is_digit(text[i])
                      : shape[i] == 'a' ? character::is_letter(text[i])
                                        : text[i] == shape[i];
    if (!fits) {
      return false;
    }
  }
  return true;
}

/// Where the parts of a time stand in its spelling; a month of letters cannot be cut by digits.
struct Shape {
  std::string_view text;
  int month, day, hour, minute, second;  // -1: not there
};

constexpr std::array<Shape, 4> shapes = {{
    {"dddd-dd-ddTdd:dd:dd", 5, 8, 11, 14, 17},
    {"dddd-dd-dd dd:dd:dd", 5, 8, 11, 14, 17},
    {"dd/aaa/dddd:dd:dd:dd", 3, 0, 12, 15, 18},
    {"dddd-dd-dd", 5, 8, -1, -1, -1},
}};

/// "30-39": what a number became before.
bool is_band(std::string_view value) {
  const std::size_t dash = value.find('-', 1);
  if (dash == std::string_view::npos) {
    return false;
  }
  double limit = 0;
  const auto is_number = [&limit](std::string_view text) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  };
  return is_number(value.substr(0, dash)) && is_number(value.substr(dash + 1));
}

void set_two(std::string& text, int place, std::string_view digits) {
  if (place >= 0) {
    text.replace(static_cast<std::size_t>(place), 2, digits);
  }
}

std::chrono::sys_seconds cut_to(TimeUnit unit, std::chrono::sys_seconds time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  switch (unit) {
    case TimeUnit::minute:
      return floor<minutes>(time);
    case TimeUnit::hour:
      return floor<hours>(time);
    case TimeUnit::day:
      return day;
    case TimeUnit::month:
      return sys_days{date.year() / date.month() / 1};
    default:
      return sys_days{date.year() / January / 1};
  }
}

}  // namespace

bool append_cut_unix_time(std::string_view value, TimeUnit unit, std::string& out) {
  const std::size_t digits = digits_from(value, 0, value.size());
  const auto seconds = unix_seconds(value.substr(0, digits));
  const std::string_view fraction = value.substr(digits);
  const bool is_time =
      seconds && (fraction.empty() || (fraction[0] == '.' && fraction.size() > 1 &&
                                       std::ranges::all_of(fraction.substr(1), is_digit)));
  if (!is_time) {
    return false;
  }
  const std::chrono::sys_seconds time{std::chrono::seconds{*seconds}};
  const std::string cut = std::to_string(cut_to(unit, time).time_since_epoch().count());
  if (cut.size() != unix_digits) {  // early in 2001: with a digit less it would be no time again
    return false;
  }
  out.append(cut).append(digits - unix_digits, '0');
  if (!fraction.empty()) {
    out.append(".").append(fraction.size() - 1, '0');
  }
  return true;
}

bool append_cut_time(std::string_view value, TimeUnit unit, std::string& out) {
  for (const Shape& shape : shapes) {
    if (!has_shape(value, shape.text)) {
      continue;
    }
    std::string cut{value};
    set_two(cut, shape.second, "00");
    std::size_t fraction = shape.text.size();
    if (at(value, fraction) == '.' || at(value, fraction) == ',') {
      for (++fraction; is_digit(at(value, fraction)); ++fraction) {
        cut[fraction] = '0';
      }
    }
    if (unit >= TimeUnit::hour) {
      set_two(cut, shape.minute, "00");
    }
    if (unit >= TimeUnit::day) {
      set_two(cut, shape.hour, "00");
    }
    if (unit >= TimeUnit::month) {
      set_two(cut, shape.day, "01");
    }
    if (unit >= TimeUnit::year) {
      if (shape.text[3] == 'a') {
        cut.replace(3, 3, "Jan");
      } else {
        set_two(cut, shape.month, "01");
      }
    }
    out.append(cut);
    return true;
  }
  return false;
}

bool append_coarse_number(std::string_view value, double band, int decimals, std::string& out) {
  if (band > 0 && is_band(value)) {
    out.append(value);
    return true;
  }
  double number = 0;
  const char* const end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, number);
  if (value.empty() || parsed.ec != std::errc{} || parsed.ptr != end || !std::isfinite(number) ||
      std::abs(number) > 1e15) {
    return false;
  }
  std::array<char, 64> text{};
  const auto append = [&](double part, int digits) {
    const auto made = std::to_chars(text.data(), text.data() + text.size(), part,
                                    std::chars_format::fixed, digits);
    out.append(text.data(), made.ptr);
  };
  if (band > 0) {
    const double low = std::floor(number / band) * band;
    const bool whole = band == std::floor(band);
    append(low, whole ? 0 : 6);
    out.push_back('-');
    append(whole ? low + band - 1 : low + band, whole ? 0 : 6);
    return true;
  }
  // Cut as text: 0.58 * 100 is less than 58 in binary.
  const bool in_decimals = value.find_first_not_of("-0123456789.") == std::string_view::npos;
  std::string cut{value};
  if (!in_decimals) {  // 5.2e1
    const auto made =
        std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed, 15);
    cut.assign(text.data(), made.ptr);
  }
  if (const std::size_t point = cut.find('.'); point != std::string::npos) {
    cut.resize(std::min(cut.size(),
                        decimals == 0 ? point : point + 1 + static_cast<std::size_t>(decimals)));
  }
  const bool zero = cut.find_first_of("123456789") == std::string::npos;
  cut.erase(0, zero && cut.starts_with('-') ? 1 : 0);  // no "-0.0"
  out.append(cut.empty() ? "0" : cut);                 // ".82" without decimals
  return true;
}

}  // namespace trackier::anonymize
