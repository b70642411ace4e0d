#include "os/process.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "os/file.hpp"
#include "os/signals.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

using test::error_of;
using test::message_of;
using namespace std::chrono_literals;

std::string output_of(const std::string& line, std::size_t most = 4096,
                      char* const* environment = nullptr) {
  std::string output(most, '\0');
  const std::size_t size = output_of_command(
      line, environment, std::as_writable_bytes(std::span{output.data(), output.size()}));
  output.resize(size);
  return output;
}

TEST_CASE("what a command prints is returned, exactly") {
  CHECK(output_of("printf 'a b\\n\\000c'") == std::string{"a b\n\0c", 6});
  CHECK(output_of(":").empty());
  CHECK(output_of("printf 12345678; printf 90", 10) == "1234567890");
  CHECK(output_of("printf one; printf two >&2; exec 2>&-", 3) == "one");
}

TEST_CASE("a command that fails is an error that says how") {
  CHECK(message_of(error_of([] { output_of("printf key; exit 3"); })) ==
        "the command ended with status 3");
  CHECK(message_of(error_of([] { output_of("kill -KILL $$"); })) == "the command died of signal 9");
  CHECK(message_of(error_of([] { output_of("/nowhere/at/all 2>/dev/null"); })) ==
        "the command ended with status 127");
  CHECK(error_of([] { output_of("false"); }).code() == Code::no_input);
}

TEST_CASE("a command that prints too much is ended, not waited for") {
  const auto begin = std::chrono::steady_clock::now();
  const Error error = error_of([] { output_of("printf 12345678901; exec sleep 60", 10); });
  CHECK(error.code() == Code::no_input);
  CHECK(message_of(error) == "the command prints more than 10 bytes");
  CHECK(std::chrono::steady_clock::now() - begin < 20s);
}

TEST_CASE("a command that prints for ever and ignores SIGTERM is ended by its pipe") {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(error_of([] { output_of("trap '' TERM; yes; true", 10); }).code() == Code::no_input);
  CHECK(std::chrono::steady_clock::now() - begin < 20s);
}

TEST_CASE("a command has the environment it was given, and none otherwise") {
  std::string variable = "TRACKIER_TEST=value with spaces";
  char* const environment[] = {variable.data(), nullptr};
  CHECK(output_of("printf %s \"$TRACKIER_TEST\"", 100, environment) == "value with spaces");
  REQUIRE(::setenv("TRACKIER_TEST", "ours", 1) == 0);
  CHECK(output_of("printf %s \"$TRACKIER_TEST\"").empty());
  ::unsetenv("TRACKIER_TEST");
}

TEST_CASE("a command reads nothing and has no descriptor of ours") {
  CHECK(output_of("cat").empty());
  const test::TemporaryDirectory directory;
  const auto secret = posix().open(directory.write("secret", "s"));
  const std::string open_files = output_of("ls -l /proc/$$/fd", 64 * 1024);
  CHECK(test::contains(open_files, "/dev/null"));
  CHECK_FALSE(test::contains(open_files, directory.path().string()));
}

TEST_CASE("a command begins with default signal handling and nothing blocked") {
  const Interrupt interrupt;
  CHECK(message_of(error_of([] { output_of("kill -PIPE $$; printf alive"); })) ==
        "the command died of signal 13");
  CHECK(message_of(error_of([] { output_of("kill -TERM $$; printf alive"); })) ==
        "the command died of signal 15");
}

TEST_CASE("a signal ends the wait for a command, and the command") {
  const Interrupt interrupt;
  const auto begin = std::chrono::steady_clock::now();
  const std::jthread sender{[] {
    std::this_thread::sleep_for(50ms);
    ::kill(::getpid(), SIGTERM);
  }};
  CHECK_THROWS_AS(output_of("exec sleep 60"), Interrupted);
  CHECK(std::chrono::steady_clock::now() - begin < 20s);
}

}  // namespace
}  // namespace trackier::os
