#include "risk/groups.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/error.hpp"
#include "core/sip_hash.hpp"

namespace trackier::risk {

Groups::Groups(std::size_t sample, unsigned precision) : sample_{sample}, precision_{precision} {
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
  ids_.try_emplace(combination, precision_).first->second.add(id);
  if (ids_.size() > sample_ + sample_ / 4) {
    shrink();
  }
}

/// Lets go of all but the K smallest. Done once for every K/4 that are too many, it costs little;
/// what goes can never come back, for the K-th smallest hash only becomes smaller.
void Groups::shrink() {
  if (ids_.size() <= sample_) {
    return;
  }
  std::vector<std::uint64_t> hashes;
  hashes.reserve(ids_.size());
  for (const auto& group : ids_) {
    hashes.push_back(group.first);
  }
  const auto last = hashes.begin() + static_cast<std::ptrdiff_t>(sample_) - 1;
  std::ranges::nth_element(hashes, last);
  threshold_ = *last;
  std::erase_if(ids_, [this](const auto& group) { return group.first > threshold_; });
}

void Groups::merge(const Groups& other) {
  if (sample_ != other.sample_ || precision_ != other.precision_) {
    throw Error{Code::bug, "samples of groups of different size cannot be merged"};
  }
  for (const auto& [combination, ids] : other.ids_) {
    if (combination <= threshold_) {
      ids_.try_emplace(combination, precision_).first->second.merge(ids);
    }
  }
  threshold_ = std::min(threshold_, other.threshold_);
  std::erase_if(ids_, [this](const auto& group) { return group.first > threshold_; });
  shrink();
}

Groups Groups::narrowed(std::size_t sample) const {
  if (sample > sample_) {
    throw Error{Code::bug, "a sample of groups cannot grow"};
  }
  Groups result{sample, precision_};
  result.threshold_ = threshold_;
  for (const auto& [combination, ids] : smallest_hashes()) {
    if (result.ids_.size() == sample) {
      break;
    }
    result.ids_.emplace(combination, *ids);
    result.threshold_ = result.ids_.size() == sample ? combination : threshold_;
  }
  return result;
}

std::vector<Groups::Group> Groups::smallest_hashes() const {
  std::vector<Group> groups;
  groups.reserve(ids_.size());
  for (const auto& [combination, ids] : ids_) {
    groups.emplace_back(combination, &ids);
  }
  std::ranges::sort(groups, {}, &Group::first);
  if (groups.size() > sample_) {
    groups.resize(sample_);
  }
  return groups;
}

bool operator==(const Groups& one, const Groups& other) {
  return one.sample_ == other.sample_ && one.precision_ == other.precision_ &&
         std::ranges::equal(one.smallest_hashes(), other.smallest_hashes(),
                            [](const Groups::Group& a, const Groups::Group& b) {
                              return a.first == b.first && *a.second == *b.second;
                            });
}

double Groups::combinations() const {
  const std::vector<Group> groups = smallest_hashes();
  if (groups.size() < sample_) {
    return static_cast<double>(groups.size());
  }
  const double largest = std::ldexp(static_cast<double>(groups.back().first) + 1.0, -64);
  return static_cast<double>(sample_ - 1) / largest;
}

std::vector<double> Groups::sizes() const {
  std::vector<double> sizes;
  for (const auto& group : smallest_hashes()) {
    sizes.push_back(group.second->estimate());
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
  const std::vector<Group> groups = smallest_hashes();
  const std::vector<Group> others = other.smallest_hashes();
  // Past the largest hash of a full sample nothing is known of its combinations.
  const std::uint64_t known = other.sampled() && !others.empty()
                                  ? others.back().first
                                  : std::numeric_limits<std::uint64_t>::max();
  std::size_t seen = 0;
  std::size_t shared = 0;
  for (const auto& group : groups) {
    if (group.first <= known) {
      ++seen;
      shared += other.ids_.contains(group.first) ? 1U : 0U;
    }
  }
  return seen == 0 ? 0.0 : static_cast<double>(shared) / static_cast<double>(seen);
}

}  // namespace trackier::risk
