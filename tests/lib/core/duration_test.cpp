#include "core/duration.hpp"

#include <doctest/doctest.h>

using namespace trackier;
using namespace std::chrono_literals;

TEST_CASE("durations are read as people write them") {
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("10m") == 10min);
  CHECK(parse_duration("36h") == 36h);
  CHECK(parse_duration("8d") == std::chrono::days{8});
  CHECK(parse_duration("0s") == 0s);
  for (const char* wrong : {"", "m", "10", "-1m", "+1m", "1.5h", "10 m", "1w", "10mm", "1h30m",
                            "36501d", "99999999999s"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong));
  }
}

TEST_CASE("durations are written roughly") {
  CHECK(duration_text(45s) == "45 s");
  CHECK(duration_text(119s) == "119 s");
  CHECK(duration_text(12min + 30s) == "12 min");
  CHECK(duration_text(3h) == "3 h");
  CHECK(duration_text(std::chrono::days{2}) == "2 d");
}
