#include "samples.hpp"

#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

namespace trackier::bench {

std::string repeated(const std::string& unit, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + unit.size());
  while (text.size() < bytes) {
    text.append(unit);
  }
  return text;
}

std::string repeated_sample(const std::string& name, std::size_t bytes) {
  const std::string path = std::string{TRACKIER_SOURCE_DIR "/samples/logs/"} + name;
  std::ifstream stream{path, std::ios::binary};
  const std::string sample{std::istreambuf_iterator<char>{stream}, {}};
  if (sample.empty()) {
    throw std::runtime_error{"cannot read " + path};
  }
  return repeated(sample, bytes);
}

std::string varied_sample(const std::string& name, std::size_t bytes) {
  std::string text = repeated_sample(name, bytes);
  std::minstd_rand digits{1};
  for (char& c : text) {
    if (c >= '0' && c <= '9') {
      c = static_cast<char>('0' + digits() % 10);
    }
  }
  return text;
}

}  // namespace trackier::bench
