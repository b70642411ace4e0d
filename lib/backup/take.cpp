#include "backup/take.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>

#include "backup/details.hpp"
#include "core/binary.hpp"
#include "core/hexadecimal.hpp"
#include "flow/ordered_parallel.hpp"

namespace trackier::backup {
namespace {

using store::BlobKind;
using store::BlobPlace;

constexpr std::size_t stream_piece_bytes = std::size_t{1} << 20U;

/// What is read of a stripe is looked at while it is still in the cache of the processor.
constexpr std::size_t read_bytes = std::size_t{256} << 10U;
static_assert(read_bytes % most_page_bytes == 0);

MutBytes part_at(std::vector<std::byte>& content, std::size_t begin) {
  return MutBytes{content}.subspan(begin, std::min(read_bytes, content.size() - begin));
}

/// What a worker keeps from piece to piece.
struct Tools {
  Tools(const Previous& previous, const ChainKeys& keys, std::uint32_t page_bytes)
      : size(page_bytes),
        tagger(keys.tag),
        reader([&previous](BlobPlace place, BlobKind& kind) { return previous.read(place, kind); },
               page_bytes),
        maker(page_bytes) {}

  std::uint32_t size;
  Tagger tagger;
  GroupReader reader;
  GroupMaker maker;
  codec::PrefixEncoder encoder;
};

struct PieceChunk {
  std::size_t end = 0;  ///< in the content of the piece
  ChunkId id{};
  std::optional<ChunkPlace> known;  ///< otherwise it is in `blob`, at `index`
  std::size_t blob = 0;
  std::uint32_t index = 0;
};

/// A stripe, or some chunks of a stream, or the end of a member.
struct Piece {
  Member* member = nullptr;
  bool begins = false;  ///< the member's first
  bool ends = false;    ///< its last
  std::uint64_t stripe = 0;
  std::vector<std::byte> content;
  bool is_read = false;
  // Of a stripe.
  StripeState state;
  std::vector<NewGroup> groups;
  // Of a stream.
  std::vector<PieceChunk> chunks;
  std::vector<std::vector<std::byte>> blobs;

  std::unique_ptr<Tools> tools;
};

class Taking {
 public:
  Taking(Snapshot& snapshot, const Previous& previous, const ChainKeys& keys,
         store::PackWriter& packs, StateWriter* state, const TakeOptions& options,
         const TakeEvents& events)
      : snapshot_(snapshot),
        previous_(previous),
        keys_(keys),
        chunker_(keys.gear.bytes()),
        packs_(packs),
        state_(state),
        options_(options),
        events_(events) {}

  Taken run(const std::stop_token& stop) {
    flow::OrderedParallel<Piece, std::function<bool(Piece&)>, std::function<void(Piece&)>,
                          std::function<void(Piece&)>>
        parallel{[this](Piece& piece) { return fetch(piece); },
                 [this](Piece& piece) { work(piece); }, [this](Piece& piece) { give(piece); }};
    parallel.run(options_.workers, stop);
    Taken taken;
    if (stop.stop_requested()) {
      return taken;
    }
    taken.finished = snapshot_.finish();
    taken.map.details = taken.finished.content
                            ? with_content(taken.finished.details, *taken.finished.content)
                            : taken.finished.details;
    taken.map.members.assign(std::make_move_iterator(members_.begin()),
                             std::make_move_iterator(members_.end()));
    taken.root = root_.finish(taken.map);
    for (const Member& member : taken.map.members) {
      taken.source_bytes += member.size;
    }
    taken.unchanged = !wrote_ && is_like_before(taken.map);
    return taken;
  }

 private:
  /// One at a time, in order.
  bool fetch(Piece& piece) {
    if (member_ == nullptr || is_done_) {
      auto next = snapshot_.next();
      if (!next) {
        return false;
      }
      member_ = &members_.emplace_back(std::move(*next));
      is_done_ = false;
      next_stripe_ = 0;
      ahead_.clear();
      stream_ended_ = false;
      if (member_->kind == MemberKind::pages) {
        member_->stripes.resize((member_->size + stripe_bytes - 1) / stripe_bytes);
      }
      piece.begins = true;
    } else {
      piece.begins = false;
    }
    piece.member = member_;
    switch (member_->kind) {
      case MemberKind::pages:
        fetch_stripe(piece);
        break;
      case MemberKind::stream:
        fetch_chunks(piece);
        break;
      case MemberKind::directory:
      case MemberKind::symlink:
        piece.content.clear();
        is_done_ = true;
        break;
    }
    piece.ends = is_done_;
    return true;
  }

  void fetch_stripe(Piece& piece) {
    piece.is_read = false;
    if (member_->stripes.empty()) {
      piece.content.clear();
      is_done_ = true;
      return;
    }
    piece.stripe = next_stripe_++;
    is_done_ = next_stripe_ == member_->stripes.size();
    piece.content.resize(stripe_size(*member_, piece.stripe));
    if (!snapshot_.has_offsets()) {
      snapshot_.read_at(piece.stripe * stripe_bytes, piece.content);
      piece.is_read = true;
    }
  }

  /// Whole chunks; what is left over of the last read begins the next piece.
  void fetch_chunks(Piece& piece) {
    std::vector<std::byte>& content = piece.content;
    content.swap(ahead_);
    std::size_t have = content.size();
    content.resize(stream_piece_bytes + most_chunk_bytes);
    while (!stream_ended_ && have < content.size()) {
      const std::size_t got = snapshot_.read(MutBytes{content}.subspan(have));
      stream_ended_ = got == 0;
      have += got;
    }
    content.resize(have);
    piece.chunks.clear();
    std::size_t at = 0;
    while (at < have && (stream_ended_ || have - at >= most_chunk_bytes)) {
      at += chunker_.cut(Bytes{content}.subspan(at));
      piece.chunks.push_back({.end = at});
    }
    ahead_.assign(content.begin() + static_cast<std::ptrdiff_t>(at), content.end());
    content.resize(at);
    member_->size += at;
    is_done_ = stream_ended_ && ahead_.empty();
  }

  /// Anywhere, at the same time as others.
  void work(Piece& piece) {
    if (piece.member->kind == MemberKind::stream) {
      work_on_chunks(piece);
    } else if (piece.member->kind == MemberKind::pages && !piece.content.empty()) {
      work_on_stripe(piece);
    }
  }

  Tools& tools_of(Piece& piece, std::uint32_t page_bytes) const {
    if (!piece.tools || piece.tools->size != page_bytes) {
      piece.tools = std::make_unique<Tools>(previous_, keys_, page_bytes);
    }
    return *piece.tools;
  }

  void work_on_stripe(Piece& piece) {
    const std::uint32_t page_bytes = piece.member->page_bytes;
    Tools& tools = tools_of(piece, page_bytes);
    tools.reader.forget();
    auto before =
        previous_.stripe(piece.member->name, page_bytes, piece.stripe, tools.reader, tools.tagger);
    piece.state = before ? std::move(*before) : StripeState{};
    std::vector<Tag>& tags = piece.state.tags;
    const std::size_t pages = piece.content.size() / page_bytes;
    const std::size_t known = std::min(tags.size(), pages);
    tags.resize(pages);
    std::vector<std::uint32_t> changed;
    for (std::size_t page = 0; page < pages; ++page) {
      const std::size_t begin = page * page_bytes;
      if (!piece.is_read && begin % read_bytes == 0) {
        snapshot_.read_at(piece.stripe * stripe_bytes + begin, part_at(piece.content, begin));
      }
      const Tag tag = tools.tagger.tag(Bytes{piece.content}.subspan(begin, page_bytes));
      if (page >= known || tag != tags[page]) {
        changed.push_back(static_cast<std::uint32_t>(page));
        tags[page] = tag;
      }
    }
    if (!changed.empty()) {
      add_left_over(changed, piece.state.groups, pages);
    }
    piece.groups = tools.maker.make(piece.content, changed, piece.state.groups, options_.generation,
                                    tools.reader);
    tools.reader.forget();
  }

  void work_on_chunks(Piece& piece) const {
    constexpr std::uint32_t any_page_bytes = least_page_bytes;
    Tools& tools = piece.tools ? *piece.tools : tools_of(piece, any_page_bytes);
    piece.blobs.clear();
    std::vector<Bytes> group;
    std::size_t grouped = 0;
    const auto flush = [&] {
      if (!group.empty()) {
        piece.blobs.push_back(encode_chunks(group, tools.encoder));
        group.clear();
        grouped = 0;
      }
    };
    std::size_t begin = 0;
    for (PieceChunk& chunk : piece.chunks) {
      const Bytes bytes = Bytes{piece.content}.subspan(begin, chunk.end - begin);
      begin = chunk.end;
      chunk.id = chunk_id(keys_.chunk, bytes);
      chunk.known = previous_.chunk(chunk.id);
      if (!chunk.known) {
        chunk.blob = piece.blobs.size();
        chunk.index = static_cast<std::uint32_t>(group.size());
        group.push_back(bytes);
        grouped += bytes.size();
        if (grouped >= group_bytes) {
          flush();
        }
      }
    }
    flush();
  }

  /// One at a time, in order.
  void give(Piece& piece) {
    if (state_ != nullptr && piece.begins) {
      state_->begin_member(*piece.member);
    }
    if (piece.member->kind == MemberKind::stream) {
      give_chunks(piece);
    } else if (piece.member->kind == MemberKind::pages && !piece.content.empty()) {
      give_stripe(piece);
    }
    if (state_ != nullptr && piece.ends) {
      state_->end_member();
    }
    read_ += piece.content.size();
    events_.progressed(read_, packs_.written());
  }

  std::uint32_t put(BlobKind kind, Bytes blob) {
    wrote_ = true;
    return packs_.add(kind, blob);
  }

  void give_stripe(Piece& piece) {
    std::vector<Group>& groups = piece.state.groups;
    for (NewGroup& made : piece.groups) {
      const std::uint32_t number = put(made.delta ? BlobKind::delta : BlobKind::full, made.blob);
      groups.push_back({.place = {.generation = options_.generation, .number = number},
                        .delta = made.delta,
                        .pages = std::move(made.pages)});
    }
    drop_unneeded(groups, piece.state.tags.size());
    auto& places = piece.member->stripes[piece.stripe];
    std::ranges::transform(groups, std::back_inserter(places), &Group::place);
    root_.add(piece.state.tags);
    if (state_ != nullptr) {
      state_->add_stripe(piece.state);
    }
  }

  void give_chunks(Piece& piece) {
    std::vector<std::uint32_t> numbers;
    for (const auto& blob : piece.blobs) {
      numbers.push_back(put(BlobKind::chunks, blob));
    }
    for (const PieceChunk& chunk : piece.chunks) {
      const ChunkPlace place = chunk.known ? *chunk.known
                                           : ChunkPlace{.place = {.generation = options_.generation,
                                                                  .number = numbers[chunk.blob]},
                                                        .index = chunk.index};
      std::vector<ChunkRun>& runs = piece.member->chunks;
      if (!runs.empty() && runs.back().place == place.place &&
          runs.back().first + runs.back().count == place.index) {
        ++runs.back().count;
      } else {
        runs.push_back({.place = place.place, .first = place.index, .count = 1});
      }
      root_.add(chunk.id);
      if (state_ != nullptr) {
        state_->add_chunk(chunk.id, place);
      }
    }
  }

  /// Apart from times and what the source says of itself.
  [[nodiscard]] bool is_like_before(const Map& map) const {
    if (previous_.map() == nullptr) {
      return false;
    }
    const auto essence = [](Map each) {
      each.details.clear();
      for (Member& member : each.members) {
        member.modified = 0;
      }
      return encode_map(each);
    };
    return essence(map) == essence(*previous_.map());
  }

  Snapshot& snapshot_;
  const Previous& previous_;
  const ChainKeys& keys_;
  Chunker chunker_;
  store::PackWriter& packs_;
  StateWriter* state_;
  const TakeOptions& options_;
  const TakeEvents& events_;

  // Of fetch.
  std::deque<Member> members_;  // pieces refer to them
  Member* member_ = nullptr;
  bool is_done_ = false;
  std::uint64_t next_stripe_ = 0;
  std::vector<std::byte> ahead_;
  bool stream_ended_ = false;

  // Of give.
  RootDigest root_;
  bool wrote_ = false;
  std::uint64_t read_ = 0;
};

}  // namespace

void RootDigest::add(const std::vector<Tag>& tags) {
  content_.add(std::as_bytes(std::span{tags}));
}

void RootDigest::add(const ChunkId& id) {
  content_.add(id);
}

std::string RootDigest::finish(const Map& map) {
  std::vector<std::byte> names;
  BinaryWriter writer{names};
  writer.raw(content_.finish());
  for (const Member& member : map.members) {
    writer.sized(member.name);
    writer.number(static_cast<std::uint64_t>(member.kind));
    writer.number(member.mode);
    writer.number(member.size);
    writer.number(member.page_bytes);
    writer.sized(member.target);
  }
  return hexadecimal(crypto::sha256(names));
}

Taken take(Snapshot& snapshot, const Previous& previous, const ChainKeys& keys,
           store::PackWriter& packs, StateWriter* state, const TakeOptions& options,
           const TakeEvents& events, const std::stop_token& stop) {
  return Taking{snapshot, previous, keys, packs, state, options, events}.run(stop);
}

}  // namespace trackier::backup
