#pragma once
/// The tar archives a PostgreSQL server sends: POSIX.1-1988 ustar (pax(1), "ustar Interchange
/// Format") as src/port/tar.c of PostgreSQL writes it, and nothing beyond that. What arrives may
/// have been made by somebody who is no PostgreSQL server: nothing that is read here leads out of
/// the directory it is unpacked into, except for the target of a symbolic link, which is the
/// caller's to judge.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/stream.hpp"

namespace trackier::postgres {

struct TarEntry {
  enum class Kind : std::uint8_t { file, directory, symlink };

  Kind kind = Kind::file;
  std::string path;        ///< relative, without empty parts, "." and "..", and no "/" at the end
  unsigned mode = 0;       ///< permission bits, 07777
  std::uint64_t size = 0;  ///< bytes of a file; 0 for others
  std::int64_t modified = 0;  ///< seconds since 1970, UTC
  std::string link_target;    ///< of a symlink: whatever the sender wrote; empty for others
};

/// Reads an archive entry by entry. Throws Error{Code::data} for whatever is not as the server
/// writes it, an end within an entry included.
class UstarReader {
 public:
  /// source: must outlive the reader.
  explicit UstarReader(Source& source) : source_(source) {}

  /// The next entry; none at the end, when `source` has been read to its end, too. What was not
  /// read of the entry before is passed over. The end is two blocks of zeros, and zeros as far as
  /// it goes, or just the end of `source` between two entries: PostgreSQL before 15 leaves the
  /// blocks out.
  std::optional<TarEntry> next();

  /// Content of the entry that `next` returned, as of Source::read: 0 at its end.
  std::size_t read(MutBytes into);

 private:
  static constexpr std::size_t block_bytes = 512;
  using Block = std::array<std::byte, block_bytes>;

  std::size_t read_block(Block& block);
  void skip_padding();
  void read_end();

  Source& source_;
  std::uint64_t left_ = 0;     ///< of the content of the current entry
  std::uint64_t padding_ = 0;  ///< zeros after it, up to a whole block
  bool ended_ = false;
};

}  // namespace trackier::postgres
