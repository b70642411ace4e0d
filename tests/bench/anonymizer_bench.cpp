// A chunk through everything a worker does with it, for each format.
#include <benchmark/benchmark.h>

#include "anonymize/anonymizer.hpp"
#include "anonymize/detect_format.hpp"
#include "anonymize/ipcrypt.hpp"
#include "anonymize/tokenizer.hpp"
#include "samples.hpp"

namespace trackier::bench {
namespace {

using anonymize::Format;

void anonymizer_of(benchmark::State& state, const std::string& text, Format format,
                   const std::string& log_format,
                   const anonymize::Profile& rules = anonymize::built_in_profile()) {
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

void anonymizer(benchmark::State& state, const std::string& sample, Format format,
                const std::string& log_format = {}) {
  anonymizer_of(state, repeated_sample(sample, 250'000), format, log_format);
}

void with_names(benchmark::State& state, const std::string& sample, Format format) {
  anonymize::Profile rules = anonymize::built_in_profile();
  rules.person_names = true;
  anonymizer_of(state, repeated_sample(sample, 250'000), format, {}, rules);
}

/// With hashed addresses, so that each record needs the key of its period.
void with_periods(benchmark::State& state, PeriodUnit unit) {
  const std::string text = repeated_sample("access.log", 250'000);
  anonymize::Profile rules = anonymize::built_in_profile();
  rules.transforms[anonymize::Kind::ipv4] = {.action = anonymize::Action::hash};
  const std::string key(32, 'k');
  const anonymize::Pseudonymizer pseudonymizer{as_bytes(key), ""};
  const anonymize::Epochs epochs{
      unit, [&key](const Period&) { return crypto::Secret::copy_of(as_bytes(key)); }, ""};
  const anonymize::TimeReference reference{.nearest = Time{std::chrono::days{20'000}},
                                           .latest = Time{std::chrono::days{30'000}}};
  const anonymize::Task task{
      .profile = rules,
      .pseudonymizer = pseudonymizer,
      .format = Format::combined,
      .columns = anonymize::try_format(Format::combined, text, false).columns,
      .epochs = &epochs};
  anonymize::Anonymizer worker{task};
  anonymize::Tally tally{rules};
  std::string out;
  std::vector<anonymize::PeriodSpan> spans;
  for (auto _ : state) {
    out.clear();
    anonymize::PeriodTracker tracker{unit, reference, {}};
    tracker.set_format(Format::combined, task.columns);
    tracker.read(text, false, spans);
    worker.use_periods(spans);
    worker.process(text, true, out, tally);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(with_periods, day, PeriodUnit::day);
BENCHMARK_CAPTURE(with_periods, month, PeriodUnit::month);

void with_addresses(benchmark::State& state, anonymize::Action action) {
  anonymize::Profile rules = anonymize::built_in_profile();
  for (const anonymize::Kind kind : {anonymize::Kind::ipv4, anonymize::Kind::ipv6}) {
    rules.transforms[kind] = {.action = action};
  }
  anonymizer_of(state, repeated_sample("access.log", 250'000), Format::combined, {}, rules);
}
BENCHMARK_CAPTURE(with_addresses, hash, anonymize::Action::hash);
BENCHMARK_CAPTURE(with_addresses, prefix, anonymize::Action::prefix);
BENCHMARK_CAPTURE(with_addresses, ipcrypt, anonymize::Action::ipcrypt);
BENCHMARK_CAPTURE(with_addresses, ipcrypt_nd, anonymize::Action::ipcrypt_nd);
BENCHMARK_CAPTURE(with_addresses, ipcrypt_ndx, anonymize::Action::ipcrypt_ndx);

/// Addresses that share nothing: what one costs.
void prefixes(benchmark::State& state, bool v6) {
  std::array<std::byte, 32> key{};
  key[0] = std::byte{1};
  anonymize::PrefixIpcrypt ipcrypt{key};
  std::vector<anonymize::Address> addresses(1000);
  std::uint32_t number = 1;
  for (anonymize::Address& address : addresses) {
    address.v6 = v6;
    for (std::uint8_t& byte : std::span{address.bytes}.first(v6 ? 16 : 4)) {
      number = number * 1'664'525 + 1'013'904'223;
      byte = static_cast<std::uint8_t>(number >> 24U);
    }
  }
  for (auto _ : state) {
    ipcrypt.encrypt(addresses);
    benchmark::DoNotOptimize(addresses.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(addresses.size()));
}
BENCHMARK_CAPTURE(prefixes, ipv4, false);
BENCHMARK_CAPTURE(prefixes, ipv6, true);

void tokens(benchmark::State& state, anonymize::Kind kind, const std::string& value) {
  const std::string key(32, 'k');
  anonymize::Tokenizer tokenizer{as_bytes(key)};
  for (auto _ : state) {
    benchmark::DoNotOptimize(tokenizer.token({.action = anonymize::Action::tokenize}, kind, value));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(tokens, card, anonymize::Kind::card, "4111 1111 1111 1111");
BENCHMARK_CAPTURE(tokens, uuid, anonymize::Kind::uuid, "7d444840-9dc0-4d11-b245-5ffdce74fad2");
BENCHMARK_CAPTURE(tokens, email, anonymize::Kind::email, "mara.sample@example.com");

/// A header once, and records of it.
void generated(benchmark::State& state, const std::string& header, const std::string& record,
               Format format) {
  anonymizer_of(state, header + repeated(record, 250'000), format, {});
}
BENCHMARK_CAPTURE(anonymizer, combined, "access.log", Format::combined);
BENCHMARK_CAPTURE(anonymizer, json, "clicks.jsonl", Format::json);
BENCHMARK_CAPTURE(anonymizer, csv, "people.csv", Format::csv);
BENCHMARK_CAPTURE(anonymizer, logfmt, "app.logfmt", Format::logfmt);
BENCHMARK_CAPTURE(anonymizer, syslog, "auth.syslog", Format::syslog);
BENCHMARK_CAPTURE(anonymizer, alb, "balancer.alb", Format::alb);
BENCHMARK_CAPTURE(anonymizer, log_format, "edge.nginx", Format::log_format,
                  "$remote_addr $host $remote_user [$time_iso8601] \"$request\" $status "
                  "$body_bytes_sent \"$http_user_agent\" uid=$cookie_uid");
BENCHMARK_CAPTURE(anonymizer, plain, "notes.txt", Format::plain);
BENCHMARK_CAPTURE(with_names, combined, "access.log", Format::combined);
BENCHMARK_CAPTURE(with_names, plain, "notes.txt", Format::plain);

BENCHMARK_CAPTURE(generated, w3c,
                  "#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip "
                  "cs(User-Agent) sc-status sc-bytes time-taken\n",
                  "2026-01-31 09:00:01 GET /start lang=en - 198.51.100.17 "
                  "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36 200 5316 31\n",
                  Format::w3c);
BENCHMARK_CAPTURE(generated, cloudfront,
                  "#Version: 1.0\n#Fields: date time x-edge-location c-ip cs-method cs-uri-stem "
                  "sc-status cs(User-Agent)\n",
                  "2026-01-31\t09:00:01\tFRA2\t198.51.100.17\tGET\t/start\t200\t"
                  "Mozilla/5.0%20(Windows%20NT%2010.0;%20Win64;%20x64)\n",
                  Format::cloudfront);
BENCHMARK_CAPTURE(generated, zeek,
                  "#separator \\x09\n#unset_field\t-\n#fields\tts\tuid\tid.orig_h\tid.orig_p\t"
                  "method\turi\n#types\ttime\tstring\taddr\tport\tstring\tstring\n",
                  "1769850001.165000\tCHhAvVGS1DHFjwGM9\t198.51.100.17\t51234\tGET\t/start\n",
                  Format::zeek);
BENCHMARK_CAPTURE(generated, haproxy, "",
                  "Jan 31 09:00:01 lb haproxy[14389]: 198.51.100.17:33317 "
                  "[31/Jan/2026:09:00:01.655] in~ static/srv1 10/0/30/69/109 200 2750 - - ---- "
                  "1/1/1/1/0 0/0 {www.example.com} {} \"GET /start HTTP/1.1\"\n",
                  Format::haproxy);
BENCHMARK_CAPTURE(generated, json_documents, "[\n",
                  "  {\n    \"ip\": \"198.51.100.17\",\n    \"path\": \"/start\",\n    "
                  "\"status\": 200\n  },\n",
                  Format::json);

}  // namespace
}  // namespace trackier::bench
