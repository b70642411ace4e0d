#include <doctest/doctest.h>

#include <mutex>

#include "envelope/open.hpp"
#include "envelope/seal.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::envelope {
namespace {

using test::contains;
using test::content_of;
using test::error_of;
using test::message_of;
using test::TemporaryDirectory;

/// An envelope on the disk, and its data key.
struct OnDisk {
  explicit OnDisk(std::size_t plain_bytes) : origin(Origin::random()) {
    const auto plain = directory.write("plain", std::string(plain_bytes, 'p'));
    const auto input = os::posix().open(plain);
    const auto output = os::posix().create_exclusive(directory / "sealed", 0600);
    seal_file(*input, plain_bytes, *output, {public_key_recipient(crypto::x25519_public(key))},
              origin, {}, {}, {});
    bytes = content_of(directory / "sealed");
  }

  /// Verifies what is in the file after `bytes` were written to it.
  [[nodiscard]] Opened verified(unsigned workers = 1) const {
    const auto path = directory.write("changed", bytes);
    const auto file = os::posix().open(path);
    const auto opening = Opening::of_file(*file, {data_key_identity(origin.data_key)}, "e.tke");
    return verify_file(*file, opening, {.name = "e.tke", .workers = workers}, {}, {});
  }

  TemporaryDirectory directory;
  crypto::Secret key = crypto::new_x25519_key();
  Origin origin;
  std::string bytes;
};

constexpr std::size_t first_chunk = head_bytes + preamble_bytes;

TEST_CASE("an envelope that was just written is whole, at every boundary of chunks and batches") {
  for (const std::size_t size : {0UL, 1UL, 16'383UL, 16'384UL, 16'385UL, 32'768UL, 262'143UL,
                                 262'144UL, 262'145UL, 1'000'000UL}) {
    CAPTURE(size);
    const OnDisk sealed{size};
    for (const unsigned workers : {1U, 3U}) {
      const Opened opened = sealed.verified(workers);
      CHECK(opened.plain_bytes == size);
      CHECK((opened.id == sealed.origin.id));
    }
  }
}

TEST_CASE("any flipped bit of the payload is found, and the chunk named") {
  OnDisk sealed{50'000};
  const std::string good = sealed.bytes;
  for (const std::size_t at : {first_chunk, first_chunk + 16'399, first_chunk + 16'400,
                               first_chunk + 3 * 16'400, good.size() - 1}) {
    CAPTURE(at);
    sealed.bytes = good;
    sealed.bytes[at] = static_cast<char>(sealed.bytes[at] ^ 0x10);
    const Error error = error_of([&] { (void)sealed.verified(2); });
    CHECK(error.code() == Code::data);
    const std::size_t chunk = (at - first_chunk) / 16'400;
    CHECK(contains(message_of(error), "chunk " + std::to_string(chunk) + ": authentication"));
  }
}

TEST_CASE("what is missing or too much at the end is found") {
  OnDisk sealed{50'000};
  const std::string good = sealed.bytes;
  for (std::size_t missing = 1; missing < good.size() - first_chunk; missing += 997) {
    sealed.bytes = good.substr(0, good.size() - missing);
    CHECK(error_of([&] { (void)sealed.verified(); }).code() == Code::data);
  }
  for (const std::size_t more : {1UL, 16UL, 16'400UL}) {
    sealed.bytes = good + std::string(more, 'x');
    CHECK(error_of([&] { (void)sealed.verified(); }).code() == Code::data);
  }
}

TEST_CASE("another data key opens nothing") {
  const OnDisk sealed{100};
  const OnDisk other{100};
  const auto file = os::posix().open(sealed.directory / "sealed");
  CHECK(error_of([&] {
          Opening::of_file(*file, {data_key_identity(other.origin.data_key)}, "e.tke");
        }).code() == Code::data);
}

TEST_CASE("progress comes to the size of the content") {
  const OnDisk sealed{300'000};
  const auto file = os::posix().open(sealed.directory / "sealed");
  const auto opening = Opening::of_file(*file, {data_key_identity(sealed.origin.data_key)}, "e");
  std::uint64_t last = 0;
  SealEvents events;
  events.progressed = [&](std::uint64_t bytes) {
    CHECK(bytes > last);
    last = bytes;
  };
  verify_file(*file, opening, {.name = "e", .workers = 2}, events, {});
  CHECK(last == 300'000);
}

}  // namespace
}  // namespace trackier::envelope
