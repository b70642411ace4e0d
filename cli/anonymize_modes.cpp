#include "anonymize_modes.hpp"

#include <fmt/format.h>

namespace trackier::cli {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error{Code::usage, what, hint};
}

void check_risk(const AnonymizeOptions& options) {
  if (options.risk.empty() &&
      (options.risk_id || options.risk_with || options.risk_k || options.risk_share)) {
    refuse("--risk-id, --risk-with, --risk-k and --risk-share are about --risk",
           "name the fields with --risk");
  }
  if (options.risk_with && *options.risk_with == "-") {
    refuse("--risk-with needs a file", "name another log");
  }
  if (options.risk_share && !options.risk_k) {
    refuse("--risk-share is the share of groups smaller than --risk-k", "give --risk-k, too");
  }
  if (!options.risk.empty() && options.check) {
    refuse("--check and --risk are two different questions", "ask one of them");
  }
  if (measures_input(options) && options.report) {
    refuse("--risk without an output replaces nothing; there is no report",
           "leave --report out, or give -o");
  }
}

void check_compare(const AnonymizeOptions& options) {
  if (!options.compare) {
    return;
  }
  if (options.inputs.size() != 2 || options.inputs[0] == "-" || options.inputs[1] == "-") {
    refuse("--compare needs two files: the log, and what was made of it",
           "as: --compare access.log access.anon.log; what comes by a pipe goes to a file first");
  }
  if (options.output || options.output_directory || options.dry_run || options.check ||
      options.report || !options.risk.empty()) {
    refuse("--compare answers one question, and writes nothing",
           "leave -o, --out-dir, --dry-run, --check, --report and --risk out");
  }
}

}  // namespace

bool measures_input(const AnonymizeOptions& options) {
  return !options.risk.empty() && !options.output && !options.output_directory && !options.dry_run;
}

void check_modes(const AnonymizeOptions& options) {
  check_compare(options);
  const bool has_output = options.output || options.output_directory;
  if (options.check && options.dry_run) {
    refuse("--check and --dry-run are two different questions", "ask one of them");
  }
  if ((options.check || options.dry_run) && has_output) {
    refuse(fmt::format("{} writes no output", options.check ? "--check" : "--dry-run"),
           "leave -o and --out-dir out");
  }
  if (options.check && options.report) {
    refuse("--check prints what it finds; there is no report", "leave --report out");
  }
  check_risk(options);
  if (options.log_format && options.format) {
    refuse("--format and --log-format both say what the format is", "leave --format out");
  }
  if (options.output && options.output_directory) {
    refuse("-o and --out-dir name two places", "give one of them");
  }
  const bool output_is_file =
      options.output_directory || (options.output && *options.output != "-");
  const bool tells = options.report || !options.risk.empty();
  if (options.json && !options.check && !options.dry_run && !options.compare &&
      !(tells && output_is_file) && !measures_input(options)) {
    refuse("--json needs --check, --compare, --dry-run, --risk, or --report with -o or --out-dir",
           "standard output would hold the log as well");
  }
}

}  // namespace trackier::cli
