#include "codec/compressing_source.hpp"

#include <doctest/doctest.h>

#include "lib/codec/compressed.hpp"
#include "support/streams.hpp"

namespace trackier::codec {
namespace {

using test::both;
using test::decoded;
using trackier::test::MemorySource;
using trackier::test::read_all;

TEST_CASE("what is read through it decompresses to the input, at every boundary of its pieces") {
  constexpr std::size_t piece = 1024 * 1024;
  for (const Encoding encoding : both) {
    for (const std::size_t size : {0UL, 1UL, piece - 1, piece, piece + 1, 3 * piece}) {
      const std::string plain = test::log_lines(size);
      MemorySource input{plain, 100'000};
      CompressingSource compressed{input, encoding};
      CHECK((decoded(read_all(compressed, 777)) == plain));
      CHECK(compressed.consumed() == size);
    }
  }
}

TEST_CASE("nothing becomes one empty frame, and the end stays the end") {
  MemorySource input{""};
  CompressingSource compressed{input, Encoding::zstd};
  CHECK_FALSE(read_all(compressed).empty());
  CHECK(read_all(compressed).empty());
}

}  // namespace
}  // namespace trackier::codec
