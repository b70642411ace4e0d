#pragma once
/// Vector files of NIST, Botan and others: lines "NAME = VALUE", in records.

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::test {

using Record = std::map<std::string, std::string>;

/// A record begins with the name `first`. Lines without "=" are names without a value; comments are
/// left out. The name "section" has the last line in brackets.
inline std::vector<Record> records_in(const std::filesystem::path& path, std::string_view first) {
  const auto trimmed = [](std::string text) {
    text.erase(0, text.find_first_not_of(" \t\r"));
    text.erase(text.find_last_not_of(" \t\r") + 1);
    return text;
  };
  std::vector<Record> records;
  std::string section;
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#') {
      continue;
    }
    if (line.front() == '[') {
      section = line;
      continue;
    }
    const std::size_t equals = line.find('=');
    const std::string name = trimmed(line.substr(0, equals));
    if (name == first) {
      records.emplace_back()["section"] = section;
    }
    if (!records.empty()) {
      records.back()[name] = equals == std::string::npos ? "" : trimmed(line.substr(equals + 1));
    }
  }
  return records;
}

}  // namespace trackier::test
