#include "report/verify.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "example.hpp"
#include "support/errors.hpp"

namespace trackier::report {
namespace {

using test::example_log;
using test::example_report;
using test::item_of;

std::string file_of(Format format) {
  return written(seal(example_report(example_log()), test::log_key()), format);
}

constexpr std::array<Format, 3> formats{Format::html, Format::json, Format::oscal};

/// Empty: it was taken.
std::string refusal(const std::string& file) {
  try {
    static_cast<void>(verify(file, test::log_policy()));
  } catch (const Error& error) {
    CHECK(error.code() == Code::data);
    return error.what();
  }
  return {};
}

TEST_CASE("a report is the same each time, and holds in each of its forms") {
  for (const Format format : formats) {
    CAPTURE(to_text(format));
    const std::string file = file_of(format);
    CHECK(file == file_of(format));
    const Verified found = verify(file, test::log_policy());
    CHECK(found.format == format);
    CHECK(found.log_records == 6);
    CHECK(found.report.records.size() == 6);
    CHECK(body_text(found.report) == body_text(example_report(example_log())));
  }
}

TEST_CASE("what a name has in it is text, not HTML, and nothing is fetched or run") {
  const std::string file = file_of(Format::html);
  CHECK(file.find("<script") == std::string::npos);
  CHECK(file.find("shop &lt;script&gt;") != std::string::npos);
  CHECK(file.find("http://") == std::string::npos);
  CHECK(file.find("https://") == std::string::npos);
  CHECK(file.find("no run was recorded &amp; &quot;more&quot;") != std::string::npos);
}

/// A byte in so many, a digit in so many: to the next digit where it is one, else to another
/// letter. Every third digit takes minutes with sanitizers; these few are spread over all of the
/// file.
void refuses_edits(Format format, std::size_t step, std::size_t digit_step) {
  const std::string file = file_of(format);
  std::size_t digits = 0;
  for (std::size_t i = 0; i < file.size(); ++i) {
    const bool is_digit = file[i] >= '0' && file[i] <= '9';
    digits += is_digit ? 1U : 0U;
    if (is_digit ? digits % digit_step != 0 : i % step != 0) {
      continue;
    }
    std::string edited = file;
    edited[i] =
        is_digit ? static_cast<char>('0' + (file[i] - '0' + 1) % 10) : (file[i] == 'x' ? 'y' : 'x');
    if (refusal(edited).empty()) {
      FAIL_CHECK("byte " << i << " of " << to_text(format)
                         << " was changed and not seen: " << file.substr(i < 40 ? 0 : i - 40, 80));
    }
  }
  CHECK(!refusal(file + "\n").empty());
  CHECK(!refusal(file.substr(0, file.size() - 1)).empty());
  CHECK(!refusal("").empty());
}

TEST_CASE("no byte of JSON can be changed") {
  refuses_edits(Format::json, 307, 41);
}

TEST_CASE("no byte of HTML can be changed") {
  refuses_edits(Format::html, 1607, 307);
}

TEST_CASE("no byte of OSCAL can be changed") {
  refuses_edits(Format::oscal, 3001, 1009);
}

TEST_CASE("another key, another log and another format are refused") {
  audit::Policy other = test::log_policy();
  other.log.front().key[0] ^= std::byte{1};
  CHECK(test::error_of([&] { static_cast<void>(verify(file_of(Format::json), other)); }).code() ==
        Code::data);
  CHECK(refusal("{}\n").find("no report of format") != std::string::npos);
  CHECK(!refusal("<!DOCTYPE html>\n<p>nothing</p>").empty());
  CHECK(!refusal(R"({"assessment-results":{"back-matter":{"resources":[7]}}})").empty());
  CHECK(!refusal(R"({"assessment-results":{"back-matter":{"resources":{"a":1}}}})").empty());
}

/// Who has the key can sign anything; what does not hold together is refused all the same.
std::string refusal_of_insider(const std::function<void(Report&)>& forge) {
  const auto log = example_log();
  Report forged = example_report(log);
  forge(forged);
  for (Item& each : forged.items) {
    judge(each, forged);
  }
  return refusal(json_document(seal(std::move(forged), test::log_key())));
}

TEST_CASE("lines that are not what their records say are refused, whoever signs") {
  CHECK(refusal_of_insider([](Report&) {}).empty());
  using Forge = std::function<void(Report&)>;
  const std::vector<std::pair<const char*, Forge>> forgeries{
      {"a missing slot is taken",
       [](Report& it) { item_of(it, "backup.slots").lines[2].state = "taken"; }},
      {"a late one is on time",
       [](Report& it) { item_of(it, "backup.slots").lines[1].state = "taken"; }},
      {"a late one was taken earlier",
       [](Report& it) {
         item_of(it, "backup.slots").lines[1].state = "taken";
         item_of(it, "backup.slots").lines[1].at = test::at("2026-11-01T00:59:59Z");
       }},
      {"one backup is in two slots",
       [](Report& it) {
         auto& lines = item_of(it, "backup.slots").lines;
         const std::string slot = lines[2].subject;
         lines[2] = lines[1];
         lines[2].subject = slot;
       }},
      {"a slot is left out",
       [](Report& it) {
         item_of(it, "backup.slots").lines.erase(item_of(it, "backup.slots").lines.begin() + 1);
       }},
      {"the last slot is left out",
       [](Report& it) { item_of(it, "backup.slots").lines.pop_back(); }},
      {"the source began later",
       [](Report& it) { item_of(it, "backup.slots").since = it.to - std::chrono::hours{2}; }},
      {"another digest",
       [](Report& it) { item_of(it, "backup.slots").lines[0].digest = test::second_digest; }},
      {"a check that failed",
       [](Report& it) { item_of(it, "check.memory.swap").lines[0].state = "pass"; }},
      {"a check of another moment",
       [](Report& it) { *item_of(it, "check.memory.swap").lines[1].at += std::chrono::hours{1}; }},
      {"a check twice",
       [](Report& it) {
         auto& lines = item_of(it, "check.memory.swap").lines;
         lines.insert(lines.end(), lines.back());
       }},
      {"a check of another id",
       [](Report& it) {
         item_of(it, "check.ssh.root").lines = item_of(it, "check.memory.swap").lines;
       }},
      {"a younger key", [](Report& it) { item_of(it, "key.age").lines[0].state = "in use"; }},
      {"a run that was something else",
       [](Report& it) { item_of(it, "anon.runs").lines[0].record = 0; }},
      {"a restore without its proof",
       [](Report& it) { item_of(it, "restore.drill").lines[0].digest = test::first_digest; }},
      {"a longer log", [](Report& it) { item_of(it, "audit.intact").lines[0] = intact_line(7); }},
      {"a record that is not there", [](Report& it) { it.records.pop_back(); }},
      {"a record that nobody names", [](Report& it) { item_of(it, "anon.runs").lines.clear(); }},
      {"a record with another proof", [](Report& it) { it.records[1].path = it.records[0].path; }},
      {"a record with another text", [](Report& it) { it.records[1].text[20] = '1'; }},
      {"an item less", [](Report& it) { it.items.pop_back(); }},
      {"an item twice", [](Report& it) { it.items.push_back(it.items.back()); }},
      {"manual in place of a check",
       [](Report& it) { item_of(it, "check.ssh.root").kind = Kind::manual; }},
      {"another period", [](Report& it) { it.to += std::chrono::hours{1}; }},
  };
  for (const auto& each : forgeries) {
    CAPTURE(each.first);
    CHECK(!refusal_of_insider(each.second).empty());
  }
}

TEST_CASE("a status is what the lines add up to") {
  const auto log = example_log();
  Report forged = example_report(log);
  item_of(forged, "backup.slots").status = Status::pass;
  const std::string why = refusal(json_document(seal(std::move(forged), test::log_key())));
  CHECK(why.find("backup.slots of shop <script>: its lines add up to fail") != std::string::npos);
}

}  // namespace
}  // namespace trackier::report
