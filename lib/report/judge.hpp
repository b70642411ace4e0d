#pragma once
/// From lines to statuses and sentences. Nothing passes with nothing looked at; what has expired by
/// the end of the period fails, whatever it said.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "report/report.hpp"

namespace trackier::report {

/// How long what a check of the host found counts: it is to run every day, and timers are not
/// exact.
inline constexpr std::chrono::hours check_validity{26};

/// How far back an exercise counts.
inline constexpr std::chrono::days exercise_validity{366};

/// Sets what judge() makes of `item`: status, statement, collected, expires.
void judge(Item& item, const Report& report);

/// Whether a line is one to list apart: late, missing, failed, old.
bool is_exception(Kind kind, const Line& line);

struct Counts {
  std::array<std::size_t, check::status_count> of{};  ///< by Status

  [[nodiscard]] std::size_t operator[](Status status) const {
    return of.at(static_cast<std::size_t>(status));
  }
  void add(Status status) { ++of.at(static_cast<std::size_t>(status)); }

  /// Of how many the score is: what passed, failed, or could not be told.
  [[nodiscard]] std::size_t scored() const;
  [[nodiscard]] bool is_well() const;  ///< nothing failed or could not be told, something passed
};

Counts counts_of(const std::vector<Item>& items);

/// "2 fail, 1 manual, 14 pass"; "nothing" for none.
std::string to_text(const Counts& counts);

/// "12 of 15 (80%)": what passed of what was scored; "nothing was looked at".
std::string score_text(const Counts& counts);

}  // namespace trackier::report
