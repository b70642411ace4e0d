#include "output_claims.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace trackier::cli {
namespace {

using Path = std::filesystem::path;
using os::FileStatus;

/// What cannot be looked up is told when it is opened.
std::optional<FileStatus> status_of(os::FileSystem& files, const Path& path) {
  try {
    return files.status(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

OutputClaims::OutputClaims(os::FileSystem& files, const std::vector<Input>& inputs)
    : files_(files) {
  for (const Input& input : inputs) {
    const auto status = input.walked        ? input.walked
                        : input.path == "-" ? std::nullopt
                                            : status_of(files_, input.path);
    if (status && status->kind == FileStatus::Kind::regular) {
      read_.emplace(FileId{status->device, status->inode}, &input);
    }
  }
}

/// The same for every way that leads to a directory that is there.
Path OutputClaims::name_of(const Path& target) const {
  const Path directory = target.has_parent_path() ? target.parent_path() : Path{"."};
  const auto status = status_of(files_, directory);
  return status ? Path{fmt::format("{}:{}", status->device, status->inode)} / target.filename()
                : std::filesystem::absolute(target).lexically_normal();
}

void OutputClaims::check(const Input& input, const Target& target) const {
  if (!target.path) {
    return;
  }
  const std::string shown_target = printable(target.path->native());
  if (const auto made = made_.find(name_of(*target.path)); made != made_.end()) {
    throw Error{Code::cannot_create,
                fmt::format("{} and {} would both become {}", shown(*made->second), shown(input),
                            shown_target),
                "write them into different directories"};
  }
  const auto there = status_of(files_, *target.path);
  const auto read = there ? read_.find(FileId{there->device, there->inode}) : read_.end();
  if (read != read_.end() && read->second->path != input.path) {
    throw Error{
        Code::cannot_create,
        fmt::format("{} would become {}, which is an input as well", shown(input), shown_target),
        "write into another directory with --out-dir"};
  }
}

void OutputClaims::note(const Input& input, const Target& target) {
  if (target.path) {
    made_.emplace(name_of(*target.path), &input);
  }
}

void refuse_collisions(os::FileSystem& files, const std::vector<Input>& inputs,
                       const std::function<Target(const Input&)>& target_of) {
  OutputClaims claims{files, inputs};
  for (const Input& input : inputs) {
    const Target target = target_of(input);
    try {
      claims.check(input, target);
    } catch (const Error& error) {
      throw Error{Code::usage, error.what(), error.hint()};
    }
    claims.note(input, target);
  }
}

}  // namespace trackier::cli
