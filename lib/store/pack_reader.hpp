#pragma once
/// Blobs of packs, opened. trackier-store(5), PACKS.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/secret.hpp"
#include "os/file.hpp"
#include "store/format.hpp"
#include "store/manifest.hpp"

namespace trackier::store {

struct Blob {
  BlobKind kind = BlobKind::full;
  std::vector<std::byte> plain;
};

/// One pack. Thread-safe.
class PackReader {
 public:
  /// Reads the footer. Throws Error{Code::data}: not a pack, cut short, or not of this chain;
  /// Error{Code::no_input}: it is missing.
  PackReader(os::FileSystem& files, const std::filesystem::path& path,
             const crypto::Secret& chain_key);

  [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
  [[nodiscard]] std::uint32_t first() const noexcept { return first_; }
  [[nodiscard]] std::uint32_t count() const noexcept {
    return static_cast<std::uint32_t>(places_.size());
  }

  /// number: of the blob in its generation, first() and on. Throws Error{Code::data} unless it is
  /// there and authentic.
  [[nodiscard]] Blob read(std::uint32_t number) const;

 private:
  struct Place {
    BlobKind kind = BlobKind::full;
    std::uint64_t offset = 0;
    std::uint64_t sealed_bytes = 0;
  };

  [[nodiscard]] std::vector<std::byte> open(std::uint64_t offset, std::uint64_t sealed_bytes,
                                            std::uint64_t number, BlobKind kind) const;
  void read_footer(std::uint64_t size);

  std::string name_;
  std::unique_ptr<os::File> file_;
  crypto::Secret key_;
  std::uint32_t generation_ = 0;
  std::uint32_t first_ = 0;
  std::vector<Place> places_;
};

/// All packs of a chain that a backup needs. Thread-safe; opens packs when they are asked for, and
/// keeps at most a few hundred open.
class BlobReader {
 public:
  /// chain_key must outlive the reader.
  BlobReader(os::FileSystem& files, std::filesystem::path directory,
             const crypto::Secret& chain_key, const std::vector<Generation>& generations);

  /// Throws Error{Code::data} that names the pack when it is missing, damaged, or has no such blob.
  [[nodiscard]] Blob read(BlobPlace place);
  /// The same, of a kind that is known.
  [[nodiscard]] std::vector<std::byte> read(BlobPlace place, BlobKind kind);

 private:
  std::shared_ptr<const PackReader> pack_of(BlobPlace place);
  std::shared_ptr<const PackReader> opened(const std::string& name);

  os::FileSystem& files_;
  std::filesystem::path directory_;
  const crypto::Secret& chain_key_;
  std::map<BlobPlace, std::string> names_;  ///< of packs, by their first blobs
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const PackReader>> open_;  ///< under mutex_
};

}  // namespace trackier::store
