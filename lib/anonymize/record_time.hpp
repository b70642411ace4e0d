#pragma once
/// When a record says it was written. trackier-ctl-anonymize(1), PERIODS, lists what is read.

#include <optional>
#include <string_view>

#include "core/time.hpp"

namespace trackier::anonymize {

/// What times in records are held against.
struct TimeReference {
  Time nearest;  ///< a time without a year is of the year that brings it nearest to this
  Time latest;   ///< what is later is no time that the record can have been written at
};

/// The first time in `record`; of JSON, the value of the first member that is named as times are,
/// if there is one. A time without a zone is UTC. None when there is no time.
std::optional<Time> time_of_record(std::string_view record, bool json,
                                   const TimeReference& reference);

}  // namespace trackier::anonymize
