#pragma once
/// Time zones as the system knows them: the C library reads what the package tzdata brings.

#include <chrono>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace trackier::os {

/// For a program that asks for zones in one thread, with no other running: the C library knows one
/// zone at a time, and which it is stands in the environment.
class Zone {
 public:
  /// name: of the IANA database, as "Asia/Kolkata". Throws Error{Code::usage} for one that is not
  /// there.
  explicit Zone(std::string name);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// How far its clocks are ahead of UTC then.
  [[nodiscard]] std::chrono::seconds offset(Time time) const;
  [[nodiscard]] LocalTime local(Time time) const;
  /// What people there call it: "IST", or "+05:30" where they have no letters for it.
  [[nodiscard]] std::string abbreviation(Time time) const;

  /// When clocks there show this, in order: at no time when they leap over it, twice when they are
  /// set back.
  [[nodiscard]] std::vector<Time> when(LocalTime shown) const;

  /// The last second of the day there.
  [[nodiscard]] Time end_of(std::chrono::local_days day) const;

 private:
  std::string name_;
};

/// Which tzdata the system has: "2025b"; "unknown" when it does not say.
std::string zone_data_version();

}  // namespace trackier::os
