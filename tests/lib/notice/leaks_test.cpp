#include "notice/leaks.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "example.hpp"
#include "notice/render.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::notice {
namespace {

/// "what: shown", joined by "; ".
std::string leaks(std::string_view text, const LeakRules& rules = {}) {
  std::string all;
  for (const Leak& leak : leaks_in(text, rules)) {
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", leak.what, leak.shown);
  }
  return all;
}

TEST_CASE("personal values are found and not repeated") {
  CHECK(leaks("ask asha@victim.example now") == "an e-mail address: as…");
  CHECK(leaks("from 203.0.113.77, then 2001:db8::17") == "an IP address: 20…; an IP address: 20…");
  CHECK(leaks("device 9f1b6c1e-8f2a-4a63-9a1e-0c6f5c9c2f11") == "a UUID: 9f…");
  CHECK(leaks("call +91 98765 43210 today") == "a telephone number: +9…");
  CHECK(leaks("card 4111 1111 1111 1111") == "a card number: 41…");
  CHECK(leaks("Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123") == "a token: Be…");
  CHECK(leaks_in("ask asha@victim.example now", {})[0].where == 4);
}

TEST_CASE("our own contact may stand, and nothing that merely contains it") {
  const LeakRules rules{.allowed = {},
                        .contacts = {"help@us.example", "+91 80 5550 0100"},
                        .other_names = {},
                        .other_domains = {},
                        .is_affected = {}};
  CHECK(leaks("Help@us.example | +91 80 5550 0100 | at any hour", rules) == "");
  CHECK(leaks("asha.help@us.example", rules) == "an e-mail address: as…");
  CHECK(leaks("help@us.example.org", rules) == "an e-mail address: he…");
}

TEST_CASE("other customers are found as words and domains") {
  const LeakRules rules{.allowed = {"Acme Bank"},
                        .other_names = {"Acme", "tenant_12", "Über AG", ""},
                        .other_domains = {"acme.example"},
                        .is_affected = {}};
  CHECK(leaks("as with ACME last week", rules) == "another customer's name: AC…");
  CHECK(leaks("Acmeology, tenant_120, xtenant_12, Acme Bank", rules) == "");
  CHECK(leaks("(tenant_12)", rules) == "another customer's name: te…");
  CHECK(leaks("the Über AG.", rules) == "another customer's name: Üb…");
  CHECK(leaks("see www.acme.example.", rules) == "another customer's domain: ac…");
  CHECK(leaks("see bad-acme.example, acme.example.org, acme.examples", rules).find("domain") ==
        std::string::npos);
  CHECK(leaks("mail x@eu.acme.example", rules) == "an e-mail address: x@…");
}

TEST_CASE("whoever is affected is found, however the word stands") {
  const std::set<std::string> affected{"asha@victim.example", "visitor-77", "rao"};
  const LeakRules rules{
      .allowed = {},
      .other_names = {},
      .other_domains = {},
      .is_affected = [&](std::string_view word) { return affected.contains(std::string{word}); }};
  CHECK(leaks("Dear Rao,", rules) == "an affected person: Ra…");
  CHECK(leaks("(visitor-77)", rules) == "an affected person: vi…");
  CHECK(leaks("id=visitor-77;", rules) == "an affected person: vi…");
  CHECK(leaks("visitor-7 visitor-778 Raoul", rules) == "");
  CHECK(leaks("<Asha@Victim.example>", rules) == "an e-mail address: As…");
}

TEST_CASE("other customers are found whatever is between their words, and in disguise") {
  const LeakRules rules{.other_names = {"Bolt Ltd", "acme-1"}, .is_affected = {}};
  for (const std::string_view text :
       {"of Bolt Ltd.", "of BOLT\n  LTD.", "of Bolt\u00a0Ltd.", "of Bolt\u2009 \tLtd"}) {
    CHECK_MESSAGE(
        leaks(text, rules) == "another customer's name: " + std::string{text.substr(3, 2)} + "…",
        text);
  }
  CHECK(leaks("acme\u20111", rules) == "another customer's name: ac…");
  CHECK(leaks("Bo\u200blt Ltd", rules) == "an invisible character: byte 3");
  CHECK(leaks("B\u043elt Ltd", rules) == "a word of two alphabets: byte 1");
}

TEST_CASE("names and identifiers that stand in every text are passed over") {
  const std::set<std::string> affected{"7", "2026", "17", "123456"};
  const LeakRules rules{
      .other_names = {"On", "42", "2026"},
      .is_affected = [&](std::string_view word) { return affected.contains(std::string{word}); }};
  CHECK(leaks("42 records on 17 days of 2026, 7 of them late", rules) == "");
  CHECK(leaks("as at On, too", rules) == "another customer's name: …");
  CHECK(leaks("user 123456", rules) == "an affected person: 12…");
}

TEST_CASE("keys of services are found") {
  for (const std::string_view text :
       {"AKIAIOSFODNN7EXAMPLE", "t=ghp_16C7e42F292c6912E7710c838347Ae178B4a;",
        "(550e8400e29b41d4a716446655440000)"}) {
    CHECK_MESSAGE(leaks(text).starts_with("a key or token: "), text);
  }
  CHECK(leaks("AKIA, ghp_ and 550e8400e29b41d4") == "");
}

TEST_CASE("how we can be reached may stand, and nobody else") {
  const LeakRules rules{.contacts = {"Asha Rao, asha@us.example, +91 80 5550 0100, Bolt Ltd"},
                        .other_names = {"Bolt Ltd"},
                        .is_affected = {}};
  CHECK(leaks("Asha Rao, asha@us.example, +91 80 5550 0100, Bolt Ltd", rules) ==
        "another customer's name: Bo…");
  CHECK(leaks("asha@us.example", rules) == "an e-mail address: as…");
}

TEST_CASE("an affected person is found in other letters, and as several words") {
  const std::set<std::string> affected{"Erika Mustermann", "DEVICE-XY-77", "dGVzdA=="};
  const LeakRules rules{
      .is_affected = [&](std::string_view word) { return affected.contains(std::string{word}); }};
  CHECK(leaks("dear erika\n mustermann,", rules) == "an affected person: er…");
  CHECK(leaks("ERIKA MUSTERMANN", rules) == "an affected person: ER…");
  CHECK(leaks("(device-xy-77)", rules) == "an affected person: de…");
  CHECK(leaks("t=dGVzdA==;", rules) == "an affected person: dG…");
  CHECK(leaks("Erika", rules) == "");
}

TEST_CASE("addresses of servers may stand where they are allowed") {
  LeakRules rules;
  rules.with_ip_addresses = true;
  CHECK(leaks("ip == 203.0.113.9 or 2001:db8::17", rules) == "");
  CHECK(leaks("ip == 203.0.113.9, a@b.example", rules) == "an e-mail address: a@…");
}

TEST_CASE("a leak of two characters is not shown at all") {
  const LeakRules rules{
      .allowed = {}, .other_names = {"AB", "é漢"}, .other_domains = {}, .is_affected = {}};
  CHECK(leaks("AB", rules) == "another customer's name: …");
  CHECK(leaks("é漢", rules) == "another customer's name: …");
}

TEST_CASE("times, references, counts and laws are no personal values") {
  for (const char* text : {"27 Nov 2026 22:47 UTC (28 Nov 2026 04:17 IST, UTC+05:30)",
                           "TI-2026-0007",
                           "S-0003",
                           "412 people, 9120 records, 1,234,567 events",
                           "33(3)(a)",
                           "Article 33(4)",
                           "Directions 20(3)/2022",
                           "rule 7(2)(b)(ii)",
                           "SCC 8.6(c)",
                           "SGT, UTC+08:00",
                           "2026-11-27T22:47:00Z",
                           "GDPR 33(3)(a); SCC 8.6(c)",
                           "1.25 x 2 + 0.5 = 3.0",
                           "72 hours",
                           "EDPB 9/2022 v2.0",
                           "registration 201912345K",
                           "run S-0003 of 28 Nov 2026 08:00 UTC",
                           "2016/679",
                           "(EU) 2016/679",
                           "between 10,000 and 25,000",
                           "560001 Bengaluru",
                           "number 2, sent 28 Nov 2026 09:10 UTC",
                           "key of the account",
                           "the password was changed",
                           "token of a session",
                           "version 4.1.2"}) {
    CHECK_MESSAGE(leaks(text) == "", text);
  }
}

TEST_CASE("the shipped texts raise no false alarm") {
  const TemplateSet texts = TemplateSet::shipped();
  const std::string time =
      ", 27 Nov 2026 22:47 UTC (28 Nov 2026 04:17 IST, UTC+05:30), S-0003, 412";
  for (const Template& text : texts.templates()) {
    for (const auto& flags : flag_combinations(text.rules)) {
      for (const bool unknown : {false, true}) {
        const Value context = full_context(text.rules, flags, {.mark = time, .unknown = unknown});
        CHECK_MESSAGE(leaks(render(texts, text, context).plain) == "", text.id);
      }
    }
  }
  const Value example =
      parse(test::content_of(TRACKIER_SOURCE_DIR "/tests/lib/notice/customer-initial.json"));
  const LeakRules rules{.allowed = {"privacy@attribution.example", "+91 80 5550 0100"},
                        .other_names = {"Acme"},
                        .other_domains = {"acme.example"},
                        .is_affected = {}};
  CHECK(leaks(render(texts, texts.find("customer-initial"), example).plain, rules) == "");
  CHECK(leaks(render(texts, texts.find("customer-initial"), example).plain) ==
        "an e-mail address: pr…; a telephone number: +9…");
}

TEST_CASE("a digest of the timeline is no token") {
  CHECK(leaks("Timeline head " + std::string(64, 'a') + " at entry 12") == "");
  CHECK(leaks("Timeline head 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 at "
              "entry 12; verified") == "");
}

}  // namespace
}  // namespace trackier::notice
