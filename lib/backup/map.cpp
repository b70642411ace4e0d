#include "backup/map.hpp"

#include <algorithm>
#include <map>

#include "backup/stripe.hpp"
#include "codec/prefix_codec.hpp"
#include "core/binary.hpp"
#include "core/error.hpp"

namespace trackier::backup {
namespace {

using store::BlobPlace;

constexpr std::uint64_t format_version = 1;
constexpr int level = 3;
/// Of a database of some terabytes; a small blob could say that it becomes anything.
constexpr std::uint64_t most_map_bytes = std::uint64_t{64} << 20U;
constexpr std::size_t longest_name = 4096;
constexpr unsigned most_mode = 07777;

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1));
}

/// Places follow one another mostly: each is said by its distance from the last of its generation.
class Places {
 public:
  void write(BlobPlace place, BinaryWriter& writer) {
    writer.number(place.generation);
    std::uint32_t& expected = next_[place.generation];
    writer.number(zigzag(static_cast<std::int64_t>(place.number) - expected));
    expected = place.number + 1;
  }

  BlobPlace read(BinaryReader& reader) {
    BlobPlace place{.generation = static_cast<std::uint32_t>(reader.number(UINT32_MAX)),
                    .number = 0};
    std::uint32_t& expected = next_[place.generation];
    const std::int64_t distance = from_zigzag(reader.number(std::uint64_t{1} << 34U));
    place.number = static_cast<std::uint32_t>(static_cast<std::int64_t>(expected) + distance);
    expected = place.number + 1;
    return place;
  }

 private:
  std::map<std::uint32_t, std::uint32_t> next_;
};

void write_member(const Member& member, Places& places, BinaryWriter& writer) {
  writer.sized(member.name);
  writer.number(static_cast<std::uint64_t>(member.kind));
  writer.number(member.mode);
  writer.number(zigzag(member.modified));
  writer.number(member.size);
  switch (member.kind) {
    case MemberKind::pages:
      writer.number(member.page_bytes);
      for (const auto& stripe : member.stripes) {
        writer.number(stripe.size());
        for (const BlobPlace place : stripe) {
          places.write(place, writer);
        }
      }
      break;
    case MemberKind::stream:
      writer.number(member.chunks.size());
      for (const ChunkRun& run : member.chunks) {
        places.write(run.place, writer);
        writer.number(run.first);
        writer.number(run.count);
      }
      break;
    case MemberKind::symlink:
      writer.sized(member.target);
      break;
    case MemberKind::directory:
      break;
  }
}

[[noreturn]] void fail(const char* what) {
  throw Error{Code::data, std::string{"the page map "} + what};
}

void read_pages(Member& member, Places& places, BinaryReader& reader) {
  member.page_bytes = static_cast<std::uint32_t>(reader.number(most_page_bytes));
  if (!is_page_size(member.page_bytes) || member.size % member.page_bytes != 0) {
    fail("has pages of a size that cannot be");
  }
  const std::uint64_t stripes = (member.size + stripe_bytes - 1) / stripe_bytes;
  if (stripes > reader.rest().size()) {  // each takes a byte at least
    fail("is cut short");
  }
  member.stripes.resize(stripes);
  for (auto& stripe : member.stripes) {
    const std::uint64_t count = reader.number(reader.rest().size());
    if (count == 0) {
      fail("has a stripe without content");
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      stripe.push_back(places.read(reader));
    }
    if (!std::ranges::is_sorted(stripe, {}, &BlobPlace::generation)) {
      fail("has groups out of order");
    }
  }
}

Member read_member(Places& places, BinaryReader& reader) {
  Member member;
  member.name = reader.sized_text();
  if (!is_member_name(member.name)) {
    fail("has a name that leads elsewhere");
  }
  const std::uint64_t kind = reader.number();
  if (kind < 1 || kind > static_cast<std::uint64_t>(MemberKind::symlink)) {
    fail("has a member of an unknown kind");
  }
  member.kind = static_cast<MemberKind>(kind);
  member.mode = static_cast<unsigned>(reader.number(most_mode));
  member.modified = from_zigzag(reader.number());
  member.size = reader.number(UINT64_MAX >> 2U);
  switch (member.kind) {
    case MemberKind::pages:
      read_pages(member, places, reader);
      break;
    case MemberKind::stream: {
      const std::uint64_t runs = reader.number(reader.rest().size());
      for (std::uint64_t i = 0; i < runs; ++i) {
        ChunkRun run{.place = places.read(reader)};
        run.first = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
        run.count = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
        member.chunks.push_back(run);
      }
      break;
    }
    case MemberKind::symlink:
      member.target = reader.sized_text();
      break;
    case MemberKind::directory:
      break;
  }
  return member;
}

}  // namespace

bool is_member_name(std::string_view name) {
  if (name.empty() || name.size() > longest_name || name.front() == '/' ||
      name.find('\0') != std::string_view::npos) {
    return false;
  }
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, end);
    if (part.empty() || part == "." || part == "..") {
      return false;
    }
    if (end + 1 == name.size()) {
      return false;  // ends with a slash
    }
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return true;
}

std::size_t stripe_size(const Member& member, std::uint64_t index) {
  return std::min<std::uint64_t>(member.size - index * stripe_bytes, stripe_bytes);
}

std::vector<std::byte> encode_map(const Map& map) {
  std::vector<std::byte> raw;
  BinaryWriter writer{raw};
  writer.number(format_version);
  writer.sized(map.details);
  writer.number(map.members.size());
  Places places;
  for (const Member& member : map.members) {
    write_member(member, places, writer);
  }
  if (raw.size() > most_map_bytes) {
    throw Error{Code::unavailable, "the source is too large for one backup"};
  }
  std::vector<std::byte> blob;
  BinaryWriter{blob}.number(raw.size());
  codec::PrefixEncoder{}.encode(raw, level, blob);
  return blob;
}

Map decode_map(Bytes blob) {
  BinaryReader outer{blob, "the page map"};
  std::vector<std::byte> raw(outer.number(most_map_bytes));
  codec::PrefixDecoder{}.decode(outer.rest(), {}, raw);
  BinaryReader reader{raw, "the page map"};
  if (reader.number() != format_version) {
    fail("is of a later version");
  }
  Map map{.details = reader.sized_text(), .members = {}};
  const std::uint64_t members = reader.number(raw.size());
  Places places;
  for (std::uint64_t i = 0; i < members; ++i) {
    map.members.push_back(read_member(places, reader));
  }
  reader.end();
  return map;
}

}  // namespace trackier::backup
