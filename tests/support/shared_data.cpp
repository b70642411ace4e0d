#include "support/shared_data.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace trackier::test {

std::optional<std::filesystem::path> shared_data(std::string_view name) {
  namespace fs = std::filesystem;
  const char* const given = std::getenv("TRACKIER_SHARED");
  const fs::path folder = given != nullptr && *given != '\0'
                              ? fs::path{given}
                              : fs::path{TRACKIER_SOURCE_DIR}.parent_path() / "shared";
  fs::path path = folder / "data" / name;
  if (!fs::exists(path)) {
    fmt::print(stderr, "SKIPPED: {} is not there; TRACKIER_SHARED names the folder with data/{}\n",
               path.string(), name);
    return std::nullopt;
  }
  return path;
}

}  // namespace trackier::test
