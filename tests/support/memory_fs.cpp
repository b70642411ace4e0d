#include "support/memory_fs.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>
#include <vector>

namespace trackier::test {
namespace {

using os::FileStatus;
using Content = MemoryFs::Content;

class MemoryFile final : public os::File {
 public:
  MemoryFile(std::shared_ptr<Content> content, const bool& may_change_owner)
      : content_(std::move(content)), may_change_owner_(may_change_owner) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  MemoryFile(MemoryFile&&) = delete;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile() override {
    if (holds_lock_) {
      content_->locked = false;
    }
  }

  std::size_t read(MutBytes into) override {
    const Bytes rest = as_bytes(content_->bytes).subspan(std::min(at_, content_->bytes.size()));
    const std::size_t count = std::min(into.size(), rest.size());
    std::ranges::copy(rest.first(count), into.begin());
    at_ += count;
    return count;
  }

  void write(Bytes bytes) override {
    std::string& all = content_->bytes;
    all.resize(std::max(all.size(), at_ + bytes.size()));
    all.replace(at_, bytes.size(), as_text(bytes));
    at_ += bytes.size();
  }

  std::size_t read_at(std::uint64_t offset, MutBytes into) override {
    const Bytes rest =
        as_bytes(content_->bytes).subspan(std::min<std::size_t>(offset, content_->bytes.size()));
    const std::size_t count = std::min(into.size(), rest.size());
    std::ranges::copy(rest.first(count), into.begin());
    return count;
  }

  void write_at(std::uint64_t offset, Bytes bytes) override {
    std::string& all = content_->bytes;
    all.resize(std::max<std::size_t>(all.size(), offset + bytes.size()));
    all.replace(offset, bytes.size(), as_text(bytes));
  }

  void sync() override { content_->durable = content_->bytes; }
  void sync_file_system() override { sync(); }

  bool try_lock(std::uint64_t /*offset*/, std::uint64_t /*bytes*/) override {
    if (content_->locked && !holds_lock_) {
      return false;
    }
    holds_lock_ = content_->locked = true;
    return true;
  }

  bool try_lock_shared(std::uint64_t offset, std::uint64_t bytes) override {
    return try_lock(offset, bytes);
  }

  std::optional<bool> has_writer() override { return std::nullopt; }

  [[nodiscard]] FileStatus status() const override {
    FileStatus status = content_->status;
    status.size = content_->bytes.size();
    return status;
  }

  void reserve(std::uint64_t bytes) override {
    content_->bytes.resize(std::max<std::size_t>(content_->bytes.size(), bytes));
  }
  void truncate(std::uint64_t size) override { content_->bytes.resize(size); }
  void set_mode(unsigned mode) override { content_->status.mode = mode; }

  bool set_owner(std::uint32_t user, std::uint32_t group) override {
    if (may_change_owner_) {
      content_->status.user = user;
      content_->status.group = group;
    }
    return may_change_owner_;
  }

  void set_modified(std::int64_t nanoseconds) override {
    content_->status.modified_ns = nanoseconds;
  }

 private:
  std::shared_ptr<Content> content_;
  const bool& may_change_owner_;
  std::size_t at_ = 0;
  bool holds_lock_ = false;
};

}  // namespace

const std::shared_ptr<Content>& MemoryFs::find(const Path& path, Code code) const {
  const auto found = names_.find(path);
  if (found == names_.end()) {
    throw Error{code, path.string() + ": " + errno_text(ENOENT)};
  }
  return found->second;
}

void MemoryFs::add(const Path& path, std::string_view bytes, unsigned mode) {
  create_exclusive(path, mode)->write(as_bytes(bytes));
  names_[path]->durable = bytes;
  durable_names_[path] = names_[path];
}

std::string MemoryFs::content(const Path& path) const {
  return find(path, Code::no_input)->bytes;
}

std::vector<os::FileSystem::Path> MemoryFs::names() const {
  std::vector<Path> names;
  for (const auto& [path, content] : names_) {
    names.push_back(path);
  }
  return names;
}

void MemoryFs::power_cut(Survives survives) {
  if (survives == Survives::names) {
    durable_names_ = names_;
  }
  names_ = durable_names_;
  for (const auto& [path, content] : names_) {
    content->bytes = content->durable;
  }
}

namespace {

/// What may be there of a content of which `now` was not synced.
std::vector<std::string> survivors(const std::string& durable, const std::string& now) {
  std::vector<std::string> made{durable};
  if (now == durable) {
    return made;
  }
  made.push_back(now);
  const std::size_t kept = static_cast<std::size_t>(
      std::mismatch(durable.begin(), durable.end(), now.begin(), now.end()).second - now.begin());
  if (now.size() > kept) {
    const std::size_t added = now.size() - kept;
    made.push_back(now.substr(0, kept + added / 2));
    made.push_back(now.substr(0, now.size() - 1));
    made.push_back(now.substr(0, kept) + std::string(added, '\0'));
    made.push_back(now.substr(0, kept + added / 2) + std::string(added - added / 2, '\0'));
  }
  return made;
}

}  // namespace

std::uint64_t MemoryFs::power_cut(std::uint64_t state) {
  std::uint64_t states = 1;
  const auto choose = [&](std::uint64_t of) {
    states *= of;
    const std::uint64_t chosen = state % of;
    state /= of;
    return chosen;
  };
  const Names before = durable_names_;
  Names all = names_;
  all.insert(before.begin(), before.end());
  for (const auto& [path, content] : all) {
    const auto was = before.find(path);
    const auto is = names_.find(path);
    const bool is_changed = (was == before.end()) != (is == names_.end()) ||
                            (was != before.end() && was->second != is->second);
    if (is_changed && choose(2) == 1) {
      if (is == names_.end()) {
        durable_names_.erase(path);
      } else {
        durable_names_[path] = is->second;
      }
    }
  }
  names_ = durable_names_;
  std::set<std::shared_ptr<Content>> contents;
  for (const auto& [path, content] : names_) {
    if (contents.insert(content).second) {
      const auto possible = survivors(content->durable, content->bytes);
      content->bytes = possible.at(choose(possible.size()));
      content->durable = content->bytes;
    }
  }
  return states;
}

std::unique_ptr<os::File> MemoryFs::open(const Path& path) {
  return std::make_unique<MemoryFile>(find(path, Code::no_input), may_change_owner);
}

std::unique_ptr<os::File> MemoryFs::open_for_update(const Path& path) {
  return open(path);
}

std::unique_ptr<os::File> MemoryFs::open_device(const Path& path) {
  return std::make_unique<MemoryFile>(find(path, Code::cannot_create), may_change_owner);
}

std::unique_ptr<os::File> MemoryFs::create_exclusive(const Path& path, unsigned mode) {
  if (names_.contains(path)) {
    return nullptr;
  }
  const auto made = std::make_shared<Content>();
  made->status.kind = FileStatus::Kind::regular;
  made->status.inode = next_inode_++;
  made->status.mode = mode;
  names_[path] = made;
  return std::make_unique<MemoryFile>(made, may_change_owner);
}

std::unique_ptr<os::File> MemoryFs::create_unnamed(const Path& /*directory*/) {
  const auto made = std::make_shared<Content>();
  made->status.kind = FileStatus::Kind::regular;
  made->status.inode = next_inode_++;
  made->status.mode = 0600;
  return std::make_unique<MemoryFile>(made, may_change_owner);
}

void MemoryFs::rename(const Path& from, const Path& to) {
  const auto moved = find(from, Code::cannot_create);
  names_.erase(from);
  names_[to] = moved;
}

bool MemoryFs::rename_exclusive(const Path& from, const Path& to) {
  if (names_.contains(to)) {
    return false;
  }
  rename(from, to);
  return true;
}

void MemoryFs::remove(const Path& path) {
  names_.erase(path);
}

void MemoryFs::create_directories(const Path& /*path*/, unsigned /*mode*/) {}

void MemoryFs::create_symlink(const Path& /*target*/, const Path& path) {
  throw Error{Code::cannot_create, path.native() + ": there are no links here"};
}

std::vector<os::FileSystem::Path> MemoryFs::list(const Path& directory) {
  std::vector<Path> inside;
  for (const auto& [path, content] : names_) {
    if (path.parent_path() == directory) {
      inside.push_back(path.filename());
    }
  }
  return inside;
}

void MemoryFs::sync_directory(const Path& path) {
  const auto inside = [&path](const auto& name) { return name.first.parent_path() == path; };
  std::erase_if(durable_names_, inside);
  std::ranges::copy_if(names_, std::inserter(durable_names_, durable_names_.end()), inside);
}

std::optional<FileStatus> MemoryFs::status(const Path& path) {
  if (names_.contains(path)) {
    return open(path)->status();
  }
  const auto below = names_.lower_bound(path / "");
  const bool is_directory =
      below != names_.end() &&
      std::mismatch(path.begin(), path.end(), below->first.begin(), below->first.end()).first ==
          path.end();
  return is_directory ? std::optional{FileStatus{.kind = FileStatus::Kind::directory}}
                      : std::nullopt;
}

std::optional<FileStatus> MemoryFs::entry(const Path& path) {
  return status(path);
}

}  // namespace trackier::test
