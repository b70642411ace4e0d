#include "codec/decompressing_sink.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "lib/codec/compressed.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"

namespace trackier::codec {
namespace {

using test::encoded;
using trackier::test::error_of;
using trackier::test::MemorySink;

/// Writes `compressed` in pieces and finishes.
std::string through(std::string_view compressed, std::size_t piece) {
  MemorySink output;
  DecompressingSink sink{output};
  for (; !compressed.empty(); compressed.remove_prefix(std::min(piece, compressed.size()))) {
    sink.write(as_bytes(compressed.substr(0, piece)));
  }
  sink.finish();
  CHECK(output.finished());
  CHECK(sink.produced() == output.content().size());
  return output.content();
}

TEST_CASE("what was compressed comes back, whatever the pieces") {
  for (const std::size_t size : {0UL, 1UL, 131'071UL, 131'072UL, 1'000'000UL}) {
    const std::string plain = test::log_lines(size);
    for (const std::size_t piece : {1UL, 777UL, 16'384UL, 10'000'000UL}) {
      CHECK(
          (through(encoded(Encoding::zstd, plain), size > 200'000 ? piece + 500 : piece) == plain));
    }
  }
}

TEST_CASE("frames one behind the other are one content") {
  const std::string twice = encoded(Encoding::zstd, "one ") + encoded(Encoding::zstd, "") +
                            encoded(Encoding::zstd, "two");
  CHECK(through(twice, 5) == "one two");
}

TEST_CASE("a stream that is cut, or nothing at all, does not finish") {
  const std::string whole = encoded(Encoding::zstd, test::log_lines(5000));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const Error error = error_of([&] { through(whole.substr(0, size), 100); });
    CHECK(error.code() == Code::data);
    CHECK(std::string{error.what()}.find("cut short") != std::string::npos);
  }
}

TEST_CASE("what is damaged or no zstd is an error that says where") {
  CHECK(error_of([] { through("no zstd at all", 100); }).code() == Code::data);
  std::string damaged = encoded(Encoding::zstd, test::log_lines(5000));
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  const Error error = error_of([&] { through(damaged, 100); });
  CHECK(error.code() == Code::data);
  CHECK(std::string{error.what()}.find("near byte") != std::string::npos);
}

TEST_CASE("any bytes end in content or an error of data") {
  CHECK(rc::check("any bytes", [] {
    std::string bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    bytes.insert(0, "\x28\xb5\x2f\xfd", *rc::gen::inRange<std::size_t>(0, 5));
    try {
      through(bytes, 16);
    } catch (const Error& error) {
      RC_ASSERT(error.code() == Code::data);
    }
  }));
}

}  // namespace
}  // namespace trackier::codec
