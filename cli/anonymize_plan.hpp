#pragma once
/// From words of the command line to what a run of `anonymize` has to do: everything that can be
/// wrong is found out before anything is read or written.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "anonymize/job.hpp"
#include "anonymize/profile.hpp"
#include "anonymize/pseudonymizer.hpp"
#include "codec/encoding.hpp"
#include "context.hpp"
#include "risk/log_survey.hpp"

namespace trackier::cli {

/// As given.
struct AnonymizeOptions {
  std::vector<std::string> inputs;
  std::optional<std::string> output;
  std::optional<std::string> output_directory;
  std::optional<std::string> format;
  std::optional<std::string> log_format;
  std::optional<std::string> profile;
  std::optional<std::string> tenant;
  std::optional<std::string> key;
  std::optional<std::string> epoch;
  std::optional<std::string> epoch_at;
  std::optional<std::string> compress;
  std::optional<unsigned> threads;
  std::optional<std::string> addresses;
  std::vector<std::string> keep_networks;
  std::vector<std::string> risk;  ///< each FIELD,FIELD
  std::optional<std::string> risk_id;
  std::optional<std::string> risk_with;
  std::optional<unsigned> risk_k;
  std::optional<unsigned> risk_share;  ///< percent
  bool names = false;
  std::optional<std::string> position;
  bool follow = false;
  bool force = false;
  bool dry_run = false;
  bool check = false;
  bool compare = false;
  bool report = false;
  bool json = false;
};

/// One input and where its result goes.
struct Task {
  std::string input;                            ///< "-": standard input
  std::optional<std::filesystem::path> output;  ///< none: standard output
  codec::Encoding encoding = codec::Encoding::none;
};

struct AnonymizePlan {
  anonymize::Profile profile;
  anonymize::Pseudonymizer pseudonymizer;
  std::unique_ptr<anonymize::Epochs> epochs;  ///< instead of the pseudonymizer's keys; null: none
  bool random_key = false;
  anonymize::JobOptions job;
  std::vector<Task> tasks;
  std::unique_ptr<risk::LogSurvey> survey;  ///< of --risk
  std::unique_ptr<risk::LogSurvey> other;   ///< the same of the log of --risk-with
  anonymize::Profile reading;               ///< rules that keep everything, for the latter
  bool measures_input = false;              ///< --risk writes nothing and changes nothing
};

/// What the times of records are held against: of a file its own, else the present as it goes by.
std::function<anonymize::TimeReference()> times_of(const os::FileStatus& input);

/// The options that say what an input is, and which rules and key it is for.
void add_source_options(Command& command, AnonymizeOptions& options);

/// The options of --risk.
void add_risk_options(Command& command, AnonymizeOptions& options);

/// Throws Error{Code::usage} for options that contradict each other, Error{Code::config} for
/// settings that are wrong, Error{Code::no_permission} for a key that is missing or unfit.
AnonymizePlan make_plan(Context& context, const AnonymizeOptions& options);

}  // namespace trackier::cli
