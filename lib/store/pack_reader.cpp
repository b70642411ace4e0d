#include "store/pack_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/binary.hpp"
#include "core/text.hpp"
#include "crypto/aes_gcm.hpp"

namespace trackier::store {
namespace {

constexpr std::size_t most_open = 256;
constexpr std::uint64_t most_footer_bytes = std::uint64_t{most_blobs} * 16;

BlobKind kind_in(std::uint64_t number) {
  if (number < static_cast<std::uint64_t>(BlobKind::full) ||
      number > static_cast<std::uint64_t>(BlobKind::state) ||
      number == static_cast<std::uint64_t>(BlobKind::footer)) {
    throw Error{Code::data, "the footer has a blob of an unknown kind"};
  }
  return static_cast<BlobKind>(number);
}

}  // namespace

PackReader::PackReader(os::FileSystem& files, const std::filesystem::path& path,
                       const crypto::Secret& chain_key)
    : name_("pack " + printable(path.filename().native())) {
  doing(name_, [&] {
    file_ = files.open(path);
    std::array<std::byte, pack_head_bytes> head{};
    if (file_->read_at(0, head) != head.size() ||
        as_text(Bytes{head}.first(pack_magic.size())) != pack_magic) {
      throw Error{Code::data, "not a pack, or of a later version"};
    }
    key_ = pack_key(chain_key, Bytes{head}.subspan(pack_magic.size()));
    read_footer(file_->status().size);
  });
}

void PackReader::read_footer(std::uint64_t size) {
  std::array<std::byte, pack_trailer_bytes> trailer{};
  if (size < pack_head_bytes + trailer.size() ||
      file_->read_at(size - trailer.size(), trailer) != trailer.size()) {
    throw Error{Code::data, "cut short"};
  }
  std::uint64_t footer_bytes = 0;
  for (std::size_t i = trailer.size(); i-- > 0;) {
    footer_bytes = footer_bytes << 8U | static_cast<std::uint64_t>(trailer.at(i));
  }
  const std::uint64_t room = size - pack_head_bytes - trailer.size();
  if (footer_bytes < crypto::AesGcm::tag_bytes || footer_bytes > room ||
      footer_bytes > most_footer_bytes) {
    throw Error{Code::data, "cut short or damaged"};
  }
  const auto footer =
      open(size - trailer.size() - footer_bytes, footer_bytes, footer_number, BlobKind::footer);
  BinaryReader reader{footer, "the footer"};
  generation_ = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
  first_ = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
  const std::uint64_t count = reader.number(most_blobs);
  std::uint64_t offset = pack_head_bytes;
  for (std::uint64_t i = 0; i < count; ++i) {
    const BlobKind kind = kind_in(reader.number());
    const std::uint64_t sealed = reader.number(most_blob_bytes + crypto::AesGcm::tag_bytes);
    places_.push_back({.kind = kind, .offset = offset, .sealed_bytes = sealed});
    offset += sealed;
  }
  reader.end();
  if (offset != size - trailer.size() - footer_bytes) {
    throw Error{Code::data, "the footer does not fit the pack"};
  }
}

Blob PackReader::read(std::uint32_t number) const {
  return doing(name_, [&] {
    if (number < first_ || number - first_ >= places_.size()) {
      throw Error{Code::data, fmt::format("there is no blob {}", number)};
    }
    const Place& place = places_[number - first_];
    return Blob{.kind = place.kind,
                .plain = open(place.offset, place.sealed_bytes, number - first_, place.kind)};
  });
}

std::vector<std::byte> PackReader::open(std::uint64_t offset, std::uint64_t sealed_bytes,
                                        std::uint64_t number, BlobKind kind) const {
  std::vector<std::byte> bytes(sealed_bytes);
  if (bytes.size() < crypto::AesGcm::tag_bytes || file_->read_at(offset, bytes) != bytes.size()) {
    throw Error{Code::data, "cut short"};
  }
  const std::array associated{static_cast<std::byte>(kind)};
  const std::size_t plain_bytes = bytes.size() - crypto::AesGcm::tag_bytes;
  crypto::AesGcm cipher{key_.bytes()};
  if (!cipher.open(blob_nonce(number), bytes, MutBytes{bytes}.first(plain_bytes), associated)) {
    throw Error{Code::data, number == footer_number
                                ? "damaged, or of another chain"
                                : fmt::format("blob {} is damaged: authentication failed", number)};
  }
  bytes.resize(plain_bytes);
  return bytes;
}

BlobReader::BlobReader(os::FileSystem& files, std::filesystem::path directory,
                       const crypto::Secret& chain_key, const std::vector<Generation>& generations)
    : files_(files), directory_(std::move(directory)), chain_key_(chain_key) {
  for (const Generation& generation : generations) {
    for (const PackInfo& pack : generation.packs) {
      names_.emplace(BlobPlace{.generation = generation.number, .number = pack.first}, pack.name);
    }
  }
}

Blob BlobReader::read(BlobPlace place) {
  return pack_of(place)->read(place.number);
}

std::vector<std::byte> BlobReader::read(BlobPlace place, BlobKind kind) {
  Blob blob = read(place);
  if (blob.kind != kind) {
    throw Error{Code::data, fmt::format("blob {} of generation {} is of another kind", place.number,
                                        place.generation)};
  }
  return std::move(blob.plain);
}

std::shared_ptr<const PackReader> BlobReader::pack_of(BlobPlace place) {
  const auto after = names_.upper_bound(place);
  if (after == names_.begin() || std::prev(after)->first.generation != place.generation) {
    throw Error{Code::data, fmt::format("the manifest names no pack with blob {} of generation {}",
                                        place.number, place.generation)};
  }
  const auto& [first, name] = *std::prev(after);
  const std::scoped_lock lock{mutex_};
  auto pack = opened(name);
  if (pack->generation() != first.generation || pack->first() != first.number) {
    throw Error{Code::data, fmt::format("pack {} is not the one the manifest means", name)};
  }
  return pack;
}

std::shared_ptr<const PackReader> BlobReader::opened(const std::string& name) {
  auto& pack = open_[name];
  if (!pack) {
    try {
      pack = std::make_shared<PackReader>(files_, directory_ / name, chain_key_);
    } catch (const Error&) {
      open_.erase(name);
      throw;
    }
    if (open_.size() > most_open) {
      auto kept = pack;
      const auto other = open_.begin()->first == name ? std::next(open_.begin()) : open_.begin();
      open_.erase(other);
      return kept;
    }
  }
  return pack;
}

}  // namespace trackier::store
