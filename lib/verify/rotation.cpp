#include "verify/rotation.hpp"

#include <algorithm>
#include <map>

namespace trackier::verify {
namespace {

constexpr std::chrono::hours fresh{24};

/// When each backup was drilled last, by its manifest.
std::map<std::string, Time> drills_of(const proof::ProofDirectory::Listing& proofs) {
  std::map<std::string, Time> drilled;
  for (const auto& each : proofs.proofs) {
    Time& last = drilled[each.proof.manifest];
    last = std::max(last, each.proof.finished);
  }
  return drilled;
}

class Choice {
 public:
  Choice(const Rotated& source, const std::set<std::string>& done, Time now)
      : source_(source), drilled_(drills_of(*source.proofs)), now_(now) {
    for (const auto& each : source.backups->manifests) {
      if (!done.contains(each.manifest.id)) {
        open_.push_back(&each);
      }
    }
  }

  [[nodiscard]] std::optional<Next> next() const {
    if (open_.empty()) {
      return std::nullopt;
    }
    const auto newest = open_.back();
    if (newest == &source_.backups->manifests.back() && !has_fresh()) {
      return made(newest, "the newest; none younger than a day has been verified");
    }
    const auto never = std::ranges::find_if(
        open_, [this](const auto* each) { return !drilled_.contains(each->digest); });
    if (never != open_.end()) {
      return made(*never, "the oldest that was never verified");
    }
    const auto oldest = std::ranges::min_element(
        open_, {}, [this](const auto* each) { return drilled_.at(each->digest); });
    return made(*oldest, "the one whose verification is the longest ago");
  }

  [[nodiscard]] Time last_drill() const {
    Time last{};
    for (const auto& [manifest, time] : drilled_) {
      last = std::max(last, time);
    }
    return last;
  }

 private:
  [[nodiscard]] bool has_fresh() const {
    return std::ranges::any_of(source_.backups->manifests, [this](const auto& each) {
      return each.manifest.taken > now_ - fresh && drilled_.contains(each.digest);
    });
  }

  [[nodiscard]] Next made(const store::SignedManifest* backup, const char* why) const {
    Next next{.source = source_.source, .backup = backup, .why = why, .last_took = std::nullopt};
    if (!source_.proofs->proofs.empty()) {
      const proof::Proof& last = source_.proofs->proofs.back().proof;
      next.last_took = last.finished - last.started;
    }
    return next;
  }

  const Rotated& source_;
  std::map<std::string, Time> drilled_;
  Time now_;
  std::vector<const store::SignedManifest*> open_;
};

}  // namespace

std::optional<Next> choose_next(const std::vector<Rotated>& sources,
                                const std::set<std::string>& done, Time now) {
  std::optional<Next> chosen;
  Time longest_ago{};
  for (const Rotated& each : sources) {
    const Choice choice{each, done, now};
    const auto next = choice.next();
    if (next && (!chosen || choice.last_drill() < longest_ago)) {
      longest_ago = choice.last_drill();
      chosen = next;
    }
  }
  return chosen;
}

}  // namespace trackier::verify
