#include "shipped/shipped.hpp"

#include <algorithm>

namespace trackier::shipped {

std::optional<std::string_view> file(std::string_view name) {
  const auto all = files();
  const auto found = std::ranges::find(all, name, &File::name);
  return found == all.end() ? std::nullopt : std::optional{found->text};
}

}  // namespace trackier::shipped
