// What keys open and sign.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "envelope/recipient.hpp"
#include "envelopes.hpp"
#include "keyring/keyring.hpp"
#include "samples.hpp"
#include "support/errors.hpp"

namespace trackier::keyring {
namespace {

using test::error_of;
using test::key_name;
using test::message_of;
using test::noon;
using test::sample_keyring;
using test::series;

const KeyName first = key_name("acme/encrypt/1");

envelope::Head head_for(const Keyring& keyring, const KeyName& name) {
  const std::string sealed =
      test::sealed_for({envelope::public_key_recipient(*keyring.key(name).public_key)});
  return envelope::parse_head(as_bytes(sealed).first(envelope::head_bytes), "sample");
}

/// The key that opens it; none when there is none.
const Key* opened_by(const Keyring& keyring, const envelope::Head& head,
                     bool allow_suspended = false) {
  const Key* by = nullptr;
  try {
    envelope::unlock(head,
                     keyring.identities({.allow_suspended = allow_suspended,
                                         .used = [&](const Key& key) { by = &key; }}),
                     "sample");
  } catch (const Error& error) {
    CHECK(error.code() == Code::no_permission);
  }
  return by;
}

TEST_CASE("an envelope opens with the version it was sealed for, as long as that decrypts") {
  Keyring keyring = sample_keyring();
  keyring.new_key(series("beta/backup"), {}, noon());
  const envelope::Head head = head_for(keyring, first);
  const envelope::Head other = head_for(keyring, key_name("beta/backup/1"));
  CHECK(opened_by(keyring, head)->name == first);
  CHECK(opened_by(keyring, other)->name == key_name("beta/backup/1"));
  keyring.rotate(series("acme/encrypt"), {}, noon());
  CHECK(opened_by(keyring, head)->name == first);
  keyring.mark(first, State::compromised, "", noon());
  CHECK(opened_by(keyring, head)->state == State::compromised);  // for the warning
  keyring.retire(first, "", noon());
  CHECK(opened_by(keyring, head) == nullptr);
  CHECK(opened_by(keyring, other) != nullptr);
}

TEST_CASE("a suspended key opens when asked to, a pending one never") {
  Keyring keyring = sample_keyring();
  const envelope::Head head = head_for(keyring, first);
  keyring.mark(first, State::suspended, "", noon());
  CHECK(opened_by(keyring, head) == nullptr);
  CHECK(opened_by(keyring, head, true)->name == first);
  keyring.new_key(series("beta/encrypt"), {.pending = true}, noon());
  CHECK(opened_by(keyring, head_for(keyring, key_name("beta/encrypt/1")), true) == nullptr);
}

TEST_CASE("a half is looked for only when an envelope of its tenant is opened, once") {
  int asked = 0;
  std::string half_bytes;
  Keyring keyring = sample_keyring([&](const Tenant&) {
    ++asked;
    return std::optional{crypto::Secret::copy_of(as_bytes(half_bytes))};
  });
  keyring.new_key(series("beta/encrypt"), {}, noon());
  const envelope::Head acme = head_for(keyring, first);
  const envelope::Head beta = head_for(keyring, key_name("beta/encrypt/1"));
  const crypto::Secret half = keyring.enable_shredding("acme", {"/half"}, noon());
  half_bytes = as_text(half.bytes());
  const envelope::Identities identities = keyring.identities();
  envelope::unlock(beta, identities, "beta");
  CHECK(asked == 0);
  envelope::unlock(acme, identities, "acme");
  envelope::unlock(acme, identities, "acme");
  CHECK(asked == 1);
}

TEST_CASE("secrets are given out by the state of their key") {
  Keyring keyring = sample_keyring();
  keyring.new_key(series("acme/pseudonymize"), {}, noon());
  const KeyName name = key_name("acme/pseudonymize/1");
  const crypto::Secret secret = keyring.secret_of(name).secret;
  CHECK(secret.size() == 32);
  CHECK_FALSE(keyring.secret_of(name).compromised);
  const auto code = [&] { return error_of([&] { return keyring.secret_of(name); }).code(); };
  keyring.mark(name, State::suspended, "", noon());
  CHECK(code() == Code::no_permission);
  CHECK(keyring.secret_of(name, {.allow_suspended = true}).secret == secret);
  keyring.mark(name, State::compromised, "", noon());
  CHECK(keyring.secret_of(name).compromised);
  keyring.retire(name, "", noon());
  CHECK(code() == Code::no_permission);
  keyring.new_key(series("beta/pseudonymize"), {.pending = true}, noon());
  CHECK(error_of([&] { return keyring.secret_of(key_name("beta/pseudonymize/1")); }).code() ==
        Code::no_permission);
}

TEST_CASE("secrets that were exchanged in the document do not open") {
  Keyring keyring = sample_keyring();
  keyring.new_key(series("beta/encrypt"), {}, noon());
  Document document = keyring.document();
  std::swap(document.keys[0].secret, document.keys[1].secret);
  const Keyring swapped{document, crypto::random_secret(32), {}};
  CHECK(error_of([&] { return swapped.secret_of(first); }).code() == Code::data);
}

TEST_CASE("lines are signed by the house, for keys that are to be sealed for") {
  Keyring keyring = sample_keyring();
  const auto signer = keyring.signer();
  REQUIRE(signer);
  const RecipientLine line = keyring.recipient_line(first);
  CHECK(is_signed_by(line, *signer));
  CHECK(line.id() == keyring.key(first).id);
  CHECK(parse_recipient_line(to_text(line)) == line);
  keyring.new_key(series("acme/encrypt"), {.pending = true, .not_after = noon()}, noon());
  CHECK(keyring.recipient_line(key_name("acme/encrypt/2")).not_after == noon());

  CHECK(error_of([&] { return keyring.recipient_line(key_name("house/audit-sign/1")); }).code() ==
        Code::no_permission);
  keyring.rotate(series("acme/encrypt"), {}, noon());
  CHECK(message_of(error_of([&] { return keyring.recipient_line(first); })) ==
        "acme/encrypt/1 is decrypt-only, and nothing more is to be sealed for it");
  keyring.mark(key_name("house/audit-sign/1"), State::suspended, "", noon());
  CHECK_FALSE(keyring.signer());
  CHECK(error_of([&] { return keyring.recipient_line(key_name("acme/encrypt/3")); }).code() ==
        Code::no_permission);
}

}  // namespace
}  // namespace trackier::keyring
