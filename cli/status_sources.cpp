// How the sources stand: backups, slots, drills.
#include <fmt/format.h>

#include <algorithm>

#include "backup_sources.hpp"
#include "backup_standing.hpp"
#include "core/duration.hpp"
#include "core/text.hpp"
#include "status_part.hpp"
#include "verify_drill.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::days of_account{30};
constexpr std::chrono::hours of_last_day{24};

double seconds_of(Time time) {
  return static_cast<double>(time.time_since_epoch().count());
}

class Source {
 public:
  Source(Context& context, const store::StoreDirectory& store, const StatusLimits& limits,
         const std::string& name)
      : context_(context),
        directory_(store.source(name)),
        state_(host_state(context, store, name)),
        name_(name),
        now_(now()),
        limits_(limits) {
    const auto& sources = context.settings().sources;
    const auto known = std::ranges::find(sources, name, &config::Source::name);
    if (known != sources.end()) {
      period_ = known->every;
      const std::chrono::seconds with_leeway = std::chrono::seconds{known->every} * 3 / 2;
      limits_.age = limits.age.value_or(with_leeway);
      limits_.verified_age =
          limits.verified_age.value_or(std::chrono::seconds{context.settings().check.drill_days});
    }
  }

  StatusPart look() {
    made_.part = "source";
    made_.subject = printable(name_);
    const store::Listing listing = directory_.list();
    const auto proofs = proof_directory(context_, directory_).list();
    add_backup(newest_sound(listing));
    add_slots(listing);
    add_proof(last_passed(proofs), proofs.proofs.empty() ? nullptr : &proofs.proofs.back());
    for (const auto& each : proofs.unreadable) {
      add(fmt::format("a proof cannot be read: {}", printable(each.why)), false, "verify");
    }
    for (const std::string& problem : proof::chain_problems(proofs)) {
      add(problem, false, "verify");
    }
    for (const auto& each : listing.unreadable) {
      add(fmt::format("a manifest cannot be read: {}", printable(each.why)), false,
          "verify --level chain");
    }
    return std::move(made_);
  }

 private:
  [[nodiscard]] std::chrono::seconds age(Time time) const {
    return std::max(std::chrono::seconds{0}, now_ - time);
  }

  void add(const std::string& found, bool is_well, std::string_view verb) {
    add_found(made_, found, is_well, fmt::format("trackier-ctl {} {}", verb, printable(name_)));
  }

  void measure(std::string_view metric, double value) {
    made_.metrics.push_back(
        {.name = metric, .labels = {{"source", printable(name_)}}, .value = value});
  }

  void add_backup(const store::SignedManifest* backup) {
    Json& json = made_.details;
    json["backup"] = backup == nullptr ? Json() : Json(backup->manifest.id);
    json["taken"] = backup == nullptr ? Json() : Json(to_rfc3339(backup->manifest.taken));
    json["age_seconds"] = backup == nullptr ? Json() : Json(age(backup->manifest.taken).count());
    if (backup == nullptr) {
      add("no sound backup", !limits_.age, "backup");
      return;
    }
    const bool is_late = limits_.age && age(backup->manifest.taken) > *limits_.age;
    add(fmt::format("backed up {} ago{}", duration_text(age(backup->manifest.taken)),
                    is_late ? fmt::format(" (more than {})", duration_text(*limits_.age)) : ""),
        !is_late, "backup");
    measure("backup_taken_timestamp_seconds", seconds_of(backup->manifest.taken));
    measure("backup_source_bytes", static_cast<double>(backup->manifest.source_bytes));
  }

  void add_slots(const store::Listing& listing) {
    const backup::Account account =
        slot_account(context_, directory_, listing, state_,
                     {.period = period_, .from = now_ - of_account, .to = now_, .now = now_});
    made_.details["slots"] = {{"taken", account.taken},
                              {"late", account.late},
                              {"damaged", account.damaged},
                              {"missing", account.missing}};
    for (const auto& [state, count] :
         {std::pair{"taken", account.taken}, std::pair{"late", account.late},
          std::pair{"damaged", account.damaged}, std::pair{"missing", account.missing}}) {
      made_.metrics.push_back({.name = "backup_slots",
                               .labels = {{"source", printable(name_)}, {"state", state}},
                               .value = static_cast<double>(count)});
    }
    const std::size_t due = account.taken + account.late + account.damaged + account.missing;
    if (due == 0) {
      return;
    }
    const auto is_gap = [&](const backup::SlotAccount& slot) {
      return slot.slot >= now_ - of_last_day &&
             (slot.state == backup::SlotState::missing || slot.state == backup::SlotState::damaged);
    };
    const auto gaps = std::ranges::count_if(account.slots, is_gap);
    std::string found = fmt::format("{} of {} slots", account.taken + account.late, due);
    if (account.late > 0) {
      found += fmt::format(", {} late", account.late);
    }
    if (gaps > 0) {
      found += fmt::format(", {} of the last day missing", gaps);
    }
    add(found, gaps == 0 || !limits_.age, "backups --slots");
  }

  void add_proof(const proof::SignedProof* passed, const proof::SignedProof* last) {
    Json& json = made_.details;
    const auto of_passed = [&](auto value) { return passed == nullptr ? Json() : Json(value()); };
    json["verified_backup"] = of_passed([&] { return passed->proof.backup; });
    json["verified"] = of_passed([&] { return to_rfc3339(passed->proof.finished); });
    json["verified_level"] = of_passed([&] { return proof::name_of(passed->proof.level); });
    json["verified_age_seconds"] = of_passed([&] { return age(passed->proof.finished).count(); });
    json["restore_seconds"] = passed == nullptr || !passed->proof.rto
                                  ? Json()
                                  : Json(std::chrono::duration<double>(*passed->proof.rto).count());
    json["last_verdict"] = last == nullptr ? Json() : Json(proof::words_of(last->proof.verdict));
    if (passed == nullptr) {
      add("never verified", !limits_.verified_age, "verify");
    } else {
      tell(passed->proof);
    }
    if (last != nullptr && last->proof.verdict != proof::Verdict::passed) {
      add(fmt::format("the last verification, of {}: {}", to_rfc3339(last->proof.finished),
                      proof::words_of(last->proof.verdict)),
          last->proof.verdict == proof::Verdict::same_as_source, "verify");
    }
  }

  void tell(const proof::Proof& proof) {
    const bool is_late = limits_.verified_age && age(proof.finished) > *limits_.verified_age;
    add(fmt::format(
            "verified {} ago{} (backup {}, level {})", duration_text(age(proof.finished)),
            is_late ? fmt::format(" (more than {})", duration_text(*limits_.verified_age)) : "",
            printable(proof.backup.substr(0, 8)), proof::name_of(proof.level)),
        !is_late, "verify");
    measure("verified_timestamp_seconds", seconds_of(proof.finished));
    if (proof.rto) {
      const double seconds = std::chrono::duration<double>(*proof.rto).count();
      add(fmt::format("restored in {:.1f} s", seconds), true, "verify");
      measure("restore_seconds", seconds);
    }
  }

  Context& context_;
  store::SourceDirectory directory_;
  backup::HostState state_;
  std::string name_;
  Time now_;
  StatusLimits limits_;
  std::chrono::minutes period_{60};
  StatusPart made_;
};

}  // namespace

StatusParts status_of_sources(Context& context, const std::vector<std::string>& sources,
                              const std::optional<std::string>& store_option,
                              const StatusLimits& limits) {
  const bool is_asked_for = !sources.empty() || store_option;
  if (!is_asked_for && context.settings().sources.empty() &&
      context.settings().backup.store.empty()) {
    const bool is_told = !context.settings().file.empty();
    return {{.part = "sources",
             .subject = {},
             .is_well = is_told,
             .found = is_told ? "the settings name no source"
                              : "there are no settings: nothing is watched",
             .cure = is_told ? "" : "a file of settings, as samples/config.toml is one"}};
  }
  const auto store = open_store(context, {.store = store_option});
  StatusParts made;
  for (const std::string& name : stored_sources(context, store, sources)) {
    made.push_back(looking("source", printable(name), [&] {
      return Source{context, store, limits, name}.look();
    }));
  }
  if (made.empty()) {
    made.push_back(
        {.part = "sources",
         .subject = {},
         .is_well = false,
         .found = fmt::format("{}: the store is empty", printable(store.path().native())),
         .cure = "trackier-ctl backup"});
  }
  return made;
}

}  // namespace trackier::cli
