#include "content/multiset_digest.hpp"

#include <array>

#include "core/hexadecimal.hpp"

namespace trackier::content {
namespace {

constexpr std::size_t word_bytes = 8;

std::array<std::byte, word_bytes> little_endian(std::uint64_t number) {
  std::array<std::byte, word_bytes> bytes{};
  for (std::size_t i = 0; i < word_bytes; ++i) {
    bytes.at(i) = static_cast<std::byte>(number >> (8 * i));
  }
  return bytes;
}

}  // namespace

void MultisetDigest::add(Bytes row) noexcept {
  const crypto::Mac mac = key_.mac(row);
  unsigned carry = 0;
  for (std::size_t word = 0; word < sum_.size(); ++word) {
    std::uint64_t part = 0;  // the MAC as one number, most significant byte first
    for (std::size_t i = 0; i < word_bytes; ++i) {
      part = part << 8U | static_cast<std::uint64_t>(mac[mac.size() - word_bytes * (word + 1) + i]);
    }
    std::uint64_t& sum = sum_[word];
    const std::uint64_t with_carry = part + carry;
    carry = with_carry < part ? 1 : 0;
    sum += with_carry;
    carry += sum < with_carry ? 1 : 0;
  }
  ++rows_;
}

std::string MultisetDigest::finish(std::string_view name) const {
  std::array<std::byte, 4 * word_bytes> sum{};
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const std::size_t from_end = sum.size() - 1 - i;
    sum.at(i) =
        static_cast<std::byte>(sum_.at(from_end / word_bytes) >> (8 * (from_end % word_bytes)));
  }
  return hexadecimal(key_.mac_joined({as_bytes("content"), little_endian(name.size()),
                                      as_bytes(name), little_endian(rows_), sum}));
}

}  // namespace trackier::content
