// HMAC-SHA-256 of the 36 bytes of a UUID: ours, and OpenSSL's one call.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "crypto/mac.hpp"

namespace trackier::bench {
namespace {

constexpr std::string_view uuid = "7d444840-9dc0-4d11-b245-5ffdce74fad2";

void mac_of_uuid(benchmark::State& state) {
  const std::string secret(32, 'k');
  const crypto::MacKey key{as_bytes(secret)};
  for (auto _ : state) {
    benchmark::DoNotOptimize(key.mac(as_bytes(uuid)));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(mac_of_uuid);

void openssl_hmac_of_uuid(benchmark::State& state) {
  const std::string secret(32, 'k');
  const std::array<unsigned char, uuid.size()> message = [] {
    std::array<unsigned char, uuid.size()> bytes{};
    std::copy(uuid.begin(), uuid.end(), bytes.begin());
    return bytes;
  }();
  std::array<unsigned char, 32> digest{};
  for (auto _ : state) {
    unsigned size = 0;
    benchmark::DoNotOptimize(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                                  message.data(), message.size(), digest.data(), &size));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(openssl_hmac_of_uuid);

}  // namespace
}  // namespace trackier::bench
