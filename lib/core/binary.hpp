#pragma once
/// Numbers and byte strings as formats of the project write them: LEB128 for numbers, a number in
/// front of what has a length.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/error.hpp"

namespace trackier {

class BinaryWriter {
 public:
  explicit BinaryWriter(std::vector<std::byte>& out) : out_(out) {}

  void number(std::uint64_t value);  ///< 1 to 10 bytes, the lowest seven bits first
  void raw(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void sized(Bytes bytes);  ///< its length, then the bytes
  void sized(std::string_view text) { sized(as_bytes(text)); }

 private:
  std::vector<std::byte>& out_;
};

/// Reads what BinaryWriter wrote, by strangers perhaps: whatever does not fit is Error{Code::data}.
class BinaryReader {
 public:
  /// name: what errors call it, e.g. "page map".
  BinaryReader(Bytes bytes, std::string_view name) : rest_(bytes), name_(name) {}

  std::uint64_t number();
  /// Refuses more than `most`.
  std::uint64_t number(std::uint64_t most);
  Bytes raw(std::uint64_t size);
  Bytes sized() { return raw(number()); }
  std::string sized_text() { return std::string{as_text(sized())}; }

  [[nodiscard]] Bytes rest() const { return rest_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  /// Nothing may follow.
  void end() const;

 private:
  [[noreturn]] void fail(const char* why) const;

  Bytes rest_;
  std::string_view name_;
};

}  // namespace trackier
