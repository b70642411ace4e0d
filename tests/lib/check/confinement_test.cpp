#include "check/confinement.hpp"

#include <doctest/doctest.h>

#include "core/error.hpp"
#include "host.hpp"

namespace trackier::check {
namespace {

using os::ProbedConfinement;
using test::finding_of;

constexpr ProbedConfinement all{.confined = {.landlock = 3, .is_filtered = true},
                                .refuses_files = true,
                                .refuses_sockets = true,
                                .refuses_programs = true,
                                .refuses_processes = true};

Findings of(const ProbedConfinement& probed) {
  return check_confinement([&] { return probed; });
}

Status files(const ProbedConfinement& probed) {
  return finding_of(of(probed), "confinement.files").status;
}

Status calls(const ProbedConfinement& probed) {
  return finding_of(of(probed), "confinement.calls").status;
}

TEST_CASE("what a confined child could not do passes, and says by what") {
  CHECK(files(all) == Status::pass);
  CHECK(calls(all) == Status::pass);
  CHECK(finding_of(of(all), "confinement.files").found.find("version 3") != std::string::npos);
}

TEST_CASE("a kernel without one of the two fails for that one, with the cure") {
  ProbedConfinement probed = all;
  probed.confined.landlock = 0;
  CHECK(files(probed) == Status::fail);
  CHECK(calls(probed) == Status::pass);
  CHECK(finding_of(of(probed), "confinement.files").cure.find("5.13") != std::string::npos);
  probed = all;
  probed.confined.is_filtered = false;
  CHECK(files(probed) == Status::pass);
  CHECK(calls(probed) == Status::fail);
  CHECK(finding_of(of(probed), "confinement.calls").cure.find("seccomp") != std::string::npos);
}

TEST_CASE("what is said to be in force, and does not hold, fails") {
  ProbedConfinement probed = all;
  probed.refuses_files = false;
  CHECK(files(probed) == Status::fail);
  for (bool ProbedConfinement::*each :
       {&ProbedConfinement::refuses_sockets, &ProbedConfinement::refuses_programs}) {
    probed = all;
    probed.*each = false;
    CHECK(calls(probed) == Status::fail);
  }
}

TEST_CASE("a probe that fails is an error, never a pass") {
  const auto findings = check_confinement([]() -> ProbedConfinement {
    throw Error{Code::unavailable, "no library", "install it"};
  });
  REQUIRE(findings.size() == 2);
  for (const Finding& each : findings) {
    CHECK(each.status == Status::error);
    CHECK(each.cure == "install it");
  }
}

}  // namespace
}  // namespace trackier::check
