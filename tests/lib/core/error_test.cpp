#include "core/error.hpp"

#include <doctest/doctest.h>

#include <cerrno>

#include "support/errors.hpp"

namespace trackier {
namespace {

class Special : public Error {
 public:
  using Error::Error;
};

TEST_CASE("context reads from the aim to the cause, and keeps code and hint") {
  const Error error = test::error_of([] {
    doing("backing up orders.db", [] {
      doing("writing orders.db.tmp", [] { throw Error{Code::io, "disk full", "make room"}; });
    });
  });
  CHECK(test::message_of(error) == "backing up orders.db: writing orders.db.tmp: disk full");
  CHECK(error.code() == Code::io);
  CHECK(error.hint() == "make room");
}

TEST_CASE("an error of a derived class stays what it is when context is added") {
  CHECK_THROWS_AS(doing("an aim", [] { throw Special{Code::io, "a cause"}; }), Special);
}

TEST_CASE("doing returns what the action returns") {
  CHECK(doing("counting", [] { return 42; }) == 42);
}

TEST_CASE("exceptions that are no Error pass through unchanged") {
  CHECK_THROWS_WITH_AS(doing("an aim", [] { throw std::out_of_range{"a range"}; }), "a range",
                       std::out_of_range);
}

TEST_CASE("the text of an errno value begins with a small letter, unless with an abbreviation") {
  CHECK(errno_text(ENOSPC) == "no space left on device");
  CHECK(errno_text(ENOENT) == "no such file or directory");
  CHECK(errno_text(EIO) == "input/output error");
  CHECK(errno_text(ESRCH) == "no such process");
  CHECK(errno_text(EXDEV) == "invalid cross-device link");
  CHECK(errno_text(ENOTBLK) == "block device required");
  CHECK(errno_text(ENOCSI) == "no CSI structure available");
}

}  // namespace
}  // namespace trackier
