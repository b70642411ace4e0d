#pragma once
/// What `anonymize --risk` prints. trackier-ctl-anonymize(1), RISK, describes it.

#include <optional>
#include <string>
#include <vector>

#include "risk/report.hpp"

namespace trackier::cli {

/// Of --risk-with.
struct OtherLog {
  std::string name;
  std::uint64_t records = 0;
  std::vector<risk::SharedFigures> shared;  ///< for each combination
};

struct RiskPrint {
  const risk::RiskReport& report;
  std::string id;                  ///< the field
  bool written = false;            ///< what the run wrote was measured, else its input
  std::uint64_t unmeasured = 0;    ///< records that are not of the format
  std::optional<unsigned> wanted;  ///< --risk-k
  double allowed = 0;              ///< --risk-share, 0 to 1
  std::optional<OtherLog> other;

  /// Whether every combination is as it was asked for; true when nothing was.
  [[nodiscard]] bool good() const;
};

std::string text_of(const RiskPrint& print);

/// One object on a line.
std::string json_of(const RiskPrint& print);

}  // namespace trackier::cli
