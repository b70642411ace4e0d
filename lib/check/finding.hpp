#pragma once
/// What was looked at on the host, what was found, and how to cure it. A finding is a pass only
/// when something was looked at and was as the promises need it: what could not be looked at is
/// not_checked or error, and what does not exist is not_applicable, with the reason.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::check {

/// The words of XCCDF. In the order of the report: the worst first.
enum class Status : std::uint8_t {
  fail,            ///< looked at, and not as it has to be
  error,           ///< looking failed
  not_checked,     ///< could not be looked at: by this user, from here
  manual,          ///< a person has to look
  not_applicable,  ///< there is no such thing here
  pass,
};

inline constexpr int status_count = 6;

std::string_view to_text(Status status);  ///< "not_checked" for not_checked

struct Finding {
  std::string id;       ///< "files.settings"
  std::string subject;  ///< which one, where there are several: a source, an endpoint; or empty
  Status status = Status::error;
  std::string probed;  ///< what was looked at, and how; printable
  std::string found;   ///< printable
  std::string cure;    ///< what to do; empty where there is nothing to do
};

using Findings = std::vector<Finding>;

/// What there is to ask for: `id` is "group.name".
struct Check {
  std::string_view id;
  std::string_view probes;  ///< one line
};

/// All of them, by group.
std::span<const Check> all_checks();

std::string_view group_of(std::string_view id);

/// Worst first; those of equal status stay as they are.
void sort_worst_first(Findings& findings);

/// Whether all is as it has to be: something passed, nothing is other than passed or, with its
/// reason, not applicable.
bool is_well(const Findings& findings);

}  // namespace trackier::check
