#include "verify/recorder.hpp"

#include <doctest/doctest.h>

#include "os/signals.hpp"
#include "support/errors.hpp"
#include "verify/ahead.hpp"

using namespace trackier;
using namespace trackier::verify;
using proof::Check;
using proof::Verdict;

namespace {

struct Drill {
  proof::Proof proof;
  int told = 0;
  Recorder recorder{proof, [this](const Check&) { ++told; }};

  Verdict throwing(Code code) {
    recorder.run({.name = "it"}, [code](Check&) { throw Error{code, "why", "cure"}; });
    return proof.checks.back().verdict;
  }
};

}  // namespace

TEST_CASE("what is damaged or missing has failed; what stands in the way was not evaluated") {
  Drill drill;
  for (const Code code : {Code::data, Code::no_input, Code::verdict}) {
    CHECK(drill.throwing(code) == Verdict::failed);
    CHECK(drill.proof.checks.back().why == "why");
  }
  CHECK(drill.proof.verdict == Verdict::failed);
  for (const Code code :
       {Code::unavailable, Code::io, Code::no_permission, Code::busy, Code::cannot_create}) {
    CHECK(drill.throwing(code) == Verdict::not_evaluated);
    CHECK(drill.proof.checks.back().why == "why; cure");
  }
  CHECK(test::error_of([&] { drill.throwing(Code::bug); }).code() == Code::bug);
  CHECK_THROWS_AS(drill.recorder.run({.name = "it"},
                                     [](Check&) {
                                       throw os::Interrupted{Code::io, "stopped"};
                                     }),
                  os::Interrupted);
  CHECK(drill.told == 8);
}

TEST_CASE("a check that looked at nothing has failed, whenever it is recorded") {
  Drill drill;
  CHECK_FALSE(drill.recorder.run({.name = "nothing"}, [](Check&) {}));
  CHECK(drill.proof.checks.back().why == "nothing was checked");
  CHECK_FALSE(drill.recorder.record(Recorder::judge({.name = "later"}, [](Check&) {})));
  CHECK(drill.proof.checks.back().verdict == Verdict::failed);
  CHECK(drill.recorder.run({.name = "something"}, [](Check& check) { check.checked = 1; }));
  CHECK(drill.proof.verdict == Verdict::failed);
}

TEST_CASE("a check that was judged beside others counts as one that was run") {
  Drill drill;
  const Check judged = Recorder::judge({.name = "integrity"}, [](Check& check) {
    check.checked = 1;
    for (int i = 0; i < 25; ++i) {
      add_difference(check, {.object = "o", .expected = "e", .found = "f"});
    }
  });
  CHECK(drill.proof.checks.empty());
  CHECK(drill.proof.verdict == Verdict::passed);
  CHECK_FALSE(drill.recorder.record(judged));
  CHECK(drill.proof.verdict == Verdict::failed);
  CHECK(drill.proof.checks.at(0).difference_count == 25);
  CHECK(drill.proof.checks.at(0).differences.size() == 20);
  drill.recorder.add_time("integrity", std::chrono::milliseconds{1234});
  CHECK(drill.proof.checks.at(0).took >= std::chrono::milliseconds{1234});
}

TEST_CASE("what is aside does not change the verdict") {
  Drill drill;
  drill.recorder.run_aside({.name = "live"}, [](Check&) { throw Error{Code::data, "other"}; });
  CHECK(drill.proof.checks.at(0).verdict == Verdict::failed);
  CHECK(drill.proof.verdict == Verdict::passed);
}

TEST_CASE("what was made ahead is there once, or says why it is not") {
  Ahead<int> ahead;
  ahead.make([] { return 7; });
  CHECK(ahead.take() == 7);
  Ahead<int> failed;
  failed.make([]() -> int { throw Error{Code::unavailable, "no tool"}; });
  CHECK(test::error_of([&] { failed.take(); }).code() == Code::unavailable);
}
