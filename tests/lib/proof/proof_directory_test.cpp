#include "proof/proof_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "core/hexadecimal.hpp"
#include "crypto/digest.hpp"
#include "example.hpp"
#include "store/directory.hpp"
#include "support/errors.hpp"
#include "support/faulty_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::proof {
namespace {

using std::chrono::seconds;
using test::contains;
using test::error_of;
using test::message_of;

/// A store with the source `shop`, and its proofs, an hour apart.
class Shop {
 public:
  explicit Shop(std::size_t count = 0) {
    for (std::size_t i = 0; i < count; ++i) {
      append();
    }
  }

  SignedProof append(char signer = 'k') {
    Proof made = proof();
    made.started += made_ * seconds{3600};
    made.finished += made_++ * seconds{3600};
    return proofs().append(std::move(made), key_of(signer));
  }

  [[nodiscard]] Proof proof() const {
    Proof made = example();
    made.store = store_.id();
    return made;
  }

  [[nodiscard]] ProofDirectory proofs(std::vector<crypto::Ed25519Public> signers = {},
                                      os::FileSystem& files = os::posix()) const {
    return {files, source(), std::move(signers)};
  }

  [[nodiscard]] store::SourceDirectory source() const { return store_.source("shop"); }

  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> all;
    for (const auto& name : os::posix().list(source().proofs())) {
      all.push_back(source().proofs() / name);
    }
    return all;
  }

  [[nodiscard]] std::vector<std::string> problems() const {
    return chain_problems(proofs().list());
  }

 private:
  test::TemporaryDirectory directory_;
  store::StoreDirectory store_ =
      store::StoreDirectory::open_or_create(os::posix(), directory_ / "store");
  int made_ = 0;
};

std::vector<std::uint64_t> sequences(const ProofDirectory::Listing& listing) {
  std::vector<std::uint64_t> all;
  std::ranges::transform(listing.proofs, std::back_inserter(all),
                         [](const SignedProof& each) { return each.proof.sequence; });
  return all;
}

std::vector<std::string> digests(const ProofDirectory::Listing& listing) {
  std::vector<std::string> all;
  std::ranges::transform(listing.proofs, std::back_inserter(all), &SignedProof::digest);
  return all;
}

void write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream{path, std::ios::binary} << content;
}

using Numbers = std::vector<std::uint64_t>;
using Lines = std::vector<std::string>;

TEST_CASE("records are numbered, follow each other, and are listed in order") {
  Shop shop;
  CHECK(shop.proofs().list().proofs.empty());
  CHECK(chain_problems({}).empty());
  const SignedProof first = shop.append();
  CHECK(first.proof.sequence == 1);
  CHECK(first.proof.previous.empty());
  CHECK(shop.files()[0].filename() == "00000001-20261123T123404Z-" + first.proof.backup + ".json");
  CHECK(first.digest == hexadecimal(crypto::sha256(as_bytes(test::content_of(shop.files()[0])))));
  const SignedProof second = shop.append();
  CHECK(second.proof.sequence == 2);
  CHECK(second.proof.previous == first.digest);
  for (int i = 0; i < 10; ++i) {
    shop.append();
  }
  const auto listing = shop.proofs().list();
  CHECK(sequences(listing) == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(listing.unreadable.empty());
  CHECK(listing.proofs[0].proof == first.proof);
  CHECK(listing.proofs[0].received > noon - seconds{86'400 * 3650});
  CHECK(digests(shop.proofs().list()) == digests(listing));
  CHECK(chain_problems(listing).empty());
}

TEST_CASE("what an append is given of number and predecessor does not matter") {
  Shop shop{2};
  Proof proof = shop.proof();
  proof.sequence = 99;
  proof.previous = "x";
  proof.started += seconds{1};
  const SignedProof made = shop.proofs().append(proof, key_of('k'));
  CHECK(made.proof.sequence == 3);
  CHECK(shop.problems().empty());
}

TEST_CASE("a record that is missing, damaged, renamed or of somebody else is told") {
  Shop shop{4};
  const auto files = shop.files();

  SUBCASE("removed in the middle") {
    std::filesystem::remove(files[1]);
    CHECK(shop.problems() == Lines{"proof number 2 is missing"});
    std::filesystem::remove(files[2]);
    CHECK(shop.problems() == Lines{"proofs number 2 to 3 are missing"});
  }
  SUBCASE("removed at the beginning") {
    std::filesystem::remove(files[0]);
    CHECK(shop.problems() == Lines{"proof number 1 is missing"});
  }
  SUBCASE("removed at the end, which leaves no trace") {
    std::filesystem::remove(files[3]);
    CHECK(shop.problems().empty());
  }
  SUBCASE("damaged") {
    std::string text = test::content_of(files[1]);
    text[text.find("vault")] = 'V';
    write(files[1], text);
    const auto listing = shop.proofs().list();
    CHECK(sequences(listing) == Numbers{1, 3, 4});
    REQUIRE(listing.unreadable.size() == 1);
    CHECK(listing.unreadable[0].file == files[1].filename());
    CHECK(listing.unreadable[0].why ==
          files[1].filename().native() + ": the signature does not agree: it was changed");
    CHECK(chain_problems(listing).empty());  // it is not missing, and named already
  }
  SUBCASE("two that changed their names") {
    const std::string first = test::content_of(files[0]);
    write(files[0], test::content_of(files[1]));
    write(files[1], first);
    const auto listing = shop.proofs().list();
    CHECK(sequences(listing) == Numbers{3, 4});
    CHECK(listing.unreadable.size() == 2);
    CHECK(contains(listing.unreadable[0].why, "does not belong where it is"));
  }
  SUBCASE("renamed") {
    std::filesystem::rename(files[1], shop.source().proofs() / "00000005-x.json");
    CHECK(shop.proofs().list().unreadable.size() == 1);
    CHECK(shop.problems() == Lines{"proof number 2 is missing"});
  }
  SUBCASE("of another store or source") {
    Proof other = shop.proof();
    other.sequence = 5;
    other.store = std::string(32, 'e');
    write(shop.source().proofs() / file_name_of(other), sign_proof(other, key_of('k')));
    other = shop.proof();
    other.sequence = 6;
    other.source = "shop2";
    write(shop.source().proofs() / file_name_of(other), sign_proof(other, key_of('k')));
    CHECK(shop.proofs().list().unreadable.size() == 2);
  }
  SUBCASE("made by somebody else") {
    const auto key = crypto::ed25519_public(key_of('k'));
    CHECK(shop.proofs({key}).list().proofs.size() == 4);
    shop.append('x');
    const auto listing = shop.proofs({key}).list();
    CHECK(listing.proofs.size() == 4);
    REQUIRE(listing.unreadable.size() == 1);
    CHECK(contains(listing.unreadable[0].why, "backup.signers"));
    CHECK(shop.proofs({key, crypto::ed25519_public(key_of('x'))}).list().proofs.size() == 5);
  }
  SUBCASE("too large, a directory, a temporary, and what is none") {
    write(files[1], std::string(most_proof_bytes + 1, 'x'));
    std::filesystem::create_directory(shop.source().proofs() / "00000008-x.json");
    write(shop.source().proofs() / ".x.json.abc.tmp", "x");
    write(shop.source().proofs() / ".x.json", "x");
    write(shop.source().proofs() / "notes", "x");
    const auto listing = shop.proofs().list();
    CHECK(sequences(listing) == Numbers{1, 3, 4});
    CHECK(listing.unreadable.size() == 2);
  }
}

TEST_CASE("a record that does not follow, or a number used twice, is told") {
  Shop shop{4};
  const auto files = shop.files();
  Proof forged = parse_proof(test::content_of(files[1]), "it").proof;

  SUBCASE("put in the place of another") {
    forged.host = "elsewhere";
    write(files[1], sign_proof(forged, key_of('k')));
    CHECK(shop.problems() == Lines{"proof number 3 does not follow the one before it"});
  }
  SUBCASE("in another order") {
    Proof third = parse_proof(test::content_of(files[2]), "it").proof;
    std::swap(forged.sequence, third.sequence);
    std::filesystem::remove(files[1]);
    std::filesystem::remove(files[2]);
    write(shop.source().proofs() / file_name_of(forged), sign_proof(forged, key_of('k')));
    write(shop.source().proofs() / file_name_of(third), sign_proof(third, key_of('k')));
    CHECK(shop.problems() == Lines{"proof number 2 does not follow the one before it",
                                   "proof number 3 does not follow the one before it",
                                   "proof number 4 does not follow the one before it"});
  }
  SUBCASE("beside another") {
    forged.started += seconds{1};
    write(shop.source().proofs() / file_name_of(forged), sign_proof(forged, key_of('k')));
    CHECK(shop.problems() == Lines{"two proofs have the number 2"});
  }
}

TEST_CASE("what cannot be read keeps its number, and keeps nobody from writing") {
  Shop shop{2};
  write(shop.source().proofs() / "00000003-x.json", "damaged");
  write(shop.source().proofs() / "00000004-x.json", "damaged");
  write(shop.source().proofs() / "99999999-x.json", "junk");
  write(shop.source().proofs() / "999999999-x.json", "junk");
  write(shop.source().proofs() / "zzz.json", "junk");
  const SignedProof made = shop.append();
  CHECK(made.proof.sequence == 5);
  CHECK(made.proof.previous == shop.proofs().list().proofs[1].digest);
  CHECK(shop.problems().empty());
  CHECK(shop.append().proof.sequence == 6);
}

TEST_CASE("there are as many numbers as fit into a name") {
  const Shop shop;
  Proof last = shop.proof();
  last.sequence = most_sequence;
  shop.source().create();
  write(shop.source().proofs() / file_name_of(last), sign_proof(last, key_of('k')));
  CHECK(error_of([&] { shop.proofs().append(shop.proof(), key_of('k')); }).code() == Code::data);
  CHECK(shop.problems() == Lines{"proofs number 1 to 99999998 are missing"});
}

TEST_CASE("whatever operation fails while a record is written, it is there as a whole or not") {
  for (const bool from_then_on : {false, true}) {
    for (std::uint64_t operation = 1;; ++operation) {
      Shop shop{2};
      const auto before = digests(shop.proofs().list());
      test::FaultyFs faulty{os::posix(), {.operation = operation, .from_then_on = from_then_on}};
      Proof proof = shop.proof();
      proof.started += seconds{7};
      bool failed = false;
      try {
        shop.proofs({}, faulty).append(proof, key_of('k'));
      } catch (const Error&) {
        failed = true;
      }
      INFO(faulty.failed());
      CHECK(failed == !faulty.failed().empty());
      const auto listing = shop.proofs().list();
      CHECK(listing.unreadable.empty());
      CHECK(chain_problems(listing).empty());
      auto old = digests(listing);
      CHECK(old.size() <= 3);
      CHECK((old.size() == 3 || failed));
      old.resize(2);
      CHECK(old == before);
      // And the next one goes on from there.
      shop.append();
      CHECK(shop.problems().empty());
      if (!failed) {
        break;
      }
    }
  }
}

TEST_CASE("what fails while records are listed is not taken for a damaged record") {
  const Shop shop{2};
  for (std::uint64_t operation = 1;; ++operation) {
    test::FaultyFs faulty{os::posix(), {.operation = operation}};
    try {
      const auto listing = shop.proofs({}, faulty).list();
      if (faulty.failed().empty()) {
        CHECK(listing.proofs.size() == 2);
        break;
      }
      INFO(faulty.failed());  // a file that cannot be opened, as one of somebody else
      CHECK(listing.proofs.size() + listing.unreadable.size() == 2);
    } catch (const Error& error) {
      CHECK(error.code() != Code::data);
    }
  }
}

TEST_CASE("a store that was made before there were proofs gets a place for them") {
  Shop shop;
  shop.source().create();
  std::filesystem::remove(shop.source().proofs());
  CHECK(shop.proofs().list().proofs.empty());
  shop.append();
  CHECK(shop.proofs().list().proofs.size() == 1);
  const auto mode = std::filesystem::status(shop.source().proofs()).permissions();
  CHECK(mode == std::filesystem::perms::owner_all);
}

SignedProof made_of(char manifest, Level level, Verdict verdict) {
  SignedProof made{.proof = example(), .digest = ""};
  made.proof.manifest = std::string(64, manifest);
  made.proof.level = level;
  made.proof.verdict = verdict;
  return made;
}

TEST_CASE("a backup has come back when it passed deeply enough and has not failed since") {
  ProofDirectory::Listing listing;
  CHECK(proved_manifests(listing).empty());
  CHECK(last_proof(listing, Level::chain) == nullptr);
  listing.proofs = {made_of('a', Level::content, Verdict::passed),
                    made_of('b', Level::restore, Verdict::passed),
                    made_of('c', Level::data, Verdict::passed),
                    made_of('d', Level::content, Verdict::failed),
                    made_of('e', Level::content, Verdict::same_as_source),
                    made_of('f', Level::application, Verdict::not_evaluated),
                    made_of('b', Level::chain, Verdict::failed),
                    made_of('a', Level::chain, Verdict::not_evaluated)};
  CHECK(proved_manifests(listing) == std::set{std::string(64, 'a')});
  CHECK(last_proof(listing, Level::chain) == &listing.proofs[2]);
  CHECK(last_proof(listing, Level::restore) == &listing.proofs[1]);
  CHECK(last_proof(listing, Level::content) == &listing.proofs[0]);
  CHECK(last_proof(listing, Level::application) == nullptr);
  listing.proofs.push_back(made_of('b', Level::content, Verdict::passed));
  CHECK(proved_manifests(listing) == std::set{std::string(64, 'a'), std::string(64, 'b')});
}

TEST_CASE("a record that is lost may have been the failure of any backup before it") {
  const auto numbered = [](std::uint64_t sequence, char manifest) {
    SignedProof made = made_of(manifest, Level::content, Verdict::passed);
    made.proof.sequence = sequence;
    return made;
  };
  const std::string a(64, 'a');
  const std::string b(64, 'b');
  ProofDirectory::Listing gap;
  gap.proofs = {numbered(1, 'a'), numbered(3, 'b')};
  CHECK(proved_manifests(gap) == std::set{b});
  CHECK(proved_manifests(gap, Lost::nothing) == std::set{a, b});
  ProofDirectory::Listing damaged;
  damaged.proofs = {numbered(1, 'a')};
  damaged.unreadable = {{.file = "00000002-0a0b0c0d.json", .why = "not signed"}};
  CHECK(proved_manifests(damaged).empty());
  CHECK(proved_manifests(damaged, Lost::nothing) == std::set{a});
  damaged.proofs.push_back(numbered(3, 'b'));
  CHECK(proved_manifests(damaged) == std::set{b});
}

TEST_CASE("packs are in the order in which they were sampled last") {
  ProofDirectory::Listing listing;
  listing.proofs.resize(3);
  listing.proofs[0].proof.packs = {"one", "two", "three"};
  listing.proofs[2].proof.packs = {"four", "one"};
  CHECK(sampled_packs(listing) == Lines{"two", "three", "four", "one"});
}

}  // namespace
}  // namespace trackier::proof
