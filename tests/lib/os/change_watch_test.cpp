#include "os/change_watch.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <thread>

#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::TemporaryDirectory;

constexpr milliseconds long_time{20000};

/// Whether wait() returns before its time is over.
bool is_woken(ChangeWatch& watch, milliseconds most = long_time) {
  const auto began = steady_clock::now();
  watch.wait(most);
  return steady_clock::now() - began < most;
}

TEST_CASE("what happens to a file ends the wait for it, what happens to others does not") {
  const TemporaryDirectory directory;
  ChangeWatch watch;
  watch.add(directory / "log");
  REQUIRE(watch.is_told());
  CHECK_FALSE(is_woken(watch, milliseconds{50}));
  std::ofstream{directory / "log"} << "one\n" << std::flush;
  CHECK(is_woken(watch));
  CHECK_FALSE(is_woken(watch, milliseconds{50}));
  fs::rename(directory / "log", directory / "log.1");
  CHECK(is_woken(watch));
  std::ofstream{directory / "other"} << "one\n";
  CHECK_FALSE(is_woken(watch, milliseconds{50}));
  const std::jthread writer{[&] {
    std::this_thread::sleep_for(milliseconds{30});
    std::ofstream{directory / "log.1", std::ios::app} << "late\n";
  }};
  CHECK(is_woken(watch));
}

TEST_CASE("a link is watched where it leads") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "days");
  fs::create_symlink(directory / "days" / "monday", directory / "log");
  ChangeWatch watch;
  watch.add(directory / "log");
  std::ofstream{directory / "days" / "monday"} << "one\n";
  CHECK(is_woken(watch));
}

TEST_CASE("a directory that cannot be watched is looked at from time to time") {
  const TemporaryDirectory directory;
  ChangeWatch watch;
  watch.add(directory / "missing" / "log");
  CHECK_FALSE(watch.is_told());
  const auto began = steady_clock::now();
  watch.wait(long_time);
  CHECK(steady_clock::now() - began < long_time / 2);
}

}  // namespace
}  // namespace trackier::os
