#pragma once
/// What is looked at for which promise, and the controls of the standards that it serves. Ids of
/// the standards, and words of our own: their texts are not ours to print.

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "report/report.hpp"

namespace trackier::report {

/// A control of Annex A of ISO/IEC 27001:2013, and where the edition of 2022 has it.
struct Control {
  std::string_view iso2013;  ///< "A.12.3.1"
  std::string_view iso2022;  ///< "8.13"
  std::string_view words;    ///< what it is about
  bool is_ours = false;      ///< the pair is our own reading: the published mapping has none, or
                             ///< another that looks wrong
};

/// A clause of BS 10012:2017.
struct Clause {
  std::string_view id;  ///< "8.2.11"
  std::string_view words;
  bool is_confirmed = false;  ///< otherwise: by a licensed copy, still
};

std::span<const Control> controls();
std::span<const Clause> clauses();

struct Measure {
  std::string_view id;
  std::string_view title;
  std::string_view promise;  ///< of the company's public page
};

inline constexpr std::size_t most_controls = 6;
inline constexpr std::size_t most_clauses = 2;

struct ItemSpec {
  std::string_view measure;
  std::string_view id;
  Kind kind = Kind::manual;
  std::string_view title;
  std::array<std::string_view, most_controls> controls{};  ///< ids of 2013; empty ones at the end
  std::array<std::string_view, most_clauses> clauses{};
  std::string_view about{};  ///< what is looked at; of manual ones what a person has to look at;
                             ///< empty of checks, of which about_of() says it
};

/// In the order of the report.
std::span<const Measure> measures();
std::span<const ItemSpec> item_specs();

/// Throws Error{Code::data} for one that nobody knows.
const ItemSpec& spec_of(std::string_view id);
const Measure& measure_of(std::string_view id);  ///< of an item's spec
const Control& control_of(std::string_view iso2013);
const Clause& clause_of(std::string_view id);

std::string about_of(const ItemSpec& spec);

/// What every report says about itself, a paragraph each.
std::span<const std::string_view> remarks();

}  // namespace trackier::report
