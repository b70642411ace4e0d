#include "incident/entry.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "crypto/base64.hpp"
#include "example.hpp"
#include "incident/event.hpp"
#include "os/program.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::incident {
namespace {

using nlohmann::json;
using test::contains;
using test::error_of;
using test::message_of;

const std::string strange =
    "\"quotes\" \\ / \x01\x1f\x7f\t\r\n ' <b> {{x}} \u00e4 \u2028 \u202e \U0001f600";

SignedEntry read_back(const SignedEntry& made) {
  return read_entry(made.line, made.hash, crypto::base64(made.signer),
                    crypto::base64(made.signature));
}

/// Reads `line` as if somebody had signed it.
SignedEntry read_line(const std::string& line) {
  const std::string text = std::string{signature_context} + line;
  return read_entry(line, hexadecimal(crypto::sha256(as_bytes(line))),
                    crypto::base64(crypto::ed25519_public(key_of('k'))),
                    crypto::base64(crypto::sign(key_of('k'), as_bytes(text))));
}

TEST_CASE("every kind of event is read as it was signed") {
  const std::vector<Event> events = events_with(strange);
  REQUIRE(events.size() == std::variant_size_v<Event>);
  for (std::size_t i = 0; i < events.size(); ++i) {
    CAPTURE(kind_of(events[i]));
    CHECK(events[i].index() == i);
    Entry entry = entry_of(events[i], "2026-11-28T04:17:31+05:30");
    entry.seq = i + 1;
    entry.previous = std::string(64, 'a');
    const SignedEntry made = sign_entry(entry, key_of('k'));
    const SignedEntry back = read_back(made);
    CHECK(back.line == made.line);
    CHECK(back.hash == made.hash);
    CHECK(back.signer == crypto::ed25519_public(key_of('k')));
    CHECK(back.entry.incident == entry.incident);
    CHECK(back.entry.seq == entry.seq);
    CHECK(back.entry.at == entry.at);
    CHECK(back.entry.recorded == entry.recorded);
    CHECK(back.entry.by == entry.by);
    CHECK(back.entry.tool == entry.tool);
    CHECK(back.entry.previous == entry.previous);
    CHECK(back.entry.event.index() == i);
    // Signing is deterministic and the line has all that an event has: the same line, the same
    // event.
    CHECK(sign_entry(back.entry, key_of('k')).line == made.line);
  }
}

TEST_CASE("the members of an event are what was said") {
  const std::vector<Event> events = events_with(strange);
  const auto read = [&](std::size_t i) {
    return read_back(sign_entry(entry_of(events.at(i)), key_of('k'))).entry.event;
  };
  const auto opened = std::get<Opened>(read(0));
  CHECK(opened.title == strange);
  CHECK(opened.is_drill);
  CHECK(opened.roles == std::vector<std::string>{strange, "", strange + strange});
  const auto fact = std::get<FactSet>(read(4));
  CHECK(fact.known == Known::estimate);
  CHECK(fact.expected_by == strange);
  const auto scope = std::get<ScopeCounted>(read(5));
  const auto& written = std::get<ScopeCounted>(events[5]);
  CHECK(scope.from == written.from);
  CHECK(scope.inputs == written.inputs);
  CHECK(scope.counts == written.counts);
  CHECK(scope.without_person == 10);
  CHECK(scope.is_replay);
  const auto severity = std::get<SeverityScored>(read(6));
  CHECK(severity.circumstance_quarters == std::vector<int>{2, 0, -1, 2});
  const auto drafted = std::get<Drafted>(read(8));
  CHECK(drafted.version == 4'294'967'295U);
  CHECK(drafted.plain == strange);
  CHECK(drafted.promises_update);
  CHECK(std::get<Sent>(read(10)).reference == strange);
  CHECK(std::get<Corrected>(read(11)).seq == 7);
  CHECK(std::get<Handed>(read(12)).channel == strange);
  CHECK(std::get<HandedBack>(read(13)).because == strange);
}

TEST_CASE("whatever text people write survives") {
  CHECK(rc::check([] {
    std::string text;
    for (const std::uint32_t point : *rc::gen::container<std::vector<std::uint32_t>>(
             rc::gen::weightedOneOf<std::uint32_t>({{3, rc::gen::inRange(0U, 0x80U)},
                                                    {1, rc::gen::inRange(0x80U, 0x800U)},
                                                    {1, rc::gen::inRange(0x800U, 0xd800U)},
                                                    {1, rc::gen::inRange(0xe000U, 0x10000U)},
                                                    {1, rc::gen::inRange(0x10000U, 0x110000U)}}))) {
      const auto more = [&](unsigned shift) {
        text += static_cast<char>(0x80U | (point >> shift & 0x3fU));
      };
      if (point < 0x80U) {
        text += static_cast<char>(point);
      } else if (point < 0x800U) {
        text += static_cast<char>(0xc0U | point >> 6U);
        more(0);
      } else if (point < 0x10000U) {
        text += static_cast<char>(0xe0U | point >> 12U);
        more(6);
        more(0);
      } else {
        text += static_cast<char>(0xf0U | point >> 18U);
        more(12);
        more(6);
        more(0);
      }
    }
    const SignedEntry made = sign_entry(entry_of(Noted{text}), key_of('k'));
    RC_ASSERT(std::get<Noted>(read_back(made).entry.event).text == text);
  }));
}

TEST_CASE("the line is canonical: sorted members, no white space, text as it is") {
  const SignedEntry made = sign_entry(entry_of(Noted{"a \"b\"\n\u00e4"}), key_of('k'));
  CHECK(
      made.line ==
      R"({"at":"2026-11-27T22:47:31Z","body":{"text":"a \"b\"\n)"
      "\u00e4"
      R"("},"by":{"claimed_by":"SUDO_USER","name":"asha","uid":1000},)"
      R"("format":"trackier-timeline/1","incident":"TI-2026-0001","kind":"noted","previous":"",)"
      R"("recorded":{"boot":"0c6e1d0e-6b0c-4f43-9d1b-9c1d6c0f0b7e","since_boot":2328511,)"
      R"("synchronized":true,"wall":"2026-11-27T22:48:31Z"},"seq":1,"tool":"trackier-ctl 0.1.0"})");
  CHECK(made.hash == hexadecimal(crypto::sha256(as_bytes(made.line))));
}

TEST_CASE("the lines are those that a program in another language writes") {
  const std::filesystem::path python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) {
    MESSAGE("SKIPPED: there is no /usr/bin/python3 to compare JSON with");
    return;
  }
  std::string lines;
  for (const Event& event : events_with(strange)) {
    lines += sign_entry(entry_of(event), key_of('k')).line + "\n";
  }
  const test::TemporaryDirectory directory;
  const os::Printed said =
      os::run_program({.program = python,
                       .arguments = {TRACKIER_SOURCE_DIR "/tests/lib/proof/canonical.py",
                                     directory.write("lines", lines).native()}},
                      lines.size() + 1);
  REQUIRE_MESSAGE(said.ended.well(), said.ended.complaints);
  CHECK(said.output == lines);
}

TEST_CASE("no change goes unnoticed") {
  const SignedEntry made = sign_entry(entry_of(Noted{"nothing was taken"}), key_of('k'));
  const std::string signer = crypto::base64(made.signer);
  const std::string signature = crypto::base64(made.signature);
  const auto flipped = [](std::string text, std::size_t index, unsigned bit) {
    text[index] = static_cast<char>(static_cast<unsigned char>(text[index]) ^ 1U << bit);
    return text;
  };
  const auto refused = [](const auto& read) { return error_of(read).code() == Code::data; };
  for (unsigned bit = 0; bit < 8; ++bit) {
    for (std::size_t i = 0; i < made.line.size(); ++i) {
      const std::string line = flipped(made.line, i, bit);
      CHECK(refused([&] { read_entry(line, made.hash, signer, signature); }));
      CHECK(refused([&] {
        read_entry(line, hexadecimal(crypto::sha256(as_bytes(line))), signer, signature);
      }));
    }
    for (std::size_t i = 0; i < made.hash.size(); ++i) {
      CHECK(refused([&] { read_entry(made.line, flipped(made.hash, i, bit), signer, signature); }));
    }
    for (std::size_t i = 0; i < signer.size(); ++i) {
      CHECK(refused([&] { read_entry(made.line, made.hash, flipped(signer, i, bit), signature); }));
    }
    for (std::size_t i = 0; i < signature.size(); ++i) {
      CHECK(refused([&] { read_entry(made.line, made.hash, signer, flipped(signature, i, bit)); }));
    }
  }
  const std::string other = crypto::base64(crypto::ed25519_public(key_of('x')));
  CHECK(message_of(error_of([&] { read_entry(made.line, made.hash, other, signature); })) ==
        "its signature is wrong");
  CHECK(message_of(error_of([&] { read_entry(made.line + " ", made.hash, signer, signature); })) ==
        "its hash is not that of its text");
  for (const std::string& none : {std::string{}, signer + "=", signer + "A"}) {
    CHECK(refused([&] { read_entry(made.line, made.hash, none, signature); }));
    CHECK(refused([&] { read_entry(made.line, made.hash, signer, none); }));
  }
}

TEST_CASE("a signature over the line alone is none") {
  const SignedEntry made = sign_entry(entry_of(Noted{"x"}), key_of('k'));
  const std::string bare = crypto::base64(crypto::sign(key_of('k'), as_bytes(made.line)));
  CHECK(error_of([&] {
          read_entry(made.line, made.hash, crypto::base64(made.signer), bare);
        }).code() == Code::data);
}

TEST_CASE("there is one way to write an entry") {
  const std::string line = sign_entry(entry_of(Noted{"x"}), key_of('k')).line;
  CHECK(read_line(line).line == line);
  const std::vector<std::pair<std::string, std::string>> changes{
      {"\"seq\":1,", "\"seq\": 1,"},
      {"\"seq\":1,", "\"seq\":1.0,"},
      {"\"seq\":1,", "\"seq\":1,\"seq\":1,"},
      {"\"seq\":1,", "\"seq\":-1,"},
      {"\"seq\":1,", "\"seq\":\"1\","},
      {"\"seq\":1,", ""},
      {"\"uid\":1000", "\"uid\":4294968296"},
      {"\"text\":\"x\"", "\"text\":\"\\u0078\""},
      {"\"text\":\"x\"", "\"more\":1,\"text\":\"x\""},
      {"\"text\":\"x\"", "\"text\":1"},
      {"\"text\":\"x\"", ""},
      {"{\"text\":\"x\"}", "[]"},
      {"{\"text\":\"x\"}", "null"},
      {"\"kind\":\"noted\"", "\"kind\":\"notes\""},
      {"\"kind\":\"noted\"", "\"kind\":\"sent\""},
      {"\"kind\":\"noted\"", "\"kind\":3"},
      {"timeline/1", "timeline/2"},
      {"\"synchronized\":true", "\"synchronized\":1"},
      {"T22:47:31Z\",\"body", "T22:47:31.5Z\",\"body"},
      {"T22:47:31Z\",\"body", "T22:47:31+00:00\",\"body"},
      {"T22:47:31Z\",\"body", "\",\"body"},
      {"2026-11-27T22:48:31Z", "2026-11-27T22:48:31+01:00"},
      {"2026-11-27T22:48:31Z", "0000-01-01T00:00:00+01:00"},
      {"2026-11-27T22:48:31Z", "9999-12-31T23:59:59-01:00"},
      {"2026-11-27T22:48:31Z", ""},
  };
  for (const auto& [from, to] : changes) {
    std::string changed = line;
    const std::size_t where = changed.find(from);
    REQUIRE(where != std::string::npos);
    changed.replace(where, from.size(), to);
    const Error error = error_of([&] { read_line(changed); });
    CHECK_MESSAGE(error.code() == Code::data, changed);
  }
  for (const char* const text : {"", "{}", "[]", "null", "1", "\"x\"", "{", "\xff"}) {
    CHECK_MESSAGE(error_of([&] { read_line(text); }).code() == Code::data, text);
  }
}

/// Left out when it is empty.
bool is_optional(const std::string& member) {
  return member == "establishment" || member == "country" || member == "attachments";
}

TEST_CASE("members of every event are asked for") {
  for (const Event& event : events_with("x")) {
    CAPTURE(kind_of(event));
    const json whole = json::parse(sign_entry(entry_of(event), key_of('k')).line);
    for (const auto& member : whole.at("body").items()) {
      CAPTURE(member.key());
      if (!is_optional(member.key())) {
        json less = whole;
        less.at("body").erase(member.key());
        CHECK(contains(message_of(error_of([&] { read_line(less.dump()); })), member.key()));
      }
      json other = whole;
      other.at("body")[member.key()] = json::object();
      CHECK(error_of([&] { read_line(other.dump()); }).code() == Code::data);
      other.at("body")[member.key()] = json::array({nullptr});
      CHECK(error_of([&] { read_line(other.dump()); }).code() == Code::data);
    }
  }
}

TEST_CASE("text that is no UTF-8 is refused before it is signed") {
  for (const char* const bad : {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"}) {
    for (const Event& event : events_with(bad)) {
      const Error error = error_of([&] { sign_entry(entry_of(event), key_of('k')); });
      CHECK(error.code() == Code::usage);
      CHECK(message_of(error) == "the text is not UTF-8");
    }
    Entry entry = entry_of(Noted{"x"});
    entry.by.name = bad;
    CHECK(error_of([&] { sign_entry(entry, key_of('k')); }).code() == Code::usage);
  }
}

TEST_CASE("an offset is kept, as the person wrote it") {
  const SignedEntry made =
      sign_entry(entry_of(Noted{"x"}, "2026-11-28T04:17:31-09:30"), key_of('k'));
  CHECK(contains(made.line, "\"at\":\"2026-11-28T04:17:31-09:30\""));
  CHECK(read_back(made).entry.at.offset == -std::chrono::minutes{570});
}

}  // namespace
}  // namespace trackier::incident
