// The life of keys: making, rotating, marking, retiring.
#include "keyring/keyring.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "samples.hpp"
#include "support/errors.hpp"

namespace trackier::keyring {
namespace {

using test::contains;
using test::day;
using test::error_of;
using test::key_name;
using test::message_of;
using test::noon;
using test::sample_keyring;
using test::series;

State state_of(const Keyring& keyring, std::string_view name) {
  return keyring.key(key_name(name)).state;
}

/// Runs `action`, which has to be refused with `code` and change nothing.
template <typename Action>
std::string refused(const Keyring& keyring, Code code, Action&& action) {
  const Document before = keyring.document();
  const Error error = error_of(std::forward<Action>(action));
  CHECK(error.code() == code);
  CHECK(keyring.document() == before);
  return message_of(error);
}

TEST_CASE("a key is made active, with an event that says so") {
  Keyring keyring = sample_keyring();
  const KeyName made = keyring.new_key(series("beta/backup"),
                                       {.not_after = noon() + day, .reason = "for tests"}, noon());
  CHECK(to_text(made) == "beta/backup/1");
  const Key& key = keyring.key(made);
  CHECK(key.state == State::active);
  CHECK(key.created == noon());
  CHECK(key.not_after == noon() + day);
  CHECK(key.history == std::vector<Event>{{State::active, noon(), "for tests"}});
  CHECK(keyring.active(series("beta/backup")) == &key);
  CHECK(keyring.find(key.id) == &key);
  check(keyring.document());
}

TEST_CASE("of a key two versions are not made active") {
  Keyring keyring = sample_keyring();
  CHECK(refused(keyring, Code::no_permission, [&] {
          keyring.new_key(series("acme/encrypt"), {}, noon());
        }) == "acme/encrypt/1 is active already");
  keyring.new_key(series("acme/encrypt"), {.pending = true}, noon());
  CHECK(state_of(keyring, "acme/encrypt/2") == State::pending);
  check(keyring.document());
}

TEST_CASE("a key is found by its name, its series and its id") {
  const Keyring keyring = sample_keyring();
  CHECK(keyring.named("acme/encrypt").name == key_name("acme/encrypt/1"));
  CHECK(keyring.named("acme/encrypt/1").name == key_name("acme/encrypt/1"));
  CHECK(error_of([&] { return keyring.named("acme").state; }).code() == Code::usage);
  CHECK(error_of([&] { return keyring.named("acme/encrypt/2").state; }).code() ==
        Code::no_permission);
  for (const std::string_view name : {"acme/backup", "acme/backup/1"}) {
    const Error missing = error_of([&] { return keyring.named(name).state; });
    CHECK(missing.code() == Code::no_permission);
    CHECK(missing.hint() == "trackier-ctl keys new acme/backup");
  }
  CHECK(keyring.find({}) == nullptr);
  CHECK(keyring.active(series("acme/backup")) == nullptr);
}

TEST_CASE("rotating makes a new version active and the old one for decryption only") {
  Keyring keyring = sample_keyring();
  const KeyName made = keyring.rotate(series("acme/encrypt"), {}, noon() + day);
  CHECK(made.version == 2);
  CHECK(state_of(keyring, "acme/encrypt/1") == State::decrypt_only);
  CHECK(state_of(keyring, "acme/encrypt/2") == State::active);
  CHECK(keyring.key(key_name("acme/encrypt/1")).history.back() ==
        Event{State::decrypt_only, noon() + day, "rotated"});
  CHECK(keyring.key(made).public_key != keyring.key(key_name("acme/encrypt/1")).public_key);
  check(keyring.document());
}

TEST_CASE("rotating works without an active version, after a compromise, and not without any") {
  Keyring keyring = sample_keyring();
  keyring.mark(key_name("acme/encrypt/1"), State::compromised, "laptop stolen", noon());
  keyring.rotate(series("acme/encrypt"), {}, noon());
  CHECK(state_of(keyring, "acme/encrypt/1") == State::compromised);
  CHECK(state_of(keyring, "acme/encrypt/2") == State::active);
  refused(keyring, Code::no_permission,
          [&] { keyring.rotate(series("beta/encrypt"), {}, noon()); });
  refused(keyring, Code::usage,
          [&] { keyring.rotate(series("acme/encrypt"), {.pending = true}, noon()); });
  refused(keyring, Code::usage,
          [&] { keyring.rotate(series("acme/encrypt"), {.reason = "a\nb"}, noon()); });
}

TEST_CASE("a pending version that becomes active takes over") {
  Keyring keyring = sample_keyring();
  keyring.new_key(series("acme/encrypt"), {.pending = true}, noon());
  keyring.mark(key_name("acme/encrypt/2"), State::active, "lines handed out", noon());
  CHECK(state_of(keyring, "acme/encrypt/1") == State::decrypt_only);
  CHECK(state_of(keyring, "acme/encrypt/2") == State::active);
  check(keyring.document());
}

TEST_CASE("a suspended version comes back, unless another is active by then") {
  Keyring keyring = sample_keyring();
  const KeyName first = key_name("acme/encrypt/1");
  keyring.mark(first, State::suspended, "", noon());
  CHECK(keyring.active(series("acme/encrypt")) == nullptr);
  keyring.mark(first, State::active, "", noon());
  keyring.mark(first, State::suspended, "", noon());
  keyring.rotate(series("acme/encrypt"), {}, noon());
  CHECK(state_of(keyring, "acme/encrypt/1") == State::suspended);
  CHECK(refused(keyring, Code::no_permission, [&] {
          keyring.mark(first, State::active, "", noon());
        }) == "acme/encrypt/2 is active already");
  keyring.mark(first, State::decrypt_only, "", noon());
  check(keyring.document());
}

/// A keyring in which acme/encrypt/1 is in `state`, and no other version is there.
Keyring keyring_in(State state) {
  const KeyName name = key_name("acme/encrypt/1");
  Keyring keyring{test::empty_document(), crypto::random_secret(32), {}};
  keyring.new_key(series("acme/encrypt"), {.pending = state == State::pending}, noon());
  switch (state) {
    case State::decrypt_only:
    case State::suspended:
    case State::compromised:
      keyring.mark(name, state, "", noon());
      break;
    case State::retired:
    case State::destroyed:
      keyring.mark(name, State::decrypt_only, "", noon());
      keyring.retire(name, "", noon());
      break;
    default:
      break;
  }
  if (state == State::destroyed) {
    const Census census = test::empty_census();
    keyring.destroy(name, &census, "", noon() + 8 * day);
  }
  REQUIRE(keyring.key(name).state == state);
  return keyring;
}

TEST_CASE("marking follows the table, step by step") {
  const KeyName name = key_name("acme/encrypt/1");
  for (const State from : all_states) {
    for (const State to : all_states) {
      INFO(to_text(from), " to ", to_text(to));
      Keyring keyring = keyring_in(from);
      const bool is_mark = to != State::pending && to != State::retired && to != State::destroyed;
      const bool needs_undo = from == State::retired && to == State::decrypt_only;
      const auto mark = [&] { keyring.mark(name, to, "because", noon() + 9 * day); };
      if (!is_mark) {
        refused(keyring, Code::usage, mark);
      } else if (!is_allowed(from, to) || needs_undo) {
        refused(keyring, Code::no_permission, mark);
      } else {
        mark();
        CHECK(keyring.key(name).history.back() == Event{to, noon() + 9 * day, "because"});
        check(keyring.document());
      }
    }
  }
}

TEST_CASE("retiring follows the table, and is undone to where it came from") {
  const KeyName name = key_name("acme/encrypt/1");
  for (const State from : all_states) {
    INFO(to_text(from));
    Keyring keyring = keyring_in(from);
    if (!is_allowed(from, State::retired)) {
      refused(keyring, Code::no_permission, [&] { keyring.retire(name, "", noon()); });
      continue;
    }
    keyring.retire(name, "", noon() + 9 * day);
    CHECK(keyring.quarantine_end(keyring.key(name)) == noon() + 16 * day);
    keyring.unretire(name, "a mistake", noon() + 10 * day);
    CHECK(keyring.key(name).state == from);  // compromised stays compromised
    CHECK_FALSE(keyring.quarantine_end(keyring.key(name)));
    check(keyring.document());
    refused(keyring, Code::no_permission, [&] { keyring.unretire(name, "", noon()); });
  }
}

TEST_CASE("a clock that went back does not turn time back") {
  Document document = test::empty_document();
  document.latest_time = noon() + 30 * day;
  Keyring keyring{document, crypto::random_secret(32), {}};
  keyring.new_key(series("acme/encrypt"), {}, noon());
  CHECK(keyring.key(key_name("acme/encrypt/1")).created == noon() + 30 * day);
}

TEST_CASE("a clock that was wrong once can be set right, and quarantines begin anew") {
  Document document = test::empty_document();
  document.latest_time = document.saved = noon() + 10000 * day;
  Keyring keyring{document, crypto::random_secret(32), {}};
  const KeyName name = key_name("acme/encrypt/1");
  keyring.new_key(series("acme/encrypt"), {}, noon());
  keyring.mark(name, State::decrypt_only, "", noon());
  keyring.retire(name, "", noon());
  keyring.accept_clock(noon());
  CHECK(keyring.document().latest_time == noon());
  CHECK(keyring.quarantine_end(keyring.key(name)) == noon() + 7 * day);
  CHECK(parse_document(to_json(keyring.document())) == keyring.document());
  keyring.unretire(name, "", noon());
  CHECK(keyring.key(name).state == State::decrypt_only);
  keyring.accept_clock(noon() + day);  // goes forward by itself
  CHECK(keyring.document().latest_time == noon());
}

TEST_CASE("a key that is there already is not imported again") {
  Keyring keyring = sample_keyring();
  const crypto::Secret secret = crypto::random_secret(32);
  keyring.import_key(series("beta/encrypt"), secret, {}, noon());
  CHECK(keyring.secret_of(key_name("beta/encrypt/1")).secret == secret);
  CHECK(refused(keyring, Code::no_permission, [&] {
          keyring.import_key(series("beta/backup"), secret, {}, noon());
        }) == "the key is there already, as beta/encrypt/1");
  refused(keyring, Code::data, [&] {
    keyring.import_key(series("beta/backup"), crypto::random_secret(31), {}, noon());
  });
}

TEST_CASE("names and reasons that a document cannot hold are refused") {
  Keyring keyring = sample_keyring();
  refused(keyring, Code::usage, [&] {
    keyring.new_key({"No Name", Purpose::encrypt}, {}, noon());
  });
  refused(keyring, Code::usage,
          [&] { keyring.new_key(series("b/encrypt"), {.reason = std::string(501, 'a')}, noon()); });
  refused(keyring, Code::usage,
          [&] { keyring.mark(key_name("acme/encrypt/1"), State::suspended, "\x1b", noon()); });
  refused(keyring, Code::usage, [&] { keyring.set_quarantine(3651); });
  keyring.set_quarantine(0);
  CHECK(keyring.document().quarantine_days == 0);
}

}  // namespace
}  // namespace trackier::keyring
