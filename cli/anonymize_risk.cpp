#include "anonymize_risk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "json_line.hpp"

namespace trackier::cli {
namespace {

using risk::ChangeFigures;
using risk::CombinationFigures;
using risk::GroupFigures;
// Json(value), never Json{value}: g++ makes an array of one element of the latter.
using Json = nlohmann::ordered_json;

std::uint64_t rounded(double number) {
  return static_cast<std::uint64_t>(std::llround(number));
}

std::string counted(double number, bool exact) {
  return (exact ? "" : "about ") + grouped(rounded(number));
}

/// Never "0.0 %" of something that is there, nor "100.0 %" of what is not all.
std::string percent(double share) {
  if (share > 0 && share < 0.0005) {
    return "<0.1 %";
  }
  if (share < 1 && share >= 0.9995) {
    return ">99.9 %";
  }
  return fmt::format("{:.1f} %", share * 100);
}

std::string joined(const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& field : fields) {
    text += (text.empty() ? "" : ",") + printable(field);
  }
  return text;
}

std::string change_line(const GroupFigures& before, const ChangeFigures& change) {
  const GroupFigures& after = change.figures;
  return fmt::format(
      "  {} {}: of one id {} -> {}, smallest group {} -> {}, 5 % quantile {} -> {}\n",
      printable(change.field), change.what, percent(before.below[0]), percent(after.below[0]),
      rounded(before.smallest), rounded(after.smallest), rounded(before.fifth_percentile),
      rounded(after.fifth_percentile));
}

std::string text_of(const CombinationFigures& combination, const RiskPrint& print) {
  const GroupFigures& figures = combination.figures;
  std::string out = fmt::format("{}: {} combinations\n", joined(combination.fields),
                                counted(figures.combinations, !figures.sampled));
  out += fmt::format("  of one id {}; of fewer than", percent(figures.below[0]));
  for (std::size_t i = 1; i < risk::told_k.size(); ++i) {
    out += fmt::format("{} {} {}", i == 1 ? "" : ",", risk::told_k[i], percent(figures.below[i]));
  }
  out += fmt::format("\n  smallest group {} ({} of them), 5 % quantile {}, median {}{}\n",
                     rounded(figures.smallest), percent(figures.smallest_share),
                     rounded(figures.fifth_percentile), rounded(figures.median),
                     figures.sampled ? ", of a sample" : "");
  for (const ChangeFigures& change : combination.without) {
    out += change_line(figures, change);
  }
  for (const ChangeFigures& change : combination.coarser) {
    if (change.figures.below != figures.below || change.figures.median > figures.median) {
      out += change_line(figures, change);
    }
  }
  if (print.wanted) {
    out += fmt::format("  of fewer than {}: {}, {} allowed\n", *print.wanted,
                       percent(combination.below_wanted), percent(print.allowed));
  }
  return out;
}

Json json_of(const GroupFigures& figures) {
  Json json;
  json["combinations"] = rounded(figures.combinations);
  json["sampled"] = figures.sampled;
  for (std::size_t i = 0; i < risk::told_k.size(); ++i) {
    json["share_below"][std::to_string(risk::told_k[i])] = figures.below[i];
  }
  json["smallest"] = rounded(figures.smallest);
  json["smallest_share"] = figures.smallest_share;
  json["quantile_5"] = rounded(figures.fifth_percentile);
  json["median"] = rounded(figures.median);
  return json;
}

Json json_of(const std::vector<ChangeFigures>& changes) {
  Json all = Json::array();
  for (const ChangeFigures& change : changes) {
    Json json;
    json["field"] = change.field;
    json["change"] = change.name;
    json.update(json_of(change.figures));
    all.push_back(std::move(json));
  }
  return all;
}

/// Of --risk-with.
Json with_object(const RiskPrint& print) {
  if (!print.other) {
    return {};
  }
  Json json;
  json["file"] = print.other->name;
  json["records"] = print.other->records;
  json["shared"] = Json::array();
  for (std::size_t i = 0; i < print.other->shared.size(); ++i) {
    json["shared"].push_back({{"fields", print.report.combinations[i].fields},
                              {"here_in_other", print.other->shared[i].here_in_other},
                              {"other_in_here", print.other->shared[i].other_in_here}});
  }
  return json;
}

}  // namespace

bool RiskPrint::good() const {
  return !wanted || std::ranges::all_of(report.combinations, [this](const auto& combination) {
    return combination.below_wanted <= allowed;
  });
}

std::string text_of(const RiskPrint& print) {
  const risk::RiskReport& report = print.report;
  std::string out = fmt::format("risk of {}: {} records, {} ids ({})\n",
                                print.written ? "the output" : "the input", grouped(report.records),
                                counted(report.ids, report.ids_exact), printable(print.id));
  if (report.without_id > 0) {
    out += fmt::format("{} records without {} are not measured\n", grouped(report.without_id),
                       printable(print.id));
  }
  if (print.unmeasured > 0) {
    out += fmt::format("{} records that are not of the format are not measured\n",
                       grouped(print.unmeasured));
  }
  for (const CombinationFigures& combination : report.combinations) {
    out += text_of(combination, print);
  }
  for (const risk::JoinFigures& join : report.joins) {
    const std::string one = joined(report.combinations[join.one].fields);
    const std::string other = joined(report.combinations[join.other].fields);
    out += fmt::format("{} of the values of {} are in {}, {} the other way round\n",
                       percent(join.one_in_other), one, other, percent(join.other_in_one));
  }
  for (std::size_t i = 0; print.other && i < print.other->shared.size(); ++i) {
    const risk::SharedFigures& shared = print.other->shared[i];
    out += fmt::format("{} of the values of {} are in {}, {} the other way round\n",
                       percent(shared.here_in_other), joined(report.combinations[i].fields),
                       printable(print.other->name), percent(shared.other_in_here));
  }
  return out;
}

std::string json_of(const RiskPrint& print) {
  const risk::RiskReport& report = print.report;
  Json json;
  json["command"] = "anonymize";
  json["measured"] = print.written ? "output" : "input";
  json["records"] = report.records;
  json["without_id"] = report.without_id;
  json["unmeasured"] = print.unmeasured;
  json["id"] = print.id;
  json["ids"] = rounded(report.ids);
  json["risk"] = Json::array();
  for (const CombinationFigures& combination : report.combinations) {
    Json each;
    each["fields"] = combination.fields;
    each.update(json_of(combination.figures));
    each["without"] = json_of(combination.without);
    each["coarser"] = json_of(combination.coarser);
    if (print.wanted) {
      each["below_k"] = combination.below_wanted;
    }
    json["risk"].push_back(std::move(each));
  }
  json["joins"] = Json::array();
  for (const risk::JoinFigures& join : report.joins) {
    Json each;
    each["one"] = report.combinations[join.one].fields;
    each["other"] = report.combinations[join.other].fields;
    each["one_in_other"] = join.one_in_other;
    each["other_in_one"] = join.other_in_one;
    json["joins"].push_back(std::move(each));
  }
  json["with"] = with_object(print);
  json["k"] = print.wanted ? Json(*print.wanted) : Json();
  json["good"] = print.wanted ? Json(print.good()) : Json();
  return json_line(json);
}

}  // namespace trackier::cli
