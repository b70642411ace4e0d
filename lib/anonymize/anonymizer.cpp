#include "anonymize/anonymizer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "anonymize/characters.hpp"
#include "anonymize/json_documents.hpp"
#include "anonymize/json_text.hpp"
#include "anonymize/patterns.hpp"
#include "anonymize/record_end.hpp"
#include "anonymize/secrets.hpp"

namespace trackier::anonymize {

namespace {

using character::byte_order_mark;

constexpr std::string_view unparsed_record = "[unparsed record]";

bool drops_records(const Profile& profile) {
  const auto drops = [](const Transform& transform) {
    return transform.action == Action::drop && transform.drop_record;
  };
  return std::ranges::any_of(profile.transforms, drops) ||
         std::ranges::any_of(profile.patterns, drops, &PatternRule::transform);
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
  if (task_.check || task_.undo || task_.epochs != nullptr ||
      (transforms[Kind::ipv4].action != Action::prefix &&
       transforms[Kind::ipv6].action != Action::prefix)) {
    return;
  }
  std::vector<Address> addresses;
  for (const Match& match : matches) {
    const bool is_address = match.kind == Kind::ipv4 || match.kind == Kind::ipv6;
    if (is_address && !match.decoded() && transforms[match.kind].action == Action::prefix) {
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
  reader_->know_quotes(chunk, detector_.quotes());
  prepare(chunk, matches);
  const bool may_cross = is_delimited(task_.format) || !reader_->dividers().empty();
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
    if (observer_ != nullptr) {
      edits_.clear();
      if (copied_ < begin) {
        emit(chunk, begin, out);
      }
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
      } else if (may_cross && (parsed || is_delimited(task_.format)) &&
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
      if (replacements_ != nullptr) {
        replacements_->cut(out_before);
      }
      leave_out(chunk, begin, line_end, out);
    } else if (observer_ != nullptr && parsed && !header && !record.empty()) {
      observe(chunk, begin, record, line_end, out_before, out);
    }
    header = header && record.empty();
    begin = end;
  }
}

/// Shows the observer the record from `begin`, whose line ends at `end`, and what has become of it,
/// which begins at `written` in `out`.
void Anonymizer::observe(std::string_view chunk, std::size_t begin, std::string_view record,
                         std::size_t end, std::size_t written, std::string& out) {
  if (copied_ < end) {
    emit(chunk, end, out);
  }
  std::string_view after = std::string_view{out}.substr(written);
  for (const char line_end : {'\n', '\r'}) {
    if (after.ends_with(line_end)) {
      after.remove_suffix(1);
    }
  }
  for (Edit& edit : edits_) {
    edit = {edit.begin - begin, edit.end - begin, edit.new_begin - written, edit.new_end - written};
  }
  observer_->record(record, after, edits_);
}

/// The end of the record that begins at `begin`, its line end included.
std::size_t Anonymizer::record_end(std::string_view chunk, std::size_t begin, bool lines,
                                   Tally& tally) const {
  const std::string_view rest = chunk.substr(begin);
  const std::size_t size = record_size(rest, task_.format, task_.columns, lines);
  const bool documents = task_.columns.documents && task_.format == Format::json;
  if (!documents && (!is_delimited(task_.format) || lines)) {
    ++tally.lines;
    return begin + size;
  }
  const std::string_view record = rest.substr(0, size);
  tally.lines += static_cast<std::uint64_t>(std::ranges::count(record, '\n'));
  // Several documents may stand on a line; of the last one the job knows whether it ends.
  tally.lines += !documents && record.back() != '\n' ? 1U : 0U;
  return begin + size;
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

}  // namespace trackier::anonymize
