#include "postgres/ustar.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "os/program.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::postgres {
namespace {

using test::error_of;
using test::MemorySource;
using test::message_of;
using namespace std::string_literals;

constexpr std::size_t block = 512;

struct Header {
  std::string name = "base/1/1259";
  std::string mode = "0000600 ";
  std::string size = "00000000000 ";
  std::string modified = "14700000000 ";
  char kind = '0';
  std::string link = {};
  std::string magic = "ustar\00000"s;
  std::string prefix = {};
};

/// As src/port/tar.c of PostgreSQL writes it.
std::string made(const Header& header) {
  std::string out(block, '\0');
  const auto put = [&out](std::size_t offset, const std::string& text) {
    out.replace(offset, text.size(), text);
  };
  put(0, header.name);
  put(100, header.mode);
  put(124, header.size);
  put(136, header.modified);
  put(148, "        ");
  out[156] = header.kind;
  put(157, header.link);
  put(257, header.magic);
  put(345, header.prefix);
  unsigned sum = 0;
  for (const char byte : out) {
    sum += static_cast<unsigned char>(byte);
  }
  std::string digits(7, '0');
  for (std::size_t i = 7; i-- > 0; sum /= 8) {
    digits[i] = static_cast<char>('0' + sum % 8);
  }
  put(148, digits + " ");
  return out;
}

std::string octal(std::size_t value) {
  std::string digits(11, '0');
  for (std::size_t i = 11; i-- > 0; value /= 8) {
    digits[i] = static_cast<char>('0' + value % 8);
  }
  return digits + " ";
}

std::string file(const std::string& name, const std::string& content) {
  std::string out = made({.name = name, .size = octal(content.size())}) + content;
  out.resize((out.size() + block - 1) / block * block);
  return out;
}

struct Read {
  TarEntry entry;
  std::string content;
};

std::vector<Read> read_archive(const std::string& archive, std::size_t piece = std::string::npos) {
  MemorySource source{archive, piece};
  UstarReader reader{source};
  std::vector<Read> all;
  while (std::optional<TarEntry> entry = reader.next()) {
    Read read{.entry = std::move(*entry), .content = {}};
    std::array<std::byte, 700> buffer{};
    while (const std::size_t count = reader.read(buffer)) {
      read.content += as_text(Bytes{buffer}.first(count));
    }
    all.push_back(std::move(read));
  }
  CHECK_FALSE(reader.next());
  CHECK(source.given() == archive.size());
  return all;
}

std::string refusal(const std::string& archive) {
  const Error error = error_of([&] { read_archive(archive); });
  CHECK(error.code() == Code::data);
  constexpr std::string_view begin = "not a tar archive as PostgreSQL sends it: ";
  REQUIRE(message_of(error).starts_with(begin));
  return message_of(error).substr(begin.size());
}

const std::string trailer(2 * block, '\0');

TEST_CASE("entries are read with what is in them, however the bytes arrive") {
  const std::string archive =
      file("backup_label", "START WAL") +
      made({.name = "./pg_wal/", .mode = "0000700 ", .kind = '5'}) +
      made({.name = "pg_tblspc/16385", .kind = '2', .link = "/srv/fast disk"}) +
      file("base/1/1259", std::string(block, 'x')) + file("empty", "") +
      file("base/1/2", std::string(3000, 'y'));
  for (const std::size_t piece : {std::size_t{1}, std::size_t{511}, std::size_t{100000}}) {
    for (const std::string& end : {""s, trailer, trailer + std::string(9 * block, '\0')}) {
      const std::vector<Read> all = read_archive(archive + end, piece);
      REQUIRE(all.size() == 6);
      CHECK(all[0].entry.path == "backup_label");
      CHECK(all[0].entry.kind == TarEntry::Kind::file);
      CHECK(all[0].entry.mode == 0600);
      CHECK(all[0].entry.size == 9);
      CHECK(all[0].entry.modified == 014700000000);
      CHECK(all[0].content == "START WAL");
      CHECK(all[1].entry.path == "pg_wal");
      CHECK(all[1].entry.kind == TarEntry::Kind::directory);
      CHECK(all[1].entry.mode == 0700);
      CHECK(all[2].entry.kind == TarEntry::Kind::symlink);
      CHECK(all[2].entry.link_target == "/srv/fast disk");
      CHECK(all[3].content == std::string(block, 'x'));
      CHECK(all[4].content.empty());
      CHECK(all[5].content == std::string(3000, 'y'));
    }
  }
  CHECK(read_archive("").empty());
  CHECK(read_archive(trailer).empty());
}

TEST_CASE("content that is not read is passed over") {
  MemorySource source{file("a", std::string(5000, 'x')) + file("b", "read")};
  UstarReader reader{source};
  REQUIRE(reader.next());
  std::array<std::byte, 100> some{};
  CHECK(reader.read(some) == 100);
  REQUIRE(reader.next()->path == "b");
  CHECK(reader.read(some) == 4);
  CHECK_FALSE(reader.next());
}

TEST_CASE("sizes beyond 8 GiB are numbers of base 256") {
  const std::string size = "\x80\0\0\0\0\0\0\x02\0\0\0\x07"s;
  MemorySource source{made({.size = size}) + "content"};
  UstarReader reader{source};
  CHECK(reader.next()->size == (std::uint64_t{2} << 32U) + 7);
  CHECK(test::contains(refusal(made({.size = size}) + "content"), "ends within a file"));
  CHECK(refusal(made({.size = "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s})) ==
        "a size beyond all measure");
  CHECK(refusal(made({.size = "\x80\0\0\0\x80\0\0\0\0\0\0\0"s})) == "a size beyond all measure");
  CHECK(refusal(made({.size = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s})) ==
        "a size that is no number");
}

TEST_CASE("names that lead elsewhere are refused") {
  for (const std::string name :
       {"/etc/passwd", "../x", "a/../b", "a/..", "..", ".", "a/./b", "a//b", "a/", "/"}) {
    CHECK(refusal(made({.name = name})) == "an entry named " + name);
  }
  CHECK(refusal(made({.name = "././a"})) == "an entry named ./a");
  CHECK(refusal(made({.name = ".//a"})) == "an entry named /a");
  CHECK(refusal(made({.name = "./../a"})) == "an entry named ../a");
  CHECK(refusal(made({.name = "./"})) == "an entry without a name");
  CHECK(refusal(made({.name = "a//", .kind = '5'})) == "an entry named a/");
  CHECK(refusal(made({.name = ""})) == "an entry without a name");
  CHECK(refusal(made({.name = "/", .kind = '5'})) == "an entry without a name");
  CHECK(refusal(made({.name = std::string(100, 'n')})) == "a name that is too long");
  CHECK(refusal(made({.name = "a\0b"s})) == "a name that goes on after its end");
  CHECK(refusal(made({.prefix = "/etc"})) == "a name in two parts");
}

TEST_CASE("what the server never writes is refused") {
  CHECK(refusal(made({.magic = "ustar  \0"s})) == "a header without the word ustar");
  CHECK(refusal(std::string(block, 'x')) == "a header without the word ustar");
  std::string damaged = file("a", "b");
  damaged[5] = 'x';
  CHECK(refusal(damaged) == "a header whose checksum is wrong");
  for (const char kind : {'1', '3', '4', '6', '7', 'x', 'g', 'L', 'S', '\0'}) {
    CHECK(test::contains(refusal(made({.kind = kind})), "neither file nor directory"));
  }
  CHECK(refusal(made({.kind = '2'})) == "base/1/1259: a link to nothing");
  CHECK(refusal(made({.link = "x"})) == "base/1/1259: a link");
  CHECK(refusal(made({.size = octal(1), .kind = '5'})) == "base/1/1259: content of what has none");
  CHECK(refusal(made({.size = "           1"})) == "a size that is no number");
  CHECK(refusal(made({.size = "00000000008 "})) == "a size that is no number");
  CHECK(refusal(made({.size = "-0000000001 "})) == "a size that is no number");
  CHECK(refusal(made({.mode = "7777777 "})) == "a mode that is more than permissions");
  std::string padded = file("a", "b");
  padded.back() = 'x';
  CHECK(refusal(padded) == "something after the end of a file");
  CHECK(refusal(trailer + "x") == "something after the end");
  CHECK(refusal(trailer + file("a", "b")) == "something after the end");
}

TEST_CASE("an archive that is cut anywhere but between entries is refused") {
  const std::string archive = file("a", std::string(600, 'x')) + file("b", "");
  for (std::size_t size = 1; size < archive.size(); ++size) {
    if (size != 3 * block) {
      CHECK(test::contains(refusal(archive.substr(0, size)), "it ends within"));
    }
  }
  CHECK(read_archive(archive.substr(0, 3 * block)).size() == 1);
}

TEST_CASE("archives of GNU tar in its ustar format are read as it made them") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "base/1");
  std::string content;
  for (int i = 0; i < 10000; ++i) {
    content += static_cast<char>(i * 7);
  }
  directory.write("base/1/2619", content, 0640);
  std::filesystem::create_symlink("/srv/space", directory / "base/link");
  const os::Printed printed =
      os::run_program({.program = "/bin/tar",
                       .arguments = {"--format=ustar", "-C", directory.path(), "-cf", "-", "base"}},
                      1024 * 1024);
  REQUIRE(printed.ended.well());
  std::vector<Read> all = read_archive(printed.output);
  std::ranges::sort(all, {}, [](const Read& each) { return each.entry.path; });
  REQUIRE(all.size() == 4);
  CHECK(all[0].entry.path == "base");
  CHECK(all[1].entry.path == "base/1");
  CHECK(all[2].entry.path == "base/1/2619");
  CHECK(all[2].entry.mode == 0640);
  CHECK(all[2].content == content);
  CHECK(all[3].entry.link_target == "/srv/space");
}

TEST_CASE("whatever arrives is an archive or is refused") {
  const std::string archive =
      file("a/b", std::string(700, 'x')) + made({.name = "d/", .kind = '5'}) +
      made({.name = "l", .kind = '2', .link = "/t"}) + file("c", "") + trailer;
  CHECK(rc::check("changed bytes", [&archive] {
    std::string changed = archive;
    const int changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) {
      changed[*rc::gen::inRange<std::size_t>(0, archive.size())] = *rc::gen::arbitrary<char>();
    }
    changed.resize(*rc::gen::inRange<std::size_t>(0, archive.size() + 1));
    try {
      for (const Read& read : read_archive(changed)) {
        RC_ASSERT(read.content.size() == read.entry.size);
        RC_ASSERT(std::filesystem::path{read.entry.path}.is_relative());
      }
    } catch (const Error& error) {
      RC_ASSERT(error.code() == Code::data);
    }
  }));
}

}  // namespace
}  // namespace trackier::postgres
