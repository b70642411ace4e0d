#include "codec/decoder.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <zstd.h>

#include <array>

#include "lib/codec/compressed.hpp"
#include "support/errors.hpp"

namespace trackier::codec {
namespace {

using namespace std::string_literals;
using test::both;
using test::decoded;
using test::encoded;
using test::log_lines;
using trackier::test::contains;
using trackier::test::error_of;
using trackier::test::MemorySource;
using trackier::test::message_of;

/// A skippable zstd frame (RFC 8878, section 3.1.2).
std::string skippable(char number, const std::string& content) {
  std::string frame{static_cast<char>(0x50 + number), '\x2a', '\x4d', '\x18'};
  for (unsigned shift = 0; shift < 32; shift += 8) {
    frame += static_cast<char>(content.size() >> shift);
  }
  return frame + content;
}

/// The CRC of RFC 1952, section 8, bit by bit.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
  }
  return ~crc;
}

TEST_CASE("plain content passes through, and what it resembles too little to be told") {
  for (const std::string& content :
       {""s, "a"s, "plain text\n"s, "\x1f"s, "\x28\xb5\x2f"s, "\x28\xb5\x2f\xfe"s,
        "\xfd"
        "7zXY"s,
        "PK"s, "P"s, "BZh0"s, "BZh91AY&SX"s, "\x50\x2a\x4d"s, "\x50\x2a\x4d\x19"s, "\0\0"s,
        log_lines(300'000)}) {
    for (const std::size_t piece : {1UL, 7UL, 1'000'000UL}) {
      MemorySource source{content, piece};
      Decoder decoder{source};
      CHECK(decoder.encoding() == Encoding::none);
      CHECK((trackier::test::read_all(decoder) == content));
      CHECK(decoder.consumed() == content.size());
      CHECK(source.ends_seen() == 1);  // a terminal is not asked again after its end
    }
  }
}

TEST_CASE("a pipe that gives few bytes is not waited for") {
  MemorySource source{"GET /\nmore to come", 6};
  Decoder decoder{source};
  std::array<std::byte, 100> buffer{};
  CHECK(decoder.read(buffer) == 6);
  CHECK(source.given() == 6);
}

TEST_CASE("members and frames one after another are one content") {
  for (const Encoding encoding : both) {
    const std::string first = log_lines(10'000);
    const std::string second = test::noise(5000);
    const std::string all = encoded(encoding, first) + encoded(encoding, "") +
                            encoded(encoding, second) + encoded(encoding, "x");
    for (const std::size_t piece : {1UL, 2UL, 3UL, 100UL, 1'000'000UL}) {
      for (const std::size_t asked : {1UL, 5UL, 65'536UL}) {
        CHECK((decoded(all, piece, asked) == first + second + "x"));
      }
    }
  }
}

TEST_CASE("empty content has a member or frame of its own, and is empty") {
  for (const Encoding encoding : both) {
    MemorySource source{encoded(encoding, "")};
    Decoder decoder{source};
    CHECK(trackier::test::read_all(decoder).empty());
    CHECK(decoder.encoding() == encoding);
  }
}

TEST_CASE("zeros behind gzip data are padding, as of tapes") {
  const std::string member = encoded(Encoding::gzip, "text");
  for (const std::size_t piece : {1UL, 1'000'000UL}) {
    CHECK(decoded(member + std::string(1, '\0'), piece) == "text");
    CHECK(decoded(member + member + std::string(300'000, '\0'), piece) == "texttext");
  }
}

TEST_CASE("anything else behind the data is an error that names its byte") {
  const std::string member = encoded(Encoding::gzip, "text");
  const std::string frame = encoded(Encoding::zstd, "text");
  const auto failure = [](const std::string& content, std::size_t piece) {
    const Error error = error_of([&] { decoded(content, piece); });
    CHECK(error.code() == Code::data);
    return message_of(error);
  };
  for (const std::size_t piece : {1UL, 1'000'000UL}) {
    const std::string follows = "gzip data is damaged at byte " + std::to_string(member.size());
    CHECK(failure(member + "garbage", piece) ==
          follows + ": what follows the compressed data is not gzip");
    CHECK(failure(member + "\n", piece).starts_with(follows));
    CHECK(failure(member + "\x1f", piece).starts_with(follows));
    CHECK(failure(member + frame, piece).starts_with(follows));
    // A member behind padding: another reader might see it.
    CHECK(failure(member + std::string(10, '\0') + member, piece)
              .starts_with("gzip data is damaged at byte " + std::to_string(member.size() + 10)));
    CHECK(contains(failure(frame + "garbage", piece), "what follows"));
    CHECK(contains(failure(frame + std::string(8, '\0'), piece), "what follows"));
    CHECK(contains(failure(frame + member, piece), "what follows"));
  }
}

TEST_CASE("skippable zstd frames are skipped, wherever they are") {
  const std::string frame = encoded(Encoding::zstd, "text");
  for (char number = 0; number < 16; ++number) {
    const std::string skip = skippable(number, "not for us");
    for (const std::size_t piece : {1UL, 1'000'000UL}) {
      CHECK(decoded(skip + frame, piece) == "text");
      CHECK(decoded(frame + skip + frame + skip, piece) == "texttext");
      CHECK(decoded(skip, piece).empty());
      CHECK(error_of([&] { decoded(skip.substr(0, skip.size() - 1), piece); }).code() ==
            Code::data);
    }
  }
}

TEST_CASE("a cut anywhere is an error that names the byte") {
  for (const Encoding encoding : both) {
    for (const std::string& plain : {""s, "a"s, log_lines(3000), test::noise(300)}) {
      const std::string whole = encoded(encoding, plain);
      const std::size_t recognisable = encoding == Encoding::gzip ? 2 : 4;
      for (std::size_t size = recognisable; size < whole.size(); ++size) {
        for (const std::size_t piece : {1UL, 1'000'000UL}) {
          const Error error = error_of([&] { decoded(whole.substr(0, size), piece); });
          REQUIRE(error.code() == Code::data);
          REQUIRE(message_of(error) == std::string{name(encoding)} + " data ends early, at byte " +
                                           std::to_string(size));
          // The second of two, cut: what comes before does not make it good.
          const Error second = error_of([&] { decoded(whole + whole.substr(0, size), piece); });
          REQUIRE(second.code() == Code::data);
          REQUIRE(contains(message_of(second), std::to_string(whole.size() + size)));
        }
      }
    }
  }
}

TEST_CASE("a damaged byte anywhere is an error, or changes nothing") {
  for (const Encoding encoding : both) {
    const std::string plain = log_lines(1500);
    const std::string whole = encoded(encoding, plain);
    const std::size_t magic = encoding == Encoding::gzip ? 2 : 4;
    int errors = 0;
    for (std::size_t at = magic; at < whole.size(); ++at) {
      for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ flip);
        CAPTURE(at);
        try {
          const bool unchanged = decoded(damaged) == plain;
          REQUIRE(unchanged);
        } catch (const Error& error) {
          REQUIRE(error.code() == Code::data);
          REQUIRE(contains(message_of(error), encoding == Encoding::gzip ? "gzip" : "zstd"));
          ++errors;
        }
      }
    }
    CHECK(errors > static_cast<int>(whole.size()));
  }
}

TEST_CASE("random bytes behind a signature are an error, never a crash") {
  CHECK(rc::check("noise", [] {
    const std::string start = *rc::gen::element("\x1f\x8b\x08"s, "\x28\xb5\x2f\xfd"s,
                                                "\x1f\x8b\x08\x1f"s, "\x50\x2a\x4d\x18"s);
    const std::string rest = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto piece = *rc::gen::inRange<std::size_t>(1, 20);
    try {
      decoded(start + rest, piece);
    } catch (const Error& error) {
      RC_ASSERT(error.code() == Code::data);
    }
  }));
}

TEST_CASE("a gzip header with everything in it is read, in pieces too") {
  // RFC 1952: FLG has FHCRC, FEXTRA, FNAME and FCOMMENT.
  std::string header = "\x1f\x8b\x08\x1e\0\0\0\0\0\x03"s;
  header += "\x05\0extra"s + "name.log\0"s + "a comment\0"s;
  const std::uint32_t crc = crc32(header);
  header += static_cast<char>(crc & 0xffU);
  header += static_cast<char>(crc >> 8U & 0xffU);
  const std::string plain = log_lines(2000);
  const std::string member = header + encoded(Encoding::gzip, plain).substr(10);
  for (const std::size_t piece : {1UL, 2UL, 5UL, 13UL, 1'000'000UL}) {
    CHECK((decoded(member, piece) == plain));
    CHECK((decoded(member + member, piece, 3) == plain + plain));
  }
  for (std::size_t size = 2; size < header.size(); ++size) {
    CHECK(error_of([&] { decoded(member.substr(0, size)); }).code() == Code::data);
  }
}

TEST_CASE("zstd frames without a checksum or a content size are read") {
  const std::string plain = log_lines(5000);
  std::string frame(ZSTD_compressBound(plain.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), plain.data(), plain.size(), 3));
  CHECK((decoded(frame, 1) == plain));
}

TEST_CASE("a zstd window of more than 8 MiB is refused before its memory is taken") {
  // Magic, descriptor without content size, a window of 2^27 bytes, an empty last block.
  const std::string frame = "\x28\xb5\x2f\xfd\x00\x88\x01\x00\x00"s;
  const Error error = error_of([&] { decoded(frame); });
  CHECK(error.code() == Code::data);
  CHECK(message_of(error) == "zstd data needs a window of more than 8 MiB");
  CHECK(contains(error.hint(), "--long"));
}

TEST_CASE("a zstd frame that needs a dictionary says so") {
  // Magic, descriptor: single segment, one byte of dictionary id; the id, size 1, a raw block.
  const std::string frame =
      "\x28\xb5\x2f\xfd\x21\x07\x01\x09\x00\x00"
      "a"s;
  const Error error = error_of([&] { decoded(frame); });
  CHECK(error.code() == Code::data);
  CHECK(message_of(error) == "zstd data needs a dictionary");
}

TEST_CASE("other compressed formats are refused by name, with the program that reads them") {
  struct Case {
    std::string start;
    std::string name;
    std::string program;
  };
  const std::array cases{
      Case{"\xfd"
           "7zXZ\0"s,
           "xz", "xz -dc"},
      Case{"BZh11AY&SY", "bzip2", "bzip2 -dc"},
      Case{"BZh91AY&SY", "bzip2", "bzip2 -dc"},
      Case{"\x04\x22\x4d\x18", "lz4", "lz4 -dc"},
      Case{"\x1f\x9d", "compress", "gzip -dc"},
      Case{"PK\x03\x04", "zip", "unzip -p"},
      Case{"7z\xbc\xaf\x27\x1c", "7z", "7z x -so"},
  };
  for (const Case& each : cases) {
    for (const std::size_t piece : {1UL, 1'000'000UL}) {
      const Error error = error_of([&] { decoded(each.start + "rest", piece); });
      CHECK(error.code() == Code::data);
      CHECK(message_of(error) == each.name + " data is not read");
      CHECK(contains(error.hint(), each.program));
    }
  }
}

TEST_CASE("what the input throws passes through") {
  class Failing final : public Source {
    std::size_t read(MutBytes /*into*/) override { throw Error{Code::io, "reading failed"}; }
  };
  Failing source;
  Decoder decoder{source};
  std::array<std::byte, 10> buffer{};
  CHECK(error_of([&] { decoder.read(buffer); }).code() == Code::io);
}

TEST_CASE("consumed bytes are those of the input, at the end all of them") {
  for (const Encoding encoding : both) {
    const std::string content = encoded(encoding, log_lines(500'000));
    MemorySource source{content};
    Decoder decoder{source};
    std::array<std::byte, 1000> buffer{};
    CHECK(decoder.read(buffer) > 0);
    CHECK(decoder.consumed() <= content.size());
    CHECK(trackier::test::read_all(decoder).size() > 400'000);
    CHECK(decoder.consumed() == content.size());
  }
}

}  // namespace
}  // namespace trackier::codec
