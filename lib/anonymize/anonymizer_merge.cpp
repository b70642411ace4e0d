// What was found in a record and its fields, put together, and what becomes of each.
#include <algorithm>
#include <array>
#include <cstring>

#include "anonymize/anonymizer.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/json_text.hpp"
#include "anonymize/patterns.hpp"

namespace trackier::anonymize {

namespace {

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

/// Whether the IPv6 address of nobody, to which ::1 is truncated, is in a field of addresses; the
/// detectors pass it over, for in text it is a piece of a program.
bool holds_nobody(std::string_view field) {
  const auto is_part = [field](std::size_t at) {
    const char c = character::at(field, at);
    return character::is_alnum(c) || c == ':' || c == '_';
  };
  for (std::size_t at = field.find("::"); at != std::string_view::npos;
       at = field.find("::", at + 1)) {
    if ((at == 0 || !is_part(at - 1)) && !is_part(at + 2)) {
      return true;
    }
  }
  return false;
}

/// Characters that end or divide something in one of the formats.
bool has_meaning(char c) {
  return static_cast<unsigned char>(c) < ' ' ||
         std::string_view{"\"'\\,;"}.find(c) != std::string_view::npos;
}

}  // namespace

/// Whether one of the matches that begin before `end` may reach from a field into another.
bool Anonymizer::crosses_fields(std::string_view chunk, std::span<const Match> matches,
                                std::size_t end) const {
  const std::array<char, 2> marks{task_.columns.delimiter, '"'};
  const std::string_view dividers = is_delimited(task_.format)
                                        ? std::string_view{marks.data(), marks.size()}
                                        : reader_->dividers();
  if (dividers.empty()) {
    return false;
  }
  const auto of_record =
      std::ranges::find_if(matches, [end](const Match& match) { return match.begin >= end; });
  return std::any_of(matches.begin(), of_record, [&](const Match& match) {
    return chunk.substr(match.begin, match.end - match.begin).find_first_of(dividers) !=
           std::string_view::npos;
  });
}

/// merge() for a record that is no table's: the marks that divide it stay.
bool Anonymizer::merge_in_marks(std::string_view chunk, std::size_t end,
                                std::span<const Match> matches, std::string& out, Tally& tally) {
  std::size_t none = 0;
  return merge(chunk, end, cut_at_marks(chunk, task_.columns.delimiter, matches), none, detector_,
               out, tally);
}

/// merge() for a record that `matches` are of, each field by itself: of a table, a match that
/// crosses fields is cut at them; in a log of numbers between blanks ("200 200 3400") it is none,
/// and what is in the fields is looked for anew.
bool Anonymizer::merge_parts(std::string_view chunk, std::size_t begin, std::string_view record,
                             std::size_t end, std::span<const Match> matches, std::string& out,
                             Tally& tally) {
  std::size_t none = 0;
  if (is_delimited(task_.format)) {
    const std::vector<Match> parts =
        cut_at_fields(record, static_cast<std::uint32_t>(begin), task_.columns.delimiter, matches);
    return merge(chunk, end, parts, none, detector_, out, tally);
  }
  divisions_.clear();
  reader_->divisions(record, divisions_);
  const bool crosses = std::ranges::any_of(matches, [&](const Match& match) {
    return std::ranges::any_of(divisions_, [&](std::uint32_t place) {
      return begin + place > match.begin && begin + place < match.end;
    });
  });
  if (!crosses) {
    return merge(chunk, end, matches, none, detector_, out, tally);
  }
  if (!parts_detector_) {
    parts_detector_ = std::make_unique<Detector>(task_.profile.detect, task_.profile.known_names,
                                                 false, task_.instructions);
  }
  parts_.assign(record);
  for (const std::uint32_t place : divisions_) {
    if (place < parts_.size()) {
      parts_[place] = '\n';
    }
  }
  std::vector<Match> moved;
  for (Match match : parts_detector_->find(parts_)) {
    match.begin += static_cast<std::uint32_t>(begin);
    match.end += static_cast<std::uint32_t>(begin);
    moved.push_back(match);
  }
  return merge(chunk, end, moved, none, *parts_detector_, out, tally);
}

/// Whether the rule of a known name holds for the value; else what is found in it is looked after
/// alone. A number in a field of addresses is one.
bool Anonymizer::is_for_rule(std::string_view value, bool address_inside, FieldValue& field) const {
  if (field.rule.kind == Kind::mac) {
    return is_mac(value);
  }
  if (!field.rule.only_if_no_address) {
    return true;
  }
  if (address_inside || holds_nobody(value)) {
    return false;
  }
  if (const auto form = form_of_number(value); form && task_.profile.detect[Kind::ipv4]) {
    field.form = *form;
    field.rule = {.kind = Kind::ipv4,
                  .counter = static_cast<std::uint16_t>(Kind::ipv4),
                  .transform = &task_.profile.transforms[Kind::ipv4]};
  }
  return true;
}

/// Applies the fields of the record and the matches that begin before `end`. False: the record is
/// to be dropped.
bool Anonymizer::merge(std::string_view chunk, std::size_t end, std::span<const Match> matches,
                       std::size_t& next, const Detector& detector, std::string& out,
                       Tally& tally) {
  for (FieldValue field : fields_) {
    while (next < matches.size() && matches[next].begin < field.begin) {
      if (!replace_match(chunk, matches[next], detector, out, tally)) {
        return false;
      }
      ++next;
    }
    if (field.begin < copied_) {  // a match reached into the field
      field.begin = static_cast<std::uint32_t>(std::min<std::size_t>(copied_, field.end));
    }
    bool found_inside = false;
    bool address_inside = false;
    for (std::size_t i = next; i < matches.size() && matches[i].begin < field.end; ++i) {
      found_inside = true;
      address_inside =
          address_inside || matches[i].kind == Kind::ipv4 || matches[i].kind == Kind::ipv6;
    }
    if (field.rule.transform == nullptr) {
      if (!found_inside) {
        continue;
      }
      // A JSON number that a detector took for a card: replaced as a whole.
      const Kind kind = matches[next].kind;
      field.rule = {.kind = kind,
                    .counter = static_cast<std::uint16_t>(kind),
                    .transform = &task_.profile.transforms[kind]};
    } else if (!is_for_rule(chunk.substr(field.begin, field.end - field.begin), address_inside,
                            field)) {
      continue;
    }
    // What is found right behind a bare value is a part of it: vid=' J=
    const std::uint32_t behind = field.quoting == Quoting::bare ? 1 : 0;
    while (next < matches.size() && matches[next].begin < field.end + behind) {
      field.end = std::max(field.end, matches[next].end);
      ++next;
    }
    if (field.begin < field.end && !replace_field(chunk, field, out, tally)) {
      return false;
    }
  }
  while (next < matches.size() && matches[next].begin < end) {
    if (!replace_match(chunk, matches[next], detector, out, tally)) {
      return false;
    }
    ++next;
  }
  return true;
}

bool Anonymizer::replace_match(std::string_view chunk, const Match& match, const Detector& detector,
                               std::string& out, Tally& tally) {
  if (plain_ipv4_ && match.kind == Kind::ipv4 && match.form == Form::plain) {
    return replace_last_octet(chunk, match, out, tally);
  }
  const bool decoded = match.form == Form::decoded;
  const std::string_view text = chunk.substr(match.begin, match.end - match.begin);
  const std::string_view value = decoded ? detector.value_of(match, {}) : text;
  const FieldRules::Rule rule{.kind = match.kind,
                              .counter = static_cast<std::uint16_t>(match.kind),
                              .transform = &task_.profile.transforms[match.kind]};
  const bool json = task_.format == Format::json;
  if (json && !decoded && text.find('\\') != std::string_view::npos) {
    return replace(chunk, match.begin, match.end, Quoting::json_string, rule, match.form,
                   json_unescaped(text), out, tally);
  }
  const Quoting quoting = !decoded ? Quoting::bare : json ? Quoting::json_string : Quoting::undone;
  return replace(chunk, match.begin, match.end, quoting, rule, decoded ? Form::plain : match.form,
                 value, out, tally);
}

/// What every second line of a web log needs, without the detour through strings.
bool Anonymizer::replace_last_octet(std::string_view chunk, const Match& match, std::string& out,
                                    Tally& tally) {
  const std::string_view address = chunk.substr(match.begin, match.end - match.begin);
  const std::size_t last = match.begin + address.rfind('.') + 1;
  if (address.find_first_not_of('0', last - match.begin) == std::string_view::npos) {
    return true;
  }
  out.append(chunk.data() + copied_, last - copied_);
  out.push_back('0');
  copied_ = match.end;
  ++tally.replaced[static_cast<std::size_t>(Kind::ipv4)];
  return true;
}

bool Anonymizer::replace_field(std::string_view chunk, const FieldValue& field, std::string& out,
                               Tally& tally) {
  const std::string_view text = chunk.substr(field.begin, field.end - field.begin);
  if (field.quoting == Quoting::json_string && text.find('\\') != std::string_view::npos) {
    return replace(chunk, field.begin, field.end, field.quoting, field.rule, field.form,
                   json_unescaped(text), out, tally);
  }
  if (field.quoting == Quoting::csv_quoted && text.find('"') != std::string_view::npos) {
    const std::string_view whole = chunk.substr(field.begin - 1, field.end - field.begin + 2);
    return replace(chunk, field.begin, field.end, field.quoting, field.rule, field.form,
                   unquoted(whole), out, tally);
  }
  return replace(chunk, field.begin, field.end, field.quoting, field.rule, field.form, text, out,
                 tally);
}

bool Anonymizer::replace(std::string_view chunk, std::size_t begin, std::size_t end,
                         Quoting quoting, const FieldRules::Rule& rule, Form form,
                         std::string_view value, std::string& out, Tally& tally) {
  if (task_.check && !is_verifiable(*rule.transform, value)) {
    ++tally.unverifiable;
    return true;
  }
  replacement_.clear();
  const Outcome outcome =
      task_.undo
          ? transformer_.append_original(*rule.transform, rule.kind, form, value, replacement_)
          : transformer_.append(*rule.transform, rule.kind, form, value, replacement_);
  if (outcome == Outcome::malformed) {
    note_finding(chunk, begin, rule.counter);
    return true;
  }
  if (outcome == Outcome::unchanged) {
    return true;
  }
  ++tally.replaced[rule.counter];
  if (task_.check) {
    note_finding(chunk, begin, rule.counter);
    return true;
  }
  if (outcome == Outcome::drop_record && !in_window_) {
    return false;
  }
  out.append(chunk.substr(copied_, begin - copied_));
  copied_ = end;
  switch (quoting) {
    case Quoting::json_number:
      if (replacement_.empty()) {
        out.append("null");
      } else if (is_json_number(replacement_)) {
        out.append(replacement_);
      } else {
        out.push_back('"');
        append_json_escaped(replacement_, out);
        out.push_back('"');
      }
      break;
    case Quoting::json_string:
      append_json_escaped(replacement_, out);
      break;
    case Quoting::csv_quoted:
      for (const char c : replacement_) {
        out.append(c == '"' ? 2 : 1, c);
      }
      break;
    case Quoting::undone:
      std::ranges::replace_if(replacement_, has_meaning, '_');
      out.append(replacement_);
      break;
    default:
      out.append(replacement_);
  }
  return true;
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
