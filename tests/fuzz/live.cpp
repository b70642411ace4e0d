// Logs that are followed, and where a follower stands.
#include <algorithm>
#include <array>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "anonymize/job.hpp"
#include "anonymize/preamble.hpp"
#include "core/error.hpp"
#include "os/position_file.hpp"
#include "promises.hpp"
#include "streams.hpp"
#include "targets.hpp"

namespace trackier::fuzz {
namespace {

using anonymize::Format;

struct Mark {
  std::uint64_t in = 0;
  std::size_t out = 0;
};

/// Returns the output, without what came of the first `skipped` bytes.
std::string live(std::string_view input, Format format, std::size_t step, std::size_t skipped,
                 std::vector<Mark>& marks) {
  static const anonymize::Profile profile = anonymize::built_in_profile();
  static const anonymize::Pseudonymizer pseudonymizer{
      as_bytes(std::string_view{"0123456789abcdef0123456789abcdef"}), ""};
  TextSource source{input, step};
  TextSink sink;
  std::size_t left_out = 0;
  const anonymize::JobEvents events{
      .format_known = {}, .found = {}, .progressed = {}, .settled = [&](std::uint64_t bytes_in) {
        left_out = bytes_in <= skipped ? sink.text().size() : left_out;
        marks.push_back({bytes_in, sink.text().size()});
      }};
  anonymize::run_job(source, sink, profile, pseudonymizer,
                     {.format = format, .min_share = 0, .live = true}, events, std::stop_token{});
  return sink.text().substr(left_out);
}

}  // namespace

/// The first byte chooses the format, the second the pieces.
void live_log(std::string_view input) {
  constexpr std::array formats = {Format::csv,  Format::tsv,   Format::w3c,       Format::zeek,
                                  Format::json, Format::plain, Format::cloudfront};
  if (input.size() < 2) {
    return;
  }
  const Format format = formats[static_cast<unsigned char>(input[0]) % formats.size()];
  const std::size_t step = 1 + static_cast<unsigned char>(input[1]);
  input.remove_prefix(2);
  std::vector<Mark> marks;
  std::vector<Mark> others;
  try {
    const std::string whole = live(input, format, 0, 0, others);
    require(live(input, format, step, 0, marks) == whole, "pieces make no difference");
    require(input.empty() || (!marks.empty() && marks.back().in == input.size()),
            "in the end all is settled");
    for (const Mark& mark : marks) {
      anonymize::Preamble preamble{format};
      for (std::string_view rest = input.substr(0, mark.in);
           preamble.wants_more() && !rest.empty();) {
        preamble.read(rest.substr(0, step));
        rest.remove_prefix(std::min(step, rest.size()));
      }
      const std::string before = preamble.text();
      std::string again = before;
      again += input.substr(mark.in);
      require(before.empty() || before.ends_with('\n') || mark.in == input.size(),
              "a preamble is whole lines");
      const std::string rest =
          live(again, format, std::max<std::size_t>(before.size(), 1), before.size(), others);
      require(whole.substr(0, mark.out) + rest == whole, "reading goes on as if it had not ended");
    }
  } catch (const Error& error) {
    require(error.code() == Code::data, "what is no text is refused as data");
  }
}

void position(std::string_view input) {
  const auto state = os::parse_follow_state(input);
  require(!state || os::to_text(*state) == input, "a position is written in one way");
}

}  // namespace trackier::fuzz
