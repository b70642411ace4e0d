#include "audit/log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "core/error.hpp"
#include "log_support.hpp"
#include "support/errors.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

using test::contains;
using test::content_of;
using test::error_of;

struct Fixture {
  test::TemporaryDirectory temporary;
  std::filesystem::path directory = temporary / "audit";
  std::filesystem::path segment = directory / "00000001.jsonl";
  Machine machine;

  Log log() { return log_in(os::posix(), directory, machine); }
  [[nodiscard]] std::vector<Record> records() const {
    std::vector<Record> all;
    for (const std::string& line : lines_of(segment)) {
      all.push_back(record_in(line));
    }
    return all;
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "an operation is an intent and an outcome, each tied to the one before") {
  Log audit = log();
  {
    Operation operation{audit, "keys.rotate", {{"epoch", std::uint64_t{2}}}, "hmac:00"};
    REQUIRE(records().size() == 1);  // durable before anything is done
    operation.succeeded({{"keys", std::uint64_t{3}}});
  }
  const auto all = records();
  REQUIRE(all.size() == 2);
  CHECK(all[0].phase == Phase::intent);
  CHECK(all[0].seq == 0);
  CHECK(all[0].tenant == "hmac:00");
  CHECK(all[1].phase == Phase::outcome);
  CHECK(all[1].id == all[0].id);
  CHECK(all[1].result == Result{.exit = 0, .code = "ok"});
  CHECK(all[1].previous == leaf_hash(as_bytes(lines_of(segment)[0])));
  CHECK(audit.open_operations().empty());
  const auto mode = [](const auto& path) { return os::posix().status(path)->mode; };
  CHECK(mode(directory) == 0700);
  CHECK(mode(segment) == 0600);
}

TEST_CASE_FIXTURE(Fixture, "a failure is recorded by its code, and one that says nothing too") {
  Log audit = log();
  {
    Operation operation{audit, "backup", {}};
    operation.failed(Code::unavailable);
  }
  { const Operation operation{audit, "backup", {}}; }
  const auto all = records();
  REQUIRE(all.size() == 4);
  CHECK(all[1].result == Result{.exit = 69, .code = "unavailable"});
  CHECK(all[3].result == Result{.exit = 70, .code = "unfinished"});
}

TEST_CASE_FIXTURE(Fixture, "an intent whose process is gone is recovered by the next run") {
  log().begin("restore", {});
  machine.pid = 101;
  const OperationId waiting = log().begin("backup", {});
  CHECK(log().open_operations().size() == 2);
  machine.gone = {100};
  machine.pid = 102;
  record(*std::make_unique<Log>(log()), 1);
  const auto all = records();
  REQUIRE(all.size() == 5);
  CHECK(all[2].phase == Phase::recover);
  CHECK(all[2].operation == "restore");
  CHECK(all[2].id == all[0].id);
  CHECK(all[2].process.pid == 102);  // who recorded it
  const auto open = log().open_operations();
  REQUIRE(open.size() == 1);
  CHECK(open[0].id == waiting);
  CHECK(verified(os::posix(), directory).open == open);
  CHECK(log().give_up(waiting));
  CHECK_FALSE(log().give_up(waiting));
  CHECK(verified(os::posix(), directory).open.empty());
}

TEST_CASE_FIXTURE(Fixture, "too much that does not end stops what begins") {
  Log audit = log();
  for (std::size_t i = 0; i < most_open; ++i) {
    audit.begin("backup", {});
  }
  CHECK(error_of([&] { audit.begin("backup", {}); }).code() == Code::busy);
  machine.gone = {100};
  CHECK_NOTHROW(audit.begin("backup", {}));
  CHECK(audit.open_operations().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a record that was cut short is kept and told") {
  Log audit = log();
  record(audit, 2);
  const std::string whole = content_of(segment);
  const std::string last = lines_of(segment).back() + "\n";
  const std::string before = whole.substr(0, whole.size() - last.size());
  std::string hole = last;
  hole.replace(0, hole.size() / 2, hole.size() / 2, '\0');
  for (const std::string& rest :
       {last.substr(0, 1), last.substr(0, last.size() / 2), last.substr(0, last.size() - 1), hole,
        std::string(300, '\0'), std::string("\n")}) {
    CAPTURE(rest);
    std::filesystem::remove(directory / "torn-3");
    temporary.write("audit/00000001.jsonl", before + rest);
    CHECK(verified(os::posix(), directory).verdict == Verdict::torn);
    CHECK(verified(os::posix(), directory).torn_bytes == rest.size());
    record(*std::make_unique<Log>(log()), 1);
    CHECK(content_of(directory / "torn-3") == rest);
    const auto all = records();
    REQUIRE(all.size() == 6);
    CHECK(all[3].phase == Phase::recover);
    CHECK(all[3].operation == "audit.torn");
    CHECK(all[3].args[0] == std::pair{std::string{"bytes"}, Value{rest.size()}});
    CHECK(all[3].args[1] == std::pair{std::string{"file"}, Value{std::string{"torn-3"}}});
    CHECK(verified(os::posix(), directory).verdict == Verdict::intact_unanchored);
  }
}

TEST_CASE_FIXTURE(Fixture, "mending that was cut short is mended again") {
  Log audit = log();
  record(audit, 1);
  const std::string before = content_of(segment);
  for (const std::size_t size : {40U, 700U, 2000U}) {  // shorter and longer than the new record
    const std::string garbage(size, '\0');
    temporary.write("audit/00000001.jsonl", before + garbage);
    record(*std::make_unique<Log>(log()), 1);
    const std::string mended = lines_of(segment)[2] + "\n";
    REQUIRE(record_in(lines_of(segment)[2]).operation == "audit.torn");
    for (std::size_t written = 0; written <= mended.size(); written += 25) {
      CAPTURE(size);
      CAPTURE(written);
      const std::string rest = written < size ? garbage.substr(written) : std::string{};
      temporary.write("audit/00000001.jsonl", before + mended.substr(0, written) + rest);
      CHECK(verified(os::posix(), directory).verdict == Verdict::torn);
      if (written % 100 == 0) {
        record(*std::make_unique<Log>(log()), 1);
        CHECK(verified(os::posix(), directory).verdict == Verdict::intact_unanchored);
        CHECK(records()[2].operation == "audit.torn");
      }
    }
    temporary.write("audit/00000001.jsonl",
                    before + mended + garbage.substr(std::min(size, mended.size())));
    record(*std::make_unique<Log>(log()), 1);
    CHECK(verified(os::posix(), directory).verdict == Verdict::intact_unanchored);
  }
}

TEST_CASE_FIXTURE(Fixture, "a first record that was cut short is mended too") {
  record(*std::make_unique<Log>(log()), 1);
  temporary.write("audit/00000001.jsonl", lines_of(segment)[0].substr(0, 50));
  record(*std::make_unique<Log>(log()), 1);
  CHECK(records().size() == 3);
  CHECK(records()[0].operation == "audit.torn");
  CHECK(verified(os::posix(), directory).verdict == Verdict::intact_unanchored);
}

TEST_CASE_FIXTURE(Fixture, "what cannot be the end of a log is not built upon") {
  record(*std::make_unique<Log>(log()), 3);
  const std::string whole = content_of(segment);
  const auto refused = [&](const std::string& text) {
    temporary.write("audit/00000001.jsonl", text);
    const Error error = error_of([&] { log().begin("backup", {}); });
    CHECK(content_of(segment) == text);
    return error.code() == Code::data && contains(error.hint(), "audit verify");
  };
  CHECK(refused(whole + std::string(most_line_bytes + 1, 'x')));
  CHECK(refused(whole + "one\ntwo\n"));
  auto lines = lines_of(segment);
  temporary.write("audit/00000001.jsonl", whole);
  lines = lines_of(segment);
  lines.erase(lines.end() - 2);
  std::string without;
  for (const std::string& line : lines) {
    without += line + "\n";
  }
  CHECK(refused(without));
}

TEST_CASE_FIXTURE(Fixture, "segments are rotated, and the chain goes on") {
  Log audit = log_in(os::posix(), directory, machine, 2000);
  record(audit, 10);
  const auto segments = segments_in(os::posix(), directory);
  CHECK(segments.size() > 4);
  for (const Segment each : segments) {
    CHECK(std::filesystem::file_size(directory / segment_name(each)) <= 2000);
  }
  CHECK(verified(os::posix(), directory).records == 20);
  SUBCASE("a segment that was only made is used") {
    temporary.write("audit/" + segment_name(segments.back() + 1), "");
    CHECK(verified(os::posix(), directory).verdict == Verdict::intact_unanchored);
    record(audit, 1);
    CHECK(verified(os::posix(), directory).records == 22);
  }
  SUBCASE("the first record of a segment that was cut short is mended") {
    const auto next = segment_name(segments.back() + 1);
    temporary.write("audit/" + next, "{\"actor\":");
    CHECK(verified(os::posix(), directory).verdict == Verdict::torn);
    record(audit, 1);
    CHECK(content_of(directory / "torn-20") == "{\"actor\":");
    CHECK(verified(os::posix(), directory).records == 23);
  }
}

TEST_CASE_FIXTURE(Fixture, "a log that somebody holds is waited for, and not for ever") {
  Log audit{os::posix(),
            {.directory = directory, .patience = std::chrono::milliseconds{50}},
            machine.writer()};
  audit.begin("backup", {});
  const auto held = hold_log(os::posix(), directory, std::chrono::milliseconds{0}, {});
  CHECK(error_of([&] { audit.begin("backup", {}); }).code() == Code::busy);
  CHECK(records().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a directory that others may write into holds no log") {
  std::filesystem::create_directory(directory);
  std::filesystem::permissions(directory, std::filesystem::perms{0770});
  CHECK(error_of([&] { log(); }).code() == Code::no_permission);
  std::filesystem::permissions(directory, std::filesystem::perms{0700});
  CHECK_NOTHROW(log());
  std::filesystem::create_directory_symlink(directory, temporary / "link");
  CHECK(error_of([&] { log_in(os::posix(), temporary / "link", machine); }).code() ==
        Code::no_permission);
}

TEST_CASE_FIXTURE(Fixture, "a segment that is a link is not followed") {
  Log audit = log();
  const auto elsewhere = temporary.write("elsewhere", "");
  std::filesystem::create_symlink(elsewhere, segment);
  CHECK(error_of([&] { audit.begin("backup", {}); }).code() == Code::io);
  CHECK(content_of(elsewhere).empty());
}

TEST_CASE_FIXTURE(Fixture, "an append reads the end of the log alone") {
  Log audit = log();
  record(audit, 200);
  auto lines = lines_of(segment);
  lines[5] = "damaged long ago";
  write_lines(segment, lines);
  CHECK_NOTHROW(record(audit, 1));
  CHECK(verified(os::posix(), directory).verdict == Verdict::tampered);
}

}  // namespace
}  // namespace trackier::audit
