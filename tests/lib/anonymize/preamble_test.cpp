#include "anonymize/preamble.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <vector>

#include "anonymize/job.hpp"
#include "support/streams.hpp"

namespace trackier::anonymize {
namespace {

using test::MemorySink;
using test::MemorySource;

constexpr std::string_view key = "0123456789abcdef0123456789abcdef";

/// What a job has settled: so much of the input has become so much of the output.
struct Mark {
  std::uint64_t in = 0;
  std::size_t out = 0;
};

struct Done {
  std::string output;
  std::vector<Mark> marks;
};

/// skipped: bytes of the input whose output is left out.
Done live(const std::string& input, Format format, std::size_t piece, std::size_t skipped = 0) {
  const Profile profile = built_in_profile();
  const Pseudonymizer pseudonymizer{as_bytes(key), ""};
  MemorySource source{input, piece};
  MemorySink sink;
  Done done;
  std::size_t left_out = 0;
  const JobOptions options{.format = format, .min_share = 0, .live = true};
  const JobEvents events{
      .format_known = {}, .found = {}, .progressed = {}, .settled = [&](std::uint64_t bytes_in) {
        left_out = bytes_in <= skipped ? sink.content().size() : left_out;
        done.marks.push_back({bytes_in, sink.content().size()});
      }};
  run_job(source, sink, profile, pseudonymizer, options, events, std::stop_token{});
  done.output = sink.content().substr(left_out);
  return done;
}

std::string preamble_of(Format format, std::string_view text, std::size_t piece) {
  Preamble preamble{format};
  while (preamble.wants_more() && !text.empty()) {
    preamble.read(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  return preamble.text();
}

TEST_CASE("of most formats nothing has to be read again") {
  CHECK_FALSE(Preamble{Format::json}.wants_more());
  CHECK_FALSE(Preamble{Format::plain}.wants_more());
  CHECK(Preamble{Format::combined}.text().empty());
}

TEST_CASE("the header of a table is its first record, whatever pieces it comes in") {
  for (std::size_t piece = 1; piece < 30; ++piece) {
    CAPTURE(piece);
    CHECK(preamble_of(Format::csv, "\n\"a\nb\";c\n1;2\n", piece == 1 ? 2 : piece) ==
          "\n\"a\nb\";c\n");
    CHECK(preamble_of(Format::w3c, "#Fields: a b\n1 2\nx #Fields: c\n#Date: 2026\n", piece) ==
          "#Fields: a b\n");
  }
  CHECK(preamble_of(Format::w3c, "\xEF\xBB\xBF#Fields: a b\n1 2\n", 100) == "#Fields: a b\n");
}

std::string random_log(Format format, std::mt19937& random) {
  std::string log = format == Format::csv ? "id,email,first_name\n" : "";
  const auto lines = random() % 60;
  for (unsigned i = 0; i < lines; ++i) {
    const std::string number = std::to_string(random() % 1000);
    const unsigned what = random() % 12;
    if (format == Format::csv) {
      log += what == 0 ? number + ",\"a\nb\",\"Ann, " + number + "\"\n"
                       : number + ",u" + number + "@example.org,Ann\n";
    } else if (format == Format::w3c) {
      log += what == 0   ? "#Fields: date cs-username c-ip\n"
             : what == 1 ? "#Fields: cs-username date\n"
             : what == 2 ? "#Date: 2026-01-31\n"
                         : "ann" + number + " bob" + number + " 192.0.2.17\n";
    } else if (format == Format::json) {
      log += what == 0 ? "no json of 192.0.2.1\n" : R"({"password":"p)" + number + "\"}\n";
    } else {
      log += "from 192.0.2." + std::to_string(random() % 256) + " " +
             std::string(what == 0 ? 300000 : what, 'x') + "\n";
    }
  }
  return log;
}

TEST_CASE("from each place that is settled, reading goes on as if it had never ended") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    for (const Format format : {Format::csv, Format::w3c, Format::json, Format::plain}) {
      std::mt19937 random{seed};
      const std::string log = random_log(format, random);
      const std::string whole = live(log, format, std::string::npos).output;
      const std::size_t piece = 1 + random() % 4000;
      const Done pieces = live(log, format, piece);
      CAPTURE(seed);
      CAPTURE(name_of(format));
      CHECK(pieces.output == whole);
      REQUIRE((log.empty() || pieces.marks.back().in == log.size()));
      for (int tries = 0; tries < 3 && !pieces.marks.empty(); ++tries) {
        const Mark mark = pieces.marks[random() % pieces.marks.size()];
        const std::string before = preamble_of(format, log.substr(0, mark.in), 1 + random() % 1000);
        const Done rest = live(before + log.substr(mark.in), format,
                               before.empty() ? piece : before.size(), before.size());
        CHECK(whole.substr(0, mark.out) + rest.output == whole);
      }
    }
  }
}

}  // namespace
}  // namespace trackier::anonymize
