// Other programs read what we write, and we what they write. gzip, zstd and xz are test
// dependencies.

#include <doctest/doctest.h>

#include <cstdio>
#include <memory>

#include "lib/codec/compressed.hpp"
#include "support/errors.hpp"
#include "support/shared_data.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::codec {
namespace {

using test::decoded;
using test::encoded;
using trackier::test::content_of;
using trackier::test::TemporaryDirectory;

/// What `line` prints; the test ends when it fails.
std::string output_of(const std::string& line) {
  std::FILE* const pipe = ::popen(line.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 65536> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    output.append(buffer.data(), got);
  }
  REQUIRE_MESSAGE(::pclose(pipe) == 0, line);
  return output;
}

TEST_CASE("gzip and zstd read what we write, at every level, several pieces of it") {
  const TemporaryDirectory directory;
  const std::string first = test::log_lines(200'000);
  const std::string second = test::noise(70'000);
  for (const auto& [encoding, program, levels] :
       {std::tuple{Encoding::gzip, "gzip", std::array{1, 2, 3}},
        std::tuple{Encoding::zstd, "zstd", std::array{1, 3, 19}}}) {
    for (const int level : levels) {
      const auto file =
          directory.write("packed", encoded(encoding, first, level) + encoded(encoding, "", level) +
                                        encoded(encoding, second, level));
      CHECK((output_of(std::string{program} + " -dc < '" + file.string() + "'") == first + second));
    }
  }
}

TEST_CASE("we read what gzip and zstd write, at every level") {
  const TemporaryDirectory directory;
  const std::string plain = test::log_lines(300'000) + test::noise(10'000);
  const std::string file = "'" + directory.write("plain", plain).string() + "'";
  for (const char* const program :
       {"gzip -c -1", "gzip -c -6", "gzip -c -9", "zstd -qc -1", "zstd -qc -19",
        "zstd -qc --no-check -3", "zstd -qc --fast=5"}) {
    CAPTURE(program);
    const std::string packed = output_of(std::string{program} + " " + file);
    CHECK((decoded(packed) == plain));
    CHECK((decoded(packed, 1, 4096) == plain));
    CHECK((decoded(output_of("cat " + file + " | " + program)) == plain));
  }
}

TEST_CASE("what zstd writes with a long window is refused with a hint") {
  const TemporaryDirectory directory;
  // Larger than the window that is read: smaller content gets a smaller window.
  const auto file = directory.write("plain", std::string(20'000'000, 'a'));
  const std::string packed =
      output_of("zstd -qc --long=27 --no-content-size < '" + file.string() + "'");
  const Error error = trackier::test::error_of([&] { decoded(packed); });
  CHECK(error.code() == Code::data);
  CHECK(trackier::test::contains(error.hint(), "--long"));
}

TEST_CASE("xz and bzip2 files are refused") {
  for (const char* const program : {"xz -c", "bzip2 -c", "bzip2 -1 -c"}) {
    const std::string packed = output_of(std::string{"printf text | "} + program);
    CHECK(trackier::test::error_of([&] { decoded(packed); }).code() == Code::data);
  }
}

TEST_CASE("the sample that is compressed is the sample that is not") {
  const std::filesystem::path logs = std::filesystem::path{TRACKIER_SOURCE_DIR} / "samples/logs";
  CHECK((decoded(content_of(logs / "access.log.gz")) == content_of(logs / "access.log")));
}

TEST_CASE("awkward compressed files: joined, damaged, cut, padded, misnamed") {
  const auto raw = trackier::test::shared_data("logs/raw");
  if (!raw) {
    return;
  }
  const auto failure = [&](const char* name) {
    const Error error = trackier::test::error_of([&] { decoded(content_of(*raw / name)); });
    CHECK(error.code() == Code::data);
    return trackier::test::message_of(error);
  };
  const auto program = [&](const char* line, const char* name) {
    return output_of(std::string{line} + " < '" + (*raw / name).string() + "'");
  };
  CHECK(decoded(content_of(*raw / "concat_members.log.gz")) ==
        program("gzip -dc", "concat_members.log.gz"));
  CHECK(decoded(content_of(*raw / "one.log.zst")) == program("zstd -dc", "one.log.zst"));
  CHECK(decoded(content_of(*raw / "two_frames.log.zst")) ==
        program("zstd -dc", "two_frames.log.zst"));
  // Its garbage is zeros, as behind files on tapes.
  CHECK(decoded(content_of(*raw / "trailing_garbage.log.gz")) ==
        program("gzip -dc", "trailing_garbage.log.gz"));
  CHECK(decoded(content_of(*raw / "empty.gz")).empty());
  CHECK(decoded(content_of(*raw / "zero_byte.gz")).empty());
  CHECK(decoded(content_of(*raw / "not_gzip.gz")) == content_of(*raw / "not_gzip.gz"));
  CHECK(trackier::test::contains(failure("corrupt_crc.log.gz"), "wrong checksum"));
  CHECK(failure("truncated.log.gz") == "gzip data ends early, at byte 8906");
}

}  // namespace
}  // namespace trackier::codec
