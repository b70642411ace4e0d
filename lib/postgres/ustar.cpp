#include "postgres/ustar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::postgres {
namespace {

constexpr auto zero = std::byte{0};

/// Where a field is in the header.
struct Field {
  std::size_t offset;
  std::size_t size;
};

constexpr Field name_field{0, 100};
constexpr Field mode_field{100, 8};
constexpr Field size_field{124, 12};
constexpr Field modified_field{136, 12};
constexpr Field checksum_field{148, 8};
constexpr Field kind_field{156, 1};
constexpr Field link_field{157, 100};
constexpr Field magic_field{257, 8};  // with the version
constexpr Field prefix_field{345, 155};

constexpr std::string_view magic{"ustar\00000", 8};

[[noreturn]] void fail(const std::string& what) {
  throw Error{Code::data, "not a tar archive as PostgreSQL sends it: " + what};
}

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == zero; });
}

Bytes part(Bytes block, Field field) {
  return block.subspan(field.offset, field.size);
}

/// Text up to the first zero, which has to be there: a longer name would have been cut.
std::string text(Bytes block, Field field, const char* shown) {
  const Bytes bytes = part(block, field);
  const auto end = std::ranges::find(bytes, zero);
  if (end == bytes.end()) {
    fail(fmt::format("a {} that is too long", shown));
  }
  const auto length = static_cast<std::size_t>(end - bytes.begin());
  if (!all_zero(bytes.subspan(length))) {
    fail(fmt::format("a {} that goes on after its end", shown));
  }
  return std::string{as_text(bytes.first(length))};
}

/// Octal digits up to a space or zero; or, for what does not fit (a file of 8 GiB and more), a byte
/// 0x80 and the number in the bytes after it, the most significant first.
std::uint64_t number(Bytes block, Field field, const char* shown) {
  Bytes bytes = part(block, field);
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const bool binary = bytes.front() == std::byte{0x80};
  const std::uint64_t base = binary ? 256 : 8;
  if (binary) {
    bytes = bytes.subspan(1);
  }
  std::uint64_t value = 0;
  bool digits = binary;
  for (const std::byte byte : bytes) {
    auto digit = std::to_integer<std::uint64_t>(byte);
    if (!binary) {
      if (digits && (byte == zero || byte == std::byte{' '})) {
        break;
      }
      if (digit < '0' || digit > '7') {
        fail(fmt::format("a {} that is no number", shown));
      }
      digit -= '0';
      digits = true;
    }
    if (value > (most - digit) / base) {
      fail(fmt::format("a {} beyond all measure", shown));
    }
    value = value * base + digit;
  }
  return value;
}

/// The sum of all bytes, those of the sum itself taken for spaces.
void check_sum(Bytes block) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool own = i >= checksum_field.offset && i < checksum_field.offset + checksum_field.size;
    sum += own ? std::uint64_t{' '} : std::to_integer<std::uint64_t>(block[i]);
  }
  if (sum != number(block, checksum_field, "checksum")) {
    fail("a header whose checksum is wrong");
  }
}

void check_path(std::string_view path) {
  if (path.empty()) {
    fail("an entry without a name");
  }
  std::string_view rest = path;
  for (bool more = true; more;) {
    const std::size_t end = rest.find('/');
    const std::string_view name = rest.substr(0, end);
    if (name.empty() || name == "." || name == "..") {
      fail(fmt::format("an entry named {}", printable(path)));
    }
    more = end != std::string_view::npos;
    rest.remove_prefix(more ? end + 1 : rest.size());
  }
}

TarEntry::Kind kind(Bytes block) {
  switch (std::to_integer<char>(block[kind_field.offset])) {
    case '0':
      return TarEntry::Kind::file;
    case '2':
      return TarEntry::Kind::symlink;
    case '5':
      return TarEntry::Kind::directory;
    default:
      fail("an entry that is neither file nor directory nor symbolic link");
  }
}

TarEntry parse(Bytes block) {
  if (as_text(part(block, magic_field)) != magic) {
    fail("a header without the word ustar");
  }
  check_sum(block);
  if (!all_zero(part(block, prefix_field))) {
    fail("a name in two parts");
  }
  TarEntry entry;
  entry.kind = kind(block);
  entry.path = text(block, name_field, "name");
  if (entry.path.starts_with("./")) {  // the server does that for pg_wal/archive_status
    entry.path.erase(0, 2);
  }
  if (entry.kind == TarEntry::Kind::directory && entry.path.ends_with('/')) {
    entry.path.pop_back();
  }
  check_path(entry.path);
  entry.mode = static_cast<unsigned>(number(block, mode_field, "mode"));
  if (entry.mode > 07777U) {
    fail("a mode that is more than permissions");
  }
  entry.size = number(block, size_field, "size");
  entry.modified = static_cast<std::int64_t>(number(block, modified_field, "time"));
  entry.link_target = text(block, link_field, "link");
  const bool is_link = entry.kind == TarEntry::Kind::symlink;
  if (is_link == entry.link_target.empty()) {
    fail(fmt::format("{}: {}", printable(entry.path), is_link ? "a link to nothing" : "a link"));
  }
  if (entry.kind != TarEntry::Kind::file && entry.size != 0) {
    fail(fmt::format("{}: content of what has none", printable(entry.path)));
  }
  return entry;
}

}  // namespace

std::size_t UstarReader::read_block(Block& block) {
  std::size_t done = 0;
  while (done < block.size()) {
    const std::size_t count = source_.read(MutBytes{block}.subspan(done));
    if (count == 0) {
      break;
    }
    done += count;
  }
  return done;
}

std::optional<TarEntry> UstarReader::next() {
  std::array<std::byte, 16 * block_bytes> unread{};
  while (read(unread) != 0) {
  }
  if (ended_) {
    return std::nullopt;
  }
  Block block{};
  const std::size_t count = read_block(block);
  if (count == 0) {
    ended_ = true;
    return std::nullopt;
  }
  if (count < block.size()) {
    fail("it ends within a header");
  }
  if (all_zero(block)) {
    read_end();
    return std::nullopt;
  }
  TarEntry entry = parse(block);
  left_ = entry.size;
  padding_ = (block_bytes - entry.size % block_bytes) % block_bytes;
  return entry;
}

std::size_t UstarReader::read(MutBytes into) {
  if (left_ == 0) {
    skip_padding();
    return 0;
  }
  const std::size_t count = source_.read(into.first(std::min<std::uint64_t>(into.size(), left_)));
  if (count == 0) {
    fail("it ends within a file");
  }
  left_ -= count;
  return count;
}

void UstarReader::skip_padding() {
  std::array<std::byte, block_bytes> buffer{};
  while (padding_ != 0) {
    const MutBytes into = MutBytes{buffer}.first(padding_);
    const std::size_t count = source_.read(into);
    if (count == 0) {
      fail("it ends within a file");
    }
    if (!all_zero(into.first(count))) {
      fail("something after the end of a file");
    }
    padding_ -= count;
  }
}

/// After the first block of zeros.
void UstarReader::read_end() {
  ended_ = true;
  Block block{};
  std::size_t count = block.size();
  while (count == block.size()) {
    count = read_block(block);
    if (!all_zero(Bytes{block}.first(count))) {
      fail("something after the end");
    }
  }
}

}  // namespace trackier::postgres
