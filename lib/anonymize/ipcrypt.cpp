#include "anonymize/ipcrypt.hpp"

#include <algorithm>

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

unsigned bit_of(const std::array<std::uint8_t, 16>& bytes, std::size_t place) {
  return bytes[place / 8] >> (7 - place % 8) & 1U;
}

/// The prefix of no bits of a family: a one, and for IPv4 ::ffff:0:0/96 behind it.
AesBlock first_prefix(bool v6) {
  AesBlock prefix{};
  prefix[v6 ? 15 : 3] = std::byte{1};
  if (!v6) {
    prefix[14] = prefix[15] = std::byte{0xFF};
  }
  return prefix;
}

void append_bit(AesBlock& prefix, unsigned bit) {
  for (auto byte = prefix.rbegin(); byte != prefix.rend(); ++byte) {
    const unsigned carried = static_cast<unsigned>(*byte) >> 7U;
    *byte = static_cast<std::byte>(static_cast<unsigned>(*byte) << 1U | bit);
    bit = carried;
  }
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
  constexpr std::size_t at_once = 64;  // so that their blocks stay in the nearest cache
  while (!addresses.empty()) {
    const std::size_t count = std::min(addresses.size(), at_once);
    encrypt_some(addresses.first(count));
    addresses = addresses.subspan(count);
  }
}

void PrefixIpcrypt::encrypt_some(std::span<Address> addresses) {
  prefixes_.clear();
  for (const Address& address : addresses) {
    AesBlock prefix = first_prefix(address.v6);
    for (std::size_t place = 0; place < bits_of(address); ++place) {
      prefixes_.push_back(prefix);
      append_bit(prefix, bit_of(address.bytes, place));
    }
  }
  by_one_.resize(prefixes_.size());
  by_other_.resize(prefixes_.size());
  one_.encrypt(prefixes_, by_one_);
  other_.encrypt(prefixes_, by_other_);
  std::size_t block = 0;
  for (Address& address : addresses) {
    for (std::size_t place = 0; place < bits_of(address); ++place, ++block) {
      const unsigned bit = static_cast<unsigned>(by_one_[block][15] ^ by_other_[block][15]) & 1U;
      std::uint8_t& byte = address.bytes[place / 8];
      byte = static_cast<std::uint8_t>(byte ^ bit << (7 - place % 8));
    }
  }
}

/// Bit by bit: each prefix is known only when the bits before have been undone.
Address PrefixIpcrypt::decrypt(const Address& encrypted) {
  Address made = encrypted;
  AesBlock prefix = first_prefix(encrypted.v6);
  for (std::size_t place = 0; place < bits_of(encrypted); ++place) {
    AesBlock by_one{};
    AesBlock by_other{};
    one_.encrypt({&prefix, 1}, {&by_one, 1});
    other_.encrypt({&prefix, 1}, {&by_other, 1});
    const unsigned bit = static_cast<unsigned>(by_one[15] ^ by_other[15]) & 1U;
    std::uint8_t& byte = made.bytes[place / 8];
    byte = static_cast<std::uint8_t>(byte ^ bit << (7 - place % 8));
    append_bit(prefix, bit_of(made.bytes, place));
  }
  return made;
}

}  // namespace trackier::anonymize
