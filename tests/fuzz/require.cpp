#include <cstdio>
#include <cstdlib>

#include "targets.hpp"

namespace trackier::fuzz {

namespace {

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

void require(bool holds, std::string_view promise) {
  if (!holds) {
    print("broken promise: ");
    print(promise);
    print("\n");
    std::abort();
  }
}

void require_equal(std::string_view left, std::string_view right, std::string_view promise) {
  if (left != right) {
    print("one:   ");
    print(left);
    print("\nother: ");
    print(right);
    print("\n");
    require(false, promise);
  }
}

std::uint64_t dice(std::string_view input) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, then mixed
  for (const char byte : input) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash ^ hash >> 29U;
}

}  // namespace trackier::fuzz
