#include "crypto/base64.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <rapidcheck.h>

#include <array>
#include <string>

namespace trackier::crypto {
namespace {

/// OpenSSL's, another implementation than ours, without its padding.
std::string reference(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

TEST_CASE("RFC 4648, section 10, without padding") {
  CHECK(base64({}).empty());
  CHECK(base64(as_bytes("f")) == "Zg");
  CHECK(base64(as_bytes("fo")) == "Zm8");
  CHECK(base64(as_bytes("foo")) == "Zm9v");
  CHECK(base64(as_bytes("foob")) == "Zm9vYg");
  CHECK(base64(as_bytes("fooba")) == "Zm9vYmE");
  CHECK(base64(as_bytes("foobar")) == "Zm9vYmFy");
  CHECK(bytes_from_base64("Zm9vYg") == "foob");
  CHECK(bytes_from_base64("") == "");
}

TEST_CASE("RFC 4648, section 10, as it stands there") {
  CHECK(padded_base64({}).empty());
  CHECK(padded_base64(as_bytes("f")) == "Zg==");
  CHECK(padded_base64(as_bytes("fo")) == "Zm8=");
  CHECK(padded_base64(as_bytes("foo")) == "Zm9v");
  CHECK(bytes_from_padded_base64("Zg==") == "f");
  CHECK(bytes_from_padded_base64("Zm8=") == "fo");
  CHECK(bytes_from_padded_base64("Zm9v") == "foo");
  CHECK(bytes_from_padded_base64("") == "");
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Z===", "====", "=",
                                      "Zm9v====", "Zh==", "Zg==\n", "Z=g=", "Zg= ", "Zm-_"}) {
    CAPTURE(text);
    CHECK_FALSE(bytes_from_padded_base64(text).has_value());
  }
}

TEST_CASE("32 bytes are 43 characters, there and back") {
  std::array<std::byte, 32> bytes{};
  bytes[31] = std::byte{0xff};
  const std::string text = base64(bytes);
  CHECK(text == std::string(41, 'A') + "P8");
  std::array<std::byte, 32> back{};
  CHECK(from_base64(text, back));
  CHECK(back == bytes);
}

TEST_CASE("text of another length than the bytes need is refused") {
  std::array<std::byte, 3> three{};
  CHECK(from_base64("Zm9v", three));
  for (const char* const text : {"", "Z", "Zm", "Zm9", "Zm9vY", "Zm9vYg", "Zm9vZm9v"}) {
    CHECK_FALSE(from_base64(text, three));
  }
  CHECK_FALSE(bytes_from_base64("Z").has_value());
  CHECK_FALSE(bytes_from_base64("Zm9vY").has_value());
}

TEST_CASE("padding, white space and the alphabet for addresses are refused") {
  for (const char* const text :
       {"Zg==", "Zm8=", "Zm 8", " Zm8", "Zm8\n", "Zm9v\nZm9v", "_w", "-w", "Zg*"}) {
    CHECK_FALSE(bytes_from_base64(text).has_value());
  }
  using namespace std::string_view_literals;
  CHECK_FALSE(bytes_from_base64("Zg\0"sv).has_value());
}

TEST_CASE("bits behind the last byte have to be zero") {
  int accepted = 0;
  for (int second = 0; second < 256; ++second) {
    const std::string text{'Z', static_cast<char>(second)};
    accepted += bytes_from_base64(text).has_value() ? 1 : 0;
  }
  CHECK(accepted == 4);  // "ZA", "ZQ", "Zg", "Zw"
  CHECK(bytes_from_base64("Zm8").has_value());
  CHECK_FALSE(bytes_from_base64("Zm9").has_value());
}

TEST_CASE("of all characters 64 are digits, at every place") {
  for (std::size_t place = 0; place < 4; ++place) {
    int accepted = 0;
    for (int character = 0; character < 256; ++character) {
      std::string text = "AAAA";
      text[place] = static_cast<char>(character);
      accepted += bytes_from_base64(text).has_value() ? 1 : 0;
    }
    CHECK(accepted == 64);
  }
}

TEST_CASE("any bytes are written as OpenSSL writes them, and come back") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  CHECK(rc::check("base64", [&] {
    const std::string original = *bytes;
    const std::string text = base64(as_bytes(original));
    RC_ASSERT(text == reference(original));
    RC_ASSERT(bytes_from_base64(text) == original);
  }));
}

TEST_CASE("there is one text for any bytes: what is read is what would be written") {
  const auto digits =
      rc::gen::container<std::string>(rc::gen::elementOf(std::string{"ABZabz059+/AQgw=-_ "}));
  int read = 0;
  CHECK(rc::check("one text", [&] {
    const std::string text = *digits;
    if (const auto bytes = bytes_from_base64(text)) {
      RC_ASSERT(base64(as_bytes(*bytes)) == text);
      ++read;
    }
  }));
  CHECK(read > 0);
}

}  // namespace
}  // namespace trackier::crypto
