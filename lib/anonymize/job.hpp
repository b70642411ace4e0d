#pragma once
/// A whole run of `anonymize` over one input: decompress, tell the format, cut into chunks, work on
/// them side by side, put them together again in order.

#include <functional>
#include <optional>
#include <stop_token>

#include "anonymize/candidates.hpp"
#include "anonymize/detect_format.hpp"
#include "anonymize/epochs.hpp"
#include "anonymize/pseudonymizer.hpp"
#include "anonymize/record_observer.hpp"
#include "anonymize/replacements.hpp"
#include "anonymize/tally.hpp"
#include "codec/encoder.hpp"
#include "core/stream.hpp"

namespace trackier::anonymize {

struct JobOptions {
  std::optional<Format> format;  ///< none: the profile's log_format or format, else detected
  double min_share = 0.9;        ///< of the first records must be of the format
  codec::Encoding encoding = codec::Encoding::none;  ///< of the output
  unsigned workers = 1;
  bool check = false;  ///< only look for what is still there; nothing is written
  bool undo = false;   ///< put the values of tokens back, of a profile that is only_reversible()
  bool live = false;   ///< the input is a log that is being written, see below
  Instructions instructions = best_instructions();
  MakeObserver observer;           ///< empty: nobody looks on
  const Epochs* epochs = nullptr;  ///< keys for periods, in place of the pseudonymizer's
  /// With epochs: what the times of records are held against; asked for each chunk.
  std::function<TimeReference()> times;
  std::optional<Period> period;  ///< with epochs: that of all records, whatever they say
};

/// What is told on the way; called from one thread at a time.
struct JobEvents {
  std::function<void(const FormatGuess&)> format_known;
  std::function<void(const Finding&)> found;               ///< check; undo: what is no token
  std::function<void(std::uint64_t bytes_in)> progressed;  ///< after every chunk
  /// What was written of a chunk, before compression, and what is replaced in it.
  std::function<void(std::string_view text, const Replacements&)> written;
  /// Of the input so many bytes, up to the end of a record, are done with: what they have become
  /// has been written.
  std::function<void(std::uint64_t bytes_in)> settled;
};

/// Anonymizes `input` (plain, gzip or zstd) into `output`. The sink is finished only when all went
/// well. Stops early, output unfinished, when `stop` is requested; the tally says how far it came.
/// live: the input is not compressed, a record of JSON is a line, and the columns of a table follow
/// from its first record alone, so that reading can go on behind it (preamble.hpp).
/// Throws Error: data (input damaged, too few records of the format, UTF-16), io, config
/// (patterns), and what the streams throw.
Tally run_job(Source& input, Sink& output, const Profile& profile,
              const Pseudonymizer& pseudonymizer, const JobOptions& options,
              const JobEvents& events, const std::stop_token& stop);

}  // namespace trackier::anonymize
