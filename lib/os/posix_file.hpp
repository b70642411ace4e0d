#pragma once
/// A file descriptor as a File. Of interest inside this area only.

#include <sys/stat.h>

#include <string>

#include "os/file.hpp"

namespace trackier::os {

class PosixFile final : public File {
 public:
  enum class Descriptor : bool { owned, borrowed };  ///< closed by the destructor, or left open

  /// shown: what messages call the file, made printable.
  PosixFile(int descriptor, Descriptor ownership, std::string shown);
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  PosixFile(PosixFile&&) = delete;
  PosixFile& operator=(PosixFile&&) = delete;
  ~PosixFile() override;

  std::size_t read(MutBytes into) override;
  void write(Bytes bytes) override;
  std::size_t read_at(std::uint64_t offset, MutBytes into) override;
  void write_at(std::uint64_t offset, Bytes bytes) override;
  void sync() override;
  void sync_data() override;
  void sync_file_system() override;
  bool try_lock(std::uint64_t offset, std::uint64_t bytes) override;
  bool try_lock_shared(std::uint64_t offset, std::uint64_t bytes) override;
  std::optional<bool> has_writer() override;
  void begin_sync(std::uint64_t offset, std::uint64_t bytes) noexcept override;
  void forget_cached() noexcept override;
  [[nodiscard]] FileStatus status() const override;
  void reserve(std::uint64_t bytes) override;
  void truncate(std::uint64_t size) override;
  void set_mode(unsigned mode) override;
  bool set_owner(std::uint32_t user, std::uint32_t group) override;
  void set_modified(std::int64_t nanoseconds) override;

 private:
  bool try_lock_range(short kind, std::uint64_t offset, std::uint64_t bytes);
  [[noreturn]] void fail(const char* doing_what, int number) const;
  void wait_until_ready(short events) const;

  int descriptor_;
  Descriptor ownership_;
  std::string shown_;
};

FileStatus to_file_status(const struct stat& found);

}  // namespace trackier::os
