#include "risk/distinct.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "core/error.hpp"

namespace trackier::risk {
namespace {

// Ertl (2017), algorithm 6: the corrections for registers that are empty and that are full.
double sigma(double x) {
  if (x >= 1.0) {
    return std::numeric_limits<double>::infinity();
  }
  double weight = 1.0;
  double sum = x;
  for (double before = -1.0; sum > before;) {
    x *= x;
    before = sum;
    sum += x * weight;
    weight += weight;
  }
  return sum;
}

double tau(double x) {
  if (x <= 0.0 || x >= 1.0) {
    return 0.0;
  }
  double weight = 1.0;
  double sum = 1.0 - x;
  for (double before = 2.0; sum < before;) {
    x = std::sqrt(x);
    before = sum;
    weight *= 0.5;
    sum -= (1.0 - x) * (1.0 - x) * weight;
  }
  return sum / 3.0;
}

}  // namespace

Distinct::Distinct(unsigned precision) : precision_{precision} {
  if (precision < 4 || precision > 18) {
    throw Error{Code::bug, "the precision of a HyperLogLog is 4 to 18"};
  }
}

void Distinct::add(std::uint64_t hash) {
  if (!exact()) {
    return note(hash);
  }
  if (few_.empty() && !is_one_) {
    is_one_ = true;
    one_ = hash;
    return;
  }
  if (is_one_) {
    if (one_ == hash) {
      return;
    }
    few_.push_back(std::exchange(one_, 0));
    is_one_ = false;
  }
  add_to_few(hash);
}

void Distinct::add_to_few(std::uint64_t hash) {
  const auto at = std::lower_bound(few_.begin(), few_.end(), hash);
  if (at != few_.end() && *at == hash) {
    return;
  }
  few_.insert(at, hash);
  if (few_.size() <= exact_limit) {
    return;
  }
  registers_.resize(std::size_t{1} << precision_);
  for (const std::uint64_t kept : few_) {
    note(kept);
  }
  few_ = {};
}

void Distinct::note(std::uint64_t hash) {
  const std::size_t index = hash >> (64U - precision_);
  const std::uint64_t rest = hash << precision_;
  const auto zeros = std::min(static_cast<unsigned>(std::countl_zero(rest)), 64U - precision_);
  registers_[index] = std::max(registers_[index], static_cast<std::uint8_t>(zeros + 1U));
}

/// While the count is exact, all hashes.
std::vector<std::uint64_t> Distinct::kept() const {
  return is_one_ ? std::vector{one_} : few_;
}

void Distinct::merge(const Distinct& other) {
  if (precision_ != other.precision_) {
    throw Error{Code::bug, "HyperLogLogs of different precision cannot be merged"};
  }
  for (const std::uint64_t hash : other.kept()) {
    add(hash);
  }
  if (other.exact()) {
    return;
  }
  if (exact()) {
    const std::vector<std::uint64_t> hashes = kept();
    registers_.resize(other.registers_.size());
    for (const std::uint64_t hash : hashes) {
      note(hash);
    }
    few_ = {};
    is_one_ = false;
    one_ = 0;
  }
  for (std::size_t i = 0; i < registers_.size(); ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

double Distinct::estimate() const {
  if (exact()) {
    return is_one_ ? 1.0 : static_cast<double>(few_.size());
  }
  const std::size_t longest = 64U - precision_;
  std::vector<double> with(longest + 2);
  for (const std::uint8_t value : registers_) {
    with[value] += 1.0;
  }
  const auto size = static_cast<double>(registers_.size());
  double sum = size * tau(1.0 - with[longest + 1] / size);
  for (std::size_t k = longest; k > 0; --k) {
    sum = 0.5 * (sum + with[k]);
  }
  sum += size * sigma(with[0] / size);
  return size * size / (2.0 * std::numbers::ln2 * sum);
}

}  // namespace trackier::risk
