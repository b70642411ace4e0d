#include "crypto/shamir.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "crypto/random.hpp"

namespace trackier::crypto {
namespace {

/// All bits set when bit `bit` of `value` is, else none.
constexpr unsigned mask(unsigned value, unsigned bit) noexcept {
  return 0U - (value >> bit & 1U);
}

/// In GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1 (FIPS 197, section 4.2).
constexpr std::uint8_t multiply(unsigned left, unsigned right) noexcept {
  unsigned product = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    product ^= mask(right, bit) & left << bit;
  }
  for (unsigned bit = 14; bit >= 8; --bit) {
    product ^= mask(product, bit) & 0x11bU << (bit - 8);
  }
  return static_cast<std::uint8_t>(product);
}

/// The element by which `value`, which is not 0, has to be multiplied to give 1: all 255 elements
/// but 0 have value^255 = 1, so it is value^254 = value^(2 + 4 + ... + 128).
constexpr std::uint8_t inverse(std::uint8_t value) noexcept {
  std::uint8_t power = value;
  std::uint8_t product = 1;
  for (int i = 0; i < 7; ++i) {
    power = multiply(power, power);
    product = multiply(product, power);
  }
  return product;
}

static_assert(multiply(0x57, 0x83) == 0xc1);  // the example of FIPS 197, section 4.2
static_assert(multiply(0x53, inverse(0x53)) == 1);

/// sum += factor * bytes; addition is exclusive or.
void add_multiple(MutBytes sum, unsigned factor, Bytes bytes) noexcept {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] ^= std::byte{multiply(std::to_integer<unsigned>(bytes[i]), factor)};
  }
}

/// The value at `x` of the polynomial that is 1 at point `one` and 0 at all others.
std::uint8_t basis(const std::vector<ShamirPoint>& points, const ShamirPoint& one, unsigned x) {
  std::uint8_t numerator = 1;
  std::uint8_t denominator = 1;
  for (const ShamirPoint& other : points) {
    if (&other != &one) {
      numerator = multiply(numerator, x ^ other.x);
      denominator = multiply(denominator, static_cast<unsigned>(one.x ^ other.x));
    }
  }
  return multiply(numerator, inverse(denominator));
}

void check(const std::vector<ShamirPoint>& points) {
  if (points.empty()) {
    throw Error{Code::bug, "a secret from no shares"};
  }
  std::vector<bool> seen(256);
  for (const ShamirPoint& point : points) {
    if (seen[point.x]) {
      throw Error{Code::bug, fmt::format("two shares at {}", point.x)};
    }
    if (point.y.size() != points.front().y.size()) {
      throw Error{Code::bug, "shares of different sizes"};
    }
    seen[point.x] = true;
  }
}

}  // namespace

std::vector<ShamirPoint> shamir_split(Bytes secret, unsigned threshold, unsigned shares) {
  if (threshold < 1 || threshold > shares || shares > 255 || secret.empty()) {
    throw Error{Code::bug,
                fmt::format("{} bytes shared {} of {}", secret.size(), threshold, shares)};
  }
  // Of x^1, x^2, ... x^(threshold - 1), for every byte of the secret.
  std::vector<Secret> coefficients;
  for (unsigned power = 1; power < threshold; ++power) {
    coefficients.push_back(random_secret(secret.size()));
  }
  std::vector<ShamirPoint> points;
  for (unsigned x = 1; x <= shares; ++x) {
    ShamirPoint point{.x = static_cast<std::uint8_t>(x), .y = Secret::copy_of(secret)};
    std::uint8_t power = 1;
    for (const Secret& coefficient : coefficients) {
      power = multiply(power, x);
      add_multiple(point.y.writable(), power, coefficient.bytes());
    }
    points.push_back(std::move(point));
  }
  return points;
}

Secret shamir_interpolate(const std::vector<ShamirPoint>& points, std::uint8_t x) {
  check(points);
  Secret value{points.front().y.size()};
  for (const ShamirPoint& point : points) {
    add_multiple(value.writable(), basis(points, point, x), point.y.bytes());
  }
  return value;
}

}  // namespace trackier::crypto
