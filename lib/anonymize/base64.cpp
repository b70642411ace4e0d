#include "anonymize/base64.hpp"

#include <algorithm>
#include <utility>

#include "core/words.hpp"
#include "crypto/base64.hpp"

namespace trackier::anonymize {

namespace {

/// From one alphabet to the other.
void replace_both(std::string& text, std::string_view from, std::string_view to) {
  std::ranges::replace(text, from[0], to[0]);
  std::ranges::replace(text, from[1], to[1]);
}

constexpr std::string_view of_standard = "+/";
constexpr std::string_view of_url = "-_";

}  // namespace

std::optional<Base64> decode_base64(std::string_view text) {
  Base64 decoded;
  const std::size_t size = std::min(text.find('='), text.size());
  const std::size_t padding = text.size() - size;
  const bool plain = text.find_first_of(of_standard) != std::string_view::npos;
  decoded.url = text.find_first_of(of_url) != std::string_view::npos;
  // What has room for padding and none is written without it; of other lengths nobody knows.
  decoded.padded = padding > 0 || (size % 4 == 0 && !decoded.url);
  const bool padded_right = text.substr(size).find_first_not_of('=') == std::string_view::npos &&
                            (padding == 0 || (padding + size) % 4 == 0) && padding <= 2;
  if (size == 0 || !padded_right || (plain && decoded.url)) {
    return std::nullopt;
  }
  std::string digits{text.substr(0, size)};
  replace_both(digits, of_url, of_standard);
  auto bytes = crypto::bytes_from_base64(digits);
  if (!bytes) {
    return std::nullopt;
  }
  decoded.bytes = std::move(*bytes);
  return decoded;
}

void append_base64(std::string_view bytes, const Base64& like, std::string& out) {
  std::string digits =
      like.padded ? crypto::padded_base64(as_bytes(bytes)) : crypto::base64(as_bytes(bytes));
  if (like.url) {
    replace_both(digits, of_standard, of_url);
  }
  out.append(digits);
}

bool is_plain_text(std::string_view bytes) {
  return is_utf8(bytes) && std::ranges::none_of(bytes, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
         });
}

}  // namespace trackier::anonymize
