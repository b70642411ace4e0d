#include "anonymize/record_observer.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "anonymize/job.hpp"
#include "support/shared_data.hpp"
#include "support/streams.hpp"

namespace trackier::anonymize {
namespace {

/// Makes each record from what it was and the edits, and compares it with what it is said to be.
class EditsApplied final : public RecordObserver {
 public:
  void begin(std::string_view /*directives*/) override {}

  void record(std::string_view before, std::string_view after,
              std::span<const Edit> edits) override {
    std::string made;
    std::size_t copied = 0;
    bool in_order = true;
    for (const Edit& edit : edits) {
      in_order = in_order && edit.begin >= copied && edit.begin <= edit.end &&
                 edit.end <= before.size() && edit.new_begin <= edit.new_end &&
                 edit.new_end <= after.size();
      if (!in_order) {
        break;
      }
      made += before.substr(copied, edit.begin - copied);
      in_order = made.size() == edit.new_begin;
      made += after.substr(edit.new_begin, edit.new_end - edit.new_begin);
      copied = edit.end;
    }
    made += in_order ? before.substr(copied) : "";
    edits_ += edits.size();
    if (!in_order || made != after) {
      wrong_ += std::string{before} + "\n";
    }
  }

  [[nodiscard]] std::size_t edits() const { return edits_; }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  std::size_t edits_ = 0;
  std::string wrong_;
};

/// What was replaced.
std::size_t observe(const std::string& text, std::optional<Format> format, Profile profile) {
  const std::string key(32, 'k');
  const Pseudonymizer pseudonymizer{as_bytes(key), ""};
  trackier::test::MemorySource source{text};
  trackier::test::MemorySink sink;
  EditsApplied observer;
  JobOptions options{.format = format, .min_share = 0};
  options.observer = [&observer](Format, const Columns&) { return &observer; };
  profile.person_names = true;
  run_job(source, sink, profile, pseudonymizer, options, {}, {});
  CHECK(observer.wrong().empty());
  return observer.edits();
}

TEST_CASE("the edits of a record make what is written of it") {
  Profile profile = built_in_profile();
  profile.fields = {{.selector = "dropped", .transform = {.action = Action::drop}}};
  const std::vector<std::pair<Format, std::string>> logs = {
      {Format::json,
       "{\"email\":\"ann@example.org\",\"dropped\":17,\"m\":\"from 192.0.2.17 to "
       "2001:db8::17\",\"pin\":1234,\"card\":4111111111111111}\r\n"
       "{\"m\":\"{\\\"email\\\":\\\"b\\u0040example.org\\\",\\\"dropped\\\":1}\"}\n"},
      {Format::combined,
       "192.0.2.17 - ann [17/May/2015:10:05:03 +0000] \"GET /?email=ann%40example.org HTTP/1.1\" "
       "200 1 \"-\" \"curl/7 (+ann@example.org)\"\n"
       "host.example.org - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"},
      {Format::csv,
       "email,dropped,text\nann@example.org,5,\"a \"\"b\"\" of 192.0.2.17\"\n"
       "x,192.0.2.17,ann@example.org\n"},
      {Format::logfmt, "email=\"ann@example.org\" dropped=1 ip=192.0.2.17 to=10.0.0.0\n"}};
  for (const auto& log : logs) {
    const Format format = log.first;
    const std::string& text = log.second;
    CAPTURE(text);
    CHECK(observe(text, format, profile) >= 3);
  }
}

TEST_CASE("the same of real logs") {
  const auto folder = trackier::test::shared_data("logs");
  if (!folder) {
    return;
  }
  std::size_t edits = 0;
  for (const char* part : {"access", "syslog", "json", "csv"}) {
    for (const auto& entry : std::filesystem::directory_iterator{*folder / part}) {
      std::ostringstream content;
      content << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
      CAPTURE(entry.path());
      edits += observe(content.str(), {}, built_in_profile());
    }
  }
  CHECK(edits > 6'000);
}

}  // namespace
}  // namespace trackier::anonymize
