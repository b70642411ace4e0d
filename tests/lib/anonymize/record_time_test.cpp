#include "anonymize/record_time.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace trackier::anonymize {
namespace {

Time time(std::string_view text) {
  return *parse_rfc3339(text);
}

const TimeReference reference{.nearest = time("2026-01-10T12:00:00Z"),
                              .latest = time("2026-11-28T12:00:00Z")};

std::string read(std::string_view record, bool json = false) {
  const auto found = time_of_record(record, json, reference);
  return found ? to_rfc3339(*found) : "none";
}

struct Row {
  std::string_view record;
  std::string_view time;
};

}  // namespace

TEST_CASE("times are read as programs write them") {
  for (const Row& row : {
           Row{"192.0.2.1 - - [27/Nov/2025:22:47:31 +0530] \"GET / HTTP/1.1\" 200 5",
               "2025-11-27T17:17:31Z"},
           Row{"192.0.2.1 - ann [01/Jan/2026:00:30:00 +0100] \"GET / HTTP/1.1\" 200 5",
               "2025-12-31T23:30:00Z"},
           Row{"2025-11-27T22:47:31Z up", "2025-11-27T22:47:31Z"},
           Row{"2025-11-27T22:47:31.123456789-05:00 up", "2025-11-28T03:47:31Z"},
           Row{"2025-11-27 22:47:31,123 INFO up", "2025-11-27T22:47:31Z"},
           Row{"2025-11-27 22:47:31.123 UTC [17] LOG: up", "2025-11-27T22:47:31Z"},
           Row{"2025-11-27\t22:47:31\tFRA2", "2025-11-27T22:47:31Z"},
           Row{"2025-11-27 up since", "2025-11-27T00:00:00Z"},
           Row{"2025/11/27 22:47:31 [error] 1#1: *2 open()", "2025-11-27T22:47:31Z"},
           Row{"20251127T224731Z up", "2025-11-27T22:47:31Z"},
           Row{"27-Nov-2025 22:47:31.123 queries: info", "2025-11-27T22:47:31Z"},
           Row{"Date: Thu, 27 Nov 2025 22:47:31 -0500", "2025-11-28T03:47:31Z"},
           Row{"[Thu Nov 27 22:47:31.123456 2025] [core:notice]", "2025-11-27T22:47:31Z"},
           Row{"<34>1 2025-11-27T22:47:31Z host app - - - up", "2025-11-27T22:47:31Z"},
           Row{"haproxy[14]: 192.0.2.1:5 [27/Nov/2025:22:47:31.123] in", "2025-11-27T22:47:31Z"},
           Row{"1764283651.123\tCHhAvVGS1DHFjwGM9\t192.0.2.1", "2025-11-27T22:47:31Z"},
           Row{"ts=1764283651 level=info", "2025-11-27T22:47:31Z"},
           Row{"level=info time=\"2025-11-27T22:47:31+01:00\"", "2025-11-27T21:47:31Z"},
           Row{"at 2025-11-27T22:47:60Z", "2025-11-27T22:48:00Z"},
       }) {
    CAPTURE(row.record);
    CHECK(read(row.record) == row.time);
  }
}

TEST_CASE("a time without a year is of the year that brings it nearest") {
  CHECK(read("Jan  9 22:47:31 host app: up") == "2026-01-09T22:47:31Z");
  CHECK(read("<34>Dec 31 22:47:31 host app: up") == "2025-12-31T22:47:31Z");
  CHECK(read("Jun 15 22:47:31 host app: up") == "2026-06-15T22:47:31Z");
  CHECK(read("Jul 27 22:47:31 host app: up") == "2025-07-27T22:47:31Z");
  CHECK(read("Feb 29 22:47:31 host app: up") == "none");
}

TEST_CASE("of JSON the member counts that is named as times are") {
  CHECK(read(R"({"path":"/2020-01-01/x","ts":"2025-11-27T22:47:31Z"})", true) ==
        "2025-11-27T22:47:31Z");
  CHECK(read(R"({"msg":"\"ts\":\"2020-01-01T00:00:00Z\"","time" : 1764283651.5})", true) ==
        "2025-11-27T22:47:31Z");
  CHECK(read(R"({"id":1764283000123,"@timestamp":1764283651123})", true) == "2025-11-27T22:47:31Z");
  CHECK(read(R"({"a":{"b":1},"Timestamp":"27/Nov/2025:22:47:31 +0000"})", true) ==
        "2025-11-27T22:47:31Z");
  CHECK(read(R"({"ts":null,"when":"2025-11-27T22:47:31Z"})", true) == "2025-11-27T22:47:31Z");
  CHECK(read(R"({"ts":"","time":"x","n":3})", true) == "none");
}

TEST_CASE("other numbers are no times") {
  for (const std::string_view record : {"",
                                        "no time",
                                        "1764283651",
                                        "id 1764283651 5",
                                        "4111 1111 1111 1111",
                                        "10.2.2025",
                                        "version 2025.11.27",
                                        "2025-13-27",
                                        "2025-02-30T00:00:00Z",
                                        "20251127",
                                        "+49 30 1234567",
                                        "ip-10-77-20-248",
                                        "27/Nov",
                                        "x2025-11-27T22:47:31Z",
                                        "0000-01-01",
                                        "1969-12-31T23:59:59Z",
                                        "2025-11-27-1",
                                        "99:99:99",
                                        "Nov 27",
                                        "Foo 27 22:47:31"}) {
    CAPTURE(record);
    CHECK(read(record) == "none");
  }
}

TEST_CASE("what lies in the future is no time that a record was written at") {
  CHECK(read("2031-01-01T00:00:00Z is when it ends; 2025-11-27T22:47:31Z") ==
        "2025-11-27T22:47:31Z");
  CHECK(read("ts=9999999999 x") == "none");
}

TEST_CASE("the search takes a time that grows with the record alone") {
  std::string record;
  while (record.size() < 2'000'000) {
    record += "\"\\\" : :\"ts\"  :x 2025-13-01 Nov 1 ";
  }
  const auto started = std::chrono::steady_clock::now();
  CHECK(read(record, true) == "none");
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds{20});
}

}  // namespace trackier::anonymize
