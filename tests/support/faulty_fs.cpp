#include "support/faulty_fs.hpp"

#include <utility>

namespace trackier::test {
namespace {

class FaultyFile final : public os::File {
 public:
  FaultyFile(FaultyFs& files, std::unique_ptr<os::File> inner)
      : files_(files), inner_(std::move(inner)) {}

  std::size_t read(MutBytes into) override {
    step("read");
    return inner_->read(into);
  }
  void write(Bytes bytes) override {
    if (files_.fails("write")) {
      inner_->write(bytes.first(bytes.size() / 2));
      throw files_.failure(Code::io, "write");
    }
    inner_->write(bytes);
  }
  std::size_t read_at(std::uint64_t offset, MutBytes into) override {
    step("read_at");
    return inner_->read_at(offset, into);
  }
  void write_at(std::uint64_t offset, Bytes bytes) override {
    if (files_.fails("write_at")) {
      inner_->write_at(offset, bytes.first(bytes.size() / 2));
      throw files_.failure(Code::io, "write_at");
    }
    inner_->write_at(offset, bytes);
  }
  void sync() override {
    step("sync");
    inner_->sync();
  }
  void sync_data() override {
    step("sync_data");
    inner_->sync_data();
  }
  void sync_file_system() override {
    step("sync_file_system");
    inner_->sync_file_system();
  }
  bool try_lock(std::uint64_t offset, std::uint64_t bytes) override {
    step("try_lock");
    return inner_->try_lock(offset, bytes);
  }
  bool try_lock_shared(std::uint64_t offset, std::uint64_t bytes) override {
    step("try_lock_shared");
    return inner_->try_lock_shared(offset, bytes);
  }
  std::optional<bool> has_writer() override { return inner_->has_writer(); }
  [[nodiscard]] os::FileStatus status() const override {
    step("status of an open file");
    return inner_->status();
  }
  void reserve(std::uint64_t bytes) override {
    step("reserve");
    inner_->reserve(bytes);
  }
  void truncate(std::uint64_t size) override {
    step("truncate");
    inner_->truncate(size);
  }
  void set_mode(unsigned mode) override {
    step("set_mode");
    inner_->set_mode(mode);
  }
  bool set_owner(std::uint32_t user, std::uint32_t group) override {
    step("set_owner");
    return inner_->set_owner(user, group);
  }
  void set_modified(std::int64_t nanoseconds) override {
    step("set_modified");
    inner_->set_modified(nanoseconds);
  }

 private:
  void step(const char* operation) const {
    if (files_.fails(operation)) {
      throw files_.failure(Code::io, operation);
    }
  }

  FaultyFs& files_;
  std::unique_ptr<os::File> inner_;
};

}  // namespace

bool FaultyFs::fails(const char* operation) {
  ++operations_;
  const bool now = operations_ == fault_.operation;
  const bool since = fault_.from_then_on && fault_.operation != 0 && operations_ > fault_.operation;
  if (now) {
    failed_ = operation;
  }
  return now || since;
}

Error FaultyFs::failure(Code code, const std::string& operation) const {
  return Error{code, operation + ": " + errno_text(fault_.number)};
}

void FaultyFs::step(const char* operation, Code code, const Path& path) {
  if (fails(operation)) {
    throw failure(code, operation + (" " + path.string()));
  }
}

std::unique_ptr<os::File> FaultyFs::wrap(std::unique_ptr<os::File> file) {
  return file ? std::make_unique<FaultyFile>(*this, std::move(file)) : nullptr;
}

std::unique_ptr<os::File> FaultyFs::open(const Path& path) {
  step("open", Code::no_input, path);
  return wrap(inner_.open(path));
}

std::unique_ptr<os::File> FaultyFs::open_for_update(const Path& path) {
  step("open_for_update", Code::no_input, path);
  return wrap(inner_.open_for_update(path));
}

std::unique_ptr<os::File> FaultyFs::open_device(const Path& path) {
  step("open_device", Code::cannot_create, path);
  return wrap(inner_.open_device(path));
}

std::unique_ptr<os::File> FaultyFs::create_exclusive(const Path& path, unsigned mode) {
  step("create_exclusive", Code::cannot_create, path);
  return wrap(inner_.create_exclusive(path, mode));
}

std::unique_ptr<os::File> FaultyFs::create_unnamed(const Path& directory) {
  step("create_unnamed", Code::cannot_create, directory);
  return wrap(inner_.create_unnamed(directory));
}

void FaultyFs::rename(const Path& from, const Path& to) {
  step("rename", Code::cannot_create, from);
  inner_.rename(from, to);
}

bool FaultyFs::rename_exclusive(const Path& from, const Path& to) {
  step("rename_exclusive", Code::cannot_create, from);
  return inner_.rename_exclusive(from, to);
}

void FaultyFs::remove(const Path& path) {
  step("remove", Code::io, path);
  inner_.remove(path);
}

void FaultyFs::create_directories(const Path& path, unsigned mode) {
  step("create_directories", Code::cannot_create, path);
  inner_.create_directories(path, mode);
}

void FaultyFs::create_symlink(const Path& target, const Path& path) {
  step("create_symlink", Code::cannot_create, path);
  inner_.create_symlink(target, path);
}

std::vector<os::FileSystem::Path> FaultyFs::list(const Path& directory) {
  step("list", Code::no_input, directory);
  return inner_.list(directory);
}

void FaultyFs::sync_directory(const Path& path) {
  step("sync_directory", Code::io, path);
  inner_.sync_directory(path);
}

std::optional<os::FileStatus> FaultyFs::status(const Path& path) {
  step("status", Code::no_input, path);
  return inner_.status(path);
}

std::optional<os::FileStatus> FaultyFs::entry(const Path& path) {
  step("entry", Code::no_input, path);
  return inner_.entry(path);
}

}  // namespace trackier::test
