#pragma once
/// Bytes and how text becomes them. Text may be invalid UTF-8: logs are what they are.

#include <cstddef>
#include <span>
#include <string_view>

namespace trackier {

using Bytes = std::span<const std::byte>;
using MutBytes = std::span<std::byte>;

inline Bytes as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

inline std::string_view as_text(Bytes bytes) noexcept {
  // std::byte may alias any object, char may too: the same bytes under another name.
  return {reinterpret_cast<const char*>(bytes.data()),
          bytes.size()};  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

}  // namespace trackier
