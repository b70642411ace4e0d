#pragma once
/// How many people share a combination of values: KHyperLogLog, after Chia, Desfontaines, Perera,
/// Simmons-Marengo, Li, Day, Wang and Guevara, "KHyperLogLog: Estimating Reidentifiability and
/// Joinability of Large Data at Scale", IEEE S&P 2019.
///
/// The combinations with the K smallest hashes are a uniform sample of all; each has a Distinct of
/// its ids. One that is among the K smallest at the end always was, so none of its ids is missing.
/// Memory: at most K times (2^precision bytes, or 512 while a group has 64 ids or fewer) and the
/// nodes of a map. Not thread-safe: one for each thread, merged at the end, gives the same sketch.

#include <cstddef>
#include <cstdint>
#include <map>

#include "risk/distinct.hpp"

namespace trackier::risk {

class Groups {
 public:
  /// sample: K, 2 or more. precision: of the count of ids, see Distinct. Throws Error{Code::bug}.
  Groups(std::size_t sample, unsigned precision);

  /// Both hashes: uniform over 64 bits, of a key that all sketches which meet have in common.
  void add(std::uint64_t combination, std::uint64_t id);

  /// Throws Error{Code::bug} when sample or precision differ.
  void merge(const Groups& other);

  /// Different combinations. Exact below K; then (K-1)/(the K-th smallest hash, as a fraction),
  /// with a standard error of about 1/sqrt(K-2) (the paper, section IV).
  [[nodiscard]] double combinations() const;

  /// The share, 0 to 1, of combinations that fewer than k ids have; of those sampled when there are
  /// more than K. k is compared with exact counts up to Distinct::exact_limit. 0 of nothing.
  [[nodiscard]] double share_below(double k) const;

  /// Ids of the smallest group in the sample; 0 of nothing.
  [[nodiscard]] double smallest() const;

  /// The share, 0 to 1, of the combinations here that `other` has, too: containment, the paper's
  /// measure of joinability. 0 of nothing.
  [[nodiscard]] double contained_in(const Groups& other) const;

  friend bool operator==(const Groups&, const Groups&) = default;

 private:
  [[nodiscard]] bool full() const noexcept { return ids_.size() >= sample_; }

  std::size_t sample_;
  unsigned precision_;
  std::map<std::uint64_t, Distinct> ids_;
};

}  // namespace trackier::risk
