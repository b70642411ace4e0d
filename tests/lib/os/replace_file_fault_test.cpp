// Every operation of a replacement fails once, and the power fails before each of them.

#include <doctest/doctest.h>

#include "os/replace_file.hpp"
#include "support/errors.hpp"
#include "support/faulty_fs.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

using test::Fault;
using test::FaultyFs;
using test::MemoryFs;
using Names = std::vector<std::string>;
using Paths = std::vector<std::filesystem::path>;

const std::string old_content(5000, 'o');
const std::string new_content(7000, 'n');

/// A replacement with everything in it: room reserved, attributes of another file, several writes.
/// False when it failed.
bool replace(FileSystem& files, const std::filesystem::path& target, bool replacing = true) {
  const FileStatus like{.kind = FileStatus::Kind::regular, .mode = 0640, .modified_ns = 1};
  try {
    ReplaceFile out{files, target, {.replace = replacing, .like = like, .reserve = 10'000}};
    for (std::size_t at = 0; at < new_content.size(); at += 1000) {
      out.write(as_bytes(new_content).subspan(at, 1000));
    }
    out.finish();
  } catch (const Error& error) {
    const bool promised = error.code() == Code::io || error.code() == Code::cannot_create;
    CHECK_MESSAGE(promised, test::message_of(error));
    CHECK(test::contains(test::message_of(error), target.string()));
    return false;
  }
  return true;
}

/// Fewer operations than this, and the loops below would prove nothing.
constexpr std::uint64_t fewest_operations = 12;

TEST_CASE("whichever operation fails, the old file is whole and no temporary is left") {
  std::uint64_t nth = 1;
  for (bool done = false; !done; ++nth) {
    const test::TemporaryDirectory directory;
    const auto target = directory.write("target", old_content);
    FaultyFs files{posix(), Fault{.operation = nth}};
    done = replace(files, target);
    CAPTURE(nth);
    CAPTURE(files.failed());
    // Only the sync of the directory comes after the renaming.
    const bool renamed = done || files.failed() == "sync_directory";
    CHECK((test::content_of(target) == (renamed ? new_content : old_content)));
    CHECK(directory.names() == Names{"target"});
    CHECK(done == files.failed().empty());
    REQUIRE(nth < 100);
  }
  CHECK(nth > fewest_operations);
}

TEST_CASE("whichever operation fails, a new file appears whole or not at all") {
  std::uint64_t nth = 1;
  for (bool done = false; !done; ++nth) {
    const test::TemporaryDirectory directory;
    FaultyFs files{posix(), Fault{.operation = nth, .number = EIO}};
    done = replace(files, directory / "target", false);
    CAPTURE(nth);
    CAPTURE(files.failed());
    const bool renamed = done || files.failed() == "sync_directory";
    CHECK(directory.names() == (renamed ? Names{"target"} : Names{}));
    if (renamed) {
      CHECK((test::content_of(directory / "target") == new_content));
    }
    REQUIRE(nth < 100);
  }
  CHECK(nth > fewest_operations);
}

TEST_CASE("when nothing works any more, not even removing, the old file is whole all the same") {
  std::uint64_t nth = 1;
  for (bool done = false; !done; ++nth) {
    MemoryFs files;
    files.add("/d/target", old_content);
    FaultyFs faulty{files, Fault{.operation = nth, .from_then_on = true}};
    done = replace(faulty, "/d/target");
    CAPTURE(nth);
    const bool renamed = done || faulty.failed() == "sync_directory";
    CHECK((files.content("/d/target") == (renamed ? new_content : old_content)));
    for (const auto& name : files.names()) {  // what is left does not look like something complete
      const bool recognisable =
          name == "/d/target" || name.filename().string().starts_with(".target.");
      CHECK(recognisable);
    }
    REQUIRE(nth < 100);
  }
}

TEST_CASE("after a power cut at any point the file is the old or the new one, never a mixture") {
  for (const auto survives : {MemoryFs::Survives::nothing, MemoryFs::Survives::names}) {
    std::uint64_t nth = 1;
    for (bool done = false; !done; ++nth) {
      MemoryFs files;
      files.add("/d/target", old_content);
      FaultyFs until{files, Fault{.operation = nth, .from_then_on = true}};
      done = replace(until, "/d/target");
      files.power_cut(survives);
      CAPTURE(nth);
      CAPTURE(until.failed());
      const std::string found = files.content("/d/target");
      if (done) {
        CHECK((found == new_content));  // finish() promises it
        CHECK(files.names() == Paths{"/d/target"});
      } else {
        const bool whole = found == old_content || found == new_content;
        CHECK(whole);
      }
      REQUIRE(nth < 100);
    }
    CHECK(nth > fewest_operations);
  }
}

TEST_CASE("without sync a power cut may lose the new content") {
  // Not a wish, but the proof that the test above would notice a missing sync.
  MemoryFs files;
  files.add("/d/target", old_content);
  ReplaceFile out{files, "/d/target", {.replace = true, .sync = false}};
  out.write(as_bytes(new_content));
  out.finish();
  SUBCASE("the name is on the disk before the content") {
    files.power_cut(MemoryFs::Survives::names);
    CHECK(files.content("/d/target").empty());
  }
  SUBCASE("nothing is on the disk yet") {
    files.power_cut(MemoryFs::Survives::nothing);
    CHECK((files.content("/d/target") == old_content));
  }
}

}  // namespace
}  // namespace trackier::os
