#include "scope/access_line.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace trackier::scope {
namespace {

const std::vector<std::string> fields{"remote_addr", "remote_user", "time",  "method",
                                      "path",        "status",      "bytes", "referer",
                                      "user_agent",  "tenant_id"};

/// The values, joined; a number in <>.
std::string read(const std::string& line) {
  const AccessLineReader reader{fields};
  Record record{fields.size()};
  if (!reader.read(line, record)) {
    return "none";
  }
  std::string all;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Value& value = record[i];
    const std::string text{value.text};
    all += value.kind == Value::Kind::number ? "<" + text + ">" : text;
    all += i + 1 < fields.size() ? "|" : "";
  }
  return all;
}

TEST_CASE("common and combined access logs") {
  CHECK(read(R"(192.0.2.7 - - [27/Nov/2026:22:47:31 +0530] "GET /a?b=c HTTP/1.1" 200 512)") ==
        "192.0.2.7||27/Nov/2026:22:47:31 +0530|GET|/a?b=c|<200>|<512>|||");
  CHECK(
      read(
          R"(::1 x anna [27/Nov/2026:22:47:31 +0530] "POST / HTTP/2.0" 304 - "https://e.org/" "Mozilla \"5\"")") ==
      R"(::1|anna|27/Nov/2026:22:47:31 +0530|POST|/|<304>||https://e.org/|Mozilla \"5\"|)");
  CHECK(read(R"(h - a b [t] "GET /x y HTTP/1.0" 200 0 "-" "-" "192.0.2.9" 0.004)") ==
        "h|a b|t|GET|/x y|<200>|<0>|||");
  CHECK(read(R"(h - - [t] "GET /old" 200 0)") == "h||t|GET|/old|<200>|<0>|||");
  CHECK(read(R"(h - - [t] "-" 408 0 "-" "-")") == "h||t|||<408>|<0>|||");
  CHECK(read(R"(h - - [t] "\x16\x03\x01" 400 150)") == "h||t|||<400>|<150>|||");
  CHECK(read(R"(h - - [t] "" 400 150)") == "h||t|||<400>|<150>|||");
}

TEST_CASE("other lines are none") {
  const std::string good = R"(h - u [t] "GET / HTTP/1.1" 200 512 "r" "a")";
  REQUIRE(read(good) != "none");
  const std::size_t common = good.find(" \"r\"");
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    const bool whole = size >= common - 2 && size <= common + 1;  // "200 5" and "200 512 " too
    CHECK((read(good.substr(0, size)) == "none") == !whole);
  }
  for (const char* line :
       {"garbage", "Nov 27 22:47:31 host sshd[7]: Accepted", R"(h - - [t] "GET /" abc 5)",
        R"(h - - [t] "GET /" 200 5x)", R"(h - - [t] GET 200 5)", R"( h - - [t] "GET /" 200 5)",
        R"(h - - [t] "GET /\" 200 5)", R"(h - - [t] "GET /\)"}) {
    CAPTURE(line);
    CHECK(read(line) == "none");
  }
}

}  // namespace
}  // namespace trackier::scope
