// A new envelope in place of an old one has the same content and nothing else in common.
#include "envelope/reencrypt.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "envelopes.hpp"

namespace trackier::envelope {
namespace {

using test::TemporaryDirectory;

constexpr std::size_t chunks_at = head_bytes + preamble_bytes;
constexpr std::size_t batch = 16 * chunk_bytes;

struct Person {
  crypto::Secret key = crypto::new_x25519_key();
  Recipients recipients{public_key_recipient(crypto::x25519_public(key))};
  Identities identities{private_key_identity(crypto::Secret::copy_of(key.bytes()))};
};

std::string reencrypted(const std::string& old, const Identities& identities,
                        const Recipients& recipients, unsigned workers) {
  const TemporaryDirectory directory;
  const auto input = os::posix().open(directory.write("old", old));
  const auto output = os::posix().create_exclusive(directory / "new", 0600);
  const auto opening = Opening::of_file(*input, identities, "old");
  const auto made = reencrypt_file(*input, opening, *output, recipients, Origin::random(),
                                   {.name = "old", .workers = workers}, {}, {});
  std::string text = test::content_of(directory / "new");
  CHECK(text.size() == made.envelope_bytes);
  return text;
}

TEST_CASE("the content opens with the new key alone, at every boundary of chunks and batches") {
  const Person before;
  const Person after;
  for (const std::size_t around : {std::size_t{0}, chunk_bytes, batch, 2 * batch}) {
    for (const std::size_t size : {around - std::min<std::size_t>(around, 1), around, around + 1}) {
      for (const unsigned workers : {1U, 3U}) {
        CAPTURE(size);
        CAPTURE(workers);
        const std::string plain = plaintext(size);
        const std::string old = sealed(plain, before.recipients);
        const std::string made = reencrypted(old, before.identities, after.recipients, workers);
        const Outcome opened = opened_as_file(made, after.identities, workers);
        CHECK(opened.finished);
        CHECK((opened.plain == plain));
        CHECK((opened_as_stream(made, after.identities).plain == plain));
        CHECK_FALSE(opened_as_file(made, before.identities).finished);
        CHECK(made.size() == old.size());
      }
    }
  }
}

TEST_CASE("nothing of the old payload is in the new one") {
  const Person person;
  const std::string old = sealed(plaintext(100'000), person.recipients);
  const std::string made = reencrypted(old, person.identities, person.recipients, 2);
  for (std::size_t at = chunks_at; at + 16 <= old.size(); at += 16) {
    CHECK((old.substr(at, 16) != made.substr(at, 16)));
  }
  const auto head = parse_head(as_bytes(made).first(head_bytes), "made");
  CHECK(head.current().id != parse_head(as_bytes(old).first(head_bytes), "old").current().id);
  CHECK(head.current().plain_bytes == 100'000);
}

TEST_CASE("an envelope that was changed makes no other") {
  const Person person;
  std::string old = sealed(plaintext(batch * 2), person.recipients);
  for (const std::size_t at : {chunks_at, chunks_at + batch, old.size() - 1}) {
    std::string changed = old;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK(test::error_of([&] {
            reencrypted(changed, person.identities, person.recipients, 1);
          }).code() == Code::data);
  }
  old.resize(old.size() - 100);
  CHECK(test::error_of([&] { reencrypted(old, person.identities, person.recipients, 1); }).code() ==
        Code::data);
}

}  // namespace
}  // namespace trackier::envelope
