#include "risk/coarser.hpp"

#include <algorithm>
#include <utility>

#include "anonymize/addresses.hpp"
#include "core/error.hpp"

namespace trackier::risk {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Whether `text` begins as `form` says: d is a digit, a is a letter, anything else itself.
bool begins_as(std::string_view text, std::string_view form) {
  if (text.size() < form.size()) {
    return false;
  }
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (form[i] == 'd' ? !is_digit(c) : form[i] == 'a' ? !letter : c != form[i]) {
      return false;
    }
  }
  return true;
}

constexpr std::string_view access_log_time = "dd/aaa/dddd:dd:dd";
constexpr std::string_view rfc3339_time = "dddd-dd-ddTdd:dd";
constexpr std::string_view sql_time = "dddd-dd-dd dd:dd";

/// Both forms of ISO 8601 cut at the same places.
bool is_time(std::string_view value) {
  return begins_as(value, access_log_time) || begins_as(value, rfc3339_time) ||
         begins_as(value, sql_time);
}

std::string_view cut_time(std::size_t way, std::string_view value) {
  const std::size_t minute = begins_as(value, access_log_time) ? 17 : 16;
  constexpr std::array<std::size_t, most_ways> shorter = {0, 3, 6};  // :05, and " 10" before it
  return value.substr(0, minute - shorter[way]);
}

bool is_decimal(std::string_view value) {
  const std::string_view digits = value.substr(value.starts_with('-') ? 1 : 0);
  const std::size_t point = digits.find('.');
  return point != std::string_view::npos && point > 0 && point + 1 < digits.size() &&
         std::ranges::all_of(digits.substr(0, point), is_digit) &&
         std::ranges::all_of(digits.substr(point + 1), is_digit);
}

/// "Mozilla/5.0 ...", "curl/7.88.1": a word, a slash and a digit.
bool is_agent(std::string_view value) {
  const std::size_t slash = value.find_first_of("/ :?&=");
  return slash != std::string_view::npos && slash > 0 && value[slash] == '/' &&
         slash + 1 < value.size() && is_digit(value[slash + 1]) && !is_digit(value[0]);
}

/// The program and its major version, of browsers the one that is meant rather than those it says
/// it is like.
std::string_view family_of(std::string_view agent) {
  constexpr auto programs = std::to_array<std::string_view>(
      {"Googlebot/", "bingbot/", "Edg/", "Edge/", "OPR/", "SamsungBrowser/", "YaBrowser/",
       "Vivaldi/", "Firefox/", "FxiOS/", "CriOS/", "Chrome/", "MSIE ", "rv:", "Version/"});
  std::size_t at = std::string_view::npos;
  for (const std::string_view program : programs) {
    at = agent.find(program);
    if (at != std::string_view::npos) {
      break;
    }
  }
  const std::string_view from = agent.substr(at == std::string_view::npos ? 0 : at);
  std::size_t end = from.find_first_of("/ :");
  end = end == std::string_view::npos ? from.size() : end + 1;
  while (end < from.size() && is_digit(from[end])) {
    ++end;
  }
  return from.substr(0, end);
}

/// "GET /shop/cart?id=5 HTTP/1.1" -> "GET /shop", "/a/b" -> "/a".
std::string_view first_segment(std::string_view value) {
  const std::size_t slash = value.find('/');
  const std::size_t end = value.find_first_of("/?# ", slash + 1);
  return value.substr(0, end);
}

bool is_path(std::string_view value) {
  if (value.starts_with('/')) {
    return true;
  }
  const std::size_t space = value.find(' ');
  return space != std::string_view::npos && space > 0 && space < 12 &&
         std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(space),
                     [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         value.substr(space + 1).starts_with('/');
}

std::string_view host_of(std::string_view url) {
  const std::size_t begin = url.find("//") + 2;
  return url.substr(begin, url.find_first_of("/?#", begin) - begin);
}

/// An address is written with digits, dots, colons and letters up to f; few other values are.
bool may_be_address(std::string_view value) {
  return value.size() <= 45 && std::ranges::all_of(value, [](char c) {
           return is_digit(c) || c == '.' || c == ':' || (c >= 'a' && c <= 'f') ||
                  (c >= 'A' && c <= 'F');
         });
}

/// The usual spelling of an IPv4 address: what is asked of most values of a log.
std::optional<anonymize::Address> dotted_quad(std::string_view value) {
  anonymize::Address address;
  std::size_t part = 0;
  std::size_t digits = 0;
  unsigned number = 0;
  for (const char c : value) {
    if (is_digit(c) && digits < 3) {
      number = number * 10 + static_cast<unsigned>(c - '0');
      ++digits;
    } else if (c == '.' && digits > 0 && part < 3) {
      address.bytes[part++] = static_cast<std::uint8_t>(number);
      number = 0;
      digits = 0;
    } else {
      return std::nullopt;
    }
    if (number > 255) {
      return std::nullopt;
    }
  }
  if (part != 3 || digits == 0) {
    return std::nullopt;
  }
  address.bytes[3] = static_cast<std::uint8_t>(number);
  return address;
}

std::optional<anonymize::Address> address_in(std::string_view value) {
  if (!may_be_address(value)) {
    return std::nullopt;
  }
  const auto usual = dotted_quad(value);
  return usual ? usual : anonymize::parse_address(value, anonymize::Form::plain);
}

std::string_view cut_address(std::size_t way, std::string_view value, std::string& room) {
  const auto address = address_in(value);
  if (!address) {
    throw Error{Code::bug, "an address that is none is to be cut"};
  }
  const std::size_t keep = address->v6 ? (way == 0 ? 6 : 4) : (way == 0 ? 3 : 2);
  room = address->v6 ? "6" : "4";
  for (std::size_t i = 0; i < keep; ++i) {
    room.push_back(static_cast<char>(address->bytes[i]));
  }
  return room;
}

}  // namespace

Shape shape_of(std::string_view value) {
  if (value.empty()) {
    return Shape::other;
  }
  if (address_in(value)) {
    return Shape::address;
  }
  if (is_digit(value[0]) && is_time(value)) {
    return Shape::time;
  }
  if (is_decimal(value)) {
    return Shape::decimal;
  }
  if (value.starts_with("http://") || value.starts_with("https://")) {
    return Shape::url;
  }
  if (is_path(value)) {
    return Shape::path;
  }
  return is_agent(value) ? Shape::agent : Shape::other;
}

const std::array<Way, most_ways>& ways_of(Shape shape) {
  static constexpr std::array<std::array<Way, most_ways>, shapes> ways = {{
      {},
      {{{"address-24", "cut to /24 and /48"}, {"address-16", "cut to /16 and /32"}}},
      {{{"minute", "cut to the minute"}, {"hour", "cut to the hour"}, {"day", "cut to the day"}}},
      {{{"agent", "cut to program and major version"}}},
      {{{"host", "cut to its host"}}},
      {{{"segment", "cut to the first segment of the path"}}},
      {{{"decimal", "cut to one decimal"}, {"whole", "cut to whole numbers"}}},
  }};
  return ways[static_cast<std::size_t>(shape)];
}

std::string_view coarser(Shape shape, std::size_t way, std::string_view value, std::string& room) {
  switch (shape) {
    case Shape::address:
      return cut_address(way, value, room);
    case Shape::time:
      return cut_time(way, value);
    case Shape::agent:
      return family_of(value);
    case Shape::url:
      return host_of(value);
    case Shape::path:
      return first_segment(value);
    case Shape::decimal:
      return value.substr(0, value.find('.') + (way == 0 ? 2 : 0));
    default:
      throw Error{Code::bug, "there is nothing coarser"};
  }
}

}  // namespace trackier::risk
