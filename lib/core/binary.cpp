#include "core/binary.hpp"

namespace trackier {
namespace {

constexpr unsigned bits_a_byte = 7;
constexpr std::uint64_t more_follow = 0x80;
constexpr unsigned bits = 64;

}  // namespace

void BinaryWriter::number(std::uint64_t value) {
  while (value >= more_follow) {
    out_.push_back(static_cast<std::byte>(value | more_follow));
    value >>= bits_a_byte;
  }
  out_.push_back(static_cast<std::byte>(value));
}

void BinaryWriter::sized(Bytes bytes) {
  number(bytes.size());
  raw(bytes);
}

std::uint64_t BinaryReader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += bits_a_byte) {
    if (rest_.empty()) {
      fail("ends within a number");
    }
    const auto byte = static_cast<std::uint64_t>(rest_.front());
    rest_ = rest_.subspan(1);
    if (shift + bits_a_byte > bits && byte > 1) {
      fail("has a number of more than 64 bits");
    }
    value |= (byte & (more_follow - 1)) << shift;
    if (byte < more_follow) {
      return value;
    }
  }
}

std::uint64_t BinaryReader::number(std::uint64_t most) {
  const std::uint64_t value = number();
  if (value > most) {
    fail("has a number that is too large");
  }
  return value;
}

Bytes BinaryReader::raw(std::uint64_t size) {
  if (size > rest_.size()) {
    fail("is cut short");
  }
  const Bytes bytes = rest_.first(size);
  rest_ = rest_.subspan(size);
  return bytes;
}

void BinaryReader::end() const {
  if (!rest_.empty()) {
    fail("has bytes after its end");
  }
}

void BinaryReader::fail(const char* why) const {
  throw Error{Code::data, std::string{name_} + " " + why};
}

}  // namespace trackier
