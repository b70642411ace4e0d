#include "decoded_file.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "codec/decoder.hpp"
#include "os/file_stream.hpp"

namespace trackier::cli {
namespace {

constexpr std::size_t piece = std::size_t{256} * 1024;

class DecodedFile final : public os::File {
 public:
  explicit DecodedFile(std::unique_ptr<os::File> file) : file_(std::move(file)) {}

  std::size_t read(MutBytes into) override { return read_at(at_, into); }

  std::size_t read_at(std::uint64_t offset, MutBytes into) override {
    if (!decoder_ || offset < at_) {
      begin();
    }
    skip(offset);
    std::size_t done = 0;
    while (done < into.size()) {
      const std::size_t count = decoder_->read(into.subspan(done));
      if (count == 0) {
        break;
      }
      done += count;
    }
    at_ += done;
    return done;
  }

  [[nodiscard]] os::FileStatus status() const override {
    os::FileStatus status = file_->status();
    if (!size_) {
      os::FileFrom source{*file_};
      codec::Decoder decoder{source};
      std::vector<std::byte> room(piece);
      size_ = 0;
      while (const std::size_t count = decoder.read(room)) {
        *size_ += count;
      }
    }
    status.size = *size_;
    return status;
  }

  std::optional<bool> has_writer() override { return file_->has_writer(); }
  bool try_lock(std::uint64_t offset, std::uint64_t bytes) override {
    return file_->try_lock(offset, bytes);
  }
  bool try_lock_shared(std::uint64_t offset, std::uint64_t bytes) override {
    return file_->try_lock_shared(offset, bytes);
  }
  void write(Bytes /*bytes*/) override { refuse(); }
  void write_at(std::uint64_t /*offset*/, Bytes /*bytes*/) override { refuse(); }
  void sync() override { file_->sync(); }
  void sync_file_system() override { refuse(); }
  void reserve(std::uint64_t /*bytes*/) override { refuse(); }
  void truncate(std::uint64_t /*size*/) override { refuse(); }
  void set_mode(unsigned /*mode*/) override { refuse(); }
  bool set_owner(std::uint32_t /*user*/, std::uint32_t /*group*/) override { refuse(); }
  void set_modified(std::int64_t /*nanoseconds*/) override { refuse(); }

 private:
  [[noreturn]] static void refuse() { throw Error{Code::bug, "writing to what was decoded"}; }

  void begin() {
    decoder_.reset();
    source_.emplace(*file_);
    decoder_.emplace(*source_);
    at_ = 0;
  }

  void skip(std::uint64_t offset) {
    std::vector<std::byte> room(at_ < offset ? piece : 0);
    while (at_ < offset) {
      const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(piece, offset - at_));
      const std::size_t count = decoder_->read(MutBytes{room}.first(most));
      if (count == 0) {
        return;
      }
      at_ += count;
    }
  }

  std::unique_ptr<os::File> file_;
  std::optional<os::FileFrom> source_;
  std::optional<codec::Decoder> decoder_;
  std::uint64_t at_ = 0;                       ///< in the content, where the decoder stands
  mutable std::optional<std::uint64_t> size_;  ///< of the content
};

}  // namespace

std::unique_ptr<os::File> decoded(std::unique_ptr<os::File> file) {
  return std::make_unique<DecodedFile>(std::move(file));
}

}  // namespace trackier::cli
