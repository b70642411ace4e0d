// Each way to open an envelope, and what is said when it does not.
#include <doctest/doctest.h>

#include "crypto/random.hpp"
#include "envelopes.hpp"

namespace trackier::envelope {
namespace {

using test::contains;
using test::error_of;

crypto::Secret secret(std::string_view text) {
  return crypto::Secret::copy_of(as_bytes(text));
}

crypto::Secret copy_of(const crypto::Secret& secret) {
  return crypto::Secret::copy_of(secret.bytes());
}

Head head_of(const std::string& envelope, Format format = Format::envelope) {
  return parse_head(as_bytes(envelope).first(head_bytes), "e.tke", format);
}

Identities passphrase(std::string_view text) {
  return {passphrase_identity([text] { return secret(text); })};
}

TEST_CASE("each of several recipients opens, and nobody else") {
  const auto first = crypto::new_x25519_key();
  const auto second = crypto::new_x25519_key();
  const auto symmetric = crypto::random_secret(32);
  const std::string envelope = sealed("hello", {public_key_recipient(crypto::x25519_public(first)),
                                                public_key_recipient(crypto::x25519_public(second)),
                                                wrapping_key_recipient(copy_of(symmetric))});
  CHECK(opened_as_stream(envelope, {private_key_identity(copy_of(first))}).plain == "hello");
  CHECK(opened_as_stream(envelope, {private_key_identity(copy_of(second))}).plain == "hello");
  CHECK(opened_as_stream(envelope, {wrapping_key_identity(copy_of(symmetric))}).plain == "hello");
  const Error error = error_of([&] {
    unlock(head_of(envelope),
           {private_key_identity(crypto::new_x25519_key()),
            wrapping_key_identity(crypto::random_secret(32))},
           "e.tke");
  });
  CHECK(error.code() == Code::no_permission);
  CHECK(contains(error.what(), "not sealed for this key"));
  CHECK(contains(error.hint(), to_text(key_id_of(crypto::x25519_public(first)))));
}

TEST_CASE("a passphrase opens, another is said to be wrong, and it is asked for once") {
  const std::string envelope = sealed("hello", {passphrase_recipient(secret("open"), 10)});
  CHECK(opened_as_stream(envelope, passphrase("open")).plain == "hello");
  const Error error = error_of([&] { unlock(head_of(envelope), passphrase("shut"), "e.tke"); });
  CHECK(error.code() == Code::no_permission);
  CHECK(contains(error.what(), "the passphrase is wrong"));

  int asked = 0;
  const Identities identities{passphrase_identity([&asked] {
    ++asked;
    return secret("open");
  })};
  CHECK(opened_as_stream(envelope, identities).finished);
  CHECK(opened_as_stream(envelope, identities).finished);
  CHECK(asked == 1);
}

TEST_CASE("a passphrase is not asked for where there is no stanza for it") {
  const auto key = crypto::new_x25519_key();
  const std::string envelope = sealed("x", {public_key_recipient(crypto::x25519_public(key))});
  bool asked = false;
  CHECK_THROWS_AS(unlock(head_of(envelope), {passphrase_identity([&asked] {
                           asked = true;
                           return secret("x");
                         })},
                         "e"),
                  Error);
  CHECK_FALSE(asked);
}

TEST_CASE("a passphrase beside another stanza is for keyrings alone, and four of them at most") {
  const auto key = crypto::random_secret(32);
  const Recipients mixed{passphrase_recipient(secret("one"), 10),
                         wrapping_key_recipient(copy_of(key))};
  CHECK(error_of([&] { sealed("x", mixed); }).code() == Code::bug);
  const std::string keyring = sealed("x", mixed, Origin::random(), {.format = Format::keyring});
  CHECK(unlock(head_of(keyring, Format::keyring), passphrase("one"), "k").data_key.size() == 32);
  CHECK(unlock(head_of(keyring, Format::keyring), {wrapping_key_identity(copy_of(key))}, "k")
            .data_key.size() == 32);
  CHECK(contains(error_of([&] { head_of(keyring); }).what(), "a keyring"));
  const Recipients five(5, passphrase_recipient(secret("one"), 10));
  CHECK(error_of([&] {
          sealed("x", five, Origin::random(), {.format = Format::keyring});
        }).code() == Code::bug);
}

/// Three officers of whom two are needed.
struct Officers {
  std::vector<crypto::Secret> keys;
  Recipients recipients;

  Officers() {
    std::vector<crypto::X25519Public> publics;
    for (int i = 0; i < 3; ++i) {
      keys.push_back(crypto::new_x25519_key());
      publics.push_back(crypto::x25519_public(keys.back()));
    }
    recipients.push_back(officers_recipient(publics, 2));
  }

  [[nodiscard]] Identities shares(const std::string& envelope,
                                  const std::vector<std::size_t>& who) const {
    std::vector<OfficerShare> opened;
    for (const std::size_t i : who) {
      auto share = open_officer_share(keys[i], head_of(envelope).current());
      REQUIRE(share);
      opened.push_back(std::move(*share));
    }
    return {officer_shares_identity(std::move(opened))};
  }
};

TEST_CASE("any two of three officers open an envelope; one alone, or twice, does not") {
  const Officers officers;
  const std::string envelope = sealed("hello", officers.recipients);
  CHECK(head_of(envelope).current().stanzas.size() == 3);
  for (const auto& who : std::vector<std::vector<std::size_t>>{{0, 1}, {1, 2}, {2, 0}, {0, 1, 2}}) {
    CHECK(opened_as_stream(envelope, officers.shares(envelope, who)).plain == "hello");
  }
  for (const auto& who : std::vector<std::vector<std::size_t>>{{0}, {1, 1}}) {
    CHECK(opened_as_stream(envelope, officers.shares(envelope, who)).code == Code::no_permission);
  }
  for (const crypto::Secret& key : officers.keys) {
    CHECK(opened_as_stream(envelope, {private_key_identity(copy_of(key))}).code ==
          Code::no_permission);
  }
}

TEST_CASE("shares of another envelope open nothing, and a false share is noticed") {
  const Officers officers;
  const std::string envelope = sealed("hello", officers.recipients);
  const std::string other = sealed("hello", officers.recipients);
  CHECK(opened_as_stream(envelope, officers.shares(other, {0, 1})).code == Code::no_permission);

  auto share = open_officer_share(officers.keys[0], head_of(envelope).current());
  auto false_share = open_officer_share(officers.keys[1], head_of(envelope).current());
  false_share->y.writable()[0] ^= std::byte{1};
  std::vector<OfficerShare> both;
  both.push_back(std::move(*share));
  both.push_back(std::move(*false_share));
  const Outcome outcome = opened_as_stream(envelope, {officer_shares_identity(std::move(both))});
  CHECK(outcome.code == Code::data);
  CHECK_FALSE(open_officer_share(crypto::new_x25519_key(), head_of(envelope).current()));
}

TEST_CASE("a head that someone without the data key changed is refused") {
  const auto key = crypto::new_x25519_key();
  const Recipients recipients{public_key_recipient(crypto::x25519_public(key))};
  const std::string envelope = sealed("hello", recipients);
  Block block = head_of(envelope).current();
  block.stanzas.push_back({.type = "unknown", .arguments = {"x"}});
  const BlockBytes forged = to_bytes(block, crypto::random_secret(32));
  const std::string head = std::string{as_text(forged)} + std::string{as_text(forged)};
  const Outcome outcome =
      opened_as_stream(head + envelope.substr(head_bytes), {private_key_identity(copy_of(key))});
  CHECK(outcome.code == Code::data);
  CHECK(contains(outcome.error, "changed by someone"));
}

TEST_CASE("a stanza of an unknown type is skipped") {
  const auto key = crypto::new_x25519_key();
  const Origin origin = Origin::random();
  const std::string envelope = sealed("hello", {public_key_recipient(crypto::x25519_public(key))},
                                      envelope::copy_of(origin));
  Block block = head_of(envelope).current();
  block.stanzas.insert(block.stanzas.begin(), {.type = "xwing", .arguments = {"a", "b"}});
  const BlockBytes bytes = to_bytes(block, origin.data_key);
  const std::string head = std::string{as_text(bytes)} + std::string{as_text(bytes)};
  CHECK(opened_as_stream(head + envelope.substr(head_bytes), {private_key_identity(copy_of(key))})
            .plain == "hello");
}

/// Whose key cannot be had.
class Unavailable final : public Identity {
 public:
  [[nodiscard]] UnwrapResult unwrap(const std::vector<Stanza>& /*stanzas*/,
                                    const FileId& /*id*/) const override {
    ++asked;
    throw Error{Code::no_permission, "the key is in a safe"};
  }

  mutable int asked = 0;
};

TEST_CASE("a key that cannot be had is in nobody's way, and is the reason when no other opens") {
  const crypto::Secret key = crypto::new_x25519_key();
  const std::string envelope = sealed("x", {public_key_recipient(crypto::x25519_public(key))});
  const Head head = parse_head(as_bytes(envelope).first(head_bytes), "e");
  const auto unavailable = std::make_shared<Unavailable>();
  const auto private_key = private_key_identity(crypto::Secret::copy_of(key.bytes()));
  CHECK(unlock(head, {unavailable, private_key}, "e").data_key.size() == 32);
  unavailable->asked = 0;
  CHECK(test::message_of(test::error_of([&] { unlock(head, {unavailable}, "e"); })) ==
        "e: the key is in a safe");
  CHECK(unavailable->asked == 1);
}

}  // namespace
}  // namespace trackier::envelope
