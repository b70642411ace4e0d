#include "anonymize/numbers.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>

#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;

TEST_CASE("payment cards are found bare and in groups") {
  constexpr auto cards = std::to_array<std::string_view>({
      "4111111111111111",
      "4111 1111 1111 1111",
      "4111-1111-1111-1111",
      "4222222222222",
      "5555555555554444",
      "2223003122003222",
      "378282246310005",
      "3782 822463 10005",
      "6011111111111117",
      "3530111333300000",
      "30569309025904",
      "36227206271667",
      "6304000000000000",
  });
  for (const std::string_view card : cards) {
    const std::string text{card};
    CHECK(anonymized(text) == "[card]");
    CHECK(anonymized("card " + text + " ok") == "card [card] ok");
    CHECK(anonymized("\"" + text + "\",") == "\"[card]\",");
    CHECK(anonymized("n=%20" + text + "\\n") == "n=%20[card]\\n");
  }
}

TEST_CASE("blanks between groups may be encoded, as of URLs or of forms") {
  constexpr auto changes = std::to_array<test::Change>({
      {"/p?n=4111%201111%201111%201111 x", "/p?n=[card] x"},
      {"/p?n=4111+1111+1111+1111&x", "/p?n=[card]&x"},
      {"/p?n=4111+1111+1111+1111", "/p?n=[card]"},
      {"/p?n=5019+0000+0000+0004 x", "/p?n=5019+0000+0000+0004 x"},
      {"/p?n=3782+822463+10005 x", "/p?n=[card] x"},
      {"4111\\u00201111\\u00201111\\u00201111", "[card]"},
      {"/p?i=GB82%20WEST%201234%205698%207654%2032 x", "/p?i=[iban] x"},
      {"/p?i=GB82+WEST+1234+5698+7654+32 x", "/p?i=[iban] x"},
      {"/p?q=%28415%29%20555-0199 x", "/p?q=[phone] x"},
      {"/p?q=(415)%20555-0199 x", "/p?q=[phone] x"},
      {"/p?q=%28415%29+555-0199 x", "/p?q=[phone] x"},
      {"/p?q=%2B1+415+555+0199 x", "/p?q=[phone] x"},
      {"/p?q=%2B91+98765+43210&x", "/p?q=[phone]&x"},
      {"/p?q=%2B91%2098765%2043210&x", "/p?q=[phone]&x"},
      {"/p?q=+10+200+3000+4000 x", "/p?q=+10+200+3000+4000 x"},
      {"/p?t=2026-01-31%2012:34:56&x", "/p?t=2026-01-31%2012:34:56&x"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
  }
}

TEST_CASE("other long numbers are no cards") {
  constexpr auto kept = std::to_array<std::string_view>({
      "ref 4111111111111112 ok",  // check digit
      "1111111111111117",         // no issuer
      "98765432109876543210",     // too long
      "0.4111111111111111",       // a fraction
      "x4111111111111111",        // an identifier
      "4111111111111111x",
      "4111 1111-1111 1111",  // mixed gaps
      "1769859123456",        // milliseconds
      "20260131123456789",
  });
  for (const std::string_view text : kept) {
    CHECK(anonymized(text) == text);
  }
}

TEST_CASE("one in ten random numbers has a correct check digit") {
  std::mt19937_64 random{7};
  int valid = 0;
  for (int i = 0; i < 10000; ++i) {
    valid += luhn_valid(std::to_string(1'000'000'000'000'000 + random() % 9'000'000'000'000'000))
                 ? 1
                 : 0;
  }
  CHECK(valid > 850);
  CHECK(valid < 1150);
}

TEST_CASE("phone numbers are found in the ways they are written") {
  constexpr auto phones = std::to_array<std::string_view>({
      "+1-415-555-0199",  "+14155550199",      "+44 20 7946 0958",       "+49 30 901820",
      "+49(30)901820",    "+1 (415) 555-0199", "415-555-0199",           "415.555.0199",
      "415 555 0199",     "(415) 555-0199",    "(415)555-0199",          "1-415-555-0199",
      "001-415-555-0199", "415-555-0199x751",  "(415) 555-0199 ext. 12", "(07) 5331 0577",
      "(96) 627-277",     "(0114) 496 0999",   "+1-415-555-0199x12",
  });
  for (const std::string_view phone : phones) {
    CHECK(anonymized("call " + std::string{phone} + " now") == "call [phone] now");
    CHECK(anonymized("\"" + std::string{phone} + "\"") == "\"[phone]\"");
  }
}

TEST_CASE("a number behind a phone number does not hide it, and is not hidden by it") {
  CHECK(anonymized("+14155550199 (415) 555-0199") == "[phone] [phone]");
  CHECK(anonymized("+14155550199 4111 1111 1111 1111") == "[phone] [card]");
  CHECK(anonymized("tel +1-415-555-0199 2026-01-31") == "tel [phone] 2026-01-31");
  CHECK(anonymized("+4930901820 20260131123456789") == "[phone] 20260131123456789");
  CHECK(anonymized("(415) 555 0199 20260131") == "[phone] 20260131");
}

TEST_CASE("dates, time zones, prices and calls are no phone numbers") {
  constexpr auto kept = std::to_array<std::string_view>({
      "[17/May/2015:10:05:03 +0000]",
      "2026-01-31T12:34:56+01:00",
      "GMT+0200",
      "+12",
      "a+12345678",
      "12345678901",
      "2026-01-31",
      "f(12) 345",
      "rate (99) 5",
      "100-200-3000",
      "1+1+1+1",
      "192-168-1",
      "id-415-555-0199",
  });
  for (const std::string_view text : kept) {
    CHECK(anonymized(text) == text);
  }
}

TEST_CASE("accounts are found when country, length and check digits agree") {
  CHECK(anonymized("IBAN GB29 NWBK 6016 1331 9268 19 was") == "IBAN [iban] was");
  CHECK(anonymized("GB29NWBK60161331926819") == "[iban]");
  CHECK(anonymized("pay DE89370400440532013000;") == "pay [iban];");
  CHECK(anonymized("NO9386011117947,MT84MALT011000012345MTLCAST001S") == "[iban],[iban]");
  for (const std::string_view kept :
       {"GB30NWBK60161331926819", "DE8937040044053201300", "XX89370400440532013000",
        "XDE89370400440532013000", "DE89  3704  0044  0532  0130  00"}) {
    CHECK(anonymized(kept) == kept);
  }
}

TEST_CASE("social security numbers are found but for those never issued") {
  CHECK(anonymized("SSN 521-44-9382 was") == "SSN [ssn] was");
  CHECK(anonymized("078-05-1120") == "[ssn]");
  for (const std::string_view kept : {"000-44-9382", "666-44-9382", "521-00-9382", "521-44-0000",
                                      "521-44-93821", "x521-44-9382", "1-521-44-9382"}) {
    CHECK(anonymized(kept) == kept);
  }
}

}  // namespace trackier::anonymize
