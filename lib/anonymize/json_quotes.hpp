#pragma once
/// Where the quotes are in a text of JSON: the search for candidates sees them all, and who knows
/// them need not look for the end of each string.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace trackier::anonymize {

/// Those of a text, from its first one on; there may be others behind it.
struct Quotes {
  std::span<const std::uint32_t> places;
  std::size_t begin = 0;  ///< of the text, counted as the places are
};

void find_quotes(std::string_view text, std::vector<std::uint32_t>& quotes);

/// Those of records, as they are read one behind the other.
class QuotesOfRecords {
 public:
  /// As in RecordReader::know_quotes().
  void know(std::string_view chunk, std::span<const std::uint32_t> quotes);

  /// Those of a record of the chunk; of another text they are searched. Valid until the next call.
  Quotes of(std::string_view record);

  /// The record that was asked for has so many; without this they are passed over one by one.
  void pass(std::size_t quotes) { next_ += quotes; }

 private:
  std::string_view chunk_;
  std::span<const std::uint32_t> quotes_;
  std::size_t next_ = 0;  ///< of quotes_, the first one that no record had that was read
  std::vector<std::uint32_t> found_;
};

}  // namespace trackier::anonymize
