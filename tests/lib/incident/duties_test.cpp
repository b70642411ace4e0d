#include "incident/duties.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "history.hpp"

namespace trackier::incident {
namespace {

const law::Law& the_law() {
  static const law::Law law = law::shipped_law();
  return law;
}

std::vector<DutyState> duties_of(const History& history, bool with_all = false) {
  return duties_of(history.incident(), the_law(), with_all);
}

std::optional<DutyState> find(const History& history, std::string_view id, bool with_all = false) {
  for (const DutyState& each : duties_of(history, with_all)) {
    if (each.duty->id == id) {
      return each;
    }
  }
  return std::nullopt;
}

DutyState duty(const History& history, std::string_view id) {
  const auto found = find(history, id, true);
  REQUIRE_MESSAGE(found, id);
  return *found;
}

History detected(std::string_view when = "2026-11-27T22:00:00Z") {
  History history;
  history.add(AnchorSet{"detected", ""}, when);
  history.add(AnchorSet{"aware", "seen"}, when);
  return history;
}

Sent sent(const std::string& of, const std::string& tenant = "", const std::string& draft = "",
          std::uint32_t version = 0, const std::string& country = "") {
  return {.draft = draft,
          .version = version,
          .duty = of,
          .to = {.tenant = tenant, .country = country},
          .channel = "mail",
          .reference = "r"};
}

Approved approved(const std::string& draft, std::uint32_t version = 1) {
  return {.draft = draft, .version = version, .sha256 = "", .because = ""};
}

TEST_CASE("what has a threshold is undecided; what has none is due") {
  const History history = detected();
  CHECK(duty(history, "gdpr.art33-1").progress == Progress::undecided);
  CHECK(duty(history, "gdpr.art33-5").progress == Progress::due);
  CHECK(duty(history, "promise.customer48").progress == Progress::due);
  for (const DutyState& each : duties_of(history, true)) {
    CAPTURE(each.duty->id);
    CHECK(each.progress == (each.duty->is_unconditional ? Progress::due : Progress::undecided));
    CHECK(each.is_open());
  }
}

TEST_CASE("decided: it is due, or it is not") {
  History history = detected();
  history.add(Decided{.duty = "gdpr.art33-1", .notify = true, .because = "tokens"});
  CHECK(duty(history, "gdpr.art33-1").progress == Progress::due);
  history.add(Decided{.duty = "gdpr.art34", .notify = false, .because = "no high risk"});
  const DutyState none = duty(history, "gdpr.art34");
  CHECK(none.progress == Progress::not_due);
  CHECK_FALSE(none.is_open());
  CHECK_FALSE(none.is_late(at("2030-01-01T00:00:00Z")));
  CHECK(duties_of(history).back().progress == Progress::not_due);
}

TEST_CASE("who it is owed to is known when somebody has counted") {
  History history = detected();
  const DutyState waits = duty(history, "promise.customer48");
  CHECK(waits.waits_for_scope);
  CHECK(waits.recipients.empty());
  CHECK_FALSE(duty(history, "gdpr.art33-1").waits_for_scope);
  history.add(scope("S-0001", {counted("acme", 3), counted("none", 0), counted("shop", 1),
                               counted("acme", 1, "DE")}));
  const DutyState counted_now = duty(history, "promise.customer48");
  CHECK_FALSE(counted_now.waits_for_scope);
  CHECK(counted_now.recipients == std::vector<Recipient>{{"acme", ""}, {"shop", ""}});
  CHECK(counted_now.progress == Progress::due);
  CHECK(duty(history, "in.certin").recipients.empty());
}

TEST_CASE("who was promised another notice is owed it, whatever a later count finds") {
  History history = detected();
  history.add(scope("S-0001", {counted("acme", 3), counted("shop", 1)}));
  Drafted first = draft("D-0001", 1, "promise.customer48", "acme");
  first.promises_update = true;
  history.add(first);
  history.add(sent("promise.customer48", "acme", "D-0001", 1));
  history.add(draft("D-0002", 1, "promise.customer48", "shop"));
  history.add(sent("promise.customer48", "shop", "D-0002", 1));
  history.add(scope("S-0002", {counted("bolt", 1)}));
  const DutyState state = duty(history, "promise.customer48");
  CHECK(state.recipients == std::vector<Recipient>{{"bolt", ""}, {"acme", ""}});
  CHECK(state.has_promised_update);
}

TEST_CASE("a deadline by any moment that was moved later stays") {
  History history = detected("2026-11-20T00:00:00Z");
  const auto due = [&](const char* id) { return duty(history, id).due_at(); };
  history.add(AnchorSet{"told_by_processor", "mail"}, "2026-11-19T05:00:00Z");
  CHECK(due("gdpr.art33-1") == at("2026-11-22T05:00:00Z"));
  history.add(AnchorSet{"told_by_processor", "another"}, "2026-11-27T05:00:00Z");
  history.add(AnchorSet{"aware", "another"}, "2026-11-27T05:00:00Z");
  CHECK(due("gdpr.art33-1") == at("2026-11-22T05:00:00Z"));
  history.add(Decided{"sg.pdpa.26d1", true, "many"}, "2026-11-20T05:00:00Z");
  const auto assessed = due("sg.pdpa.26d1");
  REQUIRE(assessed);
  history.add(Decided{"sg.pdpa.26d1", true, "many"}, "2026-11-27T05:00:00Z");
  CHECK(due("sg.pdpa.26d1") == assessed);
  history.add(Decided{"sg.pdpa.26d1", false, "few"}, "2026-11-27T06:00:00Z");
  history.add(Decided{"sg.pdpa.26d1", true, "many after all"}, "2026-11-28T05:00:00Z");
  CHECK(*due("sg.pdpa.26d1") > *assessed);
}

TEST_CASE("each country of the EEA where people are affected has an authority to be told") {
  History history = detected();
  history.add(Decided{.duty = "gdpr.art33-1", .notify = true, .because = "tokens"});
  const auto state = [&] { return duty(history, "gdpr.art33-1"); };
  CHECK(state().recipients.empty());
  history.add(sent("gdpr.art33-1"), "2026-11-28T09:00:00Z");
  CHECK(state().progress == Progress::sent);  // as long as nobody knows better
  history.add(
      scope("S-0001", {counted("acme", 5), counted("acme", 1, "de"), counted("acme", 0, "ES"),
                       counted("acme", 2, "France"), counted("acme", 1, "IN"),
                       counted("acme", 1, "GB"), counted("shop", 1), counted("shop", 1, "DE")}));
  CHECK(state().recipients == std::vector<Recipient>{{"", "DE"}, {"", "FR"}});
  CHECK(state().progress == Progress::due);
  history.add(draft("D-0001", 1, "gdpr.art33-1", "", "DE"));
  CHECK(state().progress == Progress::due);
  history.add(draft("D-0002", 1, "gdpr.art33-1", "", "FR"));
  CHECK(state().progress == Progress::drafted);
  history.add(approved("D-0001"));
  history.add(approved("D-0002"));
  history.add(sent("gdpr.art33-1", "", "D-0001", 1, "DE"), "2026-11-28T10:00:00Z");
  CHECK(state().progress == Progress::approved);
  CHECK(state().sent == 1);
  history.add(sent("gdpr.art33-1", "", "D-0002", 1, "FR"), "2026-11-28T11:00:00Z");
  CHECK(state().progress == Progress::sent);
  CHECK(state().sent_at == at("2026-11-28T11:00:00Z"));
}

TEST_CASE("the authority of the main establishment alone is told when there is one in the EEA") {
  const auto counts =
      scope("S-0001", {counted("acme", 3), counted("acme", 1, "DE"), counted("acme", 2, "FR")});
  const auto told = [](const History& history) { return duty(history, "gdpr.art33-1").recipients; };
  History history = detected();
  history.add(counts);
  history.add(FactSet{.key = "org.establishment", .value = "IE", .about = {}});
  CHECK(told(history) == std::vector<Recipient>{{"", "IE"}});
  for (const char* const elsewhere : {"IN", "none"}) {
    history.add(FactSet{.key = "org.establishment", .value = elsewhere, .about = {}});
    CHECK(told(history) == std::vector<Recipient>{{"", "DE"}, {"", "FR"}});
  }
}

TEST_CASE("a count that finds nobody is for a person to judge") {
  History history = detected();
  history.add(scope("S-0001", {counted("none", 0)}));
  CHECK(duty(history, "promise.customer48").progress == Progress::undecided);
  CHECK(duty(history, "promise.customer48").recipients.empty());
}

TEST_CASE("a duty to customers is as far as the last of them") {
  History history = detected();
  history.add(scope("S-0001", {counted("acme", 3), counted("shop", 1)}));
  const auto progress = [&] { return duty(history, "promise.customer48").progress; };
  history.add(draft("D-0001", 1, "promise.customer48", "acme"));
  CHECK(progress() == Progress::due);
  history.add(draft("D-0002", 1, "promise.customer48", "shop"));
  CHECK(progress() == Progress::drafted);
  history.add(approved("D-0001"));
  CHECK(progress() == Progress::drafted);
  history.add(approved("D-0002"));
  CHECK(progress() == Progress::approved);
  history.add(sent("promise.customer48", "acme", "D-0001", 1), "2026-11-28T10:00:00Z");
  CHECK(progress() == Progress::approved);
  CHECK(duty(history, "promise.customer48").sent == 1);
  history.add(sent("promise.customer48", "shop", "D-0002", 1), "2026-11-28T11:00:00Z");
  const DutyState done = duty(history, "promise.customer48");
  CHECK(done.progress == Progress::sent);
  CHECK(done.sent == 2);
  CHECK(done.sent_at == at("2026-11-28T11:00:00Z"));
  CHECK_FALSE(done.is_open());
  // Another tenant turns up.
  history.add(scope("S-0002", {counted("acme", 3), counted("late", 1), counted("shop", 1)}));
  CHECK(progress() == Progress::due);
  CHECK(duty(history, "promise.customer48").sent == 2);
}

TEST_CASE("a new version has to be approved anew") {
  History history = detected();
  history.add(Decided{.duty = "in.certin", .notify = true, .because = "xi"});
  history.add(draft("D-0001", 1, "in.certin"));
  history.add(approved("D-0001"));
  CHECK(duty(history, "in.certin").progress == Progress::approved);
  history.add(draft("D-0001", 2, "in.certin"));
  CHECK(duty(history, "in.certin").progress == Progress::drafted);
}

TEST_CASE("one notice to a customer serves all duties that the same text is for") {
  History history = detected();
  history.add(scope("S-0001", {counted("acme", 3)}));
  history.add(sent("gdpr.art33-2", "acme"), "2026-11-28T10:00:00Z");
  std::size_t served = 0;
  for (const DutyState& each : duties_of(history, true)) {
    CAPTURE(each.duty->id);
    const bool is_to_customer = each.duty->role == "processor";
    if (is_to_customer) {
      CHECK(each.duty->text == "customer-initial");
      CHECK(each.progress == Progress::sent);
      ++served;
    } else {
      CHECK(each.progress != Progress::sent);
    }
  }
  CHECK(served == 10);
}

TEST_CASE("authorities each want their own, though the text is the same") {
  History history = detected();
  history.add(sent("gdpr.art33-1"), "2026-11-28T10:00:00Z");
  REQUIRE(duty(history, "gdpr.art33-1").duty->text == duty(history, "uk.art33-1").duty->text);
  CHECK(duty(history, "gdpr.art33-1").progress == Progress::sent);  // sent is sent, decided or not
  CHECK(duty(history, "uk.art33-1").progress == Progress::undecided);
  CHECK(duty(history, "gdpr.art34").progress == Progress::undecided);
}

TEST_CASE("a notice to one customer is none to another, and none to an authority") {
  History history = detected();
  history.add(scope("S-0001", {counted("acme", 3), counted("shop", 1)}));
  history.add(sent("gdpr.art33-1", "acme"), "2026-11-28T10:00:00Z");
  CHECK(duty(history, "gdpr.art33-1").progress == Progress::undecided);
  history.add(sent("promise.customer48"), "2026-11-28T10:00:00Z");
  CHECK(duty(history, "promise.customer48").progress == Progress::due);
}

TEST_CASE("a clock that was set later does not move the earlier end") {
  History history;
  history.add(AnchorSet{"detected", ""}, "2026-11-27T22:00:00Z");
  CHECK_FALSE(duty(history, "in.certin").earlier);
  CHECK(duty(history, "in.certin").due_at() == at("2026-11-28T04:00:00Z"));
  history.add(AnchorSet{"detected", "it was another alarm"}, "2026-11-28T09:00:00Z");
  const DutyState moved = duty(history, "in.certin");
  REQUIRE(moved.earlier);
  CHECK(moved.earlier->due_at == at("2026-11-28T04:00:00Z"));
  CHECK(moved.deadline.due_at == at("2026-11-28T15:00:00Z"));
  CHECK(moved.due_at() == at("2026-11-28T04:00:00Z"));
  CHECK(moved.is_late(at("2026-11-28T04:00:01Z")));
  CHECK_FALSE(moved.is_late(at("2026-11-28T04:00:00Z")));
  // Earlier still: then this one counts, and there is no other.
  history.add(AnchorSet{"detected", "the first line of all"}, "2026-11-27T20:00:00Z");
  CHECK_FALSE(duty(history, "in.certin").earlier);
  CHECK(duty(history, "in.certin").due_at() == at("2026-11-28T02:00:00Z"));
}

TEST_CASE("late: due before now and not sent, or sent after it was due") {
  History history = detected();
  history.add(Decided{.duty = "gdpr.art33-1", .notify = true, .because = "x"});
  const Time due = at("2026-11-30T22:00:00Z");
  CHECK(duty(history, "gdpr.art33-1").due_at() == due);
  CHECK_FALSE(duty(history, "gdpr.art33-1").is_late(due));
  CHECK(duty(history, "gdpr.art33-1").is_late(due + std::chrono::seconds{1}));
  History in_time = history;
  in_time.add(sent("gdpr.art33-1"), "2026-11-30T22:00:00Z");
  CHECK_FALSE(duty(in_time, "gdpr.art33-1").is_late(at("2027-01-01T00:00:00Z")));
  History too_late = history;
  too_late.add(sent("gdpr.art33-1"), "2026-11-30T22:00:01Z");
  CHECK(duty(too_late, "gdpr.art33-1").is_late(at("2027-01-01T00:00:00Z")));
  // A second sending does not undo the first.
  in_time.add(sent("gdpr.art33-1"), "2026-12-05T00:00:00Z");
  CHECK_FALSE(duty(in_time, "gdpr.art33-1").is_late(at("2027-01-01T00:00:00Z")));
  CHECK_FALSE(duty(history, "gdpr.art33-5").is_late(at("2030-01-01T00:00:00Z")));  // no number
}

TEST_CASE("a promised update is one until the next notice, which may promise another") {
  History history = detected();
  history.add(scope("S-0001", {counted("acme", 3)}));
  Drafted first = draft("D-0001", 1, "promise.customer48", "acme");
  first.promises_update = true;
  history.add(first);
  CHECK_FALSE(duty(history, "promise.customer48").has_promised_update);
  history.add(sent("promise.customer48", "acme", "D-0001", 1), "2026-11-28T10:00:00Z");
  CHECK(duty(history, "promise.customer48").has_promised_update);
  CHECK(duty(history, "promise.customer48").progress == Progress::sent);
  history.add(draft("D-0002", 1, "promise.customer48", "acme"));
  history.add(sent("promise.customer48", "acme", "D-0002", 1), "2026-11-29T10:00:00Z");
  CHECK_FALSE(duty(history, "promise.customer48").has_promised_update);
  CHECK(duty(history, "promise.customer48").sent_at == at("2026-11-28T10:00:00Z"));
  // Which version was sent is what counts.
  Drafted again = draft("D-0003", 1, "promise.customer48", "acme");
  history.add(again);
  again.version = 2;
  again.promises_update = true;
  history.add(again);
  history.add(sent("promise.customer48", "acme", "D-0003", 1), "2026-11-30T10:00:00Z");
  CHECK_FALSE(duty(history, "promise.customer48").has_promised_update);
}

TEST_CASE("duties are those of the day on which it was detected") {
  const auto has_dpdp = [](const History& history) {
    const std::vector<DutyState> all = duties_of(history, true);
    return std::ranges::count_if(
        all, [](const DutyState& each) { return each.duty->id.starts_with("in.dpdp."); });
  };
  CHECK(has_dpdp(detected()) == 0);
  CHECK(has_dpdp(detected("2027-05-12T23:59:59Z")) == 0);
  CHECK(has_dpdp(detected("2027-05-13T00:00:00Z")) == 3);
  CHECK(has_dpdp(detected("2027-05-13T01:00:00+05:30")) == 0);  // in UTC it is the 12th
  CHECK(has_dpdp(History{}) == 0);  // not detected yet: the day it was opened
  CHECK(day_of_law(History{}.incident()) == parse_day("2026-11-27").value());
  CHECK(day_of_law(detected("2027-05-13T01:00:00+05:30").incident()) ==
        parse_day("2027-05-12").value());
}

TEST_CASE("assessed is each duty for itself: when somebody decided that it is owed") {
  History history = detected();
  CHECK(duty(history, "sg.pdpa.26d1").deadline.kind == law::Deadline::Kind::waits);
  history.add(Decided{.duty = "au.ndb.oaic", .notify = true, .because = "x"},
              "2026-11-28T12:00:00Z");
  CHECK(duty(history, "sg.pdpa.26d1").deadline.kind == law::Deadline::Kind::waits);
  history.add(Decided{.duty = "sg.pdpa.26d1", .notify = true, .because = "500 people"},
              "2026-11-28T17:00:00Z");
  // 17:00 UTC is the 29th in Singapore: the end of the 2nd of December there.
  CHECK(duty(history, "sg.pdpa.26d1").due_at() == at("2026-12-02T23:59:59+08:00"));
  CHECK(duty(history, "sg.pdpa.26d1").progress == Progress::due);
  History no = detected();
  no.add(Decided{.duty = "sg.pdpa.26d1", .notify = false, .because = "nobody"});
  CHECK(duty(no, "sg.pdpa.26d1").deadline.kind == law::Deadline::Kind::waits);
  CHECK(duty(no, "sg.pdpa.26d1").progress == Progress::not_due);
}

TEST_CASE("a duty that follows another waits until that one was sent") {
  History history = detected();
  CHECK(duty(history, "us.ca.ag").deadline.kind == law::Deadline::Kind::waits);
  history.add(sent("us.ca.individuals"), "2026-12-01T07:00:00Z");
  // In Los Angeles it is still the last of November.
  CHECK(duty(history, "us.ca.ag").due_at() == at("2026-12-15T23:59:59-08:00"));
}

TEST_CASE("shown are those that concern the company, and what somebody has touched") {
  const auto names = [](const History& history) {
    std::vector<std::string> found;
    for (const DutyState& each : duties_of(history)) {
      found.push_back(each.duty->id);
    }
    return found;
  };
  const auto has = [&](const History& history, const std::string& id) {
    const auto all = names(history);
    return std::ranges::find(all, id) != all.end();
  };
  const History processor{{"processor"}};
  const History controller{{"controller"}};
  CHECK(has(processor, "promise.customer48"));
  CHECK_FALSE(has(processor, "gdpr.art33-1"));
  CHECK(has(processor, "in.certin"));
  CHECK_FALSE(has(controller, "promise.customer48"));
  CHECK(has(controller, "gdpr.art33-1"));
  CHECK(has(controller, "in.certin"));
  CHECK_FALSE(has(controller, "us.hipaa.60"));
  for (const Event& event :
       {Event{Decided{.duty = "us.hipaa.60", .notify = true, .because = ""}},
        Event{draft("D-0001", 1, "us.hipaa.60")}, Event{sent("us.hipaa.60")}}) {
    History touched{{"processor"}};
    touched.add(event);
    CHECK(has(touched, "us.hipaa.60"));
  }
  CHECK(duties_of(detected(), true).size() == 42 - 3);
}

TEST_CASE("first what is owed now, then by its end, then what waits, then what is done") {
  History history = detected();
  history.add(Decided{.duty = "in.certin", .notify = false, .because = "x"});
  const std::vector<DutyState> all = duties_of(history, true);
  const auto group = [](const DutyState& each) {
    if (!each.is_open()) {
      return 3;
    }
    if (each.deadline.kind == law::Deadline::Kind::now) {
      return 0;
    }
    return each.due_at() ? 1 : 2;
  };
  CHECK(std::ranges::is_sorted(all, {}, group));
  std::vector<Time> ends;
  for (const DutyState& each : all) {
    if (group(each) == 1) {
      ends.push_back(*each.due_at());
    }
  }
  CHECK(ends.size() > 5);
  CHECK(std::ranges::is_sorted(ends));
  CHECK(all.back().duty->id == "in.certin");
}

TEST_CASE("words of progress") {
  CHECK(to_text(Progress::undecided) == "undecided");
  CHECK(to_text(Progress::not_due) == "not due");
  CHECK(to_text(Progress::sent) == "sent");
}

}  // namespace
}  // namespace trackier::incident
