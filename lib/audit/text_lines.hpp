#pragma once
/// Line by line through a file of the formats of C2SP. Of interest inside this area only.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "audit/merkle.hpp"

namespace trackier::audit {

/// "ASCII decimal with no leading zeroes"; none: it is no such number.
std::optional<std::uint64_t> decimal_in(std::string_view text);

class TextLines {
 public:
  /// what: "no proof of a record". Throws Error{Code::data} for a text longer than a note may be.
  TextLines(std::string_view text, std::string_view what);

  /// The next line, without its end. Throws Error{Code::data} when there is none.
  std::string_view next();

  /// Hashes in base64, a line each, up to an empty line. Throws Error{Code::data} for more than
  /// `most`, and for what is no hash.
  std::vector<Hash> hashes(std::size_t most);

  /// All that follows.
  [[nodiscard]] std::string_view rest() const { return rest_; }

  [[noreturn]] void refuse(const char* why) const;

 private:
  std::string_view rest_;
  std::string_view what_;
};

}  // namespace trackier::audit
