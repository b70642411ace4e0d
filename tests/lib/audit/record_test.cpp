#include "audit/record.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <string>

#include "core/error.hpp"
#include "examples.hpp"
#include "support/errors.hpp"

namespace trackier::audit {
namespace {

using nlohmann::json;
using test::error_of;

const std::string example_line =
    R"({"actor":{"claims":{"sudo_user":"hmac:00112233445566778899aabbccddeeff"},"loginuid":1000,)"
    R"("ssh_key":"SHA256:jZ/+abc0","uid":0},"args":{"epoch":7,"key":"backup.2026"},)"
    R"("boot_us":98765432109,"host":"db1.example","oid":"0102030405060708090a0b0c0d0e0f10",)"
    R"("op":"keys.rotate","open":[{"boot":"b1","oid":"ffffffffffffffffffffffffffffffff",)"
    R"("op":"backup","pid":7,"space":4026531836,"start":41}],"phase":"outcome",)"
    R"("prev":"abababababababababababababababababababababababababababababababab",)"
    R"("process":{"boot":"b1","pid":42,"space":4026531836,"start":77},)"
    R"("result":{"code":"io","exit":74},"seq":12,"tenant":"","ts":"2026-11-27T10:44:15.007Z",)"
    R"("v":1})";

bool is_record(const std::string& line) {
  Record record;
  return parse_record(line, record);
}

TEST_CASE("a record is written and read in one form") {
  Record record;
  REQUIRE(parse_record(example_line, record));
  CHECK(to_text(record) == example_line);
  CHECK(record.seq == 12);
  CHECK(record.phase == Phase::outcome);
  CHECK(record.actor.login == 1000);
  CHECK(record.args == Values{{"epoch", std::uint64_t{7}}, {"key", std::string{"backup.2026"}}});
  CHECK(record.result == Result{.exit = 74, .code = "io"});
  CHECK(record.open.size() == 1);
  CHECK(to_text(record.at) == "2026-11-27T10:44:15.007Z");
  Record used = example_record();
  REQUIRE(parse_record(example_line, used));  // whatever was in it before
  CHECK(used == record);
}

TEST_CASE("the form is that of RFC 8785") {
  CHECK(json::parse(example_line).dump() == example_line);
  const std::string line = to_text(example_record());
  CHECK(json::parse(line).dump() == line);
}

TEST_CASE("a line that was changed anywhere is another record or none") {
  Record original;
  REQUIRE(parse_record(example_line, original));
  for (std::size_t i = 0; i < example_line.size(); ++i) {
    for (const char c : {'"', '\\', '0', 'a', ' ', '\n', '\0', '\x7f', '}', ','}) {
      std::string changed = example_line;
      changed[i] = c;
      Record record;
      if (changed != example_line && parse_record(changed, record)) {
        CHECK_MESSAGE(to_text(record) == changed, changed);
        CHECK_MESSAGE(record != original, changed);
      }
    }
    std::string shorter = example_line;
    shorter.erase(i, 1);
    Record record;
    if (parse_record(shorter, record)) {
      CHECK(to_text(record) == shorter);
    }
    CHECK_FALSE(is_record(example_line.substr(0, i)));
  }
}

TEST_CASE("what RFC 8785 would write otherwise is no record") {
  const auto with = [](std::string_view from, const std::string& to) {
    std::string line = example_line;
    return line.replace(line.find(from), from.size(), to);
  };
  CHECK_FALSE(is_record(with("\"v\":1", "\"v\": 1")));
  CHECK_FALSE(is_record(with("\"v\":1", "\"v\":2")));
  CHECK_FALSE(is_record(with("\"v\":1", "\"v\":1.0")));
  CHECK_FALSE(is_record(with("\"seq\":12", "\"seq\":012")));
  CHECK_FALSE(is_record(with("\"seq\":12", "\"seq\":-12")));
  CHECK_FALSE(is_record(with("\"seq\":12", "\"seq\":9007199254740992")));
  CHECK(is_record(with("\"seq\":12", "\"seq\":9007199254740991")));
  CHECK_FALSE(is_record(with("\"seq\":12", "\"seq\":18446744073709551628")));
  CHECK_FALSE(is_record(
      with("\"epoch\":7,\"key\":\"backup.2026\"", "\"key\":\"backup.2026\",\"epoch\":7")));
  CHECK_FALSE(is_record(with("\"epoch\":7", "\"epoch\":7,\"epoch\":7")));
  CHECK_FALSE(is_record(with("backup.2026", "backup\\u002e2026")));
  CHECK_FALSE(is_record(with("backup.2026", "")));
  CHECK_FALSE(is_record(with("backup.2026", "alice@example.com")));
  CHECK_FALSE(is_record(with("backup.2026", std::string(129, 'x'))));
  CHECK(is_record(with("backup.2026", std::string(128, 'x'))));
  CHECK_FALSE(is_record(with("\"outcome\"", "\"intent\"")));  // has a result
  CHECK_FALSE(is_record(with("2026-11-27", "2026-02-29")));
  CHECK_FALSE(is_record(with("10:44:15", "10:44:60")));
  CHECK_FALSE(is_record(with("ffffffffffffffff", "FFFFFFFFFFFFFFFF")));
  CHECK_FALSE(is_record(example_line + "\n"));
}

TEST_CASE("any record is read as it was written") {
  rc::check("parse_record(to_text(x)) == x", [] {
    const Record record = *any_record();
    const std::string line = to_text(record);
    RC_ASSERT(json::parse(line).dump() == line);
    Record back;
    RC_ASSERT(parse_record(line, back));
    RC_ASSERT(back == record);
  });
}

TEST_CASE("what a record cannot have is our mistake") {
  const auto refused = [](auto change) {
    Record record = example_record();
    change(record);
    return error_of([&] { to_text(record); }).code() == Code::bug;
  };
  CHECK(refused([](Record& record) { record.args = {{"file", std::string{"/var/log/alice"}}}; }));
  CHECK(refused([](Record& record) { record.args = {{"text", std::string{"two words"}}}; }));
  CHECK(refused([](Record& record) { record.args = {{"text", std::string{"a\nb"}}}; }));
  CHECK(refused([](Record& record) { record.args = {{"text", std::string{}}}; }));
  CHECK(refused([](Record& record) {
    record.args = {{"b", std::uint64_t{1}}, {"a", std::uint64_t{1}}};
  }));
  CHECK(refused([](Record& record) { record.args = {{"n", most_number + 1}}; }));
  CHECK(refused([](Record& record) { record.operation = "Keys Rotate"; }));
  CHECK(refused([](Record& record) { record.host = "a\x1b[31m"; }));
  CHECK(refused([](Record& record) { record.result.emplace(); }));
  CHECK(refused([](Record& record) { record.at = Milliseconds{std::chrono::milliseconds{-1}}; }));
  CHECK(refused([](Record& record) {
    record.args.clear();
    record.open.assign(most_open + 1, OpenOperation{.operation = "backup"});
  }));
}

TEST_CASE("the longest record fits in a line") {
  Record record = example_record();
  const Process process{
      .boot = std::string(36, 'b'), .space = most_number, .pid = most_number, .start = most_number};
  record.open.assign(most_open,
                     OpenOperation{.operation = std::string(30, 'o'), .process = process});
  CHECK(to_text(record).size() < most_line_bytes);
}

TEST_CASE("a text of the machine becomes a word") {
  CHECK(escaped("db1.example") == "db1.example");
  CHECK(escaped("a b\n\x1b[0m%") == "a%20b%0A%1B%5B0m%25");
  CHECK(escaped("") == "%");
  CHECK(escaped(std::string(500, 'x')) == std::string(127, 'x') + "%");
  CHECK(is_word(escaped(std::string(500, '\n'))));
}

TEST_CASE("what is open after a record is what it says, and what it begins") {
  Record record = example_record();
  record.phase = Phase::intent;
  record.open = {OpenOperation{.operation = "backup"}};
  REQUIRE(open_after(record).size() == 2);
  CHECK(open_after(record)[1].id == record.id);
  record.phase = Phase::recover;
  CHECK(open_after(record) == record.open);
}

}  // namespace
}  // namespace trackier::audit
