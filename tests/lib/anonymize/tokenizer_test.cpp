#include "anonymize/tokenizer.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "anonymize/pseudonymizer.hpp"
#include "anonymize/transformer.hpp"
#include "job_on_text.hpp"

namespace trackier::anonymize {
namespace {

Tokenizer tokenizer_of(char key) {
  return Tokenizer{as_bytes(std::string(32, key))};
}

const Transform plain{.action = Action::tokenize};
const Transform with_luhn{.action = Action::tokenize, .luhn = true};

bool passes_luhn(std::string_view text) {
  int sum = 0;
  bool doubled = false;
  for (auto c = text.rbegin(); c != text.rend(); ++c) {
    if (*c < '0' || *c > '9') {
      continue;
    }
    const int value = (*c - '0') * (doubled ? 2 : 1);
    sum += value / 10 + value % 10;
    doubled = !doubled;
  }
  return sum % 10 == 0;
}

}  // namespace

TEST_CASE("a token is as long as its value, of the same alphabet, with the same marks") {
  Tokenizer tokenizer = tokenizer_of('k');
  const auto card = tokenizer.token(plain, Kind::card, "4111 1111-1111 1111");
  REQUIRE(card);
  CHECK(card->size() == 19);
  CHECK(((*card)[4] == ' ' && (*card)[9] == '-' && (*card)[14] == ' '));
  CHECK(card->find_first_not_of("0123456789 -") == std::string::npos);
  CHECK(tokenizer.value(plain, Kind::card, *card) == "4111 1111-1111 1111");
  const auto mail = tokenizer.token(plain, Kind::email, "ann.doe@example.com");
  REQUIRE(mail);
  CHECK(((*mail)[3] == '.' && (*mail)[7] == '@'));
  CHECK(tokenizer.value(plain, Kind::email, *mail) == "ann.doe@example.com");
}

TEST_CASE("what is too short, or would stay readable in part, becomes no token") {
  Tokenizer tokenizer = tokenizer_of('k');
  CHECK(least_characters(Alphabet::digits, false) == 6);
  CHECK(least_characters(Alphabet::digits, true) == 7);
  CHECK(least_characters(Alphabet::hex, false) == 5);
  CHECK(least_characters(Alphabet::lower, false) == 4);
  CHECK(least_characters(Alphabet::alnum, false) == 4);
  using Case = std::pair<Kind, std::string_view>;
  for (const Case& each : {Case{Kind::card, "12345"},
                           {Kind::card, ""},
                           {Kind::card, "1234567x"},
                           {Kind::name, "Zoé Doe"},
                           {Kind::name, "Ann"},
                           {Kind::uuid, "00000000-0000-0000-0000-000000000000"},
                           {Kind::mac, "0a:0B:0c:0d:0e:0f"},
                           {Kind::id,
                            "a\xFF"
                            "bcdef"}}) {
    CAPTURE(each.second);
    CHECK_FALSE(tokenizer.token(plain, each.first, each.second));
    CHECK_FALSE(tokenizer.value(plain, each.first, each.second));
  }
  CHECK_FALSE(tokenizer.token(with_luhn, Kind::card, "123456"));
  CHECK_FALSE(tokenizer.token(plain, Kind::name, std::string(5000, 'a')));
}

TEST_CASE("a correct check digit stays correct, and a wrong one wrong") {
  Tokenizer tokenizer = tokenizer_of('k');
  std::mt19937 random{20'261'127};
  for (int round = 0; round < 500; ++round) {
    std::string value;
    for (unsigned i = 0; i < 7 + random() % 13; ++i) {
      value += static_cast<char>('0' + random() % 10);
    }
    CAPTURE(value);
    const auto token = tokenizer.token(with_luhn, Kind::card, value);
    REQUIRE(token);
    CHECK(passes_luhn(*token) == passes_luhn(value));
    CHECK(tokenizer.value(with_luhn, Kind::card, *token) == value);
    if (value.size() > 8) {
      CHECK((token->front() == '0') == (value.front() == '0'));
    }
  }
}

TEST_CASE("with a check digit a token is of digits, where no alphabet is named") {
  Tokenizer tokenizer = tokenizer_of('k');
  const Transform digits{.action = Action::tokenize, .alphabet = Alphabet::digits, .luhn = true};
  for (const Kind kind : {Kind::field, Kind::pattern, Kind::id}) {
    const auto token = tokenizer.token(with_luhn, kind, "4111111111111111");
    REQUIRE(token);
    CHECK(token->find_first_not_of("0123456789") == std::string::npos);
    CHECK(passes_luhn(*token));
    CHECK(token == tokenizer.token(digits, kind, "4111111111111111"));
    CHECK(tokenizer.value(with_luhn, kind, *token) == "4111111111111111");
    CHECK_FALSE(tokenizer.token(with_luhn, kind, "4111-abcd-1111"));
  }
}

TEST_CASE("values come back, whatever they are, and no two share a token") {
  std::mt19937 random{4711};
  constexpr std::string_view some = "0123456789abcdefABCXYZxyz-_. @";
  std::map<std::string, std::string> values;
  Tokenizer tokenizer = tokenizer_of('k');
  for (int round = 0; round < 5000; ++round) {
    std::string value;
    for (unsigned i = 0; i < 4 + random() % 40; ++i) {
      value += some[random() % some.size()];
    }
    const auto token = tokenizer.token(plain, Kind::field, value);
    if (!token) {
      continue;
    }
    CHECK(tokenizer.value(plain, Kind::field, *token) == value);
    const auto [place, fresh] = values.emplace(*token, value);
    CHECK((fresh || place->second == value));
  }
  CHECK(values.size() > 4000);
}

TEST_CASE("kinds, keys and tenants have nothing in common") {
  Tokenizer one = tokenizer_of('k');
  Tokenizer other = tokenizer_of('l');
  CHECK(one.token(plain, Kind::card, "4111111111111111") !=
        one.token(plain, Kind::phone, "4111111111111111"));
  CHECK(one.token(plain, Kind::card, "4111111111111111") !=
        other.token(plain, Kind::card, "4111111111111111"));
  const std::string master(32, 'm');
  const Pseudonymizer shop{as_bytes(master), "shop"};
  const Pseudonymizer press{as_bytes(master), "press"};
  CHECK(std::ranges::equal(shop.token_key(), Pseudonymizer{as_bytes(master), "shop"}.token_key()));
  CHECK_FALSE(std::ranges::equal(shop.token_key(), press.token_key()));
}

TEST_CASE("a UUID is one value whoever named it, and none becomes a pseudonym") {
  const std::string master(32, 'm');
  const Pseudonymizer pseudonymizer{as_bytes(master), ""};
  Transformer transformer{pseudonymizer, {}};
  std::string one;
  std::string other;
  constexpr std::string_view uuid = "7d444840-9dc0-4d11-b245-5ffdce74fad2";
  CHECK(transformer.append(plain, Kind::id, Form::plain, uuid, one) == Outcome::replaced);
  CHECK(transformer.append(plain, Kind::field, Form::plain, uuid, other) == Outcome::replaced);
  CHECK(one == other);
  std::string back;
  CHECK(transformer.append_original(plain, Kind::uuid, Form::plain, one, back) ==
        Outcome::replaced);
  CHECK(back == uuid);
  std::string none;
  for (const std::string_view left : {"[card]", "", "00000000-0000-0000-0000-000000000000"}) {
    CHECK(transformer.append(plain, Kind::card, Form::plain, left, none) == Outcome::unchanged);
    CHECK(transformer.append_original(plain, Kind::card, Form::plain, left, none) ==
          Outcome::unchanged);
  }
  CHECK(transformer.append_original({.action = Action::hash}, Kind::uuid, Form::plain, one, none) ==
        Outcome::unchanged);
  CHECK(transformer.append_original(plain, Kind::card, Form::plain, "12", none) ==
        Outcome::malformed);
  CHECK(none.empty());
  CHECK(transformer.append(plain, Kind::card, Form::plain, "12", none) == Outcome::replaced);
  CHECK(none == "[card]");
}

/// tests/cli/tokens_test.py makes the same from the words of the manual alone.
TEST_CASE("tokens are those of the vectors") {
  std::ifstream file{TRACKIER_SOURCE_DIR "/tests/vectors/tokens.json"};
  const auto vectors = nlohmann::json::parse(file);
  REQUIRE(vectors.at("tokens").size() > 8);
  for (const auto& each : vectors.at("tokens")) {
    std::string master;
    const auto key = vectors.at("key").get<std::string>();
    for (std::size_t i = 0; i < key.size(); i += 2) {
      master += static_cast<char>(std::stoi(key.substr(i, 2), nullptr, 16));
    }
    const auto tenant = each.at("tenant").get<std::string>();
    const Pseudonymizer pseudonymizer{as_bytes(master), tenant};
    Tokenizer tokenizer{pseudonymizer.token_key()};
    Transform transform = plain;
    transform.alphabet = alphabet_named(each.at("alphabet").get<std::string>());
    transform.luhn = each.at("luhn").get<bool>();
    const Kind kind = *kind_named(each.at("kind").get<std::string>());
    const auto value = each.at("value").get<std::string>();
    CAPTURE(value);
    CHECK(tokenizer.token(transform, kind, value) == each.at("token").get<std::string>());
  }
}

}  // namespace trackier::anonymize
