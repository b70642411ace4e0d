#include "verify/recorder.hpp"

#include <algorithm>
#include <chrono>

#include "core/text.hpp"
#include "os/signals.hpp"

namespace trackier::verify {
namespace {

using proof::Verdict;

constexpr std::size_t most_differences = 20;

Verdict verdict_of(const Error& error) {
  switch (error.code()) {
    case Code::data:
    case Code::no_input:
    case Code::verdict:
      return Verdict::failed;
    default:
      return Verdict::not_evaluated;
  }
}

void conclude(proof::Check& check) {
  if (check.verdict != Verdict::passed) {
    return;
  }
  if (check.difference_count > 0) {
    check.verdict = Verdict::failed;
  } else if (check.checked == 0) {
    check.verdict = Verdict::failed;
    check.why = "nothing was checked";
  }
}

}  // namespace

bool Recorder::run(const proof::Check& begin, const Body& body) {
  return record(judge(begin, body));
}

void Recorder::run_aside(const proof::Check& begin, const Body& body) {
  keep(judge(begin, body));
}

bool Recorder::record(proof::Check check) {
  const Verdict verdict = check.verdict;
  proof_.verdict = std::max(proof_.verdict, verdict);
  keep(std::move(check));
  return verdict == Verdict::passed || verdict == Verdict::same_as_source;
}

proof::Check Recorder::judge(const proof::Check& begin, const Body& body) {
  proof::Check check = begin;
  const auto begun = std::chrono::steady_clock::now();
  try {
    body(check);
    conclude(check);
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    if (error.code() == Code::bug) {
      throw;
    }
    check.verdict = verdict_of(error);
    check.why = error.what();
    if (check.verdict == Verdict::not_evaluated && !error.hint().empty()) {
      check.why += "; " + error.hint();
    }
  }
  check.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  return check;
}

void Recorder::keep(proof::Check check) {
  told_(check);
  proof_.checks.push_back(std::move(check));
}

void Recorder::add_time(const std::string& name, std::chrono::milliseconds took) {
  const auto found = std::ranges::find(proof_.checks, name, &proof::Check::name);
  if (found != proof_.checks.end()) {
    found->took += took;
  }
}

void Recorder::leave_out(std::string name, std::string why) {
  proof_.unchecked.push_back({.name = std::move(name), .why = std::move(why)});
}

void add_difference(proof::Check& check, content::Difference difference) {
  ++check.difference_count;
  if (check.differences.size() < most_differences) {
    check.differences.push_back(std::move(difference));
  }
}

}  // namespace trackier::verify
