#include "audit/follow.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "audit/log.hpp"
#include "os/posix_file.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

/// A log with small segments, and where its records are.
class Example {
 public:
  explicit Example(std::uint64_t segment_bytes = 2048) : segment_bytes_(segment_bytes) {}

  void add(std::size_t operations) {
    Log log{os::posix(),
            {.directory = path(), .segment_bytes = segment_bytes_},
            {.actor = {},
             .process = {.boot = "b", .space = 1, .pid = 2, .start = 3},
             .host = "h",
             .now = [] { return Stamp{}; },
             .is_gone = [](const Process&) { return false; }}};
    for (std::size_t i = 0; i < operations; ++i) {
      log.end(log.begin("test", {}), "test", {.exit = 0, .code = "ok"});
    }
  }

  std::vector<Place> read(const std::optional<Place>& after = {}, Followed end = Followed::all,
                          std::size_t most = 1'000'000) {
    std::vector<Place> places;
    CHECK(follow(os::posix(), path(), after, [&](const Record& record, const Place& place) {
            if (places.size() == most) {
              return false;
            }
            CHECK(record.seq == place.seq);
            places.push_back(place);
            return true;
          }) == end);
    return places;
  }

  [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "audit"; }
  [[nodiscard]] std::filesystem::path segment(Segment number) const {
    return path() / segment_name(number);
  }

 private:
  test::TemporaryDirectory directory_;
  std::uint64_t segment_bytes_;
};

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

TEST_CASE("reading goes on from every record, over all segments") {
  Example log;
  CHECK(log.read().empty());
  log.add(10);
  const auto all = log.read();
  REQUIRE(all.size() == 20);
  CHECK(all.back().segment > 2);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto rest = log.read(all[i]);
    REQUIRE(rest.size() == all.size() - i - 1);
    CHECK(std::equal(rest.begin(), rest.end(), all.begin() + static_cast<std::ptrdiff_t>(i) + 1));
  }
  log.add(3);
  CHECK(log.read(all.back()).size() == 6);
  CHECK(log.read({}, Followed::stopped, 7).size() == 7);
}

TEST_CASE("a line that is being written is not looked at") {
  Example log;
  log.add(2);
  const auto all = log.read();
  const auto last = log.segment(all.back().segment);
  const std::string whole = text_of(last);
  write(last, whole + "{\"actor\":");
  CHECK(log.read().size() == all.size());
  CHECK(log.read(all.back()).empty());
}

TEST_CASE("a log that was cut, moved away or written anew is another one") {
  Example log;
  log.add(4);
  const auto all = log.read();
  const auto first = log.segment(1);
  const std::string text = text_of(first);

  for (Segment each = all.back().segment; each > 1; --each) {
    std::filesystem::remove(log.segment(each));
  }
  CHECK(log.read(all.back(), Followed::replaced).empty());

  write(first, text.substr(0, text.find('\n') + 1));
  CHECK(log.read(all[1], Followed::replaced).empty());
  CHECK(log.read(all[0]).empty());

  std::filesystem::remove_all(log.path());
  CHECK(log.read(all[0], Followed::replaced).empty());
  log.add(4);
  CHECK(log.read(all[0], Followed::replaced).empty());
}

TEST_CASE("what is no record, or does not follow, ends it") {
  Example log{1 << 20};
  log.add(3);
  const auto all = log.read();
  const auto file = log.segment(1);
  const std::string text = text_of(file);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    lines.push_back(text.substr(at, text.find('\n', at) + 1 - at));
  }
  const auto with = [&](const std::vector<std::string>& changed) {
    std::string joined;
    for (const std::string& each : changed) {
      joined += each;
    }
    write(file, joined);
  };
  auto changed = lines;
  changed[3] = "garbage\n";
  with(changed);
  CHECK(log.read({}, Followed::broken).size() == 3);
  changed = lines;
  changed.erase(changed.begin() + 3);
  with(changed);
  CHECK(log.read({}, Followed::broken).size() == 3);
  CHECK(log.read(all[1], Followed::broken).size() == 1);
  changed = lines;
  changed[2].replace(changed[2].find("\"test\""), 6, "\"tesu\"");
  with(changed);
  CHECK(log.read(all[1], Followed::broken).size() ==
        1);  // the changed one, which is still a record
  with(lines);
  CHECK(log.read().size() == 6);
}

}  // namespace
}  // namespace trackier::audit
