#include "notice/identifiers.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace trackier::notice {
namespace {

std::set<std::string> pieces(std::string_view text) {
  std::set<std::string> all;
  for (const Piece& each : pieces_of(text)) {
    CHECK(each.begin < each.end);
    CHECK(each.end <= text.size());
    all.emplace(text.substr(each.begin, each.end - each.begin));
  }
  return all;
}

TEST_CASE("an identifier is found however it stands") {
  const auto stands = [](std::string_view identifier, std::string_view text) {
    return pieces(text).contains(std::string{identifier});
  };
  CHECK(stands("visitor-77", "(visitor-77)"));
  CHECK(stands("visitor-77", "id=visitor-77;"));
  CHECK(stands("cust:4711", "id=cust:4711."));
  CHECK(stands("4711", "id=cust:4711."));
  CHECK(stands("asha@victim.example", "<asha@victim.example>,"));
  CHECK(stands("dGVzdA==", "token dGVzdA=="));
  CHECK(stands("dGVzdA==", "token=dGVzdA=="));
  CHECK(stands("user#12", "\"user#12\""));
  CHECK(stands("+491701234567", "call +491701234567!"));
  CHECK(stands("Erika Mustermann", "Dear Erika Mustermann,"));
  CHECK(stands("Anna Maria von Berg", "to Anna Maria von Berg."));
  CHECK(stands("müller", "müller's"));
  CHECK_FALSE(stands("visitor-7", "visitor-77"));
}

TEST_CASE("nothing comes of nothing") {
  CHECK(pieces_of("").empty());
  CHECK(pieces_of(" \t\n").empty());
  CHECK(pieces_of("--- ... !").empty());
}

}  // namespace
}  // namespace trackier::notice
