#pragma once
/// What a survey says, in numbers: never a value of a field.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "risk/survey.hpp"

namespace trackier::risk {

/// "Fewer than k people": the k that are told.
inline constexpr std::array<unsigned, 4> told_k = {2, 5, 10, 100};

/// Of the groups of records that have a combination of values in common.
struct GroupFigures {
  double combinations = 0;
  bool sampled = false;                       ///< what follows is of a sample of them
  std::array<double, told_k.size()> below{};  ///< shares, 0 to 1, of groups of fewer than k ids
  double smallest = 0;                        ///< ids of the smallest group
  double smallest_share = 0;                  ///< of the groups that are as small
  double fifth_percentile = 0;  ///< ids of a group that 5 % are smaller than, or as small
  double median = 0;
};

/// One field made coarser, or left out, and the figures then.
struct ChangeFigures {
  std::string field;
  std::string_view name;  ///< see Way; "without" for one that is left out
  std::string_view what;
  GroupFigures figures;
};

struct CombinationFigures {
  std::vector<std::string> fields;
  GroupFigures figures;
  /// Each field left out: the lower the share of unique combinations then, the more that field sets
  /// people apart. Lowest first.
  std::vector<ChangeFigures> without;
  std::vector<ChangeFigures> coarser;  ///< the same for what fields could be cut to
  double below_wanted = 0;             ///< the share of groups of fewer ids than were asked for
};

/// How many of the values of one combination are values of another, which has as many fields.
struct JoinFigures {
  std::size_t one = 0;  ///< numbers of combinations
  std::size_t other = 0;
  double one_in_other = 0;  ///< share, 0 to 1
  double other_in_one = 0;
};

/// How many of the values of a combination are in another log, and the other way round.
struct SharedFigures {
  double here_in_other = 0;  ///< share, 0 to 1
  double other_in_here = 0;
};

struct RiskReport {
  std::uint64_t records = 0;
  std::uint64_t without_id = 0;
  double ids = 0;
  bool ids_exact = false;
  std::vector<CombinationFigures> combinations;
  std::vector<JoinFigures> joins;
};

/// fields: the names of the survey's fields. wanted: the k of below_wanted.
RiskReport report_of(const Survey& survey, const std::vector<std::string>& fields, unsigned wanted);

/// Of each combination; both surveys are of the same ones, with the same key.
std::vector<SharedFigures> shared_by(const Survey& here, const Survey& other);

}  // namespace trackier::risk
