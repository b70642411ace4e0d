#include "anonymize/encoded.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "anonymize/characters.hpp"
#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;

TEST_CASE("values are found through up to three layers of encoding") {
  constexpr auto changes = std::to_array<Change>({
      {"/s?mail=bob%40example.com&q=1", "/s?mail=[email]&q=1"},
      {"/s?m=bob%40example.com&q=1", "/s?m=[email]&q=1"},
      {"/s?m=bob%2540example.com&q=1", "/s?m=[email]&q=1"},
      {"/s?m=bob%252540example.com&q=1", "/s?m=[email]&q=1"},
      {"x bob\\u0040example.com y", "x [email] y"},
      {"x bob\\x40example.com y", "x [email] y"},
      {"<a>bob&#64;example.com</a>", "<a>[email]</a>"},
      {"<a>bob&#x40;example.com</a>", "<a>[email]</a>"},
      {"u=192%2E0%2E2%2E17&v", "u=192.0.2.0&v"},
      {"q=2001%3Adb8%3A1%3A2%3A%3A3&v", "q=2001:db8:1::&v"},
      {"tel=x&t=%2B14155550199&u", "tel=[phone]&t=[phone]&u"},
      {"id=123e4567%2De89b%2D12d3%2Da456%2D426614174000", ""},
      {"redirect=%2Flogin%3Ftoken%3Dabc%26q%3D1 x",
       "redirect=%2Flogin%3Ftoken%3D[token]%26q%3D1 x"},
      {"u=https%3A%2F%2Fbob%3Apw%40example.com%2Fx",
       "u=https%3A%2F%2F[credentials]%40example.com%2Fx"},
  });
  for (const auto& [before, after] : changes) {
    if (after.empty()) {
      CHECK(anonymized(before).find("123e4567") == std::string::npos);
    } else {
      CHECK(anonymized(before) == after);
    }
  }
}

TEST_CASE("encodings without a value in them stay as they are") {
  for (const std::string_view kept :
       {"/a%20b%40", "%", "%4", "%%%%", "100%25 sure", "u=https%3A%2F%2Fexample.com%2Fx",
        "\\u00e9t\\u00e9", "C:\\x40\\users", "&#64; &#x40 &#;", "\\\\\\\\",
        "d=Ym9iQGV4YW1wbGUuY29t"}) {
    CHECK(anonymized(kept) == kept);
  }
}

TEST_CASE("every byte around an encoded value is kept") {
  CHECK(anonymized("a%20b \"bob%40example.com\"%2C c%2") == "a%20b \"[email]\"%2C c%2");
}

TEST_CASE("values in front of an encoded one stay apart from each other") {
  CHECK(anonymized("192.0.2.4,198.51.100.9,bob%40example.com x") ==
        "192.0.2.0,198.51.100.0,[email] x");
  CHECK(anonymized("192.0.2.4;198.51.100.9;%40") == "192.0.2.0;198.51.100.0;%40");
  CHECK(anonymized("192.0.2.4/198.51.100.9%3A80") == "192.0.2.0/198.51.100.0%3A80");
  CHECK(anonymized("4111111111111111,4111111111111111%40") == "[card],[card]%40");
}

TEST_CASE("what was encoded once more than the '=' before it is part of the value") {
  constexpr auto changes = std::to_array<Change>({
      {"/c?u=https%3A%2F%2Fs%2F%3Fname%3DJohn%2520Doe%26phone%3D%252B91%252098765%252043210%26"
       "password%3Da%2520b%2526c HTTP/1.1",
       "/c?u=https%3A%2F%2Fs%2F%3Fname%3D[name]%26phone%3D[phone]%26password%3D[password] "
       "HTTP/1.1"},
      {"q=u%253Dx%253Fname%253DJohn%252520Doe%2526street%253D5%252520High%252520St%2526n%253D1",
       "q=u%253Dx%253Fname%253D[name]%2526street%253D[address]%2526n%253D1"},
      {"\"/c?o=1\\u0026name=John%20Doe\\u0026street=221B%20Baker%20Street\"",
       "\"/c?o=1\\u0026name=[name]\\u0026street=[address]\""},
      {"q={%22name%22:%22John%2522%20Doe%22,%22n%22:1}", "q={%22name%22:%22[name]%22,%22n%22:1}"},
      {"/c?o=1&#38;name=John%20Doe&#38;n=1", "/c?o=1&#38;name=[name]&#38;n=1"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
    CHECK(anonymized(after) == after);
  }
}

namespace {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (character::is_alnum(c) || c == '.') {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
    }
  }
  return encoded;
}

/// Each line without its padding.
std::set<std::string> without_padding(std::string_view lines) {
  std::set<std::string> shapes;
  std::string shape;
  for (const char c : lines) {
    if (c == '\n') {
      shapes.insert(std::exchange(shape, {}));
    } else if (c != 'y') {
      shape += c;
    }
  }
  return shapes;
}

}  // namespace

TEST_CASE("wherever in a nested URL a value stands it is found, and the result stays as it is") {
  for (const std::string_view parameters :
       {"x=john.secret@example.com", "password=secret", "name=secret a&z=1", "user_id=5512&z=1",
        "ip=198.51.100.77"}) {
    for (const int layers : {1, 2, 3}) {
      std::string lines;
      for (std::size_t padding = 900; padding <= 1100; ++padding) {
        std::string url{"https://h.example/?b=" + std::string(padding, 'y') + '&'};
        url += parameters;
        for (int layer = 0; layer < layers; ++layer) {
          url = percent_encoded(url);
        }
        lines += "GET /c?u=" + url + " HTTP/1.1\n";
      }
      const std::string out = anonymized(lines);
      CHECK(out.find("secret") == std::string::npos);
      CHECK(out.find("5512") == std::string::npos);
      CHECK(out.find(".77") == std::string::npos);
      CHECK(without_padding(out).size() == 1);
      CHECK(anonymized(out) == out);
      CHECK(test::checked(out, Format::plain).empty());
    }
  }
}

TEST_CASE("a region knows how deep each byte was, and characters outside ASCII") {
  DecodedRegion region;
  const std::string_view text = "a%3Db%2526\\u0026c&#61; x";
  region.decode(text, 1);
  REQUIRE(region.text() == "a=b&&c=");
  CHECK(std::ranges::equal(region.depths(), std::array<int, 7>{0, 1, 0, 2, 0, 0, 0}));
  const std::string_view letters = "\\u00e9%C3%A9\\xC3\\xA9&#233;\\u20ac\\ud83d\\ude00&#x110000;";
  region.decode(letters, 0);
  CHECK(region.text() == "\u00e9\u00e9\u00e9\u00e9\u20ac\U0001F600~");
  CHECK(region.origin(2) == 6);
  CHECK(region.origin(static_cast<std::uint32_t>(region.text().size())) == letters.size());
}

TEST_CASE("equal values get equal pseudonyms whether they are encoded or not") {
  Profile profile = built_in_profile();
  profile.transforms[Kind::email] = {.action = Action::hash};
  const std::string plain = anonymized("m bob@example.com", Format::plain, profile);
  CHECK(anonymized("m bob%40example.com", Format::plain, profile) == plain);
  CHECK(anonymized("m BOB%2540Example.com", Format::plain, profile) == plain);
  CHECK(anonymized("m bob\\u0040example.com", Format::plain, profile) == plain);
  CHECK(anonymized("jos\\u00e9@example.com", Format::plain, profile) ==
        anonymized("jos\u00e9@example.com", Format::plain, profile));
  CHECK(plain != "m bob@example.com");
}

TEST_CASE("what was decoded does not bring characters into a format that mean something there") {
  const Profile profile = test::profile_with({.action = Action::pseudonym});
  const std::string csv = anonymized("a,b\nx,token%3D%22p%2Cq%22\n", Format::csv, profile);
  const std::string record = csv.substr(csv.find('\n') + 1);
  CHECK(record.find(',') == record.rfind(','));
  CHECK(record.find('"') == std::string::npos);
}

}  // namespace trackier::anonymize
