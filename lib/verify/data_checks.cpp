#include "verify/data_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>

#include "backup/chunks.hpp"
#include "backup/stripe.hpp"
#include "core/text.hpp"
#include "flow/parallel_ranges.hpp"
#include "os/signals.hpp"

namespace trackier::verify {
namespace {

using backup::Member;
using proof::Check;
using proof::Level;
using store::BlobKind;
using store::BlobPlace;

/// Takes everything and keeps nothing.
class Nowhere final : public backup::RestoreTarget {
 public:
  os::File* begin(const Member& /*member*/) override { return nullptr; }
  void end(const Member& /*member*/) override {}
};

/// The blobs of some packs.
class Blobs {
 public:
  Blobs(const store::Manifest& manifest, const std::vector<std::string>& packs) {
    for (const auto& generation : manifest.generations) {
      for (const auto& pack : generation.packs) {
        firsts_[BlobPlace{.generation = generation.number, .number = pack.first}] =
            std::ranges::find(packs, pack.name) != packs.end();
      }
    }
  }

  [[nodiscard]] bool have(BlobPlace place) const {
    const auto after = firsts_.upper_bound(place);
    return after != firsts_.begin() && std::prev(after)->second;
  }

 private:
  std::map<BlobPlace, bool> firsts_;  ///< first blobs of all packs, and whether those are chosen
};

struct Part {
  const Member* member = nullptr;
  std::size_t index = 0;  ///< of a stripe, or of a run of chunks
};

std::vector<Part> parts_in(const backup::Map& map, const Blobs& blobs) {
  std::vector<Part> parts;
  for (const Member& member : map.members) {
    for (std::size_t i = 0; i < member.stripes.size(); ++i) {
      if (std::ranges::any_of(member.stripes[i],
                              [&](BlobPlace each) { return blobs.have(each); })) {
        parts.push_back({.member = &member, .index = i});
      }
    }
    for (std::size_t i = 0; i < member.chunks.size(); ++i) {
      if (blobs.have(member.chunks[i].place)) {
        parts.push_back({.member = &member, .index = i});
      }
    }
  }
  return parts;
}

/// Reads a part; returns how many pages or chunks that were.
std::uint64_t read_part(backup::BackupReader& backup, const Part& part) {
  const Member& member = *part.member;
  if (member.kind == backup::MemberKind::pages) {
    backup::GroupReader reader{[&](BlobPlace place, BlobKind& kind) {
                                 store::Blob blob = backup.blobs().read(place);
                                 kind = blob.kind;
                                 return std::move(blob.plain);
                               },
                               member.page_bytes};
    std::vector<std::byte> content(backup::stripe_size(member, part.index));
    reader.read_stripe(reader.groups_at(member.stripes[part.index]), content);
    return content.size() / member.page_bytes;
  }
  const backup::ChunkRun& run = member.chunks[part.index];
  codec::PrefixDecoder decoder;
  const auto chunks =
      backup::decode_chunks(backup.blobs().read(run.place, BlobKind::chunks), decoder);
  if (std::uint64_t{run.first} + run.count > chunks.ends.size()) {
    throw Error{Code::data, "the map names chunks that are not there"};
  }
  return run.count;
}

std::uint64_t pages_and_chunks(const backup::Map& map) {
  std::uint64_t count = 0;
  for (const Member& member : map.members) {
    count += member.page_bytes == 0 ? 0 : member.size / member.page_bytes;
    for (const auto& run : member.chunks) {
      count += run.count;
    }
  }
  return count;
}

}  // namespace

bool check_data(Recorder& recorder, backup::BackupReader& backup, unsigned workers,
                const std::function<void(std::uint64_t)>& progressed, const std::stop_token& stop) {
  return recorder.run({.name = "data", .level = Level::data, .unit = "pages and chunks"},
                      [&](Check& check) {
                        Nowhere nowhere;
                        backup::restore(backup, nowhere, workers, progressed, stop);
                        check.checked = pages_and_chunks(backup.map());
                        recorder.proof().bytes = backup.manifest().source_bytes;
                      });
}

bool check_sample(Recorder& recorder, backup::BackupReader& backup,
                  const std::vector<std::string>& packs, unsigned workers,
                  const std::stop_token& stop) {
  recorder.proof().packs = packs;
  recorder.leave_out("pages and chunks of the other packs", "a sample was asked for");
  recorder.leave_out("the root over all pages", "it needs all of them");
  return recorder.run({.name = "sample", .level = Level::data, .unit = "pages and chunks"},
                      [&](Check& check) {
                        const auto parts = parts_in(backup.map(), Blobs{backup.manifest(), packs});
                        std::atomic<std::uint64_t> count = 0;
                        flow::parallel_ranges(parts.size(), workers, stop, [&] {
                          return [&](std::uint64_t at) { count += read_part(backup, parts[at]); };
                        });
                        os::throw_if_stopped(stop);
                        check.checked = count;
                      });
}

std::vector<std::string> choose_sample(const store::Manifest& manifest, double share,
                                       const std::vector<std::string>& checked) {
  struct Candidate {
    std::ptrdiff_t checked_at = -1;  ///< place in `checked`; -1: never
    std::uint32_t generation = 0;
    std::string name;
  };
  std::vector<Candidate> all;
  for (const auto& generation : manifest.generations) {
    for (const auto& pack : generation.packs) {
      const auto found = std::ranges::find(checked, pack.name);
      all.push_back({.checked_at = found == checked.end() ? -1 : found - checked.begin(),
                     .generation = generation.number,
                     .name = pack.name});
    }
  }
  std::ranges::stable_sort(all, [](const Candidate& left, const Candidate& right) {
    return left.checked_at != right.checked_at ? left.checked_at < right.checked_at
                                               : left.generation > right.generation;
  });
  const auto wanted = static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size())));
  all.resize(std::min(all.size(), std::max<std::size_t>(wanted, 1)));
  std::vector<std::string> names;
  std::ranges::transform(all, std::back_inserter(names), &Candidate::name);
  return names;
}

}  // namespace trackier::verify
