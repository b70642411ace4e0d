// The command that takes the people out of log files, and its two questions, --dry-run and --check.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "anonymize_compare.hpp"
#include "anonymize_follow.hpp"
#include "anonymize_plan.hpp"
#include "anonymize_report.hpp"
#include "anonymize_risk.hpp"
#include "anonymize_risk_with.hpp"
#include "commands.hpp"
#include "config/rule_set.hpp"
#include "confinement.hpp"
#include "context.hpp"
#include "core/text.hpp"
#include "os/file_stream.hpp"
#include "os/replace_file.hpp"
#include "os/terminal.hpp"

namespace trackier::cli {
namespace {

using anonymize::Finding;
using anonymize::FormatGuess;
using anonymize::Tally;

constexpr std::uint64_t small_file = 256 * 1024;

std::string shown(const std::string& input) {
  return input == "-" ? "standard input" : printable(input);
}

/// One run over all inputs.
class Run {
 public:
  Run(Context& context, const AnonymizeOptions& options)
      : context_(context), options_(options), plan_(make_plan(context, options)) {}

  int all() {
    confine(context_, needs());
    const auto started = std::chrono::steady_clock::now();
    AnonymizeReport report{.dry_run = options_.dry_run,
                           .profile = plan_.profile,
                           .tenant = options_.tenant,
                           .key_id = {},
                           .random_key = plan_.random_key,
                           .rule_set = config::rule_set_id(plan_.profile, TRACKIER_VERSION),
                           .has_periods = plan_.epochs != nullptr,
                           .periods = {}};
    for (const Task& task : plan_.tasks) {
      try {
        report.files.push_back(one(task));
      } catch (const os::BrokenPipe&) {
        throw;
      } catch (const os::Interrupted&) {
        throw;
      } catch (const Error& error) {
        context_.out().error(error);
        failure_ = failure_.value_or(error.code());
      }
      if (context_.interrupt().signal()) {
        return 0;  // main() dies of it
      }
    }
    report.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    if (!report.files.empty()) {  // if all failed, nothing can be said of what there is to replace
      tell(report);
      tell_risk(report);
    }
    if (failure_) {
      return static_cast<int>(*failure_);
    }
    return findings_ > 0 || !risk_good_ ? static_cast<int>(Code::verdict) : 0;
  }

 private:
  [[nodiscard]] Needs needs() const {
    Needs needs;
    for (const Task& task : plan_.tasks) {
      needs.inputs.push_back(task.input);
      if (task.output) {
        needs.outputs.push_back(*task.output);
      }
    }
    if (options_.risk_with) {
      needs.inputs.push_back(*options_.risk_with);
    }
    return needs;
  }

  FileReport one(const Task& task) {
    const std::unique_ptr<os::File> input =
        task.input == "-" ? os::standard_input() : context_.files().open(task.input);
    const os::FileStatus status = input->status();
    if (task.input == "-" && status.kind == os::FileStatus::Kind::terminal) {
      context_.out().note("reading the terminal; Ctrl-D ends it");
    }
    FileReport report{.input = task.input,
                      .output = {},
                      .encoding = task.encoding,
                      .tally = Tally{plan_.profile}};
    if (options_.check || options_.dry_run || plan_.measures_input) {
      NoSink nowhere;
      report.tally = job(task, *input, status, nowhere, report.format);
    } else if (!task.output) {
      const auto output = os::standard_output();
      refuse_same_file(status, output->status(), task, "standard output");
      os::FileSink sink{*output};
      report.output = "-";
      report.tally = job(task, *input, status, sink, report.format);
    } else {
      report.output = task.output->native();
      report.tally = into_file(task, *input, status, report.format);
    }
    return report;
  }

  Tally into_file(const Task& task, os::File& input, const os::FileStatus& status,
                  anonymize::Format& format) {
    const std::filesystem::path& target = *task.output;
    const auto existing = context_.files().status(target);
    if (existing) {
      refuse_same_file(status, *existing, task, printable(target.native()));
    }
    if (existing && (existing->kind == os::FileStatus::Kind::pipe ||
                     existing->kind == os::FileStatus::Kind::other)) {
      // A FIFO or a device is written to, as every filter does; only files appear whole.
      const auto device = context_.files().open_device(target);
      os::FileSink sink{*device};
      return job(task, input, status, sink, format);
    }
    const bool from_file = status.kind == os::FileStatus::Kind::regular;
    os::ReplaceOptions options{.replace = options_.force};
    if (from_file) {
      options.like = status;
    }
    if (from_file && task.encoding == codec::Encoding::none) {
      options.reserve = status.size;
    }
    os::ReplaceFile sink{context_.files(), target, options};
    return job(task, input, status, sink, format);
  }

  static void refuse_same_file(const os::FileStatus& input, const os::FileStatus& output,
                               const Task& task, const std::string& name) {
    if (input.kind == os::FileStatus::Kind::regular && input.same_file(output)) {
      throw Error{Code::cannot_create,
                  fmt::format("{} is both input and output ({})", shown(task.input), name),
                  "write to another file and rename it afterwards"};
    }
  }

  Tally job(const Task& task, os::File& input, const os::FileStatus& status, Sink& output,
            anonymize::Format& format) {
    os::FileSource source{input};
    Progress& progress = context_.progress();
    progress.begin(shown(task.input), status.size);
    anonymize::JobOptions options = plan_.job;
    options.encoding = task.encoding;
    options.times = times_of(status);
    options.look_again = options_.report;
    if (status.kind == os::FileStatus::Kind::regular && status.size <= small_file) {
      options.workers = 1;  // there is nothing to share, and threads take time to begin
    }
    if (plan_.survey) {
      plan_.survey->discard();  // what a run has left that failed
      options.observer = [this](anonymize::Format known, const anonymize::Columns& columns) {
        return plan_.survey->observer(known, columns);
      };
    }
    const anonymize::JobEvents events{
        .format_known =
            [&](const FormatGuess& guess) {
              format = guess.format;
              tell_format(task, guess);
            },
        .found = [&](const Finding& finding) { tell_finding(task, finding); },
        .progressed = [&](std::uint64_t bytes) { progress.advance(source.bytes_read(), bytes); },
    };
    Tally tally =
        doing(fmt::format("{} {}",
                          options_.check         ? "checking"
                          : plan_.measures_input ? "measuring"
                                                 : "anonymizing",
                          shown(task.input)),
              [&] {
                return anonymize::run_job(source, output, plan_.profile, plan_.pseudonymizer,
                                          options, events, context_.interrupt().token());
              });
    if (plan_.survey) {
      plan_.survey->keep();
    }
    progress.clear();
    tell_tally(task, tally);
    return tally;
  }

  void tell_format(const Task& task, const FormatGuess& guess) {
    context_.out().detail(
        guess.format == anonymize::Format::plain || guess.records == 0
            ? fmt::format("{}: format {}", shown(task.input), anonymize::name_of(guess.format))
            : fmt::format("{}: format {} ({:.0f}% of the first {} lines)", shown(task.input),
                          anonymize::name_of(guess.format), guess.share * 100, guess.records));
  }

  void tell_finding(const Task& task, const Finding& finding) {
    ++findings_;
    const std::string rule = anonymize::rule_name(plan_.profile, finding.rule);
    context_.out().result(options_.json
                              ? json_of(task.input, finding, rule)
                              : fmt::format("{}:{}:{}: {}\n", printable(task.input), finding.line,
                                            finding.column, printable(rule)));
  }

  void tell_tally(const Task& task, const Tally& tally) {
    const auto replaced =
        std::accumulate(tally.replaced.begin(), tally.replaced.end(), std::uint64_t{0});
    context_.out().detail(fmt::format("{}: {} lines, {} values {}", shown(task.input),
                                      grouped(tally.lines), grouped(replaced),
                                      options_.check     ? "found"
                                      : options_.dry_run ? "would be replaced"
                                                         : "replaced"));
    const std::string unparsed =
        fmt::format("{}: {} of {} records are not of the format", shown(task.input),
                    grouped(tally.unparsed), grouped(tally.records));
    const auto parsed = static_cast<double>(tally.records - tally.unparsed);
    if (parsed < plan_.job.min_share * static_cast<double>(tally.records)) {
      context_.out().warning(unparsed);  // the beginning promised otherwise
    } else if (tally.unparsed > 0) {
      context_.out().detail(unparsed);
    }
    if (options_.check && tally.unverifiable > 0) {
      context_.out().note(
          fmt::format("{}: of {} values it cannot be told whether they are pseudonyms",
                      shown(task.input), grouped(tally.unverifiable)));
    }
  }

  void tell(AnonymizeReport& report) {
    const bool pseudonyms = std::ranges::any_of(report.files, [&](const FileReport& file) {
      return made_pseudonyms(plan_.profile, file.tally);
    });
    if (pseudonyms && !options_.check) {
      if (!plan_.epochs) {
        report.key_id = plan_.pseudonymizer.key_id();
      }
      if (plan_.random_key && !options_.dry_run) {
        context_.out().note(
            "pseudonyms were made with a random key of this run; name a key to have them agree "
            "with others");
      }
    }
    tell_periods(report);
    record_in(context_, report,
              {.only_found = options_.check || options_.dry_run, .looked_again = options_.report});
    if (options_.dry_run) {
      context_.out().result(options_.json ? json_of(report) : text_of(report));
    } else if (options_.report && options_.json) {
      context_.out().result(json_of(report));
    } else if (options_.report) {
      context_.out().say(text_of(report));
    }
  }

  void tell_periods(AnonymizeReport& report) {
    if (!plan_.epochs) {
      return;
    }
    report.periods = plan_.epochs->met();
    std::uint64_t without_key = 0;
    for (const FileReport& file : report.files) {
      without_key += file.tally.without_key;
    }
    if (without_key > 0) {
      context_.out().warning(
          fmt::format("the keys of periods are destroyed; values {}redacted instead: {}",
                      options_.dry_run ? "that would be " : "", grouped(without_key)));
    }
  }

  void tell_risk(const AnonymizeReport& done) {
    if (!plan_.survey) {
      return;
    }
    std::uint64_t unmeasured = plan_.survey->unreadable();
    for (const FileReport& file : done.files) {
      unmeasured += dropped_when_unparsed() ? 0U : file.tally.unparsed;
    }
    const risk::RiskReport report = risk::report_of(plan_.survey->result(), plan_.survey->fields(),
                                                    options_.risk_k.value_or(2));
    RiskPrint print{.report = report,
                    .id = plan_.survey->id(),
                    .written = !plan_.measures_input,
                    .unmeasured = unmeasured,
                    .wanted = options_.risk_k,
                    .allowed = options_.risk_share.value_or(0) / 100.0,
                    .other = {}};
    if (options_.risk_with) {
      print.other = measure_other(context_, plan_, *options_.risk_with);
    }
    risk_good_ = print.good();
    const bool output_is_log =
        !plan_.measures_input && !options_.dry_run && (!plan_.tasks.front().output);
    if (options_.json) {
      context_.out().result(json_of(print));
    } else if (output_is_log) {
      context_.out().say(text_of(print));
    } else {
      context_.out().result(text_of(print));
    }
  }

  [[nodiscard]] bool dropped_when_unparsed() const {
    return plan_.profile.when_unparsed() == anonymize::Profile::Unparsed::drop;
  }

  Context& context_;
  const AnonymizeOptions& options_;
  AnonymizePlan plan_;
  bool risk_good_ = true;
  std::optional<Code> failure_;
  std::uint64_t findings_ = 0;
};

}  // namespace

Command anonymize() {
  auto options = std::make_shared<AnonymizeOptions>();
  Command command{"anonymize", "take the people out of log files"};
  command.about(
      "Internet addresses lose their last part, visitor ids become keyed pseudonyms, and\n"
      "e-mail addresses, phone numbers, cards, bank accounts, tokens, passwords and what\n"
      "stands behind a name that announces a person are replaced. Every other byte stays.\n"
      "Formats are told by the first lines; gzip and Zstandard are read as they are.");
  command.positionals("FILE", options->inputs, "logs to read; standard input without any, or for -")
      .offers(Offer::files);
  command
      .option("-o,--output", options->output, "FILE",
              "write the result here, complete or not at all")
      .offers(Offer::files);
  command
      .option("--out-dir", options->output_directory, "DIR",
              "write each result here under the name of its input")
      .offers(Offer::directories);
  command.flag("--force", options->force, "replace outputs that exist");
  add_source_options(command, *options);
  command.option("--addresses", options->addresses, "HOW", "what becomes of addresses")
      .one_of({"last-octet", "two-octets", "three-octets", "prefix", "ipcrypt", "ipcrypt-nd",
               "ipcrypt-ndx", "hash", "redact", "keep"});
  command.option("--keep-network", options->keep_networks, "NETWORK",
                 "leave alone: 10.0.0.0/8, private, loopback ...");
  command.flag("--names", options->names, "look for names of persons in running text, too");
  add_risk_options(command, *options);
  command.option("--compress", options->compress, "HOW", "compress the output")
      .one_of({"auto", "none", "gzip", "zstd"});
  command.option("--threads", options->threads, "N", "worker threads; 0 is one for each processor",
                 0, 256);
  command.flag("--follow", options->follow, "go on with what is added to the log, across rotation");
  command
      .option("--position", options->position, "FILE",
              "with --follow: keep here how far the log has been read")
      .offers(Offer::files);
  command.flag("--dry-run", options->dry_run, "print what would be replaced; write nothing");
  command.flag("--check", options->check, "print where personal values are; exit 1 if any");
  command.flag("--compare", options->compare,
               "print where OUT is not IN without its people; exit 1 if anywhere");
  command.flag("--report", options->report, "print afterwards what was done");
  command.flag("--json", options->json,
               "print report, dry run, comparison, risk or findings as JSON");
  command.example("trackier-ctl anonymize access.log -o access.anon.log");
  command.example("zcat access.log.gz | trackier-ctl anonymize - | sort");
  command.example("trackier-ctl anonymize --report --out-dir anonymized logs/*.log.gz");
  command.example("trackier-ctl anonymize --check access.anon.log");
  command.example("trackier-ctl anonymize --risk host,user_agent access.log");
  command.example("trackier-ctl anonymize --compare access.log access.anon.log");
  command.run([options](Context& context) {
    if (options->position && !options->follow) {
      throw Error{Code::usage, "--position goes with --follow", "give both or none"};
    }
    return options->follow    ? follow(context, *options)
           : options->compare ? compare_files(context, *options)
                              : Run{context, *options}.all();
  });
  return command;
}

}  // namespace trackier::cli
