// The command that backs databases up.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backup/backup_run.hpp"
#include "backup/prune.hpp"
#include "backup_copy.hpp"
#include "backup_sources.hpp"
#include "commands.hpp"
#include "core/text.hpp"
#include "json_line.hpp"
#include "os/process.hpp"
#include "recipients.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;
using config::Source;

struct Options {
  std::vector<std::string> sources;
  StoreOptions store;
  std::optional<unsigned> threads;
  bool if_due = false;
  bool new_chain = false;
  bool json = false;
};

/// One source, from the lock to the backups that retention no longer keeps.
class Run {
 public:
  Run(Context& context, const Options& options, const store::StoreDirectory& store,
      const Source& source)
      : context_(context),
        options_(options),
        source_(source),
        directory_(store.source(source.name)),
        state_(host_state(context, store, source.name)),
        append_only_(store.is_append_only()),
        started_(now()) {}

  Code all() {
    state_.create();
    state_.begin_attempt(started_);
    try {
      doing("backing up " + source_.name, [this] { take(); });
    } catch (const os::Interrupted& error) {
      end(backup::Attempt::Outcome::failed, error.what());
      throw;
    } catch (const Error& error) {
      end(error.code() == Code::busy ? backup::Attempt::Outcome::busy
                                     : backup::Attempt::Outcome::failed,
          error.what());
      throw;
    }
    end(backup::Attempt::Outcome::done, "");
    return Code::ok;
  }

 private:
  void end(backup::Attempt::Outcome outcome, const std::string& message) const {
    try {
      state_.end_attempt(started_, now(), outcome, message);
    } catch (const Error& error) {
      context_.out().warning(fmt::format("how this run went is not noted: {}", error.what()));
    }
  }

  void take() {
    directory_.create();
    const auto lock = directory_.lock(store::Lock::write);
    const RecipientList recipients = recipients_for_source();
    const crypto::Secret signing_key = manifest_signing_key(context_);
    const backup::ChainFile chain = chain_file(context_, state_);
    const auto database = database_of(context_, source_, state_);
    Progress& progress = context_.progress();
    progress.begin(source_.name, 0);
    const backup::RunEvents events{
        .warn =
            [this](const std::string& text) {
              context_.out().warning(fmt::format("{}: {}", source_.name, text));
            },
        .take = {.progressed = [&progress](std::uint64_t read, std::uint64_t /*written*/) {
          progress.advance(read, read);
        }}};
    const auto begun = std::chrono::steady_clock::now();
    const backup::RunResult result =
        backup::back_up(*database,
                        {.files = context_.files(),
                         .source = directory_,
                         .state = state_,
                         .chain_file = chain,
                         .signing_key = signing_key,
                         .now_ns = now_ns},
                        run_options(recipients), events, context_.interrupt().token());
    progress.clear();
    tell(result, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    if (result.was_due && context_.settings().backup.prune && !append_only_) {
      prune(signing_key);
    }
  }

  /// The source's own, or its tenant's, or those of [encrypt].
  [[nodiscard]] RecipientList recipients_for_source() const {
    const bool by_tenant = source_.recipients.empty() && !source_.tenant.empty();
    try {
      return recipients_of(context_,
                           {.recipients = source_.recipients,
                            .tenant = by_tenant ? std::optional{source_.tenant} : std::nullopt});
    } catch (const Error& error) {
      if (error.code() != Code::usage) {
        throw;
      }
      throw Error{Code::config, error.what(),
                  "set recipients in the [[source]], in its [tenant], or in [encrypt]"};
    }
  }

  [[nodiscard]] backup::RunOptions run_options(const RecipientList& recipients) const {
    std::vector<std::string> ids = recipients.key_ids;
    std::ranges::sort(ids);
    return {.tenant = source_.tenant,
            .period = source_.every,
            .chain_length = source_.chain_days,
            .check_every = source_.check == Source::Check::always ? std::chrono::hours{0}
                                                                  : std::chrono::hours{24},
            .check = source_.check != Source::Check::never,
            .digest_every = source_.digest == Source::Check::always ? std::chrono::hours{0}
                                                                    : std::chrono::hours{24},
            .digest = source_.digest != Source::Check::never,
            .if_due = options_.if_due,
            .new_chain = options_.new_chain,
            .workers = backup_workers(context_, options_.threads),
            .recipients = recipients.recipients,
            .sealed_for = fmt::format("{}", fmt::join(ids, ",")),
            .host = host_name(),
            .tool = "trackier-ctl " TRACKIER_VERSION};
  }

  void tell(const backup::RunResult& result, double seconds) {
    const store::Manifest& manifest = result.manifest;
    if (result.was_due) {
      context_.record("backup", result.digest);
    }
    if (result.was_due && manifest.damaged) {
      context_.out().warning(fmt::format(
          "{}: the database's own check failed: the backup is kept as damaged", source_.name));
    }
    if (options_.json) {
      context_.out().result(json_line(result.was_due
                                          ? Json{{"source", source_.name},
                                                 {"due", true},
                                                 {"id", manifest.id},
                                                 {"sequence", manifest.sequence},
                                                 {"slot", to_rfc3339(manifest.slot)},
                                                 {"taken", to_rfc3339(manifest.taken)},
                                                 {"chain", manifest.chain},
                                                 {"new_chain", !result.new_chain_because.empty()},
                                                 {"unchanged", manifest.unchanged},
                                                 {"damaged", manifest.damaged},
                                                 {"check", manifest.check},
                                                 {"source_bytes", manifest.source_bytes},
                                                 {"stored_bytes", manifest.stored_bytes},
                                                 {"seconds", seconds}}
                                          : Json{{"source", source_.name}, {"due", false}}));
      return;
    }
    if (!result.was_due) {
      context_.out().summary(fmt::format("{}: not due, the slot has its backup", source_.name));
      return;
    }
    context_.out().summary(fmt::format(
        "{}: backup {} of {}: {} stored in {:.1f} s{}", source_.name, manifest.id.substr(0, 8),
        human_bytes(manifest.source_bytes),
        manifest.unchanged ? "unchanged, nothing" : human_bytes(manifest.stored_bytes), seconds,
        result.new_chain_because.empty()
            ? ""
            : fmt::format("; a new chain begins: {}", result.new_chain_because)));
  }

  /// A backup that has landed has, whatever becomes of older ones.
  void prune(const crypto::Secret& signing_key) {
    try {
      const auto plan =
          backup::plan_prune(context_.files(), directory_,
                             verified_backups(context_, directory_, proof::Lost::nothing),
                             source_.retention, {}, now());
      const backup::Pruned pruned =
          backup::prune(context_.files(), directory_, plan, now(), signing_key);
      if (pruned.backups > 0) {
        context_.out().summary(fmt::format("{}: {} old backups removed, {} free", source_.name,
                                           pruned.backups, human_bytes(pruned.bytes)));
      }
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      context_.out().warning(
          fmt::format("{}: old backups were not removed: {}", source_.name, error.what()));
    }
  }

  Context& context_;
  const Options& options_;
  const Source& source_;
  store::SourceDirectory directory_;
  backup::HostState state_;
  bool append_only_;
  Time started_;
};

int run(Context& context, const Options& options) {
  const auto sources = sources_named(context, options.sources);
  const auto store = open_or_create_store(context, options.store);
  return attempt_each(context, sources, [&](const Source& source) {
    return Run{context, options, store, source}.all();
  });
}

}  // namespace

Command backup() {
  auto options = std::make_shared<Options>();
  Command command{"backup", "back databases up, as they are at this moment"};
  command.about(
      "Each database of the settings, or those that are named, is read while others write to\n"
      "it, and what has changed since the last backup is stored, encrypted for the recipients.\n"
      "This host can read the backups of the chain it is writing, and no older ones. Silent\n"
      "when all went well; a backup appears complete or not at all.");
  command.positionals("SOURCE", options->sources, "names from the settings; all without any");
  command.flag("--if-due", options->if_due, "only those whose slot has no backup yet; for timers");
  add_store_option(command, options->store);
  command.flag("--new-chain", options->new_chain,
               "begin a new chain: everything is stored anew, under a new key");
  command.option("-j,--threads", options->threads, "N",
                 "worker threads; 0 is one for each processor, at most 4", 0, 64);
  command.flag("--json", options->json, "print a line of JSON for each source");
  command.example("trackier-ctl backup");
  command.example("trackier-ctl backup --if-due shop");
  command.add(make_backup_copy());
  command.run([options](Context& context) {
    os::forbid_inspection();
    return run(context, *options);
  });
  return command;
}

}  // namespace trackier::cli
