// What surrounds the work on a chunk: compression, and handing chunks to threads and back in order.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "codec/decoder.hpp"
#include "codec/encoder.hpp"
#include "flow/ordered_parallel.hpp"
#include "samples.hpp"

namespace trackier::bench {
namespace {

using codec::Encoding;

class BytesSource final : public Source {
 public:
  explicit BytesSource(Bytes bytes) : rest_(bytes) {}
  std::size_t read(MutBytes into) override {
    const std::size_t count = std::min(into.size(), rest_.size());
    if (count > 0) {
      std::memcpy(into.data(), rest_.data(), count);
    }
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  Bytes rest_;
};

void encoder(benchmark::State& state, Encoding encoding) {
  const std::string text = varied_sample("access.log");
  const auto worker = codec::Encoder::make(encoding);
  std::vector<std::byte> packed;
  for (auto _ : state) {
    packed.clear();
    worker->encode(as_bytes(text), packed);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(encoder, gzip, Encoding::gzip);
BENCHMARK_CAPTURE(encoder, zstd, Encoding::zstd);

void decoder(benchmark::State& state, Encoding encoding) {
  const std::string text = varied_sample("access.log");
  std::vector<std::byte> packed;
  codec::Encoder::make(encoding)->encode(as_bytes(text), packed);
  std::vector<std::byte> room(std::size_t{256} * 1024);
  for (auto _ : state) {
    BytesSource source{packed};
    codec::Decoder unpacked{source};
    while (unpacked.read(room) > 0) {
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(decoder, gzip, Encoding::gzip);
BENCHMARK_CAPTURE(decoder, zstd, Encoding::zstd);

/// Nothing is done with the items: what is left is the price of the order.
void hand_over(benchmark::State& state) {
  constexpr int items = 10'000;
  for (auto _ : state) {
    int taken = 0;
    int given = 0;
    const auto take = [&taken](int& item) {
      item = taken;
      return taken++ < items;
    };
    const auto work = [](int& item) { ++item; };
    const auto give = [&given](int& item) { given += item > 0 ? 1 : 0; };
    flow::OrderedParallel<int, decltype(take), decltype(work), decltype(give)> parallel{take, work,
                                                                                        give};
    parallel.run(static_cast<unsigned>(state.range(0)), {});
    benchmark::DoNotOptimize(given);
  }
  state.SetItemsProcessed(state.iterations() * items);
}
BENCHMARK(hand_over)->Arg(1)->Arg(2)->Arg(4)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace trackier::bench
