#pragma once
/// When a duty is due. One way of counting for all laws: hours are seconds that pass, days are
/// those of a calendar in a zone.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "law/duty.hpp"

namespace trackier::law {

struct Deadline {
  enum class Kind : std::uint8_t {
    waits,    ///< its anchor is not known
    now,      ///< without undue delay
    at,       ///< due_at is set
    unknown,  ///< cannot be counted: `why` says what is missing
  };

  Kind kind = Kind::waits;
  std::optional<Time> due_at;
  std::optional<Time> anchor_at;
  std::optional<Time> outer_at;  ///< by the rules of Regulation 1182/71; for information
  std::string why;               ///< how it was counted, step by step
};

/// The moment of an anchor, "aware" or "sent:gdpr.art33-1"; none: it has not come.
using Anchors = std::function<std::optional<Time>(const std::string&)>;

/// Throws Error{Code::config} for a zone that the system does not know.
Deadline deadline_of(const Duty& duty, const Anchors& anchors, const Holidays& holidays);

}  // namespace trackier::law
