// Saving a keyring while everything fails, once or for good: the old one or the new one, whole.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "crypto/random.hpp"
#include "keyring/keyring_file.hpp"
#include "samples.hpp"
#include "support/faulty_fs.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::keyring {
namespace {

using test::FaultyFs;
using test::MemoryFs;
using test::noon;
using test::series;

const KeyringPlace place{"/keys/keyring.tke", "/state"};

struct Memory {
  MemoryFs files;
  crypto::Secret unlock_key = crypto::random_secret(32);
  envelope::Identities identities{
      envelope::wrapping_key_identity(crypto::Secret::copy_of(unlock_key.bytes()))};

  Memory() {
    files.add("/keys/.keep", "");
    files.add("/state/.keep", "");
    KeyringFile::create(
        files, place,
        {{envelope::wrapping_key_recipient(crypto::Secret::copy_of(unlock_key.bytes())), "key"}},
        noon(), {});
    files.sync_directory("/keys");  // the lock's name
  }

  KeyringFile open(os::FileSystem& through, Access access) {
    return KeyringFile::open(through, place, identities, {.access = access}, {});
  }

  /// What there is after the next start of the machine: opened for a change, as by a second try.
  Document after() { return open(files, Access::change).keyring().document(); }
};

void change_and_save(Memory& memory, os::FileSystem& through) {
  KeyringFile file = memory.open(through, Access::change);
  file.keyring().new_key(series("acme/encrypt"), {}, noon());
  file.save(noon());
}

/// Fails operation after operation; `after` looks at what is left each time.
template <typename After>
std::uint64_t each_fault(bool from_then_on, After after) {
  for (std::uint64_t operation = 1;; ++operation) {
    Memory memory;
    FaultyFs faulty{memory.files, {.operation = operation, .from_then_on = from_then_on}};
    bool saved = false;
    try {
      change_and_save(memory, faulty);
      saved = true;
    } catch (const Error&) {
      CHECK_FALSE(faulty.failed().empty());
    }
    INFO(operation, ": ", faulty.failed());
    after(memory, saved, faulty);
    if (faulty.failed().empty()) {
      CHECK(saved);
      return operation - 1;
    }
  }
}

TEST_CASE("whichever operation fails, the keyring opens as before or as saved") {
  for (const bool from_then_on : {false, true}) {
    const auto operations =
        each_fault(from_then_on, [](Memory& memory, bool saved, const FaultyFs& /*faulty*/) {
          const Document found = memory.after();
          CHECK(found.generation == found.keys.size() + 1);
          if (saved) {
            CHECK(found.generation == 2);
          }
        });
    CHECK(operations > 12);
  }
}

TEST_CASE("what a new keyring needs is taken away only while the old one is in its place") {
  for (const bool from_then_on : {false, true}) {
    for (std::uint64_t operation = 1;; ++operation) {
      Memory memory;
      const std::string before = memory.files.content(place.path);
      FaultyFs faulty{memory.files, {.operation = operation, .from_then_on = from_then_on}};
      bool undone = false;
      bool saving = false;
      bool saved = false;
      try {
        KeyringFile file = memory.open(faulty, Access::change);
        file.keyring().new_key(series("acme/encrypt"), {}, noon());
        saving = true;
        file.save(noon(), [&] { undone = true; });
        saved = true;
      } catch (const Error&) {
        CHECK_FALSE(faulty.failed().empty());
      }
      INFO(operation, ": ", faulty.failed());
      const bool is_old = memory.files.content(place.path) == before;
      CHECK(undone == (saving && is_old));
      CHECK((is_old ? !saved : saving));
      if (faulty.failed().empty()) {
        CHECK(saved);
        break;
      }
    }
  }
}

TEST_CASE("a keyring that is saved is saved, though its generation cannot be noted") {
  const test::TemporaryDirectory directory;
  const KeyringPlace other{directory / "other.tke", directory / "file/below"};
  directory.write("file", "");  // the directory of the note cannot be made
  KeyringFile made = KeyringFile::create(
      os::posix(), other, {{envelope::wrapping_key_recipient(crypto::random_secret(32)), "key"}},
      noon(), {});
  CHECK(made.seen_problem());
  bool undone = false;
  made.save(noon(), [&] { undone = true; });
  CHECK_FALSE(undone);
  CHECK(made.seen_problem());
  CHECK(made.keyring().document().generation == 2);
  std::filesystem::remove(directory / "file");
  made.save(noon());
  CHECK_FALSE(made.seen_problem());
}

TEST_CASE("a power cut at any operation leaves the old or the new, and never a rollback") {
  for (const auto survives : {MemoryFs::Survives::nothing, MemoryFs::Survives::names}) {
    each_fault(true, [&](Memory& memory, bool saved, const FaultyFs& /*faulty*/) {
      memory.files.power_cut(survives);
      const Document found = memory.after();  // a note ahead of the keyring would refuse it
      CHECK(found.generation == found.keys.size() + 1);
      if (saved) {
        CHECK(found.generation == 2);
      }
    });
  }
}

TEST_CASE("after a power cut between keyring and note, going back is noticed all the same") {
  Memory memory;
  const std::string first = memory.files.content(place.path);
  each_fault(true, [&](Memory& cut, bool /*saved*/, const FaultyFs& /*faulty*/) {
    const std::string before = cut.files.content(place.path);
    cut.files.power_cut(MemoryFs::Survives::nothing);
    if (cut.after().generation == 2) {  // this opening has brought the note up
      CHECK(cut.files.content(place.path) == before);
      bool noted = false;
      for (const auto& name : cut.files.names()) {
        noted = noted ||
                (name.extension() == ".seen" && cut.files.content(name) == "trackier-seen/1 2\n");
      }
      CHECK(noted);
    }
  });
}

TEST_CASE("making a keyring leaves a whole one or none") {
  for (std::uint64_t operation = 1;; ++operation) {
    MemoryFs files;
    files.add("/keys/.keep", "");
    files.add("/state/.keep", "");
    FaultyFs faulty{files, {.operation = operation, .from_then_on = true}};
    const crypto::Secret key = crypto::random_secret(32);
    const auto copy = [&] { return crypto::Secret::copy_of(key.bytes()); };
    bool made = false;
    try {
      KeyringFile::create(faulty, place, {{envelope::wrapping_key_recipient(copy()), "key"}},
                          noon(), {});
      made = true;
    } catch (const Error&) {
      CHECK_FALSE(faulty.failed().empty());
    }
    files.power_cut(MemoryFs::Survives::nothing);
    INFO(operation, ": ", faulty.failed());
    const bool exists = files.entry(place.path).has_value();
    CHECK((exists || !made));
    if (exists) {
      const auto opened = KeyringFile::open(files, place, {envelope::wrapping_key_identity(copy())},
                                            {.access = Access::change}, {});
      CHECK(opened.keyring().document().generation == 1);
    }
    if (made) {
      CHECK(operation > 8);
      break;
    }
  }
}

}  // namespace
}  // namespace trackier::keyring
