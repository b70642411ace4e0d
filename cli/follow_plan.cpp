#include "follow_plan.hpp"

#include <algorithm>

#include "os/link_target.hpp"

namespace trackier::cli {
namespace {

using Path = std::filesystem::path;

Path directory_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path{"."};
}

/// Whether what becomes of some value depends on the key.
bool needs_key(const anonymize::Profile& profile) {
  const auto is_keyed = [](const anonymize::Transform& transform) {
    return transform.action == anonymize::Action::hash ||
           transform.action == anonymize::Action::pseudonym || is_reversible(transform);
  };
  return std::ranges::any_of(profile.transforms, is_keyed) ||
         std::ranges::any_of(profile.fields, is_keyed, &anonymize::FieldRule::transform) ||
         std::ranges::any_of(profile.patterns, is_keyed, &anonymize::PatternRule::transform);
}

}  // namespace

void check_follow(const AnonymizeOptions& options, const AnonymizePlan& plan) {
  const auto refuse = [](const std::string& what, const std::string& hint) {
    throw Error{Code::usage, what, hint};
  };
  if (!options.position) {
    refuse("--follow needs --position", "name a file that keeps how far the log has been read");
  }
  if (plan.tasks.size() != 1 || plan.tasks.front().input == "-") {
    refuse("--follow takes one log, by its name", "run one for each log");
  }
  if (options.check || options.dry_run || options.report || plan.survey ||
      options.output_directory || options.force) {
    refuse(
        "--follow does not end, so there is nothing to report, and takes no --out-dir or --force",
        "use -o, or leave the option out");
  }
  if (plan.tasks.front().encoding != codec::Encoding::none) {
    refuse("--follow does not compress", "leave that to the rotation of the output");
  }
  if (plan.random_key && needs_key(plan.profile)) {
    refuse("--follow needs a key", "pseudonyms would change at each restart; pass --key file:PATH");
  }
}

Needs needs_of_follow(Context& context, const Path& log, const Path& position,
                      const std::optional<Path>& output) {
  Needs needs;
  needs.read_below.push_back(directory_of(log));
  if (const auto link = context.files().entry(log);
      link && link->kind == os::FileStatus::Kind::symlink) {
    needs.read_below.push_back(directory_of(os::link_target(log)));
  }
  needs.inside.push_back(directory_of(position));
  if (output) {
    needs.inside.push_back(directory_of(*output));
  }
  return needs;
}

}  // namespace trackier::cli
