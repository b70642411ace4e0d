#include "keys/reference.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <rapidcheck.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "support/errors.hpp"
#include "support/faulty_fs.hpp"
#include "support/hex.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::keys {
namespace {

namespace fs = std::filesystem;
using Scheme = Reference::Scheme;
using test::contains;
using test::error_of;
using test::message_of;
using test::TemporaryDirectory;

const std::string digits = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";

std::string loaded(const Reference& reference, const Surroundings& surroundings) {
  return test::to_hex(load_key(reference, surroundings).bytes());
}

/// The key in a file with `content`.
std::string loaded_from(std::string_view content) {
  test::MemoryFs files;
  files.add("key", content);
  return loaded({.scheme = Scheme::file, .value = "key"}, {.files = files});
}

/// The error of `action`, which must not repeat anything of a key.
template <typename Action>
Error refusal(Action action) {
  const Error error = error_of(action);
  const std::string told = message_of(error) + error.hint();
  for (std::size_t at = 0; at + 8 <= digits.size(); ++at) {
    REQUIRE_FALSE(contains(told, digits.substr(at, 8)));
  }
  CHECK(error.code() == Code::no_permission);
  return error;
}

TEST_CASE("every scheme is read and written back") {
  const std::vector<std::pair<std::string, Reference>> cases{
      {"file:/etc/key", {Scheme::file, "/etc/key"}},
      {"file:key", {Scheme::file, "key"}},
      {"file:with:colon", {Scheme::file, "with:colon"}},
      {"fd:0", {Scheme::fd, "0"}},
      {"fd:42", {Scheme::fd, "42"}},
      {"credential:pseudonym", {Scheme::credential, "pseudonym"}},
      {"command:pass show 'a b'", {Scheme::command, "pass show 'a b'"}},
  };
  for (const auto& [text, reference] : cases) {
    CHECK((parse_reference(text) == reference));
    CHECK(to_string(reference) == text);
  }
}

TEST_CASE("what is no reference is refused, with the code that was asked for") {
  for (const std::string text : {"file:",
                                 "fd:",
                                 "credential:",
                                 "command:",
                                 "fd:x",
                                 "fd:-1",
                                 "fd:1 ",
                                 "fd: 1",
                                 "fd:+1",
                                 "fd:1.0",
                                 "fd:99999999999",
                                 "fd:0x3",
                                 "credential:a/b",
                                 "credential:../key",
                                 "credential:/etc/key",
                                 "",
                                 "key",
                                 "/etc/key",
                                 "FILE:/etc/key",
                                 "files:/etc/key",
                                 "file",
                                 " file:key",
                                 "env:KEY"}) {
    CAPTURE(text);
    CHECK(error_of([&] { parse_reference(text); }).code() == Code::usage);
    CHECK(error_of([&] { parse_reference(text, Code::config); }).code() == Code::config);
  }
}

TEST_CASE("a key given in place of a reference is not repeated") {
  for (const std::string& text : {digits, "hex:" + digits, digits + "\n"}) {
    const Error error = error_of([&] { parse_reference(text); });
    CHECK_FALSE(contains(message_of(error) + error.hint(), digits.substr(0, 8)));
    CHECK(contains(error.hint(), "file:PATH"));
  }
}

TEST_CASE("whatever the text, it is a reference that can be written back, or a usage error") {
  CHECK(rc::check("references", [] {
    const std::string scheme =
        *rc::gen::element<std::string>("", "file:", "fd:", "credential:", "command:");
    const std::string text = scheme + *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    try {
      RC_ASSERT(to_string(parse_reference(text)) == text);
    } catch (const Error& error) {
      RC_ASSERT(error.code() == Code::usage);
    }
  }));
}

TEST_CASE("a key is 64 hexadecimal digits, with or without a line end, or 32 bytes") {
  CHECK(loaded_from(digits) == digits);
  CHECK(loaded_from(digits + "\n") == digits);
  CHECK(loaded_from(digits + "\r\n") == digits);
  std::string upper = digits;
  for (char& digit : upper) {
    digit = digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
  }
  CHECK(loaded_from(upper) == digits);
  CHECK(loaded_from(test::from_hex(digits)) == digits);
  // 32 bytes of which the last looks like a line end are a key all the same.
  const std::string ends_like_a_line = digits.substr(0, 62) + "0a";
  CHECK(loaded_from(test::from_hex(ends_like_a_line)) == ends_like_a_line);
}

TEST_CASE("what is neither is refused, and not repeated") {
  const std::string bytes = test::from_hex(digits);
  for (const std::string& content :
       {std::string{}, std::string{"\n"}, digits.substr(1), digits + "0", digits + "0\n",
        digits + "\n\n", digits + "\r", digits + " ", " " + digits, digits + "\r\n\n",
        digits.substr(0, 63) + "g", digits.substr(0, 63) + "\n", "0x" + digits,
        digits.substr(0, 30), digits + digits, bytes.substr(1), bytes + "x", bytes + "\n",
        digits + "\n" + std::string(1'000'000, 'x')}) {
    CHECK(contains(message_of(refusal([&] { loaded_from(content); })), "neither"));
  }
}

TEST_CASE("a key of equal bytes is no key") {
  for (const std::string& content :
       {std::string(64, '0'), std::string(64, 'f'), std::string(32, '\0'), std::string(32, 'x'),
        std::string(64, 'a') + "\n"}) {
    CHECK(contains(message_of(refusal([&] { loaded_from(content); })), "all its bytes are equal"));
  }
  CHECK(loaded_from(std::string(63, '0') + "1") == std::string(63, '0') + "1");
}

TEST_CASE("a password is a line of text, whatever letters it has") {
  const auto password_in = [](std::string_view content) {
    test::MemoryFs files;
    files.add("password", content);
    const crypto::Secret made =
        load_password({.scheme = Scheme::file, .value = "password"}, {.files = files});
    return std::string{as_text(made.bytes())};
  };
  const std::string long_one(1024, 'x');
  for (const std::string& good : {std::string{"x"}, std::string{" a b "}, digits, long_one,
                                  std::string{"p\xc3\xa4\xff\\\""}}) {
    CHECK(password_in(good) == good);
    CHECK(password_in(good + "\n") == good);
    CHECK(password_in(good + "\r\n") == good);
  }
  for (const std::string& bad :
       {std::string{}, std::string{"\n"}, std::string{"a\nb"}, std::string{"a\n\n"},
        std::string{"a\0b", 3}, long_one + "x", long_one + long_one}) {
    CAPTURE(bad.size());
    const Error error = refusal([&] { password_in(bad); });
    CHECK(contains(message_of(error), "password file:password: "));
    CHECK_FALSE(contains(message_of(error), "a\nb"));
  }
}

TEST_CASE("a password that is not there, or not for one alone, is no permission") {
  const TemporaryDirectory directory;
  const Surroundings surroundings{.files = os::posix()};
  const std::string path = (directory / "none").string();
  const Error error = refusal([&] { load_password({Scheme::file, path}, surroundings); });
  CHECK(contains(message_of(error), "password file:" + path + ": "));
  CHECK(error.hint() == "a password is one line of text");
  const std::string wide = directory.write("wide", "x", 0640).string();
  refusal([&] { load_password({Scheme::file, wide}, surroundings); });
  CHECK(as_text(load_password({Scheme::command, "echo secret"}, surroundings).bytes()) == "secret");
  refusal([&] { load_password({Scheme::command, "exit 3"}, surroundings); });
}

TEST_CASE("a key file that others can read or write is refused, whoever they are") {
  const TemporaryDirectory directory;
  const Surroundings surroundings{.files = os::posix()};
  for (const unsigned mode : {0600U, 0400U, 0700U}) {
    const Reference reference{Scheme::file, directory.write("good", digits, mode).string()};
    CHECK(loaded(reference, surroundings) == digits);
    fs::remove(directory / "good");
  }
  for (const unsigned bit : {0040U, 0020U, 0010U, 0004U, 0002U, 0001U}) {
    const Reference reference{Scheme::file, directory.write("bad", digits, 0600 | bit).string()};
    const Error error = refusal([&] { loaded(reference, surroundings); });
    CHECK(contains(message_of(error), "lets others read or write it"));
    CHECK(error.hint() == "chmod 600 " + reference.value);
  }
}

TEST_CASE("of a symbolic link the mode of the file counts") {
  const TemporaryDirectory directory;
  directory.write("good", digits, 0600);
  directory.write("bad", digits, 0644);
  fs::create_symlink("good", directory / "to_good");
  fs::create_symlink("bad", directory / "to_bad");
  const Surroundings surroundings{.files = os::posix()};
  CHECK(loaded({Scheme::file, (directory / "to_good").string()}, surroundings) == digits);
  refusal([&] { loaded({Scheme::file, (directory / "to_bad").string()}, surroundings); });
}

TEST_CASE("a missing key is no permission, with the command that makes one") {
  const TemporaryDirectory directory;
  const std::string path = (directory / "none").string();
  const Error error = refusal([&] { loaded({Scheme::file, path}, {.files = os::posix()}); });
  CHECK(message_of(error) == "key file:" + path + ": " + path + ": no such file or directory");
  CHECK(error.hint() == "make a key with: (umask 077; openssl rand -hex 32 > " + path + ")");
  refusal([&] { loaded({Scheme::file, directory.path().string()}, {.files = os::posix()}); });
}

TEST_CASE("a credential is a file in the credentials directory, whatever its mode") {
  const TemporaryDirectory directory;
  directory.write("pseudonym", digits, 0444);
  const Surroundings surroundings{.files = os::posix(), .credentials_directory = directory.path()};
  CHECK(loaded({Scheme::credential, "pseudonym"}, surroundings) == digits);
  refusal([&] { loaded({Scheme::credential, "none"}, surroundings); });
  const Error error = refusal([&] {
    loaded({Scheme::credential, "pseudonym"}, {.files = os::posix()});
  });
  CHECK(message_of(error) == "key credential:pseudonym: CREDENTIALS_DIRECTORY is not set");
}

TEST_CASE("a descriptor is read to its end, and stays open") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(::write(ends[1], digits.data(), 20) == 20);
  REQUIRE(::write(ends[1], digits.data() + 20, 44) == 44);
  ::close(ends[1]);
  const Reference reference{Scheme::fd, std::to_string(ends[0])};
  CHECK(loaded(reference, {.files = os::posix()}) == digits);
  CHECK(::fcntl(ends[0], F_GETFD) != -1);
  // A pipe can be read once.
  CHECK(
      contains(message_of(refusal([&] { loaded(reference, {.files = os::posix()}); })), "neither"));
  ::close(ends[0]);
  CHECK(contains(message_of(refusal([&] { loaded(reference, {.files = os::posix()}); })),
                 "bad file descriptor"));
}

TEST_CASE("the output of a command is the key") {
  const Surroundings surroundings{.files = os::posix()};
  const auto command = [&](const std::string& line) {
    return loaded({Scheme::command, line}, surroundings);
  };
  const TemporaryDirectory directory;
  const std::string file = directory.write("key", digits + "\n", 0644).string();
  CHECK(command("cat " + file) == digits);
  CHECK(contains(message_of(refusal([&] { command("cat " + file + "; exit 2"); })), "status 2"));
  CHECK(contains(message_of(refusal([&] { command("cat " + file + " " + file); })),
                 "prints more than 128 bytes"));
  CHECK(contains(message_of(refusal([&] { command("exit 0"); })), "neither"));
  CHECK(contains(message_of(refusal([&] { command("kill -9 $$"); })), "signal 9"));
}

TEST_CASE("a command has the environment of the program, if it is handed on") {
  std::string variable = "KEY_FOR_TEST=" + digits;
  char* const environment[] = {variable.data(), nullptr};
  const Reference reference{Scheme::command, "printf %s \"$KEY_FOR_TEST\""};
  CHECK(loaded(reference, {.files = os::posix(), .environment = environment}) == digits);
  refusal([&] { loaded(reference, {.files = os::posix()}); });
}

TEST_CASE("when reading fails, the error is not a missing key") {
  test::MemoryFs files;
  files.add("key", digits);
  int failures = 0;
  for (std::uint64_t nth = 1; nth <= 4; ++nth) {
    test::FaultyFs faulty{files, {.operation = nth, .number = EIO}};
    try {
      const std::string key = loaded({Scheme::file, "key"}, {.files = faulty});
      CHECK(key == digits);
    } catch (const Error& error) {
      ++failures;
      CHECK(error.code() == (faulty.failed() == "open" ? Code::no_permission : Code::io));
      CHECK(contains(message_of(error), "input/output error"));
    }
  }
  CHECK(failures >= 3);  // open, status, read
}

TEST_CASE("a path with control bytes is shown escaped") {
  const Error error = refusal([&] {
    loaded({Scheme::file, "no\x1b[31m"}, {.files = os::posix()});
  });
  CHECK_FALSE(contains(message_of(error) + error.hint(), "\x1b"));
}

}  // namespace
}  // namespace trackier::keys
