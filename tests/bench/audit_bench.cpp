// The audit log: an append as a cron job makes it, and reading a log of a hundred thousand records.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "audit/log.hpp"
#include "audit/operation.hpp"
#include "audit/verify.hpp"

namespace trackier::bench {
namespace {

using namespace audit;  // NOLINT(google-build-using-namespace) a benchmark of that area alone

/// Where syncs are real: /tmp may be memory.
std::filesystem::path directory_for(const std::string& name) {
  auto made = std::filesystem::current_path() / ("audit-bench-" + name);
  std::filesystem::remove_all(made);
  return made;
}

Writer writer() {
  return {.actor = {.uid = 0, .login = 1000, .ssh_key = {}, .claims = {}},
          .process = {.boot = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
                      .space = 4026531836,
                      .pid = 4711,
                      .start = 123456},
          .host = "db1.example",
          .now =
              [] {
                return Stamp{.at = Milliseconds{std::chrono::milliseconds{1795776255123}},
                             .boot_us = 98765432109};
              },
          .is_gone = [](const Process&) { return false; }};
}

/// One record each: opened, locked, read at its end, written, synced, closed.
void audit_append(benchmark::State& state) {
  const auto directory = directory_for("append-" + std::to_string(::getpid()));
  for (auto _ : state) {
    Log log{os::posix(), {.directory = directory}, writer()};
    const OperationId id = log.begin("backup", {{"epoch", std::uint64_t{7}}});
    log.end(id, "backup", {.exit = 0, .code = "ok"});
  }
  state.SetItemsProcessed(2 * state.iterations());
  std::filesystem::remove_all(directory);
}
BENCHMARK(audit_append)->Unit(benchmark::kMicrosecond)->UseRealTime();

/// A log in one file, as `count` operations leave it, without the syncs.
void write_log(const std::filesystem::path& directory, std::uint64_t count) {
  std::filesystem::create_directories(directory);
  const auto file = os::posix().create_exclusive(directory / segment_name(1), 0600);
  const Writer by = writer();
  Record record;
  record.at = by.now().at;
  record.boot_us = by.now().boot_us;
  record.operation = "keys.rotate";
  record.actor = by.actor;
  record.process = by.process;
  record.host = by.host;
  record.tenant = "hmac:00112233445566778899aabbccddeeff";
  record.args = {{"epoch", std::uint64_t{7}},
                 {"name", std::string{"hmac:00112233445566778899aabbccddeeff"}}};
  std::string text;
  for (; record.seq < 2 * count; ++record.seq) {
    record.phase = record.seq % 2 == 0 ? Phase::intent : Phase::outcome;
    record.result = record.phase == Phase::outcome ? std::optional{Result{.exit = 0, .code = "ok"}}
                                                   : std::nullopt;
    const std::string line = to_text(record);
    record.previous = leaf_hash(as_bytes(line));
    text += line + '\n';
  }
  file->write(as_bytes(text));
}

void audit_verify(benchmark::State& state) {
  const auto directory = directory_for("verify");
  write_log(directory, 50'000);
  std::uint64_t records = 0;
  for (auto _ : state) {
    const Report report = verify(os::posix(), {.directory = directory, .policy = {}});
    if (report.verdict != Verdict::intact_unanchored) {
      std::abort();
    }
    records += report.records;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.SetBytesProcessed(
      static_cast<std::int64_t>(std::filesystem::file_size(directory / segment_name(1))) *
      static_cast<std::int64_t>(state.iterations()));
  std::filesystem::remove_all(directory);
}
BENCHMARK(audit_verify)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trackier::bench
