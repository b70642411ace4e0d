#pragma once
/// The files of samples/breach, carried inside the program, so that it needs nothing beside it.

#include <optional>
#include <span>
#include <string_view>

namespace trackier::shipped {

struct File {
  std::string_view name;  ///< "regimes.json"
  std::string_view text;
};

/// All of them, by name.
std::span<const File> files();

std::optional<std::string_view> file(std::string_view name);

}  // namespace trackier::shipped
