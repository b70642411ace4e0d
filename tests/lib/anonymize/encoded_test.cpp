#include "anonymize/encoded.hpp"

#include <doctest/doctest.h>

#include <array>

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

TEST_CASE("equal values get equal pseudonyms whether they are encoded or not") {
  Profile profile = built_in_profile();
  profile.transforms[Kind::email] = {.action = Action::hash};
  const std::string plain = anonymized("m bob@example.com", Format::plain, profile);
  CHECK(anonymized("m bob%40example.com", Format::plain, profile) == plain);
  CHECK(anonymized("m BOB%2540Example.com", Format::plain, profile) == plain);
  CHECK(anonymized("m bob\\u0040example.com", Format::plain, profile) == plain);
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
