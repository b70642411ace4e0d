// What trackier-audit(5) shows, another program does.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "log_support.hpp"
#include "os/program.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

/// The first literal block of its examples.
std::string example() {
  const std::string page = test::content_of(TRACKIER_SOURCE_DIR "/man/trackier-audit.5");
  const std::string begin = ".Bd -literal -offset indent\n";
  const std::size_t at = page.find(begin, page.find(".Sh EXAMPLES")) + begin.size();
  std::string text = page.substr(at, page.find(".Ed", at) - at);
  for (std::size_t escape = 0; (escape = text.find("\\e", escape)) != std::string::npos;) {
    text.erase(escape + 1, 1);
    ++escape;
  }
  return text;
}

struct Fixture {
  test::TemporaryDirectory temporary;
  std::filesystem::path directory = temporary / "audit";
  Machine machine;

  [[nodiscard]] os::Printed run() const {
    return os::run_program({.program = "/usr/bin/python3",
                            .arguments = {(temporary / "check.py").native()},
                            .directory = directory},
                           4096);
  }
};

TEST_CASE_FIXTURE(Fixture, "the program in the manual checks a log") {
  if (!std::filesystem::exists("/usr/bin/python3")) {
    MESSAGE("SKIPPED: there is no /usr/bin/python3");
    return;
  }
  temporary.write("check.py", example());
  Log log = log_in(os::posix(), directory, machine, 4000);
  record(log, 10);
  const OperationId open = log.begin("restore", {{"table", std::string{"hmac:00"}}});
  const os::Printed intact = run();
  REQUIRE_MESSAGE(intact.ended.well(), intact.ended.complaints);
  CHECK(test::contains(intact.output, "21 records, still open:"));
  auto lines = lines_of(directory / segment_name(2));
  std::swap(lines[0], lines[1]);
  write_lines(directory / segment_name(2), lines);
  CHECK_FALSE(run().ended.well());
  static_cast<void>(open);
}

}  // namespace
}  // namespace trackier::audit
