#pragma once
/// Blobs on their way into the store: sealed, and put together in packs of about 64 MiB that are
/// named after their digest. trackier-store(5), PACKS.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/aes_gcm.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"
#include "store/format.hpp"
#include "store/manifest.hpp"

namespace trackier::store {

class PackWriter {
 public:
  /// directory: where packs are. chain_key must outlive the writer.
  PackWriter(os::FileSystem& files, std::filesystem::path directory,
             const crypto::Secret& chain_key, std::uint32_t generation);
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;
  PackWriter(PackWriter&&) = delete;
  PackWriter& operator=(PackWriter&&) = delete;
  /// What was not finished vanishes; packs that were complete stay, and nothing refers to them.
  ~PackWriter();

  /// plain: at most most_blob_bytes. Returns the number of the blob in this generation.
  std::uint32_t add(BlobKind kind, Bytes plain);

  /// Completes the last pack; all of them would survive a power cut. Returns them in order.
  std::vector<PackInfo> finish();

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

 private:
  struct Blob {
    BlobKind kind = BlobKind::full;
    std::uint64_t sealed_bytes = 0;
  };

  void begin();
  void end();
  void write(Bytes bytes);
  void flush();

  os::FileSystem& files_;
  std::filesystem::path directory_;
  const crypto::Secret& chain_key_;
  std::uint32_t generation_;
  std::vector<PackInfo> packs_;
  std::uint32_t next_ = 0;  ///< number of the next blob
  std::uint64_t written_ = 0;

  // Of the pack that is open.
  std::unique_ptr<os::File> file_;
  std::filesystem::path temporary_;
  std::optional<crypto::AesGcm> cipher_;
  std::optional<crypto::Sha256> digest_;
  std::vector<Blob> blobs_;
  std::uint32_t first_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t syncing_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace trackier::store
