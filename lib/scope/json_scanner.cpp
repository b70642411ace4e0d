#include "scope/json_scanner.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "anonymize/json_text.hpp"

namespace trackier::scope {

namespace {

using Step = JsonScanner::Step;

constexpr int most_levels = 512;

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

/// A byte that a string cannot simply contain: a quote, a backslash, a control character.
bool is_special(char letter) {
  return letter == '"' || letter == '\\' || static_cast<unsigned char>(letter) < 0x20;
}

constexpr std::uint64_t each(std::uint64_t byte) {
  return byte * 0x0101010101010101U;
}

/// A bit in each of eight bytes that is special; bytes behind the first such may be marked wrongly
/// (the subtractions borrow from them), it and those before it never.
std::uint64_t special_bytes(std::uint64_t eight) {
  const std::uint64_t quote = eight ^ each('"');
  const std::uint64_t backslash = eight ^ each('\\');
  const std::uint64_t found = ((quote - each(1)) & ~quote) | ((backslash - each(1)) & ~backslash) |
                              ((eight - each(0x20)) & ~eight);
  return found & each(0x80);
}

struct Text {
  std::string_view raw;  ///< between the quotes
  bool escaped = false;
};

class Scan {
 public:
  Scan(std::string_view line, std::span<const Step> steps, Record& record)
      : at_(line.data()), end_(line.data() + line.size()), steps_(steps), record_(record) {}

  bool run() {
    skip_space();
    if (!take('{') || !object(&steps_.front(), 1)) {
      return false;
    }
    skip_space();
    return at_ == end_;
  }

 private:
  void skip_space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')) {
      ++at_;
    }
  }

  bool take(char letter) {
    if (at_ < end_ && *at_ == letter) {
      ++at_;
      return true;
    }
    return false;
  }

  bool take(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() ||
        std::memcmp(at_, word.data(), word.size()) != 0) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  void put(const Step* step, Value::Kind kind, std::string_view text = {}) {
    if (step != nullptr && step->field != Step::no_field) {
      record_.set(step->field, {kind, text});
    }
  }

  /// Behind the brace.
  bool object(const Step* step, int level) {
    skip_space();
    if (take('}')) {
      return true;
    }
    do {
      skip_space();
      Text key;
      if (!take('"') || !string(key)) {
        return false;
      }
      skip_space();
      if (!take(':') || !value(step == nullptr ? nullptr : find(*step, key), level)) {
        return false;
      }
      skip_space();
    } while (take(','));
    return take('}');
  }

  /// Behind the bracket.
  bool array(int level) {
    skip_space();
    if (take(']')) {
      return true;
    }
    do {
      if (!value(nullptr, level)) {
        return false;
      }
      skip_space();
    } while (take(','));
    return take(']');
  }

  bool value(const Step* step, int level) {
    skip_space();
    if (at_ == end_) {
      return false;
    }
    if (step != nullptr) {
      for (const std::size_t field : step->affected) {
        record_.set(field, {});
      }
    }
    switch (*at_) {
      case '"':
        ++at_;
        return text_value(step);
      case '{':
        ++at_;
        put(step, Value::Kind::container);
        return level < most_levels && object(step, level + 1);
      case '[':
        ++at_;
        put(step, Value::Kind::container);
        return level < most_levels && array(level + 1);
      case 't':
        put(step, Value::Kind::yes);
        return take("true");
      case 'f':
        put(step, Value::Kind::no);
        return take("false");
      case 'n':
        put(step, Value::Kind::null);
        return take("null");
      default:
        return number(step);
    }
  }

  bool text_value(const Step* step) {
    Text text;
    if (!string(text)) {
      return false;
    }
    if (step != nullptr && step->field != Step::no_field) {
      if (text.escaped) {
        record_.keep(step->field, anonymize::json_unescaped(text.raw));
      } else {
        record_.set(step->field, {Value::Kind::text, text.raw});
      }
    }
    return true;
  }

  bool digits() {
    const char* const began = at_;
    while (at_ < end_ && is_digit(*at_)) {
      ++at_;
    }
    return at_ > began;
  }

  bool number(const Step* step) {
    const char* const began = at_;
    take('-');
    if (!take('0') && !digits()) {
      return false;
    }
    if (take('.') && !digits()) {
      return false;
    }
    if (take('e') || take('E')) {
      if (!take('+')) {
        take('-');
      }
      if (!digits()) {
        return false;
      }
    }
    put(step, Value::Kind::number, {began, static_cast<std::size_t>(at_ - began)});
    return true;
  }

  void skip_ordinary() {
    if constexpr (std::endian::native == std::endian::little) {
      while (end_ - at_ >= 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, at_, sizeof eight);
        const std::uint64_t special = special_bytes(eight);
        if (special != 0) {
          at_ += std::countr_zero(special) / 8;
          return;
        }
        at_ += 8;
      }
    }
    while (at_ < end_ && !is_special(*at_)) {
      ++at_;
    }
  }

  /// Behind the opening quote; reads the closing one.
  bool string(Text& text) {
    const char* const began = at_;
    for (;;) {
      skip_ordinary();
      if (at_ == end_) {
        return false;
      }
      if (*at_ == '"') {
        text.raw = {began, static_cast<std::size_t>(at_ - began)};
        ++at_;
        return true;
      }
      text.escaped = true;
      if (!take('\\') || !escape()) {  // not a backslash: a control character
        return false;
      }
    }
  }

  /// Behind the backslash.
  bool escape() {
    if (at_ == end_) {
      return false;
    }
    const char letter = *at_++;
    if (letter != 'u') {
      return std::string_view{"\"\\/bfnrt"}.find(letter) != std::string_view::npos;
    }
    unsigned unit = 0;
    if (!code_unit(unit) || (unit >= 0xdc00 && unit <= 0xdfff)) {
      return false;
    }
    if (unit < 0xd800 || unit > 0xdbff) {
      return true;
    }
    return take("\\u") && code_unit(unit) && unit >= 0xdc00 && unit <= 0xdfff;
  }

  bool code_unit(unsigned& unit) {
    if (end_ - at_ < 4) {
      return false;
    }
    unit = 0;
    for (int i = 0; i < 4; ++i) {
      const auto letter = static_cast<unsigned char>(*at_++);
      const unsigned small = letter | 0x20U;
      if (letter >= '0' && letter <= '9') {
        unit = unit * 16 + (letter - '0');
      } else if (small >= 'a' && small <= 'f') {
        unit = unit * 16 + (small - 'a' + 10);
      } else {
        return false;
      }
    }
    return true;
  }

  const Step* find(const Step& step, const Text& key) const {
    if (!step.keys.empty() && key.escaped) {
      return find(step, anonymize::json_unescaped(key.raw));
    }
    return find(step, key.raw);
  }

  const Step* find(const Step& step, std::string_view name) const {
    for (const Step::Key& key : step.keys) {
      if (key.name == name) {
        return &steps_[key.step];
      }
    }
    return nullptr;
  }

  const char* at_;
  const char* end_;
  std::span<const Step> steps_;
  Record& record_;
};

}  // namespace

JsonScanner::JsonScanner(std::span<const std::string> fields) : steps_(1) {
  for (std::size_t field = 0; field < fields.size(); ++field) {
    const std::string_view path = fields[field];
    std::size_t step = 0;
    for (std::size_t began = 0; began <= path.size();) {
      const std::size_t end = std::min(path.find('.', began), path.size());
      step = lead(step, path.substr(began, end - began));
      steps_[step].affected.push_back(field);
      began = end + 1;
    }
    steps_[step].field = field;
    if (path.find('.') != std::string_view::npos) {
      step = lead(0, path);
      steps_[step].affected.push_back(field);
      steps_[step].field = field;
    }
  }
}

std::size_t JsonScanner::lead(std::size_t from, std::string_view key) {
  const auto found = std::ranges::find(steps_[from].keys, key, &Step::Key::name);
  if (found != steps_[from].keys.end()) {
    return found->step;
  }
  steps_[from].keys.push_back({std::string{key}, steps_.size()});
  steps_.emplace_back();
  return steps_.size() - 1;
}

bool JsonScanner::read(std::string_view line, Record& record) const {
  record.clear();
  return Scan{line, steps_, record}.run();
}

}  // namespace trackier::scope
