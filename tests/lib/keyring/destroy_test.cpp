// Which keys may be forgotten, and when.
#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "keyring/keyring.hpp"
#include "samples.hpp"
#include "support/errors.hpp"

namespace trackier::keyring {
namespace {

using test::contains;
using test::day;
using test::empty_census;
using test::error_of;
using test::key_name;
using test::message_of;
using test::noon;
using test::sample_keyring;
using test::series;

const KeyName first = key_name("acme/encrypt/1");

/// acme/encrypt/1 retired at noon.
Keyring retired_keyring() {
  Keyring keyring = sample_keyring();
  keyring.rotate(series("acme/encrypt"), {}, noon());
  keyring.retire(first, "", noon());
  return keyring;
}

/// Destroying has to be refused as a verdict, and change nothing; why_not_destroy says the same.
std::string refused(Keyring& keyring, const Census* census, Time now) {
  const Document before = keyring.document();
  const Error error = error_of([&] { keyring.destroy(first, census, "", now); });
  CHECK(error.code() == Code::verdict);
  CHECK(keyring.document() == before);
  const auto why = keyring.why_not_destroy(first, census, now);
  REQUIRE(why);
  CHECK(message_of(*why) == message_of(error));
  return message_of(error);
}

TEST_CASE("a key whose quarantine is over and which protects nothing is destroyed") {
  Keyring keyring = retired_keyring();
  const Census census = empty_census();
  CHECK_FALSE(keyring.why_not_destroy(first, &census, noon() + 7 * day));
  keyring.destroy(first, &census, "year is over", noon() + 7 * day);
  const Key& tombstone = keyring.key(first);
  CHECK(tombstone.state == State::destroyed);
  CHECK_FALSE(tombstone.secret);
  CHECK(tombstone.public_key);
  CHECK(tombstone.history.back() == Event{State::destroyed, noon() + 7 * day, "year is over"});
  check(keyring.document());
  CHECK(error_of([&] { return keyring.secret_of(first); }).code() == Code::no_permission);
  CHECK(error_of([&] { keyring.destroy(first, &census, "", noon() + 9 * day); }).code() ==
        Code::no_permission);
}

TEST_CASE("the quarantine is waited for, to the second") {
  Keyring keyring = retired_keyring();
  const Census census = empty_census();
  CHECK(refused(keyring, &census, noon() + 7 * day - std::chrono::seconds{1}) ==
        "acme/encrypt/1 is in quarantine until 2026-12-02T12:00:00Z");
  keyring.set_quarantine(8);
  refused(keyring, &census, noon() + 7 * day);
  keyring.set_quarantine(0);
  keyring.destroy(first, &census, "", noon());
}

TEST_CASE("a clock that went back destroys nothing") {
  Document document = retired_keyring().document();
  document.latest_time = noon() + 20 * day;
  Keyring keyring{document, crypto::random_secret(32), {}};
  const Census census = empty_census();
  CHECK(contains(refused(keyring, &census, noon() + 19 * day), "the clock says"));
  keyring.destroy(first, &census, "", noon() + 20 * day);
}

TEST_CASE("a key that still protects files is not destroyed, and some are named") {
  Keyring keyring = retired_keyring();
  Census census = empty_census();
  census.uses[keyring.key(first).id] = {.files = 3, .paths = {"/a", "/b\n", "/c", "/d"}};
  CHECK(refused(keyring, &census, noon() + 7 * day) ==
        "acme/encrypt/1 still protects 3 files: /a, /b\\x0A, /c");
  census.uses[keyring.key(first).id] = {.files = 1, .stale = 1, .paths = {"/a"}};
  CHECK(refused(keyring, &census, noon() + 7 * day) == "acme/encrypt/1 still protects 1 file: /a");
  census.uses.clear();
  census.uses[keyring.key(key_name("acme/encrypt/2")).id] = {.files = 9};
  CHECK_FALSE(keyring.why_not_destroy(first, &census, noon() + 7 * day));
}

TEST_CASE("what could not be read may need the key") {
  Keyring keyring = retired_keyring();
  Census census = empty_census();
  census.unreadable_count = 2;
  census.unreadable = {{"/x.tke", "damaged"}, {"/y.tke", "damaged"}};
  CHECK(refused(keyring, &census, noon() + 7 * day) ==
        "acme/encrypt/1 may protect what could not be read (2, the first: /x.tke: damaged)");
}

TEST_CASE("without a census no key that seals files is destroyed") {
  Keyring keyring = retired_keyring();
  CHECK(contains(refused(keyring, nullptr, noon() + 7 * day), "no files were looked at"));
  const Census nothing;  // of no roots
  refused(keyring, &nothing, noon() + 7 * day);
}

TEST_CASE("keys of a tenant under legal hold stay") {
  Keyring keyring = retired_keyring();
  const Census census = empty_census();
  keyring.hold("acme", "case 12", noon());
  CHECK(refused(keyring, &census, noon() + 7 * day) ==
        "acme is under legal hold since 2026-11-25T12:00:00Z: case 12");
  keyring.release("acme");
  keyring.destroy(first, &census, "", noon() + 7 * day);
}

TEST_CASE(
    "a key that was never used needs no quarantine, and one that is in use is never destroyed") {
  Keyring keyring = sample_keyring();
  keyring.new_key(series("acme/encrypt"), {.pending = true}, noon());
  const KeyName second = key_name("acme/encrypt/2");
  Census census = empty_census();
  census.uses[keyring.key(second).id] = {.files = 1};  // its public half was handed out
  CHECK(error_of([&] { keyring.destroy(second, &census, "", noon()); }).code() == Code::verdict);
  CHECK(error_of([&] { keyring.destroy(second, nullptr, "", noon()); }).code() == Code::verdict);
  census = empty_census();
  keyring.destroy(second, &census, "", noon());
  CHECK(keyring.key(second).state == State::destroyed);
  const Error error = error_of([&] { keyring.destroy(first, nullptr, "", noon()); });
  CHECK(error.code() == Code::no_permission);
  CHECK(message_of(error) == "acme/encrypt/1 is active, not retired");
  keyring.mark(first, State::compromised, "", noon());
  CHECK(message_of(error_of([&] { keyring.destroy(first, nullptr, "", noon()); })) ==
        "acme/encrypt/1 is compromised, not retired");
}

TEST_CASE("keys that seal no files need no census") {
  Keyring keyring = sample_keyring();
  keyring.new_key(series("acme/pseudonymize"), {}, noon());
  const KeyName name = key_name("acme/pseudonymize/1");
  keyring.mark(name, State::decrypt_only, "", noon());
  keyring.retire(name, "", noon());
  keyring.destroy(name, nullptr, "", noon() + 7 * day);
  CHECK(keyring.key(name).state == State::destroyed);
  CHECK_FALSE(keyring.key(name).secret);
}

}  // namespace
}  // namespace trackier::keyring
