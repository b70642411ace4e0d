#include "risk/record_values.hpp"

#include <algorithm>
#include <array>

#include "anonymize/json_text.hpp"
#include "core/text.hpp"

namespace trackier::risk {
namespace {

using anonymize::Columns;
using anonymize::Edit;
using anonymize::FieldValue;
using anonymize::Format;
using anonymize::Quoting;

/// The name of a field in that format: access logs call the address host, whatever others say.
std::string name_in(Format format, const std::string& field) {
  constexpr auto address = std::to_array<std::string_view>({"ip", "remote_addr", "client_ip"});
  const bool is_access_log = format == Format::common || format == Format::combined;
  return is_access_log && std::ranges::find(address, field) != address.end() ? "host" : field;
}

std::string_view last_name(std::string_view selector) {
  return selector.substr(selector.rfind('.') + 1);
}

bool is_number(std::string_view selector) {
  return std::ranges::all_of(selector, [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether a field could be meant by both, which are not the same.
bool may_overlap(std::string_view one, std::string_view other) {
  const std::string_view last = last_name(one);
  const std::string_view other_last = last_name(other);
  return is_number(one) || is_number(other) || last == "*" || other_last == "*" ||
         ascii_lower(last) == ascii_lower(other_last);
}

/// Where what begins at `at` does so in the record as it is written.
std::size_t moved_begin(std::size_t at, std::span<const Edit> edits) {
  std::size_t result = at;
  for (const Edit& edit : edits) {
    if (edit.begin > at) {
      break;
    }
    result = at < edit.end ? edit.new_begin : edit.new_end + (at - edit.end);
  }
  return result;
}

/// The same of what ends there.
std::size_t moved_end(std::size_t at, std::span<const Edit> edits) {
  std::size_t result = at;
  for (const Edit& edit : edits) {
    if (edit.begin >= at) {
      break;
    }
    result = at <= edit.end ? edit.new_end : edit.new_end + (at - edit.end);
  }
  return result;
}

/// The text without what its quotes want; `room` has place for it.
std::string_view plain(std::string_view text, Quoting quoting, std::string& room) {
  const bool escaped = quoting == Quoting::json_string || quoting == Quoting::backslashed;
  if (escaped && text.find('\\') != std::string_view::npos) {
    return room = anonymize::json_unescaped(text);
  }
  if (quoting == Quoting::csv_quoted && text.find('"') != std::string_view::npos) {
    return room = anonymize::unquoted('"' + std::string{text} + '"');
  }
  return text;
}

/// Rules that touch nothing: a reader tells where the fields are that rules hold for.
anonymize::Profile keeping(const std::vector<std::string>& selectors) {
  anonymize::Profile profile;
  profile.known_names = false;
  for (const std::string& selector : selectors) {
    profile.fields.push_back(
        {.selector = selector, .transform = {.action = anonymize::Action::keep}});
  }
  return profile;
}

}  // namespace

/// Finds fields by their selectors.
class RecordValues::Reader {
 public:
  Reader(Format format, const Columns& columns, const std::vector<std::string>& selectors)
      : profile_{keeping(selectors)},
        rules_{profile_},
        reader_{anonymize::make_reader(format, rules_, columns)} {}

  void begin(std::string_view directives) { reader_->begin(directives); }

  bool read(std::string_view record) {
    found_.clear();
    return reader_->read(record, found_);
  }

  /// Of the record that was read last: take(selector's number, field).
  void each(const auto& take) const {
    for (const FieldValue& field : found_) {
      if (field.rule.transform != nullptr && field.rule.counter >= anonymize::kinds) {
        take(field.rule.counter - anonymize::kinds, field);
      }
    }
  }

 private:
  anonymize::Profile profile_;
  anonymize::FieldRules rules_;
  std::unique_ptr<anonymize::RecordReader> reader_;
  std::vector<FieldValue> found_;
};

RecordValues::RecordValues(Format format, const Columns& columns, const WantedFields& wanted,
                           const HashKey& key)
    : hash_{key}, hashers_(wanted.fields.size(), ValueHasher{key}), values_(wanted.fields.size()) {
  std::vector<std::string> selectors;
  for (const std::string& field : wanted.fields) {
    selectors.push_back(name_in(format, field));
  }
  const std::string id = name_in(format, wanted.id);
  const auto same = std::ranges::find(selectors, id);
  id_selector_ = static_cast<std::size_t>(same - selectors.begin());
  if (same == selectors.end()) {
    // Of selectors that mean the same field the first would have it alone.
    if (std::ranges::any_of(selectors, [&id](const auto& one) { return may_overlap(one, id); })) {
      ids_ = std::make_unique<Reader>(format, columns, std::vector{id});
    } else {
      selectors.push_back(id);
    }
  }
  fields_ = std::make_unique<Reader>(format, columns, selectors);
}

RecordValues::~RecordValues() = default;

void RecordValues::begin(std::string_view directives) {
  fields_->begin(directives);
  if (ids_) {
    ids_->begin(directives);
  }
}

bool RecordValues::read(std::string_view before, std::string_view after,
                        std::span<const Edit> edits) {
  id_ = 0;
  std::ranges::fill(values_, HashedValue{});
  if (!fields_->read(before) || (ids_ && !ids_->read(before))) {
    return false;
  }
  const auto take_id = [&](const FieldValue& field) {
    const std::string_view text = before.substr(field.begin, field.end - field.begin);
    const std::uint64_t value = hash_(plain(text, field.quoting, decoded_));
    id_ = id_ == 0 ? value : joined(id_, value);
  };
  fields_->each([&](std::size_t selector, const FieldValue& field) {
    if (selector == id_selector_ && !ids_) {
      take_id(field);
    }
    if (selector < values_.size()) {
      const std::size_t begin = moved_begin(field.begin, edits);
      const std::size_t end = moved_end(field.end, edits);
      take(selector, field, after.substr(begin, end - begin));
    }
  });
  if (ids_) {
    ids_->each([&](std::size_t /*selector*/, const FieldValue& field) { take_id(field); });
  }
  return true;
}

void RecordValues::take(std::size_t number, const FieldValue& field, std::string_view text) {
  const bool is_dropped = (text.empty() && field.begin < field.end) ||
                          (text == "null" && field.quoting == Quoting::json_number);
  if (is_dropped) {
    return;
  }
  Quoting quoting = field.quoting;
  if (quoting == Quoting::json_number && text.starts_with('"')) {
    text = text.substr(1, text.size() - 2);  // what replaced the number is a string
    quoting = Quoting::json_string;
  }
  HashedValue& value = values_[number];
  const HashedValue& next = hashers_[number].hashed(plain(text, quoting, decoded_));
  if (value.whole == 0) {
    value = next;
  } else {
    value.append(next);
  }
}

}  // namespace trackier::risk
