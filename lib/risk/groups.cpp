#include "risk/groups.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/error.hpp"
#include "core/sip_hash.hpp"

namespace trackier::risk {

Groups::Groups(std::size_t sample, unsigned precision)
    : sample_{sample}, precision_{precision}, slots_(std::bit_ceil(3 * sample)) {
  if (sample < 2) {
    throw Error{Code::bug, "a sample of groups holds 2 or more"};
  }
  const Distinct checked{precision};
}

void Groups::admit(std::uint64_t combination, std::uint64_t id) {
  const std::uint64_t pair = mixed(combination ^ std::rotl(id, 32)) | 1U;
  std::uint64_t& recent = recent_[pair >> 54U];
  if (recent == pair) {
    return;
  }
  recent = pair;
  at(combination).ids.add(id);
  if (groups_.size() > sample_ + sample_ / 2) {
    shrink();
  }
}

std::pair<const Groups::Group*, std::size_t> Groups::find(std::uint64_t combination) const {
  std::size_t slot = combination & (slots_.size() - 1);
  while (slots_[slot] != 0) {
    const Group& group = groups_[slots_[slot] - 1];
    if (group.combination == combination) {
      return {&group, slot};
    }
    slot = (slot + 1) & (slots_.size() - 1);
  }
  return {nullptr, slot};
}

/// A new one if there is none. There may be K groups too many until keep_below().
Groups::Group& Groups::at(std::uint64_t combination) {
  const std::size_t slot = find(combination).second;
  if (slots_[slot] == 0) {
    groups_.push_back({combination, Distinct{precision_}});
    slots_[slot] = static_cast<std::uint32_t>(groups_.size());
  }
  return groups_[slots_[slot] - 1];
}

/// Lets go of all but the K smallest. Done once for every K/2 that are too many, it costs little;
/// what goes can never come back, for the K-th smallest hash only becomes smaller.
void Groups::shrink() {
  if (groups_.size() <= sample_) {
    return;
  }
  std::vector<std::uint64_t> hashes(groups_.size());
  std::ranges::transform(groups_, hashes.begin(), &Group::combination);
  const auto last = hashes.begin() + static_cast<std::ptrdiff_t>(sample_) - 1;
  std::ranges::nth_element(hashes, last);
  threshold_ = *last;
  keep_below();
}

void Groups::keep_below() {
  std::erase_if(groups_, [this](const Group& group) { return group.combination > threshold_; });
  std::ranges::fill(slots_, 0);
  for (std::uint32_t i = 0; i < groups_.size(); ++i) {
    slots_[find(groups_[i].combination).second] = i + 1;
  }
}

void Groups::merge(const Groups& other) {
  if (sample_ != other.sample_ || precision_ != other.precision_) {
    throw Error{Code::bug, "samples of groups of different size cannot be merged"};
  }
  threshold_ = std::min(threshold_, other.threshold_);
  keep_below();
  for (const Group& group : other.groups_) {
    if (group.combination <= threshold_) {
      at(group.combination).ids.merge(group.ids);
      if (groups_.size() > sample_ + sample_ / 2) {
        shrink();
      }
    }
  }
  shrink();
}

Groups Groups::narrowed(std::size_t sample) const {
  if (sample > sample_) {
    throw Error{Code::bug, "a sample of groups cannot grow"};
  }
  Groups result{sample, precision_};
  result.threshold_ = threshold_;
  for (const Group* group : smallest_hashes()) {
    if (result.groups_.size() == sample) {
      break;
    }
    result.at(group->combination).ids = group->ids;
    result.threshold_ = result.groups_.size() == sample ? group->combination : threshold_;
  }
  return result;
}

std::vector<const Groups::Group*> Groups::smallest_hashes() const {
  std::vector<const Group*> groups;
  groups.reserve(groups_.size());
  for (const Group& group : groups_) {
    groups.push_back(&group);
  }
  std::ranges::sort(groups, {}, &Group::combination);
  if (groups.size() > sample_) {
    groups.resize(sample_);
  }
  return groups;
}

bool operator==(const Groups& one, const Groups& other) {
  return one.sample_ == other.sample_ && one.precision_ == other.precision_ &&
         std::ranges::equal(one.smallest_hashes(), other.smallest_hashes(),
                            [](const Groups::Group* a, const Groups::Group* b) {
                              return a->combination == b->combination && a->ids == b->ids;
                            });
}

double Groups::combinations() const {
  const std::vector<const Group*> groups = smallest_hashes();
  if (groups.size() < sample_) {
    return static_cast<double>(groups.size());
  }
  const double largest = std::ldexp(static_cast<double>(groups.back()->combination) + 1.0, -64);
  return static_cast<double>(sample_ - 1) / largest;
}

std::vector<double> Groups::sizes() const {
  std::vector<double> sizes;
  for (const Group* group : smallest_hashes()) {
    sizes.push_back(group->ids.estimate());
  }
  std::ranges::sort(sizes);
  return sizes;
}

double Groups::share_below(double k) const {
  const std::vector<double> all = sizes();
  if (all.empty()) {
    return 0.0;
  }
  const auto below = std::ranges::lower_bound(all, k) - all.begin();
  return static_cast<double>(below) / static_cast<double>(all.size());
}

double Groups::smallest() const {
  const std::vector<double> all = sizes();
  return all.empty() ? 0.0 : all.front();
}

double Groups::contained_in(const Groups& other) const {
  const std::vector<const Group*> groups = smallest_hashes();
  const std::vector<const Group*> others = other.smallest_hashes();
  // Past the largest hash of a full sample nothing is known of its combinations.
  const std::uint64_t known = other.sampled() && !others.empty()
                                  ? others.back()->combination
                                  : std::numeric_limits<std::uint64_t>::max();
  std::size_t seen = 0;
  std::size_t shared = 0;
  for (const Group* group : groups) {
    if (group->combination <= known) {
      ++seen;
      shared += other.find(group->combination).first != nullptr ? 1U : 0U;
    }
  }
  return seen == 0 ? 0.0 : static_cast<double>(shared) / static_cast<double>(seen);
}

}  // namespace trackier::risk
