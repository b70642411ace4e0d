#include "risk/log_survey.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/text.hpp"
#include "risk/record_values.hpp"

namespace trackier::risk {
namespace {

using anonymize::Columns;
using anonymize::Format;

bool is_access_log(Format format) {
  return format == Format::common || format == Format::combined;
}

/// Lines that say what columns there are, and are no records.
bool has_directives(Format format) {
  return format == Format::w3c || format == Format::cloudfront || format == Format::zeek;
}

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
      : values_{format, columns, {.id = survey.id_, .fields = survey.fields_}, survey.key_},
        directed_{has_directives(format)},
        survey_{survey.fields_.size(), survey.combinations_, survey.question_.sizes} {}

  void begin(std::string_view directives) override { values_.begin(directives); }

  void record(std::string_view before, std::string_view after,
              std::span<const anonymize::Edit> edits) override {
    const bool readable = values_.read(before, after, edits);
    if (directed_ && before.starts_with('#')) {
      return;
    }
    if (!readable) {
      ++unreadable_;
      return;
    }
    survey_.add(values_.values(), values_.id());
  }

  [[nodiscard]] const Survey& survey() const { return survey_; }
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  RecordValues values_;
  bool directed_;
  Survey survey_;
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
