#include "backup/backup_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "backup/needed_packs.hpp"
#include "backup/slots.hpp"
#include "core/hexadecimal.hpp"
#include "os/signals.hpp"

namespace trackier::backup {
namespace {

using store::Generation;
using store::Manifest;
using store::PackInfo;
using store::SignedManifest;

constexpr std::string_view not_checked = "not checked";

class Run {
 public:
  Run(Database& database, const RunPlace& place, const RunOptions& options, const RunEvents& events,
      const std::stop_token& stop)
      : database_(database), place_(place), options_(options), events_(events), stop_(stop) {}

  RunResult all() {
    started_ = now();
    listing_ = place_.source.list();
    for (const auto& each : listing_.unreadable) {
      events_.warn(fmt::format("a manifest cannot be read: {}", each.why));
    }
    if (options_.if_due && is_taken(slot_of(started_, options_.period))) {
      result_.was_due = false;
      return std::move(result_);
    }
    warn_of_clock();
    place_.state.sweep();
    sweep_store();
    choose_chain();
    mark_ = database_.mark(place_.now_ns());
    if (!publish_unchanged()) {
      take_and_publish();
    }
    keeping([this] { place_.state.trim_attempts(now()); });
    return std::move(result_);
  }

 private:
  [[nodiscard]] Time now() const {
    return Time{
        std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds{place_.now_ns()})};
  }

  [[nodiscard]] const SignedManifest* last() const {
    return listing_.manifests.empty() ? nullptr : &listing_.manifests.back();
  }

  [[nodiscard]] bool is_taken(Time slot) const {
    return std::ranges::any_of(listing_.manifests, [&](const SignedManifest& each) {
      return each.manifest.slot == slot && !each.manifest.damaged;
    });
  }

  void warn_of_clock() const {
    if (last() != nullptr && started_ < last()->manifest.finished) {
      events_.warn(fmt::format("the clock says {}, and the last backup was finished at {}",
                               to_rfc3339(started_), to_rfc3339(last()->manifest.finished)));
    }
  }

  /// Packs that nothing names are left by runs that were killed. While somebody reads, they stay.
  void sweep_store() const {
    if (const auto lock = place_.source.try_lock(store::Lock::remove)) {
      place_.source.sweep(listing_);
    }
  }

  void choose_chain() {
    auto chain = place_.chain_file.load();
    const std::string why = why_new_chain(chain);
    if (!why.empty()) {
      begin_chain(why);
      return;
    }
    use(std::move(*chain));
    previous_ = last() != nullptr && last()->manifest.chain == chain_->id ? last() : nullptr;
  }

  [[nodiscard]] std::string why_new_chain(const std::optional<Chain>& chain) const {
    if (options_.new_chain) {
      return "asked for";
    }
    if (!chain) {
      return last() == nullptr ? "the first backup" : "the key of the last chain is not here";
    }
    if (chain->sealed_for != options_.sealed_for) {
      return "other recipients";
    }
    if (const std::string fault = chain_envelope_fault(place_.files, place_.source, chain->id);
        !fault.empty()) {
      events_.warn(
          fmt::format("the envelope of chain {} is {}: whoever does not have its key here "
                      "cannot restore what needs it",
                      chain->id, fault));
      return "the envelope of the last chain is missing or damaged";
    }
    if (now() >= chain->begun + options_.chain_length) {
      return "the last chain is complete";
    }
    if (last() != nullptr && last()->manifest.chain != chain->id && !is_empty(chain->id)) {
      return "another host has written since";
    }
    return last() != nullptr && last()->manifest.chain == chain->id ? why_broken(last()->manifest)
                                                                    : std::string{};
  }

  [[nodiscard]] bool is_empty(const std::string& chain) const {
    return std::ranges::none_of(listing_.manifests, [&](const SignedManifest& each) {
      return each.manifest.chain == chain;
    });
  }

  /// Whether every pack the next backup would build on is there, as long as it was.
  [[nodiscard]] std::string why_broken(const Manifest& manifest) const {
    for (const Generation& generation : manifest.generations) {
      for (const PackInfo& pack : generation.packs) {
        const auto status = place_.files.status(place_.source.packs() / pack.name);
        if (!status || status->size != pack.bytes) {
          events_.warn(fmt::format("pack {} is {}: backups that need it cannot be restored",
                                   pack.name, status ? "damaged" : "missing"));
          return "a pack of the last chain is missing or damaged";
        }
      }
    }
    return {};
  }

  void begin_chain(const std::string& why) {
    result_.new_chain_because = why;
    Chain chain = backup::begin_chain(place_.files, place_.source, options_.recipients,
                                      options_.sealed_for, now());
    place_.chain_file.save(chain);
    use(std::move(chain));
    previous_ = nullptr;
  }

  void use(Chain chain) {
    keys_.emplace(crypto::Secret::copy_of(chain.key.bytes()));
    chain_ = std::move(chain);
  }

  /// Of the manifests that cannot be read as well: they begin with it.
  [[nodiscard]] std::uint64_t last_sequence() const {
    std::uint64_t sequence = last() == nullptr ? 0 : last()->manifest.sequence;
    for (const auto& each : listing_.unreadable) {
      std::uint64_t number = 0;
      std::from_chars(each.file.data(), each.file.data() + each.file.size(), number);
      sequence = std::max(sequence, number);
    }
    return sequence;
  }

  /// The first line of every manifest of this run.
  [[nodiscard]] Manifest new_manifest() const {
    Manifest made;
    made.store = place_.source.store_id();
    made.id = hexadecimal(store::random_id());
    made.chain = chain_->id;
    made.source = place_.source.path().filename().native();
    made.kind = database_.kind();
    made.tenant = options_.tenant;
    made.sequence = last_sequence() + 1;
    made.previous = last() == nullptr ? std::string{} : last()->digest;
    made.slot = slot_of(started_, options_.period);
    made.started = started_;
    made.host = options_.host;
    made.tool = options_.tool;
    return made;
  }

  void publish(Manifest manifest) {
    manifest.finished = now();
    result_.digest = place_.source.publish(manifest, place_.signing_key);
    result_.manifest = std::move(manifest);
  }

  [[nodiscard]] bool check_is_due() const {
    if (!options_.check) {
      return false;
    }
    return previous_ == nullptr || previous_->manifest.damaged ||
           none_since(started_ - options_.check_every, [](const Manifest& each) {
             return each.check != not_checked && !each.unchanged;
           });
  }

  [[nodiscard]] bool digests_are_due() const {
    if (!options_.digest) {
      return false;
    }
    return previous_ == nullptr || database_.digests_are_cheap() ||
           none_since(started_ - options_.digest_every,
                      [](const Manifest& each) { return each.digested && !each.unchanged; });
  }

  /// Whether no backup taken after `moment`, and not in the future, is such a one.
  template <typename Predicate>
  [[nodiscard]] bool none_since(Time moment, const Predicate& is_one) const {
    return std::ranges::none_of(listing_.manifests, [&](const SignedManifest& each) {
      return each.manifest.taken > moment && each.manifest.taken <= started_ &&
             is_one(each.manifest);
    });
  }

  /// When the source says that it is what it was at the last backup, that is the backup.
  bool publish_unchanged() {
    const auto known = place_.state.mark();
    if (previous_ == nullptr || mark_.empty() || !known || known->text.empty() ||
        known->manifest != previous_->digest || known->scanned > started_ ||
        known->scanned <= started_ - options_.scan_every || previous_->manifest.damaged ||
        !database_.is_unchanged(known->text, mark_)) {
      return false;
    }
    Manifest manifest = like_before(new_manifest());
    manifest.taken = now();
    publish(std::move(manifest));
    keeping([&] {
      keep_state();
      place_.state.set_mark({.manifest = result_.digest, .text = mark_, .scanned = known->scanned});
    });
    return true;
  }

  [[nodiscard]] Manifest like_before(Manifest manifest) const {
    const Manifest& before = previous_->manifest;
    manifest.unchanged = true;
    manifest.damaged = before.damaged;
    manifest.check = before.check;
    manifest.digested = before.digested;
    manifest.source_bytes = before.source_bytes;
    manifest.stored_bytes = 0;
    manifest.root = before.root;
    manifest.map = before.map;
    manifest.generations = before.generations;
    return manifest;
  }

  /// The state of the backup before is that of this one, too.
  void keep_state() const {
    StateWriter::rename(place_.files, place_.state.directory(), previous_->digest, result_.digest);
  }

  [[nodiscard]] std::uint32_t next_generation() const {
    std::uint32_t next = 0;
    for (const SignedManifest& each : listing_.manifests) {
      if (each.manifest.chain == chain_->id && !each.manifest.generations.empty()) {
        next = std::max(next, each.manifest.generations.back().number + 1);
      }
    }
    return next;
  }

  void take_and_publish() {
    try {
      take_once();
    } catch (const ChainDamaged& error) {
      events_.warn(fmt::format("{}: backups that need it cannot be restored", error.what()));
      begin_chain("the last chain is damaged");
      mark_ = database_.mark(place_.now_ns());
      take_once();
    }
  }

  void take_once() {
    Manifest manifest = new_manifest();
    std::optional<store::BlobReader> blobs;
    Map map;
    Previous previous;
    if (previous_ != nullptr) {
      const Manifest& before = previous_->manifest;
      blobs.emplace(place_.files, place_.source.packs(), keys_->chain, before.generations);
      map = read_map(*blobs, before);
      previous =
          Previous{place_.files, place_.state.directory(), *keys_, previous_->digest, map, *blobs};
    }
    const Wanted wanted{.check = check_is_due(),
                        .content = digests_are_due() ? &keys_->content : nullptr,
                        .side_by_side = options_.workers > 1};
    const auto snapshot = database_.snapshot(wanted, stop_);
    manifest.taken = now();
    const std::uint32_t generation = next_generation();
    store::PackWriter packs{place_.files, place_.source.packs(), keys_->chain, generation};
    StateWriter state{place_.files, place_.state.directory(), *keys_};
    const Taken taken =
        take(*snapshot, previous, *keys_, packs, &state,
             {.generation = generation, .workers = options_.workers}, events_.take, stop_);
    os::throw_if_stopped(stop_);
    if (!taken.finished.no_content_because.empty()) {
      events_.warn(fmt::format("no digests were taken: {}; digest = \"never\" asks for none",
                               taken.finished.no_content_because));
    }
    if (taken.finished.is_of_the_end) {
      manifest.taken = now();
    }
    const bool brings_digests =
        taken.finished.content && (previous_ == nullptr || !previous_->manifest.digested);
    if (taken.unchanged && !taken.finished.damaged && !brings_digests) {
      manifest = like_before_but_checked(std::move(manifest), taken.finished);
    } else {
      describe(manifest, taken, packs, generation);
    }
    publish(std::move(manifest));
    keeping([&] {
      state.finish(result_.digest);
      const std::string& mark = taken.finished.mark.empty() ? mark_ : taken.finished.mark;
      place_.state.set_mark({.manifest = result_.digest, .text = mark, .scanned = started_});
    });
  }

  /// What the next run would like to have. The backup has landed: what fails here is told, and
  /// costs the next run some time.
  template <typename Action>
  void keeping(const Action& action) const {
    try {
      action();
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      events_.warn(fmt::format("the next run will have to read the last backup: {}", error.what()));
    }
  }

  static Map read_map(store::BlobReader& blobs, const Manifest& before) {
    try {
      return decode_map(blobs.read(before.map, store::BlobKind::map));
    } catch (const Error& error) {
      if (error.code() == Code::data || error.code() == Code::no_input) {
        throw ChainDamaged{error.code(), error.what(), error.hint()};
      }
      throw;
    }
  }

  [[nodiscard]] Manifest like_before_but_checked(Manifest manifest,
                                                 const Finished& finished) const {
    const Time taken = manifest.taken;
    manifest = like_before(std::move(manifest));
    manifest.taken = taken;
    if (finished.check != not_checked) {
      manifest.check = finished.check;
      manifest.damaged = false;
    }
    return manifest;
  }

  void describe(Manifest& manifest, const Taken& taken, store::PackWriter& packs,
                std::uint32_t generation) const {
    manifest.check = taken.finished.check;
    manifest.damaged = taken.finished.damaged;
    manifest.digested = taken.finished.content.has_value();
    manifest.source_bytes = taken.source_bytes;
    manifest.root = taken.root;
    manifest.map = {.generation = generation,
                    .number = packs.add(store::BlobKind::map, encode_map(taken.map))};
    const std::vector<PackInfo> written = packs.finish();
    for (const PackInfo& pack : written) {
      manifest.stored_bytes += pack.bytes;
    }
    manifest.generations = needed_packs(
        taken.map,
        previous_ == nullptr ? std::vector<Generation>{} : previous_->manifest.generations,
        {.number = generation, .packs = written});
  }

  Database& database_;
  const RunPlace& place_;
  const RunOptions& options_;
  const RunEvents& events_;
  const std::stop_token& stop_;

  RunResult result_;
  Time started_;
  store::Listing listing_;
  std::optional<Chain> chain_;
  std::optional<ChainKeys> keys_;
  const SignedManifest* previous_ = nullptr;  ///< the last backup, when it is of this chain
  std::string mark_;
};

}  // namespace

RunResult back_up(Database& database, const RunPlace& place, const RunOptions& options,
                  const RunEvents& events, const std::stop_token& stop) {
  return Run{database, place, options, events, stop}.all();
}

}  // namespace trackier::backup
