#include "notice_context.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "breach.hpp"
#include "core/text.hpp"
#include "notice_changes.hpp"

namespace trackier::cli {
namespace {

using incident::Fact;
using incident::Known;
using notice::Field;
using notice::Value;

/// The clocks that some authorities want to see, by the end of the field's name.
struct Clock {
  const char* suffix;
  const char* zone;
};
constexpr std::array<Clock, 2> clocks{{{"_ist", "Asia/Kolkata"}, {"_sgt", "Asia/Singapore"}}};

class Filler {
 public:
  Filler(Context& context, const IncidentDesk& desk, const NoticeFor& notice)
      : context_(context),
        desk_(desk),
        notice_(notice),
        incident_(notice.incident),
        duties_(incident::duties_of(notice.incident, desk.law(), true)) {}

  Value all() {
    take_settings();
    take_authority();
    take_incident();
    take_times();
    take_scope();
    take_severity();
    take_duties();
    take_previous();
    for (const Field& field : notice_.text.rules.fields) {
      take_fact(field);
    }
    if (notice_.previous_text != nullptr) {  // what it said may have changed
      for (const Field& field : notice_.previous_text->rules.fields) {
        if (notice_.text.rules.find(field.name) == nullptr) {
          take_fact(field);
        }
      }
    }
    // Where it goes is in no text, and fixed with the version all the same.
    take_fact({.name = notice_.to.tenant.empty() ? "authority.email" : "customer.email",
               .when = {},
               .item_fields = {}});
    take_flags();
    take_unknowns();
    take_changes();
    return std::move(value_);
  }

 private:
  void take_settings() {
    for (const auto& [name, text] : context_.settings().breach.facts) {
      value_.set(name, text);
    }
    if (notice_.to.tenant.empty()) {
      return;
    }
    value_.set("customer.tenant_id", notice_.to.tenant);
    const auto tenant = context_.settings().tenants.find(notice_.to.tenant);
    if (tenant != context_.settings().tenants.end()) {
      set_if("customer.name", tenant->second.customer);
      set_if("customer.contact_name", tenant->second.contact_name);
      set_if("customer.email", tenant->second.contact_email);
    }
  }

  void take_authority() {
    const law::Authorities* const authorities = desk_.law().authorities_for(notice_.duty);
    if (authorities == nullptr || notice_.to.country.empty()) {
      return;
    }
    const law::Authority& authority = authorities->at(notice_.to.country);
    value_.set("authority.name", fmt::format("{} ({})", authority.name, authority.country));
    std::vector<std::string> others;
    for (const incident::Recipient& each : notice_.all) {
      if (each != notice_.to) {
        others.push_back(authorities->at(each.country).country);
      }
    }
    if (!others.empty()) {
      value_.set("authority.others", fmt::format("those of {}", fmt::join(others, ", ")));
    }
  }

  void take_incident() {
    value_.set("incident.ref", incident_.id);
    value_.set("incident.title", incident_.opened.title);
    value_.set("incident.state", incident_.state);
    value_.set("org.role", fmt::format("{}", fmt::join(incident_.opened.roles, " and ")));
    value_.set("notification.law", notice_.duty.law);
    value_.set("notification.type",
               notice_.previous == nullptr ? "initial notification" : "follow-up notification");
    value_.set("chain.head", incident_.head);
    value_.set("chain.length", fmt::format("{}", incident_.length));
    value_.set("chain.verified_at", time_text(desk_.now(), desk_.zone()));
  }

  void set_time(const std::string& name, const std::optional<Time>& time) {
    if (!time) {
      return;
    }
    value_.set(name, time_text(*time, desk_.zone()));
    for (const Clock& clock : clocks) {
      value_.set(name + clock.suffix, time_text(*time, os::Zone{clock.zone}));
    }
  }

  void take_times() {
    set_time("times.notice", desk_.now());
    const std::string today = to_text(LocalTime{desk_.now().time_since_epoch()});
    value_.set("times.notice_date", today.substr(0, today.rfind(' ')));
    for (const char* const anchor : {"detected", "aware"}) {
      set_time(std::string{"times."} + anchor, incident_.anchor(anchor));
    }
    const auto due = [&](const char* duty) -> std::optional<Time> {
      for (const auto& state : duties_) {
        if (state.duty->id == duty) {
          return state.due_at();
        }
      }
      return std::nullopt;
    };
    set_time("times.promise_due", due("promise.customer48"));
    set_time("times.art33_due",
             due(notice_.duty.id == "uk.art33-1" ? "uk.art33-1" : "gdpr.art33-1"));
    set_time("times.certin_due", due("in.certin"));
    set_time("times.dpdp_due", due("in.dpdp.board-72h"));
    set_time("times.pdpc_due", due("sg.pdpa.26d1"));
    const auto assessed = incident_.decisions.find(notice_.duty.id);
    if (assessed != incident_.decisions.end() && assessed->second.decided.notify) {
      set_time("times.assessed", assessed->second.entry.at.time);
    }
    if (const auto detected = incident_.anchor("detected")) {
      value_.set("notice.elapsed", left_text(desk_.now() - *detected));
    }
  }

  static Value phased(const std::string& value, const std::string& basis) {
    return Value::Object{{"value", value}, {"basis", basis}};
  }

  static std::string between(std::uint64_t least, std::uint64_t most) {
    return least == most ? grouped(least)
                         : fmt::format("between {} and {}", grouped(least), grouped(most));
  }

  void take_scope() {
    const incident::ScopeRun* const run = incident_.scope();
    if (run == nullptr) {
      return;
    }
    value_.set("scope.run_id", run->counted.run);
    value_.set("scope.counted_at", time_text(run->entry.recorded, desk_.zone()));
    std::uint64_t records = 0;
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> countries;
    for (const incident::Counted& each : run->counted.counts) {
      if (!notice_.to.tenant.empty() && each.tenant != notice_.to.tenant) {
        continue;
      }
      if (each.country.empty()) {
        records += each.records;
        least += each.people_lower;
        most += each.people_upper;
      } else {
        countries[each.country].first += each.people_lower;
        countries[each.country].second += each.people_upper;
      }
    }
    const std::string basis = "counted from our logs, run " + run->counted.run;
    value_.set("records", phased(grouped(records), basis));
    // The same person may be at several customers: the least of all is that of one.
    value_.set("subjects",
               phased(between(least, most),
                      notice_.to.tenant.empty() && least > 0
                          ? basis + "; people known to several customers are counted for each"
                          : basis));
    Value::List list;
    for (const auto& [name, people] : countries) {
      list.emplace_back(
          Value::Object{{"name", name}, {"count", between(people.first, people.second)}});
    }
    value_.set("countries", std::move(list));
  }

  void take_severity() {
    const incident::Severity* severity = incident_.severity_of(notice_.to.tenant);
    if (notice_.to.tenant.empty()) {  // the worst of all
      for (const auto& [tenant, each] : incident_.severities) {
        if (severity == nullptr || breach_verbs::assessment_of(each.scored).quarters() >
                                       breach_verbs::assessment_of(severity->scored).quarters()) {
          severity = &each;
        }
      }
    }
    if (severity == nullptr) {
      return;
    }
    const law::Assessment made = breach_verbs::assessment_of(severity->scored);
    value_.set("severity.score", law::quarters_text(made.quarters()));
    value_.set("severity.level", std::string{law::to_text(made.level())});
    value_.set("severity.formula", made.formula());
    value_.set("severity.reasons", severity->scored.because);
    value_.set("severity.flags", breach_verbs::severity_flags(incident_, *severity));
  }

  void take_duties() {
    Value::List list;
    for (const auto& state : duties_) {
      if (!state.duty->is_default || !incident::concerns(incident_, *state.duty)) {
        continue;
      }
      const auto decision = incident_.decisions.find(state.duty->id);
      const bool is_decided = decision != incident_.decisions.end();
      const auto due = state.due_at();
      list.emplace_back(Value::Object{
          {"id", state.duty->id},
          {"decision", std::string{incident::to_text(state.progress)}},
          {"by", is_decided ? decision->second.entry.by.name : "rule: owed without a threshold"},
          {"why", is_decided ? decision->second.decided.because : state.deadline.why},
          {"due", due ? time_text(*due, desk_.zone()) : "without undue delay"},
          {"sent", state.sent_at ? time_text(*state.sent_at, desk_.zone()) : "not sent"}});
    }
    value_.set("duties", std::move(list));
  }

  void take_previous() {
    if (notice_.previous == nullptr) {
      value_.set("notice.number", "1");
      return;
    }
    const auto& sendings = notice_.previous->sendings;
    std::size_t before = 0;
    for (const auto& each : incident_.sendings) {
      if (each.sent.to == notice_.to && each.sent.duty == notice_.duty.id) {
        ++before;
      }
    }
    value_.set("notice.number", fmt::format("{}", before + 1));
    value_.set("previous.number", fmt::format("{}", before));
    value_.set("previous.sent", time_text(sendings.back().entry.at.time, desk_.zone()));
  }

  /// What somebody has told goes before what was computed.
  void take_fact(const Field& field) {
    const Fact* const fact = incident_.fact(field.name, notice_.to);
    const bool is_name_of_another = field.name == "authority.name" && notice_.all.size() > 1 &&
                                    fact != nullptr && fact->set.about != notice_.to;
    if (fact == nullptr || is_name_of_another) {
      return;
    }
    switch (field.kind) {
      case Field::Kind::text:
        if (fact->set.known == Known::unknown) {
          value_.erase(field.name);
        } else {
          value_.set(field.name, fact->set.value);
        }
        return;
      case Field::Kind::phased:
        take_phased(field.name, fact->set);
        return;
      case Field::Kind::list:
      case Field::Kind::list_optional:
        value_.set(field.name, notice::parse(fact->set.value, "the fact " + field.name));
        return;
      case Field::Kind::flag:
        if (fact->set.value != "true" && fact->set.value != "false") {
          throw Error{Code::data, fmt::format("the fact {} is neither true nor false", field.name)};
        }
        value_.set(field.name, fact->set.value == "true");
        return;
    }
  }

  void take_phased(const std::string& name, const incident::FactSet& set) {
    if (set.known == Known::unknown) {
      value_.set(name, Value::Object{{"unknown", true},
                                     {"reason", set.reason},
                                     {"expected_by", expected(set.expected_by)}});
      return;
    }
    const auto moment = parse_moment(set.value);
    const std::string value = moment ? time_text(moment->time, desk_.zone()) : set.value;
    std::string basis = set.basis.empty() ? "established" : set.basis;
    if (set.known == Known::estimate) {
      basis = "estimate: " + basis;
    }
    value_.set(name, phased(value, basis));
  }

  [[nodiscard]] std::string expected(const std::string& text) const {
    const auto moment = parse_moment(text);
    return moment ? time_text(moment->time, desk_.zone()) : text;
  }

  void set_flag_if_absent(const char* name, bool flag) {
    if (value_.find(name) == nullptr) {
      value_.set(name, flag);
    }
  }

  void take_flags() {
    bool is_late = false;
    for (const auto& state : duties_) {
      const auto due = state.due_at();
      if (state.duty->id == notice_.duty.id && due && desk_.now() > *due &&
          notice_.previous == nullptr) {
        is_late = true;
        value_.set("late.by", left_text(desk_.now() - *due));
      }
    }
    value_.set("is_late", is_late);
    value_.set("is_followup", notice_.previous != nullptr);
    value_.set("is_detailed", notice_.duty.id == "in.dpdp.board-72h");
    set_flag_if_absent("is_final", false);
    set_flag_if_absent("has_extension", false);
    set_flag_if_absent("will_notify_individuals", true);
  }

  void take_unknowns() {
    Value::List list;
    for (const auto& [name, fact] : incident_.facts) {
      if (fact.set.known == Known::unknown && incident_.fact(name.first, notice_.to) == &fact) {
        std::string what = name.first;
        std::ranges::replace(what, '_', ' ');
        list.emplace_back(
            Value::Object{{"what", what}, {"expected_by", expected(fact.set.expected_by)}});
      }
    }
    if (value_.find("unknowns") == nullptr) {
      value_.set("unknowns", std::move(list));
    }
  }

  void take_changes() {
    value_.set("changes", notice_.previous == nullptr
                              ? Value::List{}
                              : notice_changes(notice::parse(notice_.previous->newest().context),
                                               value_, notice_.previous_text->rules));
  }

  void set_if(const std::string& name, const std::string& text) {
    if (!text.empty()) {
      value_.set(name, text);
    }
  }

  Context& context_;
  const IncidentDesk& desk_;
  const NoticeFor& notice_;
  const incident::Incident& incident_;
  std::vector<incident::DutyState> duties_;  ///< all of them
  Value value_;
};

}  // namespace

notice::Value notice_context(Context& context, const IncidentDesk& desk, const NoticeFor& notice) {
  return Filler{context, desk, notice}.all();
}

notice::TemplateSet notice_texts(Context& context) {
  const std::string& directory = context.settings().breach.texts;
  return directory.empty() ? notice::TemplateSet::shipped()
                           : notice::TemplateSet::load(context.files(), directory);
}

}  // namespace trackier::cli
