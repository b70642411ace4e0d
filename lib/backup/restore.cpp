#include "backup/restore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "core/text.hpp"
#include "flow/parallel_ranges.hpp"
#include "os/signals.hpp"
#include "os/write_behind.hpp"

namespace trackier::backup {
namespace {

using store::BlobKind;
using store::BlobPlace;

class Restoring {
 public:
  Restoring(BackupReader& backup, RestoreTarget& target, unsigned workers,
            const std::function<void(std::uint64_t)>& progressed, const std::stop_token& stop)
      : backup_(backup), target_(target), workers_(workers), progressed_(progressed), stop_(stop) {}

  void run() {
    for (const Member& member : backup_.map().members) {
      os::throw_if_stopped(stop_);
      os::File* const file = target_.begin(member);
      if (member.kind == MemberKind::pages) {
        read_pages(member, file);
      } else if (member.kind == MemberKind::stream) {
        read_stream(member, file);
      }
      os::throw_if_stopped(stop_);
      target_.end(member);
    }
    if (root_.finish(backup_.map()) != backup_.manifest().root) {
      throw Error{
          Code::data,
          fmt::format("backup {}: what came back is not what was backed up", backup_.manifest().id),
          "restore another backup, and report this one"};
    }
  }

 private:
  void read_pages(const Member& member, os::File* file) {
    std::vector<std::vector<Tag>> tags(member.stripes.size());
    std::unique_ptr<os::WriteBehind> behind;
    if (file != nullptr && target_.is_kept()) {
      if (member.stripes.size() > 1) {
        file->reserve(member.size);  // so that workers need not wait for each other's blocks
      }
      behind = std::make_unique<os::WriteBehind>(*file, 0);
    }
    flow::parallel_ranges(member.stripes.size(), workers_, stop_, [&] {
      return [&,
              reader = std::make_shared<GroupReader>(
                  [this](BlobPlace place, BlobKind& kind) {
                    store::Blob blob = backup_.blobs().read(place);
                    kind = blob.kind;
                    return std::move(blob.plain);
                  },
                  member.page_bytes),
              tagger = std::make_shared<Tagger>(backup_.keys().tag),
              content = std::vector<std::byte>{}](std::uint64_t stripe) mutable {
        content.resize(stripe_size(member, stripe));
        reader->forget();
        reader->read_stripe(reader->groups_at(member.stripes[stripe]), content);
        for (std::size_t at = 0; at < content.size(); at += member.page_bytes) {
          tags[stripe].push_back(tagger->tag(Bytes{content}.subspan(at, member.page_bytes)));
        }
        if (file != nullptr) {
          file->write_at(stripe * stripe_bytes, content);
        }
        if (behind) {
          behind->wrote(content.size());
        }
        advance(content.size());
      };
    });
    for (const auto& each : tags) {
      root_.add(each);
    }
  }

  void read_stream(const Member& member, os::File* file) {
    codec::PrefixDecoder decoder;
    BlobPlace place;
    std::optional<Chunks> chunks;
    std::uint64_t size = 0;
    for (const ChunkRun& run : member.chunks) {
      os::throw_if_stopped(stop_);
      if (!chunks || run.place != place) {
        chunks = decode_chunks(backup_.blobs().read(run.place, BlobKind::chunks), decoder);
        place = run.place;
      }
      if (std::uint64_t{run.first} + run.count > chunks->ends.size()) {
        throw Error{Code::data, "the map names chunks that are not there"};
      }
      for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
        const Bytes chunk = chunks->chunk(i);
        root_.add(chunk_id(backup_.keys().chunk, chunk));
        if (file != nullptr) {
          file->write(chunk);
        }
        size += chunk.size();
        advance(chunk.size());
      }
    }
    if (size != member.size) {
      throw Error{Code::data, fmt::format("{} comes back with {} bytes instead of {}",
                                          printable(member.name), size, member.size)};
    }
  }

  void advance(std::uint64_t bytes) {
    const std::scoped_lock lock{progress_};
    done_ += bytes;
    progressed_(done_);
  }

  BackupReader& backup_;
  RestoreTarget& target_;
  unsigned workers_;
  const std::function<void(std::uint64_t)>& progressed_;
  const std::stop_token& stop_;
  RootDigest root_;
  std::mutex progress_;
  std::uint64_t done_ = 0;
};

}  // namespace

BackupReader::BackupReader(os::FileSystem& files, const store::SourceDirectory& source,
                           store::Manifest manifest, crypto::Secret chain_key)
    : manifest_(std::move(manifest)),
      keys_(std::move(chain_key)),
      blobs_(files, source.packs(), keys_.chain, manifest_.generations),
      map_(decode_map(blobs_.read(manifest_.map, BlobKind::map))) {}

void restore(BackupReader& backup, RestoreTarget& target, unsigned workers,
             const std::function<void(std::uint64_t)>& progressed, const std::stop_token& stop) {
  Restoring{backup, target, workers, progressed, stop}.run();
}

}  // namespace trackier::backup
