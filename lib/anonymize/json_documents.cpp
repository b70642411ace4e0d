#include "anonymize/json_documents.hpp"

#include <algorithm>
#include <utility>

namespace trackier::anonymize {

namespace {

/// Levels that the bits tell apart; deeper ones pass for arrays, and the reader refuses them.
constexpr std::size_t known_levels = 64;

}  // namespace

void DocumentScan::push(bool object) {
  objects_ = objects_ << 1U | (object ? 1U : 0U);
  ++depth_;
}

/// An object follows a colon in an object, and a bracket or comma in an array.
bool DocumentScan::may_hold_object() const {
  if (depth_ > known_levels) {
    return true;
  }
  return (objects_ & 1U) != 0 ? last_ == ':' : last_ == '[' || last_ == ',';
}

void DocumentScan::inside(char c) {
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      return;
    case '"':
      state_ = State::string;
      break;
    case '{':
    case '[':
      push(c == '{');
      break;
    case '}':
    case ']':
      objects_ >>= 1U;
      --depth_;
      state_ = depth_ == 0 ? State::closed : State::inside;
      break;
    default:
      break;
  }
  last_ = c;
}

/// Before an object, or in something that is none. True: the record ends behind `c`.
bool DocumentScan::outside(char c) {
  if (c == '{') {
    objects_ = 0;
    push(true);
    last_ = c;
    state_ = State::inside;
  } else if (c == '"') {
    state_ = State::word_string;
  } else if (c == '\n' && state_ == State::word) {
    return true;
  } else if (!is_between_documents(c)) {
    state_ = State::word;
  }
  return false;
}

/// To the next byte of a string that means something. A line end ends one that was cut off, too.
void DocumentScan::in_string(std::string_view text) {
  at_ = std::min(text.find_first_of("\"\\\n", at_), text.size());
  if (at_ == text.size() || (text[at_] == '\\' && at_ + 1 == text.size())) {
    return;  // come again with what follows
  }
  if (text[at_] == '\\') {
    at_ += text[at_ + 1] == '\n' ? 1U : 2U;
    return;
  }
  const bool word = state_ == State::word_string;
  state_ = word ? State::word : State::inside;
  at_ += word && text[at_] == '\n' ? 0U : 1U;
}

/// One step. True: the record has ended before at_.
bool DocumentScan::step(std::string_view text) {
  const char c = text[at_];
  switch (state_) {
    case State::between:
    case State::word:
      ++at_;
      return outside(c);
    case State::inside:
      if (c == '{' && !may_hold_object()) {
        return true;
      }
      ++at_;
      inside(c);
      return false;
    case State::word_string:
    case State::string:
      in_string(text);
      return false;
    default:
      if (c == '\n') {
        ++at_;
        return true;
      }
      if (!is_between_documents(c) || c == '[' || c == '\x1E') {
        return true;
      }
      ++at_;
      return false;
  }
}

std::size_t DocumentScan::record_end(std::string_view text) {
  while (at_ < text.size()) {
    const std::size_t before = at_;
    const State state = state_;
    if (step(text)) {
      state_ = State::between;
      depth_ = 0;
      return std::exchange(at_, 0);
    }
    if (at_ == before && state_ == state) {
      break;
    }
  }
  return std::string_view::npos;
}

std::size_t document_end(std::string_view text) {
  return DocumentScan{}.record_end(text);
}

DocumentRange document_in(std::string_view record) {
  DocumentRange range{.begin = 0, .end = record.size()};
  while (range.begin < range.end && is_between_documents(record[range.begin])) {
    ++range.begin;
  }
  while (range.end > range.begin && is_between_documents(record[range.end - 1])) {
    --range.end;
  }
  return range;
}

}  // namespace trackier::anonymize
