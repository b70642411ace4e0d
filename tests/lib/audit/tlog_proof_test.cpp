#include "audit/tlog_proof.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "support/errors.hpp"
#include "vectors.hpp"

namespace trackier::audit {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

crypto::Secret key_of(char letter) {
  return crypto::Secret::copy_of(as_bytes(std::string(32, letter)));
}

NoteKey public_of(const std::string& name, KeyKind kind, char letter) {
  return {.name = name, .kind = kind, .key = crypto::ed25519_public(key_of(letter))};
}

Time seconds(std::int64_t count) {
  return Time{std::chrono::seconds{count}};
}

Policy policy_of(std::size_t quorum) {
  return {.log = {public_of("log.example/one", KeyKind::ed25519, 'l')},
          .witnesses = {public_of("witness.example/a", KeyKind::cosignature, 'a'),
                        public_of("witness.example/b", KeyKind::cosignature, 'b')},
          .quorum = quorum};
}

/// Of the second of three records.
TlogProof example() {
  const std::array leaves{leaf_hash(as_bytes("one")), leaf_hash(as_bytes("two")),
                          leaf_hash(as_bytes("three"))};
  const Hash root = node_hash(node_hash(leaves[0], leaves[1]), leaves[2]);
  const std::string text =
      to_text(Checkpoint{.origin = "log.example/one", .size = 3, .root = root});
  return {.index = 1,
          .path = {leaves[0], leaves[2]},
          .checkpoint = {
              .text = text,
              .signatures = {sign_note(text, "log.example/one", key_of('l')),
                             cosign_note(text, "witness.example/a", key_of('a'), seconds(2000)),
                             cosign_note(text, "witness.example/b", key_of('b'), seconds(1000))}}};
}

TEST_CASE("a proof is written as the specification shows, and read again") {
  TlogProof proof = example();
  const std::string text = to_text(proof);
  CHECK(text.starts_with("c2sp.org/tlog-proof@v1\nindex 1\n" +
                         crypto::padded_base64(proof.path[0]) + "\n" +
                         crypto::padded_base64(proof.path[1]) + "\n\nlog.example/one\n3\n"));
  CHECK(parse_tlog_proof(text) == proof);
  proof.extra = "extra information";
  const std::string with_extra = to_text(proof);
  CHECK(
      with_extra.starts_with("c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 1\n"));
  CHECK(parse_tlog_proof(with_extra) == proof);
  proof.path.clear();
  CHECK(parse_tlog_proof(to_text(proof)) == proof);
}

TEST_CASE("a proof shows its record, under a policy") {
  const Anchor anchor = check(example(), as_bytes("two"), policy_of(2));
  CHECK(anchor.checkpoint.size == 3);
  CHECK(anchor.witnesses.size() == 2);
  CHECK(anchor.seen == seconds(2000));  // both had seen it then
  CHECK(check(example(), as_bytes("two"), policy_of(1)).seen == seconds(1000));
  CHECK_FALSE(check(example(), as_bytes("two"), policy_of(0)).seen.has_value());
}

TEST_CASE("a proof of something else is refused") {
  CHECK(message_of(error_of([] { check(example(), as_bytes("three"), policy_of(1)); })) ==
        "the proof is not of this record");
  TlogProof proof = example();
  proof.index = 2;
  CHECK(error_of([&] { check(proof, as_bytes("two"), policy_of(1)); }).code() == Code::data);
  proof = example();
  proof.path[0][0] ^= std::byte{1};
  CHECK(error_of([&] { check(proof, as_bytes("two"), policy_of(1)); }).code() == Code::data);
  proof = example();
  proof.checkpoint.signatures.erase(proof.checkpoint.signatures.begin());
  CHECK(contains(message_of(error_of([&] { check(proof, as_bytes("two"), policy_of(1)); })),
                 "no key of ours has signed"));
  CHECK(error_of([] { check(example(), as_bytes("two"), policy_of(3)); }).code() == Code::verdict);
}

TEST_CASE("a key of ours that signs the checkpoint of another log proves nothing") {
  TlogProof proof = example();
  Policy policy = policy_of(0);
  policy.log = {public_of("log.example/two", KeyKind::ed25519, 'l')};
  proof.checkpoint.signatures = {sign_note(proof.checkpoint.text, "log.example/two", key_of('l'))};
  CHECK(error_of([&] { check(proof, as_bytes("two"), policy); }).code() == Code::data);
}

TEST_CASE("a checkpoint of the public network is anchored") {
  Policy policy{.log = {parse_note_key(public_log)}, .witnesses = {}, .quorum = 3};
  for (const std::string_view each : public_witnesses) {
    policy.witnesses.push_back(parse_note_key(each));
  }
  const Anchor anchor = check_anchor(parse_note(public_checkpoint), policy);
  CHECK(anchor.checkpoint.size == 1432088532);
  REQUIRE(anchor.seen.has_value());
  CHECK(to_rfc3339(*anchor.seen) == public_time);
}

// The cases of transparency-dev/formats, proof/tlog_proof_test.go, and more.
TEST_CASE("what is no proof is refused") {
  const std::string note{example_note};
  const std::string first = "c2sp.org/tlog-proof@v1\n";
  const std::string hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  CHECK_NOTHROW(parse_tlog_proof(first + "index 0\n" + hash + "\n" + note));
  std::string long_path;
  for (int i = 0; i < 64; ++i) {
    long_path += hash;
  }
  for (const std::string& text :
       {std::string{}, "wrong-header\nindex 0\n\n" + note,
        first + "extra !!notbase64!!\nindex 0\n\n" + note, first + "\n\n" + note,
        first + "index notanumber\n\n" + note, first + "index -5\n\n" + note,
        first + "index 05\n\n" + note, first + "index 0\n!!notbase64!!\n\n" + note,
        first + "index 0\nAAAA\n\n" + note, first + "index 0\n" + hash, first + "index 0\n",
        first + "index 0\nextra AAAA\n\n" + note, first + "index 0\n" + long_path + "\n" + note,
        first + "index 0\n\n"}) {
    CAPTURE(text);
    CHECK(error_of([&] { parse_tlog_proof(text); }).code() == Code::data);
  }
}

}  // namespace
}  // namespace trackier::audit
