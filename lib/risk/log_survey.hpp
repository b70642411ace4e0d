#pragma once
/// The survey of a run: what each worker's observer sees of the records that go by.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "anonymize/record_observer.hpp"
#include "risk/survey.hpp"

namespace trackier::risk {

/// What is to be measured.
struct LogQuestion {
  /// Names of fields as rules of a profile have them, see anonymize::FieldRule::selector.
  std::vector<std::vector<std::string>> combinations;
  /// The field that says whose a record is; none: host, which access logs have.
  std::optional<std::string> id;
  SketchSizes sizes;
};

/// Ids are read from records as they were, for who hides them must not seem to be fewer or more;
/// the combinations from records as they are written. Files that are observed one after the other
/// are measured together.
class LogSurvey {
 public:
  /// key: random bytes of the run. Throws Error{Code::usage} for a combination without fields, or
  /// with one twice.
  LogSurvey(LogQuestion question, const HashKey& key);
  ~LogSurvey();
  LogSurvey(const LogSurvey&) = delete;
  LogSurvey& operator=(const LogSurvey&) = delete;
  LogSurvey(LogSurvey&&) = delete;
  LogSurvey& operator=(LogSurvey&&) = delete;

  /// See anonymize::MakeObserver. Throws Error{Code::usage} for plain text, and for a format that
  /// does not tell whose a record is when the question does not either.
  anonymize::RecordObserver* observer(anonymize::Format format, const anonymize::Columns& columns);

  /// A run is over. keep() adds what its observers have seen to that of the runs before, discard()
  /// forgets it; the observers are gone.
  void keep();
  void discard();

  /// What was kept. Throws Error{Code::data} when there were
  /// records, and none had one of the fields: a risk without it would seem smaller than it is.
  [[nodiscard]] const Survey& result() const;

  /// The names of the fields of a survey, in the order of their numbers.
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }

  /// The field that was taken for the id; empty as long as nothing was observed.
  [[nodiscard]] const std::string& id() const { return id_; }

  /// Records of the format that could not be read again after they were written.
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  class Observer;

  LogQuestion question_;
  HashKey key_;
  std::vector<std::string> fields_;
  std::vector<Combination> combinations_;
  std::string id_;
  std::vector<std::unique_ptr<Observer>> observers_;
  Survey kept_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace trackier::risk
