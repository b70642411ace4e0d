#pragma once
/// What a backup consists of: its files, and the blobs that have their content. One blob, complete
/// in itself. trackier-store(5), MAPS.

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "store/format.hpp"

namespace trackier::backup {

enum class MemberKind : std::uint8_t {
  pages = 1,   ///< a file of pages, in stripes
  stream = 2,  ///< any other content, in chunks
  directory = 3,
  symlink = 4,
};

/// Chunks that follow one another in a blob.
struct ChunkRun {
  store::BlobPlace place;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// One file. Names are relative, without "." and "..".
struct Member {
  std::string name;
  MemberKind kind = MemberKind::stream;
  unsigned mode = 0600;
  std::int64_t modified = 0;  ///< seconds since 1970
  std::uint64_t size = 0;
  std::uint32_t page_bytes = 0;                        ///< of pages
  std::vector<std::vector<store::BlobPlace>> stripes;  ///< of pages: the groups of each
  std::vector<ChunkRun> chunks;                        ///< of a stream
  std::string target;                                  ///< of a symlink
};

struct Map {
  std::string details;  ///< JSON: what the source says of itself at that moment
  std::vector<Member> members;
};

/// Bytes of stripe `index`; the last one may be shorter.
std::size_t stripe_size(const Member& member, std::uint64_t index);

std::vector<std::byte> encode_map(const Map& map);
/// Throws Error{Code::data} for anything that encode_map would not have written, names that lead
/// elsewhere included.
Map decode_map(Bytes blob);

/// Whether a member can have this name.
bool is_member_name(std::string_view name);

}  // namespace trackier::backup
