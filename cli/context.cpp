#include "context.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trackier::cli {

void Context::record(const std::string& name, audit::Value value) {
  if (recorded_.size() == audit::most_values) {
    return;
  }
  const auto has = [this](const std::string& each) {
    return std::ranges::find(recorded_, each, &audit::Values::value_type::first) != recorded_.end();
  };
  std::string numbered = name;
  for (std::size_t number = 2; has(numbered); ++number) {
    numbered = fmt::format("{}.{}", name, number);
  }
  recorded_.emplace_back(std::move(numbered), std::move(value));
  std::ranges::sort(recorded_, {}, &audit::Values::value_type::first);
}

}  // namespace trackier::cli
