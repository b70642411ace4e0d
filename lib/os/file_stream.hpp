#pragma once
/// Files as the ends of a stream.

#include "core/stream.hpp"
#include "os/file.hpp"

namespace trackier::os {

/// Reads `file`, which must outlive it.
class FileSource final : public Source {
 public:
  explicit FileSource(File& file) : file_(file) {}
  std::size_t read(MutBytes into) override {
    const std::size_t count = file_.read(into);
    read_ += count;
    return count;
  }

  /// How much has been read, for who shows progress.
  [[nodiscard]] std::uint64_t bytes_read() const { return read_; }

 private:
  File& file_;
  std::uint64_t read_ = 0;
};

/// Reads `file`, which must outlive it, from a byte on, whatever its position.
class FileFrom final : public Source {
 public:
  explicit FileFrom(File& file, std::uint64_t offset = 0) : file_(file), offset_(offset) {}
  std::size_t read(MutBytes into) override {
    const std::size_t count = file_.read_at(offset_, into);
    offset_ += count;
    return count;
  }

 private:
  File& file_;
  std::uint64_t offset_;
};

/// Writes to `file`, which must outlive it; finish() does nothing, for there is nothing held back.
class FileSink final : public Sink {
 public:
  explicit FileSink(File& file) : file_(file) {}
  void write(Bytes bytes) override { file_.write(bytes); }
  void finish() override {}

 private:
  File& file_;
};

}  // namespace trackier::os
