#include "incident/incident.hpp"

#include <doctest/doctest.h>

#include "core/error.hpp"
#include "example.hpp"
#include "history.hpp"
#include "support/errors.hpp"

namespace trackier::incident {
namespace {

TEST_CASE("an incident begins suspected, and goes on as it is told") {
  History history;
  CHECK(history.incident().state == "suspected");
  CHECK(history.incident().opened.title == "a token in a log");
  CHECK(history.incident().entry.seq == 1);
  CHECK(history.incident().entry.by.name == "asha");
  CHECK(history.incident().entry.recorded == at("2026-11-27T22:48:00Z"));
  history.add(AnchorSet{"detected", ""}, "2026-11-27T22:00:00Z");
  CHECK(history.incident().state == "suspected");
  history.add(AnchorSet{"aware", "seen in the log"}, "2026-11-27T23:00:00Z");
  CHECK(history.incident().state == "confirmed");
  history.add(StateSet{"contained", "revoked"});
  CHECK(history.incident().state == "contained");
  CHECK(history.incident().state_because == "revoked");
  history.add(AnchorSet{"aware", "again"}, "2026-11-27T22:30:00Z");
  CHECK(history.incident().state == "contained");
  CHECK_FALSE(history.incident().is_over());
  history.add(StateSet{"closed", ""});
  CHECK(history.incident().is_over());
  const Incident made = history.incident();
  CHECK(made.id == "TI-2026-0001");
  CHECK(made.length == 6);
  CHECK(made.head == history.entries().back().hash);
}

TEST_CASE("a dismissed incident is over") {
  History history;
  history.add(StateSet{"dismissed", "a test of ours"});
  CHECK(history.incident().is_over());
}

TEST_CASE("no incident without entries") {
  CHECK(test::error_of([] { incident_of({}); }).code() == Code::bug);
}

TEST_CASE("an anchor is where it was set last, and where it was before is kept") {
  History history;
  CHECK_FALSE(history.incident().anchor("detected"));
  history.add(AnchorSet{"detected", ""}, "2026-11-27T22:00:00Z");
  history.add(AnchorSet{"detected", "the clock of the host was wrong"}, "2026-11-27T23:30:00Z");
  history.add(AnchorSet{"detected", "not so wrong"}, "2026-11-28T04:00:00+05:30");
  const Incident made = history.incident();
  CHECK(made.anchor("detected") == at("2026-11-27T22:30:00Z"));
  REQUIRE(made.anchors.at("detected").size() == 3);
  CHECK(made.anchors.at("detected")[2].entry.at.offset == std::chrono::minutes{330});
  CHECK(made.anchors.at("detected")[1].set.because == "the clock of the host was wrong");
  CHECK_FALSE(made.anchor("aware"));
}

TEST_CASE("the anchor of a sending is the first one, by when it happened") {
  History history;
  CHECK_FALSE(history.incident().anchor("sent:eu.dora.initial"));
  history.add(Sent{.draft = "", .duty = "eu.dora.initial", .channel = "portal"},
              "2026-11-29T10:00:00Z");
  history.add(Sent{.draft = "", .duty = "eu.dora.initial", .channel = "portal"},
              "2026-11-28T10:00:00Z");  // told later
  history.add(Sent{.draft = "", .duty = "in.certin", .channel = "mail"}, "2026-11-27T10:00:00Z");
  CHECK(history.incident().anchor("sent:eu.dora.initial") == at("2026-11-28T10:00:00Z"));
  CHECK(history.incident().anchor("sent:in.certin") == at("2026-11-27T10:00:00Z"));
  CHECK_FALSE(history.incident().anchor("sent:"));
  CHECK(history.incident().sendings.size() == 3);
  CHECK(history.incident().drafts.empty());
}

TEST_CASE("a tenant's fact comes before everybody's, and the newest before the older") {
  const Recipient acme{.tenant = "acme", .country = {}};
  const Recipient other{.tenant = "other", .country = {}};
  History history;
  CHECK(history.incident().fact("cause", acme) == nullptr);
  const auto fact = [](const std::string& value, const std::string& tenant) {
    return FactSet{.key = "cause", .value = value, .about = {.tenant = tenant, .country = {}}};
  };
  history.add(fact("ours", "acme"));
  CHECK(history.incident().fact("cause", {}) == nullptr);
  history.add(fact("all", ""));
  history.add(fact("ours, really", "acme"));
  const Incident made = history.incident();
  CHECK(made.fact("cause", {})->set.value == "all");
  CHECK(made.fact("cause", other)->set.value == "all");
  CHECK(made.fact("cause", acme)->set.value == "ours, really");
  CHECK(made.fact("cause", acme)->entry.seq == 4);
  CHECK(made.fact("measures", acme) == nullptr);
}

TEST_CASE("where the company is: as it was at the opening, unless somebody knows better") {
  History history;
  CHECK(history.incident().establishment().empty());
  history.add(Opened{.title = "t", .roles = {}, .establishment = "DE", .law = "2026-11-23"});
  CHECK(history.incident().establishment() == "DE");
  history.add(FactSet{.key = "org.establishment", .value = "FR", .about = {}});
  CHECK(history.incident().establishment() == "FR");
  history.add(FactSet{.key = "org.establishment", .known = Known::unknown, .about = {}});
  CHECK(history.incident().establishment() == "DE");
}

TEST_CASE("a tenant's severity comes before that of all") {
  History history;
  CHECK(history.incident().severity_of("acme") == nullptr);
  history.add(SeverityScored{.tenant = "", .circumstances = "", .context = 2});
  history.add(SeverityScored{.tenant = "acme", .circumstances = "", .context = 4});
  CHECK(history.incident().severity_of("acme")->scored.context == 4);
  CHECK(history.incident().severity_of("shop")->scored.context == 2);
  CHECK(history.incident().severity_of("")->scored.context == 2);
}

TEST_CASE("the newest count holds; replays count for nothing") {
  History history;
  CHECK(history.incident().scope() == nullptr);
  history.add(scope("S-0001", {counted("acme", 3), counted("none", 0)}));
  history.add(scope("S-0002", {counted("acme", 5), counted("shop", 1), counted("acme", 2, "DE"),
                               counted("only", 7, "FR")}));
  ScopeCounted replay = scope("S-0003", {counted("acme", 9)});
  replay.is_replay = true;
  history.add(replay);
  const Incident made = history.incident();
  REQUIRE(made.scope() != nullptr);
  CHECK(made.scope()->counted.run == "S-0002");
  CHECK(made.runs.size() == 2);
  REQUIRE(made.find_run("S-0001") != nullptr);
  CHECK(made.find_run("S-0001")->affected() == std::vector{counted("acme", 3)});
  CHECK(made.find_run("S-0003") == nullptr);
  CHECK(made.scope()->affected() == std::vector{counted("acme", 5), counted("shop", 1)});
  CHECK(made.scope()->of("acme")->records == 5);
  CHECK(made.scope()->of("only") == nullptr);
  CHECK(made.find_run("S-0001")->of("none")->records == 0);
}

TEST_CASE("an approval is of the version that was approved, and of no other") {
  History history;
  history.add(draft("D-0001", 1, "in.certin"));
  CHECK(history.incident().drafts.at("D-0001").approval() == nullptr);
  history.add(Approved{.draft = "D-0001", .version = 1, .sha256 = "a", .because = ""});
  REQUIRE(history.incident().drafts.at("D-0001").approval() != nullptr);
  history.add(draft("D-0001", 2, "in.certin"));
  const Draft again = history.incident().drafts.at("D-0001");
  CHECK(again.approval() == nullptr);
  CHECK(again.newest().version == 2);
  CHECK(again.versions.size() == 2);
  CHECK(again.approvals.size() == 1);
  CHECK_FALSE(again.is_sent());
  history.add(Sent{.draft = "D-0001", .version = 2, .duty = "in.certin"});
  CHECK(history.incident().drafts.at("D-0001").is_sent());
  CHECK(history.incident().sendings.size() == 1);
}

TEST_CASE("what was handed over is open until somebody knows how it ended") {
  const auto handover_after = [](const std::vector<Event>& events) {
    History history;
    history.add(draft("D-0001", 1, "in.certin"));
    for (const Event& event : events) {
      history.add(event);
    }
    const auto made = history.incident().drafts.at("D-0001").handover;
    return made ? made->handed.version : 0;
  };
  const Handed first{.draft = "D-0001", .version = 1, .channel = "smtp m:587", .because = ""};
  const Handed second{.draft = "D-0001", .version = 2, .channel = "smtp m:587", .because = "x"};
  const HandedBack back{.draft = "D-0001", .version = 1, .because = "refused"};
  const Sent sent{.draft = "D-0001", .version = 1, .duty = "in.certin"};
  CHECK(handover_after({}) == 0);
  CHECK(handover_after({first}) == 1);
  CHECK(handover_after({first, Noted{"x"}, draft("D-0001", 2, "in.certin")}) == 1);
  CHECK(handover_after({first, back}) == 0);
  CHECK(handover_after({first, sent}) == 0);
  CHECK(handover_after({first, draft("D-0001", 2, "in.certin"), second}) == 2);
  CHECK(handover_after({first, back, first}) == 1);
}

TEST_CASE("notes and corrections change nothing but the length") {
  History history;
  history.add(Noted{"x"});
  history.add(Corrected{.seq = 2, .because = "y"});
  CHECK(history.incident().length == 3);
  CHECK(history.incident().state == "suspected");
}

TEST_CASE("the newest decision about a duty holds") {
  History history;
  history.add(Decided{.duty = "gdpr.art34", .notify = false, .because = "low"});
  history.add(Decided{.duty = "gdpr.art34", .notify = true, .because = "more was found"});
  CHECK(history.incident().decisions.at("gdpr.art34").decided.notify);
}

TEST_CASE("what is said of a draft that nobody has made is no timeline") {
  for (const Event& event :
       {Event{Approved{.draft = "D-0009", .version = 1, .sha256 = "", .because = ""}},
        Event{Sent{.draft = "D-0009", .version = 1, .duty = "in.certin"}},
        Event{Handed{.draft = "D-0009", .version = 1, .channel = "", .because = ""}},
        Event{HandedBack{.draft = "D-0009", .version = 1, .because = ""}}}) {
    History history;
    history.add(event);
    CHECK(test::error_of([&] { return history.incident(); }).code() == Code::data);
  }
}

}  // namespace
}  // namespace trackier::incident
