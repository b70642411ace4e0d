// Compressed input, and a whole run.
#include "streams.hpp"

#include <array>
#include <optional>
#include <stop_token>
#include <vector>

#include "anonymize/job.hpp"
#include "codec/decoder.hpp"
#include "codec/encoder.hpp"
#include "compare/comparison.hpp"
#include "core/error.hpp"
#include "promises.hpp"
#include "targets.hpp"

namespace trackier::fuzz {

namespace {

/// What a stream gave, or how it failed.
struct Ending {
  std::string text;
  std::optional<Code> failure;
};

Ending decoded(std::string_view input, std::size_t input_step, std::size_t output_step) {
  constexpr std::size_t enough = std::size_t{1} << 20U;  // a small file may stand for gigabytes
  Ending ending;
  TextSource source{input, input_step};
  std::vector<std::byte> room(output_step);
  try {
    codec::Decoder decoder{source};
    while (ending.text.size() < enough) {
      const std::size_t count = decoder.read(room);
      if (count == 0) {
        break;
      }
      ending.text.append(as_text(Bytes{room}.first(count)));
    }
    ending.text.resize(std::min(ending.text.size(), enough));
  } catch (const Error& error) {
    ending.failure = error.code();
    require(error.code() == Code::data, "what cannot be decoded is bad data");
  }
  return ending;
}

std::string encode(std::string_view plain, codec::Encoding encoding) {
  std::vector<std::byte> out;
  codec::Encoder::make(encoding)->encode(as_bytes(plain), out);
  return std::string{as_text(out)};
}

struct Job {
  std::size_t step = 0;
  unsigned workers = 1;
  codec::Encoding encoding = codec::Encoding::none;
  bool check = false;
  std::optional<anonymize::Format> format = {};
};

struct JobEnding {
  Ending ending;
  anonymize::Format format = anonymize::Format::plain;
  anonymize::Columns columns;
  std::size_t findings = 0;
  std::uint64_t lines = 0;
};

JobEnding run(std::string_view input, const Job& job) {
  static const anonymize::Profile rules = anonymize::built_in_profile();
  JobEnding result;
  TextSource source{input, job.step};
  TextSink sink;
  const anonymize::JobOptions options{.format = job.format,
                                      .min_share = job.format ? 0.0 : 0.9,
                                      .encoding = job.encoding,
                                      .workers = job.workers,
                                      .check = job.check};
  const anonymize::JobEvents events{.format_known =
                                        [&](const anonymize::FormatGuess& guess) {
                                          result.format = guess.format;
                                          result.columns = guess.columns;
                                        },
                                    .found = [&](const anonymize::Finding&) { ++result.findings; },
                                    .progressed = {}};
  try {
    const auto tally =
        anonymize::run_job(source, sink, rules, test_pseudonymizer(), options, events, {});
    result.lines = tally.lines;
    require(sink.finished() != job.check, "an output is finished when all went well");
  } catch (const Error& error) {
    result.ending.failure = error.code();
    require(error.code() == Code::data, "an input that cannot be handled is bad data");
    require(!sink.finished(), "an output is not finished when something went wrong");
  }
  result.ending.text = sink.text();
  return result;
}

/// Neither the pace of the input nor compression changes what came out.
void keeps_bytes(std::string_view input, const JobEnding& once) {
  const std::uint64_t number = dice(input);
  const JobEnding slow = run(input, {.step = 1 + number % 5000, .format = once.format});
  const bool same_table = slow.columns.delimiter == once.columns.delimiter &&
                          slow.columns.names == once.columns.names &&
                          slow.columns.count == once.columns.count;
  if (!slow.ending.failure && same_table) {
    require_equal(once.ending.text, slow.ending.text, "the pace of the input changes no byte");
  }
  const auto encoding = number % 2 == 0 ? codec::Encoding::gzip : codec::Encoding::zstd;
  const JobEnding packed = run(input, {.workers = 2, .encoding = encoding});
  const std::string unpacked = decoded(packed.ending.text, 0, 64 * 1024).text;
  require_equal(std::string_view{once.ending.text}.substr(0, std::size_t{1} << 20U), unpacked,
                "compressing changes no byte");
}

}  // namespace

void decoder(std::string_view input) {
  const std::uint64_t number = dice(input);
  const Ending whole = decoded(input, 0, 64 * 1024);
  const Ending bits = decoded(input, 1 + number % 7, 1 + number / 7 % 300);
  require(whole.failure == bits.failure, "the pace of the input changes no verdict");
  if (!whole.failure) {
    require_equal(whole.text, bits.text, "the pace of the input changes no byte");
  }
  for (const auto encoding : {codec::Encoding::gzip, codec::Encoding::zstd}) {
    const std::string packed = encode(input, encoding);
    require_equal(decoded(packed + packed, 1 + number % 40, 64 * 1024).text,
                  std::string{input} + std::string{input}, "what was encoded is decoded");
    const Ending cut =
        decoded(std::string_view{packed}.substr(0, 4 + number % (packed.size() - 4)), 0, 64 * 1024);
    require(cut.failure.has_value(), "what was cut off is not taken for whole");
  }
}

void job(std::string_view input) {
  // A record longer than one that is held whole, without a file as long.
  std::string longer;
  if (input.starts_with("long ") && !input.ends_with('\n')) {
    while (longer.size() < (std::size_t{5} << 18U)) {
      longer.append(input);
    }
    input = longer;
  }
  const JobEnding once = run(input, {});
  const JobEnding parallel = run(input, {.workers = 2});
  require(once.ending.failure == parallel.ending.failure, "the workers change no verdict");
  require_equal(once.ending.text, parallel.ending.text, "the workers change no byte");
  if (once.ending.failure) {
    return;
  }
  if (longer.empty()) {
    keeps_bytes(input, once);
  }
  // A result may be of another format by its first lines; the question is whether anybody is left.
  const JobEnding check = run(once.ending.text, {.check = true, .format = once.format});
  require(check.findings == 0 || !strict, "--check finds nothing in a result");
  const bool table = once.format == anonymize::Format::csv || once.format == anonymize::Format::tsv;
  require(table || check.lines == once.lines, "lines keep their number");
}

/// However strange the log: what was made of it differs from it where rules apply, and nowhere
/// else.
void comparison(std::string_view input) {
  static const anonymize::Profile rules = anonymize::built_in_profile();
  using anonymize::Format;
  constexpr std::array formats{Format::plain,  Format::combined, Format::json, Format::csv,
                               Format::logfmt, Format::syslog,   Format::w3c,  Format::alb};
  const Format format = formats.at(dice(input) % formats.size());
  const JobEnding made = run(input, {.format = format});
  if (made.ending.failure) {
    return;
  }
  TextSource source{input, 0};
  const compare::CompareOptions options{.job = {.format = format, .min_share = 0}};
  static_cast<void>(compare::compare_logs(
      source, [&made] { return std::make_unique<TextSource>(made.ending.text, 0); }, rules, options,
      {.found =
           [](const compare::Finding& finding) {
             require(finding.kind == compare::Finding::Kind::survivor ||
                         finding.kind == compare::Finding::Kind::residual,
                     "no byte changes that no rule is for");
           },
       .progressed = {}},
      {}));
}

}  // namespace trackier::fuzz
