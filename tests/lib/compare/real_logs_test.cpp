// What a run makes of real logs differs from them where rules apply, and nowhere else.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "../anonymize/job_on_text.hpp"
#include "compare/comparison.hpp"
#include "support/shared_data.hpp"

namespace trackier::compare {

TEST_CASE("of every real log each byte that no rule covers is kept") {
  const auto folder = trackier::test::shared_data("logs");
  if (!folder) {
    return;
  }
  constexpr std::uintmax_t long_log = 1'000'000;
  const anonymize::Profile rules = anonymize::built_in_profile();
  int compared = 0;
  for (const char* part : {"access", "syslog", "json", "csv", "mixed", "edge", "labelled"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{*folder / part}) {
      if (!entry.is_regular_file() || entry.file_size() > long_log || entry.file_size() == 0) {
        continue;
      }
      const std::string name = entry.path().string();
      CAPTURE(name);
      std::ostringstream content;
      content << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
      const anonymize::test::Run made = anonymize::test::run_text(content.str(), rules, {});
      trackier::test::MemorySource log{content.str()};
      std::uint64_t elsewhere = 0;
      const Comparison comparison = compare_logs(
          log, [&made] { return std::make_unique<trackier::test::MemorySource>(made.output); },
          rules, {},
          {.found =
               [&elsewhere](const Finding& finding) {
                 const bool is_value = finding.kind == Finding::Kind::survivor;
                 elsewhere += is_value ? 0U : 1U;
               },
           .progressed = {}},
          {});
      CHECK(elsewhere == 0);
      CHECK(comparison.lines > 0);
      ++compared;
    }
  }
  CHECK(compared > 100);
}

}  // namespace trackier::compare
