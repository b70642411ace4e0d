#pragma once
/// Somebody who looks at the records of a run as they go by, to measure what is left in them.

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "anonymize/profile.hpp"

namespace trackier::anonymize {

struct Columns;

/// What was replaced in a record: the bytes from `begin` to `end` of it as it was are those from
/// `new_begin` to `new_end` of it as it is written. All others are the same.
struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t new_begin = 0;
  std::size_t new_end = 0;
};

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

  /// A record of the format, which is neither header nor left out: as it was, as it is written, and
  /// what was replaced, in order. Both without a line end.
  virtual void record(std::string_view before, std::string_view after,
                      std::span<const Edit> edits) = 0;
};

/// Makes an observer for a worker, or throws Error for a format it can do nothing with. Called one
/// at a time; who made it owns it, and keeps it until the run is over.
using MakeObserver = std::function<RecordObserver*(Format format, const Columns& columns)>;

}  // namespace trackier::anonymize
