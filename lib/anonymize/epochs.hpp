#pragma once
/// Pseudonyms that can be joined within a day, week or month and not beyond it.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "anonymize/pseudonymizer.hpp"
#include "anonymize/record_reader.hpp"
#include "anonymize/record_time.hpp"
#include "core/period.hpp"
#include "crypto/secret.hpp"

namespace trackier::anonymize {

/// The keys of the periods of a run. Thread-safe.
class Epochs {
 public:
  /// The key of a period; none when it has been destroyed. Called by one thread at a time.
  using KeyOf = std::function<std::optional<crypto::Secret>(const Period&)>;

  Epochs(PeriodUnit unit, KeyOf key_of, std::string tenant)
      : unit_(unit), key_of_(std::move(key_of)), tenant_(std::move(tenant)) {}

  [[nodiscard]] PeriodUnit unit() const { return unit_; }

  /// Null: the key of the period has been destroyed.
  [[nodiscard]] std::shared_ptr<const Pseudonymizer> of(const Period& period) const;

  /// The periods that were asked for, with the ids of their keys; none: destroyed.
  [[nodiscard]] std::map<Period, std::optional<std::string>> met() const;

 private:
  PeriodUnit unit_;
  KeyOf key_of_;
  std::string tenant_;
  mutable std::mutex mutex_;
  mutable std::map<Period, std::shared_ptr<const Pseudonymizer>> known_;
  mutable std::map<Period, std::optional<std::string>> met_;
};

/// Of a chunk, from `begin` on.
struct PeriodSpan {
  std::size_t begin = 0;
  Period period;
};

/// Reads a log in order and tells the periods of its records: each is of the period that it was
/// written in, by its own time; one without a time is of the period of the record before it, the
/// first of all of that of the reference.
class PeriodTracker {
 public:
  /// fixed: the period of all records, whatever they say.
  PeriodTracker(PeriodUnit unit, const TimeReference& reference,
                const std::optional<Period>& fixed);

  void set_format(Format format, const Columns& columns);

  /// From now on, as time goes by.
  void hold_against(const TimeReference& reference) { reference_ = reference; }

  /// chunk: whole records, as Chunk has them. The first span begins at 0.
  void read(std::string_view chunk, bool lines, std::vector<PeriodSpan>& spans);

  /// A stretch of a record that comes in many. begins: its first.
  void read_stretch(std::string_view stretch, bool begins, std::vector<PeriodSpan>& spans);

 private:
  void read_record(std::string_view record);

  PeriodUnit unit_;
  TimeReference reference_;
  bool is_fixed_;
  Format format_ = Format::plain;
  Columns columns_;
  Period period_;
  Time begin_;  ///< of the period
  Time end_;
};

}  // namespace trackier::anonymize
