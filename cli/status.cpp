// The command that says how old the last backup and the last proof of each source are.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backup_sources.hpp"
#include "backup_standing.hpp"
#include "commands.hpp"
#include "core/duration.hpp"
#include "core/text.hpp"
#include "durations.hpp"
#include "json_line.hpp"
#include "verify_drill.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> sources;
  StoreOptions store;
  std::optional<std::string> max_age;
  std::optional<std::string> max_verified_age;
  bool json = false;
};

struct Limits {
  std::optional<std::chrono::seconds> age;
  std::optional<std::chrono::seconds> verified_age;
};

class Source {
 public:
  Source(Context& context, const Options& options, const Limits& limits,
         const store::StoreDirectory& store, std::string name)
      : context_(context),
        options_(options),
        limits_(limits),
        name_(std::move(name)),
        directory_(store.source(name_)),
        now_(now()) {}

  Code all() {
    const store::Listing listing = directory_.list();
    backup_ = newest_sound(listing);
    const auto proofs = proof_directory(context_, directory_).list();
    proof_ = last_passed(proofs);
    last_ = proofs.proofs.empty() ? nullptr : &proofs.proofs.back();
    tell();
    check_age();
    check_verified_age();
    return is_well_ ? Code::ok : Code::verdict;
  }

 private:
  [[nodiscard]] std::chrono::seconds age(Time time) const {
    return std::max(std::chrono::seconds{0}, now_ - time);
  }

  void tell() const {
    if (options_.json) {
      context_.out().result(json_line(Json{
          {"source", name_},
          {"backup", backup_ == nullptr ? Json() : Json(backup_->manifest.id)},
          {"taken", backup_ == nullptr ? Json() : Json(to_rfc3339(backup_->manifest.taken))},
          {"age_seconds", backup_ == nullptr ? Json() : Json(age(backup_->manifest.taken).count())},
          {"verified_backup", proof_ == nullptr ? Json() : Json(proof_->proof.backup)},
          {"verified", proof_ == nullptr ? Json() : Json(to_rfc3339(proof_->proof.finished))},
          {"verified_level",
           proof_ == nullptr ? Json() : Json(proof::name_of(proof_->proof.level))},
          {"verified_age_seconds",
           proof_ == nullptr ? Json() : Json(age(proof_->proof.finished).count())},
          {"last_verdict",
           last_ == nullptr ? Json() : Json(proof::words_of(last_->proof.verdict))}}));
      return;
    }
    const std::string backed_up =
        backup_ == nullptr
            ? "no sound backup"
            : fmt::format("backed up {} ago", duration_text(age(backup_->manifest.taken)));
    const std::string verified = proof_ == nullptr
                                     ? "never verified"
                                     : fmt::format("verified {} ago (backup {}, level {})",
                                                   duration_text(age(proof_->proof.finished)),
                                                   printable(proof_->proof.backup.substr(0, 8)),
                                                   proof::name_of(proof_->proof.level));
    const bool has_failed = last_ != nullptr && last_->proof.verdict != proof::Verdict::passed;
    context_.out().result(fmt::format(
        "{}: {}, {}{}\n", name_, backed_up, verified,
        has_failed
            ? fmt::format("; the last verification, of {}: {}", to_rfc3339(last_->proof.finished),
                          proof::words_of(last_->proof.verdict))
            : ""));
  }

  void check_age() {
    if (limits_.age && (backup_ == nullptr || age(backup_->manifest.taken) > *limits_.age)) {
      context_.out().warning(backup_ == nullptr
                                 ? fmt::format("{}: there is no sound backup", name_)
                                 : fmt::format("{}: the newest sound backup is older than {}",
                                               name_, *options_.max_age));
      is_well_ = false;
    }
  }

  void check_verified_age() {
    if (limits_.verified_age &&
        (proof_ == nullptr || age(proof_->proof.finished) > *limits_.verified_age)) {
      context_.out().warning(
          proof_ == nullptr ? fmt::format("{}: no backup has been verified", name_)
                            : fmt::format("{}: the last verification that passed is older than {}",
                                          name_, *options_.max_verified_age));
      is_well_ = false;
    }
  }

  Context& context_;
  const Options& options_;
  const Limits& limits_;
  std::string name_;
  store::SourceDirectory directory_;
  Time now_;
  const store::SignedManifest* backup_ = nullptr;  ///< the newest sound one
  const proof::SignedProof* proof_ = nullptr;  ///< the newest that passed, and did not fail later
  const proof::SignedProof* last_ = nullptr;
  bool is_well_ = true;
};

int run(Context& context, const Options& options) {
  Limits limits;
  if (options.max_age) {
    limits.age = duration_of(*options.max_age, "--max-age");
  }
  if (options.max_verified_age) {
    limits.verified_age = duration_of(*options.max_verified_age, "--max-verified-age");
  }
  const auto store = open_store(context, options.store);
  const auto names = stored_sources(context, store, options.sources);
  if (names.empty()) {
    throw Error{Code::verdict,
                fmt::format("{}: the store is empty", printable(store.path().native())),
                "trackier-ctl backup makes the first backup"};
  }
  return attempt_each(context, names, [&](const std::string& name) {
    return Source{context, options, limits, store, name}.all();
  });
}

}  // namespace

Command status() {
  auto options = std::make_shared<Options>();
  Command command{"status", "say how old the last backup and its last proof are"};
  command.about(
      "One line for each source: when it was backed up last, and when a backup of it was last\n"
      "restored and found as it was. Needs no key.");
  command.positionals("SOURCE", options->sources, "all that the store has, without any");
  command.option("--max-age", options->max_age, "TIME",
                 "exit 1 when the newest sound backup is older: 90m");
  command.option("--max-verified-age", options->max_verified_age, "TIME",
                 "exit 1 when the last verification that passed is older: 8d");
  add_store_option(command, options->store);
  command.flag("--json", options->json, "print a line of JSON for each");
  command.example("trackier-ctl status");
  command.example("trackier-ctl status --max-age 90m --max-verified-age 8d");
  command.run([options](Context& context) { return run(context, *options); });
  return command;
}

}  // namespace trackier::cli
