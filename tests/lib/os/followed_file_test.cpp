#include "os/followed_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using test::error_of;
using test::TemporaryDirectory;

void append(const fs::path& path, std::string_view text) {
  std::ofstream{path, std::ios::app | std::ios::binary} << text;
}

/// Here what is named so is as it was; "damaged" is not.
std::unique_ptr<File> decompressed(std::unique_ptr<File> file) {
  std::string head(7, ' ');
  file->read_at(0, std::as_writable_bytes(std::span{head}));
  if (head == "damaged") {
    throw Error{Code::data, head};
  }
  return file;
}

/// A follower with what it said and where it stands.
class Reader {
 public:
  explicit Reader(fs::path path, std::optional<ReadPosition> position = {})
      : path_(std::move(path)), position_(std::move(position)) {
    start();
  }

  /// As after kill -9: all that is left is the position of the last lines taken.
  void start() {
    file_.reset();
    file_ = std::make_unique<FollowedFile>(
        posix(), path_,
        FollowOptions{.fingerprint = [](Bytes head) { return std::string{as_text(head)}; },
                      .lost = [this](const std::string& why) { lost.push_back(why); },
                      .decompressed = decompressed,
                      .batch_bytes = 16},
        position_);
  }

  bool once() {
    const auto lines = file_->next(now_);
    now_ += milliseconds{10};
    if (lines) {
      text += lines->bytes;
      position_ = lines->after;
    }
    return lines.has_value();
  }

  /// Until nothing has come for longer than a renamed file is waited for.
  std::string& all() {
    for (int idle = 0; idle < 250; ++idle) {
      if (once()) {
        idle = 0;
      }
    }
    return text;
  }

  std::string text;
  std::vector<std::string> lost;

 private:
  fs::path path_;
  std::unique_ptr<FollowedFile> file_;
  std::optional<ReadPosition> position_;
  milliseconds now_{0};
};

TEST_CASE("a line is handed out when its end has come") {
  const TemporaryDirectory directory;
  Reader reader{directory / "log"};
  CHECK(reader.all().empty());  // it need not exist
  append(directory / "log", "one\ntw");
  CHECK(reader.all() == "one\n");
  append(directory / "log", "o\n");
  CHECK(reader.all() == "one\ntwo\n");
}

TEST_CASE("a line longer than a batch comes in pieces") {
  const TemporaryDirectory directory;
  const std::string line = std::string(1000, 'x') + "\n";
  append(directory / "log", "one\n" + line + "two\n");
  Reader reader{directory / "log"};
  CHECK(reader.all() == "one\n" + line + "two\n");
}

TEST_CASE("a renamed log is read to its end, also what is written to it afterwards") {
  const TemporaryDirectory directory;
  append(directory / "log", "one\n");
  Reader reader{directory / "log"};
  CHECK(reader.all() == "one\n");
  std::ofstream writer{directory / "log", std::ios::app};
  fs::rename(directory / "log", directory / "log.1");
  append(directory / "log", "three\n");
  CHECK_FALSE(reader.once());
  writer << "two" << std::flush;
  writer.close();
  CHECK(reader.all() == "one\ntwothree\n");
  CHECK(reader.lost.empty());
}

TEST_CASE("rotations while nobody read are caught up with, oldest first") {
  const TemporaryDirectory directory;
  append(directory / "log", "00\n");
  Reader reader{directory / "log"};
  std::string expected = reader.all();
  for (int round = 1; round <= 12; ++round) {
    for (int number = round; number > 1; --number) {
      fs::rename(directory / ("log." + std::to_string(number - 1)),
                 directory / ("log." + std::to_string(number)));
    }
    fs::rename(directory / "log", directory / "log.1");
    append(directory / "log", std::to_string(round) + "\n");
    expected += std::to_string(round) + "\n";
  }
  append(directory / "log.json", "another log\n");
  SUBCASE("while it runs") {}
  SUBCASE("while it was stopped") {
    reader.start();
  }
  CHECK(reader.all() == expected);
  CHECK(reader.lost.empty());
}

TEST_CASE("what was not read before a truncation is read from the copy") {
  const TemporaryDirectory directory;
  append(directory / "log", "one\n");
  Reader reader{directory / "log"};
  CHECK(reader.all() == "one\n");
  append(directory / "log", "two\n");
  fs::copy_file(directory / "log", directory / "log.1");
  fs::resize_file(directory / "log", 0);
  append(directory / "log", "three, longer than what was there\n");
  SUBCASE("while it runs") {}
  SUBCASE("while it was stopped") {
    reader.start();
  }
  CHECK(reader.all() == "one\ntwo\nthree, longer than what was there\n");
  CHECK(reader.lost.empty());
}

TEST_CASE("a rotated log that is compressed while it is read, or before, is read to its end") {
  const TemporaryDirectory directory;
  append(directory / "log", "one\n");
  Reader reader{directory / "log"};
  CHECK(reader.all() == "one\n");
  append(directory / "log", "two\n");
  fs::rename(directory / "log", directory / "log.2");
  fs::copy_file(directory / "log.2", directory / "log.2.gz");
  append(directory / "log.1.gz", "three\n");
  append(directory / "log", "four\n");
  append(directory / "log.3.zst", "damaged");
  SUBCASE("while it runs") {}
  SUBCASE("while it was stopped") {
    reader.start();
  }
  SUBCASE("and the plain one was removed") {
    fs::remove(directory / "log.2");
    reader.start();
  }
  SUBCASE("and the plain one was removed while it runs") {
    fs::remove(directory / "log.2");
  }
  CHECK(reader.all() == "one\ntwo\nthree\nfour\n");
  CHECK(reader.lost.empty());
}

TEST_CASE("a log that was begun but of which nothing was read is found again") {
  const TemporaryDirectory directory;
  append(directory / "log", "one\n");
  ReadPosition position;
  {
    FollowedFile file{posix(), directory / "log", {.fingerprint = [](Bytes head) {
                        return std::string{as_text(head)};
                      }}};
    position = file.here();
  }
  CHECK(position.offset == 0);
  CHECK(position.head_bytes == 4);
  fs::copy_file(directory / "log", directory / "log.1");
  fs::resize_file(directory / "log", 0);
  append(directory / "log", "two\n");
  Reader reader{directory / "log", position};
  CHECK(reader.all() == "one\ntwo\n");
}

TEST_CASE("a log that cannot be opened is waited for, but not for long") {
  const TemporaryDirectory directory;
  append(directory / "log", "one\n");
  Reader reader{directory / "log"};
  CHECK(reader.all() == "one\n");
  fs::rename(directory / "log", directory / "log.1");
  fs::create_directory(directory / "log");  // which nobody can read, be it root
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(reader.once());
  }
  SUBCASE("it can be read in time") {
    fs::remove(directory / "log");
    append(directory / "log", "two\n");
    CHECK(reader.all() == "one\ntwo\n");
  }
  SUBCASE("it stays") {
    CHECK(error_of([&] { reader.all(); }).code() == Code::no_input);
  }
}

TEST_CASE("dated logs that a link led to while nobody read are read in their order") {
  const TemporaryDirectory directory;
  fs::create_directory(directory / "days");
  const auto day = [&](const std::string& date, const std::string& text) {
    append(directory / "days" / ("app-" + date + ".log"), text);
    fs::create_symlink(directory / "days" / ("app-" + date + ".log"), directory / "new");
    fs::rename(directory / "new", directory / "log");
  };
  day("2026-01-30", "one\n");
  append(directory / "days" / "other-2026-01-31.log", "another log\n");
  Reader reader{directory / "log"};
  CHECK(reader.all() == "one\n");
  day("2026-01-31", "two\n");
  day("2026-02-01", "three\n");
  SUBCASE("while it runs") {}
  SUBCASE("while it was stopped") {
    reader.start();
  }
  CHECK(reader.all() == "one\ntwo\nthree\n");
  CHECK(reader.lost.empty());
}

TEST_CASE("a truncation without a copy is said") {
  const TemporaryDirectory directory;
  append(directory / "log", "one\n");
  Reader reader{directory / "log"};
  CHECK(reader.all() == "one\n");
  fs::resize_file(directory / "log", 0);
  append(directory / "log", "2\n");
  SUBCASE("while it runs") {}
  SUBCASE("while it was stopped") {
    reader.start();
  }
  CHECK(reader.all() == "one\n2\n");
  CHECK(reader.lost.size() == 1);
}

TEST_CASE("a restart does not pass over a file that is gone") {
  const TemporaryDirectory directory;
  append(directory / "log", "one\n");
  Reader reader{directory / "log"};
  reader.all();
  fs::rename(directory / "log", directory / "elsewhere");
  append(directory / "log", "two\n");
  CHECK(error_of([&] { reader.start(); }).code() == Code::no_input);
}

TEST_CASE("a symbolic link that moves on is followed") {
  const TemporaryDirectory directory;
  append(directory / "log-20260130", "one\n");
  fs::create_symlink("log-20260130", directory / "log");
  Reader reader{directory / "log"};
  CHECK(reader.all() == "one\n");
  append(directory / "log-20260131", "two\n");
  fs::create_symlink("log-20260131", directory / "new");
  fs::rename(directory / "new", directory / "log");
  CHECK(reader.all() == "one\ntwo\n");
  CHECK(reader.lost.empty());
}

TEST_CASE("no line is lost and none comes twice, whatever happens in what order") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    const TemporaryDirectory directory;
    append(directory / "log", "begin " + std::to_string(seed) + "\n");
    Reader reader{directory / "log"};
    reader.once();
    std::string expected = "begin " + std::to_string(seed) + "\n";
    int rotations = 0;
    for (int step = 0; step < 60; ++step) {
      const unsigned what = random() % 10;
      if (what < 5) {
        const std::string line =
            std::to_string(step) + std::string(random() % 40, 'x') + (what == 0 ? "" : "\n");
        append(directory / "log", line);
        expected += line;
      } else if (what < 8) {
        reader.once();
      } else if (what == 8) {
        reader.start();
      } else {
        for (int number = rotations; number > 0; --number) {
          fs::rename(directory / ("log." + std::to_string(number)),
                     directory / ("log." + std::to_string(number + 1)));
        }
        fs::rename(directory / "log", directory / "log.1");
        append(directory / "log", "");
        ++rotations;
      }
    }
    append(directory / "log", "end\n");
    CHECK(reader.all() == expected + "end\n");
    CHECK(reader.lost.empty());
  }
}

}  // namespace
}  // namespace trackier::os
