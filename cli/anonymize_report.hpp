#pragma once
/// What a run of `anonymize` did, for people and for programs. trackier-ctl-anonymize(1), WHAT IS
/// REPORTED, describes the members of the JSON object.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "anonymize/tally.hpp"
#include "codec/encoding.hpp"
#include "context.hpp"

namespace trackier::cli {

struct FileReport {
  std::string input;                  ///< as on the command line
  std::optional<std::string> output;  ///< none for a dry run
  anonymize::Format format = anonymize::Format::plain;
  codec::Encoding encoding = codec::Encoding::none;  ///< of the output
  anonymize::Tally tally;
};

struct AnonymizeReport {
  bool dry_run = false;
  const anonymize::Profile& profile;
  std::optional<std::string> tenant;
  std::optional<std::string> key_id;  ///< none when no pseudonym was made
  bool random_key = false;
  std::string rule_set;  ///< as of config::rule_set_id
  bool has_periods = false;
  /// Those met, and the ids of their keys; none: destroyed.
  std::map<Period, std::optional<std::string>> periods;
  std::vector<FileReport> files;
  double seconds = 0;
};

/// A table to read.
std::string text_of(const AnonymizeReport& report);

/// One JSON object on a line.
std::string json_of(const AnonymizeReport& report);

/// What --check found at one place, as an object on a line. rule: its name.
std::string json_of(const std::string& input, const anonymize::Finding& finding,
                    const std::string& rule);

struct RecordOptions {
  bool only_found = false;  ///< nothing was replaced
  bool looked_again = false;
};

/// For the audit log: rule set, keys, and counts by kind; nothing of what the settings name.
void record_in(Context& context, const AnonymizeReport& report, const RecordOptions& options);

/// Whether any value became a pseudonym.
bool made_pseudonyms(const anonymize::Profile& profile, const anonymize::Tally& tally);

}  // namespace trackier::cli
