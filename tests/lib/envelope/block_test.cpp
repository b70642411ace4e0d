// The text of a block is taken exactly as written, or not at all.
#include "envelope/block.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/random.hpp"
#include "envelope/head.hpp"
#include "support/errors.hpp"

namespace trackier::envelope {
namespace {

using test::contains;
using test::error_of;

constexpr std::size_t checksum_at = 4052;

const std::string a32(43, 'A');  // 32 zero bytes
const std::string a48(64, 'A');  // 48 zero bytes
const std::string hpke = "-> hpke 0123456789abcdef " + a32 + " " + a48 + "\n";
const std::string first = "trackier-envelope/1 1\n";
const std::string second = "@ 00112233445566778899aabbccddeeff cobblestone-256\n";
const std::string mac = "--- " + a32 + "\n";

/// A block of this text, padded, with a right checksum: what an adversary can always make.
BlockBytes padded(std::string text) {
  text.resize(checksum_at - 1, ' ');
  text += '\n';
  text += crypto::base64(crypto::sha256(as_bytes(text))) + "\n";
  BlockBytes bytes{};
  std::ranges::copy(as_bytes(text), bytes.begin());
  return bytes;
}

TEST_CASE("a block of the plainest kind is read") {
  const ParsedBlock parsed = parse_block(padded(first + second + hpke + mac));
  CHECK(parsed.fault == BlockFault::none);
  CHECK(parsed.block.sequence == 1);
  CHECK(to_text(parsed.block.id) == "00112233445566778899aabbccddeeff");
  CHECK(parsed.block.stanzas.size() == 1);
}

TEST_CASE("what breaks a rule is malformed, whatever its checksum") {
  const std::string kek = "-> kek 0123456789abcdef " + a32 + " " + a48 + "\n";
  const std::string scrypt = "-> scrypt " + std::string(22, 'A') + " 17 " + a48 + "\n";
  std::string many;
  for (int i = 0; i < 25; ++i) {
    many += "-> x " + std::to_string(i) + "\n";
  }
  const auto officer = [](const char* set, const char* threshold, const char* x) {
    return std::string{"-> officer 0123456789abcdef "} + set + " " + threshold + " " + x + " " +
           a32 + " " + a48 + "\n";
  };
  const std::string set = "0123456789abcdef";
  const std::vector<std::string> malformed{
      "trackier-envelope/1 0\n" + second + hpke + mac,  // sequence numbers
      "trackier-envelope/1 01\n" + second + hpke + mac,
      "trackier-envelope/1 +1\n" + second + hpke + mac,
      "trackier-envelope/1 4294967296\n" + second + hpke + mac,
      "trackier-envelope/1\n" + second + hpke + mac,
      "trackier-envelope/1 1 1\n" + second + hpke + mac,
      "trackier-envelope/1 1\r\n" + second + hpke + mac,                            // line ends
      first + "@ 00112233445566778899AABBCCDDEEFF cobblestone-256\n" + hpke + mac,  // the id
      first + "@ 00112233445566778899aabbccddee cobblestone-256\n" + hpke + mac,
      first + "@  00112233445566778899aabbccddeeff cobblestone-256\n" + hpke + mac,
      first + "@ 00112233445566778899aabbccddeeff aes-256-gcm\n" + hpke + mac,
      first + "@ 00112233445566778899aabbccddeeff cobblestone-256 \n" + hpke + mac,
      first + "@ 00112233445566778899aabbccddeeff cobblestone-256 -1\n" + hpke + mac,
      first + "@ 00112233445566778899aabbccddeeff cobblestone-256 007\n" + hpke + mac,
      first + "@ 00112233445566778899aabbccddeeff cobblestone-256 70368744177664\n" + hpke + mac,
      first + "@ 00112233445566778899aabbccddeeff cobblestone-256 1 1\n" + hpke + mac,
      first + second + "% \n" + hpke + mac,  // metadata
      first + second + "% " + a32 + "\n" + hpke + mac,
      first + second + "% " + a32 + " " + std::string(21, 'A') + "\n" + hpke + mac,
      first + second + "% " + a32 + " " + std::string(1400, 'A') + "\n" + hpke + mac,
      first + second + "% " + a32 + " " + a48 + "\n% " + a32 + " " + a48 + "\n" + hpke + mac,
      first + second + mac,  // number of stanzas
      first + second + many + mac,
      first + second + "-> \n" + mac,  // arguments
      first + second + "->  hpke\n" + mac,
      first + second + "-> x  y\n" + mac,
      first + second + "-> x y \n" + mac,
      first + second + "-> x \x7f\n" + mac,
      first + second + "-> x \xc3\xa9\n" + mac,
      first + second + "-> hpke\n" + mac,  // hpke
      first + second + "-> hpke 0123456789abcdef " + a32 + "\n" + mac,
      first + second + "-> hpke 0123456789abcdef " + a32 + " " + a48 + " x\n" + mac,
      first + second + "-> hpke 0123456789ABCDEF " + a32 + " " + a48 + "\n" + mac,
      first + second + "-> hpke 0123456789abcdef " + a32 + "= " + a48 + "\n" + mac,
      first + second + "-> hpke 0123456789abcdef " + std::string(42, 'A') + "B " + a48 + "\n" + mac,
      first + second + "-> hpke 0123456789abcdef " + a32 + " " + a48 + "AA\n" + mac,
      first + second + "-> kek 0123456789abcdef " + a32 + " " + std::string(63, 'A') + "\n" + mac,
      first + second + scrypt + hpke + mac,  // scrypt
      first + second + kek + scrypt + mac,
      first + second + scrypt + scrypt + mac,
      first + second + "-> scrypt " + std::string(22, 'A') + " 9 " + a48 + "\n" + mac,
      first + second + "-> scrypt " + std::string(22, 'A') + " 21 " + a48 + "\n" + mac,
      first + second + "-> scrypt " + std::string(22, 'A') + " 017 " + a48 + "\n" + mac,
      first + second + "-> scrypt " + std::string(21, 'A') + " 17 " + a48 + "\n" + mac,
      first + second + officer("0123", "2", "1") + mac,  // officers
      first + second + officer(set.c_str(), "1", "1") + mac,
      first + second + officer(set.c_str(), "25", "1") + mac,
      first + second + officer(set.c_str(), "2", "0") + mac,
      first + second + officer(set.c_str(), "2", "1") + officer(set.c_str(), "2", "1") + mac,
      first + second + officer(set.c_str(), "2", "1") + officer(set.c_str(), "3", "2") + mac,
      first + second + hpke,  // the MAC
      first + second + hpke + "---\n",
      first + second + hpke + "---" + a32 + "\n",
      first + second + hpke + "--- " + a32 + " \n",
      first + second + hpke + "--- " + a32 + "=\n",
      first + second + hpke + mac + mac,  // the padding
      first + second + hpke + mac + "x",
      first + second + hpke + mac + "\n",
      first + hpke + mac,  // the order
      first + second + hpke + "% " + a32 + " " + a48 + "\n" + mac,
  };
  for (const std::string& text : malformed) {
    CAPTURE(text);
    const ParsedBlock parsed = parse_block(padded(text));
    CHECK(parsed.fault == BlockFault::malformed);
    CHECK_FALSE(parsed.why.empty());
  }
}

TEST_CASE("a later version, a torn block and something else are told apart") {
  CHECK(parse_block(padded("trackier-envelope/2 1\n" + second + hpke + mac)).fault ==
        BlockFault::version);
  BlockBytes torn = padded(first + second + hpke + mac);
  torn[70] ^= std::byte{1};
  CHECK(parse_block(torn).fault == BlockFault::checksum);
  CHECK(parse_block(Bytes{torn}.first(4000)).fault == BlockFault::checksum);
  CHECK(parse_block(as_bytes("age-encryption.org/v1\n")).fault == BlockFault::not_ours);
  CHECK(parse_block({}).fault == BlockFault::not_ours);
}

TEST_CASE("what is written is read back the same, and its MAC is right under its key alone") {
  const crypto::Secret key = crypto::random_secret(32);
  const crypto::Secret other = crypto::random_secret(32);
  CHECK(rc::check([&] {
    Block block{.format = *rc::gen::element(Format::envelope, Format::keyring),
                .sequence = *rc::gen::inRange<std::uint32_t>(1, 1'000'000),
                .id = {},
                .plain_bytes = {},
                .metadata = {},
                .stanzas = {},
                .mac = {}};
    crypto::random_bytes(block.id);
    if (*rc::gen::arbitrary<bool>()) {
      block.plain_bytes = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 45);
    }
    if (*rc::gen::arbitrary<bool>()) {
      block.metadata = a32 + " " + a48;
    }
    const auto stanzas = *rc::gen::inRange(1, 25);
    for (int i = 0; i < stanzas; ++i) {
      block.stanzas.push_back({.type = "x" + std::to_string(i), .arguments = {"a", "b/+"}});
    }
    const BlockBytes bytes = to_bytes(block, key);
    const ParsedBlock parsed = parse_block(bytes);
    RC_ASSERT(parsed.fault == BlockFault::none);
    block.mac = parsed.block.mac;
    RC_ASSERT(parsed.block == block);
    RC_ASSERT(is_authentic(bytes, parsed.block, key));
    RC_ASSERT(!is_authentic(bytes, parsed.block, other));
  }));
}

TEST_CASE("blocks that contradict each other are refused; the higher sequence number holds") {
  const crypto::Secret key = crypto::random_secret(32);
  Block block = parse_block(padded(first + second + hpke + mac)).block;
  const auto head = [&](const Block& a, const Block& b) {
    std::string text{as_text(to_bytes(a, key))};
    text += as_text(to_bytes(b, key));
    return parse_head(as_bytes(text), "e");
  };
  Block later = block;
  later.sequence = 2;
  CHECK(head(block, later).order == std::vector<std::size_t>{1, 0});
  CHECK(head(later, block).order == std::vector<std::size_t>{0, 1});
  CHECK(head(block, block).is_settled());
  CHECK_FALSE(head(block, later).is_settled());

  Block other = block;
  other.stanzas.push_back({.type = "x", .arguments = {}});
  CHECK(contains(error_of([&] { head(block, other); }).what(), "contradict"));
  other = later;
  other.id[0] ^= std::byte{1};
  CHECK(contains(error_of([&] { head(block, other); }).what(), "contradict"));
  other = later;
  other.plain_bytes = 7;
  CHECK(contains(error_of([&] { head(block, other); }).what(), "contradict"));
  other = later;
  other.metadata = a32 + " " + a48;
  CHECK(contains(error_of([&] { head(block, other); }).what(), "contradict"));
}

TEST_CASE("what is no head says what it is") {
  const auto why = [](const std::string& bytes) {
    return std::string{error_of([&] { parse_head(as_bytes(bytes), "e"); }).what()};
  };
  CHECK(contains(why(""), "not an envelope"));
  CHECK(contains(why(std::string(8192, 'x')), "not an envelope"));
  const std::string block{as_text(padded(first + second + hpke + mac))};
  CHECK(contains(why(block), "cut short"));
  const std::string later{as_text(padded("trackier-envelope/2 1\n" + second + hpke + mac))};
  CHECK(contains(why(later + later), "later version"));
  const std::string bad{as_text(padded(first + second + mac))};
  CHECK(contains(why(bad + bad), "malformed: no stanza"));
}

}  // namespace
}  // namespace trackier::envelope
