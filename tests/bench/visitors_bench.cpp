// A whole run over a log of many visitors: alone, with --risk or a second look beside it, and held
// against its result.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "anonymize/job.hpp"
#include "compare/comparison.hpp"
#include "core/stream.hpp"
#include "risk/log_survey.hpp"
#include "samples.hpp"

namespace trackier::bench {
namespace {

using anonymize::Format;

/// 50,000 visitors, some of whom come often; 400 browsers; twelve requests a second.
std::string log_of_visitors(bool json, std::size_t bytes) {
  std::mt19937 random{5};
  const auto below = [&random](unsigned most) { return static_cast<unsigned>(random() % most); };
  std::vector<std::string> agents;
  for (int i = 0; i < 400; ++i) {
    agents.push_back(
        fmt::format("Mozilla/5.0 (Linux; Android {}; SM-G{}) AppleWebKit/537.36 (KHTML, like "
                    "Gecko) Chrome/{}.0.{}.{} Safari/537.36",
                    8 + below(7), 900 + below(99), 80 + below(45), 1000 + below(5000), below(200)));
  }
  std::string text;
  for (unsigned i = 0; text.size() < bytes; ++i) {
    // The smaller of three: a few visitors come every minute, most once in a while.
    const unsigned visitor = std::min({below(50'000), below(50'000), below(50'000)});
    const std::string host = fmt::format("{}.{}.{}.{}", 1 + visitor % 223, visitor / 223 % 256,
                                         visitor * 7 % 256, 1 + visitor * 13 % 254);
    const std::string& agent = agents[visitor * 31 % agents.size()];
    const unsigned second = i / 12;
    const std::string time =
        fmt::format("{:02}:{:02}:{:02}", second / 3600 % 24, second / 60 % 60, second % 60);
    if (json) {
      text += fmt::format(R"({{"time":"2024-05-01T{}Z","ip":"{}","visitor_id":"u{}",)"
                          R"("path":"/api/v1/items/{}","status":200,"user_agent":"{}"}})"
                          "\n",
                          time, host, visitor, below(9999), agent);
    } else {
      text += fmt::format(
          "{} - - [01/May/2024:{} +0000] \"GET /img/{}.png HTTP/1.1\" 200 {} "
          "\"https://www.example.org/\" \"{}\"\n",
          host, time, below(9999), below(99'999), agent);
    }
  }
  return text;
}

void run(benchmark::State& state, bool json, bool risk) {
  const std::string text = log_of_visitors(json, 50 * megabyte);
  const std::string secret(32, 'k');
  const anonymize::Pseudonymizer pseudonymizer{as_bytes(secret), ""};
  for (auto _ : state) {
    TextSource source{text};
    NoSink sink;
    risk::LogQuestion question{
        .combinations = {{json ? "ip" : "host", "user_agent", "time"}}, .id = {}, .sizes = {}};
    if (json) {
      question.id = "visitor_id";
    }
    risk::LogSurvey survey{question, HashKey{}};
    anonymize::JobOptions options{.format = json ? Format::json : Format::combined};
    if (risk) {
      options.observer = [&survey](Format format, const anonymize::Columns& columns) {
        return survey.observer(format, columns);
      };
    }
    run_job(source, sink, anonymize::built_in_profile(), pseudonymizer, options, {}, {});
    survey.keep();
    benchmark::DoNotOptimize(survey.result().ids());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

/// Keeps what is written.
class TextSink final : public Sink {
 public:
  void write(Bytes bytes) override { text_ += as_text(bytes); }
  void finish() override {}
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void second_look(benchmark::State& state, bool json) {
  const std::string text = log_of_visitors(json, 50 * megabyte);
  const auto any_key = anonymize::Pseudonymizer::with_random_key();
  const anonymize::JobOptions options{.format = json ? Format::json : Format::combined,
                                      .look_again = true};
  for (auto _ : state) {
    TextSource source{text};
    NoSink sink;
    run_job(source, sink, anonymize::built_in_profile(), any_key, options, {}, {});
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void compare(benchmark::State& state, bool json) {
  const std::string text = log_of_visitors(json, 50 * megabyte);
  const auto any_key = anonymize::Pseudonymizer::with_random_key();
  const anonymize::Profile rules = anonymize::built_in_profile();
  const compare::CompareOptions options{.job = {.format = json ? Format::json : Format::combined}};
  TextSource first{text};
  TextSink made;
  run_job(first, made, rules, any_key, options.job, {}, {});
  for (auto _ : state) {
    TextSource source{text};
    const auto result =
        compare::compare_logs(source, [&made] { return std::make_unique<TextSource>(made.text()); },
                              rules, options, {}, {});
    if (!result.good()) {
      state.SkipWithError("the result of a run is not clean");
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK_CAPTURE(run, combined, false, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, combined_with_risk, false, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, json, true, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run, json_with_risk, true, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(second_look, combined, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(second_look, json, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, combined, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, json, true)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trackier::bench
