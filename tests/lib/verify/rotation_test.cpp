#include "verify/rotation.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace trackier;
using namespace trackier::verify;
using namespace std::chrono_literals;

namespace {

const Time noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 12h};

store::SignedManifest backup(std::uint64_t sequence, Time taken) {
  store::SignedManifest made;
  made.manifest.id = "id" + std::to_string(sequence);
  made.manifest.sequence = sequence;
  made.manifest.taken = taken;
  made.digest = "digest" + std::to_string(sequence);
  return made;
}

proof::SignedProof drilled(std::uint64_t sequence, Time finished,
                           proof::Verdict verdict = proof::Verdict::passed) {
  proof::SignedProof made;
  made.proof.manifest = "digest" + std::to_string(sequence);
  made.proof.backup = "id" + std::to_string(sequence);
  made.proof.started = finished - 30s;
  made.proof.finished = finished;
  made.proof.verdict = verdict;
  return made;
}

}  // namespace

TEST_CASE("the newest comes first while nothing young has been verified, then the oldest") {
  store::Listing backups;
  proof::ProofDirectory::Listing proofs;
  for (std::uint64_t i = 1; i <= 48; ++i) {
    backups.manifests.push_back(backup(i, noon - std::chrono::hours{49 - i}));
  }
  const std::vector<Rotated> sources{{.source = "shop", .backups = &backups, .proofs = &proofs}};
  auto next = choose_next(sources, {}, noon);
  REQUIRE(next);
  CHECK(next->backup->manifest.id == "id48");
  CHECK_FALSE(next->last_took);

  proofs.proofs.push_back(drilled(48, noon));
  next = choose_next(sources, {}, noon);
  REQUIRE(next);
  CHECK(next->backup->manifest.id == "id1");
  CHECK(next->last_took == 30s);
  // A drill that failed is a drill: it is not repeated for ever while others wait.
  proofs.proofs.push_back(drilled(1, noon + 1min, proof::Verdict::failed));
  CHECK(choose_next(sources, {}, noon)->backup->manifest.id == "id2");
  CHECK(choose_next(sources, {"id2", "id3"}, noon)->backup->manifest.id == "id4");
}

TEST_CASE("hourly runs with one backup each verify every backup within two days") {
  store::Listing backups;
  proof::ProofDirectory::Listing proofs;
  std::map<std::string, Time> proved;
  std::uint64_t sequence = 0;
  Time now = noon;
  for (int hour = 0; hour < 24 * 14; ++hour, now += 1h) {
    backups.manifests.push_back(backup(++sequence, now - 5min));
    std::erase_if(backups.manifests, [&](const auto& each) {
      if (each.manifest.taken > now - 48h) {
        return false;
      }
      CHECK_MESSAGE(proved.contains(each.digest), each.digest);
      return true;
    });
    const std::vector<Rotated> sources{{.source = "shop", .backups = &backups, .proofs = &proofs}};
    const auto next = choose_next(sources, {}, now);
    REQUIRE(next);
    proved[next->backup->digest] = now;
    proofs.proofs.push_back(drilled(next->backup->manifest.sequence, now));
  }
}

TEST_CASE("sources take turns, and in the end the oldest drills are repeated") {
  store::Listing one;
  one.manifests = {backup(1, noon - 1h)};
  store::Listing two;
  two.manifests = {backup(11, noon - 2h), backup(12, noon - 1h)};
  proof::ProofDirectory::Listing of_one;
  proof::ProofDirectory::Listing of_two;
  const auto next = [&] {
    return choose_next({{.source = "one", .backups = &one, .proofs = &of_one},
                        {.source = "two", .backups = &two, .proofs = &of_two}},
                       {}, noon);
  };
  CHECK(next()->source == "one");
  of_one.proofs.push_back(drilled(1, noon - 30min));
  CHECK(next()->backup->manifest.id == "id12");
  of_two.proofs.push_back(drilled(12, noon - 20min));
  CHECK(next()->source == "one");
  CHECK(next()->backup->manifest.id == "id1");
  of_one.proofs.push_back(drilled(1, noon - 10min));
  CHECK(next()->backup->manifest.id == "id11");
  CHECK_FALSE(choose_next({{.source = "one", .backups = &one, .proofs = &of_one}}, {"id1"}, noon));
  CHECK_FALSE(choose_next({}, {}, noon));
}
