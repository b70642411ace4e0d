// Compiled once for each target; TRACKIER_FUZZ_TARGET is its name.
#include <cstddef>
#include <cstdlib>

#include "targets.hpp"

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*words*/) {
  trackier::fuzz::strict = std::getenv("TRACKIER_FUZZ_STRICT") != nullptr;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast) libFuzzer's bytes are unsigned char
  trackier::fuzz::TRACKIER_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
