// Records too long to be held whole, a window at a time.
#include <algorithm>

#include "anonymize/anonymizer.hpp"
#include "anonymize/patterns.hpp"

namespace trackier::anonymize {

/// How much of a window is done with. Whatever begins before the margin at its end was seen with
/// what follows it. Values across the cut come whole next time; those that are longer than the
/// margin, or reach the end of the window, are replaced as far as they go.
std::size_t Anonymizer::window_cut(std::size_t size, bool last,
                                   std::span<const Match> matches) const {
  constexpr std::size_t margin = 8192;
  if (last) {
    return size;
  }
  std::size_t begin = size > margin ? size - margin : 0;
  // What the first value behind the cut is, a key in front of it may tell ("token": "x"): they
  // stay together.
  constexpr std::size_t context = 1024;
  std::size_t done = 0;
  for (const Match& match : matches) {
    if (match.end > begin) {
      if (match.end < size && match.end - match.begin <= margin) {
        const std::size_t key = match.begin > context ? match.begin - context : 0;
        begin = std::min(begin, std::max(done, key));
      }
      break;
    }
    done = match.end;
  }
  std::size_t end = begin;
  const auto widen = [&begin, &end](const auto& value) {
    if (value.begin < end && value.end > begin && (value.begin < begin || value.end > end)) {
      begin = std::min<std::size_t>(begin, value.begin);
      end = std::max<std::size_t>(end, value.end);
      return true;
    }
    return false;
  };
  // Patterns and detectors may overlap: the cut must be inside of neither.
  while (static_cast<std::size_t>(std::ranges::count_if(matches, widen)) +
             static_cast<std::size_t>(std::ranges::count_if(fields_, widen)) >
         0) {
  }
  return end == size || end - begin > margin ? end : begin;
}

std::size_t Anonymizer::process_window(std::string_view window, bool last, std::string& out,
                                       Tally& tally) {
  copied_ = 0;
  line_begin_ = 0;
  line_ = 1;
  in_window_ = true;
  Detector& detector = plain_detector_ ? *plain_detector_ : detector_;
  const std::span<const Match> matches = detector.find(window);
  fields_.clear();
  if (!patterns_->empty()) {
    patterns_->find(window, fields_);
  }
  const std::size_t cut = window_cut(window.size(), last, matches);
  std::erase_if(fields_, [cut](const FieldValue& field) { return field.begin >= cut; });
  const std::size_t before = out.size();
  std::size_t next = 0;
  merge(window, cut, matches, next, detector, out, tally);
  emit(window, cut, out);
  tally.bytes_in += cut;
  tally.bytes_out += out.size() - before;
  return cut;
}

}  // namespace trackier::anonymize
