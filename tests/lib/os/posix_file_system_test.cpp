#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include "os/file_stream.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::error_of;
using test::message_of;
using test::TemporaryDirectory;

/// Two descriptors that are a pipe; closed when it goes, unless closed before.
struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  Pipe(Pipe&&) = delete;
  Pipe& operator=(Pipe&&) = delete;
  ~Pipe() {
    close_reading();
    close_writing();
  }
  void close_reading() { close(ends[0]); }
  void close_writing() { close(ends[1]); }

  std::array<int, 2> ends{};

 private:
  static void close(int& end) {
    if (end != -1) {
      ::close(std::exchange(end, -1));
    }
  }
};

/// What `child` returns, run in a process of its own.
template <typename Action>
int status_of_process(Action child) {
  const pid_t process = ::fork();
  if (process == 0) {
    ::_exit(child());
  }
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

TEST_CASE("what is written is read back") {
  const TemporaryDirectory directory;
  const auto out = posix().create_exclusive(directory / "f", 0640);
  REQUIRE(out);
  out->write(as_bytes("hello"));
  out->sync();
  CHECK(out->status().size == 5);
  const auto in = posix().open(directory / "f");
  FileSource source{*in};
  CHECK(test::read_all(source, 2) == "hello");
}

TEST_CASE(
    "an input that is missing, a directory or behind a file is no_input, named with its cause") {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("file", "");
  const auto failure = [](const fs::path& path) { return error_of([&] { posix().open(path); }); };
  CHECK(failure(directory / "none").code() == Code::no_input);
  CHECK(message_of(failure(directory / "none")) ==
        (directory / "none").string() + ": no such file or directory");
  CHECK(message_of(failure(directory.path())) == directory.path().string() + ": is a directory");
  CHECK(contains(message_of(failure(file / "x")), "not a directory"));
  CHECK(contains(message_of(failure(directory / "new\nline")), "new\\x0Aline"));
}

TEST_CASE("exclusive creation gives nothing when the name is taken, even by a dangling link") {
  const TemporaryDirectory directory;
  directory.write("file", "kept");
  fs::create_symlink("nowhere", directory / "link");
  CHECK(posix().create_exclusive(directory / "file", 0600) == nullptr);
  CHECK(posix().create_exclusive(directory / "link", 0600) == nullptr);
  CHECK_FALSE(fs::exists(directory / "nowhere"));
  CHECK(test::content_of(directory / "file") == "kept");
  CHECK(error_of([&] { posix().create_exclusive(directory / "none" / "f", 0600); }).code() ==
        Code::cannot_create);
}

TEST_CASE("exclusive renaming never replaces, plain renaming does") {
  const TemporaryDirectory directory;
  const fs::path one = directory.write("one", "1");
  const fs::path two = directory.write("two", "2");
  CHECK_FALSE(posix().rename_exclusive(one, two));
  CHECK(test::content_of(two) == "2");
  posix().rename(one, two);
  CHECK(test::content_of(two) == "1");
  CHECK(posix().rename_exclusive(two, one));
  CHECK(directory.names() == std::vector<std::string>{"one"});
  CHECK(error_of([&] { posix().rename(two, one); }).code() == Code::cannot_create);
  CHECK(error_of([&] { posix().rename_exclusive(two, one); }).code() == Code::cannot_create);
}

TEST_CASE("removing what is not there succeeds, removing a directory does not") {
  const TemporaryDirectory directory;
  posix().remove(directory.write("file", ""));
  posix().remove(directory / "file");
  CHECK(error_of([&] { posix().remove(directory.path()); }).code() == Code::io);
}

TEST_CASE("status follows links, entry does not") {
  const TemporaryDirectory directory;
  directory.write("file", "abc", 0604);
  fs::create_symlink("file", directory / "link");
  fs::create_symlink("nowhere", directory / "dangling");
  const FileStatus file = *posix().status(directory / "file");
  CHECK(file.kind == FileStatus::Kind::regular);
  CHECK(file.size == 3);
  CHECK(file.mode == 0604);
  CHECK(file.user == ::geteuid());
  CHECK(file.same_file(*posix().status(directory / "link")));
  CHECK(posix().entry(directory / "link")->kind == FileStatus::Kind::symlink);
  CHECK_FALSE(posix().status(directory / "dangling"));
  CHECK(posix().entry(directory / "dangling"));
  CHECK_FALSE(posix().entry(directory / "none"));
  CHECK_FALSE(posix().entry(directory / "file" / "below"));
  CHECK(posix().status(directory.path())->kind == FileStatus::Kind::directory);
  CHECK(posix().status("/dev/null")->kind == FileStatus::Kind::other);
}

TEST_CASE("directories are made with those above, and stay when they are there") {
  const TemporaryDirectory directory;
  posix().create_directories(directory / "a/b/c");
  posix().create_directories(directory / "a/b/c");
  posix().sync_directory(directory / "a/b/c");
  CHECK(fs::is_directory(directory / "a/b/c"));
  posix().create_directories(directory / "a/private/more", 0700);
  CHECK(posix().status(directory / "a/private")->mode == 0700);
  CHECK(posix().status(directory / "a/private/more")->mode == 0700);
  directory.write("file", "");
  CHECK(error_of([&] { posix().create_directories(directory / "file/d"); }).code() ==
        Code::cannot_create);
  CHECK(error_of([&] { posix().sync_directory(directory / "file"); }).code() == Code::io);
}

TEST_CASE("a full disk is an io error that says so") {
  const auto full = posix().open_device("/dev/full");
  const Error error = error_of([&] { full->write(as_bytes("x")); });
  CHECK(error.code() == Code::io);
  CHECK(message_of(error) == "writing /dev/full: no space left on device");
}

TEST_CASE("a device is opened, never created") {
  const TemporaryDirectory directory;
  posix().open_device("/dev/null")->write(as_bytes("gone"));
  CHECK(error_of([&] { posix().open_device(directory / "new"); }).code() == Code::cannot_create);
  CHECK(error_of([&] { posix().open_device(directory.path()); }).code() == Code::cannot_create);
  CHECK(directory.names().empty());
}

TEST_CASE("a reader that has gone is a BrokenPipe") {
  const Interrupt signals;  // SIGPIPE would end the process
  Pipe pipe;
  const auto out = inherited(pipe.ends[1]);
  out->write(as_bytes("read by nobody"));
  pipe.close_reading();
  CHECK_THROWS_AS(out->write(as_bytes("x")), BrokenPipe);
}

TEST_CASE("beyond the file size limit writing is an error, and nothing is left") {
  const Interrupt signals;  // SIGXFSZ would end the process
  const TemporaryDirectory directory;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 64 * 1024;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string content(100'000, 'x');
  std::optional<Error> error;
  try {
    ReplaceFile out{posix(), directory / "out.log"};
    out.write(as_bytes(content));
    out.finish();
  } catch (const Error& thrown) {
    error = thrown;
  }
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  REQUIRE(error);
  CHECK(error->code() == Code::io);
  CHECK(contains(message_of(*error), "file too large"));
  CHECK(directory.names().empty());
}

TEST_CASE("a descriptor that was inherited stays open, one that is closed is no_input") {
  Pipe pipe;
  inherited(pipe.ends[1])->write(as_bytes("one "));
  inherited(pipe.ends[1])->write(as_bytes("two"));
  const int closed = pipe.ends[1];
  pipe.close_writing();
  const auto in = inherited(pipe.ends[0]);
  CHECK(in->status().kind == FileStatus::Kind::pipe);
  FileSource source{*in};
  CHECK(test::read_all(source) == "one two");
  const Error error = error_of([&] { inherited(closed); });
  CHECK(error.code() == Code::no_input);
  CHECK(message_of(error) == "descriptor " + std::to_string(closed) + ": bad file descriptor");
}

TEST_CASE("a descriptor that does not block is waited for") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK) == 0);
  REQUIRE(::fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK) == 0);
  const std::string content(1'000'000, 'p');  // more than a pipe holds
  std::jthread writer{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});  // the reader finds nothing first
    inherited(pipe.ends[1])->write(as_bytes(content));
    pipe.close_writing();
  }};
  const auto in = inherited(pipe.ends[0]);
  FileSource source{*in};
  CHECK((test::read_all(source) == content));
}

TEST_CASE("closed standard descriptors are occupied, so that no output is mistaken for them") {
  const int status = status_of_process([] {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      ::close(descriptor);
    }
    occupy_standard_descriptors();
    try {
      standard_output()->write(as_bytes("x"));
    } catch (const Error&) {
      const int next = ::open("/dev/null", O_RDONLY);
      return next > STDERR_FILENO ? 0 : 1;
    }
    return 2;  // writing to a standard output that was closed has to stay an error
  });
  CHECK(status == 0);
}

}  // namespace
}  // namespace trackier::os
