#pragma once
/// What trackier-ctl-anonymize(1) promises of every input, checked with the built-in rules.

#include <string>
#include <string_view>
#include <vector>

#include "anonymize/anonymizer.hpp"

namespace trackier::fuzz {

/// One way to have a text anonymized.
struct Way {
  anonymize::Format format = anonymize::Format::plain;
  anonymize::Columns columns = {};
  anonymize::Instructions instructions = anonymize::best_instructions();
  std::size_t chunk_bytes = 0;  ///< aimed at; 0: all in one chunk
};

const anonymize::Pseudonymizer& test_pseudonymizer();

/// The result of the built-in rules.
struct Result {
  std::string text;
  std::uint64_t records = 0;
};
Result anonymized(std::string_view input, const Way& way);

/// Where --check finds something.
std::vector<anonymize::Finding> findings(std::string_view input, const Way& way);

/// Aborts unless: all instructions and all chunk sizes give the same bytes; as many line ends come
/// out as went in (records of a table, for a value in quotes may hold line ends); a second run
/// changes nothing and --check finds nothing in the result, if `strict`. Returns the result.
std::string keeps_promises(std::string_view input, Way way);

}  // namespace trackier::fuzz
