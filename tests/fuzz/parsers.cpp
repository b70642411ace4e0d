// The small parsers.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "anonymize/candidates.hpp"
#include "anonymize/chunker.hpp"
#include "anonymize/detect_format.hpp"
#include "anonymize/encoded.hpp"
#include "anonymize/patterns.hpp"
#include "anonymize/person_names.hpp"
#include "anonymize/record_time.hpp"
#include "anonymize/tokenizer.hpp"
#include "anonymize/transformer.hpp"
#include "anonymize/wide_characters.hpp"
#include "config/settings.hpp"
#include "core/error.hpp"
#include "core/period.hpp"
#include "core/text.hpp"
#include "keys/epoch_key.hpp"
#include "keys/reference.hpp"
#include "risk/coarser.hpp"
#include "streams.hpp"
#include "targets.hpp"

namespace trackier::fuzz {

void candidates(std::string_view input) {
  for (const bool json : {false, true}) {
    anonymize::Candidates portable;
    portable.find(input, {.json_structure = json}, anonymize::Instructions::portable);
    const auto expected = portable.positions();
    require(std::ranges::adjacent_find(expected, std::ranges::greater_equal{}) == expected.end(),
            "candidates ascend");
    require(expected.empty() || expected.back() < input.size(), "candidates are in the text");
    for (const auto instructions :
         {anonymize::Instructions::avx2, anonymize::Instructions::avx512}) {
      if (instructions <= anonymize::best_instructions()) {
        anonymize::Candidates vector;
        vector.find(input, {.json_structure = json}, instructions);
        require(std::ranges::equal(expected, vector.positions()),
                "all instructions find the same candidates");
        require(std::ranges::equal(portable.quotes(), vector.quotes()),
                "all instructions find the same quotes");
      }
    }
  }
}

void coarser(std::string_view input) {
  const risk::Shape shape = risk::shape_of(input);
  const auto& ways = risk::ways_of(shape);
  std::string finer{input};
  std::string room;
  for (std::size_t way = 0; way < risk::most_ways && !ways[way].name.empty(); ++way) {
    const std::string cut{risk::coarser(shape, way, input, room)};
    require(cut.size() <= input.size() + 8, "what is cut does not grow");
    require(shape != risk::Shape::time || finer.starts_with(cut), "each cut of a time is shorter");
    finer = cut;
  }
}

void person_names(std::string_view input) {
  std::vector<anonymize::Match> matches;
  anonymize::find_person_names(input, matches);
  std::string without;
  std::size_t copied = 0;
  for (const anonymize::Match& match : matches) {
    require(match.begin >= copied && match.begin < match.end && match.end <= input.size(),
            "names are in order, and none in another");
    const std::string_view name = input.substr(match.begin, match.end - match.begin);
    require(name.find_first_of("\n\"<>") == std::string_view::npos,
            "a name ends with its line, and with a quote");
    without.append(input.substr(copied, match.begin - copied)).append("[name]");
    copied = match.end;
  }
  without.append(input.substr(copied));
  matches.clear();
  anonymize::find_person_names(without, matches);
  require(matches.empty(), "a second look finds no names");
}

/// The first byte says of which kind and alphabet.
void tokens(std::string_view input) {
  if (input.empty()) {
    return;
  }
  const auto choice = static_cast<unsigned char>(input.front());
  const std::string_view text = input.substr(1);
  anonymize::Transform transform{.action = anonymize::Action::tokenize, .luhn = choice % 2 == 1};
  transform.alphabet = static_cast<anonymize::Alphabet>(choice / 2 % anonymize::alphabets);
  const anonymize::Kind kind = anonymize::all_kinds[choice / 16 % anonymize::kinds];
  const std::string key(32, 'k');
  anonymize::Tokenizer tokenizer{as_bytes(key)};
  // Of hexadecimal digits the case is lost where the other side has no letters.
  const bool is_hex = transform.alphabet == anonymize::Alphabet::hex;
  const auto same = [is_hex](const std::optional<std::string>& one, std::string_view other) {
    return one && (is_hex ? ascii_lower(*one) == ascii_lower(other) : *one == other);
  };
  const auto token = tokenizer.token(transform, kind, text);
  const auto value = tokenizer.value(transform, kind, text);
  require(value.has_value() == token.has_value(), "what can be a value can be a token");
  if (token) {
    require(token->size() == text.size(), "a token is as long as its value");
    require(same(tokenizer.value(transform, kind, *token), text),
            "the value of a token comes back");
    require(same(tokenizer.token(transform, kind, *value), text),
            "the token of a value comes back");
  }
}

void detect_format(std::string_view input) {
  try {
    anonymize::refuse_wide_characters(input);
  } catch (const Error& error) {
    require(error.code() == Code::data, "wide characters are bad data");
  }
  const bool whole = dice(input) % 2 == 0;
  const auto guess = anonymize::guess_format(input, whole, 0.9);
  require(guess.share >= 0 && guess.share <= 1, "a share is one");
  const auto again = anonymize::try_format(guess.format, input, whole);
  require(guess.format == anonymize::Format::plain ||
              (again.share == guess.share && again.columns.names == guess.columns.names),
          "the format that was guessed fits as well when it is named");

  // Whatever the format and the pace of the input, chunks are the input.
  TextSource source{input, 1 + dice(input) % 50};
  anonymize::Chunker chunker{source, {.chunk_bytes = 64, .record_bytes = 256}};
  chunker.peek(128);
  chunker.set_format(guess.format, guess.columns);
  std::string together;
  anonymize::Chunk chunk;
  while (chunker.next(chunk)) {
    const std::string_view text = chunk.bytes.text();
    const bool begun = together.find_first_not_of("\r\n") != std::string::npos;
    require(!text.empty() && !(begun && chunk.first), "no chunk but the first begins the input");
    if (chunk.part == anonymize::Chunk::Part::whole) {
      together.append(text);
    } else {  // as much as LongRecord would take, but for a margin
      const bool last = chunk.part == anonymize::Chunk::Part::tail;
      const std::size_t done = last ? text.size() : text.size() - text.size() / 8;
      together.append(text.substr(0, done));
      chunker.consume(done);
    }
  }
  require_equal(input, together, "chunks put together are the input");
}

void encoded(std::string_view input) {
  anonymize::DecodedRegion region;
  for (std::size_t at = 0; at < input.size(); ++at) {
    if (std::string_view{"%\\&"}.find(input[at]) == std::string_view::npos ||
        !anonymize::is_telling_escape(input, at)) {
      continue;
    }
    region.decode(input, at);
    require(region.begin() <= at && at < region.end() && region.end() <= input.size(),
            "a region is around its place");
    const auto size = static_cast<std::uint32_t>(region.text().size());
    require(size <= region.end() - region.begin(), "decoding makes nothing longer");
    std::uint32_t before = region.begin();
    for (std::uint32_t place = 0; place <= size; ++place) {
      require(before <= region.origin(place), "origins ascend");
      before = region.origin(place);
    }
    require(region.origin(0) == region.begin() && before == region.end(),
            "origins are in the region");
  }
}

void patterns(std::string_view input) {
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string_view record = input.substr(std::min(line + 1, input.size()));
  anonymize::Profile profile = anonymize::built_in_profile();
  profile.patterns.push_back(
      {.name = "fuzzed", .regex = std::string{input.substr(0, line)}, .transform = {}});
  std::vector<anonymize::FieldValue> fields;
  try {
    const anonymize::Patterns found{profile};
    found.find(record, fields);
  } catch (const Error& error) {
    require(error.code() == Code::config, "a bad pattern is a mistake in the settings");
  }
  std::size_t before = 0;
  for (const auto& field : fields) {
    require(field.begin >= before && field.begin <= field.end && field.end <= record.size(),
            "what a pattern finds is in order and in the record");
    before = field.end;
  }
}

void generalize(std::string_view input) {
  for (const auto& cut : {anonymize::append_cut_time, anonymize::append_cut_unix_time}) {
    for (int number = 0; number <= static_cast<int>(anonymize::TimeUnit::year); ++number) {
      const auto unit = static_cast<anonymize::TimeUnit>(number);
      std::string once;
      if (cut(input, unit, once)) {
        std::string twice;
        require(cut(once, unit, twice), "a cut time is a time");
        require_equal(once, twice, "a cut time stays");
      } else {
        require(once.empty(), "nothing is appended for what is no time");
      }
    }
  }
  for (const double band : {0.0, 0.25, 10.0, 1e15}) {
    const int decimals = static_cast<int>(dice(input) % 7);
    std::string once;
    if (anonymize::append_coarse_number(input, band, decimals, once)) {
      std::string twice;
      require(anonymize::append_coarse_number(once, band, decimals, twice),
              "a band or cut number is one");
      require_equal(once, twice, "a band and a cut number stay");
    } else {
      require(once.empty(), "nothing is appended for what is no number");
    }
  }
}

void settings(std::string_view input) {
  try {
    const auto once = config::parse_settings(input, "fuzz.toml");
    const auto twice = config::parse_settings(input, "fuzz.toml");
    require(std::ranges::equal(once.origins, twice.origins, {}, &config::Origin::value,
                               &config::Origin::value),
            "reading settings twice gives the same");
    require(once.anonymize.min_parsed >= 0 && once.anonymize.min_parsed <= 1, "a share is one");
  } catch (const Error& error) {
    require(error.code() == Code::config, "bad settings are a mistake in the settings");
    const std::string what = error.what();
    require(what.starts_with("fuzz.toml:"), "an error in the settings has a place");
    require(std::ranges::none_of(what, [](char c) { return c >= 0 && c < ' '; }),
            "an error shows nothing that is not printable");
  }
}

void epoch_key(std::string_view input) {
  if (const auto period = parse_period(input)) {
    require(to_text(*period) == input, "a period has one name");
    require(period_of(period->unit, begin_of(*period)) == *period, "a period begins in itself");
  }
  if (const auto key = keys::EpochKey::parse(as_bytes(input))) {
    const crypto::Secret text = key->text();
    const auto again = keys::EpochKey::parse(text.bytes());
    require(again && again->text() == text, "a key is written as it was read");
  }
}

void record_time(std::string_view input) {
  const anonymize::TimeReference reference{.nearest = *parse_rfc3339("2026-02-01T00:00:00Z"),
                                           .latest = *parse_rfc3339("2026-11-28T00:00:00Z")};
  for (const bool json : {false, true}) {
    const auto time = anonymize::time_of_record(input, json, reference);
    require(!time || *time <= reference.latest, "no time is later than the present");
    require(!time || time->time_since_epoch() >= std::chrono::days{-1}, "or before 1970");
  }
}

void key_reference(std::string_view input) {
  try {
    const auto reference = keys::parse_reference(input);
    require(keys::parse_reference(keys::to_string(reference)) == reference,
            "a reference that is written down is read as the same");
  } catch (const Error& error) {
    require(error.code() == Code::usage, "a bad reference is bad usage");
    require(std::ranges::none_of(std::string_view{error.what()},
                                 [](char c) { return c >= 0 && c < ' '; }),
            "an error shows nothing that is not printable");
  }
}

}  // namespace trackier::fuzz
