#pragma once
/// How many different things were seen, in bounded memory.
///
/// Up to `exact_limit` the things are kept and the count is exact; then a HyperLogLog of 64-bit
/// hashes with the estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog
/// sketches" (2017), algorithm 6: no table of bias, no switch between ranges. Standard error
/// 1.04/sqrt(2^precision). What a sketch holds depends on the set of hashes alone, not on their
/// order: merging the sketches of parts gives the sketch of the whole.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trackier::risk {

class Distinct {
 public:
  static constexpr std::size_t exact_limit = 128;

  /// precision: 4 to 18; 2^precision bytes once more than `exact_limit` hashes were seen. Throws
  /// Error{Code::bug} otherwise.
  explicit Distinct(unsigned precision);

  /// hash: uniform over 64 bits, the same for the same thing.
  void add(std::uint64_t hash);

  /// Throws Error{Code::bug} when the precisions differ.
  void merge(const Distinct& other);

  /// Exact up to `exact_limit`.
  [[nodiscard]] double estimate() const;
  [[nodiscard]] bool exact() const noexcept { return registers_.empty(); }

  friend bool operator==(const Distinct&, const Distinct&) = default;

 private:
  void note(std::uint64_t hash);
  [[nodiscard]] std::vector<std::uint64_t> kept() const;
  void add_to_few(std::uint64_t hash);

  unsigned precision_;
  bool is_one_ = false;
  std::uint64_t one_ = 0;                // while is_one_, all there is: most groups have one id
  std::vector<std::uint64_t> few_;       // sorted; empty once there are registers
  std::vector<std::uint8_t> registers_;  // empty while the count is exact
};

}  // namespace trackier::risk
