#pragma once
/// How many people share a combination of values: KHyperLogLog, after Chia, Desfontaines, Perera,
/// Simmons-Marengo, Li, Day, Wang and Guevara, "KHyperLogLog: Estimating Reidentifiability and
/// Joinability of Large Data at Scale", IEEE S&P 2019.
///
/// The combinations with the K smallest hashes are a uniform sample of all; each has a Distinct of
/// its ids. One that is among the K smallest at the end always was, so none of its ids is missing.
/// Memory: 1.5 K times (2^precision bytes, or 1,024 while a group has 128 ids or fewer; nothing for
/// one id) and 88 bytes. Not thread-safe: one for each thread, merged at the end, gives the same
/// sketch.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "risk/distinct.hpp"

namespace trackier::risk {

class Groups {
 public:
  /// sample: K, 2 or more. precision: of the count of ids, see Distinct. Throws Error{Code::bug}.
  Groups(std::size_t sample, unsigned precision);

  /// Both hashes: uniform over 64 bits, of a key that all sketches which meet have in common.
  void add(std::uint64_t combination, std::uint64_t id) {
    if (combination <= threshold_) {
      admit(combination, id);
    }
  }

  /// Throws Error{Code::bug} when sample or precision differ.
  void merge(const Groups& other);

  /// What a sketch with a smaller sample would hold of the same. Throws Error{Code::bug} for a
  /// larger one.
  [[nodiscard]] Groups narrowed(std::size_t sample) const;

  /// Different combinations. Exact below K; then (K-1)/(the K-th smallest hash, as a fraction),
  /// with a standard error of about 1/sqrt(K-2) (the paper, section IV).
  [[nodiscard]] double combinations() const;

  /// Whether there were K combinations or more, so that what is told of groups is told of a sample.
  [[nodiscard]] bool sampled() const noexcept { return groups_.size() >= sample_; }

  /// How many ids each group of the sample has, in ascending order. Exact up to
  /// Distinct::exact_limit.
  [[nodiscard]] std::vector<double> sizes() const;

  /// The share, 0 to 1, of combinations that fewer than k ids have; of those sampled when there are
  /// more than K. 0 of nothing.
  [[nodiscard]] double share_below(double k) const;

  /// Ids of the smallest group in the sample; 0 of nothing.
  [[nodiscard]] double smallest() const;

  /// The share, 0 to 1, of the combinations here that `other` has, too: containment, the paper's
  /// measure of joinability. 0 of nothing.
  [[nodiscard]] double contained_in(const Groups& other) const;

  friend bool operator==(const Groups& one, const Groups& other);

 private:
  struct Group {
    std::uint64_t combination = 0;
    Distinct ids;
  };

  void admit(std::uint64_t combination, std::uint64_t id);
  /// The group, and where its number is or would be in slots_.
  [[nodiscard]] std::pair<const Group*, std::size_t> find(std::uint64_t combination) const;
  Group& at(std::uint64_t combination);
  void shrink();
  void keep_below();
  /// The groups with the K smallest hashes, in order.
  [[nodiscard]] std::vector<const Group*> smallest_hashes() const;

  std::size_t sample_;
  unsigned precision_;
  std::uint64_t threshold_ = std::numeric_limits<std::uint64_t>::max();  ///< greater ones are out
  std::vector<Group> groups_;         ///< some more than K, see shrink()
  std::vector<std::uint32_t> slots_;  ///< 0, or one more than a number in groups_: a table with
                                      ///< linear probing, by the lowest bits of combinations
  /// Pairs that were just added, by some of their bits: adding them again changes nothing.
  std::array<std::uint64_t, 1024> recent_{};
};

}  // namespace trackier::risk
