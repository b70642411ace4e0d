#pragma once
/// What a run has replaced, for whoever compares what it wrote with what others did.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::anonymize {

class Replacements {
 public:
  /// Of what was written, where a replacement is.
  struct Stretch {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  /// What stood there, encodings undone.
  struct Value {
    std::uint16_t rule = 0;  ///< as in Tally::replaced
    std::string_view text;
  };

  void clear() {
    stretches_.clear();
    values_.clear();
    texts_.clear();
  }

  void add_stretch(std::size_t begin, std::size_t end) { stretches_.push_back({begin, end}); }

  void add_value(std::uint16_t rule, std::string_view text) {
    values_.push_back({rule, texts_.size(), text.size()});
    texts_.append(text);
  }

  /// What was written behind `size` has been taken back; the values stay.
  void cut(std::size_t size) {
    while (!stretches_.empty() && stretches_.back().end > size) {
      stretches_.pop_back();
    }
  }

  /// In order, none in another.
  [[nodiscard]] const std::vector<Stretch>& stretches() const { return stretches_; }

  [[nodiscard]] std::size_t values() const { return values_.size(); }
  [[nodiscard]] Value value(std::size_t i) const {
    const Place& place = values_[i];
    return {.rule = place.rule, .text = std::string_view{texts_}.substr(place.begin, place.size)};
  }

 private:
  struct Place {
    std::uint16_t rule;
    std::size_t begin;
    std::size_t size;
  };

  std::vector<Stretch> stretches_;
  std::vector<Place> values_;
  std::string texts_;
};

}  // namespace trackier::anonymize
