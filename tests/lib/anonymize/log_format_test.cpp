#include "anonymize/log_format.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>

#include "core/error.hpp"
#include "job_on_text.hpp"
#include "support/errors.hpp"

namespace trackier::anonymize {

namespace {

std::string with_format(const std::string& log_format, std::string_view text,
                        Profile profile = built_in_profile()) {
  profile.log_format = log_format;
  const test::Run run = test::run_text(text, profile, {.min_share = 0});
  CHECK(run.format == Format::log_format);
  CHECK(run.tally.unparsed == 0);
  return run.output;
}

std::string refusal(std::string_view log_format) {
  const Error error = trackier::test::error_of([&] { compile_log_format(log_format); });
  CHECK(error.code() == Code::config);
  CHECK_FALSE(error.hint().empty());
  return error.what();
}

std::vector<std::string> names_in(std::string_view log_format) {
  std::vector<std::string> names;
  for (const auto& variable : compile_log_format(log_format).variables) {
    names.push_back(variable.names.front());
  }
  return names;
}

constexpr std::string_view piped_line =
    "198.51.100.17|mara|31/Jan/2026:12:00:00 +0000|GET /a HTTP/1.1|200|x|\n";

}  // namespace

TEST_CASE("nginx: the names of variables are the names of fields") {
  CHECK(names_in("$remote_addr [${time_local}] \"$http_user_agent\" $cookie_uid") ==
        std::vector<std::string>{"remote_addr", "time_local", "http_user_agent", "cookie_uid"});
  CHECK(
      with_format("$remote_addr|$remote_user|$time_local|$request|$status|$http_x|", piped_line) ==
      "198.51.100.0|[name]|31/Jan/2026:12:00:00 +0000|GET /a HTTP/1.1|200|x|\n");
}

TEST_CASE("nginx: the directive is taken apart as nginx does it") {
  const std::string directive =
      "log_format main escape=default\n  '$remote_addr - '\n  \"$remote_user [$time_local] \"\n"
      "  '\"$request\" it\\'s $status';";
  CHECK(names_in(directive) ==
        std::vector<std::string>{"remote_addr", "remote_user", "time_local", "request", "status"});
  CHECK(with_format(directive,
                    "192.0.2.17 - otto [31/Jan/2026:12:00:00 +0000] \"GET /\" it's 200\n") ==
        "192.0.2.0 - [name] [31/Jan/2026:12:00:00 +0000] \"GET /\" it's 200\n");
  CHECK(compile_log_format("escape=none $remote_addr").escape == LogFormat::Escape::none);
  CHECK(compile_log_format("log_format j escape=json '{\"ip\":\"$remote_addr\"}';").json);
}

TEST_CASE("nginx: a format of JSON is json, and its fields are the keys") {
  Profile profile = built_in_profile();
  profile.log_format = R"(log_format j escape=json '{"ip":"$remote_addr",' '"u":"$cookie_u"}';)";
  profile.fields.push_back({.selector = "u", .transform = {.action = Action::redact}});
  const test::Run run = test::run_text("{\"ip\":\"192.0.2.17\",\"u\":\"a\\\"b\"}\n", profile, {});
  CHECK(run.format == Format::json);
  CHECK(run.output == "{\"ip\":\"192.0.2.0\",\"u\":\"[field]\"}\n");
}

TEST_CASE("Apache: directives, modifiers and headers") {
  constexpr std::string_view format =
      R"(LogFormat "%v:%p %h %l %u %t \"%r\" %>s %!200,304O \"%{Referer}i\" )"
      R"(\"%{User-Agent}i\" sid=%{sid}C %{%d/%b %H:%M}t %%" combined)";
  CHECK(names_in(format) == std::vector<std::string>{"server_name", "port", "host", "ident", "user",
                                                     "time", "request", "status", "bytes_sent",
                                                     "referer", "user_agent", "cookie_sid",
                                                     "time"});
  CHECK(with_format(std::string{format},
                    "www:80 host.example.net - mara [31/Jan/2026:12:00:00 +0000] \"GET / H\" 200 1 "
                    "\"-\" \"a \\\" b\" sid=77 31/Jan 12:00 %\n") ==
        "www:80 [ip] - [name] [31/Jan/2026:12:00:00 +0000] \"GET / H\" 200 1 \"-\" "
        "\"a \\\" b\" sid=[cookie] 31/Jan 12:00 %\n");
}

TEST_CASE("a rule of the profile means a field by the server's name or the tool's") {
  for (const char* selector : {"http_user_agent", "user_agent", "HTTP_USER_AGENT", "2"}) {
    CAPTURE(selector);
    const Profile profile = test::profile_with_field(selector, {.label = "agent"});
    CHECK(with_format("$remote_addr \"$http_user_agent\"", "192.0.2.17 \"a \\\" b\"\n", profile) ==
          "192.0.2.0 \"[agent]\"\n");
  }
}

TEST_CASE("lists of addresses between blanks stay one value") {
  CHECK(with_format("$http_x_forwarded_for $status $upstream_addr $host",
                    "198.51.100.17, unknown 200 192.0.2.1:80, 192.0.2.2:80 : 192.0.2.3:80 a\n",
                    test::profile_with_field("upstream_addr", {.action = Action::drop})) ==
        "198.51.100.0, unknown 200  a\n");
}

TEST_CASE("numbers side by side are no phone number, those in one field are") {
  CHECK(with_format("$status $upstream_status $body_bytes_sent", "200 200 3400\n") ==
        "200 200 3400\n");
  CHECK(with_format("$status \"$args\" $bytes_sent", "200 \"(212) 555-0123\" 3400\n") ==
        "200 \"[phone]\" 3400\n");
}

TEST_CASE("an ambiguous or unknown format is refused with the column") {
  CHECK(refusal("$remote_addr$remote_user") ==
        "column 13: nothing stands between remote_addr and remote_user, so that no record could be "
        "divided");
  CHECK(refusal("log_format x '$a' '$b';").starts_with("column 20: "));
  CHECK(refusal("%h%u").starts_with("column 3: "));
  CHECK(refusal("%h %y") == "column 4: Apache has no directive %y");
  CHECK(refusal("%h %{X}").starts_with("column 4: "));
  CHECK(refusal("%h %{X").starts_with("column 4: "));
  CHECK(refusal("${remote_addr").starts_with("column 1: "));
  CHECK(refusal("nothing at all").starts_with("column 1: it names no variable"));
  CHECK(refusal("").starts_with("column 1: "));
  CHECK(refusal("log_format x '$a").starts_with("column 14: "));
  CHECK(refusal("escape=xml $a").starts_with("column 8: "));
}

TEST_CASE("a record that does not have the literals is unparsed and scanned") {
  Profile profile = built_in_profile();
  profile.log_format = "[$remote_addr] $remote_user;";
  const test::Run run =
      test::run_text("[192.0.2.1] a;\n192.0.2.17 b\n[192.0.2.17 c;\n", profile, {.min_share = 0});
  CHECK(run.tally.unparsed == 2);
  CHECK(run.output == "[192.0.2.0] [name];\n192.0.2.0 b\n[192.0.2.0 c;\n");
}

TEST_CASE("a long record of what a literal begins with is divided in linear time") {
  const LogFormat format =
      compile_log_format("\"$request\" \"$http_referer\" \"$http_user_agent\"");
  const auto seconds = [&](std::size_t bytes, std::string_view unit) {
    std::string record = "\"";
    while (record.size() < bytes) {
      record += unit;
    }
    std::vector<ValueRange> values;
    const auto before = std::chrono::steady_clock::now();
    match_log_format(format, record, std::nullopt, values);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  };
  for (const std::string_view unit : {"\" ", "\\\"", "\" \"", "\\"}) {
    CAPTURE(unit);
    CHECK(seconds(1 << 20, unit) < 1.0);
  }
}

TEST_CASE("any bytes: a mutated record is scanned, loses nothing when all is kept") {
  const Profile keep_all = [] {
    Profile profile = test::profile_with({.action = Action::keep});
    profile.log_format = "$remote_addr - $remote_user [$time_local] \"$request\" $status";
    return profile;
  }();
  constexpr std::uint32_t seed = 20260131;
  std::mt19937 random{seed};
  CAPTURE(seed);
  const std::string line =
      "198.51.100.17 - mara [31/Jan/2026:12:00:00 +0000] \"GET /?q=a%40b.example \\\" x\" 200\n";
  for (int round = 0; round < 300; ++round) {
    std::string text = line + line;
    for (int change = 0; change < 4; ++change) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    CAPTURE(text);
    if (text.find('\0') != std::string::npos) {
      continue;
    }
    REQUIRE(test::run_text(text, keep_all, {.min_share = 0}).output == text);
  }
}

}  // namespace trackier::anonymize
