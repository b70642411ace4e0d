// A head in every state that a crash can leave it in opens with the old key or the new one.
#include "envelope/rewrap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "envelopes.hpp"

namespace trackier::envelope {
namespace {

using test::contains;
using test::content_of;
using test::error_of;
using test::TemporaryDirectory;

crypto::Secret copy_of(const crypto::Secret& secret) {
  return crypto::Secret::copy_of(secret.bytes());
}

/// An envelope for the old key and another one, which is to move to the new key.
struct Moving {
  crypto::Secret old_key = crypto::new_x25519_key();
  crypto::Secret new_key = crypto::new_x25519_key();
  crypto::Secret other_key = crypto::new_x25519_key();
  std::string plain = plaintext(20'000);
  std::string before = sealed(plain, {recipient(old_key), recipient(other_key)});

  static std::shared_ptr<const Recipient> recipient(const crypto::Secret& key) {
    return public_key_recipient(crypto::x25519_public(key));
  }
  [[nodiscard]] RewrapPlan plan() const {
    return {.old_ids = {key_id_of(crypto::x25519_public(old_key))},
            .new_ids = {key_id_of(crypto::x25519_public(new_key))},
            .recipients = {recipient(new_key)}};
  }
  [[nodiscard]] Identities all() const {
    return {private_key_identity(copy_of(old_key)), private_key_identity(copy_of(new_key))};
  }
  [[nodiscard]] bool opens_with(const std::string& envelope, const crypto::Secret& key) const {
    const Outcome outcome = opened_as_stream(envelope, {private_key_identity(copy_of(key))});
    return outcome.finished && outcome.plain == plain;
  }
};

Head head_of(const std::string& envelope) {
  return parse_head(as_bytes(envelope).first(head_bytes), "e");
}

/// The envelope after one of the two writes of a rewrap.
std::string after(const std::string& envelope, const Moving& moving, bool scrub) {
  const TemporaryDirectory directory;
  const auto path = directory.write("e", envelope);
  const Rewrap rewrap{head_of(envelope), moving.plan(), moving.all(), "e"};
  const auto file = os::posix().open_for_update(path);
  scrub ? rewrap.scrub(*file) : rewrap.write_new(*file);
  return content_of(path);
}

TEST_CASE(
    "a rewrap is two writes of a block; afterwards the new key opens and the old one does not") {
  const Moving moving;
  CHECK(rewrap_state(head_of(moving.before), moving.plan()) == RewrapState::rewrite);

  const std::string between = after(moving.before, moving, false);
  CHECK(rewrap_state(head_of(between), moving.plan()) == RewrapState::scrub);
  CHECK(moving.opens_with(between, moving.old_key));
  CHECK(moving.opens_with(between, moving.new_key));

  const std::string done = after(between, moving, true);
  CHECK(rewrap_state(head_of(done), moving.plan()) == RewrapState::done);
  CHECK(head_of(done).current().sequence == 2);
  CHECK_FALSE(moving.opens_with(done, moving.old_key));
  CHECK(moving.opens_with(done, moving.new_key));
  CHECK(moving.opens_with(done, moving.other_key));
  CHECK((done.substr(head_bytes) == moving.before.substr(head_bytes)));
}

/// Every state a write that was torn may leave: any of its eight sectors, and any prefix.
template <typename Check>
void for_each_torn_state(const std::string& from, const std::string& to, std::size_t block,
                         Check check) {
  constexpr std::size_t sector = 512;
  for (unsigned sectors = 0; sectors < 256; ++sectors) {
    std::string torn = from;
    for (std::size_t i = 0; i < 8; ++i) {
      if ((sectors >> i & 1U) != 0) {
        torn.replace(block * block_bytes + i * sector, sector, to, block * block_bytes + i * sector,
                     sector);
      }
    }
    check(torn);
  }
  for (std::size_t length = 0; length <= block_bytes; length += 7) {
    std::string torn = from;
    torn.replace(block * block_bytes, length, to, block * block_bytes, length);
    check(torn);
  }
}

std::size_t written_block(const std::string& from, const std::string& to) {
  return from.substr(0, block_bytes) == to.substr(0, block_bytes) ? 1 : 0;
}

TEST_CASE(
    "a torn first write leaves an envelope that opens with the old key, and a rerun mends it") {
  const Moving moving;
  const std::string between = after(moving.before, moving, false);
  int states = 0;
  for_each_torn_state(
      moving.before, between, written_block(moving.before, between), [&](const std::string& torn) {
        ++states;
        const Head head = head_of(torn);
        const Unlocked old = unlock(head, {private_key_identity(copy_of(moving.old_key))}, "e");
        CHECK(old.data_key.size() == 32);
        if (states % 64 == 0) {
          const std::string again = after(torn, moving, false);
          const std::string done = after(again, moving, true);
          CHECK(rewrap_state(head_of(done), moving.plan()) == RewrapState::done);
          CHECK(moving.opens_with(done, moving.new_key));
        }
      });
  CHECK(states > 800);
}

TEST_CASE(
    "a torn second write leaves an envelope that opens with the new key, and a rerun mends it") {
  const Moving moving;
  const std::string between = after(moving.before, moving, false);
  const std::string done = after(between, moving, true);
  int states = 0;
  for_each_torn_state(between, done, written_block(between, done), [&](const std::string& torn) {
    ++states;
    CHECK(unlock(head_of(torn), {private_key_identity(copy_of(moving.new_key))}, "e")
              .data_key.size() == 32);
    if (states % 64 == 0 && rewrap_state(head_of(torn), moving.plan()) != RewrapState::done) {
      CHECK((after(torn, moving, true) == done));
    }
  });
}

TEST_CASE("one damaged block does no harm, two are said to be damaged") {
  const Moving moving;
  std::string envelope = moving.before;
  envelope[100] ^= 1;
  CHECK(moving.opens_with(envelope, moving.old_key));
  envelope[block_bytes + 100] ^= 1;
  const Error error = error_of([&] { head_of(envelope); });
  CHECK(error.code() == Code::data);
  CHECK(contains(error.what(), "damaged"));
}

TEST_CASE(
    "a block that someone planted with a higher number does not make a rewrap scrub the true one") {
  const Moving moving;
  Block planted = head_of(moving.before).current();
  planted.sequence = 9;
  planted.stanzas = Moving::recipient(moving.new_key)->wrap(crypto::new_x25519_key(), planted.id);
  const BlockBytes bytes = to_bytes(planted, crypto::new_x25519_key());
  std::string envelope = moving.before;
  envelope.replace(block_bytes, block_bytes, as_text(bytes));
  CHECK(rewrap_state(head_of(envelope), moving.plan()) == RewrapState::scrub);
  CHECK(error_of([&] { Rewrap(head_of(envelope), moving.plan(), moving.all(), "e"); }).code() ==
        Code::data);
}

TEST_CASE("a reader that comes in between reads the old block or the new one") {
  const Moving moving;
  const TemporaryDirectory directory;
  const auto path = directory.write("e", moving.before);
  const Identities readers{private_key_identity(copy_of(moving.other_key))};
  std::jthread writer{[&](const std::stop_token& stop) {
    bool forth = true;
    while (!stop.stop_requested()) {
      const auto file = os::posix().open_for_update(path);
      const Head head = head_of(content_of(path));
      RewrapPlan plan = moving.plan();
      if (!forth) {
        plan.recipients = {Moving::recipient(moving.old_key)};
        std::swap(plan.old_ids, plan.new_ids);
      }
      const Rewrap rewrap{head, plan, moving.all(), "e"};
      rewrap.write_new(*file);
      rewrap.scrub(*file);
      forth = !forth;
    }
  }};
  for (int i = 0; i < 300; ++i) {
    const auto file = os::posix().open(path);
    CHECK((Opening::of_file(*file, readers, "e").data_key().size() == 32));
  }
}

}  // namespace
}  // namespace trackier::envelope
