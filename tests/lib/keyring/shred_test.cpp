// Keys that can be destroyed although files remain.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "keyring/certificate.hpp"
#include "keyring/keyring.hpp"
#include "samples.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::keyring {
namespace {

using test::contains;
using test::day;
using test::error_of;
using test::key_name;
using test::message_of;
using test::noon;
using test::series;

const std::vector<std::string> places{"/half/a", "/half/b"};

struct Sample {
  test::Halves halves = std::make_shared<std::map<std::string, std::string, std::less<>>>();
  Keyring keyring = test::sample_keyring(test::provider(halves));

  void enable() {
    const crypto::Secret half = keyring.enable_shredding("acme", places, noon() + day);
    (*halves)["acme"] = as_text(half.bytes());
  }
};

ShredOrder order() {
  return {.confirmation = "acme",
          .reason = "contract ended",
          .people = {"Ana Example", "Bo Example"},
          .places = {{"/half/a", true, "overwritten and removed"},
                     {"/half/b", true, "overwritten and removed"}},
          .files = 17};
}

TEST_CASE("with a half, secrets open with it and not without") {
  Sample sample;
  Keyring& keyring = sample.keyring;
  const KeyName name = key_name("acme/encrypt/1");
  const crypto::Secret before = keyring.secret_of(name).secret;
  sample.enable();
  CHECK(keyring.secret_of(name).secret == before);
  keyring.rotate(series("acme/encrypt"), {}, noon() + day);  // new ones are sealed with it, too
  CHECK(keyring.secret_of(key_name("acme/encrypt/2")).secret.size() == 32);

  const std::string half = std::exchange((*sample.halves)["acme"], std::string(32, 'x'));
  CHECK(message_of(error_of([&] { return keyring.secret_of(name); })) ==
        "what was found is not acme's half");
  sample.halves->clear();
  for (const char* const text : {"acme/encrypt/1", "acme/encrypt/2"}) {
    const Error error = error_of([&] { return keyring.secret_of(key_name(text)); });
    CHECK(error.code() == Code::no_permission);
    CHECK(message_of(error) == "the half that acme's keys need is in none of its places");
  }
  CHECK(error_of([&] { keyring.rotate(series("acme/encrypt"), {}, noon()); }).code() ==
        Code::no_permission);
  keyring.new_key(series("beta/encrypt"), {}, noon());  // others need none
  (*sample.halves)["acme"] = half;
  CHECK(keyring.secret_of(name).secret == before);
  check(keyring.document());
}

TEST_CASE("what cannot have a half") {
  Sample sample;
  Keyring& keyring = sample.keyring;
  const auto code = [&](const std::string& tenant, const std::vector<std::string>& where) {
    return error_of([&] { keyring.enable_shredding(tenant, where, noon()); }).code();
  };
  CHECK(code("house", places) == Code::no_permission);
  CHECK(code("nobody", places) == Code::no_permission);
  CHECK(code("acme", {}) == Code::usage);
  CHECK(code("acme", {"relative"}) == Code::usage);
  CHECK(code("acme", {"/a", "/a"}) == Code::usage);
  CHECK(code("acme", std::vector<std::string>(17, "/a")) == Code::usage);
  sample.enable();
  CHECK(code("acme", places) == Code::no_permission);
}

TEST_CASE("shredding destroys every key of the tenant, leaves tombstones, and says so, signed") {
  Sample sample;
  Keyring& keyring = sample.keyring;
  sample.enable();
  keyring.rotate(series("acme/encrypt"), {}, noon() + 2 * day);
  keyring.new_key(series("acme/pseudonymize"), {}, noon() + 2 * day);
  sample.halves->clear();  // destroyed before the keyring is told
  const std::string text = keyring.shred("acme", order(), noon() + 3 * day);

  for (const Key& key : keyring.document().keys) {
    CHECK((key.state == State::destroyed) == (key.name.tenant == "acme"));
    CHECK(key.secret.has_value() == (key.name.tenant != "acme"));
  }
  check(keyring.document());
  CHECK(parse_document(to_json(keyring.document())) == keyring.document());
  CHECK(keyring.tenant("acme")->shredding->certificate == text);
  CHECK_FALSE(keyring.tenant("acme")->half);
  CHECK(error_of([&] { keyring.new_key(series("acme/backup"), {}, noon()); }).code() ==
        Code::no_permission);
  CHECK(error_of([&] { keyring.check_shred("acme", "acme", noon() + 4 * day); }).code() ==
        Code::no_permission);

  CHECK(verify_certificate(text, keyring.signer().value()));
  const auto json = nlohmann::ordered_json::parse(text);
  CHECK(json["format"] == "trackier-certificate/1");
  CHECK(json["tenant"] == "acme");
  CHECK(json["time"] == "2026-11-28T12:00:00Z");
  CHECK(json["people"].dump() == R"(["Ana Example","Bo Example"])");
  CHECK(json["keys"].size() == 3);
  CHECK(json["keys"][0]["name"] == "acme/encrypt/1");
  CHECK(json["keys"][0]["once_without_half"] == true);
  CHECK(json["keys"][1]["once_without_half"] == false);
  CHECK(json["places"][1]["acknowledged"] == true);
  CHECK(json["generation_before"] == 1);
  CHECK(json["generation_after"] == 2);
  CHECK(json["files"] == 17);
  CHECK(json["not_covered"].size() >= 5);
  CHECK(json["signer"] == "house/audit-sign/1");
}

TEST_CASE("a certificate in which anything was changed does not verify") {
  Sample sample;
  sample.enable();
  const std::string text = sample.keyring.shred("acme", order(), noon() + 3 * day);
  const crypto::Ed25519Public signer = sample.keyring.signer().value();
  REQUIRE(verify_certificate(text, signer));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    bool good = false;
    try {
      good = verify_certificate(changed, signer);
    } catch (const Error& error) {
      CHECK(error.code() == Code::data);
    }
    CHECK_FALSE(good);
  }
  CHECK_FALSE(verify_certificate(text, crypto::ed25519_public(crypto::random_secret(32))));
  for (const std::string& none : {std::string{}, std::string{"{}"}, text + "\n",
                                  text.substr(0, text.size() - 1), text.substr(1)}) {
    CHECK(error_of([&] { static_cast<void>(verify_certificate(none, signer)); }).code() ==
          Code::data);
  }
}

TEST_CASE("shredding is refused, and changes nothing, for each reason there is") {
  Sample sample;
  Keyring& keyring = sample.keyring;
  const auto refusal = [&](const ShredOrder& given, Time now) {
    const Document before = keyring.document();
    const Error error = error_of([&] { keyring.shred("acme", given, now); });
    CHECK(keyring.document() == before);
    return error;
  };
  const Time later = noon() + 3 * day;
  CHECK(contains(message_of(refusal(order(), later)), "acme has no half"));
  sample.enable();

  keyring.hold("acme", "case 12", noon());
  CHECK(refusal(order(), later).code() == Code::verdict);
  CHECK(error_of([&] { keyring.check_shred("acme", "acme", later); }).code() == Code::verdict);
  keyring.release("acme");

  ShredOrder wrong = order();
  wrong.confirmation = "acmf";
  CHECK(refusal(wrong, later).code() == Code::usage);
  wrong = order();
  wrong.places.pop_back();
  CHECK(message_of(refusal(wrong, later)) == "nothing is known of /half/b");
  wrong = order();
  wrong.places.push_back({"/half/c", true, ""});
  CHECK(refusal(wrong, later).code() == Code::usage);
  wrong = order();
  wrong.people.clear();
  CHECK(refusal(wrong, later).code() == Code::usage);
  wrong = order();
  wrong.reason = "";
  CHECK(refusal(wrong, later).code() == Code::usage);
  CHECK(refusal(order(), noon() - day).code() == Code::verdict);  // the clock went back

  wrong = order();
  wrong.places[1] = {"/half/b", false, "was not there"};
  const Error silent = refusal(wrong, later);
  CHECK(silent.code() == Code::verdict);
  CHECK(message_of(silent) == "/half/b did not acknowledge: was not there");
  wrong.accept_silent_places = true;
  CHECK(contains(keyring.shred("acme", wrong, later), "\"acknowledged\": false"));
}

TEST_CASE("a shredding that was broken off is known to the keyring, and ended by the next") {
  Sample sample;
  Keyring& keyring = sample.keyring;
  sample.enable();
  keyring.note_gone("acme", {{"/half/a", true, "overwritten"}, {"/half/b", false, "full"}});
  keyring.note_gone("acme", {{"/half/a", true, "overwritten"}});
  CHECK(keyring.tenant("acme")->half->gone == std::vector<std::string>{"/half/a"});
  check(keyring.document());
  CHECK(parse_document(to_json(keyring.document())) == keyring.document());
  sample.halves->clear();
  const Error error = error_of([&] { return keyring.secret_of(key_name("acme/encrypt/1")); });
  CHECK(contains(message_of(error), "by a shredding that has not come to its end"));
  keyring.check_shred("acme", "acme", noon() + 3 * day);
  keyring.shred("acme", order(), noon() + 3 * day);
  CHECK_FALSE(keyring.tenant("acme")->half);
}

TEST_CASE("without a key to sign with nothing is shredded") {
  const auto halves = std::make_shared<std::map<std::string, std::string, std::less<>>>();
  Keyring keyring{test::empty_document(), crypto::random_secret(32), test::provider(halves)};
  keyring.new_key(series("acme/encrypt"), {}, noon());
  const crypto::Secret half = keyring.enable_shredding("acme", places, noon());
  (*halves)["acme"] = as_text(half.bytes());
  CHECK(error_of([&] { keyring.check_shred("acme", "acme", noon()); }).code() ==
        Code::no_permission);
  CHECK(error_of([&] { keyring.shred("acme", order(), noon()); }).code() == Code::no_permission);
}

TEST_CASE("a hold needs a tenant and a reason, and is released once") {
  Sample sample;
  Keyring& keyring = sample.keyring;
  CHECK(error_of([&] { keyring.hold("nobody", "x", noon()); }).code() == Code::no_permission);
  CHECK(error_of([&] { keyring.hold("acme", "", noon()); }).code() == Code::usage);
  CHECK(error_of([&] { keyring.release("acme"); }).code() == Code::no_permission);
  keyring.hold("acme", "case 12", noon());
  CHECK(keyring.tenant("acme")->hold->reason == "case 12");
  keyring.release("acme");
  CHECK_FALSE(keyring.tenant("acme")->hold);
}

TEST_CASE("halves lie in files of their own, are found there, and are destroyed") {
  const test::TemporaryDirectory directory;
  const std::string a = (directory / "a").native();
  const std::string b = (directory / "b").native();
  const crypto::Secret half = crypto::random_secret(32);
  const Tenant tenant{.name = "acme", .half = ShredHalf{id_of_half(half), {a, b}, noon()}};
  const HalfProvider find = halves_in_places(os::posix());
  CHECK_FALSE(find(tenant));

  write_half(os::posix(), half, {a, b});
  CHECK(os::posix().status(a)->mode == 0600);
  CHECK(test::content_of(a) == test::to_hex(half.bytes()) + "\n");
  CHECK(find(tenant).value() == half);
  CHECK(error_of([&] {
          write_half(os::posix(), half, {(directory / "c").native(), a});
        }).code() == Code::cannot_create);
  CHECK(directory.names() == std::vector<std::string>{"a", "b"});

  directory.write("a", std::string(64, '5') + "\n");  // another half
  CHECK(find(tenant).value() == half);
  directory.write("b", test::to_hex(half.bytes()) + "\n", 0644);  // others can read it
  CHECK_FALSE(find(tenant));

  directory.write("long", std::string(5000, 'x'));
  const auto reports =
      destroy_half(os::posix(), {a, (directory / "none").native(), (directory / "long").native(),
                                 (directory / "no/where").native(), b});
  REQUIRE(reports.size() == 5);
  CHECK(reports[0].acknowledged);
  CHECK(reports[0].note == "overwritten and removed");
  CHECK_FALSE(reports[1].acknowledged);
  CHECK(reports[1].note == "was not there");
  CHECK_FALSE(reports[2].acknowledged);
  CHECK_FALSE(reports[3].acknowledged);
  CHECK(reports[4].acknowledged);
  CHECK(directory.names() == std::vector<std::string>{"long"});
}

TEST_CASE("a half that a run before has overwritten is acknowledged, there or not") {
  const test::TemporaryDirectory directory;
  const std::string a = (directory / "a").native();
  const std::string b = (directory / "b").native();
  const crypto::Secret key = crypto::random_secret(32);
  write_half(os::posix(), key, {a, b});
  ShredHalf half{.id = id_of_half(key), .places = {a, b}};
  check_destroyable(os::posix(), half);
  CHECK(directory.names() == std::vector<std::string>{"a", "b"});

  // It ended before the keyring was told: what is there is overwritten again.
  CHECK(overwrite_half(os::posix(), half)[0].acknowledged);
  CHECK(directory.names() == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(halves_in_places(os::posix())({.name = "acme", .half = half}));
  auto reports = overwrite_half(os::posix(), half);
  CHECK(reports[0].acknowledged);
  CHECK(reports[1].acknowledged);

  // It ended after that: what is not there was overwritten.
  half.gone = {a, b};
  std::filesystem::remove(a);
  check_destroyable(os::posix(), half);
  reports = overwrite_half(os::posix(), half);
  remove_half(os::posix(), reports);
  CHECK(reports[0].acknowledged);
  CHECK(reports[0].note == "overwritten by a run before");
  CHECK(reports[1].acknowledged);
  CHECK(reports[1].note == "overwritten and removed");
  CHECK(directory.names().empty());

  half.gone = {a};
  const Error missing = error_of([&] { check_destroyable(os::posix(), half); });
  CHECK(missing.code() == Code::verdict);
  CHECK(message_of(missing) == b + " is not there");
  CHECK_FALSE(overwrite_half(os::posix(), half)[1].acknowledged);
  directory.write("b", std::string(5000, 'x'));
  CHECK(contains(message_of(error_of([&] { check_destroyable(os::posix(), half); })),
                 "cannot be destroyed: this is no half"));
}

}  // namespace
}  // namespace trackier::keyring
