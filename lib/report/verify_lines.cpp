#include "report/verify_lines.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/text.hpp"
#include "report/cited.hpp"

namespace trackier::report {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error{Code::data, why};
}

bool is_outcome_of(const audit::Record& record, std::string_view operation) {
  return record.phase == audit::Phase::outcome && record.operation == operation;
}

class LineCheck {
 public:
  LineCheck(const Item& item, const Report& report, const CitedRecords& records)
      : item_(item), report_(report), records_(records) {}

  void all() const {
    if (item_.kind == Kind::slots && item_.problem.empty()) {
      expect_every_slot();
    }
    const Line* before = nullptr;
    for (const Line& each : item_.lines) {
      doing(printable(each.subject), [&] {
        const audit::Record* const record = record_of(each);
        check(each, record);
        const bool by_record = item_.kind == Kind::checks || item_.kind == Kind::runs;
        if (by_record && before != nullptr && *before->record >= *each.record) {
          refuse("is there twice, or out of order");
        }
      });
      before = &each;
    }
  }

 private:
  [[nodiscard]] const audit::Record* record_of(const Line& line) const {
    if (!line.record) {
      return nullptr;
    }
    const auto found = records_.find(*line.record);
    if (found == records_.end()) {
      refuse(fmt::format("its record {} is not in the report", *line.record));
    }
    return &found->second;
  }

  void check(const Line& line, const audit::Record* record) const {
    switch (item_.kind) {
      case Kind::slots:
        return check_slot(line, record);
      case Kind::checks:
        return expect(record != nullptr && is_in_period(*record) &&
                      check_line(item_.id, *record) == line);
      case Kind::drills:
        return expect(record == nullptr ||
                      (is_outcome_of(*record, "verify") && names(*record, "proof", line.digest)));
      case Kind::ages:
        return expect(line.at && item_.most && record == nullptr && line.remark.empty() &&
                      line == age_line(line.subject, *line.at, *item_.most, report_.to));
      case Kind::runs:
      case Kind::manual:
        return expect(record != nullptr && is_in_period(*record) && belongs(item_.id, *record) &&
                      run_line(*record) == line);
      case Kind::incidents:
        return check_incident(line);
      case Kind::log:
        return expect(record == nullptr ||
                      (record->phase == audit::Phase::recover && line.state == "recovered" &&
                       line.subject == record->operation));
      case Kind::settings:
      case Kind::exercises:
        return expect(record == nullptr);
    }
  }

  void check_slot(const Line& line, const audit::Record* record) const {
    const Time slot = slot_of(line);
    const bool has_backup = line.state == "taken" || line.state == "late";
    if (record == nullptr) {
      return expect(!has_backup && (line.state == "missing" || line.state == "damaged" ||
                                    line.state == "unrecorded"));
    }
    expect(line.at && is_outcome_of(*record, "backup") && names(*record, "backup", line.digest));
    expect(*line.at >= slot && *line.at < slot + 2 * *item_.every &&
           *line.at <= second_of(*record));
    const bool began_here =
        item_.since && *item_.since >= slot && *item_.since < slot + *item_.every;
    const Time last = began_here ? slot + *item_.every : slot + *item_.every / 2;
    expect(line.state == "damaged" || line.state == (*line.at < last ? "taken" : "late"));
  }

  void check_incident(const Line& line) const {
    if (line.state == "none to tell") {
      return expect(!line.at);
    }
    expect(line.due.has_value());
    Line again = incident_line(line.subject, *line.due, line.at, report_.to);
    again.remark = line.remark;
    expect(again == line);
  }

  [[nodiscard]] static Time slot_of(const Line& line) {
    const auto slot = parse_rfc3339(line.subject);
    if (!slot) {
      refuse("is no slot");
    }
    return *slot;
  }

  /// One after the other from the beginning of the period, or of the source, to its end.
  void expect_every_slot() const {
    if (item_.lines.empty()) {
      return;
    }
    if (!item_.every || !item_.since) {
      refuse("it is not said how long its slots are");
    }
    const Time first = slot_of(item_.lines.front());
    const Time last = slot_of(item_.lines.back());
    const bool begins = *item_.since >= report_.from
                            ? first <= *item_.since && *item_.since < first + *item_.every
                            : first >= report_.from && first < report_.from + *item_.every;
    const bool ends = last + *item_.every <= report_.to && report_.to < last + 2 * *item_.every;
    Time expected = first;
    for (const Line& each : item_.lines) {
      if (slot_of(each) != expected) {
        refuse(fmt::format("the slot {} is missing", to_rfc3339(expected)));
      }
      expected += *item_.every;
    }
    if (!begins || !ends) {
      refuse("its slots do not fill the period");
    }
  }

  [[nodiscard]] bool is_in_period(const audit::Record& record) const {
    return second_of(record) >= report_.from && second_of(record) < report_.to;
  }

  static void expect(bool holds) {
    if (!holds) {
      refuse("is not what its record, or its own times, say");
    }
  }

  const Item& item_;
  const Report& report_;
  const CitedRecords& records_;
};

}  // namespace

void check_lines(const Item& item, const Report& report, const CitedRecords& records) {
  LineCheck{item, report, records}.all();
}

}  // namespace trackier::report
