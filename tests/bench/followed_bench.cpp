// A live log, read as a follower reads it: what looking for rotations costs.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "os/followed_file.hpp"
#include "samples.hpp"

namespace trackier::bench {
namespace {

void followed_file(benchmark::State& state) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("trackier-bench-" + std::to_string(::getpid()) + ".log");
  const std::string text = repeated_sample("access.log", 64 * megabyte);
  std::ofstream{path, std::ios::binary} << text;
  for (auto _ : state) {
    os::FollowedFile file{os::posix(), path, {.fingerprint = [](Bytes) { return std::string{}; }}};
    std::size_t bytes = 0;
    while (const auto lines = file.next(std::chrono::milliseconds{0})) {
      bytes += lines->bytes.size();
    }
    benchmark::DoNotOptimize(bytes);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
  std::filesystem::remove(path);
}
BENCHMARK(followed_file)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trackier::bench
