// What is in the audit log: printed, searched, verified, and proved to others.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "audit/checkpoints.hpp"
#include "audit/search.hpp"
#include "audit/verify.hpp"
#include "audit_log.hpp"
#include "audit_trail.hpp"
#include "audit_verbs.hpp"
#include "confinement.hpp"
#include "core/duration.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "crypto/base64.hpp"
#include "durations.hpp"
#include "json_line.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> operation;
  std::optional<std::string> value;
  std::optional<std::string> max_age;
  std::vector<std::string> checkpoints;
  std::optional<unsigned> last;
  std::string id;
  bool json = false;
  bool open = false;
  bool witness = false;
};

std::string id_text(const audit::OperationId& id) {
  return hexadecimal(id);
}

std::string value_text(const audit::Value& value) {
  return std::holds_alternative<std::string>(value)
             ? std::get<std::string>(value)
             : fmt::format("{}", std::get<std::uint64_t>(value));
}

std::string actor_text(const audit::Actor& actor) {
  std::string text = fmt::format("uid {}", actor.uid);
  if (actor.login) {
    text += fmt::format(", login {}", *actor.login);
  }
  if (!actor.ssh_key.empty()) {
    text += ", " + actor.ssh_key;
  }
  for (const auto& [name, value] : actor.claims) {
    text += fmt::format(", {} says {}", name, value_text(value));
  }
  return text;
}

std::string line_of(const audit::Record& record) {
  std::string text = fmt::format("{:>6}  {}  {:<7}  {}", record.seq, audit::to_text(record.at),
                                 audit::name_of(record.phase), record.operation);
  if (record.result) {
    text += fmt::format("  {} ({})", record.result->code, record.result->exit);
  }
  text += fmt::format("  {}  [{}]", actor_text(record.actor), id_text(record.id).substr(0, 8));
  if (!record.tenant.empty()) {
    text += "  tenant " + record.tenant;
  }
  for (const auto& [name, value] : record.args) {
    text += fmt::format("  {}={}", name, value_text(value));
  }
  return text + "\n";
}

/// Prints what matches; of --last the last ones.
int print(Context& context, const Options& options, const audit::Match& matches) {
  std::vector<std::string> kept;
  const std::uint64_t passed_over = audit::search(
      context.files(), audit_directory(context), matches,
      [&](const audit::Record& record, std::string_view line) {
        std::string text = options.json ? std::string{line} + "\n" : line_of(record);
        if (!options.last) {
          context.out().result(text);
          return;
        }
        kept.push_back(std::move(text));
        if (kept.size() > *options.last) {
          kept.erase(kept.begin());
        }
      },
      context.interrupt().token());
  for (const std::string& each : kept) {
    context.out().result(each);
  }
  if (passed_over > 0) {
    context.out().warning(fmt::format(
        "{} lines are no records, and are passed over: trackier-ctl audit verify", passed_over));
  }
  return 0;
}

int show(Context& context, const Options& options) {
  const auto since = time_in(options.since, "--since");
  const auto until = time_in(options.until, "--until");
  return print(context, options, [&](const audit::Record& record) {
    return (!since || record.at >= *since) && (!until || record.at < *until) &&
           (!options.operation || record.operation == *options.operation ||
            record.operation.starts_with(*options.operation + "."));
  });
}

int find(Context& context, const Options& options) {
  const std::string hidden = audit_veil(context).hide(*options.value);
  bool is_there = false;
  std::size_t incomplete = 0;
  print(context, options, [&](const audit::Record& record) {
    incomplete += lacks_values(record) ? 1U : 0U;
    const bool is_it = audit::has_value(record, hidden) || audit::has_value(record, *options.value);
    is_there = is_there || is_it;
    return is_it;
  });
  if (incomplete > 0) {
    context.out().warning(
        fmt::format("{} records are of more values than a record has room for, and "
                    "may be about this one as well",
                    incomplete));
  }
  return static_cast<int>(is_there ? Code::ok : Code::verdict);
}

std::string age_text(audit::Milliseconds since) {
  return duration_text(
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now() - since));
}

Json anchor_json(const std::optional<audit::Anchor>& anchor) {
  if (!anchor) {
    return {};
  }
  Json witnesses = Json::array();
  for (const audit::Signed& each : anchor->witnesses) {
    witnesses.push_back(
        {{"name", each.by.name}, {"at", each.at ? Json(to_rfc3339(*each.at)) : Json()}});
  }
  return {{"size", anchor->checkpoint.size},
          {"root", crypto::padded_base64(anchor->checkpoint.root)},
          {"seen", anchor->seen ? Json(to_rfc3339(*anchor->seen)) : Json()},
          {"witnesses", witnesses}};
}

Json json_of(const audit::Report& report) {
  Json open = Json::array();
  for (const audit::OpenOperation& each : report.open) {
    open.push_back({{"id", id_text(each.id)}, {"operation", each.operation}});
  }
  return {{"verdict", audit::words_of(report.verdict)},
          {"records", report.records},
          {"root", crypto::padded_base64(report.root)},
          {"bad", report.bad ? Json{{"seq", report.bad->seq},
                                    {"where", report.bad->where},
                                    {"what", audit::words_of(report.bad->rule)}}
                             : Json()},
          {"torn_bytes", report.torn_bytes},
          {"checkpoint", anchor_json(report.checkpoint)},
          {"anchor", anchor_json(report.anchor)},
          {"unanchored", report.unanchored},
          {"unanchored_since",
           report.unanchored_since ? Json(audit::to_text(*report.unanchored_since)) : Json()},
          {"open", open}};
}

/// What is shown, and what is not, in words.
std::string text_of(const audit::Report& report, bool has_witnesses) {
  std::string text =
      fmt::format("{}: {} records\n", audit::words_of(report.verdict), report.records);
  if (report.bad) {
    text += fmt::format("  first bad: record {}, {}: {}\n", report.bad->seq, report.bad->where,
                        audit::words_of(report.bad->rule));
  }
  if (report.anchor) {
    text += fmt::format(
        "  records 0 to {} are what was written, in order, none missing: {} signed so by {}\n",
        report.anchor->checkpoint.size - 1,
        fmt::format("{} witness{}", report.anchor->witnesses.size(),
                    report.anchor->witnesses.size() == 1 ? "" : "es"),
        report.anchor->seen ? to_rfc3339(*report.anchor->seen) : "an unknown time");
  } else {
    text += has_witnesses
                ? "  no witness has signed any of it: who is root here could have written it anew\n"
                : "  the settings name no witness: who is root here could have written it anew\n";
  }
  if (report.checkpoint &&
      (!report.anchor || report.checkpoint->checkpoint.size > report.anchor->checkpoint.size)) {
    text += fmt::format("  this host itself has signed {} records\n",
                        report.checkpoint->checkpoint.size);
  }
  if (report.unanchored > 0) {
    text += fmt::format("  the last {} records, since {}, agree with each other, no more\n",
                        report.unanchored,
                        report.unanchored_since
                            ? fmt::format("{} ({} ago)", audit::to_text(*report.unanchored_since),
                                          age_text(*report.unanchored_since))
                            : "an unknown time");
  }
  if (report.torn_bytes > 0) {
    text += fmt::format("  the last line was cut short, {}: the next record mends it\n",
                        human_bytes(report.torn_bytes));
  }
  for (const audit::OpenOperation& each : report.open) {
    text += fmt::format("  not ended: {} [{}], by process {}\n", each.operation, id_text(each.id),
                        each.process.pid);
  }
  return text;
}

int verify(Context& context, const Options& options) {
  constexpr std::size_t most_note = audit::most_note_bytes;
  audit::VerifyOptions asked{.directory = audit_directory(context),
                             .policy = audit_policy(context),
                             .checkpoints = {},
                             .stop = context.interrupt().token()};
  for (const std::string& file : options.checkpoints) {
    asked.checkpoints.push_back(os::read_whole(context.files(), file, most_note));
  }
  const bool has_witnesses = !context.settings().audit.witnesses.empty();
  confine(context, {.inside = {asked.directory}, .is_recorded = false});
  const audit::Report report = audit::verify(context.files(), asked);
  context.out().result(options.json ? json_line(json_of(report)) : text_of(report, has_witnesses));
  if (report.verdict == audit::Verdict::tampered) {
    context.out().error(Error{Code::data, "the audit log was tampered with",
                              "take a copy of it before anything else is done on this host"});
    return static_cast<int>(Code::data);
  }
  if (report.verdict == audit::Verdict::torn) {
    return static_cast<int>(Code::verdict);
  }
  if (!has_witnesses) {
    return 0;
  }
  const auto most_age = duration_of(options.max_age.value_or("75m"), "--max-age");
  const auto now = std::chrono::system_clock::now();
  const bool is_old =
      !report.anchor || !report.anchor->seen || now - *report.anchor->seen > most_age;
  return static_cast<int>(is_old ? Code::verdict : Code::ok);
}

int key(Context& context, const Options& options) {
  context.out().result(
      audit::to_text(options.witness ? audit_witness_key(context) : audit_log_key(context)) + "\n");
  return 0;
}

int checkpoint(Context& context) {
  audit::Log log = audit_log(context);
  context.out().result(
      audit::Checkpoints{log}.sign(audit_origin(context), audit_signing_key(context)));
  return 0;
}

int prove(Context& context, const Options& options) {
  std::uint64_t index = 0;
  const char* const end = options.id.data() + options.id.size();
  if (std::from_chars(options.id.data(), end, index).ptr != end || options.id.empty()) {
    throw Error{Code::usage, fmt::format("{} is no number of a record", printable(options.id)),
                "trackier-ctl audit log prints them in front"};
  }
  audit::Log log = audit_log(context);
  confine(context, {.inside = {audit_directory(context)}, .is_recorded = false});
  context.out().result(audit::to_text(audit::Checkpoints{log}.prove(index)));
  return 0;
}

int give_up(Context& context, const Options& options) {
  audit::Log log = audit_log(context);
  for (const audit::OpenOperation& each : log.open_operations()) {
    if (id_text(each.id).starts_with(options.id) && options.id.size() >= 8) {
      return log.give_up(each.id) ? 0 : static_cast<int>(Code::verdict);
    }
  }
  throw Error{Code::usage, fmt::format("no operation {} is open", printable(options.id)),
              "trackier-ctl audit verify lists those that are, with their ids"};
}

}  // namespace

Command make_audit_log() {
  auto options = std::make_shared<Options>();
  Command command{"log", "print what commands did"};
  command.option("--since", options->since, "TIME", "from this moment on: 2026-11-27T22:47:31Z");
  command.option("--until", options->until, "TIME", "before this moment");
  command.option("--operation", options->operation, "NAME",
                 "as keys.rotate, or keys for all of them");
  command.option("--last", options->last, "N", "the last N of them", 1, 1'000'000);
  command.flag("--json", options->json, "print the records as they are");
  command.run([options](Context& context) { return show(context, *options); });
  return command;
}

Command make_audit_find() {
  auto options = std::make_shared<Options>();
  Command command{"find", "print records that have a value, as a file name or a customer"};
  command.about(
      "The log has keyed hashes of values; it is the same value that is found, and no part of it.");
  command.option("--value", options->value, "TEXT", "as it stood on the command line").required();
  command.option("--last", options->last, "N", "the last N of them", 1, 1'000'000);
  command.flag("--json", options->json, "print the records as they are");
  command.run([options](Context& context) { return find(context, *options); });
  return command;
}

Command make_audit_verify() {
  auto options = std::make_shared<Options>();
  Command command{"verify", "say what can be said of the log, and exit 1 unless a witness agrees"};
  command
      .option("--checkpoint", options->checkpoints, "FILE",
              "a note that a witness has kept; may be given again")
      .offers(Offer::files);
  command.option("--max-age", options->max_age, "TIME", "of the last anchor (default: 75m)");
  command.flag("--json", options->json, "print it as JSON");
  command.run([options](Context& context) { return verify(context, *options); });
  return command;
}

Command make_audit_key() {
  auto options = std::make_shared<Options>();
  Command command{"key", "print the key of this log, for the settings of others"};
  command.flag("--witness", options->witness, "the key of this host as a witness");
  command.run([options](Context& context) { return key(context, *options); });
  return command;
}

Command make_audit_checkpoint() {
  Command command{"checkpoint", "sign the log as it is, and print the note"};
  command.run([](Context& context) { return checkpoint(context); });
  return command;
}

Command make_audit_prove() {
  auto options = std::make_shared<Options>();
  Command command{"prove", "print the proof that a record is in the log"};
  command.positional("N", options->id, "number of the record").required();
  command.run([options](Context& context) { return prove(context, *options); });
  return command;
}

Command make_audit_give_up() {
  auto options = std::make_shared<Options>();
  Command command{"give-up", "record that an operation that is open will not end"};
  command.positional("ID", options->id, "as audit verify prints it, at least 8 digits").required();
  command.run([options](Context& context) { return give_up(context, *options); });
  return command;
}

}  // namespace trackier::cli
