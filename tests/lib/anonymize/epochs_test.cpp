#include "anonymize/epochs.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "anonymize/transformer.hpp"
#include "core/hexadecimal.hpp"
#include "job_on_text.hpp"

namespace trackier::anonymize {
namespace {

using test::RaggedSource;

const TimeReference reference{.nearest = *parse_rfc3339("2026-03-15T12:00:00Z"),
                              .latest = *parse_rfc3339("2026-11-28T12:00:00Z")};

/// A key for each period, which is easily told; none before 2026-01.
Epochs epochs_of(PeriodUnit unit, std::string tenant = {}) {
  const Period oldest = period_of(unit, *parse_rfc3339("2026-01-01T00:00:00Z"));
  return {unit,
          [oldest](const Period& period) -> std::optional<crypto::Secret> {
            std::string key = to_text(period);
            key.resize(32, 'k');
            return period < oldest ? std::nullopt
                                   : std::optional{crypto::Secret::copy_of(as_bytes(key))};
          },
          std::move(tenant)};
}

std::string pseudonym_in(const Epochs& epochs, std::string_view period, std::string_view value) {
  std::string made;
  const auto pseudonymizer = epochs.of(*parse_period(period));
  pseudonymizer->append_hex(Kind::id, as_bytes(value), 128, made);
  return made;
}

JobOptions options_with(const Epochs& epochs, Format format = Format::plain) {
  return {.format = format,
          .min_share = 0,
          .epochs = &epochs,
          .times = [] { return reference; },
          .period = {}};
}

std::string run(std::string_view text, const JobOptions& options, std::uint32_t seed = 0,
                std::size_t longest = 1 << 20) {
  RaggedSource source{std::string{text}, seed, longest};
  return test::run_source(source, test::profile_with({.action = Action::hash}), options).output;
}

}  // namespace

TEST_CASE("a pseudonym is of the period that its record was written in") {
  const Epochs epochs = epochs_of(PeriodUnit::month);
  const std::string before = pseudonym_in(epochs, "2026-01", "visitor-1");
  const std::string after = pseudonym_in(epochs, "2026-02", "visitor-1");
  CHECK(before != after);
  CHECK(run("2026-01-31T23:59:59Z visitor_id=visitor-1\n"
            "2026-02-01T00:00:00Z visitor_id=visitor-1\n"
            "  at main visitor_id=visitor-1\n"
            "2026-02-01T00:30:00+01:00 visitor_id=visitor-1\n",
            options_with(epochs)) == "2026-01-31T23:59:59Z visitor_id=" + before +
                                         "\n2026-02-01T00:00:00Z visitor_id=" + after +
                                         "\n  at main visitor_id=" + after +
                                         "\n2026-02-01T00:30:00+01:00 visitor_id=" + before + "\n");
}

TEST_CASE("before the first time the period is that of the reference; a fixed one is that of all") {
  const Epochs epochs = epochs_of(PeriodUnit::month);
  const std::string text = "visitor_id=visitor-1\n2026-01-31T23:59:59Z visitor_id=visitor-1\n";
  CHECK(run(text, options_with(epochs)) ==
        "visitor_id=" + pseudonym_in(epochs, "2026-03", "visitor-1") +
            "\n2026-01-31T23:59:59Z visitor_id=" + pseudonym_in(epochs, "2026-01", "visitor-1") +
            "\n");
  JobOptions fixed = options_with(epochs);
  fixed.period = parse_period("2026-05");
  const std::string made = pseudonym_in(epochs, "2026-05", "visitor-1");
  CHECK(run(text, fixed) ==
        "visitor_id=" + made + "\n2026-01-31T23:59:59Z visitor_id=" + made + "\n");
}

TEST_CASE("records are not lines everywhere") {
  const Epochs epochs = epochs_of(PeriodUnit::month);
  const std::string january = pseudonym_in(epochs, "2026-01", "v1");
  const std::string february = pseudonym_in(epochs, "2026-02", "v1");
  CHECK(run("visitor_id,note,at\nv1,\"a\nb\",2026-01-05\nv1,\"c\nd\",2026-02-05\n",
            options_with(epochs, Format::csv)) == "visitor_id,note,at\n" + january +
                                                      ",\"a\nb\",2026-01-05\n" + february +
                                                      ",\"c\nd\",2026-02-05\n");
  CHECK(run("{\n \"visitor_id\": \"v1\",\n \"ts\": \"2026-01-05\"\n}\n"
            "{\n \"visitor_id\": \"v1\",\n \"ts\": \"2026-02-05\"\n}\n",
            options_with(epochs, Format::json)) ==
        "{\n \"visitor_id\": \"" + january +
            "\",\n \"ts\": \"2026-01-05\"\n}\n{\n \"visitor_id\": \"" + february +
            "\",\n \"ts\": \"2026-02-05\"\n}\n");
}

TEST_CASE("where a period's key has been destroyed nothing that needs one is made") {
  const Epochs epochs = epochs_of(PeriodUnit::month);
  RaggedSource source{
      "2025-12-31T23:59:59Z visitor_id=visitor-1 ip=192.0.2.1\n"
      "2026-01-01T00:00:00Z visitor_id=visitor-1 ip=192.0.2.1\n",
      0, 100};
  const test::Run result = test::run_source(source, built_in_profile(), options_with(epochs));
  CHECK(result.tally.without_key == 1);
  CHECK(result.output ==
        "2025-12-31T23:59:59Z visitor_id=[id] ip=192.0.2.0\n"
        "2026-01-01T00:00:00Z visitor_id=" +
            pseudonym_in(epochs, "2026-01", "visitor-1") + " ip=192.0.2.0\n");
  const auto met = epochs.met();
  REQUIRE(met.size() == 2);
  CHECK_FALSE(met.begin()->second);
  CHECK(met.rbegin()->second);
}

TEST_CASE("tokens come back by the period of their records, and stay when it has no key") {
  const Epochs epochs = epochs_of(PeriodUnit::week);
  const Profile profile = only_reversible(test::profile_with({.action = Action::tokenize}));
  const std::string text =
      "2026-01-31T23:59:59Z visitor_id=visitor1\n"
      "2026-02-05T00:00:00Z visitor_id=visitor1\n";
  RaggedSource source{text, 0, 1000};
  const std::string made = test::run_source(source, profile, options_with(epochs)).output;
  CHECK(made != text);
  JobOptions undo = options_with(epochs);
  undo.undo = true;
  RaggedSource back{made, 0, 1000};
  CHECK(test::run_source(back, profile, undo).output == text);
  RaggedSource old{"2024-01-31T23:59:59Z visitor_id=visitor1\n", 0, 1000};
  const test::Run kept = test::run_source(old, profile, undo);
  CHECK(kept.output == "2024-01-31T23:59:59Z visitor_id=visitor1\n");
  CHECK(kept.tally.without_key == 1);
}

TEST_CASE("what becomes of a log does not depend on how it arrives, or on the number of threads") {
  const Epochs epochs = epochs_of(PeriodUnit::day);
  std::string text;
  std::mt19937 random{7};
  Time time = *parse_rfc3339("2026-01-01T00:00:00Z");
  for (int line = 0; line < 9000; ++line) {
    time += std::chrono::seconds{random() % 20'000};
    text += random() % 4 == 0 ? "    at something" : to_rfc3339(time);
    text += " visitor_id=visitor-" + std::to_string(random() % 50) +
            std::string(random() % 200, 'x') + '\n';
    if (line == 4000) {  // longer than what is held
      text.back() = ' ';
      text += std::string(3'000'000, 'y') + " visitor_id=visitor-1\n";
    }
  }
  text += "   at the end visitor_id=visitor-1\n";
  const std::string expected = run(text, options_with(epochs));
  CHECK(expected.find("=visitor-") == std::string::npos);
  for (std::uint32_t seed = 1; seed < 6; ++seed) {
    CAPTURE(seed);
    JobOptions options = options_with(epochs);
    options.workers = seed;
    CHECK(run(text, options, seed, seed * 30'000) == expected);
  }
}

TEST_CASE("pseudonyms are those that another program makes of the words of the manual") {
  std::ifstream file{TRACKIER_SOURCE_DIR "/tests/vectors/epochs.json"};
  const auto vectors = nlohmann::json::parse(file);
  REQUIRE(vectors.at("pseudonyms").size() > 10);
  for (const auto& vector : vectors.at("pseudonyms")) {
    CAPTURE(vector.dump());
    std::array<std::byte, 32> key{};
    REQUIRE(from_hexadecimal(vector.at("key").get<std::string>(), key));
    const Pseudonymizer pseudonymizer{key, vector.at("tenant").get<std::string>()};
    std::string made;
    pseudonymizer.append_hex(*kind_named(vector.at("kind").get<std::string>()),
                             as_bytes(vector.at("value").get_ref<const std::string&>()), 128, made);
    CHECK(made == vector.at("pseudonym").get<std::string>());
  }
}

TEST_CASE("the same value has one pseudonym in a period and no two periods or tenants share one") {
  std::set<std::string> seen;
  for (const std::string tenant : {"", "shop", "other"}) {
    const Epochs epochs = epochs_of(PeriodUnit::month, tenant);
    for (const std::string_view period : {"2026-01", "2026-02", "2026-11"}) {
      CHECK(seen.insert(pseudonym_in(epochs, period, "visitor-1")).second);
      CHECK(pseudonym_in(epochs, period, "visitor-1") ==
            pseudonym_in(epochs_of(PeriodUnit::month, tenant), period, "visitor-1"));
    }
  }
}

}  // namespace trackier::anonymize
