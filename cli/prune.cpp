// The command that takes old backups away.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "backup/prune.hpp"
#include "backup_sources.hpp"
#include "commands.hpp"
#include "core/text.hpp"
#include "json_line.hpp"
#include "os/process.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> sources;
  StoreOptions store;
  bool dry_run = false;
  bool allow_mass_deletion = false;
  bool json = false;
};

class Run {
 public:
  Run(Context& context, const Options& options, const store::StoreDirectory& store,
      const config::Source& source)
      : context_(context),
        options_(options),
        source_(source),
        directory_(store.source(source.name)) {}

  Code all() {
    if (!directory_.exists()) {
      return Code::ok;
    }
    doing("pruning " + source_.name, [this] {
      const auto lock = options_.dry_run ? nullptr : directory_.lock(store::Lock::write);
      const backup::PrunePlan plan = backup::plan_prune(
          context_.files(), directory_,
          verified_backups(context_, directory_, proof::Lost::nothing), source_.retention,
          {.allowed = options_.allow_mass_deletion || options_.dry_run}, now());
      tell(plan);
      if (options_.dry_run) {
        warn_of_brake(plan);
        return;
      }
      const backup::Pruned pruned =
          backup::prune(context_.files(), directory_, plan, now(), manifest_signing_key(context_));
      context_.out().summary(fmt::format(
          "{}: {} of {} backups removed, {} free{}", source_.name, pruned.backups,
          plan.decisions.size(), human_bytes(pruned.bytes),
          pruned.packs_are_read ? "; somebody reads: what they needed goes next time" : ""));
    });
    return Code::ok;
  }

 private:
  /// A dry run shows all of it, and says that without more it would not be done.
  void warn_of_brake(const backup::PrunePlan& plan) const {
    const auto refused =
        backup::mass_deletion(plan.decisions, {.allowed = options_.allow_mass_deletion});
    if (refused) {
      context_.out().warning(fmt::format("{}: {}: refused without --allow-mass-deletion",
                                         source_.name, refused->what()));
    }
  }

  void tell(const backup::PrunePlan& plan) {
    for (const backup::Decision& each : plan.decisions) {
      if (options_.json) {
        context_.out().result(json_line(Json{{"source", source_.name},
                                             {"id", each.id},
                                             {"sequence", each.sequence},
                                             {"keep", each.keep},
                                             {"rule", each.rule},
                                             {"reason", each.reason},
                                             {"past_max_age", each.past_max_age},
                                             {"dry_run", options_.dry_run}}));
      } else if (options_.dry_run) {
        context_.out().result(fmt::format("{} #{} {}  {}  {}: {}\n", source_.name, each.sequence,
                                          each.id.substr(0, 8), each.keep ? "keep" : "would remove",
                                          each.rule, each.reason));
      }
      if (each.past_max_age) {
        context_.out().warning(fmt::format("{}: backup {} is older than max_age_days, and kept: {}",
                                           source_.name, each.id.substr(0, 8), each.reason));
      }
    }
  }

  Context& context_;
  const Options& options_;
  const config::Source& source_;
  store::SourceDirectory directory_;
};

int run(Context& context, const Options& options) {
  const auto sources = sources_named(context, options.sources);
  const auto store = open_store(context, options.store);
  if (store.is_append_only() && !options.dry_run) {
    throw Error{Code::no_permission,
                fmt::format("{} is append-only: nothing is removed from it",
                            printable(store.path().native())),
                "what is too much is removed by hand, or with --dry-run looked at"};
  }
  return attempt_each(context, sources, [&](const config::Source& source) {
    return Run{context, options, store, source}.all();
  });
}

}  // namespace

Command prune() {
  auto options = std::make_shared<Options>();
  Command command{"prune", "take away the backups that retention does not keep"};
  command.about(
      "Which ones these are, the settings say, in [retention]; --dry-run prints each backup\n"
      "with the rule that keeps it or lets it go. Held backups, the newest one and the newest\n"
      "verified one are never removed. Needs no key.");
  command.positionals("SOURCE", options->sources, "names from the settings; all without any");
  command.flag("--dry-run", options->dry_run, "say what would be removed, and why");
  command.flag("--allow-mass-deletion", options->allow_mass_deletion,
               "remove more than half of the backups at once");
  add_store_option(command, options->store);
  command.flag("--json", options->json, "print a line of JSON for each backup");
  command.example("trackier-ctl prune --dry-run");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return run(context, *options);
  });
  return command;
}

}  // namespace trackier::cli
