#include "risk/groups.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "core/error.hpp"

namespace trackier::risk {

Groups::Groups(std::size_t sample, unsigned precision) : sample_{sample}, precision_{precision} {
  if (sample < 2)
    throw Error{Code::bug, "a sample of groups holds 2 or more"};
  const Distinct checked{precision};
}

void Groups::add(std::uint64_t combination, std::uint64_t id) {
  if (full() && combination > ids_.rbegin()->first)
    return;
  ids_.try_emplace(combination, precision_).first->second.add(id);
  if (ids_.size() > sample_)
    ids_.erase(std::prev(ids_.end()));
}

void Groups::merge(const Groups& other) {
  if (sample_ != other.sample_ || precision_ != other.precision_)
    throw Error{Code::bug, "samples of groups of different size cannot be merged"};
  for (const auto& [combination, ids] : other.ids_)
    ids_.try_emplace(combination, precision_).first->second.merge(ids);
  while (ids_.size() > sample_)
    ids_.erase(std::prev(ids_.end()));
}

double Groups::combinations() const {
  if (!full())
    return static_cast<double>(ids_.size());
  const double largest = std::ldexp(static_cast<double>(ids_.rbegin()->first) + 1.0, -64);
  return static_cast<double>(sample_ - 1) / largest;
}

double Groups::share_below(double k) const {
  if (ids_.empty())
    return 0.0;
  const auto below = std::count_if(ids_.begin(), ids_.end(),
                                   [k](const auto& group) { return group.second.estimate() < k; });
  return static_cast<double>(below) / static_cast<double>(ids_.size());
}

double Groups::smallest() const {
  if (ids_.empty())
    return 0.0;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& group : ids_)
    least = std::min(least, group.second.estimate());
  return least;
}

double Groups::contained_in(const Groups& other) const {
  // Past the largest hash of a full sample nothing is known of its combinations.
  const auto end = other.full() ? ids_.upper_bound(other.ids_.rbegin()->first) : ids_.end();
  const auto seen = std::distance(ids_.begin(), end);
  if (seen == 0)
    return 0.0;
  const auto shared = std::count_if(ids_.begin(), end, [&other](const auto& group) {
    return other.ids_.count(group.first) != 0;
  });
  return static_cast<double>(shared) / static_cast<double>(seen);
}

}  // namespace trackier::risk
