#include "keyring/document.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "samples.hpp"
#include "support/errors.hpp"

namespace trackier::keyring {
namespace {

using test::contains;
using test::error_of;
using test::key_name;
using test::message_of;
using test::noon;
using test::series;
using Json = nlohmann::ordered_json;

/// One in which every member says something somewhere.
Document rich_document() {
  const auto halves = std::make_shared<std::map<std::string, std::string, std::less<>>>();
  Keyring keyring = test::sample_keyring(test::provider(halves));
  for (const char* const name : {"house/pseudonymize", "beta/backup", "gone/encrypt"}) {
    keyring.new_key(series(name), {.not_after = noon() + 90 * test::day, .reason = "a test"},
                    noon());
  }
  keyring.rotate(series("acme/encrypt"), {}, noon() + test::day);
  keyring.retire(key_name("acme/encrypt/1"), "old \\ \xc3\xa4", noon() + 2 * test::day);
  keyring.new_key(series("acme/encrypt"), {.pending = true}, noon());
  keyring.hold("beta", "case 12", noon());
  for (const char* const tenant : {"acme", "gone"}) {
    const crypto::Secret half =
        keyring.enable_shredding(tenant, {"/half/" + std::string{tenant}, "/mnt/half"}, noon());
    (*halves)[tenant] = as_text(half.bytes());
  }
  keyring.shred("gone",
                {.confirmation = "gone",
                 .reason = "contract ended",
                 .people = {"Ana Example"},
                 .places = {{"/half/gone", true, "done"}, {"/mnt/half", true, "done"}}},
                noon());
  return keyring.document();
}

Json json_of(const Document& document) {
  return Json::parse(to_json(document));
}

Error refusal(const Json& json) {
  return error_of([&] { parse_document(json.dump()); });
}

TEST_CASE("what is written is read") {
  const Document document = rich_document();
  const std::string text = to_json(document);
  CHECK(parse_document(text) == document);
  CHECK(to_json(parse_document(text)) == text);
  CHECK(parse_document(Json::parse(text).dump(4)) == document);  // white space means nothing
}

TEST_CASE("an empty keyring is one") {
  const Document document = test::empty_document();
  CHECK(parse_document(to_json(document)) == document);
}

/// Calls `visit` with the path of every member and element below `json`, in the words of errors.
void each_member(const Json& json, const std::string& path,
                 const std::function<void(const Json::json_pointer&, const std::string&)>& visit,
                 const Json::json_pointer& at = Json::json_pointer{}) {
  if (json.is_object()) {
    for (const auto& [name, value] : json.items()) {
      const std::string below = path.empty() ? name : path + "." + name;
      visit(at / name, below);
      each_member(value, below, visit, at / name);
    }
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      const std::string below = path + "[" + std::to_string(i) + "]";
      visit(at / i, below);
      each_member(json[i], below, visit, at / i);
    }
  }
}

TEST_CASE("a member of the wrong type is refused by its name") {
  const Json good = json_of(rich_document());
  int members = 0;
  each_member(good, "", [&](const Json::json_pointer& at, const std::string& path) {
    for (const Json& wrong :
         {Json(true), Json(-1), Json(1.5), Json("\x01"), Json::array({1}), Json{{"x", 1}}}) {
      if (path.ends_with(".certificate") && wrong.is_string()) {
        continue;  // any text is kept as a certificate; whether it is one, its signature tells
      }
      Json bad = good;
      bad[at] = wrong;
      INFO(path, " = ", wrong.dump());
      const Error error = refusal(bad);
      CHECK(error.code() == Code::data);
      const std::string message = message_of(error);
      // An object in place of an array or a string is named itself, or by what it lacks.
      CHECK(message.starts_with(path.substr(0, path.find_last_of('['))));
    }
    ++members;
  });
  CHECK(members > 100);
}

TEST_CASE("a member that is missing, unknown or there twice is refused") {
  const Json good = json_of(rich_document());
  each_member(good, "", [&](const Json::json_pointer& at, const std::string& path) {
    const Json& parent = good[at.parent_pointer()];
    if (parent.is_object()) {
      Json bad = good;
      bad[at.parent_pointer()].erase(at.back());
      INFO(path);
      CHECK(contains(message_of(refusal(bad)), "has no member " + at.back()));
    }
    if (good[at].is_object()) {
      Json bad = good;
      bad[at]["colour"] = "red";
      CHECK(message_of(refusal(bad)) == path + ": unknown member colour");
    }
  });
  const std::string text = to_json(test::empty_document());
  std::string twice = text;
  twice.insert(1, "\"generation\":1,");
  CHECK(message_of(error_of([&] { parse_document(twice); })) ==
        "document: member generation is given twice");
}

TEST_CASE("numbers out of range are refused") {
  Json json = json_of(test::empty_document());
  const auto check = [&](const char* member, const Json& value, bool good) {
    Json changed = json;
    changed[member] = value;
    INFO(changed.dump());
    if (good) {
      parse_document(changed.dump());
    } else {
      CHECK(contains(message_of(refusal(changed)), std::string{member} + ": not a whole number"));
    }
  };
  check("generation", 0, false);
  check("generation", (std::uint64_t{1} << 53U) - 1, true);
  check("generation", std::uint64_t{1} << 53U, false);
  check("generation", 1.0, false);
  check("quarantine_days", 0, true);
  check("quarantine_days", 3650, true);
  check("quarantine_days", 3651, false);
}

TEST_CASE("contradictions are refused, and where they are is said") {
  using Change = std::function<void(Json&)>;
  const Json good = json_of(rich_document());
  // keys: acme/encrypt/1 retired, /2 active, /3 pending; beta/backup/1; gone/encrypt/1 destroyed;
  // house/pseudonymize/1; house/audit-sign/1. tenants: acme, beta, gone.
  REQUIRE(good["keys"].size() == 7);
  const std::vector<std::pair<const char*, Change>> cases{
      {"format: not", [](Json& j) { j["format"] = "trackier-keyring/2"; }},
      {"latest_time: before saved", [](Json& j) { j["latest_time"] = "2020-01-01T00:00:00Z"; }},
      {"unlocks: not 1 to 24", [](Json& j) { j["unlocks"] = Json::array(); }},
      {"unlocks[1].id: given twice", [](Json& j) { j["unlocks"].push_back(j["unlocks"][0]); }},
      {"unlocks[0].kind: neither", [](Json& j) { j["unlocks"][0]["kind"] = "word"; }},
      {"unlocks[0].id: not 16 bytes", [](Json& j) { j["unlocks"][0]["kind"] = "passphrase"; }},
      {"unlocks[0].id: not 16 small", [](Json& j) { j["unlocks"][0]["id"] = "0123456789ABCDEF"; }},
      {"unlocks[0].label: not 1 to 500", [](Json& j) { j["unlocks"][0]["label"] = ""; }},
      {"unlocks[0].label: not 1 to 500",
       [](Json& j) { j["unlocks"][0]["label"] = std::string(501, 'a'); }},
      {"tenants[1].name: not sorted", [](Json& j) { j["tenants"][1]["name"] = "acme"; }},
      {"tenants[0].name: not a tenant", [](Json& j) { j["tenants"][0]["name"] = "Acme"; }},
      {"tenants[0].half.places: not 1 to 16",
       [](Json& j) { j["tenants"][0]["half"]["places"] = Json::array(); }},
      {"tenants[0].half.places: not an absolute",
       [](Json& j) { j["tenants"][0]["half"]["places"][0] = "half"; }},
      {"tenants[0].half.places: given twice",
       [](Json& j) { j["tenants"][0]["half"]["places"][1] = "/half/acme"; }},
      {"tenants[0].half.gone: no place, or given twice",
       [](Json& j) {
         j["tenants"][0]["half"]["gone"] = {"/half/acme", "/half/acme"};
       }},
      {"tenants[0].half.gone: no place, or given twice",
       [](Json& j) { j["tenants"][0]["half"]["gone"] = {"/half/other"}; }},
      {"tenants[0].half.gone: there, and empty",
       [](Json& j) { j["tenants"][0]["half"]["gone"] = Json::array(); }},
      {"tenants[0].half.gone[0]: not a path",
       [](Json& j) { j["tenants"][0]["half"]["gone"] = {7}; }},
      {"tenants[2]: shredded, and has a half",
       [](Json& j) { j["tenants"][2]["half"] = j["tenants"][0]["half"]; }},
      {"tenants[2]: shredded, and has a half or a hold",
       [](Json& j) { j["tenants"][2]["hold"] = j["tenants"][1]["hold"]; }},
      {"keys[1].name: versions do not count",
       [](Json& j) { j["keys"][1]["name"] = "acme/encrypt/4"; }},
      {"keys[0].name: versions do not count", [](Json& j) { j["keys"].erase(0); }},
      {"keys[1].name: not sorted", [](Json& j) { std::swap(j["keys"][0], j["keys"][3]); }},
      {"keys[2].state: a second version is active",
       [](Json& j) {
         j["keys"][2]["state"] = "active";
         j["keys"][2]["history"][0]["state"] = "active";
       }},
      {"keys[0].history: does not end with the state",
       [](Json& j) { j["keys"][0]["state"] = "decrypt-only"; }},
      {"keys[0].history[1].state: not a step", [](Json& j) { j["keys"][0]["history"].erase(1); }},
      {"keys[0].history: empty", [](Json& j) { j["keys"][0]["history"] = Json::array(); }},
      {"keys[0].history[0]: is not how", [](Json& j) { j["keys"][0]["history"].erase(0); }},
      {"keys[0].history[0]: is not how",
       [](Json& j) { j["keys"][0]["created"] = "2026-01-01T00:00:00Z"; }},
      {"keys[0].secret: is there when", [](Json& j) { j["keys"][0]["secret"] = nullptr; }},
      {"keys[4].secret: is there when",
       [](Json& j) { j["keys"][4]["secret"] = j["keys"][0]["secret"]; }},
      {"keys[4].state: not destroyed",
       [](Json& j) {
         j["keys"][4]["state"] = "active";
         j["keys"][4]["history"].erase(1);
         j["keys"][4]["secret"] = j["keys"][0]["secret"];
       }},
      {"keys[0].public: is there for", [](Json& j) { j["keys"][0]["public"] = nullptr; }},
      {"keys[5].public: is there for",
       [](Json& j) { j["keys"][5]["public"] = j["keys"][0]["public"]; }},
      {"keys[0].id: not that of", [](Json& j) { j["keys"][0]["id"] = "0000000000000000"; }},
      {"keys[5].id: given twice", [](Json& j) { j["keys"][5]["id"] = j["keys"][0]["id"]; }},
  };
  for (const auto& [start, change] : cases) {
    const std::string expected = start;
    CAPTURE(expected);
    Json bad = good;
    change(bad);
    const std::string message = message_of(refusal(bad));
    CHECK_MESSAGE(message.starts_with(expected), message);
  }
}

TEST_CASE("what is no JSON, too long or too deep is refused before it costs anything") {
  for (const std::string& text :
       {std::string{}, std::string{"{"}, std::string{"[]"}, std::string{"null"},
        std::string{"{\"a\":\"\xff\"}"}, std::string{"{} {}"}, std::string{"// x\n{}"},
        std::string(1'000'000, '['), std::string(most_document_bytes + 1, ' ')}) {
    CHECK(error_of([&] { parse_document(text); }).code() == Code::data);
  }
  CHECK(contains(message_of(error_of([] { parse_document(std::string(100, '[')); })), "deeply"));
}

TEST_CASE("a document that would be too long is not written") {
  Document document = test::empty_document();
  document.tenants.push_back(
      {.name = "a", .shredding = Shredding{noon(), std::string(most_document_bytes, 'x')}});
  CHECK(error_of([&] { to_json(document); }).code() == Code::data);
}

TEST_CASE("text for people") {
  CHECK(is_plain_text("a"));
  CHECK(is_plain_text("C:\\x, \xc3\xa4 \"quoted\""));
  CHECK(is_plain_text(std::string(500, 'a')));
  for (const std::string& text :
       {std::string{}, std::string(501, 'a'), std::string{"a\nb"}, std::string{"\x7f"},
        std::string{"\xff"}, std::string{"a\0b", 3}}) {
    CHECK_FALSE(is_plain_text(text));
  }
}

}  // namespace
}  // namespace trackier::keyring
