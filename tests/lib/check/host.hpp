#pragma once
/// A host of a test's own: files below a temporary directory in place of /proc, /sys, /etc, /run
/// and /usr, and programs that say what the test wants.

#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "check/host.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::test {

class FakeHost {
 public:
  FakeHost() {
    for (const char* const each : {"proc", "sys", "etc", "run", "usr"}) {
      std::filesystem::create_directories(top_ / each);
    }
  }

  void write(const std::string& name, std::string_view content, unsigned mode = 0644) const {
    std::filesystem::create_directories((top_ / name).parent_path());
    top_.write(name, content, mode);
  }

  [[nodiscard]] std::filesystem::path path(std::string_view name) const { return top_ / name; }

  [[nodiscard]] check::Host host(
      std::function<os::Printed(const os::ProgramOptions&, std::size_t)> run = {}) const {
    return {.files = os::posix(),
            .places = {.proc = top_ / "proc",
                       .sys = top_ / "sys",
                       .etc = top_ / "etc",
                       .run = top_ / "run",
                       .usr = top_ / "usr"},
            .user = ::geteuid(),
            .run = std::move(run)};
  }

 private:
  TemporaryDirectory top_;
};

/// The first finding of an id; one without an id when there is none.
inline check::Finding finding_of(const check::Findings& findings, std::string_view id,
                                 std::string_view subject = "") {
  for (const check::Finding& each : findings) {
    if (each.id == id && (subject.empty() || each.subject == subject)) {
      return each;
    }
  }
  return {};
}

/// Garbage that no format is made of.
inline std::string garbage() {
  std::string text = "\x7f\x45\x4c\x46";
  text += '\0';
  for (int i = 0; i < 1000; ++i) {
    text += static_cast<char>(i * 7919 % 251);
  }
  return text;
}

}  // namespace trackier::test
