#include "os/replace_file.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "core/text.hpp"

namespace trackier::os {
namespace {

constexpr std::string_view temporary_suffix = ".tmp";
constexpr std::size_t letter_count = 6;
constexpr std::string_view letters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

constexpr int name_attempts = 100;

/// While the disk writes these, the next are made; finish() then waits for the last ones only.
constexpr std::uint64_t begin_sync_bytes = 8 * 1024 * 1024;

/// A name may have 255 bytes on most file systems; ours adds 12 to what it keeps of the target's.
constexpr std::size_t kept_name_bytes = 200;

/// Known not to be there; a failure to ask is not told, for something else has failed before.
bool is_missing(FileSystem& files, const std::filesystem::path& directory) {
  try {
    return !files.status(directory);
  } catch (const Error&) {
    return false;
  }
}

std::string random_letters() {
  std::array<unsigned char, letter_count> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Error{Code::unavailable, fmt::format("no random bytes: {}", errno_text(errno))};
  }
  std::string text;
  for (const unsigned char byte : bytes) {
    text += letters[byte % letters.size()];
  }
  return text;
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

/// A name that cannot be looked up is an output that cannot be made.
std::optional<FileStatus> entry_of(FileSystem& files, const std::filesystem::path& target) {
  try {
    return files.entry(target);
  } catch (const Error& error) {
    throw Error{Code::cannot_create, error.what(), error.hint()};
  }
}

Error exists(const std::string& target) {
  return Error{Code::cannot_create, fmt::format("{} exists", target),
               "choose another name, or pass --force to replace it"};
}

}  // namespace

std::string temporary_stem(const std::filesystem::path& target) {
  return target.filename().native().substr(0, kept_name_bytes);
}

std::string_view target_of_temporary(std::string_view name) {
  constexpr std::size_t added = 1 + 1 + letter_count + temporary_suffix.size();
  if (name.size() <= added || !name.starts_with('.') || !name.ends_with(temporary_suffix)) {
    return {};
  }
  const std::string_view target = name.substr(1, name.size() - added);
  const std::string_view rest = name.substr(1 + target.size());
  const bool is_one =
      rest.front() == '.' &&
      rest.substr(1, letter_count).find_first_not_of(letters) == std::string_view::npos;
  return is_one ? target : std::string_view{};
}

std::vector<std::filesystem::path> temporaries_of(FileSystem& files,
                                                  const std::filesystem::path& target) {
  const auto directory = directory_of(target);
  const std::string stem = temporary_stem(target);
  std::vector<std::filesystem::path> found;
  for (const auto& name : files.list(directory)) {
    if (target_of_temporary(name.native()) == stem) {
      found.push_back(directory / name);
    }
  }
  return found;
}

ReplaceFile::ReplaceFile(FileSystem& files, std::filesystem::path target,
                         const ReplaceOptions& options)
    : files_(files),
      target_(std::move(target)),
      aim_(printable(target_.native())),
      options_(options) {
  if (const auto found = entry_of(files_, target_)) {
    if (found->kind != FileStatus::Kind::regular) {
      throw Error{Code::cannot_create, fmt::format("{} is not a regular file", aim_),
                  "it would be replaced, not written to: name a file, or use standard output"};
    }
    if (!options_.replace) {
      throw exists(aim_);
    }
  }
  create_temporary();
  try {
    doing(aim_, [&] { file_->reserve(options_.reserve); });
  } catch (...) {
    discard();
    throw;
  }
}

ReplaceFile::~ReplaceFile() {
  discard();
}

void ReplaceFile::discard() noexcept {
  file_.reset();
  if (temporary_.empty()) {
    return;
  }
  try {
    files_.remove(temporary_);
  } catch (const std::exception&) {
    // Reached from destructors only: the error that led here is the one to be told.
  }
  temporary_.clear();
}

void ReplaceFile::create_temporary() {
  const std::string name = temporary_stem(target_);
  const auto directory = directory_of(target_);
  for (int attempt = 0; attempt < name_attempts; ++attempt) {
    const auto candidate =
        directory / fmt::format(".{}.{}{}", name, random_letters(), temporary_suffix);
    try {
      file_ = doing(aim_, [&] { return files_.create_exclusive(candidate, 0600); });
    } catch (const Error& error) {
      if (error.code() != Code::cannot_create || !is_missing(files_, directory)) {
        throw;
      }
      throw Error{
          Code::cannot_create,
          fmt::format("{}: the directory {} is not there", aim_, printable(directory.native())),
          "make it first"};
    }
    if (file_) {
      temporary_ = candidate;
      return;
    }
  }
  throw Error{Code::cannot_create, fmt::format("{}: no free name for a temporary beside it", aim_)};
}

void ReplaceFile::write(Bytes bytes) {
  doing(aim_, [&] { file_->write(bytes); });
  written_ += bytes.size();
  if (options_.sync && written_ - syncing_ >= begin_sync_bytes) {
    file_->begin_sync(syncing_, written_ - syncing_);
    syncing_ = written_;
  }
}

File& ReplaceFile::written_in_place(std::uint64_t bytes) {
  written_ = bytes;
  return *file_;
}

void ReplaceFile::apply_attributes() {
  if (!options_.like) {
    file_->set_mode(options_.mode);
    if (options_.modified_ns) {
      file_->set_modified(*options_.modified_ns);
    }
    return;
  }
  const FileStatus& like = *options_.like;
  const FileStatus ours = file_->status();
  const bool same_owner = (ours.user == like.user && ours.group == like.group) ||
                          file_->set_owner(like.user, like.group);
  file_->set_mode(like.mode & (same_owner ? 0777U : 0700U));
  file_->set_modified(like.modified_ns);
}

void ReplaceFile::finish() {
  doing(aim_, [&] {
    if (options_.reserve > 0) {
      file_->truncate(written_);
    }
    apply_attributes();
    if (options_.sync) {
      file_->sync();
    }
    if (options_.replace) {
      files_.rename(temporary_, target_);
    } else if (!files_.rename_exclusive(temporary_, target_)) {
      throw Error{Code::cannot_create, "another process made it meanwhile",
                  "choose another name, or pass --force to replace it"};
    }
    temporary_.clear();
    file_.reset();
    if (options_.sync) {
      files_.sync_directory(directory_of(target_));
    }
  });
}

}  // namespace trackier::os
