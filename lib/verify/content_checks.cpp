#include "verify/content_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "backup/details.hpp"
#include "core/text.hpp"
#include "verify/drill_run.hpp"

namespace trackier::verify {
namespace {

using content::Content;
using content::Object;
using proof::Check;
using proof::Level;

constexpr std::string_view table = "table";
constexpr std::string_view sequence = "sequence";

void note_tables(proof::Proof& proof, const Content& expected, const Content& found) {
  std::map<std::string, proof::TableProof> tables;
  for (const Object& object : expected.objects) {
    if (object.kind == table) {
      proof::TableProof& made = tables[printable(object.name)];
      made.expected_rows = object.rows;
      made.expected = object.value;
    }
  }
  for (const Object& object : found.objects) {
    if (object.kind == table) {
      proof::TableProof& made = tables[printable(object.name)];
      made.found_rows = object.rows;
      made.found = object.value;
    }
  }
  for (auto& [name, made] : tables) {
    made.name = name;
    proof.tables.push_back(std::move(made));
  }
}

void note_unchecked(proof::Proof& proof, const Content& content) {
  for (const auto& each : content.unchecked) {
    const content::Unchecked printed{.name = printable(each.name), .why = printable(each.why)};
    if (std::ranges::find(proof.unchecked, printed) == proof.unchecked.end()) {
      proof.unchecked.push_back(printed);
    }
  }
}

/// "1234 called, by 1".
struct SequenceState {
  std::int64_t last = 0;
  std::int64_t step = 1;
  bool is_called = false;
};

std::optional<SequenceState> sequence_state(std::string_view text) {
  SequenceState state;
  const auto number = [&text](std::int64_t& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{};
  };
  if (!number(state.last)) {
    return std::nullopt;
  }
  state.is_called = text.starts_with(" called");
  const std::size_t by = text.find(", by ");
  if (by == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(by + std::string_view{", by "}.size());
  return number(state.step) ? std::optional{state} : std::nullopt;
}

/// The server logs 32 values ahead, so that a recovered sequence has none twice.
bool is_ahead_by_reserve(const std::string& expected, const std::string& found) {
  constexpr std::int64_t reserve = 33;
  const auto was = sequence_state(expected);
  const auto is = sequence_state(found);
  if (!was || !is || was->step == 0 || was->step != is->step) {
    return false;
  }
  const std::int64_t steps = (is->last - was->last) / was->step;
  return is->is_called && steps >= 0 && steps <= reserve;
}

}  // namespace

Content comparable(Content found, const Content& expected, bool is_recovered) {
  std::set<std::string> left_out;
  for (const auto& each : expected.unchecked) {
    left_out.insert(each.name);
  }
  std::erase_if(found.objects, [&](const Object& object) {
    return left_out.contains(object.kind + " " + object.name);
  });
  for (Object& object : found.objects) {
    if (!is_recovered || object.kind != sequence) {
      continue;
    }
    const auto was = std::ranges::find_if(expected.objects, [&](const Object& each) {
      return each.kind == sequence && each.name == object.name;
    });
    if (was != expected.objects.end() && is_ahead_by_reserve(was->value, object.value)) {
      object.value = was->value;
    }
  }
  return found;
}

void check_content(Recorder& recorder, const Content& expected,
                   const std::function<Content()>& find) {
  recorder.run({.name = "content", .level = Level::content, .unit = "objects"}, [&](Check& check) {
    const Content found = find();
    note_tables(recorder.proof(), expected, found);
    note_unchecked(recorder.proof(), expected);
    note_unchecked(recorder.proof(), found);
    const content::Comparison comparison = content::compare(expected, found);
    check.checked = comparison.compared;
    for (const auto& each : comparison.differences) {
      add_difference(check, each);
    }
  });
}

void check_live(Recorder& recorder, const Content& expected, const std::function<Content()>& find) {
  recorder.run_aside({.name = "live", .level = Level::content, .unit = "objects"},
                     [&](Check& check) {
                       const content::Comparison comparison = content::compare(expected, find());
                       check.checked = comparison.compared;
                       for (const auto& each : comparison.differences) {
                         add_difference(check, each);
                       }
                       if (check.difference_count > 0) {
                         check.why = "the database has changed since the backup was taken";
                       }
                     });
}

void note_content(Recorder& recorder, bool is_identical, bool is_recovered,
                  const std::function<Content()>& find) {
  recorder.run({.name = "content", .level = Level::content, .unit = "objects"}, [&](Check& check) {
    Content found;
    try {
      found = find();
    } catch (const Error& error) {
      if ((!is_identical && !is_recovered) || error.code() != Code::data) {
        throw;
      }
      check.verdict = proof::Verdict::same_as_source;
      check.why = fmt::format("{}: {}", error.what(),
                              is_identical ? "every page is the one that was backed up"
                                           : "the files are those the server sent");
      return;
    }
    note_tables(recorder.proof(), {}, found);
    note_unchecked(recorder.proof(), found);
    check.why = "no digests were taken with this backup";
    if (!is_identical) {
      check.verdict = proof::Verdict::not_evaluated;
      return;
    }
    check.why += "; every page is the one that was backed up, which says as much";
    check.checked = found.objects.size();
  });
}

void compare_content(const DrillRun& run, bool is_identical, bool is_recovered,
                     const std::function<Content()>& find) {
  const std::string& details = run.backup.map().details;
  const auto expected = backup::content_in(details);
  if (!expected) {
    note_content(run.recorder, is_identical, is_recovered, find);
  } else {
    check_content(run.recorder, *expected,
                  [&] { return comparable(find(), *expected, is_recovered); });
  }
  if (!run.options.live) {
    return;
  }
  if (!expected) {
    run.recorder.leave_out("the live database", "no digests were taken with this backup");
    return;
  }
  check_live(run.recorder, *expected, [&] {
    return comparable(run.options.live(run.backup.keys().content, run.skipped_tables()), *expected,
                      false);
  });
}

}  // namespace trackier::verify
