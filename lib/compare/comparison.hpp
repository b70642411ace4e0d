#pragma once
/// Whether a log is another one without the people in it: what `anonymize --compare` answers.
/// Needs no key, and nothing of how the second was made.

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>

#include "anonymize/job.hpp"
#include "core/sip_hash.hpp"
#include "core/stream.hpp"

namespace trackier::compare {

/// What is wrong at a place of the second log; never a value.
struct Finding {
  enum class Kind : std::uint8_t {
    changed,   ///< a byte that no rule covers is another one
    missing,   ///< the second log ends; line: of the first log's output
    added,     ///< the second log goes on
    survivor,  ///< a value of the first log, as it was or encoded
    residual,  ///< a value that the rules would replace, whosever it is
  };
  Kind kind = Kind::changed;
  std::uint64_t line = 0;    ///< from 1
  std::uint64_t column = 0;  ///< from 1, in bytes
  std::uint16_t rule = 0;    ///< of survivor and residual: as in Tally::replaced
};

std::string_view name_of(Finding::Kind kind);

struct Comparison {
  anonymize::Tally first;          ///< what the rules replace in the first log
  anonymize::Format format = {};   ///< of both
  std::uint64_t lines = 0;         ///< of the second log that were held against the first's
  std::uint64_t distinct = 0;      ///< values that were looked for
  std::uint64_t unsearchable = 0;  ///< values without letters and digits, which were not
  std::uint64_t ambiguous = 0;     ///< places with a word that is also one of the values
  std::uint64_t findings = 0;

  /// Of two empty logs nothing is shown.
  [[nodiscard]] bool good() const { return findings == 0 && lines > 0; }
};

struct CompareOptions {
  anonymize::JobOptions job;  ///< how the first log is read
  HashKey key{};              ///< random
  /// More different values are Error{Code::unavailable}: each takes some 32 bytes.
  std::uint64_t most_values = std::uint64_t{16} << 20U;
};

struct CompareEvents {
  std::function<void(const Finding&)> found;
  std::function<void(std::uint64_t bytes)> progressed;  ///< of the first log, then of the second
};

/// second: opens the second log; called three times. Throws what run_job throws.
Comparison compare_logs(Source& first, const std::function<std::unique_ptr<Source>()>& second,
                        const anonymize::Profile& profile, const CompareOptions& options,
                        const CompareEvents& events, const std::stop_token& stop);

}  // namespace trackier::compare
