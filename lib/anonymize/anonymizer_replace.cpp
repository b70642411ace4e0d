// What becomes of a value, and how it is written where the value stood.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <iterator>

#include "anonymize/anonymizer.hpp"
#include "anonymize/base64.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/json_text.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {

namespace {

constexpr std::size_t uuid_size = 36;

/// Whether a second look at a value that was replaced so would tell that it was.
bool is_verifiable(const Transform& transform, std::string_view value) {
  if (transform.action == Action::pseudonym || is_reversible(transform)) {
    return false;
  }
  const bool hex = std::ranges::all_of(value, character::is_hex);
  return !(transform.action == Action::hash && transform.bits != 128 && hex &&
           value.size() == static_cast<std::size_t>(transform.bits) / 4);
}

/// RFC 8259, section 6, without exponent: no zero in front of other digits.
bool is_json_number(std::string_view text) {
  std::string_view rest = text.substr(text.starts_with('-') ? 1 : 0);
  const auto take_digits = [&rest] {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    rest.remove_prefix(digits);
    return digits;
  };
  const bool zero_in_front = rest.starts_with('0');
  const std::size_t whole = take_digits();
  if (whole == 0 || (zero_in_front && whole > 1)) {
    return false;
  }
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    return take_digits() > 0 && rest.empty();
  }
  return rest.empty();
}

void append_number(std::string_view replacement, std::string& out) {
  if (replacement.empty()) {
    out.append("null");
  } else if (is_json_number(replacement)) {
    out.append(replacement);
  } else {
    out.push_back('"');
    append_json_escaped(replacement, out);
    out.push_back('"');
  }
}

std::size_t backslashes_before(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && text[begin - 1] == '\\') {
    --begin;
  }
  return end - begin;
}

/// The quote of the key before the number from `begin` to `end`, as it stands where JSON is in a
/// text: "pin":1234, \"pin\": 1234, ""pin"":1234. Empty where there is none.
std::string_view quote_of_key(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t i = begin;
  while (i > 0 && text[i - 1] == ' ' && begin - i < 4) {
    --i;
  }
  const std::size_t behind_value = std::min(text.find_first_not_of(' ', end), text.size());
  const bool ends =
      std::string_view{",}]"}.find(character::at(text, behind_value)) != std::string_view::npos;
  if (i < 2 || text[i - 1] != ':' || text[i - 2] != '"' || !ends ||
      !is_json_number(text.substr(begin, end - begin))) {
    return {};
  }
  const std::size_t behind = i - 1;
  i -= i > 2 && text[i - 3] == '"' ? 3U : 2U;
  const std::size_t backslashes = backslashes_before(text, i);
  // A quote has 1, 3 or 7 of them by its layer; what is more ends the key, which doubles in each.
  const std::size_t of_quote = (std::size_t{1} << std::countr_one(backslashes)) - 1;
  // Behind a quote that opens a string a colon is part of it.
  const bool closes = of_quote < backslashes ||
                      (i > backslashes && character::is(text[i - backslashes - 1], character::key));
  return closes ? text.substr(i - of_quote, behind - (i - of_quote)) : std::string_view{};
}

/// Whether the value at `begin` in a record of JSON has a key of the record itself, "my token" : 17
/// or "C:\\token\\": 17. What its names mean the reader has said; detectors take it for one in a
/// string.
bool is_behind_own_key(std::string_view text, std::size_t begin) {
  const auto take = [&](char c) {
    const bool there = begin > 0 && text[begin - 1] == c;
    begin -= there ? 1U : 0U;
    return there;
  };
  while (take(' ')) {
  }
  if (!take(':')) {
    return false;
  }
  take(' ');
  if (!take('"')) {
    return false;
  }
  // No more than these stand before a quote that opens a string.
  const bool opens =
      begin == 0 || std::string_view{" \t\r\n:,[{"}.find(text[begin - 1]) != std::string_view::npos;
  return !opens && backslashes_before(text, begin) % 2 == 0;
}

/// Characters that end or divide something in one of the formats.
bool has_meaning(char c) {
  return static_cast<unsigned char>(c) < ' ' ||
         std::string_view{"\"'\\,;"}.find(c) != std::string_view::npos;
}

/// As the format wants it in that place.
void append_quoted(Quoting quoting, std::string_view replacement, std::string& out) {
  switch (quoting) {
    case Quoting::json_number:
      append_number(replacement, out);
      break;
    case Quoting::json_string:
      append_json_escaped(replacement, out);
      break;
    case Quoting::csv_quoted:
      for (const char c : replacement) {
        out.append(c == '"' ? 2 : 1, c);
      }
      break;
    case Quoting::undone:
      std::ranges::replace_copy_if(replacement, std::back_inserter(out), has_meaning, '_');
      break;
    default:
      out.append(replacement);
  }
}

}  // namespace

bool Anonymizer::replace_match(std::string_view chunk, const Match& match, const Detector& detector,
                               std::string& out, Tally& tally) {
  if (plain_ipv4_ && match.kind == Kind::ipv4 && match.form == Form::plain && !match.decoded()) {
    return replace_last_octet(chunk, match, out, tally);
  }
  const bool decoded = match.decoded();
  const std::string_view text = chunk.substr(match.begin, match.end - match.begin);
  const bool json = task_.format == Format::json;
  FieldValue field{.begin = match.begin,
                   .end = match.end,
                   .quoting = !decoded ? Quoting::bare
                              : json   ? Quoting::json_string
                                       : Quoting::undone,
                   .form = match.form,
                   .rule = {.kind = match.kind,
                            .counter = static_cast<std::uint16_t>(match.kind),
                            .transform = &task_.profile.transforms[match.kind]}};
  // A UUID alone, as most are, has no escapes.
  if (match.kind == Kind::uuid && !decoded && text.size() == uuid_size) {
    return replace(chunk, field, text, out, tally);
  }
  if (json && &detector == &detector_ && is_behind_own_key(chunk, match.begin)) {
    return true;
  }
  if (json && !decoded && text.find('\\') != std::string_view::npos) {
    field.quoting = Quoting::json_string;
    return replace(chunk, field, json_unescaped(text), out, tally);
  }
  if (!decoded && text.find('%') != std::string_view::npos &&
      !is_reversible(*field.rule.transform)) {
    field.quoting = json ? Quoting::json_string : Quoting::undone;
    return replace(chunk, field, percent_decoded(text), out, tally);  // mail=ann%40example.com
  }
  return replace(chunk, field, decoded ? detector.value_of(match, {}) : text, out, tally);
}

/// What every second line of a web log needs, without the detour through strings.
bool Anonymizer::replace_last_octet(std::string_view chunk, const Match& match, std::string& out,
                                    Tally& tally) {
  const std::string_view address = chunk.substr(match.begin, match.end - match.begin);
  // One to three digits, which no branch could foresee.
  const bool one = address[address.size() - 2] == '.';
  const bool two = address[address.size() - 3] == '.';
  std::size_t digits = one ? 1U : two ? 2U : 3U;
  if (address[address.size() - digits - 1] != '.') {  // addresses that overlapped
    digits = address.size() - address.rfind('.') - 1;
  }
  const std::size_t last = match.end - digits;
  if (address.find_first_not_of('0', last - match.begin) == std::string_view::npos) {
    return true;
  }
  out.append(chunk.data() + copied_, last - copied_);
  out.push_back('0');
  if (replacements_ != nullptr) {
    replacements_->add_stretch(out.size() - (last - match.begin) - 1, out.size());
    replacements_->add_value(static_cast<std::uint16_t>(Kind::ipv4), address);
  }
  note_edit(last, match.end, out.size() - 1, out.size());
  copied_ = match.end;
  ++tally.replaced[static_cast<std::size_t>(Kind::ipv4)];
  return true;
}

bool Anonymizer::replace_field(std::string_view chunk, const FieldValue& field, std::string& out,
                               Tally& tally) {
  const std::string_view text = chunk.substr(field.begin, field.end - field.begin);
  const unsigned layers = field.nested + (field.quoting == Quoting::json_string ? 1U : 0U);
  if (layers > 0 && text.find('\\') != std::string_view::npos) {
    std::string value{text};
    for (unsigned layer = 0; layer < layers; ++layer) {
      value = json_unescaped(value);
    }
    return replace(chunk, field, value, out, tally);
  }
  if (field.quoting == Quoting::csv_quoted && text.find('"') != std::string_view::npos) {
    const std::string_view whole = chunk.substr(field.begin - 1, field.end - field.begin + 2);
    return replace(chunk, field, unquoted(whole), out, tally);
  }
  return replace(chunk, field, text, out, tally);
}

bool Anonymizer::replace(std::string_view chunk, const FieldValue& field, std::string_view value,
                         std::string& out, Tally& tally) {
  const FieldRules::Rule& rule = field.rule;
  if (task_.check && !is_verifiable(*rule.transform, value)) {
    ++tally.unverifiable;
    return true;
  }
  replacement_.clear();
  Outcome outcome = transformed(field, value, tally);
  if (outcome == Outcome::unchanged && replacements_ != nullptr &&
      rule.transform->action == Action::pseudonym && !is_pseudonym(value)) {
    replacement_ = value;  // with another key it would be another one
    outcome = Outcome::replaced;
  }
  if (outcome == Outcome::malformed) {
    note_finding(chunk, field.begin, rule.counter);
    return true;
  }
  if (outcome == Outcome::unchanged) {
    return true;
  }
  ++tally.replaced[rule.counter];
  if (task_.check) {
    note_finding(chunk, field.begin, rule.counter);
    return true;
  }
  if (outcome == Outcome::drop_record && !in_window_) {
    if (replacements_ != nullptr) {
      replacements_->add_value(rule.counter, value);
    }
    return false;
  }
  out.append(chunk.substr(copied_, field.begin - copied_));
  copied_ = field.end;
  const std::size_t written = out.size();
  append_replacement(chunk, field, out);
  note_edit(field.begin, field.end, written, out.size());
  if (replacements_ != nullptr) {
    replacements_->add_stretch(written, out.size());
    replacements_->add_value(rule.counter, value);
  }
  return true;
}

/// What is in replacement_, as it is to be written in the place of the field.
void Anonymizer::append_replacement(std::string_view chunk, const FieldValue& field,
                                    std::string& out) {
  const char before = field.begin > 0 ? chunk[field.begin - 1] : '\0';
  if (field.quoting == Quoting::bare && (before == ':' || before == ' ') &&
      !is_json_number(replacement_)) {
    std::string_view quote = quote_of_key(chunk, field.begin, field.end);
    const bool of_record = task_.format == Format::json ? !quote.starts_with('\\')
                           : is_delimited(task_.format) ? !quote.ends_with("\"\"")
                                                        : false;
    quote = of_record ? std::string_view{} : quote;
    out.append(quote).append(replacement_).append(quote);
    return;
  }
  if (field.nested == 0) {
    append_quoted(field.quoting, replacement_, out);
    return;
  }
  std::string text;
  append_quoted(field.quoting, replacement_, text);
  for (unsigned layer = 0; layer < field.nested; ++layer) {
    std::string escaped;
    append_json_escaped(text, escaped);
    text.swap(escaped);
  }
  out.append(text);
}

/// What becomes of the value, in replacement_.
Outcome Anonymizer::transformed(const FieldValue& field, std::string_view value, Tally& tally) {
  const FieldRules::Rule& rule = field.rule;
  if (rule.transform->action == Action::decode) {
    return transformed_inside(field, value, tally);
  }
  const bool has_period = task_.epochs != nullptr && !task_.check && needs_key(*rule.transform);
  Transformer* const transformer = has_period ? transformer_at(field.begin) : &transformer_;
  if (transformer == nullptr) {
    return transformed_without_key(field, value, tally);
  }
  return task_.undo
             ? transformer->append_original(*rule.transform, rule.kind, field.form, value,
                                            replacement_)
             : transformer->append(*rule.transform, rule.kind, field.form, value, replacement_);
}

/// Of base64, what becomes of the text in it, encoded again. What is no base64, or no text, could
/// be anything, and is hidden.
Outcome Anonymizer::transformed_inside(const FieldValue& field, std::string_view value,
                                       Tally& tally) {
  const FieldRules::Rule& rule = field.rule;
  if (value.empty()) {
    return Outcome::unchanged;
  }
  const auto decoded = decode_base64(value);
  if (!decoded || !is_plain_text(decoded->bytes)) {
    return task_.undo ? Outcome::unchanged
                      : transformer_.append({.action = Action::redact}, rule.kind, Form::plain,
                                            value, replacement_);
  }
  if (!inside_) {
    inside_task_ = std::make_unique<Task>(task_);
    inside_task_->format = Format::plain;
    inside_task_->columns = {};
    inside_ = std::make_unique<Anonymizer>(*inside_task_);
  }
  std::string text;
  Tally of_text{task_.profile};
  std::vector<PeriodSpan> period;
  if (!periods_.empty()) {
    period.push_back({.begin = 0, .period = period_at(field.begin)});
  }
  inside_->use_periods(period);
  Replacements of_inside;
  if (replacements_ != nullptr) {
    inside_->note_in(of_inside);
  }
  inside_->process(decoded->bytes, true, text, of_text);
  const bool found = !inside_->findings().empty();
  inside_->findings().clear();
  for (std::size_t i = 0; i < of_inside.values(); ++i) {
    replacements_->add_value(of_inside.value(i).rule, of_inside.value(i).text);
  }
  if (of_text.dropped > 0) {
    return Outcome::drop_record;
  }
  for (std::size_t i = 0; i < of_text.replaced.size(); ++i) {
    tally.replaced[i] += of_text.replaced[i];
  }
  tally.without_key += of_text.without_key;
  tally.unverifiable += of_text.unverifiable;
  if (task_.check || (task_.undo && found)) {
    return !found ? Outcome::unchanged : task_.undo ? Outcome::malformed : Outcome::replaced;
  }
  if (text == decoded->bytes) {
    return Outcome::unchanged;
  }
  append_base64(text, *decoded, replacement_);
  return Outcome::replaced;
}

void Anonymizer::note_edit(std::size_t begin, std::size_t end, std::size_t new_begin,
                           std::size_t new_end) {
  if (observer_ != nullptr) {
    edits_.push_back({begin, end, new_begin, new_end});
  }
}

void Anonymizer::note_finding(std::string_view chunk, std::size_t at, std::uint16_t rule) {
  for (;;) {
    const void* found = std::memchr(chunk.data() + line_begin_, '\n', at - line_begin_);
    if (found == nullptr) {
      break;
    }
    line_begin_ = static_cast<std::size_t>(static_cast<const char*>(found) - chunk.data()) + 1;
    ++line_;
  }
  findings_.push_back({.line = line_, .column = at - line_begin_ + 1, .rule = rule});
}

}  // namespace trackier::anonymize
