#include "verify/scratch.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <system_error>
#include <thread>

#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "store/format.hpp"

namespace trackier::verify {
namespace {

constexpr unsigned private_directory = 0700;
constexpr unsigned everybody_passes = 0711;
constexpr std::string_view prefix = "drill-";
constexpr std::string_view lock_suffix = ".lock";

/// What is below is restored data, whose modes can keep its owner out. False: some of it is still
/// there.
bool remove_once(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (!error) {
    return true;
  }
  constexpr auto all = std::filesystem::perms::owner_all;
  std::filesystem::permissions(path, all, std::filesystem::perm_options::add, error);
  for (std::filesystem::recursive_directory_iterator at{path, error}, end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error) && !at->is_symlink(error)) {
      std::filesystem::permissions(at->path(), all, std::filesystem::perm_options::add, error);
    }
  }
  std::filesystem::remove_all(path, error);
  return !error;
}

/// A server that dies after the drill that was killed writes for a moment more.
bool remove_tree(const std::filesystem::path& path) {
  constexpr int most_tries = 5;
  constexpr std::chrono::milliseconds between_tries{100};
  for (int tries = 1; !remove_once(path); ++tries) {
    if (tries == most_tries) {
      return false;
    }
    std::this_thread::sleep_for(between_tries);
  }
  return true;
}

}  // namespace

Scratch::Scratch(os::FileSystem& files, std::filesystem::path parent)
    : files_(files), parent_(std::move(parent)) {
  try {
    make();
  } catch (const Error& error) {
    if (error.code() != Code::no_input) {
      throw;
    }
    throw Error{Code::unavailable, error.what(),
                "set verify.scratch to a place that can be read and written"};
  }
}

void Scratch::make() {
  files_.create_directories(parent_, everybody_passes);
  sweep();
  constexpr int most_tries = 100;
  for (int tries = 0; !take_name(); ++tries) {
    if (tries == most_tries) {
      throw Error{Code::cannot_create,
                  fmt::format("{}: no directory can be made there", printable(parent_.native()))};
    }
  }
  files_.create_directories(path_, private_directory);
}

/// Somebody who sweeps can take the lock away before we have locked it.
bool Scratch::take_name() {
  constexpr std::size_t digits = 8;  // the socket of a server is below, and its path is short
  path_ = parent_ / (std::string{prefix} + hexadecimal(store::random_id()).substr(0, digits));
  const std::filesystem::path place = lock_path();
  lock_ = files_.create_exclusive(place, 0600);
  if (!lock_ || !lock_->try_lock(0, 1)) {
    return false;
  }
  const auto now = files_.status(place);
  return now && now->same_file(lock_->status());
}

std::filesystem::path Scratch::lock_path() const {
  return std::filesystem::path{path_} += lock_suffix;
}

/// The lock stays with what could not be removed: the next drill tries again, and says so.
Scratch::~Scratch() {
  if (!remove_tree(path_)) {
    return;
  }
  try {
    files_.remove(lock_path());
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch) the next drill sweeps it
  }
}

/// Null when its drill has ended meanwhile, or is somebody else's.
std::unique_ptr<os::File> Scratch::open_lock(const std::filesystem::path& path) const {
  try {
    return files_.open_for_update(path);
  } catch (const Error& error) {
    if (error.code() == Code::no_permission || !files_.status(path)) {
      return nullptr;
    }
    throw;
  }
}

/// The lock goes last: as long as it is there, somebody sweeps.
void Scratch::sweep() {
  for (const auto& entry : files_.list(parent_)) {
    const std::string& name = entry.native();
    if (!name.starts_with(prefix) || !name.ends_with(lock_suffix)) {
      continue;
    }
    const auto lock = open_lock(parent_ / entry);
    if (!lock || !lock->try_lock(0, 1)) {
      continue;
    }
    const auto drill = parent_ / name.substr(0, name.size() - lock_suffix.size());
    if (remove_tree(drill)) {
      files_.remove(parent_ / entry);
    } else {
      left_.push_back(drill);
    }
  }
}

void Scratch::require_room(std::uint64_t bytes) const {
  std::error_code error;
  const auto space = std::filesystem::space(path_, error);
  if (!error && space.available < bytes) {
    throw Error{Code::unavailable,
                fmt::format("{} has {} free, and the drill needs {}", printable(parent_.native()),
                            human_bytes(space.available), human_bytes(bytes)),
                "set verify.scratch to a place with more room"};
  }
}

}  // namespace trackier::verify
