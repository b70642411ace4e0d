#include "anonymize/job.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

#include "codec/decoder.hpp"
#include "core/error.hpp"
#include "job_on_text.hpp"
#include "support/errors.hpp"

namespace trackier::anonymize {

namespace {

/// One of each kind that is found by its shape, and some that keys announce.
constexpr std::string_view one_of_each =
    "192.0.2.17 2001:db8:1:2::3 08:00:27:4e:66:a1 123e4567-e89b-12d3-a456-426614174000 "
    "bob@example.com +1-415-555-0199 4111 1111 1111 1111 GB29NWBK60161331926819 521-44-9382 "
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln Bearer abc.def https://a:b@example.com/ "
    "eve%40example.com token=x \"password\": \"y\" ip-192-0-2-17";

/// Gives its two pieces one after the other.
class SplitSource final : public Source {
 public:
  SplitSource(std::string_view text, std::size_t at)
      : pieces_{text.substr(0, at), text.substr(at)} {}

  std::size_t read(MutBytes into) override {
    while (next_ < pieces_.size() && pieces_[next_].empty()) {
      ++next_;
    }
    if (next_ == pieces_.size()) {
      return 0;
    }
    auto& piece = pieces_[next_];
    const std::size_t count = std::min(into.size(), piece.size());
    std::ranges::copy(as_bytes(piece.substr(0, count)), into.begin());
    piece.remove_prefix(count);
    return count;
  }

 private:
  std::array<std::string_view, 2> pieces_;
  std::size_t next_ = 0;
};

std::string lines_of(Format format, std::uint32_t seed, std::size_t bytes) {
  std::mt19937 random{seed};
  std::string text = format == Format::csv ? "id,user,note\n" : "";
  while (text.size() < bytes) {
    const std::string address =
        "192.0." + std::to_string(random() % 256) + '.' + std::to_string(1 + random() % 255);
    const std::string person = "user" + std::to_string(random() % 1000);
    const std::string filler(random() % 300, 'x');
    switch (format) {
      case Format::json:
        text += R"({"ip":")" + address + R"(","user":")" + person + R"(","n":)" +
                std::to_string(random()) + R"(,"x":")" + filler + "\"}\n";
        break;
      case Format::csv:
        text +=
            address + ",\"" + person + (random() % 4 == 0 ? "\n" : " ") + "\"\"\"," + filler + '\n';
        break;
      case Format::combined:
        text += address + " - " + person + " [17/May/2015:10:05:03 +0000] \"GET /" + filler +
                " HTTP/1.1\" 200 1 \"-\" \"-\"\n";
        break;
      default:
        text += filler + ' ' + address + (random() % 3 == 0 ? "\r\n" : "\n");
    }
  }
  if (random() % 2 == 0) {
    text.pop_back();
  }
  return text;
}

std::string decoded(const std::string& bytes) {
  trackier::test::MemorySource source{bytes};
  codec::Decoder decoder{source};
  return trackier::test::read_all(decoder);
}

}  // namespace

TEST_CASE("it does not matter where a line is split between two reads") {
  const std::string line = std::string{one_of_each}.append("\nnext 192.0.2.9\n");
  const std::string expected = test::anonymized(line);
  CHECK(expected.find("192.0.2.17") == std::string::npos);
  for (const Format format : {Format::plain, Format::json, Format::csv}) {
    const std::string of_format = test::anonymized(line, format);
    for (std::size_t at = 0; at <= line.size(); ++at) {
      SplitSource source{line, at};
      const auto run =
          test::run_source(source, built_in_profile(), {.format = format, .min_share = 0});
      CHECK(run.output == of_format);
    }
  }
}

TEST_CASE("output is the same whatever the sizes of reads and the number of workers") {
  for (const Format format : {Format::plain, Format::combined, Format::json, Format::csv}) {
    CHECK(rc::check([format](std::uint32_t seed) {
      const std::string text = lines_of(format, seed, 1 + seed % 400'000);
      const JobOptions alone{.format = format, .min_share = 0};
      const test::Run expected = test::run_text(text, built_in_profile(), alone);
      for (const unsigned workers : {1U, 2U, 3U, 4U}) {
        test::RaggedSource source{text, seed, workers == 1 ? 1000U : 70'000U};
        JobOptions options = alone;
        options.workers = workers;
        const test::Run run = test::run_source(source, built_in_profile(), options);
        RC_ASSERT((run.output == expected.output));
        RC_ASSERT(run.tally.lines == expected.tally.lines);
        RC_ASSERT(run.tally.records == expected.tally.records);
        RC_ASSERT(run.tally.replaced == expected.tally.replaced);
        RC_ASSERT(run.tally.bytes_in == text.size());
        RC_ASSERT(run.tally.bytes_out == run.output.size());
      }
    }));
  }
}

TEST_CASE("a source that gives one byte at a time is read to its end") {
  for (const Format format : {Format::plain, Format::json, Format::csv}) {
    const std::string text = lines_of(format, 3, 20'000);
    trackier::test::MemorySource source{text, 1};
    const auto run =
        test::run_source(source, built_in_profile(), {.format = format, .min_share = 0});
    CHECK((run.output == test::anonymized(text, format)));
  }
}

TEST_CASE("compressed output says the same, and compressed input is read") {
  const std::string text = lines_of(Format::combined, 5, 3'000'000);
  const std::string expected = test::anonymized(text, Format::combined);
  for (const codec::Encoding encoding : {codec::Encoding::gzip, codec::Encoding::zstd}) {
    for (const unsigned workers : {1U, 3U}) {
      const JobOptions options{
          .format = Format::combined, .encoding = encoding, .workers = workers};
      const std::string packed = test::run_text(text, built_in_profile(), options).output;
      CHECK(packed.size() < expected.size() / 2);
      CHECK((decoded(packed) == expected));
      CHECK((test::anonymized(packed, Format::combined) == expected));
    }
    const std::string nothing =
        test::run_text("", built_in_profile(), {.encoding = encoding}).output;
    CHECK_FALSE(nothing.empty());
    CHECK(decoded(nothing).empty());
  }
}

TEST_CASE("a line is out before more input is asked for") {
  for (const Format format : {Format::plain, Format::json, Format::csv, Format::logfmt}) {
    trackier::test::MemorySink sink;
    /// Gives one line at a read, as a terminal does, and looks whether the one before is out.
    class Terminal final : public Source {
     public:
      Terminal(std::vector<std::string> lines, const trackier::test::MemorySink& sink)
          : lines_(std::move(lines)), sink_(sink) {}
      std::size_t read(MutBytes into) override {
        CHECK(std::ranges::count(sink_.content(), '\n') == static_cast<std::ptrdiff_t>(next_));
        if (next_ == lines_.size()) {
          return 0;
        }
        const std::string& line = lines_[next_++];
        REQUIRE(into.size() >= line.size());
        std::ranges::copy(as_bytes(line), into.begin());
        return line.size();
      }

     private:
      std::vector<std::string> lines_;
      const trackier::test::MemorySink& sink_;
      std::size_t next_ = 0;
    };
    Terminal terminal{{"{\"a\":\"192.0.2.1\"}\n", "{\"a\":\"192.0.2.2\"}\n", "a=1 b=192.0.2.3\n"},
                      sink};
    run_job(terminal, sink, built_in_profile(), test::test_pseudonymizer(),
            {.format = format, .min_share = 0}, {}, {});
    CHECK(sink.finished());
    CHECK(sink.content().find("192.0.2.0") != std::string::npos);
  }
}

TEST_CASE("an empty input has an empty output, and a stopped run an unfinished one") {
  CHECK(test::anonymized("").empty());
  std::stop_source stop;
  stop.request_stop();
  trackier::test::MemorySource source{"192.0.2.1\n"};
  trackier::test::MemorySink sink;
  run_job(source, sink, built_in_profile(), test::test_pseudonymizer(), {}, {}, stop.get_token());
  CHECK_FALSE(sink.finished());
}

TEST_CASE("an error of a stream leaves the output unfinished") {
  class Broken final : public Source {
   public:
    std::size_t read(MutBytes into) override {
      if (given_) {
        throw Error{Code::io, "the disk is gone"};
      }
      given_ = true;
      std::ranges::copy(as_bytes("192.0.2.1\n"), into.begin());
      return 10;
    }

   private:
    bool given_ = false;
  };
  for (const unsigned workers : {1U, 3U}) {
    Broken source;
    trackier::test::MemorySink sink;
    const Error error = trackier::test::error_of([&] {
      run_job(source, sink, built_in_profile(), test::test_pseudonymizer(), {.workers = workers},
              {}, {});
    });
    CHECK(error.code() == Code::io);
    CHECK_FALSE(sink.finished());
  }
}

TEST_CASE("a tally counts lines, records and replacements") {
  const test::Run run = test::run_text("a,user\n1,\"x\ny\"\n192.0.2.1,z\n1,2,3\n",
                                       built_in_profile(), {.format = Format::csv, .min_share = 0});
  CHECK(run.tally.lines == 5);
  CHECK(run.tally.records == 4);
  CHECK(run.tally.unparsed == 1);
  CHECK(run.tally.replaced[static_cast<std::size_t>(Kind::name)] == 2);
  CHECK(run.tally.replaced[static_cast<std::size_t>(Kind::ipv4)] == 1);
  CHECK(rule_name(built_in_profile(), static_cast<std::size_t>(Kind::ipv4)) == "ipv4");
}

}  // namespace trackier::anonymize
