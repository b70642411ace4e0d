#include "config/origins.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/text.hpp"

namespace trackier::config {

void Origins::note(const Table& table, std::string_view key, std::string value) {
  std::string from = "default";
  if (table.has(key)) {
    const Position where = table.position(key);
    from = fmt::format("{}:{}:{}", printable(file_), where.line, where.column);
  }
  origins_.push_back({table.full_name(key), std::move(value), std::move(from)});
}

void Origins::note_default(std::string name, std::string value) {
  origins_.push_back({std::move(name), std::move(value), "default"});
}

}  // namespace trackier::config
