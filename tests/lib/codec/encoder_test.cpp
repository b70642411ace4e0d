#include "codec/encoder.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "lib/codec/compressed.hpp"
#include "support/errors.hpp"

namespace trackier::codec {
namespace {

using test::both;
using test::decoded;
using test::encoded;

int highest_level(Encoding encoding) {
  return encoding == Encoding::gzip ? 3 : 19;
}

TEST_CASE("decode(encode(x)) == x, at every size near a boundary and every level") {
  for (const Encoding encoding : both) {
    for (int level = 1; level <= highest_level(encoding); level += level < 3 ? 1 : 8) {
      const auto encoder = Encoder::make(encoding, level);
      for (const std::size_t boundary : {0UL, 512UL, 32'768UL, 65'535UL, 131'072UL}) {
        for (std::size_t size = boundary < 2 ? 0 : boundary - 2; size <= boundary + 2; ++size) {
          for (const std::string& plain :
               {test::log_lines(size), test::noise(size), std::string(size, 'a')}) {
            std::vector<std::byte> out;
            encoder->encode(as_bytes(plain), out);
            REQUIRE((decoded(as_text(out)) == plain));
          }
        }
      }
    }
  }
}

TEST_CASE("a chunk of several megabytes comes back") {
  const std::string plain = test::log_lines(3'000'000) + test::noise(2'000'000);
  for (const Encoding encoding : both) {
    CHECK((decoded(encoded(encoding, plain)) == plain));
  }
}

TEST_CASE("any chunks, compressed one by one, come back as one content") {
  CHECK(rc::check("chunks", [] {
    const auto chunks = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    const Encoding encoding = *rc::gen::element(Encoding::none, Encoding::gzip, Encoding::zstd);
    const auto encoder = Encoder::make(encoding);
    std::vector<std::byte> out;
    std::string all;
    for (const std::string& chunk : chunks) {
      encoder->encode(as_bytes(chunk), out);
      all += chunk;
    }
    RC_PRE(encoding != Encoding::none || all.size() < 2 || all[0] > ' ');
    RC_ASSERT(decoded(as_text(out), *rc::gen::inRange<std::size_t>(1, 50)) == all);
  }));
}

TEST_CASE("the bytes depend on content and level alone, not on what was compressed before") {
  for (const Encoding encoding : both) {
    const std::string plain = test::log_lines(50'000);
    const auto encoder = Encoder::make(encoding, 2);
    std::vector<std::byte> warm;
    encoder->encode(as_bytes(test::noise(80'000)), warm);
    const std::size_t before = warm.size();
    encoder->encode(as_bytes(plain), warm);
    CHECK((as_text(warm).substr(before) == encoded(encoding, plain, 2)));
  }
}

TEST_CASE("output is appended, and compresses what compresses") {
  for (const Encoding encoding : both) {
    std::vector<std::byte> out{std::byte{'h'}};
    const std::string plain = test::log_lines(100'000);
    Encoder::make(encoding)->encode(as_bytes(plain), out);
    CHECK(out.front() == std::byte{'h'});
    CHECK(out.size() < plain.size() / 2);
  }
  CHECK(encoded(Encoding::none, "as it is") == "as it is");
}

TEST_CASE("a level that the format does not have is refused") {
  for (const Encoding encoding : both) {
    for (const int level : {-1, 0, highest_level(encoding) + 1, 1000}) {
      const Error error = trackier::test::error_of([&] { Encoder::make(encoding, level); });
      CHECK(error.code() == Code::usage);
      CHECK(trackier::test::contains(error.what(), std::to_string(level)));
    }
  }
}

}  // namespace
}  // namespace trackier::codec
