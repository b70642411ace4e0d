#include "promises.hpp"

#include <algorithm>
#include <array>

#include "anonymize/chunker.hpp"
#include "streams.hpp"
#include "targets.hpp"

namespace trackier::fuzz {

using anonymize::Anonymizer;
using anonymize::Instructions;

namespace {

const anonymize::Profile& rules() {
  static const anonymize::Profile profile = anonymize::built_in_profile();
  return profile;
}

anonymize::Task task_of(const Way& way, bool check) {
  return {.profile = rules(),
          .pseudonymizer = test_pseudonymizer(),
          .format = way.format,
          .columns = way.columns,
          .instructions = way.instructions,
          .check = check};
}

/// The longest seed is far shorter: records of these inputs are never cut into windows.
constexpr std::size_t longest_record = std::size_t{16} << 20U;

}  // namespace

const anonymize::Pseudonymizer& test_pseudonymizer() {
  static const auto pseudonymizer = [] {
    std::array<std::byte, 32> key{};
    for (std::size_t i = 0; i < key.size(); ++i) {
      key[i] = static_cast<std::byte>(i);
    }
    return anonymize::Pseudonymizer{key, "fuzz"};
  }();
  return pseudonymizer;
}

Result anonymized(std::string_view input, const Way& way) {
  const anonymize::Task task = task_of(way, false);
  Anonymizer anonymizer{task};
  anonymize::Tally tally{rules()};
  std::string out;
  if (way.chunk_bytes == 0) {
    anonymizer.process(input, true, out, tally);
    return {.text = out, .records = tally.records};
  }
  TextSource source{input, way.chunk_bytes};
  anonymize::Chunker chunker{source,
                             {.chunk_bytes = way.chunk_bytes, .record_bytes = longest_record}};
  chunker.set_format(way.format, way.columns);
  anonymize::Chunk chunk;
  while (chunker.next(chunk)) {
    anonymizer.process(chunk.bytes.text(), chunk.first, out, tally, false,
                       chunk.directives ? std::string_view{*chunk.directives} : std::string_view{});
  }
  return {.text = out, .records = tally.records};
}

std::vector<anonymize::Finding> findings(std::string_view input, const Way& way) {
  const anonymize::Task task = task_of(way, true);
  Anonymizer anonymizer{task};
  anonymize::Tally tally{rules()};
  std::string none;
  anonymizer.process(input, true, none, tally);
  require(none.empty(), "a check writes nothing");
  return anonymizer.findings();
}

std::string keeps_promises(std::string_view input, Way way) {
  way.chunk_bytes = 0;
  const Result once = anonymized(input, way);
  for (const Instructions instructions : {Instructions::portable, Instructions::avx2}) {
    if (instructions <= anonymize::best_instructions()) {
      Way other = way;
      other.instructions = instructions;
      require_equal(once.text, anonymized(input, other).text,
                    "all instructions give the same bytes");
    }
  }
  Way chunked = way;
  chunked.chunk_bytes = 1 + dice(input) % 200;
  const Result in_chunks = anonymized(input, chunked);
  require_equal(once.text, in_chunks.text, "all chunk sizes give the same bytes");
  require(once.records == in_chunks.records, "all chunk sizes give the same records");
  const Result twice = anonymized(once.text, way);
  if (strict) {
    require_equal(once.text, twice.text, "a second run changes nothing");
    require(findings(once.text, way).empty(), "--check finds nothing in a result");
  }
  // Where a document that is broken ends is a guess, which what is replaced in it may change.
  const bool documents = way.columns.documents;
  require(documents || once.records == twice.records, "records keep their number");
  const bool table = way.format == anonymize::Format::csv || way.format == anonymize::Format::tsv;
  require(
      table || documents || std::ranges::count(once.text, '\n') == std::ranges::count(input, '\n'),
      "lines keep their number");
  return once.text;
}

}  // namespace trackier::fuzz
