#include "anonymize/json_quotes.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <random>
#include <string>

#include "anonymize/record_reader.hpp"

namespace trackier::anonymize {

namespace {

using Places = std::vector<std::uint32_t>;

/// What is left of the quotes for the record, counted from its beginning.
Places places_in(QuotesOfRecords& quotes, std::string_view record) {
  const Quotes found = quotes.of(record);
  Places places;
  for (const std::uint32_t place : found.places) {
    if (place - found.begin < record.size()) {
      places.push_back(static_cast<std::uint32_t>(place - found.begin));
    }
  }
  return places;
}

/// Lines that are JSON, nearly, or not at all.
std::string some_lines(std::mt19937& random) {
  constexpr auto parts = std::to_array<std::string_view>(
      {R"({"ip":"192.0.2.7"})", R"({"a\"b":"x\\","user":"Ann"})",
       R"({"vid":"1","n":[1,"2",{"ip":"-"}]})", R"("text")", R"({"open":"no end})", R"({"a" "b"})",
       "plain \" text", "", "  ", R"({"m":"{\"ip\":\"192.0.2.7\"}"})",
       R"([{"user":"A"},{"user":"B"}])", R"(\"{"a":1})", R"({"a":1} {"b":"2"})",
       R"({"password":"a\\\"b","x":"\\\\"})"});
  std::string text;
  for (std::size_t lines = random() % 12; lines > 0; --lines) {
    text += parts[random() % parts.size()];
    text += random() % 6 == 0 ? "" : "\n";
  }
  return text;
}

bool same_fields(const std::vector<FieldValue>& one, const std::vector<FieldValue>& other) {
  return std::ranges::equal(one, other, [](const FieldValue& a, const FieldValue& b) {
    return a.begin == b.begin && a.end == b.end && a.quoting == b.quoting && a.nested == b.nested &&
           a.rule.transform == b.rule.transform;
  });
}

}  // namespace

TEST_CASE("the quotes of a record are told in turn, out of turn, and of another text") {
  const std::string chunk = "\"a\" \"b\"\nno\n\"c\"";
  Places all;
  find_quotes(chunk, all);
  CHECK(all == Places{0, 2, 4, 6, 11, 13});
  QuotesOfRecords quotes;
  quotes.know(chunk, all);
  const std::string_view text = chunk;
  CHECK(places_in(quotes, text.substr(0, 7)) == Places{0, 2, 4, 6});
  quotes.pass(1);  // it was not read to its end
  CHECK(places_in(quotes, text.substr(8, 2)).empty());
  CHECK(places_in(quotes, text.substr(11)) == Places{0, 2});
  quotes.pass(2);
  CHECK(places_in(quotes, text.substr(4, 3)) == Places{0, 2});
  CHECK(places_in(quotes, text.substr(0, 7)) == Places{0, 2, 4, 6});
  const std::string other = "-\"-";
  CHECK(places_in(quotes, other) == Places{1});
  CHECK(places_in(quotes, text.substr(11)) == Places{0, 2});
}

TEST_CASE("a reader that knows the quotes reads what one reads that looks for them") {
  CHECK(rc::check([](std::uint32_t seed, bool documents, bool own_rules) {
    std::mt19937 random{seed};
    Profile profile = built_in_profile();
    if (own_rules) {
      profile.fields.push_back({.selector = "a", .transform = {}});
    }
    const FieldRules rules{profile};
    const auto knowing = make_json_reader(rules, documents);
    const auto looking = make_json_reader(rules, documents);
    const std::string chunk = some_lines(random);
    Places quotes;
    find_quotes(chunk, quotes);
    knowing->know_quotes(chunk, quotes);
    for (std::size_t begin = 0; begin < chunk.size();) {
      const std::size_t end = std::min(chunk.find('\n', begin), chunk.size());
      const std::string_view record = std::string_view{chunk}.substr(begin, end - begin);
      std::vector<FieldValue> known;
      std::vector<FieldValue> looked_for;
      const bool good = knowing->read(record, known);
      RC_ASSERT(looking->read(std::string{record}, looked_for) == good);
      RC_ASSERT(same_fields(known, looked_for));
      begin = end + 1;
    }
  }));
}

}  // namespace trackier::anonymize
