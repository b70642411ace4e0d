#include "verify/scratch.hpp"

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <optional>
#include <vector>

#include "core/error.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

using namespace trackier;
using namespace trackier::verify;
using test::TemporaryDirectory;

namespace {

unsigned mode_of(const std::filesystem::path& path) {
  return os::posix().status(path)->mode;
}

}  // namespace

TEST_CASE("a scratch place is private, and gone with everything in it") {
  const TemporaryDirectory directory;
  std::filesystem::path path;
  {
    const Scratch scratch{os::posix(), directory / "below" / "scratch"};
    path = scratch.path();
    CHECK(mode_of(path) == 0700);
    CHECK(mode_of(path.parent_path()) == 0711);
    std::filesystem::create_directories(path / "closed" / "inner");
    std::ofstream{path / "closed" / "inner" / "file"} << "restored";
    ::chmod((path / "closed" / "inner").c_str(), 0);
    ::chmod((path / "closed").c_str(), 0500);
    std::filesystem::create_symlink(directory.path(), path / "link");
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(std::filesystem::is_empty(directory / "below" / "scratch"));
}

TEST_CASE("what a killed drill has left is gone after the next, what a running one has is not") {
  const TemporaryDirectory directory;
  const auto parent = directory / "scratch";
  const pid_t child = ::fork();
  if (child == 0) {
    const Scratch scratch{os::posix(), parent};
    std::ofstream{scratch.path() / "left"} << "behind";
    ::_exit(0);  // as SIGKILL does, without destructors
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(std::distance(std::filesystem::directory_iterator{parent}, {}) == 2);
  std::ofstream{parent / "of somebody else"} << "kept";
  const Scratch running{os::posix(), parent};
  const Scratch second{os::posix(), parent};
  CHECK(std::filesystem::exists(running.path()));
  CHECK(std::filesystem::exists(parent / "of somebody else"));
  CHECK(std::distance(std::filesystem::directory_iterator{parent}, {}) == 5);
}

TEST_CASE("what cannot be removed is named, and removed by the first drill that can") {
  const TemporaryDirectory directory;
  const auto parent = directory / "scratch";
  const auto left = parent / "drill-0a0b0c0d";
  std::filesystem::create_directories(left);
  std::ofstream{left / "database.sqlite"} << "restored";
  std::ofstream{std::filesystem::path{left} += ".lock"} << "";
  // A file system that is mounted there is what not even root removes.
  if (::mount("none", left.c_str(), "tmpfs", 0, nullptr) != 0) {
    std::cerr << "skipped: no right to mount\n";
    return;
  }
  {
    const Scratch scratch{os::posix(), parent};
    CHECK(scratch.left() == std::vector{left});
  }
  CHECK(std::filesystem::exists(std::filesystem::path{left} += ".lock"));
  REQUIRE(::umount(left.c_str()) == 0);
  const Scratch scratch{os::posix(), parent};
  CHECK(scratch.left().empty());
  CHECK_FALSE(std::filesystem::exists(left));
  CHECK_FALSE(std::filesystem::exists(std::filesystem::path{left} += ".lock"));
}

TEST_CASE("drills that begin and end at the same time do not disturb each other") {
  const TemporaryDirectory directory;
  const auto parent = directory / "scratch";
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        for (int drill = 0; drill < 200; ++drill) {
          const Scratch scratch{os::posix(), parent};
          std::ofstream{scratch.path() / "restored"} << "data";
          if (!std::filesystem::exists(scratch.path() / "restored")) {
            ::_exit(2);
          }
        }
        ::_exit(0);
      } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        ::_exit(1);
      }
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(std::filesystem::is_empty(parent));
}

TEST_CASE("too little room is said before anything is restored") {
  const TemporaryDirectory directory;
  const Scratch scratch{os::posix(), directory.path()};
  scratch.require_room(1);
  const auto error = test::error_of([&] { scratch.require_room(std::uint64_t{1} << 62U); });
  CHECK(error.code() == Code::unavailable);
  CHECK(std::string{error.what()}.find("free") != std::string::npos);
  CHECK(error.hint().find("verify.scratch") != std::string::npos);
}
