// Each value with the key of the period that its record was written in.
#include "anonymize/anonymizer.hpp"

namespace trackier::anonymize {

void Anonymizer::use_periods(std::span<const PeriodSpan> periods) {
  periods_ = periods;
  in_period_ = 0;
  in_force_.reset();
}

Transformer* Anonymizer::transformer_of(const Period& period) {
  constexpr std::size_t most_known = 16;
  const auto found = of_periods_.find(period);
  if (found != of_periods_.end()) {
    return found->second.transformer.get();
  }
  if (of_periods_.size() == most_known) {
    of_periods_.clear();
  }
  OfPeriod made{.pseudonymizer = task_.epochs->of(period), .transformer = {}};
  if (made.pseudonymizer) {
    made.transformer =
        std::make_unique<Transformer>(*made.pseudonymizer, task_.profile.keep_networks);
  }
  return of_periods_.emplace(period, std::move(made)).first->second.transformer.get();
}

/// That of the byte at `at`.
const Period& Anonymizer::period_at(std::size_t at) {
  if (at < periods_[in_period_].begin) {
    in_period_ = 0;
    in_force_.reset();
  }
  while (in_period_ + 1 < periods_.size() && periods_[in_period_ + 1].begin <= at) {
    ++in_period_;
    in_force_.reset();
  }
  return periods_[in_period_].period;
}

/// Null: the key of the period of the byte at `at` has been destroyed.
Transformer* Anonymizer::transformer_at(std::size_t at) {
  const Period& period = period_at(at);
  if (!in_force_) {
    in_force_ = transformer_of(period);
  }
  return *in_force_;
}

/// What becomes of a value that nobody has a key for any more, in replacement_.
Outcome Anonymizer::transformed_without_key(const FieldValue& field, std::string_view value,
                                            Tally& tally) {
  if (is_pseudonym(value)) {
    return Outcome::unchanged;
  }
  const Transform redact{.action = Action::redact, .label = field.rule.transform->label};
  const Outcome outcome =
      task_.undo ? Outcome::unchanged
                 : transformer_.append(redact, field.rule.kind, field.form, value, replacement_);
  tally.without_key += task_.undo || outcome == Outcome::replaced ? 1U : 0U;
  return outcome;
}

}  // namespace trackier::anonymize
