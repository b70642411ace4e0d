#include "anonymize/ipcrypt.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "core/error.hpp"

namespace trackier::anonymize {

namespace {

using crypto::AesBlock;

constexpr std::array<std::byte, 12> mapped_prefix = {
    std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0},    std::byte{0},
    std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0xFF}, std::byte{0xFF}};

AesBlock mixed(const AesBlock& one, const AesBlock& other) {
  AesBlock made{};
  std::ranges::transform(one, other, made.begin(), [](std::byte a, std::byte b) { return a ^ b; });
  return made;
}

Bytes checked(Bytes key) {
  constexpr std::size_t size = 2 * crypto::AesBlocks::key_bytes;
  if (key.size() != size || std::ranges::equal(key.first(size / 2), key.last(size / 2))) {
    throw Error{Code::bug, "ipcrypt: the key has to be two different ones of 16 bytes"};
  }
  return key;
}

std::uint64_t big_endian(std::uint64_t number) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(number) : number;
}

/// The bits that a bit of the result depends on: a one, and behind it those of the address that
/// stand before. Of IPv4 ::ffff:0:0/96 begins it.
class Prefix {
 public:
  explicit Prefix(bool v6) : high_(v6 ? 0 : std::uint64_t{1} << 32U), low_(v6 ? 1 : 0xFFFF) {}

  void append(unsigned bit) {
    high_ = high_ << 1U | low_ >> 63U;
    low_ = low_ << 1U | bit;
  }

  [[nodiscard]] AesBlock block() const {
    const std::array<std::uint64_t, 2> words{big_endian(high_), big_endian(low_)};
    return std::bit_cast<AesBlock>(words);
  }

 private:
  std::uint64_t high_;
  std::uint64_t low_;
};

unsigned bit_of(const std::array<std::uint8_t, 16>& bytes, std::size_t place) {
  return bytes[place / 8] >> (7 - place % 8) & 1U;
}

unsigned last_bit(const AesBlock& one, const AesBlock& other) {
  return static_cast<unsigned>(one.back() ^ other.back()) & 1U;
}

void flip(std::array<std::uint8_t, 16>& bytes, std::size_t place, unsigned bit) {
  bytes[place / 8] = static_cast<std::uint8_t>(bytes[place / 8] ^ bit << (7 - place % 8));
}

std::size_t bits_of(const Address& address) {
  return address.v6 ? 128 : 32;
}

}  // namespace

AddressBytes bytes_of(const Address& address) {
  AddressBytes made{};
  const auto to_byte = [](std::uint8_t byte) { return std::byte{byte}; };
  if (address.v6) {
    std::ranges::transform(address.bytes, made.begin(), to_byte);
    return made;
  }
  std::ranges::copy(mapped_prefix, made.begin());
  std::transform(address.bytes.begin(), address.bytes.begin() + 4, made.begin() + 12, to_byte);
  return made;
}

Address address_of(const AddressBytes& bytes) {
  Address made;
  made.v6 = !std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
  std::transform(bytes.begin() + (made.v6 ? 0 : 12), bytes.end(), made.bytes.begin(),
                 [](std::byte byte) { return static_cast<std::uint8_t>(byte); });
  return made;
}

AddressBytes DeterministicIpcrypt::encrypt(const AddressBytes& address) {
  AddressBytes made{};
  aes_.encrypt({&address, 1}, {&made, 1});
  return made;
}

AddressBytes DeterministicIpcrypt::decrypt(const AddressBytes& encrypted) {
  AddressBytes made{};
  aes_.decrypt({&encrypted, 1}, {&made, 1});
  return made;
}

NdIpcrypt::Result NdIpcrypt::encrypt(const AddressBytes& address, Bytes tweak) const {
  crypto::Kiasu::Tweak kiasu_tweak{};
  std::copy_n(tweak.begin(), tweak_bytes, kiasu_tweak.begin());
  Result made{};
  std::ranges::copy(kiasu_tweak, made.begin());
  std::ranges::copy(kiasu_.encrypt(address, kiasu_tweak), made.begin() + tweak_bytes);
  return made;
}

AddressBytes NdIpcrypt::decrypt(const Result& encrypted) const {
  crypto::Kiasu::Tweak tweak{};
  AddressBytes block{};
  std::copy_n(encrypted.begin(), tweak_bytes, tweak.begin());
  std::copy_n(encrypted.begin() + tweak_bytes, block.size(), block.begin());
  return kiasu_.decrypt(block, tweak);
}

NdxIpcrypt::NdxIpcrypt(Bytes key) : data_(checked(key).first(16)), tweak_(key.last(16)) {}

AddressBytes NdxIpcrypt::mask_of(Bytes tweak) {
  AddressBytes mask{};
  std::copy_n(tweak.begin(), tweak_bytes, mask.begin());
  tweak_.encrypt({&mask, 1}, {&mask, 1});
  return mask;
}

NdxIpcrypt::Result NdxIpcrypt::encrypt(const AddressBytes& address, Bytes tweak) {
  const AddressBytes mask = mask_of(tweak);
  AddressBytes block = mixed(address, mask);
  data_.encrypt({&block, 1}, {&block, 1});
  Result made{};
  std::copy_n(tweak.begin(), tweak_bytes, made.begin());
  std::ranges::copy(mixed(block, mask), made.begin() + tweak_bytes);
  return made;
}

AddressBytes NdxIpcrypt::decrypt(const Result& encrypted) {
  const AddressBytes mask = mask_of(Bytes{encrypted}.first(tweak_bytes));
  AddressBytes block{};
  std::copy_n(encrypted.begin() + tweak_bytes, block.size(), block.begin());
  block = mixed(block, mask);
  data_.decrypt({&block, 1}, {&block, 1});
  return mixed(block, mask);
}

PrefixIpcrypt::PrefixIpcrypt(Bytes key) : one_(checked(key).first(16)), other_(key.last(16)) {}

void PrefixIpcrypt::encrypt(std::span<Address> addresses) {
  constexpr std::size_t at_once = 16;  // so that their blocks stay in the nearest cache
  while (!addresses.empty()) {
    const std::size_t count = std::min(addresses.size(), at_once);
    encrypt_some(addresses.first(count));
    addresses = addresses.subspan(count);
  }
}

void PrefixIpcrypt::encrypt_some(std::span<Address> addresses) {
  std::size_t blocks = 0;
  for (const Address& address : addresses) {
    blocks += bits_of(address);
  }
  prefixes_.resize(blocks);
  by_one_.resize(blocks);
  by_other_.resize(blocks);
  auto* block = prefixes_.data();
  for (const Address& address : addresses) {
    Prefix prefix{address.v6};
    for (std::size_t byte = 0; byte < bits_of(address) / 8; ++byte) {
      unsigned bits = address.bytes[byte];
      for (std::size_t i = 0; i < 8; ++i, bits <<= 1U) {
        *block++ = prefix.block();
        prefix.append(bits >> 7U & 1U);
      }
    }
  }
  one_.encrypt(prefixes_, by_one_);
  other_.encrypt(prefixes_, by_other_);
  std::size_t at = 0;
  for (Address& address : addresses) {
    for (std::size_t byte = 0; byte < bits_of(address) / 8; ++byte) {
      unsigned bits = 0;
      for (std::size_t i = 0; i < 8; ++i, ++at) {
        bits = bits << 1U | last_bit(by_one_[at], by_other_[at]);
      }
      address.bytes[byte] = static_cast<std::uint8_t>(address.bytes[byte] ^ bits);
    }
  }
}

/// Bit by bit: each prefix is known only when the bits before have been undone.
Address PrefixIpcrypt::decrypt(const Address& encrypted) {
  Address made = encrypted;
  Prefix prefix{encrypted.v6};
  for (std::size_t place = 0; place < bits_of(encrypted); ++place) {
    const AesBlock block = prefix.block();
    AesBlock by_one{};
    AesBlock by_other{};
    one_.encrypt({&block, 1}, {&by_one, 1});
    other_.encrypt({&block, 1}, {&by_other, 1});
    flip(made.bytes, place, last_bit(by_one, by_other));
    prefix.append(bit_of(made.bytes, place));
  }
  return made;
}

}  // namespace trackier::anonymize
