#include "crypto/ff1.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>

#include <algorithm>
#include <array>

#include "crypto/openssl.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {
namespace {

constexpr const char* algorithm = "FF1";
constexpr std::size_t block_bytes = 16;
constexpr int rounds = 10;

using Block = std::array<std::byte, block_bytes>;
__extension__ using Wide = unsigned __int128;
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using BigContext = std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>>;

const EVP_CIPHER* fetched(std::size_t key_bytes) {
  static const auto aes128 = made<Cipher>(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr), "AES");
  static const auto aes192 = made<Cipher>(EVP_CIPHER_fetch(nullptr, "AES-192-ECB", nullptr), "AES");
  static const auto aes256 = made<Cipher>(EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr), "AES");
  switch (key_bytes) {
    case 16:
      return aes128.get();
    case 24:
      return aes192.get();
    case 32:
      return aes256.get();
    default:
      throw Error{Code::bug, fmt::format("{}: a key of {} bytes", algorithm, key_bytes)};
  }
}

void put_big_endian(std::uint64_t number, std::span<std::byte> into) {
  for (std::size_t i = into.size(); i-- > 0;) {
    into[i] = static_cast<std::byte>(number & 0xFFU);
    number >>= 8U;
  }
}

/// The two halves of a message, and the numbers of the standard that depend on their sizes.
struct Layout {
  std::size_t u;  ///< digits of the first half
  std::size_t v;  ///< of the second
  std::size_t b;  ///< bytes of a number of v digits
  std::size_t d;  ///< bytes of a round's result
};

BigNumber power(unsigned radix, std::size_t exponent, BN_CTX* context) {
  auto base = made<BigNumber>(BN_new(), algorithm);
  auto of = made<BigNumber>(BN_new(), algorithm);
  auto result = made<BigNumber>(BN_new(), algorithm);
  must(BN_set_word(base.get(), radix), algorithm);
  must(BN_set_word(of.get(), exponent), algorithm);
  must(BN_exp(result.get(), base.get(), of.get(), context), algorithm);
  return result;
}

}  // namespace

/// A number of digits, most significant first, to and from its bytes.
struct Ff1::State {
  unsigned radix;
  CipherContext cipher = made<CipherContext>(EVP_CIPHER_CTX_new(), algorithm);
  BigContext numbers = made<BigContext>(BN_CTX_new(), algorithm);
  std::vector<std::byte> message;  // what a round's result is made from
  std::vector<std::byte> result;

  explicit State(unsigned of_radix) : radix(of_radix) {}

  void encrypt_block(Block& block) const {
    int written = 0;
    must(EVP_EncryptUpdate(cipher.get(), openssl_bytes(MutBytes{block}), &written,
                           openssl_bytes(Bytes{block}), static_cast<int>(block.size())),
         algorithm);
  }

  [[nodiscard]] Layout layout_of(std::size_t digits) const {
    Layout layout{.u = digits / 2, .v = digits - digits / 2, .b = 0, .d = 0};
    const BigNumber limit = power(radix, layout.v, numbers.get());
    must(BN_sub_word(limit.get(), 1), algorithm);
    layout.b = (static_cast<std::size_t>(BN_num_bits(limit.get())) + 7) / 8;
    layout.d = 4 * ((layout.b + 3) / 4) + 4;
    return layout;
  }

  /// P of the standard, encrypted: the beginning of every round's PRF.
  [[nodiscard]] Block beginning(const Layout& layout, std::size_t tweak_bytes) const {
    Block p{std::byte{1}, std::byte{2}, std::byte{1}};
    put_big_endian(radix, std::span{p}.subspan(3, 3));
    p[6] = std::byte{rounds};
    p[7] = static_cast<std::byte>(layout.u & 0xFFU);
    put_big_endian(layout.u + layout.v, std::span{p}.subspan(8, 4));
    put_big_endian(tweak_bytes, std::span{p}.subspan(12, 4));
    encrypt_block(p);
    return p;
  }

  /// S of the standard, in `result`: from Q, which `message` holds.
  void compute_round(Block block, std::size_t bytes) {
    for (std::size_t at = 0; at < message.size(); at += block_bytes) {
      for (std::size_t i = 0; i < block_bytes; ++i) {
        block[i] ^= message[at + i];
      }
      encrypt_block(block);
    }
    result.assign(block.begin(), block.end());
    for (std::uint64_t j = 1; result.size() < bytes; ++j) {
      Block counted{};
      put_big_endian(j, std::span{counted}.last(8));
      for (std::size_t i = 0; i < block_bytes; ++i) {
        counted[i] ^= block[i];
      }
      encrypt_block(counted);
      result.insert(result.end(), counted.begin(), counted.end());
    }
    result.resize(bytes);
  }

  void put_number(std::span<const std::uint16_t> digits, std::span<std::byte> into) const {
    if (into.size() <= 12) {
      Wide number = 0;
      for (const std::uint16_t digit : digits) {
        number = number * radix + digit;
      }
      for (std::size_t i = into.size(); i-- > 0;) {
        into[i] = static_cast<std::byte>(static_cast<unsigned>(number & 0xFFU));
        number >>= 8U;
      }
      return;
    }
    const auto number = number_of(digits);
    must(
        BN_bn2binpad(number.get(), openssl_bytes(into), static_cast<int>(into.size())) >= 0 ? 1 : 0,
        algorithm);
  }

  [[nodiscard]] BigNumber number_of(std::span<const std::uint16_t> digits) const {
    auto number = made<BigNumber>(BN_new(), algorithm);
    for (const std::uint16_t digit : digits) {
      must(BN_mul_word(number.get(), radix), algorithm);
      must(BN_add_word(number.get(), digit), algorithm);
    }
    return number;
  }

  /// half = half + sign * result, modulo radix^(digits of half).
  void add_result(std::span<std::uint16_t> half, bool subtract) const {
    constexpr std::size_t most_fast = 16;  // bytes of a Wide; then half is below 2^96
    if (result.size() <= most_fast) {
      add_result_fast(half, subtract);
      return;
    }
    const BigNumber modulus = power(radix, half.size(), numbers.get());
    const BigNumber number = number_of(half);
    const auto y = made<BigNumber>(
        BN_bin2bn(openssl_bytes(Bytes{result}), static_cast<int>(result.size()), nullptr),
        algorithm);
    must(subtract ? BN_mod_sub(number.get(), number.get(), y.get(), modulus.get(), numbers.get())
                  : BN_mod_add(number.get(), number.get(), y.get(), modulus.get(), numbers.get()),
         algorithm);
    for (std::size_t i = half.size(); i-- > 0;) {
      half[i] = static_cast<std::uint16_t>(BN_div_word(number.get(), radix));
    }
  }

  void add_result_fast(std::span<std::uint16_t> half, bool subtract) const {
    Wide y = 0;
    for (const std::byte byte : result) {
      y = y << 8U | static_cast<unsigned>(byte);
    }
    Wide modulus = 1;
    Wide number = 0;
    for (const std::uint16_t digit : half) {
      modulus *= radix;
      number = number * radix + digit;
    }
    y %= modulus;
    number = (number + (subtract ? modulus - y : y)) % modulus;
    for (std::size_t i = half.size(); i-- > 0;) {
      half[i] = static_cast<std::uint16_t>(number % radix);
      number /= radix;
    }
  }

  void run(std::span<std::uint16_t> digits, Bytes tweak, bool inverse) {
    const Layout layout = layout_of(digits.size());
    const Block begun = beginning(layout, tweak.size());
    const std::size_t size =
        (tweak.size() + layout.b + 1 + block_bytes - 1) / block_bytes * block_bytes;
    message.assign(size, std::byte{0});
    std::ranges::copy(tweak, message.begin());
    std::vector<std::uint16_t> one(digits.begin(),
                                   digits.begin() + static_cast<std::ptrdiff_t>(layout.u));
    std::vector<std::uint16_t> other(digits.begin() + static_cast<std::ptrdiff_t>(layout.u),
                                     digits.end());
    for (int step = 0; step < rounds; ++step) {
      const int round = inverse ? rounds - 1 - step : step;
      // A becomes B, and B what A was and the round's result make; backwards the other way round.
      const std::vector<std::uint16_t>& source = inverse ? one : other;
      message[size - layout.b - 1] = static_cast<std::byte>(round);
      put_number(source, std::span{message}.last(layout.b));
      compute_round(begun, layout.d);
      add_result(inverse ? other : one, inverse);
      one.swap(other);
    }
    std::ranges::copy(one, digits.begin());
    std::ranges::copy(other, digits.begin() + static_cast<std::ptrdiff_t>(one.size()));
  }
};

Ff1::Ff1(Bytes key, unsigned radix) : state_(std::make_unique<State>(radix)) {
  if (radix < least_radix || radix > greatest_radix) {
    throw Error{Code::bug, fmt::format("{}: radix {}", algorithm, radix)};
  }
  must(EVP_EncryptInit_ex2(state_->cipher.get(), fetched(key.size()), openssl_bytes(key), nullptr,
                           nullptr),
       algorithm);
  must(EVP_CIPHER_CTX_set_padding(state_->cipher.get(), 0), algorithm);
}

Ff1::Ff1(Ff1&&) noexcept = default;
Ff1& Ff1::operator=(Ff1&&) noexcept = default;
Ff1::~Ff1() = default;

std::size_t Ff1::least_digits() const {
  std::size_t digits = 1;
  for (std::uint64_t domain = state_->radix; domain < least_domain || digits < 2;
       domain *= state_->radix) {
    ++digits;
  }
  return digits;
}

namespace {

void check(std::span<const std::uint16_t> digits, unsigned radix, std::size_t least) {
  if (digits.size() < least || digits.size() > Ff1::most_digits) {
    throw Error{Code::bug,
                fmt::format("{}: {} digits of radix {}", algorithm, digits.size(), radix)};
  }
  if (std::ranges::any_of(digits, [radix](std::uint16_t digit) { return digit >= radix; })) {
    throw Error{Code::bug, fmt::format("{}: no digit of radix {}", algorithm, radix)};
  }
}

}  // namespace

void Ff1::encrypt(std::span<std::uint16_t> digits, Bytes tweak) {
  check(digits, state_->radix, least_digits());
  state_->run(digits, tweak, false);
}

void Ff1::decrypt(std::span<std::uint16_t> digits, Bytes tweak) {
  check(digits, state_->radix, least_digits());
  state_->run(digits, tweak, true);
}

}  // namespace trackier::crypto
