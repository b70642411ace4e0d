#pragma once
/// What `anonymize --follow` is asked for, before it begins.

#include <filesystem>
#include <optional>

#include "anonymize_plan.hpp"
#include "confinement.hpp"
#include "context.hpp"

namespace trackier::cli {

/// Throws Error{Code::usage} for what does not go with --follow.
void check_follow(const AnonymizeOptions& options, const AnonymizePlan& plan);

/// output: none is standard output.
Needs needs_of_follow(Context& context, const std::filesystem::path& log,
                      const std::filesystem::path& position,
                      const std::optional<std::filesystem::path>& output);

}  // namespace trackier::cli
