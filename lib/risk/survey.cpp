#include "risk/survey.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace trackier::risk {
namespace {

constexpr unsigned id_precision = 14;  // 16 KiB, 0.8 % standard error

/// The hash of a combination of fields that are all absent.
constexpr std::uint64_t nothing = 0x94d049bb133111ebU;

/// The hash of a value at a place of a combination: the same value elsewhere is something else.
std::uint64_t at_position(std::uint64_t value, std::size_t position) {
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
  return value * (golden + 2 * position);  // one to one, for the factor is odd
}

}  // namespace

Survey::Survey(std::size_t fields, std::vector<Combination> combinations, const SketchSizes& sizes)
    : combinations_{std::move(combinations)}, sizes_{sizes}, ids_{id_precision}, present_(fields) {
  for (const Combination& combination : combinations_) {
    Seen seen{.groups = Groups{sizes.sample, sizes.precision},
              .changes = {},
              .begun = std::vector<std::bitset<shapes>>(combination.size())};
    for (std::size_t position = 0; combination.size() > 1 && position < combination.size();
         ++position) {
      seen.changes.push_back(
          {.position = position, .groups = Groups{sizes.small_sample, sizes.precision}});
    }
    seen_.push_back(std::move(seen));
  }
}

/// Until now no value of that shape was at that place, so that making it coarser changed nothing:
/// what would have been seen of the change is what was seen without it.
void Survey::begin_changes(Seen& seen, std::size_t position, Shape shape) const {
  seen.begun[position].set(static_cast<std::size_t>(shape));
  const auto& ways = ways_of(shape);
  for (std::size_t way = 0; way < most_ways && !ways[way].name.empty(); ++way) {
    seen.changes.push_back({.position = position,
                            .shape = shape,
                            .way = way,
                            .groups = seen.groups.narrowed(sizes_.small_sample)});
  }
}

void Survey::add(std::span<const HashedValue> values, std::uint64_t id) {
  ++records_;
  for (std::size_t field = 0; field < values.size(); ++field) {
    present_[field] += values[field].whole != 0 ? 1U : 0U;
  }
  if (id == 0) {
    ++without_id_;
    return;
  }
  ids_.add(id);
  for (std::size_t i = 0; i < combinations_.size(); ++i) {
    add(seen_[i], combinations_[i], values, id);
  }
}

void Survey::add(Seen& seen, const Combination& combination, std::span<const HashedValue> values,
                 std::uint64_t id) {
  parts_.resize(combination.size());
  std::uint64_t all = nothing;
  for (std::size_t position = 0; position < combination.size(); ++position) {
    const HashedValue& value = values[combination[position]];
    parts_[position] = at_position(value.whole, position);
    all ^= parts_[position];
    if (value.shape != Shape::other &&
        !seen.begun[position][static_cast<std::size_t>(value.shape)]) {
      begin_changes(seen, position, value.shape);
    }
  }
  seen.groups.add(all, id);
  for (Change& change : seen.changes) {
    const HashedValue& value = values[combination[change.position]];
    std::uint64_t combined = all;
    if (change.shape == Shape::other) {
      combined ^= parts_[change.position];
    } else if (change.shape == value.shape) {
      combined ^= parts_[change.position] ^ at_position(value.coarser[change.way], change.position);
    }
    change.groups.add(combined, id);
  }
}

void Survey::merge(const Survey& other) {
  if (combinations_ != other.combinations_ || present_.size() != other.present_.size()) {
    throw Error{Code::bug, "surveys of different combinations cannot be merged"};
  }
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    Seen& seen = seen_[i];
    const Seen& theirs = other.seen_[i];
    for (const Change& change : theirs.changes) {
      if (change.shape != Shape::other &&
          !seen.begun[change.position][static_cast<std::size_t>(change.shape)]) {
        begin_changes(seen, change.position, change.shape);
      }
    }
    for (Change& change : seen.changes) {
      const auto same = std::ranges::find_if(theirs.changes, [&](const Change& one) {
        return one.position == change.position && one.shape == change.shape &&
               one.way == change.way;
      });
      change.groups.merge(same != theirs.changes.end()
                              ? same->groups
                              : theirs.groups.narrowed(sizes_.small_sample));
    }
    seen.groups.merge(theirs.groups);
  }
  ids_.merge(other.ids_);
  records_ += other.records_;
  without_id_ += other.without_id_;
  for (std::size_t field = 0; field < present_.size(); ++field) {
    present_[field] += other.present_[field];
  }
}

}  // namespace trackier::risk
