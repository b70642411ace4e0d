#pragma once
/// The fast half of detection: finds the places in a chunk where a personal value might be, by
/// comparing 64 bytes at a time with classes of characters and combining the bit masks.
///
/// It errs on one side only: it never passes over a value that the exact parsers (detectors.hpp)
/// would accept, and points at few places that they reject. All implementations give the same
/// places.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace trackier::anonymize {

enum class Instructions : std::uint8_t { portable, avx2, avx512 };

/// The widest instructions this processor has.
Instructions best_instructions();

struct CandidateOptions {
  /// A format reader looks at `"key":` itself; a colon behind a quote is then no candidate. It is
  /// told where quotes are.
  bool json_structure = false;
};

/// The candidates of one chunk. The byte of the text at a candidate tells what it may be:
///   digit         a third dot or dash of four numbers stands just before it; the end of a group of
///                 digits that may close a card, phone, social security or account number; the
///                 first digit behind '+'; the first one of a host in a URL, of a number behind a
///                 key in quotes
///   ')'           behind two digits: area code of a phone number
///   '-'           "--", or a fourth dash in the rhythm of a UUID, IPv6 or MAC address; perhaps
///                 that of "in-addr.arpa"
///   ':'           "::", but no third one; or a fourth colon (or dash) in the rhythm of an IPv6 or
///                 MAC address
///   '.'           behind eight hexadecimal digits; the second one of 0800.274e.66a1
///   '@'           e-mail, credentials in a URL; not one crowded by others
///   '%' '\\' '#'  perhaps an encoded character ("&#64;")
///   '='           a key before it, its value behind
///   ' ' '"' '\\'  behind a colon: the same
///   'J' 'B'       perhaps "eyJ", a JSON Web Token; perhaps "Bearer"
class Candidates {
 public:
  /// Finds those of `text` (shorter than 4 GiB). `instructions`: at most best_instructions().
  void find(std::string_view text, const CandidateOptions& options, Instructions instructions);

  /// Positions in the text, ascending.
  [[nodiscard]] std::span<const std::uint32_t> positions() const {
    return {positions_.data(), count_};
  }

  /// Positions of every '"', with json_structure.
  [[nodiscard]] std::span<const std::uint32_t> quotes() const {
    return {quotes_.data(), quote_count_};
  }

 private:
  std::vector<std::uint32_t> positions_;  // kept from chunk to chunk: room, not content
  std::vector<std::uint32_t> quotes_;     // the same
  std::size_t count_ = 0;
  std::size_t quote_count_ = 0;
};

}  // namespace trackier::anonymize
