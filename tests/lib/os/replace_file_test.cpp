#include "os/replace_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/errors.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

namespace fs = std::filesystem;
using test::content_of;
using test::error_of;
using test::message_of;
using test::TemporaryDirectory;
using Names = std::vector<std::string>;

/// The umask, for as long as it lives.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  Umask(Umask&&) = delete;
  Umask& operator=(Umask&&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

TEST_CASE("nothing is seen under the name until finish") {
  const TemporaryDirectory directory;
  ReplaceFile out{posix(), directory / "out.log"};
  out.write(as_bytes("one "));
  out.write(as_bytes("two"));
  CHECK_FALSE(fs::exists(directory / "out.log"));
  out.finish();
  CHECK(content_of(directory / "out.log") == "one two");
  CHECK(out.written() == 7);
  CHECK(directory.names() == Names{"out.log"});
}

TEST_CASE("without finish nothing is left") {
  const TemporaryDirectory directory;
  {
    ReplaceFile out{posix(), directory / "out.log"};
    out.write(as_bytes("half"));
    CHECK(directory.names().size() == 1);
    CHECK(directory.names()[0].starts_with(".out.log."));
    CHECK(directory.names()[0].ends_with(".tmp"));
  }
  CHECK(directory.names().empty());
}

TEST_CASE("nobody else can read the temporary while it is written") {
  const TemporaryDirectory directory;
  const Umask open_to_all{0};
  const ReplaceFile out{posix(), directory / "out.log", {.mode = 0644}};
  CHECK(posix().entry(directory / directory.names().at(0))->mode == 0600);
}

TEST_CASE("an existing file is replaced only when asked to") {
  const TemporaryDirectory directory;
  const fs::path target = directory.write("out.log", "old");
  const Error error = error_of([&] { const ReplaceFile out{posix(), target}; });
  CHECK(error.code() == Code::cannot_create);
  CHECK(message_of(error) == target.string() + " exists");
  CHECK(test::contains(error.hint(), "--force"));
  CHECK(content_of(target) == "old");

  ReplaceFile out{posix(), target, {.replace = true}};
  out.write(as_bytes("new"));
  CHECK(content_of(target) == "old");
  out.finish();
  CHECK(content_of(target) == "new");
  CHECK(directory.names() == Names{"out.log"});
}

TEST_CASE("the mode is what was asked for, whatever the umask") {
  const TemporaryDirectory directory;
  const Umask strict{0077};
  ReplaceFile out{posix(), directory / "out.log", {.mode = 0644}};
  out.finish();
  CHECK(posix().entry(directory / "out.log")->mode == 0644);
}

TEST_CASE("mode and time of another file are taken over, and its owner where permitted") {
  const TemporaryDirectory directory;
  FileStatus like = *posix().status(directory.write("in.log", "x"));
  like.mode = 04751;  // set-user-id is never taken over
  like.modified_ns = 1'000'000'000'123'456'789;

  SUBCASE("our own") {}
  SUBCASE("another user's") {
    like.user = ::geteuid() + 1;
  }
  SUBCASE("before 1970") {
    like.modified_ns = -1'500'000'000;
  }

  ReplaceFile out{posix(), directory / "out.log", {.like = like}};
  out.write(as_bytes("y"));
  out.finish();
  const FileStatus made = *posix().status(directory / "out.log");
  CHECK(made.modified_ns == like.modified_ns);
  const bool same_owner = made.user == like.user && made.group == like.group;
  CHECK(made.mode == (same_owner ? 0751U : 0700U));
}

TEST_CASE("where the owner cannot be kept, group and others lose their permissions") {
  test::MemoryFs files;
  FileStatus like;
  like.mode = 0664;
  like.user = 1234;
  like.group = 1234;
  SUBCASE("permitted") {
    ReplaceFile out{files, "/d/out.log", {.like = like}};
    out.finish();
    CHECK(files.status("/d/out.log")->user == 1234);
    CHECK(files.status("/d/out.log")->mode == 0664);
  }
  SUBCASE("not permitted") {
    files.may_change_owner = false;
    ReplaceFile out{files, "/d/out.log", {.like = like}};
    out.finish();
    CHECK(files.status("/d/out.log")->user == 0);
    CHECK(files.status("/d/out.log")->mode == 0600);
  }
}

TEST_CASE("what is no regular file is refused, even with replace") {
  const TemporaryDirectory directory;
  directory.write("real.log", "precious");
  fs::create_directory(directory / "directory");
  fs::create_symlink("real.log", directory / "link");
  fs::create_symlink("nowhere", directory / "dangling");
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  for (const fs::path& target :
       {directory / "directory", directory / "link", directory / "dangling", directory / "fifo",
        fs::path{"/dev/null"}}) {
    const Error error = error_of([&] {
      const ReplaceFile out{posix(), target, {.replace = true}};
    });
    CHECK(error.code() == Code::cannot_create);
    CHECK(message_of(error) == target.string() + " is not a regular file");
  }
  CHECK(content_of(directory / "real.log") == "precious");
  CHECK(fs::is_symlink(directory / "link"));
  CHECK(directory.names().size() == 5);
}

TEST_CASE("a file that another process made meanwhile stays") {
  const TemporaryDirectory directory;
  {
    ReplaceFile out{posix(), directory / "out.log"};
    out.write(as_bytes("ours"));
    directory.write("out.log", "theirs");
    const Error error = error_of([&] { out.finish(); });
    CHECK(error.code() == Code::cannot_create);
    CHECK(test::contains(message_of(error), "another process made it meanwhile"));
  }
  CHECK(content_of(directory / "out.log") == "theirs");
  CHECK(directory.names() == Names{"out.log"});
}

TEST_CASE("reserved room that was not needed is given back") {
  const TemporaryDirectory directory;
  ReplaceFile out{posix(), directory / "out.log", {.reserve = 100'000}};
  out.write(as_bytes("short"));
  out.finish();
  CHECK(content_of(directory / "out.log") == "short");
}

TEST_CASE("an output that cannot be made is cannot_create, whatever is wrong with its name") {
  const TemporaryDirectory directory;
  directory.write("file", "");
  for (const fs::path& target : {directory / "missing" / "out.log", directory / "file" / "out.log",
                                 directory / std::string(300, 'n')}) {
    const Error error = error_of([&] { const ReplaceFile out{posix(), target}; });
    CHECK(error.code() == Code::cannot_create);
    CHECK(test::contains(message_of(error), target.string().substr(0, 100)));
  }
  CHECK(directory.names() == Names{"file"});
}

TEST_CASE("a name as long as the file system allows has room for its temporary") {
  const TemporaryDirectory directory;
  const std::string name(255, 'n');
  ReplaceFile out{posix(), directory / name};
  out.finish();
  CHECK(directory.names() == Names{name});
}

TEST_CASE("a name without a directory is in the working directory") {
  const TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  ReplaceFile out{posix(), "out.log"};
  out.write(as_bytes("here"));
  out.finish();
  fs::current_path(before);
  CHECK(content_of(directory / "out.log") == "here");
}

TEST_CASE("temporaries are known by their names, and belong to a target") {
  CHECK(target_of_temporary(".k.tke.aB3xYz.tmp") == "k.tke");
  CHECK(target_of_temporary("..k.aB3xYz.tmp") == ".k");
  for (const char* const other :
       {"", ".tmp", "k.tke.aB3xYz.tmp", ".k.tke.aB3xY.tmp", ".k.tke.aB3xYz.tmp2", ".aB3xYz.tmp",
        "..aB3xYz.tmp", ".k.tke.aB3x-z.tmp", ".k.tke_aB3xYz.tmp"}) {
    INFO(other);
    CHECK(target_of_temporary(other).empty());
  }
  const test::TemporaryDirectory directory;
  const auto long_name = directory / std::string(250, 'n');
  ReplaceFile one{posix(), directory / "one"};
  ReplaceFile two{posix(), long_name};
  CHECK(temporaries_of(posix(), directory / "one").size() == 1);
  CHECK(temporaries_of(posix(), long_name).size() == 1);
  CHECK(temporaries_of(posix(), directory / "on").empty());
  one.finish();
  CHECK(one.is_in_place());
  CHECK(temporaries_of(posix(), directory / "one").empty());
}

}  // namespace
}  // namespace trackier::os
