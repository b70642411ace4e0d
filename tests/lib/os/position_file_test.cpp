#include "os/position_file.hpp"

#include <doctest/doctest.h>

#include "support/errors.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

using test::error_of;
using test::MemoryFs;
using test::TemporaryDirectory;

FollowState example() {
  return {.read = {.device = 1, .inode = 2, .offset = 3, .head_bytes = 3, .fingerprint = "00ff"},
          .format = "json",
          .output_bytes = 4,
          .output_device = 5,
          .output_inode = 6};
}

TEST_CASE("a position is found again as it was saved") {
  const TemporaryDirectory directory;
  PositionFile file{posix(), directory / "position"};
  CHECK_FALSE(file.load());
  file.save(example());
  const auto found = file.load();
  REQUIRE(found);
  CHECK(to_text(*found) == to_text(example()));
}

TEST_CASE("any text but that of a position is refused") {
  const std::string good = to_text(example());
  REQUIRE(parse_follow_state(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    CAPTURE(at);
    CHECK_FALSE(parse_follow_state(good.substr(0, at)));
    std::string bad = good;
    bad[at] = '\x01';
    if (at < good.rfind("head ") + 5 || at + 1 == good.size()) {
      CHECK_FALSE(parse_follow_state(bad));
    }
  }
  const TemporaryDirectory directory;
  directory.write("position", "offset 1\n");
  const PositionFile file{posix(), directory / "position"};
  CHECK(error_of([&] { static_cast<void>(file.load()); }).code() == Code::data);
}

TEST_CASE("a second run with the same position is refused") {
  const TemporaryDirectory directory;
  const PositionFile file{posix(), directory / "position"};
  CHECK(error_of([&] { PositionFile{posix(), directory / "position"}; }).code() == Code::busy);
}

TEST_CASE("a power cut leaves the position that was saved last") {
  for (std::uint64_t state = 0, states = 1; state < states; ++state) {
    CAPTURE(state);
    MemoryFs files;
    FollowState position = example();
    {
      PositionFile file{files, "dir/position"};
      file.save(position);
      position.read.offset = 1000;
      file.save(position);
    }
    states = files.power_cut(state);
    const auto left = parse_follow_state(files.content("dir/position"));
    REQUIRE(left);
    CHECK(left->read.offset == 1000);
  }
}

}  // namespace
}  // namespace trackier::os
