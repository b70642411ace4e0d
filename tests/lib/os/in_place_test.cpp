// Files that are changed where they are: offsets, locks, writers.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "os/file.hpp"
#include "os/replace_file.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::content_of;
using test::error_of;
using test::TemporaryDirectory;

std::string read_at(File& file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '?');
  text.resize(file.read_at(offset, std::as_writable_bytes(std::span{text})));
  return text;
}

TEST_CASE("bytes are read and written at offsets, and what is around them stays") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("f", "0123456789");
  const auto file = posix().open_for_update(path);
  file->write_at(3, as_bytes("abc"));
  CHECK(read_at(*file, 2, 5) == "2abc6");
  CHECK(content_of(path) == "012abc6789");
}

TEST_CASE("reading at an offset ends where the file ends, and leaves the position alone") {
  const TemporaryDirectory directory;
  const auto file = posix().open(directory.write("f", "0123456789"));
  CHECK(read_at(*file, 8, 5) == "89");
  CHECK(read_at(*file, 10, 5).empty());
  CHECK(read_at(*file, 1'000'000, 5).empty());
  std::array<std::byte, 4> first{};
  REQUIRE(file->read(first) == 4);
  CHECK(as_text(first) == "0123");
}

TEST_CASE("writing past the end makes the file longer, with zeros between") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("f", "ab");
  posix().open_for_update(path)->write_at(4, as_bytes("c"));
  CHECK(content_of(path) == std::string("ab\0\0c", 5));
}

TEST_CASE("threads write different parts of one file at once") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("f", "");
  const auto file = posix().open_for_update(path);
  constexpr std::size_t part = 1 << 16;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 8; ++i) {
      threads.emplace_back([&file, i] {
        file->write_at(i * part, as_bytes(std::string(part, static_cast<char>('a' + i))));
      });
    }
  }
  std::string expected;
  for (char letter = 'a'; letter < 'i'; ++letter) {
    expected.append(part, letter);
  }
  CHECK((content_of(path) == expected));
}

TEST_CASE("only regular files are changed in place, and links are not followed") {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("file", "x");
  fs::create_symlink(file, directory / "link");
  fs::create_directory(directory / "dir");
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  const Error link = error_of([&] { posix().open_for_update(directory / "link"); });
  CHECK(link.code() == Code::no_input);
  CHECK(contains(link.what(), "symbolic link"));
  CHECK(error_of([&] { posix().open_for_update(directory / "dir"); }).code() == Code::no_input);
  CHECK(error_of([&] { posix().open_for_update(directory / "fifo"); }).code() == Code::no_input);
  CHECK(error_of([&] { posix().open_for_update(directory / "none"); }).code() == Code::no_input);
}

TEST_CASE("a lock keeps every other opening of the file out, and ends with the file") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("f", "0123456789");
  auto first = posix().open_for_update(path);
  const auto second = posix().open_for_update(path);
  CHECK(first->try_lock(0, 4));
  CHECK(first->try_lock(0, 4));
  CHECK_FALSE(second->try_lock(3, 4));
  CHECK(second->try_lock(4, 4));
  first.reset();
  CHECK(second->try_lock(0, 4));
}

TEST_CASE("closing another opening of the file keeps the lock") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("f", "0123456789");
  const auto first = posix().open_for_update(path);
  REQUIRE(first->try_lock(0, 4));
  posix().open_for_update(path).reset();
  CHECK_FALSE(posix().open_for_update(path)->try_lock(0, 4));
}

TEST_CASE("a file that someone writes to is told from one that is left alone") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("f", "x");
  const auto reader = posix().open(path);
  if (!reader->has_writer().has_value()) {
    MESSAGE("SKIPPED: this file system gives no leases");
    return;
  }
  CHECK(reader->has_writer() == false);
  {
    const auto writer = posix().open_for_update(path);
    CHECK(reader->has_writer() == true);
  }
  CHECK(reader->has_writer() == false);
}

TEST_CASE("syncing the file system is a call that succeeds") {
  const TemporaryDirectory directory;
  const auto file = posix().open_for_update(directory.write("f", "x"));
  CHECK_NOTHROW(file->sync_file_system());
}

TEST_CASE("the names in a directory come sorted; a directory that is none is no_input") {
  const TemporaryDirectory directory;
  CHECK(posix().list(directory.path()).empty());
  for (const char* name : {"b", "a", ".hidden", "B"}) {
    directory.write(name, "");
  }
  CHECK(posix().list(directory.path()) == std::vector<fs::path>{".hidden", "B", "a", "b"});
  CHECK(error_of([&] { posix().list(directory / "a"); }).code() == Code::no_input);
  CHECK(error_of([&] { posix().list(directory / "none"); }).code() == Code::no_input);
}

TEST_CASE("the number of a file's names is known") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("f", "x");
  CHECK(posix().status(path)->links == 1);
  fs::create_hard_link(path, directory / "g");
  CHECK(posix().status(path)->links == 2);
}

TEST_CASE("an output may be written in place before it appears") {
  const TemporaryDirectory directory;
  ReplaceFile file{posix(), directory / "out", {.reserve = 100}};
  File& inside = file.written_in_place(6);
  inside.write_at(3, as_bytes("def"));
  inside.write_at(0, as_bytes("abc"));
  CHECK_FALSE(fs::exists(directory / "out"));
  file.finish();
  CHECK(content_of(directory / "out") == "abcdef");
}

TEST_CASE("an output may be given its time of modification") {
  const TemporaryDirectory directory;
  ReplaceFile file{
      posix(), directory / "out", {.mode = 0640, .modified_ns = 1'500'000'000'000'000'001}};
  file.finish();
  CHECK(posix().status(directory / "out")->modified_ns == 1'500'000'000'000'000'001);
  CHECK(posix().status(directory / "out")->mode == 0640);
}

TEST_CASE("a file without a name is read and written, by its owner alone, and is in no directory") {
  const TemporaryDirectory directory;
  {
    const auto file = posix().create_unnamed(directory.path());
    file->write_at(0, as_bytes("held back"));
    std::array<std::byte, 9> back{};
    CHECK(file->read_at(0, back) == 9);
    CHECK(as_text(back) == "held back");
    CHECK(file->status().mode == 0600);
    CHECK(file->status().links == 0);
    CHECK(posix().list(directory.path()).empty());
  }
  CHECK(error_of([&] { posix().create_unnamed(directory / "none"); }).code() ==
        Code::cannot_create);
}

TEST_CASE("a file knows what it takes of the disk, so that holes are seen") {
  const TemporaryDirectory directory;
  const fs::path path = directory.write("sparse", "");
  fs::resize_file(path, 10'000'000);
  CHECK(posix().status(path)->size == 10'000'000);
  CHECK(posix().status(path)->allocated < 1'000'000);
}

TEST_CASE("what the kernel was told to forget is still there") {
  const TemporaryDirectory directory;
  const auto file = posix().open(directory.write("f", "content"));
  file->forget_cached();
  std::array<std::byte, 7> back{};
  CHECK(file->read_at(0, back) == 7);
  CHECK(as_text(back) == "content");
}

}  // namespace
}  // namespace trackier::os
