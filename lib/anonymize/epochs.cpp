#include "anonymize/epochs.hpp"

#include "anonymize/record_end.hpp"

namespace trackier::anonymize {

std::shared_ptr<const Pseudonymizer> Epochs::of(const Period& period) const {
  constexpr std::size_t most_known = 64;  // each holds pages of locked memory
  const std::scoped_lock lock{mutex_};
  const auto found = known_.find(period);
  if (found != known_.end()) {
    return found->second;
  }
  if (known_.size() == most_known) {
    known_.clear();
  }
  std::shared_ptr<const Pseudonymizer> made;
  if (const auto key = key_of_(period)) {
    made = std::make_shared<const Pseudonymizer>(key->bytes(), tenant_);
  }
  if (!met_.contains(period)) {
    met_.emplace(period, made ? std::optional{made->key_id()} : std::nullopt);
  }
  known_.emplace(period, made);
  return made;
}

std::map<Period, std::optional<std::string>> Epochs::met() const {
  const std::scoped_lock lock{mutex_};
  return met_;
}

PeriodTracker::PeriodTracker(PeriodUnit unit, const TimeReference& reference,
                             const std::optional<Period>& fixed)
    : unit_(unit),
      reference_(reference),
      is_fixed_(fixed.has_value()),
      period_(fixed.value_or(period_of(unit, reference.nearest))) {}

void PeriodTracker::set_format(Format format, const Columns& columns) {
  format_ = format;
  columns_ = columns;
}

void PeriodTracker::read_record(std::string_view record) {
  const auto time = time_of_record(record, format_ == Format::json, reference_);
  if (!time || (*time >= begin_ && *time < end_)) {
    return;
  }
  period_ = period_of(unit_, *time);
  begin_ = begin_of(period_);
  end_ = begin_of({.unit = unit_, .number = period_.number + 1});
}

void PeriodTracker::read(std::string_view chunk, bool lines, std::vector<PeriodSpan>& spans) {
  spans.assign(1, {.begin = 0, .period = period_});
  std::size_t begin = 0;
  while (!is_fixed_ && begin < chunk.size()) {
    const std::size_t end = begin + record_size(chunk.substr(begin), format_, columns_, lines);
    read_record(chunk.substr(begin, end - begin));
    if (begin == 0) {
      spans.back().period = period_;
    } else if (period_ != spans.back().period) {
      spans.push_back({.begin = begin, .period = period_});
    }
    begin = end;
  }
}

void PeriodTracker::read_stretch(std::string_view stretch, bool begins,
                                 std::vector<PeriodSpan>& spans) {
  if (begins && !is_fixed_) {
    read_record(stretch);
  }
  spans.assign(1, {.begin = 0, .period = period_});
}

}  // namespace trackier::anonymize
