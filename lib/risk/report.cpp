#include "risk/report.hpp"

#include <algorithm>
#include <cmath>

namespace trackier::risk {
namespace {

/// The share of sorted `sizes` that are less than `k`. Counts up to Distinct::exact_limit are
/// exact, and so is the comparison.
double share_below(const std::vector<double>& sizes, double k) {
  const auto below = std::ranges::lower_bound(sizes, k) - sizes.begin();
  return sizes.empty() ? 0.0 : static_cast<double>(below) / static_cast<double>(sizes.size());
}

/// The nearest rank: the least size that at least that share does not exceed.
double quantile(const std::vector<double>& sizes, double share) {
  if (sizes.empty()) {
    return 0.0;
  }
  const auto rank = std::ceil(share * static_cast<double>(sizes.size()));
  return sizes[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

GroupFigures figures_of(const Groups& groups) {
  const std::vector<double> sizes = groups.sizes();
  GroupFigures figures{.combinations = groups.combinations(), .sampled = groups.sampled()};
  for (std::size_t i = 0; i < told_k.size(); ++i) {
    figures.below[i] = share_below(sizes, told_k[i]);
  }
  figures.smallest = sizes.empty() ? 0.0 : sizes.front();
  figures.smallest_share =
      share_below(sizes, std::nextafter(figures.smallest, figures.smallest + 1));
  figures.fifth_percentile = quantile(sizes, 0.05);
  figures.median = quantile(sizes, 0.5);
  return figures;
}

void sort_by_effect(std::vector<ChangeFigures>& changes) {
  std::ranges::stable_sort(changes, {},
                           [](const ChangeFigures& change) { return change.figures.below[0]; });
}

}  // namespace

RiskReport report_of(const Survey& survey, const std::vector<std::string>& fields,
                     unsigned wanted) {
  RiskReport report{.records = survey.records(),
                    .without_id = survey.without_id(),
                    .ids = survey.ids(),
                    .ids_exact = survey.ids_exact(),
                    .combinations = {},
                    .joins = {}};
  for (std::size_t i = 0; i < survey.combinations().size(); ++i) {
    const Combination& combination = survey.combinations()[i];
    const Survey::Seen& seen = survey.seen()[i];
    CombinationFigures figures{.fields = {},
                               .figures = figures_of(seen.groups),
                               .without = {},
                               .coarser = {},
                               .below_wanted = seen.groups.share_below(wanted)};
    for (const std::size_t field : combination) {
      figures.fields.push_back(fields[field]);
    }
    for (const Survey::Change& change : seen.changes) {
      const bool left_out = change.shape == Shape::other;
      const Way way =
          left_out ? Way{.name = "without", .what = "left out"} : ways_of(change.shape)[change.way];
      (left_out ? figures.without : figures.coarser)
          .push_back({.field = figures.fields[change.position],
                      .name = way.name,
                      .what = way.what,
                      .figures = figures_of(change.groups)});
    }
    sort_by_effect(figures.without);
    sort_by_effect(figures.coarser);
    report.combinations.push_back(std::move(figures));
    for (std::size_t j = 0; j < i; ++j) {
      if (survey.combinations()[j].size() == combination.size()) {
        const Groups& other = survey.seen()[j].groups;
        report.joins.push_back({.one = j,
                                .other = i,
                                .one_in_other = other.contained_in(seen.groups),
                                .other_in_one = seen.groups.contained_in(other)});
      }
    }
  }
  return report;
}

std::vector<SharedFigures> shared_by(const Survey& here, const Survey& other) {
  std::vector<SharedFigures> shared;
  for (std::size_t i = 0; i < here.seen().size(); ++i) {
    const Groups& groups = here.seen()[i].groups;
    const Groups& others = other.seen().at(i).groups;
    shared.push_back({.here_in_other = groups.contained_in(others),
                      .other_in_here = others.contained_in(groups)});
  }
  return shared;
}

}  // namespace trackier::risk
