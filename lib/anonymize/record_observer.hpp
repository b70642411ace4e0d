#pragma once
/// Somebody who looks at the records of a run as they go by, to measure what is left in them.

#include <functional>
#include <string_view>

#include "anonymize/profile.hpp"

namespace trackier::anonymize {

struct Columns;

/// One per worker. Sees the records of one chunk in order; chunks come to whichever worker is free.
class RecordObserver {
 public:
  RecordObserver() = default;
  RecordObserver(const RecordObserver&) = delete;
  RecordObserver& operator=(const RecordObserver&) = delete;
  RecordObserver(RecordObserver&&) = delete;
  RecordObserver& operator=(RecordObserver&&) = delete;
  virtual ~RecordObserver() = default;

  /// A chunk begins; directives as in RecordReader::begin().
  virtual void begin(std::string_view directives) = 0;

  /// A record of the format, which is neither header nor left out: as it was, and as it is written.
  /// Both without a line end.
  virtual void record(std::string_view before, std::string_view after) = 0;
};

/// Makes an observer for a worker, or throws Error for a format it can do nothing with. Called one
/// at a time; who made it owns it, and keeps it until the run is over.
using MakeObserver = std::function<RecordObserver*(Format format, const Columns& columns)>;

}  // namespace trackier::anonymize
