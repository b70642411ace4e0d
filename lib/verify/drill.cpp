#include "verify/drill.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "backup/details.hpp"
#include "core/text.hpp"
#include "crypto/secret.hpp"
#include "os/signals.hpp"
#include "verify/data_checks.hpp"
#include "verify/drill_run.hpp"
#include "verify/scratch_files.hpp"
#include "verify/store_checks.hpp"

namespace trackier::verify {
namespace {

using proof::Check;
using proof::Level;
using proof::Proof;

Proof begin_proof(const store::SignedManifest& backup, const DrillPlace& place,
                  const DrillOptions& options) {
  const store::Manifest& manifest = backup.manifest;
  Proof made;
  made.store = place.source.store_id();
  made.source = manifest.source;
  made.kind = manifest.kind;
  made.backup = manifest.id;
  made.backup_sequence = manifest.sequence;
  made.manifest = backup.digest;
  made.slot = manifest.slot;
  made.taken = manifest.taken;
  made.level = options.level;
  made.started = place.now();
  made.host = options.host;
  made.by = options.by;
  made.tool = options.tool;
  made.tool_digest = options.tool_digest;
  made.rpo = std::max(std::chrono::milliseconds{0},
                      std::chrono::milliseconds{made.started - manifest.taken});
  return made;
}

class Run {
 public:
  Run(const store::SignedManifest& backup, const DrillPlace& place, const DrillOptions& options,
      const DrillEvents& events, const std::stop_token& stop)
      : manifest_(backup.manifest),
        place_(place),
        options_(options),
        events_(events),
        stop_(stop),
        proof_(begin_proof(backup, place, options)),
        recorder_(proof_, events.checked) {}

  Proof all() {
    check_chain(recorder_, place_.files, place_.source, place_.listing, manifest_, proof_.started);
    if (goes_to(Level::structure)) {
      structure();
    }
    name_levels_left_out();
    proof_.finished = std::max(place_.now(), proof_.started);
    return std::move(proof_);
  }

 private:
  [[nodiscard]] bool goes_to(Level level) const { return options_.level >= level; }

  void structure() {
    const bool are_whole =
        check_packs(recorder_, place_.files, place_.source, manifest_, options_.workers, stop_);
    const auto key = chain_key();
    if (goes_to(Level::data)) {
      open_envelope(key);
    }
    if (!key) {
      return;
    }
    if (!check_map(recorder_, place_.files, place_.source, manifest_, *key, stop_) || !are_whole) {
      stopped("what is in the store is not whole");
      return;
    }
    if (goes_to(Level::data)) {
      read(*key);
    }
  }

  /// For hashes alone no key is needed.
  std::optional<crypto::Secret> chain_key() {
    std::optional<crypto::Secret> key;
    if (goes_to(Level::data)) {
      recorder_.run({.name = "key", .level = Level::data, .unit = "keys"}, [&](Check& check) {
        try {
          key = place_.chain_key();
        } catch (const os::Interrupted&) {
          throw;
        } catch (const Error& error) {  // whatever is wrong with a key says nothing of the backup
          check.verdict = proof::Verdict::not_evaluated;
          check.why = error.what() + (error.hint().empty() ? "" : "; " + error.hint());
          return;
        }
        check.checked = 1;
      });
      if (!key) {
        stopped("the key is not here");
      }
      return key;
    }
    try {
      key = place_.chain_key();
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      recorder_.leave_out("footers of packs, and the map", error.what());
    }
    return key;
  }

  /// Where no identity is, nothing is known of the envelope. key: none when it cannot be had.
  void open_envelope(const std::optional<crypto::Secret>& key) {
    constexpr const char* left_out = "the envelope of the chain's key";
    if (!place_.enveloped_key) {
      recorder_.leave_out(left_out, "no identity is here to open it: pass -i");
      return;
    }
    Check check = Recorder::judge(
        {.name = "envelope", .level = Level::data, .unit = "envelopes"}, [&](Check& made) {
          const crypto::Secret found = place_.enveloped_key();
          made.checked = 1;
          if (key && !crypto::constant_time_equal(found.bytes(), key->bytes())) {
            add_difference(made, {.object = "envelope " + manifest_.chain + ".tke",
                                  .expected = "the key of the chain",
                                  .found = "another key"});
          }
        });
    if (check.verdict == proof::Verdict::not_evaluated) {
      recorder_.leave_out(left_out, check.why);
    } else {
      recorder_.record(std::move(check));
    }
  }

  void read(const crypto::Secret& key) {
    backup::BackupReader reader{place_.files, place_.source, manifest_,
                                crypto::Secret::copy_of(key.bytes())};
    if (options_.level == Level::data) {
      if (options_.sample) {
        check_sample(recorder_, reader,
                     choose_sample(manifest_, *options_.sample, options_.sampled_before),
                     options_.workers, stop_);
      } else {
        check_data(recorder_, reader, options_.workers, events_.read, stop_);
      }
      return;
    }
    const DrillRun run{.recorder = recorder_,
                       .backup = reader,
                       .place = place_,
                       .options = options_,
                       .events = events_,
                       .stop = stop_,
                       .begun = std::chrono::steady_clock::now()};
    if (manifest_.kind == "sqlite") {
      drill_sqlite(run);
    } else if (manifest_.kind == "postgres-physical") {
      drill_cluster(run);
    } else if (manifest_.kind == "postgres-logical") {
      drill_dump(run);
    } else {
      recorder_.run({.name = "restore", .level = Level::restore}, [&](Check& /*check*/) {
        throw Error{Code::unavailable, fmt::format("nothing here restores backups of kind {}",
                                                   printable(manifest_.kind))};
      });
    }
  }

  void stopped(const std::string& why) {
    for (const Level level : {Level::data, Level::restore, Level::content, Level::application}) {
      if (goes_to(level)) {
        recorder_.leave_out(fmt::format("level {}", proof::name_of(level)), why);
      }
    }
  }

  void name_levels_left_out() {
    for (const Level level :
         {Level::structure, Level::data, Level::restore, Level::content, Level::application}) {
      if (!goes_to(level)) {
        recorder_.leave_out(fmt::format("level {}", proof::name_of(level)), "not asked for");
      }
    }
  }

  const store::Manifest& manifest_;
  const DrillPlace& place_;
  const DrillOptions& options_;
  const DrillEvents& events_;
  const std::stop_token& stop_;
  Proof proof_;
  Recorder recorder_;
};

}  // namespace

bool DrillRun::restore_to(backup::RestoreTarget& target) const {
  return recorder.run({.name = "data", .level = Level::data, .unit = "bytes"}, [&](Check& check) {
    Fleeting fleeting{target};
    backup::restore(backup, fleeting, options.workers, events.read, stop);
    os::throw_if_stopped(stop);
    for (const auto& member : backup.map().members) {
      check.checked += member.size;
    }
    recorder.proof().bytes = check.checked;
  });
}

std::unique_ptr<Scratch> DrillRun::make_scratch() const {
  auto scratch = std::make_unique<Scratch>(place.files, options.scratch);
  for (const auto& left : scratch->left()) {
    events.warned(fmt::format("{}: a drill that was killed has left it, and it cannot be removed",
                              printable(left.native())));
  }
  return scratch;
}

void DrillRun::answers() const {
  recorder.proof().rto = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
}

std::set<std::string> DrillRun::skipped_tables() const {
  return backup::digest_skip_in(backup.map().details);
}

Proof drill(const store::SignedManifest& backup, const DrillPlace& place,
            const DrillOptions& options, const DrillEvents& events, const std::stop_token& stop) {
  return Run{backup, place, options, events, stop}.all();
}

}  // namespace trackier::verify
