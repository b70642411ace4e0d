// What holds for every log, held against real ones.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "job_on_text.hpp"
#include "support/errors.hpp"
#include "support/shared_data.hpp"

namespace trackier::anonymize {

namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream{path, std::ios::binary}.rdbuf();
  return content.str();
}

/// The text logs of the folder, with their names.
std::vector<std::pair<std::string, std::string>> real_logs(const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::string>> logs;
  for (const char* part : {"access", "syslog", "json", "csv", "mixed", "edge", "labelled"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder / part}) {
      if (entry.is_regular_file() && entry.path().string().find("labels") == std::string::npos) {
        logs.emplace_back(entry.path().string(), content_of(entry.path()));
      }
    }
  }
  return logs;
}

}  // namespace

TEST_CASE("of every real log a second run changes nothing, and a check finds nothing") {
  const auto folder = trackier::test::shared_data("logs");
  if (!folder) {
    return;
  }
  const auto logs = real_logs(*folder);
  REQUIRE(logs.size() > 100);
  for (const auto& [file, content] : logs) {
    const std::string name = file;
    CAPTURE(name);
    const test::Run once = test::run_text(content, built_in_profile(), {});
    const JobOptions same{.format = once.format, .min_share = 0};
    const test::Run twice = test::run_text(once.output, built_in_profile(), same);
    CHECK((twice.output == once.output));
    JobOptions check = same;
    check.check = true;
    CHECK(test::run_text(once.output, built_in_profile(), check).findings.empty());
    CHECK(std::ranges::count(once.output, '\n') == std::ranges::count(content, '\n'));
    JobOptions parallel = same;
    parallel.workers = 3;
    test::RaggedSource ragged{content, 1, 20'000};
    CHECK((test::run_source(ragged, built_in_profile(), parallel).output == once.output));
  }
}

TEST_CASE("every line of real JSON that parses does so afterwards, with the same names") {
  const auto folder = trackier::test::shared_data("logs");
  if (!folder) {
    return;
  }
  int lines_seen = 0;
  for (const auto& [file, content] : real_logs(*folder)) {
    const std::string name = file;
    const test::Run run = test::run_text(content, built_in_profile(), {});
    if (run.format != Format::json) {
      continue;
    }
    CAPTURE(name);
    std::istringstream before{content};
    std::istringstream after{run.output};
    for (std::string one, other; std::getline(before, one) && std::getline(after, other);) {
      const auto parsed = nlohmann::json::parse(one, nullptr, false);
      if (!parsed.is_discarded()) {
        const auto parsed_after = nlohmann::json::parse(other, nullptr, false);
        CAPTURE(one);
        CAPTURE(other);
        REQUIRE_FALSE(parsed_after.is_discarded());
        REQUIRE(parsed_after.size() == parsed.size());
        ++lines_seen;
      }
    }
  }
  CHECK(lines_seen > 500);
}

TEST_CASE("files that are odd come out as odd as they were") {
  const auto folder = trackier::test::shared_data("logs/raw");
  if (!folder) {
    return;
  }
  for (const std::string name :
       {"bom.log", "crlf.log", "empty.log", "invalid_utf8.log", "long_line.log", "long_token.log",
        "mixed_eol.log", "no_final_newline.log", "nul_bytes.log", "only_newlines.log",
        "csv_embedded_newline.csv", "dots_bomb.log", "not_gzip.gz"}) {
    CAPTURE(name);
    const std::string content = content_of(*folder / name);
    const std::string out = test::run_text(content, built_in_profile(), {}).output;
    CHECK(std::ranges::count(out, '\n') == std::ranges::count(content, '\n'));
    CHECK(std::ranges::count(out, '\r') == std::ranges::count(content, '\r'));
    CHECK(std::ranges::count(out, '\0') == std::ranges::count(content, '\0'));
    CHECK(out.ends_with('\n') == content.ends_with('\n'));
    CHECK(out.starts_with("\xEF\xBB\xBF") == content.starts_with("\xEF\xBB\xBF"));
    CHECK((test::run_text(out, built_in_profile(), {}).output == out));
  }
  for (const std::string name : {"utf16le.log", "truncated.log.gz", "corrupt_crc.log.gz"}) {
    CAPTURE(name);
    const Error error = trackier::test::error_of(
        [&] { test::run_text(content_of(*folder / name), built_in_profile(), {}); });
    CHECK(error.code() == Code::data);
  }
  for (const std::string name :
       {"concat_members.log.gz", "one.log.zst", "two_frames.log.zst", "trailing_garbage.log.gz"}) {
    CAPTURE(name);
    const std::string out =
        test::run_text(content_of(*folder / name), built_in_profile(), {}).output;
    CHECK(std::ranges::count(out, '\n') > 0);
  }
}

}  // namespace trackier::anonymize
