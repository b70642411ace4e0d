#include "compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "codec/decoder.hpp"
#include "compare/same_but.hpp"
#include "compare/value_search.hpp"
#include "compare/word_prints.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "flow/ordered_parallel.hpp"

namespace trackier::compare {
namespace {

using anonymize::Kind;
using anonymize::Replacements;

/// Gives lines, whole.
class LineReader {
 public:
  explicit LineReader(Source& input) : decoder_(input) {}

  /// With its line end; empty at the end of the input. Good until the next call.
  std::string_view next() {
    std::size_t searched = begin_;
    for (;;) {
      const std::size_t end = text_.find('\n', searched);
      if (end != std::string::npos) {
        return give(end + 1);
      }
      searched = text_.size();
      if (ended_) {
        return give(text_.size());
      }
      searched -= read_more();
    }
  }

 private:
  static constexpr std::size_t at_once = std::size_t{1} << 18U;
  static constexpr std::size_t longest = std::size_t{1} << 30U;

  std::string_view give(std::size_t end) {
    const std::size_t begin = std::exchange(begin_, end);
    return std::string_view{text_}.substr(begin, end - begin);
  }

  /// Returns how many bytes that were given before have gone from the front.
  std::size_t read_more() {
    const std::size_t gone = std::exchange(begin_, 0);
    text_.erase(0, gone);
    const std::size_t before = text_.size();
    if (before > longest) {
      throw Error{Code::data, "a line is longer than 1 GiB", "is this a log?"};
    }
    text_.resize(before + at_once);
    const std::size_t got = decoder_.read(std::as_writable_bytes(std::span{text_}).subspan(before));
    text_.resize(before + got);
    ended_ = got == 0;
    return gone;
  }

  codec::Decoder decoder_;
  std::string text_;
  std::size_t begin_ = 0;
  bool ended_ = false;
};

/// What the rules write of the first log, line by line, held against the second one.
class Alignment {
 public:
  Alignment(Source& second, const std::function<void(const Finding&)>& found)
      : lines_(second), found_(found) {}

  void take(std::string_view text, const Replacements& replacements) {
    const std::size_t offset = pending_.size();
    pending_.append(text);
    for (const Replacements::Stretch& each : replacements.stretches()) {
      stretches_.push_back({each.begin + offset, each.end + offset});
    }
    std::size_t begin = 0;
    std::size_t next = 0;  // of stretches_
    for (std::size_t end = pending_.find('\n', offset); end != std::string::npos;
         end = pending_.find('\n', begin)) {
      next = hold(begin, end + 1, next);
      begin = end + 1;
    }
    pending_.erase(0, begin);
    stretches_.erase(stretches_.begin(), stretches_.begin() + static_cast<std::ptrdiff_t>(next));
    for (Replacements::Stretch& each : stretches_) {
      each.begin -= begin;
      each.end -= begin;
    }
  }

  void finish() {
    if (!pending_.empty()) {
      hold(0, pending_.size(), 0);
    }
    if (!lines_.next().empty()) {
      found_({.kind = Finding::Kind::added, .line = line_ + 1, .column = 1});
    }
  }

  [[nodiscard]] std::uint64_t lines() const { return line_ - (missing_ ? 1U : 0U); }

 private:
  /// The line [begin, end) of what is pending, whose stretches begin at `first`. Returns where
  /// those of the next line begin.
  std::size_t hold(std::size_t begin, std::size_t end, std::size_t first) {
    std::size_t last = first;
    of_line_.clear();
    while (last < stretches_.size() && stretches_[last].begin < end) {
      Replacements::Stretch& each = stretches_[last];
      of_line_.push_back({each.begin - begin, std::min(each.end, end) - begin});
      if (each.end > end) {  // it goes on in the next line
        each.begin = end;
        break;
      }
      ++last;
    }
    if (missing_) {
      return last;
    }
    ++line_;
    const std::string_view line = lines_.next();
    if (line.empty()) {
      missing_ = true;
      found_({.kind = Finding::Kind::missing, .line = line_, .column = 1});
      return last;
    }
    const auto difference =
        first_difference(std::string_view{pending_}.substr(begin, end - begin), of_line_, line);
    if (difference) {
      found_({.kind = Finding::Kind::changed, .line = line_, .column = *difference + 1});
    }
    return last;
  }

  LineReader lines_;
  const std::function<void(const Finding&)>& found_;
  std::string pending_;  ///< of the expected text, not yet held against anything
  std::vector<Replacements::Stretch> stretches_;
  std::vector<Replacements::Stretch> of_line_;
  std::uint64_t line_ = 0;
  bool missing_ = false;
};

Kind kind_of(std::uint16_t rule, const anonymize::Profile& profile) {
  return rule < anonymize::kinds                           ? static_cast<Kind>(rule)
         : rule < anonymize::kinds + profile.fields.size() ? Kind::field
                                                           : Kind::pattern;
}

/// Lines of the second log, and what of the values is met in them.
struct SearchedLines {
  std::string text;
  std::vector<Finding> survivors;  ///< lines counted from the first of the text
  std::uint64_t ambiguous = 0;
  std::uint64_t lines = 0;
  std::unique_ptr<ValueSearch> search;
};

void search_lines(const WordPrints& prints, SearchedLines& item) {
  if (!item.search) {
    item.search = std::make_unique<ValueSearch>(prints);
  }
  const std::string_view text = item.text;
  std::size_t line_begin = 0;
  std::uint64_t line = 1;
  for (const WordPrints::Met& met : item.search->find(text)) {
    if (!met.telling) {
      ++item.ambiguous;
      continue;
    }
    for (std::size_t end = text.find('\n', line_begin); end < met.begin;
         end = text.find('\n', line_begin)) {
      line_begin = end + 1;
      ++line;
    }
    item.survivors.push_back({.kind = Finding::Kind::survivor,
                              .line = line,
                              .column = met.begin - line_begin + 1,
                              .rule = met.rule});
  }
  item.lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

class Run {
 public:
  Run(const anonymize::Profile& profile, const CompareOptions& options, const CompareEvents& events,
      const std::stop_token& stop)
      : profile_(profile),
        options_(options),
        events_(events),
        stop_(stop),
        prints_(options.key),
        result_{.first = anonymize::Tally{profile}} {
    found_ = [this](const Finding& finding) {
      ++result_.findings;
      if (events_.found) {
        events_.found(finding);
      }
    };
  }

  Comparison compare(Source& first, const std::function<std::unique_ptr<Source>()>& second) {
    align(first, *second());
    if (!stop_.stop_requested()) {
      search(*second());
    }
    if (!stop_.stop_requested()) {
      check(*second());
    }
    result_.distinct = prints_.size();
    return std::move(result_);
  }

 private:
  void align(Source& first, Source& second) {
    Alignment alignment{second, found_};
    NoSink nowhere;
    const auto any_key = anonymize::Pseudonymizer::with_random_key();
    result_.first = anonymize::run_job(
        first, nowhere, profile_, any_key, options_.job,
        {.format_known =
             [this](const anonymize::FormatGuess& guess) { result_.format = guess.format; },
         .found = {},
         .progressed = events_.progressed,
         .written =
             [&](std::string_view text, const Replacements& replacements) {
               alignment.take(text, replacements);
               keep_values(replacements);
             }},
        stop_);
    if (!stop_.stop_requested()) {
      alignment.finish();
    }
    result_.lines = alignment.lines();
  }

  void keep_values(const Replacements& replacements) {
    for (std::size_t i = 0; i < replacements.values(); ++i) {
      const Replacements::Value value = replacements.value(i);
      const auto print = print_of(options_.key, kind_of(value.rule, profile_), value.text);
      if (!print) {
        ++result_.unsearchable;
        continue;
      }
      prints_.add(*print, value.rule);
    }
    if (prints_.size() > options_.most_values) {
      throw Error{Code::unavailable,
                  fmt::format("more than {} different values are too many to look for",
                              grouped(options_.most_values)),
                  "compare the logs in parts"};
    }
  }

  void search(Source& second) {
    constexpr std::size_t at_once = std::size_t{1} << 18U;
    LineReader lines{second};
    std::uint64_t lines_before = 0;
    std::uint64_t bytes = 0;
    const auto take = [&](SearchedLines& item) {
      item.text.clear();
      item.survivors.clear();
      item.ambiguous = 0;
      while (item.text.size() < at_once) {
        const std::string_view line = lines.next();
        if (line.empty()) {
          break;
        }
        item.text.append(line);
      }
      return !item.text.empty();
    };
    const auto work = [&](SearchedLines& item) { search_lines(prints_, item); };
    const auto give = [&](SearchedLines& item) {
      for (Finding survivor : item.survivors) {
        survivor.line += lines_before;
        found_(survivor);
      }
      result_.ambiguous += item.ambiguous;
      lines_before += item.lines;
      bytes += item.text.size();
      if (events_.progressed) {
        events_.progressed(bytes);
      }
    };
    flow::OrderedParallel<SearchedLines, decltype(take), decltype(work), decltype(give)> parallel{
        take, work, give};
    parallel.run(options_.job.workers, stop_);
  }

  void check(Source& second) {
    NoSink nowhere;
    anonymize::JobOptions options = options_.job;
    options.format = result_.format;
    options.min_share = 0;
    options.check = true;
    const auto any_key = anonymize::Pseudonymizer::with_random_key();
    static_cast<void>(anonymize::run_job(second, nowhere, profile_, any_key, options,
                                         {.format_known = {},
                                          .found =
                                              [this](const anonymize::Finding& finding) {
                                                found_({.kind = Finding::Kind::residual,
                                                        .line = finding.line,
                                                        .column = finding.column,
                                                        .rule = finding.rule});
                                              },
                                          .progressed = events_.progressed},
                                         stop_));
  }

  const anonymize::Profile& profile_;
  const CompareOptions& options_;
  const CompareEvents& events_;
  const std::stop_token& stop_;
  std::function<void(const Finding&)> found_;
  WordPrints prints_;
  Comparison result_;
};

}  // namespace

std::string_view name_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::changed:
      return "changed";
    case Finding::Kind::missing:
      return "missing";
    case Finding::Kind::added:
      return "added";
    case Finding::Kind::survivor:
      return "survivor";
    default:
      return "residual";
  }
}

Comparison compare_logs(Source& first, const std::function<std::unique_ptr<Source>()>& second,
                        const anonymize::Profile& profile, const CompareOptions& options,
                        const CompareEvents& events, const std::stop_token& stop) {
  return Run{profile, options, events, stop}.compare(first, second);
}

}  // namespace trackier::compare
