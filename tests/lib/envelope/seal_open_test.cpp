// What is sealed opens again; what is not authentic never comes out.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "envelopes.hpp"

namespace trackier::envelope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryDirectory;

constexpr std::size_t chunks_at = head_bytes + preamble_bytes;
constexpr std::size_t batch = 16 * chunk_bytes;

struct Pair {
  crypto::Secret key = crypto::new_x25519_key();
  Recipients recipients{public_key_recipient(crypto::x25519_public(key))};
  Identities identities{private_key_identity(crypto::Secret::copy_of(key.bytes()))};
};

TEST_CASE("what is sealed opens again, at every boundary of chunks and batches") {
  const Pair pair;
  for (const std::size_t around :
       {std::size_t{0}, chunk_bytes, 2 * chunk_bytes, batch, 3 * batch}) {
    for (const std::size_t size : {around - std::min<std::size_t>(around, 1), around, around + 1}) {
      CAPTURE(size);
      const std::string plain = plaintext(size);
      const std::string envelope = sealed(plain, pair.recipients);
      CHECK(envelope.size() == envelope_bytes(size));
      for (const unsigned workers : {1U, 3U}) {
        const Outcome stream = opened_as_stream(envelope, pair.identities, 70'000, workers);
        CHECK(stream.finished);
        CHECK((stream.plain == plain));
        const Outcome file = opened_as_file(envelope, pair.identities, workers);
        CHECK(file.finished);
        CHECK((file.plain == plain));
      }
    }
  }
}

TEST_CASE("any length opens again, in whatever pieces it comes") {
  const Pair pair;
  CHECK(rc::check([&] {
    const auto size = *rc::gen::inRange<std::size_t>(0, 3 * batch);
    const auto piece = *rc::gen::inRange<std::size_t>(1, 100'000);
    const std::string plain = plaintext(size);
    const Outcome outcome =
        opened_as_stream(sealed(plain, pair.recipients), pair.identities, piece, 2);
    RC_ASSERT(outcome.finished);
    RC_ASSERT(outcome.plain == plain);
  }));
}

TEST_CASE("files and streams make the same payload; a file's head says its length") {
  const Pair pair;
  const TemporaryDirectory directory;
  const std::string plain = plaintext(700'000);
  const Origin origin = Origin::random();
  const auto input = os::posix().open(directory.write("p", plain));
  for (const unsigned workers : {1U, 2U, 4U}) {
    const auto name = "e" + std::to_string(workers);
    const auto output = os::posix().create_exclusive(directory / name, 0600);
    seal_file(*input, plain.size(), *output, pair.recipients, copy_of(origin), {.workers = workers},
              {}, {});
    const std::string file = test::content_of(directory / name);
    const std::string stream = sealed(plain, pair.recipients, copy_of(origin));
    CHECK((file.substr(head_bytes) == stream.substr(head_bytes)));
    CHECK(parse_head(as_bytes(file).first(head_bytes), "f").current().plain_bytes == 700'000);
    CHECK_FALSE(parse_head(as_bytes(stream).first(head_bytes), "s").current().plain_bytes);
    CHECK((opened_as_file(file, pair.identities).plain == plain));
    CHECK((opened_as_stream(file, pair.identities).plain == plain));
  }
}

TEST_CASE("a file that grows or shrinks while it is sealed is an error that says why") {
  const Pair pair;
  const TemporaryDirectory directory;
  const auto input = os::posix().open(directory.write("p", plaintext(100'000)));
  const auto output = os::posix().create_exclusive(directory / "e", 0600);
  for (const std::uint64_t size : {99'999U, 100'001U}) {
    const Error error = error_of(
        [&] { seal_file(*input, size, *output, pair.recipients, Origin::random(), {}, {}, {}); });
    CHECK(error.code() == Code::data);
    CHECK(contains(error.what(), "someone writes to it"));
  }
}

TEST_CASE("metadata comes back, sealed") {
  const Pair pair;
  const Metadata metadata{
      .name = "access \xff.log", .modified_ns = -1'500'000'000, .mode = 0640, .zstd = false};
  const std::string envelope =
      sealed("x", pair.recipients, Origin::random(), {.metadata = metadata});
  CHECK_FALSE(contains(envelope, "access"));
  test::MemorySource source{envelope};
  CHECK((Opening::of_stream(source, pair.identities, "e").metadata() == metadata));
}

/// Nothing that comes out may be anything but a beginning of `plain`, and the end is not claimed.
void check_refused(const std::string& envelope, const std::string& plain, const Pair& pair) {
  const Outcome stream = opened_as_stream(envelope, pair.identities);
  CHECK_FALSE(stream.finished);
  CHECK(stream.code == Code::data);
  CHECK((plain.starts_with(stream.plain)));
  const Outcome file = opened_as_file(envelope, pair.identities);
  CHECK_FALSE(file.finished);
  CHECK(file.code == Code::data);
}

TEST_CASE("a bit that is flipped anywhere behind the head is found before its chunk is given out") {
  const Pair pair;
  const std::string plain = plaintext(40'000);
  const std::string envelope = sealed(plain, pair.recipients);
  for (std::size_t at = head_bytes; at < envelope.size(); at += at < chunks_at + 40 ? 1 : 997) {
    CAPTURE(at);
    std::string changed = envelope;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    check_refused(changed, plain, pair);
  }
}

TEST_CASE("an envelope that is cut anywhere is refused") {
  const Pair pair;
  for (const std::size_t size : {0U, 16'384U, 40'000U}) {
    const std::string plain = plaintext(size);
    const std::string envelope = sealed(plain, pair.recipients);
    for (std::size_t length = 0;
         length<envelope.size(); length += length> chunks_at - 10 && length < chunks_at + 40
             ? 1
             : 509) {
      CAPTURE(length);
      check_refused(envelope.substr(0, length), plain, pair);
    }
    for (std::size_t end = chunks_at; end < envelope.size(); end += sealed_chunk_bytes) {
      check_refused(envelope.substr(0, end), plain, pair);  // at a boundary
    }
  }
}

TEST_CASE("what is added, moved, repeated or taken from another envelope is refused") {
  const Pair pair;
  const std::string plain = plaintext(3 * chunk_bytes + 100);
  const std::string envelope = sealed(plain, pair.recipients);
  const auto chunk = [&](std::size_t i) {
    return envelope.substr(chunks_at + i * sealed_chunk_bytes, sealed_chunk_bytes);
  };
  const std::string front = envelope.substr(0, chunks_at);
  check_refused(envelope + "x", plain, pair);
  check_refused(envelope + std::string(16, '\0'), plain, pair);
  check_refused(envelope + envelope, plain, pair);
  check_refused(front + chunk(1) + chunk(0) + chunk(2) + chunk(3), plain, pair);
  check_refused(front + chunk(0) + chunk(0) + chunk(1) + chunk(2) + chunk(3), plain, pair);
  check_refused(front + chunk(0) + chunk(2) + chunk(3), plain, pair);
  const std::string other = sealed(plain, pair.recipients);
  check_refused(front + other.substr(chunks_at), plain, pair);
  check_refused(envelope.substr(0, head_bytes) + other.substr(head_bytes), plain, pair);
}

TEST_CASE("the message names the chunk, or says that the envelope is cut short") {
  const Pair pair;
  std::string envelope = sealed(plaintext(40'000), pair.recipients);
  CHECK(contains(opened_as_stream(envelope.substr(0, 40'000), pair.identities).error, "chunk 1"));
  CHECK(contains(
      opened_as_stream(envelope.substr(0, chunks_at + sealed_chunk_bytes), pair.identities).error,
      "cut short"));
  envelope[chunks_at + sealed_chunk_bytes + 5] ^= 1;
  CHECK(opened_as_stream(envelope, pair.identities).error ==
        "e.tke: chunk 1: authentication failed");
}

TEST_CASE("a length in the head that the payload does not have is refused") {
  const Pair pair;
  const Origin origin = Origin::random();
  const std::string plain = plaintext(100);
  const std::string envelope = sealed(plain, pair.recipients, copy_of(origin));
  for (const std::uint64_t length : {99U, 101U}) {
    Block block = parse_head(as_bytes(envelope).first(head_bytes), "e").current();
    block.plain_bytes = length;
    const BlockBytes bytes = to_bytes(block, origin.data_key);
    const std::string head = std::string{as_text(bytes)} + std::string{as_text(bytes)};
    const std::string changed = head + envelope.substr(head_bytes);
    CHECK(opened_as_stream(changed, pair.identities).code == Code::data);
    CHECK_FALSE(opened_as_stream(changed, pair.identities).finished);
    CHECK(opened_as_file(changed, pair.identities).code == Code::data);
  }
}

TEST_CASE("a range is what the whole has there") {
  const Pair pair;
  const TemporaryDirectory directory;
  const std::string plain = plaintext(100'000);
  const auto file = os::posix().open(directory.write("e", sealed(plain, pair.recipients)));
  const auto opening = Opening::of_file(*file, pair.identities, "e");
  CHECK(rc::check([&] {
    const auto begin = *rc::gen::inRange<std::uint64_t>(0, 100'001);
    const auto end = *rc::gen::inRange<std::uint64_t>(begin, 100'001);
    test::MemorySink sink;
    open_range(*file, opening, {.begin = begin, .end = end}, sink, {.name = "e"}, {});
    RC_ASSERT(sink.content() == plain.substr(begin, end - begin));
  }));
  test::MemorySink sink;
  const auto outside = [&](std::uint64_t begin, std::uint64_t end) {
    return error_of([&] { open_range(*file, opening, {begin, end}, sink, {.name = "e"}, {}); });
  };
  CHECK(outside(0, 100'001).code() == Code::usage);
  CHECK(outside(5, 4).code() == Code::usage);
  CHECK(sink.content().empty());
}

TEST_CASE("a range of an envelope that was cut is refused, wherever it lies") {
  const Pair pair;
  const TemporaryDirectory directory;
  const std::string envelope = sealed(plaintext(100'000), pair.recipients);
  const auto file = os::posix().open(
      directory.write("e", envelope.substr(0, chunks_at + 2 * sealed_chunk_bytes + 50)));
  const auto opening = Opening::of_file(*file, pair.identities, "e");
  test::MemorySink sink;
  CHECK(error_of([&] {
          open_range(*file, opening, {0, 10}, sink, {.name = "e"}, {});
        }).code() == Code::data);
  CHECK(sink.content().empty());
}

TEST_CASE("a stop is never taken for the end") {
  const Pair pair;
  std::stop_source stop;
  stop.request_stop();
  test::MemorySource source{plaintext(100)};
  test::MemorySink sink;
  CHECK_THROWS_AS(
      seal_stream(source, sink, pair.recipients, Origin::random(), {}, {}, stop.get_token()),
      Error);
  CHECK_FALSE(sink.finished());
}

}  // namespace
}  // namespace trackier::envelope
