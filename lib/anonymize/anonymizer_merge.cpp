// What was found in a record and its fields, put together.
#include <algorithm>
#include <array>

#include "anonymize/anonymizer.hpp"
#include "anonymize/characters.hpp"

namespace trackier::anonymize {

namespace {

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
/// crosses fields is cut at them. In a log of numbers between blanks ("200 200 3400"), and where a
/// parameter of a URL would go on in the next field of a table, it is none, and what is in the
/// fields is looked for anew.
bool Anonymizer::merge_parts(std::string_view chunk, std::size_t begin, std::string_view record,
                             std::size_t end, std::span<const Match> matches, std::string& out,
                             Tally& tally) {
  const char delimiter = task_.columns.delimiter;
  const bool table = is_delimited(task_.format);
  const auto merge_found = [&](std::span<const Match> found, const Detector& detector) {
    std::size_t none = 0;
    return table ? merge(chunk, end,
                         cut_at_fields(record, static_cast<std::uint32_t>(begin), delimiter, found),
                         none, detector, out, tally)
                 : merge(chunk, end, found, none, detector, out, tally);
  };
  divisions_.clear();
  if (table) {
    ends_of_queries(record, delimiter, divisions_);
  } else {
    reader_->divisions(record, divisions_);
  }
  std::ranges::sort(divisions_);
  const bool crosses = std::ranges::any_of(matches, [&](const Match& match) {
    const auto place =
        std::ranges::upper_bound(divisions_, std::max<std::size_t>(match.begin, begin) - begin);
    return place != divisions_.end() && begin + *place < match.end;
  });
  if (!crosses) {
    return merge_found(matches, detector_);
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
  return merge_found(moved, *parts_detector_);
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
    } else if ((field.rule.only_if_no_address || field.rule.kind == Kind::mac) &&
               !is_for_rule(chunk.substr(field.begin, field.end - field.begin), address_inside,
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

}  // namespace trackier::anonymize
