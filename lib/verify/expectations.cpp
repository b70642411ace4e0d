#include <fmt/format.h>

#include "core/text.hpp"
#include "verify/drill_run.hpp"

namespace trackier::verify {
namespace {

using proof::Check;
using proof::Level;

std::vector<std::string> parameters_of(const Expectation& expectation,
                                       const store::Manifest& manifest) {
  std::vector<std::string> all{to_rfc3339(manifest.slot), to_rfc3339(manifest.taken)};
  while (!all.empty() &&
         expectation.sql.find("$" + std::to_string(all.size())) == std::string::npos) {
    all.pop_back();
  }
  return all;
}

}  // namespace

void check_expectations(const DrillRun& run,
                        const std::function<std::optional<std::string>(
                            const Expectation&, const std::vector<std::string>&)>& ask) {
  constexpr std::size_t most_shown = 200;
  if (run.options.expectations.empty()) {
    run.recorder.run({.name = "expectations", .level = Level::application, .unit = "statements"},
                     [](Check& /*check*/) {
                       throw Error{Code::verdict,
                                   "nothing was checked: the settings expect nothing",
                                   "describe it in a [[source.expect]]"};
                     });
  }
  for (const Expectation& each : run.options.expectations) {
    run.recorder.run(
        {.name = each.name, .level = Level::application, .command = each.sql, .unit = "statements"},
        [&](Check& check) {
          const auto found = ask(each, parameters_of(each, run.manifest()));
          check.checked = 1;
          if (!found || *found != each.result) {
            add_difference(check, {.object = printable(each.name),
                                   .expected = printable(each.result, most_shown),
                                   .found = found ? printable(*found, most_shown) : "NULL"});
          }
        });
  }
}

}  // namespace trackier::verify
