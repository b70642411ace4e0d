#pragma once
/// One pass over the records of a log, and what it tells of combinations of their fields: how many
/// people share one, which field sets them apart, and what making a field coarser would change.
///
/// A combination's hash is the exclusive or of one hash for each of its values (tabulation hashing:
/// Patrascu and Thorup, "The power of simple tabulation hashing", 2012), so that leaving a field
/// out or making it coarser costs one operation, and every such question has a sketch of its own.

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "risk/groups.hpp"
#include "risk/values.hpp"

namespace trackier::risk {

/// Sizes of sketches. Memory of one combination of f fields in each worker: at most
/// 1.7 KiB x (sample + (3 f + f) x small_sample), when every group has more than 128 ids.
struct SketchSizes {
  std::size_t sample = 8192;  ///< K of a combination: shares of groups to 1.1 points (2 sigma)
  std::size_t small_sample = 2048;  ///< K of what is compared with it: to 2.2 points
  unsigned precision = 10;          ///< of counts above 128 ids: 3.3 % standard error
};

/// Fields of a log, by their numbers in the plan.
using Combination = std::vector<std::size_t>;

/// What one worker has seen; merged at the end. Not thread-safe.
class Survey {
 public:
  /// A field of a combination made coarser in one way, or left out.
  struct Change {
    std::size_t position = 0;  ///< in the combination
    Shape shape = Shape::other;
    std::size_t way = 0;  ///< of the shape; of Shape::other: left out
    Groups groups;
  };

  struct Seen {
    Groups groups;
    std::vector<Change> changes;
    std::vector<std::bitset<shapes>> begun;  ///< at each position, whose ways are in changes
  };

  /// combinations: each of one field or more, below `fields`.
  Survey(std::size_t fields, std::vector<Combination> combinations, const SketchSizes& sizes);

  /// A record. values: one for each field; id: hash of whom it belongs to, 0 when it does not say.
  void add(std::span<const HashedValue> values, std::uint64_t id);

  /// Throws Error{Code::bug} for a survey of other combinations or sizes.
  void merge(const Survey& other);

  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t without_id() const { return without_id_; }
  [[nodiscard]] double ids() const { return ids_.estimate(); }
  [[nodiscard]] bool ids_exact() const { return ids_.exact(); }
  /// In how many records each field was.
  [[nodiscard]] const std::vector<std::uint64_t>& present() const { return present_; }
  [[nodiscard]] const std::vector<Combination>& combinations() const { return combinations_; }
  [[nodiscard]] const std::vector<Seen>& seen() const { return seen_; }

 private:
  void add(Seen& seen, const Combination& combination, std::span<const HashedValue> values,
           std::uint64_t id);
  void begin_changes(Seen& seen, std::size_t position, Shape shape) const;

  std::vector<Combination> combinations_;
  SketchSizes sizes_;
  std::vector<Seen> seen_;
  Distinct ids_;
  std::uint64_t records_ = 0;
  std::uint64_t without_id_ = 0;
  std::vector<std::uint64_t> present_;
  std::vector<std::uint64_t> parts_;  ///< of the record at hand
};

}  // namespace trackier::risk
