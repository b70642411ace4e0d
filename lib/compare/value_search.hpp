#pragma once
/// Values in text as it is, in what is percent-encoded, written with escapes of JSON or references
/// of HTML, and in base64.

#include <string_view>
#include <vector>

#include "anonymize/encoded.hpp"
#include "compare/word_prints.hpp"

namespace trackier::compare {

/// One per thread.
class ValueSearch {
 public:
  /// prints: all of them; must outlive this.
  explicit ValueSearch(const WordPrints& prints) : prints_(prints) {}

  /// In order of their places, one at each. Good until the next call.
  const std::vector<WordPrints::Met>& find(std::string_view text);

 private:
  void scan(std::string_view text);
  void look_behind_escape(std::string_view text, std::size_t at);
  void look_into_row(std::string_view text, std::size_t begin, std::size_t end);
  void look_into_base64(std::string_view text, std::size_t begin, std::size_t end);

  const WordPrints& prints_;
  anonymize::DecodedRegion region_;
  std::size_t decoded_ = 0;  ///< up to here escapes have been undone
  std::vector<WordPrints::Met> met_;
  std::vector<WordPrints::Met> inner_;
};

}  // namespace trackier::compare
