#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <fstream>
#include <random>

#include "core/hexadecimal.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/random.hpp"
#include "store/directory.hpp"
#include "store/hold.hpp"
#include "store/pack_reader.hpp"
#include "store/pack_writer.hpp"
#include "store/removal.hpp"
#include "store/signed_line.hpp"
#include "support/errors.hpp"
#include "support/faulty_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::store {
namespace {

using test::contains;
using test::error_of;
using test::message_of;
using test::TemporaryDirectory;

constexpr Time noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} +
                    std::chrono::hours{12}};

std::vector<std::byte> random_blob(std::size_t size) {
  std::vector<std::byte> bytes(size);
  crypto::random_bytes(bytes);
  return bytes;
}

Manifest example(std::uint64_t sequence, const std::string& store_id) {
  Manifest made;
  made.store = store_id;
  made.id = hexadecimal(random_id());
  made.chain = std::string(32, 'c');
  made.source = "shop";
  made.kind = "sqlite";
  made.sequence = sequence;
  made.previous = sequence == 1 ? "" : std::string(64, 'a');
  made.slot = made.started = made.taken = made.finished = noon + std::chrono::hours{sequence};
  made.check = "quick_check ok";
  made.source_bytes = 4096;
  made.stored_bytes = 17;
  made.root = std::string(64, 'f');
  made.map = {.generation = 3, .number = 9};
  made.generations = {
      {.number = 0,
       .packs = {{.name = std::string(64, '1'), .bytes = 5, .first = 0},
                 {.name = std::string(64, '2'), .bytes = 6, .first = 7}}},
      {.number = 3, .packs = {{.name = std::string(64, '3'), .bytes = 8, .first = 0}}}};
  made.digested = true;
  made.host = "backup \xff host";
  made.tool = "trackier-ctl 0.1.0";
  return made;
}

TEST_CASE("a manifest comes back as it was signed") {
  const auto key = crypto::new_ed25519_key();
  const Manifest manifest = example(2, std::string(32, '0'));
  const std::string text = sign_manifest(manifest, key);
  const SignedManifest back = parse_manifest(text, "it");
  CHECK(back.signer == crypto::ed25519_public(key));
  CHECK(back.manifest.generations == manifest.generations);
  CHECK(back.manifest.map == manifest.map);
  CHECK(back.manifest.slot == manifest.slot);
  CHECK(back.manifest.digested);
  CHECK(back.manifest.check == manifest.check);
  CHECK(back.manifest.host == "backup \xef\xbf\xbd host");
  CHECK(file_name_of(back.manifest) == "00000002-20261123T140000Z-" + manifest.id + ".json");
}

TEST_CASE("a manifest that does not say whether there are digests has none") {
  const auto key = crypto::new_ed25519_key();
  std::string line = sign_manifest(example(1, std::string(32, '0')), key);
  line.resize(line.find('\n') + 1);
  const std::string member = "\"digested\":true,";
  REQUIRE(line.find(member) != std::string::npos);
  line.erase(line.find(member), member.size());
  const auto signed_line = sign_line(line, "trackier-backup/1 manifest", key);
  CHECK_FALSE(parse_manifest(signed_line, "it").manifest.digested);
}

TEST_CASE("no change to a manifest goes unnoticed") {
  const auto key = crypto::new_ed25519_key();
  const std::string text = sign_manifest(example(1, std::string(32, '0')), key);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(error_of([&] { parse_manifest(changed, "it"); }).code() == Code::data);
    CHECK(error_of([&] { parse_manifest(std::string_view{text}.substr(0, i), "it"); }).code() ==
          Code::data);
  }
  CHECK(error_of([&] { parse_manifest(text + "x", "it"); }).code() == Code::data);
}

TEST_CASE("blobs come back from packs, whatever their number and size") {
  const TemporaryDirectory directory;
  auto& files = os::posix();
  const auto key = crypto::random_secret(32);
  std::vector<std::pair<BlobKind, std::vector<std::byte>>> blobs;
  PackWriter writer{files, directory.path(), key, 5};
  std::minstd_rand random{1};
  for (std::uint32_t i = 0; i < 300; ++i) {
    const auto kind = static_cast<BlobKind>(1 + random() % 4);
    blobs.emplace_back(kind, random_blob(i % 7 == 0 ? 0 : random() % 800'000));
    CHECK(writer.add(kind, blobs.back().second) == i);
  }
  const auto packs = writer.finish();
  CHECK(packs.size() == 2);
  CHECK(directory.names().size() == 2);
  for (const PackInfo& pack : packs) {
    const std::string content = test::content_of(directory / pack.name);
    CHECK(content.size() == pack.bytes);
    CHECK(hexadecimal(crypto::sha256(as_bytes(content))) == pack.name);
  }
  BlobReader reader{files, directory.path(), key, {{.number = 5, .packs = packs}}};
  for (std::uint32_t i = 0; i < blobs.size(); ++i) {
    const Blob blob = reader.read({.generation = 5, .number = i});
    CHECK(blob.kind == blobs[i].first);
    CHECK(blob.plain == blobs[i].second);
  }
  CHECK(error_of([&] { (void)reader.read({.generation = 5, .number = 300}); }).code() ==
        Code::data);
  CHECK(error_of([&] { (void)reader.read({.generation = 4, .number = 0}); }).code() == Code::data);

  const auto wrong = crypto::random_secret(32);
  BlobReader other{files, directory.path(), wrong, {{.number = 5, .packs = packs}}};
  CHECK(contains(message_of(error_of([&] { (void)other.read({.generation = 5, .number = 0}); })),
                 "of another chain"));
}

TEST_CASE("a damaged pack is named, and its other blobs are read") {
  const TemporaryDirectory directory;
  auto& files = os::posix();
  const auto key = crypto::random_secret(32);
  PackWriter writer{files, directory.path(), key, 0};
  const auto first = random_blob(100);
  const auto second = random_blob(100);
  writer.add(BlobKind::full, first);
  writer.add(BlobKind::delta, second);
  const auto packs = writer.finish();
  const auto path = directory / packs[0].name;
  const std::string whole = test::content_of(path);
  const auto opened = [&](const std::string& content, std::uint32_t number) {
    std::ofstream{path, std::ios::binary} << content;
    BlobReader reader{files, directory.path(), key, {{.number = 0, .packs = packs}}};
    return reader.read({.generation = 0, .number = number});
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    const bool in_first = i >= pack_head_bytes && i < pack_head_bytes + 116;
    const bool in_second = i >= pack_head_bytes + 116 && i < pack_head_bytes + 232;
    for (const std::uint32_t number : {0U, 1U}) {
      const bool hit =
          (!in_first && !in_second) || (in_first && number == 0) || (in_second && number == 1);
      if (hit) {
        const auto error = error_of([&] { opened(changed, number); });
        CHECK(error.code() == Code::data);
        CHECK(contains(message_of(error), packs[0].name));
      } else {
        CHECK(opened(changed, number).plain == (number == 0 ? first : second));
      }
    }
  }
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK(error_of([&] { opened(whole.substr(0, length), 0); }).code() == Code::data);
  }
}

TEST_CASE("what is not finished leaves nothing") {
  const TemporaryDirectory directory;
  const auto key = crypto::random_secret(32);
  {
    PackWriter writer{os::posix(), directory.path(), key, 0};
    writer.add(BlobKind::full, random_blob(10));
  }
  CHECK(directory.names().empty());
}

TEST_CASE("a store is made in an empty place, opened again, and nowhere else") {
  const TemporaryDirectory directory;
  auto& files = os::posix();
  const auto made = StoreDirectory::open_or_create(files, directory / "store");
  CHECK(StoreDirectory::open_or_create(files, directory / "store").id() == made.id());
  CHECK(error_of([&] { StoreDirectory::open(files, directory / "other"); }).code() ==
        Code::no_input);
  directory.write("file", "x");
  CHECK(error_of([&] { StoreDirectory::open_or_create(files, directory.path()); }).code() ==
        Code::cannot_create);
  CHECK(error_of([&] { (void)made.copy_at(directory / "store", false); }).code() == Code::usage);
  const auto copy = made.copy_at(directory / "copy", true);
  CHECK(copy.id() == made.id());
  CHECK(copy.is_append_only());
  const auto another = StoreDirectory::open_or_create(files, directory / "another");
  CHECK(error_of([&] { (void)made.copy_at(directory / "another", false); }).code() ==
        Code::cannot_create);
  CHECK(error_of([&] { (void)made.source("../x"); }).code() == Code::usage);
}

TEST_CASE("manifests are listed in order, and one that is damaged hides no other") {
  const TemporaryDirectory directory;
  auto& files = os::posix();
  const auto store = StoreDirectory::open_or_create(files, directory / "store");
  const auto source = store.source("shop");
  CHECK(source.list().manifests.empty());
  source.create();
  const auto key = crypto::new_ed25519_key();
  for (const std::uint64_t sequence : {10U, 2U, 1U}) {
    source.publish(example(sequence, store.id()), key);
  }
  CHECK(store.sources() == std::vector<std::string>{"shop"});
  const auto listing = source.list();
  REQUIRE(listing.manifests.size() == 3);
  CHECK(listing.manifests[0].manifest.sequence == 1);
  CHECK(listing.manifests[2].manifest.sequence == 10);
  // One of another store, one under another name, garbage.
  source.publish(example(3, std::string(32, '9')), key);
  files.rename(source.manifests() / file_name_of(listing.manifests[1].manifest),
               source.manifests() / "00000007-x.json");
  std::ofstream{source.manifests() / "00000008-y.json"} << "garbage";
  const auto after = source.list();
  CHECK(after.manifests.size() == 2);
  CHECK(after.unreadable.size() == 3);
}

TEST_CASE("sweeping takes what no manifest names, and nothing while one cannot be read") {
  const TemporaryDirectory directory;
  auto& files = os::posix();
  const auto store = StoreDirectory::open_or_create(files, directory / "store");
  const auto source = store.source("shop");
  source.create();
  const auto key = crypto::new_ed25519_key();
  source.publish(example(1, store.id()), key);
  for (const char digit : {'1', '2', '3', '4'}) {
    std::ofstream{source.packs() / std::string(64, digit)} << "12345";
  }
  std::ofstream{source.packs() / ".x.tmp"} << "rest";
  std::ofstream{source.manifests() / "bad.json"} << "?";
  CHECK(source.sweep(source.list()) == 4);
  CHECK(files.list(source.packs()).size() == 4);
  files.remove(source.manifests() / "bad.json");
  CHECK(source.sweep(source.list()) == 5);
  CHECK(files.list(source.packs()).size() == 3);
}

TEST_CASE("locks exclude whom they should, and go with their owner") {
  const TemporaryDirectory directory;
  const auto store = StoreDirectory::open_or_create(os::posix(), directory / "store");
  const auto source = store.source("shop");
  source.create();
  auto writing = source.lock(Lock::write);
  CHECK(error_of([&] { (void)source.lock(Lock::write); }).code() == Code::busy);
  auto reading = source.lock(Lock::read);
  auto also_reading = source.lock(Lock::read);
  CHECK(source.try_lock(Lock::remove) == nullptr);
  reading.reset();
  CHECK(source.try_lock(Lock::remove) == nullptr);
  also_reading.reset();
  auto removing = source.try_lock(Lock::remove);
  CHECK(removing != nullptr);
  CHECK(source.try_lock(Lock::read) == nullptr);
  writing.reset();
  CHECK(source.try_lock(Lock::write) != nullptr);
}

TEST_CASE("holds cover slots, survive reading, and are placed once") {
  const TemporaryDirectory directory;
  auto& files = os::posix();
  const auto source = StoreDirectory::open_or_create(files, directory / "store").source("shop");
  const Hold hold{.name = "case-17",
                  .reason = "court \"order\" \xc3\xa4",
                  .from = noon,
                  .to = noon + std::chrono::hours{2},
                  .placed = noon,
                  .placed_by = "Ana"};
  place_hold(files, source, hold);
  CHECK(error_of([&] { place_hold(files, source, hold); }).code() == Code::cannot_create);
  CHECK(error_of([&] { place_hold(files, source, {.name = "../x"}); }).code() == Code::usage);
  const auto holds = list_holds(files, source);
  REQUIRE(holds.size() == 1);
  CHECK(holds[0].reason == hold.reason);
  CHECK(holds[0].covers(noon));
  CHECK(holds[0].covers(noon + std::chrono::hours{2}));
  CHECK_FALSE(holds[0].covers(noon - std::chrono::seconds{1}));
  CHECK_FALSE(holds[0].covers(noon + std::chrono::hours{3}));
  CHECK(Hold{.name = "all"}.covers(noon));
  std::ofstream{source.holds() / "bad.json"} << "{}";
  CHECK(error_of([&] { list_holds(files, source); }).code() == Code::data);
  files.remove(source.holds() / "bad.json");
  release_hold(files, source, "case-17");
  CHECK(list_holds(files, source).empty());
  CHECK(error_of([&] { release_hold(files, source, "case-17"); }).code() == Code::no_input);
}

TEST_CASE("what was removed is on record, and a record that was changed does not count") {
  const TemporaryDirectory directory;
  auto& files = os::posix();
  const auto source = StoreDirectory::open_or_create(files, directory / "store").source("shop");
  source.create();
  const auto key = crypto::new_ed25519_key();
  record_removal(files, source,
                 {{.sequence = 7,
                   .id = "abc",
                   .digest = "d",
                   .slot = noon,
                   .taken = noon,
                   .damaged = true,
                   .rule = "none"}},
                 noon, key);
  auto removals = list_removals(files, source);
  REQUIRE(removals.removed.size() == 1);
  CHECK(removals.removed[0].sequence == 7);
  CHECK(removals.removed[0].slot == noon);
  CHECK(removals.removed[0].damaged);
  const auto path = source.removals() / files.list(source.removals()).front();
  std::string text = test::content_of(path);
  text.replace(text.find("\"none\""), 6, "\"hold\"");
  std::ofstream{path} << text;
  removals = list_removals(files, source);
  CHECK(removals.removed.empty());
  CHECK(removals.unreadable == 1);
}

TEST_CASE("whatever operation fails while a pack is written, none appears that is not whole") {
  const TemporaryDirectory directory;
  const auto key = crypto::random_secret(32);
  for (std::uint64_t operation = 1;; ++operation) {
    test::FaultyFs faulty{os::posix(), {.operation = operation}};
    bool failed = false;
    std::vector<PackInfo> packs;
    try {
      PackWriter writer{faulty, directory.path(), key, 0};
      writer.add(BlobKind::full, random_blob(3000));
      packs = writer.finish();
    } catch (const Error&) {
      failed = true;
    }
    if (!failed) {
      CHECK(packs.size() == 1);
      break;
    }
    for (const auto& name : directory.names()) {
      CHECK_MESSAGE(
          (name.ends_with(".tmp") ||
           hexadecimal(crypto::sha256(as_bytes(test::content_of(directory / name)))) == name),
          faulty.failed());
    }
  }
}

}  // namespace
}  // namespace trackier::store
