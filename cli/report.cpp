// The command that gives an auditor the evidence, and the one that checks it again.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "audit_log.hpp"
#include "commands.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "durations.hpp"
#include "json_line.hpp"
#include "keyring_access.hpp"
#include "os/whole_file.hpp"
#include "private_file.hpp"
#include "report/verify.hpp"
#include "report_evidence.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;
using report::Format;

constexpr std::chrono::days usual_period{30};
constexpr std::array<Format, 3> formats{Format::html, Format::json, Format::oscal};

struct Options {
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::string> format;
  std::optional<std::string> output;
  bool force = false;
};

struct VerifyOptions {
  std::string file;
  std::vector<std::string> keys;
  bool json = false;
};

struct Period {
  Time from;
  Time to;
};

/// Of what is still to come nothing is on record yet, and the report would change.
Period period_of(const Options& options) {
  const Time present = now();
  constexpr Time earliest{std::chrono::sys_days{std::chrono::year{1970} / 1 / 1}};
  const Time to =
      time_in(options.to, "--to").value_or(std::chrono::floor<std::chrono::hours>(present));
  const Time from = time_in(options.from, "--from").value_or(to - usual_period);
  if (from < earliest) {
    throw Error{Code::usage, "--from: nothing is on record from before 1970",
                "write 2026-11-01T00:00:00Z"};
  }
  if (to > present) {
    throw Error{Code::usage, fmt::format("--to: {} is yet to come", to_rfc3339(to)),
                "name a moment that is over"};
  }
  if (from >= to) {
    throw Error{Code::usage,
                fmt::format("from {} to {} is no time at all", to_rfc3339(from), to_rfc3339(to)),
                "--from has to be before --to"};
  }
  return {.from = from, .to = to};
}

Format format_of(const std::string& word) {
  return *std::ranges::find(formats, word, [](Format each) { return report::to_text(each); });
}

int run(Context& context, const Options& options) {
  const Period period = period_of(options);
  const Format format = format_of(options.format.value_or("html"));
  report::Report made{.origin = audit_origin(context),
                      .tool = "trackier-ctl " TRACKIER_VERSION,
                      .from = period.from,
                      .to = period.to};
  const ReportLog log{context, evidence_since(context, period.from, period.to), period.to};
  gather_evidence(context, log, made);
  log.cite(made);
  const report::Counts counts = report::counts_of(made.items);
  const std::string text =
      report::written(report::seal(std::move(made), audit_signing_key(context)), format);
  context.record("report", hexadecimal(crypto::sha256(as_bytes(text))));
  if (options.output && *options.output != "-") {
    write_private_file(context, *options.output, as_bytes(text), {.replace = options.force});
  } else {
    context.out().result(text);
  }
  context.out().summary(
      fmt::format("{} passed: {}", report::score_text(counts), report::to_text(counts)));
  return static_cast<int>(counts.is_well() ? Code::ok : Code::verdict);
}

/// By the keys that were named, else by the key of this host, which is not made for that.
audit::Policy policy_of(Context& context, const std::vector<std::string>& keys) {
  audit::Policy policy;
  for (const auto& each : context.settings().audit.witnesses) {
    policy.witnesses.push_back(each.key);
  }
  for (const std::string& each : keys) {
    try {
      policy.log.push_back(audit::parse_note_key(each));
    } catch (const Error& error) {
      throw Error{Code::usage, fmt::format("--key: {}", error.what()),
                  "trackier-ctl audit key prints it"};
    }
  }
  if (keys.empty()) {
    const auto path = context.environment().state_directory() / "backup" / "signing.key";
    if (!context.files().entry(path)) {
      throw Error{Code::usage, "it is not said by which key the report has to be signed",
                  "name it with --key, as trackier-ctl audit key printed it on the host that made "
                  "the report"};
    }
    policy.log.push_back(audit_log_key(context));
  }
  return policy;
}

int run_verify(Context& context, const VerifyOptions& options) {
  const audit::Policy policy = policy_of(context, options.keys);
  const std::string text =
      os::read_whole(context.files(), options.file, report::most_document_bytes);
  const report::Verified found =
      doing(printable(options.file), [&] { return report::verify(text, policy); });
  const report::Report& it = found.report;
  if (options.json) {
    context.out().result(json_line(Json{{"verdict", "sound"},
                                        {"format", report::to_text(found.format)},
                                        {"origin", it.origin},
                                        {"key", it.log.key},
                                        {"from", to_rfc3339(it.from)},
                                        {"to", to_rfc3339(it.to)},
                                        {"passed", found.counts[report::Status::pass]},
                                        {"scored", found.counts.scored()},
                                        {"records", it.records.size()},
                                        {"log_records", found.log_records},
                                        {"anchored_records", found.anchored_records}}));
    return 0;
  }
  context.out().result(fmt::format(
      "sound: {} of {}, {} to {}\n  {} passed\n  {} records are in the log of {} records; {} of "
      "these are signed by witnesses\n",
      report::to_text(found.format), printable(it.origin), to_rfc3339(it.from), to_rfc3339(it.to),
      report::score_text(found.counts), it.records.size(), found.log_records,
      found.anchored_records));
  return 0;
}

Command make_verify() {
  auto options = std::make_shared<VerifyOptions>();
  Command command{"verify", "check a report again, from its file alone"};
  command.about(
      "What it shows is what its lines add up to, its lines are what their records say, its\n"
      "records are in the log, and the log's key signed it all. Needs no log, no store and no\n"
      "network. Exit 65 with the first thing that is wrong.");
  command.positional("FILE", options->file, "a report in any of its formats").required();
  command.option("--key", options->keys, "KEY",
                 "NAME+ID+KEY of the log; may be repeated; otherwise that of this host");
  command.flag("--json", options->json, "print a line of JSON");
  command.example("trackier-ctl report verify november.html");
  command.run([options](Context& context) { return run_verify(context, *options); });
  return command;
}

}  // namespace

Command report() {
  auto options = std::make_shared<Options>();
  Command command{"report", "give an auditor the evidence, sealed"};
  command.about(
      "Per promise the controls and all the evidence of the period: each slot, check, restore,\n"
      "key and incident, with its record in the audit log and the proof that it is there. The\n"
      "same bytes for the same state and period. Exit 1 when anything fails or is not checked.");
  command.option("--from", options->from, "TIME", "the beginning; otherwise 30 days before --to");
  command.option("--to", options->to, "TIME", "the end; otherwise the last full hour");
  command.option("--format", options->format, "FORMAT", "what to write (default html)")
      .one_of({"html", "json", "oscal"});
  command.option("-o,--output", options->output, "FILE", "otherwise standard output")
      .offers(Offer::files);
  command.flag("--force", options->force, "replace FILE");
  command.example("trackier-ctl report -o evidence.html");
  command.example(
      "trackier-ctl report --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z \\\n"
      "      --format oscal -o november.json");
  command.add(make_verify());
  command.run([options](Context& context) { return run(context, *options); });
  return command;
}

}  // namespace trackier::cli
