#include "codec/encoding.hpp"

#include <doctest/doctest.h>

namespace trackier::codec {
namespace {

TEST_CASE("an encoding is found by its name, and by nothing else") {
  for (const Encoding encoding : {Encoding::none, Encoding::gzip, Encoding::zstd}) {
    const bool same = encoding_named(name(encoding)) == encoding;
    CHECK(same);
  }
  CHECK_FALSE(encoding_named(""));
  CHECK_FALSE(encoding_named("GZIP"));
  CHECK_FALSE(encoding_named("gz"));
}

TEST_CASE("a file name promises what its end says") {
  const auto promised = [](std::string_view file) { return name(encoding_of_file_name(file)); };
  CHECK(promised("access.log.gz") == "gzip");
  CHECK(promised("access.log.zst") == "zstd");
  CHECK(promised(".gz") == "gzip");
  CHECK(promised("access.log") == "none");
  CHECK(promised("access.gz.1") == "none");
  CHECK(promised("gz") == "none");
  CHECK(promised("") == "none");
}

}  // namespace
}  // namespace trackier::codec
