#include "risk/log_survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "anonymize/json_text.hpp"
#include "anonymize/record_reader.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::risk {
namespace {

using anonymize::Columns;
using anonymize::FieldValue;
using anonymize::Format;

bool is_access_log(Format format) {
  return format == Format::common || format == Format::combined;
}

/// Lines that say what columns there are, and are no records.
bool has_directives(Format format) {
  return format == Format::w3c || format == Format::cloudfront || format == Format::zeek;
}

/// The name of a field in that format: access logs call the address host, whatever others say.
std::string name_in(Format format, const std::string& field) {
  constexpr auto address = std::to_array<std::string_view>({"ip", "remote_addr", "client_ip"});
  return is_access_log(format) && std::ranges::find(address, field) != address.end() ? "host"
                                                                                     : field;
}

/// Rules that touch nothing: a reader tells where the fields are that rules hold for.
anonymize::Profile keeping(Format format, const std::vector<std::string>& fields) {
  anonymize::Profile profile;
  profile.known_names = false;
  for (const std::string& field : fields) {
    profile.fields.push_back(
        {.selector = name_in(format, field), .transform = {.action = anonymize::Action::keep}});
  }
  return profile;
}

/// Reads wanted fields of records, each record by itself.
class FieldReader {
 public:
  FieldReader(Format format, const Columns& columns, const std::vector<std::string>& fields,
              const HashKey& key, bool whole_only)
      : profile_{keeping(format, fields)},
        rules_{profile_},
        reader_{anonymize::make_reader(format, rules_, columns)},
        hashers_(fields.size(), ValueHasher{key, whole_only}) {}

  void begin(std::string_view directives) { reader_->begin(directives); }

  /// Puts the values of the fields into `values`, which has one for each. False: not of the format.
  bool read(std::string_view record, std::span<HashedValue> values) {
    found_.clear();
    if (!reader_->read(record, found_)) {
      return false;
    }
    std::ranges::fill(values, HashedValue{});
    for (const FieldValue& field : found_) {
      if (field.rule.transform == nullptr || field.rule.counter < anonymize::kinds) {
        continue;
      }
      const std::size_t index = field.rule.counter - anonymize::kinds;
      const HashedValue& value = hashers_[index].hashed(text_of(record, field));
      if (values[index].whole == 0) {
        values[index] = value;
      } else {
        values[index].append(value);
      }
    }
    return true;
  }

 private:
  /// The value, escapes undone.
  std::string_view text_of(std::string_view record, const FieldValue& field) {
    const std::string_view text = record.substr(field.begin, field.end - field.begin);
    const bool escaped = field.quoting == anonymize::Quoting::json_string ||
                         field.quoting == anonymize::Quoting::backslashed;
    if (escaped && text.find('\\') != std::string_view::npos) {
      return decoded_ = anonymize::json_unescaped(text);
    }
    if (field.quoting == anonymize::Quoting::csv_quoted &&
        text.find('"') != std::string_view::npos) {
      return decoded_ = anonymize::unquoted(record.substr(field.begin - 1, text.size() + 2));
    }
    return text;
  }

  anonymize::Profile profile_;
  anonymize::FieldRules rules_;
  std::unique_ptr<anonymize::RecordReader> reader_;
  std::vector<ValueHasher> hashers_;
  std::vector<FieldValue> found_;
  std::string decoded_;
};

/// The fields of all combinations, each once, and the combinations in their numbers.
std::vector<Combination> numbered(const std::vector<std::vector<std::string>>& combinations,
                                  std::vector<std::string>& fields) {
  std::vector<Combination> result;
  for (const auto& names : combinations) {
    Combination combination;
    for (const std::string& name : names) {
      if (name.empty()) {
        throw Error{Code::usage, "a combination has a field without a name", "write FIELD,FIELD"};
      }
      const auto known = std::ranges::find(fields, name);
      const auto number = static_cast<std::size_t>(known - fields.begin());
      if (known == fields.end()) {
        fields.push_back(name);
      }
      if (std::ranges::find(combination, number) != combination.end()) {
        throw Error{Code::usage,
                    fmt::format("the field {} is twice in a combination", printable(name)), ""};
      }
      combination.push_back(number);
    }
    if (combination.empty()) {
      throw Error{Code::usage, "a combination has no fields", "write FIELD,FIELD"};
    }
    result.push_back(std::move(combination));
  }
  return result;
}

}  // namespace

class LogSurvey::Observer final : public anonymize::RecordObserver {
 public:
  Observer(Format format, const Columns& columns, const LogSurvey& survey)
      : ids_{format, columns, {survey.id_}, survey.key_, true},
        fields_{format, columns, survey.fields_, survey.key_, false},
        directed_{has_directives(format)},
        survey_{survey.fields_.size(), survey.combinations_, survey.question_.sizes},
        values_(survey.fields_.size()) {}

  void begin(std::string_view directives) override {
    ids_.begin(directives);
    fields_.begin(directives);
  }

  void record(std::string_view before, std::string_view after) override {
    const bool readable =
        ids_.read(before, {&id_, 1}) && fields_.read(after, {values_.data(), values_.size()});
    if (directed_ && before.starts_with('#')) {
      return;
    }
    if (!readable) {
      ++unreadable_;
      return;
    }
    survey_.add(values_, id_.whole);
  }

  [[nodiscard]] const Survey& survey() const { return survey_; }
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  FieldReader ids_;
  FieldReader fields_;
  bool directed_;
  Survey survey_;
  HashedValue id_;
  std::vector<HashedValue> values_;
  std::uint64_t unreadable_ = 0;
};

LogSurvey::LogSurvey(LogQuestion question, const HashKey& key)
    : question_{std::move(question)},
      key_{key},
      combinations_{numbered(question_.combinations, fields_)},
      kept_{fields_.size(), combinations_, question_.sizes} {}

LogSurvey::~LogSurvey() = default;

anonymize::RecordObserver* LogSurvey::observer(Format format, const Columns& columns) {
  if (format == Format::plain) {
    throw Error{Code::usage, "plain text has no fields whose risk could be told",
                "name the format with --format or --log-format"};
  }
  if (!question_.id && !is_access_log(format)) {
    throw Error{Code::usage,
                fmt::format("nothing says whose a record is: records of the format {} have no "
                            "field that always does",
                            anonymize::name_of(format)),
                "name the field with --risk-id"};
  }
  id_ = question_.id.value_or("host");
  observers_.push_back(std::make_unique<Observer>(format, columns, *this));
  return observers_.back().get();
}

void LogSurvey::keep() {
  for (const auto& observer : observers_) {
    kept_.merge(observer->survey());
    unreadable_ += observer->unreadable();
  }
  discard();
}

void LogSurvey::discard() {
  observers_.clear();
}

const Survey& LogSurvey::result() const {
  const std::uint64_t records = kept_.records();
  const auto refuse = [](const std::string& field, const char* hint) {
    throw Error{Code::data, fmt::format("no record has a field {}", printable(field)), hint};
  };
  for (std::size_t field = 0; field < fields_.size(); ++field) {
    if (records > 0 && kept_.present()[field] == 0) {
      refuse(fields_[field], "trackier-ctl-anonymize(1), FORMATS, tells what fields are called");
    }
  }
  if (records > 0 && kept_.without_id() == records) {
    refuse(id_, "--risk-id names the field that says whose a record is");
  }
  return kept_;
}

}  // namespace trackier::risk
