// The command that gives whoever has the key the values back that tokens stand for.
#include <fmt/format.h>

#include <algorithm>

#include "anonymize/transformer.hpp"
#include "anonymize_plan.hpp"
#include "codec/decoder.hpp"
#include "commands.hpp"
#include "confinement.hpp"
#include "core/text.hpp"
#include "os/file_stream.hpp"
#include "os/process.hpp"
#include "os/replace_file.hpp"

namespace trackier::cli {
namespace {

using anonymize::Kind;
using anonymize::Outcome;
using anonymize::Transform;

struct Options {
  std::vector<std::string> inputs;
  AnonymizeOptions job;
  std::optional<std::string> kind;
  std::optional<std::string> field;
  std::optional<std::string> reason;
};

std::string shown(const std::string& input) {
  return input == "-" ? "standard input" : printable(input);
}

[[noreturn]] void refuse_token(const std::string& input, std::uint64_t line, std::uint64_t column) {
  throw Error{Code::data, fmt::format("{}:{}:{}: this is no token", printable(input), line, column),
              "was it made with this profile, and is it whole?"};
}

/// The transform that tokens of a kind, or of a field, were made with.
struct Rule {
  Transform transform;
  Kind kind = Kind::field;
};

Rule rule_of(const Options& options, const anonymize::Profile& profile) {
  if (options.kind) {
    const auto kind = anonymize::kind_named(*options.kind);
    if (!kind) {
      throw Error{Code::usage, fmt::format("--kind: there is no kind {}", printable(*options.kind)),
                  "trackier-ctl-anonymize(1) lists them"};
    }
    return {.transform = profile.transforms[*kind], .kind = *kind};
  }
  const auto found =
      std::ranges::find(profile.fields, *options.field, &anonymize::FieldRule::selector);
  if (found == profile.fields.end()) {
    throw Error{Code::usage,
                fmt::format("--field: the profile has no rule for {}", printable(*options.field)),
                "write it as the profile does"};
  }
  return {.transform = found->transform};
}

/// Tokens, one a line.
std::uint64_t undo_lines(const std::string& name, Source& input, Sink& output, const Rule& rule,
                         const anonymize::Pseudonymizer& pseudonymizer) {
  constexpr std::size_t longest = std::size_t{1} << 20U;
  constexpr std::size_t at_once = std::size_t{64} << 10U;
  anonymize::Transformer transformer{pseudonymizer, {}};
  std::uint64_t line = 0;
  std::uint64_t tokens = 0;
  std::string ahead;
  std::string result;
  const auto undo = [&](std::string_view token) {
    ++line;
    const Outcome outcome = transformer.append_original(rule.transform, rule.kind,
                                                        anonymize::Form::plain, token, result);
    if (outcome == Outcome::malformed) {
      refuse_token(name, line, 1);
    }
    result.append(outcome == Outcome::unchanged ? token : std::string_view{});
    tokens += outcome == Outcome::replaced ? 1U : 0U;
  };
  std::vector<std::byte> room(at_once);
  for (std::size_t got = input.read(room); got > 0; got = input.read(room)) {
    ahead.append(as_text(Bytes{room}.first(got)));
    std::size_t begin = 0;
    for (std::size_t end = ahead.find('\n'); end != std::string::npos;
         end = ahead.find('\n', begin)) {
      undo(std::string_view{ahead}.substr(begin, end - begin));
      result.push_back('\n');
      begin = end + 1;
    }
    ahead.erase(0, begin);
    if (ahead.size() > longest) {
      throw Error{Code::data,
                  fmt::format("{}: line {} is longer than 1 MiB", shown(name), line + 1)};
    }
    output.write(as_bytes(result));
    result.clear();
  }
  if (!ahead.empty()) {
    undo(ahead);
    output.write(as_bytes(result));
  }
  output.finish();
  return tokens;
}

class Run {
 public:
  Run(Context& context, const Options& options)
      : context_(context), options_(options), plan_(make_plan(context, options.job)) {
    if (plan_.random_key) {
      throw Error{Code::no_permission, "tokens are undone with the key that made them",
                  "name it with --key, or in the profile"};
    }
    if (options.kind || options.field) {
      rule_ = rule_of(options, plan_.profile);
    }
    const bool has_tokens = rule_ ? anonymize::is_reversible(rule_->transform)
                                  : anonymize::is_reversible(plan_.profile);
    if (!has_tokens) {
      throw Error{Code::usage, "these rules make nothing that can be undone",
                  "name the profile that made them with --profile"};
    }
    if (rule_ && plan_.epochs && !plan_.job.period) {
      throw Error{Code::usage, "lines of tokens alone do not say when they were made",
                  "name the period with --epoch-at"};
    }
    plan_.profile = anonymize::only_reversible(std::move(plan_.profile));
    plan_.job.undo = true;
  }

  int undo() {
    const Task& task = plan_.tasks.front();
    confine(context_, {.inputs = {task.input},
                       .outputs = task.output ? std::vector{*task.output}
                                              : std::vector<std::filesystem::path>{}});
    const std::unique_ptr<os::File> input =
        task.input == "-" ? os::standard_input() : context_.files().open(task.input);
    std::uint64_t tokens = 0;
    if (task.output) {
      os::ReplaceFile sink{context_.files(), *task.output, {.replace = options_.job.force}};
      tokens = undo(task.input, *input, sink);
    } else {
      const auto output = os::standard_output();
      os::FileSink sink{*output};
      tokens = undo(task.input, *input, sink);
    }
    context_.record("tokens", audit::Value{tokens});
    record_keys();
    context_.out().detail(fmt::format("{}: {} tokens undone", shown(task.input), grouped(tokens)));
    return 0;
  }

 private:
  /// Throws Error{Code::no_permission} for a period whose key has been destroyed.
  std::shared_ptr<const anonymize::Pseudonymizer> pseudonymizer_of_lines() {
    if (!plan_.epochs) {
      return {std::shared_ptr<void>{}, &plan_.pseudonymizer};
    }
    auto pseudonymizer = plan_.epochs->of(*plan_.job.period);
    if (!pseudonymizer) {
      throw Error{Code::no_permission,
                  fmt::format("the key of {} is destroyed: its tokens are final",
                              to_text(*plan_.job.period)),
                  "only a copy of the key from before could undo them"};
    }
    return pseudonymizer;
  }

  void record_keys() {
    if (!plan_.epochs) {
      context_.record("key", plan_.pseudonymizer.key_id());
      return;
    }
    for (const auto& [period, key_id] : plan_.epochs->met()) {
      context_.record("key", fmt::format("{}:{}", to_text(period), key_id.value_or("destroyed")));
    }
  }

  std::uint64_t undo(const std::string& name, os::File& input, Sink& sink) {
    if (rule_) {
      os::FileSource source{input};
      codec::Decoder decoder{source};
      return undo_lines(name, decoder, sink, *rule_, *pseudonymizer_of_lines());
    }
    os::FileSource source{input};
    const anonymize::JobEvents events{.format_known = {},
                                      .found =
                                          [&](const anonymize::Finding& finding) {
                                            refuse_token(name, finding.line, finding.column);
                                          },
                                      .progressed = {}};
    anonymize::JobOptions job = plan_.job;
    job.times = times_of(input.status());
    const anonymize::Tally tally =
        anonymize::run_job(source, sink, plan_.profile, plan_.pseudonymizer, job, events,
                           context_.interrupt().token());
    if (tally.without_key > 0) {
      context_.out().warning(
          fmt::format("{}: the keys of periods are destroyed; tokens that stay: {}", shown(name),
                      grouped(tally.without_key)));
    }
    std::uint64_t tokens = 0;
    for (const std::uint64_t count : tally.replaced) {
      tokens += count;
    }
    return tokens;
  }

  Context& context_;
  const Options& options_;
  AnonymizePlan plan_;
  std::optional<Rule> rule_;
};

int run(Context& context, const std::shared_ptr<Options>& options) {
  if (options->inputs.size() > 1) {
    throw Error{Code::usage, "one file is read at a time", "run it once for each"};
  }
  if (options->kind && options->field) {
    throw Error{Code::usage, "--kind and --field both say what the tokens are", "leave one out"};
  }
  if (options->reason.value_or("").empty()) {
    throw Error{Code::usage, "--reason says nothing", "say why: it goes into the audit log"};
  }
  options->job.inputs = options->inputs;
  return Run{context, *options}.undo();
}

}  // namespace

Command detokenize() {
  auto options = std::make_shared<Options>();
  Command command{"detokenize", "give back the values that tokens stand for"};
  command.about(
      "For whoever has the key, and leaves a record. A FILE is undone by the profile that made "
      "its\n"
      "tokens, everything else in it stays; with --kind or --field each line is a token.");
  command
      .positionals("FILE", options->inputs,
                   "what holds tokens; standard input without any, or for -")
      .offers(Offer::files);
  command.option("--reason", options->reason, "TEXT", "why; in the audit log").required();
  command
      .option("-o,--output", options->job.output, "FILE",
              "write the result here, complete or not at all, for its owner alone")
      .offers(Offer::files);
  command.flag("--force", options->job.force, "replace an output that exists");
  command.option("--kind", options->kind, "KIND", "each line is a token of this kind");
  command.option("--field", options->field, "SELECTOR",
                 "each line is a token of this field of the profile");
  add_source_options(command, options->job);
  command.example(
      "trackier-ctl detokenize --reason 'ticket 4711' --profile clicks clicks.tok.jsonl -o "
      "clicks.jsonl");
  command.example("trackier-ctl detokenize --reason 'ticket 4711' --kind card < tokens.txt");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return run(context, options);
  });
  return command;
}

}  // namespace trackier::cli
