#include "keyring/keyring_file.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/random.hpp"
#include "envelope/open.hpp"
#include "samples.hpp"
#include "support/errors.hpp"
#include "support/memory_fs.hpp"
#include "support/streams.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::keyring {
namespace {

using crypto::Secret;
using test::contains;
using test::error_of;
using test::key_name;
using test::message_of;
using test::noon;
using test::series;

constexpr unsigned quick = 10;  // scrypt's log_n

Secret copy(const Secret& secret) {
  return Secret::copy_of(secret.bytes());
}

Secret phrase(std::string_view text) {
  return Secret::copy_of(as_bytes(text));
}

envelope::Identities passphrase(const std::string& text) {
  return {envelope::passphrase_identity([text] { return phrase(text); })};
}

/// A directory with a keyring that a key and a passphrase open.
struct Sample {
  test::TemporaryDirectory directory;
  KeyringPlace place{directory / "keys/keyring.tke", directory / "state"};
  Secret unlock_key = crypto::random_secret(32);
  envelope::Identities identities{envelope::wrapping_key_identity(copy(unlock_key))};

  Sample() {
    KeyringFile::create(os::posix(), place,
                        {{envelope::wrapping_key_recipient(copy(unlock_key)), "key file"},
                         {envelope::passphrase_recipient(phrase("open sesame"), quick), "paper"}},
                        noon(), {});
  }

  [[nodiscard]] KeyringFile open(Access access = Access::change, bool accept = false) const {
    return KeyringFile::open(os::posix(), place, identities,
                             {.access = access, .accept_rollback = accept}, {});
  }
  [[nodiscard]] std::string content() const { return test::content_of(place.path); }
  void put_back(const std::string& content) const { directory.write("keys/keyring.tke", content); }
};

TEST_CASE("a keyring is made for its owner alone, and opens with each of its methods") {
  const Sample sample;
  const auto mode = [](const std::filesystem::path& path) {
    return os::posix().status(path)->mode;
  };
  CHECK(mode(sample.place.path) == 0600);
  CHECK(mode(sample.directory / "keys") == 0700);
  CHECK(mode(sample.directory / "keys/keyring.tke.lock") == 0600);
  CHECK(sample.content().starts_with("trackier-keyring/1 1\n"));
  for (const auto& identities : {sample.identities, passphrase("open sesame")}) {
    const KeyringFile file = KeyringFile::open(os::posix(), sample.place, identities, {}, {});
    CHECK(file.keyring().document().generation == 1);
    CHECK(file.keyring().document().keys.empty());
    REQUIRE(file.unlocks().size() == 2);
    CHECK(file.unlocks()[0].label == "key file");
    CHECK(file.unlocks()[0].kind == UnlockMethod::Kind::key);
    CHECK(file.unlocks()[1].kind == UnlockMethod::Kind::passphrase);
  }
}

TEST_CASE("a keyring is not made over a file that exists, nor without a way to open it") {
  const Sample sample;
  const std::string before = sample.content();
  const Secret key = crypto::random_secret(32);
  const auto create = [&](const std::filesystem::path& path,
                          const std::vector<NewUnlock>& unlocks) {
    KeyringFile::create(os::posix(), {path, {}}, unlocks, noon(), {});
  };
  CHECK(error_of([&] {
          create(sample.place.path, {{envelope::wrapping_key_recipient(copy(key)), "k"}});
        }).code() == Code::cannot_create);
  CHECK(sample.content() == before);
  CHECK(error_of([&] { create(sample.directory / "other", {}); }).code() == Code::usage);
  CHECK_FALSE(std::filesystem::exists(sample.directory / "other"));
}

TEST_CASE("what is saved is there the next time, one generation later") {
  const Sample sample;
  const std::string before = sample.content();
  Document saved;
  {
    KeyringFile file = sample.open();
    file.keyring().new_key(series("acme/encrypt"), {}, noon());
    file.save(noon() + test::day);
    saved = file.keyring().document();
  }
  CHECK(saved.generation == 2);
  CHECK(saved.saved == noon() + test::day);
  CHECK(saved.latest_time == noon() + test::day);
  const KeyringFile again = sample.open(Access::read);
  CHECK(again.keyring().document() == saved);
  CHECK(again.keyring().secret_of(key_name("acme/encrypt/1")).secret.size() == 32);
  // Same file id, same stanzas, another salt: no key of the payload is used twice.
  const std::string after = sample.content();
  CHECK(after.substr(0, 8192) == before.substr(0, 8192));
  CHECK(after.substr(8192, 24) != before.substr(8192, 24));
  CHECK(sample.directory.names() == std::vector<std::string>{"keys", "state"});
}

TEST_CASE("a clock that went back leaves latest_time where it was") {
  const Sample sample;
  KeyringFile file = sample.open();
  file.save(noon() - test::day);
  CHECK(file.keyring().document().saved == noon());
  CHECK(file.keyring().document().latest_time == noon());
}

TEST_CASE("no key stands in the file as it is") {
  const Sample sample;
  KeyringFile file = sample.open();
  file.keyring().new_key(series("acme/pseudonymize"), {}, noon());
  file.save(noon());
  const Secret secret = file.keyring().secret_of(key_name("acme/pseudonymize/1")).secret;
  CHECK_FALSE(contains(sample.content(), as_text(secret.bytes())));
  CHECK_FALSE(contains(sample.content(), "acme"));
  CHECK_FALSE(contains(to_json(file.keyring().document()), as_text(secret.bytes())));
}

TEST_CASE("the wrong key and the wrong passphrase open nothing, and are told apart") {
  const Sample sample;
  const auto refusal = [&](const envelope::Identities& identities) {
    const Error error =
        error_of([&] { KeyringFile::open(os::posix(), sample.place, identities, {}, {}); });
    CHECK(error.code() == Code::no_permission);
    return message_of(error);
  };
  CHECK(contains(refusal({envelope::wrapping_key_identity(crypto::random_secret(32))}),
                 "not sealed for this key"));
  CHECK(contains(refusal(passphrase("open sesam")), "the passphrase is wrong"));
  CHECK(contains(refusal({}), "not sealed for this key"));
  CHECK(
      error_of([&] {
        KeyringFile::open(os::posix(), {sample.directory / "none", {}}, sample.identities, {}, {});
      }).code() == Code::no_input);
}

TEST_CASE("whatever is changed in the file, it does not open, or is the same") {
  const Sample sample;
  const std::string good = sample.content();
  const Document before = sample.open(Access::read).keyring().document();
  for (std::size_t at = 0; at < good.size(); at += at < 8192 ? 97 : 7) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    sample.put_back(bad);
    std::optional<Document> found;
    try {
      found = sample.open(Access::read).keyring().document();
    } catch (const Error& error) {
      CHECK(error.code() == Code::data);
    }
    if (at < envelope::head_bytes) {
      CHECK(found == before);  // a damaged block is what the other one is for
    } else {
      CHECK_FALSE(found);
    }
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{8192}, good.size() - 1}) {
    sample.put_back(good.substr(0, size));
    CHECK(error_of([&] { return sample.open(Access::read); }).code() == Code::data);
  }
  sample.put_back(good + "x");
  CHECK(error_of([&] { return sample.open(Access::read); }).code() == Code::data);
  sample.put_back(std::string(5 << 20, 'x'));
  CHECK(contains(message_of(error_of([&] { return sample.open(Access::read); })), "too long"));
}

TEST_CASE("methods are added and removed, and the last one stays") {
  const Sample sample;
  const Secret second = crypto::random_secret(32);
  {
    KeyringFile file = sample.open();
    file.add_unlock({envelope::wrapping_key_recipient(copy(second)), "second"}, noon());
    file.remove_unlock("paper");
    file.remove_unlock(file.unlocks()[0].id);
    const Error last = error_of([&] { file.remove_unlock("second"); });
    CHECK(last.code() == Code::no_permission);
    CHECK(message_of(last) == "second is the last unlock method");
    CHECK(error_of([&] { file.remove_unlock("paper"); }).code() == Code::no_permission);
    file.save(noon());
  }
  CHECK(error_of([&] { return sample.open(); }).code() == Code::no_permission);
  CHECK(error_of([&] {
          KeyringFile::open(os::posix(), sample.place, passphrase("open sesame"), {}, {});
        }).code() == Code::no_permission);
  const envelope::Identities now{envelope::wrapping_key_identity(copy(second))};
  CHECK(KeyringFile::open(os::posix(), sample.place, now, {}, {}).unlocks().size() == 1);
}

TEST_CASE("methods that cannot be added") {
  const Sample sample;
  KeyringFile file = sample.open();
  const auto code = [&](std::shared_ptr<const envelope::Recipient> recipient, std::string label) {
    return error_of([&] {
             file.add_unlock({std::move(recipient), std::move(label)}, noon());
           })
        .code();
  };
  const auto key = [] { return envelope::wrapping_key_recipient(crypto::random_secret(32)); };
  const auto word = [] { return envelope::passphrase_recipient(phrase("x"), quick); };
  CHECK(code(key(), "") == Code::usage);
  CHECK(code(key(), "a\nb") == Code::usage);
  CHECK(code(key(), "paper") == Code::usage);
  CHECK(code(envelope::wrapping_key_recipient(copy(sample.unlock_key)), "again") == Code::usage);
  CHECK(code(envelope::public_key_recipient(crypto::x25519_public(crypto::random_secret(32))),
             "pair") == Code::bug);
  for (int i = 0; i < 3; ++i) {
    file.add_unlock({word(), "word " + std::to_string(i)}, noon());
  }
  CHECK(code(word(), "fifth") == Code::usage);
  for (int i = 0; i < 19; ++i) {
    file.add_unlock({key(), "key " + std::to_string(i)}, noon());
  }
  CHECK(file.unlocks().size() == 24);
  CHECK(code(key(), "25th") == Code::usage);
  file.save(noon());
  CHECK(sample.open(Access::read).unlocks().size() == 24);
}

TEST_CASE("an older keyring is recognised, and opens only when that is accepted") {
  const Sample sample;
  const std::string first = sample.content();
  for (int i = 0; i < 8; ++i) {
    sample.open().save(noon());
  }
  const std::string latest = sample.content();
  sample.put_back(first);
  for (const Access access : {Access::read, Access::change}) {
    const Error error = error_of([&] { return sample.open(access); });
    CHECK(error.code() == Code::data);
    CHECK(contains(message_of(error),
                   "keyring is older than the one used last (generation 1, seen 9)"));
  }
  CHECK(sample.open(Access::read, true).keyring().document().generation == 1);
  sample.put_back(latest);
  CHECK(sample.open().keyring().document().generation == 9);
  sample.put_back(first);
  {
    KeyringFile accepted = sample.open(Access::change, true);
    accepted.save(noon());
    CHECK(accepted.keyring().document().generation == 10);  // past what was seen
  }
  CHECK(sample.open().keyring().document().generation == 10);
}

TEST_CASE("reading a newer keyring notes its generation; where it cannot, that is told") {
  const Sample sample;
  const std::string first = sample.content();
  sample.open().save(noon());
  const std::string second = sample.content();
  // Another machine, which only reads.
  KeyringPlace elsewhere = sample.place;
  elsewhere.state_directory = sample.directory / "elsewhere/deep";
  const auto read = [&] {
    return KeyringFile::open(os::posix(), elsewhere, sample.identities, {}, {});
  };
  CHECK_FALSE(read().seen_problem());
  sample.put_back(first);
  CHECK(error_of([&] { read(); }).code() == Code::data);

  sample.directory.write("file", "");
  elsewhere.state_directory = sample.directory / "file/below";  // cannot be made
  CHECK(read().seen_problem());
  CHECK(error_of([&] {
          KeyringFile::open(os::posix(), elsewhere, sample.identities, {.access = Access::change},
                            {});
        }).code() == Code::cannot_create);
  elsewhere.state_directory.clear();
  CHECK_FALSE(read().seen_problem());
}

TEST_CASE("what killed saves have left beside the keyring goes with the next one") {
  const Sample sample;
  const auto keys = sample.place.path.parent_path();
  for (const char* const name : {".keyring.tke.aB3xYz.tmp", ".keyring.tke.000000.tmp",
                                 ".keyring.tke.aB3.tmp", ".other.tke.aB3xYz.tmp"}) {
    sample.directory.write("keys/" + std::string{name}, sample.content());
  }
  CHECK(sample.open(Access::read).unlocks().size() == 2);
  CHECK(std::filesystem::exists(keys / ".keyring.tke.aB3xYz.tmp"));
  sample.open().save(noon());
  CHECK_FALSE(std::filesystem::exists(keys / ".keyring.tke.aB3xYz.tmp"));
  CHECK_FALSE(std::filesystem::exists(keys / ".keyring.tke.000000.tmp"));
  CHECK(std::filesystem::exists(keys / ".keyring.tke.aB3.tmp"));  // not made by us
  CHECK(std::filesystem::exists(keys / ".other.tke.aB3xYz.tmp"));
}

TEST_CASE("a damaged note of the generation is not taken for none") {
  const Sample sample;
  const auto names = std::filesystem::directory_iterator{sample.place.state_directory};
  const std::filesystem::path seen = names->path();
  CHECK(seen.filename().native().starts_with("keyring-"));
  CHECK(test::content_of(seen) == "trackier-seen/1 1\n");
  for (const char* const text : {"", "trackier-seen/1 \n", "trackier-seen/1 01\n", "9\n",
                                 "trackier-seen/1 1", "trackier-seen/1 1\n\n"}) {
    sample.directory.write("state/" + seen.filename().native(), text);
    CHECK(error_of([&] { return sample.open(Access::read); }).code() == Code::data);
  }
}

TEST_CASE("one at a time changes a keyring, readers go on") {
  const Sample sample;
  KeyringFile first = sample.open();
  const Error error = error_of([&] { return sample.open(); });
  CHECK(error.code() == Code::busy);
  CHECK_FALSE(error.hint().empty());
  CHECK(sample.open(Access::read).keyring().document().generation == 1);
  first.save(noon());
  CHECK(sample.open(Access::read).keyring().document().generation == 2);
  KeyringFile reader = sample.open(Access::read);
  CHECK(error_of([&] { reader.save(noon()); }).code() == Code::bug);
}

TEST_CASE("ten that save at once lose nothing") {
  const Sample sample;
  std::atomic<int> refused = 0;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> savers;
  for (int saver = 0; saver < 10; ++saver) {
    savers.emplace_back([&, saver] {
      for (bool done = false; !done;) {
        try {
          KeyringFile file = sample.open();
          file.keyring().new_key(series("t" + std::to_string(saver) + "/encrypt"), {}, noon());
          file.save(noon());
          done = true;
        } catch (const Error& error) {
          done = error.code() != Code::busy;
          failed += done ? 1 : 0;
          ++refused;
          std::this_thread::yield();
        }
      }
    });
  }
  savers.clear();
  CHECK(failed == 0);
  const KeyringFile file = sample.open(Access::read);
  CHECK(file.keyring().document().keys.size() == 10);
  CHECK(file.keyring().document().generation == 11);
  MESSAGE("refused ", refused.load(), " times");
}

TEST_CASE("a link to a keyring is read, and not replaced") {
  const Sample sample;
  KeyringPlace link = sample.place;
  link.path = sample.directory / "link.tke";
  std::filesystem::create_symlink(sample.place.path, link.path);
  KeyringFile::open(os::posix(), link, sample.identities, {}, {});
  CHECK(error_of([&] {
          KeyringFile::open(os::posix(), link, sample.identities, {.access = Access::change}, {});
        }).code() == Code::cannot_create);
}

TEST_CASE("an envelope that is no keyring is none") {
  const Sample sample;
  test::MemorySource source{"{}"};
  test::MemorySink sink;
  envelope::seal_stream(source, sink, {envelope::wrapping_key_recipient(copy(sample.unlock_key))},
                        envelope::Origin::random(), {}, {}, {});
  sample.put_back(sink.content());
  CHECK(error_of([&] { return sample.open(Access::read); }).code() == Code::data);
}

}  // namespace
}  // namespace trackier::keyring
