#include "anonymize/anonymizer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "anonymize/characters.hpp"
#include "anonymize/json_documents.hpp"
#include "anonymize/json_text.hpp"
#include "anonymize/patterns.hpp"
#include "anonymize/secrets.hpp"

namespace trackier::anonymize {

namespace {

using character::byte_order_mark;

constexpr std::string_view unparsed_record = "[unparsed record]";

bool is_delimited(Format format) {
  return format == Format::csv || format == Format::tsv;
}

bool drops_records(const Profile& profile) {
  const auto drops = [](const Transform& transform) {
    return transform.action == Action::drop && transform.drop_record;
  };
  return std::ranges::any_of(profile.transforms, drops) ||
         std::ranges::any_of(profile.patterns, drops, &PatternRule::transform);
}

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

Anonymizer::Anonymizer(const Task& task)
    : task_(task),
      rules_(task.profile),
      reader_(make_reader(task.format, rules_, task.columns)),
      patterns_(std::make_unique<Patterns>(task.profile)),
      detector_(task.profile.detect, task.profile.known_names, task.format == Format::json,
                task.instructions),
      transformer_(task.pseudonymizer, task.profile.keep_networks),
      may_drop_records_(drops_records(task.profile)),
      plain_ipv4_(!task.check && task.profile.keep_networks.empty() &&
                  task.profile.transforms[Kind::ipv4] == default_transform(Kind::ipv4)) {
  if (task.format == Format::json) {
    plain_detector_ = std::make_unique<Detector>(task.profile.detect, task.profile.known_names,
                                                 false, task.instructions);
  }
  if (task.profile.person_names) {
    detector_.find_person_names();
    if (plain_detector_) {
      plain_detector_->find_person_names();
    }
  }
}

Anonymizer::~Anonymizer() = default;

void Anonymizer::process(std::string_view chunk, bool first, std::string& out, Tally& tally,
                         bool lines, std::string_view directives) {
  reader_->begin(directives);
  if (observer_ != nullptr) {
    observer_->begin(directives);
  }
  copied_ = 0;
  in_window_ = false;
  line_begin_ = 0;
  line_ = 1;
  tally.bytes_in += chunk.size();
  const std::size_t before = out.size();
  if (!task_.check) {
    out.reserve(out.size() + chunk.size() + chunk.size() / 8 + 4096);
  }
  if (reader_->reads_nothing() && patterns_->empty() && !may_drop_records_) {
    process_plain(chunk, out, tally);
  } else {
    process_records(chunk, first, lines, out, tally);
  }
  emit(chunk, chunk.size(), out);
  tally.bytes_out += out.size() - before;
}

void Anonymizer::emit(std::string_view chunk, std::size_t end, std::string& out) {
  if (!task_.check) {
    out.append(chunk.substr(copied_, end - copied_));
  }
  copied_ = end;
}

/// Of all addresses of a chunk the prefixes are encrypted side by side.
void Anonymizer::prepare(std::string_view chunk, std::span<const Match> matches) {
  const auto& transforms = task_.profile.transforms;
  if (task_.check || task_.undo ||
      (transforms[Kind::ipv4].action != Action::prefix &&
       transforms[Kind::ipv6].action != Action::prefix)) {
    return;
  }
  std::vector<Address> addresses;
  for (const Match& match : matches) {
    const bool is_address = match.kind == Kind::ipv4 || match.kind == Kind::ipv6;
    if (is_address && match.form != Form::decoded &&
        transforms[match.kind].action == Action::prefix) {
      const std::string_view text = chunk.substr(match.begin, match.end - match.begin);
      if (const auto address = parse_address(text, match.form)) {
        addresses.push_back(*address);
      }
    }
  }
  transformer_.prepare(addresses);
}

void Anonymizer::process_plain(std::string_view chunk, std::string& out, Tally& tally) {
  const std::span<const Match> matches = detector_.find(chunk);
  prepare(chunk, matches);
  for (const Match& match : matches) {
    replace_match(chunk, match, detector_, out, tally);
  }
  auto lines = static_cast<std::uint64_t>(std::ranges::count(chunk, '\n'));
  lines += !chunk.empty() && chunk.back() != '\n' ? 1U : 0U;
  tally.lines += lines;
  tally.records += lines;
}

void Anonymizer::process_records(std::string_view chunk, bool first, bool lines, std::string& out,
                                 Tally& tally) {
  const std::span<const Match> matches = detector_.find(chunk);
  prepare(chunk, matches);
  std::size_t next = 0;
  std::size_t begin = 0;
  bool marked = first;  // a byte order mark may still come
  bool header = first && is_delimited(task_.format) && !task_.columns.names.empty();
  while (begin < chunk.size()) {
    if (marked && chunk.substr(begin).starts_with(byte_order_mark)) {
      begin += byte_order_mark.size();
      marked = false;
      continue;
    }
    const std::size_t end = record_end(chunk, begin, lines, tally);
    const std::size_t line_end = end;
    std::size_t text_end = end;
    if (text_end > begin && chunk[text_end - 1] == '\n') {
      --text_end;
    }
    if (text_end > begin && chunk[text_end - 1] == '\r') {
      --text_end;
    }
    const std::string_view record = chunk.substr(begin, text_end - begin);
    marked = marked && record.empty();
    const DocumentRange document = task_.columns.documents ? document_in(record) : DocumentRange{};
    tally.records += task_.columns.documents && document.begin == document.end ? 0U : 1U;
    fields_.clear();
    const bool parsed = record.empty() || header || reader_->read(record, fields_);
    if (header || !parsed) {
      fields_.clear();
    }
    if (observer_ != nullptr && copied_ < begin) {
      emit(chunk, begin, out);
    }
    const std::size_t copied_before = copied_;
    const std::size_t out_before = out.size();
    bool dropped = false;
    if (!parsed) {
      ++tally.unparsed;
      switch (task_.profile.when_unparsed()) {
        case Profile::Unparsed::redact:
          while (next < matches.size() && matches[next].begin < line_end) {
            ++next;
          }
          redact_unparsed(chunk, begin, record, out);
          begin = end;
          continue;
        case Profile::Unparsed::drop:
          dropped = true;
          if (task_.check) {
            note_finding(chunk, begin, static_cast<std::uint16_t>(Kind::field));
          }
          break;
        default:
          break;
      }
    }
    if (!dropped) {
      if (!patterns_->empty()) {
        patterns_->find(record, fields_);
      }
      for (FieldValue& field : fields_) {
        field.begin += static_cast<std::uint32_t>(begin);
        field.end += static_cast<std::uint32_t>(begin);
      }
      if (!parsed && plain_detector_) {
        while (next < matches.size() && matches[next].begin < line_end) {
          ++next;
        }
        // The second detector counts from the record; its matches are moved to the chunk.
        std::vector<Match> moved;
        for (Match match : plain_detector_->find(record)) {
          match.begin += static_cast<std::uint32_t>(begin);
          match.end += static_cast<std::uint32_t>(begin);
          moved.push_back(match);
        }
        std::size_t none = 0;
        dropped = !merge(chunk, line_end, moved, none, *plain_detector_, out, tally);
      } else if ((parsed || is_delimited(task_.format)) &&
                 crosses_fields(chunk, matches.subspan(next), line_end)) {
        const std::size_t first_match = next;
        while (next < matches.size() && matches[next].begin < line_end) {
          ++next;
        }
        const std::span<const Match> of_record = matches.subspan(first_match, next - first_match);
        dropped = parsed ? !merge_parts(chunk, begin, record, line_end, of_record, out, tally)
                         : !merge_in_marks(chunk, line_end, of_record, out, tally);
      } else {
        dropped = !merge(chunk, line_end, matches, next, detector_, out, tally);
      }
    }
    if (dropped) {
      ++tally.dropped;
      while (next < matches.size() && matches[next].begin < line_end) {
        ++next;
      }
      // Take back what was written of this record, keep what stands before it.
      copied_ = copied_before;
      out.resize(out_before);
      leave_out(chunk, begin, line_end, out);
    } else if (observer_ != nullptr && parsed && !header && !record.empty()) {
      observe(chunk, record, line_end, out_before, out);
    }
    header = header && record.empty();
    begin = end;
  }
}

/// Shows the observer the record that ends at `end` and what has become of it, which begins at
/// `written` in `out`.
void Anonymizer::observe(std::string_view chunk, std::string_view record, std::size_t end,
                         std::size_t written, std::string& out) {
  if (copied_ < end) {
    emit(chunk, end, out);
  }
  std::string_view after = std::string_view{out}.substr(written);
  for (const char line_end : {'\n', '\r'}) {
    if (after.ends_with(line_end)) {
      after.remove_suffix(1);
    }
  }
  observer_->record(record, after);
}

/// The end of the record that begins at `begin`, its line end included.
std::size_t Anonymizer::record_end(std::string_view chunk, std::size_t begin, bool lines,
                                   Tally& tally) const {
  const std::string_view rest = chunk.substr(begin);
  const bool documents = task_.columns.documents && task_.format == Format::json;
  if (!documents && (!is_delimited(task_.format) || lines)) {
    const void* found = std::memchr(rest.data(), '\n', rest.size());
    ++tally.lines;
    return found == nullptr
               ? chunk.size()
               : static_cast<std::size_t>(static_cast<const char*>(found) - chunk.data()) + 1;
  }
  const std::size_t end =
      documents ? document_end(rest) : delimited_record_end(rest, task_.columns.delimiter);
  const std::string_view record = rest.substr(0, end);
  tally.lines += static_cast<std::uint64_t>(std::ranges::count(record, '\n'));
  // Several documents may stand on a line; of the last one the job knows whether it ends.
  tally.lines += !documents && record.back() != '\n' ? 1U : 0U;
  return begin + record.size();
}

void Anonymizer::redact_unparsed(std::string_view chunk, std::size_t begin, std::string_view record,
                                 std::string& out) {
  if (is_redaction(record)) {
    return;
  }
  DocumentRange range{.begin = 0, .end = record.size()};
  if (task_.columns.documents) {
    range = document_in(record);
  }
  if (range.begin == range.end) {
    return;
  }
  if (task_.check) {
    note_finding(chunk, begin + range.begin, static_cast<std::uint16_t>(Kind::field));
  }
  emit(chunk, begin + range.begin, out);
  if (!task_.check) {
    const std::string_view quote = task_.columns.documents ? "\"" : "";
    out.append(quote).append(unparsed_record).append(quote);
  }
  copied_ = begin + range.end;
}

/// The record goes; of an array of records its place stays, as null.
void Anonymizer::leave_out(std::string_view chunk, std::size_t begin, std::size_t end,
                           std::string& out) {
  emit(chunk, begin, out);
  if (task_.columns.documents) {
    const std::string_view record = chunk.substr(begin, end - begin);
    const DocumentRange range = document_in(record);
    const bool element =
        record.substr(0, range.begin).find_first_of(",[]") != std::string_view::npos ||
        record.substr(range.end).find_first_of(",[]") != std::string_view::npos;
    if (element) {
      emit(chunk, begin + range.begin, out);
      if (!task_.check) {
        out.append("null");
      }
      copied_ = begin + range.end;
      return;
    }
  }
  copied_ = end;
}

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
    } else if (field.rule.only_if_no_address &&
               (address_inside ||
                holds_nobody(chunk.substr(field.begin, field.end - field.begin)))) {
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
    return replace(chunk, field.begin, field.end, field.quoting, field.rule, Form::plain,
                   json_unescaped(text), out, tally);
  }
  if (field.quoting == Quoting::csv_quoted && text.find('"') != std::string_view::npos) {
    const std::string_view whole = chunk.substr(field.begin - 1, field.end - field.begin + 2);
    return replace(chunk, field.begin, field.end, field.quoting, field.rule, Form::plain,
                   unquoted(whole), out, tally);
  }
  return replace(chunk, field.begin, field.end, field.quoting, field.rule, Form::plain, text, out,
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
