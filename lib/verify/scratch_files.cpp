#include "verify/scratch_files.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace trackier::verify {

ScratchFile::ScratchFile(os::FileSystem& files, std::filesystem::path path, std::string member)
    : files_(files), path_(std::move(path)), member_(std::move(member)) {}

os::File* ScratchFile::begin(const backup::Member& member) {
  if (member.name != member_) {
    return nullptr;
  }
  file_ = files_.create_exclusive(path_, 0600);
  if (!file_) {
    throw Error{Code::cannot_create, fmt::format("{} exists", printable(path_.native()))};
  }
  return file_.get();
}

void ScratchFile::end(const backup::Member& /*member*/) {
  file_.reset();
}

}  // namespace trackier::verify
