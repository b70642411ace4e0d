// Addresses that are one number, or numbers of other bases than ten; and hardware addresses.
#include <algorithm>
#include <charconv>

#include "anonymize/addresses.hpp"
#include "anonymize/characters.hpp"

namespace trackier::anonymize {

namespace {

using character::is_hex;

/// 0x and hexadecimal digits, 0 and octal ones, or decimal ones, up to 2^32 - 1.
std::optional<std::uint64_t> number_of(std::string_view text) {
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return !text.empty() && result.ec == std::errc{} && result.ptr == text.data() + text.size() &&
                 value <= 0xFFFFFFFFU
             ? std::optional{value}
             : std::nullopt;
}

Address address_of(std::uint64_t value) {
  Address address;
  for (unsigned i = 0; i < 4; ++i) {
    address.bytes[i] = static_cast<std::uint8_t>(value >> (24U - 8U * i));
  }
  return address;
}

}  // namespace

std::optional<Address> parse_numeric(std::string_view text, Form form) {
  if (form == Form::hex) {
    constexpr std::size_t size = 8;
    return text.size() == size && std::ranges::all_of(text, is_hex)
               ? std::optional{address_of(*number_of("0x" + std::string{text}))}
               : std::nullopt;
  }
  // inet_aton(3): the last number fills what those before it, of one byte each, have left.
  std::uint64_t value = 0;
  for (unsigned numbers = 1;; ++numbers) {
    const std::size_t dot = text.find('.');
    const auto number = number_of(text.substr(0, dot));
    if (!number || numbers > 4) {
      return std::nullopt;
    }
    if (dot != std::string_view::npos) {
      if (*number > 255) {
        return std::nullopt;
      }
      value |= *number << (32U - 8U * numbers);
      text.remove_prefix(dot + 1);
      continue;
    }
    const std::uint64_t most = 0xFFFFFFFFU >> (8U * (numbers - 1));
    // Of network 0 nobody is; and two or three small numbers are a version.
    const std::uint64_t least = numbers == 1 ? 1U << 24U : numbers < 4 ? 256 : 0;
    if (*number > most || *number < least) {
      return std::nullopt;
    }
    return address_of(value | *number);
  }
}

std::optional<Form> form_of_number(std::string_view text) {
  for (const Form form : {Form::number, Form::hex}) {
    if (!parse_address(text) && parse_numeric(text, form)) {
      return form;
    }
  }
  return std::nullopt;
}

bool is_mac(std::string_view text) {
  const std::size_t mark = text.find_first_of(":-.");
  if (mark == std::string_view::npos) {
    return text.size() == 12 && std::ranges::all_of(text, is_hex);
  }
  const std::size_t most = text[mark] == '.' ? 4 : 2;
  const std::size_t groups_wanted = text[mark] == '.' ? 3 : 6;
  std::size_t groups = 0;
  for (std::size_t begin = 0; begin <= text.size(); ++groups) {
    const std::size_t end = std::min(text.find(text[mark], begin), text.size());
    const std::string_view group = text.substr(begin, end - begin);
    if (group.empty() || group.size() > most || (most == 4 && group.size() < most) ||
        !std::ranges::all_of(group, is_hex)) {
      return false;
    }
    begin = end + 1;
  }
  return groups == groups_wanted;
}

}  // namespace trackier::anonymize
