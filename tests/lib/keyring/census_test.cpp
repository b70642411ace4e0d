#include "keyring/census.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/random.hpp"
#include "crypto/x25519.hpp"
#include "envelopes.hpp"
#include "os/replace_file.hpp"
#include "support/errors.hpp"
#include "support/faulty_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::keyring {
namespace {

using envelope::Recipients;
using test::block_for;
using test::contains;
using test::sealed_for;

struct Person {
  crypto::X25519Public key = crypto::x25519_public(crypto::random_secret(32));
  envelope::KeyId id = envelope::key_id_of(key);

  [[nodiscard]] Recipients recipients() const { return {envelope::public_key_recipient(key)}; }
};

Census count(os::FileSystem& files, const std::vector<std::filesystem::path>& roots,
             const CensusEvents& events = {}) {
  return take_census(files, roots, {.most_paths = 2}, events, {});
}

/// An envelope of which the first half is for `old`, the second, as after a crash, for `now`.
std::string between(const Recipients& old, const Recipients& now) {
  const crypto::Secret data_key = crypto::random_secret(32);
  envelope::FileId id{};
  crypto::random_bytes(id);
  return block_for(old, id, 1, data_key) + block_for(now, id, 2, data_key) + "payload";
}

TEST_CASE("a keyring among the files is no envelope that cannot be read") {
  const test::TemporaryDirectory directory;
  directory.write("keyring.tke", "trackier-keyring/1\nand so on");
  const Census census = count(os::posix(), {directory.path()});
  CHECK(census.unreadable_count == 0);
  CHECK(census.envelopes == 0);
}

TEST_CASE("temporaries are no files, and use their keys while they are written") {
  const test::TemporaryDirectory directory;
  const Person ana;
  const std::string envelope = sealed_for(ana.recipients());
  directory.write("1.tke", envelope);
  directory.write(".1.tke.aB3xYz.tmp", envelope);  // a run was killed
  directory.write(".1.tke.aB3xYz.tmp2", envelope);
  if (!os::posix().open(directory / "1.tke")->has_writer().has_value()) {
    return;  // then nobody can tell
  }
  CHECK(count(os::posix(), {directory.path()}).files_of(ana.id) == 2);

  os::ReplaceFile file{os::posix(), directory / "2.tke"};
  file.write(as_bytes(envelope));
  std::uint64_t found = 0;
  CensusEvents events;
  events.found = [&](const auto&, const auto&, const auto&) { ++found; };
  const Census census = count(os::posix(), {directory.path()}, events);
  CHECK(census.files_of(ana.id) == 3);
  CHECK(census.files == 2);
  CHECK(census.envelopes == 2);
  CHECK(found == 2);
}

TEST_CASE("files are counted for every key that opens them") {
  const test::TemporaryDirectory directory;
  const Person ana;
  const Person bo;
  std::filesystem::create_directories(directory / "deep/er");
  directory.write("1.tke", sealed_for(ana.recipients()));
  directory.write("deep/2", sealed_for(ana.recipients()));  // whatever its name
  directory.write("deep/er/3.tke",
                  sealed_for({ana.recipients()[0], bo.recipients()[0]}, std::string(40000, 'x')));
  directory.write("log", "no envelope");
  directory.write("empty", "");
  std::uint64_t told = 0;
  CensusEvents events;
  events.found = [&](const auto&, const auto&, const auto& ids) { told += ids.size(); };
  const Census census = count(os::posix(), {directory.path()}, events);
  CHECK(census.files == 5);
  CHECK(census.envelopes == 3);
  CHECK(census.unsettled == 0);
  CHECK(census.unreadable_count == 0);
  CHECK(census.files_of(ana.id) == 3);
  CHECK(census.files_of(bo.id) == 1);
  CHECK(census.files_of({}) == 0);
  CHECK(census.uses.at(bo.id).bytes == envelope::envelope_bytes(40000));
  CHECK(census.uses.at(bo.id).stale == 0);
  CHECK(census.uses.at(ana.id).paths.size() == 2);  // as many as were asked for
  CHECK(census.uses.at(ana.id).paths[0] == directory / "1.tke");
  CHECK(census.newest_ns >= census.oldest_ns);
  CHECK(census.oldest_ns > 0);
  CHECK(told == 4);
}

TEST_CASE("a block that no longer holds still counts, as stale") {
  const test::TemporaryDirectory directory;
  const Person old;
  const Person now;
  directory.write("a", between(old.recipients(), now.recipients()));
  directory.write("b", between(old.recipients(), {old.recipients()[0], now.recipients()[0]}));
  const Census census = count(os::posix(), {directory.path()});
  CHECK(census.unsettled == 2);
  CHECK(census.uses.at(now.id).files == 2);
  CHECK(census.uses.at(now.id).stale == 0);
  CHECK(census.uses.at(old.id).files == 2);
  CHECK(census.uses.at(old.id).stale == 1);
}

TEST_CASE("with one block damaged the other one counts; with both the file is unreadable") {
  const Person ana;
  const std::string good = sealed_for(ana.recipients());
  for (const std::size_t at : {std::size_t{3}, std::size_t{300}, std::size_t{4095}}) {
    for (const bool second : {false, true}) {
      const test::TemporaryDirectory directory;
      std::string torn = good;
      torn[at + (second ? envelope::block_bytes : 0)] ^= 1;
      directory.write("torn", torn);
      const Census census = count(os::posix(), {directory.path()});
      CHECK(census.files_of(ana.id) == 1);
      CHECK(census.unsettled == 1);
      torn[at] ^= second ? 1 : 0;
      torn[at + envelope::block_bytes] ^= second ? 0 : 1;
      directory.write("torn.tke", torn);
      CHECK(count(os::posix(), {directory.path()}).unreadable_count == 1);
    }
  }
}

TEST_CASE("what may be an envelope and cannot be read is listed, with why") {
  const test::TemporaryDirectory directory;
  const Person ana;
  const std::string good = sealed_for(ana.recipients());
  directory.write("short.tke", "x");
  directory.write("short", good.substr(0, 100));
  std::string later = good.substr(0, 4052);
  later[18] = '2';  // trackier-envelope/2
  later += crypto::base64(crypto::sha256(as_bytes(later))) + "\n";
  directory.write("later", later + later);
  const std::string one = sealed_for(ana.recipients());
  directory.write("two", one.substr(0, 4096) + sealed_for(ana.recipients()).substr(4096));
  const Census census = count(os::posix(), {directory.path()});
  CHECK(census.envelopes == 0);
  CHECK(census.unreadable_count == 4);
  REQUIRE(census.unreadable.size() == 4);
  CHECK(census.unreadable[0].path == directory / "later");
  CHECK(contains(census.unreadable[0].why, "later version"));
  CHECK(census.unreadable[1].why == "cut short");
  CHECK(contains(census.unreadable[2].why, "does not begin as one"));
  CHECK(contains(census.unreadable[3].why, "contradict"));
}

TEST_CASE("a sidecar is a block alone") {
  const test::TemporaryDirectory directory;
  const Person ana;
  directory.write("0.tkh", sealed_for(ana.recipients()).substr(0, 4096));
  const Census census = count(os::posix(), {directory.path()});
  CHECK(census.files_of(ana.id) == 1);
  CHECK(census.unsettled == 0);
  CHECK(census.unreadable_count == 0);
}

TEST_CASE("links are not followed, pipes not opened, missing roots not taken for empty ones") {
  const test::TemporaryDirectory directory;
  const Person ana;
  std::filesystem::create_directories(directory / "in");
  std::filesystem::create_directories(directory / "out");
  directory.write("out/x.tke", sealed_for(ana.recipients()));
  std::filesystem::create_symlink("../out/x.tke", directory / "in/link.tke");
  std::filesystem::create_symlink("../out", directory / "in/away");
  std::filesystem::create_symlink("nowhere", directory / "in/dangling");
  REQUIRE(::mkfifo((directory / "in/pipe").c_str(), 0600) == 0);
  const Census census = count(os::posix(), {directory / "in"});
  CHECK(census.files == 0);
  CHECK(census.unreadable_count == 0);
  CHECK(census.unfollowed.size() == 3);
  CHECK(census.empty_roots == std::vector{directory / "in"});
  CHECK(count(os::posix(), {directory / "in", directory / "out"}).unfollowed ==
        std::vector{directory / "in/dangling"});

  std::filesystem::create_symlink("out", directory / "root");
  CHECK(count(os::posix(), {directory / "root"}).files_of(ana.id) == 1);
  CHECK(count(os::posix(), {directory / "out/x.tke"}).files_of(ana.id) == 1);

  const Census missing = count(os::posix(), {directory / "none", directory / "in/pipe"});
  CHECK(missing.unreadable_count == 2);
  CHECK(missing.unreadable[0].why == "not there");
  CHECK(test::error_of([] { count(os::posix(), {}); }).code() == Code::usage);
}

TEST_CASE("whatever fails while looking, nothing is silently left out") {
  const test::TemporaryDirectory directory;
  const Person ana;
  std::filesystem::create_directories(directory / "a");
  directory.write("a/1.tke", sealed_for(ana.recipients()));
  directory.write("2.tke", sealed_for(ana.recipients()));
  for (std::uint64_t operation = 1;; ++operation) {
    test::FaultyFs faulty{os::posix(), {.operation = operation}};
    const Census census = count(faulty, {directory.path()});
    if (faulty.failed().empty()) {
      CHECK(operation > 8);
      break;
    }
    INFO(faulty.failed());
    CHECK(census.unreadable_count == 1);
    CHECK(census.files_of(ana.id) < 2);
  }
}

TEST_CASE("progress is told every 256 files and at the end; a stop ends it") {
  const test::TemporaryDirectory directory;
  for (int i = 0; i < 600; ++i) {
    directory.write(std::to_string(i), "");
  }
  std::vector<std::uint64_t> told;
  CensusEvents events;
  events.progressed = [&](const Census& so_far) { told.push_back(so_far.files); };
  count(os::posix(), {directory.path()}, events);
  CHECK(told == std::vector<std::uint64_t>{256, 512, 600});
  std::stop_source stop;
  stop.request_stop();
  CHECK(test::error_of([&] {
          take_census(os::posix(), {directory.path()}, {}, {}, stop.get_token());
        }).code() == Code::io);
}

TEST_CASE("the root hash says which files, not in which order or how often") {
  const envelope::FileId one{std::byte{1}};
  const envelope::FileId two{std::byte{2}};
  CHECK(root_hash({one, two, one}) == root_hash({two, one}));
  CHECK(root_hash({one}) != root_hash({two}));
  CHECK(root_hash({}) == crypto::sha256({}));
  std::string both{as_text(one)};
  both += as_text(two);
  CHECK(root_hash({two, one}) == crypto::sha256(as_bytes(both)));
}

}  // namespace
}  // namespace trackier::keyring
