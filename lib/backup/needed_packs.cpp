#include "backup/needed_packs.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

namespace trackier::backup {

using store::BlobPlace;
using store::Generation;
using store::PackInfo;

std::vector<Generation> needed_packs(const Map& map, const std::vector<Generation>& before,
                                     const Generation& written) {
  std::map<BlobPlace, PackInfo> known;  // by their first blobs
  for (const Generation& each : before) {
    for (const PackInfo& pack : each.packs) {
      known.emplace(BlobPlace{.generation = each.number, .number = pack.first}, pack);
    }
  }
  std::set<BlobPlace> used;
  const auto use = [&](BlobPlace place) {
    if (place.generation != written.number) {
      used.insert(std::prev(known.upper_bound(place))->first);
    }
  };
  for (const Member& member : map.members) {
    for (const auto& stripe : member.stripes) {
      std::ranges::for_each(stripe, use);
    }
    for (const ChunkRun& run : member.chunks) {
      use(run.place);
    }
  }
  std::vector<Generation> generations;
  for (const BlobPlace& place : used) {
    if (generations.empty() || generations.back().number != place.generation) {
      generations.push_back({.number = place.generation, .packs = {}});
    }
    generations.back().packs.push_back(known.at(place));
  }
  generations.push_back(written);
  return generations;
}

}  // namespace trackier::backup
