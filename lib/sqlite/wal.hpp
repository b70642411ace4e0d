#pragma once
/// Which pages of a database stand in its write-ahead log, and where. File format:
/// https://www.sqlite.org/fileformat2.html#walformat; index: https://www.sqlite.org/walformat.html.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "os/file.hpp"

namespace trackier::sqlite {

/// The beginning of the index that all processes share ("-shm"): up to where the log is valid.
struct WalIndexHeader {
  std::array<std::byte, 48> bytes{};  ///< the first copy, as it is
  std::uint32_t most_frame = 0;       ///< the last valid frame; 0: the log is empty
  std::uint32_t pages = 0;            ///< of the database, with the log; 0 when it is empty
  std::uint32_t page_bytes = 0;
  std::array<std::byte, 8> salts{};  ///< that frames have to have
  std::uint32_t backfilled = 0;      ///< frames that are in the database file already

  /// The same commits, whatever has been copied into the database since.
  [[nodiscard]] bool same_commits(const WalIndexHeader& other) const {
    return bytes == other.bytes;
  }
};

/// None when it is being written at this moment, or is not initialized. index: "-shm".
std::optional<WalIndexHeader> read_wal_index_header(os::File& index);

class WalPages {
 public:
  /// Nothing.
  WalPages() = default;

  /// Reads the frame headers up to header.most_frame. The caller holds a read transaction which
  /// keeps them from being written over. Throws Error{Code::data} when the log does not have them.
  WalPages(os::File& log, const WalIndexHeader& header, std::uint32_t page_bytes);

  /// Replaces the pages in `into`, which begins with page `first` (counted from 1), that stand in
  /// the log. Thread-safe.
  void overlay(os::File& log, std::uint32_t first, MutBytes into) const;

  [[nodiscard]] bool has(std::uint32_t page) const;
  [[nodiscard]] std::size_t count() const noexcept { return frames_.size(); }

 private:
  struct Frame {
    std::uint32_t page = 0;
    std::uint32_t number = 0;  ///< of its last frame, from 1 on
  };

  std::uint32_t page_bytes_ = 0;
  std::vector<Frame> frames_;  ///< by ascending page
};

}  // namespace trackier::sqlite
