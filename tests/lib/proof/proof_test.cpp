#include "proof/proof.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>

#include "chance.hpp"
#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "crypto/digest.hpp"
#include "example.hpp"
#include "os/program.hpp"
#include "store/signed_line.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::proof {
namespace {

using std::chrono::milliseconds;
using test::contains;
using test::error_of;
using test::message_of;

constexpr std::string_view kind = "trackier-proof/1";

/// Parses `line` as if somebody had signed it.
SignedProof parse_line(const std::string& line) {
  return parse_proof(store::sign_line(line + "\n", kind, key_of('k')), "it");
}

struct Change {
  std::string from;
  std::string to;
};

/// `line` with the first `from` replaced.
std::string changed(std::string line, const Change& change) {
  const std::size_t at = line.find(change.from);
  REQUIRE_MESSAGE(at != std::string::npos, change.from);
  return line.replace(at, change.from.size(), change.to);
}

TEST_CASE("what is parsed is what was signed") {
  const bool holds = rc::check([](std::uint32_t seed) {
    const Proof proof = Chance{seed}.proof();
    const std::string text = sign_proof(proof, key_of('k'));
    const SignedProof back = parse_proof(text, "it");
    RC_ASSERT(back.proof == proof);
    RC_ASSERT(back.signer == crypto::ed25519_public(key_of('k')));
    RC_ASSERT(back.digest == hexadecimal(crypto::sha256(as_bytes(text))));
    RC_ASSERT(text.starts_with(json_of(back.proof) + "\n-- "));
  });
  CHECK(holds);
}

TEST_CASE("the bytes are those that a program in another language writes") {
  const std::filesystem::path python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) {
    MESSAGE("SKIPPED: there is no /usr/bin/python3 to compare JSON with");
    return;
  }
  std::string lines;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    lines += json_of(Chance{seed}.proof()) + "\n";
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

TEST_CASE("texts that are no UTF-8 and numbers that JSON does not keep are replaced") {
  Proof proof = example();
  proof.host = "host \xff\xc3";
  proof.backup_sequence = std::numeric_limits<std::uint64_t>::max();
  proof.bytes = most_number + 1;
  proof.rpo = milliseconds{-1};
  proof.checks[0].took = milliseconds::max();
  const Proof back = parse_line(json_of(proof)).proof;
  CHECK(back.host == "host \xef\xbf\xbd\xef\xbf\xbd");
  CHECK(back.backup_sequence == most_number);
  CHECK(back.bytes == most_number);
  CHECK(back.rpo == milliseconds{0});
  CHECK(back.checks[0].took == milliseconds{most_number});
  CHECK(json_of(back) == json_of(proof));
}

TEST_CASE("no change to a record goes unnoticed") {
  const std::string text = sign_proof(example(), key_of('k'));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    for (unsigned bit = 0; bit < 8; ++bit) {
      other[i] = static_cast<char>(static_cast<unsigned char>(text[i]) ^ 1U << bit);
      CHECK(error_of([&] { parse_proof(other, "it"); }).code() == Code::data);
    }
    CHECK(error_of([&] { parse_proof(std::string_view{text}.substr(0, i), "it"); }).code() ==
          Code::data);
  }
  CHECK(error_of([&] { parse_proof(text + "\n", "it"); }).code() == Code::data);
  CHECK(contains(message_of(error_of([] { parse_proof("", "proof 7"); })), "proof 7: "));
}

TEST_CASE("a signature under another kind of line does not count") {
  const std::string line = json_of(example()) + "\n";
  const auto error = error_of([&] {
    parse_proof(store::sign_line(line, "trackier-backup/1 manifest", key_of('k')), "it");
  });
  CHECK(contains(message_of(error), "the signature does not agree"));
}

TEST_CASE("there is one way to write a record") {
  const std::string line = json_of(example());
  CHECK(parse_line(line).proof == example());
  const std::vector<Change> changes{
      {"\"bytes\":1500000,", "\"bytes\": 1500000,"},
      {"\"bytes\":1500000,", "\"bytes\":1500000.0,"},
      {"\"bytes\":1500000,", "\"bytes\":15e5,"},
      {"\"bytes\":1500000,", "\"bytes\":1500000,\"bytes\":1500000,"},
      {"\"host\":\"vault\"", "\"host\":\"v\\u0061ult\""},
      {"\"host\":\"vault\"", "\"host\":\"v\\/ault\""},
      {"\"by\":\"uid 1000 (deploy)\",\"bytes\":1500000", "\"bytes\":1500000,\"by\":\"x\""},
  };
  for (const Change& each : changes) {
    CHECK_MESSAGE(error_of([&] { parse_line(changed(line, each)); }).code() == Code::data, each.to);
  }
  CHECK(error_of([&] { parse_line(line + " "); }).code() == Code::data);
}

TEST_CASE("every member is there and as it has to be") {
  const std::string line = json_of(example());
  const std::vector<Change> changes{
      {"\"format\":\"trackier-proof/1\"", "\"format\":\"trackier-proof/2\""},
      {"\"backup\":\"1f2e3d4c", "\"backup\":\"../../4c"},
      {"\"store\":\"0", "\"store\":\"\xc3\xa4"},
      {"\"source\":\"shop\"", "\"source\":\"../shop\""},
      {"\"manifest\":\"a", "\"manifest\":\"A"},
      {"\"tool_sha256\":\"b", "\"tool_sha256\":\""},
      {"\"previous\":\"\"", "\"previous\":\"abc\""},
      {"\"sequence\":1,", "\"sequence\":0,"},
      {"\"sequence\":1,", "\"sequence\":100000000,"},
      {"\"sequence\":1,", "\"sequence\":-1,"},
      {"\"verdict\":\"passed\"", "\"verdict\":\"good\""},
      {"\"level\":\"content\"", "\"level\":\"deep\""},
      {"\"slot\":\"2026-11-23T12:00:00Z\"", "\"slot\":\"2026-11-23T12:00:00+00:00\""},
      {"\"checked\":3,", "\"checked\":9007199254740992,"},
      {"\"took_ms\":1250", "\"took_ms\":null"},
      {"\"differences\":[]", "\"differences\":[1]"},
      {"\"packs\":[]", "\"packs\":[\"x\"]"},
      {"\"packs\":[]", "\"packs\":{}"},
      {"\"rto_ms\":12345,", ""},
      {"\"host\":\"vault\",", "\"host\":[\"vault\"],"},
  };
  for (const Change& each : changes) {
    const auto error = error_of([&] { parse_line(changed(line, each)); });
    CHECK_MESSAGE(error.code() == Code::data, each.to);
    CHECK_MESSAGE(!contains(message_of(error), "signature"), each.to);
  }
  for (const std::string other : {"", "{}", "[]", "null", "{", "\"\xff\"", "{\"format\":1}"}) {
    CHECK_MESSAGE(error_of([&] { parse_line(other); }).code() == Code::data, other);
  }
}

TEST_CASE("members of later programs are passed over, but for what would not be canonical") {
  const std::string line = json_of(example());
  const auto with = [&](const std::string& member) {
    return changed(line, {"\"bytes\":1500000,", "\"bytes\":1500000," + member + ","});
  };
  CHECK(parse_line(with("\"bzz\":[null,true,{\"x\":1}]")).proof == example());
  for (const char* const member : {"\"bzz\":1.5", "\"bzz\":9007199254740992", "\"bzz\":-1",
                                   "\"b\xc3\xa4\":1", "\"bzz\":{\"b\":1,\"a\":1}"}) {
    CHECK_MESSAGE(error_of([&] { parse_line(with(member)); }).code() == Code::data, member);
  }
}

TEST_CASE("depth and size do no harm") {
  constexpr std::size_t many = 5'000'000;
  for (const std::string& deep :
       {std::string(many, '['), std::string(many, '[') + std::string(many, ']'),
        "{\"a\":" + std::string(many, '[') + std::string(many, ']') + "}"}) {
    CHECK(error_of([&] { parse_line(deep); }).code() == Code::data);
  }
  const auto error = error_of([] { parse_line(std::string(most_proof_bytes, ' ')); });
  CHECK(contains(message_of(error), "larger than proofs are"));
}

TEST_CASE("files are in order of sequence when they are in order of their names") {
  Proof proof = example();
  proof.sequence = 7;
  CHECK(file_name_of(proof) == "00000007-20261123T123404Z-" + proof.backup + ".json");
  const std::string before = file_name_of(proof);
  proof.sequence = most_sequence;
  CHECK(before < file_name_of(proof));
}

TEST_CASE("levels have names that are understood, and verdicts words") {
  for (const Level level : {Level::chain, Level::structure, Level::data, Level::restore,
                            Level::content, Level::application}) {
    CHECK(parse_level(name_of(level)) == level);
  }
  CHECK_FALSE(parse_level(""));
  CHECK_FALSE(parse_level("Chain"));
  CHECK(words_of(Verdict::not_evaluated) == "could not be evaluated");
  CHECK(std::max({Verdict::passed, Verdict::same_as_source, Verdict::failed,
                  Verdict::not_evaluated}) == Verdict::failed);
}

}  // namespace
}  // namespace trackier::proof
