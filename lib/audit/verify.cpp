#include "audit/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "audit/checkpoints.hpp"
#include "audit/segments.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "os/signals.hpp"

namespace trackier::audit {
namespace {

constexpr std::array verdict_words{
    std::pair{Verdict::intact_anchored, std::string_view{"intact, anchored"}},
    std::pair{Verdict::intact_unanchored, std::string_view{"intact, not anchored"}},
    std::pair{Verdict::torn, std::string_view{"torn"}},
    std::pair{Verdict::tampered, std::string_view{"tampered"}}};

constexpr std::array rule_words{
    std::pair{Rule::is_record, std::string_view{"a line is no record"}},
    std::pair{Rule::follows_seq, std::string_view{"its number is not the next one"}},
    std::pair{Rule::follows_hash, std::string_view{"it does not follow the record before"}},
    std::pair{Rule::follows_open,
              std::string_view{"what it says is open does not follow from the record before"}},
    std::pair{Rule::has_segment, std::string_view{"a segment is missing or broken off"}},
    std::pair{Rule::is_signed,
              std::string_view{"a checkpoint has a wrong signature, or none of the log"}},
    std::pair{Rule::has_records, std::string_view{"records that were signed are missing"}},
    std::pair{Rule::has_root, std::string_view{"records are not those that were signed"}}};

/// What was there when nobody was writing.
struct Snapshot {
  struct Part {
    Segment segment = 0;
    std::uint64_t size = 0;
  };
  std::vector<Part> parts;
  std::vector<std::pair<std::string, std::string>> notes;  ///< where from, text
  std::optional<std::string> broken;  ///< the file of checkpoints that cannot be read as one
};

Snapshot snapshot_of(os::FileSystem& files, const VerifyOptions& options) {
  const auto& directory = options.directory;
  std::unique_ptr<os::File> held;
  if (files.entry(directory / lock_name)) {
    try {
      held = hold_log(files, directory, options.patience, options.stop);
    } catch (const Error& error) {
      // Whoever may only read cannot lock; of a log in use they may see the end as torn.
      if (error.code() != Code::no_input) {
        throw;
      }
    }
  }
  Snapshot made;
  for (const Segment segment : segments_in(files, directory)) {
    made.parts.push_back(
        {.segment = segment, .size = files.open(directory / segment_name(segment))->status().size});
  }
  for (const std::string& each : options.checkpoints) {
    made.notes.emplace_back("checkpoint given", each);
  }
  try {
    for (std::string& each : kept_checkpoints(files, directory)) {
      made.notes.emplace_back(checkpoints_name, std::move(each));
    }
    if (auto newest = newest_checkpoint(files, directory)) {
      made.notes.emplace_back(checkpoint_name, std::move(*newest));
    }
  } catch (const Error& error) {
    if (error.code() != Code::data) {
      throw;
    }
    made.broken = checkpoint_name;
  }
  return made;
}

class Verification {
 public:
  Verification(os::FileSystem& files, const VerifyOptions& options)
      : files_(files), options_(options), snapshot_(snapshot_of(files, options)) {}

  Report run() {
    if (snapshot_.parts.empty() && snapshot_.notes.empty()) {
      throw Error{Code::no_input, fmt::format("there is no audit log in {}",
                                              printable(options_.directory.native()))};
    }
    read_notes();
    check_notes();  // of no records
    for (std::size_t i = 0; i < snapshot_.parts.size() && !stopped_; ++i) {
      read_segment(i);
    }
    report_.records = frontier_.size();
    report_.root = frontier_.root();
    report_.open = open_;
    if (!report_.bad && held_ < known_.size()) {
      bad_note(Rule::has_records, frontier_.size());
    }
    conclude();
    return std::move(report_);
  }

 private:
  /// A checkpoint. Its signatures are looked at in the end: of the thousands that a log keeps only
  /// the largest count.
  struct Known {
    std::string where;
    Note note;
    Checkpoint checkpoint;
    std::optional<Milliseconds> next_at;  ///< of the first record that it does not cover
  };

  void bad(Rule rule, std::string where, std::uint64_t seq) {
    if (!report_.bad) {
      report_.bad = Bad{.rule = rule, .seq = seq, .where = std::move(where)};
    }
    stopped_ = true;
  }

  /// The next checkpoint is of other records: or it is none of the log.
  void bad_note(Rule rule, std::uint64_t seq) {
    const Known& known = known_[held_];
    try {
      check_anchor(known.note, options_.policy);
    } catch (const Error& error) {
      if (error.code() != Code::data) {
        throw;
      }
      rule = Rule::is_signed;
    }
    bad(rule, known.where, seq);
  }

  void read_notes() {
    if (options_.policy.log.empty()) {
      return;
    }
    if (snapshot_.broken) {
      unsigned_note_ = snapshot_.broken;
    }
    for (auto& [where, text] : snapshot_.notes) {
      try {
        Note note = parse_note(text);
        Checkpoint checkpoint = parse_checkpoint(note.text);
        known_.push_back({.where = where,
                          .note = std::move(note),
                          .checkpoint = std::move(checkpoint),
                          .next_at = std::nullopt});
      } catch (const Error& error) {
        if (error.code() != Code::data) {
          throw;
        }
        unsigned_note_ = where;
      }
    }
    std::ranges::stable_sort(known_, {}, [](const Known& each) { return each.checkpoint.size; });
  }

  /// Those of as many records as were read.
  void check_notes() {
    while (!stopped_ && held_ < known_.size() &&
           known_[held_].checkpoint.size == frontier_.size()) {
      if (known_[held_].checkpoint.root != frontier_.root()) {
        bad_note(Rule::has_root, held_ == 0 ? 0 : known_[held_ - 1].checkpoint.size);
        return;
      }
      ++held_;
    }
  }

  /// Of those that hold, the largest that the log signed, and the largest that witnesses did.
  void check_signatures() {
    for (std::size_t i = held_; i-- > 0 && !report_.anchor;) {
      try {
        Anchor anchor = check_anchor(known_[i].note, options_.policy);
        if (anchor.seen) {
          report_.anchor = anchor;
          since_ = known_[i].next_at;
        }
        if (!report_.checkpoint) {
          report_.checkpoint = std::move(anchor);
        }
      } catch (const Error& error) {
        if (error.code() != Code::data) {
          throw;
        }
        unsigned_note_ = known_[i].where;
      }
    }
  }

  void read_segment(std::size_t i) {
    const Snapshot::Part& part = snapshot_.parts[i];
    const std::string name = segment_name(part.segment);
    if (part.segment != i + 1) {
      bad(Rule::has_segment, name, frontier_.size());
      return;
    }
    const auto file = files_.open(options_.directory / name);
    LineReader lines{*file, 0, part.size};
    std::uint64_t number = 0;
    while (const auto line = lines.next()) {
      ++number;
      if (number % 1024 == 0) {
        os::throw_if_stopped(options_.stop);
      }
      if (!line->has_end || !parse_record(line->text, record_)) {
        end_at(i, line->offset, fmt::format("{}:{}", name, number));
        return;
      }
      if (const auto broken = broken_rule(); broken) {
        bad(*broken, fmt::format("{}:{}", name, number), frontier_.size());
        return;
      }
      take(leaf_hash(as_bytes(line->text)));
      if (stopped_) {
        return;
      }
    }
    if (files_.open(options_.directory / name)->status().size < part.size) {
      throw Error{Code::io, fmt::format("{} became shorter while it was read", name)};
    }
  }

  /// A line that is no record: the last one was cut short, any other was changed.
  void end_at(std::size_t i, std::uint64_t offset, std::string where) {
    const std::uint64_t rest = snapshot_.parts[i].size - offset;
    const bool is_last_segment =
        std::all_of(snapshot_.parts.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                    snapshot_.parts.end(), [](const auto& part) { return part.size == 0; });
    if (!is_last_segment || rest > most_line_bytes || !is_last_line(i, offset, rest)) {
      bad(Rule::is_record, std::move(where), frontier_.size());
      return;
    }
    report_.torn_bytes = rest;
    stopped_ = true;
  }

  bool is_last_line(std::size_t i, std::uint64_t offset, std::uint64_t size) {
    const auto file = files_.open(options_.directory / segment_name(snapshot_.parts[i].segment));
    LineReader rest{*file, offset, offset + size};
    (void)rest.next();
    return !rest.next();
  }

  [[nodiscard]] std::optional<Rule> broken_rule() {
    if (record_.seq != frontier_.size()) {
      return Rule::follows_seq;
    }
    if (record_.previous != last_) {
      return Rule::follows_hash;
    }
    // Whatever this one ends is no longer open; nothing else may come or go.
    std::erase_if(open_, [&](const OpenOperation& each) { return each.id == record_.id; });
    return open_ == record_.open ? std::nullopt : std::optional{Rule::follows_open};
  }

  void take(const Hash& leaf) {
    frontier_.append(leaf);
    last_ = leaf;
    if (record_.phase == Phase::intent) {
      open_.push_back(
          {.id = record_.id, .operation = record_.operation, .process = record_.process});
    }
    if (record_.seq == 0) {
      since_ = record_.at;
    }
    for (std::size_t i = held_;
         i-- > 0 && !known_[i].next_at && known_[i].checkpoint.size == record_.seq;) {
      known_[i].next_at = record_.at;
    }
    check_notes();
  }

  void conclude() {
    check_signatures();
    const std::uint64_t covered = report_.anchor ? report_.anchor->checkpoint.size : 0;
    report_.unanchored = report_.records - covered;
    report_.unanchored_since = report_.unanchored == 0 ? std::nullopt : since_;
    if (!report_.bad && unsigned_note_) {
      bad(Rule::is_signed, *unsigned_note_, covered);
    }
    if (report_.bad) {
      report_.verdict = Verdict::tampered;
    } else if (report_.torn_bytes != 0) {
      report_.verdict = Verdict::torn;
    } else {
      report_.verdict = report_.anchor ? Verdict::intact_anchored : Verdict::intact_unanchored;
    }
  }

  os::FileSystem& files_;
  const VerifyOptions& options_;
  Snapshot snapshot_;
  std::vector<Known> known_;  ///< in order of size
  std::size_t held_ = 0;      ///< so many of them agree with the records
  std::optional<std::string> unsigned_note_;
  Frontier frontier_;
  Hash last_{};
  Record record_;
  std::vector<OpenOperation> open_;
  std::optional<Milliseconds> since_;  ///< of the first record that is not anchored
  bool stopped_ = false;
  Report report_;
};

}  // namespace

std::string_view words_of(Verdict verdict) {
  return std::ranges::find(verdict_words, verdict, [](const auto& each) { return each.first; })
      ->second;
}

std::string_view words_of(Rule rule) {
  return std::ranges::find(rule_words, rule, [](const auto& each) { return each.first; })->second;
}

Report verify(os::FileSystem& files, const VerifyOptions& options) {
  return Verification{files, options}.run();
}

}  // namespace trackier::audit
