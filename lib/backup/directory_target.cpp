#include "backup/directory_target.hpp"

#include <fmt/format.h>

#include <system_error>

#include "core/text.hpp"

namespace trackier::backup {
namespace {

constexpr unsigned private_directory = 0700;

std::filesystem::path beside(const std::filesystem::path& path, const std::string& suffix) {
  std::filesystem::path made = path;
  made += suffix;
  return made;
}

/// Without the slash at its end, which would make it a place within itself.
std::filesystem::path without_slash(const std::filesystem::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

DirectoryTarget::DirectoryTarget(os::FileSystem& files, const std::filesystem::path& path,
                                 const std::string& id, bool replace)
    : files_(files),
      path_(without_slash(path)),
      partial_(beside(path_, fmt::format(".{}.partial", id.substr(0, 8)))),
      before_(beside(path_, fmt::format(".before-{}", id.substr(0, 8)))),
      aside_(fmt::format(".before-{}", id.substr(0, 8))),
      may_replace_(replace) {
  if (const auto there = files_.entry(path_)) {
    const bool is_empty =
        there->kind == os::FileStatus::Kind::directory && files_.list(path_).empty();
    if (!is_empty && !replace) {
      throw Error{Code::cannot_create, fmt::format("{} exists", printable(path_.native())),
                  "restore to another place, or pass --force to put it aside"};
    }
    if (!is_empty && files_.entry(before_)) {
      throw Error{Code::cannot_create, fmt::format("{} exists", printable(before_.native())),
                  "it was put aside by a restore before; move it away"};
    }
    replaces_ = !is_empty;
  }
  if (files_.entry(partial_)) {
    throw Error{Code::cannot_create, fmt::format("{} exists", printable(partial_.native())),
                "another restore is at it, or was killed: remove it"};
  }
  files_.create_directories(partial_, private_directory);
}

DirectoryTarget::~DirectoryTarget() {
  if (!finished_) {
    file_.reset();
    std::error_code error;  // what cannot be removed is named .partial
    std::filesystem::remove_all(partial_, error);
  }
}

void DirectoryTarget::refuse_below_links(const std::string& name) const {
  for (std::size_t end = name.find('/'); end != std::string::npos; end = name.find('/', end + 1)) {
    if (links_.contains(name.substr(0, end))) {
      throw Error{Code::data,
                  fmt::format("the backup has {} behind a symbolic link", printable(name)),
                  "it was made to write somewhere else; do not trust this store"};
    }
  }
}

os::File* DirectoryTarget::begin(const Member& member) {
  refuse_below_links(member.name);
  const std::filesystem::path place = partial_ / member.name;
  switch (member.kind) {
    case MemberKind::directory:
      files_.create_directories(place, private_directory);
      return nullptr;
    case MemberKind::symlink:
      files_.create_directories(place.parent_path(), private_directory);
      files_.create_symlink(member.target, place);
      links_.insert(member.name);
      return nullptr;
    case MemberKind::pages:
    case MemberKind::stream:
      break;
  }
  files_.create_directories(place.parent_path(), private_directory);
  file_ = files_.create_exclusive(place, member.mode & 0777U);
  if (!file_) {
    throw Error{Code::data, fmt::format("the backup has two files {}", printable(member.name))};
  }
  return file_.get();
}

void DirectoryTarget::end(const Member& /*member*/) {
  file_.reset();
}

std::filesystem::path DirectoryTarget::finish() {
  const auto probe = files_.create_unnamed(partial_);
  probe->sync_file_system();  // thousands of files at once
  if (replaces_) {
    files_.rename(path_, before_);
  }
  files_.rename(partial_, path_);
  finished_ = true;
  files_.sync_directory(path_.has_parent_path() ? path_.parent_path() : ".");
  return replaces_ ? before_ : std::filesystem::path{};
}

}  // namespace trackier::backup
