#include <doctest/doctest.h>

#include <fstream>

#include "backup/data_directory.hpp"
#include "backup/directory_target.hpp"
#include "backup/file_target.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::backup {
namespace {

using test::content_of;
using test::error_of;
using test::TemporaryDirectory;

Member member(std::string name, MemberKind kind, std::string target = {}) {
  Member made;
  made.name = std::move(name);
  made.kind = kind;
  made.target = std::move(target);
  return made;
}

TEST_CASE("nothing is written behind a symbolic link that the backup itself brings") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "outside");
  DirectoryTarget target{os::posix(), directory / "data", "0123456789abcdef", false};
  CHECK(target.begin(member("link", MemberKind::symlink, (directory / "outside").native())) ==
        nullptr);
  for (const auto kind : {MemberKind::stream, MemberKind::directory, MemberKind::symlink}) {
    CHECK(error_of([&] { target.begin(member("link/file", kind, "x")); }).code() == Code::data);
    CHECK(error_of([&] { target.begin(member("link/a/b", kind, "x")); }).code() == Code::data);
  }
  CHECK(std::filesystem::is_empty(directory / "outside"));
  CHECK(target.begin(member("linked/file", MemberKind::stream)) != nullptr);
}

TEST_CASE("a directory appears when it is finished, and what was there is put aside") {
  const TemporaryDirectory directory;
  const auto restore_to = [&](const std::filesystem::path& path, bool replace) {
    DirectoryTarget target{os::posix(), path, "0123456789abcdef", replace};
    target.begin(member("base", MemberKind::directory));
    target.begin(member("base/1", MemberKind::stream))->write(as_bytes("new"));
    target.end({});
    CHECK(std::filesystem::exists(path / "base") == replace);
    return target.finish();
  };
  CHECK(restore_to(directory / "data/", false).empty());
  CHECK(content_of(directory / "data" / "base" / "1") == "new");
  CHECK(error_of([&] { restore_to(directory / "data", false); }).code() == Code::cannot_create);
  directory.write("data/mine", "old");
  const auto before = restore_to(directory / "data", true);
  CHECK(content_of(before / "mine") == "old");
  CHECK(directory.names().size() == 2);
  { const DirectoryTarget given_up{os::posix(), directory / "other", "0123456789abcdef", false}; }
  CHECK(directory.names().size() == 2);
}

TEST_CASE("a restored database never stands beside the log of another") {
  const TemporaryDirectory directory;
  const auto place = directory / "shop.db";
  const auto target_for = [&](bool replace) {
    return std::make_unique<FileTarget>(os::posix(), place, "database", replace);
  };
  directory.write("shop.db-wal", "old log");
  CHECK(error_of([&] { target_for(false); }).code() == Code::cannot_create);
  directory.write("shop.db", "old");
  CHECK(error_of([&] { target_for(false); }).code() == Code::cannot_create);
  {
    const auto target = target_for(true);
    Member made = member("database", MemberKind::pages);
    made.size = 3;
    target->begin(made)->write_at(0, as_bytes("new"));
    CHECK(target->begin(member("else", MemberKind::stream)) == nullptr);
    CHECK(content_of(place) == "old");
    CHECK(content_of(directory / "shop.db-wal") == "old log");
    target->finish();
  }
  CHECK(content_of(place) == "new");
  CHECK(directory.names() == std::vector<std::string>{"shop.db"});
}

TEST_CASE("a restored cluster archives nothing, follows nobody, and finds its tablespaces") {
  const TemporaryDirectory directory;
  auto& files = os::posix();
  for (const char* each : {"data", "data/pg_tblspc", "data/pg_tblspc/16384"}) {
    std::filesystem::create_directory(directory / each);
  }
  directory.write("data/postgresql.auto.conf", "archive_mode = on");
  directory.write("data/tablespace_map", "16384 /elsewhere");
  directory.write("data/standby.signal", "");
  directory.write("data/pg_tblspc/16384/file", "x");
  const auto notes =
      prepare_data_directory(files, directory / "data", directory / "place",
                             R"({"tablespaces":[{"oid":"16384","location":"/was/there"}]})");
  CHECK(notes.size() == 3);
  const std::string settings = content_of(directory / "data" / "postgresql.auto.conf");
  CHECK(settings.find("archive_mode = on") < settings.find("archive_mode = off"));
  CHECK(std::filesystem::read_symlink(directory / "data/pg_tblspc/16384") ==
        directory / "place.tablespace-16384");
  CHECK(content_of(directory / "place.tablespace-16384" / "file") == "x");
  CHECK_FALSE(std::filesystem::exists(directory / "data/tablespace_map"));
  CHECK_FALSE(std::filesystem::exists(directory / "data/standby.signal"));
  for (const char* wrong : {"", "[]", R"({"tablespaces":[{"oid":"../x"}]})"}) {
    CHECK(error_of([&] {
            (void)prepare_data_directory(files, directory / "data", directory / "place", wrong);
          }).code() == Code::data);
  }
}

}  // namespace
}  // namespace trackier::backup
