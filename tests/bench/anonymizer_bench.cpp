// A chunk through everything a worker does with it, for each format.
#include <benchmark/benchmark.h>

#include "anonymize/anonymizer.hpp"
#include "anonymize/detect_format.hpp"
#include "samples.hpp"

namespace trackier::bench {
namespace {

using anonymize::Format;

void anonymizer(benchmark::State& state, const std::string& sample, Format format,
                const std::string& log_format = {}, bool person_names = false) {
  const std::string text = repeated_sample(sample, 250'000);
  anonymize::Profile rules = anonymize::built_in_profile();
  rules.person_names = person_names;
  const std::string key(32, 'k');
  const anonymize::Pseudonymizer pseudonymizer{as_bytes(key), ""};
  const anonymize::Task task{
      .profile = rules,
      .pseudonymizer = pseudonymizer,
      .format = format,
      .columns = anonymize::try_format(format, text, false, log_format).columns};
  anonymize::Anonymizer worker{task};
  anonymize::Tally tally{rules};
  std::string out;
  for (auto _ : state) {
    out.clear();
    worker.process(text, true, out, tally);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(anonymizer, combined, "access.log", Format::combined);
BENCHMARK_CAPTURE(anonymizer, json, "clicks.jsonl", Format::json);
BENCHMARK_CAPTURE(anonymizer, csv, "people.csv", Format::csv);
BENCHMARK_CAPTURE(anonymizer, logfmt, "app.logfmt", Format::logfmt);
BENCHMARK_CAPTURE(anonymizer, syslog, "auth.syslog", Format::syslog);
BENCHMARK_CAPTURE(anonymizer, w3c, "iis.w3c", Format::w3c);
BENCHMARK_CAPTURE(anonymizer, alb, "balancer.alb", Format::alb);
BENCHMARK_CAPTURE(anonymizer, log_format, "edge.nginx", Format::log_format,
                  "$remote_addr $host $remote_user [$time_iso8601] \"$request\" $status "
                  "$body_bytes_sent \"$http_user_agent\" uid=$cookie_uid");
BENCHMARK_CAPTURE(anonymizer, plain, "notes.txt", Format::plain);
BENCHMARK_CAPTURE(anonymizer, combined_names, "access.log", Format::combined, "", true);
BENCHMARK_CAPTURE(anonymizer, plain_names, "notes.txt", Format::plain, "", true);

}  // namespace
}  // namespace trackier::bench
