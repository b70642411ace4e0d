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

/// Whether a replacement, "[email]", has anything but a delimiter beside it, or something else is
/// found or not by what stands before it: a number with '+', an apostrophe that nothing closes, a
/// translated address behind a colon. In "+4520123+4520124" the second number is part of a word
/// until the first is gone, and noise of this sort has no end.
bool is_glued(std::string_view text);

/// Aborts unless: all instructions and all chunk sizes give the same bytes; as many line ends come
/// out as went in (records of a table, for a value in quotes may hold line ends); a second run
/// changes nothing and --check finds nothing in the result, unless something is glued to a
/// replacement. Returns the result.
std::string keeps_promises(std::string_view input, Way way);

}  // namespace trackier::fuzz
