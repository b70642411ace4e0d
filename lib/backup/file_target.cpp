#include "backup/file_target.hpp"

#include <fmt/format.h>

#include "core/text.hpp"
#include "sqlite/connection.hpp"

namespace trackier::backup {

FileTarget::FileTarget(os::FileSystem& files, std::filesystem::path path, std::string member,
                       bool replace)
    : files_(files), path_(std::move(path)), member_(std::move(member)), replace_(replace) {
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    auto sidecar = path_;
    sidecar += suffix;
    if (files_.entry(sidecar)) {
      sidecars_.push_back(std::move(sidecar));
    }
  }
  if (!replace_ && files_.entry(path_)) {
    throw Error{Code::cannot_create, fmt::format("{} exists", printable(path_.native())),
                "restore to another place, or pass --force to replace it"};
  }
  if (!replace_ && !sidecars_.empty()) {
    throw Error{Code::cannot_create,
                fmt::format("{} is there: SQLite would take it for a part of what is restored",
                            printable(sidecars_.front().native())),
                "restore to another place, or pass --force to remove it"};
  }
}

os::File* FileTarget::begin(const Member& member) {
  if (member.name != member_) {
    return nullptr;
  }
  file_ = std::make_unique<os::ReplaceFile>(
      files_, path_, os::ReplaceOptions{.replace = replace_, .mode = member.mode & 0777U});
  return &file_->written_in_place(member.size);
}

void FileTarget::end(const Member& /*member*/) {}

void FileTarget::finish() {
  if (!file_) {
    throw Error{Code::data, fmt::format("the backup has no {}", member_)};
  }
  // A log and a journal belong to the database that is replaced, as long as it is there; and
  // whoever is killed in between must leave it whole.
  if (!sidecars_.empty() && files_.entry(path_)) {
    sqlite::settle(path_);
  }
  for (const auto& sidecar : sidecars_) {
    files_.remove(sidecar);
  }
  file_->finish();
}

}  // namespace trackier::backup
