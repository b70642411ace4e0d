#pragma once
/// A digest of rows whose order means nothing: the sum, modulo 2^256, of the HMAC-SHA-256 of each,
/// read as a number with its most significant byte first. Two different multisets of rows agree
/// with a probability of 2^-128 or less for whoever does not have the key (MSet-Add-Hash of Clarke,
/// Devadas, van Dijk, Gassend, Suh: Incremental Multiset Hash Functions, ASIACRYPT 2003).
/// trackier-proof(5), DIGESTS.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/bytes.hpp"
#include "crypto/mac.hpp"

namespace trackier::content {

class MultisetDigest {
 public:
  explicit MultisetDigest(crypto::MacKey key) : key_(std::move(key)) {}

  /// row: its values as bytes that no other row has. It may not begin with "content" and eight
  /// bytes that are a length: the sum hides only what finish() does not print the HMAC of.
  void add(Bytes row) noexcept;

  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  /// 64 hexadecimal digits, in which equal tables of different names do not look equal:
  /// HMAC-SHA-256 of the seven letters "content", the length of `name` (8 bytes, least significant
  /// first), `name`, the number of rows (8 bytes, least significant first) and the sum (32 bytes,
  /// most significant first). May be called again, and after further rows.
  [[nodiscard]] std::string finish(std::string_view name) const;

 private:
  crypto::MacKey key_;
  std::array<std::uint64_t, 4> sum_{};  ///< least significant first
  std::uint64_t rows_ = 0;
};

}  // namespace trackier::content
