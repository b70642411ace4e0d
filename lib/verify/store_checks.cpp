#include "verify/store_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "backup/chain.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "flow/parallel_ranges.hpp"
#include "os/signals.hpp"
#include "store/pack_reader.hpp"
#include "store/removal.hpp"

namespace trackier::verify {
namespace {

using proof::Check;
using proof::Level;
using store::BlobPlace;
using store::Manifest;
using store::PackInfo;

/// How far the clocks of a host and its store may be apart.
constexpr std::chrono::minutes clock_slack{5};

std::vector<PackInfo> packs_of(const Manifest& manifest) {
  std::vector<PackInfo> packs;
  for (const auto& generation : manifest.generations) {
    packs.insert(packs.end(), generation.packs.begin(), generation.packs.end());
  }
  return packs;
}

std::string named(const Manifest& manifest) {
  return fmt::format("backup {} (number {})", manifest.id.substr(0, 8), manifest.sequence);
}

/// What is known of the sequence numbers of a source: backups, and what was removed on purpose.
class Sequence {
 public:
  Sequence(const store::Listing& listing, const store::Removals& removals) : listing_(listing) {
    for (const auto& each : removals.removed) {
      removed_.emplace(each.sequence, each.digest);
    }
  }

  void check(Check& check) const {
    std::uint64_t expected = 0;
    std::string before;  // digest of the manifest before; empty: nobody knows
    for (const auto& each : listing_.manifests) {
      const Manifest& manifest = each.manifest;
      ++check.checked;
      if (manifest.sequence < expected) {
        add_difference(check, {.object = named(manifest),
                               .expected = "a number of its own",
                               .found = "another backup has the same"});
      }
      for (std::uint64_t missing = expected; missing < manifest.sequence; ++missing) {
        const auto removed = removed_.find(missing);
        if (removed == removed_.end() && missing > 0 && !is_before_first(missing)) {
          add_difference(check, {.object = fmt::format("backup number {}", missing),
                                 .expected = "a manifest, or a record of its removal",
                                 .found = "nothing"});
        }
        before = removed == removed_.end() ? std::string{} : removed->second;
      }
      if (!before.empty() && manifest.previous != before) {
        add_difference(check, {.object = named(manifest),
                               .expected = "follows manifest " + before.substr(0, 16),
                               .found = manifest.previous.empty()
                                            ? "follows none"
                                            : "follows " + manifest.previous.substr(0, 16)});
      }
      before = each.digest;
      expected = manifest.sequence + 1;
    }
  }

 private:
  /// What came before everything that is known has left no trace, as in a copy of a store.
  [[nodiscard]] bool is_before_first(std::uint64_t sequence) const {
    return sequence < listing_.manifests.front().manifest.sequence &&
           (removed_.empty() || sequence < removed_.begin()->first) &&
           listing_.manifests.front().manifest.previous.empty();
  }

  const store::Listing& listing_;
  std::map<std::uint64_t, std::string> removed_;  ///< sequence and digest
};

void check_times(Check& check, const store::Listing& listing, Time now) {
  Time before{};
  for (const auto& each : listing.manifests) {
    const Manifest& manifest = each.manifest;
    ++check.checked;
    const auto differ = [&](std::string expected, std::string found) {
      add_difference(
          check,
          {.object = named(manifest), .expected = std::move(expected), .found = std::move(found)});
    };
    if (manifest.slot > manifest.started || manifest.started > manifest.finished ||
        manifest.taken < manifest.started || manifest.taken > manifest.finished) {
      differ("slot, start, moment and end in order",
             fmt::format("{}, {}, {}, {}", to_rfc3339(manifest.slot), to_rfc3339(manifest.started),
                         to_rfc3339(manifest.taken), to_rfc3339(manifest.finished)));
    }
    if (manifest.slot < before) {
      differ("a slot not before that of the backup before, " + to_rfc3339(before),
             to_rfc3339(manifest.slot));
    }
    const Time known = std::min(each.received, now);
    if (manifest.finished > known + clock_slack) {
      differ("finished before the store received it at " + to_rfc3339(known),
             "finished at " + to_rfc3339(manifest.finished));
    }
    before = std::max(before, manifest.slot);
  }
}

void check_presence(Check& check, os::FileSystem& files, const store::SourceDirectory& source,
                    const Manifest& manifest) {
  for (const PackInfo& pack : packs_of(manifest)) {
    ++check.checked;
    const auto status = files.status(source.packs() / pack.name);
    if (!status || status->size != pack.bytes) {
      add_difference(check,
                     {.object = "pack " + pack.name,
                      .expected = fmt::format("{} bytes", pack.bytes),
                      .found = status ? fmt::format("{} bytes", status->size) : "it is missing"});
    }
  }
  ++check.checked;
  const std::string fault = backup::chain_envelope_fault(files, source, manifest.chain);
  if (!fault.empty()) {
    add_difference(check, {.object = "envelope " + manifest.chain + ".tke",
                           .expected = "the key of the chain",
                           .found = "it is " + fault});
  }
}

std::string digest_of(os::FileSystem& files, const std::filesystem::path& path,
                      std::vector<std::byte>& buffer, const std::stop_token& stop) {
  const auto file = files.open(path);
  crypto::Sha256 digest;
  while (const std::size_t count = file->read(buffer)) {
    os::throw_if_stopped(stop);
    digest.add(Bytes{buffer}.first(count));
  }
  return hexadecimal(digest.finish());
}

/// Everything a map names, and where it would have to be.
class Places {
 public:
  void add(std::uint32_t generation, const store::PackReader& pack) {
    ends_[BlobPlace{.generation = generation, .number = pack.first()}] =
        pack.first() + pack.count();
  }

  [[nodiscard]] bool has(BlobPlace place) const {
    const auto after = ends_.upper_bound(place);
    return after != ends_.begin() && std::prev(after)->first.generation == place.generation &&
           place.number < std::prev(after)->second;
  }

 private:
  std::map<BlobPlace, std::uint32_t> ends_;  ///< by the first blob of each pack
};

void check_members(Check& check, const backup::Map& map, const Places& places) {
  const auto look = [&](BlobPlace place, const backup::Member& member) {
    ++check.checked;
    if (!places.has(place)) {
      add_difference(check, {.object = printable(member.name),
                             .expected = fmt::format("blob {} of generation {}", place.number,
                                                     place.generation),
                             .found = "no pack has it"});
    }
  };
  for (const backup::Member& member : map.members) {
    for (const auto& stripe : member.stripes) {
      for (const BlobPlace place : stripe) {
        look(place, member);
      }
    }
    for (const auto& run : member.chunks) {
      look(run.place, member);
    }
  }
}

}  // namespace

void check_chain(Recorder& recorder, os::FileSystem& files, const store::SourceDirectory& source,
                 const store::Listing& listing, const Manifest& manifest, Time now) {
  recorder.run({.name = "manifests", .level = Level::chain, .unit = "manifests"},
               [&](Check& check) {
                 check.checked = listing.manifests.size() + listing.unreadable.size();
                 for (const auto& each : listing.unreadable) {
                   add_difference(check, {.object = "manifest " + printable(each.file),
                                          .expected = "a signed manifest of this source",
                                          .found = each.why});
                 }
               });
  recorder.run({.name = "sequence", .level = Level::chain, .unit = "manifests"}, [&](Check& check) {
    const auto removals = store::list_removals(files, source);
    if (removals.unreadable > 0) {
      add_difference(check, {.object = "records of removals",
                             .expected = "signed records",
                             .found = fmt::format("{} cannot be read", removals.unreadable)});
    }
    Sequence{listing, removals}.check(check);
  });
  recorder.run({.name = "times", .level = Level::chain, .unit = "manifests"},
               [&](Check& check) { check_times(check, listing, now); });
  recorder.run({.name = "presence", .level = Level::chain, .unit = "files"},
               [&](Check& check) { check_presence(check, files, source, manifest); });
}

bool check_packs(Recorder& recorder, os::FileSystem& files, const store::SourceDirectory& source,
                 const Manifest& manifest, unsigned workers, const std::stop_token& stop) {
  return recorder.run(
      {.name = "packs", .level = Level::structure, .command = "SHA-256", .unit = "packs"},
      [&](Check& check) {
        constexpr std::size_t buffer_bytes = std::size_t{1} << 20U;
        const auto packs = packs_of(manifest);
        std::vector<std::string> found(packs.size());
        flow::parallel_ranges(packs.size(), workers, stop, [&] {
          return [&, buffer = std::vector<std::byte>(buffer_bytes)](std::uint64_t at) mutable {
            const auto path = source.packs() / packs[at].name;
            found[at] = files.status(path) ? digest_of(files, path, buffer, stop) : "nothing";
          };
        });
        os::throw_if_stopped(stop);
        check.checked = packs.size();
        for (std::size_t i = 0; i < packs.size(); ++i) {
          if (found[i] != packs[i].name) {
            add_difference(check, {.object = "pack " + packs[i].name,
                                   .expected = "content of that digest",
                                   .found = found[i]});
          }
        }
      });
}

bool check_map(Recorder& recorder, os::FileSystem& files, const store::SourceDirectory& source,
               const Manifest& manifest, const crypto::Secret& chain_key,
               const std::stop_token& stop) {
  return recorder.run(
      {.name = "map", .level = Level::structure, .unit = "blobs"}, [&](Check& check) {
        Places places;
        for (const auto& generation : manifest.generations) {
          for (const PackInfo& info : generation.packs) {
            os::throw_if_stopped(stop);
            const store::PackReader pack{files, source.packs() / info.name, chain_key};
            if (pack.generation() != generation.number || pack.first() != info.first) {
              add_difference(check, {.object = "pack " + info.name,
                                     .expected = "the pack the manifest means",
                                     .found = "another one"});
            }
            places.add(generation.number, pack);
          }
        }
        const backup::BackupReader reader{files, source, manifest,
                                          crypto::Secret::copy_of(chain_key.bytes())};
        check_members(check, reader.map(), places);
      });
}

}  // namespace trackier::verify
