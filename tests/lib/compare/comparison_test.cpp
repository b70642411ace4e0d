#include "compare/comparison.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "../anonymize/job_on_text.hpp"
#include "core/error.hpp"
#include "support/errors.hpp"
#include "support/shared_data.hpp"

namespace trackier::compare {
namespace {

using anonymize::Format;
using anonymize::Profile;
using trackier::test::MemorySource;
using Kind = Finding::Kind;

struct Result {
  Comparison comparison;
  std::vector<Finding> findings;

  [[nodiscard]] std::size_t count(Kind kind) const {
    return static_cast<std::size_t>(std::ranges::count(findings, kind, &Finding::kind));
  }
};

Result compared(const std::string& first, const std::string& second,
                const Profile& profile = anonymize::built_in_profile(),
                const CompareOptions& options = {}) {
  MemorySource source{first};
  std::vector<Finding> findings;
  Comparison comparison = compare_logs(
      source, [&second] { return std::make_unique<MemorySource>(second); }, profile, options,
      {.found = [&](const Finding& finding) { findings.push_back(finding); }, .progressed = {}},
      {});
  return {std::move(comparison), std::move(findings)};
}

std::string anonymized(const std::string& text) {
  return anonymize::test::run_text(text, anonymize::built_in_profile(), {}).output;
}

const std::string log =
    "192.0.2.17 - - [27/Nov/2026:10:00:00 +0000] \"GET /?mail=ann%40example.com HTTP/1.1\" 200 5\n"
    "192.0.2.18 - - [27/Nov/2026:10:00:01 +0000] \"GET /?visitor_id=abc-17-def-18 HTTP/1.1\" 200 "
    "5\n"
    "192.0.2.19 - bob [27/Nov/2026:10:00:02 +0000] \"GET / HTTP/1.1\" 200 5\n";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("what the rules make of a log is that log without its people, whatever the key") {
  const Result result = compared(log, anonymized(log));
  CHECK(result.findings.empty());
  CHECK(result.comparison.good());
  CHECK(result.comparison.lines == 3);
  CHECK(result.comparison.distinct == 6);
  CHECK(result.comparison.first.records == 3);
}

TEST_CASE("so is what somebody else made of it") {
  std::string other = anonymized(log);
  other = replaced(other, "192.0.2.0", "10.0.0.0");
  other = replaced(other, "192.0.2.0", "[ip]");
  CHECK(compared(log, other).findings.empty());
}

TEST_CASE("a log as it is holds all of its values, and the rules would replace them") {
  const Result result = compared(log, log);
  CHECK(result.count(Kind::survivor) == 5);  // and "bob", which is a word
  CHECK(result.comparison.ambiguous == 1);
  CHECK(result.count(Kind::residual) == 6);
  CHECK(result.count(Kind::changed) == 0);
  REQUIRE_FALSE(result.findings.empty());
  CHECK(result.findings[0].line == 1);
  CHECK(result.findings[0].column == 1);
}

TEST_CASE("a single value that is put back is met where it stands, also encoded") {
  const std::string clean = anonymized(log);
  for (const std::string_view value :
       {"ann@example.com", "ann%40example.com", "ANN@example.com", "ann\\u0040example.com",
        "ann%2540example.com", "ann&#64;example.com", "YW5uQGV4YW1wbGUuY29t",
        "bWFpbD1hbm5AZXhhbXBsZS5jb20="}) {
    CAPTURE(value);
    const Result result = compared(log, replaced(clean, "[email]", value));
    REQUIRE(result.count(Kind::survivor) == 1);
    CHECK(result.findings[0].line == 1);
  }
  const Result elsewhere = compared(log, replaced(clean, "192.0.2.0 - [", "abc-17-def-18 - ["));
  REQUIRE(elsewhere.count(Kind::survivor) == 1);
  CHECK(elsewhere.findings[0].line == 3);
  CHECK(elsewhere.findings[0].column == 1);
}

TEST_CASE("a value of another record in a place that is free is met, too") {
  CHECK(compared(log, replaced(anonymized(log), "192.0.2.0", "192.0.2.19")).count(Kind::survivor) ==
        1);
}

TEST_CASE("a byte that no rule covers, a line too few, too many or elsewhere is a finding") {
  const std::string clean = anonymized(log);
  const Result byte = compared(log, replaced(clean, "10:00:01", "10:00:09"));
  REQUIRE(byte.findings.size() == 1);
  CHECK(byte.findings[0].kind == Kind::changed);
  CHECK(byte.findings[0].line == 2);
  const std::size_t first = clean.find('\n') + 1;
  const Result fewer = compared(log, clean.substr(0, first));
  REQUIRE(fewer.findings.size() == 1);
  CHECK(fewer.findings[0].kind == Kind::missing);
  CHECK(fewer.findings[0].line == 2);
  CHECK(fewer.comparison.lines == 1);
  const Result more = compared(log, clean + clean.substr(0, first));
  REQUIRE(more.findings.size() == 1);
  CHECK(more.findings[0].kind == Kind::added);
  CHECK(more.findings[0].line == 4);
  CHECK(compared(log, clean.substr(first) + clean.substr(0, first)).count(Kind::changed) == 3);
  CHECK(compared(log, clean.substr(0, clean.size() - 1)).count(Kind::changed) == 1);
  CHECK(compared(log, replaced(clean, "\n", "\r\n")).count(Kind::changed) == 1);
  CHECK(compared(log, replaced(clean, " 200 5\n", " 200 5 \n")).count(Kind::changed) == 1);
}

TEST_CASE("of nothing nothing is shown") {
  CHECK_FALSE(compared("", "").comparison.good());
  CHECK(compared("", "x\n").count(Kind::added) == 1);
  CHECK(compared("x\n", "").count(Kind::missing) == 1);
}

TEST_CASE("records that a rule leaves out are to be left out") {
  Profile profile = anonymize::built_in_profile();
  profile.transforms[anonymize::Kind::email] = {.action = anonymize::Action::drop,
                                                .drop_record = true};
  const std::string text = "a 1\nb ann@example.com\nc 3\n";
  CHECK(compared(text, "a 1\nc 3\n", profile).comparison.good());
  CHECK(compared(text, "a 1\nb x\nc 3\n", profile).count(Kind::changed) == 1);
  CHECK(compared(text, "a 1\nc ann@example.com\n", profile).count(Kind::survivor) == 1);
}

TEST_CASE("a transform of the same shape may be any other value of it") {
  Profile profile = anonymize::test::profile_with({.action = anonymize::Action::pseudonym});
  const std::string text = "user=a1 x\n";
  for (const std::string_view other : {"user=b2 x\n", "user=a1 x\n"}) {
    CHECK(compared(text, std::string{other}, profile).count(Kind::changed) == 0);
  }
}

TEST_CASE("a replacement may reach over the end of a line") {
  const Profile profile = anonymize::test::profile_with({.action = anonymize::Action::pseudonym});
  const std::string text = "id,user\n1,\"ann\ndoe\"\n2,\"eve\"\n";
  const CompareOptions options{.job = {.format = Format::csv, .min_share = 0}};
  CHECK(compared(text, "id,user\n1,\"xyz\nabc\"\n2,\"uvw\"\n", profile, options)
            .count(Kind::changed) == 0);
  CHECK(compared(text, "id,user\n1,\"xyz\nabc\"\n3,\"uvw\"\n", profile, options)
            .count(Kind::changed) == 1);
}

TEST_CASE("a record too long to be held is one line as any other") {
  std::string text = "first 1\n";
  for (int i = 0; i < 200'000; ++i) {
    text += "x" + std::to_string(i) +
            (i % 1000 == 0 ? " ann" + std::to_string(i) + "@example.com " : " ");
  }
  text += "\nlast ann17@example.com\n";
  const std::string clean = anonymized(text);
  CHECK(compared(text, clean).comparison.good());
  CHECK(compared(text, replaced(clean, "x150001", "x150002")).count(Kind::changed) == 1);
  CHECK(compared(text, replaced(clean, "last [email]", "last ann5000@example.com"))
            .count(Kind::survivor) == 1);
}

TEST_CASE("more values than may be kept are an error, not a verdict") {
  const CompareOptions options{.most_values = 3};
  CHECK(trackier::test::error_of([&] {
          compared(log, anonymized(log), anonymize::built_in_profile(), options);
        }).code() == Code::unavailable);
}

}  // namespace trackier::compare
