#pragma once
/// What can be said of a log from its files alone, and from keys that are known from elsewhere.
///
/// Every record up to the last one that a cosigned checkpoint covers is as it was written, in order
/// and none missing; later ones agree with each other, no more. An error of reading, or of memory,
/// is an exception and never a verdict. trackier-audit(5), WHAT VERIFYING SHOWS.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "audit/record.hpp"
#include "audit/tlog_proof.hpp"
#include "os/file.hpp"

namespace trackier::audit {

enum class Verdict : std::uint8_t {
  intact_anchored,    ///< and a checkpoint that enough witnesses signed covers the beginning
  intact_unanchored,  ///< it agrees with itself, and with what the host signed
  torn,               ///< but for its end, which is a record cut short, or changed to look like one
  tampered,
};

/// "intact, anchored", "intact, not anchored", "torn", "tampered".
std::string_view words_of(Verdict verdict);

enum class Rule : std::uint8_t {
  is_record,     ///< a line is no record, and not the last one
  follows_seq,   ///< its number is not the next one
  follows_hash,  ///< it does not have the hash of the record before
  follows_open,  ///< what it says is open does not follow from the record before
  has_segment,   ///< a segment is missing, or one begins before the last ended
  is_signed,     ///< a checkpoint is none, or not signed by a key of the log
  has_records,   ///< a checkpoint covers more records than there are
  has_root,      ///< a checkpoint was of other records
};

/// For people: "a line is no record".
std::string_view words_of(Rule rule);

/// The first thing that is wrong.
struct Bad {
  Rule rule = Rule::is_record;
  std::uint64_t seq = 0;  ///< of the record; for has_root the first one that can be another
  std::string where;      ///< file name, and the line in it: "00000001.jsonl:17"
};

struct VerifyOptions {
  std::filesystem::path directory;
  Policy policy;                         ///< no keys of the log: checkpoints are not looked at
  std::vector<std::string> checkpoints;  ///< notes that are known from elsewhere: of a witness
  std::chrono::milliseconds patience{10'000};
  std::stop_token stop;
};

struct Report {
  Verdict verdict = Verdict::intact_unanchored;
  std::optional<Bad> bad;     ///< of tampered
  std::uint64_t records = 0;  ///< up to what is bad or torn
  Hash root{};                ///< of these
  std::uint64_t torn_bytes = 0;
  std::vector<OpenOperation> open;   ///< intents without an outcome, after these
  std::optional<Anchor> checkpoint;  ///< the largest one that the log signed and that holds
  std::optional<Anchor> anchor;  ///< the largest one that enough witnesses signed and that holds
  std::uint64_t unanchored = 0;  ///< records after `anchor`, or all
  std::optional<Milliseconds> unanchored_since;  ///< when the first of them says it was written
};

/// Reads the whole log. Throws Error{Code::no_input} when there is none, Error{Code::busy},
/// Error{Code::io}.
Report verify(os::FileSystem& files, const VerifyOptions& options);

}  // namespace trackier::audit
