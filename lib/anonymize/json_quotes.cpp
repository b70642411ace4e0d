#include "anonymize/json_quotes.hpp"

#include <algorithm>
#include <functional>

namespace trackier::anonymize {

void find_quotes(std::string_view text, std::vector<std::uint32_t>& quotes) {
  quotes.clear();
  for (std::size_t i = text.find('"'); i != std::string_view::npos; i = text.find('"', i + 1)) {
    quotes.push_back(static_cast<std::uint32_t>(i));
  }
}

void QuotesOfRecords::know(std::string_view chunk, std::span<const std::uint32_t> quotes) {
  chunk_ = chunk;
  quotes_ = quotes;
  next_ = 0;
}

Quotes QuotesOfRecords::of(std::string_view record) {
  const std::less_equal<> before;
  const bool in_chunk = !chunk_.empty() && before(chunk_.data(), record.data()) &&
                        before(record.data() + record.size(), chunk_.data() + chunk_.size());
  if (!in_chunk) {
    find_quotes(record, found_);
    know({}, {});
    return {.places = found_};
  }
  const auto begin = static_cast<std::size_t>(record.data() - chunk_.data());
  if (next_ > quotes_.size() || (next_ > 0 && quotes_[next_ - 1] >= begin)) {
    const auto first = std::ranges::lower_bound(quotes_, begin);  // this one comes out of turn
    next_ = static_cast<std::size_t>(first - quotes_.begin());
  }
  while (next_ < quotes_.size() && quotes_[next_] < begin) {
    ++next_;
  }
  return {.places = quotes_.subspan(next_), .begin = begin};
}

}  // namespace trackier::anonymize
