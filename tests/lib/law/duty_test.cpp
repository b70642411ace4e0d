#include "law/duty.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/time.hpp"
#include "shipped/shipped.hpp"
#include "support/errors.hpp"

namespace trackier::law {
namespace {

using nlohmann::json;
using test::contains;
using test::error_of;
using test::message_of;

std::chrono::year_month_day day(std::string_view text) {
  return parse_day(text).value();
}

json shipped_json(std::string_view name) {
  return json::parse(shipped::file(name).value());
}

json row(const std::string& id) {
  return {{"id", id},
          {"law", "Law"},
          {"text_date", "2026"},
          {"role", "controller"},
          {"recipient", "somebody"},
          {"trigger", "a breach"},
          {"anchor", "aware"},
          {"period", {{"n", 72}, {"unit", "hours"}}},
          {"zone", "UTC"},
          {"end", "instant"},
          {"roll", "none"},
          {"confidence", "H"},
          {"source", "the text"}};
}

json regimes(const std::vector<json>& rows) {
  return {{"schema", "trackier-ctl/breach-regimes/1"},
          {"law_snapshot", "2026-11-23"},
          {"disclaimer", "no advice"},
          {"anchors", {{"aware", "when one knows"}, {"detected", "the first sign"}}},
          {"regimes", rows}};
}

json holidays() {
  return {{"schema", "trackier-ctl/holidays/1"}, {"source", "x"}, {"zones", json::object()}};
}

Law parse(const json& all) {
  return parse_law({.text = all.dump(), .name = "my.json"},
                   {.text = holidays().dump(), .name = "holidays.json"});
}

Error refused(const json& all) {
  const Error error = error_of([&] { parse(all); });
  CHECK(error.code() == Code::config);
  CHECK(message_of(error).starts_with("my.json: "));
  return error;
}

/// What is wrong with a row in which a member is another.
Error refused(const std::string& member, const json& value) {
  json changed = row("a.b");
  changed[member] = value;
  return refused(regimes({changed}));
}

TEST_CASE("the law that the program carries has 42 duties, each once") {
  const Law law = shipped_law();
  CHECK(law.duties.size() == 42);
  CHECK(law.snapshot == "2026-11-23");
  CHECK_FALSE(law.disclaimer.empty());
  std::set<std::string> ids;
  for (const Duty& duty : law.duties) {
    CAPTURE(duty.id);
    CHECK(ids.insert(duty.id).second);
    CHECK_FALSE(duty.law.empty());
    CHECK_FALSE(duty.source.empty());
    law.expect(duty.id);
    CHECK((duty.period || !duty.ends_with_day));
    CHECK((duty.role != "processor" || (duty.is_unconditional && !duty.text.empty())));
  }
}

TEST_CASE("every model text that a duty names is there, and names the duty") {
  const json texts = shipped_json("manifest.json").at("templates");
  for (const Duty& duty : shipped_law().duties) {
    if (duty.text.empty()) {
      continue;
    }
    CAPTURE(duty.id);
    REQUIRE(texts.contains(duty.text));
    const json& text = texts.at(duty.text);
    CHECK(shipped::file(text.at("file").get<std::string>()));
    const auto named = text.at("regimes").get<std::set<std::string>>();
    CHECK(named.contains(duty.id));
  }
}

TEST_CASE("model texts name duties that are there") {
  const Law law = shipped_law();
  const json texts = shipped_json("manifest.json").at("templates");
  for (const auto& text : texts.items()) {
    for (const std::string id : text.value().value("regimes", json::array())) {
      CAPTURE(text.key());
      CAPTURE(id);
      CHECK_NOTHROW(law.expect(id));
    }
  }
}

TEST_CASE("a duty has what its row says") {
  const Law law = shipped_law();
  const Duty* const sec = law.find("us.sec.8k105", day("2026-11-26"));
  REQUIRE(sec != nullptr);
  REQUIRE(sec->period);
  CHECK(sec->period->n == 4);
  CHECK(sec->period->unit == Unit::business_days);
  CHECK(sec->zone == "America/New_York");
  CHECK(sec->ends_with_day);
  CHECK_FALSE(sec->is_default);
  CHECK_FALSE(sec->is_unconditional);
  const Duty* const gdpr = law.find("gdpr.art33-1", day("2026-11-26"));
  REQUIRE(gdpr != nullptr);
  CHECK(gdpr->has_outer_limit);
  CHECK(gdpr->is_default);
  CHECK(gdpr->late_rule == "reasons for delay must accompany the notice");
  CHECK(gdpr->text == "gdpr-art33");
  CHECK_FALSE(gdpr->soft_target_hours);
  const Duty* const dora = law.find("eu.dora.initial", day("2026-11-26"));
  REQUIRE(dora != nullptr);
  REQUIRE(dora->cap);
  CHECK(dora->cap->first == "aware");
  CHECK(dora->cap->second.n == 24);
  CHECK(law.find("gdpr.art34", day("2026-11-26"))->soft_target_hours == 72);
  CHECK_FALSE(law.find("gdpr.art34", day("2026-11-26"))->period);
}

TEST_CASE("rows are in force from their first day to their last") {
  const Law law = shipped_law();
  CHECK(law.find("in.dpdp.board-72h", day("2027-05-12")) == nullptr);
  CHECK(law.find("in.dpdp.board-72h", day("2027-05-13")) != nullptr);
  CHECK(law.in_force(day("2026-11-26")).size() == 39);
  CHECK(law.in_force(day("2027-05-13")).size() == 42);
  CHECK(law.find("no.such", day("2026-11-26")) == nullptr);

  json before = row("a.b");
  before["in_force_until"] = "2026-12-31";
  json after = row("a.b");
  after["in_force_from"] = "2027-01-01";
  after["period"]["n"] = 96;
  for (const auto& rows : {std::vector{before, after}, std::vector{after, before}}) {
    const Law split = parse(regimes(rows));
    CHECK(split.find("a.b", day("2026-12-31"))->period->n == 72);
    CHECK(split.find("a.b", day("2027-01-01"))->period->n == 96);
    CHECK(split.in_force(day("2026-12-31")).size() == 1);
  }
  json between = row("a.b");
  between["in_force_from"] = "2027-01-01";
  between["in_force_until"] = "2027-01-01";
  after["in_force_from"] = "2027-01-02";
  CHECK(parse(regimes({before, between, after})).in_force(day("2027-01-01")).size() == 1);
}

TEST_CASE("two rows of one duty at the same time are refused") {
  const auto with = [](const char* from, const char* until) {
    json made = row("a.b");
    made["in_force_from"] = from == nullptr ? json(nullptr) : json(from);
    made["in_force_until"] = until == nullptr ? json(nullptr) : json(until);
    return made;
  };
  struct Pair {
    json one;
    json other;
  };
  for (const Pair& each : {Pair{row("a.b"), row("a.b")},
                           Pair{with(nullptr, "2027-01-01"), with("2027-01-01", nullptr)},
                           Pair{with("2027-01-01", nullptr), with("2028-01-01", nullptr)},
                           Pair{with(nullptr, "2027-01-01"), with(nullptr, "2026-01-01")},
                           Pair{with("2026-01-01", "2028-01-01"), with("2027-01-01", "2027-02-01")},
                           Pair{with("2026-01-01", "2028-01-01"), row("a.b")}}) {
    for (const auto& rows :
         {std::vector{each.one, each.other}, std::vector{each.other, row("c.d"), each.one}}) {
      const Error error = refused(regimes(rows));
      CHECK(message_of(error) == "my.json: a.b is there twice at the same time");
      CHECK(contains(error.hint(), "in_force_until"));
    }
  }
}

TEST_CASE("members that are missing are named, with their duty") {
  for (const char* const member : {"law", "text_date", "role", "recipient", "trigger", "anchor",
                                   "zone", "end", "roll", "confidence", "source"}) {
    CAPTURE(member);
    json less = row("a.b");
    less.erase(member);
    CHECK(message_of(refused(regimes({row("x"), less}))) ==
          "my.json: regime 2: a.b: " + std::string{member} + " is missing");
    less[member] = 3;
    CHECK(message_of(refused(regimes({less}))) ==
          "my.json: regime 1: a.b: " + std::string{member} + ": is no text");
    less[member] = "";
    CHECK(message_of(refused(regimes({less}))) ==
          "my.json: regime 1: a.b: " + std::string{member} + ": is no text");
  }
  json nameless = row("a.b");
  nameless.erase("id");
  CHECK(message_of(refused(regimes({nameless}))) == "my.json: regime 1: id is missing");
  for (const char* const member : {"law_snapshot", "disclaimer", "anchors", "regimes"}) {
    CAPTURE(member);
    json less = regimes({row("a.b")});
    less.erase(member);
    CHECK(message_of(refused(less)) == "my.json: " + std::string{member} + " is missing");
  }
}

TEST_CASE("members that nobody knows are named, with the nearest") {
  const Error error = refused("anchr", "aware");
  CHECK(message_of(error) == "my.json: regime 1: a.b: anchr: is not known");
  CHECK(error.hint() == "did you mean anchor?");
  CHECK(refused("something_else_entirely", 1).hint().empty());
  CHECK(message_of(refused("period", {{"n", 1}, {"unit", "hours"}, {"zone", "UTC"}})) ==
        "my.json: regime 1: a.b: period: zone: is not known");
  CHECK(message_of(refused("cap", {{"anchor", "aware"}, {"n", 1}, {"unit", "hours"}, {"m", 1}})) ==
        "my.json: regime 1: a.b: cap: m: is not known");
  json more = regimes({row("a.b")});
  more["regime"] = 1;
  CHECK(refused(more).hint() == "did you mean regimes?");
}

TEST_CASE("values that make no sense are named, with what would do") {
  struct Case {
    const char* member;
    json value;
    const char* message;
    const char* hint;
  };
  for (const Case& each : std::vector<Case>{
           {"period",
            {{"n", 3}, {"unit", "days"}},
            "period: unit: days is no unit",
            "calendar_days"},
           {"period",
            {{"n", 0}, {"unit", "hours"}},
            "period: n: is no whole number of 1 to 3660",
            ""},
           {"period",
            {{"n", 3661}, {"unit", "hours"}},
            "period: n: is no whole number of 1 to 3660",
            ""},
           {"period",
            {{"n", 1.5}, {"unit", "hours"}},
            "period: n: is no whole number of 1 to 3660",
            ""},
           {"period",
            {{"n", 18446744073709551615U}, {"unit", "hours"}},
            "period: n: is no whole number of 1 to 3660",
            ""},
           {"period", {{"unit", "hours"}}, "period: n is missing", ""},
           {"period", 72, "period: not a JSON object", ""},
           {"cap", {{"n", 1}, {"unit", "hours"}}, "cap: anchor is missing", ""},
           {"end", "midnight", "end: midnight is not known", "instant, end_of_local_day"},
           {"roll", "forward", "roll: forward is not known", "none"},
           {"confidence", "h", "confidence: h is not known", "H, M, L"},
           {"outer", "eu", "outer: eu is not known", "eu1182"},
           {"default_on", "yes", "default_on: is neither true nor false", ""},
           {"unconditional", 1, "unconditional: is neither true nor false", ""},
           {"soft_target_hours", 0, "soft_target_hours: is no whole number of 1 to 10000", ""},
           {"in_force_from", "2027-02-29", "in_force_from: is no day", "2027-05-13"},
           {"in_force_until", "tomorrow", "in_force_until: is no day", "2027-05-13"},
           {"zone", "Europe/Berlim", "zone: there is no time zone Europe/Berlim", "Europe/Berlin"},
           {"zone", "../etc/passwd", "zone: there is no time zone ../etc/passwd", ""},
           {"template", 3, "template: is no text", ""},
       }) {
    CAPTURE(each.value.dump());
    const Error error = refused(each.member, each.value);
    CHECK(message_of(error) == std::string{"my.json: regime 1: a.b: "} + each.message);
    CHECK(contains(error.hint(), each.hint));
  }
}

TEST_CASE("anchors are those of the file, or sendings of its duties") {
  const Error error = refused("anchor", "awre");
  CHECK(message_of(error) == "my.json: a.b: there is no anchor awre");
  CHECK(contains(error.hint(), "anchors are listed"));
  CHECK(message_of(refused("anchor", "sent:no.such")) ==
        "my.json: a.b: there is no anchor sent:no.such");
  CHECK(message_of(refused("anchor", "sent:")) == "my.json: a.b: there is no anchor sent:");
  CHECK(message_of(refused("cap", {{"anchor", "x"}, {"n", 1}, {"unit", "hours"}})) ==
        "my.json: a.b: there is no anchor x");
  json follows = row("c.d");
  follows["anchor"] = "sent:a.b";
  CHECK(parse(regimes({follows, row("a.b")})).duties.size() == 2);
}

TEST_CASE("authorities are those of groups of countries") {
  const Law law = shipped_law();
  const Duty* const art33 = law.find("gdpr.art33-1", day("2026-11-27"));
  const Authorities* const eea = law.authorities_for(*art33);
  REQUIRE(eea != nullptr);
  CHECK(eea->size() == 30);  // 27 of the Union, Iceland, Liechtenstein, Norway
  CHECK(eea->at("IE").country == "Ireland");
  CHECK(eea->at("IE").name == "Data Protection Commission");
  CHECK_FALSE(eea->contains("GB"));
  CHECK(law.authorities_for(*law.find("uk.art33-1", day("2026-11-27"))) == nullptr);

  json changed = regimes({row("a.b")});
  changed["regimes"][0]["authorities"] = "EEA";
  CHECK(message_of(refused(changed)) == "my.json: a.b: there are no authorities EEA");
  changed["authorities"] = {{"EEA", {{"at", {{"country", "Austria"}, {"name", "x"}}}}}};
  CHECK(contains(message_of(refused(changed)), "at is no code of a country"));
  changed["authorities"] = {{"EEA", {{"AT", {{"country", "Austria"}}}}}};
  CHECK(contains(message_of(refused(changed)), "name"));
  changed["authorities"] = {{"EEA", {{"AT", {{"country", "Austria"}, {"name", "x"}, {"e", "y"}}}}}};
  CHECK(contains(message_of(refused(changed)), "e"));
  changed["authorities"] = {{"EEA", json::array()}};
  refused(changed);
  changed["authorities"] = json::array();
  refused(changed);
}

TEST_CASE("what is no such file is told with its place") {
  const auto why = [](const std::string& text) {
    const Error error = error_of([&] {
      parse_law({.text = text, .name = "my.json"},
                {.text = holidays().dump(), .name = "holidays.json"});
    });
    CHECK(error.code() == Code::config);
    return message_of(error);
  };
  CHECK(why("") == "my.json:1:0: not JSON");
  CHECK(why("{\n \"schema\": x}") == "my.json:2:12: not JSON");
  CHECK(why("[]") == "my.json: not a JSON object");
  CHECK(why("{}") == "my.json: schema is missing");
  CHECK(why(holidays().dump()) ==
        "my.json: schema: trackier-ctl/holidays/1 is not trackier-ctl/breach-regimes/1");
  CHECK(why(regimes({json{3}}).dump()) == "my.json: regime 1: not a JSON object");
  CHECK(why("\xff").starts_with("my.json:1:"));
}

TEST_CASE("a duty that is not there is told with the nearest") {
  const Law law = shipped_law();
  const Error near = error_of([&] { law.expect("gdpr.art33.1"); });
  CHECK(near.code() == Code::usage);
  CHECK(message_of(near) == "there is no duty gdpr.art33.1");
  CHECK(near.hint() == "did you mean gdpr.art33-1?");
  CHECK(contains(error_of([&] { law.expect("zzz"); }).hint(), "breach duties --all"));
}

// Brazil: calendars of the federal government (Portaria MGI). United States: opm.gov, Federal
// Holidays.
TEST_CASE("holidays are those that governments have published") {
  const Holidays table = shipped_law().holidays;
  struct Case {
    const char* zone;
    const char* day;
    bool is_holiday;
  };
  for (const Case& each :
       {Case{"America/Sao_Paulo", "2026-04-03", true},  // Good Friday
        Case{"America/Sao_Paulo", "2027-03-26", true},
        Case{"America/Sao_Paulo", "2026-04-21", true},  // Tiradentes
        Case{"America/Sao_Paulo", "2026-11-02", true},  // Finados
        Case{"America/Sao_Paulo", "2026-11-20", true},  // since 2024
        Case{"America/Sao_Paulo", "2026-12-25", true},
        Case{"America/Sao_Paulo", "2026-02-17", false},  // Carnival: optional
        Case{"America/Sao_Paulo", "2026-06-04", false},  // Corpus Christi: too
        Case{"America/Sao_Paulo", "2026-11-26", false},
        Case{"America/New_York", "2026-11-26", true},  // Thanksgiving
        Case{"America/New_York", "2026-11-27", false},
        Case{"America/New_York", "2026-07-03", true},  // the 4th is a Saturday
        Case{"America/New_York", "2027-07-05", true},  // a Sunday
        Case{"America/New_York", "2027-12-24", true},
        Case{"America/New_York", "2027-12-31", true},  // for 1 January 2028
        Case{"America/New_York", "2026-01-19", true}, Case{"America/New_York", "2026-06-19", true},
        Case{"America/New_York", "2026-11-02", false}}) {
    CAPTURE(each.zone);
    CAPTURE(each.day);
    CHECK(table.on(each.zone, day(each.day)).has_value() == each.is_holiday);
  }
  const Error unknown =
      error_of([&] { static_cast<void>(table.on("Asia/Tokyo", day("2026-01-01"))); });
  CHECK(unknown.code() == Code::config);
  CHECK(message_of(unknown) == "the holidays of Asia/Tokyo in 2026 are not known");
}

TEST_CASE("every year with holidays has all that come on fixed days") {
  const json zones = shipped_json("holidays.json").at("zones");
  for (const auto& years : zones.items()) {
    for (const auto& days : years.value().items()) {
      CAPTURE(years.key());
      CAPTURE(days.key());
      CHECK(days.value().size() >= 10);
      CHECK(days.value().size() <= 12);
    }
  }
}

TEST_CASE("holidays that make no sense are named") {
  const auto why = [](const json& zones) {
    json all = holidays();
    all["zones"] = zones;
    const Error error = error_of([&] { Holidays::parse(all.dump(), "h.json"); });
    CHECK(error.code() == Code::config);
    return message_of(error);
  };
  CHECK(why({{"UTC", {{"2026", {{"2026-02-30", "x"}}}}}}) ==
        "h.json: UTC 2026: 2026-02-30: is no day of that year");
  CHECK(why({{"UTC", {{"2026", {{"2027-02-03", "x"}}}}}}) ==
        "h.json: UTC 2026: 2027-02-03: is no day of that year");
  CHECK(why({{"UTC", {{"2026", {{"2026-02-03", ""}}}}}}) ==
        "h.json: UTC 2026: 2026-02-03: is no text");
  CHECK(contains(why({{"UTC", {{"2026", {1}}}}}), "not a JSON object"));
  json more = holidays();
  more["zone"] = 1;
  CHECK(contains(message_of(error_of([&] { Holidays::parse(more.dump(), "h.json"); })),
                 "zone: is not known"));
  json other = holidays();
  other["zones"] = {{"UTC", {{"2026", json::object()}}}};
  const Holidays none = Holidays::parse(other.dump(), "h.json");
  CHECK_FALSE(none.on("UTC", day("2026-12-25")));
}

}  // namespace
}  // namespace trackier::law
