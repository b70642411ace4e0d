#include "anonymize/name_lists.hpp"

#include <unordered_map>

#include "anonymize/name_files.hpp"

namespace trackier::anonymize {
namespace {

using Known = std::unordered_map<std::string_view, KnownName>;

void add(Known& known, std::string_view file, bool KnownName::*list) {
  while (!file.empty()) {
    const std::size_t end = file.find('\n');
    const std::string_view line = file.substr(0, end);
    if (!line.empty() && line.front() != '#') {
      known[line].*list = true;
    }
    file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
  }
}

const Known& known_names() {
  static const Known all = [] {
    constexpr std::size_t expected = 30'000;
    Known made;
    made.reserve(expected);
    add(made, name_files::given, &KnownName::given);
    add(made, name_files::family, &KnownName::family);
    add(made, name_files::words, &KnownName::word);
    return made;
  }();
  return all;
}

}  // namespace

KnownName known_name(std::string_view word) {
  const Known& all = known_names();
  const auto found = all.find(word);
  return found == all.end() ? KnownName{} : found->second;
}

}  // namespace trackier::anonymize
