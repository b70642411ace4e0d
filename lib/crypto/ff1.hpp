#pragma once
/// FF1, format-preserving encryption over AES (NIST SP 800-38G; the limits are those of the draft
/// of its revision 1, February 2019).

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/bytes.hpp"

namespace trackier::crypto {

/// One key and one radix, many messages. Not thread-safe: one object a thread.
class Ff1 {
 public:
  /// Each from 0 to radix - 1, the most significant first.
  using Digits = std::vector<std::uint16_t>;

  static constexpr unsigned least_radix = 2;
  static constexpr unsigned greatest_radix = 65536;
  static constexpr std::uint64_t least_domain = 1'000'000;  ///< so many messages there have to be
  static constexpr std::size_t most_digits = 4096;          ///< the standard allows 2^32 - 1

  /// key: 16, 24 or 32 bytes, which are not kept. Throws Error{Code::bug} for other sizes and for a
  /// radix that is none.
  Ff1(Bytes key, unsigned radix);
  Ff1(const Ff1&) = delete;
  Ff1& operator=(const Ff1&) = delete;
  Ff1(Ff1&&) noexcept;
  Ff1& operator=(Ff1&&) noexcept;
  ~Ff1();

  /// The fewest digits that may be encrypted: radix^least is a million or more.
  [[nodiscard]] std::size_t least_digits() const;

  /// In place. tweak: public, any bytes; messages under different tweaks have nothing in common.
  /// Throws Error{Code::bug} for fewer than least_digits(), more than most_digits, a digit that is
  /// none.
  void encrypt(std::span<std::uint16_t> digits, Bytes tweak);
  void decrypt(std::span<std::uint16_t> digits, Bytes tweak);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::crypto
