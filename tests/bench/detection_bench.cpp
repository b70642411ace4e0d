// Finding personal values: the vector scan alone, then with the exact parsers behind it, on normal
// text and on text that an adversary made.
#include <benchmark/benchmark.h>

#include "anonymize/detector.hpp"
#include "samples.hpp"

namespace trackier::bench {
namespace {

using anonymize::Instructions;

void count_bytes(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void candidates(benchmark::State& state, const std::string& sample, Instructions instructions) {
  if (instructions > anonymize::best_instructions()) {
    state.SkipWithError("this processor has no such instructions");
    return;
  }
  const std::string text = repeated_sample(sample);
  anonymize::Candidates found;
  for (auto _ : state) {
    found.find(text, {.json_structure = sample.ends_with(".jsonl")}, instructions);
    benchmark::DoNotOptimize(found.positions().data());
  }
  count_bytes(state, text);
  state.counters["per_KB"] =
      static_cast<double>(found.positions().size()) / static_cast<double>(text.size()) * 1000;
}
BENCHMARK_CAPTURE(candidates, access_log_portable, "access.log", Instructions::portable);
BENCHMARK_CAPTURE(candidates, access_log_avx2, "access.log", Instructions::avx2);
BENCHMARK_CAPTURE(candidates, access_log_avx512, "access.log", Instructions::avx512);
BENCHMARK_CAPTURE(candidates, json_portable, "clicks.jsonl", Instructions::portable);
BENCHMARK_CAPTURE(candidates, json_avx2, "clicks.jsonl", Instructions::avx2);
BENCHMARK_CAPTURE(candidates, json_avx512, "clicks.jsonl", Instructions::avx512);

void detect(benchmark::State& state, const std::string& text, bool json) {
  anonymize::PerKind<bool> all;
  all.fill(true);
  anonymize::Detector detector{all, true, json};
  std::size_t matches = 0;
  for (auto _ : state) {
    matches = detector.find(text).size();
  }
  count_bytes(state, text);
  state.counters["per_KB"] = static_cast<double>(matches) / static_cast<double>(text.size()) * 1000;
}

void detector(benchmark::State& state, const std::string& sample) {
  detect(state, repeated_sample(sample), sample.ends_with(".jsonl"));
}
BENCHMARK_CAPTURE(detector, access_log, "access.log");
BENCHMARK_CAPTURE(detector, json, "clicks.jsonl");
BENCHMARK_CAPTURE(detector, plain, "notes.txt");

/// Each must run at half the speed of plain text or better.
void adversarial(benchmark::State& state, const std::string& unit) {
  detect(state, repeated(unit), false);
}
BENCHMARK_CAPTURE(adversarial, at_signs, "a@");
BENCHMARK_CAPTURE(adversarial, only_at_signs, "@");
BENCHMARK_CAPTURE(adversarial, words_at, "a.b-c@");
BENCHMARK_CAPTURE(adversarial, numbers_and_dots, "1.");
BENCHMARK_CAPTURE(adversarial, dashes, "1-");
BENCHMARK_CAPTURE(adversarial, colons, "a:");
BENCHMARK_CAPTURE(adversarial, double_colons, "::");
BENCHMARK_CAPTURE(adversarial, digits, "4");
BENCHMARK_CAPTURE(adversarial, digit_groups, "4111 ");
BENCHMARK_CAPTURE(adversarial, percents, "%25");
BENCHMARK_CAPTURE(adversarial, encoded_at_signs, "a%40");
BENCHMARK_CAPTURE(adversarial, equals, "token=");
BENCHMARK_CAPTURE(adversarial, tokens, "eyJ");
BENCHMARK_CAPTURE(adversarial, bearers, "Bearer ");
BENCHMARK_CAPTURE(adversarial, backslashes, "\\");
BENCHMARK_CAPTURE(adversarial, credentials, "//a:b@");

}  // namespace
}  // namespace trackier::bench
