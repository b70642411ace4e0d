#include "backup/previous.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/binary.hpp"
#include "core/hexadecimal.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"
#include "os/whole_file.hpp"

namespace trackier::backup {
namespace {

using Json = nlohmann::ordered_json;
using store::BlobKind;
using store::BlobPlace;

constexpr const char* state_file = "state.json";
constexpr std::size_t most_state_file = std::size_t{1} << 20U;
constexpr std::size_t chunks_a_blob = 16384;

std::filesystem::path packs_of(const std::filesystem::path& directory) {
  return directory / "state";
}

}  // namespace

std::size_t ChunkHash::operator()(const ChunkId& id) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, id.data(), sizeof hash);  // it is uniformly distributed already
  return hash;
}

StateWriter::StateWriter(os::FileSystem& files, std::filesystem::path directory,
                         const ChainKeys& keys)
    : files_(files),
      directory_(std::move(directory)),
      pack_(files, packs_of(directory_), keys.chain, 0) {
  files.create_directories(packs_of(directory_), 0700);
}

std::uint32_t StateWriter::put(Bytes blob) {
  try {
    return failure_ ? 0 : pack_.add(BlobKind::state, blob);
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    failure_ = error;
    return 0;
  }
}

void StateWriter::begin_member(const Member& member) {
  entries_.push_back({.name = member.name, .kind = member.kind, .page_bytes = member.page_bytes});
}

void StateWriter::add_stripe(const StripeState& state) {
  const std::uint32_t number = put(encode_state(state));
  Entry& entry = entries_.back();
  entry.first = entry.count == 0 ? number : entry.first;
  ++entry.count;
}

void StateWriter::add_chunk(const ChunkId& id, const ChunkPlace& place) {
  chunks_.emplace_back(id, place);
  if (chunks_.size() == chunks_a_blob) {
    flush_chunks();
  }
}

void StateWriter::flush_chunks() {
  std::vector<std::byte> blob;
  BinaryWriter writer{blob};
  writer.number(chunks_.size());
  for (const auto& [id, place] : chunks_) {
    writer.raw(id);
    writer.number(place.place.generation);
    writer.number(place.place.number);
    writer.number(place.index);
  }
  const std::uint32_t number = put(blob);
  Entry& entry = entries_.back();
  entry.first = entry.count == 0 ? number : entry.first;
  ++entry.count;
  chunks_.clear();
}

void StateWriter::end_member() {
  if (!chunks_.empty()) {
    flush_chunks();
  }
}

void StateWriter::finish(const std::string& manifest_digest) {
  if (failure_) {
    throw Error{*failure_};
  }
  std::vector<std::byte> index;
  BinaryWriter writer{index};
  writer.number(entries_.size());
  for (const Entry& entry : entries_) {
    writer.sized(entry.name);
    writer.number(static_cast<std::uint64_t>(entry.kind));
    writer.number(entry.page_bytes);
    writer.number(entry.first);
    writer.number(entry.count);
  }
  const std::uint32_t number = pack_.add(BlobKind::state, index);
  Json packs = Json::array();
  std::set<std::string> names;
  for (const store::PackInfo& pack : pack_.finish()) {
    packs.push_back({pack.name, pack.bytes, pack.first});
    names.insert(pack.name);
  }
  os::ReplaceFile file{files_, directory_ / state_file, {.replace = true}};
  const Json json{{"manifest", manifest_digest}, {"index", number}, {"packs", std::move(packs)}};
  file.write(as_bytes(json.dump() + "\n"));
  file.finish();
  for (const auto& name : files_.list(packs_of(directory_))) {
    if (!names.contains(name.native())) {
      files_.remove(packs_of(directory_) / name);
    }
  }
}

void StateWriter::rename(os::FileSystem& files, const std::filesystem::path& directory,
                         const std::string& from, const std::string& to) {
  if (!files.status(directory / state_file)) {
    return;
  }
  Json json =
      Json::parse(os::read_whole(files, directory / state_file, most_state_file), nullptr, false);
  if (!json.is_object() || json.value("manifest", "") != from) {
    return;
  }
  json["manifest"] = to;
  os::ReplaceFile file{files, directory / state_file, {.replace = true, .sync = false}};
  file.write(as_bytes(json.dump() + "\n"));
  file.finish();
}

Previous::Previous(os::FileSystem& files, const std::filesystem::path& directory,
                   const ChainKeys& keys, const std::string& manifest_digest, const Map& map,
                   store::BlobReader& blobs)
    : map_(&map), blobs_(&blobs) {
  for (const Member& member : map.members) {
    members_.emplace(member.name, &member);
  }
  try {
    if (load_state(files, directory, keys, manifest_digest)) {
      return;
    }
  } catch (const Error& error) {
    // It is a copy of what the store has: damaged or gone, it is made again.
    if (error.code() != Code::data && error.code() != Code::no_input) {
      throw;
    }
  }
  state_.reset();
  stripes_.clear();
  chunks_.clear();
  index_chunks(keys);
}

bool Previous::load_state(os::FileSystem& files, const std::filesystem::path& directory,
                          const ChainKeys& keys, const std::string& manifest_digest) {
  if (!files.status(directory / state_file)) {
    return false;
  }
  const Json json =
      Json::parse(os::read_whole(files, directory / state_file, most_state_file), nullptr, false);
  if (!json.is_object() || json.value("manifest", "") != manifest_digest) {
    return false;
  }
  store::Generation generation{.number = 0, .packs = {}};
  for (const Json& pack : json.value("packs", Json::array())) {
    generation.packs.push_back({.name = pack.at(0).get<std::string>(),
                                .bytes = pack.at(1).get<std::uint64_t>(),
                                .first = pack.at(2).get<std::uint32_t>()});
  }
  state_ = std::make_unique<store::BlobReader>(files, packs_of(directory), keys.chain,
                                               std::vector{generation});
  const auto index =
      state_->read({.generation = 0, .number = json.value("index", 0U)}, BlobKind::state);
  BinaryReader reader{index, "the state"};
  for (std::uint64_t left = reader.number(index.size()); left > 0; --left) {
    const std::string name = reader.sized_text();
    const auto kind = static_cast<MemberKind>(reader.number(UINT8_MAX));
    Stripes entry;
    entry.page_bytes = static_cast<std::uint32_t>(reader.number(most_page_bytes));
    entry.first = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    entry.count = static_cast<std::uint32_t>(reader.number(UINT32_MAX));
    if (kind == MemberKind::pages) {
      stripes_.emplace(name, entry);
      continue;
    }
    for (std::uint32_t i = 0; i < entry.count; ++i) {
      const auto blob = state_->read({.generation = 0, .number = entry.first + i}, BlobKind::state);
      BinaryReader chunks{blob, "the state"};
      for (std::uint64_t count = chunks.number(blob.size()); count > 0; --count) {
        ChunkId id{};
        std::ranges::copy(chunks.raw(id.size()), id.begin());
        ChunkPlace place;
        place.place.generation = static_cast<std::uint32_t>(chunks.number(UINT32_MAX));
        place.place.number = static_cast<std::uint32_t>(chunks.number(UINT32_MAX));
        place.index = static_cast<std::uint32_t>(chunks.number(UINT32_MAX));
        chunks_.emplace(id, place);
      }
    }
  }
  return true;
}

/// Reads every chunk of the last backup.
void Previous::index_chunks(const ChainKeys& keys) {
  codec::PrefixDecoder decoder;
  for (const Member& member : map_->members) {
    for (const ChunkRun& run : member.chunks) {
      BlobKind kind{};
      const Chunks chunks = decode_chunks(read(run.place, kind), decoder);
      for (std::uint32_t i = run.first; i < run.first + run.count && i < chunks.ends.size(); ++i) {
        chunks_.emplace(chunk_id(keys.chunk, chunks.chunk(i)),
                        ChunkPlace{.place = run.place, .index = i});
      }
    }
  }
}

std::optional<StripeState> Previous::stripe(const std::string& member, std::uint32_t page_bytes,
                                            std::uint64_t index, GroupReader& reader,
                                            Tagger& tagger) const {
  if (state_) {
    const auto found = stripes_.find(member);
    if (found == stripes_.end() || found->second.page_bytes != page_bytes ||
        index >= found->second.count) {
      return std::nullopt;
    }
    return decode_state(state_->read(
        {.generation = 0, .number = found->second.first + static_cast<std::uint32_t>(index)},
        BlobKind::state));
  }
  const auto found = members_.find(member);
  if (found == members_.end() || found->second->kind != MemberKind::pages ||
      found->second->page_bytes != page_bytes || index >= found->second->stripes.size()) {
    return std::nullopt;
  }
  return from_backup(*found->second, index, reader, tagger);
}

std::optional<StripeState> Previous::from_backup(const Member& member, std::uint64_t index,
                                                 GroupReader& reader, Tagger& tagger) {
  StripeState state{.groups = reader.groups_at(member.stripes[index]), .tags = {}};
  std::vector<std::byte> content(stripe_size(member, index));
  reader.read_stripe(state.groups, content);
  for (std::size_t at = 0; at < content.size(); at += member.page_bytes) {
    state.tags.push_back(tagger.tag(Bytes{content}.subspan(at, member.page_bytes)));
  }
  return state;
}

std::optional<ChunkPlace> Previous::chunk(const ChunkId& id) const {
  const auto found = chunks_.find(id);
  return found == chunks_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<std::byte> Previous::read(BlobPlace place, BlobKind& kind) const {
  try {
    store::Blob blob = blobs_->read(place);
    kind = blob.kind;
    return std::move(blob.plain);
  } catch (const Error& error) {
    if (error.code() == Code::data || error.code() == Code::no_input) {
      throw ChainDamaged{error.code(), error.what(), error.hint()};
    }
    throw;
  }
}

}  // namespace trackier::backup
