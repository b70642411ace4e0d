// The command that says which backups there are.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backup/chain.hpp"
#include "backup/selection.hpp"
#include "backup/slots.hpp"
#include "backup_sources.hpp"
#include "backup_standing.hpp"
#include "commands.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "json_line.hpp"
#include "store/hold.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::days account_days{30};

struct Options {
  std::vector<std::string> sources;
  StoreOptions store;
  std::optional<std::string> source;  ///< of holds
  std::string name;                   ///< of a hold
  std::optional<std::string> reason;
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::string> user;
  std::optional<unsigned> max_age_minutes;
  bool slots = false;
  bool json = false;
};

/// What of a backup is missing in the store, without opening anything: names of packs.
std::vector<std::string> missing_packs(os::FileSystem& files, const store::SourceDirectory& source,
                                       const store::Manifest& manifest) {
  std::vector<std::string> missing;
  for (const auto& generation : manifest.generations) {
    for (const auto& pack : generation.packs) {
      const auto status = files.status(source.packs() / pack.name);
      if (!status || status->size != pack.bytes) {
        missing.push_back(pack.name);
      }
    }
  }
  return missing;
}

/// One source of the store.
class Report {
 public:
  Report(Context& context, const Options& options, const store::StoreDirectory& store,
         const std::string& name)
      : context_(context),
        options_(options),
        name_(name),
        source_(store.source(name)),
        state_(host_state(context, store, name)),
        listing_(source_.list()) {}

  Code all() {
    for (const auto& each : listing_.unreadable) {
      context_.out().warning(fmt::format("{}: a manifest cannot be read: {}", name_, each.why));
      problems_ = true;
    }
    if (options_.slots) {
      slots();
    } else {
      backups();
    }
    check_age();
    return problems_ ? Code::verdict : Code::ok;
  }

 private:
  void backups() {
    const auto holds = store::list_holds(context_.files(), source_);
    if (!options_.json && listing_.manifests.empty()) {
      context_.out().result(fmt::format("{}: no backups\n", name_));
    }
    for (const auto& each : listing_.manifests) {
      const store::Manifest& manifest = each.manifest;
      const auto missing = missing_packs(context_.files(), source_, manifest);
      const std::string fault =
          backup::chain_envelope_fault(context_.files(), source_, manifest.chain);
      const bool no_key = !fault.empty();
      problems_ = problems_ || !missing.empty() || no_key;
      std::vector<std::string> held;
      for (const auto& hold : holds) {
        if (hold.covers(manifest.slot)) {
          held.push_back(hold.name);
        }
      }
      if (options_.json) {
        context_.out().result(json_line(Json{{"source", name_},
                                             {"id", manifest.id},
                                             {"sequence", manifest.sequence},
                                             {"kind", manifest.kind},
                                             {"tenant", manifest.tenant},
                                             {"slot", to_rfc3339(manifest.slot)},
                                             {"taken", to_rfc3339(manifest.taken)},
                                             {"finished", to_rfc3339(manifest.finished)},
                                             {"received", to_rfc3339(each.received)},
                                             {"chain", manifest.chain},
                                             {"unchanged", manifest.unchanged},
                                             {"damaged", manifest.damaged},
                                             {"check", manifest.check},
                                             {"source_bytes", manifest.source_bytes},
                                             {"stored_bytes", manifest.stored_bytes},
                                             {"holds", held},
                                             {"missing_packs", missing},
                                             {"missing_key", no_key},
                                             {"signer", crypto::base64(each.signer)},
                                             {"host", manifest.host}}));
        continue;
      }
      std::vector<std::string> remarks;
      if (manifest.unchanged) {
        remarks.emplace_back("unchanged");
      }
      if (manifest.damaged) {
        remarks.emplace_back("source damaged");
      }
      for (const std::string& hold : held) {
        remarks.push_back("held: " + hold);
      }
      if (!missing.empty()) {
        remarks.push_back(
            fmt::format("CANNOT BE RESTORED: {} packs missing or cut short", missing.size()));
      }
      if (no_key) {
        remarks.push_back("CANNOT BE RESTORED: the key of its chain is " + fault);
      }
      context_.out().result(
          fmt::format("{} #{} {}  {}  {:>10} {:>10}{}{}\n", name_, manifest.sequence,
                      manifest.id.substr(0, 8), to_rfc3339(manifest.taken),
                      human_bytes(manifest.source_bytes), human_bytes(manifest.stored_bytes),
                      remarks.empty() ? "" : "  ", fmt::join(remarks, ", ")));
    }
  }

  [[nodiscard]] std::chrono::minutes period() const {
    const auto& sources = context_.settings().sources;
    const auto found = std::ranges::find(sources, name_, &config::Source::name);
    return found == sources.end() ? std::chrono::minutes{60} : found->every;
  }

  void slots() {
    const Time to = now();
    const backup::Account account =
        slot_account(context_, source_, listing_, state_,
                     {.period = period(), .from = to - account_days, .to = to, .now = to});
    for (const auto& slot : account.slots) {
      if (options_.json) {
        context_.out().result(json_line(Json{{"source", name_},
                                             {"slot", to_rfc3339(slot.slot)},
                                             {"state", backup::to_text(slot.state)},
                                             {"backup", slot.backup ? Json(*slot.backup) : Json()},
                                             {"reason", slot.reason}}));
      } else {
        context_.out().result(fmt::format("{} {}  {:<8}{}{}\n", name_, to_rfc3339(slot.slot),
                                          backup::to_text(slot.state),
                                          slot.backup ? slot.backup->substr(0, 8) : "",
                                          slot.reason.empty() ? "" : "  " + slot.reason));
      }
    }
    if (!options_.json) {
      context_.out().result(fmt::format("{}: {} slots: {} taken, {} late, {} damaged, {} missing\n",
                                        name_, account.slots.size(), account.taken, account.late,
                                        account.damaged, account.missing));
    }
    problems_ = problems_ || account.damaged + account.missing > 0;
  }

  void check_age() {
    if (!options_.max_age_minutes) {
      return;
    }
    const auto newest =
        std::ranges::find_if(listing_.manifests.rbegin(), listing_.manifests.rend(),
                             [](const auto& each) { return !each.manifest.damaged; });
    const std::chrono::minutes most{*options_.max_age_minutes};
    if (newest == listing_.manifests.rend() || newest->manifest.taken < now() - most) {
      context_.out().warning(
          newest == listing_.manifests.rend()
              ? fmt::format("{}: there is no sound backup", name_)
              : fmt::format("{}: the newest sound backup was taken at {}, more than {} minutes ago",
                            name_, to_rfc3339(newest->manifest.taken), most.count()));
      problems_ = true;
    }
  }

  Context& context_;
  const Options& options_;
  std::string name_;
  store::SourceDirectory source_;
  backup::HostState state_;
  store::Listing listing_;
  bool problems_ = false;
};

int run_list(Context& context, const Options& options) {
  const auto store = open_store(context, options.store);
  return attempt_each(context, stored_sources(context, store, options.sources),
                      [&](const std::string& name) {
                        return Report{context, options, store, name}.all();
                      });
}

std::optional<Time> moment(const std::optional<std::string>& text, const char* option) {
  if (!text) {
    return std::nullopt;
  }
  const auto time = backup::parse_moment(*text);
  if (!time) {
    throw Error{Code::usage, fmt::format("{}: {} is not a time", option, printable(*text)),
                "write it as 2026-11-23T10:00Z"};
  }
  return time;
}

std::vector<std::string> one_or_all(const Options& options) {
  return options.source ? std::vector{*options.source} : std::vector<std::string>{};
}

int run_hold(Context& context, const Options& options) {
  if (!options.reason || options.reason->empty() ||
      options.reason->find('\n') != std::string::npos) {
    throw Error{Code::usage, "a hold needs a reason, on one line", "pass --reason"};
  }
  const auto store = open_store(context, options.store);
  const store::Hold hold{.name = options.name,
                         .reason = *options.reason,
                         .from = moment(options.from, "--from"),
                         .to = moment(options.to, "--to"),
                         .placed = now(),
                         .placed_by = options.user.value_or("")};
  if (hold.from && hold.to && *hold.to < *hold.from) {
    throw Error{Code::usage, "--to is before --from", "nothing would be held"};
  }
  return attempt_each(
      context, stored_sources(context, store, one_or_all(options)), [&](const std::string& name) {
        store::place_hold(context.files(), store.source(name), hold);
        const auto listing = store.source(name).list();
        const auto held = std::ranges::count_if(
            listing.manifests, [&](const auto& each) { return hold.covers(each.manifest.slot); });
        context.out().summary(fmt::format("{}: {} holds {} backups", name, hold.name, held));
        return Code::ok;
      });
}

/// Without a source every one that has the hold is meant.
int run_release(Context& context, const Options& options) {
  const auto store = open_store(context, options.store);
  std::vector<std::string> held;
  for (const std::string& name : stored_sources(context, store, one_or_all(options))) {
    if (context.files().entry(store.source(name).holds() / (options.name + ".json"))) {
      held.push_back(name);
    }
  }
  if (held.empty()) {
    throw Error{Code::no_input,
                fmt::format("there is no hold {} on {}", printable(options.name),
                            printable(options.source.value_or("any source"))),
                "trackier-ctl backups shows what is held, and by which hold"};
  }
  return attempt_each(context, held, [&](const std::string& name) {
    store::release_hold(context.files(), store.source(name), options.name);
    return Code::ok;
  });
}

Command make_hold() {
  auto options = std::make_shared<Options>();
  Command command{"hold", "keep backups whatever retention says"};
  command.about("Until the hold is released, those it covers are not removed.");
  command.positional("NAME", options->name, "of the hold").required();
  command.option("--source", options->source, "SOURCE", "of this source alone");
  command.option("--reason", options->reason, "TEXT", "why; on one line");
  command.option("--from", options->from, "TIME", "slots from this on; otherwise from the first");
  command.option("--to", options->to, "TIME", "slots up to this; otherwise all that come");
  command.option("--by", options->user, "WHO", "who has ordered it; noted as it is said");
  add_store_option(command, options->store);
  command.example("trackier-ctl backups hold case-17 --source shop --reason 'court order 17/26'");
  command.run([options](Context& context) { return run_hold(context, *options); });
  return command;
}

Command make_release() {
  auto options = std::make_shared<Options>();
  Command command{"release", "lift a hold"};
  command.about("What it held is up to retention again, or to other holds.");
  command.positional("NAME", options->name, "of the hold").required();
  command.option("--source", options->source, "SOURCE", "of this source alone");
  add_store_option(command, options->store);
  command.example("trackier-ctl backups release case-17 --source shop");
  command.run([options](Context& context) { return run_release(context, *options); });
  return command;
}

}  // namespace

Command backups() {
  auto options = std::make_shared<Options>();
  Command command{"backups", "say which backups there are, and whether any is missing"};
  command.about(
      "One line for each backup: when it was taken, how large the source was, how much it\n"
      "added. Needs no key. Exit 1 when one cannot be restored, or a slot has no backup.");
  command.positionals("SOURCE", options->sources, "all that the store has, without any");
  command.flag("--slots", options->slots, "account for every slot of the last 30 days");
  command.option("--max-age", options->max_age_minutes, "MINUTES",
                 "exit 1 when the newest sound backup is older", 1, 1'000'000);
  add_store_option(command, options->store);
  command.flag("--json", options->json, "print a line of JSON for each");
  command.example("trackier-ctl backups shop");
  command.example("trackier-ctl backups --slots");
  command.add(make_hold());
  command.add(make_release());
  command.run([options](Context& context) { return run_list(context, *options); });
  return command;
}

}  // namespace trackier::cli
