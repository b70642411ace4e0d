#include "store/pack_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/binary.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"

namespace trackier::store {
namespace {

/// A pack ends with the blob that reaches this.
constexpr std::uint64_t full_at = std::uint64_t{64} << 20U;
constexpr std::size_t write_at_once = std::size_t{1} << 20U;
constexpr std::uint64_t sync_step = std::uint64_t{8} << 20U;

}  // namespace

PackWriter::PackWriter(os::FileSystem& files, std::filesystem::path directory,
                       const crypto::Secret& chain_key, std::uint32_t generation)
    : files_(files),
      directory_(std::move(directory)),
      chain_key_(chain_key),
      generation_(generation) {}

PackWriter::~PackWriter() {
  if (file_) {
    file_.reset();
    try {
      files_.remove(temporary_);
    } catch (const Error&) {  // NOLINT(bugprone-empty-catch) orphans are swept by the next run
    }
  }
}

std::uint32_t PackWriter::add(BlobKind kind, Bytes plain) {
  if (plain.size() > most_blob_bytes || next_ == UINT32_MAX) {
    throw Error{Code::bug, fmt::format("a blob of {} bytes", plain.size())};
  }
  if (!file_) {
    begin();
  }
  const std::size_t sealed_bytes = plain.size() + crypto::AesGcm::tag_bytes;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + sealed_bytes);
  const std::array associated{static_cast<std::byte>(kind)};
  cipher_->seal(blob_nonce(blobs_.size()), plain, MutBytes{buffer_}.subspan(before, sealed_bytes),
                associated);
  blobs_.push_back({.kind = kind, .sealed_bytes = sealed_bytes});
  if (buffer_.size() >= write_at_once) {
    flush();
  }
  const std::uint32_t number = next_++;
  if (bytes_ + buffer_.size() >= full_at || blobs_.size() == most_blobs) {
    end();
  }
  return number;
}

std::vector<PackInfo> PackWriter::finish() {
  if (file_) {
    end();
  }
  return std::move(packs_);
}

void PackWriter::begin() {
  std::array<std::byte, pack_salt_bytes> salt{};
  crypto::random_bytes(salt);
  temporary_ = directory_ / fmt::format(".{}.tmp", hexadecimal(Bytes{salt}.first<8>()));
  file_ = files_.create_exclusive(temporary_, 0600);
  if (!file_) {
    throw Error{Code::cannot_create, fmt::format("{} exists", printable(temporary_.native()))};
  }
  cipher_.emplace(pack_key(chain_key_, salt).bytes());
  digest_.emplace();
  blobs_.clear();
  first_ = next_;
  bytes_ = 0;
  syncing_ = 0;
  buffer_.clear();
  write(as_bytes(pack_magic));
  write(salt);
}

void PackWriter::end() {
  std::vector<std::byte> footer;
  BinaryWriter writer{footer};
  writer.number(generation_);
  writer.number(first_);
  writer.number(blobs_.size());
  for (const Blob& blob : blobs_) {
    writer.number(static_cast<std::uint64_t>(blob.kind));
    writer.number(blob.sealed_bytes);
  }
  std::vector<std::byte> sealed(footer.size() + crypto::AesGcm::tag_bytes);
  const std::array associated{static_cast<std::byte>(BlobKind::footer)};
  cipher_->seal(blob_nonce(footer_number), footer, sealed, associated);
  write(sealed);
  std::array<std::byte, pack_trailer_bytes> trailer{};
  std::uint64_t size = sealed.size();
  for (std::byte& byte : trailer) {
    byte = static_cast<std::byte>(size);
    size >>= 8U;
  }
  write(trailer);
  flush();
  file_->sync();
  const PackInfo info{.name = hexadecimal(digest_->finish()), .bytes = bytes_, .first = first_};
  files_.rename(temporary_, directory_ / info.name);
  file_.reset();
  packs_.push_back(info);
}

void PackWriter::write(Bytes bytes) {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + bytes.size());
  std::ranges::copy(bytes, buffer_.begin() + static_cast<std::ptrdiff_t>(before));
}

void PackWriter::flush() {
  digest_->add(buffer_);
  file_->write(buffer_);
  bytes_ += buffer_.size();
  written_ += buffer_.size();
  buffer_.clear();
  if (bytes_ - syncing_ >= sync_step) {
    file_->begin_sync(syncing_, bytes_ - syncing_);
    syncing_ = bytes_;
  }
}

}  // namespace trackier::store
