#include "anonymize/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "anonymize/anonymizer.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/chunker.hpp"
#include "anonymize/json_documents.hpp"
#include "anonymize/log_format.hpp"
#include "anonymize/wide_characters.hpp"
#include "codec/decoder.hpp"
#include "core/error.hpp"
#include "flow/ordered_parallel.hpp"

namespace trackier::anonymize {

namespace {

/// Whole lines of most logs; enough for a share of two digits.
constexpr std::size_t looked_at = 64 * 1024;
constexpr std::size_t compressed_chunk_bytes = 1024 * 1024;
constexpr std::string_view unparsed_record = "[unparsed record]";
constexpr std::string_view quoted_record = "\"[unparsed record]\"";

struct Beginning {
  std::string_view text;
  bool whole = false;  ///< it is all of the input
};

/// As much as is looked at, or a whole first record.
Beginning beginning_of(Chunker& chunker, const ChunkLimits& limits) {
  std::string_view text = chunker.peek(looked_at);
  if (text.size() < looked_at) {
    return {.text = text, .whole = true};
  }
  if (text.find('\n') == std::string_view::npos) {
    text = chunker.peek(limits.record_bytes);
  }
  return {.text = text, .whole = chunker.ended() && text.size() < limits.record_bytes};
}

FormatGuess known_format(const Profile& profile, const JobOptions& options,
                         const Beginning& beginning) {
  auto wanted = options.format ? options.format : profile.format;
  if (!options.format && !profile.log_format.empty()) {
    wanted = compile_log_format(profile.log_format).json ? Format::json : Format::log_format;
  }
  if (!wanted) {
    const FormatGuess guess = guess_format(beginning.text, beginning.whole, options.min_share);
    if (guess.format == Format::plain && !beginning.text.empty() && !profile.fields.empty()) {
      throw Error{Code::data,
                  "the profile has rules for fields, and the first lines are of no format with "
                  "fields",
                  "name the format with --format or in the profile; plain, if no field is meant"};
    }
    return guess;
  }
  FormatGuess guess = try_format(*wanted, beginning.text, beginning.whole, profile.log_format);
  if (guess.records > 0 && guess.share < options.min_share) {
    throw Error{Code::data,
                fmt::format("only {:.0f}% of the first {} records are of the format {}",
                            guess.share * 100, guess.records, name_of(*wanted)),
                *wanted == Format::log_format
                    ? "compare the string with the one in the server's settings"
                    : "leave --format out to have it detected, or lower anonymize.min_parsed in "
                      "the settings"};
  }
  return guess;
}

/// As known_format(), of the input that goes on; see run_job().
FormatGuess known_live_format(const Profile& profile, const JobOptions& options,
                              const Beginning& beginning) {
  FormatGuess guess = known_format(profile, options, beginning);
  if (guess.format == Format::csv || guess.format == Format::tsv) {
    guess.columns = columns_of_first_record(guess.format, beginning.text);
  }
  if (guess.columns.documents && options.min_share > 0) {
    throw Error{Code::data, "records of JSON reach over several lines",
                "a log that is followed needs a record in each line, as jq -c writes it"};
  }
  guess.columns.documents = false;
  return guess;
}

/// What a worker holds: a chunk and what became of it.
struct Item {
  Chunk chunk;
  std::string text;
  std::vector<std::byte> encoded;
  std::unique_ptr<Tally> tally;
  std::vector<Finding> findings;
  std::vector<PeriodSpan> periods;
  Replacements replacements;
  std::size_t wide_line = 0;  ///< of the chunk, from 1: where UTF-16 begins; 0: nowhere
  bool done = false;          ///< in take(): parts of a long record are worked on in order
  std::unique_ptr<Anonymizer> anonymizer;  ///< made by the worker, kept with its room
  std::unique_ptr<Anonymizer> checker;     ///< of what it has written
  std::unique_ptr<codec::Encoder> encoder;
};

/// Counts what the rules would still replace in what the item has become.
void look_again(Item& item) {
  Tally unused{item.tally->replaced.size()};
  std::string nothing;
  if (item.chunk.part == Chunk::Part::whole) {
    item.checker->process(
        item.text, item.chunk.first, nothing, unused, item.chunk.lines,
        item.chunk.directives ? std::string_view{*item.chunk.directives} : std::string_view{});
  } else {
    item.checker->process_window(item.text, true, nothing, unused);
  }
  for (const Finding& finding : item.checker->findings()) {
    ++item.tally->residual[finding.rule];
  }
  item.checker->findings().clear();
}

/// A record too long to be held, window by window.
class LongRecord {
 public:
  LongRecord(const Task& task, bool structured)
      : anonymizer_(task),
        treatment_(structured ? task.profile.when_unparsed() : Profile::Unparsed::scan),
        structured_(structured),
        documents_(task.columns.documents),
        check_(task.check) {}

  /// Whether what comes next is the first of a record.
  [[nodiscard]] bool begins() const { return !begun_; }

  void work(Chunker& chunker, Item& item, bool notes) {
    anonymizer_.use_periods(item.periods);
    if (notes) {
      anonymizer_.note_in(item.replacements);
    }
    const std::string_view text = item.chunk.bytes.text();
    const bool last = item.chunk.part == Chunk::Part::tail;
    if (!begun_) {
      begun_ = true;
      ++item.tally->records;
      item.tally->unparsed += structured_ ? 1U : 0U;
      item.tally->dropped += treatment_ == Profile::Unparsed::drop ? 1U : 0U;
      if (treatment_ != Profile::Unparsed::scan && check_) {
        item.findings.push_back(
            {.line = 1, .column = 1, .rule = static_cast<std::uint16_t>(Kind::field)});
      } else if (treatment_ != Profile::Unparsed::scan) {
        stand_in(item, text);
      }
    }
    std::size_t done = text.size();
    if (treatment_ == Profile::Unparsed::scan) {
      done = scan(item, text, last);
    } else {
      item.tally->bytes_in += text.size();
      if (last && !check_) {
        end_stand_in(item, text);
      }
    }
    if (documents_) {  // which may have line ends inside
      const std::string_view front = text.substr(0, done);
      const std::size_t line = front.rfind('\n');
      item.tally->lines += static_cast<std::uint64_t>(std::ranges::count(front, '\n'));
      column_ = line == std::string_view::npos ? column_ + done : done - line - 1;
    } else {
      column_ += done;
    }
    chunker.consume(done);
    if (last) {
      item.tally->lines += documents_ ? 0U : 1U;
      begun_ = false;
      column_ = 0;
      swallowing_ = false;
    }
  }

 private:
  /// What is put in the place of the record, which begins with `text`. Around a document brackets
  /// and commas stay.
  void stand_in(Item& item, std::string_view text) const {
    const bool redacts = treatment_ == Profile::Unparsed::redact;
    if (documents_) {
      item.text.append(text.substr(0, document_in(text).begin));
      item.text.append(redacts ? quoted_record : "null");
    } else if (redacts) {
      item.text.append(unparsed_record);
    }
  }

  void end_stand_in(Item& item, std::string_view text) const {
    if (documents_) {
      item.text.append(text.substr(document_in(text).end));
    } else if (treatment_ == Profile::Unparsed::redact && text.ends_with('\n')) {
      item.text.append(text.ends_with("\r\n") ? "\r\n" : "\n");
    }
  }

  /// Returns how much of `text` is done with.
  std::size_t scan(Item& item, std::string_view text, bool last) {
    std::size_t skip = 0;
    if (swallowing_) {  // the rest of a value that was longer than a window
      while (skip < text.size() && !character::is(text[skip], character::value_end)) {
        ++skip;
      }
      swallowing_ = skip == text.size() && !last;
      item.tally->bytes_in += skip;
    }
    const std::string_view rest = text.substr(skip);
    std::size_t cut = 0;
    if (!rest.empty()) {
      cut = anonymizer_.process_window(rest, last, item.text, *item.tally);
      swallowing_ = !last && cut > 0 && cut == rest.size();
      for (Finding finding : anonymizer_.findings()) {
        finding.column += finding.line == 1 ? column_ + skip : 0;
        item.findings.push_back(finding);
      }
      anonymizer_.findings().clear();
    }
    return skip + cut;
  }

  Anonymizer anonymizer_;
  Profile::Unparsed treatment_;
  bool structured_;
  bool documents_;
  bool check_;
  bool begun_ = false;
  bool swallowing_ = false;
  std::uint64_t column_ = 0;
};

}  // namespace

Tally run_job(Source& input, Sink& output, const Profile& profile,
              const Pseudonymizer& pseudonymizer, const JobOptions& options,
              const JobEvents& events, const std::stop_token& stop) {
  std::optional<codec::Decoder> decoder;
  if (!options.live) {
    decoder.emplace(input);
  }
  const bool encodes = options.encoding != codec::Encoding::none && !options.check;
  ChunkLimits limits;
  if (encodes) {
    limits.chunk_bytes = compressed_chunk_bytes;
    limits.fill = true;
  }
  Chunker chunker{decoder ? static_cast<Source&>(*decoder) : input, limits};
  const Beginning beginning = beginning_of(chunker, limits);
  refuse_wide_characters(beginning.text);
  const FormatGuess guess = options.live ? known_live_format(profile, options, beginning)
                                         : known_format(profile, options, beginning);
  if (events.format_known) {
    events.format_known(guess);
  }
  chunker.set_format(guess.format, guess.columns);
  const Task task{.profile = profile,
                  .pseudonymizer = pseudonymizer,
                  .format = guess.format,
                  .columns = guess.columns,
                  .instructions = options.instructions,
                  .check = options.check,
                  .undo = options.undo,
                  .epochs = options.epochs};
  Task check_task = task;
  check_task.check = true;
  std::optional<PeriodTracker> tracker;
  if (options.epochs != nullptr && !options.check) {
    tracker.emplace(options.epochs->unit(), options.times(), options.period);
    tracker->set_format(guess.format, guess.columns);
  }
  LongRecord long_record{task, guess.format != Format::plain};
  Tally total{profile};
  std::uint64_t lines_before = 0;
  bool any_output = false;
  bool line_open = false;  ///< documents: the last line has no end

  const auto take = [&](Item& item) {
    if (!item.anonymizer) {
      item.anonymizer = std::make_unique<Anonymizer>(task);
      item.tally = std::make_unique<Tally>(profile);
      item.encoder = codec::Encoder::make(options.encoding);
      if (options.look_again) {
        item.checker = std::make_unique<Anonymizer>(check_task);
      }
      if (events.written) {
        item.anonymizer->note_in(item.replacements);
      }
      if (options.observer) {
        item.anonymizer->show(*options.observer(guess.format, guess.columns));
      }
    }
    if (!chunker.next(item.chunk)) {
      return false;
    }
    item.text.clear();
    item.encoded.clear();
    item.tally->clear();
    item.findings.clear();
    item.replacements.clear();
    const std::string_view text = item.chunk.bytes.text();
    const auto wide = wide_characters_in(text);
    item.wide_line = wide ? line_of(text, *wide) : 0;
    item.done = wide || item.chunk.part != Chunk::Part::whole;
    if (tracker) {
      tracker->hold_against(options.times());
    }
    if (tracker && item.done) {
      tracker->read_stretch(text, long_record.begins(), item.periods);
    } else if (tracker) {
      tracker->read(text, item.chunk.lines, item.periods);
    }
    if (item.done && !wide) {
      long_record.work(chunker, item, static_cast<bool>(events.written));
    }
    return true;
  };
  const auto work = [&](Item& item) {
    if (!item.done) {
      item.anonymizer->use_periods(item.periods);
      item.anonymizer->process(
          item.chunk.bytes.text(), item.chunk.first, item.text, *item.tally, item.chunk.lines,
          item.chunk.directives ? std::string_view{*item.chunk.directives} : std::string_view{});
      item.findings.swap(item.anonymizer->findings());
      item.anonymizer->findings().clear();
    }
    if (item.checker) {
      look_again(item);
    }
    if (encodes && !item.text.empty()) {
      item.encoder->encode(as_bytes(item.text), item.encoded);
    }
  };
  const auto give = [&](Item& item) {
    if (item.wide_line != 0) {
      refuse_wide_line(lines_before + item.wide_line);
    }
    const Bytes bytes = encodes ? Bytes{item.encoded} : as_bytes(item.text);
    if (!options.check && !bytes.empty()) {
      output.write(bytes);
      any_output = true;
    }
    if (events.written) {
      events.written(item.text, item.replacements);
    }
    if (events.found) {
      for (Finding finding : item.findings) {
        finding.line += lines_before;
        events.found(finding);
      }
    }
    total += *item.tally;
    line_open = guess.columns.documents && !item.chunk.bytes.text().ends_with('\n');
    lines_before = total.lines;
    if (events.progressed) {
      events.progressed(total.bytes_in);
    }
    if (events.settled && item.chunk.part != Chunk::Part::window) {
      events.settled(total.bytes_in);
    }
  };
  flow::OrderedParallel<Item, decltype(take), decltype(work), decltype(give)> parallel{take, work,
                                                                                       give};
  parallel.run(options.workers, stop);
  total.lines += line_open ? 1U : 0U;
  if (stop.stop_requested()) {
    return total;
  }
  if (encodes && !any_output) {  // an empty file is a valid archive of nothing, not zero bytes
    std::vector<std::byte> empty;
    codec::Encoder::make(options.encoding)->encode({}, empty);
    output.write(empty);
  }
  if (!options.check) {
    output.finish();
  }
  return total;
}

}  // namespace trackier::anonymize
