#include "core/binary.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>
#include <string>

#include "core/hexadecimal.hpp"

namespace trackier {
namespace {

TEST_CASE("what is written is read, in as few bytes as LEB128 needs") {
  const auto length = [](std::uint64_t number) {
    std::vector<std::byte> bytes;
    BinaryWriter{bytes}.number(number);
    return bytes.size();
  };
  CHECK(length(0) == 1);
  CHECK(length(127) == 1);
  CHECK(length(128) == 2);
  CHECK(length(std::numeric_limits<std::uint64_t>::max()) == 10);
  CHECK(rc::check([](const std::vector<std::uint64_t>& numbers, const std::string& text) {
    std::vector<std::byte> bytes;
    BinaryWriter writer{bytes};
    for (const auto number : numbers) {
      writer.number(number);
    }
    writer.sized(text);
    BinaryReader reader{bytes, "a test"};
    for (const auto number : numbers) {
      RC_ASSERT(reader.number() == number);
    }
    RC_ASSERT(reader.sized_text() == text);
    reader.end();
  }));
}

TEST_CASE("what does not fit is damaged data, whatever it is") {
  const auto read = [](std::initializer_list<unsigned> values, auto act) {
    std::vector<std::byte> bytes;
    for (const unsigned value : values) {
      bytes.push_back(static_cast<std::byte>(value));
    }
    try {
      BinaryReader reader{bytes, "a test"};
      act(reader);
    } catch (const Error& error) {
      return error.code();
    }
    return Code::ok;
  };
  const auto number = [](BinaryReader& reader) { reader.number(); };
  CHECK(read({}, number) == Code::data);
  CHECK(read({0x80}, number) == Code::data);
  CHECK(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, number) == Code::data);
  CHECK(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, number) == Code::ok);
  CHECK(read({5}, [](BinaryReader& reader) { reader.number(4); }) == Code::data);
  CHECK(read({3, 1, 2}, [](BinaryReader& reader) { reader.sized(); }) == Code::data);
  CHECK(read({1, 2}, [](BinaryReader& reader) {
          reader.number();
          reader.end();
        }) == Code::data);
  CHECK(rc::check([](const std::vector<std::uint8_t>& garbage) {
    BinaryReader reader{std::as_bytes(std::span{garbage}), "garbage"};
    try {
      while (!reader.empty()) {
        reader.sized();
      }
    } catch (const Error& error) {
      RC_ASSERT(error.code() == Code::data);
    }
  }));
}

TEST_CASE("bytes as hexadecimal digits, and only small ones back") {
  const std::array bytes{std::byte{0}, std::byte{0x9f}, std::byte{0xff}};
  CHECK(hexadecimal(bytes) == "009fff");
  std::array<std::byte, 3> back{};
  CHECK(from_hexadecimal("009fff", back));
  CHECK(back == bytes);
  for (const char* wrong : {"", "009ff", "009ffff", "009fFf", "009fg0", "0x9fff"}) {
    CHECK_FALSE(from_hexadecimal(wrong, back));
    CHECK_FALSE(is_hexadecimal(wrong, 3));
  }
}

}  // namespace
}  // namespace trackier
