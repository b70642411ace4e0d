#pragma once
/// Real logs and other people's test vectors, which are not part of the project: they are read
/// where they are. The folder is named by the environment variable TRACKIER_SHARED; without it,
/// `shared` beside the checkout is looked at.

#include <filesystem>
#include <optional>
#include <string_view>

namespace trackier::test {

/// The path of `name` under the folder's `data`, for instance "logs/raw". When it is not there,
/// says so loudly, "SKIPPED: ...", and returns none: the test returns then, and passes.
std::optional<std::filesystem::path> shared_data(std::string_view name);

}  // namespace trackier::test
